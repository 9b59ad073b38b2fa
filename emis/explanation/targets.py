"""A target: what it compares, in the year it counts from and in the year it is judged in, and the verdict."""

from dataclasses import replace

import numpy as np

from emis.assessment import Verdict, assess
from emis.errors import InputError, Issue
from emis.explanation.account import Account
from emis.explanation.figures import figure
from emis.explanation.totals import explain_total
from emis.explanation.tree import Basis, Explanation, Step
from emis.plan import Target
from emis.target_amounts import Untold, activity
from emis.wording import threshold

__all__ = ["explain_target"]


def explain_target(account: Account, target: Target, year: int | None, pollutant: str, most: int | None) -> Explanation:
    """Return both sides of a target and what it comes to, in the verdict's unit."""
    for asked, own, key in ((year, target.by, "by"), (pollutant, target.pollutant, "pollutant")):
        if asked and own and asked != own:
            place = account.scenario.plan_places.at(("plan", "targets", target.id, key))
            message = f"the target is on {own}, and {asked} is asked for"
            raise InputError([Issue(*place, f"targets.{target.id}.{key}", message, f"ask without {asked}")])
    (verdict,) = assess(account.projection, [target], account.lang)
    parts = _sides(account, target, most) if target.indicator == "emissions" else ()
    steps = _compared(account, target, verdict, parts)
    title = f"{target.id} {target.title.text(account.lang)}".rstrip()
    stands_in = Basis(*account.scenario.plan_places.at(("plan", "targets", target.id))).place
    facts = [(account.say("promise", "承诺"), threshold(target, account.lang) or account.say("no figure", "无数值"))]
    if target.select is not None:
        facts.append((account.say("of", "对象"), str(target.select)))
    facts += [(account.say("stands in", "位置"), stands_in)] if stands_in else []
    facts += [(account.say("note", "说明"), target.note)] if target.note else []
    notes = (verdict.reason,) if verdict.reason else ()
    value = float("nan") if verdict.achieved is None else verdict.achieved
    last = target.by or account.default_year
    return Explanation(
        "target", target.id, title, value, verdict.unit, last, target.pollutant or "", steps, parts, tuple(facts), notes
    )


def _sides(account: Account, target: Target, most: int | None) -> tuple[Explanation, ...]:
    """Return the total of each year that the target names and that is known."""
    assert target.pollutant is not None
    name = account.say("all sources", "全部源") if target.select is None else f"({target.select})"
    return tuple(
        explain_total(account, name, target.select, year, target.pollutant, most)
        for year in (target.since, target.by)
        if year in account.years and year is not None and target.pollutant in account.inventory_of(year).pollutants
    )


def _compared(account: Account, target: Target, verdict: Verdict, parts: tuple[Explanation, ...]) -> tuple[Step, ...]:
    """Return the amounts of both years, what they come to, and how that stands to what is required."""
    steps = [
        Step("side", "", part.value, part.unit, f"{target.pollutant} {part.year}", part.value, name=str(part.year))
        for part in parts
    ]
    if parts and parts[-1].no_plan is not None:
        text = account.say(
            f"{target.pollutant} {target.by} without the plan", f"{target.by} 年无计划 {target.pollutant}"
        )
        steps.append(Step("no plan", "", parts[-1].no_plan, "t", text, name="no plan"))
    if target.indicator == "activity":
        steps += _activities(account, target)
    for name, (english, chinese) in {
        "district_alone": ("the district alone", "仅本区"),
        "with_city": ("with the city", "加全市"),
    }.items():
        value = getattr(verdict, name)
        if value is not None:
            steps.append(Step("scope", "", value, verdict.unit, account.say(english, chinese), name=name))
    if verdict.required is not None:
        steps.append(Step("required", "", verdict.required, verdict.unit, account.say("required", "要求")))
    if verdict.margin is not None:
        unit = "pp" if verdict.unit == "%" else verdict.unit
        steps.append(Step("margin", "", verdict.margin, unit, account.say("margin", "余量")))
    achieved = float("nan") if verdict.achieved is None else verdict.achieved
    text = _achieved_said(account, target, verdict, parts)
    return (*steps, Step("verdict", "=", achieved, verdict.unit, text, achieved, name=verdict.status))


def _achieved_said(account: Account, target: Target, verdict: Verdict, parts: tuple[Explanation, ...]) -> str:
    if target.reduce_by is None or len(parts) < 2:
        return account.say("delivered", "实现")
    before, after = (figure(part.value) for part in (parts[0], parts[-1]))
    return account.say(f"reduction, 1 − {after} / {before}", f"减排比例，1 − {after} / {before}")


def _activities(account: Account, target: Target) -> list[Step]:
    """Return the activity or stock of the years that a target is about."""
    try:
        found = activity(account.projection, target)
    except Untold:
        return []
    steps = [Step("side", "", found.after, found.unit, f"{target.by}", found.after, name=str(target.by))]
    if found.before is not None:
        before = replace(steps[0], value=found.before, total=found.before, text=f"{found.since}", name=str(found.since))
        steps.insert(0, before)
    if np.isfinite(found.no_plan):
        text = account.say(f"{target.by} without the plan", f"{target.by} 年无计划")
        steps.append(Step("no plan", "", found.no_plan, found.unit, text, name="no plan"))
    return steps
