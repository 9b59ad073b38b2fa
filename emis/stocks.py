"""What measures draw from each stock when all are fully in place, against what is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emis.errors import Issue
from emis.inventory import Floats
from emis.numbering import alike, firsts, joint
from emis.program import Indices, Program

__all__ = ["Draw", "draws", "overdrawn", "stock_lines"]

#: What makes a stock of its own.
_STOCK = ("sector", "category", "fuel", "technology", "activity_unit")
#: Together, measures that take more of a source than this leave hardly anything of it.
_NEARLY_ALL = 0.9


@dataclass(frozen=True, slots=True)
class Draw:
    """A stock (sources of one sector, category, fuel and technology) in the last year in which least of it is left.

    `promised` is what each measure takes when fully in place, `stock` what there is under the drivers, both in `unit`.
    """

    stock_of: str
    year: int
    unit: str
    stock: float
    promised: Mapping[str, float]

    @property
    def left(self) -> float:
        """What is left of the stock [unit]."""
        return self.stock - sum(self.promised.values())

    def __str__(self) -> str:
        shares = {name: _percent(amount, self.stock) for name, amount in self.promised.items()}
        taken = ", ".join(f"{name} {share}" for name, share in shares.items())
        left = _percent(self.left, self.stock)
        return f"{self.stock_of} {self.year}: {self.stock:.4g} {self.unit}; {taken}; left {left}"

    def as_dict(self) -> dict[str, Any]:
        """Return the stock as data, with what is left."""
        return {
            "stock_of": self.stock_of,
            "year": self.year,
            "unit": self.unit,
            "stock": self.stock,
            "promised": dict(self.promised),
            "left": self.left,
        }


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.3g} %"


def draws(program: Program) -> list[Draw]:
    """Return the stocks that several measures draw on, each in its tightest year, the tightest first."""
    taken, inventory = _taken(program), program.inventory
    group, first = alike(*(inventory.coded(name).codes for name in _STOCK))
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))[:-1])
    drawing = joint([group[taken.source], taken.measure])
    promised = np.zeros((int(drawing.max(initial=-1)) + 1, len(program.years)))
    np.add.at(promised, drawing, taken.amount)
    by_group: dict[int, dict[int, Floats]] = {}
    for one, pair in enumerate(firsts(drawing).tolist()):
        by_group.setdefault(int(group[taken.source[pair]]), {})[int(taken.measure[pair])] = promised[one]
    found = []
    for number, by_measure in by_group.items():
        if len(by_measure) < 2:
            continue
        stock = np.nan_to_num(program.activity[members[number]]).sum(axis=0)
        whole = np.sum(list(by_measure.values()), axis=0)
        share = np.divide(whole, stock, out=np.zeros_like(stock), where=stock > 0)
        year = int(np.flatnonzero(share >= share.max() * (1 - 1e-9))[-1])
        amounts = {program.measures[number].id: float(amount[year]) for number, amount in by_measure.items()}
        *key, unit = (str(inventory.coded(name).take(first[[number]]).texts[0]) for name in _STOCK)
        name = "/".join(filter(None, key))
        found.append((share[year], Draw(name, program.years[year], unit, float(stock[year]), amounts)))
    return [draw for _, draw in sorted(found, key=lambda pair: (-pair[0], pair[1].stock_of))]


def stock_lines(found: Sequence[Draw]) -> list[str]:
    """Return what `emis check` says of a scenario's stocks, a line each."""
    head = [f"{len(found)} stocks that several measures draw on, when all are fully in place:"] if found else []
    return [*head, *(f"  {draw}" for draw in found)]


def overdrawn(program: Program) -> list[Issue]:
    """Return a finding for every set of measures that together take nearly all of a source in some year."""
    taken = _taken(program)
    whole = np.zeros_like(program.activity)
    np.add.at(whole, taken.source, taken.amount)
    there = np.nan_to_num(program.activity)
    share = np.divide(whole, there, out=np.zeros_like(whole), where=there > 0)
    by_source = np.argsort(taken.source, kind="stable")
    found: dict[tuple[int, ...], Issue] = {}
    for source in np.flatnonzero((share > _NEARLY_ALL * (1 + 1e-12)).any(axis=1)).tolist():
        year = int(np.argmax(share[source]))
        mine = by_source[slice(*np.searchsorted(taken.source, [source, source + 1], sorter=by_source))]
        drawing = tuple(taken.measure[mine[taken.amount[mine, year] > 0]].tolist())
        if len(drawing) < 2 or drawing in found:
            continue
        ids = [program.measures[number].id for number in drawing]
        message = (
            f"together with {', '.join(ids[:-1])} takes {_percent(share[source, year], 1)} of"
            f" {program.inventory.labels['source'][source]} in {program.years[year]}"
        )
        place = program.scenario.plan_places.at(("plan", "measures", ids[-1]))
        found[drawing] = Issue(*place, f"measures.{ids[-1]}", message, "see that each draws on its own part of it")
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Taken:
    """What measures take out of sources when fully in place: n pairs, by measure and then by source.

    `amount` is n × Y [activity unit/yr].
    """

    measure: Indices
    source: Indices
    amount: Floats


def _taken(program: Program) -> _Taken:
    leaving = np.nan_to_num(np.maximum(-program.tau, 0.0))
    some = leaving.any(axis=1)
    measure, source = program.transfers.measure[some], program.transfers.owner[some]
    pair = joint([measure, source])
    amount = np.zeros((int(pair.max(initial=-1)) + 1, leaving.shape[1]))
    np.add.at(amount, pair, leaving[some])
    first = firsts(pair)
    return _Taken(measure[first], source[first], amount)
