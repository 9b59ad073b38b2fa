"""The answer in words: what becomes of the targets, who delivers, what closes the gaps, and how far to trust it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from emis.ambient.words import sentence_amount
from emis.assessment import Verdict
from emis.console import amount
from emis.io.results import Result
from emis.target_names import short_name
from emis.vocabulary import STATUS

__all__ = ["LANGS", "Lang", "answer", "chance", "headline", "pair", "trust", "why"]

Lang: TypeAlias = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")

#: Targets that the answer goes into, and the least of all rows that a grade is named for [1].
_TOLD, _MOST = 4, 0.5
_COUNTED = {
    "MET": ("{} {be} met", "{} 项达到"),
    "MISSED": ("{} {be} missed", "{} 项未达到"),
    "UNDETERMINED": ("{} cannot be told", "{} 项无法判定"),
}


def pair(english: str, chinese: str) -> dict[str, str]:
    """Return a text in both languages."""
    return {"en": english, "zh": chinese}


def _of(both: tuple[str, str], lang: Lang) -> str:
    return both[lang == "zh"]


def headline(result: Result, lang: Lang) -> str:
    """Return how many targets are met, missed, and not to be told."""
    if not result.verdicts:
        return "计划未设目标" if lang == "zh" else "The plan has no targets"
    found = Counter(str(one.status) for one in result.verdicts)
    parts = [
        _of(text, lang).format(found[status], be="is" if found[status] == 1 else "are")
        for status, text in _COUNTED.items()
        if found[status]
    ]
    if lang == "zh":
        return f"计划的 {len(result.verdicts)} 项目标中，{'，'.join(parts)}"
    count = len(result.verdicts)
    return f"Of {count} target{'s' if count > 1 else ''} {', '.join(parts)}"


def chance(probability: float | None, lang: Lang) -> str:
    """Return how likely a target is met; empty where that is not known."""
    if probability is None:
        return ""
    shown = f"{100 * probability:.0f} %"
    if not 0.005 <= probability < 0.995:
        shown = "> 99 %" if probability > 0.5 else "< 1 %"
    return f"达到概率 {shown}" if lang == "zh" else f"{shown} likely to be met"


def answer(result: Result, lang: Lang) -> list[str]:
    """Return the answer: a paragraph on the first targets with numbers, who delivers most, and what closes the gaps.

    What comes about is never told as the plan's alone: what the plan itself is worth stands beside it.
    """
    facts = result.facts
    targets = {one["id"]: one for one in facts["targets"]}
    told = [one for one in result.verdicts if one.required is not None and one.achieved is not None][:_TOLD]
    years = {targets[one.target]["by"] for one in told}
    # One year is said once; several are said with each.
    year = years.pop() if len(years) == 1 else None
    parts = [_target(one, targets[one.target], facts, lang, year is None) for one in told]
    found = []
    if parts:
        text = ("；" if lang == "zh" else "; ").join(parts)
        found = [
            f"{f'到 {year} 年，' if year else ''}{text}。"
            if lang == "zh"
            else f"{f'By {year}: ' if year else ''}{text}."
        ]
    first = ("" if lang == "zh" else " ").join([*found, *_largest(result, lang)])
    return [*([first] if first else []), *_gaps(facts, lang)]


def _target(one: Verdict, target: Mapping[str, Any], facts: Mapping[str, Any], lang: Lang, dated: bool) -> str:
    """Return what becomes of a target in a part of a sentence."""
    name, reduces = short_name(target, facts["sectors"], lang), target["sense"] == "reduce"
    sign = -1.0 if reduces else 1.0
    reached, asked = (_spoken(sign * (value or 0.0), one.unit, lang) for value in (one.achieved, one.required))
    said = [_own(one, facts, lang), chance(one.probability, lang)]
    found = facts["air"]["findings"].get(one.target, {})
    if found.get("met_unchanged"):
        base = found["base_year"]
        said.append(f"排放维持 {base} 年水平也能达到" if lang == "zh" else f"met even with the emissions of {base}")
    if lang == "zh":
        bound = "" if reduces else "不低于" if target["sense"] == "at_least" else "不高于"
        more = "，".join([f"要求{bound} {asked}", *filter(None, said)])
        when = f"{target['by']} 年" if dated and target["by"] else ""
        return f"{when}{name} {reached}（{more}）"
    promised = f"{asked} was promised" if reduces else f"{target['sense'].replace('_', ' ')} {asked} was promised"
    when = f" by {target['by']}" if dated and target["by"] else ""
    return f"{name} {reached}{when} ({'; '.join([promised, *filter(None, said)])})"


def _own(one: Verdict, facts: Mapping[str, Any], lang: Lang) -> str:
    """Return what the plan itself is worth against the same year without it; empty where that is not told."""
    found = facts["air"]["findings"].get(one.target, {})
    if "no_plan" in found:
        worth = found["scopes"]["with_region"] - found["no_plan"]
        worth = -worth if one.unit == "%" else worth  # of reductions, which the sentence tells with a minus
        points = "个百分点" if lang == "zh" else "pp"
        told = f"{worth:+.1f} {points}" if one.unit == "%" else amount(worth, one.unit, signed=True, lang=lang)
        told = told.replace("-", "−")
    elif one.versus_no_plan is not None:
        told = f"{-one.versus_no_plan:+.1f} %".replace("-", "−")
    else:
        return ""
    return f"其中本计划的作用：{told}" if lang == "zh" else f"the plan itself: {told} against no plan"


def _spoken(value: float, unit: str, lang: Lang) -> str:
    """Return a number as a sentence has it: per cent with one decimal, other units as in tables."""
    return sentence_amount(value, unit, lang) if unit == "%" else amount(value, unit, lang=lang)


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
    return [f"The largest cuts of {target['pollutant']} in {target['by']}: {named}."]


def _gaps(facts: Mapping[str, Any], lang: Lang) -> list[str]:
    """Return which missed targets could be reached by the plan's measures and options, and which could not."""
    targets = {one["id"]: one for one in facts["targets"]}
    names: dict[bool, list[str]] = {True: [], False: []}
    for one in (facts.get("remedies") or {}).get("solutions", ()):
        names[one["reached"]] += [
            f"{short_name(targets[name], facts['sectors'], lang)} ({name})" for name in one["targets"]
        ]
    can, cannot = (("、" if lang == "zh" else ", ").join(names[reached]) for reached in (True, False))
    said = (
        (can, "Could still be reached, each by itself, with the plan in full and options beyond it: {}.",
         "落实全部计划措施并采用备选措施，单项仍可达到：{}。"),
        (cannot, "Out of reach even with everything at full strength: {}.",
         "即使全部措施和备选均落实到位也不能达到：{}。"),
    )  # fmt: skip
    return [(chinese if lang == "zh" else english).format(listed) for listed, english, chinese in said if listed]


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
        title = one["title"][lang]
        found.append((title if year in title else f"{title} ({year})", said))
    return found


def why(target: Mapping[str, Any], lang: Lang) -> str:
    """Return what a verdict on emissions compares, in tonnes; empty for other targets."""
    if target.get("amount_unit") != "t" or target.get("after") is None:
        return ""
    zh, by, since = lang == "zh", target["by"], target["since"]
    parts = []
    if target["before"] is not None:
        parts.append(f"{since} 年 {_tonnes(target['before'])}" if zh else f"{_tonnes(target['before'])} in {since}")
    parts.append(f"{by} 年 {_tonnes(target['after'])}" if zh else f"{_tonnes(target['after'])} in {by}")
    parts.append(f"无计划 {_tonnes(target['no_plan'])}" if zh else f"{_tonnes(target['no_plan'])} without the plan")
    if target["ceiling"] is not None:
        over = target["after"] - target["ceiling"]
        parts.append(f"允许 {_tonnes(target['ceiling'])}" if zh else f"{_tonnes(target['ceiling'])} would be allowed")
        if over > 0:
            parts.append(f"超出 {_tonnes(over)}" if zh else f"{_tonnes(over)} too many")
    return ("，" if zh else ", ").join(parts)


def _tonnes(value: float) -> str:
    return amount(value, "t")
