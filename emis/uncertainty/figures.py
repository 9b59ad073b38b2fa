"""What an inventory is unsure of: log-normal multipliers of activities and factors, one for what errs together.

A figure with a 95 % interval from L to H has a multiplier exp(m + s z), z standard normal, with s = ln(H/L) / 3.92 and
m the logarithm of sqrt(L H) over the figure: the interval is taken at its word. Of a coefficient of variation c that
is s^2 = ln(1 + c^2) and a mean of 1. What errs together has one z (see `propagation`, which does the same to first
order): activities of one category, the count that rows share as their basis, factors of one row of a table or of one
method. Factors err alike in all base years; of the squared error of an activity a share `between_years` does, the rest
is each year's own. That is 0 where the activities of two years are counted anew, as trends are told by in the IPCC 2006
Guidelines, vol. 1, ch. 3, sec. 3.2.3, and near 1 where both come from the same assumed shares.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath

import numpy as np

from emis.inventory import Floats, Inventory
from emis.numbering import dense, firsts, refined
from emis.program import Indices
from emis.propagation import Deviations, deviations

__all__ = ["Columns", "Figures", "figures"]

#: Standard deviations between the ends of a 95 % interval.
_WIDTH = 2 * 1.96
#: What a lower end of 0 counts as, of the figure: a log-normal has none.
_LEAST = 0.1


@dataclass
class Columns:
    """Multipliers, each exp(mean + sd z) of the input it hangs on; equal ones are one."""

    inputs: list[str] = field(default_factory=list)
    input: list[int] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    sd: list[float] = field(default_factory=list)
    _known: dict[tuple[str, float, float], int] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str, mean: float, sd: float) -> int:
        """Return the column of a multiplier, a new one when there is none like it."""
        key = (name, mean, sd)
        if key not in self._known:
            self._known[key] = len(self.input)
            if name not in self._numbers:
                self._numbers[name] = len(self.inputs)
                self.inputs.append(name)
            self.input.append(self._numbers[name])
            self.mean.append(mean)
            self.sd.append(sd)
        return self._known[key]

    def drawn(self, normal: Floats) -> Floats:
        """Return multipliers, (draw, column) [1], of standard normal numbers, (draw, input)."""
        found = normal[:, self.input]
        found *= np.array(self.sd)
        found += np.array(self.mean)
        return np.asarray(np.exp(found, out=found))


@dataclass(frozen=True)
class Figures:
    """The multipliers of an inventory's figures, as columns of `Columns`; -1 for none.

    `activity` (S × 4): of what a row shares with its basis and of the rest, each of the year and of all years;
    `factor` (S × P).
    """

    activity: Indices
    factor: Indices


def figures(inventory: Inventory, columns: Columns, between_years: float = 0.0) -> Figures:
    """Return the multipliers of an inventory's figures; what states no interval has none."""
    known = deviations(inventory)
    return Figures(_activity(inventory, known, columns, between_years), _factor(inventory, known, columns))


def _log_normal(value: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of the logarithm of figure over value; 0 where no interval is stated."""
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.where(low > 0, low, _LEAST * value)
        sd = np.log(high / least) / _WIDTH
        mean = np.log(np.sqrt(least * high) / value)
    known = np.isfinite(sd) & np.isfinite(mean) & (sd > 0)
    # Equal intervals in different units are equal, whatever rounding makes of them.
    return np.where(known, np.round(mean, 12), 0.0), np.where(known, np.round(sd, 12), 0.0)


def _activity(inventory: Inventory, known: Deviations, columns: Columns, between_years: float) -> Indices:
    size, none = len(inventory), np.full(len(inventory), np.nan)
    bounds = inventory.bounds
    mean, sd = _log_normal(inventory.activity, bounds.get("activity_low", none), bounds.get("activity_high", none))
    cv = np.zeros(size) if inventory.basis_cv is None else np.nan_to_num(inventory.basis_cv)
    shared = np.minimum(np.round(np.sqrt(np.log1p(cv**2)), 12), sd)
    own = np.round(np.sqrt(sd**2 - shared**2), 12)
    labels, none_off = inventory.labels, np.zeros(size)

    def of_basis(row: int) -> str:
        assert inventory.basis is not None
        return f"basis {inventory.basis[row]}"

    def of_category(row: int) -> str:
        return f"{labels['sector'][row]}/{labels['category'][row]}"

    found = []
    parts = (("activity", between_years), (f"activity {inventory.base_year}", 1.0 - between_years))
    for number, (when, part) in enumerate(parts):
        scale = float(np.sqrt(part))
        for group, off, sd, name in (
            (known.basis_group, none_off, shared, of_basis),
            (known.activity_group, none_off if number == 0 and part < 1 else mean, own, of_category),
        ):
            named = partial(_named, when, name)
            found.append(_columns(columns, group, off, np.round(scale * sd, 12), named))
    return np.stack(found, axis=1)


def _named(when: str, name: Callable[[int], str], row: int) -> str:
    return f"{when} {name(row)}"


def _factor(inventory: Inventory, known: Deviations, columns: Columns) -> Indices:
    shape, none = inventory.factor.shape, np.full(len(inventory), np.nan)
    low, high = inventory.bounds.get("factor_low"), inventory.bounds.get("factor_high")
    found = np.full(shape, -1, dtype=np.intp, order="F")
    for p, pollutant in enumerate(inventory.pollutants):
        # A pollutant's figures are laid side by side, one pollutant at a time.
        mean, sd = _log_normal(
            np.ascontiguousarray(inventory.factor[:, p]),
            none if low is None else np.ascontiguousarray(low[:, p]),
            none if high is None else np.ascontiguousarray(high[:, p]),
        )

        def name(row: int, p: int = p, pollutant: str = pollutant) -> str:
            return _factor_name(inventory, row, p, pollutant)

        found[:, p] = _columns(columns, np.ascontiguousarray(known.factor_group[:, p]), mean, sd, name)
    return found


def _factor_name(inventory: Inventory, row: int, p: int, pollutant: str) -> str:
    labels = {name: str(column[row]) for name, column in inventory.labels.items()}
    if inventory.reported[row]:
        return f"reported {inventory.base_year} {labels['source']} {pollutant}"
    if inventory.computed is not None and inventory.computed[row, p]:
        return f"method {labels['sector']}/{labels['category']} {pollutant}"
    number = -1 if inventory.factor_row is None else int(inventory.factor_row[row, p])
    if number >= 0:
        one = inventory.factor_rows[number]
        # The folder is left out: where a project lies does not change its draws.
        return f"factor {PurePath(one.place[0]).stem}/{one.name}"
    parts = (labels[name] for name in ("sector", "category", "fuel", "technology"))
    return f"factor {'/'.join(filter(None, parts))} {pollutant}"


def _columns(columns: Columns, group: Indices, mean: Floats, sd: Floats, name: Callable[[int], str]) -> Indices:
    """Return the column of each row, -1 where the standard deviation is 0."""
    found = np.full(len(group), -1, dtype=np.intp)
    rows = np.flatnonzero(sd > 0)
    if not len(rows):
        return found
    code = refined(refined(dense(group[rows]), mean[rows]), sd[rows])
    numbers = [columns.number(name(row), float(mean[row]), float(sd[row])) for row in rows[firsts(code)].tolist()]
    found[rows] = np.array(numbers, dtype=np.intp)[code]
    return found
