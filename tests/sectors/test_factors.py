"""Methods of the other sectors, at published or plainly worked numbers."""

import numpy as np
import pytest
from conftest import Project
from hypothesis import given
from hypothesis import strategies as st

import emis
from emis.sectors.agriculture import manure_chain
from emis.sectors.catering import exhaust_volume
from emis.sectors.combustion import (
    carbon_dioxide,
    concentration_factor,
    heat_pump_electricity,
    nox_class_factor,
    sulphur_dioxide,
)
from emis.sectors.electricity import offsite
from emis.sectors.industry import capture_and_destruction, mass_balance
from emis.sectors.machinery import LOAD_FACTORS, engine_work, fuel_burnt
from emis.sectors.solvents import petrol_station

ONE = np.array([1.0])


def test_fuel_route(project: Project) -> None:
    # NPI manual for combustion engines v3.0 (2008), Example 3: 10 kL of diesel in light goods vehicles.
    factors = {"CO": 19.4, "NOx": 8.89, "PM2.5": 2.34, "PM10": 2.39}
    rows = "".join(f"light_truck,{name},{value},kg/m^3\n" for name, value in factors.items())
    project.inventory(
        activity="source,category,fuel,activity,unit\na,light_truck,diesel,10,m^3/yr\n",
        factors=f"category,pollutant,factor,unit\n{rows}",
        pollutants=list(factors),
        tables=[{"sector": "mobile", "activity": "activity.csv", "factors": "factors.csv"}],
    )
    inventory = emis.read_inventory(project.root / "inventories/2017")
    assert 1000 * inventory.emissions[0] == pytest.approx([194, 88.9, 23.4, 23.9])


def test_engine_work_and_fuel() -> None:
    work = engine_work(2 * ONE, 100 * ONE, 500 * ONE, LOAD_FACTORS["wheeled_dozer"] * ONE)
    assert work[0] == pytest.approx(55000)
    assert fuel_burnt(work, 200 * ONE)[0] == pytest.approx(11)


def test_solvents() -> None:
    assert capture_and_destruction(0.8 * ONE, 0.9 * ONE)[0] == pytest.approx(0.72)
    assert mass_balance(450 * ONE)[0] == 450
    # EMEP/EEA 1.B.2.a.v, Tables 3-8 to 3-11: 24, 3, 37 and 2 g/(m3 kPa).
    assert petrol_station(30 * ONE, density=0.75)[0] == pytest.approx(66 * 30 / 0.75)
    assert petrol_station(30 * ONE, 0.95 * ONE, 0.9 * ONE, 0.75)[0] == pytest.approx((1.2 + 3 + 3.7 + 2) * 30 / 0.75)


def test_combustion() -> None:
    assert sulphur_dioxide(0.005 * ONE, 0.2)[0] == pytest.approx(8)
    # IPCC 2006: other bituminous coal 25.8 GJ/t at 94.6 kg/GJ.
    assert carbon_dioxide(25.8 * ONE, 94.6 * ONE)[0] == pytest.approx(2440.68)
    # 150 mg/kWh is 41.7 g/GJ, what EMEP/EEA 1.A.4.b.i gives for household gas boilers: 42 [25-59].
    assert nox_class_factor(150 * ONE)[0] == pytest.approx(41.7, abs=0.05)
    assert nox_class_factor(70 * ONE)[0] == pytest.approx(19.4, abs=0.05)
    assert concentration_factor(30 * ONE, 284 * ONE)[0] == pytest.approx(8.52)
    assert heat_pump_electricity(25.8, 0.42, 2.5) == pytest.approx(1204)
    assert offsite(0.2 * ONE, 0.6 * ONE)[0] == pytest.approx(0.12)


def test_exhaust() -> None:
    assert exhaust_volume(3 * ONE, 2000 * ONE, 2000 * ONE)[0] == 12e6


def test_manure_chain_by_hand() -> None:
    # EMEP/EEA 3.B, finishing pigs on slurry: 12.1 kg N, 70 % TAN, losses 27, 11 and 40 %.
    found = manure_chain(*(np.array([value]) for value in (12.1, 0.7, 0.27, 0.11, 0.003, 0.40)))
    tan = 8.47
    stored = tan * 0.73
    spread = stored * (1 - 0.113)
    assert found.ammonia[0] == pytest.approx((tan * 0.27 + stored * 0.11 + spread * 0.4) * 17 / 14)
    # The Tier 1 factor of the same guidebook for the same animal is 6.5 kg NH3 a place.
    assert found.ammonia[0] == pytest.approx(6.5, rel=0.1)


SHARE = st.floats(0, 1)


@given(st.floats(0.1, 200), SHARE, SHARE, SHARE, SHARE, SHARE)
def test_nitrogen_is_conserved(
    excretion: float, tan: float, housing: float, storage: float, other: float, spreading: float
) -> None:
    other = other * (1 - storage)
    found = manure_chain(*(np.array([v]) for v in (excretion, tan, housing, storage, other, spreading)))
    total = found.housing + found.storage + found.storage_other + found.spreading + found.soil
    assert total[0] == pytest.approx(excretion * tan)
    assert min(found.housing[0], found.storage[0], found.spreading[0]) >= 0
    assert found.soil[0] >= -1e-9


@given(SHARE, SHARE, SHARE)
def test_what_housing_saves_reaches_the_next_stage(housing: float, storage: float, spreading: float) -> None:
    before = manure_chain(*(np.array([v]) for v in (10.0, 0.7, housing, storage, 0.0, spreading)))
    after = manure_chain(*(np.array([v]) for v in (10.0, 0.7, housing / 2, storage, 0.0, spreading)))
    saved = before.housing - after.housing
    assert after.ammonia[0] <= before.ammonia[0] + 1e-12
    # Less is saved in the end than in the house, unless nothing is lost later.
    assert before.ammonia[0] - after.ammonia[0] <= saved[0] * 17 / 14 + 1e-12


def test_ammonia_of_chongqing_adds_up(project: Project) -> None:
    # 廖仁郡, 陈玉成 2017, doi 10.13930/j.cnki.cjea.161078: by species, and the total it prints.
    species = {"pig": 9538.63, "layer": 2712.34, "broiler": 1858.85, "dairy_cow": 1840.89, "beef_cattle": 1142.32}
    rows = "".join(f"agriculture/livestock/{name},livestock,{name},{value}\n" for name, value in species.items())
    folder = project.root / "inventories" / "2013"
    folder.mkdir(parents=True)
    (folder / "nh3.csv").write_text(f"source,category,technology,NH3 [t/yr]\n{rows}")
    inventory = emis.read_inventory(folder / "nh3.csv")
    total = inventory.total("agriculture")[0]
    assert total == pytest.approx(17102.92, rel=1e-3)
    pigs = inventory.emissions[inventory.labels["technology"] == "pig"].sum()
    assert 100 * pigs / total == pytest.approx(55.8, abs=0.05)
