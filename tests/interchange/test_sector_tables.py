"""Tables of sectors: NFR, GNFR, SNAP and the Ministry's classes, written and read back, and as others write them."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import Command

import emis
from emis.interchange.converting import read_file, write_file
from emis.interchange.formats import Settings
from emis.interchange.registry import FORMATS

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "inventories" / "mentougou-2017"

SOURCES = """\
source,category,fuel,technology,region,nfr,NOx [t/yr],NH3 [t/yr]
mobile/a,bus,diesel,china_5,110109,,10,NO
mobile/b,coach,diesel,china_5,110109,,0.5,NO
mobile/c,taxi,petrol,china_5,110109,,NE,NE
mobile/d,passenger_car,petrol,china_5,110109,,7,NE
agriculture/e,livestock,,pig,110109,,NA,3
natural/f,swamp,,,110109,9X,1,NA
"""

WEBDAB = """\
# Data from the Centre on Emission Inventories and Projections
# Format: ISO2;YEAR;SECTOR;POLLUTANT;UNIT;NUMBER/FLAG
AT;2019;1A1a;NOx;Gg (1000 tonnes);1.5
AT;2019;1A1a;Pb;Mg;0.3
AT;2019;3B1a;NH3;Gg;NE
AT;2019;3B1b;NH3;Gg;IE
AT;2019;1A3bi;NOx;Gg;2
AT;2020;1A3bi;NOx;Gg;2.5
AT;2020;1A3bi;SOx;Gg;NR
AT;2019;NATIONAL TOTAL;NOx;Gg;3.6
AT;2019;9Zz;NOx;Gg;0.1
DE;2019;1A1a;NOx;Gg;9
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    path = tmp_path / "sources.csv"
    path.write_text(SOURCES, encoding="utf-8")
    return path


def _converted(path: Path, out: Path, name: str, **settings: object) -> list[str]:
    chosen = Settings(**settings)  # type: ignore[arg-type]
    _, told = write_file(read_file(path, chosen).series, FORMATS[name], out, chosen)
    return [str(one) for one in told]


@pytest.mark.parametrize("name", ["nfr", "gnfr", "snap", "mee"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_table_reads_back_with_every_number(name: str, suffix: str, tmp_path: Path) -> None:
    out, again = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    (before,) = read_file(SHIPPED, Settings()).series
    _converted(SHIPPED, out, name)
    (first,) = (found := read_file(out, Settings())).series
    assert found.format.name == name
    assert first.years == (2017,)
    assert first.inventory.status == "reconstruction"
    assert np.allclose(first.totals, before.totals, rtol=1e-12)
    _converted(out, again, name)
    (second,) = read_file(again, Settings()).series
    assert first.inventory.labels["source"].tolist() == second.inventory.labels["source"].tolist()
    assert np.array_equal(first.values, second.values, equal_nan=True)
    assert (first.keys == second.keys).all()


def test_nfr_is_as_the_reporting_template_has_it(sources: Path, tmp_path: Path) -> None:
    told = _converted(sources, tmp_path / "out.csv", "nfr", year=2017)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines() == [
        "year,status,nfr,title,NOx [kt],NH3 [kt]",
        "2017,example,1A3bi,Road transport: Passenger cars,0.007,NE",
        "2017,example,1A3biii,Road transport: Heavy duty vehicles and buses,0.0105,NO",
        "2017,example,3B3,Manure management - Swine,NA,0.003",
        "2017,example,9X,,0.001,NA",
    ]
    assert told == [
        "out.csv nfr: 9X has no code in NFR 2019 (EMEP/EEA): 1 sources, 1 t over all pollutants; they stand in the row"
        " 'unmapped', or in one of their own code: map them with --crosswalk",
        "out.csv notation: amounts of sources that are not known (NE, C) are in no sum: NOx 1, NH3 2; totals of such a"
        " code are too low",
    ]


def test_the_mass_of_a_table_is_told_and_no_warning(run: Command) -> None:
    (run.folder / "sources.csv").write_text(SOURCES, encoding="utf-8")
    found = run("convert", "sources.csv", "out.csv", "--to", "nfr", "--year", "2017", "--json")
    told = json.loads(found.stdout)
    assert told["result"]["told"] == ["mass, 2017: NOx 18.5 t in, 18.5 t out; NH3 3 t in, 3 t out"]
    assert not any("mass" in one for one in map(str, told["warnings"]))


def test_sources_without_a_class_keep_their_mass(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("source,category,NOx [t/yr]\nmobile/a,transport,5\nmobile/b,taxi,1\n", encoding="utf-8")
    told = _converted(path, tmp_path / "out.csv", "gnfr", year=2017)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "2017,example,F_RoadTransport,Road transport,0.001",
        "2017,example,unmapped,sources without a code,0.005",
    ]
    assert any("mobile/transport has no code in GNFR (EMEP): 1 sources, 5 t" in one for one in told)
    (again,) = read_file(tmp_path / "out.csv", Settings()).series
    assert again.totals.tolist() == [[6.0]]
    assert again.inventory.labels["sector"].tolist() == ["mobile", "other"]


def test_the_ministrys_classes_are_in_chinese(sources: Path, tmp_path: Path) -> None:
    _converted(sources, tmp_path / "out.csv", "mee", year=2017, lang="zh")
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "年份,清单状态,一级源,二级源,三级源,四级源,单位,NOx,NH3"
    assert "2017,example,移动源,道路移动源,公交车,,t,10,NO" in lines
    assert "2017,example,农业源,畜禽养殖,生猪,,t,NA,3" in lines


def test_a_workbook_has_a_sheet_for_each_year(tmp_path: Path) -> None:
    path = tmp_path / "w.txt"
    path.write_text(WEBDAB, encoding="utf-8")
    _converted(path, tmp_path / "out.xlsx", "nfr", region="AT")
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["2019", "2020"]
    (series,) = read_file(tmp_path / "out.xlsx", Settings()).series
    assert series.years == (2019, 2020)


def test_the_export_of_webdab_is_read(tmp_path: Path) -> None:
    path = tmp_path / "webdab.txt"
    path.write_text(WEBDAB, encoding="utf-8")
    (series,) = (found := read_file(path, Settings())).series
    assert found.format.name == "nfr"
    assert series.years == (2019, 2020)
    ids = series.inventory.labels["source"].tolist()
    assert ids == [
        "agriculture/livestock/beef_cattle/3B1b/AT", "agriculture/livestock/dairy_cow/3B1a/AT",
        "mobile/passenger_car/1A3bi/AT", "other/9Zz/9Zz/AT", "power/power_plant/1A1a/AT", "power/power_plant/1A1a/DE",
    ]  # fmt: skip
    nox = series.values[:, :, series.pollutants.index("NOx")]
    assert nox[0, 2:].tolist() == [2000.0, 100.0, 1500.0, 9000.0]
    assert nox[1, 2] == 2500.0
    assert np.isnan(nox[1, 3:]).all()
    assert series.keys[0, :2, series.pollutants.index("NH3")].tolist() == ["IE", "NE"]
    assert series.inventory.place(3) == (series.inventory.file, 11)
    told = {one.line: one.message for one in found.warnings}
    assert told[4] == "'Pb' is no pollutant of emis: 1 values"
    assert "NATIONAL TOTAL is a total" in told[10]
    assert "the code '9Zz' is not known in NFR 2019 (EMEP/EEA): 1 values, 100 t" in told[11]


def test_gnfr_in_such_an_export_is_told_from_nfr(tmp_path: Path) -> None:
    path = tmp_path / "g.txt"
    path.write_text("# Format: ISO2;YEAR;SECTOR;POLLUTANT;UNIT;NUMBER/FLAG\nAT;2019;A_PublicPower;NOx;Gg;1\n", "utf-8")
    (series,) = (found := read_file(path, Settings())).series
    assert found.format.name == "gnfr"
    assert series.inventory.labels["sector"].tolist() == ["power"]


def test_the_template_with_a_row_of_units_and_its_year_above_is_read(tmp_path: Path) -> None:
    path = tmp_path / "annex.csv"
    path.write_text(
        "COUNTRY:,AT\nYEAR:,2019\n,,,Main pollutants\nGNFR,NFR Code,Longname,Notes,NOx (as NO2),NMVOC,SOx (as SO2)\n"
        ",,,,kt,kt,kt\nA_PublicPower,1A1a,Public electricity,,1.5,NE,0.25\nB_Industry,1A1b,Refining,,0.5,0.1,NO\n",
        encoding="utf-8",
    )
    (series,) = read_file(path, Settings()).series
    assert series.years == (2019,)
    assert series.pollutants == ("SO2", "NOx", "VOC")
    assert series.codes["nfr"].tolist() == ["1A1b", "1A1a"]
    assert series.values[0, :, :2].tolist() == [[0.0, 500.0], [250.0, 1500.0]]
    assert series.keys[0].tolist() == [["NO", "", ""], ["", "", "NE"]]


def test_a_heading_that_sums_up_others_is_not_counted_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "year,nfr,NOx [kt]\n2019,1A3b,3\n2019,1A3bi,1\n2019,1A3bii,2\n2019,3B,9\n2019,3B3,1\n", encoding="utf-8"
    )
    (series,) = (found := read_file(path, Settings())).series
    assert series.totals.tolist() == [[13000.0]]
    assert [str(one).split(": ", 1)[1] for one in found.warnings] == [
        "1A3b is the sum of the codes below it and is not read beside them: 1 values, 3,000 t over all years and"
        " pollutants"
    ]


def test_memo_items_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("year,nfr,NOx [kt]\n2019,11B,3\n2019,1A3bi,1\n", encoding="utf-8")
    (told,) = read_file(path, Settings()).warnings
    assert told.message == "memo items, which national totals leave out, are read and counted: 11B"


def test_merged_cells_of_classes_are_filled(tmp_path: Path) -> None:
    path = tmp_path / "城市.csv"
    path.write_bytes(
        "单位：万吨,,,\n年份,一级源,二级源,氮氧化物,SO2（t）\n2017,移动源,道路移动源,0.5,10\n2017,,非道路移动源,0.25,20\n"
        "2017,扬尘源,,,\n2017,合计,,0.75,30\n".encode("gb18030")
    )
    (series,) = (found := read_file(path, Settings())).series
    assert found.format.name == "mee"
    assert series.codes["mee"].tolist() == ["移动源/非道路移动源", "移动源/道路移动源"]
    assert series.values[0].tolist() == [[20.0, 2500.0], [10.0, 5000.0]]


def test_a_class_below_those_that_are_listed_has_the_labels_of_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("年份,一级源,二级源,三级源,单位,NOx\n2017,扬尘源,道路扬尘,桥面,t,1\n", encoding="utf-8")
    (series,) = read_file(path, Settings()).series
    assert series.codes["mee"].tolist() == ["扬尘源/道路扬尘/桥面"]
    assert series.inventory.labels["category"].tolist() == ["paved_road"]


@pytest.mark.parametrize(
    ("text", "line", "path", "message"),
    [
        ("year,nfr,NOx\n2017,1A1a,1\n", 1, "NOx", "is in no unit"),
        ("nfr,NOx [kt]\n1A1a,1\n", 1, "year", "does not say its year"),
        ("year,nfr,NOx [kt]\n2017,1A1a,-1\n", 2, "NOx", "-1 is negative"),
        ("year,nfr,NOx [kt]\n2017,1A1a,nan?\n", 2, "NOx", "'nan?' is not a finite number"),
        ("year,nfr,NOx [kt]\nlast,1A1a,1\n", 2, "year", "'last' is no year"),
        ("year,nfr,unit,NOx\n2017,1A1a,km,1\n", 2, "unit", "'km' (length) does not convert"),
        ("year,nfr,NOx [kt]\n2017,1A1a,1\n2017,1.A.1.a,2\n", 3, "", "a second value for NOx"),
        ("year,nfr,NOx [kt]\n2017,1A1a,1,2\n", 2, "", "has 4 cells, and the header 3"),
    ],
)
def test_faults_are_told_with_their_place(text: str, line: int, path: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(emis.InputError) as caught:
        read_file(file, Settings())
    (issue,) = caught.value.issues
    assert (issue.line, issue.path) == (line, path)
    assert message in issue.message


def test_a_unit_in_the_header_and_another_in_the_column_of_units_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("nfr,year,unit,NOx [kt]\n1A1a,2020,kt,1\n1A1b,2020,t,2\n", encoding="utf-8")
    with pytest.raises(emis.InputError, match=r"a.csv:3 NOx: is in kt by its header, and in t by"):
        read_file(path, Settings())


def test_two_columns_of_years_are_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("nfr,year,年,SO2 [kt]\n1A1a,2020,1.5,1\n", encoding="utf-8")
    with pytest.raises(emis.InputError, match="'year' and '年' say the same"):
        read_file(path, Settings())
