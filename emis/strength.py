"""A measure at the low or high end of the ranges it states: how weak, or how strong, the plan might be carried out."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import TypeAdapter

from emis.measures import Effect, Measure
from emis.verb import Interval, Verb

__all__ = ["End", "at_ends", "stated_ranges"]

End: TypeAlias = Literal["low", "likely", "high"]


def stated_ranges(measure: Measure) -> set[str]:
    """Return the arguments that the measure, or one of its verbs, states a range for."""
    verbs = [effect.written.uncertainty or {} for effect in measure.do]
    return set(measure.uncertainty or {}).union(*verbs)


def at_ends(measure: Measure, ends: Mapping[str, End]) -> Measure:
    """Return the measure with each argument named in `ends` at that end of its range; others stay as they are.

    A range of the verb goes before one of the measure. An argument without a range, or whose range has no such end,
    keeps its value.
    """
    if not stated_ranges(measure) & set(ends):
        return measure
    do = tuple(_at_ends(effect, measure.uncertainty or {}, ends) for effect in measure.do)
    return measure.model_copy(update={"do": do})


def _at_ends(effect: Effect, ranges: Mapping[str, Any], ends: Mapping[str, End]) -> Effect:
    verb = effect.written
    ranges = {**ranges, **(verb.uncertainty or {})}
    update = {}
    for argument, end in ends.items():
        field = _field(verb, argument)
        if field is not None and argument in ranges:
            update[field] = _moved(verb, field, ranges[argument], end)
    return Effect.model_validate({effect.name: verb.model_copy(update=update)}) if update else effect


def _field(verb: Verb, argument: str) -> str | None:
    """Return the name of the verb's field for an argument as it is written."""
    return next((name for name, one in type(verb).model_fields.items() if (one.alias or name) == argument), None)


def _moved(verb: Verb, field: str, interval: Interval | Mapping[str, Interval], end: End) -> Any:
    """Return a value at one end of its range, read as the verb itself reads it."""
    value, info = getattr(verb, field), type(verb).model_fields[field]
    kind: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    read = TypeAdapter(kind).validate_python
    if isinstance(value, dict):
        by_key = interval if isinstance(interval, Mapping) else dict.fromkeys(value, interval)
        ends = {key: text for key, one in by_key.items() if (text := getattr(one, end, None)) is not None}
        return value | read({key: text for key, text in ends.items() if key in value}) if ends else value
    text = getattr(interval, end, None)
    return value if value is None or text is None else read(text)
