"""Who delivers what: each measure's contribution, alone and as the last one in.

`alone` is what the measure would change with no other in place, `last` what it changes with all others in place;
negative is a reduction. Both are taken on the model with its caps. They differ by the interaction of the measures and
do not add up to the whole; a share that does is a third method beside these two.
"""

from typing import Literal, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from emis.classes import merge, sector_groups
from emis.inventory import Floats, Inventory
from emis.kernels import totals
from emis.program import Program, compile_program
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
    classes = merge(program, group, len(sectors))
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
    values_of: dict[Method, Floats] = {"alone": alone, "last": last}
    data = {
        name: (
            tuple(coords),
            np.where(unknown[name], np.nan, values),
            {"units": "t", "long_name": f"contribution, {name}"},
        )
        for name, values in values_of.items()
    }
    return xr.Dataset(data, coords)


def _alone_and_without(program: Program, number: int) -> tuple[Floats, Floats]:
    alone, without = np.zeros_like(program.levels), program.levels.copy()
    alone[number] = program.levels[number]
    without[number] = 0.0
    return alone, without


def _unknown(program: Program, group: NDArray[np.intp], groups: int) -> dict[Method, NDArray[np.bool_]]:
    """Return which contributions need what is not estimated, by method, years × measures × groups × pollutants.

    A measure needs what it touches while it is in place; and what a cap does to the sources it touches, as far as the
    cap holds some that are not estimated and is in place in what is compared.
    """
    missing: NDArray[np.bool_] = np.isnan(program.inventory.factor + program.activity.sum(axis=1)[:, None])
    transfers = program.transfers
    # Stock that is not known may arrive where all else is: by the measure that moves it.
    unsure = np.isnan(program.tau).any(axis=1)
    arriving = np.zeros_like(missing)
    arriving[transfers.owner[unsure]] = True
    shape = (len(program.years), len(program.measures), groups, missing.shape[1])
    if not missing.any() and not unsure.any():
        return {name: np.zeros(shape, dtype=bool) for name in METHODS}
    acts = (program.levels.reshape(shape[1], shape[0], program.months) != 0).any(axis=2).T
    alone, last = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for number in range(shape[1]):
        touched = _touched(program, number)
        own = missing.copy()
        own[transfers.owner[unsure & (transfers.measure == number)]] = True
        for unknown, needed in ((alone, own), (last, own | arriving)):
            direct = np.zeros(shape[2:], dtype=bool)
            np.logical_or.at(direct, group, touched & needed)
            unknown[:, number] |= acts[:, number, None, None] & direct
        for cap in program.caps:
            column = cap.pollutant
            if (missing | arriving)[cap.sources, column].any() and (
                cap.measure == number or touched[cap.sources, column].any()
            ):
                held = np.zeros(groups, dtype=bool)
                held[group[cap.sources]] = True
                both = (acts[:, number] & acts[:, cap.measure])[:, None] & held
                last[:, number, :, column] |= both
                if cap.measure == number:
                    alone[:, number, :, column] |= both
    return {"alone": alone, "last": last}


def _touched(program: Program, number: int) -> NDArray[np.bool_]:
    """Return which emissions a measure acts on while it is in place, sources × pollutants."""
    touched = np.zeros(program.inventory.factor.shape, dtype=bool)
    transfers, intensities = program.transfers, program.intensities
    touched[transfers.owner[transfers.measure == number]] = True
    mine = intensities.measure == number
    touched[intensities.owner[mine]] |= program.keep[intensities.row[mine]] != 1
    return touched
