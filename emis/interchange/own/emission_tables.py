"""Emission tables: the long table of emis with years and scenarios, as CSV, as Parquet and as a workbook."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emis._version import __version__
from emis.coded import Coded, objects
from emis.errors import Issues
from emis.interchange.formats import Format, Given, Head, Settings
from emis.interchange.own.emission_reading import series_of
from emis.interchange.own.emission_rows import blocks, emission_columns, is_single
from emis.interchange.own.tables import Column, TextColumn, write_delimited, write_parquet
from emis.interchange.own.workbooks import write_workbook
from emis.interchange.series import Series
from emis.io.tables import read_table
from emis.io.workbooks import ABOUT, xlsx_rows

__all__ = ["CSV", "PARQUET", "XLSX"]

_SHEET = "emissions"
_KIND = "emissions/1"
_CARRIES = frozenset(
    "source sector category fuel technology region facility control interval notation not_applicable"
    " stock point reference grade codes attributes years scenario no_plan".split()
)
#: What a file says of itself where it has a place for that.
_FACTS = frozenset({"status", "title", "titles"})
_UNITS = {
    "emission, low, high": "t/yr; NOx as NO2; low and high are the ends of the 95 % interval",
    "control": "%, the removal efficiency that is inside the emission already",
    "lon, lat": "degrees east and north",
}
_KEYS = (
    "NE not estimated, C confidential: not known; NO not occurring, NA not applicable: zero;"
    " IE included elsewhere: zero here, the note says where"
)


def _facts(several: Sequence[Series]) -> dict[str, Any]:
    """Return what a file says of itself, beside its rows."""
    inventory = several[0].inventory
    return {
        "emis": _KIND,
        "name": inventory.name,
        "title (en)": inventory.title.get("en", ""),
        "title (zh)": inventory.title.get("zh", ""),
        "status": inventory.status,
        "base year": inventory.base_year,
        "years": ", ".join(map(str, sorted({year for one in several for year in one.years}))),
        "scenarios": ", ".join(dict.fromkeys(one.scenario for one in several if one.scenario)),
        "model": several[0].model,
        "units": "; ".join(f"{name}: {text}" for name, text in _UNITS.items()),
        "notation keys": _KEYS,
        "notes": list(dict.fromkeys(note for one in several for note in one.notes)),
        "read from": inventory.file,
        "written by": f"emis {__version__}",
    }


def _columns(several: Sequence[Series], issues: Issues) -> list[Column]:
    """Return the columns of a table of series; faults, where they cannot be one, go to the issues."""
    found = emission_columns(blocks(several, issues), issues, is_single(several))
    issues.raise_if_any()
    return found


def _write_csv(several: Sequence[Series], path: Path, _settings: Settings, issues: Issues) -> None:
    write_delimited(path, _columns(several, issues))


def _write_parquet(several: Sequence[Series], path: Path, _settings: Settings, issues: Issues) -> None:
    write_parquet(path, _columns(several, issues), _facts(several))


def _write_xlsx(several: Sequence[Series], path: Path, _settings: Settings, issues: Issues) -> None:
    write_workbook(path, {_SHEET: _columns(several, issues), ABOUT: _about(_facts(several))})


def _about(facts: Mapping[str, Any]) -> list[Column]:
    rows = [
        (name, str(text)) for name, value in facts.items() for text in (value if isinstance(value, list) else [value])
    ]
    return [
        TextColumn.of(header, Coded.of(objects(list(texts))))
        for header, texts in zip(("what", "value"), zip(*rows, strict=True), strict=True)
    ]


def _is_table(header: Sequence[str]) -> bool:
    names = {name.split("[")[0].strip() for name in header}
    return {"source", "pollutant", "emission"} <= names and bool(names & {"year", "scenario"})


def _is_csv(head: Head) -> bool:
    return bool(head.lines) and _is_table(head.header)


def _is_parquet(head: Head) -> bool:
    if head.suffix not in (".parquet", ".pq") or not head.path.is_file():
        return False
    return _is_table(_parquet_schema(head.path)[0])


def _is_xlsx(head: Head) -> bool:
    return _SHEET in head.sheets and ["emis", _KIND] in head.sheets.get(ABOUT, [])


def _parquet_schema(path: Path) -> tuple[list[str], dict[str, Any]]:
    """Return the names of the columns of a Parquet file and what it says of itself; none where it cannot be read."""
    try:
        import pyarrow.parquet as parquet

        schema = parquet.read_schema(path)
        facts = json.loads((schema.metadata or {}).get(b"emis", b"{}"))
    except Exception:  # pyarrow raises several kinds of its own; who reads the table says what is wrong
        return [], {}
    return list(schema.names), facts if isinstance(facts, dict) else {}


def _read(given: Given, issues: Issues) -> Sequence[Series]:
    facts, sheet = _facts_in(given, issues)
    table = read_table(given.path, given.shown, issues, sheet, given.settings.encoding)
    return () if table is None else series_of(table, facts, given, issues)


def _facts_in(given: Given, issues: Issues) -> tuple[dict[str, Any], str | None]:
    """Return what a file says of itself, and the sheet of a workbook that holds the table."""
    suffix, sheet = given.path.suffix.lower(), given.settings.sheet
    if suffix in (".parquet", ".pq"):
        return _parquet_schema(given.path)[1], None
    if suffix not in (".xlsx", ".xlsm"):
        return {}, None
    faults = Issues()
    rows = xlsx_rows(given.path, given.shown, ABOUT, faults) or []
    said = [(row[0], row[1]) for _, row in rows if len(row) > 1]
    if ("emis", _KIND) not in said:
        return {}, sheet
    facts: dict[str, Any] = dict(said)
    return facts | {"notes": [text for name, text in said if name == "notes"]}, sheet or _SHEET


CSV = Format("csv", "emission table of emis, CSV", ".csv", _CARRIES, _is_csv, _read, _write_csv)
PARQUET = Format(
    "parquet", "emission table of emis, Parquet", ".parquet", _CARRIES | _FACTS, _is_parquet, _read, _write_parquet
)
XLSX = Format("xlsx", "emission table of emis, workbook", ".xlsx", _CARRIES | _FACTS, _is_xlsx, _read, _write_xlsx)
