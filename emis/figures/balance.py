"""From the base year to the target year: what drivers change, what each measure takes off, and what was asked for."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from emis.figures.drawing import Figure, Undrawn, finished
from emis.figures.lettering import Lang, cut, number, per_cent, pick
from emis.figures.reading import (
    base_year,
    emission_targets,
    measure_names,
    selected,
    source_line,
    target_of,
    title_of,
)
from emis.figures.theme import ACCENT, FALL, INK, OTHERS, RISE, WIDTH, labels, track
from emis.io.results import Result
from emis.target_names import short_name

__all__ = ["steps_chart", "waterfall"]

#: Measures that have a bar of their own.
_MOST = 12
_LEFT, _RIGHT = 262, 78


def waterfall(result: Result, lang: Lang = "en", target: str | None = None) -> Figure:
    """Draw how emissions of a target come from the base year to its year, by Shapley shares of the measures [t].

    Raises
    ------
    Undrawn
        When no target is on emissions, or the amounts of this one are not known.
    """
    told = _target(result, target)
    frame = pd.DataFrame(_rows(result, told, lang))
    title, unit = _message(told, short_name(told, result.facts["sectors"], lang), lang), str(told["amount_unit"])
    cause = pick(
        lang,
        f"{title_of(told, lang)}. {told['pollutant']} in {unit}; share of each measure: mean over every order in which"
        " they could come into place.",
        f"{title_of(told, lang)}。{told['pollutant']}，单位 {unit}；措施贡献为 Shapley 份额。",
    )
    note = (
        pick(lang, "The axis does not begin at 0.", "横轴不从 0 开始。") if _floor(frame, told["ceiling"]) > 0 else ""
    )
    columns = {
        "step": "step",
        "kind": "kind",
        "label": "what",
        "begin": "from [t]",
        "end": "to [t]",
        "change": "change [t]",
    }
    most = frame[frame["kind"] == "measure"].head(1)
    spoken = (
        title
        + pick(lang, ". ", "。")
        + "".join(
            pick(
                lang,
                f"The largest step is {name}: {number(value, signed=True)} t.",
                f"最大一项为{name}：{number(value, signed=True)} t。",
            )
            for name, value in zip(most["label"], most["change"], strict=True)
        )
    )
    goal = (told["ceiling"], _goal(told, lang))
    chart = steps_chart(frame, goal, _floor(frame, told["ceiling"]), "t", lang)
    return finished("waterfall", title, [f"{cause} {note}", source_line(result, lang)], chart, frame, columns, spoken)


def _target(result: Result, name: str | None) -> dict[str, Any]:
    found = emission_targets(result) if name is None else [target_of(result, name)]
    if not found or found[0].get("after") is None or found[0]["indicator"] != "emissions":
        raise Undrawn("no target on emissions has amounts that are known")
    return found[0]


def _message(told: dict[str, Any], name: str, lang: Lang) -> str:
    since, by = told["since"], told["by"]
    if not told["before"]:
        return pick(
            lang,
            f"{name}: {number(told['after'])} t are left in {by}",
            f"{by} 年 {name} 剩余 {number(told['after'])} t",
        )
    change = 100 * (told["after"] / told["before"] - 1)
    fall = per_cent(abs(change))
    way = pick(lang, "falls" if change <= 0 else "rises", "下降" if change <= 0 else "上升")
    said = pick(lang, f"{name} {way} {fall} from {since} to {by}", f"{since}–{by} 年 {name} {way} {fall}")
    if told["reduce_by"] is None:
        return said
    asked = per_cent(100 * told["reduce_by"])
    return said + pick(lang, f"; a fall of {asked} was promised", f"；目标为下降 {asked}")


def _goal(told: dict[str, Any], lang: Lang) -> str:
    if told["ceiling"] is None:
        return ""
    missing = told["after"] - told["ceiling"]
    said = pick(lang, f"allowed: {number(told['ceiling'])} t", f"目标上限 {number(told['ceiling'])} t")
    return said + (
        pick(lang, f" ({number(missing)} t too many)", f"（超出 {number(missing)} t）") if missing > 0 else ""
    )


# -- the steps -------------------------------------------------------------------------------------------------------


def _rows(result: Result, told: dict[str, Any], lang: Lang) -> list[dict[str, Any]]:
    """Return totals and the steps between them: what they begin and end at, in order; they add up."""
    base, by, since = base_year(result), int(told["by"]), told["since"]
    plan = selected(result, "emissions", told["pollutant"], told["selector"])
    start, bare, after = plan.get(base, np.nan), float(told["no_plan"]), float(told["after"])
    if not np.isclose(plan.get(by, np.nan), after, rtol=1e-9) or start != start:
        raise Undrawn("what the target selects is not told by the arrays of the result")
    rows: list[dict[str, Any]] = []

    def total(label: str, value: float) -> None:
        rows.append({"kind": "total", "label": label, "begin": 0.0, "end": value, "change": np.nan})

    if since is not None and since != base and told["before"] is not None:
        total(pick(lang, f"{since}, counted from", f"{since} 年（起算年）"), float(told["before"]))
    total(pick(lang, f"{base}, base year", f"{base} 年（基准年）"), start)
    at = start
    drivers = pick(lang, "Drivers: growth, natural turnover", "驱动因素（活动增长、自然更新）")
    for kind, label, change in [("drivers", drivers, bare - start), *_measures(result, told, after - bare, lang)]:
        rows.append({"kind": kind, "label": label, "begin": at, "end": at + change, "change": change})
        at += change
    total(pick(lang, f"{by}, with the plan", f"{by} 年（有计划）"), after)
    return [{"step": place, **row} for place, row in enumerate(rows)]


def _measures(result: Result, told: dict[str, Any], whole: float, lang: Lang) -> list[tuple[str, str, float]]:
    """Return what each measure changes, the largest first, small ones in one; all in one where shares are not told."""
    by_label = told["selector"]
    everything = ("others", pick(lang, "All measures of the plan", "计划全部措施"), whole)
    if set(by_label) - {"sector"}:
        return [everything]
    shares = result.dataset["contributions"].sel(year=int(told["by"]), pollutant=told["pollutant"])
    names = result.dataset["sector_name"].values.astype(str)
    mine = np.isin(names, by_label["sector"]) if by_label else np.ones(len(names), dtype=bool)
    values = shares.transpose("measure", "sector").values[:, mine].sum(axis=1)
    if not np.isclose(values.sum(), whole, rtol=1e-6, atol=1e-9 * max(abs(float(told["no_plan"])), 1)):
        return [everything]
    called = measure_names(result, lang)
    ids = [str(one) for one in result.dataset["measure"].values]
    ranked = sorted((i for i in range(len(ids)) if values[i] != 0), key=lambda i: (-abs(values[i]), ids[i]))
    own = ranked if len(ranked) <= _MOST + 1 else ranked[:_MOST]
    found = [("measure", called.get(ids[i], ids[i]), float(values[i])) for i in own]
    rest = len(ranked) - len(own)
    if rest:
        label = pick(lang, f"{rest} other measures", f"其他 {rest} 项措施")
        # What is left over, so that rounding of the shares does not keep the steps from closing.
        found.append(("others", label, whole - sum(value for _, _, value in found)))
    return found


def _floor(frame: pd.DataFrame, ceiling: float | None) -> float:
    """Return where the axis begins: at 0, unless steps would be too small to see."""
    ends = [*frame["end"], *([ceiling] if ceiling is not None else [])]
    low, high = min(ends), max(ends)
    return 0.0 if low < 0.45 * high else low - 0.12 * (high - low)


# -- the chart -------------------------------------------------------------------------------------------------------


def steps_chart(
    frame: pd.DataFrame, goal: tuple[float | None, str], floor: float, unit: str, lang: Lang, good: int = -1
) -> Any:
    """Return rows of totals and of the steps between them, against a line.

    Parameters
    ----------
    frame : DataFrame
        `step`, `kind`, `label`, `begin`, `end`, `change`, and where a total has an interval `low` and `high`.
    goal : tuple
        Where the line stands, None for none, and what it says.
    good : int
        Which way a step goes that is good: -1 down, 1 up.
    """
    count, whole = len(frame), frame["kind"].isin(["total", "model"])
    shown = [
        number(end if one else change, signed=not one)
        for one, end, change in zip(whole, frame["end"], frame["change"], strict=True)
    ]
    data = frame.assign(
        row=range(count), begin=np.where(whole, floor, frame["begin"]), shown=shown, bold=frame["kind"] == "total",
        fill=[_fill(kind, change, good) for kind, change in zip(frame["kind"], frame["change"], strict=True)],
        full=frame["label"], label=[cut(one, _LEFT - 14) for one in frame["label"]],
        right=[max(pair) for pair in zip(np.where(whole, floor, frame["begin"]), frame["end"], strict=True)],
    )  # fmt: skip
    if "high" in data:
        data["right"] = data[["right", "high"]].max(axis=1)
    data["tip"] = [f"{one} {unit}" for one in shown]
    tops = [float(data["right"].max()), *([goal[0]] if goal[0] is not None else [])]
    low = min([floor, *([float(data["low"].min())] if "low" in data and data["low"].notna().any() else [])])
    scale = alt.Scale(domain=[low, low + (max(tops) - low) * 1.03], nice=False, zero=False)
    x = alt.X("begin:Q", scale=scale, axis=alt.Axis(title=unit, format=",~f", tickCount=6, domain=False, ticks=False))
    tips = [
        alt.Tooltip("full:N", title=pick(lang, "step", "步骤")),
        alt.Tooltip("tip:N", title=pick(lang, "change or total", "变化或合计")),
    ]
    on, y = alt.Chart(data), track(count)
    bars = on.mark_bar().encode(x, y, alt.X2("end:Q"), alt.Color("fill:N", scale=None), tooltip=tips)
    # Numbers stand on a white edge of their own, so that the line of the target does not cross them.
    at = alt.X("right:Q", scale=scale)
    edge = on.mark_text(align="left", dx=6, baseline="middle", stroke="white", strokeWidth=4)
    numbers = [one.encode(at, y, text="shown:N") for one in (edge, on.mark_text(align="left", dx=6, baseline="middle"))]
    layers = [bars, *labels(data, count, _LEFT), *_breaks(data, floor, y), *_interval(data, y, scale)]
    return alt.layer(*layers, *_line(goal, scale, count), *numbers).properties(
        width=WIDTH - _LEFT - _RIGHT, height=22 * count
    )


def _fill(kind: str, change: float, good: int) -> str:
    if kind == "total":
        return "#7d7d7d"
    if kind == "model":
        return OTHERS
    return FALL if change * good >= 0 else RISE


def _breaks(data: pd.DataFrame, floor: float, y: alt.Y) -> list[Any]:
    """Return the marks of bars that are broken off, for an axis that does not begin at 0."""
    if floor <= 0:
        return []
    mark = alt.Chart(data[data["change"].isna()]).mark_text(
        fontSize=17, fontWeight="bold", color="white", baseline="middle"
    )
    return [mark.encode(x=alt.value(14), y=y, text=alt.value("//"))]


def _interval(data: pd.DataFrame, y: alt.Y, scale: alt.Scale) -> list[Any]:
    if "low" not in data:
        return []
    known = alt.Chart(data[data["low"].notna()])
    ends = [
        known.mark_tick(color=INK, thickness=2, height=9, orient="vertical").encode(alt.X(f"{one}:Q", scale=scale), y)
        for one in ("low", "high")
    ]
    return [known.mark_rule(color=INK, strokeWidth=2).encode(alt.X("low:Q", scale=scale), y, alt.X2("high:Q")), *ends]


def _line(goal: tuple[float | None, str], scale: alt.Scale, count: int) -> list[Any]:
    if goal[0] is None:
        return []
    on = alt.Chart(pd.DataFrame({"at": [goal[0]], "said": [goal[1]]}))
    rule = on.mark_rule(color=ACCENT, strokeDash=[5, 3], strokeWidth=1.5).encode(alt.X("at:Q", scale=scale))
    said = on.mark_text(align="left", baseline="bottom", fontWeight="bold", dy=-3, dx=-4).encode(
        alt.X("at:Q", scale=scale), y=alt.value(0), text="said:N"
    )  # fmt: skip
    return [rule, said]
