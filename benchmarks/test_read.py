"""Reading: a case from its files, rows whose columns sector methods turn into factors, and what is asked of them."""

from pathlib import Path

import pytest
from cases import Case, write_files
from conftest import Benchmark

import emis
from emis.digest import digest
from emis.inventory import Inventory
from emis.quality import findings

ROWS = 10_000
COLUMNS = ",speed [km/h],sulphur [mg/kg],annual_distance [km],diurnal_loss [g/d]"
VALUES = ",35,10,15000,7.8"


@pytest.mark.cases(largest="province", patterns=("few",))
def test_read(benchmark: Benchmark, case: Case, tmp_path: Path) -> None:
    benchmark(emis.read_scenario, write_files(case, tmp_path))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vehicles whose factors are made of columns of their own."""
    folder = tmp_path_factory.mktemp("fleet")
    rows = [f"mobile/{n},passenger_car,petrol,china_{n % 6 + 1},{1000 + n},vkm/yr,1,99999{VALUES}" for n in range(ROWS)]
    factors = [f"passenger_car,petrol,,{name},0.1,g/km,0.05,0.2" for name in ("NOx", "VOC", "CO", "PM2.5")]
    texts = {
        "activity.csv": ["source,category,fuel,technology,activity,unit,low,high" + COLUMNS, *rows],
        "factors.csv": ["category,fuel,technology,pollutant,factor,unit,low,high", *factors],
        "inventory.yaml": [
            "emis: inventory/1",
            "name: bench",
            "base_year: 2017",
            "status: example",
            "pollutants: [NOx, VOC, CO, PM2.5]",
            "tables: [{sector: mobile, activity: activity.csv, factors: factors.csv}]",
        ],
    }
    for name, lines in texts.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def read(fleet: Path) -> Inventory:
    return emis.read_inventory(fleet)


def test_read_by_methods(benchmark: Benchmark, fleet: Path) -> None:
    benchmark(emis.read_inventory, fleet)


def test_digest(benchmark: Benchmark, read: Inventory) -> None:
    benchmark(digest, read)


def test_findings(benchmark: Benchmark, read: Inventory) -> None:
    benchmark(findings, read)
