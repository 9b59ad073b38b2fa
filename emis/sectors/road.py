"""On-road vehicles: the guideline's corrections to a base factor, evaporation, and electricity used.

E = Σ vehicles · annual distance · EF with EF = BEF · φ · γ · λ · θ: base factor (factor table) times environment φ,
mean speed γ, deterioration λ, and others θ (sulphur, load). 道路机动车大气污染物排放清单编制技术指南(试行), Ministry of
Environmental Protection, 2014; tables as carried by the R package vein 1.5.0 (`ef_china`); the petrol rows of γ also in
J. Adv. Transp. 2018, 7497354, Table 6. Base conditions: 10-25 °C, 50 % relative humidity, up to 1500 m, 30 km/h, 50 ppm
sulphur in petrol and 350 ppm in diesel, half load. China VI has no base factors there, and hardly a correction: the
rows of China V are used.
"""

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import StrictBool

from emis import schema
from emis.schema import Share
from emis.sectors.electricity import offsite
from emis.sectors.method import PM, Column, Floats, Lever, Method, RowError, Rows, Sector
from emis.sectors.shorthand import Inspect, Renew, Retrofit, Scrap, TransferTo

__all__ = [
    "ROAD",
    "deterioration",
    "environment",
    "evaporation",
    "load_factor",
    "speed_factor",
    "sulphur_factor",
]

Family = Literal["CO", "HC", "NOx", "PM"]

#: Which correction goes with which pollutant; those left out (SO2, NH3, CO2) are not corrected.
FAMILY: Mapping[str, Family] = {
    **{"CO": "CO", "VOC": "HC", "HC": "HC", "NOx": "NOx", "NO": "NOx", "NO2": "NOx"},
    **dict.fromkeys(PM, "PM"),
}
_STANDARDS = ("PRE", "I", "II", "III", "IV", "V")
_GUIDELINE = "道路机动车大气污染物排放清单编制技术指南(试行) 2014, via R package vein 1.5.0"


def _standard(technology: str) -> str | None:
    """Return the standard in the guideline's tables, None for what they do not know; China VI is read as V."""
    if technology in ("pre_china", "china_0"):
        return "PRE"
    level = technology.removeprefix("china_")[:1] if technology.startswith("china_") else ""
    return _STANDARDS[min(int(level), 5)] if level.isdigit() else None


def _class(category: str) -> str:
    return {"passenger_car": "car", "taxi": "car"}.get(category, category)


@lru_cache
def _table(name: str) -> dict[tuple[str, ...], tuple[float, ...]]:
    """Return a table of the guideline: by its three keys, its numbers."""
    text = (resources.files("emis.sectors") / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    _, *rows = csv.reader(text.splitlines())
    return {tuple(row[:3]): tuple(float(cell) for cell in row[3:]) for row in rows}


def speed_factor(speed: Floats, fuel: str, technology: str, family: Family) -> Floats:
    """Return the correction γ for the mean speed [km/h]; 1 at exactly 30 km/h.

    Bands: below 20, 20-30, 30-40, 40-80, above 80 km/h; the lower end belongs to the band, 80 to 40-80. Guideline,
    as in the module's head.
    """
    standard = _standard(technology)
    found = _table("speed").get((fuel, standard or "", family))
    if found is None:
        return np.ones(len(speed))
    band = np.searchsorted([20.0, 30.0, 40.0, np.nextafter(80.0, 81.0)], speed, side="right")
    return np.where(speed == 30.0, 1.0, np.array(found)[band])


def environment(
    cold: Floats, hot: Floats, humidity: Floats, altitude: Floats, fuel: str, category: str, family: Family
) -> Floats:
    """Return the correction φ for temperature, humidity and altitude [1].

    Parameters
    ----------
    cold, hot : ndarray
        Shares of the distance driven below 10 °C and above 25 °C [1]: the mean over the year of the guideline's three
        bands. Above 25 °C the guideline's factors for hot and dry, or hot and humid, air apply as well (from 24 °C).
    humidity : ndarray
        Relative humidity [1]; 0.5 is the base condition.
    altitude : ndarray
        Height above sea level [m]; corrected above 1500 m.
    """
    column = ("CO", "HC", "NOx", "PM").index(family)

    def found(when: str) -> float:
        table = _table("environment")
        row = table.get((when, fuel, _class(category))) or table.get((when, fuel, ""))
        return row[column] if row else 1.0

    dry, humid = humidity < 0.5, humidity > 0.5
    moist = np.where(dry, found("dry"), np.where(humid, found("humid"), 1.0))
    moist_hot = moist * np.where(dry, found("hot_dry"), np.where(humid, found("hot_humid"), 1.0))
    warm = 1.0 - cold - hot
    seasonal = cold * found("cold") * moist + warm * moist + hot * found("hot") * moist_hot
    return np.asarray(seasonal * np.where(altitude > 1500.0, found("high"), 1.0))


def deterioration(year: Floats, fuel: str, technology: str, category: str, family: Family) -> Floats:
    """Return the deterioration λ of petrol vehicles in a calendar year, for 2015 to 2018; in 2014 it is taken as 1.

    Groups: taxis; light (small cars, light trucks); others. Diesel, gas and particles do not deteriorate in the table.
    """
    group = {"taxi": "taxi", "passenger_car": "light", "light_truck": "light"}.get(category, "other")
    found = _table("deterioration").get((group, family, _standard(technology) or "")) if fuel == "petrol" else None
    if found is None:
        return np.ones(len(year))
    return np.asarray(np.array([1.0, *found])[(year - 2014).astype(int)])


def sulphur_factor(sulphur: Floats, fuel: str, technology: str, family: Family) -> Floats:
    """Return the correction θ for the fuel's sulphur [mg/kg].

    Classes: up to 10, 50, 150, 350, 500 mg/kg, and above.
    """
    found = _table("sulphur").get((fuel, _standard(technology) or "", family))
    if found is None:
        return np.ones(len(sulphur))
    return np.array(found[::-1])[np.searchsorted([10.0, 50.0, 150.0, 350.0, 500.0], sulphur, side="left")]


_LOADS = {
    "CO": (0.87, 1, 1.07, 1.16, 1.33),
    "HC": (1, 1, 1, 1, 1),
    "NOx": (0.83, 1, 1.09, 1.21, 1.43),
    "PM": (0.90, 1, 1.05, 1.13, 1.26),
}


def load_factor(load: Floats, fuel: str, family: Family) -> Floats:
    """Return the correction θ for the load of diesel vehicles, a share of the full load [1].

    Between the guideline's steps 0, 50, 60, 75 and 100 % it is drawn as a straight line.
    """
    if fuel != "diesel":
        return np.ones(len(load))
    return np.interp(load, [0, 0.5, 0.6, 0.75, 1], _LOADS[family])


def evaporation(running_loss: Floats, diurnal_loss: Floats, speed: Floats, annual_distance: Floats) -> Floats:
    """Return the hydrocarbons a petrol vehicle evaporates [g/km]: running_loss/speed + diurnal_loss·365/distance.

    Parameters
    ----------
    running_loss : ndarray
        Loss while driving [g/h]; 0 for none.
    diurnal_loss : ndarray
        Loss per vehicle and day [g/d]. EMEP/EEA Guidebook 1.A.3.b.v gives a vehicle's whole evaporation as such a loss:
        cars 7.8 [5.4-10.9] g/d at 10-25 °C (Tier 1, Table 3-2).
    speed, annual_distance : ndarray
        Mean speed [km/h], distance of a vehicle in a year [km].
    """
    driving = np.where(running_loss > 0, running_loss / np.where(running_loss > 0, speed, 1.0), 0.0)
    return np.asarray(driving + diurnal_loss * 365.0 / annual_distance)


def _shares(rows: Rows) -> tuple[Floats, Floats]:
    """Return the shares of the distance driven below 10 °C and above 25 °C; one temperature is all of one band."""
    temperature = rows.get("temperature", 15.0)
    twice = np.flatnonzero(rows.filled("temperature") & (rows.filled("cold_share") | rows.filled("hot_share")))
    if len(twice):
        message = "states a temperature and shares of the distance in cold or heat"
        raise RowError(int(twice[0]), message, "keep one of the two", "temperature")
    cold = np.where(rows.filled("cold_share"), rows.get("cold_share"), (temperature < 10).astype(float))
    hot = np.where(rows.filled("hot_share"), rows.get("hot_share"), (temperature > 25).astype(float))
    over = np.flatnonzero(cold + hot > 1 + 1e-9)
    if len(over):
        message = f"drives {100 * (cold + hot)[over[0]]:g} % of the distance, more than the whole, in cold and heat"
        raise RowError(int(over[0]), message, "cold_share + hot_share is 100 % at most", "cold_share")
    return cold, hot


def _corrections(rows: Rows) -> dict[str, Floats]:
    cold, hot = _shares(rows)
    found = {name: np.ones(rows.size) for name in FAMILY}
    labels = zip(*(rows.labels[name].astype(str) for name in ("fuel", "technology", "category")), strict=True)
    keys = list(labels)
    _known(keys)
    number = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    code = np.array([number[key] for key in keys])
    for (fuel, technology, category), index in number.items():
        chosen = code == index
        for family in ("CO", "HC", "NOx", "PM"):
            product = _correction(rows.take(chosen), cold[chosen], hot[chosen], (fuel, technology, category), family)
            for name, own in FAMILY.items():
                if own == family:
                    found[name][chosen] = product
    return found


_OTHER_FUELS = ("natural_gas", "cng", "lng", "lpg", "hybrid", "electricity", "hydrogen", "methanol")


def _known(keys: list[tuple[str, str, str]]) -> None:
    """Refuse labels that the tables do not know: what is not corrected for a misspelt name would not be told."""
    for row, (fuel, technology, _) in enumerate(keys):
        if fuel not in ("petrol", "diesel", *_OTHER_FUELS):
            message = f"burns {fuel!r}, which the corrections do not know"
            raise RowError(row, message, f"write petrol, diesel, {', '.join(_OTHER_FUELS)}", "fuel")
        if fuel in ("petrol", "diesel") and _standard(technology) is None:
            message = f"is of technology {technology!r}, which the corrections do not know"
            raise RowError(row, message, "write pre_china, china_1 ... china_6", "technology")


def _correction(rows: Rows, cold: Floats, hot: Floats, labels: tuple[str, str, str], family: Family) -> Floats:
    """Return φ · γ · λ · θ of rows with the same fuel, technology and category; 1 where a column is blank."""
    fuel, technology, category = labels
    air = environment(cold, hot, rows.get("humidity", 0.5), rows.get("altitude", 0.0), fuel, category, family)
    speed = speed_factor(rows.get("speed", 30.0), fuel, technology, family)
    age = deterioration(rows.get("deterioration_year", 2014), fuel, technology, category, family)
    # No sulphur is the base for both fuels: only a row that states its own is corrected.
    sulphur = sulphur_factor(rows.get("sulphur", 50.0), fuel, technology, family)
    load = load_factor(rows.get("load", 0.5), fuel, family)
    return air * speed * age * np.where(rows.filled("sulphur"), sulphur, 1.0) * load


def _evaporated(rows: Rows) -> dict[str, Floats]:
    running = rows.get("running_loss", 0.0)
    still = np.flatnonzero((running > 0) & ~rows.filled("speed"))
    if len(still):
        raise RowError(int(still[0]), "loses vapour by the hour and has no speed", "fill the column 'speed'", "speed")
    found = evaporation(running, rows.get("diurnal_loss", 0.0), rows.get("speed"), rows.get("annual_distance"))
    return {"VOC": found, "HC": found}


class _Corrected(Lever):
    """Common to levers that change what a correction depends on, for the share reached."""

    spares_additions: ClassVar = True

    penetration: Share = 1.0
    may_increase: StrictBool = False

    def _left(self, rows: Rows, column: str, new: float) -> dict[str, Floats]:
        """Return what is left when `column` becomes `new`: the ratio of the corrections, by pollutant [1]."""
        rows.need(column)
        before = _corrections(Rows(rows.labels, {column: rows.columns[column]}))
        after = _corrections(Rows(rows.labels, {column: np.full(rows.size, new)}))
        left = {name: 1.0 - self.penetration * (1.0 - after[name] / before[name]) for name in FAMILY}
        for name, values in left.items():
            worse = np.flatnonzero(values > 1 + 1e-12)
            if len(worse) and not self.may_increase:
                message = f"would emit {values[worse[0]]:.4g} times as much {name}"
                raise RowError(int(worse[0]), message, "write may_increase: true if that is meant")
        return left


class ChangeSpeed(_Corrected):
    """Another mean speed for the share reached: γ(new)/γ(old) of the guideline is left."""

    speed: Annotated[float, schema.in_unit("km/h", 1, 150)]

    def remaining(self, rows: Rows) -> Mapping[str, Floats]:
        """Return what is left by pollutant [1]; the rows' `speed` is the old one."""
        return self._left(rows, "speed", self.speed)


class CleanFuel(_Corrected):
    """Fuel of less sulphur for the share reached: θ(new)/θ(old) of the guideline is left, and SO2 in proportion."""

    sulphur: Annotated[float, schema.in_unit("mg/kg", 0, 10000)]

    def remaining(self, rows: Rows) -> Mapping[str, Floats]:
        """Return what is left by pollutant [1]; the rows' `sulphur` is the old one."""
        left = self._left(rows, "sulphur", self.sulphur)
        ratio = self.sulphur / rows.columns["sulphur"]
        return {**left, "SO2": 1.0 - self.penetration * (1.0 - ratio)}


class Electrify(TransferTo):
    """Stock that becomes electric, of the same category."""

    to: ClassVar = {"fuel": "electricity", "technology": "electric"}


_CATEGORIES = tuple(
    "passenger_car taxi bus coach light_truck medium_truck heavy_truck heavy_truck_nonlocal sanitation_truck"
    " low_speed_truck three_wheeler motorcycle moped".split()
)
_CORRECTING = tuple("speed cold_share hot_share temperature humidity altitude sulphur load deterioration_year".split())

ROAD = Sector(
    name="road",
    sectors=("mobile",),
    categories=_CATEGORIES,
    columns=(
        Column("annual_distance", "km", "distance of one vehicle in a year"),
        Column("speed", "km/h", "mean speed", 1, 150),
        Column("cold_share", "%", "share of the distance driven below 10 degC", most=1),
        Column("hot_share", "%", "share of the distance driven above 25 degC", most=1),
        Column("temperature", "degC", "mean temperature, where no shares are given", -60, 60),
        Column("humidity", "%", "relative humidity", most=1),
        Column("altitude", "m", "height above sea level", most=6000),
        Column("sulphur", "mg/kg", "sulphur of the fuel", most=10000),
        Column("load", "%", "load, as a share of the full load", most=1),
        Column("deterioration_year", "", "calendar year that deterioration is counted to", 2014, 2018),
        Column("running_loss", "g/h", "vapour lost while driving"),
        Column("diurnal_loss", "g/d", "vapour lost per vehicle and day"),
        Column("electricity_use", "kWh/km", "electricity used", most=20),
        Column("grid_factor", "kg/kWh", "CO2 of the grid's electricity", most=3),
    ),
    methods=(
        Method(
            name="distance",
            kind="activity",
            categories=_CATEGORIES,
            triggers=("annual_distance",),
            takes=("vehicles",),
            compute=lambda rows: {"activity": rows.get("vehicles") * rows.get("annual_distance")},
            unit="vkm/yr",
            cites=_GUIDELINE,
        ),
        Method(
            name="guideline_corrections",
            kind="correction",
            categories=_CATEGORIES,
            triggers=_CORRECTING,
            compute=_corrections,
            cites=_GUIDELINE,
        ),
        Method(
            name="evaporation",
            kind="addition",
            categories=_CATEGORIES,
            triggers=("diurnal_loss", "running_loss"),
            needs=("annual_distance",),
            takes=("speed",),
            compute=_evaporated,
            unit="g/vkm",
            cv=0.25,
            cites="EMEP/EEA Guidebook 1.A.3.b.v; interval of Table 3-2 about +-35 %",
        ),
        Method(
            name="electricity_offsite",
            kind="offsite",
            categories=_CATEGORIES,
            triggers=("electricity_use", "grid_factor"),
            needs=("electricity_use", "grid_factor"),
            compute=lambda rows: {"CO2": offsite(rows.get("electricity_use"), rows.get("grid_factor"))},
            unit="kg/vkm",
            cites="electricity times the grid's factor",
        ),
    ),
    levers={
        "change_speed": ChangeSpeed,
        "clean_fuel": CleanFuel,
        "electrify": Electrify,
        "scrap": Scrap,
        "renew": Renew,
        "retrofit": Retrofit,
        "inspect": Inspect,
    },
)
