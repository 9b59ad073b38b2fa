"""What happens without the plan: activity under growth and natural turnover, from the plan's base year on."""

import numpy as np

from emis import units
from emis.inventory import Floats, Inventory
from emis.scenario import Scenario
from emis.selection import Path, Selection, Sources

__all__ = ["activity_without_plan", "yields"]


def activity_without_plan(
    scenario: Scenario, inventory: Inventory, years: tuple[int, ...], selection: Selection
) -> Floats:
    """Return A, sources × years [activity unit/yr]: base-year stock as moved by turnover, then grown.

    A driver shift moves its share of the base-year stock each year, several add; growth compounds and several multiply,
    and applies to the stock as moved. Faults (a driver that matches nothing, that moves more than the stock, an index
    that does not reach a year) go to the selection's issues.
    """
    base = scenario.plan.base_year
    ages = np.array(years, dtype=float) - base
    moved = np.zeros((len(inventory), len(years)))
    leaving = np.zeros(len(inventory))
    factor = np.ones((len(inventory), len(years)))
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
            leaving[sources] += driver.shift.share
            tau = inventory.activity[sources, None] * driver.shift.share * ages
            moved[sources] -= tau
            rate = yields(driver.shift.yield_, inventory, sources, arrivals, (*path, "shift"), selection)
            inside = arrivals >= 0
            np.add.at(moved, arrivals[inside], (tau * rate[:, None])[inside])
            continue
        for column, year in enumerate(years):
            try:
                factor[sources, column] *= driver.factor(base, year)
            except ValueError as error:
                selection.error(
                    (*path, "index"), str(error), "the base year and every year of the scenario lie within it"
                )
                break
    _check_stock(scenario, inventory, leaving, years, selection)
    stock = inventory.activity[:, None] + moved
    # Turnover that takes all of a stock leaves nothing, not the rounding of its sum.
    gone = (leaving > 0)[:, None] & (np.abs(stock) < 1e-12 * inventory.activity[:, None])
    return np.where(gone, 0.0, stock) * factor


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
    rate = np.zeros(len(sources))
    cache: dict[tuple[str, str], float] = {}
    for number, (origin, arrival) in enumerate(zip(sources, arrivals, strict=True)):
        if arrival < 0:
            continue
        pair = (str(inventory.activity_unit[origin]), str(inventory.activity_unit[arrival]))
        if pair not in cache:
            cache[pair] = _yield(given, *pair, path, selection)
        rate[number] = cache[pair]
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
