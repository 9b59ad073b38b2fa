"""What a measure costs a year, and the effort it takes.

    annual cost = investment · CRF + operation,   CRF = r (1 + r)ⁿ / ((1 + r)ⁿ − 1),   1/n without interest

(capital recovery factor, e.g. US EPA Air Pollution Control Cost Manual, section 1, chapter 2, 2017). A cost that is not
stated is unknown, never zero.
"""

from collections.abc import Sequence

import numpy as np

from emis import units
from emis.errors import InputError, Issues
from emis.inventory import Floats
from emis.measures import Cost, Measure
from emis.options import CostSettings, Options
from emis.schema import Places

__all__ = ["annual_cost", "costs", "efforts", "recovery_factor"]


def recovery_factor(rate: float, years: float) -> float:
    """Return the capital recovery factor [1/yr] at an interest `rate` [1/yr] over a lifetime [yr].

    Raises
    ------
    ValueError
        When the lifetime is not positive or the rate negative.
    """
    if years <= 0 or rate < 0:
        raise ValueError(f"a lifetime of {years:g} yr at {100 * rate:g} %/yr recovers nothing")
    return 1 / years if rate == 0 else rate / -np.expm1(-years * np.log1p(rate))


def annual_cost(cost: Cost, settings: CostSettings) -> float:
    """Return what a measure costs a year when fully implemented [currency/yr], in prices of the settings' year.

    Raises
    ------
    UnitError
        When it cannot be told, with what would be right.
    """
    if cost.investment is None and cost.operation is None:
        raise units.UnitError("neither investment nor operation is stated", "write what it costs, or 0 yuan")
    whole = 0.0
    if cost.investment is not None and cost.investment.value > 0:
        lifetime = None if cost.lifetime is None else cost.lifetime.value * units.ratio(cost.lifetime.unit, "yr")
        if not lifetime:
            raise units.UnitError("an investment without a lifetime cannot be annualised", "write lifetime: 10 yr")
        invested = cost.investment.value * units.ratio(cost.investment.unit, settings.currency)
        whole += invested * recovery_factor(settings.rate, lifetime)
    if cost.operation is not None:
        whole += cost.operation.value * units.ratio(cost.operation.unit, f"{settings.currency}/yr")
    return whole * _prices(cost, settings)


def _prices(cost: Cost, settings: CostSettings) -> float:
    """Return the level of prices in the settings' year over that of the cost's own [1]."""
    here, there = settings.price_year, cost.price_year
    if there is None or there == here:
        return 1.0
    if here is None:
        raise units.UnitError(f"it is in prices of {there}", "say which are wanted: cost: {price_year: 2018}")
    missing = [str(year) for year in (there, here) if year not in settings.price_index]
    if missing:
        hint = "give cost.price_index, e.g. {2015: 100, 2018: 106.3}"
        raise units.UnitError(f"it is in prices of {there}, and there is no price index of {', '.join(missing)}", hint)
    return float(settings.price_index[here]) / float(settings.price_index[there])


def costs(measures: Sequence[Measure], options: Options | None, places: Places) -> Floats:
    """Return the annual cost of each measure [currency/yr].

    Raises
    ------
    InputError
        With every measure whose cost is not stated or cannot be told.
    """
    settings, issues = options.cost if options else CostSettings(), Issues()
    found = np.zeros(len(measures))
    for number, measure in enumerate(measures):
        place = places.at(("plan", "measures", measure.id, "cost"))
        path = f"measures.{measure.id}.cost"
        if measure.cost is None:
            hint = "state it, hold the measure with --keep, leave it out with --without, or write --minimise effort"
            issues.error(*place, path, "its cost is not stated", hint)
            continue
        try:
            found[number] = annual_cost(measure.cost, settings)
        except units.UnitError as error:
            issues.error(*place, path, error.message, error.hint)
    if issues.errors:
        raise InputError(issues.errors)
    return found


def efforts(measures: Sequence[Measure], options: Options | None) -> Floats:
    """Return the effort that each measure takes [1]: 1 unless options weigh it."""
    weigh = (options or Options(emis="options/1")).effort_of
    return np.array([weigh(measure) for measure in measures])
