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
from emis.io.tables import Table

__all__ = ["Collector", "Source"]

_KEY_COLUMNS = ("source", *vocabulary.LABELS)
_GRADES = {"", "A", "B", "C", "D", "E"}


@dataclass
class Figures:
    """By pollutant: factor [t per activity unit], control [1], notation key, and the factor's 95 % interval.

    Sources with the same labels and unit share one.
    """

    factor: dict[str, float] = field(default_factory=dict)
    control: dict[str, float] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    ends: dict[str, tuple[float, float]] = field(default_factory=dict)


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
        known: dict[tuple[str, ...], Figures] = {}
        for row, unit in enumerate(table.text("unit")):
            value, key = reader.value(row, "activity")
            source = self.add(reader, row, sector, value, unit, stocks)
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

    def _figures(self, source: Source, factors: Factors, reader: RowReader, row: int) -> Figures:
        """Return the factors of a source, in its own unit of activity."""
        labels = [source.labels[name] for name in ("category", "fuel", "technology")]
        found = Figures()
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

    def stock_columns(self, table: Table) -> dict[str, str]:
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
        source = Source(
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
