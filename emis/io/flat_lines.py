"""The lines of a flat file: comments apart, and rows split into cells, quickly where nothing is out of the ordinary."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emis.io.columns import Row
from emis.io.delimited import LONGEST_CELL, SplitError, is_row

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Lines", "Quick", "comments", "delimiter_of", "quick", "rows"]

_NEWLINE, _RETURN, _QUOTE, _HASH = ord("\n"), ord("\r"), ord('"'), ord("#")


@dataclass(frozen=True)
class Lines:
    """Where the lines of a text start and end, and which of them are rows: neither blank nor a comment."""

    raw: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    comment: NDArray[np.bool_]
    filled: NDArray[np.bool_]

    @classmethod
    def of(cls, raw: bytes) -> Lines:
        """Find the lines of a text in UTF-8, each ended by a newline."""
        codes = np.frombuffer(raw, dtype=np.uint8)
        ends = np.flatnonzero(codes == _NEWLINE)
        if not raw.endswith(b"\n"):
            ends = np.append(ends, len(raw))
        starts = np.append(0, ends[:-1] + 1) if len(ends) else ends
        filled = ends > starts
        filled[filled] &= (codes[starts[filled]] != _RETURN) | (ends[filled] > starts[filled] + 1)
        comment = np.zeros(len(starts), dtype=bool)
        comment[filled] = codes[starts[filled]] == _HASH
        return cls(raw, starts, ends, comment, filled & ~comment)

    def text(self, line: int) -> str:
        """Return a line, numbered from 0."""
        return self.raw[int(self.starts[line]) : int(self.ends[line])].decode()


def comments(lines: Lines) -> list[tuple[int, str]]:
    """Return the comments with their lines, from 1, without the # in front."""
    return [(line + 1, lines.text(line)[1:].strip()) for line in np.flatnonzero(lines.comment).tolist()]


def delimiter_of(lines: Lines) -> str:
    """Return what stands between the cells of the first row."""
    first = next((lines.text(line) for line in np.flatnonzero(lines.filled).tolist()), "")
    return max((",", ";", "\t"), key=first.count)


def rows(lines: Lines, delimiter: str) -> Iterator[Row]:
    """Yield the rows one by one, by the rules of CSV; blanks may stand in front of a quote.

    Raises
    ------
    SplitError
        When a row breaks the rules.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(_without_comments(lines.raw), delimiter=delimiter, strict=True, skipinitialspace=True)
    first = 1
    try:
        for row in reader:
            if is_row(row):
                yield first, row
            first = reader.line_num + 1
    except csv.Error as error:
        raise SplitError(first, str(error)) from None


def _without_comments(raw: bytes) -> Iterator[str]:
    """Yield lines, a comment as a blank one; a # inside a cell that goes over several lines is none."""
    inside = False
    for line in io.TextIOWrapper(io.BytesIO(raw), "utf-8", newline=""):
        if not inside and line.startswith("#"):
            yield "\n"
            continue
        inside ^= bool(line.count('"') & 1)
        yield line


@dataclass(frozen=True)
class Quick:
    """Rows as texts, the line of each, and how many cells each has; those that it lacks are blank."""

    body: pa.Table
    lines: NDArray[np.int64]
    widths: NDArray[np.int64]


def quick(lines: Lines, delimiter: str) -> Quick | None:
    """Split a text of which every row is a line and every quote goes around a cell; None where one is not.

    Rows may differ in width. Nothing is decided here about what is out of the ordinary, and all goes to `rows` where
    pyarrow is not there.
    """
    try:
        import pyarrow as pa
        from pyarrow import csv as arrow
    except ImportError:
        return None
    kept = np.flatnonzero(lines.filled)
    if not len(kept) or b"\r" in lines.raw.replace(b"\r\n", b"\n"):
        return None
    body, separator = _rows_alone(lines, kept), ord(delimiter)
    codes = np.frombuffer(body, dtype=np.uint8)
    breaks = np.flatnonzero(codes == _NEWLINE)
    found, quotes = np.flatnonzero(codes == separator), np.flatnonzero(codes == _QUOTE)
    widths = np.diff(np.searchsorted(found, breaks), prepend=0) + 1
    if len(quotes):
        if not _around_cells(codes, quotes, breaks, separator):
            return None
        inside = np.diff(np.searchsorted(found, quotes))[::2]
        widths -= np.bincount(np.searchsorted(breaks, quotes[::2]), inside, len(breaks)).astype(np.intp)
    most = int(widths.max())
    if (widths < most).any():
        padded = zip(body.split(b"\n"), (most - widths).tolist(), strict=False)
        body = b"\n".join(line + delimiter.encode() * lacking for line, lacking in padded)
    names = [str(number) for number in range(most)]
    try:
        table = arrow.read_csv(
            pa.BufferReader(body),
            arrow.ReadOptions(column_names=names, use_threads=False),
            arrow.ParseOptions(delimiter=delimiter),
            arrow.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    return Quick(table, kept + 1, widths) if len(table) == len(kept) else None


def _rows_alone(lines: Lines, kept: NDArray[np.intp]) -> bytes:
    """Return the text without its comments and blank lines, every line ended by a newline and nothing else."""
    if int(kept[-1]) - int(kept[0]) == len(kept) - 1:
        body = lines.raw[int(lines.starts[kept[0]]) : int(lines.ends[kept[-1]])]
    else:
        pairs = zip(lines.starts[kept].tolist(), lines.ends[kept].tolist(), strict=True)
        body = b"\n".join(lines.raw[start:end] for start, end in pairs)
    return body.replace(b"\r\n", b"\n").rstrip(b"\r") + b"\n"


def _around_cells(codes: NDArray[np.uint8], quotes: NDArray[np.intp], breaks: NDArray[np.intp], separator: int) -> bool:
    """Tell whether all quotes open and close cells of one line, or stand twice inside one."""
    if len(quotes) % 2:
        return False
    opened, closed = quotes[::2], quotes[1::2]
    if not np.array_equal(np.searchsorted(breaks, opened), np.searchsorted(breaks, closed)):
        return False
    twice = closed[:-1] + 1 == opened[1:]
    # In front of the first there may be nothing; a line always ends behind the last.
    before, behind = codes[opened - 1], codes[closed + 1]
    starts = (before == separator) | (before == _NEWLINE) | (opened == 0)
    ends = (behind == separator) | (behind == _NEWLINE)
    starts[1:] |= twice
    ends[:-1] |= twice
    return bool(starts.all() and ends.all())
