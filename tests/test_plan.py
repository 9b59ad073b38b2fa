"""The shipped plan: every article in its own words, every number with the words, source or range it rests on."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command

import emis
from emis import units
from emis.io.results import read_result
from emis.measures import Effect, Measure
from emis.selectors import Selector

HERE = Path(__file__).parents[1] / "scenarios/mentougou"
PLAN = emis.read_plan(HERE / "plan.yaml")
ALERTED = tuple(one for alert in PLAN.alerts for one in alert.measures if isinstance(one, Measure))
EVERY = (*PLAN.measures, *ALERTED)
SCENARIOS = ("no-plan", "full", "delayed", "weak-enforcement", "no-coal-ban", "transport-only", "hindcast")


def ids(measure: Measure) -> str:
    return measure.id


# ---- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", EVERY, ids=ids)
def test_it_is_quoted_in_the_words_of_the_plan(measure: Measure) -> None:
    assert measure.evidence is not None
    pieces = measure.evidence.quote.split("……")
    assert all(len(re.findall(r"[\u4e00-\u9fff]", piece)) >= 6 for piece in pieces), measure.evidence.quote
    assert not re.search(r"[A-Za-z]{3}", measure.evidence.quote)


def test_every_article_has_a_quote_and_its_departments() -> None:
    assert {measure.article for measure in PLAN.measures} == set(range(1, 37))
    assert all(measure.departments for measure in PLAN.measures)


def test_every_milestone_says_what_it_counts() -> None:
    quotes = {measure.id: measure.evidence.quote for measure in PLAN.measures if measure.evidence}
    for stone in PLAN.milestones:
        assert stone.measure is not None
        assert stone.title.zh, stone.id
        assert stone.title.en, stone.id
        measure = next(measure for measure in PLAN.measures if measure.id == stone.measure)
        assert measure.article == stone.article, stone.id
        threshold = next(one for one in (stone.at_least, stone.at_most, stone.equals) if one is not None)
        if threshold != 1:  # all of something is no number
            text = quotes[stone.measure] + stone.note + stone.title.zh
            assert told(threshold, text) or stone.note, f"{stone.id}: {threshold}"


@pytest.mark.parametrize(
    ("milestone", "threshold", "by"),
    [
        ("roadside-checks", "28000 vehicle/yr", 2020),
        ("road-process", 0.92, 2020),
        ("mines", "48 ha", 2020),
        ("villages", "5 village", dt.date(2018, 12, 31)),
        ("exit-firms", "4 firm", dt.date(2020, 12, 31)),
        ("repair-inspections", "150 firm/yr", 2020),
        ("coarse-stations", "44 station", dt.date(2018, 10, 31)),
        ("charging-radius", "5 km", 2020),
        ("china6-heavy-gas", 1.0, dt.date(2019, 7, 1)),
        ("china6-light-petrol", 1.0, dt.date(2020, 1, 1)),
        ("site-monitoring", 1.0, dt.date(2019, 12, 31)),
    ],
)
def test_the_numbers_of_the_plan_are_tracked(milestone: str, threshold: float | str, by: int | dt.date) -> None:
    stone = next(stone for stone in PLAN.milestones if stone.id == milestone)
    given = next(one for one in (stone.at_least, stone.at_most, stone.equals) if one is not None)
    assert given == (units.quantity(threshold) if isinstance(threshold, str) else threshold)
    assert stone.by == by


# ---- numbers ---------------------------------------------------------------------------------------------------------


def numbers(effect: Effect) -> Iterator[tuple[str, str, Any]]:
    """Yield argument, key within it and value of every number that an effect states; all of something is no number."""
    verb = effect.written
    for name, field in type(verb).model_fields.items():
        value = getattr(verb, name)
        if value == field.default or isinstance(value, Selector | bool | str | dt.date | type(None)):
            continue
        if name in ("to", "replaced_by", "select", "uncertainty"):
            continue
        several = value.items() if isinstance(value, dict) else [("", value)]
        yield from ((field.alias or name, key, one) for key, one in several if one != 1)


def told(value: Any, text: str) -> bool:
    """Tell whether a number stands in a text, as it is or in per cent."""
    amount = value.value if isinstance(value, units.Quantity) else abs(float(value))
    forms = {f"{amount:g}", f"{100 * amount:g}", f"{amount / 10000:g}万"}
    return any(re.search(rf"(?<![\d.]){re.escape(form)}(?![\d.]\d|\d)", text) for form in forms)


def ends(measure: Measure, effect: Effect, argument: str, key: str) -> tuple[float, float] | None:
    """Return the range stated for an argument, as numbers; (0, inf) for a coefficient of variation."""
    found = {**(measure.uncertainty or {}), **(effect.written.uncertainty or {})}.get(argument)
    interval = found.get(key) if isinstance(found, dict) else found
    if interval is None:
        return None
    if interval.low is None or interval.high is None:
        return (0.0, np.inf)
    texts = (str(interval.low), str(interval.high))
    low, high = (
        units.signed_share(one.removesuffix("/yr")) if "%" in one else units.quantity(one).value for one in texts
    )
    return low, high


@pytest.mark.parametrize("measure", [measure for measure in EVERY if measure.do], ids=ids)
def test_every_number_rests_on_something(measure: Measure) -> None:
    assert measure.evidence is not None
    for effect in measure.do:
        for argument, key, value in numbers(effect):
            where = f"{measure.id}: {effect.name}.{argument}{'.' + key if key else ''} = {value}"
            stated = ends(measure, effect, argument, key)
            cited = told(value, measure.evidence.quote) or told(value, measure.evidence.source)
            assert cited or stated is not None, f"{where} has no quote, no source and no range"
            amount = value.value if isinstance(value, units.Quantity) else float(value)
            if stated is not None:
                assert stated[0] <= amount <= stated[1], f"{where} is outside its range"


@pytest.mark.parametrize("measure", PLAN.effects, ids=ids)
def test_every_assumption_is_called_one(measure: Measure) -> None:
    assert measure.evidence is not None
    said = measure.evidence.note.lower()
    if measure.evidence.grade == "E":
        assert "assum" in said or "perhaps" in said, measure.id


@pytest.mark.parametrize("measure", PLAN.effects, ids=ids)
def test_its_dates_are_those_of_the_plan(measure: Measure) -> None:
    assert measure.evidence is not None
    course = measure.course()
    assert course is not None, f"{measure.id} is in place before the plan was issued"
    text = measure.evidence.quote + measure.evidence.note
    for date, _ in course.dates:
        # Where the plan names no date, the head of the file says until when a measure comes in.
        usual = date in (PLAN.issued, dt.date(2019, 12, 31), dt.date(2020, 12, 31), dt.date(2021, 1, 1))
        assert usual or str(date.year) in text, f"{measure.id}: {date}"


def test_the_autumn_and_winter_campaign_is_by_month() -> None:
    campaign = next(measure for measure in PLAN.effects if measure.id == "A27-peak-shifting")
    assert campaign.months == (10, 11, 12, 1, 2, 3)


# ---- targets ---------------------------------------------------------------------------------------------------------


def test_the_targets_are_those_of_the_plan() -> None:
    found = {target.id: target for target in PLAN.targets}
    assert {name.split("-")[0] for name in found} == {f"T{n}" for n in range(1, 13)}
    assert [(found[name].pollutant, found[name].reduce_by, found[name].since) for name in ("T1", "T2")] == [
        ("NOx", 0.3, 2015),
        ("VOC", 0.3, 2015),
    ]
    assert found["T3"].at_most == units.quantity("49 ug/m^3")
    assert (found["T4"].reduce_by, found["T6"].reduce_by) == (0.25, 0.3)
    assert {found[name].pollutant for name in found if name.startswith("T5")} == {"NOx", "VOC", "PM2.5", "CO"}
    assert [found[name].reduce_by for name in ("T9", "T10", "T11")] == [0.1, 0.2, 0.3]
    assert found["T12"].reduce_by is None
    assert found["T7"].note.endswith("undetermined, never met.")


def test_alerts_promise_what_their_targets_do() -> None:
    promised = {target.level: target.reduce_by for target in PLAN.targets if target.indicator == "alert"}
    assert {alert.level: alert.at_least for alert in PLAN.alerts} == promised


# ---- scenarios -------------------------------------------------------------------------------------------------------


def test_the_scenarios_are_titled_and_explained() -> None:
    assert {path.stem for path in HERE.glob("*.yaml")} == {"plan", "options", *SCENARIOS}
    notes = set()
    for name in SCENARIOS:
        document = emis.read_scenario(HERE / f"{name}.yaml").document
        assert document.name == name
        assert document.title.zh
        assert document.title.en
        notes.add(document.note)
    assert len(notes) == len(SCENARIOS)


def test_they_run_and_compare_in_one_command(run: Command) -> None:
    for name in SCENARIOS:
        assert run("run", HERE / f"{name}.yaml").exit_code == 0, name
    found = run("compare", *(f"results/{name}" for name in SCENARIOS))
    assert found.exit_code == 0, found.stderr
    totals = {name: total(run.folder / "results" / name) for name in SCENARIOS}
    for name in ("delayed", "weak-enforcement", "no-coal-ban", "transport-only"):
        assert totals["full"] < totals[name] < totals["no-plan"], name
    for target in ("T1", "T7", "T12"):
        assert target in found.stdout


def total(folder: Path) -> float:
    return float(read_result(folder).dataset["emissions"].sel(year=2020, pollutant="PM2.5").sum())


@pytest.mark.parametrize("end", ["low", "high"])
def test_the_plan_is_feasible_at_the_ends_of_its_ranges(end: str) -> None:
    names = "share amount penetration effectiveness turnover found mended capture destruction cut efficiency".split()
    asked = "{" + ", ".join(f"{name}: {end}" for name in names) + "}"
    scenario = emis.read_scenario(HERE / "full.yaml", settings={"ends": asked})
    emis.project(scenario.inventories[2017], scenario)


def test_a_year_is_the_sum_of_its_months(run: Command) -> None:
    for name, settings in (("year", []), ("month", ["--set", "resolution=month"])):
        assert run("run", HERE / "full.yaml", "-o", name, *settings).exit_code == 0
    year, month = (read_result(run.folder / name).dataset for name in ("year", "month"))
    assert month.sizes["month"] == 12
    for name in ("emissions", "emissions_no_plan"):
        summed = month[name].sum("month").sum("source")
        # While a measure phases in, a month knows its own level and a year only the mean over its days.
        slack = 1e-9 if name == "emissions_no_plan" else 0.02
        np.testing.assert_allclose(summed, year[name].sum("source"), rtol=slack)
    winter = month["emissions"].sel(year=2020, pollutant="PM2.5")
    coal = winter.where(winter["sector"] == "coal", drop=True).sum("source")
    assert float(coal.sel(month=1)) > 10 * float(coal.sel(month=7))
