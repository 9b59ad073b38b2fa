"""Reading inventories: every encoding and kind of table, and every fault with its line and its cure."""

from pathlib import Path

import numpy as np
import pytest
from conftest import ACTIVITY, FACTORS, Project

import emis


def read(project: Project) -> emis.Inventory:
    return emis.read_inventory(project.root / "inventories/2017")


def faults(project: Project) -> str:
    with pytest.raises(emis.InputError) as caught:
        read(project)
    return str(caught.value)


CHINESE = """\
source,category,fuel,technology,activity,unit,households,reference,grade
coal/散煤,stove,coal,old,0.1,万吨,50,门头沟区统计年鉴,D
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(project: Project, encoding: str) -> None:
    project.inventory()
    (project.root / "inventories/2017/activity.csv").write_bytes(CHINESE.encode(encoding))
    found = read(project)
    assert list(found.labels["source"]) == ["coal/散煤"]
    assert found.emissions.sum() == pytest.approx(2)
    assert ("GB18030" in "".join(map(str, found.warnings))) == (encoding == "gb18030")


def test_big5_is_told_from_gb(project: Project) -> None:
    project.inventory()
    text = "source,category,fuel,technology,activity,unit,note\n"
    text += "coal/a,stove,coal,old,1000,t/yr,門頭溝區統計年鑑與環境保護局的調查資料\n"
    (project.root / "inventories/2017/activity.csv").write_bytes(text.encode("big5"))
    assert "BIG5" in str(read(project).warnings[0])


def test_what_is_in_no_known_encoding(project: Project) -> None:
    project.inventory()
    (project.root / "inventories/2017/activity.csv").write_bytes(
        ACTIVITY.encode() + b"coal/\xe9t\xe9,stove,coal,old,1,t/yr,1,x,E\n"
    )
    assert "--encoding" in faults(project)
    assert emis.read_inventory(project.root / "inventories/2017", encoding="latin-1").labels["source"][-1] == "coal/été"


@pytest.mark.parametrize("ending", ["tsv", "xlsx", "parquet", "CSV"])
def test_kinds_of_table(project: Project, ending: str) -> None:
    import openpyxl
    import pyarrow as pa
    import pyarrow.parquet as parquet

    table = project.root / f"inventories/2017/activity.{ending}"
    project.inventory(tables=[{"sector": "coal", "activity": table.name, "factors": "factors.csv"}])
    cells = [line.split(",") for line in ACTIVITY.splitlines()]
    if ending == "tsv":
        table.write_text("\n".join("\t".join(row) for row in cells))
    elif ending == "CSV":
        table.write_text(ACTIVITY.replace("\n", "\r\n"))
    elif ending == "xlsx":
        book = openpyxl.Workbook()
        for row in cells:
            book.active.append([float(cell) if cell.isdigit() else cell for cell in row])
        book.save(table)
    else:
        parquet.write_table(pa.table({name: [row[i] for row in cells[1:]] for i, name in enumerate(cells[0])}), table)
    assert read(project).emissions.sum() == pytest.approx(2)


def test_a_named_sheet(project: Project) -> None:
    import openpyxl

    entry = {"sector": "coal", "activity": "book.xlsx", "factors": "factors.csv", "sheet": "燃煤"}
    project.inventory(tables=[entry])
    book = openpyxl.Workbook()
    page = book.create_sheet("燃煤")
    for line in ACTIVITY.splitlines():
        page.append(line.split(","))
    book.save(project.root / "inventories/2017/book.xlsx")
    assert len(read(project)) == 2
    project.inventory(tables=[{**entry, "sheet": "燃媒"}])
    assert "there is no sheet '燃媒'; known here: Sheet, 燃煤" in faults(project)


@pytest.mark.parametrize(
    ("unit", "tonnes"), [("吨/年", 2), ("万吨", 20_000), ("kt/yr", 2000), ("t/month", 24), ("kg", 0.002)]
)
def test_units_of_activity(project: Project, unit: str, tonnes: float) -> None:
    project.inventory(activity=ACTIVITY.replace("t/yr", unit))
    assert read(project).emissions.sum() == pytest.approx(tonnes)


def test_a_single_table_of_tonnes(project: Project) -> None:
    table = project.root / "tonnes.csv"
    table.parent.mkdir()
    table.write_text("source,category,NMVOC [kg/yr],PM25 [t]\ncatering/a,restaurant,500,NE\n")
    found = emis.read_inventory(table)
    assert found.pollutants == ("VOC", "PM2.5")
    assert found.emissions[0, 0] == pytest.approx(0.5)
    assert np.isnan(found.emissions[0, 1])
    assert "NMVOC is read as VOC" in str(found.warnings[0])


def test_long_and_wide_tables_of_tonnes_agree(project: Project) -> None:
    entry = [{"sector": "catering", "emissions": "activity.csv"}]
    project.inventory(
        tables=entry,
        pollutants=["NOx", "VOC"],
        activity="source,category,VOC [t/yr],NOx [kg/yr]\ncatering/a,canteen,2,500\n",
    )
    wide = read(project)
    project.inventory(
        tables=entry,
        pollutants=["NOx", "VOC"],
        activity="source,category,pollutant,emission,unit\ncatering/a,canteen,VOC,2,t/yr\ncatering/a,canteen,NOx,0.5,t/yr\n",
    )
    np.testing.assert_array_equal(wide.emissions, read(project).emissions)


def test_the_most_specific_factor_wins(project: Project) -> None:
    project.inventory(
        factors="category,fuel,technology,pollutant,factor,unit\n"
        "stove,,,NOx,1,kg/t\nstove,coal,,NOx,2,kg/t\nstove,,old,NOx,3,kg/t\nstove,coke,old,NOx,9,kg/t\n"
    )
    assert 1000 * read(project).factor[:, 0] == pytest.approx([2, 3])


def test_a_profile_header_and_a_control_header_may_carry_the_percent(project: Project) -> None:
    project.inventory(factors="category,pollutant,factor,unit,control [%]\nstove,NOx,2,kg/t,90\n")
    assert read(project).control[0, 0] == 0.9


def test_intervals(project: Project) -> None:
    project.inventory(
        activity="source,category,fuel,technology,activity,unit,cv,low,high\n"
        "coal/a,stove,coal,old,100,t/yr,,80,120\ncoal/b,stove,coal,old,100,t/yr,30 %,,\n"
    )
    found = read(project)
    assert found.bounds["activity_low"][0] == 80
    assert found.bounds["activity_low"][1] < 100 < found.bounds["activity_high"][1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1000,t/yr", ",t/yr", "activity.csv:2 activity: is blank"),
        ("1000,t/yr", '"1,000",t/yr', "thousands separator; write 1000"),
        ("1000,t/yr", "１０００,t/yr", "write 1000"),
        ("1000,t/yr", "1_000,t/yr", "activity.csv:2 activity"),
        ("1000,t/yr", "-1000,t/yr", "is negative"),
        ("1000,t/yr", "nan,t/yr", "NE not estimated"),
        ("1000,t/yr", "1e999,t/yr", "too large"),
        ("1000,t/yr", "1000,", "activity.csv:2 unit: is blank"),
        ("1000,t/yr", "1000,ton", "short_ton"),
        ("1000,t/yr", "1000,vkm/yr", "do not go together"),
        ("1000,t/yr", "1000,t/jahr", "'jahr'"),
        ("1000,t/yr", "IE,t/yr", "without saying where"),
        ("1000,t/yr", "NN,t/yr", "activity.csv:2 activity"),
        ("1000,t/yr,500,test,E", "1000,t/yr,500,test,F", "unknown grade 'F'"),
        ("1000,t/yr,500,test,E", "1000,t/yr,500,test,E,more", "10 cells, and the header 9"),
        ("1000,t/yr,500,test,E", "1000,t/yr", "6 cells, and the header 9"),
        ("coal/stove/coal/new", "coal/stove/coal/old", "stands twice, first in"),
        (",stove,coal,old,", ",stove,ｃoal,old,", "write 'coal'"),
        (",stove,coal,old,", ",,coal,old,", "category: is blank"),
        ("source,category", "sauce,category", "the column 'source' is missing"),
        ("households", "activity", "stands twice"),
        (ACTIVITY, "", "is empty"),
        (ACTIVITY, "source,category,activity,unit\n", "no rows"),
        ("1000,t/yr", '"1000,t/yr', "cannot be split"),
    ],
)
def test_faults_of_an_activity_table(project: Project, old: str, new: str, said: str) -> None:
    project.inventory(activity=ACTIVITY.replace(old, new, 1))
    assert said in faults(project)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("NOx,2,kg/t", "NOX2,2,kg/t", "unknown pollutant 'NOX2'"),
        ("NOx,2,kg/t", "NOx,,kg/t", "factors.csv:2 factor: is blank"),
        ("NOx,2,kg/t", "NOx,2,kg VOC/t", "the pollutant is NOx"),
        ("NOx,2,kg/t", "NOx,2,t ce", "tce"),
        ("NOx,2,kg/t,0 %", "NOx,2,kg/t,0.9", "write 90 %"),
        ("NOx,2,kg/t,0 %", "NOx,2,kg/t,120 %", "outside 0 % to 100 %"),
        ("stove,coal,new", "stove,coal,old", "a second factor for stove/coal/old NOx, the first is in line 2"),
        ("stove,coal,new", "boiler,coal,new", "coal/stove/coal/new has no factor for NOx"),
    ],
)
def test_faults_of_a_factor_table(project: Project, old: str, new: str, said: str) -> None:
    project.inventory(factors=FACTORS.replace(old, new, 1))
    assert said in faults(project)


def test_every_fault_of_every_file_at_once(project: Project) -> None:
    project.inventory(
        activity=ACTIVITY.replace("1000", "").replace("0,t/yr,0", "x,t/yr,0"),
        factors=FACTORS.replace("0.5", "-1"),
        bas_year=2017,
    )
    said = faults(project)
    assert "unknown key 'bas_year'; did you mean 'base_year'?" in said
    assert "activity.csv:2" in said
    project.inventory(
        activity=ACTIVITY.replace("1000", "").replace("0,t/yr,0", "x,t/yr,0"), factors=FACTORS.replace("0.5", "-1")
    )
    said = faults(project)
    for place in ("activity.csv:2", "activity.csv:3", "factors.csv:3"):
        assert place in said


def test_profiles(project: Project) -> None:
    header = "profile," + ",".join(map(str, range(1, 13))) + ",reference\n"
    project.inventory(profiles="profiles.csv")
    path = project.root / "inventories/2017/profiles.csv"
    path.write_text(header + "heating,0.25,0.2,0.15,0,0,0,0,0,0,0,0.15,0.25,x\n")
    assert read(project).profiles["heating"].sum() == 1
    path.write_text(header + "heating,0.25,0.2,0.15,0,0,0,0,0,0,0,0.15,0.24,x\n")
    assert "sum to 0.99" in faults(project)
    project.inventory(
        activity=ACTIVITY.replace("activity,unit", "profile,activity,unit")
        .replace("old,1000", "old,heatin,1000")
        .replace("new,0,", "new,,0,"),
        profiles="profiles.csv",
    )
    path.write_text(header + "heating,0.25,0.2,0.15,0,0,0,0,0,0,0,0.15,0.25,x\n")
    assert "unknown profile 'heatin'; did you mean 'heating'?" in faults(project)


def test_a_long_table_is_complete(project: Project) -> None:
    project.inventory(
        tables=[{"sector": "catering", "emissions": "activity.csv"}],
        pollutants=["NOx", "VOC"],
        activity="source,category,pollutant,emission,unit\ncatering/a,canteen,VOC,2,t/yr\n",
    )
    assert "catering/a has no row for NOx" in faults(project)


def test_damaged_files(project: Project) -> None:
    folder = project.root / "inventories/2017"
    for name in ("book.xlsx", "table.parquet"):
        project.inventory(tables=[{"sector": "coal", "activity": name, "factors": "factors.csv"}])
        (folder / name).write_bytes(b"PK\x03\x04 nonsense")
        assert "readable" in faults(project)
    project.inventory()
    (folder / "activity.csv").write_bytes(ACTIVITY.encode().replace(b"1000", b"10\x0000"))
    assert "activity.csv:2" in faults(project)
    (folder / "activity.csv").unlink()
    assert "is not there" in faults(project)


def test_paths_stay_in_the_project(project: Project, tmp_path: Path) -> None:
    for name, said in (
        ("/etc/passwd", "absolute"),
        ("~/x.csv", "absolute"),
        ("https://a.b/c.csv", "URL"),
        ("../../../x.csv", "leads out"),
    ):
        project.inventory(tables=[{"sector": "coal", "activity": name, "factors": "factors.csv"}])
        assert said in faults(project)
    (tmp_path / "outside.csv").write_text(ACTIVITY)
    project.inventory(tables=[{"sector": "coal", "activity": "link.csv", "factors": "factors.csv"}])
    (project.root / "inventories/2017/link.csv").symlink_to(tmp_path / "outside.csv")
    assert "leads out" in faults(project)
    assert len(emis.read_inventory(project.root / "inventories/2017", root=tmp_path)) == 2
