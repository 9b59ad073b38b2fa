"""Agriculture: ammonia of livestock through the manure chain; fertiliser and straw burning stand in the factor table.

The chain is that of the EMEP/EEA Guidebook, 3.B Manure management (Tier 2), and of the Chinese guideline
(大气氨源排放清单编制技术指南(试行), 2014): each stage loses a share of the ammoniacal nitrogen (TAN) that reaches it,
so what housing saves reaches storage and spreading.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import model_validator

from emis import schema
from emis.schema import Share
from emis.sectors.method import Column, Floats, Lever, Method, RowError, Rows, Sector
from emis.sectors.shorthand import CutActivity

__all__ = ["AGRICULTURE", "NH3_PER_N", "Manure", "manure_chain"]

#: Ammonia per ammonia nitrogen by mass, 17/14.
NH3_PER_N = 17.0 / 14.0


@dataclass(frozen=True, slots=True)
class Manure:
    """Where the ammoniacal nitrogen of a place goes in a year [kg N/head]."""

    housing: Floats
    storage: Floats
    storage_other: Floats
    spreading: Floats
    soil: Floats

    @property
    def ammonia(self) -> Floats:
        """Ammonia of all stages [kg NH3/head]."""
        return (self.housing + self.storage + self.spreading) * NH3_PER_N


def manure_chain(
    nitrogen_excretion: Floats,
    tan_share: Floats,
    housing_loss: Floats,
    storage_loss: Floats,
    storage_other_loss: Floats,
    spreading_loss: Floats,
) -> Manure:
    """Follow the ammoniacal nitrogen of manure from the animal to the field; all of it is accounted for.

    Parameters
    ----------
    nitrogen_excretion : ndarray
        Nitrogen a place excretes [kg/(head·yr)].
    tan_share : ndarray
        Share of it that is ammoniacal [1].
    housing_loss, storage_loss, spreading_loss : ndarray
        Share of the TAN reaching the stage that is lost as NH3-N [1] (EMEP/EEA Guidebook 3.B, Table 3.9; pig slurry
        0.27, 0.11, 0.40).
    storage_other_loss : ndarray
        Share of the TAN reaching the store that is lost as N2, N2O and NO [1].

    Notes
    -----
    Straw bedding and the exchange between TAN and organic nitrogen are left out. storage_loss + storage_other_loss is 1
    at most.
    """
    excreted = nitrogen_excretion * tan_share
    housing = excreted * housing_loss
    stored = excreted - housing
    storage, other = stored * storage_loss, stored * storage_other_loss
    spread = np.maximum(0.0, stored - storage - other)  # rounding may leave less than nothing
    spreading = spread * spreading_loss
    return Manure(housing, storage, other, spreading, spread - spreading)


_LOSSES = ("housing_loss", "storage_loss", "storage_other_loss", "spreading_loss")


def _chain(rows: Rows, losses: Mapping[str, Floats]) -> Manure:
    over = np.flatnonzero(losses["storage_loss"] + losses["storage_other_loss"] > 1 + 1e-9)
    if len(over):
        lost = 100 * (losses["storage_loss"] + losses["storage_other_loss"])[over[0]]
        hint = "storage_loss + storage_other_loss is 100 % at most"
        raise RowError(int(over[0]), f"loses {lost:g} % of what is stored", hint, "storage_loss")
    return manure_chain(rows.get("nitrogen_excretion"), rows.get("tan_share"), *(losses[name] for name in _LOSSES))


def _losses(rows: Rows) -> dict[str, Floats]:
    return {name: rows.get(name, 0.0) for name in _LOSSES}


class LowProteinFeed(Lever):
    """Less nitrogen in the feed: what is excreted falls by `nitrogen` at the share reached, and all losses with it."""

    categories: ClassVar = ("livestock",)

    nitrogen: Share
    penetration: Share = 1.0
    effectiveness: Share = 1.0

    def remaining(self, rows: Rows) -> Mapping[str, Floats]:
        """Return what is left by pollutant [1]; the chain is linear in what enters it."""
        return {"NH3": np.full(rows.size, 1.0 - self.nitrogen * self.penetration * self.effectiveness)}


class ManageManure(Lever):
    """Less ammonia from housing, storage or spreading at the share reached; what one stage keeps reaches the next.

    The three are efficiencies on the stage's loss: covering a store 40-70 %, injecting slurry 80 % (廖仁郡, 陈玉成,
    2017, doi 10.13930/j.cnki.cjea.161078, Table 3). Stages named together are followed through the chain together.
    """

    categories: ClassVar = ("livestock",)

    housing: Share | None = None
    storage: Share | None = None
    spreading: Share | None = None
    penetration: Share = 1.0
    effectiveness: Share = 1.0

    @model_validator(mode="after")
    def _names_a_stage(self) -> "ManageManure":
        if all(value is None for value in (self.housing, self.storage, self.spreading)):
            raise schema.fault("names no stage", "write e.g. {storage: 50 %}; stages: housing, storage, spreading")
        return self

    def remaining(self, rows: Rows) -> Mapping[str, Floats]:
        """Return what is left by pollutant [1], from the losses of the rows' own columns."""
        rows.need("nitrogen_excretion", "tan_share", "housing_loss", "storage_loss", "spreading_loss")
        before = _losses(rows)
        after = dict(before)
        for stage in ("housing", "storage", "spreading"):
            efficiency = getattr(self, stage) or 0.0
            after[f"{stage}_loss"] = before[f"{stage}_loss"] * (1.0 - efficiency * self.effectiveness)
        kept = _chain(rows, after).ammonia / _chain(rows, before).ammonia
        return {"NH3": 1.0 - self.penetration * (1.0 - kept)}


class CutFertiliser(CutActivity):
    """Less fertiliser spread."""


class BanBurning(CutActivity):
    """Straw that is no longer burnt in the field."""


AGRICULTURE = Sector(
    name="agriculture",
    sectors=("agriculture",),
    categories=("livestock", "fertiliser", "straw_burning"),
    columns=(
        Column("nitrogen_excretion", "kg/head", "nitrogen a place excretes in a year", most=300),
        Column("tan_share", "%", "share of it that is ammoniacal", most=1),
        Column("housing_loss", "%", "share of the TAN lost as ammonia in housing", most=1),
        Column("storage_loss", "%", "share of the TAN stored that is lost as ammonia", most=1),
        Column("storage_other_loss", "%", "share of the TAN stored that is lost as N2, N2O and NO", most=1),
        Column("spreading_loss", "%", "share of the TAN spread that is lost as ammonia", most=1),
    ),
    methods=(
        Method(
            name="manure_chain",
            kind="factor",
            categories=("livestock",),
            triggers=("nitrogen_excretion",),
            needs=("tan_share", "housing_loss", "storage_loss", "spreading_loss"),
            takes=("storage_other_loss",),
            compute=lambda rows: {"NH3": _chain(rows, _losses(rows)).ammonia},
            unit="kg/head",
            cv=0.25,
            cites="EMEP/EEA Guidebook 3.B, Tier 2; interval assumed",
        ),
    ),
    levers={
        "low_protein_feed": LowProteinFeed,
        "manage_manure": ManageManure,
        "cut_fertiliser": CutFertiliser,
        "ban_burning": BanBurning,
    },
)
