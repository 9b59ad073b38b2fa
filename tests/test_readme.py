"""The README is true: its commands run, its table is what the tool prints, its files pass."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from conftest import Command, Project

import emis
from emis.air_settings import AirQuality
from emis.options import Options
from emis.scenario import UncertaintySettings
from emis.vocabulary import SECTORS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.usefixtures("few_figures")
def test_its_commands_run(run: Command) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("emis ")]
    assert len(lines) >= 9
    for line in lines:
        # What is reported on, or compared as a page, below.
        shown = re.search(
            r"^emis run demo/scenarios/mentougou/(full|delayed)\.yaml( -o results/delayed)?( *#.*)?$", line
        )
        found = run(*shlex.split(line, comments=True)[1:], report=shown is not None and "dry-run" not in line)
        assert found.exit_code == 0, f"{line}\n{found.output}"


def test_the_two_commands_exist() -> None:
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert blocks("sh")[0].split("#")[0].strip() == "make run"
    for target in re.findall(r"make (\w+)", README):
        assert f"\n{target}:" in targets, target


def test_its_verdicts_are_printed(run: Command) -> None:
    printed = {
        " ".join(line.split()) for line in run("run", ROOT / "scenarios/mentougou/full.yaml").stdout.splitlines()
    }
    quoted = [" ".join(line.split()) for line in blocks("text")[0].splitlines() if line.startswith(" T")]
    assert len(quoted) == 8
    for line in quoted:
        assert line in printed
    targets = len(emis.read_plan(ROOT / "scenarios/mentougou/plan.yaml").targets)
    assert f"and {('zero one two three four five six seven eight'.split())[targets - 8]} targets more" in README


@pytest.mark.usefixtures("few_figures")
def test_its_figures_are_those_of_the_run(run: Command) -> None:
    made = run("run", ROOT / "scenarios/mentougou/full.yaml", "-o", "full", report=True)
    assert made.exit_code == 0
    # Sizes depend on the fonts that are installed; what is told does not.
    numbers = re.compile(r">([−+]?\d[\d.,]*)(?: [^<]*)?</text>")
    for name in ("targets", "waterfall"):
        assert f"docs/figures/{name}.svg" in README
        files = (ROOT / "docs" / "figures" / f"{name}.svg", run.folder / "full" / "figures" / f"{name}.svg")
        shown, drawn = (numbers.findall(file.read_text(encoding="utf-8")) for file in files)
        assert shown == drawn
        assert shown


def test_the_table_of_formats_is_that_of_the_engine() -> None:
    from emis.interchange.registry import FORMATS

    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    table = text[text.index("<!-- formats: begin -->") : text.index("<!-- formats: end -->")]
    shown = [[cell.strip() for cell in line.split("|")[1:5]] for line in table.splitlines() if line.startswith("| `")]
    assert shown == [
        [f"`{one.name}`", "in" if one.read else "", "out" if one.write else "", one.title] for one in FORMATS.values()
    ]


def test_it_names_every_sector() -> None:
    for name in SECTORS:
        assert f"`{name}`" in README


@pytest.mark.usefixtures("few_figures")
def test_its_python_runs(monkeypatch: pytest.MonkeyPatch, run: Command) -> None:
    for name in ("inventories", "scenarios"):
        shutil.copytree(ROOT / name, run.folder / name)
    made = run("run", "scenarios/mentougou/full.yaml", "--samples", "200", report=True)
    assert made.exit_code == 0
    monkeypatch.chdir(run.folder)
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})


def test_its_files_are_read(project: Project) -> None:
    from ruamel.yaml import YAML

    sure, plan, scenario, air, options = (YAML(typ="safe").load(block) for block in blocks("yaml"))
    UncertaintySettings.model_validate(sure["uncertainty"])
    AirQuality.model_validate(air["air_quality"])
    emis.Plan.model_validate({"emis": "plan/1", "base_year": 2017, **plan})
    assert scenario["emis"] == "scenario/1"
    Options.model_validate(options)
    table = project.root / "mobile.csv"
    table.parent.mkdir()
    table.write_text(blocks("csv")[0], encoding="utf-8")
    inventory = emis.read_inventory(table)
    assert inventory.activity[0] == 27_044_000
    assert inventory.stocks["vehicles"].values[0] == 600.97
