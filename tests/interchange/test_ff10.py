"""FF10 as an inventory: rows by source and pollutant in short tons, months, control, and what else columns say."""

import csv
import io
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from conftest import Command
from flat_rows import area, months, point, read, text
from hypothesis import given
from hypothesis import strategies as st

import emis
from emis.distributed import BlockReader
from emis.errors import Issues
from emis.io import flat_files
from emis.io.blocks import open_blocks
from emis.io.flat_files import is_flat, read_flat_file
from emis.io.flat_layouts import FF10_NONPOINT, FF10_POINT, MONTHS
from emis.io.folders import Folder
from emis.units import SHORT_TON
from emis.workers import Here

#: As the SMOKE manual shows its header, with rows by position and no row of names.
MANUAL = """\
#FORMAT   FF10_NONPOINT
#COUNTRY  US
#YEAR     2005
#DESC     Nonpoint Source Inventory
#DESC     FF10 Nonpoint format
US,37001,,,,2104008000,,PM25-PRI,20,40,,,,,,63AAAA,1,2005,20080131,NEI2005,,,,,,,,,,,,,,,,,,,,,,,,,
US,37001,,,,2104008000,,NOX,.5,,,,,,,,,2005
US,37001,,,,2104008000,,71432,1.5E-02,,,,,,,,,2005
US,37003,088,,,2104008000,,NOX,2.,,,,,,,,,2005
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "nonpoint.csv"


def _warnings(found: emis.Inventory) -> str:
    return "\n".join(str(one) for one in found.warnings)


def test_the_layouts_are_those_of_the_manual() -> None:
    assert len(FF10_NONPOINT.columns) == 45
    assert len(FF10_POINT.columns) == 77
    assert [FF10_NONPOINT.columns.index(name) + 1 for name in ("poll", "jan_value", "jan_pctred")] == [8, 21, 33]
    assert [FF10_POINT.columns.index(name) + 1 for name in ("scc", "longitude", "jan_value")] == [12, 24, 53]


def test_the_file_of_the_manual(file: Path) -> None:
    found = read(file, MANUAL)
    assert found.base_year == 2005
    assert found.name == "nonpoint"
    assert found.title == {"en": "Nonpoint Source Inventory"}
    assert found.pollutants == ("NOx", "PM2.5", "71432")
    assert found.labels["source"].tolist() == [
        "residential/2104008000/37001", "residential/2104008000/37003/-/-/-/088",
    ]  # fmt: skip
    assert found.emissions[0].tolist() == [0.5 * SHORT_TON, 20 * SHORT_TON, 0.015 * SHORT_TON]
    assert found.emissions[1].tolist() == [2 * SHORT_TON, 0.0, 0.0]
    assert found.notation is not None
    assert found.notation[1].tolist() == ["", "NA", "NA"]
    assert found.control[0].tolist() == [0.0, 0.4, 0.0]
    assert found.reported.all()
    assert found.labels["region"].tolist() == ["37001", "37003"]
    assert found.labels["category"].tolist() == ["2104008000"] * 2
    assert found.attributes["scc"].tolist() == ["2104008000"] * 2
    assert found.attributes["reg_codes"].tolist() == [["", "63AAAA", ""], ["", "", ""]]
    assert found.attributes["calc_year"].tolist() == ["2005", "2005"]
    assert found.place(1)[1] == 9
    said = _warnings(found)
    assert ":6: 3 of 4 rows end before the last of the 45 columns of FF10_NONPOINT" in said
    assert "71432 (rows: 1, short tons: 0.015)" in said
    assert "2 of 6 pairs of source and pollutant have no row: taken as NA" in said


def test_a_short_ton_is_exact(file: Path) -> None:
    assert read(file, text(area(ann_value="1"))).emissions.tolist() == [[0.90718474]]


def test_points_have_facility_and_place(file: Path) -> None:
    found = read(file, text(point(), point(poll="SO2", stkhgt="120"), kind="FF10_POINT"))
    assert found.labels["source"].tolist() == ["power/10100201/06001/F1/U1/S1/1"]
    assert found.labels["facility"].tolist() == ["F1"]
    assert (found.points["lon"].tolist(), found.points["lat"].tolist()) == ([-121.5], [37.8])
    assert found.attributes["facility_name"].tolist() == ["Plant, No. 1"]
    assert found.attributes["stkhgt"].tolist() == [["120", ""]]
    assert "longitude" not in found.attributes


@pytest.mark.parametrize("kind", ["FF10_ONROAD", "FF10_NONROAD"])
def test_mobile_sources_have_the_layout_of_nonpoint(file: Path, kind: str) -> None:
    found = read(file, text(area(scc="2201110171", emis_type="EXH"), kind=kind))
    assert found.labels["source"].tolist() == ["mobile/2201110171/06001/EXH"]


@pytest.mark.parametrize(
    "first",
    [
        "#FORMAT=FF10_NONPOINT",
        "#FORMAT   FF10_NONPOINT",
        "#FF10_NONPOINT",
        "#format: ff10_nonpoint",
        "#FF10\n#TYPE Nonpoint",
    ],
)
def test_ways_to_say_what_a_file_is(file: Path, first: str) -> None:
    assert len(read(file, f"{first}\n#YEAR 2017\n{area()}\n")) == 1


def test_a_row_of_names_alone_says_it_too(file: Path) -> None:
    names = '"' + '","'.join(FF10_POINT.columns) + '"'
    found = read(file, f"{names}\n{point(calc_year='2017')}\n")
    assert (found.base_year, found.labels["facility"].tolist()) == (2017, ["F1"])


def test_names_of_the_manual_are_those_of_tools(file: Path) -> None:
    other = {"country_cd": "COUNTRY", "region_cd": "FIPS", "poll": "POLID", "tribal_code": "TRIBAL CODE",
             "fug_width_xdim": "fug_width_ydim", "fug_length_ydim": "fug_length_xdim"}  # fmt: skip
    names = ",".join(other.get(name, name.upper()) for name in FF10_POINT.columns)
    found = read(file, text(names, point(fug_width_xdim="3"), kind="FF10_POINT", names=False))
    assert found.attributes["fug_width_xdim"].tolist() == ["3"]
    assert "is called" not in _warnings(found)


def test_another_name_is_taken_by_its_place_and_told(file: Path) -> None:
    names = ",".join(FF10_NONPOINT.columns).replace("jan_value", "jan20")
    found = read(file, text(names, area(**months(*[1] * 12), ann_value=""), names=False))
    assert found.emissions.tolist() == [[12 * SHORT_TON]]
    assert ":5 jan20: column 21 is called 'jan20', and taken for jan_value by its place" in _warnings(found)


def test_another_order_is_read_by_names(file: Path) -> None:
    found = read(file, text("scc,region_cd,poll,ann_value,who,country_cd", "2104008100,06001,NOX,3,me,US", names=False))
    assert found.emissions.tolist() == [[3 * SHORT_TON]]
    assert found.attributes["who"].tolist() == ["me"]
    assert "another order than those of FF10_NONPOINT: read by their names" in _warnings(found)


def test_what_is_quoted_odd_is_read_one_by_one(file: Path) -> None:
    plain = read(file, text(point(), kind="FF10_POINT"))
    odd = point(facility_name=' "Plant ""A"",\nNo. 1"', comment='"# no comment"')
    found = read(file, text("", odd, "# a comment", point(poll="SO2", facility_name="Plant"), kind="FF10_POINT"))
    assert found.labels["source"].tolist() == plain.labels["source"].tolist()
    assert found.attributes["facility_name"].tolist() == [["Plant", 'Plant "A",\nNo. 1']]
    assert found.place(0)[1] == 7


def test_lines_of_windows_and_semicolons(file: Path) -> None:
    content = text(point(), point(poll="SO2"), kind="FF10_POINT")
    found = read(file, content.replace("\n", "\r\n"))
    other = read(file, content.replace('"Plant, No. 1"', "Plant").replace(",", ";"))
    assert found.emissions.tolist() == other.emissions.tolist() == [[10 * SHORT_TON] * 2]


def test_leading_zeros_come_back(file: Path) -> None:
    found = read(file, text(area(region_cd="6001"), area(region_cd="110109")))
    assert found.labels["region"].tolist() == ["06001", "110109"]
    assert ":6 region_cd: a FIPS code of less than 5 digits in this row: zeros are put in front" in _warnings(found)


def test_countries_tell_sources_apart(file: Path) -> None:
    found = read(file, text(area(), area(country_cd="MX")))
    assert found.labels["source"].tolist() == [
        "residential/2104008100/MX/06001", "residential/2104008100/US/06001",
    ]  # fmt: skip


def test_parts_of_a_key_that_hold_a_slash_are_no_other_source(file: Path) -> None:
    rows = (point(unit_id="U/1", rel_point_id="", process_id=""), point(unit_id="U", rel_point_id="1", process_id=""))
    found = read(file, text(*rows, kind="FF10_POINT"))
    assert found.labels["source"].tolist() == ["power/10100201/06001/F1/U/1", "power/10100201/06001/F1/U/1~2"]


def test_an_unknown_scc_is_told_and_kept(file: Path) -> None:
    found = read(file, text(area(scc="99"), area()))
    assert found.labels["sector"].tolist() == ["other", "residential"]
    assert "codes of no sector that is known go to `other`: 99 (rows: 1, short tons: 10)" in _warnings(found)


def test_filterable_particles_are_not_added_to_pm25(file: Path) -> None:
    rows = [area(poll=name, ann_value="1") for name in ("PM25-PRI", "PM25-FIL", "PM-CON", "PM10-PRI", "nox")]
    found = read(file, text(*rows))
    assert found.pollutants == ("NOx", "PM10", "PM2.5", "PM-CON", "PM25-FIL")
    assert found.emissions.tolist() == [[SHORT_TON] * 5]
    assert "PM-CON and what is filterable (-FIL) are in no total of PM" in _warnings(found)


# -- months ----------------------------------------------------------------------------------------------------------


def test_months_become_a_profile(file: Path) -> None:
    found = read(file, text(area(ann_value="", **months(*range(1, 13)))))
    assert found.emissions.tolist() == [[78 * SHORT_TON]]
    assert np.allclose(found.shares(2017)[0], np.arange(1, 13) / 78)


def test_pollutants_with_their_own_months_are_sources_of_their_own(file: Path) -> None:
    same = months(*[2] * 12)
    rows = (
        area(ann_value="24", **same),
        area(poll="SO2", ann_value="12", **months(*[1] * 12)),
        area(poll="CO", ann_value="12", **months(12, *[0] * 11)),
        area(poll="VOC", ann_value="5"),
        area(poll="NH3", ann_value="0"),
    )
    found = read(file, text(*rows))
    name = "residential/2104008100/06001"
    assert found.labels["source"].tolist() == [name, f"{name}/CO", f"{name}/VOC"]
    place = {one: p for p, one in enumerate(found.pollutants)}
    tons = found.emissions / SHORT_TON
    assert np.allclose(tons[0, [place["NOx"], place["SO2"], place["NH3"]]], [24, 12, 0])
    assert found.shares(2017)[1, 0] == 1
    assert found.profile[2] == ""
    assert np.allclose(tons.sum(axis=0), [12, 24, 5, 12, 0])


def test_months_that_are_left_out_beside_the_rest_of_the_year_are_zero(file: Path) -> None:
    found = read(file, text(area(ann_value="3", jan_value="1", feb_value="2")))
    assert found.shares(2017)[0, :3].tolist() == [1 / 3, 2 / 3, 0]
    assert not set(MONTHS) & set(found.attributes)


def test_some_months_that_are_not_the_year_are_kept_and_told(file: Path) -> None:
    found = read(file, text(area(ann_value="30", jan_value="1")))
    assert found.emissions.tolist() == [[30 * SHORT_TON]]
    assert found.profile.tolist() == [""]
    assert found.attributes["jan_value"].tolist() == [["1"]]
    assert "some of the months are given and do not sum to ann_value in this row" in _warnings(found)


def test_twelve_months_that_are_not_the_year_are_told(file: Path) -> None:
    found = read(
        file, text(area(ann_value="30", **months(*[1] * 12)), area(poll="CO", ann_value="9", **months(*[1] * 12)))
    )
    assert sorted((found.emissions / SHORT_TON).ravel().tolist()) == [9, 30]
    assert "twelve months do not sum to ann_value in this row and 1 more: ann_value is taken" in _warnings(found)


# -- years -----------------------------------------------------------------------------------------------------------


def test_the_year_of_the_rows_serves_where_they_agree(file: Path) -> None:
    assert read(file, text(area(calc_year="2014"), year="#")).base_year == 2014
    assert read(file, text(area(calc_year="2014"), area(poll="CO", calc_year="2015"), year="#")).base_year == 0


def test_another_year_than_that_of_the_scenario_is_a_fault(run: Command) -> None:
    _case(run.folder)
    path = run.folder / "full.yaml"
    path.write_text(path.read_text().replace("2017: points.csv", "2017: other.csv"))
    (run.folder / "other.csv").write_text(text(area(), year="#YEAR 2014"))
    result = run("check", path)
    assert result.exit_code == 3
    assert "other.csv:3 #YEAR: is of 2014, and it is taken for 2017; name the inventory of that year" in result.output


def test_places_that_differ_within_a_source_are_told_and_kept(file: Path) -> None:
    found = read(file, text(point(), point(poll="CO", longitude="-121.6"), kind="FF10_POINT"))
    assert found.points["lon"].tolist() == [-121.5]
    assert found.attributes["longitude"].tolist() == [["-121.5", "-121.6"]]
    assert "longitude is not that of the first row of its source in this row" in _warnings(found)


# -- in the engine ---------------------------------------------------------------------------------------------------

PLAN = """\
emis: plan/1
base_year: 2017
measures:
  - id: SCR
    select: {sector: power}
    do: [{abate: {efficiency: {NOx: 80 %}, penetration: 50 %}}]
  - id: LESS
    select: {category: "10*"}
    do: [{scale: {activity: -10 %}}]
targets:
  - {id: T1, indicator: emissions, pollutant: NOx, reduce_by: 30 %, since: 2017, by: 2020}
"""
SCENARIO = """\
emis: scenario/1
name: full
plan: plan.yaml
inventories: {2017: points.csv}
years: [2017, 2020]
drivers: [{select: {sector: power}, growth: 4 %/yr}]
"""


def _case(folder: Path) -> Path:
    rows = (point(ann_value="100", ann_pct_red="50"), point(poll="71432", ann_value="2"))
    (folder / "points.csv").write_text(text(*rows, kind="FF10_POINT"))
    (folder / "plan.yaml").write_text(PLAN)
    (folder / "full.yaml").write_text(SCENARIO)
    return folder / "full.yaml"


def test_a_plan_runs_on_a_flat_file(run: Command) -> None:
    result = run("run", _case(run.folder), "-o", "out")
    assert result.exit_code == 0, result.output
    found = emis.read_result(run.folder / "out").dataset["emissions"].sel(year=2020).sum("source")
    grown = 1.04**3 * 0.9
    assert np.allclose(found.sel(pollutant="NOx"), 100 * SHORT_TON * grown * 0.6)
    assert np.allclose(found.sel(pollutant="71432"), 2 * SHORT_TON * grown)
    assert "MET" in result.output


def test_it_is_shown_and_checked(run: Command) -> None:
    _case(run.folder)
    assert "power" in run("show", run.folder / "points.csv").output
    assert "no faults" in run("check", run.folder / "points.csv").output


def test_it_is_read_whole_by_those_who_read_blocks(tmp_path: Path) -> None:
    path = _case(tmp_path).with_name("points.csv")
    reader = BlockReader(Here(), rows=1, every=True)
    found = reader(path, Folder.around(path), Issues(), None, 2017, ())
    assert found is not None
    assert (len(found), reader.found) == (1, {})
    with pytest.raises(emis.InputError, match="is read whole"):
        open_blocks(path)


def test_other_tables_are_no_flat_files(tmp_path: Path) -> None:
    other = tmp_path / "table.csv"
    other.write_text("source,category,NOx [t/yr]\na,b,1\n")
    assert not is_flat(other)
    assert not is_flat(tmp_path)


#: Texts with all that CSV has rules for.
CELLS = st.text(st.sampled_from("ab ,;\"'#|=-é水\n"), max_size=6)


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_quick_and_slow_reading_are_the_same(
    tmp_path: Path, cells: list[tuple[str, str, str]], quoting: Literal[0, 1]
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=quoting)
    for number, (name, measures, comment) in enumerate(cells):
        known = {"region_cd": "06001", "facility_id": f"F{number}", "scc": "10100201", "poll": "NOX",
                 "ann_value": "1", "facility_name": name, "control_measures": measures, "comment": comment}  # fmt: skip
        writer.writerow([known.get(column, "") for column in FF10_POINT.columns])
    path = tmp_path / "points.csv"
    path.write_text(text(stream.getvalue().rstrip("\n"), kind="FF10_POINT"), encoding="utf-8")
    found = [read_flat_file(path, "points.csv", Issues())]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flat_files, "quick", lambda lines, delimiter: None)
        found.append(read_flat_file(path, "points.csv", Issues()))
    quick, slow = (one.table for one in found if one is not None)
    assert list(quick.lines) == list(slow.lines)
    for name in FF10_POINT.columns:
        assert list(quick.column(name).cells) == list(slow.column(name).cells), name
    texts = [
        " ".join(one) for one in zip(*(slow.column(name).cells for name in ("facility_name", "comment")), strict=True)
    ]
    assert texts == [f"{name.strip()} {comment.strip()}" for name, _, comment in cells]
