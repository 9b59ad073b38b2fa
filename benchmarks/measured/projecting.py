"""One full projection: against a copy of its output, the oracle, and the peers."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
from cases import PATTERNS, SHAPES, Case, program
from engine import fresh, outputs, projector
from peers import PEERS
from peers.hosts import guests
from problem import Problem
from table import Bar, number, table
from timing import Timed, seconds_of

from emis import _reference
from emis.inventory import Floats
from emis.program import Program
from measured import Bench, Section, shape_of, spell
from measured.alone import instructions

__all__ = ["measure"]

COPY, EMIS, COLD, ORACLE = "np.copyto of the output", "emis", "emis, nothing known", "NumPy oracle (a Python loop)"
BY_MEASURE, FOUND, KNOWN = "NumPy, measure by measure", "NumPy, groups found", "NumPy, groups known"
WIDE = "pandas, wide"
#: What emis is held against NumPy by groups: few classes are NumPy's best case.
GROUPED = {"few": 3.0, "distinct": 5.0}


def measure(bench: Bench) -> Section:
    """Measure every shape and pattern; the bars are those of the largest."""
    found: dict[tuple[str, str], Timed] = {}
    bars: list[Bar] = []
    for shape in sorted(bench.shapes, key=SHAPES.__getitem__):
        for pattern in PATTERNS:
            case = Case(SHAPES[shape], pattern)
            found[shape, pattern] = _project(bench, case)
            if shape == bench.largest:
                bars += _bars(case, found[shape, pattern])
                bars += _threads(bench, case)
    return Section(bars, {"Times of the peers over that of emis, by shape and pattern": _ladder(found)})


def _project(bench: Bench, case: Case) -> Timed:
    """Check all, and measure all."""
    compiled = program(case)
    problem, out = Problem.of(compiled), outputs(compiled)
    emissions = projector(compiled, out)()[0].copy()
    calls: dict[str, Callable[[], object]] = {
        COPY: lambda: np.copyto(out[0], emissions),
        EMIS: projector(compiled, out),
        COLD: lambda: projector(fresh(compiled), out)(),
    }
    if case.sources == SHAPES["city"]:
        calls[ORACLE] = lambda: _oracle(compiled)
    for peer in PEERS:
        if peer.importable and case.sources <= peer.most:
            calls[peer.name] = peer.prepare(problem)
    ours = (COPY, EMIS, COLD)
    warm = {
        name: seconds_of(partial(_check, name, call, emissions)) for name, call in calls.items() if name not in ours
    }
    with ExitStack() as stack:
        if case.sources == SHAPES["district"]:
            for guest in stack.enter_context(guests(problem, bench.pythons)):
                calls[guest.name] = guest
                _check(guest.name, lambda guest=guest: guest.result, emissions)
        return bench.timed(f"projection, {shape_of(case)}", calls, warm=warm)


def _oracle(compiled: Program) -> Floats:
    moved, changed = compiled.transfers, compiled.intensities
    found: Floats = _reference.project(
        compiled.activity, compiled.inventory.factor, compiled.profile, compiled.share, moved.pointer, moved.measure,
        moved.season, compiled.tau, changed.pointer, changed.measure, changed.season, changed.row, compiled.keep,
        compiled.stay, compiled.levels, compiled.seasons,
    )[0]  # fmt: skip
    return found


def _check(name: str, call: Callable[[], Any], emissions: Floats) -> None:
    """Hold what a peer finds against emis, a period at a time."""
    for mine, theirs in zip(emissions, call(), strict=True):
        np.testing.assert_allclose(theirs, mine, rtol=1e-9, err_msg=name)


def _bars(case: Case, timed: Timed) -> list[Bar]:
    shape = shape_of(case)
    why = _roofline(case, timed) if timed.ratio(EMIS, COPY) > 2.0 else ""
    bars = [
        Bar("a projection takes at most 2.0 copies of its output", _both(timed, EMIS, COPY), COPY, shape,
            timed.ratio(EMIS, COPY), most=2.0, at="nation", why=why)
    ]  # fmt: skip
    limits = [(BY_MEASURE, EMIS, 20.0), (WIDE, EMIS, 50.0)] if case.pattern == "few" else []
    limits += [(KNOWN, EMIS, GROUPED[case.pattern]), (FOUND, COLD, GROUPED[case.pattern])]
    floor = timed.median(COPY) * _bytes(case) / (2 * outputs_bytes(case))
    for peer, mine, least in limits:
        if peer in timed:
            best = f"{number(timed.median(peer) / floor)} is what moving the bytes at the speed of that copy would give"
            bars.append(
                Bar(f"{peer} takes at least {least:g} times as long as {mine}", _both(timed, mine, peer),
                    peer, shape, timed.ratio(peer, mine), least=least, at="nation", why=best)
            )  # fmt: skip
    return bars


def outputs_bytes(case: Case) -> int:
    """Return the bytes of the emissions of a case."""
    return int(program(case).inventory.factor.nbytes * program(case).levels.shape[1])


def _bytes(case: Case) -> int:
    """Return the bytes that a projection must read and write, each once."""
    one = program(case)
    lists = [one.transfers, one.intensities]
    read = [one.activity, one.inventory.factor, one.profile, one.tau, one.keep, one.stay]
    read += [array for entries in lists for array in (entries.pointer, entries.measure, entries.season, entries.row)]
    written = outputs_bytes(case) + 8 * case.sources * one.levels.shape[1]
    return sum(array.nbytes for array in read) + written


def _roofline(case: Case, timed: Timed) -> str:
    """Tell how near the bytes and the instructions of a projection let it come."""
    moved, copied = _bytes(case), 2 * outputs_bytes(case)
    speed = copied / timed.median(COPY)
    told = (
        f"{moved / 1e6:.0f} MB are read and written, at {speed / 1e9:.1f} GB/s of the copy {number(moved / copied)} "
        "copies"
    )
    # A district is too small for a table of kinds.
    per_cell = instructions(Case(SHAPES["district" if case.pattern == "distinct" else "city"], case.pattern))
    return told + (f"; {number(per_cell)} instructions per cell" if per_cell else "")


def _both(timed: Timed, mine: str, other: str) -> str:
    return f"{spell(timed.median(mine))}; {spell(timed.median(other))}{timed.rounds(other)}"


def _threads(bench: Bench, case: Case) -> list[Bar]:
    compiled = program(case)
    out = outputs(compiled)
    calls = {str(threads): projector(compiled, out, threads) for threads in (1, 2)}
    bits = [[array.tobytes() for array in calls[name]()] for name in calls]
    timed = bench.timed(f"threads, {shape_of(case)}", calls)
    reached = f"{_both(timed, '2', '1')}; {'the same' if bits[0] == bits[1] else 'OTHER'} bits"
    return [Bar("2 threads over 1", reached, "emis, 1 thread", shape_of(case), timed.ratio("2", "1"))]


def _ladder(found: dict[tuple[str, str], Timed]) -> str:
    names = list(dict.fromkeys(name for timed in found.values() for name in timed if name != EMIS))
    rows: list[list[object]] = [["emis itself", *(spell(timed.median(EMIS)) for timed in found.values())]]
    rows += [[name, *(timed.ratio(name, EMIS) if name in timed else "-" for timed in found.values())] for name in names]
    return table(["", *(", ".join(key) for key in found)], rows)
