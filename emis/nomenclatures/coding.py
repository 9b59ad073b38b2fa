"""Which code each source of an inventory has: its own where its file gives one, else by its labels."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emis.coded import Coded, Codes, Texts
from emis.nomenclatures.code_lists import nomenclature
from emis.nomenclatures.mappings import EMIS, PATTERN, Floats, Mapping, mapping

__all__ = ["Assigned", "assigned", "codes_of", "paths", "sectors"]


@dataclass(frozen=True)
class Assigned:
    """Codes of sources: entry e says that `weight[e]` [1] of source `source[e]` has `code[e]`, "" where none is known.

    The weights of a source sum to 1.
    """

    source: Codes
    code: Texts
    weight: Floats

    @property
    def split(self) -> int:
        """How many sources have several codes."""
        return int(np.count_nonzero(np.bincount(self.source) > 1)) if len(self.source) else 0


def sectors(name: str, codes: Sequence[str]) -> list[str]:
    """Return the sector of emis for each code of a nomenclature, "" where it is not known.

    Raises
    ------
    KeyError
        When there is no such nomenclature.
    """
    nomenclature(name)
    by = mapping(name, EMIS)
    coded = Coded.of(np.asarray(codes, dtype=object))
    found = [_sector(by, str(code)) for code in coded.values]
    return [found[code] for code in coded.codes.tolist()]


def _sector(by: Mapping, code: str) -> str:
    rules = by.of(code)
    return max(rules, key=lambda rule: rule.weight).target.split("/")[0] if rules else ""


def paths(labels: Map[str, Texts]) -> Coded:
    """Return the labels of sources as one path each, as `Mapping.of` reads it, by code."""
    several = [Coded.of(labels[name]) for name in PATTERN]
    whole = several[0]
    for one in several[1:]:
        pair = whole.codes * max(len(one.values), 1) + one.codes
        distinct, codes = np.unique(pair, return_inverse=True)
        starts, ends = np.divmod(distinct, max(len(one.values), 1))
        pairs = zip(whole.values[starts], one.values[ends], strict=True)
        texts = [f"{start}/{_plain(end)}" for start, end in pairs]
        values = np.empty(len(texts), dtype=object)
        values[:] = texts
        whole = Coded(values, codes.reshape(-1).astype(np.intp))
    return whole


def _plain(label: str) -> str:
    """Return a label without what parts a path: no rule can name such a one."""
    return str(label).replace("/", "|")


def assigned(name: str, labels: Map[str, Texts], attributes: Map[str, Texts], by: Mapping | None = None) -> Assigned:
    """Return the codes of sources in a nomenclature.

    Parameters
    ----------
    name : str
        The nomenclature.
    labels, attributes : mapping
        Of an `Inventory`: a code among the attributes comes before what the labels say.
    by : Mapping, optional
        From the labels of emis to the nomenclature; that which comes with emis otherwise.
    """
    rule_book = by or mapping(EMIS, name)
    path = paths(labels)
    size = len(path)
    own = attributes.get(name)
    given = own != "" if own is not None else np.zeros(size, dtype=bool)
    rules = [rule_book.of(str(text)) for text in path.values]
    width = np.array([max(len(one), 1) for one in rules], dtype=np.intp)
    count = np.where(given, 1, width[path.codes]) if size else np.zeros(0, dtype=np.intp)
    source = np.repeat(np.arange(size), count)
    turn = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    most = int(width.max(initial=1))
    codes = np.full((len(rules), most), "", dtype=object)
    weights = np.zeros((len(rules), most))
    weights[:, 0] = 1.0
    for number, several in enumerate(rules):
        for at, rule in enumerate(several):
            codes[number, at], weights[number, at] = rule.target, rule.weight
    code, weight = codes[path.codes[source], turn], weights[path.codes[source], turn]
    if own is not None:
        mine = given[source]
        code[mine], weight[mine] = own[source[mine]], 1.0
    return Assigned(source, code, weight)


def codes_of(name: str, labels: Map[str, Texts], attributes: Map[str, Texts], by: Mapping | None = None) -> Texts:
    """Return the one code of each source in a nomenclature, "" where none is known; arguments as of `assigned`.

    Raises
    ------
    ValueError
        When a source is split over several codes: `assigned` gives them.
    """
    found = assigned(name, labels, attributes, by)
    if found.split:
        raise ValueError(f"{found.split} sources are split over several codes of {name}")
    return found.code
