"""Multilinear forms in a mixed-integer linear program, exact where implementation is on or off.

Rows of a form on which the same measures J take shares off are written by the states z ⊆ J of these measures: in a
state what is left of each tonne is a number, so emissions are a_z + Σᵢ b_zi yᵢ. With λ_z for being in a state and u_zi
for λ_z·yᵢ,

    E = Σ_z (a_z λ_z + Σᵢ b_zi u_zi),   Σ_z λ_z = 1,   Σ_{z∋j} λ_z = yⱼ,   Σ_z u_zi = yᵢ,   0 ≤ u_zi ≤ λ_z

which holds exactly when y is 0 or 1, and otherwise bounds E from below as the tightest such program does (Sherali and
Adams, SIAM J. Discrete Math. 3, 1990, 411). More measures than can be written out one by one go through a chain of
products p ← p − f·(y·p) instead (McCormick, Math. Programming 10, 1976, 147), as exact for on and off.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from scipy import optimize, sparse

from emis.inventory import Floats
from emis.program import Indices
from emis.solver.forms import Ceiling, Flags, Form, Quantity

__all__ = ["Expression", "Linear", "Outcome"]

#: Measures on one row that are written out state by state: 2⁶ states at most.
_MOST_STATES = 6
_INFINITY = np.inf


@dataclass(frozen=True)
class Expression:
    """A constant and coefficients by variable; `low` and `high` are what it can at least and at most be."""

    constant: float = 0.0
    parts: Mapping[int, float] = field(default_factory=dict)

    def plus(self, other: "Expression", factor: float = 1.0) -> "Expression":
        """Return the sum with a multiple of another."""
        parts = dict(self.parts)
        for index, value in other.parts.items():
            parts[index] = parts.get(index, 0.0) + factor * value
        return Expression(self.constant + factor * other.constant, parts)


@dataclass(frozen=True)
class Outcome:
    """What HiGHS says: the implementation (None: there is none), a bound on the objective, and whether it is proven."""

    y: Floats | None
    bound: float
    proven: bool
    objective: float = np.nan


class Linear:
    """A program in the making; its first variables t say where implementation lies: y = low + (high − low)·t.

    With `whole` they are 0 or 1.
    """

    def __init__(self, low: Floats, high: Floats, whole: bool):
        self.floor, self.width = low, high - low
        self.low, self.high = [0.0] * len(low), [float(one > 0) for one in self.width]
        self.whole = [whole and one > 0 for one in self.width]
        self.cost, self.offset = [0.0] * len(low), 0.0
        self._entries: list[tuple[int, int, float]] = []
        self._row_low: list[float] = []
        self._row_high: list[float] = []

    def variable(self, low: float, high: float, whole: bool = False, cost: float = 0.0) -> int:
        """Add a variable and return its number."""
        self.low.append(low)
        self.high.append(high)
        self.whole.append(whole)
        self.cost.append(cost)
        return len(self.low) - 1

    def row(self, expression: Expression, low: float = -_INFINITY, high: float = _INFINITY) -> None:
        """Require low ≤ expression ≤ high."""
        number = len(self._row_low)
        self._entries.extend((number, index, value) for index, value in expression.parts.items() if value != 0)
        self._row_low.append(low - expression.constant)
        self._row_high.append(high - expression.constant)

    def rows(self, parts: Floats, bound: Floats) -> None:
        """Require parts·y ≤ bound, R × M and R."""
        for part, most in zip(parts, bound, strict=True):
            self.row(Expression(float(part @ self.floor), _nonzero(part * self.width)), high=float(most))

    def minimise(self, price: Floats) -> None:
        """Set price·y as what is minimised, M."""
        self.cost[: len(price)] = (price * self.width).tolist()
        self.offset = float(price @ self.floor)

    def solve(self, seconds: float) -> Outcome:
        """Minimise the cost with HiGHS, to a gap of nothing, for as long as `seconds`."""
        entries = np.array(self._entries).reshape(-1, 3)
        where = entries[:, :2].astype(int).T
        matrix = sparse.csr_array((entries[:, 2], tuple(where)), shape=(len(self._row_low), len(self.low)))
        constraints = [optimize.LinearConstraint(matrix, self._row_low, self._row_high)] if self._row_low else []
        with _silent():
            found = optimize.milp(
                np.array(self.cost), integrality=np.array(self.whole, dtype=int), constraints=constraints,
                bounds=optimize.Bounds(self.low, self.high),
                options={"mip_rel_gap": 0.0, "time_limit": seconds},
            )  # fmt: skip
        proven = found.status in (0, 2)
        if found.x is None:
            return Outcome(None, _INFINITY if proven else -_INFINITY, proven)
        bound = found.fun if found.mip_dual_bound is None else found.mip_dual_bound
        y = self.floor + self.width * np.clip(found.x[: len(self.floor)], 0.0, 1.0)
        return Outcome(y, float(bound) + self.offset, proven, float(found.fun) + self.offset)

    # -- what is multilinear -----------------------------------------------------------------------------------------

    def quantity(self, quantity: Quantity) -> Expression:
        """Return a quantity as a linear expression of new variables."""
        found = self.form(quantity.form)
        for one in quantity.ceilings:
            found = found.plus(self._ceiling(one))
        return found

    def form(self, form: Form) -> Expression:
        """Return a form as a linear expression of new variables."""
        form = form.within(self.floor, self.floor + self.width)
        on, found = form.fall != 0, Expression()
        for touched in np.unique(on, axis=0):
            rows = (on == touched).all(axis=1)
            measures = np.flatnonzero(touched)
            if len(measures) <= _MOST_STATES:
                found = found.plus(self._states(form, rows, measures))
            else:
                for row in np.flatnonzero(rows):
                    found = found.plus(self._chain(form, int(row), measures))
        return found

    def _states(self, form: Form, rows: Flags, measures: Indices) -> Expression:
        states = [np.array([index >> k & 1 for k in range(len(measures))], bool) for index in range(2 ** len(measures))]
        left = np.stack([np.prod(1.0 - form.fall[rows][:, measures[z]], axis=1) for z in states])
        constant, slope = left @ form.weight[rows], left @ form.moved[rows]
        if not len(measures):
            return Expression(float(constant[0]), _nonzero(slope[0]))
        inside = [self.variable(0.0, 1.0) for _ in states]
        found = Expression(0.0, dict(zip(inside, constant.tolist(), strict=True)))
        self.row(_sum(inside), 1.0, 1.0)
        for k, j in enumerate(measures):
            on = [number for number, z in zip(inside, states, strict=True) if z[k]]
            self.row(_sum(on).plus(Expression(0.0, {int(j): -1.0})), 0.0, 0.0)
        for i in np.flatnonzero(slope.any(axis=0)):
            moved = [self.variable(0.0, 1.0) for _ in states]
            self.row(_sum(moved).plus(Expression(0.0, {int(i): -1.0})), 0.0, 0.0)
            for product, state in zip(moved, inside, strict=True):
                self.row(Expression(0.0, {product: 1.0, state: -1.0}), high=0.0)
            found = found.plus(Expression(0.0, dict(zip(moved, slope[:, i].tolist(), strict=True))))
        return found

    def _chain(self, form: Form, row: int, measures: Indices) -> Expression:
        stock = Expression(float(form.weight[row]), _nonzero(form.moved[row]))
        for j in measures:
            low, high = self.range(stock)
            product = self.variable(min(low, 0.0), max(high, 0.0))
            y, q = Expression(0.0, {int(j): 1.0}), Expression(0.0, {product: 1.0})
            self.row(q.plus(y, -high), high=0.0)
            self.row(q.plus(y, -low), low=0.0)
            self.row(q.plus(stock, -1.0).plus(y, -low), high=-low)
            self.row(q.plus(stock, -1.0).plus(y, -high), low=-high)
            following = self.variable(*_after(low, high, float(form.fall[row, j])))
            self.row(Expression(0.0, {following: 1.0}).plus(stock, -1.0).plus(q, float(form.fall[row, j])), 0.0, 0.0)
            stock = Expression(0.0, {following: 1.0})
        return stock

    def _ceiling(self, ceiling: Ceiling) -> Expression:
        """Return what is left under a ceiling: U − l·q, q = y·v, v = max(0, U − L), and a switch for being above."""
        before = self.form(ceiling.inner)
        inner = ceiling.inner.within(self.floor, self.floor + self.width)
        least, most = (end - ceiling.limit for end in inner.ends())
        if most <= 0:
            return before
        over = before.plus(Expression(-ceiling.limit))
        v, above = self.variable(0.0, most), self.variable(0.0, 1.0, whole=True)
        excess = Expression(0.0, {v: 1.0})
        self.row(excess.plus(over, -1.0), low=0.0)
        self.row(excess.plus(over, -1.0).plus(Expression(0.0, {above: max(0.0, -least)})), high=max(0.0, -least))
        self.row(excess.plus(Expression(0.0, {above: -most})), high=0.0)
        m = ceiling.measure
        low, high = float(self.floor[m]), float(self.floor[m] + self.width[m])
        y, q = Expression(low, {m: float(self.width[m])}), Expression(0.0, {self.variable(0.0, most): 1.0})
        self.row(q.plus(excess, -high), high=0.0)
        self.row(q.plus(excess, -low), low=0.0)
        self.row(q.plus(y, -most).plus(excess, -low), high=-low * most)
        self.row(q.plus(y, -most).plus(excess, -high), low=-high * most)
        return before.plus(q, -ceiling.level)

    def range(self, expression: Expression) -> tuple[float, float]:
        """Return what an expression can at least and at most be, each variable by itself."""
        ends = [
            sorted((value * self.low[index], value * self.high[index])) for index, value in expression.parts.items()
        ]
        return expression.constant + sum(e[0] for e in ends), expression.constant + sum(e[1] for e in ends)


def _after(low: float, high: float, fall: float) -> tuple[float, float]:
    ends = (low, high, low * (1 - fall), high * (1 - fall))
    return min(ends), max(ends)


def _nonzero(values: Floats) -> dict[int, float]:
    return {int(index): float(values[index]) for index in np.flatnonzero(values)}


def _sum(variables: Iterable[int]) -> Expression:
    return Expression(0.0, dict.fromkeys(variables, 1.0))


@contextmanager
def _silent() -> Iterator[None]:
    """Keep what HiGHS prints past Python, for its own developers, away from what is ours to say."""
    try:
        sys.stdout.flush()
        kept = os.dup(1)
    except (OSError, ValueError):
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(nowhere)
        os.close(kept)
