"""What the command line prints: tables and sentences for a reader, in English or Chinese."""

import os
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from rich import box
from rich.cells import cell_len
from rich.console import Console, OverflowMethod
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from emis.ambient.words import unit_word
from emis.assessment import Verdict

__all__ = [
    "NARROW",
    "OTHERS_NOTE",
    "SHARE_HEADS",
    "SHARE_NOTE",
    "Lang",
    "amount",
    "console",
    "fits",
    "new_table",
    "print_items",
    "print_table",
    "print_verdicts",
    "prose",
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
    "against no plan": "相对无计划",
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
#: Columns below which there is no room for what a table can do without.
NARROW = 110
#: Cells that a column of words may be narrowed to before its table is set in another way.
_WORDS_WIDE = 24
#: Cells of a row's name where its values stand below each other, and the most it takes.
_NAME_WIDE, _NAME_MOST = 8, 24
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
        "百分比为相对目标基准年的减排比例，余量以百分点 (pp) 计；相对无计划：与同年无计划情形相比的减排比例。"
    ),
    SHARE_NOTE: ("Shapley 份额：该措施在所有可能落实次序中新增变化的平均值，各措施份额之和等于计划带来的变化。"),
    OTHERS_NOTE: "末位贡献：其他措施均已落实时该措施带来的变化；单独贡献：仅该措施落实时的变化。",
}
_STYLE = {"MET": "bold green", "MISSED": "bold red", "UNDETERMINED": "bold yellow"}


class _Console(Console):
    """A console that leaves a reader who has gone to the command line, which ends quietly."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(width: int | None = None) -> Console:
    """Return the console of standard output; where that is no terminal, as wide as COLUMNS says or its tables need.

    What it prints is taken as it stands: names from a reader's files hold brackets that are no markup.
    """
    out = _console(width)
    if out.is_terminal or width:
        return out
    wanted = os.environ.get("COLUMNS", "")
    return _console(int(wanted) if wanted.isdecimal() and int(wanted) >= 40 else 132)


def _console(width: int | None) -> Console:
    return _Console(highlight=False, markup=False, emoji=False, width=width, soft_wrap=False)


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
        points = "个百分点" if lang == "zh" else "pp"
        text, unit = f"{value:{sign},.2f}", points if signed else "%"
        text = text.rstrip("0").rstrip(".")
    else:
        text = f"{value:{sign},.4g}"
        text = f"{value:{sign},.0f}" if "e+" in text else text
    text = "0" if text in ("-0", "+0") else text
    return f"{text} {unit_word(unit, lang)}".strip().replace("-", "−", 1)


def prose(out: Console, text: str | Text, style: str = "") -> None:
    """Print a sentence: on a terminal it goes on below between words, elsewhere it is one line."""
    out.print(text, style=style, soft_wrap=not out.is_terminal)


def new_table(title: str, *columns: tuple[str, bool]) -> Table:
    """Return an empty table; each column with whether it holds numbers, which stand to the right and never wrap."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    for name, right in columns:
        # Words without blanks, as Chinese and the names of sources, would be cut instead of going on below.
        over: OverflowMethod = "ellipsis" if right else "fold"
        table.add_column(name, justify="right" if right else "left", no_wrap=right, overflow=over)
    return table


def print_table(out: Console, table: Table, least: int = _WORDS_WIDE) -> None:
    """Print a table in which nothing is cut, whatever the width of the terminal.

    Where it is too wide the heads of its numbers break over two lines, and where that is not enough either, its rows
    stand one under the other. Columns of words, which go on below themselves, may be narrowed to `least` cells.
    """
    if not fits(out, table, least):
        for column in table.columns:
            if column.no_wrap and isinstance(column.header, str):
                column.header = _broken(column)
    if fits(out, table, least):
        out.print(table)
    else:
        _print_one_by_one(out, table)


def fits(out: Console, table: Table, least: int = _WORDS_WIDE) -> bool:
    """Tell whether a terminal has room for a table whose columns of words are narrowed to `least` cells."""
    widths = []
    for column in table.columns:
        natural = max((cell_len(line) for cell in _cells(column) for line in cell.plain.split("\n")), default=0)
        widths.append(natural if column.no_wrap else min(natural, least))
    # Three between columns, and one at either end.
    return sum(widths) + 3 * len(widths) - 1 <= out.width


def _cells(column: Column) -> list[Text]:
    return [_text(cell) for cell in (column.header, *column.cells)]


def _text(cell: object) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell))


def _broken(column: Column) -> str:
    """Return the head of a column over two lines, where it is what makes the column wide."""
    head = str(column.header)
    widest = max((cell_len(cell.plain) for cell in _cells(column)[1:]), default=0)
    blanks = [place for place, letter in enumerate(head) if letter == " "]
    if cell_len(head) <= widest or not blanks or "\n" in head:
        return head
    middle = min(blanks, key=lambda place: max(place, len(head) - place - 1))
    return f"{head[:middle]}\n{head[middle + 1 :]}"


def _print_one_by_one(out: Console, table: Table) -> None:
    """Print the rows of a table one under the other: the first cell, and to the right of it the others by name."""
    if table.title:
        out.print(Text(str(table.title), style="bold"))
    heads = [_cells(column)[0].plain.replace("\n", " ") for column in table.columns]
    rows = list(zip(*(_cells(column)[1:] for column in table.columns), strict=True))
    widest = max((cell_len(row[0].plain) for row in rows), default=0)
    indent = min(max(widest, _NAME_WIDE), _NAME_MOST, out.width // 2) + 1
    for first, *cells in rows:
        told = [
            Text.assemble(f"{head} " if head else "", cell)
            for head, cell in zip(heads[1:], cells, strict=True)
            if cell.plain.strip()
        ]
        lines = _lines(told, max(out.width - indent, 1))
        name = Text(first.plain, style="bold")
        if cell_len(first.plain) >= indent:
            out.print(name)
            name = Text()
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=indent - 1, no_wrap=True)
        grid.add_column(overflow="fold")
        for line in lines or [Text()]:
            grid.add_row(name, line)
            name = Text()
        out.print(grid)
    out.print()


def print_items(out: Console, items: Sequence[str], indent: int) -> None:
    """Print short items behind each other, with commas, and break lines between and not within them."""
    for line in _lines([Text(item) for item in items], max(out.width - indent, 1)):
        out.print(Padding(line, (0, 0, 0, indent)))


def _lines(items: Sequence[Text], room: int) -> list[Text]:
    """Return items behind each other, with commas, in lines between and not within them."""
    lines: list[Text] = []
    for number, item in enumerate(items):
        item = item.copy() if number == len(items) - 1 else Text.assemble(item, ",")
        if lines and lines[-1].cell_len + 1 + item.cell_len <= room:
            lines[-1] = Text.assemble(lines[-1], " ", item)
        else:
            lines.append(item)
    return lines


def print_verdicts(out: Console, verdicts: Sequence[Verdict], lang: Lang, under: str = "") -> None:
    """Print the verdict on each target, and below them why some cannot be told; nothing is cut on a narrow terminal.

    `under` says what the verdicts count with besides the plan.
    """
    title = f"{word('Targets', lang)} {under}".strip()
    table = _verdict_table(verdicts, lang, "" if under else title, promises=True)
    if under:
        prose(out, title, style="bold")
    if fits(out, table):
        print_table(out, table)
    else:
        # Without the promises there is room for all numbers beside each other; they are told below.
        print_table(out, _verdict_table(verdicts, lang, "" if under else title, promises=False))
        promises = Table.grid(padding=(0, 3, 0, 0))
        promises.add_column(no_wrap=True)
        promises.add_column(overflow="fold")
        for one in verdicts:
            promises.add_row(Text(one.target, style="bold"), one.title)
        out.print(Padding(promises, (0, 0, 1, 1)))
    reasons: dict[str, list[str]] = {}
    for one in verdicts:
        if one.reason and one.district_alone is None:
            reasons.setdefault(one.reason, []).append(one.target)
    for reason, targets in reasons.items():
        prose(out, f"{', '.join(targets)}: {reason}")
    prose(out, f"{word(_VERDICT_NOTE, lang)}\n", style="dim")


def _verdict_table(verdicts: Sequence[Verdict], lang: Lang, title: str, promises: bool) -> Table:
    heads = ("target", "verdict", "required", "delivered", "margin", "against no plan", "promise")
    columns = [(word(name, lang), 1 < number < 6) for number, name in enumerate(heads)]
    table = new_table(title, *columns[: None if promises else -1])
    for one in verdicts:
        cells = (
            one.target,
            Text(word(one.status, lang), style=_STYLE[one.status]),
            amount(one.required, one.unit, lang=lang),
            amount(one.achieved, one.unit, lang=lang),
            amount(one.margin, one.unit, signed=True, lang=lang),
            amount(one.versus_no_plan, "%"),
        )
        table.add_row(*cells, *([one.title] if promises else []))
    return table
