"""Emissions by month in the last year, with and without the plan: where seasonal measures and heating show."""

from dataclasses import replace
from typing import Any

import numpy as np

from emis.classes import merge, sector_groups
from emis.kernels import totals
from emis.program import compile_program
from emis.projection import Projection

__all__ = ["by_month"]


def by_month(projection: Projection) -> dict[str, Any] | None:
    """Return emissions of the last projected year by month, sector and pollutant [t]; None when none is projected.

    The scenario is compiled once more by month where it is told by year. A year's level of a measure that comes into
    place within the year is a mean, so that months can add up to a little more or less than the year.

    Raises
    ------
    InputError, InfeasibleError
        As `compile_program` does.
    """
    program = projection.program
    if not program.years:
        return None
    year, scenario = program.years[-1], program.scenario
    document = scenario.document.model_copy(update={"years": (year,), "resolution": "month"})
    monthly = compile_program(program.inventory, replace(scenario, document=document))
    # Twelve years of a month each: the kernel sums over the periods of a year.
    sectors, group = sector_groups(program.inventory)
    classes = merge(monthly, group, len(sectors))
    found = np.empty((12, 2, len(sectors), len(program.inventory.pollutants)))
    levels = np.stack([monthly.without_plan(), monthly.levels])
    for month in range(12):
        only = np.where(np.arange(12) == month, monthly.share, 0.0)
        of_month = replace(classes, program=replace(monthly, share=only, caps=()))
        found[month] = totals(of_month, levels)[:, 0]
    untold = np.isnan(program.inventory.emissions)
    for row, column in zip(*np.nonzero(untold), strict=True):
        found[:, :, group[row], column] = np.nan
    values = found.astype(object)
    values[np.isnan(found)] = None
    return {
        "year": year, "sectors": list(sectors), "pollutants": list(program.inventory.pollutants),
        "no_plan": values[:, 0].tolist(), "plan": values[:, 1].tolist(),
        "seasonal": [one.id for one in program.measures if one.months is not None],
        "caps_left_out": [program.measures[cap.measure].id for cap in program.caps],
    }  # fmt: skip
