"""Species: what a tonne of a pollutant is to the chemistry of a model, in moles of gases and in grams of particles."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from emis import vocabulary
from emis.errors import Issues
from emis.io.cells import RowReader, require
from emis.io.tables import Table, number
from emis.units import UnitError

__all__ = ["COMPOUNDS", "PARTICLES", "SpeciesTable", "Split", "read_species"]

#: Standard atomic weights, abridged to five figures [g/mol]: Prohaska et al. (2022), Standard atomic weights of the
#: elements 2021, Pure and Applied Chemistry 94, 573-600, doi:10.1515/pac-2019-0603.
_ATOMS = {"H": 1.008, "C": 12.011, "N": 14.007, "O": 15.999, "S": 32.06}
#: Pollutants that are one compound, and its atoms: they need no profile.
_FORMULAS = {
    "SO2": "S O O", "CO": "C O", "NH3": "N H H H", "CO2": "C O O", "CH4": "C H H H H", "N2O": "N N O", "NO2": "N O O",
    "NO": "N O", "O3": "O O O",
}  # fmt: skip
#: Molecular weights of pollutants that are one compound [g/mol].
COMPOUNDS = {name: sum(_ATOMS[atom] for atom in atoms.split()) for name, atoms in _FORMULAS.items()}
#: Pollutants that are particles: their species are parts of their mass, and make it up.
PARTICLES = ("PM2.5", "PM10", "TSP", "BC", "OC")
#: Species that hold one atom of nitrogen each, by the last part of their name: they are what NOx consists of.
_NITROGEN = frozenset({"NO", "NO2", "HONO"})
_SUM = 1e-6
_NITROGEN_SUM = 0.01
_COLUMNS = ("profile", "pollutant", "species", "fraction", "unit", "molecular_weight")


@dataclass(frozen=True, slots=True)
class Split:
    """A species of a profile: how much of it is in a gram of the pollutant [`kind` per g], and its mass in it [g/g].

    `kind` is "mol" or "g"; the mass is NaN where the table states moles and no molecular weight.
    """

    species: str
    kind: str
    amount: float
    mass: float


@dataclass(frozen=True)
class SpeciesTable:
    """Profiles by pollutant and name, and the kind of each species."""

    splits: Mapping[str, Mapping[str, tuple[Split, ...]]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    def mass(self, pollutant: str, name: str) -> float:
        """Return the sum of the species' masses in a gram of the pollutant [g/g]; NaN where one is not known."""
        return float(sum(one.mass for one in self.splits[pollutant][name]))


def read_species(table: Table, issues: Issues) -> SpeciesTable | None:
    """Read a table of profiles; None, and `issues` says why, when it cannot be used.

    A fraction in g/g with a molecular weight becomes moles, without one it stays mass; a fraction in mol/g is moles.
    Fractions of particles sum to 1 within 1e-6, and are then made to; of gases they sum to no more.
    """
    before, reader = len(issues.errors), RowReader(table, issues)
    require(table, _COLUMNS[:-1], issues)
    if len(issues.errors) > before:
        return None
    reader.unused({*_COLUMNS, "reference", "note", "comment"})
    found: dict[str, dict[str, list[tuple[int, Split]]]] = {}
    kinds: dict[str, str] = {}
    for row in range(len(table)):
        split = _split(reader, row)
        pollutant = reader.pollutant(row, table.text("pollutant")[row])
        name = table.text("profile")[row]
        if not name:
            reader.fault(row, "profile", "is blank", "give each profile its name")
        if split is None or pollutant is None or not name:
            continue
        if kinds.setdefault(split.species, split.kind) != split.kind:
            hint = "give all its rows a molecular weight, or none"
            reader.fault(row, "species", f"{split.species} is counted in moles and in grams", hint)
        rows = found.setdefault(pollutant, {}).setdefault(name, [])
        if any(one.species == split.species for _, one in rows):
            reader.fault(row, "species", f"{split.species} stands twice in {name!r}", "keep one of the rows")
        rows.append((row, split))
    splits = {
        pollutant: {name: _whole(reader, pollutant, name, rows) for name, rows in names.items()}
        for pollutant, names in found.items()
    }
    return None if len(issues.errors) > before else SpeciesTable(splits, kinds)


def _split(reader: RowReader, row: int) -> Split | None:
    species, unit, text = (reader.table.text(name)[row] for name in ("species", "unit", "molecular_weight"))
    fraction, key = reader.value(row, "fraction")
    right = _is_name(species)
    if not right:
        hint = "write a letter, then letters, digits and _: at most 16"
        reader.fault(row, "species", f"{species!r} is no name of a species", hint)
    if key:
        reader.fault(row, "fraction", f"{key} is no number", "write a number, or leave the row out")
    if unit not in ("g/g", "mol/g"):
        reader.fault(row, "unit", f"{unit!r} is no unit of a fraction", "write g/g, or mol/g")
    weight = np.nan
    if text:
        try:
            weight = number(text)
            if not 1 <= weight <= 1000:
                raise UnitError(f"{text} is no molecular weight", "write g/mol, between 1 and 1000")
        except UnitError as error:
            reader.fault(row, "molecular_weight", error.message, error.hint)
            return None
    if not right or key or unit not in ("g/g", "mol/g") or np.isnan(fraction):
        return None
    if unit == "mol/g":
        return Split(species, "mol", fraction, fraction * weight)
    return Split(species, "g", fraction, fraction) if not text else Split(species, "mol", fraction / weight, fraction)


def _is_name(text: str) -> bool:
    return bool(text) and len(text) <= 16 and text.isascii() and text[0].isalpha() and text.replace("_", "a").isalnum()


def _whole(reader: RowReader, pollutant: str, name: str, rows: list[tuple[int, Split]]) -> tuple[Split, ...]:
    """Return the species of a profile, those of particles scaled to sum to 1; note what cannot be right."""
    splits, last = tuple(split for _, split in rows), rows[-1][0]
    total = float(sum(one.mass for one in splits))
    if pollutant in PARTICLES:
        if any(one.kind == "mol" for one in splits):
            hint = "leave molecular_weight blank and write g/g"
            reader.fault(last, "unit", f"{pollutant} is particles, and {name!r} counts moles", hint)
        elif not abs(total - 1) <= _SUM:
            hint = "make them sum to 1: PMOTHR, or its like, is the rest"
            reader.fault(last, "fraction", f"the fractions of {name!r} of {pollutant} sum to {total:.8g}", hint)
        else:
            return tuple(Split(one.species, one.kind, one.amount / total, one.mass / total) for one in splits)
    elif total > 1 + _SUM:
        found = f"the species of {name!r} weigh {total:.8g} g in a gram of {pollutant}"
        reader.fault(last, "fraction", found, "make the fractions sum to 1 or less")
    if pollutant == "NOx" and all(one.species.split("_")[-1] in _NITROGEN for one in splits):
        moles = sum(one.amount for one in splits) * COMPOUNDS["NO2"]
        if not abs(moles - 1) <= _NITROGEN_SUM:
            found = f"{name!r} gives {moles:.4g} mol of nitrogen for each that is in NOx, which is counted as NO2"
            hint = (
                f"write the molecular weight of NO2, {COMPOUNDS['NO2']:.6g}, for each species, and fractions by moles"
            )
            reader.fault(last, "molecular_weight", found, hint)
    return splits


def known_species(pollutant: str) -> tuple[Split, ...] | None:
    """Return a pollutant that is one compound as that compound; None for others."""
    weight = COMPOUNDS.get(pollutant)
    return None if weight is None else (Split(pollutant, "mol", 1 / weight, 1.0),)


def suggestion(pollutant: str) -> str:
    """Return what to do about a pollutant that has no species."""
    assert pollutant in vocabulary.POLLUTANTS
    if pollutant in ("BC", "OC"):
        return f"it is part of PM2.5: name its species in speciation.explicit, or leave {pollutant} out of pollutants"
    if pollutant == "PM10":
        return "name the species of its coarse part in speciation.coarse, or leave it out of pollutants"
    return f"name its profile in speciation.sources, or leave {pollutant} out of pollutants"
