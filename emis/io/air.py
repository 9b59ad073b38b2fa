"""The files of a scenario's section `air_quality`, and whether they go with its plan."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emis.air_settings import AirQuality, SurfaceFit
from emis.airquality.aqi import EDITIONS
from emis.airquality.interface import AREAS, PRECURSORS
from emis.airquality.observed import Air, Observations
from emis.airquality.surface import Errors, Surface, Term, fit
from emis.errors import Issues
from emis.io import observations as tables
from emis.io.folders import Folder
from emis.io.matrices import read_matrix
from emis.io.surfaces import read_runs, read_surface
from emis.io.tables import Table, read_table
from emis.plan import Plan
from emis.schema import Places

__all__ = ["check_air", "load_air"]

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
        found = fit(runs, [Term.parse(text) for text in settings.surface.basis], ridge=settings.surface.ridge)
    except ValueError as error:
        message, _, hint = str(error).partition("; ")
        issues.error(shown, 0, "", message, hint or "add runs, or take terms out of air_quality.surface.basis")
        return None, None
    return replace(found.surface, clamped=settings.surface.clamped), found.errors()


# -- agreement -------------------------------------------------------------------------------------------------------


def check_air(
    settings: AirQuality, plan: Plan, air: Air | None, places: Places, of_plan: Places, issues: Issues
) -> None:
    """Note what the section assumes without saying so, and targets on the air whose years nothing is known of."""

    def warn(path: tuple[str | int, ...], message: str, hint: str = "", within: Places = places) -> None:
        issues.warn(*within.at(path), ".".join(map(str, path[1:])), message, hint)

    root = ("scenario", "air_quality")
    if settings.aqi_edition not in EDITIONS:
        place = places.at((*root, "aqi_edition"))
        message = f"no edition {settings.aqi_edition!r} of HJ 633 is known"
        issues.error(*place, "air_quality.aqi_edition", message, f"known are {', '.join(EDITIONS)}")
    for area in AREAS[1:]:
        still = [name for name in PRECURSORS if settings.outside.of(area, name) is None]
        if still:
            message = (
                f"nothing is said of {', '.join(still)} of the {area}: unchanged since {plan.base_year} is assumed"
            )
            warn((*root, "outside", area), message, "write what the neighbours do, e.g. NOx: -20 %; 0 % where nothing")
        for name in getattr(settings.outside, area):
            if name not in (*PRECURSORS, "PM2.5"):
                warn((*root, "outside", area, name), f"{name} is no precursor of PM2.5 here and is not used")
    if air is not None:
        _check_targets(plan, air.observations, lambda path, message, hint: warn(path, message, hint, of_plan))


def _check_targets(plan: Plan, observed: Observations, warn: Callable[[tuple[str | int, ...], str, str], None]) -> None:
    kinds = {"concentration": ("PM2.5",), "heavy_days": ("heavy_days", "PM2.5"), "dustfall": ("dustfall",)}
    for target in plan.targets:
        if target.since is None or target.indicator not in kinds:
            continue
        wanted = kinds[target.indicator]
        if all(observed.get(target.since, "district", name) is None for name in wanted):
            message = f"{' or '.join(wanted)} of the district in {target.since} is not in {observed.file}"
            warn(("plan", "targets", target.id, "since"), message, "add it; until then the target is undetermined")
