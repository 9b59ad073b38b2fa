"""What explanations look up: a projection, the years and inventories behind it, where its numbers stand in files."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from emis import kernels
from emis.drivers import activity_without_plan, without_self
from emis.errors import Issues
from emis.explanation.tree import Basis, Lang
from emis.inventory import Floats, Inventory
from emis.lowering import Lowered, lower
from emis.measures import Effect, Measure
from emis.projection import Projection
from emis.scenario import Driver
from emis.schema import Evidence
from emis.selection import Selection, Sources
from emis.selectors import Selector, wants

__all__ = ["Account", "Drift"]


@dataclass(frozen=True, slots=True)
class Drift:
    """What a driver does: `factor`, S × Y [1], or `moved`, S × Y [activity unit/yr], from `origins` to `arrivals`."""

    number: int
    driver: Driver
    factor: Floats | None
    moved: Floats | None
    origins: Sources
    arrivals: Sources


class Account:
    """A projection with what an explanation of it looks up; what is computed once serves all its explanations."""

    def __init__(self, projection: Projection, lang: Lang = "en"):
        self.projection, self.program, self.scenario = projection, projection.program, projection.scenario
        self.inventory, self.lang = projection.program.inventory, lang
        self.row = {str(name): row for row, name in enumerate(self.inventory.labels["source"])}
        self._lowered: dict[int, Lowered] = {}

    def say(self, english: str, chinese: str) -> str:
        """Return a text in the language asked for."""
        return chinese if self.lang == "zh" else english

    @cached_property
    def list_mark(self) -> str:
        """What stands between the items of a list."""
        return "、" if self.lang == "zh" else ", "

    # -- years ---------------------------------------------------------------------------------------------------------

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years of which something is known: those projected and those of inventories."""
        return tuple(sorted({*self.scenario.years, *self.projection.inventories}))

    @property
    def default_year(self) -> int:
        """The plan's target year where it is known, else the last year."""
        target = self.scenario.plan.target_year
        return target if target in self.years and target is not None else self.years[-1]

    def of_inventory(self, year: int) -> bool:
        """Tell whether a year is that of an inventory, which no driver and no measure touches."""
        return year in self.projection.inventories

    def inventory_of(self, year: int) -> Inventory:
        """Return the inventory of a year, or the one from which the year is projected."""
        return self.projection.inventories.get(year, self.inventory)

    def periods(self, year: int) -> slice:
        """Return the periods of a projected year among those of the program."""
        first = self.program.years.index(year) * self.program.months
        return slice(first, first + self.program.months)

    def share(self, source: int, year: int) -> Floats:
        """Return w of a source in the periods of a projected year, N [1]."""
        return self.program.share[self.program.profile[source], self.periods(year)]

    # -- amounts -------------------------------------------------------------------------------------------------------

    def emissions(self, year: int, pollutant: str, plan: bool = True) -> Floats:
        """Return the emissions of the sources of `inventory_of(year)` [t]; NaN where not estimated."""
        inventory = self.inventory_of(year)
        if pollutant not in inventory.pollutants:
            return np.full(len(inventory), np.nan)
        if self.of_inventory(year):
            return inventory.emissions[:, inventory.pollutants.index(pollutant)]
        name = "emissions" if plan else "emissions_no_plan"
        return self._of_year(name, year)[:, self._pollutants.index(pollutant)]

    def activity(self, year: int) -> Floats:
        """Return the activity of the sources with the plan [activity unit/yr]; NaN for reported tonnes."""
        if self.of_inventory(year):
            inventory = self.inventory_of(year)
            return np.where(inventory.reported, np.nan, inventory.activity)
        return self._of_year("activity", year)

    @cached_property
    def _pollutants(self) -> list[str]:
        return [str(name) for name in self.projection.dataset["pollutant"].values]

    @cached_property
    def _rows(self) -> Sources:
        names = {str(name): row for row, name in enumerate(self.projection.dataset["source"].values)}
        return np.array([names[name] for name in self.row], dtype=np.intp)

    def _of_year(self, name: str, year: int) -> Floats:
        found = self.projection.dataset[name].sel(year=year)
        summed = found.sum("month", skipna=False) if "month" in found.dims else found
        return np.asarray(summed.values[self._rows])

    @cached_property
    def uncapped(self) -> Floats:
        """Emissions before any ceiling, T × S × P [t per period]."""
        return kernels.project(replace(self.program, caps=()), self.program.levels)[0]

    # -- drivers and measures ------------------------------------------------------------------------------------------

    @cached_property
    def _selection(self) -> Selection:
        others = [one for one in self.scenario.inventories.values() if one is not self.inventory]
        # Its faults were told when the program was compiled.
        return Selection(self.inventory, others, self.scenario.places, Issues())

    @cached_property
    def drifts(self) -> tuple[Drift, ...]:
        """What each driver does by itself, computed as the program's activity is."""
        return tuple(self._drifts())

    def _drifts(self) -> Iterator[Drift]:
        base, years, none = self.scenario.plan.base_year, self.program.years, np.empty(0, dtype=np.intp)
        document = self.scenario.document
        for number, driver in enumerate(document.drivers):
            sources = self._selection.sources({("scenario", "drivers", number): driver.select})
            if driver.shift is None:
                factor = np.ones((len(self.inventory), len(years)))
                factor[sources] = [driver.factor(base, year) for year in years]
                yield Drift(number, driver, factor, None, none, none)
                continue
            alone = replace(self.scenario, document=document.model_copy(update={"drivers": (driver,)}))
            moved = activity_without_plan(alone, self.inventory, years, self._selection)
            arrivals = self._selection.destinations(driver.shift.to, sources, ())
            origins, arrivals = without_self(sources, arrivals, (), self._selection)
            yield Drift(number, driver, None, moved - self.inventory.activity[:, None], origins, arrivals)

    def lowered(self, number: int) -> Lowered:
        """Return a measure in the terms of the equation, as it was compiled."""
        if number not in self._lowered:
            self._lowered[number] = lower(self.program.measures[number], self.program.activity, self._selection)
        return self._lowered[number]

    def effects(self, measure: Measure, source: int) -> list[tuple[int, Effect]]:
        """Return the effects of a measure that select a source, each with its number."""
        return [
            (number, effect)
            for number, effect in enumerate(measure.do)
            if self.selects(source, measure.select, effect.verb.select)
        ]

    def selects(self, source: int, *selectors: Selector | None) -> bool:
        """Tell whether all of some selectors select a source."""
        labels = self.inventory.labels
        return all(
            wants(wanted, str(labels[label][source]))
            for one in selectors
            if one is not None
            for label, wanted in one.items()
        )

    # -- what it rests on ----------------------------------------------------------------------------------------------

    def planned(self, measure: Measure, number: int | None = None) -> Basis:
        """Return what a measure of the plan rests on; `number` is the effect whose line is told."""
        path: tuple[str | int, ...] = ("plan", "measures", measure.id)
        path = path if number is None else (*path, "do", number, measure.do[number].name)
        return _basis(self.scenario.plan_places.at(path), measure.evidence)

    def assumed(self, number: int) -> Basis:
        """Return what a driver rests on."""
        driver = self.scenario.document.drivers[number]
        return _basis(self.scenario.places.at(("scenario", "drivers", number)), driver.evidence, driver.note)


def _basis(place: tuple[str, int], evidence: Evidence | None, note: str = "") -> Basis:
    found = evidence or Evidence()
    reference = "; ".join(filter(None, (found.source, found.note or note)))
    return Basis(*place, found.grade or "", reference)
