"""Control packets on the inventory of a state: to read them, to put them to it, and the command from files to file."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Benchmark
from state import YEAR, write_state

from emis.interchange.controlling import control
from emis.interchange.converting import Read, read_file
from emis.interchange.formats import Settings
from emis.interchange.packets.reading import read_packets

#: An inventory and the packets that are put to it.
State = tuple[Path, list[Path]]


@pytest.fixture(scope="module")
def state(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> State:
    """100,000 rows and 4,000 records where they are timed, a fiftieth of that in a smoke run."""
    size = {"rows": 2_000, "records": 80} if request.config.getoption("benchmark_disable") else {}
    return write_state(tmp_path_factory.mktemp("state"), **size)


@pytest.fixture(scope="module")
def read(state: State) -> Read:
    return read_file(state[0], Settings())


def test_read_packets(benchmark: Benchmark, state: State) -> None:
    benchmark(read_packets, *state[1])


def test_control(benchmark: Benchmark, state: State, read: Read) -> None:
    benchmark(control, read, state[1], YEAR)


def test_command(benchmark: Benchmark, state: State, tmp_path: Path) -> None:
    named = [word for path in state[1] for word in ("--packets", str(path))]
    command = ["-m", "emis", "convert", str(state[0]), str(tmp_path / "controlled.csv"), "--to", "ff10", *named]
    asked = [sys.executable, *command, "--year", str(YEAR)]
    benchmark(subprocess.run, asked, check=True, capture_output=True)
