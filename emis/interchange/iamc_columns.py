"""Columns of a table in the IAMC format, wide or long, CSV or XLSX, as rows of texts and of numbers by year."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from emis import vocabulary
from emis.coded import Codes
from emis.errors import Issues, UnitError
from emis.interchange.formats import Given, Head
from emis.inventory import Floats
from emis.io import tables
from emis.io.columns import Column, Table
from emis.io.workbooks import first_rows
from emis.numbering import alike

__all__ = ["INDEX", "IamcTable", "half_units", "is_iamc", "numbers_of", "read_columns"]

#: The columns that every table has, in the order in which they are written.
INDEX = ("Model", "Scenario", "Region", "Variable", "Unit")
_NAMES = tuple(name.lower() for name in INDEX)
#: A year as a header: R puts an X before a name that starts with a digit.
_YEAR = re.compile(r"[Xx]?(\d{4})")
#: What R writes for a number that it does not have, and what readers of this format take for a blank.
_R_BLANK = "NA"
_ROWS = 3


@dataclass(frozen=True)
class IamcTable:
    """What a table states: R time series, Y years.

    Attributes
    ----------
    texts : mapping
        Model, scenario, region, variable and unit of each series, by name.
    rows : ndarray, R
        The first row of each in the table.
    years : tuple of int
    cells : ndarray of int, R × Y
        The row of the table in which each number stands, -1 where there is none.
    columns : sequence of Column, Y
        The column in which it stands.
    """

    table: Table
    texts: dict[str, "np.ndarray[tuple[int], np.dtype[np.object_]]"]
    rows: Codes
    years: tuple[int, ...]
    cells: Codes
    columns: Sequence[Column]

    def line(self, series: int) -> int:
        """Return the line in which a series stands first."""
        return self.table.place(int(self.rows[series]))[1]


def is_iamc(head: Head) -> bool:
    """Tell whether a file looks like one in the IAMC format."""
    heads = [rows[0] for rows in head.sheets.values() if rows] or [head.header]
    return any(_has_index(cells) for cells in heads)


def _has_index(cells: Sequence[str]) -> bool:
    names = {cell.strip().lower() for cell in cells}
    return {"region", "variable", "unit"} <= names and bool({"model", "scenario"} & names)


def read_columns(given: Given, issues: Issues) -> IamcTable | None:
    """Read a table; None, and faults, where it is none in the IAMC format."""
    sheet = given.settings.sheet
    if sheet is None and given.path.suffix.lower() in (".xlsx", ".xlsm"):
        sheet = _sheet(given, issues)
    table = tables.read_table(given.path, given.shown, issues, sheet, given.settings.encoding)
    if table is None:
        return None
    by_name: dict[str, Column] = {}
    for name, column in table.columns.items():
        key = name.strip().lower()
        if key in by_name:
            issues.error(table.file, table.header, name, f"the column {name!r} stands twice", "keep one of them")
        by_name[key] = column
    for name in _NAMES:
        if name not in by_name:
            issues.error(table.file, table.header, name, f"the column {name!r} is missing", f"add it, as {INDEX}")
    found = _index(table, by_name, issues) if set(_NAMES) <= set(by_name) else None
    _extra(table, by_name, issues)
    if found is None or issues.errors:
        return None
    if "value" in by_name:
        return _long(table, by_name, found, issues)
    return _wide(table, by_name, found, issues)


def _sheet(given: Given, issues: Issues) -> str | None:
    """Return the sheet ``data``, else the first that has the columns."""
    heads = first_rows(given.path, given.shown, _ROWS, issues)
    named = next((name for name in heads if name.lower() == "data"), None)
    others = [name for name, rows in heads.items() if rows and _has_index(rows[0])]
    return named or (others[0] if others else None)


def _index(table: Table, by_name: dict[str, Column], issues: Issues) -> dict[str, Column] | None:
    before = len(issues.errors)
    for name in _NAMES[:4]:
        blank = np.flatnonzero(~by_name[name].filled(np.arange(len(table))))
        for row in blank.tolist():
            issues.error(*table.place(row), name, "is blank", f"name the {name}")
    return {name: by_name[name] for name in _NAMES} if len(issues.errors) == before else None


def _extra(table: Table, by_name: dict[str, Column], issues: Issues) -> None:
    """Refuse columns that tell rows apart beside those that emis knows; tell of those that say one thing throughout."""
    for name, column in by_name.items():
        if name in (*_NAMES, "year", "value") or _YEAR.fullmatch(name):
            continue
        said = [text for text in column.coded.met() if text]
        if not said:
            continue
        if len(said) == 1:
            issues.warn(table.file, table.header, name, f"the column says {said[0]!r} and is not read")
            continue
        shown = ", ".join(repr(text) for text in said[:4]) + (" ..." if len(said) > 4 else "")
        hint = "keep one of them; dates within a year are not read" if name in ("time", "subannual") else (
            "keep the rows of one of them, or leave the column out")  # fmt: skip
        issues.error(table.file, table.header, name, f"the column tells rows apart ({shown}): emis does not", hint)


def _texts(found: dict[str, Column], rows: Codes) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.object_]]"]:
    return {name: np.asarray(column.coded.take(rows).texts, dtype=object) for name, column in found.items()}


def _wide(table: Table, by_name: dict[str, Column], found: dict[str, Column], issues: Issues) -> IamcTable | None:
    pairs = [(int(match[1]), column) for name, column in by_name.items() if (match := _YEAR.fullmatch(name))]
    pairs.sort(key=lambda pair: pair[0])
    years = tuple(year for year, _ in pairs)
    if not years:
        issues.error(table.file, table.header, "", "there is no year among the columns", "write a column for each year")
    for year in {one for one in years if years.count(one) > 1}:
        issues.error(table.file, table.header, str(year), f"two columns are of {year}", "keep one of them")
    rows = np.arange(len(table))
    _once(table, [found[name].coded.codes for name in _NAMES[:4]], rows, issues)
    if issues.errors:
        return None
    cells = np.repeat(rows[:, None], len(years), axis=1)
    return IamcTable(table, _texts(found, rows), rows, years, cells, [column for _, column in pairs])


def _long(table: Table, by_name: dict[str, Column], found: dict[str, Column], issues: Issues) -> IamcTable | None:
    if "year" not in by_name:
        issues.error(table.file, table.header, "year", "the column 'year' is missing", "add it beside `value`")
        return None
    rows, coded = np.arange(len(table)), by_name["year"].coded
    number = np.zeros(len(coded.values), dtype=np.intp)
    for code, text in enumerate(coded.values):
        match = _YEAR.fullmatch(str(text))
        if match is None:
            for row in np.flatnonzero(coded.codes == code).tolist():
                issues.error(*table.place(row), "year", f"{text!r} is no year", "write a year such as 2020")
        number[code] = int(match[1]) if match else 0
    of = number[coded.codes]
    years, column = np.unique(of, return_inverse=True)
    _once(table, [*(found[name].coded.codes for name in _NAMES[:4]), column.astype(np.intp)], rows, issues)
    if issues.errors:
        return None
    series, first = alike(*(found[name].coded.codes for name in _NAMES))
    cells = np.full((len(first), len(years)), -1, dtype=np.intp)
    cells[series, column] = rows
    values = [by_name["value"]] * len(years)
    return IamcTable(table, _texts(found, first), first, tuple(int(year) for year in years), cells, values)


def _once(table: Table, codes: Sequence[Codes], rows: Codes, issues: Issues) -> None:
    kind, first = alike(*codes)
    again = np.ones(len(rows), dtype=bool)
    again[first] = False
    for row in np.flatnonzero(again).tolist():
        line = table.place(int(first[kind[row]]))[1]
        what = f"model, scenario, region and variable stand a second time, first in line {line}"
        issues.error(*table.place(row), "variable", what, "keep one of the two rows")


def numbers_of(found: IamcTable, series: Codes, issues: Issues) -> Floats:
    """Return the numbers of some of the series, R × Y in their own units; NaN where a cell is blank."""
    values = np.full((len(series), len(found.years)), np.nan)
    by_r = 0
    for at, (year, column) in enumerate(zip(found.years, found.columns, strict=True)):
        cells = found.cells[series, at]
        here = np.flatnonzero(cells >= 0)
        rows = cells[here]
        known, plain = column.numbers
        values[here, at] = known[rows]
        for row in rows[~plain[rows] & column.filled(rows)].tolist():
            if column.cells[row] == _R_BLANK:
                by_r += 1
                continue
            _fault(found.table, row, str(year), column.cells[row], issues)
        for row in rows[plain[rows] & (known[rows] < 0)].tolist():
            hint = "write 0 or more; removals have no place in an inventory of emissions"
            issues.error(*found.table.place(row), str(year), f"{column.cells[row]} is negative", hint)
    if by_r:
        message = f"{by_r:,} cells are NA, which is how R writes a number that is not there: they are read as blank"
        issues.warn(found.table.file, 0, "", message)
    return values


def _fault(table: Table, row: int, year: str, text: str, issues: Issues) -> None:
    try:
        tables.number(text)
    except UnitError as error:
        hint = "leave the cell blank where nothing is stated" if text in vocabulary.NOTATION_KEYS else error.hint
        issues.error(*table.place(row), year, error.message, hint)


def half_units(found: IamcTable, series: Codes, scale: Floats) -> Callable[[], Floats]:
    """Return what gives half a unit in the last place of each number as written, R × Y [t/yr]."""

    def of() -> Floats:
        half = np.zeros((len(series), len(found.years)))
        for at, column in enumerate(found.columns):
            cells = found.cells[series, at].tolist()
            half[:, at] = [half_unit(column.cells[row]) if row >= 0 else 0.0 for row in cells]
        return half * scale[:, None]

    return of


def half_unit(text: str) -> float:
    """Return half a unit in the last place of a number as it is written; 0 for a blank."""
    if not text or text in vocabulary.NOTATION_KEYS:
        return 0.0
    exponent = Decimal(text).as_tuple().exponent
    return 0.5 * 10.0**exponent if isinstance(exponent, int) else 0.0


