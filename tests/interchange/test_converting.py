"""Conversion itself: what is read is understood and told, and what is written is whole or not there."""

import importlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import Command, Project
from conversions import inventory, there_and_back

import emis
from emis.coded import objects
from emis.console import word
from emis.errors import Issues
from emis.interchange.converting import read_file, write_file
from emis.interchange.facets import FACETS, lost
from emis.interchange.formats import Format, Head, Settings
from emis.interchange.registry import FORMATS
from emis.interchange.series import Series, of_inventory
from emis.io.delimited import open_delimited
from emis.io.outputs import OutputError

TABLE = """\
source,category,region,NOx [t/yr],SO2 [kg/yr],reference,grade
coal/a,a,110109,1.5,3,counted,B
coal/b,b,110109,NE,4,,E
"""


def _write(series: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> None:
    path.write_text(f"{len(series)} {settings.year}\n", encoding="utf-8")
    path.with_name(f"{path.stem}.txt").write_text("beside\n", encoding="utf-8")


def _refuse(series: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> None:
    path.write_text("half", encoding="utf-8")
    issues.error("", 0, "", "cannot be told", "say it another way")


FILE = Format("file", "two files", ".out", write=_write)
REFUSING = Format("no", "none", ".out", write=_refuse)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "inventory.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_table_is_understood(table: Path) -> None:
    found = read_file(table, Settings(year=2017))
    (series,) = found.series
    assert found.format.name == "emis"
    assert series.years == (2017,)
    assert series.values[0, 0].tolist() == [0.003, 1.5]
    assert series.keys[0].tolist() == [["", ""], ["", "NE"]]
    assert [(one.facet, one.count) for one in lost(found.series, frozenset({"source", "sector", "category"}))] == [
        ("region", 2), ("notation", 1), ("reference", 1), ("grade", 2),
    ]  # fmt: skip


def test_what_no_format_recognises_is_told(tmp_path: Path) -> None:
    path = tmp_path / "letters.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(emis.InputError, match=r"letters.csv:1: is of no format that is known: it starts with 'a, b'"):
        read_file(path, Settings())


def test_a_result_gives_every_year_with_and_without_the_plan(run: Command, project: Project) -> None:
    project.measure("M", [{"abate": {"efficiency": {"NOx": "50 %"}}}])
    assert run("run", project.write(), "-o", "out").exit_code == 0
    (series,) = read_file(run.folder / "out", Settings()).series
    assert series.years == (2017, 2018, 2019, 2020)
    assert series.inventory.base_year == 2017
    assert series.totals[:, 0].tolist() == [2.0, 1.0, 1.0, 1.0]
    assert series.no_plan is not None
    assert series.no_plan.sum(axis=1)[:, 0].tolist() == [2.0, 2.0, 2.0, 2.0]


def test_a_scenario_is_run_and_keeps_what_its_measures_do(project: Project) -> None:
    project.measure("M", [{"abate": {"efficiency": {"NOx": "50 %"}}}])
    (series,) = read_file(project.write(), Settings()).series
    assert series.totals[:, 0].tolist() == [2.0, 1.0, 1.0, 1.0]
    assert series.projection is not None
    assert [one.id for one in series.projection.program.measures] == ["M"]


def test_a_result_of_very_many_sources_is_read_from_their_table(
    run: Command, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emis.io.result_writing._MANY_SOURCES", 1)
    assert run("run", project.write(), "-o", "out").exit_code == 0
    assert (run.folder / "out" / "sources.parquet").exists()
    (series,) = read_file(run.folder / "out", Settings()).series
    assert series.inventory.labels["source"].tolist() == ["coal/stove/coal/new", "coal/stove/coal/old"]
    assert series.totals[0].tolist() == [2.0]


def test_files_are_written_together_and_replaced(table: Path, tmp_path: Path) -> None:
    series = read_file(table, Settings()).series
    for year in (1, 2):
        files, _ = write_file(series, FILE, tmp_path / "new" / "a.out", Settings(year=year))
        assert [one.name for one in files] == ["a.out", "a.txt"]
        assert files[0].read_text(encoding="utf-8") == f"1 {year}\n"
    assert sorted(one.name for one in (tmp_path / "new").iterdir()) == ["a.out", "a.txt"]


def test_what_cannot_be_written_leaves_what_was_there(table: Path, tmp_path: Path) -> None:
    series, out = read_file(table, Settings()).series, tmp_path / "a.out"
    out.write_text("old", encoding="utf-8")
    with pytest.raises(emis.InputError, match="cannot be told"):
        write_file(series, REFUSING, out, Settings())
    assert out.read_text(encoding="utf-8") == "old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.out", "inventory.csv"]


def test_what_was_read_is_not_overwritten(table: Path, tmp_path: Path) -> None:
    series = read_file(table, Settings()).series
    with pytest.raises(OutputError, match="was read"):
        write_file(series, FILE, table, Settings(), [table])
    beside = tmp_path / "b.txt"
    beside.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"b.txt is in the way"):
        write_file(series, FILE, tmp_path / "b.out", Settings(), [beside])
    assert beside.read_text(encoding="utf-8") == "mine"


def test_the_command_says_what_it_understood_and_writes_nothing(run: Command, table: Path) -> None:
    found = run("convert", table, "--dry-run", "--json", "--year", "2017")
    assert found.exit_code == 0, found.output
    result = json.loads(found.stdout)["result"]
    assert result["format"] == "emis"
    assert result["series"][0]["totals"] == {
        "2017": {"SO2": {"t/yr": 0.007, "not known": 0}, "NOx": {"t/yr": 1.5, "not known": 1}}
    }
    assert list(run.folder.iterdir()) == []


def test_of_what_no_source_is_known_there_is_no_total(run: Command) -> None:
    (run.folder / "a.csv").write_text("source,category,NOx [t/yr],SO2 [t/yr]\ncoal/a,a,NE,0\n", encoding="utf-8")
    arguments = ("convert", run.folder / "a.csv", "--dry-run", "--year", "2017")
    told = json.loads(run(*arguments, "--json").stdout)["result"]["series"][0]["totals"]["2017"]
    assert told == {"SO2": {"t/yr": 0.0, "not known": 0}, "NOx": {"t/yr": None, "not known": 1}}
    (row,) = (line.split() for line in run(*arguments).stdout.splitlines() if " NOx " in line)
    assert row == ["NOx", "–", "1"]
    assert "a (1 source)" in run(*arguments).stdout


def test_a_path_near_what_was_meant_leads_to_it(run: Command) -> None:
    result = run.folder / "result"
    result.mkdir()
    found = run("convert", result, "--dry-run")
    assert "nor a result of `emis run` (run.json); it is empty" in found.stderr
    (result / "projection.nc").write_bytes(b"")
    found = run("convert", result, "--dry-run")
    assert "is a folder, and neither an inventory (inventory.yaml) nor a result" in found.stderr
    assert "name one of what is in it: projection.nc" in found.stderr
    (result / "run.json").write_text("{}", encoding="utf-8")
    found = run("convert", result / "projection.nc", "--dry-run")
    assert found.exit_code == 3
    assert "is a part of a result of `emis run`; name the folder: " in found.stderr


def test_a_name_that_ends_as_another_kind_of_file_is_told(table: Path, tmp_path: Path) -> None:
    series = read_file(table, Settings(year=2017)).series
    for name, ending, said in (
        ("csv", ".xls", "holds csv, and its name ends in .xls, as other files do; call it out.csv"),
        ("csv", ".nc", "call it out.csv"),
        ("netcdf", ".csv", "call it out.nc"),
    ):
        _, told = write_file(series, FORMATS[name], tmp_path / f"out{ending}", Settings())
        assert said in str(told[-1])
    for name, ending in (("csv", ".csv"), ("netcdf", ".nc"), ("iamc", ".xlsx"), ("parquet", ".parquet")):
        _, told = write_file(series, FORMATS[name], tmp_path / f"out{ending}", Settings())
        assert not any("ends in" in str(one) for one in told)


def test_what_is_lost_is_told_in_chinese() -> None:
    importlib.import_module("emis.showing_conversion")  # adds its words
    assert all(word(told, "zh") != told for told, _ in FACETS.values())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.csv", "--to", "ff01"], "'ff01' is no format that is written"),
        (["x.out"], "--to is missing"),
        (["--from", "iamk", "--dry-run"], "'iamk' is no format that is read"),
    ],
)
def test_what_is_asked_wrongly_is_usage(run: Command, table: Path, arguments: list[str], said: str) -> None:
    found = run("convert", table, *arguments)
    assert found.exit_code == 2
    assert said in found.output


def test_formats_carry_what_exists() -> None:
    for name, one in FORMATS.items():
        assert one.name == name
        assert one.carries <= set(FACETS), name
        assert one.read is not None or one.write is not None, name


def test_the_head_of_a_file_knows_its_header() -> None:
    head = Head(Path("A.CSV"), ("#FORMAT=FF10_POINT", "#YEAR=2019", '"country_cd","Region_CD"', "US,37001"))
    assert (head.suffix, head.header) == (".csv", ["country_cd", "region_cd"])
    assert head.comments == ["FORMAT=FF10_POINT", "YEAR=2019"]


def test_series_refuse_what_does_not_fit(table: Path) -> None:
    series = of_inventory(emis.read_inventory(table))
    with pytest.raises(ValueError, match="years must be distinct"):
        Series(series.inventory, (2, 1), np.repeat(series.values, 2, 0), np.repeat(series.keys, 2, 0))
    with pytest.raises(ValueError, match="are not years x sources"):
        Series(series.inventory, (1, 2), series.values, series.keys)


@pytest.mark.parametrize(("raw", "said"), [(b"", "is empty"), ("a,b\n".encode("utf-16-le"), "holds a NUL byte")])
def test_what_is_no_text_is_told_as_such(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(raw)
    with pytest.raises(emis.InputError, match=said):
        read_file(path, Settings())


def test_what_a_cell_holds_does_not_flood_a_message() -> None:
    issues = Issues()
    issues.error("a.csv", 2, "x" * 1000, f"{'y' * 100_000!r} is no number", "z " * 100_000)
    assert len(str(issues.errors[0])) < 5000
    assert "(100,002 characters)" in str(issues.errors[0])


def test_a_file_that_may_not_be_read_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    issues, path = Issues(), tmp_path / "a.csv"
    monkeypatch.setattr(Path, "read_bytes", refused)
    assert open_delimited(path, "a.csv", ",", None, issues) is None
    assert "a.csv: cannot be read: Permission denied" in str(issues.errors[0])


def test_apostrophes_that_kept_texts_from_running_are_taken_off_an_inventory_folder_too(tmp_path: Path) -> None:
    labels = [("mobile", "=car", "-", "", "@110109", "")]
    given = inventory(labels, np.ones((1, 1)), ("NOx",), reference=objects(["= 322,000 persons"]), ids=["=car"])
    (found,) = there_and_back(of_inventory(given), "emis", tmp_path / "folder").series
    assert all(found.inventory.labels[name].tolist() == given.labels[name].tolist() for name in given.labels)
    assert found.inventory.reference is not None
    assert found.inventory.reference.tolist() == ["= 322,000 persons"]


@pytest.mark.parametrize("name", ["csv", "parquet", "xlsx", "netcdf", "emis", "iamc", "primap2", "nfr", "ff10"])
def test_status_and_titles_come_back_or_are_told(name: str, tmp_path: Path) -> None:
    title = {"en": "a town", "zh": "某镇"}
    given = inventory([("mobile", "car", "", "", "110109", "")], np.ones((1, 1)), ("NOx",), status="official",
                      title=title)  # fmt: skip
    told = {one.facet for one in lost([of_inventory(given)], FORMATS[name].carries)}
    (found,) = there_and_back(of_inventory(given), name, tmp_path / f"x{FORMATS[name].suffix}").series
    assert ("status" in told) == (found.inventory.status != "official")
    assert ("titles" in told) == (found.inventory.title != title)
    assert ("title" in told) == (not any(found.inventory.title.values()))


def test_a_year_of_an_emission_table_is_no_stock(tmp_path: Path) -> None:
    given = of_inventory(inventory([("mobile", "car", "", "", "", "")], np.ones((1, 1)), ("NOx",)))
    (found,) = there_and_back(given, "csv", tmp_path / "x.csv").series
    assert not found.inventory.stocks
    alone = emis.read_inventory(tmp_path / "x.csv")
    assert alone.base_year == 2020
    assert not alone.stocks
    assert not alone.warnings


def test_a_total_of_nothing_that_is_known_is_no_zero(run: Command) -> None:
    rows = "a,a,coal,NOx,NE,t/yr\na,a,coal,SO2,0,t/yr\n"
    (run.folder / "a.csv").write_text(f"source,category,sector,pollutant,emission,unit\n{rows}", encoding="utf-8")
    said = run("convert", "a.csv", "--dry-run", "--json", "--year", 2020)
    totals = json.loads(said.stdout)["result"]["series"][0]["totals"]["2020"]
    assert totals["NOx"] == {"t/yr": None, "not known": 1}
    assert totals["SO2"] == {"t/yr": 0.0, "not known": 0}
    assert run("convert", "a.csv", "--dry-run", "--year", 2020).exit_code == 0


def test_a_workbook_holds_no_time_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = of_inventory(inventory([("mobile", "car", "", "", "", "")], np.ones((1, 1)), ("NOx",)))
    write_file([given], FORMATS["xlsx"], tmp_path / "a.xlsx", Settings())
    monkeypatch.setattr("time.time", lambda: 1e9)
    write_file([given], FORMATS["xlsx"], tmp_path / "b.xlsx", Settings())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
