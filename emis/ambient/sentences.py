"""What is found of the air, in sentences for a reader, in English and Chinese."""

from collections.abc import Iterator

from emis.ambient.findings import Finding
from emis.ambient.words import MODEL_ZH, Lang, sentence_amount
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
#: Terms of the variance named, and the least that is.
_NAMED, _LEAST = 3, 0.05


def said(found: Finding | Untold, lang: Lang = "en") -> list[str]:
    """Return the sentences on a finding: the neighbours, the models, what decides, what is assumed; or why none is."""
    if isinstance(found, Untold):
        return [found.chinese if lang == "zh" else found.english]
    pairs = [*_unchanged(found), *_neighbours(found), *_alone(found), *_models(found), *_decides(found), *found.remarks]
    return [chinese if lang == "zh" else english for english, chinese in pairs]


def _unchanged(found: Finding) -> Iterator[tuple[str, str]]:
    if found.reaches(found.unchanged):
        base = found.base_year
        yield f"it is reached even with the emissions of {base}", f"即使排放维持 {base} 年水平也能达到"


def _neighbours(found: Finding) -> Iterator[tuple[str, str]]:
    if not found.answers or found.required is None:
        return
    if found.neighbours is None:
        yield (
            "with the district's part done it is not reached even if city and region emitted nothing",
            "即使本区完成计划、全市和区域零排放，也不能达到",
        )
    elif found.neighbours > 0:
        cut = f"{100 * found.neighbours:.1f} %"
        yield (
            f"with the district's part done, city and region would have to emit {cut} less of every precursor than in"
            " the base year",
            f"本区完成计划后，全市和区域各前体物排放须比基准年减少 {cut}",
        )
    elif not found.reaches(found.unchanged):
        yield "it is reached even if city and region change nothing", "即使全市和区域排放不变也能达到"


def _alone(found: Finding) -> Iterator[tuple[str, str]]:
    """Tell what it would take for the district to get there by itself, where it does not."""
    if found.local_part is None or found.required is None or found.reaches(found.scopes["district"]):
        return
    assumed = f"{100 * found.local_part:.0f} %"
    if found.own_part is None:
        yield (
            f"alone the district does not get there even if all local PM2.5 were its own ({assumed} is assumed)",
            f"即使本地 PM2.5 全部来自本区（假设为 {assumed}），仅靠本区也不能达到",
        )
    else:
        part = f"{100 * found.own_part:.0f} %"
        yield (
            f"alone the district would get there if {part} of the local PM2.5 were its own ({assumed} is assumed)",
            f"若本地 PM2.5 的 {part} 来自本区（假设为 {assumed}），仅靠本区即可达到",
        )


def _models(found: Finding) -> Iterator[tuple[str, str]]:
    if len(found.models) < 2:
        return
    spread = max(found.models.values()) - min(found.models.values())
    each = ", ".join(f"{name} {sentence_amount(value, found.unit)}" for name, value in found.models.items())
    every = "、".join(
        f"{MODEL_ZH[name]} {sentence_amount(value, found.unit, 'zh')}" for name, value in found.models.items()
    )
    apart, gap = (_difference(spread, found.unit, lang) for lang in ("en", "zh"))
    yield f"models: {each}, {apart} apart", f"各模型：{every}；相差 {gap}"


def _difference(value: float, unit: str, lang: Lang = "en") -> str:
    """Return a difference; that of percentages is in percentage points."""
    points = "个百分点" if lang == "zh" else "pp"
    return f"{value:.2g} {points}" if unit == "%" else sentence_amount(value, unit, lang)


def _decides(found: Finding) -> Iterator[tuple[str, str]]:
    parts = sorted(((share, term) for term, share in found.variance.items()), reverse=True)
    named = [(share, term) for share, term in parts if share >= _LEAST][:_NAMED]
    if named:
        english = ", ".join(f"{_TERMS[term][0]} {100 * share:.0f} %" for share, term in named)
        chinese = "、".join(f"{_TERMS[term][1]} {100 * share:.0f} %" for share, term in named)
        yield f"of its variance explains: {english}", f"方差构成：{chinese}"
    if found.weather > abs(found.plan_effect):
        values = (found.weather, abs(found.plan_effect))
        weather, plan = (_difference(value, found.unit) for value in values)
        on, of = (_difference(value, found.unit, "zh") for value in values)
        yield (
            f"weather decides more than the plan: its standard deviation is {weather}, the plan is worth {plan}",
            f"气象的影响大于计划：气象标准差为 {on}，计划作用为 {of}",
        )
