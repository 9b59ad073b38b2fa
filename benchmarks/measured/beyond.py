"""What does not fit in memory, and what more workers make of it."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cases import SHAPES
from large import POLLUTANTS, write_csv, write_world
from table import Bar, table

from emis.distributed import ROWS, BlockReader, write_sources
from emis.io.scenarios import load_scenario
from emis.projection import project
from emis.workers import Cluster, Workers, workers_at
from measured import Bench, Section, spell

__all__ = ["measure"]

#: Years of the plan, and tasks that do nothing.
_YEARS, _TASKS = 6, 400


def measure(bench: Bench) -> Section:
    """Measure reading, a run out of core, and the same work by more workers."""
    rows = SHAPES[bench.largest]
    with TemporaryDirectory() as room:
        read = _csv(Path(room) / "csv", rows)
        bars, phases = _run(Path(room) / "large", 10 * rows)
        scaling = _scaling(Path(room) / "scaling", rows)
    return Section([*read, *bars], {**phases, **scaling})


# -- reading ---------------------------------------------------------------------------------------------------------


def _csv(room: Path, rows: int) -> list[Bar]:
    print(f"  reading a CSV of {rows:,} rows ...", flush=True)
    room.mkdir()
    folder = write_csv(room / "activity.csv", rows)
    code = "import sys, time; from emis.io.inventories import read_inventory; s = time.perf_counter(); "
    seconds = float(_python("-c", code + "read_inventory(sys.argv[1]); print(time.perf_counter() - s)", folder))
    shutil.rmtree(room)
    name = f"a CSV of {rows:,} rows is read in seconds"
    return [Bar(name, spell(seconds), "µs a row", "-", 1e6 * seconds / rows, most=10.0)]


# -- out of core -----------------------------------------------------------------------------------------------------


def _run(room: Path, sources: int) -> tuple[list[Bar], dict[str, str]]:
    print(f"  emis run of {sources:,} sources by two processes ...", flush=True)
    scenario = write_world(room, sources)
    started = time.perf_counter()
    command = [sys.executable, "-m", "emis", "run", str(scenario), "-o", str(room / "result"), "--threads", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        peak = 0
        while run.poll() is None:
            peak = max(peak, _held(run.pid))
            time.sleep(0.1)
        said = run.stderr.read() if run.stderr else ""
    if run.returncode:
        raise RuntimeError(said)
    whole = time.perf_counter() - started
    written = sum(file.stat().st_size for file in (room / "result/sources.parquet").iterdir())
    timings = json.loads((room / "result/run.json").read_text(encoding="utf-8"))["timings"]
    shutil.rmtree(room)
    name = f"memory of a run of {sources:,} sources, out of core, in GiB"
    bar = Bar(name, f"{spell(whole)}, {written / 1e9:.2f} GB of Parquet", "2 processes and the one that asks", "-",
              peak / 2**30, most=2.0)  # fmt: skip
    rows = [*timings.items(), ("start, write and print", whole - sum(timings.values())), ("all of it", whole)]
    caption = f"Seconds of `emis run` of {sources:,} sources by two processes, by phase"
    return [bar], {caption: table(("phase", "s"), [[name, f"{seconds:.1f}"] for name, seconds in rows])}


def _held(process: int) -> int:
    """Return the memory of a process and all below it [byte]; pages that they share are counted once."""
    children: list[int] = []
    for one in Path(f"/proc/{process}/task").glob("*/children"):
        children += _of(lambda one=one: [int(child) for child in one.read_text().split()], [])
    own = _of(lambda: Path(f"/proc/{process}/smaps_rollup").read_text(), "")
    found = re.search(r"^Pss:\s+(\d+) kB", own, re.MULTILINE)
    return (int(found[1]) * 1024 if found else 0) + sum(map(_held, children))


def _of(read: Any, otherwise: Any) -> Any:
    try:
        return read()
    except OSError:  # it has ended
        return otherwise


# -- more workers ----------------------------------------------------------------------------------------------------


def _scaling(room: Path, sources: int) -> dict[str, str]:
    print(f"  {sources:,} sources by more workers ...", flush=True)
    scenario = write_world(room, sources)
    rows = []
    for kind, count in (("this process", 1), ("processes", 2), ("Dask workers", 1), ("Dask workers", 2)):
        with _workers(kind, count) as workers:
            list(workers.map(abs, range(2 * count)))  # whoever works has started
            seconds = _pass(scenario, room / "out", workers)
            rows.append((kind, count, *seconds, _task(workers) if isinstance(workers, Cluster) else 0.0))
    one, dask = rows[0], rows[2]
    body = [[kind, count, f"{condensed:.1f}", f"{written:.1f}", f"{(one[2] + one[3]) / (condensed + written):.2f}"]
            for kind, count, condensed, written, _ in rows]  # fmt: skip
    head = ["by", "how many", "condensed, s", "table written, s", "speed, of this process"]
    return {
        f"Two passes over {sources:,} sources": table(head, body),
        "What more workers would do with 10,000,000 sources: a model": _model(dask, sources),
    }


def _model(dask: Any, sources: int) -> str:
    """Tell the time of a cluster of which a task takes what it takes one worker here, and the scheduler serves each."""
    _, _, condensed, written, overhead = dask
    blocks, count = sources / ROWS, 10_000_000 / ROWS
    each = (condensed + written) / blocks
    out = 8 * _YEARS * 2 * (len(POLLUTANTS) + 1) * ROWS
    rows = []
    for workers in (1, 2, 10, 100):
        waves = -(-count // workers)
        seconds = max(waves * each, 2 * count * overhead)
        rows.append([workers, f"{seconds:.0f}", f"{out * min(workers, count) / each / 1e6:,.0f}"])
    text = table(["workers", "seconds", "MB/s that they write"], rows)
    return (
        f"A block of {ROWS:,} sources takes a worker {each:.2f} s in both passes; a task costs the scheduler "
        f"{1e3 * overhead:.1f} ms; a source is {out // ROWS:,} bytes of the table before it is packed. More workers "
        f"than the {count:.0f} blocks have nothing to do.\n\n{text}"
    )


def _pass(scenario: Path, out: Path, workers: Workers) -> tuple[float, float]:
    started = time.perf_counter()
    reader = BlockReader(workers, every=True)
    found, _ = load_scenario(scenario, {}, read=reader)
    condensed = time.perf_counter()
    projection = project(found.inventories[2017], found)
    out.mkdir()
    write_sources(reader.found[2017], projection, out, "parquet", workers)
    shutil.rmtree(out)
    return condensed - started, time.perf_counter() - condensed


def _task(workers: Workers) -> float:
    """Return the seconds that a task costs beside its work."""
    started = time.perf_counter()
    list(workers.map(abs, range(_TASKS)))
    return (time.perf_counter() - started) / _TASKS


@contextmanager
def _workers(kind: str, count: int) -> Iterator[Workers]:
    if kind != "Dask workers":
        with workers_at(None, count) as workers:
            yield workers
        return
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        workers_at(cluster.scheduler_address) as workers,
    ):
        yield workers


def _python(*arguments: object) -> str:
    done = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout
