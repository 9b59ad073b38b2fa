"""Gap closing: the shipped plan with its options, and fifty measures on a district, a city and a province."""

from pathlib import Path

import pytest
from conftest import Benchmark

import emis
from emis.inventory import Inventory
from emis.plan import Target
from emis.scenario import Scenario

SHIPPED = Path(__file__).parents[1] / "scenarios/mentougou"


@pytest.mark.parametrize("on_off", [True, False], ids=["on-off", "continuous"])
@pytest.mark.parametrize("name", ["T1", "T3", "T4"])
def test_solve_the_shipped_plan(benchmark: Benchmark, name: str, on_off: bool) -> None:
    scenario = emis.read_scenario(SHIPPED / "full.yaml")
    benchmark(emis.solve, scenario.inventories[2017], scenario, [name], on_off=on_off)


def test_curve_of_the_shipped_plan(benchmark: Benchmark) -> None:
    scenario = emis.read_scenario(SHIPPED / "full.yaml")
    benchmark(emis.solve, scenario.inventories[2017], scenario, ["T1"], on_off=True, with_curve=True)


@pytest.mark.parametrize("on_off", [True, False], ids=["on-off", "continuous"])
def test_solve(benchmark: Benchmark, world: tuple[Inventory, Scenario], on_off: bool) -> None:
    inventory, scenario = world
    target = Target(id="T", indicator="emissions", pollutant="SO2", reduce_by="25 %", since=2017, by=2023)
    benchmark(emis.solve, inventory, scenario, [target], on_off=on_off)
