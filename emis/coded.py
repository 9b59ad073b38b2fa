"""Columns of repeated texts, each distinct one held once, and rows told apart by what they have in common.

A table of a million rows has a million ids and a dozen categories: what is asked of a text is asked once for all rows
that hold it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Coded", "Codes", "Labels", "Places", "Texts", "increasing", "objects"]

Codes = NDArray[np.intp]
Texts = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of texts: row i reads ``values[codes[i]]``; the values are distinct, and each may occur or not."""

    values: Texts
    codes: Codes

    @classmethod
    def of(cls, texts: Sequence[str] | NDArray[Any]) -> "Coded":
        """Return texts by code, the values in the order in which they first occur."""
        if isinstance(texts, np.ndarray):
            texts = texts.astype(object, copy=False)
            codes, values = pd.factorize(texts)
            if codes.min(initial=0) < 0:  # what is missing is told apart by another look at all
                codes, values = pd.factorize(texts, use_na_sentinel=False)
            return cls(values, codes.astype(np.intp, copy=False))
        number: dict[str, int] = {}
        codes = np.fromiter((number.setdefault(text, len(number)) for text in texts), np.intp, len(texts))
        return cls(objects(list(number)), codes)

    @classmethod
    def full(cls, size: int, text: str) -> "Coded":
        """Return one text for every row."""
        return cls(objects([text]), np.zeros(size, dtype=np.intp))

    @classmethod
    def joined(cls, several: "Sequence[Coded]") -> "Coded":
        """Return columns one below the other."""
        if len(several) == 1:
            return several[0]
        merged = cls.of(np.concatenate([one.values for one in several])) if several else cls.of([])
        starts = np.cumsum([0, *(len(one.values) for one in several)])
        codes = [merged.codes[start + one.codes] for start, one in zip(starts, several, strict=False)]
        return cls(merged.values, np.concatenate(codes) if codes else merged.codes)

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def texts(self) -> Texts:
        """The text of each row."""
        return np.asarray(self.values[self.codes], dtype=object)

    def take(self, rows: Codes) -> "Coded":
        """Return some of the rows."""
        return Coded(self.values, self.codes[rows])

    def met(self) -> list[str]:
        """Return the values that occur."""
        return [str(self.values[code]) for code in np.unique(self.codes)]

    def ordered(self) -> "Coded":
        """Return the same column with its values sorted, and only those that occur."""
        occurs = np.zeros(len(self.values), dtype=bool)
        occurs[self.codes] = True
        if occurs.all() and increasing(self.values):
            return self
        found = np.flatnonzero(occurs)
        order = sorted(found.tolist(), key=[str(value) for value in self.values].__getitem__)
        rank = np.zeros(len(self.values), dtype=np.intp)
        rank[order] = np.arange(len(order))
        return Coded(self.values[order], rank[self.codes])


class Labels(Mapping[str, Texts]):
    """Labels by name: arrays of texts to those who read them, codes to those who group by them."""

    def __init__(self, coded: Mapping[str, Coded]):
        self.coded = dict(coded)

    def __getitem__(self, name: str) -> Texts:
        return self.coded[name].texts

    def __iter__(self) -> Iterator[str]:
        return iter(self.coded)

    def __len__(self) -> int:
        return len(self.coded)


@dataclass(frozen=True, eq=False)
class Places(Sequence[tuple[str, int]]):
    """File and line of each row, kept as arrays."""

    files: Coded
    lines: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return tuple(self[one] for one in range(*row.indices(len(self))))
        return str(self.files.values[self.files.codes[row]]), int(self.lines[row])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def increasing(texts: Texts) -> bool:
    """Tell whether each text comes before the next, so that they are sorted and none stands twice."""
    return bool(np.all(texts[:-1] < texts[1:]))


def objects(texts: Sequence[str]) -> Texts:
    """Return texts as an array of objects; `np.array` would read a list of equally long texts as something else."""
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return found
