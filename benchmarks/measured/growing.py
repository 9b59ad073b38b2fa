"""How cost grows: with sources, measures to a source and years; and what an entry costs in sparse plans."""

import time
from collections.abc import Callable, Mapping

import numpy as np
from cases import PATTERNS, SHAPES, Case, program
from engine import classes_of, projector
from sparse import choices, entries_of, own_measures, stacked
from table import number, table

from emis import kernels
from emis.inventory import Inventory
from emis.program import Program, compile_program
from emis.scenario import Scenario
from measured import Bench, Section

__all__ = ["measure"]

#: A nation's block of sources is projected so many times for the largest size.
_BLOCKS = 10
MEASURES, YEARS = (1, 2, 4, 8, 16, 32, 64), (1, 2, 3, 6, 10, 15, 30)
ALTERNATIVES = (2, 5, 10, 25, 50)
#: How much more than the cheapest an entry of the largest size may cost.
_FLAT = 2.0


def measure(bench: Bench) -> Section:
    """Measure growth, and sparse plans."""
    return Section(tables={
        "Nanoseconds per cell (source, pollutant, year) of one projection": _linear(bench),
        "Nanoseconds per entry (a measure that touches a source) in sparse plans": _sparse(bench),
    })  # fmt: skip


# -- growth ----------------------------------------------------------------------------------------------------------


def _cells(compiled: Program) -> int:
    return int(compiled.inventory.factor.size * compiled.levels.shape[1])


def _linear(bench: Bench) -> str:
    by_size = {pattern: _by_size(bench, pattern) for pattern in PATTERNS}
    rows = [[f"{size} sources", *(by_size[pattern][size] for pattern in PATTERNS)] for size in by_size["few"]]
    one = bench.case(most="province").sources
    for word, sizes, make in (
        ("measures", MEASURES, lambda n, pattern: compile_program(*stacked(Case(one, pattern, measures=n)))),
        ("years", YEARS, lambda n, pattern: compile_program(*_years(one, pattern, n))),
    ):
        found = {pattern: _by(bench, f"{word}, {pattern}", sizes, make, pattern) for pattern in PATTERNS}
        rows += [
            [f"{n} {word} to each of {one:,} sources" if word == "measures" else f"{n} years of {one:,} sources",
             *(found[pattern][n] for pattern in PATTERNS)]
            for n in sizes
        ]  # fmt: skip
    return table(["", *PATTERNS], rows)


def _years(sources: int, pattern: str, years: int) -> tuple[Inventory, Scenario]:
    return stacked(Case(sources, pattern, measures=6, years=years))


def _by_size(bench: Bench, pattern: str) -> dict[str, float]:
    """Return the cost by number of sources; beyond a nation the same block is projected again and again."""
    sizes = [size for size in SHAPES.values() if size <= SHAPES[bench.largest]]
    programs = {f"{size:,}": program(Case(size, pattern)) for size in sizes}
    calls: dict[str, Callable[[], object]] = {name: projector(one) for name, one in programs.items()}
    cells = {name: _cells(one) for name, one in programs.items()}
    if bench.largest == "nation":
        block, last = next(reversed(calls.values())), next(reversed(cells.values()))
        blocks = f"{_BLOCKS * sizes[-1]:,} (in {_BLOCKS} blocks)"
        calls[blocks], cells[blocks] = lambda: [block() for _ in range(_BLOCKS)], _BLOCKS * last
    timed = bench.timed(f"sources, {pattern}", calls)
    return {name: 1e9 * timed.median(name) / cells[name] for name in calls}


def _by(
    bench: Bench, title: str, sizes: tuple[int, ...], make: Callable[[int, str], Program], pattern: str
) -> dict[int, float]:
    programs = {str(n): make(n, pattern) for n in sizes}
    timed = bench.timed(title, {name: projector(one) for name, one in programs.items()})
    return {n: 1e9 * timed.median(str(n)) / _cells(programs[str(n)]) for n in sizes}


# -- sparse plans ----------------------------------------------------------------------------------------------------


def _sparse(bench: Bench) -> str:
    full = bench.largest in ("province", "nation")
    plants = (100, 1000, 10_000) if full else (100, 300)
    lists = (1, 10, 100, 1000)
    rows = _phases(bench, "a measure for each source", {n: own_measures(n) for n in plants})
    rows += _phases(bench, "shares of each source's own", {
        n: stacked(Case(n, "distinct", measures=6)) for n in (100, 1000, 10_000, *((100_000,) if full else ()))
    })  # fmt: skip
    rows += _phases(
        bench, "a long list on each of 100 sources", {n: stacked(Case(100, "distinct", measures=n)) for n in lists}
    )
    rows.append(_alternatives(bench))
    return table(["plan", "phase", "ns per entry, by size", "last over least", "verdict"], rows)


def _phases(bench: Bench, name: str, worlds: Mapping[int, tuple[Inventory, Scenario]]) -> list[list[object]]:
    """Measure what an entry costs in each phase, by size; compiling but once, as it may take long."""
    seconds: dict[str, dict[int, float]] = {"compile": {}}
    entries: dict[int, int] = {}
    calls: dict[str, Callable[[], object]] = {}
    for size, world in worlds.items():
        started = time.perf_counter()
        compiled = compile_program(*world)
        seconds["compile"][size] = time.perf_counter() - started
        entries[size] = entries_of(compiled)
        classes, levels = classes_of(compiled), np.ascontiguousarray(compiled.levels[None])
        calls[f"project {size}"] = projector(compiled)
        calls[f"merge {size}"] = lambda compiled=compiled: classes_of(compiled)
        calls[f"totals {size}"] = lambda classes=classes, levels=levels: kernels.totals(classes, levels)
    timed = bench.timed(name, calls)
    for phase in ("project", "merge", "totals"):
        seconds[phase] = {size: timed.median(f"{phase} {size}") for size in worlds}
    return [
        _row(name, phase, {size: 1e9 * spent / entries[size] for size, spent in by_size.items()})
        for phase, by_size in seconds.items()
    ]


def _alternatives(bench: Bench) -> list[object]:
    """Measure scenarios that choose among alternatives, of which all but one are at level 0."""
    compiled = compile_program(*stacked(Case(500, "distinct")))
    classes, count = classes_of(compiled), 20
    vectors = {n: choices(compiled, n, count) for n in ALTERNATIVES}
    calls = {str(n): lambda n=n: kernels.totals(classes, vectors[n]) for n in ALTERNATIVES}
    timed = bench.timed("alternatives", calls)
    touched = count * len(classes.intensities.row)
    cost = {n: 1e9 * timed.median(str(n)) / touched for n in ALTERNATIVES}
    return _row("one of n alternatives in each scenario", "totals", cost)


def _row(name: str, phase: str, cost: Mapping[int, float]) -> list[object]:
    last, least = list(cost.values())[-1], min(cost.values())
    by_size = "; ".join(f"{size:,}: {number(value)}" for size, value in cost.items())
    return [name, phase, by_size, last / least, "flat" if last <= _FLAT * least else "**grows**"]
