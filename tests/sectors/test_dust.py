"""Dust methods against printed examples of AP-42's equations, in the editions those examples were made with.

Mojave Desert AQMD and Antelope Valley APCD, Emissions Inventory Guidance, Mineral Handling and Processing Industries
(1999, revised 2013).
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emis.sectors.ap42 import (
    friction_velocity,
    handling,
    paved_road,
    pile_erosion,
    unpaved_road,
    unpaved_road_watering,
)
from emis.sectors.dust import construction

LB_PER_MILE = 453.59237 / 1.609344  # g/km
MPH = 0.44704  # m/s
SIZES = ("TSP", "PM10", "PM2.5")


@pytest.mark.parametrize(
    ("speed", "moisture", "size", "printed"),
    [
        (10, 0.50, "TSP", 0.0406),
        (7.5, 1.00, "TSP", 0.0106),
        (15, 2.00, "PM10", 0.0048),
        (25, 0.25, "PM2.5", 0.0524),
        (7.7, 0.50, "TSP", 0.029),
        (7.7, 0.50, "PM10", 0.014),
        (7.7, 0.50, "PM2.5", 0.004),
    ],
)
def test_handling_as_printed(speed: float, moisture: float, size: str, printed: float) -> None:
    # lb/short ton = 0.5 kg/t; the edition of 1995 with its 5 mph.
    found = handling(np.array([speed * MPH]), np.array([moisture / 100]), (0.74, 0.36, 0.11), 5 * MPH)
    decimals = len(str(printed).split(".")[1])
    assert round(2 * found[SIZES.index(size)][0], decimals) == printed


def test_handling_metric() -> None:
    found = handling(np.array([5.0]), np.array([0.02]))
    assert [one[0] for one in found] == pytest.approx([3.442e-3, 1.628e-3, 2.466e-4], rel=5e-4)


@pytest.mark.parametrize(
    ("silt", "weight", "size", "printed"),
    [
        (10, 25, "TSP", 5.62),
        (100, 50, "PM10", 13.84),
        (1.5, 10, "PM2.5", 0.020),
        (100, 42, "TSP", 55),
        (100, 42, "PM10", 11),
        (100, 42, "PM2.5", 3),
    ],
)
def test_paved_road_of_1997_as_printed(silt: float, weight: float, size: str, printed: float) -> None:
    found = paved_road(np.array([silt]), np.array([weight]), edition=1997)[SIZES.index(size)][0] / LB_PER_MILE
    decimals = len(str(printed).partition(".")[2])
    assert found == pytest.approx(printed, abs=0.5 * 10**-decimals)


def test_paved_road_of_2011() -> None:
    # k itself at 1 g/m2 and 1 t; the exponents are those of the section.
    assert [one[0] for one in paved_road(np.array([1.0]), np.array([1.0]))] == [3.23, 0.62, 0.15]
    found = paved_road(np.array([2.0]), np.array([3.0]), np.array([146.0]))[0][0]
    assert found == pytest.approx(3.23 * 2**0.91 * 3**1.02 * 0.9)


def test_unpaved_road_of_2006() -> None:
    # Silt 10 %, 290 short tons: 33.740, 9.9587, 0.99587 lb/mile by the equation of 13.2.2 (November 2006).
    found = unpaved_road(np.array([0.10]), np.array([290 * 0.90718474]))
    assert [one[0] / LB_PER_MILE for one in found] == pytest.approx([33.739896, 9.958701, 0.995870], rel=1e-6)


def test_unpaved_road_of_1998_at_its_own_references() -> None:
    found = unpaved_road(np.array([0.12]), np.array([3 * 0.90718474]), 0.0, np.array([0.002]))
    assert [one[0] / LB_PER_MILE for one in found] == pytest.approx([10, 2.6, 0.38])


def test_rain_keeps_dust_down() -> None:
    dry, wet = (unpaved_road(np.array([0.1]), np.array([5.0]), np.array([days]))[0][0] for days in (0.0, 73.0))
    assert wet == pytest.approx(0.8 * dry)


def test_watering_as_printed() -> None:
    # 75 in of pan evaporation, 41 vehicles an hour, 3 h between, 0.11 gal/yd2: "no control efficiency".
    inches, gallons = 25.4, 3.785411784 / 0.83612736
    found = unpaved_road_watering(
        np.array([75 * inches]), np.array([41.0]), np.array([3.0]), np.array([0.11 * gallons])
    )
    assert found[0] == 0
    better = unpaved_road_watering(
        np.array([75 * inches]), np.array([41.0]), np.array([1.0]), np.array([0.11 * gallons])
    )
    assert better[0] == pytest.approx(1 - 0.000012 * 75 * 41 / 0.11)


def test_construction_coefficients() -> None:
    nothing: dict[str, np.ndarray] = {}
    assert construction("building", nothing) == 1.01
    assert construction("municipal", nothing) == construction("demolition", nothing) == 1.64
    everything = {
        name: np.array([1.0])
        for name in ("hardened", "fenced", "ground_covered", "material_covered", "sprayed", "washed")
    }
    assert construction("building", everything)[0] == pytest.approx(0.48)
    assert construction("municipal", everything)[0] == pytest.approx(0.66)


def test_pile_erosion() -> None:
    found = pile_erosion(np.array([0.3]), np.array([0.8]), np.array([10.0]))
    assert [one[0] for one in found] == pytest.approx([10 * (58 * 0.25 + 25 * 0.5) * k for k in (1, 0.5, 0.2)])
    assert pile_erosion(np.array([0.3]), np.array([0.3]), np.array([10.0]))[0][0] == 0
    assert friction_velocity(np.array([10.0]))[0] == pytest.approx(4 / np.log(10 / 0.6))


SMALL = st.floats(0.01, 10)


@given(SMALL, SMALL, st.floats(0, 365))
def test_parts_stay_below_their_whole(a: float, b: float, days: float) -> None:
    arrays = np.array([a]), np.array([b])
    for found in (
        paved_road(*arrays, np.array([days])),
        paved_road(*arrays, edition=1997),
        unpaved_road(arrays[0] / 100, arrays[1], np.array([days])),
        handling(arrays[0], arrays[1] / 100),
        pile_erosion(arrays[0], arrays[1], np.array([days])),
    ):
        tsp, pm10, pm25 = (one[0] for one in found)
        assert 0 <= pm25 <= pm10 * (1 + 1e-12)
        assert pm10 <= tsp * (1 + 1e-12)
