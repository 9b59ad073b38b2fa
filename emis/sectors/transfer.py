"""Levers that are a shift of stock to one known destination of their sector."""

from decimal import Decimal
from typing import Any, ClassVar

from pydantic import model_validator

from emis import schema
from emis.schema import QuantityText, Share
from emis.sectors.method import Shorthand

__all__ = ["TransferTo", "per_cent"]


def per_cent(share: float) -> str:
    """Return a share as a plan writes it, to its last digit: 0.07 is ``7.00 %``."""
    return f"{Decimal(repr(share)) * 100} %"


class TransferTo(Shorthand):
    """Stock, a share of it or an amount, that moves to the source with the labels `to`; otherwise as `shift`."""

    to: ClassVar[dict[str, str]] = {}

    share: Share | None = None
    amount: QuantityText | None = None
    penetration: Share = 1.0
    effectiveness: Share = 1.0

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        """Let ``revegetate: 48 ha`` stand for an amount, and ``60 %`` for a share."""
        if isinstance(data, str):
            return {"share" if "%" in data or "％" in data else "amount": data}
        return data

    @model_validator(mode="after")
    def _one_of(self) -> "TransferTo":
        if (self.share is None) == (self.amount is None):
            raise schema.fault("expected `share` or `amount`", "write one: share: 60 %, or amount: 1200 vehicle")
        return self

    def written(self) -> dict[str, Any]:
        """Return the shift, with what was written."""
        own = {name: getattr(self, name) for name in ("select", "uncertainty", "amount") if getattr(self, name)}
        shares = {name: per_cent(getattr(self, name)) for name in ("penetration", "effectiveness")}
        if self.share is not None:
            shares["share"] = per_cent(self.share)
        return {"shift": {**own, **shares, "to": self.to}}
