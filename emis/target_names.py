"""What a target is about, in a word or two, from what a result tells of it."""

from collections.abc import Mapping
from typing import Any

from emis.console import Lang, word

__all__ = ["short_name"]


def short_name(target: Mapping[str, Any], sectors: Mapping[str, Mapping[str, str]], lang: Lang = "en") -> str:
    """Return what a target is about: ``NOx``, ``NOx of mobile sources``, ``heavily polluted days``.

    Parameters
    ----------
    target : mapping
        A target of report.json.
    sectors : mapping
        Names of sectors in both languages, as report.json has them.
    """
    indicator, pollutant = target["indicator"], target["pollutant"] or ""
    named = {
        "concentration": (pollutant or "PM2.5", f"{pollutant or 'PM2.5'} 浓度"),
        "heavy_days": ("heavily polluted days", "重污染天数"), "dustfall": ("dustfall", "降尘量"),
        "alert": (f"{target['level']} alert days", f"{word(str(target['level']), 'zh')}预警日"),
    }  # fmt: skip
    if indicator in named:
        return named[indicator][lang == "zh"]
    if indicator != "emissions":
        return str(target["title"][lang])
    if not target["selector"]:
        return str(pollutant)
    told = target["selector"].get("sector", ())
    if set(target["selector"]) == {"sector"} and len(told) == 1 and told[0] in sectors:
        of = sectors[told[0]][lang]
        return f"{of} {pollutant}" if lang == "zh" else f"{pollutant} of {of.lower()}"
    return f"{pollutant}（{target['select']}）" if lang == "zh" else f"{pollutant} ({target['select']})"
