"""Fugitive dust: roads, construction, handling and wind erosion; TSP, PM10 and PM2.5.

Construction by the coefficients of the Chinese dust tax, the rest by AP-42.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from emis import schema
from emis.schema import Share
from emis.sectors.ap42 import PAVED, handling, paved_road, pile_erosion, unpaved_road, unpaved_road_watering
from emis.sectors.method import Column, Floats, Lever, Method, RowError, Rows, Sector
from emis.sectors.shorthand import TransferTo
from emis.units import SHORT_TON

__all__ = ["DUST", "construction"]

_SIZES = ("TSP", "PM10", "PM2.5")
_WATERING = ("pan_evaporation", "traffic", "watering_interval", "watering_rate")


# -- construction ----------------------------------------------------------------------------------------------------

#: What a site makes, and what each measure takes off it where it is met [kg TSP/(m²·month)]: 施工扬尘产生、削减系数表
#: of the Chinese dust tax. The carrier prints 0.034 for simple washing at municipal works; half of mechanical washing,
#: as for buildings, is 0.34.
_GENERATED = {"building": 1.01, "municipal": 1.64, "demolition": 1.64}
_REDUCED = {
    "hardened": {"building": 0.071, "municipal": 0.102},
    "fenced": {"building": 0.047, "municipal": 0.102},
    "ground_covered": {"building": 0.047, "municipal": 0.0},
    "material_covered": {"building": 0.025, "municipal": 0.066},
    "sprayed": {"building": 0.03, "municipal": 0.03},
    "washed": {"building": 0.31, "municipal": 0.68},
    "washed_simply": {"building": 0.155, "municipal": 0.34},
}


def construction(kind: str, shares: Mapping[str, Floats]) -> Floats:
    """Return the TSP of a construction site [kg/(m²·month)]: generated − Σ share · reduced.

    Parameters
    ----------
    kind : str
        building (per floor area), municipal or demolition (per occupied area).
    shares : mapping
        For each measure the share of the site and its time where it is met [1]: hardened roads, fenced perimeter,
        covered ground, covered material, sprayed suppressant, vehicles washed mechanically, vehicles washed simply.
        These are the six "hundred per cents" (六个百分之百) in the table's own terms.

    Notes
    -----
    施工扬尘产生、削减系数表, used to assess the environmental protection tax on dust; sizes are not in it.
    """
    of_kind = "municipal" if kind == "demolition" else kind
    return _GENERATED[kind] - sum((shares[name] * _REDUCED[name][of_kind] for name in shares), start=np.zeros(()))


# -- methods ---------------------------------------------------------------------------------------------------------


def _sized(found: Any) -> dict[str, Floats]:
    return dict(zip(_SIZES, found, strict=True))


def _paved(rows: Rows) -> dict[str, Floats]:
    editions = rows.get("edition", 2011)
    found = {name: np.empty(rows.size) for name in _SIZES}
    for edition in np.unique(editions):
        chosen = editions == edition
        if int(edition) not in PAVED:
            message = f"asks for edition {edition:g} of AP-42 13.2.1"
            raise RowError(int(np.flatnonzero(chosen)[0]), message, "write 2011 or 1997", "edition")
        part = rows.take(chosen)
        weight = part.get("mean_weight") / (1.0 if edition == 2011 else SHORT_TON)
        factors = paved_road(part.get("silt_loading"), weight, part.get("wet_days", 0.0), int(edition))
        for name, values in zip(_SIZES, factors, strict=True):
            found[name][chosen] = values
    return found


def _unpaved(rows: Rows) -> dict[str, Floats]:
    silt, weight, wet = rows.get("silt_content"), rows.get("mean_weight"), rows.get("wet_days", 0.0)
    moist = rows.filled("surface_moisture")
    newer = unpaved_road(silt, weight, wet)
    older = unpaved_road(silt, weight, wet, rows.get("surface_moisture", 0.002))
    return _sized([np.where(moist, old, new) for old, new in zip(older, newer, strict=True)])


def _watered(rows: Rows) -> dict[str, Floats]:
    return dict.fromkeys(_SIZES, unpaved_road_watering(*(rows.get(name) for name in _WATERING)))


def _site_shares(rows: Rows) -> dict[str, Floats]:
    shares = {name: rows.get(name, 0.0) for name in _REDUCED}
    over = np.flatnonzero(shares["washed"] + shares["washed_simply"] > 1 + 1e-9)
    if len(over):
        share = 100 * (shares["washed"] + shares["washed_simply"])[over[0]]
        raise RowError(
            int(over[0]), f"washes {share:g} % of its vehicles", "washed + washed_simply is 100 % at most", "washed"
        )
    return shares


def _site(rows: Rows, shares: Mapping[str, Floats]) -> Floats:
    """Return the TSP of each site [kg/(m²·month)] with measures met as in `shares`."""
    kinds = rows.labels["technology"].astype(str)
    unknown = np.flatnonzero([kind not in _GENERATED for kind in kinds])
    if len(unknown):
        message = f"is of technology {str(kinds[unknown[0]])!r}, which the coefficients do not know"
        raise RowError(int(unknown[0]), message, f"write {', '.join(_GENERATED)}", "technology")
    found = np.empty(rows.size)
    for kind in dict.fromkeys(kinds):
        chosen = kinds == kind
        found[chosen] = construction(kind, {name: values[chosen] for name, values in shares.items()})
    return found


def _generated(rows: Rows) -> dict[str, Floats]:
    total = _site(rows, {})
    return _sized((total, total * rows.get("pm10_fraction", 0.30), total * rows.get("pm25_fraction", 0.03)))


def _met(rows: Rows) -> dict[str, Floats]:
    return dict.fromkeys(_SIZES, 1.0 - _site(rows, _site_shares(rows)) / _site(rows, {}))


def _handled(rows: Rows) -> dict[str, Floats]:
    return _sized(handling(rows.get("wind_speed"), rows.get("moisture")))


def _eroded(rows: Rows) -> dict[str, Floats]:
    names = ("threshold_velocity", "friction_velocity", "disturbances")
    return _sized(pile_erosion(*(rows.get(name) for name in names)))


# -- levers ----------------------------------------------------------------------------------------------------------


class WashRoads(Lever):
    """Less silt on the roads reached: of E ∝ sL^0.91, (1 − silt_reduction · effectiveness)^0.91 is left there."""

    categories: ClassVar = ("paved_road",)

    silt_reduction: Share
    penetration: Share = 1.0
    effectiveness: Share = 1.0

    def remaining(self, rows: Rows) -> Mapping[str, Floats]:
        """Return what is left by pollutant [1]."""
        exponent = np.where(rows.get("edition", 2011) == 1997, PAVED[1997][1], PAVED[2011][1])
        kept = (1.0 - self.silt_reduction * self.effectiveness) ** exponent
        return dict.fromkeys(_SIZES, 1.0 - self.penetration * (1.0 - kept))


class SealSites(Lever):
    """Site measures met on a larger share of the sites reached; never on a smaller one.

    At a site reached, a share that stood below what is asked rises by `effectiveness` of the difference.
    """

    categories: ClassVar = ("construction_site",)

    hardened: Share | None = None
    fenced: Share | None = None
    ground_covered: Share | None = None
    material_covered: Share | None = None
    sprayed: Share | None = None
    washed: Share | None = None
    penetration: Share = 1.0
    effectiveness: Share = 1.0

    @model_validator(mode="after")
    def _asks_something(self) -> "SealSites":
        if not any(getattr(self, name) is not None for name in _REDUCED if name != "washed_simply"):
            raise schema.fault("asks for nothing", f"write e.g. {{washed: 100 %}}; known: {', '.join(_REDUCED)}")
        return self

    def remaining(self, rows: Rows) -> Mapping[str, Floats]:
        """Return what is left by pollutant [1]; the rows' own columns say what is met already."""
        stated: NDArray[np.bool_] = np.any([rows.filled(name) for name in _REDUCED], axis=0)
        silent = np.flatnonzero(~stated)
        if len(silent):
            hint = f"fill its columns: {', '.join(_REDUCED)}"
            raise RowError(int(silent[0]), "does not say which measures its sites meet", hint)
        before = _site_shares(rows)
        after = dict(before)
        for name in _REDUCED:
            asked = getattr(self, name, None)
            if asked is not None:
                after[name] = before[name] + self.effectiveness * np.maximum(0.0, asked - before[name])
        # A vehicle is washed once: those now washed mechanically are no longer washed simply.
        after["washed_simply"] = np.minimum(before["washed_simply"], 1.0 - after["washed"])
        kept = _site(rows, after) / _site(rows, before)
        return dict.fromkeys(_SIZES, 1.0 - self.penetration * (1.0 - kept))


class Revegetate(TransferTo):
    """Bare or mined land that becomes vegetated: its source with technology restored."""

    to: ClassVar = {"technology": "restored"}


class Cover(TransferTo):
    """Exposed ground that is covered: its source with technology covered."""

    to: ClassVar = {"technology": "covered"}


class Enclose(TransferTo):
    """Open yards and plants that are enclosed: their source with technology enclosed."""

    to: ClassVar = {"technology": "enclosed"}


_LOOSE = ("sand_yard", "storage_pile", "concrete_batching", "aggregate_handling")
_GROUND = ("storage_pile", "bare_land", "abandoned_mine")
_CATEGORIES = ("paved_road", "unpaved_road", "construction_site", *_LOOSE, "bare_land", "abandoned_mine")

DUST = Sector(
    name="dust",
    sectors=("dust",),
    categories=_CATEGORIES,
    columns=(
        Column("silt_loading", "g/m^2", "silt on paved roads", 0.001, 400),
        Column("mean_weight", "t", "mean weight of the vehicles", 0.1, 300),
        Column("wet_days", "", "days a year with at least 0.254 mm of rain", most=366),
        Column("edition", "", "edition of AP-42 13.2.1: 2011 or 1997", 1997, 2011),
        Column("silt_content", "%", "silt of the surface of unpaved roads", most=1),
        Column("surface_moisture", "%", "moisture of the dry surface of unpaved roads", 1e-5, 1),
        Column("pan_evaporation", "mm", "pan evaporation of a year", most=10000),
        Column("traffic", "1/h", "vehicles on the road in an hour"),
        Column("watering_interval", "h", "hours between waterings"),
        Column("watering_rate", "L/m^2", "water applied", 0.01, 100),
        Column("hardened", "%", "share of site roads that are hardened", most=1),
        Column("fenced", "%", "share of sites fenced all around", most=1),
        Column("ground_covered", "%", "share of bare ground covered", most=1),
        Column("material_covered", "%", "share of dusty material covered", most=1),
        Column("sprayed", "%", "share of sites sprayed with suppressant", most=1),
        Column("washed", "%", "share of vehicles washed by machine", most=1),
        Column("washed_simply", "%", "share of vehicles washed simply", most=1),
        Column("pm10_fraction", "%", "PM10 of TSP", most=1),
        Column("pm25_fraction", "%", "PM2.5 of TSP", most=1),
        Column("moisture", "%", "moisture of the material handled", 1e-4, 1),
        Column("wind_speed", "m/s", "mean wind speed", most=50),
        Column("threshold_velocity", "m/s", "friction velocity from which the surface gives dust", most=5),
        Column("friction_velocity", "m/s", "friction velocity of the fastest mile between disturbances", most=5),
        Column("disturbances", "", "disturbances of the surface in a year"),
        Column("control", "%", "removal already in place", most=1),
    ),
    methods=(
        Method(
            name="paved_road",
            kind="factor",
            categories=("paved_road",),
            triggers=("silt_loading",),
            needs=("mean_weight",),
            takes=("wet_days", "edition"),
            compute=_paved,
            unit="g/vkm",
            cv=0.5,
            cites="US EPA AP-42 13.2.1 (January 2011); interval assumed",
            holds={"silt_loading": (0.03, 400), "mean_weight": (1.8, 38)},
        ),
        Method(
            name="unpaved_road",
            kind="factor",
            categories=("unpaved_road",),
            triggers=("silt_content",),
            needs=("mean_weight",),
            takes=("wet_days", "surface_moisture"),
            compute=_unpaved,
            unit="g/vkm",
            cv=0.6,
            cites="US EPA AP-42 13.2.2 (November 2006; with moisture September 1998); interval assumed",
            holds={"silt_content": (0.018, 0.252), "mean_weight": (1.8, 260), "surface_moisture": (0.0003, 0.13)},
        ),
        Method(
            name="unpaved_road_watering",
            kind="control",
            categories=("unpaved_road",),
            triggers=_WATERING,
            needs=_WATERING,
            compute=_watered,
            cites="Mojave Desert AQMD, Mineral Handling and Processing Industries (2013), part K",
        ),
        Method(
            name="construction",
            kind="factor",
            categories=("construction_site",),
            triggers=tuple(_REDUCED),
            takes=("pm10_fraction", "pm25_fraction"),
            compute=_generated,
            unit="kg/(m^2*month)",
            cv=0.5,
            cites="施工扬尘产生、削减系数表; fractions EMEP/EEA Guidebook 2.A.5.b; interval assumed",
        ),
        Method(
            name="construction_measures",
            kind="control",
            categories=("construction_site",),
            triggers=tuple(_REDUCED),
            compute=_met,
            cites="施工扬尘产生、削减系数表",
        ),
        Method(
            name="handling",
            kind="factor",
            categories=_LOOSE,
            triggers=("wind_speed",),
            needs=("moisture",),
            compute=_handled,
            unit="kg/t",
            cv=0.6,
            cites="US EPA AP-42 13.2.4 (2006), as the guideline 扬尘源 has it; interval assumed",
            holds={"moisture": (0.0025, 0.048), "wind_speed": (0.6, 6.7)},
        ),
        Method(
            name="pile_erosion",
            kind="factor",
            categories=_GROUND,
            triggers=("friction_velocity",),
            needs=("threshold_velocity", "disturbances"),
            compute=_eroded,
            unit="g/(m^2*yr)",
            cv=0.8,
            cites="US EPA AP-42 13.2.5 (1995); interval assumed",
        ),
        Method(
            name="control",
            kind="control",
            categories=_CATEGORIES,
            triggers=("control",),
            compute=lambda rows: dict.fromkeys(_SIZES, rows.get("control")),
            cites="stated by the row",
        ),
    ),
    levers={
        "wash_roads": WashRoads,
        "seal_sites": SealSites,
        "revegetate": Revegetate,
        "cover": Cover,
        "enclose": Enclose,
    },
)
