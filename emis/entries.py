"""Lists of what touches each source or class, and the rows whose lists are the same."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

try:
    from emis import _core
except ImportError as error:
    raise ImportError(
        "the kernels of emis are not built: run `pip install --editable .` (it needs a C compiler)"
    ) from error

__all__ = ["Entries", "Indices", "Kinds"]

Indices = NDArray[np.intp]

#: Entries by which lists are ordered; what they have in common beyond is found all the same.
_COMPARED = 8


@dataclass(frozen=True, slots=True)
class Entries:
    """A CSR list over sources or classes: of what touches row r, entries pointer[r] up to pointer[r + 1]."""

    pointer: Indices
    measure: Indices
    season: Indices
    row: Indices

    @classmethod
    def of(cls, rows: int, owner: Indices, measure: Indices, season: Indices, row: Indices) -> "Entries":
        """Sort entries by owner, keeping their order within it."""
        order = np.argsort(owner, kind="stable")
        pointer = np.zeros(rows + 1, dtype=np.intp)
        np.cumsum(np.bincount(owner, minlength=rows), out=pointer[1:])
        return cls(pointer, measure[order], season[order], row[order])

    def rows(self, wanted: Indices) -> "Entries":
        """Return the entries of some rows, in the order of `wanted`."""
        counts = np.diff(self.pointer)[wanted]
        pointer = np.zeros(len(wanted) + 1, dtype=np.intp)
        np.cumsum(counts, out=pointer[1:])
        take = np.repeat(self.pointer[wanted] - pointer[:-1], counts) + np.arange(pointer[-1])
        return Entries(pointer, self.measure[take], self.season[take], self.row[take])

    def chosen(self, wanted: NDArray[np.bool_]) -> "Entries":
        """Return the lists with some of their entries alone."""
        pointer = np.concatenate([[0], np.cumsum(wanted)]).astype(np.intp)[self.pointer]
        return Entries(pointer, self.measure[wanted], self.season[wanted], self.row[wanted])

    def kinds(self) -> "Kinds":
        """Number the entries that differ in measure, season or row."""
        size = len(self.measure)
        each = np.arange(size + 1, dtype=np.intp)
        return Kinds.of(np.zeros(size, dtype=np.intp), Entries(each, self.measure, self.season, self.row))

    def order(self) -> Indices:
        """Return the rows in an order in which those stand together whose lists begin alike."""
        counts, keys = np.diff(self.pointer), []
        for place in range(min(_COMPARED, int(counts.max(initial=0)))):
            held = counts > place
            entry = self.pointer[:-1][held] + place
            for values in (self.row, self.season, self.measure):
                key = np.full(len(counts), -1, dtype=np.intp)
                key[held] = values[entry]
                keys.append((place, key))
        # `lexsort` takes the last key first.
        ranked = [key for _, key in sorted(keys, key=lambda one: -one[0])]
        return np.lexsort(ranked).astype(np.intp) if ranked else np.arange(len(counts), dtype=np.intp)

    def prefixes(self) -> Indices:
        """Return how many entries, from the first on, each list has as the one before it."""
        shared = np.zeros(len(self.pointer) - 1, dtype=np.intp)
        _core.prefixes(self.pointer, self.measure, self.season, self.row, shared)
        return shared

    @property
    def owner(self) -> Indices:
        """The row each entry belongs to."""
        return np.repeat(np.arange(len(self.pointer) - 1), np.diff(self.pointer))


@dataclass(frozen=True, slots=True)
class Kinds:
    """Rows whose lists of entries are the same: the number of each row, and a row of each number.

    Both are empty where nearly every row has a list of its own, and numbers would help nobody.
    """

    code: Indices
    example: Indices

    @classmethod
    def of_rows(cls, values: NDArray[np.float64], key: Indices | None = None) -> "Kinds":
        """Number the rows of a table by their bits, and by a key where there is one."""
        size, width = values.shape
        entries = -(-width // 3)
        bits = np.zeros((size, 3 * entries), dtype=np.intp)
        bits[:, :width] = np.ascontiguousarray(values).view(np.intp)
        columns = np.ascontiguousarray(bits.reshape(-1, 3).T)
        key = np.zeros(size, dtype=np.intp) if key is None else key
        return cls.of(key, Entries(np.arange(size + 1) * entries, *columns))

    @classmethod
    def of(cls, key: Indices, entries: Entries | None = None, most: int | None = None) -> "Kinds":
        """Number rows by key, and by list where there are any, in the order in which they are met.

        At most `most` numbers, or none at all.
        """
        size = len(key)
        if entries is None:
            entries = Entries(*(np.empty(0, dtype=np.intp),) * 4)
        most = size if most is None else most
        code, slots = np.empty(size, dtype=np.intp), 1024
        while True:
            example = np.empty(min(most, slots // 2), dtype=np.intp)
            table = np.full(slots, -1, dtype=np.intp)
            count = _core.alike(
                key, entries.pointer, entries.measure, entries.season, entries.row, table, code, example
            )
            if count >= 0:
                return cls(code, example[:count].copy())
            if len(example) == most:
                return cls(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp))
            slots *= 8
