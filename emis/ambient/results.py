"""The air of all years as a labelled dataset and as rows of tables, and what was observed beside it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from emis import draws
from emis.airquality.interface import AREAS, SPECIES, Floats
from emis.airquality.observed import Observation
from emis.ambient.attribution import concentration_contributions
from emis.ambient.case import SCOPES, TERMS, Case, Uniform
from emis.ambient.findings import Finding, find, interval
from emis.ambient.indicators import HeavyDays, indicator, inputs, of_the_air
from emis.plan import Target
from emis.projection import Projection
from emis.target_amounts import Untold
from emis.uncertainty.sampling import Drawn

__all__ = ["AIR_HEADER", "INDICATORS", "Ambient", "Hindsight", "air_inputs", "ambient_air"]

#: Indicators of targets that the air decides.
INDICATORS = ("concentration", "heavy_days", "dustfall")
_COUNTS = ("heavy_days_PM2.5", "heavy_days")
AIR_HEADER = (
    "target", "by", "quantity", "scope", "model", "value", "low", "high", "unit", "required", "probability",
)  # fmt: skip


@dataclass(frozen=True)
class Hindsight:
    """What was modelled and what was observed of a year after the base year; low and high are of what was modelled."""

    year: int
    area: str
    quantity: str
    modelled: float
    low: float
    high: float
    observed: float
    unit: str
    reference: str

    @property
    def off(self) -> float:
        """By how much the model is too high."""
        return self.modelled - self.observed

    @property
    def inside(self) -> bool:
        """Whether the observation lies in the interval."""
        return self.low <= self.observed <= self.high


@dataclass(frozen=True)
class Ambient:
    """What the air is told to be.

    Attributes
    ----------
    findings : dict
        By target id, the answer or why there is none.
    dataset : xarray.Dataset
        What goes into a result, empty when no air-quality model is run.
    hindsight : tuple
        For a scenario with ``hindcast: true``.
    """

    findings: dict[str, Finding | Untold]
    dataset: xr.Dataset = field(default_factory=xr.Dataset)
    hindsight: tuple[Hindsight, ...] = ()

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of air-quality.csv in a result, in the order of `AIR_HEADER`."""
        found: list[tuple[Any, ...]] = []
        for name, one in self.findings.items():
            if isinstance(one, Untold):
                continue
            first = next(iter(one.models), None)
            by, kind = one.target.by, one.target.indicator
            for scope, value in one.scopes.items():
                last = scope == SCOPES[-1]
                ends = (one.low, one.high) if last else (None, None)
                sure = one.probability if last else None
                found.append((name, by, kind, scope, first, value, *ends, one.unit, one.required, sure))
            found.append((name, by, kind, "no_plan", first, one.no_plan, None, None, one.unit, one.required, None))
            for model, value in one.models.items():
                if model != first:
                    found.append((name, by, kind, SCOPES[-1], model, value, None, None, one.unit, one.required, None))
            for term, share in one.variance.items():
                found.append((name, by, "variance_share", term, first, share, None, None, "1", None, None))
            for quantity, needed in (("neighbours_cut_needed", one.neighbours), ("own_part_needed", one.own_part)):
                if one.models:
                    found.append((name, by, quantity, "", first, needed, None, None, "1", None, None))
        for each in self.hindsight:
            cells = (each.modelled, each.low, each.high, each.unit, None, None)
            found.append(("", each.year, f"{each.quantity} {each.area} modelled", SCOPES[-1], None, *cells))
            seen = (each.observed, None, None, each.unit, None, None)
            found.append(("", each.year, f"{each.quantity} {each.area} observed", "", None, *seen))
        return found


def ambient_air(
    projection: Projection, targets: Iterable[Target], threads: int = 1, drawn: Drawn | None = None
) -> Ambient:
    """Return what the air is told to be: the answer on each target that is about it, and all years as a dataset.

    Parameters
    ----------
    drawn : Drawn, optional
        Draws of what the district emits, and of the inputs of the air (`air_inputs`); without them what the district
        emits is taken as certain.
    """
    findings: dict[str, Finding | Untold] = {}
    for target in targets:
        if target.indicator in INDICATORS:
            try:
                findings[target.id] = find(projection, target, drawn)
            except Untold as gap:
                findings[target.id] = gap
    try:
        case = Case.of(projection)
    except Untold:
        return Ambient(findings)
    known = {name: one for name, one in findings.items() if isinstance(one, Finding)}
    dataset = _dataset(projection, case, known, threads)
    return Ambient(findings, dataset, _hindsight(projection, drawn) if case.settings.hindcast else ())


def air_inputs(projection: Projection, targets: Iterable[Target]) -> tuple[str, ...]:
    """Return the uncertain inputs of the air that the answers on targets, and a hindcast, hang on."""
    found: list[str] = []
    for target in targets:
        if target.indicator in INDICATORS:
            with suppress(Untold):
                found += inputs(indicator(projection, target))
    settings = projection.scenario.document.air_quality
    if settings is not None and settings.hindcast:
        for area in AREAS[:2]:
            with suppress(Untold):
                found += HeavyDays.inputs_of(Case.of(projection, area))
    return tuple(dict.fromkeys(found))


def _dataset(projection: Projection, case: Case, findings: Mapping[str, Finding], threads: int) -> xr.Dataset:
    models, years = list(case.settings.compared), list(case.years)
    pm25 = np.array([[[float(case.pm25(m, y, s)) for y in years] for s in SCOPES] for m in models])
    first = case.model(models[0])
    micro = {"units": "ug m-3"}
    variables: dict[str, Any] = {
        "pm25": (("model", "scope", "air_year"), pm25, {**micro, "long_name": "annual mean PM2.5"}),
        "pm25_no_plan": (
            ("model", "air_year"),
            np.array([[float(case.pm25(m, y, SCOPES[-1], plan=False)) for y in years] for m in models]),
            {**micro, "long_name": "annual mean PM2.5 without the plan, neighbours as assumed"},
        ),
    }
    if first.species == SPECIES:
        by_species = np.array([[first.concentrations(case.ratio(y, s)) for y in years] for s in SCOPES])
        attrs = {**micro, "long_name": f"species of PM2.5 by {models[0]}"}
        variables["pm25_species"] = (("scope", "air_year", "species"), by_species, attrs)
    shares = concentration_contributions(projection, case, threads)
    variables["contributions_pm25"] = (("air_year", "measure"), shares.sel(year=years).values, shares.attrs)
    targets = list(findings)
    if targets:
        values = np.array([[one.scopes[s] for s in SCOPES] for one in findings.values()])
        note = "in the unit of air_unit"
        variables["air_value"] = (("air_target", "scope"), values, {"units": "1", "comment": note})
        sure = [np.nan if one.probability is None else one.probability for one in findings.values()]
        variables["air_probability"] = (("air_target",), np.array(sure), {"units": "1"})
        parts = np.array([[one.variance.get(term, 0.0) for term in TERMS] for one in findings.values()])
        variables["air_variance_share"] = (("air_target", "term"), parts, {"units": "1"})
    coords: dict[str, Any] = {
        "model": models, "scope": list(SCOPES), "air_year": years, "species": list(SPECIES), "term": list(TERMS),
        "measure": shares["measure"].values,
    }  # fmt: skip
    if targets:
        coords["air_target"] = targets
        coords["air_unit"] = ("air_target", [one.unit for one in findings.values()])
    return xr.Dataset(variables, coords)


def _hindsight(projection: Projection, drawn: Drawn | None) -> tuple[Hindsight, ...]:
    """Return what was observed after the base year beside what was modelled of it, by area and year."""
    found: list[Hindsight] = []
    for area in AREAS[:2]:
        try:
            case = Case.of(projection, area, drawn)
        except Untold:
            continue
        days, settings = HeavyDays.counted(case), projection.scenario.document.uncertainty
        names = HeavyDays.inputs_of(case)
        whole = (
            drawn.uniform
            if drawn is not None
            else draws.table(names, settings.seed, settings.samples, settings.sampling)
        )
        uniform = of_the_air(whole)
        for year in case.years:
            seen = {name: case.air.observations.get(year, area, name) for name in ("PM2.5", *_COUNTS)}
            if (one := seen["PM2.5"]) is not None:
                mean = partial(case.pm25, case.settings.models[0], year, SCOPES[-1])
                found.append(_beside(settings.confidence, uniform, mean, year, area, "PM2.5", one, "ug/m^3"))
            # Counts of the days that PM2.5 leads are what is modelled; all heavily polluted days are at least these.
            name = next((name for name in _COUNTS if seen[name] is not None), None)
            if name is not None and days is not None:
                one = seen[name]
                assert one is not None
                count = partial(days.days, year, SCOPES[-1])
                found.append(_beside(settings.confidence, uniform, count, year, area, name, one, "day"))
    return tuple(found)


def _beside(
    confidence: float, uniform: Uniform, modelled: Callable[[Uniform], Floats],
    year: int, area: str, quantity: str, observed: Observation, unit: str,
) -> Hindsight:  # fmt: skip
    low, high = interval(modelled(uniform), confidence)
    central = float(modelled(None))
    return Hindsight(year, area, quantity, central, low, high, observed.value, unit, observed.reference)
