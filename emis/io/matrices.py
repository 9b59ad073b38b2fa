"""Source-receptor matrices as files: a table with a row for each area, precursor and species, or netCDF."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from emis.airquality.interface import AREAS, PRECURSORS, SPECIES, Floats
from emis.airquality.matrix import Matrix
from emis.errors import Issues
from emis.io.matrix_netcdf import ENDINGS, netcdf_table
from emis.io.matrix_rows import AXES, COLUMNS, SHAPE, WHOLE, Parts, of_table, pair_names, some, unknown
from emis.io.tables import read_table

__all__ = ["read_matrix", "write_matrix"]


def read_matrix(
    path: Path, shown: str, issues: Issues, base: Mapping[str, float] | None = None, encoding: str | None = None,
    receptor: str = "district", emissions: Floats | None = None,
) -> Matrix | None:  # fmt: skip
    """Read a matrix; None, and `issues` says why, when that fails.

    A table has the columns ``area, precursor, species, coefficient, unit``, and ``receptor, perturbation, emissions
    [t/yr], reference`` where there is something to say; netCDF the variables ``coefficient`` (area, precursor, species
    and perhaps receptor), ``perturbation`` and ``emissions`` with their units. A coefficient is for the whole of an
    area's base-year emissions (ug/m^3; what a cut by 20 % took off is written times 5), or for a mass per year of them
    (ug/m^3/(t/yr)). A perturbation is a share: ``20 %``, or 0.2 under ``perturbation [1]``.

    Parameters
    ----------
    shown : str
        The file as messages name it.
    base : mapping, optional
        Concentrations of the base year by species [ug/m3]; without them the matrix still lacks them.
    encoding : str, optional
        Encoding of a text file, when it cannot be told.
    receptor : str
        Which of a file's receptors; a file's only one is taken whatever its name, with a warning where it is another.
    emissions : ndarray, (area, precursor) [t/yr], optional
        Of the base year, for coefficients per mass in a file that does not give them.

    Raises
    ------
    ValueError
        When `base` does not hold the species, each once and not negative, or `emissions` are of another shape or
        negative.
    """
    if emissions is not None and (np.shape(emissions) != SHAPE[:2] or np.any(np.asarray(emissions) < 0)):
        raise ValueError(f"emissions are negative, or {np.shape(emissions)} and not {SHAPE[:2]}")
    if base is not None and set(base) != set(SPECIES):
        raise ValueError(f"concentrations are of {', '.join(base)}, not of {', '.join(SPECIES)}")
    before = len(issues.errors)
    if path.suffix.lower() in ENDINGS:
        table = netcdf_table(path, shown, issues)
    else:
        table = read_table(path, shown, issues, encoding=encoding)
    found = None if table is None else of_table(table, issues, receptor)
    if found is None or len(issues.errors) > before:
        return None
    response = _of_the_whole(found, emissions, shown, issues)
    if len(issues.errors) > before:
        return None
    silent = np.isnan(found.perturbation) & np.any(found.coefficient != 0, axis=2)
    if np.any(silent):
        message = f"it is not said from which changes the slopes were made: {some(pair_names(silent))}"
        issues.warn(shown, 0, "perturbation", message, "write e.g. 20 %: within it they hold")
    concentrations = None if base is None else np.array([base[name] for name in SPECIES], dtype=float)
    return Matrix(concentrations, response, found.perturbation, found.source)


def _of_the_whole(found: Parts, given: Floats | None, shown: str, issues: Issues) -> Floats:
    """Return what the whole of each area's emissions does; a fault where it takes emissions that nobody gives."""
    argument = unknown() if given is None else np.asarray(given, dtype=float)
    known = np.where(np.isnan(found.emissions), argument, found.emissions)
    needed = np.any((found.per_mass > 0) & (found.coefficient != 0), axis=2)
    for place, pair in zip(np.argwhere(needed), pair_names(needed), strict=True):
        own, other, line = known[tuple(place)], argument[tuple(place)], int(found.lines[tuple(place)])
        if np.isnan(own):
            message = f"the coefficients of {pair} are per mass, and its emissions are not given"
            issues.error(shown, line, "emissions", message, "write those of the base year as `emissions [t/yr]`")
        elif not np.isnan(other) and not np.isclose(own, other, rtol=1e-9, atol=0):
            message = f"{pair} is {own:g} t/yr here and {other:g} t/yr in the inventory"
            issues.error(shown, line, "emissions", message, "leave it out here, or correct one of the two")
    if np.any(~np.isnan(found.emissions) & ~np.any(found.per_mass > 0, axis=2)):
        issues.warn(shown, 0, "emissions", "is not used where coefficients are for the whole of an area's emissions")
    with np.errstate(over="ignore", invalid="ignore"):
        response = np.asarray(found.coefficient * np.where(found.per_mass > 0, np.nan_to_num(known)[..., None], 1.0))
    if large := pair_names(~np.all(np.isfinite(response), axis=2)):
        message = f"coefficient times emissions is too large for a number: {some(large)}"
        issues.error(shown, 0, "coefficient", message, "check their units")
    return response


def write_matrix(path: Path, matrix: Matrix, receptor: str = "district") -> None:
    """Write a matrix to CSV or netCDF, by the ending of the path; `read_matrix` reads back the same numbers.

    Concentrations of the base year are not in it.

    Raises
    ------
    ValueError
        When the ending is another one, the response has leading axes, or a perturbation is above 1.
    """
    if np.shape(matrix.response) != SHAPE:
        raise ValueError(f"a file holds one response, {SHAPE}, and not {np.shape(matrix.response)}")
    suffix = path.suffix.lower()
    if suffix not in (".csv", *ENDINGS):
        raise ValueError(f"a matrix is written to .csv or .nc, not to {suffix or 'a file without ending'}")
    perturbation = np.broadcast_to(np.asarray(matrix.perturbation, dtype=float), SHAPE[:2])
    if np.any(perturbation > 1):
        raise ValueError(f"a file holds perturbations up to 1, and not {np.nanmax(perturbation):g}")
    if suffix == ".csv":
        _write_table(path, matrix, perturbation, receptor)
        return
    data = xr.Dataset(
        {
            "coefficient": (tuple(AXES), matrix.response, {"units": WHOLE}),
            "perturbation": (("area", "precursor"), perturbation, {"units": "1"}),
        },
        coords={**{axis: list(names) for axis, names in AXES.items()}, "receptor": receptor},
        attrs={"references": matrix.source},
    )
    data.to_netcdf(path, engine="netcdf4")


def _write_table(path: Path, matrix: Matrix, perturbation: Floats, receptor: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow("perturbation [1]" if name == "perturbation" else name for name in COLUMNS)
        for a, p, k in np.ndindex(SHAPE):
            within = "" if np.isnan(perturbation[a, p]) else repr(float(perturbation[a, p]))
            value = repr(float(matrix.response[a, p, k]))
            names = (AREAS[a], PRECURSORS[p], SPECIES[k], receptor)
            writer.writerow((*names, value, WHOLE, within, matrix.source))
