"""The plan and the scenario that packets are compiled to, as their files have them."""

from collections.abc import Sequence
from typing import Any

from emis import numerals
from emis.interchange.packets.compiling import Does, Made
from emis.interchange.packets.describing import ids, percent, phase, title
from emis.interchange.packets.outcome import Outcome
from emis.interchange.packets.records import Record
from emis.interchange.packets.selecting import Labels

__all__ = ["documents"]


def documents(made: Made, notes: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the plan and the scenario that lead to an outcome, as their files have them."""
    outcome, names = made.outcome, ids(made.outcome.records)
    base = outcome.rows.inventory.base_year
    plan = {
        "emis": "plan/1", "title": made.title, **({"note": notes} if notes else {}), "base_year": base,
        "target_year": outcome.year,
        "measures": [_document(outcome, number, names[number], effects) for number, effects in made.effects.items()],
    }  # fmt: skip
    drivers = [
        {"select": _labels(select), "index": {base: 1.0, outcome.year: value},
         "title": title(outcome.records[number]), "evidence": {"source": outcome.records[number].place}}
        for number, select, value in made.drivers
    ]  # fmt: skip
    scenario = {
        "emis": "scenario/1", "name": made.name, "title": made.title, "plan": "plan.yaml",
        "inventories": {base: outcome.rows.inventory.file}, "years": [base, outcome.year], "drivers": drivers,
    }  # fmt: skip
    return plan, scenario


def _document(outcome: Outcome, number: int, name: str, effects: Sequence[Does]) -> dict[str, Any]:
    record = outcome.records[number]
    found: dict[str, Any] = {"id": name, "title": title(record)}
    if len(effects) == 1:
        # What one effect selects is what the measure does.
        found["select"] = _labels(effects[0].select)
    found["do"] = [_written(one, record, outcome, len(effects) > 1) for one in effects]
    course = phase(outcome, record)
    if course:
        found["phase_in"] = course
    found["evidence"] = {"source": record.place} | ({"note": record.comment} if record.comment else {})
    return found


def _written(does: Does, record: Record, outcome: Outcome, selects: bool) -> dict[str, Any]:
    verb: dict[str, Any] = {"select": _labels(does.select)} if selects else {}
    if does.verb == "cap":
        verb["at_most"] = {name: f"{numerals.plain(value)} t/yr" for name, value in does.numbers.items()}
    elif does.verb == "close":
        verb["share"] = "100 %"
        if record.date is not None and outcome.compat == "emis":
            verb["date"] = record.date.isoformat()
    else:
        verb["efficiency"] = {name: percent(value) for name, value in does.numbers.items()}
        verb |= {"replaces": "existing"} if does.replaces else {}
        verb |= {"may_increase": True} if does.may_increase else {}
    return {does.verb: verb}


def _labels(select: Labels) -> dict[str, Any]:
    return {label: list(values) if len(values) > 1 else values[0] for label, values in select.items()}
