"""Sources collected from the tables of an inventory, with what tables and methods say of their factors."""

from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emis import units, vocabulary
from emis.coded import Coded, Codes
from emis.errors import Issues
from emis.inventory import Floats, Inventory
from emis.io.cells import CODES, ROW_COLUMNS, SERIES, require
from emis.io.codes import source_codes
from emis.io.collected import Assembly, Counted, Sources, distinct
from emis.io.columns import Table
from emis.io.factors import Factors
from emis.io.figures import Figures, adjusted, find
from emis.io.many import ManyReader, Rows
from emis.io.methods import Acting, Given, apply_methods, read_columns
from emis.sectors import columns_of

__all__ = ["Collector"]

_KEY_COLUMNS = ("source", *vocabulary.LABELS)
_ONE = "1"


class Collector:
    """Collects sources from all tables of an inventory."""

    def __init__(self, pollutants: tuple[str, ...], issues: Issues):
        self.pollutants, self.issues = pollutants, issues
        self.profiles: dict[str, Floats] = {}
        self.parts: list[Sources] = []
        self._starts: list[int] = []
        #: Where each source stands, counted over all parts.
        self._ids: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def activity(self, table: Table, sector: str | None, factors: Factors | None) -> None:
        """Add the sources of an activity table, with their factors."""
        required = ["source", "category", "activity"]
        if "activity" not in table.columns or not table.columns["activity"].unit:
            required.append("unit")
        require(table, required, self.issues)
        if any(name not in table.columns for name in required):
            return
        reader = ManyReader(table, self.issues)
        stocks = self.stock_columns(table)
        rows = np.arange(len(table))
        values, keys = reader.values(rows, "activity")
        part = self.add(reader, rows, sector, stocks, values)
        for row in part.rows[part.activity > 1e100].tolist():
            reader.fault(row, "activity", f"{values[row]:g} is beyond reason", "check the number and its unit")
        part.key = keys[part.rows]
        part.unit = reader.units(part.rows, "activity")
        declared = columns_of(set(part.labels["sector"].met()))
        self._figure(reader, part, factors)
        headers = {name: f"{name} [{one.unit}]" for name, one in declared.items() if one.unit}
        reader.unused((ROW_COLUMNS - {"control"}) | CODES | {"factor_cv", *declared}, headers)

    def _figure(self, reader: ManyReader, part: Sources, factors: Factors | None) -> None:
        """Give the sources of a table their factors: of its own columns by the sectors' methods, and of the tables."""
        before = len(self.issues.errors)
        counted = np.flatnonzero(~np.array([not unit for unit in part.unit.values], dtype=bool)[part.unit.codes])
        acting = Acting(
            part.rows,
            part.labels,
            part.activity,
            part.unit,
            {name: stock.values for name, stock in part.stocks.items() if stock.filled.any()},
        ).take(counted)
        columns = read_columns(reader, set(acting.labels["sector"].met()))
        part.columns = {name: values[part.rows] for name, values in columns.items()}
        given, refused = Given.nothing(len(acting)), np.zeros(len(acting), dtype=bool)
        if columns:
            own = reader.cvs(np.arange(len(reader.table)), "factor_cv")[acting.rows]
            here = {name: values[acting.rows] for name, values in columns.items()}
            given, refused = apply_methods(reader, acting, here, own, self.pollutants)
        if factors is None:
            return
        wanted = np.flatnonzero(~refused & ~self._faulty(reader.table, before)[acting.rows])
        acting, given = acting.take(wanted), given.take(wanted)
        of, figures = find(self.pollutants, factors, reader, acting, given)
        part.of = np.zeros(len(part), dtype=np.intp)
        part.of[counted[wanted]], part.figures = adjusted(of, figures, given, acting.rows, reader, self.pollutants)

    def _faulty(self, table: Table, since: int) -> NDArray[np.bool_]:
        """Return the rows of a table with a fault noted since then: what they lack is not told a second time."""
        told = {(issue.file, issue.line) for issue in self.issues.errors[since:]}
        if (table.file, table.header) in told:
            return np.ones(len(table), dtype=bool)
        if not told:
            return np.zeros(len(table), dtype=bool)
        return np.array([table.place(row) in told for row in range(len(table))], dtype=bool)

    def stock_columns(self, table: Table) -> dict[str, str]:
        """Return the columns that count stock, with their units: by their name, or by the unit their header carries."""
        found: dict[str, str] = {}
        declared = columns_of(set(vocabulary.SECTORS))
        # A year of emissions is when they are; of activities it may be the age of a stock.
        taken = ROW_COLUMNS | CODES | (SERIES if "emission" in table.columns else frozenset())
        for name, column in table.columns.items():
            if name in taken or name in declared or not name:
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
        self, reader: ManyReader, rows: Rows, sector: str | None, stocks: dict[str, str], values: Floats | None = None
    ) -> Sources:
        """Add the sources of rows, but for those whose id is missing or stands twice.

        Parameters
        ----------
        values : ndarray, optional
            The activity of each row of the table; none of what is reported as tonnes.
        """
        table = reader.table
        reader.plain(rows, _KEY_COLUMNS)
        ids = table.column("source")
        named = ids.filled(rows)
        for row in rows[~named].tolist():
            reader.fault(row, "source", "is blank", "give the source its id, e.g. sector/category/fuel/technology")
        rows = rows[named]
        for row in rows[~table.column("category").filled(rows)].tolist():
            reader.fault(row, "category", "is blank", "name the category that measures select by")
        sectors = self._sectors(reader, rows, sector)
        cells = ids.cells
        texts = list(cells) if len(rows) == len(table) else [cells[row] for row in rows.tolist()]
        once = self._once(reader, rows, texts)
        rows, sectors = rows[once], sectors.take(once)
        if len(once) < len(texts):
            texts = [texts[index] for index in once.tolist()]
        labels = {name: table.column(name).coded.take(rows) for name in vocabulary.LABELS}
        return self._part(reader, rows, {"source": distinct(texts), **labels, "sector": sectors}, stocks, values)

    def _part(
        self,
        reader: ManyReader,
        rows: Rows,
        labels: dict[str, Coded],
        stocks: dict[str, str],
        values: Floats | None,
    ) -> Sources:
        table = reader.table
        profile = table.column("profile")
        reader.ask(rows, lambda row: self._profile(reader, row), profile.codes(rows))
        basis, basis_cv = reader.bases(rows)
        nothing = np.full(len(rows), np.nan)
        activity = np.ones(len(rows)) if values is None else values[rows]
        part = Sources(
            rows,
            table.places(rows),
            labels,
            activity,
            Coded.full(len(rows), _ONE),
            values is None,
            profile.coded.take(rows),
            (nothing, nothing) if values is None else reader.intervals(rows, activity),
            {name: _counted(reader, rows, name, unit) for name, unit in stocks.items()},
            reader.points(rows),
            table.column("reference").coded.take(rows),
            reader.grades(rows),
            basis,
            basis_cv,
            np.full(len(rows), "", dtype=object),
            Figures.nothing(len(rows), len(self.pollutants)),
            np.arange(len(rows)),
            attributes=source_codes(reader, rows),
        )
        self._starts.append(sum(map(len, self.parts)))
        self.parts.append(part)
        return part

    def _once(self, reader: ManyReader, rows: Rows, ids: list[str]) -> Codes:
        """Return which of these ids stand here for the first time; the others are faults."""
        start = len(self._ids)
        new = dict(zip(ids, range(start, start + len(ids)), strict=True))
        if len(new) == len(ids) and self._ids.keys().isdisjoint(new):
            self._ids.update(new)
            return np.arange(len(ids))
        once: list[int] = []
        for index, name in enumerate(ids):
            found = self._ids.setdefault(name, start + len(once))
            if found == start + len(once):
                once.append(index)
                continue
            file, line = reader.place(int(rows[once[found - start]])) if found >= start else self._place(found)
            reader.fault(
                int(rows[index]),
                "source",
                f"{name} stands twice, first in {file}:{line}",
                "give each source its own id: twice would count double",
            )
        return np.array(once, dtype=np.intp)

    def _place(self, number: int) -> tuple[str, int]:
        part = bisect_right(self._starts, number) - 1
        found: tuple[str, int] = self.parts[part].places[number - self._starts[part]]
        return found

    def elsewhere(self, name: str) -> bool:
        """Tell whether a source stands in a table read before."""
        return name in self._ids

    def _profile(self, reader: ManyReader, row: int) -> None:
        profile = reader.table.text("profile")[row]
        if profile and profile not in self.profiles:
            reader.fault(row, "profile", f"unknown profile {profile!r}", vocabulary.suggest(profile, self.profiles))

    def _sectors(self, reader: ManyReader, rows: Rows, sector: str | None) -> Coded:
        """Return the sector of each row: of the table's entry, of its own column, or of the start of its id."""
        column = reader.table.column("sector")
        if sector is not None:
            reader.ask(rows, lambda row: self._agrees(reader, row, sector), column.codes(rows))
            return Coded.full(len(rows), sector)
        found = column.coded.take(rows)
        blank = np.flatnonzero(~column.filled(rows))
        if len(blank):
            ids = reader.table.column("source").cells
            starts = Coded.of([ids[row].split("/", 1)[0] for row in rows[blank].tolist()])
            texts = found.texts.copy()
            texts[blank] = starts.texts
            found = Coded.of(texts)
        reader.ask(rows, lambda row: self._known_sector(reader, row), found.codes, column.filled(rows).astype(np.intp))
        return found

    def _agrees(self, reader: ManyReader, row: int, sector: str) -> None:
        given = reader.table.text("sector")[row]
        if given and given != sector:
            reader.fault(
                row, "sector", f"is {given}, and inventory.yaml takes the table for {sector}", "keep one of the two"
            )

    def _known_sector(self, reader: ManyReader, row: int) -> None:
        given = reader.table.text("sector")[row]
        name = given or reader.table.text("source")[row].split("/")[0]
        if name not in vocabulary.SECTORS:
            reader.fault(
                row,
                "sector" if given else "source",
                f"unknown sector {name!r}",
                vocabulary.suggest(name, vocabulary.SECTORS),
            )

    def inventory(self, **facts: Any) -> Inventory:
        """Return the inventory of the sources, in the order of their ids; `facts` are its name, base year and so on."""
        return Assembly(self.parts, self.pollutants).inventory(profiles=self.profiles, **facts)


def _counted(reader: ManyReader, rows: Rows, name: str, unit: str) -> Counted:
    """Return a stock column of rows."""
    column = reader.table.columns[name]
    reader.table.used.add(name)
    values, filled = np.full(len(rows), np.nan), column.filled(rows)
    values[filled] = reader.amounts(rows[filled], column)[0]
    return Counted(unit, values, filled)
