"""What only a process of its own can tell: memory, instructions, and how long the command takes to start and run.

python -m measured.alone SOURCES PATTERN
"""

import gc
import json
import pickle
import re
import shutil
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from cases import PATTERNS, POLLUTANTS, SHAPES, Case, program
from engine import classes_of, fresh, summing
from table import Bar, table

from emis import _core, kernels
from measured import Bench, Section, shape_of, spell

__all__ = ["instructions", "measure"]

_HERE = Path(__file__).parents[1]
_SHIPPED = _HERE.parent / "scenarios/mentougou/full.yaml"
#: The functions of the kernels that Python calls.
_KERNELS = "__pyx_pw_4emis_5_core_*"
START, HELP = "python -c pass", "emis --help"


def measure(bench: Bench) -> Section:
    """Measure memory, start and a whole run."""
    bars = [bar for pattern in PATTERNS for bar in _footprint(bench, pattern)]
    return Section([*bars, *_start(bench)], {"Seconds of `emis run scenarios/mentougou/full.yaml`, by phase": _run()})


# -- memory ----------------------------------------------------------------------------------------------------------


def _footprint(bench: Bench, pattern: str) -> list[Bar]:
    """Tell the most memory beyond what there was before, over that of the output."""
    case = bench.case(pattern)
    print(f"  memory, {shape_of(case)} ...", flush=True)
    found = json.loads(_python("-m", "measured.alone", case.sources, pattern))
    cells = program(Case(SHAPES["district"], pattern)).levels.shape[1] * 8 * case.sources
    emissions, output = cells * len(POLLUTANTS), cells * (len(POLLUTANTS) + 1)
    # Pages that were resident already are not seen to be used, and what C allocates is not traced.
    held = {what: max(one.values()) for what, one in found.items()}
    reached = {
        what: f"{one['resident'] / 1e6:.0f} MB resident, {one['traced'] / 1e6:.0f} MB traced"
        for what, one in found.items()
    }
    by = "sums" if hasattr(kernels, "sums") else "merge and totals"
    return [
        Bar("memory of a projection, over emissions and activity", reached["project"],
            f"output of {output / 1e6:.0f} MB", shape_of(case), held["project"] / output, most=1.1, at="nation"),
        Bar(f"memory of totals alone (`{by}`), over emissions", reached["sums"],
            f"emissions of {emissions / 1e6:.0f} MB", shape_of(case), held["sums"] / emissions, most=0.05, at="nation"),
    ]  # fmt: skip


def _tell_footprint(case: Case) -> None:
    compiled = program(case)

    def sums() -> Any:
        # Nothing of it is known from a call before: what is found out about a program is held too.
        once = fresh(compiled)
        run = summing(once)
        return run() if run else kernels.totals(classes_of(once), once.levels[None])

    def project() -> Any:
        return kernels.project(compiled, compiled.levels)

    print(json.dumps({"project": _held(project), "sums": _held(sums)}))


def _held(run: Callable[[], Any]) -> dict[str, int]:
    """Return the most memory that a call holds beyond what there was [byte]: resident (0: untold), and traced."""
    gc.collect()
    before = _reset_peak()
    result = run()
    resident = _peak() - before if before else 0
    del result
    tracemalloc.start()
    result = run()
    traced = tracemalloc.get_traced_memory()[1]
    del result
    tracemalloc.stop()
    return {"resident": resident, "traced": traced}


def _reset_peak() -> int:
    """Let the peak of resident memory begin anew, and return what is resident [byte]; 0 where that cannot be told."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return 0
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")


def _status(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


# -- instructions ----------------------------------------------------------------------------------------------------


class _Recorder:
    """Stands for the kernels, and notes what they are called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        if not callable(getattr(_core, name)):
            return getattr(_core, name)

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls.append((name, arguments, named))
            return getattr(_core, name)(*arguments, **named)

        return call


#: Calls the kernels again with what was noted: under valgrind, importing the rest of emis would take minutes.
_AGAIN = """
import pickle, sys
from emis import _core
for name, arguments, named in pickle.load(open(sys.argv[1], "rb")):
    getattr(_core, name)(*arguments, **named)
"""


@lru_cache
def instructions(case: Case) -> float | None:
    """Return the instructions of the kernels per cell of a projection; None without valgrind."""
    if not shutil.which("valgrind"):
        return None
    print(f"  instructions, {shape_of(case)} ...", flush=True)
    compiled, recorder = program(case), _Recorder()
    with patch.object(kernels, "_core", recorder):
        kernels.project(compiled, compiled.levels)
    with TemporaryDirectory() as room:
        calls = Path(room) / "calls.pickle"
        calls.write_bytes(pickle.dumps(recorder.calls))
        tool = ["valgrind", "--tool=callgrind", "--collect-atstart=no", f"--toggle-collect={_KERNELS}",
                "--callgrind-out-file=/dev/null", sys.executable, "-c", _AGAIN, calls]  # fmt: skip
        done = subprocess.run(tool, capture_output=True, text=True, check=False)
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not counted:
        return None
    return int(counted[1]) / (compiled.inventory.factor.size * compiled.levels.shape[1])


# -- the command -----------------------------------------------------------------------------------------------------


def _python(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=_HERE, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, arguments))} failed:\n{done.stderr}")
    return done.stdout


def _start(bench: Bench) -> list[Bar]:
    calls = {START: lambda: _python("-c", "pass"), HELP: lambda: _python("-m", "emis", "--help")}
    timed = bench.timed("start", calls, max(11, bench.rounds))
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "emis", "--help"], capture_output=True, text=True, check=True
    ).stderr
    numpy = "NumPy is loaded" if re.search(r"\bnumpy\b", loaded) else "NumPy is not loaded"
    reached = f"{spell(timed.median(HELP))}; {spell(timed.median(START))}; {numpy}"
    return [
        Bar("`emis --help` takes at most 6 starts of Python", reached, START, "-", timed.ratio(HELP, START), most=6.0)
    ]


def _run() -> str:
    """Run the shipped plan once, and tell what its own record says of its phases."""
    print("  emis run of the shipped plan ...", flush=True)
    with TemporaryDirectory() as room:
        started = time.perf_counter()
        _python("-m", "emis", "run", _SHIPPED, "-o", Path(room) / "result")
        whole = time.perf_counter() - started
        timings = json.loads((Path(room) / "result/run.json").read_text(encoding="utf-8"))["timings"]
    rest = whole - sum(timings.values())
    rows = [*timings.items(), ("start, write and print", round(rest, 3)), ("all of it", round(whole, 3))]
    return table(("phase", "s"), [[name, f"{seconds:.2f}"] for name, seconds in rows])


if __name__ == "__main__":
    _tell_footprint(Case(int(sys.argv[1]), sys.argv[2]))
