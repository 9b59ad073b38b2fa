"""wrfchemi files: gridded hourly emissions as WRF-Chem reads them.

Conventions: Registry/registry.chem of WRF: fields ``E_*`` of type real, staggered in the vertical, gases in
``mol km^-2 hr^-1`` and particles in ``ug/m3 m/s``; ``io_style_emissions`` 1 reads a day from ``wrfchemi_00z_d01`` and
``wrfchemi_12z_d01``, 2 reads ``wrfchemi_d01_2017-01-01_00:00:00`` with ``frames_per_auxinput5`` hours in each.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emis._version import __version__
from emis.errors import Issues
from emis.interchange.formats import Format, Settings, Told
from emis.interchange.gridding.gridded import Gridded, grid
from emis.interchange.series import Series
from emis.inventory import Floats

__all__ = ["WRF"]

_LAMBERT, _LATLON = 1, 6
_UNITS = {"mol": "mol km^-2 hr^-1", "g": "ug/m3 m/s"}
_DIMENSIONS = ("Time", "emissions_zdim_stag", "south_north", "west_east")
_TIME = "%Y-%m-%d_%H:%M:%S"
_REAL = 104


def _write(several: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> Told | None:
    """Write a folder of wrfchemi files; a frame holds the mean flux of the hour that begins with it."""
    found = grid(several, settings, issues)
    if found is None or not _fits(found, issues):
        return None
    scales = [_scale(found, unit) for unit in found.units]
    with _Files(found, path) as files:
        for first, block in found.fields.blocks():
            for begin, end in files.frames(first, first + len(block)):
                for number, scale in enumerate(scales):
                    part = block[begin - first : end - first, number]
                    kept = (part / scale).astype(np.float32)
                    files.put(begin, end, number, kept)
                    found.written.add(part, number, kept, scale)
    return found.told(issues)


def _fits(found: Gridded, issues: Issues) -> bool:
    """Refuse what WRF could not read."""
    before, grid_, wrf = len(issues.errors), found.document.grid, found.document.wrf
    if grid_.projection.epsg is not None:
        message, hint = "WRF knows no plane by a code of the EPSG", "write a Lambert or a latlon projection"
        issues.error(*found.setup.at("grid", "projection"), "grid.projection", message, hint)
    if wrf.io_style == 1 and (found.fields.hours != 24 or found.start.hour != 0):
        message = f"io_style 1 is one day from 00 UTC, and there are {found.fields.hours} hours from {found.start:%H}"
        issues.error(*found.setup.at("wrf"), "wrf.io_style", message, "write hours: 24, or io_style: 2")
    frames = 12 if wrf.io_style == 1 else wrf.frames
    if rest := found.fields.hours % frames:
        message = f"the last file holds {rest} of {frames} frames"
        issues.warn(*found.setup.at("wrf"), "wrf.frames", message, "write hours that they divide")
    return len(issues.errors) == before


def _scale(found: Gridded, unit: str) -> Floats:
    """Return by what an hour's emission of a cell is divided to be a flux, rows × columns: its area on the earth.

    Not the nominal square of DX: WRF's own cells have the area of the sphere below them, by its map factors.
    """
    areas = found.plane.areas
    # 1 km2 = 1e6 m2; 1 g/h over 1 m2 = 1e6 / 3600 ug m-2 s-1
    return areas / 1e6 if unit == "mol" else areas * 3600 / 1e6


class _Files:
    """The files, each opened when the hours come to it and closed behind them."""

    def __init__(self, found: Gridded, folder: Path):
        self._found, self._folder = found, folder
        self._frames = 12 if found.document.wrf.io_style == 1 else found.document.wrf.frames
        self._open: Any = None
        self._number = -1

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, *_: object) -> None:
        if self._open is not None:
            self._open.close()

    def frames(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the hours that stand in one file each, from the first to before the last."""
        while first < last:
            end = min(last, (first // self._frames + 1) * self._frames)
            yield first, end
            first = end

    def put(self, begin: int, end: int, number: int, values: Any) -> None:
        """Put hours of a species into their file."""
        if begin // self._frames != self._number:
            self.__exit__()
            self._number = begin // self._frames
            self._open = self._made(self._number)
        frame = begin % self._frames
        self._open.variables[_name(self._found.names[number])][frame : frame + end - begin] = values

    def _made(self, number: int) -> Any:
        import netCDF4

        start = self._found.start + dt.timedelta(hours=number * self._frames)
        domain, style = f"d{self._found.document.wrf.domain:02d}", self._found.document.wrf.io_style
        name = f"wrfchemi_{start:%H}z_{domain}" if style == 1 else f"wrfchemi_{domain}_{start.strftime(_TIME)}"
        file = netCDF4.Dataset(self._folder / name, "w", format="NETCDF3_64BIT_OFFSET")
        file.set_fill_off()
        _header(file, self._found, start, min(self._frames, self._found.fields.hours - number * self._frames))
        return file


def _name(species: str) -> str:
    return species if species.startswith("E_") else f"E_{species}"


def _header(file: Any, found: Gridded, start: dt.datetime, count: int) -> None:
    """Write dimensions, attributes, times, places and empty variables."""
    _, layers, rows, columns = found.fields.shape
    sizes = {"Time": None, "DateStrLen": 19, "west_east": columns, "south_north": rows, "emissions_zdim_stag": layers}
    for name, size in sizes.items():
        file.createDimension(name, size)
    file.setncatts(_attributes(found, start))
    names = "XLONG", "XLAT"
    told = "LONGITUDE, WEST IS NEGATIVE", "LATITUDE, SOUTH IS NEGATIVE"
    file.createVariable("Times", "S1", ("Time", "DateStrLen"))
    for name, text, unit in zip(names, told, ("degree_east", "degree_north"), strict=True):
        file.createVariable(name, "f4", ("Time", *_DIMENSIONS[2:])).setncatts(_facts("XY ", text, unit, ""))
    for name, unit, of in zip(found.names, found.units, found.of, strict=True):
        facts = _facts("XYZ", f"EMISSIONS OF {name} FROM {', '.join(of)}", _UNITS[unit], "Z")
        file.createVariable(_name(name), "f4", _DIMENSIONS).setncatts(facts)
    # A classic file moves what it holds when a variable is added: all are there before the first number.
    times = [(start + dt.timedelta(hours=hour)).strftime(_TIME) for hour in range(count)]
    file.variables["Times"][:] = np.array([list(one) for one in times], dtype="S1")
    for name, values in zip(names, found.plane.lonlat, strict=True):
        file.variables[name][:] = np.broadcast_to(values.astype(np.float32), (count, rows, columns))


def _facts(order: str, told: str, unit: str, stagger: str) -> dict[str, Any]:
    return {
        "FieldType": np.int32(_REAL), "MemoryOrder": order, "description": told, "units": unit, "stagger": stagger,
        "coordinates": "XLONG XLAT",
    }  # fmt: skip


def _attributes(found: Gridded, start: dt.datetime) -> dict[str, Any]:
    """Return the global attributes by which WRF knows a grid."""
    one, lambert = found.document.grid, found.document.grid.projection.lambert
    rows, columns = found.plane.shape
    lon, lat = (
        float(values[0]) for values in found.plane.unproject(*(np.array([e.mean()]) for e in found.plane.edges))
    )
    if lambert is None:
        kind, parallels, meridian, moad = _LATLON, (0.0, 0.0), lon, lat
        # WRF states the cells of a grid of degrees in degrees as well.
        sizes = (one.cell.x[0], one.cell.y[0])
    else:
        kind, parallels, meridian, moad = _LAMBERT, lambert.parallels, lambert.meridian, lambert.centre[1]
        sizes = (one.cell.x[0], one.cell.y[0])
    reals = {
        "DX": sizes[0], "DY": sizes[1], "CEN_LAT": lat, "CEN_LON": lon, "TRUELAT1": parallels[0],
        "TRUELAT2": parallels[1], "MOAD_CEN_LAT": moad, "STAND_LON": meridian, "POLE_LAT": 90.0, "POLE_LON": 0.0,
        "GMT": float(start.hour),
    }  # fmt: skip
    whole = {
        "WEST-EAST_GRID_DIMENSION": columns + 1, "SOUTH-NORTH_GRID_DIMENSION": rows + 1,
        "BOTTOM-TOP_GRID_DIMENSION": one.layers.count + 1, "GRID_ID": found.document.wrf.domain, "MAP_PROJ": kind,
        "JULYR": start.year, "JULDAY": int(start.strftime("%j")),
    }  # fmt: skip
    titles = {
        "TITLE": f" EMISSIONS BY EMIS {__version__} FOR WRF V4.0: {found.title}",
        "START_DATE": start.strftime(_TIME), "SIMULATION_START_DATE": found.start.strftime(_TIME), "GRIDTYPE": "C",
        "MAP_PROJ_CHAR": "Lambert Conformal" if lambert is not None else "Cylindrical Equidistant",
    }  # fmt: skip
    return (
        titles | {name: np.int32(n) for name, n in whole.items()} | {name: np.float32(n) for name, n in reals.items()}
    )


WRF = Format(
    name="wrf",
    title="wrfchemi: gridded hourly emissions for WRF-Chem, a folder of files (--grid)",
    suffix="",
    write=_write,
)
