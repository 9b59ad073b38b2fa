"""Results side by side as one page: verdicts, emissions with their change against the first, and what is assumed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from emis.assessment import Verdict
from emis.console import amount
from emis.io.comparison import Comparison, compare_results
from emis.io.outputs import OutputError, write_output
from emis.io.results import Result, read_result
from emis.report import saying
from emis.report.saying import LANGS, Lang, pair

__all__ = ["render_comparison", "write_comparison"]

#: A change below this share is rounding.
_NOTHING = 1e-9
#: By what an earlier page is known, so that no other file is replaced.
_MARK = "<!DOCTYPE html>\n<!-- A page of emis. -->"


def write_comparison(paths: Sequence[Path], file: Path, year: int | None = None, lang: Lang = "en") -> Comparison:
    """Write a page that holds results side by side, and return what they were compared in.

    Raises
    ------
    InputError
        When one is no result, one has no report.json, or they share no year.
    OutputError
        When a library is missing, there is a file that is no page, or the disk refuses.
    """
    from emis.report.writing import missing

    if said := missing():
        raise OutputError(said)
    found = compare_results(paths, year)
    write_output(file, render_comparison([read_result(path) for path in paths], found, lang), _MARK)
    return found


def render_comparison(results: Sequence[Result], found: Comparison, lang: Lang) -> str:
    """Return the page of a comparison."""
    from emis.report.pages import environment, trust  # slow to import

    titles = [
        {one: result.facts["scenario"]["title"][one] or name for one in LANGS}
        for result, name in zip(results, found.names, strict=True)
    ]
    plans = {result.facts["plan"]["title"]["zh"]: result.facts["plan"]["title"] for result in results}
    told = [one for result in results for one in trust(result)]
    context = {
        "title": {one: " / ".join(title[one] for title in titles) for one in LANGS}, "year": found.year,
        "plans": list(plans.values()), "names": found.names, "titles": titles,
        "trust": [one for n, one in enumerate(told) if one not in told[:n]],
        "counts": [pair(*(saying.headline(result, one) for one in LANGS)) for result in results],
        "targets": _targets(results, found), "totals": list(_totals(results, found)), "levels": _levels(results),
        "notes": [str(result.facts["scenario"]["note"]) for result in results],
    }  # fmt: skip
    return environment(lang).get_template("compare.html").render(context)


def _targets(results: Sequence[Result], found: Comparison) -> list[dict[str, Any]]:
    """Return each target with what becomes of it in every result; a gauge shows it against what is required."""
    from emis.report.bilingual import number

    rows = []
    for target in found.verdicts:
        verdicts = [next((one for one in result.verdicts if one.target == target), None) for result in results]
        titles = [one["title"] for result in results for one in result.facts["targets"] if one["id"] == target]
        known = [one for one in verdicts if one is not None]
        senses = [one["sense"] for result in results for one in result.facts["targets"] if one["id"] == target]
        sense = senses[0] if senses else ""
        rows.append(
            {
                "id": target, "title": titles[0] if titles else pair(target, target),
                "required": number(known[0].required, known[0].unit) if known else "–",
                "cells": [_cell(one, sense, number) for one in verdicts],
                "differs": len({one.status if one else "" for one in verdicts}) > 1,
            }
        )  # fmt: skip
    return rows


def _cell(one: Verdict | None, sense: str, number: Callable[..., Any]) -> dict[str, Any]:
    if one is None:
        return {"status": "", "achieved": "–", "probability": "", "width": None}
    width = None
    if one.achieved is not None and one.required:
        # What is required stands at two thirds, and beyond it is good.
        reached = one.achieved / one.required
        if sense == "at_most":
            reached = one.required / one.achieved if one.achieved > 0 else 2.0
        width = round(min(1.0, max(0.0, reached * 2 / 3)) * 100, 2)
    sure = "" if one.probability is None else amount(100 * one.probability, "%")
    return {"status": one.status, "achieved": number(one.achieved, one.unit), "probability": sure, "width": width}


def _totals(results: Sequence[Result], found: Comparison) -> list[dict[str, Any]]:
    """Return emissions by pollutant and sector in every result, the first of each pollutant its total."""
    sectors = {name: one for result in results for name, one in result.facts["sectors"].items()}
    rows = []
    for (pollutant, sector), values in found.totals.items():
        whole = sector == "all"
        name = pair("all sectors", "全部部门") if whole else sectors.get(sector, pair(sector, sector))
        most = max((abs(value) for value in values if value == value), default=0.0)
        rows.append(
            {
                "pollutant": pollutant if whole else "", "sector": name, "whole": whole,
                "cells": [_changed(value, values[0], number, most) for number, value in enumerate(values)],
            }
        )  # fmt: skip
    return rows


def _changed(value: float, first: float, number: int, most: float) -> dict[str, Any]:
    """Return a value, and by how many per cent it differs from the first."""
    change = ""
    if number and value == value and first == first:
        if abs(value - first) <= _NOTHING * max(abs(value), abs(first)):
            change = "="
        else:
            change = f"{100 * (value / first - 1):+.1f} %".replace("-", "−") if first else "+"
    width = round(100 * value / most, 2) if most and value == value else 0.0
    return {"value": amount(value), "change": change, "width": width}


def _levels(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return the measures that are not in place alike in all results, with their level in the last year."""
    rows: dict[str, list[str]] = {}
    titles: dict[str, dict[str, str]] = {}
    for number, result in enumerate(results):
        for one in result.facts["measures"]:
            if one["kind"] == "enabling":
                continue
            titles.setdefault(one["id"], one["title"])
            cells = rows.setdefault(one["id"], ["–"] * len(results))
            last = max(one["phase"], default="")
            level = one["implementation"] * one["phase"].get(last, 1.0)
            cells[number] = "–" if one["omitted"] else amount(100 * level, "%")
    return [{"id": name, "title": titles[name], "cells": cells} for name, cells in rows.items() if len(set(cells)) > 1]
