"""Exact Shapley shares of fifty measures, by sector and by source, against leaving each measure out in turn."""

from dataclasses import replace
from typing import Any

import numpy as np
from conftest import Benchmark

from emis import kernels
from emis.attribution import contributions
from emis.classes import Classes, merge, sector_groups
from emis.program import Program, compile_program


def merged(world: Any) -> Classes:
    program = compile_program(*world)
    names, group = sector_groups(program.inventory)
    return merge(program, group, len(names))


def left_out(program: Program) -> Any:
    """Return the levels of the whole plan, and of the plan without each measure."""
    count = len(program.measures)
    vectors = np.repeat(program.levels[None], count + 1, axis=0)
    vectors[np.arange(count) + 1, np.arange(count)] = 0.0
    return vectors


def test_shapley_on_classes(benchmark: Benchmark, world: Any) -> None:
    classes = merged(world)
    benchmark(kernels.shapley, classes, classes.program.levels)


def test_leave_one_out_on_classes(benchmark: Benchmark, world: Any) -> None:
    """The yardstick: the plan, and the plan without each measure, by `totals`."""
    classes = merged(world)
    benchmark(kernels.totals, classes, left_out(classes.program))


def test_shapley_by_source(benchmark: Benchmark, world: Any) -> None:
    program = compile_program(*world)
    size = len(program.inventory)
    classes = merge(program, np.arange(size, dtype=np.intp), size)
    benchmark(kernels.shapley, classes, program.levels)


def test_one_projection(benchmark: Benchmark, world: Any) -> None:
    """The yardstick: leave-one-out by source is a projection for the plan and one for each of the fifty measures."""
    program = compile_program(*world)
    benchmark(kernels.project, program, program.levels)


def test_gradient_on_classes(benchmark: Benchmark, world: Any) -> None:
    classes = merged(world)
    benchmark(kernels.gradient, classes, classes.program.levels)


def test_contributions_by_sector(benchmark: Benchmark, world: Any) -> None:
    """Merging the sources, and all three methods."""
    benchmark(contributions, compile_program(*world))


def test_shares_by_source_table(benchmark: Benchmark, world: Any) -> None:
    """What `attribute(..., by="source")` does once the program is compiled."""
    program = replace(compile_program(*world))
    benchmark.pedantic(contributions, (program,), {"by": "source", "methods": ["shapley"]}, rounds=2)  # type: ignore[attr-defined]
