"""From the verbs of a measure to the coefficients of the equation: transfers τ, what is kept of activity and emissions.

For one measure on one source, several effects combine into one remaining fraction first, so that emissions stay linear
in the measure's level.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emis import units
from emis.drivers import without_self, yields
from emis.intensity import Intensity, combine, factor_scale, intensity, pulled, refuse_reported
from emis.inventory import Floats
from emis.measures import Abate, Cap, Close, Limit, Measure, Replace, Scale, Shift
from emis.sectors import Lever
from emis.selection import Path, Selection, Sources

__all__ = ["CapRule", "Intensity", "Lowered", "Rule", "Transfer", "lower"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a transfer takes of the activity A of its origins: a part of each, or a whole split over them.

    `part` is per origin, of a share [1], or of an amount what of the whole an origin would give if all of it were laid
    on it [activity unit/yr]. `weight` is what a unit of each origin's activity counts in the split, None for a share.
    """

    part: Floats
    weight: Floats | None = None

    def of(self, activity: Floats) -> Floats:
        """Return τ, origins × years [activity unit/yr], of an activity of that shape."""
        if self.weight is None:
            return activity * self.part[:, None]
        weighted = activity * self.weight[:, None]
        whole = weighted.sum(axis=0)
        with np.errstate(invalid="ignore"):
            share = np.where(
                whole > 0, weighted / np.where(whole > 0, whole, 1.0), np.where(np.isnan(whole), np.nan, 0.0)
            )
        # With no stock left the promise still stands: it is laid on the first source, where feasibility finds it.
        share[0, whole == 0] = 1.0
        return np.asarray(share * self.part[:, None])


@dataclass(frozen=True, slots=True)
class Transfer:
    """Stock that leaves `origins` and arrives at `arrivals` (-1: nowhere).

    `amount` is τ, origins × years [activity unit/yr], by `rule`; `rate` the units that arrive per unit that leaves, and
    `offsite` what a unit that leaves causes outside the inventory, by pollutant, each per origin [t per activity unit].
    """

    path: Path
    origins: Sources
    arrivals: Sources
    rate: Floats
    amount: Floats
    offsite: Mapping[str, Floats]
    rule: Rule


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
    matched: Sources


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
    touched: list[Sources] = []
    for number, effect in enumerate(measure.do):
        verb, place = effect.verb, (*path, "do", number, effect.name)
        sources = selection.sources(
            {(*path, "select"): measure.select, (*place, "select"): verb.select}, measure.optional
        )
        if not len(sources):
            continue
        touched.append(sources)
        if isinstance(verb, Shift | Close):
            transfer = _transfer(verb, sources, activity, place, selection)
            transfers.extend([transfer] if transfer is not None else [])
        elif isinstance(verb, Cap):
            caps.extend(_caps(verb, sources, measure, place, selection))
        elif isinstance(verb, Lever):
            parts.append(pulled(verb, sources, place, selection))
        elif isinstance(verb, Scale | Abate | Replace | Limit):
            parts.append(intensity(verb, sources, place, selection))
    left = combine(parts, inventory) if parts else None
    if left is not None and transfers:
        _refuse_both(measure, transfers, left, selection)
    return Lowered(tuple(transfers), left, tuple(caps), _together(touched))


def _together(several: list[Sources]) -> Sources:
    """Return the sources that are in any of some selections, each of them in order."""
    if len(several) == 1:
        return several[0]
    return np.unique(np.concatenate([np.empty(0, dtype=np.intp), *several]))


def _transfer(
    verb: Shift | Close, sources: Sources, activity: Floats, path: Path, selection: Selection
) -> Transfer | None:
    """Return the stock a verb moves; None when it moves none, or cannot be carried out."""
    inventory = selection.inventory
    reported = sources[inventory.reported[sources]]
    if len(reported) and isinstance(verb, Shift):
        refuse_reported(reported, path, "shift", selection)
        return None
    arrivals = np.full(len(sources), -1, dtype=np.intp)
    if isinstance(verb, Shift):
        arrivals = selection.destinations(verb.to, sources, (*path, "to"))
        sources, arrivals = without_self(sources, arrivals, (*path, "to"), selection)
        if not len(sources):
            return None
    rule = _rule(verb, sources, path, selection)
    if rule is None:
        return None
    rate, offsite = np.zeros(len(sources)), dict[str, Floats]()
    if isinstance(verb, Shift):
        rate = yields(verb.yield_, inventory, sources, arrivals, path, selection)
        for name, factor in (verb.offsite or {}).items():
            scale = factor_scale(factor, name, sources, (*path, "offsite", name), selection)
            if scale is not None:
                offsite[name] = scale
    return Transfer(path, sources, arrivals, rate, rule.of(activity[sources]), offsite, rule)


def _rule(verb: Shift | Close, sources: Sources, path: Path, selection: Selection) -> Rule | None:
    """Return what a verb takes of each source; None when its amount cannot be split."""
    reached = verb.penetration * verb.effectiveness
    if verb.share is not None:
        return Rule(np.full(len(sources), verb.share * reached))
    assert verb.amount is not None
    inventory, amount = selection.inventory, units.Quantity(verb.amount.value * reached, verb.amount.unit)
    reported = inventory.reported[sources]
    met = inventory.coded("activity_unit").take(sources).ordered()
    own_units, unit_of = met.values, met.codes
    first = str(own_units[0])
    different = [str(unit) for unit in own_units[1:] if reported.any() or not units.commensurable(str(unit), first)]
    if different:
        found = f"an amount cannot be split over {first} and {different[0]}"
        selection.error((*path, "amount"), found, "write a measure for each")
        return None
    to_first = np.array([1.0 if unit == first else units.activity_ratio(str(unit), first) for unit in own_units])[
        unit_of
    ]
    if not reported.any() and units.commensurable(amount.unit, first):
        per_unit = np.array([units.activity_ratio(amount.unit, str(unit)) for unit in own_units])[unit_of]
        return Rule(amount.value * per_unit, to_first)
    ratio = _per_stock(sources, amount, path, selection)
    return None if ratio is None else Rule(amount.value * ratio, to_first)


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
    values = np.stack([stock.values[sources] for stock in fitting])
    has, activity = ~np.isnan(values), inventory.activity[sources]
    which = has.argmax(axis=0)
    stock = values[which, np.arange(len(sources))]
    blank = np.asarray(~has.any(axis=0))
    idle = (stock == 0) & (activity > 0)
    faults = np.flatnonzero(blank | idle)
    if len(faults):
        worst = int(faults[0])
        _refuse_stock(int(sources[worst]), amount, fitting[which[worst]].unit, bool(blank[worst]), path, selection)
        return None
    to_amount = np.array([units.activity_ratio(one.unit, amount.unit) for one in fitting])[which]
    ratio: Floats = np.divide(activity, stock * to_amount, out=np.zeros(len(sources)), where=stock > 0)
    if not ratio.any():
        ratio[0] = 1.0  # nothing is there to close: the promise stays, for feasibility to find
    return ratio


def _refuse_stock(
    source: int, amount: units.Quantity, unit: str, blank: bool, path: Path, selection: Selection
) -> None:
    """Note that an amount is promised of a source whose stock is not given, or is 0."""
    file, line = selection.inventory.place(source)
    name = selection.inventory.labels["source"][source]
    row = f"{name} ({file}:{line})" if line else str(name)
    if blank:
        found, hint = f"{amount} is promised, but {row} has no such stock column", "fill it with the number of {}"
        selection.error((*path, "amount"), found, hint.format(amount.unit))
        return
    selection.error((*path, "amount"), f"{row} has activity but a stock of 0 {unit}", "give its stock")


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
