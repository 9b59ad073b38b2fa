"""FF10 with faults: each told where it stands, all of them at once, and none taken for something else."""

from pathlib import Path

import pytest
from flat_rows import area, faults, point, read, text

import emis


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "nonpoint.csv"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (area(ann_value=""), ":6 ann_value: is blank; write a number, 0 if there is none: missing is not zero"),
        (area(ann_value="-9"), ":6 ann_value: is blank"),
        (area(ann_value="-1"), ":6 ann_value: -1 is negative; write 0 or more"),
        (area(ann_value="１２"), ":6 ann_value: '１２' has full-width or look-alike characters; write 12"),
        (area(ann_value='"1,200"'), ":6 ann_value: '1,200' has a thousands separator; write 1200"),
        (area(ann_value="NaN"), ":6 ann_value: 'NaN' is no number"),
        (area(ann_value="1e300"), ":6 ann_value: 1e+300 is beyond reason"),
        (area(ann_value="", jan_value="1"), ":6 ann_value: is blank, and 1 of 12 months are given"),
        (area(jan_value="x"), ":6 jan_value: 'x'"),
        (area(ann_pct_red="130"), ":6 ann_pct_red: 130 is more than 100 %; write 0 to 100"),
        (area(scc=""), ":6 scc: is blank; every row of FF10_NONPOINT has one"),
        (area(region_cd=""), ":6 region_cd: is blank"),
        (area() + "\n" + area(ann_value="3"), ":7 poll: a second row for NOX of one source, the first is in line 6"),
        (
            area(poll="PM2_5") + "\n" + area(poll="PM25-PRI"),
            ":7 poll: a second row for PM25-PRI, which is PM2_5, of one source, the first is in line 6",
        ),
        (area() + ",more", ":6: has 46 cells, and the header 45"),
        (area(comment='"open'), "cannot be split into cells"),
    ],
)
def test_faults_are_told_where_they_stand(file: Path, row: str, said: str) -> None:
    assert said in faults(file, text(row))


def test_all_faults_are_told_at_once(file: Path) -> None:
    found = faults(file, text(area(ann_value=""), area(poll="CO", ann_value="x", ann_pct_red="-3"), area(scc="")))
    assert [line.split(":")[1].split()[0] for line in found.splitlines()] == ["6", "7", "7", "8"]


def test_points_without_a_facility_and_off_the_globe(file: Path) -> None:
    found = faults(file, text(point(facility_id="", longitude="-190"), kind="FF10_POINT"))
    assert ":6 facility_id: is blank" in found
    assert ":6 longitude: -190 is no longitude; write degrees between -180 and 180" in found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("#FORMAT=FF10_ACTIVITY\nUS,06001\n", ":1 #FORMAT: FF10_ACTIVITY holds activity (vehicle miles"),
        ("#FORMAT=FF10_DAILY_POINT\nUS,06001\n", ":1 #FORMAT: FF10_DAILY_POINT holds emissions of single days"),
        ("#ORL FIRE\n06001\n", "holds fires and what burns in them"),
        ("#FF10\nUS,06001,NOX\n", ":1 #FORMAT: says no more than FF10, and its rows have 3 cells"),
        (text(area(), year="#YEAR=17"), ":3 #YEAR: '17' is no year"),
        (text(area(), year="#YEAR=2017\n#YEAR=2018"), ":4 #YEAR: there are two years: 2017 in line 3 and 2018 in"),
        (text("scc,region_cd,poll,x", "1,06001,NOX,3", names=False), ":5 ann_value: the column 'ann_value' is missing"),
        (text("scc,region_cd,poll,ann_value,scc", "1,06001,NOX,3,1", names=False), "there is a second column scc"),
        (text(), ":5: has a header and no rows"),
    ],
)  # fmt: skip
def test_what_is_no_inventory_says_why(file: Path, content: str, said: str) -> None:
    assert said in faults(file, content)


def test_a_unit_in_a_header_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(emis.InputError, match="flat files are in short tons"):
        read(tmp_path / "a.csv", text(area()).replace(",ann_value,", ",ann_value [kg/yr],"))


def test_a_row_behind_a_comment_that_a_return_ends_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text(area(), area(poll="SO2")).replace("#COUNTRY=US\n", "#COUNTRY=US\r").encode())
    with pytest.raises(emis.InputError, match=r"a.csv:2: a carriage return stands within a comment"):
        emis.read_inventory(path)


def test_a_code_of_any_length_is_kept_and_does_not_flood_a_message(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", text(area(scc="x" * 99_000)))
    assert found.labels["sector"].tolist() == ["other"]
    assert max(len(str(one)) for one in found.warnings) < 5000
