"""What notebooks show of inventories, plans, projections and verdicts: whole, escaped, and honest."""

import pickle
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from conftest import FACTORS, Project

import emis
from emis import notebook
from emis.assessment import Verdict, Verdicts

ROOT = Path(__file__).parents[2]
HOSTILE = '<script>alert(1)</script> "onmouseover="x\' & \u202egnp.exe'
VOID = {"br"}
TAGS = set("bdi br caption details div small strong summary table tbody td th thead tr".split())


class Reader(HTMLParser):
    """Takes HTML apart; an end that does not fit its beginning is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.values: list[str] = []
        self.rows: list[list[str]] = []
        self.loose: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [f"{name}={value}" for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data
        if "bdi" not in self.open:
            self.loose.append(data)


def read(what: object) -> Reader:
    text = what._repr_html_()  # type: ignore[attr-defined]
    found = Reader(text)
    assert set(found.tags) <= TAGS
    assert {value.split("=")[0] for value in found.values} <= {"class", "style"}
    assert "://" not in text
    return found


def words(found: Reader) -> str:
    return " ".join(cell for row in found.rows for cell in row)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", notebook.COLOURS.values())
def test_colours_stand_out_on_light_and_dark(colour: str) -> None:
    # 3 : 1 is what the Web Content Accessibility Guidelines ask of bold text.
    for background in ("#ffffff", "#111111"):
        one, other = sorted((luminance(colour), luminance(background)))
        assert (other + 0.05) / (one + 0.05) > 3.5


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "", "0"),
        (-0.0, "%", "0 %"),
        (-1.25, "pp", "−1.25 pp"),
        (1234567.0, "", "1,234,567"),
        (float("nan"), "t", "not estimated"),
        (None, "t", "–"),
        (1e-7, "", "1e−07"),
    ],
)
def test_amounts(value: float | None, unit: str, text: str) -> None:
    assert notebook.amount(value, unit).text == text


def test_halves_and_changes() -> None:
    nan = float("nan")
    told = [
        notebook.with_half(*one) for one in ((1651.4, 561.0), (100.0, 5.0, True), (4.0, nan), (nan, nan), (0.0, nan))
    ]
    assert [one.text for one in told] == ["1,651", "100", "4", "not estimated", "0"]
    assert [one.small for one in told] == ["±34 %", "±5.0 %*", "±?", "", ""]
    pairs = ((9.0, 10.0), (nan, 1.0), (1.0, 0.0), (0.99999, 1.0))
    assert [notebook.change(*pair) for pair in pairs] == ["−10.0 %", "", "", "0.0 %"]


def test_what_has_letters_is_set_apart() -> None:
    found = Reader(notebook.fragment(HOSTILE, [HOSTILE], notebook.table(HOSTILE, [HOSTILE], [[HOSTILE]], HOSTILE)))
    assert not "".join(found.loose).strip()
    assert "script" not in found.tags
    assert "\x00" not in notebook.fragment("a\x00b", [])


# -- an inventory ----------------------------------------------------------------------------------------------------


def test_an_inventory() -> None:
    inventory = emis.read_inventory(ROOT / "inventories/mentougou-2017")
    found = read(inventory)
    assert "a reconstruction, not an official inventory" in inventory._repr_html_()
    assert "· 2017" in inventory._repr_html_()
    assert found.rows[0] == ["sector", *inventory.pollutants, "rows by grade"]
    *sectors, total = found.rows[1:]
    assert sorted(row[0] for row in sectors) == inventory.values("sector")
    for name, cell in zip(inventory.pollutants, total[1:], strict=False):
        assert cell.startswith(
            notebook.amount(float(inventory.emissions[:, inventory.pollutants.index(name)].sum())).text
        )
    assert all("±" in cell for cell in total[1:-1])
    assert re.search(r"\bE \d+", total[-1])
    assert len(repr(inventory)) < 200
    assert str(ROOT) not in repr(inventory) + inventory._repr_html_()


def test_not_estimated_is_not_zero(project: Project) -> None:
    project.inventory(factors=FACTORS.replace("NOx,2,", "NOx,NE,"))
    inventory = project.read().inventories[2017]
    assert [row[1] for row in read(inventory).rows[1:]] == ["not estimated", "not estimated"]
    assert "an example, not a real inventory" in inventory._repr_html_()
    shown = read(project.project())
    assert {row[2] for row in shown.rows[1:]} == {"not estimated"}


# -- a plan, its projection and the verdicts -------------------------------------------------------------------------


@pytest.fixture
def hostile(project: Project) -> Project:
    project.inventory(title={"en": HOSTILE, "zh": HOSTILE})
    project.plan["title"] = HOSTILE
    project.scenario["title"] = HOSTILE
    evidence = {"grade": "D", "source": HOSTILE}
    project.measure("A", [{"scale": {"activity": "-10 %"}}], title=HOSTILE, article=4, evidence=evidence)
    project.plan["targets"] = [
        {
            "id": "T1", "title": HOSTILE, "indicator": "emissions", "pollutant": "NOx", "reduce_by": "5 %",
            "since": 2017, "by": 2020,
        },
        {"id": "T2", "title": HOSTILE, "indicator": "index", "note": HOSTILE},
    ]  # fmt: skip
    return project


def test_hostile_names_stay_names(hostile: Project) -> None:
    scenario, projection = hostile.read(), hostile.project()
    verdicts = emis.assess(projection, scenario.plan.targets)
    for one in (scenario.inventories[2017], scenario.plan, projection, verdicts, verdicts[0]):
        text = one._repr_html_()
        read(one)
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert '"onmouseover' not in text
        # A mark that turns letters round ends where what it stands in ends.
        assert all(re.search(r"<bdi>[^<]*$", text[: found.start()]) for found in re.finditer("\u202e", text))


def test_a_plan(hostile: Project) -> None:
    found = read(hostile.read().plan)
    assert ["T1", HOSTILE, "−5 %", "2017", "2020"] in found.rows
    assert ["T2", HOSTILE, "no figure", "", ""] in found.rows
    assert ["4", "A", HOSTILE, "effect", "D"] in found.rows
    plan = emis.read_plan(ROOT / "scenarios/mentougou/plan.yaml")
    shown = plan._repr_html_()
    assert "36 articles" in shown
    for one in (*plan.measures, *plan.targets):
        assert one.id in words(read(plan))
    assert len(repr(plan)) < 200


def test_a_projection(hostile: Project) -> None:
    projection = hostile.project()
    rows = read(projection).rows
    assert rows[0] == ["year", "", "NOx"]
    assert rows[1] == ["2017", "inventory", "2"]
    assert rows[-2:] == [["2020", "with the plan", "1.8−10.0 %"], ["2020", "without", "20.0 %"]]
    assert "an example, not a real inventory" in projection._repr_html_()
    assert len(repr(projection)) < 200


def test_verdicts_are_a_tuple(hostile: Project) -> None:
    projection = hostile.project()
    verdicts = emis.assess(projection, hostile.read().plan.targets)
    assert isinstance(verdicts, tuple)
    first, second = verdicts
    assert verdicts == (first, second)
    assert hash(verdicts) == hash((first, second))
    assert verdicts[0] is first
    assert pickle.loads(pickle.dumps(verdicts)) == verdicts
    rows = read(verdicts).rows
    assert rows[1][:5] == ["T1", "MET", "5 %", "10 %", "+5 pp"]
    assert rows[2][1:5] == ["UNDETERMINED", "–", "–", "–"]
    assert second.reason
    assert rows[2][-1].endswith(second.reason)
    assert notebook.COLOURS["good"] in verdicts._repr_html_()
    assert "1 MET, 1 UNDETERMINED" in verdicts._repr_html_()


def test_probabilities_stand_where_there_are_any() -> None:
    known = Verdict("T1", "a", "MISSED", 49.0, np.nan, -1.0, "ug/m^3", probability=0.265)
    rows = read(Verdicts((known, Verdict("T2", "b", "UNDETERMINED", None, None, None, "")))).rows
    assert rows[1] == ["T1", "MISSED", "49 µg/m³", "not estimated", "−1 µg/m³", "26.5 %", "a"]
    assert rows[2][5] == "–"
    long = read(Verdicts((Verdict("T3", "c", "UNDETERMINED", None, None, None, "", reason="because " * 40),)))
    assert "details" in long.tags
    assert "because" in words(long)
    assert read(Verdicts()).rows == [["target", "verdict", "required", "achieved", "margin", "promise"]]
