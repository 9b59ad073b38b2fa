"""What was measured as tables of Markdown, put between the markers of a file whose prose is written by hand."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Bar", "bars", "between", "headline", "insert", "table"]

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True)
class Bar:
    """One bar: `ratio` is to be at most or at least `limit`; without one it is only told.

    `at` is the shape the bar is set at: at another one it is neither reached nor missed.
    """

    bar: str
    reached: str
    peer: str
    shape: str
    ratio: float
    most: float | None = None
    least: float | None = None
    at: str = ""
    why: str = ""

    @property
    def verdict(self) -> str:
        """Whether the bar is reached; where it is not, why."""
        if self.most is None and self.least is None:
            return "told"
        if self.at and self.at not in self.shape:
            return f"told; the bar is set at a {self.at}"
        met = self.ratio <= self.most if self.most is not None else self.ratio >= (self.least or 0.0)
        return "reached" if met else "**missed**" + (f": {self.why}" if self.why else "")

    @property
    def missed(self) -> bool:
        """Whether the bar is missed."""
        return self.verdict.startswith("**")


def number(value: float) -> str:
    """Write a number with three digits that count."""
    if value == 0 or 0.01 <= abs(value) < 1e4:
        text = f"{value:.3g}"
        return f"{value:,.0f}" if "e" in text else text
    return f"{value:.1e}"


def bars(rows: Iterable[Bar]) -> str:
    """Return the table of bars."""
    head = ("bar", "reached", "peer", "shape", "ratio", "verdict")
    return table(head, ([row.bar, row.reached, row.peer, row.shape, number(row.ratio), row.verdict] for row in rows))


def headline(rows: Iterable[Bar]) -> str:
    """Return the table of the bars that are judged, in short."""
    judged = [row for row in rows if not row.verdict.startswith("told")]
    body = [[row.bar, row.shape, number(row.ratio), "missed" if row.missed else "reached"] for row in judged]
    return table(("what was to be reached", "case", "ratio", ""), body)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of Markdown; numbers are set to the right."""
    body = [[number(cell) if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    right = [all(re.fullmatch(r"[-+.,e\d]+( [num]?s)?", row[n]) for row in body) for n in range(len(head))]
    lines = [head, ["--:" if one else ":--" for one in right], *body]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def between(text: str) -> str:
    """Return what stands between the markers.

    Raises
    ------
    ValueError
        When the markers are not there once each, in their order.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"expected {BEGIN} and then {END}, once each")
    return text.split(BEGIN)[1].split(END)[0].strip()


def insert(path: Path, content: str) -> None:
    """Put content between the markers of a file."""
    text = path.read_text(encoding="utf-8")
    between(text)
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    path.write_text(f"{head}{BEGIN}\n\n{content.strip()}\n\n{END}{tail}", encoding="utf-8")
