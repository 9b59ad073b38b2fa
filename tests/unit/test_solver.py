"""Gap closing held against hand numbers and against every subset of measures."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from conftest import Project
from hypothesis import given, settings
from hypothesis import strategies as st

import emis
from emis import kernels
from emis.classes import merge
from emis.inventory import Inventory
from emis.measures import Measure
from emis.options import Options
from emis.plan import Plan, Target
from emis.program import Program, compile_program
from emis.scenario import Scenario, ScenarioDocument
from emis.solver.solution import Solution

MEASURES = 15
KINDS = ("t1", "t2", "t3")


# -- the two-source example ------------------------------------------------------------------------------------------


def two_sources(project: Project) -> emis.Scenario:
    """A1 takes 10 t for 100, A2 18 t for 420, either; B1 takes 10 t for 300."""
    rows = [f"coal/{name}/coal/old,{name},coal,old,20,t/yr,test,E" for name in ("a", "b")]
    project.inventory(
        activity="\n".join(["source,category,fuel,technology,activity,unit,reference,grade", *rows]),
        factors="category,fuel,technology,pollutant,factor,unit,control,reference,grade\n"
        + "\n".join(f"{name},coal,old,NOx,1,t/t,0 %,test,E" for name in ("a", "b")),
    )
    project.scenario["years"] = [2017, 2020]
    for name, source, cut, cost in (("A1", "a", 50, 100), ("A2", "a", 90, 420), ("B1", "b", 50, 300)):
        project.measure(
            name,
            [{"abate": {"efficiency": {"NOx": f"{cut} %"}}}],
            select={"category": source},
            cost={"operation": f"{cost} yuan/yr"},
        )
    project.plan["targets"] = [
        {"id": "T", "indicator": "emissions", "pollutant": "NOx", "at_most": "20 t/yr", "by": 2020},
        {"id": "R", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "50 %", "since": 2017, "by": 2020},
    ]
    project.scenario["options"] = "options.yaml"
    project.yaml(project.root / "scenarios/options.yaml", {"emis": "options/1", "exclusive": [["A1", "A2"]]})
    return project.read()


def solve(scenario: emis.Scenario, *targets: str | Target, **keys: Any) -> Solution:
    return emis.solve(scenario.inventories[scenario.plan.base_year], scenario, targets, **keys)


def test_the_optimum_for_20_t_costs_400(project: Project) -> None:
    found = solve(two_sources(project), "T", on_off=True)
    assert found.minimised == "cost"
    assert found.unit == "yuan/yr"
    assert {name for name, level in found.levels.items() if level} == {"A1", "B1"}
    assert found.price == pytest.approx(400)
    assert found.certificate.proven
    assert found.certificate.bound == pytest.approx(400)
    assert found.outcomes[0].achieved == pytest.approx(20)


def test_ranking_by_average_cost_pays_720(project: Project) -> None:
    """What least-cost by average cost per tonne does: the largest reduction seen so far on each source (CoST)."""
    scenario = two_sources(project)
    pairs = {"A1": ("a", 10, 100), "A2": ("a", 18, 420), "B1": ("b", 10, 300)}
    taken: dict[str, tuple[str, float, float]] = {}
    for name in sorted(pairs, key=lambda one: pairs[one][2] / pairs[one][1]):
        source, tonnes, _ = pairs[name]
        if source not in taken or taken[source][1] < tonnes:
            taken[source] = pairs[name]
        if sum(one[1] for one in taken.values()) >= 20:
            break
    assert sum(one[2] for one in taken.values()) == 720
    assert solve(scenario, "T", on_off=True).price < 720


def test_continuous_beats_on_or_off_and_stays_above_its_bound(project: Project) -> None:
    found = solve(two_sources(project), "T")
    # A1 gives 10 t for 100, the rest costs least by moving part of A1 to A2: 8 t for 320, at 40 a tonne, B1 at 30.
    assert found.price == pytest.approx(400, rel=1e-5)
    assert found.certificate.bound is not None
    assert found.certificate.bound <= found.price * (1 + 1e-9)
    assert found.certificate.residual == pytest.approx(0, abs=1e-6)
    assert found.levels["A1"] + found.levels["A2"] <= 1 + 1e-9


def test_the_curve_is_monotone_and_incremental(project: Project) -> None:
    scenario = two_sources(project)
    points = solve(scenario, "R", on_off=True, with_curve=True).curve
    assert [point.reduction for point in points] == pytest.approx(range(5, 55, 5))
    # 40 t in all: up to 10 t A1, up to 20 t A1 and B1.
    assert [point.price for point in points] == pytest.approx([100] * 5 + [400] * 5)
    assert points[0].incremental == pytest.approx(10)  # 100 for 10 t
    assert points[1].incremental is None  # the same set: nothing further is removed
    assert points[5].incremental == pytest.approx(30)  # 300 for 10 t more; the average would be 20
    partly = solve(scenario, "R", with_curve=True).curve
    prices = [point.price for point in partly if point.price is not None]
    assert prices == sorted(prices)
    steps = [point.incremental for point in partly if point.incremental is not None]
    assert steps[:5] == pytest.approx([10] * 5, rel=1e-4)
    assert steps[5:] == pytest.approx([30] * 5, rel=1e-4)


def test_what_cannot_be_reached_comes_back_with_what_can(project: Project) -> None:
    scenario = two_sources(project)
    target = scenario.plan.targets[1].model_copy(update={"reduce_by": 0.9})
    for on_off in (True, False):
        found = solve(scenario, target, on_off=on_off)
        assert not found.reached
        assert found.certificate.proven
        assert found.reach is not None
        assert found.reach.steps[0].best == pytest.approx(70)  # A2 and B1: 28 of 40 t
        assert found.reach.steps[0].everything is None  # A1 and A2 exclude each other
        assert {name for name, level in found.levels.items() if level} == {"A2", "B1"}
        assert any("one of A1, A2" in english for english, _ in found.reach.binding)


def test_phase_in_and_delay_are_named(project: Project) -> None:
    project.measure("A", [{"scale": {"activity": "-50 %"}}], phase_in={2020: "40 %", 2021: "100 %"})
    project.scenario["delay"] = "1 yr"
    target = Target(id="T", indicator="emissions", pollutant="NOx", reduce_by="40 %", since=2017, by=2020)
    found = solve(project.read(), target, on_off=True)
    assert found.reach is not None
    assert found.reach.steps[0].best == pytest.approx(0)
    assert found.reach.steps[0].phased_in == pytest.approx(50)
    assert any("delay of 1 yr: in 2020 only A 0 %" in english for english, _ in found.reach.binding)


@pytest.mark.parametrize("resolution", ["year", "month"])
def test_phased_in_keeps_to_the_months_of_a_measure(project: Project, resolution: str) -> None:
    project.measure("A", [{"scale": {"activity": "-50 %"}}], phase_in={2020: "40 %"}, months=[1, 2, 3])
    project.scenario |= {"years": [2017, 2020], "resolution": resolution}
    target = Target(id="T", indicator="emissions", pollutant="NOx", reduce_by="40 %", since=2017, by=2020)
    reach = solve(project.read(), target, on_off=True).reach
    assert reach is not None
    quarter = 91 / 366  # of 2020
    assert reach.steps[0].best == pytest.approx(50 * 0.4 * quarter)
    assert reach.steps[0].phased_in == pytest.approx(50 * quarter)


def test_keep_and_without(project: Project) -> None:
    project.scenario["omit"] = ["B1"]
    project.scenario["implementation"] = {"A1": "50 %"}
    scenario = two_sources(project)
    held = solve(scenario, "T", keep=["A1"])
    assert held.levels["A1"] == 0.5
    # 5 of the 20 t are held. Of the 15 t left at a, A2 takes 13.5 for 420; so B1 comes first, then 5 t by A2.
    assert held.price == pytest.approx(300 + 420 * 5 / 13.5, rel=1e-4)
    assert [one.measure for one in held.choices if one.held] == ["A1"]
    assert solve(scenario, "T", on_off=True, without=["A1"]).price == pytest.approx(720)
    assert not solve(scenario, "T", on_off=True, keep=["B1"]).reached  # omitted as the scenario has it
    with pytest.raises(emis.InputError, match="no measure 'C\\*'"):
        solve(scenario, "T", keep=["C*"])


def test_a_ceiling_of_what_is_left_out_holds_nothing(project: Project) -> None:
    project.measure(
        "C", [{"cap": {"at_most": {"NOx": "5 t/yr"}}}], select={"category": "a"}, cost={"operation": "1 yuan/yr"}
    )
    scenario = two_sources(project)
    found = solve(scenario, "T", on_off=True, without=["C"])
    assert (found.levels["C"], found.price) == (0, 400)
    assert found.certificate.proven


def test_effort_by_weights(project: Project) -> None:
    project.measure("X-a", [{"scale": {"activity": "-30 %"}}])
    project.measure("X-b", [{"scale": {"activity": "-30 %"}}])
    project.measure("Y", [{"scale": {"activity": "-30 %"}}])
    project.scenario["options"] = "options.yaml"
    weights = {"X-*": 3, "X-b": 1.5, "default": 2}
    project.yaml(project.root / "scenarios/options.yaml", {"emis": "options/1", "effort": weights})
    target = Target(id="T", indicator="emissions", pollutant="NOx", at_most="1 t/yr", by=2020)
    found = solve(project.read(), target, on_off=True)
    assert found.minimised == "effort"
    assert {name for name, level in found.levels.items() if level} == {"X-b", "Y"}
    assert found.price == pytest.approx(3.5)


def test_a_stock_is_a_limit(project: Project) -> None:
    """Two measures that together promise 120 % of the old stock: more than the stock is never moved."""
    for name, share, price in (("A", 80, 10), ("B", 40, 1)):
        project.measure(
            name,
            [{"shift": {"share": f"{share} %", "to": {"technology": "new"}}}],
            cost={"operation": f"{price} yuan/yr"},
        )
    scenario_path = project.write()
    with pytest.raises(emis.InfeasibleError):
        project.project()
    scenario = emis.read_scenario(scenario_path)
    target = Target(id="T", indicator="emissions", pollutant="NOx", reduce_by="75 %", since=2017, by=2020)
    found = solve(scenario, target)  # all of it moved to 0.5 kg/t is −75 %
    assert found.reached
    assert 0.8 * found.levels["A"] + 0.4 * found.levels["B"] == pytest.approx(1, abs=1e-5)
    assert found.price == pytest.approx(10 * 0.75 + 1, rel=1e-4)
    assert not solve(scenario, target, on_off=True).reached
    more = target.model_copy(update={"reduce_by": 0.8})
    reach = solve(scenario, more).reach
    assert reach is not None
    assert any("the stock of coal/stove/coal/old in 2018" in english for english, _ in reach.binding)


# -- every subset ----------------------------------------------------------------------------------------------------


def random_world(seed: int) -> tuple[Inventory, Scenario, Target]:
    """Six sources, three pollutants' worth of overlap, 15 measures of every kind, the last six of them options."""
    rng = np.random.default_rng(seed)
    labels = {
        "source": np.array([f"industry/{c}/{t}" for c, t in product("ab", KINDS)], dtype=object),
        "sector": np.full(6, "industry", dtype=object),
        "category": np.array([c for c, _ in product("ab", KINDS)], dtype=object),
        "fuel": np.full(6, "", dtype=object),
        "technology": np.array([t for _, t in product("ab", KINDS)], dtype=object),
        "region": np.full(6, "", dtype=object),
        "facility": np.full(6, "", dtype=object),
    }
    inventory = Inventory(
        name="random", base_year=2017, pollutants=("NOx", "SO2"), labels=labels,
        activity=rng.uniform(5, 50, 6), activity_unit=np.full(6, "t/yr", dtype=object),
        factor=rng.uniform(0.1, 2, (6, 2)), reported=np.zeros(6, dtype=bool), control=np.zeros((6, 2)),
        profile=np.full(6, "", dtype=object),
    )  # fmt: skip
    made = [_measure(rng, number) for number in range(MEASURES)]
    if rng.random() < 0.5:
        cap = {"cap": {"at_most": {"NOx": f"{rng.uniform(2, 40):.3f} t/yr"}}}
        made[0] |= {"select": {"category": "a"}, "do": [cap]}
        made[0].pop("months", None)
    plan = Plan(emis="plan/1", base_year=2017, measures=tuple(Measure.model_validate(one) for one in made[:9]))
    groups = [[f"M{a:02d}", f"M{b:02d}"] for a, b in rng.choice(MEASURES, (2, 2), replace=False)]
    options = Options.model_validate({"emis": "options/1", "measures": made[9:], "exclusive": groups})
    monthly = rng.random() < 0.3
    document = ScenarioDocument(
        emis="scenario/1", name="random", plan="plan.yaml", inventories={2017: "."}, years=(2020,),
        resolution="month" if monthly else "year",
    )  # fmt: skip
    target = Target(
        id="T", indicator="emissions", pollutant="NOx", by=2020, since=2017,
        reduce_by=f"{rng.uniform(5, 75):.4f} %",
    )  # fmt: skip
    return inventory, Scenario(document, plan, {2017: inventory}, options=options), target


def _measure(rng: np.random.Generator, number: int) -> dict[str, Any]:
    kinds = [str(one) for one in rng.choice(KINDS, rng.integers(1, 3), replace=False)]
    select: dict[str, Any] = {"technology": kinds}
    if rng.random() < 0.5:
        select["category"] = str(rng.choice(["a", "b"]))
    share = f"{rng.uniform(5, 60):.2f} %"
    verb: dict[str, Any] = [
        {"abate": {"efficiency": {"NOx": share}}},
        {"abate": {"efficiency": {"NOx": share, "SO2": "20 %"}, "penetration": "80 %"}},
        {"scale": {"activity": f"-{share}"}},
        {"close": {"share": share}},
        {"shift": {"share": share, "to": {"technology": str(rng.choice(KINDS))}}},
    ][int(rng.integers(5))]
    if "shift" in verb:  # within a category, to another technology
        others = [kind for kind in KINDS if kind != verb["shift"]["to"]["technology"]]
        select["technology"] = others[:1]
    found = {"id": f"M{number:02d}", "select": select, "do": [verb]}
    if rng.random() < 0.4:
        found["phase_in"] = {2019: "20 %", 2020: f"{rng.uniform(40, 100):.1f} %"}
    if rng.random() < 0.3:
        found["months"] = [1, 2, 3, 12]
    return found | {"cost": {"operation": f"{rng.integers(1, 60)} yuan/yr"}}


def everything(inventory: Inventory, scenario: Scenario) -> Program:
    assert scenario.options is not None
    measures = (*scenario.plan.measures, *scenario.options.measures)
    plan = scenario.plan.model_copy(update={"measures": measures})
    whole = Scenario(scenario.document, plan, scenario.inventories)
    return compile_program(inventory, whole, limited=False)


def subsets(program: Program, exclusive: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Return NOx of 2020 by every set of measures that keeps to stock and exclusivity [t], and the sets."""
    bits = (np.arange(2**MEASURES)[:, None] >> np.arange(MEASURES) & 1).astype(float)
    ids = [measure.id for measure in program.measures]
    for group in exclusive:
        bits = bits[bits[:, [ids.index(name) for name in group]].sum(axis=1) <= 1]
    owner = program.transfers.owner
    for source in range(6):
        rows = owner == source
        leaving = np.zeros((MEASURES, len(program.years)))
        np.add.at(leaving, program.transfers.measure[rows], np.maximum(-program.tau[rows], 0))
        there = program.activity[source] * (1 + 1e-12)
        bits = bits[(bits @ leaving <= there).all(axis=1)]
    classes = merge(program, np.zeros(6, dtype=np.intp), 1)
    return kernels.totals(classes, bits[:, :, None] * program.levels)[:, -1, 0, 0], bits


@given(seed=st.integers(0, 10**6))
@settings(max_examples=25)
def test_on_or_off_is_what_every_subset_says(seed: int) -> None:
    inventory, scenario, target = random_world(seed)
    assert scenario.options is not None
    program = everything(inventory, scenario)
    emitted, bits = subsets(program, scenario.options.exclusive)
    price = np.array([float(m.cost.operation.value) for m in program.measures])
    before = float(inventory.emissions[:, 0].sum())
    reaching = emitted <= before * (1 - target.reduce_by) + 1e-12 * before
    found = solve(scenario, target, on_off=True)
    chosen = np.array([found.levels[measure.id] for measure in program.measures])
    assert found.certificate.proven
    assert found.reached == reaching.any()
    if reaching.any():
        assert found.price == pytest.approx((bits[reaching] @ price).min(), abs=1e-9)
        assert found.price == pytest.approx(chosen @ price)
    else:
        assert found.reach is not None
        assert found.reach.steps[0].best == pytest.approx(100 * (1 - emitted.min() / before), abs=1e-6)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10)
def test_continuous_is_no_worse_than_what_is_tried_and_no_better_than_its_bound(seed: int) -> None:
    inventory, scenario, target = random_world(seed)
    found, whole = solve(scenario, target), solve(scenario, target, on_off=True)
    if not found.reached:
        assert not whole.reached
        return
    assert found.certificate.bound is not None
    assert found.certificate.gap is not None
    assert found.price >= found.certificate.bound - 1e-9
    assert found.certificate.gap < 0.05
    if whole.reached:
        assert found.price <= whole.price + 1e-9
    program = everything(inventory, scenario)
    before = float(inventory.emissions[:, 0].sum())
    price = np.array([float(m.cost.operation.value) for m in program.measures])
    assert scenario.options is not None
    classes = merge(program, np.zeros(6, dtype=np.intp), 1)
    rng, bits = np.random.default_rng(seed), subsets(program, scenario.options.exclusive)[1]
    # Convex mixtures of sets that keep to the limits keep to them too.
    tried = np.array([rng.dirichlet(np.ones(3)) @ bits[rng.integers(len(bits), size=3)] for _ in range(200)])
    emitted = kernels.totals(classes, tried[:, :, None] * program.levels)[:, -1, 0, 0]
    reaching = emitted <= before * (1 - target.reduce_by)
    assert np.all(tried[reaching] @ price >= found.price - 1e-6)


def test_a_chain_of_many_measures_on_one_source_is_exact(project: Project) -> None:
    """Nine abatements on one source, more than are written out state by state."""
    cuts, prices = (5, 8, 12, 20, 25, 30, 35, 40, 45), (1, 2, 3, 6, 7, 9, 10, 13, 15)
    for number, (cut, price) in enumerate(zip(cuts, prices, strict=True)):
        project.measure(
            f"M{number}",
            [{"abate": {"efficiency": {"NOx": f"{cut} %"}}}],
            cost={"operation": f"{price} yuan/yr"},
        )
    target = Target(id="T", indicator="emissions", pollutant="NOx", reduce_by="70 %", since=2017, by=2020)
    scenario = project.read()
    bits = np.array(list(product((0, 1), repeat=9)))
    left = np.prod(1 - bits * np.array(cuts) / 100, axis=1)
    least = (bits @ np.array(prices))[left <= 0.3 + 1e-12].min()
    assert solve(scenario, target, on_off=True).price == pytest.approx(least)
    partly = solve(scenario, target)
    assert partly.price <= least + 1e-9
    assert partly.certificate.gap is not None
    assert partly.certificate.gap < 0.01  # by branch and bound: the relaxed program alone is further below
