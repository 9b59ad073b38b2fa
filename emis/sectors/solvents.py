"""Solvent use and services: coatings, adhesives, consumer products, repair shops, dry cleaning, petrol stations."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import model_validator

from emis import schema
from emis.schema import Share
from emis.sectors.industry import VOC_COLUMNS, voc_methods
from emis.sectors.method import Column, Floats, Lever, Method, Rows, Sector
from emis.sectors.shorthand import LowVoc, TransferTo

__all__ = ["SOLVENTS", "petrol_station"]


def petrol_station(
    vapour_pressure: Floats,
    stage_1: Floats | float = 0.0,
    stage_2: Floats | float = 0.0,
    density: Floats | float = 0.745,
) -> Floats:
    """Return the VOC of petrol handled by a filling station [g/t].

    (24 (1 − s1) + 3 + 37 (1 − s2) + 2) · TVP / density: filling the tank, breathing, refuelling, drips [g/(m³·kPa)].

    Parameters
    ----------
    vapour_pressure : ndarray
        True vapour pressure of the petrol at its mean temperature [kPa].
    stage_1, stage_2 : ndarray
        What vapour recovery removes at filling and at refuelling, as it works in use [1]; where it works as meant 0.95
        [0.93-0.97] and 0.90 [0.85-0.95] (Tables 3-14, 3-15).
    density : ndarray
        Density of petrol [t/m³].

    Notes
    -----
    EMEP/EEA Guidebook 1.B.2.a.v, Tables 3-8 to 3-11.
    """
    per_volume = 24.0 * (1.0 - stage_1) + 3.0 + 37.0 * (1.0 - stage_2) + 2.0
    return np.asarray(per_volume * vapour_pressure / density)


def _station(rows: Rows, stage_1: Floats, stage_2: Floats) -> Floats:
    return petrol_station(rows.get("vapour_pressure"), stage_1, stage_2, rows.get("density", 0.745))


def _stations(rows: Rows) -> dict[str, Floats]:
    nothing = np.zeros(rows.size)
    return {"VOC": _station(rows, nothing, nothing)}


def _recovered(rows: Rows) -> dict[str, Floats]:
    # Density and pressure do not matter to the share: one station stands for all.
    left = petrol_station(np.ones(rows.size), rows.get("stage_1", 0.0), rows.get("stage_2", 0.0))
    return {"VOC": 1.0 - left / petrol_station(np.ones(1))}


class VapourRecovery(Lever):
    """Better vapour recovery at the share of stations reached; never a worse one."""

    categories: ClassVar = ("petrol_station",)

    stage_1: Share | None = None
    stage_2: Share | None = None
    penetration: Share = 1.0
    effectiveness: Share = 1.0

    @model_validator(mode="after")
    def _asks_something(self) -> "VapourRecovery":
        if self.stage_1 is None and self.stage_2 is None:
            raise schema.fault("asks for nothing", "write e.g. {stage_1: 95 %, stage_2: 90 %}")
        return self

    def remaining(self, rows: Rows) -> Mapping[str, Floats]:
        """Return what is left by pollutant [1]; the rows' own columns say what is recovered already."""
        rows.need("vapour_pressure")
        before = [rows.get("stage_1", 0.0), rows.get("stage_2", 0.0)]
        after = [
            old + self.effectiveness * np.maximum(0.0, (asked or 0.0) - old)
            for old, asked in zip(before, (self.stage_1, self.stage_2), strict=True)
        ]
        kept = _station(rows, *after) / _station(rows, *before)
        return {"VOC": 1.0 - self.penetration * (1.0 - kept)}


class Substitute(TransferTo):
    """Solvent-borne products replaced: their source with technology water_borne."""

    to: ClassVar = {"technology": "water_borne"}


_CATEGORIES = ("architectural_coating", "adhesive", "consumer_product", "auto_repair", "dry_cleaning", "petrol_station")

SOLVENTS = Sector(
    name="solvents",
    sectors=("solvents", "services"),
    categories=_CATEGORIES,
    columns=(
        *VOC_COLUMNS,
        Column("vapour_pressure", "kPa", "true vapour pressure of the petrol", 1, 101),
        Column("stage_1", "%", "vapour recovered when tanks are filled, in use", most=1),
        Column("stage_2", "%", "vapour recovered at refuelling, in use", most=1),
        Column("density", "t/m^3", "density of the petrol", 0.6, 1),
    ),
    methods=(
        *voc_methods(_CATEGORIES),
        Method(
            name="petrol_station",
            kind="factor",
            categories=("petrol_station",),
            triggers=("vapour_pressure",),
            takes=("density",),
            compute=_stations,
            unit="g/t",
            cv=0.3,
            cites="EMEP/EEA Guidebook 1.B.2.a.v, Tables 3-8 to 3-11; intervals of the parts about +-42 %",
        ),
        Method(
            name="vapour_recovery",
            kind="control",
            categories=("petrol_station",),
            triggers=("stage_1", "stage_2"),
            compute=_recovered,
            cites="EMEP/EEA Guidebook 1.B.2.a.v, Tables 3-14 and 3-15",
        ),
    ),
    levers={"vapour_recovery": VapourRecovery, "substitute": Substitute, "low_voc": LowVoc},
)
