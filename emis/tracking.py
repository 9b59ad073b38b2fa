"""What the command line prints of milestones: where each stands, those that are behind first."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from emis.console import Lang, amount, console, fits, new_table, print_items, print_table, prose
from emis.progress import Progress, Standing, said, standings
from emis.scenario import Scenario

__all__ = ["print_standings", "progress_result"]

_ORDER = ("overdue", "behind", "on track", "done", "not reported")
_STYLE = {"overdue": "bold red", "behind": "bold red", "on track": "bold green", "done": "green"}
_SIGNS = {"at least": "≥", "at most": "≤", "equals": "="}
#: Cells that a milestone's title needs at least to stand in a table.
_TITLES_WIDE = 32
_NOTE = (
    "Planned and fulfilled: shares of the promise on the day of the last observation. Reached by: at the stated pace,"
    " or at that of the 365 days before the last observation; – not at that pace."
)
_WORDS = {
    "Milestones": "节点",
    "milestone": "节点",
    "status": "状态",
    "observed": "实测",
    "required": "要求",
    "date": "日期",
    "fulfilled": "完成率",
    "planned": "计划完成率",
    "reached by": "预计完成",
    "overdue": "逾期",
    "behind": "滞后",
    "on track": "正常",
    "done": "完成",
    "not reported": "未报告",
    "tracked only, no effect is claimed": "仅跟踪，不计减排",
    "of its milestones the lowest counts": "取其节点中最低者",
    _NOTE: (
        "计划完成率、完成率：截至最近一次观测日占承诺的比例。"
        "预计完成：按所设进度，或按最近一次观测前 365 天的进度推算；– 表示按该进度无法完成。"
    ),
}


def progress_result(scenario: Scenario, lang: Lang, as_json: bool) -> dict[str, Any]:
    """Print where the milestones stand, and return it for --json; without a table of progress neither."""
    if scenario.progress is None:
        return {}
    found = standings(scenario.plan, scenario.progress)
    if not as_json:
        print_standings(console(), found, scenario.progress, lang)
    return {"progress": {**scenario.progress.record(), "milestones": [one.as_dict() for one in found]}}


def print_standings(out: Console, found: Sequence[Standing], progress: Progress, lang: Lang) -> None:
    """Print where each milestone stands: a table of those observed, and the names of the others."""
    heads = ("milestone", "status", "observed", "required", "date", "planned", "fulfilled", "reached by")
    title = f"{_word('Milestones', lang)} {said(progress.record(), lang)}"
    prose(out, title, style="bold")
    table = new_table("", *((_word(name, lang), number > 0) for number, name in enumerate(heads)))
    least = max((_TITLES_WIDE, *(len(one.milestone.id) for one in found)))
    table.columns[1].justify = "left"
    seen = sorted((one for one in found if one.last), key=lambda one: (_ORDER.index(one.status), _lead(one)))
    rows = [(one, Text(_word(one.status, lang), style=_STYLE.get(one.status, "")), _cells(one)) for one in seen]
    for one, status, cells in rows:
        table.add_row(Text.assemble(one.milestone.id, "\n", (one.milestone.title.text(lang), "dim")), status, *cells)
    if fits(out, table, least):
        print_table(out, table, least)
    else:
        for one, status, cells in rows:
            named = one.milestone.title.text(lang)
            out.print(Text.assemble((f"{one.milestone.id}  ", "bold"), status, f"  {named}"))
            told = zip(heads[2:], cells, strict=True)
            print_items(out, [f"{_word(name, lang)} {cell}" for name, cell in told], indent=2)
    for text, names in _remarks(found).items():
        if names:
            prose(out, f"{_word(text, lang)}: {', '.join(names)}")
    prose(out, f"{_word(_NOTE, lang)}\n", style="dim")


def _word(text: str, lang: Lang) -> str:
    return _WORDS[text] if lang == "zh" else text


def _lead(one: Standing) -> float:
    """Return how far a milestone is ahead of the plan [1]."""
    return (one.fulfilled or 0.0) - (one.planned or 0.0)


def _cells(one: Standing) -> tuple[str, ...]:
    row = one.as_dict()
    required = row["required"]
    for bound, sign in _SIGNS.items():
        required = required.replace(bound, sign)
    shares = (amount(None if row[name] is None else 100 * row[name], "%") for name in ("planned", "fulfilled"))
    return (row["observed"], required, row["date"], *shares, row["reached_by"] or "–")


def _remarks(found: Sequence[Standing]) -> dict[str, list[str]]:
    """Return what is to be said of milestones and measures below the table."""
    driving = Counter(one.milestone.measure for one in found if one.last and one.drives)
    return {
        "of its milestones the lowest counts": [str(name) for name, count in driving.items() if count > 1],
        "tracked only, no effect is claimed": [one.milestone.id for one in found if one.last and not one.drives],
        "not reported": [one.milestone.id for one in found if not one.last],
    }
