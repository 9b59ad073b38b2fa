"""An explanation as data: what a number is made of, line by line, each with what it rests on."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from emis.explanation.figures import RESULT, chain_digits, figure, shown, summed

__all__ = ["Basis", "Explanation", "Lang", "Step"]

Lang: TypeAlias = Literal["zh", "en"]
Kind: TypeAlias = Literal["source", "total", "target", "measure", "moves", "leaves"]
Sign: TypeAlias = Literal["", "+", "×", "="]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a number rests on: file and line, grade from A (measured) to E (assumed), reference, 95 % interval."""

    file: str = ""
    line: int = 0
    grade: str = ""
    reference: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def place(self) -> str:
        """File and line, as messages write them."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Step:
    """One line: how a number joins what stands above it.

    Attributes
    ----------
    sign : str
        "" begins, "+" adds (a negative value takes away), "×" multiplies, "=" says what there is up to here.
    value, unit : float, str
        The number as it is shown; `scale` is what one `unit` is in the units of the chain (1e-6 for g where t count).
    total : float
        What there is after this line, NaN where it is not told.
    name : str
        The source, measure, sector or pollutant it is about.
    level : float or None
        How far a measure is in place [1].
    base, no_plan : float or None
        Beside an amount of a year: that of the base year, and of the same year without the plan.
    """

    kind: str
    sign: Sign
    value: float
    unit: str
    text: str
    total: float = float("nan")
    scale: float = 1.0
    name: str = ""
    level: float | None = None
    details: tuple[str, ...] = ()
    basis: tuple[Basis, ...] = ()
    base: float | None = None
    no_plan: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a number is what it is; `steps` lead from the first figure of a file to `value` [unit].

    Where several numbers are asked for at once they stand in `parts`: pollutants of a source, both years of a target.
    `facts` are labels with what belongs to them, `notes` what a reader should know. `value` is NaN where it is not
    known, or where there is no single one. `base` and `no_plan` are that of the base year and that without the plan.
    """

    kind: Kind
    name: str
    title: str
    value: float
    unit: str
    year: int
    pollutant: str = ""
    steps: tuple[Step, ...] = ()
    parts: "tuple[Explanation, ...]" = ()
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    base: float | None = None
    no_plan: float | None = None
    base_year: int = 0

    @property
    def ranked(self) -> bool:
        """Whether its steps are rows that add up, the largest first, rather than a chain."""
        return self.kind in ("total", "measure")

    @property
    def chained(self) -> bool:
        """Whether its steps are a chain, each line joined to those above it."""
        return self.kind == "source"

    def digits(self) -> int:
        """Return with how many digits its steps are shown, so that they lead to the value as it is shown."""
        if self.ranked:
            return summed([step.value for step in self.steps])
        return chain_digits([(step.sign, step.value, step.scale) for step in self.steps]) if self.chained else RESULT

    def shown(self) -> tuple[tuple[str, str], ...]:
        """Return sign and number of each step as they are shown; the last one as the value itself is."""
        digits, last = self.digits(), len(self.steps) - 1
        return tuple(
            ("=", figure(step.value)) if number == last and step.sign == "="
            else shown(step.sign, step.value, digits, self.ranked)
            for number, step in enumerate(self.steps)
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Return the explanation as data."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.title
        yield from (f"  {label}: {text}" for label, text in self.facts)
        for step, parts in zip(self.steps, self.shown(), strict=True):
            number = " ".join(filter(None, (*parts, step.unit)))
            basis = "; ".join(filter(None, (one.place for one in step.basis)))
            yield f"  {number}  {step.text}" + (f" [{basis}]" if basis else "")
        for part in self.parts:
            yield from (f"  {line}" for line in str(part).splitlines())
        yield from (f"  {note}" for note in self.notes)
        if self.value == self.value:
            yield f"  {self.title} = {figure(self.value)} {self.unit}".rstrip()
