"""Text files in which every line is a row of the same number of cells, none of them quoted: split by pyarrow."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PlainLines", "head_cells", "line_breaks", "plain_lines"]

#: A longer line may hold a longer cell than is taken.
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class PlainLines:
    """A header and the rows below it as texts, with the line of each row."""

    head: list[str]
    body: pa.Table
    lines: NDArray[np.int64]


def line_breaks(raw: bytes) -> NDArray[np.int64] | None:
    """Return where the lines of a text in UTF-8 end; None when its rows are not its lines, or may not be.

    That is so with quotes below the header, lone carriage returns, cells that may be too long, and a blank line or a
    comment in place of the header.
    """
    if b"\0" in raw or raw.count(b"\r") != raw.count(b"\r\n"):
        return None
    breaks = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == ord("\n"))
    if not len(breaks) or raw.find(b'"', int(breaks[0])) >= 0 or raw.count(b'"') % 2:
        return None
    if int(np.diff(breaks, prepend=0, append=len(raw)).max()) > _LONGEST:
        return None
    head = raw[: breaks[0]].decode().lstrip()
    return None if not head or head.startswith("#") else breaks


def head_cells(line: bytes, delimiter: str) -> list[str] | None:
    """Return the cells of a header line; None when its quotes are not those of CSV."""
    try:
        return next(csv.reader([line.decode().rstrip("\r\n")], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def plain_lines(raw: bytes, delimiter: str) -> PlainLines | None:
    """Split a text in UTF-8; None when a line is not plain, or pyarrow is not there.

    Nothing is decided here about what is not plain: a blank line, a line of another width, or what `line_breaks` names.
    """
    try:
        import pyarrow as pa
        from pyarrow import csv as arrow
    except ImportError:
        return None
    breaks = line_breaks(raw)
    if breaks is None:
        return None
    end, count = int(breaks[0]), len(breaks) - raw.endswith(b"\n")
    head = head_cells(raw[:end], delimiter)
    if head is None or not head[-1].strip():
        return None
    names = [str(number) for number in range(len(head))]
    try:
        body = arrow.read_csv(
            pa.BufferReader(raw),
            arrow.ReadOptions(column_names=names, skip_rows=1, use_threads=False),
            arrow.ParseOptions(delimiter=delimiter, quote_char=False, double_quote=False),
            arrow.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    return PlainLines(head, body, np.arange(count) + 2) if len(body) == count else None
