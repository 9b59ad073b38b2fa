"""Mappings: how codes of one nomenclature go over into another, with weights; the labels of emis are one of the two.

A mapping holds in one direction. Upwards, from many codes to few, it is exact; where it splits a code, its weights are
stated in a table, with what they rest on. Nothing is split without.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from emis.coded import Coded, Texts
from emis.nomenclatures import reading
from emis.nomenclatures.code_lists import nomenclature

__all__ = ["EMIS", "PATTERN", "Applied", "Mapping", "Rule", "Unknown", "composed", "mapping"]

Floats = NDArray[np.float64]

#: The name of emis' own side: not codes, but patterns on labels.
EMIS = "emis"
#: The labels of a pattern: ``mobile/bus/diesel/china_6``; a blank part, a star, or none is any.
PATTERN = ("sector", "category", "fuel", "technology")
#: Weights of one code sum to 1 within this.
EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code, or a pattern of labels, goes over into, and which part of it [1]."""

    source: str
    target: str
    weight: float = 1.0
    note: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A code that a mapping does not know: how many rows have it, and their sum, of whatever is after the rows."""

    code: str
    count: int
    sum: Floats


@dataclass(frozen=True)
class Applied:
    """Values by code of another nomenclature, and what could not go over.

    Attributes
    ----------
    codes : list of str, T
        In the order of the nomenclature.
    values : ndarray, T × ...
        Sums of what is known; NaN where nothing is.
    gaps : ndarray of int, T × ...
        How many rows that went into a sum are not known.
    unknown : tuple of Unknown
        By code.
    """

    codes: list[str]
    values: Floats
    gaps: NDArray[np.intp]
    unknown: tuple[Unknown, ...]


@dataclass(frozen=True)
class Mapping:
    """How `source` goes over into `target`.

    `file` is the table, or the tables behind one another; where no rule of it holds, those of `otherwise` do.
    """

    source: str
    target: str
    rules: tuple[Rule, ...]
    file: str = ""
    otherwise: "Mapping | None" = None

    @cached_property
    def by_source(self) -> Map[str, tuple[Rule, ...]]:
        """The rules of each code, or pattern, in the order of the table."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            found.setdefault(rule.source, []).append(rule)
        return {source: tuple(several) for source, several in found.items()}

    @cached_property
    def _patterns(self) -> list[tuple[tuple[str, ...], tuple[Rule, ...]]]:
        """Patterns and their rules, the most specific first: technology over fuel over category."""
        split = [(_pattern(source), several) for source, several in self.by_source.items()]
        return sorted(split, key=lambda one: tuple(bool(part) for part in reversed(one[0])), reverse=True)

    @property
    def splits(self) -> list[str]:
        """The codes, or patterns, that go over into several."""
        return [source for source, several in self.by_source.items() if len(several) > 1]

    def of(self, code: str) -> tuple[Rule, ...]:
        """Return the rules of a code: its own, else those of the nearest that it is part of; none where it has none.

        On the side of emis the code is a path of labels. Where no rule here holds, those of `otherwise` do.
        """
        found = self._found(code)
        if not found and self.otherwise is not None:
            return self.otherwise.of(code)
        return tuple(rule for rule in found if rule.target)

    def alone(self, code: str) -> tuple[Rule, ...]:
        """Return the rules of a code without those of `otherwise`."""
        return tuple(rule for rule in self._found(code) if rule.target)

    def _found(self, code: str) -> tuple[Rule, ...]:
        if self.source == EMIS:
            labels = _pattern(code)
            return next((rules for pattern, rules in self._patterns if _matches(pattern, labels)), ())
        known = nomenclature(self.source)
        listed = code if code in self.by_source else known.nearest(code)
        near = (listed, *known.parents(listed))
        return next((self.by_source[one] for one in near if one in self.by_source), ())

    def apply(self, codes: Sequence[str] | Texts, values: Floats) -> Applied:
        """Return values by code of the target: mass in is mass out, of what is known.

        Parameters
        ----------
        codes : sequence of str, S
            Codes, or paths of labels.
        values : ndarray, S × ...
            What is summed; NaN where it is not known.
        """
        coded = Coded.of(np.asarray(codes, dtype=object))
        shape = (len(coded.values), *values.shape[1:])
        sums, known, rows = (
            np.zeros(shape),
            np.zeros(shape, dtype=np.intp),
            np.bincount(coded.codes, minlength=shape[0]),
        )
        here = ~np.isnan(values)
        np.add.at(sums, coded.codes, np.where(here, values, 0.0))
        np.add.at(known, coded.codes, here)
        rules = [self.of(str(code)) for code in coded.values]
        targets = self._ordered({rule.target for several in rules for rule in several})
        place = {target: number for number, target in enumerate(targets)}
        weight = np.zeros((len(targets), len(rules)))
        for number, several in enumerate(rules):
            for rule in several:
                weight[place[rule.target], number] += rule.weight
        goes = (weight > 0).astype(np.intp)
        found = np.tensordot(weight, sums, axes=1)
        there = np.tensordot(goes, known, axes=1)
        all_rows = np.tensordot(goes, np.broadcast_to(rows.reshape(-1, *[1] * (values.ndim - 1)), shape), axes=1)
        unknown = [
            Unknown(str(coded.values[number]), int(rows[number]), sums[number])
            for number, several in enumerate(rules)
            if not several and rows[number]
        ]
        unknown.sort(key=lambda one: one.code)
        return Applied(targets, np.where(there > 0, found, np.nan), all_rows - there, tuple(unknown))

    def _ordered(self, targets: Iterable[str]) -> list[str]:
        return sorted(targets) if self.target == EMIS else nomenclature(self.target).ordered(list(targets))


def _matches(pattern: tuple[str, ...], labels: tuple[str, ...]) -> bool:
    return all(part in ("", label) for part, label in zip(pattern, labels, strict=True))


def _pattern(text: str) -> tuple[str, ...]:
    parts = ["" if part == "*" else part for part in text.split("/")]
    return tuple((parts + [""] * len(PATTERN))[: len(PATTERN)])


def composed(first: Mapping, second: Mapping) -> Mapping:
    """Return one mapping behind another: weights multiply.

    A code of which the second does not know a part is not known whole: it does not fall back to a wider rule.
    """
    behind, file = f"by {first.file} and {second.file}", f"{first.file}, {second.file}"
    rules: list[Rule] = []
    for source, several in first.by_source.items():
        parts = [(rule, second.of(rule.target)) for rule in several]
        if not all(after for _, after in parts):
            rules.append(Rule(source, "", 1.0, "not known there", behind))
            continue
        weights: dict[str, float] = {}
        notes: dict[str, list[str]] = {}
        for rule, after in parts:
            for one in after:
                weights[one.target] = weights.get(one.target, 0.0) + rule.weight * one.weight
                notes.setdefault(one.target, []).extend(filter(None, (rule.note, one.note)))
        rules += [Rule(source, target, weight, "; ".join(notes[target]), behind) for target, weight in weights.items()]
    return Mapping(first.source, second.target, tuple(rules), file)


@lru_cache
def mapping(source: str, target: str) -> Mapping:
    """Return the mapping that comes with emis, over the fewest others where there is no direct one.

    Raises
    ------
    KeyError
        When none leads from one to the other.
    """
    steps = [tuple(name.split("-", 1)) for name in reading.files() if "-" in name]
    ways: list[list[str]] = [[source]]
    reached = {source}
    for way in ways:
        if way[-1] == target and len(way) > 1:
            found = _read(way[0], way[1])
            for one, other in zip(way[1:], way[2:], strict=False):
                found = composed(found, _read(one, other))
            return found
        for one, other in steps:
            if one == way[-1] and (other not in reached or other == target):
                reached.add(other)
                ways.append([*way, other])
    raise KeyError(f"no mapping leads from {source!r} to {target!r}")


@lru_cache
def _read(source: str, target: str) -> Mapping:
    name = f"{source}-{target}"
    rules = tuple(
        Rule(cells["from"], cells["to"], float(cells["weight"]), cells["note"], cells["reference"])
        for _, cells in reading.rows(name)
    )
    return Mapping(source, target, rules, f"{name}.csv")
