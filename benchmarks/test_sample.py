"""Monte Carlo: draws of activities and factors, whose cost is that of classes and not of sources."""

import pytest
from cases import Case, uncertain
from conftest import Benchmark

from emis.program import Program, compile_program
from emis.scenario import UncertaintySettings
from emis.uncertainty.sampling import Sampler

SETTINGS = UncertaintySettings(samples=500)


@pytest.fixture
def unsure(case: Case) -> Program:
    return compile_program(*uncertain(case))


@pytest.mark.cases(largest="nation", patterns=("few",))
def test_compile_what_is_uncertain(benchmark: Benchmark, unsure: Program) -> None:
    benchmark(Sampler, unsure)


@pytest.mark.cases(largest="nation", patterns=("few",))
def test_draws(benchmark: Benchmark, unsure: Program) -> None:
    benchmark(Sampler(unsure).draw, SETTINGS)


@pytest.mark.cases(largest="province", patterns=("few",))
def test_shares_of_measures(benchmark: Benchmark, unsure: Program) -> None:
    sampler = Sampler(unsure)
    benchmark(sampler.shares, sampler.draw(SETTINGS).uniform, 50)
