"""What the indicator of a target amounts to in the years the target names: emissions, or activity and stock."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from emis import units
from emis.inventory import Floats, Inventory
from emis.plan import Target
from emis.projection import Projection
from emis.selectors import Selector

__all__ = ["Amounts", "Untold", "activity", "activity_weights", "emissions"]

#: Sources named where many lack the same.
_MOST_NAMED = 3


class Untold(Exception):  # noqa: N818 - an answer of its own, no error
    """Why an amount cannot be told, in English and in Chinese."""

    def __init__(self, english: str, chinese: str):
        super().__init__(english)
        self.english, self.chinese = english, chinese


@dataclass(frozen=True, slots=True)
class Amounts:
    """An indicator with the plan, without it, and `before` in the year `since` (None: in none), all in `unit`."""

    name: str
    unit: str
    after: float
    no_plan: float
    before: float | None
    since: int | None


# -- emissions -------------------------------------------------------------------------------------------------------


def emissions(projection: Projection, target: Target) -> Amounts:
    """Return the emissions that a target is about [t].

    Raises
    ------
    Untold
        When a year or a pollutant is not there, or a source is not estimated.
    """
    assert target.pollutant is not None
    assert target.by is not None
    for year in (target.by, target.since):
        if year is not None:
            _check_emissions(projection, target, target.pollutant, year)
    after, no_plan = (projection.total(target.by, target.pollutant, target.select, plan=plan) for plan in (True, False))
    if np.isnan(after):
        what = f"{target.pollutant} {target.by}"
        raise Untold(f"{what} is not estimated", f"{what} 未估算")
    before = None if target.since is None else projection.total(target.since, target.pollutant, target.select)
    return Amounts(target.pollutant, "t", after, no_plan, before, target.since)


def _check_emissions(projection: Projection, target: Target, pollutant: str, year: int) -> None:
    _check_year(projection, year)
    if pollutant not in projection.inventories.get(year, projection.program.inventory).pollutants:
        raise Untold(f"{pollutant} is not in the inventory of {year}", f"{year} 年清单不含 {pollutant}")
    if missing := projection.unknown(year, pollutant, target.select):
        names = ", ".join(missing[:_MOST_NAMED])
        raise Untold(f"{pollutant} of {names} is not estimated in {year}", f"{year} 年 {names} 的 {pollutant} 未估算")


def _check_year(projection: Projection, year: int) -> None:
    if year not in projection.scenario.years and year not in projection.inventories:
        raise Untold(
            f"{year} is neither among the scenario's years nor an inventory", f"情景未包含 {year} 年，也没有该年清单"
        )


# -- activity --------------------------------------------------------------------------------------------------------


def activity(projection: Projection, target: Target) -> Amounts:
    """Return the activity or stock that a target is about, in the unit of its threshold or else of its sources.

    Activity is summed where its units convert into each other. A threshold in the unit of a stock column
    (``5 village``) counts stock: activity × the source's own base-year ratio of stock to activity. Without a threshold
    the reduction is told against `since`, or else the base year.

    Raises
    ------
    Untold
        When a year is not there, or units, reported tonnes or blank stock columns leave no sum.
    """
    if target.by is None:
        raise Untold("the target names no year", "目标未给出年份")
    threshold = target.at_least if target.at_most is None else target.at_most
    if isinstance(threshold, float):
        raise Untold("a share of activity is not assessed: of what it is one is not said", "未说明占比的分母，不予评估")
    since = target.since
    if since is None and threshold is None:
        since = projection.program.inventory.base_year
    for year in (target.by, since):
        if year is not None:
            _check_year(projection, year)
    unit = threshold.unit if threshold is not None else _common_unit(projection.program.inventory, target.select)
    after, no_plan = (_activity(projection, target.by, target.select, unit, plan) for plan in (True, False))
    before = None if since is None else _activity(projection, since, target.select, unit)
    return Amounts("activity", unit, after, no_plan, before, since)


def _common_unit(inventory: Inventory, select: Selector | None) -> str:
    """Return the unit that most of the selected sources have, into which those of the others convert."""
    rows = inventory.mask(select) & ~inventory.reported
    found: list[str] = [unit for unit, _ in Counter(inventory.activity_unit[rows].astype(str).tolist()).most_common()]
    if not found:
        raise Untold("no source that it selects has an activity", "所选源均无活动水平")
    for other in found[1:]:
        if not units.commensurable(other, found[0]):
            raise Untold(
                f"activities in {found[0]} and in {other} do not add up", f"{found[0]} 与 {other} 的活动水平不能相加"
            )
    return found[0]


def _activity(projection: Projection, year: int, select: Selector | None, unit: str, plan: bool = True) -> float:
    """Return the activity or stock of a selection in a year [unit]."""
    projected = year not in projection.inventories
    inventory = projection.program.inventory if projected else projection.inventories[year]
    rows = np.flatnonzero(inventory.mask(select))
    names = inventory.labels["source"][rows].astype(str)
    values = inventory.activity[rows]
    if projected:
        by_period = projection.dataset["activity" if plan else "activity_no_plan"].sel(year=year, source=names)
        values = by_period.sum("month", skipna=False).values if "month" in by_period.dims else by_period.values
    _refuse(names[inventory.reported[rows]], year, "is reported as tonnes", "仅有排放量，无活动水平")
    _refuse(names[np.isnan(values)], year, "has no known activity", "活动水平未知")
    own = inventory.activity_unit[rows].astype(str)
    fits = {one: units.commensurable(one, unit) for one in dict.fromkeys(own)}
    counted = np.array([not fits[one] for one in own], dtype=bool)
    ratio = np.array([units.activity_ratio(one, unit) if fits[one] else 0.0 for one in own])
    by_stock = _stock(inventory, rows[counted], values[counted], unit, year, projected) if counted.any() else 0.0
    return float(np.sum(values * ratio) + by_stock)


def _stock(inventory: Inventory, rows: Floats, values: Floats, unit: str, year: int, projected: bool) -> float:
    """Return how much of a stock carries the activity `values` of some rows [unit]."""
    fitting = [stock for stock in inventory.stocks.values() if units.commensurable(stock.unit, unit)]
    known = sorted({str(one) for one in inventory.activity_unit[rows]})
    if not fitting:
        shown = ", ".join(known)
        raise Untold(
            f"{unit} is neither the unit of the activity ({shown}) nor of a stock column",
            f"{unit} 既非活动水平单位 ({shown})，也不是存量列的单位",
        )
    names = inventory.labels["source"][rows].astype(str)
    stock = np.full(len(rows), np.nan)
    for one in reversed(fitting):
        own = one.values[rows] * units.activity_ratio(one.unit, unit)
        stock = np.where(np.isnan(own), stock, own)
    _refuse(names[np.isnan(stock)], year, f"states no stock in {unit}", f"未给出以 {unit} 计的存量")
    if not projected:
        return float(stock.sum())
    base = inventory.activity[rows]
    unsure = (base == 0) & (values > 0)
    _refuse(names[unsure], year, "had no base-year activity to tell its stock by", "基准年无活动水平，无法推算存量")
    return float(np.sum(np.divide(values * stock, base, out=np.zeros(len(rows)), where=base > 0)))


def _refuse(names: Floats, year: int, english: str, chinese: str) -> None:
    if len(names):
        shown = ", ".join(str(name) for name in names[:_MOST_NAMED])
        more = len(names) - _MOST_NAMED
        raise Untold(
            f"{shown}{f' and {more} more' if more > 0 else ''} {english} ({year})",
            f"{shown}{f' 等 {len(names)} 个源' if more > 0 else ''}{chinese}（{year} 年）",
        )


def activity_weights(inventory: Inventory, select: Selector | None, unit: str) -> tuple[Floats, bool]:
    """Return what a unit of each source's activity counts in a target's unit, S, and whether that counts a stock.

    Of the base year's inventory, for amounts that `activity` could tell.
    """
    chosen = inventory.mask(select)
    own = inventory.activity_unit.astype(str)
    fits = {one: units.commensurable(one, unit) for one in dict.fromkeys(own[chosen])}
    weights, counted = np.zeros(len(inventory)), False
    for row in np.flatnonzero(chosen):
        if fits[own[row]]:
            weights[row] = units.activity_ratio(own[row], unit)
            continue
        counted = True
        stocks = (s.values[row] * units.activity_ratio(s.unit, unit) for s in inventory.stocks.values()
                  if units.commensurable(s.unit, unit))  # fmt: skip
        stock = next((value for value in stocks if not np.isnan(value)), 0.0)
        weights[row] = stock / inventory.activity[row] if inventory.activity[row] > 0 else 0.0
    return weights, counted
