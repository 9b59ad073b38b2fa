"""pandas: a wide table with a column for each year and pollutant, and a long one with a row for each number."""

from collections.abc import Callable

import numpy as np
from problem import Problem

__all__ = ["keyed", "long", "wide"]


def wide(problem: Problem) -> Callable[[], np.ndarray]:
    """Multiply the rows of a wide table that each measure touches, by position."""
    import pandas as pd

    sources, periods, pollutants = problem.shape

    def one_round() -> np.ndarray:
        base = problem.moved()[:, :, None] * problem.factor[:, None, :]
        table = pd.DataFrame(base.reshape(sources, -1), copy=False)
        for change in problem.changes:
            left = problem.remaining(change).reshape(len(change.keep), -1)
            table.iloc[change.sources] *= left[0] if len(left) == 1 else left[change.row]
        return table.to_numpy().reshape(sources, periods, pollutants).transpose(1, 0, 2)

    return one_round


def keyed(problem: Problem) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return which source and which key each entry has, and what the keys of each measure leave, rows × T·P."""
    first = np.cumsum([0, *(len(change.keep) for change in problem.changes)])
    source = np.concatenate([change.sources for change in problem.changes])
    key = np.concatenate([change.row + start for change, start in zip(problem.changes, first, strict=False)])
    return source, key, [problem.remaining(change).reshape(len(change.keep), -1) for change in problem.changes]


def long(problem: Problem) -> Callable[[], np.ndarray]:
    """Join sources to what measures leave of each number, and take the product by source, year and pollutant."""
    import pandas as pd

    sources, periods, pollutants = problem.shape
    source, key, _ = keyed(problem)
    entries = pd.DataFrame({"source": source, "key": key})
    cells = periods * pollutants

    def one_round() -> np.ndarray:
        left = np.concatenate(keyed(problem)[2])
        numbers = np.arange(len(left))
        factors = pd.DataFrame(
            {"key": np.repeat(numbers, cells), "cell": np.tile(np.arange(cells), len(left)), "left": left.ravel()}
        )
        product = entries.merge(factors, on="key").groupby(["source", "cell"])["left"].prod()
        base = pd.DataFrame(
            {
                "source": np.repeat(np.arange(sources), cells),
                "cell": np.tile(np.arange(cells), sources),
                "base": (problem.moved()[:, :, None] * problem.factor[:, None, :]).ravel(),
            }
        )
        found = base.merge(product.reset_index(), on=["source", "cell"], how="left")
        values = found["base"].to_numpy() * found["left"].fillna(1.0).to_numpy()
        return values.reshape(sources, periods, pollutants).transpose(1, 0, 2)

    return one_round
