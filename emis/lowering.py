"""From the verbs of a measure to the coefficients of the equation: transfers τ, what is kept of activity and emissions.

For one measure on one source, several effects combine into one remaining fraction first, so that emissions stay linear
in the measure's level.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emis import units
from emis.drivers import without_self, yields
from emis.inventory import Floats, Inventory
from emis.measures import Abate, Cap, Close, Limit, Measure, Replace, Scale, Shift
from emis.sectors import Lever, RowError, Rows
from emis.selection import Path, Selection, Sources

__all__ = ["CapRule", "Intensity", "Transfer", "lower"]


@dataclass(frozen=True, slots=True)
class Transfer:
    """Stock that leaves `origins` and arrives at `arrivals` (-1: nowhere).

    `amount` is τ, origins × years [activity unit/yr], `rate` the units that arrive per unit that leaves, and `offsite`
    what a unit that leaves causes outside the inventory, by pollutant, each per origin [t per activity unit].
    """

    path: Path
    origins: Sources
    arrivals: Sources
    rate: Floats
    amount: Floats
    offsite: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Intensity:
    """What the measure leaves at `sources`: of emissions (sources × pollutants) and of activity (sources) [1]."""

    path: Path
    sources: Sources
    keep: Floats
    stay: Floats


@dataclass(frozen=True, slots=True)
class CapRule:
    """A ceiling [t/yr] on the yearly emissions of one pollutant from `sources`."""

    path: Path
    sources: Sources
    pollutant: int
    limit: float


@dataclass(frozen=True, slots=True)
class Lowered:
    """A measure in the terms of the equation."""

    transfers: tuple[Transfer, ...]
    intensity: Intensity | None
    caps: tuple[CapRule, ...]
    matched: tuple[int, ...]


def lower(measure: Measure, activity: Floats, selection: Selection) -> Lowered:
    """Return the measure's coefficients; faults go to the selection's issues.

    Parameters
    ----------
    activity : ndarray, sources × years [activity unit/yr]
        Activity under the drivers: what a share is of, and what an amount is split by.
    """
    inventory = selection.inventory
    path: Path = ("plan", "measures", measure.id)
    transfers: list[Transfer] = []
    parts: list[Intensity] = []
    caps: list[CapRule] = []
    touched: set[int] = set()
    for number, effect in enumerate(measure.do):
        verb, place = effect.verb, (*path, "do", number, effect.name)
        sources = selection.sources(
            {(*path, "select"): measure.select, (*place, "select"): verb.select}, measure.optional
        )
        if not len(sources):
            continue
        touched.update(sources.tolist())
        if isinstance(verb, Shift | Close):
            transfer = _transfer(verb, sources, activity, place, selection)
            transfers.extend([transfer] if transfer is not None else [])
        elif isinstance(verb, Cap):
            caps.extend(_caps(verb, sources, measure, place, selection))
        elif isinstance(verb, Lever):
            parts.append(_pulled(verb, sources, place, selection))
        elif isinstance(verb, Scale | Abate | Replace | Limit):
            parts.append(_intensity(verb, sources, place, selection))
    intensity = _combine(parts, inventory) if parts else None
    if intensity is not None and transfers:
        _refuse_both(measure, transfers, intensity, selection)
    return Lowered(tuple(transfers), intensity, tuple(caps), tuple(sorted(touched)))


def _transfer(
    verb: Shift | Close, sources: Sources, activity: Floats, path: Path, selection: Selection
) -> Transfer | None:
    """Return the stock a verb moves; None when it moves none, or cannot be carried out."""
    inventory = selection.inventory
    reported = sources[inventory.reported[sources]]
    if len(reported) and isinstance(verb, Shift):
        _refuse_reported(reported, path, "shift", selection)
        return None
    arrivals = np.full(len(sources), -1, dtype=np.intp)
    if isinstance(verb, Shift):
        arrivals = selection.destinations(verb.to, sources, (*path, "to"))
        sources, arrivals = without_self(sources, arrivals, (*path, "to"), selection)
        if not len(sources):
            return None
    amount = _moved(verb, sources, activity[sources], path, selection)
    if amount is None:
        return None
    rate, offsite = np.zeros(len(sources)), dict[str, Floats]()
    if isinstance(verb, Shift):
        rate = yields(verb.yield_, inventory, sources, arrivals, path, selection)
        for name, factor in (verb.offsite or {}).items():
            scale = _factor_scale(factor, name, sources, (*path, "offsite", name), selection)
            if scale is not None:
                offsite[name] = scale
    return Transfer(path, sources, arrivals, rate, amount, offsite)


def _moved(verb: Shift | Close, sources: Sources, activity: Floats, path: Path, selection: Selection) -> Floats | None:
    """Return τ out of each source, sources × years [activity unit/yr]; None when the amount cannot be split."""
    reached = verb.penetration * verb.effectiveness
    if verb.share is not None:
        return activity * (verb.share * reached)
    assert verb.amount is not None
    inventory, amount = selection.inventory, units.Quantity(verb.amount.value * reached, verb.amount.unit)
    reported = inventory.reported[sources]
    own_units, unit_of = np.unique(inventory.activity_unit[sources].astype(str), return_inverse=True)
    first = str(own_units[0])
    different = [str(unit) for unit in own_units[1:] if reported.any() or not units.commensurable(str(unit), first)]
    if different:
        found = f"an amount cannot be split over {first} and {different[0]}"
        selection.error((*path, "amount"), found, "write a measure for each")
        return None
    to_first = np.array([1.0 if unit == first else units.activity_ratio(str(unit), first) for unit in own_units])[
        unit_of
    ]
    weight = activity * to_first[:, None]
    whole = weight.sum(axis=0)
    with np.errstate(invalid="ignore"):
        share = np.where(whole > 0, weight / np.where(whole > 0, whole, 1.0), np.where(np.isnan(whole), np.nan, 0.0))
    # With no stock left the promise still stands: it is laid on the first source, where feasibility finds it.
    share[0, whole == 0] = 1.0
    if not reported.any() and units.commensurable(amount.unit, first):
        per_unit = (
            amount.value * np.array([units.activity_ratio(amount.unit, str(unit)) for unit in own_units])[unit_of]
        )
        return np.asarray(share * per_unit[:, None])
    ratio = _per_stock(sources, amount, path, selection)
    return None if ratio is None else np.asarray(share * amount.value * ratio[:, None])


def _per_stock(sources: Sources, amount: units.Quantity, path: Path, selection: Selection) -> Floats | None:
    """Return activity per unit of `amount` at each source, by its own ratio of activity to stock in the base year."""
    inventory = selection.inventory
    fitting = [stock for stock in inventory.stocks.values() if units.commensurable(amount.unit, stock.unit)]
    if not fitting:
        units_here = sorted({str(unit) for unit in inventory.activity_unit[sources]})
        columns = sorted(f"{name} [{stock.unit}]" for name, stock in inventory.stocks.items())
        selection.error(
            (*path, "amount"),
            f"{amount} is neither in the activity's unit ({', '.join(units_here)}) nor in a stock column",
            f"stock columns here: {', '.join(columns) or 'none'}",
        )
        return None
    ratio = np.zeros(len(sources))
    for number, source in enumerate(sources):
        stock = next((one for one in fitting if not np.isnan(one.values[source])), None)
        activity = inventory.activity[source]
        file, line = inventory.place(int(source))
        row = (
            f"{inventory.labels['source'][source]} ({file}:{line})" if line else str(inventory.labels["source"][source])
        )
        if stock is None:
            selection.error(
                (*path, "amount"),
                f"{amount} is promised, but {row} has no such stock column",
                f"fill it with the number of {amount.unit}",
            )
            return None
        if stock.values[source] == 0 and activity > 0:
            selection.error((*path, "amount"), f"{row} has activity but a stock of 0 {stock.unit}", "give its stock")
            return None
        if stock.values[source] > 0:
            ratio[number] = activity / (stock.values[source] * units.activity_ratio(stock.unit, amount.unit))
    if not ratio.any():
        ratio[0] = 1.0  # nothing is there to close: the promise stays, for feasibility to find
    return ratio


def _factor_scale(
    factor: units.Quantity, name: str, sources: Sources, path: Path, selection: Selection
) -> Floats | None:
    """Return `factor` as [t per activity unit] of each source; None when its unit does not fit."""
    own = selection.inventory.activity_unit[sources]
    cache: dict[str, float] = {}
    for unit in dict.fromkeys(str(one) for one in own):
        try:
            cache[unit] = factor.value * units.factor_scale(unit, factor.unit, name)
        except units.UnitError as error:
            selection.error(path, error.message, error.hint)
            return None
    return np.array([cache[str(unit)] for unit in own])


def _intensity(verb: Scale | Abate | Replace | Limit, sources: Sources, path: Path, selection: Selection) -> Intensity:
    """Return what one effect leaves of emissions and activity at its sources."""
    inventory = selection.inventory
    keep = np.ones((len(sources), len(inventory.pollutants)))
    stay = np.ones(len(sources))
    if isinstance(verb, Scale):
        if verb.unsigned:
            message = f"{100 * verb.activity:g} % without a sign is growth"
            selection.warn(
                (*path, "activity"), message, f"write +{100 * verb.activity:g} %, or -{100 * verb.activity:g} %"
            )
        stay[:] = 1.0 + verb.activity
        keep[:] = stay[:, None]
        return Intensity(path, sources, keep, stay)
    reported = sources[inventory.reported[sources]]
    if len(reported) and not isinstance(verb, Abate):
        _refuse_reported(reported, path, "replace" if isinstance(verb, Replace) else "limit", selection)
        return Intensity(path, sources, keep, stay)
    field, wanted = _asked(verb)
    for name in wanted:
        if name not in inventory.pollutants:
            selection.warn(
                (*path, field), f"{name} is not among the inventory's pollutants", "the effect on it is not counted"
            )
            continue
        column, place = inventory.pollutants.index(name), (*path, field, name)
        if isinstance(verb, Abate):
            eta = _abated(verb, verb.efficiencies()[name], sources, column, place, selection)
        else:
            eta = _refactored(verb, name, sources, column, place, selection)
        keep[:, column] = 1.0 - eta
    if isinstance(verb, Limit) and (keep == 1).all():
        selection.warn(path, "changes nothing: every source it selects is within the limit already")
    return Intensity(path, sources, keep, stay)


def _pulled(verb: Lever, sources: Sources, path: Path, selection: Selection) -> Intensity:
    """Return what a sector's lever leaves of emissions at its sources, from the rows' own columns."""
    inventory = selection.inventory
    keep, stay = np.ones((len(sources), len(inventory.pollutants))), np.ones(len(sources))
    labels = {name: values[sources] for name, values in inventory.labels.items()}
    other = [number for number, category in enumerate(labels["category"]) if category not in verb.categories]
    try:
        if verb.categories and other:
            message = f"is of category {labels['category'][other[0]]}, on which `{path[-1]}` does not act"
            raise RowError(other[0], message, f"select {' or '.join(verb.categories)}")
        columns = {name: values[sources] for name, values in inventory.columns.items()}
        left = verb.remaining(Rows(labels, columns))
    except RowError as error:
        _row_fault(int(sources[error.row]), path, selection, error.message, error.hint)
        return Intensity(path, sources, keep, stay)
    for name, values in left.items():
        if name in inventory.pollutants:
            keep[:, inventory.pollutants.index(name)] = values
    return Intensity(path, sources, keep, stay)


def _asked(verb: Abate | Replace | Limit) -> tuple[str, Iterable[str]]:
    """Return the key a verb names its pollutants under, and these."""
    if isinstance(verb, Abate):
        return "efficiency", verb.efficiencies()
    return ("factor", verb.factor) if isinstance(verb, Replace) else ("at_most", verb.at_most)


def _abated(verb: Abate, efficiency: float, sources: Sources, column: int, path: Path, selection: Selection) -> Floats:
    """Return η of an abatement at each source; with `replaces: existing` the control of the inventory is backed out."""
    if verb.replaces is None:
        return np.full(len(sources), efficiency * verb.penetration * verb.effectiveness)
    inventory = selection.inventory
    existing = inventory.control[sources, column]
    total = np.flatnonzero(existing >= 1)
    if len(total):
        _row_fault(
            int(sources[total[0]]),
            path,
            selection,
            "has an existing control of 100 %: nothing tells what it would emit without it",
            "give the control's real efficiency and the emission behind it, or leave `replaces` out",
        )
        return np.zeros(len(sources))
    eta: Floats = verb.penetration * (1.0 - (1.0 - efficiency * verb.effectiveness) / (1.0 - existing))
    worse = np.flatnonzero(eta < -1e-15)
    if len(worse) and not verb.may_increase:
        _row_fault(
            int(sources[worse[0]]),
            path,
            selection,
            f"has an existing control of {100 * existing[worse[0]]:.6g} %,"
            f" better than the {100 * efficiency * verb.effectiveness:.6g} % that replaces it",
            "write may_increase: true if that is meant",
        )
    return eta


def _refactored(
    verb: Replace | Limit, name: str, sources: Sources, column: int, path: Path, selection: Selection
) -> Floats:
    """Return η = share · (1 − F_new/F) of a replacement, or of a limit where F is above it."""
    value = verb.factor[name] if isinstance(verb, Replace) else verb.at_most[name]
    scale = _factor_scale(value, name, sources, path, selection)
    if scale is None:
        return np.zeros(len(sources))
    factor = selection.inventory.factor[sources, column]
    known = factor > 0
    # Of a factor that is not estimated nothing is known but that the verb acts on it.
    eta: Floats = np.where(known, 1.0 - scale / np.where(known, factor, 1.0), np.where(np.isnan(factor), 1.0, 0.0))
    if isinstance(verb, Limit):
        return verb.share * np.maximum(0.0, eta)
    from_zero = np.flatnonzero((factor == 0) & (scale > 0))
    worse = np.flatnonzero(eta < -1e-15)
    if verb.share and len(from_zero):
        _row_fault(
            int(sources[from_zero[0]]),
            path,
            selection,
            f"emits no {name}, and would with {value}",
            "select sources that emit it",
        )
    elif verb.share and len(worse) and not verb.may_increase:
        row = worse[0]
        _row_fault(
            int(sources[row]),
            path,
            selection,
            f"would emit {scale[row] / factor[row]:.6g} times as much {name} with {value}",
            "write may_increase: true if that is meant",
        )
    return verb.share * eta


def _caps(verb: Cap, sources: Sources, measure: Measure, path: Path, selection: Selection) -> Iterator[CapRule]:
    if measure.months is not None:
        selection.error(
            ("plan", "measures", measure.id, "months"), "a cap is on the year's emissions", "leave `months` out"
        )
        return
    for name, limit in verb.at_most.items():
        place = (*path, "at_most", name)
        if name not in selection.inventory.pollutants:
            selection.warn(place, f"{name} is not among the inventory's pollutants", "the cap is not counted")
            continue
        try:
            tonnes = limit.value * units.tonnes_per_year(limit.unit)
        except units.UnitError as error:
            selection.error(place, error.message, error.hint)
            continue
        yield CapRule(place, sources, selection.inventory.pollutants.index(name), tonnes)


def _combine(parts: list[Intensity], inventory: Inventory) -> Intensity:
    if len(parts) == 1:
        return parts[0]
    sources = np.unique(np.concatenate([part.sources for part in parts]))
    keep = np.ones((len(sources), len(inventory.pollutants)))
    stay = np.ones(len(sources))
    for part in parts:
        rows = np.searchsorted(sources, part.sources)
        keep[rows] *= part.keep
        stay[rows] *= part.stay
    return Intensity(parts[0].path, sources, keep, stay)


def _refuse_both(measure: Measure, transfers: list[Transfer], intensity: Intensity, selection: Selection) -> None:
    moved: NDArray[np.intp] = np.concatenate(
        [np.concatenate([t.origins, t.arrivals[(t.arrivals >= 0) & (t.rate > 0)]]) for t in transfers]
    )
    both = np.intersect1d(moved, intensity.sources)
    if len(both):
        selection.error(
            ("plan", "measures", measure.id, "do"),
            f"moves stock of {selection.inventory.labels['source'][both[0]]} and changes its intensity too",
            "write two measures: emissions would not be linear in the level of one",
        )


def _refuse_reported(sources: Sources, path: Path, verb: str, selection: Selection) -> None:
    _row_fault(
        int(sources[0]),
        path,
        selection,
        f"is reported as tonnes: `{verb}` needs its activity and emission factor",
        "use scale, close by share, abate or cap, or give activity and factor",
    )


def _row_fault(source: int, path: Path, selection: Selection, message: str, hint: str) -> None:
    file, line = selection.inventory.place(source)
    row = f"{selection.inventory.labels['source'][source]}" + (f" ({file}:{line})" if line else "")
    selection.error(path, f"{row} {message}", hint)
