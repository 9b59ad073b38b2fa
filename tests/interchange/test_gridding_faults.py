"""What is wrong with a grid, or has no place on it, is told with its file, its line and its tonnes; nothing is lost."""

import json
import sys

import numpy as np
import pytest
from gridding_case import LAMBERT, converted, edited, example, geojson, laid, series

from emis.errors import InputError
from emis.io.outputs import OutputError

pytest.importorskip("shapely")
pytest.importorskip("pyproj")

NINE = f"grid: {{projection: {LAMBERT}, origin: centred, cell: 3 km, nx: 3, ny: 3}}\n"
SQUARE = [(115.97, 39.98), (116.03, 39.98), (116.03, 40.02), (115.97, 40.02)]


def faults(folder, to: str = "cmaq", out: str = "out.nc", **settings) -> list[str]:
    with pytest.raises(InputError) as error:
        converted(folder, to, out, **settings)
    assert not (folder / out).exists()
    return [str(one) for one in error.value.issues]


def test_sources_without_a_place_are_told_by_region_with_their_tonnes(tmp_path) -> None:
    folder = edited(
        tmp_path,
        grid_yaml=("{areas: towns.geojson, weight: people}", "{select: {sector: mobile}, areas: towns.geojson}"),
    )
    found = faults(folder)
    assert len(found) == 1
    assert "inventory.csv:2 region: 2 sources of the region 'hill' have no place: SO2 70 t, NOx 12 t" in found[0]
    assert "PM2.5 60 t" in found[0]
    assert "fallback" in found[0]


def test_a_fallback_says_where_they_go(tmp_path) -> None:
    folder = edited(
        tmp_path,
        grid_yaml=("{areas: towns.geojson, weight: people}", "{select: {sector: mobile}, areas: towns.geojson}"),
    )
    path = folder / "grid.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "fallback: {areas: towns.geojson}\n", encoding="utf-8")
    _, told, _ = converted(folder, "cmaq")
    assert told.record["balance"]["NH3"] == {"inventory": 46.7, "grid": pytest.approx(46.7), "outside": 0,
                                             "residual": pytest.approx(0, abs=1e-9)}  # fmt: skip


def test_what_lies_outside_is_a_fault_or_is_told(tmp_path) -> None:
    folder = edited(tmp_path, grid_yaml=("nx: 6\n  ny: 6", "nx: 4\n  ny: 4"))
    found = faults(folder)
    assert all("are outside the grid; enlarge the grid, or write outside: report" in one for one in found)
    assert {"hill", "river"} == {name for name in ("hill", "river") for one in found if f"region '{name}'" in one}
    path = folder / "grid.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("outside: error", "outside: report"), encoding="utf-8")
    _, told, warnings = converted(folder, "cmaq")
    assert sum("are outside the grid" in one for one in warnings) >= 2
    for one in told.record["balance"].values():
        assert one["outside"] > 0
        assert abs(one["inventory"] - one["grid"] - one["outside"]) <= 1e-9 * one["inventory"]


def test_what_is_not_known_is_a_fault_or_left_out_and_told(tmp_path) -> None:
    folder = edited(tmp_path, inventory_csv=("river,,,64,", "river,,,NE,"))
    found = faults(folder)
    assert len(found) == 1
    assert "inventory.csv:6 NOx: NOx of 1 sources is not known (NE or C)" in found[0]
    path = folder / "grid.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "unknown: leave_out\n", encoding="utf-8")
    _, told, _ = converted(folder, "cmaq")
    assert told.record["balance"]["NOx"]["inventory"] == 332 - 64
    assert any("NOx of 1 sources is not known (NE or C), and not on the grid" in one for one in told.lines)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("nx: 6", "nx: 6\n  ncols: 6", "grid.ncols: unknown key 'ncols'"),
        ("outside: error", "outsid: error", "unknown key 'outsid'; did you mean 'outside'?"),
        ("cell: 3 km", "cell: 3", "grid.cell: a bare number 3 was found"),
        ("cell: 3 km", "cell: 0.1 deg", "is in another unit than the grid's plane"),
        ("cell: 3 km", "cell: -3 km", "a cell has a size above 0"),
        ("origin: centred", "origin: {x: -9 km, y: -9 deg}", "is in another unit than the grid's plane"),
        ("name: EXAMPLE_3KM", "name: EXAMPLE_OF_3_KILOMETRES", "grid.name"),
        ("p_gam: 116, ", "", "expected five numbers of one set"),
        ("p_alp: 25", "p_alp: -25", "not on one side of the equator"),
        ("p_alp: 25", "truelat1: 25", "expected five numbers of one set"),
        ("start: 2017-01-02 00:00", "start: 2017-01-02 00:30", "expected a full hour"),
        ("start: 2017-01-02 00:00", "start: 2017-02-30", "expected a full hour"),
        ("ny: 6", "ny: 6\n  layers: {count: 2, sigma: [1, 0.9], top: 50 hPa}", "2 layers have 3 falling faces"),
        ("ny: 6", "ny: 6\n  layers: {count: 2, sigma: [1, 0.9, 0.8]}", "sigma ends at a pressure that is not given"),
        ("ny: 6", "ny: 6\n  layers: {count: 2, shares: [{shares: [50 %, 40 %]}]}", "2 shares sum to 90 %"),
        ("hours: 25", "hours: 0", "temporal.hours"),
        ("utc_offset: 8", "utc_offset: 80", "temporal.utc_offset"),
        ("weekly: weekly.csv\n  ", "", "there is no table of weekly profiles"),
        ("weekly: example_traffic", "weekly: exampel_traffic", "did you mean 'example_traffic'?"),
        ("areas: towns.geojson", "areas: town.geojson", "'town.geojson' is not there; did you mean 'towns.geojson'?"),
        ("areas: towns.geojson", "areas: ../towns.geojson", "leads out of the project folder"),
        ("weight: people", "weight: peopel", "its polygons have no attribute 'peopel'; did you mean 'people'?"),
        ("weight: people", "label: town", "its polygons have no attribute 'town'"),
        ("weights: roads.csv", "weights: roads.csv, layer: a", "a table has no layers"),
        ("weights: roads.csv", "weights: roads.csv, areas: towns.geojson", "expected one of areas and weights"),
        ("VOC: example_voc", "VOC: example_vic", "there is no profile 'example_vic' of VOC"),
        ("VOC: example_voc, ", "", "VOC of 5 sources has no species: 176 t"),
        ("emis: grid/1", "emis: grid/2", "expected 'grid/1'"),
    ],
)
def test_a_fault_of_grid_yaml_is_told_where_it_stands(tmp_path, old, new, told) -> None:
    folder = edited(tmp_path, grid_yaml=(old, new))
    found = faults(folder)
    assert any(told in one for one in found), found
    assert all(any(file in one for file in (".csv:", "grid.yaml:", ".geojson")) for one in found), found


def test_all_faults_of_all_files_are_told_at_once(tmp_path) -> None:
    folder = edited(
        tmp_path, weekly_csv=(",0.85,0.8", ",0.85,x"), species_csv=("0.4,g/g", "0.5,g/g"), roads_csv=("5,inv", "-5,inv")
    )
    found = "\n".join(faults(folder))
    for file in ("weekly.csv:2", "species.csv:7", "roads.csv:4"):
        assert file in found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d["features"][0]["geometry"].update(type="LineString", coordinates=SQUARE), "is a LineString"),
        (lambda d: d["features"][0].update(geometry=None), "is empty"),
        (lambda d: d["features"][0]["properties"].update(region=None), "is blank"),
        (lambda d: d["features"][0]["properties"].update(people=-1), "-1 is no weight"),
        (lambda d: d["features"][0]["properties"].update(people="many"), "'many' is no weight"),
        (lambda d: [one["properties"].update(people=0) for one in d["features"]], "sum to 0"),
        (lambda d: d["features"][0]["geometry"]["coordinates"][0].reverse() or d.update(
            crs={"properties": {"name": "urn:ogc:def:crs:EPSG::32650"}}), "GeoJSON is in degrees of WGS 84"),
        (lambda d: d["features"][0]["geometry"].update(
            coordinates=[[[400000, 4400000], [410000, 4400000], [410000, 4410000], [400000, 4400000]]]),
         "write longitudes and latitudes in degrees"),
        (lambda d: d["features"][0]["geometry"].update(
            coordinates=[[[116, 40], [116.1, 40.1], [116.1, 40], [116, 40.1], [116, 40]]]), "is no valid polygon"),
        (lambda d: d.update(features=[]), "holds no polygons"),
        (lambda d: d.pop("features"), "is no GeoJSON"),
    ],
)  # fmt: skip
def test_a_fault_of_polygons_is_told(tmp_path, change, told) -> None:
    folder = example(tmp_path)
    path = folder / "towns.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    found = faults(folder)
    assert any(told in one and "towns.geojson" in one for one in found), found


def test_weights_of_cells_beside_the_grid_are_outside(tmp_path) -> None:
    (tmp_path / "w.csv").write_text("region,col,row,weight\na,1,1,3\na,4,1,1\n")
    case = series([[8.0]], ("CO",), region="a")
    text = NINE + "surrogates: [{weights: w.csv}]\noutside: report\n"
    found, issues = laid(case, tmp_path, text, hourly=False, speciated=False)
    assert found is not None
    assert (found.balance.inside[0], found.balance.outside[0]) == pytest.approx((6, 2))
    assert "CO 2 t of the region 'a' are outside the grid" in str(issues.warnings[0])


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a,1.5,1,1\n", "1.5 is no number of a cell"),
        ("a,1,1,NE\n", "NE is no weight"),
        ("a,1,1,0\n", "the weights of 'a' sum to 0"),
        (",1,1,1\n", "is blank"),
        ("a,1,1,1,000\n", "cells, and the header"),
    ],
)
def test_a_fault_of_a_table_of_weights_is_told(tmp_path, rows, told) -> None:
    (tmp_path / "w.csv").write_text(f"region,col,row,weight\n{rows}")
    case = series([[8.0]], ("CO",), region="a")
    found, issues = laid(case, tmp_path, NINE + "surrogates: [{weights: w.csv}]\n", hourly=False, speciated=False)
    assert found is None
    assert any(told in str(one) and "w.csv:" in str(one) for one in issues.errors), issues.errors


def test_a_point_beside_the_grid_is_outside_and_one_without_points_goes_by_its_region(tmp_path) -> None:
    geojson(tmp_path / "t.geojson", ({"region": "a"}, SQUARE))
    points = {"lon": np.array([117.0]), "lat": np.array([40.0])}
    case = series([[8.0]], ("CO",), region="a", points=points)
    text = NINE + "surrogates: [{areas: t.geojson}]\n"
    found, issues = laid(case, tmp_path, text, hourly=False, speciated=False)
    assert found is None
    assert "CO 8 t of the region 'a' are outside the grid" in str(issues.errors[0])
    found, issues = laid(case, tmp_path, text + "points: false\n", hourly=False, speciated=False)
    assert found is not None
    assert found.balance.inside[0] == pytest.approx(8)


def test_a_file_that_was_read_is_not_written_over(tmp_path) -> None:
    folder = example(tmp_path)
    before = (folder / "towns.geojson").read_bytes()
    for name in ("towns.geojson", "grid.yaml", "inventory.csv"):
        with pytest.raises(OutputError):
            converted(folder, "cmaq", name)
    assert (folder / "towns.geojson").read_bytes() == before


def test_a_grid_is_needed_and_hours_for_models(tmp_path) -> None:
    folder = example(tmp_path)
    assert faults(folder, grid=None) == ["--grid: a grid is needed; name a grid.yaml: --grid grid.yaml"]
    text = (folder / "grid.yaml").read_text(encoding="utf-8")
    begin, end = text.index("temporal:"), text.index("speciation:")
    (folder / "grid.yaml").write_text(text[:begin] + text[end:], encoding="utf-8")
    assert any("the hours to write are not given" in one for one in faults(folder))


def test_a_plane_that_a_model_does_not_know_is_refused(tmp_path) -> None:
    folder = edited(
        tmp_path, grid_yaml=(f"{LAMBERT}\n  origin: centred", "{epsg: 32650}\n  origin: {x: 405 km, y: 4415 km}")
    )
    path = folder / "grid.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("outside: error", "outside: report"), encoding="utf-8")
    assert "CMAQ knows no plane by a code of the EPSG" in faults(folder)[0]
    assert "WRF knows no plane by a code of the EPSG" in faults(folder, "wrf", "wrf")[0]
    converted(folder, "grid", "cf.nc")


def test_layers_of_cmaq_have_their_faces(tmp_path) -> None:
    folder = edited(tmp_path, grid_yaml=("ny: 6", "ny: 6\n  layers: {count: 2}"))
    assert "grid.yaml:10 grid.layers: CMAQ compares layers with those of its weather" in faults(folder)[0]


def test_a_day_of_two_files_is_a_day(tmp_path) -> None:
    folder = example(tmp_path)
    path = folder / "grid.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "wrf: {io_style: 1}\n", encoding="utf-8")
    assert "io_style 1 is one day from 00 UTC, and there are 25 hours" in faults(folder, "wrf", "wrf")[0]


def test_one_year_of_several_is_named(tmp_path) -> None:
    from dataclasses import replace

    one = series([[1.0]], ("CO",), points={"lon": np.array([116.0]), "lat": np.array([40.0])})
    two = replace(one, years=(2017, 2020), values=np.concatenate([one.values, 2 * one.values]),
                  keys=np.concatenate([one.keys, one.keys]))  # fmt: skip
    found, issues = laid(two, tmp_path, NINE, hourly=False, speciated=False)
    assert found is None
    assert "--year: a grid holds one year, and there are 2; name one: 2017, 2020" in str(issues.errors[0])


def test_without_its_libraries_it_says_which(tmp_path, monkeypatch) -> None:
    folder = example(tmp_path)
    monkeypatch.setitem(sys.modules, "shapely", None)
    assert any("pip install 'emis[geo]'" in one for one in faults(folder))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"properties": {', '"properties": "abc", "other": {'),
        ("[[115.", '["12", [115.'),
        ('"coordinates": ', '"coordinates": "", "other": '),
    ],
)
def test_geojson_that_is_none_is_a_fault(tmp_path, old: str, new: str) -> None:
    folder = example(tmp_path)
    path = folder / "towns.geojson"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert "is no GeoJSON" in faults(folder)[0]
