"""Rows of the report's larger tables: what closes the gaps, and what the inventories hold."""

from collections.abc import Mapping
from typing import Any

from emis.console import amount
from emis.vocabulary import STATUS

__all__ = ["inventories", "remedies"]


def remedies(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return for each missed target whether and by what it could be reached."""
    titles = {one["id"]: one["title"] for one in facts["targets"]}
    return [_remedy(one, titles) for one in (facts.get("remedies") or {}).get("solutions", ())]


def _remedy(one: Mapping[str, Any], titles: Mapping[str, Any]) -> dict[str, Any]:
    (outcome,), reach = one["outcomes"], one["reach"]
    step = reach["steps"][0] if reach else {}
    unit = outcome["unit"]
    price = f"{one['minimised']} {amount(one['price'])} {one['unit']}".strip()
    chosen = sorted(one["choices"], key=lambda choice: (-choice["level"], choice["measure"]))
    return {
        "id": outcome["target"], "title": titles[outcome["target"]], "reached": one["reached"], "price": price,
        "required": amount(outcome["required"], unit), "scenario": amount(outcome["scenario"], unit),
        "best": amount(step.get("best", outcome["achieved"]), unit), "phased": amount(step.get("phased_in"), unit),
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


def _cell(figure: Mapping[str, float | None]) -> str:
    if figure["value"] is None:
        return "NE"
    half = f" ± {amount(figure['half'])}" if figure["half"] else ""
    unstated = figure["unstated"] or 0.0
    return f"{amount(figure['value'])}{half}{f' ({100 * unstated:.0f} %)' if unstated >= 0.005 else ''}"


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
