"""Sources that measures touch in the same way, merged: an ensemble costs the number of classes, not of sources."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emis import vocabulary
from emis.inventory import Floats, Inventory
from emis.program import Entries, Indices, Program

__all__ = ["Classes", "Pairs", "codes_of", "merge", "sector_groups"]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Classes and the measures that touch them, n pairs by class and then by measure.

    `transfers` and `intensities` are the pair that each entry of the classes belongs to.
    """

    owner: Indices
    measure: Indices
    transfers: Indices
    intensities: Indices


@dataclass(frozen=True)
class Classes:
    """Merged sources: K classes that emit W·w·Π, into cells that know their group and the caps on them.

    `source_cell` is the cell of each source of the program, `first` a source of each class, `mark` what `merge` was
    told of each transfer.
    """

    program: Program
    weight: Floats
    profile: Indices
    transfers: Entries
    moved: Floats
    intensities: Entries
    cell: Indices
    cell_group: Indices
    cell_caps: NDArray[np.bool_]
    source_cell: Indices
    groups: int
    first: Indices
    mark: Indices

    @classmethod
    def build(cls, program: Program, code: Indices, group: Indices, groups: int, mark: Indices) -> "Classes":
        """Sum the sources of each code; a class keeps the entries of its first source."""
        _, first, code = np.unique(code, return_index=True, return_inverse=True)
        count = len(first)
        factor = np.nan_to_num(program.inventory.factor)
        activity = np.nan_to_num(program.activity)
        weight = np.empty((count, factor.shape[1], activity.shape[1]))
        for p in range(factor.shape[1]):
            for y in range(activity.shape[1]):
                weight[:, p, y] = np.bincount(code, weights=activity[:, y] * factor[:, p], minlength=count)
        owner = program.transfers.owner
        keys = np.stack([code[owner], program.transfers.measure, program.transfers.season, mark])
        unique, merged = np.unique(keys, axis=1, return_inverse=True)
        merged = merged.reshape(-1)
        tau = np.nan_to_num(program.tau)
        moved = np.zeros((unique.shape[1], factor.shape[1], activity.shape[1]))
        for p in range(factor.shape[1]):
            for y in range(activity.shape[1]):
                moved[:, p, y] = np.bincount(merged, weights=tau[:, y] * factor[owner, p], minlength=unique.shape[1])
        transfers = Entries.of(count, unique[0], unique[1], unique[2], np.arange(unique.shape[1]))
        member = np.zeros((len(program.caps), len(code)), dtype=bool)
        for number, cap in enumerate(program.caps):
            member[number, cap.sources] = True
        cells, cell = np.unique(np.vstack([group[first][None], member[:, first]]), axis=1, return_inverse=True)
        return cls(
            program=program,
            weight=weight,
            profile=program.profile[first],
            transfers=transfers,
            moved=moved[transfers.row],
            intensities=_rows(program.intensities, first),
            cell=cell.reshape(-1).astype(np.intp),
            cell_group=cells[0].astype(np.intp),
            cell_caps=cells[1:].astype(bool),
            source_cell=cell.reshape(-1).astype(np.intp)[code],
            groups=groups,
            first=first,
            mark=unique[3][transfers.row],
        )

    def by_cell(self) -> "Classes":
        """Return the same classes with each cell a group of its own, and without the caps."""
        cells = len(self.cell_group)
        return replace(self, program=replace(self.program, caps=()), cell_group=np.arange(cells), groups=cells)

    @cached_property
    def pairs(self) -> Pairs:
        """The pairs of a class and a measure that touches it."""
        # Rows of the levels, among which may be more than the plan's measures: what drivers move in a draw.
        measures = max(1, len(self.program.levels))
        moved, changed = (entries.owner * measures + entries.measure for entries in (self.transfers, self.intensities))
        keys, pair = np.unique(np.concatenate([moved, changed]), return_inverse=True)
        pair = pair.reshape(-1).astype(np.intp)
        return Pairs(keys // measures, keys % measures, pair[: len(moved)], pair[len(moved) :])


def _rows(entries: Entries, rows: Indices) -> Entries:
    """Return the entries of some rows, in the order of `rows`."""
    counts = np.diff(entries.pointer)[rows]
    starts = entries.pointer[rows]
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    take = np.repeat(starts, counts) + offset
    pointer = np.zeros(len(rows) + 1, dtype=np.intp)
    np.cumsum(counts, out=pointer[1:])
    return Entries(pointer, entries.measure[take], entries.season[take], entries.row[take])


def codes_of(keys: Indices) -> Indices:
    """Number the distinct columns of `keys`, which are not negative."""
    if keys.shape[1] == 0:
        return np.empty(0, dtype=np.intp)
    code = keys[0]
    for key in keys[1:]:
        code = np.unique(code * (int(key.max()) + 1) + key, return_inverse=True)[1]
    return np.unique(code, return_inverse=True)[1].astype(np.intp)


def merge(
    program: Program, group: Indices, groups: int, apart: Indices | None = None, mark: Indices | None = None
) -> "Classes":
    """Merge the sources that report into the same group and that measures touch in the same way.

    Emissions are linear in A·F and in τ·F, so these are summed; exact up to the order of summation. What is not
    estimated counts as zero here, and `unknown` says which groups that concerns. Sources of different codes in
    `apart`, S, and transfers of different codes in `mark`, n, are not merged either.
    """
    keys = [group, program.profile if program.months > 1 else np.zeros_like(group)]
    code = codes_of(np.stack(keys if apart is None else [*keys, apart]))
    for cap in program.caps:
        member = np.zeros(len(group), dtype=np.intp)
        member[cap.sources] = 1
        code = codes_of(np.stack([code, member]))
    # Each pass tells apart what one measure does to the sources it touches; only these are looked at.
    owner, entries = program.intensities.owner, program.intensities
    label = codes_of(np.stack([entries.measure, entries.season, entries.row]))
    labels, codes = len(entries.row), int(code.max()) + 1 if len(code) else 0
    order = np.argsort(entries.measure, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(entries.measure[order])) + 1):
        apart, position = np.unique(code[owner[mine]] * labels + label[mine], return_inverse=True)
        code[owner[mine]] = codes + position
        codes += len(apart)
    none = np.zeros(len(program.tau), dtype=np.intp)
    return Classes.build(program, code, group, groups, none if mark is None else mark)


def sector_groups(inventory: Inventory) -> tuple[tuple[str, ...], Indices]:
    """Return the sectors of an inventory in the vocabulary's order, and each source's number in it."""
    present = inventory.values("sector")
    names = tuple(name for name in vocabulary.SECTORS if name in present) + tuple(
        name for name in present if name not in vocabulary.SECTORS
    )
    number = {name: index for index, name in enumerate(names)}
    return names, np.array([number[str(name)] for name in inventory.labels["sector"]], dtype=np.intp)
