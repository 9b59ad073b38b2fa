"""A plan: its measures, milestones, targets and alerts, as the document promises them."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt, StrictStr, model_validator

from emis import schema, units, vocabulary
from emis.measures import Measure
from emis.phasing import PhaseIn
from emis.schema import Date, Id, Model, PollutantName, QuantityText, Share, Title, TitleText, Year
from emis.selectors import Selector

__all__ = ["Alert", "Milestone", "Plan", "Target"]


class Milestone(Model):
    """A countable promise that is tracked, whether or not it drives an effect.

    What is observed of it sets the level of `measure`, where that one has an effect.
    """

    id: Id
    article: StrictInt | StrictStr | None = None
    title: TitleText = Title()
    measure: Id | None = None
    at_least: Share | QuantityText | None = None
    at_most: Share | QuantityText | None = None
    equals: Share | QuantityText | None = None
    by: Year | Date
    note: schema.Text = ""

    @model_validator(mode="after")
    def _one_threshold(self) -> "Milestone":
        given = [name for name in ("at_least", "at_most", "equals") if getattr(self, name) is not None]
        if len(given) != 1:
            raise schema.fault(
                f"expected one threshold, found {' and '.join(given) or 'none'}", "write at_least, at_most or equals"
            )
        return self


class Target(Model):
    """A promised outcome: a reduction since a year, or a ceiling, by a year.

    A target without threshold is reported and never met; its `note` says why it has none.
    """

    id: Id
    article: StrictInt | StrictStr | None = None
    title: TitleText = Title()
    indicator: Literal["emissions", "concentration", "heavy_days", "dustfall", "activity", "index", "alert"]
    pollutant: PollutantName | None = None
    select: Selector | None = None
    reduce_by: Share | None = None
    at_most: QuantityText | None = None
    at_least: QuantityText | Share | None = None
    since: Year | None = None
    by: Year | None = None
    level: StrictStr | None = None
    note: schema.Text = ""

    @model_validator(mode="before")
    @classmethod
    def _of_its_pollutant(cls, data: Any) -> Any:
        # The species in a ceiling is annotation, gone once it is read: it is checked while it is there.
        text, name = (data.get("at_most"), data.get("pollutant")) if isinstance(data, dict) else (None, None)
        if isinstance(text, str) and isinstance(name, str) and name in vocabulary.POLLUTANT_ALIASES:
            try:
                units.quantity(text, name)
            except units.UnitError as error:
                raise schema.fault(error.message, error.hint, "at_most") from None
        return data

    @model_validator(mode="after")
    def _coherent(self) -> "Target":
        given = [name for name in ("reduce_by", "at_most", "at_least") if getattr(self, name) is not None]
        if len(given) > 1:
            raise schema.fault(f"expected one threshold, found {' and '.join(given)}", "write a target for each")
        if self.since is not None and self.by is not None and self.since > self.by:
            raise schema.fault(
                f"since {self.since} is later than by {self.by}", "write the earlier year as since", "since"
            )
        if self.indicator == "emissions":
            if self.at_most is not None:
                try:
                    units.tonnes_per_year(self.at_most.unit)
                except units.UnitError as error:
                    raise schema.fault(error.message, error.hint, "at_most") from None
            if self.pollutant is None:
                raise schema.fault("an emissions target names its pollutant", "write e.g. pollutant: NOx")
            if self.by is None:
                raise schema.fault("an emissions target says by when", "write e.g. by: 2020")
            if self.at_least is not None:
                raise schema.fault("an emissions target has no lower bound", "write reduce_by or at_most", "at_least")
        if self.reduce_by is not None and self.indicator != "alert" and self.since is None:
            raise schema.fault("a reduction counts from a year", "write e.g. since: 2015", "reduce_by")
        return self

    def name(self, lang: str = "en") -> str:
        """Return the title in `lang`, or the id when it has none."""
        return self.title.text(lang) or self.id


class Alert(Model):
    """Measures in force on alert days only: ids of measures, or measures of its own."""

    level: StrictStr
    at_least: Share | None = None
    title: TitleText = Title()
    measures: tuple[Id | Measure, ...] = ()
    note: schema.Text = ""


class Plan(Model):
    """What a document promises."""

    emis: Literal["plan/1"]
    title: TitleText = Title()
    name: StrictStr = ""
    issued: Date | None = None
    base_year: Year
    target_year: Year | None = None
    measures: Annotated[tuple[Measure, ...], Field()] = ()
    milestones: tuple[Milestone, ...] = ()
    targets: tuple[Target, ...] = ()
    alerts: tuple[Alert, ...] = ()
    note: schema.Text = ""

    @model_validator(mode="after")
    def _unique(self) -> "Plan":
        for kind in ("measures", "milestones", "targets"):
            seen: dict[str, int] = {}
            for number, item in enumerate(getattr(self, kind)):
                if item.id in seen:
                    found = f"{item.id!r} stands twice, first as number {seen[item.id] + 1}"
                    raise schema.fault(found, "give each its own id", kind, number, "id")
                seen[item.id] = number
        names = {measure.id for measure in self.measures}
        for number, stone in enumerate(self.milestones):
            if stone.measure is not None and stone.measure not in names:
                hint = vocabulary.suggest(stone.measure, names)
                raise schema.fault(f"the plan has no measure {stone.measure!r}", hint, "milestones", number, "measure")
        for number, alert in enumerate(self.alerts):
            for one in alert.measures:
                if isinstance(one, str) and one not in names:
                    raise schema.fault(
                        f"the plan has no measure {one!r}", vocabulary.suggest(one, names), "alerts", number, "measures"
                    )
        return self

    @property
    def start(self) -> dt.date:
        """The day from which anything can be done: the day of issue, else the first after the base year."""
        return self.issued or dt.date(self.base_year + 1, 1, 1)

    def course(self, measure: Measure) -> PhaseIn:
        """Return how a measure is planned to come into place; without a phase-in it is after the base year."""
        return measure.course() or PhaseIn(years=((self.base_year + 1, 1.0),))

    @property
    def effects(self) -> tuple[Measure, ...]:
        """The measures that have an effect, by id: results do not depend on the order they are written in."""
        return tuple(sorted((m for m in self.measures if m.kind == "effect"), key=lambda measure: measure.id))
