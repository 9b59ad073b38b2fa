"""Coal and gas burnt in stoves and boilers: sulphur and carbon by mass balance, NOx by class or by concentration."""

from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from emis import schema
from emis.schema import Share
from emis.sectors.electricity import offsite
from emis.sectors.method import Column, Floats, Method, Rows, Sector
from emis.sectors.shorthand import TransferTo

__all__ = [
    "COMBUSTION",
    "carbon_dioxide",
    "concentration_factor",
    "heat_pump_electricity",
    "nox_class_factor",
    "sulphur_dioxide",
]


def sulphur_dioxide(sulphur_content: Floats, sulphur_retention: Floats | float = 0.0) -> Floats:
    """Return the SO2 of coal [kg/t]: 2000 · S · (1 − Sr), S the sulphur by weight [1], Sr what the ash keeps [1].

    Two kilograms of SO2 hold one of sulphur (molar masses 64.06 and 32.06 taken as 2 : 1, as the inventories do).
    """
    return np.asarray(2000.0 * sulphur_content * (1.0 - sulphur_retention))


def carbon_dioxide(heat_value: Floats, carbon_factor: Floats) -> Floats:
    """Return the CO2 of a fuel [kg/t]: net calorific value [GJ/t] · CO2 per heat [kg/GJ] (IPCC 2006, vol. 2, ch. 1)."""
    return heat_value * carbon_factor


def nox_class_factor(limit: Floats) -> Floats:
    """Return the NOx of a gas heater at the limit of its class [g/GJ]: limit [mg/kWh] / 3.6."""
    return np.asarray(limit / 3.6)


def concentration_factor(concentration: Floats, flue_gas: Floats) -> Floats:
    """Return the NOx of a boiler from its flue gas [g/GJ]: concentration [mg/m³] · dry flue gas [m³/GJ] / 1000.

    Both at the same oxygen, 3.5 % for gas boilers in the Chinese standards.
    """
    return concentration * flue_gas / 1000.0


def heat_pump_electricity(heat_value: float, stove_efficiency: float, cop: float) -> float:
    """Return the electricity that replaces a tonne of coal at the same useful heat [kWh/t].

    Net calorific value [GJ/t] · efficiency of the stove [1] / coefficient of performance [1] / 0.0036 GJ/kWh.
    """
    return heat_value * stove_efficiency / cop / 0.0036


class HeatPumps(TransferTo):
    """Stoves replaced by heat pumps at the same useful heat: what arrives is the electricity they need."""

    to: ClassVar = {"fuel": "electricity", "technology": "heat_pump"}

    heat_value: Annotated[float, schema.in_unit("GJ/t", 5, 60)]
    stove_efficiency: Annotated[Share, Field(gt=0)]
    cop: Annotated[float, Field(ge=1, le=10)]

    def written(self) -> dict[str, Any]:
        """Return the shift, with its yield."""
        found = super().written()
        kwh = heat_pump_electricity(self.heat_value, self.stove_efficiency, self.cop)
        found["shift"]["yield"] = f"{kwh!r} kWh/t"
        return found


class QualityCoal(TransferTo):
    """Loose coal replaced by quality coal in the same stove, at the same heat where the two heat values are given."""

    to: ClassVar = {"fuel": "quality_coal"}

    heat_value: Annotated[float, schema.in_unit("GJ/t", 5, 60)] | None = None
    quality_heat_value: Annotated[float, schema.in_unit("GJ/t", 5, 60)] | None = None

    @model_validator(mode="after")
    def _both_values(self) -> "QualityCoal":
        if (self.heat_value is None) != (self.quality_heat_value is None):
            raise schema.fault("one heat value was given", "write heat_value and quality_heat_value, or neither")
        return self

    def written(self) -> dict[str, Any]:
        """Return the shift, with its yield."""
        found = super().written()
        if self.heat_value is not None and self.quality_heat_value is not None:
            found["shift"]["yield"] = self.heat_value / self.quality_heat_value
        return found


class LowNoxBurners(TransferTo):
    """Gas boilers that get low-NOx burners: their source with technology low_nox."""

    to: ClassVar = {"technology": "low_nox"}


_COAL = ("household_stove", "boiler", "tea_boiler", "bath_boiler")
_GAS = ("gas_boiler", "water_heater", "wall_boiler", "cooking")
_BOTH = (*_COAL, *_GAS)


def _so2(rows: Rows) -> dict[str, Floats]:
    return {"SO2": sulphur_dioxide(rows.get("sulphur_content"), rows.get("sulphur_retention", 0.0))}


def _co2(rows: Rows) -> dict[str, Floats]:
    return {"CO2": carbon_dioxide(rows.get("heat_value"), rows.get("carbon_factor"))}


def _nox(rows: Rows) -> dict[str, Floats]:
    return {"NOx": concentration_factor(rows.get("nox_concentration"), rows.get("flue_gas"))}


COMBUSTION = Sector(
    name="combustion",
    sectors=("coal", "gas", "residential", "services", "heating", "power"),
    categories=_BOTH,
    columns=(
        Column("sulphur_content", "%", "sulphur of the coal by weight", most=0.1),
        Column("sulphur_retention", "%", "share of the sulphur that stays in the ash", most=1),
        Column("heat_value", "GJ/t", "net calorific value", 5, 60),
        Column("carbon_factor", "kg/GJ", "CO2 per heat", most=150),
        Column("nox_limit", "mg/kWh", "NOx limit of the heater's class", most=1000),
        Column("nox_concentration", "mg/m^3", "NOx in the dry flue gas", most=5000),
        Column("flue_gas", "m^3/GJ", "dry flue gas per heat, at the oxygen of the concentration", 100, 2000),
        Column("grid_factor", "kg/kWh", "CO2 of the grid's electricity", most=3),
    ),
    methods=(
        Method(
            name="sulphur_dioxide",
            kind="factor",
            categories=_COAL,
            triggers=("sulphur_content",),
            takes=("sulphur_retention",),
            compute=_so2,
            unit="kg/t",
            cv=0.3,
            cites="mass balance of the sulphur; interval assumed",
        ),
        Method(
            name="carbon_dioxide",
            kind="factor",
            categories=_COAL,
            triggers=("carbon_factor",),
            needs=("heat_value",),
            compute=_co2,
            unit="kg/t",
            cv=0.05,
            cites="IPCC 2006 Guidelines, vol. 2, ch. 1; interval assumed",
        ),
        Method(
            name="nox_class",
            kind="factor",
            categories=_GAS,
            triggers=("nox_limit",),
            compute=lambda rows: {"NOx": nox_class_factor(rows.get("nox_limit"))},
            unit="g/GJ",
            cv=0.3,
            cites="heater at the limit of its class; interval assumed",
        ),
        Method(
            name="nox_concentration",
            kind="factor",
            categories=_GAS,
            triggers=("nox_concentration",),
            needs=("flue_gas",),
            compute=_nox,
            unit="g/GJ",
            cv=0.3,
            cites="flue gas times concentration; interval assumed",
        ),
        Method(
            name="electricity_offsite",
            kind="offsite",
            categories=_BOTH,
            triggers=("grid_factor",),
            compute=lambda rows: {"CO2": offsite(np.ones(rows.size), rows.get("grid_factor"))},
            unit="kg/kWh",
            cites="electricity times the grid's factor",
        ),
    ),
    levers={"heat_pumps": HeatPumps, "quality_coal": QualityCoal, "low_nox_burners": LowNoxBurners},
)
