"""A measure at the low or high end of the ranges it states: how weak, or how strong, the plan might be carried out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from emis import units
from emis.measures import Effect, Measure
from emis.verb import Interval, Verb

__all__ = ["End", "RangeFault", "at_ends", "range_faults", "stated_ranges"]

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


@dataclass(frozen=True, slots=True)
class RangeFault:
    """What is wrong with a range: where it stands within its measure, and whether it cannot be read at all."""

    path: tuple[str | int, ...]
    message: str
    hint: str
    unreadable: bool


def range_faults(measure: Measure) -> Iterator[RangeFault]:
    """Yield the ranges of a measure whose ends cannot be read as its verbs read them, or that do not hold the value."""
    for number, effect in enumerate(measure.do):
        verb = effect.written
        own = verb.uncertainty or {}
        for argument, interval in {**(measure.uncertainty or {}), **own}.items():
            field = _field(verb, argument)
            if field is None:
                continue
            path = (
                ("do", number, effect.name, "uncertainty", argument) if argument in own else ("uncertainty", argument)
            )
            if alone := sorted(_keys(interval) - _known(measure, verb if argument in own else None, argument)):
                message = f"a range of {', '.join(alone)}, which {argument} says nothing of"
                yield RangeFault(path, message, "give ranges of what has a value", unreadable=True)
                continue
            try:
                low, high = (_moved(verb, field, interval, end) for end in ("low", "high"))
            except (ValidationError, ValueError) as error:
                yield RangeFault(path, *_said(error), unreadable=True)
                continue
            value = getattr(verb, field)
            if apart := _other_unit(value, (low, high)):
                yield RangeFault(path, *apart, unreadable=True)
            if all(isinstance(one, float) for one in (low, value, high)) and not low <= value <= high:
                message = f"the range {100 * low:.6g} to {100 * high:.6g} % does not hold the value {100 * value:.6g} %"
                yield RangeFault(path, message, "give a range around it", unreadable=False)


def _keys(interval: Any) -> set[str]:
    return set(interval) if isinstance(interval, Mapping) else set()


def _known(measure: Measure, verb: Verb | None, argument: str) -> set[str]:
    """Return for what an argument has a value of its own, in a verb or in any of the measure's."""
    found: set[str] = set()
    for one in [verb] if verb else [effect.written for effect in measure.do]:
        field = _field(one, argument)
        value = getattr(one, field) if field is not None else None
        found |= set(value) if isinstance(value, dict) else set()
    return found


def _other_unit(value: Any, ends: Iterable[Any]) -> tuple[str, str] | None:
    """Return what is wrong with ends that are in another unit than the value."""
    for end in ends:
        both = isinstance(value, units.Quantity) and isinstance(end, units.Quantity)
        if both and not units.commensurable(value.unit, end.unit):
            return f"the range is in {end.unit} and the value in {value.unit}", f"write it in {value.unit}"
    return None


def _said(error: ValueError) -> tuple[str, str]:
    """Return message and hint of what a verb says of a value."""
    if not isinstance(error, ValidationError):
        return str(error), ""
    first = error.errors()[0]
    told = first.get("ctx", {})
    inner = told.get("error")
    message = told.get("message") or getattr(inner, "message", None) or first["msg"]
    return str(message), str(told.get("hint") or getattr(inner, "hint", ""))


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
    value, read = getattr(verb, field), _reader(type(verb), field).validate_python
    if isinstance(value, dict):
        by_key = interval if isinstance(interval, Mapping) else dict.fromkeys(value, interval)
        ends = {key: text for key, one in by_key.items() if (text := getattr(one, end, None)) is not None}
        return value | read({key: text for key, text in ends.items() if key in value}) if ends else value
    text = getattr(interval, end, None)
    return value if value is None or text is None else read(text)


@cache
def _reader(verb: type[Verb], field: str) -> TypeAdapter[Any]:
    """Return what reads a field of a verb: it takes long to build."""
    info = verb.model_fields[field]
    kind: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    return TypeAdapter(kind)
