"""Projecting every source, beside the copy of as many bytes as that writes, and summing without holding sources."""

import numpy as np
import pytest
from conftest import Benchmark
from engine import classes_of, outputs, projector, summing

from emis import kernels
from emis.program import Program


def test_copy_of_the_output(benchmark: Benchmark, compiled: Program) -> None:
    """The yardstick: moving as many bytes as a projection writes."""
    source, out = outputs(compiled)[0], outputs(compiled)[0]
    benchmark(np.copyto, out, source)


def test_project(benchmark: Benchmark, compiled: Program) -> None:
    benchmark(projector(compiled))


def test_sums(benchmark: Benchmark, compiled: Program) -> None:
    run = summing(compiled)
    if run is None:
        pytest.skip("the kernels cannot sum without holding emissions of sources")
    benchmark(run)


@pytest.mark.cases(largest="province")
def test_totals_of_100_vectors(benchmark: Benchmark, compiled: Program) -> None:
    classes = classes_of(compiled)
    vectors = np.random.default_rng(1).random((100, 1, 1)) * compiled.levels
    benchmark(kernels.totals, classes, vectors)
