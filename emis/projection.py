"""Run a program: emissions and activity by source, period and pollutant, with and without the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from emis import kernels, notebook, vocabulary
from emis.alerts import alert_days
from emis.errors import InputError, Issue
from emis.inventory import Floats, Inventory
from emis.program import Program, compile_program
from emis.scenario import Scenario
from emis.selectors import Selector

__all__ = ["Projection", "project", "run"]


@dataclass(frozen=True)
class Projection:
    """What a scenario leads to.

    Attributes
    ----------
    dataset : xarray.Dataset
        emissions and emissions_no_plan (year[, month], source, pollutant) [t]; activity and activity_no_plan
        (year[, month], source) in the unit of the coordinate activity_unit, per period. NaN is not estimated.
    program : Program
        What was run.
    """

    dataset: xr.Dataset
    program: Program

    @property
    def scenario(self) -> Scenario:
        """The scenario that was projected."""
        return self.program.scenario

    @property
    def emissions(self) -> xr.DataArray:
        """Emissions with the plan (year[, month], source, pollutant) [t per period]."""
        return self.dataset["emissions"]

    @property
    def emissions_no_plan(self) -> xr.DataArray:
        """Emissions without the plan (year[, month], source, pollutant) [t per period]."""
        return self.dataset["emissions_no_plan"]

    @property
    def activity(self) -> xr.DataArray:
        """Activity with the plan (year[, month], source) [activity_unit per period]."""
        return self.dataset["activity"]

    @cached_property
    def inventories(self) -> Mapping[int, Inventory]:
        """Inventories by year, the base year's included."""
        return {**self.scenario.inventories, self.program.inventory.base_year: self.program.inventory}

    @cached_property
    def alerts(self) -> xr.Dataset:
        """What alert days emit, as `alert_days` tells it; compiled and run when it is first asked for."""
        return alert_days(self.program.inventory, self.scenario)

    def total(self, year: int, pollutant: str, select: Selector | None = None, plan: bool = True) -> float:
        """Return the emissions of a selection in a year [t], NaN when one of them is not estimated.

        A year with an inventory is that inventory, whether or not the scenario lists it.

        Raises
        ------
        KeyError
            When neither the scenario nor an inventory has the year, or the pollutant.
        """
        if year in self.inventories:
            inventory = self.inventories[year]
            return float(np.sum(inventory.emissions[inventory.mask(select), inventory.pollutants.index(pollutant)]))
        program = self.program
        rows, column = program.inventory.mask(select), program.inventory.pollutants.index(pollutant)
        at, place = self._places
        values = (self.emissions if plan else self.emissions_no_plan).values[at[year]]
        return float(np.sum(values[..., place[rows], column]))

    @cached_property
    def _places(self) -> tuple[Mapping[int, int], NDArray[np.intp]]:
        """Where a year and each source of the inventory stand in the dataset."""
        years = {int(year): number for number, year in enumerate(self.dataset["year"].values)}
        return years, self.dataset.indexes["source"].get_indexer(self.program.inventory.labels["source"].astype(str))

    def unknown(self, year: int, pollutant: str, select: Selector | None = None) -> list[str]:
        """Return the sources of a selection whose emissions of a pollutant are not estimated."""
        inventory = self.inventories.get(year, self.program.inventory)
        if pollutant not in inventory.pollutants:
            return []
        missing = np.isnan(inventory.emissions[:, inventory.pollutants.index(pollutant)]) & inventory.mask(select)
        return [str(name) for name in inventory.labels["source"][missing]]

    def __repr__(self) -> str:
        years = ", ".join(str(year) for year in self.dataset["year"].values)
        return f"<Projection {self.scenario.name}: {len(self.program.inventory):,} sources, {years}>"

    def _repr_html_(self) -> str:
        """Return totals by year and pollutant with the plan and without, for notebooks."""
        pollutants, base = self.program.inventory.pollutants, self.program.inventory.base_year
        since = {name: self.total(base, name) for name in pollutants}

        def row(year: int, what: str, plan: bool) -> list[notebook.Shown]:
            cells = ((self.total(year, name, plan=plan), since[name]) for name in pollutants)
            told = (
                replace(notebook.amount(value), small=notebook.change(value, before) if year > base else "")
                for value, before in cells
            )
            return [str(year), what, *told]

        rows = []
        for year in sorted({base, *map(int, self.dataset["year"].values)}):
            if year in self.inventories:
                rows.append(row(year, "inventory", True))
            else:
                rows += [row(year, "with the plan", True), row(year, "without", False)]
        status = (f"inventory {year}: {one.name}, {one.standing}" for year, one in sorted(self.inventories.items()))
        plan, title = self.scenario.plan.title.text(), self.scenario.document.title.text() or self.scenario.name
        heads = ("year", "", *pollutants)
        table = notebook.table("emissions [t/yr]", heads, rows, f"In small: change since {base}.")
        return notebook.fragment(" · ".join(filter(None, (title, plan))), status, table)


def project(inventory: Inventory, scenario: Scenario, threads: int = 1) -> Projection:
    """Compile and run a scenario on its base-year inventory.

    Parameters
    ----------
    inventory : Inventory
        The inventory of the plan's base year.
    scenario : Scenario
        Drivers, implementation and plan; inventories of earlier years stand in it.
    threads : int
        Threads of the kernel; the result is the same bits at any number.

    Raises
    ------
    InputError, InfeasibleError
        As `compile_program` does.
    """
    if inventory.base_year != scenario.plan.base_year:
        raise InputError(
            [
                Issue(
                    inventory.file,
                    0,
                    "base_year",
                    f"expected the plan's base year {scenario.plan.base_year}, found {inventory.base_year}",
                )
            ]
        )
    return run(compile_program(inventory, scenario), threads)


def run(program: Program, threads: int = 1) -> Projection:
    """Run a compiled program."""
    emissions, activity = kernels.project(program, program.levels, threads)
    no_plan, activity_no_plan = kernels.project(program, program.without_plan(), threads)
    return Projection(_Years(program).dataset(emissions, no_plan, activity, activity_no_plan), program)


class _Years:
    """Puts projected years and those of inventories side by side, over all their sources."""

    def __init__(self, program: Program):
        self.program = program
        self.years = program.scenario.years
        inventories = {**program.scenario.inventories, program.inventory.base_year: program.inventory}
        self.given = {year: inventories[year] for year in self.years if year in inventories}
        chosen = [
            program.inventory,
            *(inventory for year, inventory in self.given.items() if year != program.inventory.base_year),
        ]
        self.pollutants = tuple(dict.fromkeys(name for inventory in chosen for name in inventory.pollutants))
        ids = sorted(set().union(*(map(str, inventory.labels["source"].tolist()) for inventory in chosen)))
        self.row = {name: index for index, name in enumerate(ids)}
        self.rows: dict[int, Any] = {}
        self.labels: dict[str, Any] = {"source": ids}
        for label in (*vocabulary.LABELS, "activity_unit"):
            column = np.full(len(ids), "", dtype=object)
            for inventory in reversed(chosen):
                column[self._rows(inventory)] = (
                    inventory.activity_unit if label == "activity_unit" else inventory.labels[label]
                )
            self.labels[label] = ("source", column.astype(str))

    def _rows(self, inventory: Inventory) -> Any:
        if id(inventory) not in self.rows:
            ids = map(str, inventory.labels["source"].tolist())
            self.rows[id(inventory)] = np.fromiter(map(self.row.__getitem__, ids), np.intp, len(inventory))
        return self.rows[id(inventory)]

    def dataset(self, emissions: Floats, no_plan: Floats, activity: Floats, activity_no_plan: Floats) -> xr.Dataset:
        """Return the dataset of a projection; arguments as the kernels fill them, periods first."""
        monthly = self.program.months > 1
        variables: dict[str, Any] = {}
        for name, values in (("emissions", emissions), ("emissions_no_plan", no_plan)):
            years = np.stack([self._emissions(year, values) for year in self.years])
            attrs = {"units": "t", "long_name": name.replace("_", " ")}
            variables[name] = self._variable(years, ("source", "pollutant"), attrs)
        for name, values in (("activity", activity), ("activity_no_plan", activity_no_plan)):
            years = np.stack([self._activity(year, values) for year in self.years])
            attrs = {"units": "1", "long_name": name.replace("_", " "), "comment": "in activity_unit, per period"}
            variables[name] = self._variable(years, ("source",), attrs)
        coords: dict[str, Any] = {"year": list(self.years), "pollutant": list(self.pollutants), **self.labels}
        coords["measure"] = [measure.id for measure in self.program.measures]
        if monthly:
            coords["month"] = np.arange(1, 13)
        for name, values in (("offsite_electricity", activity), ("offsite_electricity_no_plan", activity_no_plan)):
            found = np.array([self._electricity(year, values) for year in self.years])
            if any(inventory.offsite is not None and inventory.offsite.any() for inventory in self._used()):
                attrs = {"units": "t", "long_name": "CO2 of the power plants that electric stock draws on"}
                variables[name] = ("year",), found, attrs
        if self.program.offsite:
            names = list(dict.fromkeys(name for _, name, _ in self.program.offsite))
            variables["offsite"], coords["offsite_pollutant"] = self._offsite(names), names
        return xr.Dataset(variables, coords)

    def _variable(self, years: Floats, dims: tuple[str, ...], attrs: dict[str, str]) -> Any:
        """Return a variable of years × periods × ...; without its axis of periods when a year has but one."""
        if self.program.months > 1:
            return ("year", "month", *dims), years, attrs
        return ("year", *dims), years[:, 0], attrs

    def _shares(self, inventory: Inventory, year: int) -> Floats:
        """Return the share of a year in each of its periods, periods × sources."""
        return inventory.shares(year).T if self.program.months > 1 else np.ones((1, len(inventory)))

    def _projected(self, year: int) -> slice:
        first = self.program.years.index(year) * self.program.months
        return slice(first, first + self.program.months)

    def _emissions(self, year: int, values: Floats) -> Floats:
        """Return one year, periods × sources × pollutants: of its inventory untouched, or projected."""
        inventory = self.given.get(year, self.program.inventory)
        if year in self.given:
            found = self._shares(inventory, year)[..., None] * inventory.emissions
        else:
            found = values[self._projected(year)]
        # A source that a year does not have emits nothing; a pollutant its inventory does not have is not known.
        block = np.zeros((self.program.months, len(self.row), len(self.pollutants)))
        rows = self._rows(inventory)
        block[:, rows] = np.nan
        block[:, rows[:, None], [self.pollutants.index(name) for name in inventory.pollutants]] = found
        return block

    def _activity(self, year: int, values: Floats) -> Floats:
        """Return one year, periods × sources; NaN for what was reported as tonnes."""
        inventory = self.given.get(year, self.program.inventory)
        if year in self.given:
            found = self._shares(inventory, year) * inventory.activity
        else:
            found = values[self._projected(year)]
        block = np.zeros((self.program.months, len(self.row)))
        block[:, self._rows(inventory)] = np.where(inventory.reported, np.nan, found)
        return block

    def _used(self) -> list[Inventory]:
        return [self.given.get(year, self.program.inventory) for year in self.years]

    def _electricity(self, year: int, values: Floats) -> float:
        """Return the CO2 caused outside the inventory by the stock of a year [t]."""
        if year in self.given:
            return self.given[year].electricity_co2
        offsite = self.program.inventory.offsite
        if offsite is None:
            return 0.0
        drawing = offsite > 0
        return float(values[self._projected(year)].sum(axis=0)[drawing] @ offsite[drawing])

    def _offsite(self, names: list[str]) -> Any:
        program = self.program
        values = np.zeros((len(self.years), len(program.measures), len(names)))
        for number, name, amount in program.offsite:
            by_year = (program.levels[number] * amount).reshape(len(program.years), program.months).sum(axis=1)
            for year, found in zip(program.years, by_year, strict=True):
                values[self.years.index(year), number, names.index(name)] += found
        attrs = {"units": "t", "long_name": "emissions outside the inventory caused by stock that left it"}
        return ("year", "measure", "offsite_pollutant"), values, attrs
