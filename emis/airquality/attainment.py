"""The attainment test of the US EPA: what was observed, times the ratio a model gives, species by species and quarter.

    C1 = sum over quarters q of 1/4 sum over species k of C_obs,kq RRF_kq,   RRF_kq = C_model,future / C_model,base

The level comes from the monitor and only the ratio from the model, so that what the model has too much or too little
of in the base year falls out. US EPA, Guidance on the Use of Models and Other Analyses for Demonstrating Attainment of
Air Quality Goals for Ozone, PM2.5, and Regional Haze, EPA-454/B-07-002 (2007), sections 5.1 and 5.2; the test of the
guidance of 2018, EPA-454/R-18-009, has the same form.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emis.airquality.interface import AREAS, PRECURSORS, SPECIES, Floats, Model
from emis.airquality.rollback import AMMONIUM_OF_NITRATE

__all__ = [
    "QUARTERS",
    "Attainment",
    "annual_design_value",
    "daily_design_value",
    "high_quarters",
    "percentile_98",
    "response_factors",
    "rounded",
    "weighted_design_value",
]

QUARTERS = 4
_K = {name: number for number, name in enumerate(SPECIES)}
_IONS = [_K["SO4"], _K["NO3"], _K["NH4"]]


def response_factors(model: Model, ratio: Floats) -> Floats:
    """Return relative response factors, (..., species) [1]: a model's future concentration over its own base.

    A species of which the model's base has none is held, with a factor of 1.

    Raises
    ------
    ValueError
        When the model does not tell species.
    """
    if model.species != SPECIES:
        raise ValueError(f"{model.name} tells {', '.join(model.species)} and not the species of PM2.5")
    now = model.concentrations(np.ones((len(AREAS), len(PRECURSORS))))
    then = model.concentrations(ratio)
    shape = np.broadcast_shapes(now.shape, then.shape)
    return np.divide(then, now, out=np.ones(shape), where=now > 0)


@dataclass(frozen=True)
class Attainment:
    """The annual test on observed species of four quarters.

    Step 1 observed species by quarter; step 2 response factors of sulfate, nitrate, organic matter, carbon, minerals
    and the rest from a model; step 3 their product, ammonium from the degree of neutralisation that was observed,
    NH4 = DON SO4 + 0.29 NO3 with DON = (NH4 - 0.29 NO3) / SO4 of the base, and water in proportion to the ions; step 4
    the sum over species, and the mean over quarters.

    Attributes
    ----------
    base : ndarray, (..., quarter, species) [ug/m3]
        What was observed; one quarter stands for all four.
    model : Model
        Its concentrations may have an axis of quarters too.
    quarterly : bool
        Whether the quarters were observed one by one.
    """

    base: Floats
    model: Model
    quarterly: bool = True
    name = "attainment"
    species = SPECIES

    def __post_init__(self) -> None:
        if np.shape(self.base)[-1:] != (len(SPECIES),) or np.ndim(self.base) < 2:
            raise ValueError(f"concentrations {np.shape(self.base)} are not by quarter and {len(SPECIES)} species")
        if np.shape(self.base)[-2] not in (1, QUARTERS):
            raise ValueError(f"{np.shape(self.base)[-2]} quarters; give four, or one that stands for the year")
        if not np.all(np.asarray(self.base) >= 0):
            raise ValueError("an observed concentration is negative or missing")

    @classmethod
    def of_year(cls, base: Floats, model: Model) -> "Attainment":
        """Return the test on annual means, (..., species) [ug/m3], where no quarters were observed."""
        return cls(np.asarray(base, dtype=float)[..., None, :], model, quarterly=False)

    def quarters(self, ratio: Floats) -> Floats:
        """Return future concentrations by quarter, (..., quarter, species) [ug/m3]."""
        factors = response_factors(self.model, ratio)
        if np.ndim(getattr(self.model, "base", np.zeros(1))) < np.ndim(self.base):
            factors = factors[..., None, :]
        found = self.base * factors
        sulfate, nitrate, ammonium = (self.base[..., k] for k in _IONS)
        bound = ammonium - AMMONIUM_OF_NITRATE * nitrate
        neutral = np.divide(np.maximum(bound, 0.0), sulfate, out=np.zeros(np.shape(sulfate)), where=sulfate > 0)
        held = neutral * sulfate + AMMONIUM_OF_NITRATE * nitrate  # what charge balance explains of the ammonium
        after = neutral * found[..., _K["SO4"]] + AMMONIUM_OF_NITRATE * found[..., _K["NO3"]]
        found[..., _K["NH4"]] = ammonium * _over(after, held)
        ions = self.base[..., _IONS].sum(axis=-1)
        found[..., _K["water"]] = self.base[..., _K["water"]] * _over(found[..., _IONS].sum(axis=-1), ions)
        return np.asarray(found)

    def concentrations(self, ratio: Floats) -> Floats:
        """Return annual concentrations, (..., species) [ug/m3], of ratios, (..., area, precursor) [1]."""
        return np.asarray(self.quarters(ratio).mean(axis=-2))

    def remarks(self, ratio: Floats) -> tuple[tuple[str, str], ...]:
        """Return what a reader should know: what the model says, and that quarters are missing."""
        said = self.model.remarks(ratio)
        if self.quarterly:
            return said
        return (
            *said,
            (
                "no quarters were observed: annual means stand for each, and what differs by season is not in it",
                "无季度观测：以年均值代替各季度，未体现季节差异",
            ),
        )


def _over(after: Floats, before: Floats) -> Floats:
    return np.divide(after, before, out=np.ones(np.broadcast_shapes(after.shape, before.shape)), where=before > 0)


# -- design values ---------------------------------------------------------------------------------------------------


def rounded(value: Floats | float, digits: int) -> Floats:
    """Return values rounded to decimals, a half upwards, as the standards say (40 CFR part 50, appendix N)."""
    scale = 10.0**digits
    return np.asarray(np.floor(np.asarray(value, dtype=float) * scale + 0.5 + 1e-9) / scale)


def percentile_98(daily: Floats) -> float:
    """Return the 98th percentile of a year's daily means, (day,) [ug/m3]; NaN are days without data.

    The value of rank 0.98 n, cut off to a whole number, and plus one, in ascending order: of 365 days the eighth
    highest (40 CFR part 50, appendix N, section 4.5).

    Raises
    ------
    ValueError
        When no day has data.
    """
    known = np.sort(np.asarray(daily, dtype=float)[~np.isnan(daily)])
    if not len(known):
        raise ValueError("no day has data")
    return float(known[min(int(0.98 * len(known) + 1e-9), len(known) - 1)])


def high_quarters(daily: Floats, quarter: Sequence[int]) -> Floats:
    """Return what the daily test projects of a year, (quarter,) [ug/m3]: step 1 of section 5.2.

    For each quarter the highest day not above the year's 98th percentile; one of them is the percentile itself. NaN for
    a quarter without such a day.

    Parameters
    ----------
    daily : (day,) [ug/m3]
    quarter : (day,)
        1 to 4.
    """
    limit, values, own = percentile_98(daily), np.asarray(daily, dtype=float), np.asarray(quarter)
    found = np.full(QUARTERS, np.nan)
    for number in range(QUARTERS):
        mine = values[(own == number + 1) & (values <= limit)]
        if len(mine):
            found[number] = mine.max()
    return found


def daily_design_value(quarters: Floats) -> Floats:
    """Return the daily design value of five years, [ug/m3], from sums of future species by year and quarter.

    Steps 5 and 6 of section 5.2: a year's highest quarter is its 98th percentile; years are averaged as
    `weighted_design_value` does.

    Parameters
    ----------
    quarters : ndarray, (..., year, quarter) [ug/m3]
    """
    return weighted_design_value(np.nanmax(quarters, axis=-1))


def annual_design_value(means: Floats, digits: int = 1) -> Floats:
    """Return the mean of three consecutive years, (..., 3) [ug/m3], rounded as it is compared with a standard."""
    if np.shape(means)[-1:] != (3,):
        raise ValueError(f"a design value takes three years and not {np.shape(means)[-1:]}")
    return rounded(np.mean(means, axis=-1), digits)


def weighted_design_value(years: Floats) -> Floats:
    """Return the mean of three design values of five years, (..., 5) [ug/m3]: weights 1, 2, 3, 2, 1.

    It is not rounded: only what is compared with a standard is (to 0.1 ug/m3 the annual one, to 1 the daily one).
    """
    values = np.asarray(years, dtype=float)
    if values.shape[-1:] != (5,):
        raise ValueError(f"the weighted design value takes five years and not {values.shape[-1:]}")
    return np.asarray((values * np.array([1, 2, 3, 2, 1]) / 9).sum(axis=-1))
