"""Monte Carlo: 1,000 draws of activities and factors, whose cost is that of classes and not of sources."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import Benchmark, inventory, scenario

from emis.inventory import FactorRow, Inventory
from emis.program import Program, compile_program
from emis.scenario import Scenario, UncertaintySettings
from emis.uncertainty.sampling import Sampler

SETTINGS = UncertaintySettings(samples=1000)


def uncertain(size: int) -> tuple[Inventory, Scenario]:
    """Return a world whose activities and factors are known to half and twice; ten factor rows for each pollutant."""
    found = inventory(size)
    bounds = {
        "activity_low": found.activity / 2, "activity_high": found.activity * 2,
        "factor_low": found.factor / 2, "factor_high": found.factor * 2,
    }  # fmt: skip
    rows = (np.arange(size) % 10)[:, None] * 10 + np.arange(found.factor.shape[1])
    names = tuple(FactorRow(f"row {number}", ("factors.csv", number)) for number in range(100))
    found = replace(found, bounds=bounds, factor_row=rows.astype(np.intp), factor_rows=names)
    return found, scenario(found)


@pytest.fixture(params=[500, 10_000, 100_000], ids=["district", "city", "province"])
def program(request: pytest.FixtureRequest) -> Program:
    return compile_program(*uncertain(request.param))


def test_compile_what_is_uncertain(benchmark: Benchmark, program: Program) -> None:
    benchmark(Sampler, program)


def test_draws(benchmark: Benchmark, program: Program) -> None:
    benchmark(Sampler(program).draw, SETTINGS)


def test_shares_of_measures(benchmark: Benchmark, program: Program) -> None:
    sampler = Sampler(program)
    benchmark(sampler.shares, sampler.draw(SETTINGS).uniform, 50)
