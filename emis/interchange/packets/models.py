"""The plan and the scenario that packets are compiled to, as the objects that the engine runs."""

from collections.abc import Sequence
from typing import Any

from emis import numerals
from emis.interchange.packets.compiling import Does, Made
from emis.interchange.packets.describing import ids, percent, phase, title
from emis.interchange.packets.outcome import Outcome
from emis.interchange.packets.records import Record
from emis.interchange.packets.selecting import Labels
from emis.measures import Abate, Cap, Close, Effect, Measure
from emis.phasing import PhaseIn
from emis.plan import Plan
from emis.scenario import Driver, Scenario, ScenarioDocument
from emis.schema import Evidence, Places, Title
from emis.selectors import Selector
from emis.units import Quantity

__all__ = ["scenario_of"]

#: What measures, effects and selectors are copied from: constructing each would look up the default of every field.
_MEASURE, _EFFECT, _SELECTOR = Measure.model_construct(id="-"), Effect.model_construct(), Selector.model_construct()
_ABATE, _CAP = Abate.model_construct(efficiency={}), Cap.model_construct(at_most={})
_CLOSE = Close.model_construct(share=1.0)


def scenario_of(made: Made) -> Scenario:
    """Return the scenario that leads to an outcome.

    Its objects are constructed as they are, and not read and checked as files are: there may be tens of thousands.
    """
    outcome, names = made.outcome, ids(made.outcome.records)
    inventory = outcome.rows.inventory
    base = inventory.base_year
    measures = tuple(_model(outcome, number, names[number], effects) for number, effects in made.effects.items())
    drivers = tuple(
        Driver.model_construct(
            select=_select(select), index={base: 1.0, outcome.year: value}, title=_named(outcome.records[number]),
            evidence=Evidence(source=outcome.records[number].place),
        )
        for number, select, value in made.drivers
    )  # fmt: skip
    named = Title(zh=made.title, en=made.title)
    plan = Plan.model_construct(emis="plan/1", title=named, base_year=base, target_year=outcome.year, measures=measures)
    document = ScenarioDocument.model_construct(
        emis="scenario/1", name=made.name, title=named, plan="plan.yaml", inventories={base: inventory.file},
        years=(base, outcome.year), drivers=drivers,
    )  # fmt: skip
    places: dict[tuple[str | int, ...], tuple[str, int]] = {
        ("plan", "measures", names[number]): (outcome.records[number].file, outcome.records[number].line)
        for number in made.effects
    }
    return Scenario(document, plan, {base: inventory}, Places(places))


def _model(outcome: Outcome, number: int, name: str, effects: Sequence[Does]) -> Measure:
    record = outcome.records[number]
    course = phase(outcome, record)
    select = _select(effects[0].select) if len(effects) == 1 else None
    fields: dict[str, Any] = {
        "id": name, "title": _named(record), "select": select,
        "do": tuple(_effect(one, record, outcome, select is None) for one in effects),
        "phase_in": PhaseIn.parse(course) if course else None,
        "evidence": Evidence.model_construct(source=record.place, note=record.comment),
    }  # fmt: skip
    return _MEASURE.model_copy(update=fields)


def _effect(does: Does, record: Record, outcome: Outcome, selects: bool) -> Effect:
    select = _select(does.select) if selects else None
    verb: Abate | Cap | Close
    if does.verb == "cap":
        at_most = {name: Quantity(value, "t/yr") for name, value in does.numbers.items()}
        verb = _CAP.model_copy(update={"select": select, "at_most": at_most})
    elif does.verb == "close":
        date = record.date if outcome.compat == "emis" else None
        verb = _CLOSE.model_copy(update={"select": select, "date": date})
    else:
        efficiency = {name: numerals.signed_share(percent(value)) for name, value in does.numbers.items()}
        replaces = "existing" if does.replaces else None
        update = {"select": select, "efficiency": efficiency, "replaces": replaces, "may_increase": does.may_increase}
        verb = _ABATE.model_copy(update=update)
    effect = _EFFECT.model_copy(update={does.verb: verb})
    effect._verb = verb
    return effect


def _select(labels: Labels) -> Selector:
    return _SELECTOR.model_copy(update=labels)


def _named(record: Record) -> Title:
    text = title(record)
    return Title(zh=text, en=text)
