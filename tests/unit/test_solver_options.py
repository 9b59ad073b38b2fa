"""Files of options, what measures cost, and how a scenario takes what lies beyond its plan."""

from typing import Any

import pytest
from conftest import Project

import emis
from emis.measures import Cost
from emis.options import CostSettings
from emis.solver.costs import annual_cost, recovery_factor
from emis.units import UnitError

HALVED = [{"abate": {"efficiency": {"NOx": "50 %"}}}]


def options(project: Project, **keys: Any) -> None:
    project.scenario["options"] = "options.yaml"
    project.yaml(project.root / "scenarios/options.yaml", {"emis": "options/1", **keys})


def option(identity: str = "O", **keys: Any) -> dict[str, Any]:
    return {"id": identity, "select": {"technology": "old"}, "do": HALVED, **keys}


# -- cost ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "years", "factor"),
    [(0.05, 10, 0.129505), (0.07, 20, 0.094393), (0.03, 1, 1.03), (0, 8, 0.125), (0.1, 15, 0.131474)],
)
def test_the_capital_recovery_factor(rate: float, years: float, factor: float) -> None:
    """Tabulated values of interest tables."""
    assert recovery_factor(rate, years) == pytest.approx(factor, abs=5e-7)


@pytest.mark.parametrize(("rate", "years"), [(0.05, 0), (-0.01, 10)])
def test_no_factor_without_a_lifetime(rate: float, years: float) -> None:
    with pytest.raises(ValueError, match="recovers nothing"):
        recovery_factor(rate, years)


def test_annual_cost_by_hand() -> None:
    cost = Cost.model_validate({"investment": "12 Myuan", "operation": "3 Myuan/yr", "lifetime": "8 yr"})
    # 12 x 0.154722 + 3 at 5 %
    assert annual_cost(cost, CostSettings()) == pytest.approx(4_856_660, rel=1e-5)
    assert annual_cost(cost, CostSettings(rate="0 %")) == pytest.approx(4.5e6)
    assert annual_cost(cost, CostSettings(currency="万元")) == pytest.approx(485.666, rel=1e-5)
    older = cost.model_copy(update={"price_year": 2015})
    settings = CostSettings(price_year=2018, price_index={2015: 100, 2018: 106})
    assert annual_cost(older, settings) == pytest.approx(4_856_660 * 1.06, rel=1e-5)
    assert annual_cost(cost, settings) == pytest.approx(4_856_660, rel=1e-5)


@pytest.mark.parametrize(
    ("keys", "settings", "told"),
    [
        ({}, {}, "neither investment nor operation"),
        ({"investment": "1 Myuan"}, {}, "without a lifetime"),
        ({"operation": "1 yuan/yr", "price_year": 2015}, {}, "prices of 2015"),
        ({"operation": "1 yuan/yr", "price_year": 2015}, {"price_year": 2018}, "no price index of 2015, 2018"),
    ],
)
def test_costs_that_cannot_be_told(keys: dict[str, Any], settings: dict[str, Any], told: str) -> None:
    with pytest.raises(UnitError, match=told):
        annual_cost(Cost.model_validate(keys), CostSettings(**settings))


def test_a_cost_that_is_not_stated_is_never_zero(project: Project) -> None:
    project.measure("A", HALVED, cost={"operation": "1 yuan/yr"})
    project.measure("B", HALVED)
    options(project, measures=[option(), option("P", cost={"investment": "1 yuan"})])
    project.plan["targets"] = [
        {"id": "T", "indicator": "emissions", "pollutant": "NOx", "at_most": "1 t/yr", "by": 2020}
    ]
    scenario = project.read()
    with pytest.raises(emis.InputError) as caught:
        emis.solve(scenario.inventories[2017], scenario, ["T"], minimise="cost")
    text = str(caught.value)
    assert "plan.yaml" in text
    assert "measures.B.cost: its cost is not stated" in text
    assert "options.yaml" in text
    assert "measures.O.cost: its cost is not stated" in text
    assert "measures.P.cost: an investment without a lifetime" in text
    assert "measures.A" not in text
    found = emis.solve(scenario.inventories[2017], scenario, ["T"])
    assert found.minimised == "effort"
    kept = emis.solve(scenario.inventories[2017], scenario, ["T"], minimise="cost", without=["B", "O", "P"])
    assert kept.price == pytest.approx(1)


# -- the file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"measures": [option("A")]}, "measures.A.id: the plan has a measure 'A' too"),
        ({"measures": [option(), option()]}, "'O' stands twice"),
        ({"measures": [{"id": "O", "kind": "enabling"}]}, "claims no effect"),
        ({"measures": [option(effect=1)]}, "unknown key 'effect'; did you mean"),
        ({"measures": [option(effort=0)]}, "greater than 0"),
        ({"exclusive": [["A"]]}, "exclusive.0"),
        ({"exclusive": [["A", "A"]]}, "a measure is named twice"),
        ({"measures": [option()], "exclusive": [["A", "Q"]]}, "neither the plan nor the options have a measure 'Q'"),
        ({"effort": {"Z-*": 2}}, "neither the plan nor the options have a measure 'Z-*'"),
        ({"cost": {"rate": 0.05}}, "write 5 %"),
        ({"cost": {"currency": "tonne"}}, "currency"),
        ({"measures": [option(select={"technology": "oldd"})], "take": True}, "oldd"),
    ],
)
def test_faults_are_told_with_their_line(project: Project, keys: dict[str, Any], told: str) -> None:
    project.measure("A", HALVED)
    if keys.pop("take", False):
        project.scenario["take"] = ["O"]
    options(project, **keys)
    text = project.faults()
    assert "scenarios/options.yaml:" in text
    assert told in text


def test_an_option_that_is_taken_acts_like_a_measure(project: Project) -> None:
    options(project, measures=[option(), option("P")])
    assert project.total() == pytest.approx(2)
    project.scenario["take"] = ["O"]
    assert project.total() == pytest.approx(1)
    project.scenario["take"] = "*"
    project.scenario["implementation"] = {"P": "20 %"}
    assert project.total() == pytest.approx(0.9)
    project.scenario["omit"] = ["O"]
    assert project.total() == pytest.approx(1.8)


def test_taking_what_is_not_there(project: Project) -> None:
    options(project, measures=[option()])
    project.scenario["take"] = ["OO"]
    assert "take.0: there is no option 'OO'" in project.faults()
    del project.scenario["options"]
    assert "name a file of options" in project.faults()
    project.scenario |= {"options": "other.yaml", "take": []}
    assert "options: 'other.yaml' is not there" in project.faults()


def test_exclusive_measures_in_one_scenario_are_a_warning(project: Project) -> None:
    project.measure("A", HALVED)
    options(project, measures=[option()], exclusive=[["A", "O"]])
    assert not project.read().warnings
    project.scenario["take"] = ["O"]
    assert any("A and O exclude each other" in str(one) for one in project.read().warnings)
    project.scenario["implementation"] = {"A": "40 %", "O": "60 %"}
    assert not project.read().warnings


def test_stock_by_implementation(project: Project) -> None:
    """Two measures of 80 % each overdraw a stock when both are whole, and not when each is half in place."""
    for name in ("A", "B"):
        project.measure(name, [{"shift": {"share": "80 %", "to": {"technology": "new"}}}])
    project.scenario["implementation"] = {"default": "50 %"}
    with pytest.raises(emis.InfeasibleError, match="when fully in place"):
        project.project()
    project.scenario["on_shortfall"] = "implemented"
    assert project.total() == pytest.approx(0.2 * 2 + 0.8 * 0.5)
    project.scenario["implementation"] = {"default": "70 %"}
    with pytest.raises(emis.InfeasibleError, match="as far as implemented"):
        project.project()
