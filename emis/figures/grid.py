"""Measures against pollutants: what each takes off of what would be emitted without the plan."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from emis.figures.drawing import Figure, Undrawn, finished
from emis.figures.lettering import Lang, cut, number, pick
from emis.figures.reading import last_year, measure_names, pollutant_name, source_line
from emis.figures.theme import GREY, INK, WIDTH, labels, track
from emis.io.results import Result

__all__ = ["heat_map"]

_LEFT, _STEP, _MOST = 272, 21, 20
#: Shares below it are coloured, and not printed [%]; colours end at the other, so that small ones can be told apart.
_PRINTED, _FULL = 0.1, 10.0
_RISE, _FALL = "#b35806", "#08519c"


def heat_map(result: Result, lang: Lang = "en") -> Figure:
    """Draw Shapley shares of measures over emissions without the plan in the last year, by pollutant [%].

    Raises
    ------
    Undrawn
        When no measure changes anything, or no year is projected.
    """
    year = last_year(result)
    frame = _frame(result, year, lang)
    only = frame[frame["kind"] == "measure"]
    if only.empty:
        raise Undrawn("no measure changes any emission")
    best = only.loc[only["part"].idxmin()]
    much, gas = f"{number(-best['part'])} %", pollutant_name(best["pollutant"], lang)
    title = pick(
        lang,
        f"{best['full']} takes most off any pollutant: {much} of {gas}",
        f"{best['full']}作用最大：使{gas}减少 {much}",
    )
    about = pick(
        lang,
        f"Contribution of measures (Shapley share) in {year} [% of emissions without the plan]; minus is a reduction."
        f" Below {_PRINTED} % no number is printed; n.e.: not estimated.",
        f"{year} 年措施贡献（Shapley 份额）[占无计划情形排放量的 %]，负值为减排；"
        f"小于 {_PRINTED} % 不标注数字；n.e. 为未估算。",
    )
    told = title + pick(
        lang,
        f". Table of {only['row'].nunique()} measures and {only['pollutant'].nunique()} pollutants.",
        f"。{only['row'].nunique()} 项措施与 {only['pollutant'].nunique()} 种污染物的热力图。",
    )
    columns = {
        "measure": "measure",
        "full": "title",
        "kind": "kind",
        "pollutant": "pollutant",
        "amount": "contribution [t]",
        "part": "contribution [% of no plan]",
    }
    return finished("heat_map", title, [about, source_line(result, lang)], _chart(frame, lang), frame, columns, told)


def _frame(result: Result, year: int, lang: Lang) -> pd.DataFrame:
    shares = result.dataset["contributions"].sel(year=year).transpose("measure", "sector", "pollutant").values
    amounts = shares.sum(axis=1)
    without = result.dataset["emissions_no_plan"].sel(year=year)
    bare = without.sum([one for one in without.dims if one != "pollutant"], skipna=False).values
    parts = np.divide(100 * amounts, bare, out=np.full(amounts.shape, np.nan), where=bare > 0)
    pollutants = [str(one) for one in result.dataset["pollutant"].values]
    ids, called = [str(one) for one in result.dataset["measure"].values], measure_names(result, lang)
    weight = np.nansum(np.abs(parts), axis=1)
    ranked = sorted((i for i in range(len(ids)) if weight[i] > 0), key=lambda i: (-weight[i], ids[i]))
    own = ranked if len(ranked) <= _MOST + 1 else ranked[:_MOST]
    rest = [i for i in range(len(ids)) if i not in set(own)]
    rows = [("measure", ids[i], called.get(ids[i], ids[i]), amounts[i]) for i in own]
    active = len(ranked) - len(own)
    if active:
        rows.append(
            ("others", "", pick(lang, f"{active} other measures", f"其他 {active} 项措施"), amounts[rest].sum(axis=0))
        )
    rows.append(("plan", "", pick(lang, "All measures of the plan", "计划全部措施"), amounts.sum(axis=0)))
    found = []
    for row, (kind, name, full, values) in enumerate(rows):
        for p, pollutant in enumerate(pollutants):
            part = 100 * values[p] / bare[p] if bare[p] > 0 else np.nan
            found.append({
                "row": row, "kind": kind, "measure": name, "full": full, "pollutant": pollutant,
                "amount": float(values[p]), "part": float(part), "estimated": bool(np.isfinite(bare[p])),
            })  # fmt: skip
    return pd.DataFrame(found)


def _cell(part: float, estimated: bool) -> str:
    if not estimated or part != part:
        return "n.e." if not estimated else "–"
    if abs(part) < _PRINTED:
        return ""
    text = f"{part:.0f}" if abs(part) >= 9.95 else f"{part:.1f}"
    return text.replace("-", "\u2212")


def _chart(frame: pd.DataFrame, lang: Lang) -> Any:
    count, names = int(frame["row"].max()) + 1, list(dict.fromkeys(frame["pollutant"]))
    wide = WIDTH - _LEFT - 8
    names = [pollutant_name(one, lang) for one in names]
    data = frame.assign(
        gas=[pollutant_name(one, lang) for one in frame["pollutant"]],
        bold=frame["kind"] == "plan",
        label=[cut(one, _LEFT - 12) for one in frame["full"]],
        shown=[_cell(part, there) for part, there in zip(frame["part"], frame["estimated"], strict=True)],
        ink=[GREY if part != part else "white" if abs(part) > 0.55 * _FULL else INK for part in frame["part"]],
        tip=[f"{number(part, lang)} %" if part == part else number(None, lang) for part in frame["part"]],
        tonnes=[
            f"{number(one, lang, signed=True)} t" if there else number(None, lang)
            for one, there in zip(frame["amount"], frame["estimated"], strict=True)
        ],
    )
    x = alt.X(
        "gas:O", title=None, scale=alt.Scale(domain=names, paddingInner=0.06),
        axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, labelColor=INK,
                      labelFontSize=10 if len(names) > 9 else 11, labelOverlap=False),
    )  # fmt: skip
    colour = alt.Color(
        "part:Q",
        legend=None,
        scale=alt.Scale(
            domain=[-_FULL, -2, 0, 2, _FULL], range=[_FALL, "#8db8dc", "#f7f7f7", "#f3b77a", _RISE], clamp=True
        ),
    )
    y = track(count)
    tips = [
        alt.Tooltip(f"{field}:N", title=pick(lang, en, zh))
        for field, en, zh in (
            ("full", "measure", "措施"),
            ("gas", "pollutant", "污染物"),
            ("tip", "of emissions without the plan", "占无计划情形排放量"),
            ("tonnes", "contribution", "措施贡献"),
        )
    ]
    cells = alt.Chart(data).mark_rect().encode(x, y, colour, tooltip=tips)
    texts = [
        alt.Chart(rows).mark_text(fontSize=10, color=str(ink)).encode(x, y, text="shown:N")
        for ink, rows in data.groupby("ink")
    ]
    heads = data.drop_duplicates("row")
    return alt.layer(cells, *texts, *labels(heads, count, _LEFT)).properties(width=wide, height=_STEP * count)
