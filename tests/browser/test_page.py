"""The report as a reader has it: opened from a file in Chromium without network, played with, printed, taken away."""

import io
import re
import shutil
import unicodedata
from pathlib import Path

import pypdf
import pytest
from agreement import same

import emis
from emis.cli import main
from emis.console import amount
from emis.io.results import read_result

ROOT = Path(__file__).parents[2]
#: What is read aloud of each section, in both languages.
SECTIONS = {
    "answer": ("targets", "目标"), "explore": ("What would change it?", "怎样才能改变结论"),
    "who": ("Who delivers", "措施贡献"), "air": ("In the air", "空气质量"), "sure": ("How sure", "不确定性"),
    "gap": ("What closes the gap", "怎样弥补差距"), "ledger": ("article by article", "计划逐条评估"),
    "data": ("what is assumed", "数据来源与假设"), "method": ("Method", "方法"), "provenance": ("comes from", "溯源"),
}  # fmt: skip


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    return int(ended.value.code)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped")
    for name in ("inventories", "scenarios"):
        shutil.copytree(ROOT / name, folder / name)
    scenario = folder / "scenarios" / "mentougou" / "full.yaml"
    assert run("run", scenario, "-o", folder / "results" / "full", "--samples", 300) == 0
    return folder


@pytest.fixture(scope="module")
def result(project: Path) -> Path:
    return project / "results" / "full"


@pytest.fixture
def opened(watched, result):
    """The page, opened from its file; at the end it must not have complained of anything."""
    watched.page.goto((result / "report.html").as_uri())
    yield watched.page
    assert watched.complaints == []


def texts(page, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def test_a_page_is_one_small_file(result: Path) -> None:
    page = (result / "report.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 5_000_000
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)
    assert "@import" not in page
    assert "url(" not in re.sub(r"url\(%23|url\(#", "", page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_section_stands_in_both_languages(opened, lang: str) -> None:
    opened.click(f"#lang-{lang}")
    assert opened.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-CN"}[lang]
    for name, words in SECTIONS.items():
        heading = opened.locator(f"#{name} h2").first.inner_text()
        assert words[lang == "zh"] in heading
    other = "zh" if lang == "en" else "en"
    assert opened.locator(f'main [lang="{other}"]:visible').count() == 0
    body = opened.locator("main").inner_text()
    assert ("重建清单，非官方清单" if lang == "zh" else "a reconstruction, not an official inventory") in body


def test_verdicts_are_those_of_the_result(opened, result: Path) -> None:
    rows = [one.split("\t") for one in texts(opened, "table.verdicts tbody tr")]
    for row, verdict in zip(rows, read_result(result).verdicts, strict=True):
        assert verdict.target in row[0]
        assert verdict.status in row[1]
        assert row[2:5] == [
            amount(verdict.required, verdict.unit), amount(verdict.achieved, verdict.unit),
            amount(verdict.margin, verdict.unit, signed=True),
        ]  # fmt: skip


def test_the_live_verdicts_begin_as_the_run_had_them(opened, result: Path) -> None:
    told = opened.evaluate("emis.page.told.verdicts")
    for found, wanted in zip(told, read_result(result).verdicts, strict=True):
        assert found["status"] == wanted.status
        assert same(found["achieved"], wanted.achieved)
    pm25 = opened.locator("#live-air").inner_text()
    (air,) = (one for one in read_result(result).verdicts if one.target == "T3")
    for value in (air.achieved, air.district_alone, air.with_city):
        assert amount(value, air.unit) in pm25
    rows = texts(opened, "#live-verdicts .target")
    for row, verdict in zip(rows, read_result(result).verdicts, strict=True):
        assert amount(verdict.achieved, verdict.unit) in row


def test_a_slider_changes_what_is_told(opened) -> None:
    slider = opened.locator('[data-lever="A05-low-emission-zone"]')
    before = opened.locator('[data-target="T1"] .n').inner_text()
    slider.focus()
    opened.keyboard.press("ArrowLeft")
    opened.wait_for_function("emis.page.told.set.levels['A05-low-emission-zone'] === 0.99")
    assert "as run: 1." in opened.locator("#changed").inner_text()
    assert slider.get_attribute("aria-valuetext") == "99 %"
    for _ in range(3):
        opened.keyboard.press("PageDown")
    opened.wait_for_timeout(50)
    assert opened.locator('[data-target="T1"] .n').inner_text() != before
    opened.click("#reset")
    opened.wait_for_function("emis.page.told.set.levels['A05-low-emission-zone'] === 1")
    assert opened.locator('[data-target="T1"] .n').inner_text() == before


def test_a_group_is_switched_off_and_a_verdict_turns(opened) -> None:
    opened.locator("#controls details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    for group in ("mobile", "dust", "coal"):
        opened.click(f'[data-group="{group}"]')
    opened.wait_for_function("emis.page.told.set.levels['A04-electric-bus'] === 0")
    given, now = opened.evaluate("[emis.page.live.targets, emis.page.told.verdicts]")
    cut = {one["id"]: one["achieved"] for one in now}
    assert all(cut[one["id"]] < one["achieved"] for one in given if one["id"] in ("T1", "T5", "T6"))
    # What is beyond the plan closes the gap of NOx, as the solver says.
    opened.evaluate("""() => {
      const set = emis.asGiven(emis.page.live);
      for (const id of Object.keys(set.levels)) set.levels[id] = id === "O-machine-zone" ? 0 : 1;
      emis.page.apply(set);
    }""")
    assert "met" in opened.locator('[data-target="T1"] .status').inner_text()
    assert "T1: met" in opened.locator("#changed").inner_text()


def test_what_is_saved_runs_and_tells_the_same(opened, project: Path) -> None:
    opened.evaluate("""() => {
      const set = emis.asGiven(emis.page.live);
      set.levels["A05-low-emission-zone"] = 0.35;
      set.levels["O-electric-buses"] = 0.6;
      set.rates[0] = 0.045;
      set.outside.city = 1.25;
      emis.page.apply(set);
    }""")
    with opened.expect_download() as waiting:
        opened.click("#save")
    download = waiting.value
    assert download.suggested_filename == "full-what-if.yaml"
    saved = project / "scenarios" / "mentougou" / download.suggested_filename
    shutil.copy(download.path(), saved)
    out = project / "results" / "what-if"
    assert run("run", saved, "-o", out, "--samples", 100, "--no-report") == 0
    for found, wanted in zip(opened.evaluate("emis.page.told.verdicts"), read_result(out).verdicts, strict=True):
        assert found["status"] == wanted.status
        assert same(found["achieved"], wanted.achieved)
    scenario = emis.read_scenario(saved)
    assert scenario.document.title.text("zh") == "全部落实 (推演)"


def test_a_link_holds_what_is_set(opened, watched, result: Path) -> None:
    opened.evaluate("""() => {
      const set = emis.asGiven(emis.page.live);
      set.levels["A24-purifiers"] = 0.25;
      set.rates[1] = 0.01;
      set.outside.region = 0.5;
      emis.page.apply(set);
    }""")
    opened.click("#share")
    opened.wait_for_function("location.hash.length > 1")
    url, told = opened.url, opened.evaluate("emis.page.told.verdicts")
    other = watched.page.context.new_page()
    other.goto(url)
    assert other.evaluate("emis.page.told.verdicts") == told
    other.goto((result / "report.html").as_uri() + "#x=A24-purifiers:7&x=nothing:1&x=__proto__:1&d=99:1&city=abc")
    other.reload()
    assert other.evaluate("emis.page.set") == other.evaluate("emis.asGiven(emis.page.live)")
    other.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_print_has_every_section(opened, lang: str) -> None:
    opened.click(f"#lang-{lang}")
    opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    pdf = pypdf.PdfReader(io.BytesIO(opened.pdf(format="A4", print_background=True)))
    # Fonts of Chinese map a few characters to radicals that look the same.
    printed = unicodedata.normalize("NFKC", "".join(page.extract_text() for page in pdf.pages))
    printed = "".join(printed.split())
    for words in SECTIONS.values():
        assert words[lang == "zh"].replace(" ", "") in printed
    # What is folded on the screen is there on paper.
    assert "A36-accountability" in printed
    assert "inventories/factors/mobile.csv" in printed


def test_it_can_be_read_without_eyes_and_without_a_mouse(opened) -> None:
    assert opened.locator("img:not([alt])").count() == 0
    assert all(alt.strip() for alt in opened.locator("img").evaluate_all("(all) => all.map((one) => one.alt)"))
    levels = opened.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(
        after <= before + 1 or (before, after) == (2, 4) for before, after in zip(levels, levels[1:], strict=False)
    )
    unnamed = opened.evaluate("""[...document.querySelectorAll('input, select, button')].filter(
      (one) => !(one.labels?.length || one.textContent.trim())).length""")
    assert unnamed == 0
    ids = opened.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"


def test_colours_stand_out_from_the_ground() -> None:
    style = (ROOT / "emis" / "report" / "page" / "style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))

    def light(name: str) -> float:
        parts = [int(colours[name][n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for ground in ("ground", "shade", "warn"):
        for ink in ("ink", "soft", "met", "missed", "unknown", "accent"):
            assert (light(ground) + 0.05) / (light(ink) + 0.05) >= 4.5, (ink, ground)


def test_report_makes_the_same_page_again(result: Path) -> None:
    before = (result / "report.html").read_bytes()
    (result / "report.html").unlink()
    assert run("report", result) == 0
    assert (result / "report.html").read_bytes() == before
