"""What a lookup finds is what a look at every row finds."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emis import lookup
from emis.coded import Coded
from emis.lookup import Combinations, Lookup
from emis.selectors import wants

TEXTS = st.text(alphabet="ab*?[]/户", max_size=4)
WANTED = st.lists(TEXTS, min_size=1, max_size=4).map(tuple)


@pytest.fixture(params=[0, 1, 10**9], ids=["by a look at each", "mixed", "by the index"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    # A selection counts as few rows when this times it is no more than all of them.
    monkeypatch.setattr(lookup, "_FEW", {0: 10**9, 1: 4, 10**9: 0}[request.param])


@pytest.mark.usefixtures("few")
def test_rows_are_those_whose_value_is_wanted() -> None:
    @given(st.lists(TEXTS, max_size=20), WANTED, st.data())
    def check(texts: list[str], wanted: tuple[str, ...], data: st.DataObject) -> None:
        found = Lookup(Coded.of(texts).ordered())
        codes = found.codes(wanted)
        expected = [row for row, text in enumerate(texts) if wants(wanted, text)]
        assert found.rows(codes).tolist() == expected
        assert found.count(codes) == len(expected)
        some = np.array(sorted(data.draw(st.sets(st.sampled_from(range(len(texts)))) if texts else st.just(set()))))
        assert found.holding(some.astype(np.intp), codes).tolist() == [row for row in some if row in expected]

    check()


def test_a_value_has_a_code_where_a_row_holds_it() -> None:
    found = Lookup(Coded.of(["gas", "coal", "gas"]).ordered())
    assert [found.code(value) for value in ("coal", "gas", "oil", "a")] == [0, 1, None, None]
    sent = pickle.loads(pickle.dumps(found))
    assert sent.rows(sent.codes(("g*",))).tolist() == found.rows(found.codes(("g*",))).tolist() == [0, 2]


@pytest.mark.parametrize("most", [1, 8, 2**62], ids=["numbered anew", "sometimes", "never"])
def test_a_combination_is_found_where_one_row_holds_it(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "_MOST", most)
    texts = st.sampled_from("abc")

    @given(
        st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=20),
        st.lists(st.tuples(*[st.integers(-1, 2)] * 3)),
    )
    def check(rows: list[tuple[str, str, str]], asked: list[tuple[int, int, int]]) -> None:
        columns = [Coded.of(column).ordered() for column in zip(*rows, strict=True)]
        asked = [one for one in asked if all(code < len(c.values) for code, c in zip(one, columns, strict=True))]
        held = list(zip(*(column.codes.tolist() for column in columns), strict=True))
        expected = [held.index(one) if held.count(one) == 1 else -1 for one in asked]
        codes = np.array(asked, dtype=np.intp).reshape(-1, 3).T
        assert Combinations(columns).row(list(codes)).tolist() == expected

    check()
