"""Tables of colleagues by a mapping: GB18030 and workbooks, Chinese headers with units, merged cells and sums."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import openpyxl
import pytest
from mapping_files import FILES, write_files

import emis
from emis.errors import InputError
from emis.interchange.converting import read_file, write_file
from emis.interchange.formats import Settings
from emis.interchange.mapped.rows import plain
from emis.interchange.own.inventories import INVENTORY
from emis.interchange.series import Series
from emis.io.checks import json_schema


def cell(series: Series, source: str, pollutant: str) -> tuple[float, str]:
    at = series.inventory.labels["source"].tolist().index(source), series.pollutants.index(pollutant)
    return float(series.values[0][at]), str(series.keys[0][at])


def test_the_example_is_read(tmp_path: Path) -> None:
    read = read_file(write_files(tmp_path), Settings())
    (series,) = read.series
    made = series.inventory
    assert (read.format.name, made.name, made.base_year, made.status) == ("mapping", "example-2021", 2021, "official")
    assert made.labels["source"].tolist() == [
        "industry/boiler/coal/=北方-锅炉厂", "industry/boiler/natural_gas/华能热力(集团)公司",
        "industry/boiler/natural_gas/南方纸业", "mobile/heavy_truck/diesel", "mobile/passenger_car/petrol",
        "storage/petrol_station/none/二站", "storage/petrol_station/stage_2/一站",
    ]  # fmt: skip
    kiln = "industry/boiler/coal/=北方-锅炉厂"
    assert [cell(series, kiln, name) for name in ("NOx", "PM2.5")] == [(0.1, ""), (0.0, "NA")]
    assert np.isnan(cell(series, kiln, "SO2")[0])
    assert cell(series, kiln, "SO2")[1] == "NE"
    assert cell(series, "industry/boiler/natural_gas/华能热力(集团)公司", "NOx") == (1234.5, "")
    assert cell(series, "industry/boiler/natural_gas/华能热力(集团)公司", "PM2.5") == (0.25, "")
    assert cell(series, "mobile/heavy_truck/diesel", "CO2") == (32500.0, "")
    assert cell(series, "mobile/passenger_car/petrol", "CO2")[1] == "NE"
    assert cell(series, "storage/petrol_station/none/二站", "VOC") == (2500.5 * 0.0025, "")
    assert cell(series, "storage/petrol_station/none/二站", "NOx") == (0.0, "NA")
    # Merged cells are filled, codes keep their zeros, names of firms stay as they are.
    assert made.labels["region"].tolist()[:3] == ["东区", "东区", "西区"]
    assert made.labels["facility"][1] == "华能热力（集团）公司"
    assert made.attributes["scc"].tolist()[:3] == ["0010200203", "0010200602", "0010200602"]
    assert made.points["lon"].tolist()[:2] == [116.2, 116.1]
    assert made.reported.tolist() == [True] * 5 + [False] * 2
    assert made.activity_unit.tolist()[5:] == ["t", "t"]
    assert made.place(2) == (f"{read.folder.shown(tmp_path / '工业.xlsx')}[锅炉]", 6)
    assert [note.split(": ")[1] for note in series.notes[1:]] == [
        "2 rows are totals, or left out by the mapping", "1 rows are totals, or left out by the mapping",
    ]  # fmt: skip


def test_convert_takes_the_mapping_or_the_table(tmp_path: Path, run: Any) -> None:
    write_files(tmp_path)
    assert (
        run("convert", tmp_path / "mapping.yaml", tmp_path / "all", "--to", "emis", "--root", tmp_path).exit_code == 0
    )
    assert len(emis.read_inventory(tmp_path / "all")) == 7
    found = run(
        "convert", tmp_path / "工业.xlsx", tmp_path / "some.csv", "--to", "csv", "--mapping", tmp_path / "mapping.yaml"
    )
    assert found.exit_code == 0, found.output
    assert len(emis.read_inventory(tmp_path / "some.csv")) == 5


def test_what_is_converted_is_the_same_inventory(tmp_path: Path) -> None:
    (series,) = read_file(write_files(tmp_path), Settings()).series
    write_file([series], INVENTORY, tmp_path / "out", Settings())
    found = emis.read_inventory(tmp_path / "out")
    assert np.array_equal(found.emissions, series.inventory.emissions, equal_nan=True)
    assert np.count_nonzero(~found.reported) == 2


def test_check_and_schema_know_mappings(tmp_path: Path, run: Any) -> None:
    path = write_files(tmp_path)
    found = run("check", path)
    assert (found.exit_code, found.output) == (0, f"{path}: mapping, no faults\n")
    (tmp_path / "机动车.csv").unlink()
    found = run("check", path)
    assert found.exit_code == 3
    assert "mapping.yaml:38 tables.2.file: '机动车.csv' is not there" in found.output
    assert "tables" in json.loads(run("schema", "mapping").output)["required"]


def test_the_example_fits_the_json_schema() -> None:
    from ruamel.yaml import YAML

    document = YAML(typ="safe").load(FILES / "mapping.yaml")
    jsonschema.validate(document, json_schema("mapping"))


HEAD = "emis: mapping/1\nname: m\nyear: 2020\nstatus: example\ntables:\n"
TABLE = """\
  - file: a.csv
    columns: {category: 类别}
    constants: {sector: industry}
    source: "{sector}/{category}"
    emissions: {NOx: 排放量（吨）}
"""


def read(folder: Path, table: str, rows: str, head: str = HEAD, settings: Settings | None = None) -> Series:
    (folder / "m.yaml").write_text(head + table, encoding="utf-8")
    (folder / "a.csv").write_text(rows, encoding="utf-8")
    (series,) = read_file(folder / "m.yaml", settings or Settings()).series
    return series


def faults(folder: Path, table: str, rows: str, head: str = HEAD) -> list[str]:
    with pytest.raises(InputError) as error:
        read(folder, table, rows, head)
    return [str(one).replace(f"{os.path.relpath(folder)}/", "") for one in error.value.issues]


ROWS = "类别,排放量（吨）\nkiln,1\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("columns:", "colums:", "unknown key 'colums'; did you mean 'columns'?"),
        ("NOx", "NOxx", "unknown pollutant 'NOxx'; did you mean 'NOx'?"),
        ("{NOx: 排放量（吨）}", "{PM25: a, PM2.5: b}", "PM2.5 is given twice (as 'PM2.5' too)"),
        ("constants: {sector: industry}", "constants: {sector: industri}", "unknown sector 'industri'"),
        ("constants: {sector: industry}", "constants: {fuel: coal}", "nothing says the sector"),
        (
            "constants: {sector: industry}",
            "constants: {sector: industry, category: a}",
            "category is a column and",
        ),
        ("emissions: {NOx: 排放量（吨）}", "fill: []", "expected one of `emissions`, `long` and `activity`"),
        ("emissions: {NOx: 排放量（吨）}", "activity: 煤量（吨）", "`activity` and `factors` go together"),
        ("    emissions", "    thousands: .\n    emissions", "'.' cannot part thousands and decimals"),
        ("    emissions", "    blank: zero\n    emissions", "expected 'NE', 'NO', 'NA', 'C' or 'error', found 'zero'"),
        ("    emissions", "    header: 0\n    emissions", "greater than or equal to 1"),
    ],
)
def test_faults_of_a_mapping_have_their_line(old: str, new: str, told: str, tmp_path: Path) -> None:
    found = faults(tmp_path, TABLE.replace(old, new), ROWS)
    assert told in " ".join(found)
    assert all(one.startswith("m.yaml:") for one in found)


def test_faults_of_a_table_are_told_all_at_once_with_their_lines(tmp_path: Path) -> None:
    table = TABLE.replace(
        "{category: 类别}", "{category: {column: 类别, translate: {窑: kiln, 炉: boiler}}, fuel: 燃料}"
    )
    rows = "类别,排放量（吨）\n窑,1\n锅炉,2\n锅炉,3\n汽车,x\n炉,-1\n炉,\n"
    unknown = "is not among what category is translated from; add it to `translate` of category"
    assert faults(tmp_path, table, rows) == [
        "a.csv:1 燃料: there is no column '燃料'; known here: 排放量（吨）, 类别",
        f"a.csv:3 类别: '锅炉' (2 rows) {unknown}",
        "a.csv:5 排放量（吨）: 'x' does not start with a number; write e.g. 1234.5",
        f"a.csv:5 类别: '汽车' (1 rows) {unknown}",
        "a.csv:6 排放量（吨）: -1 is negative; write 0 or more",
        "a.csv:7 排放量（吨）: is blank; say what a blank is: blank: NO, NE or NA",
    ]


def test_a_number_stands_once(tmp_path: Path) -> None:
    assert faults(tmp_path, TABLE, ROWS + "kiln,2\n") == [
        "a.csv:3 source: a second number for NOx of industry/kiln, the first is in a.csv:2;"
        " tell the rows apart in `source`, e.g. by {line}"
    ]
    told = read(tmp_path, TABLE.replace("{category}", "{category}/{line}"), ROWS + "kiln,2\n")
    assert told.inventory.labels["source"].tolist() == ["industry/kiln/2", "industry/kiln/3"]


def test_a_source_has_one_set_of_labels(tmp_path: Path) -> None:
    table = TABLE.replace("{category: 类别}", "{category: 类别, fuel: 燃料, year: 年}")
    rows = "类别,燃料,年,排放量（吨）\nkiln,coal,2020,1\nkiln,gas,2021年,1\n"
    assert "has the fuel 'gas' here and 'coal' in" in " ".join(faults(tmp_path, table, rows))
    series = read(tmp_path, table, rows.replace("gas", "coal"))
    assert (series.years, series.values.ravel().tolist()) == ((2020, 2021), [1.0, 1.0])
    assert read(tmp_path, table, rows.replace("gas", "coal"), settings=Settings(year=2021)).years == (2021,)
    assert "'21' is no year" in " ".join(faults(tmp_path, table, rows.replace("2021年", "21")))


@pytest.mark.parametrize(
    ("header", "extra", "told"),
    [
        ("排放量", "", "nothing says its unit; write {column: 排放量, unit: t}"),
        ("排放量（吨）", "    unit: kg\n", "is in 吨 by its header, and in kg by the mapping; keep one of the two"),
        ("排放量（吨）", "    unit: 吨/年\n", "is in 吨 by its header, and in 吨/年 by the mapping"),
        ("排放量（km）", "", "'km' (length) does not convert"),
        ("排放量（吨）,排放量（kg）", "", "2 columns are '排放量'"),
        ("排放量（吨）,排放量（吨）", "", "stands twice; rename one of them"),
    ],
)
def test_units_are_said_once(header: str, extra: str, told: str, tmp_path: Path) -> None:
    name = "排放量（吨）" if header.count("吨") == 2 else "排放量"
    table = TABLE.replace("排放量（吨）", name) + extra
    assert told in " ".join(faults(tmp_path, table, f"类别,{header}\nkiln,1,2\n"))


@pytest.mark.parametrize(
    ("header", "extra", "tonnes"),
    [
        ("排放量（吨）", "", 2.0),
        ("排放量 [kg/a]", "", 0.002),
        ("排放量\n(单位：万吨)", "", 20000.0),
        ("排放量【t/yr】", "    unit: t/yr\n", 2.0),
        ("排放量（工业）", "    unit: kg\n", 0.002),
    ],
)
def test_units_of_headers_and_mappings(header: str, extra: str, tonnes: float, tmp_path: Path) -> None:
    table = TABLE.replace("排放量（吨）", "排放量") + extra
    assert read(tmp_path, table, f'类别,"{header}"\nkiln,2\n').values.item() == tonnes


@pytest.mark.parametrize(
    ("extra", "text", "value"),
    [
        ("", "1234.5", 1234.5),
        ("    thousands: ','\n", '"1,234.5"', 1234.5),
        ("    thousands: ','\n", "1234.5", 1234.5),
        ("    thousands: .\n    decimal: ','\n", '"1.234,5"', 1234.5),
        ("    thousands: ' '\n", "1 234 567", 1234567.0),
        ("", '"1,234.5"', None),
        ("    thousands: ','\n", '"1,23.5"', None),
        ("    thousands: ','\n", '"12,34"', None),
        ("    decimal: ','\n", "1.234", None),
        ("", "１２３", None),
        ("", "NaN", None),
    ],
)
def test_numbers_as_the_mapping_says_they_are_written(
    extra: str, text: str, value: float | None, tmp_path: Path
) -> None:
    rows = f"类别,排放量（吨）\nkiln,{text}\n"
    if value is None:
        assert faults(tmp_path, TABLE + extra, rows)[0].startswith("a.csv:2 排放量（吨）")
    else:
        assert read(tmp_path, TABLE + extra, rows).values.item() == value


def test_blanks_and_marks_stand_for_keys(tmp_path: Path) -> None:
    table = TABLE.replace("{NOx: 排放量（吨）}", "{NOx: 排放量（吨）, SO2: {column: 硫, unit: t, blank: NO}}")
    table += "    blank: NE\n    keys: {未测: C, －: NA}\n"
    series = read(tmp_path, table, "类别,排放量（吨）,硫\na,,\nb,未测,-\nc,NO,1\n")
    assert series.keys[0].tolist() == [["NO", "NE"], ["NA", "C"], ["", "NO"]]
    assert series.values[0, :, 0].tolist() == [0.0, 0.0, 1.0]
    assert np.isnan(series.values[0, :2, 1]).all()


def test_headers_of_several_lines_and_rows_that_are_left_out(tmp_path: Path) -> None:
    table = """\
  - file: a.csv
    header: [2, 3]
    fill: 行业
    skip: {类别: ["注*", 其中：*]}
    columns: {category: 类别, region: 行业}
    constants: {sector: industry}
    source: "{sector}/{行业}/{category}"
    emissions: {NOx: 排放量（吨）/NOx, SO2: 排放量（吨）/SO2}
    unit: t
"""
    rows = (
        "某市,,,\n行业,类别,排放量（吨）,\n,,NOx,SO2\n水泥,kiln,1,2\n,mill,3,4\n,其中：小厂,9,9\n,小计,4,6\n,注：略,,\n"
    )
    series = read(tmp_path, table, rows)
    assert series.inventory.labels["source"].tolist() == ["industry/水泥/kiln", "industry/水泥/mill"]
    assert series.values[0].tolist() == [[2.0, 1.0], [4.0, 3.0]]
    assert "3 rows are totals, or left out" in series.notes[1]
    assert "there is no such line" in " ".join(faults(tmp_path, table.replace("[2, 3]", "40"), rows))


@pytest.mark.parametrize(
    ("text", "degrees"),
    [("116°23′29″", 116 + 23 / 60 + 29 / 3600), ("116度30分", 116.5), ("-8°30'36\"E", -8.51), ("116.4", None),
     ("116°61′", None), ("200°1′", None)],
)  # fmt: skip
def test_degrees_minutes_and_seconds(text: str, degrees: float | None, tmp_path: Path) -> None:
    table = TABLE.replace("{category: 类别}", "{category: 类别, lon: 经度}") + "    coordinates: dms\n"
    quoted = text.replace('"', '""')
    rows = f'类别,经度,排放量（吨）\nkiln,"{quoted}",1\n'
    if degrees is None:
        assert faults(tmp_path, table, rows)[0].startswith("a.csv:2 经度")
    else:
        assert read(tmp_path, table, rows).inventory.points["lon"][0] == pytest.approx(degrees, rel=1e-12)
        if "°" in text:
            plainly = table.replace("dms", "degrees")
            assert "write coordinates: dms in the mapping" in " ".join(faults(tmp_path, plainly, rows))


def test_activities_factors_and_control(tmp_path: Path) -> None:
    table = TABLE.replace(
        "emissions: {NOx: 排放量（吨）}",
        "activity: 煤量（万吨）\n    control: {NOx: 脱硝效率（%）}\n"
        "    factors: {NOx: 系数（kg/t）, SO2: {value: 4 g/kg}}",
    )
    rows = "类别,煤量（万吨）,系数（kg/t）,脱硝效率（%）\na,1.5,2,80\nb,NE,3,\n"
    made = read(tmp_path, table, rows).inventory
    assert made.activity_unit.tolist() == ["万t"] * 2
    assert made.emissions[0].tolist() == [60.0, 30.0]
    assert made.notation[1].tolist() == ["NE", "NE"]
    assert made.control[:, 1].tolist() == [0.8, 0.0]
    assert "did you mean '系数（kg/km）'?" in " ".join(faults(tmp_path, table, rows.replace("kg/t", "kg/km")))
    other = table.replace("系数（kg/t）", "系数")
    assert "do not go together" in " ".join(faults(tmp_path, other, rows.replace("kg/t", "kg/km")))
    assert "lies outside 0 % to 100 %" in " ".join(faults(tmp_path, table, rows.replace(",80", ",180")))
    assert "stands twice, first in" in " ".join(faults(tmp_path, table, rows.replace("b,NE", "a,NE")))


def test_a_long_table_with_names_of_pollutants(tmp_path: Path) -> None:
    table = TABLE.replace(
        "emissions: {NOx: 排放量（吨）}",
        "long: {pollutant: {column: 物质, translate: {烟尘: TSP}}, emission: 排放量}\n    unit_column: 单位",
    )
    rows = "类别,物质,排放量,单位\na,烟尘,1,吨\na,细颗粒物,2,kg\nb,VOCs,3,万吨\nb,氟,4,吨\nb,SO2,5,km\nb,NOx,NE,\n"
    assert [one.split("; ")[0] for one in faults(tmp_path, table, rows)] == [
        "a.csv:5 物质: unknown pollutant '氟'",
        "a.csv:6 排放量: 'km' (length) does not convert into 't/yr' (mass/time)",
    ]
    series = read(tmp_path, table, rows.replace("b,氟,4,吨\nb,SO2,5,km\n", ""))
    assert series.pollutants == ("NOx", "VOC", "TSP", "PM2.5")
    assert series.keys[0].tolist() == [["", "", "", ""], ["NE", "", "", ""]]
    assert series.values[0, 0, 2:].tolist() == [1.0, 0.002]


def test_labels_are_spelled_as_emis_spells_them_and_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("类别,排放量（吨）\n炉（燃煤）,1\n", encoding="utf-8")
    (tmp_path / "m.yaml").write_text(HEAD.replace("status: example\n", "") + TABLE, encoding="utf-8")
    read = read_file(tmp_path / "m.yaml", Settings())
    assert read.series[0].inventory.labels["source"].tolist() == ["industry/炉(燃煤)"]
    told = " ".join(map(str, read.warnings))
    assert "'炉（燃煤）' is read as '炉(燃煤)'" in told
    assert "nothing says whether the inventory is official: it is taken for a reconstruction" in told
    assert read.series[0].inventory.status == "reconstruction"


def test_files_and_sheets_that_are_not_there(tmp_path: Path) -> None:
    path = write_files(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("sheet: 锅炉", "sheet: 锅炉表").replace("    sheet: 加油站\n", ""), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_file(path, Settings())
    told = str(error.value)
    assert "there is no sheet '锅炉表'; did you mean '锅炉'?" in told
    assert "has 2 sheets: 锅炉, 加油站" in told  # the hidden one is not asked for
    path.write_text(text.replace("file: 机动车.csv", "file: ../机动车.csv"), encoding="utf-8")
    with pytest.raises(InputError, match="leads out of the project folder"):
        read_file(path, Settings())
    (tmp_path / "other.csv").write_text("a\n1\n")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"none of its tables is other\.csv; they are 工业\.xlsx, 机动车\.csv"):
        read_file(tmp_path / "other.csv", Settings(mapping=path))


def test_a_formula_counts_by_its_value(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["类别", "排放量（吨）"], ["kiln", "=1+1"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "m.yaml").write_text(HEAD + TABLE.replace("a.csv", "a.xlsx"), encoding="utf-8")
    # Nothing has worked it out yet: there is no value, and a blank is no zero.
    with pytest.raises(InputError, match="is blank; say what a blank is"):
        read_file(tmp_path / "m.yaml", Settings())


def test_an_encoding_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(ROWS.encode("gb18030"))
    (tmp_path / "m.yaml").write_text(HEAD + TABLE + "    encoding: gb18030\n", encoding="utf-8")
    read = read_file(tmp_path / "m.yaml", Settings())
    assert read.warnings == ()
    assert read.series[0].values.item() == 1.0


def test_headers_are_compared_without_blanks_and_full_width() -> None:
    assert plain("排放量 （Ｔ/年）\n") == "排放量(T/年)"


def test_a_unit_in_the_header_and_another_in_the_column_of_units_is_a_fault(tmp_path: Path) -> None:
    mapping = write_files(tmp_path)
    path = tmp_path / "机动车.csv"
    path.write_bytes(path.read_bytes().replace("排放量".encode("gb18030"), "排放量（吨）".encode("gb18030")))
    with pytest.raises(InputError, match="is in 吨 by its header, and in 万吨 by the column 单位"):
        read_file(mapping, Settings())
