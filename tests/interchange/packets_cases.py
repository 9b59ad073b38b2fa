"""Inventories and records for tests of packets: small ones by hand, and random ones."""

from typing import Any

import numpy as np

from emis.interchange.packets.records import Record
from emis.inventory import Inventory

POLLUTANTS = ("SO2", "NOx", "VOC")
_PROFILE = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) / 78


def inventory(
    sources: list[dict[str, Any]], pollutants: tuple[str, ...] = POLLUTANTS, base_year: int = 2017
) -> Inventory:
    """Return reported sources: each its codes, `profile`, `NOx`, `NOx control` and so on; what is left out is NaN."""
    sources = sorted(sources, key=lambda one: one["source"])
    size, shape = len(sources), (len(sources), len(pollutants))

    def texts(name: str) -> np.ndarray:
        found = np.empty(size, dtype=object)
        found[:] = [one.get(name, "") for one in sources]
        return found

    def numbers(suffix: str, blank: float) -> np.ndarray:
        return np.array([[one.get(name + suffix, blank) for name in pollutants] for one in sources], float).reshape(
            shape
        )

    labels = {name: texts(name) for name in ("source", "category", "fuel", "technology", "region", "facility")}
    labels["sector"] = np.full(size, "industry", dtype=object)
    names = ("unit_id", "rel_point_id", "process_id", "scc", "reg_codes", "sic", "naics", "srctype")
    return Inventory(
        name="case", base_year=base_year, pollutants=pollutants, labels=labels, activity=np.ones(size),
        activity_unit=np.full(size, "1", dtype=object), factor=numbers("", np.nan), reported=np.ones(size, dtype=bool),
        control=numbers(" control", 0.0), profile=texts("profile"), profiles={"rising": _PROFILE},
        attributes={name: texts(name) for name in names}, file="case.csv",
        places=[("case.csv", n + 2) for n in range(size)],
    )  # fmt: skip


def record(kind: str, keys: dict[str, str] | None = None, line: int = 2, dialect: str = "cost", **rest: Any) -> Record:
    """Return a record: its numbers by name, those of the year."""
    known = {"months", "date", "replaces", "applies", "years", "abbreviation", "source_type", "comment"}
    values = {name: value for name, value in rest.items() if name not in known}
    others = {name: value for name, value in rest.items() if name in known}
    return Record(kind, dialect, f"{kind}.csv", line, keys or {}, values, **others)  # type: ignore[arg-type]
