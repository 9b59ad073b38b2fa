"""Emission tables: sources that report tonnes instead of activity and factors, in long or wide form."""

import numpy as np

from emis import units, vocabulary
from emis.io.cells import ROW_COLUMNS, RowReader, require
from emis.io.sources import Collector, Source
from emis.io.tables import Column, Table

__all__ = ["add_emissions"]


def add_emissions(collector: Collector, table: Table, sector: str | None) -> None:
    """Add the sources of an emission table, long or wide, to a collector."""
    long = "emission" in table.columns
    required = ("source", "category", "pollutant", "emission") if long else ("source", "category")
    require(table, required, collector.issues)
    if any(name not in table.columns for name in required):
        return
    reader = RowReader(table, collector.issues)
    wide = {} if long else _wide(collector, table, reader)
    if long:
        _long_rows(collector, table, reader, sector)
    elif wide:
        _wide_rows(collector, table, reader, sector, wide)
    reader.unused({*ROW_COLUMNS, "pollutant", "emission"} - {"activity"})


def _long_rows(collector: Collector, table: Table, reader: RowReader, sector: str | None) -> None:
    stocks = collector.stock_columns(table)
    seen: dict[tuple[str, str], int] = {}
    mine: dict[str, Source] = {}
    listed = set(collector.pollutants)
    found: list[str] = []
    for row, (identity, text) in enumerate(zip(table.text("source"), table.text("pollutant"), strict=True)):
        name = reader.pollutant(row, text)
        source = mine.get(identity)
        if source is None:
            source = collector.add(reader, row, sector, 1.0, "1", stocks, reported=True)
            if source is None:
                continue
            mine[identity] = source
        else:
            _same_labels(source, reader, row)
        value, key = reader.value(row, "emission")
        if name is None:
            continue
        if (identity, name) in seen:
            reader.fault(
                row,
                "pollutant",
                f"a second row for {name} of {identity}, the first is in line {seen[identity, name]}",
                "keep one of them",
            )
            continue
        seen[identity, name] = table.lines[row]
        found.append(name)
        unit = reader.unit_of(row, "emission", name) if not key and not np.isnan(value) else ""
        _reported(source, name, value, key, unit, reader, row)
        if listed and name not in listed:
            reader.beside(name, row)
    if not collector.pollutants:
        collector.pollutants = tuple(name for name in vocabulary.POLLUTANTS if name in found)
    for identity, source in mine.items():
        absent = [name for name in collector.pollutants if (identity, name) not in seen]
        if absent:
            collector.issues.error(
                *source.place,
                "pollutant",
                f"{identity} has no row for {', '.join(absent)}",
                "add rows: a number, 0, NO, NE or NA",
            )


def _same_labels(source: Source, reader: RowReader, row: int) -> None:
    for name in (*vocabulary.LABELS, "profile"):
        text = reader.table.text(name)[row]
        first = source.profile if name == "profile" else source.labels[name]
        if name in reader.table.columns and text != first and not (name == "sector" and not text):
            reader.fault(
                row,
                name,
                f"is {text!r} here and {first!r} in line {source.place[1]}",
                "a source has one set of labels",
            )


def _wide(collector: Collector, table: Table, reader: RowReader) -> dict[str, Column]:
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
    collector: Collector, table: Table, reader: RowReader, sector: str | None, wide: dict[str, Column]
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
    for row in range(len(table)):
        source = collector.add(reader, row, sector, 1.0, "1", stocks, reported=True)
        if source is None:
            continue
        for name in collector.pollutants:
            value, key = reader.amount(row, wide[name])
            unit = own[name]
            if not key and not np.isnan(value) and unit == "":
                unit = reader.unit_of(row, wide[name].name, name)
            _reported(source, name, value, key, unit or "", reader, row)


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


def _reported(source: Source, name: str, value: float, key: str, unit: str, reader: RowReader, row: int) -> None:
    scale = 1.0
    if value > 1e100:
        reader.fault(row, "pollutant", f"{value:g} of {name} is beyond reason", "check the number and its unit")
    if unit:
        try:
            scale = units.tonnes_per_year(unit, name)
        except units.UnitError as error:
            reader.fault(row, "unit", error.message, error.hint)
    source.figures.factor[name] = value * scale
    source.figures.control[name] = reader.share(row, "control")
    source.figures.keys[name] = key
    low, high = reader.bounds(row, value)
    source.figures.ends[name] = (low * scale, high * scale)
