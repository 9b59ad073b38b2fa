"""Shapley shares against enumeration over every subset of measures, slopes against differences, and what is told."""

import csv
import json
import math
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command, Project
from hypothesis import given
from hypothesis import strategies as st
from test_projection import big

import emis
from emis import _core, _reference, kernels
from emis.attribution import balance, change, interaction, records
from emis.classes import merge, sector_groups

KEEP = [0.0, 0.3, 0.85, 1.0, 1.4]  # efficiencies of 100, 70, 15 and 0 %, and one that raises emissions
SHARED = "W profile w t_ptr t_measure t_season t_pair V c_ptr c_measure c_season c_row c_pair keep x g".split()
MERGED = "W profile w t_ptr t_measure t_season V c_ptr c_measure c_season c_row keep".split()


def program(seed: int, measures: int, months: int = 1, size: int = 6) -> dict[str, Any]:
    """Return random classes in which each measure moves stock, changes intensity, or does not act."""
    rng = np.random.default_rng(seed)
    P, Y = 3, 2
    T = Y * months
    role = rng.choice(["move", "change", "none"], (size, measures), p=[0.3, 0.5, 0.2])
    entries: dict[str, list[Any]] = {"move": [], "change": []}
    pointers: dict[str, list[int]] = {"move": [0], "change": [0]}
    pairs: dict[tuple[int, int], int] = {}
    for k in range(size):
        for kind in ("move", "change"):
            for i in np.flatnonzero(role[k] == kind).tolist():
                pair = pairs.setdefault((k, i), len(pairs))
                # A measure may move stock of one class by several entries, in seasons of their own.
                entries[kind] += [(i, pair)] * (int(rng.integers(1, 3)) if kind == "move" else 1)
            pointers[kind].append(len(entries[kind]))
    moves, changes = (np.array(entries[kind], dtype=np.intp).reshape(-1, 2) for kind in ("move", "change"))
    W = rng.lognormal(size=(size, Y, P))
    V = rng.normal(size=(len(moves), Y, P))
    leaving = V < 0  # no more may leave than there is
    V[leaving] *= 0.1
    return {
        "W": W, "profile": rng.integers(0, 2, size).astype(np.intp),
        "w": np.ones((2, T)) if months == 1 else np.hstack([rng.dirichlet(np.ones(12), 2) for _ in range(Y)]),
        "t_ptr": np.array(pointers["move"], dtype=np.intp), "t_measure": moves[:, 0].copy(),
        "t_season": rng.integers(0, 2, len(moves)).astype(np.intp), "t_pair": moves[:, 1].copy(), "V": V,
        "c_ptr": np.array(pointers["change"], dtype=np.intp), "c_measure": changes[:, 0].copy(),
        "c_season": rng.integers(0, 2, len(changes)).astype(np.intp), "c_pair": changes[:, 1].copy(),
        "c_row": rng.integers(0, 5, len(changes)).astype(np.intp),
        "keep": np.array([rng.permutation(KEEP) for _ in range(P)]).T.copy(),
        "x": rng.choice([0.0, 0.25, 1.0, rng.random()], (measures, T), p=[0.1, 0.2, 0.5, 0.2]),
        "g": np.vstack([np.ones(T), rng.random(T)]),
        "of": pairs,
    }  # fmt: skip


def rules(case: dict[str, Any]) -> dict[str, Any]:
    degree = np.diff(case["c_ptr"]) + (np.diff(case["t_ptr"]) > 0)
    order = (np.maximum((degree + 1) // 2, 1) - 1).astype(np.intp)
    nodes, weights = kernels._rules(int(order.max()) + 1)
    return {"order": order, "nodes": nodes, "weights": weights}


def shared(case: dict[str, Any]) -> dict[str, Any]:
    return {name: case[name] for name in SHARED}


def room(case: dict[str, Any], threads: int) -> Any:
    return np.full((threads, 2 + int(np.diff(case["c_ptr"]).max(initial=0)), case["W"].shape[2]), np.nan)


def shapley(case: dict[str, Any], threads: int = 1, **rule: Any) -> Any:
    out = np.zeros((len(case["of"]), *case["W"].shape[1:]))
    found = rule or rules(case)
    _core.shapley(**shared(case), **found, out=out, scratch=room(case, threads), threads=threads)
    return out


def gradient(case: dict[str, Any], threads: int = 1) -> Any:
    out = np.zeros((len(case["of"]), case["x"].shape[1], case["W"].shape[2]))
    _core.gradient(**shared(case), out=out, scratch=room(case, threads), threads=threads)
    return out


def emitted(case: dict[str, Any], vectors: Any) -> Any:
    """Return the emissions of every class under many vectors, vectors × K × Y × P [t/yr]."""
    K, Y, P = case["W"].shape
    found = _reference.totals(*(case[name] for name in MERGED), vectors, case["g"], np.arange(K), K)
    return found.reshape(len(vectors), K, Y, -1, P).sum(axis=3)


def enumerated(value: Any, count: int) -> Any:
    """Return Shapley values by their definition, players × ..., of the worth of each subset (by its bits) × ...."""
    found = np.zeros((count, *value.shape[1:]))
    for i in range(count):
        others = [j for j in range(count) if j != i]
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for subset in combinations(others, size):
                bits = sum(1 << j for j in subset)
                found[i] += weight * (value[bits | 1 << i] - value[bits])
    return found


def subsets(levels: Any) -> Any:
    """Return the levels with each subset of measures in place, by its bits."""
    count = len(levels)
    acting = (np.arange(1 << count)[:, None] >> np.arange(count)) & 1
    return acting[:, :, None] * levels


def by_measure(case: dict[str, Any], values: Any) -> Any:
    """Return pairs as measures × classes × years × pollutants."""
    found = np.zeros((len(case["x"]), case["W"].shape[0], *values.shape[1:]))
    for (k, i), pair in case["of"].items():
        found[i, k] = values[pair]
    return found


SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.integers(1, 7), st.sampled_from([1, 12]))
def test_the_kernel_equals_the_oracle(seed: int, measures: int, months: int) -> None:
    case = program(seed, measures, months, 3)
    expected = _reference.shapley(**shared(case), **rules(case), pairs=len(case["of"]))
    np.testing.assert_allclose(shapley(case), expected, rtol=1e-12, atol=1e-13)


@given(SEEDS, st.integers(1, 7))
def test_shares_equal_enumeration_over_all_subsets(seed: int, measures: int) -> None:
    case = program(seed, measures)
    value = emitted(case, subsets(case["x"]))
    scale = np.abs(value).max(axis=0).sum(axis=0).max()
    np.testing.assert_allclose(by_measure(case, shapley(case)), enumerated(value, measures), rtol=0, atol=1e-13 * scale)


@pytest.mark.parametrize("seed", range(3))
def test_shares_of_twelve_measures_equal_enumeration(seed: int) -> None:
    case = program(seed, 12, size=2)
    case["x"][:, 0] = 1.0
    value = emitted(case, subsets(case["x"]))
    scale = np.abs(value[0]).sum(axis=0).max()
    np.testing.assert_allclose(by_measure(case, shapley(case)), enumerated(value, 12), rtol=0, atol=1e-13 * scale)


@given(SEEDS, st.integers(1, 40), st.sampled_from([1, 12]))
def test_shares_add_up_to_the_change(seed: int, measures: int, months: int) -> None:
    case = program(seed, measures, months)
    none, whole = emitted(case, np.stack([0 * case["x"], case["x"]]))
    found = by_measure(case, shapley(case)).sum(axis=0)
    np.testing.assert_allclose(found, whole - none, rtol=1e-12, atol=1e-12 * np.abs([none, whole]).max())


@given(SEEDS, st.integers(1, 7), st.sampled_from([(0.0, "alone"), (1.0, "last")]))
def test_the_ends_of_the_ray(seed: int, measures: int, end: tuple[float, str]) -> None:
    case = program(seed, measures)
    at, name = end
    rule = {"order": np.zeros(len(case["W"]), dtype=np.intp), "nodes": np.array([[at]]), "weights": np.ones((1, 1))}
    found = by_measure(case, shapley(case, **rule))
    for i in range(measures):
        others = 0 * case["x"] if name == "alone" else case["x"]
        with_it, without = others.copy(), others.copy()
        with_it[i], without[i] = case["x"][i], 0.0
        full, none = emitted(case, np.stack([with_it, without]))
        np.testing.assert_allclose(found[i], full - none, rtol=1e-11, atol=1e-13 * np.abs([full, none]).max())


@given(SEEDS, st.integers(2, 6))
def test_twins_share_alike_and_idle_measures_get_nothing(seed: int, measures: int) -> None:
    case = program(seed, measures)
    count = np.diff(case["c_ptr"])
    k = int(count.argmax())
    if count[k] < 2:
        return
    first = case["c_ptr"][k]
    for name in ("c_row", "c_season"):
        case[name][first + 1] = case[name][first]
    case["x"][case["c_measure"][first + 1]] = case["x"][case["c_measure"][first]]
    found = shapley(case)
    one, other = (found[case["c_pair"][first + n]] for n in (0, 1))
    np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)
    case["x"][0] = 0.0
    assert not by_measure(case, shapley(case))[0].any()


@given(SEEDS, st.integers(1, 9), st.sampled_from([2, 3, 8]))
def test_threads_do_not_change_a_bit(seed: int, measures: int, threads: int) -> None:
    case = program(seed, measures)
    assert shapley(case).tobytes() == shapley(case, threads).tobytes()
    assert gradient(case).tobytes() == gradient(case, threads).tobytes()


@given(SEEDS, st.integers(1, 6), st.sampled_from([1, 12]))
def test_slopes_equal_the_oracle_and_differences(seed: int, measures: int, months: int) -> None:
    case = program(seed, measures, months, 3)
    found = gradient(case)
    np.testing.assert_allclose(
        found, _reference.gradient(**shared(case), pairs=len(case["of"])), rtol=1e-11, atol=1e-13
    )
    K, _, P = case["W"].shape
    step, x = 1e-3, case["x"]
    for i in range(measures):  # linear in one level: a central difference of any step has no error but rounding
        vectors = np.stack([x + step * np.eye(measures)[i][:, None], x - step * np.eye(measures)[i][:, None]])
        up, down = _reference.totals(*(case[name] for name in MERGED), vectors, case["g"], np.arange(K), K)
        slope = (up - down) / (2 * step)
        for k in range(K):
            expected = found[case["of"][k, i]] if (k, i) in case["of"] else np.zeros((x.shape[1], P))
            np.testing.assert_allclose(expected, slope[k], rtol=1e-8, atol=1e-9)


def test_slopes_where_nothing_remains() -> None:
    case = program(1, 2, size=1)
    two = np.array([0, 2], dtype=np.intp)
    none = np.empty(0, dtype=np.intp)
    case |= {
        "t_ptr": np.zeros(2, dtype=np.intp), "t_measure": none, "t_season": none, "t_pair": none,
        "V": np.empty((0, 2, 3)), "c_ptr": two, "c_measure": np.arange(2), "c_season": np.zeros(2, dtype=np.intp),
        "c_row": np.arange(2), "c_pair": np.arange(2), "keep": np.zeros((2, 3)),
        "x": np.array([[1.0, 1.0], [1.0, 0.4]]),
        "of": {(0, 0): 0, (0, 1): 1},
    }  # fmt: skip
    W = case["W"][0]
    np.testing.assert_allclose(gradient(case)[0], -W * np.array([[0.0], [0.6]]), rtol=1e-15)
    assert not gradient(case)[1].any()
    np.testing.assert_allclose(shapley(case)[:, 0], np.stack([-W[0] / 2] * 2), rtol=1e-15)


def test_an_empty_program_is_fine() -> None:
    case = program(1, 1, size=0)
    case |= {"W": np.empty((0, 2, 3))}
    rule = {"order": np.empty(0, dtype=np.intp), "nodes": np.ones((1, 1)), "weights": np.ones((1, 1))}
    assert shapley(case, **rule).shape == (0, 2, 3)
    assert gradient(case).shape == (0, 2, 3)


# -- whole programs ---------------------------------------------------------------------------------------------------


def yearly(program: emis.Program, levels: Any) -> Any:
    """Return emissions by year, source and pollutant [t/yr] with other levels, by the kernel that knows no classes."""
    emissions, _ = kernels.project(program, levels)
    return emissions.reshape(len(program.years), program.months, *emissions.shape[1:]).sum(axis=1)


@pytest.mark.parametrize("resolution", ["year", "month"])
def test_shares_of_a_plan_equal_enumeration(project: Project, resolution: str) -> None:
    big(project, 5)
    project.scenario["resolution"] = resolution
    program = project.project().program
    free = replace(program, caps=())
    value = np.stack([yearly(free, levels) for levels in subsets(program.levels)])
    expected = enumerated(value, len(program.measures))
    beyond = yearly(program, program.levels) - yearly(free, program.levels)
    assert (beyond < -1e-3).any()
    expected[[measure.id for measure in program.measures].index("F")] += beyond
    found = emis.contributions(program, by="source", methods=["shapley"])["shapley"]
    wide = found.set_index(pair=["measure", "source"]).unstack("pair", fill_value=0)
    wide = wide.transpose("measure", "year", "source", "pollutant")
    assert list(wide["source"].values) == list(program.inventory.labels["source"])
    np.testing.assert_allclose(wide.values, expected, rtol=0, atol=1e-13 * value.max())
    by_sector = emis.contributions(program)["shapley"]
    np.testing.assert_allclose(
        by_sector.sel(sector="coal").values, expected.sum(axis=2).swapaxes(0, 1), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("resolution", ["year", "month"])
@pytest.mark.parametrize("method", ["alone", "last"])
def test_alone_and_last_by_source(project: Project, resolution: str, method: str) -> None:
    big(project, 5)
    project.scenario["resolution"] = resolution
    program = project.project().program
    found = emis.contributions(program, by="source", methods=[method])[method]  # type: ignore[list-item]
    wide = found.set_index(pair=["measure", "source"]).unstack("pair", fill_value=0)
    for number, one in enumerate(program.measures):
        own = np.arange(len(program.measures))[:, None] == number
        ends = (own, 0 * own) if method == "alone" else (0 * own + 1, ~own)
        with_it, without = (yearly(program, program.levels * end) for end in ends)
        mine = wide.sel(measure=one.id).transpose("year", "source", "pollutant").values
        np.testing.assert_allclose(mine, with_it - without, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("resolution", ["year", "month"])
def test_closure_and_interaction(project: Project, resolution: str) -> None:
    big(project, 3)
    project.scenario["resolution"] = resolution
    program = project.project().program
    found, whole = emis.contributions(program, 2), change(program)
    np.testing.assert_allclose(found["shapley"].sum("measure"), whole, rtol=1e-12, atol=0)
    np.testing.assert_allclose(interaction(found).sum("measure"), whole - found["alone"].sum("measure"), rtol=1e-11)
    assert interaction(found).attrs["units"] == "t"
    for by, dims in (("measure", ("year", "measure", "pollutant")), ("source", ("year", "pair", "pollutant"))):
        other = emis.contributions(program, by=by)  # type: ignore[arg-type]
        for name in ("shapley", "alone", "last"):
            assert other[name].dims == dims
            assert other[name].attrs["units"] == "t"
            summed = other[name].sum(dims[1])
            np.testing.assert_allclose(summed, found[name].sum(["measure", "sector"]), rtol=1e-12)


def test_a_small_measure_keeps_its_digits(project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit\ncoal/big,big,1e9,t/yr\ncoal/small,small,1,t/yr\n",
        factors="category,pollutant,factor,unit\nbig,NOx,3,kg/t\nsmall,NOx,7,kg/t\n",
    )
    project.measure("A", [{"abate": {"efficiency": {"NOx": "30 %"}}}], select={"category": "small"})
    project.measure("B", [{"scale": {"activity": "-10 %"}}], select={"sector": "coal"})
    found = emis.contributions(project.project().program).sel(measure="A", year=2020, sector="coal", pollutant="NOx")
    assert found["alone"].item() == pytest.approx(-0.0021, rel=1e-14)
    assert found["last"].item() == pytest.approx(-0.0021 * 0.9, rel=1e-14)
    assert found["shapley"].item() == pytest.approx(-0.0021 * 0.95, rel=1e-14)


def test_shapley_of_two(project: Project) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}])
    project.measure("B", [{"abate": {"efficiency": {"NOx": "40 %"}}}])
    scenario = project.read()
    found = emis.attribute(scenario.inventories[2017], scenario).sel(year=2020, pollutant="NOx", sector="coal")
    assert found.name == "shapley"
    assert found.values == pytest.approx([-0.8, -0.6], rel=1e-14)
    assert found.sum() == pytest.approx(-1.4, rel=1e-14)
    for arguments in ({"method": "first"}, {"by": "region"}):
        with pytest.raises(ValueError, match="expected one of"):
            emis.attribute(scenario.inventories[2017], scenario, **arguments)


def test_a_cap_takes_what_the_shares_leave(project: Project) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}])
    project.measure("B", [{"cap": {"at_most": {"NOx": "0.6 t/yr"}}}])
    found = emis.contributions(project.project().program).sel(year=2020, pollutant="NOx", sector="coal")
    assert found["shapley"].values == pytest.approx([-1.0, -0.4], rel=1e-14)
    project.plan["measures"][1]["do"].append({"abate": {"efficiency": {"NOx": "20 %"}}})
    found = emis.contributions(project.project().program).sel(year=2020, pollutant="NOx", sector="coal")
    # Uncapped: -1.0 and -0.4 alone, 0.8 t left; A has -0.9 and B -0.3 of the game, and the cap takes 0.2 t more.
    assert found["shapley"].values == pytest.approx([-0.9, -0.5], rel=1e-14)
    assert found["alone"].values == pytest.approx([-1.0, -1.4], rel=1e-14)
    assert found["last"].values == pytest.approx([0.0, -0.4], rel=1e-14, abs=1e-15)


def test_caps_on_several_pollutants_and_selections(project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit\n"
        + "".join(f"coal/{c},{c},{n},t/yr\n" for n, c in enumerate("abcd", 1)),
        factors="category,pollutant,factor,unit\n"
        + "".join(f"{c},{p},{n},t/t\n" for n, c in enumerate("abcd", 1) for p in ("NOx", "SO2")),
        pollutants=["SO2", "NOx"],
    )
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], select={"category": ["a", "b", "d"]})
    project.measure("B", [{"cap": {"at_most": {"NOx": "2 t/yr"}}}], select={"category": ["a", "b"]})
    project.measure("C", [{"cap": {"at_most": {"NOx": "5 t/yr", "SO2": "9 t/yr"}}}], select={"category": ["c"]})
    project.measure("D", [{"scale": {"activity": "-10 %"}}], select={"sector": "coal"}, phase_in={2018: "50 %"})
    program = project.project().program
    free = replace(program, caps=())
    value = np.stack([yearly(free, levels) for levels in subsets(program.levels)])
    expected = enumerated(value, 4).sum(axis=2)
    beyond = yearly(program, program.levels) - value[-1]
    expected[1] += beyond[:, :2].sum(axis=1)
    expected[2] += beyond[:, 2:].sum(axis=1)
    assert (beyond != 0).any(axis=(0, 2)).tolist() == [True, True, True, False]
    found = emis.contributions(program, by="measure")["shapley"].transpose("measure", "year", "pollutant")
    np.testing.assert_allclose(found.values, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found.sum("measure"), change(program).sum("sector"), rtol=1e-12)


@pytest.mark.parametrize("resolution", ["year", "month"])
def test_slopes_of_a_capped_plan(project: Project, resolution: str) -> None:
    big(project, 5)
    project.scenario["resolution"] = resolution
    program = project.project().program
    _, group = sector_groups(program.inventory)
    classes = merge(program, group, 1)
    levels = 0.2 + 0.6 * program.levels
    assert not np.allclose(
        kernels.totals(classes, levels[None]), kernels.totals(classes.by_cell(), levels[None])[0].sum(1)
    )
    found = kernels.gradient(classes, levels)
    step, shape = 1e-5, levels.shape
    for place in np.ndindex(shape):
        moved = np.zeros(shape)
        moved[place] = step
        up, down = kernels.totals(classes, np.stack([levels + moved, levels - moved]))
        year = place[1] // program.months
        np.testing.assert_allclose(found[place], (up - down)[year] / (2 * step), rtol=1e-6, atol=1e-8)


# -- what is not estimated --------------------------------------------------------------------------------------------


def test_a_share_needs_what_its_measure_touches(project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit\ncoal/a,a,1000,t/yr\ncoal/b,b,1000,t/yr\n",
        factors="category,pollutant,factor,unit\na,NOx,10,kg/t\nb,NOx,NE,kg/t\n",
    )
    for one, category in (("A", "a"), ("B", "b")):
        project.measure(one, [{"abate": {"efficiency": {"NOx": "50 %"}}}], select={"category": category})
    project.measure("C", [{"scale": {"activity": "-10 %"}}], select={"sector": "coal"}, phase_in={2019: "100 %"})
    program = project.project().program
    found = emis.contributions(program)["shapley"].sel(sector="coal", pollutant="NOx")
    assert found.sel(measure="A").values == pytest.approx([-5, -4.75, -4.75])
    assert found.sel(measure="B").isnull().all()
    assert found.sel(measure="C").isnull().values.tolist() == [False, True, True]
    rows = records(emis.contributions(program, by="source", methods=["shapley"]).sel(year=[2020]))
    told = {(row["measure"], row["source"]): row["shapley"] for row in rows}
    assert told == pytest.approx(
        {("A", "coal/a"): -4.75, ("B", "coal/b"): np.nan, ("C", "coal/a"): -0.75, ("C", "coal/b"): np.nan}, nan_ok=True
    )


def test_stock_that_is_not_known_may_arrive(project: Project) -> None:
    project.inventory(
        activity="source,category,technology,activity,unit\ncoal/old,kiln,old,NE,t/yr\ncoal/new,kiln,new,100,t/yr\n",
        factors="category,pollutant,factor,unit\nkiln,NOx,1000,kg/t\n",
    )
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], select={"technology": "new"})
    project.measure("B", [{"shift": {"share": "10 %", "to": {"technology": "new"}}}], phase_in={2019: "100 %"})
    found = emis.contributions(project.project().program).sel(sector="coal", pollutant="NOx")
    assert found["alone"].sel(measure="A").values == pytest.approx([-50, -50, -50])
    for name in ("shapley", "last"):
        assert found[name].sel(measure="A").values == pytest.approx([-50, np.nan, np.nan], nan_ok=True)
        assert found[name].sel(measure="B").values == pytest.approx([0, np.nan, np.nan], nan_ok=True)


def test_a_cap_over_what_is_not_estimated_leaves_the_other_shares(project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit\ncoal/a,a,100,t/yr\ncoal/b,b,100,t/yr\n",
        factors="category,pollutant,factor,unit\na,NOx,1000,kg/t\nb,NOx,NE,kg/t\n",
    )
    project.measure("S", [{"scale": {"activity": "-10 %"}}], select={"category": "a"})
    project.measure(
        "C", [{"cap": {"at_most": {"NOx": "60 t/yr"}}}], select={"sector": "coal"}, phase_in={2019: "100 %"}
    )
    found = emis.contributions(project.project().program).sel(sector="coal", pollutant="NOx")
    assert found["shapley"].sel(measure="S").values == pytest.approx([-10, -10, -10])
    assert found["shapley"].sel(measure="C").values == pytest.approx([0, np.nan, np.nan], nan_ok=True)
    assert found["alone"].sel(measure="S").values == pytest.approx([-10, -10, -10])
    assert found["last"].sel(measure="S").values == pytest.approx([-10, np.nan, np.nan], nan_ok=True)


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def scenario(project: Project) -> Path:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], title={"zh": "甲", "en": "First"})
    project.measure("B", [{"abate": {"efficiency": {"NOx": "40 %"}}}], phase_in={2019: "50 %", 2020: "100 %"})
    return project.write()


def test_attribute_prints_a_table_that_adds_up(run: Command, scenario: Path) -> None:
    found = run("attribute", scenario)
    assert found.exit_code == 0
    lines = [" ".join(line.split()) for line in found.stdout.splitlines()]
    assert "Contributions 2020: test" in lines
    assert "Shapley share last in alone measure" in lines
    assert "NOx −0.8 t −0.6 t −1 t A First" in lines
    assert "−0.6 t −0.4 t −0.8 t B" in lines
    assert "−1.4 t −1 t −1.8 t all measures" in lines
    assert "−1.4 t −1.4 t −1.4 t the whole plan" in lines
    assert "0 t −0.4 t +0.4 t interaction" in lines
    assert "add up to what the whole plan changes, but for" in found.stdout
    one = run("attribute", scenario, "--method", "alone", "--year", "2019", "--by", "sector")
    lines = [" ".join(line.split()) for line in one.stdout.splitlines()]
    assert {"alone measure, sector", "NOx −1 t A coal", "−0.4 t B coal", "+0.2 t interaction"} <= set(lines)


def test_attribute_in_chinese(run: Command, scenario: Path) -> None:
    found = run("attribute", scenario, "--lang", "zh", "--by", "source")
    assert found.exit_code == 0
    for text in (
        "各措施贡献 2020",
        "Shapley 份额",
        "末位贡献",
        "排放源",
        "相互作用",
        "整个计划",
        "coal/stove/coal/old",
    ):
        assert text in found.stdout


def test_attribute_writes_all_years(run: Command, scenario: Path) -> None:
    found = run("attribute", scenario, "--by", "source", "-o", "shares.csv", "--json")
    assert json.loads(found.stdout)["result"]["file"] == "shares.csv"
    with (run.folder / "shares.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["measure", "source", "pollutant", "year", "shapley", "alone", "last", "unit"]
    assert [row["measure"] + row["year"] for row in rows] == ["A2018", "A2019", "A2020", "B2019", "B2020"]
    assert float(rows[2]["shapley"]) == pytest.approx(-0.8)
    assert run("attribute", scenario, "--year", "2019", "--method", "last", "-o", "one.csv").exit_code == 0
    lines = (run.folder / "one.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "measure,pollutant,year,last,unit"
    assert [line.split(",")[2] for line in lines[1:]] == ["2019", "2019"]
    assert run("attribute", scenario, "-o", "one.csv").exit_code == 0  # an earlier table is replaced
    (run.folder / "notes.csv").write_text("mine\n", encoding="utf-8")
    for path, told in (("notes.csv", "is there and is no output"), ("notes.csv/one.csv", "cannot be written")):
        failed = run("attribute", scenario, "-o", path)
        assert failed.exit_code == 2
        assert f"{path} {told}" in failed.stderr
    assert (run.folder / "notes.csv").read_text(encoding="utf-8") == "mine\n"


def test_attribute_as_json(run: Command, scenario: Path) -> None:
    found = json.loads(run("attribute", scenario, "--json", "--set", "implementation.B=50 %").stdout)["result"]
    assert (found["year"], found["by"]) == (2020, "measure")
    assert [row["measure"] for row in found["contributions"]] == ["A", "B"]
    assert found["contributions"][0]["shapley"] == pytest.approx(-0.9)
    totals = found["totals"][0]
    assert totals["change"] == pytest.approx(-1.2) == totals["shapley"]
    assert totals["interaction"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pollutant", "SO2"), "not among the inventory's pollutants: NOx"),
        (("--year", "2017"), "none of the years in which measures act: 2018, 2019, 2020"),
    ],
)
def test_attribute_says_what_there_is(run: Command, scenario: Path, arguments: tuple[str, ...], said: str) -> None:
    found = run("attribute", scenario, *arguments)
    assert found.exit_code == 2
    assert said in " ".join(found.stderr.replace("│", " ").split())


@pytest.mark.parametrize("by", ["measure", "sector", "source"])
def test_attribute_without_measures_or_years(run: Command, project: Project, by: str) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}])
    project.scenario["omit"] = ["A"]
    found = run("attribute", project.write(), "--by", by)
    assert found.exit_code == 0
    assert "no measure changes it" in found.stdout
    project.scenario["years"] = [2017]
    found = run("attribute", project.write(), "--by", by)
    assert found.exit_code == 3
    assert "no year after the plan's base year 2017" in found.stderr


def test_attribute_of_what_is_not_estimated(run: Command, project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit\ncoal/a,a,1000,t/yr\ncoal/b,b,1000,t/yr\n",
        factors="category,pollutant,factor,unit\na,NOx,10,kg/t\nb,NOx,NE,kg/t\n",
    )
    for one, category in (("A", "a"), ("B", "b")):
        project.measure(one, [{"abate": {"efficiency": {"NOx": "50 %"}}}], select={"category": category})
    lines = [" ".join(line.split()) for line in run("attribute", project.write()).stdout.splitlines()]
    assert lines[4:8] == ["NOx – – – B", "−5 t −5 t −5 t A", "– – – all measures", "– – – the whole plan"]
    program = project.project().program
    assert balance(emis.contributions(program), change(program))["change"].isnull().all()


def test_run_ranks_by_share(run: Command, scenario: Path) -> None:
    found = run(
        "run", scenario, "--set", "targets=[{id: T, indicator: emissions, pollutant: NOx, at_most: 1 t, by: 2020}]"
    )
    lines = [" ".join(line.split()) for line in found.stdout.splitlines()]
    assert "NOx −0.8 t −0.8 – −0.8 −0.6 t −1 t A First" in lines
    assert "Shapley share" in found.stdout
