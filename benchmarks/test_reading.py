"""Reading an inventory: plain rows, rows whose columns sector methods turn into factors, and what is asked of it."""

from pathlib import Path

import pytest
from conftest import Benchmark

import emis
from emis.digest import digest
from emis.quality import findings

ROWS = 10_000
COLUMNS = {
    "plain": ("", ""),
    "methods": (",speed [km/h],sulphur [mg/kg],annual_distance [km],diurnal_loss [g/d]", ",35,10,15000,7.8"),
}


@pytest.fixture(params=COLUMNS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    head, tail = COLUMNS[request.param]
    rows = [f"mobile/{n},passenger_car,petrol,china_{n % 6 + 1},{1000 + n},vkm/yr,1,99999{tail}" for n in range(ROWS)]
    factors = [f"passenger_car,petrol,,{name},0.1,g/km,0.05,0.2" for name in ("NOx", "VOC", "CO", "PM2.5")]
    texts = {
        "activity.csv": ["source,category,fuel,technology,activity,unit,low,high" + head, *rows],
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
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_read(benchmark: Benchmark, folder: Path) -> None:
    benchmark(emis.read_inventory, folder)


def test_digest(benchmark: Benchmark, folder: Path) -> None:
    benchmark(digest, emis.read_inventory(folder))


def test_findings(benchmark: Benchmark, folder: Path) -> None:
    benchmark(findings, emis.read_inventory(folder))
