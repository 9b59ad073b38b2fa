"""What else could be done: measures beyond the plan, which of them exclude each other, and what each takes."""

import fnmatch
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictFloat, StrictInt, StrictStr, model_validator

from emis import schema, units
from emis.measures import Measure
from emis.schema import Id, Model, Share, Title, TitleText, Year

__all__ = ["CostSettings", "OptionMeasure", "Options"]

#: A weight of effort [1].
Weight = Annotated[StrictFloat, Field(gt=0)] | Annotated[StrictInt, Field(gt=0)]


def _money(unit: str) -> str:
    try:
        units.ratio(unit, "yuan")
    except units.UnitError as error:
        raise schema.fault(error.message, "write e.g. yuan, Myuan or 万元") from None
    return unit


class OptionMeasure(Measure):
    """A measure beyond the plan, with the effort that it takes [1]."""

    effort: Weight | None = None


class CostSettings(Model):
    """How costs are told: interest, the year of the prices, and the unit of money.

    `rate` is the interest that investment is annualised with [1/yr]. A cost that states another `price_year` than this
    one is converted with `price_index`, the level of prices by year on any basis.
    """

    rate: Share = 0.05
    price_year: Year | None = None
    price_index: dict[Year, Weight] = Field(default_factory=dict)
    currency: Annotated[StrictStr, AfterValidator(_money)] = "yuan"


class Options(Model):
    """A file of options: measures beyond the plan, `exclusive` groups of which one may be taken, effort and costs.

    `effort` maps ids or globs to weights, ``default`` to that of all others; an id counts before a pattern, a long
    pattern before a short one.
    """

    emis: Literal["options/1"]
    title: TitleText = Title()
    measures: tuple[OptionMeasure, ...] = ()
    exclusive: tuple[Annotated[tuple[Id, ...], Field(min_length=2)], ...] = ()
    effort: dict[StrictStr, Weight] = Field(default_factory=dict)
    cost: CostSettings = CostSettings()
    note: schema.Text = ""

    @model_validator(mode="after")
    def _coherent(self) -> "Options":
        seen: list[str] = []
        for number, measure in enumerate(self.measures):
            if measure.id in seen:
                hint = "give each its own id"
                raise schema.fault(f"{measure.id!r} stands twice", hint, "measures", number, "id")
            if measure.kind == "enabling":
                hint = "leave it out: it closes no gap"
                raise schema.fault(f"{measure.id!r} is enabling and claims no effect", hint, "measures", number, "kind")
            seen.append(measure.id)
        for number, group in enumerate(self.exclusive):
            if len(set(group)) < len(group):
                raise schema.fault("a measure is named twice", "name each once", "exclusive", number)
        return self

    def effort_of(self, measure: Measure) -> float:
        """Return the weight of a measure: its own, that of its id or the longest pattern that fits, or the default."""
        own = getattr(measure, "effort", None)
        if own is not None:
            return float(own)
        fits = [name for name in self.effort if name != "default" and fnmatch.fnmatchcase(measure.id, name)]
        closest = max(fits, key=lambda name: (name == measure.id, len(name)), default="default")
        return float(self.effort.get(closest, 1.0))
