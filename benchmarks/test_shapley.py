"""Exact Shapley shares of fifty measures, by sector and by source, against leaving each measure out in turn."""

import numpy as np
import pytest
from conftest import Benchmark
from engine import classes_of

from emis import kernels
from emis.attribution import contributions
from emis.inventory import Floats
from emis.program import Program


def left_out(program: Program) -> Floats:
    """Return the levels of the whole plan, and of the plan without each measure."""
    count = len(program.measures)
    vectors = np.repeat(program.levels[None], count + 1, axis=0)
    vectors[np.arange(count) + 1, np.arange(count)] = 0.0
    return vectors


@pytest.mark.cases(largest="province")
def test_shapley(benchmark: Benchmark, compiled: Program) -> None:
    benchmark(kernels.shapley, classes_of(compiled), compiled.levels)


@pytest.mark.cases(largest="province")
def test_leave_one_out(benchmark: Benchmark, compiled: Program) -> None:
    """The yardstick: the plan, and the plan without each measure, by `totals`."""
    benchmark(kernels.totals, classes_of(compiled), left_out(compiled))


@pytest.mark.cases(largest="province")
def test_gradient(benchmark: Benchmark, compiled: Program) -> None:
    benchmark(kernels.gradient, classes_of(compiled), compiled.levels)


@pytest.mark.cases(largest="nation", patterns=("few",))
def test_contributions_by_sector(benchmark: Benchmark, compiled: Program) -> None:
    """Merging the sources, and all three methods."""
    benchmark(contributions, compiled)


@pytest.mark.cases(largest="province", patterns=("distinct",))
def test_shares_by_source(benchmark: Benchmark, compiled: Program) -> None:
    """What `attribute(..., by="source")` does once the program is compiled."""
    benchmark.pedantic(contributions, (compiled,), {"by": "source", "methods": ["shapley"]}, rounds=2)  # type: ignore[attr-defined]
