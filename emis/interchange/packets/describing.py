"""What the measure of a record is called, from when on it is in place, and how its numbers are written."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from emis import numerals
from emis.interchange.packets.outcome import Outcome
from emis.interchange.packets.records import Record

__all__ = ["ids", "percent", "phase", "title"]

#: Packets whose records say from when on they are in force.
_DATED = ("closure", "control", "allowable")


def ids(records: Sequence[Record]) -> list[str]:
    """Return the id of each record's measure: file, kind and line, and a number where that stands twice."""
    seen: dict[str, int] = defaultdict(int)
    found = []
    for record in records:
        stem = re.sub(r"[^\w.\-]+", "-", PurePosixPath(record.file).stem).strip("-.") or "packet"
        name = f"{stem}-{record.kind}-{record.line}"
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return found


def title(record: Record) -> str:
    """Return what a record does, in words and its own numbers."""
    if record.kind == "closure":
        return f"Closure {record.abbreviation or record.keys.get('facility', '')}".strip()
    told = {"control": "Control", "allowable": "Allowable emissions", "projection": "Growth", "ctg": "CTG",
            "mact": "MACT"}[record.kind]  # fmt: skip
    given = ", ".join(f"{name} {_told(record, name, value)}" for name, value in record.values.items())
    name = f"{told} {record.abbreviation}" if record.abbreviation else told
    added = " replaces" if record.replaces else ""
    return f"{name}{added}: {given}" if given else f"{name}{added}, by month"


def _told(record: Record, name: str, value: float) -> str:
    if name in ("efficiency", "existing", "new", "fraction"):
        return f"{100 * value:.6g} %"
    return f"{value:.6g}" + (" short tons/day" if name in ("cap", "replacement", "cutoff") else "")


def phase(outcome: Outcome, record: Record) -> dict[Any, str]:
    """Return from when on a measure is in place: emis from its day, CoST in years that it is before July of."""
    if record.date is None or outcome.compat.startswith("smoke") or record.kind not in _DATED:
        return {}
    if outcome.compat == "emis":
        return {} if record.kind == "closure" else {record.date.isoformat(): "100 %"}
    first = record.date.year + (record.date >= dt.date(record.date.year, 7, 1))
    return {first: "100 %"} if first > outcome.rows.inventory.base_year + 1 else {}


def percent(left: float) -> str:
    """Return in percent what is removed where a share is left: as shortly as keeps the share to rounding."""
    for digits in (6, 15, 17):
        text = f"{100.0 * (1.0 - left):.{digits}g}"
        if abs(1.0 - float(text) / 100.0 - left) <= 2.3e-16 * max(1.0, left):
            break
    return f"{numerals.plain(float(text))} %"
