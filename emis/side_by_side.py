"""Results side by side on the command line: totals with their change against the first, and the verdicts."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.console import Console

from emis.assessment import Verdict
from emis.console import Lang, amount, new_table, print_table, word, words
from emis.vocabulary import SECTORS

__all__ = ["print_comparison"]

words({"pollutant": "污染物"})

#: Columns taken by pollutant and sector, and by a value with its change.
_LABELS, _CELL = 26, 20
#: A change below this share is rounding.
_NOTHING = 1e-9


def print_comparison(
    out: Console,
    names: Sequence[str],
    year: int,
    totals: Mapping[tuple[str, str], Sequence[float]],
    verdicts: Mapping[str, Sequence[Verdict | None]],
    lang: Lang = "en",
) -> None:
    """Print results side by side: the verdicts, and totals by pollutant and sector in a year.

    As many results stand beside each other as the width has room for; the first, against which the others change, is
    repeated before those that follow below.
    """
    _print_verdicts(out, names, verdicts, lang)
    room = max(1, (out.width - _LABELS) // max(_CELL, max(map(cell_len, names)) + 3) - 1)
    heading = (
        f"{year} 年排放量（t）及相对 {names[0]} 的变化" if lang == "zh"
        else f"Emissions {year}, t, and change against {names[0]}"
    )  # fmt: skip
    for start in range(1, len(names), room):
        shown = [0, *range(start, min(start + room, len(names)))]
        heads = ((word("pollutant", lang), False), (word("sector", lang), False))
        table, last = new_table(heading, *heads, *((names[index], True) for index in shown)), ""
        for (pollutant, sector), values in totals.items():
            if pollutant != last and last:
                table.add_section()
            cells = [amount(values[0]), *(_changed(values[index], values[0]) for index in shown[1:])]
            table.add_row(pollutant if pollutant != last else "", _sector(sector, lang), *cells)
            last = pollutant
        print_table(out, table)


def _sector(name: str, lang: Lang) -> str:
    if lang == "zh" and name in SECTORS:
        return SECTORS[name].zh
    return "全部" if lang == "zh" and name == "all" else name


def _print_verdicts(
    out: Console, names: Sequence[str], verdicts: Mapping[str, Sequence[Verdict | None]], lang: Lang
) -> None:
    """Print what becomes of each target; those that nothing can be told of in any result are named below."""
    said = {target: [_said(one, lang) for one in found] for target, found in verdicts.items()}
    told = {target: cells for target, cells in said.items()
            if any(one is not None and one.achieved is not None for one in verdicts[target])}  # fmt: skip
    widest = max(map(cell_len, (*names, *(cell for cells in told.values() for cell in cells))))
    room = max(1, (out.width - max(map(cell_len, verdicts), default=0) - 3) // (widest + 3))
    for start in range(0, len(names), room):
        shown = list(range(start, min(start + room, len(names))))
        heads = ((word("target", lang), False), *((names[index], True) for index in shown))
        table = new_table(word("Targets", lang), *heads)
        for target, statuses in told.items():
            table.add_row(target, *(statuses[index] for index in shown))
        print_table(out, table)
    if alike := ", ".join(target for target in said if target not in told):
        out.print(f"所有结果均无法判定：{alike}" if lang == "zh" else f"undetermined in all of them: {alike}")


def _said(found: Verdict | None, lang: Lang) -> str:
    if found is None:
        return "–"
    status = word(found.status, lang) if lang == "zh" else found.status.replace("UNDETERMINED", "UNDET.")
    return status if found.achieved is None else f"{status} {amount(found.achieved, found.unit, lang=lang)}"


def _changed(value: float, first: float) -> str:
    """Return a value and by how many per cent it differs from the first."""
    if value != value or first != first:
        return amount(value)
    if abs(value - first) <= _NOTHING * max(abs(value), abs(first)):
        return f"{amount(value)}      ="
    change = f"{100 * (value / first - 1):+.1f} %".replace("-", "−") if first else "new"
    return f"{amount(value)} {change:>8}"
