"""Non-road machines: fuel from machines, power, hours and load; factors per fuel or per kWh stand in the factor table.

E = Σ machines · P · h · LF · EF: NPI Emission estimation technique manual for combustion engines, version 3.0, 2008,
equation 5; by fuel, E = Q · EF, equation 7. Load factors by machine: its Table 5.
"""

from collections.abc import Mapping

import numpy as np

from emis.sectors.method import Column, Floats, Method, Rows, Sector
from emis.sectors.road import Electrify
from emis.sectors.shorthand import Inspect, Renew, Retrofit, Scrap

__all__ = ["LOAD_FACTORS", "MACHINERY", "engine_work", "fuel_burnt"]

#: Mean share of the rated power by machine [1] (NPI manual, Table 5).
LOAD_FACTORS: Mapping[str, float] = {
    "forklift": 0.20,
    "track_type_tractor": 0.55,
    "wheeled_tractor": 0.55,
    "wheeled_dozer": 0.55,
    "scraper": 0.50,
    "motor_grader": 0.50,
    "wheeled_loader": 0.50,
    "track_type_loader": 0.50,
    "off_highway_truck": 0.50,
    "roller": 0.50,
    "other": 0.50,
}
_CATEGORIES = ("construction_machinery", "agricultural_machinery", "other_machinery")
_MANUAL = "NPI Emission estimation technique manual for combustion engines v3.0 (2008), equations 5 and 7"


def engine_work(machines: Floats, power: Floats, hours: Floats, load: Floats) -> Floats:
    """Return the work of engines in a year [kWh/yr]: machines · rated power [kW] · hours [h/yr] · load factor [1].

    NPI manual, equation 5 without its factor.
    """
    return machines * power * hours * load


def fuel_burnt(work: Floats, fuel_use: Floats) -> Floats:
    """Return the fuel that gives `work` [kWh/yr] at a specific use [g/kWh], in [t/yr]."""
    return work * fuel_use * 1e-6


def _work(rows: Rows) -> Floats:
    return engine_work(rows.get("machines"), rows.get("power"), rows.get("hours"), rows.get("load"))


def _fuel(rows: Rows) -> dict[str, Floats]:
    return {"activity": fuel_burnt(_work(rows), rows.get("fuel_use"))}


def _energy(rows: Rows) -> dict[str, Floats]:
    # Rows that state their fuel use have fuel as activity, which the other method looks after.
    return {"activity": np.where(rows.filled("fuel_use"), np.nan, _work(rows))}


MACHINERY = Sector(
    name="machinery",
    sectors=("mobile",),
    categories=_CATEGORIES,
    columns=(
        Column("power", "kW", "rated power of one machine", most=10000),
        Column("hours", "h", "hours of use in a year", most=8784),
        Column("load", "%", "load, as a share of the full load", most=1),
        Column("fuel_use", "g/kWh", "fuel per work of the engine", 100, 600),
    ),
    methods=(
        Method(
            name="fuel_burnt",
            kind="activity",
            categories=_CATEGORIES,
            triggers=("fuel_use",),
            needs=("power", "hours", "load"),
            takes=("machines",),
            compute=_fuel,
            unit="t/yr",
            cites=_MANUAL,
        ),
        Method(
            name="engine_work",
            kind="activity",
            categories=_CATEGORIES,
            triggers=("power",),
            needs=("hours", "load"),
            takes=("machines", "fuel_use"),
            compute=_energy,
            unit="kWh/yr",
            cites=_MANUAL,
        ),
    ),
    levers={"electrify": Electrify, "scrap": Scrap, "renew": Renew, "retrofit": Retrofit, "inspect": Inspect},
)
