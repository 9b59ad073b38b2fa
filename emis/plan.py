"""A plan: its measures, milestones, targets and alerts, as the document promises them."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StrictStr, model_validator

from emis import notebook, schema, units, vocabulary
from emis.measures import Cap, Close, Measure, Shift
from emis.phasing import PhaseIn
from emis.schema import Date, Id, Model, PollutantName, QuantityText, Share, Title, TitleText, Year
from emis.selectors import Selector

__all__ = ["Alert", "Milestone", "Plan", "Target"]

#: What an alert is to cut unless it names its pollutants: the gases and particles that pollution days consist of.
_ALERT_POLLUTANTS = ("SO2", "NOx", "PM10", "PM2.5", "VOC")


class Milestone(Model):
    """A countable promise that is tracked, whether or not it drives an effect.

    What is observed of it sets the level of `measure`, where that one has an effect; not with ``drives: false``, for a
    promise that goes with the measure and says nothing of how far its effect has come (rules filed, inspections made).
    ``each_year: true`` says that so much is promised in every year, not in the end.
    """

    id: Id
    article: StrictInt | StrictStr | None = None
    title: TitleText = Title()
    measure: Id | None = None
    drives: StrictBool = True
    each_year: StrictBool = False
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
        if self.indicator == "alert":
            self._of_an_alert()
        elif self.reduce_by is not None and self.since is None:
            raise schema.fault("a reduction counts from a year", "write e.g. since: 2015", "reduce_by")
        return self

    def _of_an_alert(self) -> None:
        if self.level is None:
            raise schema.fault("an alert target names its level", "write e.g. level: red")
        for name in ("select", "since", "at_most", "at_least"):
            if getattr(self, name) is not None:
                hint = "write reduce_by: what an alert day emits is compared with the same day without the alert"
                raise schema.fault(f"an alert target has no {name}", hint, name)

    def name(self, lang: str = "en") -> str:
        """Return the title in `lang`, or the id when it has none."""
        return self.title.text(lang) or self.id

    def told(self) -> tuple[str, ...]:
        """Return what a table tells of it: id, title, what it asks for, since when and by when."""
        bounds = (("−", self.reduce_by), ("≤ ", self.at_most), ("≥ ", self.at_least))
        asks = ", ".join(
            f"{sign}{f'{100 * value:.6g} %' if isinstance(value, float) else value}"
            for sign, value in bounds
            if value is not None
        )
        years = ("" if year is None else str(year) for year in (self.since, self.by))
        return self.id, self.title.text(), asks.replace("ug/m^3", "µg/m³") or "no figure", *years


def _of_a_day(measure: Measure) -> Measure:
    """Refuse what an alert, which lasts days, cannot do: move stock for good, hold a year's ceiling, come by steps."""
    if measure.phase_in is not None:
        raise schema.fault("an alert measure is in force on its days", "leave phase_in out", "phase_in")
    scale = "write scale: {activity: -30 %}"
    for number, effect in enumerate(measure.do):
        verb, path = effect.verb, ("do", number, effect.name)
        if isinstance(verb, Shift) or effect.course is not None:
            raise schema.fault(f"`{effect.name}` moves stock for good, and an alert lasts days", scale, *path)
        if isinstance(verb, Close) and verb.amount is not None:
            hint = f"{scale}, or close by share: what stands still that day"
            raise schema.fault(f"`{effect.name}` by amount ends stock for good, and an alert lasts days", hint, *path)
        if isinstance(verb, Cap):
            raise schema.fault(f"`{effect.name}` is on a year's emissions, and an alert lasts days", scale, *path)
    return measure


class Alert(Model):
    """Measures in force on alert days only: ids of the plan's measures, or measures of its own.

    A measure of the plan that is named is fully in place on such days. `months` are those in which such alerts occur,
    `pollutants` what the cut is asked of, `days` how many days of the target year have this level, or which; a scenario
    may say otherwise. No level inherits the measures of another.
    """

    level: StrictStr
    at_least: Share | None = None
    title: TitleText = Title()
    months: schema.Months = tuple(range(1, 13))
    pollutants: Annotated[tuple[PollutantName, ...], schema.one_or_many(str), schema.FILLED] | None = None
    days: schema.Days | None = None
    measures: tuple[Id | Annotated[Measure, AfterValidator(_of_a_day)], ...] = ()
    note: schema.Text = ""

    @property
    def own(self) -> tuple[tuple[int, Measure], ...]:
        """The measures that the alert states itself, each with its number in the list."""
        return tuple((number, one) for number, one in enumerate(self.measures) if isinstance(one, Measure))

    @property
    def named(self) -> tuple[str, ...]:
        """The ids of the plan's measures that are fully in place on its days."""
        return tuple(one for one in self.measures if isinstance(one, str))

    def asked(self, pollutants: Collection[str]) -> tuple[str, ...]:
        """Return the pollutants that the cut is asked of: those named, or the usual ones among `pollutants`."""
        return self.pollutants or tuple(name for name in _ALERT_POLLUTANTS if name in pollutants)


def _unfit(one: str | Measure, seen: Collection[str], measures: Mapping[str, Measure]) -> tuple[str, str]:
    """Return why an alert cannot hold one of its measures, and what would be right; blank when it can."""
    name = one if isinstance(one, str) else one.id
    if name in seen:
        return f"{name!r} stands twice in this alert", "name it once"
    if isinstance(one, Measure):
        hint = f"write {name} alone to put that one in force, or give this one its own id"
        return (f"the plan has a measure {name!r} too", hint) if name in measures else ("", "")
    if name not in measures:
        return f"the plan has no measure {name!r}", vocabulary.suggest(name, measures)
    if measures[name].kind == "enabling":
        return f"{name!r} is enabling and claims no effect", "name measures that have one"
    if any(isinstance(effect.verb, Cap) for effect in measures[name].do):
        return f"{name!r} caps a year's emissions, and an alert lasts days", "write a measure of the alert's own"
    return "", ""


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
        return self

    @model_validator(mode="after")
    def _alerts_fit(self) -> "Plan":
        measures = {measure.id: measure for measure in self.measures}
        levels: list[str] = []
        for number, alert in enumerate(self.alerts):
            if alert.level in levels:
                raise schema.fault(f"level {alert.level!r} stands twice", "write one alert", "alerts", number, "level")
            levels.append(alert.level)
            seen: set[str] = set()
            for place, one in enumerate(alert.measures):
                message, hint = _unfit(one, seen, measures)
                if message:
                    raise schema.fault(message, hint, "alerts", number, "measures", place)
                seen.add(one if isinstance(one, str) else one.id)
        for number, target in enumerate(self.targets):
            if target.indicator == "alert" and target.level not in levels:
                hint = vocabulary.suggest(str(target.level), levels)
                raise schema.fault(f"no alert has the level {target.level!r}", hint, "targets", number, "level")
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

    def __repr__(self) -> str:
        return f"<Plan {self.name or self.title.text()}: {len(self.measures)} measures, {len(self.targets)} targets>"

    def _repr_html_(self) -> str:
        """Return targets, and measures by article with their grade of evidence, for notebooks."""
        own = [one for alert in self.alerts for one in alert.measures if isinstance(one, Measure)]
        held: tuple[Measure | Milestone | Target, ...] = (*self.measures, *self.milestones, *self.targets, *own)
        articles = {str(one.article).strip() for one in held if one.article is not None}
        years = f"{self.base_year} – {self.target_year}" if self.target_year else str(self.base_year)
        facts = (
            ", issued ".join(filter(None, (years, str(self.issued or "")))),
            f"{len(articles)} articles; {len(self.measures)} measures, {len(self.effects)} of them quantified;"
            f" {len(self.milestones)} milestones; {len(self.targets)} targets",
        )
        targets = notebook.table(
            "targets", ("target", "promise", "asks", "since", "by"), (target.told() for target in self.targets)
        )
        measures = notebook.table("", ("article", "measure", "", "kind", "grade"), map(_told, self.measures))
        return notebook.fragment(
            self.title.text() or self.name, facts, targets, notebook.folded("measures by article", measures)
        )


def _told(measure: Measure) -> tuple[str, ...]:
    grade = measure.evidence.grade if measure.evidence else None
    article = "" if measure.article is None else str(measure.article)
    return article, measure.id, measure.title.text(), measure.kind, grade or "none"
