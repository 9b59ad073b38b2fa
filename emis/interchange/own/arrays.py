"""Files of arrays: netCDF and Zarr, by the CF conventions, with all that an inventory holds and emissions by year."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from emis._version import __version__
from emis.errors import Issues
from emis.interchange.formats import Format, Given, Head, Settings
from emis.interchange.series import Series
from emis.io.array_reading import CHECKSUM, Arrays, checksum, groups_in, is_store, open_arrays
from emis.io.array_writing import write_netcdf, write_zarr
from emis.io.inventory_arrays import KEYS, KIND, from_dataset, key_attributes, key_codes, to_dataset

__all__ = ["NETCDF", "ZARR"]

_DIMS = ("year", "source", "pollutant")
_CARRIES = frozenset(
    "pollutant source sector category fuel technology region facility activity control interval notation not_applicable"
    " profile stock columns offsite point reference grade codes attributes status title titles years scenario"
    " no_plan".split()
)
_KEYS, _WITHOUT = "emissions_notation", "emissions_no_plan"
_BY = "written by emis convert"


def _dataset(series: Series) -> xr.Dataset:
    """Return all that a series holds."""
    dataset = to_dataset(series.inventory)
    told = {"units": "t yr-1", "comment": "of the calendar year"}
    found: dict[str, Any] = {
        "year": (("year",), np.array(series.years, dtype=np.int32), {"units": "1", "long_name": "calendar year"}),
        "emissions": (
            _DIMS,
            series.values,
            {**told, "long_name": "emissions", "ancillary_variables": "emissions_notation"},
        ),
        "emissions_notation": (_DIMS, key_codes(series.keys), key_attributes("emissions")),
    }
    if series.no_plan is not None:
        found[_WITHOUT] = _DIMS, series.no_plan, {**told, "long_name": "emissions without the plan"}
    return dataset.assign(found).assign_attrs(
        history=f"{_BY}, emis {__version__}",
        scenario=series.scenario,
        model=series.model,
        notes=json.dumps(series.notes, ensure_ascii=False),
    )


def _grouped(several: Sequence[Series]) -> dict[str, xr.Dataset]:
    """Return datasets by the group they stand in: one alone in the file itself, several each in its own."""
    if len(several) == 1:
        return {"": _dataset(several[0])}
    return {f"scenario_{at}": _dataset(series) for at, series in enumerate(several, start=1)}


def _write_netcdf(several: Sequence[Series], path: Path, _settings: Settings, _issues: Issues) -> None:
    write_netcdf(path, _grouped(several))


def _write_zarr(several: Sequence[Series], path: Path, _settings: Settings, _issues: Issues) -> None:
    summed = {name: one.assign_attrs({CHECKSUM: checksum(one)}) for name, one in _grouped(several).items()}
    write_zarr(path, summed)


def _is_ours(path: Path) -> bool:
    for group in groups_in(path)[:1]:
        found = open_arrays(path, path.name, Issues(), group)
        return found is not None and found.attrs.get("emis") == KIND
    return False


def _is_netcdf(head: Head) -> bool:
    return head.suffix in (".nc", ".nc4") and is_store(head.path) and _is_ours(head.path)


def _is_zarr(head: Head) -> bool:
    return head.path.is_dir() and is_store(head.path) and _is_ours(head.path)


def _read(given: Given, issues: Issues) -> Sequence[Series]:
    given.folder.read(given.path)
    groups = groups_in(given.path) or [""]
    found = [_read_group(given, group, issues) for group in groups]
    return [one for one in found if one is not None]


def _read_group(given: Given, group: str, issues: Issues) -> Series | None:
    before = len(issues.errors)
    dataset = open_arrays(given.path, given.shown, issues, group)
    inventory = None if dataset is None else from_dataset(dataset, given.shown, issues)
    if dataset is None or inventory is None:
        return None
    read = Arrays(dataset, given.shown, issues)
    years = read.integers("year", ("year",))
    values, keys = read.floats("emissions", _DIMS, needed=True), read.keys(_KEYS, _DIMS, KEYS)
    without = read.floats(_WITHOUT, _DIMS)
    if keys is None and len(issues.errors) == before:
        read.fault(_KEYS, "is missing")
    read.not_negative("emissions", _WITHOUT)
    if years is None or list(years) != sorted(set(years.tolist())):
        read.fault("year", "is missing, or not ascending")
    notes = tuple(map(str, read.json("notes", [])))
    if len(issues.errors) > before or values is None or keys is None or years is None:
        return None
    there = tuple(years.tolist())
    scenario, model = (str(dataset.attrs.get(name, "")) for name in ("scenario", "model"))
    series = Series(inventory, there, values, keys, scenario, model, without, notes=notes)
    return series if given.settings.year is None else _year_of(series, given, issues)


def _year_of(series: Series, given: Given, issues: Issues) -> Series | None:
    year = given.settings.year
    if year not in series.years:
        there = ", ".join(map(str, series.years))
        issues.error(given.shown, 0, "year", f"there is no year {year}", f"there are {there}")
        return None
    at = [series.years.index(year)]
    inventory = series.inventory if year == series.inventory.base_year else series.of(year)
    without = None if series.no_plan is None else series.no_plan[at]
    return Series(
        inventory, (year,), series.values[at], series.keys[at], series.scenario, series.model, without,
        notes=series.notes,
    )  # fmt: skip


def _wrote(folder: Path) -> bool:
    """Tell whether a folder is a store that was written here."""
    attrs = folder / ".zattrs"
    deeper = sorted(folder.glob("*/.zattrs"))
    try:
        found = json.loads((attrs if attrs.is_file() or not deeper else deeper[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("emis") == KIND and _BY in str(found.get("history"))


NETCDF = Format("netcdf", "arrays by the CF conventions, netCDF-4", ".nc", _CARRIES, _is_netcdf, _read, _write_netcdf)
ZARR = Format(
    "zarr", "arrays by the CF conventions, Zarr", ".zarr", _CARRIES, _is_zarr, _read, _write_zarr, owns=_wrote
)
