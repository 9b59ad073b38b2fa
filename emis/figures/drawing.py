"""A figure: its chart, the numbers it draws, and its words; and how it becomes SVG, PNG and a specification."""

import json
import math
import re
from dataclasses import dataclass
from html import escape
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from emis.figures.lettering import plain
from emis.figures.theme import FONT, dressed

__all__ = ["Figure", "Undrawn", "finished", "html", "png", "specification", "svg"]


#: The Vega-Lite that the charts are written in.
_VERSION = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


#: What texts of an SVG are measured in.
_MEASURED = "sans-serif"


#: Where an SVG says how large it is.
_SIZE = re.compile(r'width="([0-9.]+)"([^>]*?)viewBox="0 0 ([0-9.]+) ([0-9.]+)"')
_GROUND = re.compile(r'<rect width="[0-9.]+"')
#: By how much an SVG is made wider than it was measured [1].
_WIDER = 1.06


class Undrawn(Exception):  # noqa: N818 - an answer of its own, no error
    """Why a figure cannot be drawn of a result."""


@dataclass(frozen=True)
class Figure:
    """A figure of a result.

    Attributes
    ----------
    name : str
        What a file of it is called.
    title : str
        What it tells.
    chart : altair chart
        For SVG, PNG and, with tooltips, a page.
    frame : pandas.DataFrame
        Every number that is drawn, tidy, with its unit in the name of its column.
    alt : str
        What a reader who does not see it is told.
    """

    name: str
    title: str
    chart: alt.TopLevelMixin
    frame: pd.DataFrame
    alt: str


def finished(
    name: str, title: str, subtitle: list[str], chart: Any, frame: pd.DataFrame, columns: dict[str, str], told: str
) -> Figure:
    """Return a figure: `columns` are those of the drawn frame that it shows, and what they are called with units."""
    shown = frame[list(columns)].rename(columns=columns).reset_index(drop=True)
    return Figure(name, plain(title), dressed(chart, title, subtitle), shown, plain(told))


def svg(figure: Figure) -> str:
    """Return a figure as SVG; nothing is fetched for it, and it is the same whatever fonts are installed here.

    Texts are measured in a font that comes with vl-convert, whose letters are as wide as any of `FONT`: to measure in
    a font of Chinese takes milliseconds a word. What draws the SVG uses the fonts that it has.
    """
    told = _told(figure)
    told["config"] = {**told.get("config", {}), "font": _MEASURED}
    drawn = str(vl_convert.vegalite_to_svg(told, vl_version=_VERSION, allowed_base_urls=[]))
    drawn = _SIZE.sub(_widened, drawn, count=1)
    drawn = _GROUND.sub('<rect width="100%"', drawn, count=1)
    return drawn.replace(f'font-family="{_MEASURED}"', f'font-family="{escape(FONT, quote=True)}"')


def png(figure: Figure, scale: float = 2) -> bytes:
    """Return a figure as PNG, `scale` pixels a pixel; nothing is fetched for it."""
    return bytes(vl_convert.vegalite_to_png(_told(figure), vl_version=_VERSION, scale=scale, allowed_base_urls=[]))


def _widened(found: re.Match[str]) -> str:
    """Leave room on the right for fonts that are wider than the one that texts were measured in."""
    width, between, box, height = found.groups()
    wide = math.ceil(float(width) * _WIDER)
    return f'width="{wide}"{between}viewBox="0 0 {wide} {height}"' if box == width else found[0]


def html(figure: Figure) -> str:
    """Return a figure as a page of its own that answers to the mouse; nothing is fetched for it."""
    # What is drawn stands beside the bundle and not in it: there its texts would be written anew, without escapes.
    bundle, drawn = vl_convert.javascript_bundle("globalThis.vegaEmbed = vegaEmbed;"), specification(figure)
    return (
        f'<!DOCTYPE html><meta charset="utf-8"><title>{escape(figure.title)}</title><div id="figure"></div>'
        f'<script type="module">{bundle}\nvegaEmbed("#figure", {drawn}, {{renderer: "svg", actions: false}});</script>'
    )


def _told(figure: Figure) -> dict[str, Any]:
    # Checked against the schema in the tests: it takes longer than to draw.
    return dict(figure.chart.to_dict(validate=False))


def specification(figure: Figure) -> str:
    """Return the Vega-Lite specification of a figure as JSON that may stand within a <script> of a page."""
    text = json.dumps(_told(figure), ensure_ascii=False, allow_nan=False)
    # No title from a file ends the script early or opens a comment; browsers read the escapes as the letters.
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
