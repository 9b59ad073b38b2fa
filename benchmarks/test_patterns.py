"""Sparse plans: a measure for each source, long lists on one, shares of each source's own, alternatives."""

import pytest
from cases import Case
from conftest import Benchmark
from engine import classes_of, projector
from sparse import choices, own_measures, stacked

from emis import kernels
from emis.program import compile_program

#: Measures up to which a smoke test goes.
_FEW = 100


@pytest.fixture
def size(request: pytest.FixtureRequest) -> int:
    if request.config.getoption("benchmark_disable") and request.param > _FEW:
        pytest.skip("for timing only")
    return int(request.param)


@pytest.mark.parametrize("size", [10, 100, 1000, 10_000], indirect=True)
def test_a_measure_for_each_source(benchmark: Benchmark, size: int) -> None:
    benchmark(projector(compile_program(*own_measures(size))))


@pytest.mark.parametrize("size", [10, 100, 1000, 10_000], indirect=True)
def test_compile_a_measure_for_each_source(benchmark: Benchmark, size: int) -> None:
    benchmark(compile_program, *own_measures(size))


@pytest.mark.parametrize("size", [1, 10, 100, 1000], indirect=True)
def test_long_lists(benchmark: Benchmark, size: int) -> None:
    benchmark(projector(compile_program(*stacked(Case(100, "distinct", measures=size)))))


@pytest.mark.parametrize("size", [10, 100, 1000], indirect=True)
def test_merge_what_differs_by_source(benchmark: Benchmark, size: int) -> None:
    benchmark(classes_of, compile_program(*stacked(Case(size, "distinct", measures=6))))


@pytest.mark.parametrize("alternatives", [2, 10, 50])
def test_alternatives(benchmark: Benchmark, alternatives: int) -> None:
    program = compile_program(*stacked(Case(100, "distinct")))
    benchmark(kernels.totals, classes_of(program), choices(program, alternatives))
