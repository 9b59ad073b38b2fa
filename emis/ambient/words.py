"""What a reader of English or Chinese calls areas, models, quantities and units of the air."""

from typing import Literal, TypeAlias

__all__ = ["AREA_ZH", "BASIS", "MODEL_ZH", "Lang", "quantity_word", "sentence_amount", "unit_word"]

Lang: TypeAlias = Literal["en", "zh"]

AREA_ZH = {"district": "本区", "city": "全市", "region": "区域"}
MODEL_ZH = {
    "rollback": "分物种回推模型", "source_receptor": "源–受体矩阵", "response_surface": "响应曲面",
    "attainment": "达标检验", "proportional": "比例回推模型",
}  # fmt: skip
#: What conditions are called that particles are told at, in English and Chinese.
BASIS = {"reference": ("reference conditions", "标准状态"), "ambient": ("ambient conditions", "实况状态")}
_QUANTITIES = {
    "heavy_days": ("heavily polluted days", "重污染天数"),
    "heavy_days_PM2.5": ("heavily polluted days led by PM2.5", "首要污染物为 PM2.5 的重污染天数"),
    "valid_days": ("valid days", "有效天数"),
    "dustfall": ("dustfall", "降尘量"),
    "dustfall_background": ("background of dustfall", "降尘背景值"),
    "concentration": ("concentration", "浓度"),
}
_UNITS = {"day": ("days", "天")}


def quantity_word(name: str, lang: Lang = "en") -> str:
    """Return what a quantity is called."""
    return _QUANTITIES[name][lang == "zh"] if name in _QUANTITIES else name


def unit_word(unit: str, lang: Lang = "en") -> str:
    """Return a unit as it is printed: ``ug/m^3`` is µg/m³."""
    if unit in _UNITS:
        return _UNITS[unit][lang == "zh"]
    for written, printed in (("ug", "µg"), ("^2", "²"), ("^3", "³"), ("*", "·")):
        unit = unit.replace(written, printed)
    return unit


def sentence_amount(value: float, unit: str, lang: Lang = "en") -> str:
    """Return a number with its unit for a sentence: three digits, per cent with one decimal."""
    text = f"{value:.1f}" if unit == "%" else f"{value:.3g}"
    text = "0" if float(text) == 0 else text
    return f"{text} {unit_word(unit, lang)}".replace("-", "−", 1)
