"""Continuous implementation: a local optimum from several starts, and how good it is.

SLSQP (Kraft, DFVLR-FB 88-28, 1988) on exact slopes, from the relaxed linear program, the cheapest on-or-off set, what
gets furthest, and random points of a fixed seed. What it finds is rounded down to 0.0001 %, so that no limit is
exceeded, and summed again by the kernels; where that misses, aims are tightened a little and it is solved again. The
certificate is a bound, that of the relaxed program raised by branch and bound, and the residual of the
Karush-Kuhn-Tucker conditions.
"""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from emis.inventory import Floats
from emis.solver.bounds import raised
from emis.solver.exact import Proof, cheapest, furthest
from emis.solver.problem import Problem

__all__ = ["Local", "optimum", "reach"]

#: Steps of implementation that are told apart [1].
_STEP = 1e-6
_RANDOM_STARTS = 6
#: Relaxed points of the branch and bound that are starts too.
_MORE_STARTS = 20
#: Closer to the bound than this, relative to it, no further start is tried.
_CLOSE = 1e-5
_MARGINS = (0.0, 1e-6, 1e-5, 1e-4, 1e-3)
#: Seconds for the on-or-off set that is a start among others, and boxes that are cut to raise the bound.
_SECONDS = 10.0
_BOXES = 800


@dataclass(frozen=True)
class Local:
    """A local optimum y, M, or None; the relaxed bound; whether that proves there is none; KKT residual; starts."""

    y: Floats | None
    bound: float | None
    none_exists: bool
    residual: float | None
    starts: int


def optimum(problem: Problem, also: Iterable[Floats] = ()) -> Local:
    """Return the cheapest implementation that was found; `also` are further starts, M each."""
    convex = all(one.response.shape != "other" for one in problem.aims)
    relaxed = cheapest(problem, whole=False) if convex else Proof(None, None, False)
    if convex and relaxed.y is None and relaxed.proven:
        return Local(None, None, True, None, 0)
    search = _Search(problem, relaxed.bound)
    search.try_all((*also, *_starts(problem, relaxed, convex)))
    if relaxed.y is None or search.close():
        return Local(search.best, search.bound, False, search.residual(), search.tried)
    found = raised(problem, relaxed, search.price(), _CLOSE, _BOXES)
    if np.isinf(found.value):
        return Local(None, None, True, None, search.tried)
    search.bound = found.value
    search.try_all(found.points[:_MORE_STARTS])
    return Local(search.best, min(found.value, search.price()), False, search.residual(), search.tried)


class _Search:
    """The best implementation so far, and the point it was before it was rounded."""

    def __init__(self, problem: Problem, bound: float | None):
        self.problem, self.bound, self.tried = problem, bound, 0
        self.best: Floats | None = None
        self._point: Floats | None = None

    def try_all(self, starts: Iterable[Floats]) -> None:
        """Descend from each start until what is found is as good as the bound."""
        for start in starts:
            self.tried += 1
            for y, at in _candidates(self.problem, start):
                if self.problem.solved(y) and self.problem.cost(y) < self.price() - 1e-12:
                    self.best, self._point = y, at
            if self.close():
                return

    def price(self) -> float:
        """Return the price of the best, infinite while there is none."""
        return np.inf if self.best is None else self.problem.cost(self.best)

    def close(self) -> bool:
        """Tell whether the best is as cheap as the bound, but for rounding."""
        return self.best is not None and self.bound is not None and self.price() * (1 - _CLOSE) <= self.bound

    def residual(self) -> float | None:
        """Return how far the best is from the conditions of an optimum [1]."""
        return None if self._point is None else _residual(self.problem, self._point)


def _candidates(problem: Problem, start: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Yield a start, and what a descent from it rounds to, each with the point it was before rounding."""
    yield start, start
    for margin in _MARGINS:
        raw = _descend(problem, start, margin)
        found = next((y for y in _rounded(problem, raw) if problem.solved(y)), None)
        if found is not None:
            yield found, raw
            return


def reach(problem: Problem) -> Proof:
    """Return the implementation found that misses the worst aim least, and the least it can be missed by [scale]."""
    convex = all(one.response.shape != "other" for one in problem.aims)
    proof = furthest(problem, whole=False) if convex else Proof(None, None, False)
    starts = [problem.world.high] if proof.y is None else [proof.y]
    if convex and (whole := furthest(problem, whole=True, seconds=_SECONDS)).y is not None:
        starts.append(whole.y)
    points = [*starts, *(_approach(problem, start) for start in starts)]
    rounded = [y for point in points for y in _rounded(problem, point) if problem.world.limits.hold(y)]
    best = min(rounded, key=problem.lack, default=None)
    return Proof(best, proof.bound, proof.proven)


def _starts(problem: Problem, relaxed: Proof, convex: bool) -> Iterator[Floats]:
    world, rng = problem.world, np.random.default_rng(1)
    if problem.solved(world.low):
        yield world.low
    if relaxed.y is not None:
        yield relaxed.y
    if convex and (whole := cheapest(problem, whole=True, seconds=_SECONDS)).y is not None:
        yield whole.y
    yield world.high
    for _ in range(_RANDOM_STARTS):
        yield world.low + rng.random(len(world.low)) * (world.high - world.low)


def _descend(problem: Problem, start: Floats, margin: float) -> Floats:
    """Return where SLSQP ends, with aims tightened by a part of their scale."""
    free = np.flatnonzero(problem.free)
    unit = float(np.sum(problem.price[free])) or 1.0
    price = problem.price[free] / unit
    return _slsqp(problem, start, lambda v: float(price @ v[: len(free)]), price, -margin)


def _approach(problem: Problem, start: Floats) -> Floats:
    """Return where SLSQP ends when it lowers the worst aim instead of the price: the last variable is by how much."""
    free = np.flatnonzero(problem.free)
    last = np.append(np.zeros(len(free)), 1.0)
    return _slsqp(problem, start, lambda v: float(v[-1]), last, None)


def _slsqp(problem: Problem, start: Floats, objective: object, gradient: Floats, slack: float | None) -> Floats:
    free, limits = np.flatnonzero(problem.free), problem.world.limits
    open_ended = slack is None

    def full(v: Floats) -> Floats:
        y = problem.world.low.copy()
        y[free] = np.clip(v[: len(free)], 0.0, 1.0)
        return y

    def room(v: Floats) -> Floats:
        y = full(v)
        missed = np.array([one.measured(y) - one.bound for one in problem.aims]) / problem.scale
        return np.concatenate([(v[-1] if slack is None else slack) - missed, limits.bound - limits.parts @ y])

    def slopes(v: Floats) -> Floats:
        y = full(v)
        aims = [-one.slope(y)[free] / scale for one, scale in zip(problem.aims, problem.scale, strict=True)]
        found = np.concatenate([np.array(aims), -limits.parts[:, free]])
        if not open_ended:
            return found
        beside = np.concatenate([np.ones(len(aims)), np.zeros(len(limits.bound))])
        return np.column_stack([found, beside])

    first = start[free] if not open_ended else np.append(start[free], problem.lack(start))
    bounds = [(0.0, 1.0)] * len(free) + ([(None, None)] if open_ended else [])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = optimize.minimize(
            objective, first, jac=lambda _: gradient, bounds=bounds, method="SLSQP",
            constraints={"type": "ineq", "fun": room, "jac": slopes}, options={"maxiter": 200, "ftol": 1e-12},
        )  # fmt: skip
    return full(np.nan_to_num(found.x))


def _rounded(problem: Problem, y: Floats) -> Iterator[Floats]:
    """Yield an implementation in whole steps: to the nearest, which keeps 0 and 1, and downwards."""
    free = problem.free
    for whole in (np.round(y / _STEP), np.floor(y / _STEP)):
        yield np.where(free, np.round(whole * _STEP, 6), y)


def _residual(problem: Problem, y: Floats) -> float:
    """Return how far price is from a combination of the slopes of what binds, relative to the price [1].

    Stationarity of Karush, Kuhn and Tucker: price + Σ μ·slope − α + β = 0, with no negative multiplier of what binds.
    """
    free, limits, close = np.flatnonzero(problem.free), problem.world.limits, 1e-5
    columns = [
        one.slope(y)[free]
        for one, scale in zip(problem.aims, problem.scale, strict=True)
        if one.measured(y) - one.bound >= -1e-3 * scale
    ]
    columns += [limits.parts[row, free] for row in np.flatnonzero(limits.bound - limits.parts @ y <= close)]
    columns += [-unit for unit in np.eye(len(free))[y[free] <= close]]
    columns += list(np.eye(len(free))[y[free] >= 1 - close])
    price = problem.price[free]
    size = float(np.linalg.norm(price)) or 1.0
    if not columns:
        return 1.0 if price.any() else 0.0
    matrix = np.array([column / (np.linalg.norm(column) or 1.0) for column in columns]).T
    return float(optimize.nnls(matrix, -price / size)[1])
