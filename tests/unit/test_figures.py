"""Figures: they show the numbers of the result, in both languages, and what a result lacks is left out."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from conftest import Command, Project

import emis
from emis import figures
from emis.ambient.results import ambient_air
from emis.attribution import contributions
from emis.figures.lettering import cut, number, per_cent, width, wrap
from emis.io.result_writing import write_result
from emis.io.results import Result, read_result
from emis.likelihood import sample_projection
from emis.report.facts import facts

ROOT = Path(__file__).parents[2]
HOSTILE = '<script>alert(1)</script> =cmd|x "&\u202edcba'


def curve() -> dict[str, Any]:
    """Return a curve of which the last points are out of reach: solving for one takes most of a run."""
    points: list[dict[str, Any]] = []
    for n in range(1, 8):
        point = {
            "reduction": 5.0 * n,
            "price": 2.0**n,
            "achieved": 5.0 * n,
            "removed": 10.0 * n,
            "incremental": 0.1 * n,
        }
        reached = n < 5
        points.append(
            {k: v if reached or k == "reduction" else None for k, v in point.items()}
            | {"reached": reached, "bound": None}
        )
    return {"target": "T1", "unit": "t", "minimised": "effort", "money": "", "points": points}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Result:
    scenario = emis.read_scenario(ROOT / "scenarios/mentougou/full.yaml", settings={"uncertainty.samples": "100"})
    projection = emis.project(scenario.inventories[2017], scenario)
    sample = sample_projection(projection)
    air = ambient_air(projection, scenario.plan.targets, drawn=sample.drawn)
    verdicts = emis.assess(projection, scenario.plan.targets, "en", air, sample)
    told = facts(projection, air, sample, {"untold": [], "solutions": [], "curve": curve()})
    folder = tmp_path_factory.mktemp("shipped") / "out"
    shares = contributions(projection.program)
    return read_result(write_result(folder, projection, shares, verdicts, air=air, sample=sample, facts=told))


def changed(result: Result, folder: Path, change: Callable[[dict[str, Any]], None]) -> Result:
    """Return a copy of a result whose facts are changed."""
    shutil.copytree(result.folder, folder)
    facts = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    change(facts)
    (folder / "report.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    return read_result(folder)


_DRAWN: dict[str, list[figures.Figure]] = {}


def drawn(result: Result, lang: figures.Lang) -> list[figures.Figure]:
    """Return all figures of the shipped result, drawn once."""
    if lang not in _DRAWN:
        _DRAWN[lang] = figures.all_figures(result, lang)
    return _DRAWN[lang]


def names(found: list[figures.Figure]) -> list[str]:
    return [one.name for one in found]


# -- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_figure_is_drawn_of_the_shipped_example(shipped: Result, lang: figures.Lang) -> None:
    found = drawn(shipped, lang)
    assert names(found) == [one.__name__ for one in figures.FIGURES]
    for one in found:
        assert one.title
        assert one.alt
        assert len(one.frame)
        assert not one.frame.columns.duplicated().any()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in one.title + one.alt) == (lang == "zh"), one.name
        floats = [str(name) for name in one.frame.columns if pd.api.types.is_float_dtype(one.frame[name])]
        bare = {"required", "achieved", "low", "high", "probability", "share of variance"}  # `unit` says, or a share
        assert all("[" in name for name in floats if name not in bare), one.name


def test_charts_keep_to_the_schema_and_hold_no_expression_on_labels(shipped: Result) -> None:
    for one in drawn(shipped, "en"):
        # A label of an axis that were an expression could run what a file says.
        assert "labelExpr" not in one.chart.to_json(), one.name


def test_svg_holds_the_words(shipped: Result) -> None:
    text = figures.svg(next(one for one in drawn(shipped, "zh") if one.name == "sectors"))
    ElementTree.fromstring(text)
    for word in ("移动源", "预测", "清单", "重建清单，非官方清单", "无计划"):
        assert word in text
    text = figures.svg(next(one for one in drawn(shipped, "zh") if one.name == "targets"))
    for word in ("未达到", "无法判定", "概率"):
        assert word in text
    assert "Noto Sans CJK SC" in text


def test_png_is_one(shipped: Result) -> None:
    assert figures.png(figures.origins(shipped, "zh"), 1).startswith(b"\x89PNG")


def test_a_page_can_show_a_figure(shipped: Result) -> None:
    text = figures.specification(figures.air(shipped, "en"))
    assert "tooltip" in text
    assert "http" not in text.replace("https://vega.github.io/schema/", "")


# -- the numbers -----------------------------------------------------------------------------------------------------


def test_bars_are_the_sums_of_the_result(shipped: Result) -> None:
    frame = figures.sectors(shipped, "en", "VOC").frame
    values = shipped.dataset["emissions"].sel(pollutant="VOC")
    for year, sums in frame.groupby("year")["emissions [t]"]:
        assert sums.sum() == pytest.approx(float(values.sel(year=year).sum()))
    kinds = dict(zip(frame["year"], frame["kind"], strict=True))
    assert kinds == {2015: "inventory", 2017: "inventory"} | dict.fromkeys((2018, 2019, 2020), "projected")
    bare = shipped.dataset["emissions_no_plan"].sel(pollutant="VOC", year=2020)
    assert frame.loc[frame["year"] == 2020, "total without plan [t]"].iloc[0] == pytest.approx(float(bare.sum()))


@pytest.mark.parametrize("target", ["T1", "T2", "T5", "T5-CO", "T12"])
def test_the_waterfall_closes(shipped: Result, target: str) -> None:
    frame = figures.waterfall(shipped, "en", target).frame
    told = next(one for one in shipped.facts["targets"] if one["id"] == target)
    totals = frame[frame["kind"] == "total"]
    steps = frame[frame["kind"] != "total"]
    base = float(totals["to [t]"].iloc[-2])
    assert base + steps["change [t]"].sum() == pytest.approx(told["after"], rel=1e-9)
    assert np.allclose(steps["from [t]"].iloc[1:], steps["to [t]"].iloc[:-1], rtol=1e-12)
    assert np.allclose(steps["from [t]"] + steps["change [t]"], steps["to [t]"], rtol=1e-12)
    assert len(totals) == (3 if told["since"] == 2015 else 2)
    assert float(totals["to [t]"].iloc[0]) == pytest.approx(told["before"])


def test_cells_are_the_contributions(shipped: Result) -> None:
    frame = figures.heat_map(shipped, "en").frame
    rows = {(row["measure"], row["pollutant"]): row for row in shipped.contributions if row["year"] == "2020"}
    own = frame[frame["kind"] == "measure"]
    assert own["measure"].nunique() == 20
    for name, gas, value in zip(own["measure"], own["pollutant"], own["contribution [t]"], strict=True):
        assert value == pytest.approx(float(rows[name, gas]["shapley"]), abs=1e-9)
    sums = frame[frame["kind"] != "plan"].groupby("pollutant")["contribution [t]"].sum()
    whole = frame[frame["kind"] == "plan"].set_index("pollutant")["contribution [t]"]
    for gas in sums.index:
        assert sums[gas] == pytest.approx(whole[gas], abs=1e-6)


def test_targets_stand_on_one_scale(shipped: Result) -> None:
    frame = figures.targets(shipped, "en").frame.set_index("target")
    assert list(frame.index) == [one.target for one in shipped.verdicts]
    ceiling = next(one for one in shipped.verdicts if one.target == "T3")
    assert ceiling.unchanged is not None
    assert ceiling.achieved is not None
    assert ceiling.required is not None
    part = 100 * (ceiling.unchanged - ceiling.achieved) / (ceiling.unchanged - ceiling.required)
    assert frame.loc["T3", "delivered [% of required]"] == pytest.approx(part)
    assert frame.loc["T1", "delivered [% of required]"] == pytest.approx(frame.loc["T1", "achieved"] / 0.3)
    assert np.isnan(frame.loc["T7", "achieved"])
    met = frame["status"] == "MET"
    assert (frame.loc[met, "delivered [% of required]"] >= 100).all()
    assert not (frame.loc[frame["status"] == "MISSED", "delivered [% of required]"] >= 100).any()


def test_the_air_adds_up(shipped: Result) -> None:
    frame = figures.air(shipped, "en").frame
    ends = dict(zip(frame["what"], frame["to [ug/m^3]"], strict=True))
    start, end = ends["2020 with emissions of 2017"], ends["2020, with the plan"]
    assert start + frame["change [ug/m^3]"].sum() == pytest.approx(end)
    split = figures.origins(shipped, "en").frame
    assert split["concentration [ug/m3]"].sum() == pytest.approx(55.7)
    assert set(split["area"]) == {"district", "city", "region", "background"}
    parts = shipped.facts["air"]
    assert sum(parts["species"].values()) == pytest.approx(sum(parts["origins"].values()))
    days = figures.air(shipped, "en", "T4").frame
    assert (days["kind"] == "step").sum() == 3


def test_others_show_what_the_tables_say(shipped: Result) -> None:
    bars = figures.tornado(shipped, "zh", "T3").frame
    first = next(row for row in shipped.table("sensitivity.csv") if row["target"] == "T3")
    assert bars["at p05 [ug/m^3]"].iloc[0] == float(first["at_p05"])
    assert bars["in words"].iloc[0] == "当年气象"
    index = figures.years(shipped, "en").frame
    assert np.allclose(index.loc[index["year"] == 2017, "with plan [% of base year]"], 100)
    months = figures.months(shipped, "en", "SO2").frame
    whole = float(shipped.dataset["emissions"].sel(pollutant="SO2", year=2020).sum())
    assert months["emissions [t]"].sum() == pytest.approx(whole, rel=0.02)
    kept = figures.inventory(shipped, "en", "NOx", 2015).frame
    total = float(shipped.dataset["emissions"].sel(pollutant="NOx", year=2015).sum())
    assert kept["emissions [t/yr]"].sum() == pytest.approx(total)
    steps = figures.cost_curve(shipped, "en").frame
    assert steps["reached"].sum() == 4
    assert steps["price [effort]"].isna().sum() == 3


# -- what a result lacks, and what files say ---------------------------------------------------------------------------


@pytest.mark.usefixtures("few_figures")
def test_what_is_not_there_is_left_out(run: Command, project: Project) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}])
    project.plan["targets"] = [
        {"id": "T1", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "60 %", "since": 2017, "by": 2020}
    ]
    path = project.write()
    assert run("run", path, "--no-report", "-o", "bare").exit_code == 0
    assert figures.all_figures(read_result(run.folder / "bare")) == []
    assert run("run", path, "-o", "full", report=True).exit_code == 0
    result = read_result(run.folder / "full")
    found = names(figures.all_figures(result, "zh"))
    assert {"targets", "sectors", "waterfall", "heat_map", "inventory"} <= set(found)
    assert not {"air", "origins", "milestones"} & set(found)
    with pytest.raises(figures.Undrawn):
        figures.air(result)
    (result.folder / "sensitivity.csv").unlink()
    (result.folder / "uncertainty.csv").unlink()
    found = names(figures.all_figures(result))
    assert "tornado" not in found
    assert "years" in found
    for draw in (lambda: figures.sectors(result, "en", "SO2"), lambda: figures.waterfall(result, "en", "T9"),
                 lambda: figures.inventory(result, "en", None, 1999)):  # fmt: skip
        with pytest.raises(figures.Undrawn):
            draw()


def test_a_title_stays_text(shipped: Result, tmp_path: Path) -> None:
    def change(facts: dict[str, Any]) -> None:
        for kind in ("measures", "targets", "milestones"):
            for one in facts[kind]:
                one["title"] = {"en": HOSTILE, "zh": HOSTILE}
        facts["scenario"]["title"] = {"en": HOSTILE, "zh": HOSTILE}

    result = changed(shipped, tmp_path / "out", change)
    figure = figures.waterfall(result, "en", "T1")
    assert figure.frame["what"].eq(" ".join(HOSTILE.split())).sum() == 12
    text = figures.svg(figure)
    assert "<script" not in text
    assert "\u202e" in text
    said = "".join(ElementTree.fromstring(text).itertext())
    assert "<script>alert(1)</script> =cmd|x" in said
    told = figures.specification(figures.targets(result, "zh"))
    assert "<" not in told
    assert HOSTILE in json.dumps(json.loads(told), ensure_ascii=False).replace('\\"', '"')


def test_what_is_not_estimated_is_no_zero(shipped: Result) -> None:
    dataset = shipped.dataset.copy(deep=True)
    for name in ("emissions", "emissions_no_plan"):
        dataset[name].loc[{"pollutant": "NOx"}] = (
            dataset[name].sel(pollutant="NOx").where(dataset["category"] != "taxi")
        )
        dataset[name].loc[{"pollutant": "NH3"}] = np.nan
    result = replace(shipped, dataset=dataset)
    frame = figures.sectors(result, "en", "NH3").frame
    assert frame["emissions [t]"].isna().all()
    figure = figures.sectors(result, "en", "NOx")
    assert (figure.frame.loc[figure.frame["sector"] == "mobile", "not estimated [sources]"] > 0).all()
    text = figures.svg(figure)
    assert "Not estimated, in part or at all: Mobile sources" in text
    assert "≥" in text
    cells = figures.heat_map(result, "en").frame
    assert cells.loc[cells["pollutant"] == "NH3", "contribution [% of no plan]"].isna().all()
    with pytest.raises(figures.Undrawn):  # its base year has no total
        figures.waterfall(result, "en", "T1")


# -- words and numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [(1234.5, "1,234"), (-67.21, "−67.2"), (0, "0"), (-1e-9, "0"), (0.0034, "0.0034"), (9.996, "10.0"),
     (None, "not estimated"), (float("nan"), "not estimated")],
)  # fmt: skip
def test_numbers_have_few_digits(value: float | None, said: str) -> None:
    assert number(value) == said


def test_per_cent_is_whole_where_it_is_large() -> None:
    assert [per_cent(one) for one in (23.3, 7.64, -0.04, -12.5, None)] == [
        "23 %",
        "7.6 %",
        "0 %",
        "−12 %",
        "not estimated",
    ]


def test_lines_keep_to_their_room() -> None:
    for text in ("全区氮氧化物比2015年减少30%以上，" * 9, "District NOx at least 30 % below 2015; " * 9, "x" * 300):
        lines = wrap(text, 200, 11)
        assert len(lines) <= 3
        assert all(width(line) <= 200 for line in lines)
        assert not any(line.startswith("，") for line in lines)
    assert wrap("", 200) == [""]
    assert cut("short", 200) == "short"
    assert cut("一二三四五六", 45).endswith("…")
