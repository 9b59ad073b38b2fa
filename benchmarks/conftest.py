"""Which cases a benchmark runs on: the small ones as a smoke test, all of them when it is timed, or those asked for."""

from collections.abc import Callable

import pytest
from cases import PATTERNS, SHAPES, Case, program, world

from emis.inventory import Inventory
from emis.program import Program
from emis.scenario import Scenario

Benchmark = Callable[..., object]

#: Sources up to which a smoke test goes.
_SMALL = 10_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shapes",
        type=lambda text: text.split(","),
        help=f"cases to run: some of {','.join(SHAPES)}.  [default: all when timed, the small ones otherwise]",
    )


def pytest_configure(config: pytest.Config) -> None:
    unknown = set(config.getoption("shapes") or ()) - set(SHAPES)
    if unknown:
        raise pytest.UsageError(f"unknown shape {', '.join(sorted(unknown))}: expected some of {', '.join(SHAPES)}")
    config.addinivalue_line("markers", "cases(largest, patterns): the cases that a benchmark is asked for")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("cases")
    asked = {"largest": "nation", "patterns": PATTERNS} | (dict(marker.kwargs) if marker else {})
    limit = min(SHAPES[asked["largest"]], SHAPES["nation"] if _timed(metafunc.config) else _SMALL)
    shapes = metafunc.config.getoption("shapes") or [name for name, size in SHAPES.items() if size <= limit]
    chosen = [(shape, pattern) for shape in shapes for pattern in asked["patterns"]]
    chosen = [(shape, pattern) for shape, pattern in chosen if SHAPES[shape] <= SHAPES[asked["largest"]]]
    cases = [Case(SHAPES[shape], pattern) for shape, pattern in chosen]
    metafunc.parametrize("case", cases, ids=["-".join(one) for one in chosen], scope="session")


def _timed(config: pytest.Config) -> bool:
    return not config.getoption("benchmark_disable")


@pytest.fixture(scope="session")
def found(case: Case) -> tuple[Inventory, Scenario]:
    return world(case)


@pytest.fixture(scope="session")
def compiled(case: Case) -> Program:
    return program(case)
