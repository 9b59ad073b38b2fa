"""Rebuild the activity tables of both years from sources.csv: python inventories/rebuild.py [--check].

One function per sector says, row by row, which figures make the activity and its columns; the arithmetic, its
uncertainty and the text of the reference follow from that (figures.py). Nothing else makes the tables, and nothing is
read but sources.csv.
"""

from __future__ import annotations

import csv
import io
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from figures import Figure, Sources, exact, number, worst

HERE = Path(__file__).parent
YEARS = (2015, 2017)
LABELS = ("category", "fuel", "technology", "region")

#: Region of the firms that are not in the district park; their ids do without it.
OUTSIDE = "outside_park"

#: The columns of each sector's table beside the common ones, with the unit of their header.
COLUMNS = {
    "mobile": {
        "vehicles": "",
        "annual_distance": "km",
        "speed": "km/h",
        "cold_share": "%",
        "hot_share": "%",
        "sulphur": "mg/kg",
        "deterioration_year": "",
        "diurnal_loss": "g/d",
        "electricity_use": "kWh/km",
        "grid_factor": "kg/kWh",
        "machines": "",
        "power": "kW",
        "hours": "h",
        "load": "%",
        "fuel_use": "g/kWh",
    },
    "dust": {
        "firms": "",
        "factor_cv": "%",
        "silt_loading": "g/m^2",
        "silt_content": "%",
        "mean_weight": "t",
        "wet_days": "",
        "hardened": "%",
        "fenced": "%",
        "ground_covered": "%",
        "material_covered": "%",
        "sprayed": "%",
        "washed": "%",
        "washed_simply": "%",
        "pm10_fraction": "%",
        "pm25_fraction": "%",
        "moisture": "%",
        "wind_speed": "m/s",
        "control": "%",
    },
    "industry": {"firms": "", "capture": "%", "destruction": "%", "voc_content": "g/kg", "factor_cv": "%"},
    "solvents": {"firms": "", "vapour_pressure": "kPa", "stage_1": "%", "stage_2": "%", "density": "t/m^3"},
    "coal": {"households": "", "villages": "", "heat_value": "GJ/t", "carbon_factor": "kg/GJ", "grid_factor": "kg/kWh"},
    "gas": {
        "households": "",
        "nox_limit": "mg/kWh",
        "nox_concentration": "mg/m^3",
        "flue_gas": "m^3/GJ",
        "factor_cv": "%",
    },
    "catering": {
        "firms": "",
        "stoves": "",
        "exhaust_rate": "m^3/h",
        "hours": "h",
        "purifier_voc": "%",
        "purifier_pm": "%",
    },
    "agriculture": {
        "nitrogen_excretion": "kg/head",
        "tan_share": "%",
        "housing_loss": "%",
        "storage_loss": "%",
        "storage_other_loss": "%",
        "spreading_loss": "%",
    },
}

#: Columns of a row by name.
Columns = dict[str, Figure]

#: Units of activity in which the tables write what the arithmetic calls otherwise.
WRITTEN = {"vkm/yr": "km/yr"}


@dataclass(frozen=True)
class Row:
    """A source: its labels, the activity (None: there is none), and the sector's columns."""

    labels: str
    activity: Figure | None
    unit: str
    columns: Columns = field(default_factory=dict)
    profile: str = ""
    note: str = ""


# ---- keys ------------------------------------------------------------------------------------------------------------


def share_of_population(s: Sources) -> Figure:
    """Return the figures that bring a number of the city down to the district, by heads."""
    return s["population"] / s["population_city"]


def share_of_cropland(s: Sources) -> Figure:
    """Return the figures that bring farming of the city down to the district, by area."""
    return s["cropland"] / s["cropland_city"] * s["key_crops"]


def fleet(s: Sources) -> Figure:
    """Return the motor vehicles of the district."""
    return s["vehicles_city"] * share_of_population(s) * s["key_vehicles"]


def bases(s: Sources) -> dict[str, tuple[str, Figure]]:
    """Return the counts that rows of several categories hang on: the id that tells them, and the count itself."""
    return {
        "fleet": ("key_vehicles", fleet(s)),
        "construction": ("building_key", s["building_key"]),
        "farming": ("key_crops", share_of_cropland(s)),
    }


def spread(s: Sources, *powers: tuple[Figure, float], equation: bool = True) -> Figure:
    """Return the cv of a factor that goes with powers of uncertain columns, beside that of its equation [1]."""
    variance = math.log1p(s["equation_spread"].value ** 2) if equation else 0.0
    for figure, power in powers:
        variance += (power * math.log(figure.high / figure.low) / 3.92) ** 2
    cv = round(math.sqrt(math.expm1(variance)), 2)
    ids = (*(figure.ids[0] for figure, _ in powers), *["equation_spread"] * equation)
    return Figure(cv, "", cv, cv, "E", "spread of " + " and ".join(ids), ids)


# ---- mobile ----------------------------------------------------------------------------------------------------------

ELECTRIC = ("electricity/electric",)
ROAD = {
    "passenger_car": (*(f"petrol/china_{n}" for n in range(1, 7)), *ELECTRIC),
    "taxi": (*(f"petrol/china_{n}" for n in (4, 5, 6)), *ELECTRIC),
    "bus": (*(f"diesel/china_{n}" for n in (4, 5, 6)), "natural_gas/lean_burn", "natural_gas/china_6", *ELECTRIC),
    "coach": (*(f"diesel/china_{n}" for n in (3, 4, 5, 6)), *ELECTRIC),
    "light_truck": (
        *(f"diesel/china_{n}" for n in (3, 4, 5, 6)),
        *(f"petrol/china_{n}" for n in (4, 5, 6)),
        *ELECTRIC,
    ),
    "heavy_truck": tuple(f"diesel/china_{n}" for n in (3, 4, 5, 6)),
    "sanitation_truck": (*(f"diesel/china_{n}" for n in (4, 5, 6)), "natural_gas/lean_burn", *ELECTRIC),
    "motorcycle": ("petrol/china_3",),
    "heavy_truck_nonlocal": tuple(f"diesel/china_{n}" for n in (3, 4, 5, 6)),
}
EVAPORATION = {"passenger_car": "car", "taxi": "car", "light_truck": "van", "motorcycle": "motorcycle"}


def mobile(s: Sources) -> Iterator[Row]:
    """Vehicles by stock and distance, machines by the diesel they burn."""
    for category, technologies in ROAD.items():
        for technology in technologies:
            vehicles = stock(s, category) * mix(s, category, technology)
            distance = s[f"km_{local(category)}"]
            columns = {"vehicles": vehicles, "annual_distance": distance} | conditions(s, category, technology)
            yield Row(f"{category}/{technology}", vehicles * distance, "vkm/yr", columns, "traffic")
    yield from construction_machinery(s)
    yield from agricultural_machinery(s)


def local(category: str) -> str:
    """Return the class of the district's own fleet that a class is driven like."""
    return category.removesuffix("_nonlocal")


def stock(s: Sources, category: str) -> Figure:
    """Return the vehicles of a class; those of non-local trucks are full-time equivalents in the district."""
    vehicles = fleet(s) * s[f"class_{local(category)}"]
    return vehicles if category == local(category) else vehicles * s["nonlocal_ratio"]


def mix(s: Sources, category: str, technology: str) -> Figure:
    """Return the share of a fuel and standard in its class."""
    if technology.endswith("china_6"):
        return s["mix_china_6"]
    return s[f"mix_{category}_{technology.replace('/', '_')}"]


def conditions(s: Sources, category: str, technology: str) -> Columns:
    """Return what the guideline's corrections, the evaporation and the off-site CO2 of a row need."""
    fuel = technology.split("/")[0]
    if fuel == "electricity":
        return {"electricity_use": s[f"electricity_{category}"], "grid_factor": s["grid_factor"]}
    if fuel == "natural_gas":
        return {}
    columns: Columns = {
        "speed": s[f"speed_{local(category)}"],
        "cold_share": s["cold_share"],
        "hot_share": s["hot_share"],
        "sulphur": s["sulphur" if category == local(category) else "sulphur_nonlocal"],
    }
    if fuel == "petrol":
        columns["diurnal_loss"] = evaporation(s, EVAPORATION[category])
        columns["deterioration_year"] = exact(s.year)
    return columns


def evaporation(s: Sources, kind: str) -> Figure:
    """Return what a petrol vehicle evaporates a day, driving and parked, as the mean over the months."""
    bands = [s[f"months_{band}"] * s[f"evaporation_{kind}_{band}"] for band in ("hot", "mild", "cool", "cold")]
    mean = (bands[0] + bands[1] + bands[2] + bands[3]) / exact(12, "month")
    return mean.called("mean of the year", f"sum of months_* x evaporation_{kind}_* / 12")


def construction_machinery(s: Sources) -> Iterator[Row]:
    """Diesel of the city's machines from their CO2, times the district's share in construction."""
    diesel = s["machinery_co2_city"] * exact(1000, "t/Gg") / s["diesel_co2"] * s["building_key"]
    each = s["construction_power"] * diesel_per_power(s, "construction")
    columns = use_of_machines(s, "construction")
    for stage in ("stage_1", "stage_2", "stage_3", "stage_4"):
        share = s["mix_stage_4"] if stage == "stage_4" else s[f"mix_construction_{stage}"]
        amount = diesel * share
        machines = amount.called("diesel", "see the activity") / each
        label = f"construction_machinery/diesel/{stage}"
        yield Row(label, amount, "t/yr", {"machines": machines} | columns, "construction")
    label, note = "construction_machinery/electricity/electric", "counted as t of the diesel replaced"
    nothing = diesel * s["mix_machine_electric"]
    yield Row(label, nothing, "t/yr", {"machines": exact(0)}, "construction", note)


def agricultural_machinery(s: Sources) -> Iterator[Row]:
    """Installed power of the city's farms, times the district's share in cropland, times its use."""
    for stage in ("stage_1", "stage_2"):
        power = s["farm_power_city"] * share_of_cropland(s) * s[f"mix_farm_{stage}"]
        machines = power.called("power", "see the activity") / s["farm_power"]
        columns = {"machines": machines} | use_of_machines(s, "farm")
        amount = power * diesel_per_power(s, "farm")
        yield Row(f"agricultural_machinery/diesel/{stage}", amount, "t/yr", columns, "farming")


def diesel_per_power(s: Sources, kind: str) -> Figure:
    """Return what a machine burns a year for each kW of its engine."""
    return s[f"{kind}_hours"] * s[f"{kind}_load"] * s[f"{kind}_fuel_use"] / exact(1e6, "g/t")


def use_of_machines(s: Sources, kind: str) -> Columns:
    """Return the columns from which the diesel of a machine can be redone."""
    return {name: s[f"{kind}_{name}"] for name in ("power", "hours", "load", "fuel_use")}


# ---- dust ------------------------------------------------------------------------------------------------------------

SITE_MEASURES = ("hardened", "fenced", "ground_covered", "material_covered", "sprayed", "washed", "washed_simply")


def dust(s: Sources) -> Iterator[Row]:
    """Roads by vehicle km, sites and bare ground by area, yards and plants by tonnes handled."""
    travelled = traffic(s)
    for road in ("urban_road", "highway", "rural_road"):
        silt, weight = s[f"silt_{road}"], s[f"weight_{road}"]
        columns: Columns = {"silt_loading": silt, "mean_weight": weight, "wet_days": s["wet_days"]}
        columns["factor_cv"] = spread(s, (silt, 0.91), (weight, 1.02))
        yield Row(f"paved_road//{road}", travelled * s[f"roads_{road}"], "vkm/yr", columns, "traffic")
    unpaved = s["unpaved_length"] * s["unpaved_traffic"] * exact(365, "d/yr")
    silt, weight = s["unpaved_silt"], s["unpaved_weight"]
    tracks: Columns = {"silt_content": silt, "mean_weight": weight, "wet_days": s["wet_days"]}
    tracks["factor_cv"] = spread(s, (silt, 0.9), (weight, 0.45))
    yield Row("unpaved_road", unpaved, "vkm/yr", tracks, "traffic")
    yield from construction_sites(s)
    yield from open_ground(s)
    yield from yards_and_plants(s)


def traffic(s: Sources) -> Figure:
    """Return the vehicle km in the district: those of the fleet's mean vehicle and of non-local heavy trucks."""
    classes = [category for category in ROAD if category == local(category)]
    mean = s["class_passenger_car"] * s["km_passenger_car"]
    for category in classes[1:]:
        mean = mean + s[f"class_{category}"] * s[f"km_{category}"]
    mean = mean.called("km per vehicle", "sum of class_* x km_* over the classes of mobile.csv")
    foreign = s["class_heavy_truck"] * s["km_heavy_truck"] * s["nonlocal_ratio"]
    return fleet(s) * (mean + foreign)


def construction_sites(s: Sources) -> Iterator[Row]:
    """Floor area under construction: the mean area at work over the year."""
    area = s["floor_area_city"] * s["building_key"] * s["active_months"] / exact(12, "month")
    for kind, extent in (("building", area), ("municipal", area * s["municipal_ratio"])):
        names = [name for name in SITE_MEASURES if (kind, name) != ("municipal", "ground_covered")]
        columns = {name: s[f"{kind}_{name}"] for name in names}
        columns |= {"pm10_fraction": s["site_pm10"], "pm25_fraction": s["site_pm25"]}
        yield Row(f"construction_site//{kind}", extent, "m^2", columns, "construction")


def open_ground(s: Sources) -> Iterator[Row]:
    """Bare land by the district's built-up land, mines by what was restored until the year."""
    bare = s["bare_land_city"] * s["built_land"] / s["built_land_city"] * s["key_bare_land"]
    yield Row("bare_land//exposed", bare * s["bare_exposed"], "ha", profile="wind_erosion")
    yield Row("bare_land//covered", bare * (1 - s["bare_exposed"]), "ha", profile="wind_erosion")
    restored = s["mines_restored_2018"] - s["mines_restored_yearly"] * exact(2018 - s.year, "yr")
    yield Row("abandoned_mine//exposed", s["mines_to_restore"] - restored, "ha", profile="wind_erosion")
    yield Row("abandoned_mine//restored", restored, "ha", profile="wind_erosion")


def yards_and_plants(s: Sources) -> Iterator[Row]:
    """Handling of sand by the tonnes dropped, piles by their area, concrete by its output; open and enclosed."""
    moisture, wind = s["sand_moisture"], s["wind_speed"]
    handling: Columns = {"moisture": moisture, "wind_speed": wind}
    handling["factor_cv"] = spread(s, (moisture, 1.4), (wind, 1.3))
    for state in ("open", "enclosed"):
        yards, plants = s[f"yards_{state}"], s[f"concrete_{state}"]
        columns = {"firms": yards} | handling
        if state == "enclosed":
            columns["control"] = s["enclosure"]
        yield Row(f"sand_yard//{state}", yards * s["yard_output"] * s["yard_drops"], "t/yr", columns)
        piles = yards * s["yard_area"] + plants * s["concrete_pile_area"]
        yield Row(f"storage_pile//{state}", piles, "ha", profile="wind_erosion")
        output = plants * s["concrete_output"]
        yield Row(f"concrete_batching//{state}", output, "t/yr", {"firms": plants}, "construction")


# ---- industry --------------------------------------------------------------------------------------------------------


def industry(s: Sources) -> Iterator[Row]:
    """Solvent used by firms of each branch, those of the district park apart; kilns and plants by output."""
    treatment: Columns = {"capture": s["voc_capture"], "destruction": s["voc_destruction"]}
    for branch in ("printing", "furniture", "machinery", "electronics", "coating"):
        columns = dict(treatment)
        if branch == "furniture":
            content = s["furniture_content"]
            columns |= {"voc_content": content, "factor_cv": spread(s, (content, 1.0), equation=False)}
        for place, part in ((OUTSIDE, 1 - s["park_share"]), ("shilong_park", s["park_share"])):
            firms = s[f"{branch}_registered"] * part
            used = firms * s[f"{branch}_registered_use"]
            yield Row(f"{branch}//registered/{place}", used, "t/yr", {"firms": firms} | columns)
        firms = s[f"{branch}_scattered"]
        yield Row(f"{branch}//scattered", firms * s[f"{branch}_scattered_use"], "t/yr", {"firms": firms})
    yield Row("car_making", None, "vehicle/yr", note="NO: no car plant known in the district")
    yield Row("ceramics/natural_gas/kiln", s["ceramics_output"], "t/yr", {"firms": exact(1)})
    plants = s["building_materials"]
    yield Row("building_materials//plant", plants * s["building_materials_output"], "t/yr", {"firms": plants})


# ---- solvents --------------------------------------------------------------------------------------------------------


def solvents(s: Sources) -> Iterator[Row]:
    """Use per head, repairs per vehicle, petrol of the local fleet."""
    people, tonne = s["population"], exact(1000, "kg/t")
    for category, use, profile in (
        ("architectural_coating", "coating", "construction"),
        ("adhesive", "adhesive", "solvent_use"),
    ):
        amount, solvent = people * s[f"{use}_per_person"] / tonne, s[f"{use}_solvent_borne"]
        yield Row(f"{category}//solvent_borne", amount * solvent, "t/yr", profile=profile)
        yield Row(f"{category}//water_borne", amount * (1 - solvent), "t/yr", profile=profile)
    yield Row("consumer_product", people, "person", profile="solvent_use")
    for state, share in (("uncontrolled", 1 - s["repair_compliant"]), ("compliant", s["repair_compliant"])):
        repairs = fleet(s) * s["repairs_per_vehicle"] * share
        shops = {"firms": s["paint_shops"] * share}
        yield Row(f"auto_repair//{state}", repairs, "vehicle/yr", shops, "solvent_use")
    yield Row("auto_repair//mechanical", fleet(s) * s["services_per_vehicle"], "vehicle/yr", profile="solvent_use")
    yield Row("dry_cleaning", people * s["textile_per_person"] / tonne, "t/yr", profile="solvent_use")
    columns = {
        "vapour_pressure": s["vapour_pressure"],
        "stage_1": s["stage_1"],
        "stage_2": s["stage_2"],
        "density": s["petrol_density"],
    }
    yield Row("petrol_station", petrol(s), "t/yr", columns, "traffic")


def petrol(s: Sources) -> Figure:
    """Return the petrol of the local fleet, all of it taken as sold in the district."""
    parts = [
        s[f"class_{category}"] * share_on_petrol(s, category) * s[f"km_{category}"] * s[f"petrol_use_{category}"]
        for category in EVAPORATION
    ]
    mean = parts[0] + parts[1] + parts[2] + parts[3]
    how = "sum of class_* x petrol share x km_* x petrol_use_* over cars, taxis, light trucks, motorcycles"
    return fleet(s) * mean.called("petrol per vehicle", how) / exact(1e6, "g/t")


def share_on_petrol(s: Sources, category: str) -> Figure:
    """Return the share of a class that burns petrol."""
    shares = [mix(s, category, technology) for technology in ROAD[category] if technology.startswith("petrol/")]
    total = shares[0]
    for share in shares[1:]:
        total = total + share
    return total


# ---- coal and gas ----------------------------------------------------------------------------------------------------


def coal(s: Sources) -> Iterator[Row]:
    """Households by what they burn, boilers by their capacity."""
    on_coal = households_on_coal(s)
    for label, share in (
        ("loose_coal/traditional_stove", "stove_loose_traditional"),
        ("quality_coal/traditional_stove", "stove_quality_traditional"),
        ("quality_coal/advanced_stove", "stove_quality_advanced"),
    ):
        homes = on_coal * s[share]
        columns = {"households": homes, "villages": villages(s, homes)} | carbon(s, label.split("/")[0])
        yield Row(f"household_stove/{label}", homes * s["coal_per_household"], "t/yr", columns, "heating")
    homes = s["heat_pump_2015"]
    if s.year > 2015:
        homes = homes + s["converted_2016"] * s["heat_pump_2016"] + s["converted_2017"]
    columns = {"households": homes, "villages": villages(s, homes), "grid_factor": s["grid_factor"]}
    use = homes * s["heat_pump_use"]
    yield Row("household_stove/electricity/heat_pump", use, "kWh/yr", columns, "heating")
    loose = carbon(s, "loose_coal")
    yield Row("boiler/coal/boiler", s["coal_boilers"] * s["boiler_hours"], "t/yr", loose, "heating")
    yield Row("tea_boiler/coal/stove", s["tea_coal"], "t/yr", loose)
    yield Row("bath_boiler/coal/stove", s["bath_coal"], "t/yr", loose)


def carbon(s: Sources, coal: str) -> Columns:
    """Return the heat of a coal and the CO2 of its heat."""
    return {"heat_value": s[f"heat_{coal}"], "carbon_factor": s[f"carbon_{coal}"]}


def villages(s: Sources, homes: Figure) -> Figure:
    """Return the villages that some households make."""
    return homes.called("households", "see the activity") / s["households_per_village"]


def households_on_coal(s: Sources) -> Figure:
    """Return the farm households on coal at the end of the year."""
    farms = s["farm_population"] / (s["registered_population"] / s["registered_households"])
    homes = farms * s["on_coal_2015"]
    return homes if s.year == 2015 else homes - s["converted_2016"] - s["converted_2017"]


def gas(s: Sources) -> Iterator[Row]:
    """Gas of heating boilers from the city's energy use, gas of heaters from the households that have one."""
    burnt = s["energy_city"] * exact(29307600, "GJ/Mtce") * s["gas_share"] * s["gas_in_boilers"]
    burnt = burnt * share_of_population(s) * s["key_gas"]
    concentration, flue_gas = s["low_nox_concentration"], s["boiler_flue_gas"]
    low_nox: Columns = {"nox_concentration": concentration, "flue_gas": flue_gas}
    low_nox["factor_cv"] = spread(s, (concentration, 1.0), (flue_gas, 1.0), equation=False)
    usual, modern = burnt * (1 - s["boiler_low_nox"]), burnt * s["boiler_low_nox"]
    yield Row("gas_boiler/natural_gas/conventional", usual, "GJ/yr", profile="heating")
    yield Row("gas_boiler/natural_gas/low_nox", modern, "GJ/yr", low_nox, "heating")
    heaters = s["population"] / s["persons_per_household"] * s["gas_heater_share"]
    for rank, share in ((3, 1 - s["heater_class_5"]), (5, s["heater_class_5"])):
        homes = heaters * share
        columns = {"households": homes, "nox_limit": s[f"nox_limit_class_{rank}"]}
        label = f"water_heater/natural_gas/nox_class_{rank}"
        yield Row(label, homes * s["gas_heater_use"], "GJ/yr", columns, "hot_water")


# ---- catering --------------------------------------------------------------------------------------------------------


def catering(s: Sources) -> Iterator[Row]:
    """Units by kind and purifier, their stoves, exhaust and hours."""
    rate = s["exhaust_rate"]
    for kind in ("restaurant", "canteen", "stall"):
        units = s["catering_units_city"] * s[f"catering_{kind}"] * share_of_population(s) * s["key_catering"]
        hours = s[f"{kind}_hours"]
        for state, (voc, particles) in purifiers(s).items():
            if (kind, state) == ("stall", "compliant_purifier"):
                continue
            firms = units * s[f"{kind}_{state}"]
            stoves = firms * s[f"{kind}_stoves"]
            columns = {"firms": firms, "stoves": stoves, "exhaust_rate": rate, "hours": hours}
            columns |= {"purifier_voc": voc, "purifier_pm": particles}
            yield Row(f"{kind}//{state}", stoves * rate * hours, "m^3/yr", columns)


def purifiers(s: Sources) -> dict[str, tuple[Figure, Figure]]:
    """Return what purifiers take out of VOC and of particles: measured behind against measured before."""
    voc, particles = s["nmhc_after"] / s["nmhc_before"], s["pm_after"] / s["pm_before"]
    return {
        "no_purifier": (s["no_purifier"], s["no_purifier"]),
        "old_purifier": (1 - voc, 1 - particles),
        "compliant_purifier": (1 - voc * (1 - s["upgrade_voc"]), 1 - particles * (1 - s["upgrade_pm"])),
    }


# ---- agriculture -----------------------------------------------------------------------------------------------------


def agriculture(s: Sources) -> Iterator[Row]:
    """Fertiliser and straw by cropland, animals by places and the chain of their manure."""
    straight, key = s["nitrogen_city"], share_of_cropland(s)
    for kind, amount in (
        ("urea", straight * key * s["urea_share"]),
        ("compound", s["compound_city"] * key * s["compound_nitrogen"]),
        ("other", straight * key * (1 - s["urea_share"])),
    ):
        yield Row(f"fertiliser//{kind}", amount, "t/yr", profile="fertiliser")
    for animal in ("pig", "dairy_cow", "beef_cattle", "sheep", "layer", "broiler"):
        places = s[f"{animal}_places"] * s["livestock_index"]
        columns = {} if animal == "sheep" else manure(s, animal)
        yield Row(f"livestock//{animal}", places, "head", columns, "livestock")
    straw = s["grain_city"] * key * s["residue_ratio"] * s["straw_burnt"]
    yield Row("straw_burning//field", straw, "t/yr", profile="straw")


def manure(s: Sources, animal: str) -> Columns:
    """Return the nitrogen an animal place excretes a year, and what is lost of it on the way to the field."""
    nitrogen = s[f"faeces_{animal}"] * s[f"faeces_n_{animal}"]
    if animal not in ("layer", "broiler"):
        nitrogen = s[f"urine_{animal}"] * s[f"urine_n_{animal}"] + nitrogen
    stages = {name: s[f"{name.removesuffix('_loss')}_{animal}"] for name in COLUMNS["agriculture"] if "loss" in name}
    return {"nitrogen_excretion": nitrogen * exact(365, "d/yr"), "tan_share": s[f"tan_{animal}"]} | stages


SECTORS = {
    "mobile": mobile,
    "dust": dust,
    "industry": industry,
    "solvents": solvents,
    "coal": coal,
    "gas": gas,
    "catering": catering,
    "agriculture": agriculture,
}


# ---- writing ---------------------------------------------------------------------------------------------------------


def cells(sector: str, row: Row, known: dict[str, tuple[str, Figure]]) -> list[str]:
    """Return the cells of a row in the order of the table's header; `known` are the counts several rows hang on."""
    labels = row.labels.split("/") + [""] * (len(LABELS) - row.labels.count("/") - 1)
    source = "/".join([sector, *(label for label in labels if label not in ("", OUTSIDE))])
    figures = row.columns
    columns = [shown(figures.get(name), unit) for name, unit in COLUMNS[sector].items()]
    amount = ["0", row.unit, "", ""] if row.activity is None else amounts(row.activity, row.unit, source)
    grades = [figure.grade for figure in (row.activity, *figures.values()) if figure]
    shared = basis(row.activity, known)
    return [source, *labels, *amount, *shared, row.profile, *columns, reference(row, figures), worst("D", *grades)]


def basis(activity: Figure | None, known: dict[str, tuple[str, Figure]]) -> list[str]:
    """Return the count an activity hangs on with others, and its coefficient of variation, blank for none."""
    for name, (identity, count) in known.items():
        if activity is not None and activity.value and identity in activity.ids:
            sigma = math.log(count.high / count.low) / 3.92
            return [name, number(100 * math.sqrt(math.expm1(sigma**2)), 3)]
    return ["", ""]


def amounts(activity: Figure, unit: str, source: str) -> list[str]:
    """Return the cells of activity, unit, low and high; a destination has no interval."""
    if activity.unit != WRITTEN.get(unit, unit):
        raise ValueError(f"{source} is in {unit}, and its arithmetic gives {activity.unit}")
    ends = [number(end, 4) if activity.value else "" for end in (activity.low, activity.high)]
    return [number(activity.value), unit, *ends]


def shown(figure: Figure | None, unit: str) -> str:
    """Return the cell of a column, blank when the row does not use it."""
    return "" if figure is None else number(figure.value * (100 if unit == "%" else 1))


def reference(row: Row, figures: dict[str, Figure]) -> str:
    """Return the arithmetic of a row, then what it cites, then where its columns come from."""
    if row.activity is None:
        return row.note
    assumed = "E" in (row.activity.grade, *(figure.grade for figure in figures.values()))
    parts = [("assumed: " if assumed else "") + f"= {row.activity.formula}", *row.activity.references]
    known = set(row.activity.ids)
    columns = [explained(name, figure) for name, figure in figures.items() if set(figure.ids) - known]
    if columns:
        parts.append("columns: " + ", ".join(columns))
    return "; ".join([*parts, row.note] if row.note else parts)


def explained(name: str, figure: Figure) -> str:
    """Return where a column comes from: the id it is, or its arithmetic."""
    return figure.ids[0] if len(figure.ids) == 1 else f"{name} = {figure.formula}"


def table(sector: str, year: int) -> str:
    """Return the text of an activity table."""
    sources = Sources(HERE / "sources.csv", year)
    headers = [f"{name} [{unit}]" if unit else name for name, unit in COLUMNS[sector].items()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "source",
            *LABELS,
            "activity",
            "unit",
            "low",
            "high",
            "basis",
            "basis_cv [%]",
            "profile",
            *headers,
            "reference",
            "grade",
        ]
    )
    known = bases(sources)
    writer.writerows(cells(sector, row, known) for row in SECTORS[sector](sources))
    return text.getvalue()


def main(arguments: list[str], folder: Path = HERE) -> int:
    """Write the tables, or with --check say which of them differ from what would be written."""
    stale = []
    for year in YEARS:
        for sector in SECTORS:
            path, text = folder / f"mentougou-{year}" / f"{sector}.csv", table(sector, year)
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            stale.append(path)
            if "--check" not in arguments:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for path in stale:
        print(("differs: " if "--check" in arguments else "written: ") + path.relative_to(folder).as_posix())
    return int("--check" in arguments and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
