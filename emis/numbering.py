"""Numbers in place of values: equal where the values are, in their order, without sorting where that can be spared."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Codes", "alike", "dense", "firsts", "joint", "numbered", "one_key", "refined"]

Codes = NDArray[np.intp]

#: Codes that reach no further than this times their number are counted instead of sorted.
_SPARSE = 8


def dense(code: Codes) -> Codes:
    """Number the distinct codes from 0, in their order; none may be negative."""
    highest = int(code.max(initial=-1))
    if highest >= _SPARSE * len(code):
        return np.unique(code, return_inverse=True)[1].reshape(-1).astype(np.intp)
    here = np.zeros(highest + 1, dtype=bool)
    here[code] = True
    return np.asarray((np.cumsum(here) - 1)[code], dtype=np.intp)


def joint(keys: Iterable[Codes]) -> Codes:
    """Number the distinct combinations of codes from 0, in the order of the first key, then of the next ones."""
    whole: Codes | None = None
    for key in keys:
        if whole is None:
            whole = dense(key)
            continue
        count = int(whole.max(initial=0)) + 1
        # Gaps in a key are closed where they would make the combinations too many to count.
        near = key if count * (int(key.max(initial=0)) + 1) <= _SPARSE * len(key) else dense(key)
        whole = dense(whole * (int(near.max(initial=0)) + 1) + near)
    if whole is None:
        raise ValueError("there is nothing to number")
    return whole


def one_key(keys: Sequence[Codes]) -> Codes:
    """Return one number for each row that tells its numbers, not negative, apart from those of other rows."""
    whole, most = keys[0].astype(np.intp), int(keys[0].max(initial=0)) + 1
    for key in keys[1:]:
        count = int(key.max(initial=0)) + 1
        if most * count > 2**62:
            values, whole = np.unique(whole, return_inverse=True)
            whole, most = whole.reshape(-1), len(values)
        whole, most = whole * count + key, most * count
    return whole.astype(np.intp)


def alike(*codes: Codes) -> tuple[Codes, Codes]:
    """Number rows by what they have in common: one code for rows equal in every one of `codes`, none negative.

    Returns
    -------
    group, first : ndarray
        The number of each row, S, in the order in which groups first occur; and the first row of each group.
    """
    group = pd.factorize(one_key(codes))[0].astype(np.intp, copy=False)
    return group, firsts(group)


def firsts(code: Codes) -> Codes:
    """Return where each of dense codes stands first."""
    found = np.empty(int(code.max(initial=-1)) + 1, dtype=np.intp)
    # Of several that are written to one place the last stays.
    found[code[::-1]] = np.arange(len(code) - 1, -1, -1)
    return found


def refined(code: Codes, values: NDArray[np.float64]) -> Codes:
    """Number the distinct combinations of dense codes and values, none of them NaN."""
    if (values == values[firsts(code)][code]).all():
        return code
    known = np.unique(values)
    return dense(code * len(known) + np.searchsorted(known, values))


def numbered(column: NDArray[np.object_]) -> Codes:
    """Number the distinct texts of a column from 0, in their order."""
    texts = list(map(str, column.tolist()))
    place = {text: number for number, text in enumerate(sorted(set(texts)))}
    return np.fromiter(map(place.__getitem__, texts), dtype=np.intp, count=len(texts))
