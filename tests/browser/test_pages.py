"""Pages of other results: hostile names, what is missing, progress, and results side by side."""

import shlex

import pytest
from agreement import same

from emis import figures
from emis.io.results import read_result

pytestmark = pytest.mark.usefixtures("few_figures")

SCRIPT = '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">'
FORMULA = "=cmd|' /C calc'!A0"
TURNED = "\u202eabc\u2066def\u200f"
CLOSING = "</script><!-- ]]> {{ 7 * 7 }} ${1} %}"


@pytest.fixture
def hostile(project):
    """A project whose every text would do harm where it is taken for something else than text."""
    project.plan["title"] = {"zh": SCRIPT, "en": TURNED + SCRIPT}
    project.measure("A-harm", [{"abate": {"efficiency": {"NOx": "40 %"}}}], title=SCRIPT, article=1,
                    departments=[SCRIPT, FORMULA], note=CLOSING,
                    evidence={"grade": "E", "source": FORMULA, "note": SCRIPT, "quote": TURNED})  # fmt: skip
    project.plan["targets"] = [
        {"id": "T1", "title": CLOSING, "indicator": "emissions", "pollutant": "NOx", "reduce_by": "30 %", "since": 2017,
         "by": 2020},
        {"id": "T2", "title": FORMULA, "indicator": "emissions", "pollutant": "NOx", "reduce_by": "90 %", "since": 2017,
         "by": 2020},
    ]  # fmt: skip
    project.plan["milestones"] = [{"id": "stone", "title": SCRIPT, "measure": "A-harm", "at_least": "5 km", "by": 2020}]
    project.scenario |= {"title": FORMULA, "note": SCRIPT}
    project.scenario["drivers"] = [
        {"select": {"technology": "old"}, "growth": "2 %/yr", "title": SCRIPT, "note": CLOSING}
    ]
    return project


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_hostile_name_stays_text(hostile, run, watched, lang):
    made = run("run", hostile.write(), "-o", "out", "--samples", "100", "--lang", lang, report=True)
    assert made.exit_code == 0, made.stderr
    page = watched.page
    page.goto((run.folder / "out" / "report.html").as_uri())
    assert page.evaluate("window.hacked") is None
    assert page.locator("main script, main [onerror]").count() == 0
    body = page.locator("body").inner_text()
    for text in (SCRIPT, FORMULA, CLOSING):
        assert text in body
    assert "49" not in page.locator("h1, h2").all_inner_texts()
    # Marks of direction turn nothing around them: each stands in an element that isolates it.
    assert page.locator("h1 bdi:visible").inner_text() == (SCRIPT if lang == "zh" else TURNED + SCRIPT)
    page.evaluate("emis.page.set.levels['A-harm'] = 0.5; emis.page.set.rates[0] = 0.03; emis.page.apply(emis.page.set)")
    with page.expect_download() as waiting:
        page.click("#save")
    saved = hostile.path.with_name("test-what-if.yaml")
    saved.write_bytes(waiting.value.path().read_bytes())
    assert run("run", saved, "-o", "again").exit_code == 0
    for found, wanted in zip(
        page.evaluate("emis.page.told.verdicts"), read_result(run.folder / "again").verdicts, strict=True
    ):
        assert found["status"] == wanted.status
        assert same(found["achieved"], wanted.achieved)
    assert watched.complaints == []


def test_a_plan_without_anything_has_a_page(project, run, watched):
    assert run("run", project.write(), "-o", "out", "--samples", "50", report=True).exit_code == 0
    watched.page.goto((run.folder / "out" / "report.html").as_uri())
    assert "no targets" in watched.page.locator("h2").first.inner_text()
    assert watched.page.locator("#explore").count() == 1
    assert watched.complaints == []


def test_what_is_observed_cannot_be_moved(project, run, watched):
    project.measure("A", [{"scale": {"activity": "-50 %"}}])
    project.plan["milestones"] = [{"id": "done", "measure": "A", "at_least": "50 %", "by": "2020-12-31"}]
    project.plan["targets"] = [
        {"id": "T", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "30 %", "since": 2017, "by": 2020}
    ]
    path = project.write()
    (path.parent / "progress.csv").write_text("milestone,date,observed\ndone,2019-06-30,20 %\n", encoding="utf-8")
    made = run("run", path, "--progress", path.parent / "progress.csv", "-o", "out", "--samples", "50", report=True)
    assert made.exit_code == 0, made.stderr
    watched.page.goto((run.folder / "out" / "report.html").as_uri())
    slider = watched.page.locator('[data-lever="A"]')
    assert slider.is_disabled()
    assert "progress.csv" in watched.page.locator(".kicker").inner_text()
    assert any(one.startswith("--progress ") for one in watched.page.evaluate("emis.page.texts.meta.flags"))
    assert watched.complaints == []


def test_too_many_sources_say_so(project, run, watched, monkeypatch):
    monkeypatch.setattr("emis.report.model._MOST_CLASSES", 1)
    project.measure("A", [{"scale": {"activity": "-50 %"}}])
    assert run("run", project.write(), "-o", "out", "--samples", "50", report=True).exit_code == 0
    watched.page.goto((run.folder / "out" / "report.html").as_uri())
    assert "too little in common" in watched.page.locator("#explore").inner_text()
    assert watched.page.locator("input[type=range]").count() == 0
    assert watched.complaints == []


def test_results_side_by_side(hostile, run, watched):
    for name, level in (("one", "100 %"), ("two", "40 %"), ("three", "0 %")):
        hostile.scenario["name"], hostile.scenario["implementation"] = name, {"default": level}
        assert run("run", hostile.write(), "-o", name, "--samples", "50", report=True).exit_code == 0
    made = run("compare", "one", "two", "three", "--html", "--lang", "zh")
    assert made.exit_code == 0, made.stderr
    assert made.stdout.splitlines()[-1] == "comparison.html"
    page = watched.page
    page.goto((run.folder / "comparison.html").as_uri())
    assert page.evaluate("window.hacked") is None
    rows = [row.split("\t") for row in page.locator("table.verdicts tbody tr").all_inner_texts()]
    results = [read_result(run.folder / name) for name in ("one", "two", "three")]
    for number, row in enumerate(rows):
        for cell, result in zip(row[2:], results, strict=True):
            verdict = result.verdicts[number]
            assert {"MET": "达到", "MISSED": "未达到"}[verdict.status] in cell
            assert f"{verdict.achieved:.2f}".rstrip("0").rstrip(".").replace("-", "−") in cell
    assert "40 %" in page.locator("#levels tbody").inner_text()
    page.click("#lang-en")
    assert "Scenarios side by side" in page.locator("h1").inner_text()
    assert watched.complaints == []
    again = run("compare", "one", "two", "--html", "-o", "comparison.html", "--json")
    assert again.exit_code == 0
    (run.folder / "mine.html").write_text("<!DOCTYPE html>\n<p>mine", encoding="utf-8")
    assert run("compare", "one", "two", "--html", "-o", "mine.html").exit_code != 0
    assert (run.folder / "mine.html").read_text(encoding="utf-8").endswith("mine")
    assert run("compare", "one", "two", "-o", "x.html").exit_code == 2


def test_without_the_libraries_a_run_says_what_is_missing(project, run, monkeypatch):
    project.measure("A", [{"scale": {"activity": "-50 %"}}])
    monkeypatch.setattr("emis.report.writing._NEEDED", ("altair", "no_such_library"))
    made = run("run", project.write(), "-o", "out", "--samples", "50", report=True)
    assert made.exit_code == 0
    assert "pip install 'emis[report]'" in made.stderr
    assert not (run.folder / "out" / "report.html").exists()
    assert (run.folder / "out" / "report.json").exists()
    assert run("report", "out").exit_code != 0
    monkeypatch.undo()
    assert run("report", "out", "--lang", "zh").exit_code == 0
    assert (run.folder / "out" / "figures" / "sectors.svg").exists()


def test_a_result_without_its_facts_has_no_page(project, run):
    assert run("run", project.write(), "-o", "out").exit_code == 0
    made = run("report", "out")
    assert made.exit_code == 3
    assert "there is no report.json in it" in made.stderr
    assert run("report", "nowhere").exit_code == 3


def test_a_figure_is_a_page_of_its_own(hostile, run, watched):
    assert run("run", hostile.write(), "-o", "out", "--samples", "50", report=True).exit_code == 0
    drawn = figures.waterfall(read_result(run.folder / "out"), "zh", "T1")
    file = run.folder / "figure.html"
    file.write_text(figures.html(drawn), encoding="utf-8")
    watched.page.goto(file.as_uri())
    watched.page.wait_for_selector("#figure svg")
    assert SCRIPT[:20] in watched.page.locator("#figure").inner_text()
    assert watched.page.evaluate("window.hacked") is None
    assert watched.complaints == []


def test_what_a_run_has_set_is_not_set_once_more(project, run, watched):
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}, "penetration": "60 %"}}])
    project.scenario["drivers"] = [{"select": {"technology": "old"}, "growth": "2 %/yr"}]
    project.plan["targets"] = [
        {"id": "T", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "30 %", "since": 2017, "by": 2020}
    ]
    settings = ("--set", "implementation.A=50%", "--set", "delay=0 yr", "--set", "measures.A.penetration=80 %",
                "--set", "drivers=[{select: {technology: old}, growth: 1 %/yr}]", "--samples", "50")  # fmt: skip
    path = project.write()
    assert run("run", path, "-o", "out", *settings, report=True).exit_code == 0
    page = watched.page
    page.goto((run.folder / "out" / "report.html").as_uri())
    page.evaluate("emis.page.set.levels['A'] = 0.8; emis.page.apply(emis.page.set)")
    with page.expect_download() as waiting:
        page.click("#save")
    saved = path.with_name("test-what-if.yaml")
    saved.write_bytes(waiting.value.path().read_bytes())
    header = saved.read_text(encoding="utf-8").splitlines()[1]
    _, given = header.split("test-what-if.yaml", 1)
    assert "implementation" not in given
    assert run("run", saved, "-o", "again", *shlex.split(given)).exit_code == 0
    (found,), (wanted,) = page.evaluate("emis.page.told.verdicts"), read_result(run.folder / "again").verdicts
    assert found["status"] == wanted.status
    assert same(found["achieved"], wanted.achieved)


def test_names_that_mean_something_to_a_script(project, run, watched):
    for name in ("__proto__", "constructor", "toString", "5", "措施.一-二"):
        project.measure(name, [{"abate": {"efficiency": {"NOx": "20 %"}}}])
    project.plan["targets"] = [
        {"id": "hasOwnProperty", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "30 %", "since": 2017,
         "by": 2020}
    ]  # fmt: skip
    path = project.write()
    assert run("run", path, "-o", "out", "--samples", "50", report=True).exit_code == 0
    url = (run.folder / "out" / "report.html").as_uri()
    page = watched.page
    page.goto(url)
    page.evaluate("""() => {
      const set = emis.page.set;
      for (const id of Object.keys(set.levels)) set.levels[id] = 0.5;
      emis.page.apply(set);
    }""")
    page.click("#share")
    page.wait_for_function("location.hash.length > 1")
    linked = page.url
    with page.expect_download() as waiting:
        page.click("#save")
    saved = path.with_name("test-what-if.yaml")
    saved.write_bytes(waiting.value.path().read_bytes())
    assert run("run", saved, "-o", "again").exit_code == 0
    (wanted,) = read_result(run.folder / "again").verdicts
    page.goto("about:blank")
    page.goto(linked)
    (found,) = page.evaluate("emis.page.told.verdicts")
    assert same(found["achieved"], wanted.achieved)
    page.goto("about:blank")
    page.goto(url + "#x=5:&x=constructor: &d=:&city=")
    assert page.evaluate("Object.values(emis.page.set.levels).every((level) => level === 1)")
    assert watched.complaints == []


def test_a_report_that_fails_takes_nothing_with_it(project, run, monkeypatch):
    def broken(*_):
        raise KeyError("a figure")

    project.measure("A", [{"scale": {"activity": "-50 %"}}])
    monkeypatch.setattr("emis.report.pages.render", broken)
    made = run("run", project.write(), "-o", "out", "--samples", "50", report=True)
    assert made.exit_code == 0
    assert "there is no report, by an error in emis itself: KeyError" in made.stderr
    assert read_result(run.folder / "out").run["scenario"] == "test"
    monkeypatch.setattr("emis.report.facts.by_month", broken)
    made = run("run", project.path, "-o", "out", "--samples", "50", report=True)
    assert made.exit_code == 0
    assert not (run.folder / "out" / "report.json").exists()
    assert read_result(run.folder / "out").verdicts == ()


def test_inventories_of_one_title_keep_their_status(project, run, watched):
    for name, status in (("one", "official"), ("two", "reconstruction")):
        project.inventory(status=status)
        project.scenario["name"] = name
        assert run("run", project.write(), "-o", name, "--samples", "50", report=True).exit_code == 0
    assert run("compare", "one", "two", "--html").exit_code == 0
    watched.page.goto((run.folder / "comparison.html").as_uri())
    told = watched.page.locator(".trust").inner_text()
    assert "official" in told.split("\n")[0]
    assert "a reconstruction" in told.split("\n")[1]
