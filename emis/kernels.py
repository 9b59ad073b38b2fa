"""Hands a program to the compiled kernels: allocates what they fill, and puts the caps on what they return."""

import numpy as np

from emis.classes import Classes
from emis.inventory import Floats
from emis.program import Cap, Program

try:
    from emis import _core
except ImportError as error:
    raise ImportError(
        "the kernels of emis are not built: run `pip install --editable .` (it needs a C compiler)"
    ) from error

__all__ = ["cap_factor", "project", "totals"]


def project(program: Program, levels: Floats, threads: int = 1) -> tuple[Floats, Floats]:
    """Return emissions, T × S × P [t per period], and activity, T × S [activity unit per period], caps applied.

    Parameters
    ----------
    levels : ndarray, measures × periods [1]
        Implementation levels, instead of the program's own.
    """
    sources, pollutants = program.inventory.factor.shape
    emissions = np.empty((levels.shape[1], sources, pollutants))
    activity = np.empty((levels.shape[1], sources))
    _core.project(
        program.activity, program.inventory.factor, program.profile, program.share,
        program.transfers.pointer, program.transfers.measure, program.transfers.season, program.tau,
        program.intensities.pointer, program.intensities.measure, program.intensities.season, program.intensities.row,
        program.keep, program.stay, levels, program.seasons, emissions, activity, threads,
    )  # fmt: skip
    uncapped = emissions.copy() if program.caps else emissions
    for cap in program.caps:
        chosen = uncapped[:, cap.sources, cap.pollutant]
        by_year = chosen.sum(axis=1).reshape(len(program.years), program.months).sum(axis=1)
        emissions[:, cap.sources, cap.pollutant] = chosen * cap_factor(program, cap, by_year, levels)[:, None]
    return emissions, activity


def totals(classes: Classes, levels: Floats, threads: int = 1) -> Floats:
    """Return yearly emissions by group for many implementation vectors at once, caps applied.

    Parameters
    ----------
    levels : ndarray, vectors × measures × periods [1]

    Returns
    -------
    ndarray, vectors × years × groups × pollutants [t/yr]; what is not estimated counts as zero.
    """
    program = classes.program
    vectors, pollutants, years = len(levels), classes.weight.shape[1], len(program.years)
    cells = len(classes.cell_group)
    out = np.zeros((vectors, cells, years * program.months, pollutants))
    _core.totals(
        classes.weight, classes.profile, program.share,
        classes.transfers.pointer, classes.transfers.measure, classes.transfers.season, classes.moved,
        classes.intensities.pointer, classes.intensities.measure, classes.intensities.season, classes.intensities.row,
        program.keep, levels, program.seasons, classes.cell, out, np.empty((vectors, pollutants)), threads,
    )  # fmt: skip
    for number, cap in enumerate(program.caps):
        member = classes.cell_caps[number]
        mine = out[..., cap.pollutant]  # a view: an index in the last place beside a mask would move the axes
        chosen = mine[:, member]
        by_year = chosen.sum(axis=1).reshape(vectors, years, program.months).sum(axis=2)
        factor = np.stack([cap_factor(program, cap, by_year[n], levels[n]) for n in range(vectors)])
        mine[:, member] = chosen * factor[:, None, :]
    by_year = out.reshape(vectors, cells, years, program.months, pollutants).sum(axis=3)
    result = np.zeros((vectors, classes.groups, years, pollutants))
    for cell, group in enumerate(classes.cell_group):
        result[:, group] += by_year[:, cell]
    return result.transpose(0, 2, 1, 3)


def cap_factor(program: Program, cap: Cap, total: Floats, levels: Floats) -> Floats:
    """Return what a cap leaves of its selection, (..., period) [1]: 1 − x · max(0, 1 − limit/total).

    One factor for the whole year: `total` is the year's, (..., year) [t/yr], and x the mean level over its days.
    """
    level = (levels[cap.measure].reshape(program.days.shape) * program.days).sum(axis=1) / program.days.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(total > cap.limit, 1.0 - cap.limit / total, np.where(np.isnan(total), np.nan, 0.0))
    return np.repeat(np.where(level > 0, 1.0 - level * excess, 1.0), program.months, axis=-1)
