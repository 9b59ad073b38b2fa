"""What is found of the air, in sentences for a reader, in English and Chinese."""

from typing import Literal

from emis.ambient.findings import Finding
from emis.target_amounts import Untold

__all__ = ["said"]

_TERMS = {
    "emissions": ("what the district emits", "本区排放"),
    "base": ("the base year's level", "基准年浓度"),
    "composition": ("composition", "组分"),
    "share": ("where it comes from", "来源占比"),
    "response": ("response of the species", "组分响应"),
    "outside": ("what city and region do", "全市与区域减排"),
    "weather": ("weather", "气象"),
    "monitor": ("monitors", "监测"),
    "spread": ("spread of daily means", "日均值离散度"),
    "count": ("chance of single days", "天数随机性"),
}
_UNITS = {"ug/m^3": "µg/m³", "t/(km^2*month)": "t/(km²·month)"}
#: Terms of the variance named, and the least that is.
_NAMED, _LEAST = 3, 0.05


def said(found: Finding | Untold, lang: Literal["en", "zh"] = "en") -> list[str]:
    """Return the sentences on a finding: the neighbours, the models, what decides, what is assumed; or why none is."""
    if isinstance(found, Untold):
        return [found.chinese if lang == "zh" else found.english]
    pairs = [*_neighbours(found), *_models(found), *_decides(found), *found.remarks]
    return [chinese if lang == "zh" else english for english, chinese in pairs]


def _amount(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value:.1f} %"
    return f"{value:.3g} {_UNITS.get(unit, unit)}".replace("-", "−")


def _neighbours(found: Finding) -> list[tuple[str, str]]:
    if not found.models or found.required is None:
        return []
    said: list[tuple[str, str]] = []
    if found.neighbours is None:
        said.append(
            (
                "with the district's part done it is not reached even if city and region emitted nothing",
                "即使本区完成规划、全市和区域零排放，也不能达到",
            )
        )
    elif found.neighbours == 0:
        said.append(("it is reached even if city and region change nothing", "即使全市和区域排放不变也能达到"))
    else:
        cut = f"{100 * found.neighbours:.1f} %"
        said.append(
            (
                f"with the district's part done, city and region would have to emit {cut} less of every precursor"
                " than in the base year",
                f"本区完成规划后，全市和区域各前体物排放须比基准年减少 {cut}",
            )
        )
    if found.local_part is None or found.neighbours == 0:
        return said
    assumed = f"{100 * found.local_part:.0f} %"
    if found.own_part is None:
        said.append(
            (
                f"alone the district does not get there even if all local PM2.5 were its own ({assumed} is assumed)",
                f"即使本地 PM2.5 全部来自本区（假设为 {assumed}），仅靠本区也不能达到",
            )
        )
    else:
        part = f"{100 * found.own_part:.0f} %"
        said.append(
            (
                f"alone the district would get there if {part} of the local PM2.5 were its own ({assumed} is assumed)",
                f"若本地 PM2.5 的 {part} 来自本区（假设为 {assumed}），仅靠本区即可达到",
            )
        )
    return said


def _models(found: Finding) -> list[tuple[str, str]]:
    if len(found.models) < 2:
        return []
    each = ", ".join(f"{name} {_amount(value, found.unit)}" for name, value in found.models.items())
    spread = max(found.models.values()) - min(found.models.values())
    shown = f"{spread:.1f} pp" if found.unit == "%" else _amount(spread, found.unit)
    return [(f"models: {each}, {shown} apart", f"各模型：{each}；相差 {shown}")]


def _decides(found: Finding) -> list[tuple[str, str]]:
    parts = sorted(((share, term) for term, share in found.variance.items()), reverse=True)
    named = [(share, term) for share, term in parts if share >= _LEAST][:_NAMED]
    said = []
    if named:
        english = ", ".join(f"{_TERMS[term][0]} {100 * share:.0f} %" for share, term in named)
        chinese = "、".join(f"{_TERMS[term][1]} {100 * share:.0f} %" for share, term in named)
        said.append((f"of its variance explains: {english}", f"方差构成：{chinese}"))
    if found.weather > abs(found.plan_effect):
        # Differences of reductions are percentage points.
        weather, plan = (
            f"{value:.2g} pp" if found.unit == "%" else _amount(value, found.unit)
            for value in (found.weather, abs(found.plan_effect))
        )
        said.append(
            (
                f"weather decides more than the plan: its standard deviation is {weather}, the plan is worth {plan}",
                f"气象的影响大于规划：气象标准差为 {weather}，规划作用为 {plan}",
            )
        )
    return said
