"""Industry: solvent and process VOC by branch, by emission factor or by mass balance, behind capture and destruction.

E = A · EF · (1 − ER/100), ER = capture efficiency × destruction efficiency: US EPA AP-42, Introduction.
"""

from typing import Any

import numpy as np
from pydantic import StrictBool

from emis.schema import Share
from emis.sectors.method import Column, Floats, Method, Rows, Sector, Shorthand
from emis.sectors.shorthand import per_cent

__all__ = ["INDUSTRY", "VOC_COLUMNS", "capture_and_destruction", "mass_balance", "voc_methods"]


def capture_and_destruction(capture: Floats, destruction: Floats) -> Floats:
    """Return the removal efficiency of a hood and what stands behind it [1]: capture · destruction.

    AP-42, Introduction, "emission reduction efficiency"; what is not captured escapes whatever stands behind the hood.
    """
    return capture * destruction


def mass_balance(voc_content: Floats) -> Floats:
    """Return the VOC of a product that dries or cures in air [g/kg]: all of its content [g/kg] evaporates.

    E = Σ use · content · (1 − capture · destruction); the second part is a control of its own here.
    """
    return np.asarray(voc_content * 1.0)


class Capture(Shorthand):
    """Hoods and destruction that replace what a firm has, for the share of the activity reached."""

    capture: Share
    destruction: Share
    penetration: Share = 1.0
    effectiveness: Share = 1.0
    may_increase: StrictBool = False

    def written(self) -> dict[str, Any]:
        """Return the abatement: capture · destruction of VOC, in place of the existing control."""
        efficiency = per_cent(self.capture * self.destruction)
        own = {name: getattr(self, name) for name in ("select", "uncertainty") if getattr(self, name) is not None}
        shares = {name: per_cent(getattr(self, name)) for name in ("penetration", "effectiveness")}
        return {
            "abate": {
                **own,
                **shares,
                "efficiency": {"VOC": efficiency},
                "replaces": "existing",
                "may_increase": self.may_increase,
            }
        }


VOC_COLUMNS = (
    Column("capture", "%", "share of the vapour that is captured", most=1),
    Column("destruction", "%", "share of the captured vapour that is destroyed or recovered", most=1),
    Column("voc_content", "g/kg", "VOC in the product as used", most=1000),
)


def _captured(rows: Rows) -> dict[str, Floats]:
    return {"VOC": capture_and_destruction(rows.get("capture"), rows.get("destruction"))}


def voc_methods(categories: tuple[str, ...]) -> tuple[Method, ...]:
    """Return the methods of solvent VOC for a sector's categories."""
    return (
        Method(
            name="mass_balance",
            kind="factor",
            categories=categories,
            triggers=("voc_content",),
            compute=lambda rows: {"VOC": mass_balance(rows.get("voc_content"))},
            unit="g/kg",
            cv=0.2,
            cites="mass balance of the solvent; interval assumed",
        ),
        Method(
            name="capture_and_destruction",
            kind="control",
            categories=categories,
            triggers=("capture", "destruction"),
            needs=("capture", "destruction"),
            compute=_captured,
            cites="US EPA AP-42, Introduction",
        ),
    )


_CATEGORIES = (
    "printing furniture machinery electronics coating car_making ceramics building_materials concrete petrochemical"
    " pharmaceutical plastics food other_manufacturing"
).split()

INDUSTRY = Sector(
    name="industry",
    sectors=("industry",),
    categories=tuple(_CATEGORIES),
    columns=VOC_COLUMNS,
    methods=voc_methods(tuple(_CATEGORIES)),
    levers={"capture": Capture},
)
