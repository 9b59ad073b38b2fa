"""What `emis show` prints of a plan: every article with what it does, by when and on what evidence; as data too."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from emis.articles import STATES, Article, articles
from emis.console import Lang
from emis.measures import Measure
from emis.plan import Alert, Milestone, Plan, Target
from emis.schema import Evidence
from emis.wording import does, ranges, threshold, when

__all__ = ["plan_as_dict", "print_plan"]

_WORDS = {
    "Alerts": "预警",
    "Article": "条款",
    "Counts": "统计",
    "No article": "未注明条款",
    "Targets": "目标",
    "alert days": "仅预警期间",
    "articles": "条款数",
    "does": "内容",
    "effect": "量化措施",
    "enabling": "支撑措施",
    "evidence": "依据",
    "grade": "等级",
    "in place": "落实进度",
    "issued": "印发日期",
    "measures": "措施",
    "measures with an effect, by grade of evidence": "量化措施（按依据等级）",
    "milestone": "节点",
    "milestones": "仅节点",
    "missing": "缺失",
    "no figure": "无数值",
    "none": "无",
    "of": "对象",
    "offices": "责任单位",
    "quantified": "已量化",
    "ranges": "区间",
    "targets": "仅目标",
    "words": "原文",
    "note": "说明",
}
#: Width of the column that says what a line is about.
_LABEL = 10


def _word(text: str, lang: Lang) -> str:
    return _WORDS.get(text, text) if lang == "zh" else text


# -- printed ---------------------------------------------------------------------------------------------------------


def print_plan(out: Console, plan: Plan, lang: Lang) -> None:
    """Print a plan article by article, then its targets, its alerts, and how much of it is quantified."""
    out.print(Text(plan.title.text(lang) or plan.name, style="bold"))
    years = f"{plan.base_year} – {plan.target_year}" if plan.target_year else str(plan.base_year)
    issued = f"; {_word('issued', lang)} {plan.issued}" if plan.issued else ""
    out.print(Text(f"{years}{issued}\n"))
    found = articles(plan)
    for article in found:
        _print_article(out, article, lang)
    if plan.targets:
        out.print(Text(f"{_word('Targets', lang)}\n", style="bold"))
        _print_lines(out, _target_lines(plan.targets, lang), 2)
    if plan.alerts:
        out.print(Text(f"{_word('Alerts', lang)}\n", style="bold"))
        _print_lines(out, _alert_lines(plan.alerts, lang), 2)
    out.print(Text(f"{_word('Counts', lang)}\n", style="bold"))
    _print_lines(out, _count_lines(found, lang), 2)


def _print_article(out: Console, article: Article, lang: Lang) -> None:
    name = f"{_word('Article', lang)} {article.name}" if article.name else _word("No article", lang)
    out.print(Text.assemble((name, "bold"), f" · {_word(article.state, lang)}\n"))
    for measure in article.measures:
        _print_measure(out, measure, article.promised(measure), lang)
    if not article.measures:
        _print_lines(out, [(_word("milestone", lang), _stone(stone, lang)) for stone in article.milestones], 2)
    for level, measure in article.alerts:
        _print_measure(out, measure, (), lang, level)
    _print_lines(out, _target_lines(article.targets, lang), 2)


def _print_measure(out: Console, measure: Measure, stones: tuple[Milestone, ...], lang: Lang, level: str = "") -> None:
    title = measure.title.text(lang)
    kind = f" · {level} {_word('alert days', lang)}" if level else f" · {_word(measure.kind, lang)}"
    out.print(Padding(Text.assemble((measure.id, "bold"), f"  {title}" if title else "", (kind, "dim")), (0, 0, 0, 2)))
    _print_lines(out, _measure_lines(measure, stones, lang, bool(level)), 4)


def _measure_lines(
    measure: Measure, stones: tuple[Milestone, ...], lang: Lang, alert: bool
) -> Iterator[tuple[str, str]]:
    for effect in measure.do:
        yield _word("does", lang), does(effect, lang)
    if measure.select is not None:
        yield _word("of", lang), str(measure.select)
    if measure.do and not alert:
        yield _word("in place", lang), when(measure, lang)
    if text := ranges(measure, lang):
        yield _word("ranges", lang), text
    for stone in stones:
        yield _word("milestone", lang), _stone(stone, lang)
    if measure.departments:
        yield _word("offices", lang), ", ".join(measure.departments)
    evidence = measure.evidence or Evidence()
    if evidence.grade or evidence.source:
        yield _word("evidence", lang), " ".join(filter(None, (evidence.grade, evidence.source)))
    if evidence.note:
        yield _word("note", lang), evidence.note
    if evidence.quote:
        yield _word("words", lang), f"“{evidence.quote}”"


def _stone(stone: Milestone, lang: Lang) -> str:
    return f"{threshold(stone, lang)}: {stone.title.text(lang) or stone.id}"


def _target_lines(targets: tuple[Target, ...], lang: Lang) -> Iterator[tuple[str, str]]:
    for target in targets:
        asked = threshold(target, lang)
        if target.reduce_by is None and target.at_most is None and target.at_least is None:
            asked = f"{_word('no figure', lang)} {asked}".rstrip()
        what = " ".join(filter(None, (target.indicator, target.pollutant, target.level)))
        select = f" ({target.select})" if target.select is not None else ""
        yield target.id, f"{asked}: {target.name(lang)} [{what}{select}]"


def _alert_lines(alerts: tuple[Alert, ...], lang: Lang) -> Iterator[tuple[str, str]]:
    for alert in alerts:
        names = ", ".join(one if isinstance(one, str) else one.id for one in alert.measures)
        head = " ".join(filter(None, (threshold(alert, lang), alert.title.text(lang))))
        yield alert.level, ": ".join(filter(None, (head, names)))


def _count_lines(found: tuple[Article, ...], lang: Lang) -> Iterator[tuple[str, str]]:
    counts = _counts(found)
    yield (
        _word("articles", lang),
        ", ".join(f"{_word(state, lang)} {number}" for state, number in counts["articles"].items()),
    )
    yield (
        _word("measures", lang),
        f"{_word('effect', lang)} {counts['effects']}, {_word('enabling', lang)} {counts['enabling']}",
    )
    shown = ", ".join(f"{_word(grade, lang)} {number}" for grade, number in counts["grades"].items())
    yield _word("grade", lang), f"{_word('measures with an effect, by grade of evidence', lang)}: {shown}"


def _print_lines(out: Console, lines: Any, indent: int) -> None:
    """Print labels and what belongs to them, which goes on below itself where a line is not enough."""
    table = Table.grid(padding=(0, 1))
    table.add_column(min_width=_LABEL, no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in lines:
        table.add_row(Text(label, style="dim"), Text(text))
    if table.row_count:
        out.print(Padding(table, (0, 0, 1, indent)))


# -- as data ---------------------------------------------------------------------------------------------------------


def plan_as_dict(plan: Plan) -> dict[str, Any]:
    """Return a plan as data: title, articles with all they hold, alerts, and counts."""
    found = articles(plan)
    return {
        "title": plan.title.model_dump(),
        "issued": plan.issued and plan.issued.isoformat(),
        "base_year": plan.base_year,
        "target_year": plan.target_year,
        "measures": [measure.id for measure in plan.measures],
        "targets": [target.id for target in plan.targets],
        "articles": [_article(article) for article in found],
        "alerts": [
            {
                "level": alert.level,
                "threshold": threshold(alert),
                "title": alert.title.model_dump(),
                "measures": [one if isinstance(one, str) else one.id for one in alert.measures],
            }
            for alert in plan.alerts
        ],
        "counts": _counts(found),
    }


def _article(article: Article) -> dict[str, Any]:
    return {
        "article": article.name or None,
        "state": article.state,
        "measures": [_measure(measure, article) for measure in article.measures],
        "alert_measures": [{"level": level, **_measure(measure, None)} for level, measure in article.alerts],
        "milestones": [
            {
                "id": stone.id,
                "measure": stone.measure,
                "title": stone.title.model_dump(),
                "threshold": threshold(stone),
                "by": str(stone.by),
                "note": stone.note,
            }
            for stone in article.milestones
        ],
        "targets": [
            {
                "id": target.id,
                "title": target.title.model_dump(),
                "indicator": target.indicator,
                "pollutant": target.pollutant,
                "select": str(target.select) if target.select is not None else None,
                "threshold": threshold(target),
                "by": target.by,
                "note": target.note,
            }
            for target in article.targets
        ],
    }


def _measure(measure: Measure, article: Article | None) -> dict[str, Any]:
    evidence = measure.evidence or Evidence()
    return {
        "id": measure.id,
        "kind": measure.kind,
        "title": measure.title.model_dump(),
        "does": [does(effect) for effect in measure.do],
        "select": str(measure.select) if measure.select is not None else None,
        "in_place": when(measure) if measure.do and article else None,
        "ranges": ranges(measure),
        "milestones": [stone.id for stone in article.promised(measure)] if article else [],
        "departments": list(measure.departments),
        "evidence": evidence.model_dump(),
    }


def _counts(found: tuple[Article, ...]) -> dict[str, Any]:
    """Return how many articles are in each state, how many measures of each kind, and effects by grade of evidence."""
    states = Counter(article.state for article in found if article.name)
    measures = [measure for article in found for measure in article.measures]
    effects = [measure for measure in measures if measure.kind == "effect"]
    grades = Counter((measure.evidence and measure.evidence.grade) or "none" for measure in effects)
    return {
        "articles": {state: states[state] for state in STATES if states[state]},
        "effects": len(effects),
        "enabling": len(measures) - len(effects),
        "grades": dict(sorted(grades.items())),
    }
