"""Inventories that do not fit in memory, and work for more than one machine: the same numbers, block by block.

First every block is condensed, which keeps what a scenario can tell apart of it, exactly; all questions are asked of
the condensed inventory. A source's own emissions are its share of those of its row, so the table of all sources is
written in a second pass, each part of it by one task.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from emis.classes import Classes
from emis.condensing import Condensed, Told, condense, joined
from emis.entries import Indices
from emis.errors import InputError, Issues
from emis.inventory import Floats, Inventory
from emis.io.blocks import Blocks, load_blocks
from emis.io.flat_files import is_flat
from emis.io.folders import Folder
from emis.io.inventories import load_inventory
from emis.io.source_tables import Rows, SourceTable, widths
from emis.kernels import totals
from emis.projection import Projection
from emis.workers import Here, Workers

__all__ = ["ROWS", "BlockReader", "InBlocks", "ensemble", "in_blocks", "write_sources"]

#: Rows of a block, and of which inventories are read in blocks: of more bytes, and of more rows.
ROWS, _SMALL, _MANY = 100_000, 1_000_000, 200_000
#: Blocks that are joined at a time.
_JOINED = 16
#: Vectors of an ensemble in a task.
_VECTORS = 64

T = TypeVar("T")


@dataclass(frozen=True)
class InBlocks:
    """An inventory in blocks and condensed.

    `rows` says for each row that a block condenses to which row of `inventory` it is in, `members` of how many sources
    each of these is, `sources` how many sources each block has, and `widths` how long the texts of sources are.
    """

    blocks: Blocks
    told: Told
    inventory: Inventory
    members: Indices
    rows: tuple[Indices, ...]
    sources: tuple[int, ...]
    widths: dict[str, int]


def in_blocks(
    blocks: Blocks, told: Told, workers: Workers | None = None, note: Callable[[int, int], None] | None = None
) -> InBlocks:
    """Condense an inventory block by block.

    Parameters
    ----------
    told : Told
        What the documents that will be asked of it tell sources apart by.
    note : callable, optional
        Told of sources done and of all.

    Raises
    ------
    InputError
        Every fault of every block, and ids that stand in two of them.
    """
    faults = Issues()
    try:
        blocks.check_ids()
    except InputError as error:
        faults.errors.extend(error.issues)
    found: Condensed | None = None
    rows: list[Indices] = []
    sources: list[int] = []
    longest: dict[str, int] = {}
    tasks = (workers or Here()).map(partial(_condensed, blocks, told), range(len(blocks)))
    for batch in _batches(_noted(tasks, blocks.rows, note), _JOINED):
        for fault in (one for one in batch if isinstance(one, InputError)):
            faults.errors.extend(fault.issues)
            faults.warnings.extend(fault.warnings)
        if faults.errors:  # the other blocks are read for theirs
            continue
        read = [one for one in batch if not isinstance(one, InputError)]
        several = [one for one, _ in read]
        sources += [int(one.members.sum()) for one in several]
        longest = {name: max(longest.get(name, 0), *(of[name] for _, of in read)) for name in read[0][1]}
        found, places = joined([found, *several] if found is not None else several, told)
        if len(places) > len(several):
            rows = [places[0][row] for row in rows]
        rows += places[-len(several) :]
    faults.raise_if_any()
    assert found is not None
    return InBlocks(blocks, told, found.whole, found.members, tuple(rows), tuple(sources), longest)


def _condensed(blocks: Blocks, told: Told, number: int) -> tuple[Condensed, dict[str, int]] | InputError:
    """Return a block condensed, with the widths of its texts; or its faults, to be told with those of the others."""
    try:
        inventory = blocks.read(number)
    except InputError as error:
        return error
    return condense(inventory, told)[0], widths(inventory)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _noted(items: Iterable[T], weights: Sequence[int], note: Callable[[int, int], None] | None) -> Iterator[T]:
    done, whole = 0, sum(weights)
    for item, weight in zip(items, weights, strict=True):
        done += weight
        if note is not None:
            note(done, whole)
        yield item


class BlockReader:
    """Reads the inventories of a scenario: small ones whole, large ones in blocks, which it remembers by their year.

    A flat file of the US EPA is read whole at any size: the rows of a source may stand anywhere in it.

    Parameters
    ----------
    rows : int
        Rows of a block.
    every : bool
        Whether small inventories are read in blocks as well.
    note : callable, optional
        As for `in_blocks`.
    """

    def __init__(
        self, workers: Workers, rows: int = ROWS, every: bool = False, note: Callable[[int, int], None] | None = None
    ):
        self._workers, self._rows, self._every, self._note = workers, rows, every, note
        self.found: dict[int, InBlocks] = {}

    def __call__(
        self, path: Path, folder: Folder, issues: Issues, encoding: str | None, year: int, documents: tuple[Any, ...]
    ) -> Inventory | None:
        """Read the inventory of a year, told apart by what the documents tell; None when it has faults."""
        if is_flat(path, encoding) or (not self._every and _bytes(path) < _SMALL):
            return load_inventory(path, folder, issues, encoding, year)
        faults = Issues()
        try:
            blocks = load_blocks(path, folder, faults, self._rows, encoding, year)
            if not self._every and sum(blocks.rows) <= _MANY:
                return load_inventory(path, folder, issues, encoding, year)
            self.found[year] = in_blocks(blocks, Told.by(*documents), self._workers, self._note)
        except InputError as error:
            issues.errors.extend(error.issues)
            issues.warnings.extend(error.warnings)
            return None
        issues.warnings.extend(faults.warnings)
        return self.found[year].inventory


def _bytes(path: Path) -> int:
    """Return the size of all that stands beside an inventory.yaml, or of a table."""
    if path.name == "inventory.yaml":
        path = path.parent
    return sum(file.stat().st_size for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())


# -- the table of all sources ----------------------------------------------------------------------------------------


def write_sources(
    found: InBlocks,
    projection: Projection,
    folder: Path,
    storage: Literal["parquet", "zarr"],
    workers: Workers | None = None,
    note: Callable[[int, int], None] | None = None,
) -> Path:
    """Write what every source emits, with and without the plan, and return where: sources.parquet or sources.zarr.

    A part of the table, or a chunk of the store, is written by one task; the parts are the same files whoever writes
    them.
    """
    size = max(found.sources)
    ends = np.cumsum(found.sources)
    parts = [_Part(number, _pieces(ends, start, min(start + size, int(ends[-1])))) for number, start in
             enumerate(range(0, int(ends[-1]), size))]  # fmt: skip
    table = SourceTable.prepared(folder.absolute(), storage, projection, int(ends[-1]), size, found.widths)
    tasks = (workers or Here()).map(partial(_write, found, table), parts)
    for _ in _noted(tasks, [part.sources for part in parts], note):
        pass
    table.finish()
    return table.path


@dataclass(frozen=True)
class _Part:
    """A part of the table: its number, and which sources of which blocks are in it."""

    number: int
    pieces: tuple[tuple[int, int, int], ...]

    @property
    def sources(self) -> int:
        return sum(end - start for _, start, end in self.pieces)


def _pieces(ends: Indices, start: int, end: int) -> tuple[tuple[int, int, int], ...]:
    """Return block, first and last + 1 of its sources that are the sources from `start` to `end` of all."""
    first = ends - np.diff(ends, prepend=0)
    held = np.flatnonzero((first < end) & (ends > start))
    return tuple((int(n), max(start - int(first[n]), 0), min(end, int(ends[n])) - int(first[n])) for n in held)


def _write(found: InBlocks, table: SourceTable, part: _Part) -> int:
    rows = [_rows(found, *piece) for piece in part.pieces]
    table.write(part.number, Rows.joined(rows))
    return part.sources


def _rows(found: InBlocks, number: int, start: int, end: int) -> Rows:
    inventory = found.blocks.read(number)
    _, code = condense(inventory, found.told)
    return Rows.of(inventory, found.inventory, found.rows[number][code], found.members, slice(start, end))


# -- ensembles ---------------------------------------------------------------------------------------------


def ensemble(classes: Classes, levels: Floats, workers: Workers | None = None) -> Floats:
    """Return what `kernels.totals` does, vectors × years × groups × pollutants [t/yr], some vectors to a task."""
    several = [levels[start : start + _VECTORS] for start in range(0, len(levels), _VECTORS)]
    found = list((workers or Here()).map(partial(totals, classes), several))
    return np.concatenate(found) if found else totals(classes, levels)
