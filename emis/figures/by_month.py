"""Emissions by month of the last year: where heating and seasonal measures show."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from emis.figures.by_year import stack_legend
from emis.figures.drawing import Figure, Undrawn, finished
from emis.figures.lettering import Lang, joined, number, per_cent, pick
from emis.figures.reading import chosen, lacking, measure_names, ordered, pollutant_name, sector_name, source_line
from emis.figures.theme import ACCENT, INK, WIDTH
from emis.io.results import Result

__all__ = ["months"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def months(result: Result, lang: Lang = "en", pollutant: str | None = None) -> Figure:
    """Draw emissions of a pollutant by month and sector [t] in the last year, with the plan, and their total without.

    Raises
    ------
    Undrawn
        When no month is told, or the pollutant is not there.
    """
    told = result.facts["months"]
    name = chosen(result, pollutant)
    if told is None or name not in told["pollutants"]:
        raise Undrawn("the months of the pollutant are not told")
    frame = _frame(told, name, lang)
    totals = _totals(frame, lang)
    gas, year = pollutant_name(name, lang), told["year"]
    title = _message(totals, gas, year, lang)
    called = measure_names(result, lang)
    seasonal = joined([called.get(one, one) for one in told["seasonal"]], lang)
    about = pick(lang, f"{gas}, t per month in {year}; a black line is the total without the plan.",
                 f"{year} 年 {gas} 月排放量，单位 t；黑线为无计划情形合计。")  # fmt: skip
    season = pick(lang, "Seasonal measures: ", "季节性措施：") + (
        seasonal or pick(lang, "none in the plan", "计划中无")
    )
    left_out = joined([called.get(one, one) for one in told["caps_left_out"]], lang)
    caps = pick(lang, "Limits on the year's sum are left out: ", "未计入全年总量限制：") + left_out if left_out else ""
    columns = {
        "month": "month", "sector": "sector", "label": "sector name", "value": "emissions [t]",
        "no_plan": "emissions without plan [t]",
    }  # fmt: skip
    spoken = pick(lang, f"Stacked bars by month. {title}. {season}.", f"分月堆积柱状图。{title}。{season}。")
    below = [about, season, caps, lacking(frame, lang), source_line(result, lang)]
    return finished("months", title, below, _chart(frame, totals, lang), frame, columns, spoken)


def _frame(told: dict[str, Any], name: str, lang: Lang) -> pd.DataFrame:
    column = told["pollutants"].index(name)
    plan, bare = (np.array(told[one], dtype=float)[:, :, column] for one in ("plan", "no_plan"))
    return pd.DataFrame(
        {
            "month": month + 1, "sector": sector, "label": sector_name(sector, lang), "value": plan[month, s],
            "no_plan": bare[month, s], "missing": int(np.isnan(plan[month, s])),
            "shown": number(plan[month, s], lang),
        }
        for month in range(12) for s, sector in enumerate(told["sectors"])
    )  # fmt: skip


def _totals(frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    found = frame.groupby("month", as_index=False).agg(
        total=("value", lambda one: one.sum(min_count=1)), no_plan=("no_plan", lambda one: one.sum(min_count=1))
    )
    found["shown"] = [number(one, lang) for one in found["no_plan"]]
    found["sum"] = [number(one, lang) for one in found["total"]]
    return found


def _message(totals: pd.DataFrame, gas: str, year: int, lang: Lang) -> str:
    known = totals[totals["total"] > 0]
    if known.empty:
        return pick(lang, f"{gas} by month, {year}", f"{year} 年 {gas} 分月排放量")
    top, low = known.loc[known["total"].idxmax()], known.loc[known["total"].idxmin()]
    month = int(top["month"])
    if top["total"] < 1.12 * low["total"]:  # months differ by a tenth in their days alone
        return pick(lang, f"{gas} is much the same in every month of {year}", f"{year} 年各月 {gas} 排放量基本相同")
    share = per_cent(100 * top["total"] / known["total"].sum())
    return pick(
        lang,
        f"{gas} is highest in {_MONTHS[month - 1]} {year}: {number(top['total'])} t, {share} of the year",
        f"{year} 年 {month} 月 {gas} 排放量最高：{number(top['total'])} t，占全年 {share}",
    )


def _chart(frame: pd.DataFrame, totals: pd.DataFrame, lang: Lang) -> Any:
    names = ordered(frame.loc[frame["value"] > 0, "sector"])
    called = {n + 1: pick(lang, word, f"{n + 1}月") for n, word in enumerate(_MONTHS)}
    drawn = frame[frame["sector"].isin(names)]
    drawn = drawn.assign(order=[names.index(one) for one in drawn["sector"]], at=drawn["month"].map(called))
    totals = totals.assign(at=totals["month"].map(called))
    x = alt.X(
        "at:O", title=None, scale=alt.Scale(domain=list(called.values()), paddingInner=0.25),
        axis=alt.Axis(labelAngle=0, ticks=False, labelColor=INK),
    )  # fmt: skip
    y = alt.Y("value:Q", title=None, stack="zero", axis=alt.Axis(format=",~f", tickCount=6, domain=False, ticks=False))
    tips = [
        alt.Tooltip(f"{field}:N", title=pick(lang, *word))
        for field, word in (
            ("at", ("month", "月份")),
            ("label", ("sector", "部门")),
            ("shown", ("emissions [t]", "排放量 [t]")),
        )
    ]
    bars = alt.Chart(drawn).mark_bar(stroke="white", strokeWidth=0.8).encode(
        x, y, stack_legend(names, lang), order=alt.Order("order:Q"), tooltip=tips
    )  # fmt: skip
    bare = alt.Chart(totals).mark_tick(
        color=ACCENT, thickness=2.5, orient="horizontal", width=alt.RelativeBandSize(1)
    ).encode(
        x, alt.Y("no_plan:Q"), tooltip=[alt.Tooltip("shown:N", title=pick(lang, "without the plan [t]", "无计划 [t]"))]
    )  # fmt: skip
    # One row of totals below, so that no number lies on a line.
    sums = alt.Chart(totals).mark_text(baseline="top", fontWeight="bold", fontSize=10.5).encode(
        x, y=alt.value(286), text="sum:N"
    )  # fmt: skip
    head = alt.Chart(pd.DataFrame({"said": [pick(lang, "with plan [t]", "有计划 [t]")]})).mark_text(
        baseline="top", align="left", color="#5f5f5f", fontSize=10.5
    ).encode(x=alt.value(-78), y=alt.value(286), text="said:N")  # fmt: skip
    return alt.layer(bars, bare, sums, head).properties(width=WIDTH - (225 if lang == "en" else 175), height=260)
