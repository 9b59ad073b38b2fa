"""What `solve` answers: which measures, how far, at what price, what that reaches, and how sure it is the least."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from emis.plan import Target
from emis.scenario import Scenario

__all__ = ["Certificate", "Choice", "Minimised", "Outcome", "Point", "Reach", "Solution", "Step"]

Minimised = Literal["cost", "effort"]


@dataclass(frozen=True, slots=True)
class Choice:
    """How far a measure is implemented, `level` [1], and its price: `full` when fully implemented.

    `beyond` says that it is an option the plan does not have, `held` that it could not be chosen.
    """

    measure: str
    title: str
    title_zh: str
    level: float
    full: float
    beyond: bool
    held: bool

    @property
    def price(self) -> float:
        """What it costs, or takes, at its level."""
        return self.level * self.full


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a target, in `unit`: with no measure, as the scenario has it, and solved.

    `scenario` is None where the scenario overdraws a stock.
    """

    target: str
    title: str
    title_zh: str
    unit: str
    required: float
    nothing: float
    scenario: float | None
    achieved: float
    reached: bool


@dataclass(frozen=True, slots=True)
class Certificate:
    """How good an answer is.

    `bound` is a price that no implementation reaching the targets stays under, `gap` how far the answer is above it,
    relative to the answer [1]; `proven` that it is the least, or that there is none. A continuous answer also has the
    residual of its optimality conditions [1] and the number of starts.
    """

    proven: bool
    bound: float | None
    gap: float | None
    residual: float | None = None
    starts: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What can be reached at most of a target, chosen freely; with everything at 100 %; and were all of it phased in.

    `everything` is None where limits on stock or exclusive alternatives do not let everything be done.
    """

    target: str
    unit: str
    required: float
    best: float
    everything: float | None
    phased_in: float | None


@dataclass(frozen=True, slots=True)
class Reach:
    """Why targets are not reached: what is reachable, and what stands in the way, in English and Chinese."""

    steps: tuple[Step, ...]
    binding: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the cost curve: the least price of a reduction [%], and what the step to it costs.

    `removed` is what it takes off against no measure, `incremental` the price of a further unit of that since the point
    before; None where nothing further was removed.
    """

    reduction: float
    reached: bool
    price: float | None = None
    achieved: float | None = None
    removed: float | None = None
    incremental: float | None = None
    bound: float | None = None
    levels: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Solution:
    """The answer to what would reach `targets`.

    Attributes
    ----------
    price : float
        Annual cost [unit] or effort [1] of what is chosen; where targets are not reached, of what comes nearest.
    probability, asked : float or None
        That the targets are reached together [1], and what was asked; `moved` is how far thresholds were moved for it,
        relative to what is lacking with no measure, negative is tighter.
    """

    scenario: Scenario
    targets: tuple[Target, ...]
    minimised: Minimised
    unit: str
    on_off: bool
    reached: bool
    choices: tuple[Choice, ...]
    outcomes: tuple[Outcome, ...]
    price: float
    certificate: Certificate
    reach: Reach | None = None
    curve: tuple[Point, ...] = ()
    curve_unit: str = ""
    asked: float | None = None
    probability: float | None = None
    moved: float | None = None

    @property
    def levels(self) -> dict[str, float]:
        """Implementation of each measure [1]."""
        return {one.measure: one.level for one in self.choices}

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as data."""
        kept = ("minimised", "unit", "on_off", "reached", "price", "curve_unit", "asked", "probability", "moved")
        found: dict[str, Any] = {"targets": [one.id for one in self.targets]}
        found |= {name: getattr(self, name) for name in kept}
        found["choices"] = [asdict(one) | {"price": one.price} for one in self.choices]
        found["outcomes"] = [asdict(one) for one in self.outcomes]
        found["certificate"] = asdict(self.certificate)
        found["reach"] = asdict(self.reach) if self.reach else None
        found["curve"] = [asdict(one) for one in self.curve]
        return found
