"""`emis convert --packets`: an FF10 inventory with packets applied, as FF10 and as a plan that `emis run` takes."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import Command

import emis
from emis.interchange.controlling import control
from emis.interchange.converting import Read, read_file
from emis.interchange.formats import Settings
from emis.interchange.packets.applying import Controlled, PacketScenario
from emis.interchange.packets.documents import documents
from emis.interchange.packets.records import Compat
from emis.measures import Measure
from emis.scenario import Driver

FF10 = """\
#FORMAT=FF10_NONPOINT
#COUNTRY US
#YEAR 2017
country_cd,region_cd,scc,poll,ann_value,ann_pct_red
US,37001,2102004000,NOX,100,
US,37001,2102004000,SO2,50,50
US,37003,2104008100,PM25-PRI,20,
US,37003,2104008100,NOX,8,
US,51001,2104008100,NOX,10,
"""
PACKETS = {
    "projection.csv": "region_cd,scc,poll,ann_proj_factor\n37000,,,1.2\n37001,2102004000,NOX,1.5\n",
    "control.csv": "region_cd,scc,poll,compliance_date,application_control,replacement,pri_cm_abbrev,ann_pctred\n"
    "37001,2102004000,SO2,01/01/2025,Y,R,SCRUB,90\n,2104008100,,09/01/2030,Y,A,STOVE,30\n",
    "caps.csv": "region_cd,scc,poll,ann_cap\n37001,2102004000,NOX,0.1\n",
}

#: The options that name the packets.
NAMED = [word for name in PACKETS for word in ("--packets", name)]
PATHS = [Path(name) for name in PACKETS]


@pytest.fixture
def folder(run: Command) -> Path:
    """Write an inventory and packets into the folder that commands run in."""
    for name, text in {"nonpoint.csv": FF10, **PACKETS}.items():
        (run.folder / name).write_text(text, encoding="utf-8")
    return run.folder


def controlled(folder: Path, compat: Compat) -> tuple[Read, Controlled]:
    """Read the inventory and put the packets to it."""
    return control(read_file(folder / "nonpoint.csv", Settings()), [folder / one for one in PATHS], 2030, compat)


def test_from_ff10_to_ff10(run: Command, folder: Path) -> None:
    out = folder / "controlled.csv"
    found = run("convert", "nonpoint.csv", out, "--to", "ff10", *NAMED, "--year", "2030", "--json")
    assert found.exit_code == 0, found.stdout + found.stderr
    told = json.loads(found.stdout)["result"]["packets"]
    assert told["compat"] == "cost"
    assert told["records"]["control"] == {"records": 2, "acting": 1, "unmatched": 1}
    assert told["rows"] == 5
    assert told["totals"]["cost"]["NOx"]["t/yr"] == pytest.approx((36.5 + 9.6 + 10) * 0.90718474)
    assert told["totals"]["emis"]["NOx"]["difference"] < 0
    again = read_file(out, Settings()).series[0].inventory
    assert again.base_year == 2030
    rows = {(str(one), name): value for one, values in zip(again.labels["source"], again.emissions, strict=True)
            for name, value in zip(again.pollutants, values.tolist(), strict=True)}  # fmt: skip
    assert rows["industry/2102004000/37001", "SO2"] == pytest.approx(50 * 1.2 / 5 * 0.90718474)
    text = out.read_text(encoding="utf-8")
    assert "#DESC emis differs in control" in text
    assert "control-control-2" in text


def test_to_the_console(run: Command, folder: Path) -> None:
    found = run("convert", "nonpoint.csv", "out.csv", "--to", "ff10", *NAMED, "--year", "2030")
    assert found.exit_code == 0, found.stdout + found.stderr
    told = " ".join((found.stdout + found.stderr).split())
    assert "5 rows read, controlled and written in" in told
    assert "SMOKE, by its code differs in cap: CoST holds caps against what is grown" in told
    assert "is not used: its date 2030-09-01 is not before 1 July 2030" in told


@pytest.mark.parametrize("compat", ["cost", "smoke_code", "smoke_manual", "emis"])
def test_the_plan_runs_on_the_same_inventory(run: Command, folder: Path, compat: Compat) -> None:
    plan = folder / "plan.yaml"
    found = run("convert", "nonpoint.csv", plan, "--to", "plan", *NAMED, "--year", "2030", "--compat", compat)
    assert found.exit_code == 0, found.stdout + found.stderr
    assert "differs in" in plan.read_text(encoding="utf-8")
    scenario = emis.read_scenario(folder / "scenario.yaml")
    projected = emis.project(scenario.inventories[2017], scenario).emissions.sel(year=2030).values
    read, done = controlled(folder, compat)
    np.testing.assert_allclose(projected, read.series[0].values[1], rtol=1e-12)
    assert done.comparison.chosen == compat


def test_objects_are_those_that_the_files_say(folder: Path) -> None:
    compats: tuple[Compat, ...] = ("cost", "smoke_code", "emis")
    for compat in compats:
        read, _ = controlled(folder, compat)
        projection = read.series[0].projection
        assert projection is not None
        scenario = projection.scenario
        assert isinstance(scenario, PacketScenario)
        assert scenario.made is not None
        plan, document = documents(scenario.made)
        for built, said in zip(scenario.plan.measures, plan["measures"], strict=True):
            asked = Measure.model_validate(said)
            assert built.model_dump() == asked.model_dump()
            assert [one.verb for one in built.do] == [one.verb for one in asked.do]
        for driver, said in zip(scenario.document.drivers, document["drivers"], strict=True):
            assert driver.model_dump() == Driver.model_validate(said).model_dump()


def test_no_plan_is_growth_and_a_replaced_control_has_its_new_efficiency(run: Command, folder: Path) -> None:
    out = folder / "controlled.csv"
    assert run("convert", "nonpoint.csv", out, "--to", "ff10", *NAMED, "--year", "2030").exit_code == 0
    lines = [line for line in out.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    names = lines[0].split(",")
    rows = {tuple(cell.strip('"') for cell in line.split(",")[1:8]): line.split(",") for line in lines[1:]}
    scrubbed = next(cells for key, cells in rows.items() if key[-1] == "SO2")
    assert float(scrubbed[names.index("projection_factor")]) == pytest.approx(1.2)
    assert float(scrubbed[names.index("ann_pct_red")]) == pytest.approx(90)


def test_what_is_asked_wrongly(run: Command, folder: Path) -> None:
    out = folder / "out.csv"
    assert "--year is missing" in run("convert", "nonpoint.csv", out, "--to", "ff10", *NAMED).stderr
    assert "--packets" in run("convert", "nonpoint.csv", out, "--to", "ff10", "--compat", "cost").stderr
    early = run("convert", "nonpoint.csv", out, "--to", "ff10", *NAMED, "--year", "2015")
    assert (early.exit_code, "2015 is asked for" in early.stdout + early.stderr) == (3, True)
    none = run("convert", "nonpoint.csv", "plan.yaml", "--to", "plan")
    assert (none.exit_code, "--packets" in none.stdout + none.stderr) == (3, True)
    (folder / "control.csv").write_text("region_cd,ann_pctred\n37001,101\n", encoding="utf-8")
    faulty = run("convert", "nonpoint.csv", out, "--to", "ff10", *NAMED, "--year", "2030")
    assert faulty.exit_code == 3
    assert "control.csv:2 ann_pctred" in faulty.stderr
    assert not out.exists()


def test_an_inventory_without_a_year_takes_that_of_the_packets(run: Command, folder: Path) -> None:
    text = "".join(line for line in FF10.splitlines(keepends=True) if "YEAR" not in line)
    (folder / "nonpoint.csv").write_text(text, encoding="utf-8")
    packets = folder / "gcntl.txt"
    packets.write_text("/PROJECTION 2017 2030/\n37000 0 1.2 -9\n/END/\n", encoding="utf-8")
    read, _ = control(read_file(folder / "nonpoint.csv", Settings()), [packets], 2030)
    assert read.series[0].years == (2017, 2030)
    packets.write_text("/CONTROL/\n37000 0 -9 0 10 100 100 0 0 Y A\n/END/\n", encoding="utf-8")
    found = run("convert", "nonpoint.csv", "o.csv", "--to", "ff10", "--packets", packets, "--year", "2030")
    assert (found.exit_code, "does not say its year" in found.stdout + found.stderr) == (3, True)


def test_a_second_record_for_the_same_sources_is_told(folder: Path) -> None:
    path = folder / "projection.csv"
    path.write_text(PACKETS["projection.csv"] + "37001,2102004000,NOX,3\n", encoding="utf-8")
    read, _ = controlled(folder, "cost")
    told = [str(one) for one in read.warnings if one.line == 4 and one.path == "projection"]
    assert len(told) == 1
    assert "projection.csv:3 asks for the same sources, and goes first" in told[0]
