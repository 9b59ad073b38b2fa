"""Sources that nothing in a scenario tells apart, made one: what a nation emits is told from some thousand rows.

Activity, and tonnes that were reported, enter every result linearly, while a measure, a driver, a target, a draw of
what is uncertain sees labels, factors, controls, columns and relative intervals. Sources that agree in all of these are
summed, exactly; the source of the least id stands for them. A source's own result is then its share of theirs.
"""

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from emis import vocabulary
from emis.coded import Coded
from emis.entries import Indices, Kinds
from emis.exact import ExactSums
from emis.inventory import Floats, Inventory, Stock
from emis.measures import Close, Measure, Shift
from emis.numbering import one_key
from emis.scenario import Driver
from emis.selectors import Destination, Selector, is_glob

__all__ = ["Condensed", "Told", "condense", "joined"]

#: Labels by which sources are always told apart; a facility only where something asks for it.
_ALWAYS = tuple(label for label in vocabulary.LABELS if label != "facility")


@dataclass(frozen=True)
class Told:
    """What documents tell sources apart by, beyond their labels.

    `patterns` are the ids and globs that select sources, `moves` the selectors of stock that moves with where it
    arrives (None: nowhere in the inventory), and `counted` the selectors of what is moved by an amount.
    """

    patterns: tuple[str, ...] = ()
    facility: bool = False
    moves: tuple[tuple[tuple[Selector | None, ...], Destination | None], ...] = ()
    counted: tuple[tuple[Selector | None, ...], ...] = ()

    @classmethod
    def by(cls, *documents: Any) -> "Told":
        """Return what any of these documents asks for: models, or containers of them."""
        patterns: list[str] = []
        facility = False
        moves: list[tuple[tuple[Selector | None, ...], Destination | None]] = []
        counted: list[tuple[Selector | None, ...]] = []
        for model in _models(documents):
            if isinstance(model, Selector | Destination):
                asked = model.source or ()
                patterns += [asked] if isinstance(asked, str) else asked
                facility |= model.facility is not None
            if isinstance(model, Measure):
                for effect in model.do:
                    if isinstance(effect.verb, Shift | Close):
                        selectors = (model.select, effect.verb.select)
                        to = effect.verb.to if isinstance(effect.verb, Shift) else None
                        moves.append((selectors, to if isinstance(to, Destination) else None))
                        counted += [selectors] if effect.verb.amount is not None else []
            if isinstance(model, Driver) and model.shift is not None:
                to = model.shift.to
                moves.append(((model.select,), to if isinstance(to, Destination) else None))
        return cls(tuple(dict.fromkeys(patterns)), facility, tuple(moves), tuple(counted))


def _models(value: Any) -> Iterator[BaseModel]:
    """Yield every model in a document."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from _models(getattr(value, name))
        if (verb := getattr(value, "verb", None)) is not None and verb is not value:
            yield from _models(verb)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _models(item)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for item in value:
            yield from _models(item)


@dataclass(frozen=True)
class Condensed:
    """An inventory of fewer rows, the exact sums they hold by the name of a column, and how many sources each is of."""

    inventory: Inventory
    sums: Mapping[str, ExactSums]
    members: Indices

    @cached_property
    def whole(self) -> Inventory:
        """The inventory with its sums rounded."""
        return _rounded(self.inventory, {name: one.values() for name, one in self.sums.items()})


def condense(inventory: Inventory, told: Told) -> tuple[Condensed, Indices]:
    """Return the sources of an inventory condensed, and the row of it that each source is in."""
    columns = _amounts(inventory)
    one_each = np.arange(len(inventory), dtype=np.intp)
    sums = {name: ExactSums.of(values, one_each, len(inventory)) for name, values in columns.items()}
    return _merged(Condensed(inventory, sums, np.ones(len(inventory), dtype=np.intp)), told)


def joined(several: Sequence[Condensed], told: Told) -> tuple[Condensed, list[Indices]]:
    """Return several condensed inventories as one, and where the rows of each are in it."""
    several = _with_one_unit(several)
    inventory, order = _together([one.inventory for one in several])
    names = dict.fromkeys(name for one in several for name in one.sums)
    sums = {
        name: ExactSums.joined([one.sums.get(name, _unknown(len(one.members))) for one in several]) for name in names
    }
    count = len(order)
    place = np.empty(count, dtype=np.intp)
    place[order] = np.arange(count)
    sums = {name: one.regrouped(place, count) for name, one in sums.items()}
    members = np.concatenate([one.members for one in several])[order]
    found, code = _merged(Condensed(inventory, sums, members), told)
    ends = np.cumsum([len(one.members) for one in several])
    return found, list(np.split(code[place], ends[:-1]))


def _with_one_unit(several: Sequence[Condensed]) -> list[Condensed]:
    """Name stock columns so that what counts in another unit has a name of its own, as in one inventory."""
    units: dict[str, str] = {}
    found = []
    for one in several:
        names = {
            name: name if units.setdefault(name, stock.unit) == stock.unit else f"{name} [{stock.unit}]"
            for name, stock in one.inventory.stocks.items()
        }
        stocks = {names[name]: stock for name, stock in one.inventory.stocks.items()}
        sums = {f"stock {names[name[6:]]}" if name[:6] == "stock " else name: sum_ for name, sum_ in one.sums.items()}
        found.append(Condensed(replace(one.inventory, stocks=stocks), sums, one.members))
    return found


def _unknown(count: int) -> ExactSums:
    return ExactSums({}, np.ones(count))


def _merged(given: Condensed, told: Told) -> tuple[Condensed, Indices]:
    """Merge the rows that agree in all that is told of them."""
    inventory = given.inventory
    kinds = Kinds.of_rows(_floats(inventory, told), one_key(_codes(inventory, told)))
    # Rows are in the order of their ids, and kinds in that in which they are met: so are the rows that stand for them.
    rows, code, count = kinds.example, kinds.code, len(kinds.example)
    sums = {name: one.regrouped(code, count) for name, one in given.sums.items()}
    members = np.bincount(code, weights=given.members, minlength=count).astype(np.intp)
    merged = _taken(inventory, rows, members == given.members[rows])
    return Condensed(merged, sums, members), code


# -- what tells sources apart ----------------------------------------------------------------------------------------


def _codes(inventory: Inventory, told: Told) -> list[Indices]:
    """Return numbers that differ where sources are told apart by names."""
    labels, size = inventory.labels, len(inventory)
    found = [inventory.coded(name).codes for name in _ALWAYS if name in labels]
    found += [_code(inventory.activity_unit), inventory.reported.astype(np.intp), _code(inventory.profile)]
    found += [_code(values) for values in (inventory.grade, inventory.basis) if values is not None]
    found += _named(labels["source"], told.patterns)
    apart = np.full(size, told.facility)
    single = np.zeros(size, dtype=bool)
    for selectors, to in told.moves:
        apart |= inventory.mask(*selectors)
        if to is not None:
            single |= np.logical_and.reduce([labels[name] == value for name, value in to.changes().items()])
    if "facility" in labels:
        found.append(np.where(apart | single, 1 + inventory.coded("facility").codes, 0).astype(np.intp))
    # What stock may arrive at stays what it is, so that one destination and several are not mistaken for each other.
    found.append(np.where(single, 1 + np.arange(size), 0).astype(np.intp))
    return found


def _floats(inventory: Inventory, told: Told) -> Floats:
    """Return numbers that differ where sources are told apart by what they are, n × any."""
    reported = inventory.reported[:, None]
    activity, factor = inventory.activity[:, None], inventory.factor
    parts: list[NDArray[Any]] = [
        # Tonnes that were reported are summed; whether they are known is not.
        np.where(reported, np.where(np.isnan(factor), np.nan, 0.0), factor),
        np.where(np.isnan(activity), np.nan, 0.0),
        inventory.control,
    ]
    size = len(inventory)
    others = (inventory.added, inventory.computed, inventory.factor_row, inventory.offsite, inventory.basis_cv)
    parts += [values.reshape(size, -1).astype(float) for values in others if values is not None]
    if inventory.notation is not None:
        parts.append(_code(inventory.notation.ravel()).reshape(factor.shape).astype(float))
    parts += [values[:, None] for values in inventory.columns.values()]
    for name, values in inventory.bounds.items():
        of = activity if name.startswith("activity") else factor
        parts.append(_ratio(values.reshape(size, -1), of))
    counted = np.zeros(size, dtype=bool)
    for selectors in told.counted:
        counted |= inventory.mask(*selectors)
    for stock in inventory.stocks.values():
        ratio = _ratio(stock.values[:, None], activity)
        parts.append(np.where(counted[:, None], ratio, np.where(np.isnan(ratio), np.nan, 0.0)))
    # One NaN is as good as another, and so is a zero.
    table = np.concatenate(parts, axis=1) + 0.0
    table[np.isnan(table)] = np.nan
    return table


def _ratio(values: Floats, of: Floats) -> Floats:
    """Return ratios to twelve digits: what differs beyond is the rounding of a product."""
    ratio = np.divide(values, of, out=np.full(np.broadcast_shapes(values.shape, of.shape), np.inf), where=of != 0)
    ratio = np.where(np.isnan(values), np.nan, ratio)
    with np.errstate(divide="ignore", invalid="ignore"):
        digits = np.where((ratio > 0) & np.isfinite(ratio), 11 - np.floor(np.log10(ratio)), 0.0)
    scale = np.power(10.0, digits)
    rounded = np.rint(ratio * scale) / scale
    return np.where(np.isfinite(ratio), rounded, ratio)


def _code(values: NDArray[Any]) -> Indices:
    return Coded.of(values).codes


def _named(names: NDArray[Any], patterns: Sequence[str]) -> list[Indices]:
    """Return numbers that differ where ids are told apart by name: one for the ids asked for, one for each glob."""
    number = {name: 1 + place for place, name in enumerate(one for one in patterns if not is_glob(one))}
    found = [np.fromiter((number.get(name, 0) for name in names), np.intp, len(names))] if number else []
    for pattern in filter(is_glob, patterns):
        matches = re.compile(fnmatch.translate(pattern)).match
        found.append(np.fromiter((matches(name) is not None for name in names), np.intp, len(names)))
    return found


# -- rows ------------------------------------------------------------------------------------------------------------


def _amounts(inventory: Inventory) -> dict[str, Floats]:
    """Return the columns that are summed, by name."""
    found = {"activity": np.where(inventory.reported, 1.0, inventory.activity)}
    found |= {name: values for name, values in inventory.bounds.items() if values.ndim == 1}
    found |= {f"stock {name}": stock.values for name, stock in inventory.stocks.items()}
    reported = inventory.reported[:, None]
    tables = {"factor": inventory.factor}
    tables |= {name: values for name, values in inventory.bounds.items() if values.ndim == 2}
    for name, values in tables.items():
        tonnes = np.where(reported, values, 0.0)
        if tonnes.any():
            found |= {f"{name} {column}": tonnes[:, column] for column in range(tonnes.shape[1])}
    return found


def _rounded(inventory: Inventory, sums: Mapping[str, Floats]) -> Inventory:
    """Return an inventory with its columns replaced by sums; what was reported as tonnes keeps activity 1."""
    reported = inventory.reported

    def table(name: str, values: Floats) -> Floats:
        columns = [sums.get(f"{name} {column}", values[:, column]) for column in range(values.shape[1])]
        return np.where(reported[:, None], np.stack(columns, axis=1), values) if columns else values

    bounds = {
        name: table(name, values) if values.ndim == 2 else np.where(reported, values, sums[name])
        for name, values in inventory.bounds.items()
    }
    stocks = {name: Stock(stock.unit, sums[f"stock {name}"]) for name, stock in inventory.stocks.items()}
    return replace(
        inventory,
        activity=np.where(reported, 1.0, sums["activity"]),
        factor=table("factor", inventory.factor),
        bounds=bounds,
        stocks=stocks,
    )


def _taken(inventory: Inventory, rows: Indices, alone: NDArray[np.bool_] | None = None) -> Inventory:
    """Return some rows of an inventory; where they are of several sources, these have no place on a map."""

    def of(values: Any) -> Any:
        return None if values is None else values[rows]

    points = {name: values[rows] for name, values in inventory.points.items()}
    if alone is not None:
        points = {name: np.where(alone, values, np.nan) for name, values in points.items()}
    return replace(
        inventory,
        labels={name: values[rows] for name, values in inventory.labels.items()},
        places=tuple(inventory.places[row] for row in rows.tolist()) if inventory.places else (),
        stocks={name: Stock(stock.unit, stock.values[rows]) for name, stock in inventory.stocks.items()},
        columns={name: values[rows] for name, values in inventory.columns.items()},
        bounds={name: values[rows] for name, values in inventory.bounds.items()},
        points=points,
        **{name: of(getattr(inventory, name)) for name in _ROWS},
    )


#: Columns of an inventory that have a row for each source and stand by themselves.
_ROWS = (
    "activity", "activity_unit", "factor", "reported", "control", "profile", "offsite", "computed", "added",
    "factor_row", "basis", "basis_cv", "notation", "reference", "grade",
)  # fmt: skip


def _together(several: Sequence[Inventory]) -> tuple[Inventory, Indices]:
    """Return inventories of one kind as one, in the order of ids, and the order their rows were put in."""
    first = several[0]
    ids = np.concatenate([one.labels["source"] for one in several])
    order = np.argsort(ids, kind="stable").astype(np.intp)
    rows, numbers = _numbered(several)

    def column(values: Sequence[Any]) -> Any:
        return None if any(one is None for one in values) else np.concatenate(values)[order]

    def table(get: str, missing: Any = np.nan) -> dict[str, Any]:
        names = dict.fromkeys(name for one in several for name in getattr(one, get))
        return {
            name: column([getattr(one, get).get(name, np.full(len(one), missing)) for one in several]) for name in names
        }

    units = {name: stock.unit for one in several for name, stock in one.stocks.items()}
    stocks = {
        name: column([one.stocks[name].values if name in one.stocks else np.full(len(one), np.nan) for one in several])
        for name in units
    }
    columns = {name: column([getattr(one, name) for one in several]) for name in _ROWS if name != "factor_row"}
    places = [place for one in several for place in (one.places or [(one.file, 0)] * len(one))]
    whole = replace(
        first,
        labels={name: column([one.labels[name] for one in several]) for name in first.labels},
        profiles={name: shares for one in several for name, shares in one.profiles.items()},
        stocks={name: Stock(unit, stocks[name]) for name, unit in units.items()},
        columns=table("columns"),
        bounds={name: column([one.bounds[name] for one in several]) for name in first.bounds},
        points=table("points"),
        factor_row=None if rows is None else np.concatenate(rows)[order],
        factor_rows=numbers,
        places=tuple(places[row] for row in order.tolist()),
        warnings=tuple(dict.fromkeys(issue for one in several for issue in one.warnings)),
        **columns,
    )
    return whole, order


def _numbered(several: Sequence[Inventory]) -> tuple[list[Indices] | None, tuple[Any, ...]]:
    """Return the factor rows of several inventories numbered together, and these rows."""
    numbers: dict[Any, int] = {}
    found: list[Indices] = []
    for one in several:
        if one.factor_row is None:
            return None, ()
        own = np.array([numbers.setdefault(row, len(numbers)) for row in one.factor_rows] + [-1], dtype=np.intp)
        found.append(own[one.factor_row])
    return found, tuple(numbers)
