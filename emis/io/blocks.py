"""An inventory read in blocks, for one that does not fit in memory: runs of rows, each an inventory of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from emis import vocabulary
from emis.coded import Coded
from emis.errors import Issues
from emis.inventory import Floats, Inventory
from emis.io.columns import Table
from emis.io.cuts import Cut, cuts, key_column
from emis.io.flat_files import is_flat
from emis.io.folders import Folder
from emis.io.inventories import Named, Names, add_single, load_document, note_files
from emis.io.sources import Collector
from emis.schema import Title

__all__ = ["Blocks", "load_blocks", "open_blocks"]


@dataclass(frozen=True)
class Blocks:
    """An inventory in blocks of rows: what is known of all of it, and how each is read. It can be pickled.

    Blocks are runs of rows in the order of the tables and of their rows, cut at multiples of the rows asked for within
    each table, so that they depend on the files alone. A block of a long emission table goes on to the end of its last
    source: the rows of a source have to stand together there. `rows` counts the rows of each block.

    Cross-checks are not read: they are of the whole.
    """

    name: str
    base_year: int
    status: str
    title: Mapping[str, str]
    pollutants: tuple[str, ...]
    file: str
    rows: tuple[int, ...]
    profiles: Mapping[str, Floats] = field(repr=False)
    tables: tuple[Named, ...] = field(repr=False)
    cuts: tuple[tuple[int, Cut], ...] = field(repr=False)
    alone: bool = False

    def __len__(self) -> int:
        return len(self.cuts)

    def read(self, number: int) -> Inventory:
        """Return a block, its sources in the order of their ids.

        Raises
        ------
        InputError
            Every fault of its rows, each with file and line.
        """
        issues = Issues()
        collector = Collector(self.pollutants, issues)
        collector.profiles = dict(self.profiles)
        of, cut = self.cuts[number]
        table = cut.read(issues)
        if table is not None and self.alone:
            add_single(table, collector)
        elif table is not None:
            self.tables[of].add(table, collector)
        issues.raise_if_any()
        return collector.inventory(
            name=self.name,
            base_year=self.base_year,
            status=self.status,
            title=self.title,
            file=self.file,
            warnings=tuple(issues.warnings),
        )

    def __iter__(self) -> Iterator[Inventory]:
        return (self.read(number) for number in range(len(self)))

    def check_ids(self) -> None:
        """Look for ids that stand in two blocks; those that stand twice in one are found when it is read.

        Read are the ids alone, of which 64 bits are kept; what is equal in them is then compared as text.

        Raises
        ------
        InputError
            When an id stands in two blocks.
        """
        issues = Issues()
        hashed = [self._hashes(number, issues) for number in range(len(self))]
        issues.raise_if_any()
        together = np.sort(np.concatenate([*hashed, np.zeros(0, dtype=np.uint64)]))
        again = np.unique(together[1:][together[1:] == together[:-1]])
        if len(again):
            self._twice(again, hashed, issues)
        issues.raise_if_any()

    def _ids(self, number: int, issues: Issues) -> tuple[Coded, Table] | None:
        table = key_column(self.cuts[number][1], "source", issues)
        return None if table is None else (table.column("source").coded, table)

    def _hashes(self, number: int, issues: Issues) -> NDArray[np.uint64]:
        found = self._ids(number, issues)
        ids = [] if found is None else [text for text in found[0].met() if text]
        return np.unique(pd.util.hash_array(np.array(ids, dtype=object), categorize=False))

    def _twice(self, again: NDArray[np.uint64], hashed: list[NDArray[np.uint64]], issues: Issues) -> None:
        first: dict[str, tuple[int, str, int]] = {}
        for number, hashes in enumerate(hashed):
            if not np.isin(hashes, again).any() or (found := self._ids(number, issues)) is None:
                continue
            ids, table = found
            same = np.isin(pd.util.hash_array(ids.values, categorize=False), again)
            for row in np.flatnonzero(same[ids.codes]).tolist():
                name, place = str(ids.values[ids.codes[row]]), table.place(row)
                block, file, line = first.setdefault(name, (number, *place))
                if block != number and name:
                    message = f"{name} stands twice, first in {file}:{line}"
                    issues.error(*place, "source", message, "give each source its own id: twice would count double")


def open_blocks(
    path: str | Path, *, rows: int = 100_000, root: str | Path | None = None, encoding: str | None = None
) -> Blocks:
    """Describe an inventory in blocks, as `read_inventory` would read it whole.

    Parameters
    ----------
    path : path
        Folder, inventory.yaml, or a table.
    rows : int
        Rows of a block.
    root, encoding : optional
        As for `read_inventory`.

    Raises
    ------
    InputError
        Every fault of what is read once: inventory.yaml, factors, profiles, and files that are not there.
    ValueError
        When `rows` is less than 1.
    """
    if rows < 1:
        raise ValueError("a block has at least one row")
    issues = Issues()
    found = load_blocks(Path(path), Folder.around(Path(path), root), issues, rows, encoding)
    issues.raise_if_any()
    return found


def load_blocks(
    target: Path, folder: Folder, issues: Issues, rows: int, encoding: str | None = None, year: int | None = None
) -> Blocks:
    """Describe an inventory of a project in blocks; a fault of what is read once is raised, with those before it."""
    target = target.absolute()  # whoever reads a block may stand in another folder
    target = target / "inventory.yaml" if (target / "inventory.yaml").is_file() else target
    shown = folder.shown(target)
    if is_flat(target, encoding):
        issues.error(shown, 1, "", "is FF10 or ORL, which is read whole", "use emis.read_inventory")
        issues.raise_if_any()
    if target.suffix.lower() not in (".yaml", ".yml"):
        folder.read(target)
        return _alone(target, shown, rows, encoding, issues, year)
    found = load_document(target, folder, issues, year)
    issues.raise_if_any()
    assert found is not None
    document, places = found
    names = Names(document, places, target, folder, issues, encoding)
    profiles, tables = names.profiles(), list(names.sources())
    for one in tables:
        note_files(one.path, folder, issues)
    cut = [(number, part) for number, one in enumerate(tables) for part in _cuts(one, rows, issues)]
    issues.raise_if_any()
    title = {"zh": document.title.zh, "en": document.title.en}
    return Blocks(
        document.name, document.base_year, document.status, title, document.pollutants, shown,
        tuple(part.rows for _, part in cut), profiles, tuple(tables), tuple(cut),
    )  # fmt: skip


def _cuts(table: Named, rows: int, issues: Issues) -> Sequence[Cut]:
    return cuts(table.path, table.shown, rows, table.sheet, table.encoding, issues)


def _alone(
    target: Path, shown: str, rows: int, encoding: str | None, issues: Issues, year: int | None = None
) -> Blocks:
    """Return the blocks of a table that stands alone."""
    cut = [(0, part) for part in cuts(target, shown, rows, None, encoding, issues)]
    pollutants = _pollutants([part for _, part in cut], issues)
    issues.raise_if_any()
    title = {"zh": Title().zh, "en": Title().en}
    counts = tuple(part.rows for _, part in cut)
    return Blocks(target.stem, year or 0, "example", title, pollutants, shown, counts, {}, (), tuple(cut), True)


def _pollutants(parts: list[Cut], issues: Issues) -> tuple[str, ...]:
    """Return the pollutants of a table that stands alone: of its header, or of all rows of a long one."""
    found: set[str | None] = set()
    for part in parts:
        if "emission" not in part.columns:
            return () if "activity" in part.columns else _listed({vocabulary.pollutant(one) for one in part.columns})
        table = key_column(part, "pollutant", issues)
        if table is not None:
            found |= {vocabulary.pollutant(text) for text in table.column("pollutant").coded.met()}
    return _listed(found)


def _listed(found: set[str | None]) -> tuple[str, ...]:
    return tuple(name for name in vocabulary.POLLUTANTS if name in found)
