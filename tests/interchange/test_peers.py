"""pyam, nomenclature and primap2 themselves open what emis writes, and emis what they write, with equal totals.

They pin what emis does not, and run in interpreters of their own: ``make peers`` sets these up under ``.peers``;
EMIS_PYAM and EMIS_PRIMAP2 name others.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emis.interchange.converting import read_file, write_file
from emis.interchange.formats import Settings
from emis.interchange.registry import FORMATS
from emis.interchange.scenario_tables.species import pollutant
from emis.interchange.series import Series

_HERE, _ROOT = Path(__file__).parent, Path(__file__).parents[2]


def _ask(name: str, *arguments: Path | str) -> Any:
    """Return what a script in a peer's interpreter prints; skip where there is none."""
    python = Path(os.environ.get(f"EMIS_{name.upper()}") or _ROOT / ".peers" / name / "bin" / "python")
    if not python.exists():
        pytest.skip(f"{name} has no interpreter: run `make peers`, or name one in EMIS_{name.upper()}")
    command = [str(python), str(_HERE / "peers" / f"with_{name}.py"), *map(str, arguments)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=_HERE)
    assert found.returncode == 0, found.stderr[-2000:]
    return json.loads(found.stdout)


def _totals(several: tuple[Series, ...]) -> dict[tuple[str, str, int], float]:
    """Return totals by scenario, pollutant and year, of the plan and without it."""
    found = {}
    for one in several:
        for name, values in ((one.scenario, one.values), (f"{one.scenario} (no plan)", one.no_plan)):
            if values is not None:
                sums = np.nansum(values, axis=1)
                found |= {
                    (name, p, year): float(sums[y, n])
                    for y, year in enumerate(one.years)
                    for n, p in enumerate(one.pollutants)
                    if not np.isnan(values[y, :, n]).all()
                }
    return found


def _same(found: list[list[Any]], wanted: dict[tuple[str, str, int], float]) -> None:
    by_key = {
        (scenario, pollutant(name.removeprefix("Emissions|")), year): value for scenario, name, year, value in found
    }
    assert by_key.keys() == wanted.keys()
    assert list(by_key.values()) == pytest.approx([wanted[key] for key in by_key], rel=1e-12)


@pytest.fixture(scope="module")
def plan() -> tuple[Series, ...]:
    """The example's scenario: five years, with and without the plan."""
    return read_file(_ROOT / "scenarios" / "mentougou" / "full.yaml", Settings()).series


@pytest.mark.parametrize(("by", "ending"), [("category", ".csv"), ("source", ".xlsx")])
def test_pyam_opens_and_adds_up_and_nomenclature_knows_every_name(
    plan: tuple[Series, ...], tmp_path: Path, by: str, ending: str
) -> None:
    settings, file = Settings(by=by, region="China|Beijing|Mentougou"), tmp_path / f"plan{ending}"
    write_file(plan, FORMATS["iamc"], file, settings)
    write_file(plan, FORMATS["nomenclature"], tmp_path / "definitions", settings)
    found = _ask("pyam", "totals", file, tmp_path / "definitions")
    _same(found["totals"], _totals(plan))
    assert found["checked"] > 100
    assert (found["off"], found["off by region"]) == ([], False)
    first = next(value for scenario, name, _, value in found["totals"] if (scenario, name) == ("full", "Emissions|NOx"))
    assert found["kilotonnes"] == pytest.approx(first / 1000)


@pytest.mark.parametrize("by", ["sector", "category", "source"])
def test_primap2_opens_and_adds_up(plan: tuple[Series, ...], tmp_path: Path, by: str) -> None:
    write_file(plan, FORMATS["primap2"], tmp_path / "plan.csv", Settings(by=by, region="CHN"))
    found = _ask("primap2", "totals", tmp_path / "plan.yaml")
    _same(found["totals"], _totals(plan))
    assert found["attrs"]["area"] == "area (ISO3)"
    assert ("emis_technology" in found["coordinates"]) == (by == "source")


def test_what_pyam_writes_is_read(tmp_path: Path) -> None:
    written = _ask("pyam", "written", tmp_path)
    units = {"Emissions|Sulfur": 1e6, "Emissions|NOx": 1e6, "Emissions|BC": 1e3}
    wanted = {
        (scenario, pollutant(name.removeprefix("Emissions|")) or "", year): value * units[name]
        for scenario, name, year, value in written["totals"]
        if name in units
    }
    for name in ("wide.csv", "wide.xlsx", "long.csv"):
        found = _totals(read_file(tmp_path / name, Settings()).series)
        assert found.keys() == wanted.keys()
        assert list(found.values()) == pytest.approx([wanted[key] for key in found], rel=1e-12)


def test_what_primap2_writes_is_read(tmp_path: Path) -> None:
    written = _ask("primap2", "written", tmp_path)
    _same(written["totals"], _totals(read_file(tmp_path / "pair.yaml", Settings()).series))
