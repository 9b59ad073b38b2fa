"""Inventory folders that are written: the same emissions to the last digit, activities where labels say factors."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_emission_tables import DANGEROUS, dangerous
from whole_inventory import IDS, NAN, inventory, reported, several_years

import emis
from emis.errors import InputError, Issue
from emis.interchange.converting import read_file, write_file
from emis.interchange.formats import Settings
from emis.interchange.own.arrays import NETCDF
from emis.interchange.own.inventories import INVENTORY
from emis.interchange.series import Series, of_inventory
from emis.inventory import Inventory
from emis.io.outputs import OutputError

ROOT = Path(__file__).parents[2]


def written(series: Series, out: Path, year: int | None = None) -> tuple[Inventory, list[Issue]]:
    _, warnings = write_file([series], INVENTORY, out, Settings(year=year))
    return emis.read_inventory(out), warnings


def test_emissions_are_the_same_to_the_last_digit(tmp_path: Path) -> None:
    for made in (inventory(), reported()):
        found, _ = written(of_inventory(made), tmp_path / "out")
        assert found.labels["source"].tolist() == IDS
        assert np.array_equal(found.emissions, made.emissions, equal_nan=True)
        assert (found.notation == made.notation).all()
        assert (found.name, found.base_year, found.status) == (made.name, 2020, "official")
        assert {name: text for name, text in found.title.items() if text} == made.title
        assert found.profile.tolist() == made.profile.tolist()
        assert found.warnings == () or all("is not read" in one.message for one in found.warnings)


def test_activities_stay_where_factors_follow_from_labels(tmp_path: Path) -> None:
    made = inventory()
    found, warnings = written(of_inventory(made), tmp_path / "out")
    # The car has what a method added to its factor, and the kiln reports tonnes.
    assert found.reported.tolist() == [False, False, True, True, False]
    kept = ~found.reported
    for name in ("activity", "factor", "control", "activity_unit"):
        one, other = getattr(found, name)[kept], getattr(made, name)[kept]
        assert (one == other).all() or np.array_equal(one, other, equal_nan=True), name
    for name, values in made.bounds.items():
        assert np.array_equal(found.bounds[name][kept], values[kept], equal_nan=True), name
    assert found.factor_rows[0].reference == "某文献, 表 3"
    assert "mobile: sources written as tonnes, as their factors do not follow from labels: 1" in str(warnings[0])


@pytest.mark.parametrize("year", [2015, 2017])
def test_a_shipped_inventory_goes_through_netcdf_and_back_to_a_folder(year: int, tmp_path: Path) -> None:
    made = emis.read_inventory(ROOT / f"inventories/mentougou-{year}")
    write_file([of_inventory(made)], NETCDF, tmp_path / "a.nc", Settings())
    found, _ = written(read_file(tmp_path / "a.nc", Settings()).series[0], tmp_path / "out")
    assert np.array_equal(found.emissions, made.emissions, equal_nan=True)
    assert (found.notation == made.notation).all()
    assert np.count_nonzero(~found.reported) > 0.8 * len(made)
    assert all(np.array_equal(found.stocks[n].values, one.values, equal_nan=True) for n, one in made.stocks.items())


def test_check_finds_no_fault(tmp_path: Path, run: Any) -> None:
    written(of_inventory(inventory()), tmp_path / "out")
    found = run("check", tmp_path / "out")
    assert found.exit_code == 0, found.output
    assert "inventory, no faults" in found.output


def test_several_years_stand_in_folders_of_their_own(tmp_path: Path) -> None:
    series = several_years()
    write_file([series], INVENTORY, tmp_path / "out", Settings())
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [".emis-convert", "2020", "2021", "2025"]
    found = emis.read_inventory(tmp_path / "out/2025")
    assert (found.name, found.base_year) == ("tonnes-2025", 2025)
    (back,) = read_file(tmp_path / "out", Settings()).series
    assert back.years == series.years
    assert np.array_equal(back.values, series.values, equal_nan=True)
    (one,) = read_file(tmp_path / "out", Settings(year=2021)).series
    assert one.inventory.base_year == 2021
    with pytest.raises(InputError, match="there is no year 2030; there are 2020, 2021, 2025"):
        read_file(tmp_path / "out", Settings(year=2030))
    write_file([series], INVENTORY, tmp_path / "one", Settings(year=2021))
    assert emis.read_inventory(tmp_path / "one").base_year == 2021


def test_scenarios_stand_in_folders_of_their_own(tmp_path: Path) -> None:
    several = [several_years("Full plan"), several_years("无措施")]
    write_file(several, INVENTORY, tmp_path / "out", Settings(year=2020))
    assert emis.read_inventory(tmp_path / "out/Full-plan").base_year == 2020
    assert emis.read_inventory(tmp_path / "out/无措施").base_year == 2020


def test_years_of_other_sources_are_not_put_together(tmp_path: Path) -> None:
    write_file([several_years()], INVENTORY, tmp_path / "out", Settings())
    yaml = tmp_path / "out/2021/inventory.yaml"
    yaml.write_text(yaml.read_text(encoding="utf-8").replace("  - {sector: coal, emissions: coal.csv}\n", ""), "utf-8")
    with pytest.raises(InputError, match="2020 and 2021 are of other sources or pollutants"):
        read_file(tmp_path / "out", Settings())


def test_a_year_is_needed_and_a_status_is_not_invented(tmp_path: Path) -> None:
    made = reported(base_year=0, status="example", file="a.csv")
    with pytest.raises(InputError, match="does not say its year; say which year: --year"):
        written(of_inventory(made), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    found, warnings = written(of_inventory(made), tmp_path / "out", 2019)
    assert (found.base_year, found.status) == (2019, "reconstruction")
    assert "set `status` in inventory.yaml" in str(warnings[-1])


def test_what_nothing_is_said_of_is_not_estimated(tmp_path: Path) -> None:
    keys = np.full((5, 2), "", dtype=object)
    found, warnings = written(of_inventory(reported(notation=keys)), tmp_path / "out")
    assert "2 cells (source x pollutant) of which nothing is said are written NE" in str(warnings[0])
    assert np.array_equal(np.isnan(found.emissions), np.isnan(reported().emissions))


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="was not written by emis convert"):
        written(of_inventory(reported()), tmp_path / "out")
    assert (tmp_path / "out/thesis.txt").exists()


@pytest.mark.parametrize("start", DANGEROUS)
def test_no_text_is_run_as_a_formula(start: str, tmp_path: Path) -> None:
    written(of_inventory(dangerous(start)), tmp_path / "out")
    for path in (tmp_path / "out").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and cell != "-118.25"]


def test_keys_of_activities_and_of_factors_are_told_apart(tmp_path: Path) -> None:
    made = inventory(
        activity=np.array([0.0, NAN, 1.0, 0.0, 5.0]),
        factor=np.array([[0.002, NAN], [0.002, NAN], [1e-7, 0.0], [0.1, 0.5], [0.0, 0.0]]),
        notation=np.array([["", "NE"], ["C", "C"], ["", "NO"], ["NO", "NO"], ["NA", "NO"]], dtype=object),
        control=np.zeros((5, 2)), added=None, offsite=None, bounds={},
        labels={**inventory().labels, "technology": np.array(["x"] * 5, dtype=object)},
    )  # fmt: skip
    found, _ = written(of_inventory(made), tmp_path / "out")
    assert found.reported.tolist() == [False, False, True, False, False]
    assert (found.notation == made.notation).all()
    assert np.array_equal(found.emissions, made.emissions, equal_nan=True)
    assert found.factor[3].tolist() == [0.1, 0.5]
