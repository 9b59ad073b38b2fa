"""What the table of ratios is made of, a module for each kind of question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cases import SHAPES, Case
from table import Bar
from timing import Timed, interleaved

__all__ = ["Bench", "Section"]


@dataclass(frozen=True)
class Section:
    """Bars of one kind, and tables under their own captions."""

    bars: Sequence[Bar] = ()
    tables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """What is asked: shapes up to the largest, rounds, few of them over `slow` [s], and interpreters of peers.

    `seconds` is every second measured.
    """

    shapes: tuple[str, ...]
    rounds: int
    slow: float
    pythons: tuple[str, ...] = ()
    seconds: dict[str, Timed] = field(default_factory=dict)

    @property
    def largest(self) -> str:
        """The shape at which the bars are told."""
        return max(self.shapes, key=SHAPES.__getitem__)

    def case(self, pattern: str = "few", most: str = "nation", **of: int) -> Case:
        """Return the case of the largest shape, or of `most` where that is less."""
        return Case(min(SHAPES[self.largest], SHAPES[most]), pattern, **of)

    def timed(
        self,
        title: str,
        calls: Mapping[str, Callable[[], object]],
        rounds: int = 0,
        warm: Mapping[str, float] | None = None,
    ) -> Timed:
        """Measure calls in turn, and keep what was measured under a title."""
        print(f"  {title} ...", flush=True)
        self.seconds[title] = interleaved(calls, rounds or self.rounds, self.slow, warm)
        return self.seconds[title]


def shape_of(case: Case) -> str:
    """Return how the tables name a case."""
    name = next((name for name, size in SHAPES.items() if size == case.sources), f"{case.sources:,} sources")
    return f"{name}, {case.pattern}"


def spell(seconds: float) -> str:
    """Write a time with three digits."""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{1e3 * seconds:.3g} ms" if seconds >= 1e-3 else f"{1e6 * seconds:.3g} us"
