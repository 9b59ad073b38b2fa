"""Fugitive dust: roads, construction, handling and wind erosion; TSP, PM10 and PM2.5.

US EPA, Compilation of Air Pollutant Emission Factors AP-42, sections 13.2.1 to 13.2.5; construction by the coefficients
of the Chinese dust tax. The Chinese guideline (扬尘源颗粒物排放清单编制技术指南(试行), 2014) writes the same equations.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from emis import schema
from emis.schema import Share
from emis.sectors.method import Column, Floats, Lever, Method, RowError, Rows, Sector
from emis.sectors.transfer import TransferTo

__all__ = [
    "DUST",
    "construction",
    "friction_velocity",
    "handling",
    "paved_road",
    "pile_erosion",
    "unpaved_road",
    "unpaved_road_watering",
]

_SIZES = ("TSP", "PM10", "PM2.5")
#: One pound per mile in grams per kilometre.
_LB_PER_MILE = 453.59237 / 1.609344


# -- roads -----------------------------------------------------------------------------------------------------------

#: AP-42 13.2.1: by edition, size multipliers [g/vkm], exponents of silt load and weight, and what these are divided by.
_PAVED = {
    2011: ((3.23, 0.62, 0.15), 0.91, 1.02, 1.0, 1.0),
    1997: (tuple(k * _LB_PER_MILE for k in (0.082, 0.016, 0.004)), 0.65, 1.5, 2.0, 3.0),
}


def paved_road(silt_loading: Floats, mean_weight: Floats, wet_days: Floats | float = 0.0, edition: int = 2011) -> Any:
    """Return the dust of paved roads as TSP, PM10, PM2.5 [g/vkm]: k · sL^0.91 · W^1.02 · (1 − P/(4·365)).

    Parameters
    ----------
    silt_loading : ndarray
        Silt on the road, below 75 µm [g/m²]. Held to 0.03-400 g/m² by AP-42.
    mean_weight : ndarray
        Mean weight of the vehicles on the road, in metric tonnes for the edition of 2011 with its k of 3.23, 0.62 and
        0.15 g/km (guideline 扬尘源, same equation), in short tons for that of 1997. Held to 1.8-38 t.
    wet_days : ndarray
        Days of a year with at least 0.254 mm of rain.
    edition : int
        2011 (AP-42 13.2.1, January 2011), or 1997: k · (sL/2)^0.65 · (W/3)^1.5 with k of 0.082, 0.016, 0.004 lb/mile
        (October 1997), as older inventories have it.
    """
    multipliers, of_silt, of_weight, silt_unit, weight_unit = _PAVED[edition]
    load = (silt_loading / silt_unit) ** of_silt * (mean_weight / weight_unit) ** of_weight
    return tuple(k * load * (1.0 - wet_days / 1460.0) for k in multipliers)


_SHORT_TON = 0.90718474


def unpaved_road(
    silt_content: Floats,
    mean_weight: Floats,
    wet_days: Floats | float = 0.0,
    surface_moisture: Floats | None = None,
) -> Any:
    """Return the dust of unpaved roads as TSP, PM10, PM2.5 [g/vkm].

    AP-42 13.2.2 (November 2006, industrial roads): k · (s/12)^a · (W/3)^0.45 · (365 − P)/365 with k of 4.9, 1.5, 0.15
    lb/mile and a of 0.7, 0.9, 0.9; with a surface moisture its edition of September 1998: k · (s/12)^0.8 · (W/3)^b ·
    (M/0.2)^−c with k of 10, 2.6, 0.38 lb/mile, b of 0.5, 0.4, 0.4 and c of 0.4, 0.3, 0.3.

    Parameters
    ----------
    silt_content : ndarray
        Silt of the road's surface, a share by weight [1]; 1.8-25.2 % in the tests behind the equation.
    mean_weight : ndarray
        Mean weight of the vehicles [t]; the equation's short tons are converted.
    wet_days : ndarray
        Days of a year with at least 0.254 mm of rain.
    surface_moisture : ndarray, optional
        Moisture of the dry surface, a share by weight [1].
    """
    silt, weight = 100.0 * silt_content / 12.0, mean_weight / _SHORT_TON / 3.0
    dry = 1.0 - wet_days / 365.0
    if surface_moisture is None:
        constants = ((4.9, 0.7), (1.5, 0.9), (0.15, 0.9))
        return tuple(_LB_PER_MILE * k * silt**a * weight**0.45 * dry for k, a in constants)
    moisture = 100.0 * surface_moisture / 0.2
    return tuple(
        _LB_PER_MILE * k * silt**0.8 * weight**b * moisture**-c * dry
        for k, b, c in ((10, 0.5, 0.4), (2.6, 0.4, 0.3), (0.38, 0.4, 0.3))
    )


def unpaved_road_watering(evaporation: Floats, traffic: Floats, interval: Floats, rate: Floats) -> Floats:
    """Return what watering an unpaved road removes [1]: 1 − 0.000012 · A·D·T/I, not below 0.

    Parameters
    ----------
    evaporation : ndarray
        Pan evaporation of a year [mm]; the equation has inches.
    traffic : ndarray
        Vehicles per hour.
    interval : ndarray
        Hours between waterings.
    rate : ndarray
        Water applied [L/m²]; the equation has US gallons per square yard.

    Notes
    -----
    Mojave Desert AQMD, Emissions Inventory Guidance, Mineral Handling and Processing Industries (2013), part K; the
    constant 0.0012 % is the one its own example of no efficiency needs.
    """
    gallons = rate / (3.785411784 / 0.83612736)
    return np.maximum(0.0, 1.0 - 0.000012 * (evaporation / 25.4) * traffic * interval / gallons)


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


# -- handling and wind -----------------------------------------------------------------------------------------------


def handling(
    wind_speed: Floats,
    moisture: Floats,
    multipliers: tuple[float, ...] = (0.74, 0.35, 0.053),
    reference_speed: float = 2.2,
) -> Any:
    """Return the dust of one handling of loose material as TSP, PM10, PM2.5 [kg/t].

    AP-42 13.2.4: k · 0.0016 · (u/2.2)^1.3 / (M/2)^1.4, u the mean wind speed [m/s], M the moisture in per cent (given
    here as a share [1]). The edition of 1995 has k of 0.74, 0.36, 0.11 and 5 miles per hour instead of 2.2 m/s.
    """
    each = 0.0016 * (wind_speed / reference_speed) ** 1.3 / (100.0 * moisture / 2.0) ** 1.4
    return tuple(k * each for k in multipliers)


def friction_velocity(wind_speed: Floats, height: float = 10.0, roughness: float = 0.6) -> Floats:
    """Return the friction velocity [m/s]: 0.4 · u(z) / ln(z/z0).

    `wind_speed` [m/s] at `height` z [m]; roughness z0 0.6 m in towns, 0.2 m in suburbs (guideline 扬尘源).
    """
    return np.asarray(0.4 * wind_speed / np.log(height / roughness))


def pile_erosion(threshold_velocity: Floats, friction_velocity: Floats, disturbances: Floats) -> Any:
    """Return the wind erosion of piles and bare ground as TSP, PM10, PM2.5 [g/m² per year].

    AP-42 13.2.5: k · N · P with P = 58 (u* − ut)² + 25 (u* − ut) above the threshold, 0 below, and k of 1.0, 0.5, 0.2
    (edition of 1995).

    Parameters
    ----------
    threshold_velocity : ndarray
        Friction velocity from which the surface gives dust [m/s]: construction site 0.26, abandoned farmland 0.25,
        disturbed desert 0.33, coal pile 0.64 (Mojave Desert AQMD guidance, part L).
    friction_velocity : ndarray
        That of the fastest mile between disturbances [m/s].
    disturbances : ndarray
        How often in a year the surface is disturbed.
    """
    above = np.maximum(0.0, friction_velocity - threshold_velocity)
    potential = disturbances * (58.0 * above**2 + 25.0 * above)
    return tuple(k * potential for k in (1.0, 0.5, 0.2))


# -- methods ---------------------------------------------------------------------------------------------------------


def _sized(found: Any) -> dict[str, Floats]:
    return dict(zip(_SIZES, found, strict=True))


def _paved(rows: Rows) -> dict[str, Floats]:
    editions = rows.get("edition", 2011)
    found = {name: np.empty(rows.size) for name in _SIZES}
    for edition in np.unique(editions):
        chosen = editions == edition
        if int(edition) not in _PAVED:
            message = f"asks for edition {edition:g} of AP-42 13.2.1"
            raise RowError(int(np.flatnonzero(chosen)[0]), message, "write 2011 or 1997")
        part = rows.take(chosen)
        weight = part.get("mean_weight") / (1.0 if edition == 2011 else _SHORT_TON)
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
    names = ("pan_evaporation", "traffic", "watering_interval", "watering_rate")
    return dict.fromkeys(_SIZES, unpaved_road_watering(*(rows.get(name) for name in names)))


def _site_shares(rows: Rows) -> dict[str, Floats]:
    shares = {name: rows.get(name, 0.0) for name in _REDUCED}
    over = np.flatnonzero(shares["washed"] + shares["washed_simply"] > 1 + 1e-9)
    if len(over):
        raise RowError(int(over[0]), "washes more than every vehicle", "washed + washed_simply is 100 % at most")
    return shares


def _site(rows: Rows, shares: Mapping[str, Floats]) -> Floats:
    """Return the TSP of each site [kg/(m²·month)] with measures met as in `shares`."""
    kinds = rows.labels["technology"].astype(str)
    unknown = np.flatnonzero([kind not in _GENERATED for kind in kinds])
    if len(unknown):
        message = f"is of technology {kinds[unknown[0]]!r}, which the coefficients do not know"
        raise RowError(int(unknown[0]), message, f"write {', '.join(_GENERATED)}")
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
        exponent = np.where(rows.get("edition", 2011) == 1997, _PAVED[1997][1], _PAVED[2011][1])
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
        ),
        Method(
            name="unpaved_road_watering",
            kind="control",
            categories=("unpaved_road",),
            triggers=("watering_rate",),
            needs=("pan_evaporation", "traffic", "watering_interval"),
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
