"""The ledger and the plan article by article: every article has its place, and what is missing shows."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Command, Project
from rich.cells import cell_len

import emis
from emis import console
from emis.articles import articles
from emis.ledger import HEADER
from emis.showing_plan import plan_as_dict, print_plan

ROOT = Path(__file__).parents[2]
OFFICES = {"departments": ["区环保局", "区交通局"]}


@pytest.fixture
def whole(project: Project) -> Project:
    """A plan whose articles each hold something else; article 5 holds nothing."""
    project.measure(
        "A", [{"abate": {"efficiency": {"NOx": "40 %"}, "penetration": "50 %"}}], article=1, **OFFICES,
        uncertainty={"penetration": {"low": "30 %", "high": "70 %"}},
        phase_in={2018: "0 %", 2020: "100 %"}, months=[1, 2, 12],
        title={"zh": "改造", "en": "Retrofit"}, evidence={"grade": "D", "quote": "全部改造"},
    )  # fmt: skip
    project.plan["measures"].append({"id": "B", "article": 2, "kind": "enabling", "title": "B"})
    project.plan["milestones"] = [
        {"id": "all-done", "measure": "A", "at_least": "90 %", "by": 2020},
        {"id": "checks", "article": 3, "at_least": "28000 vehicle/yr", "by": "2019-12-31", "title": "检查"},
    ]
    project.plan["targets"] = [
        {"id": "T1", "article": 4, "indicator": "emissions", "pollutant": "NOx", "reduce_by": "30 %", "since": 2017,
         "by": 2020},
        {"id": "T2", "indicator": "index"},
    ]  # fmt: skip
    alert = {"id": "AL", "article": 6, "select": {"sector": "coal"}, "do": [{"scale": {"activity": "-40 %"}}]}
    project.plan["alerts"] = [{"level": "red", "at_least": "30 %", "measures": [alert, "A"]}]
    return project


def rows(run: Command, path: Path) -> list[dict[str, str]]:
    assert run("run", path, "-o", "out").exit_code == 0
    with (run.folder / "out/ledger.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_each_article_has_a_row(run: Command, whole: Project) -> None:
    found = rows(run, whole.write())
    assert [(row["article"], row["measure"], row["state"]) for row in found] == [
        ("1", "A", "quantified"),
        ("2", "B", "not quantified"),
        ("3", "", "milestones"),
        ("4", "", "targets"),
        ("5", "", "missing"),
        ("6", "AL", "on red alert days"),
        ("", "", "targets"),
    ]
    assert tuple(found[0]) == HEADER
    first = found[0]
    assert (first["departments"], first["uncertainty"]) == ("区环保局, 区交通局", "penetration 30 % … 70 %")
    assert (first["milestones"], first["promises"]) == ("all-done", "all-done ≥ 90 % by 2020")
    # 2 t at 20 % less in three months, of 31 + 29 + 31 days in 2020.
    assert first["reach"] == f"2020: NOx {-0.4 * 91 / 366:.4g} t"
    assert found[2]["promises"] == "checks ≥ 28000 vehicle/yr by 2019-12-31"
    assert found[3]["targets"] == "T1"


def test_what_reaches_nothing_says_so(run: Command, whole: Project) -> None:
    whole.scenario["omit"] = ["A"]
    first = rows(run, whole.write())[0]
    assert (first["state"], first["reach"]) == ("omitted", "")


def test_a_milestone_belongs_to_its_measure(project: Project) -> None:
    for name in "AB":
        project.measure(name, [{"close": {"share": "1 %"}}], article=7)
    stone: dict[str, Any] = {"at_least": "1 %", "by": 2020}
    project.plan["milestones"] = [
        {"id": "a", "measure": "A", **stone}, {"id": "both", "article": 7, **stone},
        {"id": "far", "article": 8, "measure": "A", **stone},
    ]  # fmt: skip
    project.write()
    found = articles(emis.read_plan(project.root / "scenarios/plan.yaml"))
    assert [one.name for one in found] == [str(number) for number in range(1, 9)]
    assert [one.state for one in found[5:]] == ["missing", "quantified", "milestones"]
    first, second = found[6].measures
    assert [stone.id for stone in found[6].promised(first)] == ["a", "both"]
    assert [stone.id for stone in found[6].promised(second)] == ["both"]


def test_articles_with_names_of_their_own(project: Project) -> None:
    for number, article in enumerate(("2b", "annex", 10, 2018, "2a", 1)):
        project.measure(f"M{number}", [{"close": {"share": "1 %"}}], article=article)
    project.write()
    names = [one.name for one in articles(emis.read_plan(project.root / "scenarios/plan.yaml"))]
    assert names == ["1", "2a", "2b", *(str(n) for n in range(3, 11)), "2018", "annex"]


# -- shown -----------------------------------------------------------------------------------------------------------


def test_show_tells_it_article_by_article(run: Command, whole: Project) -> None:
    path = whole.write().with_name("plan.yaml")
    shown = run("show", path).stdout
    for text in (
        "Article 1 · quantified", "A  Retrofit · effect", "removes NOx 40 % × penetration 50 %",
        "2018 0 %, 2020 100 %; in months 1, 2, 12", "penetration 30 % … 70 %", "≥ 90 % by 2020: all-done",
        "区环保局, 区交通局", "“全部改造”", "Article 5 · missing", "AL · red alert days",
        "activity −40 %", "≥ 28000 vehicle/yr by 2019-12-31: 检查", "−30 % (2017) by 2020", "No article · targets",
        "≥ 30 %: AL, A", "quantified 1, alert days 1, milestones 1, targets 1, enabling 1, missing 1",
        "effect 1, enabling 1", "by grade of evidence: D 1",
    ):  # fmt: skip
        assert text in shown, text
    chinese = run("show", path, "--lang", "zh").stdout
    for text in ("条款 1 · 已量化", "改造 · 量化措施", "去除 NOx 40 % × 覆盖率 50 %", "条款 5 · 缺失", "截至 2020"):
        assert text in chinese, text


@pytest.mark.parametrize(
    ("do", "words"),
    [
        (
            {"shift": {"share": "60 %", "to": {"technology": "new"}, "yield": 1}},
            "moves 60 % to technology new, yield 1",
        ),
        (
            {"shift": {"amount": "12 t/yr", "to": "outside", "offsite": {"CO2": "0.9 t/t"}}},
            "moves 12 t/yr out of the inventory, off site CO2 0.9 t/t",
        ),
        ({"close": {"amount": "4 firm", "penetration": "50 %"}}, "ends 4 firm × penetration 50 %"),
        (
            {"abate": {"efficiency": {"NOx": "40 %", "CO": "40 %", "VOC": "30 %"}, "replaces": "existing"}},
            "removes NOx, CO 40 %; VOC 30 %, in place of the existing control",
        ),
        ({"replace": {"factor": {"NOx": "0.4 g/kg"}, "share": "40 %"}}, "new factor NOx 0.4 g/kg, for 40 %"),
        ({"limit": {"at_most": {"NOx": "0.5 g/kg"}}}, "at most NOx 0.5 g/kg"),
        ({"cap": {"at_most": {"NOx": "60 t/yr"}}}, "in all at most NOx 60 t/yr"),
        (
            {"wash_roads": {"silt_reduction": "25 %", "penetration": "92 %"}},
            "wash roads: silt reduction 25 %, penetration 92 %",
        ),
        ({"scale": {"activity": "-5 %", "select": {"fuel": "coal"}}}, "activity −5 % (fuel: coal)"),
    ],
)
def test_what_a_measure_does_in_words(project: Project, do: dict[str, Any], words: str) -> None:
    project.measure("A", [do])
    project.write()
    found = plan_as_dict(emis.read_plan(project.root / "scenarios/plan.yaml"))
    (measure,) = found["articles"][0]["measures"]
    assert measure["does"] == [words]
    assert measure["in_place"] == "fully in place in every year after the base year"


def test_show_as_json(run: Command, whole: Project) -> None:
    path = whole.write()
    found = json.loads(run("show", path, "--json").stdout)["result"]
    assert (found["kind"], found["measures"], found["targets"]) == ("scenario", ["A", "B"], ["T1", "T2"])
    assert [one["article"] for one in found["articles"]] == ["1", "2", "3", "4", "5", "6", None]
    first = found["articles"][0]["measures"][0]
    assert (first["evidence"]["quote"], first["departments"]) == ("全部改造", OFFICES["departments"])
    assert first["milestones"] == ["all-done"]
    assert found["alerts"] == [
        {"level": "red", "threshold": "≥ 30 %", "title": {"zh": "", "en": ""}, "measures": ["AL", "A"]}
    ]
    assert found["counts"]["articles"]["missing"] == 1


@pytest.mark.parametrize("width", [60, 80, 132])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_is_cut(width: int, lang: console.Lang, capsys: pytest.CaptureFixture[str]) -> None:
    plan = emis.read_plan(ROOT / "scenarios/mentougou/plan.yaml")
    print_plan(console.console(width), plan, lang)
    shown = capsys.readouterr().out
    assert max(map(cell_len, shown.splitlines())) <= width
    squeezed = "".join(shown.split())
    for measure in plan.measures:
        for text in (measure.id, measure.title.text(lang), *measure.departments):
            assert "".join(text.split()) in squeezed, text
        assert measure.evidence is not None
        assert "".join(measure.evidence.quote.split()) in squeezed
    for promise in (*plan.milestones, *plan.targets):
        assert "".join(promise.title.text(lang).split()) in squeezed
