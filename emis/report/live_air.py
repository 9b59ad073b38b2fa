"""What a page needs to tell the air by itself: the first model of a scenario at its likely values, and its targets."""

from typing import Any

import numpy as np

from emis import units
from emis.airquality.aqi import HEAVY_INDEX, concentration_at
from emis.airquality.attainment import Attainment
from emis.airquality.interface import AREAS, PRECURSORS, SPECIES, Model
from emis.airquality.matrix import Matrix
from emis.airquality.rollback import Proportional, Rollback
from emis.airquality.surface import Surface
from emis.ambient.case import DUST, Case
from emis.ambient.fallen import Dustfall
from emis.ambient.heavy_days import HeavyDays
from emis.ambient.indicators import Concentration, indicator
from emis.ambient.interface import year_length
from emis.plan import Target
from emis.projection import Projection

__all__ = ["air_data", "air_target"]


def air_data(projection: Projection, case: Case) -> dict[str, Any]:
    """Return the model of a case, what the neighbours are assumed to do, and what ratios of precursors are made of."""
    base, outside = case.base_year, case.settings.outside
    model = case.model(case.settings.models[0])
    changes = {
        area: {
            str(year): [
                0.0 if (one := outside.of(area, name)) is None else one.at(year, base, case.target_year)
                for name in PRECURSORS
            ]
            for year in case.years
        }
        for area in AREAS[1:]
    }
    return {
        "precursors": list(PRECURSORS), "species": list(SPECIES), "areas": list(AREAS),
        "base": [_before(projection, name, case) for name in PRECURSORS], "held": list(case.held),
        "changes": changes, "stated": {area: _stated(case, area) for area in AREAS[1:]},
        "model": {"name": model.name, **_model(model)}, "reads": case.reads, "level": float(case.level(model.name)),
    }  # fmt: skip


def _before(projection: Projection, precursor: str, case: Case) -> float | None:
    """Return what the district emitted of a precursor in the base year [t]; None of what it has no figures of."""
    if precursor in case.held:
        return None
    dust = precursor == "dust"
    return projection.total(case.base_year, "PM2.5" if dust else precursor, DUST if dust else None)


def _stated(case: Case, area: str) -> dict[str, Any]:
    """Return the changes that the scenario states of an area, as it would be written."""
    return {
        name: one.model_dump(mode="json", exclude_defaults=True)
        for name, one in getattr(case.settings.outside, area).items()
    }


def _model(model: Model) -> dict[str, Any]:
    """Return the parameters of a model, by the names its own formula has for them."""
    if isinstance(model, Rollback):
        response = {name: float(value) for name, value in vars(model.response).items()}
        return {"base": model.base.tolist(), "shares": model.shares.tolist(), "response": response}
    if isinstance(model, Proportional):
        return {"base": float(model.base), "weight": model.weight.tolist()}
    if isinstance(model, Matrix):
        assert model.base is not None
        return {"base": model.base.tolist(), "response": model.response.tolist()}
    if isinstance(model, Attainment):
        return {"base": np.asarray(model.base).tolist(), "inner": _model(model.model)}
    assert isinstance(model, Surface)
    terms = [[[name.split("."), power] for name, power in term.exponents] for term in model.terms]
    return {
        "base": model.base.tolist(), "terms": terms, "coefficients": model.coefficients.tolist(),
        "box": {name: list(model.box[name]) for name in model.variables}, "clamped": model.clamped,
    }  # fmt: skip


def air_target(projection: Projection, target: Target) -> dict[str, Any]:
    """Return what a target on the air is told by beside the model.

    Raises
    ------
    Untold
        When it cannot be told.
    """
    one = indicator(projection, target)
    assert target.by is not None
    if isinstance(one, Concentration):
        factor = units.ratio("ug/m^3", one.unit) if one.since is None else None
        return {"is": "concentration", "factor": factor, "since": None if one.since is None else float(one.since.value)}
    if isinstance(one, Dustfall):
        unit = None if one.unit == "%" else units.ratio("t/(km^2*month)", one.unit)
        return {
            "is": "dustfall", "before": float(one.before.value), "background": float(one.background.value),
            "base": projection.total(projection.scenario.plan.base_year, "TSP"), "factor": unit,
        }  # fmt: skip
    assert isinstance(one, HeavyDays)
    return _heavy_days(one, target.by)


def _heavy_days(one: HeavyDays, year: int) -> dict[str, Any]:
    before = None if one.since is None else float(one.share_before())
    found = {
        "is": "heavy_days", "length": year_length(year), "before": before,
        "factor": None if one.since is not None else units.ratio("day", one.unit),
    }  # fmt: skip
    if one.daily is not None:
        return found | {"reach": _reach(one)}
    assert one.fit is not None
    limit = float(concentration_at(HEAVY_INDEX, "PM2.5", one.case.settings.aqi_edition))
    led = 1.0 if one.fit.led is None else one.fit.led
    return found | {"spread": one.fit.spread, "led": led, "limit": limit}


def _reach(one: HeavyDays) -> list[float]:
    """Return PM2.5 of each known day over what it has to exceed, ascending [1]: a day counts above 1/ratio."""
    assert one.daily is not None
    daily = one.daily.pm25()
    known = ~np.isnan(daily)
    return [float(value) for value in np.sort(daily[known] / one.limits[known])]
