"""What can be reached of a target at most, and what stands in the way."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from emis.inventory import Floats
from emis.solver.aims import Aim
from emis.solver.exact import Proof
from emis.solver.forms import touched
from emis.solver.problem import Problem
from emis.solver.solution import Reach, Step

__all__ = ["explain"]

#: Measures named where many are not yet in place.
_MOST_NAMED = 8
_FULL = 1 - 1e-5


def explain(problem: Problem, y: Floats, furthest: Callable[[Problem], Proof]) -> Reach:
    """Return what each target can reach by itself, and what binds at y, where all of them are missed least."""
    alone = [Problem(problem.world, problem.price, (one,)) for one in problem.aims]
    steps = tuple(_step(one, y if len(alone) == 1 else furthest(one).y, furthest) for one in alone)
    later = problem.world.phased_in().aims([one.target for one in problem.aims])
    return Reach(steps, tuple(_binding(problem, y, _matter(later))))


def _matter(aims: Sequence[Aim]) -> NDArray[np.bool_]:
    return np.asarray(np.any([touched(one) for aim in aims for one in aim.quantities], axis=0))


def _step(problem: Problem, y: Floats | None, furthest: Callable[[Problem], Proof]) -> Step:
    (aim,), world = problem.aims, problem.world
    later = world.phased_in()
    then = Problem(later, problem.price, later.aims((aim.target,)))
    everything = _told(problem, world.high) if world.limits.hold(world.high) else None
    return Step(
        aim.target.id, aim.unit, aim.required, _told(problem, world.low if y is None else y), everything,
        None if (there := furthest(then).y) is None else _told(then, there),
    )  # fmt: skip


def _told(problem: Problem, y: Floats) -> float:
    (aim,) = problem.aims
    return aim.response.told(aim.exact(problem.levels(y)))


def _binding(problem: Problem, y: Floats, would: NDArray[np.bool_]) -> list[tuple[str, str]]:
    """Return what is used up at y: levels, stock and alternatives, phase-in of measures that `would` matter, M."""
    world = problem.world
    matter = _matter(problem.aims)
    full = matter & (y >= _FULL)
    found = [
        (
            f"{np.count_nonzero(full)} of the {np.count_nonzero(matter)} measures that matter are at 100 %",
            f"{np.count_nonzero(matter)} 项相关措施中有 {np.count_nonzero(full)} 项已达 100 %",
        )
    ]
    if held := [name for name, free, one in zip(world.measures, problem.free, matter, strict=True) if one and not free]:
        found.append((f"held: {_some(held, ', ')}", f"固定不变：{_some(held, '、')}"))
    found += [(f"used up: {english}", f"已用尽：{chinese}") for english, chinese in world.limits.tight(y, matter)]
    for year in sorted({one.target.by for one in problem.aims if one.target.by is not None}):
        levels = _in_year(problem, year)
        here = np.flatnonzero(would & (full | (levels == 0)))
        ordered = [i for i in sorted(here, key=levels.item) if levels[i] < _FULL]
        late = [f"{world.measures[i]} {100 * levels[i]:.3g} %" for i in ordered]
        if late:
            found.append(
                (
                    f"phase-in{_delay(problem)[0]}: in {year} only {_some(late, ', ')} in place",
                    f"实施进度{_delay(problem)[1]}：{year} 年仅有 {_some(late, '、')} 到位",
                )
            )
    return found


def _in_year(problem: Problem, year: int) -> Floats:
    """Return how far each measure, fully implemented, is in place in a year, M [1]."""
    program = problem.world.program
    number = program.years.index(year)
    periods = slice(number * program.months, (number + 1) * program.months)
    days = program.days[number]
    return np.asarray(program.levels[:, periods] @ days / days.sum())


def _delay(problem: Problem) -> tuple[str, str]:
    years = problem.world.given.document.delay
    return (f" with the delay of {years} yr", f"（推迟 {years} 年）") if years else ("", "")


def _some(names: list[str], between: str) -> str:
    more = len(names) - _MOST_NAMED
    shown = between.join(names[:_MOST_NAMED])
    return f"{shown}{between}+{more}" if more > 0 else shown
