"""Factors of sources: what factor tables give to each kind of source, and what the sectors' methods make of it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emis import units
from emis.coded import Codes, Texts
from emis.inventory import FactorRow, Floats
from emis.io.factors import Factors
from emis.io.many import ManyReader, Rows
from emis.io.methods import Acting, Given
from emis.numbering import alike

__all__ = ["Figures", "adjusted", "find"]


@dataclass
class Figures:
    """Kinds of sources with their figures by pollutant, arrays K × P; sources of the same labels and unit share one.

    `factor` and its 95 % interval [t per activity unit], `control` [1], notation `keys`, the share that was
    `added` [1], which were `computed` by a method; `row` is the number of the factor's row in `rows`, -1 for
    none. `offsite`, K, is the CO2 caused outside the inventory [t per activity unit].
    """

    factor: Floats
    control: Floats
    low: Floats
    high: Floats
    added: Floats
    computed: NDArray[np.bool_]
    keys: Texts
    row: NDArray[np.intp]
    offsite: Floats
    rows: list[FactorRow]

    @classmethod
    def nothing(cls, size: int, pollutants: int) -> "Figures":
        """Return figures of nothing."""
        shape = (size, pollutants)
        return cls(
            np.zeros(shape), np.zeros(shape), np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape),
            np.zeros(shape, dtype=bool), np.full(shape, "", dtype=object), np.full(shape, -1), np.zeros(size), [],
        )  # fmt: skip

    @classmethod
    def joined(cls, several: "Sequence[Figures]", pollutants: int) -> "Figures":
        """Return figures one below the other."""
        if len(several) == 1:
            return several[0]
        whole = cls.nothing(0, pollutants)
        number: dict[FactorRow, int] = {}
        rows = [np.array([-1, *(number.setdefault(one, len(number)) for one in part.rows)]) for part in several]
        arrays = {
            one.name: np.concatenate([getattr(whole, one.name), *(getattr(part, one.name) for part in several)])
            for one in fields(cls)
            if one.name not in ("row", "rows")
        }
        row = np.concatenate([whole.row, *(new[part.row + 1] for new, part in zip(rows, several, strict=True))])
        return cls(row=row, rows=list(number), **arrays)

    def __len__(self) -> int:
        return len(self.offsite)

    def take(self, of: Codes) -> "Figures":
        """Return the figures of sources, each with its own."""
        arrays: dict[str, Any] = {one.name: getattr(self, one.name)[of] for one in fields(self) if one.name != "rows"}
        return Figures(rows=self.rows, **arrays)

    def numbered(self, of: Codes) -> tuple[NDArray[np.intp], tuple[FactorRow, ...]]:
        """Return the factor row of each source and pollutant, S × P, numbered in the order in which they are met."""
        if not self.rows:
            return np.full((len(of), self.row.shape[1]), -1), ()
        _, first = alike(of)
        met = self.row[of[first]].ravel()
        met = met[met >= 0]
        _, order = alike(met)
        chosen = met[order]
        number = np.full(len(self.rows) + 1, -1)
        number[chosen] = np.arange(len(chosen))
        return number[self.row][of], tuple(self.rows[one] for one in chosen.tolist())


def find(
    pollutants: Sequence[str], factors: Factors, reader: ManyReader, rows: Acting, given: Given
) -> tuple[Codes, Figures]:
    """Return the kind of each row, and the factors of each kind in its own unit of activity.

    What is given by a method may be missing in the factor tables.
    """
    labels = [rows.labels[name] for name in ("category", "fuel", "technology")]
    same, given_to = given.kinds()
    kind, first = alike(*(column.codes for column in labels), rows.unit.codes, same)
    finder = _Finder(pollutants, factors, reader)
    ids = rows.labels["source"]

    def one(index: int, number: int) -> bool:
        before = len(reader.issues.errors)
        texts = [str(column.values[column.codes[index]]) for column in labels]
        source, unit = (str(column.values[column.codes[index]]) for column in (ids, rows.unit))
        finder.fill(number, int(rows.rows[index]), source, texts, unit, given_to[int(same[index])])
        return len(reader.issues.errors) > before

    finder.figures = Figures.nothing(len(first), len(pollutants))
    faulty = [number for number, index in enumerate(first.tolist()) if one(index, number)]
    # Each row is told, by its name, what it lacks.
    others = np.isin(kind, faulty)
    others[first] = False
    for index in np.flatnonzero(others).tolist():
        one(index, int(kind[index]))
    finder.figures.rows = list(finder.number)
    return kind, finder.figures


class _Finder:
    """Fills figures from factor tables."""

    figures: Figures

    def __init__(self, pollutants: Sequence[str], factors: Factors, reader: ManyReader):
        self.pollutants, self.factors, self.reader = pollutants, factors, reader
        self.number: dict[FactorRow, int] = {}

    def fill(self, number: int, row: int, source: str, labels: Sequence[str], unit: str, given: frozenset[str]) -> None:
        """Fill the figures of a kind of source, as one row of it has them."""
        found, absent = self.figures, []
        for p, name in enumerate(self.pollutants):
            factor = self.factors.find(name, *labels)
            if factor is None:
                if name not in given:
                    absent.append(name)
                continue
            scale = 1.0
            if not factor.key and factor.unit:
                try:
                    scale = units.factor_scale(unit, factor.unit, name)
                except units.UnitError as error:
                    where = f"{name}, factor in {factor.place[0]}:{factor.place[1]}"
                    self.reader.fault(row, "unit", f"{error.message} ({where})", error.hint)
            value = factor.value * scale
            if value > 1e100:
                message = f"the factor for {name} is beyond reason ({factor.place[0]}:{factor.place[1]})"
                self.reader.fault(row, "unit", message, "check the number and its unit")
            found.factor[number, p], found.control[number, p], found.keys[number, p] = value, factor.control, factor.key
            found.low[number, p], found.high[number, p] = factor.low * scale, factor.high * scale
            told = FactorRow(factor.name, factor.place, factor.reference, factor.grade)
            found.row[number, p] = self.number.setdefault(told, len(self.number))
        if absent:
            message = f"{source} has no factor for {', '.join(absent)} in {' and '.join(self.factors.files)}"
            self.reader.fault(row, "source", message, "add rows: a number, 0, NO, NE or NA")


def adjusted(
    of: Codes, figures: Figures, given: Given, rows: Rows, reader: ManyReader, pollutants: Sequence[str]
) -> tuple[Codes, Figures]:
    """Return figures with what methods gave to rows: (factor · correction + addition) · (1 − control)."""
    acted = np.flatnonzero(given.any)
    if not len(acted):
        return of, figures
    own, mine = figures.take(of[acted]), given.take(acted)
    own.offsite = mine.offsite
    _replace(own, mine, rows[acted], reader, pollutants)
    _correct(own, mine, pollutants)
    of = of.copy()
    of[acted] = len(figures) + np.arange(len(acted))
    return of, Figures.joined([figures, own], len(pollutants))


def _replace(own: Figures, given: Given, rows: Rows, reader: ManyReader, pollutants: Sequence[str]) -> None:
    """Put the factors that methods gave in place of the tables', and tell of those outside the tables' intervals."""
    warned: list[tuple[int, int, str]] = []
    for order, (name, (value, low, high)) in enumerate(given.factor.items()):
        has, p = given.has_factor[name], list(pollutants).index(name)
        ends = own.low[:, p], own.high[:, p]
        outside = has & ~np.isnan(ends[0]) & ~((ends[0] <= value) & (value <= ends[1]))
        for index in np.flatnonzero(outside).tolist():
            ratio = value[index] / own.factor[index, p]
            warned.append((index, order, f"{name} by its columns is {ratio:.3g} times the factor table's value"))
        for array, values in ((own.factor, value), (own.low, low), (own.high, high)):
            array[has, p] = values[has]
        own.control[has, p], own.keys[has, p], own.computed[has, p], own.row[has, p] = 0.0, "", True, -1
    for index, _, message in sorted(warned):
        file, line = reader.place(int(rows[index]))
        reader.issues.warn(file, line, "source", f"{message}, outside its interval", "check the columns")


def _correct(own: Figures, given: Given, pollutants: Sequence[str]) -> None:
    size = len(own)
    for p, name in enumerate(pollutants):
        told = np.array([not key for key in own.keys[:, p]], dtype=bool)
        times = given.times.get(name, np.ones(size))
        kept = 1.0 - given.control.get(name, np.zeros(size))
        value, low, high = own.factor[:, p] * times, own.low[:, p], own.high[:, p]
        nearest, farthest = low * times, high * times
        plus = np.zeros(size)
        if name in given.plus:
            adds = given.has_plus[name]
            amount, least, most = given.plus[name]
            plus = np.where(adds, amount, 0.0)
            # Two parts that err apart: their distances to the ends add in quadrature.
            nearest = np.where(adds, value + plus - np.hypot(value - nearest, plus - least), nearest)
            farthest = np.where(adds, value + plus + np.hypot(farthest - value, most - plus), farthest)
        whole = value + plus
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(plus != 0, plus / whole, 0.0)
        for array, values in (
            (own.factor, whole * kept),
            (own.added, share),
            (own.low, nearest * kept),
            (own.high, farthest * kept),
            (own.control, 1.0 - (1.0 - own.control[:, p]) * kept),
        ):
            array[told, p] = values[told]
