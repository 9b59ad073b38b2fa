"""Compile, project, merge and total, from a district to a province: six years, ten pollutants, fifty measures."""

from typing import Any

import numpy as np
from conftest import Benchmark

from emis import kernels
from emis.classes import merge, sector_groups
from emis.program import compile_program


def test_compile(benchmark: Benchmark, world: Any) -> None:
    benchmark(compile_program, *world)


def test_copy_of_the_output(benchmark: Benchmark, world: Any) -> None:
    """The yardstick: moving as many bytes as a projection writes."""
    found, scenario = world
    source = np.ones((len(scenario.years), *found.factor.shape))
    out = np.empty_like(source)
    benchmark(np.copyto, out, source)


def test_project_into_out(benchmark: Benchmark, world: Any) -> None:
    program = compile_program(*world)
    out = np.empty((program.levels.shape[1], *program.inventory.factor.shape))
    activity = np.empty(out.shape[:2])
    benchmark(kernels.project, program, program.levels, out=(out, activity))


def test_merge(benchmark: Benchmark, world: Any) -> None:
    program = compile_program(*world)
    names, group = sector_groups(program.inventory)
    benchmark(merge, program, group, len(names))


def test_totals_of_100_vectors(benchmark: Benchmark, world: Any) -> None:
    program = compile_program(*world)
    names, group = sector_groups(program.inventory)
    classes = merge(program, group, len(names))
    vectors = np.random.default_rng(1).random((100, 1, 1)) * program.levels
    benchmark(kernels.totals, classes, vectors)
