"""Who delivers what: each measure's contribution by Shapley share, alone, and as the last one in; and the interaction.

Negative is a reduction. The Shapley shares of all measures add up to what the plan changes. The contributions alone do
not: what is missing is the interaction, by which measures get into each other's way or help each other.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import xarray as xr

from emis.classes import Classes, merge, sector_groups
from emis.inventory import Floats, Inventory
from emis.kernels import totals
from emis.program import Program, compile_program
from emis.scenario import Scenario
from emis.shares import METHODS, Method, Shares, shares

__all__ = [
    "LEVELS", "METHODS", "By", "Method", "attribute", "balance", "change", "contributions", "interaction", "records",
]  # fmt: skip

By: TypeAlias = Literal["measure", "sector", "source"]
LEVELS: tuple[By, ...] = ("measure", "sector", "source")


def attribute(
    inventory: Inventory, scenario: Scenario, method: Method = "shapley", threads: int = 1, *, by: By = "sector"
) -> xr.DataArray:
    """Return contributions [t/yr], signed: negative is a reduction; NaN is not estimated.

    Parameters
    ----------
    inventory, scenario
        As for `project`.
    method : "shapley", "alone" or "last"
        The mean over every order in which the measures could come into place, which adds up to what the plan changes;
        against no plan; against the plan without the measure.
    by : "sector", "measure" or "source"
        Dimensions (year, measure, sector, pollutant), or (year, measure, pollutant); by source
        (year, pair, pollutant), a pair for each measure and source that have to do with each other, with the
        coordinates `measure`, `source` and `sector`: few measures touch a source, and what is no pair is 0.
        ``.set_index(pair=["measure", "source"]).unstack("pair", fill_value=0)`` makes a dimension of each.

    Raises
    ------
    ValueError
        When the method or `by` is unknown.
    InputError, InfeasibleError
        As `compile_program` does.
    """
    for name, value, known in (("method", method, METHODS), ("by", by, LEVELS)):
        if value not in known:
            raise ValueError(f"unknown {name} {value!r}: expected one of {', '.join(known)}")
    return contributions(compile_program(inventory, scenario), threads, by=by, methods=(method,))[method]


def contributions(
    program: Program, threads: int = 1, *, by: By = "sector", methods: Sequence[Method] = METHODS
) -> xr.Dataset:
    """Return the contributions of every measure by each method [t/yr], with dimensions and signs as in `attribute`."""
    if by == "source":
        return _by_source(program, threads, methods)
    sectors, group = sector_groups(program.inventory)
    classes = merge(program, group, len(sectors))
    coords = {
        "year": list(program.years), "measure": [measure.id for measure in program.measures],
        "sector": list(sectors), "pollutant": list(program.inventory.pollutants),
    }  # fmt: skip
    values = {method: _dense(classes, shares(classes, method, threads)) for method in methods}
    dataset = xr.Dataset({name: (tuple(coords), found) for name, found in values.items()}, coords)
    return _described(dataset if by == "sector" else dataset.sum("sector", skipna=False))


def _dense(classes: Classes, found: Shares) -> Floats:
    """Return contributions by group, years × measures × groups × pollutants [t/yr]."""
    values = np.zeros((len(classes.program.measures), classes.groups, *found.values.shape[1:]))
    np.add.at(values, (found.measure, classes.cell_group[found.cell]), found.values)
    return values.transpose(2, 0, 1, 3)


def _by_source(program: Program, threads: int, methods: Sequence[Method]) -> xr.Dataset:
    labels, size = program.inventory.labels, len(program.inventory)
    classes = merge(program, np.arange(size, dtype=np.intp), size)
    found = {method: shares(classes, method, threads) for method in methods}
    keys = {method: one.measure * size + classes.cell_group[one.cell] for method, one in found.items()}
    every = np.unique(np.concatenate(list(keys.values())))
    data: dict[str, Any] = {}
    for method, one in found.items():
        values = np.zeros((len(every), *one.values.shape[1:]))
        values[np.searchsorted(every, keys[method])] = one.values
        data[method] = (("year", "pair", "pollutant"), values.transpose(1, 0, 2))
    measure, source = np.divmod(every, size) if size else (every, every)
    ids = np.array([one.id for one in program.measures], dtype=object)
    coords = {
        "year": list(program.years), "pollutant": list(program.inventory.pollutants),
        "measure": ("pair", ids[measure].astype(str)), "source": ("pair", labels["source"][source].astype(str)),
        "sector": ("pair", labels["sector"][source].astype(str)),
    }  # fmt: skip
    return _described(xr.Dataset(data, coords))


def _described(dataset: xr.Dataset) -> xr.Dataset:
    for name, values in dataset.data_vars.items():
        values.attrs.update(units="t", long_name=f"contribution, {name}")
    return dataset


def change(program: Program, threads: int = 1) -> xr.DataArray:
    """Return what the whole plan changes against no plan (year, sector, pollutant) [t/yr]; not estimated counts as 0.

    The difference of two totals, computed apart from any contribution: what Shapley shares are held against.
    """
    sectors, group = sector_groups(program.inventory)
    classes = merge(program, group, len(sectors))
    none, whole = totals(classes, np.stack([program.without_plan(), program.levels]), threads)
    coords = {"year": list(program.years), "sector": list(sectors), "pollutant": list(program.inventory.pollutants)}
    return xr.DataArray(whole - none, coords, tuple(coords), "change", {"units": "t"})


def interaction(found: xr.Dataset) -> xr.DataArray:
    """Return the interaction of each measure with the others, its Shapley share less what it does alone [t/yr].

    Over all measures they add up to what the plan changes less what the measures would change one by one: above zero
    where they compete for the same emissions.

    Parameters
    ----------
    found : xarray.Dataset
        `shapley` and `alone`, as `contributions` gives them.
    """
    return (found["shapley"] - found["alone"]).rename("interaction").assign_attrs(units="t", long_name="interaction")


def balance(found: xr.Dataset, whole: xr.DataArray) -> xr.Dataset:
    """Return what contributions add up to beside what the plan changes (year, pollutant) [t/yr].

    Parameters
    ----------
    found : xarray.Dataset
        Contributions by any method, by measure, sector or source.
    whole : xarray.DataArray
        What `change` gives.

    Returns
    -------
    xarray.Dataset
        `change`; the sum of each method; and with `alone` also `interaction`, the change less what the measures do one
        by one. NaN where a contribution is not estimated.
    """
    sums = found.sum([name for name in found.dims if name not in ("year", "pollutant")], skipna=False)
    changed = whole.sum("sector").where(sums.to_array().notnull().all("variable"))
    sums = sums.assign(change=changed)
    return sums.assign(interaction=changed - sums["alone"]) if "alone" in sums else sums


def records(found: xr.Dataset, skip_zeros: bool = True) -> Iterator[dict[str, Any]]:
    """Yield contributions as rows: measure, sector or source where they are by it, pollutant, year, and each method.

    Parameters
    ----------
    skip_zeros : bool
        Leave out the rows in which every method has 0.
    """
    place = next((name for name in ("source", "sector") if name in found.coords), None)
    names = ["measure", *([place] if place else [])]
    rows: Any = ["pair"] if "pair" in found.dims else names
    flat = found.stack(row=(*rows, "pollutant", "year"), create_index=False)
    values = np.stack([flat[name].values for name in found.data_vars], axis=1)
    kept = np.flatnonzero((values != 0).any(axis=1)) if skip_zeros else np.arange(len(values))
    columns = {name: flat[name].values[kept].tolist() for name in (*names, "pollutant", "year")}
    columns |= {str(name): values[kept, number].tolist() for number, name in enumerate(found.data_vars)}
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))
