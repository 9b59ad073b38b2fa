"""Observed milestones: levels by hand, where each milestone stands, and the run under what has really been done."""

import csv
import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Command, Project
from hypothesis import given
from hypothesis import strategies as st

import emis
from emis.phasing import PhaseIn
from emis.plan import Milestone, Plan
from emis.progress import Observation, Progress, Standing, Value, courses, due, fulfilled, standings
from emis.units import Quantity

ABATE = [{"abate": {"efficiency": {"NOx": "100 %"}}}]
#: 730 days from 0 to 100 %, half of it on 2019-01-01.
TWO_YEARS = {"2018-01-01": "0 %", "2020-01-01": "100 %"}


def plan(stones: list[dict[str, Any]], **measure: Any) -> Plan:
    measure = {"id": "M", "select": {"technology": "old"}, "do": ABATE, **measure}
    if measure.get("kind") == "enabling":
        measure.pop("do")
    return Plan.model_validate(
        {
            "emis": "plan/1", "base_year": 2017, "target_year": 2020, "issued": "2018-01-01",
            "measures": [measure], "milestones": stones,
        }
    )  # fmt: skip


def checks(identity: str = "checks", **keys: Any) -> dict[str, Any]:
    return {"id": identity, "measure": "M", "at_least": "100 vehicle/yr", "by": 2020, **keys}


def seen(*rows: tuple[Any, ...], of: str = "checks") -> Progress:
    """Return progress of rows: day, value (a bare number counts vehicles per year), and perhaps a pace [1/yr]."""
    return Progress("progress.csv", tuple(observation(of, *row) for row in rows))


def observation(of: str, day: str, value: Value, pace: float | None = None) -> Observation:
    found = Quantity(float(value), "vehicle/yr") if not isinstance(value, Quantity) and value > 1 else value
    return Observation(of, dt.date.fromisoformat(day), found, pace)


def levels(course: PhaseIn, *years: int) -> list[float]:
    return [course.level(dt.date(year, 1, 1), dt.date(year + 1, 1, 1)) for year in years]


def by_year(of: Plan, progress: Progress, **keys: Any) -> list[float]:
    return levels(courses(of, progress, **keys)["M"], 2018, 2019, 2020)


# -- how far a milestone is fulfilled --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threshold", "observed", "expected"),
    [
        ({"at_least": "28000 vehicle/yr"}, Quantity(21500, "vehicle/yr"), 21500 / 28000),
        ({"at_least": "28000 vehicle/yr"}, Quantity(30000, "vehicle/yr"), 1),
        ({"at_least": "0.48 km^2"}, Quantity(30, "ha"), 30 / 48),
        ({"equals": "100 %"}, 0.62, 0.62),
        ({"equals": "5 village"}, Quantity(6, "village"), 1),
        ({"at_most": "24 h"}, Quantity(30, "h"), 24 / 30),
        ({"at_most": "24 h"}, Quantity(1, "d"), 1),
        ({"at_most": "24 h"}, Quantity(0, "h"), 1),
        ({"equals": "0 %"}, 0.1, 0),
        ({"equals": "0 %"}, 0.0, 1),
    ],
)
def test_how_far_a_milestone_is_fulfilled(threshold: dict[str, str], observed: Value, expected: float) -> None:
    stone = Milestone.model_validate({"id": "S", "by": 2020, **threshold})
    assert fulfilled(stone, observed) == pytest.approx(expected)


def test_a_year_is_over_on_its_last_day() -> None:
    assert due(Milestone.model_validate(checks())) == dt.date(2020, 12, 31)
    assert due(Milestone.model_validate(checks(by="2018-10-16"))) == dt.date(2018, 10, 16)


# -- levels by hand --------------------------------------------------------------------------------------------------


def test_up_to_the_observation_it_is_linear_and_from_then_on_rises_as_planned() -> None:
    # 25 % on 2019-01-01, where 50 % were planned; another 50 points follow during 2019.
    found = by_year(plan([checks()], phase_in=TWO_YEARS), seen(("2019-01-01", 25)))
    assert found == pytest.approx([0.125, 0.5, 0.75])


def test_several_observations_make_a_piecewise_line() -> None:
    # 182 days to 10 %, and 183 from there to 25 %.
    progress = seen(("2019-01-01", 25), ("2018-07-02", 10))
    first = (182 * 0.05 + 183 * 0.175) / 365
    assert by_year(plan([checks()], phase_in=TWO_YEARS), progress) == pytest.approx([first, 0.5, 0.75])


def test_who_is_ahead_stops_at_the_planned_end() -> None:
    # 80 % on 2019-01-01; the 20 points left take 146 of 365 days at 50 points a year.
    found = by_year(plan([checks()], phase_in=TWO_YEARS), seen(("2019-01-01", 80)))
    assert found == pytest.approx([0.4, (146 * 0.9 + 219) / 365, 1])


def test_a_stated_pace_goes_before_the_plans() -> None:
    found = by_year(plan([checks()], phase_in=TWO_YEARS), seen(("2019-01-01", 25, 0.2)))
    assert found == pytest.approx([0.125, 0.35, 0.45 + 0.2 / 365 * 183])
    assert by_year(plan([checks()], phase_in=TWO_YEARS), seen(("2019-01-01", 25, 0.0))) == pytest.approx(
        [0.125, 0.25, 0.25]
    )


def test_the_promise_of_a_pace_is_the_level_planned_in_the_end() -> None:
    half = {"2018-01-01": "0 %", "2020-01-01": "50 %"}
    found = by_year(plan([checks()], phase_in=half), seen(("2019-01-01", 25, 0.5)))
    # From 12.5 % by 25 points a year, to the 50 % planned.
    assert found[:2] == pytest.approx([0.0625, 0.25])
    assert found[2] == pytest.approx((183 * (0.375 + 0.5) / 2 + 183 * 0.5) / 366, rel=1e-3)


def test_a_phase_in_by_years_steps_on_new_years_day() -> None:
    years = {2018: "20 %", 2019: "60 %", 2020: "100 %"}
    # 547 days from 2018-01-01 to 30 % on 2019-07-02; the rest of 2019 plans no rise, 2020 one of 40 points.
    found = by_year(plan([checks()], phase_in=years), seen(("2019-07-02", 30)))
    slope = 0.3 / 547
    assert found == pytest.approx(
        [slope * 182.5, (182 * (slope * 365 + 0.3) / 2 + 183 * 0.3) / 365, 0.7],
    )


def test_without_phase_in_it_rises_from_the_day_of_issue_and_then_stays() -> None:
    found = by_year(plan([checks()]).model_copy(update={"issued": dt.date(2018, 7, 2)}), seen(("2019-07-02", 50)))
    # All was planned for 2018, so the plan has no pace left; 183 days of 2018 rise to 25 %.
    assert found[0] == pytest.approx(183 * (0.5 * 183 / 365) / 2 / 365)
    assert found[2] == pytest.approx(0.5)


def test_an_observed_course_takes_the_place_of_a_dated_closure() -> None:
    close = [{"close": {"share": "100 %", "date": "2018-12-31"}}]
    of = plan([checks(by="2018-12-31")], do=close)
    # From the day of issue 364 days to one half on the day all should have closed.
    assert by_year(of, seen(("2018-12-31", 50))) == pytest.approx([(364 * 0.25 + 0.5) / 365, 0.5, 0.5])
    # Reported while nothing was due, the rest still closes in one step, as planned.
    early = levels(courses(of, seen(("2018-06-30", 25)))["M"], 2018, 2019)
    assert early == pytest.approx([(180 * 0.125 + 184 * 0.25 + 1) / 365, 1])


def test_what_is_observed_before_the_phase_in_counts_from_the_day_of_issue() -> None:
    later = {"2019-01-01": "0 %", "2020-01-01": "100 %"}
    assert by_year(plan([checks()], phase_in=later), seen(("2019-01-01", 20)))[0] == pytest.approx(0.1)


def test_a_milestone_met_when_it_is_due_is_worth_the_level_planned_then() -> None:
    # A rule in force on 2019-01-01, from which on the stock turns over: nothing of it is in place on the day itself.
    of = plan([checks(by="2019-01-01")], phase_in={"2019-01-01": "0 %", "2020-01-01": "100 %"})
    assert by_year(of, seen(("2019-01-01", 100))) == pytest.approx([0, 0.5, 1])
    halfway = courses(of, seen(("2019-07-02", 50)))["M"]
    assert halfway.at(dt.date(2019, 7, 2)) == pytest.approx(0.5 * 182 / 365)
    assert halfway.at(dt.date(2020, 1, 1)) == pytest.approx(0.5 * 182 / 365 + 183 / 365)


def test_of_several_milestones_the_lowest_counts_day_by_day() -> None:
    of = plan([checks("a"), checks("b"), checks("unseen")], phase_in={"2018-01-01": "0 %", "2020-01-01": "100 %"})
    a = seen(("2018-07-02", 40), ("2019-01-01", 40), of="a").observations
    b = seen(("2019-01-01", 50), of="b").observations
    course = courses(of, Progress("both", (*a, *b)))["M"]
    # b rises by 50 points over 365 days and passes a, which stands at 40 %, on day 292.
    assert levels(course, 2018)[0] == pytest.approx((292 * 0.2 + 73 * 0.4) / 365)
    assert course.at(dt.date(2020, 1, 1)) == pytest.approx(0.9)


def test_a_temporary_measure_ends_as_planned() -> None:
    of = plan([checks(by="2018-12-31")], phase_in={2018: "100 %", 2019: "0 %"}, temporary=True)
    found = by_year(of, seen(("2018-12-31", 50)))
    assert found == pytest.approx([(364 * 0.25 + 0.5) / 365, 0, 0])


def test_delay_and_implementation_touch_only_what_is_yet_to_come() -> None:
    of, progress = plan([checks()], phase_in=TWO_YEARS), seen(("2019-01-01", 25))
    # A year without progress, then the 50 points that were planned for 2019.
    assert by_year(of, progress, delay=1) == pytest.approx([0.125, 0.25, 0.5], rel=1e-3)
    assert by_year(of, progress, implementation=lambda _: 0.5) == pytest.approx([0.125, 0.375, 0.5])
    stated = seen(("2019-01-01", 25, 0.2))
    assert by_year(of, stated, delay=1, implementation=lambda _: 0.5) == by_year(of, stated)


def test_enabling_measures_and_milestones_of_none_are_only_tracked() -> None:
    assert courses(plan([checks()], kind="enabling"), seen(("2019-01-01", 25))) == {}
    assert courses(plan([checks(measure=None)]), seen(("2019-01-01", 25))) == {}
    assert courses(plan([checks(drives=False)]), seen(("2019-01-01", 25))) == {}


# -- properties ------------------------------------------------------------------------------------------------------

DAYS = st.dates(dt.date(2018, 1, 2), dt.date(2020, 12, 31))


@st.composite
def phase_ins(draw: st.DrawFn) -> dict[str, str]:
    days = draw(st.lists(DAYS, min_size=1, max_size=4, unique=True))
    shares = sorted(draw(st.lists(st.integers(1, 100), min_size=len(days), max_size=len(days))))
    return {"2018-01-01": "0 %"} | {
        day.isoformat(): f"{share} %" for day, share in zip(sorted(days), shares, strict=True)
    }


@given(phase_ins(), st.lists(DAYS, max_size=3))
def test_observing_the_planned_course_changes_nothing(phase_in: dict[str, str], days: list[dt.date]) -> None:
    of = plan([{"id": "S", "measure": "M", "equals": "100 %", "by": 2020}], phase_in=phase_in)
    course = of.course(of.measures[0])
    final = course.at(dt.date(2020, 12, 31))
    # Every bend of the plan is observed, and some days between.
    found = sorted({*days, *map(dt.date.fromisoformat, phase_in)})
    progress = Progress("S", tuple(Observation("S", day, course.at(day) / final) for day in found))
    assert by_year(of, progress) == pytest.approx(levels(course, 2018, 2019, 2020), abs=1e-9)


@given(
    phase_ins(),
    st.lists(st.tuples(DAYS, st.integers(0, 100)), min_size=1, max_size=4, unique_by=lambda one: one[0]),
    st.integers(0, 3),
    st.integers(0, 100),
    st.booleans(),
    st.integers(0, 2),
    st.integers(0, 100),
)
def test_observing_more_never_lowers_a_level(
    phase_in: dict[str, str], rows: list[tuple[dt.date, int]], which: int, more: int, two: bool, delay: int, part: int
) -> None:
    stones = [{"id": name, "measure": "M", "equals": "100 %", "by": by} for name, by in (("S", 2020), ("Z", 2019))]
    of = plan(stones, phase_in=phase_in)

    def observed(values: list[int]) -> PhaseIn:
        first = [Observation("S", day, value / 100) for (day, _), value in zip(rows, values, strict=True)]
        other = [Observation("Z", dt.date(2019, 6, 1), 0.5)] if two else []
        progress = Progress("S", (*first, *other))
        return courses(of, progress, delay, lambda _: part / 100)["M"]

    before = [value for _, value in rows]
    after = list(before)
    after[which % len(rows)] = max(after[which % len(rows)], more)
    low, high = observed(before), observed(after)
    months = [dt.date(year, month, 1) for year in (2018, 2019, 2020, 2021, 2022) for month in range(1, 13)]
    for start, end in zip(months, months[1:], strict=False):
        assert -1e-12 <= low.level(start, end) <= high.level(start, end) + 1e-9 <= 1 + 2e-9


# -- where a milestone stands ----------------------------------------------------------------------------------------


def standing(progress: Progress, of: Plan | None = None) -> Standing:
    return standings(of or plan([checks()], phase_in=TWO_YEARS), progress)[0]


@pytest.mark.parametrize(
    ("day", "value", "status", "planned"),
    [
        ("2019-01-01", 25, "behind", 0.5),
        ("2019-01-01", 50, "on track", 0.5),
        ("2019-01-01", 100, "done", 0.5),
        ("2020-12-31", 99, "overdue", 1),
        ("2020-12-31", 100, "done", 1),
    ],
)
def test_a_milestone_stands_by_its_last_observation(day: str, value: float, status: str, planned: float) -> None:
    found = standing(seen(("2018-03-01", 2), (day, value)))
    assert (found.status, found.planned) == (status, pytest.approx(planned))
    assert found.fulfilled == pytest.approx(value / 100)


def test_a_promise_for_each_year_is_planned_whole_from_the_start_and_reached_in_no_year() -> None:
    of = plan([checks(each_year=True)], phase_in=TWO_YEARS)
    found = standing(seen(("2018-06-30", 60), ("2019-01-01", 75)), of)
    assert (found.status, found.planned, found.reached_by) == ("behind", 1.0, None)
    assert standing(seen(("2019-01-01", 100)), of).status == "done"


def test_what_will_be_reached_too_late_is_behind_though_the_plan_asked_no_more_by_now() -> None:
    of = plan([checks()], phase_in={"2018-01-01": "0 %", "2020-06-01": "0 %", "2020-06-02": "100 %"})
    assert standing(seen(("2019-01-01", 10)), of).status == "behind"
    assert standing(seen(("2019-01-01", 60)), of).status == "on track"


def test_when_is_not_told_past_the_due_day_without_a_stated_pace() -> None:
    assert standing(seen(("2020-12-31", 50))).reached_by is None
    assert standing(seen(("2020-12-31", 50, 0.5))).reached_by == dt.date(2021, 12, 31)


def test_not_reported() -> None:
    found = standing(seen(("2019-01-01", 25), of="other"))
    assert (found.status, found.last, found.planned, found.reached_by) == ("not reported", None, None, None)


def test_without_phase_in_the_plan_is_a_line_from_issue_to_due() -> None:
    of = plan([checks(by="2020-01-01")], kind="enabling")
    assert standing(seen(("2019-01-01", 49)), of).status == "behind"
    assert standing(seen(("2019-01-01", 51)), of).planned == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # 25 points in 365 days: 75 more take 1095.
        ([("2019-01-01", 25)], dt.date(2021, 12, 31)),
        # The year before the last observation counts: 50 points in it.
        ([("2019-01-01", 25), ("2020-01-01", 75)], dt.date(2020, 7, 2)),
        ([("2019-01-01", 25), ("2020-01-01", 25)], None),
        ([("2019-01-01", 50), ("2020-01-01", 25)], None),
        # 50 points a year are stated: 365 days and a half.
        ([("2019-01-01", 75, 0.5)], dt.date(2019, 7, 3)),
        ([("2019-01-01", 75, 0.0)], None),
        ([("2019-01-01", 100), ("2020-01-01", 100)], dt.date(2019, 1, 1)),
        ([("2018-01-01", 25)], None),
    ],
)
def test_by_when_it_is_reached_at_the_present_pace(rows: list[tuple[Any, ...]], expected: dt.date | None) -> None:
    assert standing(seen(*rows)).reached_by == expected


# -- files and runs --------------------------------------------------------------------------------------------------

HEADER = "milestone,date,observed\n"


@pytest.fixture
def watched(project: Project) -> Project:
    project.measure("M", ABATE, phase_in=TWO_YEARS)
    project.plan |= {
        "issued": "2018-01-01",
        "target_year": 2020,
        "milestones": [
            {"id": "checks", "article": 5, "measure": "M", "at_least": "100 vehicle/yr", "by": 2020},
            {"id": "shares", "equals": "90 %", "by": "2018-12-31"},
            {"id": "reports", "at_most": "7 d", "by": 2020},
        ],
        "targets": [
            {"id": "T1", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "90 %", "since": 2017, "by": 2020}
        ],
    }
    project.write()
    return project


def table(project: Project, text: str, name: str = "progress.csv") -> Path:
    path = project.root / name
    path.write_text(text, encoding="utf-8")
    return path


def read(project: Project, text: str) -> emis.Scenario:
    return emis.read_scenario(project.write(), progress=table(project, text))


def test_a_scenario_with_progress_projects_what_was_done(watched: Project) -> None:
    scenario = read(watched, f"{HEADER}checks,2019-01-01,25 vehicle/yr\n")
    totals = emis.project(scenario.inventories[2017], scenario).emissions.sum(["source", "pollutant"])
    # 2 t without the plan, and 12.5, 50 and 75 % of it gone.
    assert totals.values == pytest.approx([2, 1.75, 1, 0.5])
    assert scenario.progress is not None
    assert scenario.progress.until == dt.date(2019, 1, 1)
    without = dataclasses.replace(scenario, progress=None)
    assert emis.project(scenario.inventories[2017], without).emissions.sel(year=2020).sum() == pytest.approx(0)


def test_observing_more_never_raises_emissions(watched: Project) -> None:
    totals = []
    for done in range(0, 121, 20):
        scenario = read(watched, f"{HEADER}checks,2018-10-01,10 vehicle/yr\nchecks,2019-07-01,{done} vehicle/yr\n")
        totals.append(emis.project(scenario.inventories[2017], scenario).emissions.sum(["source", "pollutant"]).values)
    for less, more in zip(totals, totals[1:], strict=False):
        assert (more <= less + 1e-12).all()
    assert (totals[0][2:] > totals[-1][2:]).all()


@pytest.mark.parametrize("resolution", ["year", "month"])
def test_months_and_resolution(watched: Project, resolution: str) -> None:
    watched.plan["measures"][0]["months"] = [1, 2, 3]
    watched.scenario |= {"resolution": resolution, "implementation": {"default": "50 %"}}
    scenario = read(watched, f"{HEADER}checks,2020-03-31,100 vehicle/yr\n")
    projection = emis.project(scenario.inventories[2017], scenario)
    # Linear from 2018-01-01 to all of it on 2020-03-31, 820 days: half of it does not become implementation's.
    course = PhaseIn(dates=((dt.date(2018, 1, 1), 0.0), (dt.date(2020, 3, 31), 1.0)))
    months = [course.level(dt.date(2018, month, 1), dt.date(2018, month + 1, 1)) for month in (1, 2, 3)]
    kept = 2 - 2 * sum(days * level for days, level in zip((31, 28, 31), months, strict=True)) / 365
    assert projection.total(2018, "NOx") == pytest.approx(kept)


def test_what_is_set_on_the_command_line_is_what_is_observed_against(watched: Project) -> None:
    path = table(watched, f"{HEADER}checks,2019-01-01,25 vehicle/yr\n")
    settings = {"milestones.checks.at_least": "50 vehicle/yr", "delay": "1 yr"}
    scenario = emis.read_scenario(watched.path, settings=settings, progress=path)
    assert scenario.observed["M"].at(dt.date(2019, 1, 1)) == pytest.approx(0.5)
    assert scenario.observed["M"].at(dt.date(2020, 1, 1)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("chekcs,2019-01-01,25 vehicle/yr", "milestone: the plan has no milestone 'chekcs'; did you mean 'checks'?"),
        (",2019-01-01,25 vehicle/yr", "milestone: is blank"),
        ("checks,,25 vehicle/yr", "date: is blank"),
        ("checks,2019-02-30,25 vehicle/yr", "date: '2019-02-30' is no day of the calendar"),
        ("checks,1/2/2019,25 vehicle/yr", "date: expected a date, found '1/2/2019'; write it as 2018-10-31"),
        ("checks,2017-12-31,25 vehicle/yr", "lies outside the plan, which runs from 2018-01-01 to 2020-12-31"),
        ("checks,2021-01-01,25 vehicle/yr", "lies outside the plan"),
        ("checks,2019-01-01,", "observed: is blank; write what was observed, in vehicle/yr"),
        ("checks,2019-01-01,25", "observed: a bare number 25 was found; write its unit, e.g. 25 vehicle/yr"),
        ("checks,2019-01-01,25 vehicle", "'vehicle' (vehicle) does not convert into 'vehicle/yr'"),
        ("checks,2019-01-01,25 %", "does not convert"),
        ("checks,2019-01-01,-5 vehicle/yr", "is negative"),
        ("checks,2019-01-01,NE", "observed:"),
        ("shares,2018-06-30,62", "write its unit, e.g. 62 %"),
        ("shares,2018-06-30,120 %", "is not a share"),
        ("shares,2018-06-30,3 village", "observed:"),
    ],
)
def test_faults_of_a_row_are_told_with_their_line(watched: Project, row: str, said: str) -> None:
    with pytest.raises(emis.InputError) as caught:
        read(watched, f"{HEADER}{row}\n")
    assert said in str(caught.value)
    assert "progress.csv:2 " in str(caught.value)


def test_all_faults_at_once_with_those_of_the_other_files(watched: Project) -> None:
    watched.plan["milestones"][1] = {"id": "shares", "equals": "90", "by": 2018}
    text = (
        "milestone,date,observed,pace\n"
        "checks,2019-01-01,25 vehicle/yr,-5 %/yr\n"
        "checks,2019-01-01,26 vehicle/yr,20 %\n"
        "shares,2018-06-30,10 %,\n"
        "reports,2018-06-30,7 t,\n"
    )
    with pytest.raises(emis.InputError) as caught:
        read(watched, text)
    said = str(caught.value)
    assert [issue.line for issue in caught.value.issues if issue.file.endswith("progress.csv")] == [2, 3, 3, 5]
    assert "checks was observed on 2019-01-01 already, in line 2; keep one observation of a day" in said
    assert "goes backwards" in said
    # A milestone that is itself at fault is told of in the plan only.
    assert "no milestone 'shares'" not in said
    assert "plan.yaml" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("milestone,observed\nchecks,25 vehicle/yr\n", "the column 'date' is missing"),
        ("milestone,date,observed,paec\nchecks,2019-01-01,25 vehicle/yr,\n", "did you mean 'pace'?"),
        ("milestone,date,observed,unit\nchecks,2019-01-01,25 vehicle/yr,ha\n", "stands beside the unit ha"),
        ("milestone,date,observed [ha],unit\nchecks,2019-01-01,25,vehicle/yr\n", "is in ha by its header"),
        ("", "is empty"),
    ],
)
def test_faults_of_the_table(watched: Project, text: str, said: str) -> None:
    with pytest.raises(emis.InputError) as caught:
        read(watched, text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "milestone,date,observed,unit\nchecks,2019-01-01,25,vehicle/yr\n",
        "milestone,date,observed [vehicle/yr]\nchecks,2019-01-01,25\n",
        "milestone,date,observed,unit\nchecks,2019-01-01,25 vehicle/yr,vehicle/yr\n",
        "milestone,date,observed\nchecks,2019-01-01,25 辆/年\n",
    ],
)
def test_the_unit_stands_in_the_cell_in_a_column_or_in_the_header(watched: Project, text: str) -> None:
    scenario = read(watched, text)
    assert scenario.observed["M"].at(dt.date(2019, 1, 1)) == pytest.approx(0.25)


def test_what_is_odd_is_warned_of(watched: Project) -> None:
    watched.scenario["omit"] = ["M"]
    text = (
        "milestone,date,observed,pace\n"
        "checks,2019-01-01,25 vehicle/yr,20 %/yr\n"
        "checks,2019-06-01,20 vehicle/yr,\n"
        "reports,2019-01-01,7 d,\n"
        "reports,2019-06-01,14 d,\n"
    )
    said = "\n".join(str(issue) for issue in read(watched, text).warnings)
    assert "progress.csv:3 observed: checks falls back from 25 vehicle/yr to 20 vehicle/yr" in said
    assert "progress.csv:5 observed: reports falls back from 7 d to 14 d" in said
    assert "progress.csv:2 pace: the pace of 2019-01-01 is not used" in said
    assert "the scenario omits M: what checks shows has no effect on emissions" in said


def test_a_milestone_that_says_nothing_of_the_level_is_warned_of(watched: Project) -> None:
    watched.plan["milestones"][0]["by"] = "2018-01-01"
    found = read(watched, f"{HEADER}checks,2018-01-01,25 vehicle/yr\n").warnings
    assert any("no level follows from checks" in issue.message for issue in found)


def test_the_table_may_not_lie_outside_the_project(watched: Project, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.csv"
    outside.write_text(f"{HEADER}checks,2019-01-01,25 vehicle/yr\n", encoding="utf-8")
    with pytest.raises(emis.InputError, match="lies outside the project folder"):
        emis.read_scenario(watched.path, progress=outside)
    assert emis.read_scenario(watched.path, progress=outside, root=tmp_path).progress is not None


def test_a_workbook_is_read_too(watched: Project) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["milestone", "date", "observed"], ["checks", dt.datetime(2019, 1, 1), "25 vehicle/yr"]):
        book.active.append(row)
    book.save(watched.root / "progress.xlsx")
    scenario = emis.read_scenario(watched.path, progress=watched.root / "progress.xlsx")
    assert scenario.observed["M"].at(dt.date(2019, 1, 1)) == pytest.approx(0.25)


ROWS = f"{HEADER}checks,2019-01-01,25 vehicle/yr\nreports,2018-06-30,7 d\n"


def test_run_tells_where_the_milestones_stand_and_judges_by_it(run: Command, watched: Project) -> None:
    path = table(watched, ROWS)
    found = run("run", watched.path, "--progress", path)
    assert found.exit_code == 0, found.output
    file = "../project/progress.csv"
    for text in (f"Targets with progress of {file} up to 2019-01-01", "MISSED", "75 %", "not reported: shares"):
        assert text in found.stdout
    lines = found.stdout.splitlines()
    behind, done = (next(n for n, line in enumerate(lines) if line.lstrip().startswith(s)) for s in ("checks", "repo"))
    assert "behind" in lines[behind]
    assert behind < done
    with (run.folder / "results/test/progress.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["milestone"]: row for row in csv.DictReader(stream)}
    assert rows["checks"] == {
        "milestone": "checks", "article": "5", "measure": "M", "drives": "yes",
        "required": "at least 100 vehicle/yr", "by": "2020-12-31", "observed": "25 vehicle/yr", "date": "2019-01-01",
        "planned": "0.5", "fulfilled": "0.25", "status": "behind", "reached_by": "2021-12-31",
    }  # fmt: skip
    assert [row["status"] for row in rows.values()] == ["behind", "not reported", "done"]
    record = json.loads((run.folder / "results/test/run.json").read_text(encoding="utf-8"))
    assert record["progress"] == {"file": file, "until": "2019-01-01"}
    assert record["options"]["progress"] == file
    assert len(record["inputs"][file]["sha256"]) == 64
    assert "with progress of" in run("show", "results/test").stdout
    assert run("run", watched.path, "--progress", path).exit_code == 0


def test_run_with_progress_as_json_dry_and_in_chinese(run: Command, watched: Project) -> None:
    path = table(watched, ROWS)
    for extra in ((), ("--dry-run",)):
        found = json.loads(run("run", watched.path, "--progress", path, "--json", *extra).stdout)["result"]["progress"]
        assert found["until"] == "2019-01-01"
        assert found["milestones"][0]["status"] == "behind"
        assert found["milestones"][0]["drives"] is True
        assert found["milestones"][1]["observed"] is None
    dry = run("run", watched.path, "--progress", path, "--dry-run", "--lang", "zh")
    assert "滞后" in dry.stdout
    assert "采用 ../project/progress.csv 的进展" in run(
        "run", watched.path, "--progress", path, "--lang", "zh", "-o", "zh"
    ).stdout  # fmt: skip


def test_without_progress_nothing_is_said_of_it(run: Command, watched: Project) -> None:
    found = run("run", watched.path)
    assert "progress" not in found.stdout
    assert not (run.folder / "results/test/progress.csv").exists()


def test_faults_of_progress_end_with_3(run: Command, watched: Project) -> None:
    found = run("run", watched.path, "--progress", watched.root / "nowhere.csv")
    assert found.exit_code == 3
    assert "nowhere.csv: is not there" in found.output
