"""Combined uncertainty: the published equations by hand, what errs together, and what states no uncertainty."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import Project
from hypothesis import given
from hypothesis import strategies as st

import emis
from emis.propagation import combine, totals


def inventory(*rows: dict[str, Any], pollutants: tuple[str, ...] = ("NOx",)) -> emis.Inventory:
    """Return an inventory of `rows`: labels, activity and factor, each with an interval of value x (1 - u, 1 + u)."""
    count = len(rows)
    labels = {
        name: np.array([str(row.get(name, "")) for row in rows], dtype=object)
        for name in ("sector", "category", "fuel", "technology", "region", "facility")
    }
    labels["source"] = np.array([f"{index:04d}" for index in range(count)], dtype=object)
    activity, factor = (np.array([row.get(name, 1.0) for row in rows], dtype=float) for name in ("activity", "factor"))
    ua, uf = (np.array([row.get(name, np.nan) for row in rows], dtype=float) for name in ("ua", "uf"))
    wide = np.tile(factor[:, None], len(pollutants))
    return emis.Inventory(
        name="rows",
        base_year=2017,
        pollutants=pollutants,
        labels=labels,
        activity=activity,
        activity_unit=np.full(count, "t/yr", dtype=object),
        factor=wide,
        reported=np.array([row.get("reported", False) for row in rows], dtype=bool),
        control=np.zeros_like(wide),
        profile=np.full(count, "", dtype=object),
        bounds={
            "activity_low": activity * (1 - ua),
            "activity_high": activity * (1 + ua),
            "factor_low": wide * (1 - uf[:, None]),
            "factor_high": wide * (1 + uf[:, None]),
        },
    )


def relative(of: emis.Inventory) -> float:
    return float(totals(of).relative[0, 0])


def test_product_rule() -> None:
    """IPCC 2006, vol. 1, eq. 3.1."""
    assert relative(inventory({"activity": 7, "factor": 3, "ua": 0.05, "uf": 0.12})) == pytest.approx(0.13)


def test_sum_rule() -> None:
    """IPCC 2006, vol. 1, eq. 3.2: 100 ± 10 % and 50 ± 40 % are 150 ± sqrt(10² + 20²)/150."""
    found = inventory(
        {"category": "a", "activity": 100, "ua": 0.1, "uf": 0}, {"category": "b", "activity": 50, "ua": 0, "uf": 0.4}
    )
    assert relative(found) == pytest.approx(math.sqrt(10**2 + 20**2) / 150)


def test_by_hand() -> None:
    """Two stoves of one count with factors of their own, beside a boiler.

    Activity of the stoves: 20 + 10 = 30, together. Factors: 40 and 5. Boiler: 6 and 8. All independent of each other.
    """
    stove = {"sector": "coal", "category": "stove", "activity": 100, "ua": 0.2}
    found = inventory(
        stove | {"technology": "old", "factor": 1, "uf": 0.4},
        stove | {"technology": "new", "factor": 0.5, "uf": 0.1},
        {"sector": "gas", "category": "boiler", "activity": 20, "factor": 2, "ua": 0.15, "uf": 0.2},
    )
    whole, sectors = totals(found), totals(found, "sector")
    assert whole.value[0, 0] == 190
    assert whole.half[0, 0] == pytest.approx(math.sqrt(30**2 + 40**2 + 5**2 + 6**2 + 8**2))
    assert sectors.names == (("coal",), ("gas",))
    assert sectors.half[:, 0] == pytest.approx([math.sqrt(30**2 + 40**2 + 5**2), 10])
    assert totals(found, "sector", "category").names == (("coal", "stove"), ("gas", "boiler"))


@given(st.integers(1, 40), st.floats(0.01, 2), st.floats(0, 2))
def test_equal_independent_parts(n: int, ua: float, uf: float) -> None:
    parts = [{"category": f"c{index}", "activity": 3, "factor": 2, "ua": ua, "uf": uf} for index in range(n)]
    assert relative(inventory(*parts)) == pytest.approx(math.hypot(ua, uf) / math.sqrt(n))


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=40), st.floats(0.01, 2), st.floats(0, 2))
def test_splitting_a_count_makes_nothing_surer(parts: list[float], ua: float, uf: float) -> None:
    rows = ({"category": "car", "region": f"{n}", "activity": part, "ua": ua, "uf": uf} for n, part in enumerate(parts))
    assert relative(inventory(*rows)) == pytest.approx(math.hypot(ua, uf))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 1e3), st.floats(0, 1), st.floats(0, 1)), min_size=1))
def test_between_independent_and_together(rows: list[tuple[str, float, float, float]]) -> None:
    found = inventory(*({"category": c, "activity": a, "ua": u, "uf": v} for c, a, u, v in rows))
    widths = [a * u for _, a, u, v in rows] + [a * v for _, a, u, v in rows]
    half = float(np.nan_to_num(totals(found).half[0, 0]))
    assert math.hypot(*widths) * (1 - 1e-9) - 1e-9 <= half <= sum(widths) * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize(
    ("second", "together"),
    [
        ({"fuel": "coal", "technology": "old", "region": "town"}, True),
        ({"fuel": "coal", "technology": "new"}, False),
        ({"fuel": "coal", "technology": "new", "factor": 2.5}, False),
        ({"fuel": "coal", "technology": "new", "uf": 0.2}, False),
        ({"category": "boiler", "fuel": "coal", "technology": "old"}, False),
        ({"fuel": "coal", "technology": "old", "reported": True}, False),
    ],
)
def test_factors_of_one_row_err_together(second: dict[str, Any], together: bool) -> None:
    first = {"category": "stove", "fuel": "coal", "technology": "old", "factor": 2, "ua": 0, "uf": 0.3}
    found = inventory(first, first | second)
    low, high = found.bounds["factor_low"][:, 0], found.bounds["factor_high"][:, 0]
    widths = (high - low) / 2
    assert totals(found).half[0, 0] == pytest.approx(sum(widths) if together else math.hypot(*widths))


def test_what_states_nothing_is_told() -> None:
    other = {"category": "b", "activity": 70}
    found = totals(inventory({"category": "a", "activity": 30, "ua": 0.1, "uf": 0.1}, other))
    assert found.unstated[0, 0] == pytest.approx(0.7)
    assert found.half[0, 0] == pytest.approx(30 * math.hypot(0.1, 0.1))
    found = totals(inventory({"category": "a", "activity": 30, "ua": 0.1}, other))
    assert found.unstated[0, 0] == 1, "an activity with an interval and a factor without one"
    nothing = totals(inventory(other))
    assert nothing.unstated[0, 0] == 1
    assert np.isnan(nothing.half[0, 0]), "never 0 %"


def test_not_estimated_stays_so() -> None:
    found = inventory({"sector": "a", "activity": 1, "ua": 0.1, "uf": 0.1}, {"sector": "b", "factor": np.nan})
    assert np.isnan([totals(found).value, totals(found).half, totals(found).relative]).all()
    assert totals(found, "sector").relative[:, 0] == pytest.approx([math.hypot(0.1, 0.1), np.nan], nan_ok=True)


def test_a_zero_with_an_interval_counts() -> None:
    sure = {"category": "a", "activity": 10, "ua": 0, "uf": 0}
    found = inventory(sure, {"category": "b", "activity": 5, "factor": 0})
    bounds = {"factor_low": np.array([[1.0], [0.0]]), "factor_high": np.array([[1.0], [0.4]])}
    found = replace(found, bounds={**found.bounds, **bounds})
    assert totals(found).half[0, 0] == pytest.approx(5 * 0.2)


def test_signs_are_kept_within_a_group() -> None:
    assert combine((np.array([3.0, -3.0]), np.array([1, 1]))) == 0
    assert combine((np.array([3.0, -4.0]), np.array([1, 2]))) == 5


@pytest.mark.parametrize(
    ("table", "half"),
    [
        ("source,category,pollutant,emission,unit,low,high\nc/a,shop,NOx,10,t/yr,8,14\n", 3),
        ("source,category,pollutant,emission [kg/yr],cv\nc/a,shop,NOx,10000,20 %\n", 3.9),
        ("source,category,NOx [t/yr],cv\nc/a,shop,10,20 %\n", 3.9),
        ("source,category,NOx,unit,cv [%]\nc/a,shop,10,t/yr,20\n", 3.9),
    ],
)
def test_reported_emissions_have_their_interval(project: Project, table: str, half: float) -> None:
    project.inventory(tables=[{"sector": "catering", "emissions": "activity.csv"}], activity=table)
    found = totals(emis.read_inventory(project.root / "inventories/2017"))
    assert found.half[0, 0] == pytest.approx(half, rel=0.02)
    assert found.unstated[0, 0] == 0


def test_an_interval_of_several_pollutants_is_a_fault(project: Project) -> None:
    table = "source,category,NOx [t/yr],low,high\nc/a,shop,10,8,12\n"
    project.inventory(tables=[{"sector": "catering", "emissions": "activity.csv"}], activity=table)
    with pytest.raises(emis.InputError, match="low: does not say of which pollutant it is; give a cv"):
        emis.read_inventory(project.root / "inventories/2017")
