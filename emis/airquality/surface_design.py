"""What a response surface is made of before any run: variables, terms, and a design that says what to run.

A variable is the ratio of one precursor's emissions in one area, written ``district.NOx``; ``all.NOx``, or ``NOx`` for
short, is the same ratio in all areas at once. A term is a product of powers of their changes, ``district.NOx^2*NH3``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from emis import vocabulary
from emis.airquality.interface import AREAS, PRECURSORS, Floats

__all__ = ["EVERYWHERE", "VARIABLES", "Term", "check_variables", "design", "full_basis", "variable"]

#: Stands for all areas in a variable's name.
EVERYWHERE = "all"
#: Every variable there is, in the order in which terms name them.
VARIABLES = tuple(f"{area}.{precursor}" for area in (EVERYWHERE, *AREAS) for precursor in PRECURSORS)

_FACTOR = re.compile(r"([^\s^*]+)\s*(?:\^\s*([1-9]))?")


def variable(text: str) -> str:
    """Return the name of a variable as it is written: ``NOx`` is ``all.NOx``.

    Raises
    ------
    ValueError
        When it names no area or no precursor; behind a semicolon, what would be right.
    """
    name = text.strip()
    area, dot, precursor = name.partition(".")
    if area not in (EVERYWHERE, *AREAS):
        if dot and vocabulary.pollutant(name) is None:
            known = (EVERYWHERE, *AREAS)
            raise ValueError(f"unknown area {area!r} in {name!r}; {vocabulary.suggest(area, known)}")
        area, precursor = EVERYWHERE, name
    if precursor not in PRECURSORS:
        other = vocabulary.pollutant(precursor)
        hint = f"write {other}" if other in PRECURSORS else vocabulary.suggest(precursor, PRECURSORS)
        raise ValueError(f"unknown precursor {precursor!r}; {hint}")
    return f"{area}.{precursor}"


def check_variables(names: Iterable[str]) -> None:
    """Refuse variables that overlap.

    Raises
    ------
    ValueError
        When a precursor is named for all areas and for one of them.
    """
    known = set(names)
    for precursor in PRECURSORS:
        both = [name for area in AREAS if (name := f"{area}.{precursor}") in known]
        if both and f"{EVERYWHERE}.{precursor}" in known:
            everywhere = f"{EVERYWHERE}.{precursor}"
            raise ValueError(f"{everywhere} stands beside {', '.join(both)}; name {precursor} by area, or for all")


@dataclass(frozen=True, slots=True)
class Term:
    """A product of powers of changes of emissions: prod over variables v of (e_v - 1)^a_v [1].

    Attributes
    ----------
    exponents : tuple of (str, int)
        Variables and their exponents, 1 to 9, in the order of `VARIABLES`. `Term.parse` and `Term.of` see to the order.

    Raises
    ------
    ValueError
        When they are none; behind a semicolon, what would be right.
    """

    exponents: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        names = [name for name, _ in self.exponents]
        if not names:
            raise ValueError("a term without variables is a constant; the base run holds that already")
        if names != [name for name in VARIABLES if name in names]:
            raise ValueError(f"{', '.join(names)} are no variables in their order; use Term.parse or Term.of")
        for name, power in self.exponents:
            if power not in range(1, 10):
                raise ValueError(f"{name} has the exponent {power}; write a whole number from 1 to 9")

    @classmethod
    def of(cls, exponents: Mapping[str, int]) -> "Term":
        """Return the term with these exponents by variable, in any order.

        Raises
        ------
        ValueError
            When a name is no variable or stands twice, or an exponent is not 1 to 9.
        """
        named = {variable(name): power for name, power in exponents.items()}
        if len(named) < len(exponents):
            raise ValueError(f"{', '.join(exponents)} name a variable twice; name it once")
        return cls(tuple((name, named[name]) for name in VARIABLES if name in named))

    @classmethod
    def parse(cls, text: str) -> "Term":
        """Read ``NOx``, ``NOx^2``, ``NOx*NH3`` or ``district.NOx^2*city.NH3``.

        Raises
        ------
        ValueError
            When it is no product of variables, each to a power of 1 to 9; behind a semicolon, what would be right.
        """
        exponents: dict[str, int] = {}
        for part in text.split("*"):
            match = _FACTOR.fullmatch(part.strip())
            if match is None:
                raise ValueError(f"{text!r} is not a term; write e.g. NOx, NOx^2 or district.NOx^2*city.NH3")
            name = variable(match[1])
            exponents[name] = exponents.get(name, 0) + int(match[2] or 1)
        return cls.of(exponents)

    def __str__(self) -> str:
        """Return what `parse` reads back."""
        return "*".join(name if power == 1 else f"{name}^{power}" for name, power in self.exponents)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that it holds."""
        return tuple(name for name, _ in self.exponents)

    def value(self, changes: Mapping[str, Floats]) -> Floats:
        """Return the product, (...) [1], of changes by variable, (...) each [1]."""
        found = np.ones(())
        for name, power in self.exponents:
            found = found * changes[name] ** power
        return found


def full_basis(variables: Sequence[str], degree: int) -> tuple[Term, ...]:
    """Return every product of the variables up to a total degree, lower degrees first: a full polynomial.

    Raises
    ------
    ValueError
        When a name is no variable, one stands twice or beside ``all.``, or `degree` is not 1 to 9.
    """
    names = _names(variables)
    if degree not in range(1, 10):
        raise ValueError(f"a degree of {degree} is none of a basis; write a whole number from 1 to 9")
    return tuple(
        Term.of({name: chosen.count(name) for name in chosen})
        for total in range(1, degree + 1)
        for chosen in combinations_with_replacement(names, total)
    )


def design(
    variables: Sequence[str], box: Mapping[str, tuple[float, float]], runs: int, seed: int, margins: bool = False
) -> Floats:
    """Return which ratios to run a chemical transport model with, (run, variable) [1].

    The first run is the base, all ratios 1. The other `runs` - 1 are a Latin hypercube in the box (McKay et al. 1979,
    doi 10.1080/00401706.1979.10489755): each variable has one run in each of `runs` - 1 equal parts of its range. The
    same seed gives the same design.

    Parameters
    ----------
    box : mapping
        Lowest and highest ratio by variable, the base between them.
    margins : bool
        Whether to add runs at the edge of the box, where a polynomial is worst: each variable alone at its lowest and
        at its highest, then all at once. Up to 2 v + 2 runs for v variables; those that are the base are left out.

    Raises
    ------
    ValueError
        When a name is no variable or its range is missing or does not hold the base, or there are fewer than 2 runs.
    """
    names = _names(variables)
    ranges = {variable(name): ends for name, ends in box.items()}
    if missing := [name for name in names if name not in ranges]:
        raise ValueError(f"the box lacks {', '.join(missing)}; give its lowest and highest ratio")
    for name in names:
        least, most = ranges[name]
        if not 0 <= least <= 1 <= most < np.inf or least == most:
            told = f"the range {least:g} to {most:g} of {name} is none that holds the base, 1"
            raise ValueError(f"{told}; write e.g. 0 to 1.5")
    if runs < 2:
        raise ValueError(f"{runs} runs are the base at most; ask for 2 or more")
    low, high = (np.array([ranges[name][end] for name in names]) for end in (0, 1))
    generator = np.random.Generator(np.random.Philox(seed))
    part = np.stack([generator.permutation(runs - 1) for _ in names], axis=-1)
    inside = (part + generator.random(part.shape)) / (runs - 1)
    found = np.vstack([np.ones(len(names)), low + (high - low) * inside])
    return np.vstack([found, _margins(low, high)]) if margins else found


def _margins(low: Floats, high: Floats) -> Floats:
    alone = np.eye(len(low), dtype=bool)
    edge = np.vstack([np.where(alone, low, 1.0), np.where(alone, high, 1.0), low, high])
    edge = edge[(edge != 1.0).any(axis=1)]
    # Of a single variable, alone and all at once are the same.
    _, first = np.unique(edge, axis=0, return_index=True)
    return np.asarray(edge[np.sort(first)])


def _names(variables: Sequence[str]) -> list[str]:
    names = [variable(name) for name in variables]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"{', '.join(names) or 'nothing'} is no list of different variables; name each once")
    check_variables(names)
    return names
