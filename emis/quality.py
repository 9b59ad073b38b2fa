"""Quality of an inventory: what cannot be right or wants a second look.

Findings are issues with file and line; `emis check` tells them as warnings, since each has its honest exceptions.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from emis import vocabulary
from emis.coded import Codes
from emis.errors import Issue
from emis.inventory import Floats, Inventory
from emis.numbering import alike

__all__ = ["findings", "outliers"]

#: Pairs of which the first is a part of the second.
_PARTS = ((("PM2.5",), "PM10"), (("PM10",), "TSP"), (("BC", "OC"), "PM2.5"))
#: Beyond this ratio to its nearest neighbour a factor is told: a decimal point in the wrong place.
_SLIP = 10.0
#: The same between two neighbours, of which one is older and dirtier.
_STEP = 4.0
#: Below this ratio the last row of a ladder is told: a filter takes out 97 or 98 %, hardly 99 %.
_FILTER = 100.0


def findings(inventory: Inventory) -> list[Issue]:
    """Return what an inventory that is well-formed may have wrong: parts above their whole, and double counting."""
    return [*_parts(inventory), *_twice_by_method(inventory), *_parents(inventory), *_facilities(inventory)]


def _parts(inventory: Inventory) -> Iterator[Issue]:
    """Yield where a part is larger than its whole: PM2.5 <= PM10 <= TSP, BC + OC <= PM2.5."""
    for parts, whole in _PARTS:
        if whole not in inventory.pollutants or any(part not in inventory.pollutants for part in parts):
            continue
        summed = sum(inventory.factor[:, inventory.pollutants.index(part)] for part in parts)
        limit = inventory.factor[:, inventory.pollutants.index(whole)]
        for source in np.flatnonzero(summed > limit * (1 + 1e-9)):
            file, line = inventory.place(int(source))
            name = inventory.labels["source"][source]
            message = f"{name}: {' + '.join(parts)} is more than {whole}"
            yield Issue(file, line, " + ".join(parts), message, "check the factors: a part cannot exceed its whole")


# -- double counting -------------------------------------------------------------------------------------------------


def _twice_by_method(inventory: Inventory) -> Iterator[Issue]:
    """Yield categories that are reported as tonnes and computed as well, in one sector and region."""
    rows = _emitting(inventory)
    where = [inventory.coded(name).codes[rows] for name in ("sector", "category", "region")]
    reported = inventory.reported[rows].astype(np.intp)
    place, _ = alike(*where)
    _, first = alike(reported, place)
    computed = {int(place[index]): int(rows[index]) for index in first if not reported[index]}
    for index in first.tolist():
        row, other = int(rows[index]), computed.get(int(place[index]))
        if reported[index] and other is not None:
            names = (str(inventory.labels[name][row]) for name in ("sector", "category", "region"))
            message = f"{'/'.join(filter(None, names))} is reported here and computed in {_placed(inventory, other)}"
            yield Issue(*inventory.place(row), "category", message, "keep one of the two, or tell the categories apart")


def _parents(inventory: Inventory) -> Iterator[Issue]:
    """Yield rows that leave fuel, technology or region open beside rows of the same category that fill it."""
    open_labels = ("fuel", "technology", "region")
    rows = _emitting(inventory)
    coded = {name: inventory.coded(name) for name in vocabulary.LABELS}
    codes = {name: one.codes[rows] for name, one in coded.items()}
    blank = {name: np.array([not text for text in one.values], dtype=bool)[codes[name]] for name, one in coded.items()}
    for open_ in (names for count in (1, 2, 3) for names in combinations(open_labels, count)):
        filled = np.logical_and.reduce([~blank[name] for name in open_])
        left = np.logical_and.reduce([blank[name] for name in open_])
        if not filled.any() or not left.any():
            continue
        # A child is found under its own labels with those that the parent leaves open blanked out.
        group, _ = alike(*(one for name, one in codes.items() if name not in open_))
        child = np.full(int(group.max()) + 1, -1)
        child[group[filled][::-1]] = rows[filled][::-1]
        for index in np.flatnonzero(left & (child[group] >= 0)).tolist():
            row, found = int(rows[index]), int(child[group[index]])
            name, other = (inventory.labels["source"][one] for one in (row, found))
            message = f"{name} leaves {' and '.join(open_)} open and {other} fills it ({_placed(inventory, found)})"
            hint = "a total beside its parts counts double: keep one of them, or name what the rest is"
            yield Issue(*inventory.place(row), open_[0], message, hint)


def _facilities(inventory: Inventory) -> Iterator[Issue]:
    """Yield facilities that emit the same pollutant in two tables."""
    facility = inventory.coded("facility")
    named = np.flatnonzero(np.array([bool(text) for text in facility.values], dtype=bool)[facility.codes])
    by_name: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, name in zip(named.tolist(), facility.texts[named].tolist(), strict=True):
        by_name[name][inventory.place(row)[0]].append(row)
    if not by_name:
        return
    emitted = (inventory.emissions > 0) | np.isnan(inventory.emissions)
    for name, tables in by_name.items():
        for one, other in combinations(tables.values(), 2):
            both = emitted[one].any(axis=0) & emitted[other].any(axis=0)
            if both.any():
                shared = ", ".join(np.array(inventory.pollutants)[both])
                message = f"{name} emits {shared} here and in {_placed(inventory, one[0])}"
                hint = "see that each table holds another part of it"
                yield Issue(*inventory.place(other[0]), "facility", message, hint)


def _emitting(inventory: Inventory) -> Codes:
    """Return the rows that emit anything, or may: a source that waits for stock, or is IE, counts nothing double."""
    return np.flatnonzero(np.any(inventory.emissions != 0, axis=1))


def _placed(inventory: Inventory, row: int) -> str:
    return "{}:{}".format(*inventory.place(row))


# -- factors ---------------------------------------------------------------------------------------------------------


def outliers(values: Floats) -> list[tuple[int, float]]:
    """Return the factors that stand apart from their neighbours, and the neighbour that is nearest.

    Parameters
    ----------
    values : array
        Factors before control, of one category, fuel and pollutant in one unit, in the order of the table; zeros and
        what has no number left out.

    Returns
    -------
    list of (index, neighbour)
        Above ten times the largest of the others, or below a tenth of the smallest; none among fewer than three. A
        table goes from the oldest technology to the newest, so between two others, neither of them a slip itself, a
        value is told above four times the larger already. The newest may carry a filter: published factors of particles
        fall to a thirtieth from China V to VI, and the last value is told only below a hundredth.
    """
    found = []
    last = len(values) - 1
    for index, value in enumerate(values if last >= 2 else ()):
        others = np.delete(values, index)
        beside = _larger(values[index - 1], values[index + 1]) if 0 < index < last else np.inf
        if value > _SLIP * others.max():
            found.append((index, float(others.max())))
        elif value > _STEP * beside:
            found.append((index, float(beside)))
        elif value < others.min() / (_FILTER if index == last else _SLIP):
            found.append((index, float(others.min())))
    return found


def _larger(one: float, other: float) -> float:
    """Return the larger of two neighbours; infinite where they are so far apart that one of them may be the slip."""
    return max(one, other) if max(one, other) < _FILTER * min(one, other) else float(np.inf)
