"""What once went silently wrong, or ended in a traceback: each is now told, or stated to be accepted."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ACTIVITY, FACTORS, Command, Project
from ruamel.yaml import YAML

import emis


def target(project: Project, **keys: Any) -> None:
    project.plan["targets"] = [{"id": "T", "indicator": "emissions", "pollutant": "NOx", "by": 2020, **keys}]


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ({"sector": "mobil"}, "did you mean 'mobile'?"),
        ({"sector": "dust"}, "matches no source"),
        ({"source": "bus/*"}, "matches"),
    ],
)
def test_a_target_that_selects_nothing_is_a_fault(project: Project, select: dict[str, str], said: str) -> None:
    target(project, select=select, at_most="200 t/yr")
    assert said in project.faults()


@pytest.mark.parametrize(
    "do",
    [
        {"cap": {"at_most": {"NOx": "-60 t/yr"}}},
        {"close": {"amount": "-10 household"}},
        {"shift": {"share": "10 %", "to": {"technology": "new"}, "yield": -1}},
        {"shift": {"share": "10 %", "to": {"technology": "new"}, "yield": "-5 t/t"}},
        {"replace": {"factor": {"NOx": "-1 kg/t"}}},
        {"limit": {"at_most": {"NOx": "-1 kg/t"}}},
    ],
)
def test_negative_quantities(project: Project, do: dict[str, Any]) -> None:
    project.measure("A", [do])
    assert "plan.yaml" in project.faults()


@pytest.mark.parametrize("at_most", ["200 ug/m^3", "200 t VOC/yr", "-200 t/yr", "200"])
def test_a_ceiling_in_the_wrong_unit(project: Project, at_most: str) -> None:
    target(project, at_most=at_most)
    assert "plan.yaml" in project.faults()


def test_a_ceiling_without_a_time_counts_per_year(project: Project) -> None:
    target(project, at_most="200 t")
    projection = project.project()
    assert emis.assess(projection, projection.scenario.plan.targets)[0].required == 200


def test_since_after_by(project: Project) -> None:
    target(project, reduce_by="1 %", since=2017, by=2015)
    assert "later than" in project.faults()


def test_a_source_may_begin_with_a_hash(project: Project) -> None:
    project.inventory(activity=ACTIVITY + "#3锅炉,stove,coal,old,500,t/yr,1,r,E\n# a remark\n")
    assert emis.read_inventory(project.root / "inventories/2017").emissions.sum() == pytest.approx(3)


def test_a_tie_across_files(project: Project) -> None:
    tables = [{"sector": "coal", "activity": "activity.csv", "factors": ["factors.csv", "more.csv"]}]
    project.inventory(tables=tables)
    more = "category,fuel,technology,pollutant,factor,unit\nstove,coal,old,NOx,9,kg/t\n"
    (project.root / "inventories/2017/more.csv").write_text(more)
    assert "more.csv:2 factor: a second factor for stove/coal/old NOx, the first is in" in project.faults()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("activity", ",activity,unit", ",activity [万t],unit"),
        ("factors", ",factor,unit", ",factor [g/t],unit"),
    ],
)
def test_two_units_for_one_number(project: Project, file: str, old: str, new: str) -> None:
    tables = {"activity": ACTIVITY, "factors": FACTORS}
    project.inventory(**{**tables, file: tables[file].replace(old, new)})
    assert "by its header" in project.faults()


def test_the_header_may_carry_the_unit_alone(project: Project) -> None:
    project.inventory(activity="source,category,fuel,technology,activity [kt/yr]\ncoal/a,stove,coal,old,1\n")
    assert emis.read_inventory(project.root / "inventories/2017").emissions.sum() == pytest.approx(2)


@pytest.mark.parametrize(("old", "new"), [("control", "contrl"), ("technology", "tecnology"), ("fuel", "feul")])
def test_a_misspelt_column_is_a_fault(project: Project, old: str, new: str) -> None:
    project.inventory(factors=FACTORS.replace(old, new, 1))
    assert f"did you mean '{old}'?" in project.faults()


@pytest.mark.parametrize("key", ["select", "phase_in", "months", "note"])
def test_a_blank_is_no_value(project: Project, key: str) -> None:
    project.measure("A", [{"scale": {"activity": "-1 %"}}], **{key: None})
    assert "is blank" in project.faults()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"uncertainty": {"efectiveness": {"low": "1 %", "high": "2 %"}}}, "no verb of the measure has"),
        ({"uncertainty": {"activity": {"low": "banana", "high": "2 %"}}}, "banana"),
        ({"uncertainty": {"activity": {"low": "9 %", "high": "2 %"}}}, "not in this order"),
        ({"uncertainty": {"activity": {"low": 0.1, "high": 0.2}}}, "bare number"),
        ({"cost": {"investment": "5 km"}}, "yuan"),
        ({"cost": {"lifetime": "8 yuan"}}, "yr"),
    ],
)
def test_values_that_nothing_reads_yet_are_right_too(project: Project, keys: dict[str, Any], said: str) -> None:
    project.measure("A", [{"scale": {"activity": "-1 %"}}], **keys)
    assert said in project.faults()


def test_a_label_in_a_list_that_nothing_has(project: Project) -> None:
    project.measure("A", [{"scale": {"activity": "-1 %"}}], select={"technology": ["old", "boiler"]})
    assert "technology 'boiler' matches no source" in project.faults()


def test_workbooks_say_which_sheet(project: Project) -> None:
    import openpyxl

    project.inventory(tables=[{"sector": "coal", "activity": "book.xlsx", "factors": "factors.csv"}])
    book = openpyxl.Workbook()
    for line in ACTIVITY.splitlines():
        book.active.append(line.split(","))
    hidden = book.create_sheet("old copy")
    hidden.sheet_state = "hidden"
    path = project.root / "inventories/2017/book.xlsx"
    book.save(path)
    assert emis.read_inventory(path.parent).emissions.sum() == pytest.approx(2)
    hidden.sheet_state = "visible"
    book.save(path)
    assert "has 2 sheets: Sheet, old copy" in project.faults()


def test_a_damaged_sheet(project: Project) -> None:
    import zipfile

    import openpyxl

    project.inventory(tables=[{"sector": "coal", "activity": "book.xlsx", "factors": "factors.csv"}])
    path = project.root / "inventories/2017/book.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["source"])
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    assert "book.xlsx" in project.faults()


@pytest.mark.parametrize("years", [[2017], [2015, 2017]])
@pytest.mark.parametrize("resolution", ["year", "month"])
def test_only_years_of_inventories(run: Command, project: Project, years: list[int], resolution: str) -> None:
    project.inventory(2015)
    project.inventory(2017)
    project.measure("A", [{"shift": {"share": "10 %", "to": "outside", "offsite": {"CO2": "1 t/t"}}}])
    project.scenario |= {
        "years": years,
        "resolution": resolution,
        "inventories": {2015: "../inventories/2015", 2017: "../inventories/2017"},
    }
    found = run("run", project.write(), "--json")
    assert json.loads(found.stdout)["errors"] == []


def test_a_loop_of_links(project: Project) -> None:
    project.inventory()
    path = project.root / "inventories/2017/activity.csv"
    path.unlink()
    path.symlink_to(path)
    assert "activity.csv" in project.faults()


@pytest.mark.parametrize("plan", ["a\0b", "x" * 5000])
def test_names_that_are_no_files(project: Project, plan: str) -> None:
    project.scenario["plan"] = plan
    assert "scenario.yaml" in project.faults()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("drivers", [{"select": {"sector": "coal"}, "growth": "1e150 %/yr"}]),
        ("delay", "9000 yr"),
        ("delay", "-3 yr"),
        ("omit", ["X*"]),
        ("air_quality", {"observed": "/etc/passwd"}),
    ],
)
def test_scenarios_beyond_reason(project: Project, key: str, value: Any) -> None:
    project.measure("A", [{"scale": {"activity": "-1 %"}}])
    project.scenario[key] = value
    assert key in project.faults()


@pytest.mark.parametrize(
    ("file", "old", "new"), [("activity", "1000,t", "1e300,t"), ("factors", "NOx,2,kg/t", "NOx,1e300,kg/t")]
)
def test_numbers_beyond_reason(project: Project, file: str, old: str, new: str) -> None:
    tables = {"activity": ACTIVITY, "factors": FACTORS}
    project.inventory(**{**tables, file: tables[file].replace(old, new)})
    assert "beyond reason" in project.faults()


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp936"])
def test_a_console_that_cannot_show_it_all(project: Project, encoding: str) -> None:
    project.plan["title"] = "计划 m³é"
    target(project, reduce_by="1 %", since=2017)
    arguments = [sys.executable, "-m", "emis", "run", str(project.write()), "--no-report"]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    for extra in ([], ["--json"]):
        found = subprocess.run(
            [*arguments, *extra], capture_output=True, env=environment, check=False, cwd=project.root
        )
        assert found.returncode == 0, found.stderr


def test_turnover_that_takes_all_leaves_nothing(project: Project) -> None:
    project.inventory(activity=ACTIVITY.replace("1000", "15987"))
    project.scenario["drivers"] = [
        {"select": {"technology": "old"}, "shift": {"share": share, "to": {"technology": "new"}}}
        for share in ("4.9 %/yr", "45.1 %/yr")
    ]
    project.scenario["years"] = [2017, 2019]
    assert project.project().activity.sel(year=2019, source="coal/stove/coal/old").item() == 0


@pytest.mark.parametrize("amount", ["5 household", "5 t"])
def test_an_amount_where_there_is_no_stock(project: Project, amount: str) -> None:
    project.measure("A", [{"close": {"amount": amount}}], select={"technology": "new"})
    with pytest.raises(emis.InfeasibleError):
        project.project()


def test_an_interrupted_swap_leaves_the_old_result(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emis.io.result_folders import replacing

    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "kept").write_text("old")
    renamed = Path.rename

    def interrupted(self: Path, to: Path) -> Path:
        if self.name.startswith(".old") and not self.name.endswith(".old"):
            raise KeyboardInterrupt
        return renamed(self, to)

    monkeypatch.setattr(Path, "rename", interrupted)

    def swap() -> None:
        with replacing(tmp_path / "old") as room:
            (room / "new").write_text("new")

    with pytest.raises(KeyboardInterrupt):
        swap()
    assert [item.name for item in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old" / "kept").exists()


def test_two_files_never_share_a_name(run: Command, tmp_path: Path) -> None:
    root = run.folder / "p"
    project = Project(root)
    project.inventory()
    plans = {}
    for folder, share in ((root, "1 %"), (root / "scenarios", "99 %")):
        plans[folder] = {
            **project.plan,
            "targets": [
                {"id": "T", "indicator": "emissions", "pollutant": "NOx", "reduce_by": share, "since": 2017, "by": 2020}
            ],
        }
        project.yaml(folder / "plan.yaml", plans[folder])
    project.yaml(root / "full.yaml", {**project.scenario, "inventories": {2017: "inventories/2017"}})
    project.yaml(root / "scenarios/full.yaml", {"extends": "../full.yaml", "name": "mine", "plan": "plan.yaml"})
    for folder, path in (
        (root, "scenarios/full.yaml"),
        (root / "scenarios", "full.yaml"),
        (run.folder, "p/scenarios/full.yaml"),
    ):
        found = json.loads(Command(folder)("run", path, "--json", "-o", str(tmp_path / "out")).stdout)
        assert found["result"]["verdicts"][0]["required"] == pytest.approx(99)


def test_an_own_name_for_what_extends(project: Project) -> None:
    project.write()
    other = project.path.with_name("other.yaml")
    YAML().dump({"extends": "scenario.yaml"}, other)
    assert emis.read_scenario(other).name == "other"


def test_unknown_arrivals_concern_those_that_need_them(project: Project) -> None:
    project.inventory(activity=ACTIVITY.replace("1000", "NE").replace("new,0,", "new,100,"))
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], select={"technology": "new"})
    project.measure("B", [{"shift": {"share": "10 %", "to": {"technology": "new"}}}])
    shares = emis.contributions(project.project().program).sel(year=2020, pollutant="NOx", sector="coal")
    assert shares["alone"].sel(measure="A").item() == pytest.approx(-0.025)
    assert shares["last"].sel(measure="A").isnull()
    assert shares["alone"].sel(measure="B").isnull()


def test_warnings_are_told_beside_faults(run: Command, project: Project) -> None:
    project.inventory(activity=ACTIVITY.replace("households", "colour").replace("1000", ""))
    found = run("run", project.write(), "--json")
    envelope = json.loads(found.stdout)
    assert [issue["path"] for issue in envelope["warnings"]] == ["colour"]
    assert "warning: " in run("run", project.path).stderr


@pytest.mark.parametrize("arguments", [("--encoding", "klingon"), ("--set", "a=1", "--set", "a=2")])
def test_usage(run: Command, project: Project, arguments: tuple[str, ...]) -> None:
    assert run("run", project.write(), *arguments).exit_code == 2


@pytest.mark.parametrize("record", ["[]", "{}", '{"emis": "run/1"}', "nonsense"])
def test_a_damaged_result(run: Command, record: str) -> None:
    (run.folder / "out").mkdir()
    (run.folder / "out/run.json").write_text(record)
    assert run("show", "out").exit_code == 3


def test_an_error_of_ours_is_an_envelope_too(run: Command, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import emis.program

    def broken(*_: object) -> None:
        raise ValueError("not thought of")

    monkeypatch.setattr(emis.program, "compile_program", broken)
    found = run("run", project.write(), "--json")
    assert found.exit_code == 70
    assert "not thought of" in json.loads(found.stdout)["errors"][0]["message"]


def test_points_are_read(project: Project) -> None:
    project.inventory(
        activity="source,category,fuel,technology,activity,unit,lon,lat\ncoal/a,stove,coal,old,1,t/yr,116.1,39.9\n"
    )
    found = emis.read_inventory(project.root / "inventories/2017").to_xarray()
    assert (found["lon"].item(), found["lat"].item()) == (116.1, 39.9)
    project.inventory(
        activity="source,category,fuel,technology,activity,unit,lon,lat\ncoal/a,stove,coal,old,1,t/yr,junk,99\n"
    )
    assert "99 is no lat" in project.faults()


def test_faults_in_inventory_yaml_have_lines(project: Project) -> None:
    project.inventory(tables=[{"sector": "coal", "activity": "activty.csv", "factors": "/etc/passwd"}])
    said = project.faults()
    assert "inventory.yaml:" in said.split("activty.csv")[0]
    for part in ("did you mean 'activity.csv'?", "absolute path"):
        assert part in said


def test_brackets_without_end_take_no_time(project: Project) -> None:
    project.inventory()
    (project.root / "inventories/2017/inventory.yaml").write_text("x: " + "[" * 300_000, encoding="utf-8")
    with pytest.raises(emis.InputError, match="is not YAML that is read: brackets within brackets"):
        emis.read_inventory(project.root / "inventories/2017")
