"""Combined uncertainty of an inventory by propagation of error, approach 1 of the IPCC Guidelines.

IPCC 2006 Guidelines, vol. 1, ch. 3, sec. 3.2.3.1. The uncertainty U of a figure is half its 95 % interval, as a
fraction of the figure:

- eq. 3.1, product of independent figures: U = sqrt(U1² + U2² + ...)
- eq. 3.2, sum of independent figures: U = sqrt((U1 x1)² + (U2 x2)² + ...) / |x1 + x2 + ...|

Both are first order: with U far beyond 30 % (and asymmetric intervals) they tell the size of the uncertainty, not its
shape; that is what sampling is for. Widths are kept here in the unit of the figure, U·x, so that a figure of zero with
an interval above it still counts.

What is not independent is added up before it is squared. Figures that err together:

- the activities of one category: they are splits of one count (a fleet by fuel and standard, households by stove), and
  an error of the count moves them all the same way. Taken as independent, the more finely a count is split the surer
  its total would look: thirty splits would shrink the same ignorance to a fifth;
- the part of activities that rows say they share across categories, their `basis` (cars, trucks and the dust of roads
  hang on one count of vehicles): it adds up over all rows of that basis, and only the rest over the category;
- the factors of one row of a factor table, in whatever source it is used and behind whatever control: the figure is
  read once and wrong everywhere; and the factors that a sector's method gives to one category: the equation is wrong
  for all of its rows alike.

Everything else counts as independent: activity and factor, different pollutants' factors, two rows of a table even if
one repeats the other's figure.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emis.numbering import Codes, dense, firsts, joint

if TYPE_CHECKING:
    from emis.inventory import Floats, Inventory

__all__ = ["Codes", "Deviations", "Totals", "combine", "deviations", "totals"]


@dataclass(frozen=True)
class Deviations:
    """Half widths of the 95 % intervals of an inventory, and which of them err together.

    `basis` (what the row's activity shares with others of its basis) and `activity` (the rest) are in each row's own
    unit per year, S; `factor` in t per activity unit, S × P; 0 where none is stated. Figures with one code in
    `basis_group`, `activity_group` (S) or `factor_group` (S × P) err together. `stated` tells where a row states all
    of its uncertainty, S × P: of its activity and of its factor, or of what it reports.
    """

    basis: "Floats"
    activity: "Floats"
    factor: "Floats"
    basis_group: Codes
    activity_group: Codes
    factor_group: Codes
    stated: NDArray[np.bool_]


@dataclass(frozen=True)
class Totals:
    """Emissions of groups of sources with their uncertainty, G × P.

    Parameters
    ----------
    names : tuple
        The labels of each group, in the order they were asked for.
    value : array
        Emissions [t/yr]; NaN where one is not estimated.
    half : array
        Half the 95 % interval [t/yr]; NaN where the value is, or where no source states any uncertainty.
    unstated : array
        Share of the value whose sources state no uncertainty, or not all of it [1]: `half` knows nothing of that part.
    """

    names: tuple[tuple[str, ...], ...]
    value: "Floats"
    half: "Floats"
    unstated: "Floats"

    @property
    def relative(self) -> "Floats":
        """Return U: half the 95 % interval as a fraction of the value; NaN for a value of zero."""
        return np.divide(self.half, self.value, out=np.full_like(self.half, np.nan), where=self.value != 0)


def deviations(inventory: "Inventory") -> Deviations:
    """Return what each row's figures may be off by, and which err together.

    An inventory that does not know the rows of its factor tables (one built in Python) takes sources of equal category,
    fuel and technology to share theirs. A reported emission is a figure of its own.
    """
    size, shape = len(inventory), inventory.factor.shape
    activity, factor = _half(inventory, "activity", (size,)), _half(inventory, "factor", shape)
    certain = inventory.reported | ~np.isnan(activity)
    # A row without activity emits nothing whatever its factor, and the other way round.
    stated = (certain[:, None] & ~np.isnan(factor)) | (inventory.emissions == 0)
    activity, basis = np.nan_to_num(activity), np.zeros(size)
    if inventory.basis_cv is not None:
        # Half the interval of a log-normal count, at most all that the row says of itself.
        shared = inventory.activity * np.nan_to_num(_half_width(inventory.basis_cv))
        basis = np.minimum(shared, activity)
    return Deviations(
        basis,
        np.sqrt(activity**2 - basis**2),
        np.nan_to_num(factor),
        inventory.coded("basis").codes,
        _codes(inventory, "sector", "category"),
        _factor_groups(inventory),
        stated,
    )


def _half(inventory: "Inventory", figure: str, shape: tuple[int, ...]) -> "Floats":
    """Return half the interval that is stated of a figure; NaN where none is."""
    low, high = (inventory.bounds.get(f"{figure}_{end}") for end in ("low", "high"))
    return np.full(shape, np.nan) if low is None or high is None else (high - low) / 2


def _half_width(cv: "Floats") -> "Floats":
    """Return half the 95 % interval of a log-normal figure with coefficient of variation `cv`, as a share of it."""
    sigma = np.sqrt(np.log1p(cv**2))
    return np.exp(-(sigma**2) / 2) * np.sinh(1.96 * sigma)


def _factor_groups(inventory: "Inventory") -> Codes:
    """Return which factors err together, S × P: equal codes in a column."""
    size, shape = len(inventory), inventory.factor.shape
    labels = _codes(inventory, "sector", "category", "fuel", "technology")
    group = np.broadcast_to(labels[:, None], shape)
    if inventory.factor_row is not None:
        group = np.where(inventory.factor_row >= 0, size + inventory.factor_row, group)
    highest = int(group.max(initial=0)) + 1
    if inventory.computed is not None:
        category = _codes(inventory, "sector", "category")
        group = np.where(inventory.computed, highest + category[:, None], group)
    if inventory.reported.any():
        own = highest + size + np.arange(size)
        group = np.where(inventory.reported[:, None], own[:, None], group)
    return group


def totals(inventory: "Inventory", *labels: str, known: Deviations | None = None) -> Totals:
    """Return emissions by the labels named, such as ``"sector", "category"``, with their uncertainty; none: of all.

    `known` are the inventory's deviations, where they are worked out already.

    Errors
    ------
    Groups are independent of each other only where no category, basis or row of a factor table serves two of them: the
    uncertainty of a grand total does not follow from those of its parts, ask for it with no label.
    """
    group = _codes(inventory, *labels) if labels else np.zeros(len(inventory), dtype=np.intp)
    count, pollutants = int(group.max(initial=-1)) + 1, inventory.factor.shape[1]
    names = tuple(tuple(str(inventory.labels[name][row]) for name in labels) for row in firsts(group))
    known = known or deviations(inventory)
    emissions = inventory.emissions
    value, vague = np.zeros((count, pollutants)), np.zeros((count, pollutants))
    np.add.at(value, group, emissions)
    np.add.at(vague, group, np.where(known.stated, 0.0, emissions))
    squares = np.zeros((count, pollutants))
    together = joint([group, known.activity_group])
    across = joint([group, known.basis_group])
    for p in range(pollutants):
        factor = inventory.factor[:, p]
        moved = known.basis * factor, known.activity * factor, inventory.activity * known.factor[:, p]
        for width, codes in zip(moved, (across, together, joint([group, known.factor_group[:, p]])), strict=True):
            one = firsts(codes)
            np.add.at(squares[:, p], group[one], np.bincount(codes, width)[codes[one]] ** 2)
    half = np.sqrt(squares)
    unstated = np.divide(vague, value, out=np.zeros_like(value), where=value != 0)
    half = np.where(np.isnan(value) | ((half == 0) & (unstated > 0)), np.nan, half)
    return Totals(names, value, half, unstated)


def combine(*parts: "tuple[Floats, Codes]") -> float:
    """Return the half width of a sum whose terms are off by `widths`: [(widths, codes), ...].

    Terms with one code err together and add up, with their signs; the groups, and the parts, are independent (eq. 3.2).
    """
    return float(np.sqrt(sum(_squared(widths, codes) for widths, codes in parts)))


def _squared(widths: "Floats", codes: Codes) -> float:
    return float((np.bincount(dense(codes), widths) ** 2).sum())


def _codes(inventory: "Inventory", *labels: str) -> Codes:
    """Return a code for each row, equal where its labels are."""
    return joint(inventory.coded(name).codes for name in labels)
