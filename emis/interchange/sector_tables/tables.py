"""Tables of sectors by pollutant, in the nomenclatures of reporting: NFR, GNFR, SNAP and the Ministry's 一级–四级源.

Rows are codes with their titles, columns pollutants with their unit: kt as the reporting template of the EMEP/EEA
guidelines has it, t for the Ministry's. A notation key stands where nothing of a code is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emis.coded import Coded, Codes, Texts, objects
from emis.errors import Issues
from emis.interchange.cells import in_unit, readable
from emis.interchange.formats import Format, Given, Head, Settings, Told
from emis.interchange.own.tables import Column, NumberColumn, TextColumn, write_delimited
from emis.interchange.own.workbooks import write_workbook
from emis.interchange.sector_tables.crosswalks import from_labels
from emis.interchange.sector_tables.reading import UNMAPPED, Kind, is_sector_table, read_sector_tables
from emis.interchange.series import Series
from emis.inventory import Floats
from emis.nomenclatures import Assigned, assigned, nomenclature, paths
from emis.vocabulary import NOTATION_KEYS

__all__ = ["GNFR", "MEE", "NFR", "SNAP"]

_CARRIES = frozenset({"notation", "not_applicable", "status", "years", "scenario"})
#: What the reporting template calls pollutants that emis calls otherwise.
_REPORTED = {"VOC": "NMVOC", "SO2": "SOx"}
#: Of keys of several sources of a code, which one stands: not known before a zero.
_RANK = ("NE", "C", "IE", "NA", "NO")
_MOST_TOLD = 20
_LEVELS = ("一级源", "二级源", "三级源", "四级源")


@dataclass(frozen=True)
class _Sums:
    """Emissions of a series by code: C codes, values and keys Y × C × P, and how many sources lack a value."""

    series: Series
    codes: list[str]
    values: Floats
    keys: Texts
    gaps: Floats


def _writer(kind: Kind) -> Callable[[Sequence[Series], Path, Settings, Issues], Told]:
    def write(several: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> Told:
        crosswalk = from_labels(kind.name, settings, issues)
        issues.raise_if_any()
        sums, lines = [], []
        for one in several:
            found = assigned(kind.name, one.inventory.labels, one.inventory.attributes, crosswalk)
            if found.split:
                message = f"{found.split:,} sources are split over several codes, with weights of {crosswalk.file}"
                issues.warn(path.name, 0, kind.name, message)
            sums.append(_by_code(one, kind, found))
            _tell_unmapped(one, kind, found, path, issues)
            lines.append(_mass(sums[-1], path, issues))
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            write_workbook(path, _sheets(sums, kind, settings))
        else:
            write_delimited(path, _columns(_rows(sums), kind, settings))
        return Told(tuple(lines))

    return write


def _by_code(series: Series, kind: Kind, found: Assigned) -> _Sums:
    """Return emissions by code, unknown ones among them; what is not known stays so where nothing of a code is."""
    codes = Coded.of(_listed(found, kind))
    order = _ordered([str(code) for code in codes.values], kind)
    rank = {code: number for number, code in enumerate(order)}
    place = np.array([rank[str(code)] for code in codes.values], dtype=np.intp)[codes.codes]
    shape = (len(series.years), len(order), len(series.pollutants))
    values, known, keyed, all_ = (np.zeros(shape) for _ in range(4))
    for year in range(shape[0]):
        here, keys = series.values[year][found.source], series.keys[year][found.source]
        there = ~np.isnan(here)
        np.add.at(values[year], place, np.where(there, here, 0.0) * found.weight[:, None])
        np.add.at(known[year], place, there & (keys == ""))
        np.add.at(keyed[year], place, keys != "")
        np.add.at(all_[year], place, ~there & (keys != ""))
    return _Sums(series, order, np.where(known > 0, values, np.nan), _keys(series, found, place, known, keyed), all_)


def _keys(series: Series, found: Assigned, place: Codes, known: Floats, keyed: Floats) -> Texts:
    """Return the key of each code that no number is known of: the first of `_RANK` that its sources have."""
    keys = np.full(known.shape, "", dtype=object)
    open_ = (known == 0) & (keyed > 0)
    if not open_.any():
        return keys
    for key in reversed(_RANK):
        has = np.zeros(known.shape)
        for year in range(len(series.years)):
            np.add.at(has[year], place, series.keys[year][found.source] == key)
        keys[open_ & (has > 0)] = key
    return keys


def _listed(found: Assigned, kind: Kind) -> Texts:
    """Return the codes of sources as they are listed; what is none of the nomenclature stays as the source has it."""
    known = nomenclature(kind.name)
    coded = Coded.of(found.code)
    names = [(known.find(str(code)) or str(code)) if code else UNMAPPED for code in coded.values]
    return objects(names)[coded.codes]


def _ordered(codes: Sequence[str], kind: Kind) -> list[str]:
    found = nomenclature(kind.name).ordered([code for code in codes if code != UNMAPPED])
    return [*found, UNMAPPED] if UNMAPPED in codes else found


def _tell_unmapped(series: Series, kind: Kind, found: Assigned, path: Path, issues: Issues) -> None:
    """Warn of sources without a code, by their labels, with count and tonnes of all pollutants in the first year."""
    known = nomenclature(kind.name)
    codes = Coded.of(found.code)
    odd = np.array([not code or not known.find(str(code)) for code in codes.values], dtype=bool)[codes.codes]
    if not odd.any():
        return
    label = paths(series.inventory.labels).texts
    groups: dict[str, list[float]] = {}
    for entry in np.flatnonzero(odd).tolist():
        source = int(found.source[entry])
        name = str(found.code[entry]) or "/".join(str(label[source]).split("/")[:2])
        group = groups.setdefault(name, [0, 0.0])
        group[0] += 1
        group[1] += float(np.nansum(series.values[0][source])) * float(found.weight[entry])
    for name, (count, amount) in sorted(groups.items())[:_MOST_TOLD]:
        message = f"{name} has no code in {known.title}: {count:,} sources, {readable(amount)} t over all pollutants"
        hint = f"they stand in the row {UNMAPPED!r}, or in one of their own code: map them with --crosswalk"
        issues.warn(path.name, 0, kind.name, message, hint)
    if len(groups) > _MOST_TOLD:
        issues.warn(path.name, 0, kind.name, f"{len(groups) - _MOST_TOLD:,} further kinds of sources have no code")


def _mass(sums: _Sums, path: Path, issues: Issues) -> str:
    """Return what went in and came out of each pollutant, and warn of sources of which no amount is known.

    A difference beyond rounding is a fault of this program, and refuses the file.
    """
    series, before = sums.series, sums.series.totals
    after = np.nansum(sums.values, axis=1)
    balance = []
    for p, name in enumerate(series.pollutants):
        worst = np.abs(after[:, p] - before[:, p]).max()
        if worst > 1e-9 * max(float(before[:, p].max()), 1e-9):
            issues.error(path.name, 0, name, f"{worst:g} t of {name} would get lost", "a fault of emis: report it")
        balance.append(f"{name} {readable(before[0, p])} t in, {readable(after[0, p])} t out")
    label = " ".join(filter(None, (series.scenario, str(series.years[0]))))
    others = f"; of {len(series.years) - 1:,} further years too what comes out is what went in"
    gaps = sums.gaps.sum(axis=(0, 1))
    if gaps.any():
        names = ", ".join(f"{name} {int(n):,}" for name, n in zip(series.pollutants, gaps, strict=True) if n)
        message = f"amounts of sources that are not known (NE, C) are in no sum: {names}"
        issues.warn(path.name, 0, "notation", message, "totals of such a code are too low")
    return f"mass, {label}: {'; '.join(balance)}{others if len(series.years) > 1 else ''}"


@dataclass(frozen=True)
class _Row:
    """A code of a year: its values and keys, P."""

    scenario: str
    year: int
    status: str
    code: str
    values: dict[str, float]
    keys: dict[str, str]


def _rows(several: Sequence[_Sums]) -> list[_Row]:
    """Return the rows of tables: codes of which something is stated."""
    found = []
    for sums in several:
        series = sums.series
        for y, year in enumerate(series.years):
            for c, code in enumerate(sums.codes):
                values = dict(zip(series.pollutants, sums.values[y, c].tolist(), strict=True))
                keys = dict(zip(series.pollutants, sums.keys[y, c].tolist(), strict=True))
                if any(keys.values()) or not np.isnan(list(values.values())).all():
                    found.append(_Row(series.scenario, year, series.inventory.status, code, values, keys))
    return found


def _columns(rows: Sequence[_Row], kind: Kind, settings: Settings) -> list[Column]:
    def texts(header: str, values: Sequence[str]) -> TextColumn:
        return TextColumn.of(header, Coded.of(objects(list(values))))

    headers, found = kind.headers, []
    if any(row.scenario for row in rows):
        found.append(texts(headers["scenario"], [row.scenario for row in rows]))
    columns: list[Column] = [*found, NumberColumn(headers["year"], np.array([float(row.year) for row in rows]))]
    columns.append(texts(headers["status"], [row.status for row in rows]))
    if kind.levels:
        split = [(row.code.split("/") + [""] * len(_LEVELS))[: len(_LEVELS)] for row in rows]
        columns += [texts(name, [one[level] for one in split]) for level, name in enumerate(_LEVELS)]
        columns.append(texts(headers["unit"], [kind.unit] * len(rows)))
    else:
        titles = nomenclature(kind.name).titles(settings.lang) | {UNMAPPED: "sources without a code"}
        columns.append(texts(kind.name, [row.code for row in rows]))
        columns.append(texts(headers["title"], [titles.get(row.code, "") for row in rows]))
    names = dict.fromkeys(name for row in rows for name in row.values)
    for name in names:
        values = np.array([row.values.get(name, np.nan) for row in rows])
        keys = objects([row.keys.get(name, "") for row in rows])
        values[np.isin(keys, list(NOTATION_KEYS))] = np.nan
        own = np.array([float(text) if text else np.nan for text in in_unit(values, kind.tonnes)])
        called = name if kind.levels else f"{_REPORTED.get(name, name)} [{kind.unit}]"
        columns.append(NumberColumn(called, own, keys, kind.unit))
    return columns


def _sheets(several: Sequence[_Sums], kind: Kind, settings: Settings) -> dict[str, list[Column]]:
    """Return a sheet for each year, of each scenario where there are several."""
    found: dict[str, list[_Row]] = {}
    for row in _rows(several):
        name = f"{row.year} {row.scenario}" if len(several) > 1 else str(row.year)
        # What a workbook takes no name of a sheet for (ECMA-376-1, 18.2.19).
        plain = "".join("-" if char in r"[]:*?/\\" else char for char in name)[:31]
        found.setdefault(plain, []).append(row)
    return {name: _columns(rows, kind, settings) for name, rows in found.items()}


def _format(kind: Kind, title: str) -> Format:
    def recognises(head: Head) -> bool:
        return is_sector_table(head, kind)

    def read(given: Given, issues: Issues) -> Sequence[Series]:
        return read_sector_tables(given, kind, issues)

    return Format(kind.name, title, ".csv", _CARRIES, recognises, read, _writer(kind))


_ENGLISH = {"scenario": "scenario", "year": "year", "status": "status", "title": "title", "unit": "unit"}
_CHINESE = {"scenario": "情景", "year": "年份", "status": "清单状态", "title": "名称", "unit": "单位"}

NFR = _format(Kind("nfr", "kt", 1000.0, _ENGLISH), "NFR sectors by pollutant and year (EMEP/EEA), kt")
GNFR = _format(Kind("gnfr", "kt", 1000.0, _ENGLISH), "GNFR sectors by pollutant and year (EMEP), kt")
SNAP = _format(Kind("snap", "kt", 1000.0, _ENGLISH), "SNAP 97 sectors by pollutant and year, kt")
MEE = _format(Kind("mee", "t", 1.0, _CHINESE, levels=True), "源分类 一级–四级 by pollutant and year, t")
