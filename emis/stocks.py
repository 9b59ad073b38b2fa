"""What measures draw from each stock when all are fully in place, against what is there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emis.errors import Issue
from emis.inventory import Floats
from emis.program import Program

__all__ = ["Draw", "draws", "overdrawn", "stock_lines"]

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
    taken = _taken(program)
    inventory = program.inventory
    rows: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for source in range(len(inventory)):
        labels = (str(inventory.labels[name][source]) for name in ("sector", "category", "fuel", "technology"))
        rows[*labels, str(inventory.activity_unit[source])].append(source)
    found = []
    for (*key, unit), sources in rows.items():
        by_measure = {number: amount[sources].sum(axis=0) for number, amount in taken.items() if amount[sources].any()}
        if len(by_measure) < 2:
            continue
        stock = np.nan_to_num(program.activity[sources]).sum(axis=0)
        whole = np.sum(list(by_measure.values()), axis=0)
        share = np.divide(whole, stock, out=np.zeros_like(stock), where=stock > 0)
        year = int(np.flatnonzero(share >= share.max() * (1 - 1e-9))[-1])
        promised = {program.measures[number].id: float(amount[year]) for number, amount in by_measure.items()}
        name = "/".join(filter(None, key))
        found.append((share[year], Draw(name, program.years[year], unit, float(stock[year]), promised)))
    return [draw for _, draw in sorted(found, key=lambda pair: (-pair[0], pair[1].stock_of))]


def stock_lines(found: Sequence[Draw]) -> list[str]:
    """Return what `emis check` says of a scenario's stocks, a line each."""
    head = [f"{len(found)} stocks that several measures draw on, when all are fully in place:"] if found else []
    return [*head, *(f"  {draw}" for draw in found)]


def overdrawn(program: Program) -> list[Issue]:
    """Return a finding for every set of measures that together take nearly all of a source in some year."""
    taken = _taken(program)
    whole = sum(taken.values(), np.zeros_like(program.activity))
    there = np.nan_to_num(program.activity)
    share = np.divide(whole, there, out=np.zeros_like(whole), where=there > 0)
    found: dict[tuple[int, ...], Issue] = {}
    for source in np.flatnonzero((share > _NEARLY_ALL * (1 + 1e-12)).any(axis=1)):
        year = int(np.argmax(share[source]))
        drawing = tuple(number for number, amount in taken.items() if amount[source, year] > 0)
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


def _taken(program: Program) -> dict[int, Floats]:
    """Return what each measure takes out of each source when fully in place, S × Y, by its number."""
    owner, taken = program.transfers.owner, {}
    leaving = np.nan_to_num(np.maximum(-program.tau, 0.0))
    for number in dict.fromkeys(program.transfers.measure[leaving.any(axis=1)].tolist()):
        amount = np.zeros_like(program.activity)
        mine = program.transfers.measure == number
        np.add.at(amount, owner[mine], leaving[mine])
        taken[number] = amount
    return dict(sorted(taken.items()))
