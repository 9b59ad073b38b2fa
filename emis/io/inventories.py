"""Inventories: a folder with inventory.yaml, or a single table, read into one Inventory with all its faults at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import StrictStr, model_validator

from emis import schema, vocabulary
from emis.crosschecks import CrossCheck
from emis.errors import Issues
from emis.inventory import Floats, Inventory
from emis.io import documents, tables, validation
from emis.io.array_reading import is_store
from emis.io.cells import RowReader, require
from emis.io.columns import Table
from emis.io.crosschecks import fitting, read_cross_checks
from emis.io.factors import Factors
from emis.io.flat_files import is_flat
from emis.io.flat_inventories import load_flat_inventory
from emis.io.folders import Folder, beside
from emis.io.inventory_arrays import load_arrays
from emis.io.parquet import parquet_files
from emis.io.reported import add_emissions
from emis.io.sources import Collector
from emis.schema import Id, Model, Places, PollutantName, Title, TitleText, Year

__all__ = [
    "InventoryDocument",
    "Named",
    "Names",
    "add_single",
    "load_document",
    "load_inventory",
    "note_files",
    "own_year",
    "read_inventory",
]


class _TableEntry(Model):
    """One table of sources: activity with factors, or reported emissions; without a sector, its rows name theirs."""

    sector: StrictStr | None = None
    activity: StrictStr | None = None
    factors: StrictStr | tuple[StrictStr, ...] | None = None
    emissions: StrictStr | None = None
    sheet: StrictStr | None = None
    encoding: StrictStr | None = None

    @property
    def factor_files(self) -> tuple[str, ...]:
        """The factor tables of the entry, as it names them."""
        return (self.factors,) if isinstance(self.factors, str) else self.factors or ()

    @model_validator(mode="after")
    def _one_kind(self) -> "_TableEntry":
        if (self.activity is None) == (self.emissions is None) or (
            self.emissions is not None and self.factors is not None
        ):
            raise schema.fault("expected `activity` with `factors`, or `emissions`", "write one entry for each table")
        if self.activity is not None and self.factors is None:
            raise schema.fault("`activity` needs `factors`", "name the factor table", "activity")
        if self.sector is not None and self.sector not in vocabulary.SECTORS:
            raise schema.fault(
                f"unknown sector {self.sector!r}", vocabulary.suggest(self.sector, vocabulary.SECTORS), "sector"
            )
        return self


class InventoryDocument(Model):
    """An inventory.yaml."""

    emis: Literal["inventory/1"]
    name: Id
    title: TitleText = Title()
    base_year: Year
    status: Literal["official", "reconstruction", "example"]
    pollutants: Annotated[tuple[PollutantName, ...], schema.FILLED]
    tables: Annotated[tuple[_TableEntry, ...], schema.FILLED]
    profiles: StrictStr | None = None
    cross_checks: StrictStr | None = None
    note: schema.Text = ""

    @model_validator(mode="after")
    def _pollutants_once(self) -> "InventoryDocument":
        if len(set(self.pollutants)) != len(self.pollutants):
            raise schema.fault("a pollutant is named twice", "name each pollutant once", "pollutants")
        return self


def read_inventory(path: str | Path, *, encoding: str | None = None, root: str | Path | None = None) -> Inventory:
    """Read an inventory: a folder, its inventory.yaml, a single table of sources, or arrays that emis wrote.

    Parameters
    ----------
    path : path
        Folder, inventory.yaml, a CSV, TSV, XLSX or Parquet table, a flat file of the US EPA (FF10, ORL), or arrays:
        netCDF or a Zarr store.
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
    if is_store(path):
        folder.read(path)
        return load_arrays(path, folder.shown(path), issues, year)
    target = path / "inventory.yaml" if path.is_dir() else path
    shown = folder.shown(target)
    if is_flat(target, encoding):
        return load_flat_inventory(target, folder, issues, encoding, year)
    if target.suffix.lower() in (".yaml", ".yml"):
        found = load_document(target, folder, issues, year)
        if found is None:
            return None
        document, places = found
        collector = Collector(document.pollutants, issues)
        checks = _collect_folder(Names(document, places, target, folder, issues, encoding), collector)
    else:
        document, checks = None, []
        collector = Collector((), issues)
        table = _table(target, shown, folder, issues, None, encoding)
        if table is not None:
            year = own_year(table, year, issues)
            add_single(table, collector)
    if len(issues.errors) > before:
        return None
    title = document.title if document else Title()
    inventory = collector.inventory(
        name=document.name if document else target.stem,
        base_year=document.base_year if document else year or 0,
        status=document.status if document else "example",
        title={"zh": title.zh, "en": title.en},
        file=shown,
        warnings=tuple(issues.warnings[warned:]),
    )
    inventory = replace(inventory, cross_checks=fitting(checks, inventory, issues))
    return inventory if len(issues.errors) == before else None


def load_document(
    target: Path, folder: Folder, issues: Issues, year: int | None = None
) -> tuple[InventoryDocument, Places] | None:
    """Read an inventory.yaml, of a year if one is asked for, and note its faults; None when nothing can be used."""
    if not folder.holds(target):
        hint = "move the file, or widen the folder with --root"
        issues.error(folder.shown(target), 0, "", "leads out of the project folder", hint)
        return None
    folder.read(target)
    tree = documents.read_document(target, folder.shown(target), issues)
    if tree is None:
        return None
    found = validation.validate(InventoryDocument, tree, issues) or validation.salvage(InventoryDocument, tree)
    if found is None:
        return None
    places = documents.places(tree, "inventory")
    if year is not None and found.base_year != year:
        message = f"is {found.base_year}, and the scenario takes it for {year}"
        issues.error(*places.at(("inventory", "base_year")), "base_year", message, "name the inventory of that year")
    return found, places


@dataclass(frozen=True)
class Named:
    """A table of sources that an inventory names: where it is, its sector and its factors.

    `factors` is None for reported tonnes, and where a factor table could not be read; `emissions` tells which of the
    two.
    """

    path: Path
    shown: str
    sector: str | None
    emissions: bool
    factors: Factors | None
    sheet: str | None
    encoding: str | None
    place: tuple[str, int, str]

    def add(self, table: Table, collector: Collector) -> None:
        """Add the sources of the table to a collector."""
        if self.sector is None and "sector" not in table.columns:
            message = f"names no sector, and {self.shown} has no column `sector`"
            collector.issues.error(*self.place, message, "name the sector of the table, or add the column")
        elif self.emissions:
            add_emissions(collector, table, self.sector)
        elif self.factors is not None:
            collector.activity(table, self.sector, self.factors)


def _table(
    target: Path, shown: str, folder: Folder, issues: Issues, sheet: str | None, encoding: str | None
) -> Table | None:
    note_files(target, folder, issues)
    return tables.read_table(target, shown, issues, sheet, encoding)


def note_files(target: Path, folder: Folder, issues: Issues) -> None:
    """Note that a table is read: its file, or every file of its folder."""
    for file in parquet_files(target) or [target]:
        folder.read(file)
        if file != target and not folder.holds(file):
            hint = "move the file, or widen the folder with --root"
            issues.error(folder.shown(file), 0, "", "leads out of the project folder", hint)


def own_year(table: Table, year: int | None, issues: Issues) -> int | None:
    """Return the year of a table that stands alone: the one it names, or the one that is asked for.

    Several years, or scenarios, are no inventory, and another year than is asked for is a fault.
    """
    if {"activity", "factor"} & set(table.columns):
        return year
    for name, found in ((name, table.get(name)) for name in ("year", "scenario")):
        named = found.coded.met() if found is not None else []
        if len(named) > 1:
            message = f"holds {len(named)} of them: {', '.join(named[:8])}"
            hint = f"take one of them out: emis convert {table.file} OUT --to emis --{name} ..."
            issues.error(table.file, table.header, name, message, hint)
        elif name == "year" and named and not re.fullmatch(r"(19|20|21)\d\d", named[0]):
            issues.error(*table.place(0), name, f"{named[0]!r} is no year", "write four digits, e.g. 2020")
        elif name == "year" and named:
            own = int(named[0])
            if year not in (None, own):
                message = f"is {own}, and {year} is asked for"
                issues.error(*table.place(0), name, message, "name the inventory of that year")
            year = own
    return year


def add_single(table: Table, collector: Collector) -> None:
    """Add the sources of a table that stands alone; which kind it is shows in its columns."""
    if "factor" in table.columns and "source" not in table.columns:
        message = "is a table of factors: there is no source in it"
        hint = "name the activity table too, in an inventory.yaml"
        collector.issues.error(table.file, table.header, "source", message, hint)
    elif "activity" in table.columns:
        collector.activity(table, None, None)
    else:
        add_emissions(collector, table, None)


@dataclass(frozen=True)
class Names:
    """What the paths of an inventory.yaml lead to."""

    document: InventoryDocument
    places: Places
    target: Path
    folder: Folder
    issues: Issues
    encoding: str | None = None

    def path(self, name: str, key: str) -> Path | None:
        """Return the file that a key names; None, and a fault, where there is none."""
        keys = [int(part) if part.isdecimal() else part for part in key.split(".")]
        file, line = self.places.at(("inventory", *keys))
        path = self.folder.resolve(self.target, name, line, key, self.issues)
        if path is not None and not path.exists():
            self.issues.error(file, line, key, f"{name!r} is not there", beside(path))
            return None
        return path

    def table(self, name: str, key: str) -> Table | None:
        """Read a table beside those of sources."""
        path = self.path(name, key)
        if path is None:
            return None
        return _table(path, self.folder.shown(path), self.folder, self.issues, None, self.encoding)

    def profiles(self) -> dict[str, Floats]:
        """Return the profiles."""
        found = self.table(self.document.profiles, "profiles") if self.document.profiles is not None else None
        return {} if found is None else _profiles(found, self.issues)

    def sources(self) -> Iterator[Named]:
        """Yield the tables of sources, each with the factors that it needs."""
        factors: dict[str, Factors | None] = {}
        for number, entry in enumerate(self.document.tables):
            key = f"tables.{number}"
            known: list[Factors] = []
            for name in entry.factor_files:
                if name not in factors:
                    found = self.table(name, f"{key}.factors")
                    factors[name] = Factors.read(found, self.issues) if found is not None else None
                if (one := factors[name]) is not None:
                    known.append(one)
            kind = "activity" if entry.emissions is None else "emissions"
            name = entry.activity or entry.emissions or ""
            if (path := self.path(name, f"{key}.{kind}")) is None:
                continue
            whole = entry.emissions is None and len(known) == len(entry.factor_files)
            yield Named(
                path,
                self.folder.shown(path),
                entry.sector,
                entry.emissions is not None,
                Factors.joined(known, self.issues) if whole else None,
                entry.sheet,
                entry.encoding or self.encoding,
                (*self.places.at(("inventory", "tables", number)), key),
            )


def _collect_folder(names: Names, collector: Collector) -> list[CrossCheck]:
    """Collect the sources of every table that an inventory.yaml names, and return its cross-checks."""
    issues, document = names.issues, names.document
    collector.profiles = names.profiles()
    for named in names.sources():
        found = _table(named.path, named.shown, names.folder, issues, named.sheet, named.encoding)
        if found is not None:
            named.add(found, collector)
    if not len(collector) and not issues.errors:
        shown = names.folder.shown(names.target)
        issues.error(shown, 0, "tables", "there is no source in it", "add rows to its tables")
    found = names.table(document.cross_checks, "cross_checks") if document.cross_checks is not None else None
    return read_cross_checks(found, issues) if found is not None else []


def _profiles(table: Table, issues: Issues) -> dict[str, Floats]:
    """Return monthly shares by profile; each row sums to 1 within 1e-6 and is then made to sum to 1."""
    reader = RowReader(table, issues)
    months = [table.get(str(month)) for month in range(1, 13)]
    require(table, ("profile", *(str(month) for month in range(1, 13))), issues)
    names = table.get("profile")
    columns = [column for column in months if column is not None]
    if names is None or len(columns) < 12:
        return {}
    found: dict[str, Floats] = {}
    for row, name in enumerate(names.cells):
        if not name or name in found:
            reader.fault(row, "profile", f"the profile {name!r} is blank or stands twice", "give each its own name")
        shares = np.array([reader.amount(row, column)[0] for column in columns])
        if not abs(shares.sum() - 1) <= 1e-6:
            reader.fault(row, "profile", f"the shares of {name!r} sum to {shares.sum():.8g}", "make them sum to 1")
        found[name] = shares / shares.sum() if shares.sum() else shares
    return found
