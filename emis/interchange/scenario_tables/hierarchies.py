"""Totals and their parts in one table: leaves alone are taken, and a total has to be the sum of its parts.

Areas and categories are trees. What a node states, less what its nearest parts state, is its remainder: first over
areas, of each category, then over categories, of each area. Without either tree that is the number itself; where both
a total and its parts are given, it is zero.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from emis.coded import Codes
from emis.inventory import Floats

__all__ = ["Leaves", "Off", "Stated", "Tree", "leaves"]

#: How far a total may be from the sum of its parts, as a part of the total [1].
EXACT = 1e-6
#: How far it may be where that is the rounding of the numbers as they are written [1].
ROUNDED = 1e-3


@dataclass(frozen=True)
class Tree:
    """Names in a tree: `parent` of each, -1 for none; a parent stands before its children."""

    names: tuple[str, ...]
    parent: Codes

    @cached_property
    def depth(self) -> Codes:
        """How many nodes stand above each."""
        found = np.zeros(len(self.names), dtype=np.intp)
        for node, parent in enumerate(self.parent.tolist()):
            found[node] = found[parent] + 1 if parent >= 0 else 0
        return found


@dataclass(frozen=True)
class Stated:
    """What rows state: R rows, Y years.

    Attributes
    ----------
    group, area, category : ndarray, R
        What a row is told apart by: a scenario and pollutant; an area; a category. No two rows have all three alike.
    values : ndarray, R × Y [t/yr]
        NaN where nothing is stated.
    lines : ndarray, R
        Where each row stands.
    rounding : callable
        Gives half a unit in the last place of the numbers as they are written, R × Y [t/yr].
    """

    group: Codes
    area: Codes
    category: Codes
    values: Floats
    lines: NDArray[np.int64]
    rounding: Callable[[], Floats]


@dataclass(frozen=True, slots=True)
class Off:
    """A total that is not the sum of its parts: where it stands, in which year (by number), and both [t/yr]."""

    group: int
    area: int
    category: int
    line: int
    year: int
    total: float
    parts: float


@dataclass(frozen=True)
class Leaves:
    """What is left without counting twice: N leaves and remainders.

    Attributes
    ----------
    group, area, category, line : ndarray, N
        As of `Stated`.
    values : ndarray, N × Y [t/yr]
    rest : ndarray of bool, N
        Whether it is what a total has beyond its parts.
    more, less : tuple of Off
        Totals that are more, or less, than their parts: the first year of each.
    rounded : float
        The largest difference that was taken for rounding [t/yr].
    """

    group: Codes
    area: Codes
    category: Codes
    line: NDArray[np.int64]
    values: Floats
    rest: NDArray[np.bool_]
    more: tuple[Off, ...]
    less: tuple[Off, ...]
    rounded: float


def leaves(stated: Stated, areas: Tree, categories: Tree) -> Leaves:
    """Return the leaves of what is stated, and what totals have beyond the sum of their parts."""
    nodes = _Nodes.of(stated, areas, categories)
    own = nodes.spread(stated.values)
    known, parts = _completed(own, nodes)
    rest = known - np.where(np.isnan(parts), 0.0, parts)
    below = _sums(rest, nodes.over_categories)
    amounts = rest - np.where(np.isnan(below), 0.0, below)
    held = ~np.isnan(parts) | ~np.isnan(below)
    off = held & ~np.isnan(amounts) & (np.abs(amounts) > EXACT * np.abs(known))
    # A total that nobody states may lack categories. It is off where parts of its area state what its own categories
    # do not account for, and may hold.
    off &= ~np.isnan(own) | (below > EXACT * np.abs(known))
    rounded = 0.0
    if off.any():
        slack = _slack(nodes, stated)
        slight = off & (np.abs(amounts) <= np.minimum(slack, ROUNDED * np.abs(known)))
        rounded = float(np.abs(amounts[slight]).max(initial=0.0))
        off &= ~slight
    more, less = (_told(nodes, known, amounts, off & sign) for sign in (amounts > 0, amounts < 0))
    amounts = np.where(np.isnan(own), np.nan, np.where(held & ~off, 0.0, amounts))
    total = np.asarray(held.any(axis=1))
    kept = np.where(total, (np.nan_to_num(amounts) != 0).any(axis=1), ~np.isnan(amounts).all(axis=1))
    at = np.flatnonzero(kept)
    return Leaves(
        nodes.group[at], nodes.area[at], nodes.category[at], nodes.line[at], amounts[at], total[at], more, less, rounded
    )


@dataclass(frozen=True)
class _Above:
    """A tree of nodes: the parent of each, -1 for none, and the nodes of each depth, the deepest first."""

    parent: Codes
    levels: tuple[Codes, ...]

    @classmethod
    def of(cls, parent: Codes, depth: Codes) -> "_Above":
        with_parent = np.flatnonzero(parent >= 0)
        order = sorted(set(depth[with_parent].tolist()), reverse=True)
        return cls(parent, tuple(with_parent[depth[with_parent] == one] for one in order))


@dataclass(frozen=True)
class _Nodes:
    """Group, area and category of every row, and of every total above one."""

    group: Codes
    area: Codes
    category: Codes
    row: Codes
    line: NDArray[np.int64]
    over_areas: _Above
    over_categories: _Above
    area_depth: Codes

    @classmethod
    def of(cls, stated: Stated, areas: Tree, categories: Tree) -> "_Nodes":
        width, height = len(categories.names), len(areas.names)

        def key(group: Codes, area: Codes, category: Codes) -> Codes:
            return np.asarray((group * height + area) * width + category)

        def with_totals(keys: Codes, tree: Tree, size: int, place: int) -> Codes:
            found, new = [keys], keys
            while len(new):
                own = new // place % size
                up = tree.parent[own]
                # pandas' tables of hashes, as numpy's are slow on numbers that are multiples.
                new = pd.unique((new + (up - own) * place)[up >= 0])
                found.append(new)
            return np.sort(pd.unique(np.concatenate(found)))

        own = key(stated.group, stated.area, stated.category)
        keys = with_totals(with_totals(pd.unique(own), categories, width, 1), areas, height, width)
        category, area, group = keys % width, keys // width % height, keys // (width * height)

        def above(tree: Tree, codes: Codes, place: int) -> _Above:
            up = tree.parent[codes]
            at = np.searchsorted(keys, keys + (up - codes) * place)
            return _Above.of(np.where(up >= 0, np.minimum(at, len(keys) - 1), -1), tree.depth[codes])

        row = np.searchsorted(keys, own)
        over_areas, over_categories = above(areas, area, width), above(categories, category, 1)
        line = np.full(len(keys), np.iinfo(np.int64).max)
        line[row] = stated.lines
        implied = np.ones(len(keys), dtype=bool)
        implied[row] = False
        # A total that no row states is pointed to by the first of its parts.
        for tree in (over_categories, over_areas):
            for level in tree.levels:
                up = level[implied[tree.parent[level]]]
                np.minimum.at(line, tree.parent[up], line[up])
        return cls(group, area, category, row, line, over_areas, over_categories, areas.depth[area])

    def spread(self, values: Floats) -> Floats:
        """Return values of rows by node, NaN where no row states any."""
        found = np.full((len(self.group), values.shape[1]), np.nan)
        found[self.row] = values
        return found


def _sums(values: Floats, above: _Above) -> Floats:
    """Return the sum over the children of each node of what is known; NaN where of none is."""
    found, known = np.zeros_like(values), np.zeros(values.shape, dtype=bool)
    here = above.parent >= 0
    there = ~np.isnan(values[here])
    np.add.at(found, above.parent[here], np.where(there, values[here], 0.0))
    np.logical_or.at(known, above.parent[here], there)
    return np.where(known, found, np.nan)


def _completed(own: Floats, nodes: "_Nodes") -> tuple[Floats, Floats]:
    """Return what is stated, with sums in place of what is not, and the sums over the parts of each area.

    What an area states nothing of, of a category and of its parts, is what the parts of the area state; else the sum
    over the parts of the category.
    """
    by_category = nodes.over_categories
    stated = ~np.isnan(own)
    for level in by_category.levels:  # whether the area states anything of a category
        np.logical_or.at(stated, by_category.parent[level], stated[level])
    known, parts = own.copy(), np.full(own.shape, np.nan)
    for depth in range(int(nodes.area_depth.max(initial=0)), -1, -1):
        here = np.flatnonzero(nodes.area_depth == depth)
        known[here] = np.where(stated[here], known[here], parts[here])
        for level in by_category.levels:
            mine = level[nodes.area_depth[level] == depth]
            _fill(known, mine, by_category.parent[mine], stated)
        mine = here[nodes.over_areas.parent[here] >= 0]
        _fill(parts, mine, nodes.over_areas.parent[mine], np.ones_like(stated), known)
    return known, parts


def _fill(
    values: Floats, children: Codes, parent: Codes, where: NDArray[np.bool_], of: Floats | None = None
) -> None:  # fmt: skip
    """Put the sums over children, of what is known, in place of values of their parents that are not."""
    if not len(children):
        return
    given = values[children] if of is None else of[children]
    parents, at = np.unique(parent, return_inverse=True)
    there = ~np.isnan(given)
    sums, known = np.zeros((len(parents), values.shape[1])), np.zeros((len(parents), values.shape[1]), dtype=bool)
    np.add.at(sums, at.reshape(-1), np.where(there, given, 0.0))
    np.logical_or.at(known, at.reshape(-1), there)
    values[parents] = np.where(np.isnan(values[parents]) & known & where[parents], sums, values[parents])


def _slack(nodes: "_Nodes", stated: Stated) -> Floats:
    """Return by how much a total may differ from its parts for the rounding of each [t/yr]."""
    own = nodes.spread(np.where(np.isnan(stated.values), np.nan, stated.rounding()))
    whole, by_area = _completed(own, nodes)
    by_category = _sums(whole, nodes.over_categories)
    return np.asarray(np.nansum([whole, by_area, by_category], axis=0)) * (1 + 1e-9)


def _told(nodes: _Nodes, known: Floats, amounts: Floats, off: NDArray[np.bool_]) -> tuple[Off, ...]:
    found = []
    for node in np.flatnonzero(off.any(axis=1)).tolist():
        year = int(np.argmax(off[node]))
        place = int(nodes.group[node]), int(nodes.area[node]), int(nodes.category[node]), int(nodes.line[node])
        total = float(known[node, year])
        found.append(Off(*place, year, total, total - float(amounts[node, year])))
    return tuple(sorted(found, key=lambda one: one.line))
