"""Many answers of one program: ensembles of scenarios, Monte Carlo, Shapley shares."""

import numpy as np
from cases import POLLUTANTS, SHAPES, Case, program, uncertain
from engine import classes_of, fresh, groups_of, outputs, projector
from peers import PEERS
from problem import Problem
from table import Bar

from emis import kernels
from emis.inventory import Floats
from emis.program import Program, compile_program
from emis.scenario import UncertaintySettings
from emis.uncertainty.sampling import Sampler
from measured import Bench, Section, shape_of, spell

__all__ = ["measure"]

SCENARIOS, CHECKED, DRAWS = 1000, 3, 10_000


def measure(bench: Bench) -> Section:
    """Measure ensembles, draws and shares of few classes."""
    return Section([*_scenarios(bench), *_shapley(bench), *_draws(bench)])


def vectors_of(compiled: Program, count: int) -> Floats:
    """Return levels of scenarios, each with its own choice and strength of measures, N × M × T [1]."""
    rng = np.random.default_rng(7)
    measures = len(compiled.measures)
    strength = rng.random((count, measures, 1)) * (rng.random((count, measures, 1)) < 0.7)
    return np.asarray(strength * compiled.levels)


def _scenarios(bench: Bench) -> list[Bar]:
    case = bench.case()
    compiled = program(case)
    vectors, out = vectors_of(compiled, SCENARIOS), outputs(compiled)
    project = projector(compiled, out)
    classes = classes_of(compiled)
    calls = {
        "projection": project,
        "known": lambda: kernels.totals(classes, vectors),
        "compiled too": lambda: kernels.totals(classes_of(fresh(compiled)), vectors),
    }
    timed = bench.timed(f"ensemble, {shape_of(case)}", calls)
    found = kernels.totals(classes, vectors[:CHECKED])
    group = groups_of(compiled)
    brute = np.stack([_by_group(project(np.ascontiguousarray(one))[0], group) for one in vectors[:CHECKED]])
    apart = float(np.max(np.abs(found / brute - 1.0)))
    why = f"all but {spell(timed.median('known'))} finds the {len(classes.weight)} classes"
    times = f"{spell(timed.median('compiled too'))}; {spell(timed.median('projection'))}"
    return [
        Bar("1,000 scenarios, classes found too, take at most 15 projections", times, "emis, one projection",
            shape_of(case), timed.ratio("compiled too", "projection"), most=15.0, at="nation", why=why),
        Bar("largest difference to projecting every source", f"of {CHECKED} scenarios", "emis, source by source",
            shape_of(case), apart, most=1e-12),
    ]  # fmt: skip


def _by_group(emissions: Floats, group: np.ndarray) -> Floats:
    """Sum T × S × P by group, T × G × P."""
    return np.stack([[np.bincount(group, one) for one in period.T] for period in emissions]).transpose(0, 2, 1)


def _shapley(bench: Bench) -> list[Bar]:
    case = bench.case()
    compiled = program(case)
    classes = classes_of(compiled)
    calls = {
        "projection": projector(compiled),
        "known": lambda: kernels.shapley(classes, compiled.levels),
        "found": lambda: kernels.shapley(classes_of(fresh(compiled)), compiled.levels),
    }
    timed = bench.timed(f"Shapley, {shape_of(case)}", calls)
    runs = len(compiled.measures) + 1
    peer = f"leave-one-out: {runs} projections"
    return [
        Bar(f"Shapley shares of {runs - 1} measures, classes {name}, take at most 1/50 of leave-one-out",
            f"{spell(timed.median(name))}; {spell(runs * timed.median('projection'))}", peer, shape_of(case),
            timed.ratio(name, "projection") / runs, most=0.02, at="nation",
            why=f"all but {spell(timed.median('known'))} finds the classes")
        for name in ("known", "found")
    ]  # fmt: skip


def _draws(bench: Bench) -> list[Bar]:
    small, middle, large = bench.case(most="city"), bench.case(most="province"), bench.case()
    settings = UncertaintySettings(samples=DRAWS)
    samplers = {case: Sampler(compile_program(*uncertain(case))) for case in {small, middle, large}}
    numpy = next(peer for peer in PEERS if peer.name == "NumPy, measure by measure")
    calls = {"numpy": numpy.prepare(Problem.of(program(middle)))}
    calls |= {str(case.sources): lambda case=case: samplers[case].draw(settings) for case in samplers}
    timed = bench.timed(f"{DRAWS:,} draws, up to {shape_of(large)}", calls)
    mine, least, most = (str(case.sources) for case in (middle, small, large))
    cells = len(classes_of(program(middle)).weight) * program(middle).levels.shape[1] * len(POLLUTANTS)
    each = f"{1e9 * timed.median(str(middle.sources)) / DRAWS / cells:.3g} ns for each draw of a cell of a class"
    reached = Case(SHAPES["nation"]) == large
    return [
        Bar(f"{DRAWS:,} draws take at most one projection by NumPy", f"{spell(timed.median(mine))}; "
            f"{spell(timed.median('numpy'))}", numpy.name, shape_of(middle), timed.ratio(mine, "numpy"), most=1.0,
            at="province", why=each),
        Bar(f"{DRAWS:,} draws of a nation, compiled, take at most 1.5 times those of a city",
            f"{spell(timed.median(most))}; {spell(timed.median(least))}", f"emis, {shape_of(small)}", shape_of(large),
            timed.ratio(most, least), most=1.5 if reached else None, at="nation"),
    ]  # fmt: skip
