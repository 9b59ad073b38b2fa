"""The linear source-receptor matrix: what each precursor of each area is worth at a receptor, species by species.

Slopes come from small perturbations of a chemical transport model and are drawn on as straight lines. Far from where
they were made they promise too much, nitrate first: cuts of NOx and of NH3 each take the same ammonium nitrate away.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from emis.airquality.interface import AREAS, PRECURSORS, SPECIES, Floats

__all__ = ["Matrix", "per_tonne"]

_SHAPE = (len(AREAS), len(PRECURSORS), len(SPECIES))
_ZH = {"district": "本区", "city": "市内其他区", "region": "周边地区"}
#: What rounding may leave of nothing, relative.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Matrix:
    """A linear model, C_k = C0_k + sum over areas a and precursors p of A_apk (e_ap - 1), not below 0.

    Attributes
    ----------
    base : ndarray, (..., species) [ug/m3], or None
        Concentrations of the base year; a matrix read from a file has none until it is given one.
    response : ndarray, (..., area, precursor, species) [ug/m3]
        What the whole of an area's base-year emissions of a precursor is worth on the slope.
    perturbation : ndarray, (area, precursor), or a number [1]
        The largest relative change that the slopes were made from, in which they hold; NaN where that is not known.
    source : str
        Where the slopes come from.

    Raises
    ------
    ValueError
        When shapes do not fit, a response or concentration is not finite, or a concentration or perturbation negative.
    """

    base: Floats | None
    response: Floats
    perturbation: Floats | float
    source: str = ""
    name: ClassVar[str] = "source_receptor"
    species: ClassVar[tuple[str, ...]] = SPECIES

    def __post_init__(self) -> None:
        if np.shape(self.response)[-3:] != _SHAPE:
            raise ValueError(f"the response ends in {np.shape(self.response)[-3:]}, not in {_SHAPE}")
        if not np.all(np.isfinite(self.response)):
            raise ValueError("a response is no finite number")
        if np.shape(self.perturbation) not in ((), _SHAPE[:2]):
            raise ValueError(f"perturbations are {np.shape(self.perturbation)}, not one number or {_SHAPE[:2]}")
        if np.any(np.asarray(self.perturbation) < 0):
            raise ValueError("a perturbation is negative: write its size")
        if self.base is not None and np.shape(self.base)[-1:] != _SHAPE[2:]:
            raise ValueError(f"concentrations end in {np.shape(self.base)[-1:]}, not in {_SHAPE[2:]}")
        if self.base is not None and not np.all(np.isfinite(self.base) & (np.asarray(self.base) >= 0)):
            raise ValueError("a concentration of the base year is negative or no finite number")

    def concentrations(self, ratio: Floats) -> Floats:
        """Return concentrations, (..., species) [ug/m3], of ratios, (..., area, precursor) [1].

        Species that the straight line takes below 0 are 0, as the R package rfasst has them; `remarks` says so. A ratio
        that is missing (NaN) leaves the species unknown that answer to it, and no others.

        Raises
        ------
        ValueError
            When the matrix has no concentrations of the base year.
        """
        return np.maximum(self._linear(ratio), 0.0)

    def _linear(self, ratio: Floats) -> Floats:
        if self.base is None:
            raise ValueError("the matrix has no concentrations of the base year: replace(matrix, base=...)")
        change = np.asarray(ratio, dtype=float) - 1.0
        missing = np.isnan(change)
        found = self.base + np.einsum("...apk,...ap->...k", self.response, np.where(missing, 0.0, change))
        if np.any(missing):
            answers = np.not_equal(self.response, 0).astype(float)
            found = np.where(np.einsum("...apk,...ap->...k", answers, missing.astype(float)) > 0, np.nan, found)
        return np.asarray(found)

    def remarks(self, ratio: Floats) -> tuple[tuple[str, str], ...]:
        """Return what a reader should know: what is asked beyond the perturbations, and species cut off at 0."""
        ratio = np.asarray(ratio, dtype=float)
        if not ratio.size:
            return ()
        return (*self._beyond(ratio), *self._below(ratio))

    def _beyond(self, ratio: Floats) -> list[tuple[str, str]]:
        most = _largest(ratio.reshape(-1, *_SHAPE[:2]) - 1.0)
        limit = np.broadcast_to(np.asarray(self.perturbation, dtype=float), _SHAPE[:2])
        matters = np.any(np.reshape(self.response, (-1, *_SHAPE)) != 0, axis=(0, 3))
        over = np.where(matters, np.abs(most) - limit, np.nan)
        found = []
        if beyond := sorted(_places(over > _ROUNDING), key=lambda place: -over[place]):
            named = [
                (*place, f"{100 * most[place]:+.3g} %".replace("-", "−"), f"{100 * limit[place]:.3g} %")
                for place in beyond
            ]
            english = (f"{PRECURSORS[p]} of the {AREAS[a]} by {by} (from {made})" for a, p, by, made in named)
            chinese = (f"{_ZH[AREAS[a]]} {PRECURSORS[p]} {by}（扰动 {made}）" for a, p, by, made in named)
            head = "emissions change further than what the slopes were made from"
            found.append((f"{head}: {', '.join(english)}", f"排放变化超出矩阵的扰动幅度：{'、'.join(chinese)}"))
        if unknown := _places(matters & np.isnan(limit) & (np.abs(most) > _ROUNDING)):
            english = (f"{PRECURSORS[p]} of the {AREAS[a]}" for a, p in unknown)
            chinese = (f"{_ZH[AREAS[a]]} {PRECURSORS[p]}" for a, p in unknown)
            head = "the matrix does not say which changes its slopes were made from"
            found.append((f"{head}: {', '.join(english)}", f"矩阵未说明扰动幅度：{'、'.join(chinese)}"))
        return found

    def _below(self, ratio: Floats) -> list[tuple[str, str]]:
        if self.base is None:
            return []
        lowest = np.fmin.reduce(self._linear(ratio).reshape(-1, len(SPECIES)), axis=0)
        nothing = -_ROUNDING * np.max(np.reshape(self.base, (-1, len(SPECIES))), axis=0)
        named = [
            (name, f"{lowest[k]:.3g} µg/m³".replace("-", "−"))
            for k, name in enumerate(SPECIES)
            if lowest[k] < nothing[k]
        ]
        return [
            (
                f"on the straight line {name} would fall to {value}, and is set to 0",
                f"按线性外推 {name} 将降至 {value}，已取 0",
            )
            for name, value in named
        ]


def per_tonne(
    coefficients: Floats,
    emissions: Floats,
    base: Floats | None = None,
    perturbation: Floats | float = np.nan,
    source: str = "",
) -> Matrix:
    """Return the matrix of coefficients per mass: A = A' E0.

    Parameters
    ----------
    coefficients : ndarray, (..., area, precursor, species) [ug/m3 per t/yr]
    emissions : ndarray, (..., area, precursor) [t/yr]
        Of the base year.
    base, perturbation, source
        As for `Matrix`.

    Raises
    ------
    ValueError
        When an emission is negative or missing, or as for `Matrix`.
    """
    emissions = np.asarray(emissions, dtype=float)
    if not np.all(emissions >= 0):
        raise ValueError("an emission of the base year is negative or missing")
    return Matrix(base, np.asarray(coefficients, dtype=float) * emissions[..., None], perturbation, source)


def _largest(change: Floats) -> Floats:
    """Return the change of most size along the first axis, with its sign; NaN counts for nothing."""
    known = np.where(np.isnan(change), 0.0, change)
    return np.asarray(np.take_along_axis(known, np.abs(known).argmax(axis=0)[None], axis=0)[0])


def _places(where: NDArray[np.bool_]) -> list[tuple[int, int]]:
    return [(int(a), int(p)) for a, p in np.argwhere(where)]
