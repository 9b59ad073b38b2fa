"""Run a program: emissions and activity by source, period and pollutant, with and without the plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from emis import kernels, vocabulary
from emis.errors import InputError, Issue
from emis.inventory import Floats, Inventory
from emis.measures import Selector
from emis.program import Program, compile_program
from emis.scenario import Scenario

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
        values = (self.emissions if plan else self.emissions_no_plan).sel(
            year=year, pollutant=program.inventory.pollutants[column]
        )
        chosen = values.sel(source=program.inventory.labels["source"][rows].astype(str)).values
        return float(np.sum(chosen))

    def unknown(self, year: int, pollutant: str, select: Selector | None = None) -> list[str]:
        """Return the sources of a selection whose emissions of a pollutant are not estimated."""
        inventory = self.inventories.get(year, self.program.inventory)
        if pollutant not in inventory.pollutants:
            return []
        missing = np.isnan(inventory.emissions[:, inventory.pollutants.index(pollutant)]) & inventory.mask(select)
        return [str(name) for name in inventory.labels["source"][missing]]

    def _repr_html_(self) -> str:
        return self.dataset._repr_html_()


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
        ids = sorted({str(name) for inventory in chosen for name in inventory.labels["source"]})
        self.row = {name: index for index, name in enumerate(ids)}
        self.labels: dict[str, Any] = {"source": ids}
        for label in (*vocabulary.LABELS, "activity_unit"):
            column = np.full(len(ids), "", dtype=object)
            for inventory in reversed(chosen):
                column[self._rows(inventory)] = (
                    inventory.activity_unit if label == "activity_unit" else inventory.labels[label]
                )
            self.labels[label] = ("source", column.astype(str))

    def _rows(self, inventory: Inventory) -> Any:
        return np.array([self.row[str(name)] for name in inventory.labels["source"]], dtype=np.intp)

    def dataset(self, emissions: Floats, no_plan: Floats, activity: Floats, activity_no_plan: Floats) -> xr.Dataset:
        months = self.program.months
        monthly = months > 1
        dims = ("year", "month") if monthly else ("year",)
        variables: dict[str, Any] = {}
        for name, values, each in (
            ("emissions", emissions, "emissions"), ("emissions_no_plan", no_plan, "emissions"),
            ("activity", activity, "activity"), ("activity_no_plan", activity_no_plan, "activity"),
        ):  # fmt: skip
            stacked = np.stack([self._year(year, values, each) for year in self.years])
            units = (
                {"units": "t", "long_name": name.replace("_", " ")}
                if each == "emissions"
                else {
                    "units": "1",
                    "long_name": name.replace("_", " "),
                    "comment": "in activity_unit, per period",
                }
            )
            variables[name] = (
                (*dims, "source", "pollutant")[: stacked.ndim - (not monthly)],
                stacked if monthly else stacked[:, 0],
                units,
            )
        coords: dict[str, Any] = {"year": list(self.years), "pollutant": list(self.pollutants), **self.labels}
        if monthly:
            coords["month"] = np.arange(1, 13)
        variables["offsite"] = self._offsite()
        coords["measure"] = [measure.id for measure in self.program.measures]
        return xr.Dataset(variables, coords)

    def _year(self, year: int, values: Floats, each: str) -> Floats:
        """Return one year, months × sources[ × pollutants]: of its inventory untouched, or projected."""
        months = self.program.months
        shape = (months, len(self.row), len(self.pollutants)) if each == "emissions" else (months, len(self.row))
        block = np.zeros(shape)
        if year in self.given:
            inventory = self.given[year]
            found = inventory.emissions if each == "emissions" else inventory.activity
            profiles = (
                np.array([inventory.shares[str(name)] for name in inventory.profile]).reshape(-1, 12).T
                if months > 1
                else np.ones((1, len(inventory)))
            )
            found = profiles[..., None] * found if each == "emissions" else profiles * found
        else:
            inventory, first = self.program.inventory, self.program.years.index(year) * months
            found = values[first : first + months]
        rows = self._rows(inventory)
        if each == "activity":
            block[:, rows] = np.where(inventory.reported, np.nan, found)
            return block
        block[:] = np.nan
        columns = [self.pollutants.index(name) for name in inventory.pollutants]
        absent = np.ones(len(self.row), dtype=bool)
        absent[rows] = False
        block[:, absent, :] = 0.0
        block[:, rows[:, None], columns] = found
        return block

    def _offsite(self) -> Any:
        program = self.program
        values = np.zeros((len(self.years), len(program.measures), len(self.pollutants)))
        by_year = program.levels.reshape(len(program.measures), len(program.years), program.months)
        level = by_year.mean(axis=2)
        for number, name, amount in program.offsite:
            if name not in self.pollutants:
                continue
            for column, year in enumerate(program.years):
                values[self.years.index(year), number, self.pollutants.index(name)] += (
                    level[number, column] * amount[column]
                )
        attrs = {"units": "t", "long_name": "emissions outside the inventory caused by stock that left it"}
        return ("year", "measure", "pollutant"), values, attrs
