"""A total in a year: the sources it is the sum of, the largest first, with the base year and no plan beside them."""

import math
from collections.abc import Sequence

import numpy as np

from emis.errors import InputError, Issue
from emis.explanation.account import Account
from emis.explanation.activity import close_enough
from emis.explanation.tree import Basis, Explanation, Step
from emis.inventory import Floats
from emis.selectors import Selector

__all__ = ["MOST", "explain_total", "ranked"]

#: Sources told of a total unless all are asked for.
MOST = 10


def explain_total(
    account: Account, name: str, select: Selector | None, year: int, pollutant: str, most: int | None
) -> Explanation:
    """Return what a total of a pollutant is the sum of [t]; without a pollutant, each as a part.

    Parameters
    ----------
    most : int or None
        Sources told one by one; None: all.
    """
    inventory = account.inventory_of(year)
    if pollutant and pollutant not in inventory.pollutants:
        message = f"{pollutant} is not in the inventory of {inventory.base_year}"
        raise InputError([Issue(inventory.file, 0, "pollutants", message, f"it has {', '.join(inventory.pollutants)}")])
    notes = _notes(account, year, int(inventory.mask(select).sum()))
    if pollutant:
        return _of(account, name, select, year, pollutant, most, notes)
    title = account.say(f"{name} in {year}", f"{year} 年 {name}")
    parts = [_of(account, name, select, year, one, most, ()) for one in inventory.pollutants]
    return Explanation("total", name, title, float("nan"), "t", year, parts=tuple(parts), notes=notes)


def _of(
    account: Account, name: str, select: Selector | None, year: int, pollutant: str, most: int | None,
    notes: tuple[str, ...],
) -> Explanation:  # fmt: skip
    inventory = account.inventory_of(year)
    chosen = np.flatnonzero(inventory.mask(select))
    amounts = account.emissions(year, pollutant)[chosen]
    projected = not account.of_inventory(year)
    base = no_plan = None
    if projected:
        base = account.emissions(account.inventory.base_year, pollutant)[chosen]
        no_plan = account.emissions(year, pollutant, plan=False)[chosen]
    names = inventory.labels["source"][chosen].astype(str)
    places = [Basis(*inventory.place(int(row))) for row in chosen]
    steps = ranked(account, names.tolist(), amounts, places, base, no_plan, most)
    total = account.projection.total(year, pollutant, select)
    if not close_enough(float(amounts.sum()), total):
        raise RuntimeError(f"{pollutant} of {name} in {year}: {amounts.sum()!r} t explained, {total!r} t projected")
    title = account.say(f"{pollutant} of {name} in {year}", f"{year} 年 {name} {pollutant}")
    ends = [None if one is None else float(one.sum()) for one in (base, no_plan)]
    steps.append(Step("total", "=", total, "t", f"{pollutant} {year}", total, base=ends[0], no_plan=ends[1]))
    if missing := names[np.isnan(amounts)].tolist():
        known = math.fsum(amounts[~np.isnan(amounts)].tolist())
        shown = account.list_mark.join(missing)
        text = f"not estimated (NE): {shown}; the total is not known, without them it is {known:,.6g} t"
        notes += (account.say(text, f"未估算 (NE)：{shown}；合计未知，其余合计 {known:,.6g} t"),)
    return Explanation(
        "total",
        name,
        title,
        total,
        "t",
        year,
        pollutant,
        tuple(steps),
        notes=notes,
        base=ends[0],
        no_plan=ends[1],
        base_year=account.inventory.base_year,
    )


def ranked(
    account: Account, names: Sequence[str], amounts: Floats, places: Sequence[Basis], base: Floats | None,
    no_plan: Floats | None, most: int | None,
) -> list[Step]:  # fmt: skip
    """Return a line for each source, the largest first, and one for all those beyond `most`."""
    order = sorted(range(len(names)), key=lambda row: (-abs(np.nan_to_num(amounts[row], nan=np.inf)), names[row]))
    unknown = [row for row in order if np.isnan(amounts[row])]
    nothing = [
        row for row in order
        if amounts[row] == 0 and not (base is not None and base[row]) and not (no_plan is not None and no_plan[row])
    ]  # fmt: skip
    known = [row for row in order if row not in set(unknown) and row not in set(nothing)]
    # One source more takes no more room than the line that stands for it.
    limit = len(known) if most is None or len(known) == most + 1 else most

    def step(kind: str, rows: Sequence[int], text: str, basis: tuple[Basis, ...] = ()) -> Step:
        ends = [None if one is None else math.fsum(one[list(rows)].tolist()) for one in (base, no_plan)]
        value = math.fsum(amounts[list(rows)].tolist())
        name = names[rows[0]] if len(rows) == 1 else ""
        return Step(kind, "+", value, "t", text, name=name, basis=basis, base=ends[0], no_plan=ends[1])

    steps = [step("source", [row], names[row], (places[row],)) for row in (*unknown, *known[:limit])]
    rest = known[limit:]
    if rest:
        steps.append(step("rest", rest, account.say(f"{len(rest)} other sources", f"其余 {len(rest)} 个源")))
    if nothing:
        count = len(nothing)
        text = f"{count} sources that emit none" if count > 1 else "1 source that emits none"
        text = account.say(text, f"{count} 个源无排放")
        steps.append(step("nothing", nothing, text))
    return steps


def _notes(account: Account, year: int, count: int) -> tuple[str, ...]:
    notes = [account.say("1 source" if count == 1 else f"{count} sources", f"{count} 个源")]
    if account.of_inventory(year):
        text = f"{year} is an inventory: neither drivers nor measures touch it"
        notes.append(account.say(text, f"{year} 年为清单年，不受驱动因素和措施影响"))
    return tuple(notes)
