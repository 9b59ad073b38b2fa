"""The files of a scenario's section `air_quality`, and whether they go with its plan."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from emis.air_settings import AirQuality, SurfaceFit
from emis.airquality.aqi import EDITIONS, HEAVY_INDEX, concentration_at
from emis.airquality.interface import AREAS, PRECURSORS
from emis.airquality.observed import Air, Observations
from emis.airquality.surface import Errors, Surface, Term
from emis.airquality.surface import fit as fit_surface
from emis.ambient.heavy_days import ENOUGH, fit
from emis.errors import Issues
from emis.io import observations as tables
from emis.io.folders import Folder
from emis.io.matrices import read_matrix
from emis.io.surface_runs import read_runs
from emis.io.surfaces import read_surface
from emis.io.tables import Table, read_table
from emis.plan import Plan, Target
from emis.schema import Places
from emis.target_amounts import Untold

__all__ = ["check_air", "few_samples", "load_air"]

#: Finds the file that a key of the scenario names, relative to the file the key stands in; None with a fault.
Named = Callable[[Sequence[Any]], Path | None]


def load_air(settings: AirQuality, named: Named, folder: Folder, issues: Issues, encoding: str | None) -> Air | None:
    """Read what a scenario knows of the air; None, and `issues` says why, when its observations cannot be read."""

    def table(key: str) -> Table | None:
        path = named(("air_quality", key))
        if path is None:
            return None
        folder.read(path)
        return read_table(path, folder.shown(path), issues, encoding=encoding)

    observed, origins, daily = table("observed"), table("shares"), table("daily")
    seen = tables.observations(observed, issues) if observed is not None else None
    shares = tables.shares(origins, issues) if origins is not None else {}
    series = tables.daily_series(daily, issues) if daily is not None else {}
    matrix = None
    if (path := named(("air_quality", "matrix"))) is not None:
        folder.read(path)
        matrix = read_matrix(path, folder.shown(path), issues, encoding=encoding)
    surface, wrong_by = _surface(settings, named, folder, issues, encoding)
    return None if seen is None else Air(seen, shares, series, matrix, surface, wrong_by)


def _surface(
    settings: AirQuality, named: Named, folder: Folder, issues: Issues, encoding: str | None
) -> tuple[Surface | None, Errors | None]:
    """Return the response surface of a file of coefficients, or one fitted to a table of runs and its errors."""
    fitted = isinstance(settings.surface, SurfaceFit)
    path = named(("air_quality", "surface", "runs") if fitted else ("air_quality", "surface"))
    if path is None:
        return None, None
    folder.read(path)
    shown = folder.shown(path)
    if not isinstance(settings.surface, SurfaceFit):
        return read_surface(path, shown, issues, encoding=encoding), None
    runs = read_runs(path, shown, issues, encoding=encoding)
    if runs is None:
        return None, None
    try:
        found = fit_surface(runs, [Term.parse(text) for text in settings.surface.basis], ridge=settings.surface.ridge)
    except ValueError as error:
        message, _, hint = str(error).partition("; ")
        issues.error(shown, 0, "", message, hint or "add runs, or take terms out of air_quality.surface.basis")
        return None, None
    return replace(found.surface, clamped=settings.surface.clamped), found.errors()


# -- agreement -------------------------------------------------------------------------------------------------------


#: Draws below which a probability is told to no better than five per cent.
_FEW = 100
#: How far a series' mean may be off the annual mean [1].
_MEAN = 0.2


def few_samples(samples: int, places: Places, issues: Issues) -> None:
    """Note that a probability rests on few draws."""
    if samples < _FEW:
        place = places.at(("scenario", "uncertainty", "samples"))
        message = f"{samples} draws tell a probability coarsely"
        issues.warn(*place, "uncertainty.samples", message, f"write at least {_FEW}; 10000 is the default")


class _Notes:
    """Faults and warnings about a scenario's section, by keys below `air_quality`, and about its plan's targets."""

    def __init__(self, places: Places, of_plan: Places, issues: Issues):
        self.places, self.of_plan, self.issues = places, of_plan, issues

    def warn(self, keys: Sequence[str | int], message: str, hint: str = "") -> None:
        """Warn of what stands in the section."""
        path = ("air_quality", *keys)
        self.issues.warn(*self.places.at(("scenario", *path)), ".".join(map(str, path)), message, hint)

    def error(self, keys: Sequence[str | int], message: str, hint: str = "") -> None:
        """Note a fault of the section."""
        path = ("air_quality", *keys)
        self.issues.error(*self.places.at(("scenario", *path)), ".".join(map(str, path)), message, hint)

    def of_target(self, target: Target, key: str, message: str, hint: str) -> None:
        """Warn of a target."""
        path = ("targets", target.id, key)
        self.issues.warn(*self.of_plan.at(("plan", *path)), ".".join(path), message, hint)


def check_air(
    settings: AirQuality, plan: Plan, air: Air | None, places: Places, of_plan: Places, issues: Issues
) -> None:
    """Note what the section assumes without saying so, what it names and does not use, and targets it cannot tell."""
    notes = _Notes(places, of_plan, issues)
    if settings.aqi_edition not in EDITIONS:
        message = f"no edition {settings.aqi_edition!r} of HJ 633 is known"
        notes.error(("aqi_edition",), message, f"known are {', '.join(EDITIONS)}")
        return
    for area in AREAS[1:]:
        _check_outside(settings, area, plan.base_year, notes)
    for key, model in (("matrix", "source_receptor"), ("surface", "response_surface")):
        if getattr(settings, key) is not None and model not in settings.models:
            notes.warn((key,), f"is not used without {model} among the models", f"add it to models, or leave {key} out")
    if air is not None:
        _check_series(settings, air, plan.base_year, notes)
        _check_basis(air.observations, plan.base_year, notes)
    _check_targets(settings, plan, air, notes)


def _check_outside(settings: AirQuality, area: str, base: int, notes: _Notes) -> None:
    """Note what is not said of a neighbour, what is said to no use, and changes in years that are over."""
    still = [name for name in PRECURSORS if settings.outside.of(area, name) is None]
    if still:
        message = f"nothing is said of {', '.join(still)} of the {area}: unchanged since {base} is assumed"
        notes.warn(("outside", area), message, "write what the neighbours do, e.g. NOx: -20 %; 0 % where nothing")
    for name, change in getattr(settings.outside, area).items():
        if name not in (*PRECURSORS, "PM2.5"):
            notes.warn(("outside", area, name), f"{name} is no precursor of PM2.5 here and is not used")
        over = [] if isinstance(change.change, float) else [year for year in change.change if year <= base]
        for year in over:
            message = f"{year} is not after the base year {base}, from which changes count"
            notes.error(("outside", area, name, year), message, f"write years from {base + 1} on")


def _check_series(settings: AirQuality, air: Air, base: int, notes: _Notes) -> None:
    """Note daily series that are not used, and one that is not of the year's mean."""
    used = AREAS[:2] if settings.hindcast else AREAS[:1]
    for (area, year), series in air.daily.items():
        of = f"the series of the {area} in {year}"
        if area not in used:
            notes.warn(("daily",), f"{of} is not used: days are told of the {' and the '.join(used)}")
        elif year != base:
            notes.warn(("daily",), f"{of} is not used: the one of the base year {base} is scaled")
        elif series.valid < ENOUGH:
            message = f"{of} is not used: it has PM2.5 on {series.valid} days, and {ENOUGH} make a year"
            notes.warn(("daily",), message, "add the days that are missing; the days are log-normal until then")
        elif (mean := air.observations.get(year, area, "PM2.5")) is not None:
            found = float(np.nanmean(series.pm25()))
            if abs(found / mean.value - 1) > _MEAN:
                message = f"{of} has a mean of {found:.3g} ug/m^3, and {mean.value:.3g} is observed of the year"
                notes.warn(("daily",), message, "check its unit, station and gaps")


def _check_basis(observed: Observations, base: int, notes: _Notes) -> None:
    """Note a base year that does not say its basis where other years do."""
    told = any(one.basis for (_, area, name), one in observed.values.items() if (area, name) == ("district", "PM2.5"))
    mass = observed.get(base, "district", "PM2.5")
    if told and mass is not None and not mass.basis:
        message = f"the basis of PM2.5 of the district in {base} is not said, and that of other years is"
        notes.warn(("observed",), message, f"write reference or ambient in the column basis of {observed.file}")


def _check_targets(settings: AirQuality, plan: Plan, air: Air | None, notes: _Notes) -> None:
    """Note targets on the air that cannot be told for want of what is observed or assumed, or name no pollutant."""
    for target in plan.targets:
        if target.indicator not in ("concentration", "heavy_days", "dustfall"):
            continue
        if target.indicator == "concentration" and target.pollutant is None:
            notes.of_target(target, "indicator", "names no pollutant: PM2.5 is taken", "write pollutant: PM2.5")
        if settings.observed is None:
            lacking = ["air_quality.observed, the table of observations,"]
        elif air is None:
            continue
        else:
            lacking = list(_lacking(settings, air, target, plan.base_year))
        for what in lacking:
            key = "since" if target.since is not None and f"in {target.since}" in what else "indicator"
            notes.of_target(target, key, f"{what} is not there: the target is undetermined", "add it")


def _lacking(settings: AirQuality, air: Air, target: Target, base: int) -> Iterator[str]:
    """Return what a target cannot be told without."""
    observed = air.observations
    names: tuple[str, ...] = ("PM2.5",)
    years = [base]
    if target.indicator == "dustfall":
        names = ("dustfall", "dustfall_background")
    elif target.reduce_by is not None and target.since is not None:
        years = list(dict.fromkeys((base, target.since)))
    for year in years:
        for name in names:
            if observed.get(year, AREAS[0], name) is None:
                yield f"{name} of the {AREAS[0]} in {year} in {observed.file}"
    if target.indicator == "dustfall":
        return
    if observed.composition(base, AREAS[0]) is None:
        yield f"the composition of PM2.5 in or before {base} in {observed.file}"
    if AREAS[0] not in air.shares:
        yield f"where the PM2.5 of the {AREAS[0]} comes from, in a table named by air_quality.shares,"
    if target.indicator == "heavy_days" and (AREAS[0], base) not in air.daily:
        limit = float(concentration_at(HEAVY_INDEX, "PM2.5", settings.aqi_edition))
        try:
            fit(observed, AREAS[0], base, target.since, limit)
        except Untold as gap:
            yield f"a year to fit the spread of days to ({gap.english})"
