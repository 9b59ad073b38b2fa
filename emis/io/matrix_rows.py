"""Rows of a source-receptor matrix: one for each area, precursor and species, and what is wrong with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from emis import numerals, units, vocabulary
from emis.airquality.interface import AREAS, PRECURSORS, SPECIES, Floats
from emis.errors import Issues, UnitError
from emis.io.cells import NOTES, RowReader, not_negative, require
from emis.io.tables import Table

__all__ = [
    "AXES", "COLUMNS", "NUMBERS", "SHAPE", "UNITS", "WHOLE", "Parts", "check_unit", "of_table", "pair_names", "some",
    "unknown",
]  # fmt: skip

AXES = {"area": AREAS, "precursor": PRECURSORS, "species": SPECIES}
SHAPE = (len(AREAS), len(PRECURSORS), len(SPECIES))
NUMBERS = ("coefficient", "perturbation", "emissions")
_REQUIRED = ("area", "precursor", "species", "coefficient")
COLUMNS = ("area", "precursor", "species", "receptor", "coefficient", "unit", "perturbation", "reference")
WHOLE, _PER_MASS = "ug/m^3", "ug/m^3/(t/yr)"
UNITS = {"coefficient": WHOLE, "perturbation": "1", "emissions": "t/yr"}
_ADD = "write 0 where it has no effect"


def unknown() -> Floats:
    """Return NaN for every area's precursors."""
    return np.full(SHAPE[:2], np.nan)


@dataclass
class Parts:
    """What a file says: (area, precursor, species), and (area, precursor) with NaN where it says nothing.

    `per_mass` is 1 where a coefficient is for t/yr and 0 where it is for the whole; `lines` tells where a pair stands.
    """

    coefficient: Floats = field(default_factory=lambda: np.zeros(SHAPE))
    per_mass: Floats = field(default_factory=lambda: np.zeros(SHAPE))
    perturbation: Floats = field(default_factory=unknown)
    emissions: Floats = field(default_factory=unknown)
    lines: Floats = field(default_factory=lambda: np.zeros(SHAPE[:2]))
    source: str = ""


def pair_names(where: np.ndarray) -> list[str]:
    """Return in words the areas' precursors that are marked, (area, precursor)."""
    return [f"{PRECURSORS[p]} of the {AREAS[a]}" for a, p in np.argwhere(where)]


def _triples(where: np.ndarray) -> list[str]:
    return [f"{SPECIES[k]} of {PRECURSORS[p]} of the {AREAS[a]}" for a, p, k in np.argwhere(where)]


def _there(line: float) -> str:
    return f"in line {line:.0f}" if line else "before"


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _wanted(unit: str) -> str:
    """Return which of our units a coefficient's goes into.

    Raises
    ------
    UnitError
        When it is neither a concentration nor one for a mass.
    """
    for to in (WHOLE, _PER_MASS, "ug/m^3/t"):  # a mass without a time is one of a year
        if units.describe(unit) == units.describe(to):
            return to
    hint = f"write {WHOLE} (for the whole of an area's emissions) or {_PER_MASS}"
    raise UnitError(f"{unit!r} is no unit of a coefficient", hint)


def check_unit(name: str, unit: str) -> None:
    """Check the unit that a header or a variable carries.

    Raises
    ------
    UnitError
        When it is none of such a number.
    """
    if not unit:
        raise UnitError("has no unit", f"write {name} [{UNITS[name]}]")
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


def of_table(table: Table, issues: Issues, receptor: str) -> Parts | None:
    """Return what a table says of a receptor; None, and `issues` says why, when it is no matrix."""
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
        if not line and column not in AXES:
            column = f"{column}[{', '.join(self._names(row))}]"
        self.issues.error(file, line, column, message, hint)

    def _names(self, row: int) -> list[str]:
        return [self.table.text(axis)[row] for axis in AXES]

    def parts(self, receptor: str) -> Parts | None:
        """Return what the rows say of a receptor, and note every fault of the table."""
        self.wrong = frozenset(name for name in NUMBERS if not self._header(name))
        cells = [self._cell(row) for row in range(len(self.table))]
        self.unused(frozenset({*COLUMNS, "emissions", *NOTES}), {"emissions": "emissions [t/yr]"})
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
            check_unit(name, column.unit)
        except UnitError as error:
            self.issues.error(self.table.file, self.table.header, name, error.message, error.hint)
            return False
        return True

    def _cell(self, row: int) -> _Cell:
        receptor = self.table.text("receptor")[row]
        if not receptor and "receptor" in self.table.columns:
            self.fault(row, "receptor", "is blank", "name the place whose concentrations these are, e.g. district")
        place = tuple(self._name(row, column) for column in AXES)
        coefficient, per_mass = self._coefficient(row, place[1])
        perturbation = self._number(row, "perturbation", _relative)
        emissions = self._number(row, "emissions", _tonnes)
        return _Cell(row, receptor, place, coefficient, per_mass, perturbation, emissions)

    def _name(self, row: int, column: str) -> int:
        known, text = AXES[column], self.table.text(column)[row]
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
            return units.magnitude(f"{cell} {unit}", to, pollutant), to != WHOLE
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

    def _gathered(self, cells: Sequence[_Cell]) -> Parts:
        found, listed, pairs = Parts(), np.zeros(SHAPE, dtype=bool), np.zeros(SHAPE[:2], dtype=bool)
        found.perturbation, found.emissions = self._agreed(cells, "perturbation"), self._agreed(cells, "emissions")
        for one in cells:
            a, p, k = one.place
            if not pairs[a, p]:
                pairs[a, p], found.lines[a, p] = True, self.table.lines[one.row]
            if k >= 0:
                listed[a, p, k] = True
                found.coefficient[a, p, k], found.per_mass[a, p, k] = one.coefficient, one.per_mass
        for pair in pair_names(~pairs):
            self.issues.error(self.table.file, self.table.header, "precursor", f"there is no row for {pair}", _ADD)
        if silent := _triples(~listed & pairs[..., None]):
            message = f"what has no row does not respond: {some(silent)}"
            self.issues.warn(self.table.file, self.table.header, "species", message, "write 0 to say so")
        references = self.table.text("reference")
        found.source = "; ".join(dict.fromkeys(references[one.row] for one in cells if references[one.row]))
        return found

    def _agreed(self, cells: Sequence[_Cell], name: str) -> Floats:
        """Return the number of each pair, NaN where no row has it; a fault where its rows differ."""
        found, first = unknown(), dict[tuple[int, ...], int]()
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
