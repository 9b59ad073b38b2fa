"""Rows of flat files for tests: cells by name, in the order of a layout."""

from pathlib import Path

import pytest

import emis
from emis.io.flat_layouts import LAYOUTS, MONTHS

AREA = {"country_cd": "US", "region_cd": "06001", "scc": "2104008100", "poll": "NOX", "ann_value": "10"}
POINT = AREA | {
    "facility_id": "F1", "unit_id": "U1", "rel_point_id": "S1", "process_id": "1", "scc": "10100201",
    "facility_name": '"Plant, No. 1"', "longitude": "-121.5", "latitude": "37.8",
}  # fmt: skip
ORL = {"region_cd": "06001", "scc": "2104008100", "srctype": "02", "poll": "NOX", "ann_value": "10"}


def row(layout: str, base: dict[str, str], **cells: str) -> str:
    """Return a row of a layout."""
    filled = base | cells
    unknown = set(filled) - set(LAYOUTS[layout].columns)
    assert not unknown, unknown
    return ",".join(filled.get(name, "") for name in LAYOUTS[layout].columns)


def area(**cells: str) -> str:
    return row("FF10_NONPOINT", AREA, **cells)


def point(**cells: str) -> str:
    return row("FF10_POINT", POINT, **cells)


def months(*values: float) -> dict[str, str]:
    return dict(zip(MONTHS, map(str, values), strict=True))


def text(*rows: str, kind: str = "FF10_NONPOINT", names: bool = True, year: str = "#YEAR=2017") -> str:
    """Return a file with its comments."""
    head = [f"#FORMAT={kind}", "#COUNTRY=US", year, '#DESC "a test']
    named = [",".join(LAYOUTS[kind].columns)] if names and kind in LAYOUTS else []
    return "\n".join([*head, *named, *rows]) + "\n"


def read(path: Path, content: str) -> emis.Inventory:
    """Write a file and read it as an inventory."""
    path.write_text(content, encoding="utf-8")
    return emis.read_inventory(path)


def faults(path: Path, content: str) -> str:
    """Return what is said of a file, which must have a fault."""
    with pytest.raises(emis.InputError) as caught:
        read(path, content)
    return str(caught.value)
