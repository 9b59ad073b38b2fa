"""Writing a result folder."""

from pathlib import Path

import pytest
from conftest import Benchmark

import emis
from emis.attribution import contributions
from emis.io.result_writing import write_result
from emis.program import Program
from emis.projection import run


@pytest.mark.cases(largest="province", patterns=("few",))
def test_write(benchmark: Benchmark, compiled: Program, tmp_path: Path) -> None:
    projection, shares = run(compiled), contributions(compiled)
    benchmark(write_result, tmp_path / "result", projection, shares, emis.assess(projection, ()))
