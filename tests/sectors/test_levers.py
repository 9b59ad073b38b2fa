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


#: For each lever the arguments that a strength of 0 to 1 makes; all others as in its first case.
STRENGTHS = {
    "wash_roads": lambda s: {"silt_reduction": s},
    "seal_sites": lambda s: {"washed": "100 %", "penetration": s},
    "revegetate": lambda s: {"share": s},
    "cover": lambda s: {"share": s},
    "enclose": lambda s: {"share": s},
    "change_speed": lambda s: {"speed": "60 km/h", "penetration": s},
    "clean_fuel": lambda s: {"sulphur": "10 mg/kg", "penetration": s},
    "electrify": lambda s: {"share": s},
    "scrap": lambda s: {"share": s, "replaced_by": {"technology": "china_6"}},
    "renew": lambda s: {
        "turnover": f"{s}/yr", "from": "2019-01-01", "until": "2020-06-30", "to": {"technology": "china_6"}
    },
    "retrofit": lambda s: {"removes": {"NOx": "60 %"}, "penetration": s},
    "inspect": lambda s: {"non_compliant": "20 %", "excess": {"NOx": 3}, "found": s},
    "capture": lambda s: {"capture": "80 %", "destruction": "90 %", "penetration": s},
    "vapour_recovery": lambda s: {"stage_2": s},
    "substitute": lambda s: {"share": s},
    "low_voc": lambda s: {"factor": {"VOC": "50 g/kg"}, "share": s},
    "heat_pumps": lambda s: {"share": s, "heat_value": "18 GJ/t", "stove_efficiency": "40 %", "cop": 2},
    "quality_coal": lambda s: {"share": s},
    "low_nox_burners": lambda s: {"share": s},
    "purifiers": lambda s: {"share": s},
    "low_protein_feed": lambda s: {"nitrogen": s},
    "manage_manure": lambda s: {"storage": s},
    "cut_fertiliser": lambda s: {"cut": s},
    "ban_burning": lambda s: {"cut": s},
}  # fmt: skip
FIRST = {case["lever"]: case for case in reversed(CASES)}


def left(project: Project, lever: str, strength: float) -> float:
    """Return what a lever leaves of the emissions of its first case."""
    project.plan["measures"] = []
    write(project, {**FIRST[lever], "do": "{}"})
    project.plan["measures"][0]["do"] = [{lever: STRENGTHS[lever](f"{100 * strength:.6f} %")}]
    found = project.project().dataset.sel(year=2020)
    return float(found["emissions"].sum() / found["emissions_no_plan"].sum())


@pytest.mark.parametrize("lever", LEVERS)
def test_a_lever_does_nothing_at_zero_and_never_less_when_stronger(project: Project, lever: str) -> None:
    found = [left(project, lever, strength) for strength in (0, 0.1, 0.35, 0.7, 1)]
    assert found[0] == pytest.approx(1, abs=1e-12)
    assert all(after <= before + 1e-12 for before, after in zip(found, found[1:], strict=False))
    assert found[-1] < 1


@pytest.mark.parametrize("lever", LEVERS)
def test_a_lever_refuses_what_it_does_not_know_and_what_is_missing(project: Project, lever: str) -> None:
    write(project, {**FIRST[lever], "do": "{}"})
    right = STRENGTHS[lever]("50 %")
    for wrong in ({**right, "colour": "red"}, {}):
        project.plan["measures"][0]["do"] = [{lever: wrong}]
        assert "plan.yaml" in project.faults()
