"""Numbers in place of values are those that sorting gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emis.numbering import dense, firsts, joint, numbered, refined

CODES = st.lists(st.integers(0, 5) | st.integers(0, 10**9), max_size=40)


def by_sorting(columns: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    _, first, code = np.unique(np.stack(columns), axis=1, return_index=True, return_inverse=True)
    return first, code.reshape(-1)


@given(CODES)
def test_distinct_codes_are_numbered_in_their_order(codes: list[int]) -> None:
    code = np.array(codes, dtype=np.intp)
    _, first, expected = np.unique(code, return_index=True, return_inverse=True)
    np.testing.assert_array_equal(dense(code), expected)
    np.testing.assert_array_equal(firsts(dense(code)), first)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**9), st.integers(0, 3)), min_size=1, max_size=40))
def test_combinations_are_numbered_by_their_first_key_first(rows: list[tuple[int, int, int]]) -> None:
    columns = list(np.array(rows, dtype=np.intp).T)
    first, expected = by_sorting(columns)
    np.testing.assert_array_equal(joint(columns), expected)
    np.testing.assert_array_equal(firsts(joint(columns)), first)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([-1.5, -0.0, 0.0, 2.0])), min_size=1, max_size=40))
def test_codes_are_refined_by_values(rows: list[tuple[int, float]]) -> None:
    code, values = (np.array(column) for column in zip(*rows, strict=True))
    expected = by_sorting([code.astype(float), values + 0.0])[1]
    np.testing.assert_array_equal(refined(dense(code), values), expected)


def test_texts_are_numbered_in_their_order() -> None:
    np.testing.assert_array_equal(numbered(np.array(["b", "", "中", "b"], dtype=object)), [1, 0, 2, 1])
    assert len(numbered(np.empty(0, dtype=object))) == 0


def test_no_keys_number_nothing() -> None:
    with pytest.raises(ValueError, match="nothing to number"):
        joint([])
