"""`emis solve` as a user meets it, and the scenario file that it writes."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Command, Project
from ruamel.yaml import YAML

import emis

SHIPPED = Path(__file__).parents[2] / "scenarios/mentougou"


@pytest.fixture
def scenario(project: Project) -> Path:
    """NOx is to fall by half; the plan takes off a fifth, an option 40 %, and a ceiling what is left."""
    project.measure("A-stoves", [{"abate": {"efficiency": {"NOx": "20 %"}}}], title={"zh": "炉具", "en": "Stoves"})
    project.measure("B-cap", [{"cap": {"at_most": {"NOx": "1.1 t/yr"}}}])
    project.scenario |= {"options": "options.yaml", "omit": ["B-cap"]}
    project.yaml(
        project.root / "scenarios/options.yaml",
        {
            "emis": "options/1",
            "measures": [
                {
                    "id": "O-new",
                    "title": "New stoves",
                    "effort": 2,
                    "select": {"technology": "old"},
                    "do": [{"shift": {"share": "40 %", "to": {"technology": "new"}}}],
                }
            ],
            "effort": {"B-*": 9},
        },
    )
    halved = {"indicator": "emissions", "pollutant": "NOx", "since": 2017, "by": 2020}
    project.plan["targets"] = [
        {"id": "T1", **halved, "reduce_by": "40 %"},
        {"id": "T2", **halved, "reduce_by": "90 %"},
        {"id": "T3", **halved, "reduce_by": "10 %"},
        {"id": "T4", "indicator": "index", "by": 2020},
    ]
    return project.write()


def test_every_missed_target_one_by_one(run: Command, scenario: Path) -> None:
    found = run("solve", scenario)
    assert found.exit_code == 0
    for text in ("T1 reached", "T2 not reached", "What is reachable", "O-new", "+ beyond the plan", "proven", "T4: "):
        assert text in found.stdout, found.stdout
    assert "T3 " not in found.stdout
    closing = found.stdout.partition("What would close the gaps")[2].splitlines()
    assert [(line.split()[0], line.rstrip().endswith("not reached")) for line in closing if " reached" in line] == [
        ("T1", False),
        ("T2", True),
    ]


def test_json_and_chinese(run: Command, scenario: Path) -> None:
    found = run("solve", scenario, "--target", "T1", "--on-off", "--json", "--curve")
    assert found.exit_code == 0
    envelope = json.loads(found.stdout)
    assert envelope["ok"]
    (one,) = envelope["result"]["solutions"]
    assert one["reached"]
    assert one["price"] == 3
    assert {choice["measure"] for choice in one["choices"] if choice["level"]} == {"A-stoves", "O-new"}
    assert one["outcomes"][0]["achieved"] == pytest.approx(42)  # of 2 t: 20 % off the 60 % that stay, 0.2 t anew
    assert [point["reduction"] for point in one["curve"]] == pytest.approx(range(5, 55, 5))
    assert one["certificate"] == {"proven": True, "bound": 3, "gap": 0, "residual": None, "starts": 0}
    chinese = run("solve", scenario, "--lang", "zh").stdout
    for text in ("可达到", "已证明最小", "无法达到", "最多可达", "制约因素", "炉具", "工作量", "计划未给出该指标"):
        assert text in chinese


@pytest.mark.parametrize("flags", [["--on-off"], []])
@pytest.mark.parametrize("target", ["T1", "T2"])
def test_the_scenario_that_is_written_reproduces_it(
    run: Command, scenario: Path, flags: list[str], target: str
) -> None:
    path = scenario.parent / "solved/answer.yaml"
    found = run("solve", scenario, "--target", target, *flags, "-o", path, "--json")
    assert found.exit_code == 0, found.output
    outcome = json.loads(found.stdout)["result"]["solutions"][0]["outcomes"][0]
    again = run("run", path, "--json", "-o", run.folder / "out")
    assert again.exit_code == 0, again.output
    verdicts = {one["target"]: one for one in json.loads(again.stdout)["result"]["verdicts"]}
    assert verdicts[target]["achieved"] == pytest.approx(outcome["achieved"], rel=1e-12)
    assert verdicts[target]["status"] == ("MET" if outcome["reached"] else "MISSED")
    assert emis.read_scenario(path).name == "answer"


def test_an_options_file_from_elsewhere_travels_with_the_answer(run: Command, scenario: Path) -> None:
    beyond = scenario.parent / "more/options.yaml"
    beyond.parent.mkdir()
    (scenario.parent / "options.yaml").rename(beyond)
    text = scenario.read_text(encoding="utf-8").replace("options: options.yaml\n", "")
    scenario.write_text(text, encoding="utf-8")
    path = scenario.parent / "answer.yaml"
    found = run("solve", scenario, "--target", "T1", "--options", beyond, "-o", path)
    assert found.exit_code == 0, found.output
    document = YAML(typ="safe").load(path)
    assert document["options"] == "more/options.yaml"
    assert document["take"] == ["O-new"]
    assert run("run", path, "--strict", "-o", run.folder / "out").exit_code == 1  # T2 is missed all the same


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--target", "T9"], 3, "the plan has no target 'T9'"),
        (["--target", "T4"], 3, "T4: cannot be solved for: the plan gives no figure for the index"),
        (["--target", "T1", "--minimise", "cost"], 3, "measures.O-new.cost: its cost is not stated"),
        (["--target", "T1", "--keep", "C"], 3, "there is no measure 'C'"),
        (["--target", "T1", "--probability", "90"], 2, "90"),
        (["--target", "T1", "--probability", "100%"], 2, "not between 0 and 100 %"),
        (["--curve"], 2, "--curve goes with one --target"),
        (["-o", "x.yaml"], 2, "-o goes with --target"),
        (["--target", "T1", "-o", "x.yaml", "--set", "delay=1 yr"], 2, "-o goes with --target"),
        (["--target", "T1", "--options", "none.yaml"], 3, "none.yaml: is not there"),
    ],
)
def test_faults(run: Command, scenario: Path, arguments: list[str], code: int, told: str) -> None:
    found = run("solve", scenario, *arguments)
    assert found.exit_code == code
    assert told in found.output


def test_what_is_asked_about_is_not_overwritten(run: Command, scenario: Path) -> None:
    before = scenario.read_text(encoding="utf-8")
    found = run("solve", scenario, "--target", "T1", "-o", scenario)
    assert found.exit_code == 2
    assert "name another file" in found.stderr
    assert scenario.read_text(encoding="utf-8") == before
    for _ in range(2):  # an earlier answer is replaced
        assert run("solve", scenario, "--target", "T1", "-o", scenario.with_name("answer.yaml")).exit_code == 0


def test_a_chosen_ceiling_counts(run: Command, scenario: Path) -> None:
    found = run("solve", scenario, "--target", "T1", "--without", "O-*", "--on-off", "--json")
    (one,) = json.loads(found.stdout)["result"]["solutions"]
    assert {choice["measure"] for choice in one["choices"] if choice["level"]} == {"B-cap"}
    assert one["outcomes"][0]["achieved"] == pytest.approx(45)


def test_several_targets_are_reached_together_or_the_worst_is_missed_least(run: Command, scenario: Path) -> None:
    found = run("solve", scenario, "--target", "T1", "--target", "T3", "--on-off", "--json")
    (one,) = json.loads(found.stdout)["result"]["solutions"]
    assert one["price"] == 3
    assert [outcome["reached"] for outcome in one["outcomes"]] == [True, True]
    found = run("solve", scenario, "--target", "T1", "--target", "T2", "--on-off", "--json")
    (one,) = json.loads(found.stdout)["result"]["solutions"]
    assert [outcome["reached"] for outcome in one["outcomes"]] == [True, False]
    assert [step["best"] for step in one["reach"]["steps"]] == pytest.approx([45, 45])


def test_options_are_checked_and_described(run: Command, scenario: Path) -> None:
    assert run("show", scenario.parent / "options.yaml").exit_code == 2
    assert "is a file of options, not a scenario" in run("run", scenario.parent / "options.yaml").stderr
    assert run("check", scenario.parent / "options.yaml").stdout.strip().endswith("options, no faults")
    found = json.loads(run("schema", "options", "--json").stdout)["result"]
    assert {"measures", "exclusive", "effort", "cost"} <= set(found["properties"])


# -- the shipped example ---------------------------------------------------------------------------------------------


def solved(name: str, target: str, **keys: Any) -> emis.Solution:
    scenario = emis.read_scenario(SHIPPED / name)
    return emis.solve(scenario.inventories[2017], scenario, [target], **keys)


def test_the_delayed_scenario_says_how_near_one_gets() -> None:
    found = solved("delayed.yaml", "T1", on_off=True)
    assert not found.reached
    assert found.certificate.proven
    assert found.reach is not None
    (step,) = found.reach.steps
    assert found.outcomes[0].scenario < step.best < step.required < step.phased_in
    assert any("delay of 1 yr" in english for english, _ in found.reach.binding)


def test_the_full_scenario_closes_its_gap_of_nox_with_options() -> None:
    found = solved("full.yaml", "T1")
    assert found.reached
    assert found.certificate.gap is not None
    assert found.certificate.gap < 1e-4
    beyond = [one for one in found.choices if one.beyond and one.level > 0]
    assert beyond
    assert sum(found.levels[name] for name in ("O-machine-zone", "O-machine-retrofit")) <= 1


def test_the_shipped_options_change_no_result() -> None:
    scenario = emis.read_scenario(SHIPPED / "full.yaml")
    assert scenario.options is not None
    assert 6 <= len(scenario.options.measures) <= 10
    assert all(one.evidence and one.evidence.grade and one.uncertainty for one in scenario.options.measures)
    assert not {one.id for one in scenario.options.measures} & {one.id for one in scenario.measures}
