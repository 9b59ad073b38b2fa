"""Draws: the kernel against its oracle, drawn totals against compiling the drawn numbers, and known distributions."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from conftest import ACTIVITY, FACTORS, Command, Project
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

import emis
from emis import _core, _reference, draws
from emis.entries import Entries
from emis.likelihood import Sample, sample_projection
from emis.uncertainty.sampling import Sampler

SPREAD = 0.3
SURE = {"samples": 20_000, "seed": 1, "confidence": "90 %"}


def uncertain(activity: str = "", factor: str = "", extra: str = "") -> tuple[str, str]:
    """Return tables with coefficients of variation of the old source's activity, or intervals of factors."""
    head, *rows = ACTIVITY.splitlines()
    table = [head + ",cv"] + [row + ("," + activity if "old" in row else ",") for row in rows]
    low_high = [line + "," + (factor if factor and "old" in line else ",") for line in FACTORS.splitlines()[1:]]
    factors = [FACTORS.splitlines()[0] + ",low,high", *low_high]
    return "\n".join(table) + "\n" + extra, "\n".join(factors) + "\n"


def target(project: Project, **keys: Any) -> None:
    project.plan["targets"] = [{"id": "T", "indicator": "emissions", "pollutant": "NOx", "by": 2020, **keys}]


def sampled(project: Project, threads: int = 1) -> Sample:
    return sample_projection(project.project(), threads)


def normal(low: float, high: float) -> tuple[float, float]:
    """Return mean and standard deviation of the logarithm, by the ends of a 95 % interval."""
    return math.log(math.sqrt(low * high)), math.log(high / low) / 3.92


# -- the kernel ------------------------------------------------------------------------------------------------------


@st.composite
def arrays(draw: st.DrawFn) -> dict[str, Any]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    K, P, Y, M, n, Q, H = (draw(st.integers(1, high)) for high in (6, 3, 2, 3, 5, 4, 2))
    N = draw(st.sampled_from([1, 12]))
    T = Y * N

    def lists(rows: int, most: int, *tables: int) -> list[Any]:
        pointer = np.concatenate([[0], np.cumsum(rng.integers(0, most, rows))]).astype(np.intp)
        return [pointer, *(rng.integers(0, table, pointer[-1]).astype(np.intp) for table in tables)]

    u_ptr, u_column = lists(K, 3, Q + H)
    t_ptr, t_measure, t_season, t_strength = lists(K, 3, M, 2, 1 + 2 * M)
    v_ptr, v_column = lists(len(t_measure), 3, Q + H)
    c_ptr, c_measure, c_season, c_row = lists(K, 3, M, 2, 4)
    return {
        "W": rng.lognormal(size=(K, T, P)), "u_ptr": u_ptr, "u_column": u_column,
        "f_column": rng.integers(-1, Q, (K, P)).astype(np.intp),
        "t_ptr": t_ptr, "t_measure": t_measure, "t_season": t_season, "t_strength": t_strength,
        "V": rng.normal(size=(len(t_measure), T, P)), "v_ptr": v_ptr, "v_column": v_column,
        "c_ptr": c_ptr, "c_measure": c_measure, "c_season": c_season, "c_row": c_row,
        "keep": rng.choice([0.0, 0.4, 1.0, 1.3], (4, P)), "x": rng.random((M, T)), "g": rng.random((2, T)),
        "u": rng.lognormal(size=(Q, n)), "h": rng.lognormal(size=(H, Y, n)),
        "a": rng.random((1 + 2 * M, n)) * 1.5, "b": rng.random((M, P, n)) * 1.5,
        "cell": rng.integers(0, 2, K).astype(np.intp),
    }  # fmt: skip


def kernel(given_: dict[str, Any], threads: int = 1, table: bool = True, prefixes: bool = True) -> Any:
    (_, _, P), T, n = given_["W"].shape, given_["x"].shape[1], given_["u"].shape[1]
    out = np.zeros((2, T, P, n))
    entries = Entries(*(given_[name] for name in ("c_ptr", "c_measure", "c_season", "c_row")))
    kinds = entries.kinds()
    shared = {
        "c_kind": kinds.code, "k_entry": kinds.example[: len(kinds.example) if table else 0],
        "shared": entries.prefixes() * prefixes,
        "scratch": np.full((threads, _core.BLOCK_OF_DRAWS * (len(kinds.example) + 6)), np.nan),
    }  # fmt: skip
    _core.sample(**given_, **shared, out=out, threads=threads)
    return out


@given(arrays())
def test_sample_equals_the_oracle(case: dict[str, Any]) -> None:
    np.testing.assert_allclose(kernel(case), _reference.sample(**case, cells=2), rtol=1e-12, atol=1e-13)


@given(arrays())
def test_what_is_looked_up_once_is_the_same_bits(case: dict[str, Any]) -> None:
    found = kernel(case).tobytes()
    assert found == kernel(case, table=False).tobytes()
    assert found == kernel(case, prefixes=False).tobytes()


@given(arrays(), st.integers(0, 140))
def test_a_draw_is_the_same_in_any_block(case: dict[str, Any], cut: int) -> None:
    names = ("u", "h", "a", "b")
    many = case | {name: np.tile(case[name], 25) for name in names}
    parts = [many | {name: many[name][..., part].copy() for name in names} for part in (slice(cut), slice(cut, None))]
    np.testing.assert_array_equal(np.concatenate([kernel(part) for part in parts], axis=3), kernel(many))


@given(arrays(), st.sampled_from([2, 3, 8]))
def test_threads_do_not_change_a_bit(case: dict[str, Any], threads: int) -> None:
    assert kernel(case).tobytes() == kernel(case, threads).tobytes()


# -- draws -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 5000), st.integers(1, 500))
def test_blocks_of_draws_are_the_same_draws(start: int, count: int) -> None:
    whole = draws.uniform(7, "weather", start + count)
    assert np.array_equal(whole[start:], draws.uniform(7, "weather", count, start))


def test_a_latin_hypercube_has_a_draw_in_every_part() -> None:
    found = draws.table(["a", "b"], 1, 100, "latin_hypercube")
    for values in found.values():
        assert sorted((values * 100).astype(int)) == list(range(100))
    assert not np.array_equal(found["a"], found["b"])
    assert np.array_equal(found["a"], draws.table(["a"], 1, 100, "latin_hypercube")["a"])


def test_a_sobol_sequence_fills_all_ranges_together() -> None:
    found = draws.table(["a", "b"], 1, 1024, "sobol")
    cells = (found["a"] * 32).astype(int) * 32 + (found["b"] * 32).astype(int)
    assert len(set(cells.tolist())) == 1024
    assert np.array_equal(found["a"], draws.table(["b", "a"], 1, 1024, "sobol")["a"])


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_quantiles_of_a_pert(one: float, other: float, third: float) -> None:
    low, likely, high = sorted((one, other, third))
    if high - low < 1e-6:
        return
    part = (likely - low) / (high - low)
    at = np.linspace(0.001, 0.999, 101)
    exact = stats.beta(1 + 4 * part, 5 - 4 * part, low, high - low).ppf(at)
    np.testing.assert_allclose(draws.pert(at, low, likely, high), exact, atol=2e-3 * (high - low))


def test_first_order_shares_of_a_sum_and_of_a_product() -> None:
    inputs = draws.table(["a", "b", "c"], 1, 20_000)
    a, b, _ = (special.ndtri(inputs[name]) for name in "abc")
    found = draws.first_order(inputs, 3 * a + 4 * b)
    assert found["a"] == pytest.approx(9 / 25, abs=0.02)
    assert found["b"] == pytest.approx(16 / 25, abs=0.02)
    assert found["c"] == pytest.approx(0, abs=0.01)
    assert draws.first_order(inputs, a * b)["a"] == pytest.approx(0, abs=0.02)  # together they explain all of it
    assert draws.first_order(inputs, np.ones(20_000)) == dict.fromkeys("abc", 0.0)


def test_shares_of_several_results_are_those_of_each() -> None:
    inputs = draws.table(["a", "b"], 1, 1000)
    whole = inputs["a"] + inputs["b"] ** 2
    gaps = np.where(inputs["b"] > 0.9, np.nan, whole)
    results = [whole, gaps, whole[:300], np.ones(1000), np.full(1000, np.nan), whole[:5]]
    alone = [draws.first_order({name: values[: len(one)] for name, values in inputs.items()}, one) for one in results]
    assert draws.first_orders(inputs, results) == alone
    assert alone[0] != alone[1] != alone[2]
    known = ~np.isnan(gaps)
    assert alone[1] == draws.first_order({name: values[known] for name, values in inputs.items()}, gaps[known])


# -- figures ---------------------------------------------------------------------------------------------------------


def test_a_cv_of_an_activity_is_a_log_normal_with_the_mean_of_the_value(project: Project) -> None:
    activity, factors = uncertain("50 %")
    project.inventory(activity=activity, factors=factors)
    project.scenario["uncertainty"] = {**SURE, "samples": 40_000}
    found = sampled(project).drawn.total(2020, "NOx")
    sigma = math.sqrt(math.log1p(0.25))
    assert found.mean() == pytest.approx(2.0, rel=0.01)
    assert np.quantile(found, [0.05, 0.95]) == pytest.approx(
        2 * np.exp(sigma * special.ndtri([0.05, 0.95]) - sigma**2 / 2), rel=0.02
    )


def test_an_interval_of_a_factor_is_taken_at_its_word(project: Project) -> None:
    activity, factors = uncertain("", "0.5,6")
    project.inventory(activity=activity, factors=factors)
    project.scenario["uncertainty"] = {**SURE, "samples": 40_000}
    found = sampled(project).drawn.total(2017, "NOx")
    assert np.quantile(found, [0.025, 0.5, 0.975]) == pytest.approx([0.5, math.sqrt(3), 6], rel=0.03)


def test_what_errs_together_moves_together_and_the_rest_apart(project: Project) -> None:
    extra = "coal/kiln,kiln,coal,any,1000,t/yr,0,test,E,50 %\ncoal/kiln2,kiln,coal,any2,500,t/yr,0,test,E,50 %\n"
    activity, _ = uncertain("50 %", extra=extra)
    factors = FACTORS + "kiln,coal,,NOx,1,kg/t,0 %,test,E\n"
    project.inventory(activity=activity, factors=factors)
    kilns, stoves = {"category": "kiln"}, {"category": "stove"}
    selects = {"K": kilns, "S": stoves, "A": {"source": "coal/kiln"}, "B": {"source": "coal/kiln2"}}
    ceiling = {"indicator": "emissions", "pollutant": "NOx", "by": 2020, "at_most": "1 t/yr"}
    project.plan["targets"] = [{"id": name, **ceiling, "select": select} for name, select in selects.items()]
    found = sampled(project)
    k, s, a, b = (found.drawn.total(2020, "NOx", one.select) for one in found.projection.scenario.plan.targets)
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(1)
    assert k == pytest.approx(a + b)
    assert abs(np.corrcoef(k, s)[0, 1]) < 0.05


def test_draws_agree_with_error_propagation_where_errors_are_small(project: Project) -> None:
    activity, factors = uncertain("10 %", "1.8,2.2")
    project.inventory(activity=activity, factors=factors)
    project.scenario["uncertainty"] = SURE
    rows = {row[:3]: row for row in sampled(project).rows()}
    half, propagated = rows[2017, "total", "NOx"][-2:]
    assert half == pytest.approx(propagated, rel=0.03)


@pytest.mark.parametrize(("common", "spread"), [("0 %", math.sqrt(2) * 1), ("100 %", 0.0)])
def test_two_base_years_err_together_as_far_as_is_said(project: Project, common: str, spread: float) -> None:
    activity, factors = uncertain("30 %")
    for year in (2015, 2017):
        project.inventory(year, activity=activity, factors=factors)
    project.scenario["inventories"] = {2015: "../inventories/2015", 2017: "../inventories/2017"}
    project.scenario["uncertainty"] = {**SURE, "between_years": common}
    target(project, reduce_by="10 %", since=2015)
    found = sampled(project).drawn
    ratio = np.log(found.total(2020, "NOx") / found.total(2015, "NOx"))
    assert ratio.std() == pytest.approx(spread * math.sqrt(math.log1p(0.09)), abs=0.01)


# -- measures and drivers --------------------------------------------------------------------------------------------


def value_at(low: float, likely: float, high: float, draw: float) -> float:
    return float(draws.pert(np.array([draw]), low, likely, high)[0])


MEASURES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"abate": {"efficiency": {"NOx": "80 %"}, "penetration": "60 %"}}, "penetration", "40 %", "90 %"),
    ({"abate": {"efficiency": {"NOx": "80 %"}, "penetration": "60 %"}}, "efficiency", "50 %", "95 %"),
    ({"shift": {"share": "50 %", "to": {"technology": "new"}}}, "share", "20 %", "70 %"),
    ({"close": {"amount": "200 household"}}, "amount", "100 household", "450 household"),
    ({"scale": {"activity": "-20 %"}}, "activity", "-30 %", "-5 %"),
    ({"replace": {"factor": {"NOx": "0.4 kg/t"}, "share": "40 %"}}, "share", "10 %", "80 %"),
    ({"limit": {"at_most": {"NOx": "1 kg/t"}, "share": "60 %"}}, "share", "30 %", "100 %"),
]


@pytest.mark.parametrize(("do", "argument", "low", "high"), MEASURES)
@pytest.mark.parametrize("draw", [0.02, 0.35, 0.97])
def test_a_drawn_argument_is_what_compiling_it_gives(
    project: Project, do: dict[str, Any], argument: str, low: str, high: str, draw: float
) -> None:
    project.measure("M", [do], uncertainty={argument: {"low": low, "high": high}})
    sampler = Sampler(project.project().program)
    assert sampler.inputs == (f"M {argument}",)
    found = sampler.at({f"M {argument}": np.array([draw])}).total(2020, "NOx")

    ((verb, arguments),) = do.items()
    text = arguments[argument]["NOx"] if isinstance(arguments[argument], dict) else arguments[argument]
    low_, likely, high_ = (float(one.split(" ")[0]) for one in (low, text, high))
    if argument == "activity":
        # A cut that is said with a larger number is stronger, and the range runs from the stronger end.
        drawn = value_at(-high_, -likely, -low_, 1 - draw)
        written = f"-{drawn:.15g} %"
    else:
        drawn = value_at(low_, likely, high_, draw)
        written = f"{drawn:.15g} {text.split(' ')[1]}"
    changed = {**arguments, argument: {"NOx": written} if isinstance(arguments[argument], dict) else written}
    project.plan["measures"] = []
    project.measure("M", [{verb: changed}])
    assert found[0] == pytest.approx(project.total(), rel=1e-9)


def test_arguments_multiply_and_measures_stay_within_the_stock(project: Project) -> None:
    ranges = {"share": {"low": "10 %", "high": "90 %"}}
    project.measure("A", [{"close": {"share": "60 %"}}], uncertainty=ranges)
    project.measure("B", [{"close": {"share": "30 %"}}], uncertainty=ranges)
    found = Sampler(project.project().program).at({"A share": np.ones(1), "B share": np.ones(1)})
    # Together they reach for 180 %; neither takes more than makes up the whole: 2 t, all gone.
    assert found.total(2020, "NOx")[0] == pytest.approx(0.0, abs=1e-12)
    low = Sampler(project.project().program).at({"A share": np.zeros(1), "B share": np.zeros(1)})
    assert low.total(2020, "NOx")[0] == pytest.approx(2 * 0.8)


def test_a_range_of_the_implementation_moves_the_level(project: Project) -> None:
    do = [{"abate": {"efficiency": {"NOx": "50 %"}}}]
    project.measure("M", do, uncertainty={"implementation": {"low": "40 %", "high": "100 %"}})
    project.scenario["implementation"] = {"M": "80 %"}
    found = Sampler(project.project().program).at({"M implementation": np.array([0.0, 1.0])}).total(2020, "NOx")
    assert found == pytest.approx([2 * (1 - 0.4 * 0.5), 2 * (1 - 1.0 * 0.5)])


@pytest.mark.parametrize("draw", [0.05, 0.5, 0.9])
def test_drawn_drivers_are_what_compiling_them_gives(project: Project, draw: float) -> None:
    old = {"technology": "old"}
    move = {"select": old, "shift": {"share": "10 %/yr", "to": {"technology": "new"}}}
    grow = {"select": {"category": "stove"}, "growth": "3 %/yr"}
    project.measure("M", [{"abate": {"efficiency": {"NOx": "30 %"}}}])
    project.scenario["drivers"] = [
        {**move, "uncertainty": {"share": {"low": "4 %/yr", "high": "20 %/yr"}}},
        {**grow, "uncertainty": {"growth": {"low": "-2 %/yr", "high": "6 %/yr"}}},
    ]
    sampler = Sampler(project.project().program)
    found = sampler.at({name: np.array([draw]) for name in sampler.inputs}).total(2019, "NOx")
    share, growth = value_at(4, 10, 20, draw), value_at(-2, 3, 6, draw)
    project.scenario["drivers"] = [
        {**move, "shift": {"share": f"{share:.15g} %/yr", "to": {"technology": "new"}}},
        {**grow, "growth": f"{growth:.15g} %/yr"},
    ]
    assert found[0] == pytest.approx(project.total(2019), rel=1e-9)


@pytest.mark.parametrize(
    ("uncertainty", "said"),
    [
        ({"share": {"low": "1 %/yr", "high": "5 %/yr"}}, "no 'share' to have a range"),
        ({"growth": {"low": "4 %/yr", "high": "5 %/yr"}}, "does not lie between low and high"),
        ({"growth": {"cv": "30 %"}}, "has not two ends"),
    ],
)
def test_faults_of_a_drivers_range(project: Project, uncertainty: dict[str, Any], said: str) -> None:
    project.scenario["drivers"] = [{"select": {"category": "stove"}, "growth": "3 %/yr", "uncertainty": uncertainty}]
    assert said in project.faults()


# -- likelihoods -----------------------------------------------------------------------------------------------------


def test_the_probability_of_a_ceiling_is_that_of_the_log_normal(project: Project) -> None:
    activity, factors = uncertain("40 %")
    project.inventory(activity=activity, factors=factors)
    project.scenario["uncertainty"] = SURE
    target(project, at_most="1.5 t/yr")
    projection = project.project()
    found = sample_projection(projection)
    sigma = math.sqrt(math.log1p(0.16))
    expected = special.ndtr((math.log(1.5 / 2) + sigma**2 / 2) / sigma)
    (one,) = emis.assess(projection, projection.scenario.plan.targets, sample=found)
    assert one.probability == pytest.approx(expected, abs=0.01)
    assert one.status == "MISSED"
    assert "activity of coal/stove" in one.hangs_on
    assert found.likelihoods["T"].inputs[0][1] == pytest.approx(1, abs=0.03)
    (bar,) = found.likelihoods["T"].tornado
    assert [bar.low, bar.high] == pytest.approx(2 * np.exp(sigma * special.ndtri([0.05, 0.95]) - sigma**2 / 2))


def test_bars_need_no_many_draws(project: Project) -> None:
    activity, factors = uncertain("40 %", "0.5,6")
    project.inventory(activity=activity, factors=factors)
    project.scenario["uncertainty"] = {"samples": 20}
    target(project, at_most="1.5 t/yr")
    found = sampled(project)
    assert repr(found) == "<emis.Sample of 'test', 20 draws>"
    one = found.likelihoods["T"]
    bars = {bar.input.split()[0]: bar for bar in one.tornado}
    assert set(bars) == {"activity", "factor"}
    assert [bar.high > bar.low for bar in bars.values()] == [True, True]
    assert all(bar.share is None or bar.share > draws.noise(20, 1e-5) for bar in bars.values())
    lengths = [bar.high - bar.low for bar in one.tornado]
    assert lengths == sorted(lengths, reverse=True)


def test_a_level_that_errs_on_both_sides_cancels(project: Project) -> None:
    activity, factors = uncertain("60 %", "0.5,6")
    project.inventory(activity=activity, factors=factors)
    project.measure("M", [{"abate": {"efficiency": {"NOx": "35 %"}}}])
    target(project, reduce_by="30 %", since=2017)
    one = sampled(project).likelihoods["T"]
    assert one.probability == 1.0
    assert [one.low, one.high] == pytest.approx([35, 35])
    assert one.inputs == ()


def test_alerts_and_activities_have_a_likelihood_too(project: Project) -> None:
    activity, factors = uncertain("40 %")
    project.inventory(activity=activity, factors=factors)
    project.measure("M", [{"close": {"share": "50 %"}}], uncertainty={"share": {"low": "30 %", "high": "70 %"}})
    ranged = {"efficiency": {"low": "10 %", "high": "40 %"}}
    stop = {"id": "stop", "select": {"technology": "old"}, "do": [{"abate": {"efficiency": {"NOx": "25 %"}}}]}
    project.plan["alerts"] = [{"level": "red", "at_least": "20 %", "measures": [{**stop, "uncertainty": ranged}]}]
    project.plan["targets"] = [
        {"id": "R", "indicator": "alert", "level": "red", "reduce_by": "25 %"},
        {"id": "C", "indicator": "activity", "select": {"technology": "old"}, "at_most": "500 t/yr", "by": 2020},
        {"id": "H", "indicator": "activity", "select": {"technology": "old"}, "at_most": "250 household", "by": 2020},
    ]
    project.scenario["uncertainty"] = SURE
    found = sampled(project).likelihoods
    # Half of a symmetric range lies above its middle; of PERT from 10 to 40 with 25 likely too.
    assert found["R"].probability == pytest.approx(0.5, abs=0.04)
    assert found["H"].probability == pytest.approx(0.5, abs=0.02)
    assert found["H"].low > 0
    sigma = math.sqrt(math.log1p(0.16))
    rng = np.random.default_rng(1)
    share = draws.pert(rng.random(200_000), 0.3, 0.5, 0.7)
    left = 1000 * (1 - share) * np.exp(sigma * rng.normal(size=200_000) - sigma**2 / 2)
    assert found["C"].probability == pytest.approx(np.mean(left <= 500), abs=0.02)


def test_what_is_not_estimated_has_no_likelihood(project: Project) -> None:
    project.inventory(factors=FACTORS.replace("old,NOx,2,", "old,NOx,NE,"))
    target(project, reduce_by="30 %", since=2017)
    projection = project.project()
    found = sample_projection(projection)
    assert found.likelihoods == {}
    assert bool(found.dataset["emissions_mean"].sel(drawn_sector="total").isnull().all())
    (one,) = emis.assess(projection, projection.scenario.plan.targets, sample=found)
    assert (one.status, one.probability) == ("UNDETERMINED", None)


def test_caps_hold_in_every_draw(project: Project) -> None:
    activity, factors = uncertain("60 %")
    project.inventory(activity=activity, factors=factors)
    project.measure("M", [{"cap": {"at_most": {"NOx": "1.2 t/yr"}}}], select={"category": "stove"})
    found = sampled(project).drawn
    assert found.total(2020, "NOx").max() == pytest.approx(1.2)
    assert found.total(2017, "NOx").max() > 3


@pytest.mark.parametrize("resolution", ["year", "month"])
def test_in_the_middle_it_is_the_projection(project: Project, resolution: str) -> None:
    project.scenario["resolution"] = resolution
    project.measure("A", [{"shift": {"share": "30 %", "to": {"technology": "new"}}}], months=[1, 2, 12])
    project.measure("B", [{"abate": {"efficiency": {"NOx": "40 %"}}}], phase_in={2018: "20 %", 2020: "70 %"})
    project.measure("C", [{"cap": {"at_most": {"NOx": "1.1 t/yr"}}}], select={"category": "stove"})
    projection = project.project()
    found = Sampler(projection.program).at({})
    for year in (2018, 2019, 2020):
        assert found.total(year, "NOx")[0] == pytest.approx(projection.total(year, "NOx"), rel=1e-12)


def test_threads_rows_and_sizes_do_not_change_draws(project: Project) -> None:
    activity, factors = uncertain("40 %", "1,3")
    project.inventory(activity=activity, factors=factors)
    project.measure("M", [{"close": {"share": "50 %"}}], uncertainty={"share": {"low": "30 %", "high": "70 %"}})
    project.scenario["uncertainty"] = {**SURE, "samples": 3000}
    first = sampled(project).drawn.total(2020, "NOx")
    assert np.array_equal(first, sampled(project, threads=3).drawn.total(2020, "NOx"))
    head, *rows = activity.splitlines()
    project.inventory(activity="\n".join([head, *reversed(rows)]) + "\n", factors=factors)
    project.scenario["uncertainty"]["samples"] = 1500
    assert np.array_equal(first[:1500], sampled(project).drawn.total(2020, "NOx"))


def test_the_python_call(project: Project) -> None:
    activity, factors = uncertain("40 %")
    project.inventory(activity=activity, factors=factors)
    scenario = project.read()
    found = emis.sample(scenario.inventories[2017], scenario, draws=500, seed=3)
    assert found.count == 500
    assert found.dataset["emissions_quantile"].dims == ("quantile", "projected_year", "drawn_sector", "pollutant")
    assert found.dataset.attrs["draws"] == 500


def test_a_run_writes_what_it_drew(project: Project, run: Command) -> None:
    activity, factors = uncertain("40 %", "1,3")
    project.inventory(activity=activity, factors=factors)
    target(project, at_most="1.5 t/yr")
    found = run("run", project.write(), "-o", "out", "--samples", "2000", "--seed", "5")
    assert found.exit_code == 0, found.output
    assert "How sure" in found.stdout
    assert "From 2,000 draws" in found.stdout
    folder = Path(run.folder / "out")
    (row,) = csv.DictReader((folder / "verdicts.csv").read_text(encoding="utf-8").splitlines())
    assert 0 < float(row["probability"]) < 1
    assert "activity of coal/stove" in row["hangs_on"]
    rows = list(csv.DictReader((folder / "uncertainty.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["year"] for row in rows} == {"2017", "2018", "2019", "2020"}
    assert all(float(row["p05 [t]"]) < float(row["p95 [t]"]) for row in rows)
    bars = list(csv.DictReader((folder / "sensitivity.csv").read_text(encoding="utf-8").splitlines()))
    assert {bar["input"] for bar in bars} == {"activity 2017 coal/stove", "factor factors/stove/coal/old NOx"}
    with xr.open_dataset(folder / "projection.nc") as data:
        assert data["emissions_quantile"].sel(quantile=0.5, drawn_sector="coal", projected_year=2020).item() > 0
    assert "把握程度" in run("run", project.write(), "-o", "zh", "--lang", "zh").stdout


def test_every_class_is_drawn_by_the_figures_of_its_own_sources(project: Project) -> None:
    """Some with growth of their own, some without: each source's total moves with its own activity alone."""
    rows = [f"coal/k{n},k{n},coal,any,1000,t/yr,0,test,E,{20 + 5 * n} %" for n in range(6)]
    activity, _ = uncertain(extra="\n".join(rows) + "\n")
    factors = FACTORS + "".join(f"k{n},coal,,NOx,1,kg/t,0 %,test,E\n" for n in range(6))
    project.inventory(activity=activity, factors=factors)
    wide = {"low": "1 %/yr", "high": "5 %/yr"}
    project.scenario["drivers"] = [
        {"select": {"category": name}, "growth": "3 %/yr", "uncertainty": {"growth": wide}}
        for name in ("k0", "k3", "stove")
    ]  # fmt: skip
    ceiling = {"indicator": "emissions", "pollutant": "NOx", "by": 2020, "at_most": "1 t/yr"}
    project.plan["targets"] = [{"id": f"K{n}", **ceiling, "select": {"category": f"k{n}"}} for n in range(6)]
    sampler = Sampler(project.project().program, [one.select for one in project.read().plan.targets])
    middle = {name: np.full(2, 0.5) for name in sampler.inputs}
    for n in range(6):
        moved = sampler.at(middle | {f"activity 2017 coal/k{n}": np.array([0.1, 0.9])})
        for other in range(6):
            found = moved.total(2020, "NOx", sampler.selections[other])
            assert (found[0] != found[1]) == (n == other), (n, other)


@pytest.mark.parametrize(
    ("do", "ranges", "said"),
    [
        (
            {"close": {"amount": "200 household"}},
            {"amount": {"low": "100 km", "high": "300 km"}},
            "the range is in km and the value in household",
        ),
        (
            {"close": {"amount": "200 household", "uncertainty": {"amount": {"low": 100, "high": 300}}}},
            None,
            "measures.M.do.0.close.uncertainty.amount",
        ),
        (
            {"abate": {"efficiency": {"NOx": "50 %"}, "uncertainty": {"efficiency": {"low": 0.4, "high": 0.6}}}},
            None,
            "measures.M.do.0.abate.uncertainty.efficiency",
        ),
        ({"close": {"share": "50 %"}}, {"share": {"low": "90 %", "high": "120 %"}}, "measures.M.uncertainty.share"),
        (
            {"abate": {"efficiency": {"NOx": "50 %"}}},
            {"efficiency": {"VOC": {"low": "40 %", "high": "60 %"}}},
            "a range of VOC, which efficiency says nothing of",
        ),
    ],
)
def test_ranges_that_no_draw_could_be_taken_from(
    project: Project, do: dict[str, Any], ranges: dict[str, Any] | None, said: str
) -> None:
    project.measure("M", [do], **({"uncertainty": ranges} if ranges else {}))
    told = project.faults()
    assert "scenarios/plan.yaml:" in told
    assert said in told


def test_what_a_measure_cannot_do_at_an_end_is_warned_of(project: Project) -> None:
    project.inventory(factors=FACTORS.replace("0 %", "50 %"))
    replacing = {"abate": {"efficiency": {"NOx": "80 %"}, "replaces": "existing"}}
    project.measure("M", [replacing], uncertainty={"efficiency": {"low": "40 %", "high": "90 %"}})
    sampler = Sampler(project.project().program)
    (warning,) = (str(one) for one in sampler.issues.warnings)
    assert "at an end of a range" in warning
    assert "better than the 40 % that replaces it" in warning


def test_a_range_beside_its_value_is_warned_of(project: Project) -> None:
    project.measure("M", [{"close": {"share": "50 %"}}], uncertainty={"share": {"low": "10 %", "high": "30 %"}})
    (warning,) = (str(one) for one in project.read().warnings if "does not hold" in one.message)
    assert "the range 10 to 30 % does not hold the value 50 %" in warning


def test_a_range_of_the_implementation_is_about_what_is_asked(project: Project) -> None:
    project.measure(
        "M", [{"close": {"share": "50 %"}}], uncertainty={"implementation": {"low": "60 %", "high": "100 %"}}
    )
    found = []
    for level in ("80 %", "100 %"):
        project.scenario["implementation"] = {"M": level}
        sampler = Sampler(project.project().program)
        drawn = draws.table(sampler.inputs, 1, 200)
        full = sampler.program.levels / sampler.program.levels.max()
        found.append(sampler.at(drawn, full).projected)
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    assert found[0].std() > 0


@pytest.mark.parametrize("confidence", ["0 %", "100 %"])
def test_a_confidence_that_no_interval_has(project: Project, confidence: str) -> None:
    project.scenario["uncertainty"] = {"confidence": confidence}
    assert "is not between 0 and 100 %" in project.faults()


def test_what_is_not_told_from_noise_is_not_named() -> None:
    count = 2000
    drawn = np.random.default_rng(1).random((301, count))
    shares = draws.first_order({str(i): drawn[i] for i in range(300)}, drawn[300])
    assert 0.01 < max(shares.values()) < draws.noise(count, 1e-5) < 0.03
    assert sum(share > draws.noise(count, 0.1) for share in shares.values()) == pytest.approx(30, abs=12)
