"""Measuring in turn: every call once a round, so that whatever else the machine does falls on all alike."""

import gc
import os
import platform
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

__all__ = ["FEW", "Timed", "interleaved", "machine", "seconds_of"]

#: Rounds of a call that is slow.
FEW = 3


class Timed(dict[str, list[float]]):
    """Seconds of each call by round."""

    def median(self, name: str) -> float:
        """Return the median of a call [s]."""
        return median(self[name])

    def ratio(self, name: str, to: str) -> float:
        """Return the median of one call over that of another [1]."""
        return self.median(name) / self.median(to)

    def rounds(self, name: str) -> str:
        """Tell how many rounds a call was given, where they are fewer than those of others."""
        most = max(map(len, self.values()))
        return "" if len(self[name]) == most else f", {len(self[name])} rounds"


def interleaved(
    calls: Mapping[str, Callable[[], object]],
    rounds: int = 7,
    slow: float = 20.0,
    warm: Mapping[str, float] | None = None,
) -> Timed:
    """Return the seconds of each call, in turn, after a round that is not counted; `FEW` rounds over `slow` [s].

    `warm` are the seconds of calls whose first round was made already.
    """
    found, known = Timed({name: [] for name in calls}), warm or {}
    warm = {name: known[name] if name in known else seconds_of(call) for name, call in calls.items()}
    for number in range(rounds):
        for name, call in calls.items():
            if number < FEW or warm[name] < slow:
                found[name].append(seconds_of(call))
    return found


def seconds_of(call: Callable[[], object]) -> float:
    """Return how long a call takes [s], with no collection of garbage in between."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started
    finally:
        gc.enable()


def machine() -> dict[str, Any]:
    """Tell what was measured on, and what with."""
    names = ("numpy", "pandas", "polars", "duckdb", "numba", "cython")
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load": [round(one, 1) for one in os.getloadavg()],
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {name: found for name in names if (found := _version(name))},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()
