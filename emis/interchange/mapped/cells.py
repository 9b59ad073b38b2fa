"""Cells of somebody else's table: numbers with their units, notation keys, coordinates and texts, by a mapping."""

import re
from dataclasses import dataclass

import numpy as np

from emis import number_columns, units, vocabulary
from emis.coded import Coded, Texts
from emis.errors import UnitError
from emis.interchange.mapped.rows import Headed, Sheet, plain
from emis.inventory import Floats
from emis.io.cells import COORDINATES, not_negative
from emis.io.mappings import MappedFactor, MappedNumber, MappedTable, MappedText
from emis.io.tables import number

__all__ = ["Cells"]

_DMS = re.compile(
    r"(?P<sign>-?)(?P<deg>\d{1,3})[°度](?:(?P<min>\d{1,2})['′分](?:(?P<sec>\d{1,2}(?:\.\d+)?)(?:\"|″|''|′′|秒))?)?"
)


@dataclass(frozen=True)
class Cells:
    """Reads the cells of a sheet by the rules of its mapping, and notes what is wrong with them."""

    sheet: Sheet
    table: MappedTable

    def texts(self, field: str, given: MappedText) -> Texts | None:
        """Return texts, translated where the mapping translates; every one it does not know is a fault."""
        column = self.sheet.column(given.column)
        if column is None:
            return None
        known = {plain(text): right for text, right in given.translate.items()}
        blank = given.blank
        counts = dict(zip(*np.unique(column.coded.codes, return_counts=True), strict=True))

        def read(text: str, row: int) -> str:
            if not text:
                return blank
            if not known:
                return text
            right = known.get(plain(text), known.get("*"))
            if right is None:
                rows = int(counts[column.coded.codes[row]])
                message = f"{text!r} ({rows:,} rows) is not among what {field} is translated from"
                self.sheet.fault(row, column.header, message, f"add it to `translate` of {field}")
                return text
            return right

        return self.sheet.each(column, read)

    def numbers(self, given: MappedNumber | MappedFactor) -> tuple[Floats, Texts, Headed] | None:
        """Return numbers as they are written, NaN where a key or nothing stands, and the keys."""
        assert given.column is not None
        column = self.sheet.column(given.column)
        if column is None:
            return None
        blank = given.blank or self.table.blank
        texts = [str(text) for text in column.coded.values]
        values, plainly = number_columns.numbers(texts)
        if self.table.decimal != ".":
            plainly &= np.array(["." not in text for text in texts], dtype=bool)
        keys = np.full(len(values), "", dtype=object)
        first: dict[int, int] = {}
        for row, code in enumerate(column.coded.codes.tolist()):
            first.setdefault(code, row)
        for code in np.flatnonzero(~plainly | (values < 0)).tolist():
            if code in first:
                values[code], keys[code] = self._odd(str(column.coded.values[code]), first[code], column.header, blank)
        codes = column.coded.codes
        return values[codes], np.asarray(keys[codes], dtype=object), column

    def _odd(self, text: str, row: int, header: str, blank: str) -> tuple[float, str]:
        """Return number and key of a text that is not plainly a number."""
        keys = {plain(one): key for one, key in self.table.keys.items()}
        key = keys.get(plain(text)) if text else ("" if blank == "error" else blank)
        key = text if key is None and text in vocabulary.NOTATION_KEYS else key
        if key:
            return (np.nan if key in ("NE", "C") else 0.0), key
        try:
            return not_negative(number(self._ungrouped(text))), ""
        except UnitError as error:
            hint = error.hint if text else "say what a blank is: blank: NO, NE or NA"
            self.sheet.fault(row, header, error.message, hint)
            return np.nan, ""

    def _ungrouped(self, text: str) -> str:
        """Return a number without the marks between its thousands, and with a decimal point, as the mapping has it."""
        mark, point = self.table.thousands, self.table.decimal
        if mark is None and point == ".":
            return text
        if point == "," and mark != "." and "." in text:
            raise UnitError(f"{text!r} has a point, and a comma parts decimals here", "check `decimal` of the mapping")
        group = f"(?:{re.escape(mark)}\\d{{3}})*" if mark else ""
        if not re.fullmatch(rf"[+-]?(?:\d{{1,3}}{group}|\d+)(?:{re.escape(point)}\d+)?(?:[eE][+-]?\d+)?", text):
            return text
        return text.replace(mark or "", "").replace(point, ".")

    def unit(self, given: MappedNumber | MappedFactor, column: Headed, pollutant: str | None) -> Texts | None:
        """Return the unit of each row's number: of the mapping, of the header, or of a column of units."""
        own = isinstance(given, MappedFactor)  # what holds for amounts does not for factors
        said = given.unit or (None if own else self.table.unit)
        name = None if own else self.table.unit_column
        if said is None and name is not None:
            of = self.sheet.column(name)
            if of is not None and column.unit:
                self._refuse_other(of.cells, column)
            return None if of is None else of.cells
        if said is not None and column.unit and not _same(said, column.unit):
            message = f"is in {column.unit} by its header, and in {said} by the mapping"
            self.sheet.fault(-1, column.header, message, "keep one of the two")
            return None
        unit = said or column.unit
        if not unit:
            hint = "write {column: " + f"{column.header}" + ", unit: t}, or `unit` for the whole table"
            self.sheet.fault(-1, column.header, "nothing says its unit", hint)
            return None
        try:
            units.check(unit, pollutant)
        except UnitError as error:
            self.sheet.fault(-1, column.header, error.message, error.hint)
            return None
        return np.full(len(self.sheet), unit, dtype=object)

    def _refuse_other(self, units_of: Texts, column: Headed) -> None:
        """Note rows whose unit is not the one of their column's header."""
        for one in Coded.of(units_of).met():
            if one and not _same(one, column.unit):
                row = int(np.flatnonzero(units_of == one)[0])
                message = f"is in {column.unit} by its header, and in {one} by the column {self.table.unit_column}"
                self.sheet.fault(row, column.header, message, "keep one of the two")

    def tonnes(self, units_of: Texts, names: Texts, keys: Texts, column: str) -> Floats:
        """Return by what each row's number is multiplied to be in t/yr; 1, and a fault, where its unit is none.

        A row with a key needs no unit.
        """
        found, told = np.ones(len(units_of)), dict[tuple[str, str], float]()
        for row in np.flatnonzero((keys == "") & (names != "")).tolist():
            unit, name = str(units_of[row]), str(names[row])
            if (unit, name) not in told:
                told[unit, name] = self._tonnes(unit, name, row, column)
            found[row] = told[unit, name]
        return found

    def _tonnes(self, unit: str, name: str, row: int, column: str) -> float:
        try:
            return units.tonnes_per_year(unit, name)
        except UnitError as error:
            self.sheet.fault(row, column, error.message, error.hint)
            return 1.0

    def shares(self, given: MappedNumber) -> Floats | None:
        """Return shares [1]: of cells with %, or of numbers in a column in %, or in 1."""
        column = self.sheet.column(given.column)
        if column is None:
            return None
        unit = given.unit or column.unit

        def read(text: str, row: int) -> str:
            if not text or plain(text) in {plain(one) for one in self.table.keys}:
                return "0"
            try:
                return repr(_share(self._ungrouped(text), unit))
            except UnitError as error:
                self.sheet.fault(row, column.header, error.message, error.hint)
                return "0"

        return np.array(self.sheet.each(column, read), dtype=float)

    def coordinates(self, name: str, given: MappedText) -> Floats | None:
        """Return longitudes or latitudes [degrees], NaN where they are blank."""
        column = self.sheet.column(given.column)
        if column is None:
            return None
        most = COORDINATES[name]

        def read(text: str, row: int) -> str:
            if not text:
                return "nan"
            try:
                value = self._degrees(text)
                if abs(value) > most:
                    raise UnitError(f"{text} is no {name}", f"write degrees between -{most} and {most}")
                return repr(value)
            except UnitError as error:
                self.sheet.fault(row, column.header, error.message, error.hint)
                return "nan"

        return np.array(self.sheet.each(column, read), dtype=float)

    def _degrees(self, text: str) -> float:
        match = _DMS.fullmatch(plain(text).upper().rstrip("EN"))
        if self.table.coordinates == "degrees":
            if match:
                raise UnitError(f"{text!r} is in degrees, minutes and seconds", "write coordinates: dms in the mapping")
            return number(text.removeprefix("-")) * (-1 if text.startswith("-") else 1)
        if not match:
            raise UnitError(f"{text!r} is not in degrees, minutes and seconds", "write e.g. 116°23′29″")
        minutes, seconds = float(match["min"] or 0), float(match["sec"] or 0)
        if minutes >= 60 or seconds >= 60:
            raise UnitError(f"{text!r} has 60 minutes or seconds, or more", "write e.g. 116°23′29″")
        return (-1 if match["sign"] else 1) * (float(match["deg"]) + minutes / 60 + seconds / 3600)


def _share(text: str, unit: str) -> float:
    if unit != "1":
        return units.share(f"{text} %" if unit == "%" and "%" not in text else text)
    value = number(text)
    if not 0 <= value <= 1:
        raise UnitError(f"{text} is no share between 0 and 1", "write unit: % where it is per cent")
    return value


def _same(one: str, other: str) -> bool:
    try:
        return units.check(one) == units.check(other)
    except UnitError:
        return one == other
