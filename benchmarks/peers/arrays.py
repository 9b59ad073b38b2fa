"""NumPy: measure by measure, and by groups of sources that the same measures touch in the same way."""

from collections.abc import Callable

import numpy as np
from problem import Change, Problem

__all__ = ["by_measure", "grouped", "grouped_before"]

#: Rows up to which what a measure leaves is told by group; of more, nearly every source has a row of its own.
_SHARED = 1000


def by_measure(problem: Problem) -> Callable[[], np.ndarray]:
    """Multiply the rows that each measure touches, one measure after the other."""
    emissions = np.zeros(problem.shape)

    def one_round() -> np.ndarray:
        np.multiply(problem.moved()[:, :, None], problem.factor[:, None, :], out=emissions)
        for change in problem.changes:
            _apply(problem, change, emissions)
        return emissions.transpose(1, 0, 2)

    return one_round


def _apply(problem: Problem, change: Change, emissions: np.ndarray) -> None:
    left = problem.remaining(change)
    emissions[change.sources] *= left[0] if len(left) == 1 else left[change.row]


def grouped(problem: Problem) -> Callable[[], np.ndarray]:
    """Find the groups, make a table of what is left in each, and multiply by it."""
    emissions = np.zeros(problem.shape)
    return lambda: _by_group(problem, _groups(problem), emissions)


def grouped_before(problem: Problem) -> Callable[[], np.ndarray]:
    """Do the same with the groups known beforehand."""
    emissions, groups = np.zeros(problem.shape), _groups(problem)
    return lambda: _by_group(problem, groups, emissions)


def _groups(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return a source of each group, and the group of each source: by a bit a measure, and its row where it has any."""
    shared = [change for change in problem.changes if len(change.keep) <= _SHARED]
    touched = np.zeros((len(shared), len(problem.factor)), dtype=bool)
    rows = []
    for number, change in enumerate(shared):
        touched[number, change.sources] = True
        if len(change.keep) > 1:
            row = np.zeros(len(problem.factor), dtype=np.uint16)
            row[change.sources] = change.row + 1
            rows.append(row.view(np.uint8).reshape(-1, 2))
    keys = np.ascontiguousarray(np.hstack([np.packbits(touched, axis=0).T, *rows]))
    _, first, group = np.unique(keys.view(f"V{keys.shape[1]}").ravel(), return_index=True, return_inverse=True)
    return first, group.reshape(-1)


def _by_group(problem: Problem, groups: tuple[np.ndarray, np.ndarray], emissions: np.ndarray) -> np.ndarray:
    first, group = groups
    left = np.ones((len(first), *problem.shape[1:]))
    position = np.full(len(problem.factor), -1)
    position[first] = np.arange(len(first))
    own = []
    for change in problem.changes:
        if len(change.keep) > _SHARED:
            own.append(change)
            continue
        at = position[change.sources]
        left[at[at >= 0]] *= problem.remaining(change)[change.row[at >= 0]]
    np.take(left, group, axis=0, out=emissions, mode="clip")
    emissions *= problem.moved()[:, :, None]
    emissions *= problem.factor[:, None, :]
    for change in own:
        _apply(problem, change, emissions)
    return emissions.transpose(1, 0, 2)
