"""The air of all years as a labelled dataset and as rows of tables, and what was observed beside it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import xarray as xr

from emis import draws
from emis.airquality.interface import AREAS, SPECIES, Floats
from emis.airquality.observed import Observation
from emis.ambient.attribution import concentration_contributions
from emis.ambient.case import SCOPES, TERMS, UNCHANGED, Case, Uniform
from emis.ambient.findings import Finding, find, interval
from emis.ambient.heavy_days import HeavyDays
from emis.ambient.indicators import indicator, inputs, of_the_air
from emis.plan import Target
from emis.projection import Projection
from emis.target_amounts import Untold
from emis.uncertainty.drawn import Drawn

__all__ = ["AIR_HEADER", "INDICATORS", "Ambient", "Hindsight", "air_inputs", "ambient_air"]

#: Indicators of targets that the air decides.
INDICATORS = ("concentration", "heavy_days", "dustfall")
#: Counts of days, first of those that PM2.5 leads.
_COUNTS = ("heavy_days_PM2.5", "heavy_days")
AIR_HEADER = (
    "target", "by", "quantity", "scope", "model", "value", "low", "high", "unit", "required", "probability", "area",
)  # fmt: skip


@dataclass(frozen=True)
class Hindsight:
    """What was modelled and what was observed of a year after the base year; low and high are of what was modelled.

    Both are on the basis that was observed on; `reads` is what that makes of a value on the base year's [1].
    """

    year: int
    area: str
    quantity: str
    modelled: float
    low: float
    high: float
    observed: float
    unit: str
    reference: str
    model: str
    basis: str = ""
    reads: float = 1.0

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
        """Return the rows of air-quality.csv in a result, in the order of `AIR_HEADER`.

        A row of the hindcast has its area, and what was observed has `observed` for its model.
        """
        told = [(name, one) for name, one in self.findings.items() if isinstance(one, Finding)]
        found = [row for name, one in told for row in _rows(name, one)]
        for each in self.hindsight:
            head, tail = ("", each.year, each.quantity), (each.unit, None, None, each.area)
            found.append((*head, SCOPES[-1], each.model, each.modelled, each.low, each.high, *tail))
            found.append((*head, "", "observed", each.observed, None, None, *tail))
        return found


def _rows(name: str, one: Finding) -> list[tuple[Any, ...]]:
    """Return the rows on a target: by whose change, by model, what decides, what would be needed."""
    first, required = next(iter(one.models), None), one.required
    head = (name, one.target.by)
    found: list[tuple[Any, ...]] = []

    def add(scope: str, model: str | None, value: float, *ends: float | None) -> None:
        low, high, sure = ends or (None, None, None)
        kind = one.target.indicator
        found.append((*head, kind, scope, model, value, low, high, one.unit, required, sure, AREAS[0]))

    add(UNCHANGED, first, one.unchanged)
    for scope, value in one.scopes.items():
        add(scope, first, value, *((one.low, one.high, one.probability) if scope == SCOPES[-1] else ()))
    add("no_plan", first, one.no_plan)
    for model, value in one.models.items():
        if model != first:
            add(SCOPES[-1], model, value)
    for term, share in one.variance.items():
        found.append((*head, "variance_share", term, first, share, None, None, "1", None, None, AREAS[0]))
    needs = {"neighbours_cut_needed": one.neighbours if one.answers else None}
    needs |= {} if one.local_part is None else {"own_part_needed": one.own_part}
    for quantity, needed in needs.items():
        if one.models:
            found.append((*head, quantity, "", first, needed, None, None, "1", None, None, AREAS[0]))
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
    known = {name: one for name, one in findings.items() if isinstance(one, Finding)}
    parts = [_of_targets(known)] if known else []
    hindsight: tuple[Hindsight, ...] = ()
    # Dustfall has an answer where PM2.5 has none.
    with suppress(Untold):
        case = Case.of(projection)
        parts.append(_of_years(projection, case, threads))
        if case.settings.hindcast:
            hindsight = _hindsight(projection, drawn)
    return Ambient(findings, xr.merge(parts, join="exact", compat="no_conflicts") if parts else xr.Dataset(), hindsight)


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


_ALL_SCOPES = (UNCHANGED, *SCOPES)


def _of_years(projection: Projection, case: Case, threads: int) -> xr.Dataset:
    """Return PM2.5 of all years by model and scope, its species, and what each measure is worth."""
    models, years = list(case.settings.compared), list(case.years)
    pm25 = np.array([[[float(case.pm25(m, y, s)) for y in years] for s in _ALL_SCOPES] for m in models])
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
    coords: dict[str, Any] = {"model": models, "scope": list(_ALL_SCOPES), "air_year": years}
    if first.species == SPECIES:
        by_species = np.array([[first.concentrations(case.ratio(y, s)) for y in years] for s in _ALL_SCOPES])
        attrs = {**micro, "long_name": f"species of PM2.5 by {models[0]}"}
        variables["pm25_species"] = (("scope", "air_year", "species"), by_species, attrs)
        coords["species"] = list(SPECIES)
    shares = concentration_contributions(projection, case, threads)
    variables["contributions_pm25"] = (("air_year", "measure"), shares.sel(year=years).values, shares.attrs)
    return xr.Dataset(variables, {**coords, "measure": shares["measure"].values})


def _of_targets(findings: Mapping[str, Finding]) -> xr.Dataset:
    """Return what targets come to, by whose change, with the probability and what decides it."""
    told = list(findings.values())
    values = np.array([[one.unchanged, *(one.scopes[s] for s in SCOPES)] for one in told])
    sure = [np.nan if one.probability is None else one.probability for one in told]
    parts = np.array([[one.variance.get(term, 0.0) for term in TERMS] for one in told])
    note = {"units": "1", "comment": "in the unit of air_unit"}
    return xr.Dataset(
        {
            "air_value": (("air_target", "scope"), values, note),
            "air_probability": (("air_target",), np.array(sure), {"units": "1"}),
            "air_variance_share": (("air_target", "term"), parts, {"units": "1"}),
        },
        {
            "air_target": list(findings), "air_unit": ("air_target", [one.unit for one in told]),
            "scope": list(_ALL_SCOPES), "term": list(TERMS),
        },
    )  # fmt: skip


def _hindsight(projection: Projection, drawn: Drawn | None) -> tuple[Hindsight, ...]:
    """Return what was observed after the base year beside what was modelled of it, by area and year."""
    found: list[Hindsight] = []
    for area in AREAS[:2]:
        try:
            case = Case.of(projection, area, drawn)
        except Untold:
            continue
        settings, names = projection.scenario.document.uncertainty, HeavyDays.inputs_of(case)
        whole = (
            drawn.uniform
            if drawn is not None
            else draws.table(names, settings.seed, settings.samples, settings.sampling)
        )
        for year in case.years:
            found += _of_a_year(case, year, settings.confidence, of_the_air(whole))
    return tuple(found)


def _of_a_year(case: Case, year: int, confidence: float, uniform: Uniform) -> Iterator[Hindsight]:
    """Return PM2.5 and days of a year where they were observed, modelled on the basis that they were observed on."""
    observed, area, model = case.air.observations, case.receptor, case.settings.models[0]
    basis = observed.basis(year, area)
    case = case.on(basis)

    def beside(name: str, modelled: Callable[[Uniform], Floats], seen: Observation, unit: str) -> Hindsight:
        low, high = interval(modelled(uniform), confidence)
        central = float(modelled(None))
        return Hindsight(
            year, area, name, central, low, high, seen.value, unit, seen.reference, model, basis, case.reads
        )

    if (seen := observed.get(year, area, "PM2.5")) is not None:
        yield beside("PM2.5", partial(case.pm25, model, year, SCOPES[-1]), seen, "ug/m^3")
    days = HeavyDays.counted(case)
    if days is None:
        return
    # What is modelled is compared with its like where that was counted: days that PM2.5 leads, or all of them.
    names = _COUNTS if days.of_pm25 else _COUNTS[::-1]
    known = ((name, one) for name in names if (one := observed.get(year, area, name)) is not None)
    for name, seen in islice(known, 1):
        yield beside(name, partial(days.days, year, SCOPES[-1]), seen, "day")
