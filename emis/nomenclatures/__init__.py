"""Nomenclatures of sources, and how one goes over into another: codes, titles and mappings with weights, as data.

``sectors(name, codes)`` gives the sector of emis for codes of another nomenclature; ``codes_of(name, labels,
attributes)`` the code of each source of an inventory; ``nomenclature(name)`` its codes and titles; ``mapping(source,
target)`` the weights that lead from one to the other.
"""

from emis.nomenclatures.code_lists import Entry, Nomenclature, nomenclature
from emis.nomenclatures.coding import Assigned, assigned, codes_of, paths, sectors
from emis.nomenclatures.mappings import EMIS, Applied, Mapping, Rule, Unknown, composed, mapping

__all__ = [
    "EMIS",
    "Applied",
    "Assigned",
    "Entry",
    "Mapping",
    "Nomenclature",
    "Rule",
    "Unknown",
    "assigned",
    "codes_of",
    "composed",
    "mapping",
    "nomenclature",
    "paths",
    "sectors",
]
