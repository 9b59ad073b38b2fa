"""Source-receptor matrices in netCDF, as the tables they would be."""

from pathlib import Path

import numpy as np
import xarray as xr

from emis import vocabulary
from emis.errors import Issues, UnitError
from emis.io.folders import beside
from emis.io.matrix_rows import AXES, NUMBERS, UNITS, check_unit
from emis.io.tables import Column, Table

__all__ = ["ENDINGS", "netcdf_table"]

ENDINGS = (".nc", ".nc4", ".cdf")


def netcdf_table(path: Path, shown: str, issues: Issues) -> Table | None:
    """Return the variables of a netCDF file as a table with a row for each coefficient; None when that fails."""
    data = _dataset(path, shown, issues)
    if data is None or not _is_matrix(data, shown, issues):
        return None
    dims = [str(dim) for dim in data["coefficient"].dims]
    labels = np.meshgrid(*(data[dim].values for dim in dims), indexing="ij")
    columns = {dim: Column(dim, "", _cells(held)) for dim, held in zip(dims, labels, strict=True)}
    if "receptor" in data.coords and not data["receptor"].ndim:  # of one receptor alone it is no dimension
        columns["receptor"] = Column("receptor", "", _cells(data["receptor"].values) * data["coefficient"].size)
    bare = {name: data[name].drop_vars(list(data[name].coords)) for name in NUMBERS if name in data}
    for name, held in zip(bare, xr.broadcast(*bare.values()), strict=True):
        columns[name] = Column(name, str(data[name].attrs["units"]), _cells(held.transpose(*dims).values))
    rows = data["coefficient"].size
    columns["reference"] = Column("reference", "", [str(data.attrs.get("references", ""))] * rows)
    return Table(shown, [0] * rows, columns, "netCDF", 0)


def _is_matrix(data: xr.Dataset, shown: str, issues: Issues) -> bool:
    """Tell whether variables have the dimensions and units of a matrix; note what is wrong with them."""
    faults: list[tuple[str, str, str]] = []
    names = [str(name) for name in data.data_vars]
    dims = list(map(str, data["coefficient"].dims)) if "coefficient" in names else []
    if "coefficient" not in names:
        faults.append(("coefficient", "there is no such variable", vocabulary.suggest("coefficient", names)))
    faults += [
        (name, "the variable is not known", f"did you mean {meant!r}?")
        for name in names
        if name not in NUMBERS and (meant := vocabulary.nearest(name, NUMBERS, cutoff=0.75))
    ]
    for axis in dict.fromkeys((*AXES, *dims) if dims else ()):
        if dims.count(axis) > 1:
            faults.append(("coefficient", f"has the dimension {axis!r} twice", f"it has {', '.join(dims)}"))
        elif axis not in dims:
            faults.append(("coefficient", f"lacks the dimension {axis!r}", f"it has {', '.join(dims)}"))
        elif axis not in (*AXES, "receptor"):
            faults.append(("coefficient", f"has a dimension {axis!r}", f"it may have {', '.join(AXES)}, receptor"))
        elif axis not in data.coords:
            faults.append((axis, "has no names", "add a coordinate variable of text"))
        elif len(set(labels := _cells(data[axis].values))) < len(labels):
            faults.append((axis, f"{next(one for one in labels if labels.count(one) > 1)} stands twice", "keep one"))
    for name in (name for name in NUMBERS if name in names):
        if dims and (surplus := [str(dim) for dim in data[name].dims if dim not in dims]):
            faults.append((name, f"has a dimension {surplus[0]!r} that coefficient lacks", f"it has {', '.join(dims)}"))
        try:
            unit = str(data[name].attrs.get("units", ""))
            if not unit:
                raise UnitError("has no attribute `units`", f"add it, e.g. {UNITS[name]}")
            check_unit(name, unit)
        except UnitError as error:
            faults.append((name, error.message, error.hint))
    for place, message, hint in faults:
        issues.error(shown, 0, place, message, hint)
    return not faults


def _dataset(path: Path, shown: str, issues: Issues) -> xr.Dataset | None:
    try:
        if not path.is_file():
            there = path.exists()
            issues.error(shown, 0, "", "is not a file" if there else "is not there", "" if there else beside(path))
            return None
        return xr.load_dataset(path, engine="netcdf4", decode_times=False)
    except Exception as error:  # xarray, netCDF4 and HDF5 each raise kinds of their own
        reason = getattr(error, "strerror", None) or error
        issues.error(shown, 0, "", f"cannot be read as netCDF: {reason}", "write it again, or as CSV")
        return None


def _cells(values: np.ndarray) -> list[str]:
    """Return labels or numbers as cells hold them; a number that is missing is blank."""
    if values.dtype.kind in "iuf":
        return ["" if np.isnan(one) else repr(float(one)) for one in values.ravel()]
    texts = (one.decode(errors="replace") if isinstance(one, bytes) else str(one) for one in values.ravel())
    return [text.strip(" \t\r\n\0") for text in texts]
