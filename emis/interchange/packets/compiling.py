"""From what packets make of an inventory to a plan of emis: one measure for each record, and drivers for growth.

Growth that a record gives all pollutants of a source is a driver: it is what happens without the plan too, so that the
emissions without the plan are CoST's projected ones, and no share of it is laid on a measure. Growth of one pollutant
beside others cannot be a change of activity, and no growth at all (a factor of 0) is none: they are measures. Whatever
was decided about a record (which sources it got, whether it beats what is in place) is in the measure's selection, so
that running the plan on the inventory gives what the packets gave.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emis import numerals
from emis.interchange.packets.outcome import Acts, Outcome
from emis.interchange.packets.records import Record
from emis.interchange.packets.selecting import selector
from emis.measures import Measure
from emis.plan import Plan
from emis.scenario import Driver, Scenario, ScenarioDocument
from emis.schema import Places

__all__ = ["Documents", "documents", "scenario_of"]

Indices = NDArray[np.intp]

#: Packets whose records say from when on they are in force.
_DATED = ("closure", "control", "allowable")


@dataclass(frozen=True)
class Documents:
    """A plan and a scenario as their files have them, and where the records stand that measures were made of."""

    plan: dict[str, Any]
    scenario: dict[str, Any]
    places: Mapping[tuple[str | int, ...], tuple[str, int]]


def scenario_of(outcome: Outcome, found: Documents) -> Scenario:
    """Return the scenario that leads to an outcome."""
    measures = tuple(Measure.model_validate(one) for one in found.plan["measures"])
    plan = Plan.model_validate(found.plan | {"measures": measures})
    drivers = tuple(Driver.model_validate(one) for one in found.scenario["drivers"])
    document = ScenarioDocument.model_validate(found.scenario | {"drivers": drivers})
    inventory = outcome.rows.inventory
    return Scenario(document, plan, {inventory.base_year: inventory}, Places(found.places))


def documents(outcome: Outcome, notes: str = "") -> Documents:
    """Return the plan and the scenario that lead to an outcome."""
    inventory, base = outcome.rows.inventory, outcome.rows.inventory.base_year
    drivers, growth = _growth(outcome)
    ids = _ids(outcome.records)
    measures: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for acts in (growth, outcome.controls):
        for record, effects in _factors(outcome, acts):
            measures[record] += effects
    for record, effects in _limits(outcome):
        measures[record] += effects
    for record, sources in _closed(outcome):
        close: dict[str, Any] = {"share": "100 %"}
        date = outcome.records[record].date
        if date is not None and outcome.compat == "emis":
            close["date"] = date.isoformat()
        measures[record].append({"close": {"select": selector(inventory, sources), **close}})
    listed = [
        _measure(outcome, number, ids[number], measures[number]) for number in range(len(ids)) if number in measures
    ]
    name = f"packets-{outcome.compat}-{outcome.year}".replace("_", "-")
    title = f"Control packets as {outcome.compat} evaluates them, {base}-{outcome.year}"
    plan = {"emis": "plan/1", "title": title, "base_year": base, "target_year": outcome.year,
            "measures": listed}  # fmt: skip
    scenario = {
        "emis": "scenario/1", "name": name, "title": title, "plan": "plan.yaml", "inventories": {base: "inventory"},
        "years": [base, outcome.year], "drivers": drivers,
    }  # fmt: skip
    if notes:
        plan["note"] = notes
    places: dict[tuple[str | int, ...], tuple[str, int]] = {
        ("plan", "measures", ids[number]): (outcome.records[number].file, outcome.records[number].line)
        for number in measures
    }
    return Documents(plan, scenario, places)


def _ids(records: Sequence[Record]) -> list[str]:
    """Return the id of each record's measure: file, kind and line, and a number where that stands twice."""
    seen: dict[str, int] = defaultdict(int)
    found = []
    for record in records:
        stem = re.sub(r"[^\w.\-]+", "-", PurePosixPath(record.file).stem).strip("-.") or "packet"
        name = f"{stem}-{record.kind}-{record.line}"
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return found


# -- what a measure is -----------------------------------------------------------------------------------------------


def _measure(outcome: Outcome, number: int, name: str, effects: list[dict[str, Any]]) -> dict[str, Any]:
    record = outcome.records[number]
    found: dict[str, Any] = {"id": name, "title": _title(record)}
    if len(effects) == 1:
        # What one effect selects is what the measure does.
        (verb, content), = effects[0].items()
        found["select"] = content["select"]
        effects = [{verb: {key: value for key, value in content.items() if key != "select"}}]
    found["do"] = effects
    phase = _phase(outcome, record)
    if phase:
        found["phase_in"] = phase
    found["evidence"] = {"source": record.place} | ({"note": record.comment} if record.comment else {})
    return found


def _title(record: Record) -> str:
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


def _phase(outcome: Outcome, record: Record) -> dict[Any, str]:
    """Return from when on a measure is in place: emis from its day, CoST in years that it is before July of."""
    if record.date is None or outcome.compat.startswith("smoke") or record.kind not in _DATED:
        return {}
    if outcome.compat == "emis":
        return {} if record.kind == "closure" else {record.date.isoformat(): "100 %"}
    first = record.date.year + (record.date >= dt.date(record.date.year, 7, 1))
    return {first: "100 %"} if first > outcome.rows.inventory.base_year + 1 else {}


# -- what it does ----------------------------------------------------------------------------------------------------


def _growth(outcome: Outcome) -> tuple[list[dict[str, Any]], Acts]:
    """Return drivers of what grows as a whole, and the growth that is left for measures."""
    acts, rows = outcome.growth, outcome.rows
    source, base = rows.source[acts.row], rows.inventory.base_year
    stated, own = np.bincount(rows.source, minlength=len(rows.inventory)), np.zeros(len(rows.inventory), dtype=np.intp)
    np.add.at(own, source, 1)
    first = np.full(len(rows.inventory), np.nan)
    first[source[::-1]] = acts.value[::-1]
    lead = np.full(len(rows.inventory), -1, dtype=np.intp)
    lead[source[::-1]] = acts.record[::-1]
    alike = np.ones(len(rows.inventory), dtype=bool)
    differs = (acts.value != first[source]) | (acts.record != lead[source])
    alike[source[differs]] = False
    whole = alike & (own == stated) & (lead >= 0) & (first > 0)
    chosen = np.flatnonzero(whole)
    drivers = []
    for (record, value), members in _grouped(lead[chosen], first[chosen], chosen):
        one = outcome.records[record]
        drivers.append({
            "select": selector(rows.inventory, members), "index": {base: 1.0, outcome.year: float(value)},
            "title": _title(one), "evidence": {"source": one.place},
        })  # fmt: skip
    return drivers, acts.where(~whole[source])


def _grouped(record: Indices, value: NDArray[Any], source: Indices) -> Iterator[tuple[tuple[int, float], Indices]]:
    """Yield records and values with their sources, ascending."""
    order = np.lexsort((source, value, record))
    record, value, source = record[order], value[order], source[order]
    starts = np.flatnonzero((np.diff(record, prepend=-1) != 0) | (np.diff(value, prepend=np.nan) != 0))
    for low, high in _spans(starts.tolist(), len(order)):
        yield (int(record[low]), float(value[low])), source[low:high]


def _spans(starts: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    """Yield where each group of rows starts and ends."""
    return zip(starts, [*starts[1:], size], strict=False)


def _factors(outcome: Outcome, acts: Acts) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield records and their effects by factors: one for all sources that it does the same to."""
    rows, names = outcome.rows, outcome.rows.inventory.pollutants
    pollutant, source = rows.pollutant[acts.row], rows.source[acts.row]
    order = np.lexsort((pollutant, source, acts.existing, acts.record))
    same = np.stack([acts.record[order], acts.existing[order], source[order]])
    starts = np.flatnonzero((np.diff(same, prepend=-1) != 0).any(axis=0)).tolist()
    groups: dict[int, dict[tuple[Any, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
    record, existing = same[0].tolist(), same[1].tolist()
    columns, values, sources = pollutant[order].tolist(), acts.value[order].tolist(), same[2].tolist()
    for low, high in _spans(starts, len(order)):
        key = (existing[low], tuple(columns[low:high]), tuple(values[low:high]))
        groups[record[low]][key].append(sources[low])
    for number, several in groups.items():
        effects = []
        for (replaces, which, left), members in several.items():
            efficiency = {names[p]: _percent(1.0 - value) for p, value in zip(which, left, strict=True)}
            verb: dict[str, Any] = {"select": selector(rows.inventory, np.array(members)), "efficiency": efficiency}
            if replaces:
                verb["replaces"] = "existing"
            if replaces or any(value > 1.0 for value in left):
                verb["may_increase"] = True
            effects.append({"abate": verb})
        yield number, effects


def _limits(outcome: Outcome) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield records and their ceilings: each source has its own."""
    rows, acts = outcome.rows, outcome.limits
    order = np.lexsort((rows.pollutant[acts.row], rows.source[acts.row], acts.record))
    found: dict[int, dict[int, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for at in order.tolist():
        row = int(acts.row[at])
        name = rows.inventory.pollutants[rows.pollutant[row]]
        limit = f"{numerals.plain(float(acts.value[at]))} t/yr"
        found[int(acts.record[at])][int(rows.source[row])][name] = limit
    for number, several in found.items():
        yield number, [
            {"cap": {"select": selector(rows.inventory, np.array([source])), "at_most": at_most}}
            for source, at_most in several.items()
        ]


def _closed(outcome: Outcome) -> Iterator[tuple[int, Indices]]:
    """Yield records of closures and the sources they close."""
    record, source = outcome.closed.record, outcome.rows.source[outcome.closed.row]
    for number in np.unique(record).tolist():
        yield number, np.unique(source[record == number])


def _percent(fraction: float) -> str:
    """Return a fraction in percent, as a plan has it: the decimal of the number, moved by two places."""
    text = format(Decimal(repr(fraction)).scaleb(2), "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"

