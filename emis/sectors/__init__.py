"""Sectors: what the columns of their activity tables mean, how factors follow from them, what levers a plan may pull.

One module for each, ending in one `Sector` value, and one table of them here.
"""

from collections.abc import Mapping

from emis.sectors.agriculture import AGRICULTURE
from emis.sectors.catering import CATERING
from emis.sectors.combustion import COMBUSTION
from emis.sectors.dust import DUST
from emis.sectors.industry import INDUSTRY
from emis.sectors.machinery import MACHINERY
from emis.sectors.method import Column, Lever, Method, RowError, Rows, Sector, Shorthand
from emis.sectors.road import ROAD
from emis.sectors.solvents import SOLVENTS

__all__ = [
    "LEVERS",
    "SECTORS",
    "Column",
    "Lever",
    "Method",
    "RowError",
    "Rows",
    "Sector",
    "Shorthand",
    "columns_of",
    "methods_of",
]

SECTORS: tuple[Sector, ...] = (ROAD, MACHINERY, DUST, INDUSTRY, SOLVENTS, COMBUSTION, CATERING, AGRICULTURE)

#: Every verb that a sector adds to `do`.
LEVERS: Mapping[str, type[Lever] | type[Shorthand]] = {
    name: lever for sector in SECTORS for name, lever in sector.levers.items()
}


def columns_of(sectors: set[str]) -> dict[str, Column]:
    """Return the columns that tables of these sectors may have, by name."""
    return {column.name: column for one in SECTORS if sectors & set(one.sectors) for column in one.columns}


def methods_of(sector: str, category: str) -> tuple[Method, ...]:
    """Return the methods that sources of a category may use."""
    found = (method for one in SECTORS if sector in one.sectors for method in one.methods)
    return tuple(method for method in found if category in method.categories)
