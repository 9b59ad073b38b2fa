"""Plans of many measures on few sources each: what they select, claim and draw on is what a look at all would find."""

from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emis import program, stocks
from emis.inventory import Inventory
from emis.measures import Measure
from emis.plan import Plan
from emis.scenario import Scenario, ScenarioDocument
from emis.scenario_review import scenario_findings
from emis.selectors import Selector, wants

SIZE = 12
VALUES = {"fuel": ("coal", "gas", "oil"), "technology": ("old", "new"), "region": ("east", "", "west")}


def plants(activity: list[float]) -> Inventory:
    number = np.arange(len(activity))
    labels = {"source": np.array([f"plant/{n:03d}" for n in number], dtype=object)}
    labels |= {name: np.full(len(activity), "industry", dtype=object) for name in ("sector", "category", "facility")}
    labels |= {name: np.array(some, dtype=object)[number % len(some)] for name, some in VALUES.items()}
    nothing = np.full(len(activity), "", dtype=object)
    return Inventory(
        name="plants", base_year=2017, pollutants=("SO2", "NOx"), labels=labels, activity=np.array(activity),
        activity_unit=np.full(len(activity), "t/yr", dtype=object), factor=np.ones((len(activity), 2)),
        reported=np.zeros(len(activity), dtype=bool), control=np.zeros((len(activity), 2)), profile=nothing,
    )  # fmt: skip


def compiled(found: Inventory, measures: list[dict[str, Any]]) -> program.Program:
    plan = Plan.model_validate({"emis": "plan/1", "base_year": 2017, "measures": measures})
    document = ScenarioDocument(
        emis="scenario/1", name="x", plan="plan.yaml", inventories={2017: "."}, years=(2018, 2019)
    )  # fmt: skip
    return program.compile_program(found, Scenario(document, plan, {2017: found}))


PATTERNS = st.sampled_from(["plant/003", "plant/00[1-5]", "plant/01*", "*"])
SELECTORS = st.fixed_dictionaries(
    {}, optional={"source": PATTERNS} | {name: st.sampled_from([*some, "*"]) for name, some in VALUES.items()}
)


@given(st.lists(SELECTORS.map(lambda one: Selector.model_validate({k: v for k, v in one.items() if v})), max_size=3))
def test_rows_are_those_that_all_selectors_want(selectors: list[Selector]) -> None:
    found = plants([1.0] * SIZE)
    wanted = [item for selector in selectors for item in selector.items()]
    expected = [row for row in range(SIZE) if all(wants(some, str(found.labels[name][row])) for name, some in wanted)]
    assert found.rows(*selectors).tolist() == np.flatnonzero(found.mask(*selectors)).tolist() == expected


def test_a_measure_for_each_source_touches_its_own() -> None:
    found = plants([1.0] * SIZE)
    measures = [
        {"id": f"M{n:02d}", "select": {"source": str(name)}, "do": [{"abate": {"efficiency": {"SO2": f"{n} %"}}}]}
        for n, name in enumerate(found.labels["source"])
    ]
    one = compiled(found, measures)
    assert [matched.tolist() for matched in one.matched] == [[n] for n in range(SIZE)]
    assert one.intensities.owner.tolist() == one.intensities.measure.tolist() == list(range(SIZE))
    np.testing.assert_array_equal(one.keep[one.intensities.row, 0], 1 - np.arange(SIZE) / 100)


@given(st.lists(st.tuples(st.sampled_from(["SO2", "NOx"]), st.sampled_from([10, 20]), PATTERNS), max_size=6))
def test_claims_made_twice_are_those_that_pairs_of_measures_make(claims: list[tuple[str, int, str]]) -> None:
    found = plants([1.0] * SIZE)
    measures = [
        {"id": f"M{n}", "select": {"source": where}, "do": [{"abate": {"efficiency": {what: f"{strength} %"}}}]}
        for n, (what, strength, where) in enumerate(claims)
    ]
    told = [one.path for one in scenario_findings(compiled(found, measures)) if "claims what" in one.message]
    expected = [
        f"measures.M{second}"
        for (_, one), (second, other) in combinations(enumerate(claims), 2)
        if one[:2] == other[:2]
        and any(wants((one[2],), name) and wants((other[2],), name) for name in map(str, found.labels["source"]))
    ]
    assert told == expected


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3]), PATTERNS), max_size=5))
def test_what_is_drawn_from_a_stock_is_the_sum_over_its_sources(closes: list[tuple[int, str]]) -> None:
    found = plants([float(n) for n in range(SIZE)])
    measures = [
        {"id": f"M{n}", "select": {"source": where}, "do": [{"close": {"share": f"{share} %"}}]}
        for n, (share, where) in enumerate(closes)
    ]
    rows = {measure["id"]: found.rows(Measure.model_validate(measure).select) for measure in measures}
    for draw in stocks.draws(compiled(found, measures)):
        _, _, fuel, technology = draw.stock_of.split("/")
        mine = np.flatnonzero((found.labels["fuel"] == fuel) & (found.labels["technology"] == technology))
        assert draw.stock == found.activity[mine].sum()
        for number, (share, _) in enumerate(closes):
            taken = found.activity[np.intersect1d(mine, rows[f"M{number}"])].sum() * share / 100
            np.testing.assert_allclose(draw.promised.get(f"M{number}", 0.0), taken, rtol=1e-12)
