"""Columns of a table in the IAMC format, wide or long, CSV or XLSX, as time series."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from emis.coded import Codes, Texts
from emis.errors import Issues
from emis.interchange.formats import Given, Head
from emis.interchange.scenario_tables.time_tables import TimeTable, once, refuse_unit
from emis.io import tables
from emis.io.columns import Column, Table
from emis.io.workbooks import first_rows
from emis.numbering import alike

__all__ = ["INDEX", "is_iamc", "read_columns"]

#: The columns that every table has, in the order in which they are written.
INDEX = ("Model", "Scenario", "Region", "Variable", "Unit")
_NAMES = tuple(name.lower() for name in INDEX)
_TOLD_APART = "model, scenario, region and variable"
#: A year as a header: R puts an X before a name that starts with a digit.
_YEAR = re.compile(r"[Xx]?(\d{4})")


def is_iamc(head: Head) -> bool:
    """Tell whether a file looks like one in the IAMC format."""
    heads = [rows[0] for rows in head.sheets.values() if rows] or [head.header]
    return any(_has_index(cells) for cells in heads)


def _has_index(cells: Sequence[str]) -> bool:
    names = {cell.strip().lower() for cell in cells}
    return {"region", "variable", "unit"} <= names and bool({"model", "scenario"} & names)


def read_columns(given: Given, issues: Issues) -> TimeTable | None:
    """Read a table; None, and faults, where it is none in the IAMC format."""
    before, sheet = len(issues.errors), given.settings.sheet
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
            hint = f"the columns are {', '.join(INDEX)}, and the years, or Year and Value"
            issues.error(table.file, table.header, name, f"the column {name!r} is missing", hint)
    for name, column in by_name.items():
        if column.unit and (name == "value" or _YEAR.fullmatch(name)):
            refuse_unit(table, column.name, issues)
    if set(_NAMES) <= set(by_name):
        _refuse_blanks(table, by_name, issues)
    _extra(table, by_name, issues)
    if len(issues.errors) > before:
        return None
    return _long(table, by_name, issues) if "value" in by_name else _wide(table, by_name, issues)


def _sheet(given: Given, issues: Issues) -> str | None:
    """Return the sheet ``data``, else the first that has the columns."""
    heads = first_rows(given.path, given.shown, 1, issues)
    named = next((name for name in heads if name.lower() == "data"), None)
    others = [name for name, rows in heads.items() if rows and _has_index(rows[0])]
    return named or (others[0] if others else None)


def _refuse_blanks(table: Table, by_name: Mapping[str, Column], issues: Issues) -> None:
    for name in _NAMES:
        for row in np.flatnonzero(~by_name[name].filled(np.arange(len(table)))).tolist():
            issues.error(*table.place(row), name, "is blank", f"write the {name} of the row")


def _extra(table: Table, by_name: Mapping[str, Column], issues: Issues) -> None:
    """Refuse columns that tell rows apart beside those that emis knows; tell of those that say one thing throughout."""
    for name, column in by_name.items():
        if name in (*_NAMES, "year", "value") or _YEAR.fullmatch(name):
            continue
        said = [text for text in column.coded.met() if text]
        if len(said) == 1:
            issues.warn(table.file, table.header, name, f"the column says {said[0]!r} and is not read")
        elif said:
            shown = ", ".join(repr(text) for text in said[:4]) + (" ..." if len(said) > 4 else "")
            hint = "keep the rows of one of them, or leave the column out"
            if name in ("time", "subannual"):
                hint = "keep whole years, with a column `year`: parts of a year are not read"
            issues.error(table.file, table.header, name, f"the column tells rows apart ({shown})", hint)


def _texts(by_name: Mapping[str, Column], rows: Codes) -> dict[str, Texts]:
    return {name: by_name[name].coded.take(rows).texts for name in _NAMES}


def _wide(table: Table, by_name: Mapping[str, Column], issues: Issues) -> TimeTable | None:
    pairs = [(int(match[1]), column) for name, column in by_name.items() if (match := _YEAR.fullmatch(name))]
    pairs.sort(key=lambda pair: pair[0])
    years = tuple(year for year, _ in pairs)
    before = len(issues.errors)
    if not years:
        issues.error(table.file, table.header, "", "there is no year among the columns", "write a column for each year")
    for year in sorted({one for one in years if years.count(one) > 1}):
        issues.error(table.file, table.header, str(year), f"two columns are of {year}", "keep one of them")
    once(table, [by_name[name].coded.codes for name in _NAMES[:4]], _TOLD_APART, issues)
    if len(issues.errors) > before:
        return None
    rows = np.arange(len(table))
    cells = np.repeat(rows[:, None], len(years), axis=1)
    return TimeTable(table, _texts(by_name, rows), rows, years, cells, [column for _, column in pairs])


def _long(table: Table, by_name: Mapping[str, Column], issues: Issues) -> TimeTable | None:
    before = len(issues.errors)
    for name in filter(_YEAR.fullmatch, by_name):
        message = f"the column {name!r} stands beside `value`"
        issues.error(table.file, table.header, name, message, "write a column for each year, or Year and Value")
    if "year" not in by_name:
        issues.error(table.file, table.header, "year", "the column 'year' is missing", "add it beside `value`")
        return None
    coded = by_name["year"].coded
    number = np.zeros(len(coded.values), dtype=np.intp)
    for code, text in enumerate(coded.values):
        match = _YEAR.fullmatch(str(text))
        if match is None:
            for row in np.flatnonzero(coded.codes == code).tolist():
                issues.error(*table.place(row), "year", f"{text!r} is no year", "write a year such as 2020")
        number[code] = int(match[1]) if match else 0
    years, column = np.unique(number[coded.codes], return_inverse=True)
    column = column.reshape(-1).astype(np.intp)
    once(table, [*(by_name[name].coded.codes for name in _NAMES[:4]), column], f"{_TOLD_APART} of a year", issues)
    if len(issues.errors) > before:
        return None
    series, first = alike(*(by_name[name].coded.codes for name in _NAMES))
    cells = np.full((len(first), len(years)), -1, dtype=np.intp)
    cells[series, column] = np.arange(len(table))
    values = [by_name["value"]] * len(years)
    return TimeTable(table, _texts(by_name, first), first, tuple(int(year) for year in years), cells, values)
