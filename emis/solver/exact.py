"""On or off: the cheapest set of measures, proven, and what can be reached at most where there is none.

HiGHS works to a tolerance, so it is never believed: what it finds is summed again by the kernels, and a set that does
not reach the target is cut off and the program solved again. Bounds are widened by as little as that tolerance, so
that no set is lost. A convex aim is held above its tangents (Kelley, J. SIAM 8, 1960, 703), added where it is missed.
"""

from dataclasses import dataclass

import numpy as np

from emis.inventory import Floats
from emis.solver.aims import Aim
from emis.solver.forms import touched
from emis.solver.linear import Expression, Linear
from emis.solver.problem import Problem

__all__ = ["Proof", "cheapest", "furthest"]

#: By which part of its scale a bound is widened: what HiGHS takes for feasible.
_TOLERANCE = 1e-7
#: Sum of prices in the objective, so that its absolute gap of 1e-6 is nothing.
_OBJECTIVE = 1e4
_MOST_ROUNDS = 400


@dataclass(frozen=True)
class Proof:
    """An implementation, M, or None when there is none; `bound` on the objective; whether it is proven."""

    y: Floats | None
    bound: float | None
    proven: bool


class _Program:
    """The linear program of a problem: y, limits, quantities and tangents; with `slack` aims may be missed by it."""

    def __init__(self, problem: Problem, whole: bool, slack: bool):
        world = problem.world
        self.problem, self.whole = problem, whole
        self.linear = Linear(world.low, world.high, whole)
        self.linear.rows(world.limits.parts, world.limits.bound + 1e-12)
        self.quantities = [[self.linear.quantity(one) for one in aim.quantities] for aim in problem.aims]
        self.slack = self.linear.variable(-np.inf, np.inf, cost=_OBJECTIVE) if slack else None
        matter = [touched(one) for aim in problem.aims for one in aim.quantities]
        self.relevant = np.any([*matter, *(world.limits.parts > 0)], axis=0) & problem.free
        for number, aim in enumerate(problem.aims):
            for y in _corners(problem)[: 1 if aim.response.shape == "linear" else None]:
                self.tangent(number, aim.amounts(y))

    def tangent(self, number: int, amounts: Floats) -> None:
        """Hold an aim above its tangent at some quantities."""
        aim, scale = self.problem.aims[number], self.problem.scale[number]
        amounts = _smooth_point(aim, amounts)
        value, slope = aim.response.measured(amounts), aim.response.slope(amounts)
        found = Expression((value - slope @ amounts - aim.bound) / scale)
        for part, one in zip(slope, self.quantities[number], strict=True):
            found = found.plus(one, float(part) / scale)
        if self.slack is not None:
            found = found.plus(Expression(0.0, {self.slack: -1.0}))
        self.linear.row(found, high=_TOLERANCE if self.slack is None and self.whole else 1e-9)

    def forbid(self, y: Floats) -> None:
        """Cut off a set of measures; those that matter to no aim are not told apart."""
        on = self.relevant & (y > 0.5)
        off = self.relevant & ~on
        parts = {int(i): 1.0 for i in np.flatnonzero(off)} | {int(i): -1.0 for i in np.flatnonzero(on)}
        self.linear.row(Expression(float(on.sum()), parts), low=1.0)


def cheapest(problem: Problem, whole: bool, seconds: float = 60.0) -> Proof:
    """Return the cheapest on-or-off implementation; relaxed (not `whole`), a bound on any implementation and its point.

    The relaxed point need not reach the aims.
    """
    program = _Program(problem, whole, slack=False)
    unit = float(np.sum(problem.price[problem.free])) or 1.0
    program.linear.minimise(np.where(problem.free, _OBJECTIVE * problem.price / unit, 0.0))
    bound = None
    for _ in range(_MOST_ROUNDS):
        found = program.linear.solve(seconds)
        bound = found.bound * unit / _OBJECTIVE
        if found.y is None:
            return Proof(None, None, found.proven)
        y = np.where(problem.free & whole, np.round(found.y), found.y)
        added = _tangents(program, y, found.y, whole)
        if not whole and not added:
            return Proof(y, bound, found.proven)
        if whole and problem.solved(y):
            return Proof(y, problem.cost(y) if found.proven else bound, found.proven)
        if whole and not added:
            program.forbid(y)
    return Proof(None, bound, False)


def furthest(problem: Problem, whole: bool, seconds: float = 60.0) -> Proof:
    """Return the implementation that misses the worst aim least, and the least that it can be missed by [scale]."""
    program = _Program(problem, whole, slack=True)
    best: Floats | None = None
    bound = None
    for _ in range(_MOST_ROUNDS):
        found = program.linear.solve(seconds)
        bound = found.bound / _OBJECTIVE
        if found.y is None:
            return Proof(best, None, found.proven)
        best = np.where(problem.free & whole, np.round(found.y), found.y)
        lacking = found.objective / _OBJECTIVE
        if whole and not problem.world.limits.hold(best):
            program.forbid(best)
        elif not _tangents(program, best, found.y, whole, lacking):
            return Proof(best, bound, found.proven)
    return Proof(best, bound, False)


def _tangents(program: _Program, y: Floats, relaxed: Floats, whole: bool, lacking: float = 0.0) -> bool:
    """Add tangents of the convex aims that y misses by more than the program thinks; tell whether there were any."""
    added = False
    for number, aim in enumerate(program.problem.aims):
        if aim.response.shape != "convex":
            continue
        amounts = aim.amounts(y if whole else relaxed)
        over = (aim.response.measured(amounts) - aim.bound) / program.problem.scale[number]
        if over > lacking + 10 * _TOLERANCE and _news(program, number, amounts):
            program.tangent(number, amounts)
            added = True
    return added


def _news(program: _Program, number: int, amounts: Floats) -> bool:
    """Tell whether a tangent there differs from those at the corners: on a straight aim none does."""
    aim = program.problem.aims[number]
    at = [aim.amounts(y) for y in _corners(program.problem)]
    told = max(aim.response.measured(q) + aim.response.slope(q) @ (amounts - q) for q in at)
    return bool(aim.response.measured(amounts) - told > _TOLERANCE * program.problem.scale[number])


def _corners(problem: Problem) -> list[Floats]:
    return [problem.world.low, problem.world.high]


def _smooth_point(aim: Aim, amounts: Floats) -> Floats:
    """Return a point at hand where the aim has one slope: at a kink differences tell a slope that is none."""
    if aim.response.shape == "linear":
        return amounts
    for step in range(5):
        moved = amounts * (1.0 - 1e-3 * step)
        here, beside = aim.response.slope(moved), aim.response.slope(moved * (1.0 - 2e-4))
        if np.allclose(here, beside, rtol=1e-6, atol=1e-9):
            return moved
    return amounts
