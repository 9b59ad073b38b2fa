"""What a target on the air is about, as a number of one year: PM2.5, its heavily polluted days, dustfall."""

from dataclasses import dataclass

from emis import units
from emis.airquality.interface import Floats
from emis.airquality.observed import Observation
from emis.ambient.case import Case, Uniform, taken
from emis.ambient.fallen import Dustfall
from emis.ambient.heavy_days import HeavyDays
from emis.ambient.interface import PREFIX, Indicator, asked_unit, needed, of_the_air
from emis.plan import Target
from emis.projection import Projection
from emis.target_amounts import Untold
from emis.uncertainty.drawn import Drawn

__all__ = ["Concentration", "Dustfall", "HeavyDays", "Indicator", "indicator", "inputs", "of_the_air"]

_PM25 = "ug/m^3"


def inputs(one: Indicator) -> list[str]:
    """Return what an indicator's parameters are called among the inputs of a sample."""
    return [PREFIX + name for names in one.parameters().values() for name in names]


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
    """PM2.5 of a year, or its reduction since one that was observed, on the base year's basis."""

    case: Case
    unit: str
    since: Observation | None
    since_name: str = "since"

    @classmethod
    def of(cls, case: Case, target: Target) -> "Concentration":
        """Return the indicator of a target on PM2.5."""
        if target.pollutant not in (None, "PM2.5"):
            raise Untold(
                f"the models tell PM2.5, not {target.pollutant}", f"模型仅计算 PM2.5，不计算 {target.pollutant}"
            )
        if target.reduce_by is None:
            return cls(case, asked_unit(target, _PM25), None)
        assert target.since is not None
        since = needed(case.air.observations, target.since, case.receptor, "PM2.5", since=True)
        since = since.times(case.settings.reads(since.basis, case.mass.basis))
        # Of the base year it is what the models start from, and is drawn with it.
        return cls(case, "%", since, "PM2.5" if target.since == case.base_year else "since")

    def value(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True, model: str = "") -> Floats:
        """Return PM2.5, or its reduction."""
        found = self.case.pm25(model or self.case.settings.models[0], year, scope, uniform, plan)
        if self.since is None:
            return found * units.ratio(_PM25, self.unit)
        return 100 * (1 - found / taken(uniform, self.since_name, self.since))

    def parameters(self) -> dict[str, tuple[str, ...]]:
        """Return the names of its parameters."""
        found = self.case.parameters()
        return (
            found if self.since is None else {**found, "base": tuple(dict.fromkeys((*found["base"], self.since_name)))}
        )

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Return nothing beside what its models say."""
        return ()
