"""netCDF and Zarr: every field of an inventory comes back to the bit, by the rules of CF that a checker checks."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import xarray as xr
from whole_inventory import differing, inventory, reported, same, several_years

import emis
from emis.errors import InputError
from emis.interchange.converting import read_file, write_file
from emis.interchange.formats import Format, Settings
from emis.interchange.own.arrays import NETCDF, ZARR
from emis.interchange.series import Series, of_inventory
from emis.io.cf import cf_unit, variable_names

BOTH = pytest.mark.parametrize("kind", [NETCDF, ZARR], ids=["netcdf", "zarr"])


def written(series: Series, kind: Format, folder: Path, *more: Series) -> Path:
    path = folder / f"out{kind.suffix}"
    write_file([series, *more], kind, path, Settings())
    return path


@BOTH
def test_an_inventory_comes_back_to_the_bit(kind: Format, tmp_path: Path) -> None:
    for made in (inventory(), reported()):
        path = written(of_inventory(made), kind, tmp_path)
        assert differing(made, emis.read_inventory(path), ("file",)) == []


@BOTH
def test_what_is_not_there_stays_away(kind: Format, tmp_path: Path) -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        "offsite computed added factor_row basis basis_cv notation reference grade".split()
    )
    empty: dict[str, Any] = {
        name: {} for name in ("profiles", "stocks", "columns", "bounds", "points", "attributes", "title")
    }
    made = inventory(**nothing, **empty, factor_rows=(), places=(), cross_checks=())
    assert differing(made, emis.read_inventory(written(of_inventory(made), kind, tmp_path)), ("file",)) == []


@BOTH
def test_years_a_scenario_and_notes_come_back(kind: Format, tmp_path: Path) -> None:
    series = several_years("plan")
    series = replace(series, model="GAINS", no_plan=series.values * 2, notes=("a", "b\n"))
    (back,) = read_file(written(series, kind, tmp_path), Settings()).series
    for name in ("years", "values", "keys", "scenario", "model", "no_plan", "notes"):
        assert same(getattr(series, name), getattr(back, name)), name


@BOTH
def test_several_scenarios_stand_in_groups(kind: Format, tmp_path: Path) -> None:
    path = written(several_years("one"), kind, tmp_path, several_years("two/三"))
    assert [one.scenario for one in read_file(path, Settings()).series] == ["one", "two/三"]
    assert [one.scenario for one in read_file(path, Settings(scenario="one")).series] == ["one"]
    with pytest.raises(InputError, match="holds 2 scenarios"):
        emis.read_inventory(path)


@BOTH
def test_a_year_is_taken(kind: Format, tmp_path: Path) -> None:
    series = several_years()
    path = written(series, kind, tmp_path)
    (back,) = read_file(path, Settings(year=2025)).series
    assert back.years == (2025,)
    assert np.array_equal(back.values[0], series.values[2], equal_nan=True)
    with pytest.raises(InputError, match="there is no year 2030; there are 2020, 2021, 2025"):
        read_file(path, Settings(year=2030))


def test_a_scenario_names_a_file_of_arrays(project: Any, run: Any) -> None:
    project.inventory()
    project.measure("A1", [{"scale": {"activity": "-10 %"}}])
    whole = emis.read_inventory(project.root / "inventories/2017")
    found = run("run", project.write(), "-o", "folder", "--samples", 1)
    assert found.exit_code == 0, found.output
    for kind in (NETCDF, ZARR):
        path = project.root / "inventories" / f"arrays{kind.suffix}"
        write_file([of_inventory(whole)], kind, path, Settings())
        project.scenario["inventories"] = {2017: f"../inventories/{path.name}"}
        scenario = emis.read_scenario(project.write())
        assert same(scenario.inventories[2017].emissions, whole.emissions)
        found = run("run", project.path, "-o", kind.name, "--samples", 1)
        assert found.exit_code == 0, found.output
        tables = [(run.folder / name / "contributions.csv").read_text("utf-8") for name in ("folder", kind.name)]
        assert tables[0] == tables[1]


def test_zarr_replaces_what_it_wrote_and_nothing_else(tmp_path: Path) -> None:
    path = written(of_inventory(inventory()), ZARR, tmp_path)
    written(of_inventory(inventory(name="again")), ZARR, tmp_path)
    assert emis.read_inventory(path).name == "again"
    assert not (path / ".emis-convert").exists()
    xr.Dataset({"x": ("a", [1.0])}).to_zarr(tmp_path / "other.zarr", zarr_format=2)
    with pytest.raises(emis.EmisError, match="was not written by emis convert"):
        write_file([of_inventory(inventory())], ZARR, tmp_path / "other.zarr", Settings())


def _first(variable: Any, text: str) -> None:
    """Write a text where characters stand."""
    variable.set_auto_chartostring(False)
    variable[0] = np.array(list(text.ljust(variable.shape[1], "\0")), dtype="S1")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda file: file.setncattr("emis", "other/1"), "is no inventory of emis"),
        (
            lambda file: file.setncattr("inventory_status", "oficial"),
            "did you mean 'official'?",
        ),
        (lambda file: file.setncattr("titles", "{"), "titles: is not the JSON"),
        (lambda file: file.delncattr("base_year"), "base_year: is no year"),
        (lambda file: file.renameVariable("factor", "factors"), "factor: is missing"),
        (lambda file: file["activity"].__setitem__(0, -1.0), "activity: holds amounts that are negative"),
        (lambda file: _first(file["source"], "zz"), "source: is not sorted"),
        (lambda file: file["notation"].__setitem__((0, 0), 9), "notation: holds flags beyond 0 to 5"),
        (lambda file: file["factor_row"].__setitem__((0, 0), 7), "factor_row: names a row of 2"),
    ],
)
def test_faults_name_the_variable(change: Any, told: str, tmp_path: Path) -> None:
    path = written(of_inventory(inventory()), NETCDF, tmp_path)
    with netCDF4.Dataset(path, "a") as file:
        change(file)
    with pytest.raises(InputError) as error:
        emis.read_inventory(path)
    assert told in str(error.value)


def test_a_damaged_file_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    path.write_bytes(b"CDF\x01 and no more")
    with pytest.raises(InputError, match="cannot be read"):
        emis.read_inventory(path)


@pytest.mark.parametrize("group", ["", "scenario_2"])
def test_the_rules_of_cf(group: str, tmp_path: Path) -> None:
    more = [several_years("b")] if group else []
    path = written(of_inventory(inventory(), "a"), NETCDF, tmp_path, *more)
    with netCDF4.Dataset(path) as file:
        assert file.Conventions == "CF-1.11"
        place = file[group] if group else file
        for name in ("title", "institution", "source", "history", "references"):
            assert place.getncattr(name)
        for name, variable in place.variables.items():
            assert name.isidentifier()
            assert name.isascii()
            assert variable.long_name
            text = variable.dtype is str
            assert text or variable.dtype.kind != "f" or variable.units
            # A coordinate is a number that ascends, without a value for what is missing; or a label of characters.
            assert not (text and name in place.dimensions)
            if name in place.dimensions and variable.ndim == 1:
                assert "_FillValue" not in variable.ncattrs()
                assert np.all(np.diff(variable[:]) > 0)
            if "flag_values" in variable.ncattrs():
                assert variable.flag_values.dtype == variable.dtype
                assert len(variable.flag_meanings.split()) == len(variable.flag_values)
            for other in getattr(variable, "coordinates", "").split():
                assert set(place[other].dimensions) <= set(variable.dimensions)
        assert len({name.lower() for name in place.variables}) == len(place.variables)
        assert "sector" in place["emissions"].coordinates.split()
        assert place["emissions"].ancillary_variables == "emissions_notation"
        # The standard names for emission are of fluxes per area, which tonnes of a source are not.
        assert "standard_name" not in place["emissions"].ncattrs()
        assert place["lon"].standard_name == "longitude"


@pytest.mark.skipif("EMIS_CFCHECKER" not in os.environ, reason="EMIS_CFCHECKER names the compliance-checker of IOOS")
def test_a_checker_passes_the_file(tmp_path: Path) -> None:
    path = written(of_inventory(inventory()), NETCDF, tmp_path)
    found = subprocess.run(
        [os.environ["EMIS_CFCHECKER"], "-t", "cf:1.11", path], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "All tests passed!" in found.stdout
    assert "exceptions" not in found.stdout + found.stderr


def test_units_as_udunits_spells_them() -> None:
    assert [cf_unit(text) for text in ("g/m^2", "km/h", "kWh/km", "%", "degC", "ha", "vehicle", "万t")] == [
        "g m-2", "km h-1", "kW h km-1", "1", "degree_Celsius", "hectare", "", "",
    ]  # fmt: skip


def test_names_of_variables_are_distinct() -> None:
    assert variable_names("a", ["x", "X", "户", "辆", "a-b"]) == {
        "x": "a_x", "X": "a_X_2", "户": "a_x_3", "辆": "a_x_4", "a-b": "a_a_b",
    }  # fmt: skip


@pytest.mark.parametrize("kept", [0, 0.5])
def test_a_chunk_that_is_lost_or_cut_short_is_a_fault(kept: float, tmp_path: Path) -> None:
    path = written(of_inventory(reported()), ZARR, tmp_path)
    chunk = path / "emissions" / "0.0.0"
    raw = chunk.read_bytes()
    chunk.write_bytes(raw[: int(len(raw) * kept)]) if kept else chunk.unlink()
    for read in (lambda: read_file(path, Settings()), lambda: emis.read_inventory(path)):
        with pytest.raises(InputError, match="a part of it is lost or damaged"):
            read()
