"""Mappings: a document that says what the columns of somebody else's tables are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, StrictInt, StrictStr, model_validator

from emis import schema, vocabulary
from emis.errors import Issues
from emis.io import documents, validation
from emis.io.folders import Folder, beside
from emis.schema import Id, Model, Places, QuantityText, Text, Title, TitleText, Year

__all__ = ["FIELDS", "LoadedMapping", "LongColumns", "MappedTable", "MappingDocument", "load_mapping"]

#: What a column of a table may be.
FIELDS = (*vocabulary.LABELS, "lon", "lat", "year", "reference", "grade", "note")
#: Rows of which a text is one of these, or ends with it, sum up others.
_TOTALS = ("合计", "小计", "总计", "共计", "Total", "Subtotal")

_Key: TypeAlias = Literal["NE", "NO", "IE", "NA", "C"]
_Blank: TypeAlias = Literal["NE", "NO", "NA", "C", "error"]
_FieldName: TypeAlias = Literal[
    "sector", "category", "fuel", "technology", "region", "facility", "lon", "lat", "year", "reference", "grade", "note"
]


def _column(value: object) -> object:
    return {"column": value} if isinstance(value, str | int | float) and not isinstance(value, bool) else value


class MappedText(Model):
    """A column of texts: its header, what its texts become, and what a blank cell stands for."""

    column: Text
    translate: dict[Text, Text] = Field(default_factory=dict)
    blank: Text = ""


class MappedNumber(Model):
    """A column of numbers: its header, their unit where neither header nor row say it, and what a blank stands for."""

    column: Text
    unit: Text | None = None
    blank: _Blank | None = None


class MappedFactor(Model):
    """Emission factors: a column of numbers with its unit, or one value for all rows."""

    column: Text | None = None
    unit: Text | None = None
    blank: _Blank | None = None
    value: QuantityText | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "MappedFactor":
        if (self.column is None) == (self.value is None):
            raise schema.fault("expected `column` or `value`", "write {column: HEADER}, or {value: 2 kg/t}")
        return self


class LongColumns(Model):
    """Columns of a long table: the pollutant of a row, its emission and its unit."""

    pollutant: Annotated[MappedText, BeforeValidator(_column, json_schema_input_type=MappedText | str)]
    emission: Annotated[MappedNumber, BeforeValidator(_column, json_schema_input_type=MappedNumber | str)]


_TextColumn: TypeAlias = Annotated[MappedText, BeforeValidator(_column, json_schema_input_type=MappedText | str)]
_NumberColumn: TypeAlias = Annotated[MappedNumber, BeforeValidator(_column, json_schema_input_type=MappedNumber | str)]
_Factor: TypeAlias = Annotated[MappedFactor, BeforeValidator(_column, json_schema_input_type=MappedFactor | str)]


def _by_pollutant(value: object) -> object:
    """Return a mapping with the names of pollutants as emis writes them; two spellings of one are a fault."""
    if not isinstance(value, Mapping):
        return value
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = vocabulary.pollutant(str(key))
        if name is None:
            raise schema.fault(f"unknown pollutant {key!r}", vocabulary.suggest(str(key), vocabulary.POLLUTANTS), key)
        if name in found:
            raise schema.fault(f"{name} is given twice (as {key!r} too)", "keep one of them", key)
        found[name] = item
    return found


_Numbers: TypeAlias = Annotated[dict[str, _NumberColumn], BeforeValidator(_by_pollutant)]
_Factors: TypeAlias = Annotated[dict[str, _Factor], BeforeValidator(_by_pollutant)]
_Lines: TypeAlias = Annotated[tuple[Annotated[StrictInt, Field(ge=1)], ...], schema.one_or_many(int), schema.FILLED]


class MappedTable(Model):
    """One table: where it is, which rows count, what its columns are, and how its numbers are written.

    Attributes
    ----------
    header : lines, optional
        The line of the header, or those of several, one above the other; by default the first that holds the columns.
    skip : mapping
        By column, texts (with * and ?) of rows that are left out.
    totals : texts
        Rows with a text that is one of these, or ends with it, are left out.
    fill : columns
        Blank cells take the text of the row above: merged cells.
    source : text
        How ids of sources are made: names of columns and of labels in braces, {line} being the row's own.
    unit, unit_column : text, optional
        The unit of all emissions of the table, or the column that says it.
    absent : key, optional
        What is said of pollutants that other tables have and this one does not; by default nothing.
    keys : mapping
        What stands for a notation key: {"—": NE}.
    """

    file: StrictStr | None = None
    sheet: Text | None = None
    encoding: StrictStr | None = None
    header: _Lines | None = None
    skip: dict[Text, Annotated[tuple[Text, ...], schema.one_or_many(str)]] = Field(default_factory=dict)
    totals: Annotated[tuple[Text, ...], schema.one_or_many(str)] = _TOTALS
    fill: Annotated[tuple[Text, ...], schema.one_or_many(str)] = ()
    columns: dict[_FieldName, _TextColumn] = Field(default_factory=dict)
    constants: dict[_FieldName, Text] = Field(default_factory=dict)
    attributes: dict[Text, _TextColumn] = Field(default_factory=dict)
    source: Text = "{sector}/{category}/{fuel}/{technology}/{region}/{facility}"
    emissions: _Numbers | None = None
    long: LongColumns | None = None
    activity: _NumberColumn | None = None
    factors: _Factors = Field(default_factory=dict)
    control: _Numbers = Field(default_factory=dict)
    unit: Text | None = None
    unit_column: Text | None = None
    blank: _Blank = "error"
    absent: _Key | None = None
    keys: dict[Text, _Key] = Field(default_factory=dict)
    thousands: Literal[",", ".", " ", "'"] | None = None
    decimal: Literal[".", ","] = "."
    coordinates: Literal["degrees", "dms"] = "degrees"

    @model_validator(mode="after")
    def _one_kind(self) -> "MappedTable":
        given = [name for name in ("emissions", "long", "activity") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise schema.fault(
                f"expected one of `emissions`, `long` and `activity`, found {found}",
                "write emissions: {NOx: COLUMN}, or long: {pollutant: COLUMN, emission: COLUMN}",
            )
        if bool(self.factors) != (self.activity is not None):
            raise schema.fault("`activity` and `factors` go together", "write both, or emissions")
        for name in ("sector", "category"):
            if name not in self.columns and name not in self.constants:
                raise schema.fault(f"nothing says the {name}", f"add {name} to `columns`, or to `constants`", "columns")
        for name in self.constants:
            if name in self.columns:
                raise schema.fault(f"{name} is a column and a constant", "keep one of the two", "constants", name)
        sector = self.constants.get("sector")
        if sector is not None and sector not in vocabulary.SECTORS:
            hint = vocabulary.suggest(sector, vocabulary.SECTORS)
            raise schema.fault(f"unknown sector {sector!r}", hint, "constants", "sector")
        if self.thousands == self.decimal:
            raise schema.fault(f"{self.decimal!r} cannot part thousands and decimals", "say which it does", "thousands")
        return self


class MappingDocument(Model):
    """A mapping.yaml."""

    emis: Literal["mapping/1"]
    name: Id | None = None
    title: TitleText = Title()
    year: Year | None = None
    status: Literal["official", "reconstruction", "example"] | None = None
    tables: Annotated[tuple[MappedTable, ...], schema.FILLED]
    note: Text = ""


@dataclass(frozen=True, slots=True)
class LoadedMapping:
    """A mapping, its file, and where its parts stand."""

    document: MappingDocument
    path: Path
    shown: str
    places: Places

    def file(self, table: int, folder: Folder, issues: Issues) -> Path | None:
        """Return the file that a table names; None where it names none, or where it is not, which is a fault."""
        name = self.document.tables[table].file
        if name is None:
            return None
        file, line = self.places.at(("mapping", "tables", table, "file"))
        path = folder.resolve(self.path, name, line, f"tables.{table}.file", issues)
        if path is not None and not path.is_file():
            issues.error(file, line, f"tables.{table}.file", f"{name!r} is not there", beside(path))
            return None
        return path


def load_mapping(path: Path, folder: Folder, issues: Issues) -> LoadedMapping | None:
    """Read a mapping and note its faults; None when there are any."""
    folder.read(path)
    shown = folder.shown(path)
    tree = documents.read_document(path, shown, issues)
    found = None if tree is None else validation.validate(MappingDocument, tree, issues)
    if tree is None or found is None:
        return None
    return LoadedMapping(found, path, shown, documents.places(tree, "mapping"))
