"""What the command line prints: tables and sentences for a reader, in English or Chinese."""

import os
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from emis.ambient.words import unit_word
from emis.assessment import Verdict

__all__ = [
    "NARROW",
    "OTHERS_NOTE",
    "SHARE_HEADS",
    "SHARE_NOTE",
    "STATUS",
    "Lang",
    "amount",
    "console",
    "new_table",
    "print_verdicts",
    "word",
    "words",
]

Lang: TypeAlias = Literal["zh", "en"]

_WORDS = {
    "Largest contributions": "最大贡献",
    "MET": "达到",
    "MISSED": "未达到",
    "Reduction on alert days": "预警日减排比例",
    "Shapley share": "Shapley 份额",
    "Not quantified": "未量化",
    "Outside the inventory": "清单之外",
    "Targets": "目标",
    "UNDETERMINED": "无法判定",
    "Power plants, for electric stock": "电厂（电动车辆与电采暖用电）",
    "against no plan": "相对无规划",
    "alone": "单独贡献",
    "avoided, t/yr": "减排量, t/a",
    "days": "天数",
    "delivered": "实现",
    "level": "预警级别",
    "blue": "蓝色",
    "orange": "橙色",
    "red": "红色",
    "yellow": "黄色",
    "inventory": "清单",
    "last in": "末位贡献",
    "margin": "余量",
    "measure": "措施",
    "promise": "承诺",
    "required": "要求",
    "results": "结果",
    "sector": "部门",
    "sources": "个源",
    "target": "目标",
    "total": "合计",
    "verdict": "结论",
}
#: Columns below which tables are set one under the other instead of side by side.
NARROW = 110
_VERDICT_NOTE = (
    "A percentage is the reduction since the target's base year, its margin in percentage points (pp);"
    " against no plan: the reduction against the same year without the plan."
)
#: Columns of contributions, by method.
SHARE_HEADS = {"shapley": "Shapley share", "last": "last in", "alone": "alone"}
SHARE_NOTE = (
    "Shapley share: what the measure adds, the mean over every order in which the measures could come into place; the"
    " shares add up to what the plan changes."
)
OTHERS_NOTE = "Last in: what it changes with all others in place; alone: with none."
_WORDS |= {
    _VERDICT_NOTE: (
        "百分比为相对目标基准年的减排比例，余量以百分点 (pp) 计；相对无规划：与同年无规划情形相比的减排比例。"
    ),
    SHARE_NOTE: ("Shapley 份额：该措施在所有可能落实次序中新增变化的平均值，各措施份额之和等于规划带来的变化。"),
    OTHERS_NOTE: "末位贡献：其他措施均已落实时该措施带来的变化；单独贡献：仅该措施落实时的变化。",
}
_STYLE = {"MET": "bold green", "MISSED": "bold red", "UNDETERMINED": "bold yellow"}
#: What each status of an inventory says to a reader.
STATUS = {
    "reconstruction": ("a reconstruction, not an official inventory", "重建清单，非官方清单"),
    "example": ("an example, not a real inventory", "示例，非真实清单"),
    "official": ("official", "官方清单"),
}


class _Console(Console):
    """A console that leaves a reader who has gone to the command line, which ends quietly."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(width: int | None = None) -> Console:
    """Return the console of standard output; where that is no terminal, as wide as COLUMNS says or its tables need."""
    out = _Console(highlight=False, width=width, soft_wrap=False)
    if out.is_terminal or width:
        return out
    wanted = os.environ.get("COLUMNS", "")
    return _Console(highlight=False, width=int(wanted) if wanted.isdecimal() and int(wanted) >= 40 else 132)


def words(more: Mapping[str, str]) -> None:
    """Add words of a module that prints, English to Chinese."""
    _WORDS.update(more)


def word(text: str, lang: Lang) -> str:
    """Return a word of the tables in `lang`."""
    return _WORDS.get(text, text) if lang == "zh" else text


def amount(value: float | None, unit: str = "", signed: bool = False, lang: Lang = "en") -> str:
    """Return a number for a table, or an en dash when it is not known.

    Percentages have two decimals, and their differences are percentage points; other numbers four significant digits.
    """
    if value is None or value != value:
        return "–"
    sign = "+" if signed else ""
    if unit == "%":
        text, unit = f"{value:{sign},.2f}", "pp" if signed else "%"
        text = text.rstrip("0").rstrip(".")
    else:
        text = f"{value:{sign},.4g}"
        text = f"{value:{sign},.0f}" if "e+" in text else text
    text = "0" if text in ("-0", "+0") else text
    return f"{text} {unit_word(unit, lang)}".strip().replace("-", "−", 1)


def new_table(title: str, *columns: tuple[str, bool]) -> Table:
    """Return an empty table; each column with whether it holds numbers, which stand to the right and never wrap."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    for name, right in columns:
        table.add_column(name, justify="right" if right else "left", no_wrap=right)
    return table


def print_verdicts(out: Console, verdicts: Sequence[Verdict], lang: Lang, under: str = "") -> None:
    """Print the verdict on each target, and below them why some cannot be told; nothing is cut on a narrow terminal.

    `under` says what the verdicts count with besides the plan.
    """
    title = f"{word('Targets', lang)} {under}".strip()
    if under and out.width < NARROW:
        out.print(Text(title, style="bold"), soft_wrap=True)
    heads = ("target", "verdict", "required", "delivered", "margin", "against no plan", "promise")
    table = new_table(escape(title), *((word(name, lang), 1 < number < 6) for number, name in enumerate(heads)))
    reasons: dict[str, list[str]] = {}
    for one in verdicts:
        if one.reason and one.district_alone is None:
            reasons.setdefault(one.reason, []).append(one.target)
        status = Text(word(one.status, lang), style=_STYLE[one.status])
        cells = (
            amount(one.required, one.unit, lang=lang),
            amount(one.achieved, one.unit, lang=lang),
            amount(one.margin, one.unit, signed=True, lang=lang),
            amount(one.versus_no_plan, "%"),
        )
        if out.width >= NARROW:
            table.add_row(Text(one.target), status, *cells, one.title)
            continue
        out.print(Text.assemble((f"{one.target:<9}", "bold"), status, f"  {one.title}"))
        out.print(f"{'':9}" + ", ".join(f"{word(n, lang)} {c}" for n, c in zip(heads[2:6], cells, strict=True)))
    out.print(table if out.width >= NARROW else "")
    for reason, targets in reasons.items():
        out.print(f"{', '.join(targets)}: {reason}", soft_wrap=True)
    out.print(f"{word(_VERDICT_NOTE, lang)}\n", soft_wrap=True, style="dim")
