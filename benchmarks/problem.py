"""A case as plain arrays, for the peers: NumPy alone, so that other interpreters can load it too."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Change", "Move", "Problem"]


@dataclass(frozen=True)
class Change:
    """What one measure leaves of emissions: row `row` of `keep` (rows × P) at each of `sources` [1]."""

    measure: int
    sources: np.ndarray
    row: np.ndarray
    keep: np.ndarray


@dataclass(frozen=True)
class Move:
    """Activity that one measure moves into or out of `sources`, n × Y [activity unit/yr]."""

    measure: int
    sources: np.ndarray
    amount: np.ndarray


@dataclass(frozen=True)
class Problem:
    """Activity (S × T), factors (S × P), levels (M × T), and by measure what it moves and what it leaves."""

    activity: np.ndarray
    factor: np.ndarray
    levels: np.ndarray
    moves: tuple[Move, ...]
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, program: Any) -> "Problem":
        """Return the arrays of a program of years, which measures select by source."""
        if program.months > 1 or len(program.seasons) > 1 or program.caps:
            raise ValueError("the peers know neither months nor caps")
        moves = tuple(
            Move(measure, program.transfers.owner[rows], program.tau[rows])
            for measure, rows in _by_measure(program.transfers.measure)
        )
        changes = []
        owner, row = program.intensities.owner, program.intensities.row
        for measure, rows in _by_measure(program.intensities.measure):
            used, own = np.unique(row[rows], return_inverse=True)
            changes.append(Change(measure, owner[rows], own.reshape(-1), program.keep[used]))
        return cls(program.activity, program.inventory.factor, program.levels, moves, tuple(changes))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Sources, periods, pollutants."""
        return len(self.factor), self.levels.shape[1], self.factor.shape[1]

    def moved(self) -> np.ndarray:
        """Return activity with the stock that measures move, S × T."""
        activity = self.activity.copy()
        for move in self.moves:
            np.add.at(activity, move.sources, self.levels[move.measure] * move.amount)
        return activity

    def remaining(self, change: Change) -> np.ndarray:
        """Return what a measure leaves in each period, rows × T × P [1]."""
        return 1.0 - self.levels[change.measure][:, None] * (1.0 - change.keep[:, None, :])

    def save(self, path: Path) -> None:
        """Write what a peer that knows emissions only needs: activity as moved, factors, and what measures leave."""
        arrays = {"activity": self.moved(), "factor": self.factor}
        for number, change in enumerate(self.changes):
            arrays |= {f"sources{number}": change.sources, f"remaining{number}": self.remaining(change)[change.row]}
        np.savez(path, **arrays)


def _by_measure(measure: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    order = np.argsort(measure, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(measure[order])) + 1):
        if len(rows):
            yield int(measure[rows[0]]), rows
