"""The rows of a column by its values: what is asked of a few rows does not cost the others."""

import fnmatch
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from emis.coded import Coded, Codes
from emis.selectors import is_glob

__all__ = ["Combinations", "Lookup"]

#: Combinations are numbered anew where their numbers would reach further.
_MOST = 2**62
#: Rows that are one in so many, or fewer, are found by the index and not by a look at each.
_FEW = 16


class Lookup:
    """Finds rows of a column, S long, whose values are sorted and all occur.

    Where a value stands, and which rows hold it, is looked up; only patterns are held against values, and only against
    those that begin as the pattern does.
    """

    def __init__(self, column: Coded):
        self.column = column
        self._matching: dict[str, list[int]] = {}

    def __reduce__(self) -> tuple[type["Lookup"], tuple[Coded]]:
        # Indexes are made anew where they are needed, and not sent along.
        return Lookup, (self.column,)

    def codes(self, wanted: tuple[str, ...]) -> Codes:
        """Return the codes of the values that one of `wanted` names, as a value or a pattern, in their order."""
        found = {code for one in wanted for code in self._codes(one)}
        return np.array(sorted(found), dtype=np.intp)

    def code(self, value: str) -> int | None:
        """Return the code of a value; None where no row holds it."""
        code = bisect_left(self.column.values, value)
        return code if code < len(self.column.values) and self.column.values[code] == value else None

    def _codes(self, one: str) -> list[int]:
        if not is_glob(one):
            code = self.code(one)
            return [] if code is None else [code]
        if one not in self._matching:
            self._matching[one] = self._matched(one)
        return self._matching[one]

    def _matched(self, pattern: str) -> list[int]:
        """Return the codes of the values that match a pattern, or are written like it."""
        values = self.column.values
        start = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
        first = bisect_left(values, start)
        last = bisect_right(values, start, lo=first, key=lambda value: value[: len(start)])
        matches = re.compile(fnmatch.translate(pattern)).match
        return [code for code in range(first, last) if values[code] == pattern or matches(values[code])]

    def count(self, codes: Codes) -> int:
        """Return how many rows hold one of the values."""
        return int(self._held[codes].sum())

    def rows(self, codes: Codes) -> Codes:
        """Return the rows that hold one of the values, in their order."""
        size = len(self.column)
        if self.count(codes) * _FEW > size:
            return np.flatnonzero(self._among(codes)[self.column.codes])
        order, pointer = self._index
        several = [order[pointer[code] : pointer[code + 1]] for code in codes.tolist()]
        return several[0] if len(several) == 1 else np.sort(np.concatenate([order[:0], *several]))

    def holding(self, rows: Codes, codes: Codes) -> Codes:
        """Return those of `rows` that hold one of the values."""
        own = self.column.codes[rows]
        few = len(rows) < len(self.column.values)
        return np.asarray(rows[np.isin(own, codes) if few else self._among(codes)[own]])

    def _among(self, codes: Codes) -> np.ndarray:
        """Return which values are among those of `codes`."""
        among = np.zeros(len(self.column.values), dtype=bool)
        among[codes] = True
        return among

    @cached_property
    def _held(self) -> Codes:
        """How many rows hold each value."""
        return np.bincount(self.column.codes, minlength=len(self.column.values))

    @cached_property
    def _index(self) -> tuple[Codes, Codes]:
        """The rows by value, and where those of each value begin."""
        codes = self.column.codes
        # Short integers are sorted by radix.
        short = codes.astype(np.uint16) if len(self._held) <= 2**16 else codes
        return np.argsort(short, kind="stable"), np.concatenate([[0], np.cumsum(self._held)]).astype(np.intp)


class Combinations:
    """Finds rows by the codes they hold in several columns, S long each, of which there is at least one row."""

    def __init__(self, columns: Sequence[Coded]):
        self._widths = [len(column.values) for column in columns]
        self._tables: list[Codes | None] = []
        key, reach = np.zeros(len(columns[0]), dtype=np.intp), 1
        for column, width in zip(columns, self._widths, strict=True):
            table = None
            if reach * width > _MOST:
                table = np.unique(key)
                key, reach = np.searchsorted(table, key), len(table)
            self._tables.append(table)
            key, reach = key * width + column.codes, reach * width
        order = np.argsort(key, kind="stable")
        self._keys, start = np.unique(key[order], return_index=True)
        end = np.append(start[1:], len(key)) - 1
        self._only = np.where(start == end, order[start], -1)

    def row(self, codes: Sequence[Codes]) -> Codes:
        """Return the one row that holds each combination, -1 where there is none, or several; a code of -1 is unknown.

        Parameters
        ----------
        codes : sequence of ndarray, n
            Codes of the combinations in each column.
        """
        key, known = np.zeros(len(codes[0]), dtype=np.intp), np.ones(len(codes[0]), dtype=bool)
        for code, width, table in zip(codes, self._widths, self._tables, strict=True):
            if table is not None:
                key, known = _placed(table, key, known)
            key, known = key * width + code, known & (code >= 0)
        place, known = _placed(self._keys, key, known)
        return np.where(known, self._only[place], -1)


def _placed(table: Codes, key: Codes, known: np.ndarray) -> tuple[Codes, np.ndarray]:
    """Return where keys stand in a sorted table, and which of those known do."""
    place = np.minimum(np.searchsorted(table, key), len(table) - 1)
    return place, known & (table[place] == key)
