"""Emissions in cells: sparse fields of a month by group of sources, and from them hour by hour the dense ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from emis.coded import Codes
from emis.interchange.gridding.hours import Span, Times
from emis.interchange.gridding.placing import Placed
from emis.inventory import Floats

__all__ = ["Fields"]

#: Numbers of a block of hours that is held at once.
_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Fields:
    """What is emitted in each cell in each hour, as the product of small things.

    S sources, Z layers, G groups of sources that share their weights of days and hours.

    Attributes
    ----------
    values : sequence
        By species, the emission of each source in a year, S.
    placed : Placed
        Sources in places, places in cells.
    layer, layers : ndarray, S; ndarray, L × Z [1]
        The profile of height of each source, and the profiles.
    times : Times, optional
        Sources in time; None where the year is one step.
    spans : sequence
        The hours written, month by month.
    hours : int
        How many there are.
    rows_and_columns : tuple
        Of the grid.
    """

    values: Sequence[Floats]
    placed: Placed
    layer: Codes
    layers: Floats
    times: Times | None
    spans: Sequence[Span]
    hours: int
    rows_and_columns: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Species, layers, rows and columns."""
        return len(self.values), self.layers.shape[1], *self.rows_and_columns

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        """Yield a few hours at a time: the number of the first, and what is emitted in each, hours × species × layers ×
        rows × columns [per hour]."""
        size = int(np.prod(self.shape))
        step = int(np.clip(_AT_ONCE // max(1, size), 1, 24))
        held: dict[int, Any] = {}
        for first in range(0, self.hours, step):
            last = min(first + step, self.hours)
            block = np.zeros((size, last - first))
            met = [
                n for n, one in enumerate(self.spans) if one.first < last and first < one.first + one.shares.shape[1]
            ]
            held = {number: held[number] if number in held else self._monthly(number) for number in met}
            for number in met:
                span = self.spans[number]
                begin, end = max(first, span.first), min(last, span.first + span.shares.shape[1])
                part = span.shares[:, begin - span.first : end - span.first]
                block[:, begin - first : end - first] += held[number] @ part
            yield first, np.ascontiguousarray(block.T).reshape(last - first, *self.shape)

    def _monthly(self, number: int) -> Any:
        """Return what each group emits in a month, a sparse matrix of (species · layers · cells) × groups."""
        span, here = self.spans[number], self._here
        share = np.ones(len(here)) if self.times is None else self.times.of_month(span.year, span.month)[here]
        group = np.zeros(len(here), dtype=np.intp) if self.times is None else self.times.group[here]
        count, kinds = span.shares.shape[0], len(self.layers)
        row, column = group * kinds + self.layer[here], self.placed.place[here]
        several = []
        for one in self.values:
            shape = count * kinds, self.placed.weights.shape[0]
            in_cells = sparse.coo_matrix((one[here] * share, (row, column)), shape).tocsr() @ self.placed.weights
            several += [
                sparse.kron(sparse.identity(count), heights[None, :], "csr") @ in_cells for heights in self.layers.T
            ]
        found = sparse.vstack([one.T for one in several], format="csr")
        found.eliminate_zeros()
        return found

    @cached_property
    def _here(self) -> Codes:
        return np.flatnonzero(self.placed.place >= 0)
