"""A plan folder of another district runs with no change of code: other stocks, categories and units, figures by hand.

The district is invented. Its stoves burn straw and are counted in villages, its kilns in firms, its three-wheelers in
vehicles; one table comes as a Chinese office would send it, in GB18030 and in 万吨.
"""

import csv
import json
from pathlib import Path

import pytest
from conftest import Command

import emis

INVENTORY = """\
emis: inventory/1
name: yunling-2018
title: {zh: 云岭县2018年排放清单, en: Yunling emission inventory 2018}
base_year: 2018
status: example
pollutants: [NOx, PM2.5]
tables:
  - {sector: heating, activity: heating.csv, factors: factors.csv}
  - {sector: industry, activity: industry.csv, factors: factors.csv}
  - {sector: mobile, activity: mobile.csv, factors: factors.csv}
"""
#: 12,000 t of straw by 6,000 households of 20 villages.
HEATING = """\
source,category,fuel,technology,activity,unit,households,villages,reference,grade
heating/kang/straw/open,kang,straw,open,1.2,万吨/年,6000,20,假设：六千户每户每年两吨秸秆,E
heating/kang/electricity/heat_pump,kang,electricity,heat_pump,0,万千瓦时/年,0,0,假设：尚无热泵,E
"""
#: 300,000 t of bricks from 6 kilns.
INDUSTRY = """\
source,category,technology,activity,unit,firms,reference,grade
industry/brick_kiln/hoffmann,brick_kiln,hoffmann,30,万t/yr,6,assumed: six kilns of 50000 t,E
"""
#: 5,000,000 km of 2,500 vehicles.
MOBILE = """\
source,category,fuel,technology,activity,unit,vehicles,reference,grade
mobile/three_wheeler/diesel/stage_2,three_wheeler,diesel,stage_2,500,万公里/年,2500,assumed: 2000 km each,E
mobile/three_wheeler/electricity/electric,three_wheeler,electricity,electric,0,万公里/年,0,assumed: none yet,E
"""
FACTORS = """\
category,fuel,technology,pollutant,factor,unit,reference,grade
kang,straw,open,NOx,1.5,kg/t,assumed,E
kang,straw,open,PM2.5,8,千克/吨,assumed,E
kang,electricity,heat_pump,NOx,NA,kg/kWh,no combustion,E
kang,electricity,heat_pump,PM2.5,NA,kg/kWh,no combustion,E
brick_kiln,,hoffmann,NOx,0.4,kg/t,assumed,E
brick_kiln,,hoffmann,PM2.5,0.2,kg/t,assumed,E
three_wheeler,diesel,stage_2,NOx,2,克/公里,assumed,E
three_wheeler,diesel,stage_2,PM2.5,0.1,g/km,assumed,E
three_wheeler,electricity,electric,NOx,NA,g/km,no combustion,E
three_wheeler,electricity,electric,PM2.5,NA,g/km,no combustion,E
"""
PLAN = """\
emis: plan/1
name: yunling-2019-2022
title: {zh: 云岭县清洁空气行动计划, en: Yunling clean-air plan}
issued: 2019-01-01
base_year: 2018
target_year: 2022
measures:
  - id: stoves
    article: 第三条
    title: {zh: 5个村煨炕改热泵, en: Five villages from straw to heat pumps}
    select: {sector: heating, category: kang, fuel: straw}
    do:
      - heat_pumps: {amount: 5 个村, heat_value: 15 GJ/t, stove_efficiency: 24 %, cop: 2.5}
    phase_in: {2019: 0 %, 2020: 50 %, 2021: 100 %}
    evidence: {grade: E, quote: 完成5个村清洁取暖改造}
  - id: kilns
    article: 第四条
    title: {zh: 关闭2家砖瓦窑, en: Two brick kilns closed}
    select: {category: brick_kiln}
    do:
      - close: {amount: 2 家, date: 2021-07-02}
    evidence: {grade: E, quote: 关闭2家砖瓦窑}
  - id: three-wheelers
    article: 第五条
    title: {zh: 三轮车电动化, en: Electric three-wheelers}
    select: {category: three_wheeler, technology: stage_2}
    do:
      - electrify: {share: 40 %, penetration: 50 %}
    phase_in: {2022: 100 %}
    evidence: {grade: E, quote: 加快三轮车电动化}
milestones:
  - {id: villages, article: 第三条, measure: stoves, title: {zh: 改造村数, en: Villages}, at_least: 5 村, by: 2021}
targets:
  - {id: P1, title: {zh: 细颗粒物下降15%, en: PM2.5 15 % down}, indicator: emissions, pollutant: PM2.5, reduce_by: 15 %,
     since: 2018, by: 2022}
  - {id: P2, title: {zh: 氮氧化物下降20%, en: NOx 20 % down}, indicator: emissions, pollutant: NOx, reduce_by: 20 %,
     since: 2018, by: 2022}
"""
FULL = """\
emis: scenario/1
name: full
title: {zh: 全部落实, en: Full implementation}
plan: plan.yaml
inventories: {2018: ../../inventories/yunling-2018}
years: [2018, 2019, 2020, 2021, 2022]
drivers:
  - {select: {sector: industry}, growth: 5 %/yr}
"""
NO_PLAN = "emis: scenario/1\nextends: full.yaml\nname: no-plan\nomit: ['*']\n"

#: Tonnes by hand: straw, bricks and kilometres, each times its factor.
BEFORE = {"NOx": 18 + 120 + 10, "PM2.5": 96 + 60 + 0.5}
#: 1.05^4 of the bricks less 2 kilns of 50,000 t; a quarter of the villages; 40 % x 50 % of the three-wheelers.
BRICKS = 300_000 * 1.05**4 - 100_000
AFTER = {"NOx": 0.75 * 18 + BRICKS * 0.4e-3 + 0.8 * 10, "PM2.5": 0.75 * 96 + BRICKS * 0.2e-3 + 0.8 * 0.5}


@pytest.fixture
def district(tmp_path: Path) -> Path:
    """Write the project of the second district and return its folder."""
    home = tmp_path / "yunling"
    files = {
        "inventories/yunling-2018/inventory.yaml": INVENTORY,
        "inventories/yunling-2018/heating.csv": HEATING,
        "inventories/yunling-2018/industry.csv": INDUSTRY,
        "inventories/yunling-2018/mobile.csv": MOBILE,
        "inventories/yunling-2018/factors.csv": FACTORS,
        "scenarios/yunling/plan.yaml": PLAN,
        "scenarios/yunling/full.yaml": FULL,
        "scenarios/yunling/no-plan.yaml": NO_PLAN,
    }
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="gb18030" if name.endswith("heating.csv") else "utf-8")
    return home


def test_it_has_no_faults(run: Command, district: Path) -> None:
    found = run("check", district / "inventories", district / "scenarios")
    assert found.exit_code == 0, found.stderr
    assert "heating.csv: is not UTF-8; read as GB18030" in found.stderr
    assert run("check", district, "--encoding", "gb18030").stderr == ""


def test_its_emissions_are_those_by_hand(district: Path) -> None:
    scenario = emis.read_scenario(district / "scenarios/yunling/full.yaml", encoding="gb18030")
    projection = emis.project(scenario.inventories[2018], scenario)
    found = projection.emissions.sum("source")
    for pollutant in ("NOx", "PM2.5"):
        assert float(found.sel(year=2018, pollutant=pollutant)) == pytest.approx(BEFORE[pollutant])
        assert float(found.sel(year=2022, pollutant=pollutant)) == pytest.approx(AFTER[pollutant])
    # Half the villages in 2020, the kilns from 2 July 2021 on: 183 of 365 days.
    mixed = {2020: 18 * 0.875 + 120 * 1.05**2 + 10, 2021: 0.75 * 18 + 120 * 1.05**3 - 40 * 183 / 365 + 10}
    for year, tonnes in mixed.items():
        assert float(found.sel(year=year, pollutant="NOx")) == pytest.approx(tonnes), year
    # 3,000 t x 15 GJ/t x 24 % / 2.5 / 0.0036 GJ/kWh = 1.2 GWh, in the table's 万千瓦时.
    electricity = projection.activity.sel(year=2022, source="heating/kang/electricity/heat_pump")
    assert float(electricity) == pytest.approx(120)


def test_it_runs_shows_and_compares(run: Command, district: Path) -> None:
    for name in ("full", "no-plan"):
        found = run("run", district / f"scenarios/yunling/{name}.yaml", "--encoding", "gb18030", "--json")
        assert found.exit_code == 0, found.output
        assert json.loads(found.stdout)["ok"]
    with (run.folder / "results/full/verdicts.csv").open(encoding="utf-8") as stream:
        verdicts = {row["target"]: row for row in csv.DictReader(stream)}
    assert (verdicts["P1"]["status"], verdicts["P2"]["status"]) == ("MET", "MISSED")
    for target, pollutant in (("P1", "PM2.5"), ("P2", "NOx")):
        reduction = 100 * (1 - AFTER[pollutant] / BEFORE[pollutant])
        assert float(verdicts[target]["achieved"]) == pytest.approx(reduction)
    shown = {
        "inventories/yunling-2018": "云岭县2018年排放清单",
        "scenarios/yunling/plan.yaml": "云岭县清洁空气行动计划",
        "scenarios/yunling/full.yaml": "云岭县清洁空气行动计划",
    }
    for path, text in shown.items():
        found = run("show", district / path, "--lang", "zh", "--encoding", "gb18030")
        assert found.exit_code == 0, found.output
        assert text in found.stdout, path
    assert "P2" in run("show", "results/full").stdout
    compared = run("compare", "results/full", "results/no-plan")
    assert compared.exit_code == 0, compared.output
    assert "MET 19.92 %" in compared.stdout
    assert "MISSED 13.95 %" in compared.stdout
