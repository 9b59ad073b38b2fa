"""Dustfall: what is raised in the district counts, over what nobody controls."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from emis import units
from emis.air_settings import AirQuality
from emis.airquality.dustfall import dustfall, local_cut_needed
from emis.airquality.interface import Floats
from emis.airquality.observed import Observation
from emis.ambient.case import UNCHANGED, Uniform, known_air, noise, taken
from emis.ambient.interface import asked_unit, needed
from emis.plan import Target
from emis.projection import Projection
from emis.target_amounts import Untold
from emis.uncertainty.drawn import Drawn

__all__ = ["Dustfall"]

_DUSTFALL = "t/(km^2*month)"
_HERE = "district"


@dataclass(frozen=True)
class Dustfall:
    """Dustfall of a year, or its reduction.

    Attributes
    ----------
    before, background : Observation [t/(km2 month)]
        Of the base year: all of it, and what nobody controls.
    reduction : float or None
        What the target asks for [1].
    raised : mapping
        TSP over that of the base year by (year, with the plan or without) [1].
    drawn : mapping, optional
        Draws of that by year, with the plan, (draw,) [1].
    """

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
        before, background = (needed(observed, base, _HERE, name) for name in ("dustfall", "dustfall_background"))
        unit = "%" if target.reduce_by is not None else asked_unit(target, _DUSTFALL)
        raised = _raised(projection, base)
        ratios = None
        if drawn is not None:
            ratios = {year: drawn.total(year, "TSP") / drawn.total(base, "TSP") for year, plan in raised if plan}
        return cls(settings, unit, before, background, target.reduce_by, raised, ratios)

    def _fallen(self, ratio: Floats | float, uniform: Uniform) -> tuple[Floats, Floats]:
        """Return dustfall at a ratio of what is raised, and of the base year, (...) [t/(km2 month)]."""
        before = taken(uniform, "dustfall", self.before)
        background = np.minimum(taken(uniform, "dustfall background", self.background), before)
        weather = noise(self.settings, uniform, self.settings.dustfall_weather)
        return weather * dustfall(before, background, ratio), before

    def value(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True, model: str = "") -> Floats:
        """Return dustfall, or its reduction; coarse dust falls near, so every scope is the district's own."""
        own = self.drawn if uniform is not None and plan else None
        ratio: Floats | float = self.raised[year, plan] if own is None else own[year]
        after, before = self._fallen(1.0 if scope == UNCHANGED else ratio, uniform)
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
            needed_cut = 100 * float(local_cut_needed(self.reduction, self.before.value, self.background.value))
            english = chinese = f"{needed_cut:.0f} %"
            if needed_cut > 100:
                english, chinese = "more than there is of it", "超过其全部"
            found.append((f"the rest would have to fall by {english}", f"其余部分须下降 {chinese}"))
        if self.before.modelled:
            value, low, high = self.before.value, self.before.low, self.before.high
            found.append(
                (
                    f"dustfall of the base year, {value:g} t/(km²·month) ({low:g}–{high:g}), is assumed, not measured",
                    f"基准年降尘量 {value:g} t/(km²·month)（{low:g}–{high:g}）为假设值，并非实测",
                )
            )
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
