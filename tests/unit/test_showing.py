"""What `emis show` prints of inventories and factor tables: everything, at any width, in both languages."""

import json
from pathlib import Path

import pytest
from conftest import FACTORS, Command, Project

import emis
from emis import console
from emis.digest import digest
from emis.io.factor_files import read_factors
from emis.showing import print_factors, print_inventory

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "inventories/mentougou-2017"

ACTIVITY = """\
source,category,fuel,technology,activity,unit,low,high,reference,grade
coal/stove/coal/old,stove,coal,old,1000,t/yr,800,1200,test,C
coal/stove/coal/new,stove,coal,new,3000,t/yr,,,test,E
"""
INTERVALS = """\
category,fuel,technology,pollutant,factor,unit,control,low,high,reference,grade
stove,coal,old,NOx,3,kg/t,0 %,2.4,3.6,a book [p. 7],B
stove,coal,new,NOx,0.5,kg/t,60 %,0.4,0.6,assumed,E
stove,,,VOC,NA,kg/t,,,,no solvent,A
stove,,,NH3,NA,kg/t,,,,no solvent,A
"""


@pytest.fixture
def inventory(project: Project) -> Path:
    project.inventory(activity=ACTIVITY, factors=INTERVALS, pollutants=["NOx", "VOC", "NH3"])
    return project.root / "inventories/2017"


def test_totals_shares_grades_and_the_rest(run: Command, inventory: Path) -> None:
    shown = run("show", inventory).stdout
    # 3 ± 0.6 by the activity, ± 0.6 and 0.3 by the factors; no interval for 1.5 of the 4.5 t.
    for text in ("4.5 ±20 %*", "* NOx 33 %", "Shares, %", "Grades of activity", "coal/stove 100 (100)", "Completeness"):
        assert text in shown
    assert "sectors without a source: mobile, dust" in shown
    grades = next(line for line in shown.splitlines() if line.split()[1:2] == ["E"])
    assert grades.split() == ["coal", "E", "1", "1"]


def test_nothing_stated_is_no_certainty(run: Command, project: Project) -> None:
    project.inventory()
    shown = run("show", project.root / "inventories/2017").stdout
    assert "2 ±?" in shown
    assert "* NOx 100 %" in shown
    assert "±0" not in shown


def test_not_estimated(run: Command, project: Project) -> None:
    project.inventory(factors=FACTORS.replace("NOx,2,", "NOx,NE,"))
    found = run("show", project.root / "inventories/2017")
    assert found.exit_code == 0
    assert "–" in found.stdout
    assert "mixed" in found.stdout


@pytest.mark.parametrize("width", [60, 80, 132])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_is_cut(width: int, lang: console.Lang, capsys: pytest.CaptureFixture[str]) -> None:
    found = emis.read_inventory(SHIPPED)
    print_inventory(console.console(width), digest(found), lang)
    shown = capsys.readouterr().out
    assert "…" not in shown
    for name in (*found.pollutants, *found.values("sector")):
        assert name in shown
    for sector in found.values("sector"):
        for value in found.total(sector):
            assert f" {console.amount(float(value))} " in shown
    from rich.cells import cell_len

    assert max(map(cell_len, shown.splitlines())) <= width


@pytest.mark.parametrize("width", [60, 80, 132])
def test_factors_are_not_cut(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    tables = read_factors(SHIPPED)
    print_factors(console.console(width), tables, "en")
    words = capsys.readouterr().out.split()
    assert "…" not in "".join(words)
    for table in tables:
        for *_, factor in table.entries():
            assert (factor.key or f"{factor.value:g}") in words
            assert set(factor.reference.split()[:2]) <= {*words, ""}


def test_factors_with_their_references(run: Command, inventory: Path) -> None:
    shown = run("show", "--factors", inventory).stdout
    for text in ("stove / coal / old", "2.4 – 3.6", "60 %", "[1] a book [p. 7]", "[2] assumed", "VOC, NH3"):
        assert text in shown
    assert shown.count("no solvent") == 1
    assert run("show", inventory / "factors.csv").stdout == run("show", "--factors", inventory / "factors.csv").stdout
    assert run("show", "--factors", inventory / "inventory.yaml").stdout == shown
    assert "排放因子" in run("show", "--factors", inventory, "--lang", "zh").stdout


def test_factors_as_json(run: Command, inventory: Path) -> None:
    found = json.loads(run("show", "--factors", inventory, "--json").stdout)["result"]
    assert found["kind"] == "factors"
    first, second, *_ = found["factors"]
    assert (first["category"], first["technology"], first["pollutant"], first["value"]) == ("stove", "old", "NOx", 3)
    assert (first["reference"], first["grade"], first["low"], second["control"]) == ("a book [p. 7]", "B", 2.4, 0.6)


def test_factors_go_with_an_inventory(run: Command, project: Project) -> None:
    assert run("show", "--factors", project.write()).exit_code == 2
    project.inventory(
        tables=[{"sector": "catering", "emissions": "activity.csv"}],
        activity="source,category,NOx [t/yr]\ncatering/a,canteen,2\n",
    )
    found = run("show", "--factors", project.root / "inventories/2017")
    assert found.exit_code == 3
    assert "names no table of factors" in found.stderr


def test_a_faulty_factor_table(run: Command, inventory: Path) -> None:
    table = inventory / "factors.csv"
    table.write_text(INTERVALS.replace("assumed,E", "assumed,F").replace("3,kg/t", "3,km"))
    for command in ("show", "check"):
        found = run(command, table)
        assert found.exit_code == 3
        assert "factors.csv:3 grade: unknown grade 'F'" in found.stderr
