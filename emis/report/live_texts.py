"""What the live model of a page says: groups of measures, titles, words of verdicts and units, in both languages."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from emis.ambient.words import unit_word
from emis.console import word
from emis.io.results import Result
from emis.report.saying import pair

__all__ = ["live_texts"]

_SAID = {
    "switch": pair("all on / off", "全部开/关"),
    "observed": pair("(observed, not to be moved)", "（按实际进展，不可调整）"),
    "drivers": pair("What happens anyway: growth and turnover", "驱动因素：增长与自然更新"),
    "neighbours": pair("City and region", "全市与区域"),
    "neighbours_note": pair("100 % is the change that the scenario assumes of their emissions.",
                            "100 % 即情景所假设的周边排放变化。"),
    "city": pair("What the rest of the city does", "全市其他区减排"),
    "region": pair("What the region does", "区域减排"),
    "beyond_plan": pair("Beyond the plan", "计划之外的备选措施"),
    "alert": pair("In force on alert days only", "仅预警期间执行"),
    "changed": pair("Settings that differ from the scenario as run: {count}.", "{count} 项设置与本次运行情景不同。"),
    "exclusive": pair("These exclude each other, and are all in place: {names}.",
                      "以下措施互斥，但均已启用：{names}。"),
    "pm25": pair("PM2.5 {year}: {all} (as run {run}); with the district alone {district}, with the city {city}",
                 "{year} 年 PM2.5：{all}（本次运行 {run}）；仅本区 {district}，叠加全市 {city}"),
    "as_run": pair("The scenario as it was run.", "与本次运行情景一致。"),
    "short": pair("More stock would leave than there is in {year}: emis run would refuse this.",
                  "{year} 年转移量超过现有存量：emis run 将拒绝该情景。"),
    "beyond": pair("Turnover would move more than all of a stock: emis run would refuse this.",
                   "自然更新量超过全部存量：emis run 将拒绝该情景。"),
    "copied": pair("The link is copied; it holds what is set.", "链接已复制，包含当前设置。"),
    "in_address": pair("The link stands in the address bar; it holds what is set.", "链接已写入地址栏，包含当前设置。"),
}  # fmt: skip


#: What a saved scenario writes only where it was moved, unless the run has set it.
_SETS = {
    "implementation": ("implementation",), "omit": ("omit", "only"), "take": ("take",), "drivers": ("drivers",),
    "outside": ("air_quality.outside",),
}  # fmt: skip


def live_texts(result: Result) -> dict[str, Any]:
    """Return what the live model says: groups of measures, titles, words of verdicts and units."""
    facts, run, live = result.facts, result.run, result.facts["live"]
    asked = dict.fromkeys(one["pollutant"] for one in facts["targets"] if one["pollutant"])
    model = live["model"]
    known = model["columns"][: model["pollutants"]]
    units = {one["unit"] for one in live["targets"]} | {"t", "ug/m^3"}
    return {
        "said": _SAID, "groups": _groups(facts, live),
        "pollutants": [name for name in dict.fromkeys([*asked, *known]) if name in known],
        "targets": [one["title"] for one in facts["targets"]],
        "drivers": [one["title"] if one["title"]["en"] else pair(f"driver {n + 1}", f"驱动因素 {n + 1}")
                    for n, one in enumerate(live["drivers"])],
        "status": {name: pair(name.lower(), word(name, "zh")) for name in ("MET", "MISSED", "UNDETERMINED")},
        "units": {unit: pair(unit_word(unit), unit_word(unit, "zh")) for unit in units},
        "meta": {"name": f"{run['scenario']}-what-if", "file": Path(run.get("scenario_file", "")).name,
                 "title": {one: f"{facts['scenario']['title'][one] or run['scenario']} ({said})"
                           for one, said in (("en", "what if"), ("zh", "推演"))}, "flags": _flags(run),
                 "sets": {name: _set(run, keys) for name, keys in _SETS.items()}},
    }  # fmt: skip


#: Keys of a scenario that a saved one writes itself: they are not to be set once more.
_WRITTEN = ("implementation", "omit", "only", "take", "drivers", "air_quality.outside", "name", "title")


def _flags(run: Mapping[str, Any]) -> list[str]:
    """Return the options of the run without which the saved scenario would tell something else, as a shell has them."""
    options = run.get("options", {})
    found = [f"--set {quote(f'{key}={value}')}" for key, value in options.get("set", {}).items()
             if not key.startswith(_WRITTEN)]  # fmt: skip
    kept = (name for name in ("progress", "root", "encoding") if name in options)
    return [*found, *(f"--{name} {quote(options[name])}" for name in kept)]


def _set(run: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    """Tell whether a run has set one of the keys, or something in it, on the command line."""
    return any(name.startswith(keys) for name in run.get("options", {}).get("set", {}))


def _groups(facts: Mapping[str, Any], live: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return measures by the sector that they act on; those beyond the plan, and those of alerts, are groups too."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    titles = {one["id"]: one for one in facts["measures"]}
    beyond = live["beyond_titles"]
    for name in live["levers"]["implementation"]:
        if name in beyond:
            found["beyond_plan"].append({"id": name, "title": beyond[name]})
            continue
        one = titles.get(name)
        if one is None or one["kind"] == "enabling":
            continue
        place = "alert" if one["alert"] else live["acts_on"].get(name)
        if place is not None:
            found[place].append({"id": name, "title": one["title"]})
    order = [*live["sectors"], "beyond_plan", "alert"]
    titles_of = {**live["sector_names"], "beyond_plan": _SAID["beyond_plan"], "alert": _SAID["alert"]}
    return [{"name": name, "title": titles_of.get(name, pair(name, name)), "measures": found[name]}
            for name in order if found[name]]  # fmt: skip
