"""How figures look: one palette that colour-blind readers and grey printers can tell apart, one type, one width."""

from collections.abc import Iterable
from typing import Any

import altair as alt
import pandas as pd

from emis.figures.lettering import Lang, pick, wrap

__all__ = [
    "ACCENT",
    "FAINT",
    "FALL",
    "FONT",
    "GREY",
    "INK",
    "LINE",
    "OTHERS",
    "PALE",
    "RISE",
    "SECTOR_COLOURS",
    "STATUS_COLOURS",
    "STATUS_SHAPES",
    "WIDTH",
    "dressed",
    "labels",
    "sector_colour",
    "tooltips",
    "track",
]

#: What a figure is wide, labels included [px]: a column of A4, or of a page.
WIDTH = 720
#: The first that is installed draws; all but the last hold Chinese.
FONT = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif'

INK, GREY, LINE, FAINT, PALE = "#1a1a1a", "#5f5f5f", "#9a9a9a", "#e3e3e3", "#f3f3f3"
#: A fall of emissions, a rise, and what is asked for (Okabe and Ito, Color Universal Design, 2008).
FALL, RISE, ACCENT = "#0072b2", "#d55e00", "#000000"
OTHERS = "#b0b0b0"

#: A colour of its own for each sector; neighbours in a stack differ in lightness too, for grey print. After
#: Okabe and Ito, and beyond eight Tol's muted scheme.
SECTOR_COLOURS = {
    "mobile": "#005a94",
    "dust": "#f0b13c",
    "industry": "#e06a1b",
    "solvents": "#e2a3c7",
    "coal": "#333333",
    "gas": "#56b4e9",
    "catering": "#f0e442",
    "agriculture": "#009e73",
    "power": "#882255",
    "heating": "#ddcc77",
    "residential": "#332288",
    "services": "#88ccee",
    "biomass": "#117733",
    "storage": "#cc6677",
    "waste": "#999933",
    "natural": "#44aa99",
    "other": "#bbbbbb",
}

STATUS_COLOURS = {"MET": "#00795a", "MISSED": "#c44e00", "UNDETERMINED": "#6b6b6b"}
#: A status is told by its symbol too: a tick, a cross, an open diamond; as paths, so that no font has to have them.
STATUS_SHAPES = {
    "MET": "M-1,0.05L-0.3,0.75L1,-0.75L-0.3,0.75Z",
    "MISSED": "M-0.8,-0.8L0.8,0.8M-0.8,0.8L0.8,-0.8",
    "UNDETERMINED": "M0,-0.9L0.9,0L0,0.9L-0.9,0Z",
}


#: The look of all figures; one object, so that a chart is not copied once more for each part of it.
_LOOK = alt.Config(
    font=FONT, padding=8, view=alt.ViewConfig(stroke=None), text=alt.MarkConfig(color=INK, fontSize=11),
    title=alt.TitleConfig(
        fontSize=16, fontWeight="bold", color=INK, subtitleFontSize=11.5, subtitleColor=GREY, subtitlePadding=5,
        offset=14, lineHeight=20, subtitleLineHeight=16,
    ),
    axis=alt.AxisConfig(
        labelFontSize=11, titleFontSize=11, titleFontWeight="normal", labelColor=GREY, titleColor=GREY,
        gridColor=FAINT, domainColor=LINE, tickColor=LINE, labelFlush=False,
    ),
    legend=alt.LegendConfig(
        labelFontSize=11, titleFontSize=11, titleFontWeight="normal", labelColor=INK, titleColor=GREY,
        symbolStrokeWidth=0, labelLimit=200,
    ),
    header=alt.HeaderConfig(labelFontSize=11, labelColor=INK, titleFontSize=11),
)  # fmt: skip


def sector_colour(name: str) -> str:
    """Return the colour of a sector; one that emis does not know is grey."""
    return SECTOR_COLOURS.get(name, SECTOR_COLOURS["other"])


def dressed(chart: Any, title: str, subtitle: list[str]) -> Any:
    """Return a chart with its title, what it is about below, and the look of all figures."""
    below = [line for one in subtitle if one for line in wrap(one, WIDTH - 20, 11.5)]
    head = alt.TitleParams(text=wrap(title, WIDTH, 16, 2), subtitle=below, anchor="start", frame="bounds")
    return chart.properties(title=head, background="white", config=_LOOK)


def track(count: int) -> alt.Y:
    """Return the y of rows that are numbered from 0; what they are called stands in `labels`."""
    return alt.Y("row:O", axis=None, scale=alt.Scale(domain=list(range(count)), paddingInner=0.25, paddingOuter=0.2))


def labels(data: pd.DataFrame, count: int, left: float, field: str = "label") -> list[Any]:
    """Return what rows are called, flush left, `left` before the plot [px]; bold those whose `bold` says so.

    They are marks and not labels of an axis: two rows may be called the same.
    """
    found = []
    for bold, rows in data.groupby("bold") if "bold" in data else [(False, data)]:
        mark = alt.Chart(rows).mark_text(
            align="left", baseline="middle", fontSize=11, color=INK, fontWeight="bold" if bold else "normal"
        )
        found.append(mark.encode(x=alt.value(-left), y=track(count), text=f"{field}:N"))
    return found


def tooltips(words: Iterable[tuple[str, str, str]], lang: Lang) -> list[alt.Tooltip]:
    """Return what a mark says to the mouse: texts of a frame by field, with what each is called in both languages."""
    return [alt.Tooltip(f"{field}:N", title=pick(lang, english, chinese)) for field, english, chinese in words]
