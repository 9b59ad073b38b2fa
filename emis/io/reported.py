"""Emission tables: sources that report tonnes instead of activity and factors, in long or wide form."""

from dataclasses import dataclass

import numpy as np

from emis import units, vocabulary
from emis.coded import Coded, Codes, Texts
from emis.errors import Issues
from emis.inventory import Floats
from emis.io.cells import CODES, NOTATION, ROW_COLUMNS, SERIES, require
from emis.io.collected import Sources
from emis.io.columns import Column, Table
from emis.io.figures import Figures
from emis.io.many import ManyReader, Rows
from emis.io.sources import Collector
from emis.numbering import alike

__all__ = ["Emission", "add_emissions", "join_keys", "once", "same_labels"]


def add_emissions(collector: Collector, table: Table, sector: str | None) -> None:
    """Add the sources of an emission table, long or wide, to a collector."""
    long = "emission" in table.columns
    required = ("source", "category", "pollutant", "emission") if long else ("source", "category")
    require(table, required, collector.issues)
    if any(name not in table.columns for name in required):
        return
    join_keys(table, collector.issues)
    reader = ManyReader(table, collector.issues)
    wide = {} if long else _wide(collector, table, reader)
    if long:
        _long_rows(collector, table, reader, sector)
    elif wide:
        _wide_rows(collector, table, reader, sector, wide)
    reader.unused({*ROW_COLUMNS, *CODES, *SERIES, "pollutant", "emission"} - {"activity"})


def join_keys(table: Table, issues: Issues) -> None:
    """Put the keys of a column `notation` into the cells of `emission` beside it, which are blank.

    Tables whose columns have types, as Parquet's, hold no text among numbers.
    """
    amounts, keys = table.columns.get("emission"), table.columns.get(NOTATION)
    if amounts is None or keys is None:
        return
    del table.columns[NOTATION]
    rows = np.arange(len(table))
    keyed, known = keys.filled(rows), amounts.filled(rows)
    for row in np.flatnonzero(keyed & known).tolist():
        message = f"holds {keys.cells[row]} beside the number {amounts.cells[row]}"
        issues.error(*table.place(row), NOTATION, message, "keep one of the two")
    if keyed.any():
        cells = list(amounts.cells)
        for row in np.flatnonzero(keyed).tolist():
            cells[row] = keys.cells[row]
        table.columns["emission"] = Column(amounts.name, amounts.unit, cells)


def _long_rows(collector: Collector, table: Table, reader: ManyReader, sector: str | None) -> None:
    stocks = collector.stock_columns(table)
    rows, warned = np.arange(len(table)), len(collector.issues.warnings)
    names = reader.pollutants(rows)
    ids = table.column("source").coded
    identity = ids.codes
    first = _first_rows(collector, table, identity)
    part = collector.add(reader, first, sector, stocks)
    # Rows of the sources that were added, and which of them each one is.
    number = np.full(len(ids.values), -1)
    number[identity[part.rows]] = np.arange(len(part))
    source = number[identity]
    rows = np.flatnonzero(source >= 0)
    values, keys = np.full(len(table), np.nan), np.full(len(table), "", dtype=object)
    values[rows], keys[rows] = reader.values(rows, "emission")
    same_labels(reader, rows[rows != part.rows[source[rows]]], source, part)
    rows = rows[~np.array([not name for name in names.values], dtype=bool)[names.codes[rows]]]
    rows = once(reader, rows, source, names)
    here = names.take(rows)
    present = here.met()
    listed = set(collector.pollutants)
    if not listed:
        collector.pollutants = tuple(name for name in vocabulary.POLLUTANTS if name in present)
    given = rows[(keys[rows] == "") & ~np.isnan(values[rows])]
    emission = Emission.of(reader, rows, values[rows], keys[rows], names, given, "emission")
    _beside(collector, reader, rows, here, listed, warned)
    position = {name: p for p, name in enumerate(collector.pollutants)}
    column = np.array([position.get(str(name), -1) for name in here.values], dtype=np.intp)[here.codes]
    part.figures = Figures.nothing(len(part), len(position))
    emission.put(part.figures, source[rows], column)
    _complete(collector, table, part.rows, source[rows], column)


def _first_rows(collector: Collector, table: Table, identity: Codes) -> Rows:
    """Return the first row of each source; where it cannot be one, all of its rows, so that each is told."""
    _, first = alike(identity)
    ids = table.column("source")
    refused = [row for row in first.tolist() if not ids.cells[row] or collector.elsewhere(ids.cells[row])]
    return np.union1d(first, np.flatnonzero(np.isin(identity, identity[refused])))


def once(reader: ManyReader, rows: Rows, source: Codes, names: Coded, *others: Codes) -> Rows:
    """Return the rows without those that repeat a pollutant of a source, and of what else tells rows apart: faults."""
    kind, first = alike(source[rows], names.codes[rows], *(codes[rows] for codes in others))
    again = np.ones(len(rows), dtype=bool)
    again[first] = False
    for index in np.flatnonzero(again).tolist():
        row, earlier = int(rows[index]), int(rows[first[kind[index]]])
        name, identity = names.values[names.codes[row]], reader.table.text("source")[row]
        reader.fault(
            row,
            "pollutant",
            f"a second row for {name} of {identity}, the first is in line {reader.table.lines[earlier]}",
            "keep one of them",
        )
    return rows[~again]


def _beside(collector: Collector, reader: ManyReader, rows: Rows, names: Coded, listed: set[str], warned: int) -> None:
    """Report pollutants that the inventory does not list, among what was told of the rows before, by their lines."""
    _, first = alike(names.codes)
    for index in first.tolist():
        name = str(names.values[names.codes[index]])
        if listed and name not in listed:
            reader.beside(name, int(rows[index]))
    told = collector.issues.warnings[warned:]
    collector.issues.warnings[warned:] = sorted(told, key=lambda one: one.line)


def _complete(collector: Collector, table: Table, first: Rows, source: Codes, column: Codes) -> None:
    """Note sources that lack a row for a pollutant."""
    seen = np.zeros((len(first), len(collector.pollutants)), dtype=bool)
    listed = column >= 0
    seen[source[listed], column[listed]] = True
    for index in np.flatnonzero(~seen.all(axis=1)).tolist():
        absent = [name for name, there in zip(collector.pollutants, seen[index].tolist(), strict=True) if not there]
        row = int(first[index])
        collector.issues.error(
            *table.place(row),
            "pollutant",
            f"{table.text('source')[row]} has no row for {', '.join(absent)}",
            "add rows: a number, 0, NO, NE or NA",
        )


def same_labels(reader: ManyReader, rows: Rows, source: Codes, part: Sources) -> None:
    """Note labels that differ from those of the source: of its first row, and the sector it is taken for."""
    table = reader.table
    of_source = {**{name: part.labels[name] for name in vocabulary.LABELS}, "profile": part.profile, **part.attributes}
    for name, first in of_source.items():
        if name not in table.columns:
            continue
        column = table.column(name)
        both = Coded.joined([column.coded.take(rows), first.take(source[rows])])
        here, before = both.take(np.arange(len(rows))), both.take(len(rows) + np.arange(len(rows)))
        differs = here.codes != before.codes
        if name == "sector":
            differs &= column.filled(rows)
        for index in np.flatnonzero(differs).tolist():
            line = table.place(int(part.rows[source[rows[index]]]))[1]
            reader.fault(
                int(rows[index]),
                name,
                f"is {here.texts[index]!r} here and {before.texts[index]!r} in line {line}",
                "a source has one set of labels",
            )


def _wide(collector: Collector, table: Table, reader: ManyReader) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for name, column in table.columns.items():
        pollutant = vocabulary.pollutant(name)
        if pollutant is None or name in ROW_COLUMNS:
            continue
        if pollutant in found:
            collector.issues.error(table.file, 1, name, f"a second column for {pollutant}", "keep one of them")
        if pollutant != name:
            reader.alias(name, pollutant, 1)
        found[pollutant] = column
        table.used.add(name)
    if not collector.pollutants:
        collector.pollutants = tuple(name for name in vocabulary.POLLUTANTS if name in found)
    for name in found:
        if name not in collector.pollutants:
            reader.beside(name, None)
    absent = [name for name in collector.pollutants if name not in found]
    if absent or not found:
        what = f"no column for {', '.join(absent)}" if absent else "neither an activity nor an emission"
        collector.issues.error(
            table.file,
            1,
            "",
            f"there is {what} in it",
            "add columns such as NOx [t/yr], or pollutant, emission, unit",
        )
        return {}
    return found


def _wide_rows(
    collector: Collector, table: Table, reader: ManyReader, sector: str | None, wide: dict[str, Column]
) -> None:
    stocks = {name: unit for name, unit in collector.stock_columns(table).items() if vocabulary.pollutant(name) is None}
    own = {
        name: _wide_unit(collector, table, name, column)
        for name, column in wide.items()
        if name in collector.pollutants
    }
    for end in ("low", "high"):
        # Of one number in a row that has several: a cv holds for all of them, an interval for one.
        if any(table.text(end)):
            hint = "give a cv for the whole row, or write one row for each pollutant"
            collector.issues.error(table.file, table.header, end, "does not say of which pollutant it is", hint)
            table.columns.pop(end)
    part = collector.add(reader, np.arange(len(table)), sector, stocks)
    part.figures = Figures.nothing(len(part), len(collector.pollutants))
    for p, name in enumerate(collector.pollutants):
        values, keys = reader.amounts(part.rows, wide[name])
        unit = own[name]
        names, given = Coded.full(len(table), name), part.rows[(keys == "") & ~np.isnan(values)]
        emission = Emission.of(
            reader, part.rows, values, keys, names, given if unit == "" else part.rows[:0], wide[name].name, unit or ""
        )
        emission.put(part.figures, np.arange(len(part)), np.full(len(part), p))


def _wide_unit(collector: Collector, table: Table, name: str, column: Column) -> str | None:
    """Return the unit a column's header carries, "" when rows carry it; None, and a fault, when it is none."""
    if "unit" in table.columns:
        return ""
    try:
        if not column.unit:
            raise units.UnitError("has no unit", f"write the unit in the header, {name} [t/yr], or in a column `unit`")
        units.tonnes_per_year(column.unit, name)
    except units.UnitError as error:
        collector.issues.error(table.file, table.header, column.name, error.message, error.hint)
        return None
    return column.unit


@dataclass(frozen=True)
class Emission:
    """What rows report of a pollutant: the amount with its interval [t/yr], its control [1] and its notation key."""

    value: Floats
    low: Floats
    high: Floats
    control: Floats
    keys: Texts

    @classmethod
    def of(
        cls,
        reader: ManyReader,
        rows: Rows,
        values: Floats,
        keys: Texts,
        names: Coded,
        stated: Rows,
        column: str,
        unit: str = "",
    ) -> "Emission":
        """Read what rows report, given its numbers and keys.

        Parameters
        ----------
        names : Coded
            The pollutant of each row of the table.
        stated : ndarray
            Rows of which the unit stands in the row; `unit` holds for the others.
        """
        units_of = Coded.full(len(rows), unit)
        if len(stated):
            texts = units_of.texts.copy()
            texts[np.searchsorted(rows, stated)] = reader.units(stated, column, names.take(stated)).texts
            units_of = Coded.of(texts)
        here = names.take(rows)
        for index in np.flatnonzero(values > 1e100).tolist():
            message = f"{values[index]:g} of {here.values[here.codes[index]]} is beyond reason"
            reader.fault(int(rows[index]), "pollutant", message, "check the number and its unit")
        scale = _scales(reader, rows, units_of, here)
        low, high = reader.intervals(rows, values)
        return cls(values * scale, low * scale, high * scale, reader.shares(rows, "control"), keys)

    def take(self, chosen: Codes) -> "Emission":
        """Return those of some of the rows."""
        return Emission(
            self.value[chosen], self.low[chosen], self.high[chosen], self.control[chosen], self.keys[chosen]
        )

    def put(self, figures: Figures, source: Codes, pollutant: Codes) -> None:
        """Put the amounts where they belong, by source and pollutant; -1 is a pollutant that is not listed."""
        kept = pollutant >= 0
        at = source[kept], pollutant[kept]
        figures.factor[at], figures.low[at], figures.high[at] = self.value[kept], self.low[kept], self.high[kept]
        figures.control[at], figures.keys[at] = self.control[kept], self.keys[kept]


def _scales(reader: ManyReader, rows: Rows, unit: Coded, names: Coded) -> Floats:
    """Return by what each row's number is multiplied to be in t/yr; 1 where it has no unit, or a wrong one."""

    def scale(row: int) -> float:
        at = int(np.searchsorted(rows, row))
        text = str(unit.values[unit.codes[at]])
        if not text:
            return 1.0
        try:
            return units.tonnes_per_year(text, str(names.values[names.codes[at]]))
        except units.UnitError as error:
            reader.fault(row, "unit", error.message, error.hint)
            return 1.0

    answers, kind = reader.ask(rows, scale, unit.codes, names.codes)
    return np.array(answers, dtype=float)[kind]
