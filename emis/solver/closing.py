"""Close the gap: which measures, and how far, reach targets at the least cost or effort; or how near one can get."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from emis.errors import InputError, Issue
from emis.inventory import Floats, Inventory
from emis.likelihood import probability_of
from emis.plan import Target
from emis.scenario import Scenario
from emis.solver import exact, local
from emis.solver.chance import Moved, Probability, Sampler, moved_until
from emis.solver.costs import costs, efforts
from emis.solver.curve import curve, curve_unit
from emis.solver.problem import Problem, World, open_world
from emis.solver.reach import explain
from emis.solver.solution import Certificate, Choice, Minimised, Outcome, Point, Solution
from emis.target_amounts import Untold
from emis.vocabulary import suggest

__all__ = ["missed", "solve"]

T = TypeVar("T")


def solve(
    inventory: Inventory,
    scenario: Scenario,
    targets: Sequence[str | Target],
    *,
    minimise: Minimised | None = None,
    on_off: bool = False,
    keep: Sequence[str] = (),
    without: Sequence[str] = (),
    probability: float | None = None,
    sampler: Sampler | None = None,
    with_curve: bool = False,
) -> Solution:
    """Return the cheapest, or least laborious, implementation of measures that reaches targets together.

    Everything can be chosen: the measures of the plan, those that the scenario omits, and the scenario's options, each
    from not at all to fully at its own phase-in, the scenario's delay included.

    Parameters
    ----------
    inventory, scenario
        As for `project`.
    targets : sequence of str or Target
        Ids of the plan's targets, or targets.
    minimise : "cost" or "effort", optional
        Annual cost, or effort as the options weigh it; cost where every measure that can be chosen states one.
    on_off : bool
        Whether a measure is taken whole or not at all: then the answer is proven to be the least.
    keep, without : sequence of str
        Ids or globs of measures that stay as the scenario has them, and that are left out.
    probability : float, optional
        How likely the targets have to be reached together [1].
    sampler : Sampler, optional
        Who tells the probability of levels, instead of the draws that `emis run` tells it by.
    with_curve : bool
        Whether the price of reductions from 5 to 50 % is told, for a single target on a reduction or on emissions.

    Raises
    ------
    InputError
        When a target or measure is not there, a target cannot be solved for, or a cost that is asked for is not stated.
    """
    wanted = _targets(scenario, targets)
    world = open_world(inventory, scenario, keep, without)
    minimised, price = _priced(world, minimise)
    aims = _or_fault(scenario, wanted, lambda: world.aims(wanted))
    problem = Problem(world, price, aims)
    sure = None
    if probability is not None:
        sure = _or_fault(scenario, wanted, lambda: _probability(problem, wanted, sampler))
    found = _best(problem, on_off)
    moved: Moved | None = None
    if sure is not None and probability is not None:
        found, moved = _likely(problem, on_off, sure, probability, found)
    points: tuple[Point, ...] = ()
    unit = ""
    if with_curve and len(wanted) == 1:
        points = curve(problem, wanted[0], lambda one, also: _best(one, on_off, also))
        unit = curve_unit(wanted[0]) if points else ""
    told = _Told(problem, minimised, on_off, wanted)
    return told.solution(found, moved, probability, points, unit)


def missed(inventory: Inventory, scenario: Scenario) -> tuple[tuple[Target, ...], tuple[tuple[Target, Untold], ...]]:
    """Return the plan's targets that a scenario misses, and those that cannot be solved for, with the reason."""
    world = open_world(inventory, scenario)
    given = world.as_given()
    found: list[Target] = []
    untold: list[tuple[Target, Untold]] = []
    for target in scenario.plan.targets:
        try:
            (aim,) = world.aims((target,))
        except Untold as gap:
            untold.append((target, gap))
            continue
        if given is None or not aim.reached(aim.exact(world.program.levels * given[:, None])):
            found.append(target)
    return tuple(found), tuple(untold)


@dataclass(frozen=True)
class _Found:
    """An implementation, M, or None, with its certificate."""

    y: Floats | None
    certificate: Certificate


def _best(problem: Problem, on_off: bool, also: Iterable[Floats] = ()) -> _Found:
    """Return the cheapest implementation that reaches all aims."""
    if not problem.free.any():  # everything is held: what there is reaches them or does not
        low = problem.world.low
        return _Found(low if problem.solved(low) else None, Certificate(True, 0.0, 0.0))
    if on_off:
        if any(one.response.shape == "other" for one in problem.aims):
            names = ", ".join(one.target.id for one in problem.aims if one.response.shape == "other")
            message = f"{names} hangs on a response surface, which need not be convex: no set can be proven the least"
            raise InputError([Issue("", 0, "", message, "leave --on-off out, or name another model first")])
        proof = exact.cheapest(problem, whole=True)
        price = None if proof.y is None else problem.cost(proof.y)
        return _Found(proof.y, Certificate(proof.proven, proof.bound, _gap(price, proof.bound)))
    found = local.optimum(problem, also)
    if found.y is None:
        return _Found(None, Certificate(found.none_exists, found.bound, None, None, found.starts))
    gap = _gap(problem.cost(found.y), found.bound)
    proven = gap is not None and gap <= 1e-5
    return _Found(found.y, Certificate(proven, found.bound, gap, found.residual, found.starts))


def _gap(price: float | None, bound: float | None) -> float | None:
    if price is None or bound is None:
        return None
    return max(0.0, price - bound) / price if price > 0 else 0.0


def _furthest(problem: Problem, on_off: bool) -> exact.Proof:
    if not problem.free.any():
        return exact.Proof(problem.world.low, None, True)
    return exact.furthest(problem, whole=True) if on_off else local.reach(problem)


def _nearest(problem: Problem, on_off: bool) -> Floats:
    """Return an implementation that misses the worst aim least, without measures that do nothing for it."""
    y = _furthest(problem, on_off).y
    if y is None:
        return problem.world.low
    least = problem.lack(y)
    for number in np.argsort(-problem.price):
        without = np.where(np.arange(len(y)) == number, problem.world.low, y)
        if problem.world.limits.hold(without) and problem.lack(without) <= least:
            y = without
    return y


# -- what is asked ---------------------------------------------------------------------------------------------------


def _targets(scenario: Scenario, targets: Sequence[str | Target]) -> tuple[Target, ...]:
    known = {target.id: target for target in scenario.plan.targets}
    unknown = [one for one in targets if isinstance(one, str) and one not in known]
    if unknown or not targets:
        issues = [Issue("", 0, "", f"the plan has no target {name!r}", suggest(name, known)) for name in unknown]
        raise InputError(issues or [Issue("", 0, "", "no target is named", f"the plan has {', '.join(known)}")])
    return tuple(known[one] if isinstance(one, str) else one for one in targets)


def _or_fault(scenario: Scenario, wanted: Sequence[Target], ask: Callable[[], T]) -> T:
    """Return what is asked for; that it cannot be told is a fault of the question."""
    try:
        return ask()
    except Untold as gap:
        names = ", ".join(target.id for target in wanted)
        place = scenario.plan_places.at(("plan", "targets", wanted[0].id))
        raise InputError([Issue(*place, f"targets.{names}", f"cannot be solved for: {gap.english}")]) from None


def _priced(world: World, minimise: Minimised | None) -> tuple[Minimised, Floats]:
    """Return what is minimised, and the price of each measure, M; what is held has none."""
    measures, options = world.program.measures, world.program.scenario.options
    free = world.high > world.low
    chosen = [measure for measure, one in zip(measures, free, strict=True) if one]
    if minimise is None:
        minimise = "cost" if chosen and all(measure.cost is not None for measure in chosen) else "effort"
    places = world.program.scenario.plan_places
    price = np.zeros(len(measures))
    price[free] = costs(chosen, options, places) if minimise == "cost" else efforts(chosen, options)
    return minimise, price


def _probability(problem: Problem, wanted: Sequence[Target], sampler: Sampler | None) -> Probability:
    return (sampler or probability_of)(problem.world.program, wanted)


def _likely(problem: Problem, on_off: bool, sure: Probability, wanted: float, found: _Found) -> tuple[_Found, Moved]:
    """Return the answer whose thresholds are moved as far as a probability asks for."""
    seen: dict[float, _Found] = {}

    def at(by: float) -> Floats | None:
        seen[by] = _best(problem.moved(by), on_off)
        return seen[by].y

    furthest = _furthest(problem, on_off).y
    if furthest is None:
        return found, Moved(None, None, 0.0)
    tightest = problem.lack(furthest) + 1e-6
    loosest = max(problem.lack(problem.world.low), tightest) + 1e-6
    moved = moved_until(at, lambda y: sure(problem.levels(y)), wanted, tightest, loosest)
    if moved.y is None:
        moved = _as_it_stands(problem, sure, wanted, moved)
    if moved.y is None:
        return _Found(None, Certificate(False, None, None)), moved
    if moved.by not in seen:
        return _Found(moved.y, Certificate(False, None, None)), moved
    certificate = seen[moved.by].certificate
    return _Found(moved.y, replace(certificate, proven=False)), moved


def _as_it_stands(problem: Problem, sure: Probability, wanted: float, moved: Moved) -> Moved:
    """Return the cheaper of everything and the scenario itself that is likely enough, or the likelier of them.

    A measure that helps in other draws than the likely one is not missed by the thresholds, and so never chosen.
    """
    world = problem.world
    given = world.as_given()
    tried = [y for y in (world.high, given) if y is not None and world.limits.hold(y)]
    told = sorted(((float(problem.price @ y), sure(problem.levels(y)), y) for y in tried), key=lambda one: one[0])
    enough = next((one for one in told if one[1] >= wanted), None)
    if enough is not None:
        return Moved(enough[2], enough[1], np.nan)
    likeliest = max([moved.probability or 0.0, *(one[1] for one in told)])
    return Moved(None, likeliest, moved.by)


# -- what is answered ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Told:
    """Puts an implementation into words of measures and targets."""

    problem: Problem
    minimised: Minimised
    on_off: bool
    targets: tuple[Target, ...]

    def solution(
        self, found: _Found, moved: Moved | None, asked: float | None, points: tuple[Point, ...], unit: str
    ) -> Solution:
        """Return the solution, with what is reachable where there is none."""
        problem, world = self.problem, self.problem.world
        y, reach = found.y, None
        if y is None:
            y = _nearest(problem, self.on_off)
            reach = explain(problem, y, lambda one: _furthest(one, self.on_off))
        settings = world.program.scenario.options
        currency = settings.cost.currency if settings else "yuan"
        return Solution(
            world.given, self.targets, self.minimised, f"{currency}/yr" if self.minimised == "cost" else "",
            self.on_off, found.y is not None, self._choices(y), self._outcomes(y), problem.cost(y),
            found.certificate, reach, points, unit, asked,
            moved.probability if moved else None,
            moved.by if moved and moved.y is not None and np.isfinite(moved.by) else None,
        )  # fmt: skip

    def _choices(self, y: Floats) -> tuple[Choice, ...]:
        problem, planned = self.problem, {measure.id for measure in self.problem.world.given.plan.measures}
        return tuple(
            Choice(
                measure.id, measure.name("en"), measure.name("zh"), float(level), float(price),
                measure.id not in planned, not free,
            )
            for measure, level, price, free in zip(
                problem.world.program.measures, y, problem.price, problem.free, strict=True
            )
        )  # fmt: skip

    def _outcomes(self, y: Floats) -> tuple[Outcome, ...]:
        problem, world = self.problem, self.problem.world
        given = world.as_given()
        found = []
        for one in problem.aims:
            amounts = one.exact(problem.levels(y))
            nothing, scenario = (
                None if at is None else one.response.told(one.exact(problem.levels(at)))
                for at in (np.zeros_like(y), given)
            )
            assert nothing is not None
            found.append(
                Outcome(
                    one.target.id, one.target.name("en"), one.target.name("zh"), one.unit, one.required,
                    nothing, scenario, one.response.told(amounts), one.reached(amounts),
                )
            )  # fmt: skip
        return tuple(found)
