"""What files of scenarios are written from: each scenario with its years, and sums of its sources by group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emis.coded import Codes, Texts
from emis.errors import Issues
from emis.interchange.formats import Settings
from emis.interchange.scenario_tables.assembling import NO_PLAN
from emis.interchange.series import Series
from emis.inventory import Floats

__all__ = ["Written", "scenarios", "summed", "tell_gaps"]

#: Keys of a part that is there and not known: a sum without it would say too little.
_UNKNOWN = ("NE", "C")


@dataclass(frozen=True)
class Written:
    """A scenario that is written: the series it is of, its names, and its values Y × S × P [t/yr] with their keys."""

    series: Series
    scenario: str
    model: str
    years: tuple[int, ...]
    values: Floats
    keys: Texts


def scenarios(several: Sequence[Series], settings: Settings, issues: Issues) -> list[Written]:
    """Return the scenarios of series, that without the plan as one of its own.

    Of several years the one is taken that the user asks for. A series that has no year, and two scenarios of one name,
    are faults.
    """
    found: list[Written] = []
    for series in several:
        inventory = series.inventory
        asked = settings.year in series.years
        at = [n for n, year in enumerate(series.years) if not asked or year == settings.year]
        years = tuple(series.years[n] for n in at)
        if years == (0,) and settings.year is not None:
            years = (settings.year,)
        if 0 in years:
            issues.error(inventory.file, 0, "year", "the inventory does not say its year", "say which: --year 2020")
        name = series.scenario or settings.scenario or inventory.name
        model = series.model or settings.model
        found.append(Written(series, name, model, years, series.values[at], series.keys[at]))
        if series.no_plan is not None:
            found.append(Written(series, name + NO_PLAN, model, years, series.no_plan[at], series.keys[at]))
    names = [(one.model, one.scenario) for one in found]
    for model, scenario in {one for one in names if names.count(one) > 1}:
        message = f"two scenarios are called {scenario!r} of {model!r}"
        issues.error("", 0, "scenario", message, "convert one of them, with --scenario")
    return found


def summed(values: Floats, keys: Texts, group: Codes, groups: int) -> tuple[Floats, int]:
    """Return sums over the sources of each group, Y × G × P [t/yr], and how many cells have a part that is not known.

    What a file says nothing of is left out of a sum; what it says is not estimated, or confidential, leaves the whole
    sum unknown.
    """
    shape = values.shape[0], groups, values.shape[2]
    found, known, gaps = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    here = ~np.isnan(values)
    every = np.arange(shape[0])[:, None]
    np.add.at(found, (every, group[None]), np.where(here, values, 0.0))
    np.logical_or.at(known, (every, group[None]), here)
    np.logical_or.at(gaps, (every, group[None]), ~here & np.isin(keys, _UNKNOWN))
    return np.where(known & ~gaps, found, np.nan), int(np.count_nonzero(known & gaps))


def tell_gaps(count: int, file: str, issues: Issues) -> None:
    """Warn of sums that are left blank for a part that is not known."""
    if count:
        message = f"{count:,} sums have a part that is not estimated or confidential: they are left blank"
        issues.warn(file, 0, "", message, "--by source keeps the parts that are known")
