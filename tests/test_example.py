"""The shipped example: complete, referenced, consistent, and it runs."""

import csv
from pathlib import Path

import numpy as np
import pytest
from conftest import Command

import emis
from emis.crosschecks import evaluate
from emis.digest import digest

ROOT = Path(__file__).parents[1]
_OTHERS = ("plan.yaml", "options.yaml")
SCENARIOS = sorted(path for path in (ROOT / "scenarios/mentougou").glob("*.yaml") if path.name not in _OTHERS)
PLAN = emis.read_plan(ROOT / "scenarios/mentougou/plan.yaml")


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_it_runs(run: Command, path: Path) -> None:
    found = run("run", path, "-o", "out")
    assert found.exit_code == 0, found.stderr
    assert found.stderr == ""


def test_it_is_clean(run: Command) -> None:
    found = run("check", ROOT / "inventories", ROOT / "scenarios")
    assert found.exit_code == 0
    assert found.stderr == ""


def test_every_article_is_present() -> None:
    assert {measure.article for measure in PLAN.measures} == set(range(1, 37))
    quantified = {measure.article for measure in PLAN.effects}
    assert quantified >= {4, 5, 7, 11, 12, 16, 17, 19, 22, 23, 24, 25, 26}


def test_every_target_is_present() -> None:
    assert {target.id.split("-")[0] for target in PLAN.targets} == {f"T{n}" for n in range(1, 13)}


def test_every_effect_says_what_it_rests_on() -> None:
    for measure in PLAN.effects:
        assert measure.evidence is not None, measure.id
        assert measure.evidence.grade, measure.id
        assert measure.evidence.quote or measure.evidence.source or measure.evidence.note, measure.id
        if measure.evidence.grade == "E":
            ranges = (
                [measure.uncertainty] if measure.uncertainty else [effect.verb.uncertainty for effect in measure.do]
            )
            assert all(ranges), f"{measure.id} is assumed and gives no range"


def test_every_title_is_in_both_languages() -> None:
    for item in (*PLAN.measures, *PLAN.targets):
        assert item.title.zh, item.id
        assert item.title.en, item.id


@pytest.mark.parametrize("year", [2015, 2017])
def test_every_row_has_a_reference_and_a_grade(year: int) -> None:
    inventory = emis.read_inventory(ROOT / f"inventories/mentougou-{year}")
    assert inventory.status == "reconstruction"
    assert inventory.reference is not None
    assert inventory.grade is not None
    assert all(inventory.reference)
    assert set(inventory.grade) <= set("ABCDE")
    assert set(inventory.values("sector")) >= {"mobile", "dust", "industry", "coal", "catering", "agriculture"}
    assert not np.isnan(inventory.emissions).any()
    for path in (ROOT / "inventories/factors").glob("*.csv"):
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
            assert row["reference"], path.name
            assert row["grade"] in set("ABCDE"), path.name
            if row["grade"] == "E" and row["factor"] not in ("NO", "NA"):
                assert "assumed" in row["reference"], f"{path.name}: {row}"


def test_both_years_have_the_same_sources() -> None:
    first, second = (emis.read_inventory(ROOT / f"inventories/mentougou-{year}") for year in (2015, 2017))
    assert list(first.labels["source"]) == list(second.labels["source"])


def test_nothing_shipped_is_about_our_workshop() -> None:
    for folder in ("emis", "inventories", "scenarios", "benchmarks", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".pyx", ".csv", ".yaml", ".md", ".txt") and path != Path(__file__):
                assert "/shared/" not in path.read_text(encoding="utf-8"), path


def test_the_readme_of_the_inventories_is_true() -> None:
    text = (ROOT / "inventories/README.md").read_text(encoding="utf-8")
    folders = {"Activity rows of both years": "mentougou-*", "Factor rows with a number": "factors"}
    for what, folder in folders.items():
        rows = [
            row["grade"]
            for path in (ROOT / "inventories").glob(f"{folder}/*.csv")
            for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
            if row.get("factor") not in ("NA", "NO")
        ]
        counts = ", ".join(f"{grade} {rows.count(grade)}" for grade in "ABCDE" if grade in rows)
        assert f"{what}: {counts}" in text
    for year in (2015, 2017):
        inventory = emis.read_inventory(ROOT / f"inventories/mentougou-{year}")
        found = digest(inventory)
        table = text[text.index(f"| {year}, t/yr (± %) |") :].replace("**", "").splitlines()
        groups = [(name, found.sectors, g) for g, (name,) in enumerate(found.sectors.names)]
        for name, totals, group in [*groups, ("total", found.total, 0)]:
            row = next(line for line in table if line.startswith(f"| {name} |")).split("|")
            cells = [cell.replace("(±", " ").replace(")", "").split() for cell in row[2:-2]]
            value = [float(cell[0]) for cell in cells]
            half = [float(cell[1]) if len(cell) > 1 else 0.0 for cell in cells]
            assert value == pytest.approx(totals.value[group], rel=0.03, abs=0.06), (year, name)
            assert half == pytest.approx(np.nan_to_num(100 * totals.relative[group]), abs=0.6), (year, name)
            rows = inventory.labels["sector"] == name if name != "total" else slice(None)
            assert inventory.grade is not None
            assert row[-2].strip() == max(inventory.grade[rows])


def test_the_readme_s_cross_checks_are_true() -> None:
    text = (ROOT / "inventories/README.md").read_text(encoding="utf-8")
    table = {
        cells[1].strip(): cells
        for line in text[text.index("| check | unit |") :].splitlines()[2:]
        if len(cells := line.split("|")) == 9
    }
    for column, year in ((4, 2015), (5, 2017)):
        inventory = emis.read_inventory(ROOT / f"inventories/mentougou-{year}")
        for one in evaluate(inventory):
            if not np.isnan(one.here):
                printed = float(table[one.check.name][column].replace(",", ""))
                assert printed == pytest.approx(one.here, rel=0.01), one.check.name


def test_what_the_air_decides_has_a_verdict_with_a_probability() -> None:
    scenario = emis.read_scenario(ROOT / "scenarios/mentougou/full.yaml")
    projection = emis.project(scenario.inventories[2017], scenario)
    found = {one.target: one for one in emis.assess(projection, PLAN.targets)}
    for name in ("T3", "T4", "T6"):
        one = found[name]
        assert one.status in ("MET", "MISSED")
        assert one.probability is not None
        assert 0 <= one.probability <= 1
        assert one.low < one.achieved < one.high
    # A district by itself does not bring 49 ug/m3 about, whatever else is found.
    assert found["T3"].district_alone > found["T3"].with_city > found["T3"].achieved
    assert found["T3"].district_alone > 52
    assert found["T6"].district_alone == found["T6"].achieved


def test_the_shares_of_the_air_are_those_that_were_published() -> None:
    scenario = emis.read_scenario(ROOT / "scenarios/mentougou/full.yaml")
    _, _, parts = scenario.air.observations.composition(2017, "city")
    mass = np.array([one.value for one in parts])
    for receptor, own in (("district", 0.15), ("city", 0.01)):
        district, city, region, background = scenario.air.shares[receptor].value @ mass
        assert 0.26 <= region + background <= 0.42  # regional 34 +- 8 % in 2017
        assert district == pytest.approx(own, abs=0.003)
        assert district + city == pytest.approx(1 - region - background)
