"""Synthetic inventories and plans of a size, so that the kernels are timed on what they are meant for."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest

from emis.inventory import Inventory
from emis.measures import Measure
from emis.plan import Plan
from emis.scenario import Scenario, ScenarioDocument

POLLUTANTS = ("SO2", "NOx", "VOC", "CO", "NH3", "TSP", "PM10", "PM2.5", "BC", "OC")


def inventory(size: int) -> Inventory:
    """Return `size` sources of ten categories, five fuels and ten technologies."""
    rng = np.random.default_rng(1)
    numbers = np.arange(size)
    labels = {
        "source": np.array([f"industry/{n:08d}" for n in numbers], dtype=object),
        "sector": np.full(size, "industry", dtype=object),
        "category": np.array([f"c{n % 10}" for n in numbers], dtype=object),
        "fuel": np.array([f"f{n // 10 % 5}" for n in numbers], dtype=object),
        "technology": np.array([f"t{n // 50 % 10}" for n in numbers], dtype=object),
        "region": np.array([f"r{n // 500 % 100}" for n in numbers], dtype=object),
        "facility": np.full(size, "", dtype=object),
    }
    return Inventory(
        name=f"bench-{size}",
        base_year=2017,
        pollutants=POLLUTANTS,
        labels=labels,
        activity=rng.lognormal(size=size),
        activity_unit=np.full(size, "t/yr", dtype=object),
        factor=rng.lognormal(size=(size, len(POLLUTANTS))),
        reported=np.zeros(size, dtype=bool),
        control=np.zeros((size, len(POLLUTANTS))),
        profile=np.full(size, "", dtype=object),
    )


def scenario(found: Inventory, measures: int = 50) -> Scenario:
    """Return a plan of `measures` measures that each touch a category and some of its technologies."""
    made = [
        Measure.model_validate(
            {
                "id": f"M{n:02d}",
                "select": {"category": f"c{n % 10}", "technology": [f"t{n // 5}", f"t{(n + 3) % 10}"]},
                "do": [
                    {"abate": {"efficiency": dict.fromkeys(POLLUTANTS[: 3 + n % 8], "30 %")}}
                    if n % 4
                    else {"scale": {"activity": "-5 %"}}
                ],
                "phase_in": {str(dt.date(2018, 1, 1)): "0 %", str(dt.date(2020 + n % 3, 12, 31)): "100 %"},
            }
        )
        for n in range(measures)
    ]
    plan = Plan(emis="plan/1", base_year=2017, measures=tuple(made))
    document = ScenarioDocument(
        emis="scenario/1", name="bench", plan="plan.yaml", inventories={2017: "."}, years=tuple(range(2018, 2024))
    )
    return Scenario(document, plan, {2017: found})


@pytest.fixture(params=[500, 10_000, 100_000], ids=["district", "city", "province"])
def world(request: pytest.FixtureRequest) -> tuple[Inventory, Scenario]:
    found = inventory(request.param)
    return found, scenario(found)


Benchmark = Callable[..., object]
