"""What a reader should know of the answer on a target: what its models say, what is assumed, on what it was told."""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from emis.airquality.interface import AREAS
from emis.airquality.observed import BASES
from emis.airquality.surface import Errors
from emis.ambient.case import SCOPES, Case
from emis.ambient.words import AREA_ZH, BASIS, MODEL_ZH, sentence_amount

__all__ = ["basis_remark", "case_remarks"]

#: Elasticities of PM2.5 that joint cuts of all emissions showed [1]; models outside them are told of.
_ELASTICITIES = (0.3, 0.8)


class _Found(Protocol):
    @property
    def unit(self) -> str: ...

    @property
    def required(self) -> float | None: ...

    def reaches(self, value: float) -> bool: ...


def basis_remark(case: Case, year: int, value: Callable[[Case], float], found: _Found) -> tuple[tuple[str, str], ...]:
    """Return what the result would read as the target's year is reported, where the base year is on another basis.

    Parameters
    ----------
    value : callable
        The result of a case.
    """
    mine, other = case.mass.basis, _reported(case, year)
    if not mine or not other or mine == other:
        return ()
    result = value(case.on(other))
    english, chinese = (sentence_amount(result, found.unit, lang) for lang in ("en", "zh"))
    met = found.reaches(result)
    change = 100 * (case.settings.reads(mine, other) - 1)
    lower, less = ("lower", "低") if change < 0 else ("higher", "高")
    size = f"{abs(change):.3g} %"
    verdict = ("", "") if found.required is None else ((", met", "，达到") if met else (", missed", "，未达到"))
    return (
        (
            f"PM2.5 of {case.base_year} is told at {BASIS[mine][0]} and later years at {BASIS[other][0]}, at which the"
            f" same air reads {size} {lower}: with {year} told so it would be {english}{verdict[0]}",
            f"{case.base_year} 年 PM2.5 按{BASIS[mine][1]}计，其后按{BASIS[other][1]}计，同样的空气读数{less} {size}："
            f"{year} 年按后者计为 {chinese}{verdict[1]}",
        ),
    )


def _reported(case: Case, year: int) -> str:
    """Return the basis PM2.5 is told on in a year, or in the latest after the base year of which that is known."""
    observed = case.air.observations
    later = {y for area in AREAS for y in observed.years(area, "PM2.5") if y > case.base_year}
    known = (observed.basis(y, case.receptor) for y in (year, *sorted(later, reverse=True)))
    return next((basis for basis in known if basis in BASES), "")


def case_remarks(case: Case, year: int) -> tuple[tuple[str, str], ...]:
    """Return what is to be known of a case in a year."""
    found = (*_of_the_models(case, year), *_of_the_base(case), *_of_a_file(case), *_of_elasticity(case, year))
    return tuple(found)


def _of_the_models(case: Case, year: int) -> Iterator[tuple[str, str]]:
    ratio = case.ratio(year, SCOPES[-1])
    for name in case.settings.compared:
        for english, chinese in case.model(name).remarks(ratio):
            yield f"{name}: {english}", f"{MODEL_ZH[name]}：{chinese}"


def _of_the_base(case: Case) -> Iterator[tuple[str, str]]:
    base, mass = case.base_year, case.mass
    if case.composed != (base, case.receptor):
        then, where = case.composed
        yield f"the composition is that of the {where} in {then}", f"组分取自{AREA_ZH[where]} {then} 年"
    if mass.modelled:
        ends = f"{mass.value:g} µg/m³ ({mass.low:g}–{mass.high:g})"
        yield (
            f"PM2.5 of {base}, {ends}, is modelled, not measured",
            f"{base} 年 PM2.5 {mass.value:g} µg/m³（{mass.low:g}–{mass.high:g}）为推算值，并非实测",
        )
    if case.held:
        names = ", ".join(case.held)
        yield f"the inventory has no {names}: the district's is taken as unchanged", f"清单不含 {names}，视为不变"


def _of_a_file(case: Case) -> Iterator[tuple[str, str]]:
    """Tell how far a model from a file is off: its own model, and what that one is off."""
    wrong_by = case.air.surface_errors
    if "response_surface" in case.settings.models and isinstance(wrong_by, Errors):
        mean, most = (f"{100 * one:.2g} %" for one in (wrong_by.mean_normalised, wrong_by.largest_normalised))
        yield (
            f"response_surface: off the runs it has not seen by {mean} in the mean and {most} at most; what their"
            " model is off is not in that",
            f"响应曲面：留一法平均误差 {mean}，最大 {most}，不含原模型自身的误差",
        )
    if not case.own_file:
        return
    if case.settings.models[0] == "response_surface":
        yield (
            "response_surface: the change it tells is taken as 0.7 to 1.3 of itself, as a chemical transport model is"
            " off by 20–30 %",
            "响应曲面：化学传输模型误差约 20–30 %，其变化量按 0.7–1.3 倍取不确定性",
        )
    else:
        yield (
            "source_receptor: its response is taken as sure to a quarter (carbon, minerals), to 40 % (sulfate,"
            " ammonium) and to a factor of two (nitrate, organic matter)",
            "源–受体矩阵：响应的不确定性取 ±25 %（元素碳、矿物尘）、±40 %（硫酸盐、铵盐）及两倍（硝酸盐、有机物）",
        )


def _of_elasticity(case: Case, year: int) -> Iterator[tuple[str, str]]:
    """Tell of a model that promises more or less of a joint cut of all emissions than was ever seen."""
    name = case.settings.models[0]
    model, ratio = case.model(name), np.ones_like(case.ratio(year, SCOPES[-1]))
    before, after = (float(model.concentrations(factor * ratio).sum()) for factor in (1.0, 0.9))
    elasticity = (1 - after / before) / 0.1
    low, high = _ELASTICITIES
    if low <= elasticity <= high:
        return
    if elasticity >= 0:
        shown = ("lowers", "下降", f"{10 * elasticity:.1f} %")
    else:
        shown = ("raises", "上升", f"{-10 * elasticity:.1f} %")
    yield (
        f"a joint cut of all emissions by 10 % {shown[0]} {name}'s PM2.5 by {shown[2]}; observed were falls by"
        f" {10 * low:g}–{10 * high:g} %",
        f"所有排放同减 10 % 时{MODEL_ZH[name]}的 PM2.5 {shown[1]} {shown[2]}；"
        f"观测到的下降为 {10 * low:g}–{10 * high:g} %",
    )
