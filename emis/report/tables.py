"""Rows of the report's larger tables: what closes the gaps, and what the inventories hold."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from emis.assessment import Verdict
from emis.console import amount
from emis.io.results import Result
from emis.report.bilingual import number
from emis.vocabulary import STATUS

__all__ = ["inventories", "remedies", "tornados"]


def remedies(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return for each missed target whether and by what it could be reached."""
    titles = {one["id"]: one["title"] for one in facts["targets"]}
    return [_remedy(one, titles) for one in (facts.get("remedies") or {}).get("solutions", ())]


def _remedy(one: Mapping[str, Any], titles: Mapping[str, Any]) -> dict[str, Any]:
    (outcome,), reach = one["outcomes"], one["reach"]
    step = reach["steps"][0] if reach else {}
    unit = outcome["unit"]
    words = {"en": one["minimised"], "zh": {"effort": "工作量", "cost": "成本"}[one["minimised"]]}
    price = {lang: f"{word} {amount(one['price'])} {one['unit']}".strip() for lang, word in words.items()}
    chosen = sorted(one["choices"], key=lambda choice: (-choice["level"], choice["measure"]))
    return {
        "id": outcome["target"], "title": titles[outcome["target"]], "reached": one["reached"], "price": price,
        "required": number(outcome["required"], unit), "scenario": number(outcome["scenario"], unit),
        "best": number(step.get("best"), unit), "phased": number(step.get("phased_in"), unit),
        "binding": reach["binding"] if reach else [],
        "chosen": [
            {"id": choice["measure"], "title": {"en": choice["title"], "zh": choice["title_zh"]},
             "level": amount(100 * choice["level"], "%"), "beyond": choice["beyond"]}
            for choice in chosen
        ],
    }  # fmt: skip


def inventories(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each inventory with its totals by sector, grades and cross-checks."""
    return [_inventory(year, one, facts["sectors"]) for year, one in facts["inventories"].items()]


def _inventory(year: str, one: Mapping[str, Any], sectors: Mapping[str, Any]) -> dict[str, Any]:
    checks = [_check(row) for row in one["cross_checks"]]
    english, chinese = STATUS.get(one["status"], (one["status"], one["status"]))
    return {
        "year": year, "title": one["title"], "said": {"en": english, "zh": chinese}, "sources": one["sources"],
        "file": one["file"], "pollutants": one["pollutants"],
        "rows": [
            {"name": sectors.get(name, {"en": name, "zh": name}),
             "cells": [_cell(one["totals"][pollutant][name]) for pollutant in one["pollutants"]],
             "grades": ", ".join(f"{grade or '–'} {count}" for grade, count in grades.items())}
            for name, grades in one["grades"].items()
        ],
        "checks": checks, "failed": sum(row["inside"] == "✗" for row in checks),
    }  # fmt: skip


def _cell(figure: Mapping[str, float | None]) -> Markup | str:
    """Return a total, and below it half its interval and what share states none."""
    if figure["value"] is None:
        return "NE"
    half = f"± {amount(figure['half'])}" if figure["half"] else ""
    unstated = figure["unstated"] or 0.0
    below = f"{half} {f'({100 * unstated:.0f} %)' if unstated >= 0.005 else ''}".strip()
    return Markup('{}<span class="half">{}</span>').format(amount(figure["value"]), below)


def _check(row: Mapping[str, Any]) -> dict[str, str]:
    unit = row["unit"]
    inside = {True: "✓", False: "✗", "True": "✓", "False": "✗"}.get(row["inside"], "–")
    return {
        "name": row["check"], "here": _with_half(row["here"], row["half_here"], unit), "inside": inside,
        "expected": _with_half(row["expected"], row["half_expected"], unit), "grade": row["grade"],
        "reference": row["reference"],
    }  # fmt: skip


def _with_half(value: float | None, half: float | None, unit: str) -> str:
    return f"{amount(value)}{f' ± {amount(half)}' if half else ''} {unit}"


# -- what decides ----------------------------------------------------------------------------------------------------


def tornados(result: Result) -> list[dict[str, Any]]:
    """Return for each target what it reaches with one input at its 5th and 95th percentile, as bars of one scale."""
    named, units = result.facts["inputs"], {one.target: one for one in result.verdicts}
    titles = {one["id"]: one["title"] for one in result.facts["targets"]}
    rows: dict[str, list[Mapping[str, str]]] = {}
    for row in result.table("sensitivity.csv"):
        if row["at_p05"] and row["at_p95"] and row["target"] in units:
            rows.setdefault(row["target"], []).append(row)
    return [_tornado(units[target], titles[target], found, named) for target, found in rows.items()]


def _tornado(
    verdict: Verdict, title: Mapping[str, str], rows: Sequence[Mapping[str, str]], named: Mapping[str, Any]
) -> dict[str, Any]:
    ends = [(float(row["at_p05"]), float(row["at_p95"])) for row in rows]
    marks = [value for value in (verdict.achieved, verdict.required) if value is not None]
    least, most = min(*marks, *map(min, ends)), max(*marks, *map(max, ends))
    whole = (most - least) or 1.0

    def at(value: float | None) -> float | None:
        return None if value is None else round(100 * (value - least) / whole, 2)

    bars = [
        {
            "name": named.get(row["input"], {"en": row["input"], "zh": row["input"]}),
            "left": at(min(pair)), "width": round(100 * abs(pair[1] - pair[0]) / whole, 2),
            "low": number(pair[0], verdict.unit), "high": number(pair[1], verdict.unit),
            "share": "" if not row["variance_share"] else f"{100 * float(row['variance_share']):.0f} %",
        }
        for row, pair in zip(rows, ends, strict=True)
    ]  # fmt: skip
    return {"id": verdict.target, "title": title, "bars": bars, "achieved": at(verdict.achieved),
            "required": at(verdict.required)}  # fmt: skip
