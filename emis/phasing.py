"""How a measure comes into place over time."""

import calendar
import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from emis import schema, units

__all__ = ["PhaseIn", "later"]


@dataclass(frozen=True, slots=True)
class PhaseIn:
    """How far a measure is in place over time, 0-1.

    By dates the level is 0 before the first, piecewise linear between them, and the last level holds; by years each
    level is that year's mean, a gap keeps the year before, and the last level holds.
    """

    dates: tuple[tuple[dt.date, float], ...] = ()
    years: tuple[tuple[int, float], ...] = ()

    @classmethod
    def step(cls, date: dt.date) -> "PhaseIn":
        """Return the phase-in of what is in force from 00:00 of `date`."""
        return cls(dates=((date, 1.0),))

    @classmethod
    def parse(cls, value: object) -> "PhaseIn":
        """Read ``{2018-10-16: 0 %, 2019-12-31: 100 %}`` or ``{2018: 20 %, 2020: 100 %}``; a mix is refused."""
        if isinstance(value, PhaseIn):
            return value
        if not isinstance(value, Mapping) or not value:
            raise schema.fault(
                f"expected levels by date or by year, found {value!r}", "write e.g. {2019: 50 %, 2020: 100 %}"
            )
        dates: list[tuple[dt.date, float]] = []
        years: list[tuple[int, float]] = []
        for key, text in value.items():
            try:
                level = units.share(text)
            except units.UnitError as error:
                raise schema.fault(f"{key}: {error.message}", error.hint, key) from None
            if isinstance(key, str) and key.isascii() and key.isdecimal():
                key = int(key)
            if isinstance(key, int):
                years.append((schema.year(key), level))
            else:
                dates.append((schema.date(key), level))
        if dates and years:
            raise schema.fault(
                "levels by date and by year are mixed", "use dates only (2018-10-16) or years only (2018)"
            )
        return cls(dates=tuple(sorted(dates)), years=tuple(sorted(years)))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": {"type": ["string", "number"]},
            "examples": [{"2019": "50 %"}],
        }

    def falls(self) -> bool:
        """Tell whether a level is below the one before it."""
        levels = [level for _, level in self.dates or self.years]
        return any(after < before for before, after in zip(levels, levels[1:], strict=False))

    def delayed(self, years: int) -> "PhaseIn":
        """Return the same phase-in, `years` later."""
        return PhaseIn(
            dates=tuple((later(date, years), level) for date, level in self.dates),
            years=tuple((year + years, level) for year, level in self.years),
        )

    def by_dates(self) -> "PhaseIn":
        """Return the same phase-in by dates: the mean level of a year holds from its first day to its last."""
        if not self.years:
            return self
        levels = (0.0, *(level for _, level in self.years))
        steps = (
            ((dt.date(year, 1, 1), old), (dt.date(year, 1, 1), new))
            for (year, new), old in zip(self.years, levels, strict=False)
        )
        return PhaseIn(dates=tuple(knot for step in steps for knot in step))

    def at(self, date: dt.date) -> float:
        """Return the level [1] at 00:00 of `date`; where it steps on that day, the level after the step."""
        knots = self.by_dates().dates
        return _between(knots, bisect_right(knots, date, key=_day), date)

    def before(self, date: dt.date) -> float:
        """Return the level [1] that leads up to 00:00 of `date`: another than `at` only where it steps on that day."""
        knots = self.by_dates().dates
        return _between(knots, bisect_left(knots, date, key=_day), date)

    def level(self, start: dt.date, end: dt.date) -> float:
        """Return the mean level over the days from `start` up to but not including `end`."""
        if self.years:
            reached = [level for year, level in self.years if year <= start.year]
            return reached[-1] if reached else 0.0
        knots = [(date.toordinal(), level) for date, level in self.dates]
        first, last = start.toordinal(), end.toordinal()
        area = 0.0
        for (left, low), (right, high) in zip(knots, knots[1:], strict=False):
            a, b = max(left, first), min(right, last)
            if a < b:
                slope = (high - low) / (right - left)
                area += (b - a) * (low + slope * ((a + b) / 2 - left))
        held_from = max(knots[-1][0], first)
        if held_from < last:
            area += (last - held_from) * knots[-1][1]
        return area / (last - first)


def _day(knot: tuple[dt.date, float]) -> dt.date:
    return knot[0]


def _between(knots: tuple[tuple[dt.date, float], ...], after: int, date: dt.date) -> float:
    """Return the level at `date`, which lies between knot `after` and the one before it."""
    if after == 0:
        return 0.0
    left, low = knots[after - 1]
    if after == len(knots):
        return low
    right, high = knots[after]
    return low + (high - low) * (date - left).days / (right - left).days


def later(date: dt.date, years: int) -> dt.date:
    """Return the same day `years` later; 29 February becomes the 28th where there is none."""
    year = date.year + years
    day = min(date.day, calendar.monthrange(year, date.month)[1])
    return date.replace(year=year, day=day)
