"""Figures that remember their uncertainty, their grade and how they were made.

A `Figure` is a number of `sources.csv` or a piece of arithmetic on such numbers. Products and quotients combine their
95 % intervals in log space (the product rule), sums and differences in quadrature (the sum rule), each end for itself,
all parts taken as independent: IPCC 2006 Guidelines, vol. 1, ch. 3, approach 1.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

GRADES = "ABCDE"
_LEAF, _PRODUCT, _SUM = range(3)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with unit, 95 % interval and grade; `formula` is its arithmetic in the ids of `sources.csv`."""

    value: float
    unit: str
    low: float
    high: float
    grade: str
    formula: str
    ids: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    rank: int = _LEAF

    def __mul__(self, other: Figure | float) -> Figure:
        other = as_figure(other)
        ups, downs = math.hypot(self._up, other._up), math.hypot(self._down, other._down)
        text = f"{self._inside(_SUM)} x {other._inside(_SUM)}"
        return self._scaled(self.value * other.value, ups, downs, product(self.unit, other.unit, 1), other, text)

    def __truediv__(self, other: Figure | float) -> Figure:
        other = as_figure(other)
        ups, downs = math.hypot(self._up, other._down), math.hypot(self._down, other._up)
        text = f"{self._inside(_SUM)} / {other._inside(_PRODUCT)}"
        return self._scaled(self.value / other.value, ups, downs, product(self.unit, other.unit, -1), other, text)

    def __add__(self, other: Figure | float) -> Figure:
        other = as_figure(other)
        up = math.hypot(self.high - self.value, other.high - other.value)
        down = math.hypot(self.value - self.low, other.value - other.low)
        return self._shifted(self.value + other.value, up, down, other, f"{self.formula} + {other.formula}")

    def __sub__(self, other: Figure | float) -> Figure:
        other = as_figure(other)
        up = math.hypot(self.high - self.value, other.value - other.low)
        down = math.hypot(self.value - self.low, other.high - other.value)
        return self._shifted(self.value - other.value, up, down, other, f"{self.formula} - {other._inside(_SUM)}")

    def __rsub__(self, other: float) -> Figure:
        return as_figure(other) - self

    def called(self, name: str, how: str) -> Figure:
        """Return the figure under a name of its own, where its whole arithmetic would be too long to read."""
        text = f"'{name}' {grouped(self.value)} {self.unit}".rstrip() + f" ({how})"
        return replace(self, formula=text, rank=_LEAF)

    def _inside(self, rank: int) -> str:
        return f"({self.formula})" if self.rank >= rank else self.formula

    @property
    def _up(self) -> float:
        return self._log(self.high, self.value)

    @property
    def _down(self) -> float:
        return self._log(self.value, self.low)

    def _log(self, larger: float, smaller: float) -> float:
        if self.value == 0:
            return 0.0
        if smaller <= 0:
            raise ValueError(f"{self.formula}: an interval that reaches zero cannot be multiplied")
        return math.log(larger / smaller)

    def _scaled(self, value: float, up: float, down: float, unit: str, other: Figure, text: str) -> Figure:
        return self._merged(other, value, value * math.exp(-down), value * math.exp(up), unit, text, _PRODUCT)

    def _shifted(self, value: float, up: float, down: float, other: Figure, text: str) -> Figure:
        if self.unit != other.unit:
            raise ValueError(f"{text}: {self.unit or '1'} and {other.unit or '1'} do not add")
        return self._merged(other, value, value - down, value + up, self.unit, text, _SUM)

    def _merged(self, other: Figure, value: float, low: float, high: float, unit: str, text: str, rank: int) -> Figure:
        ids = tuple(dict.fromkeys(self.ids + other.ids))
        references = tuple(dict.fromkeys(self.references + other.references))
        return Figure(value, unit, low, high, worst(self.grade, other.grade), text, ids, references, rank)


def exact(value: float, unit: str = "") -> Figure:
    """Return a number without uncertainty: a conversion of units, a count of months."""
    return Figure(value, unit, value, value, "A", f"{grouped(value)} {unit}".strip())


def as_figure(value: Figure | float) -> Figure:
    """Return a plain number as an exact figure, a figure as it is."""
    return value if isinstance(value, Figure) else exact(value)


def worst(*grades: str) -> str:
    """Return the worst of some grades, A (measured) to E (assumed)."""
    return max(grades, key=GRADES.index)


def product(first: str, second: str, sign: int) -> str:
    """Return the unit of a product (sign 1) or a quotient (sign -1) of two units such as ``km/vehicle/yr``."""
    powers = _powers(first)
    for name, power in _powers(second).items():
        powers[name] += sign * power
    above = [name for name, power in powers.items() for _ in range(power)]
    below = [f"/{name}" for name, power in powers.items() for _ in range(-power)]
    return "*".join(above) + "".join(below) if above or not below else "1" + "".join(below)


def _powers(unit: str) -> Counter[str]:
    above, *below = unit.split("/")
    powers = Counter(name for name in above.split("*") if name not in ("", "1"))
    powers.subtract(below)
    return powers


def number(value: float, digits: int = 5) -> str:
    """Return a number in plain notation with `digits` significant digits."""
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def grouped(value: float, digits: int = 5) -> str:
    """Return a number as `number` does, with commas between the thousands of long ones."""
    whole, point, decimals = number(value, digits).partition(".")
    return f"{int(whole):,}{point}{decimals}" if len(whole) > 4 else whole + point + decimals


class Sources:
    """The figures of one year: ``sources["population"]`` is that year's row, else the row that holds for any year."""

    def __init__(self, path: Path, year: int) -> None:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.year = year
        self._rows = {row["id"]: row for row in rows if not row["year"]}
        self._rows |= {row["id"]: row for row in rows if row["year"] == str(year)}

    def __getitem__(self, name: str) -> Figure:
        row = self._rows[name]
        scale = 0.01 if row["unit"] == "%" else 1.0
        value, low, high = (float(row[end] or row["value"]) * scale for end in ("value", "low", "high"))
        unit = "" if row["unit"] == "%" else row["unit"]
        text = f"{name} {grouped(float(row['value']), 9)} {row['unit']}".rstrip()
        if row["grade"] == "E":
            text += f" (assumed {row['low']}-{row['high']})"
        cited = () if row["grade"] == "E" else (row["reference"],)
        return Figure(value, unit, low, high, row["grade"], text, (name,), cited)
