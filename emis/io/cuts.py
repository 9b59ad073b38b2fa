"""Tables cut into runs of rows, each of which is read without the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from emis.coded import Codes
from emis.errors import Issues
from emis.io.columns import Table, headers
from emis.io.delimited import Delimited, open_delimited
from emis.io.parquet import ENDINGS, Piece, column_names, is_dataset, pieces, read_parquet, row_counts
from emis.io.plain_lines import head_cells, line_breaks
from emis.io.tables import SUFFIXES, read_table, text_table

__all__ = ["Cut", "cuts", "key_column"]


@dataclass(frozen=True)
class Cut:
    """A run of rows of a table, from `start` to before `stop`; `columns` are the names in its header.

    Rows are counted as they stand in the file: blank rows and comments are among them, and left out when it is read.
    """

    path: Path
    shown: str
    columns: tuple[str, ...]
    start: int
    stop: int

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.stop - self.start

    def read(self, issues: Issues, only: str | None = None) -> Table | None:
        """Read the rows, or at least one column of them; None when they cannot be, and `issues` says why."""
        raise NotImplementedError


@dataclass(frozen=True)
class _Parquet(Cut):
    """Rows of Parquet files, of which only the row groups are read that hold them."""

    pieces: tuple[Piece, ...]

    def read(self, issues: Issues, only: str | None = None) -> Table | None:
        """Read the rows, or one column of them."""
        return read_parquet(self.path, self.shown, issues, self.pieces, only)


@dataclass(frozen=True)
class _Text(Cut):
    """Lines of a text file, by where their bytes stand behind those of the header."""

    header: bytes
    span: tuple[int, int]
    delimiter: str
    encoding: str

    def read(self, issues: Issues, only: str | None = None) -> Table | None:
        """Read the rows."""
        with self.path.open("rb") as file:
            file.seek(self.span[0])
            lines = file.read(self.span[1] - self.span[0])
        text = Delimited(self.header + lines, self.encoding, self.delimiter)
        return text_table(text, self.start, self.shown, issues)


@dataclass(frozen=True)
class _Whole(Cut):
    """Rows of a table that is read whole each time: a workbook, or a text whose rows are not told by its lines."""

    sheet: str | None
    encoding: str | None

    def read(self, issues: Issues, only: str | None = None) -> Table | None:
        """Read the rows."""
        table = read_table(self.path, self.shown, issues, self.sheet, self.encoding)
        return None if table is None else table.cut(self.start, self.stop)


def cuts(path: Path, shown: str, rows: int, sheet: str | None, encoding: str | None, issues: Issues) -> Sequence[Cut]:
    """Cut a table into runs of so many rows; none when it cannot be read, and `issues` says why."""
    if not path.exists():
        read_table(path, shown, issues)  # which says so
        return ()
    try:
        if is_dataset(path) or path.suffix.lower() in ENDINGS:
            found = _of_parquet(path, shown, rows, issues)
        elif path.suffix.lower() in SUFFIXES and path.is_file():
            found = _of_text(path, shown, rows, encoding, issues)
        else:
            found = _of_whole(path, shown, rows, sheet, encoding, issues)
    except OSError as error:
        issues.error(shown, 0, "", f"cannot be read: {error.strerror or error}", "check the file")
        return ()
    return found


def key_column(cut: Cut, name: str, issues: Issues) -> Table | None:
    """Read a column of a cut; None when there is none."""
    return cut.read(issues, name) if name in cut.columns else None


def _bounds(count: int, rows: int, ids: Codes | None = None) -> list[tuple[int, int]]:
    """Return the runs of rows, in a long table each to the end of its last source."""
    ends = np.arange(rows, count, rows)
    if ids is not None:
        changes = np.append(np.flatnonzero(ids[1:] != ids[:-1]) + 1, count)
        ends = np.unique(changes[np.searchsorted(changes, ends)])
        ends = ends[ends < count]
    return list(zip([0, *ends.tolist()], [*ends.tolist(), count], strict=True))


def _of_parquet(path: Path, shown: str, rows: int, issues: Issues) -> Sequence[Cut]:
    faults = len(issues.errors)
    files = pieces(path, shown)
    counts = row_counts(files, issues)
    names = column_names(files, path, issues)
    if len(issues.errors) > faults:
        return []
    whole = _Parquet(path, shown, names, 0, sum(counts), tuple(files))
    if not whole.stop:
        whole.read(issues)  # which says that there is nothing in it
        return []
    starts = np.cumsum([0, *counts])

    def run(start: int, stop: int) -> Cut:
        here = (
            Piece(one.path, one.shown, max(start - int(first), 0), min(stop - int(first), count))
            for one, first, count in zip(files, starts, counts, strict=False)
            if first < stop and first + count > start
        )
        return replace(whole, start=start, stop=stop, pieces=tuple(here))

    return [run(*one) for one in _bounds(whole.stop, rows, _long_ids(whole, issues))]


def _long_ids(whole: Cut, issues: Issues) -> Codes | None:
    """Return the ids of a long table by code; None of another."""
    if not {"emission", "pollutant", "source"} <= set(whole.columns):
        return None
    table = whole.read(issues, "source")
    if table is None:
        return None
    codes, lines = table.column("source").coded.codes, np.asarray(table.lines)
    if len(codes) == whole.stop:
        return codes
    # Rows that are left out go with the source before them.
    first = 1 if isinstance(whole, _Parquet) else 2
    place = np.searchsorted(lines, np.arange(whole.stop) + first, side="right") - 1
    return codes[np.maximum(place, 0)]


def _of_text(path: Path, shown: str, rows: int, encoding: str | None, issues: Issues) -> Sequence[Cut]:
    text = open_delimited(path, shown, SUFFIXES[path.suffix.lower()], encoding, issues)
    if text is None:
        return ()
    breaks = line_breaks(text.raw)
    # Bytes are found again only where the text is what stands in the file.
    cells = None if breaks is None else head_cells(text.raw[: breaks[0]], text.delimiter)
    if breaks is None or cells is None or text.encoding != "UTF-8" or text.marked:
        return _of_whole(path, shown, rows, None, encoding, issues)
    header, size = text.raw[: breaks[0] + 1], len(text.raw)
    names = headers(cells, 1, shown, Issues())
    begins = np.append(breaks + 1, size) if breaks[-1] + 1 < size else breaks + 1
    whole = _Text(
        path, shown, tuple(name for name, _ in names), 0, len(begins) - 1, header, (int(begins[0]), size),
        text.delimiter, text.encoding,
    )  # fmt: skip
    if not whole.stop:
        whole.read(issues)
        return ()
    ids = _long_ids(whole, issues)
    return [
        replace(whole, start=start, stop=stop, span=(int(begins[start]), int(begins[stop])))
        for start, stop in _bounds(whole.stop, rows, ids)
    ]


def _of_whole(
    path: Path, shown: str, rows: int, sheet: str | None, encoding: str | None, issues: Issues
) -> Sequence[Cut]:
    table = read_table(path, shown, issues, sheet, encoding)
    if table is None:
        return ()
    long = {"emission", "pollutant", "source"} <= set(table.columns)
    ids = table.column("source").coded.codes if long else None
    return [
        _Whole(path, shown, tuple(table.columns), start, stop, sheet, encoding)
        for start, stop in _bounds(len(table), rows, ids)
    ]
