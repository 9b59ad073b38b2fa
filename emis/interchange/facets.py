"""What a series may hold beside emissions by source, pollutant and year, and which of it a format leaves out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from emis import vocabulary
from emis.interchange.series import Series
from emis.vocabulary import NOMENCLATURES

__all__ = ["FACETS", "Lost", "lost"]


@dataclass(frozen=True)
class Lost:
    """Something that a format cannot carry: its name, how it is told, and how many sources (or else) have it."""

    facet: str
    told: str
    count: int

    def __str__(self) -> str:
        return f"{self.told} ({self.count:,})"


def _labelled(name: str) -> Callable[[Series], int]:
    return lambda series: int(np.count_nonzero(series.inventory.labels[name] != ""))


def _bounds(*names: str) -> Callable[[Series], int]:
    def count(series: Series) -> int:
        found = np.zeros(len(series.inventory), dtype=bool)
        for name in names:
            values = series.inventory.bounds.get(name)
            if values is not None:
                found |= (~np.isnan(values)).reshape(len(found), -1).any(axis=1)
        return int(np.count_nonzero(found))

    return count


def _texts(name: str) -> Callable[[Series], int]:
    def count(series: Series) -> int:
        texts = getattr(series.inventory, name)
        return 0 if texts is None else int(np.count_nonzero(texts != ""))

    return count


def _points(series: Series) -> int:
    found = [~np.isnan(values) for values in series.inventory.points.values()]
    return int(np.count_nonzero(np.any(found, axis=0))) if found else 0


def _stocks(series: Series) -> int:
    found = [~np.isnan(stock.values) for stock in series.inventory.stocks.values()]
    return int(np.count_nonzero(np.any(found, axis=0))) if found else 0


def _columns(series: Series) -> int:
    found = [~np.isnan(values) for values in series.inventory.columns.values()]
    return int(np.count_nonzero(np.any(found, axis=0))) if found else 0


def _measures(series: Series) -> int:
    return 0 if series.projection is None else len(series.projection.program.measures)


def _attributes(series: Series, codes: bool = False) -> int:
    attributes = series.inventory.attributes
    return sum(bool((attributes[name] != "").any()) for name in attributes if (name in NOMENCLATURES) == codes)


def _titles(series: Series) -> int:
    return sum(bool(text) for text in series.inventory.title.values())


def _offsite(series: Series) -> int:
    offsite = series.inventory.offsite
    return 0 if offsite is None else int(np.count_nonzero(offsite))


#: By name: how it is told, and how many sources (years, measures, columns) have it.
FACETS: Mapping[str, tuple[str, Callable[[Series], int]]] = {
    "pollutant": (
        "pollutants that emis does not know",
        lambda series: sum(name not in vocabulary.POLLUTANTS for name in series.pollutants),
    ),
    "source": ("ids of sources", lambda series: len(series.inventory)),
    "sector": ("sectors of emis", _labelled("sector")),
    "category": ("categories", _labelled("category")),
    "fuel": ("fuels", _labelled("fuel")),
    "technology": ("technologies", _labelled("technology")),
    "region": ("regions of sources", _labelled("region")),
    "facility": ("facilities", _labelled("facility")),
    "activity": (
        "activities and emission factors of sources",
        lambda series: int(np.count_nonzero(~series.inventory.reported)),
    ),
    "control": (
        "removal efficiencies of existing control, by source",
        lambda series: int(np.count_nonzero((series.inventory.control != 0).any(axis=1))),
    ),
    "interval": ("95 % intervals of sources", _bounds("activity_low", "activity_high", "factor_low", "factor_high")),
    "notation": (
        "notation keys (NE, NO, IE, C)",
        lambda series: int(np.count_nonzero((series.keys != "") & (series.keys != "NA"))),
    ),
    "not_applicable": ("notation keys (NA)", lambda series: int(np.count_nonzero(series.keys == "NA"))),
    "profile": ("monthly profiles of sources", _texts("profile")),
    "stock": ("stocks of sources (vehicles, households ...)", _stocks),
    "columns": ("columns of the sectors' methods, of sources", _columns),
    "offsite": ("CO2 that sources cause elsewhere", _offsite),
    "point": ("longitudes and latitudes of sources", _points),
    "reference": ("references of sources", _texts("reference")),
    "grade": ("grades of sources", _texts("grade")),
    "codes": ("columns of codes of nomenclatures", lambda series: _attributes(series, codes=True)),
    "attributes": ("further columns", _attributes),
    "status": ("status (official, reconstruction)", lambda series: int(series.inventory.status != "example")),
    "title": ("title", lambda series: min(_titles(series), 1)),
    "titles": ("title in a second language", lambda series: max(_titles(series) - 1, 0)),
    "years": ("years beyond one", lambda series: len(series.years) - 1),
    "scenario": ("name of the scenario", lambda series: int(series.scenario != "")),
    "no_plan": ("emissions without the plan, by year", lambda s: 0 if s.no_plan is None else len(s.years)),
    "measures": ("what each measure does to each source", _measures),
}


def lost(several: Iterable[Series], carries: frozenset[str]) -> list[Lost]:
    """Return what series hold and a format cannot carry, in the order of `FACETS`."""
    found: dict[str, int] = {}
    for series in several:
        for name, (_, count) in FACETS.items():
            if name not in carries and (number := count(series)):
                found[name] = found.get(name, 0) + number
    return [Lost(name, FACETS[name][0], found[name]) for name in FACETS if name in found]
