"""The balance of mass: what the inventory has, what is on the grid and beside it, and what the file holds of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from emis.coded import Coded
from emis.errors import Issues
from emis.interchange.gridding.placing import Placed, tonnes_of
from emis.interchange.gridding.speciating import Amounts
from emis.inventory import Floats

__all__ = ["CLOSED", "Balance", "Written", "balance", "check_outside"]

#: How far apart sums of the same mass may be, relative to it.
CLOSED = 1e-9
_MOST = 10


@dataclass(frozen=True)
class Balance:
    """Sums by pollutant, P [t/yr]: of the inventory, of all cells of the grid, and of what lies outside it."""

    pollutants: tuple[str, ...]
    inventory: Floats
    inside: Floats
    outside: Floats

    @property
    def residual(self) -> Floats:
        """What is missing, or too much, P [t/yr]."""
        return self.inventory - self.inside - self.outside

    def lines(self) -> list[str]:
        """Return a line for each pollutant."""
        several = zip(self.pollutants, self.inventory, self.inside, self.outside, self.residual, strict=True)
        return [
            f"{name}: inventory {whole:.10g} t = grid {inside:.10g} t + outside {outside:.6g} t, residual {rest:.1e} t"
            for name, whole, inside, outside, rest in several
        ]

    def record(self) -> dict[str, dict[str, float]]:
        """Return the same as JSON has it."""
        several = zip(self.pollutants, self.inventory, self.inside, self.outside, self.residual, strict=True)
        return {
            name: {"inventory": float(a), "grid": float(b), "outside": float(c), "residual": float(d)}
            for name, a, b, c, d in several
        }

    def check(self, where: tuple[str, int], issues: Issues) -> None:
        """Refuse a grid that does not hold what the inventory does."""
        for name, rest, whole in zip(self.pollutants, self.residual, self.inventory, strict=True):
            if abs(rest) > CLOSED * max(whole, 1e-300):
                issues.error(*where, "grid", f"{name} does not close: {rest:.3g} t of {whole:.6g} t", "report this")


def balance(amounts: Amounts, placed: Placed) -> Balance:
    """Return the balance of what is gridded; the sum over the grid is taken over its cells, not over sources."""
    here = placed.place >= 0
    count = placed.weights.shape[0]
    inside = []
    for column in amounts.tonnes.T:
        places = np.bincount(placed.place[here], column[here], count)
        inside.append(float((placed.weights.T @ places).sum()) if count else 0.0)
    outside = (amounts.tonnes * placed.outside[:, None]).sum(axis=0)
    whole = np.array([math.fsum(column) for column in amounts.tonnes.T])
    return Balance(amounts.pollutants, whole, np.array(inside), outside)


def check_outside(
    amounts: Amounts, placed: Placed, found: Balance, refuse: bool, where: tuple[str, int], issues: Issues
) -> None:
    """Tell what lies outside the grid, by region with its tonnes: a fault, or a warning where that is allowed."""
    if not (found.outside > CLOSED * found.inventory).any():
        return
    regions = Coded.of(amounts.inventory.labels["region"])
    sums: Floats = np.stack(
        [np.bincount(regions.codes, column * placed.outside, len(regions.values)) for column in amounts.tonnes.T]
    )
    order = np.argsort(-sums.sum(axis=0), kind="stable")
    order = order[(sums[:, order] > CLOSED * found.inventory[:, None]).any(axis=0)]
    for code in order[:_MOST].tolist():
        name = regions.values[code]
        told = f"of the region {name!r}" if name else "of sources without a region"
        message = f"{tonnes_of(sums[:, code], amounts.pollutants)} {told} are outside the grid"
        tell = issues.error if refuse else issues.warn
        tell(*where, "outside", message, "enlarge the grid, or write outside: report" if refuse else "")
    if len(order) > _MOST:
        rest = tonnes_of(sums[:, order[_MOST:]].sum(axis=1), amounts.pollutants)
        tell = issues.error if refuse else issues.warn
        tell(*where, "outside", f"{rest} of {len(order) - _MOST:,} regions more are outside the grid")


@dataclass
class Written:
    """What goes into a file, summed as it is written: in double precision, and as the file's own numbers are."""

    names: tuple[str, ...]
    units: tuple[str, ...]
    expected: Floats
    share: Floats
    whole: Floats = field(init=False)
    cast: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.whole, self.cast = np.zeros(len(self.names)), np.zeros(len(self.names))

    def add(self, block: Floats, number: int, kept: Any, scale: Any = 1.0) -> None:
        """Add a species of some hours: in double precision, and as kept in the file; `scale` undoes its unit."""
        self.whole[number] += block.sum()
        self.cast[number] += (kept.astype(float) * scale).sum()

    def lines(self) -> list[str]:
        """Return a line for each species."""
        several = zip(self.names, self.units, self.expected, self.whole, self.cast, self.share, strict=True)
        return [
            f"{name}: {whole:.10g} {unit} written, {_off(whole, expected)} off the expected {100 * share:.6g} % of"
            f" the year; as 32-bit numbers {_off(cast, whole)} off"
            for name, unit, expected, whole, cast, share in several
        ]

    def record(self) -> dict[str, dict[str, Any]]:
        """Return the same as JSON has it."""
        several = zip(self.names, self.units, self.expected, self.whole, self.cast, self.share, strict=True)
        return {
            name: {"unit": unit, "expected": float(a), "written": float(b), "as 32-bit": float(c), "share": float(d)}
            for name, unit, a, b, c, d in several
        }

    def check(self, where: tuple[str, int], issues: Issues) -> None:
        """Refuse a file that does not hold what was expected of the period."""
        for name, whole, expected in zip(self.names, self.whole, self.expected, strict=True):
            if abs(whole - expected) > CLOSED * max(abs(expected), 1e-300):
                issues.error(*where, name, f"{whole:.10g} was written and {expected:.10g} expected", "report this")


def _off(value: float, from_: float) -> str:
    return f"{abs(value / from_ - 1):.1e}" if from_ else "0"


def told_shares(values: Sequence[Floats], inside: Floats, of_period: Floats) -> tuple[Floats, Floats]:
    """Return what is expected of a period by species, J, and which part of what is on the grid in a year that is.

    Parameters
    ----------
    inside, of_period : ndarray, S [1]
        The share of each source on the grid, and of its year in the period.
    """
    expected = np.array([math.fsum(one * inside * of_period) for one in values])
    year = np.array([math.fsum(one * inside) for one in values])
    return expected, np.divide(expected, year, out=np.zeros_like(year), where=year > 0)
