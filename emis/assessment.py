"""Is each target met: MET, MISSED, or UNDETERMINED with its reason - never met for want of knowledge."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from emis import units
from emis.plan import Target
from emis.projection import Projection

__all__ = ["Verdict", "assess"]

#: Relative slack of a comparison: rounding of a sum of doubles, nothing a modeller could mean.
_ROUNDING = 1e-12

_NOT_COMPUTED = {
    "concentration": "no air-quality model is run: emissions alone do not tell a concentration",
    "heavy_days": "no air-quality model is run: emissions alone do not tell the number of heavily polluted days",
    "dustfall": "dustfall is not modelled: dust emissions alone do not tell what falls",
    "activity": "activity targets are not assessed",
    "index": "the plan gives no figure for the index",
    "alert": "emissions on alert days are not projected",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one target.

    `required`, `achieved` and `margin` are in `unit`: per cent of reduction, or an amount; a positive margin is on the
    good side. `versus_no_plan` is the reduction against the same year without the plan [%]. None is not known.
    """

    target: str
    title: str
    status: Literal["MET", "MISSED", "UNDETERMINED"]
    required: float | None
    achieved: float | None
    margin: float | None
    unit: str
    reason: str = ""
    versus_no_plan: float | None = None
    probability: float | None = None


def assess(projection: Projection, targets: Iterable[Target], lang: str = "en") -> tuple[Verdict, ...]:
    """Return the verdict on each target, in the order given.

    A verdict compares at full precision, equality is MET. An emissions target compares its `by` year with the inventory
    of its `since` year (``reduce_by``), or with a ceiling (``at_most``).
    """
    return tuple(_verdict(projection, target, lang) for target in targets)


def _verdict(projection: Projection, target: Target, lang: str) -> Verdict:
    if target.indicator != "emissions":
        unit, required = _required(target)
        return _undetermined(target, lang, _NOT_COMPUTED[target.indicator], required, unit)
    assert target.pollutant is not None
    assert target.by is not None
    unit, required = _required(target)
    years = (*projection.scenario.years, *projection.inventories)
    for year in (target.by, target.since):
        if year is not None and year not in years:
            return _undetermined(
                target, lang, f"{year} is neither among the scenario's years nor an inventory", required, unit
            )
        if year is not None:
            if target.pollutant not in projection.inventories.get(year, projection.program.inventory).pollutants:
                return _undetermined(
                    target, lang, f"{target.pollutant} is not in the inventory of {year}", required, unit
                )
            missing = projection.unknown(year, target.pollutant, target.select)
            if missing:
                return _undetermined(
                    target,
                    lang,
                    f"{target.pollutant} of {', '.join(missing[:3])} is not estimated in {year}",
                    required,
                    unit,
                )
    after = projection.total(target.by, target.pollutant, target.select)
    without = projection.total(target.by, target.pollutant, target.select, plan=False)
    versus = _reduction(after, without)
    if math.isnan(after):
        return _undetermined(target, lang, f"{target.pollutant} is not estimated in {target.by}", required, unit)
    if target.at_most is not None:
        assert required is not None
        met = after <= required * (1 + _ROUNDING)
        return Verdict(
            target.id,
            target.name(lang),
            "MET" if met else "MISSED",
            required,
            after,
            required - after,
            unit,
            "",
            versus,
        )
    if target.since is None:
        return _undetermined(target, lang, "the plan sets no threshold", None, "t", after, versus)
    before = projection.total(target.since, target.pollutant, target.select)
    achieved = _reduction(after, before)
    if achieved is None:
        return _undetermined(
            target, lang, f"there was no {target.pollutant} in {target.since} to reduce", required, unit
        )
    if target.reduce_by is None or required is None:
        return _undetermined(target, lang, "the plan sets no threshold", None, "%", achieved, versus)
    met = after <= before * (1 - target.reduce_by) + _ROUNDING * before
    return Verdict(
        target.id,
        target.name(lang),
        "MET" if met else "MISSED",
        required,
        achieved,
        achieved - required,
        "%",
        "",
        versus,
    )


def _required(target: Target) -> tuple[str, float | None]:
    """Return the unit a target is judged in, and what it asks for in it."""
    if target.reduce_by is not None:
        return "%", 100 * target.reduce_by
    if target.at_most is not None:
        if target.indicator == "emissions":
            return "t", units.magnitude(str(target.at_most), "t/yr", target.pollutant)
        return target.at_most.unit, target.at_most.value
    if isinstance(target.at_least, units.Quantity):
        return target.at_least.unit, target.at_least.value
    return "%", None if target.at_least is None else 100 * target.at_least


def _reduction(after: float, before: float) -> float | None:
    """Return by how much less `after` is than `before` [%]; None when there was nothing."""
    return 100 * (1 - after / before) if before > 0 else None


def _undetermined(
    target: Target,
    lang: str,
    reason: str,
    required: float | None,
    unit: str,
    achieved: float | None = None,
    versus: float | None = None,
) -> Verdict:
    return Verdict(target.id, target.name(lang), "UNDETERMINED", required, achieved, None, unit, reason, versus)
