"""What the command line prints: tables and sentences for a reader, in English or Chinese."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from emis.alerts import alert_records
from emis.ambient.findings import Finding
from emis.ambient.results import Ambient, Hindsight
from emis.ambient.sentences import said as said_of_air
from emis.ambient.words import quantity_word, unit_word
from emis.assessment import Verdict
from emis.likelihood import Sample
from emis.plan import Plan
from emis.program import Program
from emis.progress import said
from emis.projection import Projection

__all__ = [
    "SHARE_HEADS",
    "SHARE_NOTE",
    "STATUS",
    "Lang",
    "amount",
    "console",
    "new_table",
    "print_air",
    "print_dry_run",
    "print_hindsight",
    "print_likelihoods",
    "print_result",
    "print_run",
    "print_verdicts",
    "word",
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
_NARROW = 110
_VERDICT_NOTE = (
    "A percentage is the reduction since the target's base year, its margin in percentage points (pp);"
    " against no plan: the reduction against the same year without the plan."
)
#: Columns of contributions, by method.
SHARE_HEADS = {"shapley": "Shapley share", "last": "last in", "alone": "alone"}
SHARE_NOTE = (
    "Shapley share: what the measure adds, the mean over every order in which the measures could come into place; the"
    " shares add up to what the plan changes. Last in: what it changes with all others in place; alone: with none."
)
_CAP_NOTE = "Ceilings on a year's emissions say nothing of one day and are left out"
_WORDS |= {
    _CAP_NOTE: "年排放总量上限不适用于单日，未计入",
    _VERDICT_NOTE: (
        "百分比为相对目标基准年的减排比例，余量以百分点 (pp) 计；相对无规划：与同年无规划情形相比的减排比例。"
    ),
    SHARE_NOTE: (
        "Shapley 份额：该措施在所有可能落实次序中新增变化的平均值，各措施份额之和等于规划带来的变化。"
        "末位贡献：其他措施均已落实时该措施带来的变化；单独贡献：仅该措施落实时的变化。"
    ),
}
_AIR_NOTE = (
    "District alone: city and region emit as in the base year; the verdict is with the changes that the scenario"
    " assumes of both."
)
_SURE_NOTE = (
    "From {} draws of activities, factors, measures, drivers and the air together. Hangs on: share of the variance that"
    " an input explains by itself; what states no range is taken as certain."
)
_SURE_NOTE_ZH = (
    "对活动水平、排放因子、措施、驱动因素和空气质量参数联合抽样 {} 次。"
    "取决于：单个输入所解释的方差占比；未给出范围的数值视为确定。"
)
_CERTAIN_NOTE = "The district's own emissions are taken as computed: their uncertainty is not in the probability."
_HINDCAST_NOTE = "Nothing is fitted to what was observed after the base year; off by is modelled less observed."
_AMBIENT_NOTE = "What is modelled of {} is put on the basis it was observed on (times {})."
_WORDS |= {
    _AIR_NOTE: ("仅本区：全市和区域排放与基准年相同。结论按情景假设的全市与区域变化判定。"),
    _CERTAIN_NOTE: "本区排放按计算值取用，其不确定性未计入概率。",
    _AMBIENT_NOTE: "{} 年模型值已换算至观测所用状态（乘以 {}）。",
    "as in": "排放同",
    "unit": "单位",
    _HINDCAST_NOTE: "未用基准年之后的观测值拟合任何参数；偏差为模型值减观测值。",
    "In the air: who brings it about": "空气质量：由谁实现",
    "Hindcast": "回报检验",
    "How sure": "把握程度",
    "hangs on": "取决于",
    "share": "份额",
    "PM2.5 owed to measures of the district": "本区措施对 PM2.5 的贡献",
    "area": "范围",
    "city": "全市",
    "district": "本区",
    "district alone": "仅本区",
    "inside": "在区间内",
    "interval": "区间",
    "modelled": "模型",
    "no": "否",
    "observed": "观测",
    "off by": "偏差",
    "probability": "概率",
    "quantity": "指标",
    "with the city": "加全市",
    "with the region": "加区域",
    "yes": "是",
    "year": "年份",
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
    if under and out.width < _NARROW:
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
        if out.width >= _NARROW:
            table.add_row(Text(one.target), status, *cells, one.title)
            continue
        out.print(Text.assemble((f"{one.target:<9}", "bold"), status, f"  {one.title}"))
        out.print(f"{'':9}" + ", ".join(f"{word(n, lang)} {c}" for n, c in zip(heads[2:6], cells, strict=True)))
    out.print(table if out.width >= _NARROW else "")
    for reason, targets in reasons.items():
        out.print(f"{', '.join(targets)}: {reason}", soft_wrap=True)
    out.print(f"{word(_VERDICT_NOTE, lang)}\n", soft_wrap=True, style="dim")


def print_likelihoods(out: Console, verdicts: Sequence[Verdict], count: int, lang: Lang) -> None:
    """Print how likely each target is met, and the inputs that its verdict hangs on."""
    mine = [one for one in verdicts if one.hangs_on]
    if not mine:
        return
    heads = ("target", "probability", "interval", "hangs on")
    table = new_table(word("How sure", lang), *((word(name, lang), 0 < n < 3) for n, name in enumerate(heads)))
    for one in mine:
        ends = " – ".join(amount(end, one.unit) for end in (one.low, one.high))
        row = (amount(_percent(one.probability), "%"), ends, Text(one.hangs_on))
        if out.width >= _NARROW:
            table.add_row(Text(one.target), *row)
            continue
        out.print(Text(f"{one.target}: {row[0]}, {ends}"), Text(one.hangs_on), sep="; ", soft_wrap=True)
    if out.width >= _NARROW:
        out.print(table)
    note = _SURE_NOTE_ZH if lang == "zh" else _SURE_NOTE
    out.print(f"{note.format(f'{count:,}')}\n", soft_wrap=True, style="dim")


def print_air(out: Console, verdicts: Sequence[Verdict], lang: Lang, air: Ambient | None = None) -> None:
    """Print who brings about what the air decides, how sure it is, and what else was found of it.

    Without `air`, the reasons of the verdicts are all that is left of what was found.
    """
    mine = [one for one in verdicts if one.district_alone is not None]
    if not mine:
        return
    known = {} if air is None else {name: one for name, one in air.findings.items() if isinstance(one, Finding)}
    _print_who(out, mine, known, lang)
    sentences: dict[str, list[str]] = {}
    for one in mine:
        for sentence in [one.reason] if air is None else said_of_air(air.findings[one.target], lang):
            sentences.setdefault(sentence, []).append(one.target)
    for sentence, targets in sentences.items():
        out.print(f"{', '.join(targets)}: {sentence}", soft_wrap=True)
    notes = [_AIR_NOTE]
    if known and not any("emissions" in one.variance for one in known.values()):
        notes.append(_CERTAIN_NOTE)
    gap = "" if lang == "zh" else " "
    out.print(f"{gap.join(word(note, lang) for note in notes)}\n", soft_wrap=True, style="dim")
    if air is not None:
        _print_air_shares(out, air, lang)


def _print_who(out: Console, mine: Sequence[Verdict], known: Mapping[str, Finding], lang: Lang) -> None:
    """Print by whose change what is reached, a line for each target; one under the other where that is too wide."""
    heads = ["district alone", "with the city", "with the region", "required", "probability", "interval"]
    named = [word(name, lang) for name in heads]
    if known:
        base = next(iter(known.values())).base_year
        named.insert(0, f"{word('as in', lang)} {base}")
    # Heads of two lines, and the unit in a column of its own: the numbers then fit beside each other.
    columns = [(word("target", lang), False), (word("unit", lang), False)]
    columns += [
        (" ".join(name.split()[:-1]) + "\n" + name.split()[-1] if " " in name else name, True) for name in named
    ]
    title = word("In the air: who brings it about", lang)
    table = new_table(title, *columns)
    for column in table.columns[:2]:
        column.no_wrap = True
    rows = [(one, _who(one, known.get(one.target), bool(known))) for one in mine]
    for one, cells in rows:
        table.add_row(Text(one.target), unit_word(one.unit, lang), *cells)
    # What a table would be on a terminal of any width: rich measures it no wider than there is room, and cuts it.
    natural = out.measure(table, options=out.options.update(max_width=1000)).maximum
    if natural <= out.width:
        out.print(table)
        return
    out.print(Text(title, style="bold"), soft_wrap=True)
    for one, cells in rows:
        out.print(Text.assemble((one.target, "bold"), f"  {unit_word(one.unit, lang)}"), soft_wrap=True)
        out.print(f"{'':9}" + ", ".join(f"{name} {cell}" for name, cell in zip(named, cells, strict=True)))
    out.print("")


def _who(one: Verdict, found: Finding | None, unchanged: bool) -> list[str]:
    """Return the numbers of a target, without their unit."""
    values = [one.district_alone, one.with_city, one.achieved, one.required]
    if unchanged:
        values.insert(0, None if found is None else found.unchanged)
    cells = [_bare(value, one.unit) for value in values]
    ends = " – ".join(_bare(end, one.unit) for end in (one.low, one.high))
    return [*cells, amount(_percent(one.probability), "%"), ends]


def _bare(value: float | None, unit: str) -> str:
    """Return a number as `amount` does, without its unit."""
    return amount(value, unit if unit == "%" else "").removesuffix(" %")


def _print_air_shares(out: Console, air: Ambient, lang: Lang) -> None:
    """Print which measures the district's own part of PM2.5 is owed to, in the last year."""
    shares = air.dataset.get("contributions_pm25")
    if shares is None or not shares.size:
        return
    final = shares.isel(air_year=-1)
    order = sorted(final["measure"].values, key=lambda name: -abs(float(final.sel(measure=name))))
    year, total = int(final["air_year"]), amount(float(final.sum()), "ug/m^3", signed=True)
    title = f"{word('PM2.5 owed to measures of the district', lang)} {year}: {total}"
    out.print(Text(title, style="bold"), soft_wrap=True)
    table = new_table("", (word("share", lang), True), (word("measure", lang), False))
    for name in order[:5]:
        table.add_row(amount(float(final.sel(measure=name)), "ug/m^3", signed=True), Text(str(name)))
    out.print(table)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def print_hindsight(out: Console, found: Sequence[Hindsight], lang: Lang) -> None:
    """Print what was modelled beside what was observed, and by how much it is off."""
    if not found:
        return
    heads = ("year", "area", "quantity", "modelled", "interval", "observed", "off by", "inside")
    table = new_table(word("Hindcast", lang), *((word(n, lang), 2 < i < 7) for i, n in enumerate(heads)))
    for one in found:
        ends = " – ".join(amount(end, one.unit, lang=lang) for end in (one.low, one.high))
        values = (
            amount(one.modelled, one.unit, lang=lang), ends, amount(one.observed, one.unit, lang=lang),
            amount(one.off, one.unit, True, lang),
        )  # fmt: skip
        names = (str(one.year), word(one.area, lang), quantity_word(one.quantity, lang))
        table.add_row(*names, *values, word("yes" if one.inside else "no", lang))
    out.print(table)
    notes = [word(_HINDCAST_NOTE, lang)]
    put: dict[float, list[int]] = {}
    for one in found:
        if one.reads != 1 and one.year not in put.setdefault(one.reads, []):
            put[one.reads].append(one.year)
    for factor, years in put.items():
        notes.append(word(_AMBIENT_NOTE, lang).format(", ".join(map(str, years)), f"{factor:.3g}"))
    gap = "" if lang == "zh" else " "
    out.print(f"{gap.join(notes)}\n", soft_wrap=True, style="dim")


def print_run(
    out: Console,
    projection: Projection,
    contributions: Any,
    verdicts: Sequence[Verdict],
    folder: str,
    lang: Lang,
    changes: Mapping[str, str],
    air: Ambient,
    sample: Sample,
) -> None:
    """Print what a run found: verdicts, the largest contributions, what was not quantified, where the results are."""
    program, plan = projection.program, projection.scenario.plan
    named = projection.scenario.document.title.text(lang)
    out.print(
        Text(
            f"{named or projection.scenario.name} · {plan.title.text(lang)}",
            style="bold",
        )
    )
    if changes:
        out.print(f"with --set {', '.join(f'{key}={value}' for key, value in changes.items())}", soft_wrap=True)
    for year, inventory in sorted(projection.inventories.items()):
        out.print(f"{word('inventory', lang)} {year}: {inventory.name} ({STATUS[inventory.status][lang == 'zh']})")
    out.print()
    progress = projection.scenario.progress
    print_verdicts(out, verdicts, lang, said(progress.record(), lang) if progress else "")
    print_likelihoods(out, verdicts, sample.count, lang)
    print_air(out, verdicts, lang, air)
    print_hindsight(out, air.hindsight, lang)
    _print_alerts(out, projection.alerts, lang)
    pollutants = list(
        dict.fromkeys(
            t.pollutant
            for t in plan.targets
            if t.indicator == "emissions" and t.pollutant in program.inventory.pollutants
        )
    )
    ends = sample.share_ends()
    _print_contributions(out, program, contributions, ends, [name for name in pollutants if name], lang)
    if "offsite" in projection.dataset:
        elsewhere = projection.dataset["offsite"].isel(year=-1).sum("measure").to_series()
        found = ", ".join(f"{name} {amount(value, 't', signed=True)}" for name, value in elsewhere.items())
        out.print(f"{word('Outside the inventory', lang)} {program.years[-1]}: {found}")
    if "offsite_electricity" in projection.dataset:
        last = projection.dataset.isel(year=-1)
        here, without = (float(last[f"offsite_electricity{end}"]) for end in ("", "_no_plan"))
        change = f"{amount(here - without, 't', signed=True)} {word('against no plan', lang)}"
        out.print(
            f"{word('Power plants, for electric stock', lang)} {int(last['year'])}: CO2 {amount(here, 't')}, {change}"
        )
    _print_not_quantified(out, plan, program, lang)
    out.print(f"{word('results', lang)}: {folder}", soft_wrap=True)


def print_result(out: Console, run: Mapping[str, Any], verdicts: Sequence[Verdict], lang: Lang) -> None:
    """Print what a result folder says: how it was made, from which inventories, and its verdicts."""
    out.print(Text(str(run["scenario"]), style="bold"))
    out.print(" ".join(run.get("command", ())), soft_wrap=True)
    for year, entry in run["inventories"].items():
        out.print(f"{word('inventory', lang)} {year}: {entry['name']} ({STATUS[entry['status']][lang == 'zh']})")
    out.print()
    print_verdicts(out, verdicts, lang, said(run["progress"], lang) if run.get("progress") else "")
    print_air(out, verdicts, lang)


def largest(contributions: Any, pollutant: str, count: int = 5) -> list[tuple[str, tuple[float, ...]]]:
    """Return the measures that change a pollutant most in the last year: id; Shapley share, last in, alone [t/yr]."""
    if not contributions.sizes["year"] or not contributions.sizes["measure"]:
        return []
    final = contributions.isel(year=-1).sel(pollutant=pollutant).sum("sector", skipna=False)
    values = zip(*(final[name].values.tolist() for name in SHARE_HEADS), strict=True)
    rows = zip(map(str, final["measure"].values), values, strict=True)
    known = [(name, row) for name, row in rows if row[0] == row[0] and any(row)]
    return sorted(known, key=lambda one: (-abs(one[1][0]), one[0]))[:count]


def _print_alerts(out: Console, days: Any, lang: Lang) -> None:
    """Print what each alert level cuts of the pollutants it is asked to, against what the plan promises."""
    if not days.sizes["level"]:
        return
    total = {(row["level"], row["pollutant"]): row for row in alert_records(days) if row["sector"] == "total"}
    pollutants = [str(name) for name in days["pollutant"].values[days["asked"].any("level").values]]
    heads = (("level", False), ("promise", True), *((name, True) for name in pollutants), ("days", True))
    title = f"{word('Reduction on alert days', lang)} {days.attrs['year']}"
    table = new_table(title, *((word(name, lang), right) for name, right in heads))
    for level, promise, count in zip(days["level"].values, days["at_least"].values, days["days"].values, strict=True):
        rows = [total[level, name] for name in pollutants]
        asked = days["asked"].sel(level=level, pollutant=pollutants).values
        short = ((row["reduction"] or 0.0) < 100 * promise for row in rows)
        cells = (
            Text(amount(row["reduction"], "%") if one else "", style="bold red" if missed else "")
            for row, one, missed in zip(rows, asked, short, strict=True)
        )
        table.add_row(Text(word(str(level), lang)), amount(100 * promise, "%"), *cells, amount(count))
        if count == count:
            table.add_row("", word("avoided, t/yr", lang), *(amount(row["avoided"]) for row in rows), "")
    out.print(table)
    if capped := days.attrs["caps_left_out"]:
        out.print(f"{word(_CAP_NOTE, lang)}: {capped}\n", soft_wrap=True, style="dim")


def _print_contributions(
    out: Console, program: Program, contributions: Any, ends: Mapping[str, Any], pollutants: list[str], lang: Lang
) -> None:
    year = program.years[-1] if program.years else ""
    names = {measure.id: measure.name(lang) for measure in program.measures}
    share, *others = SHARE_HEADS.values()
    names_of = (word(share, lang), "p05 – p95", *(word(name, lang) for name in others))
    heads = [("", False), *((name, True) for name in names_of), (word("measure", lang), False)]
    table = new_table(f"{word('Largest contributions', lang)} {year}", *heads)
    table.columns[-1].overflow = "fold"
    for pollutant in pollutants:
        for number, (measure, values) in enumerate(largest(contributions, pollutant)):
            named = Text(measure) if out.width < _NARROW else Text(f"{measure:<24} {names[measure]}")
            first, *rest = (amount(value, "t", signed=True) for value in values)
            low, high = (one.isel(year=-1).sel(measure=measure, pollutant=pollutant).item() for one in ends.values())
            between = f"{amount(low, signed=True)} – {amount(high, signed=True)}"
            table.add_row(Text(pollutant if not number else ""), first, between, *rest, named)
    if table.row_count:
        out.print(table)
        out.print(f"{word(SHARE_NOTE, lang)}\n", soft_wrap=True, style="dim")


def _print_not_quantified(out: Console, plan: Plan, program: Program, lang: Lang) -> None:
    idle = [measure for measure, count in zip(program.measures, program.matched, strict=True) if not count]
    enabling = [measure for measure in plan.measures if measure.kind == "enabling"]
    omitted = [measure.id for measure in plan.effects if program.scenario.omits(measure.id)]
    if enabling:
        quantified = {measure.article for measure in program.measures}
        articles = dict.fromkeys(str(m.article or m.id) for m in enabling if m.article not in quantified)
        kind = "项支撑措施；完全未量化的条款" if lang == "zh" else "enabling measures; articles with nothing else:"
        out.print(f"{word('Not quantified', lang)}: {len(enabling)} {kind} {', '.join(articles) or '–'}")
    if idle:
        out.print(
            f"{'未匹配任何源' if lang == 'zh' else 'Matched no source'}: {', '.join(measure.id for measure in idle)}"
        )
    if omitted:
        out.print(f"{'情景中省略' if lang == 'zh' else 'Omitted by the scenario'}: {', '.join(omitted)}")


def print_dry_run(out: Console, program: Program, files: Mapping[str, Mapping[str, object]], memory: float) -> None:
    """Print what a run would read and touch."""
    table = new_table("Files", ("file", False), ("bytes", True))
    for name, entry in files.items():
        table.add_row(name, f"{entry['bytes']:,}")
    out.print(table)
    sources, pollutants = program.inventory.factor.shape
    years = ", ".join(str(year) for year in program.scenario.years)
    out.print(
        f"{sources:,} sources, {pollutants} pollutants, years {years}{', by month' if program.months > 1 else ''}\n"
    )
    heads = (("measure", False), ("does", False), ("in place by", True), ("sources", True), ("", False))
    table = new_table("Measures, and the sources they match", *heads)
    for measure, matched, levels in zip(program.measures, program.matched, program.levels, strict=True):
        by_year = zip(program.years, levels[program.months - 1 :: program.months], strict=True)
        full = next((str(year) for year, level in by_year if level >= 1), "–")
        shown = ", ".join(str(name) for name in program.inventory.labels["source"][list(matched[:3])])
        does = " + ".join(effect.name for effect in measure.do)
        table.add_row(measure.id, does, full, str(len(matched)), shown + (" ..." if len(matched) > 3 else ""))
    out.print(table)
    out.print(f"memory needed: about {memory / 1e6:,.0f} MB; nothing was written")
