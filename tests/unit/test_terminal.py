"""What is printed on terminals of any width, with colours and without: on a real pseudo terminal and through pipes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Command, Project
from rich.cells import cell_len
from rich.text import Text

import emis
from emis import console
from emis.attribution import contributions
from emis.likelihood import sample_projection
from emis.showing_run import print_dry_run, print_run

ROOT = Path(__file__).parents[2]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
#: Sets a colour: 30-37 and 90-97 of the foreground, 38 of 256 or of all.
COLOURS = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|9[0-7])[;m]")


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make rich take any stream for a terminal, on which prose goes on below between words."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


class Found:
    """A run of the shipped scenario, with what it prints; in the hindcast, which has every table."""

    def __init__(self) -> None:
        self.scenario = emis.read_scenario(ROOT / "scenarios/mentougou/hindcast.yaml")
        self.projection = emis.project(self.scenario.inventories[2017], self.scenario)
        self.shares = contributions(self.projection.program, 1)
        self.sample = sample_projection(self.projection, 1, map)
        self.air = emis.ambient_air(self.projection, self.scenario.plan.targets, 1, self.sample.drawn)

    def shown(self, width: int, lang: console.Lang, capsys: pytest.CaptureFixture[str]) -> str:
        verdicts = emis.assess(self.projection, self.scenario.plan.targets, lang, self.air, self.sample)
        out = console.console(width)
        arguments = (self.projection, self.shares, verdicts, "results/x", lang, {}, self.air, self.sample)
        print_run(out, *arguments)
        return ESCAPES.sub("", capsys.readouterr().out)


@pytest.fixture(scope="module")
def found() -> Found:
    return Found()


@pytest.mark.usefixtures("on_terminal")
@pytest.mark.parametrize("width", [60, 80, 100, 132])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_that_a_run_prints_fits(
    found: Found, width: int, lang: console.Lang, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = found.shown(width, lang, capsys)
    too_long = [line for line in shown.splitlines() if cell_len(line) > width]
    assert not too_long
    assert "…" not in shown
    together = re.sub(r"\s", "", shown)
    plan = found.scenario.plan
    verdicts = emis.assess(found.projection, plan.targets, lang, found.air, found.sample)
    for one in verdicts:
        cells = (
            console.amount(one.required, one.unit, lang=lang),
            console.amount(one.margin, one.unit, signed=True, lang=lang),
            one.title,
        )
        for text in (one.target, console.word(one.status, lang), *cells):
            # A title may go on below, beside the numbers of its row.
            assert re.sub(r"\s", "", text) in together or (text == one.title and width == 132)
    for text in (console.amount(found.air.hindsight[0].low), "A05-low-emission-zone", "2019"):
        assert text in shown


@pytest.mark.usefixtures("on_terminal")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_verdicts_stand_in_a_table_of_80_columns(
    found: Found, lang: console.Lang, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = found.shown(80, lang, capsys).splitlines()
    rule = next(number for number, line in enumerate(lines) if line.startswith(" ───"))
    rows = [line.split()[0] for line in lines[rule + 1 : rule + 1 + len(found.scenario.plan.targets)]]
    assert rows == [target.id for target in found.scenario.plan.targets]


@pytest.mark.parametrize("width", [60, 80, 100, 132])
def test_files_and_measures_of_a_dry_run_fit(
    found: Found, width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"inventories/mentougou-2017/{'x' * 30}.csv": {"bytes": 10**9}}
    print_dry_run(console.console(width), found.projection.program, files, 1e6)
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert all(cell_len(line) <= width for line in shown.splitlines())
    for measure in found.projection.program.measures:
        assert measure.id in shown


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80])
def test_a_table_is_printed_whole(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    table = console.new_table("", ("name", False), ("against no plan", True), ("t [kt]", True), ("", False))
    table.add_row("a", "1,234.5 µg/m³", "−1", "门头沟区打赢蓝天保卫战三年行动计划")
    table.add_row("a/very/long/name/of/a/source", "2 µg/m³", "[/b]", Text("words and words"))
    console.print_table(console.console(width), table)
    shown = capsys.readouterr().out
    assert all(cell_len(line) <= width for line in shown.splitlines())
    together = re.sub(r"\s", "", shown)
    for text in ("1,234.5µg/m³", "门头沟区打赢蓝天保卫战" if width > 40 else "门头沟", "[/b]", "t[kt]"):
        assert text in together
    assert "…" not in shown


def test_brackets_of_a_file_are_no_markup(run: Command, project: Project) -> None:
    title = "[/red] coal [bold]out :smile:"
    project.measure("A", [{"scale": {"activity": "-10 %"}}], title=title)
    project.plan["targets"] = [{"id": "T1", "title": title, "indicator": "emissions", "pollutant": "NOx", "by": 2020}]
    project.plan["title"] = project.scenario["title"] = title
    found = run("run", project.write(), "--no-report")
    assert found.exit_code == 0
    assert found.stdout.count(title) >= 3


# -- colours ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("colours")
    project = Project(folder / "project")
    project.measure("A", [{"scale": {"activity": "-10 %"}}])
    project.plan["targets"] = [
        {"id": "T1", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "50 %", "since": 2017, "by": 2020},
        {"id": "T2", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "5 %", "since": 2017, "by": 2020},
    ]
    assert Command(folder)("run", project.write(), "--no-report", "--samples", "10").exit_code == 0
    return folder / "results/test"


def environment(**more: str) -> dict[str, str]:
    names = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return kept | {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT)} | more


def piped(*arguments: str | Path, **more: str) -> str:
    command = [sys.executable, "-m", "emis", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment(**more)).stdout


def typed(width: int, *arguments: str | Path, **more: str) -> str:
    """Run a command on a pseudo terminal and return all it shows."""
    fcntl, pty, struct = (pytest.importorskip(name) for name in ("fcntl", "pty", "struct"))
    termios = pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    command = [sys.executable, "-m", "emis", *map(str, arguments)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(**more))
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # What Linux says when the other end is closed.
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait(30) == 0
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("more", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "0", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colours_on_a_terminal(result: Path, more: dict[str, str], coloured: bool) -> None:
    shown = typed(80, "show", result, **more)
    assert bool(COLOURS.search(shown)) == coloured
    plain = ESCAPES.sub("", shown)
    assert "MISSED" in plain
    assert all(cell_len(line) <= 80 for line in plain.splitlines() if not line.startswith("emis run "))


def test_no_escapes_in_a_pipe(result: Path) -> None:
    shown = piped("show", result, COLUMNS="80")
    assert "\x1b" not in shown
    # A sentence is one line there, so that it can be searched for.
    assert "against no plan: the reduction against the same year without the plan." in shown


def test_colours_can_be_forced_into_a_pipe(result: Path) -> None:
    assert COLOURS.search(piped("show", result, FORCE_COLOR="1"))


def test_results_beside_each_other_on_a_terminal(result: Path, tmp_path: Path) -> None:
    names = ("one", "another-with-a-long-name")
    for name in names:
        (tmp_path / name).symlink_to(result)
    for width in (60, 80):
        shown = ESCAPES.sub("", typed(width, "compare", result, *(tmp_path / name for name in names)))
        assert all(cell_len(line) <= width for line in shown.splitlines())
        assert "…" not in shown
        assert shown.count("MISSED 10 %") >= 3
