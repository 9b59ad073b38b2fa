"""What cannot be told of the air, with every reason why, and what is wrong with its section and files."""

from typing import Any

import ambient_case
import numpy as np
import pytest
from ambient_case import (
    COUNTED,
    EVERYTHING,
    OBSERVED,
    SURFACE,
    own_matrix,
    shares,
    target,
    verdict,
    warnings,
    write,
    write_series,
)
from conftest import Command, Project

import emis

air = ambient_case.air


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
