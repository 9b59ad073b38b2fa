"""From a scenario's files to verdicts on the air: against hand calculations, with every reason why there is none."""

import csv
import datetime as dt
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from conftest import Command, Project
from rich.console import Console
from scipy import optimize, special

import emis
from emis import console
from emis.airquality.interface import AREAS, SPECIES
from emis.ambient.attribution import concentration_contributions
from emis.ambient.case import Case
from emis.ambient.findings import Finding
from emis.ambient.results import Ambient, ambient_air
from emis.showing_air import print_air

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


def warnings(project: Project) -> str:
    return "\n".join(str(one) for one in project.read().warnings)


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


def test_what_the_base_year_s_emissions_reach_is_told(air: Project) -> None:
    found = finding(air)
    assert found.unchanged == pytest.approx(60)
    assert "even with the emissions of 2017" not in verdict(air).reason
    target(air, at_most="61 ug/m^3")
    reason = verdict(air).reason
    assert "it is reached even with the emissions of 2017" in reason
    assert "even if city and region change nothing" not in reason
    data = told(air).dataset
    assert data["pm25"].sel(scope="unchanged", model="rollback").values == pytest.approx([60] * 3)
    assert data["air_value"].sel(scope="unchanged").item() == pytest.approx(60)
    assert [row[3] for row in told(air).rows() if row[2] == "concentration" and row[4] == "rollback"] == [
        "unchanged",
        "district",
        "with_city",
        "with_region",
        "no_plan",
    ]


@pytest.mark.parametrize("models", [["proportional"], ["rollback"]])
def test_two_models_always_run(air: Project, models: list[str]) -> None:
    air.scenario["air_quality"]["models"] = models
    assert set(finding(air).models) == {"rollback", "proportional"}
    assert next(iter(finding(air).models)) == models[0]


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


def test_shares_end_where_nitrate_does(air: Project) -> None:
    write(air, "air-quality.csv", OBSERVED + "2017,district,PM2.5,60,ug/m^3,,,test,A\n" + composition(NO3=100))
    air.scenario["air_quality"]["response"] = {"nitrate_NOx": 1.2, "nitrate_NH3": 0.6, "nitrate_SO2": 0}
    air.measure("B", [{"abate": {"efficiency": {"NOx": "70 %", "NH3": "60 %"}}}])
    own = told(air).dataset["contributions_pm25"].sel(air_year=2020)

    def cut(along: float) -> float:
        left = 1 - 0.5 * along
        return 1.2 * (1 - left * (1 - 0.7 * along)) + 0.6 * (1 - left * (1 - 0.6 * along))

    # The district's 12 ug/m3 are gone where the cut is 1; up to there each slope is integrated by hand.
    end = optimize.brentq(lambda along: cut(along) - 1, 0, 1)
    first = 0.6 * (end - 0.35 * end**2) + 0.3 * (end - 0.3 * end**2)
    second = (0.84 + 0.36) * (end - 0.25 * end**2)
    assert float(own.sel(measure="A")) == pytest.approx(-12 * first, rel=1e-4)
    assert float(own.sel(measure="B")) == pytest.approx(-12 * second, rel=1e-4)
    assert float(own.sum()) == pytest.approx(-12, rel=1e-9)


def test_shares_close_where_the_response_has_kinks(air: Project) -> None:
    mixed = composition(SO4=20, NO3=25, NH4=10, OM=25, EC=5, crustal=5, water=5, other=5)
    write(air, "air-quality.csv", OBSERVED + "2017,district,PM2.5,60,ug/m^3,,,test,A\n" + mixed)
    # NOx and NH3 are cut by 80 % and more: nitrate, which answers with 1.8 together, is gone on the way.
    air.scenario["air_quality"]["response"] = {"nitrate_NOx": 1.2, "nitrate_NH3": 0.6}
    air.measure("B", [{"abate": {"efficiency": {"NOx": "70 %", "NH3": "60 %"}}}])
    projection = air.project()
    case = Case.of(projection)
    own = ambient_air(projection, ()).dataset["contributions_pm25"].sel(air_year=2020).sum()
    ends = [case.model("rollback").concentrations(case.ratio(2020, "district", plan=p)).sum() for p in (True, False)]
    assert float(own) == pytest.approx(float(ends[0] - ends[1]), rel=1e-9)
    surface = "kind,term,species,value,unit,low,high\nbase,,PM2.5,60,ug/m^3,,\n"
    surface += (
        "term,district.NOx^2,PM2.5,-9,ug/m^3,,\nterm,district.NOx,PM2.5,3,ug/m^3,,\nbox,district.NOx,,,,0.71,1.2\n"
    )
    write(air, "surface.csv", surface)
    air.scenario["air_quality"].update(models=["response_surface"], surface="surface.csv")
    projection = air.project()
    case = Case.of(projection)
    clamped = replace(case, air=replace(case.air, surface=replace(case.air.surface, clamped=True)))
    own = concentration_contributions(projection, clamped).sel(year=2020).sum()
    model = clamped.model("response_surface")
    ends = [model.concentrations(case.ratio(2020, "district", plan=p)).sum() for p in (True, False)]
    assert float(own) == pytest.approx(float(ends[0] - ends[1]), rel=1e-9)


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


def test_the_year_counted_from_is_the_base_year_s_own_mass_where_it_is_one(air: Project) -> None:
    rows = "2017,district,PM2.5,60,ug/m^3,48,72,test,A\n2017,district,heavy_days,25,day,,,test,A\n"
    write(air, "air-quality.csv", OBSERVED + rows + composition())
    air.scenario["air_quality"]["weather"] = "0 %"
    target(air, reduce_by="10 %", since=2017)
    found = finding(air)
    # The mass falls out of its own reduction: 23 %, whatever it is.
    assert [found.low, found.high] == pytest.approx([23.0, 23.0])
    target(air, "heavy_days", reduce_by="25 %", since=2017)
    assert finding(air).variance["base"] < 0.1


def test_a_surface_and_a_matrix_of_the_users_own_are_no_surer_than_their_models(air: Project) -> None:
    surface = "kind,term,species,value,unit,low,high\nbase,,PM2.5,60,ug/m^3,,\n"
    surface += "term,district.BC,PM2.5,24,ug/m^3,,\nbox,district.BC,,,,0.4,1.2\n"
    write(air, "surface.csv", surface)
    air.scenario["air_quality"].update(models=["response_surface"], surface="surface.csv", weather="0 %")
    found = finding(air)
    assert found.value == pytest.approx(48)
    # 12 ug/m3 of change times a triangle of 0.7 to 1.3: the 5th percentile is 0.7 + 0.3 sqrt(0.1)
    assert found.high == pytest.approx(60 - 12 * (0.7 + 0.3 * math.sqrt(0.1)), abs=0.05)
    assert found.variance["response"] == pytest.approx(1, abs=0.02)
    assert any("0.7 to 1.3 of itself" in one for one, _ in found.remarks)
    # Its answer has no shares of origin, and knows nothing of city and region.
    reason = verdict(air).reason
    assert "local PM2.5" not in reason
    assert "city and region" not in reason
    assert (found.local_part, found.own_part, found.neighbours, found.answers) == (None, None, None, False)


def test_few_draws_are_warned_of(air: Project) -> None:
    air.scenario["uncertainty"] = {"samples": 99, "seed": 1, "confidence": "90 %"}
    assert "99 draws tell a probability coarsely; write at least 100" in warnings(air)


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


def write_series(air: Project, pm25: np.ndarray, pm10: np.ndarray | None = None, year: int = 2017) -> None:
    days = [dt.date(year, 1, 1) + dt.timedelta(n) for n in range(len(pm25))]
    pm10 = np.full(len(pm25), 20.0) if pm10 is None else pm10
    lines = [f"{day},district,{a},{b}" for day, a, b in zip(days, pm25, pm10, strict=True)]
    write(air, "daily.csv", "date,area,PM2.5 [ug/m^3],PM10 [ug/m^3]\n" + "\n".join(lines) + "\n")
    air.scenario["air_quality"]["daily"] = "daily.csv"


COUNTED = (
    OBSERVED + "2017,district,PM2.5,60,ug/m^3,,,test,A\n2017,district,heavy_days,30,day,,,test,A\n" + composition()
)


def nothing_changes(air: Project) -> None:
    air.plan["measures"] = []
    air.scenario["air_quality"]["outside"] = {"city": everywhere("0 %"), "region": everywhere("0 %")}


@pytest.mark.parametrize("series", [True, False])
def test_where_nothing_changes_no_day_is_won(air: Project, series: bool) -> None:
    write(air, "air-quality.csv", COUNTED)
    if series:
        # 12 days are led by sand: counted or not, they are the same on both sides. One is at the threshold.
        write_series(air, np.array([300] * 12 + [170] * 18 + [150] + [42] * 334), np.array([600] * 12 + [180] * 353))
    nothing_changes(air)
    target(air, "heavy_days", reduce_by="25 %", since=2017)
    found = finding(air)
    assert found.value == (0.0 if series else pytest.approx(0.0, abs=1e-9))
    assert list(found.scopes.values()) == [found.value] * 3


def test_a_series_is_not_held_against_another_year(air: Project) -> None:
    rows = "2015,district,PM2.5,80,ug/m^3,,,test,A\n2015,district,heavy_days,45,day,,,test,A\n"
    write(air, "air-quality.csv", COUNTED + rows)
    write_series(air, np.array([170] * 30 + [50] * 335))
    air.inventory(2015)
    air.scenario["inventories"][2015] = "../inventories/2015"
    nothing_changes(air)
    target(air, "heavy_days", reduce_by="25 %", since=2015)
    found = finding(air)
    z = special.ndtri(1 - 45 / 365)
    sigma = z - math.sqrt(z**2 - 2 * math.log(150 / 80))  # of 2015, on both sides
    days = 365 * special.ndtr(-(math.log(150 / 60) + sigma**2 / 2) / sigma)
    assert found.value == pytest.approx(100 * (1 - days / 45), rel=1e-9)
    said = " ".join(one for one, _ in found.remarks)
    assert "of the district in 2015" in said
    assert "the daily series is of 2017 and the target counts from 2015: it is not used" in said
    assert "modelled, not counted" not in said


def test_days_that_pm25_led_are_claimed_and_no_others(air: Project) -> None:
    write(air, "air-quality.csv", COUNTED)
    target(air, "heavy_days", at_most="10 day")
    every = finding(air)
    assert any("all heavily polluted days are counted" in one for one, _ in every.remarks)
    write(air, "air-quality.csv", COUNTED + "2017,district,heavy_days_PM2.5,24,day,,,test,A\n")
    led = finding(air)
    assert led.value == pytest.approx(0.8 * every.value)
    assert any("24 of 30 as in 2017" in one for one, _ in led.remarks)
    target(air, "heavy_days", reduce_by="25 %", since=2017)
    assert finding(air).value == pytest.approx(100 * (1 - every.value / 366 * 365 / 30))


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_draws_of_few_days_stay_finite(air: Project) -> None:
    rows = "2017,district,PM2.5,30,ug/m^3,,,test,A\n2015,district,PM2.5,32,ug/m^3,,,test,A\n"
    rows += "2015,city,PM2.5,80,ug/m^3,,,test,A\n2015,city,heavy_days,10,day,,,test,A\n"
    write(air, "air-quality.csv", OBSERVED + rows + composition())
    air.inventory(2015)
    air.scenario["inventories"][2015] = "../inventories/2015"
    target(air, "heavy_days", reduce_by="25 %", since=2015)
    found = finding(air)
    assert all(math.isfinite(one) for one in (found.value, found.low, found.high, found.weather))


def test_days_that_no_spread_makes(air: Project) -> None:
    rows = "2017,district,PM2.5,20,ug/m^3,,,test,A\n2017,district,heavy_days,100,day,,,test,A\n"
    write(air, "air-quality.csv", OBSERVED + rows + composition())
    target(air, "heavy_days", at_most="5 day")
    assert "no spread fits 100 days at a mean of 20 µg/m³ (district, 2017)" in verdict(air).reason
    write_series(air, np.array([160] * 3 + [19] * 362))
    write(air, "air-quality.csv", OBSERVED + "2017,district,PM2.5,20,ug/m^3,,,test,A\n" + composition())
    # A series needs no spread.
    assert verdict(air).status == "MET"


def test_a_series_without_a_day_to_reduce(air: Project) -> None:
    write(air, "air-quality.csv", COUNTED)
    write_series(air, np.full(365, 60.0))
    target(air, "heavy_days", reduce_by="25 %", since=2017)
    assert "no heavily polluted day of 2017 was led by PM2.5" in verdict(air).reason


# -- on what basis ---------------------------------------------------------------------------------------------------

BASED = (
    "year,area,quantity,value,unit,basis,low,high,reference,grade\n2017,district,PM2.5,60,ug/m^3,reference,,,test,A\n"
)


def test_a_later_year_may_read_lower(air: Project) -> None:
    parts = composition().replace(",%,", ",%,,")
    write(air, "air-quality.csv", BASED + parts + "2020,district,PM2.5,40,ug/m^3,ambient,,,test,A\n")
    target(air, at_most="44 ug/m^3")
    air.scenario["air_quality"]["hindcast"] = True
    one = verdict(air)
    assert (one.status, one.achieved) == ("MISSED", pytest.approx(46.2))
    assert "with 2020 told so it would be 43.9 µg/m³, met" in one.reason
    (beside,) = told(air).hindsight
    assert (beside.modelled, beside.basis, beside.reads) == (pytest.approx(0.95 * 46.2), "ambient", 0.95)
    air.scenario["air_quality"]["ambient"] = "-2 %"
    assert "reads 2 % lower: with 2020 told so it would be 45.3 µg/m³, missed" in verdict(air).reason
    write(air, "air-quality.csv", BASED + parts + "2020,district,PM2.5,40,ug/m^3,reference,,,test,A\n")
    assert "told so" not in verdict(air).reason


def test_a_year_counted_from_is_put_on_the_base_year_s_basis(air: Project) -> None:
    parts = composition().replace(",%,", ",%,,")
    write(air, "air-quality.csv", BASED + parts + "2016,district,PM2.5,57,ug/m^3,ambient,,,test,A\n")
    air.inventory(2016)
    air.scenario["inventories"][2016] = "../inventories/2016"
    target(air, reduce_by="10 %", since=2016)
    assert finding(air).value == pytest.approx(23.0)  # 57 at ambient conditions is 60 at those of 2017


def test_a_basis_that_only_other_years_have_is_warned_of(air: Project) -> None:
    parts = composition().replace(",%,", ",%,,")
    write(
        air,
        "air-quality.csv",
        BASED.replace("reference,,,t", ",,,t") + parts + "2020,district,PM2.5,40,ug/m^3,ambient,,,x,A\n",
    )
    assert "the basis of PM2.5 of the district in 2017 is not said" in warnings(air)


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


def dusty(air: Project) -> None:
    rows = "2017,district,dustfall,8,t/(km^2*month),,,test,A\n"
    rows += "2017,district,dustfall_background,2,t/(km^2*month),,,test,A\n"
    write(air, "air-quality.csv", OBSERVED + rows)
    air.measure("D", [{"scale": {"activity": "-50 %"}}], select={"sector": "dust"})
    target(air, "dustfall", reduce_by="30 %", since=2017)


def test_dustfall_has_weather_of_its_own(air: Project) -> None:
    dusty(air)
    air.scenario["air_quality"]["weather"] = "0 %"
    assert finding(air).weather == pytest.approx(100 * 0.1 * 5 / 8, rel=0.05)
    air.scenario["air_quality"]["dustfall_weather"] = "0 %"
    assert finding(air).weather == 0


def test_dustfall_reaches_the_result_without_any_pm25(air: Project) -> None:
    dusty(air)
    data = told(air).dataset
    assert data["air_value"].sel(air_target="T").values.tolist() == pytest.approx([0, 37.5, 37.5, 37.5])
    assert "pm25" not in data


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
        ({"at_most": "40 ug/m^3", "by": 2017}, "2017 is the base year"),
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
        ({"response": {"primary_organic": {"low": 0.2, "high": 1.1}}}, "1.1 is more than primary_organic can be"),
        ({"response": {"sulfate_neutralised": 0.6}}, "write 0 to 0.5"),
        ({"ambient": "-60 %"}, "beyond any weather"),
        ({"outside": {"city": {"NOx": {2017: "-5 %", 2020: "-9 %"}}}}, "2017 is not after the base year 2017"),
        ({"outside": {"city": {"NOx": {"change": {2015: "-5 %"}}}}}, "write years from 2018 on"),
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


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"matrix": "matrix.csv"}, "is not used without source_receptor among the models"),
        ({"surface": "surface.csv"}, "is not used without response_surface among the models"),
    ],
)
def test_files_without_their_model_are_warned_of(air: Project, keys: dict[str, str], said: str) -> None:
    write(air, "matrix.csv", own_matrix())
    write(air, "surface.csv", SURFACE)
    air.scenario["air_quality"].update(keys)
    assert said in warnings(air)


def test_a_series_that_is_not_used_is_warned_of(air: Project) -> None:
    write(air, "air-quality.csv", COUNTED)
    write_series(air, np.full(365, 60.0), year=2016)
    assert "the series of the district in 2016 is not used: the one of the base year 2017 is scaled" in warnings(air)
    write_series(air, np.full(273, 60.0))
    assert "it has PM2.5 on 273 days, and 274 make a year" in warnings(air)
    write_series(air, np.full(365, 80.0))
    assert "has a mean of 80 ug/m^3, and 60 is observed" in warnings(air)
    write_series(air, np.full(365, 70.0))
    assert "the series of" not in warnings(air)


@pytest.mark.parametrize(
    ("rows", "keys", "asked", "said"),
    [
        (None, {"observed": None}, {}, "air_quality.observed, the table of observations, is not there"),
        (None, {"shares": None}, {}, "where the PM2.5 of the district comes from"),
        ("", {}, {}, "PM2.5 of the district in 2017"),
        ("", {}, {}, "the composition of PM2.5 in or before 2017"),
        (None, {}, {"indicator": "dustfall"}, "dustfall_background of the district in 2017"),
        (None, {}, {"indicator": "heavy_days"}, "a year to fit the spread of days to"),
        (None, {}, {"reduce_by": "10 %", "since": 2016}, "PM2.5 of the district in 2016"),
    ],
)
def test_targets_that_cannot_be_told_are_warned_of(
    air: Project, run: Command, rows: str | None, keys: dict[str, None], asked: dict[str, Any], said: str
) -> None:
    if rows is not None:
        write(air, "air-quality.csv", OBSERVED + "2017,city,NO2,46,ug/m^3,,,test,A\n")
    for key in keys:
        del air.scenario["air_quality"][key]
    target(air, **({} if "reduce_by" in asked else {"at_most": "5 day"}), **asked)
    if "since" in asked:
        air.inventory(2016)
        air.scenario["inventories"][2016] = "../inventories/2016"
    found = run("check", air.write())
    assert found.exit_code == 0
    assert said in found.stderr
    assert "the target is undetermined" in found.stderr


def test_a_target_without_pollutant_is_taken_for_pm25_and_told(air: Project) -> None:
    assert "names no pollutant: PM2.5 is taken" in warnings(air)
    target(air, at_most="49 ug/m^3", pollutant="PM2.5")
    assert warnings(air) == ""


def test_what_a_neighbour_does_is_replaced_as_a_whole(air: Project) -> None:
    air.scenario["air_quality"]["outside"]["city"]["BC"] = {"change": "-25 %", "low": "-45 %", "high": "-5 %"}
    air.write()
    text = "emis: scenario/1\nextends: scenario.yaml\nair_quality: {outside: {city: {BC: {change: -50 %}}}}\n"
    write(air, "more.yaml", text)
    outside = emis.read_scenario(air.root / "scenarios/more.yaml").document.air_quality.outside
    assert (outside.city["BC"].change, outside.city["BC"].low) == (-0.5, None)
    assert outside.city["NOx"].change == -0.25


# -- models from files -----------------------------------------------------------------------------------------------


#: What comes of the carbon of each area, of 60 ug/m3 by matrix and of 30 by surface.
PART = {"district": 12, "city": 24, "region": 18}
SURFACE = "kind,term,species,value,unit,low,high\nbase,,PM2.5,30,ug/m^3,,\n" + "".join(
    f"term,{area}.BC,PM2.5,{value / 2},ug/m^3,,\nbox,{area}.BC,,,,0.4,1.2\n" for area, value in PART.items()
)


def own_matrix() -> str:
    lines = [
        f"{area},{p},{k},{PART[area] if (p, k) == ('BC', 'EC') else 0},ug/m^3,60"
        for area in AREAS
        for p in ("SO2", "NOx", "NH3", "VOC", "BC", "OC", "dust")
        for k in SPECIES
    ]
    return "area,precursor,species,coefficient,unit,perturbation [%]\n" + "\n".join(lines) + "\n"


def test_a_matrix_and_a_surface_of_the_users_own(air: Project) -> None:
    write(air, "matrix.csv", own_matrix())
    write(air, "surface.csv", SURFACE)
    models = ["source_receptor", "response_surface"]
    air.scenario["air_quality"].update(models=models, matrix="matrix.csv", surface="surface.csv")
    found = finding(air)
    assert found.models == pytest.approx({"source_receptor": 46.2, "response_surface": 46.2, "proportional": 46.2})
    assert "all local PM2.5 were its own" not in verdict(air).reason
    assert "city and region would have to emit" in verdict(air).reason
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
    for said in ("In the air: who brings it about", "Hindcast", "+6.2 µg/m³"):
        assert said in found.stdout, said
    line = next(line for line in found.stdout.splitlines() if line.split()[:2] == ["T", "µg/m³"])
    assert line.split()[2:7] == ["60", "54", "48", "46.2", "49"]
    folder = Path(run.folder / "out")
    (row,) = csv.DictReader((folder / "verdicts.csv").read_text(encoding="utf-8").splitlines())
    assert float(row["district_alone"]) == pytest.approx(54)
    assert float(row["with_city"]) == pytest.approx(48)
    assert 0 < float(row["probability"]) < 1
    table = list(csv.DictReader((folder / "air-quality.csv").read_text(encoding="utf-8").splitlines()))
    assert {one["scope"] for one in table if one["quantity"] == "concentration"} >= {"district", "with_city"}
    past = [(one["by"], one["quantity"], one["area"], one["model"], one["value"]) for one in table if not one["target"]]
    assert [one[:4] for one in past] == [("2020", "PM2.5", "district", one) for one in ("rollback", "observed")]
    assert [float(one[4]) for one in past] == pytest.approx([46.2, 40])
    with xr.open_dataset(folder / "projection.nc") as data:
        assert data["pm25"].sel(model="rollback", scope="with_region", air_year=2020).item() == pytest.approx(46.2)
        assert data["air_value"].sel(air_target="T", scope="district").item() == pytest.approx(54)
        assert data["air_probability"].item() == pytest.approx(float(row["probability"]))


def test_a_chinese_reader_gets_chinese(air: Project) -> None:
    projection = air.project()
    reason = emis.assess(projection, projection.scenario.plan.targets, "zh")[0].reason
    assert "本区完成规划后" in reason
    assert "city and region" not in reason


def test_models_and_quantities_are_named_in_chinese(air: Project) -> None:
    air.scenario["air_quality"]["models"] = ["source_receptor"]
    projection = air.project()
    reason = emis.assess(projection, projection.scenario.plan.targets, "zh")[0].reason
    assert "源–受体矩阵 " in reason
    assert "source_receptor" not in reason
    target(air, "dustfall", at_most="5 t/(km^2*month)")
    projection = air.project()
    reason = emis.assess(projection, projection.scenario.plan.targets, "zh")[0].reason
    assert "缺少本区 2017 年数据：降尘量" in reason


@pytest.mark.parametrize("width", [100, 112, 125, 140])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_table_keeps_its_first_column(air: Project, width: int, lang: Any) -> None:
    dusty(air)
    name = "T-dustfall-of-the-whole-district-by-2020"
    air.plan["targets"] = [
        {"id": name, "indicator": "dustfall", "at_most": "5 t/(km^2*month)", "by": 2020},
        {"id": "T2", "indicator": "dustfall", "at_most": "60000 kg/(km^2*yr)", "by": 2020},
    ]
    projection = air.project()
    found = ambient_air(projection, projection.scenario.plan.targets)
    out = Console(width=width, record=True, highlight=False)
    print_air(out, emis.assess(projection, projection.scenario.plan.targets, lang, found), lang, found)
    text = out.export_text()
    assert name in text
    assert "t/(km²·month)" in text
    assert "kg/(km²·yr)" in text
    assert "…" not in text


def test_numbers_of_nothing_have_no_sign() -> None:
    assert console.amount(-0.0004, "%") == "0 %"
    assert console.amount(-0.0004, "%", signed=True) == "0 pp"
    assert console.amount(-2.5, "day") == "−2.5 days"
    assert console.amount(7, "day", lang="zh") == "7 天"
