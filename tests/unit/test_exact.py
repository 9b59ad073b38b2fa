"""Sums that are exact before they are rounded once."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emis.exact import ExactSums

NUMBERS = st.lists(
    st.tuples(
        st.floats(0, 1e100) | st.sampled_from([0.0, 5e-324, 2.0**-1022, 1e-300, 1e16, 1.0, 0.1]), st.integers(0, 3)
    ),
    max_size=40,
)


def sums(pairs: list[tuple[float, int]]) -> ExactSums:
    values, code = (np.array([pair[n] for pair in pairs]) for n in (0, 1))
    return ExactSums.of(values.astype(float), code.astype(np.intp), 4)


@given(NUMBERS)
def test_rounded_once(pairs: list[tuple[float, int]]) -> None:
    expected = [math.fsum(value for value, code in pairs if code == one) for one in range(4)]
    assert sums(pairs).values().tolist() == expected


@given(NUMBERS, NUMBERS, st.randoms())
def test_the_same_bits_in_any_order_and_parts(
    left: list[tuple[float, int]], right: list[tuple[float, int]], random
) -> None:  # type: ignore[no-untyped-def]
    together = left + right
    expected = sums(together).values()
    random.shuffle(together)
    assert sums(together).values().tobytes() == expected.tobytes()
    again = np.tile(np.arange(4, dtype=np.intp), 2)
    parts = ExactSums.joined([sums(left), sums(right)]).regrouped(again, 4)
    assert parts.values().tobytes() == expected.tobytes()


def test_what_is_not_known_stays_so() -> None:
    found = sums([(1.0, 0), (math.nan, 0), (2.0, 1)])
    np.testing.assert_array_equal(found.values(), [math.nan, 2.0, 0.0, 0.0])
    np.testing.assert_array_equal(found.regrouped(np.zeros(4, dtype=np.intp), 1).values(), [math.nan])
