"""Milestones: which share of each promise is planned by the end of each year, and what has been observed."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from emis.figures.drawing import Figure, Undrawn, finished
from emis.figures.lettering import Lang, cut, per_cent, pick
from emis.figures.reading import source_line, title_of
from emis.figures.theme import GREY, INK, WIDTH, labels, tooltips, track
from emis.io.results import Result

__all__ = ["milestones"]

_LEFT, _STEP, _CELL = 316, 17, 46
#: Units of promises in Chinese; others stay as they are.
_UNITS = {
    "vehicle/yr": "辆/年", "vehicle": "辆", "station": "个站点", "month": "个月", "h": "小时", "d": "天", "ha": "公顷",
    "firm": "家企业", "firm/yr": "家企业/年", "village": "个村", "household": "户", "person": "人",
}  # fmt: skip
_STATUS = {
    "done": ("done", "已完成", "#00795a", "M-1,0.05L-0.3,0.75L1,-0.75L-0.3,0.75Z"),
    "on track": ("on track", "进度正常", "#0072b2", "triangle-up"),
    "behind": ("behind", "进度滞后", "#c44e00", "triangle-down"),
    "overdue": ("overdue", "逾期", "#8f1d1d", "M-0.8,-0.8L0.8,0.8M-0.8,0.8L0.8,-0.8"),
    "not reported": ("not reported", "未报告", "#8a8a8a", "stroke"),
}


def milestones(result: Result, lang: Lang = "en") -> Figure:
    """Draw which share of each milestone is planned by the end of each year [%], and observed where there is progress.

    Raises
    ------
    Undrawn
        When the plan has no milestone.
    """
    stones = result.facts["milestones"]
    if not stones or not any(one["planned"] for one in stones):
        raise Undrawn("the plan has no milestone")
    frame = pd.DataFrame(row for number, one in enumerate(stones) for row in _rows(number, one, lang))
    reported = sum(one["observed"] is not None for one in stones)
    years = sorted(int(one) for one in frame["year"].unique())
    title = _message(stones, reported, years, lang)
    about = pick(
        lang,
        "Share of each promise that is planned at the end of the year [%]; darker is more."
        + (" Right: observed, and how that stands." if reported else " Nothing has been reported as observed."),
        "各节点年底计划完成比例 [%]，颜色越深比例越高。"
        + ("右侧：观测完成比例与状态。" if reported else "尚无观测进度。"),
    )
    told = title + pick(
        lang,
        f". Strips of {len(stones)} milestones, {years[0]} to {years[-1]}.",
        f"。{len(stones)} 项节点 {years[0]}–{years[-1]} 年计划进度。",
    )
    columns = {
        "milestone": "milestone", "full": "title", "promise": "promise", "year": "year", "planned": "planned [%]",
        "observed": "observed [%]", "observed_on": "observed on", "status": "status",
    }  # fmt: skip
    return finished(
        "milestones",
        title,
        [about, source_line(result, lang)],
        _chart(frame, reported > 0, lang),
        frame,
        columns,
        told,
    )


def _message(stones: list[dict[str, Any]], reported: int, years: list[int], lang: Lang) -> str:
    count = len(stones)
    if reported:
        late = sum(one["status"] in ("behind", "overdue") for one in stones)
        return pick(
            lang,
            f"{late} of {reported} reported milestones are behind; {count - reported} are not reported",
            f"已报告的 {reported} 项节点中 {late} 项滞后，{count - reported} 项未报告",
        )
    year = years[-2] if len(years) > 1 else years[-1]
    due = sum(one["planned"].get(str(year), 0) >= 1 for one in stones)
    return pick(
        lang,
        f"{due} of {count} milestones are due by the end of {year}",
        f"{count} 项节点中 {due} 项应于 {year} 年底前完成",
    )


def _rows(number: int, one: dict[str, Any], lang: Lang) -> list[dict[str, Any]]:
    observed = np.nan if one["observed"] is None else 100 * one["observed"]
    full = title_of(one, lang)
    return [
        {
            "row": number,
            "milestone": one["id"],
            "full": full,
            "promise": one["promise"],
            "asked": _asked(one["promise"], lang),
            "year": int(year),
            "planned": 100 * share,
            "observed": observed,
            "observed_on": one["observed_on"] or "",
            "status": one["status"],
            "label": cut(full, _LEFT - 12),
        }
        for year, share in one["planned"].items()
    ]


def _asked(promise: str, lang: Lang) -> str:
    """Return what is promised (``≥ 5 village by 2018``) in a language."""
    amount, _, day = promise.partition(" by ")
    if lang == "en" or not day:
        return promise
    head, _, unit = amount.rpartition(" ")
    return f"{head} {_UNITS.get(unit, unit)}，{day} 前"


def _chart(frame: pd.DataFrame, reported: bool, lang: Lang) -> Any:
    count, years = int(frame["row"].max()) + 1, sorted(int(one) for one in frame["year"].unique())
    data = frame.assign(
        shown=[f"{one:.0f}" for one in frame["planned"]], tip=[per_cent(one) for one in frame["planned"]],
        seen=[per_cent(one, lang) if one == one else "–" for one in frame["observed"]],
        word=[pick(lang, *_STATUS[one][:2]) if one in _STATUS else one for one in frame["status"]],
    )  # fmt: skip
    x = alt.X("year:O", title=None, scale=alt.Scale(domain=years, paddingInner=0.05),
              axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, labelColor=INK))  # fmt: skip
    y = track(count)
    fill = alt.Color("planned:Q", legend=None, scale=alt.Scale(domain=[0, 100], range=["#f3f3f3", "#31688e"]))
    words = (
        ("full", "milestone", "节点"),
        ("asked", "promise", "要求"),
        ("tip", "planned", "计划"),
        ("seen", "observed", "观测"),
        ("observed_on", "on", "日期"),
        ("word", "status", "状态"),
    )
    tips = tooltips(words, lang)
    cells = alt.Chart(data).mark_rect().encode(x, y, fill, tooltip=tips)
    texts = [
        alt.Chart(rows).mark_text(fontSize=9.5, color="white" if dark else INK).encode(x, y, text="shown:N")
        for dark, rows in data.groupby(data["planned"] > 55)
    ]
    wide = _CELL * len(years)
    heads = data.drop_duplicates("row")
    layers = [cells, *texts, *labels(heads, count, _LEFT), *_observed(heads, y, wide, reported, lang)]
    return alt.layer(*layers).properties(width=wide, height=_STEP * count)


def _observed(heads: pd.DataFrame, y: alt.Y, wide: int, reported: bool, lang: Lang) -> list[Any]:
    """Return what each milestone promises, or where there is progress what was observed and how that stands."""
    if not reported:
        room = WIDTH - _LEFT - wide - 20
        on = alt.Chart(heads.assign(said=[cut(one, room, 10) for one in heads["asked"]]))
        return [on.mark_text(align="left", fontSize=10, color=GREY).encode(x=alt.value(wide + 12), y=y, text="said:N")]
    found: list[Any] = []
    for status, rows in heads.groupby("status"):
        if status not in _STATUS:
            continue
        colour, shape = _STATUS[str(status)][2:]
        said = [f"{seen}{pick(lang, ', ', '，')}{word}" if one == one else word
                for seen, one, word in zip(rows["seen"], rows["observed"], rows["word"], strict=True)]  # fmt: skip
        quiet = status == "not reported"
        on = alt.Chart(rows.assign(said=said))
        found.append(
            on.mark_point(
                shape=shape, size=46, color=colour, strokeWidth=2, filled=shape.startswith("triangle"), opacity=1
            ).encode(x=alt.value(wide + 16), y=y)
        )
        found.append(
            on.mark_text(align="left", fontSize=10.5, color=colour, fontWeight="normal" if quiet else "bold").encode(
                x=alt.value(wide + 28), y=y, text="said:N"
            )
        )
    return found
