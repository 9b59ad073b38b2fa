"""Corrections of the road guideline, at its own numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emis.sectors import RowError, Rows
from emis.sectors.road import (
    ROAD,
    deterioration,
    environment,
    evaporation,
    load_factor,
    speed_factor,
    sulphur_factor,
)

ONE = np.array([1.0])
CORRECT = next(method for method in ROAD.methods if method.name == "guideline_corrections").compute


def rows(fuel: str = "diesel", technology: str = "china_4", category: str = "heavy_truck", **columns: float) -> Rows:
    labels = {"fuel": fuel, "technology": technology, "category": category}
    return Rows(
        {name: np.array([text], dtype=object) for name, text in labels.items()},
        {name: np.array([float(value)]) for name, value in columns.items()},
    )


# Petrol: J. Adv. Transp. 2018, 7497354, Table 6; diesel: R package vein 1.5.0.
@pytest.mark.parametrize(
    ("speed", "fuel", "technology", "family", "factor"),
    [
        (15, "petrol", "china_3", "CO", 1.69),
        (20, "petrol", "china_3", "CO", 1.26),
        (25, "petrol", "china_5", "NOx", 1.13),
        (30, "petrol", "china_5", "NOx", 1.0),
        (35, "petrol", "china_1", "HC", 0.78),
        (40, "petrol", "china_1", "HC", 0.32),
        (80, "petrol", "china_1", "HC", 0.32),
        (81, "petrol", "china_1", "HC", 0.59),
        (60, "diesel", "china_3", "NOx", 0.74),
        (60, "diesel", "china_4", "NOx", 0.60),
        (60, "diesel", "china_6", "NOx", 0.60),
        (10, "diesel", "pre_china", "PM", 1.22),
        (60, "natural_gas", "lean_burn", "NOx", 1.0),
    ],
)
def test_speed(speed: float, fuel: str, technology: str, family: str, factor: float) -> None:
    assert speed_factor(np.array([speed]), fuel, technology, family)[0] == factor  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cold", "hot", "humidity", "altitude", "fuel", "category", "family", "factor"),
    [
        (1, 0, 0.5, 0, "petrol", "passenger_car", "HC", 1.47),
        (0, 1, 0.5, 0, "petrol", "passenger_car", "NOx", 1.31),
        (0, 1, 0.4, 0, "petrol", "passenger_car", "NOx", 1.31 * 1.06 * 1.13),
        (0, 0, 0.6, 0, "diesel", "heavy_truck", "NOx", 0.94),
        (1, 0, 0.5, 0, "diesel", "passenger_car", "PM", 1.87),
        (1, 0, 0.5, 0, "diesel", "light_truck", "PM", 1.27),
        (1, 0, 0.5, 0, "diesel", "bus", "PM", 1.70),
        (0, 0, 0.5, 1600, "petrol", "motorcycle", "HC", 2.26),
        (0, 0, 0.5, 1500, "petrol", "motorcycle", "HC", 1.0),
        (0, 0, 0.5, 1600, "diesel", "heavy_truck", "CO", 2.46),
        (0.4, 0.25, 0.5, 0, "petrol", "taxi", "CO", 0.4 * 1.36 + 0.25 * 1.23 + 0.35),
    ],
)
def test_environment(
    cold: float, hot: float, humidity: float, altitude: float, fuel: str, category: str, family: str, factor: float
) -> None:
    found = environment(cold * ONE, hot * ONE, humidity * ONE, altitude * ONE, fuel, category, family)  # type: ignore[arg-type]
    assert found[0] == pytest.approx(factor)


def test_deterioration() -> None:
    years = np.array([2014.0, 2015.0, 2018.0])
    assert list(deterioration(years, "petrol", "china_3", "passenger_car", "NOx")) == [1.0, 1.17, 1.6]
    assert list(deterioration(years, "petrol", "china_4", "taxi", "CO")) == [1.0, 1.62, 1.62]
    assert list(deterioration(years, "diesel", "china_3", "heavy_truck", "NOx")) == [1.0, 1.0, 1.0]
    assert list(deterioration(years, "petrol", "china_3", "passenger_car", "PM")) == [1.0, 1.0, 1.0]


def test_sulphur() -> None:
    classes = np.array([10.0, 10.1, 50.0, 150.0, 350.0, 500.0, 501.0])
    found = sulphur_factor(classes, "diesel", "china_4", "NOx")
    assert list(found) == [0.84, 0.84, 0.84, 1.0, 1.0, 1.08, 1.89]
    assert sulphur_factor(np.array([10.0]), "petrol", "china_5", "HC")[0] == 0.96
    assert sulphur_factor(np.array([10.0]), "natural_gas", "lean_burn", "NOx")[0] == 1.0


def test_load() -> None:
    found = load_factor(np.array([0, 0.5, 0.55, 0.75, 1.0]), "diesel", "NOx")
    assert found == pytest.approx([0.83, 1.0, 1.045, 1.21, 1.43])
    assert load_factor(np.array([1.0]), "petrol", "NOx")[0] == 1.0


def test_evaporation() -> None:
    # 7.8 g/d (EMEP/EEA 1.A.3.b.v, Table 3-2) over 13,000 km a year.
    assert evaporation(0 * ONE, 7.8 * ONE, np.array([np.nan]), 13000 * ONE)[0] == pytest.approx(0.219)
    assert evaporation(3 * ONE, 0 * ONE, 30 * ONE, 13000 * ONE)[0] == pytest.approx(0.1)


def test_the_base_conditions_correct_nothing() -> None:
    for fuel in ("petrol", "diesel"):
        base = rows(fuel, speed=30, temperature=15, humidity=50 / 100, altitude=1500, load=0.5, deterioration_year=2014)
        assert all(values[0] == 1.0 for values in CORRECT(base).values())


def test_corrections_multiply() -> None:
    found = CORRECT(rows(speed=60, humidity=0.6, sulphur=10, load=0.75))
    assert found["NOx"][0] == pytest.approx(0.60 * 0.94 * 0.84 * 1.21)
    assert found["BC"][0] == found["PM2.5"][0] == pytest.approx(0.65 * 1.0 * 0.56 * 1.13)
    assert "SO2" not in found


def test_one_temperature_is_all_of_one_band() -> None:
    assert CORRECT(rows(temperature=5))["PM2.5"][0] == 1.70
    assert CORRECT(rows(temperature=26))["PM2.5"][0] == 0.74
    assert CORRECT(rows(hot_share=0.5))["PM2.5"][0] == pytest.approx(0.87)
    with pytest.raises(RowError, match="a temperature and shares"):
        CORRECT(rows(temperature=26, hot_share=0.5))


@pytest.mark.parametrize(("fuel", "technology"), [("gasoline", "china_4"), ("petrol", "china_iv"), ("diesel", "国四")])
def test_labels_that_the_tables_do_not_know_are_refused(fuel: str, technology: str) -> None:
    with pytest.raises(RowError, match="which the corrections do not know"):
        CORRECT(rows(fuel, technology, speed=35))
    assert CORRECT(rows("lng", "lean_burn", speed=35))["NOx"][0] == 1


def test_more_than_the_whole_distance_is_refused() -> None:
    with pytest.raises(RowError, match="more than the whole"):
        CORRECT(rows(cold_share=0.7, hot_share=0.4))


@given(st.lists(st.sampled_from(["petrol", "diesel"]), min_size=1, max_size=6), st.floats(1, 150))
def test_rows_are_corrected_each_on_its_own(fuels: list[str], speed: float) -> None:
    labels = {"fuel": fuels, "technology": ["china_4"] * len(fuels), "category": ["taxi"] * len(fuels)}
    together = CORRECT(
        Rows({k: np.array(v, dtype=object) for k, v in labels.items()}, {"speed": np.full(len(fuels), speed)})
    )
    alone = [CORRECT(rows(fuel, category="taxi", speed=speed))["CO"][0] for fuel in fuels]
    assert list(together["CO"]) == alone
