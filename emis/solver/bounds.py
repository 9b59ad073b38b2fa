"""A lower bound on the price of any implementation, continuous ones too, by branch and bound on boxes of levels.

Within a box low ≤ y ≤ high the relaxed program bounds the price from below, the closer the narrower the box. The box of
the lowest bound is halved, at the measure whose level lies furthest within it among those that are not linear, until
the bound meets the price of what was found, or there are too many boxes (Falk and Soland, Management Science 15, 1969,
550).
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from emis.inventory import Floats
from emis.solver.exact import Proof, cheapest
from emis.solver.forms import Flags
from emis.solver.problem import Problem

__all__ = ["Bound", "raised"]


@dataclass(frozen=True)
class Bound:
    """A bound on the price, infinite where nothing reaches the aims; and relaxed points of the boxes, M each."""

    value: float
    points: tuple[Floats, ...]


def raised(problem: Problem, relaxed: Proof, price: float, close: float, boxes_at_most: int) -> Bound:
    """Return a bound that is at least that of the relaxed program, raised until it is as close to a price as asked.

    Parameters
    ----------
    relaxed : Proof
        The relaxed program of the whole box.
    price : float
        Of the best that was found, infinite where nothing was: boxes beyond it are not looked at.
    close : float
        Relative distance from `price` that is close enough [1].
    boxes_at_most : int
        How many boxes are cut in two: a count and not a time, so that a slow machine gives the same answer.
    """
    assert relaxed.y is not None
    assert relaxed.bound is not None
    ties = count()
    bent = _bent(problem)
    boxes = [(relaxed.bound, next(ties), relaxed.y, problem)]
    points: list[Floats] = []
    for _ in range(boxes_at_most):
        if not boxes:
            break
        lowest, _, y, box = boxes[0]
        if lowest >= price * (1 - close):
            break
        halves = list(_halves(box, y, bent))
        if not halves:
            break
        heapq.heappop(boxes)
        for half in halves:
            found = cheapest(half, whole=False)
            if found.y is None and found.proven:
                continue
            bound = lowest if found.bound is None else max(lowest, found.bound)
            if bound < price:
                at = y if found.y is None else found.y
                heapq.heappush(boxes, (bound, next(ties), at, half))
                points.append(at)
    return Bound(min([price, *(box[0] for box in boxes)]), tuple(points))


def _bent(problem: Problem) -> Flags:
    """Return the measures in which an aim is not linear, M: those of intensities, and what is under a ceiling."""
    quantities = [one for aim in problem.aims for one in aim.quantities]
    found = [(one.form.fall != 0).any(axis=0) for one in quantities]
    found += [ceiling.touched() for one in quantities for ceiling in one.ceilings]
    return np.asarray(np.any(found, axis=0)) & problem.free


def _halves(box: Problem, y: Floats, bent: Flags) -> Iterator[Problem]:
    """Yield a box cut in two where the relaxed point lies furthest within it; nothing when it lies in a corner."""
    low, high = box.world.low, box.world.high
    within = np.where(bent, np.minimum(y - low, high - y), 0.0)
    at = int(np.argmax(within))
    if within[at] <= 1e-6:
        wide = np.where(bent, high - low, 0.0)
        at = int(np.argmax(wide))
        if wide[at] <= 1e-3:
            return
    where = 0.5 * (low[at] + high[at]) if within[at] <= 1e-6 else 0.5 * (y[at] + 0.5 * (low[at] + high[at]))
    unit = np.arange(len(low)) == at
    for bottom, top in ((low, np.where(unit, where, high)), (np.where(unit, where, low), high)):
        yield replace(box, world=replace(box.world, low=bottom, high=top))
