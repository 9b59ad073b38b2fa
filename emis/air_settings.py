"""The section `air_quality` of a scenario: models, observations, and what the neighbours are assumed to do."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictStr, WithJsonSchema, model_validator

from emis import schema, vocabulary
from emis.airquality.interface import PRECURSORS
from emis.airquality.rollback import RESPONSES
from emis.schema import Model, Share, SignedPercent, Year

__all__ = ["AirQuality", "Change", "Outside", "SurfaceFit"]

ModelName: TypeAlias = Literal["rollback", "source_receptor", "response_surface", "attainment", "proportional"]
#: Pollutants that may stand for precursors they are the sum of.
_SUMS = {"PM2.5": ("BC", "OC", "dust")}


def _precursor(value: object) -> object:
    if value == "dust" or value in vocabulary.POLLUTANT_ALIASES:
        return vocabulary.POLLUTANT_ALIASES.get(str(value), value)
    known = (*PRECURSORS, "PM2.5")
    raise schema.fault(f"unknown precursor {value!r}", vocabulary.suggest(str(value), known))


Precursor: TypeAlias = Annotated[
    str,
    BeforeValidator(_precursor),
    WithJsonSchema({"type": "string", "enum": sorted({*vocabulary.POLLUTANT_ALIASES, "dust"})}),
]


class Change(Model):
    """Change of an area's emissions since the base year: at the target year, or year by year.

    A single change comes about evenly until the plan's target year; between the years given it is linear, after the
    last it holds. `low` and `high` are the ends of what the last may be.
    """

    change: SignedPercent | dict[Year, SignedPercent]
    low: SignedPercent | None = None
    high: SignedPercent | None = None
    note: schema.Text = ""
    source: schema.Text = ""

    @model_validator(mode="after")
    def _coherent(self) -> "Change":
        values = [self.change] if isinstance(self.change, float) else list(self.change.values())
        for value in (*values, *(end for end in (self.low, self.high) if end is not None)):
            if value < -1:
                raise schema.fault(f"{100 * value:.6g} % is less than nothing", "write at least -100 %")
        if not values:
            raise schema.fault("no year is given", "write e.g. {2020: -20 %}", "change")
        if (self.low is None) != (self.high is None):
            raise schema.fault("one end of the range is missing", "give low and high")
        if self.low is not None and self.high is not None and not self.low <= self.last <= self.high:
            raise schema.fault(
                f"{100 * self.last:.6g} % does not lie between low and high", "write low: -30 %, high: -10 %"
            )
        return self

    @property
    def last(self) -> float:
        """The change in the last year that is given [1]."""
        return self.change if isinstance(self.change, float) else self.change[max(self.change)]

    def at(self, year: int, base: int, target: int) -> float:
        """Return the change from the base year to a year [1]."""
        given = {target: self.change} if isinstance(self.change, float) else self.change
        points = sorted({base: 0.0, **given}.items())
        for (left, low), (right, high) in zip(points, points[1:], strict=False):
            if left <= year <= right:
                return low + (high - low) * (year - left) / (right - left)
        return 0.0 if year <= base else points[-1][1]

    def come(self, year: int, base: int, target: int) -> float:
        """Return which part of its range counts in a year [1]: none in the base year, all in the last one given."""
        last = target if isinstance(self.change, float) else max(self.change)
        return min(1.0, max(0.0, (year - base) / (last - base))) if last > base else 1.0


def _change(value: object) -> object:
    if isinstance(value, Mapping):
        years = all(isinstance(key, int) for key in value)
        return {"change": value} if value and years else value
    return value if isinstance(value, Change) else {"change": value}


_CHANGE_INPUT = {"anyOf": [{"type": ["string", "number"]}, {"type": "object"}]}
ChangeText: TypeAlias = Annotated[Change, BeforeValidator(_change), WithJsonSchema(_CHANGE_INPUT)]


class Outside(Model):
    """What the rest of the city and of the region do to their emissions, by precursor; what is not named stays."""

    city: dict[Precursor, ChangeText] = Field(default_factory=dict)
    region: dict[Precursor, ChangeText] = Field(default_factory=dict)

    def of(self, area: str, precursor: str) -> Change | None:
        """Return what an area does to a precursor: its own change, or that of a sum it is part of; None for nothing."""
        changes: dict[str, Change] = getattr(self, area)
        sums = (name for name, parts in _SUMS.items() if precursor in parts)
        return next((changes[name] for name in (precursor, *sums) if name in changes), None)


class Spread(Model):
    """A number that is not known better than between two ends."""

    low: Annotated[float, Field(ge=0, le=2)]
    high: Annotated[float, Field(ge=0, le=2)]

    @model_validator(mode="after")
    def _ordered(self) -> "Spread":
        if self.low > self.high:
            raise schema.fault(f"low {self.low:g} is above high {self.high:g}", "write the smaller one as low")
        return self


def _spread(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"low": value, "high": value}
    return value


def _responses(value: object) -> object:
    for name in value if isinstance(value, Mapping) else ():
        if name not in RESPONSES:
            raise schema.fault(f"unknown response {name!r}", vocabulary.suggest(str(name), RESPONSES), str(name))
    return value


#: The most that a coefficient can be [1]: a share, ammonium by mass of sulfate (0.375 binds all of it), an elasticity.
_MOST = {"primary_organic": 1.0, "sulfate_neutralised": 0.5}


def _possible(value: dict[str, Spread]) -> dict[str, Spread]:
    for name, one in value.items():
        most = _MOST.get(name, 2.0)
        if one.high > most:
            raise schema.fault(f"{one.high:g} is more than {name} can be", f"write 0 to {most:g}", name)
    return value


SpreadText: TypeAlias = Annotated[Spread, BeforeValidator(_spread, json_schema_input_type=Spread | float)]


class SurfaceFit(Model):
    """A response surface that is fitted to a table of model runs; clamped, it is not asked beyond them."""

    runs: StrictStr
    basis: Annotated[tuple[StrictStr, ...], schema.FILLED]
    ridge: Annotated[float, Field(ge=0)] = 0.0
    clamped: StrictBool = False


class AirQuality(Model):
    """Models of the air, the first of which gives the verdicts; paths are relative to the scenario.

    `weather` and `dustfall_weather` are standard deviations that the weather of a year gives annual means of PM2.5 and
    of dustfall [1]; the latter is assumed. `ambient` is by how much PM2.5 of the same air reads differently at ambient
    than at reference conditions [1]; derived for Beijing from two figures told of 2017, 55 and 58 ug/m3 (-5.2 %).
    """

    models: Annotated[tuple[ModelName, ...], schema.FILLED] = ("rollback", "source_receptor")
    observed: StrictStr | None = None
    shares: StrictStr | None = None
    daily: StrictStr | None = None
    matrix: StrictStr | None = None
    surface: StrictStr | SurfaceFit | None = None
    outside: Outside = Outside()
    response: Annotated[dict[StrictStr, SpreadText], BeforeValidator(_responses), AfterValidator(_possible)] = Field(
        default_factory=dict
    )
    weather: Share = 0.075
    dustfall_weather: Share = 0.1
    monitor: Share = 0.03
    ambient: SignedPercent = -0.05
    aqi_edition: schema.Text = "2012"
    hindcast: StrictBool = False
    note: schema.Text = ""

    @model_validator(mode="after")
    def _coherent(self) -> "AirQuality":
        if len(set(self.models)) < len(self.models):
            raise schema.fault("a model is named twice", "name each once", "models")
        if not -0.5 <= self.ambient <= 0.5:
            raise schema.fault(f"{100 * self.ambient:g} % is beyond any weather", "write e.g. -5 %", "ambient")
        if "response_surface" in self.models and self.surface is None:
            raise schema.fault("there is no response surface", "name its file: surface: surface.csv", "models")
        return self

    @property
    def compared(self) -> tuple[ModelName, ...]:
        """The models that are run: those named, and the proportional one to compare with; beside that one rollback."""
        other: ModelName = "rollback" if self.models == ("proportional",) else "proportional"
        return tuple(dict.fromkeys((*self.models, other)))

    def reads(self, basis: str, on: str) -> float:
        """Return what PM2.5 that is told on a basis reads on another, as a factor [1]; 1 where one is not known."""
        if not basis or not on or basis == on:
            return 1.0
        return 1.0 + self.ambient if on == "ambient" else 1.0 / (1.0 + self.ambient)

    def spread(self, response: str) -> tuple[float, float]:
        """Return low and high of a coefficient of the rollback [1]."""
        given = self.response.get(response)
        return (given.low, given.high) if given is not None else RESPONSES[response]
