"""The command line as a user meets it: exit codes, messages, one envelope on every path."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

import pytest
from conftest import Command, Project


@pytest.fixture
def scenario(project: Project) -> Path:
    project.measure("A19-villages", [{"abate": {"efficiency": {"NOx": "50 %"}, "penetration": "80 %"}}])
    project.plan["targets"] = [
        {"id": "T1", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "50 %", "since": 2017, "by": 2020}
    ]
    return project.write()


def test_run_ends_with_verdicts_contributions_and_the_path(run: Command, scenario: Path) -> None:
    found = run("run", scenario)
    assert found.exit_code == 0
    for text in ("T1", "MISSED", "40 %", "Largest contributions 2020", "A19-villages", "results: results/test"):
        assert text in found.stdout
    assert sorted(item.name for item in (run.folder / "results/test").iterdir()) == [
        "contributions.csv", "ledger.csv", "projection.nc", "run.json", "sensitivity.csv", "uncertainty.csv",
        "verdicts.csv",
    ]  # fmt: skip


def test_strict_exits_1_and_still_writes(run: Command, scenario: Path) -> None:
    assert run("run", scenario, "--strict", "-o", "out").exit_code == 1
    assert (run.folder / "out/run.json").exists()


def test_set_replaces_and_is_recorded(run: Command, scenario: Path) -> None:
    found = run("run", scenario, "--set", "measures.A19-villages.penetration=100%", "--set", "name=other", "--json")
    assert found.exit_code == 0
    result = json.loads(found.stdout)["result"]
    assert result["folder"] == "results/other"
    assert result["verdicts"][0]["achieved"] == pytest.approx(50)
    record = json.loads((run.folder / "results/other/run.json").read_text(encoding="utf-8"))
    assert record["options"]["set"] == {"measures.A19-villages.penetration": "100%", "name": "other"}
    assert all(len(entry["sha256"]) == 64 for entry in record["inputs"].values())
    assert len(record["inputs"]) == 5


@pytest.mark.parametrize(
    ("key", "achieved"),
    [
        ("measures.A19-villages.do.0.abate.efficiency.NOx=25 %", 20),
        ("measures.A19-villages.efficiency={NOx: 10 %}", 8),
        ("measures.A19-villages.effectiveness=50 %", 20),
        ("implementation.default=50 %", 20),
        ("implementation.A19-villages=25%", 10),
        ("omit=[A19-villages]", 0),
        ("measures.A19-villages.phase_in={2020: 50 %}", 20),
        ("drivers=[{select: {sector: coal}, growth: 0 %/yr}]", 40),
    ],
)
def test_set_reaches_everything(run: Command, scenario: Path, key: str, achieved: float) -> None:
    found = json.loads(run("run", scenario, "--set", key, "--json").stdout)
    assert found["errors"] == []
    assert found["result"]["verdicts"][0]["achieved"] == pytest.approx(achieved, abs=1e-9)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("measures.A19-vilages.penetration=60%", "did you mean 'A19-villages'?"),
        ("measures.A19-villages.penetratoin=60%", "no verb has 'penetratoin'"),
        ("measures.A19-villages.penetration=0.6", "write 60 %"),
        ("reslution=month", "did you mean 'resolution'?"),
        ("years=[2010]", "no inventory"),
    ],
)
def test_set_that_fits_nothing(run: Command, scenario: Path, key: str, said: str) -> None:
    found = run("run", scenario, "--set", key)
    assert found.exit_code == 3
    assert said in found.stderr
    assert not (run.folder / "results").exists()


def test_dry_run_writes_nothing(run: Command, scenario: Path) -> None:
    found = run("run", scenario, "--dry-run", "--json")
    result = json.loads(found.stdout)["result"]
    assert result["matched"] == {"A19-villages": ["coal/stove/coal/old"]}
    assert result["unmatched"] == []
    assert result["memory_bytes"] > 0
    assert any(name.endswith("factors.csv") for name in result["files"])
    assert list(run.folder.iterdir()) == []
    assert "A19-villages" in run("run", scenario, "--dry-run").stdout


def test_faults_exit_3_and_write_nothing(run: Command, project: Project, scenario: Path) -> None:
    project.inventory(activity="source,category,fuel,technology,activity,unit\ncoal/a,stove,coal,old,,t/yr\n")
    project.plan["measures"][0]["do"][0]["abate"]["penetration"] = 0.8
    project.scenario["year"] = [2020]
    project.write()
    found = run("run", scenario)
    assert found.exit_code == 3
    for said in ("activity.csv:2 activity: is blank", "write 80 %", "unknown key 'year'; did you mean 'years'?"):
        assert said in found.stderr
    assert list(run.folder.iterdir()) == []
    envelope = json.loads(run("run", scenario, "--json").stdout)
    assert envelope["ok"] is False
    assert envelope["code"] == 3
    assert len(envelope["errors"]) == 3
    assert {"file", "line", "path", "message", "hint", "text"} == set(envelope["errors"][0])


def test_promises_beyond_the_stock_exit_4(run: Command, project: Project, scenario: Path) -> None:
    project.measure("B", [{"close": {"amount": "1100 t"}}])
    project.write()
    found = run("run", scenario, "--json")
    assert found.exit_code == 4
    assert json.loads(found.stdout)["code"] == 4
    assert run("check", scenario).exit_code == 4


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "x.yaml", "--threads", "0"),
        ("jump",),
        ("compare", "one"),
        ("run", "x.yaml", "--set", "nothing"),
    ],
)
def test_usage_exits_2(run: Command, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
    found = run(*arguments, "--json")
    assert found.exit_code == 2
    assert json.loads(found.stdout)["code"] == 2


def test_a_missing_file_exits_3(run: Command) -> None:
    found = run("run", "nowhere.yaml")
    assert found.exit_code == 3
    assert "nowhere.yaml" in found.stderr
    assert "Traceback" not in found.stderr


def test_output_that_is_no_result_exits_2(run: Command, scenario: Path) -> None:
    (run.folder / "out").mkdir()
    (run.folder / "out" / "mine.txt").write_text("keep")
    assert run("run", scenario, "-o", "out").exit_code == 2
    assert (run.folder / "out" / "mine.txt").exists()


def test_show_and_check(run: Command, project: Project, scenario: Path) -> None:
    run("run", scenario)
    for path in (project.root / "inventories/2017", project.root / "scenarios/plan.yaml", scenario, "results/test"):
        assert run("show", path).exit_code == 0
        assert json.loads(run("show", path, "--json").stdout)["ok"] is True
        assert run("show", path, "--lang", "zh").exit_code == 0
        assert run("check", path).exit_code == 0
    assert "3 faults" not in run("check", project.root).stdout
    found = json.loads(run("check", project.root, "--json").stdout)
    assert [entry["kind"] for entry in found["result"]["checked"]] == ["inventory", "plan", "scenario"]


def test_check_finds_parts_above_their_whole(run: Command, project: Project) -> None:
    project.inventory(
        pollutants=["PM2.5", "PM10"],
        activity="source,category,activity,unit\ncoal/a,stove,1,t/yr\n",
        factors="category,pollutant,factor,unit\nstove,PM2.5,3,kg/t\nstove,PM10,2,kg/t\n",
    )
    found = run("check", project.root / "inventories/2017")
    assert found.exit_code == 0
    assert "PM2.5 is more than PM10" in found.stderr


def test_compare(run: Command, scenario: Path) -> None:
    run("run", scenario)
    run("run", scenario, "--set", "name=none", "--set", "omit=['*']")
    found = json.loads(run("compare", "results/test", "results/none", "--json").stdout)["result"]
    assert found["year"] == 2020
    totals = next(row for row in found["emissions"] if row["pollutant"] == "NOx" and row["sector"] == "all")["t"]
    assert totals["test"] == pytest.approx(1.2)
    assert totals["none"] == pytest.approx(2)
    assert found["verdicts"]["T1"]["none"].startswith("MISSED")
    assert "+66.7 %" in run("compare", "results/test", "results/none").stdout
    assert run("compare", "results/test", "results/none", "--year", "2035").exit_code == 3


def test_init_makes_projects_that_run(run: Command) -> None:
    assert run("init", "mine").exit_code == 0
    assert run("check", "mine").exit_code == 0
    assert run("run", "mine/scenarios/full.yaml").exit_code == 0
    assert run("init", "mine").exit_code == 2
    assert run("init", "demo", "--example", "mentougou").exit_code == 0
    assert run("run", "demo/scenarios/mentougou/no-plan.yaml").exit_code == 0


@pytest.mark.parametrize("kind", ["plan", "scenario", "inventory"])
def test_schema(run: Command, kind: str) -> None:
    found = json.loads(run("schema", kind).stdout)
    assert found["additionalProperties"] is False
    assert "emis" in found["properties"]


def test_warnings_go_to_stderr_and_into_the_record(run: Command, project: Project, scenario: Path) -> None:
    project.inventory(
        activity="source,category,fuel,technology,activity,unit,colour\ncoal/a,stove,coal,old,1,t/yr,red\n"
    )
    found = run("run", scenario)
    assert "warning: " in found.stderr
    assert "'colour' is not read" in found.stderr
    record = json.loads((run.folder / "results/test/run.json").read_text(encoding="utf-8"))
    assert any("colour" in text for text in record["warnings"])


def emis(*arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "emis", *arguments], capture_output=True, text=True, check=False, **options
    )  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("run", "--help"), ("init", "--help")])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    program = (
        "import sys; from emis.envelope import run_command; from emis.cli import cli;"
        f"code = run_command(cli, {list(arguments)!r});"
        "heavy = set('numpy pandas xarray pint pydantic scipy matplotlib ruamel yaml rich netCDF4'.split());"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules); sys.exit(code)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_interrupting_exits_130(tmp_path: Path) -> None:
    program = (
        "import signal, sys, time; import emis.io.scenarios as s; from emis.cli import main;"
        # A shell's background jobs are told to ignore it, and so would their children be.
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "s.load_scenario = lambda *a, **k: (print('ready', flush=True), time.sleep(30));"
        "main(['run', 'x.yaml', '--json'])"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait(10) == 130
    assert json.loads(rest)["code"] == 130


def test_a_reader_that_goes_away_is_no_error(scenario: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -m emis schema plan | head -1"
    found = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert "Traceback" not in found.stderr


def test_what_is_not_known_is_null_in_json(run: Command, project: Project, scenario: Path) -> None:
    factors = "category,technology,pollutant,factor,unit\nstove,old,NOx,NE,kg/t\nstove,new,NOx,1,kg/t\n"
    project.inventory(factors=factors)
    assert run("run", scenario).exit_code == 0
    for arguments in (("show", project.root / "inventories/2017"), ("compare", "results/test", "results/test")):
        found = json.loads(run(*arguments, "--json").stdout)
        assert found["ok"] is True
        assert "null" in json.dumps(found["result"])


def test_growth_without_a_sign_is_told(run: Command, project: Project, scenario: Path) -> None:
    project.measure("B", [{"scale": {"activity": "10 %"}}])
    project.measure("C", [{"scale": {"activity": "+10 %"}}])
    project.measure("D", [{"limit": {"at_most": {"NOx": "9 kg/t"}}}])
    project.write()
    found = run("run", scenario).stderr.splitlines()
    assert len(found) == 2
    assert "10 % without a sign is growth" in found[0]
    assert "changes nothing" in found[1]


def test_another_scenario_s_result_is_not_replaced_without_a_word(
    run: Command, project: Project, scenario: Path
) -> None:
    run("run", scenario)
    assert run("run", scenario).stderr == ""
    other = scenario.with_name("other.yaml")
    other.write_text(scenario.read_text(encoding="utf-8"), encoding="utf-8")
    assert "held the result of" in run("run", other).stderr
    assert "with --set implementation.default=50%" in run("run", other, "--set", "implementation.default=50%").stdout


def test_a_narrow_terminal_cuts_nothing(project: Project, scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from emis import assess, console, read_inventory, read_scenario
    from emis.digest import digest
    from emis.showing import print_inventory

    projection = project.project()
    verdicts = assess(projection, read_scenario(scenario).plan.targets)
    for width in (60, 80, 132):
        out = console.console(width)
        console.print_verdicts(out, verdicts, "en")
        print_inventory(out, digest(read_inventory(project.root / "inventories/2017")), "en")
        shown = capsys.readouterr().out
        assert "…" not in shown
        for text in ("T1", "MISSED", "50 %", "40 %", "−10 pp", "coal", "NOx"):
            assert text in shown


def test_a_plan_is_no_scenario(run: Command, scenario: Path) -> None:
    found = run("run", scenario.with_name("plan.yaml"))
    assert found.exit_code == 3
    assert "is a plan, not a scenario" in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_check_finds_faults_that_only_compiling_shows_beside_the_others(
    run: Command, project: Project, scenario: Path
) -> None:
    project.measure("B", [{"scale": {"activity": 5}}])
    project.measure("C", [{"scale": {"activity": "-5 %"}}], select={"technology": "odl"})
    project.scenario["drivers"] = [{"select": {"sector": "mobile"}, "growth": "1 %/yr"}]
    project.scenario["omit"] = ["D"]
    project.write()
    found = run("check", scenario).stderr
    for said in ("measures.B", "did you mean 'old'?", "drivers.0", "no measure 'D'"):
        assert said in found
    assert len(found.splitlines()) == 5


def test_check_below_a_dot_folder_and_above(run: Command, project: Project, scenario: Path) -> None:
    hidden = run.folder / ".hidden"
    project.root.rename(hidden)
    assert run("check", ".hidden").exit_code == 0
    (run.folder / "deeper").mkdir()
    assert Command(run.folder / "deeper")("check", "../.hidden/scenarios").exit_code == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_tells_the_rate_and_what_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    from emis import envelope

    clock = iter(range(0, 10_000, 2))
    monkeypatch.setattr(envelope.time, "perf_counter", lambda: float(next(clock)))
    monkeypatch.setattr("sys.stderr", shown := Terminal())
    monkeypatch.setenv("COLUMNS", "120")
    with envelope.progress(2) as step:
        step("reading")
        step.of(1_000, 4_000)
        step.of(2_000, 4_000)
        bar = cast(Any, step).rich
        bar.refresh()
        step("writing")
        assert not bar.tasks[1].visible
    text = shown.getvalue()
    assert "reading" in text
    assert re.search(r"50%.*\d+ sources/s.*\d:\d\d", text)


def test_progress_is_silent_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from emis import envelope

    monkeypatch.setattr("sys.stderr", shown := io.StringIO())
    with envelope.progress(1) as step:
        step("reading")
        step.of(1, 2)
    assert shown.getvalue() == ""
