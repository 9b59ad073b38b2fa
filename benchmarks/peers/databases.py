"""Polars and DuckDB: sources joined to what measures leave, a column for each year and pollutant, and their product."""

from collections.abc import Callable

import numpy as np
from problem import Problem

from peers.tables import keyed

__all__ = ["duckdb", "polars"]


def polars(problem: Problem) -> Callable[[], np.ndarray]:
    """Join, group and multiply, lazily."""
    import polars as pl

    source, key, _ = keyed(problem)
    entries = pl.DataFrame({"source": source, "key": key})
    names = [f"c{n}" for n in range(problem.shape[1] * problem.shape[2])]

    def one_round() -> np.ndarray:
        left = np.concatenate(keyed(problem)[2])
        factors = pl.DataFrame({"key": np.arange(len(left))} | dict(zip(names, left.T.copy(), strict=True)))
        product = entries.lazy().join(factors.lazy(), on="key").group_by("source").agg(pl.col(*names).product())
        every = pl.LazyFrame({"source": np.arange(problem.shape[0])})
        found = every.join(product, on="source", how="left", maintain_order="left").collect()
        return _times_base(problem, found.select(pl.col(*names).fill_null(1.0)).to_numpy())

    return one_round


def duckdb(problem: Problem) -> Callable[[], np.ndarray]:
    """Do the same in SQL."""
    import duckdb as db
    import pandas as pd

    source, key, _ = keyed(problem)
    entries = pd.DataFrame({"source": source, "key": key})
    names = [f"c{n}" for n in range(problem.shape[1] * problem.shape[2])]
    products = ", ".join(f"product({name}) as {name}" for name in names)
    connection = db.connect()
    connection.execute("set threads = 1")
    connection.register("entered", entries)
    connection.execute("create table entries as select * from entered")

    def one_round() -> np.ndarray:
        left = np.concatenate(keyed(problem)[2])
        factors = pd.DataFrame(left, columns=names).assign(key=np.arange(len(left)))
        connection.register("factors", factors)
        found = connection.execute(
            f"select source, {products} from entries join factors using (key) group by source"
        ).fetchnumpy()
        values = np.ones((problem.shape[0], len(names)))
        values[found["source"]] = np.stack([found[name] for name in names], axis=1)
        return _times_base(problem, values)

    return one_round


def _times_base(problem: Problem, left: np.ndarray) -> np.ndarray:
    emissions = problem.moved()[:, :, None] * problem.factor[:, None, :]
    emissions *= left.reshape(emissions.shape)
    return emissions.transpose(1, 0, 2)
