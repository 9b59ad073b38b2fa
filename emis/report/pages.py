"""The report as one page: what a result tells, put into a template, with its figures and its live model inside."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from altair.utils.schemapi import debug_mode
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from emis._version import __version__
from emis.ambient.words import AREA_ZH, quantity_word
from emis.assessment import Verdict
from emis.console import amount, word
from emis.figures import FIGURES, Undrawn, svg
from emis.io.results import Result, read_result
from emis.report import saying
from emis.report.bilingual import both, interval, number
from emis.report.ledgers import ledger_articles
from emis.report.live_texts import live_texts
from emis.report.saying import LANGS, Lang, pair
from emis.report.tables import inventories, remedies, tornados

__all__ = ["Picture", "environment", "pictures", "render", "safe_json", "trust", "write_figures"]

#: Which figures stand in which part of the page.
_PARTS = {
    "targets": ("targets",), "who": ("waterfall", "heat_map"), "time": ("sectors", "years", "months"),
    "air": ("air", "origins"), "sure": ("tornado",), "cost": ("cost_curve",), "milestones": ("milestones",),
    "data": ("inventory",),
}  # fmt: skip


def environment(lang: Lang) -> Environment:
    """Return what renders templates: whatever comes from files is escaped."""
    room = Environment(loader=PackageLoader("emis.report", "page"), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    room.globals.update(
        t=both, word=lambda text: both(text, word(text, "zh")), lang=lang, version=__version__,
        style=Markup(_file("style.css")), reading=Markup(_file("reading.js")),
    )  # fmt: skip
    return room


def _file(name: str) -> str:
    return resources.files("emis.report").joinpath("page", name).read_text(encoding="utf-8")


def safe_json(value: object) -> Markup:
    """Return JSON that ends no script element and is no markup, whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


# -- figures ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure in a language: its name, what a reader who does not see it is told, and its SVG."""

    name: str
    lang: Lang
    alt: str
    svg: str


def pictures(folder: Path, spread: Callable[..., Iterable[Picture | None]] = map) -> list[Picture]:
    """Return the figures of a result in both languages, in the order of a report; `spread` runs them."""
    _result.cache_clear()  # the folder may hold another result than when it was last drawn
    tasks = [(folder, number, lang) for number in range(len(FIGURES)) for lang in LANGS]
    return [one for one in spread(_picture, tasks) if one is not None]


def _picture(task: tuple[Path, int, Lang]) -> Picture | None:
    folder, number, lang = task
    try:
        # Charts are checked against their schema in the tests; to do so here would take as long as to draw them.
        with debug_mode(False):
            drawn = FIGURES[number](_result(folder), lang)
    except Undrawn:
        return None
    return Picture(drawn.name, lang, drawn.alt, svg(drawn))


@lru_cache(maxsize=1)
def _result(folder: Path) -> Result:
    return read_result(folder)


def write_figures(folder: Path, found: Iterable[Picture]) -> None:
    """Write pictures as SVG files into `figures` of a folder."""
    room = folder / "figures"
    room.mkdir(exist_ok=True)
    for one in found:
        (room / f"{one.name}.svg").write_text(one.svg, encoding="utf-8")


def _shown(found: Iterable[Picture]) -> dict[str, list[dict[str, Any]]]:
    """Return figures by part of the page: as images, in which no script of theirs could run."""
    by_name: dict[str, dict[str, Any]] = defaultdict(dict)
    for one in found:
        size = re.search(r'width="(\d+)[^"]*" height="(\d+)', one.svg)
        width, height = size.groups() if size else ("720", "400")
        source = f"data:image/svg+xml,{quote(one.svg, safe=' =:/,;()[]{}@!*$&')}"
        by_name[one.name][one.lang] = {"alt": one.alt, "source": source, "width": width, "height": height}
    return {
        part: [by_name[name] for name in wanted if set(by_name.get(name, ())) == set(LANGS)]
        for part, wanted in _PARTS.items()
    }


# -- the page --------------------------------------------------------------------------------------------------------


def render(result: Result, lang: Lang, drawn: Iterable[Picture]) -> str:
    """Return the page of a result."""
    facts, run = result.facts, result.run
    live = facts.get("live") or {}
    told = "model" in live
    titles = {one["id"]: one["title"] for one in facts["targets"]}
    scenario = {one: facts["scenario"]["title"][one] or str(run["scenario"]) for one in LANGS}
    context = {
        "title": {one: f"{facts['plan']['title'][one]} – {scenario[one]}" for one in LANGS},
        "plan_title": facts["plan"]["title"], "scenario_title": scenario,
        "progress": _progress(run), "trust": trust(result),
        "headline": {one: saying.headline(result, one) for one in LANGS},
        "answer": _side_by_side({one: saying.answer(result, one) for one in LANGS}),
        "verdicts": [_verdict(one, titles.get(one.target), facts) for one in result.verdicts],
        "confidence": f"{100 * facts['uncertainty']['confidence']:.0f} %",
        "draws": f"{facts['uncertainty']['samples']:,}",
        "reasons": list(_reasons(result)), "pictures": _shown(drawn), "last_year": _last_year(result),
        "contributions": list(_contributions(result)), "air": list(_air(result, titles)),
        "hindsight": [_hindsight(one) for one in facts["air"]["hindsight"]], "hangs": list(_hangs(result, titles)),
        "tornados": tornados(result), "remedies": remedies(facts), "unsolved": _unsolved(facts),
        "ledger": ledger_articles(result), "inventories": inventories(facts),
        "command": " ".join(run.get("command", ())), "scenario_file": run.get("scenario_file", ""),
        "note": facts["scenario"]["note"], "seed": run.get("seed", ""),
        "versions": ", ".join(f"{name} {number}" for name, number in run["versions"].items()),
        "warnings": run.get("warnings", []),
        "inputs": [{"name": name, "bytes": f"{one['bytes']:,}", "sha256": one["sha256"]}
                   for name, one in run.get("inputs", {}).items()],
        "untold": live.get("untold"), "live": safe_json(live) if told else "",
        "texts": safe_json(live_texts(result)) if told else "",
        "scripts": Markup("\n".join(_file(f"{name}.js") for name in _SCRIPTS)) if told else "",
    }  # fmt: skip
    return environment(lang).get_template("report.html").render(context)


_SCRIPTS = ("equation", "air", "verdicts", "scenario", "explorer")


def _side_by_side(texts: Mapping[Lang, Sequence[str]]) -> list[dict[str, str]]:
    return [pair(en, zh) for en, zh in zip(texts["en"], texts["zh"], strict=True)]


def _progress(run: Mapping[str, Any]) -> dict[str, str] | str:
    found = run.get("progress")
    if not found:
        return ""
    return both(f"with progress of {found['file']} up to {found['until']}",
                 f"采用 {found['file']} 的进展，截至 {found['until']}")  # fmt: skip


def trust(result: Result) -> list[dict[str, dict[str, str]]]:
    """Return name and status of each inventory of a result, in both languages."""
    told = zip(saying.trust(result, "en"), saying.trust(result, "zh"), strict=True)
    return [{"name": pair(en[0], zh[0]), "said": pair(en[1], zh[1])} for en, zh in told]


def _verdict(one: Verdict, title: Mapping[str, str] | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    air = facts["air"]["findings"].get(one.target, {})
    return {
        "id": one.target, "title": title or pair(one.title, one.title), "status": one.status,
        "required": number(one.required, one.unit), "achieved": number(one.achieved, one.unit),
        "margin": number(one.margin, one.unit, signed=True), "interval": interval(one.low, one.high, one.unit),
        "probability": "–" if one.probability is None else amount(100 * one.probability, "%"),
        "versus": amount(one.versus_no_plan, "%"), "anyway": air.get("base_year") if air.get("met_unchanged") else None,
    }  # fmt: skip


def _reasons(result: Result) -> Iterator[dict[str, Any]]:
    """Yield why verdicts are what they are, those of which the same is said together; the air has its own section."""
    facts = result.facts
    said, targets = facts["verdicts"], {one["id"]: one for one in facts["targets"]}
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for en, zh in zip(said["en"], said["zh"], strict=True):
        target = en["target"]
        if "scopes" in facts["air"]["findings"].get(target, {}):
            continue
        english = [saying.why(targets[target], "en"), en["reason"]]
        chinese = [saying.why(targets[target], "zh"), zh["reason"]]
        told = ("; ".join(filter(None, english)), "；".join(filter(None, chinese)))
        if told[0]:
            found[told].append(target)
    for (english_text, chinese_text), ids in found.items():
        yield {"ids": ", ".join(ids), "said": pair(english_text, chinese_text)}


def _hangs(result: Result, titles: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    said = result.facts["verdicts"]
    for en, zh in zip(said["en"], said["zh"], strict=True):
        if en["hangs_on"]:
            yield {"id": en["target"], "title": titles[en["target"]], "inputs": pair(en["hangs_on"], zh["hangs_on"])}


def _last_year(result: Result) -> str:
    return max((row["year"] for row in result.contributions), default="")


def _contributions(result: Result) -> Iterator[dict[str, Any]]:
    """Yield the largest contributions to each pollutant that a target is about, in the last year."""
    facts, year = result.facts, _last_year(result)
    titles = {one["id"]: one["title"] for one in facts["measures"]}
    wanted = dict.fromkeys(one["pollutant"] for one in facts["targets"] if one["pollutant"])
    for pollutant in wanted:
        rows = [row for row in result.contributions
                if row["year"] == year and row["pollutant"] == pollutant and row["shapley"]]  # fmt: skip
        rows.sort(key=lambda row: -abs(float(row["shapley"])))
        for row in rows[:8]:
            if float(row["shapley"]) == 0:
                continue
            ends = (row.get("shapley_p05"), row.get("shapley_p95"))
            shown = " – ".join(amount(float(end), signed=True) for end in ends if end)
            yield {
                "pollutant": pollutant, "id": row["measure"],
                "title": titles.get(row["measure"], pair(row["measure"], row["measure"])), "ends": shown or "–",
                **{name: amount(float(row[name]), signed=True) for name in ("shapley", "last", "alone")},
            }  # fmt: skip


def _air(result: Result, titles: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    for name, one in result.facts["air"]["findings"].items():
        if "untold" in one:
            continue
        values = (one["unchanged"], *(one["scopes"][scope] for scope in ("district", "with_city", "with_region")))
        yield {
            "id": name, "title": titles[name], "scopes": [number(value, one["unit"]) for value in values],
            "required": number(one["required"], one["unit"]), "said": _side_by_side(one["said"]),
        }  # fmt: skip


def _hindsight(one: Mapping[str, Any]) -> dict[str, Any]:
    unit = one["unit"]
    return {
        "year": one["year"], "area": pair(one["area"], AREA_ZH.get(one["area"], one["area"])),
        "quantity": pair(quantity_word(one["quantity"]), quantity_word(one["quantity"], "zh")),
        "interval": interval(one["low"], one["high"], unit),
        "modelled": number(one["modelled"], unit), "observed": number(one["observed"], unit),
        "off": number(one["off"], unit, signed=True),
    }  # fmt: skip


def _unsolved(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in (facts.get("remedies") or {}).get("untold", ()):
        found[one["en"], one["zh"]].append(one["target"])
    return [{"ids": ", ".join(ids), "said": pair(*said)} for said, ids in found.items()]
