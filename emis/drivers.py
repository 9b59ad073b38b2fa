"""What happens without the plan: activity under growth and natural turnover, from the plan's base year on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from emis import units
from emis.inventory import Floats, Inventory
from emis.scenario import Driver, Scenario
from emis.selection import Path, Selection, Sources

__all__ = ["Driven", "activity_without_plan", "driven", "without_self", "yields"]


def activity_without_plan(
    scenario: Scenario, inventory: Inventory, years: tuple[int, ...], selection: Selection
) -> Floats:
    """Return A, sources × years [activity unit/yr]: base-year stock as moved by turnover, then grown.

    A driver shift moves its share of the base-year stock each year, several add; growth compounds and several multiply,
    and applies to the stock as moved. Faults (a driver that matches nothing, that moves more than the stock, an index
    that does not reach a year) go to the selection's issues.
    """
    moved = np.zeros((len(inventory), len(years)))
    leaving = np.zeros(len(inventory))
    factor = np.ones((len(inventory), len(years)))
    for one in driven(scenario, inventory, years, selection):
        if one.growth is not None:
            factor[one.sources] *= one.growth
            continue
        assert one.driver.shift is not None
        leaving[one.sources] += one.driver.shift.share
        moved[one.sources] -= one.tau
        inside = one.arrivals >= 0
        np.add.at(moved, one.arrivals[inside], (one.tau * one.rate[:, None])[inside])
    _check_stock(scenario, inventory, leaving, years, selection)
    stock = moved
    stock += inventory.activity[:, None]
    # Turnover that takes all of a stock leaves nothing, not the rounding of its sum.
    turned = np.flatnonzero(leaving > 0)
    left = stock[turned]
    left[np.abs(left) < 1e-12 * inventory.activity[turned, None]] = 0.0
    stock[turned] = left
    stock *= factor
    return stock


@dataclass(frozen=True, slots=True)
class Driven:
    """What one driver does: growth by year [1] of its sources, or stock `tau` that leaves them, n × years, for others.

    `rate` is what arrives per unit that leaves, at the sources `arrivals` (-1: outside the inventory).
    """

    number: int
    driver: Driver
    sources: Sources
    growth: Floats | None
    tau: Floats
    arrivals: Sources
    rate: Floats


def driven(scenario: Scenario, inventory: Inventory, years: tuple[int, ...], selection: Selection) -> Iterator[Driven]:
    """Yield what each driver does to the sources it selects; faults go to the selection's issues."""
    base = scenario.plan.base_year
    ages = np.array(years, dtype=float) - base
    none = np.empty(0, dtype=np.intp)
    for number, driver in enumerate(scenario.document.drivers):
        path: Path = ("scenario", "drivers", number)
        sources = selection.sources({(*path, "select"): driver.select})
        if driver.shift is not None:
            arrivals = selection.destinations(driver.shift.to, sources, (*path, "shift", "to"))
            sources, arrivals = without_self(sources, arrivals, (*path, "shift", "to"), selection)
            if inventory.reported[sources].any():
                selection.error(
                    (*path, "shift"),
                    "reported emissions cannot shift: their activity is not known",
                    "select other sources",
                )
                continue
            tau = inventory.activity[sources, None] * driver.shift.share * ages
            rate = yields(driver.shift.yield_, inventory, sources, arrivals, (*path, "shift"), selection)
            yield Driven(number, driver, sources, None, tau, arrivals, rate)
            continue
        try:
            growth = np.array([driver.factor(base, year) for year in years])
        except ValueError as error:
            selection.error((*path, "index"), str(error), "the base year and every year of the scenario lie within it")
            continue
        yield Driven(number, driver, sources, growth, np.empty((0, len(years))), none, np.empty(0))


def _check_stock(
    scenario: Scenario, inventory: Inventory, leaving: Floats, years: tuple[int, ...], selection: Selection
) -> None:
    for year in years:
        promised = leaving * (year - scenario.plan.base_year)
        over = np.flatnonzero((promised > 1 + 1e-12) & (inventory.activity > 0))
        if len(over):
            worst = over[int(np.argmax(promised[over]))]
            selection.error(
                ("scenario", "drivers"),
                f"by {year} the drivers move {100 * promised[worst]:.6g} % of {inventory.labels['source'][worst]} away",
                "a driver shift moves its share of the base-year stock each year: write a smaller share",
            )
            return


def without_self(sources: Sources, arrivals: Sources, path: Path, selection: Selection) -> tuple[Sources, Sources]:
    """Leave out origins that are their own destination: what has arrived already does not move."""
    same = sources == arrivals
    if same.any():
        names = ", ".join(str(name) for name in selection.inventory.labels["source"][sources[same]][:5])
        selection.warn(path, f"{names} is selected and is the destination itself", "its stock stays where it is")
    return sources[~same], arrivals[~same]


def yields(
    given: float | units.Quantity | None,
    inventory: Inventory,
    sources: Sources,
    arrivals: Sources,
    path: Path,
    selection: Selection,
) -> Floats:
    """Return units of activity that arrive per unit that leaves, for each origin; 0 outside the inventory.

    A number counts in the same unit on both sides where the two can be compared, and otherwise in each row's own unit.
    """
    rate, inside = np.zeros(len(sources)), arrivals >= 0
    unit = inventory.activity_unit
    pairs = list(zip(unit[sources[inside]].tolist(), unit[arrivals[inside]].tolist(), strict=True))
    by_pair = {pair: _yield(given, *pair, path, selection) for pair in dict.fromkeys(pairs)}
    rate[inside] = [by_pair[pair] for pair in pairs]
    return rate


def _yield(given: float | units.Quantity | None, origin: str, arrival: str, path: Path, selection: Selection) -> float:
    try:
        if isinstance(given, units.Quantity):
            return units.magnitude_per(given, arrival, origin)
        if units.commensurable(origin, arrival):
            return (1.0 if given is None else float(given)) * units.activity_ratio(origin, arrival)
    except units.UnitError as error:
        selection.error((*path, "yield"), error.message, error.hint)
        return 0.0
    if given is None:
        selection.error(
            path,
            f"the stock changes from {origin} to {arrival}",
            f"say how much arrives, e.g. yield: 1000 {arrival.split('/')[0]}/{origin.split('/')[0]}",
        )
        return 0.0
    return float(given)
