"""Inventories of several years side by side: what jumps between them, and which sources come or go."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from emis.errors import Issue
from emis.inventory import Floats, Inventory

__all__ = ["changes", "large_changes"]

#: A category that changes by more than this between two years is told ...
_JUMP = 3.0
#: ... when it makes up this share of its pollutant in one of them.
_MATTERS = 0.01


def changes(inventories: Sequence[Inventory]) -> list[Issue]:
    """Return what changes too much between two years to be taken unseen: jumps, and sources that come or go.

    Compared are neighbouring years of inventories with the same sectors; where two are of one year nothing tells which
    belongs to which, and none of that year is compared. A jump is a category's total of a pollutant that changes by
    more than a factor of 3 and is at least 1 % of the pollutant in either year. The same factors serve both years, so a
    change is told only where the intervals of the activities do not meet: within them, the rows themselves say that it
    is not known.
    """
    found: list[Issue] = []
    for first, second in _neighbours(inventories):
        for category, moves, row in _jumps(first, second):
            message = f"{category} jumps from {first.base_year} to {second.base_year}: {moves} t/yr"
            found.append(Issue(*second.place(row), "activity", message, "check both years' figures and their units"))
        found += [*_one_year_only(first, second), *_one_year_only(second, first)]
    return found


def large_changes(inventories: Sequence[Inventory]) -> list[str]:
    """Return the same jumps where the intervals of the activities do meet: for the reader to know, not to mend."""
    return [
        f"{category}, {first.base_year} to {second.base_year}: {moves} t/yr"
        for first, second in _neighbours(inventories)
        for category, moves, _ in _jumps(first, second, within=True)
    ]


def _neighbours(inventories: Sequence[Inventory]) -> Iterator[tuple[Inventory, Inventory]]:
    """Yield neighbouring years of inventories with the same sectors."""
    series: dict[frozenset[str], dict[int, list[Inventory]]] = defaultdict(lambda: defaultdict(list))
    for one in inventories:
        if one.base_year:
            series[frozenset(one.values("sector"))][one.base_year].append(one)
    for years in series.values():
        yield from pairwise([several[0] for _, several in sorted(years.items()) if len(several) == 1])


def _jumps(first: Inventory, second: Inventory, within: bool = False) -> Iterator[tuple[str, str, int]]:
    """Yield category, what it moves, and the row of its first source: beyond the intervals, or within them."""
    shared = [name for name in first.pollutants if name in second.pollutants]
    before, after = _ranges(first, shared), _ranges(second, shared)
    sums = [np.nansum(one.emissions[:, _columns(one, shared)], axis=0) for one in (first, second)]
    for key in (one for one in before if one in after):
        (value, low, high), (value2, low2, high2) = before[key], after[key]
        told = np.maximum(value, value2) > _JUMP * np.minimum(value, value2)
        apart = (low > high2) | (low2 > high)
        told &= ~apart if within else apart
        told &= (value > _MATTERS * sums[0]) | (value2 > _MATTERS * sums[1])
        if told.any():
            moves = ", ".join(f"{shared[p]} {value[p]:.4g} to {value2[p]:.4g}" for p in np.flatnonzero(told))
            of_key = (second.labels["sector"] == key[0]) & (second.labels["category"] == key[1])
            yield "/".join(key), moves, int(np.flatnonzero(of_key)[0])


def _ranges(inventory: Inventory, pollutants: list[str]) -> dict[tuple[str, str], Floats]:
    """Return value, low and high of each category within the intervals of its activities, 3 × P [t/yr]."""
    columns = _columns(inventory, pollutants)
    amounts = [inventory.emissions[:, columns]]
    for end in ("low", "high"):
        activity = inventory.bounds.get(f"activity_{end}", inventory.activity)
        activity = np.where(np.isnan(activity), inventory.activity, activity)
        # What is reported has its interval where others have that of the factor.
        figure = inventory.bounds.get(f"factor_{end}", inventory.factor)
        figure = np.where(inventory.reported[:, None] & ~np.isnan(figure), figure, inventory.factor)
        amounts.append(activity[:, None] * figure[:, columns])
    found: dict[tuple[str, str], Floats] = {}
    for row, key in enumerate(zip(inventory.labels["sector"], inventory.labels["category"], strict=True)):
        one = np.stack([amount[row] for amount in amounts])
        found[key] = found[key] + one if key in found else one
    return found


def _columns(inventory: Inventory, pollutants: list[str]) -> list[int]:
    return [inventory.pollutants.index(name) for name in pollutants]


def _one_year_only(one: Inventory, other: Inventory) -> Iterator[Issue]:
    known = set(other.labels["source"])
    only = [row for row, name in enumerate(one.labels["source"]) if name not in known]
    if only:
        names = [str(one.labels["source"][row]) for row in only]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        what = "a source is" if len(names) == 1 else f"{len(names)} sources are"
        message = f"{what} in {one.base_year} and not in {other.base_year}: {shown}"
        hint = f"write the same sources in both years, with 0 or NO where there is none ({other.file})"
        yield Issue(*one.place(only[0]), "source", message, hint)
