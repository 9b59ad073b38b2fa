"""From tonnes of pollutants to moles and grams of species, source by source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emis.coded import Codes
from emis.errors import Issues
from emis.grid_settings import Speciation
from emis.interchange.gridding.placing import first_of
from emis.interchange.gridding.species import SpeciesTable, Split, known_species, suggestion
from emis.inventory import Floats, Inventory
from emis.vocabulary import suggest

__all__ = ["Amount", "Amounts", "speciate"]

_GRAMS = 1e6
#: How far BC and OC may be above PM2.5, and PM2.5 above PM10, by rounding [1].
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Amounts:
    """What is gridded of an inventory: tonnes, S × P [t/yr], 0 where nothing is known, and where something is."""

    inventory: Inventory
    pollutants: tuple[str, ...]
    tonnes: Floats
    known: NDArray[np.bool_]

    def of(self, pollutant: str) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the tonnes of a pollutant, and where they are known; nothing where the inventory does not have it."""
        if pollutant not in self.pollutants:
            return np.zeros(len(self.inventory)), np.zeros(len(self.inventory), dtype=bool)
        at = self.pollutants.index(pollutant)
        return self.tonnes[:, at], self.known[:, at]


@dataclass(frozen=True)
class Amount:
    """A species, or a pollutant, of each source: S [`unit`/yr], in mol, g or kg."""

    name: str
    unit: str
    values: Floats
    of: tuple[str, ...]


class _Sums:
    """Species as they add up."""

    def __init__(self, size: int):
        self.values: dict[str, Floats] = {}
        self.kinds: dict[str, str] = {}
        self.parts: dict[str, list[str]] = {}
        self._size = size

    def add(self, pollutant: str, split: Split, rows: Codes, tonnes: Floats) -> None:
        values = self.values.setdefault(split.species, np.zeros(self._size))
        values[rows] += tonnes * _GRAMS * split.amount
        self.kinds[split.species] = split.kind
        parts = self.parts.setdefault(split.species, [])
        if pollutant not in parts:
            parts.append(pollutant)


def speciate(
    amounts: Amounts, rules: Speciation, table: SpeciesTable, where: Mapping[str, tuple[str, int]], issues: Issues
) -> list[Amount]:
    """Return the species of each source, in the order in which they are met.

    Parameters
    ----------
    where : mapping
        File and line of `speciation`, and of each of its sources as ``sources.0``.
    """
    before = len(issues.errors)
    _check(amounts, rules, table, where, issues)
    if len(issues.errors) > before:
        return []
    sums = _Sums(len(amounts.inventory))
    for pollutant in amounts.pollutants:
        if pollutant in rules.explicit or (pollutant == "PM10" and rules.coarse is not None):
            continue
        _pollutant(amounts, pollutant, rules, table, where, sums, issues)
    if rules.coarse is not None:
        _coarse(amounts, rules.coarse, sums, issues)
    return [Amount(name, sums.kinds[name], values, tuple(sums.parts[name])) for name, values in sums.values.items()]


def _check(
    amounts: Amounts, rules: Speciation, table: SpeciesTable, where: Mapping[str, tuple[str, int]], issues: Issues
) -> None:
    for number, one in enumerate(rules.sources):
        for pollutant, name in one.profiles.items():
            names = table.splits.get(pollutant, {})
            if name not in names:
                found = f"there is no profile {name!r} of {pollutant} in {rules.table}"
                path = f"speciation.sources.{number}.profiles.{pollutant}"
                issues.error(*where[f"sources.{number}"], path, found, suggest(name, names))
    needed = [*rules.explicit, *(("PM2.5",) if rules.explicit else ())] + (["PM10", "PM2.5"] if rules.coarse else [])
    for pollutant in dict.fromkeys(needed):
        if pollutant not in amounts.pollutants:
            found = f"speciation needs {pollutant}, which is not gridded"
            issues.error(*where[""], "speciation", found, "add it to pollutants, or leave explicit or coarse out")
    for species in (*rules.explicit.values(), *((rules.coarse,) if rules.coarse else ())):
        if table.kinds.get(species, "g") != "g":
            issues.error(*where[""], "speciation", f"{species} is counted in moles by {rules.table}", "name a particle")


def _pollutant(
    amounts: Amounts, pollutant: str, rules: Speciation, table: SpeciesTable, where: Mapping[str, tuple[str, int]],
    sums: _Sums, issues: Issues,
) -> None:  # fmt: skip
    """Add the species of a pollutant, by the profile that each source has."""
    tonnes, _ = amounts.of(pollutant)
    naming = [one for one in rules.sources if pollutant in one.profiles]
    chosen = first_of(amounts.inventory, [one.select for one in naming])
    whole = known_species(pollutant)
    lacking = np.flatnonzero((chosen < 0) & (tonnes > 0))
    if whole is None and len(lacking):
        found = f"{pollutant} of {len(lacking):,} sources has no species: {tonnes[lacking].sum():.6g} t"
        issues.error(*amounts.inventory.place(int(lacking[0])), pollutant, found, suggestion(pollutant))
    for number in range(-1, len(naming)):
        rows = np.flatnonzero(chosen == number)
        splits = whole if number < 0 else table.splits[pollutant][naming[number].profiles[pollutant]]
        if not len(rows) or splits is None:
            continue
        if pollutant == "PM2.5" and rules.explicit:
            _explicit(amounts, rows, splits, rules.explicit, sums, issues)
            continue
        for split in splits:
            sums.add(pollutant, split, rows, tonnes[rows])


def _explicit(
    amounts: Amounts, rows: Codes, splits: Sequence[Split], explicit: Mapping[Any, str], sums: _Sums, issues: Issues
) -> None:
    """Add PM2.5 of which BC and OC are the inventory's own, and the rest by the profile's other species.

    Of a source whose BC or OC is not known, it is the profile's.
    """
    whole, _ = amounts.of("PM2.5")
    own = {name: amounts.of(name) for name in explicit}
    kinds = sum((known[rows] * 2**bit for bit, (_, known) in enumerate(own.values())), np.zeros(len(rows), dtype=int))
    for kind in np.unique(kinds).tolist():
        mine = rows[kinds == kind]
        stated = [name for bit, name in enumerate(own) if kind >> bit & 1]
        parts = sum((own[name][0][mine] for name in stated), np.zeros(len(mine)))
        rest = whole[mine] - parts
        over = np.flatnonzero(rest < -_ROUNDING * whole[mine])
        if len(over):
            first = int(mine[over[0]])
            found = f"{' and '.join(stated)} of {len(over):,} sources are more than their PM2.5"
            issues.error(
                *amounts.inventory.place(first), "PM2.5", found, "correct them, or leave speciation.explicit out"
            )
        others = [split for split in splits if split.species not in [explicit[name] for name in stated]]
        share = sum(split.amount for split in others)
        stuck = np.flatnonzero(rest > _ROUNDING * whole[mine])
        if share <= 0 and len(stuck):
            found = f"the rest of PM2.5 of {len(stuck):,} sources has no species but {', '.join(explicit.values())}"
            issues.error(*amounts.inventory.place(int(mine[stuck[0]])), "PM2.5", found, "add PMOTHR, or its like")
        for name in stated:
            sums.add("PM2.5", Split(explicit[name], "g", 1.0, 1.0), mine, own[name][0][mine])
        for split in others if share > 0 else ():
            sums.add("PM2.5", Split(split.species, split.kind, split.amount / share, split.mass), mine, rest)


def _coarse(amounts: Amounts, species: str, sums: _Sums, issues: Issues) -> None:
    """Add what PM10 has beyond PM2.5."""
    (whole, known), (fine, fine_known) = amounts.of("PM10"), amounts.of("PM2.5")
    lacking = np.flatnonzero(known & ~fine_known & (whole > 0))
    if len(lacking):
        found = f"PM10 of {len(lacking):,} sources stands without PM2.5: {whole[lacking].sum():.6g} t"
        issues.error(*amounts.inventory.place(int(lacking[0])), "PM10", found, "state PM2.5, or leave coarse out")
    rest = np.where(known & fine_known, whole - fine, 0.0)
    over = np.flatnonzero(rest < -_ROUNDING * fine)
    if len(over):
        found = f"PM2.5 of {len(over):,} sources is more than their PM10"
        issues.error(*amounts.inventory.place(int(over[0])), "PM10", found, "correct them, or leave coarse out")
    sums.add("PM10", Split(species, "g", 1.0, 1.0), np.arange(len(rest)), rest)
