"""Emissions in cells: sparse fields of a year by group of sources, and from them hour by hour the dense ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from emis.coded import Codes
from emis.interchange.gridding.placing import Placed
from emis.inventory import Floats

__all__ = ["Fields", "fields"]

#: Numbers of a block of hours that is held at once.
_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Fields:
    """What is emitted in each cell in each hour, as the product of two small things.

    J species, Z layers, C cells, G groups of sources that share their profiles in time, H hours.

    Attributes
    ----------
    yearly : sparse matrix, G × (J · Z · C)
        Emissions of a year.
    shares : ndarray, G × H [1]
        The part of them in each hour.
    shape : tuple
        J, Z, rows and columns.
    """

    yearly: Any
    shares: Floats
    shape: tuple[int, int, int, int]

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return int(self.shares.shape[1])

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        """Yield a few hours at a time: the number of the first, and what is emitted in each, h × J × Z × rows ×
        columns [per hour]."""
        transposed = self.yearly.T.tocsr()
        step = int(np.clip(_AT_ONCE // max(1, self.yearly.shape[1]), 1, 24))
        for first in range(0, self.hours, step):
            part = self.shares[:, first : first + step]
            dense = np.ascontiguousarray((transposed @ part).T)
            yield first, dense.reshape(part.shape[1], *self.shape)


def fields(
    values: Sequence[Floats], placed: Placed, group: Codes, layer: Codes, layers: Floats, shares: Floats,
    rows_and_columns: tuple[int, int],
) -> Fields:  # fmt: skip
    """Return the fields of species.

    Parameters
    ----------
    values : sequence
        By species, the emission of each source in a year, S.
    group, layer : ndarray, S
        The group of each source in time, and its profile of height.
    layers : ndarray, L × Z [1]
        Profiles of height.
    shares : ndarray, G × H [1]
        Shares of hours by group.
    """
    here = np.flatnonzero(placed.place >= 0)
    kinds, count = len(layers), len(shares)
    row, column = group[here] * kinds + layer[here], placed.place[here]
    several = []
    for one in values:
        by_place = sparse.coo_matrix((one[here], (row, column)), (count * kinds, placed.weights.shape[0])).tocsr()
        in_cells = by_place @ placed.weights
        several += [
            sparse.kron(sparse.identity(count), layers[:, [z]].T, format="csr") @ in_cells
            for z in range(layers.shape[1])
        ]
    yearly = sparse.hstack(several, format="csr") if several else sparse.csr_matrix((count, 0))
    yearly.eliminate_zeros()
    return Fields(yearly, shares, (len(values), layers.shape[1], *rows_and_columns))
