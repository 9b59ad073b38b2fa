"""Tables of what was observed of the air: annual values, shares of origin, daily series."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from emis import units, vocabulary
from emis.airquality import observed
from emis.airquality.interface import AREAS, SPECIES, Floats
from emis.airquality.observed import ORIGINS, QUANTITIES, Daily, Observation, Observations, Shares
from emis.errors import Issues
from emis.io.cells import NOTES, RowReader, require
from emis.io.tables import Table

__all__ = ["daily_series", "observations", "shares"]

#: How far the species of a table may be from the whole of PM2.5, relative; they are then scaled to it.
TOLERANCE = 0.01
_DAILY = {"PM2.5": "ug/m^3", "PM10": "ug/m^3", "SO2": "ug/m^3", "NO2": "ug/m^3", "CO": "mg/m^3", "O3": "ug/m^3"}


class _Reader(RowReader):
    """Reads rows that are told apart by a key, each of which may stand once."""

    def __init__(self, table: Table, issues: Issues):
        super().__init__(table, issues)
        self.seen: dict[tuple[object, ...], int] = {}

    def once(self, row: int, key: tuple[object, ...]) -> bool:
        """Note a row's key; a fault when it stands already."""
        if key in self.seen:
            first, shown = self.table.lines[self.seen[key]], ", ".join(str(one) for one in key if one)
            self.fault(row, "", f"{shown} stands in line {first} already", "keep one of the two")
            return False
        self.seen[key] = row
        return True

    def name(self, row: int, column: str, known: Sequence[str]) -> str | None:
        """Return a name that has to be one of those known."""
        text = self.table.text(column)[row]
        if text in known:
            return text
        message = f"unknown {column} {text!r}" if text else "is blank"
        self.fault(row, column, message, vocabulary.suggest(text, known) if text else f"write {', '.join(known)}")
        return None

    def year(self, row: int, column: str = "year") -> int | None:
        """Return a year."""
        text = self.table.text(column)[row]
        if not (text.isascii() and text.isdecimal() and len(text) == 4):
            self.fault(row, column, f"{text!r} is no year" if text else "is blank", "write e.g. 2017")
            return None
        return int(text)

    def number(self, row: int, column: str, to: str) -> float | None:
        """Return the number of a cell in the unit `to`; None for a notation key, which is a gap, and for a fault."""
        cell = self.table.text(column)[row]
        if cell in vocabulary.NOTATION_KEYS:
            return 0.0 if cell == "NO" else None
        if not cell:
            self.fault(row, column, "is blank", "write a number, NE when it is not known, or leave the row out")
            return None
        header, own = self.table.columns[column].unit, self.table.text("unit")[row]
        try:
            if header and own and header != own:
                raise units.UnitError(f"is in {header} by its header and in {own} by `unit`", "keep one of the two")
            value = _converted(cell, header or own, to)
            if value < 0:
                raise units.UnitError(f"{cell} is negative", "write 0 or more")
        except units.UnitError as error:
            self.fault(row, column, error.message, error.hint)
            return None
        return value

    def ends(self, row: int, value: float, to: str) -> tuple[float, float]:
        """Return low and high of a value [to], the value itself where none are given."""
        given = [name for name in ("low", "high") if self.table.text(name)[row]]
        if not given:
            return value, value
        if len(given) == 1:
            self.fault(row, given[0], "is given without the other end of the range", "give low and high")
            return value, value
        low, high = (self.number(row, name, to) for name in given)
        if low is None or high is None:
            return value, value
        if not low <= value <= high:
            message = f"the range {low:g} to {high:g} does not hold the value {value:g}"
            self.fault(row, "low", message, "give a range around it")
        return low, high


def _converted(cell: str, unit: str, to: str) -> float:
    if not unit:
        raise units.UnitError(f"a bare number {cell} was found", f"write its unit in the column `unit`, e.g. {to}")
    if to == "1":
        return units.share(f"{cell} {unit}") if unit in ("%", "％") else units.magnitude(f"{cell} {unit}", "ug/m^3")
    return units.magnitude(f"{cell} {unit}", to)


# -- annual values ---------------------------------------------------------------------------------------------------

#: Year, area, quantity, and quarter: 0 for the year.
_Key: TypeAlias = tuple[int, str, str, int]


def observations(table: Table, issues: Issues) -> Observations | None:
    """Return the annual values of a table; None, and `issues` says why, when its columns are not those of one."""
    names = ("year", "area", "quantity", "value", "unit")
    require(table, names, issues)
    if any(name not in table.columns for name in names):
        return None
    reader = _Reader(table, issues)
    found: dict[_Key, Observation] = {}
    masses: dict[tuple[int, str, int], set[str]] = {}
    for row in range(len(table)):
        year, area = reader.year(row), reader.name(row, "area", AREAS)
        quantity, quarter = _quantity(reader, row), _quarter(reader, row)
        grade, reference, basis = reader.grade(row), table.text("reference")[row], _basis(reader, row, quantity)
        if year is None or area is None or quantity is None or quarter is None:
            continue
        key = (year, area, quantity, quarter)
        if not reader.once(row, key):
            continue
        to = QUANTITIES[quantity]
        value = reader.number(row, "value", to)
        if value is None or not _something(reader, row, quantity, value):
            continue
        low, high = reader.ends(row, value, to)
        found[key] = Observation(value, low, high, reference, grade, basis)
        if quantity in SPECIES:
            masses.setdefault((year, area, quarter), set()).add(table.text("unit")[row] or table.columns["value"].unit)
    reader.unused(frozenset({*names, "quarter", "basis", "low", "high", "station", *NOTES}))
    if not any(issue.file == table.file for issue in issues.errors):
        for (year, area, quarter), written in masses.items():
            _weigh(reader, found, (year, area, quarter), written)
        _impossible(reader, found)
        _all_quarters(reader, found)
    annual = {key[:3]: one for key, one in found.items() if not key[3]}
    return Observations(table.file, annual, {key: one for key, one in found.items() if key[3]})


def _quarter(reader: _Reader, row: int) -> int | None:
    """Return the quarter a row is about, 0 for the year; None with a fault."""
    text = reader.table.text("quarter")[row]
    if text and text not in ("1", "2", "3", "4"):
        reader.fault(row, "quarter", f"{text!r} is no quarter", "write 1 to 4, or leave it blank for the year")
        return None
    return int(text or 0)


def _basis(reader: _Reader, row: int, quantity: str | None) -> str:
    """Return at which conditions a row's particles are told, blank where it does not say."""
    text = reader.table.text("basis")[row]
    if not text:
        return ""
    if quantity is not None and quantity not in observed.PARTICLES:
        message = f"{quantity} is told at no conditions of its own"
        reader.fault(row, "basis", message, f"leave it blank but for {' and '.join(observed.PARTICLES)}")
        return ""
    return reader.name(row, "basis", observed.BASES) or ""


def _something(reader: _Reader, row: int, quantity: str, value: float) -> bool:
    """Tell whether a value is one that others may be compared with; a mean of nothing is a fault."""
    if value > 0 or quantity not in (*observed.MASSES, "dustfall"):
        return True
    cell = reader.table.text("value")[row]
    reader.fault(row, "value", f"{quantity} is {cell}", "write what was measured, or NE where that is not known")
    return False


def _quantity(reader: _Reader, row: int) -> str | None:
    text = reader.table.text("quantity")[row]
    name = vocabulary.POLLUTANT_ALIASES.get(text, text)
    if name in QUANTITIES:
        if name != text:
            reader.alias(text, name, reader.table.lines[row])
        return name
    return reader.name(row, "quantity", tuple(QUANTITIES))


def _weigh(reader: _Reader, found: dict[_Key, Observation], place: tuple[int, str, int], written: set[str]) -> None:
    """Turn the species of a year or quarter into shares of their PM2.5, and refuse those that are not all of it."""
    year, area, quarter = place
    shown_place = f"{area} {year}" + (f" quarter {quarter}" if quarter else "")
    keys = {name: (year, area, name, quarter) for name in ("PM2.5", *SPECIES)}
    first = min(row for name in SPECIES if (row := reader.seen.get(keys[name])) is not None)
    missing = [name for name in SPECIES if keys[name] not in found]
    if missing:
        message = f"the composition of {shown_place} lacks {', '.join(missing)}"
        reader.fault(first, "quantity", message, "add them; what is nothing is 0 %, what is not told apart is `other`")
        return
    shares = {unit in ("%", "％") for unit in written}
    if len(shares) > 1:
        message = f"the composition of {shown_place} is partly in % and partly in a concentration"
        reader.fault(first, "unit", message, "write all of it in one")
        return
    if shares == {True}:
        whole, shown = 1.0, "100 %"
    else:
        mass = found.get(keys["PM2.5"])
        if mass is None:
            message = f"the composition of {shown_place} is in a concentration, and its PM2.5 is not there"
            reader.fault(first, "unit", message, "add PM2.5 of that time, or write the species in %")
            return
        whole, shown = mass.value, f"{mass.value:g} ug/m^3"
    total = sum(found[keys[name]].value for name in SPECIES)
    if abs(total - whole) > TOLERANCE * whole:
        sum_shown = f"{100 * total:.4g} %" if shares == {True} else f"{total:.4g} ug/m^3"
        message = f"the species of {shown_place} sum to {sum_shown} and not to {shown}"
        reader.fault(
            first, "value", message, f"put what is missing under `other`; {100 * TOLERANCE:g} % may be rounding"
        )
        return
    for name in SPECIES:
        one = found[keys[name]]
        low, high = (min(end / total, 1.0) for end in (one.low, one.high))
        found[keys[name]] = Observation(one.value / total, low, high, one.reference, one.grade)


def _all_quarters(reader: _Reader, found: Mapping[_Key, Observation]) -> None:
    """Refuse years of which some quarters are there and not all: a year of three would be no year."""
    held: dict[tuple[int, str], set[str]] = {}
    for year, area, quantity, quarter in found:
        if quarter:
            held.setdefault((year, area), set()).add(quantity)
    for (year, area), quantities in held.items():
        # Shares of a quarter weigh as much as its PM2.5.
        needed = quantities | {"PM2.5", *SPECIES} if quantities & set(SPECIES) else quantities
        lacking = [
            f"{name} of quarter {quarter}"
            for quarter in (1, 2, 3, 4)
            for name in QUANTITIES
            if name in needed and (year, area, name, quarter) not in found
        ]
        if lacking:
            row = min(row for key, row in reader.seen.items() if key[:2] == (year, area) and key[3])
            message = f"the quarters of {area} {year} lack {', '.join(lacking)}"
            reader.fault(row, "quarter", message, "give all four quarters, or none")


def _impossible(reader: _Reader, found: Mapping[_Key, Observation]) -> None:
    """Refuse more heavily polluted days than days, more fine than inhalable particles, more background than dust."""
    bounds = (
        ("heavy_days", "valid_days"), ("heavy_days_PM2.5", "heavy_days"), ("PM2.5", "PM10"),
        ("dustfall_background", "dustfall"),
    )  # fmt: skip
    for (year, area, quantity, quarter), one in found.items():
        row = reader.seen[year, area, quantity, quarter]
        if QUANTITIES[quantity] == "day" and one.value > 366:
            reader.fault(row, "value", f"{one.value:g} days are more than a year has", "write days of one year")
        for part, whole in bounds:
            other = found.get((year, area, whole, quarter))
            if quantity == part and other is not None and one.value > other.value:
                message = f"{part} of {area} {year} is {one.value:g}, more than {whole}, {other.value:g}"
                reader.fault(row, "value", message, "check both")


# -- origins ---------------------------------------------------------------------------------------------------------


def shares(table: Table, issues: Issues) -> dict[str, Shares]:
    """Return where the species of each receptor come from; `issues` says what is wrong with the table."""
    names = ("receptor", "species", "area", "share")
    require(table, names, issues)
    if any(name not in table.columns for name in names):
        return {}
    reader = _Reader(table, issues)
    cells: dict[tuple[str, str, str], tuple[float, float, float]] = {}
    for row in range(len(table)):
        receptor, species = reader.name(row, "receptor", AREAS[:2]), reader.name(row, "species", SPECIES)
        origin = reader.name(row, "area", ORIGINS)
        reader.grade(row)
        if receptor is None or species is None or origin is None or not reader.once(row, (receptor, species, origin)):
            continue
        ends = [_share(reader, row, name) for name in ("share", "low", "high")]
        value = ends[0]
        if value is None:
            continue
        low, high = (value if end is None else end for end in ends[1:])
        if not low <= value <= high:
            reader.fault(row, "low", f"the range does not hold the share {100 * value:g} %", "give a range around it")
        cells[receptor, species, origin] = value, low, high
    reader.unused(frozenset({*names, "unit", "low", "high", "note", *NOTES}))
    if any(issue.file == table.file for issue in issues.errors):
        return {}
    _whole_shares(reader, cells)
    return {receptor: _arrays(cells, receptor) for receptor in dict.fromkeys(key[0] for key in cells)}


def _share(reader: _Reader, row: int, column: str) -> float | None:
    text = reader.table.text(column)[row]
    if not text:
        if column == "share":
            reader.fault(row, column, "is blank", "write a share such as 15 %")
        return None
    unit = reader.table.columns[column].unit or reader.table.text("unit")[row]
    try:
        return units.share(f"{text} {unit}" if unit and not text.endswith(("%", "％")) else text)
    except units.UnitError as error:
        reader.fault(row, column, error.message, error.hint)
        return None


def _whole_shares(reader: _Reader, cells: Mapping[tuple[str, str, str], tuple[float, float, float]]) -> None:
    for receptor in dict.fromkeys(key[0] for key in cells):
        for species in SPECIES:
            mine = {
                origin: cells[receptor, species, origin][0]
                for origin in ORIGINS
                if (receptor, species, origin) in cells
            }
            row = next((row for key, row in reader.seen.items() if key[:2] == (receptor, species)), None)
            if row is None:
                row = next(row for key, row in reader.seen.items() if key[0] == receptor)
                reader.fault(row, "species", f"{species} of receptor {receptor} is missing", "add where it comes from")
            elif lacking := [origin for origin in ORIGINS if origin not in mine]:
                message = f"{species} of receptor {receptor} lacks {', '.join(lacking)}"
                reader.fault(row, "area", message, "write 0 % where nothing comes from")
            elif abs(sum(mine.values()) - 1) > 1e-6:
                message = f"the shares of {species} of receptor {receptor} sum to {100 * sum(mine.values()):.6g} %"
                reader.fault(row, "share", message, "they are to sum to 100 %, the background among them")


def _arrays(cells: Mapping[tuple[str, str, str], tuple[float, float, float]], receptor: str) -> Shares:
    blank = (np.nan,) * 3
    whole = np.array([[cells.get((receptor, name, origin), blank) for name in SPECIES] for origin in ORIGINS])
    return Shares(whole[..., 0], whole[..., 1], whole[..., 2])


# -- daily series ----------------------------------------------------------------------------------------------------


def daily_series(table: Table, issues: Issues) -> dict[tuple[str, int], Daily]:
    """Return daily series by area and year; days that the table does not have are gaps."""
    require(table, ("date", "area"), issues)
    if any(name not in table.columns for name in ("date", "area")):
        return {}
    reader = _Reader(table, issues)
    columns = [name for name in _DAILY if table.get(name) is not None]
    if not columns:
        issues.error(table.file, table.header, "", "holds no pollutant", "add a column such as PM2.5 [ug/m^3]")
    for name in [name for name in columns if not table.columns[name].unit]:
        issues.error(table.file, table.header, name, "has no unit", f"write it in the header: {name} [{_DAILY[name]}]")
        columns.remove(name)
    found: dict[tuple[str, int], dict[str, Floats]] = {}
    for row in range(len(table)):
        area, day = reader.name(row, "area", AREAS), reader.date(row, "date")
        if area is None or day is None or not reader.once(row, (day, area)):
            continue
        length = 366 if day.year % 4 == 0 and (day.year % 100 or day.year % 400 == 0) else 365
        series = found.setdefault((area, day.year), {name: np.full(length, np.nan) for name in columns})
        for name in columns:
            value = reader.number(row, name, _DAILY[name])
            series[name][day.timetuple().tm_yday - 1] = np.nan if value is None else value
    reader.unused(frozenset({"date", "area", "station", *_DAILY, *NOTES}))
    return {key: Daily(values) for key, values in found.items()}
