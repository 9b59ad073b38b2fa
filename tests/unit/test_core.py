"""The kernels against the same functions in plain NumPy, on random programs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emis import _core, _reference


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
        **shared, "W": rng.lognormal(size=(S, P, Y)), "V": rng.normal(size=(len(t_measure), P, Y)),
        "x": rng.random((3, M, T)), "cell": rng.integers(0, 2, S).astype(np.intp),
    }  # fmt: skip
    return Case(source, merged, 2)


PROJECT = "A F profile w t_ptr t_measure t_season tau c_ptr c_measure c_season c_row keep stay x g".split()
TOTALS = "W profile w t_ptr t_measure t_season V c_ptr c_measure c_season c_row keep x g cell".split()


def project(case: Case, threads: int) -> tuple[Any, Any]:
    (S, P), T = case.source["F"].shape, case.source["x"].shape[1]
    out = np.full((T, S, P), -1.0), np.full((T, S), -1.0)
    _core.project(*(case.source[name] for name in PROJECT), *out, threads)
    return out


def totals(case: Case, threads: int) -> Any:
    vectors, _, T = case.merged["x"].shape
    P = case.merged["W"].shape[1]
    out = np.zeros((vectors, case.cells, T, P))
    _core.totals(*(case.merged[name] for name in TOTALS), out, np.empty((vectors, P)), threads)
    return out


@given(cases())
def test_project_equals_the_oracle(case: Case) -> None:
    expected = _reference.project(**case.source)
    for found, right in zip(project(case, 1), expected, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-300)


@given(cases())
def test_totals_equal_the_oracle(case: Case) -> None:
    expected = _reference.totals(**case.merged, cells=case.cells)
    np.testing.assert_allclose(totals(case, 1), expected, rtol=1e-12, atol=1e-12)


@given(cases(), st.sampled_from([2, 3, 8]))
def test_threads_do_not_change_a_bit(case: Case, threads: int) -> None:
    for one, many in zip(project(case, 1), project(case, threads), strict=True):
        assert one.tobytes() == many.tobytes()
    assert totals(case, 1).tobytes() == totals(case, threads).tobytes()


def test_an_empty_program_is_fine() -> None:
    none = np.zeros(1, dtype=np.intp)
    empty = np.empty(0, dtype=np.intp)
    out, activity = np.empty((0, 0, 2)), np.empty((0, 0))
    _core.project(
        np.empty((0, 1)), np.empty((0, 2)), empty, np.ones((1, 0)), none, empty, empty, np.empty((0, 1)),
        none, empty, empty, empty, np.empty((0, 2)), np.empty(0), np.empty((0, 0)), np.empty((1, 0)), out, activity, 2,
    )  # fmt: skip


def test_wrong_shapes_are_refused_by_type() -> None:
    with pytest.raises((TypeError, ValueError)):
        _core.project(*[np.zeros((2, 2))] * 18, 1)
