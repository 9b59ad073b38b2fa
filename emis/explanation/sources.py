"""One source in a year: its activity, and what becomes of it for one pollutant or for each."""

import numpy as np

from emis.errors import InputError, Issue
from emis.explanation.account import Account
from emis.explanation.activity import activity_steps, base_step, unit_of
from emis.explanation.emission import check_end, emission_steps, emitted_steps, end_step, inventory_steps
from emis.explanation.factors import factor_step
from emis.explanation.figures import figure
from emis.explanation.tree import Explanation, Step
from emis.inventory import Floats, Inventory
from emis.wording import does

__all__ = ["explain_source"]


def explain_source(account: Account, name: str, year: int, pollutant: str) -> Explanation:
    """Return why a source emits what it does in a year [t]; without a pollutant, its activity and each pollutant."""
    inventory = account.inventory_of(year)
    rows = {str(one): row for row, one in enumerate(inventory.labels["source"])}
    if name not in rows:
        return _absent(account, name, year, pollutant)
    if pollutant and pollutant not in inventory.pollutants:
        message = f"{pollutant} is not in the inventory of {inventory.base_year}"
        raise InputError([Issue(inventory.file, 0, "pollutants", message, f"it has {', '.join(inventory.pollutants)}")])
    return _one(account, name, rows[name], year, pollutant) if pollutant else _all(account, name, rows[name], year)


def _one(account: Account, name: str, row: int, year: int, pollutant: str) -> Explanation:
    inventory = account.inventory_of(year)
    column = inventory.pollutants.index(pollutant)
    if account.of_inventory(year):
        steps = tuple(inventory_steps(account, row, column, year))
    else:
        steps = emission_steps(account, row, column, year)
    base, no_plan = _compared(account, row, year, pollutant)
    notes = _notes(account, inventory, row, year)
    if base is not None and no_plan is not None:
        then, shown = account.inventory.base_year, (figure(base), figure(no_plan))
        english = f"{then}: {shown[0]} t; {year} without the plan: {shown[1]} t"
        notes.insert(0, account.say(english, f"{then} 年：{shown[0]} t；{year} 年无计划：{shown[1]} t"))
    return Explanation(
        "source", name, _title(account, name, year, pollutant), steps[-1].value, "t", year, pollutant, steps,
        notes=tuple(notes), base=base, no_plan=no_plan,
        base_year=account.inventory.base_year,
    )  # fmt: skip


def _all(account: Account, name: str, row: int, year: int) -> Explanation:
    """Return a source's activity, with the chain of each pollutant from there on as a part."""
    inventory = account.inventory_of(year)
    if account.of_inventory(year):
        steps = [base_step(account, inventory, row)]
        steps.append(Step("with plan", "=", steps[0].value, steps[0].unit, steps[0].text, steps[0].value))
    else:
        steps, present = activity_steps(account, row, year)
    value = steps[-1].value
    present = np.array([steps[-1].value]) if account.of_inventory(year) else present
    parts = tuple(
        _part(account, name, row, year, column, steps[-1], present) for column in range(inventory.factor.shape[1])
    )
    unit = unit_of(inventory, row)
    title = account.say(f"{name} in {year}", f"{year} 年 {name}")
    notes = tuple(_notes(account, inventory, row, year))
    return Explanation("source", name, title, value, unit, year, steps=tuple(steps), parts=parts, notes=notes)


def _part(
    account: Account, name: str, row: int, year: int, column: int, activity: Step, present: Floats
) -> Explanation:
    """Return the chain of one pollutant from a source's activity on; `present` is that by period, N."""
    inventory = account.inventory_of(year)
    pollutant = inventory.pollutants[column]
    amount = float(account.emissions(year, pollutant)[row])
    chain = [factor_step(account, inventory, row, column, activity.value)]
    if not account.of_inventory(year):
        chain = emitted_steps(account, row, column, year, present)
    check_end(name, year, pollutant, chain[-1].total, amount)
    start = Step("with plan", "", activity.value, activity.unit, account.say("activity", "活动水平"), activity.value)
    steps = (start, *chain, end_step(account, pollutant, year, amount))
    base, no_plan = _compared(account, row, year, pollutant)
    return Explanation(
        "source", name, _title(account, name, year, pollutant), amount, "t", year, pollutant, steps,
        base=base, no_plan=no_plan, base_year=account.inventory.base_year,
    )  # fmt: skip


def _title(account: Account, name: str, year: int, pollutant: str) -> str:
    return account.say(f"{pollutant} of {name} in {year}", f"{year} 年 {name} 的 {pollutant}")


def _absent(account: Account, name: str, year: int, pollutant: str) -> Explanation:
    """Return that a source which another year has emits nothing in this one."""
    base = account.inventory_of(year).base_year
    note = account.say(
        f"the inventory of {base} has no such source: it emits nothing", f"{base} 年清单没有该源，排放为零"
    )
    return Explanation(
        "source", name, _title(account, name, year, pollutant or "t"), 0.0, "t", year, pollutant, notes=(note,)
    )


def _compared(account: Account, row: int, year: int, pollutant: str) -> tuple[float | None, float | None]:
    """Return the emissions of the base year and of the same year without the plan [t], where the year is projected."""
    if account.of_inventory(year):
        return None, None
    base = account.inventory.emissions[row, account.inventory.pollutants.index(pollutant)]
    return float(base), float(account.emissions(year, pollutant, plan=False)[row])


def _notes(account: Account, inventory: Inventory, row: int, year: int) -> list[str]:
    notes = []
    if account.of_inventory(year):
        text = f"{year} is an inventory: neither drivers nor measures touch it"
        return [account.say(text, f"{year} 年为清单年，不受驱动因素和措施影响")]
    omitted = [
        f"{measure.id} ({'; '.join(does(effect, account.lang) for _, effect in effects)})"
        for measure in account.scenario.plan.effects
        if account.scenario.omits(measure.id) and (effects := account.effects(measure, row))
    ]
    if omitted:
        names = account.list_mark.join(omitted)
        notes.append(account.say(f"omitted by the scenario: {names}", f"情景中省略：{names}"))
    if inventory.reported[row]:
        text = "reported as tonnes: drivers and measures act on the reported amount"
        notes.append(account.say(text, "上报排放量：驱动因素和措施直接作用于上报量"))
    return notes
