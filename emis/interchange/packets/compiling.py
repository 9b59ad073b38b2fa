"""From what packets make of an inventory to a plan of emis: one measure for each record, and drivers for growth.

Growth that a record gives all pollutants of a source is a driver: it is what happens without the plan too, so that the
emissions without the plan are CoST's projected ones, and no share of it is laid on a measure. Growth of one pollutant
beside others cannot be a change of activity, and no growth at all (a factor of 0) is none: they are measures. Whatever
was decided about a record (which sources it got, whether it beats what is in place) is in the measure's selection, so
that running the plan on the inventory gives what the packets gave.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from emis.interchange.packets.outcome import Acts, Outcome
from emis.interchange.packets.selecting import Labels, selector

__all__ = ["Does", "Made", "compiled"]

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Does:
    """One effect of a record: what it does to the sources of a selector.

    Attributes
    ----------
    verb : str
        "abate", "cap" or "close".
    select : mapping
        As a plan has it: labels, or ids of sources.
    numbers : mapping
        By pollutant what is left [1], or the ceiling [t/yr].
    replaces : bool
        Whether what is left is of what would be emitted without the existing control.
    """

    verb: Literal["abate", "cap", "close"]
    select: Labels
    numbers: Mapping[str, float]
    replaces: bool = False

    @property
    def may_increase(self) -> bool:
        """Whether it leaves more of a pollutant than there was."""
        return self.verb == "abate" and any(value > 1.0 for value in self.numbers.values())


@dataclass(frozen=True)
class Made:
    """What an outcome is compiled to: by record its effects, and drivers with what they multiply activity by."""

    outcome: Outcome
    effects: Mapping[int, Sequence[Does]]
    drivers: Sequence[tuple[int, Labels, float]]

    @property
    def name(self) -> str:
        """The name of the scenario."""
        return f"packets-{self.outcome.compat}-{self.outcome.year}".replace("_", "-")

    @property
    def title(self) -> str:
        """What the plan is."""
        base = self.outcome.rows.inventory.base_year
        return f"Control packets as {self.outcome.compat} evaluates them, {base} to {self.outcome.year}"


def compiled(outcome: Outcome) -> Made:
    """Return the effects and drivers that lead to an outcome."""
    drivers, growth = _growth(outcome)
    effects: dict[int, list[Does]] = defaultdict(list)
    several = (_factors(outcome, growth), _factors(outcome, outcome.controls), _limits(outcome), _closed(outcome))
    for record, does in chain(*several):
        effects[record].append(does)
    return Made(outcome, dict(sorted(effects.items())), drivers)


def _growth(outcome: Outcome) -> tuple[list[tuple[int, Labels, float]], Acts]:
    """Return drivers of what grows as a whole, and the growth that is left for measures."""
    acts, rows = outcome.growth, outcome.rows
    source = rows.source[acts.row]
    stated, own = np.bincount(rows.source, minlength=len(rows.inventory)), np.zeros(len(rows.inventory), dtype=np.intp)
    np.add.at(own, source, 1)
    first = np.full(len(rows.inventory), np.nan)
    first[source[::-1]] = acts.value[::-1]
    lead = np.full(len(rows.inventory), -1, dtype=np.intp)
    lead[source[::-1]] = acts.record[::-1]
    alike = np.ones(len(rows.inventory), dtype=bool)
    differs = (acts.value != first[source]) | (acts.record != lead[source])
    alike[source[differs]] = False
    whole = alike & (own == stated) & (lead >= 0) & (first > 0)
    chosen = np.flatnonzero(whole)
    drivers = [
        (record, selector(rows.inventory, members), value)
        for (record, value), members in _grouped(lead[chosen], first[chosen], chosen)
    ]
    return drivers, acts.where(~whole[source])


def _grouped(record: Indices, value: NDArray[Any], source: Indices) -> Iterator[tuple[tuple[int, float], Indices]]:
    """Yield records and values with their sources, ascending."""
    order = np.lexsort((source, value, record))
    record, value, source = record[order], value[order], source[order]
    starts = np.flatnonzero((np.diff(record, prepend=-1) != 0) | (np.diff(value, prepend=np.nan) != 0))
    for low, high in _spans(starts.tolist(), len(order)):
        yield (int(record[low]), float(value[low])), source[low:high]


def _spans(starts: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    """Yield where each group of rows starts and ends."""
    return zip(starts, [*starts[1:], size], strict=False)


def _factors(outcome: Outcome, acts: Acts) -> Iterator[tuple[int, Does]]:
    """Yield records and their effects by factors: one for all sources that it does the same to."""
    rows, names = outcome.rows, outcome.rows.inventory.pollutants
    pollutant, source = rows.pollutant[acts.row], rows.source[acts.row]
    order = np.lexsort((pollutant, source, acts.existing, acts.record))
    same = np.stack([acts.record[order], acts.existing[order], source[order]])
    starts = np.flatnonzero((np.diff(same, prepend=-1) != 0).any(axis=0)).tolist()
    groups: dict[int, dict[tuple[Any, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
    record, existing = same[0].tolist(), same[1].tolist()
    columns, values, sources = pollutant[order].tolist(), acts.value[order].tolist(), same[2].tolist()
    for low, high in _spans(starts, len(order)):
        key = (existing[low], tuple(columns[low:high]), tuple(values[low:high]))
        groups[record[low]][key].append(sources[low])
    for number, several in groups.items():
        for (replaces, which, left), members in several.items():
            numbers = {names[p]: value for p, value in zip(which, left, strict=True)}
            yield number, Does("abate", selector(rows.inventory, np.array(members)), numbers, replaces)


def _limits(outcome: Outcome) -> Iterator[tuple[int, Does]]:
    """Yield records and their ceilings: each source has its own."""
    rows, acts = outcome.rows, outcome.limits
    order = np.lexsort((rows.pollutant[acts.row], rows.source[acts.row], acts.record))
    found: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    for at in order.tolist():
        row = int(acts.row[at])
        name = rows.inventory.pollutants[rows.pollutant[row]]
        found[int(acts.record[at]), int(rows.source[row])][name] = float(acts.value[at])
    for (number, source), at_most in found.items():
        yield number, Does("cap", selector(rows.inventory, np.array([source])), at_most)


def _closed(outcome: Outcome) -> Iterator[tuple[int, Does]]:
    """Yield records of closures and what they close."""
    record, source = outcome.closed.record, outcome.rows.source[outcome.closed.row]
    for number in np.unique(record).tolist():
        yield number, Does("close", selector(outcome.rows.inventory, np.unique(source[record == number])), {})
