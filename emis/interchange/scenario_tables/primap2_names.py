"""Names of PRIMAP2's interchange format: columns with their terminology, and categories as a tree of codes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emis import nomenclatures, vocabulary
from emis.interchange.scenario_tables.assembling import UNSPECIFIED, sector_of
from emis.interchange.scenario_tables.hierarchies import Tree

__all__ = ["COORDINATE", "EMIS", "EMIS_SOURCE", "TIME", "Node", "area_tree", "is_memo", "nodes_tree", "sector",
           "terminology_of", "unit_of"]  # fmt: skip

#: Terminologies of categories that emis writes: ``sector/category``, and ids of sources.
EMIS, EMIS_SOURCE = "emis", "emis_source"
#: Stands before the name of a label of emis among additional coordinates, which may not be called like a dimension.
COORDINATE = "emis_"
TIME = "time"
_COLUMN = re.compile(r"(?P<name>[^()]+?)\s*(?:\((?P<terminology>.+)\))?")
_IPCC = ("IPCC2006", "IPCC2006_PRIMAP")
_IPCC_TABLE = "ipcc_sectors.csv"
#: What totals of IPCC2006_PRIMAP hold that is not behind their code with a point (climate_categories).
_ABOVE = {
    "M.AG.ELV": ("M.AG", "3"), "3.A": ("M.AG",), "3.B": ("M.LULUCF",), "M.AG": ("M.0.EL", "3"), "M.LULUCF": ("3",),
    **dict.fromkeys(("1", "2", "4", "5"), ("M.0.EL",)),
}  # fmt: skip
_NATIONAL = "0"
#: What all values of a secondary category together are called.
_TOTALS = frozenset({"total", "all", "0", "t"})
_WORLDS = ("World", "WORLD", "EARTH")
#: Species that openscm-units, which reads the units, knows; the others are a mass alone.
_SPECIES = frozenset({"SO2", "NOx", "VOC", "CO", "NH3", "BC", "OC", "CO2", "CH4", "N2O", "NO", "NO2"})


@dataclass(frozen=True, slots=True)
class Node:
    """A category with values of secondary ones: ``1.A.3`` of fuel diesel; a total over these is blank."""

    code: str
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(filter(None, (self.code, *(f"[{one}]" for one in self.others if one))))


def terminology_of(column: str) -> tuple[str, str]:
    """Return what a column is of and its terminology: ``category (IPCC2006)`` is (category, IPCC2006)."""
    match = _COLUMN.fullmatch(column.strip())
    return (match["name"], match["terminology"] or "") if match else (column, "")


def unit_of(pollutant: str) -> str:
    """Return the unit in which a pollutant is written."""
    return f"t {pollutant} / yr" if pollutant in _SPECIES else "t / yr"


def is_total(text: str) -> bool:
    """Tell whether a secondary category stands for all of its values."""
    return not text or text.lower() in _TOTALS


def _nomenclature(terminology: str) -> str:
    """Return the nomenclature that emis knows a terminology by, "" for none: NFR19 is nfr."""
    plain = re.sub(r"[\d_\s-]+$", "", terminology.lower())
    return plain if plain in vocabulary.NOMENCLATURES else ""


def is_memo(terminology: str, code: str, codes: Iterable[str]) -> bool:
    """Tell whether a code stands beside the parts of a total: land use and agriculture, where they stand apart."""
    if terminology not in _IPCC:
        return False
    return code == "M.BIO" or (code == "3" and any(one.startswith("M.") and one != "M.BIO" for one in codes))


def _chain(terminology: str, codes: Sequence[str]) -> Callable[[str], list[str]]:
    """Return what gives the codes that a code may be part of, the nearest first."""
    name = _nomenclature(terminology)
    if terminology == EMIS_SOURCE:
        return lambda code: []
    if terminology == EMIS:
        return lambda code: [code.partition("/")[0]] if "/" in code else []
    if name:
        known = nomenclatures.nomenclature(name)
        spelled = {known.find(code): code for code in codes}
        return lambda code: [spelled[up] for up in known.parents(known.find(code)) if up in spelled]
    mark = next((one for one in "|/." if any(one in code for code in codes)), "")

    def chain(code: str) -> list[str]:
        parts = code.split(mark) if mark else [code]
        found = []
        for size in range(len(parts), 0, -1):
            start = mark.join(parts[:size])
            found += [start, *(_ABOVE.get(start, ()) if terminology in _IPCC else ())]
            if terminology in _IPCC and "M.AG" in found:
                found.append("M.0.EL")
        return [one for one in [*found, _NATIONAL] if one != code]

    return chain


def nodes_tree(terminology: str, nodes: Sequence[Node]) -> tuple[Tree, dict[Node, int], list[Node]]:
    """Return the tree of categories, the number of each node, and the nodes by number; nothing stands at 0."""
    here = set(nodes)
    chain = _chain(terminology, sorted({node.code for node in here}))
    above: dict[Node, Node | None] = {}
    for node in here:
        ups = chain(node.code)
        blank = tuple("" for _ in node.others)
        places = [Node(node.code, blank), *(Node(up, node.others) for up in ups), *(Node(up, blank) for up in ups)]
        above[node] = next((one for one in places if one in here and one != node), None)
    depth: dict[Node, int] = {}

    def deep(node: Node) -> int:
        up = above[node]
        if node not in depth:
            depth[node] = 0 if up is None else deep(up) + 1
        return depth[node]

    order = sorted(here, key=lambda node: (deep(node), node.code, node.others))
    number = {node: at for at, node in enumerate(order)}
    parent = [number[up] if (up := above[node]) is not None else -1 for node in order]
    return Tree(tuple(map(str, order)), np.array(parent, dtype=np.intp)), number, order


def area_tree(areas: Sequence[str]) -> tuple[Tree, dict[str, int]]:
    """Return the tree of areas, in which the Earth holds all others."""
    world = next((name for name in _WORLDS if name in areas), None)
    order = sorted(set(areas), key=lambda name: (name != world, name))
    parent = [-1 if world is None or name == world else 0 for name in order]
    return Tree(tuple(order), np.array(parent, dtype=np.intp)), {name: at for at, name in enumerate(order)}


def sector(terminology: str, code: str) -> str:
    """Return the sector of a category, "" where it is not known."""
    name = _nomenclature(terminology)
    if terminology == EMIS:
        start = code.partition("/")[0]
        return start if start in vocabulary.SECTORS else ""
    if name:
        return nomenclatures.sectors(name, [code])[0]
    return sector_of(code.split("."), _IPCC_TABLE, ".") if terminology in _IPCC else ""


def attributes_of(terminology: str, code: str) -> Mapping[str, str]:
    """Return the code under the name of its nomenclature, where emis knows that."""
    name = _nomenclature(terminology)
    return {name: code} if name and code else {}


def category_label(terminology: str, node: Node) -> str:
    """Return the category that a node is for emis: behind the sector, where that is part of the code."""
    code = node.code.partition("/")[2] if terminology == EMIS else node.code
    return "/".join(filter(None, (code, *node.others))) or UNSPECIFIED
