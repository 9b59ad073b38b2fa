"""The page's air: models of the user's own, days by a series or a spread, dustfall; each as emis has it."""

import ambient_case
import numpy as np
import pytest
from agreement import agree
from ambient_case import COUNTED, OBSERVED, SURFACE, composition, dusty, own_matrix, shares, target, write, write_series

air = ambient_case.air
MIXED = {"SO4": 15, "NO3": 22, "NH4": 11, "OM": 25, "EC": 5, "crustal": 12, "water": 6, "other": 4}
SAMPLES = {"uncertainty.samples": "100"}


@pytest.fixture
def mixed(air):
    """The same air of all species, with neighbours that change year by year."""
    write(air, "air-quality.csv", OBSERVED + "2017,district,PM2.5,60,ug/m^3,,,test,A\n" + composition(**MIXED))
    air.scenario["air_quality"]["outside"]["city"] = {
        "NOx": {2018: "-5 %", 2020: "-30 %"}, "PM2.5": "-70 %",
        "SO2": {"change": "-20 %", "low": "-40 %", "high": "-10 %"},
    }  # fmt: skip
    target(air, at_most="49 ug/m^3")
    return air


@pytest.mark.parametrize("model", ["rollback", "source_receptor", "proportional", "attainment"])
def test_models_of_all_species(mixed, engine, model):
    mixed.scenario["air_quality"]["models"] = [model]
    assert agree(mixed.write(), engine, 5, SAMPLES) == 0


@pytest.mark.parametrize("clamped", [False, True])
def test_a_surface_and_a_matrix_of_the_users_own(air, engine, clamped):
    write(air, "surface.csv", SURFACE + "term,district.BC^2,PM2.5,2,ug/m^3,,\n")
    write(air, "matrix.csv", own_matrix())
    models = ["source_receptor", "response_surface"]
    for first in (models, models[::-1]):
        air.scenario["air_quality"].update(models=first, matrix="matrix.csv", surface="surface.csv")
        agree(air.write(), engine, 4, SAMPLES)


def test_a_reduction_of_the_mean(mixed, engine):
    target(mixed, reduce_by="10 %", since=2017)
    agree(mixed.write(), engine, 4, SAMPLES)


@pytest.mark.parametrize("asked", [{"at_most": "20 day"}, {"reduce_by": "25 %", "since": 2017}])
def test_days_about_the_mean_and_by_a_series(air, engine, asked):
    write(air, "air-quality.csv", COUNTED)
    target(air, "heavy_days", **asked)
    agree(air.write(), engine, 4, SAMPLES)
    days = np.random.default_rng(3).lognormal(4.0, 0.7, 365)
    write_series(air, days)
    agree(air.write(), engine, 4, SAMPLES)


def test_dustfall(air, engine):
    dusty(air)
    agree(air.write(), engine, 4, SAMPLES)


def test_the_tail_of_the_normal_distribution(engine):
    from scipy import special

    z = [-9.0, -3.3, -1e-9, 0.0, 0.4, 1.7, 2.82, 2.83, 2.84, 5.0, 8.0, 20.0]
    found = engine.evaluate("(z) => z.map(emis.air.tail)", z)
    assert found == pytest.approx(special.ndtr(-np.array(z)).tolist(), rel=1e-12)


def test_shares_that_leave_nothing_outside(mixed, engine):
    write(mixed, "air-shares.csv", shares(district=60, city=0, region=0, background=40))
    agree(mixed.write(), engine, 3, SAMPLES)
