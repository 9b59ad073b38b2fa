"""Pollutant codes of flat files, and the names of emis that are exactly the same thing."""

from emis import vocabulary

__all__ = ["code_of", "name_of"]

#: Codes of the National Emissions Inventory. PM10-PRI and PM25-PRI are what leaves the source: filterable and
#: condensable together. PM10-FIL, PM25-FIL and PM-CON are parts of these and are no pollutant of emis.
_NAMES = {"PM10-PRI": "PM10", "PM25-PRI": "PM2.5"}
_CODES = {"NOx": "NOX", "PM10": "PM10-PRI", "PM2.5": "PM25-PRI"}


def name_of(code: str) -> str:
    """Return the pollutant that a code stands for; of one that emis does not know the code itself."""
    plain = code.upper()
    return _NAMES.get(plain) or vocabulary.pollutant(code) or vocabulary.pollutant(plain) or code


def code_of(name: str) -> str:
    """Return the code of a pollutant."""
    return _CODES.get(name, name)
