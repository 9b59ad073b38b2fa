"""What a plan's measures reach on an inventory: those that reach nothing, claim twice, or use a stock up."""

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from emis import kernels
from emis.errors import Issue
from emis.inventory import Floats, Inventory
from emis.measures import Abate, Cap, Limit, Measure, Replace
from emis.phasing import PhaseIn
from emis.plan_review import Claim, finding, plan_findings
from emis.program import Indices, Program
from emis.stocks import overdrawn

__all__ = ["not_in_place", "scenario_findings"]

Flags = NDArray[np.bool_]

#: Stock below this share of what there was is rounding of what left it.
_ROUNDING = 1e-9


def scenario_findings(program: Program) -> list[Issue]:
    """Return what the plan's document tells, and what its measures do not reach on the inventory of the scenario."""
    scenario = program.scenario
    return [
        *plan_findings(scenario.plan, scenario.plan_places, partial(_overlaps, program.inventory)),
        *_idle(program),
        *_slack_caps(program),
        *_not_emitted(program),
        *overdrawn(program),
    ]


def _overlaps(inventory: Inventory, several: Sequence[Claim]) -> list[tuple[int, int]]:
    """Return which pairs among effects act on common sources, as `plan_findings` asks for it."""
    from scipy.sparse import csr_array, triu

    rows = [inventory.rows(measure.select, effect.verb.select) for measure, effect in several]
    effect = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    sources = np.concatenate(rows)
    acts = csr_array((np.ones(len(sources), dtype=bool), (effect, sources)), shape=(len(rows), len(inventory)))
    one, other = triu(acts @ acts.T, k=1).nonzero()
    return list(zip(one.tolist(), other.tolist(), strict=True))


def not_in_place(program: Program) -> list[str]:
    """Return the measures that the plan puts in place in these years and the scenario does not, by delay or level."""
    return [
        measure.id
        for measure in program.measures
        if _in_place(program, measure, planned=True).any() and not _in_place(program, measure).any()
    ]


def _in_place(program: Program, measure: Measure, planned: bool = False) -> Flags:
    """Return in which years a measure is in place, Y: as the scenario has it, or as planned (no delay, in full)."""
    scenario = program.scenario
    course = measure.course() or PhaseIn.step(dt.date(scenario.plan.base_year + 1, 1, 1))
    delay, implementation = (0, 1.0) if planned else (scenario.document.delay, scenario.implementation(measure.id))
    later, months = course.delayed(delay), measure.months or range(1, 13)
    acts = [implementation > 0 and any(_level(later, year, month) > 0 for month in months) for year in program.years]
    return np.array(acts, dtype=bool)


def _level(course: PhaseIn, year: int, month: int) -> float:
    return course.level(dt.date(year, month, 1), dt.date(year + month // 12, month % 12 + 1, 1))


# -- nothing reached -------------------------------------------------------------------------------------------------


def _idle(program: Program) -> Iterator[Issue]:
    """Yield measures that are in place in no year, or reach nothing in a year in which they are."""
    if not program.years:
        return
    places = program.scenario.plan_places
    after_transfers, touched = _stock(program), _Touched(program)
    for number, measure in enumerate(program.measures):
        if not _in_place(program, measure, planned=True).any():
            years = f"{program.years[0]}-{program.years[-1]}"
            hint = "see its phase_in, or add the years in which it acts"
            yield finding(places, f"is in place in no year of {years}", hint, "measures", measure.id)
            continue
        if not len(program.matched[number]) or all(isinstance(effect.verb, Cap | Limit) for effect in measure.do):
            continue
        reached, stocked = _reached(program, number, after_transfers, touched)
        idle = _in_place(program, measure) & ~reached
        empty = idle & ~stocked
        for which, reason, hint in (
            (empty, "no activity is left in what it selects", "see the drivers and what other measures move away"),
            (idle & ~empty, "it changes nothing there", "see its numbers, and what its sources emit"),
        ):
            if which.any():
                years = ", ".join(str(year) for year in np.array(program.years)[which])
                yield finding(places, f"reaches nothing in {years}: {reason}", hint, "measures", measure.id)


def _stock(program: Program) -> Floats:
    """Return the activity at each source after all transfers, before other effects, S × Y [activity unit/yr]."""
    entries, months = program.transfers, program.months
    level = program.levels[entries.measure] * program.seasons[entries.season]
    moved = program.tau * level.reshape(len(level), len(program.years), months).mean(axis=2)
    stock, there = program.activity.copy(), program.activity.copy()
    np.add.at(stock, entries.owner, moved)
    np.add.at(there, entries.owner, np.maximum(moved, 0.0))
    return np.where(stock <= _ROUNDING * there, 0.0, stock)


class _Touched:
    """Which entries of a program are those of a measure."""

    def __init__(self, program: Program):
        self.owners = program.transfers.owner, program.intensities.owner
        self._order, self._pointer = [], []
        for entries in (program.transfers, program.intensities):
            self._order.append(np.argsort(entries.measure, kind="stable"))
            held = np.bincount(entries.measure, minlength=len(program.measures))
            self._pointer.append(np.concatenate([[0], np.cumsum(held)]))

    def by(self, number: int) -> tuple[Indices, Indices]:
        """Return the transfers and the intensities of a measure, in their order."""
        transfers, intensities = (
            order[pointer[number] : pointer[number + 1]]
            for order, pointer in zip(self._order, self._pointer, strict=True)
        )
        return transfers, intensities


def _reached(program: Program, number: int, after_transfers: Floats, touched: _Touched) -> tuple[Flags, Flags]:
    """Return in which years a measure in place changes anything, and in which its sources have activity, Y each."""
    inventory, measure, matched = program.inventory, program.measures[number], program.matched[number]
    reached, stocked = np.zeros(len(program.years), dtype=bool), np.zeros(len(program.years), dtype=bool)
    chosen = [month - 1 for month in measure.months or ()]
    profile = inventory.coded("profile").codes
    everywhere = np.ones(len(inventory.coded("profile").values), dtype=bool)
    transfers, intensities = touched.by(number)
    moved, owner = (owners[mine] for owners, mine in zip(touched.owners, (transfers, intensities), strict=True))
    cut = ((program.keep[program.intensities.row[intensities]] != 1) & (inventory.factor[owner] != 0)).any(axis=1)
    for column, year in enumerate(program.years):
        # Months in which a source has no activity are out of a seasonal measure's reach.
        used = inventory.profile_shares(year)[:, chosen].sum(axis=1) > 0 if measure.months else everywhere
        moves, changes = used[profile[moved]], used[profile[owner]]
        leaving = moves & (program.tau[transfers, column] != 0)
        there = changes & (after_transfers[owner, column] != 0)
        reached[column] = leaving.any() or (there & cut).any()
        stocked[column] = there.any() or (moves.any() and program.activity[matched, column].any())
    return reached, stocked


def _slack_caps(program: Program) -> Iterator[Issue]:
    """Yield caps that hold nothing back in any year in which they are in place."""
    if not program.caps or not program.years:
        return
    levels = program.levels.copy()
    levels[[cap.measure for cap in program.caps]] = 0.0
    emissions, _ = kernels.project(program, levels)
    yearly = emissions.reshape(len(program.years), program.months, *emissions.shape[1:]).sum(axis=1)
    by_measure = groupby(program.caps, key=lambda cap: cap.measure)  # caps stand in the order of their measures
    for number, own in by_measure:
        measure = program.measures[number]
        acts = _in_place(program, measure)
        over = [~(yearly[:, cap.sources, cap.pollutant][acts].sum(axis=1) <= cap.limit) for cap in own]
        if acts.any() and not np.any(over) and all(isinstance(effect.verb, Cap) for effect in measure.do):
            message = "its cap is above what is emitted in every year"
            hint = "nothing has to fall for it: see its limit"
            yield finding(program.scenario.plan_places, message, hint, "measures", measure.id)


def _not_emitted(program: Program) -> Iterator[Issue]:
    """Yield measures that abate a pollutant, or give a new factor for one, that none of their sources emits."""
    inventory = program.inventory
    for measure in program.measures:
        for number, effect in enumerate(measure.do):
            verb = effect.verb
            if not isinstance(verb, Abate | Replace):
                continue
            rows = inventory.rows(measure.select, verb.select)
            named = verb.efficiencies() if isinstance(verb, Abate) else verb.factor
            nothing = [
                name
                for name in named
                if name in inventory.pollutants and not inventory.factor[rows, inventory.pollutants.index(name)].any()
            ]
            if len(rows) and nothing:
                yield finding(
                    program.scenario.plan_places,
                    f"none of its sources emits {', '.join(nothing)}",
                    "leave the pollutant out, or give the sources its factor",
                    "measures", measure.id, "do", number,
                )  # fmt: skip
