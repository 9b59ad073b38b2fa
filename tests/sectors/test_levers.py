"""Every lever of a sector against numbers worked out by hand, in a table a reviewer can read."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from conftest import Project
from ruamel.yaml import YAML

from emis.sectors import LEVERS, columns_of

TABLE = Path(__file__).parents[1] / "cases" / "levers.csv"
CASES = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


def write(project: Project, case: dict[str, str]) -> None:
    """Write an inventory of the case's source and, where it has one, of its destination; activity 1000."""
    declared = columns_of({case["sector"]})
    stated: dict[str, Any] = YAML(typ="safe").load(case["columns"])
    extra = {f"{name} [{declared[name].unit}]": value for name, value in stated.items() if declared[name].unit}
    extra |= {name: value for name, value in stated.items() if not declared[name].unit}
    labels = {name: case[name] for name in ("category", "fuel", "technology")}
    to = YAML(typ="safe").load(case["to"] or "{}")
    activity, factors = io.StringIO(), io.StringIO()
    rows = csv.DictWriter(activity, ["source", *labels, "activity", "unit", *extra])
    table = csv.DictWriter(factors, [*labels, "pollutant", "factor", "unit"])
    rows.writeheader()
    table.writeheader()
    rows.writerow({"source": "a", **labels, "activity": 1000, "unit": case["unit"], **extra})
    key = {"factor": case["factor"] or "NA", "unit": case["factor_unit"] or "g/km"}
    table.writerow({**labels, "pollutant": case["pollutant"], **key})
    if to:
        unit = "kWh/yr" if to.get("technology") == "heat_pump" else case["unit"]
        rows.writerow({"source": "b", **labels, **to, "activity": 0, "unit": unit})
        key = {"factor": case["to_factor"], "unit": case["to_factor_unit"]}
        table.writerow({**labels, **to, "pollutant": case["pollutant"], **key})
    project.inventory(
        activity=activity.getvalue(),
        factors=factors.getvalue(),
        pollutants=[case["pollutant"]],
        tables=[{"sector": case["sector"], "activity": "activity.csv", "factors": "factors.csv"}],
    )
    do = [YAML(typ="safe").load(case["do"])]
    project.measure("M", do, select={"category": case["category"], "source": "a"})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['lever']}-{case['case'].replace(' ', '-')}")
def test_lever(project: Project, case: dict[str, str]) -> None:
    write(project, case)
    found = project.project().emissions.sel(year=2020).sum() / project.project().emissions_no_plan.sel(year=2020).sum()
    assert float(found) == pytest.approx(float(case["kept"]), rel=1e-6)


def test_every_lever_has_a_case() -> None:
    assert {case["lever"] for case in CASES} == set(LEVERS)
