"""The numbers of records as arrays, and which records a system uses at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emis.interchange.packets.records import Compat, Kind, Record
from emis.interchange.packets.semantics import in_force, in_force_share
from emis.inventory import Floats

__all__ = ["Values", "eligibility"]

#: What kinds of packets a system has.
_HAS: dict[str, frozenset[Kind]] = {
    "cost": frozenset({"closure", "projection", "control", "allowable"}),
    "smoke": frozenset({"projection", "mact", "control", "ctg", "allowable"}),
    "emis": frozenset({"closure", "projection", "mact", "control", "ctg", "allowable"}),
}


@dataclass
class Values:
    """The numbers of R records by name; NaN where a record has none."""

    records: Sequence[Record]
    _annual: dict[str, Floats] = field(default_factory=dict)
    _months: dict[str, Floats] = field(default_factory=dict)

    def annual(self, name: str) -> Floats:
        """Return a number for the year, R."""
        if name not in self._annual:
            self._annual[name] = np.array([one.values.get(name, np.nan) for one in self.records], dtype=float)
        return self._annual[name]

    def months(self, name: str) -> Floats:
        """Return a number by month, R × 12: that of the year where a month has none."""
        if name not in self._months:
            found = np.repeat(self.annual(name)[:, None], 12, axis=1)
            for number, one in enumerate(self.records):
                if name in one.months:
                    own = np.array(one.months[name])
                    found[number] = np.where(np.isnan(own), found[number], own)
            self._months[name] = found
        return self._months[name]


def eligibility(
    records: Sequence[Record], base_year: int, year: int, compat: Compat
) -> tuple[NDArray[np.bool_], dict[int, str]]:
    """Return which records a system uses for a year, and of the others why it does not."""
    idle: dict[int, str] = {}
    for number, record in enumerate(records):
        why = _idle(record, base_year, year, compat)
        if why:
            idle[number] = why
    ok = np.ones(len(records), dtype=bool)
    ok[list(idle)] = False
    return ok, idle


def _idle(record: Record, base_year: int, year: int, compat: Compat) -> str:
    system = "smoke" if compat.startswith("smoke") else compat
    if record.kind not in _HAS[system]:
        return f"{'SMOKE' if system == 'smoke' else 'CoST'} has no packets of kind {record.kind}"
    if not record.applies:
        return "its flag says that it is not to be applied"
    if record.years is not None and record.years[0] != base_year:
        return f"it projects from {record.years[0]}, and the inventory is of {base_year}"
    if record.years is not None and record.years[1] != year:
        return f"it projects to {record.years[1]}, and {year} is asked for"
    if system == "cost" and not in_force(record.date, year):
        return f"its date {record.date} is not before 1 July {year}"
    if system == "emis" and in_force_share(record.date, year) == 0.0:
        return f"its date {record.date} is after {year}"
    return ""
