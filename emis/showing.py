"""What the command line prints of inventories and factor tables, for a reader, in English or Chinese.

Nothing is cut: where the terminal has no room for all pollutants side by side, the table goes on below.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np
from rich.console import Console
from rich.text import Text

from emis import vocabulary
from emis.console import Lang, amount, new_table, print_table
from emis.digest import Digest
from emis.inventory import Inventory
from emis.io.factors import Factor, Factors
from emis.propagation import Totals

__all__ = ["computed_factors", "digest_lines", "print_computed", "print_factors", "print_inventory"]

#: A share of the value below which a gap in what is stated is not worth a mark.
_SLIGHT = 0.005
#: Blanks between two columns of a table.
_GAP = 3
#: Columns below which rows of many cells are written as sentences.
_NARROW = 110

_WORDS = {
    "Factors given by the sources' own columns": "由排放源自身参数计算的因子",
    "CO2 of power plants for electric stock, outside the inventory": "清单之外：电动车辆与电采暖用电的电厂 CO2",
    "Completeness": "完整性",
    "Cross-checks": "交叉核对",
    "Factors": "排放因子",
    "Grades of activity, A measured to E assumed": "活动水平数据等级，A 为实测，E 为假定",
    "Key categories: those that make up 95 % of a pollutant; share, and share up to it in brackets, %": (
        "关键源类：合计占该污染物 95 % 的源类；占比 (括号内为累计占比)，%"
    ),
    "References": "来源",
    "Shares, %": "占比，%",
    "any": "任意",
    "categories": "源类",
    "check": "核对项",
    "control": "控制效率",
    "factor": "因子",
    "grade": "等级",
    "here": "本清单",
    "inside": "区间内",
    "interval": "95 % 区间",
    "no": "否",
    "pollutant": "污染物",
    "published × key": "发布值 × 系数",
    "ratio": "比值",
    "sector": "部门",
    "sources": "个源",
    "total": "合计",
    "unit": "单位",
    "worst": "最低",
    "yes": "是",
}
_HALF_NOTE = "±: half the 95 % interval, by error propagation (IPCC 2006 approach 1)"
_PART_NOTE = "* part of it rests on figures without an interval, which ± does not cover; ±?: none of it has one"
_MARKS_NOTE = "x a number; NE not estimated, NO not occurring, IE included elsewhere, NA not applicable, C confidential"
_INSIDE_NOTE = "inside: the two differ by no more than their combined uncertainty; – : neither states one"
_WORDS |= {
    _HALF_NOTE: "±：95 % 区间的一半，误差传播法 (IPCC 2006 方法 1)",
    _PART_NOTE: "* 其中部分数据未给出区间，± 不含这一部分；±?：全部未给出",
    _MARKS_NOTE: "x 有数值；NE 未估算，NO 不发生，IE 计入他处，NA 不适用，C 保密",
    _INSIDE_NOTE: "区间内：两者之差不超过合成不确定度；–：两者均未给出不确定度",
}


def _word(text: str, lang: Lang) -> str:
    return _WORDS[text] if lang == "zh" else text


def _note(out: Console, text: str, lang: Lang) -> None:
    out.print(Text(_word(text, lang)), style="dim")


# -- inventories -----------------------------------------------------------------------------------------------------


def print_inventory(out: Console, found: Digest, lang: Lang) -> None:
    """Print an inventory: totals with ±, shares, grades, key categories, cross-checks, completeness."""
    inventory = found.inventory
    title = inventory.title.get(lang) or inventory.title.get("en") or inventory.name
    out.print(Text(f"{title} · {inventory.base_year or ''}", style="bold"))
    out.print(f"{vocabulary.STATUS[inventory.status][lang == 'zh']}; {len(inventory)} {_word('sources', lang)}\n")
    names = [_sector(name, lang) for (name,) in found.sectors.names]
    pollutants = inventory.pollutants

    def totals(p: int) -> list[str]:
        return [*(_plus_minus(found.sectors, g, p) for g in range(len(names))), _plus_minus(found.total, 0, p)]

    _by_pollutant(out, "t/yr", [*names, _word("total", lang)], pollutants, totals, lang)
    _note(out, _HALF_NOTE, lang)
    if (found.total.unstated > _SLIGHT).any():
        _note(out, _PART_NOTE, lang)
        out.print(Text(_unstated(found)), style="dim")
    if inventory.electricity_co2:
        name = _word("CO2 of power plants for electric stock, outside the inventory", lang)
        out.print(Text(f"{name}: {amount(inventory.electricity_co2, 't')}"))
    out.print()
    shares = 100 * found.sectors.value / found.total.value.clip(min=1e-300)
    _by_pollutant(
        out, _word("Shares, %", lang), names, pollutants, lambda p: [_percent(one) for one in shares[:, p]], lang
    )
    _print_grades(out, found, names, lang)
    _print_key_categories(out, found, lang)
    _print_cross_checks(out, found, lang)
    title = _word("Completeness", lang)
    marks = [["x" if mark == "number" else mark for mark in row.values()] for row in _ordered(found)]
    _by_pollutant(out, title, names, pollutants, lambda p: [row[p] for row in marks], lang)
    _note(out, _MARKS_NOTE, lang)
    absent = ", ".join(_sector(name, lang) for name in found.absent)
    out.print(Text(f"{'清单中没有的部门' if lang == 'zh' else 'sectors without a source'}: {absent or '–'}"))


def _ordered(found: Digest) -> list[dict[str, str]]:
    return [found.completeness[name] for (name,) in found.sectors.names]


def _sector(name: str, lang: Lang) -> str:
    return f"{name} {vocabulary.SECTORS[name].zh}" if lang == "zh" and name in vocabulary.SECTORS else name


def _by_pollutant(
    out: Console,
    title: str,
    rows: Sequence[str],
    pollutants: Sequence[str],
    cells: Callable[[int], list[str]],
    lang: Lang,
) -> None:
    """Print a table with a column for each pollutant, in as many pieces as the width asks for."""
    first = max(Text(name).cell_len for name in (*rows, _word("sector", lang)))
    columns = [cells(p) for p in range(len(pollutants))]
    widths = [max(map(len, (name, *cell))) + _GAP for name, cell in zip(pollutants, columns, strict=True)]
    start = 0
    while start < len(pollutants):
        end, used = start + 1, first + 2 + widths[start]
        while end < len(pollutants) and used + widths[end] <= out.width:
            used, end = used + widths[end], end + 1
        table = new_table(title, (_word("sector", lang), False), *((name, True) for name in pollutants[start:end]))
        table.columns[0].no_wrap = True
        for index, name in enumerate(rows):
            if name == _word("total", lang):
                table.add_section()
            table.add_row(name, *(column[index] for column in columns[start:end]))
        print_table(out, table)
        start = end


def _plus_minus(found: Totals, group: int, p: int) -> str:
    """Return ``1,651 ±34 %``, with a mark where part of it states no uncertainty."""
    value, half, gap = (float(one[group, p]) for one in (found.value, found.half, found.unstated))
    if not value or value != value:
        return amount(value)
    if half != half:
        return f"{amount(value)} ±?"
    return f"{amount(value)} ±{_percent(100 * half / value)} %{'*' if gap > _SLIGHT else ''}"


def _percent(value: float) -> str:
    """Return a percentage to the whole number, and to one digit below ten."""
    if value != value:
        return "–"
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def _unstated(found: Digest) -> str:
    gaps = zip(found.inventory.pollutants, found.total.unstated[0], strict=True)
    return "* " + ", ".join(f"{name} {_percent(100 * gap)} %" for name, gap in gaps if gap > _SLIGHT)


def _print_grades(out: Console, found: Digest, names: Sequence[str], lang: Lang) -> None:
    if not any(set(counts) - {""} for counts in found.grades.values()):
        return
    title = _word("Grades of activity, A measured to E assumed", lang)
    grades = [grade for grade in ("A", "B", "C", "D", "E", "") if any(grade in one for one in found.grades.values())]
    heads = ((grade or "–", True) for grade in grades)
    table = new_table(title, (_word("sector", lang), False), (_word("worst", lang), False), *heads)
    for name, counts in zip(names, found.grades.values(), strict=True):
        worst = max(counts, key=lambda grade: grade or "F") or "–"
        table.add_row(name, worst, *(str(counts.get(grade, "")) for grade in grades))
    print_table(out, table)


def _print_key_categories(out: Console, found: Digest, lang: Lang) -> None:
    heading = "Key categories: those that make up 95 % of a pollutant; share, and share up to it in brackets, %"
    out.print(Text(_word(heading, lang), style="bold"))
    table = new_table("", (_word("pollutant", lang), False), (_word("categories", lang), False))
    table.columns[0].no_wrap = True
    for pollutant, keys in found.key_categories.items():
        shown = (f"{k.sector}/{k.category} {_percent(100 * k.share)} ({_percent(100 * k.cumulative)})" for k in keys)
        if keys:
            table.add_row(pollutant, ", ".join(shown))
    print_table(out, table)


def _print_cross_checks(out: Console, found: Digest, lang: Lang) -> None:
    if not found.cross_checks:
        return
    heads = ("check", "here", "published × key", "unit", "ratio", "inside")
    title = _word("Cross-checks", lang)
    table = new_table(title, *((_word(name, lang), name in ("here", heads[2], "ratio")) for name in heads))
    if out.width < _NARROW:
        out.print(Text(title, style="bold"))
    for one in found.cross_checks:
        inside = "–" if one.inside is None else _word("yes" if one.inside else "no", lang)
        cells = (
            _with_half(one.here, one.half_here),
            _with_half(one.expected, one.half_expected),
            one.check.unit,
            f"{one.ratio:.2f}" if one.ratio == one.ratio else "–",
            Text(inside, style="" if one.inside is None else "green" if one.inside else "red"),
        )
        if out.width >= _NARROW:
            table.add_row(Text(one.check.name), *cells)
            continue
        told = (f"{_word(name, lang)} {cell}" for name, cell in zip(heads[1:], cells, strict=True) if name != "unit")
        out.print(Text.assemble((one.check.name, "bold"), f" [{one.check.unit}]: ", ", ".join(told)))
    if out.width >= _NARROW:
        print_table(out, table)
    _note(out, _INSIDE_NOTE, lang)
    for check in (one.check for one in found.cross_checks):
        published = f"{check.published:g} × {check.key:.6g} {check.unit}" if check.key != 1 else ""
        parts = (f"{check.what} ({check.selector})", published, check.reference, check.grade, check.remark)
        out.print(Text(f"{check.name}: {'; '.join(filter(None, parts))}"), style="dim")
    out.print()


def _with_half(value: float, half: float) -> str:
    return f"{amount(value)} ±{amount(half)}" if half == half else amount(value)


def digest_lines(found: Digest) -> list[str]:
    """Return what `emis check` says of an inventory: completeness, key categories and cross-checks, a line each."""
    marks = [mark for row in found.completeness.values() for mark in row.values()]
    gaps = [
        f"{sector} {name} {mark}"
        for sector, row in found.completeness.items()
        for name, mark in row.items()
        if mark in ("NE", "C", "IE", "mixed")
    ]
    lines = [
        f"{len(found.completeness)} sectors × {len(found.inventory.pollutants)} pollutants:"
        f" {marks.count('number')} with numbers, {marks.count('NA') + marks.count('NO')} NA or NO"
        + (f"; {', '.join(gaps)}" if gaps else "; nothing left open")
    ]
    if found.absent:
        lines.append(f"sectors without a source: {', '.join(found.absent)}")
    keys = [
        f"{name} {len(found_)} ({found_[0].category} {_percent(100 * found_[0].share)} %)"
        for name, found_ in found.key_categories.items()
        if found_
    ]
    if keys:
        lines.append(f"key categories, the largest in brackets: {', '.join(keys)}")
    checks = found.cross_checks
    if checks:
        inside = sum(one.inside is True for one in checks)
        lines.append(f"{inside} of {len(checks)} cross-checks inside their uncertainty")
        lines += [
            f"{'outside' if one.inside is False else 'cannot be told'}: {one.check.name}, {one.check.what}"
            f" {_with_half(one.here, one.half_here)} against {_with_half(one.expected, one.half_expected)}"
            f" {one.check.unit}"
            for one in checks
            if not one.inside
        ]
    return lines


# -- factors ---------------------------------------------------------------------------------------------------------


def print_factors(out: Console, several: Sequence[Factors], lang: Lang) -> None:
    """Print factor tables by category, fuel and technology, and below each where its factors come from."""
    heads = ("factor", "unit", "interval", "control", "grade")
    for factors in several:
        numbers: dict[str, int] = {}
        title = f"{_word('Factors', lang)} {', '.join(factors.files)}"
        table = new_table(title, ("", False), *((_word(name, lang), name == "factor") for name in heads), ("", True))
        if out.width < _NARROW:
            out.print(Text(title, style="bold"))
        for labels, rows in groupby(factors.entries(), key=lambda entry: entry[:3]):
            described = Text(" / ".join(part or _word("any", lang) for part in labels), style="bold")
            table.add_row(described)
            if out.width < _NARROW:
                out.print(described)
            # Rows that differ by nothing but the pollutant are one line: NA for the same reason, mostly.
            for (*cells, reference), same in groupby(rows, key=lambda entry: _cells(entry[4])):
                pollutants = f"  {', '.join(entry[3] for entry in same)}"
                note = f"[{numbers.setdefault(reference, len(numbers) + 1)}]" if reference else ""
                table.add_row(Text(pollutants), *cells, Text(note))
                if out.width < _NARROW:
                    out.print(Text(" ".join(filter(None, (f"{pollutants}:", *cells, note)))))
        if out.width >= _NARROW:
            print_table(out, table)
        if numbers:
            out.print(Text(_word("References", lang), style="bold"))
        for reference, number in numbers.items():
            out.print(Text(f"[{number}] {reference}"))
        out.print()


def _cells(factor: Factor) -> tuple[str, ...]:
    interval = "" if factor.low != factor.low else f"({factor.low:g} – {factor.high:g})"
    control = f"−{_percent(100 * factor.control)} %" if factor.control else ""
    unit = "" if factor.key else factor.unit
    return factor.key or f"{factor.value:g}", unit, interval, control, factor.grade, factor.reference


def computed_factors(inventory: Inventory) -> list[dict[str, object]]:
    """Return the factors that sector methods give, one for each source and pollutant, in kg per activity unit."""
    if inventory.computed is None:
        return []
    low, high = (inventory.bounds.get(f"factor_{end}", inventory.factor) for end in ("low", "high"))
    return [
        {
            "source": str(inventory.labels["source"][row]),
            "pollutant": inventory.pollutants[p],
            "factor": 1000 * float(inventory.factor[row, p]),
            "low": 1000 * float(low[row, p]),
            "high": 1000 * float(high[row, p]),
            "control": float(inventory.control[row, p]),
            "unit": f"kg/{str(inventory.activity_unit[row]).removesuffix('/yr')}",
        }
        for row, p in zip(*np.nonzero(inventory.computed), strict=True)
    ]


def print_computed(out: Console, inventory: Inventory, lang: Lang) -> None:
    """Print the factors that sector methods give, behind the control that is in place."""
    rows = computed_factors(inventory)
    if not rows:
        return
    out.print(Text(_word("Factors given by the sources' own columns", lang), style="bold"))
    for source, several in groupby(rows, key=lambda row: row["source"]):
        found = list(several)
        told = [
            f"{row['pollutant']} {row['factor']:.4g} ({row['low']:.3g} – {row['high']:.3g})"
            + (f", {_word('control', lang)} {row['control']:.3g}" if row["control"] else "")
            for row in found
        ]
        out.print(Text(f"{source} [{found[0]['unit']}]: {'; '.join(told)}"))
