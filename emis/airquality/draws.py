"""Draws of uncertain numbers: the same for a seed and a name, whatever else is drawn, and what each term decides."""

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy import special

from emis.airquality.interface import Floats

__all__ = ["bell", "flat", "triangle", "uniform", "variance_shares"]


def uniform(seed: int, name: str, count: int) -> Floats:
    """Return numbers between 0 and 1, (draw,): the first n are the same however many are asked for.

    Philox (Salmon et al. 2011, doi 10.1145/2063384.2063405) is keyed by seed and name, so that a parameter keeps its
    draws when others come or go.
    """
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
    return generator.random(count)


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


def bell(draws: Floats, sd: float) -> Floats:
    """Return log-normal factors about 1 with a standard deviation of `sd` [1]: their mean is 1, none is below 0."""
    sigma = np.sqrt(np.log1p(sd**2))
    return np.asarray(np.exp(sigma * special.ndtri(draws) - sigma**2 / 2))


def variance_shares(
    model: Callable[[Mapping[str, Floats]], Floats], terms: Mapping[str, Sequence[str]], seed: int, count: int
) -> dict[str, float]:
    """Return which part of the variance of a result each term explains by itself [1].

    First-order indices by two independent sets of draws A and B, of which one term's are exchanged:
    S = 1 - mean((f_B - f_AB)^2) / 2V (Jansen 1999, doi 10.1016/S0010-4655(98)00154-4). They add up to 1 less what
    terms do only together; noise of the estimate below 0 is cut off.

    Parameters
    ----------
    model : callable
        Takes uniform draws by parameter, (draw,) each, and returns the result, (draw,).
    terms : mapping
        Parameters of each term.
    """
    names = [name for group in terms.values() for name in group]
    first, second = ({name: uniform(seed, f"{side}{name}", count) for name in names} for side in ("", "again/"))
    of_first, of_second = model(first), model(second)
    variance = float(np.var(np.concatenate([of_first, of_second])))
    if variance <= 1e-24 * float(np.mean(of_first)) ** 2:
        return dict.fromkeys(terms, 0.0)
    found = {}
    for term, group in terms.items():
        mixed = model({**first, **{name: second[name] for name in group}})
        found[term] = float(np.clip(1 - np.mean((of_second - mixed) ** 2) / (2 * variance), 0.0, 1.0))
    return found
