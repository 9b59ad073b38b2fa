"""Response surfaces: polynomials fitted to runs of a chemical transport model, which then stand in for it.

The form is that of pf-RSM (Xing et al. 2018, doi 10.5194/acp-18-7799-2018), whose terms are configuration here. What
such a surface is wrong by against its own model is no measure of what that model is wrong by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from emis.airquality import surface_fit
from emis.airquality.interface import AREAS, PRECURSORS, SPECIES, Floats
from emis.airquality.surface_design import EVERYWHERE, VARIABLES, Term, check_variables
from emis.airquality.surface_fit import Errors, Runs

__all__ = ["Errors", "Fit", "Runs", "Surface", "Term", "fit"]

#: How far a ratio may be off by rounding [1].
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Surface:
    """A response surface: C = C0 + sum over terms j of X_j prod over variables v of (e_v - 1)^a_jv.

    Attributes
    ----------
    base : ndarray, (..., species) [ug/m3]
        Concentrations at the base emissions. The last axis is 1 long for PM2.5 alone, or holds all of `SPECIES`.
    terms : tuple of Term
    coefficients : ndarray, (..., term, species) [ug/m3]
        X; a species that does not respond has zeros.
    box : mapping
        Lowest and highest ratio [1] of the runs behind the surface, by variable.
    clamped : bool
        Whether ratios outside the box are answered at its edge; otherwise the polynomial goes on beyond it.

    Raises
    ------
    ValueError
        When shapes or terms do not go together, a number is not finite, a concentration of the base is negative, a
        variable has no range that holds the base, or a species responds of which the base has nothing: observations
        could not be put in its place (`from_base`).

    Notes
    -----
    A variable ``all.NOx`` is exact only when NOx changes alike in all areas. Where it does not, the largest ratio is
    taken, which promises the least cut, and `remarks` says so.
    """

    base: Floats
    terms: tuple[Term, ...]
    coefficients: Floats
    box: Mapping[str, tuple[float, float]]
    clamped: bool = False
    name: ClassVar[str] = "response_surface"

    def __post_init__(self) -> None:
        width = self.base.shape[-1] if self.base.ndim else 0
        if width not in (1, len(SPECIES)):
            raise ValueError(f"{width} concentrations are neither PM2.5 alone nor {', '.join(SPECIES)}")
        _check_terms(self.terms)
        if self.coefficients.shape[-2:] != (len(self.terms), width):
            raise ValueError(
                f"coefficients {self.coefficients.shape} are not by {len(self.terms)} terms and {width} species"
            )
        if not (np.isfinite(self.base).all() and np.isfinite(self.coefficients).all() and np.all(self.base >= 0)):
            raise ValueError("a number of the surface is not finite, or a concentration of its base is negative")
        check_variables(self.variables)
        for name in self.variables:
            low, high = self.box.get(name, (np.nan, np.nan))
            if not 0 <= low <= 1 <= high < np.inf:
                raise ValueError(f"the box has no range of {name} that holds the base, 1")
        groundless = (self.coefficients != 0).any(axis=-2) & (self.base == 0)
        if groundless.any():
            names = ", ".join(name for k, name in enumerate(self.species) if groundless[..., k].any())
            raise ValueError(f"{names} responds, and the base has none of it: there is no relative response")

    @property
    def species(self) -> tuple[str, ...]:
        """What it tells: PM2.5 alone, or all of `SPECIES`."""
        return SPECIES if self.base.shape[-1] > 1 else ("PM2.5",)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of its terms."""
        known = {name for term in self.terms for name in term.variables}
        return tuple(name for name in VARIABLES if name in known)

    def from_base(self, base: Floats) -> "Surface":
        """Return the surface on other concentrations of the base, those observed, (..., species) [ug/m3].

        The level comes from the monitor and the relative response from the model, as in an attainment test (US EPA,
        EPA-454/R-18-009, 2018): X C0_observed / C0, by species, or of PM2.5 as a whole where the surface is of that.
        All of `SPECIES` are to be given, or as many as the surface has.

        Raises
        ------
        ValueError
            When they are of something else.
        """
        observed = np.asarray(base, dtype=float)
        if observed.shape[-1:] not in {(len(self.species),), (len(SPECIES),)}:
            raise ValueError(f"concentrations {observed.shape} do not end in {', '.join(self.species)}")
        if len(self.species) == 1:
            observed = observed.sum(axis=-1, keepdims=True)
        # What the surface's own base has nothing of does not respond.
        shape = np.broadcast_shapes(observed.shape, self.base.shape)
        scale = np.divide(observed, self.base, out=np.ones(shape), where=self.base > 0)
        return replace(self, base=observed, coefficients=self.coefficients * scale[..., None, :])

    def concentrations(self, ratio: Floats) -> Floats:
        """Return concentrations, (..., species) [ug/m3], of ratios, (..., area, precursor) [1]; may be below 0."""
        asked = self._asked(ratio)
        if self.clamped:
            asked = {name: np.clip(value, *self.box[name]) for name, value in asked.items()}
        products = _products(self.terms, {name: value - 1.0 for name, value in asked.items()})
        return np.asarray(self.base + np.einsum("...t,...ts->...s", products, self.coefficients))

    def _asked(self, ratio: Floats) -> dict[str, Floats]:
        """Return ratios, (...) [1], by variable."""
        ratio, found = np.asarray(ratio, dtype=float), {}
        for name in self.variables:
            area, precursor = name.split(".")
            mine = ratio[..., PRECURSORS.index(precursor)]
            found[name] = mine.max(axis=-1) if area == EVERYWHERE else mine[..., AREAS.index(area)]
        return found

    # -- remarks -----------------------------------------------------------------------------------------------------

    def remarks(self, ratio: Floats) -> tuple[tuple[str, str], ...]:
        """Return what a reader should know of the answer to ratios, in English and Chinese.

        Ratios outside the box by variable, areas that change unlike where the surface knows one ratio for all, changes
        that it has no terms for, and concentrations below 0.
        """
        ratio = np.asarray(ratio, dtype=float)
        return (*self._outside(ratio), *self._unlike(ratio), *self._unknown(ratio), *self._negative(ratio))

    def _outside(self, ratio: Floats) -> list[tuple[str, str]]:
        found = []
        for name, value in self._asked(ratio).items():
            low, high = self.box[name]
            out = (value < low - _ROUNDING) | (value > high + _ROUNDING)
            if not out.any():
                continue
            least, most, count = value[out].min(), value[out].max(), np.count_nonzero(out)
            done = ("answered at its edge", "按范围边界计算") if self.clamped else ("extrapolated", "结果为外推")
            english = (
                f"{name}: {count} of {value.size} ratios asked ({least:.3g} to {most:.3g}) lie outside the box of the"
                f" response surface, {low:g} to {high:g}, and are {done[0]}"
            )
            chinese = (
                f"{name}：{value.size} 个排放比中有 {count} 个（{least:.3g} 至 {most:.3g}）"
                f"超出响应曲面的设计范围 {low:g} 至 {high:g}，{done[1]}"
            )
            found.append((english, chinese))
        return found

    def _unlike(self, ratio: Floats) -> list[tuple[str, str]]:
        found = []
        for name in [name for name in self.variables if name.startswith(f"{EVERYWHERE}.")]:
            spread = np.ptp(ratio[..., PRECURSORS.index(name.split(".")[1])], axis=-1)
            count = np.count_nonzero(spread > _ROUNDING)
            if count:
                english = (
                    f"{name}: the areas change unlike in {count} of {spread.size} ratios asked, and the response"
                    " surface knows one for all: the largest is taken, which is the least cut"
                )
                chinese = (
                    f"{name}：{spread.size} 个排放比中有 {count} 个各区域变化不一致，"
                    "而响应曲面只有统一的排放比：取最大者（减排最少）"
                )
                found.append((english, chinese))
        return found

    def _unknown(self, ratio: Floats) -> list[tuple[str, str]]:
        """Tell of changes of emissions that no term holds."""
        pairs = [(area, precursor) for area in AREAS for precursor in PRECURSORS]
        changed = np.any(np.abs(ratio - 1.0).reshape(-1, len(pairs)) > _ROUNDING, axis=0)
        missing = [
            f"{area}.{precursor}"
            for (area, precursor), far in zip(pairs, changed, strict=True)
            if far and not {f"{area}.{precursor}", f"{EVERYWHERE}.{precursor}"} & set(self.variables)
        ]
        if not missing:
            return []
        names = ", ".join(missing)
        return [
            (
                f"the response surface has no terms of {names}: what changes there has no effect",
                f"响应曲面不含 {names}：其排放变化未计入",
            )
        ]

    def _negative(self, ratio: Floats) -> list[tuple[str, str]]:
        below = self.concentrations(ratio) < 0
        if not below.any():
            return []
        names = ", ".join(name for k, name in enumerate(self.species) if below[..., k].any())
        count, total = np.count_nonzero(below.any(axis=-1)), below[..., 0].size
        return [
            (
                f"the response surface gives {names} below 0 in {count} of {total} answers: it does not hold there",
                f"响应曲面在 {total} 个结果中有 {count} 个给出 {names} 负浓度：该处不适用",
            )
        ]


def _products(terms: Sequence[Term], changes: Mapping[str, Floats]) -> Floats:
    """Return the products of all terms, (..., term) [1], of changes by variable, (...) each [1]."""
    return np.stack(np.broadcast_arrays(*(term.value(changes) for term in terms)), axis=-1)


def _check_terms(terms: Sequence[Term]) -> None:
    twice = [str(term) for n, term in enumerate(terms) if term in terms[:n]]
    if twice:
        raise ValueError(f"{', '.join(twice)} stands twice among the terms; name each once")
    if not terms:
        raise ValueError("there are no terms; name at least one, e.g. NOx")


# -- fitting ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fit:
    """A fitted surface and how well it stands in for its model.

    Attributes
    ----------
    surface : Surface
    modelled : ndarray, (run, species) [ug/m3]
        Concentrations of the runs other than the base, which the surface meets by its form.
    residual, left_out : ndarray, (run, species) [ug/m3]
        Surface less run: fitted to all runs, and to all others than the one it is asked for (`surface_fit.Solution`).
    """

    surface: Surface
    modelled: Floats
    residual: Floats
    left_out: Floats

    def errors(self, of: str = "PM2.5") -> Errors:
        """Return the leave-one-out errors of PM2.5 or of one species.

        Xing et al. (2018) hold the normalised ones of their pf-RSM to 2 % in the mean and 10 % at most. They are NaN
        where a run cannot be left out, as when there are no more runs than terms.
        """
        if of in self.surface.species:
            k = self.surface.species.index(of)
            return surface_fit.errors(self.left_out[:, k], self.modelled[:, k])
        if of != "PM2.5":
            raise ValueError(f"the surface has no {of}, only {', '.join(self.surface.species)}")
        return surface_fit.errors(self.left_out.sum(axis=1), self.modelled.sum(axis=1))


def fit(runs: Runs, basis: Sequence[Term], ridge: float = 0.0, rest: Mapping[str, float] | None = None) -> Fit:
    """Return the surface that meets the base run and is nearest to the others by least squares, species by species.

    Parameters
    ----------
    basis : sequence of Term
        Such as ``surface_design.full_basis(variables, 2)``. Variables of the runs that no term holds are not fitted.
    ridge : float [1]
        At least 0; see `surface_fit.least_squares`.
    rest : mapping
        Concentrations [ug/m3] of the species that the runs do not hold; they do not respond.

    Raises
    ------
    ValueError
        When the runs lack the base, a variable or a species, or do not tell all terms apart; behind a semicolon, what
        would be right. Otherwise as `Surface`.
    """
    terms = tuple(basis)
    _check_terms(terms)
    used = {name for term in terms for name in term.variables}
    if missing := [name for name in VARIABLES if name in used and name not in runs.variables]:
        raise ValueError(f"the runs have no {', '.join(missing)}; they have {', '.join(runs.variables)}")
    base, modelled = runs.base(), runs.whole(rest or {})
    ratios = dict(zip(runs.variables, np.asarray(runs.ratio, dtype=float).T, strict=True))
    products = _products(terms, {name: ratio - 1.0 for name, ratio in ratios.items()})
    others = np.arange(len(modelled)) != base
    surface_fit.check_rank(products[others], [str(term) for term in terms])
    found = surface_fit.least_squares(products[others], modelled[others] - modelled[base], ridge)
    # The base's own ratio may be off 1 by rounding.
    box = {
        name: (min(1.0, float(ratios[name].min())), max(1.0, float(ratios[name].max())))
        for name in VARIABLES
        if name in used
    }
    surface = Surface(modelled[base], terms, found.coefficients, box)
    return Fit(surface, modelled[others], found.residual, found.left_out)
