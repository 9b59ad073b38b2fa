"""What a reduction costs: the least price of each, and the price of each further step."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from emis.figures.drawing import Figure, Undrawn, finished
from emis.figures.lettering import Lang, number, per_cent, pick
from emis.figures.reading import source_line, target_of, title_of
from emis.figures.theme import ACCENT, FALL, GREY, INK, RISE, WIDTH, tooltips
from emis.io.results import Result
from emis.target_names import short_name

__all__ = ["cost_curve"]


def cost_curve(result: Result, lang: Lang = "en") -> Figure:
    """Draw the least price of reductions [%] of a target, in money or effort, and of each further step.

    Raises
    ------
    Undrawn
        When no curve was solved for.
    """
    remedies = result.facts["remedies"]
    curve = remedies["curve"] if remedies else None
    if not curve or not curve["points"]:
        raise Undrawn("no curve was solved for")
    told = target_of(result, curve["target"])
    frame = pd.DataFrame(
        {name: np.nan if point[name] is None else point[name] for name in
         ("reduction", "reached", "price", "achieved", "removed", "incremental", "bound")}
        for point in curve["points"]
    )  # fmt: skip
    word, unit = _price(curve, lang)
    reached = frame[frame["reached"]]
    if reached.empty:
        raise Undrawn("no point of the curve can be reached")
    title = _message(
        short_name(told, result.facts["sectors"], lang),
        reached,
        float(frame.loc[~frame["reached"].astype(bool), "reduction"].min()),
        word,
        lang,
    )
    about = pick(
        lang,
        f"{title_of(told, lang)}. Above: least {word} of a reduction since {told['since']}, with measures of the plan"
        f" and options beyond it; below: {word} of each further {curve['unit']}. Crosses: cannot be reached.",
        f"{title_of(told, lang)}。上：相对 {told['since']} 年各减排比例的最低{word}（计划措施与备选措施）；"
        f"下：每再减 1 {curve['unit']} 的{word}。叉号：无法达到。",
    )
    last = reached.iloc[-1]
    spoken = title + pick(
        lang, f". At {per_cent(last['reduction'])} the {word} is {number(last['price'])}.",
        f"。减排 {per_cent(last['reduction'])} 时{word}为 {number(last['price'])}。",
    )  # fmt: skip
    money = curve["money"] or curve["minimised"]
    columns = {
        "reduction": "reduction [%]", "reached": "reached", "achieved": "achieved [%]", "price": f"price [{money}]",
        "removed": f"removed [{curve['unit']}]", "incremental": f"incremental [{money}/{curve['unit']}]",
        "bound": f"lower bound of price [{money}]",
    }  # fmt: skip
    chart = _chart(frame, told, (f"{word}{unit}", curve["unit"]), lang)
    return finished("cost_curve", title, [about, source_line(result, lang)], chart, frame, columns, spoken)


def _price(curve: dict[str, Any], lang: Lang) -> tuple[str, str]:
    """Return what is minimised in words, and its unit in brackets."""
    if curve["minimised"] == "effort":
        return pick(lang, "effort", "工作量"), pick(lang, " [points]", " [点]")
    return pick(lang, "cost", "成本"), f" [{curve['money']}]" if curve["money"] else ""


def _message(name: str, reached: pd.DataFrame, least: float, word: str, lang: Lang) -> str:
    most, price = float(reached["reduction"].max()), number(float(reached.iloc[-1]["price"]))
    if least == least:
        return pick(
            lang,
            f"{name} can fall by {per_cent(most)}, at {word} {price}; {per_cent(least)} is out of reach",
            f"{name} 可下降 {per_cent(most)}，{word} {price}；采用全部备选措施也无法下降 {per_cent(least)}",
        )
    return pick(
        lang,
        f"{name} can fall by {per_cent(most)}, at {word} {price}",
        f"{name} 可下降 {per_cent(most)}，{word} {price}",
    )


def _chart(frame: pd.DataFrame, told: dict[str, Any], units: tuple[str, str], lang: Lang) -> Any:
    low, high = 0.0, float(frame["reduction"].max()) + 2.5
    scale = alt.Scale(domain=[low, high], nice=False)
    data = frame.assign(
        shown=[number(one, lang) for one in frame["price"]],
        further=[number(one, lang) for one in frame["incremental"]],
        asked=[per_cent(one) for one in frame["reduction"]],
        at=frame["reduction"].shift(1).fillna(0.0),
        tonnes=[number(one, lang) for one in frame["removed"]],
    )
    words = (
        ("asked", "reduction", "减排比例"),
        ("shown", units[0], units[0]),
        ("tonnes", f"removed [{units[1]}]", f"减排量 [{units[1]}]"),
        ("further", f"per further {units[1]}", f"每再减 1 {units[1]}"),
    )
    tips = tooltips(words, lang)
    reached, missed = data[data["reached"]], data[~data["reached"].astype(bool)]
    bare = alt.Axis(values=list(frame["reduction"]), labels=False, ticks=False, title=None)
    above = _price_panel(reached, missed, scale, bare, units[0], tips, told, lang)
    asked = pick(lang, "reduction [%]", "减排比例 [%]")
    axis = alt.Axis(values=list(frame["reduction"]), title=asked, ticks=False, format="~g")
    y = alt.Y("incremental:Q", axis=_left(pick(lang, f"per further {units[1]}", f"每再减 1 {units[1]}")))
    steps = alt.Chart(reached.assign(zero=0.0)).mark_rect(color=FALL, opacity=0.75, stroke="white").encode(
        alt.X("at:Q", scale=scale, axis=axis), y, alt.X2("reduction:Q"), alt.Y2("zero:Q"), tooltip=tips
    )  # fmt: skip
    wide = WIDTH - 80
    below = alt.layer(steps).properties(width=wide, height=110)
    return alt.vconcat(above.properties(width=wide, height=210), below, spacing=14)


def _left(title: str) -> alt.Axis:
    return alt.Axis(title=title, minExtent=40, maxExtent=40, tickCount=5, domain=False, ticks=False, format=",~f")


def _price_panel(
    reached: pd.DataFrame, missed: pd.DataFrame, scale: alt.Scale, axis: alt.Axis, unit: str, tips: Any,
    told: dict[str, Any], lang: Lang,
) -> Any:  # fmt: skip
    x, y = (
        alt.X("reduction:Q", scale=scale, axis=axis),
        alt.Y(
            "price:Q",
            axis=_left(unit),
            scale=alt.Scale(domainMin=0, domainMax=1.12 * float(reached["price"].max() or 1), nice=False),
        ),
    )
    on = alt.Chart(reached)
    layers = [
        on.mark_line(color=FALL, strokeWidth=2.5).encode(x, y),
        on.mark_point(color=FALL, filled=True, size=55, opacity=1).encode(x, y, tooltip=tips),
        on.mark_text(align="right", dx=-7, dy=-7, color=INK).encode(x, y, text="shown:N"),
    ]
    if len(missed):
        cross = alt.Chart(missed).mark_point(
            shape="M-0.8,-0.8L0.8,0.8M-0.8,0.8L0.8,-0.8", size=70, color=RISE, strokeWidth=2, opacity=1
        )
        layers.append(cross.encode(x, y=alt.value(12), tooltip=tips))
        said = alt.Chart(missed.head(1).assign(said=pick(lang, "cannot be reached", "无法达到")))
        layers.append(
            said.mark_text(align="left", dx=-4, color=RISE, baseline="top").encode(x, y=alt.value(24), text="said:N")
        )
    if told["reduce_by"] is not None:
        asked = 100 * told["reduce_by"]
        goal = alt.Chart(
            pd.DataFrame({"at": [asked], "said": [pick(lang, f"target {per_cent(asked)}", f"目标 {per_cent(asked)}")]})
        )
        layers.append(
            goal.mark_rule(color=ACCENT, strokeDash=[5, 3], strokeWidth=1.5).encode(
                alt.X("at:Q", scale=scale, axis=axis)
            )
        )
        layers.append(goal.mark_text(align="left", dx=-4, baseline="bottom", fontWeight="bold").encode(
            alt.X("at:Q", scale=scale, axis=axis), y=alt.value(-3), text="said:N"
        ))  # fmt: skip
    layers += _delivered(told, scale, axis, lang)
    return alt.layer(*layers)


def _delivered(told: dict[str, Any], scale: alt.Scale, axis: alt.Axis, lang: Lang) -> list[Any]:
    """Return a line at what the plan delivers by itself."""
    if not told.get("before") or told.get("after") is None:
        return []
    now = 100 * (1 - told["after"] / told["before"])
    on = alt.Chart(
        pd.DataFrame({"at": [now], "said": [pick(lang, f"the plan {per_cent(now)}", f"本计划 {per_cent(now)}")]})
    )
    return [
        on.mark_rule(color=GREY, strokeWidth=1.5).encode(alt.X("at:Q", scale=scale, axis=axis)),
        on.mark_text(align="right", dx=4, baseline="bottom", color=GREY).encode(
            alt.X("at:Q", scale=scale, axis=axis), y=alt.value(-3), text="said:N"
        ),
    ]  # fmt: skip
