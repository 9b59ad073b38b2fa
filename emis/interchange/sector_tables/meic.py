"""Tables of MEIC: provinces by the five sectors power, industry, residential, transportation and agriculture.

Long (``year, province, sector, pollutant, emission, unit``), or wide with a column for each sector, of one pollutant
(``SO2`` in a column, a sheet's name or a line above) or of several (``SO2_power``); headers in English or Chinese, the
unit in a column, a header or a line above the table: there is no default (meicmodel.org.cn; doi:10.1093/nsr/nwx150).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from emis.coded import Coded
from emis.errors import Issues
from emis.interchange.formats import Format, Given, Head
from emis.interchange.sector_tables.crosswalks import to_labels
from emis.interchange.sector_tables.foreign_tables import (
    ForeignTable,
    Header,
    heads_of,
    refuse_twice,
    refuse_two_units,
    renamed,
    scale_of,
    stated_unit,
    tables_of,
    year_of,
)
from emis.interchange.sector_tables.record_series import series_of
from emis.interchange.sector_tables.records import Records, in_area, joined, pollutant_of
from emis.interchange.series import Series
from emis.inventory import Floats
from emis.nomenclatures import nomenclature

__all__ = ["MEIC"]

_YEARS = ("year", "年份", "年", "年度")
_PLACES = ("province", "region", "省份", "地区", "省", "省市", "省(市)", "provinces", "regions")
_SECTORS = ("sector", "部门", "源类", "行业", "部门名称")
_POLLUTANTS = ("pollutant", "species", "污染物", "物种", "污染物名称")
_EMISSIONS = ("emission", "emissions", "排放量", "排放", "value")
_UNITS = ("unit", "units", "单位", "计量单位")
#: What sums up the others and is not read beside them.
_TOTALS = frozenset({"total", "sum", "合计", "总计", "总量", "全国", "national", "china", "全国合计", "小计"})
_BETWEEN = re.compile(r"[\s_\-:/·]+")


@dataclass(frozen=True)
class _Layout:
    """Which columns of a table say what."""

    headers: Sequence[Header]

    def one(self, names: Sequence[str]) -> int | None:
        """Return the column with one of these names."""
        folded = [header.folded for header in self.headers]
        return next((folded.index(name) for name in names if name in folded), None)

    @cached_property
    def amounts(self) -> dict[int, tuple[str, str]]:
        """Columns of numbers, each with its sector and its pollutant, "" where the header does not name one."""
        found = {}
        known = nomenclature("meic")
        for column, header in enumerate(self.headers):
            if sector := known.find(header.name):
                found[column] = (sector, "")
                continue
            parts = _BETWEEN.split(header.name)
            for cut in range(1, len(parts)):
                ends = "_".join(parts[:cut]), "_".join(parts[cut:])
                for pollutant, sector in (ends, ends[::-1]):
                    if pollutant_of(pollutant) and known.find(sector):
                        found[column] = (known.find(sector), pollutant)
        return found

    @property
    def long(self) -> bool:
        """Whether sectors stand in rows."""
        return self.one(_SECTORS) is not None and self.one(_EMISSIONS) is not None

    @property
    def wide(self) -> bool:
        """Whether sectors stand in columns; one could be anything, three are MEIC's."""
        return len({sector for sector, _ in self.amounts.values()}) >= 3


def _is_wide(headers: Sequence[Header]) -> bool:
    return _Layout(headers).wide


def _is_long(headers: Sequence[Header]) -> bool:
    layout = _Layout(headers)
    return layout.long and layout.one(_POLLUTANTS) is not None and layout.one(_PLACES) is not None


def _is_header(headers: Sequence[Header]) -> bool:
    return _is_wide(headers) or _is_long(headers)


def _is_meic(head: Head) -> bool:
    return any(_is_header(row) for row in heads_of(head))


def _read(given: Given, issues: Issues) -> Sequence[Series]:
    tables = tables_of(given, issues, _is_header, "the five sectors, or province, sector, pollutant, emission")
    parts = [_Reading(table, given, issues).records() for table in tables]
    crosswalk = to_labels("meic", given.settings, issues)
    if not parts or issues.errors:
        return ()
    found = series_of(joined(parts), given, issues, crosswalk)
    return () if found is None else (found,)


class _Reading:
    """One table, with what stands above it and how its sheet is called."""

    def __init__(self, table: ForeignTable, given: Given, issues: Issues):
        self.table, self.given, self.issues = table, given, issues
        self.layout = _Layout(table.headers)

    def records(self) -> Records:
        """Return what the table states."""
        table, layout = self.table, self.layout
        years, places = self._years(), table.texts(layout.one(_PLACES))
        kept = self._kept(places)
        if layout.wide:
            columns = layout.amounts
        else:
            column = layout.one(_EMISSIONS)
            assert column is not None
            columns = {column: ("", "")}
        parts = [self._column(*one, years, places, kept) for one in columns.items()]
        self._tell_unread(set(columns))
        return joined(parts)

    def _column(
        self, column: int, named: tuple[str, str], years: np.ndarray[tuple[int], np.dtype[np.intp]], places: Coded,
        kept: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> Records:  # fmt: skip
        table, (sector, pollutant) = self.table, named
        amounts = table.amounts(column, self.issues)
        codes = Coded.full(len(table), sector) if sector else self._sectors()
        species = self._species(pollutant)
        rows = np.flatnonzero(amounts.stated & kept)
        records = Records(
            "meic",
            codes.take(rows),
            species.take(rows),
            years[rows],
            table.lines[rows],
            (amounts.values * self._scales(column, species))[rows],
            amounts.keys[rows],
            {"region": places.take(rows)},
        )
        return in_area(records, {"region": places}, rows, self.given)

    def _sectors(self) -> Coded:
        known = nomenclature("meic")
        column = self.table.texts(self.layout.one(_SECTORS))
        return renamed(column, [known.find(str(text)) or str(text) for text in column.values])

    def _species(self, named: str) -> Coded:
        """Return the pollutant of each row: of the column's header, of a column, of a line above, or of the sheet."""
        column = self.layout.one(_POLLUTANTS)
        if named or column is None:
            told = named or self._told()
            return Coded.full(len(self.table), pollutant_of(told) or told)
        own = self.table.texts(column)
        return renamed(own, [pollutant_of(str(text)) or str(text) for text in own.values])

    def _told(self) -> str:
        """Return the pollutant that lines above, the sheet or the file's name tell."""
        texts = [cell for _, cells in self.table.above for cell in cells]
        for text in (*texts, self.table.sheet, self.given.path.stem):
            for word in re.split(r"[\s_:：,，()（）\[\]]+", text):
                if word and pollutant_of(word):
                    return word
        hint = "name it in a column, a header such as SO2_power, a line above the table, or the sheet's name"
        self.issues.error(self.table.shown, self.table.header, "pollutant", "names no pollutant", hint)
        return ""

    def _years(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Return the year of each row: of a column, of a line above or the sheet's name, or that which is asked for."""
        table, column = self.table, self.layout.one(_YEARS)
        refuse_twice(table, _YEARS, self.issues)
        if column is None:
            told = self._one_year()
            return np.full(len(table), told if told is not None else 0)
        found = np.zeros(len(table), dtype=np.intp)
        for row, text in enumerate(table.cells(column)):
            year = year_of(text)
            if year is None:
                self.issues.error(table.shown, int(table.lines[row]), "year", f"{text!r} is no year", "write 2017")
            found[row] = year or 0
        return found

    def _one_year(self) -> int | None:
        words = [word for _, cells in self.table.above for cell in cells for word in re.split(r"[\s_:：]+", cell)]
        words += re.split(r"[\s_]+", self.table.sheet) + re.split(r"[\s_\-]+", self.given.path.stem)
        told = next((year for word in words if (year := year_of(word)) is not None), self.given.settings.year)
        if told is None:
            self.issues.error(self.table.shown, self.table.header, "year", "does not say its year", "say which: --year")
        return told

    def _scales(self, column: int, species: Coded) -> Floats:
        """Return by what the numbers of each row are multiplied to be in t/yr; a unit has to be stated."""
        table, own = self.table, self.layout.one(_UNITS)
        above, line = stated_unit(table.above)
        header = table.headers[column].unit
        if own is None and not header and not above:
            hint = "state it: a column 单位 (unit), a header such as 电力 (万吨), or a line 单位：万吨 above"
            self.issues.error(table.shown, table.header, table.headers[column].name, "is in no unit", hint)
            return np.ones(len(table))
        units_of = table.texts(own) if own is not None else Coded.full(len(table), header or above)
        refuse_two_units(table, column, units_of, self.issues)
        place = (table.shown, table.header if header else line)
        scales = np.ones(len(table))
        pair = units_of.codes * len(species.values) + species.codes
        for one in np.unique(pair).tolist():
            rows = np.flatnonzero(pair == one)
            unit, name = units_of.values[units_of.codes[rows[0]]], species.values[species.codes[rows[0]]]
            where = (table.shown, int(table.lines[rows[0]])) if own is not None else place
            scales[rows] = scale_of(str(unit), pollutant_of(str(name)), where, "unit", self.issues)
        return scales

    def _kept(self, places: Coded) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return which rows are no totals: of the country beside its provinces, of the sectors beside each."""
        kept = np.ones(len(self.table), dtype=bool)
        for what, column in (("place", places), ("sector", self.table.texts(self.layout.one(_SECTORS)))):
            total = np.array([str(text).strip().casefold() in _TOTALS for text in column.values], dtype=bool)
            rows = total[column.codes]
            if rows.any() and not rows.all():
                first = int(self.table.lines[np.flatnonzero(rows)[0]])
                name = str(column.texts[np.flatnonzero(rows)[0]])
                message = f"{int(rows.sum()):,} rows are totals ({what} {name!r}) and are not read beside their parts"
                self.issues.warn(self.table.shown, first, what, message)
                kept &= ~rows
        return kept

    def _tell_unread(self, read: set[int]) -> None:
        """Warn of columns that are not read."""
        known = {self.layout.one(names) for names in (_YEARS, _PLACES, _POLLUTANTS, _UNITS, _SECTORS)}
        for column, header in enumerate(self.table.headers):
            if column in read or column in known or not header.name:
                continue
            why = "is a total" if header.folded in _TOTALS else "is of no sector that MEIC has"
            message = f"the column {header.name!r} {why} and is not read"
            self.issues.warn(self.table.shown, self.table.header, header.name, message)


MEIC = Format(
    "meic",
    "MEIC tables: provinces by power, industry, residential, transportation, agriculture, CSV or workbook",
    ".csv",
    recognises=_is_meic,
    read=_read,
)
