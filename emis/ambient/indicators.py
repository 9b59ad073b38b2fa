"""What a target on the air is about, as a number of one year: PM2.5, its heavily polluted days, dustfall."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from emis import draws, units
from emis.air_settings import AirQuality
from emis.airquality import aqi
from emis.airquality.days import days_by_scaling, days_over, drawn_count, log_sd
from emis.airquality.dustfall import dustfall, local_cut_needed
from emis.airquality.interface import Floats
from emis.airquality.observed import Daily, Observation
from emis.ambient.case import Case, Uniform, known_air, noise, taken
from emis.plan import Target
from emis.projection import Projection
from emis.target_amounts import Untold
from emis.uncertainty.sampling import Drawn

__all__ = ["AREA_ZH", "Concentration", "Dustfall", "HeavyDays", "Indicator", "indicator", "inputs", "of_the_air"]

_PM25, _DUSTFALL = "ug/m^3", "t/(km^2*month)"
_HERE = "district"


class Indicator(Protocol):
    """A number that a target holds against its threshold; for `reduce_by` a reduction in per cent."""

    @property
    def unit(self) -> str:
        """What it is told in."""

    def value(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True, model: str = "") -> Floats:
        """Return the number in a year by a model (blank: the first), (...) [unit]."""
        ...

    def parameters(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the parameters of each term it hangs on."""
        ...

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Return what a reader should know of it, in English and Chinese."""
        ...


#: What the parameters of the air are called among the inputs of a sample.
_AIR = "air "


def inputs(one: "Indicator") -> list[str]:
    """Return what an indicator's parameters are called among the inputs of a sample."""
    return [_AIR + name for names in one.parameters().values() for name in names]


def of_the_air(uniform: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the draws of the air's parameters out of those of a sample."""
    return {name.removeprefix(_AIR): values for name, values in uniform.items() if name.startswith(_AIR)}


def indicator(projection: Projection, target: Target, drawn: Drawn | None = None) -> Indicator:
    """Return the indicator of a target, with the draws of what the district emits where there are some.

    Raises
    ------
    Untold
        When what it takes is not known.
    """
    if target.indicator == "dustfall":
        return Dustfall.of(projection, target, drawn)
    case = Case.of(projection, drawn=drawn)
    return Concentration.of(case, target) if target.indicator == "concentration" else HeavyDays.of(case, target)


@dataclass(frozen=True)
class Concentration:
    """PM2.5 of a year, or its reduction since one that was observed."""

    case: Case
    unit: str
    since: Observation | None

    @classmethod
    def of(cls, case: Case, target: Target) -> "Concentration":
        """Return the indicator of a target on PM2.5."""
        if target.pollutant not in (None, "PM2.5"):
            raise Untold(
                f"the models tell PM2.5, not {target.pollutant}", f"模型仅计算 PM2.5，不计算 {target.pollutant}"
            )
        if target.reduce_by is None:
            return cls(case, _unit(target, _PM25), None)
        return cls(case, "%", _observed(case, target, "PM2.5"))

    def value(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True, model: str = "") -> Floats:
        """Return PM2.5, or its reduction."""
        found = self.case.pm25(model or self.case.settings.models[0], year, scope, uniform, plan)
        if self.since is None:
            return found * units.ratio(_PM25, self.unit)
        return 100 * (1 - found / taken(uniform, "since", self.since))

    def parameters(self) -> dict[str, tuple[str, ...]]:
        """Return the names of its parameters."""
        found = self.case.parameters()
        return found if self.since is None else {**found, "base": (*found["base"], "since")}

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Return nothing beside what its models say."""
        return ()


@dataclass(frozen=True)
class HeavyDays:
    """Heavily polluted days led by PM2.5, or the reduction of their share of the year.

    `fitted` tells of which year and area the spread is; a count of `since` that was observed stands as it is.
    """

    case: Case
    unit: str
    spread: float
    fitted: tuple[int, str]
    since: int | None
    since_mass: Observation | None
    since_share: float | None
    daily: Daily | None = None

    @classmethod
    def of(cls, case: Case, target: Target) -> "HeavyDays":
        """Return the indicator of a target on heavily polluted days."""
        unit = "%" if target.reduce_by is not None else _unit(target, "day")
        spread, fitted = _fit(case, target.since)
        series = _series(case)
        if target.reduce_by is None:
            return cls(case, unit, spread, fitted, None, None, None, series)
        assert target.since is not None
        known = case.air.observations.get(target.since, case.receptor, "heavy_days")
        share = None if known is None else known.value / _valid(case, target.since)
        mass = _observed(case, target, "PM2.5") if share is None else None
        return cls(case, unit, spread, fitted, target.since, mass, share, series)

    @classmethod
    def counted(cls, case: Case) -> "HeavyDays | None":
        """Return the indicator of no target, which counts days; None when no spread can be fitted."""
        try:
            spread, fitted = _fit(case, None)
        except Untold:
            return None
        return cls(case, "day", spread, fitted, None, None, None, _series(case))

    @staticmethod
    def inputs_of(case: Case) -> list[str]:
        """Return the inputs of a count of days at a receptor, whether or not a spread can be fitted."""
        names = [name for group in case.parameters().values() for name in group]
        return [_AIR + name for name in (*names, "spread", "count")]

    def days(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True, model: str = "") -> Floats:
        """Return the days of a year, (...) [day]; drawn, a count."""
        mean = self.case.pm25(model or self.case.settings.models[0], year, scope, uniform, plan)
        valid = _length(year)
        if self.daily is not None:
            # The series is what it was: only how the mean changes counts, not what the mean of the base year may be.
            ratio = mean / taken(uniform, "PM2.5", self.case.mass)
            expected = days_by_scaling(self.daily.pm25(), ratio, valid, self._limits)
        else:
            expected = days_over(mean, self._spread(uniform), valid, heavy(self.case))
        return expected if uniform is None else drawn_count(uniform["count"], expected, valid)

    @cached_property
    def _limits(self) -> Floats:
        """Return what PM2.5 has to exceed on each day of the series to lead a heavily polluted one [ug/m3]."""
        assert self.daily is not None
        return aqi.heavy_limit(self.daily.values, "PM2.5", self.case.settings.aqi_edition)

    def _spread(self, uniform: Uniform) -> Floats:
        """Return the spread of the logarithms of a year's days [1]: constant in time, and not known exactly."""
        if uniform is None:
            return np.asarray(self.spread)
        return draws.triangle(uniform["spread"], _SPREADS[0] * self.spread, self.spread, _SPREADS[1] * self.spread)

    def value(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True, model: str = "") -> Floats:
        """Return the days, or the reduction of their share."""
        days = self.days(year, scope, uniform, plan, model)
        if self.since is None:
            return days * units.ratio("day", self.unit)
        share = days / _length(year)
        before = self._before(uniform)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(before > 0, 100 * (1 - share / before), np.where(share > 0, -np.inf, 0.0))

    def _before(self, uniform: Uniform) -> Floats:
        """Return the share of days in the year counted from, (...) [1]."""
        if self.since_share is not None:
            return np.asarray(self.since_share)
        assert self.since_mass is not None
        assert self.since is not None
        valid = _length(self.since)
        mass = taken(uniform, "since", self.since_mass)
        expected = days_over(mass, self._spread(uniform), valid, heavy(self.case))
        return (expected if uniform is None else drawn_count(uniform["count since"], expected, valid)) / valid

    def parameters(self) -> dict[str, tuple[str, ...]]:
        """Return the names of its parameters."""
        found = self.case.parameters()
        if self.since_mass is not None:
            found |= {"base": (*found["base"], "since")}
        count = ("count", "count since") if self.since_mass is not None else ("count",)
        return {**found, "spread": ("spread",), "count": count}

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Return what the count is made of."""
        year, area = self.fitted
        how = (
            f"log-normal, spread {self.spread:.2f} of the {area} in {year}",
            f"对数正态分布，离散度 {self.spread:.2f}，取自 {year} 年{AREA_ZH[area]}",
        )
        if self.daily is not None:
            base = self.case.base_year
            edition = self.case.settings.aqi_edition
            whole = aqi.aqi(self.daily.values, edition)
            many = np.count_nonzero(whole > aqi.HEAVY_INDEX)
            own = int(days_by_scaling(self.daily.pm25(), 1.0, self.daily.valid, self._limits))
            how = (
                f"the daily series of {base} scaled: {own} of its {many} heavily polluted days",
                f"按 {base} 年日均值序列缩放：{many} 个重污染日中 {own} 天属此类",
            )
        found = [
            (
                f"days led by PM2.5 alone are told ({how[0]}), not those led by ozone or sand",
                f"仅计算首要污染物为 PM2.5 的天数（{how[1]}），臭氧和沙尘导致的重污染日不在其内",
            )
        ]
        counts = [self.case.air.observations.get(year, area, name) for name in ("heavy_days_PM2.5", "heavy_days")]
        if counts[0] is not None and counts[1] is not None:
            led, all_days = (f"{one.value:.0f}" for one in counts if one is not None)
            found.append(
                (
                    f"of the {all_days} heavily polluted days of {year} PM2.5 led {led}",
                    f"{year} 年 {all_days} 个重污染日中 {led} 天首要污染物为 PM2.5",
                )
            )
        if self.since_share is None and self.since is not None:
            found.append(
                (f"the days of {self.since} are modelled, not counted", f"{self.since} 年天数为模型估算，并非统计值")
            )
        return tuple(found)


#: How far the spread may differ from the one fitted [1]: stations and years of the city had 0.80-0.95 about 0.88.
_SPREADS = (0.91, 1.08)
#: Days with data that make a series good for a year.
_ENOUGH = 274
AREA_ZH = {"district": "本区", "city": "全市", "region": "区域"}


def _fit(case: Case, since: int | None) -> tuple[float, tuple[int, str]]:
    """Return the spread of the year counted from, or of the nearest to the base year, and of which year and area."""
    observed = case.air.observations
    for area in dict.fromkeys((case.receptor, "city")):
        years = [year for year in observed.years(area, "heavy_days") if year <= case.base_year]
        wanted = [since] if since in years else sorted(years, reverse=True)
        for year in wanted:
            assert year is not None
            mass, days = observed.get(year, area, "PM2.5"), observed.get(year, area, "heavy_days")
            if mass is None or days is None:
                continue
            try:
                return log_sd(mass.value, days.value, _valid(case, year, area), heavy(case)), (year, area)
            except ValueError:
                continue
    raise Untold(
        "no year up to the base year has both PM2.5 and a count of heavily polluted days to fit the spread of days to",
        "基准年及以前没有同时具备 PM2.5 浓度与重污染天数的年份，无法拟合日均值分布",
    )


def heavy(case: Case) -> float:
    """Return the daily PM2.5 above which a day is heavily polluted [ug/m3]."""
    return float(aqi.concentration_at(aqi.HEAVY_INDEX, "PM2.5", case.settings.aqi_edition))


def _series(case: Case) -> Daily | None:
    """Return the daily series of the base year where PM2.5 is known on most days."""
    daily = case.air.daily.get((case.receptor, case.base_year))
    return daily if daily is not None and daily.valid >= _ENOUGH else None


def _valid(case: Case, year: int, area: str = "") -> float:
    known = case.air.observations.get(year, area or case.receptor, "valid_days")
    return known.value if known is not None else _length(year)


def _length(year: int) -> float:
    return 366.0 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 365.0


def _observed(case: Case, target: Target, quantity: str) -> Observation:
    assert target.since is not None
    found = case.air.observations.get(target.since, case.receptor, quantity)
    if found is None:
        file = case.air.observations.file
        raise Untold(
            f"{quantity} of the {case.receptor} in {target.since}, from which the target counts, is not in {file}",
            f"{file} 缺少目标起算年 {target.since} 的 {quantity}",
        )
    return found


def _unit(target: Target, like: str) -> str:
    """Return the unit of a target's threshold, which has to be one of what it is about."""
    bound = target.at_most if target.at_most is not None else target.at_least
    if bound is None:
        return like
    if not isinstance(bound, units.Quantity) or not units.commensurable(bound.unit, like):
        shown = bound.unit if isinstance(bound, units.Quantity) else "%"
        raise Untold(f"the threshold is in {shown}, not in {like}", f"阈值单位为 {shown}，应为 {like}")
    return bound.unit


@dataclass(frozen=True)
class Dustfall:
    """Dustfall of a year, or its reduction: what is raised in the district counts, over what nobody controls."""

    settings: AirQuality
    unit: str
    before: Observation
    background: Observation
    reduction: float | None
    raised: Mapping[tuple[int, bool], float]
    drawn: Mapping[int, Floats] | None = None

    @classmethod
    def of(cls, projection: Projection, target: Target, drawn: Drawn | None = None) -> "Dustfall":
        """Return the indicator of a target on dustfall."""
        settings, air = known_air(projection.scenario)
        observed, base = air.observations, projection.scenario.plan.base_year
        if target.since not in (None, base):
            raise Untold(
                f"dustfall is told against the base year {base}, not {target.since}",
                f"降尘量以基准年 {base} 为起点，而非 {target.since} 年",
            )
        before, background = (observed.get(base, _HERE, name) for name in ("dustfall", "dustfall_background"))
        if before is None or background is None:
            lacking = "dustfall" if before is None else "dustfall_background"
            raise Untold(
                f"{lacking} of the {_HERE} in {base} is not in {observed.file}",
                f"{observed.file} 缺少 {base} 年 {lacking}（本区）",
            )
        unit = "%" if target.reduce_by is not None else _unit(target, _DUSTFALL)
        raised = _raised(projection, base)
        ratios = None
        if drawn is not None:
            ratios = {year: drawn.total(year, "TSP") / drawn.total(base, "TSP") for year, plan in raised if plan}
        return cls(settings, unit, before, background, target.reduce_by, raised, ratios)

    def fallen(self, year: int, uniform: Uniform = None, plan: bool = True) -> tuple[Floats, Floats]:
        """Return dustfall of a year and of the base year, (...) [t/(km2 month)]."""
        before = taken(uniform, "dustfall", self.before)
        background = np.minimum(taken(uniform, "dustfall background", self.background), before)
        own = self.drawn if uniform is not None and plan else None
        ratio = self.raised[year, plan] if own is None else own[year]
        return noise(self.settings, uniform) * dustfall(before, background, ratio), before

    def value(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True, model: str = "") -> Floats:
        """Return dustfall, or its reduction; coarse dust falls near, so every scope is the district's own."""
        after, before = self.fallen(year, uniform, plan)
        return 100 * (1 - after / before) if self.unit == "%" else after * units.ratio(_DUSTFALL, self.unit)

    def parameters(self) -> dict[str, tuple[str, ...]]:
        """Return the names of its parameters."""
        return {"base": ("dustfall", "dustfall background"), "weather": ("weather",), "monitor": ("monitor",)}

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Return how much of it is not controllable, and what that asks of the rest."""
        share = 100 * self.background.value / self.before.value
        found = [
            (
                f"{share:.0f} % of dustfall is taken as background that no measure here controls",
                f"降尘量中 {share:.0f} % 视为本地措施无法控制的背景",
            )
        ]
        if self.reduction is not None:
            needed = 100 * float(local_cut_needed(self.reduction, self.before.value, self.background.value))
            english, chinese = (f"{needed:.0f} %", f"{needed:.0f} %")
            if needed > 100:
                english, chinese = f"{english} (more than there is)", f"{chinese}（超过其全部）"
            found.append((f"the rest would have to fall by {english}", f"其余部分须下降 {chinese}"))
        return tuple(found)


def _raised(projection: Projection, base: int) -> dict[tuple[int, bool], float]:
    """Return TSP over that of the base year, by year and with the plan or without [1]."""
    if "TSP" not in projection.program.inventory.pollutants:
        raise Untold("TSP is not in the inventory", "清单不含 TSP")
    if missing := projection.unknown(base, "TSP"):
        names = ", ".join(missing[:3])
        raise Untold(f"TSP of {names} is not estimated", f"{names} 的 TSP 未估算")
    before = projection.total(base, "TSP")
    if before == 0:
        raise Untold(f"no TSP is emitted in {base}", f"{base} 年 TSP 排放为零")
    years = [year for year in projection.scenario.years if year not in projection.inventories]
    found = {
        (year, plan): projection.total(year, "TSP", plan=plan) / before for year in years for plan in (True, False)
    }
    if any(np.isnan(value) for value in found.values()):
        raise Untold("TSP is not estimated in every year", "部分年份 TSP 未估算")
    return found
