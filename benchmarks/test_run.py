"""The command in a process of its own: how long it takes to start, and to run a case from files to files."""

import subprocess
import sys
from pathlib import Path

import pytest
from cases import SHAPES, Case, write_files
from conftest import Benchmark

SHIPPED = Path(__file__).parents[1] / "scenarios/mentougou/full.yaml"


def call(*arguments: object) -> None:
    subprocess.run([sys.executable, *map(str, arguments)], check=True, capture_output=True)


@pytest.mark.parametrize("arguments", [("-c", "pass"), ("-m", "emis", "--help")], ids=["python", "emis-help"])
def test_start(benchmark: Benchmark, arguments: tuple[str, ...]) -> None:
    """The yardstick, and the command that loads no NumPy."""
    benchmark(call, *arguments)


@pytest.mark.cases(largest="province", patterns=("few",))
def test_run(benchmark: Benchmark, request: pytest.FixtureRequest, case: Case, tmp_path: Path) -> None:
    if request.config.getoption("benchmark_disable") and case.sources > SHAPES["district"]:
        pytest.skip("one run is smoke enough")
    scenario = write_files(case, tmp_path / "case")
    arguments = ("-m", "emis", "run", scenario, "-o", tmp_path / "result", "--samples", "100")
    benchmark.pedantic(call, arguments, rounds=3)  # type: ignore[attr-defined]


def test_run_the_shipped_plan(benchmark: Benchmark, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if request.config.getoption("benchmark_disable"):
        pytest.skip("the README's test runs it")
    benchmark.pedantic(call, ("-m", "emis", "run", SHIPPED, "-o", tmp_path / "result"), rounds=3)  # type: ignore[attr-defined]
