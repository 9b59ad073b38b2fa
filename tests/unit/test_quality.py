"""Findings about inventories: each is shown by one that has it, and a clean inventory has none."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import FACTORS, Command, Project

import emis
from emis.changes import changes
from emis.digest import absent_sectors, completeness, key_categories
from emis.errors import Issue, Issues
from emis.io.factors import Factors, outlying
from emis.io.tables import read_table
from emis.quality import findings, outliers

HEAD = "source,category,fuel,technology,region,facility,activity,unit\n"
OPEN = "category,pollutant,factor,unit\nstove,NOx,2,kg/t\nboiler,NOx,1,kg/t\n"


def read(project: Project, year: int = 2017) -> emis.Inventory:
    return emis.read_inventory(project.root / f"inventories/{year}")


def said(issues: list[Issue]) -> str:
    return "\n".join(map(str, issues))


def test_a_clean_inventory_has_none(run: Command, project: Project) -> None:
    project.inventory(2015)
    project.inventory(2017)
    found = run("check", project.root / "inventories")
    assert found.exit_code == 0
    assert found.stderr == ""


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ("PM2.5,3\nPM10,2\nTSP,4\nBC,1\nOC,1", "PM2.5 is more than PM10"),
        ("PM2.5,3\nPM10,5\nTSP,4\nBC,1\nOC,1", "PM10 is more than TSP"),
        ("PM2.5,3\nPM10,4\nTSP,4\nBC,2\nOC,1.5", "BC + OC is more than PM2.5"),
        ("PM2.5,3\nPM10,3\nTSP,3\nBC,2\nOC,1", ""),
    ],
)
def test_parts_above_their_whole(project: Project, factors: str, message: str) -> None:
    rows = "".join(f"stove,{row},kg/t\n" for row in factors.split())
    project.inventory(
        pollutants=["PM2.5", "PM10", "TSP", "BC", "OC"],
        activity="source,category,activity,unit\ncoal/a,stove,1,t/yr\n",
        factors=f"category,pollutant,factor,unit\n{rows}",
    )
    found = findings(read(project))
    assert (message in said(found)) if message else not found
    assert len(found) == bool(message)


# -- double counting -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reported", "message"),
    [
        ("coal/r,stove,,3", "more.csv:2 category: coal/stove is reported here and computed in"),
        ("coal/r,stove,town,3", "activity.csv:2 region: coal/a leaves region open and coal/r fills it"),
        ("coal/r,boiler,,3", ""),
        ("coal/r,stove,,NO", ""),
    ],
)
def test_reported_and_computed(project: Project, reported: str, message: str) -> None:
    tables = [
        {"sector": "coal", "activity": "activity.csv", "factors": "factors.csv"},
        {"sector": "coal", "emissions": "more.csv"},
    ]
    project.inventory(activity=f"{HEAD}coal/a,stove,,,,,5,t/yr\n", factors=OPEN, tables=tables)
    more = project.root / "inventories/2017/more.csv"
    more.write_text(f"source,category,region,NOx [t/yr]\n{reported}\n")
    found = said(findings(read(project)))
    assert message in found
    assert bool(found) == bool(message)


@pytest.mark.parametrize(
    ("first", "second", "left_open"),
    [
        ("stove,coal,,,,5", "stove,coal,old,,,5", "technology"),
        ("stove,,old,,,5", "stove,coal,old,,,5", "fuel"),
        ("stove,coal,old,,,5", "stove,coal,old,town,,5", "region"),
        ("stove,,,,,5", "stove,coal,old,,,5", "fuel and technology"),
        ("stove,,,,,5", "stove,coal,old,town,,5", "fuel and technology and region"),
        ("stove,coal,,,,5", "stove,gas,old,,,5", ""),
        ("stove,coal,,,,0", "stove,coal,old,,,5", ""),
        ("stove,coal,,,,5", "stove,coal,old,,,0", ""),
        ("stove,coal,,,,5", "boiler,coal,old,,,5", ""),
        ("stove,coal,,,,5", "stove,coal,old,,plant,5", ""),
        ("stove,coal,new,,,5", "stove,coal,old,,,5", ""),
    ],
)
def test_parent_and_child(project: Project, first: str, second: str, left_open: str) -> None:
    project.inventory(activity=f"{HEAD}coal/a,{first},t/yr\ncoal/b,{second},t/yr\n", factors=OPEN)
    found = findings(read(project))
    assert len(found) == bool(left_open)
    if left_open:
        text = f"activity.csv:2 {left_open.split()[0]}: coal/a leaves {left_open} open and coal/b fills it"
        assert text in said(found)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("coal/b,boiler,,,,works,5,t/yr", "more.csv:2 facility: works emits NOx here and in"),
        ("coal/b,boiler,,,,mill,5,t/yr", ""),
        ("coal/b,boiler,,,,works,0,t/yr", ""),
    ],
)
def test_a_facility_in_two_tables(project: Project, other: str, message: str) -> None:
    names = ("activity.csv", "more.csv")
    tables = [{"sector": "coal", "activity": name, "factors": "factors.csv"} for name in names]
    activity = f"{HEAD}coal/a,stove,,,,works,5,t/yr\ncoal/c,stove,,,,works,5,t/yr\n"
    project.inventory(activity=activity, factors=OPEN, tables=tables)
    (project.root / "inventories/2017/more.csv").write_text(f"{HEAD}{other}\n")
    found = findings(read(project))
    assert message in said(found)
    assert len(found) == bool(message)


# -- factors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([13.06, 9.32, 652.4, 3.728], [(2, 13.06)]),  # the guideline's slip: 6.524 g/km between China III and V
        ([9.32, 0.6524, 11, 8], [(1, 8)]),
        ([0.13, 0.058, 0.012, 0.0012], []),  # a filter
        ([0.13, 0.058, 0.012, 0.0001], [(3, 0.012)]),
        ([0.0001, 0.058, 0.012], [(0, 0.012)]),
        ([9.892, 86.4, 1.88], [(1, 9.892)]),  # 8.64 g/km of a China V bus between IV and VI
        ([7.934, 55.54, 4.721, 0.64], [(1, 7.934)]),
        ([1, 100], []),
        ([1, 10, 3], []),
        ([], []),
    ],
)
def test_outliers(values: list[float], found: list[tuple[int, float]]) -> None:
    assert outliers(np.array(values)) == found


def table(tmp_path: Path, *rows: str) -> Factors:
    path, issues = tmp_path / "factors.csv", Issues()
    path.write_text("category,fuel,technology,pollutant,factor,unit,control\n" + "".join(f"{row}\n" for row in rows))
    read_ = read_table(path, path.name, issues)
    assert read_ is not None
    found = Factors.read(read_, issues)
    issues.raise_if_any()
    return found


def test_a_decimal_slip_in_a_table(tmp_path: Path, run: Command) -> None:
    rows = [f"bus,cng,china_{n},NOx,{value},g/km," for n, value in ((2, 13.06), (3, 9.32), (4, 652.4), (5, 3.728))]
    found = outlying(table(tmp_path, *rows))
    assert len(found) == 1
    assert str(found[0]).startswith("factors.csv:4 factor: 652.4 g/km of NOx for bus/cng/china_4 stands apart")
    assert "the nearest of the 3 others is 13.06" in str(found[0])
    told = run("check", tmp_path / "factors.csv")
    assert told.exit_code == 0
    assert "factors, no faults" in told.stdout
    assert "stands apart" in told.stderr


@pytest.mark.parametrize(
    "row",
    [
        "bus,cng,china_4,NOx,0,g/km,",
        "bus,cng,china_4,NOx,NE,g/km,",
        "bus,cng,china_4,NOx,6524,mg/km,",
        "bus,cng,china_4,VOC,652.4,g/km,",
        "bus,diesel,china_4,NOx,652.4,g/km,",
        "bus,cng,china_4,NOx,0.4,g/km,95 %",
    ],
)
def test_what_is_no_neighbour(tmp_path: Path, row: str) -> None:
    others = [f"bus,cng,china_{n},NOx,{value},g/km," for n, value in ((2, 13.06), (3, 9.32))]
    assert outlying(table(tmp_path, others[0], row, others[1], "bus,cng,china_5,NOx,3.728,g/km,")) == []


def test_a_slip_is_told_with_the_inventory(run: Command, project: Project) -> None:
    project.inventory(factors=FACTORS + "stove,coal,mid,NOx,180,kg/t,0 %,test,E\n")
    assert "factors.csv:4 factor: 180 kg/t of NOx" in run("check", project.root / "inventories/2017").stderr


# -- years -----------------------------------------------------------------------------------------------------------


ROWS = "source,category,activity,unit,low,high\ncoal/a,stove,{a},t/yr,{low},{high}\ncoal/b,boiler,{b},t/yr,,\n"


@pytest.mark.parametrize(
    ("first", "second", "moved"),
    [
        ({"a": 1000, "b": 900}, {"a": 200, "b": 900}, "stove"),
        ({"a": 1000, "b": 900}, {"a": 1000, "b": 90000}, "boiler"),
        ({"a": 1000, "b": 0}, {"a": 1000, "b": 500}, "boiler"),
        ({"a": 1000, "b": 900}, {"a": 340, "b": 900}, ""),
        ({"a": 1000, "b": 12}, {"a": 1000, "b": 2}, ""),
        ({"a": 1000, "b": 0, "low": 100, "high": 2000}, {"a": 200, "b": 0, "low": 20, "high": 400}, ""),
        ({"a": 1000, "b": 0, "low": 500, "high": 2000}, {"a": 200, "b": 0, "low": 20, "high": 400}, "stove"),
    ],
)
def test_jumps(project: Project, first: dict[str, int], second: dict[str, int], moved: str) -> None:
    for year, row in ((2015, first), (2017, second)):
        project.inventory(year, activity=ROWS.format(**{"low": "", "high": ""} | row), factors=OPEN)
    found = said(changes([read(project, 2017), read(project, 2015)]))
    assert bool(found) == bool(moved)
    if moved:
        line = 2 if moved == "stove" else 3
        assert f"2017/activity.csv:{line} activity: coal/{moved} jumps from 2015 to 2017" in found
        assert found.count("jumps from") == 1


def test_a_factor_that_moves_is_a_jump_too(project: Project) -> None:
    row = ROWS.format(a=1000, b=0, low=700, high=1300)
    project.inventory(2015, activity=row, factors=OPEN)
    project.inventory(2017, activity=row, factors=OPEN.replace("stove,NOx,2", "stove,NOx,20"))
    assert "NOx 2 to 20 t/yr" in said(changes([read(project, 2015), read(project, 2017)]))


def test_sources_of_one_year_only(run: Command, project: Project) -> None:
    head = "source,category,activity,unit\n"
    project.inventory(2015, activity=f"{head}coal/a,stove,5,t/yr\ncoal/b,stove,0,t/yr\n", factors=OPEN)
    project.inventory(2017, activity=f"{head}coal/a,stove,5,t/yr\n", factors=OPEN)
    found = run("check", project.root / "inventories").stderr
    assert "2015/activity.csv:3 source: a source is in 2015 and not in 2017: coal/b" in found
    assert found.count("warning") == 1


def test_only_years_of_one_area_are_compared(project: Project) -> None:
    for year, amount in ((2015, 1000), (2017, 10)):
        project.inventory(year, activity=ROWS.format(a=amount, b=0, low="", high=""), factors=OPEN)
    first, second = read(project, 2015), read(project, 2017)
    assert changes([first, second])
    assert changes([second]) == []
    assert changes([first, second, second]) == [], "nothing tells which of the two follows"
    other = ROWS.replace("coal/", "gas/").format(a=10, b=0, low="", high="")
    tables = [{"sector": "gas", "activity": "activity.csv", "factors": "factors.csv"}]
    project.inventory(2017, activity=other, factors=OPEN, tables=tables)
    assert changes([first, read(project, 2017)]) == []


def test_a_scenario_s_years_are_compared(run: Command, project: Project) -> None:
    for year, amount in ((2015, 1000), (2017, 10)):
        project.inventory(year, activity=ROWS.format(a=amount, b=0, low="", high=""), factors=OPEN)
    project.scenario["inventories"] = {2015: "../inventories/2015", 2017: "../inventories/2017"}
    found = run("check", project.write(), project.root / "inventories").stderr
    assert found.count("coal/stove jumps from 2015 to 2017") == 1


# -- facts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "mark"),
    [
        (("2", "1"), "number"),
        (("2", "NO"), "number"),
        (("2", "NA"), "number"),
        (("2", "NE"), "mixed"),
        (("2", "C"), "mixed"),
        (("NE", "NE"), "NE"),
        (("NA", "NA"), "NA"),
        (("NA", "NE"), "mixed"),
    ],
)
def test_completeness(project: Project, keys: tuple[str, str], mark: str) -> None:
    factors = f"category,pollutant,factor,unit\nstove,NOx,{keys[0]},kg/t\nboiler,NOx,{keys[1]},kg/t\n"
    project.inventory(activity=f"{HEAD}coal/a,stove,,,,,5,t/yr\ncoal/b,boiler,,,,,5,t/yr\n", factors=factors)
    found = read(project)
    assert completeness(found) == {"coal": {"NOx": mark}}
    assert "coal" not in absent_sectors(found)
    assert {"mobile", "dust", "waste"} <= set(absent_sectors(found))


def test_key_categories(project: Project) -> None:
    amounts = {"a": 10, "b": 60, "c": 26, "d": 4}
    rows = "".join(f"coal/{name},{name},,,,,{amount},t/yr\n" for name, amount in amounts.items())
    factors = "".join(f"{name},NOx,1,kg/t\n" for name in amounts)
    project.inventory(activity=HEAD + rows, factors=f"category,pollutant,factor,unit\n{factors}")
    keys = key_categories(read(project))["NOx"]
    assert [one.category for one in keys] == ["b", "c", "a"]
    assert [one.cumulative for one in keys] == pytest.approx([0.6, 0.86, 0.96])
    assert [one.share for one in keys] == pytest.approx([0.6, 0.26, 0.1])
    project.inventory(activity=HEAD + rows, factors=f"category,pollutant,factor,unit\n{factors}".replace("1", "NE", 1))
    assert key_categories(read(project)) == {"NOx": ()}, "with NE there is no total to share"


def test_check_tells_the_facts(run: Command, project: Project) -> None:
    project.inventory()
    found = run("check", project.root / "inventories/2017")
    assert "1 sectors × 1 pollutants: 1 with numbers, 0 NA or NO; nothing left open" in found.stdout
    assert "sectors without a source: mobile, dust," in found.stdout
    assert "key categories, the largest in brackets: NOx 1 (stove 100 %)" in found.stdout
    for command in ("check", "show"):
        result = json.loads(run(command, project.root / "inventories/2017", "--json").stdout)["result"]
        result = result["checked"][0] if command == "check" else result
        assert result["completeness"] == {"coal": {"NOx": "number"}}
        assert result["key_categories"]["NOx"][0]["category"] == "stove"
        assert result["uncertainty [t/yr]"]["total"]["NOx"]["unstated_share"] == 1
        assert result["grades"] == {"coal": {"E": 2}}
    project.inventory(factors=FACTORS.replace("NOx,2,", "NOx,NE,"))
    assert "coal NOx mixed" in run("check", project.root / "inventories/2017").stdout
