"""What packets make of an inventory: what each stage leaves of every row, and what each record does where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emis.interchange.packets.matching import Matches
from emis.interchange.packets.records import Compat, Kind, Record
from emis.interchange.packets.rows import Rows
from emis.inventory import Floats

__all__ = ["STAGES", "Acts", "Outcome"]

Indices = NDArray[np.intp]

#: What happens to emissions, in this order.
STAGES = ("growth", "closure", "control", "cap")


@dataclass(frozen=True)
class Acts:
    """What records do to rows, n pairs.

    Attributes
    ----------
    row, record : ndarray, n
    value : ndarray, n
        What is left of the row [1]; of a ceiling its limit [t/yr].
    level : ndarray, n
        How far it is in force in the year [1].
    existing : ndarray of bool, n
        Whether `value` is left of what would be emitted without the existing control, whose place it takes.
    """

    row: Indices
    record: Indices
    value: Floats
    level: Floats
    existing: NDArray[np.bool_]

    @classmethod
    def of(
        cls, row: Indices, record: Indices, value: Floats, level: Floats | float = 1.0, existing: bool = False
    ) -> "Acts":
        """Return acts of one sort."""
        shape = row.shape
        return cls(row, record, np.broadcast_to(value, shape).astype(float),
                   np.broadcast_to(np.asarray(level, dtype=float), shape).copy(), np.full(shape, existing))  # fmt: skip

    @classmethod
    def none(cls) -> "Acts":
        """Return no acts."""
        nothing = np.empty(0, dtype=np.intp)
        return cls.of(nothing, nothing, np.empty(0))

    @classmethod
    def joined(cls, several: "Sequence[Acts]") -> "Acts":
        """Return several after each other."""
        parts = [one for one in several if len(one.row)] or [cls.none()]
        return cls(*(np.concatenate([getattr(one, name) for one in parts])
                     for name in ("row", "record", "value", "level", "existing")))  # fmt: skip

    def where(self, kept: NDArray[np.bool_]) -> "Acts":
        """Return some of them."""
        return Acts(*(getattr(self, name)[kept] for name in ("row", "record", "value", "level", "existing")))

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class Outcome:
    """Packets as one system evaluates them, for a year.

    Attributes
    ----------
    matches : mapping
        By kind of packet, which records match which rows.
    left : mapping of ndarray, N [1]
        What each of `STAGES` leaves of what came before it.
    growth, controls, limits : Acts
        What grows; what is controlled, closed or replaced by factors; what is held below a limit.
    closed : Acts
        What is closed; `value` is what is left of the year.
    idle : mapping of str
        By record why it is not used: not in force, not for this system, not to be applied.
    beaten : int
        Rows whose replacement control is no better than the existing one, and is not used.
    without : int
        Rows with replacement emissions that emit nothing, which a factor cannot give them.
    """

    compat: Compat
    year: int
    rows: Rows
    records: Sequence[Record]
    matches: Mapping[Kind, Matches]
    left: Mapping[str, Floats]
    growth: Acts
    closed: Acts
    controls: Acts
    limits: Acts
    idle: Mapping[int, str] = field(default_factory=dict)
    beaten: int = 0
    without: int = 0

    @cached_property
    def grown(self) -> Floats:
        """Emissions of the year under growth alone, N [t/yr]."""
        return self.rows.emission * self.left["growth"]

    @cached_property
    def final(self) -> Floats:
        """Emissions of the year, N [t/yr]."""
        found = self.rows.emission.copy()
        for stage in STAGES:
            found *= self.left[stage]
        return found

    def used(self) -> NDArray[np.bool_]:
        """Return which records do something to a row."""
        found = np.zeros(len(self.records), dtype=bool)
        for acts in (self.growth, self.closed, self.controls, self.limits):
            found[acts.record] = True
        return found

    @cached_property
    def by_row(self) -> tuple[Indices, Indices]:
        """Rows and the records that do something to them, by row."""
        several = (self.closed, self.growth, self.controls, self.limits)
        row = np.concatenate([acts.row for acts in several])
        record = np.concatenate([acts.record for acts in several])
        order = np.lexsort((record, row))
        return row[order], record[order]

    def acting(self, row: int) -> list[Record]:
        """Return the records that do something to a row."""
        rows, records = self.by_row
        low, high = np.searchsorted(rows, [row, row + 1])
        return [self.records[number] for number in dict.fromkeys(records[low:high].tolist())]

    def total(self, values: Floats) -> Floats:
        """Return sums by pollutant, P [t/yr]."""
        size = len(self.rows.inventory.pollutants)
        return np.bincount(self.rows.pollutant, values, minlength=size).astype(np.float64)
