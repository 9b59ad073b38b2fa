"""A measure: what it moves and leaves at which sources in a year, what that changes, and on what evidence."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from emis import kernels
from emis.explanation.account import Account
from emis.explanation.activity import named, title_of, unit_of
from emis.explanation.figures import figure
from emis.explanation.levels import acting, level_said, transfers_of
from emis.explanation.totals import ranked
from emis.explanation.tree import Basis, Explanation, Step
from emis.inventory import Floats
from emis.measures import Measure
from emis.wording import does, per_cent, ranges, when

__all__ = ["explain_measure"]

_UNKNOWN = float("nan")
#: Relative to what is compared: the rounding of sums of doubles.
_ROUNDING = 1e-12


def explain_measure(account: Account, measure: Measure, year: int, pollutant: str, most: int | None) -> Explanation:
    """Return what a measure does in a year, and what it changes with all others in place [t] (last in)."""
    facts = tuple(_facts(account, measure))
    title = title_of(account, measure)
    numbers = {one.id: number for number, one in enumerate(account.program.measures)}
    if measure.id not in numbers or account.of_inventory(year):
        note = _idle(account, measure, year)
        return Explanation("measure", measure.id, title, 0.0, "t", year, pollutant, facts=facts, notes=(note,))
    number = numbers[measure.id]
    did = (_moves(account, number, year, most), _leaves(account, number, year, most))
    changes = _changes(account, number, year)
    pollutants = account.inventory.pollutants
    wanted = (pollutant,) if pollutant else tuple(
        name for name, change in zip(pollutants, changes.T, strict=True) if np.any(change != 0)
    )  # fmt: skip
    last_in = [_last_in(account, measure, changes[:, pollutants.index(name)], year, name, most) for name in wanted]
    notes = (*_not_known(account, last_in), *_notes(account, number, year, bool(last_in)))
    if pollutant:
        (only,) = last_in
        return Explanation(
            "measure",
            measure.id,
            f"{title}, {only.title}",
            only.value,
            "t",
            year,
            pollutant,
            only.steps,
            did,
            facts,
            notes,
        )
    return Explanation("measure", measure.id, title, _UNKNOWN, "t", year, "", (), (*did, *last_in), facts, notes)


def _facts(account: Account, measure: Measure) -> Iterator[tuple[str, str]]:
    """Yield what the plan says of a measure, with its place and evidence."""
    say = account.say
    if place := account.planned(measure).place:
        yield say("stands in", "位置"), place
    if measure.article is not None:
        yield say("article", "条款"), str(measure.article)
    for effect in measure.do:
        yield say("does", "内容"), does(effect, account.lang)
    if measure.select is not None:
        yield say("of", "对象"), str(measure.select)
    if measure.do:
        yield say("in place", "落实进度"), when(measure, account.lang)
    if text := ranges(measure, account.lang):
        yield say("ranges", "区间"), text
    evidence = measure.evidence
    if evidence is not None:
        if evidence.grade or evidence.source:
            yield say("evidence", "依据"), " ".join(filter(None, (evidence.grade, evidence.source)))
        if evidence.note:
            yield say("note", "说明"), evidence.note
        if evidence.quote:
            yield say("words", "原文"), f"“{evidence.quote}”"


def _idle(account: Account, measure: Measure, year: int) -> str:
    """Return why a measure does nothing in a year."""
    if measure.kind == "enabling":
        return account.say("enabling: it claims no effect of its own", "支撑措施，自身不计减排")
    if account.of_inventory(year):
        text = f"{year} is an inventory, which no measure touches"
        return account.say(text, f"{year} 年为清单年，不受措施影响")
    if account.scenario.omits(measure.id):
        return account.say("omitted by the scenario", "情景中省略")
    return account.say("in force on alert days only, which are told by emis run", "仅在预警期间实施，见 emis run")


def _notes(account: Account, number: int, year: int, changes: bool) -> tuple[str, ...]:
    notes = []
    if not len(account.program.matched[number]):
        notes.append(account.say("it matches no source", "未匹配任何源"))
    elif not changes:
        notes.append(account.say(f"it changes nothing in {year}", f"{year} 年无任何变化"))
    notes.append(account.say("last in: with all other measures in place", "末位贡献：其他措施均已落实时的变化"))
    return tuple(notes)


def _not_known(account: Account, last_in: list[Explanation]) -> Iterator[str]:
    """Yield which sources leave a change unknown."""
    names = dict.fromkeys(step.name for one in last_in for step in one.steps if step.name and step.value != step.value)
    if names:
        shown = account.list_mark.join(names)
        yield account.say(f"not estimated (NE): {shown}", f"未估算 (NE)：{shown}")


def _changes(account: Account, number: int, year: int) -> Floats:
    """Return what the measure changes at each source with all others in place, S × P [t/yr]."""
    levels = account.program.levels.copy()
    levels[number] = 0.0
    periods = account.periods(year)
    others = kernels.project(account.program, levels)[0][periods].sum(axis=0)
    mine = kernels.project(account.program, account.program.levels)[0][periods].sum(axis=0)
    change = mine - others
    # Where it changes nothing the two differ by the rounding of their sums, or neither is known.
    idle = ~_reached(account, number)[:, None] | (np.abs(change) <= _ROUNDING * np.abs(mine))
    return np.where(idle, 0.0, change)


def _reached(account: Account, number: int) -> NDArray[np.bool_]:
    """Return which sources a measure touches, by itself or by what it leaves of a ceiling to others, S."""
    program = account.program
    reached = np.zeros(len(account.inventory), dtype=bool)
    for entries in (program.transfers, program.intensities):
        reached[entries.owner[entries.measure == number]] = True
    for cap in program.caps:
        reached[cap.sources] |= cap.measure == number or reached[cap.sources].any()
    return reached


def _last_in(
    account: Account, measure: Measure, change: Floats, year: int, pollutant: str, most: int | None
) -> Explanation:
    labels, inventory = account.inventory.labels["source"], account.inventory
    rows = np.flatnonzero(change != 0)
    places = [Basis(*inventory.place(int(row))) for row in rows]
    steps = ranked(account, labels[rows].astype(str).tolist(), change[rows], places, None, None, most)
    total = float(change.sum())
    if abs(total) <= _ROUNDING * float(np.abs(change).sum()):
        total = 0.0
    text = account.say(f"{pollutant} {year}, last in", f"{year} 年 {pollutant} 末位贡献")
    steps.append(Step("total", "=", total, "t", text, total))
    return Explanation("measure", measure.id, text, total, "t", year, pollutant, tuple(steps))


def _moves(account: Account, number: int, year: int, most: int | None) -> Explanation:
    """Return what the measure moves out of each source and into each, at its level of the year."""
    entries = account.program.transfers
    sources = np.unique(entries.owner[entries.measure == number])
    inventory, steps = account.inventory, []
    for source in sources.tolist():
        for one, tau, leaving in transfers_of(account, source, year):
            if one.number != number:
                continue
            unit = unit_of(inventory, source)
            name = str(inventory.labels["source"][source])
            value = float((one.level * tau) @ account.share(source, year)) if one.level.any() else 0.0
            details = (level_said(account, one),)
            basis = (Basis(*inventory.place(source)),)
            steps.append(
                Step("leaves" if leaving else "arrives", "+", value, unit, name, name=name, level=one.mean,
                     details=details, basis=basis)
            )  # fmt: skip
    steps.sort(key=lambda step: step.kind != "leaves")
    more = len(steps) - most if most is not None else 0
    title = account.say(f"stock it moves in {year}", f"{year} 年转移的活动水平")
    notes = (
        (account.say(f"and {more} more lines; --all tells them", f"另有 {more} 行，--all 显示全部"),)
        if more > 0
        else ()
    )
    shown = tuple(steps if most is None else steps[:most])
    return Explanation("moves", str(number), title, _UNKNOWN, "", year, steps=shown, notes=notes)


def _leaves(account: Account, number: int, year: int, most: int | None) -> Explanation:
    """Return what the measure leaves of emissions, sources that it leaves the same of together."""
    entries, program, inventory = account.program.intensities, account.program, account.inventory
    groups: dict[tuple[int, float], list[int]] = defaultdict(list)
    for source in entries.owner[entries.measure == number].tolist():
        for one, row in acting(account, source, year):
            if one.number == number:
                groups[row, one.mean].append(source)
    steps = []
    for (row, level), sources in groups.items():
        left: dict[str, list[str]] = defaultdict(list)
        for name, keep in zip(inventory.pollutants, (1.0 - level * (1.0 - program.keep[row])).tolist(), strict=True):
            left[per_cent(keep)].append(name)
        shown = "; ".join(f"{', '.join(names)} {text}" for text, names in left.items() if text != per_cent(1.0))
        stay = 1.0 - level * (1.0 - float(program.stay[row]))
        names = named(account, sources)
        text = account.say(f"at level {per_cent(level)}", f"落实水平 {per_cent(level)}")
        steps.append(Step("remains", "×", stay, "", names, level=level, details=(f"{shown or figure(1.0)} ({text})",)))
    for cap in program.caps:
        if cap.measure == number:
            name = inventory.pollutants[cap.pollutant]
            text = f"{name}: {named(account, cap.sources)}"
            steps.append(Step("cap", "", cap.limit, "t/yr", text, name=name))
    title = account.say(f"what it leaves in {year}", f"{year} 年剩余比例")
    shown_steps = tuple(steps if most is None else steps[:most])
    more = len(steps) - len(shown_steps)
    notes = (
        (account.say(f"and {more} more lines; --all tells them", f"另有 {more} 行，--all 显示全部"),) if more else ()
    )
    return Explanation("leaves", str(number), title, _UNKNOWN, "", year, steps=shown_steps, notes=notes)
