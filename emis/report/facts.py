"""What a report tells beside the tables of a result, in both languages: report.json."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from emis import target_amounts, vocabulary
from emis.airquality.interface import AREAS, SPECIES
from emis.ambient.case import Case
from emis.ambient.findings import Finding
from emis.ambient.results import Ambient
from emis.ambient.sentences import said
from emis.assessment import Verdict, assess
from emis.digest import digest
from emis.inventory import Inventory
from emis.likelihood import Sample
from emis.measures import Measure
from emis.options import Options
from emis.plan import Milestone, Target
from emis.progress import due, standings
from emis.projection import Projection
from emis.report.live import live
from emis.report.months import by_month
from emis.scenario import Scenario
from emis.schema import Evidence, Title
from emis.target_amounts import Untold
from emis.uncertainty.names import spoken
from emis.wording import does, ranges, threshold, when

__all__ = ["facts"]


def facts(
    projection: Projection, air: Ambient, sample: Sample, remedies: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what a report tells of a projection beside the tables of its result: plain values, for report.json.

    Parameters
    ----------
    remedies : mapping, optional
        What would close the gaps of missed targets, as `emis.report.remedies` finds it.

    Raises
    ------
    InputError, InfeasibleError
        As `compile_program` does, of the same scenario by month.
    """
    scenario = projection.scenario
    plan, document = scenario.plan, scenario.document
    return {
        "emis": "report/1",
        "plan": {
            "title": _both(plan.title), "base_year": plan.base_year, "target_year": plan.target_year,
            "issued": plan.issued.isoformat() if plan.issued else None,
        },
        "scenario": {"name": scenario.name, "title": _both(document.title), "note": document.note},
        "uncertainty": document.uncertainty.model_dump(mode="json"),
        "sectors": {name: {"zh": one.zh, "en": one.en} for name, one in vocabulary.SECTORS.items()},
        "measures": [_measure(projection, one) for one in _all_measures(projection)],
        "targets": [_target(projection, one) for one in plan.targets],
        "verdicts": {lang: _verdicts(projection, air, sample, lang) for lang in ("en", "zh")},
        "inputs": {one: {"en": spoken(one), "zh": _in_chinese(spoken(one, "zh"), scenario)} for one in _moved(sample)},
        "milestones": _milestones(projection),
        "inventories": {str(year): _inventory(one) for year, one in sorted(projection.inventories.items())},
        "air": _air(projection, air),
        "months": by_month(projection),
        "live": live(projection, assess(projection, plan.targets, "en", air, sample)),
        "remedies": remedies,
    }  # fmt: skip


def _both(title: Title) -> dict[str, str]:
    return {"zh": title.text("zh"), "en": title.text("en")}


def _moved(sample: Sample) -> list[str]:
    """Return the inputs that the bars of any target's tornado are about."""
    return sorted({bar.input for one in sample.likelihoods.values() for bar in one.tornado})


# -- the plan --------------------------------------------------------------------------------------------------------


def _all_measures(projection: Projection) -> list[tuple[Measure, str]]:
    """Return the measures of the plan, and those of its alerts, each with the level of its alert."""
    plan = projection.scenario.plan
    own = [(one, alert.level) for alert in plan.alerts for _, one in alert.own]
    return [*((one, "") for one in plan.measures), *own]


def _measure(projection: Projection, named: tuple[Measure, str]) -> dict[str, Any]:
    measure, level = named
    scenario, evidence = projection.scenario, measure.evidence or Evidence()
    years = () if measure.kind == "enabling" or level else projection.program.years
    phase = {str(y): scenario.phase(measure, dt.date(y, 1, 1), dt.date(y + 1, 1, 1)) for y in years}
    return {
        "id": measure.id, "article": measure.article, "title": {lang: measure.name(lang) for lang in ("zh", "en")},
        "kind": measure.kind, "alert": level, "omitted": scenario.omits(measure.id),
        "beyond": bool(scenario.options) and _is_option(measure.id, scenario.options),
        "implementation": scenario.implementation(measure.id), "observed": measure.id in scenario.observed,
        "months": list(measure.months) if measure.months else None, "departments": list(measure.departments),
        "phase": phase, "when": {"zh": when(measure, "zh"), "en": when(measure, "en")},
        "does": {lang: [does(effect, lang) for effect in measure.do] for lang in ("zh", "en")},
        "ranges": {"zh": ranges(measure, "zh"), "en": ranges(measure)}, "note": measure.note,
        "evidence": {"grade": evidence.grade, "source": evidence.source, "note": evidence.note,
                     "quote": evidence.quote},
    }  # fmt: skip


def _is_option(name: str, options: Options | None) -> bool:
    return options is not None and any(one.id == name for one in options.measures)


def _target(projection: Projection, target: Target) -> dict[str, Any]:
    """Return a target with what it is about amounts to: `before`, `after`, `no_plan`, and `ceiling`, in `amount_unit`.

    `ceiling` is what may be left; None where no threshold is known, or the amounts are not.
    """
    bound = next((one for one in (target.at_most, target.at_least) if one is not None), None)
    found: dict[str, Any] = {
        "id": target.id, "article": target.article, "title": {lang: target.name(lang) for lang in ("zh", "en")},
        "indicator": target.indicator, "pollutant": target.pollutant, "level": target.level,
        "select": str(target.select) if target.select else "",
        "selector": {label: list(wanted) for label, wanted in target.select.items()} if target.select else {},
        "since": target.since, "by": target.by,
        "reduce_by": target.reduce_by, "bound": None if bound is None else str(bound),
        "sense": "at_least" if target.at_least is not None else "at_most" if target.at_most is not None else "reduce",
        "note": target.note,
    }  # fmt: skip
    tell = {"emissions": target_amounts.emissions, "activity": target_amounts.activity}.get(target.indicator)
    try:
        amounts = tell(projection, target) if tell is not None else None
    except Untold:
        amounts = None
    if amounts is None:
        return found
    ceiling = None
    if target.reduce_by is not None and amounts.before is not None:
        ceiling = amounts.before * (1 - target.reduce_by)
    return found | {
        "amount_unit": amounts.unit, "before": amounts.before, "after": amounts.after, "no_plan": amounts.no_plan,
        "ceiling": ceiling,
    }  # fmt: skip


def _verdicts(projection: Projection, air: Ambient, sample: Sample, lang: Any) -> list[dict[str, Any]]:
    """Return what a verdict says in a language: its title, reason, and what it hangs on."""
    told: Sequence[Verdict] = assess(projection, projection.scenario.plan.targets, lang, air, sample)
    found = [{"target": v.target, "title": v.title, "reason": v.reason, "hangs_on": v.hangs_on} for v in told]
    if lang == "zh":
        found = [one | {"hangs_on": _in_chinese(one["hangs_on"], projection.scenario)} for one in found]
    return found


def _in_chinese(text: str, scenario: Scenario) -> str:
    """Return a text in which drivers, which inputs are named after in English, have their Chinese titles."""
    for driver in scenario.document.drivers:
        english, chinese = driver.title.text("en"), driver.title.text("zh")
        if english and chinese:
            text = text.replace(f"{english} (growth)", f"{chinese}（增长率）").replace(
                f"{english} (turnover)", f"{chinese}（更新率）"
            )
    return text


def _milestones(projection: Projection) -> list[dict[str, Any]]:
    """Return each milestone with the share of its promise that is planned at the end of each year, and observed."""
    scenario = projection.scenario
    plan, progress = scenario.plan, scenario.progress
    standing = {one.milestone.id: one for one in standings(plan, progress)} if progress else {}
    measures = {one.id: one for one in plan.measures}
    years = [year for year in scenario.years if year > plan.base_year]
    found = []
    for stone in plan.milestones:
        where = standing.get(stone.id)
        found.append(
            {
                "id": stone.id, "article": stone.article, "title": {"zh": stone.title.text("zh") or stone.id,
                                                                    "en": stone.title.text("en") or stone.id},
                "measure": stone.measure, "promise": threshold(stone),
                "said": {"zh": threshold(stone, "zh"), "en": threshold(stone)}, "by": due(stone).isoformat(),
                "planned": {str(year): _planned(stone, measures, plan, year) for year in years},
                "status": where.status if where else "",
                "observed": where.fulfilled if where else None,
                "observed_on": where.last.date.isoformat() if where and where.last else None,
                "planned_then": where.planned if where else None,
                "reached_by": where.reached_by.isoformat() if where and where.reached_by else None,
            }
        )  # fmt: skip
    return found


def _planned(stone: Milestone, measures: dict[str, Measure], plan: Any, year: int) -> float:
    """Return the share of a promise that is planned at the end of a year [1]: by its measure's course, or by a line."""
    end, day = due(stone), dt.date(year, 12, 31)
    measure = measures.get(stone.measure or "")
    course = measure.course() if measure is not None and stone.drives else None
    if day < plan.start:
        return 0.0
    if day >= end or stone.each_year:
        return 1.0
    if course is not None and course.at(end) > 0:
        return min(course.at(day) / course.at(end), 1.0)
    whole = (end - plan.start).days
    return min(1.0, max(0.0, (day - plan.start).days / whole)) if whole > 0 else 1.0


# -- the inventories -------------------------------------------------------------------------------------------------


def _inventory(inventory: Inventory) -> dict[str, Any]:
    """Return totals [t/yr] with half their 95 % interval, grades, key categories and cross-checks."""
    known = digest(inventory)
    sectors = [name for (name,) in known.sectors.names]
    figures = {
        pollutant: {
            name: {"value": _known(known.sectors.value[row, p]), "half": _known(known.sectors.half[row, p]),
                   "unstated": _known(known.sectors.unstated[row, p])}
            for row, name in enumerate(sectors)
        }
        for p, pollutant in enumerate(inventory.pollutants)
    }  # fmt: skip
    keys = {pollutant: [dataclasses.asdict(one) for one in found] for pollutant, found in known.key_categories.items()}
    checks = known.as_dict()["cross_checks"]
    return {
        "name": inventory.name, "title": _titles(inventory), "status": inventory.status, "file": inventory.file,
        "sources": len(inventory), "pollutants": list(inventory.pollutants), "totals": figures,
        "grades": known.grades, "key_categories": keys, "absent": known.absent,
        "cross_checks": [{name: _plain(value) for name, value in one.items()} for one in checks],
    }  # fmt: skip


def _titles(inventory: Inventory) -> dict[str, str]:
    own = inventory.title
    return {lang: own.get(lang) or own.get(other) or inventory.name for lang, other in (("zh", "en"), ("en", "zh"))}


def _known(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return _known(value)
    return value if isinstance(value, str | int | bool | type(None)) else str(value)


# -- the air ---------------------------------------------------------------------------------------------------------


def _air(projection: Projection, air: Ambient) -> dict[str, Any]:
    """Return what is told of each target on the air, and what was observed after the base year."""
    found: dict[str, dict[str, Any]] = {}
    for name, one in air.findings.items():
        if not isinstance(one, Finding):
            found[name] = {"untold": {"en": one.english, "zh": one.chinese}}
            continue
        found[name] = {
            "unit": one.unit, "unchanged": one.unchanged, "scopes": one.scopes, "models": one.models,
            "no_plan": one.no_plan, "base_year": one.base_year, "met_unchanged": one.reaches(one.unchanged),
            "required": one.required, "variance": one.variance,
            "neighbours": one.neighbours, "answers": one.answers, "own_part": one.own_part,
            "local_part": one.local_part, "said": {"en": list(said(one)), "zh": list(said(one, "zh"))},
        }  # fmt: skip
    return _origins(projection) | {
        "findings": found,
        "hindsight": [dataclasses.asdict(one) | {"off": one.off, "inside": one.inside} for one in air.hindsight],
    }


def _origins(projection: Projection) -> dict[str, Any]:
    """Return where PM2.5 of the base year comes from and what it consists of [ug/m3]; nothing where that is not told.

    `origins` by area, with the background that nothing here changes; `species` by species; `split` both ways.
    """
    try:
        case = Case.of(projection)
    except Untold:
        return {}
    base = case.base()
    parts = base * case.origins()
    every = np.vstack([parts, base - parts.sum(axis=0)])
    split = {
        area: {name: float(one) for name, one in zip(SPECIES, row, strict=True)}
        for area, row in zip((*AREAS, "background"), every, strict=True)
    }
    return {
        "year": case.base_year, "unit": "ug/m^3", "split": split,
        "origins": {area: sum(row.values()) for area, row in split.items()},
        "species": {name: float(one) for name, one in zip(SPECIES, base, strict=True)},
    }  # fmt: skip
