"""Gap closing: the shipped plan with its options, and fifty measures on the cases."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Benchmark

import emis
from emis.plan import Target
from emis.scenario import Scenario

SHIPPED = Path(__file__).parents[1] / "scenarios/mentougou/full.yaml"


@pytest.fixture(scope="module")
def shipped() -> Scenario:
    return emis.read_scenario(SHIPPED)


@pytest.mark.parametrize("on_off", [True, False], ids=["on-off", "continuous"])
@pytest.mark.parametrize("name", ["T1", "T3", "T4"])
def test_solve_the_shipped_plan(benchmark: Benchmark, shipped: Scenario, name: str, on_off: bool) -> None:
    benchmark(emis.solve, shipped.inventories[2017], shipped, [name], on_off=on_off)


def test_curve_of_the_shipped_plan(benchmark: Benchmark, shipped: Scenario) -> None:
    benchmark(emis.solve, shipped.inventories[2017], shipped, ["T1"], on_off=True, with_curve=True)


@pytest.mark.cases(largest="province", patterns=("few",))
@pytest.mark.parametrize("on_off", [True, False], ids=["on-off", "continuous"])
def test_solve(benchmark: Benchmark, found: Any, on_off: bool) -> None:
    target = Target(id="T", indicator="emissions", pollutant="SO2", reduce_by="25 %", since=2017, by=2023)
    benchmark(emis.solve, *found, [target], on_off=on_off)
