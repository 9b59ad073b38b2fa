"""Why a number is what it is: every line of it worked out by hand, and its end the projection's own number."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Command, Project
from hypothesis import assume, example, given
from hypothesis import strategies as st
from test_projection import big

import emis
from emis import console
from emis.explanation.figures import chain_digits, decimal, figure, number, shown, summed
from emis.explanation.tree import Explanation, Step
from emis.showing_explanation import print_explanation

ROOT = Path(__file__).parents[2]
OLD, NEW = "coal/stove/coal/old", "coal/stove/coal/new"
NAN = float("nan")


def lines(found: Explanation) -> list[tuple[str, str, float]]:
    """Return what a reader sees of each line: kind, sign and value."""
    return [(step.kind, step.sign, step.value) for step in found.steps]


def told(found: Explanation, kind: str) -> list[Step]:
    return [step for step in found.steps if step.kind == kind]


def explained(project: Project, what: str = f"{OLD} NOx", **options: Any) -> Explanation:
    return emis.explain(project.project(), what, **options)


def chain(found: Explanation) -> float:
    """Return what the steps of a chain come to; each line that says so far must say it right."""
    running = 0.0
    for step in found.steps:
        value = step.value * step.scale
        if step.sign == "=":
            assert value == pytest.approx(running, rel=1e-9, abs=1e-12, nan_ok=True)
        running = value if step.sign in ("", "=") else running + value if step.sign == "+" else running * value
        assert step.total == pytest.approx(running, rel=1e-9, abs=1e-12, nan_ok=True)
    return running


# -- the verbs, by hand: 1000 t/yr of old stoves at 2 kg/t and none of new ones at 0.5 kg/t --------------------------


@pytest.mark.parametrize(
    ("do", "expected", "value"),
    [
        ({"close": {"share": "10 %"}}, [("transfer", "+", -100)], 1.8),
        ({"close": {"amount": "250 t"}}, [("transfer", "+", -250)], 1.5),
        ({"close": {"amount": "50 household"}}, [("transfer", "+", -100)], 1.8),
        ({"close": {"share": "100 %", "date": "2020-10-01"}}, [("transfer", "+", -1000 * 92 / 366)], 2 * 274 / 366),
        ({"shift": {"share": "60 %", "to": "outside"}}, [("transfer", "+", -600)], 0.8),
        ({"scale": {"activity": "-10 %"}}, [("change", "×", 0.9)], 1.8),
        ({"abate": {"efficiency": {"NOx": "50 %"}, "penetration": "80 %"}}, [("remains", "×", 0.6)], 1.2),
        ({"replace": {"factor": {"NOx": "1 kg/t"}, "share": "40 %"}}, [("remains", "×", 0.8)], 1.6),
        ({"limit": {"at_most": {"NOx": "1.5 kg/t"}}}, [("remains", "×", 0.75)], 1.5),
        ({"cap": {"at_most": {"NOx": "0.5 t/yr"}}}, [("cap", "×", 0.25)], 0.5),
    ],
    ids=lambda case: next(iter(case)) if isinstance(case, dict) else None,
)
def test_each_verb(project: Project, do: dict[str, Any], expected: list[Any], value: float) -> None:
    project.measure("M", [do], title={"en": "A measure", "zh": "措施"}, evidence={"grade": "C", "source": "a book"})
    found = explained(project)
    acting = [line for line in lines(found) if line[0] in ("transfer", "change", "remains", "cap")]
    assert [line[:2] for line in acting] == [line[:2] for line in expected]
    assert [line[2] for line in acting] == pytest.approx([line[2] for line in expected])
    assert found.value == pytest.approx(value) == chain(found)
    (step,) = (step for step in found.steps if step.name == "M")
    assert step.text == "M A measure"
    assert (step.basis[0].grade, step.basis[0].reference) == ("C", "a book")
    assert re.search(r"plan\.yaml:\d+$", step.basis[0].place)
    assert step.level == pytest.approx(92 / 366 if "date" in str(do) else 1)


def test_the_lines_of_a_source_in_their_order(project: Project) -> None:
    found = explained(project)
    assert lines(found) == [
        ("base", "", 1000),
        ("without plan", "=", 1000),
        ("factor", "×", 2),
        ("emission", "=", 2),
    ]
    base, factor = found.steps[0], found.steps[2]
    assert base.basis[0].place.endswith("inventories/2017/activity.csv:2")
    assert (base.unit, base.basis[0].grade, base.basis[0].reference) == ("t/yr", "E", "test")
    assert base.details == ("500 household",)
    assert (factor.unit, factor.scale) == ("kg/t", 1e-3)
    assert factor.basis[0].place.endswith("inventories/2017/factors.csv:2")
    assert (found.unit, found.year, found.pollutant, found.base, found.no_plan) == ("t", 2020, "NOx", 2, 2)


def test_both_ends_of_a_shift(project: Project) -> None:
    project.measure("M", [{"shift": {"share": "60 %", "to": {"technology": "new"}}}], phase_in={2019: "50 %"})
    leaving, arriving = (explained(project, f"{name} NOx") for name in (OLD, NEW))
    (out,), (into,) = told(leaving, "transfer"), told(arriving, "transfer")
    assert (out.value, out.total, out.level) == (-300, 700, 0.5)
    assert (into.value, into.total) == (300, 300)
    assert f"to {NEW}" in out.details
    assert f"from {OLD}" in into.details
    assert "level 50 % (2019 50 %); fully in place 600 t/yr" in out.details
    assert (leaving.value, arriving.value) == pytest.approx((1.4, 0.15))


def test_what_competes_for_a_stock_is_scaled_down(project: Project) -> None:
    project.measure("A", [{"close": {"amount": "600 t"}}])
    project.measure("B", [{"shift": {"amount": "600 t", "to": {"technology": "new"}}}])
    project.scenario["on_shortfall"] = "scale"
    found = explained(project)
    assert [step.value for step in told(found, "transfer")] == pytest.approx([-500, -500])
    assert all("scaled down to the stock there is" in step.details for step in told(found, "transfer"))
    assert found.value == 0


def test_existing_control_that_is_replaced(project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit\ncoal/boiler,boiler,1000,t/yr\n",
        factors="category,pollutant,factor,unit,control\nboiler,NOx,100,kg/t,90 %\n",
    )
    abate = {"efficiency": {"NOx": "95 %"}, "replaces": "existing"}
    project.measure("A", [{"abate": abate}], select={"category": "boiler"})
    found = explained(project, "coal/boiler NOx")
    assert [step.value for step in told(found, "remains")] == pytest.approx([0.5])
    assert "existing control of 90 % is inside it" in told(found, "factor")[0].details
    assert found.value == pytest.approx(50)


def test_several_effects_of_a_measure_are_one_fraction(project: Project) -> None:
    project.measure("A", [{"scale": {"activity": "-10 %"}}, {"abate": {"efficiency": {"NOx": "50 %"}}}])
    project.scenario["implementation"] = {"A": "40 %"}
    found = explained(project)
    (step,) = told(found, "remains")
    assert step.value == pytest.approx(1 - 0.4 * (1 - 0.45))
    assert "implementation 40 %" in step.details[-1]
    assert step.details[-1].endswith("fully in place it leaves 45 %")
    assert len(step.details) == 3


def test_a_lever_of_a_sector(project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit,silt_loading [g/m^2],mean_weight [t]\n"
        "dust/road,paved_road,1000,vkm/yr,0.6,3\n",
        factors="category,pollutant,factor,unit\npaved_road,PM10,1,g/km\n",
        pollutants=["PM10"],
        tables=[{"sector": "dust", "activity": "activity.csv", "factors": "factors.csv"}],
    )
    project.measure("A", [{"wash_roads": {"silt_reduction": "30 %"}}], select={"category": "paved_road"})
    found = explained(project, "dust/road PM10")
    (step,), (factor,) = told(found, "remains"), told(found, "factor")
    assert step.value == pytest.approx(0.7**0.91)
    assert step.details[0] == "wash roads: silt reduction 30 %"
    assert factor.details[0].startswith("computed from the row's silt_loading, mean_weight: ")
    assert chain(found) == pytest.approx(found.value)


def test_drivers_one_by_one(project: Project) -> None:
    project.scenario["drivers"] = [
        {"select": {"sector": "coal"}, "growth": "10 %/yr", "title": "Growth", "evidence": {"grade": "D"}},
        {"select": {"technology": "old"}, "shift": {"share": "5 %/yr", "to": {"technology": "new"}}},
        {"select": {"technology": "old"}, "index": {2017: 1, 2020: 1.5}},
        {"select": {"technology": "new"}, "growth": "0 %/yr"},
    ]
    found = explained(project)
    assert lines(found)[:5] == [
        ("base", "", 1000),
        ("turnover", "+", pytest.approx(-150)),
        ("growth", "×", pytest.approx(1.331)),
        ("growth", "×", 1.5),
        ("without plan", "=", pytest.approx(850 * 1.331 * 1.5)),
    ]
    turnover, growth, index = found.steps[1:4]
    assert turnover.text == f"5 %/yr × 3 yr = 15 % of the 2017 stock leaves for {NEW}"
    assert (growth.text, growth.details, growth.basis[0].grade) == ("Growth", ("growth +10 %/yr, 3 years",), "D")
    assert re.search(r"scenario\.yaml:\d+$", turnover.basis[0].place)
    assert index.text == "index of 2020 against 2017"
    assert chain(found) == pytest.approx(850 * 1.331 * 1.5 * 2e-3)
    arriving = explained(project, f"{NEW} NOx", year=2018)
    assert told(arriving, "turnover")[0].value == pytest.approx(50)
    assert told(arriving, "turnover")[0].text == f"5 %/yr × 1 yr = 5 % of the 2017 stock of {OLD} arrives"
    assert chain(arriving) == pytest.approx(50 * 1.1 * 0.5e-3)


def test_turnover_of_all_of_a_stock(project: Project) -> None:
    shift = {"share": "33.3333333333333333 %/yr", "to": {"technology": "new"}}
    project.scenario["drivers"] = [{"select": {"technology": "old"}, "shift": shift}]
    assert explained(project).value == explained(project).steps[-1].value == project.project().total(
        2020, "NOx", emis.Selector(source=(OLD,))
    )  # fmt: skip


WINTER = "profile,1,2,3,4,5,6,7,8,9,10,11,12\nwinter,0.3,0.2,0.1,0,0,0,0,0,0,0.1,0.1,0.2\n"


def winter(project: Project) -> None:
    activity = (
        "source,category,fuel,technology,activity,unit,profile\ncoal/stove/coal/old,stove,coal,old,1000,t/yr,winter\n"
    )
    project.inventory(profiles="profiles.csv", activity=activity)
    (project.root / "inventories/2017/profiles.csv").write_text(WINTER)
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], months=[1, 2])


def test_months_of_a_measure_at_year_resolution(project: Project) -> None:
    winter(project)
    found = explained(project)
    (step,) = told(found, "remains")
    assert (step.value, step.level) == pytest.approx((0.75, 0.5))
    assert "50 % of the source's year with it" in step.details[-1]
    assert found.value == pytest.approx(1.5)


def test_a_year_of_months_is_their_sum(project: Project) -> None:
    winter(project)
    project.measure("B", [{"close": {"share": "100 %", "date": "2020-12-01"}}])
    project.scenario["resolution"] = "month"
    found = explained(project)
    # January 0.6, February 0.4, halved; March 0.2, October and November 0.2 each; December closed.
    assert found.value == pytest.approx(0.5 + 0.2 + 0.4) == chain(found)
    assert [step.value for step in told(found, "transfer")] == pytest.approx([-200])
    (step,) = told(found, "remains")
    assert step.value == pytest.approx(1.1 / 1.6)
    assert "the sum of 12 months" in step.details[-1]
    assert "1: 0.3, 2: 0.2, 3: 0.2, 4: 0," in step.details[-1]
    assert "12: 0" in step.details[-1]


def test_a_cap_on_several_sources(project: Project) -> None:
    activity = "source,category,technology,activity,unit\ncoal/a,stove,old,1000,t/yr\ncoal/b,stove,old,3000,t/yr\n"
    project.inventory(activity=activity, factors="category,pollutant,factor,unit\nstove,NOx,1,kg/t\n")
    project.measure("C", [{"cap": {"at_most": {"NOx": "2 t/yr"}}}], phase_in={2020: "50 %"})
    project.measure("A", [{"abate": {"efficiency": {"NOx": "0 %"}}}])
    found = explained(project, "coal/b NOx")
    (step,) = told(found, "cap")
    assert (step.value, step.level, found.value) == pytest.approx((0.75, 0.5, 2.25))
    assert step.details == ("ceiling of 2 t/yr on 2 sources", "4 t in all before it; level 50 %")


# -- what is no plain number -----------------------------------------------------------------------------------------


def test_reported_tonnes(project: Project) -> None:
    table = "source,category,technology,NOx [t/yr],reference,grade\ncoal/plant,plant,old,12,report,A\n"
    project.inventory(tables=[{"sector": "coal", "emissions": "reported.csv"}])
    (project.root / "inventories/2017/reported.csv").write_text(table)
    project.scenario["drivers"] = [{"select": {"sector": "coal"}, "growth": "10 %/yr"}]
    project.measure("M", [{"close": {"share": "50 %"}}])
    found = explained(project, "coal/plant NOx")
    assert lines(found) == [
        ("base", "", 1),
        ("growth", "×", pytest.approx(1.331)),
        ("without plan", "=", pytest.approx(1.331)),
        ("transfer", "+", pytest.approx(-0.6655)),
        ("moved", "=", pytest.approx(0.6655)),
        ("factor", "×", 12),
        ("emission", "=", pytest.approx(12 * 0.6655)),
    ]
    assert (found.steps[5].unit, found.steps[5].text) == ("t", "NOx reported 2017")
    assert "reported as tonnes" in found.notes[-1]
    assert explained(project, "coal/plant").unit == ""


@pytest.mark.parametrize(
    ("key", "said"),
    [("NE", "NE, not estimated"), ("C", "C, confidential"), ("NO", "NO, not occurring"), ("NA", "NA, ")],
)
def test_notation_keys(project: Project, key: str, said: str) -> None:
    factors = f"category,technology,pollutant,factor,unit\nstove,old,NOx,{key},kg/t\nstove,new,NOx,1,kg/t\n"
    project.inventory(factors=factors)
    project.measure("M", [{"shift": {"share": "50 %", "to": {"technology": "new"}}}])
    found = explained(project)
    assert said in told(found, "factor")[0].text
    assert found.value == pytest.approx(NAN if key in "NEC" and key != "NO" else 0, nan_ok=True)
    total = explained(project, "NOx")
    if key in ("NE", "C"):
        assert f"not estimated (NE): {OLD}; the total is not known, without them it is 0.5 t" in total.notes[-1]
        assert total.value != total.value
        assert "NOx of all sources in 2020 = " not in str(total)
    else:
        assert total.value == pytest.approx(0.5)


def test_an_activity_that_is_not_estimated(project: Project) -> None:
    activity = "source,category,fuel,technology,activity,unit\n" + (
        f"{OLD},stove,coal,old,NE,t/yr\n{NEW},stove,coal,new,100,t/yr\n"
    )
    project.inventory(activity=activity)
    project.measure("M", [{"shift": {"share": "50 %", "to": {"technology": "new"}}}])
    for name in (OLD, NEW):
        assert explained(project, f"{name} NOx").value != 0
        assert "–" in str(explained(project, f"{name} NOx"))


def test_a_year_that_is_an_inventory(project: Project) -> None:
    project.inventory()
    project.inventory(2015, activity="source,category,fuel,technology,activity,unit\ncoal/gone,stove,coal,old,7,t/yr\n")
    project.scenario |= {
        "inventories": {2015: "../inventories/2015", 2017: "../inventories/2017"}, "years": [2015, 2017, 2020],
        "drivers": [{"select": {"sector": "coal"}, "growth": "10 %/yr"}],
    }  # fmt: skip
    project.measure("M", [{"close": {"share": "50 %"}}])
    then = explained(project, "coal/gone NOx", year=2015)
    assert lines(then) == [("base", "", 7), ("factor", "×", 2), ("emission", "=", pytest.approx(0.014))]
    assert "2015/activity.csv:2" in then.steps[0].basis[0].place
    assert "neither drivers nor measures" in then.notes[0]
    assert explained(project, year=2017).value == 2
    later = explained(project, "coal/gone NOx", year=2020)
    assert (later.value, later.steps) == (0, ())
    assert "the inventory of 2017 has no such source" in later.notes[0]
    assert explained(project, "M", year=2017).notes == ("2017 is an inventory, which no measure touches",)
    total = explained(project, "NOx", year=2015)
    assert (total.value, total.base) == (pytest.approx(0.014), None)


def test_measures_that_the_scenario_omits(project: Project) -> None:
    project.measure("A", [{"close": {"share": "50 %"}}])
    project.measure("B", [{"close": {"share": "20 %"}}])
    project.scenario["omit"] = ["A"]
    found = explained(project)
    assert [step.name for step in told(found, "transfer")] == ["B"]
    assert found.notes[1] == "omitted by the scenario: A (ends 50 %)"
    assert explained(project, "A").notes == ("omitted by the scenario",)


# -- several pollutants, totals, targets, measures -------------------------------------------------------------------


def two(project: Project) -> None:
    factors = (
        "category,technology,pollutant,factor,unit\nstove,old,NOx,2,kg/t\nstove,new,NOx,0.5,kg/t\nstove,,CO,30,g/kg\n"
    )
    project.inventory(factors=factors, pollutants=["NOx", "CO"])
    project.measure("A", [{"shift": {"share": "60 %", "to": {"technology": "new"}}}], article=4)
    project.measure("B", [{"abate": {"efficiency": {"CO": "50 %"}}}], evidence={"grade": "B", "quote": "the words"})
    project.plan["targets"] = [
        {"id": "T1", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "50 %", "since": 2017, "by": 2020},
        {"id": "T2", "indicator": "emissions", "pollutant": "CO", "at_most": "20 t/yr", "by": 2019},
        {"id": "T3", "indicator": "activity", "select": {"technology": "old"}, "at_most": "300 t/yr", "by": 2020},
    ]


def test_all_pollutants_of_a_source(project: Project) -> None:
    two(project)
    found = explained(project, OLD)
    assert (found.value, found.unit) == (400, "t/yr")
    assert [(part.pollutant, part.value) for part in found.parts] == [
        ("NOx", pytest.approx(0.8)),
        ("CO", pytest.approx(6)),
    ]
    assert [step.kind for step in found.parts[1].steps] == ["with plan", "factor", "remains", "emission"]
    assert all(chain(part) == pytest.approx(part.value) for part in found.parts)
    base = explained(project, OLD, year=2017)
    assert (base.value, [part.value for part in base.parts]) == (1000, pytest.approx([2, 30]))


@pytest.mark.parametrize("what", ["coal NOx", "coal:NOx", ("coal", "NOx"), "NOx", "coal/stove/* NOx", "coal/stove NOx"])
def test_a_total_is_the_sum_of_its_sources(project: Project, what: Any) -> None:
    two(project)
    found = explained(project, what)
    assert [(step.name, step.value, step.base, step.no_plan) for step in found.steps[:-1]] == [
        (OLD, pytest.approx(0.8), 2, 2),
        (NEW, pytest.approx(0.3), 0, 0),
    ]
    assert found.steps[-1].value == found.value == pytest.approx(1.1)
    assert (found.base, found.no_plan) == (2, 2)


def test_the_rest_of_many_sources(project: Project) -> None:
    rows = "".join(f"coal/s{n:02},stove,old,{n},t/yr\n" for n in range(15))
    project.inventory(
        activity=f"source,category,technology,activity,unit\n{rows}",
        factors="category,pollutant,factor,unit\nstove,NOx,0.333,kg/t\n",
    )
    found = explained(project, "NOx")
    assert [step.kind for step in found.steps] == ["source"] * 10 + ["rest", "nothing", "total"]
    assert [step.name for step in found.steps[:2]] == ["coal/s14", "coal/s13"]
    assert found.steps[10].text == "4 other sources"
    assert sum(step.value for step in found.steps[:-1]) == pytest.approx(found.value)
    assert [step.kind for step in explained(project, "NOx", most=None).steps].count("source") == 14


def test_a_target_on_emissions(project: Project) -> None:
    two(project)
    found = explained(project, "T1")
    assert [part.year for part in found.parts] == [2017, 2020]
    assert [part.value for part in found.parts] == pytest.approx([2, 1.1])
    assert [(step.kind, step.value) for step in found.steps] == [
        ("side", 2), ("side", pytest.approx(1.1)), ("no plan", 2), ("required", 50),
        ("margin", pytest.approx(-5)), ("verdict", pytest.approx(45)),
    ]  # fmt: skip
    assert found.steps[-1].text == "reduction, 1 − 1.1 / 2"
    assert (found.steps[-1].name, found.unit, found.value) == ("MISSED", "%", pytest.approx(45))
    ceiling = explained(project, "T2")
    assert (ceiling.value, ceiling.unit, ceiling.steps[-1].name) == (pytest.approx(24), "t", "MISSED")


def test_a_target_on_activity(project: Project) -> None:
    two(project)
    found = explained(project, "T3")
    assert (found.value, found.unit) == (pytest.approx(400), "t/yr")
    assert [(step.kind, step.value) for step in found.steps][:2] == [("side", pytest.approx(400)), ("no plan", 1000)]


def test_a_measure(project: Project) -> None:
    two(project)
    found = explained(project, "A")
    moves, _leaves, nox, co = found.parts
    assert [(step.kind, step.name, step.value) for step in moves.steps] == [
        ("leaves", OLD, pytest.approx(-600)), ("arrives", NEW, pytest.approx(600)),
    ]  # fmt: skip
    assert (nox.value, co.value) == (pytest.approx(-0.9), pytest.approx(0.6 * 15))
    assert ("article", "4") in found.facts
    only = explained(project, "B CO")
    assert only.value == pytest.approx(-6)
    assert only.steps[0].name == OLD
    assert [step.details for step in only.parts[1].steps] == [("CO 50 % (at level 100 %)",)]
    assert ("words", "“the words”") in only.facts


def test_a_measure_beside_sources_that_are_not_estimated(project: Project) -> None:
    factors = "category,technology,pollutant,factor,unit\nstove,old,NOx,2,kg/t\nstove,new,NOx,NE,kg/t\n"
    project.inventory(factors=factors)
    project.measure("A", [{"close": {"share": "50 %"}}])
    project.measure("B", [{"scale": {"activity": "-50 %"}}], select={"technology": "new"})
    assert explained(project, "A NOx").value == -1
    found = explained(project, "B NOx")
    assert found.value != found.value
    assert found.notes[0] == f"not estimated (NE): {NEW}"


def test_a_measure_of_kind_enabling_or_of_an_alert(project: Project) -> None:
    project.plan["measures"].append({"id": "E", "kind": "enabling"})
    stop = {"id": "stop", "select": {"sector": "coal"}, "do": [{"scale": {"activity": "-30 %"}}]}
    project.plan["alerts"] = [{"level": "red", "measures": [stop]}]
    assert explained(project, "E").notes == ("enabling: it claims no effect of its own",)
    assert "alert days only" in explained(project, "stop").notes[0]
    assert explained(project, "stop NOx").value == 0


# -- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "options", "said"),
    [
        ("coal/stove/coal/odl NOx", {}, f"did you mean {OLD!r}?"),
        ("T11", {}, "did you mean 'T1'?"),
        ("coa NOx", {}, "did you mean 'coal'?"),
        ("NOy", {}, "did you mean 'NOx'?"),
        ("coal/stoves/* NOx", {}, "did you mean"),
        ("quite something", {}, "one source, sector, target or measure at a time"),
        ("zzz", {}, "name a source, a glob"),
        ("NOx CO", {}, "one pollutant at a time"),
        ("coal", {"pollutant": "SO2"}, "there is no pollutant 'SO2'"),
        ("coal", {"year": 2031}, "there are 2017, 2018, 2019, 2020"),
        ("T1", {"year": 2019}, "the target is on 2020, and 2019 is asked for"),
        ("T1", {"pollutant": "CO"}, "the target is on NOx"),
    ],
)
def test_what_is_not_there(project: Project, what: str, options: dict[str, Any], said: str) -> None:
    two(project)
    with pytest.raises(emis.InputError) as caught:
        explained(project, what, **options)
    assert said in str(caught.value)


# -- the same number, always -----------------------------------------------------------------------------------------

SHARES = st.integers(0, 40).map(lambda share: f"{share} %")
EFFECTS = st.one_of(
    st.builds(lambda share: {"close": {"share": share}}, SHARES),
    st.builds(lambda share: {"shift": {"share": share, "to": {"technology": "new"}, "yield": 0.7}}, SHARES),
    st.builds(lambda share: {"scale": {"activity": f"-{share}"}}, SHARES),
    st.builds(lambda share: {"abate": {"efficiency": {"NOx": share}}}, SHARES),
    st.builds(lambda share: {"limit": {"at_most": {"NOx": "0.7 kg/t"}, "share": share}}, SHARES),
)


@given(
    st.lists(st.tuples(EFFECTS, SHARES, st.sampled_from([None, [1, 2, 11], [6]])), max_size=2),
    st.sampled_from([None, "0.4 t/yr", "90 t/yr"]),
    st.sampled_from(["year", "month"]),
    st.integers(-5, 30),
)
@example([({"shift": {"share": "15 %", "to": {"technology": "new"}, "yield": 0.7}}, "1 %", None)], None, "month", 0)
def test_any_plan_is_explained_to_its_number(
    tmp_path_factory: pytest.TempPathFactory, plan: list[Any], cap: str | None, resolution: str, growth: int
) -> None:
    project = Project(tmp_path_factory.mktemp("any"))
    for number_, (effect, level, months) in enumerate(plan):
        keys = {"months": months} if months else {}
        project.measure(f"M{number_}", [effect], phase_in={2019: level}, temporary=True, **keys)
    if cap:
        project.measure("cap", [{"cap": {"at_most": {"NOx": cap}}}], select={"sector": "coal"})
    project.scenario |= {
        "resolution": resolution, "years": [2018, 2020],
        "drivers": [
            {"select": {"technology": "old"}, "shift": {"share": "3 %/yr", "to": {"technology": "new"}}},
            {"select": {"sector": "coal"}, "growth": f"{growth} %/yr"},
        ],
    }  # fmt: skip
    projection = project.project()
    for year in (2018, 2020):
        for source in (OLD, NEW):
            found = emis.explain(projection, [source, "NOx"], year)
            projected = float(projection.emissions.sel(year=year, source=source, pollutant="NOx").sum())
            assert found.value == pytest.approx(projected, rel=1e-9, abs=1e-15)
            assert chain(found) == pytest.approx(projected, rel=1e-9, abs=1e-15)
            assert read(found) == figure(found.value)


@pytest.mark.parametrize("resolution", ["year", "month"])
def test_where_everything_meets(project: Project, resolution: str) -> None:
    big(project, 3)
    project.scenario["resolution"] = resolution
    projection = project.project()
    for source in projection.program.inventory.labels["source"]:
        found = emis.explain(projection, [str(source), "NOx"])
        assert chain(found) == pytest.approx(found.value, rel=1e-9)
        assert read(found) == figure(found.value)
        emis.explain(projection, str(source))
    shares = emis.contributions(projection.program).sel(year=2020, pollutant="NOx", sector="coal")["last"]
    for measure in "ABCDEF":
        changed = emis.explain(projection, f"{measure} NOx")
        assert changed.value == pytest.approx(float(shares.sel(measure=measure)), rel=1e-9, abs=1e-12)


def read(found: Explanation) -> str:
    """Return the end that a reader comes to with the numbers as they are printed."""
    running = 0.0
    for step, (sign, text) in zip(found.steps, found.shown(), strict=True):
        value = number(text) * step.scale
        if sign in ("+", "−"):
            running += value if sign == "+" else -value
        elif sign == "×":
            running *= value
        elif sign == "":
            running = value
    assert found.shown()[-1] == ("=", figure(found.value))
    return figure(running)


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=30))
def test_rows_add_up_as_they_are_shown(rows: list[float]) -> None:
    decimals = summed([*rows, sum(rows)])
    assert figure(sum(number(decimal(value, decimals)) for value in rows)) == figure(sum(rows))


@given(st.lists(st.tuples(st.sampled_from("+×"), st.floats(0.01, 1e3)), max_size=12), st.floats(1, 1e8))
def test_chains_lead_where_they_say(links: list[tuple[str, float]], first: float) -> None:
    end = first
    for sign, value in links:
        end = end + value if sign == "+" else end * value
    assume(end < 1e9)
    digits = chain_digits([("", first, 1.0), *((sign, value, 1.0) for sign, value in links), ("=", end, 1.0)])
    running = number(shown("", first, digits)[1])
    for sign, value in links:
        text = number(shown(sign, value, digits)[1])
        running = running + text if sign == "+" else running * text
    assert figure(running) == figure(end)


def test_figures() -> None:
    assert [figure(value) for value in (0, 1234567.8, 0.1 + 0.2, -12.5, NAN, 1e-9)] == [
        "0", "1,234,568", "0.3", "−12.5", "–", "1.00000e−09",
    ]  # fmt: skip
    assert shown("+", -3.0, 7) == ("−", "3")
    assert decimal(-0.0001, 2) == "0.00"


# -- the shipped example ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> emis.Projection:
    scenario = emis.read_scenario(ROOT / "scenarios/mentougou/full.yaml")
    return emis.project(scenario.inventories[2017], scenario)


def test_every_source_of_the_example(shipped: emis.Projection) -> None:
    emissions = shipped.emissions.sel(year=2020, pollutant="NOx")
    for source in emissions["source"].values:
        found = emis.explain(shipped, [str(source), "NOx"])
        assert found.value == float(emissions.sel(source=source))
        assert chain(found) == pytest.approx(found.value, rel=1e-9)
        assert read(found) == figure(found.value)
        for step in found.steps:
            if step.kind in ("base", "turnover", "growth", "transfer", "change", "remains"):
                assert step.basis[0].line, step
                assert step.basis[0].grade, step


def test_the_target_of_the_example(shipped: emis.Projection) -> None:
    (verdict,) = emis.assess(shipped, [one for one in shipped.scenario.plan.targets if one.id == "T1"])
    found = emis.explain(shipped, "T1")
    assert found.value == verdict.achieved
    assert [part.value for part in found.parts] == [shipped.total(year, "NOx") for year in (2015, 2020)]
    for part in found.parts:
        assert sum(step.value for step in part.steps[:-1]) == pytest.approx(part.value)


@pytest.mark.parametrize("target", ["T3", "T4", "T6", "T7", "T8", "T9", "T12", "T5-VOC"])
def test_every_kind_of_target(shipped: emis.Projection, target: str) -> None:
    found = emis.explain(shipped, target)
    assert found.steps[-1].kind == "verdict"
    assert found.name in str(found)


def test_factors_by_a_method_and_corrected(shipped: emis.Projection) -> None:
    road = emis.explain(shipped, "mobile/heavy_truck/diesel/china_3 NOx")
    (factor,) = told(road, "factor")
    assert any("the table has 7.934 g/vkm" in line for line in factor.details)
    assert any(line.startswith("× 0.730524 guideline_corrections") for line in factor.details)
    assert factor.basis[0].place.startswith("inventories/factors/mobile.csv:")
    evaporation = told(emis.explain(shipped, "mobile/passenger_car/petrol/china_4 VOC"), "factor")[0]
    assert any("of it is added by" in line for line in evaporation.details)
    dust = next(str(one) for one in shipped.dataset["source"].values if "paved_road" in str(one))
    computed = told(emis.explain(shipped, f"{dust} PM10"), "factor")[0]
    assert any("computed from the row's silt_loading" in line for line in computed.details)


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_is_cut(
    shipped: emis.Projection, capsys: pytest.CaptureFixture[str], width: int, lang: console.Lang
) -> None:
    source = "mobile/heavy_truck/diesel/china_3"
    for what in (f"{source} NOx", source, "mobile NOx", "mobile", "T1", "A05-low-emission-zone", "A24-purifiers VOC"):
        print_explanation(console.console(width), emis.explain(shipped, what, lang=lang), "full", lang)
        text = capsys.readouterr().out
        assert "…" not in text.replace(" … ", "")
        assert all(len(line.rstrip()) <= width for line in text.splitlines())


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def scenario(project: Project) -> Path:
    two(project)
    return project.write()


def test_the_command_ends_in_the_number(run: Command, scenario: Path) -> None:
    run("run", scenario)
    for arguments in (
        ("-s", scenario, "coal", "NOx"),
        (scenario, "coal:NOx"),
        (scenario, "coal", "--pollutant", "NOx"),
    ):
        found = run("explain", *arguments)
        assert found.exit_code == 0, found.output
        assert found.stdout.splitlines()[-1] == "NOx of coal in 2020 = 1.1 t"
        assert "activity.csv:2" in found.stdout
    chained = run("explain", scenario, OLD, "NOx").stdout
    for text in ("activity.csv:2", "factors.csv:2", "plan.yaml:", "− 600", "× 2 kg/t", "grade E", "A"):
        assert text in chained
    assert chained.splitlines()[-1] == f"NOx of {OLD} in 2020 = 0.8 t"
    assert "T1 45 %: MISSED" in run("explain", scenario, "T1").stdout
    assert "= 0.88 t" in run("explain", scenario, OLD, "NOx", "--set", "implementation.A=93.333333333333 %").stdout


def test_the_command_as_data_and_in_chinese(run: Command, scenario: Path) -> None:
    found = json.loads(run("explain", scenario, OLD, "NOx", "--json").stdout)
    assert found["ok"] is True
    result = found["result"]
    assert (result["value"], result["unit"], result["pollutant"]) == (pytest.approx(0.8), "t", "NOx")
    assert result["steps"][-1]["value"] == result["value"]
    assert result["steps"][0]["basis"][0]["line"] == 2
    for what in (OLD, "coal", "coal NOx", "T1", "T2", "T3", "A", "B CO"):
        for option in ("--json", "--all"):
            assert run("explain", scenario, *what.split(), "--lang", "zh", option).exit_code == 0
    chinese = run("explain", scenario, OLD, "NOx", "--lang", "zh").stdout
    for text in ("2017 年活动水平", "转入", "排放因子", "落实水平", "各行依据", "等级 E"):
        assert text in chinese


def test_the_command_s_faults(run: Command, scenario: Path) -> None:
    found = run("explain", scenario, "coal/stove/coal/odl")
    assert found.exit_code == 3
    assert f"did you mean {OLD!r}?" in found.stderr
    assert run("explain", scenario, "NOx", "--year", "2050").exit_code == 3
    assert run("explain", scenario, "NOx", "--pollutant", "SO3").exit_code == 3
    assert run("explain").exit_code == 2
    assert "say what is to be explained" in run("explain", scenario).stderr
    assert "there is no scenario in ./scenarios" in run("explain", "NOx").stderr


def test_the_only_scenario_here_is_taken(run: Command, project: Project, scenario: Path) -> None:
    here = Command(project.root)
    assert here("explain", "NOx").exit_code == 0
    scenario.with_name("other.yaml").write_text(scenario.read_text(encoding="utf-8"), encoding="utf-8")
    found = here("explain", "NOx")
    assert found.exit_code == 2
    assert "there are 2 scenarios" in found.stderr
    assert "--scenario scenarios/other.yaml" in found.stderr
