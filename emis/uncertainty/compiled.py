"""A program compiled for draws: classes of sources with the multipliers of their figures and of what moves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emis import _core
from emis.classes import Classes, merge
from emis.entries import Kinds
from emis.inventory import Floats, Inventory
from emis.numbering import firsts, joint, one_key
from emis.program import Cap, Entries, Indices, Program
from emis.uncertainty.strengths import Turnover

__all__ = ["Compiled", "cells_of", "compiled", "product_of", "standing"]


@dataclass(frozen=True)
class Folded:
    """What the kernel `sample` is given of classes, by the names of its arguments; `kinds` are those of intensities."""

    weight: Floats
    u_ptr: Indices
    u_column: Indices
    f_column: Indices
    transfers: Entries
    t_strength: Indices
    moved: Floats
    v_ptr: Indices
    v_column: Indices
    intensities: Entries
    kinds: Kinds
    shared: Indices
    cell: Indices


@dataclass(frozen=True)
class Compiled:
    """Classes with the multipliers of their activity (u) and factors (f), and of their transfers (v).

    `unsure` says which measures have a strength that is drawn, M.
    """

    classes: Classes
    u_ptr: Indices
    u_column: Indices
    f_column: Indices
    t_strength: Indices
    v_ptr: Indices
    v_column: Indices
    levels: Floats
    unsure: NDArray[np.bool_]

    @cached_property
    def folded(self) -> "Folded":
        """The same with all that is the same in every draw multiplied up, and added up where no draw tells it apart."""
        classes, program = self.classes, self.classes.program
        entries, transfers = classes.intensities, classes.transfers
        lists = entries.chosen(self.unsure[entries.measure])
        count, months = len(classes.weight), program.share.shape[1] // max(1, classes.weight.shape[1])
        kept = program.share[classes.profile][:, :, None] * self._sure()
        weight = np.repeat(classes.weight, months, axis=1) * kept
        moved = np.repeat(classes.moved, months, axis=1) * kept[transfers.owner]
        # What moves stock stays by itself: a draw in which more leaves than there is leaves nothing.
        alone = np.where(np.diff(transfers.pointer) > 0, 1 + np.arange(count), 0)
        multipliers = Entries(self.u_ptr, self.u_column, *(np.zeros_like(self.u_column),) * 2)
        factor = Kinds.of_rows(self.f_column.astype(float)).code
        own = Kinds.of(one_key([classes.cell, alone, factor]), multipliers).code
        kinds = Kinds.of(own, lists)
        order = lists.rows(kinds.example).order()
        first, place = kinds.example[order], np.empty(len(order), dtype=np.intp)
        place[order] = np.arange(len(order))
        together = np.zeros((len(first), *weight.shape[1:]))
        np.add.at(together, place[kinds.code], weight)
        lists, mine = lists.rows(first), transfers.rows(first)
        rows = Entries(transfers.pointer, np.arange(len(moved), dtype=np.intp), transfers.season, transfers.row)
        entry = rows.rows(first).measure
        u = multipliers.rows(first)
        v = Entries(self.v_ptr, self.v_column, *(np.zeros_like(self.v_column),) * 2).rows(entry)
        return Folded(
            together, u.pointer, u.measure, np.ascontiguousarray(self.f_column[first]), mine, self.t_strength[entry],
            np.ascontiguousarray(moved[entry]), v.pointer, v.measure, lists, lists.kinds(), lists.prefixes(),
            classes.cell[first],
        )  # fmt: skip

    def _sure(self) -> Floats:
        """Return what the intensities leave that are the same in every draw, K × T × P [1]."""
        program, entries = self.classes.program, self.classes.intensities
        lists = entries.chosen(~self.unsure[entries.measure])
        count, periods = len(self.classes.weight), self.levels.shape[1]
        left = np.empty((count, periods, program.keep.shape[1])), np.empty((count, periods))
        stay = np.ones(len(program.keep))
        _core.remaining(
            np.arange(count, dtype=np.intp), lists.pointer, lists.measure, lists.season, lists.row, program.keep, stay,
            self.levels, program.seasons, *left,
        )  # fmt: skip
        return left[0]

    def at_levels(self, levels: Floats | None) -> "Compiled":
        """Return the same at other levels of the measures; what drivers move stays."""
        if levels is None:
            return self
        driven = self.levels[len(levels) :]
        return replace(self, levels=np.ascontiguousarray(np.vstack([levels, driven])))

    def with_caps(self, caps: tuple[Cap, ...]) -> "Compiled":
        """Return the same with some of its caps alone."""
        program = self.classes.program
        held = tuple(cells for cap, cells in zip(program.caps, self.classes.cell_caps, strict=True) if cap in caps)
        return replace(self, classes=replace(self.classes, program=replace(program, caps=caps), cell_caps=held))

    def mean_day(self, share: Floats, levels: Floats, columns: Sequence[int]) -> "Compiled":
        """Return the same for other monthly shares and levels of the measures, and for some pollutants alone."""
        classes, program = self.classes, self.classes.program
        driven = len(self.levels) - len(levels)
        own = np.vstack([levels, np.ones((driven, levels.shape[1]))])
        # Months in which every measure stands alike are one.
        kinds, month = np.unique(np.vstack([own, program.seasons]), axis=1, return_inverse=True)
        together = np.zeros((len(share), kinds.shape[1]))
        for one_month, kind in enumerate(month.reshape(-1)):
            together[:, kind] += share[:, one_month]
        keep = np.ascontiguousarray(program.keep[:, columns])
        program = replace(program, share=together, seasons=np.ascontiguousarray(kinds[len(own) :]), keep=keep)
        weight, moved = (np.ascontiguousarray(values[..., columns]) for values in (classes.weight, classes.moved))
        return replace(
            self, classes=replace(classes, program=program, weight=weight, moved=moved),
            f_column=np.ascontiguousarray(self.f_column[:, columns]), levels=np.ascontiguousarray(kinds[: len(own)]),
        )  # fmt: skip


def compiled(
    program: Program,
    activity: Indices,
    factor: Indices,
    group: Indices,
    groups: int,
    unsure: NDArray[np.bool_],
    turnovers: Sequence[Turnover] = (),
) -> Compiled:
    """Return the classes of a program.

    Parameters
    ----------
    activity : ndarray, S × any [column]
        What multiplies each source's activity; -1 for none.
    factor : ndarray, S × P [column]
        What multiplies its factors; -1 for none.
    group : ndarray, S
        Which of `groups` groups a source is summed in.
    unsure : ndarray, M
        Which measures have a strength that is drawn.
    turnovers : sequence of Turnover
        Uncertain turnover of drivers, which becomes measures that are in place.
    """
    # Codes are made of numbers from 0: -1 stands for none.
    own = joint(activity.T + 1)
    levels, strength = program.levels, np.empty(0, dtype=np.intp)
    if len(program.tau):
        leaving = program.transfers.owner == program.origin
        count = len(program.measures)
        strength = np.where(leaving, 1 + program.transfers.measure, 1 + count + program.transfers.measure)
    if turnovers:
        program, strength = _with_turnover(program, strength, turnovers)
        levels = program.levels
    codes = int(own.max(initial=-1)) + 1
    mark = strength * codes + own[program.origin] if len(strength) else strength
    apart = joint([own, *(factor.T + 1)])
    classes = merge(program, group, groups, apart, mark)
    first = firsts(own)
    columns_of = _listed(activity[first])
    u, v = columns_of.rows(own[classes.first]), columns_of.rows(classes.mark % codes if codes else classes.mark)
    strengths_of = classes.mark // codes if codes else classes.mark
    f_column = np.ascontiguousarray(factor[classes.first].reshape(len(classes.first), -1))
    return Compiled(
        classes, u.pointer, u.measure, f_column, strengths_of.astype(np.intp), v.pointer, v.measure, levels, unsure
    )  # fmt: skip


def _with_turnover(program: Program, strength: Indices, turnovers: Sequence[Turnover]) -> tuple[Program, Indices]:
    """Return the program with uncertain turnover as measures that are in place, and the strengths of transfers."""
    count, years = len(program.measures), program.activity.shape[1]
    owner = np.concatenate([program.transfers.owner, *(one.owner for one in turnovers)])
    measure = np.concatenate(
        [program.transfers.measure, *(np.full(len(t.owner), count + n) for n, t in enumerate(turnovers))]
    )
    season = np.concatenate([program.transfers.season, np.zeros(len(owner) - len(strength), dtype=np.intp)])
    tau = np.concatenate([program.tau.reshape(-1, years), *(one.tau for one in turnovers)])
    rows = [np.full(len(t.owner), 1 + 2 * count + n) for n, t in enumerate(turnovers)]
    every = np.concatenate([strength, *rows]).astype(np.intp)
    origin = np.concatenate([program.origin, owner[len(strength) :]])
    entries = Entries.of(len(program.inventory), owner, measure, season, np.arange(len(tau)))
    levels = np.vstack([program.levels, np.ones((len(turnovers), program.levels.shape[1]))])
    moved = replace(
        program, transfers=entries, tau=tau[entries.row], origin=origin[entries.row].astype(np.intp), levels=levels
    )
    return moved, every[entries.row]


def product_of(u: Floats, pointer: Indices, column: Indices) -> Floats:
    """Return the product of the multipliers of each list, rows × years [1]."""
    found = np.ones((len(pointer) - 1, u.shape[1]))
    owner = np.repeat(np.arange(len(found)), np.diff(pointer))
    # Flat, because `at` is slow where it has more than one dimension.
    np.multiply.at(found.reshape(-1), cells_of(owner, u.shape[1]), u[column].reshape(-1))
    return found


def cells_of(rows: Indices, width: int) -> Indices:
    """Return the cells of rows of a flattened table that is `width` wide, row by row."""
    return np.asarray((rows[:, None] * width + np.arange(width)).reshape(-1))


def _listed(columns: Indices) -> Entries:
    """Return the columns that rows name, rows × any, without those that are -1, as lists of the entries' measures."""
    named = columns >= 0
    pointer = np.concatenate([[0], np.cumsum(named.sum(axis=1))]).astype(np.intp)
    held = columns[named]
    return Entries(pointer, held, np.zeros_like(held), np.zeros_like(held))


def standing(program: Program, inventory: Inventory) -> Program:
    """Return the program of an inventory as it is: one year, no measures."""
    empty, size = np.empty(0, dtype=np.intp), len(inventory)
    none = Entries.of(size, empty, empty, empty, empty)
    return replace(
        program, inventory=inventory, years=(inventory.base_year,), measures=(), levels=np.zeros((0, 1)),
        activity=inventory.activity[:, None], profile=np.zeros(size, dtype=np.intp), share=np.ones((1, 1)),
        transfers=none, tau=np.empty((0, 1)), origin=empty, intensities=none,
        keep=np.empty((0, len(inventory.pollutants))), stay=np.empty(0), seasons=np.ones((1, 1)), caps=(), offsite=(),
        matched=(), warnings=(),
    )  # fmt: skip
