"""Selectors and destinations that fit nothing, and what is said of them."""

from typing import Any

import pytest
from conftest import Project


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ({"technology": "odl"}, "unknown technology 'odl'; did you mean 'old'?"),
        ({"technology": "boiler"}, "matches no source"),
        ({"sector": "mobil"}, "unknown sector 'mobil'; did you mean 'mobile'?"),
        ({"sector": "mobile"}, "matches no source"),
        ({"category": "Stove"}, "unknown category 'Stove'; did you mean 'stove'?"),
        ({"source": "coal/gas*"}, "matches no source"),
        ({"fuel": ["coal", "petrolium"]}, "unknown fuel 'petrolium'"),
    ],
)
def test_a_selector_that_fits_nothing(project: Project, select: dict[str, Any], said: str) -> None:
    project.measure("A", [{"scale": {"activity": "-1 %"}}], select=select)
    found = project.faults()
    assert said in found
    assert "plan.yaml:" in found
    assert "measures.A" in found


def test_optional_makes_it_a_warning(project: Project) -> None:
    project.measure("A", [{"scale": {"activity": "-1 %"}}], select={"sector": "mobile"}, optional=True)
    projection = project.project()
    assert "matches no source" in str(projection.program.warnings[0])
    assert [len(found) for found in projection.program.matched] == [0]


@pytest.mark.parametrize("select", [{"source": "coal/*/old"}, {"technology": "o*"}, {"source": "coal/stove/coal/old"}])
def test_globs(project: Project, select: dict[str, Any]) -> None:
    project.measure("A", [{"close": {"share": "100 %"}}], select=select)
    assert project.total() == 0


def test_an_effect_narrows_the_selection(project: Project) -> None:
    project.measure("A", [{"close": {"share": "100 %", "select": {"technology": "old"}}}], select={"sector": "coal"})
    assert [len(found) for found in project.project().program.matched] == [1]


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ({"technology": "newer"}, "unknown technology 'newer'; did you mean 'new'?"),
        ({"technology": "boiler"}, "there is no source coal/stove/coal/boiler"),
        ({"fuel": "electricity", "technology": "new"}, "to: outside"),
    ],
)
def test_a_destination_that_is_not_there(project: Project, to: dict[str, str], said: str) -> None:
    project.measure("A", [{"shift": {"share": "10 %", "to": to}}])
    assert said in project.faults()


def test_several_destinations(project: Project) -> None:
    project.inventory(
        activity="source,category,technology,activity,unit\ncoal/a,stove,old,1,t/yr\ncoal/b,stove,new,1,t/yr\ncoal/c,stove,new,1,t/yr\n",
        factors="category,pollutant,factor,unit\nstove,NOx,2,kg/t\n",
    )
    project.measure("A", [{"shift": {"share": "10 %", "to": {"technology": "new"}}}])
    assert "several destinations for coal/a: coal/b, coal/c" in project.faults()
    project.plan["measures"][0]["do"][0]["shift"]["to"] = {"source": "coal/b"}
    assert project.project().activity.sel(year=2020, source="coal/b").item() == 1.1


def test_what_has_arrived_does_not_move(project: Project) -> None:
    project.measure("A", [{"shift": {"share": "10 %", "to": {"technology": "new"}}}], select={"sector": "coal"})
    projection = project.project()
    assert projection.activity.sel(year=2020).values == pytest.approx([100, 900])
    assert "is the destination itself" in str(projection.program.warnings[0])


def test_a_measure_that_must_be_split(project: Project) -> None:
    project.measure("A", [{"close": {"share": "10 %"}}, {"abate": {"efficiency": {"NOx": "10 %"}}}])
    assert "write two measures" in project.faults()
    project.plan["measures"] = []
    abate = {"abate": {"efficiency": {"NOx": "10 %"}, "select": {"technology": "new"}}}
    project.measure("A", [{"shift": {"share": "10 %", "to": {"technology": "new"}}}, abate], select={"sector": "coal"})
    assert "write two measures" in project.faults()


def test_two_caps_on_one_source(project: Project) -> None:
    project.measure("A", [{"cap": {"at_most": {"NOx": "1 t/yr"}}}])
    project.measure("B", [{"cap": {"at_most": {"NOx": "2 t/yr"}}}], select={"sector": "coal"})
    assert "two caps on NOx of coal/stove/coal/old: A and B" in project.faults()


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("5 firm", "nor in a stock column"),
        ("5 head", "households"),
    ],
)
def test_an_amount_of_what_is_not_counted(project: Project, amount: str, said: str) -> None:
    project.measure("A", [{"close": {"amount": amount}}])
    assert said in project.faults()


@pytest.mark.parametrize("amount", ["5 t/yr", "5 firm"])
def test_an_amount_of_reported_tonnes_needs_a_stock(project: Project, amount: str) -> None:
    project.inventory(
        tables=[{"sector": "coal", "emissions": "activity.csv"}],
        activity="source,category,NOx [t/yr]\ncoal/a,plant,5\ncoal/b,plant,10\n",
    )
    project.measure("A", [{"close": {"amount": amount}}], select={"category": "plant"})
    assert "stock column" in project.faults()
    project.inventory(
        tables=[{"sector": "coal", "emissions": "activity.csv"}],
        activity="source,category,firms,NOx [t/yr]\ncoal/a,plant,2,5\ncoal/b,plant,8,10\n",
    )
    project.plan["measures"] = []
    project.measure("A", [{"close": {"amount": "2 firm"}}], select={"category": "plant"})
    # Split in proportion to activity, which is 1 for each: one firm of 2 and one of 8.
    assert project.total() == pytest.approx(2.5 + 8.75)


@pytest.mark.parametrize("verb", ["shift", "replace", "limit"])
def test_reported_tonnes_have_no_activity(project: Project, verb: str) -> None:
    arguments: dict[str, Any] = {
        "shift": {"share": "10 %", "to": "outside"},
        "replace": {"factor": {"NOx": "1 kg/t"}},
        "limit": {"at_most": {"NOx": "1 kg/t"}},
    }
    project.inventory(
        tables=[{"sector": "coal", "emissions": "activity.csv"}],
        activity="source,category,NOx [t/yr]\ncoal/a,plant,5\n",
    )
    project.measure("A", [{verb: arguments[verb]}], select={"category": "plant"})
    assert "is reported as tonnes" in project.faults()


def test_reported_tonnes_follow_scale_close_abate_and_cap(project: Project) -> None:
    project.inventory(
        tables=[{"sector": "coal", "emissions": "activity.csv"}],
        activity="source,category,NOx [t/yr]\ncoal/a,plant,100\n",
    )
    project.scenario["drivers"] = [{"select": {"category": "plant"}, "index": {2017: 1, 2020: 1.1}}]
    for name, do in (
        ("A", {"scale": {"activity": "-50 %"}}),
        ("B", {"close": {"share": "20 %"}}),
        ("C", {"abate": {"efficiency": {"NOx": "25 %"}}}),
    ):
        project.measure(name, [do], select={"category": "plant"})
    assert project.total() == pytest.approx(100 * 1.1 * 0.5 * 0.8 * 0.75)
    project.measure("D", [{"cap": {"at_most": {"NOx": "3 t/yr"}}}], select={"category": "plant"})
    assert project.total() == pytest.approx(3)
