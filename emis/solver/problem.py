"""The problem to solve: what can be chosen, at what price, within which limits, for which aims."""

import datetime as dt
import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emis.errors import InputError, Issue
from emis.inventory import Floats, Inventory
from emis.measures import Measure
from emis.plan import Target
from emis.program import Program, compile_program
from emis.projection import Projection
from emis.projection import run as run_program
from emis.scenario import Scenario
from emis.solver.aims import Aim, aim
from emis.solver.limits import Limits, limits
from emis.vocabulary import suggest

__all__ = ["Problem", "World", "open_world"]


class _InPlace(Scenario):
    """A scenario in which every measure is in place from the first day after the base year."""

    def phase(self, measure: Measure, start: dt.date, end: dt.date) -> float:
        """Return 1."""
        return 1.0


@dataclass(frozen=True)
class World:
    """A scenario with everything that could be done in place: plan, what it omits, and options, at their phase-in.

    `given` is the scenario as it was asked about, `blank` the projection with no measure, `low` and `high` how far each
    measure may be implemented, M [1].
    """

    given: Scenario
    program: Program
    blank: Projection
    limits: Limits
    low: Floats
    high: Floats

    @property
    def measures(self) -> tuple[str, ...]:
        """Ids of the measures, in the order of all arrays."""
        return tuple(measure.id for measure in self.program.measures)

    def as_given(self) -> Floats | None:
        """Return how far the scenario itself implements each measure, M; None when that overdraws a stock."""
        planned = {measure.id for measure in self.given.plan.measures if not self.given.omits(measure.id)}
        y = np.array([self.given.implementation(name) if name in planned else 0.0 for name in self.measures])
        return y if self.limits.hold(y) else None

    def phased_in(self) -> "World":
        """Return the world in which every measure is fully in place in every year, delay and phase-in apart."""
        scenario = self.program.scenario
        whole = _InPlace(**{one.name: getattr(scenario, one.name) for one in fields(scenario)})
        program = compile_program(self.program.inventory, whole, limited=False)
        return replace(self, program=program, blank=_blank(program))

    def aims(self, targets: Sequence[Target]) -> tuple[Aim, ...]:
        """Return the aims of targets.

        Raises
        ------
        Untold
            When one cannot be solved for.
        """
        blank = replace(self.blank, program=self.program)
        return tuple(aim(blank, target) for target in targets)


@dataclass(frozen=True)
class Problem:
    """Minimise price·y subject to limits and aims, low ≤ y ≤ high."""

    world: World
    price: Floats
    aims: tuple[Aim, ...]

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which measures can be chosen, M."""
        return np.asarray(self.world.high > self.world.low)

    @cached_property
    def scale(self) -> Floats:
        """What each aim lacks with nothing chosen, or a hundredth of its bound: what numbers are told in, A."""
        start = self.world.low
        return np.array(
            [max(one.measured(start) - one.bound, 0.01 * abs(one.bound), 1e-9) for one in self.aims], dtype=float
        )

    def moved(self, by: float) -> "Problem":
        """Return the problem with every bound raised by a part of its scale."""
        aims = zip(self.aims, self.scale, strict=True)
        found = replace(self, aims=tuple(replace(one, bound=one.bound + by * scale) for one, scale in aims))
        object.__setattr__(found, "scale", self.scale)  # the scale stays that of the question
        return found

    def levels(self, y: Floats) -> Floats:
        """Return the levels of an implementation, M × T."""
        return self.world.program.levels * y[:, None]

    def cost(self, y: Floats) -> float:
        """Return the price of what is chosen at y; what is held is not in it."""
        return float(self.price[self.free] @ y[self.free])

    def solved(self, y: Floats) -> bool:
        """Tell by the kernels whether y keeps to every limit and reaches every aim."""
        if not self.world.limits.hold(y):
            return False
        levels = self.levels(y)
        return all(one.reached(one.exact(levels)) for one in self.aims)

    def lack(self, y: Floats) -> float:
        """Return by how much the worst aim is missed at y, in its scale; negative where all are reached."""
        gaps = [one.measured(y) - one.bound for one in self.aims]
        return float(np.max(np.array(gaps) / self.scale))


def open_world(
    inventory: Inventory, scenario: Scenario, keep: Sequence[str] = (), without: Sequence[str] = ()
) -> World:
    """Return what can be done about a scenario; measures that `keep` names stay as it has them, `without` are left out.

    Raises
    ------
    InputError
        As `compile_program` does, and when `keep` or `without` names no measure.
    """
    options, taken = scenario.options, {measure.id for measure in scenario.plan.measures}
    beyond = tuple(one for one in (options.measures if options else ()) if one.id not in taken)
    plan = scenario.plan.model_copy(update={"measures": (*scenario.plan.measures, *beyond)})
    document = scenario.document.model_copy(update={"implementation": {}, "omit": (), "only": None})
    everything = replace(scenario, document=document, plan=plan)
    program = compile_program(inventory, everything, limited=False)
    ids = [measure.id for measure in program.measures]
    held, out = _matching(keep, ids, "--keep"), _matching(without, ids, "--without")
    low, high = np.zeros(len(ids)), np.ones(len(ids))
    for number, name in enumerate(ids):
        if name in held or name in scenario.observed:  # what was observed is a fact
            there = name in taken and not scenario.omits(name)
            low[number] = high[number] = scenario.implementation(name) if there else 0.0
        if name in out:
            low[number] = high[number] = 0.0
    # The ceiling of a measure that is left out holds nothing.
    program = replace(program, caps=tuple(cap for cap in program.caps if high[cap.measure] > 0))
    bound = limits(program, options.exclusive if options else ())
    return World(scenario, program, _blank(program), bound, low, high)


def _blank(program: Program) -> Projection:
    return run_program(replace(program, levels=program.without_plan()))


def _matching(patterns: Sequence[str], ids: Sequence[str], option: str) -> set[str]:
    unknown = [name for name in patterns if not any(fnmatch.fnmatchcase(one, name) for one in ids)]
    if unknown:
        said = ((f"there is no measure {name!r} with an effect", suggest(name, ids)) for name in unknown)
        raise InputError([Issue(option, 0, "", *one) for one in said])
    return {one for one in ids if any(fnmatch.fnmatchcase(one, name) for name in patterns)}
