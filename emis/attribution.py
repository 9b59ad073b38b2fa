"""Who delivers what: each measure's contribution, alone and as the last one in.

`alone` is what the measure would change with no other in place, `last` what it changes with all others in place;
negative is a reduction. Both are taken on the model with its caps. They differ by the interaction of the measures and
do not add up to the whole; a share that does is a third method beside these two.
"""

from typing import Literal, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from emis.inventory import Floats, Inventory
from emis.kernels import totals
from emis.program import Program, compile_program, sector_groups
from emis.scenario import Scenario

__all__ = ["METHODS", "Method", "attribute", "contributions"]

Method: TypeAlias = Literal["alone", "last"]
METHODS: tuple[Method, ...] = ("alone", "last")

#: Cells of one batch of implementation vectors, so that memory does not grow with the number of measures.
_BATCH = 20_000_000


def attribute(inventory: Inventory, scenario: Scenario, method: Method = "last", threads: int = 1) -> xr.DataArray:
    """Return contributions (year, measure, sector, pollutant) [t/yr], signed: negative is a reduction.

    Parameters
    ----------
    inventory, scenario
        As for `project`.
    method : "alone" or "last"
        What to compare with: no plan, or the whole plan.

    Raises
    ------
    ValueError
        When the method is unknown.
    InputError, InfeasibleError
        As `compile_program` does.
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}: expected one of {', '.join(METHODS)}")
    return contributions(compile_program(inventory, scenario), threads)[method]


def contributions(program: Program, threads: int = 1) -> xr.Dataset:
    """Return `alone` and `last` of every measure (year, measure, sector, pollutant) [t/yr]; NaN is not estimated."""
    sectors, group = sector_groups(program.inventory)
    classes = program.merge(group, len(sectors))
    count = len(program.measures)
    shape = (len(program.years), count, len(sectors), len(program.inventory.pollutants))
    alone, last = np.zeros(shape), np.zeros(shape)
    none, whole = totals(classes, np.stack([program.without_plan(), program.levels]), threads)
    size = max(1, _BATCH // max(1, len(classes.cell_group) * program.levels.shape[1] * shape[3]))
    for start in range(0, count, size):
        chosen = range(start, min(start + size, count))
        vectors = np.stack([vector for number in chosen for vector in _alone_and_without(program, number)])
        found = totals(classes, vectors, threads)
        for position, number in enumerate(chosen):
            alone[:, number] = found[2 * position] - none
            last[:, number] = whole - found[2 * position + 1]
    unknown = _unknown(program, group, len(sectors))
    coords = {
        "year": list(program.years), "measure": [measure.id for measure in program.measures],
        "sector": list(sectors), "pollutant": list(program.inventory.pollutants),
    }  # fmt: skip
    data = {
        name: (
            tuple(coords),
            np.where(unknown[None], np.nan, values),
            {"units": "t", "long_name": f"contribution, {name}"},
        )
        for name, values in (("alone", alone), ("last", last))
    }
    return xr.Dataset(data, coords)


def _alone_and_without(program: Program, number: int) -> tuple[Floats, Floats]:
    alone, without = np.zeros_like(program.levels), program.levels.copy()
    alone[number] = program.levels[number]
    without[number] = 0.0
    return alone, without


def _unknown(program: Program, group: NDArray[np.intp], groups: int) -> NDArray[np.bool_]:
    """Return which contributions need something that is not estimated, measures × groups × pollutants."""
    missing: NDArray[np.bool_] = np.isnan(program.inventory.factor + program.activity.sum(axis=1)[:, None])
    transfers, intensities = program.transfers, program.intensities
    missing[transfers.owner[np.isnan(program.tau).any(axis=1)]] = True
    for cap in program.caps:
        if missing[cap.sources, cap.pollutant].any():
            missing[cap.sources, cap.pollutant] = True
    found = np.zeros((len(program.measures), groups, missing.shape[1]), dtype=bool)
    if not missing.any():
        return found
    np.logical_or.at(found, (transfers.measure, group[transfers.owner]), missing[transfers.owner])
    acts = program.keep[intensities.row] != 1
    np.logical_or.at(found, (intensities.measure, group[intensities.owner]), missing[intensities.owner] & acts)
    for cap in program.caps:
        found[cap.measure, group[cap.sources[missing[cap.sources, cap.pollutant]]], cap.pollutant] = True
    return found
