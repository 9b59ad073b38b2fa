"""Sources as they are collected from the tables of an inventory, and the inventory they make."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emis import units, vocabulary
from emis.errors import Issues
from emis.inventory import Floats, Inventory, Stock
from emis.io.cells import ROW_COLUMNS, RowReader, require
from emis.io.factors import Factors
from emis.io.tables import Column, Table

__all__ = ["Collector"]

_KEY_COLUMNS = ("source", *vocabulary.LABELS)
_GRADES = {"", "A", "B", "C", "D", "E"}


@dataclass
class _Figures:
    """By pollutant: factor [t per activity unit], control [1], notation key, and the factor's 95 % interval.

    Sources with the same labels and unit share one.
    """

    factor: dict[str, float] = field(default_factory=dict)
    control: dict[str, float] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    ends: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass
class _Source:
    """One source as it is collected."""

    labels: dict[str, str]
    activity: float
    unit: str
    reported: bool
    place: tuple[str, int]
    profile: str
    bounds: tuple[float, float]
    stocks: dict[str, tuple[float, str]]
    point: tuple[float, float]
    reference: str
    grade: str
    key: str = ""
    figures: _Figures = field(default_factory=_Figures)


class Collector:
    """Collects sources from all tables of an inventory."""

    def __init__(self, pollutants: tuple[str, ...], issues: Issues):
        self.pollutants, self.issues = pollutants, issues
        self.profiles: dict[str, Floats] = {}
        self.rows: dict[str, _Source] = {}

    def single(self, table: Table) -> None:
        """Read a table that stands alone; which kind it is shows in its columns."""
        if "factor" in table.columns and "source" not in table.columns:
            self.issues.error(
                table.file,
                1,
                "source",
                "is a table of factors: there is no source in it",
                "name the activity table too, in an inventory.yaml",
            )
        elif "activity" in table.columns:
            self.activity(table, None, None)
        else:
            self.emissions(table, None)

    def activity(self, table: Table, sector: str | None, factors: Factors | None) -> None:
        """Add the sources of an activity table, with their factors."""
        required = ["source", "category", "activity"]
        if "activity" not in table.columns or not table.columns["activity"].unit:
            required.append("unit")
        require(table, required, self.issues)
        if any(name not in table.columns for name in required):
            return
        reader = RowReader(table, self.issues)
        stocks = self._stock_columns(table)
        known: dict[tuple[str, ...], _Figures] = {}
        for row, unit in enumerate(table.text("unit")):
            value, key = reader.value(row, "activity")
            source = self._source(reader, row, sector, value, unit, stocks)
            if source is None:
                continue
            source.key = key
            if value > 1e100:
                reader.fault(row, "activity", f"{value:g} is beyond reason", "check the number and its unit")
            source.unit = reader.unit_of(row, "activity")
            if not source.unit or factors is None:
                continue
            labels = tuple(source.labels[name] for name in ("category", "fuel", "technology"))
            if (*labels, source.unit) not in known:
                faults = len(self.issues.errors)
                known[*labels, source.unit] = self._figures(source, factors, reader, row)
                source.figures = known[*labels, source.unit]
                if len(self.issues.errors) > faults:
                    del known[*labels, source.unit]
            else:
                source.figures = known[*labels, source.unit]
        reader.unused(ROW_COLUMNS - {"control"})

    def _figures(self, source: _Source, factors: Factors, reader: RowReader, row: int) -> _Figures:
        """Return the factors of a source, in its own unit of activity."""
        labels = [source.labels[name] for name in ("category", "fuel", "technology")]
        found = _Figures()
        absent = []
        for name in self.pollutants:
            factor = factors.find(name, *labels)
            if factor is None:
                absent.append(name)
                continue
            scale = 1.0
            if not factor.key and factor.unit:
                try:
                    scale = units.factor_scale(source.unit, factor.unit, name)
                except units.UnitError as error:
                    where = f"{name}, factor in {factor.place[0]}:{factor.place[1]}"
                    reader.fault(row, "unit", f"{error.message} ({where})", error.hint)
            found.factor[name] = factor.value * scale
            if found.factor[name] > 1e100:
                message = f"the factor for {name} is beyond reason ({factor.place[0]}:{factor.place[1]})"
                reader.fault(row, "unit", message, "check the number and its unit")
            found.control[name] = factor.control
            found.keys[name] = factor.key
            found.ends[name] = (factor.low * scale, factor.high * scale)
        if absent:
            message = (
                f"{source.labels['source']} has no factor for {', '.join(absent)} in {' and '.join(factors.files)}"
            )
            reader.fault(row, "source", message, "add rows: a number, 0, NO, NE or NA")
        return found

    def _stock_columns(self, table: Table) -> dict[str, str]:
        """Return the columns that count stock, with their units: by their name, or by the unit their header carries."""
        found: dict[str, str] = {}
        for name, column in table.columns.items():
            if name in ROW_COLUMNS or not name:
                continue
            unit = column.unit or name
            if name not in vocabulary.STOCK_COLUMNS and column.unit:
                continue
            try:
                found[name] = units.check(unit)
            except units.UnitError:
                if name in vocabulary.STOCK_COLUMNS:
                    self.issues.error(
                        table.file, 1, name, f"the column {name!r} counts in no unit", f"write {name} [unit]"
                    )
        return found

    def _source(
        self,
        reader: RowReader,
        row: int,
        sector: str | None,
        activity: float,
        unit: str,
        stocks: dict[str, str],
        reported: bool = False,
    ) -> _Source | None:
        """Add the source of a row; None when its id is missing, stands twice, or tells no sector."""
        table = reader.table
        labels = {name: table.text(name)[row] for name in _KEY_COLUMNS}
        reader.labels(row, labels)
        identity = labels["source"]
        if not identity:
            reader.fault(row, "source", "is blank", "give the source its id, e.g. sector/category/fuel/technology")
            return None
        if not labels["category"]:
            reader.fault(row, "category", "is blank", "name the category that measures select by")
        labels["sector"] = self._sector(reader, row, labels, sector)
        if identity in self.rows:
            file, line = self.rows[identity].place
            reader.fault(
                row,
                "source",
                f"{identity} stands twice, first in {file}:{line}",
                "give each source its own id: twice would count double",
            )
            return None
        profile = table.text("profile")[row]
        if profile and profile not in self.profiles:
            reader.fault(row, "profile", f"unknown profile {profile!r}", vocabulary.suggest(profile, self.profiles))
        grade = table.text("grade")[row]
        if grade not in _GRADES:
            reader.fault(row, "grade", f"unknown grade {grade!r}", "write A (measured), B, C, D or E (assumed)")
        counted: dict[str, tuple[float, str]] = {}
        for name, stock_unit in stocks.items():
            column = table.columns[name]
            table.used.add(name)
            if column.cells[row]:
                counted[name] = (reader.amount(row, column)[0], stock_unit)
        bounds = (np.nan, np.nan) if reported else reader.bounds(row, activity)
        point = reader.point(row)
        reference = table.text("reference")[row]
        source = _Source(
            labels, activity, unit, reported, reader.place(row), profile, bounds, counted, point, reference, grade
        )
        self.rows[identity] = source
        return source

    def _sector(self, reader: RowReader, row: int, labels: dict[str, str], sector: str | None) -> str:
        given = labels["sector"]
        if sector is not None:
            if given and given != sector:
                reader.fault(
                    row, "sector", f"is {given}, and inventory.yaml takes the table for {sector}", "keep one of the two"
                )
            return sector
        name = given or labels["source"].split("/")[0]
        if name not in vocabulary.SECTORS:
            reader.fault(
                row,
                "sector" if given else "source",
                f"unknown sector {name!r}",
                vocabulary.suggest(name, vocabulary.SECTORS),
            )
        return name

    def emissions(self, table: Table, sector: str | None) -> None:
        """Add the sources of an emission table, long or wide."""
        long = "emission" in table.columns
        required = ("source", "category", "pollutant", "emission") if long else ("source", "category")
        require(table, required, self.issues)
        if any(name not in table.columns for name in required):
            return
        reader = RowReader(table, self.issues)
        wide = {} if long else self._wide(table, reader)
        if long:
            self._long_rows(table, reader, sector)
        elif wide:
            self._wide_rows(table, reader, sector, wide)
        reader.unused({*ROW_COLUMNS, "pollutant", "emission"} - {"activity"})

    def _long_rows(self, table: Table, reader: RowReader, sector: str | None) -> None:
        stocks = self._stock_columns(table)
        seen: dict[tuple[str, str], int] = {}
        mine: dict[str, _Source] = {}
        listed = set(self.pollutants)
        found: list[str] = []
        for row, (identity, text) in enumerate(zip(table.text("source"), table.text("pollutant"), strict=True)):
            name = reader.pollutant(row, text)
            source = mine.get(identity)
            if source is None:
                source = self._source(reader, row, sector, 1.0, "1", stocks, reported=True)
                if source is None:
                    continue
                mine[identity] = source
            else:
                self._same_labels(source, reader, row)
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
            self._reported(source, name, value, key, unit, reader, row)
            if listed and name not in listed:
                reader.beside(name, row)
        if not self.pollutants:
            self.pollutants = tuple(name for name in vocabulary.POLLUTANTS if name in found)
        for identity, source in mine.items():
            absent = [name for name in self.pollutants if (identity, name) not in seen]
            if absent:
                self.issues.error(
                    *source.place,
                    "pollutant",
                    f"{identity} has no row for {', '.join(absent)}",
                    "add rows: a number, 0, NO, NE or NA",
                )

    def _same_labels(self, source: _Source, reader: RowReader, row: int) -> None:
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

    def _wide(self, table: Table, reader: RowReader) -> dict[str, Column]:
        found: dict[str, Column] = {}
        for name, column in table.columns.items():
            pollutant = vocabulary.pollutant(name)
            if pollutant is None or name in ROW_COLUMNS:
                continue
            if pollutant in found:
                self.issues.error(table.file, 1, name, f"a second column for {pollutant}", "keep one of them")
            if pollutant != name:
                reader.alias(name, pollutant, 1)
            found[pollutant] = column
            table.used.add(name)
        if not self.pollutants:
            self.pollutants = tuple(name for name in vocabulary.POLLUTANTS if name in found)
        for name in found:
            if name not in self.pollutants:
                reader.beside(name, None)
        absent = [name for name in self.pollutants if name not in found]
        if absent or not found:
            what = f"no column for {', '.join(absent)}" if absent else "neither an activity nor an emission"
            self.issues.error(
                table.file,
                1,
                "",
                f"there is {what} in it",
                "add columns such as NOx [t/yr], or pollutant, emission, unit",
            )
            return {}
        return found

    def _wide_rows(self, table: Table, reader: RowReader, sector: str | None, wide: dict[str, Column]) -> None:
        stocks = {name: unit for name, unit in self._stock_columns(table).items() if vocabulary.pollutant(name) is None}
        own = {name: self._wide_unit(table, name, column) for name, column in wide.items() if name in self.pollutants}
        for row in range(len(table)):
            source = self._source(reader, row, sector, 1.0, "1", stocks, reported=True)
            if source is None:
                continue
            for name in self.pollutants:
                value, key = reader.amount(row, wide[name])
                unit = own[name]
                if not key and not np.isnan(value) and unit == "":
                    unit = reader.unit_of(row, wide[name].name, name)
                self._reported(source, name, value, key, unit or "", reader, row)

    def _wide_unit(self, table: Table, name: str, column: Column) -> str | None:
        """Return the unit a column's header carries, "" when rows carry it; None, and a fault, when it is none."""
        if "unit" in table.columns:
            return ""
        try:
            if not column.unit:
                raise units.UnitError(
                    "has no unit", f"write the unit in the header, {name} [t/yr], or in a column `unit`"
                )
            units.tonnes_per_year(column.unit, name)
        except units.UnitError as error:
            self.issues.error(table.file, table.header, column.name, error.message, error.hint)
            return None
        return column.unit

    def _reported(
        self, source: _Source, name: str, value: float, key: str, unit: str, reader: RowReader, row: int
    ) -> None:
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
        low, high = reader.bounds(row, value) if "emission" in reader.table.columns else (np.nan, np.nan)
        source.figures.ends[name] = (low * scale, high * scale)

    def inventory(self, **facts: Any) -> Inventory:
        """Return the inventory of the sources, in the order of their ids; `facts` are its name, base year and so on."""
        rows = [self.rows[name] for name in sorted(self.rows)]

        # Sources share their figures: look each set up once.
        distinct = {id(row.figures): row.figures for row in rows}
        number = {identity: index for index, identity in enumerate(distinct)}
        figures_of = np.array([number[id(row.figures)] for row in rows], dtype=np.intp)

        def by_pollutant(get: Callable[[_Figures, str], Any], dtype: Any = float) -> NDArray[Any]:
            table = [[get(figures, name) for name in self.pollutants] for figures in distinct.values()]
            return np.array(table, dtype=dtype).reshape(len(distinct), len(self.pollutants))[figures_of]

        keys = by_pollutant(lambda figures, name: figures.keys[name], object)
        for index, row in enumerate(rows):
            if row.key:
                keys[index] = row.key
        stocks: dict[str, Stock] = {}
        for name, unit in dict.fromkeys((name, unit) for row in rows for name, (_, unit) in row.stocks.items()):
            key = name if name not in stocks else f"{name} [{unit}]"
            stocks[key] = Stock(
                unit,
                np.array(
                    [row.stocks[name][0] if row.stocks.get(name, ("", ""))[1] == unit else np.nan for row in rows]
                ),
            )
        return Inventory(
            **facts,
            pollutants=self.pollutants,
            labels={name: _texts(row.labels[name] for row in rows) for name in _KEY_COLUMNS},
            activity=np.array([row.activity for row in rows], dtype=float),
            activity_unit=_texts(row.unit for row in rows),
            factor=by_pollutant(lambda figures, name: figures.factor[name]),
            reported=np.array([row.reported for row in rows], dtype=bool),
            control=by_pollutant(lambda figures, name: figures.control[name]),
            profile=_texts(row.profile for row in rows),
            profiles=self.profiles,
            stocks=stocks,
            bounds={
                "activity_low": np.array([row.bounds[0] for row in rows], dtype=float),
                "activity_high": np.array([row.bounds[1] for row in rows], dtype=float),
                "factor_low": by_pollutant(lambda figures, name: figures.ends[name][0]),
                "factor_high": by_pollutant(lambda figures, name: figures.ends[name][1]),
            },
            notation=keys,
            points={end: np.array([row.point[k] for row in rows], dtype=float) for k, end in enumerate(("lon", "lat"))},
            reference=_texts(row.reference for row in rows),
            grade=_texts(row.grade for row in rows),
            places=tuple(row.place for row in rows),
        )


def _texts(values: Any) -> NDArray[np.object_]:
    return np.array(list(values), dtype=object)
