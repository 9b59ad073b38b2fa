"""Models-3 I/O API: gridded hourly emissions as CMAQ reads them.

Conventions: the I/O API's documentation of gridded data (https://www.cmascenter.org/ioapi/documentation): a file is a
classic netCDF of 64-bit offsets with the dimensions TSTEP, DATE-TIME, LAY, VAR, ROW and COL; its grid stands in global
attributes as in a GRIDDESC; texts are filled up with blanks to 16 or 80 characters.
"""

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

__all__ = ["CMAQ"]

_LATLON, _LAMBERT = 1, 2
#: What the I/O API writes for what does not apply, and its number for the sigma levels of WRF.
_NO_LEVELS, _NO_TOP, _WRF_LEVELS = -9999, np.float32(-9.999e36), 7
_UNITS = {"mol": "moles/s", "g": "g/s"}
_SECONDS = 3600.0


def _write(several: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> Told | None:
    """Write species in moles/s and g/s; each step holds the mean rate of the hour that begins with it."""
    found = grid(several, settings, issues)
    if found is None:
        return None
    if not _fits(found, issues):
        return None
    import netCDF4

    with netCDF4.Dataset(path, "w", format="NETCDF3_64BIT_OFFSET") as file:
        variables = _header(file, found)
        file.set_fill_off()
        for first, block in found.fields.blocks():
            last = first + len(block)
            for number, variable in enumerate(variables):
                kept = (block[:, number] / _SECONDS).astype(np.float32)
                variable[first:last] = kept
                found.written.add(block[:, number], number, kept, _SECONDS)
            file.variables["TFLAG"][first:last] = _flags(found, first, last)
    return found.told(issues)


def _fits(found: Gridded, issues: Issues) -> bool:
    """Refuse what CMAQ could not read."""
    before, one = len(issues.errors), found.document.grid
    if one.projection.epsg is not None:
        message, hint = "CMAQ knows no plane by a code of the EPSG", "write a Lambert or a latlon projection"
        issues.error(*found.setup.at("grid", "projection"), "grid.projection", message, hint)
    if one.layers.count > 1 and not one.layers.sigma:
        message, hint = "CMAQ compares layers with those of its weather", "write sigma and top, as in its METCRO3D"
        issues.error(*found.setup.at("grid", "layers"), "grid.layers", message, hint)
    return len(issues.errors) == before


def _flags(found: Gridded, first: int, last: int) -> Any:
    """Return date and time of steps, for each variable, hours × variables × 2."""
    steps = [_date_and_time(found.start + dt.timedelta(hours=hour)) for hour in range(first, last)]
    return np.repeat(np.array(steps, dtype=np.int32)[:, None, :], len(found.names), axis=1)


def _date_and_time(when: dt.datetime) -> tuple[int, int]:
    """Return a time as the I/O API counts it: YYYYDDD and HHMMSS."""
    return int(when.strftime("%Y%j")), int(when.strftime("%H%M%S"))


def _header(file: Any, found: Gridded) -> list[Any]:
    """Write dimensions, attributes and empty variables; return those of the species."""
    _, layers, rows, columns = found.fields.shape
    sizes = {"TSTEP": None, "DATE-TIME": 2, "LAY": layers, "VAR": len(found.names), "ROW": rows, "COL": columns}
    for name, size in sizes.items():
        file.createDimension(name, size)
    file.setncatts(_attributes(found))
    flags = file.createVariable("TFLAG", "i4", ("TSTEP", "VAR", "DATE-TIME"))
    told = "Timestep-valid flags:  (1) YYYYDDD or (2) HHMMSS"
    flags.setncatts({"units": "<YYYYDDD,HHMMSS>", "long_name": f"{'TFLAG':16}", "var_desc": f"{told:80}"})
    variables = []
    for name, unit, of in zip(found.names, found.units, found.of, strict=True):
        one = file.createVariable(name, "f4", ("TSTEP", "LAY", "ROW", "COL"))
        told = f"{name} of {', '.join(of)}: mean rate of the hour"
        one.setncatts({"long_name": f"{name:16}", "units": f"{_UNITS[unit]:16}", "var_desc": f"{told:80.80}"})
        variables.append(one)
    return variables


def _attributes(found: Gridded) -> dict[str, Any]:
    """Return the global attributes, in the order in which the I/O API writes them."""
    (date, time), (now, clock) = _date_and_time(found.start), _date_and_time(dt.datetime.now(dt.UTC))
    _, layers, rows, columns = found.fields.shape
    one = found.document.grid
    (x, y), (right, up) = one.corner, found.plane.shift
    whole: dict[str, Any] = {
        "IOAPI_VERSION": f"{'written by emis ' + __version__:80}",
        "EXEC_ID": f"{'emis convert':80}",
    }
    numbers = {
        "FTYPE": 1, "CDATE": now, "CTIME": clock, "WDATE": now, "WTIME": clock, "SDATE": date, "STIME": time,
        "TSTEP": 10000, "NTHIK": 1, "NCOLS": columns, "NROWS": rows, "NLAYS": layers, "NVARS": len(found.names),
    }  # fmt: skip
    whole |= {name: np.int32(value) for name, value in numbers.items()}
    whole |= _plane(found) | {
        "XORIG": x + right, "YORIG": y + up, "XCELL": float(one.cell.x[0]), "YCELL": float(one.cell.y[0]),
    }  # fmt: skip
    told = found.document.cmaq.description or f"Emissions by emis {__version__}: {found.title}"
    history = f"gridded by emis {__version__} from {found.title}"
    return whole | _levels(found) | {
        "GDNAM": f"{one.name:16}", "UPNAM": f"{'EMIS':16}", "VAR-LIST": "".join(f"{name:16}" for name in found.names),
        "FILEDESC": _lines(told), "HISTORY": _lines(history),
    }  # fmt: skip


def _plane(found: Gridded) -> dict[str, Any]:
    """Return the projection; x counts from the meridian, as MCIP writes it: programs take XCENT for P_GAM."""
    lambert = found.document.grid.projection.lambert
    names = ("P_ALP", "P_BET", "P_GAM", "XCENT", "YCENT")
    numbers = (0.0,) * 5
    if lambert is not None:
        numbers = (*lambert.parallels, lambert.meridian, lambert.meridian, lambert.centre[1])
    kind = _LATLON if lambert is None else _LAMBERT
    return {"GDTYP": np.int32(kind)} | {name: float(value) for name, value in zip(names, numbers, strict=True)}


def _levels(found: Gridded) -> dict[str, Any]:
    layers = found.document.grid.layers
    if not layers.sigma or layers.top is None:
        faces = np.zeros(layers.count + 1, dtype=np.float32)
        return {"VGTYP": np.int32(_NO_LEVELS), "VGTOP": _NO_TOP, "VGLVLS": faces}
    faces = np.array(layers.sigma, dtype=np.float32)
    return {"VGTYP": np.int32(_WRF_LEVELS), "VGTOP": np.float32(layers.top), "VGLVLS": faces}


def _lines(text: str) -> str:
    """Return a text in ASCII, filled up to whole lines of 80 characters."""
    plain = text.encode("ascii", errors="backslashreplace").decode("ascii")
    return plain.ljust(80 * max(1, -(-len(plain) // 80)))


CMAQ = Format(
    name="cmaq",
    title="Models-3 I/O API: gridded hourly emissions for CMAQ (--grid)",
    suffix=".nc",
    write=_write,
)
