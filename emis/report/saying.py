"""The answer in words: what becomes of the targets, who delivers, what closes the gaps, and how far to trust it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from emis.assessment import Verdict
from emis.console import STATUS, amount
from emis.io.results import Result

__all__ = ["LANGS", "Lang", "answer", "chance", "headline", "pair", "trust"]

Lang: TypeAlias = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")

#: Targets that the answer goes into, and the least of all rows that a grade is named for [1].
_TOLD, _MOST = 4, 0.5
_COUNTED = {
    "MET": ("{} met", "{} 项达到"),
    "MISSED": ("{} missed", "{} 项未达到"),
    "UNDETERMINED": ("{} cannot be told", "{} 项无法判定"),
}


def pair(english: str, chinese: str) -> dict[str, str]:
    """Return a text in both languages."""
    return {"en": english, "zh": chinese}


def _of(both: tuple[str, str], lang: Lang) -> str:
    return both[lang == "zh"]


def headline(result: Result, lang: Lang) -> str:
    """Return how many targets are met, missed, and not to be told."""
    found = Counter(str(one.status) for one in result.verdicts)
    parts = [_of(text, lang).format(found[status]) for status, text in _COUNTED.items() if found[status]]
    if lang == "zh":
        return f"规划的 {len(result.verdicts)} 项目标中，{'，'.join(parts)}"
    return f"Of {len(result.verdicts)} targets {', '.join(parts)}"


def chance(probability: float | None, lang: Lang) -> str:
    """Return a probability in words and per cent; empty where there is none."""
    if probability is None:
        return ""
    steps = (
        (0.99, "nearly certain", "几乎肯定"), (0.9, "very likely", "很可能"), (0.66, "likely", "可能"),
        (0.33, "about as likely as not", "难以确定"), (0.1, "unlikely", "不大可能"),
        (0.01, "very unlikely", "很不可能"), (-1.0, "nearly excluded", "几乎不可能"),
    )  # fmt: skip
    english, chinese = next((en, zh) for least, en, zh in steps if probability >= least)
    shown = (
        f"{100 * probability:.0f} %" if 0.005 <= probability < 0.995 else ("> 99 %" if probability > 0.5 else "< 1 %")
    )
    return f"{chinese if lang == 'zh' else english}, {shown}"


def answer(result: Result, lang: Lang) -> list[str]:
    """Return the answer in a few sentences: the first targets with numbers, who delivers most, what closes the gaps."""
    facts = result.facts
    titles = {one["target"]: one["title"] for one in facts["verdicts"][lang]}
    told = [one for one in result.verdicts if one.required is not None and one.achieved is not None][:_TOLD]
    found = [_target(one, titles[one.target], lang) for one in told]
    found += [*_largest(result, lang), *_gaps(facts, lang)]
    return found


def _target(one: Verdict, title: str, lang: Lang) -> str:
    reached, asked = (amount(value, one.unit, lang=lang) for value in (one.achieved, one.required))
    gap = amount(abs(one.margin or 0.0), one.unit, lang=lang)
    gap = gap.replace("%", "个百分点" if lang == "zh" else "percentage points") if one.unit == "%" else gap
    sure = chance(one.probability, lang)
    if lang == "zh":
        end = f"超出 {gap}" if one.status == "MET" else f"差 {gap}"
        how = f"；达到的可能性：{sure.replace(', ', '，')}" if sure else ""
        state = {"MET": "达到", "MISSED": "未达到"}.get(one.status, "无法判定")
        return f"{title}：{state}，预计 {reached}，要求 {asked}，{end}{how}。"
    end = f"{gap} to spare" if one.status == "MET" else f"{gap} short"
    how = f"; that it is met is {sure}" if sure else ""
    state = {"MET": "met", "MISSED": "missed"}.get(one.status, "not to be told")
    return f"{title}: {state}, {reached} of {asked}, {end}{how}."


def _largest(result: Result, lang: Lang) -> list[str]:
    """Return which measure takes most off the first pollutant that a target is about."""
    target = next((one for one in result.facts["targets"] if one.get("amount_unit") == "t"), None)
    if target is None:
        return []
    names = {one["id"]: one["title"][lang] for one in result.facts["measures"]}
    rows = [
        (float(row["shapley"]), names.get(row["measure"], row["measure"]))
        for row in result.contributions
        if row["pollutant"] == target["pollutant"] and row["year"] == str(target["by"]) and row["shapley"]
    ]
    cuts = sorted((row for row in rows if row[0] < 0), key=lambda row: row[0])
    if not cuts:
        return []
    first = cuts[:3]
    if lang == "zh":
        named = "、".join(f"{name}（{amount(value, 't', signed=True)}）" for value, name in first)
        return [f"{target['by']} 年 {target['pollutant']} 减排贡献最大的措施：{named}。"]
    named = ", ".join(f"{name} ({amount(value, 't', signed=True)})" for value, name in first)
    return [f"Most of the {target['pollutant']} that the plan takes off in {target['by']} is owed to {named}."]


def _gaps(facts: Mapping[str, Any], lang: Lang) -> list[str]:
    """Return which missed targets could be reached by the plan's measures and options, and which could not."""
    if not facts.get("remedies"):
        return []
    can: list[str] = []
    cannot: list[str] = []
    for one in facts["remedies"]["solutions"]:
        (can if one["reached"] else cannot).extend(one["targets"])
    found = []
    if can:
        listed = ("、" if lang == "zh" else ", ").join(can)
        found.append(
            f"用尽规划措施和备选措施，可以达到：{listed}。" if lang == "zh"
            else f"With measures of the plan and options beyond it these could be reached: {listed}."
        )  # fmt: skip
    if cannot:
        listed = ("、" if lang == "zh" else ", ").join(cannot)
        found.append(
            f"即使措施和备选全部落实，仍不能达到：{listed}。" if lang == "zh"
            else f"Not even with everything at its full strength these are reached: {listed}."
        )  # fmt: skip
    return found


def trust(result: Result, lang: Lang) -> list[tuple[str, str]]:
    """Return of each inventory its name with the year, and what it is: its status and how its rows are graded."""
    found = []
    for year, one in result.facts["inventories"].items():
        counts: Counter[str] = Counter()
        for by_grade in one["grades"].values():
            counts.update(by_grade)
        whole = sum(counts.values())
        grade, most = counts.most_common(1)[0] if counts else ("", 0)
        said = STATUS[one["status"]][lang == "zh"] if one["status"] in STATUS else one["status"]
        if whole and grade and most >= _MOST * whole:
            word = {"E": ("assumed", "假设"), "D": ("scaled or derived", "推算")}.get(grade, ("", ""))
            word_of = (
                f" ({_of(word, lang)})" if word[0] and lang == "en" else f"（{_of(word, lang)}）" if word[0] else ""
            )
            said += (
                f"；{whole} 行中 {most} 行为 {grade} 级{word_of}" if lang == "zh"
                else f"; {most} of {whole} rows are graded {grade}{word_of}"
            )  # fmt: skip
        found.append((f"{one['title'][lang]} ({year})", said))
    return found
