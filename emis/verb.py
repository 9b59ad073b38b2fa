"""What all verbs of a plan have in common: a selection that narrows the measure's, and ranges of their numbers."""

from typing import TypeAlias

from pydantic import StrictFloat, StrictInt, StrictStr, model_validator

from emis import schema, units
from emis.schema import Model, Share
from emis.selectors import Selector

__all__ = ["Interval", "Uncertainty", "Verb"]


class Interval(Model):
    """A range a value may lie in: low and high, or a coefficient of variation, and perhaps the likely value."""

    low: StrictStr | StrictInt | StrictFloat | None = None
    likely: StrictStr | StrictInt | StrictFloat | None = None
    high: StrictStr | StrictInt | StrictFloat | None = None
    cv: Share | None = None

    @property
    def bare(self) -> bool:
        """Whether its ends are numbers without a unit, as those of a yield may be."""
        return any(isinstance(end, int | float) and end != 0 for end in (self.low, self.likely, self.high))

    @model_validator(mode="after")
    def _in_order(self) -> "Interval":
        ends = [_end(text, name) for name in ("low", "likely", "high") if (text := getattr(self, name)) is not None]
        if len({unit for _, unit in ends}) > 1:
            raise schema.fault(
                f"low and high are in {' and '.join(sorted({unit for _, unit in ends}))}", "write one unit"
            )
        if any(after[0] < before[0] for before, after in zip(ends, ends[1:], strict=False)):
            raise schema.fault("low, likely and high are not in this order", "write the lowest value as low", "low")
        if self.cv is None and (self.low is None or self.high is None):
            raise schema.fault("the range has one end", "write low and high, or cv")
        return self


Uncertainty: TypeAlias = dict[str, Interval | dict[str, Interval]]


def _end(text: str | float, name: str) -> tuple[float, str]:
    """Return value and unit of one end of a range."""
    if not isinstance(text, str):
        return float(text), ""
    try:
        if "/yr" in text and "%" in text:
            return units.rate(text), "%/yr"
        if "%" in text or "％" in text:
            return units.signed_share(text), "%"
        found = units.quantity(text)
    except units.UnitError as error:
        raise schema.fault(error.message, error.hint, name) from None
    return found.value, found.unit


class Verb(Model):
    """Common to all verbs: a selection that narrows the measure's, and the uncertainty of its numbers."""

    select: Selector | None = None
    uncertainty: Uncertainty | None = None
