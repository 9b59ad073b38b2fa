"""What others would do: the same projection by other means, each checked against emis before it is timed.

A peer is prepared once, with all that it may know before the levels are: selections, its own tables. One round then
returns emissions as an array with the axes of emis, periods × sources × pollutants, of whatever layout suits it.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from problem import Problem

from peers import arrays, compiled, databases, tables

__all__ = ["PEERS", "Peer"]

Round = Callable[[], np.ndarray]


@dataclass(frozen=True)
class Peer:
    """One way to project; `most` is the largest inventory it is asked for, and why is told in the README."""

    name: str
    prepare: Callable[[Problem], Round]
    module: str = "numpy"
    most: int = 1_000_000

    @property
    def importable(self) -> bool:
        """Whether what it needs is installed."""
        return importlib.util.find_spec(self.module) is not None


PEERS = (
    Peer("NumPy, measure by measure", arrays.by_measure),
    Peer("NumPy, groups found", arrays.grouped),
    Peer("NumPy, groups known", arrays.grouped_before),
    Peer("numba, source by source", compiled.by_source, "numba"),
    Peer("pandas, wide", tables.wide, "pandas"),
    Peer("pandas, long", tables.long, "pandas", 100_000),
    Peer("Polars", databases.polars, "polars", 100_000),
    Peer("DuckDB", databases.duckdb, "duckdb", 100_000),
)
