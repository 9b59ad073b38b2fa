"""Hands a program to the compiled kernels: allocates what they fill, and puts the caps on what they return."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from emis import _core
from emis.classes import Cells, Classes
from emis.entries import Indices
from emis.inventory import Floats
from emis.program import Cap, Program

__all__ = ["cap_factor", "gradient", "project", "shapley", "sums", "totals"]

#: Sources that are added up before others, at least, and how many such leaves there are at most.
_LEAF, _LEAVES = 8192, 64


def project(
    program: Program, levels: Floats, threads: int = 1, out: tuple[Floats, Floats] | None = None
) -> tuple[Floats, Floats]:
    """Return emissions, T × S × P [t per period], and activity, T × S [activity unit per period], caps applied.

    Parameters
    ----------
    levels : ndarray, measures × periods [1]
        Implementation levels, instead of the program's own.
    out : pair of ndarray, optional
        Arrays of those shapes to fill and return: memory that is used again costs less than new.
    """
    (sources, pollutants), periods = program.inventory.factor.shape, levels.shape[1]
    emissions, activity = out or (np.empty((periods, sources, pollutants)), np.empty((periods, sources)))
    _core.project(**_sources(program, levels, threads), E=emissions, activity=activity)
    for cap in program.caps:  # no two of them share a source and a pollutant
        chosen = emissions[:, cap.sources, cap.pollutant]
        by_year = chosen.sum(axis=1).reshape(len(program.years), program.months).sum(axis=1)
        emissions[:, cap.sources, cap.pollutant] = chosen * cap_factor(program, cap, by_year, levels)[:, None]
    return emissions, activity


def sums(program: Program, levels: Floats, group: Indices, groups: int, threads: int = 1) -> Floats:
    """Return yearly emissions by group, caps applied, without holding those of sources.

    For one vector of levels, or where sources have little in common, this is quicker than to merge them first.

    Parameters
    ----------
    levels : ndarray, measures × periods [1]
    group : ndarray, S
        Which of `groups` groups a source is summed in.

    Returns
    -------
    ndarray, years × groups × pollutants [t/yr]; what is not estimated counts as zero.
    """
    cells = Cells.of(program, group)
    leaf = max(_LEAF, -(-len(group) // _LEAVES // _core.BLOCK_OF_SOURCES) * _core.BLOCK_OF_SOURCES)
    out = np.zeros((-(-len(group) // leaf), len(cells.group), levels.shape[1], program.inventory.factor.shape[1]))
    arrays = _sources(program, levels, threads)
    del arrays["rest"]  # what is left of activity
    _core.sums(**arrays, cell=cells.of_source, leaf=leaf, out=out)
    summed = out.sum(axis=0)[None]
    found: Floats = _by_group(program, cells.group, cells.caps, groups, summed, levels[None])[0]
    return found


def _sources(program: Program, levels: Floats, threads: int) -> dict[str, Any]:
    """Return the arguments that the kernels `project` and `sums` have in common."""
    pollutants, periods = program.inventory.factor.shape[1], levels.shape[1]
    moved, changed, kinds = program.transfers, program.intensities, program.kinds
    lists = {
        "c_ptr": changed.pointer, "c_measure": changed.measure, "c_season": changed.season, "c_row": changed.row,
        "keep": program.keep, "stay": program.stay, "x": levels, "g": program.seasons,
    }  # fmt: skip
    left = {"R": np.empty((len(kinds.example), periods, pollutants)), "rest": np.empty((len(kinds.example), periods))}
    _core.remaining(rows=kinds.example, **lists, **left)
    room = max(_core.WIDE_BLOCK, _core.BLOCK_OF_SOURCES * (pollutants + 2))
    return {
        "A": program.activity, "F": program.inventory.factor, "profile": program.profile, "w": program.share,
        "t_ptr": moved.pointer, "t_measure": moved.measure, "t_season": moved.season, "tau": program.tau,
        **lists, "kind": kinds.code, **left,
        "scratch": np.empty((threads, periods * room)), "threads": threads,
    }  # fmt: skip


def totals(classes: Classes, levels: Floats, threads: int = 1) -> Floats:
    """Return yearly emissions by group for many implementation vectors at once, caps applied.

    Parameters
    ----------
    levels : ndarray, vectors × measures × periods [1]

    Returns
    -------
    ndarray, vectors × years × groups × pollutants [t/yr]; what is not estimated counts as zero.
    """
    program = classes.program
    vectors, pollutants, years = len(levels), classes.weight.shape[2], len(program.years)
    cells = len(classes.cell_group)
    periods = years * program.months
    out = np.zeros((vectors, cells, periods, pollutants))
    most = int(np.diff(classes.intensities.pointer).max(initial=0))
    _core.totals(
        classes.weight, classes.profile, program.share,
        classes.transfers.pointer, classes.transfers.measure, classes.transfers.season, classes.moved,
        classes.intensities.pointer, classes.intensities.measure, classes.intensities.season, classes.intensities.row,
        classes.shared, program.keep, levels, program.seasons, classes.cell, out,
        np.empty((threads, (2 + most) * periods * pollutants)), threads,
    )  # fmt: skip
    return _by_group(program, classes.cell_group, classes.cell_caps, classes.groups, out, levels)


def _by_group(
    program: Program, cell_group: Indices, cell_caps: Sequence[Indices], groups: int, out: Floats, levels: Floats
) -> Floats:
    """Return yearly emissions by group, caps applied, of those by cell, vectors × cells × periods × pollutants."""
    vectors, cells, _, pollutants = out.shape
    years = len(program.years)
    for number, cap in enumerate(program.caps):
        member = cell_caps[number]
        mine = out[..., cap.pollutant]  # a view: an index in the last place beside a mask would move the axes
        chosen = mine[:, member]
        by_year = chosen.sum(axis=1).reshape(vectors, years, program.months).sum(axis=2)
        factor = np.array([cap_factor(program, cap, by_year[n], levels[n]) for n in range(vectors)])
        factor = factor.reshape(vectors, out.shape[2])
        mine[:, member] = chosen * factor[:, None, :]
    by_year = out.reshape(vectors, cells, years, program.months, pollutants).sum(axis=3)
    result = np.zeros((vectors, groups, years, pollutants))
    for cell, group in enumerate(cell_group):
        result[:, group] += by_year[:, cell]
    return result.transpose(0, 2, 1, 3)


def shapley(
    classes: Classes,
    levels: Floats,
    threads: int = 1,
    at: float | None = None,
    drawn: Mapping[str, Floats] | None = None,
) -> Floats:
    """Return what each measure changes in each class it touches, without the caps, pairs × years × pollutants [t/yr].

    The pairs are `classes.pairs`. Exact but for rounding: a class with d intensities, and one more where stock moves,
    is a polynomial of degree d along the ray, and a Gauss-Legendre rule of ⌈d/2⌉ nodes integrates its slope [1]_.

    Parameters
    ----------
    levels : ndarray, measures × periods [1]
    at : float, optional
        Instead of along the whole ray from no plan to `levels`, at one point of it: at 0 it is what each measure does
        alone, at 1 what it does as the last one in.
    drawn : mapping, optional
        Arrays of one draw in place of the classes' own: weights `W`, moved `V`, and `keep`.

    References
    ----------
    .. [1] G. Owen, Multilinear extensions of games, Management Science 18 (1972) P64-P79: the Shapley value is the
       integral of the multilinear extension's slope along the diagonal. doi:10.1287/mnsc.18.5.64
    """
    program, pairs = classes.program, classes.pairs
    degree = np.diff(classes.intensities.pointer) + (np.diff(classes.transfers.pointer) > 0)
    if at is None:
        order = np.maximum(degree + 1, 2) // 2 - 1
        nodes, weights = _rules(int(order.max(initial=0)) + 1)
    else:
        order, nodes, weights = np.zeros_like(degree), np.array([[at]], dtype=float), np.ones((1, 1))
    out = np.zeros((len(pairs.owner), len(program.years), classes.weight.shape[2]))
    _core.shapley(
        **(_shared(classes, levels) | dict(drawn or {})), order=order, nodes=nodes, weights=weights, out=out,
        scratch=_room(classes, threads),
        threads=threads,
    )  # fmt: skip
    return out


def gradient(classes: Classes, levels: Floats, threads: int = 1) -> Floats:
    """Return what a year's emissions change per unit of each level, caps applied.

    In closed form, also where a measure leaves nothing (1 − x·η = 0). A cap that does not bind counts as none; at the
    very limit the slope is that towards less.

    Parameters
    ----------
    levels : ndarray, measures × periods [1]
        Where to differentiate.

    Returns
    -------
    ndarray, measures × periods × groups × pollutants [t/yr]: ∂(total of the period's year)/∂x.
    """
    program, pairs = classes.program, classes.pairs
    slopes = np.zeros((len(pairs.owner), levels.shape[1], classes.weight.shape[2]))
    _core.gradient(**_shared(classes, levels), out=slopes, scratch=_room(classes, threads), threads=threads)
    by_cell = np.zeros((len(levels), len(classes.cell_group), *slopes.shape[1:]))
    np.add.at(by_cell, (pairs.measure, classes.cell[pairs.owner]), slopes)
    if program.caps:
        _cap_slopes(classes, levels, by_cell, threads)
    result = np.zeros((len(levels), classes.groups, *slopes.shape[1:]))
    for cell, group in enumerate(classes.cell_group):
        result[:, group] += by_cell[:, cell]
    return result.transpose(0, 2, 1, 3)


def _cap_slopes(classes: Classes, levels: Floats, slopes: Floats, threads: int) -> None:
    """Put the caps on slopes, measures × cells × periods × pollutants [t/yr], by the chain and product rules."""
    program, months = classes.program, classes.program.months
    emitted = np.repeat(totals(classes.by_cell(), levels[None], threads)[0], months, axis=0)  # periods, cells, ...
    part = (program.days / program.days.sum(axis=1, keepdims=True)).ravel()
    for number, cap in enumerate(program.caps):
        member = classes.cell_caps[number]
        mine = slopes[..., cap.pollutant]
        chosen, own = mine[:, member], emitted[:, member, cap.pollutant].T
        whole = own.sum(axis=0)
        factor = cap_factor(program, cap, whole[::months], levels)
        binds = whole > cap.limit
        level = np.repeat(_cap_level(program, cap, levels), months)
        bend = -np.divide(level * cap.limit, whole**2, out=np.zeros_like(whole), where=binds)
        excess = 1.0 - np.divide(cap.limit, whole, out=np.ones_like(whole), where=binds)
        mine[:, member] = chosen * factor + own * bend * chosen.sum(axis=1, keepdims=True)
        mine[cap.measure, member] -= own * excess * part


def _shared(classes: Classes, levels: Floats) -> dict[str, Any]:
    """Return the arguments that the kernels `shapley` and `gradient` have in common."""
    program, pairs = classes.program, classes.pairs
    moved, changed = classes.transfers, classes.intensities
    return {
        "W": classes.weight, "profile": classes.profile, "w": program.share,
        "t_ptr": moved.pointer, "t_measure": moved.measure, "t_season": moved.season, "t_pair": pairs.transfers,
        "V": classes.moved,
        "c_ptr": changed.pointer, "c_measure": changed.measure, "c_season": changed.season, "c_row": changed.row,
        "c_pair": pairs.intensities,
        "keep": program.keep, "x": np.ascontiguousarray(levels), "g": program.seasons,
    }  # fmt: skip


def _room(classes: Classes, threads: int) -> Floats:
    most = int(np.diff(classes.intensities.pointer).max(initial=0))
    return np.empty((threads, most + 2, classes.weight.shape[2]))


@lru_cache(maxsize=64)
def _rules(count: int) -> tuple[Floats, Floats]:
    """Return nodes and weights of the Gauss-Legendre rules on [0, 1], that of r + 1 nodes in row r.

    The same arrays each time: nothing writes to them.
    """
    nodes, weights = np.zeros((count, count)), np.zeros((count, count))
    for row in range(count):
        found, weight = np.polynomial.legendre.leggauss(row + 1)
        nodes[row, : row + 1], weights[row, : row + 1] = (found + 1.0) / 2.0, weight / 2.0
    return nodes, weights


def cap_factor(program: Program, cap: Cap, total: Floats, levels: Floats) -> Floats:
    """Return what a cap leaves of its selection, (..., period) [1]: 1 − x · max(0, 1 − limit/total).

    One factor for the whole year: `total` is the year's, (..., year) [t/yr], and x the mean level over its days.
    """
    level = _cap_level(program, cap, levels)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(total > cap.limit, 1.0 - cap.limit / total, np.where(np.isnan(total), np.nan, 0.0))
    return np.repeat(np.where(level > 0, 1.0 - level * excess, 1.0), program.months, axis=-1)


def _cap_level(program: Program, cap: Cap, levels: Floats) -> Floats:
    """Return how far a cap is in place by year [1]: the mean over its days."""
    level: Floats = (levels[cap.measure].reshape(program.days.shape) * program.days).sum(axis=1)
    return np.asarray(level / program.days.sum(axis=1))
