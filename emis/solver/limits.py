"""What levels may not exceed together: the stock that measures move, and alternatives that exclude each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emis.inventory import Floats
from emis.program import Program

__all__ = ["Limits", "limits"]

#: Relative slack of a stock, as the compiler has it.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Limits:
    """Rows `parts`·y ≤ `bound`, y the implementation of each measure, parts all positive; what each is about.

    `stocks` tells which rows are stocks, told in the share of it that is there [1].
    """

    parts: Floats
    bound: Floats
    names: tuple[tuple[str, str], ...]

    def hold(self, y: Floats) -> bool:
        """Tell whether y keeps to all of them."""
        return bool(np.all(self.parts @ y <= self.bound + _ROUNDING))

    def tight(self, y: Floats, matter: NDArray[np.bool_]) -> list[tuple[str, str]]:
        """Return what is used up at y by measures that matter, in English and Chinese."""
        used = self.bound - self.parts @ y <= 1e-5
        drawn = (self.parts * y * matter).any(axis=1)
        return [self.names[row] for row in np.flatnonzero(used & drawn)]


def limits(program: Program, exclusive: Sequence[Sequence[str]]) -> Limits:
    """Return the limits on implementation: of each stock that all measures together overdraw, of each exclusive group.

    A stock limit holds in every year with measures fully phased in, as feasibility of a plan does: Σ yᵢ τᵢ ≤ A.
    """
    parts: list[Floats] = []
    bound: list[float] = []
    names: list[tuple[str, str]] = []
    seen: set[bytes] = set()
    for source, year, taken, there in _overdrawn(program):
        row = taken / there if there > 0 else np.where(taken > 0, 1.0, 0.0)
        key = np.round(row, 12).tobytes()
        if key in seen:
            continue
        seen.add(key)
        parts.append(row)
        bound.append(1.0 if there > 0 else 0.0)
        label, when = program.inventory.labels["source"][source], program.years[year]
        names.append((f"the stock of {label} in {when}", f"{when} 年 {label} 的存量"))
    number = {measure.id: index for index, measure in enumerate(program.measures)}
    for group in exclusive:
        row = np.zeros(len(number))
        row[[number[name] for name in group if name in number]] = 1.0
        if np.count_nonzero(row) > 1:
            parts.append(row)
            bound.append(1.0)
            names.append((f"one of {', '.join(group)}", f"{'、'.join(group)} 只能取其一"))
    return Limits(np.array(parts).reshape(len(parts), len(number)), np.array(bound), tuple(names))


def _overdrawn(program: Program) -> list[tuple[int, int, Floats, float]]:
    """Return source, year, what each measure takes when fully in place, and what there is, where that is too little."""
    owner, leaving = program.transfers.owner, np.nan_to_num(np.maximum(-program.tau, 0.0))
    promised = np.zeros_like(program.activity)
    np.add.at(promised, owner, leaving)
    found = []
    for source, year in np.argwhere(promised > program.activity * (1 + _ROUNDING)):
        taken = np.zeros(len(program.measures))
        mine = slice(program.transfers.pointer[source], program.transfers.pointer[source + 1])
        np.add.at(taken, program.transfers.measure[mine], leaving[mine, year])
        found.append((int(source), int(year), taken, float(program.activity[source, year])))
    return found
