"""The emission of a source in a year: activity times factor, what each measure leaves of it, ceilings, months."""

from dataclasses import replace

import numpy as np

from emis.explanation.account import Account
from emis.explanation.activity import activity_steps, base_step, close_enough, kept_step, reduced, title_of
from emis.explanation.factors import factor_step
from emis.explanation.figures import figure
from emis.explanation.levels import acting
from emis.explanation.tree import Step
from emis.inventory import Floats
from emis.program import Cap
from emis.wording import per_cent

__all__ = ["check_end", "emission_steps", "emitted_steps", "end_step", "inventory_steps"]


def inventory_steps(account: Account, row: int, column: int, year: int) -> list[Step]:
    """Return the lines of a year that is an inventory, in which nothing is projected."""
    inventory = account.inventory_of(year)
    first = base_step(account, inventory, row)
    factor = factor_step(account, inventory, row, column, first.value)
    return [
        first,
        factor,
        end_step(account, inventory.pollutants[column], year, float(inventory.emissions[row, column])),
    ]


def emission_steps(account: Account, source: int, column: int, year: int) -> tuple[Step, ...]:
    """Return the lines from the base year's activity to the emission of a projected year [t].

    Raises
    ------
    RuntimeError
        When they do not lead to what was projected: an error in emis itself.
    """
    steps, present = activity_steps(account, source, year)
    steps += emitted_steps(account, source, column, year, present)
    pollutant = account.inventory.pollutants[column]
    projected = float(account.emissions(year, pollutant)[source])
    name = str(account.inventory.labels["source"][source])
    check_end(name, year, pollutant, steps[-1].total, projected)
    return (*steps, end_step(account, pollutant, year, projected))


def check_end(name: str, year: int, pollutant: str, told: float, projected: float) -> None:
    """Refuse an explanation that does not lead to what was projected: an error in emis itself."""
    if not close_enough(told, projected):
        raise RuntimeError(f"{pollutant} of {name} in {year}: {told!r} t explained, {projected!r} t projected")


def emitted_steps(account: Account, source: int, column: int, year: int, present: Floats) -> list[Step]:
    """Return the lines from the activity by period, N [activity unit], to the emission, without the last."""
    inventory = account.inventory
    steps = [factor_step(account, inventory, source, column, float(present.sum()))]
    emitted = present * inventory.factor[source, column]
    for one, row in acting(account, source, year):
        keep = float(account.program.keep[row, column])
        if one.activity_alone or keep == 1.0:
            continue
        emitted, value = reduced(account, emitted, source, year, one.level * (1.0 - keep))
        steps.append(kept_step(account, "remains", one, source, keep, value, float(emitted.sum())))
    for cap in account.program.caps:
        if cap.pollutant == column and source in cap.sources:
            step = _cap_step(account, cap, year, float(emitted.sum()))
            emitted = emitted * step.value
            steps.append(step)
    if len(emitted) > 1:
        steps[-1] = _with_months(account, steps[-1], emitted)
    return steps


def _cap_step(account: Account, cap: Cap, year: int, before: float) -> Step:
    """Return the line of a ceiling on what several sources emit together: one factor for all of them and all months."""
    program, periods = account.program, account.periods(year)
    measure, days = program.measures[cap.measure], program.days[program.years.index(year)]
    level = float(program.levels[cap.measure, periods] @ days / days.sum())
    total = float(account.uncapped[periods][:, cap.sources, cap.pollutant].sum(axis=1).sum())
    excess = 1.0 - cap.limit / total if total > cap.limit else (np.nan if total != total else 0.0)
    value = 1.0 - level * excess if level > 0 else 1.0
    count, limit, whole = len(cap.sources), figure(cap.limit), figure(total)
    details = (
        account.say(
            f"ceiling of {limit} t/yr on {count} source{'s' * (count > 1)}", f"{count} 个源合计上限 {limit} t/a"
        ),
        account.say(f"{whole} t in all before it", f"封顶前合计排放 {whole} t")
        + account.say(f"; level {per_cent(level)}", f"；落实水平 {per_cent(level)}"),
    )
    text = title_of(account, measure)
    basis = (account.planned(measure),)
    return Step("cap", "×", value, "", text, before * value, name=measure.id, level=level, details=details, basis=basis)


def _with_months(account: Account, step: Step, emitted: Floats) -> Step:
    """Return the last line with what each month emits: the factors above are means over the months."""
    months = ", ".join(f"{month}: {figure(value)}" for month, value in enumerate(emitted.tolist(), start=1))
    text = account.say(
        f"the sum of 12 months, each with its own levels; factors above are their means. t by month: {months}",
        f"为 12 个月之和，各月落实水平不同，上述系数为其均值。各月 (t)：{months}",
    )
    return replace(step, details=(*step.details, text))


def end_step(account: Account, pollutant: str, year: int, value: float) -> Step:
    """Return the last line: what is emitted [t]."""
    return Step("emission", "=", value, "t", account.say(f"{pollutant} {year}", f"{year} 年 {pollutant}"), value)
