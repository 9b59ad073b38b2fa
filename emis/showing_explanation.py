"""What `emis explain` prints: a chain of numbers from a row of a file to the total, or the rows a total is made of."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from emis.console import Lang, amount, new_table, print_table
from emis.explanation.figures import decimal, figure, summed
from emis.explanation.tree import Basis, Explanation, Step

__all__ = ["print_explanation"]

_WORDS = {
    "as printed by emis run and compare": "emis run 和 compare 所示",
    "95 % interval": "95 % 区间",
    "arrives": "转入",
    "factor": "因子",
    "grade": "等级",
    "largest sources": "最大源",
    "leaves": "转出",
    "left": "剩余",
    "level": "落实水平",
    "no plan": "无计划",
    "not known": "未知",
    "pollutant": "污染物",
    "scenario": "情景",
    "source": "源",
    "t, last in": "t，末位贡献",
    "What each line rests on": "各行依据",
    "MET": "达到",
    "MISSED": "未达到",
    "UNDETERMINED": "无法判定",
}
#: Columns below which the place of a row stands under it.
_NARROW = 110
#: Columns below which there is no room for the base year and the year without the plan beside a chain.
_LEAST = 78
_LINES = "Add a pollutant to see every line of its chain, with file, line and evidence."
_SOURCES = "Add a pollutant to see it source by source."
_WORDS |= {_LINES: "另加污染物名称可查看逐行计算、文件行号与依据。", _SOURCES: "另加污染物名称可查看各源。"}
#: Sources named of each pollutant that a measure changes.
_NAMED = 2


def _word(text: str, lang: Lang) -> str:
    return _WORDS.get(text, text) if lang == "zh" else text


def print_explanation(out: Console, found: Explanation, scenario: str, lang: Lang) -> None:
    """Print an explanation; its last line is the number itself, in the digits of its first line."""
    out.print(Text(_headline(found, lang), style="bold"))
    out.print(Text(f"{_word('scenario', lang)} {scenario}\n", style="dim"))
    _print_facts(out, found.facts)
    several = [part for part in found.parts if part.kind in ("total", "source", "measure")]
    if found.kind == "source":
        _print_chain(out, found, lang)
        _print_pollutants(out, found, lang)
    elif found.kind == "total":
        _print_rows(out, found, lang)
        _print_totals(out, several, lang)
    elif found.kind == "measure":
        for part in found.parts[:2]:
            _print_part(out, part, lang)
        _print_rows(out, found, lang)
        _print_last_in(out, several, lang)
    else:
        for part in several:
            out.print(Text(_headline(part, lang), style="bold"))
            _print_rows(out, part, lang)
        _print_verdict(out, found, lang)
    for note in found.notes:
        out.print(Text(note), style="dim")
    if several and found.kind != "target":
        out.print(Text(_word(_LINES if found.kind == "source" else _SOURCES, lang)), style="dim")
    if found.kind == "target" or found.value == found.value or not several:
        out.print(Text(_last_line(found, lang), style="bold"))


def _headline(found: Explanation, lang: Lang) -> str:
    if found.kind == "target" or (found.parts and found.value != found.value):
        return found.title
    value = f"{figure(found.value)} {found.unit}".rstrip() if found.value == found.value else _word("not known", lang)
    return f"{found.title}: {value}"


def _last_line(found: Explanation, lang: Lang) -> str:
    """Return the number that all leads to; in brackets as the tables of other commands have it."""
    if found.kind == "target":
        status = next(step.name for step in reversed(found.steps) if step.kind == "verdict")
        return f"{found.name} {amount(found.value, found.unit)}: {_word(status, lang)}"
    if found.value != found.value:
        return f"{found.title}: {_word('not known', lang)}"
    value = figure(found.value)
    rounded = amount(found.value)
    printed = f" ({rounded} {_word('as printed by emis run and compare', lang)})"
    same = rounded == value or found.unit != "t"
    return f"{found.title} = {value} {found.unit}".rstrip() + ("" if same else printed)


# -- chains ----------------------------------------------------------------------------------------------------------


def _print_chain(out: Console, found: Explanation, lang: Lang) -> None:
    """Print the chain, a line for each number with what there is after it, and below it what each number rests on."""
    if not found.steps:
        return
    chain, below = _grid(right=3), _grid(right=1)
    digits, line = found.digits(), 0
    for step, (sign, number) in zip(found.steps, found.shown(), strict=True):
        rests = (*step.details, *_rests_on(step.basis, step.unit, lang))
        line += bool(rests)
        mark = Text(str(line) if rests else "", style="dim")
        if step.sign in ("", "="):
            style = "bold" if step.sign else ""
            told = Text(" ".join(filter(None, (sign, number, step.unit))), style=style)
            chain.add_row(mark, "", told, Text(step.text, style=style))
        else:
            unit = step.unit if step.kind == "factor" else ""
            after = f"{figure(step.total, digits)}{' t' if step.kind == 'factor' else ''}"
            own = Text(" ".join(filter(None, (sign, number, unit))))
            chain.add_row(mark, own, Text(after, style="dim"), _named(step, lang))
        for first, text in enumerate(rests):
            below.add_row(mark if not first else "", Text(text, style="" if not first else "dim"))
    out.print(chain)
    if found.parts:
        return
    out.print(Text(f"\n{_word('What each line rests on', lang)}", style="bold"))
    out.print(below)
    out.print()


def _named(step: Step, lang: Lang) -> Text:
    """Return what a line is, with the level of a measure and the grade of its evidence."""
    grade = next((one.grade for one in step.basis if one.grade), "")
    level = f"{_word('level', lang)} {100 * step.level:.4g} %" if step.level is not None else ""
    marks = ", ".join(filter(None, (level, f"{_word('grade', lang)} {grade}" if grade else "")))
    return Text.assemble(step.text, (f"  ({marks})" if marks else "", "dim"))


def _grid(right: int) -> Table:
    """Return a table without lines: columns of numbers to the right, and one of text that goes on below itself."""
    grid = Table.grid(padding=(0, 1))
    for _ in range(right):
        grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _rests_on(basis: Iterable[Basis], unit: str, lang: Lang) -> Iterator[str]:
    """Yield where a number stands and how sure it is, and below it its reference."""
    for one in basis:
        ends = [end for end in (one.low, one.high) if end is not None]
        interval = f"{_word('95 % interval', lang)} {' – '.join(map(figure, ends))} {unit}".rstrip() if ends else ""
        grade = f"{_word('grade', lang)} {one.grade}" if one.grade else ""
        if line := " · ".join(filter(None, (one.place, grade, interval))):
            yield line
        if one.reference:
            yield one.reference


def _print_pollutants(out: Console, found: Explanation, lang: Lang) -> None:
    """Print the chains of all pollutants from the activity on, a line each."""
    if not found.parts:
        return
    heads = [("pollutant", False), ("factor", True), ("left", True), (f"t {found.year}", True)]
    compared = out.width >= _LEAST
    first = found.parts[0]
    heads += [(f"t {first.base_year}", True), ("no plan", True)] if compared and first.base is not None else []
    table = _table(heads, lang)
    touching: dict[str, list[str]] = {}
    for part in found.parts:
        factor = next(step for step in part.steps if step.kind == "factor")
        left = 1.0
        for step in part.steps:
            if step.kind in ("remains", "cap"):
                left *= step.value
                touching.setdefault(step.text, []).append(part.pollutant)
        cells = [f"{figure(factor.value)} {factor.unit}", f"{100 * left:.6g} %", figure(part.value)]
        cells += [figure(one) for one in (part.base, part.no_plan) if compared and one is not None]
        table.add_row(part.pollutant, *cells)
    print_table(out, table)
    for text, pollutants in touching.items():
        out.print(Text(f"{text}: {', '.join(pollutants)}"))


def _table(heads: Iterable[tuple[str, bool]], lang: Lang) -> Table:
    """Return an empty table in which nothing is cut: names go on below themselves."""
    table = new_table("", *((_word(name, lang), right) for name, right in heads))
    table.columns[0].no_wrap = True
    table.columns[-1].overflow = "fold"
    return table


# -- rows ------------------------------------------------------------------------------------------------------------


def _print_rows(out: Console, found: Explanation, lang: Lang) -> None:
    """Print the rows a total is made of; their numbers line up, and add up to the last one."""
    if not found.steps:
        return
    compared = [name for name in ("base", "no_plan") if getattr(found.steps[-1], name) is not None]
    decimals = found.digits()
    places = {name: summed([getattr(step, name) for step in found.steps]) for name in compared}
    heads = [(f"t {found.year}" if found.kind == "total" else _word("t, last in", lang), True)]
    heads += [(_word({"base": f"t {found.base_year}", "no_plan": "no plan"}[name], lang), True) for name in compared]
    heads.append((_word("source", lang), False))
    table = _table(heads, lang)
    for step in found.steps:
        last = step.sign == "="
        if last:
            table.add_section()
        number = _lined_up(step.value, decimals) if last else decimal(step.value, decimals)
        cells = [number, *(_beside(step, name, places[name]) for name in compared)]
        text = Text(step.text, style="bold" if last else "")
        for one in step.basis:
            text.append(f"  {one.place}" if out.width >= _NARROW else f"\n{one.place}", style="dim")
        table.add_row(*cells, text)
    print_table(out, table)


def _lined_up(value: float, decimals: int) -> str:
    """Return a sum with its point below those of rows that have more decimals."""
    text = figure(value)
    own = len(text.partition(".")[2])
    missing = decimals - own + (1 if own == 0 and decimals else 0)
    return text + " " * max(0, missing)


def _beside(step: Step, name: str, decimals: int) -> str:
    """Return what a row had in the base year, or would have without the plan; such a column adds up by itself."""
    value = getattr(step, name)
    return _lined_up(value, decimals) if step.sign == "=" else decimal(value, decimals)


def _print_totals(out: Console, parts: list[Explanation], lang: Lang) -> None:
    """Print the totals of all pollutants, a line each."""
    if not parts:
        return
    projected = parts[0].base is not None
    heads = [("pollutant", False), (f"t {parts[0].year}", True)]
    heads += [(f"t {parts[0].base_year}", True), ("no plan", True)] if projected else []
    wide = out.width >= _NARROW
    table = _table([*heads, *([("largest sources", False)] if wide else [])], lang)
    for part in parts:
        compared = [figure(one) for one in (part.base, part.no_plan) if one is not None]
        table.add_row(part.pollutant, figure(part.value), *compared, *([_largest(part.steps)] if wide else []))
    print_table(out, table)


def _print_last_in(out: Console, parts: list[Explanation], lang: Lang) -> None:
    """Print what a measure changes of each pollutant."""
    if not parts:
        return
    wide = out.width >= _NARROW
    table = _table([("pollutant", False), ("t, last in", True), *([("largest sources", False)] if wide else [])], lang)
    for part in parts:
        table.add_row(part.pollutant, figure(part.value), *([_largest(part.steps)] if wide else []))
    print_table(out, table)


def _largest(steps: Iterable[Step]) -> Text:
    named = [step for step in steps if step.kind == "source" and step.value]
    return Text(", ".join(f"{step.name} {figure(step.value, 4)}" for step in named[:_NAMED]), style="dim")


# -- measures, targets -----------------------------------------------------------------------------------------------


def _print_part(out: Console, part: Explanation, lang: Lang) -> None:
    """Print what a measure moves, or leaves, where."""
    if not part.steps:
        return
    out.print(Text(part.title, style="bold"))
    grid = _grid(right=1)
    told = ""
    for step, (sign, number) in zip(part.steps, part.shown(), strict=True):
        cell = "" if step.kind == "remains" else " ".join(filter(None, (sign, number, step.unit)))
        place = "".join(f"  {one.place}" for one in step.basis)
        grid.add_row(cell, Text.assemble(step.text, (place, "dim")))
        # A level that all lines share is told once.
        for line in step.details:
            if line != told:
                grid.add_row("", Text(line, style="dim"))
            told = line
    out.print(Padding(grid, (0, 0, 0, 2)))
    for note in part.notes:
        out.print(Text(f"  {note}"), style="dim")
    out.print()


def _print_verdict(out: Console, found: Explanation, lang: Lang) -> None:
    grid = _grid(right=1)
    for step, (_, number) in zip(found.steps, found.shown(), strict=True):
        # Amounts of a year in full, all else as the table of verdicts has it.
        told = amount(step.value, "%" if step.unit == "pp" else step.unit, signed=step.kind == "margin")
        told = f"{number} {step.unit}" if step.kind in ("side", "no plan") else told
        sign = "= " if step.sign == "=" else ""
        status = f": {_word(step.name, lang)}" if step.kind == "verdict" else ""
        style = "bold" if step.kind == "verdict" else ""
        grid.add_row(Text(f"{sign}{told}", style=style), Text(f"{step.text}{status}", style=style))
    out.print(grid)
    out.print()


def _print_facts(out: Console, facts: Iterable[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in facts:
        grid.add_row(Text(label, style="dim"), Text(text))
    if grid.row_count:
        out.print(Padding(grid, (0, 0, 1, 0)))
