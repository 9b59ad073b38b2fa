"""Targets as aims: a number, lower is better, made of quantities that are multilinear in implementation, and its bound.

Emissions, activity and dustfall (by the district's TSP) are one such quantity. PM2.5 is a function of the district's
precursors, the neighbours as the scenario assumes them; heavily polluted days go with PM2.5, so their threshold becomes
the highest PM2.5 that keeps to it, found by bisection. Rollback, attainment test and source-receptor matrix are convex
in emissions (straight, but for species that cannot fall below what is there); a response surface need not be.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from emis import target_amounts, units
from emis.airquality.interface import PRECURSORS
from emis.ambient.case import SCOPES, Case, Uniform
from emis.ambient.indicators import Concentration, Dustfall, HeavyDays, indicator
from emis.inventory import Floats, Inventory
from emis.plan import Target
from emis.program import Indices
from emis.projection import Projection
from emis.selectors import Selector
from emis.solver.forms import Activity, Quantity, emissions
from emis.target_amounts import Untold

__all__ = ["Aim", "AirResponse", "aim", "holds"]

Shape = Literal["linear", "convex", "other"]

_ROUNDING = 1e-12
_DUST = Selector(sector=("dust",))
_LAST = SCOPES[-1]
#: Step of the differences that tell a slope, relative to base-year emissions; straight pieces have no error of it.
_STEP = 1e-4


class Response(Protocol):
    """From quantities, Q, to the number that is held against a bound, and to what a reader is told."""

    @property
    def shape(self) -> Shape:
        """Whether the number is linear or convex in the quantities."""

    def measured(self, amounts: Floats) -> float:
        """Return the number; lower is better."""
        ...

    def slope(self, amounts: Floats) -> Floats:
        """Return its partial derivatives, Q."""
        ...

    def told(self, amounts: Floats) -> float:
        """Return what the target is told in."""
        ...


@dataclass(frozen=True)
class Aim:
    """A target to reach: ``response(quantities) ≤ bound + slack``; `unit` and `required` are those of its verdict."""

    target: Target
    quantities: tuple[Quantity, ...]
    response: Response
    bound: float
    slack: float
    unit: str
    required: float

    def amounts(self, y: Floats) -> Floats:
        """Return the quantities at implementation y, M."""
        return np.array([one.value(y) for one in self.quantities])

    def measured(self, y: Floats) -> float:
        """Return the number at y."""
        return self.response.measured(self.amounts(y))

    def slope(self, y: Floats) -> Floats:
        """Return its partial derivatives at y, M."""
        outer = self.response.slope(self.amounts(y))
        return np.asarray(sum(part * one.slope(y) for part, one in zip(outer, self.quantities, strict=True)))

    def exact(self, levels: Floats) -> Floats:
        """Return the quantities at levels, M × T, by the kernels."""
        return np.array([one.exact(levels) for one in self.quantities])

    def reached(self, amounts: Floats) -> bool:
        """Tell whether quantities reach the target, at full precision as a verdict does."""
        return self.response.measured(amounts) <= self.bound + self.slack


# -- one quantity ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Amount:
    """A single quantity, told as it is (`before` None) or as its reduction in per cent; `sign` −1 for a floor."""

    before: float | None
    sign: float = 1.0
    shape: Shape = "linear"

    def measured(self, amounts: Floats) -> float:
        return self.sign * float(amounts[0])

    def slope(self, amounts: Floats) -> Floats:
        return np.array([self.sign])

    def told(self, amounts: Floats) -> float:
        return float(amounts[0]) if self.before is None else 100 * (1 - float(amounts[0]) / self.before)


@dataclass(frozen=True)
class _Fallen:
    """Dustfall, of the district's TSP [t/yr]; `before` is that of the base year."""

    one: Dustfall
    year: int
    before: float
    shape: Shape = "linear"

    def measured(self, amounts: Floats) -> float:
        return float(amounts[0])

    def slope(self, amounts: Floats) -> Floats:
        return np.ones(1)

    def told(self, amounts: Floats) -> float:
        return float(self.drawn(amounts))

    def drawn(self, amounts: Floats, uniform: Uniform = None) -> Floats:
        raised = {(self.year, True): float(amounts[0]) / self.before}
        return replace(self.one, raised=raised).value(self.year, _LAST, uniform)


# -- the air ---------------------------------------------------------------------------------------------------------


class _At:
    """A case whose PM2.5 is told instead of modelled; all else is the case's own."""

    def __init__(self, case: Case, mean: float):
        self._case, self._mean = case, np.asarray(mean)

    def __getattr__(self, name: str) -> object:
        return getattr(self._case, name)

    def pm25(self, *_: object, **__: object) -> Floats:
        return self._mean


@dataclass(frozen=True)
class _Air:
    """PM2.5 of a year [ug/m3] by the first model, of the district's precursors [t/yr]; `before`: in the base year."""

    one: Concentration | HeavyDays
    year: int
    names: tuple[str, ...]
    before: Floats

    @property
    def shape(self) -> Shape:
        return "other" if self.one.case.settings.models[0] == "response_surface" else "convex"

    def _case(self, amounts: Floats) -> Case:
        ratio = np.ones((*amounts.shape[:-1], len(PRECURSORS)))
        ratio[..., [PRECURSORS.index(name) for name in self.names]] = amounts / self.before
        return replace(self.one.case, district={(self.year, True): ratio})

    def _modelled(self, amounts: Floats) -> Floats:
        case = self._case(amounts)
        return case.pm25(case.settings.models[0], self.year, _LAST)

    def measured(self, amounts: Floats) -> float:
        return float(self._modelled(amounts))

    def slope(self, amounts: Floats) -> Floats:
        steps = np.diag(_STEP * self.before)
        ends = self._modelled(np.concatenate([amounts + steps, np.maximum(amounts - steps, 0.0)]))
        moved = np.diag(amounts + steps - np.maximum(amounts - steps, 0.0))
        return np.asarray((ends[: len(steps)] - ends[len(steps) :]) / moved)

    def told(self, amounts: Floats) -> float:
        return float(self.drawn(amounts))

    def drawn(self, amounts: Floats, uniform: Uniform = None) -> Floats:
        return replace(self.one, case=self._case(amounts)).value(self.year, _LAST, uniform)


#: Responses of the air, whose uncertain parameters can be drawn.
AirResponse = _Fallen | _Air


# -- from a target to its aim ----------------------------------------------------------------------------------------


def aim(projection: Projection, target: Target) -> Aim:
    """Return the aim of a target on a program whose levels are those of full implementation.

    Parameters
    ----------
    projection : Projection
        Of that program with no measure in place; it knows what was before, and what is not known.

    Raises
    ------
    Untold
        When the target cannot be solved for, and why.
    """
    if target.indicator == "alert":
        raise Untold("alert days are not solved for: their measures are those of the alert", "不对预警日目标求解")
    if target.indicator == "index":
        raise Untold("the plan gives no figure for the index", "计划未给出该指标的数值")
    if target.reduce_by is None and target.at_most is None and not isinstance(target.at_least, units.Quantity):
        raise Untold("the plan sets no threshold", "计划未设阈值")
    if target.by not in projection.program.years or target.by in projection.inventories:
        raise Untold(f"{target.by} is not among the years that the scenario projects", f"情景未预测 {target.by} 年")
    if target.indicator == "emissions":
        return _of_emissions(projection, target)
    if target.indicator == "activity":
        return _of_activity(projection, target)
    if target.at_least is not None:
        raise Untold("a floor on what is in the air is not solved for", "不对空气质量下限求解")
    found = indicator(projection, target)
    if isinstance(found, Dustfall):
        return _of_dustfall(projection, target, found)
    assert isinstance(found, Concentration | HeavyDays)
    return _of_the_air(projection, target, found)


def _year(projection: Projection, target: Target) -> int:
    assert target.by is not None
    return projection.program.years.index(target.by)


def _of_emissions(projection: Projection, target: Target) -> Aim:
    amounts = target_amounts.emissions(projection, target)
    assert target.pollutant is not None
    inventory = projection.program.inventory
    quantity = emissions(projection.program, target.pollutant, inventory.mask(target.select), _year(projection, target))
    if target.reduce_by is not None:
        return _reduction(target, quantity, amounts.before)
    assert target.at_most is not None
    bound = target.at_most.value * units.tonnes_per_year(target.at_most.unit)
    return Aim(target, (quantity,), _Amount(None), bound, _ROUNDING * bound, "t", bound)


def _reduction(target: Target, quantity: Quantity, before: float | None) -> Aim:
    assert target.reduce_by is not None
    if not before:
        raise Untold("there was nothing to reduce", "无从减排")
    bound = before * (1 - target.reduce_by)
    return Aim(target, (quantity,), _Amount(before), bound, _ROUNDING * before, "%", 100 * target.reduce_by)


def _of_activity(projection: Projection, target: Target) -> Aim:
    amounts = target_amounts.activity(projection, target)
    inventory = projection.program.inventory
    part = _counted(inventory, np.flatnonzero(inventory.mask(target.select)), amounts.unit)
    quantity = Activity.of(projection.program, part, _year(projection, target))
    if target.reduce_by is not None:
        return _reduction(target, quantity, amounts.before)
    bound = target.at_most if target.at_most is not None else target.at_least
    assert isinstance(bound, units.Quantity)
    sign = 1.0 if target.at_most is not None else -1.0
    slack = _ROUNDING * bound.value
    return Aim(target, (quantity,), _Amount(None, sign), sign * bound.value, slack, amounts.unit, bound.value)


def _counted(inventory: Inventory, rows: Indices, unit: str) -> Floats:
    """Return how much of `unit` a unit of each source's activity is, S: by its own unit, or by a stock column."""
    part = np.zeros(len(inventory))
    for source in rows:
        own = str(inventory.activity_unit[source])
        if units.commensurable(own, unit):
            part[source] = units.activity_ratio(own, unit)
            continue
        fitting = [one for one in inventory.stocks.values() if units.commensurable(one.unit, unit)]
        stock = next(one for one in fitting if not np.isnan(one.values[source]))
        if inventory.activity[source] > 0:
            held = stock.values[source] * units.activity_ratio(stock.unit, unit)
            part[source] = held / inventory.activity[source]
    return part


def _of_dustfall(projection: Projection, target: Target, one: Dustfall) -> Aim:
    program, base = projection.program, projection.program.inventory.base_year
    before = projection.total(base, "TSP")
    every = np.ones(len(program.inventory), dtype=bool)
    quantity = emissions(program, "TSP", every, _year(projection, target))
    assert target.by is not None
    response = _Fallen(one, target.by, before)
    required = _required(target)
    bound = _highest(lambda ratio: bool(holds(target, required, response.told(np.array([ratio * before])))), 10.0)
    return Aim(target, (quantity,), response, bound * before, 0.0, one.unit, required)


def _of_the_air(projection: Projection, target: Target, one: Concentration | HeavyDays) -> Aim:
    program, base = projection.program, projection.program.inventory.base_year
    inventory, year = program.inventory, _year(projection, target)
    before: dict[str, float] = {}
    quantities: list[Quantity] = []
    for name in PRECURSORS:
        pollutant, select = ("PM2.5", _DUST) if name == "dust" else (name, None)
        if name in one.case.held or not (amount := projection.total(base, pollutant, select)):
            continue
        before[name] = amount
        quantities.append(emissions(program, pollutant, inventory.mask(select), year))
    assert target.by is not None
    by = target.by
    response = _Air(one, by, tuple(before), np.array(list(before.values())))
    required = _required(target)

    def keeps(mean: float) -> bool:
        told = replace(one, case=cast(Case, _At(one.case, mean)))
        return bool(holds(target, required, told.value(by, _LAST)))

    bound = _highest(keeps, 4 * one.case.mass.value)
    return Aim(target, tuple(quantities), response, bound, 0.0, one.unit, required)


def _required(target: Target) -> float:
    if target.reduce_by is not None:
        return 100 * target.reduce_by
    assert target.at_most is not None
    return target.at_most.value


def holds(target: Target, required: float, value: Floats | float) -> NDArray[np.bool_]:
    """Tell whether values reach a target of the air, as its verdict has it, at full precision."""
    slack, found = _ROUNDING * abs(required), np.asarray(value)
    return np.asarray(found >= required - slack if target.reduce_by is not None else found <= required + slack)


def _highest(keeps: Callable[[float], bool], most: float) -> float:
    """Return the highest number that keeps to a threshold, to the last bit; 0 when none does."""
    low, high = 0.0, most
    if keeps(high):
        return high
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if keeps(middle) else (low, middle)
    return low
