"""From a scenario's files to verdicts on the air: against hand calculations, with every reason why there is none."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from conftest import Command, Project
from scipy import special

import emis
from emis.airquality.interface import AREAS, SPECIES
from emis.ambient.case import Case
from emis.ambient.findings import Finding
from emis.ambient.results import Ambient, ambient_air

POLLUTANTS = ["SO2", "NOx", "NH3", "VOC", "BC", "OC", "PM2.5", "TSP"]
#: 1000 t of coal at 1 kg/t of everything, and dust of 100 t TSP of which 10 t PM2.5.
COAL = "source,category,fuel,technology,activity,unit,reference,grade\ncoal/stove,stove,coal,old,1000,t/yr,test,E\n"
DUST = "source,category,activity,unit,reference,grade\ndust/site,site,100,ha,test,E\n"
EVERYTHING = "category,pollutant,factor,unit,reference,grade\n" + "".join(
    f"stove,{name},{0 if name == 'TSP' else 1},kg/t,test,E\n" for name in POLLUTANTS
)
RAISED = "category,pollutant,factor,unit,reference,grade\n" + "".join(
    f"site,{name},{ {'TSP': 1, 'PM2.5': 0.1}.get(name, 0) },t/ha,test,E\n" for name in POLLUTANTS
)
OBSERVED = "year,area,quantity,value,unit,low,high,reference,grade\n"
#: Where PM2.5 comes from: 20 % of the district, 40 % of the city, 30 % of the region, 10 % of nowhere.
ORIGINS = {"district": 20, "city": 40, "region": 30, "background": 10}


def composition(year: int = 2017, area: str = "district", **parts: float) -> str:
    """Return rows of a composition; without parts it is elemental carbon alone, which is inert."""
    parts = parts or {"EC": 100}
    return "".join(f"{year},{area},{name},{parts.get(name, 0)},%,,,test,E\n" for name in SPECIES)


def shares(receptor: str = "district", **origins: float) -> str:
    head = "receptor,species,area,share,reference,grade\n"
    given = {**ORIGINS, **origins}
    return head + "".join(f"{receptor},{k},{area},{part} %,test,E\n" for k in SPECIES for area, part in given.items())


@pytest.fixture
def air(project: Project) -> Project:
    """A plan that halves the coal from 2020 on; 60 ug/m3 of carbon, neighbours that do a quarter and a tenth."""
    folder = project.root / "inventories" / "2017"
    folder.mkdir(parents=True)
    for name, text in (("coal", COAL), ("dust", DUST), ("factors", EVERYTHING), ("raised", RAISED)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    tables = [
        {"sector": "coal", "activity": "coal.csv", "factors": "factors.csv"},
        {"sector": "dust", "activity": "dust.csv", "factors": "raised.csv"},
    ]
    project.yaml(
        folder / "inventory.yaml",
        {"emis": "inventory/1", "name": "test", "base_year": 2017, "status": "example", "pollutants": POLLUTANTS}
        | {"tables": tables},
    )
    project.plan["target_year"] = 2020
    project.measure("A", [{"scale": {"activity": "-50 %"}}], phase_in={2020: "100 %"})
    target(project, at_most="49 ug/m^3")
    project.scenario["air_quality"] = {
        "models": ["rollback", "attainment"],
        "observed": "air-quality.csv",
        "shares": "air-shares.csv",
        "outside": {"city": everywhere("-25 %"), "region": everywhere("-10 %")},
        "weather": "7.5 %",
        "monitor": "0 %",
    }
    write(project, "air-quality.csv", OBSERVED + "2017,district,PM2.5,60,ug/m^3,,,test,A\n" + composition())
    write(project, "air-shares.csv", shares())
    return project


def everywhere(change: str) -> dict[str, str]:
    return dict.fromkeys(("SO2", "NOx", "NH3", "VOC", "BC", "OC", "dust"), change)


def write(project: Project, name: str, text: str) -> None:
    path = project.root / "scenarios" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def target(project: Project, indicator: str = "concentration", **keys: Any) -> None:
    project.plan["targets"] = [{"id": "T", "indicator": indicator, "by": 2020, **keys}]


def told(project: Project) -> Ambient:
    projection = project.project()
    return ambient_air(projection, projection.scenario.plan.targets)


def finding(project: Project) -> Finding:
    found = told(project).findings["T"]
    assert isinstance(found, Finding), str(found)
    return found


def verdict(project: Project) -> emis.Verdict:
    projection = project.project()
    return emis.assess(projection, projection.scenario.plan.targets)[0]


# -- who did it ------------------------------------------------------------------------------------------------------


def test_district_city_and_region_by_hand(air: Project) -> None:
    found = finding(air)
    assert list(found.scopes) == ["district", "with_city", "with_region"]
    # 60 (1 - 0.2 x 0.5), less 60 x 0.4 x 0.25, less 60 x 0.3 x 0.1
    assert list(found.scopes.values()) == pytest.approx([54.0, 48.0, 46.2], rel=1e-12)
    assert found.no_plan == pytest.approx(60 * (1 - 0.1 - 0.03))
    assert found.models == pytest.approx({"rollback": 46.2, "attainment": 46.2, "proportional": 46.2})
    one = verdict(air)
    assert (one.status, one.unit, one.required) == ("MET", "ug/m^3", 49.0)
    assert (one.achieved, one.margin) == (pytest.approx(46.2), pytest.approx(2.8))
    assert (one.district_alone, one.with_city) == (pytest.approx(54.0), pytest.approx(48.0))


def test_what_the_neighbours_would_have_to_do(air: Project) -> None:
    found = finding(air)
    # 60 (0.9 - 0.7 c) = 49, and alone 60 (1 - 0.5 p 0.6) = 49
    assert found.neighbours == pytest.approx((0.9 - 49 / 60) / 0.7, rel=1e-8)
    assert found.own_part == pytest.approx((1 - 49 / 60) / 0.3, rel=1e-8)
    assert found.local_part == pytest.approx(1 / 3)
    target(air, at_most="10 ug/m^3")  # 6 is background, 6 remain of the district
    assert finding(air).neighbours is None
    assert "even if city and region emitted nothing" in verdict(air).reason
    target(air, at_most="55 ug/m^3")
    assert finding(air).neighbours == 0.0


def test_measures_share_what_the_district_does(air: Project) -> None:
    air.measure("B", [{"abate": {"efficiency": {"BC": "40 %"}}}])
    air.measure("C", [{"cap": {"at_most": {"BC": "0.1 t/yr"}}}])
    found = told(air).dataset
    own = found["contributions_pm25"].sel(air_year=2020)
    # With A and B 0.5 x 0.6 of 1 t remain, then the cap holds 0.1: 0.9 of the district's 12 ug/m3 are gone.
    assert float(own.sum()) == pytest.approx(-12 * 0.9, rel=1e-9)
    assert float(own.sel(measure="A")) == pytest.approx(-12 * (0.5 - 0.5 * 0.5 * 0.4), rel=1e-9)
    assert float(own.sel(measure="B")) == pytest.approx(-12 * (0.4 - 0.5 * 0.5 * 0.4), rel=1e-9)
    assert float(own.sel(measure="C")) == pytest.approx(-12 * 0.2, rel=1e-9)


def test_shares_of_a_curved_response_add_up_too(air: Project) -> None:
    mixed = composition(SO4=20, NO3=25, NH4=10, OM=25, EC=5, crustal=5, water=5, other=5)
    write(air, "air-quality.csv", OBSERVED + "2017,district,PM2.5,60,ug/m^3,,,test,A\n" + mixed)
    air.measure("B", [{"abate": {"efficiency": {"NOx": "40 %", "SO2": "20 %"}}}])
    projection = air.project()
    case = Case.of(projection)
    own = ambient_air(projection, ()).dataset["contributions_pm25"].sel(air_year=2020).sum()
    still = [case.ratio(2020, "district", plan=plan) for plan in (True, False)]
    now, without = (float(case.model("rollback").concentrations(one).sum()) for one in still)
    assert float(own) == pytest.approx(now - without, rel=1e-9)


# -- how sure --------------------------------------------------------------------------------------------------------


def test_the_probability_is_that_of_the_weather_where_nothing_else_is_uncertain(air: Project) -> None:
    air.scenario["uncertainty"] = {"samples": 40_000, "seed": 3, "confidence": "90 %"}
    found = finding(air)
    sigma = math.sqrt(math.log1p(0.075**2))
    expected = special.ndtr((math.log(49 / 46.2) + sigma**2 / 2) / sigma)
    assert found.probability == pytest.approx(expected, abs=0.01)
    ends = 46.2 * np.exp(sigma * special.ndtri([0.05, 0.95]) - sigma**2 / 2)
    assert [found.low, found.high] == pytest.approx(ends, rel=0.01)
    assert found.variance["weather"] == pytest.approx(1, abs=0.03)
    assert found.weather == pytest.approx(46.2 * 0.075, rel=0.05)
    assert "weather" in verdict(air).reason


def test_a_year_that_weather_decides_is_said_to_be(air: Project) -> None:
    write(air, "air-shares.csv", shares(district=2, city=58))
    assert "weather decides more than the plan" in verdict(air).reason


def test_each_term_explains_its_part(air: Project) -> None:
    air.scenario["air_quality"]["weather"] = "0 %"
    air.scenario["air_quality"]["outside"]["city"]["BC"] = {"change": "-25 %", "low": "-45 %", "high": "-5 %"}
    row = "2017,district,PM2.5,60,ug/m^3,54,66,test,A\n"
    write(air, "air-quality.csv", OBSERVED + row + composition())
    found = finding(air)
    # Triangles about the middle: sd is half the width over sqrt 6; C = m (0.9 - 0.4 c - 0.03).
    mass, outside = 0.77 * 6 / math.sqrt(6), 60 * 0.4 * 0.2 / math.sqrt(6)
    assert found.variance["base"] == pytest.approx(mass**2 / (mass**2 + outside**2), abs=0.05)
    assert found.variance["outside"] == pytest.approx(outside**2 / (mass**2 + outside**2), abs=0.05)
    assert found.variance["weather"] == 0


def test_the_same_seed_gives_the_same_answer(air: Project) -> None:
    first = finding(air)
    air.scenario["uncertainty"] = {"samples": 10_000, "seed": 2, "confidence": "90 %"}
    assert finding(air).probability != first.probability
    air.scenario["uncertainty"]["seed"] = 1
    assert finding(air).probability == first.probability


# -- days ------------------------------------------------------------------------------------------------------------


def test_a_count_of_days_by_the_spread_of_the_base_year(air: Project) -> None:
    rows = "2017,district,PM2.5,60,ug/m^3,,,test,A\n2017,district,heavy_days,25,day,,,test,A\n" + composition()
    write(air, "air-quality.csv", OBSERVED + rows)
    target(air, "heavy_days", reduce_by="25 %", since=2017)
    found = finding(air)
    z = special.ndtri(1 - 25 / 365)
    sigma = z - math.sqrt(z**2 - 2 * math.log(150 / 60))
    days = 366 * special.ndtr(-(math.log(150 / 46.2) + sigma**2 / 2) / sigma)
    assert found.value == pytest.approx(100 * (1 - (days / 366) / (25 / 365)), rel=1e-9)
    assert verdict(air).status == "MET"
    assert found.variance["count"] > 0.2
    target(air, "heavy_days", at_most="5 day")
    assert finding(air).value == pytest.approx(days, rel=1e-9)


def test_days_without_a_count_are_modelled_and_said_to_be(air: Project) -> None:
    rows = "2017,district,PM2.5,60,ug/m^3,,,test,A\n2017,city,PM2.5,60,ug/m^3,,,test,A\n"
    rows += "2015,district,PM2.5,80,ug/m^3,,,modelled: city,E\n2017,city,heavy_days,25,day,,,test,A\n" + composition()
    write(air, "air-quality.csv", OBSERVED + rows)
    air.inventory(2015)
    air.scenario["inventories"][2015] = "../inventories/2015"
    target(air, "heavy_days", reduce_by="25 %", since=2015)
    found = verdict(air)
    assert found.status == "MET"
    assert "of the city in 2017" in found.reason
    assert "the days of 2015 are modelled, not counted" in found.reason


def test_a_daily_series_is_scaled(air: Project) -> None:
    import datetime as dt

    days = [dt.date(2017, 1, 1) + dt.timedelta(n) for n in range(365)]
    # 10 days of 300, of which 5 are led by sand; 20 of 170; the rest 40. 46.2 / 60 takes the 170 below 150.
    pm25 = np.array([300] * 10 + [170] * 20 + [40] * 335)
    pm10 = np.array([600] * 5 + [100] * 360)
    lines = [f"{day},district,{a},{b}" for day, a, b in zip(days, pm25, pm10, strict=True)]
    write(air, "daily.csv", "date,area,PM2.5 [ug/m^3],PM10 [ug/m^3]\n" + "\n".join(lines) + "\n")
    rows = "2017,district,PM2.5,60,ug/m^3,,,test,A\n2017,district,heavy_days,30,day,,,test,A\n" + composition()
    write(air, "air-quality.csv", OBSERVED + rows)
    air.scenario["air_quality"]["daily"] = "daily.csv"
    target(air, "heavy_days", at_most="10 day")
    found = finding(air)
    assert found.value == pytest.approx(366 * 5 / 365)
    assert "25 of its 30 heavily polluted days" in verdict(air).reason


# -- dustfall --------------------------------------------------------------------------------------------------------


def test_dustfall_follows_tsp_over_its_background(air: Project) -> None:
    rows = "2017,district,PM2.5,60,ug/m^3,,,test,A\n" + composition()
    rows += "2017,district,dustfall,8,t/(km^2*month),,,test,A\n"
    rows += "2017,district,dustfall_background,2,t/(km^2*month),,,test,A\n"
    write(air, "air-quality.csv", OBSERVED + rows)
    air.measure("D", [{"scale": {"activity": "-50 %"}}], select={"sector": "dust"})
    target(air, "dustfall", reduce_by="30 %", since=2017)
    found = finding(air)
    assert list(found.scopes.values()) == pytest.approx([37.5] * 3)  # 2 + 6 x 0.5 = 5 of 8
    assert verdict(air).status == "MET"
    assert "25 % of dustfall is taken as background" in verdict(air).reason
    assert "the rest would have to fall by 40 %" in verdict(air).reason
    target(air, "dustfall", at_most="5 t/(km^2*month)")
    assert verdict(air).status == "MET"


# -- what cannot be told ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "keys", "said"),
    [
        ("", {}, "PM2.5 of the district in the base year 2017 is not in"),
        ("2017,district,PM2.5,60,ug/m^3,,,test,A\n", {}, "the composition of PM2.5 in or before 2017 is not in"),
        (None, {"shares": None}, "where the PM2.5 of the district comes from is not said"),
        (None, {"observed": None}, "names no table of observations"),
    ],
)
def test_what_is_missing_is_named(air: Project, rows: str | None, keys: dict[str, None], said: str) -> None:
    if rows is not None:
        write(air, "air-quality.csv", OBSERVED + (rows or "2017,city,PM2.5,60,ug/m^3,,,test,A\n"))
    for key in keys:
        del air.scenario["air_quality"][key]
    one = verdict(air)
    assert (one.status, one.probability) == ("UNDETERMINED", None)
    assert said in one.reason


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"pollutant": "NOx", "at_most": "40 ug/m^3"}, "the models tell PM2.5, not NOx"),
        ({"at_most": "40 t/yr"}, "the threshold is in t/yr, not in ug/m^3"),
        ({"at_most": "40 ug/m^3", "by": 2021}, "2021 is not among the years"),
        ({"at_most": "40 ug/m^3", "by": None}, "the target names no year"),
        ({"indicator": "heavy_days", "at_most": "5 day"}, "no year up to the base year has both"),
        ({"indicator": "dustfall", "at_most": "5 t/(km^2*month)"}, "dustfall of the district in 2017 is not in"),
        ({"reduce_by": "10 %", "since": 2016}, "PM2.5 of the district in 2016, from which the target counts"),
    ],
)
def test_targets_that_cannot_be_told(air: Project, keys: dict[str, Any], said: str) -> None:
    target(air, **keys)
    air.plan["targets"] = [{k: v for k, v in air.plan["targets"][0].items() if v is not None}]
    if "since" in keys:
        air.inventory(2016)
        air.scenario["inventories"][2016] = "../inventories/2016"
    one = verdict(air)
    assert one.status == "UNDETERMINED"
    assert said in one.reason


def test_what_the_inventory_does_not_estimate(air: Project) -> None:
    path = air.root / "inventories" / "2017" / "factors.csv"
    path.write_text(EVERYTHING.replace("stove,NOx,1,", "stove,NOx,NE,"), encoding="utf-8")
    one = verdict(air)
    assert one.status == "UNDETERMINED"
    assert "NOx of coal/stove is not estimated" in one.reason


def test_without_a_section_there_is_no_model(air: Project) -> None:
    del air.scenario["air_quality"]
    assert "no air-quality model is run" in verdict(air).reason


def test_a_target_without_threshold_is_reported(air: Project) -> None:
    target(air)
    one = verdict(air)
    assert (one.status, one.margin) == ("UNDETERMINED", None)
    assert one.achieved == pytest.approx(46.2)


# -- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"models": ["roll-back"]}, "rollback"),
        ({"models": ["rollback", "rollback"]}, "a model is named twice"),
        ({"models": ["response_surface"]}, "there is no response surface"),
        ({"models": []}, "is empty"),
        ({"outside": {"city": {"NOy": "-5 %"}}}, "unknown precursor"),
        ({"outside": {"town": {"NOx": "-5 %"}}}, "town"),
        ({"outside": {"city": {"NOx": "-105 %"}}}, "less than nothing"),
        ({"outside": {"city": {"NOx": -0.1}}}, "-0.1"),
        ({"outside": {"city": {"NOx": {"change": "-5 %", "low": "-3 %", "high": "0 %"}}}}, "does not lie between"),
        ({"response": {"sulphate": 0.5}}, "unknown response 'sulphate'"),
        ({"response": {"sulfate_SO2": {"low": 0.9, "high": 0.1}}}, "is above high"),
        ({"aqi_edition": "1996"}, "no edition '1996' of HJ 633"),
        ({"observed": "air.csv"}, "air.csv"),
        ({"shares": "../../outside.csv"}, "outside.csv"),
        ({"matrix": "nowhere.nc"}, "nowhere.nc"),
        ({"weather": 0.1}, "10 %"),
    ],
)
def test_faults_of_the_section_are_told(air: Project, keys: dict[str, Any], said: str) -> None:
    air.scenario["air_quality"].update(keys)
    assert said in air.faults()


def test_faults_of_all_tables_are_told_at_once(air: Project) -> None:
    write(air, "air-quality.csv", OBSERVED + "2017,district,PM2.5,sixty,ug/m^3,,,test,A\n")
    write(air, "air-shares.csv", shares().replace("20 %", "25 %"))
    told = air.faults()
    assert "scenarios/air-quality.csv:2" in told
    assert "scenarios/air-shares.csv:2" in told
    assert "sum to 105 %" in told


def test_what_is_not_said_of_the_neighbours_is_warned_of(air: Project) -> None:
    del air.scenario["air_quality"]["outside"]["city"]["NH3"]
    warned = [str(one) for one in air.read().warnings]
    assert any("nothing is said of NH3 of the city: unchanged since 2017 is assumed" in one for one in warned)


# -- models from files -----------------------------------------------------------------------------------------------


def test_a_matrix_and_a_surface_of_the_users_own(air: Project) -> None:
    head = "area,precursor,species,coefficient,unit,perturbation [%]\n"
    precursors = ("SO2", "NOx", "NH3", "VOC", "BC", "OC", "dust")
    part = {"district": 12, "city": 24, "region": 18}
    lines = [
        f"{area},{p},{k},{part[area] if (p, k) == ('BC', 'EC') else 0},ug/m^3,60"
        for area in AREAS
        for p in precursors
        for k in SPECIES
    ]
    write(air, "matrix.csv", head + "\n".join(lines) + "\n")
    surface = "kind,term,species,value,unit,low,high\nbase,,PM2.5,30,ug/m^3,,\n"
    for area, value in part.items():
        surface += f"term,{area}.BC,PM2.5,{value / 2},ug/m^3,,\nbox,{area}.BC,,,,0.4,1.2\n"
    write(air, "surface.csv", surface)
    models = ["source_receptor", "response_surface"]
    air.scenario["air_quality"].update(models=models, matrix="matrix.csv", surface="surface.csv")
    found = finding(air)
    assert found.models == pytest.approx({"source_receptor": 46.2, "response_surface": 46.2, "proportional": 46.2})
    # The district halves its coal: beyond neither what the slopes nor what the surface was made from.
    assert not any("further than" in one or "outside the box" in one for one, _ in found.remarks)


def test_a_surface_is_fitted_and_says_how_far_it_is_off(air: Project) -> None:
    runs = "district.BC,city.BC,PM2.5 [ug/m^3]\n1,1,30\n0.5,1,27\n0.7,0.8,25.8\n1.2,0.6,26.4\n0.8,0.5,22.8\n"
    write(air, "runs.csv", runs)
    basis = ["district.BC", "city.BC"]
    air.scenario["air_quality"].update(models=["response_surface"], surface={"runs": "runs.csv", "basis": basis})
    found = finding(air)
    # Half of 60 ug/m3 is modelled: 6 and 12 of 30 are the district's and the city's, the region's are not in the runs.
    assert found.value == pytest.approx(60 - 0.5 * 12 - 0.25 * 24)
    said = [one for one, _ in found.remarks if one.startswith("response_surface")]
    assert any("off the runs it has not seen by" in one for one in said)
    assert any("no terms of" in one for one in said)
    air.scenario["air_quality"]["surface"]["basis"] = ["district.BC", "district.BC^2", "city.BC", "city.BC^2", "NOx"]
    assert "the runs have no" in air.faults()


# -- files of a result -----------------------------------------------------------------------------------------------


def test_hindcast_and_tables_of_a_result(air: Project, run: Command) -> None:
    rows = "2017,district,PM2.5,60,ug/m^3,,,test,A\n2020,district,PM2.5,40,ug/m^3,,,test,A\n" + composition()
    write(air, "air-quality.csv", OBSERVED + rows)
    air.scenario["air_quality"]["hindcast"] = True
    found = run("run", air.write(), "-o", "out", "--samples", "500")
    assert found.exit_code == 0, found.output
    for said in ("In the air: who brings it about", "54 µg/m³", "48 µg/m³", "46.2 µg/m³", "Hindcast", "+6.2 µg/m³"):
        assert said in found.stdout, said
    folder = Path(run.folder / "out")
    (row,) = csv.DictReader((folder / "verdicts.csv").read_text(encoding="utf-8").splitlines())
    assert float(row["district_alone"]) == pytest.approx(54)
    assert float(row["with_city"]) == pytest.approx(48)
    assert 0 < float(row["probability"]) < 1
    table = list(csv.DictReader((folder / "air-quality.csv").read_text(encoding="utf-8").splitlines()))
    assert {one["scope"] for one in table if one["quantity"] == "concentration"} >= {"district", "with_city"}
    with xr.open_dataset(folder / "projection.nc") as data:
        assert data["pm25"].sel(model="rollback", scope="with_region", air_year=2020).item() == pytest.approx(46.2)
        assert data["air_value"].sel(air_target="T", scope="district").item() == pytest.approx(54)
        assert data["air_probability"].item() == pytest.approx(float(row["probability"]))


def test_a_chinese_reader_gets_chinese(air: Project) -> None:
    projection = air.project()
    reason = emis.assess(projection, projection.scenario.plan.targets, "zh")[0].reason
    assert "本区完成规划后" in reason
    assert "city and region" not in reason
