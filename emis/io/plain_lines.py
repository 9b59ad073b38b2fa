"""Text files in which every line is a row of the same number of cells, none of them quoted: split by pyarrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PlainLines", "line_breaks", "plain_lines"]

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

    That is so with quotes, lone carriage returns, cells that may be too long, and a blank line or a comment in place of
    the header.
    """
    if b'"' in raw or b"\0" in raw or raw.count(b"\r") != raw.count(b"\r\n"):
        return None
    breaks = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == ord("\n"))
    if not len(breaks) or int(np.diff(breaks, prepend=0, append=len(raw)).max()) > _LONGEST:
        return None
    head = raw[: breaks[0]].decode().lstrip()
    return None if not head or head.startswith("#") else breaks


def plain_lines(raw: bytes, delimiter: str) -> PlainLines | None:
    """Split a text in UTF-8; None when a line is not plain, or pyarrow is not there.

    Nothing is decided here about what is not plain: a blank line, a line of another width, or what `line_breaks` names.
    """
    try:
        import pyarrow as pa
        from pyarrow import csv
    except ImportError:
        return None
    breaks = line_breaks(raw)
    if breaks is None:
        return None
    end, count = int(breaks[0]), len(breaks) - raw.endswith(b"\n")
    head = raw[:end].decode().rstrip("\r").split(delimiter)
    if not head[-1].strip():
        return None
    names = [str(number) for number in range(len(head))]
    try:
        body = csv.read_csv(
            pa.BufferReader(raw),
            csv.ReadOptions(column_names=names, skip_rows=1, use_threads=False),
            csv.ParseOptions(delimiter=delimiter, quote_char=False, double_quote=False),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    return PlainLines(head, body, np.arange(count) + 2) if len(body) == count else None
