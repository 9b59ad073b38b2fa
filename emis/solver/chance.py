"""Targets with a probability: the deterministic threshold is moved until what is chosen reaches it often enough.

A probability is asked of whoever samples, as a function of levels. For targets on the air the draws of `emis run` are
at hand: base year, composition, shares, response, neighbours, weather, monitors; emissions are taken as computed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from emis.airquality import draws
from emis.inventory import Floats
from emis.plan import Target
from emis.program import Program
from emis.solver.aims import Aim, AirResponse, holds
from emis.target_amounts import Untold

__all__ = ["Moved", "Probability", "Sampler", "air_probability", "moved_until"]

_MOST_STEPS = 40
#: Width, in the scale of the aims, to which the threshold is found.
_WIDTH = 1e-4


class Probability(Protocol):
    """How likely levels reach the targets together."""

    def __call__(self, levels: Floats) -> float:
        """Return the probability [1] at levels, M × T."""
        ...


#: Gives the probability of targets on a program; its levels are those of full implementation.
Sampler = Callable[[Program, Sequence[Target]], Probability]


@dataclass(frozen=True)
class Moved:
    """An implementation, M, its probability, and how far thresholds were moved for it [scale; − is tighter]."""

    y: Floats | None
    probability: float | None
    by: float


def air_probability(aims: Sequence[Aim], seed: int, samples: int) -> Probability:
    """Return the probability of targets on the air, from the draws that `emis run` tells it by.

    Raises
    ------
    Untold
        When one of the targets is not on the air.
    """
    responses: list[AirResponse] = []
    for one in aims:
        if not isinstance(one.response, AirResponse):
            raise Untold(
                f"the probability of {one.target.id} takes samples of emissions, and none were given",
                f"{one.target.id} 的概率需要排放抽样，未提供",
            )
        responses.append(one.response)
    names = {name for one in responses for group in one.one.parameters().values() for name in group}
    uniform = {name: draws.uniform(seed, f"air/{name}", samples) for name in sorted(names)}

    def probability(levels: Floats) -> float:
        reached = np.ones(samples, dtype=bool)
        for one, response in zip(aims, responses, strict=True):
            reached &= holds(one.target, one.required, response.drawn(one.exact(levels), uniform))
        return float(reached.mean())

    return probability


def moved_until(
    solve: Callable[[float], Floats | None], probability: Callable[[Floats], float], wanted: float,
    tightest: float, loosest: float,
) -> Moved:  # fmt: skip
    """Return what reaches a probability at the loosest threshold, by bisection between two moves of it [scale].

    Exact when the probability rises with every tightening; what is returned has it in any case.
    """
    y = solve(tightest)
    sure = None if y is None else probability(y)
    if y is None or sure is None or sure < wanted:
        return Moved(None, sure, tightest)
    easy = solve(loosest)
    if easy is not None and (likely := probability(easy)) >= wanted:
        return Moved(easy, likely, loosest)
    best, low, high = Moved(y, sure, tightest), tightest, loosest
    for _ in range(_MOST_STEPS):
        if high - low <= _WIDTH:
            break
        middle = (low + high) / 2
        y = solve(middle)
        sure = None if y is None else probability(y)
        if y is not None and sure is not None and sure >= wanted:
            best, low = Moved(y, sure, middle), middle
        else:
            high = middle
    return best
