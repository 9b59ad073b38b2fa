"""Heavily polluted days and dustfall of a scenario, against hand calculations."""

import datetime as dt
import math

import ambient_case
import numpy as np
import pytest
from ambient_case import (
    COUNTED,
    OBSERVED,
    composition,
    dusty,
    everywhere,
    finding,
    target,
    told,
    verdict,
    write,
    write_series,
)
from conftest import Project
from scipy import special

air = ambient_case.air


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
