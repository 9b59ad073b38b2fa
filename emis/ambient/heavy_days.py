"""Heavily polluted days that PM2.5 leads: from a daily series that is scaled, or log-normal about the year's mean."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from emis import draws, units
from emis.airquality import aqi
from emis.airquality.days import days_by_scaling, days_over, drawn_count, log_sd
from emis.airquality.interface import Floats
from emis.airquality.observed import Daily, Observation, Observations
from emis.ambient.case import Case, Uniform, taken
from emis.ambient.interface import PREFIX, asked_unit, needed, year_length
from emis.ambient.words import AREA_ZH
from emis.plan import Target
from emis.target_amounts import Untold

__all__ = ["ENOUGH", "Fit", "HeavyDays", "fit"]

#: How far the spread may differ from the one fitted [1]: stations and years of the city had 0.80-0.95 about 0.88.
_SPREADS = (0.91, 1.08)
#: Days with data that make a series good for a year.
ENOUGH = 274
_LEAST = 1e-9


@dataclass(frozen=True)
class Fit:
    """The spread of the logarithms of a year's days [1], and of which year and area it is.

    Attributes
    ----------
    led : float or None
        Share of that year's heavily polluted days that PM2.5 led [1]; None where it was not counted.
    refused : tuple
        Years and areas that were asked before, with their days and mean [ug/m3], which no spread fits.
    """

    spread: float
    year: int
    area: str
    led: float | None
    refused: tuple[tuple[int, str, float, float], ...] = ()


def fit(observed: Observations, receptor: str, base_year: int, since: int | None, limit: float) -> Fit:
    """Return the spread that gives the days counted at the mean observed, of the year a target counts from.

    Where that year has no count and mean, it is that of the nearest year up to the base year; the receptor's own comes
    before the city's.

    Parameters
    ----------
    limit : float [ug/m3]
        Daily PM2.5 above which a day is heavily polluted.

    Raises
    ------
    Untold
        When no year has both, or no spread fits any of them.
    """
    areas = dict.fromkeys((receptor, "city"))
    asked = [] if since is None else [(since, area) for area in areas]
    before = [(y, area) for area in areas for y in reversed(observed.years(area, "heavy_days")) if y <= base_year]
    refused: list[tuple[int, str, float, float]] = []
    for year, area in dict.fromkeys((*asked, *before)):
        mass, days, led = (observed.get(year, area, name) for name in ("PM2.5", "heavy_days", "heavy_days_PM2.5"))
        if mass is None or days is None:
            continue
        valid = observed.get(year, area, "valid_days")
        try:
            spread = log_sd(mass.value, days.value, year_length(year) if valid is None else valid.value, limit)
        except ValueError:
            refused.append((year, area, days.value, mass.value))
            continue
        return Fit(spread, year, area, None if led is None else led.value / days.value, tuple(refused))
    if refused:
        raise Untold(*_no_spread(refused[0]))
    raise Untold(
        "no year up to the base year has both PM2.5 and a count of heavily polluted days to fit the spread of days to",
        "基准年及以前没有同时具备 PM2.5 浓度与重污染天数的年份，无法拟合日均值分布",
    )


def _no_spread(one: tuple[int, str, float, float]) -> tuple[str, str]:
    year, area, days, mean = one
    return (
        f"no spread fits {days:g} days at a mean of {mean:g} µg/m³ ({area}, {year})",
        f"无法以任何离散度同时符合{AREA_ZH[area]} {year} 年的 {days:g} 个重污染日与均值 {mean:g} µg/m³",
    )


@dataclass(frozen=True)
class HeavyDays:
    """Heavily polluted days led by PM2.5, or the reduction of their share of the year.

    Both sides of a reduction are told in the same way: by the daily series of the base year where it counts from that
    year, otherwise as log-normal about the means of both years.

    Attributes
    ----------
    fit : Fit or None
        None where the daily series is used.
    since : int or None
        The year a reduction counts from, with its PM2.5 on the base year's basis and whether its days were counted.
    daily : Daily or None
        The series of the base year, where it is used.
    """

    case: Case
    unit: str
    fit: Fit | None
    since: int | None = None
    since_mass: Observation | None = None
    counted_since: bool = False
    daily: Daily | None = None

    @classmethod
    def of(cls, case: Case, target: Target) -> "HeavyDays":
        """Return the indicator of a target on heavily polluted days."""
        since = target.since if target.reduce_by is not None else None
        unit = "%" if since is not None else asked_unit(target, "day")
        series = _series(case) if since in (None, case.base_year) else None
        fitted = None if series is not None else _fitted(case, since)
        if since is None:
            return cls(case, unit, fitted, daily=series)
        mass = needed(case.air.observations, since, case.receptor, "PM2.5", since=True)
        mass = mass.times(case.settings.reads(mass.basis, case.mass.basis))
        counted = case.air.observations.get(since, case.receptor, "heavy_days") is not None
        found = cls(case, unit, fitted, since, mass, counted, series)
        if float(found.share_before(None)) * year_length(since) < _LEAST:
            raise Untold(
                f"no heavily polluted day of {since} was led by PM2.5: there is nothing to reduce",
                f"{since} 年没有首要污染物为 PM2.5 的重污染日，无从减少",
            )
        return found

    @classmethod
    def counted(cls, case: Case) -> "HeavyDays | None":
        """Return the indicator of no target, which counts days; None when no spread can be fitted."""
        series = _series(case)
        try:
            return cls(case, "day", None if series is not None else _fitted(case, None), daily=series)
        except Untold:
            return None

    @property
    def of_pm25(self) -> bool:
        """Whether days that PM2.5 leads are told, and not all heavily polluted ones for want of a count of these."""
        return self.daily is not None or (self.fit is not None and self.fit.led is not None)

    @staticmethod
    def inputs_of(case: Case) -> list[str]:
        """Return the inputs of a count of days at a receptor, whether or not a spread can be fitted."""
        names = [name for group in case.parameters().values() for name in group]
        return [PREFIX + name for name in (*names, "spread", "count")]

    def days(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True, model: str = "") -> Floats:
        """Return the days of a year, (...) [day]; drawn, a count."""
        name, length = model or self.case.settings.models[0], year_length(year)
        mean = self.case.pm25(name, year, scope, uniform, plan)
        if self.daily is not None:
            # The series is what it was: only how the mean changes counts, not what the mean of the base year may be.
            expected = length * self._scaled(mean / self.case.level(name, uniform))
        else:
            expected = length * self._log_normal(mean, uniform)
        return expected if uniform is None else drawn_count(uniform["count"], expected, length)

    def _scaled(self, ratio: Floats | float) -> Floats:
        """Return the share of the series' days when all change by a ratio, (...) [1]."""
        assert self.daily is not None
        return days_by_scaling(self.daily.pm25(), ratio, 1.0, self.limits)

    def _log_normal(self, mean: Floats, uniform: Uniform) -> Floats:
        """Return the share of days at a mean, (...) [1]."""
        assert self.fit is not None
        led = 1.0 if self.fit.led is None else self.fit.led
        return led * days_over(mean, self._spread(uniform), 1.0, _limit(self.case))

    @cached_property
    def limits(self) -> Floats:
        """Return what PM2.5 has to exceed on each day of the series to lead a heavily polluted one [ug/m3]."""
        assert self.daily is not None
        return aqi.heavy_limit(self.daily.values, "PM2.5", self.case.settings.aqi_edition)

    def _spread(self, uniform: Uniform) -> Floats:
        """Return the spread of the logarithms of a year's days [1]: constant in time, and not known exactly."""
        assert self.fit is not None
        spread = self.fit.spread
        if uniform is None:
            return np.asarray(spread)
        return draws.triangle(uniform["spread"], _SPREADS[0] * spread, spread, _SPREADS[1] * spread)

    def value(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True, model: str = "") -> Floats:
        """Return the days, or the reduction of their share."""
        days = self.days(year, scope, uniform, plan, model)
        if self.since is None:
            return days * units.ratio("day", self.unit)
        return np.asarray(100 * (1 - days / year_length(year) / self.share_before(uniform)))

    def share_before(self, uniform: Uniform = None) -> Floats:
        """Return the share of days in the year counted from, (...) [1]; drawn, at least a day, as one was there."""
        assert self.since is not None
        assert self.since_mass is not None
        if self.daily is not None:
            return self._scaled(1.0)
        length = year_length(self.since)
        expected = length * self._log_normal(taken(uniform, self._since_name, self.since_mass), uniform)
        if uniform is None:
            return np.asarray(expected / length)
        known = expected if self.counted_since else drawn_count(uniform["count since"], expected, length)
        return np.asarray(np.maximum(known, 1.0) / length)

    @property
    def _since_name(self) -> str:
        """What the mean of the year counted from is called: in the base year it is what the models start from too."""
        return "PM2.5" if self.since == self.case.base_year else "since"

    def parameters(self) -> dict[str, tuple[str, ...]]:
        """Return the names of its parameters."""
        found = self.case.parameters()
        if self.daily is not None:
            return {**found, "count": ("count",)}
        if self.since is not None and self._since_name == "since":
            found |= {"base": (*found["base"], "since")}
        modelled = self.since is not None and not self.counted_since
        return {**found, "spread": ("spread",), "count": ("count", "count since") if modelled else ("count",)}

    # -- remarks -----------------------------------------------------------------------------------------------------

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Return what the count is made of."""
        if self.daily is not None:
            return (self._of_the_series(),)
        found = [self._of_the_fit(), *self._of_what_leads()]
        assert self.fit is not None
        found += [_no_spread(one) for one in self.fit.refused]
        if self.since is not None and not self.counted_since:
            found.append(
                (f"the days of {self.since} are modelled, not counted", f"{self.since} 年天数为模型估算，并非统计值")
            )
        if self.since not in (None, self.case.base_year) and _series(self.case) is not None:
            base = self.case.base_year
            found.append(
                (
                    f"the daily series is of {base} and the target counts from {self.since}: it is not used",
                    f"日均值序列为 {base} 年，而目标自 {self.since} 年起算，故未采用",
                )
            )
        return tuple(found)

    def _of_the_series(self) -> tuple[str, str]:
        assert self.daily is not None
        base = self.case.base_year
        many = np.count_nonzero(aqi.aqi(self.daily.values, self.case.settings.aqi_edition) > aqi.HEAVY_INDEX)
        own = round(float(self._scaled(1.0)) * self.daily.valid)
        return (
            f"days led by PM2.5 alone are told, not those led by ozone or sand: the daily series of {base} scaled,"
            f" {own} of its {many} heavily polluted days",
            f"仅计算首要污染物为 PM2.5 的天数，臭氧和沙尘导致的重污染日不在其内：按 {base} 年日均值序列缩放，"
            f"{many} 个重污染日中 {own} 天属此类",
        )

    def _of_the_fit(self) -> tuple[str, str]:
        assert self.fit is not None
        year, area, spread = self.fit.year, self.fit.area, self.fit.spread
        return (
            f"days are log-normal about the year's mean, with the spread {spread:.2f} of the {area} in {year}",
            f"日均值按对数正态分布计算，离散度 {spread:.2f} 取自{AREA_ZH[area]} {year} 年",
        )

    def _of_what_leads(self) -> list[tuple[str, str]]:
        assert self.fit is not None
        year, area = self.fit.year, self.fit.area
        counts = [self.case.air.observations.get(year, area, name) for name in ("heavy_days_PM2.5", "heavy_days")]
        if counts[0] is None or counts[1] is None:
            return [
                (
                    "all heavily polluted days are counted, as no count of those led by PM2.5 is known",
                    "计入全部重污染日：首要污染物为 PM2.5 的天数未知",
                )
            ]
        led, every = (f"{one.value:g}" for one in counts if one is not None)
        return [
            (
                f"days led by PM2.5 alone are told, not those led by ozone or sand: {led} of {every} as in {year}",
                f"仅计算首要污染物为 PM2.5 的天数（按 {year} 年 {every} 天中的 {led} 天折算），"
                "臭氧和沙尘导致的重污染日不在其内",
            )
        ]


def _fitted(case: Case, since: int | None) -> Fit:
    return fit(case.air.observations, case.receptor, case.base_year, since, _limit(case))


def _limit(case: Case) -> float:
    """Return the daily PM2.5 above which a day is heavily polluted [ug/m3]."""
    return float(aqi.concentration_at(aqi.HEAVY_INDEX, "PM2.5", case.settings.aqi_edition))


def _series(case: Case) -> Daily | None:
    """Return the daily series of the base year where PM2.5 is known on most days."""
    daily = case.air.daily.get((case.receptor, case.base_year))
    return daily if daily is not None and daily.valid >= ENOUGH else None
