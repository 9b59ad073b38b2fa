"""Targets with a probability: the deterministic threshold is moved until what is chosen reaches it often enough.

A probability is asked of whoever samples, as a function of levels: of `likelihood.probability_of`, by the draws that
`emis run` tells probabilities by, unless somebody else is named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from emis.inventory import Floats
from emis.plan import Target
from emis.program import Program

__all__ = ["Moved", "Probability", "Sampler", "moved_until"]

_MOST_STEPS = 40
#: Width, in the scale of the aims, to which the threshold is found.
_WIDTH = 1e-4


class Probability(Protocol):
    """How likely levels reach the targets together."""

    def __call__(self, levels: Floats, /) -> float:
        """Return the probability [1] at levels, M × T."""
        ...


#: Gives the probability of targets on a program; its levels are those of full implementation.
Sampler = Callable[[Program, Sequence[Target]], Probability]


@dataclass(frozen=True)
class Moved:
    """An implementation, M, its probability, and how far thresholds were moved for it [scale; − is tighter].

    NaN is for an implementation that no threshold was moved for.
    """

    y: Floats | None
    probability: float | None
    by: float


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
