"""Catering: exhaust volume times concentration behind the purifier; VOC, particles and oil fume.

E = stoves · exhaust rate · hours · C · (1 − η): the concentration route, with C before the purifier in the factor
table (mg/m³).
"""

from typing import ClassVar

from emis.sectors.method import PM, Column, Floats, Method, Rows, Sector
from emis.sectors.shorthand import TransferTo

__all__ = ["CATERING", "exhaust_volume"]


def exhaust_volume(stoves: Floats, exhaust_rate: Floats, hours: Floats) -> Floats:
    """Return the exhaust of kitchens in a year [m³/yr]: stoves · rate of each [m³/h] · hours of a year."""
    return stoves * exhaust_rate * hours


class Purifiers(TransferTo):
    """Kitchens that get a compliant purifier: their source with technology compliant_purifier."""

    to: ClassVar = {"technology": "compliant_purifier"}


def _volume(rows: Rows) -> dict[str, Floats]:
    return {"activity": exhaust_volume(rows.get("stoves"), rows.get("exhaust_rate"), rows.get("hours"))}


def _purified(rows: Rows) -> dict[str, Floats]:
    voc, particles = rows.get("purifier_voc", 0.0), rows.get("purifier_pm", 0.0)
    return {"VOC": voc, **dict.fromkeys((*PM, "oil_fume"), particles)}


_CATEGORIES = ("restaurant", "canteen", "stall")

CATERING = Sector(
    name="catering",
    sectors=("catering",),
    categories=_CATEGORIES,
    columns=(
        Column("stoves", "", "stoves under hoods"),
        Column("exhaust_rate", "m^3/h", "exhaust of one stove", most=20000),
        Column("hours", "h", "hours of use in a year", most=8784),
        Column("purifier_voc", "%", "VOC the purifier removes, in use", most=1),
        Column("purifier_pm", "%", "particles and fume the purifier removes, in use", most=1),
    ),
    methods=(
        Method(
            name="exhaust_volume",
            kind="activity",
            categories=_CATEGORIES,
            triggers=("exhaust_rate",),
            needs=("stoves", "hours"),
            compute=_volume,
            unit="m^3/yr",
            cites="stoves times exhaust times hours",
        ),
        Method(
            name="purifier",
            kind="control",
            categories=_CATEGORIES,
            triggers=("purifier_voc", "purifier_pm"),
            compute=_purified,
            cites="stated by the row",
        ),
    ),
    levers={"purifiers": Purifiers},
)
