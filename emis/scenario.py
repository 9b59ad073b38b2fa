"""A scenario: what we assume happens - drivers, implementation, the inventories and the plan it is about."""

import datetime as dt
import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictInt, StrictStr, field_validator, model_validator

from emis import schema, units
from emis.air_settings import AirQuality
from emis.airquality.observed import Air
from emis.draws import Scheme
from emis.errors import Issue
from emis.inventory import Inventory
from emis.measures import Measure
from emis.options import Options
from emis.phasing import PhaseIn
from emis.plan import Plan
from emis.progress import Progress, courses
from emis.schema import Id, Model, Places, Rate, Share, Title, TitleText, Year
from emis.selectors import Destination, Selector
from emis.strength import End, at_ends
from emis.verb import Uncertainty

__all__ = ["Driver", "Scenario", "ScenarioDocument"]


class DriverShift(Model):
    """Natural turnover: a share of the base-year stock that moves each year."""

    share: Rate
    to: Destination | Literal["outside"]
    yield_: (
        Annotated[float, Field(ge=0, strict=True)] | Annotated[StrictInt, Field(ge=0)] | schema.QuantityText | None
    ) = Field(default=None, alias="yield")

    @model_validator(mode="after")
    def _moves_out(self) -> "DriverShift":
        if not 0 <= self.share <= 1:
            raise schema.fault(f"a share of {self.share:.6g} per year cannot move", "write 0 to 100 %/yr", "share")
        return self


def _delay(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        raise schema.fault(f"a bare number {value} was found", f"write {value} yr")
    years = units.magnitude(value, "yr") if isinstance(value, str) else None
    if years is None or not 0 <= years <= 100 or years != int(years):
        raise schema.fault(f"expected whole years, found {value!r}", "write e.g. 1 yr")
    return int(years)


class Driver(Model):
    """What happens without the plan too: growth of activity, or turnover of stock, from the plan's base year on."""

    select: Selector
    growth: Rate | None = None
    index: dict[Year, Annotated[float, Field(gt=0, strict=True)] | StrictInt] | None = None
    shift: DriverShift | None = None
    title: TitleText = Title()
    uncertainty: Uncertainty | None = None
    note: schema.Text = ""
    evidence: schema.Evidence | None = None

    @model_validator(mode="after")
    def _ranges(self) -> "Driver":
        known = "growth" if self.growth is not None else "share" if self.shift is not None else ""
        for name, one in (self.uncertainty or {}).items():
            if name != known:
                hint = f"write {known}: {{low: 1 %/yr, high: 5 %/yr}}" if known else "state a range of growth or share"
                raise schema.fault(f"the driver has no {name!r} to have a range", hint, "uncertainty", name)
            if isinstance(one, dict) or one.low is None or one.high is None:
                raise schema.fault("the range has not two ends", "write low and high", "uncertainty", name)
            low, high = self.ends() or (0.0, 0.0)
            value = self.growth if self.growth is not None else self.shift.share if self.shift is not None else 0.0
            if not low <= value <= high:
                raise schema.fault(
                    f"{100 * value:g} %/yr does not lie between low and high", "give a range around it", "uncertainty"
                )
        return self

    def ends(self) -> tuple[float, float] | None:
        """Return the range of its growth or share [1/yr]; None when none is stated."""
        for one in (self.uncertainty or {}).values():
            if not isinstance(one, dict) and one.low is not None and one.high is not None:
                return units.rate(one.low), units.rate(one.high)
        return None

    @model_validator(mode="after")
    def _one_of(self) -> "Driver":
        given = [name for name in ("growth", "index", "shift") if getattr(self, name) is not None]
        if len(given) != 1:
            raise schema.fault(
                f"expected one of growth, index, shift; found {' and '.join(given) or 'none'}",
                "write a driver for each",
            )
        if self.growth is not None and self.growth > 10:
            raise schema.fault(
                f"growth of {100 * self.growth:g} %/yr is beyond reason", "write at most 1000 %/yr", "growth"
            )
        if self.growth is not None and self.growth <= -1:
            raise schema.fault(
                "activity cannot fall by all of itself every year", "write more than -100 %/yr", "growth"
            )
        if self.index is not None and any(value <= 0 for value in self.index.values()):
            raise schema.fault("an index is positive", "write e.g. {2017: 1, 2020: 1.05}", "index")
        return self

    def factor(self, base_year: int, year: int) -> float:
        """Return activity in `year` relative to the base year.

        Raises
        ------
        ValueError
            When an index does not reach the year, or the base year.
        """
        if self.growth is not None:
            return float((1.0 + self.growth) ** (year - base_year))
        if self.index is not None:
            return self._indexed(year) / self._indexed(base_year)
        return 1.0

    def _indexed(self, year: int) -> float:
        points = sorted((self.index or {}).items())
        if not points[0][0] <= year <= points[-1][0]:
            raise ValueError(f"the index reaches from {points[0][0]} to {points[-1][0]}, not {year}")
        for (left, low), (right, high) in zip(points, points[1:], strict=False):
            if left <= year <= right:
                return float(low + (high - low) * (year - left) / (right - left))
        return float(points[0][1])


class UncertaintySettings(Model):
    """How many draws, from which seed, how they fill the ranges, and the confidence that is asked for.

    `between_years` is which share of the squared error of an activity the inventories of all years have in common.
    """

    samples: Annotated[StrictInt, Field(ge=1)] = 10_000
    seed: Annotated[StrictInt, Field(ge=0)] = 1
    sampling: Scheme = "random"
    between_years: Share = 0.0
    confidence: Share = 0.9

    @field_validator("confidence")
    @classmethod
    def _between(cls, confidence: float) -> float:
        if not 0 < confidence < 1:
            raise schema.fault("is not between 0 and 100 %", "write e.g. 90 %")
        return confidence


class ScenarioDocument(Model):
    """A scenario file, `extends` already followed."""

    emis: Literal["scenario/1"]
    name: Id
    title: TitleText = Title()
    plan: StrictStr
    inventories: Annotated[dict[Year, StrictStr], schema.FILLED]
    years: Annotated[tuple[Year, ...], schema.FILLED]
    resolution: Literal["year", "month"] = "year"
    drivers: tuple[Driver, ...] = ()
    implementation: dict[StrictStr, Share] = Field(default_factory=dict)
    omit: Annotated[tuple[StrictStr, ...], schema.one_or_many(str)] = ()
    only: Annotated[tuple[StrictStr, ...], schema.one_or_many(str), schema.FILLED] | None = None
    options: StrictStr | None = None
    take: Annotated[tuple[StrictStr, ...], schema.one_or_many(str)] = ()
    ends: dict[StrictStr, End] = Field(default_factory=dict)
    on_shortfall: Literal["error", "scale", "implemented"] = "error"
    alert_days: dict[StrictStr, schema.Days] = Field(default_factory=dict)
    delay: Annotated[int, BeforeValidator(_delay, json_schema_input_type=str)] = 0
    air_quality: AirQuality | None = None
    uncertainty: UncertaintySettings = UncertaintySettings()
    note: schema.Text = ""
    extends: StrictStr | None = None

    @model_validator(mode="after")
    def _years_once(self) -> "ScenarioDocument":
        if len(set(self.years)) != len(self.years):
            raise schema.fault("a year is named twice", "name each year once", "years")
        return self


def _named(measure: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(measure, pattern) for pattern in patterns)


@dataclass(frozen=True)
class Scenario:
    """A scenario with the plan and the inventories it is about; the options it takes stand in the plan.

    Raises
    ------
    InputError
        From `emis.io.read_scenario`, which checks one against the other.
    """

    document: ScenarioDocument
    plan: Plan
    inventories: Mapping[int, Inventory]
    plan_places: Places = field(default_factory=Places)
    places: Places = field(default_factory=Places)
    files: tuple[str, ...] = ()
    warnings: tuple[Issue, ...] = ()
    progress: Progress | None = None
    air: Air | None = None
    options: Options | None = None

    @property
    def name(self) -> str:
        """The scenario's name, which is that of its result folder."""
        return self.document.name

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the result, ascending."""
        return tuple(sorted(self.document.years))

    @property
    def monthly(self) -> bool:
        """Whether results are by month."""
        return self.document.resolution == "month"

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """The measures with an effect that the scenario does not omit, by id, at the ends it asks for."""
        kept = (measure for measure in self.plan.effects if not self.omits(measure.id))
        return tuple(at_ends(measure, self.document.ends) for measure in kept)

    def omits(self, measure: str) -> bool:
        """Tell whether `omit` names the measure, by id or by a glob, or `only` names others."""
        only = self.document.only
        return _named(measure, self.document.omit) or (only is not None and not _named(measure, only))

    @cached_property
    def observed(self) -> Mapping[str, PhaseIn]:
        """The courses of the measures of which something was observed: delay and implementation are inside them."""
        if self.progress is None:
            return {}
        return courses(self.plan, self.progress, self.document.delay, self._assumed)

    def implementation(self, measure: str) -> float:
        """Return how far the scenario assumes the measure to be in place, 0-1; 1 where `phase` tells all of it."""
        return 1.0 if measure in self.observed else self._assumed(measure)

    def _assumed(self, measure: str) -> float:
        levels = self.document.implementation
        return levels.get(measure, levels.get("default", 1.0))

    def phase(self, measure: Measure, start: dt.date, end: dt.date) -> float:
        """Return how far the measure is in place on average from `start` up to `end`, 0-1, delay included."""
        # Asked for every period; measures are kept beside their courses, so that no other takes over their number.
        if id(measure) not in self._courses:
            course = self.observed.get(measure.id) or self.plan.course(measure).delayed(self.document.delay)
            self._courses[id(measure)] = measure, course
        return self._courses[id(measure)][1].level(start, end)

    @cached_property
    def _courses(self) -> dict[int, tuple[Measure, PhaseIn]]:
        return {}
