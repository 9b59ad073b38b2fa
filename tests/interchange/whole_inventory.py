"""An inventory of which every field holds something, and what tells two of them apart to the bit."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from emis.coded import Coded, Labels, Places, objects
from emis.crosschecks import CrossCheck
from emis.interchange.series import Series, of_inventory
from emis.inventory import FactorRow, Inventory, Stock
from emis.selectors import Selector

NAN = np.nan
IDS = [
    "coal/stove/coal/new",
    "coal/stove/coal/old",
    "industry/kiln/东区-一厂",
    "mobile/car/petrol",
    "mobile/truck/diesel",
]


def texts(*values: str) -> Any:
    return objects(list(values))


def labels() -> dict[str, Any]:
    return {
        "source": texts(*IDS),
        "sector": texts("coal", "coal", "industry", "mobile", "mobile"),
        "category": texts("stove", "stove", "kiln", "car", "truck"),
        "fuel": texts("coal", "coal", "", "petrol", "diesel"),
        "technology": texts("new", "old", "", "", "china_3"),
        "region": texts("110109", "110109", "0110", "", ""),
        "facility": texts("", "", "一厂（东区）", "", ""),
    }


def inventory(**changes: Any) -> Inventory:
    """Return five sources: two with activity, one of which is not estimated, and what tables and methods say of all."""
    activity = np.array([0.1, NAN, 1.0, 1 / 3, 12345.678])
    factor = np.array([[0.002, NAN], [0.0005, 0.7], [1e-7, 0.0], [0.1 + 0.2, 0.0], [0.0, 2e5 / 3]])
    keys = np.array([["", "NE"], ["NE", "NE"], ["", "NO"], ["", "IE"], ["NA", ""]], dtype=object)
    rows = (
        FactorRow("stove/coal NOx", ("factors/coal.csv", 2), "某文献, 表 3", "C"),
        FactorRow("truck CO2", ("f.csv", 9)),
    )
    check = CrossCheck("x", Selector(sector=("coal",)), "NOx", "", 3.5, "t", 0.1, place=("checks.csv", 2), year=2020)
    whole: dict[str, Any] = {
        "name": "whole-2020",
        "base_year": 2020,
        "pollutants": ("NOx", "CO2"),
        "labels": Labels({name: Coded.of(values) for name, values in labels().items()}),
        "activity": activity,
        "activity_unit": texts("t/yr", "t/yr", "1", "vkm/yr", "vkm/yr"),
        "factor": factor,
        "reported": np.array([False, False, True, False, False]),
        "control": np.array([[0.5, 0], [0, 0], [0.127, 0], [0, 0], [0, 0]]),
        "profile": texts("heating", "", "", "", "flat"),
        "profiles": {"heating": np.array([0.25, 0.25, *[0.0] * 8, 0.25, 0.25]), "flat": np.full(12, 1 / 12)},
        "stocks": {
            "vehicles": Stock("vehicle", np.array([NAN, NAN, NAN, 7, 0])),
            "area": Stock("ha", np.full(5, 1.5)),
        },
        "columns": {
            "speed": np.array([NAN, NAN, NAN, 35.1, NAN]),
            "sulphur": np.array([NAN, NAN, 0.5, NAN, NAN]),
        },
        "offsite": np.array([0, 0, 0, 0.25, 0]),
        "computed": np.array([[False] * 2] * 3 + [[True, False]] * 2),
        "added": np.array([[0.0, 0]] * 3 + [[0.1, 0]] + [[0, 0]]),
        "factor_row": np.array([[0, -1], [0, -1], [-1, -1], [-1, -1], [-1, 1]]),
        "factor_rows": rows,
        "basis": texts("", "", "", "fleet", "fleet"),
        "basis_cv": np.array([NAN, NAN, NAN, 0.1, 0.1]),
        "bounds": {
            "activity_low": np.array([0.05, NAN, NAN, NAN, 1.0]),
            "activity_high": np.array([0.2, NAN, NAN, NAN, 1e6]),
            "factor_low": np.array([[0.001, NAN], [NAN, NAN], [1e-8, NAN], [NAN, NAN], [NAN, 1e4]]),
            "factor_high": np.array([[0.004, NAN], [NAN, NAN], [1e-6, NAN], [NAN, NAN], [NAN, 1e5]]),
        },
        "points": {
            "lon": np.array([NAN, NAN, -118.25, NAN, NAN]),
            "lat": np.array([NAN, NAN, 39.9, NAN, NAN]),
        },
        "attributes": {
            "nfr": texts("1A4bi", "1A4bi", "2A1", "", ""),
            "scc": texts("", "", "0030100", "", ""),
            "原名": texts("", "", "水泥", "轿车", ""),
            "control_ids": np.array([["", ""], ["", ""], ["A", "B"], ["", ""], ["", ""]], dtype=object),
        },
        "notation": keys,
        "reference": texts("年鉴", "", "a, b", 'said "so"', "="),
        "grade": texts("A", "", "E", "", "C"),
        "status": "official",
        "title": {"zh": "全", "en": "whole"},
        "file": "whole/inventory.yaml",
        "places": Places(Coded.of(texts("a.csv", "a.csv", "b.csv", "c.csv", "c.csv")), np.array([2, 3, 2, 2, 3])),
        "cross_checks": (check,),
    }
    return Inventory(**{**whole, **changes})


def reported(**changes: Any) -> Inventory:
    """Return the same sources with reported tonnes alone."""
    made = inventory()
    return Inventory(
        **{
            "name": "tonnes",
            "base_year": 2020,
            "pollutants": made.pollutants,
            "labels": made.labels,
            "activity": np.ones(5),
            "activity_unit": texts(*["1"] * 5),
            "factor": np.array([[0.1, NAN], [NAN, 0.0], [1e-7, 5e300 / 1e220], [0.1 + 0.2, 0.0], [0.0, 2e5 / 3]]),
            "reported": np.ones(5, dtype=bool),
            "control": np.array([[0.5, 0], [0, 0], [0.127, 0], [0, 0], [0, 0.999]]),
            "profile": texts(*[""] * 5),
            "bounds": {
                "factor_low": np.array([[0.05, NAN], [NAN, NAN], [1e-8, NAN], [NAN, NAN], [NAN, 1e4]]),
                "factor_high": np.array([[0.2, NAN], [NAN, NAN], [1e-6, NAN], [NAN, NAN], [NAN, 1e5]]),
            },
            "points": made.points,
            "attributes": made.attributes,
            "notation": np.array([["", "NE"], ["C", "NO"], ["", ""], ["", "IE"], ["NA", ""]], dtype=object),
            "reference": texts("年鉴", "", "a, b", 'said "so"', "-"),
            "grade": made.grade,
            "status": "official",
            "file": "tonnes.yaml",
            **changes,
        }
    )


def several_years(scenario: str = "") -> Series:
    """Return three years of the reported sources, of which a cell says nothing."""
    one = of_inventory(reported())
    values = np.concatenate([one.values * share for share in (1.0, 0.9, 1 / 3)])
    keys = np.concatenate([one.keys] * 3)
    values[1, 0, 0], keys[1, 0, 0] = NAN, ""
    return Series(one.inventory, (2020, 2021, 2025), values, keys, scenario)


def differing(one: Inventory, other: Inventory, but: tuple[str, ...] = ()) -> list[str]:
    """Return the fields in which two inventories differ, to the bit."""
    return [
        name
        for name in (each.name for each in fields(Inventory))
        if name not in but and not same(getattr(one, name), getattr(other, name))
    ]


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        alike = isinstance(other, np.ndarray) and one.dtype == other.dtype and one.shape == other.shape
        return alike and (one.tobytes() == other.tobytes() if one.dtype.kind == "f" else bool((one == other).all()))
    if isinstance(one, Stock):
        return one.unit == other.unit and same(one.values, other.values)
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    return bool(repr(one) == repr(other)) if isinstance(one, tuple) else bool(one == other)
