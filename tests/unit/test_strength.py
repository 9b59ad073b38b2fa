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


def test_ends_are_read_as_the_verb_reads_them(project: Project) -> None:
    pumps = {"share": "50 %", "heat_value": "18 GJ/t", "stove_efficiency": "40 %", "cop": 2}
    ranges = {"heat_value": {"low": "9 GJ/t", "high": "27 GJ/t"}, "cop": {"low": 1.5, "high": 4}}
    rows = "a,stove,coal,old,1000,t/yr\nb,stove,electricity,heat_pump,0,kWh/yr\n"
    project.inventory(
        activity=f"source,category,fuel,technology,activity,unit\n{rows}",
        factors="category,fuel,technology,pollutant,factor,unit\nstove,coal,,NOx,2,kg/t\nstove,electricity,,NOx,1,g/kWh\n",
    )
    project.measure("M", [{"heat_pumps": pumps}], uncertainty=ranges)
    assert project.total() == pytest.approx(1 + 0.5)
    project.scenario["ends"] = {"heat_value": "low", "cop": "high"}
    assert project.total() == pytest.approx(1 + 0.125)


def test_a_range_of_a_rate(project: Project) -> None:
    renew = {"turnover": "20 %/yr", "from": "2020-01-01", "until": "2020-12-31", "to": {"technology": "new"}}
    project.measure("M", [{"renew": renew}], uncertainty={"turnover": {"low": "10 %/yr", "high": "30 %/yr"}})
    likely = project.total()
    project.scenario["ends"] = {"turnover": "low"}
    assert project.total() - likely == pytest.approx((2 - likely) / 2)
