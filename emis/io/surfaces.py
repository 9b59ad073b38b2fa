"""Tables of the coefficients of a response surface, and the cells they share with those of runs."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emis import numerals, units, vocabulary
from emis.airquality.interface import SPECIES
from emis.airquality.surface import Surface, Term
from emis.airquality.surface_design import VARIABLES, check_variables, variable
from emis.errors import Issues, UnitError
from emis.io.cells import NOTES, RowReader, not_negative, require
from emis.io.tables import Column, Table, read_table

__all__ = ["NAMES", "UNIT", "Reader", "read_surface", "split", "write_surface", "wrong_unit"]

UNIT = "ug/m^3"
_COLUMNS = ("kind", "term", "species", "value", "unit", "low", "high")
#: What a row of each kind fills in; the unit may stand in the header.
_KINDS = {
    "base": ("species", "value", "unit"),
    "term": ("term", "species", "value", "unit"),
    "box": ("term", "low", "high"),
}
NAMES = ("PM2.5", *SPECIES)
_PERCENT = ("%", "％")
#: A ratio above this is more likely a percentage.
_LARGE = 3.0


class Reader(RowReader):
    """Reads concentrations, ratios and names, each fault with its place."""

    def species(self, row: int) -> str | None:
        """Return PM2.5 or a species of it."""
        text = self.table.text("species")[row]
        name = vocabulary.POLLUTANT_ALIASES.get(text, text)
        if name not in NAMES:
            self.fault(row, "species", f"unknown species {text!r}", vocabulary.suggest(text, NAMES))
            return None
        if name != text:
            self.alias(text, name, self.table.lines[row])
        return name

    def term(self, row: int) -> Term | None:
        """Return a term."""
        try:
            return Term.parse(self.table.text("term")[row])
        except ValueError as error:
            self.fault(row, "term", *split(error))
            return None

    def concentration(self, row: int, column: Column, unit: str, signed: bool = False) -> float:
        """Return the number of a cell [ug/m3], NaN and a fault where it holds none."""
        cell = column.cells[row]
        try:
            if not cell:
                raise UnitError("is blank", "write a concentration; 0 where there is nothing")
            value = numerals.number(cell)
            if not signed:
                not_negative(value)
            units.ratio(unit, UNIT)
            return units.magnitude(f"{cell} {unit}", UNIT)
        except UnitError as error:
            self.fault(row, column.name, error.message, error.hint)
            return np.nan

    def ratio(self, row: int, column: Column, bare: bool = True) -> float:
        """Return a ratio [1], NaN and a fault where there is none.

        A change in % where header or cell says so: -30 % is 0.7. With `bare` a cell in % needs no sign to be one.
        """
        cell = column.cells[row]
        percent = cell.endswith(_PERCENT)
        change = percent or column.unit in _PERCENT
        right = "write -100 % or more" if change else "write a ratio such as 0.7, or [%] in the header for changes"
        try:
            if not cell:
                raise UnitError("is blank", "write a ratio of the base emissions; 1 where nothing changes")
            if percent and not bare and column.unit not in _PERCENT and cell[0] not in "+-−":
                right = f"write a change with its sign, such as -30 % (+{cell} for more), or the ratio, such as 0.7"
                raise UnitError(f"{cell} may be a change or a ratio", right)
            value = 1.0 + units.signed_share(cell if percent else f"{cell} %") if change else numerals.number(cell)
            if value < 0:
                raise UnitError(f"{cell} leaves less than nothing", right)
        except UnitError as error:
            self.fault(row, column.name, error.message, error.hint)
            return np.nan
        if value > _LARGE and not change:
            self._large(row, column.name, cell)
        return value

    def _large(self, row: int, name: str, cell: str) -> None:
        """Tell once for a column that its ratios look like percentages."""
        hint = "if it is a change in %, write [%] in the header"
        file, line = self.place(row)
        if not any((one.file, one.path, one.hint) == (file, name, hint) for one in self.issues.warnings):
            self.issues.warn(file, line, name, f"a ratio of {cell} is {cell} times the base", hint)


def split(error: ValueError) -> tuple[str, str]:
    """Return what is wrong and what would be right, which the models write with a semicolon between."""
    message, _, hint = str(error).partition("; ")
    return message, hint


def wrong_unit(column: Column, wanted: str) -> tuple[str, str] | None:
    """Return what is wrong with the unit of a header: of a concentration, or of a ratio, which has none or %."""
    if not wanted:
        right = column.unit in ("", "1", *_PERCENT)
        hint = "write no unit for ratios, [%] for changes"
        return None if right else (f"the unit {column.unit} is none of a ratio", hint)
    if not column.unit:
        return "has no unit", f"write it in the header: {column.name} [{wanted}]"
    try:
        units.ratio(column.unit, wanted)
    except units.UnitError as error:
        return error.message, error.hint
    return None


def read_surface(path: Path, shown: str, issues: Issues, encoding: str | None = None) -> Surface | None:
    """Return the response surface of a table; None, and `issues` says why, when it holds none.

    Rows are of three kinds, in columns kind, term, species, value, unit, low, high::

        base,             , PM2.5, 58,  ug/m^3,    ,       concentration at the base emissions
        term, district.NOx, PM2.5, 4.2, ug/m^3,    ,       coefficient of a product of (ratio - 1)^exponent
        box,  district.NOx,      ,    ,       , 0.3, 1.2   lowest and highest ratio of the runs behind it

    The base is given of PM2.5 alone or of all of `SPECIES`. A species does not respond to terms that it has no row of.
    The box may be in changes, -70 % and 20 %.
    """
    table = read_table(path, shown, issues, encoding=encoding)
    if table is None:
        return None
    needed = [name for name in _COLUMNS if name != "unit"]
    require(table, needed, issues)
    if any(name not in table.columns for name in needed):
        return None
    faults = len(issues.errors)
    rows = _SurfaceRows(table, issues)
    rows.read()
    rows.unused(frozenset({*_COLUMNS, *NOTES}))
    if not rows.lost:
        rows.check()
    return rows.surface() if len(issues.errors) == faults else None


class _SurfaceRows(Reader):
    """The rows of a table of coefficients; of each thing it keeps the value and the row it stands in.

    `lost` tells whether a row's names could not be read, so that what seems missing may be there.
    """

    def __init__(self, table: Table, issues: Issues):
        super().__init__(table, issues)
        self.lost = False
        self.base: dict[str, tuple[float, int]] = {}
        self.values: dict[tuple[Term, str], tuple[float, int]] = {}
        self.box: dict[str, tuple[float, float, int]] = {}
        self.terms: dict[Term, int] = {}
        self.seen: dict[tuple[str, ...], int] = {}

    def read(self) -> None:
        """Read every row."""
        for name in ("low", "high"):
            column = self.table.columns[name]
            if (wrong := wrong_unit(column, "")) is not None:
                self.issues.error(self.table.file, self.table.header, name, *wrong)
            # `unit_of` takes low and high for the ends of the value, which would have its unit.
            self.table.columns[name] = column.measured("%" if column.unit in _PERCENT else "")
        for row in range(len(self.table)):
            kind = self.table.text("kind")[row]
            if kind not in _KINDS:
                self.fault(row, "kind", f"unknown kind {kind!r}", vocabulary.suggest(kind, _KINDS))
                self.lost = True
            elif self._filled(row, kind):
                {"base": self._base, "term": self._term, "box": self._range}[kind](row)

    def _filled(self, row: int, kind: str) -> bool:
        """Tell whether a row holds all that its kind needs; note what it lacks and what it holds beside."""
        wanted = _KINDS[kind]
        right = f"a row of kind {kind} holds {', '.join(wanted)}"
        blank = [name for name in wanted if name != "unit" and not self.table.text(name)[row]]
        for name in blank:
            self.fault(row, name, "is blank", right)
        for name in _COLUMNS[1:]:
            if name not in wanted and self.table.text(name)[row]:
                self.fault(row, name, "is not used here", right)
        self.lost = self.lost or bool(blank)
        return not blank

    def _once(self, row: int, *key: str) -> bool:
        if key in self.seen:
            first = self.table.lines[self.seen[key]]
            self.fault(row, "kind", f"{' '.join(key)} stands in line {first} already", "keep one of the two")
            return False
        self.seen[key] = row
        return True

    def _value(self, row: int, signed: bool) -> float:
        unit = self.unit_of(row, "value") or UNIT  # with a fault the number is looked at, and not used
        return self.concentration(row, self.table.columns["value"], unit, signed)

    def _base(self, row: int) -> None:
        species, value = self.species(row), self._value(row, signed=False)
        if species is None:
            self.lost = True
        elif self._once(row, "base", species):
            self.base[species] = value, row

    def _term(self, row: int) -> None:
        term, species, value = self.term(row), self.species(row), self._value(row, signed=True)
        if term is None or species is None:
            self.lost = True
        elif self._once(row, "term", str(term), species):
            self.terms.setdefault(term, row)
            self.values[term, species] = value, row

    def _range(self, row: int) -> None:
        low, high = (self.ratio(row, self.table.columns[name]) for name in ("low", "high"))
        try:
            name = variable(self.table.text("term")[row])
        except ValueError as error:
            self.fault(row, "term", *split(error))
            self.lost = True
            return
        if not self._once(row, "box", name):
            return
        if low > 1 or high < 1:
            message = f"the range {low:g} to {high:g} of {name} does not hold the base, 1"
            self.fault(row, "low", message, "write ratios of the base, e.g. 0.3 and 1.2")
        self.box[name] = low, high, row

    # -- the whole ---------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Note what rows lack of each other."""
        for kind, found in (("base", self.base), ("term", self.terms)):
            if not found:
                message = f"has no row of kind {kind}"
                hint = f"it holds {', '.join(_KINDS[kind])}"
                self.issues.error(self.table.file, self.table.header, "kind", message, hint)
        if self.base:
            self._check_species()
        self._check_box()

    def _check_species(self) -> None:
        if "PM2.5" in self.base and len(self.base) > 1:
            message, hint = "the base is of PM2.5 and of its species", "keep PM2.5 alone, or its species"
            self.fault(self.base["PM2.5"][1], "species", message, hint)
            return
        species = ("PM2.5",) if "PM2.5" in self.base else SPECIES
        if missing := [name for name in species if name not in self.base]:
            first = min(row for _, row in self.base.values())
            self.fault(first, "species", f"the base lacks {', '.join(missing)}", "add them; 0 where there is nothing")
        for (term, name), (value, row) in self.values.items():
            if name not in species:
                hint = f"the base is given of {', '.join(species)}"
                self.fault(row, "species", f"{term} has a coefficient of {name}, which has no base", hint)
            elif value and self.base.get(name, (1.0, 0))[0] == 0:
                hint = "a surface is taken relative to its base: give that, or a coefficient of 0"
                self.fault(row, "value", f"{term} has a coefficient of {name}, of which the base has nothing", hint)

    def _check_box(self) -> None:
        used: dict[str, int] = {}
        for term, row in self.terms.items():
            for name in term.variables:
                used.setdefault(name, row)
        for name, row in used.items():
            if name not in self.box:
                message = f"the box has no range of {name}"
                self.fault(row, "term", message, f"add a row: box, {name}, and its lowest and highest ratio")
        for name, (_, _, row) in self.box.items():
            if name not in used:
                self.issues.warn(*self.place(row), "term", f"no term holds {name}", "its range is not used")
        try:
            check_variables(used)
        except ValueError as error:
            self.fault(max(used.values()), "term", *split(error))

    # -- what they make ----------------------------------------------------------------------------------------------

    def surface(self) -> Surface:
        """Return the surface of rows without fault."""
        species = ("PM2.5",) if "PM2.5" in self.base else SPECIES
        base = np.array([self.base[name][0] for name in species])
        values = [[self.values.get((term, name), (0.0, 0))[0] for name in species] for term in self.terms]
        used = {name for term in self.terms for name in term.variables}
        box = {name: self.box[name][:2] for name in VARIABLES if name in used}
        return Surface(base, tuple(self.terms), np.array(values), box)


def write_surface(path: Path, surface: Surface) -> None:
    """Write the table that `read_surface` reads back as the same numbers; whether it is clamped is not in it.

    Raises
    ------
    ValueError
        When the surface has axes of draws: a table holds one surface.
    """
    if surface.base.ndim > 1 or surface.coefficients.ndim > 2:
        raise ValueError("a table holds one surface, and this one has axes of draws in front")
    rows: list[Sequence[str]] = [_COLUMNS]
    for name, value in zip(surface.species, surface.base, strict=True):
        rows.append(("base", "", name, _text(value), UNIT, "", ""))
    for term, values in zip(surface.terms, surface.coefficients, strict=True):
        for name, value in zip(surface.species, values, strict=True):
            rows.append(("term", str(term), name, _text(value), UNIT, "", ""))
    for name in surface.variables:
        low, high = surface.box[name]
        rows.append(("box", name, "", "", "", _text(low), _text(high)))
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def _text(value: float) -> str:
    return numerals.plain(float(value))
