"""Rules that every sector keeps, whatever it holds."""

import inspect
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from emis import units, vocabulary
from emis.sectors import LEVERS, SECTORS, Lever, Method, Rows, Sector, Shorthand, columns_of, methods_of

SECTOR = pytest.mark.parametrize("sector", SECTORS, ids=lambda sector: sector.name)
METHOD = pytest.mark.parametrize(
    ("sector", "method"), [(one, m) for one in SECTORS for m in one.methods], ids=lambda one: one.name
)

#: A plausible number for each column, in its own unit.
TYPICAL = {
    "annual_distance": 15000, "speed": 35, "cold_share": 0.4, "hot_share": 0.2, "temperature": 12, "humidity": 0.55,
    "altitude": 200, "sulphur": 10, "load": 0.5, "deterioration_year": 2017, "running_loss": 1, "diurnal_loss": 8,
    "electricity_use": 0.2, "grid_factor": 0.6, "power": 80, "hours": 900, "fuel_use": 220, "silt_loading": 1,
    "mean_weight": 3, "wet_days": 60, "edition": 2011, "silt_content": 0.08, "surface_moisture": 0.002,
    "pan_evaporation": 1800, "traffic": 10, "watering_interval": 3, "watering_rate": 1, "hardened": 0.6, "fenced": 0.6,
    "ground_covered": 0.6, "material_covered": 0.6, "sprayed": 0.6, "washed": 0.3, "washed_simply": 0.3,
    "pm10_fraction": 0.3, "pm25_fraction": 0.03, "moisture": 0.03, "wind_speed": 2.5, "threshold_velocity": 0.3,
    "friction_velocity": 0.6, "disturbances": 12, "control": 0.5, "capture": 0.6, "destruction": 0.7,
    "voc_content": 400, "vapour_pressure": 30, "stage_1": 0.8, "stage_2": 0.8, "density": 0.745,
    "sulphur_content": 0.006, "sulphur_retention": 0.2, "heat_value": 25.8, "carbon_factor": 94.6, "nox_limit": 150,
    "nox_concentration": 80, "flue_gas": 284, "stoves": 3, "exhaust_rate": 2000, "purifier_voc": 0.5,
    "purifier_pm": 0.8, "nitrogen_excretion": 12, "tan_share": 0.7, "housing_loss": 0.27, "storage_loss": 0.11,
    "storage_other_loss": 0.05, "spreading_loss": 0.4,
}  # fmt: skip
STOCKS = {"vehicles": 10.0, "machines": 5.0}


def rows_of(method: Method, technology: str = "building") -> Rows:
    typical = TYPICAL | STOCKS
    columns = {name: np.array([float(typical[name])]) for name in method.reads if name != "temperature"}
    labels = {"category": method.categories[0], "fuel": "electricity", "technology": technology}
    return Rows({name: np.array([text], dtype=object) for name, text in labels.items()}, columns)


@SECTOR
def test_names_are_known_and_unique(sector: Sector) -> None:
    assert set(sector.sectors) <= set(vocabulary.SECTORS)
    for names in (
        sector.categories,
        [column.name for column in sector.columns],
        [method.name for method in sector.methods],
    ):
        assert len(names) == len(set(names)) > 0
    assert not {column.name for column in sector.columns} & (set(vocabulary.LABELS) | set(vocabulary.STOCK_COLUMNS))


@SECTOR
def test_every_column_says_what_it_is_and_is_read(sector: Sector) -> None:
    read = {name for method in sector.methods for name in method.reads}
    for column in sector.columns:
        assert column.meaning
        assert column.least < column.most
        assert column.name in read, f"no method reads {column.name}"
        if column.unit not in ("", "%", "degC"):
            assert units.check(column.unit) == column.unit
    assert read - {column.name for column in sector.columns} <= set(STOCKS)


@METHOD
def test_a_method_is_whole(sector: Sector, method: Method) -> None:
    assert set(method.categories) <= set(sector.categories)
    assert method.cites
    assert method.triggers
    assert (method.unit != "") == (method.kind in ("factor", "addition", "offsite", "activity"))
    if method.unit:
        units.check(method.unit)
    if method.kind in ("factor", "addition"):
        assert 0 < method.cv < 1, "a method says how sure it is"


@METHOD
def test_a_method_gives_plausible_numbers(sector: Sector, method: Method) -> None:
    found = method.compute(rows_of(method))
    assert set(found) <= {*vocabulary.POLLUTANTS, "activity"}
    for name, values in found.items():
        assert values.shape == (1,)
        # Machines that state their fuel have no work as activity.
        assert np.isnan(values[0]) or values[0] >= 0, name
        if method.kind == "control":
            assert values[0] <= 1


def test_columns_of_one_name_mean_one_thing() -> None:
    declared = defaultdict(set)
    for sector in SECTORS:
        for column in sector.columns:
            declared[column.name].add((column.unit, column.meaning, column.least, column.most))
    assert all(len(found) == 1 for found in declared.values())


def test_levers_are_verbs_of_their_own() -> None:
    general = {"scale", "shift", "close", "abate", "replace", "limit", "cap"}
    assert not general & set(LEVERS)
    for name, lever in LEVERS.items():
        assert issubclass(lever, Lever | Shorthand), name
        assert inspect.getdoc(lever), name
        owners = {one.levers[name] for one in SECTORS if name in one.levers}
        assert len(owners) == 1, name


def test_every_sector_of_the_inventory_has_its_columns() -> None:
    assert "silt_loading" in columns_of({"dust"})
    assert "silt_loading" not in columns_of({"catering"})
    assert [method.name for method in methods_of("dust", "bare_land")] == ["pile_erosion", "control"]
    assert methods_of("dust", "nothing") == ()


def test_the_readme_names_every_column_and_lever() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for sector in SECTORS:
        for column in sector.columns:
            written = f"`{column.name} [{column.unit}]`" if column.unit else f"`{column.name}`"
            assert written in text or f"`{column.name}`" in text, f"{sector.name}: {column.name}"
        for lever in sector.levers:
            assert f"`{lever}`" in text, lever
