"""Measures at the ends of the ranges they state, and scenarios that keep only some."""

from typing import Any

import pytest
from conftest import Project

RANGES = {"effectiveness": {"low": "50 %", "high": "90 %"}}


def abate(**keys: Any) -> dict[str, Any]:
    return {"abate": {"efficiency": {"NOx": "80 %"}, "effectiveness": "75 %", **keys}}


@pytest.mark.parametrize(("end", "kept"), [("low", 0.6), ("high", 0.28), ("likely", 0.4)])
def test_an_argument_at_its_end(project: Project, end: str, kept: float) -> None:
    project.measure("M", [abate()], uncertainty=RANGES)
    project.scenario["ends"] = {"effectiveness": end}
    assert project.total() == pytest.approx(2 * kept)


def test_the_verb_s_range_goes_first(project: Project) -> None:
    project.measure("M", [abate(uncertainty={"effectiveness": {"low": "25 %", "high": "90 %"}})], uncertainty=RANGES)
    project.scenario["ends"] = {"effectiveness": "low"}
    assert project.total() == pytest.approx(2 * 0.8)


def test_ranges_by_pollutant_and_amounts(project: Project) -> None:
    project.measure("A", [abate()], uncertainty={"efficiency": {"NOx": {"low": "40 %", "high": "90 %"}}})
    close = [{"close": {"amount": "100 household"}}]
    project.measure("B", close, uncertainty={"amount": {"low": "50 household", "high": "200 household"}})
    project.scenario["ends"] = {"efficiency": "low", "amount": "high"}
    # 200 of 500 households are gone, and 40 % at 75 % is removed of the rest.
    assert project.total() == pytest.approx(2 * 0.6 * 0.7)


def test_a_lever_keeps_its_meaning(project: Project) -> None:
    ranges = {"share": {"low": "20 %", "high": "60 %"}}
    to = {"technology": "new"}
    project.measure("M", [{"scrap": {"share": "40 %", "replaced_by": to}}], uncertainty=ranges)
    project.scenario["ends"] = {"share": "low"}
    assert project.total() == pytest.approx(1.6 + 0.1)


def test_measures_without_a_range_stay(project: Project) -> None:
    project.measure("A", [abate()], uncertainty=RANGES)
    project.measure("B", [{"close": {"share": "50 %"}}])
    project.scenario["ends"] = {"effectiveness": "low"}
    assert project.total() == pytest.approx(2 * 0.5 * 0.6)


def test_only_some_measures(project: Project) -> None:
    project.measure("A-one", [abate()])
    project.measure("B-two", [{"close": {"share": "50 %"}}])
    project.scenario["only"] = "A-*"
    assert project.total() == pytest.approx(2 * 0.4)
    project.scenario["omit"] = ["A-one"]
    assert project.total() == pytest.approx(2)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            {"ends": {"effectivness": "low"}},
            "no measure states a range of 'effectivness'; did you mean 'effectiveness'",
        ),
        ({"ends": {"effectiveness": "lowest"}}, "ends.effectiveness"),
        ({"only": ["C-*"]}, "the plan has no measure 'C-*'"),
        ({"only": []}, "is empty"),
    ],
)
def test_faults(project: Project, keys: dict[str, Any], said: str) -> None:
    project.measure("A", [abate()], uncertainty=RANGES)
    project.scenario |= keys
    assert said in project.faults()
