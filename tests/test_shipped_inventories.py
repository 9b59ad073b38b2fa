"""The shipped inventories are what their figures make them, and every figure says where it is from."""

import csv
import importlib
import math
import re
import sys
from pathlib import Path
from typing import Any

import pytest

INVENTORIES = Path(__file__).parents[1] / "inventories"
sys.path.append(str(INVENTORIES))
figures: Any = importlib.import_module("figures")
rebuild: Any = importlib.import_module("rebuild")
Figure = figures.Figure


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


SOURCES = read(INVENTORIES / "sources.csv")
TABLES = sorted(INVENTORIES.glob("mentougou-*/*.csv"))


# ---- the tables ------------------------------------------------------------------------------------------------------


def test_the_committed_tables_are_what_is_rebuilt(tmp_path: Path) -> None:
    assert rebuild.main([], tmp_path) == 0
    for path in TABLES:
        rebuilt = tmp_path / path.relative_to(INVENTORIES)
        assert path.read_bytes() == rebuilt.read_bytes(), f"{path}: run python inventories/rebuild.py"
    assert len(TABLES) == len(list(tmp_path.glob("*/*.csv")))


def test_check_tells_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rebuild.main([], tmp_path)
    capsys.readouterr()
    assert rebuild.main(["--check"], tmp_path) == 0
    (tmp_path / "mentougou-2017/coal.csv").write_text("edited by hand\n", encoding="utf-8")
    assert rebuild.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().out == "differs: mentougou-2017/coal.csv\n"
    assert (tmp_path / "mentougou-2017/coal.csv").read_text(encoding="utf-8") == "edited by hand\n"


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_row_names_figures_that_exist(path: Path) -> None:
    known = {row["id"] for row in SOURCES}
    for row in read(path):
        text = row["reference"]
        formula = text.partition("= ")[2].partition("; ")[0]
        terms = set(re.findall(r"(?:^|[ (])([a-z]\w*) [\d.,]+", formula)) - {"assumed", "x"}
        columns = {part.split(" = ")[0] for part in text.partition("columns: ")[2].partition("; ")[0].split(", ")} - {
            ""
        }
        assert terms <= known, row["source"]
        assert terms or text.startswith("NO: "), row["source"]
        assert columns <= known | {head.split(" ")[0] for head in row}, row["source"]


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_row_is_complete(path: Path) -> None:
    for row in read(path):
        assert row["unit"], row["source"]
        assert row["grade"] in set("ABCDE"), row["source"]
        if row["activity"] != "0":
            assert float(row["low"]) <= float(row["activity"]) <= float(row["high"]), row["source"]
        if row["grade"] == "E":
            assert "assumed" in row["reference"], row["source"]


def test_the_mixes_add_up() -> None:
    for year in rebuild.YEARS:
        sources = rebuild.Sources(INVENTORIES / "sources.csv", year)
        for category, technologies in rebuild.ROAD.items():
            total = sum(rebuild.mix(sources, category, technology).value for technology in technologies)
            assert total == pytest.approx(1), (year, category)
        classes = [category for category in rebuild.ROAD if "nonlocal" not in category]
        assert sum(sources[f"class_{category}"].value for category in classes) == pytest.approx(1)


# ---- the figures they are made of ------------------------------------------------------------------------------------


def test_every_figure_says_where_it_is_from() -> None:
    assert len({(row["id"], row["year"]) for row in SOURCES}) == len(SOURCES)
    for row in SOURCES:
        name = f"{row['id']} {row['year']}"
        assert re.fullmatch(r"[a-z]\w*", row["id"]), name
        assert row["reference"], name
        assert row["grade"] in set("ABCDE"), name
        assert bool(row["low"]) == bool(row["high"]), name
        if row["low"]:
            assert float(row["low"]) <= float(row["value"]) <= float(row["high"]), name
        assert row["reference"].startswith("assumed:") == (row["grade"] == "E"), name
        assert row["low"] or row["grade"] != "E", f"{name} is assumed and gives no range"


def test_every_figure_holds_for_both_years() -> None:
    years: dict[str, set[str]] = {}
    for row in SOURCES:
        years.setdefault(row["id"], set()).add(row["year"])
    assert all(found == {""} or found >= {"2015", "2017"} for found in years.values())


def test_no_figure_is_idle() -> None:
    used: set[str] = set()

    class Noting(rebuild.Sources):  # type: ignore[misc, name-defined]
        def __getitem__(self, name: str) -> Any:
            used.add(name)
            return super().__getitem__(name)

    for year in rebuild.YEARS:
        for sector in rebuild.SECTORS.values():
            list(sector(Noting(INVENTORIES / "sources.csv", year)))
    assert used == {row["id"] for row in SOURCES}


def test_every_cross_check_has_a_published_figure() -> None:
    checks = read(INVENTORIES / "cross-checks.csv")
    assert len({(row["check"], row["year"]) for row in checks}) == len(checks)
    for row in checks:
        name = f"{row['check']} {row['year']}"
        assert row["reference"], name
        assert "assumed" not in row["reference"], name
        assert row["year"] in ("", "2015", "2017"), name
        assert row["sector"] in ("", *rebuild.SECTORS), name
        key = float(row["key"].removesuffix(" %") or 1) / (100 if row["key"].endswith("%") else 1)
        expected = float(row["published"]) * key
        if row["low"]:
            assert float(row["low"]) * 0.999 <= expected <= float(row["high"]) * 1.001, name


# ---- their algebra ---------------------------------------------------------------------------------------------------


def figure(name: str, value: float, ratio: float = 1.0, unit: str = "", grade: str = "B") -> Any:
    return Figure(value, unit, value / ratio, value * ratio, grade, f"{name} {value:g}", (name,), (f"about {name}",))


def test_a_product_multiplies_values_units_and_widths() -> None:
    found = figure("stock", 200, 1.5, "vehicle", "C") * figure("distance", 3000, 1.2, "km/vehicle/yr", "E")
    assert (found.value, found.unit, found.grade) == (600000, "km/yr", "E")
    width = math.exp(math.hypot(math.log(1.5), math.log(1.2)))
    assert (found.low, found.high) == pytest.approx((600000 / width, 600000 * width))
    assert found.formula == "stock 200 x distance 3000"
    assert found.ids == ("stock", "distance")
    assert found.references == ("about stock", "about distance")


def test_a_quotient_crosses_the_ends() -> None:
    above, below = Figure(10, "t", 10, 20, "B", "a 10"), Figure(2, "t/firm", 1, 2, "B", "b 2")
    found = above / below
    assert (found.value, found.unit) == (5, "firm")
    assert found.low == pytest.approx(5)
    assert found.high == pytest.approx(5 * math.exp(math.hypot(math.log(2), math.log(2))))


def test_a_sum_adds_distances_in_quadrature() -> None:
    found = Figure(10, "t", 7, 13, "B", "a 10") + Figure(20, "t", 16, 24, "D", "b 20")
    assert (found.value, found.low, found.high, found.grade) == (30, 25, 35, "D")
    found = Figure(20, "t", 17, 24, "B", "a 20") - Figure(5, "t", 1, 9, "B", "b 5")
    assert (found.value, found.low) == (15, 10)
    assert found.high == pytest.approx(15 + math.hypot(4, 4))


def test_one_minus_a_share_turns_its_interval() -> None:
    found = 1 - Figure(0.3, "", 0.2, 0.5, "E", "share 30 % (assumed 20-50)")
    assert (found.value, found.low, found.high) == pytest.approx((0.7, 0.5, 0.8))
    assert found.formula == "1 - share 30 % (assumed 20-50)"


def test_what_differs_in_unit_does_not_add() -> None:
    with pytest.raises(ValueError, match=r"a 1 \+ b 1: t and 1 do not add"):
        figure("a", 1, unit="t") + figure("b", 1)


def test_an_interval_that_reaches_zero_does_not_multiply() -> None:
    with pytest.raises(ValueError, match="reaches zero"):
        Figure(1, "", 0, 2, "E", "a 1") * 2


def test_zero_times_anything_is_zero() -> None:
    found = figure("a", 0) * figure("b", 5, 2)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_formulas_keep_their_brackets() -> None:
    a, b, c = (figure(name, 1) for name in "abc")
    assert ((a + b) * c).formula == "(a 1 + b 1) x c 1"
    assert (a / (b * c)).formula == "a 1 / (b 1 x c 1)"
    assert (a / (b / c)).formula == "a 1 / (b 1 / c 1)"
    assert (a - (b - c)).formula == "a 1 - (b 1 - c 1)"
    assert (a * b / c).formula == "a 1 x b 1 / c 1"
    assert (a * (b + c).called("both", "b and c")).formula == "a 1 x 'both' 2 (b and c)"


@pytest.mark.parametrize(
    ("first", "second", "sign", "found"),
    [
        ("vehicle", "km/vehicle/yr", 1, "km/yr"),
        ("t/GJ", "GJ", 1, "t"),
        ("t", "t/firm", -1, "firm"),
        ("", "yr", -1, "1/yr"),
        ("kW", "h/yr", 1, "kW*h/yr"),
        ("kW*h/yr", "g/kW/h", 1, "g/yr"),
        ("person", "person", -1, ""),
    ],
)
def test_units_follow_the_arithmetic(first: str, second: str, sign: int, found: str) -> None:
    assert figures.product(first, second, sign) == found


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0, 5, "0"), (12, 5, "12"), (1234567, 5, "1234600"), (0.0123456, 4, "0.01235"), (99999.6, 5, "100000")],
)
def test_numbers_are_plain(value: float, digits: int, text: str) -> None:
    assert figures.number(value, digits) == text


def test_long_numbers_are_grouped_for_readers() -> None:
    assert [figures.grouped(value, 9) for value in (5923000, 2015, 13000.5, 0.25)] == [
        "5,923,000",
        "2015",
        "13,000.5",
        "0.25",
    ]
