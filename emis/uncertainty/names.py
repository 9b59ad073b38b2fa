"""Names of uncertain inputs: which figure each belongs to, and how it is called in words."""

import re

__all__ = ["figure_of", "spoken"]

_YEAR = re.compile(r"^activity (\d{4}) ")


def figure_of(name: str) -> str:
    """Return the figure an input belongs to: the activity of one year and what all years share are one."""
    return _YEAR.sub("activity ", name)


_KINDS = (
    ("activity basis ", "the count behind {} (activity)", "{} 基数（活动水平）"),
    ("activity ", "activity of {}", "{} 活动水平"),
    ("factor ", "emission factor {}", "排放因子 {}"),
    ("method ", "emission factor method {}", "排放因子方法 {}"),
    ("reported ", "reported emission {}", "上报排放 {}"),
    ("driver ", "driver {}", "驱动因素 {}"),
)
_AIR = {
    "air weather": ("weather of the year", "当年气象"),
    "air monitor": ("monitors", "监测误差"),
    "air count": ("chance of single days", "天数随机性"),
    "air count since": ("chance of single days in the year counted from", "起算年天数随机性"),
    "air spread": ("spread of daily means", "日均值离散度"),
    "air PM2.5": ("PM2.5 of the base year", "基准年 PM2.5"),
    "air since": ("PM2.5 of the year counted from", "起算年 PM2.5"),
    "air structure surface": ("what the response surface's own model is off", "响应曲面原模型误差"),
    "air dustfall": ("dustfall of the base year", "基准年降尘量"),
    "air dustfall background": ("background of dustfall", "降尘背景值"),
}


def spoken(name: str, lang: str = "en") -> str:
    """Return an input in words."""
    if name in _AIR:
        return _AIR[name][lang == "zh"]
    if name.startswith("air "):
        rest = name.removeprefix("air ")
        return f"空气质量参数 {rest}" if lang == "zh" else f"parameter of the air: {rest}"
    if year := _YEAR.match(name):  # what one year has of its own, beside what all years share
        of_all = spoken(figure_of(name), lang)
        if lang != "zh":
            return f"{of_all}, {year[1]}"
        return f"{of_all[:-1]}，{year[1]} 年）" if of_all.endswith("）") else f"{of_all}（{year[1]} 年）"
    for start, english, chinese in _KINDS:
        if name.startswith(start):
            return (chinese if lang == "zh" else english).format(name.removeprefix(start))
    return name
