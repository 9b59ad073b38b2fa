"""Tables as columns of text: what a file holds, before anything is made of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from emis import number_columns, vocabulary
from emis.coded import Coded, Codes, Places
from emis.errors import Issues
from emis.inventory import Floats

__all__ = ["CodedColumn", "Column", "Row", "Table", "checked", "gathered", "headers"]

#: The line a row starts in, and its cells.
Row: TypeAlias = tuple[int, list[str]]
_HEADER = re.compile(r"(?P<name>[^\[\]]+?)\s*(?:\[(?P<unit>[^\[\]]*)\])?")
_AT_ONCE = 50_000
#: A column of which more than this part is distinct is kept as it is: codes would cost more than they spare.
_DISTINCT = 0.25


class Column:
    """One column: the name and the unit its header carries, and its cells as text."""

    def __init__(self, name: str, unit: str, cells: Sequence[str]):
        self.name, self.unit, self._cells = name, unit, cells

    @property
    def cells(self) -> Sequence[str]:
        """The text of each row."""
        return self._cells

    @cached_property
    def coded(self) -> Coded:
        """The same texts by code."""
        return Coded.of(self.cells)

    @cached_property
    def numbers(self) -> tuple[Floats, NDArray[np.bool_]]:
        """The number of each row that is written plainly, and which rows these are; NaN elsewhere."""
        return number_columns.numbers(self.cells)

    def cut(self, start: int, stop: int) -> "Column":
        """Return the rows from `start` to before `stop`."""
        return Column(self.name, self.unit, self.cells[start:stop])

    def measured(self, unit: str) -> "Column":
        """Return the same column with another unit in its header."""
        other = copy(self)
        other.unit = unit
        return other

    def codes(self, rows: Codes) -> Codes:
        """Return codes that are equal where the texts of `rows` are."""
        return Coded.of([self.cells[row] for row in rows.tolist()]).codes

    def each(self, ask: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Return the answer for the text of each row."""
        return np.fromiter(map(ask, self.cells), bool, len(self.cells))

    @cached_property
    def looked_at(self) -> NDArray[np.bool_]:
        """Which rows hold more than visible ASCII: nothing else can look like what it is not."""
        return self.each(lambda text: not (text.isascii() and text.isprintable() and " " not in text))

    def filled(self, rows: Codes) -> NDArray[np.bool_]:
        """Return which of `rows` hold a text."""
        return self._filled[rows]

    @cached_property
    def _filled(self) -> NDArray[np.bool_]:
        return self.each(bool)


class CodedColumn(Column):
    """A column that is held by code from the start."""

    def __init__(self, name: str, unit: str, coded: Coded):
        super().__init__(name, unit, ())
        self.coded = coded

    def cut(self, start: int, stop: int) -> Column:
        """Return the rows from `start` to before `stop`."""
        return CodedColumn(self.name, self.unit, Coded(self.coded.values, self.coded.codes[start:stop]))

    @property
    def cells(self) -> Sequence[str]:
        """The text of each row."""
        return self._texts

    @cached_property
    def _texts(self) -> list[str]:
        return [str(text) for text in self.coded.texts]

    @cached_property
    def numbers(self) -> tuple[Floats, NDArray[np.bool_]]:
        """The number of each row that is written plainly, and which rows these are; NaN elsewhere."""
        values, plain = number_columns.numbers(self.coded.values.tolist())
        return values[self.coded.codes], plain[self.coded.codes]

    def codes(self, rows: Codes) -> Codes:
        """Return codes that are equal where the texts of `rows` are."""
        return self.coded.codes[rows]

    def each(self, ask: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Return the answer for the text of each row."""
        return np.fromiter(map(ask, self.coded.values), bool, len(self.coded.values))[self.coded.codes]


@dataclass
class Table:
    """A table of text. `lines` holds the line each row starts in; 0 where a format has none.

    A folder of files is one table: `file` is the folder, and `files` names the file of each row.
    """

    file: str
    lines: Sequence[int]
    columns: dict[str, Column]
    encoding: str = "UTF-8"
    header: int = 1
    files: Coded | None = None
    used: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.lines)

    @cached_property
    def blanks(self) -> Column:
        """A column of nothing, in place of one that is not there."""
        return CodedColumn("", "", Coded.full(len(self), ""))

    def get(self, name: str) -> Column | None:
        """Return a column by name and note that it was used."""
        column = self.columns.get(name)
        if column is not None:
            self.used.add(name)
        return column

    def column(self, name: str) -> Column:
        """Return a column by name and note that it was used, or blanks when there is no such column."""
        return self.get(name) or self.blanks

    def text(self, name: str) -> Sequence[str]:
        """Return the cells of a column, or blanks when there is no such column."""
        return self.column(name).cells

    def place(self, row: int) -> tuple[str, int]:
        """Return file and line of a row."""
        file = self.file if self.files is None else str(self.files.values[self.files.codes[row]])
        return file, int(self.lines[row])

    def cut(self, start: int, stop: int) -> "Table":
        """Return the rows from `start` to before `stop`."""
        columns = {name: column.cut(start, stop) for name, column in self.columns.items()}
        files = None if self.files is None else self.files.take(np.arange(start, min(stop, len(self))))
        return replace(self, lines=self.lines[start:stop], columns=columns, files=files, used=set())

    def places(self, rows: Codes) -> Places:
        """Return files and lines of some of the rows."""
        files = Coded.full(len(rows), self.file) if self.files is None else self.files.take(rows)
        return Places(files, np.asarray(self.lines, dtype=np.int64)[rows])


class _Gathered:
    """The cells of a column as they come, by code while few of them are distinct."""

    def __init__(self) -> None:
        self.number: dict[str, int] | None = {}
        self.codes: list[NDArray[np.int32]] = []
        self.cells: list[str] = []

    def add(self, cells: Sequence[str]) -> None:
        """Add cells, without the blanks around them."""
        if self.number is None:
            self.cells.extend(map(str.strip, cells))
            return
        number = self.number
        codes = [number.setdefault(cell, len(number)) for cell in cells]
        self.codes.append(np.array(codes, dtype=np.int32))
        if len(number) > 1000 and len(number) > _DISTINCT * sum(map(len, self.codes)):
            texts = [text.strip() for text in number]
            self.cells = [texts[code] for part in self.codes for code in part.tolist()]
            self.number, self.codes = None, []

    def column(self, name: str, unit: str) -> Column:
        """Return the column of all cells."""
        if self.number is None:
            return Column(name, unit, self.cells)
        texts = Coded.of([text.strip() for text in self.number])
        codes = np.concatenate(self.codes) if self.codes else np.zeros(0, dtype=np.intp)
        return CodedColumn(name, unit, Coded(texts.values, texts.codes[codes]))


def gathered(
    rows: Iterable[Row], width: int, shown: str, issues: Issues, columns: Sequence[tuple[str, str]]
) -> tuple[list[int], dict[str, Column]]:
    """Gather rows into columns of these names and units, and note rows of another width."""
    lines: list[int] = []
    parts = [_Gathered() for _ in columns]
    for several in _batches(rows):
        lines.extend(line for line, _ in several)
        for line, row in several:
            if len(row) != width:
                _fit(row, line, width, shown, issues)
        for part, cells in zip(parts, zip(*(row for _, row in several), strict=False), strict=False):
            part.add(cells)
    return lines, {name: part.column(name, unit) for (name, unit), part in zip(columns, parts, strict=True)}


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while several := list(islice(source, _AT_ONCE)):
        yield several


def _fit(row: list[str], line: int, width: int, shown: str, issues: Issues) -> None:
    if len(row) > width and any(cell.strip() for cell in row[width:]):
        issues.error(
            shown, line, "", f"has {len(row)} cells, and the header {width}", "quote a cell that holds a comma"
        )
    elif len(row) < width:
        issues.error(shown, line, "", f"has {len(row)} cells, and the header {width}: the row is cut off", "fill it up")
    row[:] = (row + [""] * width)[:width]


def checked(table: Table, issues: Issues, faults: int) -> Table | None:
    """Return a table; None when it holds nothing, or more than `faults` faults were noted."""
    if not table.columns:
        issues.error(table.file, 1, "", "is empty", "write a header row and data")
    elif not len(table):
        issues.error(table.file, table.header, "", "has a header and no rows", "write a row for each source")
    return None if len(issues.errors) > faults else table


def headers(head: Iterable[str], line: int, shown: str, issues: Issues) -> list[tuple[str, str]]:
    """Return names and units of the columns, blank ones at the end left out; what is wrong with them is noted."""
    cells = list(head)
    while cells and not cells[-1].strip():
        cells.pop()
    names = [_header(cell, line, shown, issues) for cell in cells]
    for number_, (name, _) in enumerate(names):
        if name and name in [other for other, _ in names[:number_]]:
            issues.error(shown, line, name, f"the column {name!r} stands twice", "keep one of them")
    return names


def _header(cell: str, line: int, shown: str, issues: Issues) -> tuple[str, str]:
    plain = cell.strip()
    match = _HEADER.fullmatch(plain)
    if not match:
        issues.error(shown, line, plain, f"the header {plain!r} is not read", "write name or name [unit]")
        return plain, ""
    if (right := vocabulary.look_alike(match["name"])) is not None:
        issues.error(
            shown, line, plain, f"the header {plain!r} has full-width or look-alike characters", f"write {right}"
        )
    return match["name"].strip(), (match["unit"] or "").strip()
