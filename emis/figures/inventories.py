"""An inventory: emissions by sector with what is known of their uncertainty."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from emis import vocabulary
from emis.figures.drawing import Figure, Undrawn, finished
from emis.figures.lettering import Lang, joined, number, per_cent, pick, plain
from emis.figures.reading import base_year, ordered, pollutant_name, sector_name
from emis.figures.theme import INK, WIDTH, sector_colour, tooltips
from emis.io.results import Result

__all__ = ["inventory"]

_MAIN = ("SO2", "NOx", "VOC", "NH3", "PM10", "PM2.5")


def inventory(result: Result, lang: Lang = "en", pollutant: str | None = None, year: int | None = None) -> Figure:
    """Draw an inventory by sector [t/yr] with its 95 % interval: of one pollutant, or of the main ones side by side.

    Raises
    ------
    Undrawn
        When there is no inventory of the year, or it does not have the pollutant.
    """
    at = base_year(result) if year is None else year
    told = result.facts["inventories"].get(str(at))
    if told is None:
        raise Undrawn(f"there is no inventory of {at}")
    there = list(told["pollutants"])
    names = [pollutant] if pollutant else [one for one in _MAIN if one in there] or there[:6]
    if not set(names) <= set(there):
        raise Undrawn(f"{pollutant} is not in the inventory of {at}")
    frame = pd.DataFrame(row for name in names for row in _rows(told, name, lang))
    title = _message(frame, names, at, lang)
    status = vocabulary.STATUS.get(told["status"], (told["status"], told["status"]))[lang == "zh"]
    about = pick(
        lang, "t per year; line: 95 % interval, not below 0. Each panel has an axis of its own.",
        "单位：t/a；黑线：95 % 不确定性区间（不低于 0）。各小图横轴不同。",
    )  # fmt: skip
    source = f"{plain(told['title'][lang])}{pick(lang, '; ', '；')}{status}"
    columns = {
        "pollutant": "pollutant", "sector": "sector", "label": "sector name", "value": "emissions [t/yr]",
        "half": "half 95 % interval [t/yr]", "unstated": "without stated uncertainty [% of emissions]",
    }  # fmt: skip
    chart = _panels(frame, names, lang)
    return finished("inventory", title, [about, _unstated(frame, lang), source], chart, frame, columns, title)


def _rows(told: dict[str, Any], name: str, lang: Lang) -> list[dict[str, Any]]:
    figures = told["totals"][name]

    def known(value: float | None) -> float:
        return np.nan if value is None else float(value)

    return [
        {
            "pollutant": name,
            "sector": sector,
            "label": sector_name(sector, lang),
            "value": known(figures[sector]["value"]),
            "half": known(figures[sector]["half"]),
            "unstated": 100 * known(figures[sector]["unstated"]),
        }
        for sector in ordered(figures)
    ]


def _message(frame: pd.DataFrame, names: list[str], year: int, lang: Lang) -> str:
    """Return which sector leads each pollutant."""
    leads: dict[str, list[str]] = {}
    for name in names:
        mine = frame[(frame["pollutant"] == name) & (frame["value"] > 0)]
        if len(mine):
            leads.setdefault(str(mine.loc[mine["value"].idxmax(), "label"]), []).append(pollutant_name(name, lang))
    parts = [
        pick(lang, f"{sector} for {joined(of, lang)}", f"{joined(of, lang)} 以{sector}为主")
        for sector, of in leads.items()
    ]
    said = pick(lang, "; ", "；").join(parts)
    return pick(lang, f"Largest sources of {year}: {said}", f"{year} 年：{said}")


def _unstated(frame: pd.DataFrame, lang: Lang) -> str:
    some = frame[(frame["unstated"] > 0.05) & (frame["value"] > 0)]
    if some.empty:
        return pick(lang, "Of all emissions an uncertainty is stated.", "全部排放均给出不确定性。")
    whole = frame.groupby("pollutant")["value"].sum()
    parts = [
        f"{name} {per_cent(float((rows['unstated'] * rows['value']).sum() / whole[name]))}"
        for name, rows in some.groupby("pollutant")
    ]
    return pick(lang, "Without a stated uncertainty: ", "未给出不确定性的占比：") + joined(parts, lang)


def _panels(frame: pd.DataFrame, names: list[str], lang: Lang) -> Any:
    # Sectors that emit none of what is shown would be rows of nothing; what is not estimated is kept.
    some = frame.groupby("sector")["value"].apply(lambda one: bool((one > 0).any() or one.isna().any()))
    shown = [one for one in ordered(frame["sector"]) if some[one]]
    across = min(3, len(names))
    wide = (WIDTH - 134 - 24 * across) / across
    panels = [
        _panel(
            frame[(frame["pollutant"] == name) & frame["sector"].isin(shown)], name, n % across == 0, shown, wide, lang
        )
        for n, name in enumerate(names)
    ]
    lines = [alt.hconcat(*panels[n : n + across], spacing=22) for n in range(0, len(panels), across)]
    return alt.vconcat(*lines, spacing=18)


def _panel(frame: pd.DataFrame, name: str, first: bool, sectors: list[str], wide: float, lang: Lang) -> Any:
    data = frame.assign(
        low=(frame["value"] - frame["half"]).clip(lower=0), high=frame["value"] + frame["half"], zero=0.0,
        colour=[sector_colour(one) for one in frame["sector"]], shown=[number(one, lang) for one in frame["value"]],
        spread=[number(one, lang) if one == one else pick(lang, "not stated", "未给出") for one in frame["half"]],
        tip=[f"{number(one, lang)} t" if one == one else number(None, lang) for one in frame["value"]],
    )  # fmt: skip
    data["end"] = data[["value", "high"]].max(axis=1).fillna(0.0)
    rows = [sector_name(one, lang) for one in sectors]
    top = float(data["end"].max()) or 1.0
    scale = alt.Scale(domain=[0, top * 1.28], nice=False)
    axis = alt.Axis(title=None, tickCount=3, format=",~f", domain=False, ticks=False)
    x = alt.X("value:Q", scale=scale, axis=axis)
    left = (
        alt.Axis(
            title=None,
            domain=False,
            ticks=False,
            labelColor=INK,
            labelPadding=6,
            minExtent=126,
            maxExtent=126,
            labelLimit=120,
        )
        if first
        else None
    )
    y = alt.Y("label:N", sort=rows, axis=left, scale=alt.Scale(domain=rows, paddingInner=0.35))
    words = (("label", "sector", "部门"), ("tip", "emissions", "排放量"), ("spread", "± [t/yr]", "± [t/a]"))
    tips = tooltips(words, lang)
    on = alt.Chart(data)
    layers = [
        on.mark_bar().encode(x, y, alt.Color("colour:N", scale=None), tooltip=tips),
        # A light edge, so that the line shows on a dark bar.
        on.mark_rule(color="white", strokeWidth=3.6).encode(alt.X("low:Q", scale=scale), y, alt.X2("high:Q")),
        on.mark_rule(color=INK, strokeWidth=1.3).encode(alt.X("low:Q", scale=scale), y, alt.X2("high:Q")),
        on.mark_text(align="left", dx=4, fontSize=10).encode(alt.X("end:Q", scale=scale), y, text="shown:N"),
    ]
    head = alt.TitleParams(text=pollutant_name(name, lang), fontSize=12, anchor="start", frame="group", offset=4)
    return alt.layer(*layers).properties(width=wide, height=19 * len(rows), title=head)
