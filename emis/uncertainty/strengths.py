"""What a plan is unsure of: how strong its measures are, by the ranges they state, and what the drivers do.

A range of an argument (efficiency, penetration, share, ...) makes the measure weaker or stronger: its transfers and its
abatement are multiplied by what the measure would do at a value of that range over what it does at the likely one. The
ends are compiled, not guessed, so a lever counts with its own equation; between the ends a measure goes straight, which
is exact where its effect is linear in the argument, as it is in all that are shares. Values are drawn from a PERT.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emis import units
from emis.drivers import driven
from emis.errors import Issues
from emis.inventory import Floats
from emis.lowering import Lowered, lower
from emis.measures import Measure
from emis.program import Program
from emis.scenario import Scenario
from emis.selection import Selection
from emis.strength import End, at_ends, stated_ranges
from emis.verb import Interval

__all__ = ["Strength", "Turnover", "growths", "limits", "of_level", "strengths", "turnovers"]

#: Low, likely and high of a multiplier [1].
Ends = tuple[float, float, float]
_SURE: Ends = (1.0, 1.0, 1.0)
#: Standard deviations that a range from a coefficient of variation reaches to either side.
_REACH = 1.96


@dataclass(frozen=True)
class Strength:
    """An uncertain argument of measure `measure`.

    `leaving`, `arriving` multiply its transfers out of and into sources, `abated` (P × 3) its abatement, each low,
    likely, high; `falling` when more of the argument does less. `level` is a range of the implementation itself: its
    low, what is assumed, and its high [1].
    """

    input: str
    measure: int
    leaving: Ends
    arriving: Ends
    abated: Floats
    falling: bool
    level: tuple[float, float, float] | None = None

    @cached_property
    def kinds(self) -> list[tuple[Ends, NDArray[np.intp]]]:
        """The pollutants whose abatement is multiplied alike, without those that stay as they are."""
        found = []
        for low, likely, high in np.unique(self.abated, axis=0):
            if low < high:
                alike = np.flatnonzero((self.abated == (low, likely, high)).all(axis=1))
                found.append(((float(low), float(likely), float(high)), alike))
        return found


def strengths(program: Program, known: Iterable[Strength] = (), issues: Issues | None = None) -> Iterator[Strength]:
    """Yield the uncertain arguments of a program's measures.

    Parameters
    ----------
    known : iterable of Strength
        Those of measures by the same ids in another program of the same inventory: they are taken over.
    issues : Issues, optional
        Takes as warnings what a measure cannot do at an end of a range.
    """
    by_input = {one.input: one for one in known}
    scenario, inventory = program.scenario, program.inventory
    others = [other for other in scenario.inventories.values() if other is not inventory]
    found_at_ends = Issues()
    selection = Selection(inventory, others, scenario.plan_places, found_at_ends)
    for number, measure in enumerate(program.measures):
        named = stated_ranges(measure)
        if not named:
            continue
        if all(f"{measure.id} {argument}" in by_input for argument in named):
            yield from (replace(by_input[f"{measure.id} {argument}"], measure=number) for argument in sorted(named))
            continue
        likely = _effect(lower(measure, program.activity, selection), program)
        for argument in sorted(named):
            found = _of_argument(program, number, argument, likely, selection)
            if found is not None:
                yield found
    # What compiling warns of was said when the plan was compiled; what is a fault is one at an end of a range.
    if issues is None:
        return
    for one in found_at_ends.errors:
        issues.warn(one.file, one.line, one.path, f"at an end of a range: {one.message}", one.hint)


@dataclass(frozen=True)
class _Effect:
    """What a measure does when it is in place: stock that leaves and arrives, and emissions abated, P [t/yr]."""

    leaving: float
    arriving: float
    abated: Floats


def _effect(one: Lowered, program: Program) -> _Effect:
    leaving = sum(float(np.nansum(transfer.amount)) for transfer in one.transfers)
    arriving = sum(float(np.nansum(transfer.amount * transfer.rate[:, None])) for transfer in one.transfers)
    abated = np.zeros(program.keep.shape[1])
    if one.intensity is not None:
        rows = one.intensity.sources
        activity = np.nan_to_num(program.activity[rows]).sum(axis=1)
        emitted = activity[:, None] * np.nan_to_num(program.inventory.factor[rows])
        lost = np.ascontiguousarray(1.0 - one.intensity.keep)
        # Of what is not emitted yet the coefficients themselves tell the strength.
        whole = (emitted * lost).sum(axis=0)
        abated = np.where(emitted.sum(axis=0) > 0, whole, lost.sum(axis=0))
    return _Effect(leaving, arriving, abated)


def _of_argument(
    program: Program, number: int, argument: str, likely: _Effect, selection: Selection
) -> Strength | None:
    measure = program.measures[number]
    name = f"{measure.id} {argument}"
    if argument == "implementation":
        return _of_level(program, number, name)
    effects = []
    ends: tuple[End, ...] = ("low", "likely", "high")
    for end in ends:
        changed = at_ends(measure, {argument: end}) if _states(measure, argument, end) else measure
        same = changed is measure or changed == measure
        effects.append(likely if same else _effect(lower(changed, program.activity, selection), program))
    if effects[0] is likely and effects[2] is likely:
        return _of_variation(program, number, argument, name)
    leaving, arriving = (
        _ends([getattr(one, part) for one in effects], getattr(likely, part)) for part in ("leaving", "arriving")
    )
    abated = np.array(
        [_ends([float(one.abated[p]) for one in effects], float(likely.abated[p])) for p in range(len(likely.abated))]
    )
    rise = [effects[2].leaving - effects[0].leaving, effects[2].arriving - effects[0].arriving]
    rise += list((effects[2].abated - effects[0].abated) * np.sign(likely.abated))
    return Strength(name, number, leaving, arriving, abated, float(np.sum(np.sign(rise))) < 0)


def _states(measure: Measure, argument: str, end: End) -> bool:
    """Tell whether any range of an argument, the measure's or a verb's, has that end."""
    stated = [measure.uncertainty, *(effect.written.uncertainty for effect in measure.do)]
    ranges = [one[argument] for one in stated if one and argument in one]
    single = [part for one in ranges for part in (one.values() if isinstance(one, Mapping) else [one])]
    return any(getattr(one, end, None) is not None for one in single)


def _ends(values: Sequence[float], likely: float) -> Ends:
    """Return low, likely and high of values over the likely one, in this order."""
    if likely == 0:
        return _SURE
    low, middle, high = (value / likely for value in values)
    least, most = min(low, high, middle), max(low, high, middle)
    return least, middle, most


def _of_level(program: Program, number: int, name: str) -> Strength | None:
    """Return the strength of a range of the implementation, which is against what the scenario assumes of it."""
    measure = program.measures[number]
    assumed = program.scenario.implementation(measure.id)
    interval = (measure.uncertainty or {}).get("implementation")
    if not isinstance(interval, Interval) or assumed == 0:
        return None
    low, high = (None if end is None else units.share(end) for end in (interval.low, interval.high))
    if low is None or high is None:
        return None
    # The scenario may assume less, or more, than what the measure says is likely.
    return of_level(name, number, (low, assumed, high), program.keep.shape[1])


def of_level(name: str, number: int, level: Ends, pollutants: int) -> Strength:
    """Return the strength of a range of the implementation about what is assumed, which is not 0."""
    low, assumed, high = level
    ends = (min(low, assumed) / assumed, 1.0, max(high, assumed) / assumed)
    return Strength(name, number, ends, ends, np.tile(ends, (pollutants, 1)), False, level)


def _of_variation(program: Program, number: int, argument: str, name: str) -> Strength | None:
    """Return the strength of a range that is given as a coefficient of variation; None when there is no such."""
    measure = program.measures[number]
    several = [measure.uncertainty or {}, *(effect.written.uncertainty or {} for effect in measure.do)]
    for ranges in several:
        one = ranges.get(argument)
        if isinstance(one, Interval) and one.cv:
            ends = (max(0.0, 1 - _REACH * one.cv), 1.0, _most(measure, argument, 1 + _REACH * one.cv))
            return Strength(name, number, ends, ends, np.tile(ends, (program.keep.shape[1], 1)), False)
    return None


def _most(measure: Measure, argument: str, reach: float) -> float:
    """Return how much stronger an argument that is a share can be: it ends at 100 %."""
    values = [getattr(effect.written, argument, None) for effect in measure.do]
    shares = [value for value in values if isinstance(value, float) and 0 < value <= 1]
    return min([reach, *(1 / value for value in shares)])


def limits(program: Program) -> Floats:
    """Return how much more than compiled each measure can move before some stock is used up, M [1], at least 1."""
    most = np.full(len(program.measures), np.inf)
    leaving = np.nan_to_num(np.maximum(-program.tau, 0.0))
    promised = np.zeros_like(program.activity)
    np.add.at(promised, program.transfers.owner, leaving)
    there = np.nan_to_num(program.activity)
    room = np.divide(there, promised, out=np.full_like(there, np.inf), where=promised > 0).min(axis=1, initial=np.inf)
    moving = leaving.any(axis=1)
    np.minimum.at(most, program.transfers.measure[moving], room[program.transfers.owner[moving]])
    return np.asarray(np.maximum(most, 1.0))


# -- drivers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Turnover:
    """Stock that an uncertain driver moves, entries as of a measure: owner, signed tau, n × Y [activity unit/yr].

    `ends` are low, likely and high of its share over the likely one [1].
    """

    input: str
    owner: np.ndarray
    tau: Floats
    ends: Ends


def turnovers(program: Program) -> list[Turnover]:
    """Return the drivers that move an uncertain share of stock."""
    found = []
    scenario, inventory = program.scenario, program.inventory
    selection = Selection(inventory, (), scenario.places, Issues())
    base = scenario.plan.base_year
    grown = np.ones_like(program.activity)
    moving = []
    for one in driven(scenario, inventory, program.years, selection):
        if one.growth is not None:
            grown[one.sources] *= one.growth
        elif one.driver.ends() is not None:
            moving.append(one)
    for one in moving:
        assert one.driver.shift is not None
        low, high = one.driver.ends() or (0.0, 0.0)
        share = one.driver.shift.share
        if share == 0:
            continue
        inside = one.arrivals >= 0
        owner = np.concatenate([one.sources, one.arrivals[inside]])
        tau = np.concatenate([-one.tau, (one.tau * one.rate[:, None])[inside]]) * grown[owner]
        # No more than all of the stock leaves, whatever the range says.
        age = max(program.years, default=base) - base
        most = min(high, 1 / age) if age else high
        found.append(Turnover(_named(one.number, "turnover", scenario), owner, tau, (low / share, 1.0, most / share)))
    return found


def growths(program: Program) -> list[tuple[str, np.ndarray, Ends, Floats]]:
    """Return the drivers of uncertain growth: input, sources, rates low, likely, high [1/yr], ages of years [yr]."""
    scenario = program.scenario
    selection = Selection(program.inventory, (), scenario.places, Issues())
    ages = np.array(program.years, dtype=float) - scenario.plan.base_year
    found = []
    for one in driven(scenario, program.inventory, program.years, selection):
        ends = one.driver.ends()
        if one.driver.growth is not None and ends is not None:
            rates = (ends[0], one.driver.growth, ends[1])
            found.append((_named(one.number, "growth", scenario), one.sources, rates, ages))
    return found


def _named(number: int, what: str, scenario: Scenario) -> str:
    title = scenario.document.drivers[number].title.text("en")
    return f"driver {title or number + 1} ({what})"
