"""Emissions by year: by sector in stacks, and as an index of what the base year had."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from emis.figures.drawing import Figure, Undrawn, finished
from emis.figures.lettering import Lang, number, per_cent, pick
from emis.figures.reading import (
    base_year,
    by_sector,
    chosen,
    emission_targets,
    inventory_years,
    lacking,
    last_year,
    ordered,
    sector_name,
    source_line,
)
from emis.figures.theme import ACCENT, FALL, GREY, INK, LINE, WIDTH, sector_colour
from emis.io.results import Result

__all__ = ["sectors", "stack_legend", "years"]

#: Years without an inventory are shown as gaps up to this many; beyond it a gap would be most of the figure.
_MOST_YEARS = 15


def sectors(result: Result, lang: Lang = "en", pollutant: str | None = None) -> Figure:
    """Draw emissions of a pollutant by sector and year [t], with the plan, and their total without it.

    Raises
    ------
    Undrawn
        When no year is projected, or the pollutant is not there.
    """
    name = chosen(result, pollutant)
    frame = by_sector(result, "emissions", name)
    frame["label"] = [sector_name(one, lang) for one in frame["sector"]]
    frame["shown"] = [f"{number(one, lang)} t" if one == one else number(None, lang) for one in frame["value"]]
    without = by_sector(result, "emissions_no_plan", name)
    totals = _totals(result, frame, without, lang)
    frame = frame.merge(totals[["year", "kind", "no_plan"]], on="year")
    base, last = base_year(result), last_year(result)
    total = totals.set_index("year")["total"]
    change = 100 * (total[last] / total[base] - 1) if total.get(base, 0) > 0 else np.nan
    title = _fall(name, base, last, change, total[last], lang)
    unit = pick(lang, "t per year; a black line is the total without the plan.", "单位：t/a；黑线为无计划情形合计。")
    columns = {
        "year": "year", "kind": "kind", "sector": "sector", "label": "sector name", "value": "emissions [t]",
        "missing": "not estimated [sources]", "no_plan": "total without plan [t]",
    }  # fmt: skip
    told = pick(
        lang,
        f"Stacked bars of {name} by sector and year. {title}; without the plan it would be"
        f" {number(totals.set_index('year')['no_plan'][last])} t.",
        f"{name} 分部门逐年排放量堆积柱状图。{title}；无计划情形为"
        f" {number(totals.set_index('year')['no_plan'][last])} t。",
    )
    below = [f"{unit} {source_line(result, lang)}", lacking(frame, lang)]
    return finished("sectors", title, below, _stacks(frame, totals, lang), frame, columns, told)


def _fall(name: str, base: int, last: int, change: float, left: float, lang: Lang) -> str:
    if change != change or left != left:
        return pick(lang, f"{name} by sector", f"{name} 分部门排放量")
    way = ("falls", "下降") if change <= 0 else ("rises", "上升")
    much, amount = per_cent(abs(change)), number(left)
    return pick(
        lang,
        f"{name} {way[0]} {much} from {base} to {last}, to {amount} t",
        f"{base}–{last} 年 {name} 排放量{way[1]} {much}，至 {amount} t",
    )


def _totals(result: Result, frame: pd.DataFrame, without: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return the totals of each year with what the year is; at least so much where some sources are not estimated."""
    given = inventory_years(result)
    found = frame.groupby("year", as_index=False).agg(
        total=("value", lambda one: one.sum(min_count=1)), missing=("missing", "sum")
    )
    bare = without.groupby("year")["value"].sum(min_count=1)
    found["no_plan"] = [np.nan if year in given else float(bare[year]) for year in found["year"]]
    found["projected"] = [year not in given for year in found["year"]]
    found["kind"] = [
        pick(lang, "projected", "预测") if one else pick(lang, "inventory", "清单") for one in found["projected"]
    ]
    least = "≥ "
    found["shown"] = [
        number(value, lang) if value != value or not missing else least + number(value, lang)
        for value, missing in zip(found["total"], found["missing"], strict=True)
    ]
    known = [one == one or projected for one, projected in zip(found["no_plan"], found["projected"], strict=True)]
    found["bare_shown"] = [
        number(one, lang) if there else "" for one, there in zip(found["no_plan"], known, strict=True)
    ]
    gaps = [year for year in _domain(found["year"]) if year not in set(found["year"])]
    absent = pd.DataFrame({"year": gaps, "kind": pick(lang, "no inventory", "无清单"), "shown": "", "bare_shown": ""})
    return pd.concat([found, absent], ignore_index=True) if gaps else found


def _domain(years: pd.Series) -> list[int]:
    """Return the years of the axis: those between too, where nothing is known, as long as they are few."""
    first, last = int(years.min()), int(years.max())
    return list(range(first, last + 1)) if last - first < _MOST_YEARS else [int(one) for one in years.unique()]


def stack_legend(names: list[str], lang: Lang) -> alt.Color:
    """Return the colours of sectors with their names, in the order of the stack from above."""
    above = names[::-1]
    return alt.Color(
        "label:N",
        scale=alt.Scale(domain=[sector_name(one, lang) for one in above], range=[sector_colour(one) for one in above]),
        legend=alt.Legend(title=None, orient="right", symbolType="square", symbolSize=120, labelLimit=150),
        sort=None,
    )


def _stacks(frame: pd.DataFrame, totals: pd.DataFrame, lang: Lang) -> Any:
    names = ordered(frame.loc[frame["value"] > 0, "sector"])
    drawn = frame[frame["sector"].isin(names)]
    drawn = drawn.assign(order=[names.index(one) for one in drawn["sector"]])
    x = alt.X(
        "year:O", title=None, scale=alt.Scale(domain=_domain(frame["year"]), paddingInner=0.35, paddingOuter=0.25),
        axis=alt.Axis(labelAngle=0, ticks=False, labelColor=INK, labelFontSize=12, labelPadding=6),
    )  # fmt: skip
    y = alt.Y("value:Q", title=None, stack="zero", axis=alt.Axis(format=",f", tickCount=6, domain=False, ticks=False))
    words = (("year", "年份"), ("sector", "部门"), ("emissions", "排放量"), ("is", "性质"))
    tips = [
        alt.Tooltip(f"{field}:N", title=pick(lang, *word))
        for field, word in zip(("year", "label", "shown", "kind"), words, strict=True)
    ]
    bars = alt.Chart(drawn).mark_bar(stroke="white", strokeWidth=0.8).encode(
        x, y, stack_legend(names, lang), order=alt.Order("order:Q"), tooltip=tips
    )  # fmt: skip
    ticks = alt.Chart(totals).mark_tick(color=ACCENT, thickness=2.5, orient="horizontal", width=alt.RelativeBandSize(1))
    bare = ticks.encode(
        x, alt.Y("no_plan:Q"),
        tooltip=[alt.Tooltip("bare_shown:N", title=pick(lang, "without the plan [t]", "无计划 [t]"))],
    )  # fmt: skip
    return alt.layer(bars, bare, *_below(totals, x, lang)).properties(
        width=WIDTH - (240 if lang == "en" else 190), height=300
    )


def _below(totals: pd.DataFrame, x: alt.X, lang: Lang) -> list[Any]:
    """Return a small table below the years: what each is, and its totals, where they cover nothing."""
    rows = (("kind", "", ""), ("shown", "with plan", "有计划"), ("bare_shown", "without", "无计划"))
    found: list[Any] = []
    for place, (field, en, zh) in enumerate(rows):
        at = alt.value(328 + 18 * place)
        mark = alt.Chart(totals).mark_text(
            baseline="top",
            fontWeight="bold" if field == "shown" else "normal",
            color=GREY if field == "kind" else INK,
        )
        found.append(mark.encode(x, y=at, text=f"{field}:N"))
        head = alt.Chart(pd.DataFrame({"said": [f"{pick(lang, en, zh)} [t]" if en else ""]}))
        found.append(
            head.mark_text(baseline="top", align="left", color=GREY).encode(x=alt.value(-84), y=at, text="said:N")
        )
    return found


# -- the index -------------------------------------------------------------------------------------------------------


def years(result: Result, lang: Lang = "en") -> Figure:
    """Draw total emissions of the pollutants of targets over those of the base year [%], with and without the plan.

    Raises
    ------
    Undrawn
        When no pollutant has a total in the base year.
    """
    frame = _index(result, lang)
    base, last = base_year(result), last_year(result)
    names = list(dict.fromkeys(frame["pollutant"]))
    at = frame[(frame["year"] == last)].set_index("pollutant")
    fallen = [one for one in names if at.loc[one, "plan"] < 100]
    title = pick(
        lang,
        f"Below {base} by {last}: {len(fallen)} of {len(names)} pollutants",
        f"到 {last} 年，{len(names)} 种污染物中有 {len(fallen)} 种低于 {base} 年",
    )
    about = pick(
        lang,
        f"Total emissions, {base} = 100. Solid: with the plan; dashed: without; band: 5 to 95 % of the draws, the"
        " uncertainty of the level in it; short line: what a target allows.",
        f"排放总量，{base} 年 = 100。实线：有计划；虚线：无计划；阴影：不确定性区间（第 5–95 百分位，含基准水平的"
        "不确定性）；短线：目标允许值。",
    )
    parts = [f"{one} {number(float(at.loc[one, 'plan']), lang)}" for one in names]
    told = pick(
        lang,
        f"Small charts of total emissions by year, {base} = 100. In {last}: ",
        f"排放总量逐年指数，{base} 年 = 100。{last} 年：",
    ) + ", ".join(parts)
    columns = {
        "year": "year", "pollutant": "pollutant", "plan": "with plan [% of base year]",
        "no_plan": "without plan [% of base year]", "low": "p05 [% of base year]", "high": "p95 [% of base year]",
        "ceiling": "target [% of base year]",
    }  # fmt: skip
    return finished(
        "years", title, [about, source_line(result, lang)], _panels(frame, names, lang), frame, columns, told
    )


def _index(result: Result, lang: Lang) -> pd.DataFrame:
    there = [str(one) for one in result.dataset["pollutant"].values]
    wanted = dict.fromkeys(str(one["pollutant"]) for one in emission_targets(result) if one["pollutant"] in there)
    names = list(wanted)[:6] or [chosen(result, None)]
    drawn = {(row["pollutant"], int(row["year"])): row for row in result.table("uncertainty.csv")
             if row["sector"] == "total"}  # fmt: skip
    base, given, rows = base_year(result), inventory_years(result), []
    for name in names:
        plan, bare = (_whole(by_sector(result, one, name)) for one in ("emissions", "emissions_no_plan"))
        unit = plan.get(base, np.nan)
        if not unit > 0:
            continue
        ceilings = {one["by"]: one["ceiling"] for one in emission_targets(result)
                    if one["pollutant"] == name and not one["select"] and one.get("ceiling") is not None}  # fmt: skip
        for year, value in plan.items():
            spread = drawn.get((name, year), {})
            ends = [float(spread[one]) if spread.get(one) else np.nan for one in ("p05 [t]", "p95 [t]")]
            # Before the base year there is no plan to be without; from it on both begin at 100.
            without = bare[year] if year == base or year not in given else np.nan
            values = (value, without, *ends, ceilings.get(year, np.nan))
            rows.append(
                {"year": year, "pollutant": name}
                | {
                    key: 100 * one / unit
                    for key, one in zip(("plan", "no_plan", "low", "high", "ceiling"), values, strict=True)
                }
            )
    if not rows:
        raise Undrawn("no pollutant of a target has a total in the base year")
    return pd.DataFrame(rows)


def _whole(frame: pd.DataFrame) -> dict[int, float]:
    """Return totals by year [t]; NaN where a source is not estimated."""
    sums = frame.groupby("year").agg(value=("value", "sum"), missing=("missing", "sum"))
    return {int(year): float(v) if not m else np.nan for year, v, m in zip(sums.index, sums["value"], sums["missing"])}  # noqa: B905


def _panels(frame: pd.DataFrame, names: list[str], lang: Lang) -> Any:
    across = min(3, len(names))
    wide = (WIDTH - 76 * across) / across
    values = frame[["plan", "no_plan", "low", "high", "ceiling"]].to_numpy()
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    scale = alt.Scale(domain=[min(25 * (low // 25), 75), max(25 * (high // 25 + 1), 125)], nice=False)
    panels = [_panel(frame[frame["pollutant"] == one], one, wide, scale, lang) for one in names]
    return alt.concat(*panels, columns=across, spacing={"row": 26, "column": 12})


def _panel(frame: pd.DataFrame, name: str, wide: float, scale: alt.Scale, lang: Lang) -> Any:
    span = [int(one) for one in frame["year"]]
    axis = alt.Axis(values=span, format="d", grid=False, title=None, labelOverlap=True, labelAngle=0)
    x = alt.X("year:Q", axis=axis, scale=alt.Scale(domain=[min(span), max(span)], nice=False, padding=8))
    left = alt.Axis(title=None, tickCount=5, domain=False, ticks=False)
    frame = frame.assign(
        shown=[number(one, lang) for one in frame["plan"]], bare=[number(one, lang) for one in frame["no_plan"]],
        range=[f"{number(low, lang)}–{number(high, lang)}" if low == low else number(None, lang)
               for low, high in zip(frame["low"], frame["high"], strict=True)],
    )  # fmt: skip
    on = alt.Chart(frame)
    tips = [
        alt.Tooltip("year:Q", title=pick(lang, "year", "年份"), format="d"),
        alt.Tooltip("shown:N", title=pick(lang, "with plan", "有计划")),
        alt.Tooltip("bare:N", title=pick(lang, "without", "无计划")),
        alt.Tooltip("range:N", title="5–95 %"),
    ]
    band = on.mark_area(color=FALL, opacity=0.16).encode(x, alt.Y("low:Q", axis=left, scale=scale), alt.Y2("high:Q"))
    bare = on.mark_line(color=GREY, strokeDash=[5, 3], strokeWidth=2).encode(x, alt.Y("no_plan:Q", scale=scale))
    plan = on.mark_line(color=FALL, strokeWidth=2.5, point=alt.OverlayMarkDef(size=34, color=FALL)).encode(
        x, alt.Y("plan:Q", scale=scale), tooltip=tips
    )  # fmt: skip
    goal = on.mark_tick(color=ACCENT, thickness=3, width=24, orient="horizontal").encode(
        x, alt.Y("ceiling:Q", scale=scale)
    )
    last = frame.sort_values("year").tail(1)
    end = alt.Chart(last).mark_text(align="left", dx=15, fontWeight="bold", color=FALL).encode(
        x, alt.Y("plan:Q", scale=scale), text="shown:N"
    )  # fmt: skip
    rule = alt.Chart(pd.DataFrame({"at": [100]})).mark_rule(color=LINE).encode(alt.Y("at:Q", scale=scale))
    head = alt.TitleParams(text=name, fontSize=12, anchor="start", frame="group", offset=6)
    return alt.layer(rule, band, bare, plan, goal, end).properties(width=wide, height=150, title=head)
