"""What a plan does to each source in a year: growth, what is removed of emissions, and the measures that act."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emis import kernels
from emis.attribution import contributions
from emis.coded import Codes, Texts
from emis.interchange.series import Series
from emis.inventory import Floats
from emis.projection import Projection

__all__ = ["Applied", "Pairs", "applied", "joined", "pairs"]


@dataclass(frozen=True)
class Applied:
    """What stands behind the emissions of a year, S × P in the order of the series; NaN where nothing is known.

    Attributes
    ----------
    base, no_plan, emitted : ndarray [t/yr]
        Emissions of the base year, and of this one without and with the plan.
    removed : ndarray
        What control removes, that of the inventory and of the plan together [1]: 1 − (1 − η_inv)·E/(A·F), E and A the
        emissions and the activity with the plan and F the factor of the inventory. NaN where no activity is left.
    measures : ndarray of str
        The measures that change the emissions, their ids joined by &.
    monthly : ndarray, S × P × 12 [t/month], optional
        Emissions by month; None where the scenario has no months.
    """

    base: Floats
    no_plan: Floats
    emitted: Floats
    removed: Floats
    measures: Texts
    monthly: Floats | None

    @property
    def growth(self) -> Floats:
        """Emissions without the plan over those of the base year, S × P [1]; NaN where these are zero."""
        return np.divide(self.no_plan, self.base, out=np.full_like(self.base, np.nan), where=self.base > 0)


@dataclass(frozen=True)
class Pairs:
    """What measures do in a year, by pairs that have to do with each other: N pairs × P pollutants [t], signed.

    `measure` numbers the program's measures, `source` the sources of the series; the pollutants are the series'.
    """

    measure: Codes
    source: Codes
    values: dict[str, Floats]


def applied(series: Series, year: int) -> Applied | None:
    """Return what a plan does to the sources in a year; None of a year or a series that no plan acts in."""
    projection = series.projection
    if projection is None or year not in projection.program.years:
        return None
    program = projection.program
    rows, columns = _places(series, projection)
    first = program.years.index(year) * program.months
    periods = slice(first, first + program.months)
    with_plan, activity = (found[periods] for found in kernels.project(program, program.levels))
    without = kernels.project(program, program.without_plan())[0][periods]
    shape, at = (len(series.inventory), len(series.pollutants)), np.ix_(rows, columns)

    def spread(values: Floats) -> Floats:
        found = np.full((*shape, *values.shape[2:]), np.nan)
        found[at] = values
        return found

    emitted, active = with_plan.sum(axis=0), activity.sum(axis=0)[:, None] * program.inventory.factor
    grown = without.sum(axis=0)
    if series.no_plan is not None:
        # Growth of one pollutant alone is a measure to the program, and growth to the series.
        told = series.no_plan[series.years.index(year)][at]
        active, grown = active * np.divide(told, grown, out=np.ones_like(grown), where=grown > 0), told
    left = np.divide(emitted, active, out=np.full_like(emitted, np.nan), where=active > 0)
    return Applied(
        spread(program.inventory.emissions),
        spread(grown),
        spread(emitted),
        spread(np.clip(1 - (1 - program.inventory.control) * left, 0, 1)),
        _acting(pairs(series, year, ("alone",)), projection, shape),
        spread(np.moveaxis(with_plan, 0, -1)) if program.months > 1 else None,
    )


def pairs(series: Series, year: int, methods: Sequence[str] = ("shapley", "alone", "last")) -> Pairs:
    """Return the contributions of measures to the emissions of sources in a year, by these methods."""
    projection = series.projection
    assert projection is not None
    program = projection.program
    found = contributions(program, by="source", methods=methods)  # type: ignore[arg-type]
    of_year = found.sel(year=year)
    measures = {measure.id: number for number, measure in enumerate(program.measures)}
    sources = {str(name): row for row, name in enumerate(series.inventory.labels["source"].tolist())}
    columns = _places(series, projection)[1]
    values = {}
    for method in methods:
        values[method] = np.zeros((found.sizes["pair"], len(series.pollutants)))
        values[method][:, columns] = of_year[method].transpose("pair", "pollutant").values
    return Pairs(
        np.array([measures[str(one)] for one in found["measure"].values.tolist()], dtype=np.intp),
        np.array([sources[str(one)] for one in found["source"].values.tolist()], dtype=np.intp),
        values,
    )


def _places(series: Series, projection: Projection) -> tuple[Codes, Codes]:
    """Return where the sources and pollutants of the program stand in the series."""
    inventory = projection.program.inventory
    sources = {str(name): row for row, name in enumerate(series.inventory.labels["source"].tolist())}
    rows = np.array([sources[str(name)] for name in inventory.labels["source"].tolist()], dtype=np.intp)
    return rows, np.array([series.pollutants.index(name) for name in inventory.pollutants], dtype=np.intp)


def _acting(found: Pairs, projection: Projection, shape: tuple[int, int]) -> Texts:
    texts = np.full(shape, "", dtype=object)
    ids = [measure.id for measure in projection.program.measures]
    order = np.argsort(found.measure, kind="stable")
    acts = np.nan_to_num(found.values["alone"][order], nan=1.0) != 0
    which, pollutant = np.nonzero(acts)
    chosen = order[which]
    for measure, source, column in zip(
        found.measure[chosen].tolist(), found.source[chosen].tolist(), pollutant.tolist(), strict=True
    ):
        texts[source, column] = joined(texts[source, column], ids[measure])
    return texts


def joined(before: str, more: str) -> str:
    """Return two lists as one, as CoST joins them."""
    return "&".join(filter(None, (before, more)))
