"""The activity of a source in a year, line by line: the inventory's figure, drivers, what measures move or change."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from emis.explanation.account import Account, Drift
from emis.explanation.figures import figure
from emis.explanation.levels import Acting, acting, level_said, transfers_of
from emis.explanation.tree import Basis, Step
from emis.inventory import Floats, Inventory
from emis.measures import Measure
from emis.selection import Sources
from emis.wording import does, per_cent

__all__ = ["activity_steps", "base_step", "close_enough"]

#: Relative to a source's stock: what the kernel takes for the rounding of a sum, and nothing is left.
_ROUNDING = 2e-12
#: Names told where many sources give to one, or one to many.
_MOST_NAMED = 3


def close_enough(found: float, expected: float, scale: float = 0.0) -> bool:
    """Tell whether two ways to one number agree, up to the rounding of amounts of the size `scale`."""
    if found != found or expected != expected:
        return found != found and expected != expected
    return abs(found - expected) <= 1e-9 * max(abs(found), abs(expected)) + 1e-12 * scale


def unit_of(inventory: Inventory, source: int) -> str:
    """Return the unit of a source's activity; blank where that is but an index."""
    if inventory.reported[source]:
        return ""
    return str(inventory.activity_unit[source])


def base_step(account: Account, inventory: Inventory, source: int) -> Step:
    """Return the first line: the activity of an inventory, or 1 where it reports tonnes."""
    year, value = inventory.base_year, float(inventory.activity[source])
    if inventory.reported[source]:
        text = account.say(
            f"{year} as 1: it reports tonnes, so only the change of its activity is known",
            f"以 {year} 年为 1：该源直接上报排放量，仅知其活动水平的相对变化",
        )
    else:
        text = account.say(f"activity {year}", f"{year} 年活动水平")
    if value != value:
        key = inventory.notation[source, 0] if inventory.notation is not None else ""
        text = f"{text}: {key or 'NE'}, {account.say('not estimated', '未估算')}"
    details = [
        f"{figure(float(stock.values[source]), 7)} {stock.unit}"
        for stock in inventory.stocks.values()
        if not np.isnan(stock.values[source])
    ]
    return Step(
        "base", "", value, unit_of(inventory, source), text, value,
        details=(account.list_mark.join(details),) if details else (), basis=(_rests_on(inventory, source),),
    )  # fmt: skip


def _rests_on(inventory: Inventory, source: int) -> Basis:
    def text(column: NDArray[np.object_] | None) -> str:
        return str(column[source]) if column is not None else ""

    low, high = (inventory.bounds.get(f"activity_{end}") for end in ("low", "high"))
    ends = [None if one is None or np.isnan(one[source]) else float(one[source]) for one in (low, high)]
    place = inventory.place(source)
    return Basis(place[0], place[1], text(inventory.grade), text(inventory.reference), ends[0], ends[1])


def activity_steps(account: Account, source: int, year: int) -> tuple[list[Step], Floats]:
    """Return the lines from base year to projected year, and the activity of each period, N [activity unit]."""
    program = account.program
    unit, column = unit_of(account.inventory, source), program.years.index(year)
    steps = [base_step(account, account.inventory, source)]
    steps += _drifted(account, source, column, steps[0].value, unit)
    without = float(program.activity[source, column])
    if not close_enough(steps[-1].total, without, steps[0].value):
        raise RuntimeError(f"the drivers explain {steps[-1].total!r} {unit} and {without!r} were projected")
    text = account.say(f"activity {year} without the plan", f"{year} 年无计划活动水平")
    steps.append(Step("without plan", "=", without, unit, text, without))
    share = account.share(source, year)
    moved, present = _moved(account, source, year, without, unit)
    present = present * share
    if moved:
        left, mine = float(present.sum()), f"{year} 年转移之后"
        text = account.say(f"activity {year} after what moves", mine)
        steps += [*moved, Step("moved", "=", left, unit, text, left)]
    changed, present = _changed(account, source, year, present)
    if changed:
        left = float(present.sum())
        text = account.say(f"activity {year} with the plan", f"{year} 年有计划活动水平")
        steps += [*changed, Step("with plan", "=", left, unit, text, left)]
    return steps, present


# -- drivers ---------------------------------------------------------------------------------------------------------


def _drifted(account: Account, source: int, column: int, running: float, unit: str) -> Iterator[Step]:
    """Yield what each driver does to a source: turnover of the base-year stock first, then growth of what it leaves."""
    for drift in account.drifts:
        if drift.moved is None or (source not in drift.origins and source not in drift.arrivals):
            continue
        value = float(drift.moved[source, column])
        running += value
        said = _turnover_said(account, drift, source, column)
        yield _driver_step(account, drift, "turnover", value, unit, running, said)
    stock = float(account.inventory.activity[source])
    if abs(running) < 1e-12 * stock:
        running = 0.0  # turnover that takes all of a stock leaves nothing
    for drift in account.drifts:
        if drift.factor is None or not account.selects(source, drift.driver.select):
            continue
        value = float(drift.factor[source, column])
        running *= value
        yield _driver_step(account, drift, "growth", value, "", running, _growth_said(account, drift, column))


def _driver_step(account: Account, drift: Drift, kind: str, value: float, unit: str, running: float, said: str) -> Step:
    title = drift.driver.title.text(account.lang)
    name = f"drivers.{drift.number}"
    details = (said,) if title else ()
    basis = (account.assumed(drift.number),)
    sign = "+" if kind == "turnover" else "×"
    return Step(kind, sign, value, unit, title or said, running, name=name, details=details, basis=basis)  # type: ignore[arg-type]


def _growth_said(account: Account, drift: Drift, column: int) -> str:
    base, year = account.scenario.plan.base_year, account.program.years[column]
    if drift.driver.growth is not None:
        rate = f"{per_cent(drift.driver.growth, signed=True)}/yr"
        return account.say(f"growth {rate}, {year - base} years", f"年增长 {rate}，{year - base} 年")
    return account.say(f"index of {year} against {base}", f"{year} 年相对 {base} 年的指数")


def _turnover_said(account: Account, drift: Drift, source: int, column: int) -> str:
    assert drift.driver.shift is not None
    base, year = account.scenario.plan.base_year, account.program.years[column]
    share = drift.driver.shift.share
    rate = f"{per_cent(share)}/yr × {year - base} yr = {per_cent(share * (year - base))}"
    leaves = drift.origins == source
    others = drift.arrivals[leaves] if leaves.any() else drift.origins[drift.arrivals == source]
    names = named(account, others)
    if leaves.any():
        return account.say(f"{rate} of the {base} stock leaves for {names}", f"{base} 年存量的 {rate} 转入 {names}")
    return account.say(f"{rate} of the {base} stock of {names} arrives", f"{names} 的 {base} 年存量的 {rate} 转入")


def named(account: Account, sources: Sequence[int] | Sources) -> str:
    """Return the names of some sources, the first of many; what is no source is outside the inventory."""
    labels = account.inventory.labels["source"]
    outside = account.say("outside the inventory", "清单之外")
    names = list(dict.fromkeys(str(labels[int(one)]) if one >= 0 else outside for one in sources))
    more = len(names) - _MOST_NAMED
    shown = account.list_mark.join(names[:_MOST_NAMED])
    return shown + (account.say(f" and {more} more", f" 等 {len(names)} 个源") if more > 0 else "")


# -- measures --------------------------------------------------------------------------------------------------------


def _moved(account: Account, source: int, year: int, without: float, unit: str) -> tuple[list[Step], Floats]:
    """Return what each measure moves out of and into a source, and what is left in each period, N, before w."""
    share, column = account.share(source, year), account.program.years.index(year)
    present = np.full(len(share), without)
    steps = []
    for one, tau, leaving in transfers_of(account, source, year):
        # An amount that is not known moves nothing while its measure is not in place, as in the kernel.
        with np.errstate(invalid="ignore"):
            moved = np.where(one.level != 0, one.level * tau, 0.0)
        present = present + moved
        value, running = float(moved @ share), float(present @ share)
        steps.append(_transfer_step(account, one, source, tau, leaving, value, running, unit))
    rounding = _ROUNDING * account.program.activity[source, column]
    return steps, np.where(np.abs(present) < rounding, 0.0, present) if steps else present


def _transfer_step(
    account: Account, one: Acting, source: int, tau: float, leaving: bool, value: float, running: float, unit: str
) -> Step:
    """Return the line of what a measure moves out of a source or into it [activity unit/yr]."""
    transfers = account.lowered(one.number).transfers
    mine = [transfer for transfer in transfers if source in (transfer.origins if leaving else transfer.arrivals)]
    ends = [
        int(end)
        for transfer in mine
        for own, end in (
            zip(transfer.origins, transfer.arrivals, strict=True)
            if leaving
            else zip(transfer.arrivals, transfer.origins, strict=True)
        )
        if own == source
    ]
    others = named(account, ends)
    where = (f"to {others}", f"转入 {others}") if leaving else (f"from {others}", f"来自 {others}")
    numbers = [int(transfer.path[4]) for transfer in mine]
    whole = f"{figure(abs(tau), 7)} {unit}".rstrip()
    details = ["; ".join(does(one.measure.do[number], account.lang) for number in numbers)]
    if any(end >= 0 for end in ends):
        details.append(account.say(*where))
    details.append(f"{level_said(account, one)}; {account.say(f'fully in place {whole}', f'完全落实时 {whole}')}")
    if leaving and account.scenario.document.on_shortfall == "scale" and _scaled(account, source):
        details.append(account.say("scaled down to the stock there is", "已按现有存量等比缩减"))
    basis = account.planned(one.measure, numbers[0] if numbers else None)
    return Step(
        "transfer", "+", value, unit, title_of(account, one.measure), running,
        name=one.measure.id, level=one.mean, details=tuple(details), basis=(basis,),
    )  # fmt: skip


def _scaled(account: Account, source: int) -> bool:
    name = str(account.inventory.labels["source"][source])
    return any(f" of {name} in " in issue.message for issue in account.program.warnings)


def title_of(account: Account, measure: Measure) -> str:
    """Return id and title of a measure."""
    return f"{measure.id} {measure.title.text(account.lang)}".rstrip()


def _changed(account: Account, source: int, year: int, present: Floats) -> tuple[list[Step], Floats]:
    """Return what measures that change nothing but activity leave of it, and that, by period."""
    steps = []
    for one, row in acting(account, source, year):
        if one.activity_alone:
            keep = float(account.program.stay[row])
            present, value = reduced(account, present, source, year, one.level * (1.0 - keep))
            steps.append(kept_step(account, "change", one, source, keep, value, float(present.sum())))
    return steps, present


def kept_step(account: Account, kind: str, one: Acting, source: int, keep: float, value: float, running: float) -> Step:
    """Return the line of what a measure leaves of a source, `value`; fully in place it would leave `keep` [1]."""
    effects = account.effects(one.measure, source)
    left = account.say(f"fully in place it leaves {per_cent(keep)}", f"完全落实时剩余 {per_cent(keep)}")
    details = (*(does(effect, account.lang) for _, effect in effects), f"{level_said(account, one)}; {left}")
    basis = (account.planned(one.measure, effects[0][0] if effects else None),)
    return Step(
        kind, "×", value, "", title_of(account, one.measure), running,
        name=one.measure.id, level=one.mean, details=details, basis=basis,
    )  # fmt: skip


def reduced(account: Account, amounts: Floats, source: int, year: int, taken: Floats) -> tuple[Floats, float]:
    """Return amounts by period less the share `taken` of each, and what is left of their sum [1]."""
    left = amounts * (1.0 - taken)
    whole = float(amounts.sum())
    return left, float(left.sum()) / whole if whole > 0 else float((1.0 - taken) @ account.share(source, year))
