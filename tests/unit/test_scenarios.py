"""Reading plans and scenarios: YAML 1.2, extends, and every fault of all files at once with its line."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Project

import emis
from emis.errors import Issues
from emis.io import documents

PLAN = """\
emis: plan/1
base_year: 2017
measures:
  - id: A05
    title: {zh: 甲, en: first}
    select: {technology: old}
    do:
      - abate: {efficiency: {NOx: 50 %}, penetration: 60 %}
    phase_in: {2018: 50 %, 2019: 100 %}
targets:
  - {id: T1, indicator: emissions, pollutant: NOx, reduce_by: 30 %, since: 2017, by: 2020}
"""
SCENARIO = """\
emis: scenario/1
name: test
plan: plan.yaml
inventories: {2017: ../inventories/2017}
years: [2017, 2020]
"""


@pytest.fixture
def files(project: Project) -> Path:
    """Return the folder of a plan and a scenario that are right, as text."""
    project.inventory()
    folder = project.root / "scenarios"
    folder.mkdir()
    (folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
    (folder / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder


def faults(folder: Path, **options: Any) -> str:
    def compiled() -> None:
        scenario = emis.read_scenario(folder / "scenario.yaml", **options)
        emis.compile_program(scenario.inventories[2017], scenario)

    with pytest.raises(emis.InputError) as caught:
        compiled()
    return str(caught.value)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("penetration: 60 %", "penetratoin: 60 %", "plan.yaml:8 measures.A05.do.0.abate.penetratoin: unknown key"),
        ("penetration: 60 %", "penetratoin: 60 %", "did you mean 'penetration'?"),
        ("penetration: 60 %", "penetration: 0.6", "plan.yaml:8 measures.A05.do.0.abate.penetration"),
        ("penetration: 60 %", "penetration: 160 %", "0 % to 100 %"),
        ("penetration: 60 %", "penetration: 60 ％％", "plan.yaml:8"),
        ("NOx: 50 %", "NOxx: 50 %", "unknown pollutant 'NOxx'; did you mean 'NOx'?"),
        ("abate:", "abbate:", "unknown key 'abbate'; did you mean 'abate'?"),
        ("2019: 100 %", "2019: 40 %", "temporary: true"),
        ("2019: 100 %", "2019-01-01: 100 %", "mixed"),
        ("technology: old", "technolgy: old", "did you mean 'technology'?"),
        ("technology: old", "technology: odl", "did you mean 'old'?"),
        ("reduce_by: 30 %", "reduce_by: 30", "plan.yaml:11 targets.T1.reduce_by: a bare number 30"),
        ("reduce_by: 30 %, since: 2017", "reduce_by: 30 %", "counts from a year"),
        ("pollutant: NOx, ", "", "names its pollutant"),
        ("indicator: emissions", "indicator: emission", "did you mean 'emissions'?"),
        ("base_year: 2017\n", "", "the key 'base_year' is missing"),
        ("base_year: 2017", "base_year: 17", "expected a year, found 17"),
        ("base_year: 2017", "base_year: 2017\nbase_year: 2018", "plan.yaml:3 base_year: the key"),
        ("id: A05", "id: A05\n\tarticle: 5", "tabs"),
        ("id: A05", "id: !!python/object:os.system A05", "tag"),
        ("emis: plan/1", "emis: plan/2", "plan.yaml:1 emis: expected 'plan/1', found 'plan/2'"),
        ("  - {id: T1", "  - {id: T1, id: T2", "stands twice"),
        ("do:\n      - abate: {efficiency: {NOx: 50 %}, penetration: 60 %}", "do: yes", "plan.yaml:7"),
    ],
)  # fmt: skip
def test_faults_of_a_plan(files: Path, old: str, new: str, said: str) -> None:
    edit(files / "plan.yaml", old, new)
    found = faults(files)
    assert said in found
    assert "Traceback" not in found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("years: [2017, 2020]", "years: [2016, 2020]", "2016 is before the plan's base year 2017 and has no inventory"),
        ("years: [2017, 2020]", "years: 2020", "expected a list"),
        ("years: [2017, 2020]", "years: [2020, 2020]", "twice"),
        ("{2017: ../inventories/2017}", "{2015: ../inventories/2017}", "is 2017, and the scenario takes it for 2015"),
        ("{2017: ../inventories/2017}", "{2017: ../inventories/2018}", "is not there; did you mean '2017'?"),
        ("plan.yaml", "plans.yaml", "plans.yaml"),
        ("plan.yaml", "/etc/plan.yaml", "absolute path"),
        ("years:", "implementation: {A5: 10 %}\nyears:", "no measure 'A5'; did you mean 'A05'?"),
        ("years:", "omit: [A5]\nyears:", "scenario.yaml:5 omit.0"),
        ("years:", "resolution: monthly\nyears:", "did you mean 'month'?"),
        ("years:", "drivers: [{select: {sector: coal}, growth: 4 %}]\nyears:", "write 4 %/yr"),
        ("years:", "drivers: [{select: {sector: mobile}, growth: 4 %/yr}]\nyears:", "matches no source"),
        ("years:", "drivers: [{select: {sector: coal}, index: {2018: 1, 2020: 2}}]\nyears:", "not 2017"),
        ("years:", "drivers: [{select: {fuel: coal}, shift: {share: 40 %/yr, to: outside}}]\nyears:", "move 120 %"),
        ("years:", "delay: 1\nyears:", "write 1 yr"),
        ("years:", "extends: scenario.yaml\nyears:", "extends itself"),
        ("years:", "extends: missing.yaml\nyears:", "missing.yaml"),
        ("name: test", "name: no/good", "name"),
    ],
)  # fmt: skip
def test_faults_of_a_scenario(files: Path, old: str, new: str, said: str) -> None:
    edit(files / "scenario.yaml", old, new)
    assert said in faults(files)


def test_every_fault_of_all_files_at_once(files: Path, project: Project) -> None:
    edit(files / "plan.yaml", "penetration: 60 %", "penetration: 0.6")
    edit(files / "plan.yaml", "since: 2017", "sinse: 2017")
    edit(files / "scenario.yaml", "years", "yeers")
    project.inventory(activity="source,category,fuel,technology,activity,unit\ncoal/a,stove,coal,old,,t/yr\n")
    said = faults(files)
    for place in ("scenario.yaml:5 yeers", "plan.yaml:8", "plan.yaml:11", "activity.csv:2"):
        assert place in said


def test_extends_lays_one_over_the_other(files: Path) -> None:
    (files / "half.yaml").write_text(
        "extends: scenario.yaml\nname: half\nimplementation: {A05: 50 %}\nyears: [2020]\n", encoding="utf-8"
    )
    edit(files / "scenario.yaml", "years:", "implementation: {default: 80 %}\nyears:")
    found = emis.read_scenario(files / "half.yaml")
    assert found.name == "half"
    assert found.years == (2020,)
    assert found.implementation("A05") == 0.5
    assert found.implementation("other") == 0.8


def test_a_fault_in_what_is_extended_is_found_there(files: Path) -> None:
    (files / "sub").mkdir()
    (files / "sub/half.yaml").write_text("extends: ../scenario.yaml\nname: half\n", encoding="utf-8")
    assert emis.read_scenario(files / "sub/half.yaml").plan.base_year == 2017
    edit(files / "scenario.yaml", "[2017, 2020]", "[2017, abc]")
    with pytest.raises(emis.InputError, match=r"scenarios/scenario\.yaml:5 years\.1"):
        emis.read_scenario(files / "sub/half.yaml")


def test_a_delay_moves_phase_ins(files: Path) -> None:
    edit(files / "scenario.yaml", "years:", "delay: 1 yr\nyears:")
    scenario = emis.read_scenario(files / "scenario.yaml", settings={"years": "[2018, 2019, 2020]"})
    program = emis.compile_program(scenario.inventories[2017], scenario)
    assert program.levels[0] == pytest.approx([0, 0.5, 1])


def tree(text: str) -> Any:
    issues = Issues()
    found = documents.parse(text.encode(), "x.yaml", issues)
    issues.raise_if_any()
    assert found is not None
    return documents.plain(found)


def test_yaml_is_1_2() -> None:
    assert tree("a: no\nb: 0110109\nc: 12:30\nd: 1e3\ne: 2018-10-16\nf: true\nh: 0o17\n") == {
        "a": "no", "b": 110109, "c": "12:30", "d": 1000.0, "e": "2018-10-16", "f": True, "h": 15,
    }  # fmt: skip


def test_a_town_code_keeps_its_zero() -> None:
    from emis.selectors import Selector

    assert Selector.model_validate(tree("region: 0110109")).region == ("0110109",)


@pytest.mark.parametrize(
    "text",
    [
        "a: [1, 2",
        "a: 1\n b: 2",
        "",
        "a: 1\n---\nb: 2\n",
        "&a [*a]",
        "a: &x [1]\n" + "".join(f"{c}: &{c} [{', '.join([f'*{p}'] * 9)}]\n" for p, c in "xy yz zw wv vu ut".split()),
        "[" * 3000,
        "? [a]\n: 1",
        "<<: {a: 1}",
        "{\x00}",
    ],
)  # fmt: skip
def test_yaml_that_is_refused(text: str) -> None:
    with pytest.raises(emis.InputError):
        tree(text)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_another_encoding_is_refused_by_name(encoding: str) -> None:
    issues = Issues()
    assert documents.parse("title: 门头沟区".encode(encoding), "x.yaml", issues) is None
    assert ("GB18030" if encoding == "gb18030" else "UTF-16") in str(issues.errors[0])


def test_a_byte_order_mark_is_fine() -> None:
    issues = Issues()
    assert documents.parse(b"\xef\xbb\xbfa: 1", "x.yaml", issues) is not None


def test_another_spelling_is_reported(files: Path) -> None:
    edit(files / "plan.yaml", "{NOx: 50 %}", "{NOX: 50 %}")
    assert "NOX is read as NOx" in str(emis.read_scenario(files / "scenario.yaml").warnings[0])
