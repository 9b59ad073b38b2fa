"""What a measure is: what it does to the sources it selects, when it is in place, and on what evidence."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StrictBool,
    StrictInt,
    StrictStr,
    create_model,
    model_validator,
)

from emis import schema, units, vocabulary
from emis.phasing import PhaseIn
from emis.schema import (
    Date,
    Evidence,
    Id,
    Model,
    PollutantName,
    QuantityByPollutant,
    QuantityText,
    Share,
    Text,
    Title,
    TitleText,
)
from emis.sectors import LEVERS, Shorthand
from emis.selectors import Destination, Selector
from emis.verb import Uncertainty, Verb

__all__ = [
    "Abate",
    "Cap",
    "Close",
    "Cost",
    "Effect",
    "Limit",
    "Measure",
    "Replace",
    "Scale",
    "Shift",
]


class Scale(Verb):
    """Change of activity: ``{activity: -10 %}`` is α = 0.10; ``+10 %`` is growth."""

    activity: schema.SignedPercent
    _unsigned: bool = PrivateAttr(default=False)

    @model_validator(mode="wrap")
    @classmethod
    def _notes_the_sign(cls, data: Any, handler: ModelWrapValidatorHandler["Scale"]) -> "Scale":
        scale = handler(data)
        text = data.get("activity") if isinstance(data, dict) else ""
        scale._unsigned = isinstance(text, str) and scale.activity > 0 and not text.lstrip().startswith("+")
        return scale

    @property
    def unsigned(self) -> bool:
        """Whether growth was written without its sign, which a forgotten minus looks like."""
        return self._unsigned

    @model_validator(mode="after")
    def _keeps_activity(self) -> "Scale":
        if self.activity < -1:
            raise schema.fault(f"activity falls by {-100 * self.activity:.6g} %", "write at least -100 %", "activity")
        return self


class _Transfer(Verb):
    """Common to the verbs that move stock: a share of it, or an amount, as far as it is carried out."""

    share: Share | None = None
    amount: QuantityText | None = None
    penetration: Share = 1.0
    effectiveness: Share = 1.0

    @model_validator(mode="after")
    def _one_of(self) -> Any:
        if (self.share is None) == (self.amount is None):
            found = "neither" if self.share is None else "both"
            raise schema.fault(
                f"expected `share` or `amount`, found {found}", "write one: share: 60 %, or amount: 1200 vehicle"
            )
        return self


class Shift(_Transfer):
    """Stock that moves to another technology, fuel or category, with `yield` units arriving per unit that leaves.

    `yield` is a number (units of the destination's activity per unit of the origin's) or a quantity (``2100 kWh/t``).
    ``to: outside`` says that the stock leaves the inventory; `offsite` may then give what it causes elsewhere, per unit
    of activity that leaves (``{CO2: 0.9 t/t}``).
    """

    to: Destination | Literal["outside"]
    yield_: Annotated[float, Field(ge=0, strict=True)] | Annotated[StrictInt, Field(ge=0)] | QuantityText | None = (
        Field(default=None, alias="yield")
    )
    offsite: QuantityByPollutant | None = None

    @model_validator(mode="after")
    def _offsite_outside(self) -> "Shift":
        if self.to == "outside" and self.yield_ is not None:
            raise schema.fault("stock that leaves the inventory has no yield", "leave `yield` out", "yield")
        if self.to != "outside" and self.offsite:
            raise schema.fault(
                "only stock that leaves the inventory causes emissions off site", "write `to: outside`", "offsite"
            )
        return self


class Close(_Transfer):
    """Stock that ends; dated, it is in force from 00:00 of that day."""

    date: Date | None = None


class Abate(Verb):
    """Removal of a pollutant: η = efficiency × penetration × effectiveness.

    With ``replaces: existing`` the reached share loses the control the inventory already has:
    η = penetration · (1 − (1 − efficiency·effectiveness) / (1 − η_inv)).
    """

    efficiency: schema.ShareByPollutant | Share
    pollutant: Annotated[tuple[PollutantName, ...], schema.one_or_many(str)] | None = None
    penetration: Share = 1.0
    effectiveness: Share = 1.0
    replaces: Literal["existing"] | None = None
    may_increase: StrictBool = False

    @model_validator(mode="after")
    def _says_which(self) -> "Abate":
        if isinstance(self.efficiency, dict) == (self.pollutant is not None):
            raise schema.fault("the pollutants are not clear", "write efficiency: {NOx: 80 %}", "efficiency")
        if not self.may_increase and any(value < 0 for value in self.efficiencies().values()):
            raise schema.fault(
                "a negative efficiency raises emissions", "write may_increase: true if that is meant", "efficiency"
            )
        return self

    def efficiencies(self) -> dict[str, float]:
        """Return the removal efficiency of each pollutant [1]."""
        if isinstance(self.efficiency, dict):
            return self.efficiency
        return dict.fromkeys(self.pollutant or (), self.efficiency)


class Replace(Verb):
    """A new emission factor for a share: η = share · (1 − F_new/F)."""

    factor: QuantityByPollutant
    share: Share = 1.0
    may_increase: StrictBool = False


class Limit(Verb):
    """An emission standard for a share: η = share · max(0, 1 − limit/F)."""

    at_most: QuantityByPollutant
    share: Share = 1.0


class Cap(Verb):
    """A ceiling on the yearly mass of the selection, applied last."""

    at_most: QuantityByPollutant


class _General(Model):
    """The verbs that every sector knows."""

    scale: Scale | None = None
    shift: Shift | None = None
    close: Close | None = None
    abate: Abate | None = None
    replace: Replace | None = None
    limit: Limit | None = None
    cap: Cap | None = None


_OF_SECTORS: dict[str, Any] = {name: (lever | None, None) for name, lever in LEVERS.items()}
_Known = create_model("_Known", __base__=_General, **_OF_SECTORS)


class Effect(_Known):
    """One entry of `do`: exactly one verb, a general one or a lever of a sector."""

    verbs: ClassVar[tuple[str, ...]] = tuple(_Known.model_fields)

    _verb: Verb = PrivateAttr()

    @model_validator(mode="after")
    def _one_verb(self) -> "Effect":
        given = [name for name in self.verbs if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise schema.fault(
                f"expected one verb, found {found}", f"write one entry of `do` per verb: {', '.join(self.verbs)}"
            )
        written = getattr(self, given[0])
        self._verb = Effect.model_validate(written.written()).verb if isinstance(written, Shorthand) else written
        return self

    @property
    def name(self) -> str:
        """The verb's name, as it is written."""
        return next(name for name in self.verbs if getattr(self, name) is not None)

    @property
    def written(self) -> Verb:
        """The verb as it is written."""
        verb: Verb = getattr(self, self.name)
        return verb

    @property
    def course(self) -> PhaseIn | None:
        """How the verb comes into place by dates of its own; None when it has none."""
        if isinstance(self.verb, Close) and self.verb.date:
            return PhaseIn.step(self.verb.date)
        course: PhaseIn | None = getattr(self.written, "course", None)
        return course

    @property
    def verb(self) -> Verb:
        """What the verb means: a general verb, or a lever that knows from each row how far emissions fall."""
        return self._verb


#: Arguments that are plain numbers, whose ranges need no unit.
_NUMBERS = frozenset({"yield", "cop", "excess"})


class Cost(Model):
    """What a measure costs: investment [yuan] and operation [yuan/yr], over its lifetime, in prices of a year."""

    investment: QuantityText | None = None
    operation: QuantityText | None = None
    lifetime: QuantityText | None = None
    price_year: schema.Year | None = None

    @model_validator(mode="after")
    def _in_money_and_years(self) -> "Cost":
        for name, unit in (("investment", "yuan"), ("operation", "yuan/yr"), ("lifetime", "yr")):
            found = getattr(self, name)
            if found is not None:
                try:
                    units.ratio(found.unit, unit)
                except units.UnitError as error:
                    raise schema.fault(error.message, error.hint, name) from None
        return self


class Measure(Model):
    """One promise of a plan. Of kind `effect` it changes activity or emissions; `enabling` claims no effect."""

    id: Id
    article: StrictInt | StrictStr | None = None
    kind: Literal["effect", "enabling"] = "effect"
    title: TitleText = Title()
    departments: Annotated[tuple[Text, ...], schema.one_or_many(str)] = ()
    select: Selector | None = None
    do: tuple[Effect, ...] = ()
    phase_in: PhaseIn | None = None
    months: schema.Months | None = None
    temporary: StrictBool = False
    optional: StrictBool = False
    uncertainty: Uncertainty | None = None
    cost: Cost | None = None
    evidence: Evidence | None = None
    note: schema.Text = ""

    @model_validator(mode="after")
    def _coherent(self) -> "Measure":
        if self.kind == "enabling" and self.do:
            raise schema.fault("an enabling measure claims no effect", "leave `do` out, or write kind: effect", "kind")
        if self.kind == "effect" and not self.do:
            raise schema.fault("a measure of kind effect says what it does", "add `do`, or write kind: enabling")
        if self.phase_in and self.phase_in.falls() and not self.temporary:
            raise schema.fault("the level goes down", "write temporary: true if that is meant", "phase_in")
        for number, effect in enumerate(self.do):
            if self.select is None and effect.verb.select is None:
                raise schema.fault("nothing is selected", "add `select` to the measure", "do", number)
        verbs = {type(verb) for effect in self.do for verb in (effect.written, effect.verb)}
        fields = {field.alias or name for verb in verbs for name, field in verb.model_fields.items()}
        known = (fields - {"select", "uncertainty"}) | {"implementation"}
        for name, interval in (self.uncertainty or {}).items():
            if name not in known:
                hint = vocabulary.suggest(name, known)
                raise schema.fault(f"no verb of the measure has {name!r}", hint, "uncertainty", name)
            several = interval.values() if isinstance(interval, dict) else (interval,)
            if name not in _NUMBERS and any(one.bare for one in several):
                raise schema.fault("a bare number was found", "write its unit, e.g. 60 %", "uncertainty", name)
        courses = [effect.course for effect in self.do]
        if any(courses):
            name = next(effect.name for effect in self.do if effect.course)
            named = "a dated `close`" if name == "close" else f"`{name}`"
            if self.phase_in:
                raise schema.fault(f"{named} takes no phase_in beside it", "leave one of the two out", "phase_in")
            if any(course != courses[0] for course in courses):
                raise schema.fault(
                    f"{named} sets the level of the whole measure", "write a measure for each date", "do"
                )
        return self

    def name(self, lang: str = "en") -> str:
        """Return the title in `lang`, or the id when it has none."""
        return self.title.text(lang) or self.id

    def course(self) -> PhaseIn | None:
        """Return how the measure comes into place; None when it is in place in every year after the base year."""
        return next((effect.course for effect in self.do if effect.course), self.phase_in)
