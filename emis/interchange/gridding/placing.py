"""Which place each source has: its own point, its region by a surrogate, or the fallback; and what has none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from emis.coded import Coded, Codes
from emis.errors import Issues
from emis.grid_settings import GridDocument
from emis.interchange.cells import readable
from emis.interchange.gridding.plane import Plane
from emis.interchange.gridding.surrogates import Located
from emis.inventory import Floats, Inventory
from emis.selectors import Selector, is_glob
from emis.vocabulary import suggest

__all__ = ["Placed", "first_of", "place", "tonnes_of", "warn_idle"]

#: Regions, or sources, that are named one by one.
_MOST = 20
#: What is beside the grid by rounding alone.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Placed:
    """Sources in places, places in cells.

    Attributes
    ----------
    place : ndarray, S
        The row of each source in `weights`; -1 where it has none.
    weights : sparse matrix, places × cells [1]
        Each row sums to the share of the place that is on the grid.
    via : tuple
        How sources were placed, in words, and how many of them.
    """

    place: Codes
    weights: Any
    via: tuple[tuple[str, int], ...]

    @cached_property
    def inside(self) -> Floats:
        """The share of each source that is on the grid, S [1]; 0 where it has no place."""
        sums = np.append(np.asarray(self.weights.sum(axis=1)).ravel(), 0.0)
        return np.asarray(sums[self.place])

    @cached_property
    def outside(self) -> Floats:
        """The share of each source that is beside the grid, S [1]; 0 where it has no place."""
        beside = np.where(self.place >= 0, 1 - self.inside, 0.0)
        return np.where(np.abs(beside) > _ROUNDING, beside, 0.0)


def first_of(inventory: Inventory, selectors: Sequence[Selector]) -> Codes:
    """Return the number of the first selector that selects each source, -1 where none does."""
    found = np.full(len(inventory), -1, dtype=np.intp)
    for number in reversed(range(len(selectors))):
        found[inventory.rows(selectors[number])] = number
    return found


def warn_idle(
    inventory: Inventory, selectors: Sequence[Selector], places: Sequence[tuple[str, int]], path: str, issues: Issues
) -> None:
    """Tell of selectors that select nothing: a misspelt one would leave its sources to those behind it."""
    for number, (one, place_) in enumerate(zip(selectors, places, strict=True)):
        if len(inventory.rows(one)):
            continue
        hints = [
            f"{label} {value!r}: {suggest(value, inventory.values(label))}"
            for label, wanted in one.items()
            for value in wanted
            if not is_glob(value) and value not in inventory.values(label)
        ]
        issues.warn(*place_, f"{path}.{number}.select", f"selects no source: {one}", "; ".join(hints))


def tonnes_of(amounts: Floats, pollutants: Sequence[str]) -> str:
    """Return sums of tonnes in words, P [t/yr]: ``NOx 12.5 t, CO 3 t``; what is nothing is left out."""
    told = [f"{name} {readable(value)} t" for name, value in zip(pollutants, amounts.tolist(), strict=True) if value]
    return ", ".join(told) or "nothing"


def place(
    inventory: Inventory, amounts: Floats, document: GridDocument, plane: Plane,
    surrogates: Sequence[Located | None], fallback: Located | None, where: Mapping[str, tuple[str, int]],
    issues: Issues,
) -> Placed:  # fmt: skip
    """Place the sources; those with emissions and no place are faults.

    Parameters
    ----------
    amounts : ndarray, S × P [t/yr]
        What is gridded of each source, 0 where nothing is.
    surrogates : sequence
        Those of the document, in its order.
    where : mapping
        File and line of the document's keys `surrogates` and `outside`.
    """
    found = np.full(len(inventory), -1, dtype=np.intp)
    matrices: list[Any] = []
    via: list[tuple[str, int]] = []
    regions, rows = inventory.coded("region"), 0

    def add(told: str, sources: NDArray[np.bool_], own: Codes, weights: Any) -> None:
        nonlocal rows
        placed = sources & (found < 0) & (own >= 0)
        found[placed] = own[placed] + rows
        matrices.append(weights)
        rows += weights.shape[0]
        via.append((told, int(placed.sum())))

    if document.points is not False:
        chosen = inventory.mask(None if document.points is True else document.points)
        add("their own longitude and latitude", chosen, *_points(inventory, plane))
    for one, located in zip(document.surrogates, surrogates, strict=True):
        if located is not None:
            add(f"{located.shown} ({one.select})", inventory.mask(one.select), located.rows(regions), located.weights)
    if fallback is not None:
        add(f"{fallback.shown} (fallback)", np.ones(len(found), dtype=bool), fallback.rows(regions), fallback.weights)
    weights = sparse.vstack(matrices).tocsr() if matrices else sparse.csr_matrix((0, plane.size))
    if None not in surrogates:
        _lost(inventory, amounts, found < 0, where["surrogates"], issues)
    return Placed(found, weights, tuple(via))


def _points(inventory: Inventory, plane: Plane) -> tuple[Codes, Any]:
    """Return the row of each point source, -1 for others, and one row for each cell that has one; the last is for
    those outside the grid."""
    lon, lat = (inventory.points.get(name, np.full(len(inventory), np.nan)) for name in ("lon", "lat"))
    known = np.flatnonzero(~np.isnan(lon) & ~np.isnan(lat))
    cells = plane.cells(lon[known], lat[known]) if len(known) else known
    used, row = np.unique(cells[cells >= 0], return_inverse=True)
    own = np.full(len(inventory), -1, dtype=np.intp)
    own[known[cells >= 0]] = row
    own[known[cells < 0]] = len(used)
    ones = np.ones(len(used))
    return own, sparse.csr_matrix((ones, (np.arange(len(used)), used)), shape=(len(used) + 1, plane.size))


def _lost(
    inventory: Inventory, amounts: Floats, missing: NDArray[np.bool_], where: tuple[str, int], issues: Issues
) -> None:
    """Note sources that emit and have no place, by region, with their tonnes."""
    rows = np.flatnonzero(missing & (amounts > 0).any(axis=1))
    if not len(rows):
        return
    regions = Coded.of(inventory.labels["region"][rows])
    sums = [np.bincount(regions.codes, column, len(regions.values)) for column in amounts[rows].T]
    order = np.argsort(-np.sum(sums, axis=0), kind="stable")
    pollutants = inventory.pollutants
    for code in order[:_MOST].tolist():
        mine = rows[regions.codes == code]
        name = regions.values[code]
        told = f"{len(mine):,} sources of the region {name!r}" if name else f"{len(mine):,} sources without a region"
        total = np.array([column[code] for column in sums])
        issues.error(
            *inventory.place(int(mine[0])), "region", f"{told} have no place: {tonnes_of(total, pollutants)}",
            f"add it to a surrogate that selects them, or say in {where[0]} where they go: fallback",
        )  # fmt: skip
    if len(order) > _MOST:
        rest = np.array([column[order[_MOST:]].sum() for column in sums])
        message = f"{len(order) - _MOST:,} regions more have no place: {tonnes_of(rest, pollutants)}"
        issues.error(*where, "surrogates", message, "add them to a surrogate, or name a fallback")
