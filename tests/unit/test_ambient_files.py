"""Matrices and surfaces of the user's own, files of a result, and what is printed of the air."""

import csv
from pathlib import Path
from typing import Any

import ambient_case
import pytest
import xarray as xr
from ambient_case import OBSERVED, SURFACE, composition, dusty, finding, own_matrix, target, verdict, write
from conftest import Command, Project
from rich.console import Console

import emis
from emis import console
from emis.ambient.results import ambient_air
from emis.showing_air import print_air

air = ambient_case.air


# -- models from files -----------------------------------------------------------------------------------------------


def test_a_matrix_and_a_surface_of_the_users_own(air: Project) -> None:
    write(air, "matrix.csv", own_matrix())
    write(air, "surface.csv", SURFACE)
    models = ["source_receptor", "response_surface"]
    air.scenario["air_quality"].update(models=models, matrix="matrix.csv", surface="surface.csv")
    found = finding(air)
    assert found.models == pytest.approx({"source_receptor": 46.2, "response_surface": 46.2, "proportional": 46.2})
    assert "all local PM2.5 were its own" not in verdict(air).reason
    assert "city and region would have to emit" in verdict(air).reason
    # The district halves its coal: beyond neither what the slopes nor what the surface was made from.
    assert not any("further than" in one or "outside the box" in one for one, _ in found.remarks)


def test_a_surface_is_fitted_and_says_how_far_it_is_off(air: Project) -> None:
    runs = "district.BC,city.BC,PM2.5 [ug/m^3]\n1,1,30\n0.5,1,27\n0.7,0.8,25.8\n1.2,0.6,26.4\n0.8,0.5,22.8\n"
    write(air, "runs.csv", runs)
    basis = ["district.BC", "city.BC"]
    air.scenario["air_quality"].update(models=["response_surface"], surface={"runs": "runs.csv", "basis": basis})
    found = finding(air)
    # Half of 60 ug/m3 is modelled: 6 and 12 of 30 are the district's and the city's, the region's are not in the runs.
    assert found.value == pytest.approx(60 - 0.5 * 12 - 0.25 * 24)
    said = [one for one, _ in found.remarks if one.startswith("response_surface")]
    assert any("off the runs it has not seen by" in one for one in said)
    assert any("no terms of" in one for one in said)
    air.scenario["air_quality"]["surface"]["basis"] = ["district.BC", "district.BC^2", "city.BC", "city.BC^2", "NOx"]
    assert "the runs have no" in air.faults()


# -- files of a result -----------------------------------------------------------------------------------------------


def test_hindcast_and_tables_of_a_result(air: Project, run: Command) -> None:
    rows = "2017,district,PM2.5,60,ug/m^3,,,test,A\n2020,district,PM2.5,40,ug/m^3,,,test,A\n" + composition()
    write(air, "air-quality.csv", OBSERVED + rows)
    air.scenario["air_quality"]["hindcast"] = True
    found = run("run", air.write(), "-o", "out", "--samples", "500")
    assert found.exit_code == 0, found.output
    for said in ("In the air: who brings it about", "Hindcast", "+6.2 µg/m³"):
        assert said in found.stdout, said
    line = next(line for line in found.stdout.splitlines() if line.split()[:2] == ["T", "µg/m³"])
    assert line.split()[2:7] == ["60", "54", "48", "46.2", "49"]
    folder = Path(run.folder / "out")
    (row,) = csv.DictReader((folder / "verdicts.csv").read_text(encoding="utf-8").splitlines())
    assert float(row["district_alone"]) == pytest.approx(54)
    assert float(row["with_city"]) == pytest.approx(48)
    assert 0 < float(row["probability"]) < 1
    table = list(csv.DictReader((folder / "air-quality.csv").read_text(encoding="utf-8").splitlines()))
    assert {one["scope"] for one in table if one["quantity"] == "concentration"} >= {"district", "with_city"}
    past = [(one["by"], one["quantity"], one["area"], one["model"], one["value"]) for one in table if not one["target"]]
    assert [one[:4] for one in past] == [("2020", "PM2.5", "district", one) for one in ("rollback", "observed")]
    assert [float(one[4]) for one in past] == pytest.approx([46.2, 40])
    with xr.open_dataset(folder / "projection.nc") as data:
        assert data["pm25"].sel(model="rollback", scope="with_region", air_year=2020).item() == pytest.approx(46.2)
        assert data["air_value"].sel(air_target="T", scope="district").item() == pytest.approx(54)
        assert data["air_probability"].item() == pytest.approx(float(row["probability"]))


def test_a_chinese_reader_gets_chinese(air: Project) -> None:
    projection = air.project()
    reason = emis.assess(projection, projection.scenario.plan.targets, "zh")[0].reason
    assert "本区完成计划后" in reason
    assert "city and region" not in reason


def test_models_and_quantities_are_named_in_chinese(air: Project) -> None:
    air.scenario["air_quality"]["models"] = ["source_receptor"]
    projection = air.project()
    reason = emis.assess(projection, projection.scenario.plan.targets, "zh")[0].reason
    assert "源–受体矩阵 " in reason
    assert "source_receptor" not in reason
    target(air, "dustfall", at_most="5 t/(km^2*month)")
    projection = air.project()
    reason = emis.assess(projection, projection.scenario.plan.targets, "zh")[0].reason
    assert "缺少本区 2017 年数据：降尘量" in reason


@pytest.mark.parametrize("width", [100, 112, 125, 140])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_table_keeps_its_first_column(air: Project, width: int, lang: Any) -> None:
    dusty(air)
    name = "T-dustfall-of-the-whole-district-by-2020"
    air.plan["targets"] = [
        {"id": name, "indicator": "dustfall", "at_most": "5 t/(km^2*month)", "by": 2020},
        {"id": "T2", "indicator": "dustfall", "at_most": "60000 kg/(km^2*yr)", "by": 2020},
    ]
    projection = air.project()
    found = ambient_air(projection, projection.scenario.plan.targets)
    out = Console(width=width, record=True, highlight=False)
    print_air(out, emis.assess(projection, projection.scenario.plan.targets, lang, found), lang, found)
    text = out.export_text()
    assert name in text
    assert "t/(km²·month)" in text
    assert "kg/(km²·yr)" in text
    assert "…" not in text


def test_numbers_of_nothing_have_no_sign() -> None:
    assert console.amount(-0.0004, "%") == "0 %"
    assert console.amount(-0.0004, "%", signed=True) == "0 pp"
    assert console.amount(-2.5, "day") == "−2.5 days"
    assert console.amount(7, "day", lang="zh") == "7 天"
