"""The kernels against the same functions in plain NumPy, on random programs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emis import _core, _reference
from emis.entries import Entries, Kinds


@dataclass
class Case:
    """Random arrays that fit together."""

    source: dict[str, Any]
    merged: dict[str, Any]
    cells: int


def entries(rng: np.random.Generator, rows: int, measures: int, table: int, seasons: int) -> tuple[Any, ...]:
    counts = rng.integers(0, 4, rows)
    pointer = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    size = int(pointer[-1])
    return (
        pointer,
        *(rng.integers(0, bound, size).astype(np.intp) for bound in (measures, seasons, table)),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    S, P, Y, M = (draw(st.integers(1, high)) for high in (12, 4, 3, 5))
    N = draw(st.sampled_from([1, 12]))
    K, G, R, T = 4, 2, 2, Y * N
    t_ptr, t_measure, t_season, _ = entries(rng, S, M, K, G)
    c_ptr, c_measure, c_season, c_row = entries(rng, S, M, K, G)
    w = np.ones((R, T)) if N == 1 else np.hstack([rng.dirichlet(np.ones(12), R) for _ in range(Y)])
    factor = rng.lognormal(size=(S, P))
    if draw(st.booleans()):
        factor[rng.integers(0, S), rng.integers(0, P)] = np.nan
    shared = {
        "profile": rng.integers(0, R, S).astype(np.intp), "w": w,
        "t_ptr": t_ptr, "t_measure": t_measure, "t_season": t_season,
        "c_ptr": c_ptr, "c_measure": c_measure, "c_season": c_season, "c_row": c_row,
        "keep": rng.choice([0.0, 0.3, 1.0, 1.4], (K, P)),
        "g": np.vstack([np.ones(T), rng.random((G - 1, T))]),
    }  # fmt: skip
    source = {
        **shared, "A": rng.lognormal(size=(S, Y)), "F": factor,
        "tau": rng.choice([-1.0, 0.5, np.nan], (len(t_measure), Y), p=[0.45, 0.5, 0.05]),
        "stay": rng.random(K), "x": rng.random((M, T)).round(),
    }  # fmt: skip
    merged = {
        **shared, "W": rng.lognormal(size=(S, Y, P)), "V": rng.normal(size=(len(t_measure), Y, P)),
        "x": rng.random((3, M, T)), "cell": rng.integers(0, 2, S).astype(np.intp),
    }  # fmt: skip
    return Case(source, merged, 2)


PROJECT = "A F profile w t_ptr t_measure t_season tau c_ptr c_measure c_season c_row keep stay x g".split()
LISTS = "c_ptr c_measure c_season c_row keep stay x g".split()
CLASSES = "W profile w t_ptr t_measure t_season V c_ptr c_measure c_season c_row".split()


def kinds(case: Case) -> Kinds:
    source = case.source
    entries = Entries(*(source[name] for name in ("c_ptr", "c_measure", "c_season", "c_row")))
    return Kinds.of(np.zeros(len(source["A"]), dtype=np.intp), entries)


def left(case: Case, known: Kinds) -> tuple[Any, Any]:
    P, T = case.source["F"].shape[1], case.source["x"].shape[1]
    found = np.full((len(known.example), T, P), -1.0), np.full((len(known.example), T), -1.0)
    _core.remaining(known.example, *(case.source[name] for name in LISTS), *found)
    return found


def room(case: Case, threads: int) -> Any:
    wide, block = _core.WIDE_BLOCK, _core.BLOCK_OF_SOURCES * (case.source["F"].shape[1] + 2)
    return np.empty((threads, case.source["x"].shape[1] * max(wide, block)))


NONE = Kinds(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp))


def project(case: Case, threads: int, known: Kinds = NONE) -> tuple[Any, Any]:
    (S, P), T = case.source["F"].shape, case.source["x"].shape[1]
    out = np.full((T, S, P), -1.0), np.full((T, S), -1.0)
    arrays = (case.source[name] for name in PROJECT)
    _core.project(*arrays, known.code, *left(case, known), *out, room(case, threads), threads)
    return out


def sums(case: Case, threads: int, known: Kinds = NONE) -> Any:
    (S, P), T, leaf = case.source["F"].shape, case.source["x"].shape[1], _core.BLOCK_OF_SOURCES
    out = np.zeros((-(-S // leaf), case.cells, T, P))
    arrays = (case.source[name] for name in PROJECT)
    _core.sums(*arrays, known.code, left(case, known)[0], case.merged["cell"], leaf, out, room(case, threads), threads)
    return out


def totals(case: Case, threads: int, shared: Any = None) -> Any:
    vectors, _, T = case.merged["x"].shape
    K, _, P = case.merged["W"].shape
    out = np.zeros((vectors, case.cells, T, P))
    shared = np.zeros(K, dtype=np.intp) if shared is None else shared
    rest = (case.merged[name] for name in ("keep", "x", "g", "cell"))
    arrays = (case.merged[name] for name in CLASSES)
    _core.totals(*arrays, shared, *rest, out, np.full((threads, 5 * T * P), np.nan), threads)
    return out


@given(cases())
def test_project_equals_the_oracle(case: Case) -> None:
    expected = _reference.project(**case.source)
    for found, right in zip(project(case, 1), expected, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-300)


@given(cases())
def test_kinds_do_not_change_a_bit(case: Case) -> None:
    known = kinds(case)
    assert all(
        one.tobytes() == many.tobytes() for one, many in zip(project(case, 1), project(case, 1, known), strict=True)
    )
    assert sums(case, 1).tobytes() == sums(case, 1, known).tobytes()


@given(cases())
def test_sums_equal_the_oracle(case: Case) -> None:
    emissions, _ = _reference.project(**case.source)
    expected = np.zeros((case.cells, *emissions.shape[::2]))
    np.add.at(expected, case.merged["cell"], np.nan_to_num(emissions).transpose(1, 0, 2))
    np.testing.assert_allclose(sums(case, 1).sum(axis=0), expected, rtol=1e-12, atol=1e-12)


@given(cases())
def test_classes_that_begin_alike_share_a_product(case: Case) -> None:
    merged = case.merged
    entries = Entries(*(merged[name] for name in ("c_ptr", "c_measure", "c_season", "c_row")))
    order = entries.order()
    assert sorted(order.tolist()) == list(range(len(merged["W"])))
    assert totals(case, 1).tobytes() == totals(case, 1, entries.prefixes()).tobytes()
    ordered, none = entries.rows(order), np.zeros(len(order), dtype=np.intp)
    assert ordered.prefixes().sum() >= entries.prefixes().sum() or len(order) < 3
    assert Kinds.of(none, ordered).code.max() == Kinds.of(none, entries).code.max()


@given(cases(), st.sampled_from([2, 3, 8]))
def test_threads_do_not_change_a_bit(case: Case, threads: int) -> None:
    for one, many in zip(project(case, 1), project(case, threads), strict=True):
        assert one.tobytes() == many.tobytes()
    for known in (NONE, kinds(case)):
        assert sums(case, 1, known).tobytes() == sums(case, threads, known).tobytes()
    assert totals(case, 1).tobytes() == totals(case, threads).tobytes()


def test_an_empty_program_is_fine() -> None:
    none = np.zeros(1, dtype=np.intp)
    empty = np.empty(0, dtype=np.intp)
    out, activity = np.empty((0, 0, 2)), np.empty((0, 0))
    _core.project(
        np.empty((0, 1)), np.empty((0, 2)), empty, np.ones((1, 0)), none, empty, empty, np.empty((0, 1)),
        none, empty, empty, empty, np.empty((0, 2)), np.empty(0), np.empty((0, 0)), np.empty((1, 0)), empty,
        np.empty((0, 0, 2)), np.empty((0, 0)), out, activity, np.empty((2, 0)), 2,
    )  # fmt: skip


def test_wrong_shapes_are_refused_by_type() -> None:
    with pytest.raises((TypeError, ValueError)):
        _core.project(*[np.zeros((2, 2))] * 22, 1)
