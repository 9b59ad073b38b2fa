"""Targets on activity and stock: sums in one unit, stock by each source's own ratio, or why there is no sum."""

from typing import Any

import pytest
from conftest import FACTORS, Project

import emis

ACTIVITY = """\
source,category,fuel,technology,activity,unit,village,reference,grade
coal/stove/coal/old,stove,coal,old,800,t/yr,8,test,E
coal/stove/coal/new,stove,coal,new,0,t/yr,0,test,E
coal/stove/coal/big,stove,coal,big,0.2,kt/yr,2,test,E
coal/pump/power/new,pump,power,new,0,MWh/yr,0,test,E
"""
MORE_FACTORS = FACTORS + "stove,coal,big,NOx,1,kg/t,0 %,test,E\npump,power,new,NOx,0,kg/kWh,0 %,test,E\n"
COAL = {"category": "stove"}


@pytest.fixture
def villages(project: Project) -> Project:
    """Eight villages on 800 t of coal, two on 0.2 kt; the measure takes half the eight to electricity."""
    project.inventory(activity=ACTIVITY, factors=MORE_FACTORS)
    to = {"category": "pump", "fuel": "power", "technology": "new"}
    project.measure("A", [{"shift": {"amount": "4 village", "to": to, "yield": "2 MWh/t"}}])
    return project


def verdict(project: Project, lang: Any = "en", **keys: Any) -> emis.Verdict:
    target = {"id": "T", "indicator": "activity", "by": 2020, "select": COAL, **keys}
    project.plan["targets"] = [{key: value for key, value in target.items() if value is not None}]
    projection = project.project()
    return emis.assess(projection, projection.scenario.plan.targets, lang)[0]


@pytest.mark.parametrize(("asked", "status"), [("40 %", "MET"), ("41 %", "MISSED")])
def test_a_reduction(villages: Project, asked: str, status: str) -> None:
    # 800 + 200 t, of which 4 of 8 villages take 400.
    found = verdict(villages, reduce_by=asked, since=2017)
    assert (found.status, found.unit) == (status, "%")
    assert found.achieved == pytest.approx(40)
    assert found.versus_no_plan == pytest.approx(40)


@pytest.mark.parametrize(
    ("threshold", "status", "achieved", "margin"),
    [
        ({"at_most": "600 t/yr"}, "MET", 600, 0),
        ({"at_most": "0.5 kt"}, "MISSED", 0.6, -0.1),
        ({"at_most": "0 village"}, "MISSED", 6, -6),
        ({"at_most": "6 village"}, "MET", 6, 0),
        ({"at_least": "7 village"}, "MISSED", 6, -1),
        ({"at_least": "500 t/yr"}, "MET", 600, 100),
    ],
)
def test_a_ceiling_or_floor_in_activity_or_stock(
    villages: Project, threshold: dict[str, str], status: str, achieved: float, margin: float
) -> None:
    found = verdict(villages, **threshold)
    assert found.status == status
    assert (found.achieved, found.margin) == (pytest.approx(achieved), pytest.approx(margin))
    assert found.unit == threshold.popitem()[1].split()[1]


def test_by_month_it_is_the_same(villages: Project) -> None:
    villages.scenario["resolution"] = "month"
    assert verdict(villages, reduce_by="40 %", since=2017).achieved == pytest.approx(40)


@pytest.mark.parametrize("since", [{}, {"since": 2017}])
def test_without_a_threshold_it_is_told_and_never_met(villages: Project, since: dict[str, int]) -> None:
    found = verdict(villages, **since)
    assert (found.status, found.required) == ("UNDETERMINED", None)
    assert found.achieved == pytest.approx(40)
    assert "no threshold; 600 t/yr are left in 2020, of 1,000 in 2017" in found.reason
    assert "2020 年剩余 600 t/yr" in verdict(villages, "zh", **since).reason


def test_an_inventory_of_another_year_states_its_own_stock(villages: Project) -> None:
    villages.inventory(2015, activity=ACTIVITY.replace("800,t/yr,8", "900,t/yr,12"), factors=MORE_FACTORS)
    villages.scenario["inventories"][2015] = "../inventories/2015"
    assert verdict(villages, by=2015, at_most="14 village").status == "MET"
    assert verdict(villages, reduce_by="50 %", since=2015).achieved == pytest.approx(100 * (1 - 600 / 1100))


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"select": {"sector": "coal"}}, "activities in t/yr and in MWh/yr do not add up"),
        ({"at_most": "3 ha"}, "ha is neither the unit of the activity (kt/yr, t/yr) nor of a stock column"),
        ({"at_most": "0 village", "select": {"sector": "coal"}}, "coal/pump/power/new had no base-year activity"),
        ({"at_least": "50 %"}, "of what it is one is not said"),
        ({"by": 2030}, "2030 is neither among the scenario's years"),
        ({"by": None}, "the target names no year"),
    ],
)
def test_what_leaves_no_sum_is_undetermined(villages: Project, target: dict[str, Any], reason: str) -> None:
    found = verdict(villages, **target)
    assert found.status == "UNDETERMINED"
    assert reason in found.reason
    assert verdict(villages, "zh", **target).reason != found.reason


def test_a_blank_stock_is_named(villages: Project) -> None:
    villages.inventory(activity=ACTIVITY.replace("kt/yr,2", "kt/yr,"), factors=MORE_FACTORS)
    found = verdict(villages, at_most="6 village")
    assert found.reason == "coal/stove/coal/big states no stock in village (2020)"


def test_reported_tonnes_have_no_activity(project: Project) -> None:
    project.inventory(
        tables=[{"sector": "coal", "emissions": "activity.csv"}],
        activity="source,category,NOx [t/yr]\ncoal/a,stove,2\n",
    )
    assert "coal/a is reported as tonnes" in verdict(project, at_most="6 t/yr").reason
    assert "no source that it selects has an activity" in verdict(project).reason
