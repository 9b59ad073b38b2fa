"""Alert days: what is emitted with and without an alert's measures, and what that says of the plan's promises."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from conftest import Command, Project
from hypothesis import given
from hypothesis import strategies as st

import emis
from emis.alerts import alert_records

#: Stoves burn 1200 t in the winter half of the year, half of it in January; the site works from April to November.
ACTIVITY = """\
source,category,fuel,technology,activity,unit,profile,households,firms
coal/stove/coal/old,stove,coal,old,1200,t/yr,winter,500,
coal/stove/coal/new,stove,coal,new,0,t/yr,winter,0,
dust/site,site,,open,10,ha,summer,,4
"""
FACTORS = """\
category,fuel,technology,pollutant,factor,unit
stove,coal,old,NOx,1,kg/t
stove,coal,old,SO2,2,kg/t
stove,coal,new,NOx,0.5,kg/t
stove,coal,new,SO2,1,kg/t
site,,,NOx,240,kg/ha
site,,,SO2,0,kg/ha
"""
PROFILES = """\
profile,1,2,3,4,5,6,7,8,9,10,11,12,reference
winter,0.5,0.1,0.1,0,0,0,0,0,0,0.1,0.1,0.1,test
summer,0,0,0,0.125,0.125,0.125,0.125,0.125,0.125,0.125,0.125,0,test
"""
STOP = {"id": "S", "select": {"category": "site"}, "do": [{"close": {"share": "50 %"}}]}
LESS = {"id": "L", "select": {"category": "stove"}, "do": [{"scale": {"activity": "-30 %"}}]}


def alert(project: Project, *measures: Any, level: str = "red", **keys: Any) -> None:
    project.plan.setdefault("alerts", []).append({"level": level, "measures": list(measures), **keys})


def days(project: Project) -> xr.Dataset:
    return project.project().alerts


def both(project: Project, pollutant: str = "NOx", level: str = "red") -> tuple[float, float]:
    """Return what a day emits without and with the alert [t/day]."""
    total = days(project).sel(level=level, pollutant=pollutant).sum("sector", skipna=False)
    return float(total["emissions_no_alert"]), float(total["emissions"])


def target(**keys: Any) -> dict[str, Any]:
    """Return an alert target; a key of None is left out."""
    whole = {"id": "T", "indicator": "alert", "level": "red", "reduce_by": "30 %", **keys}
    return {key: value for key, value in whole.items() if value is not None}


def verdict(project: Project, lang: str = "en", **keys: Any) -> emis.Verdict:
    project.plan["targets"] = [target(**keys)]
    projection = project.project()
    return emis.assess(projection, projection.scenario.plan.targets, lang)[0]  # type: ignore[arg-type]


@pytest.fixture
def seasons(project: Project) -> Project:
    """A winter source and a summer source, of NOx and SO2."""
    project.inventory(activity=ACTIVITY, factors=FACTORS, pollutants=["NOx", "SO2"], profiles="profiles.csv")
    (project.root / "inventories/2017/profiles.csv").write_text(PROFILES, encoding="utf-8")
    return project


# -- numbers, by hand ------------------------------------------------------------------------------------------------


def test_the_mean_day_of_a_year(project: Project) -> None:
    alert(project, {**LESS, "do": [{"scale": {"activity": "-30 %"}}]})
    # 1000 t of coal at 2 kg/t over the 366 days of 2020.
    assert both(project) == pytest.approx((2 / 366, 1.4 / 366))


def test_the_mean_day_of_the_alert_s_months(seasons: Project) -> None:
    alert(seasons, LESS, STOP, months=[1, 10])
    # January: 0.6 t of stoves in 31 days; October: 0.12 t of stoves and 0.3 t of the site in 31 days.
    assert both(seasons) == pytest.approx(((0.6 + 0.12 + 0.3) / 62, (0.7 * 0.72 + 0.15) / 62))
    assert days(seasons)["reduction"].sel(level="red", pollutant="NOx").values == pytest.approx(0.366 / 1.02)


def test_what_stands_still_in_those_months_cannot_help(seasons: Project) -> None:
    alert(seasons, STOP, months=[12, 1, 2])
    without, with_ = both(seasons)
    assert without == with_ == pytest.approx(0.84 / 91)


def test_dates_tell_their_months_and_are_summed(seasons: Project) -> None:
    alert(seasons, LESS, STOP, months=[12])
    seasons.scenario["alert_days"] = {"red": ["2020-01-03", "2020-01-04", "2020-10-28"]}
    january, october = 0.6 / 31, (0.12 / 31, 0.3 / 31)
    found = days(seasons).sel(level="red", pollutant="NOx")
    assert both(seasons)[0] == pytest.approx((2 * january + sum(october)) / 3)
    assert float(found["days"]) == 3
    expected = 0.3 * (2 * january + october[0]) + 0.5 * october[1]
    assert float(found["avoided"].sum()) == pytest.approx(expected)


def test_a_count_multiplies_the_mean_day(seasons: Project) -> None:
    alert(seasons, LESS, months=[1], days=3)
    found = days(seasons).sel(level="red", pollutant="NOx")
    assert float(found["avoided"].sum()) == pytest.approx(3 * 0.3 * 0.6 / 31)
    seasons.scenario["alert_days"] = {"red": 4}
    assert float(days(seasons)["days"].sel(level="red")) == 4


def test_without_days_nothing_is_said_of_the_year(project: Project) -> None:
    alert(project, LESS)
    found = days(project)
    assert np.isnan(found["days"]).all()
    assert np.isnan(found["avoided"]).all()


def test_the_plan_stands_at_its_monthly_levels(project: Project) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], phase_in={"2020-07-01": "100 %"})
    alert(project, LESS)
    # 182 days before July, and 184 days on which half is left.
    without = 2 / 366 * (182 + 184 / 2) / 366
    assert both(project) == pytest.approx((without, 0.7 * without))


def test_a_measure_of_the_plan_is_fully_in_place(project: Project) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], phase_in={2020: "20 %"}, months=[1])
    alert(project, "A", months=[1])
    alert(project, "A", months=[2], level="orange")
    assert both(project) == pytest.approx((2 / 366 * 0.9, 2 / 366 * 0.5))
    assert both(project, level="orange") == pytest.approx((2 / 366, 2 / 366 * 0.5))


def test_a_stop_by_share_is_of_what_is_left(project: Project) -> None:
    project.measure("A", [{"shift": {"share": "80 %", "to": {"technology": "new"}}}])
    stop = {"close": {"share": "60 %", "penetration": "50 %", "select": {"technology": "old"}}}
    alert(project, {**LESS, "do": [stop]})
    # 200 t stay in old stoves, of which 30 % stand still; 800 t burn at 0.5 kg/t.
    assert both(project) == pytest.approx(((0.4 + 0.4) / 366, (0.28 + 0.4) / 366))


def test_levels_inherit_nothing(project: Project) -> None:
    alert(project, LESS, level="yellow")
    alert(project, level="red")
    without, with_ = both(project, level="red")
    assert without == with_
    assert both(project, level="yellow")[1] == pytest.approx(0.7 * without)


def test_months_of_a_measure_within_those_of_the_alert(seasons: Project) -> None:
    alert(seasons, {**LESS, "months": [10]}, months=[1, 10])
    without, with_ = both(seasons)
    assert without - with_ == pytest.approx(0.3 * 0.12 / 62)


def test_yearly_caps_are_left_out_of_both_days(project: Project) -> None:
    project.measure("A", [{"cap": {"at_most": {"NOx": "1 t/yr"}}}])
    alert(project, LESS)
    assert both(project) == pytest.approx((2 / 366, 1.4 / 366))
    assert days(project).attrs["caps_left_out"] == "A"


def test_the_scenario_s_assumptions_hold_for_alerts(project: Project) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], phase_in={2021: "100 %"})
    weak = {"scale": {"activity": "-30 %", "uncertainty": {"activity": {"low": "-50 %", "high": "-10 %"}}}}
    alert(project, "A", {**LESS, "do": [weak]})
    project.scenario["implementation"] = {"default": "60 %", "L": "50 %"}
    assert both(project)[1] == pytest.approx(2 / 366 * (1 - 0.6 * 0.5) * (1 - 0.5 * 0.3))
    project.scenario |= {"implementation": {}, "ends": {"activity": "high"}, "omit": "A"}
    assert both(project)[1] == pytest.approx(2 / 366 * 0.9)
    project.scenario |= {"ends": {}, "omit": "*"}
    assert both(project) == pytest.approx((2 / 366, 2 / 366))


def test_a_delay_of_the_plan_delays_no_alert(project: Project) -> None:
    alert(project, LESS)
    project.scenario["delay"] = "5 yr"
    assert both(project) == pytest.approx((2 / 366, 1.4 / 366))


def test_the_year_is_the_target_year_or_the_last(project: Project) -> None:
    alert(project, LESS)
    assert days(project).attrs["year"] == 2020
    project.plan["target_year"] = 2019
    assert both(project) == pytest.approx((2 / 365, 1.4 / 365))
    project.plan["target_year"] = 2030
    assert days(project).attrs["year"] == 2020
    project.scenario["years"] = [2017]
    assert days(project).sizes["level"] == 0
    assert verdict(project).status == "UNDETERMINED"


def test_results_are_labelled(seasons: Project) -> None:
    alert(seasons, LESS, level="yellow")
    alert(seasons, LESS, at_least="30 %", days=2)
    found = days(seasons)
    assert found["emissions"].dims == ("level", "pollutant", "sector")
    assert list(found["level"].values) == ["yellow", "red"]
    units = {str(name): one.attrs.get("units") for name, one in found.items()}
    assert units["emissions"] == units["emissions_no_alert"] == "t day-1"
    assert (units["avoided"], units["reduction"], units["days"]) == ("t yr-1", "1", "day")
    scenario = seasons.read()
    xr.testing.assert_identical(emis.alert_days(scenario.inventories[2017], scenario), found)


def test_what_is_not_estimated_is_not_known(seasons: Project) -> None:
    path = seasons.root / "inventories/2017/factors.csv"
    path.write_text(FACTORS.replace("site,,,SO2,0,", "site,,,SO2,NE,"), encoding="utf-8")
    alert(seasons, LESS)
    assert np.isnan(both(seasons, "SO2")).all()
    assert not np.isnan(both(seasons, "NOx")).any()
    found = verdict(seasons)
    assert (found.status, found.achieved) == ("UNDETERMINED", None)
    assert "SO2 of dust/site is not estimated" in found.reason
    assert verdict(seasons, pollutant="NOx").status == "MISSED"


@given(data=st.data())
def test_the_order_of_measures_and_levels_is_nothing(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    project = Project(tmp_path_factory.mktemp("order"))
    shares = data.draw(st.lists(st.integers(0, 90), min_size=2, max_size=4))
    own = [{**LESS, "id": f"L{n}", "do": [{"scale": {"activity": f"-{one} %"}}]} for n, one in enumerate(shares)]
    project.measure("A", [{"shift": {"share": "40 %", "to": {"technology": "new"}}}], phase_in={2020: "50 %"})
    project.measure("B", [{"abate": {"efficiency": {"NOx": "30 %"}}}], phase_in={2020: "10 %"})
    alert(project, *own, "B", level="red")
    alert(project, own[0], "A", level="yellow")
    expected = days(project)
    for one in project.plan["alerts"]:
        one["measures"] = data.draw(st.permutations(one["measures"]))
    project.plan["alerts"] = data.draw(st.permutations(project.plan["alerts"]))
    project.plan["measures"] = data.draw(st.permutations(project.plan["measures"]))
    found = days(project)
    xr.testing.assert_allclose(found.sel(level=expected["level"]), expected, rtol=1e-13)


# -- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("promise", "status"), [("30 %", "MET"), ("29.99 %", "MET"), ("30.01 %", "MISSED")])
def test_equality_is_met(project: Project, promise: str, status: str) -> None:
    alert(project, LESS)
    found = verdict(project, reduce_by=promise)
    assert (found.status, found.unit) == (status, "%")
    assert found.achieved == pytest.approx(30)
    assert found.required is not None
    assert found.margin == pytest.approx(30 - found.required)


def test_every_pollutant_must_reach_it(seasons: Project) -> None:
    alert(seasons, LESS, months=[10])
    found = verdict(seasons, reduce_by="10 %")
    # Of SO2 the stoves emit all, of NOx 0.12 t of 0.42 t.
    assert found.status == "MISSED"
    assert found.achieved == pytest.approx(30 * 0.12 / 0.42)
    assert found.reason == "NOx is cut least: SO2 30 %, NOx 8.57 %"
    assert verdict(seasons, "zh").reason == "NOx 减排最少：SO2 30 %, NOx 8.57 %"
    seasons.plan["alerts"][0]["pollutants"] = ["SO2"]
    assert verdict(seasons, reduce_by="10 %").status == "MET"


def test_what_is_not_there_need_not_be_cut(seasons: Project) -> None:
    alert(seasons, {**STOP, "do": [{"scale": {"activity": "-30 %"}}]}, months=[7])
    found = verdict(seasons)
    assert found.status == "MET"
    assert found.reason == "NOx is cut least: NOx 30 %; there is no SO2 to cut"
    seasons.plan["alerts"][0]["pollutants"] = "SO2"
    assert verdict(seasons).status == "UNDETERMINED"


@pytest.mark.parametrize(
    ("keys", "asked", "said"),
    [
        ({}, {"reduce_by": None}, "no threshold; NOx is cut least"),
        ({}, {"by": 2019}, "told of 2020"),
        ({}, {"pollutant": "NH3"}, "NH3 is not in the inventory of 2017"),
        ({"pollutants": ["NOx", "NH3"]}, {}, "NH3 is not in the inventory of 2017"),
    ],
)
def test_what_cannot_be_told(project: Project, keys: Any, asked: Any, said: str) -> None:
    alert(project, LESS, **keys)
    found = verdict(project, **asked)
    assert found.status == "UNDETERMINED"
    assert said in found.reason


def test_none_of_the_pollutants_is_in_the_inventory(project: Project) -> None:
    project.inventory(factors="category,pollutant,factor,unit\nstove,CO,1,kg/t\n", pollutants=["CO"])
    alert(project, LESS)
    assert "none of the pollutants" in verdict(project).reason


# -- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ({"shift": {"share": "10 %", "to": {"technology": "new"}}}, "`shift` moves stock for good"),
        ({"scrap": {"share": "10 %", "replaced_by": {"technology": "new"}}}, "`scrap` moves stock for good"),
        ({"close": {"amount": "20 household"}}, "`close` by amount ends stock for good"),
        ({"close": {"share": "10 %", "date": "2020-01-01"}}, "`close` moves stock for good"),
        ({"cap": {"at_most": {"NOx": "1 t/yr"}}}, "`cap` is on a year's emissions"),
    ],
)
def test_what_a_day_cannot_do(project: Project, do: Any, said: str) -> None:
    alert(project, {**LESS, "do": [do]}, {**LESS, "id": "K", "phase_in": {2020: "10 %"}})
    found = project.faults()
    assert said in found
    assert "write scale: {activity: -30 %}" in found
    assert "leave phase_in out" in found
    assert "plan.yaml:" in found
    assert "alerts.0.measures.L.do.0" in found


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"months": [0]}, "greater than or equal to 1"),
        ({"months": [1, 1]}, "twice"),
        ({"months": []}, "empty"),
        ({"pollutants": ["NOxx"]}, "did you mean 'NOx'?"),
        ({"days": "12 day"}, "a number of days or a list"),
        ({"days": [2020]}, "expected a date"),
        ({"days": []}, "a number of days or a list"),
        ({"days": -1}, "a number of days or a list"),
        ({"days": ["2020-01-03", "2020-01-03"]}, "twice"),
        ({"days": ["2019-01-03"]}, "2019-01-03 is not in 2020"),
        ({"days": 32, "months": [1]}, "more than the 31 of the alert's months"),
        ({"measures": ["B"]}, "no measure 'B'"),
        ({"measures": ["A", "A"]}, "stands twice"),
        ({"measures": ["C"]}, "enabling"),
        ({"measures": ["D"]}, "caps a year's emissions"),
        ({"measures": [{**LESS, "id": "A"}]}, "the plan has a measure 'A' too"),
        ({"measures": [{**LESS, "select": {"technology": "odl"}}]}, "did you mean 'old'?"),
        ({"level": "yellow"}, "'yellow' stands twice"),
    ],
)
def test_faults_of_an_alert(project: Project, keys: Any, said: str) -> None:
    project.measure("A", [{"scale": {"activity": "-1 %"}}])
    project.plan["measures"].append({"id": "C", "kind": "enabling"})
    project.measure("D", [{"cap": {"at_most": {"NOx": "1 t/yr"}}}])
    alert(project, level="yellow")
    alert(project, **keys)
    found = project.faults()
    assert said in found
    assert "plan.yaml:" in found
    assert "alerts.1" in found


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"redd": 3}, "did you mean 'red'?"),
        ({"red": ["2021-01-03"]}, "2021-01-03 is not in 2020"),
        ({"red": 367}, "more than the 366"),
        ({"red": ["2020-01-03"], "yellow": ["2020-01-03"]}, "a day of level"),
        ({"red": 1.5}, "a number of days or a list"),
    ],
)
def test_faults_of_days(project: Project, given: Any, said: str) -> None:
    alert(project, LESS)
    alert(project, LESS, level="yellow")
    project.scenario["alert_days"] = given
    found = project.faults()
    assert said in found
    assert "scenario.yaml:" in found


def test_faults_of_alerts_are_told_with_all_others(project: Project) -> None:
    project.measure("A", [{"scale": {"activity": "-1 %"}}], select={"technology": "nwe"})
    alert(project, {**LESS, "select": {"technology": "odl"}})
    project.scenario["alert_days"] = {"red": ["2021-01-03"]}
    found = project.faults()
    assert all(part in found for part in ("'nwe'", "'odl'", "2021-01-03"))
    assert "alerts.0.measures.L.select.technology" in found


def test_a_faulty_alert_is_still_one(project: Project) -> None:
    alert(project, LESS, months=[13])
    alert(project, LESS, level="yellow")
    project.scenario |= {"alert_days": {"red": 3}, "implementation": {"L": "50 %"}}
    project.plan["targets"] = [target()]
    found = project.faults()
    assert "found 13" in found
    assert len(found.splitlines()) == 1


def test_days_are_checked_outside_files_too(project: Project) -> None:
    alert(project, LESS)
    scenario = project.read()
    document = scenario.document.model_copy(update={"alert_days": {"orange": 1}})
    with pytest.raises(emis.InputError, match="no alert has the level 'orange'"):
        emis.alert_days(scenario.inventories[2017], replace(scenario, document=document))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"level": "rde"}, "did you mean 'red'?"),
        ({"level": None}, "names its level"),
        ({"since": 2017}, "no since"),
        ({"select": {"sector": "coal"}}, "no select"),
        ({"reduce_by": None, "at_most": "1 t/yr"}, "no at_most"),
    ],
)
def test_faults_of_a_target(project: Project, keys: Any, said: str) -> None:
    alert(project, LESS)
    project.plan["targets"] = [target(**keys)]
    assert said in project.faults()


# -- output ----------------------------------------------------------------------------------------------------------


def test_what_a_run_says_and_writes(run: Command, seasons: Project) -> None:
    alert(seasons, LESS, months=[10], at_least="30 %")
    alert(seasons, LESS, months=[1], level="yellow", days=2)
    seasons.plan["targets"] = [{"id": "T9", "indicator": "alert", "level": "red", "reduce_by": "30 %"}]
    path = seasons.write()
    found = run("run", path)
    assert found.exit_code == 0, found.stderr
    for text in ("Reduction on alert days 2020", "8.57 %", "avoided, t/yr", "T9: NOx is cut least"):
        assert text in found.stdout
    with (run.folder / "results/test/alerts.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2 * 2 * 2
    total = next(row for row in rows if (row["level"], row["pollutant"], row["sector"]) == ("red", "NOx", "total"))
    assert float(total["without [t/day]"]) == pytest.approx(0.42 / 31)
    assert float(total["reduction [%]"]) == pytest.approx(30 * 0.12 / 0.42)
    assert (total["year"], total["days"], total["avoided [t/yr]"]) == ("2020", "", "")
    result = json.loads(run("run", path, "--json").stdout)["result"]
    assert tuple(result["alerts"][0])[:4] == ("level", "year", "pollutant", "sector")
    assert result["alerts"][-1]["days"] == 2
    assert run("run", path).exit_code == 0
    assert "cut least" in run("show", "results/test").stdout
    assert "预警日减排比例" in run("run", path, "--lang", "zh").stdout


def test_without_alerts_nothing_is_written(run: Command, project: Project) -> None:
    found = run("run", project.write(), "--json")
    assert json.loads(found.stdout)["result"]["alerts"] == []
    assert not (run.folder / "results/test/alerts.csv").exists()


def test_days_may_be_set(run: Command, project: Project) -> None:
    alert(project, LESS)
    found = run("run", project.write(), "--set", "alert_days.red=12", "--json")
    rows = json.loads(found.stdout)["result"]["alerts"]
    assert rows[-1]["avoided"] == pytest.approx(12 * 0.6 / 366)


def test_check_finds_the_faults_of_alerts(run: Command, project: Project) -> None:
    alert(project, {**LESS, "select": {"technology": "odl"}})
    found = run("check", project.write())
    assert found.exit_code == 3
    assert "did you mean 'old'?" in found.stderr


SHIPPED = Path(__file__).parents[2] / "scenarios/mentougou/full.yaml"


def test_another_way_to_the_same_numbers() -> None:
    """An alert on every day of the year is the year by month with the alert's measures among the plan's."""
    scenario = emis.read_scenario(SHIPPED)
    inventory, plan = scenario.inventories[2017], scenario.plan
    measures = tuple(one for one in plan.measures if not any(effect.cap for effect in one.do))
    alerts = tuple(one.model_copy(update={"months": tuple(range(1, 13))}) for one in plan.alerts)
    uncapped = plan.model_copy(update={"measures": measures, "alerts": alerts})
    found = emis.alert_days(inventory, replace(scenario, plan=uncapped))["emissions"].sum("sector")
    document = scenario.document.model_copy(update={"resolution": "month"})
    for one in alerts:
        together = plan.model_copy(update={"measures": (*measures, *(own for _, own in one.own))})
        whole = emis.project(inventory, replace(scenario, plan=together, document=document))
        year = whole.emissions.sel(year=2020, pollutant=found["pollutant"].values).sum(["month", "source"])
        np.testing.assert_allclose(found.sel(level=one.level), year / 366, rtol=1e-12)


def test_the_shipped_levels_escalate() -> None:
    scenario = emis.read_scenario(SHIPPED)
    found = emis.alert_days(scenario.inventories[2017], scenario)
    rows = {(row["level"], row["pollutant"]): row for row in alert_records(found) if row["sector"] == "total"}
    for pollutant in ("NOx", "PM10", "PM2.5", "VOC", "SO2"):
        cuts = [rows[level, pollutant]["reduction"] for level in ("yellow", "orange", "red")]
        assert cuts == sorted(cuts), pollutant


def test_an_alert_whose_measures_the_scenario_omits_says_so(project: Project) -> None:
    stop = {"id": "STOP", "select": {"technology": "old"}, "do": [{"scale": {"activity": "-50 %"}}]}
    project.plan["alerts"] = [{"level": "red", "measures": [stop], "pollutants": ["NOx"]}]
    project.plan["targets"] = [{"id": "T", "indicator": "alert", "level": "red", "reduce_by": "30 %"}]
    project.scenario["omit"] = "*"
    projection = project.project()
    (verdict,) = emis.assess(projection, projection.scenario.plan.targets)
    assert (verdict.status, verdict.achieved) == ("MISSED", 0)
    assert verdict.reason.endswith("the scenario omits its measures")
