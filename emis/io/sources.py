"""Sources as they are collected from the tables of an inventory, and the inventory they make."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emis import units, vocabulary
from emis.errors import Issues
from emis.inventory import FactorRow, Floats, Inventory, Stock
from emis.io.cells import ROW_COLUMNS, RowReader, require
from emis.io.factors import Factors
from emis.io.methods import Given, Labelled, apply_methods, read_columns
from emis.io.tables import Table
from emis.sectors import columns_of

__all__ = ["Collector", "Source"]

_KEY_COLUMNS = ("source", *vocabulary.LABELS)


@dataclass
class Figures:
    """By pollutant: factor [t per activity unit], control [1], notation key, and the factor's 95 % interval.

    `offsite` is the CO2 caused outside the inventory [t per activity unit], `computed` names what a method gave.
    Sources with the same labels and unit, and no method of their own, share one.
    """

    factor: dict[str, float] = field(default_factory=dict)
    control: dict[str, float] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    ends: dict[str, tuple[float, float]] = field(default_factory=dict)
    offsite: float = 0.0
    computed: frozenset[str] = frozenset()
    rows: dict[str, FactorRow] = field(default_factory=dict)
    added: dict[str, float] = field(default_factory=dict)


@dataclass
class Source:
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
    figures: Figures = field(default_factory=Figures)
    columns: dict[str, float] = field(default_factory=dict)
    basis: tuple[str, float] = ("", np.nan)


class Collector:
    """Collects sources from all tables of an inventory."""

    def __init__(self, pollutants: tuple[str, ...], issues: Issues):
        self.pollutants, self.issues = pollutants, issues
        self.profiles: dict[str, Floats] = {}
        self.rows: dict[str, Source] = {}

    def activity(self, table: Table, sector: str | None, factors: Factors | None) -> None:
        """Add the sources of an activity table, with their factors."""
        required = ["source", "category", "activity"]
        if "activity" not in table.columns or not table.columns["activity"].unit:
            required.append("unit")
        require(table, required, self.issues)
        if any(name not in table.columns for name in required):
            return
        reader = RowReader(table, self.issues)
        stocks = self.stock_columns(table)
        sources: dict[int, Source] = {}
        for row, unit in enumerate(table.text("unit")):
            value, key = reader.value(row, "activity")
            source = self.add(reader, row, sector, value, unit, stocks)
            if source is None:
                continue
            source.key = key
            if value > 1e100:
                reader.fault(row, "activity", f"{value:g} is beyond reason", "check the number and its unit")
            source.unit = reader.unit_of(row, "activity")
            if source.unit:
                sources[row] = source
        before = len(self.issues.errors)
        given, refused = self._given(reader, sources)
        refused |= self._faulty(table, before)
        known: dict[tuple[str, ...], Figures] = {}
        for row, source in sources.items():
            if factors is None or row in refused:
                continue
            own = given.get(row)
            labels = tuple(source.labels[name] for name in ("category", "fuel", "technology"))
            kind = (*labels, source.unit, *sorted(own.factor if own else ()))
            faults = len(self.issues.errors)
            found = known.get(kind) or self._figures(source, factors, reader, row, own)
            if len(self.issues.errors) == faults:
                known[kind] = found
            source.figures = self._adjusted(found, own, reader, row) if own else found
        declared = columns_of({source.labels["sector"] for source in sources.values()})
        headers = {name: f"{name} [{one.unit}]" for name, one in declared.items() if one.unit}
        reader.unused((ROW_COLUMNS - {"control"}) | {"factor_cv", *declared}, headers)

    def _faulty(self, table: Table, since: int) -> set[int]:
        """Return the rows of a table with a fault noted since then: what they lack is not told a second time."""
        lines = {issue.line for issue in self.issues.errors[since:] if issue.file == table.file}
        if table.header in lines:
            return set(range(len(table)))
        return {row for row, line in enumerate(table.lines) if line in lines}

    def _given(self, reader: RowReader, sources: dict[int, Source]) -> tuple[dict[int, Given], set[int]]:
        """Return what the methods of the sectors make of the table's own columns, by row; note them in the sources.

        Beside it the rows that a fault leaves without.
        """
        columns = read_columns(reader, {source.labels["sector"] for source in sources.values()})
        for row, source in sources.items():
            source.columns = {name: values[row] for name, values in columns.items()}
        if not columns:
            return {}, set()
        own = np.array([reader.cv(row, "factor_cv") for row in range(len(reader.table))])
        rows = [
            Labelled(
                row,
                source.labels,
                source.activity,
                source.unit,
                {name: value for name, (value, _) in source.stocks.items()},
            )
            for row, source in sources.items()
        ]
        return apply_methods(reader, rows, columns, own, self.pollutants)

    def _adjusted(self, table: Figures, given: Given, reader: RowReader, row: int) -> Figures:
        """Return the figures of a source with its methods': (factor · correction + addition) · (1 − control)."""
        found = Figures(
            dict(table.factor),
            dict(table.control),
            dict(table.keys),
            dict(table.ends),
            given.offsite,
            frozenset(given.factor),
            table.rows,
        )
        for name, (value, low, high) in given.factor.items():
            if name not in self.pollutants:
                continue
            end = table.ends.get(name, (np.nan, np.nan))
            if not np.isnan(end[0]) and not end[0] <= value <= end[1]:
                file, line = reader.place(row)
                message = f"{name} by its columns is {value / table.factor[name]:.3g} times the factor table's value"
                self.issues.warn(file, line, "source", f"{message}, outside its interval", "check the columns")
            found.factor[name], found.ends[name] = value, (low, high)
            found.control[name], found.keys[name] = 0.0, ""
        for name in self.pollutants:
            if name not in found.factor or found.keys[name]:
                continue
            times, kept = given.times.get(name, 1.0), 1.0 - given.control.get(name, 0.0)
            plus, plus_low, plus_high = given.plus.get(name, (0.0, 0.0, 0.0))
            value, (low, high) = found.factor[name] * times, found.ends[name]
            if name in given.plus:
                # Two parts that err apart: their distances to the ends add in quadrature.
                low = value + plus - float(np.hypot(value - low * times, plus - plus_low))
                high = value + plus + float(np.hypot(high * times - value, plus_high - plus))
            else:
                low, high = low * times, high * times
            found.factor[name] = (value + plus) * kept
            found.added[name] = plus / (value + plus) if plus else 0.0
            found.ends[name] = (low * kept, high * kept)
            found.control[name] = 1.0 - (1.0 - found.control[name]) * kept
        return found

    def _figures(
        self, source: Source, factors: Factors, reader: RowReader, row: int, given: Given | None = None
    ) -> Figures:
        """Return the factors of a source, in its own unit of activity; what its methods give may be missing there."""
        labels = [source.labels[name] for name in ("category", "fuel", "technology")]
        found = Figures()
        absent = []
        for name in self.pollutants:
            factor = factors.find(name, *labels)
            if factor is None and given and name in given.factor:
                continue
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
            found.rows[name] = FactorRow(factor.name, factor.place, factor.reference, factor.grade)
            found.ends[name] = (factor.low * scale, factor.high * scale)
        if absent:
            message = (
                f"{source.labels['source']} has no factor for {', '.join(absent)} in {' and '.join(factors.files)}"
            )
            reader.fault(row, "source", message, "add rows: a number, 0, NO, NE or NA")
        return found

    def stock_columns(self, table: Table) -> dict[str, str]:
        """Return the columns that count stock, with their units: by their name, or by the unit their header carries."""
        found: dict[str, str] = {}
        declared = columns_of(set(vocabulary.SECTORS))
        for name, column in table.columns.items():
            if name in ROW_COLUMNS or name in declared or not name:
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

    def add(
        self,
        reader: RowReader,
        row: int,
        sector: str | None,
        activity: float,
        unit: str,
        stocks: dict[str, str],
        reported: bool = False,
    ) -> Source | None:
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
        grade = reader.grade(row)
        counted: dict[str, tuple[float, str]] = {}
        for name, stock_unit in stocks.items():
            column = table.columns[name]
            table.used.add(name)
            if column.cells[row]:
                counted[name] = (reader.amount(row, column)[0], stock_unit)
        bounds = (np.nan, np.nan) if reported else reader.bounds(row, activity)
        point = reader.point(row)
        reference = table.text("reference")[row]
        source = Source(
            labels, activity, unit, reported, reader.place(row), profile, bounds, counted, point, reference, grade
        )
        source.basis = reader.basis(row)
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

    def inventory(self, **facts: Any) -> Inventory:
        """Return the inventory of the sources, in the order of their ids; `facts` are its name, base year and so on."""
        rows = [self.rows[name] for name in sorted(self.rows)]

        # Sources share their figures: look each set up once.
        distinct = {id(row.figures): row.figures for row in rows}
        number = {identity: index for index, identity in enumerate(distinct)}
        figures_of = np.array([number[id(row.figures)] for row in rows], dtype=np.intp)

        def by_pollutant(get: Callable[[Figures, str], Any], dtype: Any = float) -> NDArray[Any]:
            table = [[get(figures, name) for name in self.pollutants] for figures in distinct.values()]
            return np.array(table, dtype=dtype).reshape(len(distinct), len(self.pollutants))[figures_of]

        numbers: dict[FactorRow, int] = {}

        def table_row(figures: Figures, name: str) -> int:
            if name in figures.computed or name not in figures.rows:
                return -1
            return numbers.setdefault(figures.rows[name], len(numbers))

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
        columns = {
            name: np.array([row.columns.get(name, np.nan) for row in rows])
            for name in dict.fromkeys(name for row in rows for name in row.columns)
        }
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
            columns=columns,
            added=by_pollutant(lambda figures, name: figures.added.get(name, 0.0)),
            factor_row=by_pollutant(table_row, np.intp),
            factor_rows=tuple(numbers),
            basis=_texts(row.basis[0] for row in rows),
            basis_cv=np.array([row.basis[1] for row in rows], dtype=float),
            computed=by_pollutant(lambda figures, name: name in figures.computed, bool),
            offsite=np.array([row.figures.offsite for row in rows], dtype=float),
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
