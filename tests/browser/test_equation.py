"""The page's equation on the shipped scenarios: every target and total agrees with a run of what the page saves."""

import shutil
from pathlib import Path

import pytest
from agreement import agree

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("inventories", "scenarios"):
        shutil.copytree(ROOT / name, folder / name)
    return folder / "scenarios" / "mentougou"


CASES = [
    ("full", {}),
    ("transport-only", {}),
    ("weak-enforcement", {}),
    ("no-plan", {}),
    ("full", {"resolution": "month"}),
    ("full", {"air_quality.models": "[source_receptor]"}),
    ("full", {"air_quality.models": "[attainment]"}),
]


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_random_settings_agree_with_the_run_of_what_is_saved(name, settings, shipped, engine):
    assert agree(shipped / f"{name}.yaml", engine, 2, {**settings, "uncertainty.samples": "100"}) == 0
