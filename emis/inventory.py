"""An inventory: sources with their labels, activity, emission factors and what these rest on."""

import calendar
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from emis import notebook, vocabulary
from emis.coded import Coded, Labels, Texts, increasing
from emis.errors import Issue
from emis.lookup import Lookup
from emis.propagation import totals
from emis.selectors import Selector

if TYPE_CHECKING:
    from emis.crosschecks import CrossCheck

__all__ = ["FactorRow", "Floats", "Inventory", "Stock", "month_days"]

Floats = NDArray[np.float64]

#: A share of a total below which a gap in what is stated is not worth a mark.
_SLIGHT = 0.005
_HALF_NOTE = (
    "±: half the 95 % interval, by error propagation; ±?: no interval is stated; * part of it states none."
    " Grades: A measured to E assumed."
)


def month_days(year: int) -> Floats:
    """Return the days of each month of a year, 12."""
    return np.array([calendar.monthrange(year, month)[1] for month in range(1, 13)], dtype=float)


@dataclass(frozen=True, slots=True)
class Stock:
    """What a source's activity is carried by: vehicles, households, firms ... [`unit`], NaN where a row has none."""

    unit: str
    values: Floats


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A row of a factor table: its labels and pollutant, the file and line it stands in, its reference and grade."""

    name: str
    place: tuple[str, int]
    reference: str = ""
    grade: str = ""


@dataclass(frozen=True)
class Inventory:
    """Sources of one base year, in the order of their ids.

    Arrays are S sources long, or S × P pollutants. `activity` is in each row's own `activity_unit` per year; `factor`
    is [t per activity unit], what leaves the stack, existing control included. A source that was reported as tonnes has
    activity 1 and `reported` true. NaN stands for what is not estimated (NE) or confidential (C). `columns` holds what
    the sectors' own columns say, NaN where a row leaves one blank; `offsite` the CO2 that a unit of activity causes
    outside the inventory [t per activity unit], `computed` which factors a sector's method gave (S × P), `added` the
    share of a factor that a method added to another (evaporation, S × P), `factor_row` which row of a factor table
    they came from, as its number in `factor_rows` (-1 for none). `basis` names the count that a row's activity hangs
    on, beside others, and `basis_cv` that count's coefficient of variation [1]. `attributes` holds what a file says of
    sources beside what is computed with, as texts: codes of a nomenclature, names, a stack's height; S long, or S × P
    where a file says it of each pollutant.

    Raises
    ------
    ValueError
        When arrays differ in length, an id stands twice, or an amount is negative or infinite.
    """

    name: str
    base_year: int
    pollutants: tuple[str, ...]
    labels: Mapping[str, Texts]
    activity: Floats
    activity_unit: Texts
    factor: Floats
    reported: NDArray[np.bool_]
    control: Floats
    profile: Texts
    profiles: Mapping[str, Floats] = field(default_factory=dict)
    stocks: Mapping[str, Stock] = field(default_factory=dict)
    columns: Mapping[str, Floats] = field(default_factory=dict)
    offsite: Floats | None = None
    computed: NDArray[np.bool_] | None = None
    added: Floats | None = None
    factor_row: NDArray[np.intp] | None = None
    factor_rows: "tuple[FactorRow, ...]" = ()
    basis: Texts | None = None
    basis_cv: Floats | None = None
    bounds: Mapping[str, Floats] = field(default_factory=dict)
    points: Mapping[str, Floats] = field(default_factory=dict)
    attributes: Mapping[str, Texts] = field(default_factory=dict)
    notation: Texts | None = None
    reference: Texts | None = None
    grade: Texts | None = None
    status: str = "example"
    title: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    places: Sequence[tuple[str, int]] = ()
    warnings: tuple[Issue, ...] = ()
    cross_checks: "tuple[CrossCheck, ...]" = ()

    def __post_init__(self) -> None:
        size, shape = len(self.activity), (len(self.activity), len(self.pollutants))
        ids = self.labels["source"]
        lengths = {len(column) for column in self.labels.values()} | {
            len(self.activity_unit),
            len(self.profile),
            len(self.reported),
        }
        if lengths != {size} or self.factor.shape != shape or self.control.shape != shape:
            raise ValueError(f"arrays of {size} sources and {len(self.pollutants)} pollutants do not agree in shape")
        if not increasing(ids):
            raise ValueError("source ids must be unique and sorted")
        for name, texts in self.attributes.items():
            if texts.shape not in ((size,), shape):
                raise ValueError(
                    f"attribute {name!r} is neither one text for each source nor one for each pollutant of it"
                )
        for what, values in (("activity", self.activity), ("factor", self.factor)):
            if np.any(values < 0) or np.any(np.isinf(values)):
                raise ValueError(f"{what} must be finite and not negative")

    def __len__(self) -> int:
        return len(self.activity)

    @cached_property
    def emissions(self) -> Floats:
        """Emissions of the base year, S × P [t/yr]."""
        return self.activity[:, None] * self.factor

    @classmethod
    def of_reports(
        cls, labels: Mapping[str, Texts], pollutants: Sequence[str], tonnes: Floats, **facts: Any
    ) -> "Inventory":  # fmt: skip
        """Return sources that report what they emit, S × P [t/yr]; `facts` are all else that is known of them."""
        size = len(tonnes)
        known = {"control": np.zeros_like(tonnes), "profile": np.full(size, "", dtype=object)} | facts
        return cls(
            labels=labels,
            pollutants=tuple(pollutants),
            activity=np.ones(size),
            activity_unit=np.full(size, "1", dtype=object),
            factor=tonnes,
            reported=np.ones(size, dtype=bool),
            **known,
        )

    def reporting(self, year: int, tonnes: Floats, keys: Texts) -> "Inventory":
        """Return the same sources with what they emit in another year, S × P [t/yr], as reported, and notation keys."""
        size = len(self)
        return replace(
            self,
            base_year=year,
            activity=np.ones(size),
            activity_unit=np.full(size, "1", dtype=object),
            factor=tonnes,
            reported=np.ones(size, dtype=bool),
            control=np.zeros_like(tonnes),
            notation=keys,
            bounds={},
            stocks={},
            columns={},
            offsite=None,
            computed=None,
            added=None,
            factor_row=None,
            factor_rows=(),
        )

    @property
    def standing(self) -> str:
        """What its status says to a reader: a reconstruction is no official inventory."""
        return vocabulary.STATUS.get(self.status, (self.status,))[0]

    @cached_property
    def electricity_co2(self) -> float:
        """CO2 of the power plants that electric stock draws on, outside the inventory [t/yr]."""
        if self.offsite is None:
            return 0.0
        drawing = self.offsite > 0
        return float(self.activity[drawing] @ self.offsite[drawing])

    def total(self, sector: str) -> Floats:
        """Return the emissions of a sector by pollutant, P [t/yr]; NaN where one is not estimated."""
        return np.asarray(self.emissions[self.labels["sector"] == sector].sum(axis=0))

    @cached_property
    def _lookups(self) -> dict[str, Lookup]:
        return {}

    def lookup(self, label: str) -> Lookup:
        """Return what finds sources by a label, or by another of the inventory's texts: basis, unit or profile."""
        if label not in self._lookups:
            if label == "source":
                found = Coded(np.asarray(self.labels[label], dtype=object), np.arange(len(self)))
            elif isinstance(self.labels, Labels) and label in self.labels:
                found = self.labels.coded[label]
            elif label == "basis":
                found = Coded.full(len(self), "") if self.basis is None else Coded.of(self.basis)
            elif label in ("activity_unit", "profile"):
                found = Coded.of(getattr(self, label))
            else:
                found = Coded.of(self.labels[label])
            self._lookups[label] = Lookup(found.ordered())
        return self._lookups[label]

    def coded(self, label: str) -> Coded:
        """Return a label, or another text as of `lookup`, by code: its values sorted."""
        return self.lookup(label).column

    def values(self, label: str) -> list[str]:
        """Return the values that `label` takes here, sorted."""
        return [str(value) for value in self.coded(label).values]

    def rows(self, *selectors: Selector | None) -> NDArray[np.intp]:
        """Return the sources that all of `selectors` select, in their order; nothing writes to it.

        It costs no more than the label that selects the fewest.
        """
        asked = [(self.lookup(label), wanted) for one in selectors if one for label, wanted in one.items()]
        if not asked:
            return np.arange(len(self))
        limits = [(lookup, lookup.codes(wanted)) for lookup, wanted in asked]
        (narrowest, codes), *others = sorted(limits, key=lambda limit: limit[0].count(limit[1]))
        rows = narrowest.rows(codes)
        for lookup, codes in others:
            rows = lookup.holding(rows, codes)
        return rows

    def mask(self, *selectors: Selector | None) -> NDArray[np.bool_]:
        """Return which sources all of `selectors` select, S."""
        mask = np.zeros(len(self), dtype=bool)
        mask[self.rows(*selectors)] = True
        return mask

    def profile_shares(self, year: int) -> Floats:
        """Return the share of a year's activity in each month, profiles as `coded` × 12 [1]; of none, by its days."""
        by_days = month_days(year) / month_days(year).sum()
        table = [self.profiles.get(str(name), by_days) for name in self.coded("profile").values]
        return np.array(table).reshape(-1, 12)

    def shares(self, year: int) -> Floats:
        """Return the share of a year's activity in each month, S × 12 [1]; without a profile, by its days."""
        return np.asarray(self.profile_shares(year)[self.coded("profile").codes])

    def place(self, source: int) -> tuple[str, int]:
        """Return file and line of a source's row."""
        return self.places[source] if self.places else (self.file, 0)

    def stock(self, column: str) -> Stock | None:
        """Return the stock column of that name."""
        return self.stocks.get(column)

    def to_xarray(self) -> xr.Dataset:
        """Return a dataset: activity(source), factor and emissions(source, pollutant), with CF units."""
        coords: dict[str, Any] = {"source": self.labels["source"].astype(str), "pollutant": list(self.pollutants)}
        coords |= {label: ("source", self.labels[label].astype(str)) for label in vocabulary.LABELS}
        coords |= {
            name: ("source", values, {"units": f"degrees_{'east' if name == 'lon' else 'north'}"})
            for name, values in self.points.items()
            if not np.isnan(values).all()
        }
        coords["activity_unit"] = ("source", self.activity_unit.astype(str))
        data: dict[str, Any] = {
            "activity": (
                "source",
                np.where(self.reported, np.nan, self.activity),
                {"units": "1", "comment": "in activity_unit"},
            ),
            "factor": (("source", "pollutant"), self.factor, {"units": "t", "comment": "t per activity_unit"}),
            "emissions": (("source", "pollutant"), self.emissions, {"units": "t yr-1"}),
        }
        data |= {
            f"stock_{name}": ("source", stock.values, {"units": "1", "comment": stock.unit})
            for name, stock in self.stocks.items()
        }
        attrs = {"name": self.name, "base_year": self.base_year, "status": self.status}
        return xr.Dataset(data, coords, attrs)

    def __repr__(self) -> str:
        return f"<Inventory {self.name} of {self.base_year}: {len(self):,} sources, {self.standing}>"

    def _repr_html_(self) -> str:
        """Return totals by sector with half their 95 % interval, and grades, for notebooks."""
        known, order = totals(self, "sector"), {name: rank for rank, name in enumerate(vocabulary.SECTORS)}
        groups = sorted(range(len(known.names)), key=lambda g: order.get(known.names[g][0], len(order)))
        rows: list[list[notebook.Shown]] = []
        for found, g, name in [*((known, g, known.names[g][0]) for g in groups), (totals(self), 0, "total")]:
            figures = zip(found.value[g], found.half[g], found.unstated[g], strict=True) if len(found.names) else ()
            cells = [notebook.with_half(float(value), float(half), gap > _SLIGHT) for value, half, gap in figures]
            rows.append([name, *cells, self._grades(name if name != "total" else None)])
        title = self.title.get("en") or self.title.get("zh") or self.name
        facts = (
            f"{self.name}: {self.standing}; {len(self):,} sources",
            "what is reconstructed is assumed or scaled from elsewhere, not counted"
            if self.status == "reconstruction"
            else "",
        )
        heads = ("sector", *self.pollutants, "rows by grade")
        return notebook.fragment(
            f"{title} · {self.base_year}", facts, notebook.table("emissions [t/yr]", heads, rows, _HALF_NOTE)
        )

    def _grades(self, sector: str | None) -> str:
        """Return how many rows of a sector, or of all, have each grade: ``C 2, E 14``."""
        if self.grade is None:
            return ""
        mine = slice(None) if sector is None else self.labels["sector"] == sector
        counts = Counter(str(grade) for grade in self.grade[mine])
        return ", ".join(f"{grade or 'none'} {counts[grade]:,}" for grade in sorted(counts, key=lambda one: one or "F"))
