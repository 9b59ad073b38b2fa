"""A gridded netCDF by the CF conventions: pollutants as mean fluxes, for maps and for models that read CF."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emis._version import __version__
from emis.errors import Issues
from emis.interchange.formats import Format, Settings, Told
from emis.interchange.gridding.gridded import Gridded, grid
from emis.interchange.series import Series
from emis.vocabulary import POLLUTANTS

__all__ = ["GRID"]

_TENDENCY = "tendency_of_atmosphere_mass_content_of_{}_due_to_emission"
#: What the CF standard name table (version 83 and later) calls what is emitted; others have no standard name: it knows
#: NOx as nitrogen alone, and the inventory counts it as NO2.
_STANDARD = {
    "SO2": "sulfur_dioxide", "NO2": "nitrogen_dioxide", "NO": "nitrogen_monoxide", "VOC": "nmvoc",
    "CO": "carbon_monoxide", "NH3": "ammonia", "PM10": "pm10_dry_aerosol_particles",
    "PM2.5": "pm2p5_dry_aerosol_particles", "BC": "elemental_carbon_dry_aerosol_particles", "CO2": "carbon_dioxide",
    "CH4": "methane", "N2O": "nitrous_oxide",
}  # fmt: skip
_FLUX = "kg m-2 s-1"


def _write(several: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> Told | None:
    """Write pollutants in kg m-2 s-1: hours where grid.yaml names them, else the mean of the year."""
    found = grid(several, settings, issues, hourly=False, speciated=False)
    if found is None:
        return None
    import netCDF4

    with netCDF4.Dataset(path, "w", format="NETCDF4") as file:
        seconds, layered = _axes(file, found), found.fields.shape[1] > 1
        variables = _variables(file, found, layered)
        scale = found.plane.areas * seconds
        for first, block in found.fields.blocks():
            for number, variable in enumerate(variables):
                kept = (block[:, number] / scale).astype(np.float32)
                variable[first : first + len(block)] = kept if layered else kept[:, 0]
                found.written.add(block[:, number], number, kept, scale)
    return found.told(issues)


def _axes(file: Any, found: Gridded) -> float:
    """Write the axes, their bounds, the projection and the areas of cells; return the seconds of a step."""
    file.setncatts(
        {
            "Conventions": "CF-1.8", "title": f"Gridded emissions: {found.origin}", "institution": "not stated",
            "source": f"emis {__version__}", "references": found.document.title.text() or "not stated",
            "history": f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ} gridded by emis {__version__}",
            "comment": "; ".join(found.balance.lines()),
        }
    )  # fmt: skip
    seconds = _time(file, found)
    plane = found.plane
    kind, unit = ("{}", "degrees") if plane.geographic else ("projection_{}_coordinate", "m")
    named = {"x": "longitude", "y": "latitude"} if plane.geographic else {axis: kind.format(axis) for axis in "xy"}
    for axis, middles, edges in zip("yx", plane.centres[::-1], plane.edges[::-1], strict=True):
        file.createDimension(axis, len(middles))
        one = file.createVariable(axis, "f8", (axis,))
        suffix = {"x": "_east", "y": "_north"}[axis] if plane.geographic else ""
        one.setncatts({"standard_name": named[axis], "long_name": f"{axis} of the cells' middles", "axis": axis.upper(),
                       "units": unit + suffix, "bounds": f"{axis}_bnds"})  # fmt: skip
        one[:] = middles
        file.createVariable(f"{axis}_bnds", "f8", (axis, "bnds"))[:] = np.stack([edges[:-1], edges[1:]], axis=1)
    if found.fields.shape[1] > 1:
        file.createDimension("layer", found.fields.shape[1])
        one = file.createVariable("layer", "i4", ("layer",))
        one.setncatts({"long_name": "layer of the model, from the ground up", "standard_name": "model_level_number",
                       "axis": "Z", "positive": "up", "units": "1"})  # fmt: skip
        one[:] = np.arange(1, found.fields.shape[1] + 1)
    crs = file.createVariable("crs", "i4", ())
    crs.setncatts({"long_name": "the grid's projection"} | plane.crs.to_cf())
    _fixed(file, found)
    return seconds


def _fixed(file: Any, found: Gridded) -> None:
    """Write what does not change: the areas of cells, and in a plane of metres their longitudes and latitudes."""
    area = file.createVariable("cell_area", "f8", ("y", "x"))
    area.setncatts({"standard_name": "cell_area", "long_name": "area of the cell on the earth", "units": "m2",
                    "grid_mapping": "crs"})  # fmt: skip
    area[:] = found.plane.areas
    if found.plane.geographic:
        return
    area.coordinates = "lon lat"
    for name, told, unit, values in zip(
        ("lon", "lat"), ("longitude", "latitude"), ("degrees_east", "degrees_north"), found.plane.lonlat, strict=True
    ):
        one = file.createVariable(name, "f8", ("y", "x"))
        one.setncatts({"standard_name": told, "long_name": f"{told} of the cells' middles", "units": unit})
        one[:] = values


def _time(file: Any, found: Gridded) -> float:
    """Write the axis of time, hours or the year as one step, and return the seconds of a step."""
    if found.document.temporal is None:
        ends = [found.start, dt.datetime(found.start.year + 1, 1, 1)]
    else:
        ends = [found.start + dt.timedelta(hours=hour) for hour in range(found.fields.hours + 1)]
    begin = found.start
    hours = np.array([(one - begin).total_seconds() / 3600 for one in ends])
    file.createDimension("time", found.fields.hours)
    one = file.createVariable("time", "f8", ("time",))
    facts = {"standard_name": "time", "long_name": "middle of the step, in UTC", "axis": "T", "calendar": "standard"}
    one.setncatts(facts | {"units": f"hours since {begin:%Y-%m-%d %H:%M:%S}", "bounds": "time_bnds"})
    one[:] = (hours[:-1] + hours[1:]) / 2
    file.createDimension("bnds", 2)
    file.createVariable("time_bnds", "f8", ("time", "bnds"))[:] = np.stack([hours[:-1], hours[1:]], axis=1)
    return float(hours[1] - hours[0]) * 3600


def _english(name: str) -> str:
    return POLLUTANTS[name].encode("ascii", errors="ignore").decode("ascii").strip()


def _variables(file: Any, found: Gridded, layered: bool) -> list[Any]:
    several = []
    dimensions = ("time", "layer", "y", "x") if layered else ("time", "y", "x")
    for name in found.names:
        one = file.createVariable(
            f"emission_{name.replace('.', 'p')}", "f4", dimensions, zlib=True, complevel=1, shuffle=True
        )
        facts = {"long_name": f"emission of {_english(name)}", "units": _FLUX}
        if name in _STANDARD:
            facts["standard_name"] = _TENDENCY.format(_STANDARD[name])
        facts |= {"cell_methods": "time: mean area: mean", "grid_mapping": "crs", "cell_measures": "area: cell_area"}
        if not found.plane.geographic:
            facts["coordinates"] = "lon lat"
        if name == "NOx":
            facts["comment"] = "counted as NO2"
        one.setncatts(facts)
        several.append(one)
    return several


GRID = Format(
    name="grid",
    title="gridded netCDF by the CF conventions: pollutants in kg m-2 s-1 (--grid)",
    suffix=".nc",
    write=_write,
)
