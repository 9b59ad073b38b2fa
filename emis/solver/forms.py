"""Emissions, or activity, of a selection in one year as a function of how far measures are implemented.

With y the implementation of each measure (0-1) and x its levels when fully implemented, a class emits

    E(y) = Σ_r (w_r + Σᵢ m_ri yᵢ) Πⱼ (1 − f_rj yⱼ)

which is the one line of the kernels with x·y for x. Periods of a year in which the same share f is taken off are one
row: E is linear in w and m. A ceiling L on a selection takes y_c·l·max(0, U(y) − L) off its uncapped emissions U.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emis import kernels
from emis.classes import Classes, merge
from emis.inventory import Floats
from emis.program import Entries, Indices, Program
from emis.target_amounts import Untold

__all__ = ["Activity", "Ceiling", "Emissions", "Flags", "Form", "Quantity", "emissions", "touched"]

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Form:
    """A multilinear function of implementation: R rows, M measures.

    Attributes
    ----------
    weight : R [t/yr]
        What is emitted with no measure.
    moved : R × M [t/yr]
        What each measure, fully implemented, brings or takes away.
    fall : R × M [1]
        The share that each measure, fully implemented, takes off what is there.
    """

    weight: Floats
    moved: Floats
    fall: Floats

    @classmethod
    def of(cls, weight: Floats, moved: Floats, fall: Floats) -> "Form":
        """Return the form with one row for each distinct share taken off."""
        if not len(weight):
            return cls(weight, moved, fall)
        distinct, row = np.unique(fall, axis=0, return_inverse=True)
        row = row.reshape(-1)
        summed = np.zeros((len(distinct), moved.shape[1]))
        np.add.at(summed, row, moved)
        return cls(np.asarray(np.bincount(row, weights=weight, minlength=len(distinct)), float), summed, distinct)

    def value(self, y: Floats) -> float:
        """Return the function at y, M."""
        return float((self.weight + self.moved @ y) @ np.prod(1.0 - self.fall * y, axis=1))

    def slope(self, y: Floats) -> Floats:
        """Return the partial derivatives at y, M: exact."""
        stock, kept = self.weight + self.moved @ y, 1.0 - self.fall * y
        found = self.moved.T @ np.prod(kept, axis=1)
        for j in np.flatnonzero(self.fall.any(axis=0)):
            others = np.prod(np.delete(kept, j, axis=1), axis=1)
            found[j] -= (stock * self.fall[:, j]) @ others
        return np.asarray(found)

    def within(self, low: Floats, high: Floats) -> "Form":
        """Return the form in t, M, of y = low + (high − low)·t: as multilinear; measures without a range are blank."""
        kept, width = 1.0 - self.fall * low, high - low
        whole = np.prod(kept, axis=1)
        fall = np.divide(self.fall * width, kept, out=np.zeros_like(kept), where=kept > 0)
        return Form.of((self.weight + self.moved @ low) * whole, self.moved * (whole[:, None] * width), fall)

    def ends(self) -> tuple[float, float]:
        """Return what the function can at least and at most be, row by row."""
        down, up = (self.weight + edge(self.moved, 0.0).sum(axis=1) for edge in (np.minimum, np.maximum))
        least, most = (np.prod(1.0 - edge(self.fall, 0.0), axis=1) for edge in (np.maximum, np.minimum))
        corners = np.stack([down * least, down * most, up * least, up * most])
        return float(corners.min(axis=0).sum()), float(corners.max(axis=0).sum())

    def touched(self) -> Flags:
        """Return which measures matter, M."""
        return np.asarray((self.moved != 0).any(axis=0) | (self.fall != 0).any(axis=0))


@dataclass(frozen=True)
class Ceiling:
    """A ceiling `limit` [t/yr] on emissions `inner`, in force as far as `measure` is implemented, `level` at most."""

    inner: Form
    measure: int
    level: float
    limit: float

    def value(self, y: Floats) -> float:
        """Return what is emitted under the ceiling [t/yr]."""
        before = self.inner.value(y)
        return before - self.level * float(y[self.measure]) * max(0.0, before - self.limit)

    def slope(self, y: Floats) -> Floats:
        """Return the partial derivatives at y, M; below the ceiling those without it."""
        before, found = self.inner.value(y), self.inner.slope(y)
        if before > self.limit:
            found = found * (1.0 - self.level * float(y[self.measure]))
            found[self.measure] -= self.level * (before - self.limit)
        return found

    def touched(self) -> Flags:
        """Return which measures matter, M."""
        found = self.inner.touched()
        found[self.measure] = True
        return found


@dataclass(frozen=True)
class Emissions:
    """Emissions of a pollutant from a selection in a year [t/yr]: a form, ceilings beside it, and the kernel's word."""

    classes: Classes
    form: Form
    ceilings: tuple[Ceiling, ...]
    pollutant: int
    year: int

    def value(self, y: Floats) -> float:
        """Return the emissions at y [t/yr]."""
        return self.form.value(y) + sum(one.value(y) for one in self.ceilings)

    def slope(self, y: Floats) -> Floats:
        """Return their partial derivatives at y, M."""
        return np.asarray(sum((one.slope(y) for one in self.ceilings), self.form.slope(y)))

    def exact(self, levels: Floats) -> float:
        """Return the emissions at levels, M × T, as the kernel sums them [t/yr]."""
        return float(kernels.totals(self.classes, levels[None])[0, self.year, 1, self.pollutant])


@dataclass(frozen=True)
class Activity:
    """Activity or stock of a selection in a year; `part` is what a unit of each source's activity counts, S."""

    program: Program
    form: Form
    part: Floats
    year: int
    ceilings: tuple[Ceiling, ...] = ()

    def value(self, y: Floats) -> float:
        """Return the activity at y."""
        return self.form.value(y)

    def slope(self, y: Floats) -> Floats:
        """Return its partial derivatives at y, M."""
        return self.form.slope(y)

    def exact(self, levels: Floats) -> float:
        """Return the activity at levels, M × T, as the kernel computes it."""
        activity = kernels.project(self.program, levels)[1][_periods(self.program, self.year)]
        counted = self.part != 0
        return float(activity[:, counted].sum(axis=0) @ self.part[counted])

    @classmethod
    def of(cls, program: Program, part: Floats, year: int) -> "Activity":
        """Return the activity of a year (its number) as a function of implementation."""
        rows = np.flatnonzero(part)
        owner = program.transfers.owner
        weight = np.nan_to_num(program.activity[:, year]) * part
        moved = np.nan_to_num(program.tau[:, year]) * part[owner]
        form = _form(
            program, year, rows, weight, program.profile, program.transfers, moved, program.intensities, program.stay
        )
        return cls(program, form, part, year)


Quantity = Emissions | Activity


def touched(quantity: Quantity) -> Flags:
    """Return which measures matter to a quantity, M."""
    return np.asarray(np.any([quantity.form.touched(), *(one.touched() for one in quantity.ceilings)], axis=0))


def emissions(program: Program, pollutant: str, selected: Flags, year: int) -> Emissions:
    """Return the emissions of a selection, S, in a year (its number) as a function of implementation.

    Raises
    ------
    Untold
        When a ceiling on part of the selection reaches beyond it: what it takes off then hangs on sources outside.
    """
    column = program.inventory.pollutants.index(pollutant)
    classes = merge(program, selected.astype(np.intp), 2)
    mine = classes.cell_group[classes.cell] == 1

    def form(rows: Indices) -> Form:
        return _form(
            program, year, rows, classes.weight[:, year, column], classes.profile, classes.transfers,
            classes.moved[:, year, column], classes.intensities, program.keep[:, column],
        )  # fmt: skip

    ceilings = []
    for number, cap in enumerate(program.caps):
        under = np.isin(classes.cell, classes.cell_caps[number])
        if cap.pollutant != column or not selected[cap.sources].any():
            continue
        if not selected[cap.sources].all():
            name = program.measures[cap.measure].id
            raise Untold(
                f"the ceiling of {name} is on sources within and outside the selection",
                f"{name} 的总量上限同时涉及所选范围内外的源",
            )
        days = program.days[year]
        level = float(program.levels[cap.measure, _periods(program, year)] @ days / days.sum())
        ceilings.append(Ceiling(form(np.flatnonzero(mine & under)), cap.measure, level, cap.limit))
        mine &= ~under
    return Emissions(classes, form(np.flatnonzero(mine)), tuple(ceilings), column, year)


def _form(
    program: Program, year: int, rows: Indices, weight: Floats, profile: Indices, transfers: Entries, moved: Floats,
    intensities: Entries, keep: Floats,
) -> Form:  # fmt: skip
    """Return the form of some rows (sources or classes), every period of the year on its own first."""
    count, measures = len(weight), len(program.measures)
    wanted = np.zeros(count, dtype=bool)
    wanted[rows] = True
    parts = []
    for t in range(*_periods(program, year).indices(program.levels.shape[1])):
        share = program.share[profile, t]
        gone, fall = np.zeros((count, measures)), np.zeros((count, measures))
        level = program.levels[transfers.measure, t] * program.seasons[transfers.season, t]
        np.add.at(gone, (transfers.owner, transfers.measure), level * moved)
        level = program.levels[intensities.measure, t] * program.seasons[intensities.season, t]
        fall[intensities.owner, intensities.measure] = level * (1.0 - keep[intensities.row])
        parts.append(((share * weight)[wanted], (share[:, None] * gone)[wanted], fall[wanted]))
    return Form.of(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _periods(program: Program, year: int) -> slice:
    return slice(year * program.months, (year + 1) * program.months)
