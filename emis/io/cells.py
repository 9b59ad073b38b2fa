"""Rows of inventory tables: what a cell says, or why it cannot be read, with its place."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence, Set

import numpy as np
from pydantic_core import PydanticCustomError

from emis import schema, units, vocabulary
from emis.errors import Issues
from emis.io.columns import Column, Table
from emis.io.tables import number

__all__ = [
    "CODES",
    "COORDINATES",
    "NOTATION",
    "NOTES",
    "ROW_COLUMNS",
    "SERIES",
    "RowReader",
    "log_normal_ends",
    "not_negative",
    "require",
]

#: Columns that any table of sources may have; `emis` reads them or keeps them for the reader.
NOTES = ("reference", "grade", "note", "comment")
ROW_COLUMNS = frozenset(
    {"source", *vocabulary.LABELS, *NOTES, "activity", "unit", "cv", "low", "high", "basis", "basis_cv"}
    | {"profile", "lon", "lat", "control"}
)

#: Columns of an emission table that say of which year and scenario its rows are.
SERIES = frozenset({"year", "scenario"})

#: Column of notation keys, in tables whose columns of numbers hold no text.
NOTATION = "notation"

#: Columns that give the code of a source in a nomenclature.
CODES = frozenset(vocabulary.NOMENCLATURES)

#: Columns that place a point source, and how far they go [degrees].
COORDINATES = {"lon": 180, "lat": 90}
_GRADES = frozenset({"", "A", "B", "C", "D", "E"})


class RowReader:
    """Reads the cells of one table, with the place of each fault."""

    def __init__(self, table: Table, issues: Issues):
        self.table, self.issues = table, issues

    def place(self, row: int) -> tuple[str, int]:
        """Return file and line of a row."""
        return self.table.place(row)

    def fault(self, row: int, column: str, message: str, hint: str = "") -> None:
        """Note a fault in a cell."""
        self.issues.error(*self.place(row), column, message, hint)

    def pollutant(self, row: int, text: str) -> str | None:
        """Return the pollutant's name; another spelling of it is reported."""
        name = vocabulary.pollutant(text)
        if name is None:
            self.fault(row, "pollutant", f"unknown pollutant {text!r}", vocabulary.suggest(text, vocabulary.POLLUTANTS))
        elif name != text:
            self.alias(text, name, self.table.lines[row])
        return name

    def beside(self, name: str, row: int | None) -> None:
        """Report, once for a table, a pollutant that the inventory does not list."""
        line = self.table.header if row is None else self.table.lines[row]
        message = f"{name} is not among the inventory's pollutants and is not read"
        if not any(one.file == self.table.file and one.message == message for one in self.issues.warnings):
            self.issues.warn(self.table.file, line, "pollutant", message, "add it to `pollutants` in inventory.yaml")

    def alias(self, text: str, name: str, line: int) -> None:
        """Report, once for a table, that a pollutant was read by another spelling."""
        message = f"{text} is read as {name}"
        if not any(one.file == self.table.file and one.message == message for one in self.issues.warnings):
            self.issues.warn(self.table.file, line, "pollutant", message)

    def unit(self, row: int, text: str, pollutant: str | None = None, column: str = "unit") -> bool:
        """Check a unit; a blank is a fault."""
        if not text:
            self.fault(row, column, "is blank", "write the unit of the row's number")
            return False
        try:
            units.check(text, pollutant)
        except units.UnitError as error:
            self.fault(row, column, error.message, error.hint)
            return False
        return True

    def unit_of(self, row: int, name: str, pollutant: str | None = None) -> str:
        """Return the unit of a number: of its header or of the row's `unit`; blank, and a fault, when they disagree."""
        header, own = self.table.columns[name].unit, self.table.text("unit")[row]
        if header and own and not self._same(header, own):
            self.fault(row, name, f"is in {header} by its header and in {own} by `unit`", "keep one of the two")
            return ""
        unit = header or own
        right = self.unit(row, unit, pollutant)
        for end in ("low", "high"):
            column = self.table.columns.get(end)
            if (
                right
                and column is not None
                and column.unit
                and column.unit != "%"
                and not self._same(column.unit, unit)
            ):
                self.fault(row, end, f"is in {column.unit} by its header, and the value in {unit}", "write one unit")
        return unit if right else ""

    def _same(self, header: str, own: str) -> bool:
        try:
            return units.check(header) == units.check(own)
        except units.UnitError:
            return header == own

    def labels(self, row: int, labels: dict[str, str]) -> None:
        """Refuse labels that only look like plain text."""
        for name, text in labels.items():
            right = vocabulary.look_alike(text)
            # The name of a firm is its own: 某某（北京）公司.
            if right is not None and name != "facility":
                self.fault(row, name, f"{text!r} has full-width or look-alike characters", f"write {right!r}")

    def grade(self, row: int) -> str:
        """Return the grade of a row, "" when there is none."""
        found = self.table.text("grade")[row]
        if found not in _GRADES:
            self.fault(row, "grade", f"unknown grade {found!r}", "write A (measured), B, C, D or E (assumed)")
        return found

    def value(self, row: int, name: str) -> tuple[float, str]:
        """Return the number of a cell, or what a notation key stands for, and the key."""
        column = self.table.columns[name]
        self.table.used.add(name)
        return self.amount(row, column)

    def amount(self, row: int, column: Column) -> tuple[float, str]:
        """Return the number of a cell and its notation key; NaN for NE and C, 0 for the others."""
        cell = column.cells[row]
        if cell in vocabulary.NOTATION_KEYS:
            if cell == "IE" and not self.table.text("note")[row]:
                self.fault(
                    row,
                    column.name,
                    "is IE (included elsewhere) without saying where",
                    "name the row that includes it in the column `note`",
                )
            return (np.nan if cell in ("NE", "C") else 0.0), cell
        try:
            return not_negative(number(cell)), ""
        except units.UnitError as error:
            self.fault(row, column.name, error.message, error.hint)
            return np.nan, ""

    def share(self, row: int, name: str) -> float:
        """Return a share, 0 when blank; a number without % is a fault unless the header says %."""
        column = self.table.get(name)
        if column is None or not column.cells[row]:
            return 0.0
        text = column.cells[row]
        try:
            return units.share(f"{text} %" if column.unit in ("%", "％") and not text.endswith(("%", "％")) else text)
        except units.UnitError as error:
            self.fault(row, name, error.message, error.hint)
            return 0.0

    def bounds(self, row: int, value: float) -> tuple[float, float]:
        """Return the 95 % interval of a value, NaN when none is given; a cv gives a log-normal one."""
        cv, low, high = (self.table.get(name) for name in ("cv", "low", "high"))
        given = [column for column in (low, high) if column is not None and column.cells[row]]
        if cv is not None and cv.cells[row]:
            if given:
                self.fault(row, "cv", "is given beside low and high", "keep one of the two")
            down, up = log_normal_ends(self.spread(row, cv))
            return value * down, value * up
        if not given:
            return np.nan, np.nan
        if len(given) == 1:
            self.fault(row, given[0].name, "is given without the other end of the interval", "give low and high")
            return np.nan, np.nan
        ends = [self.amount(row, column)[0] for column in given]
        if ends[0] > ends[1] or not (np.isnan(value) or ends[0] <= value <= ends[1]):
            self.fault(
                row,
                "low",
                f"the interval {ends[0]:g} to {ends[1]:g} does not hold the value {value:g}",
                "give a 95 % interval around it",
            )
        return ends[0], ends[1]

    def coordinate(self, row: int, name: str) -> float:
        """Return the longitude or latitude [degrees] of a point source, NaN when it is not given."""
        text, most = self.table.text(name)[row], COORDINATES[name]
        if not text:
            return np.nan
        try:
            value = number(text.removeprefix("-")) * (-1 if text.startswith("-") else 1)
            if abs(value) > most:
                raise units.UnitError(f"{text} is no {name}", f"write degrees between -{most} and {most}")
        except units.UnitError as error:
            self.fault(row, name, error.message, error.hint)
            return np.nan
        return value

    def date(self, row: int, name: str, example: str = "write a day such as 2019-06-30") -> dt.date | None:
        """Return the day of a cell; None, and a fault, when it is none."""
        # A workbook's days carry a midnight.
        text = self.table.text(name)[row].removesuffix(" 00:00:00")
        if not text:
            self.fault(row, name, "is blank", example)
            return None
        try:
            return schema.date(text)
        except PydanticCustomError as error:
            told = error.context or {}
            self.fault(row, name, str(told.get("message", error)), str(told.get("hint", "")))
            return None

    def cv(self, row: int, name: str) -> float:
        """Return a coefficient of variation [1], NaN where none is given."""
        column = self.table.get(name)
        return self.spread(row, column) if column is not None and column.cells[row] else np.nan

    def basis(self, row: int) -> tuple[str, float]:
        """Return the count that the row's activity hangs on, and its coefficient of variation [1]; "" for none."""
        name, cv = self.table.text("basis")[row], self.cv(row, "basis_cv")
        if bool(name) == np.isnan(cv):
            blank, other = ("basis_cv", "basis") if name else ("basis", "basis_cv")
            self.fault(row, blank, f"is blank beside {other}", "name the count and say how sure it is, or neither")
        return name, cv

    def spread(self, row: int, column: Column) -> float:
        """Return the coefficient of variation [1] in a cell that is filled."""
        text = column.cells[row]
        try:
            found = units.signed_share(f"{text} %" if column.unit == "%" and not text.endswith("%") else text)
        except units.UnitError as error:
            self.fault(row, "cv", error.message, error.hint)
            return 0.0
        if found < 0:
            self.fault(row, "cv", f"{text} is negative", "write 0 % or more")
        return max(found, 0.0)

    def unused(self, known: Set[str], headers: Mapping[str, str] | None = None) -> None:
        """Tell of columns that nothing reads: a misspelt one is a fault, since what it holds would be lost.

        `headers` gives by name how the header of a column with a unit is written.
        """
        for name in self.table.columns:
            if not name or name in self.table.used or name in known:
                continue
            meant = vocabulary.nearest(name, known - set(NOTES), cutoff=0.75)
            header = next((one for start, one in (headers or {}).items() if _names_unit(name, start)), None)
            if header is not None:
                hint = f"write {header}"
            elif (pollutant := _mass_of(name, self.table.columns[name].unit)) is not None:
                hint = f"did you mean {pollutant}? names of pollutants are case-sensitive"
            elif meant is not None and not re.match(rf"{meant}[_\d\s]", name):
                hint = f"did you mean {meant!r}?"
            else:
                self.issues.warn(self.table.file, self.table.header, name, f"the column {name!r} is not read")
                continue
            self.issues.error(self.table.file, self.table.header, name, f"the column {name!r} is not known", hint)


def _mass_of(name: str, unit: str) -> str | None:
    """Return the pollutant that the header of a column of emissions only looks like: ``nox [t/yr]``, ``N0x [t/yr]``."""
    try:
        units.tonnes_per_year(unit)
    except units.UnitError:
        return None
    folded = name.casefold()

    def alike(one: str, other: str) -> bool:
        return one == other or not one.isascii() or {one, other} == {"0", "o"}

    known = (one for one in vocabulary.POLLUTANTS if len(one) == len(folded))
    return next((one for one in known if all(map(alike, folded, one.casefold()))), None)


def _names_unit(name: str, start: str) -> bool:
    """Tell whether a header is a column's name with a unit behind it in another form: ``speed (km/h)``, speed_km_h."""
    rest = name.removeprefix(start)
    if rest == name or rest[0].isalnum():
        return False
    text = rest.strip(" _()（）/-").replace("_", "/")
    try:
        units.check(text)
    except units.UnitError:
        return text in ("%", "degC")
    return True


def require(table: Table, names: Sequence[str], issues: Issues) -> None:
    """Note which columns are missing."""
    for name in names:
        if name not in table.columns:
            near = vocabulary.nearest(name, table.columns)
            hint = f"rename the column {near!r}" if near else f"the header has {', '.join(table.columns)}"
            issues.error(table.file, table.header, name, f"the column {name!r} is missing", hint)


def log_normal_ends(cv: float) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a log-normal value as shares of its mean, for a cv [1]."""
    sigma = float(np.sqrt(np.log1p(cv**2)))
    return float(np.exp(-1.96 * sigma - sigma**2 / 2)), float(np.exp(1.96 * sigma - sigma**2 / 2))


def not_negative(value: float) -> float:
    """Return an amount; raise UnitError when it is below zero."""
    if value < 0:
        raise units.UnitError(f"{value:g} is negative", "write 0 or more")
    return value
