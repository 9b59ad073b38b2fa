"""Files as their models read them: dimensions, attributes, names and units by their conventions."""

from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from gridding_case import converted, edited, example

from emis.grid_settings import Grid
from emis.interchange.gridding.plane import Plane

pytest.importorskip("shapely")
pytest.importorskip("pyproj")

#: The global attributes of a gridded file of the I/O API, in its order, and their types in the file.
IOAPI = {
    "IOAPI_VERSION": str, "EXEC_ID": str, "FTYPE": "i4", "CDATE": "i4", "CTIME": "i4", "WDATE": "i4", "WTIME": "i4",
    "SDATE": "i4", "STIME": "i4", "TSTEP": "i4", "NTHIK": "i4", "NCOLS": "i4", "NROWS": "i4", "NLAYS": "i4",
    "NVARS": "i4", "GDTYP": "i4", "P_ALP": "f8", "P_BET": "f8", "P_GAM": "f8", "XCENT": "f8", "YCENT": "f8",
    "XORIG": "f8", "YORIG": "f8", "XCELL": "f8", "YCELL": "f8", "VGTYP": "i4", "VGTOP": "f4", "VGLVLS": "f4",
    "GDNAM": str, "UPNAM": str, "VAR-LIST": str, "FILEDESC": str, "HISTORY": str,
}  # fmt: skip


def test_a_models3_file_says_what_the_io_api_says(tmp_path: Path) -> None:
    path, told, _ = converted(example(tmp_path), "cmaq")
    with netCDF4.Dataset(path) as file:
        assert file.data_model == "NETCDF3_64BIT_OFFSET"
        assert {name: len(one) for name, one in file.dimensions.items()} == {
            "TSTEP": 25, "DATE-TIME": 2, "LAY": 1, "VAR": 13, "ROW": 6, "COL": 6,
        }  # fmt: skip
        assert file.dimensions["TSTEP"].isunlimited()
        assert file.ncattrs() == list(IOAPI)
        for name, kind in IOAPI.items():
            value = file.getncattr(name)
            assert isinstance(value, str) if kind is str else np.asarray(value).dtype == kind, name
        names = [name for name in file.variables if name != "TFLAG"]
        listed = file.getncattr("VAR-LIST")
        assert (
            [listed[at : at + 16].strip() for at in range(0, len(listed), 16)] == names == list(told.record["species"])
        )
        assert (file.FTYPE, file.GDTYP, file.TSTEP, file.NVARS) == (1, 2, 10000, 13)
        assert (file.SDATE, file.STIME, file.XORIG, file.XCELL) == (2017002, 0, -9000, 3000)
        assert (file.P_ALP, file.P_BET, file.P_GAM, file.XCENT, file.YCENT) == (25, 47, 116, 116, 40)
        assert (file.VGTYP, len(file.VGLVLS)) == (-9999, 2)
        assert (len(file.GDNAM), len(file.UPNAM), len(file.FILEDESC) % 80) == (16, 16, 0)
        assert "an example, not a real inventory" in file.FILEDESC
        flags = file.variables["TFLAG"]
        assert flags.dimensions == ("TSTEP", "VAR", "DATE-TIME")
        assert flags[0].tolist() == [[2017002, 0]] * 13
        assert flags[23, 0].tolist() == [2017002, 230000]
        assert flags[24, 0].tolist() == [2017003, 0]
        for name in names:
            one = file.variables[name]
            assert (one.dtype, one.dimensions) == (np.float32, ("TSTEP", "LAY", "ROW", "COL"))
            assert (len(one.long_name), len(one.units), len(one.var_desc)) == (16, 16, 80)
            assert one.units.strip() == ("g/s" if name.startswith("P") and name != "PAR" else "moles/s")


def test_xcent_is_the_meridian_whatever_the_centre(tmp_path: Path) -> None:
    # PseudoNetCDF and others read XCENT for the meridian; a file that has x count from it is read alike by all.
    folder = edited(tmp_path, grid_yaml=("p_gam: 116", "p_gam: 110"))
    path, _, _ = converted(folder, "cmaq")
    from pyproj import Proj

    with netCDF4.Dataset(path) as file:
        assert file.XCENT == file.P_GAM == 110
        found = Proj(proj="lcc", lat_1=25, lat_2=47, lat_0=file.YCENT, lon_0=110, R=6370000)
        lon, lat = found(file.XORIG + 1500, file.YORIG + 1500, inverse=True)
    grid = {"lambert": {"p_alp": 25, "p_bet": 47, "p_gam": 110, "xcent": 116, "ycent": 40}}
    one = Plane(Grid.model_validate({"projection": grid, "origin": "centred", "cell": "3 km", "nx": 6, "ny": 6}))
    assert (lon, lat) == pytest.approx((one.lonlat[0][0, 0], one.lonlat[1][0, 0]), abs=1e-9)


def test_layers_have_their_sigma(tmp_path: Path) -> None:
    layers = "ny: 6\n  layers: {count: 2, sigma: [1.0, 0.995, 0.99], top: 50 hPa}"
    path, _, _ = converted(edited(tmp_path, grid_yaml=("ny: 6", layers)), "cmaq")
    with netCDF4.Dataset(path) as file:
        assert (file.NLAYS, file.VGTYP, float(file.VGTOP)) == (2, 7, 5000)
        assert file.VGLVLS.tolist() == pytest.approx([1, 0.995, 0.99])


def test_wrfchemi_files_are_those_of_the_registry(tmp_path: Path) -> None:
    folder, _, warnings = converted(example(tmp_path), "wrf", "wrf")
    assert any("the last file holds 1 of 24 frames" in one for one in warnings)
    names = sorted(path.name for path in folder.glob("wrfchemi*"))
    assert names == ["wrfchemi_d01_2017-01-02_00:00:00", "wrfchemi_d01_2017-01-03_00:00:00"]
    with netCDF4.Dataset(folder / names[0]) as file:
        assert file.data_model == "NETCDF3_64BIT_OFFSET"
        assert (file.MAP_PROJ, file.DX, file.TRUELAT1, file.STAND_LON, file.CEN_LAT) == (1, 3000, 25, 116, 40)
        assert file.getncattr("WEST-EAST_GRID_DIMENSION") == 7
        assert file.START_DATE == "2017-01-02_00:00:00"
        assert "V4." in file.TITLE
        assert b"".join(file.variables["Times"][23].data) == b"2017-01-02_23:00:00"
        gas, dust = file.variables["E_NO"], file.variables["E_PMC"]
        assert gas.dimensions == ("Time", "emissions_zdim_stag", "south_north", "west_east")
        assert (gas.units, dust.units) == ("mol km^-2 hr^-1", "ug/m3 m/s")
        assert (gas.MemoryOrder, gas.FieldType, gas.stagger, gas.coordinates) == ("XYZ", 104, "Z", "XLONG XLAT")
        assert file.variables["XLAT"][0].mean() == pytest.approx(40, abs=1e-3)


def test_two_files_of_twelve_hours_hold_a_day(tmp_path: Path) -> None:
    folder = edited(tmp_path, grid_yaml=("hours: 25 ", "hours: 24 "))
    path = folder / "grid.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "wrf: {io_style: 1, domain: 2}\n", encoding="utf-8")
    wrf, told, warnings = converted(folder, "wrf", "wrf")
    assert warnings == []
    assert sorted(one.name for one in wrf.glob("wrfchemi*")) == ["wrfchemi_00z_d02", "wrfchemi_12z_d02"]
    grid = {"lambert": {"p_alp": 25, "p_bet": 47, "p_gam": 116, "xcent": 116, "ycent": 40}}
    one = Plane(Grid.model_validate({"projection": grid, "origin": "centred", "cell": "3 km", "nx": 6, "ny": 6}))
    areas, total = one.areas / 1e6, 0.0
    for one, clock in zip(sorted(wrf.glob("wrfchemi*")), ("00", "12"), strict=True):
        with netCDF4.Dataset(one) as file:
            assert b"".join(file.variables["Times"][0].data) == f"2017-01-02_{clock}:00:00".encode()
            assert len(file.dimensions["Time"]) == 12
            total += float((file.variables["E_CO"][:].astype(float) * areas).sum())
    assert total == pytest.approx(told.record["species"]["CO"]["written"], rel=1e-6)


def test_a_cf_file_has_what_the_conventions_ask(tmp_path: Path) -> None:
    path, _, _ = converted(example(tmp_path), "grid", "cf.nc")
    with xr.open_dataset(path) as found:
        assert found.attrs["Conventions"] == "CF-1.8"
        assert "NOx: inventory 332 t = grid 332 t" in found.attrs["comment"]
        fine = found["emission_PM2p5"]
        assert fine.dims == ("time", "y", "x")
        assert fine.attrs["units"] == "kg m-2 s-1"
        assert fine.attrs["standard_name"] == (
            "tendency_of_atmosphere_mass_content_of_pm2p5_dry_aerosol_particles_due_to_emission"
        )
        assert "standard_name" not in found["emission_NOx"].attrs
        assert found["crs"].attrs["grid_mapping_name"] == "lambert_conformal_conic"
        assert set(fine.coords) == {"time", "y", "x", "lat", "lon"}
        assert found["time"].values[0] == np.datetime64("2017-01-02T00:30")
        assert float(found["cell_area"].mean()) == pytest.approx(9e6, rel=0.05)


def test_the_command_line_has_the_grid(run, tmp_path: Path) -> None:
    folder = example(tmp_path / "town")
    args = ["convert", str(folder / "inventory.csv"), str(folder / "out.nc"), "--to", "cmaq", "--year", "2017"]
    found = run(*args, "--grid", str(folder / "grid.yaml"))
    assert found.exit_code == 0, found.output
    assert "PM2.5: inventory 82.2 t = grid 82.2 t + outside 0 t" in found.output
    assert "NO: " in found.output
    lacking = run(*args)
    assert lacking.exit_code == 3
    assert "--grid grid.yaml" in lacking.output


def test_what_selects_nothing_is_told(tmp_path: Path) -> None:
    folder = edited(tmp_path, grid_yaml=("{sector: coal}", "{sector: cool}"))
    _, _, warnings = converted(folder, "cmaq")
    assert any("temporal.profiles.1.select: selects no source: sector: cool" in one for one in warnings)
    assert any("did you mean 'coal'?" in one for one in warnings)


def test_there_is_a_schema_for_editors(run) -> None:
    found = run("schema", "grid", "--json")
    assert found.exit_code == 0
    assert '"grid/1"' in found.output
