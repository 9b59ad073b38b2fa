"""Names of the IAMC format: ``Emissions|NOx|mobile|bus`` and back, and which variable and region holds which."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from emis import vocabulary
from emis.interchange.scenario_tables.assembling import UNSPECIFIED, Named, sector_of
from emis.interchange.scenario_tables.hierarchies import Tree
from emis.interchange.scenario_tables.species import SULFUR

__all__ = ["EMISSIONS", "PATH", "WORLD", "area_tree", "category_tree", "decoded", "encoded", "is_memo",
           "knows_sector", "named_path",
           "species_name", "variable"]  # fmt: skip

EMISSIONS = "Emissions"
WORLD = "World"
#: What the parts of a variable of emis are, behind the pollutant; the last tells sources apart that share all others.
PATH = ("sector", "category", "fuel", "technology", "facility", "source")
_TABLE = "iamc_sectors.csv"
#: Variables that stand beside the parts of a total and are none of them (IAMconsortium/common-definitions).
_MEMO = " [NGHGI]"
_SUPPLY = "Energy|Supply|"
_EITHER = frozenset({"Combustion", "Fugitive"})


def encoded(label: str) -> str:
    """Return a label as a part of a variable or region, in which | parts the parts."""
    return re.sub("%(?=25|7C)", "%25", label).replace("|", "%7C")


def decoded(part: str) -> str:
    """Return the label that `encoded` was given."""
    return re.sub("%(25|7C)", lambda found: "%" if found[1] == "25" else "|", part)


def species_name(pollutant: str) -> str:
    """Return what the format calls a pollutant."""
    return SULFUR if pollutant == "SO2" else pollutant


def variable(pollutant: str, path: str = "") -> str:
    """Return a variable: of a path of parts, or the total of a pollutant."""
    return "|".join(filter(None, (EMISSIONS, species_name(pollutant), path)))


def named_path(path: str, region: str, rest: bool) -> Named:
    """Return the labels that a path of parts stands for.

    Those that emis writes come back; of others the sector is looked up and the category is the whole path. What a total
    has beyond its parts is a part of its own, unspecified.
    """
    parts = [decoded(part) for part in path.split("|")] if path else []
    if parts and parts[0] in vocabulary.SECTORS:
        known = dict(zip(PATH, parts, strict=False))
        for name in ("fuel", "technology", "facility"):
            if known.get(name) == UNSPECIFIED:
                known[name] = ""
        missing = next((name for name in PATH[1:-1] if name not in known), "") if rest else ""
        labels = {name: known.get(name, "") for name in PATH[:-1]} | {"region": region}
        labels["category"] = labels["category"] or UNSPECIFIED
        if missing and missing != "category":
            labels[missing] = UNSPECIFIED
        return Named(labels, {}, "|".join(parts[len(PATH) - 1 :]))
    names = [*parts, UNSPECIFIED] if rest or not parts else parts
    sector = sector_of(parts, _TABLE, "|")
    return Named({"sector": sector or "other", "category": "/".join(names), "region": region})


def knows_sector(path: str) -> bool:
    """Tell whether the sector of a path is known."""
    parts = path.split("|")
    return not path or parts[0] in vocabulary.SECTORS or bool(sector_of(parts, _TABLE, "|"))


def is_memo(path: str, paths: Iterable[str]) -> bool:
    """Tell whether a variable stands beside the parts of a total: it would be counted a second time."""
    if _MEMO in path:
        return any(part.endswith(_MEMO) for part in path.split("|"))
    if not path.startswith(_SUPPLY) or path.removeprefix(_SUPPLY).split("|")[0] not in _EITHER:
        return False
    beside = (one.removeprefix(_SUPPLY).split("|")[0] for one in paths if one.startswith(_SUPPLY))
    return any(one not in _EITHER for one in beside)


def category_tree(paths: Sequence[str]) -> tuple[Tree, dict[str, int]]:
    """Return the tree of paths, of every total above one, and the number of each path.

    A part that names several, ``Energy and Industrial Processes``, holds those beside it that it names.
    """
    whole = {""}
    for path in paths:
        parts = path.split("|")
        whole.update("|".join(parts[:size]) for size in range(1, len(parts) + 1) if path)
    above = {path: path.rpartition("|")[0] for path in whole if path}
    siblings: dict[str, list[str]] = {}
    for path, up in above.items():
        siblings.setdefault(up, []).append(path)
    for several in siblings.values():
        words = {one: frozenset(one.rpartition("|")[2].split(" and ")) for one in several}
        wide = sorted((one for one in several if len(words[one]) > 1), key=lambda one: (len(words[one]), one))
        for one in several:
            holder = next((other for other in wide if words[one] < words[other]), None)
            above[one] = holder if holder is not None else above[one]
    return _tree(above)


def area_tree(regions: Sequence[str]) -> tuple[Tree, dict[str, int]]:
    """Return the tree of regions: ``China`` holds ``China|Beijing``, and ``World`` all others."""
    here = set(regions)
    above = {}
    for region in here:
        starts = region.split("|")[:-1]
        nearest = next((up for size in range(len(starts), 0, -1) if (up := "|".join(starts[:size])) in here), "")
        above[region] = nearest or (WORLD if WORLD in here and region != WORLD else "")
    return _tree(above)


def _tree(above: dict[str, str]) -> tuple[Tree, dict[str, int]]:
    """Return a tree by what is above each name, a parent before its children; "" is above all."""
    depth: dict[str, int] = {"": 0}

    def deep(name: str) -> int:
        if name not in depth:
            depth[name] = deep(above[name]) + 1
        return depth[name]

    order = ["", *sorted(above, key=lambda name: (deep(name), name))]
    number = {name: at for at, name in enumerate(order)}
    return Tree(tuple(order), np.array([-1, *(number[above[name]] for name in order[1:])], dtype=np.intp)), number
