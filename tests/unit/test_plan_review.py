"""Findings about plans: each is shown by one that has it, and a careful plan has none."""

import datetime as dt
import json
from typing import Any

import pytest
from conftest import ACTIVITY, FACTORS, Command, Project

import emis
from emis.plan_review import plan_findings
from emis.program import compile_program
from emis.scenario_review import not_in_place, scenario_findings
from emis.schema import Places
from emis.stocks import draws

NOX = {"efficiency": {"NOx": "40 %"}, "penetration": "50 %"}
FROM_2019 = {"phase_in": {"2019-01-01": "0 %", "2020-01-01": "100 %"}}


def of_plan(project: Project) -> list[str]:
    """Return what the document alone tells."""
    project.write()
    plan = emis.read_plan(project.root / "scenarios/plan.yaml")
    return [f"{issue.path}: {issue.message}" for issue in plan_findings(plan, Places())]


def compiled(project: Project) -> Any:
    scenario = project.read()
    return compile_program(scenario.inventories[2017], scenario)


def of_scenario(project: Project) -> list[str]:
    """Return everything."""
    return [f"{issue.path}: {issue.message}" for issue in scenario_findings(compiled(project))]


# -- before their start ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase_in", "found"),
    [
        ({"2018-10-16": "0 %", "2019-12-31": "100 %"}, ""),
        ({"2018-01-01": "0 %", "2018-10-16": "0 %", "2019-12-31": "100 %"}, ""),
        ({2018: "0 %", 2019: "100 %"}, ""),
        # 77 of 365 days are left when the plan is issued.
        ({2018: "21 %", 2019: "100 %"}, ""),
        ({2018: "22 %", 2019: "100 %"}, "is 22 % on the mean of 2018, of which 21.1 % was left when the plan was"),
        ({"2018-09-01": "0 %", "2019-12-31": "100 %"}, "acts from 2018-09-01, and the plan was issued on 2018-10-16"),
        ({"2018-09-01": "5 %", "2019-12-31": "100 %"}, "acts from 2018-09-01, and the plan was issued on 2018-10-16"),
        ({2017: "10 %", 2019: "100 %"}, "acts from 2017-01-01, before the base year 2017 is over: that does not"),
        ({"2017-12-01": "0 %", "2019-12-31": "100 %"}, "acts from 2017-12-01, before the base year 2017 is over"),
        ({"2017-12-01": "0 %", "2019-12-31": "0 %"}, ""),
        (None, "has no phase_in: fully in place from 2018-01-01, and the plan was issued on 2018-10-16"),
    ],
)
def test_effects_before_their_start(project: Project, phase_in: dict[Any, str] | None, found: str) -> None:
    project.plan["issued"] = dt.date(2018, 10, 16)
    project.measure("A", [{"abate": NOX}], **({"phase_in": phase_in} if phase_in else {}))
    told = of_plan(project)
    assert len(told) == bool(found)
    assert not found or found in told[0]


@pytest.mark.parametrize(
    ("date", "found"),
    [("2018-10-16", ""), ("2018-10-15", "the plan was issued on"), ("2017-06-01", "before the base year 2017 is over")],
)
def test_a_close_before_its_start(project: Project, date: str, found: str) -> None:
    project.plan["issued"] = dt.date(2018, 10, 16)
    project.measure("A", [{"close": {"share": "10 %", "date": date}}])
    told = of_plan(project)
    assert len(told) == bool(found)
    assert not found or ("measures.A.do" in told[0] and found in told[0])


def test_a_plan_that_does_not_say_when_it_was_issued(project: Project) -> None:
    project.measure("A", [{"abate": NOX}])
    project.measure("B", [{"scale": {"activity": "-1 %"}}], phase_in={2017: "5 %", 2018: "10 %"})
    (found,) = of_plan(project)
    assert "measures.B.phase_in: acts from 2017-01-01" in found


# -- twice -----------------------------------------------------------------------------------------------------------

WORDS = {"evidence": {"quote": "全部改造"}}


@pytest.mark.parametrize(
    ("first", "second", "keys", "found"),
    [
        ({"abate": NOX}, {"abate": NOX}, {}, "with the same numbers: abate NOx"),
        # The same η, written in another way.
        ({"abate": NOX}, {"abate": {"efficiency": {"NOx": "20 %"}}}, {}, "with the same numbers: abate NOx"),
        ({"abate": NOX}, {"abate": {**NOX, "penetration": "60 %"}}, {}, ""),
        ({"abate": NOX}, {"abate": {**NOX, "penetration": "60 %"}}, WORDS, "by the same words of the plan: abate NOx"),
        ({"abate": NOX}, {"limit": {"at_most": {"NOx": "1 g/kg"}}}, WORDS, ""),
        ({"scale": {"activity": "-5 %"}}, {"scale": {"activity": "-5 %"}}, {}, "with the same numbers: scale"),
        ({"scale": {"activity": "-5 %"}}, {"scale": {"activity": "-6 %"}}, {}, ""),
        ({"replace": {"factor": {"NOx": "1 g/kg"}}}, {"replace": {"factor": {"NOx": "1 g/kg"}}}, {}, "replace NOx"),
        (
            {"shift": {"share": "20 %", "to": {"technology": "new"}}},
            {"shift": {"share": "20 %", "to": {"technology": "new"}}},
            {},
            "with the same numbers: shift to new",
        ),
        (
            {"shift": {"share": "20 %", "to": {"technology": "new"}}},
            {"shift": {"share": "20 %", "to": "outside"}},
            WORDS,
            "",
        ),
        ({"abate": NOX}, {"abate": NOX}, {"months": [[1, 2], [7, 8]]}, ""),
        ({"abate": NOX}, {"abate": NOX}, {"months": [[1, 2], [2, 3]]}, "abate NOx"),
        ({"abate": NOX}, {"abate": NOX}, {"phase_in": [{2018: "9 %", 2019: "0 %"}, {2019: "9 %"}]}, ""),
        ({"abate": NOX}, {"abate": NOX}, {"phase_in": [{2018: "9 %", 2020: "0 %"}, {2019: "9 %"}]}, "abate NOx"),
    ],
)
def test_double_claims(
    project: Project, first: dict[str, Any], second: dict[str, Any], keys: dict[str, Any], found: str
) -> None:
    for number, (name, do) in enumerate({"A": first, "B": second}.items()):
        own = {key: value[number] if isinstance(value, list) else value for key, value in keys.items()}
        project.measure(name, [do], **own, **({"temporary": True} if "phase_in" in keys else {}))
    for told in (of_plan(project), of_scenario(project)):
        doubles = [one for one in told if "claims" in one]
        assert len(doubles) == bool(found)
        assert not found or ("measures.B: claims what A claims" in doubles[0] and found in doubles[0])


def test_what_a_selector_hides_shows_on_the_inventory(project: Project) -> None:
    project.measure("A", [{"abate": NOX}])
    project.measure("B", [{"abate": NOX}], select={"sector": "coal"})
    project.measure("C", [{"abate": NOX}], select={"technology": "new"})
    assert of_plan(project) == []
    doubles = [one for one in of_scenario(project) if "claims" in one]
    assert [(one.split(":")[0], one.split("claims what ")[1][0]) for one in doubles] == [
        ("measures.B", "A"),
        ("measures.C", "B"),
    ]


def test_a_sectors_levers(project: Project) -> None:
    wash = {"wash_roads": {"silt_reduction": "20 %", "penetration": "50 %"}}
    for name, effectiveness in (("A", "80 %"), ("B", "80 %"), ("C", "70 %")):
        project.measure(name, [{"wash_roads": {**wash["wash_roads"], "effectiveness": effectiveness}}])
    (found,) = of_plan(project)
    assert found == "measures.B: claims what A claims, with the same numbers: wash_roads"


# -- milestones ------------------------------------------------------------------------------------------------------


def test_milestones_of_nothing(project: Project) -> None:
    project.measure("A", [{"abate": NOX}])
    stone = {"at_least": "5 village", "by": 2020}
    project.plan["milestones"] = [{"id": "a", "measure": "A", **stone}, {"id": "b", "article": 1, **stone}]
    assert of_plan(project) == []
    project.plan["milestones"].append({"id": "c", **stone})
    assert of_plan(project) == ["milestones.c: belongs to no measure and no article"]


# -- nothing reached -------------------------------------------------------------------------------------------------


def test_a_careful_plan_has_no_findings(project: Project) -> None:
    project.plan["issued"] = dt.date(2018, 10, 16)
    project.measure("A", [{"shift": {"share": "60 %", "to": {"technology": "new"}}}], **FROM_2019)
    project.measure("B", [{"abate": NOX}], **FROM_2019)
    project.measure("C", [{"cap": {"at_most": {"NOx": "1 t/yr"}}}], **FROM_2019)
    # The destination is empty today and fills as A goes on.
    project.measure("D", [{"abate": {"efficiency": {"NOx": "10 %"}}}], select={"technology": "new"}, **FROM_2019)
    assert of_scenario(project) == []


def test_in_place_in_no_year(project: Project) -> None:
    project.measure("A", [{"abate": NOX}], phase_in={2021: "100 %"})
    assert of_scenario(project) == ["measures.A: is in place in no year of 2018-2020"]
    project.scenario["years"].append(2021)
    assert of_scenario(project) == []


def test_a_scenario_of_the_base_year_alone(project: Project) -> None:
    moving(project, "50 %", "45 %")
    project.measure("C", [{"cap": {"at_most": {"NOx": "9 t/yr"}}}])
    project.scenario["years"] = [2017]
    program = compiled(project)
    assert scenario_findings(program) == []
    assert draws(program) == []
    assert not_in_place(program) == []


@pytest.mark.parametrize("keys", [{"implementation": {"A": "0 %"}}, {"delay": "2 yr"}])
def test_what_the_scenario_holds_back_is_a_fact_and_no_finding(project: Project, keys: dict[str, Any]) -> None:
    project.measure("A", [{"abate": NOX}], **FROM_2019)
    project.measure("B", [{"scale": {"activity": "-5 %"}}])
    project.scenario.update(keys)
    assert of_scenario(project) == []
    assert not_in_place(compiled(project)) == ["A"]


@pytest.mark.parametrize("do", [{"abate": NOX}, {"close": {"share": "10 %"}}])
def test_turnover_leaves_nothing(project: Project, do: dict[str, Any]) -> None:
    drivers = [{"select": {"technology": "old"}, "shift": {"share": "50 %/yr", "to": {"technology": "new"}}}]
    project.scenario.update(drivers=drivers, years=[2017, 2018, 2019])
    project.measure("A", [do])
    assert of_scenario(project) == ["measures.A: reaches nothing in 2019: no activity is left in what it selects"]


def test_another_measure_leaves_nothing(project: Project) -> None:
    project.measure("A", [{"close": {"share": "100 %", "date": "2019-01-01"}}])
    project.measure("B", [{"abate": NOX}])
    project.measure("C", [{"scale": {"activity": "-100 %"}}], select={"technology": "new"}, optional=True)
    assert of_scenario(project) == [
        "measures.B: reaches nothing in 2019, 2020: no activity is left in what it selects",
        "measures.C: reaches nothing in 2018, 2019, 2020: no activity is left in what it selects",
    ]


def test_months_without_activity(project: Project) -> None:
    shares = ["0.5", "0.5", *["0"] * 10]
    (project.root / "inventories").mkdir(parents=True)
    profiles = f"profile,{','.join(map(str, range(1, 13)))},reference\nwinter,{','.join(shares)},test\n"
    (project.root / "inventories/profiles.csv").write_text(profiles)
    activity = ACTIVITY.replace("grade\n", "grade,profile\n").replace("E\n", "E,winter\n")
    project.inventory(activity=activity, profiles="../profiles.csv")
    project.measure("A", [{"abate": NOX}], months=[1, 7])
    project.measure("B", [{"scale": {"activity": "-5 %"}}], months=[7, 8])
    (found,) = of_scenario(project)
    assert "measures.B: reaches nothing in 2018, 2019, 2020" in found


@pytest.mark.parametrize(
    "do",
    [{"scale": {"activity": "0 %"}}, {"abate": {**NOX, "penetration": "0 %"}}, {"close": {"share": "0 %"}}],
)
def test_nothing_changes(project: Project, do: dict[str, Any]) -> None:
    project.measure("A", [do])
    (found,) = of_scenario(project)
    assert found == "measures.A: reaches nothing in 2018, 2019, 2020: it changes nothing there"


def test_pollutants_that_are_not_emitted(project: Project) -> None:
    zero = "stove,coal,old,SO2,0,kg/t,0 %,test,E\nstove,coal,new,SO2,1,kg/t,0 %,test,E\n"
    project.inventory(factors=FACTORS + zero, pollutants=["NOx", "SO2"])
    project.measure("A", [{"abate": {"efficiency": {"NOx": "40 %", "SO2": "40 %"}}}])
    assert of_scenario(project) == ["measures.A.do.0: none of its sources emits SO2"]
    project.plan["measures"][0]["select"] = {"sector": "coal"}
    assert of_scenario(project) == []


@pytest.mark.parametrize(("limit", "told"), [("1.9 t/yr", 0), ("2 t/yr", 1)])
def test_a_cap_that_holds_nothing_back(project: Project, limit: str, told: int) -> None:
    project.measure("A", [{"cap": {"at_most": {"NOx": limit}}}])
    found = of_scenario(project)
    assert len(found) == told
    assert not told or "its cap is above what is emitted in every year" in found[0]


# -- stocks ----------------------------------------------------------------------------------------------------------


def moving(project: Project, *shares: str) -> None:
    for name, share in zip("ABC", shares, strict=False):
        to = {"technology": "new"} if name == "A" else "outside"
        project.measure(name, [{"shift": {"share": share, "to": to}}])


def test_what_is_left_of_a_stock(project: Project) -> None:
    project.scenario["drivers"] = [{"select": {"sector": "coal"}, "growth": "10 %/yr"}]
    moving(project, "50 %", "30 %")
    project.measure("C", [{"close": {"amount": "50 household"}}])
    (draw,) = draws(compiled(project))
    # 50 of 500 households are 100 t, of 1100 t in 2018: the year in which least is left.
    assert (draw.stock_of, draw.year, draw.unit) == ("coal/stove/coal/old", 2018, "t/yr")
    assert draw.stock == pytest.approx(1100)
    assert draw.promised == pytest.approx({"A": 550, "B": 330, "C": 100})
    assert draw.left == pytest.approx(120)
    assert str(draw) == "coal/stove/coal/old 2018: 1100 t/yr; A 50 %, B 30 %, C 9.09 %; left 10.9 %"


def test_a_stock_of_one_measure_is_not_told(project: Project) -> None:
    project.measure("A", [{"shift": {"share": "50 %", "to": {"technology": "new"}}}, {"close": {"share": "45 %"}}])
    program = compiled(project)
    assert draws(program) == []
    assert scenario_findings(program) == []


@pytest.mark.parametrize(
    ("shares", "told"), [(("50 %", "40 %"), 0), (("50 %", "41 %"), 1), (("50 %", "30 %", "15 %"), 1)]
)
def test_hardly_anything_is_left(project: Project, shares: tuple[str, ...], told: int) -> None:
    moving(project, *shares)
    found = of_scenario(project)
    assert len(found) == told
    if told:
        last = "ABC"[len(shares) - 1]
        assert f"measures.{last}: together with A" in found[0]
        assert f"takes {'91' if last == 'B' else '95'} % of coal/stove/coal/old in 2018" in found[0]


def test_not_estimated_stock_is_no_trouble(project: Project) -> None:
    project.inventory(activity=ACTIVITY.replace("1000,t/yr", "NE,t/yr"))
    moving(project, "50 %", "45 %")
    program = compiled(project)
    assert draws(program) == []
    assert scenario_findings(program) == []


# -- the command -----------------------------------------------------------------------------------------------------


def test_check_tells_them_with_file_and_line(run: Command, project: Project) -> None:
    moving(project, "50 %", "30 %")
    project.measure("D", [{"close": {"share": "0 %"}}])
    project.plan["milestones"] = [{"id": "c", "at_least": "5 village", "by": 2020}]
    path = project.write()
    found = run("check", path.with_name("plan.yaml"))
    assert "plan.yaml:" in found.stderr
    assert "milestones.c: belongs to no measure" in found.stderr
    assert "measures.D" not in found.stderr
    found = run("check", path)
    assert found.exit_code == 0
    assert len(found.stderr.splitlines()) == 2
    assert "coal/stove/coal/old 2020: 1000 t/yr; A 50 %, B 30 %; left 20 %" in found.stdout
    # What both files tell is told once.
    assert len(run("check", path.parent).stderr.splitlines()) == 2
    (checked,) = json.loads(run("check", path, "--json").stdout)["result"]["checked"]
    assert checked["stocks"][0]["promised"] == {"A": 500, "B": 300}
    assert checked["not_in_place"] == []


def test_check_names_what_is_not_in_place(run: Command, project: Project) -> None:
    project.measure("A", [{"abate": NOX}])
    project.scenario["implementation"] = {"A": "0 %"}
    assert "promised and not in place here: A" in run("check", project.write()).stdout
