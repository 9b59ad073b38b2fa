"""Datasets that are written as netCDF-4 or as Zarr, each in the group of a file."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import netCDF4
import xarray as xr
from xarray.backends import NetCDF4DataStore

from emis.io.outputs import OutputError

__all__ = ["write_netcdf", "write_zarr"]


def write_netcdf(path: Path, groups: Mapping[str, xr.Dataset]) -> None:
    """Write datasets as the groups of a netCDF-4 file, "" being the file itself."""
    # `to_netcdf` would look for a scheduler, for which it imports dask and distributed where they are installed.
    with netCDF4.Dataset(path, "w") as file:
        for name, dataset in groups.items():
            place = file.createGroup(name) if name else file
            if name:
                file.Conventions = dataset.attrs["Conventions"]
            packed: dict[str, dict[str, Any]] = {
                str(one): {"zlib": True, "complevel": 1, "fletcher32": True}
                for one, variable in dataset.variables.items() if variable.dtype.kind in "fiu" and variable.size > 64
            }  # fmt: skip
            # CF knows no string along a dimension of its own name: there it is an array of characters.
            packed |= {
                str(one): {"dtype": "S1"} for one in dataset.indexes if dataset[one].dtype.kind in "OUT"
            }  # fmt: skip
            dataset.dump_to_store(NetCDF4DataStore(place), encoding=packed)  # type: ignore[no-untyped-call]


def write_zarr(path: Path, groups: Mapping[str, xr.Dataset]) -> None:
    """Write datasets as the groups of a Zarr store, "" being the store itself.

    Raises
    ------
    OutputError
        When zarr is not installed.
    """
    if importlib.util.find_spec("zarr") is None:
        raise OutputError("zarr is written with the package zarr: pip install 'emis[zarr]'")
    for name, dataset in groups.items():
        # Version 2 of the format: version 3 has no settled form for text.
        dataset.to_zarr(path, group=name or None, mode="a", zarr_format=2, consolidated=True)
