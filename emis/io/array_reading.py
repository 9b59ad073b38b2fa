"""Variables of a dataset that a file holds: each as an array of the kind and shape that is asked for, or a fault."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from emis.coded import Texts
from emis.errors import Issues
from emis.inventory import Floats

__all__ = ["CHECKSUM", "Arrays", "checksum", "groups_in", "is_store", "open_arrays"]

#: The attribute that says what the numbers of a store sum up to.
CHECKSUM = "numbers_sha256"


def checksum(dataset: xr.Dataset) -> str:
    """Return the SHA-256 of all numbers that are no whole ones.

    A chunk that is lost is all fill values to a reader of Zarr, and one that is cut short is part of them.
    """
    found = hashlib.sha256()
    for name in sorted(map(str, dataset.variables)):
        if dataset[name].dtype.kind == "f":
            found.update(name.encode() + np.ascontiguousarray(dataset[name].values, dtype="<f8").tobytes())
    return found.hexdigest()


def is_store(path: Path) -> bool:
    """Tell whether a path is a file or a store of arrays."""
    if path.suffix.lower() in (".nc", ".nc4"):
        return path.is_file()
    return path.is_dir() and ((path / ".zgroup").is_file() or (path / "zarr.json").is_file())


def groups_in(path: Path) -> list[str]:
    """Return the names of the groups of a store, "" for itself where it holds variables; none when it is no store."""
    try:
        if path.is_dir():
            import zarr

            group = zarr.open_group(str(path), mode="r")
            return ([""] if list(group.array_keys()) else []) + sorted(group.group_keys())
        import netCDF4

        with netCDF4.Dataset(path) as file:
            return ([""] if file.variables else []) + list(file.groups)
    except Exception:  # what the libraries raise of a damaged file; who opens it says so
        return []


def open_arrays(path: Path, shown: str, issues: Issues, group: str = "") -> xr.Dataset | None:
    """Return what a netCDF file or a Zarr store holds, numbers as they are stored; None, and a fault, if it cannot be.

    Characters become texts.
    """
    stored: dict[str, Any] = {"mask_and_scale": False, "decode_times": False, "decode_coords": False}
    try:
        if path.is_dir():
            gathered = (path / group / ".zmetadata").is_file() or (path / group / "zarr.json").is_file()
            kept = None if gathered else False  # a store without it is read part by part, and says so
            found = xr.open_zarr(path, group=group or None, chunks=None, consolidated=kept, **stored)
        else:
            found = xr.open_dataset(path, engine="netcdf4", group=group or None, **stored)
        with found:
            whole: xr.Dataset = found.load()
        if whole.attrs.get(CHECKSUM, "") not in ("", checksum(whole)):
            message = "its numbers are not those that were written: a part of it is lost or damaged"
            issues.error(shown, 0, CHECKSUM, message, "write it again, or delete the attribute if you changed them")
        return whole
    except ImportError:
        issues.error(shown, 0, "", "needs zarr to be read", "pip install 'emis[zarr]'")
    except Exception as error:  # netCDF4, HDF5 and zarr raise what they will of a damaged file
        issues.error(shown, 0, "", f"cannot be read: {type(error).__name__}: {error}", "write it again")
    return None


class Arrays:
    """Reads the variables of a dataset, and notes what is wrong with them."""

    def __init__(self, dataset: xr.Dataset, shown: str, issues: Issues):
        self.dataset, self.shown, self.issues = dataset, shown, issues

    def fault(self, name: str, message: str, hint: str = "write the file again with emis convert") -> None:
        """Note a fault in a variable."""
        self.issues.error(self.shown, 0, name, message, hint)

    def _values(self, name: str, dims: Sequence[str], kinds: str, needed: bool) -> NDArray[Any] | None:
        if name not in self.dataset.variables:
            if needed:
                self.fault(name, "is missing")
            return None
        variable = self.dataset[name]
        if variable.dims != tuple(dims):
            self.fault(name, f"has the dimensions ({', '.join(map(str, variable.dims))}), not ({', '.join(dims)})")
            return None
        values = variable.values
        if values.dtype.kind not in kinds:
            self.fault(name, f"holds values of the kind {values.dtype}")
            return None
        return np.asarray(values)

    def floats(self, name: str, dims: Sequence[str], needed: bool = False) -> Floats | None:
        """Return numbers; None where there is no such variable."""
        values = self._values(name, dims, "fiu", needed)
        return None if values is None else values.astype(float, copy=False)

    def integers(self, name: str, dims: Sequence[str]) -> NDArray[np.int64] | None:
        """Return whole numbers; None where there is no such variable."""
        values = self._values(name, dims, "iu", False)
        return None if values is None else values.astype(np.int64, copy=False)

    def texts(self, name: str, dims: Sequence[str]) -> Texts:
        """Return texts; none, and a fault, where there is no such variable."""
        values = self._texts(name, dims, True)
        return np.zeros(0, dtype=object) if values is None else values

    def maybe_texts(self, name: str, dims: Sequence[str]) -> Texts | None:
        """Return texts; None where there is no such variable."""
        return self._texts(name, dims, False)

    def _texts(self, name: str, dims: Sequence[str], needed: bool) -> Texts | None:
        values = self._values(name, dims, "OUT", needed)
        if values is None:
            return None
        found = np.empty(values.shape, dtype=object)
        found[...] = values
        if not all(isinstance(one, str) for one in found.ravel()):
            self.fault(name, "holds something else than texts")
            return None
        return found

    def flag(self, name: str, dims: Sequence[str]) -> NDArray[np.bool_] | None:
        """Return a flag of two values; None where there is no such variable."""
        values = self._values(name, dims, "iu", False)
        if values is not None and np.any((values != 0) & (values != 1)):
            self.fault(name, "holds flags beyond 0 and 1")
        return None if values is None else values == 1

    def keys(self, name: str, dims: Sequence[str], meanings: Sequence[str]) -> Texts | None:
        """Return the text of each flag; None where there is no such variable."""
        values = self._values(name, dims, "iu", False)
        if values is None:
            return None
        if values.min(initial=0) < 0 or values.max(initial=0) >= len(meanings):
            self.fault(name, f"holds flags beyond 0 to {len(meanings) - 1}")
            return None
        return np.asarray(np.array(meanings, dtype=object)[values], dtype=object)

    def not_negative(self, *names: str) -> None:
        """Note variables that hold amounts below zero, or infinite ones."""
        for name in names:
            if name in self.dataset.variables and self.dataset[name].dtype.kind in "fiu":
                values = self.dataset[name].values
                if np.any(values < 0) or np.any(np.isinf(values)):
                    self.fault(name, "holds amounts that are negative or infinite", "check where the file comes from")

    def named(self, prefix: str) -> Iterator[tuple[Mapping[str, Any], Any]]:
        """Yield attributes and values of the variables whose own names stand in their attribute emis_name."""
        found = []
        for name in map(str, self.dataset.variables):
            attrs = self.dataset[name].attrs
            if not name.startswith(f"{prefix}_") or "emis_name" not in attrs:
                continue
            dims = tuple(map(str, self.dataset[name].dims))
            if dims not in (("source",), ("source", "pollutant")) or (prefix != "attribute" and len(dims) > 1):
                self.fault(name, f"has the dimensions ({', '.join(dims)})")
                continue
            values = self._texts(name, dims, True) if prefix == "attribute" else self.floats(name, dims)
            if values is not None:
                found.append((attrs, values))
        # Zarr keeps its variables in no order of their own.
        return iter(sorted(found, key=lambda one: int(one[0].get("emis_number", 0))))

    def json(self, name: str, otherwise: Any) -> Any:
        """Return the value of an attribute in JSON, of the kind of `otherwise`."""
        try:
            found = json.loads(str(self.dataset.attrs.get(name, "")) or "null")
        except ValueError:
            found = name
        if found is None:
            return otherwise
        if not isinstance(found, type(otherwise)):
            self.fault(name, "is not the JSON that is expected")
            return otherwise
        return found
