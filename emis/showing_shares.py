"""What the command line prints of contributions: each measure's, what they add up to, and the interaction."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from rich.console import Console
from rich.text import Text

from emis.attribution import records
from emis.console import OTHERS_NOTE, SHARE_HEADS, SHARE_NOTE, Lang, amount, new_table, print_table, prose, word
from emis.program import Program

__all__ = ["print_shares"]

#: Rows of one pollutant; what is smaller stands together in one more.
_MOST = 30
#: Columns below which measures stand without their titles, as they do beside a sector or source.
_NARROW = 110
#: A part of the largest number of a column below which a difference of sums is rounding.
_ROUNDING = 1e-9

_CLOSURE = "Shapley shares add up to what the whole plan changes, but for {} of it."
_WORDS = {
    "Contributions": "各措施贡献",
    "all measures": "全部措施之和",
    "the whole plan": "整个计划",
    "interaction": "相互作用",
    "smaller": "项较小贡献",
    "measure": "措施",
    "sector": "部门",
    "source": "排放源",
    "no measure changes it": "没有措施使其变化",
    _CLOSURE: "Shapley 份额之和等于整个计划带来的变化，相对误差 {}。",
}


def _word(text: str, lang: Lang) -> str:
    return _WORDS[text] if lang == "zh" else text


def print_shares(out: Console, program: Program, found: Any, sums: Any, lang: Lang) -> None:
    """Print the contributions of one year, the largest first, and below them what they add up to.

    Parameters
    ----------
    found : xarray.Dataset
        Contributions of the year and pollutants to print, by measure, sector or source, in the order of the columns.
    sums : xarray.Dataset
        Of the same years and pollutants, what `balance` gives.
    """
    methods = [name for name in SHARE_HEADS if name in found.data_vars]
    place = next((name for name in ("source", "sector") if name in found.coords), "")
    scenario = program.scenario.document.title.text(lang) or program.scenario.name
    last = ", ".join(_word(name, lang) for name in ("measure", place) if name)
    heads = [("", False), *((word(SHARE_HEADS[name], lang), True) for name in methods), (last, False)]
    table = new_table(f"{_word('Contributions', lang)} {int(found['year'].item())}: {scenario}", *heads)
    named = program.measures if out.width >= _NARROW else ()
    titles = {one.id: one.name(lang) for one in named if one.name(lang) != one.id}
    rows = sorted(records(found), key=lambda row: str(row["pollutant"]))
    of = {name: list(group) for name, group in groupby(rows, key=lambda row: str(row["pollutant"]))}
    for pollutant in map(str, found["pollutant"].values):
        balance = {name: float(values.item()) for name, values in sums.sel(pollutant=pollutant).data_vars.items()}
        mine = sorted(of.get(pollutant, []), key=lambda row: (-abs(_known(row[methods[0]])), row["measure"]))
        told = [str(row[place]) if place else titles.get(row["measure"], "") for row in mine[:_MOST]]
        shown = [(row, f"{row['measure']:<24} {text}".rstrip()) for row, text in zip(mine, told, strict=False)]
        if rest := mine[_MOST:]:
            small: dict[str, Any] = {name: sum(row[name] for row in rest) for name in methods}
            shown.append((small, f"{len(rest)} {_word('smaller', lang)}"))
        for number, (row, name) in enumerate(shown):
            cells = [amount(row[method], "t", signed=True) for method in methods]
            table.add_row(Text(pollutant if not number else ""), *cells, Text(name))
        if shown:
            _add_sums(table, balance, methods, lang)
        else:
            blank = [""] * len(methods)
            table.add_row(Text(pollutant), *blank, _word("no measure changes it", lang), end_section=True)
    print_table(out, table)
    for line in _notes(sums, methods, lang):
        prose(out, line, style="dim")


def _add_sums(table: Any, balance: Mapping[str, float], methods: Sequence[str], lang: Lang) -> None:
    """Add what the contributions to a pollutant add up to, what the plan changes, and what is between the two."""
    scale = _ROUNDING * max(abs(_known(value)) for value in balance.values())
    between = {method: balance["change"] - balance[method] for method in methods}
    between = {method: 0.0 if abs(value) <= scale else value for method, value in between.items()}
    lines = {
        "all measures": balance,
        "the whole plan": dict.fromkeys(methods, balance["change"]),
        "interaction": between,
    }
    for name, values in lines.items():
        cells = [amount(values[method], "t", signed=values[method] != 0) for method in methods]
        table.add_row("", *cells, _word(name, lang), style="dim", end_section=name == "interaction")


def _notes(sums: Any, methods: Sequence[str], lang: Lang) -> list[str]:
    notes = [word(SHARE_NOTE, lang), word(OTHERS_NOTE, lang)]
    if "shapley" in methods:
        whole = np.abs(sums["change"].values)
        off = np.abs(sums["shapley"].values - sums["change"].values)
        known = off[whole > 0] / whole[whole > 0]
        if len(known):
            notes.append(_word(_CLOSURE, lang).format(f"{known.max():.0e}" if known.any() else "0"))
    return notes


def _known(value: float) -> float:
    """Return a number to compare by: what is not known stands first."""
    return np.inf if value != value else value
