"""What a reviewer asks of an inventory first: totals with their uncertainty, grades, completeness, key categories."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from emis import vocabulary
from emis.coded import Coded
from emis.crosschecks import Comparison, evaluate
from emis.inventory import Inventory
from emis.numbering import alike
from emis.propagation import Deviations, Totals, deviations, totals

__all__ = ["Digest", "KeyCategory", "absent_sectors", "completeness", "digest", "key_categories"]

#: Key categories make up this share of a pollutant (IPCC 2006 Guidelines, vol. 1, ch. 4, sec. 4.3.1).
_KEY = 0.95


def completeness(inventory: Inventory) -> dict[str, dict[str, str]]:
    """Return, by sector and pollutant, what stands there: number, NE, NO, IE, NA, C, or mixed.

    A number beside NO or NA is a number: the keys say that the rest is zero. A number beside NE, C or IE is mixed.
    """
    sector, size = inventory.coded("sector"), len(inventory)
    found: dict[str, dict[str, str]] = {str(name): {} for name in sector.values}
    for p, pollutant in enumerate(inventory.pollutants):
        keys = Coded.full(size, "") if inventory.notation is None else Coded.of(inventory.notation[:, p])
        _, first = alike(sector.codes, keys.codes)
        there: dict[str, set[str]] = {name: set() for name in found}
        for row in first.tolist():
            there[str(sector.values[sector.codes[row]])].add(str(keys.values[keys.codes[row]]))
        for name, marks in there.items():
            found[name][pollutant] = _mark(marks)
    return found


def _mark(keys: set[str]) -> str:
    if "" in keys and keys <= {"", "NO", "NA"}:
        return "number"
    return keys.pop() if len(keys) == 1 else "mixed"


def absent_sectors(inventory: Inventory) -> list[str]:
    """Return the sectors emis knows that the inventory has no row of."""
    return [name for name in vocabulary.SECTORS if name not in inventory.values("sector")]


@dataclass(frozen=True, slots=True)
class KeyCategory:
    """A category among the largest of a pollutant: emission [t/yr], its share and the share up to it [1]."""

    sector: str
    category: str
    emission: float
    share: float
    cumulative: float


def key_categories(inventory: Inventory, known: Deviations | None = None) -> dict[str, tuple[KeyCategory, ...]]:
    """Return, by pollutant, the categories that make up 95 % of it, the largest first.

    IPCC 2006 Guidelines, vol. 1, ch. 4, eq. 4.1, level assessment: L = |E of the category| / sum of |E|, in falling
    order until the shares reach 95 %. None where the pollutant is not emitted, or not estimated (NE) in a row.
    """
    found = totals(inventory, "sector", "category", known=known)
    keys: dict[str, tuple[KeyCategory, ...]] = {}
    for p, pollutant in enumerate(inventory.pollutants):
        values, whole, before = found.value[:, p], found.value[:, p].sum(), 0.0
        chosen: list[KeyCategory] = []
        for index in np.argsort(-values, kind="stable") if whole > 0 else ():
            share = float(values[index] / whole)
            sector, category = found.names[index]
            chosen.append(KeyCategory(sector, category, float(values[index]), share, before + share))
            before += share
            if before >= _KEY:
                break
        keys[pollutant] = tuple(chosen)
    return keys


@dataclass(frozen=True)
class Digest:
    """What `emis show` and `emis check` tell of an inventory.

    `sectors` and `total` hold emissions with their uncertainty; `grades` counts the rows of each sector by grade.
    """

    inventory: Inventory
    sectors: Totals
    total: Totals
    grades: dict[str, dict[str, int]]
    completeness: dict[str, dict[str, str]]
    absent: list[str]
    key_categories: dict[str, tuple[KeyCategory, ...]]
    cross_checks: tuple[Comparison, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return what is known as plain values, for JSON: amounts in t/yr, shares and uncertainties as fractions."""
        pollutants = self.inventory.pollutants

        def figures(found: Totals, group: int) -> dict[str, dict[str, float]]:
            columns = {"value": found.value, "half_interval": found.half, "relative": found.relative}
            columns["unstated_share"] = found.unstated
            return {
                name: {what: float(values[group, p]) for what, values in columns.items()}
                for p, name in enumerate(pollutants)
            }

        return {
            "uncertainty [t/yr]": {name: figures(self.sectors, g) for g, (name,) in enumerate(self.sectors.names)}
            | {"total": figures(self.total, 0)},
            "offsite_electricity CO2 [t/yr]": self.inventory.electricity_co2,
            "grades": self.grades,
            "completeness": self.completeness,
            "absent_sectors": self.absent,
            "key_categories": {
                name: [dataclasses.asdict(one) for one in found] for name, found in self.key_categories.items()
            },
            "cross_checks": [
                {
                    "check": one.check.name,
                    "what": one.check.what,
                    "select": str(one.check.selector),
                    "here": one.here,
                    "half_here": one.half_here,
                    "expected": one.expected,
                    "half_expected": one.half_expected,
                    "unit": one.check.unit,
                    "ratio": one.ratio,
                    "inside": one.inside,
                    "reference": one.check.reference,
                    "grade": one.check.grade,
                    "remark": one.check.remark,
                }
                for one in self.cross_checks
            ],
        }


def digest(inventory: Inventory) -> Digest:
    """Return what is known of an inventory, sectors in the order of the vocabulary."""
    known = deviations(inventory)
    sectors = totals(inventory, "sector", known=known)
    order = sorted(range(len(sectors.names)), key=lambda group: _rank(sectors.names[group][0]))
    ordered = Totals(
        tuple(sectors.names[g] for g in order), sectors.value[order], sectors.half[order], sectors.unstated[order]
    )
    return Digest(
        inventory,
        ordered,
        totals(inventory, known=known),
        {name: _grades(inventory, name) for (name,) in ordered.names},
        completeness(inventory),
        absent_sectors(inventory),
        key_categories(inventory, known),
        evaluate(inventory, known),
    )


def _rank(sector: str) -> int:
    known = list(vocabulary.SECTORS)
    return known.index(sector) if sector in known else len(known)


def _grades(inventory: Inventory, sector: str) -> dict[str, int]:
    sectors = inventory.coded("sector")
    grades = Coded.full(len(inventory), "") if inventory.grade is None else Coded.of(inventory.grade)
    mine = sectors.codes == list(sectors.values).index(sector)
    counted = np.bincount(grades.codes[mine], minlength=len(grades.values))
    counts = dict(zip(grades.values, counted.tolist(), strict=True))
    return {grade: counts[grade] for grade in ("A", "B", "C", "D", "E", "") if counts.get(grade)}
