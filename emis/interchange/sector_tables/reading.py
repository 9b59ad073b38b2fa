"""Tables of sectors by pollutant that are read: those written here, the reporting template, and WebDab's export.

The export of CEIP's WebDab has lines ``ISO2;YEAR;SECTOR;POLLUTANT;UNIT;NUMBER/FLAG``, named in a comment above them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from emis.coded import Coded, Codes, Texts, objects
from emis.errors import Issues
from emis.interchange.formats import Given, Head
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
from emis.interchange.sector_tables.headings import without_totals
from emis.interchange.sector_tables.record_series import series_of
from emis.interchange.sector_tables.records import Records, in_area, joined, pollutant_of
from emis.interchange.series import Series
from emis.nomenclatures import nomenclature

__all__ = ["UNMAPPED", "Kind", "is_sector_table", "read_sector_tables"]

#: The row of sources that have no code in the nomenclature.
UNMAPPED = "unmapped"
_LEVELS = ("一级源", "二级源", "三级源", "四级源")
_ALSO_LEVELS = {"一级源": ("一级", "一级分类", "第一级分类"), "二级源": ("二级", "二级分类", "第二级分类"),
                "三级源": ("三级", "三级分类", "第三级分类"), "四级源": ("四级", "四级分类", "第四级分类")}  # fmt: skip
_YEARS = ("year", "年份", "年度", "年")
_SCENARIOS = ("scenario", "情景")
_STATUS = ("status", "清单状态")
_UNITS = ("unit", "units", "单位")
_PLACES = ("iso2", "country", "iso2 code", "region", "地区", "区域")
_SECTORS = ("sector", "sector_code", "nfr_sector", "nfr code", "sector code")
_POLLUTANTS = ("pollutant", "pollutant_name", "污染物")
_NUMBERS = ("number/flag", "number", "emission", "emissions", "value", "排放量")
#: Not relevant: a Party that has no such obligation says nothing with it.
_NOT_RELEVANT = frozenset({"NR"})
_COMMENT = re.compile(r"#\s*(?:format\s*:)?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """A nomenclature as a table: the unit of its numbers, what its columns are called, and whether levels are apart."""

    name: str
    unit: str
    tonnes: float
    headers: Mapping[str, str] = field(default_factory=dict)
    levels: bool = False

    @property
    def code_headers(self) -> tuple[str, ...]:
        """What the column of codes may be called, in small letters."""
        return (self.name, f"{self.name} code", f"{self.name}_code", f"{self.name} sector", f"{self.name}_sector")


def _plain(headers: Sequence[Header]) -> list[str]:
    """Return names of columns in small letters; a header in a comment is one."""
    return [_COMMENT.sub("", header.folded) if at == 0 else header.folded for at, header in enumerate(headers)]


def _is_long(headers: Sequence[Header]) -> bool:
    names = set(_plain(headers))
    return all(names & set(one) for one in (_SECTORS, _POLLUTANTS, _UNITS, _NUMBERS)) and "year" in names


def _is_wide(headers: Sequence[Header], kind: Kind) -> bool:
    names = _plain(headers)
    coded = _LEVELS[0] in names if kind.levels else any(name in names for name in kind.code_headers)
    # A table of sources may give their codes too: it is one of emis.
    return coded and "source" not in names and any(pollutant_of(header.name) for header in headers)


def is_sector_table(head: Head, kind: Kind) -> bool:
    """Tell whether a file is a table of sectors in this nomenclature."""
    rows = heads_of(head)
    if any(_is_wide(row, kind) for row in rows):
        return True
    at = next((at for at, row in enumerate(rows) if _is_long(row)), None)
    if at is None or kind.levels:
        return False
    column = next(number for number, name in enumerate(_plain(rows[at])) if name in _SECTORS)
    known, below = nomenclature(kind.name), [row[column].name for row in rows[at + 1 :] if len(row) > column]
    return any(map(known.find, below))


def read_sector_tables(given: Given, kind: Kind, issues: Issues) -> Sequence[Series]:
    """Return the series of a file, one for each scenario in it; faults go to the issues."""
    what = _LEVELS[0] if kind.levels else f"{kind.name} and pollutants, or sector, pollutant, unit, number"
    tables = tables_of(given, issues, lambda headers: _is_wide(headers, kind) or _is_long(headers), what)
    parts = [part for table in tables for part in _Reading(table, kind, given, issues).parts()]
    crosswalk = to_labels(kind.name, given.settings, issues)
    if not parts or issues.errors:
        return ()
    found = []
    for scenario in dict.fromkeys(part.scenario for part in parts):
        mine = [part for part in parts if part.scenario == scenario]
        records = without_totals(joined([part.records for part in mine]), given, issues)
        series = series_of(records, given, issues, crosswalk, scenario, mine[0].status)
        found += [series] if series is not None else []
    return found if not issues.errors else ()


@dataclass(frozen=True)
class _Part:
    """Entries of one scenario, and the status that the inventory has there."""

    scenario: str
    status: str
    records: Records


class _Reading:
    """One table: what its columns are, and what they state."""

    def __init__(self, table: ForeignTable, kind: Kind, given: Given, issues: Issues):
        self.kind, self.given, self.issues = kind, given, issues
        named = [replace(header, name=_COMMENT.sub("", header.name)) if at == 0 else header
                 for at, header in enumerate(table.headers)]  # fmt: skip
        self.table = self.with_units(replace(table, headers=named))

    def with_units(self, table: ForeignTable) -> ForeignTable:
        """Return a table whose second header row, of units alone, has gone into its headers."""
        first = [cell.strip() for cell in table.rows[0]] if len(table) else []
        own = [cell for cell in first if cell]
        if not own or not all(Header.of(f"x [{cell}]").unit for cell in own):
            return table
        units = first + [""] * (len(table.headers) - len(first))
        headers = [replace(header, unit=header.unit or unit) for header, unit in zip(table.headers, units, strict=True)]
        return replace(table, headers=headers, lines=table.lines[1:], rows=table.rows[1:])

    def parts(self) -> list[_Part]:
        """Return what the table states, by scenario."""
        table = self.table
        self.codes, self.years = self._codes(), self._years()
        self.places = table.texts(table.find(*_PLACES))
        records = joined(self._long() if _is_long(table.headers) else self._wide())
        if self.issues.errors:
            return []
        scenarios, status = table.texts(table.find(*_SCENARIOS)), table.texts(table.find(*_STATUS))
        line_row = {int(line): row for row, line in enumerate(table.lines)}
        rows = np.array([line_row[line] for line in records.line.tolist()], dtype=np.intp)
        found = []
        for number, name in enumerate(scenarios.values):
            mine = np.flatnonzero(scenarios.codes[rows] == number)
            if len(mine):
                said = status.take(rows[mine]).met()
                found.append(_Part(str(name), said[0] if len(said) == 1 else "", records.take(mine)))
        return found

    def _records(self, column: int, pollutant: Coded, keep: Codes) -> Records:
        amounts = self.table.amounts(column, self.issues, keys=True, absent=_NOT_RELEVANT)
        rows = keep[amounts.stated[keep]]
        records = Records(
            self.kind.name,
            self.codes.take(rows),
            pollutant.take(rows),
            self.years[rows],
            self.table.lines[rows],
            amounts.values[rows] * self._scales(column, pollutant)[rows],
            amounts.keys[rows],
            {"region": self.places.take(rows)},
        )
        return in_area(records, {"region": self.places}, rows, self.given)

    def _long(self) -> list[Records]:
        table = self.table
        column = table.find(*_NUMBERS)
        assert column is not None
        return [self._records(column, table.texts(table.find(*_POLLUTANTS)), np.arange(len(table)))]

    def _wide(self) -> list[Records]:
        found = []
        taken = {*_YEARS, *_SCENARIOS, *_STATUS, *_UNITS, *_PLACES, *self.kind.code_headers, *_LEVELS, "title", "名称",
                 "longname", "long name", "notes", "note", ""}  # fmt: skip
        for column, header in enumerate(self.table.headers):
            if pollutant_of(header.name):
                names = Coded.full(len(self.table), header.name)
                found.append(self._records(column, names, np.arange(len(self.table))))
            elif header.folded not in taken:
                message = f"the column {header.name!r} is of no pollutant that emis knows and is not read"
                self.issues.warn(self.table.shown, self.table.header, header.name, message)
        return found

    def _codes(self) -> Coded:
        """Return the code of each row, as it is listed where it is."""
        table, known = self.table, nomenclature(self.kind.name)
        if self.kind.levels:
            texts = Coded.of(_joined_levels(table))
        else:
            texts = table.texts(table.find(*(_SECTORS if _is_long(table.headers) else self.kind.code_headers)))
        codes = [known.find(str(text)) or str(text) for text in texts.values]
        return renamed(texts, codes)

    def _years(self) -> Codes:
        """Return the year of each row: of a column, of the sheet or a line above, or that which is asked for."""
        table, column = self.table, self.table.find(*_YEARS)
        refuse_twice(table, _YEARS, self.issues)
        if column is None:
            words = [word for _, cells in table.above for cell in cells for word in re.split(r"[\s:：]+", cell)]
            words += re.split(r"\s+", table.sheet)
            told = next((year for word in words if (year := year_of(word)) is not None), self.given.settings.year)
            if told is None:
                self.issues.error(table.shown, table.header, "year", "does not say its year", "say which: --year")
            return np.full(len(table), told or 0)
        found = np.zeros(len(table), dtype=np.intp)
        texts = table.texts(column)
        for number, text in enumerate(texts.values):
            year = year_of(str(text))
            rows = np.flatnonzero(texts.codes == number)
            if year is None and len(rows):
                line = int(table.lines[rows[0]])
                self.issues.error(table.shown, line, "year", f"{str(text)!r} is no year", "write 2017")
            found[rows] = year or 0
        return found

    def _scales(self, column: int, pollutant: Coded) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Return by what the numbers of a column are multiplied to be in t/yr, row by row; a unit has to be stated."""
        table, header, own = self.table, self.table.headers[column], self.table.find(*_UNITS)
        above, _ = stated_unit(table.above)
        if own is None and not header.unit and not above:
            hint = f"state it: {header.name} [{self.kind.unit}], a column unit, or a line `Unit: {self.kind.unit}`"
            self.issues.error(table.shown, table.header, header.name, "is in no unit", hint)
            return np.ones(len(table))
        unit = Coded.full(len(table), header.unit or above) if own is None else table.texts(own)
        refuse_two_units(table, column, unit, self.issues)
        if header.unit:
            unit = renamed(unit, [str(text) or header.unit for text in unit.values])
        scales = np.ones(len(table))
        pair = unit.codes * len(pollutant.values) + pollutant.codes
        for one in np.unique(pair).tolist():
            rows = np.flatnonzero(pair == one)
            name = pollutant_of(str(pollutant.values[pollutant.codes[rows[0]]]))
            if not name:
                continue  # of a pollutant that is not read, which is told elsewhere
            text, line = str(unit.values[unit.codes[rows[0]]]), int(table.lines[rows[0]])
            scales[rows] = scale_of(text, name, (table.shown, line), "unit", self.issues)
        return scales


def _joined_levels(table: ForeignTable) -> Texts:
    """Return the path of each row; a cell that is blank above a deeper one is that of the row before it (merged)."""
    columns = [table.find(name, *_ALSO_LEVELS[name]) for name in _LEVELS]
    cells = [table.texts(column).texts for column in columns]
    before = [""] * len(_LEVELS)
    found = []
    for row in range(len(table)):
        own = [str(one[row]) for one in cells]
        deepest = max((level for level, text in enumerate(own) if text), default=-1)
        filled = [text or before[level] for level, text in enumerate(own[: deepest + 1])]
        before = filled + [""] * (len(_LEVELS) - len(filled))
        found.append("/".join(filled))
    return objects(found)
