"""The cost curve: the least price of reductions from 5 to 50 %, and the price of each further step, not the average."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from emis.errors import InputError, Issue
from emis.inventory import Floats
from emis.plan import Target
from emis.solver.aims import Aim
from emis.solver.problem import Problem
from emis.solver.solution import Certificate, Point
from emis.target_amounts import Untold

__all__ = ["REDUCTIONS", "curve", "curve_unit"]

#: What is asked, [1].
REDUCTIONS = tuple(number / 100 for number in range(5, 55, 5))


class Found(Protocol):
    """An implementation, M, or None, with its certificate."""

    @property
    def y(self) -> Floats | None:
        """The implementation."""

    @property
    def certificate(self) -> Certificate:
        """How good it is."""


def curve(problem: Problem, target: Target, best: Callable[[Problem, Sequence[Floats]], Found]) -> tuple[Point, ...]:
    """Return the curve of a target: on a reduction, or on emissions, whose ceiling becomes a reduction since then.

    Solved from the largest reduction down, each with what reaches more as a start, so that prices never fall with the
    reduction. The incremental price is Δprice/Δremoved between neighbours.

    Raises
    ------
    InputError
        For other targets, of which no reduction is told.
    """
    base = problem.world.program.inventory.base_year
    if target.reduce_by is None and target.indicator not in ("emissions", "activity"):
        message = f"{target.id} is a ceiling and not a reduction: there is no curve of it"
        raise InputError([Issue("", 0, "", message, "leave --curve out, or write reduce_by")])
    found: list[tuple[float, Floats | None, float | None]] = []
    more: list[Floats] = []
    for reduction in reversed(REDUCTIONS):
        asked = {"reduce_by": reduction, "at_most": None, "at_least": None, "since": target.since or base}
        one = Problem(problem.world, problem.price, _aims(problem, target.model_copy(update=asked)))
        answer = best(one, more)
        y = answer.y
        for other in more:  # what reaches more reaches this
            if one.solved(other) and (y is None or one.cost(other) < one.cost(y)):
                y = other
        more = more if y is None else [y]
        found.append((reduction, y, answer.certificate.bound))
    return _points(problem, target.model_copy(update=asked), found[::-1])


def curve_unit(target: Target) -> str:
    """Return what a price is told per: tonnes of emissions, else percentage points."""
    return "t" if target.indicator == "emissions" else "pp"


def _aims(problem: Problem, target: Target) -> tuple[Aim, ...]:
    try:
        return problem.world.aims((target,))
    except Untold as gap:
        raise InputError([Issue("", 0, "", f"{target.id} has no curve: {gap.english}")]) from None


def _points(
    problem: Problem, target: Target, found: Sequence[tuple[float, Floats | None, float | None]]
) -> tuple[Point, ...]:
    (aim,) = _aims(problem, target)
    tonnes = target.indicator == "emissions"

    def removed_at(y: Floats) -> float:
        now, blank = (aim.exact(problem.levels(at)) for at in (y, np.zeros_like(y)))
        return float(blank[0] - now[0]) if tonnes else aim.response.told(now) - aim.response.told(blank)

    points: list[Point] = []
    price, removed = problem.cost(problem.world.low), removed_at(problem.world.low)
    for reduction, y, bound in found:
        if y is None:
            points.append(Point(100 * reduction, False))
            continue
        here, gone = problem.cost(y), removed_at(y)
        further = gone - removed
        incremental = (here - price) / further if further > 1e-9 * max(abs(gone), 1.0) else None
        levels = {name: float(one) for name, one in zip(problem.world.measures, y, strict=True) if one > 0}
        told = aim.response.told(aim.exact(problem.levels(y)))
        points.append(Point(100 * reduction, True, here, told, gone, incremental, bound, levels))
        price, removed = here, gone
    return tuple(points)
