"""Emission tables of several years and scenarios, read into one series for each scenario."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from emis import vocabulary
from emis.coded import Coded, Codes, Texts, increasing, objects
from emis.errors import Issues
from emis.interchange.cells import plain_text
from emis.interchange.formats import Given
from emis.interchange.own.emission_rows import ATTRIBUTE, NO_PLAN, is_taken
from emis.interchange.series import Series
from emis.inventory import Floats
from emis.io.cells import ROW_COLUMNS, require
from emis.io.collected import Sources
from emis.io.columns import CodedColumn, Table
from emis.io.figures import Figures
from emis.io.many import ManyReader, Rows
from emis.io.reported import Emission, join_keys, once, same_labels
from emis.io.sources import Collector
from emis.numbering import alike

__all__ = ["series_of"]

_NEEDED = ("source", "category", "pollutant", "emission")
_NUMBERS = frozenset({"emission", "low", "high", "lon", "lat", "year", "control", "basis_cv"})


@dataclass(frozen=True, eq=False)
class _Long:
    """The rows of a long table that are read, as arrays: the number of each one's source, pollutant, year, scenario."""

    rows: Rows
    source: Codes
    pollutant: Codes
    year: Codes
    scenario: Codes
    emission: Emission

    def take(self, chosen: Codes) -> "_Long":
        """Return some of the rows."""
        return _Long(
            self.rows[chosen], self.source[chosen], self.pollutant[chosen], self.year[chosen], self.scenario[chosen],
            self.emission.take(chosen),
        )  # fmt: skip


def series_of(table: Table, facts: Mapping[str, Any], given: Given, issues: Issues) -> Sequence[Series]:
    """Return the series in a long emission table, one for each scenario; faults go to the issues.

    Parameters
    ----------
    facts : mapping
        What the file says of itself: its name, title, status and base year.
    """
    before, settings = len(issues.errors), given.settings
    require(table, _NEEDED, issues)
    if len(issues.errors) > before:
        return ()
    join_keys(table, issues)
    _undo(table)
    reader = ManyReader(table, issues)
    years, year = _years(reader, settings.year, issues)
    names = Coded.of(table.text("scenario"))
    if len(issues.errors) > before:
        return ()
    kept = np.arange(len(table)) if settings.year is None else np.flatnonzero(np.array(years)[year] == settings.year)
    if settings.year is not None:
        years, year = (settings.year,), np.zeros_like(year)
    collector = Collector((), issues)
    part, long = _collected(collector, reader, kept, year, names.codes)
    attributes = _attributes(reader, part, long, len(collector.pollutants))
    reader.unused({*ROW_COLUMNS, "pollutant", "emission"} - {"activity"})
    if len(issues.errors) > before or not len(part):
        return ()
    said = str(facts.get("base year"))
    base = int(said) if said.isdecimal() and int(said) in years else years[0]
    warnings = tuple(issues.warnings)
    shared = {
        "name": str(facts.get("name") or given.path.stem), "base_year": base, "file": given.shown, "warnings": warnings,
        "status": str(facts.get("status") or "example"),
        "title": {lang: str(facts.get(f"title ({lang})") or "") for lang in ("zh", "en")},
    }  # fmt: skip
    found = [
        _series(collector, part, long.take(np.flatnonzero(long.scenario == code)), years, shared, attributes, name)
        for code, name in enumerate(map(str, names.values))
        if (long.scenario == code).any()
    ]
    told = tuple(map(str, facts.get("notes") or ()))
    return _paired([replace(one, notes=told, model=str(facts.get("model") or "")) for one in found])


def _undo(table: Table) -> None:
    """Take the apostrophes off again that keep texts from being run as formulas."""
    for name, column in table.columns.items():
        if name in _NUMBERS or name in vocabulary.STOCK_COLUMNS:
            continue
        coded = column.coded
        texts = [plain_text(str(text)) for text in coded.values]
        if texts != coded.values.tolist():
            again = Coded.of(objects(texts))
            table.columns[name] = CodedColumn(name, column.unit, Coded(again.values, again.codes[coded.codes]))


def _years(reader: ManyReader, wanted: int | None, issues: Issues) -> tuple[tuple[int, ...], Codes]:
    """Return the years of a table, ascending, and the number of each row's; a table without any is of one year."""
    table = reader.table
    if "year" not in table.columns:
        return (wanted or 0,), np.zeros(len(table), dtype=np.intp)
    rows, column = np.arange(len(table)), table.column("year")
    table.used.add("year")

    def read(row: int) -> int:
        text = column.cells[row]
        if len(text) == 4 and text.isascii() and text.isdecimal() and 1900 <= int(text) <= 2200:
            return int(text)
        reader.fault(row, "year", f"{text!r} is no year" if text else "is blank", "write four digits, e.g. 2020")
        return 0

    answers, kind = reader.ask(rows, read, column.codes(rows))
    found = sorted(set(answers))
    if wanted is not None and wanted not in found and 0 not in found:
        there = ", ".join(map(str, found[:20]))
        issues.error(table.file, table.header, "year", f"there is no year {wanted}", f"there are {there}")
    number = {year: at for at, year in enumerate(found)}
    return tuple(found), np.array([number[one] for one in answers], dtype=np.intp)[kind]


def _collected(
    collector: Collector, reader: ManyReader, kept: Rows, year: Codes, scenario: Codes
) -> tuple[Sources, _Long]:
    """Return the sources of a long table, as they stand in their first rows, and its rows."""
    table = reader.table
    table.used.add("scenario")
    stocks, names = collector.stock_columns(table), reader.pollutants(kept)
    of = np.full(len(table), -1)
    of[kept] = names.codes
    identity = table.column("source").coded.codes
    part = collector.add(reader, kept[alike(identity[kept])[1]], None, stocks)
    number = np.full(int(identity.max(initial=-1)) + 1, -1)
    number[identity[part.rows]] = np.arange(len(part))
    source = number[identity]
    rows = kept[source[kept] >= 0]
    same_labels(reader, rows[rows != part.rows[source[rows]]], source, part)
    values, keys = np.full(len(table), np.nan), np.full(len(table), "", dtype=object)
    values[rows], keys[rows] = reader.values(rows, "emission")
    known = np.array([bool(name) for name in names.values], dtype=bool)
    rows = rows[known[of[rows]]]
    pollutants = Coded(names.values, of)
    rows = once(reader, rows, source, pollutants, year, scenario)
    values, keys = values[rows], keys[rows]
    here = pollutants.take(rows)
    present = here.met()
    collector.pollutants = tuple(name for name in vocabulary.POLLUTANTS if name in present)
    stated = rows[(keys == "") & ~np.isnan(values)]
    emission = Emission.of(reader, rows, values, keys, pollutants, stated, "emission")
    position = {name: p for p, name in enumerate(collector.pollutants)}
    column = np.array([position.get(str(name), -1) for name in here.values], dtype=np.intp)[here.codes]
    return part, _Long(rows, source[rows], column, year[rows], scenario[rows], emission)


def _series(
    collector: Collector, part: Sources, long: _Long, years: tuple[int, ...], shared: Mapping[str, Any],
    attributes: Mapping[str, Texts], scenario: str,
) -> Series:  # fmt: skip
    """Return the series of the rows of one scenario."""
    size, pollutants = len(part), len(collector.pollutants)
    values, keys = _grid(long, (len(years), size, pollutants))
    own = long.take(np.flatnonzero(long.year == years.index(shared["base_year"])))
    part.figures = Figures.nothing(size, pollutants)
    part.figures.factor[:] = np.nan
    own.emission.put(part.figures, own.source, own.pollutant)
    ids = part.labels["source"].texts
    order = np.arange(size) if increasing(ids) else np.array(sorted(range(size), key=ids.tolist().__getitem__))
    ordered = {name: texts[order] for name, texts in attributes.items()}
    inventory = collector.inventory(**shared)
    inventory = replace(inventory, attributes={**inventory.attributes, **ordered})
    return Series(inventory, years, values[:, order], keys[:, order], scenario)


def _grid(long: _Long, shape: tuple[int, int, int]) -> tuple[Floats, Texts]:
    values, keys = np.full(shape, np.nan), np.full(shape, "", dtype=object)
    at = long.year, long.source, long.pollutant
    values[at], keys[at] = long.emission.value, long.emission.keys
    return values, keys


def _attributes(reader: ManyReader, part: Sources, long: _Long, pollutants: int) -> dict[str, Texts]:
    """Return what further columns say of each source, or of each of its pollutants; they may not change by year."""
    table = reader.table
    found = {name: coded.texts for name, coded in part.attributes.items()}
    cell = long.source * max(pollutants, 1) + long.pollutant
    _, first = alike(cell)
    for name in [one for one in table.columns if one and one not in table.used and _is_further(one)]:
        table.used.add(name)
        coded = table.columns[name].coded
        codes = coded.codes[long.rows]
        if not (coded.values[codes] != "").any():
            continue
        if (codes == coded.codes[part.rows][long.source]).all():
            found[plain_text(name).removeprefix(ATTRIBUTE)] = coded.texts[part.rows]
            continue
        known = np.full(len(part) * pollutants, -1)
        known[cell[first]] = codes[first]
        for index in np.flatnonzero(known[cell] != codes)[:1].tolist():
            message = "says another thing of the same source in another year"
            reader.fault(int(long.rows[index]), name, message, "keep one of them")
        texts = np.full((len(part), pollutants), "", dtype=object)
        texts[long.source, long.pollutant] = coded.texts[long.rows]
        found[plain_text(name).removeprefix(ATTRIBUTE)] = texts
    return found


def _is_further(name: str) -> bool:
    """Tell whether a column is none of emis, nor a misspelling of one."""
    return name == "note" or name.startswith(ATTRIBUTE) or not (name in ROW_COLUMNS or is_taken(name))


def _paired(several: Sequence[Series]) -> list[Series]:
    """Put what would be without the plan beside the scenarios that it belongs to."""
    plans = [one for one in several if not one.scenario.endswith(NO_PLAN)]
    without = {one.scenario: one.values for one in several if one.scenario.endswith(NO_PLAN)}
    if not plans:
        return list(several)
    found, used = [], set()
    for one in plans:
        name = f"{one.scenario} {NO_PLAN}" if f"{one.scenario} {NO_PLAN}" in without else NO_PLAN
        used.add(name)
        found.append(replace(one, no_plan=without.get(name)))
    return [*found, *(one for one in several if one.scenario in without and one.scenario not in used)]
