"""CoST's Strategy Detailed Result: a row for each source, measure and pollutant, which add up."""

import csv
from pathlib import Path

import numpy as np
import pytest
from conftest import Command
from test_ff10 import _case

import emis
from emis.interchange.converting import read_file, write_file
from emis.interchange.flat.cost import COLUMNS
from emis.interchange.formats import Settings
from emis.interchange.registry import FORMATS
from emis.units import SHORT_TON

EXAMPLE = Path(__file__).parents[2] / "scenarios" / "mentougou" / "full.yaml"


def _rows(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def test_the_columns_are_those_of_cost_and_ours() -> None:
    assert len(COLUMNS) == len(set(COLUMNS)) == 88 + 4
    assert COLUMNS[:9] == (
        "disable", "cm_abbrev", "poll", "scc", "region_cd", "facility_id", "unit_id", "rel_point_id", "process_id",
    )  # fmt: skip
    assert COLUMNS[29:33] == ("inv_emissions", "apply_order", "input_emis", "output_emis")
    assert COLUMNS[-4:] == ("emis_shapley", "emis_alone", "emis_last", "emis_source")


def test_measures_of_a_source(run: Command) -> None:
    result = run("convert", _case(run.folder), "out.csv", "--to", "cost")
    assert result.exit_code == 0, result.output
    rows = {(row["poll"], row["cm_abbrev"]): row for row in _rows(run.folder / "out.csv")}
    assert sorted(rows) == [("71432", "LESS"), ("NOX", "LESS"), ("NOX", "SCR")]
    first, second = rows["NOX", "LESS"], rows["NOX", "SCR"]
    grown = 100 * 1.04**3
    for name, value in {
        "inv_emissions": 100, "input_emis": grown, "final_emissions": grown * 0.54, "ctl_emis_reduction": grown * 0.1,
        "eff_emis_reduction": grown * 0.1 * 0.8, "emis_shapley": -grown * 0.1 * 0.8, "emis_alone": -grown * 0.1,
        "emis_last": -grown * 0.06, "percent_reduction": 10, "adj_factor": 1.04**3, "inv_ctrl_eff": 50,
    }.items():  # fmt: skip
        assert np.isclose(float(first[name]), value), name
    assert np.isclose(float(second["output_emis"]), float(second["final_emissions"]))
    assert [second[name] for name in ("apply_order", "control_eff", "rule_pen", "rule_eff", "replacement_addon")] == [
        "2", "80", "50", "100", "A",
    ]  # fmt: skip
    assert first["control_eff"] == ""
    assert [second[name] for name in ("fipsst", "fipscty", "scc", "facility_id", "facility", "xloc", "sector")] == [
        "06", "001", "10100201", "F1", "Plant, No. 1", "-121.5", "power",
    ]  # fmt: skip
    assert second["emis_source"] == "power/10100201/06001/F1/U1/S1/1"
    assert "costs are blank" in (run.folder / "out.csv").read_text()


def test_the_shares_of_the_example_add_up(tmp_path: Path) -> None:
    found = read_file(EXAMPLE, Settings())
    _, warnings = write_file(found.series, FORMATS["cost"], tmp_path / "out.csv", Settings())
    assert any("sources have no region" in str(one) for one in warnings)
    rows = _rows(tmp_path / "out.csv")
    last = {(row["source_id"], row["poll"]): row for row in rows}
    for row in last.values():
        final = float(row["final_emissions"])
        assert np.isclose(float(row["output_emis"]), final, rtol=1e-9, atol=1e-9)
    series = found.series[0]
    assert series.no_plan is not None
    year = series.years.index(2020)
    p = series.pollutants.index("NOx")
    change = np.nansum(series.values[year, :, p] - series.no_plan[year, :, p])
    shapley = sum(float(row["emis_shapley"]) for row in rows if row["poll"] == "NOX")
    assert np.isclose(shapley * SHORT_TON, change)


def test_without_a_plan_there_is_nothing_to_tell(run: Command) -> None:
    path = _case(run.folder)
    result = run("convert", "points.csv", "out.csv", "--to", "cost")
    assert result.exit_code == 3
    assert "there is no plan in what was read" in result.output
    assert "convert the scenario" in result.output
    result = run("convert", path, "out.csv", "--to", "cost", "--year", "2017")
    assert "no measure acts in 2017; name one of 2020 with --year" in result.output
    assert not (run.folder / "out.csv").exists()


def test_what_is_not_estimated_is_told(tmp_path: Path) -> None:
    _case(tmp_path)
    (tmp_path / "points.csv").write_text("source,sector,category,scc,NOx [t/yr],SO2 [t/yr]\npower/a,power,10,1,NE,4\n")
    found = read_file(tmp_path / "full.yaml", Settings())
    _, warnings = write_file(found.series, FORMATS["cost"], tmp_path / "out.csv", Settings())
    assert any("are not estimated for a pollutant, and have no row" in str(one) for one in warnings)
    assert {row["poll"] for row in _rows(tmp_path / "out.csv")} == {"SO2"}


def test_it_is_not_read(run: Command) -> None:
    run("convert", _case(run.folder), "out.csv", "--to", "cost")
    with pytest.raises(emis.InputError):
        read_file(run.folder / "out.csv", Settings())
