"""What the command line prints: tables and sentences for a reader, in English or Chinese."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from emis import vocabulary
from emis.assessment import Verdict
from emis.inventory import Inventory
from emis.plan import Plan
from emis.program import Program
from emis.projection import Projection

__all__ = [
    "Lang",
    "amount",
    "print_comparison",
    "print_dry_run",
    "print_inventory",
    "print_plan",
    "print_result",
    "print_run",
    "print_verdicts",
]

Lang: TypeAlias = Literal["zh", "en"]

_WORDS = {
    "Largest contributions": "最大贡献",
    "MET": "达到",
    "MISSED": "未达到",
    "Not quantified": "未量化",
    "Outside the inventory": "清单之外",
    "Targets": "目标",
    "UNDETERMINED": "无法判定",
    "against no plan": "相对无规划",
    "alone": "单独贡献",
    "delivered": "实现",
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
_STYLE = {"MET": "bold green", "MISSED": "bold red", "UNDETERMINED": "bold yellow"}
_STATUS = {
    "reconstruction": ("a reconstruction, not an official inventory", "重建清单，非官方清单"),
    "example": ("an example, not a real inventory", "示例，非真实清单"),
    "official": ("official", "官方清单"),
}


def console(width: int | None = None) -> Console:
    """Return the console of standard output; wide enough for its tables when it is no terminal."""
    out = Console(highlight=False, width=width, soft_wrap=False)
    return out if out.is_terminal or width else Console(highlight=False, width=132)


def word(text: str, lang: Lang) -> str:
    """Return a word of the tables in `lang`."""
    return _WORDS.get(text, text) if lang == "zh" else text


def amount(value: float | None, unit: str = "", signed: bool = False) -> str:
    """Return a number for a table, four significant digits, or an en dash when it is not known."""
    if value is None or value != value:
        return "–"
    text = f"{value:+,.4g}" if signed else f"{value:,.4g}"
    if "e" in text:
        text = f"{value:+,.0f}" if signed else f"{value:,.0f}"
    return f"{text} {unit}".strip()


def _table(title: str, *columns: tuple[str, bool]) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    for name, right in columns:
        table.add_column(name, justify="right" if right else "left", no_wrap=right)
    return table


def print_verdicts(out: Console, verdicts: Sequence[Verdict], lang: Lang) -> None:
    """Print the verdict on each target, and below them why some cannot be told."""
    heads = ("target", "promise", "required", "delivered", "margin", "against no plan", "verdict")
    table = _table(word("Targets", lang), *((word(name, lang), 1 < number < 6) for number, name in enumerate(heads)))
    reasons: dict[str, list[str]] = {}
    for one in verdicts:
        if one.reason:
            reasons.setdefault(one.reason, []).append(one.target)
        table.add_row(
            one.target,
            one.title,
            amount(one.required, one.unit),
            amount(one.achieved, one.unit),
            amount(one.margin, one.unit, signed=True),
            amount(one.versus_no_plan, "%"),
            Text(word(one.status, lang), style=_STYLE[one.status]),
        )
    out.print(table)
    for reason, targets in reasons.items():
        out.print(f"{', '.join(targets)}: {reason}", soft_wrap=True)
    if reasons:
        out.print()


def print_run(
    out: Console, projection: Projection, contributions: Any, verdicts: Sequence[Verdict], folder: str, lang: Lang
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
    for year, inventory in sorted(projection.inventories.items()):
        out.print(f"{word('inventory', lang)} {year}: {inventory.name} ({_STATUS[inventory.status][lang == 'zh']})")
    out.print()
    print_verdicts(out, verdicts, lang)
    pollutants = list(
        dict.fromkeys(
            t.pollutant
            for t in plan.targets
            if t.indicator == "emissions" and t.pollutant in program.inventory.pollutants
        )
    )
    _print_contributions(out, program, contributions, [name for name in pollutants if name], lang)
    if "offsite" in projection.dataset:
        elsewhere = projection.dataset["offsite"].isel(year=-1).sum("measure").to_series()
        found = ", ".join(f"{name} {amount(value, 't', signed=True)}" for name, value in elsewhere.items())
        out.print(f"{word('Outside the inventory', lang)} {program.years[-1]}: {found}")
    _print_not_quantified(out, plan, program, lang)
    out.print(f"{word('results', lang)}: {folder}", soft_wrap=True)


def print_result(out: Console, run: Mapping[str, Any], verdicts: Sequence[Verdict], lang: Lang) -> None:
    """Print what a result folder says: how it was made, from which inventories, and its verdicts."""
    out.print(Text(str(run["scenario"]), style="bold"))
    out.print(" ".join(run.get("command", ())), soft_wrap=True)
    for year, entry in run["inventories"].items():
        out.print(f"{word('inventory', lang)} {year}: {entry['name']} ({_STATUS[entry['status']][lang == 'zh']})")
    out.print()
    print_verdicts(out, verdicts, lang)


def largest(contributions: Any, pollutant: str, count: int = 5) -> list[tuple[str, float, float]]:
    """Return the measures that change a pollutant most in the last year: id, last in and alone [t/yr]."""
    if not contributions.sizes["year"] or not contributions.sizes["measure"]:
        return []
    final = contributions.isel(year=-1).sel(pollutant=pollutant).sum("sector", skipna=False)
    rows = [
        (str(m), float(last), float(alone))
        for m, last, alone in zip(final["measure"].values, final["last"].values, final["alone"].values, strict=True)
    ]
    known = [row for row in rows if row[1] == row[1] and (row[1] or row[2])]
    return sorted(known, key=lambda row: (-abs(row[1]), row[0]))[:count]


def _print_contributions(out: Console, program: Program, contributions: Any, pollutants: list[str], lang: Lang) -> None:
    year = program.years[-1] if program.years else ""
    names = {measure.id: measure.name(lang) for measure in program.measures}
    heads = (
        ("", False),
        (word("measure", lang), False),
        ("", False),
        (word("last in", lang), True),
        (word("alone", lang), True),
    )
    table = _table(f"{word('Largest contributions', lang)} {year}", *heads)
    for pollutant in pollutants:
        for number, (measure, last, alone) in enumerate(largest(contributions, pollutant)):
            table.add_row(
                pollutant if not number else "",
                measure,
                names[measure],
                amount(last, "t", True),
                amount(alone, "t", True),
            )
    if table.row_count:
        out.print(table)


def _print_not_quantified(out: Console, plan: Plan, program: Program, lang: Lang) -> None:
    idle = [measure for measure, count in zip(program.measures, program.matched, strict=True) if not count]
    enabling = [measure for measure in plan.measures if measure.kind == "enabling"]
    omitted = [measure.id for measure in plan.effects if program.scenario.omits(measure.id)]
    if enabling:
        articles = ", ".join(dict.fromkeys(str(measure.article or measure.id) for measure in enabling))
        kind = "项支撑措施，条款" if lang == "zh" else "enabling measures, articles"
        out.print(f"{word('Not quantified', lang)}: {len(enabling)} {kind} {articles}")
    if idle:
        out.print(
            f"{'未匹配任何源' if lang == 'zh' else 'Matched no source'}: {', '.join(measure.id for measure in idle)}"
        )
    if omitted:
        out.print(f"{'情景中省略' if lang == 'zh' else 'Omitted by the scenario'}: {', '.join(omitted)}")


def print_dry_run(out: Console, program: Program, files: Mapping[str, Mapping[str, object]], memory: float) -> None:
    """Print what a run would read and touch."""
    table = _table("Files", ("file", False), ("bytes", True))
    for name, entry in files.items():
        table.add_row(name, f"{entry['bytes']:,}")
    out.print(table)
    sources, pollutants = program.inventory.factor.shape
    years = ", ".join(str(year) for year in program.scenario.years)
    out.print(
        f"{sources:,} sources, {pollutants} pollutants, years {years}{', by month' if program.months > 1 else ''}\n"
    )
    table = _table("Measures", ("measure", False), ("does", False), ("sources", True), ("full by", True))
    for measure, matched, levels in zip(program.measures, program.matched, program.levels, strict=True):
        full = next(
            (
                str(year)
                for year, level in zip(program.years, levels[program.months - 1 :: program.months], strict=True)
                if level >= 1
            ),
            "–",
        )
        table.add_row(
            measure.id, " + ".join(effect.name for effect in measure.do), str(matched) if matched else "none", full
        )
    out.print(table)
    out.print(f"memory needed: about {memory / 1e6:,.0f} MB; nothing was written")


def print_inventory(out: Console, inventory: Inventory, lang: Lang) -> None:
    """Print an inventory by sector and pollutant [t/yr], with how its rows are graded."""
    title = inventory.title.get(lang) or inventory.title.get("en") or inventory.name
    out.print(Text(f"{title} · {inventory.base_year or ''}", style="bold"))
    out.print(f"{_STATUS[inventory.status][lang == 'zh']}; {len(inventory)} {word('sources', lang)}\n")
    table = _table("t/yr", (word("sector", lang), False), *((name, True) for name in inventory.pollutants))
    for name in [*(n for n in vocabulary.SECTORS if n in inventory.values("sector"))]:
        rows = inventory.emissions[inventory.labels["sector"] == name].sum(axis=0)
        sector = vocabulary.SECTORS[name]
        table.add_row(f"{name} {sector.zh}" if lang == "zh" else name, *(amount(float(value)) for value in rows))
    table.add_section()
    table.add_row(word("total", lang), *(amount(float(value)) for value in inventory.emissions.sum(axis=0)))
    out.print(table)
    if inventory.grade is not None and any(inventory.grade):
        counts = {grade: int((inventory.grade == grade).sum()) for grade in "ABCDE"}
        out.print(
            "grades of activity, A measured to E assumed: "
            + ", ".join(f"{grade} {count}" for grade, count in counts.items() if count)
        )


def print_plan(out: Console, plan: Plan, lang: Lang) -> None:
    """Print a plan article by article, and its targets."""
    out.print(Text(plan.title.text(lang), style="bold"))
    table = _table(
        f"{len(plan.measures)} measures",
        ("art.", True),
        ("id", False),
        ("title", False),
        ("does", False),
        ("grade", False),
    )
    for measure in plan.measures:
        grade = (measure.evidence.grade if measure.evidence else None) or "–"
        does = " + ".join(effect.name for effect in measure.do) or "enabling"
        table.add_row(str(measure.article or ""), measure.id, measure.name(lang), does, grade)
    out.print(table)
    table = _table(
        f"{len(plan.targets)} targets",
        ("id", False),
        ("title", False),
        ("indicator", False),
        ("threshold", False),
        ("by", True),
    )
    for target in plan.targets:
        threshold = (
            f"−{100 * target.reduce_by:g} % since {target.since or 'no alert'}"
            if target.reduce_by is not None
            else str(target.at_most or target.at_least or "–")
        )
        table.add_row(
            target.id,
            target.name(lang),
            f"{target.indicator} {target.pollutant or ''}".strip(),
            threshold,
            str(target.by or ""),
        )
    out.print(table)
    out.print(f"{len(plan.milestones)} milestones, {len(plan.alerts)} alert levels")


def print_comparison(
    out: Console,
    names: Sequence[str],
    year: int,
    totals: Mapping[tuple[str, str], Sequence[float]],
    verdicts: Mapping[str, Sequence[str]],
) -> None:
    """Print results side by side: totals by pollutant and sector in a year, and the verdicts."""
    table = _table(
        f"Emissions {year}, t",
        ("pollutant", False),
        ("sector", False),
        *((name, True) for name in names),
        *((f"{name} − {names[0]}", True) for name in names[1:]),
    )
    last = ""
    for (pollutant, sector), values in totals.items():
        table.add_row(
            pollutant if pollutant != last else "",
            sector,
            *(amount(v) for v in values),
            *(amount(v - values[0], signed=True) for v in values[1:]),
        )
        last = pollutant
    out.print(table)
    table = _table("Targets", ("target", False), *((name, False) for name in names))
    for target, cells in verdicts.items():
        table.add_row(target, *cells)
    out.print(table)
