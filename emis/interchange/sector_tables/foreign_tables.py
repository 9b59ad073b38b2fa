"""Tables of other tools as they lie in a file: sheets of rows, a header below other lines, columns of text."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emis import number_columns, units, vocabulary
from emis.coded import Coded, Texts, objects
from emis.errors import Issues
from emis.interchange.cells import plain_text
from emis.interchange.formats import Given, Head
from emis.inventory import Floats
from emis.io.columns import Row
from emis.io.delimited import SplitError, decoded_head, open_delimited
from emis.io.tables import number
from emis.io.workbooks import first_rows, xlsx_rows

__all__ = [
    "Amounts",
    "ForeignTable",
    "Header",
    "heads_of",
    "refuse_twice",
    "refuse_two_units",
    "renamed",
    "scale_of",
    "stated_unit",
    "tables_of",
    "tell_unread",
    "year_of",
]

_WORKBOOKS = (".xlsx", ".xlsm")
#: A header stands within so many rows.
_WITHIN = 60
_UNIT = re.compile(r"(?P<name>.+?)\s*[\[(](?P<unit>[^\[\]()]*)[\])]")
_YEAR = re.compile(r"(?:[xy]_?)?(?P<year>(?:1[5-9]|2[01])\d\d)年?", re.IGNORECASE)
_STATED = re.compile(r"\s*(?:units?|单位|計量單位|计量单位)\s*[:=]?\s*(?P<unit>.*?)\s*", re.IGNORECASE)
#: ``Gg (1000 tonnes)``, as CEIP has it.
_SPELT_OUT = re.compile(r"\s*\(\s*1[ ,]?000 (?:metric )?t(?:onnes?)?\s*\)", re.IGNORECASE)
#: What databases write where they hold nothing.
_ABSENT = frozenset({"null", "NULL", "NaN", "nan"})


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a column: its name in plain characters, and the unit behind it in brackets."""

    name: str
    unit: str = ""

    @classmethod
    def of(cls, cell: str) -> "Header":
        """Return the header in a cell; full-width characters are those of Chinese tables, not faults."""
        plain = " ".join(unicodedata.normalize("NFKC", cell).split())
        match = _UNIT.fullmatch(plain)
        if match and _is_unit(match["unit"]):
            return cls(match["name"], match["unit"].strip())
        return cls(plain)

    @property
    def folded(self) -> str:
        """The name in small letters."""
        return self.name.casefold()


def _is_unit(text: str) -> bool:
    try:
        units.tonnes_per_year(text.strip())
    except units.UnitError:
        return False
    return True


@dataclass(frozen=True)
class Amounts:
    """Numbers of a column: what its cells hold, the notation keys among them, and which rows state either."""

    values: Floats
    keys: Texts
    stated: NDArray[np.bool_]


@dataclass(frozen=True)
class ForeignTable:
    """A table below a header: its sheet ("" for a text file), the rows above it, and its columns as text.

    `lines` holds the line of each row.
    """

    shown: str
    sheet: str
    above: list[Row]
    header: int
    headers: list[Header]
    lines: NDArray[np.int64]
    rows: list[list[str]]

    def __len__(self) -> int:
        return len(self.rows)

    def find(self, *names: str) -> int | None:
        """Return the column that has one of these names, in small letters; the first of them that there is."""
        folded = [header.folded for header in self.headers]
        return next((folded.index(name) for name in names if name in folded), None)

    def cells(self, column: int) -> list[str]:
        """Return the cells of a column."""
        return [row[column].strip() if column < len(row) else "" for row in self.rows]

    def texts(self, column: int | None) -> Coded:
        """Return a column as text by code, blanks for one that is not there."""
        if column is None:
            return Coded.full(len(self), "")
        return Coded.of(objects([plain_text(cell) for cell in self.cells(column)]))

    def amounts(self, column: int, issues: Issues, keys: bool = False, absent: frozenset[str] = frozenset()) -> Amounts:
        """Return the numbers of a column, none negative; a blank states nothing, and no zero.

        Parameters
        ----------
        keys : bool
            Whether notation keys may stand in place of a number.
        absent : frozenset of str
            What else states nothing.
        """
        cells = self.cells(column)
        values, plain = number_columns.numbers(cells) if cells else (np.zeros(0), np.zeros(0, dtype=bool))
        found = np.full(len(cells), "", dtype=object)
        stated = plain.copy()
        name = self.headers[column].name
        for row in np.flatnonzero(~plain | (values < 0)).tolist():
            cell, line = cells[row], int(self.lines[row])
            if keys and cell in vocabulary.NOTATION_KEYS:
                found[row], stated[row] = cell, True
                values[row] = np.nan if cell in ("NE", "C") else 0.0
                continue
            if not cell or cell in _ABSENT or cell in absent:
                continue
            try:
                if number(cell) < 0:
                    raise units.UnitError(f"{cell} is negative", "write 0 or more")
                values[row], stated[row] = number(cell), True
            except units.UnitError as error:
                issues.error(self.shown, line, name, error.message, error.hint)
        return Amounts(values, found, stated)


def tables_of(
    given: Given, issues: Issues, is_header: Callable[[Sequence[Header]], bool], what: str
) -> list[ForeignTable]:
    """Return the tables of a file whose header is one that is asked for; faults, where there is none.

    Parameters
    ----------
    is_header : callable
        Tells a header from other rows.
    what : str
        What a header must have, for the message.
    """
    found, before = [], len(issues.errors)
    for sheet, rows in _sheets(given, issues, is_header):
        at = next((at for at, (_, cells) in enumerate(rows[:_WITHIN]) if is_header(_headers(cells))), None)
        if at is None:
            continue
        body = [(line, cells) for line, cells in rows[at + 1 :] if any(map(str.strip, cells))]
        lines = np.array([line for line, _ in body], dtype=np.int64)
        found.append(
            ForeignTable(
                given.shown, sheet, rows[:at], rows[at][0], _headers(rows[at][1]), lines, [cells for _, cells in body]
            )
        )
    if not found and len(issues.errors) == before:
        issues.error(given.shown, 1, "", f"has no header row with {what}", "check the file, or name its --sheet")
    return [one for one in found if _is_whole(one, issues)]


def _is_whole(table: ForeignTable, issues: Issues) -> bool:
    """Tell whether a table has rows, and none that goes beyond its header."""
    if not len(table):
        issues.error(table.shown, table.header, "", "has a header and no rows", "write a row for each category")
        return False
    width, whole = len(table.headers), True
    for column, header in enumerate(table.headers):
        number = None if header.name else _first_number(table, column)
        if number is not None:
            message = f"column {column + 1} has no header, and holds {table.rows[number][column].strip()!r}"
            issues.error(table.shown, int(table.lines[number]), "", message, "name it, or leave it out")
            whole = False
    for row, cells in enumerate(table.rows):
        if any(cell.strip() for cell in cells[width:]):
            message = f"has {len(cells)} cells, and the header {width}"
            issues.error(table.shown, int(table.lines[row]), "", message, "quote a cell that holds a comma")
            whole = False
    return whole


def _first_number(table: ForeignTable, column: int) -> int | None:
    """Return the first row that holds a number in a column."""
    if not len(table):
        return None
    _, plain = number_columns.numbers(table.cells(column))
    return int(plain.argmax()) if plain.any() else None


def tell_unread(table: ForeignTable, read: Iterable[int], issues: Issues) -> None:
    """Warn of columns that hold numbers and are not read."""
    for column in set(range(len(table.headers))) - set(read):
        if _first_number(table, column) is not None:
            name = table.headers[column].name
            issues.warn(table.shown, table.header, name, f"the column {name!r} holds numbers and is not read")


def refuse_twice(table: ForeignTable, names: Iterable[str], issues: Issues) -> None:
    """Refuse a second column that says the same, by another of its names."""
    there = [header.name for header in table.headers if header.folded in names]
    if len(there) > 1:
        message = f"{there[0]!r} and {there[1]!r} say the same"
        issues.error(table.shown, table.header, there[1], message, "keep one of the columns, or name it rightly")


def refuse_two_units(table: ForeignTable, column: int, stated: Coded, issues: Issues) -> None:
    """Note rows of a column whose header is in another unit than what is stated for them."""
    own = table.headers[column]
    for code, text in enumerate(map(str, stated.values)) if own.unit else ():
        rows = np.flatnonzero(stated.codes == code)
        if text and len(rows) and not _same_unit(text, own.unit):
            message = f"is in {own.unit} by its header, and in {text} by what is stated beside it"
            issues.error(table.shown, int(table.lines[rows[0]]), own.name, message, "keep one of the two")


def _same_unit(one: str, other: str) -> bool:
    try:
        return units.tonnes_per_year(_SPELT_OUT.sub("", one)) == units.tonnes_per_year(_SPELT_OUT.sub("", other))
    except units.UnitError:
        return one == other


def _headers(cells: Sequence[str]) -> list[Header]:
    found = [Header.of(plain_text(cell)) for cell in cells]
    while found and not found[-1].name:
        found.pop()
    return found


def _sheets(given: Given, issues: Issues, is_header: Callable[[Sequence[Header]], bool]) -> list[tuple[str, list[Row]]]:
    """Return the rows of each sheet that has such a header, or of the one that is asked for; of a text, its rows."""
    settings = given.settings
    if given.path.suffix.lower() in _WORKBOOKS:
        heads = first_rows(given.path, given.shown, _WITHIN, issues)
        names = [name for name, rows in heads.items() if any(is_header(_headers(cells)) for cells in rows)]
        read = [(name, xlsx_rows(given.path, given.shown, name, issues)) for name in
                ([settings.sheet] if settings.sheet else names)]  # fmt: skip
        return [(name, rows) for name, rows in read if rows is not None]
    # Lines above a header hold other marks than the table: it is split by what one of its rows has most of.
    delimiter = _delimiter(decoded_head(given.path, _WITHIN, settings.encoding))
    text = open_delimited(given.path, given.shown, delimiter, settings.encoding, issues)
    if text is None:
        return []
    try:
        rows = list(text.rows())
    except SplitError as error:
        issues.error(given.shown, error.line, "", f"cannot be split into cells: {error.why}", "check the quotes")
        return []
    return [("", rows)]


def heads_of(head: Head) -> list[list[Header]]:
    """Return the first rows of a file as headers, to tell what it is."""
    rows = [cells for sheet in head.sheets.values() for cells in sheet]
    if head.lines:
        delimiter = _delimiter(head.lines)
        rows += [[cell.strip().strip('"') for cell in line.split(delimiter)] for line in head.lines]
    return [_headers(cells) for cells in rows]


def _delimiter(lines: Sequence[str]) -> str:
    return max((",", "\t", ";"), key=lambda mark: max((line.count(mark) for line in lines), default=0))


def renamed(column: Coded, names: Sequence[str]) -> Coded:
    """Return a column with another text for each of its values; several may have the same."""
    again = Coded.of(objects(list(names)))
    return Coded(again.values, again.codes[column.codes])


def year_of(text: str) -> int | None:
    """Return the year that a header names: ``Y_1970``, X1750, 2017, 2017年."""
    match = _YEAR.fullmatch(text.strip())
    return int(match["year"]) if match else None


def stated_unit(rows: Sequence[Row]) -> tuple[str, int]:
    """Return the unit that rows above a header state, as ``Unit: Gg`` in one cell or two, and its line; "" for none."""
    for line, cells in rows:
        plain = [" ".join(unicodedata.normalize("NFKC", cell).split()) for cell in cells]
        for at, cell in enumerate(plain):
            match = _STATED.fullmatch(cell)
            if match is None:
                continue
            text = match["unit"] or next((one for one in plain[at + 1 :] if one), "")
            if text:
                return text, line
    return "", 0


def scale_of(unit: str, pollutant: str, place: tuple[str, int], column: str, issues: Issues) -> float:
    """Return how many t/yr one of a unit is; 1, and a fault, where it is no mass."""
    try:
        return units.tonnes_per_year(_SPELT_OUT.sub("", unit), pollutant or None)
    except units.UnitError as error:
        issues.error(*place, column, error.message, error.hint)
        return 1.0
