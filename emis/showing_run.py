"""What a run found, printed: verdicts, who delivers, what was not quantified, where the results are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from emis.alerts import alert_records
from emis.ambient.results import Ambient
from emis.assessment import Verdict
from emis.console import (
    NARROW,
    OTHERS_NOTE,
    SHARE_HEADS,
    SHARE_NOTE,
    Lang,
    amount,
    new_table,
    print_table,
    print_verdicts,
    prose,
    word,
    words,
)
from emis.likelihood import Sample
from emis.plan import Plan
from emis.program import Program
from emis.progress import said
from emis.projection import Projection
from emis.showing_air import print_air, print_hindsight, print_likelihoods
from emis.vocabulary import STATUS

__all__ = ["largest", "print_dry_run", "print_result", "print_run"]

_CAP_NOTE = "Ceilings on a year's emissions say nothing of one day and are left out"
words({_CAP_NOTE: "年排放总量上限不适用于单日，未计入", "report": "报告"})


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
        prose(out, f"with --set {', '.join(f'{key}={value}' for key, value in changes.items())}")
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
    if (page := Path(folder, "report.html")).is_file():
        out.print(f"{word('report', lang)}: {page}", soft_wrap=True)


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
    print_table(out, table)
    if capped := days.attrs["caps_left_out"]:
        prose(out, f"{word(_CAP_NOTE, lang)}: {capped}\n", style="dim")


def _print_contributions(
    out: Console, program: Program, contributions: Any, ends: Mapping[str, Any], pollutants: list[str], lang: Lang
) -> None:
    year = program.years[-1] if program.years else ""
    names = {measure.id: measure.name(lang) for measure in program.measures}
    share, *others = SHARE_HEADS.values()
    wide = out.width >= NARROW
    names_of = (word(share, lang), "p05 – p95", *(word(name, lang) for name in others if wide))
    heads = [("", False), *((name, True) for name in names_of), (word("measure", lang), False)]
    table = new_table(f"{word('Largest contributions', lang)} {year}", *heads)
    for pollutant in pollutants:
        for number, (measure, values) in enumerate(largest(contributions, pollutant)):
            named = Text(f"{measure:<24} {names[measure]}" if wide else measure)
            first, *rest = (amount(value, "t", signed=True) for value in (values if wide else values[:1]))
            low, high = (one.isel(year=-1).sel(measure=measure, pollutant=pollutant).item() for one in ends.values())
            between = f"{amount(low, signed=True)} – {amount(high, signed=True)}"
            table.add_row(Text(pollutant if not number else ""), first, between, *rest, named)
    if table.row_count:
        print_table(out, table)
        notes = [word(note, lang) for note in (SHARE_NOTE, *([OTHERS_NOTE] if wide else []))]
        prose(out, f"{('' if lang == 'zh' else ' ').join(notes)}\n", style="dim")


def _print_not_quantified(out: Console, plan: Plan, program: Program, lang: Lang) -> None:
    idle = [measure for measure, found in zip(program.measures, program.matched, strict=True) if not len(found)]
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
    print_table(out, table)
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
        shown = ", ".join(str(name) for name in program.inventory.labels["source"][matched[:3]])
        does = " + ".join(effect.name for effect in measure.do)
        table.add_row(measure.id, does, full, str(len(matched)), shown + (" ..." if len(matched) > 3 else ""))
    print_table(out, table)
    out.print(f"memory needed: about {memory / 1e6:,.0f} MB; nothing was written")
