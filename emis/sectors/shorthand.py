"""Levers that are short for a general verb: a shift to one known destination, an abatement, less activity."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from emis import schema
from emis.phasing import PhaseIn
from emis.schema import Date, PollutantName, QuantityByPollutant, QuantityText, Rate, Share, ShareByPollutant
from emis.sectors.method import Shorthand
from emis.selectors import Destination

__all__ = ["CutActivity", "Inspect", "LowVoc", "Renew", "Retrofit", "Scrap", "TransferTo", "per_cent"]


def per_cent(share: float) -> str:
    """Return a share as a plan writes it, to its last digit: 0.07 is ``7.00 %``."""
    return f"{Decimal(repr(share)) * 100} %"


class _Brief(Shorthand):
    """Common to levers whose one number may stand for all of them: ``revegetate: 48 ha``."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = {"type": "string", "pattern": r"^[0-9.]+ *\S+", "examples": ["60 %"]}
        return {"anyOf": [text, handler(core)]}


class _Reaching(Shorthand):
    """Common to levers that reach a share of the sources, where they work to some effect."""

    penetration: Share = 1.0
    effectiveness: Share = 1.0

    def _common(self) -> dict[str, Any]:
        """Return what the general verb takes over as it is."""
        own = {name: getattr(self, name) for name in ("select", "uncertainty") if getattr(self, name) is not None}
        return own | {name: per_cent(getattr(self, name)) for name in ("penetration", "effectiveness")}


class _Moving(_Brief, _Reaching):
    """Common to levers that move a share of the stock, or an amount."""

    share: Share | None = None
    amount: QuantityText | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        """Let ``revegetate: 48 ha`` stand for an amount, and ``60 %`` for a share."""
        if isinstance(data, int | float) and not isinstance(data, bool):
            raise schema.fault(f"{data} has no unit", f"write {data} ha or {data} %")
        if isinstance(data, str):
            return {"share" if "%" in data or "％" in data else "amount": data}
        return data

    @model_validator(mode="after")
    def _one_of(self) -> Any:
        if (self.share is None) == (self.amount is None):
            raise schema.fault("expected `share` or `amount`", "write one: share: 60 %, or amount: 1200 vehicle")
        return self

    def _moved(self) -> dict[str, Any]:
        stock = {"amount": self.amount} if self.share is None else {"share": per_cent(self.share)}
        return {**self._common(), **stock}


class TransferTo(_Moving):
    """Stock, a share of it or an amount, that moves to the source with the labels `to`; otherwise as `shift`."""

    to: ClassVar[dict[str, str]] = {}

    def written(self) -> dict[str, Any]:
        """Return the shift, with what was written."""
        return {"shift": {**self._moved(), "to": self.to}}


class Scrap(_Moving):
    """Stock that is scrapped: `replaced_by` says what takes its place, nothing where it is left out."""

    replaced_by: Destination | None = None

    def written(self) -> dict[str, Any]:
        """Return the shift, or the closure where nothing takes its place."""
        if self.replaced_by is None:
            return {"close": self._moved()}
        return {"shift": {**self._moved(), "to": self.replaced_by}}


class Renew(Shorthand):
    """A standard for new registrations: of the stock renewed each year, `turnover`, all is `to` from a day on.

    The share that has moved grows in a straight line from `from` to `until`: turnover · (until − from) in years of 365
    days, at most all of it. It sets the level of the whole measure, which takes no `phase_in` beside it.
    """

    turnover: Rate
    to: Destination
    from_: Date = Field(alias="from")
    until: Date
    penetration: Share = 1.0

    @model_validator(mode="after")
    def _in_order(self) -> "Renew":
        if not 0 <= self.turnover <= 1:
            raise schema.fault(
                f"a turnover of {100 * self.turnover:g} % a year cannot be", "write 0 to 100 %/yr", "turnover"
            )
        if self.until <= self.from_:
            raise schema.fault("ends before it starts", "write until later than from", "until")
        return self

    @property
    def course(self) -> PhaseIn:
        """How far the renewal is in place over time."""
        day = dt.timedelta(days=1)
        return PhaseIn(dates=((self.from_, 0.0), (self.until + day, 1.0)))

    def written(self) -> dict[str, Any]:
        """Return the shift of what has been renewed by the end."""
        years = ((self.until - self.from_).days + 1) / 365
        own = {name: getattr(self, name) for name in ("select", "uncertainty") if getattr(self, name) is not None}
        share = min(1.0, self.turnover * years) * self.penetration
        return {"shift": {**own, "share": per_cent(share), "to": self.to}}


class Retrofit(_Reaching):
    """Devices on engines or plants in use: what they remove, on the share that gets one and where it works."""

    removes: ShareByPollutant

    def written(self) -> dict[str, Any]:
        """Return the abatement."""
        efficiency = {name: per_cent(value) for name, value in self.removes.items()}
        return {"abate": {**self._common(), "efficiency": efficiency}}


class Inspect(Shorthand):
    """Inspection that mends part of the non-compliant: the excess they emit falls by what is found and mended.

    With a share n of the stock emitting k times as much as the rest, the mean factor is 1 − n + n·k times that of the
    rest; mending m = found · mended of them removes n (k − 1) m / (1 + n (k − 1)).
    """

    non_compliant: Share
    excess: Annotated[dict[PollutantName, Annotated[float, Field(ge=1)]], schema.FILLED]
    found: Share
    mended: Share = 1.0

    def written(self) -> dict[str, Any]:
        """Return the abatement."""
        of_fleet = {name: self.non_compliant * (times - 1.0) for name, times in self.excess.items()}
        removed = {name: part * self.found * self.mended / (1.0 + part) for name, part in of_fleet.items()}
        own = {name: getattr(self, name) for name in ("select",) if getattr(self, name) is not None}
        return {"abate": {**own, "efficiency": {name: per_cent(value) for name, value in removed.items()}}}


class LowVoc(_Reaching):
    """Products with less VOC in place of those in use: their own factor for the share that changes."""

    factor: QuantityByPollutant
    share: Share = 1.0

    def written(self) -> dict[str, Any]:
        """Return the replacement of the factor."""
        own = {name: getattr(self, name) for name in ("select", "uncertainty") if getattr(self, name) is not None}
        share = per_cent(self.share * self.penetration * self.effectiveness)
        return {"replace": {**own, "factor": self.factor, "share": share}}


class CutActivity(_Brief, _Reaching):
    """Less of an activity: a cut of fertiliser, a ban on burning."""

    cut: Share

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        """Let ``ban_burning: 80 %`` stand for the cut."""
        if isinstance(data, int | float) and not isinstance(data, bool):
            raise schema.fault(f"{data} has no unit", f"write {data} %")
        return {"cut": data} if isinstance(data, str) else data

    def written(self) -> dict[str, Any]:
        """Return the change of activity."""
        own = {name: getattr(self, name) for name in ("select",) if getattr(self, name) is not None}
        return {"scale": {**own, "activity": f"-{per_cent(self.cut * self.penetration * self.effectiveness)}"}}
