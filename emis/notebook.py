"""Small tables in HTML for notebooks: all of it in one fragment, nothing loaded, readable on light and on dark.

Whatever comes from a file is escaped and set apart from the direction of the text around it (``<bdi>``), and stands in
no attribute: a name may hold markup, quotes or marks that turn the order of letters.
"""

import html
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

__all__ = ["COLOURS", "Cell", "amount", "change", "folded", "fragment", "table", "with_half"]

#: What a cell says besides its words. Each stands out on white and on near black.
COLOURS = {"good": "#1f8a48", "bad": "#d43d3d", "open": "#a06a00"}
_LINE = "1px solid rgba(128,128,128,.4)"
#: Letters up to which the words of a cell stay on one line, and beyond which what is said below them is folded.
_SHORT, _LONG = 16, 160
#: What XML and terminals have no place for.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Cell:
    """Words of a cell, what is said of them in a small line below, and whether they are good or bad news."""

    text: str
    small: str = ""
    tone: Literal["", "good", "bad", "open"] = ""
    number: bool = False


Shown: TypeAlias = str | Cell


def amount(value: float | None, unit: str = "", signed: bool = False) -> Cell:
    """Return a number of four significant digits with its unit; NaN is not estimated, and None not known."""
    sign = "+" if signed else ""
    if value is None:
        return Cell("–", number=True)
    if math.isnan(value):
        return Cell("not estimated", number=True)
    text = f"{value:{sign},.4g}"
    text = f"{value:{sign},.0f}" if "e+" in text else text
    return Cell(f"{'0' if text in ('-0', '+0') else text} {unit}".strip().replace("-", "−", 1), number=True)


def with_half(value: float, half: float, unstated: bool = False) -> Cell:
    """Return a number, and below it half its 95 % interval: ``±?`` where none is stated, ``*`` for part of it."""
    told = amount(value)
    if not value or math.isnan(value):
        return told
    if math.isnan(half):
        return replace(told, small="±?")
    width = 100 * half / value
    return replace(told, small=f"±{width:.{0 if width >= 9.95 else 1}f} %{'*' if unstated else ''}")


def change(value: float, before: float) -> str:
    """Return by how many per cent a number differs from an earlier one; nothing where that cannot be told."""
    if math.isnan(value) or math.isnan(before) or not before:
        return ""
    text = f"{100 * (value / before - 1):+.1f} %"
    return "0.0 %" if text in ("-0.0 %", "+0.0 %") else text.replace("-", "−")


def fragment(title: str, facts: Iterable[str], *parts: str) -> str:
    """Return a title, a line for each fact, and what else there is, as one fragment."""
    lines = "".join(f"<div>{_escaped(fact)}</div>" for fact in facts if fact)
    return f'<div class="emis"><div><strong>{_escaped(title)}</strong></div>{lines}{"".join(parts)}</div>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Shown]], note: str = "") -> str:
    """Return a table; cells that are numbers stand to the right, and so do the heads above them."""
    body = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    right = [any(row[place].number for row in body) for place in range(len(heads))]
    head = "".join(
        f'<th style="text-align:{"right" if to_right else "left"};padding:2px 8px">{_escaped(name)}</th>'
        for name, to_right in zip(heads, right, strict=True)
    )
    lines = "".join(f'<tr style="border-top:{_LINE}">{"".join(map(_cell, row))}</tr>' for row in body)
    title = f'<caption style="text-align:left;caption-side:top">{_escaped(caption)}</caption>' if caption else ""
    below = f"<div><small>{_escaped(note)}</small></div>" if note else ""
    style = "border-collapse:collapse;font-variant-numeric:tabular-nums;color:inherit;background:transparent"
    return f'<table style="{style}">{title}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>{below}'


def folded(summary: str, part: str) -> str:
    """Return a part that opens when it is clicked; no script is needed for it."""
    return f"<details><summary>{_escaped(summary)}</summary>{part}</details>"


def _cell(cell: Cell) -> str:
    text = _escaped(cell.text)
    if cell.tone:
        text = f'<strong style="color:{COLOURS[cell.tone]}">{text}</strong>'
    small = f"<small>{_escaped(cell.small)}</small>" if cell.small else ""
    if len(cell.small) > _LONG:
        small = f"<details><summary><small>why</small></summary>{small}</details>"
    elif small:
        small = f"<br/>{small}"
    space = ";white-space:nowrap" if cell.number or cell.tone or len(cell.text) <= _SHORT else ""
    return f'<td style="text-align:{"right" if cell.number else "left"};padding:2px 8px{space}">{text}{small}</td>'


def _escaped(text: str) -> str:
    """Return text as HTML; what holds no letters has no direction of its own."""
    told = html.escape(_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text), quote=True)
    return told if text.isascii() and not any(map(str.isalpha, text)) else f"<bdi>{told}</bdi>"
