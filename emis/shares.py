"""What each measure changes where it acts: one number for every pair of a cell and a measure, by each of three methods.

`alone` is what the measure changes with no other in place, `last` what it changes with all others in place, and
`shapley` the mean of what it adds over every order in which the measures could come into place. Caps stand outside the
product of the equation: for `shapley` the other measures share the game without caps, and a cap's measure gets what the
cap removes beyond them; `alone` and `last` are taken on the model with its caps.

No contribution is a difference of two totals where no cap is, so one of 1e-9 of its sector has all its digits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from emis.classes import Classes
from emis.inventory import Floats
from emis.kernels import cap_factor, shapley, totals
from emis.program import Cap, Indices, Program

__all__ = ["METHODS", "Method", "Shares", "shares"]

Method: TypeAlias = Literal["shapley", "alone", "last"]
METHODS: tuple[Method, ...] = ("shapley", "alone", "last")

#: Where on the ray from no plan to the plan a measure is looked at; the Shapley share is the mean over all of it.
_AT: dict[Method, float | None] = {"shapley": None, "alone": 0.0, "last": 1.0}


@dataclass(frozen=True, slots=True)
class Shares:
    """Contributions of n pairs, by cell and then by measure: values n × years × pollutants [t/yr], NaN not estimated.

    A cell and a measure that are no pair have nothing to do with each other: their contribution is 0.
    """

    cell: Indices
    measure: Indices
    values: Floats

    def rows(self, cells: Indices, measure: int) -> Indices:
        """Return the rows of a measure at some cells; each has to be there."""
        keys = np.stack([self.cell, self.measure])
        most = int(keys.max(initial=0)) + 1
        return np.searchsorted(keys[0] * most + keys[1], cells * most + measure)


def shares(classes: Classes, method: Method, threads: int = 1) -> Shares:
    """Return the contributions of every measure of a program to every cell of its classes that it changes."""
    program = classes.program
    found = _by_cell(classes, shapley(classes, program.levels, threads, _AT[method]))
    if program.caps:
        found = _with_cap_pairs(classes, found, method)
        # The pairs of one cap have a pollutant and cells of their own, so each looks at values without caps.
        none, whole = totals(classes.by_cell(), np.stack([program.without_plan(), program.levels]), threads)
        for number, cap in enumerate(program.caps):
            cells = classes.cell_caps[number]
            if method == "last":
                _last_under_cap(program, cap, cells, whole, found)
            else:
                _beyond(program, cap, cells, whole if method == "shapley" else none, method, found)
    for measure, sources, unknown in _unknown(program, method):
        source, year, pollutant = np.nonzero(unknown)
        found.values[found.rows(classes.source_cell[sources], measure)[source], year, pollutant] = np.nan
    return found


def _by_cell(classes: Classes, values: Floats) -> Shares:
    """Sum the pairs of classes, n × years × pollutants, to pairs of cells, in the order of the classes."""
    pairs, measures = classes.pairs, max(1, len(classes.program.measures))
    key = classes.cell[pairs.owner] * measures + pairs.measure
    order = np.argsort(key, kind="stable")
    keys, first = np.unique(key[order], return_index=True)
    summed = np.add.reduceat(values[order], first, axis=0) if len(keys) else values
    return Shares(keys // measures, keys % measures, summed)


def _with_cap_pairs(classes: Classes, found: Shares, method: Method) -> Shares:
    """Add the pairs that come of caps: of a cap's measure, and for `last` of whatever touches what the cap holds."""
    measures = len(classes.program.measures)
    keys = [found.cell * measures + found.measure]
    for number, cap in enumerate(classes.program.caps):
        cells = classes.cell_caps[number]
        touching = found.measure[np.isin(found.cell, cells)] if method == "last" else found.measure[:0]
        keys.append((cells[:, None] * measures + np.append(np.unique(touching), cap.measure)).ravel())
    every = np.unique(np.concatenate(keys))
    values = np.zeros((len(every), *found.values.shape[1:]))
    values[np.searchsorted(every, keys[0])] = found.values
    return Shares(every // measures, every % measures, values)


def _beyond(program: Program, cap: Cap, cells: Indices, emitted: Floats, method: Method, found: Shares) -> None:
    """Give a cap's measure what the cap removes of `emitted`, years × cells × pollutants [t/yr], beyond the others."""
    mine = found.rows(cells, cap.measure)
    before = emitted[:, cells, cap.pollutant].T
    if method == "alone":  # the cap sees what other effects of its own measure leave
        before = before + found.values[mine, :, cap.pollutant]
    found.values[mine, :, cap.pollutant] += before * (_factor(program, cap, before, program.levels) - 1.0)


def _last_under_cap(program: Program, cap: Cap, cells: Indices, whole: Floats, found: Shares) -> None:
    """Put a cap on what measures change as the last ones in: without them it may remove more of the rest."""
    emitted = whole[:, cells, cap.pollutant].T
    factor = _factor(program, cap, emitted, program.levels)
    for measure in np.unique(found.measure[np.isin(found.cell, cells)]):
        mine = found.rows(cells, int(measure))
        change = found.values[mine, :, cap.pollutant]
        levels = program.levels.copy()
        levels[measure] = 0.0
        without = _factor(program, cap, emitted - change, levels)
        found.values[mine, :, cap.pollutant] = change * without + emitted * (factor - without)


def _factor(program: Program, cap: Cap, emitted: Floats, levels: Floats) -> Floats:
    """Return what a cap leaves by year [1] where its cells emit `emitted`, cells × years [t/yr]."""
    return cap_factor(program, cap, emitted.sum(axis=0), levels)[:: program.months]


def _unknown(program: Program, method: Method) -> Iterator[tuple[int, Indices, NDArray[np.bool_]]]:
    """Yield what is not known of a measure's contributions: measure, n sources, n × years × pollutants.

    A measure needs what it touches while it is in place. With others in place it also needs what they bring there:
    stock that is not known may arrive where all else is. Its cap, if it has one, needs all that the cap holds; and as
    the last one in, so does every measure that touches what a cap in place holds.
    """
    missing: NDArray[np.bool_] = np.isnan(program.inventory.factor + program.activity.sum(axis=1)[:, None])
    transfers = program.transfers
    unsure = np.isnan(program.tau).any(axis=1)
    if not missing.any() and not unsure.any():
        return
    acts = (program.levels.reshape(len(program.measures), len(program.years), program.months) != 0).any(axis=2)
    for number in range(len(program.measures)):
        bringing = unsure & (transfers.measure == number) if method == "alone" else unsure
        arriving = np.zeros((len(missing), acts.shape[1]), dtype=bool)
        np.logical_or.at(arriving, transfers.owner[bringing], acts[transfers.measure[bringing]])
        touched = _touched(program, number)
        sources = np.flatnonzero(touched.any(axis=1) & (missing.any(axis=1) | arriving.any(axis=1)))
        needed = missing[sources, None, :] | arriving[sources, :, None]
        yield number, sources, touched[sources, None, :] & needed & acts[number, :, None]
        for cap in program.caps:
            held, column = cap.sources, cap.pollutant
            if cap.measure == number or (method == "last" and touched[held, column].any()):
                doubtful = missing[held, column].any() | arriving[held].any(axis=0)
                unknown = np.zeros((len(held), acts.shape[1], missing.shape[1]), dtype=bool)
                unknown[:, :, column] = doubtful & acts[number] & acts[cap.measure]
                yield number, held, unknown


def _touched(program: Program, number: int) -> NDArray[np.bool_]:
    """Return which emissions a measure acts on while it is in place, sources × pollutants."""
    touched = np.zeros(program.inventory.factor.shape, dtype=bool)
    transfers, intensities = program.transfers, program.intensities
    touched[transfers.owner[transfers.measure == number]] = True
    mine = intensities.measure == number
    touched[intensities.owner[mine]] |= program.keep[intensities.row[mine]] != 1
    return touched
