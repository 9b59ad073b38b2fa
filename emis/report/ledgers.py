"""The plan article by article, as ledger.csv and report.json of a result have it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from emis.io.results import Result

__all__ = ["ledger_articles"]

#: What has become of a row of ledger.csv, the strongest first, in Chinese.
_STATES = {
    "quantified": "已量化", "matches nothing": "未匹配任何源", "omitted": "情景中省略", "alert days": "仅预警期间",
    "milestones": "仅节点", "targets": "仅目标", "not quantified": "未量化", "enabling": "支撑措施",
    "missing": "无内容",
}  # fmt: skip


def ledger_articles(result: Result) -> list[dict[str, Any]]:
    """Return the articles of a plan, each with its rows."""
    measures = {one["id"]: one for one in result.facts["measures"]}
    stones = {one["id"]: one["said"] for one in result.facts["milestones"]}
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in result.table("ledger.csv"):
        rows[row["article"]].append(row)
    return [_article(name, found, measures, stones) for name, found in rows.items()]


def _article(
    name: str, rows: list[dict[str, str]], measures: Mapping[str, Any], stones: Mapping[str, Any]
) -> dict[str, Any]:
    states = [_kind(row["state"]) for row in rows]
    state = min(states, key=list(_STATES).index)
    counted = sum(one == state for one in states)
    several = len(rows) > 1
    titles = [row for row in rows if row["title_en"] or row["title_zh"]]
    texts = {lang: mark.join(row[f"title_{lang}"] for row in titles[:3]) for lang, mark in (("en", "; "), ("zh", "；"))}
    more = {"en": " …", "zh": "……"} if len(titles) > 3 else {"en": "", "zh": ""}
    return {
        "name": name, "title": {lang: texts[lang] + more[lang] for lang in texts},
        "rows": [_row(row, measures.get(row["measure"], {}), stones) for row in rows if row["measure"]],
        "state": {"en": state + (f" ({counted} of {len(rows)})" if several else ""),
                  "zh": _STATES[state] + (f"（{counted}/{len(rows)}）" if several else "")},
        "state_class": "quantified" if state == "quantified" else "other",
    }  # fmt: skip


def _kind(state: str) -> str:
    return "alert days" if state.startswith("on ") else state if state in _STATES else "missing"


def _row(row: Mapping[str, str], measure: Mapping[str, Any], stones: Mapping[str, Any]) -> dict[str, Any]:
    does = measure.get("does", {"en": [], "zh": []})
    when, nothing = measure.get("when", {"en": "", "zh": ""}), {"en": "", "zh": ""}
    named = [name for name in row["milestones"].split("; ") if name in stones]
    promised = {lang: "; ".join(f"{name} {stones[name][lang]}" for name in named) for lang in nothing}
    return {
        "id": row["measure"], "title": {"en": row["title_en"], "zh": row["title_zh"]},
        "does": {"en": "; ".join(does["en"]), "zh": "；".join(does["zh"])} if does["en"] else "",
        "when": when if does["en"] and when["en"] else "", "reach": row["reach"],
        "ranges": ranges if (ranges := measure.get("ranges", nothing))["en"] else "",
        "milestones": promised if named else "", "departments": row["departments"], "quote": row["quote"],
        "grade": row["grade"], "source": row["source"], "note": row["note"],
    }  # fmt: skip
