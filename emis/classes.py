"""Sources that measures touch in the same way, merged: an ensemble costs the number of classes, not of sources."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from emis import _core, vocabulary
from emis.entries import Entries, Indices, Kinds
from emis.inventory import Floats, Inventory
from emis.numbering import one_key
from emis.program import Program

__all__ = ["Cells", "Classes", "Pairs", "merge", "sector_groups"]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Classes and the measures that touch them, n pairs by class and then by measure.

    `transfers` and `intensities` are the pair that each entry of the classes belongs to.
    """

    owner: Indices
    measure: Indices
    transfers: Indices
    intensities: Indices


@dataclass(frozen=True, slots=True)
class Cells:
    """What sources are added up in: the group of each cell, and for each cap the cells it holds in."""

    of_source: Indices
    group: Indices
    caps: tuple[Indices, ...]

    @classmethod
    def of(cls, program: Program, group: Indices) -> "Cells":
        """Return the cells of a program whose sources are in these groups."""
        if not program.caps:
            return cls(group.astype(np.intp, copy=False), np.arange(int(group.max(initial=-1)) + 1), ())
        kinds = Kinds.of(group.astype(np.intp), _capped(program))
        caps = tuple(np.unique(kinds.code[cap.sources]) for cap in program.caps)
        return cls(kinds.code, group[kinds.example], caps)


@dataclass(frozen=True)
class Classes:
    """Merged sources: K classes that emit W·w·Π, into cells that know their group and the caps on them.

    `weight` is W, K × Y × P, and `moved` what each transfer moves, n × Y × P [t/yr]. `source_cell` is the
    cell of each source of the program, `first` a source of each class, `mark` what `merge` was told of each transfer.
    """

    program: Program
    weight: Floats
    profile: Indices
    transfers: Entries
    moved: Floats
    intensities: Entries
    cell: Indices
    cell_group: Indices
    cell_caps: tuple[Indices, ...]
    source_cell: Indices
    groups: int
    first: Indices
    mark: Indices

    @classmethod
    def build(cls, program: Program, kinds: Kinds, group: Indices, groups: int, mark: Indices) -> "Classes":
        """Sum the sources of each kind; a class keeps the entries of its first source."""
        intensities = program.intensities.rows(kinds.example)
        # Classes whose intensities begin alike stand together: what these leave is multiplied up once.
        order = intensities.order()
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        code, first = place[kinds.code], kinds.example[order]
        factor = program.inventory.factor
        weight = np.zeros((len(first), program.activity.shape[1], factor.shape[1]))
        _core.add_products(program.activity, factor, np.arange(len(code), dtype=np.intp), code, weight)
        transfers, moved, marks = _moved(program, code, len(first), mark)
        cells = Cells.of(program, group)
        return cls(
            program=program,
            weight=weight,
            profile=program.profile[first],
            transfers=transfers,
            moved=moved,
            intensities=intensities.rows(order),
            cell=cells.of_source[first],
            cell_group=cells.group,
            cell_caps=cells.caps,
            source_cell=cells.of_source,
            groups=groups,
            first=first,
            mark=marks,
        )

    def by_cell(self) -> "Classes":
        """Return the same classes with each cell a group of its own, and without the caps."""
        cells = len(self.cell_group)
        return replace(self, program=replace(self.program, caps=()), cell_group=np.arange(cells), groups=cells)

    @cached_property
    def shared(self) -> Indices:
        """How many intensities, from the first on, each class has as the one before it, K."""
        return self.intensities.prefixes()

    @cached_property
    def pairs(self) -> Pairs:
        """The pairs of a class and a measure that touches it."""
        # Rows of the levels, among which may be more than the plan's measures: what drivers move in a draw.
        measures = max(1, len(self.program.levels))
        moved, changed = (entries.owner * measures + entries.measure for entries in (self.transfers, self.intensities))
        keys, pair = np.unique(np.concatenate([moved, changed]), return_inverse=True)
        pair = pair.reshape(-1).astype(np.intp)
        return Pairs(keys // measures, keys % measures, pair[: len(moved)], pair[len(moved) :])


def _capped(program: Program) -> Entries:
    """Return the caps on each source, as a list."""
    owner = np.concatenate([np.empty(0, dtype=np.intp), *(cap.sources for cap in program.caps)]).astype(np.intp)
    number = np.repeat(np.arange(len(program.caps)), [len(cap.sources) for cap in program.caps]).astype(np.intp)
    return Entries.of(len(program.inventory), owner, number, np.zeros_like(owner), np.zeros_like(owner))


def _moved(program: Program, code: Indices, count: int, mark: Indices) -> tuple[Entries, Floats, Indices]:
    """Return the transfers of `count` classes, what they move, n × Y × P [t/yr], and the mark of each."""
    listed, owner = program.transfers, program.transfers.owner
    kinds = Kinds.of(one_key([code[owner], listed.measure, listed.season, mark]))
    first = kinds.example
    keys = code[owner[first]], listed.measure[first], listed.season[first], mark[first]
    order = np.lexsort(keys[::-1])
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    moved = np.zeros((len(first), program.tau.shape[1], program.inventory.factor.shape[1]))
    _core.add_products(program.tau, program.inventory.factor, owner, place[kinds.code], moved)
    of_class, measure, season, marks = (key[order].astype(np.intp) for key in keys)
    return Entries.of(count, of_class, measure, season, np.arange(len(order))), moved, marks


def merge(
    program: Program, group: Indices, groups: int, apart: Indices | None = None, mark: Indices | None = None
) -> "Classes":
    """Merge the sources that report into the same group and that measures touch in the same way.

    Emissions are linear in A·F and in τ·F, so these are summed; exact up to the order of summation. What is not
    estimated counts as zero here, and `unknown` says which groups that concerns. Sources of different codes in
    `apart`, S, and transfers of different codes in `mark`, n, are not merged either.
    """
    keys = [group, *([program.profile] if program.months > 1 else []), *([] if apart is None else [apart])]
    if program.caps:
        keys.append(Kinds.of(np.zeros(len(group), dtype=np.intp), _capped(program)).code)
    none = np.zeros(len(program.tau), dtype=np.intp)
    if len(program.kinds.code):
        kinds = Kinds.of(one_key([*keys, program.kinds.code]))
    else:
        kinds = Kinds.of(one_key(keys), program.intensities)
    return Classes.build(program, kinds, group, groups, none if mark is None else mark)


def sector_groups(inventory: Inventory) -> tuple[tuple[str, ...], Indices]:
    """Return the sectors of an inventory in the vocabulary's order, and each source's number in it."""
    present = inventory.values("sector")
    names = tuple(name for name in vocabulary.SECTORS if name in present) + tuple(
        name for name in present if name not in vocabulary.SECTORS
    )
    number = np.array([names.index(name) for name in present], dtype=np.intp)
    return names, number[inventory.coded("sector").codes]
