"""A small project on disk, so that tests say only what they are about."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings
from ruamel.yaml import YAML

import emis
from emis.cli import main

pytest_plugins = ["chromium"]

settings.register_profile(
    "dev", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.register_profile(
    "ci", max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

#: One old and one new technology; 1 kt/yr at 1 kg/t is 1000 t of activity and 1 t of emission.
ACTIVITY = """\
source,category,fuel,technology,activity,unit,households,reference,grade
coal/stove/coal/old,stove,coal,old,1000,t/yr,500,test,E
coal/stove/coal/new,stove,coal,new,0,t/yr,0,test,E
"""
FACTORS = """\
category,fuel,technology,pollutant,factor,unit,control,reference,grade
stove,coal,old,NOx,2,kg/t,0 %,test,E
stove,coal,new,NOx,0.5,kg/t,0 %,test,E
"""


@dataclass
class Project:
    """A project folder with one plan, one scenario and inventories by year."""

    root: Path
    plan: dict[str, Any] = field(
        default_factory=lambda: {"emis": "plan/1", "base_year": 2017, "measures": [], "targets": []}
    )
    scenario: dict[str, Any] = field(
        default_factory=lambda: {
            "emis": "scenario/1",
            "name": "test",
            "plan": "plan.yaml",
            "inventories": {2017: "../inventories/2017"},
            "years": [2017, 2018, 2019, 2020],
        }
    )

    def inventory(self, year: int = 2017, activity: str = ACTIVITY, factors: str = FACTORS, **keys: Any) -> None:
        """Write an inventory of one sector."""
        folder = self.root / "inventories" / str(year)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "activity.csv").write_text(activity, encoding="utf-8")
        (folder / "factors.csv").write_text(factors, encoding="utf-8")
        document = {
            "emis": "inventory/1",
            "name": f"test-{year}",
            "base_year": year,
            "status": "example",
            "pollutants": ["NOx"],
            "tables": [{"sector": "coal", "activity": "activity.csv", "factors": "factors.csv"}],
            **keys,
        }
        self.yaml(folder / "inventory.yaml", document)

    def measure(self, identity: str, do: list[Any], **keys: Any) -> None:
        """Add a measure; it selects every old source unless told otherwise."""
        select = keys.pop("select", {"technology": "old"})
        self.plan["measures"].append({"id": identity, "select": select, "do": do, **keys})

    def yaml(self, path: Path, document: Any) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as stream:
            YAML().dump(document, stream)
        return path

    @property
    def path(self) -> Path:
        return self.root / "scenarios" / "scenario.yaml"

    def write(self) -> Path:
        """Write plan and scenario; an inventory of 2017 too when there is none."""
        if not (self.root / "inventories").exists():
            self.inventory()
        self.yaml(self.root / "scenarios" / "plan.yaml", self.plan)
        return self.yaml(self.path, self.scenario)

    def read(self) -> emis.Scenario:
        return emis.read_scenario(self.write())

    def project(self, threads: int = 1) -> emis.Projection:
        scenario = self.read()
        return emis.project(scenario.inventories[scenario.plan.base_year], scenario, threads)

    def total(self, year: int = 2020, pollutant: str = "NOx") -> float:
        return float(self.project().emissions.sel(year=year, pollutant=pollutant).sum())

    def faults(self) -> str:
        """Return what is said of the project, which must have a fault."""
        with pytest.raises(emis.InputError) as caught:
            self.project()
        return str(caught.value)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@dataclass
class Command:
    """The command line, run in a folder of its own."""

    folder: Path

    def __call__(self, *arguments: str | Path, report: bool = False) -> Result:
        given = [str(one) for one in arguments]
        if given[:1] == ["run"] and not report:
            # A page takes longer to draw than all that most tests are about.
            given.append("--no-report")
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return CliRunner().invoke(_Main(), given)
        finally:
            os.chdir(before)


class _Main:
    """Lets click's runner call our own entry point, so that exit codes and envelopes are the real ones."""

    name = "emis"

    def main(self, args: list[str], prog_name: str | None = None, **_: Any) -> None:
        main(args)


@pytest.fixture(autouse=True)
def _as_wide_as_tables_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """No width of a terminal from outside: what runs tests side by side sets one."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def few_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports with two figures: to draw all of them takes longer than the rest of a test."""
    from emis import figures

    monkeypatch.setattr("emis.report.pages.FIGURES", (figures.targets, figures.waterfall))
    monkeypatch.setattr("emis.workers._CORES_BESIDE", 1024)  # in this process, which is the one that is patched


@pytest.fixture
def run(tmp_path: Path) -> Command:
    folder = tmp_path / "work"
    folder.mkdir()
    return Command(folder)
