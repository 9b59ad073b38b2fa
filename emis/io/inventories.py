"""Inventories: a folder with inventory.yaml, or a single table, read into one Inventory with all its faults at once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StrictStr, model_validator

from emis import schema, units, vocabulary
from emis.errors import Issue, Issues
from emis.inventory import Floats, Inventory, Stock
from emis.io import documents, tables
from emis.io.folders import Folder
from emis.io.tables import Column, Table, number
from emis.schema import Id, Model, PollutantName, Title, Year

__all__ = ["InventoryDocument", "load_inventory", "read_inventory"]

_KEY_COLUMNS = ("source", *vocabulary.LABELS)
_NOTES = ("reference", "grade", "note", "comment")
_ROW_COLUMNS = {*_KEY_COLUMNS, *_NOTES, "activity", "unit", "cv", "low", "high", "profile", "lon", "lat", "control"}
_GRADES = {"", "A", "B", "C", "D", "E"}


class _TableEntry(Model):
    """One sector's tables: activity with factors, or reported emissions."""

    sector: StrictStr
    activity: StrictStr | None = None
    factors: StrictStr | tuple[StrictStr, ...] | None = None
    emissions: StrictStr | None = None
    sheet: StrictStr | None = None
    encoding: StrictStr | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "_TableEntry":
        if (self.activity is None) == (self.emissions is None) or (
            self.emissions is not None and self.factors is not None
        ):
            raise schema.fault("expected `activity` with `factors`, or `emissions`", "write one entry for each table")
        if self.activity is not None and self.factors is None:
            raise schema.fault("`activity` needs `factors`", "name the factor table", "activity")
        if self.sector not in vocabulary.SECTORS:
            raise schema.fault(
                f"unknown sector {self.sector!r}", vocabulary.suggest(self.sector, vocabulary.SECTORS), "sector"
            )
        return self


class InventoryDocument(Model):
    """An inventory.yaml."""

    emis: Literal["inventory/1"]
    name: Id
    title: Title | StrictStr = Title()
    base_year: Year
    status: Literal["official", "reconstruction", "example"]
    pollutants: Annotated[tuple[PollutantName, ...], Field(min_length=1)]
    tables: Annotated[tuple[_TableEntry, ...], Field(min_length=1)]
    profiles: StrictStr | None = None
    note: StrictStr = ""

    @model_validator(mode="after")
    def _pollutants_once(self) -> "InventoryDocument":
        if len(set(self.pollutants)) != len(self.pollutants):
            raise schema.fault("a pollutant is named twice", "name each pollutant once", "pollutants")
        return self


def read_inventory(path: str | Path, *, encoding: str | None = None, root: str | Path | None = None) -> Inventory:
    """Read an inventory: a folder, its inventory.yaml, or a single table of sources.

    Parameters
    ----------
    path : path
        Folder, inventory.yaml, or a CSV, TSV, XLSX or Parquet table.
    encoding : str, optional
        Encoding of its tables, when it cannot be told.
    root : path, optional
        Folder that files may not lead out of; found by itself otherwise.

    Raises
    ------
    InputError
        Every fault of every file, each with line, what was found and what would be right.
    """
    issues = Issues()
    folder = Folder.around(Path(path), root)
    inventory = load_inventory(Path(path), folder, issues, encoding)
    issues.raise_if_any()
    assert inventory is not None
    return inventory


def load_inventory(
    path: Path, folder: Folder, issues: Issues, encoding: str | None = None, year: int | None = None
) -> Inventory | None:
    """Read an inventory and note its faults; None when it has any."""
    before, warned = len(issues.errors), len(issues.warnings)
    target = path / "inventory.yaml" if path.is_dir() else path
    shown = folder.shown(target)
    if target.suffix.lower() in (".yaml", ".yml"):
        document = _document(target, shown, folder, issues)
        if document is None:
            return None
        if year is not None and document.base_year != year:
            issues.error(
                shown,
                0,
                "base_year",
                f"is {document.base_year}, and the scenario takes it for {year}",
                "name the inventory of that year",
            )
        collector = _Collector(document.pollutants, issues)
        _collect_folder(document, target, folder, collector, encoding)
    else:
        document = None
        collector = _Collector((), issues)
        found = _table(target, shown, folder, issues, None, encoding)
        if found is not None:
            collector.single(found)
    if len(issues.errors) > before:
        return None
    return collector.inventory(document, shown, year, tuple(issues.warnings[warned:]))


def _document(target: Path, shown: str, folder: Folder, issues: Issues) -> InventoryDocument | None:
    folder.read(target)
    tree = documents.read_document(target, shown, issues)
    return documents.validate(InventoryDocument, tree, issues) if tree else None


def _table(
    target: Path, shown: str, folder: Folder, issues: Issues, sheet: str | None, encoding: str | None
) -> Table | None:
    folder.read(target)
    return tables.read_table(target, shown, issues, sheet, encoding)


def _collect_folder(
    document: InventoryDocument, target: Path, folder: Folder, collector: "_Collector", encoding: str | None
) -> None:
    issues, shown = collector.issues, folder.shown(target)

    def table(name: str, key: str, entry: _TableEntry | None) -> Table | None:
        path = folder.resolve(target, name, 0, key, issues)
        sheet = entry.sheet if entry else None
        return path and _table(
            path, folder.shown(path), folder, issues, sheet, (entry.encoding if entry else None) or encoding
        )

    if document.profiles is not None:
        found = table(document.profiles, "profiles", None)
        if found is not None:
            collector.profiles = _profiles(found, issues)
    factors: dict[str, _Factors | None] = {}
    for number_, entry in enumerate(document.tables):
        key = f"tables.{number_}"
        if entry.emissions is not None:
            found = table(entry.emissions, f"{key}.emissions", entry)
            if found is not None:
                collector.emissions(found, entry.sector)
            continue
        names = (entry.factors,) if isinstance(entry.factors, str) else entry.factors or ()
        known: list[_Factors] = []
        for name in names:
            if name not in factors:
                found = table(name, f"{key}.factors", None)
                factors[name] = _Factors.read(found, issues) if found is not None else None
            if (one := factors[name]) is not None:
                known.append(one)
        assert entry.activity is not None
        found = table(entry.activity, f"{key}.activity", entry)
        if found is not None and len(known) == len(names):
            collector.activity(found, entry.sector, _Factors.joined(known))
    if not collector.rows and not issues.errors:
        issues.error(shown, 0, "tables", "there is no source in it", "add rows to its tables")


def _profiles(table: Table, issues: Issues) -> dict[str, Floats]:
    """Return monthly shares by profile; each row sums to 1 within 1e-6 and is then made to sum to 1."""
    months = [table.get(str(month)) for month in range(1, 13)]
    names = table.get("profile")
    missing = [str(month) for month, column in enumerate(months, start=1) if column is None]
    if names is None or missing:
        absent = ", ".join([*([] if names else ["profile"]), *missing])
        issues.error(table.file, 1, absent, "columns are missing", "write profile, 1, 2, ..., 12, reference")
        return {}
    values = np.array([tables.numbers(table, column, issues, _not_negative) for column in months if column])
    found: dict[str, Floats] = {}
    for row, name in enumerate(names.cells):
        if not name or name in found:
            issues.error(
                table.file,
                table.lines[row],
                "profile",
                f"the profile {name!r} is blank or stands twice",
                "give each its own name",
            )
        total = float(values[:, row].sum())
        if abs(total - 1) > 1e-6:
            issues.error(table.file, table.lines[row], name, f"the shares sum to {total:.8g}", "make them sum to 1")
        found[name] = values[:, row] / total
    return found


def _not_negative(value: float) -> str:
    return f"{value:g} is negative; write 0 or more" if value < 0 else ""


@dataclass(frozen=True, slots=True)
class _Factor:
    """One row of a factor table."""

    value: float
    unit: str
    control: float
    low: float
    high: float
    key: str
    place: tuple[str, int]


@dataclass
class _Factors:
    """Factor tables: for each pollutant the rows by (category, fuel, technology), blank meaning any."""

    rows: dict[str, dict[tuple[str, str, str], _Factor]] = field(default_factory=lambda: defaultdict(dict))
    files: tuple[str, ...] = ()

    @classmethod
    def read(cls, table: Table, issues: Issues) -> "_Factors":
        """Read a factor table; two rows for the same labels and pollutant are a fault."""
        self = cls(files=(table.file,))
        _require(table, ("category", "pollutant", "factor", "unit"), issues)
        if any(name not in table.columns for name in ("category", "pollutant", "factor", "unit")):
            return self
        reader = _Rows(table, issues)
        keys = list(zip(*(table.text(name) for name in ("category", "fuel", "technology")), strict=True))
        for row, (text, unit) in enumerate(zip(table.text("pollutant"), table.text("unit"), strict=True)):
            name = reader.pollutant(row, text)
            reader.labels(row, dict(zip(("category", "fuel", "technology"), keys[row], strict=True)))
            if not keys[row][0]:
                reader.fault(row, "category", "is blank", "name a category; blank fuel or technology means any")
            value, key = reader.value(row, "factor")
            if name is None:
                continue
            if not key and not np.isnan(value):
                reader.unit(row, unit, name)
            low, high = reader.bounds(row, value)
            factor = _Factor(value, unit, reader.control(row), low, high, key, reader.place(row))
            earlier = self.rows[name].get(keys[row])
            if earlier is not None:
                described = "/".join(part or "any" for part in keys[row])
                reader.fault(
                    row,
                    "factor",
                    f"a second factor for {described} {name}, the first is in line {earlier.place[1]}",
                    "keep one of them",
                )
            self.rows[name][keys[row]] = factor
        reader.unused({*_ROW_COLUMNS, "pollutant", "factor"} - {"activity"})
        return self

    @classmethod
    def joined(cls, several: Sequence["_Factors"]) -> "_Factors":
        """Return several tables as one."""
        if len(several) == 1:
            return several[0]
        whole = cls(files=tuple(name for one in several for name in one.files))
        for one in several:
            for name, rows in one.rows.items():
                whole.rows[name].update(rows)
        return whole

    def find(self, pollutant: str, category: str, fuel: str, technology: str) -> _Factor | None:
        """Return the most specific row: technology beats fuel beats category."""
        rows = self.rows.get(pollutant, {})
        wanted = ((category, fuel, technology), (category, "", technology), (category, fuel, ""), (category, "", ""))
        return next((rows[key] for key in wanted if key in rows), None)


class _Rows:
    """Reads the cells of one table, with the place of each fault."""

    def __init__(self, table: Table, issues: Issues):
        self.table, self.issues = table, issues

    def place(self, row: int) -> tuple[str, int]:
        return self.table.file, self.table.lines[row]

    def fault(self, row: int, column: str, message: str, hint: str = "") -> None:
        self.issues.error(*self.place(row), column, message, hint)

    def pollutant(self, row: int, text: str) -> str | None:
        """Return the pollutant's name; another spelling of it is reported."""
        name = vocabulary.pollutant(text)
        if name is None:
            self.fault(row, "pollutant", f"unknown pollutant {text!r}", vocabulary.suggest(text, vocabulary.POLLUTANTS))
        elif name != text:
            self.alias(text, name, self.table.lines[row])
        return name

    def alias(self, text: str, name: str, line: int) -> None:
        """Report, once for a table, that a pollutant was read by another spelling."""
        message = f"{text} is read as {name}"
        if not any(one.file == self.table.file and one.message == message for one in self.issues.warnings):
            self.issues.warn(self.table.file, line, "pollutant", message)

    def unit(self, row: int, text: str, pollutant: str | None = None, column: str = "unit") -> bool:
        """Check a unit; a blank is a fault."""
        if not text:
            self.fault(row, column, "is blank", "write the unit of the row's number")
            return False
        try:
            units.check(text, pollutant)
        except units.UnitError as error:
            self.fault(row, column, error.message, error.hint)
            return False
        return True

    def labels(self, row: int, labels: dict[str, str]) -> None:
        """Refuse labels that only look like plain text."""
        for name, text in labels.items():
            right = vocabulary.look_alike(text)
            if right is not None:
                self.fault(row, name, f"{text!r} has full-width or look-alike characters", f"write {right!r}")

    def value(self, row: int, name: str) -> tuple[float, str]:
        """Return the number of a cell, or what a notation key stands for, and the key."""
        column = self.table.columns[name]
        self.table.used.add(name)
        return self.amount(row, column)

    def amount(self, row: int, column: Column) -> tuple[float, str]:
        cell = column.cells[row]
        if cell in vocabulary.NOTATION_KEYS:
            if cell == "IE" and not self.table.text("note")[row]:
                self.fault(
                    row,
                    column.name,
                    "is IE (included elsewhere) without saying where",
                    "name the row that includes it in the column `note`",
                )
            return (np.nan if cell in ("NE", "C") else 0.0), cell
        found = number(cell)
        wrong = found if isinstance(found, str) else _not_negative(found)
        if wrong:
            message, _, hint = wrong.partition("; ")
            self.fault(row, column.name, message, hint)
            return np.nan, ""
        assert isinstance(found, float)
        return found, ""

    def share(self, row: int, name: str) -> float:
        """Return a share, 0 when blank; a number without % is a fault unless the header says %."""
        column = self.table.get(name)
        if column is None or not column.cells[row]:
            return 0.0
        text = column.cells[row]
        try:
            return units.share(f"{text} %" if column.unit in ("%", "％") and not text.endswith(("%", "％")) else text)
        except units.UnitError as error:
            self.fault(row, name, error.message, error.hint)
            return 0.0

    def control(self, row: int) -> float:
        return self.share(row, "control")

    def bounds(self, row: int, value: float) -> tuple[float, float]:
        """Return the 95 % interval of a value, NaN when none is given; a cv gives a log-normal one."""
        cv, low, high = (self.table.get(name) for name in ("cv", "low", "high"))
        given = [column for column in (low, high) if column is not None and column.cells[row]]
        if cv is not None and cv.cells[row]:
            if given:
                self.fault(row, "cv", "is given beside low and high", "keep one of the two")
            sigma = float(np.sqrt(np.log1p(self._cv(row, cv) ** 2)))
            median = value / float(np.exp(sigma**2 / 2))
            return median * float(np.exp(-1.96 * sigma)), median * float(np.exp(1.96 * sigma))
        if not given:
            return np.nan, np.nan
        if len(given) == 1:
            self.fault(row, given[0].name, "is given without the other end of the interval", "give low and high")
            return np.nan, np.nan
        ends = [self.amount(row, column)[0] for column in given]
        if ends[0] > ends[1] or not (np.isnan(value) or ends[0] <= value <= ends[1]):
            self.fault(
                row,
                "low",
                f"the interval {ends[0]:g} to {ends[1]:g} does not hold the value {value:g}",
                "give a 95 % interval around it",
            )
        return ends[0], ends[1]

    def _cv(self, row: int, column: Column) -> float:
        text = column.cells[row]
        try:
            found = units.signed_share(f"{text} %" if column.unit == "%" and not text.endswith("%") else text)
        except units.UnitError as error:
            self.fault(row, "cv", error.message, error.hint)
            return 0.0
        if found < 0:
            self.fault(row, "cv", f"{text} is negative", "write 0 % or more")
        return max(found, 0.0)

    def unused(self, known: set[str]) -> None:
        """Warn of columns that nothing reads."""
        for name in self.table.columns:
            if name and name not in self.table.used and name not in known:
                self.issues.warn(
                    self.table.file, 1, name, f"the column {name!r} is not read", vocabulary.suggest(name, known)
                )


def _require(table: Table, names: Sequence[str], issues: Issues) -> None:
    for name in names:
        if name not in table.columns:
            issues.error(
                table.file, 1, name, f"the column {name!r} is missing", vocabulary.suggest(name, table.columns)
            )


@dataclass
class _Source:
    """One source as it is collected: labels, activity, and by pollutant the factor, its control and notation key."""

    labels: dict[str, str]
    activity: float
    unit: str
    reported: bool
    place: tuple[str, int]
    profile: str
    bounds: tuple[float, float]
    stocks: dict[str, tuple[float, str]]
    reference: str
    grade: str
    key: str = ""
    factor: dict[str, float] = field(default_factory=dict)
    control: dict[str, float] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    ends: dict[str, tuple[float, float]] = field(default_factory=dict)


class _Collector:
    """Collects sources from all tables of an inventory."""

    def __init__(self, pollutants: tuple[str, ...], issues: Issues):
        self.pollutants, self.issues = pollutants, issues
        self.profiles: dict[str, Floats] = {}
        self.rows: dict[str, _Source] = {}

    def single(self, table: Table) -> None:
        """Read a table that stands alone; which kind it is shows in its columns."""
        if "factor" in table.columns and "source" not in table.columns:
            self.issues.error(
                table.file,
                1,
                "source",
                "is a table of factors: there is no source in it",
                "name the activity table too, in an inventory.yaml",
            )
        elif "activity" in table.columns:
            self.activity(table, None, None)
        else:
            self.emissions(table, None)

    def activity(self, table: Table, sector: str | None, factors: _Factors | None) -> None:
        """Add the sources of an activity table, with their factors."""
        _require(table, ("source", "category", "activity", "unit"), self.issues)
        if any(name not in table.columns for name in ("source", "category", "activity", "unit")):
            return
        reader = _Rows(table, self.issues)
        stocks = self._stock_columns(table)
        missing: dict[tuple[str, ...], list[str]] = {}
        for row, unit in enumerate(table.text("unit")):
            value, key = reader.value(row, "activity")
            source = self._source(reader, row, sector, value, unit, stocks)
            if source is None:
                continue
            source.key = key
            right = reader.unit(row, unit)
            if factors is not None:
                self._factors(source, factors, right, reader, row, missing)
        reader.unused(_ROW_COLUMNS)

    def _factors(
        self,
        source: _Source,
        factors: _Factors,
        right_unit: bool,
        reader: _Rows,
        row: int,
        reported: dict[tuple[str, ...], list[str]],
    ) -> None:
        labels = tuple(source.labels[name] for name in ("category", "fuel", "technology"))
        absent = []
        for name in self.pollutants:
            factor = factors.find(name, *labels)
            if factor is None:
                absent.append(name)
                continue
            scale = 1.0
            if not factor.key and right_unit:
                try:
                    scale = _scale(source.unit, factor.unit, name)
                except units.UnitError as error:
                    reader.fault(
                        row,
                        "unit",
                        f"{error.message} ({name}, factor in {factor.place[0]}:{factor.place[1]})",
                        error.hint,
                    )
            source.factor[name] = factor.value * scale
            source.control[name] = factor.control
            source.keys[name] = factor.key
            source.ends[name] = (factor.low * scale, factor.high * scale)
        if absent and labels not in reported:
            reported[labels] = absent
            tables_ = " and ".join(factors.files)
            reader.fault(
                row,
                "source",
                f"{source.labels['source']} has no factor for {', '.join(absent)} in {tables_}",
                "add rows: a number, 0, NO, NE or NA",
            )

    def _stock_columns(self, table: Table) -> dict[str, str]:
        """Return the columns that count stock, with their units: by their name, or by the unit their header carries."""
        found: dict[str, str] = {}
        for name, column in table.columns.items():
            if name in _ROW_COLUMNS or not name:
                continue
            unit = column.unit or name
            if name not in vocabulary.STOCK_COLUMNS and column.unit:
                continue
            try:
                found[name] = units.check(unit)
            except units.UnitError:
                if name in vocabulary.STOCK_COLUMNS:
                    self.issues.error(
                        table.file, 1, name, f"the column {name!r} counts in no unit", f"write {name} [unit]"
                    )
        return found

    def _source(
        self,
        reader: _Rows,
        row: int,
        sector: str | None,
        activity: float,
        unit: str,
        stocks: dict[str, str],
        reported: bool = False,
    ) -> _Source | None:
        """Add the source of a row; None when its id is missing, stands twice, or tells no sector."""
        table = reader.table
        labels = {name: table.text(name)[row] for name in _KEY_COLUMNS}
        reader.labels(row, labels)
        identity = labels["source"]
        if not identity:
            reader.fault(row, "source", "is blank", "give the source its id, e.g. sector/category/fuel/technology")
            return None
        if not labels["category"]:
            reader.fault(row, "category", "is blank", "name the category that measures select by")
        labels["sector"] = self._sector(reader, row, labels, sector)
        if identity in self.rows:
            file, line = self.rows[identity].place
            reader.fault(
                row,
                "source",
                f"{identity} stands twice, first in {file}:{line}",
                "give each source its own id: twice would count double",
            )
            return None
        profile = table.text("profile")[row]
        if profile and profile not in self.profiles:
            reader.fault(row, "profile", f"unknown profile {profile!r}", vocabulary.suggest(profile, self.profiles))
        grade = table.text("grade")[row]
        if grade not in _GRADES:
            reader.fault(row, "grade", f"unknown grade {grade!r}", "write A (measured), B, C, D or E (assumed)")
        counted: dict[str, tuple[float, str]] = {}
        for name, stock_unit in stocks.items():
            column = table.columns[name]
            table.used.add(name)
            if column.cells[row]:
                counted[name] = (reader.amount(row, column)[0], stock_unit)
        bounds = (np.nan, np.nan) if reported else reader.bounds(row, activity)
        source = _Source(
            labels, activity, unit, reported, reader.place(row), profile, bounds, counted, table.text("reference")[row], grade
        )  # fmt: skip
        self.rows[identity] = source
        return source

    def _sector(self, reader: _Rows, row: int, labels: dict[str, str], sector: str | None) -> str:
        given = labels["sector"]
        if sector is not None:
            if given and given != sector:
                reader.fault(
                    row, "sector", f"is {given}, and inventory.yaml takes the table for {sector}", "keep one of the two"
                )
            return sector
        name = given or labels["source"].split("/")[0]
        if name not in vocabulary.SECTORS:
            reader.fault(
                row,
                "sector" if given else "source",
                f"unknown sector {name!r}",
                vocabulary.suggest(name, vocabulary.SECTORS),
            )
        return name

    def emissions(self, table: Table, sector: str | None) -> None:
        """Add the sources of an emission table, long or wide."""
        long = "emission" in table.columns
        required = ("source", "category", "pollutant", "emission", "unit") if long else ("source", "category")
        _require(table, required, self.issues)
        if any(name not in table.columns for name in required):
            return
        reader = _Rows(table, self.issues)
        wide = {} if long else self._wide(table, reader)
        if long:
            self._long_rows(table, reader, sector)
        elif wide:
            self._wide_rows(table, reader, sector, wide)
        reader.unused({*_ROW_COLUMNS, "pollutant", "emission"} - {"activity"})

    def _long_rows(self, table: Table, reader: _Rows, sector: str | None) -> None:
        stocks = self._stock_columns(table)
        seen: dict[tuple[str, str], int] = {}
        mine: dict[str, _Source] = {}
        found: list[str] = []
        for row, (identity, text, unit) in enumerate(
            zip(table.text("source"), table.text("pollutant"), table.text("unit"), strict=True)
        ):
            name = reader.pollutant(row, text)
            source = mine.get(identity)
            if source is None:
                source = self._source(reader, row, sector, 1.0, "1", stocks, reported=True)
                if source is None:
                    continue
                mine[identity] = source
            else:
                self._same_labels(source, reader, row)
            value, key = reader.value(row, "emission")
            if name is None:
                continue
            if (identity, name) in seen:
                reader.fault(
                    row,
                    "pollutant",
                    f"a second row for {name} of {identity}, the first is in line {seen[identity, name]}",
                    "keep one of them",
                )
                continue
            seen[identity, name] = table.lines[row]
            found.append(name)
            self._reported(source, name, value, key, unit, reader, row, "unit")
        if not self.pollutants:
            self.pollutants = tuple(name for name in vocabulary.POLLUTANTS if name in found)
        for identity, source in mine.items():
            absent = [name for name in self.pollutants if (identity, name) not in seen]
            if absent:
                self.issues.error(
                    *source.place,
                    "pollutant",
                    f"{identity} has no row for {', '.join(absent)}",
                    "add rows: a number, 0, NO, NE or NA",
                )

    def _same_labels(self, source: _Source, reader: _Rows, row: int) -> None:
        for name in vocabulary.LABELS:
            text = reader.table.text(name)[row]
            if name in reader.table.columns and text != source.labels[name] and not (name == "sector" and not text):
                reader.fault(
                    row,
                    name,
                    f"is {text!r} here and {source.labels[name]!r} in line {source.place[1]}",
                    "a source has one set of labels",
                )

    def _wide(self, table: Table, reader: _Rows) -> dict[str, Column]:
        found: dict[str, Column] = {}
        for name, column in table.columns.items():
            pollutant = vocabulary.pollutant(name)
            if pollutant is None or name in _ROW_COLUMNS:
                continue
            if pollutant in found:
                self.issues.error(table.file, 1, name, f"a second column for {pollutant}", "keep one of them")
            if pollutant != name:
                reader.alias(name, pollutant, 1)
            found[pollutant] = column
            table.used.add(name)
        if not self.pollutants:
            self.pollutants = tuple(name for name in vocabulary.POLLUTANTS if name in found)
        absent = [name for name in self.pollutants if name not in found]
        if absent or not found:
            what = f"no column for {', '.join(absent)}" if absent else "neither an activity nor an emission"
            self.issues.error(
                table.file,
                1,
                "",
                f"there is {what} in it",
                "add columns such as NOx [t/yr], or pollutant, emission, unit",
            )
            return {}
        return found

    def _wide_rows(self, table: Table, reader: _Rows, sector: str | None, wide: dict[str, Column]) -> None:
        stocks = {name: unit for name, unit in self._stock_columns(table).items() if vocabulary.pollutant(name) is None}
        row_units = table.text("unit")
        for row in range(len(table)):
            source = self._source(reader, row, sector, 1.0, "1", stocks, reported=True)
            if source is None:
                continue
            for name in self.pollutants:
                value, key = reader.amount(row, wide[name])
                self._reported(
                    source, name, value, key, wide[name].unit or row_units[row], reader, row, wide[name].name
                )

    def _reported(
        self, source: _Source, name: str, value: float, key: str, unit: str, reader: _Rows, row: int, column: str
    ) -> None:
        scale = 1.0
        if not key and not np.isnan(value):
            if not unit:
                reader.fault(
                    row, column, "has no unit", f"write the unit in the header, {name} [t/yr], or in a column `unit`"
                )
            else:
                try:
                    scale = _mass_per_year(unit, name)
                except units.UnitError as error:
                    reader.fault(row, column, error.message, error.hint)
        source.factor[name] = value * scale
        source.control[name] = reader.control(row)
        source.keys[name] = key
        low, high = reader.bounds(row, value) if column == "unit" else (np.nan, np.nan)
        source.ends[name] = (low * scale, high * scale)

    def inventory(
        self, document: InventoryDocument | None, shown: str, year: int | None, warnings: tuple[Issue, ...]
    ) -> Inventory:
        """Return the inventory, its sources in the order of their ids."""
        rows = [self.rows[name] for name in sorted(self.rows)]
        shape = (len(rows), len(self.pollutants))

        def by_pollutant(get: Callable[[_Source, str], Any], dtype: Any = float) -> NDArray[Any]:
            return np.array([[get(row, name) for name in self.pollutants] for row in rows], dtype=dtype).reshape(shape)

        stocks: dict[str, Stock] = {}
        for name, unit in dict.fromkeys((name, unit) for row in rows for name, (_, unit) in row.stocks.items()):
            key = name if name not in stocks else f"{name} [{unit}]"
            stocks[key] = Stock(
                unit,
                np.array(
                    [row.stocks[name][0] if row.stocks.get(name, ("", ""))[1] == unit else np.nan for row in rows]
                ),
            )
        title = document.title if document else Title()
        return Inventory(
            name=document.name if document else Path(shown).stem,
            base_year=document.base_year if document else year or 0,
            status=document.status if document else "example",
            title={"zh": title, "en": title} if isinstance(title, str) else {"zh": title.zh, "en": title.en},
            pollutants=self.pollutants,
            labels={name: _texts(row.labels[name] for row in rows) for name in _KEY_COLUMNS},
            activity=np.array([row.activity for row in rows], dtype=float),
            activity_unit=_texts(row.unit for row in rows),
            factor=by_pollutant(lambda row, name: row.factor[name]) if self.pollutants else np.empty(shape),
            reported=np.array([row.reported for row in rows], dtype=bool),
            control=by_pollutant(lambda row, name: row.control[name]),
            profile=_texts(row.profile for row in rows),
            profiles=self.profiles,
            stocks=stocks,
            bounds={
                "activity_low": np.array([row.bounds[0] for row in rows], dtype=float),
                "activity_high": np.array([row.bounds[1] for row in rows], dtype=float),
                "factor_low": by_pollutant(lambda row, name: row.ends[name][0]),
                "factor_high": by_pollutant(lambda row, name: row.ends[name][1]),
            },
            notation=by_pollutant(lambda row, name: row.keys[name] or row.key, object),
            reference=_texts(row.reference for row in rows),
            grade=_texts(row.grade for row in rows),
            file=shown,
            places=tuple(row.place for row in rows),
            warnings=warnings,
        )


def _texts(values: Any) -> NDArray[np.object_]:
    return np.array(list(values), dtype=object)


def _scale(activity: str, factor: str, pollutant: str) -> float:
    return units.factor_scale(activity, factor, pollutant)


def _mass_per_year(unit: str, pollutant: str) -> float:
    """Return how many t/yr one of `unit` is; a mass without a time counts per year."""
    try:
        return units.ratio(units.check(unit, pollutant), "t/yr")
    except units.UnitError:
        return units.activity_ratio(units.check(unit, pollutant), "t/yr")
