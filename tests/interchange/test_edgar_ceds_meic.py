"""Files of EDGAR, CEDS and MEIC, in the layouts in which they are published."""

import re
from pathlib import Path

import numpy as np
import pytest

import emis
from emis.interchange.converting import read_file
from emis.interchange.formats import Settings

EDGAR = """\
Content:,Emissions by country and main source category,,,,,,,,
Compound:,Nitrogen oxides (NOx),,,,,,,,
Start year:,1970,,,,,,,,
Unit:,Gg,,,,,,,,
,,,,,,,,,
IPCC_annex,C_group_IM24_sh,Country_code_A3,Name,ipcc_code_2006_for_standard_report,ipcc_code_2006_for_standard_report_name,Substance,fossil_bio,Y_1970,Y_1971
Non-Annex_I,China,CHN,China,1.A.1.a,Main Activity Electricity and Heat Production,NOx,fossil,10.5,11
Non-Annex_I,China,CHN,China,1.A.3.b_noRES,Road Transportation no resuspension,NOx,fossil,1,0
Non-Annex_I,China,CHN,China,1.A.4,Residential and other sectors,NOx,bio,2,
Non-Annex_I,China,CHN,China,1.A.4,Residential and other sectors,NOx,fossil,3,NULL
Non-Annex_I,China,CHN,China,9.Z,Something else,NOx,fossil,4,5
Non-Annex_I,India,IND,India,1.A.1.a,Main Activity Electricity and Heat Production,NOx,fossil,7,8
"""

CEDS = """\
em,country,sector,units,X2018,X2019
NOx,chn,1A1a_Electricity-public,kt,100.5,90
NOx,chn,1A3b_Road,kt,50,0
NOx,global,1A3ai_International-aviation,kt,5,6
NMVOC,chn,2D_Paint-application,kt,7,
NMVOC,chn,2X_Unknown,kt,1,1
"""

CEDS_DETAILED = """\
em,iso,sector,fuel,units,X2018
SO2,chn,1A4b_Residential,hard_coal,kt,3
SO2,chn,1A4b_Residential,biomass,kt,0.5
"""

MEIC_LONG = """\
year,province,sector,pollutant,emission,unit
2017,Beijing,power,NOx,1.5,kt
2017,Beijing,transportation,NOx,80,kt
2017,Beijing,total,NOx,81.5,kt
2017,Hebei,agriculture,NH3,0.2,Tg
2017,Hebei,shipping,NOx,1,kt
"""

MEIC_WIDE = """\
2017年 SO2 排放量,,,,,,
单位：万吨,,,,,,
省份,电力,工业,民用,交通,农业,合计
北京,0.1,0.2,0.3,0.05,0,0.65
河北,2,10,5,,0,17
全国,2.1,10.2,5.3,0.05,0,17.65
"""


def _read(tmp_path: Path, text: str | bytes, name: str = "file.csv", **settings: object) -> tuple[object, object]:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    found = read_file(path, Settings(**settings))  # type: ignore[arg-type]
    (series,) = found.series
    return found, series


def _by_id(series: object, pollutant: str, year: int = 0) -> dict[str, float]:
    column = series.pollutants.index(pollutant)
    return dict(zip(series.inventory.labels["source"].tolist(), series.values[year, :, column].tolist(), strict=True))


def test_edgar_by_country_and_year(tmp_path: Path) -> None:
    found, series = _read(tmp_path, EDGAR)
    assert found.format.name == "edgar"
    assert series.years == (1970, 1971)
    assert _by_id(series, "NOx") == {
        "mobile/road/fossil/1.A.3.b_noRES/CHN": 1000.0, "other/9.Z/fossil/9.Z/CHN": 4000.0,
        "power/power_plant/fossil/1.A.1.a/CHN": 10500.0, "power/power_plant/fossil/1.A.1.a/IND": 7000.0,
        "residential/buildings/bio/1.A.4/CHN": 2000.0, "residential/buildings/fossil/1.A.4/CHN": 3000.0,
    }  # fmt: skip
    later = _by_id(series, "NOx", 1)
    assert later["mobile/road/fossil/1.A.3.b_noRES/CHN"] == 0.0  # a zero is one
    assert np.isnan(later["residential/buildings/bio/1.A.4/CHN"])  # and what is not there is none
    assert np.isnan(later["residential/buildings/fossil/1.A.4/CHN"])
    (told,) = found.warnings
    assert (told.line, told.message) == (
        11, "the code '9.Z' is not known in EDGAR v8: 2 values, 9,000 t over all years and pollutants"
    )  # fmt: skip
    assert series.inventory.place(2) == (series.inventory.file, 7)


def test_edgar_of_one_country_and_year(tmp_path: Path) -> None:
    for region in ("IND", "India", "ind"):
        _, series = _read(tmp_path, EDGAR, region=region, year=1971)
        assert series.years == (1971,)
        assert _by_id(series, "NOx") == {"power/power_plant/fossil/1.A.1.a/IND": 8000.0}


def test_edgar_as_a_workbook_of_several_sheets(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "info"
    book.active.append(["EDGAR", "version 8.0"])
    totals = book.create_sheet("TOTALS BY COUNTRY")
    totals.append(["IPCC_annex", "C_group_IM24_sh", "Country_code_A3", "Name", "Substance", "Y_1970"])
    totals.append(["Non-Annex_I", "China", "CHN", "China", "NOx", 99])
    sheet = book.create_sheet("IPCC 2006")
    for line in EDGAR.splitlines():
        cells = line.split(",")
        sheet.append([float(cell) if cell.replace(".", "", 1).isdigit() else cell for cell in cells])
    book.save(tmp_path / "edgar.xlsx")
    found = read_file(tmp_path / "edgar.xlsx", Settings(region="CHN", year=1970))
    (series,) = found.series
    assert found.format.name == "edgar"
    assert series.totals.tolist() == [[20500.0]]


def test_edgar_without_its_unit_is_taken_in_gg_and_told(tmp_path: Path) -> None:
    found, series = _read(tmp_path, "\n".join(EDGAR.splitlines()[5:8]) + "\n")
    assert series.totals[0].tolist() == [11500.0]
    assert any(one.message == "states no unit" for one in found.warnings)


def test_edgar_by_month_is_refused(tmp_path: Path) -> None:
    text = "Country_code_A3,Name,ipcc_code_2006_for_standard_report,Substance,Year,Jan\nCHN,China,1.A.4,NOx,1970,1\n"
    with pytest.raises(emis.InputError, match="has no column of a year"):
        _read(tmp_path, text)


def test_ceds_by_country(tmp_path: Path) -> None:
    found, series = _read(tmp_path, CEDS)
    assert found.format.name == "ceds"
    assert series.years == (2018, 2019)
    assert series.pollutants == ("NOx", "VOC")
    nox = _by_id(series, "NOx", 1)
    assert nox["power/power_plant/1A1a_Electricity-public/CHN"] == 90000.0
    assert nox["mobile/road/1A3b_Road/CHN"] == 0.0
    assert nox["mobile/aircraft/1A3ai_International-aviation/global"] == 6000.0
    assert np.isnan(_by_id(series, "VOC", 1)["solvents/coating/2D_Paint-application/CHN"])
    assert series.inventory.attributes["ceds"][0] == "1A3ai_International-aviation"
    (told,) = found.warnings
    assert "the code '2X_Unknown' is not known in CEDS working sectors: 2 values, 2,000 t" in told.message


def test_ceds_by_fuel_as_earlier_releases_name_it(tmp_path: Path) -> None:
    _, series = _read(tmp_path, CEDS_DETAILED)
    assert _by_id(series, "SO2") == {
        "residential/buildings/biomass/1A4b_Residential/CHN": 500.0,
        "residential/buildings/hard_coal/1A4b_Residential/CHN": 3000.0,
    }


def test_ceds_states_its_unit_in_each_row(tmp_path: Path) -> None:
    with pytest.raises(emis.InputError, match=r"file\.csv:3 units: 'acre'"):
        _read(tmp_path, CEDS.replace("1A3b_Road,kt", "1A3b_Road,acre"))


def test_ceds_names_the_species_in_its_unit(tmp_path: Path) -> None:
    text = CEDS.replace("X2019\nNOx,", "X2019\nBC,chn,1A3b_Road,ktC,2,3\nNOx,")
    text = text.replace("public,kt,", "public,ktNO2,").replace("application,kt,", "application,ktNMVOC,")
    _, series = _read(tmp_path, text)
    assert _by_id(series, "NOx")["power/power_plant/1A1a_Electricity-public/CHN"] == 100500.0
    assert _by_id(series, "VOC")["solvents/coating/2D_Paint-application/CHN"] == 7000.0
    assert _by_id(series, "BC")["mobile/road/1A3b_Road/CHN"] == 2000.0
    with pytest.raises(emis.InputError, match=r"file\.csv:3 units: 'ktN'"):
        _read(tmp_path, CEDS.replace("1A3b_Road,kt", "1A3b_Road,ktN"))


def test_meic_in_rows(tmp_path: Path) -> None:
    found, series = _read(tmp_path, MEIC_LONG)
    assert found.format.name == "meic"
    assert _by_id(series, "NOx")["mobile/transport/transportation/Beijing"] == 80000.0
    assert _by_id(series, "NH3")["agriculture/farming/agriculture/Hebei"] == 200000.0
    assert series.totals[0].tolist() == [82500.0, 200000.0]
    told = sorted(one.message for one in found.warnings)
    assert told[0] == "1 rows are totals (sector 'total') and are not read beside their parts"
    assert told[1].startswith("the code 'shipping' is not known in MEIC sectors: 1 values, 1,000 t")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_meic_in_columns_as_chinese_tables_have_it(encoding: str, tmp_path: Path) -> None:
    found, series = _read(tmp_path, MEIC_WIDE.encode(encoding), "排放.csv")
    assert found.format.name == "meic"
    assert series.years == (2017,)
    assert series.pollutants == ("SO2",)
    told = _by_id(series, "SO2")
    assert told["power/power_plant/power/北京"] == 1000.0
    assert told["agriculture/farming/agriculture/河北"] == 0.0
    assert "mobile/transport/transportation/河北" not in told  # it states nothing
    assert series.totals.tolist() == [[pytest.approx(176500.0)]]
    messages = [one.message for one in found.warnings if "UTF-8" not in one.message]
    assert messages == [
        "1 rows are totals (place '全国') and are not read beside their parts",
        "the column '合计' is a total and is not read",
    ]


def test_meic_with_a_column_for_each_pollutant_and_sector(tmp_path: Path) -> None:
    text = "年份,省份,SO2_电力（万吨）,SO2_工业（万吨）,NOx_交通（t）\n2017年,北京,1,2,3\n"
    _, series = _read(tmp_path, text)
    assert _by_id(series, "SO2")["power/power_plant/power/北京"] == 10000.0
    assert _by_id(series, "NOx")["mobile/transport/transportation/北京"] == 3.0


def test_meic_has_to_say_its_unit_and_pollutant(tmp_path: Path) -> None:
    lines = MEIC_WIDE.splitlines()
    with pytest.raises(emis.InputError, match=r":2 电力: is in no unit; state it"):
        _read(tmp_path, "\n".join([lines[0], *lines[2:]]) + "\n")
    with pytest.raises(emis.InputError, match="names no pollutant"):
        _read(tmp_path, "\n".join(["2017年", *lines[1:]]) + "\n")
    with pytest.raises(emis.InputError, match="does not say its year"):
        _read(tmp_path, "\n".join(["SO2", *lines[1:]]) + "\n")


def test_negative_and_odd_numbers_are_faults(tmp_path: Path) -> None:
    with pytest.raises(emis.InputError) as caught:
        _read(tmp_path, CEDS.replace("100.5", "-1").replace(",50,", ",1.000.5,"))
    assert [(one.line, one.path) for one in caught.value.issues] == [(2, "X2018"), (3, "X2018")]


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        (EDGAR, "Y_1971", "Y_1971 (t)", "is in t by its header, and in Gg by what is stated beside it"),
        (CEDS, "X2019", "X2019 [t]", "is in t by its header, and in kt"),
        (MEIC_LONG, "emission,unit", "emission (kg),unit", "is in kg by its header, and in kt"),
        (MEIC_WIDE, "民用", "", "column 4 has no header, and holds '0.3'"),
    ],
)
def test_two_units_and_numbers_below_no_header_are_faults(
    tmp_path: Path, text: str, old: str, new: str, said: str
) -> None:
    with pytest.raises(emis.InputError, match=re.escape(said)):
        _read(tmp_path, text.replace(old, new, 1))


def test_a_column_of_numbers_that_is_no_year_is_told(tmp_path: Path) -> None:
    found, series = _read(tmp_path, CEDS.replace("X2019", "X2o19"))
    assert series.years == (2018,)
    assert "the column 'X2o19' holds numbers and is not read" in str(found.warnings[0])
