"""Columns of texts and numbers: the same whether they are read one by one or all at once, by pyarrow or by csv."""

import csv
import io
import string
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emis import number_columns, numerals
from emis.coded import Coded, Labels, Places
from emis.errors import Issues, UnitError
from emis.io import tables
from emis.io.arrow import as_table
from emis.io.columns import Column
from emis.io.delimited import Delimited
from emis.io.plain_lines import plain_lines
from emis.numbering import alike

near_numbers = st.one_of(
    st.text("0123456789.+-eE", max_size=12),
    st.text("019.-eE ,\n１", max_size=6),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.integers().map(str),
    st.sampled_from(
        ["", "1e400", "-0", "nan", "inf", "1_000", "0x1", "1.", ".5", "1e", "--1", "1-2", "1.2.3", "1e2e3"]
    ),
)


def told(text: str) -> float | None:
    try:
        return numerals.number(text)
    except UnitError:
        return None


@given(st.lists(near_numbers, max_size=30))
def test_many_numbers_are_each_one(texts: list[str]) -> None:
    values, plain = number_columns.numbers(texts)
    expected = [told(text) for text in texts]
    assert plain.tolist() == [value is not None for value in expected]
    assert [repr(float(value)) for value in values[plain]] == [repr(value) for value in expected if value is not None]
    assert np.isnan(values[~plain]).all()


@given(st.lists(near_numbers, min_size=1, max_size=30))
def test_numbers_that_pyarrow_holds_are_the_same(texts: list[str]) -> None:
    # Of more than a thousand distinct texts no codes are made, and pyarrow reads the numbers.
    many = [*texts, *map(str, range(1200))]
    found = as_table(
        pa.table({"a": ["x"] * len(many), "b": many}),
        [("a", ""), ("b", "")],
        np.arange(len(many)),
        Issues(),
        0,
        "f",
        "",
        1,
    )
    assert found is not None
    values, plain = found.columns["b"].numbers
    expected = [told(text.strip()) for text in many]
    assert [repr(float(value)) for value in values[plain]] == [
        repr(value) for value, known in zip(expected, plain, strict=True) if known
    ]
    assert all(
        known or value is None or text != text.strip() for text, value, known in zip(many, expected, plain, strict=True)
    )


cells = st.text(string.ascii_letters + " #.,;\t'ü户", max_size=5)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_lines_split_by_pyarrow_are_those_that_csv_splits(rows: list[list[str]], end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([["source", "b", "c"], *rows])
    raw = text.getvalue().encode()
    found = [tables.text_table(Delimited(raw, "UTF-8", ","), 0, "f", issues := Issues())]
    original, tables.plain_lines = tables.plain_lines, lambda *_: None
    try:
        found.append(tables.text_table(Delimited(raw, "UTF-8", ","), 0, "f", others := Issues()))
    finally:
        tables.plain_lines = original
    assert issues.errors == others.errors
    one, other = found
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert list(one.lines) == list(other.lines)
        assert {n: list(c.cells) for n, c in one.columns.items()} == {
            n: list(c.cells) for n, c in other.columns.items()
        }


@pytest.mark.parametrize("raw", [b"a,b\n1,2\n", b"a,b\r\n1,2\r\n3,4", b"a,b\n1,2\n3,4\n"])
def test_plain_lines_are_split(raw: bytes) -> None:
    found = plain_lines(raw, ",")
    assert found is not None
    assert found.lines.tolist() == list(range(2, 2 + len(found.body)))


@pytest.mark.parametrize(
    "raw",
    [b"a,b", b'a,b\n"1",2\n', b"a,b\n1\n", b"a,b\n\n1,2\n", b"a,b\r1,2\n", b"#a,b\n1,2\n", b"a,b,\n1,2,\n", b"\na,b\n"],
)
def test_other_lines_are_left_to_csv(raw: bytes) -> None:
    assert plain_lines(raw, ",") is None


def test_without_pyarrow_text_is_read_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    path.write_text("source,b\n" + "".join(f"s{n}, {n}\n" for n in range(3000)), encoding="utf-8")
    one = tables.read_table(path, "t.csv", Issues())
    monkeypatch.setattr(tables, "plain_lines", lambda *_: None)
    other = tables.read_table(path, "t.csv", Issues())
    assert one is not None
    assert other is not None
    rows = np.arange(3000)
    for name in ("source", "b"):
        assert list(one.columns[name].cells) == list(other.columns[name].cells)
        assert one.columns[name].filled(rows).all()
        assert other.columns[name].filled(rows).all()
    assert one.columns["b"].numbers[0].tolist() == other.columns["b"].numbers[0].tolist() == rows.tolist()


def test_a_column_is_cut_whatever_holds_it() -> None:
    many = [str(number) for number in range(2000)]
    table = as_table(
        pa.table({"t": many, "c": ["a"] * 2000, "n": range(2000)}),
        [(name, "") for name in "tcn"], np.arange(2000), Issues(), 0, "f", "", 1,
    )  # fmt: skip
    assert table is not None
    part = table.cut(10, 13)
    assert [list(part.columns[name].cells) for name in "tcn"] == [many[10:13], ["a"] * 3, many[10:13]]
    assert Column("x", "", many).cut(3, 5).cells == ["3", "4"]


texts = st.lists(st.sampled_from(["", "a", "b", "ab", "户"]), max_size=20)


@given(texts, texts)
def test_codes(one: list[str], other: list[str]) -> None:
    coded = Coded.of(one)
    assert coded.texts.tolist() == one == Coded.of(np.array(one, dtype=object)).texts.tolist()
    ordered = coded.ordered()
    assert ordered.values.tolist() == sorted(set(one))
    assert ordered.texts.tolist() == one
    assert Coded.joined([coded, Coded.of(other)]).texts.tolist() == one + other


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20))
def test_rows_alike(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs, dtype=np.intp).T
    kind, first = alike(one, other)
    assert [pairs[row] for row in first] == list(dict.fromkeys(pairs))
    assert [pairs[first[number]] for number in kind] == pairs


def test_labels_and_places_are_read_like_arrays_and_tuples() -> None:
    labels = Labels({"fuel": Coded.of(["coal", "gas", "coal"])})
    assert list(labels) == ["fuel"]
    assert (labels["fuel"] == "coal").tolist() == [True, False, True]
    places = Places(Coded.full(2, "a.csv"), np.array([2, 3]))
    assert places[1] == ("a.csv", 3)
    assert places == (("a.csv", 2), ("a.csv", 3))
    assert places[:1] == (("a.csv", 2),)
