"""Tables of time series, a row or several for each: their numbers by year, and what of them becomes series."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from emis import units, vocabulary
from emis.coded import Coded, Codes, Texts
from emis.errors import Issues, UnitError
from emis.interchange.cells import readable
from emis.interchange.formats import Given
from emis.interchange.scenario_tables import species
from emis.interchange.scenario_tables.assembling import Kind, Named, assembled, tell_sums, tell_unknown_sectors
from emis.interchange.scenario_tables.hierarchies import Off, Stated, Tree, leaves
from emis.interchange.series import Series
from emis.inventory import Floats
from emis.io import tables
from emis.io.columns import Column, Table
from emis.numbering import alike

__all__ = ["Emissions", "TimeTable", "in_year", "once", "refuse_unit", "tell_left_out"]

#: What R writes for a number that it does not have, and what readers of these formats take for a blank.
_R_BLANK = "NA"
_MOST_NAMED = 12


@dataclass(frozen=True)
class TimeTable:
    """What a table states: R time series, Y years.

    Attributes
    ----------
    texts : mapping
        What each series is told apart by, and its unit, by name.
    rows : ndarray, R
        The first row of each in the table.
    years : tuple of int
        Ascending.
    cells : ndarray of int, R × Y
        The row of the table in which each number stands, -1 where there is none.
    columns : sequence of Column, Y
        The column in which it stands.
    """

    table: Table
    texts: Mapping[str, Texts]
    rows: Codes
    years: tuple[int, ...]
    cells: Codes
    columns: Sequence[Column]

    def lines(self, series: Codes) -> NDArray[np.int64]:
        """Return the lines in which series stand first."""
        return np.asarray(self.table.lines, dtype=np.int64)[self.rows[series]]

    def line(self, series: int) -> int:
        """Return the line in which a series stands first."""
        return self.table.place(int(self.rows[series]))[1]

    def numbers(self, series: Codes, issues: Issues) -> Floats:
        """Return the numbers of some of the series, R × Y in their own units; NaN where a cell is blank."""
        values = np.full((len(series), len(self.years)), np.nan)
        by_r = 0
        for at, column in enumerate(self.columns):
            cells = self.cells[series, at]
            here = np.flatnonzero(cells >= 0)
            rows = cells[here]
            known, plain = column.numbers
            values[here, at] = known[rows]
            odd = rows[~plain[rows] & column.filled(rows)]
            r_blank = [row for row in odd.tolist() if column.cells[row] == _R_BLANK]
            by_r += len(r_blank)
            for row in sorted({*odd.tolist(), *rows[plain[rows] & (known[rows] < 0)].tolist()} - {*r_blank}):
                self._fault(row, self.years[at], column.cells[row], issues)
        if by_r:
            message = f"{by_r:,} cells are NA, which is how R writes a number that is not there: they are read as blank"
            issues.warn(self.table.file, 0, "", message)
        return values

    def _fault(self, row: int, year: int, text: str, issues: Issues) -> None:
        message, hint = f"{text} is negative", "write 0 or more; leave removals out, which are no emissions"
        try:
            tables.number(text)
        except UnitError as error:
            message = error.message
            hint = "leave the cell blank where nothing is stated" if text in vocabulary.NOTATION_KEYS else error.hint
        issues.error(*self.table.place(row), str(year), message, hint)

    def half_units(self, series: Codes) -> Floats:
        """Return half a unit in the last place of each number as it is written, R × Y in their own units."""
        half = np.zeros((len(series), len(self.years)))
        for at, column in enumerate(self.columns):
            cells = self.cells[series, at].tolist()
            half[:, at] = [_half_unit(column.cells[row]) if row >= 0 else 0.0 for row in cells]
        return half

    def largest(self, series: Codes) -> float:
        """Return the largest number among some of the series, whatever its unit."""
        most = 0.0
        for at, column in enumerate(self.columns):
            cells = self.cells[series, at]
            most = max(most, float(np.nan_to_num(np.abs(column.numbers[0][cells[cells >= 0]])).max(initial=0.0)))
        return most


def _half_unit(text: str) -> float:
    if not text or text == _R_BLANK:
        return 0.0
    exponent = Decimal(text).as_tuple().exponent
    return 0.5 * 10.0**exponent if isinstance(exponent, int) else 0.0


def once(table: Table, codes: Sequence[Codes], what: str, issues: Issues) -> None:
    """Refuse rows that are alike in all of some codes."""
    kind, first = alike(*codes)
    again = np.ones(len(table), dtype=bool)
    again[first] = False
    for row in np.flatnonzero(again).tolist():
        line = table.place(int(first[kind[row]]))[1]
        message = f"{what} stand a second time, first in line {line}"
        issues.error(*table.place(row), "", message, "keep one of the two rows")


def refuse_unit(table: Table, name: str, issues: Issues) -> None:
    """Refuse a column of numbers whose header states a unit: they are in the one of their row."""
    message = f"the header says {table.columns[name].unit}, and the column of units says it of each row"
    issues.error(table.file, table.header, name, message, f"call it {name!r}")


def in_year(table: TimeTable, given: Given, issues: Issues) -> TimeTable:
    """Return a table with the year alone that is asked for, where one is."""
    year = given.settings.year
    if year is None:
        return table
    if year not in table.years:
        issues.error(given.shown, 0, "year", f"{year} is not in it", f"there are {', '.join(map(str, table.years))}")
        return table
    at = table.years.index(year)
    return replace(table, years=(year,), cells=table.cells[:, at : at + 1], columns=table.columns[at : at + 1])


def tell_left_out(table: TimeTable, coded: Coded, which: NDArray[np.bool_], what: str, issues: Issues) -> None:
    """Warn of series that are left out by a name of theirs: their rows, and the largest number in its unit."""
    codes = np.flatnonzero(which)
    if not len(codes):
        return
    shown, first = [], 0
    for code in codes[:_MOST_NAMED].tolist():
        series = np.flatnonzero(coded.codes == code)
        first = first or table.line(int(series[0]))
        unit = table.texts["unit"][series[0]]
        shown.append(f"{coded.values[code]} ({len(series)} rows, up to {readable(table.largest(series))} {unit})")
    rest = f" and {len(codes) - _MOST_NAMED} more" if len(codes) > _MOST_NAMED else ""
    issues.warn(table.table.file, first, "", f"{what}: {', '.join(shown)}{rest}")


@dataclass(frozen=True)
class Emissions:
    """The series of a table that are emissions of a pollutant, on their way into series of emis.

    Attributes
    ----------
    rows : ndarray, N
        Which series of the table.
    pollutant : Coded, N
    kind : ndarray, N
        The number of each one's scenario among `kinds`.
    area, category : ndarray, N
        The node of each in the trees.
    called : callable
        Gives the name of a total in messages, given its pollutant, category and area.
    named : callable
        Names a leaf, given its area, its category and whether it is what a total has beyond its parts.
    unknown : mapping
        By category labels of emis, how the file calls those of which the sector is not known; filled by `named`.
    """

    table: TimeTable
    rows: Codes
    pollutant: Coded
    kinds: Sequence[Kind]
    kind: Codes
    areas: Tree
    area: Codes
    categories: Tree
    category: Codes
    called: Callable[[str, str, str], str]
    named: Callable[[int, int, bool], Named]
    unknown: Mapping[str, str]

    def series(self, given: Given, issues: Issues) -> Sequence[Series]:
        """Return a series for each scenario; faults go to the issues, and then there is none."""
        before = len(issues.errors)
        if not len(self.rows):
            issues.error(given.shown, 0, "", "there are no emissions of a pollutant that emis knows in it")
            return ()
        scale = self._scales(issues)[:, None]
        values = self.table.numbers(self.rows, issues) * scale
        group, first = alike(self.kind, self.pollutant.codes)
        lines = self.table.lines(self.rows)
        one, kept = self._once(group, values, lines, issues)
        if len(issues.errors) > before:
            return ()

        def rounding() -> Floats:
            return _gathered(self.table.half_units(self.rows) * scale, one, len(kept), 0.0)

        values = _gathered(values, one, len(kept), np.nan)
        stated = Stated(group[kept], self.area[kept], self.category[kept], values, lines[kept], rounding)
        found = leaves(stated, self.areas, self.categories)
        names = [str(self.pollutant.texts[row]) for row in first.tolist()]

        def told(one: Off) -> str:
            return self.called(names[one.group], self.categories.names[one.category], self.areas.names[one.area])

        hint = "correct them, or leave out what is counted twice; --region takes one region"
        tell_sums(found, told, self.table.years, given.shown, hint, issues)
        if found.less:
            return ()
        of = [(int(self.kind[row]), name) for row, name in zip(first.tolist(), names, strict=True)]
        several = assembled(found, self.kinds, of, self.named, self.table.years, given)
        tell_unknown_sectors(several, self.unknown, given.shown, issues)
        return several

    def _scales(self, issues: Issues) -> Floats:
        """Return how many t/yr one of each unit is; of series alike in unit and pollutant the first fault is told."""
        unit = Coded.of(self.table.texts["unit"][self.rows])
        kind, first = alike(unit.codes, self.pollutant.codes)
        found = np.ones(len(first))
        for number, row in enumerate(first.tolist()):
            text, name = str(unit.texts[row]), str(self.pollutant.texts[row])
            try:
                found[number] = species.tonnes_per_year(text, name)
            except units.UnitError as error:
                count = int(np.count_nonzero(kind == number)) - 1
                more = f" (and {count:,} rows more)" if count else ""
                line = self.table.line(int(self.rows[row]))
                issues.error(self.table.table.file, line, "unit", f"{error.message}{more}", error.hint)
        return found[kind]

    def _once(self, group: Codes, values: Floats, lines: NDArray[np.int64], issues: Issues) -> tuple[Codes, Codes]:
        """Put rows of one thing together, where its years are in several units; return as `alike` does.

        What is stated twice, as ``Emissions|SO2`` and as ``Emissions|Sulfur``, is a fault.
        """
        kind, first = alike(group, self.area, self.category)
        if len(first) == len(kind):
            return kind, first
        taken = np.full((len(first), values.shape[1]), -1, dtype=np.intp)
        several = np.flatnonzero(np.bincount(kind)[kind] > 1)
        for row in several.tolist():
            here = ~np.isnan(values[row])
            earlier = taken[kind[row], here].max(initial=-1)
            if earlier >= 0:
                what = f"states {self.pollutant.texts[row]} a second time, first in line {lines[earlier]}"
                issues.error(self.table.table.file, int(lines[row]), "", what, "keep one name for it")
            taken[kind[row], here] = row
        return kind, first


def _gathered(values: Floats, kind: Codes, kinds: int, nothing: float) -> Floats:
    """Return rows of each kind as one: no two of them state the same year."""
    if kinds == len(kind):
        return values
    found = np.full((kinds, values.shape[1]), nothing)
    row, year = np.nonzero(~np.isnan(values) & (values != 0) if nothing == 0 else ~np.isnan(values))
    found[kind[row], year] = values[row, year]
    return found
