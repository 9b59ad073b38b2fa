"""Is each target met: MET, MISSED, or UNDETERMINED with its reason - never met for want of knowledge."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from emis import notebook, target_amounts, units
from emis.ambient.findings import Finding
from emis.ambient.results import INDICATORS, Ambient, ambient_air
from emis.ambient.sentences import said
from emis.ambient.words import unit_word
from emis.likelihood import Sample
from emis.plan import Target
from emis.projection import Projection
from emis.target_amounts import Amounts, Untold
from emis.uncertainty.names import spoken

__all__ = ["Verdict", "Verdicts", "assess"]

Status: TypeAlias = Literal["MET", "MISSED", "UNDETERMINED"]
Lang: TypeAlias = Literal["en", "zh"]

#: Relative slack of a comparison: rounding of a sum of doubles, nothing a modeller could mean.
_ROUNDING = 1e-12

#: What the indicators that are computed amount to.
_AMOUNTS: Mapping[str, Callable[[Projection, Target], Amounts]] = {
    "emissions": target_amounts.emissions,
    "activity": target_amounts.activity,
}
_TONES: Mapping[Status, Literal["good", "bad", "open"]] = {"MET": "good", "MISSED": "bad", "UNDETERMINED": "open"}
#: Inputs that are named as those a verdict hangs on.
_NAMED = 3
_NO_INDEX = ("the plan gives no figure for the index", "计划未给出该指标的数值")
_NO_ALERT = "emissions_no_alert"
_NONE_ASKED = ("the inventory has none of the pollutants that an alert is to cut", "清单不含预警要求削减的污染物")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one target.

    `required`, `achieved` and `margin` are in `unit`: per cent of reduction, or an amount; a positive margin is on the
    good side. `versus_no_plan` is the reduction against the same year without the plan [%]. With draws there is a
    `probability` that the target is met [1], the interval `low` to `high` of the scenario's confidence, and
    `hangs_on`, the inputs that decide most, each with its share of the variance. What the air decides has beside
    what is achieved with the changes of the city and the region that the scenario assumes, what is with none or only
    the first of them, and `unchanged` what is with the emissions of the base year everywhere. None is not known.
    """

    target: str
    title: str
    status: Status
    required: float | None
    achieved: float | None
    margin: float | None
    unit: str
    reason: str = ""
    versus_no_plan: float | None = None
    probability: float | None = None
    low: float | None = None
    high: float | None = None
    district_alone: float | None = None
    with_city: float | None = None
    unchanged: float | None = None
    hangs_on: str = ""

    def _repr_html_(self) -> str:
        return Verdicts((self,))._repr_html_()


class Verdicts(tuple[Verdict, ...]):
    """What became of each target, in the order of the targets: a tuple that a notebook shows as a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """Return a line for each verdict; why one cannot be told, or is as it is, stands in small below its promise."""
        likely = any(one.probability is not None for one in self)
        heads = ("target", "verdict", "required", "achieved", "margin", *(["probability"] * likely), "promise")
        counts = Counter(one.status for one in self)
        told = ", ".join(f"{counts[status]} {status}" for status in _TONES if counts[status])
        note = "A percentage is the reduction since the target's base year, its margin in percentage points (pp)."
        return notebook.fragment(
            f"Verdicts: {told or 'no target'}", (), notebook.table("", heads, (_row(one, likely) for one in self), note)
        )


def _row(one: Verdict, likely: bool) -> list[notebook.Shown]:
    unit = unit_word(one.unit)
    odds = notebook.amount(None if one.probability is None else 100 * one.probability, "%")
    return [
        one.target,
        notebook.Cell(one.status, tone=_TONES[one.status]),
        *(notebook.amount(value, unit) for value in (one.required, one.achieved)),
        notebook.amount(one.margin, "pp" if unit == "%" else unit, signed=True),
        *([odds] * likely),
        notebook.Cell(one.title, small=one.reason),
    ]


def assess(
    projection: Projection,
    targets: Iterable[Target],
    lang: Lang = "en",
    air: Ambient | None = None,
    sample: Sample | None = None,
) -> Verdicts:
    """Return the verdict on each target, in the order given.

    A verdict compares at full precision, equality is MET. A target on emissions or activity compares its `by` year with
    the inventory of its `since` year (``reduce_by``), or with a ceiling or a floor (``at_most``, ``at_least``). An
    alert target is met when every pollutant that the alert is to cut reaches it; what is achieved is the least of them,
    and the reason names each. A target on the air is judged by the first model of the scenario, at its likely values.

    Parameters
    ----------
    air : Ambient, optional
        What `ambient_air` says of the same projection, when it was asked already.
    sample : Sample, optional
        Draws of the same projection (`sample`): they give probabilities. Without them only the air has one, in which
        what the district emits is taken as certain.
    """
    wanted = tuple(targets)
    if air is None and any(target.indicator in INDICATORS for target in wanted):
        air = ambient_air(projection, wanted)
    findings = air.findings if air is not None else {}
    verdicts = (
        _of_the_air(findings[target.id], target, lang)
        if target.indicator in INDICATORS
        else _verdict(projection, target, lang)
        for target in wanted
    )
    return Verdicts(verdicts if sample is None else (_with_likelihood(one, sample, lang) for one in verdicts))


def _with_likelihood(verdict: Verdict, sample: Sample, lang: Lang) -> Verdict:
    """Return a verdict with what the draws say of it; one that cannot be told stays as it is."""
    found = sample.likelihoods.get(verdict.target)
    if found is None or verdict.achieved is None:
        return verdict
    known = (None if math.isnan(end) else end for end in (found.low, found.high))
    low, high = known
    named = (f"{spoken(name, lang)} {100 * share:.0f} %" for name, share in found.inputs[:_NAMED])
    hangs_on = ("；" if lang == "zh" else "; ").join(named)
    return replace(verdict, probability=found.probability, low=low, high=high, hangs_on=hangs_on)


def _of_the_air(found: Finding | Untold, target: Target, lang: Lang) -> Verdict:
    """Return the verdict on concentration, heavily polluted days or dustfall."""
    unit, required = _required(target)
    if isinstance(found, Untold):
        reason = said(found, lang)[0]
        return Verdict(target.id, target.name(lang), "UNDETERMINED", required, None, None, unit, reason)
    margin = None if required is None else found.margin
    status: Status = "UNDETERMINED" if margin is None else "MET" if found.met else "MISSED"
    reason = "; ".join(said(found)) if lang == "en" else "；".join(said(found, "zh"))
    return Verdict(
        target.id, target.name(lang), status, required, found.value, margin, found.unit, reason,
        found.versus_no_plan, found.probability, found.low, found.high,
        found.scopes["district"], found.scopes["with_city"], found.unchanged,
    )  # fmt: skip


def _verdict(projection: Projection, target: Target, lang: Lang) -> Verdict:
    unit, required = _required(target)

    def undetermined(english: str, chinese: str, achieved: float | None = None, versus: float | None = None) -> Verdict:
        reason = chinese if lang == "zh" else english
        name = target.name(lang)
        return Verdict(target.id, name, "UNDETERMINED", required, achieved, None, unit, reason, versus)

    if target.indicator == "alert":
        return _alert(projection, target, lang)
    amounts = _AMOUNTS.get(target.indicator)
    if amounts is None:
        return undetermined(*_NO_INDEX)
    try:
        found = amounts(projection, target)
    except Untold as gap:
        return undetermined(gap.english, gap.chinese)
    versus = _reduction(found.after, found.no_plan)
    if required is not None and target.reduce_by is None:
        margin = found.after - required if target.at_least is not None else required - found.after
        status: Status = "MET" if margin >= -_ROUNDING * required else "MISSED"
        return Verdict(target.id, target.name(lang), status, required, found.after, margin, unit, "", versus)
    achieved = None if found.before is None else _reduction(found.after, found.before)
    if target.reduce_by is None or required is None or found.before is None:
        return undetermined(*_no_threshold(target, found, achieved), achieved, versus)
    if achieved is None:
        what = f"{found.name} {found.since}"
        return undetermined(f"there was no {what} to reduce", f"{what} 为零，无从减排")
    met = found.after <= found.before * (1 - target.reduce_by) + _ROUNDING * found.before
    status = "MET" if met else "MISSED"
    return Verdict(target.id, target.name(lang), status, required, achieved, achieved - required, "%", "", versus)


def _alert(projection: Projection, target: Target, lang: Lang) -> Verdict:
    """Return the verdict on a day of an alert level against the same day without the alert."""
    unit, required = _required(target)

    def verdict(status: Status, english: str, chinese: str, achieved: float | None = None) -> Verdict:
        margin = achieved - required if achieved is not None and required is not None else None
        reason = chinese if lang == "zh" else english
        return Verdict(target.id, target.name(lang), status, required, achieved, margin, unit, reason)

    days = projection.alerts
    if target.level not in days["level"]:
        return verdict("UNDETERMINED", "no year after the base year is projected", "情景未包含基准年之后的年份")
    year = days.attrs["year"]
    if target.by not in (None, year):
        return verdict("UNDETERMINED", f"alert days are told of {year}", f"预警期间排放仅计算 {year} 年")
    alert = next(one for one in projection.scenario.plan.alerts if one.level == target.level)
    asked = alert.asked(projection.program.inventory.pollutants) if target.pollutant is None else (target.pollutant,)
    lacking = [found for name in asked if (found := _lacking_alert(projection, name))] if asked else [_NONE_ASKED]
    if lacking:
        return verdict("UNDETERMINED", "; ".join(one for one, _ in lacking), "；".join(one for _, one in lacking))
    total = days.sel(level=target.level).sum("sector", skipna=False)
    before, after = ({n: float(total[key].sel(pollutant=n)) for n in asked} for key in (_NO_ALERT, "emissions"))
    cut = {name: part for name in asked if (part := _reduction(after[name], before[name])) is not None}
    if not cut:
        return verdict("UNDETERMINED", "nothing is emitted on such days", "此类日期无排放，无从减排")
    least = min(cut, key=lambda name: cut[name])
    each = ", ".join(f"{name} {value:.3g} %" for name, value in cut.items())
    english, chinese = f"{least} is cut least: {each}", f"{least} 减排最少：{each}"
    scenario = projection.scenario
    if all(scenario.omits(one if isinstance(one, str) else one.id) for one in alert.measures):
        english, chinese = f"{english}; the scenario omits its measures", f"{chinese}；情景省略了其措施"
    if nothing := ", ".join(name for name in asked if name not in cut):
        english, chinese = f"{english}; there is no {nothing} to cut", f"{chinese}；无 {nothing} 可减"
    if target.reduce_by is None:
        no_threshold = f"the plan sets no threshold; {english}", f"计划未设阈值；{chinese}"
        return verdict("UNDETERMINED", *no_threshold, cut[least])
    kept = 1 - target.reduce_by + _ROUNDING
    met = all(after[name] <= before[name] * kept for name in cut)
    return verdict("MET" if met else "MISSED", english, chinese, cut[least])


def _lacking_alert(projection: Projection, pollutant: str) -> tuple[str, str] | None:
    """Return what is missing to judge an alert's cut of a pollutant, in English and Chinese."""
    inventory, days = projection.program.inventory, projection.alerts
    if pollutant not in inventory.pollutants:
        base = inventory.base_year
        return f"{pollutant} is not in the inventory of {base}", f"{base} 年清单不含 {pollutant}"
    if days["emissions"].sel(pollutant=pollutant).isnull().any():
        names = ", ".join(projection.unknown(days.attrs["year"], pollutant)[:3])
        return f"{pollutant} of {names} is not estimated", f"{names} 的 {pollutant} 未估算"
    return None


def _no_threshold(target: Target, found: Amounts, achieved: float | None) -> tuple[str, str]:
    """Return why a target without threshold cannot be told, with what is known of it, in English and Chinese."""
    english, chinese = "the plan sets no threshold", "计划未设阈值"
    if target.indicator == "activity" and found.before is not None:
        left, before = (f"{one:,.0f}" if one >= 1000 else f"{one:.4g}" for one in (found.after, found.before))
        english += f"; {left} {found.unit} are left in {target.by}, of {before} in {found.since}"
        chinese += f"；{target.by} 年剩余 {left} {found.unit}，{found.since} 年为 {before}"
    elif achieved is not None and achieved < 0:
        english += f"; {found.name} is above {target.since}"
        chinese += f"；{found.name} 高于 {target.since} 年"
    return english, chinese


def _required(target: Target) -> tuple[str, float | None]:
    """Return the unit a target is judged in, and what it asks for in it."""
    if target.reduce_by is not None:
        return "%", 100 * target.reduce_by
    if target.at_most is not None:
        if target.indicator == "emissions":
            return "t", target.at_most.value * units.tonnes_per_year(target.at_most.unit)
        return target.at_most.unit, target.at_most.value
    if isinstance(target.at_least, units.Quantity):
        return target.at_least.unit, target.at_least.value
    return "%", None if target.at_least is None else 100 * target.at_least


def _reduction(after: float, before: float) -> float | None:
    """Return by how much less `after` is than `before` [%]; None when there was nothing."""
    return 100 * (1 - after / before) if before > 0 else None
