"""The mass on the grid is the inventory's: in space, in time, in species, in every file."""

import numpy as np
import pytest
import xarray as xr
from gridding_case import EXAMPLE, LAMBERT, converted, edited, example, geojson, laid, series, sums
from hypothesis import given, settings
from hypothesis import strategies as st

from emis.grid_settings import Grid
from emis.interchange.gridding.plane import RADIUS, Plane
from emis.interchange.gridding.surrogates import overlaps

shapely = pytest.importorskip("shapely")
pytest.importorskip("pyproj")

NINE = f"grid: {{projection: {LAMBERT}, origin: centred, cell: 3 km, nx: 3, ny: 3}}\n"
SQUARE = [(115.97, 39.98), (116.03, 39.98), (116.03, 40.02), (115.97, 40.02)]


def plane(projection: object = None, **keys: object) -> Plane:
    lambert = {"lambert": {"p_alp": 25, "p_bet": 47, "p_gam": 110, "xcent": 116, "ycent": 40}}
    given = {"projection": projection or lambert, "origin": "centred", "cell": "3 km", "nx": 7, "ny": 5}
    return Plane(Grid.model_validate(given | keys))


# -- the grid --------------------------------------------------------------------------------------------------------


def test_both_ways_to_name_a_lambert_plane_are_one() -> None:
    wps = {"truelat1": 47, "truelat2": 25, "stand_lon": 110, "ref_lon": 116, "ref_lat": 40}
    one, other = plane(), plane({"lambert": wps})
    assert np.array_equal(one.quads, other.quads)
    x, y = one.project(np.array([116.0]), np.array([40.0]))
    assert abs(x[0]) < 1e-6
    assert abs(y[0]) < 1e-6


def test_a_cell_of_degrees_has_the_area_of_the_sphere() -> None:
    one = plane("latlon", origin={"x": "115 deg", "y": "39 deg"}, cell="0.25 deg")
    edges = np.sin(np.radians(39 + 0.25 * np.arange(6)))
    assert np.allclose(one.areas[:, 0], RADIUS**2 * np.radians(0.25) * np.diff(edges), rtol=1e-12)


def test_a_cell_of_metres_has_its_area_on_the_earth_by_the_map_factor() -> None:
    one = plane()
    lat = np.radians(one.lonlat[1])
    n = np.log(np.cos(np.radians(25)) / np.cos(np.radians(47))) / np.log(
        np.tan(np.pi / 4 + np.radians(47) / 2) / np.tan(np.pi / 4 + np.radians(25) / 2)
    )
    # Snyder (1987), Map projections - a working manual, USGS PP 1395, eqs. 15-3 and 15-4
    factor = (np.cos(np.radians(25)) / np.cos(lat)) * (
        np.tan(np.pi / 4 + np.radians(25) / 2) / np.tan(np.pi / 4 + lat / 2)
    ) ** n
    assert np.allclose(one.areas, 9e6 / factor**2, rtol=1e-6)


def test_places_and_cells_go_back_and_forth() -> None:
    one = plane()
    lon, lat = one.lonlat
    assert np.array_equal(one.cells(lon, lat), np.arange(35).reshape(5, 7))
    assert one.cells(np.array([100.0, 116.0]), np.array([40.0, 89.0])).tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("projection", "keys"),
    [
        (None, {}),
        ("latlon", {"origin": {"x": "115.9 deg", "y": "39.9 deg"}, "cell": "0.03 deg"}),
        ({"epsg": 32650}, {"origin": {"x": "409 km", "y": "4418 km"}, "cell": {"x": "3 km", "y": "4 km"}}),
    ],
)
def test_a_polygon_on_the_grid_is_shared_out_whole(projection: object, keys: dict) -> None:
    one = plane(projection, **keys)
    polygon = shapely.Polygon([(115.95, 39.96), (116.02, 39.95), (116.04, 40.01), (115.99, 40.0), (115.96, 40.03)])
    shares, areas = overlaps(np.array([polygon]), one)
    assert shares.sum() == pytest.approx(1, abs=1e-14)
    flat = shapely.transform(polygon, lambda p: np.stack(one.equal_area(p[:, 0], p[:, 1]), axis=1))
    direct = [shapely.Polygon(ring).intersection(flat).area / flat.area for ring in one.quads]
    assert np.allclose(shares.toarray()[0], direct, atol=1e-12)
    assert areas[0] == pytest.approx(flat.area)


# -- conservation ----------------------------------------------------------------------------------------------------


@st.composite
def towns(draw: st.DrawFn) -> list[list[tuple[float, float]]]:
    """Polygons about the grid, within it and across its borders."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        lon, lat = draw(st.floats(115.9, 116.1)), draw(st.floats(39.92, 40.08))
        count = draw(st.integers(3, 9))
        radii = draw(st.lists(st.floats(0.002, 0.08), min_size=count, max_size=count))
        around = 2 * np.pi * np.arange(count) / count
        found.append([(lon + r * np.cos(a), lat + r * np.sin(a)) for r, a in zip(radii, around, strict=True)])
    return found


@settings(max_examples=40)
@given(
    rings=towns(),
    nx=st.integers(1, 8),
    ny=st.integers(1, 8),
    cell=st.floats(0.2, 12),
    seed=st.integers(0, 2**32 - 1),
    weighted=st.booleans(),
)
def test_inside_and_outside_are_the_inventory(tmp_path, rings, nx, ny, cell, seed, weighted) -> None:
    rng = np.random.default_rng(seed)
    geojson(tmp_path / "t.geojson", *(({"region": f"r{n % 3}", "w": 1.0 + n}, ring) for n, ring in enumerate(rings)))
    count = min(len(rings), 3)
    tonnes = rng.lognormal(0, 4, (30, 2))
    lon, lat = np.full(30, np.nan), np.full(30, np.nan)
    lon[::5], lat[::5] = 116 + rng.normal(0, 0.1, 6), 40 + rng.normal(0, 0.1, 6)
    case = series(tonnes, ("NOx", "CO"), region=[f"r{n % count}" for n in range(30)], points={"lon": lon, "lat": lat})
    found, issues = laid(
        case, tmp_path,
        f"grid: {{projection: {LAMBERT}, origin: centred, cell: {cell:.6f} km, nx: {nx}, ny: {ny}}}\n"
        f"surrogates: [{{areas: t.geojson{', weight: w' if weighted else ''}}}]\noutside: report\n",
        hourly=False, speciated=False,
    )  # fmt: skip
    assert not issues.errors, issues.errors
    assert found is not None
    whole = tonnes.sum(axis=0)
    assert np.allclose(found.balance.inside + found.balance.outside, whole, rtol=1e-9)
    assert np.all(np.abs(found.balance.residual) <= 1e-9 * whole)
    assert np.allclose(sums(found).sum(axis=(1, 2, 3)) / 1000, found.balance.inside, rtol=1e-9, atol=1e-12)
    beside = (found.balance.outside > 1e-9 * whole).any()
    assert bool(issues.warnings) == beside


@settings(max_examples=15)
@given(
    weekly=st.lists(st.floats(0.01, 5), min_size=7, max_size=7),
    diurnal=st.lists(st.floats(0, 5), min_size=24, max_size=24).filter(lambda one: sum(one) > 0.1),
    monthly=st.lists(st.floats(0, 5), min_size=12, max_size=12).filter(lambda one: sum(one) > 0.1),
    year=st.sampled_from([2016, 2017]),
    offset=st.sampled_from([8, -5, 0, 5.5]),
)
def test_all_hours_of_a_local_year_are_the_year(tmp_path, weekly, diurnal, monthly, year, offset) -> None:
    days = "mon,tue,wed,thu,fri,sat,sun"
    (tmp_path / "w.csv").write_text(f"profile,{days}\nw,{','.join(map(repr, weekly))}\n")
    hours = ",".join(map(str, range(24)))
    (tmp_path / "d.csv").write_text(f"profile,{hours}\nd,{','.join(map(repr, diurnal))}\n")
    share = np.array(monthly) / sum(monthly)
    points = {"lon": np.array([116.0, 116.01]), "lat": np.array([40.0, 40.0])}
    case = series([[7.0], [3.0]], ("CO",), year, points=points, profile=["m", ""], profiles={"m": share})
    # the first hour of the local year, in UTC
    start = np.datetime64(f"{year}-01-01T00", "m") - np.timedelta64(int(60 * offset), "m")
    part = int((60 * offset) % 60)
    start = start.astype("datetime64[h]") if not part else (start - np.timedelta64(part, "m")).astype("datetime64[h]")
    count = (8784 if year == 2016 else 8760) + (part > 0)
    begin = str(start).replace("T", " ")
    found, issues = laid(
        case, tmp_path,
        NINE + f"temporal: {{start: '{begin}:00', hours: {count}, utc_offset: {offset},"
        " weekly: w.csv, diurnal: d.csv, profiles: [{weekly: w, diurnal: d}], holidays: [2017-10-02, 2016-10-03]}\n",
    )  # fmt: skip
    assert not issues.errors, issues.errors
    assert found is not None
    total = float(sums(found).sum()) * 28.010e-6
    if not part:
        assert total == pytest.approx(10, rel=1e-9)
        assert found.written.share == pytest.approx([1], abs=1e-9)
    else:  # an hour of UTC lies across two years at either end
        assert total == pytest.approx(10, rel=5e-3)


def test_every_file_holds_the_same_mass(tmp_path) -> None:
    folder = example(tmp_path)
    cmaq, told, _ = converted(folder, "cmaq")
    wrf, _, _ = converted(folder, "wrf", "wrf")
    cf, of_cf, _ = converted(folder, "grid", "cf.nc")
    with xr.open_dataset(cmaq) as models3, xr.open_dataset(cf) as plain:
        seconds = models3["NO"].astype(float).sum() * 3600
        assert float(seconds) == pytest.approx(told.record["species"]["NO"]["written"], rel=1e-6)
        nox = (plain["emission_NOx"].astype(float) * plain["cell_area"]).sum() * 3600
        assert float(nox) == pytest.approx(of_cf.record["species"]["NOx"]["written"], rel=1e-6)
        frames = [xr.open_dataset(path) for path in sorted(wrf.glob("wrfchemi_*"))]
        assert [one.sizes["Time"] for one in frames] == [24, 1]
        area = plain["cell_area"].values
        gas = sum((one["E_NO"].astype(float).values * area / 1e6).sum() for one in frames)
        dust = sum((one["E_PMC"].astype(float).values * area * 3600e-6).sum() for one in frames)
        assert gas == pytest.approx(float(seconds), rel=1e-6)
        assert dust == pytest.approx(float(models3["PMC"].astype(float).sum() * 3600), rel=1e-6)
        for one in frames:
            one.close()
    # the particles of a file weigh what PM2.5 does
    species = told.record["species"]
    fine = sum(species[name]["written"] for name in ("PEC", "POC", "PSO4", "PMOTHR")) / 1000
    assert fine == pytest.approx(of_cf.record["species"]["PM2.5"]["written"], rel=1e-12)
    assert fine + species["PMC"]["written"] / 1000 == pytest.approx(
        of_cf.record["species"]["PM10"]["written"], rel=1e-12
    )
    # nitrogen too: NOx counts as NO2
    moles = species["NO"]["written"] + species["NO2"]["written"]
    assert moles * 46.005e-3 == pytest.approx(of_cf.record["species"]["NOx"]["written"], rel=1e-9)


def test_the_command_prints_the_balance_and_json_carries_it(tmp_path) -> None:
    _, told, warnings = converted(example(tmp_path), "cmaq")
    assert warnings == []
    assert any(line.startswith("NOx: inventory 332 t = grid 332 t + outside 0 t, residual") for line in told.lines)
    one = told.record["balance"]["NOx"]
    assert one["inventory"] == 332
    assert abs(one["inventory"] - one["grid"] - one["outside"]) <= 1e-9 * 332
    read = {path.rsplit("/", 1)[-1] for path in told.record["inputs"]}
    assert read == {"grid.yaml", "towns.geojson", "roads.csv", "weekly.csv", "diurnal.csv", "species.csv"}
    for species in told.record["species"].values():
        assert species["written"] == pytest.approx(species["expected"], rel=1e-9)
        assert species["as 32-bit"] == pytest.approx(species["written"], rel=1e-6)


def test_layers_share_out_what_a_stack_emits(tmp_path) -> None:
    case = series([[10.0], [5.0]], ("CO",), sector=["power", "coal"],
                  points={"lon": np.array([116.0, 116.0]), "lat": np.array([40.0, 40.0])})  # fmt: skip
    layers = "layers: {count: 3, shares: [{select: {sector: power}, shares: [10 %, 30 %, 60 %]}]}"
    text = NINE.replace("ny: 3", f"ny: 3, {layers}")
    found, issues = laid(case, tmp_path, text, hourly=False, speciated=False)
    assert not issues.errors, issues.errors
    assert found is not None
    assert sums(found)[0].sum(axis=(1, 2)) == pytest.approx([6000, 3000, 6000])


def test_the_first_surrogate_that_knows_the_region_is_its_place(tmp_path) -> None:
    geojson(tmp_path / "a.geojson", ({"region": "a"}, SQUARE))
    (tmp_path / "w.csv").write_text("region,col,row,weight\na,1,1,1\nb,2,1,3\nb,3,3,1\n")
    (tmp_path / "all.csv").write_text("lon,lat,weight\n115.97,39.97,1\n")
    case = series([[1.0], [2.0], [4.0], [8.0]], ("CO",), region=["a", "b", "c", ""], sector=["x", "x", "x", "y"])
    found, issues = laid(
        case, tmp_path,
        NINE + "surrogates: [{select: {sector: x}, areas: a.geojson}, {weights: w.csv}]\n"
        "fallback: {weights: all.csv}\n",
        hourly=False, speciated=False,
    )  # fmt: skip
    assert not issues.errors, issues.errors
    assert found is not None
    cells = sums(found)[0, 0] / 1000
    assert cells[0, 1] == pytest.approx(1.5 + found.setup.surrogates[0].weights[0, 1])
    assert cells.sum() == pytest.approx(15)
    assert cells[0, 0] == pytest.approx(12 + found.setup.surrogates[0].weights[0, 0])
    assert next(line for line in found.notes if "(fallback)" in line).startswith("2 sources")


def test_a_polygon_counts_by_its_weight_in_its_region(tmp_path) -> None:
    left = [(115.96, 39.99), (115.98, 39.99), (115.98, 40.01), (115.96, 40.01)]
    right = [(lon + 0.06, lat) for lon, lat in left]
    geojson(tmp_path / "t.geojson", ({"region": "a", "p": 1}, left), ({"region": "a", "p": 3}, right))
    case = series([[8.0]], ("CO",), region="a")
    found, _ = laid(
        case, tmp_path, NINE + "surrogates: [{areas: t.geojson, weight: p}]\n", hourly=False, speciated=False
    )
    assert found is not None
    west, east = sums(found)[0, 0, :, 0].sum() / 1000, sums(found)[0, 0, :, 2].sum() / 1000
    assert west + east + sums(found)[0, 0, :, 1].sum() / 1000 == pytest.approx(8)
    assert east == pytest.approx(3 * west, rel=1e-4)


def test_a_geopackage_in_another_plane_gives_the_same_shares(tmp_path) -> None:
    pyogrio = pytest.importorskip("pyogrio")
    from pyproj import Transformer

    geojson(tmp_path / "t.geojson", ({"region": "a"}, SQUARE))
    turn = Transformer.from_crs(4326, 32650, always_xy=True)
    ring = np.stack(turn.transform(*np.array([*SQUARE, SQUARE[0]]).T), axis=1)
    pyogrio.raw.write(
        tmp_path / "t.gpkg", shapely.to_wkb(np.array([shapely.Polygon(ring)], dtype=object)),
        field_data=[np.array(["a"], dtype=object)], fields=["region"], layer="t", crs="EPSG:32650",
        geometry_type="Polygon",
    )  # fmt: skip
    cells = []
    for name in ("t.geojson", "t.gpkg"):
        case = series([[1.0]], ("CO",), region="a")
        found, issues = laid(case, tmp_path, NINE + f"surrogates: [{{areas: {name}}}]\n", hourly=False, speciated=False)
        assert not issues.errors, issues.errors
        assert found is not None
        cells.append(sums(found))
    assert np.allclose(*cells, rtol=1e-9)


def test_a_year_without_hours_is_one_step(tmp_path) -> None:
    text = (EXAMPLE / "grid.yaml").read_text(encoding="utf-8")
    begin, end = text.index("temporal:"), text.index("speciation:")
    path, told, _ = converted(edited(tmp_path, grid_yaml=(text[begin:end], "")), "grid")
    with xr.open_dataset(path) as found:
        tonnes = (found["emission_CO"].astype(float) * found["cell_area"]).sum() * 365 * 86400 / 1000
        assert float(tonnes) == pytest.approx(1964, rel=1e-6)
        assert found["time_bnds"].values[0].astype("datetime64[Y]").astype(str).tolist() == ["2017", "2018"]
    assert told.record["species"]["CO"]["share"] == 1
