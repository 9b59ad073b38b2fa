"""Cross-checks: what an inventory says beside what others published, and whether the two agree within uncertainty."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emis import units, vocabulary
from emis.errors import UnitError
from emis.inventory import Floats, Inventory
from emis.propagation import Codes, Deviations, combine, deviations

if TYPE_CHECKING:
    from emis.selectors import Selector

__all__ = ["Comparison", "CrossCheck", "compare", "evaluate"]


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """A published figure that a part of the inventory can be held against.

    Parameters
    ----------
    selector : Selector
        The sources that are summed.
    quantity, per : str
        What is summed: a pollutant, ``activity`` or a stock column; and what it is divided by, "" for nothing.
    published, unit : float, str
        The published figure.
    key : float
        What it is multiplied with to hold for the inventory's area, such as the area's share of the population.
    low, high : float
        95 % interval of published x key [unit]; NaN when none is published.
    year : int, optional
        Base year it holds for; None for any.
    """

    name: str
    selector: "Selector"
    quantity: str
    per: str
    published: float
    unit: str
    key: float = 1.0
    low: float = math.nan
    high: float = math.nan
    reference: str = ""
    grade: str = ""
    remark: str = ""
    year: int | None = None
    place: tuple[str, int] = ("", 0)

    @property
    def expected(self) -> float:
        """Published x key [unit]."""
        return self.published * self.key

    @property
    def what(self) -> str:
        """What is compared: ``PM2.5`` or ``activity per households``."""
        return f"{self.quantity} per {self.per}" if self.per else self.quantity


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a cross-check gave, in its unit.

    `here` with half its 95 % interval, and `expected` with the width of its interval on the side of `here`; NaN where
    none is stated or here is not estimated (NE);
    `ratio` is here / expected. `inside` tells whether |here - expected| <= sqrt(half_here² + half_expected²); None when
    neither states an uncertainty, or here is not known.
    """

    check: CrossCheck
    here: float
    half_here: float

    @property
    def half_expected(self) -> float:
        """Width of the published interval towards what is here: published intervals are seldom symmetric."""
        end = self.check.high if self.here > self.expected else self.check.low
        return abs(end - self.expected)

    @property
    def expected(self) -> float:
        """Published x key."""
        return self.check.expected

    @property
    def ratio(self) -> float:
        """Here / expected; NaN when nothing is expected."""
        return self.here / self.expected if self.expected else math.nan

    @property
    def inside(self) -> bool | None:
        """Whether the two agree within their combined uncertainty."""
        halves = [half for half in (self.half_here, self.half_expected) if not math.isnan(half)]
        if not halves or math.isnan(self.here):
            return None
        return abs(self.here - self.expected) <= math.hypot(*halves)


@dataclass(frozen=True, slots=True)
class _Sum:
    """A sum over sources [unit], and the half widths of its terms with what errs together."""

    value: float
    unit: str
    basis: Floats
    activity: Floats
    factor: Floats
    factor_group: Codes


def evaluate(inventory: Inventory, known: Deviations | None = None) -> tuple[Comparison, ...]:
    """Return the comparisons of all cross-checks of an inventory, in the order of their table.

    `known` are the inventory's deviations, where they are worked out already.
    """
    known = known or (deviations(inventory) if inventory.cross_checks else None)
    return tuple(compare(check, inventory, known) for check in inventory.cross_checks)


def compare(check: CrossCheck, inventory: Inventory, known: Deviations | None = None) -> Comparison:
    """Return what a cross-check gives for an inventory.

    The uncertainty of a quotient N/D is of first order, with what N and D share: an error of the activity that is in
    both (emission per activity) cancels. A stock column has no interval of its own; that of the activity it carries is
    taken to hold its error too.

    Raises
    ------
    UnitError
        When the selected rows cannot be summed, or the sum does not convert into the check's unit.
    """
    known = known or deviations(inventory)
    rows = inventory.rows(check.selector)
    group, basis = known.activity_group[rows], known.basis_group[rows]
    over = _sum(inventory, known, rows, check.quantity)
    pollutant = check.quantity if check.quantity in vocabulary.POLLUTANTS else None
    unit = units.check(check.unit, pollutant)
    if not check.per:
        scale = 1 / units.activity_ratio(unit, over.unit)
        half = combine((over.basis, basis), (over.activity, group), (over.factor, over.factor_group))
        return _comparison(check, over.value * scale, half * scale)
    under = _sum(inventory, known, rows, check.per)
    scale = 1 / units.magnitude_per(units.Quantity(1.0, unit), over.unit, under.unit)
    if not under.value:
        return _comparison(check, math.nan, math.nan)
    ratio = over.value / under.value
    half = combine(
        ((over.basis - ratio * under.basis) / under.value, basis),
        ((over.activity - ratio * under.activity) / under.value, group),
        (over.factor / under.value, over.factor_group),
        (ratio * under.factor / under.value, under.factor_group),
    )
    return _comparison(check, ratio * scale, half * scale)


def _comparison(check: CrossCheck, here: float, half: float) -> Comparison:
    return Comparison(check, here, half if half and not math.isnan(here) else math.nan)


def _sum(inventory: Inventory, known: Deviations, rows: Codes, quantity: str) -> _Sum:
    nothing = np.zeros(len(rows))
    if quantity in inventory.pollutants:
        p = inventory.pollutants.index(quantity)
        factor, activity = inventory.factor[rows, p], inventory.activity[rows]
        widths = known.basis[rows] * factor, known.activity[rows] * factor, activity * known.factor[rows, p]
        return _Sum(float(inventory.emissions[rows, p].sum()), "t/yr", *widths, known.factor_group[rows, p])
    if quantity == "activity":
        if inventory.reported[rows].any():
            name = inventory.labels["source"][rows[inventory.reported[rows]][0]]
            raise UnitError(f"{name} reports tonnes and has no activity", "select sources with an activity")
        unit = str(inventory.activity_unit[rows[0]])
        scale = np.array([units.activity_ratio(str(one), unit) for one in inventory.activity_unit[rows]])
        value = float((inventory.activity[rows] * scale).sum())
        return _Sum(value, unit, known.basis[rows] * scale, known.activity[rows] * scale, nothing, rows)
    stock = inventory.stocks[quantity]
    without = rows[np.isnan(stock.values[rows])]
    if without.size:
        name = inventory.labels["source"][without[0]]
        raise UnitError(f"{name} has no number of {quantity}", "fill the column, or select only sources that have one")
    return _Sum(float(stock.values[rows].sum()), stock.unit, nothing, nothing, nothing, rows)
