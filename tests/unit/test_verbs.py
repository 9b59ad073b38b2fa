"""Every verb against numbers worked out by hand, in a table a reviewer can read."""

import csv
from pathlib import Path

import pytest
from conftest import Project
from ruamel.yaml import YAML

TABLE = Path(__file__).parents[1] / "cases" / "verbs.csv"
CASES = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['verb']}-{case['case'].replace(' ', '-')}")
def test_verb(project: Project, case: dict[str, str]) -> None:
    project.inventory(
        activity="source,category,fuel,technology,activity,unit,households\n"
        f"coal/stove/coal/old,stove,coal,old,{case['activity']},t/yr,500\ncoal/stove/coal/new,stove,coal,new,0,t/yr,0\n",
        factors="category,fuel,technology,pollutant,factor,unit,control\n"
        f"stove,coal,old,NOx,{case['factor']},kg/t,{case['control']}\nstove,coal,new,NOx,0.5,kg/t,0\n",
    )
    project.measure("M", [YAML(typ="safe").load(case["do"])])
    found = project.project().dataset.sel(year=2020)
    old, new = found.sel(source="coal/stove/coal/old"), found.sel(source="coal/stove/coal/new")
    assert float(old["activity"]) == pytest.approx(float(case["kept_activity"]), rel=1e-12)
    assert 1000 * float(old["emissions"].sum()) == pytest.approx(float(case["kept_kg"]), rel=1e-12)
    assert float(new["activity"]) == pytest.approx(float(case["arrived_activity"]), rel=1e-12)
    assert 1000 * float(new["emissions"].sum()) == pytest.approx(float(case["arrived_kg"]), rel=1e-12)


def test_every_verb_has_a_case() -> None:
    from emis.measures import Effect
    from emis.sectors import LEVERS

    assert {case["verb"] for case in CASES} | set(LEVERS) == set(Effect.verbs)
