"""What every indicator of the air tells, and what they share in reading a target."""

from collections.abc import Mapping
from typing import Protocol

from emis import units
from emis.airquality.interface import Floats
from emis.airquality.observed import Observation, Observations
from emis.ambient.case import Uniform
from emis.ambient.words import AREA_ZH, quantity_word
from emis.plan import Target
from emis.target_amounts import Untold

__all__ = ["PREFIX", "Indicator", "asked_unit", "needed", "of_the_air", "year_length"]

#: What the parameters of the air are called among the inputs of a sample begins with this.
PREFIX = "air "


class Indicator(Protocol):
    """A number that a target holds against its threshold; for `reduce_by` a reduction in per cent."""

    @property
    def unit(self) -> str:
        """What it is told in."""

    def value(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True, model: str = "") -> Floats:
        """Return the number in a year by a model (blank: the first), (...) [unit].

        `scope` is one of `SCOPES`, or `UNCHANGED`.
        """
        ...

    def parameters(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the parameters of each term it hangs on."""
        ...

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Return what a reader should know of it, in English and Chinese."""
        ...


def of_the_air(uniform: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the draws of the air's parameters out of those of a sample."""
    return {name.removeprefix(PREFIX): values for name, values in uniform.items() if name.startswith(PREFIX)}


def needed(observed: Observations, year: int, area: str, quantity: str, since: bool = False) -> Observation:
    """Return an observation; with `since` that of the year a target counts from.

    Raises
    ------
    Untold
        When there is none.
    """
    found = observed.get(year, area, quantity)
    if found is None:
        file, english, chinese = observed.file, quantity_word(quantity), quantity_word(quantity, "zh")
        key = f" ({quantity})" if english != quantity else ""
        counts, start = (", from which the target counts,", "（目标起算年）") if since else ("", "")
        raise Untold(
            f"{english}{key} of the {area} in {year}{counts} is not in {file}",
            f"{file} 缺少{AREA_ZH[area]} {year} 年{start}数据：{chinese}{key}",
        )
    return found


def asked_unit(target: Target, like: str) -> str:
    """Return the unit of a target's threshold, `like` where it has none.

    Raises
    ------
    Untold
        When it is none of what the target is about.
    """
    bound = target.at_most if target.at_most is not None else target.at_least
    if bound is None:
        return like
    if not isinstance(bound, units.Quantity) or not units.commensurable(bound.unit, like):
        shown = bound.unit if isinstance(bound, units.Quantity) else "%"
        raise Untold(f"the threshold is in {shown}, not in {like}", f"阈值单位为 {shown}，应为 {like}")
    return bound.unit


def year_length(year: int) -> float:
    """Return the days of a year."""
    return 366.0 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 365.0
