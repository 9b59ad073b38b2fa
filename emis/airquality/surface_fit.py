"""Least squares for response surfaces: runs, coefficients, and what a fit gets wrong of each run it has not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emis.airquality.interface import SPECIES, Floats

__all__ = ["Errors", "Runs", "Solution", "check_rank", "errors", "least_squares"]

#: How far a ratio of the base run may be off 1 by rounding [1].
_ROUNDING = 1e-9
#: Singular values below this part of the largest count as none: terms then mean the same thing.
_SINGULAR = 1e-9
#: A run with this little left to 1 of its leverage fixes a coefficient by itself.
_FREE = 1e-9


@dataclass(frozen=True)
class Runs:
    """Runs of a chemical transport model, among them the base.

    Attributes
    ----------
    variables : tuple of str
        As `surface_design.variable` writes them.
    ratio : ndarray, (run, variable) [1]
    species : tuple of str
        PM2.5 alone, or some of `SPECIES`.
    concentrations : ndarray, (run, species) [ug/m3]

    Raises
    ------
    ValueError
        When shapes do not go together, or a number is not finite.
    """

    variables: tuple[str, ...]
    ratio: Floats
    species: tuple[str, ...]
    concentrations: Floats

    def __post_init__(self) -> None:
        for what, held, names in (
            ("ratios", self.ratio, self.variables),
            ("concentrations", self.concentrations, self.species),
        ):
            if np.shape(held) != (len(self.ratio), len(names)):
                raise ValueError(f"{what} {np.shape(held)} are not of {len(self.ratio)} runs by {', '.join(names)}")
            if not np.isfinite(held).all():
                raise ValueError(f"{what} of the runs are not all finite numbers")

    def base(self) -> int:
        """Return which run is the base, all ratios 1.

        Raises
        ------
        ValueError
            When there is none, or more than one.
        """
        (found,) = np.nonzero((np.abs(self.ratio - 1.0) <= _ROUNDING).all(axis=1))
        if len(found) != 1:
            shown = "no run has" if not len(found) else f"{len(found)} runs have"
            raise ValueError(f"{shown} all ratios at 1; give the base run once")
        return int(found[0])

    def whole(self, rest: Mapping[str, float]) -> Floats:
        """Return concentrations, (run, species) [ug/m3], of PM2.5 alone or of all `SPECIES`, `rest` among them.

        Raises
        ------
        ValueError
            When a species is missing, stands twice or is no part of PM2.5.
        """
        if self.species == ("PM2.5",) and not rest:
            return np.asarray(self.concentrations, dtype=float)
        names = (*self.species, *rest)
        wrong = {
            "missing": [name for name in SPECIES if name not in names],
            "twice": sorted({name for name in names if names.count(name) > 1}),
            "not a species": [name for name in names if name not in SPECIES],
        }
        if any(wrong.values()):
            shown = ", ".join(f"{what}: {' '.join(found)}" for what, found in wrong.items() if found)
            raise ValueError(f"the runs do not hold all of PM2.5 ({shown}); give PM2.5 alone, or each species once")
        held = dict(zip(self.species, np.asarray(self.concentrations, dtype=float).T, strict=True))
        held |= {name: np.full(len(self.ratio), value, dtype=float) for name, value in rest.items()}
        return np.stack([held[name] for name in SPECIES], axis=-1)


@dataclass(frozen=True)
class Solution:
    """A least-squares fit.

    Attributes
    ----------
    coefficients : ndarray, (term, species) [ug/m3]
    residual : ndarray, (run, species) [ug/m3]
        Fitted less run.
    left_out : ndarray, (run, species) [ug/m3]
        What a fit to all other runs says of each run, less the run; NaN where the others do not tell all terms.
    """

    coefficients: Floats
    residual: Floats
    left_out: Floats


@dataclass(frozen=True)
class Errors:
    """How far a surface is off its own model, by runs.

    Attributes
    ----------
    mean_normalised, largest_normalised : float [1]
        Mean and largest of |error| / concentration of the run.
    rmse : float [ug/m3]
    """

    mean_normalised: float
    largest_normalised: float
    rmse: float


def least_squares(products: Floats, change: Floats, ridge: float = 0.0) -> Solution:
    """Return the X that make |products X - change|^2 + ridge |X|^2 least, and its leave-one-out errors.

    These are those of refitting without each run, from the hat matrix H = A (A'A + ridge)^-1 A': the residual over
    1 - H_ii (Allen 1974, doi 10.1080/00401706.1974.10489157).

    Parameters
    ----------
    products : ndarray, (run, term) [1]
    change : ndarray, (run, species) [ug/m3]
    ridge : float [1]
        Shrinks coefficients, those most that the runs tell least of; 0 is plain least squares.

    Raises
    ------
    ValueError
        When the ridge is negative or no number.
    """
    if not 0 <= ridge < np.inf:
        raise ValueError(f"a ridge of {ridge:g} is none; write 0 or more")
    runs, terms = products.shape
    # A ridge is a run more for each term, which asks for a coefficient of 0.
    q, r = np.linalg.qr(np.vstack([products, np.sqrt(ridge) * np.eye(terms)]))
    coefficients = np.linalg.solve(r, q[:runs].T @ change)
    residual = products @ coefficients - change
    free = 1.0 - (q[:runs] ** 2).sum(axis=1, keepdims=True)
    left_out = np.divide(residual, free, out=np.full(residual.shape, np.nan), where=free > _FREE)
    return Solution(coefficients, residual, left_out)


def check_rank(products: Floats, names: Sequence[str]) -> None:
    """Refuse runs that do not tell all terms, (run, term), apart.

    A ridge would share a response out between such terms for no reason in the runs, so that it does not help.

    Raises
    ------
    ValueError
        With the terms that the runs leave unchanged, or cannot be told apart by them.
    """
    runs, terms = products.shape
    if runs < terms:
        told = f"{runs} runs beside the base do not tell {terms} terms apart: {', '.join(names)}"
        raise ValueError(f"{told}; add runs or take terms out")
    largest = np.abs(products).max(axis=0)
    still = [name for name, one in zip(names, largest, strict=True) if one == 0]
    if still:
        raise ValueError(f"no run changes {', '.join(still)}; add runs that do, or take these terms out")
    _, singular, directions = np.linalg.svd(products / largest, full_matrices=False)
    empty = directions[singular < _SINGULAR * singular[0]]
    alike = [name for name, one in zip(names, np.sqrt((empty**2).sum(axis=0)), strict=True) if one > 1e-6]
    if alike:
        raise ValueError(
            f"the runs cannot tell {', '.join(alike)} apart; vary them independently, at more levels, or take some out"
        )


def errors(error: Floats, concentration: Floats) -> Errors:
    """Return what errors, (run,) [ug/m3], amount to beside the concentrations of the runs, (run,) [ug/m3].

    An error beside a concentration of 0 is infinite; NaN where one is not known.
    """
    size = np.abs(error)
    normalised = np.where(np.isnan(size), np.nan, np.where(size == 0, 0.0, np.inf))
    np.divide(size, concentration, out=normalised, where=concentration > 0)
    return Errors(float(normalised.mean()), float(normalised.max()), float(np.sqrt((error**2).mean())))
