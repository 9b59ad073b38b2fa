"""Pollutants and units as other models write them: ``Sulfur``, ``Mt NO2/yr``, ``CO2 * gigagram / yr``."""

import re

from emis import units, vocabulary

__all__ = ["SULFUR", "pollutant", "tonnes_per_year"]

#: What those models call sulphur dioxide; it is counted in mass of SO2.
SULFUR = "Sulfur"
#: A part of a molecule in which its amount is counted: t N of ammonia is not t NH3.
_PARTS = {"N": "nitrogen", "C": "carbon", "S": "sulphur"}
#: What pint, which primap2 writes its units with, calls multiples of its metric ton, and a year.
_PINT = {"kilometric_ton": "kt", "megametric_ton": "Mt", "gigametric_ton": "Gt", "annum": "a"}
_WORD = re.compile(r"[^\s*/()]+")


def pollutant(text: str) -> str | None:
    """Return the name that emis has for a species, or None when it knows no such pollutant."""
    return "SO2" if text == SULFUR else vocabulary.pollutant(text)


def tonnes_per_year(unit: str, name: str) -> float:
    """Return how many t/yr one of `unit` is; a species in it has to be the pollutant, of NOx it may be NO2.

    Raises
    ------
    UnitError
        When `unit` cannot be read, is no mass per time, or names another species, or an element in place of it.
    """
    words = _WORD.findall(unit)
    part = next((word for word in words if word in _PARTS), None)
    if part is not None:
        raise units.UnitError(
            f"{unit!r} counts the {_PARTS[part]} in {name} alone", f"convert it into mass of {name}, e.g. t/yr"
        )
    own = next((word for word in words if pollutant(word) == name or (name, word) == ("NOx", "NO2")), None)
    return units.tonnes_per_year(_without(unit, own), name)


def _without(unit: str, species: str | None) -> str:
    """Return a unit without its species, which pint puts first, and in names that emis has."""
    if species is not None:
        word = re.escape(species)
        unit = re.sub(rf"(?<![^\s*/()]){word}\s*\*\s*|\s*\*?\s*(?<![^\s*/()]){word}(?![^\s*/()])", "", unit, count=1)
    return _WORD.sub(lambda found: _PINT.get(found[0], found[0]), unit)
