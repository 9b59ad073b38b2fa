"""FF10 written: what was read comes back, what emis knows comes back, and a plan shows in its columns."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import Command
from conversions import inventory
from flat_rows import area, months, point, text
from hypothesis import given
from hypothesis import strategies as st
from test_ff10 import SCENARIO, _case

import emis
from emis.coded import objects
from emis.interchange.converting import Read, read_file, write_file
from emis.interchange.formats import Settings
from emis.interchange.registry import FORMATS
from emis.interchange.series import Series, of_inventory
from emis.inventory import Inventory
from emis.units import SHORT_TON

FF10 = FORMATS["ff10"]
EXAMPLE = Path(__file__).parents[2] / "scenarios" / "mentougou" / "full.yaml"


def _read(path: Path, content: str) -> Read:
    path.write_text(content, encoding="utf-8")
    return read_file(path, Settings())


def _written(series: Series, path: Path, **settings: object) -> str:
    _, warnings = write_file([series], FF10, path, Settings(**settings))
    return "\n".join(map(str, warnings))


def _rows(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def _same(one: Inventory, other: Inventory) -> None:
    assert one.pollutants == other.pollutants
    for name in one.labels:
        assert one.labels[name].tolist() == other.labels[name].tolist(), name
    assert np.array_equal(one.emissions, other.emissions)
    assert np.array_equal(one.control, other.control)
    assert one.notation is not None
    assert other.notation is not None
    assert one.notation.tolist() == other.notation.tolist()
    assert {*one.attributes, "calc_year"} == set(other.attributes)
    for name, texts in one.attributes.items():
        assert texts.tolist() == other.attributes[name].tolist(), name
    assert np.allclose(one.shares(2017), other.shares(2017), rtol=1e-12)
    for name, values in one.points.items():
        assert np.array_equal(values, other.points[name], equal_nan=True)


def test_what_is_read_comes_back(tmp_path: Path) -> None:
    content = text(
        area(ann_pct_red="35", control_ids="FF", current_cost="100.5", comment='"as, said"', tribal_code="088"),
        area(poll="71432", ann_value="1e-3", jan_value="1e-4"),
        area(poll="nox", scc="2401001000", jan_pctred="3"),
        area(poll="CO", **months(*range(1, 13)), ann_value=""),
        area(poll="SO2", **months(*range(12, 0, -1)), ann_value="78", shape_id="s"),
        area(poll="PM2_5", calc_year="2016", date_updated="20160101", emis_type="=1+1"),
    )
    found = _read(tmp_path / "in.csv", content)
    assert found.lost(FF10, Settings()) == []
    assert _written(found.series[0], tmp_path / "out.csv") == ""
    again = read_file(tmp_path / "out.csv", Settings())
    _same(found.series[0].inventory, again.series[0].inventory)
    assert "'=1+1" in (tmp_path / "out.csv").read_text()
    _written(again.series[0], tmp_path / "third.csv")
    _same(again.series[0].inventory, read_file(tmp_path / "third.csv", Settings()).series[0].inventory)


def test_points_come_back(tmp_path: Path) -> None:
    content = text(
        point(stkhgt="120", naics="221112", ann_pct_red="7"), point(poll="VOC", stkhgt="121", longitude="-121.51"),
        point(facility_id="F2", facility_name='"A ""B"""', longitude="", latitude=""), kind="FF10_POINT",
    )  # fmt: skip
    found = _read(tmp_path / "in.csv", content)
    _written(found.series[0], tmp_path / "out.csv")
    _same(found.series[0].inventory, read_file(tmp_path / "out.csv", Settings()).series[0].inventory)
    assert (tmp_path / "out.csv").read_text().startswith("#FORMAT=FF10_POINT\n#COUNTRY=US\n#YEAR=2017\n#DESC a test\n")


@pytest.mark.parametrize(("scc", "kind"), [("2201110171", "FF10_ONROAD"), ("2270001000", "FF10_NONROAD")])
def test_mobile_sources_keep_their_kind(tmp_path: Path, scc: str, kind: str) -> None:
    found = _read(tmp_path / "in.csv", text(area(scc=scc), kind=kind))
    _written(found.series[0], tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().startswith(f"#FORMAT={kind}\n")


def test_orl_goes_over_into_ff10(tmp_path: Path) -> None:
    rows = ["#ORL NONPOINT", "#YEAR 2017", "06001,2104008100,,0107,02,,NOX,1,,80,90,50", "06001,2104008100,,,02,,NOX,2"]
    found = _read(tmp_path / "in.orl", "\n".join(rows) + "\n")
    said = _written(found.series[0], tmp_path / "out.csv", region="US")
    assert "FF10 has no columns for srctype, ceff, reff, rpen: they are left out" in said
    assert "2 rows share place, SCC and pollutant with others: their comments tell them apart; SMOKE adds them" in said
    again = read_file(tmp_path / "out.csv", Settings()).series[0].inventory
    assert again.labels["source"].tolist() == found.series[0].inventory.labels["source"].tolist()
    assert np.allclose(again.control.ravel(), [0.36, 0])
    assert {row["country_cd"] for row in _rows(tmp_path / "out.csv")} == {"US"}


# -- inventories of emis ---------------------------------------------------------------------------------------------


def _own(size: int = 4, pollutants: tuple[str, ...] = ("SO2", "NOx", "PM2.5")) -> Inventory:
    labels = {
        "sector": ["coal", "coal", "mobile", "industry"], "category": ["stove", "stove", "bus", "kiln"],
        "fuel": ["coal", "coal", "diesel", ""], "technology": ["old", "new", "china_4", ""],
        "region": ["110109"] * 4, "facility": ["", "", "", "水泥厂"],
    }  # fmt: skip
    ids = ["coal/stove/coal/new", "coal/stove/coal/old", "mobile/bus/diesel/china_4", "plant/1"]
    labels["technology"][:2] = ["new", "old"]
    shape = size, len(pollutants)
    return Inventory(
        name="own", base_year=2017, pollutants=pollutants,
        labels={"source": objects(ids), **{name: objects(texts) for name, texts in labels.items()}},
        activity=np.ones(size), activity_unit=objects(["1"] * size),
        factor=np.arange(1.0, size * len(pollutants) + 1).reshape(shape) / 7,
        reported=np.ones(size, dtype=bool), control=np.full(shape, 0.35),
        profile=objects(["", "", "heat", ""]), profiles={"heat": np.arange(1, 13) / 78},
        points={"lon": np.array([np.nan, np.nan, np.nan, 116.1]), "lat": np.array([np.nan, np.nan, np.nan, 39.9])},
        attributes={"scc": objects(["2104001000", "2104001000", "2201110171", "30500606"])},
    )  # fmt: skip


def test_sources_of_emis_keep_their_labels(tmp_path: Path) -> None:
    own = _own()
    said = _written(of_inventory(own), tmp_path / "out.csv")
    assert "point sources stand beside the others in out_point.csv" in said
    assert "no country is known of some sources; SMOKE asks for #COUNTRY" in said
    assert "6 rows share place, SCC and pollutant with others" in said
    parts = [read_file(tmp_path / name, Settings()).series[0].inventory for name in ("out.csv", "out_point.csv")]
    assert [len(one) for one in parts] == [3, 1]
    for part, rows in zip(parts, ([0, 1, 2], [3]), strict=True):
        for name in own.labels:
            assert part.labels[name].tolist() == own.labels[name][rows].tolist(), name
        assert np.array_equal(part.emissions, own.emissions[rows])
        assert np.array_equal(part.control, own.control[rows])
    assert np.allclose(parts[0].shares(2017)[2], own.profiles["heat"])
    assert parts[1].points["lon"].tolist() == [116.1]


def test_what_is_not_known_is_told_and_left_out(tmp_path: Path) -> None:
    keys = np.array([["NE", "", ""], ["", "NO", ""], ["", "", "IE"], ["", "", ""]], dtype=object)
    own = replace(_own(), notation=keys, factor=np.where(keys == "NE", np.nan, np.where(keys == "", 1.0, 0.0)))
    said = _written(of_inventory(own), tmp_path / "out.csv")
    for key in ("NE (not estimated)", "NO (not occurring)", "IE (included elsewhere)"):
        assert f"1 pairs of source and pollutant are {key} and have no row" in said
    assert len(_rows(tmp_path / "out.csv")) + len(_rows(tmp_path / "out_point.csv")) == 9


def test_what_ff10_asks_for_is_asked_for(tmp_path: Path) -> None:
    own = replace(_own(), attributes={}, file="table.csv")
    own = replace(own, labels={**own.labels, "region": objects([""] * 4)}, base_year=0)
    with pytest.raises(
        emis.InputError, match="#YEAR: the file that was read does not say its year; say it with --year"
    ):
        _written(of_inventory(own), tmp_path / "out.csv")
    own = replace(own, base_year=2017)
    told = _written(of_inventory(own), tmp_path / "out.csv")
    assert "4 of 4 sources have no region, this one first: it is written as 00000" in told
    assert "the SCC of 4 of 4 sources is the one their labels lead to" in told
    assert {row["region_cd"] for row in _rows(tmp_path / "out.csv")} == {"00000"}
    assert emis.read_inventory(tmp_path / "out.csv").values("region") == [""]
    own = replace(own, attributes=_own().attributes)
    _written(of_inventory(own), tmp_path / "out.csv", region="110109")
    assert {row["region_cd"] for row in _rows(tmp_path / "out.csv")} == {"110109"}


def test_one_scenario_and_a_year_that_is_there(tmp_path: Path) -> None:
    series = of_inventory(_own(), "a")
    with pytest.raises(
        emis.InputError, match="FF10 holds one scenario, and there are 'a', 'a'; name one with --scenario"
    ):
        write_file([series, series], FF10, tmp_path / "out.csv", Settings())
    with pytest.raises(emis.InputError, match="there is no year 2020; there are 2017: name one with --year"):
        _written(series, tmp_path / "out.csv", year=2020)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["06001", "06003", "110109"]),
            st.sampled_from(["2104008100", "2401001000", "10100201", "junk"]),
            st.sampled_from(["NOX", "PM25-PRI", "71432", "VOC"]),
            st.floats(0, 1e9),
            st.integers(0, 1000).map(lambda n: n / 10),
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=5),
        ),
        min_size=1,
        unique_by=lambda row: row[:3],
    )
)
def test_any_rows_come_back(tmp_path: Path, rows: list[tuple[str, str, str, float, float, str]]) -> None:
    cells = [
        area(region_cd=region, scc=scc, poll=poll, ann_value=repr(tons), ann_pct_red=repr(percent),
             control_ids='"' + ids.strip().replace('"', '""') + '"')
        for region, scc, poll, tons, percent, ids in rows
    ]  # fmt: skip
    found = _read(tmp_path / "in.csv", text(*cells)).series[0]
    _written(found, tmp_path / "out.csv")
    again = read_file(tmp_path / "out.csv", Settings()).series[0]
    _same(found.inventory, again.inventory)


# -- plans -----------------------------------------------------------------------------------------------------------


def test_a_plan_shows_in_the_columns(run: Command) -> None:
    path = _case(run.folder)
    result = run("convert", path, run.folder / "out.csv", "--to", "ff10")
    assert result.exit_code == 0, result.output
    rows = {row["poll"]: row for row in _rows(run.folder / "out.csv")}
    growth = 1.04**3
    assert np.isclose(float(rows["NOX"]["ann_value"]), 100 * growth * 0.9 * 0.6)
    assert np.isclose(float(rows["NOX"]["projection_factor"]), growth)
    assert float(rows["NOX"]["ann_pct_red"]) == 70  # half was removed, and of the rest 40 %
    assert rows["NOX"]["control_measures"] == rows["NOX"]["control_ids"] == "LESS&SCR"
    assert (rows["71432"]["ann_pct_red"], rows["71432"]["control_measures"]) == ("0", "LESS")
    assert {row["calc_year"] for row in rows.values()} == {"2020"}
    assert {row["date_updated"] for row in rows.values()} == {""}  # the same every day
    assert "#DESC scenario full" in (run.folder / "out.csv").read_text()
    again = emis.read_inventory(run.folder / "out.csv")
    assert (again.base_year, again.control.tolist()) == (2020, [[0.7, 0.0]])


def test_which_of_several_years_is_written_is_told(run: Command) -> None:
    path = _case(run.folder)
    found = run("convert", path, run.folder / "out.csv", "--to", "ff10")
    assert "the year that is written is 2020, the last; --year takes another: " in found.stdout
    for name in ("ff10", "cost"):
        found = run("convert", path, run.folder / "out.csv", "--to", name, "--year", "2020")
        assert "the year that is written" not in found.stdout


def test_the_base_year_is_the_inventory(run: Command) -> None:
    path = _case(run.folder)
    run("convert", path, run.folder / "out.csv", "--to", "ff10", "--year", "2017")
    rows = {row["poll"]: row for row in _rows(run.folder / "out.csv")}
    assert [rows["NOX"][name] for name in ("ann_value", "ann_pct_red", "control_measures")] == ["100", "50", ""]


def test_months_of_a_plan_are_its_own(run: Command) -> None:
    path = _case(run.folder)
    path.write_text(SCENARIO + "resolution: month\n")
    plan = (run.folder / "plan.yaml").read_text().replace("  - id: SCR\n", "  - id: SCR\n    months: [1, 2, 3]\n")
    (run.folder / "plan.yaml").write_text(plan)
    run("convert", path, run.folder / "out.csv", "--to", "ff10")
    row = next(row for row in _rows(run.folder / "out.csv") if row["poll"] == "NOX")
    assert np.isclose(float(row["jan_value"]) / float(row["dec_value"]), 0.6)


def test_costs_of_measures_are_told(run: Command) -> None:
    path = _case(run.folder)
    plan = (run.folder / "plan.yaml").read_text()
    (run.folder / "plan.yaml").write_text(
        plan.replace("  - id: LESS\n", "  - id: LESS\n    cost: {operation: 1 Myuan/yr}\n")
    )
    said = run("convert", path, run.folder / "out.csv", "--to", "ff10").output
    assert "costs of measures are left out (1 of 2 have one)" in said


def test_a_result_goes_over_too(run: Command) -> None:
    run("run", _case(run.folder), "-o", "out")
    result = run("convert", "out", "out.csv", "--to", "ff10", "--region", "US")
    assert result.exit_code == 0, result.output
    assert [row["scc"] for row in _rows(run.folder / "out.csv")] == ["10100201"] * 2


def test_the_example_comes_back(tmp_path: Path) -> None:
    found = read_file(EXAMPLE, Settings()).series[0]
    said = _written(found, tmp_path / "out.csv", region="110109", year=2020)
    assert "the SCC of 124 of 124 sources is the one their labels lead to" in said
    again = [read_file(path, Settings()).series[0] for path in sorted(tmp_path.glob("out*.csv"))]
    at = found.years.index(2020)
    for p, name in enumerate(found.pollutants):
        total = sum(one.totals[0, one.pollutants.index(name)] for one in again if name in one.pollutants)
        assert np.isclose(total, np.nansum(found.values[at, :, p]), rtol=1e-12), name
    rows = {str(name): row for row, name in enumerate(found.inventory.labels["source"])}
    for one in again:
        mine = [rows[str(name)] for name in one.inventory.labels["source"]]
        for label in ("sector", "category", "fuel", "technology"):
            assert one.inventory.labels[label].tolist() == found.inventory.labels[label][mine].tolist()


def test_tons_are_the_nearest_that_read_back(tmp_path: Path) -> None:
    found = of_inventory(replace(_own(), factor=np.full((4, 3), SHORT_TON)))
    _written(found, tmp_path / "out.csv")
    assert {row["ann_value"] for row in _rows(tmp_path / "out.csv")} == {"1"}


def test_labels_hold_what_parts_the_comment_and_regions_start_formulas(tmp_path: Path) -> None:
    labels = [("mobile", "a|b", "50 %7C|", "%25", "=1", ""), ("mobile", "c", "", "", "110109", "")]
    told = inventory(labels, np.ones((2, 1)), ("NOx",), ids=["x|y", "z"])
    _written(of_inventory(told), tmp_path / "out.csv")
    found = read_file(tmp_path / "out.csv", Settings()).series[0].inventory
    assert all(found.labels[name].tolist() == told.labels[name].tolist() for name in told.labels)


@pytest.mark.parametrize("share", [0.999, 0.127, 0.07, 1 / 3])
def test_an_existing_control_comes_back_to_the_bit(share: float, tmp_path: Path) -> None:
    found = of_inventory(replace(_own(), control=np.full((4, 3), share)))
    _written(found, tmp_path / "out.csv")
    for path in tmp_path.glob("out*.csv"):
        (one,) = read_file(path, Settings()).series
        assert set(one.inventory.control[one.keys[0] == ""].tolist()) == {share}


def test_existing_control_of_another_year_is_told(tmp_path: Path) -> None:
    one = of_inventory(replace(_own(), control=np.full((4, 3), 0.5)))
    base = one.years[0]
    later = replace(one, years=(base, base + 1), values=np.repeat(one.values, 2, 0), keys=np.repeat(one.keys, 2, 0))
    assert f"existing control is that of {base}, and is left out of {base + 1}" in _written(later, tmp_path / "out.csv")
    assert "existing control" not in _written(later, tmp_path / "out.csv", year=base)


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    found = read_file(EXAMPLE.parents[2] / "inventories" / "mentougou-2017", Settings()).series[0]
    _written(found, tmp_path / "a.csv", region="110109")
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if not line.startswith("#")) + 1
    (tmp_path / "turned").mkdir()
    turned = tmp_path / "turned" / "a.csv"
    turned.write_text("\n".join([*lines[:start], *lines[: start - 1 : -1]]), encoding="utf-8")
    for place in (tmp_path / "a.csv", turned):
        _written(read_file(place, Settings()).series[0], place.with_name("b.csv"))
    assert (tmp_path / "b.csv").read_bytes() == turned.with_name("b.csv").read_bytes()


def test_a_pollutant_that_emis_does_not_know_is_told_as_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "#FORMAT=FF10_NONPOINT\n#YEAR=2017\nregion_cd,scc,poll,ann_value\n37001,2104008100,NOX,1\n"
        "37001,2104008100,108883,2\n",
        encoding="utf-8",
    )
    assert next(one.facet for one in emis.convert(path, to="csv").lost) == "pollutant"
    assert "pollutant" not in [one.facet for one in emis.convert(path, to="netcdf").lost]
