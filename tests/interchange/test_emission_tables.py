"""Emission tables: what is written as CSV, Parquet and workbook reads back to the last digit, and runs no formula."""

import csv
import json
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow.parquet as parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from whole_inventory import IDS, NAN, inventory, reported, same, several_years, texts

import emis
from emis.errors import InputError
from emis.interchange.cells import percent
from emis.interchange.converting import Read, read_file, write_file
from emis.interchange.formats import Format, Settings
from emis.interchange.own.emission_tables import CSV, PARQUET, XLSX
from emis.interchange.own.inventories import INVENTORY
from emis.interchange.series import Series, of_inventory
from emis.inventory import Inventory
from emis.io.outputs import OutputError

ALL = pytest.mark.parametrize("kind", [CSV, PARQUET, XLSX], ids=lambda one: one.name)


def written(series: Series, kind: Format, folder: Path, *more: Series) -> Path:
    path = folder / f"out{kind.suffix}"
    write_file([series, *more], kind, path, Settings())
    return path


def back(series: Series, kind: Format, folder: Path) -> Read:
    return read_file(written(series, kind, folder), Settings())


@ALL
def test_a_single_year_is_an_inventory_to_the_last_digit(kind: Format, tmp_path: Path) -> None:
    made = reported()
    found = emis.read_inventory(written(of_inventory(made), kind, tmp_path))
    assert found.base_year == 2020
    assert found.labels["source"].tolist() == IDS
    assert all(same(np.asarray(made.labels[name]), np.asarray(found.labels[name])) for name in made.labels)
    assert np.array_equal(found.emissions, made.emissions, equal_nan=True)
    for name in ("notation", "control", "points", "grade"):
        assert same(getattr(found, name), getattr(made, name)), name
    for name, values in made.bounds.items():
        assert np.array_equal(found.bounds[name], values, equal_nan=True)


@ALL
def test_the_format_reads_more_back_than_an_inventory(kind: Format, tmp_path: Path) -> None:
    made = reported()
    (series,) = back(of_inventory(made), kind, tmp_path).series
    found = series.inventory
    assert found.attributes["scc"].tolist() == ["", "", "0030100", "", ""]
    assert found.attributes["原名"][2] == "水泥"
    assert found.attributes["control_ids"].tolist() == made.attributes["control_ids"].tolist()
    assert found.reference.tolist() == made.reference.tolist()
    if kind is not CSV:
        assert (found.name, found.status) == ("tonnes", "official")


@ALL
def test_years_scenarios_and_what_is_without_the_plan_come_back(kind: Format, tmp_path: Path) -> None:
    one, two = several_years("plan"), several_years("other")
    one = Series(one.inventory, one.years, one.values, one.keys, "plan", "m", one.values * 3, notes=("a note",))
    two = Series(two.inventory, two.years, two.values / 7, two.keys, "other", "m", two.values / 3)
    found = read_file(written(one, kind, tmp_path, two), Settings()).series
    assert [each.scenario for each in found] == ["plan", "other"]
    for before, after in zip((one, two), found, strict=True):
        assert after.years == (2020, 2021, 2025)
        assert np.array_equal(before.values, after.values, equal_nan=True)
        assert (before.keys == after.keys).all()
        assert after.no_plan is not None
        assert np.array_equal(before.no_plan, after.no_plan, equal_nan=True)
    if kind is not CSV:
        assert (found[0].model, found[0].notes) == ("m", ("a note",))


@ALL
def test_one_scenario_has_its_no_plan_beside_it(kind: Format, tmp_path: Path) -> None:
    one = several_years("plan")
    series = Series(one.inventory, one.years, one.values, one.keys, "plan", no_plan=one.values + 1)
    path = written(series, kind, tmp_path)
    (found,) = read_file(path, Settings()).series
    assert np.array_equal(found.no_plan, series.no_plan, equal_nan=True)
    if kind is CSV:
        with path.open(encoding="utf-8") as stream:
            assert {row["scenario"] for row in csv.DictReader(stream)} == {"plan", "no plan"}


def test_a_year_is_taken_and_one_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    path = written(several_years(), CSV, tmp_path)
    (found,) = read_file(path, Settings(year=2021)).series
    assert found.years == (2021,)
    assert found.inventory.base_year == 2021
    assert np.isnan(found.values[0, 0, 0])
    with pytest.raises(InputError, match="there is no year 2019; there are 2020, 2021, 2025"):
        read_file(path, Settings(year=2019))
    with pytest.raises(InputError, match=r"year: holds 3 of them: 2020, 2021, 2025; take one of them out"):
        emis.read_inventory(path)


def test_what_nothing_is_said_of_is_left_out_of_several_years_and_ne_in_one(tmp_path: Path) -> None:
    series = several_years()
    assert len(written(series, CSV, tmp_path).read_text(encoding="utf-8").splitlines()) == 3 * 5 * 2
    one = Series(reported(), (2020,), series.values[1:2], series.keys[1:2])
    _, warnings = write_file([one], CSV, tmp_path / "one.csv", Settings())
    assert "1 cells (source x pollutant) of which nothing is said are written NE" in str(warnings[0])
    assert emis.read_inventory(tmp_path / "one.csv").notation[0, 0] == "NE"


def test_the_columns_of_the_contract(tmp_path: Path) -> None:
    path = written(of_inventory(reported(grade=None)), CSV, tmp_path)
    with path.open(encoding="utf-8") as stream:
        header, first, *_ = csv.reader(stream)
    assert header == [
        *"source sector category fuel technology region facility year pollutant emission unit low high".split(),
        *("control [%]", "lon", "lat", "reference", "note", "nfr", "scc", "原名", "control_ids"),
    ]
    assert first[:7] == ["coal/stove/coal/new", "coal", "stove", "coal", "new", "110109", ""]
    assert first[7:13] == ["2020", "NOx", "0.1", "t/yr", "0.05", "0.2"]


def test_an_activity_is_written_as_tonnes_with_the_interval_of_the_product(tmp_path: Path) -> None:
    made = inventory()
    path = written(of_inventory(made), CSV, tmp_path)
    found = emis.read_inventory(path)
    assert np.array_equal(found.emissions, made.emissions, equal_nan=True)
    half = np.hypot(0.05 * 0.002, 0.1 * 0.001)
    assert found.bounds["factor_low"][0, 0] == pytest.approx(0.1 * 0.002 - half)
    assert found.stocks["vehicles"].values[3] == 7
    assert found.basis.tolist() == ["", "", "", "fleet", "fleet"]


def test_parquet_says_its_units_and_where_it_comes_from(tmp_path: Path) -> None:
    schema = parquet.read_schema(written(several_years("a"), PARQUET, tmp_path))
    said = json.loads(schema.metadata[b"emis"])
    assert said["emis"] == "emissions/1"
    assert said["read from"] == "tonnes.yaml"
    assert schema.field("low").metadata == {b"unit": b"t/yr"}
    # Numbers are numbers where no key stands among them.
    values = np.abs(np.nan_to_num(several_years().values)) + 1
    keys = np.full(values.shape, "", dtype=object)
    path = written(Series(reported(), (2020, 2021, 2025), values, keys), PARQUET, tmp_path)
    assert str(parquet.read_schema(path).field("emission").type) == "double"


def test_a_workbook_has_a_sheet_about_itself(tmp_path: Path) -> None:
    path = written(of_inventory(reported()), XLSX, tmp_path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["emissions", "about"]
    about = dict(book["about"].iter_rows(values_only=True))
    assert about["status"] == "official"
    assert "t/yr" in about["units"]
    rows = list(book["emissions"].iter_rows(values_only=True))
    head = rows[0]
    kiln = dict(zip(head, rows[5], strict=True))
    assert (kiln["emission"], kiln["lon"], kiln["region"], kiln["scc"]) == (1e-7, -118.25, "0110", "0030100")


def test_a_sheet_holds_no_more_rows_than_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emis.interchange.own.workbooks.LARGEST_SHEET", 10)
    with pytest.raises(OutputError, match="10 rows are more than a sheet holds"):
        written(of_inventory(reported()), XLSX, tmp_path)
    monkeypatch.undo()
    with pytest.raises(OutputError, match="longer than the 32,767 characters"):
        write_file(
            [of_inventory(reported(reference=texts(*["x" * 40_000] * 5)))], XLSX, tmp_path / "a.xlsx", Settings()
        )


DANGEROUS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/C calc'!A0"]


def dangerous(start: str) -> Inventory:
    """Return an inventory of which every text begins as a formula does."""
    made = reported()
    plain = np.array([start + text for text in IDS], dtype=object)
    labels = {name: plain if name != "sector" else made.labels["sector"] for name in made.labels}
    order = np.argsort(plain)
    assert (order == np.arange(5)).all()
    return reported(
        labels=labels,
        reference=plain,
        name=f"{start}x",
        attributes={"scc": plain, f"{start}y": plain},
        title={"en": start},
    )


@ALL
@pytest.mark.parametrize("start", DANGEROUS)
def test_no_text_is_run_as_a_formula(kind: Format, start: str, tmp_path: Path) -> None:
    made = dangerous(start)
    path = written(of_inventory(made), kind, tmp_path)
    if kind is CSV:
        with path.open(encoding="utf-8", newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
    elif kind is XLSX:
        with zipfile.ZipFile(path) as package:
            assert not any(b"<f" in package.read(name) for name in package.namelist() if "sheet" in name)
        book = openpyxl.load_workbook(path)
        assert not any(cell.data_type == "f" for page in book for row in page.iter_rows() for cell in row)
        cells = [str(c.value) for page in book for row in page.iter_rows() for c in row if isinstance(c.value, str)]
    else:
        table = parquet.read_table(path)
        cells = [*table.column_names, *(str(one) for column in table.columns for one in column.to_pylist())]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell and not cell.startswith("-118")]
    (series,) = read_file(path, Settings()).series
    assert series.inventory.labels["category"].tolist() == [(start + one).strip() for one in IDS]


@ALL
def test_a_text_that_is_a_number_stays_a_text_and_a_number_a_number(kind: Format, tmp_path: Path) -> None:
    made = reported(reference=texts("007", "1e5", "-3", "TRUE", "#N/A"))
    path = written(of_inventory(made), kind, tmp_path)
    assert emis.read_inventory(path).reference.tolist() == ["007", "1e5", "-3", "TRUE", "#N/A"]
    if kind is XLSX:
        book = openpyxl.load_workbook(path)
        column = [cell.value for cell in book["emissions"][1]].index("reference")
        cells = [row[column] for row in book["emissions"].iter_rows(min_row=2)]
        assert [(cell.value, cell.data_type) for cell in cells[::2]] == [
            ("007", "s"), ("1e5", "s"), ("-3", "s"), ("TRUE", "s"), ("#N/A", "s"),
        ]  # fmt: skip


@given(arrays(np.float64, (5, 2), elements=st.floats(0, 1e90, allow_subnormal=True)))
def test_any_number_reads_back(tmp_path_factory: pytest.TempPathFactory, values: np.ndarray) -> None:
    folder = tmp_path_factory.mktemp("numbers")
    made = reported(factor=values, notation=np.full((5, 2), "", dtype=object), bounds={})
    for kind in (CSV, PARQUET):
        assert np.array_equal(emis.read_inventory(written(of_inventory(made), kind, folder)).emissions, values)


@given(st.decimals(0, 100, places=3))
def test_a_percentage_reads_back(share: object) -> None:
    one = emis.units.share(f"{share} %")
    assert emis.units.share(f"{float(percent(np.array([one]))[0])!r} %") == one


@ALL
def test_labels_that_emis_refuses_are_written_plainly_and_it_is_told(kind: Format, tmp_path: Path) -> None:
    made = reported()
    labels = {name: np.asarray(made.labels[name]) for name in made.labels} | {
        "category": texts("炉（燃煤）", "", "a", "b", "c")
    }
    _, warnings = write_file([of_inventory(reported(labels=labels))], kind, tmp_path / f"a{kind.suffix}", Settings())
    told = " ".join(map(str, warnings))
    assert "'炉（燃煤）' as '炉(燃煤)'" in told
    assert "2 rows have no category: their sector is written for it" in told
    assert emis.read_inventory(tmp_path / f"a{kind.suffix}").labels["category"].tolist()[:2] == ["炉(燃煤)", "coal"]


def test_pollutants_that_emis_does_not_know_are_told(tmp_path: Path) -> None:
    made = of_inventory(reported(pollutants=("NOx", "71432")))
    _, warnings = write_file([made], CSV, tmp_path / "a.csv", Settings())
    assert "1 pollutants that emis does not know are left out: 71432" in str(warnings[0])
    assert emis.read_inventory(tmp_path / "a.csv").pollutants == ("NOx",)


LONG = """\
source,category,pollutant,year,scenario,emission,unit,low,high,note,name
coal/a,stove,NOx,2020,full,1500,kg/yr,1000,2000,,甲
coal/a,stove,NOx,2021,full,0.5,kt,,,,甲
coal/a,stove,NOx,2021,no plan,2,t,,,,甲
coal/b,stove,PM25,2020,full,NE,,,,,乙
coal/b,stove,NOx,2020,full,IE,,,,in coal/a,乙
"""


def test_a_table_written_by_hand(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LONG, encoding="utf-8")
    read = read_file(tmp_path / "a.csv", Settings())
    (series,) = read.series
    assert read.format is CSV
    assert (series.scenario, series.years, series.pollutants) == ("full", (2020, 2021), ("NOx", "PM2.5"))
    assert series.values[:, :, 0].tolist() == [[1.5, 0.0], [500.0, pytest.approx(NAN, nan_ok=True)]]
    assert series.keys[0].tolist() == [["", ""], ["IE", "NE"]]
    assert series.no_plan[1, 0, 0] == 2.0
    assert series.inventory.bounds["factor_low"][0, 0] == 1.0
    assert series.inventory.attributes["name"].tolist() == ["甲", "乙"]
    assert series.inventory.place(1) == (read.series[0].inventory.file, 5)


FAULTY = """\
source,category,pollutant,year,scenario,emission,unit,fuel,sektor
coal/a,stove,NOx,2020,full,1,t,coal,x
coal/a,stove,NOx,2020,full,2,t,coal,x
coal/a,stove,NOx,21,full,2,t,coal,x
coal/b,stove,NOX2,2020,full,-2,t,coal,x
coal/b,stove,NOx,2020,full,,t,wood,x
coal/b,stove,SO2,2020,full,3,m,coal,x
colal/c,stove,SO2,2020,full,nan,t,coal,x
"""


def test_all_faults_at_once_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(FAULTY.replace(",21,", ",2021,"), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_file(path, Settings())
    told = [(one.line, one.path) for one in error.value.issues]
    assert told == [
        (1, "sektor"), (3, "pollutant"), (5, "emission"), (5, "pollutant"), (6, "emission"), (6, "fuel"), (7, "unit"),
        (8, "emission"), (8, "source"),
    ]  # fmt: skip
    path.write_text(FAULTY, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.csv:4 year: '21' is no year"):
        read_file(path, Settings())


def test_what_changes_by_year_is_no_attribute(tmp_path: Path) -> None:
    text = LONG.replace("1500,kg/yr,1000,2000,,甲", "1500,kg/yr,1000,2000,,丙")
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.csv:3 name: says another thing of the same source in another year"):
        read_file(tmp_path / "a.csv", Settings())


def test_lost_is_what_does_not_come_back(tmp_path: Path) -> None:
    read = Read(tmp_path, INVENTORY, (of_inventory(inventory()),), None, ())  # type: ignore[arg-type]
    for kind in (CSV, PARQUET, XLSX):
        of_file = {"status", "title", "titles"} if kind is CSV else set()
        lost = {one.facet for one in read.lost(kind, Settings())}
        assert lost == {"activity", "profile", "columns", "offsite"} | of_file


def test_a_year_that_a_table_names_is_the_one_that_is_asked_for(tmp_path: Path) -> None:
    path = written(of_inventory(reported()), CSV, tmp_path)
    with pytest.raises(InputError, match="is 2020, and 2017 is asked for"):
        read_file(path, Settings(year=2017), "emis")


@pytest.mark.parametrize("name", ["nox", "N0x", "NОx"])
def test_a_column_that_only_looks_like_a_pollutant_is_a_fault(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"source,sector,category,SO2 [t/yr],{name} [t/yr]\ns,coal,stove,1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="did you mean NOx"):
        read_file(path, Settings())


@pytest.mark.parametrize(("years", "said"), [(("12.5", "12.5"), "'12.5' is no year"), (("2019", "2020"), "2019, 2020")])
def test_the_year_of_a_wide_table_is_one_and_the_same(years: tuple[str, str], said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"s{n},coal,stove,{year},1\n" for n, year in enumerate(years))
    path.write_text(f"source,sector,category,year,SO2 [t/yr]\n{rows}", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_file(path, Settings())


def test_a_cell_far_from_the_table_takes_no_time(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["source", "sector", "category", "SO2 [t/yr]"], ["s", "coal", "stove", 1]):
        book.active.append(row)
    book.active.cell(1_000_000, 16_000).value = 1
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match=r"a\.xlsx"):
        read_file(tmp_path / "a.xlsx", Settings())


def test_a_parquet_of_texts_that_are_no_utf_8_is_a_fault(tmp_path: Path) -> None:
    path = written(of_inventory(reported()), PARQUET, tmp_path)
    raw = path.read_bytes()
    assert "东区".encode() in raw
    path.write_bytes(raw.replace("东区".encode(), b"\xc8" * 6))
    with pytest.raises(InputError, match="is not readable Parquet"):
        read_file(path, Settings())


def test_numbers_of_parquet_are_numbers_and_keys_stand_beside_them(tmp_path: Path) -> None:
    import pyarrow.parquet as parquet

    csv, path = tmp_path / "a.csv", tmp_path / "a.parquet"
    csv.write_text("source,category,NOx [t/yr],SO2 [t/yr]\ncoal/a,a,1.5,NE\ncoal/b,b,NO,2\n", encoding="utf-8")
    emis.convert(csv, path, "parquet", year=2020)
    table = parquet.read_table(path)
    assert table["emission"].to_pylist() == [None, 1.5, 2.0, None]
    assert table["notation"].to_pylist() == ["NE", "", "", "NO"]
    assert table["year"].to_pylist() == [2020] * 4
    again = emis.read_inventory(path)
    assert again.notation is not None
    assert again.notation.tolist() == [["NE", ""], ["", "NO"]]
    text = "source,category,pollutant,emission,unit,notation\ncoal/a,a,NOx,1,t/yr,NE\n"
    csv.write_text(text, encoding="utf-8")
    with pytest.raises(emis.InputError, match=r"a.csv:2 notation: holds NE beside the number 1"):
        emis.read_inventory(csv)
