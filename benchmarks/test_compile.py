"""Compiling: a scenario into a program, and a program into classes."""

from typing import Any

from conftest import Benchmark
from engine import classes_of

from emis.program import Program, compile_program


def test_compile(benchmark: Benchmark, found: Any) -> None:
    benchmark(compile_program, *found)


def test_merge(benchmark: Benchmark, compiled: Program) -> None:
    benchmark(classes_of, compiled)
