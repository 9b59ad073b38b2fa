"""Sources as they are collected from tables, and the inventory they make."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emis import vocabulary
from emis.coded import Coded, Codes, Labels, Places, Texts, increasing, objects
from emis.inventory import Floats, Inventory, Stock
from emis.io.figures import Figures
from emis.io.many import Rows

__all__ = ["Assembly", "Counted", "Sources", "distinct"]


@dataclass(frozen=True, slots=True)
class Counted:
    """A stock column: its unit, its amounts, NaN where a row has none, and which rows fill it."""

    unit: str
    values: Floats
    filled: NDArray[np.bool_]


@dataclass
class Sources:
    """The sources of one table, as they are collected; arrays are as long as there are sources.

    `rows` holds their rows in the table, `of` which row of `figures` is each one's, `key` the notation key of its
    activity.
    """

    rows: Rows
    places: Places
    labels: dict[str, Coded]
    activity: Floats
    unit: Coded
    reported: bool
    profile: Coded
    bounds: tuple[Floats, Floats]
    stocks: dict[str, Counted]
    points: dict[str, Floats]
    reference: Coded
    grade: Coded
    basis: Coded
    basis_cv: Floats
    key: Texts
    figures: Figures
    of: Codes
    columns: dict[str, Floats] = field(default_factory=dict)
    attributes: dict[str, Coded] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)


class Assembly:
    """Parts put one below the other, and the rows in the order of their ids."""

    def __init__(self, parts: list[Sources], pollutants: tuple[str, ...]):
        self.parts, self.pollutants = parts, pollutants
        ids = Coded.joined([part.labels["source"] for part in parts])
        # Ids are distinct: where they stand in their values, there they stand in the rows.
        texts = ids.texts.tolist()
        self.sorted = increasing(ids.texts)
        order = range(len(texts)) if self.sorted else sorted(range(len(texts)), key=texts.__getitem__)
        self.order = np.array(order, dtype=np.intp)
        self.ids = distinct(texts if self.sorted else [texts[row] for row in self.order.tolist()])

    def inventory(self, **facts: Any) -> Inventory:
        """Return the inventory."""
        parts = self.parts
        labels = {name: self._coded([part.labels[name] for part in parts]) for name in vocabulary.LABELS}
        figures = Figures.joined([part.figures for part in parts], len(self.pollutants))
        starts = np.cumsum([0, *(len(part.figures) for part in parts)])
        of = self._array([part.of + start for part, start in zip(parts, starts, strict=False)], np.intp)
        own = self._array([part.key for part in parts], object)
        noted = np.flatnonzero(own != "")
        factor_row, factor_rows = figures.numbered(of)
        if not np.array_equal(of, np.arange(len(figures))):
            figures = figures.take(of)
        figures.keys[noted] = own[noted, None]
        files = self._coded([part.places.files for part in parts])
        return Inventory(
            **facts,
            pollutants=self.pollutants,
            labels=Labels({"source": self.ids, **labels}),
            activity=self._array([part.activity for part in parts]),
            activity_unit=self._coded([part.unit for part in parts]).texts,
            factor=figures.factor,
            reported=self._array([np.full(len(part), part.reported) for part in parts], bool),
            control=figures.control,
            profile=self._coded([part.profile for part in parts]).texts,
            stocks=self._stocks(),
            columns=self._columns(),
            added=figures.added,
            factor_row=factor_row,
            factor_rows=factor_rows,
            basis=self._coded([part.basis for part in parts]).texts,
            basis_cv=self._array([part.basis_cv for part in parts]),
            computed=figures.computed,
            offsite=figures.offsite,
            bounds={
                "activity_low": self._array([part.bounds[0] for part in parts]),
                "activity_high": self._array([part.bounds[1] for part in parts]),
                "factor_low": figures.low,
                "factor_high": figures.high,
            },
            attributes=self._attributes(),
            notation=figures.keys,
            points={end: self._array([part.points[end] for part in parts]) for end in ("lon", "lat")},
            reference=self._coded([part.reference for part in parts]).texts,
            grade=self._coded([part.grade for part in parts]).texts,
            places=Places(files, self._array([part.places.lines for part in parts], np.int64)),
        )

    def _array(self, several: list[Any], dtype: Any = float) -> NDArray[Any]:
        whole = several[0] if len(several) == 1 else np.concatenate([*several, np.zeros(0, dtype=dtype)])
        return whole.astype(dtype, copy=False) if self.sorted else whole[self.order].astype(dtype, copy=False)

    def _coded(self, several: list[Coded]) -> Coded:
        whole = Coded.joined(several)
        return whole if self.sorted else whole.take(self.order)

    def _first(self, held: list[tuple[int, str, NDArray[np.bool_]]]) -> list[str]:
        """Return names in the order in which the sorted sources first hold them: (part, name, which sources)."""
        starts = np.cumsum([0, *map(len, self.parts)])
        position = np.empty(len(self.order), dtype=np.intp)
        position[self.order] = np.arange(len(self.order))
        firsts = []
        for part, name, those in held:
            if those.any():
                firsts.append((int(position[starts[part] + np.flatnonzero(those)].min()), name))
        return [name for _, name in sorted(firsts, key=lambda one: one[0])]

    def _stocks(self) -> dict[str, Stock]:
        held = [
            (number, f"{stock.unit}\n{name}", stock.filled)
            for number, part in enumerate(self.parts)
            for name, stock in part.stocks.items()
        ]
        found: dict[str, Stock] = {}
        for text in dict.fromkeys(self._first(held)):
            unit, name = text.split("\n", 1)
            values = [
                part.stocks[name].values
                if name in part.stocks and part.stocks[name].unit == unit
                else np.full(len(part), np.nan)
                for part in self.parts
            ]
            found[name if name not in found else f"{name} [{unit}]"] = Stock(unit, self._array(values))
        return found

    def _attributes(self) -> dict[str, Texts]:
        """Return what some of the parts say of their sources, "" for the others."""
        names = dict.fromkeys(name for part in self.parts for name in part.attributes)
        return {
            name: self._coded([part.attributes.get(name, Coded.full(len(part), "")) for part in self.parts]).texts
            for name in names
        }

    def _columns(self) -> dict[str, Floats]:
        held = [
            (number, name, np.ones(len(part), dtype=bool))
            for number, part in enumerate(self.parts)
            for name in part.columns
        ]
        return {
            name: self._array([part.columns.get(name, np.full(len(part), np.nan)) for part in self.parts])
            for name in dict.fromkeys(self._first(held))
        }


def distinct(texts: list[str]) -> Coded:
    """Return texts of which none stands twice."""
    return Coded(objects(texts), np.arange(len(texts)))
