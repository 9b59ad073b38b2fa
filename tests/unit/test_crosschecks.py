"""Cross-checks: a table read with all its faults, and what each gives beside the inventory."""

import json
import math
from typing import Any

import pytest
from conftest import Command, Project

import emis
from emis import console
from emis.crosschecks import Comparison, evaluate
from emis.digest import digest
from emis.showing import print_inventory

#: 1000 t ± 20 % with 2 kg/t ± 40 % beside 500 t ± 20 % with 1 kg/t ± 10 %, and kilowatt-hours that emit nothing.
ACTIVITY = """\
source,category,fuel,technology,activity,unit,low,high,households
coal/a,stove,coal,old,1000,t/yr,800,1200,250
coal/b,stove,coal,new,500,t/yr,400,600,250
coal/c,stove,electricity,heat_pump,7000,kWh/yr,,,100
coal/d,boiler,coal,boiler,2,kt/yr,1,3,
"""
FACTORS = """\
category,fuel,technology,pollutant,factor,unit,low,high
stove,coal,old,NOx,2,kg/t,1.2,2.8
stove,coal,new,NOx,1,kg/t,0.9,1.1
stove,electricity,,NOx,NA,kg/kWh,,
boiler,,,NOx,1,kg/t,0.5,1.5
"""
HEAD = "check,year,sector,category,fuel,technology,quantity,per,published,unit,key,low,high,reference,grade,remark"
PLAIN = {"check": "c", "category": "stove", "fuel": "coal", "quantity": "NOx", "published": "2", "unit": "t"}


def write(project: Project, *rows: dict[str, Any], year: int = 2017) -> None:
    project.inventory(year, activity=ACTIVITY, factors=FACTORS, cross_checks="../cross-checks.csv")
    lines = [",".join(str(({"reference": "book"} | row).get(name, "")) for name in HEAD.split(",")) for row in rows]
    path = project.root / "inventories/cross-checks.csv"
    path.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")


def read(project: Project, *rows: dict[str, Any], year: int = 2017) -> list[Comparison]:
    write(project, *rows, year=year)
    return list(evaluate(emis.read_inventory(project.root / f"inventories/{year}")))


def test_a_sum_with_its_uncertainty(project: Project) -> None:
    (found,) = read(project, PLAIN | {"published": 100, "key": "3 %", "low": 2, "high": 4})
    assert found.here == pytest.approx(2.5)
    # The activities are one count, and the factors are two: 0.4 + 0.1 together, 0.8 and 0.05 apart.
    assert found.half_here == pytest.approx(math.sqrt(0.5**2 + 0.8**2 + 0.05**2))
    assert (found.expected, found.half_expected) == (3, 1)
    assert found.ratio == pytest.approx(2.5 / 3)
    assert found.inside is True


@pytest.mark.parametrize(
    ("row", "here"),
    [
        ({"unit": "kg/yr"}, 2500),
        ({"unit": "t NOx"}, 2.5),
        ({"category": "", "fuel": ""}, 4.5),
        ({"technology": "old|new"}, 2.5),
        ({"technology": "old | boiler", "category": "*"}, 4),
        ({"technology": "n*"}, 0.5),
        ({"sector": "coal", "technology": "old"}, 2),
        ({"quantity": "activity", "unit": "kt/yr"}, 1.5),
        ({"quantity": "activity", "unit": "万吨", "category": "stove|boiler"}, 0.35),
        ({"quantity": "activity", "unit": "MWh/yr", "fuel": "electricity"}, 7),
        ({"quantity": "households", "unit": "household", "fuel": ""}, 600),
        ({"per": "households", "unit": "kg/household"}, 5),
        ({"per": "activity", "unit": "g/kg"}, 2.5 / 1.5),
        ({"quantity": "activity", "per": "households", "unit": "t/household"}, 3),
        ({"quantity": "households", "per": "activity", "unit": "household/kt"}, 500 / 1.5),
    ],
)
def test_what_is_compared(project: Project, row: dict[str, Any], here: float) -> None:
    (found,) = read(project, PLAIN | row)
    assert found.here == pytest.approx(here)


def test_what_numerator_and_denominator_share_cancels(project: Project) -> None:
    (found,) = read(project, PLAIN | {"technology": "old", "per": "activity", "unit": "g/kg"})
    assert found.half_here == pytest.approx(0.8), "one source: its factor alone"
    (found,) = read(project, PLAIN | {"per": "activity", "unit": "g/kg"})
    # Both activities err by 20 % together, so their shares stay; factors by 0.8 of 2/3 and 0.1 of 1/3.
    assert found.half_here == pytest.approx(math.hypot(0.8 * 2 / 3, 0.1 / 3))
    (found,) = read(project, PLAIN | {"quantity": "activity", "per": "households", "unit": "t/household"})
    assert found.half_here == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("row", "inside"),
    [
        ({"published": 3.4}, True),
        ({"published": 3.5}, False),
        ({"published": 3.5, "low": 2.5, "high": 4.5}, True),
        ({"published": 99, "low": 98.9, "high": 99.1}, False),
        ({"quantity": "households", "unit": "household", "published": 500}, None),
        ({"quantity": "households", "unit": "household", "published": 500, "low": 480, "high": 520}, True),
    ],
)
def test_inside(project: Project, row: dict[str, Any], inside: bool | None) -> None:
    (found,) = read(project, PLAIN | row)
    assert found.inside is inside


def test_what_is_not_estimated_is_not_compared(project: Project) -> None:
    write(project, PLAIN)
    factors = project.root / "inventories/2017/factors.csv"
    factors.write_text(FACTORS.replace("NOx,2,kg/t,1.2,2.8", "NOx,NE,kg/t,,"))
    (found,) = evaluate(emis.read_inventory(project.root / "inventories/2017"))
    assert math.isnan(found.here)
    assert math.isnan(found.ratio)
    assert found.inside is None


def test_only_those_of_the_year(project: Project) -> None:
    rows = [PLAIN | {"check": "a", "year": 2015}, PLAIN | {"check": "a", "year": 2017}, PLAIN | {"check": "b"}]
    assert [one.check.year for one in read(project, *rows)] == [2017, None]
    # What a check of another year selects may be in that year's inventory alone.
    assert len(read(project, PLAIN | {"check": "a", "year": 2015, "category": "kiln"}, PLAIN)) == 1


def test_a_key_in_percent_by_its_header(project: Project) -> None:
    write(project, PLAIN | {"key": 50})
    path = project.root / "inventories/cross-checks.csv"
    path.write_text(path.read_text().replace(",key,", ",key [%],"))
    (found,) = evaluate(emis.read_inventory(project.root / "inventories/2017"))
    assert found.expected == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"quantity": "NOX2"}, "2 quantity: unknown quantity 'NOX2'; did you mean 'NOx'?"),
        ({"quantity": "SO2"}, "quantity: unknown quantity 'SO2'"),
        ({"quantity": ""}, "quantity: is blank"),
        ({"per": "household"}, "per: unknown quantity 'household'; did you mean 'households'?"),
        ({"per": "NOx"}, "per: NOx per NOx is always 1"),
        ({"unit": "km"}, "unit: 'km' (length) does not convert"),
        ({"unit": "t/household"}, "does not convert"),
        ({"per": "households"}, "does not convert"),
        ({"unit": ""}, "unit: is blank"),
        ({"unit": "t VOC"}, "the pollutant is NOx"),
        ({"category": "stoves"}, "category: 'stoves' is no category of the inventory; did you mean 'stove'?"),
        ({"technology": "old|nwe"}, "technology: 'nwe' is no technology of the inventory; did you mean 'new'?"),
        ({"technology": "old||new"}, "holds a blank alternative"),
        ({"technology": "boiler"}, "check: no source has category: stove, fuel: coal, technology: boiler"),
        ({"quantity": "activity", "fuel": "*", "unit": "t"}, "does not convert"),
        ({"quantity": "households", "category": "*", "unit": "household"}, "coal/d has no number of households"),
        ({"published": ""}, "published: is blank"),
        ({"published": "NE"}, "published: is NE, and a comparison needs a number"),
        ({"published": "-2"}, "published: -2 is negative"),
        ({"key": "-3 %"}, "key: -3 % is not above 0"),
        ({"key": "half"}, "key: 'half'"),
        ({"low": 1}, "low: is given without the other end"),
        ({"low": 3, "high": 4}, "low: the interval 3 to 4 does not hold the value 2"),
        ({"low": 1, "high": 3, "key": "10 %"}, "does not hold the value 0.2"),
        ({"low": 3, "high": 1}, "does not hold"),
        ({"reference": ""}, "reference: is blank; say where the published figure comes from"),
        ({"check": ""}, "check: is blank"),
        ({"year": "17"}, "year: '17' is no year"),
        ({"grade": "F"}, "unknown grade 'F'"),
    ],
)
def test_faults(project: Project, row: dict[str, Any], said: str) -> None:
    with pytest.raises(emis.InputError) as caught:
        read(project, PLAIN | row)
    assert said in str(caught.value)
    assert "cross-checks.csv:2" in str(caught.value)


@pytest.mark.parametrize(
    ("years", "twice"),
    [((2017, 2017), True), (("", ""), True), ((2015, ""), True), (("", 2015), True), ((2015, 2017), False)],
)
def test_a_check_stands_once_a_year(project: Project, years: tuple[Any, Any], twice: bool) -> None:
    write(project, *(PLAIN | {"year": year} for year in years))
    if not twice:
        assert emis.read_inventory(project.root / "inventories/2017")
        return
    with pytest.raises(emis.InputError, match=r"cross-checks.csv:3 check: a second check 'c' of that year"):
        emis.read_inventory(project.root / "inventories/2017")


def test_every_fault_at_once(project: Project) -> None:
    write(project, PLAIN | {"reference": "", "year": "x"}, PLAIN | {"check": "d", "published": "x"})
    activity = project.root / "inventories/2017/activity.csv"
    activity.write_text(ACTIVITY.replace("1000", ""))
    with pytest.raises(emis.InputError) as caught:
        emis.read_inventory(project.root / "inventories/2017")
    for said in (
        "activity.csv:2 activity",
        "cross-checks.csv:2 reference",
        "checks.csv:2 year",
        "checks.csv:3 published",
    ):
        assert said in str(caught.value)


def test_a_missing_table_and_column(project: Project) -> None:
    write(project, PLAIN)
    path = project.root / "inventories/cross-checks.csv"
    path.write_text(path.read_text().replace("reference", "referenze"))
    with pytest.raises(emis.InputError, match="the column 'reference' is missing; rename the column 'referenze'"):
        emis.read_inventory(project.root / "inventories/2017")
    path.unlink()
    with pytest.raises(emis.InputError, match=r"cross-checks.csv' is not there"):
        emis.read_inventory(project.root / "inventories/2017")


def test_a_failing_check_is_told_and_is_no_warning(run: Command, project: Project) -> None:
    write(project, PLAIN | {"check": "fits"}, PLAIN | {"check": "too-low", "published": 9, "low": 8, "high": 10})
    path = project.root / "inventories/2017"
    found = run("check", path)
    assert found.exit_code == 0
    assert found.stderr == ""
    assert "1 of 2 cross-checks inside their uncertainty" in found.stdout
    assert "outside: too-low, NOx 2.5 ±0.9447 against 9 ±1 t" in found.stdout
    assert "fits" not in found.stdout
    shown = run("show", path)
    for text in ("Cross-checks", "too-low", "9 ±1", "0.28", "no", "yes", "NOx (category: stove, fuel: coal); book"):
        assert text in shown.stdout
    for command in ("check", "show"):
        result = json.loads(run(command, path, "--json").stdout)["result"]
        checks = (result["checked"][0] if command == "check" else result)["cross_checks"]
        assert [one["inside"] for one in checks] == [True, False]
        assert checks[1]["ratio"] == pytest.approx(2.5 / 9)


@pytest.mark.parametrize("width", [60, 80, 132])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_shown_at_any_width(
    project: Project, width: int, lang: console.Lang, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"check": "machines-of-beijing-2013", "published": 99000, "key": "1.483 %", "low": 1, "high": 9001}
    write(project, PLAIN | row)
    found = emis.read_inventory(project.root / "inventories/2017")
    print_inventory(console.console(width), digest(found), lang)
    shown = capsys.readouterr().out
    assert "…" not in shown
    for text in ("machines-of-beijing-2013", "2.5 ±0.9447", "1,468 ±1,467", "是" if lang == "zh" else "yes"):
        assert text in shown
