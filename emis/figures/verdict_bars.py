"""Targets side by side: how much of what was promised is delivered, how sure that is, and the verdict."""

from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from emis import console
from emis.ambient.words import unit_word
from emis.assessment import Verdict
from emis.figures.drawing import Figure, Undrawn, finished
from emis.figures.lettering import Lang, cut, number, per_cent, pick
from emis.figures.reading import source_line, target_of, title_of
from emis.figures.theme import (
    ACCENT,
    FAINT,
    GREY,
    INK,
    LINE,
    STATUS_COLOURS,
    STATUS_SHAPES,
    WIDTH,
    labels,
    tooltips,
    track,
)
from emis.io.results import Result

__all__ = ["targets"]

_LEFT, _PLOT, _STEP = 258, 168, 25
#: What is drawn of the part delivered [%]; what lies outside ends in an arrow at the edge.
_LOW, _HIGH = -50.0, 200.0
#: Where the columns on the right begin, from the left edge of the plot [px].
_NUMBERS, _CHANCE, _WORD = 16, 168, 188


def targets(result: Result, lang: Lang = "en") -> Figure:
    """Draw for every target which part of the way to it is gone [%], its interval, probability and verdict.

    The way of a reduction is from nothing to the reduction that was promised; that of a ceiling or a floor from what
    would be without any change of emissions to the threshold. So 100 % is the promise, whatever the unit.

    Raises
    ------
    Undrawn
        When the plan has no target.
    """
    if not result.verdicts:
        raise Undrawn("the plan has no target")
    frame = pd.DataFrame([_row(result, one, lang) for one in result.verdicts])
    met = int((frame["status"] == "MET").sum())
    open_ = int((frame["status"] == "UNDETERMINED").sum())
    title = pick(
        lang, f"Targets met: {met} of {len(frame)}" + (f"; {open_} cannot be told" if open_ else ""),
        f"{len(frame)} 项目标中 {met} 项达到，{open_} 项无法判定",
    )  # fmt: skip
    confidence = per_cent(100 * float(result.facts["uncertainty"]["confidence"]))
    about = pick(
        lang,
        f"Part of the way to each target [%]: 100 % is what was promised. Thin line: {confidence} interval; an arrow:"
        " it goes on. Right: delivered / required, probability, verdict.",
        f"各目标完成比例 [%]，100 % 为目标要求。细线：{confidence} 不确定性区间，箭头表示超出图幅；"
        "右侧：实现值 / 要求值、达标概率、结论。",
    )
    told = title + pick(lang, ". Met: ", "。达到：") + (", ".join(frame.loc[frame["status"] == "MET", "full"]) or "–")
    columns = {
        "target": "target",
        "full": "title",
        "status": "status",
        "required": "required",
        "achieved": "achieved",
        "lowest": "low",
        "highest": "high",
        "unit": "unit",
        "part": "delivered [% of required]",
        "low": "low [% of required]",
        "high": "high [% of required]",
        "probability": "probability",
    }
    return finished("targets", title, [about, source_line(result, lang)], _chart(frame, lang), frame, columns, told)


# -- one scale for all -----------------------------------------------------------------------------------------------


def _row(result: Result, one: Verdict, lang: Lang) -> dict[str, Any]:
    told = target_of(result, one.target)
    reason = next(v["reason"] for v in result.facts["verdicts"][lang] if v["target"] == one.target)
    start = _start(one, told)
    ends = [_part(one, start, value) for value in (one.low, one.high)]
    known = sorted(end for end in ends if end == end)
    low, high = known if len(known) == 2 else (np.nan, np.nan)
    full = title_of(told, lang)
    return {
        "target": one.target, "full": full, "status": one.status, "required": _float(one.required),
        "achieved": _float(one.achieved), "lowest": _float(one.low), "highest": _float(one.high), "unit": one.unit,
        "part": _part(one, start, one.achieved), "low": low, "high": high, "probability": _float(one.probability),
        "label": cut(f"{one.target}  {full}", _LEFT - 14), "numbers": _numbers(one, lang),
        "chance": "" if one.probability is None else _chance(one.probability),
        "word": _word(one.status, lang),
        "why": cut(reason.split("; ")[0].split("；")[0], 0.78 * _PLOT, 10) if one.status == "UNDETERMINED" else "",
        "reason": cut(reason, 600),
    }  # fmt: skip


def _start(one: Verdict, told: dict[str, Any]) -> float:
    """Return where the way to a target begins, in its unit: NaN where that is not known."""
    if told["sense"] == "reduce":
        return 0.0
    if one.unchanged is not None:
        return one.unchanged
    return _float(
        told.get("before") if told.get("before") is not None else (0.0 if told["sense"] == "at_least" else None)
    )


def _part(one: Verdict, start: float, value: float | None) -> float:
    if value is None or one.required is None or one.required == start:
        return np.nan
    return 100 * (value - start) / (one.required - start)


def _float(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _numbers(one: Verdict, lang: Lang) -> str:
    """Return what is delivered and what is required, with the unit once."""
    if one.achieved is None:
        return "–"
    unit = unit_word(one.unit, lang)
    short = per_cent if one.unit == "%" else number
    first, required = short(one.achieved), "–" if one.required is None else short(one.required)
    if first == required and one.status == "MISSED":  # a miss that rounding would hide
        first = f"{one.achieved:.4g}"
    return f"{first.removesuffix(' %')} / {required.removesuffix(' %')} {unit}"


def _chance(probability: float) -> str:
    if probability < 0.01:
        return "< 1 %"
    return "> 99 %" if probability > 0.99 else per_cent(100 * probability)


def _word(status: str, lang: Lang) -> str:
    english = {"MET": "met", "MISSED": "missed", "UNDETERMINED": "cannot be told"}
    return english.get(status, status) if lang == "en" else console.word(status, lang)


# -- the chart -------------------------------------------------------------------------------------------------------


def _chart(frame: pd.DataFrame, lang: Lang) -> Any:
    count = len(frame)
    data = frame.assign(
        row=range(count),
        zero=0.0,
        bar=frame["part"].clip(_LOW, _HIGH),
        left=frame["low"].clip(_LOW, _HIGH),
        right=frame["high"].clip(_LOW, _HIGH),
        colour=[STATUS_COLOURS[one] for one in frame["status"]],
        shape=[STATUS_SHAPES[one] for one in frame["status"]],
        tip=[f"{per_cent(one, lang)}" for one in frame["part"]],
        range=[
            "–"
            if low != low
            else pick(lang, f"{per_cent(low)} to {per_cent(high)}", f"{per_cent(low)} 至 {per_cent(high)}")
            for low, high in zip(frame["low"], frame["high"], strict=True)
        ],
    )
    scale = alt.Scale(domain=[_LOW, _HIGH], nice=False)
    axis = alt.Axis(values=[0, 100, 200], title=None, domain=False, ticks=False, format="d", labelOverlap=False)
    x, y = alt.X("bar:Q", scale=scale, axis=axis), track(count)
    words = (
        ("full", "target", "目标"),
        ("numbers", "delivered / required", "实现 / 要求"),
        ("tip", "part of the way", "完成比例"),
        ("range", "interval", "不确定性区间"),
        ("chance", "probability", "概率"),
        ("word", "verdict", "结论"),
        ("reason", "because", "依据"),
    )
    tips = tooltips(words, lang)
    on = alt.Chart(data)
    stripes = alt.Chart(data[data["row"] % 2 == 1]).mark_rect(color=FAINT, opacity=0.45).encode(
        x=alt.value(-_LEFT), x2=alt.value(WIDTH - _LEFT - 8), y=y, tooltip=tips
    )  # fmt: skip
    bars = on.mark_bar(height=alt.RelativeBandSize(0.55)).encode(
        x, y, alt.X2("zero:Q"), alt.Color("colour:N", scale=None), tooltip=tips
    )  # fmt: skip
    spread = on.mark_rule(color=INK, strokeWidth=1.2).encode(
        alt.X("left:Q", scale=scale, axis=axis), y, alt.X2("right:Q")
    )
    start = alt.Chart(pd.DataFrame({"at": [0]})).mark_rule(color=LINE).encode(alt.X("at:Q", scale=scale))
    asked = alt.Chart(data[data["part"].notna()].assign(at=100.0)).mark_tick(
        color=ACCENT, thickness=2.5, height=_STEP, orient="vertical"
    ).encode(alt.X("at:Q", scale=scale), y)  # fmt: skip
    why = on.mark_text(align="left", dx=3, fontSize=10, color=GREY).encode(
        alt.X("zero:Q", scale=scale), y, text="why:N"
    )  # fmt: skip
    layers = [stripes, start, bars, spread, *_arrows(data, scale, y), asked, why, *labels(data, count, _LEFT)]
    return alt.layer(*layers, *_columns(data, y, lang)).properties(width=_PLOT, height=_STEP * count)


def _arrows(data: pd.DataFrame, scale: alt.Scale, y: alt.Y) -> list[Any]:
    """Return arrows where an interval goes beyond the edge."""
    found = []
    for field, edge, shape in (("low", _LOW, "triangle-left"), ("high", _HIGH, "triangle-right")):
        beyond = data[data["low"] < edge] if field == "low" else data[data["high"] > edge]
        mark = alt.Chart(beyond.assign(edge=edge)).mark_point(shape=shape, size=40, filled=True, color=INK, opacity=1)
        found.append(mark.encode(alt.X("edge:Q", scale=scale), y))
    return found


def _columns(data: pd.DataFrame, y: alt.Y, lang: Lang) -> list[Any]:
    on = alt.Chart(data)
    found: list[Any] = [
        on.mark_text(align="left").encode(x=alt.value(_PLOT + _NUMBERS), y=y, text="numbers:N"),
        on.mark_text(align="right").encode(x=alt.value(_PLOT + _CHANCE), y=y, text="chance:N"),
        on.mark_text(align="left", fontWeight="bold").encode(
            x=alt.value(_PLOT + _WORD + 14), y=y, text="word:N", color=alt.Color("colour:N", scale=None)
        ),
    ]
    for status, rows in data.groupby("status"):
        mark = alt.Chart(rows).mark_point(
            shape=STATUS_SHAPES[str(status)], size=60, strokeWidth=2.2, opacity=1, color=STATUS_COLOURS[str(status)]
        )
        found.append(mark.encode(x=alt.value(_PLOT + _WORD), y=y))
    heads: tuple[tuple[int, Literal["left", "right"], str, str], ...] = (
        (_NUMBERS, "left", "delivered / required", "实现 / 要求"),
        (_CHANCE, "right", "probability", "概率"),
        (_WORD - 6, "left", "verdict", "结论"),
    )
    for at, align, en, zh in heads:
        head = alt.Chart(pd.DataFrame({"said": [pick(lang, en, zh)]}))
        found.append(head.mark_text(align=align, baseline="bottom", color=GREY, fontSize=10).encode(
            x=alt.value(_PLOT + at), y=alt.value(-4), text="said:N"
        ))  # fmt: skip
    return found
