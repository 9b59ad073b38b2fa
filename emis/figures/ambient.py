"""The air: who brings a concentration down, by how much, and where the PM2.5 of the base year comes from."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from emis.ambient.words import MODEL_ZH, unit_word
from emis.figures.balance import steps_chart
from emis.figures.drawing import Figure, Undrawn, finished
from emis.figures.lettering import Lang, number, per_cent, pick
from emis.figures.reading import base_year, source_line, target_of, title_of
from emis.figures.theme import INK, WIDTH, tooltips
from emis.io.results import Result

__all__ = ["air", "origins"]

_SCOPES = (
    ("district", "Change of the district", "本区变化"),
    ("with_city", "Change of the rest of the city", "全市其他地区变化（假设）"),
    ("with_region", "Change of the region around", "周边区域变化（假设）"),
)
_MODELS = {
    "rollback": "rollback by species", "source_receptor": "source-receptor matrix",
    "response_surface": "response surface", "attainment": "attainment test", "proportional": "proportional rollback",
}  # fmt: skip
#: From nobody's to the district's own, lightest to darkest: the order is told in grey too.
_AREAS = {
    "district": ("District itself", "本区", "#08306b"), "city": ("Rest of the city", "全市其他地区", "#2879b9"),
    "region": ("Region around", "周边区域", "#85bcdc"), "background": ("Background", "背景", "#d5d5d5"),
}  # fmt: skip
_SPECIES = {
    "SO4": ("sulfate", "硫酸盐"), "NO3": ("nitrate", "硝酸盐"), "NH4": ("ammonium", "铵盐"),
    "OM": ("organic matter", "有机物"), "EC": ("elemental carbon", "元素碳"), "crustal": ("minerals", "地壳物质"),
    "water": ("water", "水分"), "other": ("other", "其他"),
}  # fmt: skip


def air(result: Result, lang: Lang = "en", target: str | None = None) -> Figure:
    """Draw what district, city and region change of a target on the air, in its unit, against what is required.

    Raises
    ------
    Undrawn
        When no target on the air is told, or not this one.
    """
    name, found = _finding(result, target)
    told, verdict = target_of(result, name), next(one for one in result.verdicts if one.target == name)
    year, unit = int(told["by"]), unit_word(found["unit"], lang)
    up = told["sense"] != "at_most"
    rows = _steps(found, year, base_year(result), verdict.low, verdict.high, lang)
    frame = pd.DataFrame(rows)
    required = found["required"]
    title = _message(told, found, year, unit, lang)
    about = pick(
        lang,
        f"{title_of(told, lang)}, in {unit}. What city and region do is an assumption of the scenario. Black line on a"
        f" bar: {per_cent(100 * float(result.facts['uncertainty']['confidence']))} interval. Light: without"
        " the plan, and other models.",
        f"{title_of(told, lang)}，单位 {unit}。全市与区域的变化为情景假设；"
        "黑线：不确定性区间；浅色：无计划及其他模型。",
    )
    floor = 0.0 if up else _floor(frame, required)
    note = pick(lang, "The axis does not begin at 0.", "横轴不从 0 开始。") if floor > 0 else ""
    parts = {row["label"]: number(row["change"], signed=True) for row in rows if row["kind"] == "step"}
    spoken = f"{title}{pick(lang, '. ', '。')}" + pick(lang, "; ", "；").join(
        f"{k} {v} {unit}" for k, v in parts.items()
    )
    columns = {
        "step": "step",
        "kind": "kind",
        "label": "what",
        "begin": f"from [{found['unit']}]",
        "end": f"to [{found['unit']}]",
        "change": f"change [{found['unit']}]",
        "low": f"low [{found['unit']}]",
        "high": f"high [{found['unit']}]",
    }
    goal = (
        required,
        "" if required is None else pick(lang, f"required: {number(required)}", f"要求 {number(required)}"),
    )
    chart = steps_chart(frame, goal, floor, unit, lang, 1 if up else -1)
    return finished("air", title, [f"{about} {note}", source_line(result, lang)], chart, frame, columns, spoken)


def _finding(result: Result, target: str | None) -> tuple[str, dict[str, Any]]:
    """Return the target that is asked for and what is told of it, or the first on a concentration, or the first."""
    there = {name: one for name, one in result.facts["air"]["findings"].items() if "scopes" in one}
    kinds = {name: target_of(result, name)["indicator"] for name in there}
    wanted = [target] if target else sorted(there, key=lambda name: kinds[name] != "concentration")
    name = next((one for one in wanted if one in there), None)
    if name is None:
        raise Undrawn("nothing is told of a target on the air")
    return name, there[name]


def _message(told: dict[str, Any], found: dict[str, Any], year: int, unit: str, lang: Lang) -> str:
    value, alone, required = found["scopes"]["with_region"], found["scopes"]["district"], found["required"]
    change, own = value - found["unchanged"], alone - found["unchanged"]
    name = told["pollutant"] or pick(lang, "The reduction", "下降比例")
    if told["sense"] == "at_most" and change < 0:
        return pick(
            lang,
            f"{name} comes to {number(value)} {unit} in {year}; the district's own change is"
            f" {per_cent(100 * own / change)} of the fall",
            f"{year} 年 {name} 为 {number(value)} {unit}，本区变化占降幅的 {per_cent(100 * own / change)}",
        )
    asked = (
        ""
        if required is None
        else pick(lang, f"; {number(required)} {unit} is required", f"；要求 {number(required)} {unit}")
    )
    return (
        pick(lang, f"{name} comes to {number(value)} {unit} by {year}", f"到 {year} 年{name}为 {number(value)} {unit}")
        + asked
    )


def _steps(
    found: dict[str, Any], year: int, base: int, low: float | None, high: float | None, lang: Lang
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []

    def add(kind: str, label: str, begin: float, end: float, *ends: float | None) -> None:
        change = np.nan if kind in ("total", "model") else end - begin
        known = [np.nan if one is None else float(one) for one in ends] or [np.nan, np.nan]
        rows.append({"step": len(rows), "kind": kind, "label": label, "begin": begin, "end": end, "change": change,
                     "low": known[0], "high": known[1]})  # fmt: skip

    add(
        "total",
        pick(lang, f"{year} with emissions of {base}", f"{year} 年（排放维持 {base} 年）"),
        0.0,
        found["unchanged"],
    )
    at = found["unchanged"]
    for scope, en, zh in _SCOPES:
        add("step", pick(lang, en, zh), at, found["scopes"][scope])
        at = found["scopes"][scope]
    first = next(iter(found["models"]), None)
    add("total", pick(lang, f"{year}, with the plan", f"{year} 年（有计划）"), 0.0, at, low, high)
    add("model", pick(lang, f"{year}, without the plan", f"{year} 年（无计划）"), 0.0, found["no_plan"])
    for model, value in found["models"].items():
        if model != first:
            called = pick(lang, _MODELS.get(model, model), MODEL_ZH.get(model, model))
            add("model", pick(lang, f"With the plan, {called}", f"有计划，{called}"), 0.0, value)
    return rows


def _floor(frame: pd.DataFrame, required: float | None) -> float:
    """Return where the axis begins: as near as leaves all that is drawn in it, where steps would else be too small."""
    ends = [*frame["end"], *frame["low"].dropna(), *([] if required is None else [required])]
    low, high = min(ends), max(ends)
    return 0.0 if low < 0.45 * high else low - 0.2 * (high - low)


# -- where it comes from ---------------------------------------------------------------------------------------------


def origins(result: Result, lang: Lang = "en") -> Figure:
    """Draw from which area the PM2.5 of the base year comes, by species [ug/m3].

    Raises
    ------
    Undrawn
        When that is not told.
    """
    told = result.facts["air"]
    if "split" not in told:
        raise Undrawn("where the PM2.5 comes from is not told")
    whole = sum(told["origins"].values())
    frame = pd.DataFrame(
        {
            "area": area,
            "name": pick(lang, *_AREAS[area][:2]),
            "species": species,
            "label": pick(lang, *_SPECIES.get(species, (species, species))),
            "value": value,
            "share": 100 * value / whole,
        }
        for area, parts in told["split"].items()
        for species, value in parts.items()
    )
    sums = told["origins"]
    own = per_cent(100 * sums["district"] / whole)
    title = pick(
        lang, f"{own} of the district's PM2.5 of {told['year']} is taken to be its own",
        f"{told['year']} 年本区 PM2.5 中约 {own} 视为本区排放所致",
    )  # fmt: skip
    unit = unit_word(told["unit"], lang)
    about = pick(
        lang,
        f"PM2.5 of {told['year']}, {number(whole)} {unit}, by area and species. Shares of origin are an assumption of"
        " the scenario; the background is what no emission here changes.",
        f"{told['year']} 年 PM2.5 浓度 {number(whole)} {unit}，按来源地区与组分拆分。"
        "来源占比为情景假设；背景不受此处排放影响。",
    )
    each = [f"{pick(lang, *_AREAS[one][:2])} {number(value)} {unit}" for one, value in sums.items()]
    columns = {"area": "area", "species": "species", "value": "concentration [ug/m3]", "share": "share [% of PM2.5]"}
    spoken = title + pick(lang, ": ", "：") + pick(lang, ", ", "，").join(each)
    chart = _split(frame, unit, lang)
    return finished("origins", title, [about, source_line(result, lang)], chart, frame, columns, spoken)


def _split(frame: pd.DataFrame, unit: str, lang: Lang) -> Any:
    areas = list(dict.fromkeys(frame["area"]))
    sums = frame.groupby("label")["value"].sum().sort_values(ascending=False)
    all_ = pick(lang, "PM2.5, all", "PM2.5 合计")
    total = frame.groupby(["area", "name"], as_index=False).agg(value=("value", "sum"), share=("share", "sum"))
    rows = [all_, *sums.index]
    data = pd.concat([frame, total.assign(label=all_)], ignore_index=True)
    data["order"] = [areas.index(one) for one in data["area"]]
    data["shown"] = [f"{number(one, lang)} {unit}" for one in data["value"]]
    data["part"] = [per_cent(one) for one in data["share"]]
    names = [pick(lang, *_AREAS[one][:2]) for one in areas]
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=names, range=[_AREAS[one][2] for one in areas]),
        legend=alt.Legend(
            title=None, orient="top", symbolType="square", symbolSize=120, direction="horizontal", offset=6
        ),
    )
    axis = alt.Axis(title=unit, domain=False, ticks=False, tickCount=6)
    x = alt.X("value:Q", stack="zero", axis=axis, scale=alt.Scale(domainMax=float(sums.sum()) * 1.06, nice=False))
    y = alt.Y(
        "label:N",
        sort=rows,
        scale=alt.Scale(domain=rows, paddingInner=0.3),
        axis=alt.Axis(
            title=None, domain=False, ticks=False, labelColor=INK, labelPadding=8, minExtent=120, labelLimit=118
        ),
    )
    words = (
        ("label", "species", "组分"),
        ("name", "area", "地区"),
        ("shown", "concentration", "浓度"),
        ("part", "of PM2.5", "占 PM2.5"),
    )
    tips = tooltips(words, lang)
    bars = alt.Chart(data).mark_bar(stroke="white", strokeWidth=0.8).encode(
        x, y, colour, order=alt.Order("order:Q"), tooltip=tips
    )  # fmt: skip
    ends = pd.DataFrame(
        {"label": rows, "end": [sums.sum(), *sums.values], "shown": [number(one) for one in (sums.sum(), *sums.values)]}
    )
    text = alt.Chart(ends).mark_text(align="left", dx=5).encode(alt.X("end:Q"), y, text="shown:N")
    middle = _middles(data[data["label"] == all_])
    inside = [
        alt.Chart(part).mark_text(color=str(ink), fontWeight="bold").encode(alt.X("middle:Q"), y, text="part:N")
        for ink, part in middle.groupby("ink")
    ]
    return alt.layer(bars, text, *inside).properties(width=WIDTH - 150, height=26 * len(rows))


def _middles(total: pd.DataFrame) -> pd.DataFrame:
    """Return the middles of the parts of a stacked bar, for the words in them; not of those too small for words."""
    total = total.sort_values("order")
    end = total["value"].cumsum()
    found = total.assign(middle=end - total["value"] / 2, ink=["white" if one < 2 else INK for one in total["order"]])
    return found[found["share"] > 6]
