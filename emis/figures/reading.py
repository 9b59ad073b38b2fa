"""What figures read from a result: totals, names in a language, targets, and which years are inventories."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emis import vocabulary
from emis.figures.drawing import Undrawn
from emis.figures.lettering import Lang, joined, pick, plain
from emis.io.results import Result
from emis.selectors import wants

__all__ = [
    "base_year",
    "by_sector",
    "chosen",
    "emission_targets",
    "inventory_years",
    "lacking",
    "last_year",
    "measure_names",
    "ordered",
    "pollutant_name",
    "sector_name",
    "selected",
    "source_line",
    "target_of",
    "title_of",
    "verdict_title",
]  # fmt: skip


def base_year(result: Result) -> int:
    """Return the year that the plan counts from."""
    return int(result.facts["plan"]["base_year"])


def last_year(result: Result) -> int:
    """Return the last year that is projected.

    Raises
    ------
    Undrawn
        When none is.
    """
    years = [int(year) for year in result.dataset["year"].values if int(year) not in inventory_years(result)]
    if not years:
        raise Undrawn("no year is projected")
    return max(years)


def inventory_years(result: Result) -> set[int]:
    """Return the years that are not projected but inventories."""
    return {int(year) for year in result.facts["inventories"]}


def source_line(result: Result, lang: Lang) -> str:
    """Return which scenario a figure is of, and what its inventory is."""
    status = str(result.dataset.attrs.get("inventory_status", ""))
    told = vocabulary.STATUS[status][lang == "zh"] if status in vocabulary.STATUS else status
    scenario = plain(result.facts["scenario"]["title"][lang] or result.facts["scenario"]["name"])
    inventory = pick(lang, f"inventory: {told}", f"清单性质：{told}")
    return f"{pick(lang, 'Scenario', '情景')}{pick(lang, ': ', '：')}{scenario}{pick(lang, '; ', '；')}{inventory}"


# -- emissions -------------------------------------------------------------------------------------------------------


def _annual(result: Result, name: str) -> xr.DataArray:
    found = result.dataset[name]
    # A month that is not estimated leaves the year not estimated.
    return found.sum("month", skipna=False) if "month" in found.dims else found


def by_sector(result: Result, name: str, pollutant: str) -> pd.DataFrame:
    """Return `emissions` or `emissions_no_plan` of a pollutant by year and sector: `value` [t] and `missing` sources.

    `value` is of the sources that are estimated; NaN where none is.
    """
    values = _annual(result, name).sel(pollutant=pollutant).transpose("year", "source")
    sector = result.dataset["sector"].values.astype(str)
    rows = []
    for one in ordered(sector):
        mine = values.values[:, sector == one]
        known = np.isfinite(mine)
        total = np.where(known.any(axis=1), np.nansum(mine, axis=1), np.nan)
        absent = (~known).sum(axis=1)
        rows += [
            {"year": int(y), "sector": one, "value": float(v), "missing": int(m)}
            for y, v, m in zip(values["year"].values, total, absent, strict=True)
        ]
    return pd.DataFrame(rows)


def ordered(sectors: Iterable[str]) -> list[str]:
    """Return sectors once each, in the order of the vocabulary; others behind."""
    there = {str(one) for one in sectors}
    return [one for one in vocabulary.SECTORS if one in there] + sorted(there - set(vocabulary.SECTORS))


def lacking(frame: pd.DataFrame, lang: Lang) -> str:
    """Return which sectors are not estimated, in part or at all, for a line below a title; nothing when all are."""
    names = [sector_name(one, lang) for one in ordered(frame.loc[frame["missing"] > 0, "sector"])]
    if not names:
        return ""
    return pick(lang, "Not estimated, in part or at all: ", "部分或全部未估算：") + joined(names, lang)


def selected(result: Result, name: str, pollutant: str, selector: Mapping[str, Sequence[str]]) -> dict[int, float]:
    """Return total emissions of what a target selects by year [t]; NaN where a source of it is not estimated."""
    mask = np.ones(result.dataset.sizes["source"], dtype=bool)
    for label, wanted in selector.items():
        values = result.dataset[label].values.astype(str)
        mask &= np.array([wants(tuple(wanted), one) for one in values], dtype=bool)
    values = _annual(result, name).sel(pollutant=pollutant).transpose("year", "source").values[:, mask]
    return {int(y): float(v) for y, v in zip(result.dataset["year"].values, values.sum(axis=1), strict=True)}


# -- names -----------------------------------------------------------------------------------------------------------


def title_of(entry: dict[str, Any], lang: Lang) -> str:
    """Return what a measure, target or milestone of the facts is called."""
    return plain(entry["title"][lang]) or str(entry["id"])


def sector_name(name: str, lang: Lang) -> str:
    """Return what a sector is called."""
    known = vocabulary.SECTORS.get(name)
    return name if known is None else pick(lang, known.en, known.zh)


def pollutant_name(name: str, lang: Lang) -> str:
    """Return what a pollutant is called: its symbol, or in words where it has none."""
    if "_" not in name:
        return name
    english, _, chinese = vocabulary.POLLUTANTS.get(name, name).rpartition(" ")
    return chinese if lang == "zh" and english else name.replace("_", " ")


def measure_names(result: Result, lang: Lang) -> dict[str, str]:
    """Return what measures are called, by id."""
    return {one["id"]: title_of(one, lang) for one in result.facts["measures"]}


def verdict_title(result: Result, target: str, lang: Lang) -> str:
    """Return what the target of a verdict is called."""
    return title_of(target_of(result, target), lang)


# -- what is drawn when nothing is asked ------------------------------------------------------------------------------


def target_of(result: Result, name: str) -> dict[str, Any]:
    """Return a target of the facts.

    Raises
    ------
    Undrawn
        When there is none of this name.
    """
    for one in result.facts["targets"]:
        if one["id"] == name:
            return dict(one)
    raise Undrawn(f"there is no target {name!r}")


def emission_targets(result: Result) -> list[dict[str, Any]]:
    """Return the targets on emissions whose amounts are known, those with a ceiling and of all sources first."""
    known = [one for one in result.facts["targets"] if one["indicator"] == "emissions" and one.get("after") is not None]
    return sorted(known, key=lambda one: (one.get("ceiling") is None, bool(one["select"])))


def chosen(result: Result, pollutant: str | None) -> str:
    """Return the pollutant that is asked for, or that of the first target on emissions, or NOx, or the first.

    Raises
    ------
    Undrawn
        When the result does not have it.
    """
    there = [str(one) for one in result.dataset["pollutant"].values]
    if pollutant is not None:
        if pollutant not in there:
            raise Undrawn(f"{pollutant} is not in the result")
        return pollutant
    wanted = [str(one["pollutant"]) for one in emission_targets(result)] + ["NOx", *there]
    return next(one for one in wanted if one in there)
