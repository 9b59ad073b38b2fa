"""Verdicts: what is met, missed, or cannot be told."""

from typing import Any

import pytest
from conftest import Project

import emis


def verdict(project: Project, **keys: Any) -> emis.Verdict:
    project.plan["targets"] = [{"id": "T", "indicator": "emissions", "pollutant": "NOx", "by": 2020, **keys}]
    projection = project.project()
    return emis.assess(projection, projection.scenario.plan.targets)[0]


def test_against_the_base_year_and_against_no_plan(project: Project) -> None:
    project.scenario["drivers"] = [{"select": {"sector": "coal"}, "index": {2017: 1, 2020: 1.3413}}]
    project.measure("A", [{"cap": {"at_most": {"NOx": "1.8 t/yr"}}}])
    found = verdict(project, reduce_by="10 %", since=2017)
    assert found.status == "MET"
    assert found.achieved == pytest.approx(10)
    assert found.versus_no_plan == pytest.approx(32.9, abs=0.01)


@pytest.mark.parametrize(("promised", "status"), [("30 %", "MET"), ("29.999 %", "MET"), ("30.0001 %", "MISSED")])
def test_equality_is_met_at_full_precision(project: Project, promised: str, status: str) -> None:
    project.measure("A", [{"scale": {"activity": "-30 %"}}])
    found = verdict(project, reduce_by=promised, since=2017)
    assert found.status == status
    assert found.required is not None
    assert found.margin == pytest.approx(30 - found.required, abs=1e-9)
    assert found.unit == "%"


@pytest.mark.parametrize(("most", "status"), [("2 t/yr", "MET"), ("1.9 t/yr", "MISSED"), ("0.0025 kt NOx/yr", "MET")])
def test_a_ceiling(project: Project, most: str, status: str) -> None:
    found = verdict(project, at_most=most)
    assert (found.status, found.unit) == (status, "t")
    assert found.achieved == pytest.approx(2)


def test_a_selection(project: Project) -> None:
    project.measure("A", [{"shift": {"share": "50 %", "to": {"technology": "new"}}}])
    found = verdict(project, reduce_by="50 %", since=2017, select={"technology": "old"})
    assert found.status == "MET"


@pytest.mark.parametrize(
    "target",
    [
        {"indicator": "concentration", "pollutant": "PM2.5", "at_most": "49 ug/m^3", "by": 2020},
        {"indicator": "heavy_days", "reduce_by": "25 %", "since": 2017, "by": 2020},
        {"indicator": "dustfall", "reduce_by": "30 %", "since": 2017, "by": 2020},
        {"indicator": "index", "by": 2020},
        {"indicator": "activity", "by": 2020},
        {"indicator": "emissions", "pollutant": "CO2", "reduce_by": "1 %", "since": 2017, "by": 2020},
        {"indicator": "emissions", "pollutant": "NOx", "by": 2020},
        {"indicator": "emissions", "pollutant": "NOx", "by": 2020, "since": 2017},
        {"indicator": "emissions", "pollutant": "NOx", "by": 2035, "reduce_by": "1 %", "since": 2017},
    ],
)
def test_what_cannot_be_told_is_never_met(project: Project, target: dict[str, Any]) -> None:
    project.plan["targets"] = [{"id": "T", **target}]
    projection = project.project()
    found = emis.assess(projection, projection.scenario.plan.targets)[0]
    assert found.status == "UNDETERMINED"
    assert found.reason


def test_not_estimated_is_undetermined_and_named(project: Project) -> None:
    project.inventory(
        factors="category,technology,pollutant,factor,unit\nstove,old,NOx,NE,kg/t\nstove,new,NOx,1,kg/t\n"
    )
    found = verdict(project, reduce_by="0 %", since=2017)
    assert found.status == "UNDETERMINED"
    assert "coal/stove/coal/old" in found.reason
    assert found.achieved is None


def test_the_since_year_needs_an_inventory(project: Project) -> None:
    project.plan["targets"] = [
        {"id": "T", "indicator": "emissions", "pollutant": "NOx", "by": 2020, "since": 2015, "reduce_by": "10 %"}
    ]
    assert "no inventory of 2015" in project.faults()


def test_the_since_year_need_not_be_listed(project: Project) -> None:
    project.inventory(2015, activity="source,category,fuel,technology,activity,unit\ncoal/x,stove,coal,old,2000,t/yr\n")
    project.inventory(2017)
    project.scenario["inventories"] = {2015: "../inventories/2015", 2017: "../inventories/2017"}
    assert verdict(project, reduce_by="50 %", since=2015).status == "MET"


def test_nothing_to_reduce(project: Project) -> None:
    found = verdict(project, reduce_by="50 %", since=2017, select={"technology": "new"})
    assert found.status == "UNDETERMINED"
