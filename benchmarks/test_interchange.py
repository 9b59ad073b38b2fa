"""Files of other tools: FF10 in and out."""

from pathlib import Path

import numpy as np
import pytest
from conftest import Benchmark

import emis
from emis.interchange.converting import read_file, write_file
from emis.interchange.formats import Settings
from emis.interchange.registry import FORMATS
from emis.io.flat_layouts import FF10_NONPOINT, FF10_POINT, MONTHS, Layout

POLLUTANTS = ("NOX", "SO2", "CO", "VOC", "PM25-PRI", "PM10-PRI", "NH3", "71432", "7439921", "EC")
#: Rows of a file when it is timed, and in a smoke test.
ROWS, FEW = 100_000, 1_000


def write_flat(path: Path, layout: Layout, rows: int, monthly: bool = False) -> Path:
    """Write an FF10 file of ten pollutants a source, texts in quotes."""
    rng = np.random.default_rng(1)
    lines = [f"#FORMAT={layout.name}", "#COUNTRY=US", "#YEAR=2017", ",".join(layout.columns)]
    for number in range(rows // len(POLLUTANTS)):
        cells = {"country_cd": '"US"', "scc": f'"21040{number // 5600:05d}"', "calc_year": "2017", "region_cd":
                 f'"{1 + number % 56:02d}{1 + 2 * (number // 56 % 100):03d}"'}  # fmt: skip
        if layout is FF10_POINT:
            cells |= {"facility_id": f'"{number // 3}"', "unit_id": f'"{number}"', "rel_point_id": '"1"',
                      "facility_name": f'"Plant, No. {number // 3}"', "stkhgt": "120.5", "latitude": "35.5",
                      "longitude": f"{-120 - number / 1e4:.6f}"}  # fmt: skip
        shares = rng.dirichlet(np.full(12, 20))
        for pollutant, value in zip(POLLUTANTS, rng.lognormal(size=len(POLLUTANTS)), strict=True):
            months = zip(MONTHS, (value * shares).tolist(), strict=True) if monthly else ()
            row = cells | {"poll": f'"{pollutant}"', "ann_value": f"{value:.12g}"}
            row |= {name: f"{amount:.9g}" for name, amount in months}
            lines.append(",".join(row.get(name, "") for name in layout.columns))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(params=["nonpoint", "months", "point"])
def flat(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    rows = FEW if request.config.getoption("benchmark_disable") else ROWS
    layout = FF10_POINT if request.param == "point" else FF10_NONPOINT
    return write_flat(tmp_path / "in.csv", layout, rows, request.param == "months")


def test_read_ff10(benchmark: Benchmark, flat: Path) -> None:
    benchmark(emis.read_inventory, flat)


def test_write_ff10(benchmark: Benchmark, flat: Path, tmp_path: Path) -> None:
    series = read_file(flat, Settings()).series
    benchmark(write_file, series, FORMATS["ff10"], tmp_path / "out.csv", Settings())
