"""Which code each source of an inventory has: its own where its file gives one, else by its labels."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emis.coded import Coded, Codes, Texts
from emis.nomenclatures import reading
from emis.nomenclatures.code_lists import nomenclature
from emis.nomenclatures.mappings import EMIS, PATTERN, Floats, Mapping, mapping
from emis.numbering import alike
from emis.vocabulary import NOMENCLATURES

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

    A source has the code that its file gives; else that which a user's rules give for its labels; else that which a
    table leads to from a code that its file gives in another nomenclature (a GNFR sector from NFR); else that of its
    labels, or, where these tell no more than its sector, of such another code by way of the labels that it stands for.

    Parameters
    ----------
    name : str
        The nomenclature.
    labels, attributes : mapping
        Of an `Inventory`.
    by : Mapping, optional
        From the labels of emis to the nomenclature, a user's rules with those of emis behind; the latter otherwise.
    """
    by = by or mapping(EMIS, name)
    others = [one for one in attributes if one in NOMENCLATURES and one != name]
    path = paths(labels)
    columns = [Coded.of(attributes[one]) for one in (name, *others) if one in attributes]
    kind, first = alike(path.codes, *(column.codes for column in columns)) if len(path) else (path.codes, path.codes)
    own = attributes[name][first] if name in attributes else [""] * len(first)
    given = [tuple(attributes[one][row] for one in others) for row in first.tolist()]
    rules = [
        _rules(str(code), str(text), dict(zip(others, codes, strict=True)), name, by)
        for code, text, codes in zip(own, path.take(first).texts, given, strict=True)
    ]
    count = np.array([len(one) for one in rules], dtype=np.intp)[kind] if rules else np.zeros(0, dtype=np.intp)
    source = np.repeat(np.arange(len(path)), count)
    turn = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    most = max(map(len, rules), default=1)
    codes = np.full((len(rules), most), "", dtype=object)
    weights = np.zeros((len(rules), most))
    for number, several in enumerate(rules):
        for at, (code, weight) in enumerate(several):
            codes[number, at], weights[number, at] = code, weight
    return Assigned(source, codes[kind[source], turn], weights[kind[source], turn])


def _rules(own: str, path: str, others: Map[str, str], name: str, by: Mapping) -> list[tuple[str, float]]:
    """Return the codes of a source with their weights; "" for one that is not known."""
    if own:
        return [(own, 1.0)]
    found = by.alone(path) if by.otherwise is not None else ()
    there = [(other, code) for other, code in others.items() if code]
    for other, code in there:
        if not found and f"{other}-{name}" in reading.files():
            found = mapping(other, name).of(code)
    found = found or by.of(path)
    # What holds for a whole sector says less than a code by way of labels of its own.
    for other, code in there:
        if not found or "/" not in found[0].source:
            found = _by_way(other, name).of(code) or found
    return [(rule.target, rule.weight) for rule in found] or [("", 1.0)]


def _by_way(source: str, target: str) -> Mapping:
    """Return the mapping from one nomenclature to another, of no rules where none leads there."""
    try:
        return mapping(source, target)
    except KeyError:
        return Mapping(source, target, ())


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
