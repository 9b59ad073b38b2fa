"""Source-receptor matrices as files: a table with a row for each area, precursor and species, or netCDF."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xarray as xr

from emis import numerals, units, vocabulary
from emis.airquality.interface import AREAS, PRECURSORS, SPECIES, Floats
from emis.airquality.matrix import Matrix
from emis.errors import Issues, UnitError
from emis.io.cells import NOTES, RowReader, not_negative, require
from emis.io.folders import beside
from emis.io.tables import Column, Table, read_table

__all__ = ["read_matrix", "write_matrix"]

_AXES = {"area": AREAS, "precursor": PRECURSORS, "species": SPECIES}
_SHAPE = (len(AREAS), len(PRECURSORS), len(SPECIES))
_NUMBERS = ("coefficient", "perturbation", "emissions")
_REQUIRED = ("area", "precursor", "species", "coefficient")
_COLUMNS = ("area", "precursor", "species", "receptor", "coefficient", "unit", "perturbation", "reference")
_NETCDF = (".nc", ".nc4", ".cdf")
_WHOLE, _PER_MASS = "ug/m^3", "ug/m^3/(t/yr)"
_UNITS = {"coefficient": _WHOLE, "perturbation": "1", "emissions": "t/yr"}
_ADD = "write 0 where it has no effect"


def _unknown() -> Floats:
    return np.full(_SHAPE[:2], np.nan)


@dataclass
class _Parts:
    """What a file says: (area, precursor, species), and (area, precursor) with NaN where it says nothing.

    `per_mass` is 1 where a coefficient is for t/yr and 0 where it is for the whole; `lines` tells where a pair stands.
    """

    coefficient: Floats = field(default_factory=lambda: np.zeros(_SHAPE))
    per_mass: Floats = field(default_factory=lambda: np.zeros(_SHAPE))
    perturbation: Floats = field(default_factory=_unknown)
    emissions: Floats = field(default_factory=_unknown)
    lines: Floats = field(default_factory=lambda: np.zeros(_SHAPE[:2]))
    source: str = ""


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
    if emissions is not None and (np.shape(emissions) != _SHAPE[:2] or np.any(np.asarray(emissions) < 0)):
        raise ValueError(f"emissions are negative, or {np.shape(emissions)} and not {_SHAPE[:2]}")
    if base is not None and set(base) != set(SPECIES):
        raise ValueError(f"concentrations are of {', '.join(base)}, not of {', '.join(SPECIES)}")
    before = len(issues.errors)
    if path.suffix.lower() in _NETCDF:
        table = _netcdf_table(path, shown, issues)
    else:
        table = read_table(path, shown, issues, encoding=encoding)
    found = None if table is None else _of_table(table, issues, receptor)
    if found is None or len(issues.errors) > before:
        return None
    response = _of_the_whole(found, emissions, shown, issues)
    if len(issues.errors) > before:
        return None
    silent = np.isnan(found.perturbation) & np.any(found.coefficient != 0, axis=2)
    if np.any(silent):
        message = f"it is not said from which changes the slopes were made: {_some(_pairs(silent))}"
        issues.warn(shown, 0, "perturbation", message, "write e.g. 20 %: within it they hold")
    concentrations = None if base is None else np.array([base[name] for name in SPECIES], dtype=float)
    return Matrix(concentrations, response, found.perturbation, found.source)


def _of_the_whole(found: _Parts, given: Floats | None, shown: str, issues: Issues) -> Floats:
    """Return what the whole of each area's emissions does; a fault where it takes emissions that nobody gives."""
    argument = _unknown() if given is None else np.asarray(given, dtype=float)
    known = np.where(np.isnan(found.emissions), argument, found.emissions)
    needed = np.any((found.per_mass > 0) & (found.coefficient != 0), axis=2)
    for place, pair in zip(np.argwhere(needed), _pairs(needed), strict=True):
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
    if large := _pairs(~np.all(np.isfinite(response), axis=2)):
        message = f"coefficient times emissions is too large for a number: {_some(large)}"
        issues.error(shown, 0, "coefficient", message, "check their units")
    return response


def _pairs(where: np.ndarray) -> list[str]:
    return [f"{PRECURSORS[p]} of the {AREAS[a]}" for a, p in np.argwhere(where)]


def _triples(where: np.ndarray) -> list[str]:
    return [f"{SPECIES[k]} of {PRECURSORS[p]} of the {AREAS[a]}" for a, p, k in np.argwhere(where)]


def _there(line: float) -> str:
    return f"in line {line:.0f}" if line else "before"


def _some(names: Sequence[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _wanted(unit: str) -> str:
    """Return which of our units a coefficient's goes into.

    Raises
    ------
    UnitError
        When it is neither a concentration nor one for a mass.
    """
    for to in (_WHOLE, _PER_MASS, "ug/m^3/t"):  # a mass without a time is one of a year
        if units.describe(unit) == units.describe(to):
            return to
    hint = f"write {_WHOLE} (for the whole of an area's emissions) or {_PER_MASS}"
    raise UnitError(f"{unit!r} is no unit of a coefficient", hint)


def _check_unit(name: str, unit: str) -> None:
    """Check the unit that a header or a variable carries.

    Raises
    ------
    UnitError
        When it is none of such a number.
    """
    if not unit:
        raise UnitError("has no unit", f"write {name} [{_UNITS[name]}]")
    if name == "coefficient":
        _wanted(unit)
    elif name == "emissions":
        units.tonnes_per_year(unit)
    elif unit not in ("1", "%", "％"):
        raise UnitError(f"{unit!r} is no unit of a relative change", "write 1 or %")


def _relative(text: str, unit: str) -> float:
    """Return a perturbation [1], a share; a bare number is one only where its unit is 1."""
    percent = text.endswith(("%", "％"))
    if percent or unit != "1":
        return units.share(f"{text} %" if unit and not percent else text)
    value = numerals.number(text)
    if not 0 <= value <= 1:
        raise UnitError(f"{text} lies outside 0 to 1", "write between 0 and 1")
    return value


def _tonnes(text: str, unit: str) -> float:
    """Return emissions [t/yr]."""
    return not_negative(numerals.number(text)) * units.tonnes_per_year(unit)


def _suggested(column: str, text: str, known: Sequence[str]) -> str:
    if column == "precursor" and text in ("PM2.5", "PM10", "TSP"):
        return "split it into BC, OC and dust, which act on species of their own"
    if column == "species" and text in ("PM2.5", "PM25"):
        return f"split it into {', '.join(known)}"
    return vocabulary.suggest(text, known)


# -- tables ----------------------------------------------------------------------------------------------------------


def _of_table(table: Table, issues: Issues, receptor: str) -> _Parts | None:
    require(table, _REQUIRED, issues)
    if any(name not in table.columns for name in _REQUIRED):
        return None
    return _Rows(table, issues).parts(receptor)


@dataclass(frozen=True)
class _Cell:
    """What a row says; in its place (area, precursor, species) -1 stands for a name that is not known."""

    row: int
    receptor: str
    place: tuple[int, ...]
    coefficient: float
    per_mass: bool
    perturbation: float
    emissions: float


class _Rows(RowReader):
    """Reads the rows of a matrix; what a header with a wrong unit holds is not read."""

    wrong: frozenset[str] = frozenset()

    def fault(self, row: int, column: str, message: str, hint: str = "") -> None:
        """Note a fault in a cell; where there are no lines its names tell the place."""
        file, line = self.place(row)
        if not line and column not in _AXES:
            column = f"{column}[{', '.join(self._names(row))}]"
        self.issues.error(file, line, column, message, hint)

    def _names(self, row: int) -> list[str]:
        return [self.table.text(axis)[row] for axis in _AXES]

    def parts(self, receptor: str) -> _Parts | None:
        """Return what the rows say of a receptor, and note every fault of the table."""
        self.wrong = frozenset(name for name in _NUMBERS if not self._header(name))
        cells = [self._cell(row) for row in range(len(self.table))]
        self.unused(frozenset({*_COLUMNS, "emissions", *NOTES}), {"emissions": "emissions [t/yr]"})
        seen: dict[tuple[str, tuple[int, ...]], int] = {}
        for one in cells:
            first = seen.setdefault((one.receptor, one.place), one.row)
            if first != one.row and min(one.place) >= 0:
                message = f"{', '.join(self._names(one.row))} stands {_there(self.table.lines[first])} already"
                self.fault(one.row, "species", message, "keep one of the two")
        receptors = dict.fromkeys(one.receptor for one in cells)
        wanted = next(iter(receptors)) if len(receptors) == 1 else receptor
        if wanted and wanted != receptor:
            message = f"the only receptor is {wanted!r}, which is taken for the {receptor}"
            hint = f"name it {receptor} if that is what it stands for"
            self.issues.warn(self.table.file, self.table.header, "receptor", message, hint)
        if wanted not in receptors:
            hint = vocabulary.suggest(receptor, receptors)
            self.issues.error(self.table.file, self.table.header, "receptor", f"there is no {receptor!r}", hint)
            return None
        return self._gathered([one for one in cells if one.receptor == wanted and min(one.place[:2]) >= 0])

    def _header(self, name: str) -> bool:
        """Tell whether a header's unit goes with its numbers; a fault, once for the column, where it does not."""
        column = self.table.columns.get(name)
        # rows may carry the unit instead: of a coefficient in `unit`, of a perturbation in its %
        if column is None or (not column.unit and (name != "emissions" or not any(column.cells))):
            return True
        try:
            _check_unit(name, column.unit)
        except UnitError as error:
            self.issues.error(self.table.file, self.table.header, name, error.message, error.hint)
            return False
        return True

    def _cell(self, row: int) -> _Cell:
        receptor = self.table.text("receptor")[row]
        if not receptor and "receptor" in self.table.columns:
            self.fault(row, "receptor", "is blank", "name the place whose concentrations these are, e.g. district")
        place = tuple(self._name(row, column) for column in _AXES)
        coefficient, per_mass = self._coefficient(row, place[1])
        perturbation = self._number(row, "perturbation", _relative)
        emissions = self._number(row, "emissions", _tonnes)
        return _Cell(row, receptor, place, coefficient, per_mass, perturbation, emissions)

    def _name(self, row: int, column: str) -> int:
        known, text = _AXES[column], self.table.text(column)[row]
        name = vocabulary.POLLUTANT_ALIASES.get(text, text) if column == "precursor" else text
        if name not in known:
            message = f"unknown {column} {text!r}" if text else "is blank"
            self.fault(row, column, message, _suggested(column, name, known) if text else f"write {', '.join(known)}")
            return -1
        if name != text:
            self.alias(text, name, self.table.lines[row])
        return known.index(name)

    def _coefficient(self, row: int, precursor: int) -> tuple[float, bool]:
        """Return a coefficient in one of our units, and whether it is per mass."""
        cell = self.table.text("coefficient")[row]
        pollutant = PRECURSORS[precursor].replace("dust", "PM2.5") if precursor >= 0 else None
        unit = "" if "coefficient" in self.wrong else self.unit_of(row, "coefficient", pollutant)
        try:
            if not cell or cell in vocabulary.NOTATION_KEYS:
                raise UnitError(f"is {cell or 'blank'}", f"write a number; {_ADD}")
            numerals.number(cell)
            if not unit:
                return 0.0, False
            to = _wanted(units.check(unit, pollutant))
            return units.magnitude(f"{cell} {unit}", to, pollutant), to != _WHOLE
        except UnitError as error:
            self.fault(row, "coefficient", error.message, error.hint)
            return 0.0, False

    def _number(self, row: int, name: str, read: Callable[[str, str], float]) -> float:
        """Return a number that may be left out, NaN where it is."""
        column = self.table.get(name)
        if column is None or not column.cells[row] or name in self.wrong:
            return float("nan")
        try:
            return read(column.cells[row], column.unit)
        except UnitError as error:
            self.fault(row, name, error.message, error.hint)
            return float("nan")

    def _gathered(self, cells: Sequence[_Cell]) -> _Parts:
        found, listed, pairs = _Parts(), np.zeros(_SHAPE, dtype=bool), np.zeros(_SHAPE[:2], dtype=bool)
        found.perturbation, found.emissions = self._agreed(cells, "perturbation"), self._agreed(cells, "emissions")
        for one in cells:
            a, p, k = one.place
            if not pairs[a, p]:
                pairs[a, p], found.lines[a, p] = True, self.table.lines[one.row]
            if k >= 0:
                listed[a, p, k] = True
                found.coefficient[a, p, k], found.per_mass[a, p, k] = one.coefficient, one.per_mass
        for pair in _pairs(~pairs):
            self.issues.error(self.table.file, self.table.header, "precursor", f"there is no row for {pair}", _ADD)
        if silent := _triples(~listed & pairs[..., None]):
            message = f"what has no row does not respond: {_some(silent)}"
            self.issues.warn(self.table.file, self.table.header, "species", message, "write 0 to say so")
        references = self.table.text("reference")
        found.source = "; ".join(dict.fromkeys(references[one.row] for one in cells if references[one.row]))
        return found

    def _agreed(self, cells: Sequence[_Cell], name: str) -> Floats:
        """Return the number of each pair, NaN where no row has it; a fault where its rows differ."""
        found, first = _unknown(), dict[tuple[int, ...], int]()
        for one in cells:
            place, value = one.place[:2], getattr(one, name)
            if np.isnan(value):
                continue
            row = first.setdefault(place, one.row)
            if row == one.row:
                found[place] = value
            elif found[place] != value:
                text = self.table.text(name)
                message = f"is {text[one.row]}, and was {text[row]} {_there(self.table.lines[row])}"
                self.fault(one.row, name, message, "write one number for all species of an area's precursor")
        return found


# -- netCDF ----------------------------------------------------------------------------------------------------------


def _netcdf_table(path: Path, shown: str, issues: Issues) -> Table | None:
    """Return the variables of a netCDF file as a table with a row for each coefficient; None when that fails."""
    data = _dataset(path, shown, issues)
    if data is None or not _is_matrix(data, shown, issues):
        return None
    dims = [str(dim) for dim in data["coefficient"].dims]
    labels = np.meshgrid(*(data[dim].values for dim in dims), indexing="ij")
    columns = {dim: Column(dim, "", _cells(held)) for dim, held in zip(dims, labels, strict=True)}
    if "receptor" in data.coords and not data["receptor"].ndim:  # of one receptor alone it is no dimension
        columns["receptor"] = Column("receptor", "", _cells(data["receptor"].values) * data["coefficient"].size)
    bare = {name: data[name].drop_vars(list(data[name].coords)) for name in _NUMBERS if name in data}
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
        if name not in _NUMBERS and (meant := vocabulary.nearest(name, _NUMBERS, cutoff=0.75))
    ]
    for axis in dict.fromkeys((*_AXES, *dims) if dims else ()):
        if dims.count(axis) > 1:
            faults.append(("coefficient", f"has the dimension {axis!r} twice", f"it has {', '.join(dims)}"))
        elif axis not in dims:
            faults.append(("coefficient", f"lacks the dimension {axis!r}", f"it has {', '.join(dims)}"))
        elif axis not in (*_AXES, "receptor"):
            faults.append(("coefficient", f"has a dimension {axis!r}", f"it may have {', '.join(_AXES)}, receptor"))
        elif axis not in data.coords:
            faults.append((axis, "has no names", "add a coordinate variable of text"))
        elif len(set(labels := _cells(data[axis].values))) < len(labels):
            faults.append((axis, f"{next(one for one in labels if labels.count(one) > 1)} stands twice", "keep one"))
    for name in (name for name in _NUMBERS if name in names):
        if dims and (surplus := [str(dim) for dim in data[name].dims if dim not in dims]):
            faults.append((name, f"has a dimension {surplus[0]!r} that coefficient lacks", f"it has {', '.join(dims)}"))
        try:
            unit = str(data[name].attrs.get("units", ""))
            if not unit:
                raise UnitError("has no attribute `units`", f"add it, e.g. {_UNITS[name]}")
            _check_unit(name, unit)
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


# -- writing ---------------------------------------------------------------------------------------------------------


def write_matrix(path: Path, matrix: Matrix, receptor: str = "district") -> None:
    """Write a matrix to CSV or netCDF, by the ending of the path; `read_matrix` reads back the same numbers.

    Concentrations of the base year are not in it.

    Raises
    ------
    ValueError
        When the ending is another one, the response has leading axes, or a perturbation is above 1.
    """
    if np.shape(matrix.response) != _SHAPE:
        raise ValueError(f"a file holds one response, {_SHAPE}, and not {np.shape(matrix.response)}")
    suffix = path.suffix.lower()
    if suffix not in (".csv", *_NETCDF):
        raise ValueError(f"a matrix is written to .csv or .nc, not to {suffix or 'a file without ending'}")
    perturbation = np.broadcast_to(np.asarray(matrix.perturbation, dtype=float), _SHAPE[:2])
    if np.any(perturbation > 1):
        raise ValueError(f"a file holds perturbations up to 1, and not {np.nanmax(perturbation):g}")
    if suffix == ".csv":
        _write_table(path, matrix, perturbation, receptor)
        return
    data = xr.Dataset(
        {
            "coefficient": (tuple(_AXES), matrix.response, {"units": _WHOLE}),
            "perturbation": (("area", "precursor"), perturbation, {"units": "1"}),
        },
        coords={**{axis: list(names) for axis, names in _AXES.items()}, "receptor": receptor},
        attrs={"references": matrix.source},
    )
    data.to_netcdf(path, engine="netcdf4")


def _write_table(path: Path, matrix: Matrix, perturbation: Floats, receptor: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow("perturbation [1]" if name == "perturbation" else name for name in _COLUMNS)
        for a, p, k in np.ndindex(_SHAPE):
            within = "" if np.isnan(perturbation[a, p]) else repr(float(perturbation[a, p]))
            value = repr(float(matrix.response[a, p, k]))
            names = (AREAS[a], PRECURSORS[p], SPECIES[k], receptor)
            writer.writerow((*names, value, _WHOLE, within, matrix.source))
