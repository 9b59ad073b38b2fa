"""The report of the shipped plan: what it tells, its figures, its page, and a slider that is dragged in a browser."""

import shutil
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path

import pytest
from conftest import Benchmark

import emis
from emis.ambient.results import ambient_air
from emis.attribution import contributions
from emis.figures import FIGURES, svg
from emis.io.result_writing import write_result
from emis.likelihood import sample_projection
from emis.report.facts import facts
from emis.report.pages import render

SHIPPED = Path(__file__).parents[1] / "scenarios" / "mentougou" / "full.yaml"
_SCRIPTS = ("equation", "air", "verdicts")


@lru_cache(maxsize=1)
def parts() -> tuple[emis.Projection, emis.Ambient, emis.Sample]:
    scenario = emis.read_scenario(SHIPPED, settings={"uncertainty.samples": "200"})
    projection = emis.project(scenario.inventories[2017], scenario)
    sample = sample_projection(projection)
    return projection, ambient_air(projection, scenario.plan.targets, drawn=sample.drawn), sample


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    projection, air, sample = parts()
    verdicts = emis.assess(projection, projection.scenario.plan.targets, "en", air, sample)
    place = tmp_path_factory.mktemp("report") / "result"
    shares = contributions(projection.program)
    return write_result(place, projection, shares, verdicts, air=air, sample=sample, facts=facts(*parts()))


def test_facts(benchmark: Benchmark) -> None:
    found = benchmark(facts, *parts())
    assert "model" in found["live"]


@pytest.mark.parametrize("number", range(len(FIGURES)), ids=[one.__name__ for one in FIGURES])
def test_figure(benchmark: Benchmark, folder: Path, number: int) -> None:
    result = emis.read_result(folder)
    if FIGURES[number].__name__ == "cost_curve":
        pytest.skip("nothing was solved for")
    benchmark(lambda: svg(FIGURES[number](result, "zh")))


def test_page(benchmark: Benchmark, folder: Path) -> None:
    result = emis.read_result(folder)
    assert len(benchmark(render, result, "en", ())) > 100_000


@pytest.fixture(scope="module")
def engine() -> Iterator[object]:
    path = shutil.which("chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    if path is None:
        pytest.skip("no Chromium is installed: apt install chromium")
    scripts = [resources.files("emis.report").joinpath("page", f"{name}.js").read_text("utf-8") for name in _SCRIPTS]
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page()
        page.set_content("<!DOCTYPE html><title>equation</title>")
        page.add_script_tag(content="\n".join(scripts) + "\nwindow.emis = emis;")
        page.evaluate("(live) => { window.live = live; window.set = emis.asGiven(live); }", facts(*parts())["live"])
        yield page
        chromium.close()


def test_slider(benchmark: Benchmark, engine: object) -> None:
    """All targets at another setting; the round trip to the browser is in it."""
    told = benchmark(lambda: engine.evaluate("emis.evaluate(live, set).verdicts.length"))
    assert told == len(parts()[0].scenario.plan.targets)


def test_open(benchmark: Benchmark, engine: object, folder: Path) -> None:
    """The page without its figures, from its file until it is loaded and has multiplied everything out."""
    file = folder / "report.html"
    file.write_text(render(emis.read_result(folder), "en", ()), encoding="utf-8")
    page = engine.context.browser.new_page()
    benchmark(page.goto, file.as_uri())
    assert page.evaluate("emis.page.told.verdicts.length") == len(parts()[0].scenario.plan.targets)
    page.close()
