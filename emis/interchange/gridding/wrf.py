"""wrfchemi files: gridded hourly emissions as WRF-Chem reads them.

Conventions: Registry/registry.chem of WRF: fields ``E_*`` of type real, staggered in the vertical, gases in
``mol km^-2 hr^-1`` and particles in ``ug/m3 m/s``; ``io_style_emissions`` 1 reads a day from ``wrfchemi_00z_d01`` and
``wrfchemi_12z_d01``, 2 reads ``wrfchemi_d01_2017-01-01_00:00:00`` with ``frames_per_auxinput5`` hours in each.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
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
    with ExitStack() as stack:
        files = _Files(found, path, stack)
        for first, block in found.fields.blocks():
            for number, unit in enumerate(found.units):
                scale = _scale(found, unit)
                kept = (block[:, number] / scale).astype(np.float32)
                files.put(first, number, kept)
                found.written.add(block[:, number], number, kept, scale)
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
    return len(issues.errors) == before


def _scale(found: Gridded, unit: str) -> Floats:
    """Return by what an hour's emission of a cell is divided to be a flux, rows × columns: its area on the earth.

    Not the nominal square of DX: WRF's own cells have the area of the sphere below them, by its map factors.
    """
    areas = found.plane.areas
    # 1 km2 = 1e6 m2; 1 g/h over 1 m2 = 1e6 / 3600 ug m-2 s-1
    return areas / 1e6 if unit == "mol" else areas * 3600 / 1e6


class _Files:
    """The files, opened as the hours come to them."""

    def __init__(self, found: Gridded, folder: Path, stack: ExitStack):
        self._found, self._folder, self._stack = found, folder, stack
        self._frames = 12 if found.document.wrf.io_style == 1 else found.document.wrf.frames
        self._open: Any = None
        self._number = -1

    def put(self, first: int, number: int, values: Any) -> None:
        """Put hours of a species, from the `first` on, into their files."""
        for file, frame, part in self._parts(first, values):
            file.variables[_name(self._found.names[number])][frame : frame + len(part)] = part

    def _parts(self, first: int, values: Any) -> Iterator[tuple[Any, int, Any]]:
        hour, last = first, first + len(values)
        while hour < last:
            end = min(last, (hour // self._frames + 1) * self._frames)
            yield self._file(hour // self._frames), hour % self._frames, values[hour - first : end - first]
            hour = end

    def _file(self, number: int) -> Any:
        if number != self._number:
            self._open, self._number = self._made(number), number
        return self._open

    def _made(self, number: int) -> Any:
        import netCDF4

        start = self._found.start + dt.timedelta(hours=number * self._frames)
        path = self._folder / self._named(start)
        if path.exists():
            return self._stack.enter_context(netCDF4.Dataset(path, "a"))
        file = self._stack.enter_context(netCDF4.Dataset(path, "w", format="NETCDF3_64BIT_OFFSET"))
        count = min(self._frames, self._found.fields.hours - number * self._frames)
        _header(file, self._found, start, count)
        return file

    def _named(self, start: dt.datetime) -> str:
        domain = f"d{self._found.document.wrf.domain:02d}"
        style = self._found.document.wrf.io_style
        return f"wrfchemi_{start:%H}z_{domain}" if style == 1 else f"wrfchemi_{domain}_{start.strftime(_TIME)}"


def _name(species: str) -> str:
    return species if species.startswith("E_") else f"E_{species}"


def _header(file: Any, found: Gridded, start: dt.datetime, count: int) -> None:
    """Write dimensions, attributes, times, places and empty variables."""
    _, layers, rows, columns = found.fields.shape
    sizes = {"Time": None, "DateStrLen": 19, "west_east": columns, "south_north": rows, "emissions_zdim_stag": layers}
    for name, size in sizes.items():
        file.createDimension(name, size)
    file.setncatts(_attributes(found, start))
    times = [(start + dt.timedelta(hours=hour)).strftime(_TIME) for hour in range(count)]
    file.createVariable("Times", "S1", ("Time", "DateStrLen"))[:] = np.array([list(one) for one in times], dtype="S1")
    for name, told, unit, values in zip(
        ("XLONG", "XLAT"), ("LONGITUDE, WEST IS NEGATIVE", "LATITUDE, SOUTH IS NEGATIVE"),
        ("degree_east", "degree_north"), found.plane.lonlat, strict=True,
    ):  # fmt: skip
        one = file.createVariable(name, "f4", ("Time", "south_north", "west_east"))
        one.setncatts(_facts("XY ", told, unit, ""))
        one[:] = np.broadcast_to(values.astype(np.float32), (count, rows, columns))
    for name, unit, of in zip(found.names, found.units, found.of, strict=True):
        one = file.createVariable(_name(name), "f4", _DIMENSIONS)
        one.setncatts(_facts("XYZ", f"EMISSIONS OF {name} FROM {', '.join(of)}", _UNITS[unit], "Z"))


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
        "TITLE": f" EMISSIONS BY EMIS {__version__} FOR WRF V4.0: {found.origin}",
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
