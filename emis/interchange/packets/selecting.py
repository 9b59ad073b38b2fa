"""Selectors that say which sources a record got: by labels where these say it shortly, by their ids else."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from emis import vocabulary
from emis.inventory import Inventory
from emis.selectors import Selector, is_glob

__all__ = ["Labels", "selector"]

#: Labels of sources, and the values of each that are wanted.
Labels: TypeAlias = dict[str, tuple[str, ...]]

#: Fewer sources are named by their ids.
_FEW = 4


def selector(inventory: Inventory, sources: NDArray[np.intp]) -> Labels:
    """Return a selector, as a plan has it, that selects these sources, ascending, and no others."""
    if len(sources) == len(inventory):
        return {}
    if len(sources) > _FEW:
        box = _box(inventory, sources)
        if box is not None:
            return box
    return {"source": tuple(inventory.labels["source"][sources].tolist())}


def _box(inventory: Inventory, sources: NDArray[np.intp]) -> Labels | None:
    """Return the labels that all of some sources have, where no other source has them; None where some do."""
    box: Labels = {}
    for label in vocabulary.LABELS:
        column = inventory.coded(label)
        codes = np.unique(column.codes[sources])
        values = tuple(str(value) for value in column.values[codes].tolist())
        if (
            len(codes) < len(column.values)
            and len(codes) < len(sources)
            and all(values)
            and not any(map(is_glob, values))
        ):
            box[label] = values
    if not box or not _same(inventory, box, len(sources)):
        return None
    # What no source would be left without is left out, the longest first.
    for label in sorted(box, key=lambda one: -len(box[one])):
        rest = {name: values for name, values in box.items() if name != label}
        if rest and _same(inventory, rest, len(sources)):
            box = rest
    if sum(map(len, box.values())) >= len(sources):
        return None
    return box


def _same(inventory: Inventory, box: Labels, count: int) -> bool:
    return len(inventory.rows(Selector.model_construct(None, **box))) == count
