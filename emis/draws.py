"""Draws of uncertain numbers: the same for a seed and a name, whatever else is drawn, and what each input decides."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SCHEMES", "Floats", "Scheme", "bell", "first_order", "first_orders", "flat", "noise", "normal", "pert", "table",
    "triangle", "uniform",
]  # fmt: skip

Floats: TypeAlias = NDArray[np.float64]
#: How draws fill the range of an input: independently, one in each of N equal parts, or evenly in all inputs together.
Scheme: TypeAlias = Literal["random", "latin_hypercube", "sobol"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)

#: Draws of one counter of Philox.
_PER_COUNTER = 4
#: Exact quantiles between which those of a PERT are interpolated.
_NODES = 513
#: Parts into which the range of an input is cut to tell what it decides.
_BINS = 32


def uniform(seed: int, name: str, count: int, start: int = 0) -> Floats:
    """Return numbers between 0 and 1, (draw,): draws `start` to `start` + `count` of an input.

    Philox (Salmon et al. 2011, doi 10.1145/2063384.2063405) is keyed by seed and name and counted by draw, so that an
    input keeps its draws when others come or go, and in blocks of any size.
    """
    skip = start % _PER_COUNTER
    generator = np.random.Generator(np.random.Philox(key=_key(seed, name), counter=start // _PER_COUNTER))
    return generator.random(count + skip)[skip:]


def _key(seed: int, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:16], "little")


def table(names: Sequence[str], seed: int, count: int, scheme: Scheme = "random") -> dict[str, Floats]:
    """Return the draws of inputs by name, (draw,) in 0-1 each.

    A Latin hypercube (McKay et al. 1979, doi 10.1080/00401706.1979.10489755) has a draw of each input in each of
    `count` equal parts of its range; a scrambled Sobol sequence (Owen 1998, doi 10.1006/jcom.1998.0487) fills all
    ranges together and is best with a power of two. Of the Sobol sequence alone an input's draws depend on which
    others there are.
    """
    if scheme == "sobol":
        from scipy.stats import qmc

        order = sorted(names)
        # The sequence's first points are one at a time; powers of two keep its balance.
        points = qmc.Sobol(len(order), scramble=True, rng=np.random.Generator(np.random.Philox(seed)))
        found = np.clip(points.random(count), 1e-12, 1 - 1e-12)
        return {name: np.ascontiguousarray(found[:, number]) for number, name in enumerate(order)}
    if scheme == "latin_hypercube":
        return {name: _stratified(seed, name, count) for name in names}
    return {name: uniform(seed, name, count) for name in names}


def _stratified(seed: int, name: str, count: int) -> Floats:
    generator = np.random.Generator(np.random.Philox(key=_key(seed, name)))
    return np.asarray((generator.permutation(count) + generator.random(count)) / count)


# -- distributions ---------------------------------------------------------------------------------------------------


def normal(draws: Floats) -> Floats:
    """Return standard normal numbers."""
    from scipy import special

    # A draw of exactly 0 comes once in 2^53.
    return np.asarray(special.ndtri(np.maximum(draws, 1e-300)))


def flat(draws: Floats, low: float, high: float) -> Floats:
    """Return numbers that are equally likely from `low` to `high`."""
    return low + (high - low) * draws


def triangle(draws: Floats, low: Floats | float, likely: Floats | float, high: Floats | float) -> Floats:
    """Return numbers between `low` and `high`, densest at `likely`: the triangular distribution.

    Its quantiles are roots in closed form. Where low is high it is that number.
    """
    low, likely, high = (np.asarray(one, dtype=float) for one in (low, likely, high))
    width = high - low
    left = np.divide(likely - low, width, out=np.zeros(np.shape(width)), where=width > 0)
    rising = low + np.sqrt(draws * width * (likely - low))
    return np.asarray(np.where(draws < left, rising, high - np.sqrt((1 - draws) * width * (high - likely))))


def pert(draws: Floats, low: float, likely: float, high: float) -> Floats:
    """Return numbers between `low` and `high` by the PERT distribution: beta, with mean (low + 4 likely + high) / 6.

    Malcolm et al. 1959, doi 10.1287/opre.7.5.646. Where low is high it is that number. Quantiles are interpolated
    between exact ones, to 1e-3 of the range: the inverse of the beta distribution is slow.
    """
    if high <= low:
        return np.full(np.shape(draws), float(likely))
    at, quantile = _pert_quantiles((likely - low) / (high - low))
    return np.asarray(low + (high - low) * np.interp(draws, at, quantile))


@lru_cache(maxsize=1024)
def _pert_quantiles(part: float) -> tuple[Floats, Floats]:
    """Return probabilities, closer to each other at the ends, and the quantiles of a PERT from 0 to 1."""
    from scipy import special

    along = np.linspace(0, 1, _NODES)
    at = along**3 / (along**3 + (1 - along) ** 3)
    return at, np.asarray(special.betaincinv(1 + 4 * part, 5 - 4 * part, at))


def bell(draws: Floats, sd: float) -> Floats:
    """Return log-normal factors about 1 with a standard deviation of `sd` [1]: their mean is 1, none is below 0."""
    sigma = np.sqrt(np.log1p(sd**2))
    return np.asarray(np.exp(sigma * normal(draws) - sigma**2 / 2))


# -- what decides ----------------------------------------------------------------------------------------------------


def noise(count: int, chance: float) -> float:
    """Return the share that `first_order` tells by chance [1] of an input that decides nothing, or more [1].

    The means of bins of such an input are normal, so that n·share + bins - 1 is chi-squared.
    """
    from scipy import special

    freedom = max(1, min(_BINS, count // 10) - 1)
    return float((special.chdtri(freedom, chance) - freedom) / max(1, count))


def first_order(inputs: Mapping[str, Floats], result: Floats) -> dict[str, float]:
    """Return which part of the variance of a result each input explains by itself [1].

    S = Var(E(Y|X)) / Var(Y), told from the draws themselves: the range of an input is cut into equal parts, and the
    means of the result over them vary by so much; what they vary by chance alone is taken off (Plischke et al. 2013,
    doi 10.1016/j.ejor.2012.11.047). Shares add up to 1 less what inputs do only together; those of inputs that
    decide nothing scatter about 0.

    Parameters
    ----------
    inputs : mapping
        Uniform draws by name, (draw,) each.
    result : ndarray, (draw,)
        Draws that are not finite are left out.
    """
    return first_orders(inputs, [result])[0]


def first_orders(inputs: Mapping[str, Floats], results: Sequence[Floats]) -> list[dict[str, float]]:
    """Return `first_order` of several results, each of as many draws as it has: the first ones."""
    several = [_Result(result) for result in results]
    found: list[dict[str, float]] = [{} for _ in several]
    for name, draws in inputs.items():
        # Results of the same draws share the parts of an input's range.
        parts: dict[object, tuple[NDArray[np.intp], NDArray[np.intp], int]] = {}
        for one, shares in zip(several, found, strict=True):
            if one.steady:
                shares[name] = 0.0
                continue
            if one.draws not in parts:
                parts[one.draws] = one.parts(draws)
            shares[name] = one.share(*parts[one.draws])
    return found


class _Result:
    """Draws of a result, and what they vary by; `draws` is equal where two results look at the same ones."""

    def __init__(self, result: Floats):
        self.known = np.isfinite(result)
        values = result[self.known]
        self.count = len(values)
        self.spread = float(np.var(values)) if self.count else 0.0
        self.bins = min(_BINS, max(1, self.count // 10))
        self.steady = self.bins < 2 or self.spread <= 1e-24 * float(np.mean(values)) ** 2
        self.centred = values if self.steady else values - values.mean()
        self.draws: object = len(result) if self.count == len(result) else self

    def parts(self, draws: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
        """Return the part of an input's range that each draw is in, how many are in each, and how many have any."""
        mine = draws[: len(self.known)]
        mine = mine if self.count == len(mine) else mine[self.known]
        part = np.minimum((mine * self.bins).astype(np.intp), self.bins - 1)
        sizes = np.bincount(part, minlength=self.bins)
        return part, sizes, int(np.count_nonzero(sizes))

    def share(self, part: NDArray[np.intp], sizes: NDArray[np.intp], filled: int) -> float:
        """Return the share of the variance that an input explains [1]."""
        sums = np.bincount(part, self.centred, minlength=self.bins)
        between = float((sums**2 / np.maximum(sizes, 1)).sum()) / self.count
        # Means of parts vary by chance too, by the rest of the variance over their sizes.
        chance = (self.spread - between) * (filled - 1) / max(1, self.count - self.bins)
        return (between - chance) / self.spread
