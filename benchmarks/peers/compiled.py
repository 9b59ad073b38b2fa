"""numba: one fused pass, source by source, over the same lists as the kernels of emis have."""

from collections.abc import Callable
from typing import Any

import numpy as np
from problem import Problem

__all__ = ["by_source"]


def by_source(problem: Problem) -> Callable[[], np.ndarray]:
    """Multiply all that touches a source while it is in registers; compiling is not counted."""
    owner = np.concatenate([change.sources for change in problem.changes])
    order = np.argsort(owner, kind="stable")
    pointer = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(problem.factor)))])
    first = np.cumsum([0, *(len(change.keep) for change in problem.changes)])
    row = np.concatenate([change.row + start for change, start in zip(problem.changes, first, strict=False)])[order]
    measure = np.repeat(
        [change.measure for change in problem.changes], [len(change.sources) for change in problem.changes]
    )[order]
    gone = 1.0 - np.concatenate([change.keep for change in problem.changes])
    emissions = np.zeros(problem.shape)
    kernel = _kernel()

    def one_round() -> np.ndarray:
        kernel(problem.moved(), problem.factor, pointer, measure, row, gone, problem.levels, emissions)
        return emissions.transpose(1, 0, 2)

    return one_round


def _kernel() -> Any:
    import numba

    @numba.njit
    def fused(activity, factor, pointer, measure, row, gone, levels, out):  # type: ignore[no-untyped-def]
        sources, periods, pollutants = out.shape
        for s in range(sources):
            for t in range(periods):
                amount = activity[s, t]
                for p in range(pollutants):
                    out[s, t, p] = amount * factor[s, p]
                for i in range(pointer[s], pointer[s + 1]):
                    level, of = levels[measure[i], t], row[i]
                    for p in range(pollutants):
                        out[s, t, p] *= 1.0 - level * gone[of, p]

    return fused
