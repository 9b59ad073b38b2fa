"""What every document of emis is made of: frozen models that forbid unknown keys, and the types of their values.

A value is written as a person writes it (``60 %``, ``1200 vehicle``, ``2018-10-31``) and held as what the engine
computes with (0.6, a Quantity, a date). The same types validate files and objects built in Python, and give the JSON
Schema that editors complete and check files by.
"""

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictInt,
    StrictStr,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from emis import units, vocabulary

__all__ = [
    "FILLED",
    "Date",
    "Days",
    "Evidence",
    "Grade",
    "Id",
    "InUnit",
    "Model",
    "Months",
    "Percent",
    "Places",
    "PollutantName",
    "QuantityByPollutant",
    "QuantityText",
    "Rate",
    "Share",
    "ShareByPollutant",
    "SignedPercent",
    "Text",
    "Title",
    "TitleText",
    "Year",
    "date",
    "fault",
    "in_unit",
    "one_or_many",
    "year",
]


class Model(BaseModel):
    """Base of all documents: frozen, no unknown keys, valid or not built."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


def fault(message: str, hint: str = "", *key: str | int) -> PydanticCustomError:
    """Return the validation error that carries a hint and, within a mapping, the keys that lead to what it is about."""
    context: dict[str, Any] = {"message": message.replace("{", "(").replace("}", ")"), "hint": hint}
    if key:
        context["key"] = key
    return PydanticCustomError("emis", "{message}; {hint}" if hint else "{message}", context)


def one_or_many(item: Any) -> BeforeValidator:
    """Return the validator that lets a single item stand for a list of one."""
    return BeforeValidator(_as_tuple, json_schema_input_type=item | list[item])


def _as_tuple(value: object) -> object:
    """Let a single value stand for a list of one."""
    if isinstance(value, list | tuple):
        return tuple(value)
    return (value,)


def _filled(value: Any) -> Any:
    if not value:
        raise fault("is empty", "name at least one")
    return value


#: For lists and mappings that may not be empty; said only when what stands in them is right.
FILLED = AfterValidator(_filled)


def _text(value: object) -> object:
    # A code such as 0110109 is a number to YAML; the reader keeps how it was written.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return getattr(value, "text", str(value))
    return value


def date(value: object) -> dt.date:
    """Return a date written as 2018-10-31."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise fault(f"{value!r} is no day of the calendar", "write a date such as 2018-10-31") from None
    raise fault(f"expected a date, found {value!r}", "write it as 2018-10-31")


def _days(value: object) -> int | tuple[dt.date, ...]:
    """Return a count of days, or the days themselves in their order."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return int(value)
    if not isinstance(value, list | tuple) or not value:
        found = f"expected a number of days or a list of them, found {value!r}"
        raise fault(found, "write e.g. 12, or [2020-01-03, 2020-12-28]")
    days = sorted(date(one) for one in value)
    for one, following in zip(days, days[1:], strict=False):
        if one == following:
            raise fault(f"{one} is named twice", "name each day once")
    return tuple(days)


def _once(months: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(months)) != len(months):
        raise fault("a month is named twice", "name each month once")
    return months


def year(value: object) -> int:
    """Return a year written with four digits."""
    if isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2200:
        return int(value)
    raise fault(f"expected a year, found {value!r}", "write four digits, e.g. 2020")


def _pollutant(value: object) -> str:
    if isinstance(value, str) and (name := vocabulary.pollutant(value)):
        return name
    raise fault(f"unknown pollutant {value!r}", vocabulary.suggest(str(value), vocabulary.POLLUTANTS))


def _mapping(value: object, what: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping) or not value:
        raise fault(f"expected {what} by pollutant, found {value!r}", "write e.g. {NOx: ...}")
    return value


def _shares(value: object) -> dict[str, float]:
    found = _mapping(value, "shares")
    return _by_pollutant(found, lambda item, _name: units.signed_share(item))


def _quantities(value: object) -> dict[str, units.Quantity]:
    found = _mapping(value, "quantities")
    return _by_pollutant(found, _quantity)


def _by_pollutant(found: Mapping[Any, Any], parse: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, item in found.items():
        name = _pollutant(key)
        if name in result:
            raise fault(f"{name} is given twice (as {key!r} too)", "keep one of them", key)
        try:
            result[name] = parse(item, name)
        except units.UnitError as error:
            raise fault(f"{key}: {error.message}", error.hint, key) from None
    return result


def _quantity(value: object, pollutant: str | None = None) -> units.Quantity:
    found = value if isinstance(value, units.Quantity) else units.quantity(value, pollutant)  # type: ignore[arg-type]
    if found.value < 0:
        raise units.UnitError(f"{found} is negative", "write 0 or more")
    return found


@dataclass(frozen=True, slots=True)
class InUnit:
    """Reads a quantity as a number in `unit`, and refuses what is not between `least` and `most`."""

    unit: str
    least: float = 0.0
    most: float = math.inf

    def __call__(self, value: object) -> float:
        """Return the number."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise fault(f"{value} has no unit", f"write {value} {self.unit}")
        found = _quantity(value)
        number = found.value * units.ratio(found.unit, self.unit)
        if not self.least <= number <= self.most:
            raise fault(
                f"{found} is outside {self.least:g} to {self.most:g} {self.unit}", "check the number and its unit"
            )
        return number


def in_unit(unit: str, least: float = 0.0, most: float = math.inf) -> BeforeValidator:
    """Return the validator of a quantity that is held as a number in `unit`, from `least` to `most`: ``35 km/h``."""
    return BeforeValidator(InUnit(unit, least, most), json_schema_input_type=str)


def _capped(value: float) -> float:
    if value > 1:
        raise fault(f"{value:.6g} is above 100 %", "write at most 100 %")
    return value


_PERCENT_SCHEMA = {"type": ["string", "number"], "pattern": r"^[+-]?[0-9.]+ ?%$", "examples": ["60 %"]}
_QUANTITY_SCHEMA = {"type": "string", "pattern": r"^[+]?[0-9.]+([eE][+-]?[0-9]+)? *\S+", "examples": ["1200 vehicle"]}
_DATE_SCHEMA = {"type": "string", "format": "date", "examples": ["2018-10-31"]}
_DAYS_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "array", "items": _DATE_SCHEMA, "minItems": 1}]}
_POLLUTANT_SCHEMA = {"type": "string", "enum": sorted(vocabulary.POLLUTANT_ALIASES)}

Text: TypeAlias = Annotated[StrictStr, BeforeValidator(_text)]
Id: TypeAlias = Annotated[StrictStr, Field(pattern=r"^[\w][\w.\-]*$")]
Date: TypeAlias = Annotated[dt.date, BeforeValidator(date), WithJsonSchema(_DATE_SCHEMA)]
Year: TypeAlias = Annotated[int, BeforeValidator(year)]
#: Months by their number, each once.
Months: TypeAlias = Annotated[
    tuple[Annotated[StrictInt, Field(ge=1, le=12)], ...], AfterValidator(_filled), AfterValidator(_once)
]
#: How many days of a year, or which.
Days: TypeAlias = Annotated[int | tuple[dt.date, ...], PlainValidator(_days), WithJsonSchema(_DAYS_SCHEMA)]
Grade: TypeAlias = Literal["A", "B", "C", "D", "E"]
PollutantName: TypeAlias = Annotated[str, BeforeValidator(_pollutant), WithJsonSchema(_POLLUTANT_SCHEMA)]
#: 0-100 %, held as 0-1.
Share: TypeAlias = Annotated[float, BeforeValidator(units.share), WithJsonSchema(_PERCENT_SCHEMA)]
Percent: TypeAlias = Share
#: Any signed per cent, held as a fraction.
SignedPercent: TypeAlias = Annotated[float, BeforeValidator(units.signed_share), WithJsonSchema(_PERCENT_SCHEMA)]
#: Per cent per year, held as a fraction per year.
Rate: TypeAlias = Annotated[
    float, BeforeValidator(units.rate), WithJsonSchema({"type": "string", "examples": ["4 %/yr"]})
]
QuantityText: TypeAlias = Annotated[units.Quantity, BeforeValidator(_quantity), WithJsonSchema(_QUANTITY_SCHEMA)]
ShareByPollutant: TypeAlias = Annotated[
    dict[str, Annotated[float, AfterValidator(_capped)]],
    BeforeValidator(_shares),
    WithJsonSchema({"type": "object", "additionalProperties": _PERCENT_SCHEMA}),
]
QuantityByPollutant: TypeAlias = Annotated[
    dict[str, units.Quantity],
    BeforeValidator(_quantities),
    WithJsonSchema({"type": "object", "additionalProperties": _QUANTITY_SCHEMA}),
]


class Title(Model):
    """A title in Chinese and English."""

    zh: Text = ""
    en: Text = ""

    def text(self, lang: str = "en") -> str:
        """Return the title in `lang`, or in the other language when that one is missing."""
        return (self.zh or self.en) if lang == "zh" else (self.en or self.zh)


def _title(value: object) -> object:
    return {"zh": value, "en": value} if isinstance(value, str) else value


#: A title; a plain text serves for both languages.
TitleText: TypeAlias = Annotated[Title, BeforeValidator(_title, json_schema_input_type=Title | str)]


class Evidence(Model):
    """What a number rests on: the plan's own words, a source, a grade from A (measured) to E (assumed)."""

    grade: Grade | None = None
    source: Text = ""
    note: Text = ""
    quote: Text = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a document stand: path -> (file, line). Empty for documents built in Python."""

    lines: Mapping[tuple[str | int, ...], tuple[str, int]] = field(default_factory=dict)

    def at(self, path: Iterable[str | int]) -> tuple[str, int]:
        """Return file and line of `path`, or of the nearest part above it that is written down."""
        keys = tuple(path)
        while keys not in self.lines:
            if not keys:
                return "", 0
            keys = keys[:-1]
        return self.lines[keys]
