"""What a verdict hangs on: inputs moved one at a time from their 5th to their 95th percentile."""

from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from emis.ambient.words import unit_word
from emis.assessment import Verdict
from emis.figures.drawing import Figure, Undrawn, finished
from emis.figures.lettering import Lang, cut, number, per_cent, pick
from emis.figures.reading import emission_targets, source_line, verdict_title
from emis.figures.theme import ACCENT, FALL, GREY, INK, RISE, WIDTH, labels, tooltips, track
from emis.io.results import Result

__all__ = ["tornado"]

_LEFT, _STEP, _MOST = 300, 24, 10


def tornado(result: Result, lang: Lang = "en", target: str | None = None) -> Figure:
    """Draw what a target reaches with one input at its 5th and 95th percentile, in the unit of its verdict.

    Raises
    ------
    Undrawn
        When nothing was drawn, or nothing of this target.
    """
    verdict, rows = _asked(result, target)
    frame = _frame(result, rows, lang)
    unit, title_ = unit_word(verdict.unit, lang), verdict_title(result, verdict.target, lang)
    first = frame.iloc[0]
    title = pick(lang, f"What decides most: {first['full']}", f"影响最大的输入：{first['full']}")
    about = pick(
        lang,
        f"{title_}: what is delivered [{unit}] when one input alone is at its 5th (open) or its 95th"
        " percentile (filled).",
        f"{title_}：单一输入取第 5 百分位（空心）与第 95 百分位（实心）时的结果 [{unit}]。",
    )
    told = title + pick(
        lang,
        f": from {number(first['at_p05'])} to {number(first['at_p95'])} {unit}; {number(verdict.required)} {unit} is"
        f" required, {number(verdict.achieved)} {unit} is delivered.",
        f"，结果由 {number(first['at_p05'])} 变为 {number(first['at_p95'])} {unit}；"
        f"要求 {number(verdict.required)} {unit}，实现 {number(verdict.achieved)} {unit}。",
    )
    columns = {
        "input": "input",
        "full": "in words",
        "share": "share of variance",
        "at_p05": f"at p05 [{verdict.unit}]",
        "at_p95": f"at p95 [{verdict.unit}]",
    }
    below = [about, source_line(result, lang)]
    return finished("tornado", title, below, _chart(frame, verdict, unit, lang), frame, columns, told)


def _asked(result: Result, target: str | None) -> tuple[Verdict, list[dict[str, str]]]:
    """Return the verdict and its bars: of the target that is asked for, or the first on emissions, or the first."""
    rows = result.table("sensitivity.csv")
    there = list(dict.fromkeys(row["target"] for row in rows))
    wanted = [target] if target else [*(one["id"] for one in emission_targets(result)), *there]
    name = next((one for one in wanted if one in there), None)
    verdict = next((one for one in result.verdicts if one.target == name), None)
    if verdict is None:
        raise Undrawn("nothing was drawn of a target")
    return verdict, [row for row in rows if row["target"] == name][:_MOST]


def _frame(result: Result, rows: list[dict[str, str]], lang: Lang) -> pd.DataFrame:
    called = result.facts["inputs"]

    def known(text: str) -> float:
        return float(text) if text else np.nan

    return pd.DataFrame(
        {
            "input": row["input"],
            "full": called.get(row["input"], {}).get(lang) or row["input"],
            "share": known(row["variance_share"]),
            "at_p05": known(row["at_p05"]),
            "at_p95": known(row["at_p95"]),
        }
        for row in rows
    )


def _chart(frame: pd.DataFrame, verdict: Verdict, unit: str, lang: Lang) -> Any:
    count = len(frame)
    data = frame.assign(
        row=range(count), label=[cut(one, _LEFT - 12) for one in frame["full"]],
        low=[f"{number(one, lang)} {unit}" for one in frame["at_p05"]],
        high=[f"{number(one, lang)} {unit}" for one in frame["at_p95"]],
        left=frame[["at_p05", "at_p95"]].min(axis=1), right=frame[["at_p05", "at_p95"]].max(axis=1),
        part=["–" if one != one else per_cent(100 * one) for one in frame["share"]],
    )  # fmt: skip
    lines: list[tuple[float, str, str, list[int]]] = []
    if verdict.required is not None:
        lines.append((verdict.required, pick(lang, "required", "要求"), ACCENT, [5, 3]))
    if verdict.achieved is not None:
        lines.append((verdict.achieved, pick(lang, "central", "中心估计"), GREY, [1, 0]))
    ends = [*data["left"], *data["right"], *(one[0] for one in lines)]
    pad = 0.06 * ((max(ends) - min(ends)) or 1)
    scale = alt.Scale(domain=[min(ends) - pad, max(ends) + pad], nice=False, zero=False)
    axis = alt.Axis(title=unit, tickCount=6, domain=False, ticks=False, format=",~f")
    y, on = track(count), alt.Chart(data)
    words = (
        ("full", "input", "输入"),
        ("low", "at its 5th percentile", "第 5 百分位"),
        ("high", "at its 95th percentile", "第 95 百分位"),
        ("part", "of the variance", "方差占比"),
    )
    tips = tooltips(words, lang)
    bars = on.mark_bar(color="#c9d7e3", height=9).encode(
        alt.X("left:Q", scale=scale, axis=axis), y, alt.X2("right:Q"), tooltip=tips
    )
    low = on.mark_point(size=62, color=FALL, fill="white", strokeWidth=2.2, opacity=1).encode(
        alt.X("at_p05:Q", scale=scale), y, tooltip=tips
    )
    high = on.mark_point(size=62, color=RISE, filled=True, opacity=1).encode(
        alt.X("at_p95:Q", scale=scale), y, tooltip=tips
    )
    shares = on.mark_text(align="right", color=GREY).encode(x=alt.value(WIDTH - _LEFT - 8), y=y, text="part:N")
    head = alt.Chart(pd.DataFrame({"said": [pick(lang, "variance", "方差占比")]})).mark_text(
        align="right", baseline="bottom", color=GREY, fontSize=10
    ).encode(x=alt.value(WIDTH - _LEFT - 8), y=alt.value(-4), text="said:N")  # fmt: skip
    rules = [part for one in lines for part in _rule(*one, scale=scale, unit=unit, other=[value[0] for value in lines])]
    layers = [*rules, bars, low, high, shares, head, *labels(data, count, _LEFT)]
    return alt.layer(*layers).properties(width=WIDTH - _LEFT - 70, height=_STEP * count)


def _rule(
    at: float, word: str, colour: str, dash: list[int], *, scale: alt.Scale, unit: str, other: list[float]
) -> list[Any]:
    """Return a line and what it says, on the side where the other line is not."""
    side: Literal["left", "right"] = (
        "left" if at >= max(other) else "right"
    )  # how the text is aligned: it runs away from the other line
    on = alt.Chart(pd.DataFrame({"at": [at], "said": [f"{word} {number(at)} {unit}"]}))
    said = on.mark_text(align=side, baseline="bottom", dx=-5 if side == "left" else 5, color=INK, fontWeight="bold")
    return [
        on.mark_rule(color=colour, strokeWidth=1.8, strokeDash=dash).encode(alt.X("at:Q", scale=scale)),
        said.encode(alt.X("at:Q", scale=scale), y=alt.value(-16), text="said:N"),
    ]
