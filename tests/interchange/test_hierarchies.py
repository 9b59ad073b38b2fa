"""Leaves of totals and parts: what is added up is what the tops state, however much of it is stated twice."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emis.interchange.scenario_tables.hierarchies import Stated, Tree, leaves


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    size = draw(st.integers(1, 7))
    parents = [-1, *(draw(st.integers(-1, node - 1)) for node in range(1, size))]
    return Tree(tuple(map(str, range(size))), np.array(parents, dtype=np.intp))


def _within(tree: Tree, node: int, top: int) -> bool:
    while node >= 0:
        if node == top:
            return True
        node = int(tree.parent[node])
    return False


@given(areas=trees(), categories=trees(), data=st.data())
def test_whatever_totals_are_stated_beside_them_the_leaves_are_what_is_taken(
    areas: Tree, categories: Tree, data: st.DataObject
) -> None:
    every = [(a, c) for a in range(len(areas.names)) for c in range(len(categories.names))]
    true = {pair: float(data.draw(st.integers(0, 1000))) for pair in every}
    here = {pair for pair in every if data.draw(st.booleans())} or {every[-1]}
    # What is emitted is at the leaves of both trees; totals above them are stated at will.
    is_leaf = {
        (a, c) for a, c in every if a not in areas.parent.tolist() and c not in categories.parent.tolist()
    }  # fmt: skip

    def total(pair: tuple[int, int]) -> float:
        return sum(
            true[one] for one in is_leaf if _within(areas, one[0], pair[0]) and _within(categories, one[1], pair[1])
        )

    rows = sorted(is_leaf | here)
    values = np.array([[total(pair)] for pair in rows])
    a, c = (np.array(column, dtype=np.intp) for column in zip(*rows, strict=True))
    lines = np.arange(len(rows)) + 2
    stated = Stated(np.zeros(len(rows), dtype=np.intp), a, c, values, lines, lambda: np.zeros_like(values))
    found = leaves(stated, areas, categories)
    assert found.less == found.more == ()
    got = {(int(x), int(y)): float(v) for x, y, v in zip(found.area, found.category, found.values[:, 0], strict=True)}
    assert got == {pair: true[pair] for pair in is_leaf}
    assert not found.rest.any()


def test_blank_cells_are_told_apart_by_year() -> None:
    categories = Tree(("", "a", "b"), np.array([-1, 0, 0], dtype=np.intp))
    one = Tree(("r",), np.array([-1], dtype=np.intp))
    values = np.array([[5.0, 5.0, np.nan], [2.0, np.nan, 1.0], [3.0, np.nan, np.nan]])
    zero = np.zeros(3, dtype=np.intp)
    stated = Stated(zero, zero, np.arange(3), values, np.arange(3) + 2, lambda: np.zeros_like(values))
    found = leaves(stated, one, categories)
    assert found.category.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(found.values, [[0, 5, np.nan], [2, np.nan, 1], [3, np.nan, np.nan]])
    assert found.rest.tolist() == [True, False, False]
    assert found.more == found.less == ()
