"""What a measure does to the intensity of its sources: the share of emissions and of activity that it leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from emis import units
from emis.inventory import Floats, Inventory
from emis.measures import Abate, Limit, Replace, Scale
from emis.sectors import Lever, RowError, Rows
from emis.selection import Path, Selection, Sources

__all__ = ["Intensity", "combine", "factor_scale", "intensity", "pulled", "refuse_reported", "row_fault"]


@dataclass(frozen=True, slots=True)
class Intensity:
    """What the measure leaves at `sources`: of emissions (sources × pollutants) and of activity (sources) [1].

    Views of one row where it leaves the same at all of them; nothing writes to either.
    """

    path: Path
    sources: Sources
    keep: Floats
    stay: Floats


def intensity(verb: Scale | Abate | Replace | Limit, sources: Sources, path: Path, selection: Selection) -> Intensity:
    """Return what one effect leaves of emissions and activity at its sources."""
    inventory = selection.inventory
    shape = len(sources), len(inventory.pollutants)
    if isinstance(verb, Scale):
        if verb.unsigned:
            message = f"{100 * verb.activity:g} % without a sign is growth"
            selection.warn(
                (*path, "activity"), message, f"write +{100 * verb.activity:g} %, or -{100 * verb.activity:g} %"
            )
        left = np.array(1.0 + verb.activity)
        return Intensity(path, sources, np.broadcast_to(left, shape), np.broadcast_to(left, shape[0]))
    stay = np.broadcast_to(1.0, shape[0])
    reported = sources[inventory.reported[sources]]
    if len(reported) and not isinstance(verb, Abate):
        refuse_reported(reported, path, "replace" if isinstance(verb, Replace) else "limit", selection)
        return Intensity(path, sources, np.broadcast_to(1.0, shape), stay)
    etas: dict[int, Floats] = {}
    field, wanted = _asked(verb)
    for name in wanted:
        if name not in inventory.pollutants:
            selection.warn(
                (*path, field), f"{name} is not among the inventory's pollutants", "the effect on it is not counted"
            )
            continue
        column, place = inventory.pollutants.index(name), (*path, field, name)
        if isinstance(verb, Abate):
            etas[column] = _abated(verb, verb.efficiencies()[name], sources, column, place, selection)
        else:
            etas[column] = _refactored(verb, name, sources, column, place, selection)
    keep = _kept(etas, shape)
    if isinstance(verb, Limit) and (keep == 1).all():
        selection.warn(path, "changes nothing: every source it selects is within the limit already")
    return Intensity(path, sources, keep, stay)


def _kept(etas: Mapping[int, Floats], shape: tuple[int, int]) -> Floats:
    """Return what is kept, sources × pollutants: one row for all of them where each η is one for all."""
    one = all(eta.ndim == 0 for eta in etas.values())
    keep = np.ones((1 if one else shape[0], shape[1]))
    for column, eta in etas.items():
        keep[:, column] = 1.0 - eta
    return np.broadcast_to(keep, shape)


def pulled(verb: Lever, sources: Sources, path: Path, selection: Selection) -> Intensity:
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
        row_fault(int(sources[error.row]), path, selection, error.message, error.hint)
        return Intensity(path, sources, keep, stay)
    for name, values in left.items():
        if name in inventory.pollutants:
            column = inventory.pollutants.index(name)
            spared = inventory.added[sources, column] if verb.spares_additions and inventory.added is not None else 0.0
            keep[:, column] = values + (1.0 - values) * spared
    if (keep == 1).all() and not _asks_nothing(verb):
        selection.warn(path, "changes nothing at any source it selects", "see whether they are better already")
    return Intensity(path, sources, keep, stay)


def _asks_nothing(verb: Lever) -> bool:
    """Tell whether a lever is written at strength zero, which is a choice."""
    return any(getattr(verb, name) == 0 for name in type(verb).model_fields)


def _asked(verb: Abate | Replace | Limit) -> tuple[str, Iterable[str]]:
    """Return the key a verb names its pollutants under, and these."""
    if isinstance(verb, Abate):
        return "efficiency", verb.efficiencies()
    return ("factor", verb.factor) if isinstance(verb, Replace) else ("at_most", verb.at_most)


def _abated(verb: Abate, efficiency: float, sources: Sources, column: int, path: Path, selection: Selection) -> Floats:
    """Return η of an abatement, one for all sources.

    With `replaces: existing` the control of the inventory is backed out, and each source has its own.
    """
    if verb.replaces is None:
        return np.array(efficiency * verb.penetration * verb.effectiveness)
    inventory = selection.inventory
    existing = inventory.control[sources, column]
    total = np.flatnonzero(existing >= 1)
    if len(total):
        row_fault(
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
        row_fault(
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
    scale = factor_scale(value, name, sources, path, selection)
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
        row_fault(
            int(sources[from_zero[0]]),
            path,
            selection,
            f"emits no {name}, and would with {value}",
            "select sources that emit it",
        )
    elif verb.share and len(worse) and not verb.may_increase:
        row = worse[0]
        row_fault(
            int(sources[row]),
            path,
            selection,
            f"would emit {scale[row] / factor[row]:.6g} times as much {name} with {value}",
            "write may_increase: true if that is meant",
        )
    return verb.share * eta


def factor_scale(
    factor: units.Quantity, name: str, sources: Sources, path: Path, selection: Selection
) -> Floats | None:
    """Return `factor` as [t per activity unit] of each source; None when its unit does not fit."""
    own = selection.inventory.coded("activity_unit")
    codes = own.codes[sources]
    # Where each unit stands first: a fault is told of the first that does not fit.
    first = np.full(len(own.values), len(codes))
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    found = np.empty(len(own.values))
    for code in np.argsort(first)[: np.count_nonzero(first < len(codes))].tolist():
        try:
            found[code] = factor.value * units.factor_scale(own.values[code], factor.unit, name)
        except units.UnitError as error:
            selection.error(path, error.message, error.hint)
            return None
    return found[codes]


def combine(parts: list[Intensity], inventory: Inventory) -> Intensity:
    """Return what the effects of one measure leave together: one remaining fraction for each source and pollutant."""
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


def refuse_reported(sources: Sources, path: Path, verb: str, selection: Selection) -> None:
    """Note that a verb cannot act on sources that were reported as tonnes."""
    row_fault(
        int(sources[0]),
        path,
        selection,
        f"is reported as tonnes: `{verb}` needs its activity and emission factor",
        "use scale, close by share, abate or cap, or give activity and factor",
    )


def row_fault(source: int, path: Path, selection: Selection, message: str, hint: str) -> None:
    """Note a fault of one source at `path` of the plan, with the source's own file and line."""
    file, line = selection.inventory.place(source)
    row = f"{selection.inventory.labels['source'][source]}" + (f" ({file}:{line})" if line else "")
    selection.error(path, f"{row} {message}", hint)
