"""What each system makes of packets, held against numbers worked out by hand (tests/cases/packets.csv)."""

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from packets_cases import inventory, record

from emis.errors import Issues
from emis.interchange.packets import semantics
from emis.interchange.packets.comparing import COMPATS, compare
from emis.interchange.packets.evaluating import evaluate
from emis.interchange.packets.outcome import Outcome
from emis.interchange.packets.records import Record
from emis.interchange.packets.rows import Rows
from emis.inventory import month_days
from emis.units import SHORT_TON

TON = SHORT_TON
_LINES = (Path(__file__).parents[1] / "cases" / "packets.csv").read_text(encoding="utf-8").splitlines()
CASES = list(csv.DictReader(line for line in _LINES if not line.startswith("#")))


def packet(text: str, line: int) -> Record:
    """Return the record that a word of the table stands for."""
    name, *rest = text.split()
    region = {"region": "37001"}
    if name == "p":
        return record("projection", region, line=line, factor=float(rest[0]))
    if name in ("A", "R", "A2"):
        keys = region if name == "A2" else region | {"pollutant": "NOx"}
        date = dt.date.fromisoformat(rest[1]) if len(rest) > 1 else None
        return record("control", keys, line=line, efficiency=float(rest[0]), replaces=name == "R", date=date)
    if name == "close":
        keys = region | {"facility": "P1"}
        return record("closure", keys, line=line, date=dt.date.fromisoformat(rest[0]))
    names = {"cap": ("cap",), "rep": ("replacement",), "caprep": ("cap", "replacement"),
             "mact": ("existing", "new", "fraction"),
             "ctg": ("factor", "cutoff", "mact_factor", "ract_factor")}[name]  # fmt: skip
    values = {key: float(value) for key, value in zip(names, rest, strict=True) if value != "-"}
    kind = name if name in ("mact", "ctg") else "allowable"
    keys = {"reg_code": "0105"} if name == "mact" else region
    return record(kind, keys, line=line, dialect="smoke" if kind == name else "cost", **values)


def outcome(sources: list[dict], records: list[Record], compat: str, issues: Issues | None = None) -> Outcome:
    return evaluate(Rows.of(inventory(sources)), records, 2030, compat, issues)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_by_hand(case: dict[str, str]) -> None:
    source = {"source": "s", "region": "37001", "facility": "P1", "reg_codes": "0105", "scc": "10100202",
              "NOx": float(case["base"]) * TON, "NOx control": float(case["e"])}  # fmt: skip
    records = [packet(text.strip(), number) for number, text in enumerate(case["packets"].split(";"), 2)]
    found = {name: outcome([source], records, name, Issues()).final[0] / TON for name in COMPATS}
    assert found == pytest.approx({name: float(case[name]) for name in COMPATS}, rel=1e-12)


def test_a_replaced_control_of_100_percent_is_a_fault() -> None:
    source = {"source": "s", "region": "37001", "NOx": 10.0, "NOx control": 1.0}
    replaces = record("control", {"region": "37001"}, efficiency=0.9, replaces=True)
    for name in COMPATS:
        issues = Issues()
        found = outcome([source], [replaces], name, issues)
        assert [(one.file, one.line) for one in issues.errors] == [("case.csv", 2)]
        assert "control.csv:2 replaces" in issues.errors[0].message
        assert found.final[0] == 10.0
        issues = Issues()
        outcome([source], [record("control", {"region": "37001"}, efficiency=0.9)], name, issues)
        assert not issues.errors


@pytest.mark.parametrize(("column", "text"), [("srctype", "01"), ("srctype", "1"), ("fac_source_type", "01")])
def test_mact_is_for_the_sources_of_its_type(column: str, text: str) -> None:
    found = inventory([{"source": f"s{n}", "reg_codes": "0105", "NOx": 100.0} for n in range(3)])
    found = replace(found, attributes={**found.attributes, column: np.array([text, "02", ""], dtype=object)})
    one = record("mact", {"reg_code": "0105"}, dialect="smoke", existing=0.8, new=0.8, fraction=0.0, source_type="01")
    done = evaluate(Rows.of(found), [one], 2030, "smoke_code")
    assert done.final == pytest.approx([20, 100, 100])
    other = replace(one, source_type="03")
    assert evaluate(Rows.of(found), [other], 2030, "smoke_code").final == pytest.approx([20, 20, 20])


def test_cost_replaces_where_the_year_or_any_month_is_as_good_also_without_months() -> None:
    source = {"source": "s", "region": "37001", "NOx": 100.0, "NOx control": 0.5}
    months = {"efficiency": (0.8, *[float("nan")] * 11)}
    one = record("control", {"region": "37001"}, efficiency=0.2, months=months, replaces=True)
    assert outcome([source], [one], "cost").final == pytest.approx([160])
    assert outcome([source], [replace(one, months={})], "cost").final == pytest.approx([100])
    assert outcome([source], [one], "emis").final == pytest.approx([100])


def test_smoke_divides_by_the_days_of_the_base_year() -> None:
    # 1 short ton per day: 366 t are not above it in 2016, a leap year, and 366.5 t are.
    for base, left in ((366.0, 366.0), (367.0, 366.0)):
        found = inventory([{"source": "s", "region": "37001", "NOx": base * TON}], base_year=2016)
        records = [record("allowable", {"region": "37001"}, cap=1.0)]
        assert evaluate(Rows.of(found), records, 2030, "smoke_code").final[0] / TON == pytest.approx(left, rel=1e-12)


def test_months_of_growth_and_control() -> None:
    source = {"source": "s", "region": "37001", "NOx": 78.0, "profile": "rising"}  # 1 t in January to 12 t in December
    growth = record("projection", {"region": "37001"}, factor=1.0, months={"factor": (2.0, *(float("nan"),) * 11)})
    control = record("control", {"region": "37001"}, efficiency=0.0,
                     months={"efficiency": (0.5, *(float("nan"),) * 10, 0.25)})  # fmt: skip
    # January 2 × 0.5 of 1 t, December 0.75 of 12 t, the others as they are: 1 + 65 + 9.
    assert outcome([source], [growth, control], "cost").final[0] == pytest.approx(75.0, rel=1e-12)
    assert outcome([source], [growth, control], "emis").final[0] == pytest.approx(75.0, rel=1e-12)
    assert outcome([source], [growth, control], "smoke_code").final[0] == 78.0
    # A source that has no months has its year.
    assert outcome([source | {"profile": ""}], [growth, control], "cost").final[0] == 78.0


def test_costs_cap_is_the_year_where_one_month_reaches_it() -> None:
    source = {"source": "s", "region": "37001", "NOx": 78.0, "profile": "rising"}
    cap = record("allowable", {"region": "37001"}, cap=0.4 / TON)  # 12.4 t in December, 146 t in the year
    assert outcome([source], [cap], "cost").final[0] == 78.0
    cap = record("allowable", {"region": "37001"}, cap=0.38 / TON)  # 11.78 t in December, below its 12 t
    assert outcome([source], [cap], "cost").final[0] == pytest.approx(0.38 * 365, rel=1e-12)
    assert outcome([source], [cap], "emis").final[0] == 78.0


def test_replacement_emissions_of_a_source_that_emits_nothing_are_told() -> None:
    found = outcome([{"source": "s", "region": "37001", "NOx": 0.0}],
                    [record("allowable", {"region": "37001"}, replacement=0.1)], "cost")  # fmt: skip
    assert (found.final[0], found.without) == (0.0, 1)


def test_packets_of_other_years_are_not_used() -> None:
    source = {"source": "s", "region": "37001", "NOx": 10.0}
    for years, why in (((2014, 2030), "projects from 2014"), ((2017, 2025), "projects to 2025")):
        growth = record("projection", {}, dialect="smoke", factor=2.0, years=years)
        found = outcome([source], [growth], "smoke_code")
        assert found.final[0] == 10.0
        assert why in found.idle[0]


def test_where_systems_differ_is_told_by_stage_and_sums_to_the_difference() -> None:
    sources = [
        {"source": "a", "region": "37001", "facility": "P1", "NOx": 100.0},
        {"source": "b", "region": "37003", "NOx": 100.0},
        {"source": "c", "region": "37005", "NOx": 100.0},
    ]
    records = [
        record("closure", {"region": "37001", "facility": "P1"}, line=2, date=dt.date(2030, 3, 1)),
        record("control", {"region": "37003"}, line=3, efficiency=0.5),
        record("control", {"region": "37003", "pollutant": "NOx"}, line=4, efficiency=0.2),
        record("projection", {"region": "37005"}, line=5, factor=1.5),
        record("allowable", {"region": "37005"}, line=6, cap=0.3),
    ]
    rows = Rows.of(inventory(sources))
    found = compare(rows, records, 2030, evaluate(rows, records, 2030, "cost"))
    of_emis = {one.stage: one for one in found.reasons["emis"]}
    assert set(of_emis) == {"closure", "control"}
    assert of_emis["closure"].pollutants["NOx"] == pytest.approx(100 * 59 / 365)
    assert (of_emis["control"].rows, of_emis["control"].worst) == (1, "NOx of b")
    assert of_emis["control"].records == ("control.csv:4", "control.csv:3")
    assert "adds every one that matches" in of_emis["control"].why
    of_smoke = {one.stage: one.why for one in found.reasons["smoke_code"]}
    assert of_smoke["closure"] == "SMOKE has no packets of kind closure"
    assert "base year's emissions" in of_smoke["cap"]
    for name, reasons in found.reasons.items():
        summed = sum(one.pollutants["NOx"] for one in reasons)
        assert summed == pytest.approx((found.totals[name] - found.totals["cost"]).sum())
    assert found.record()["totals"]["cost"]["NOx"]["difference"] == 0.0
    assert any("differs in control" in line for line in found.lines())


def test_the_functions_alone() -> None:
    one = np.ones(1)
    assert semantics.in_force(dt.date(2030, 6, 30), 2030)
    assert not semantics.in_force(dt.date(2030, 7, 1), 2030)
    assert semantics.in_force_share(dt.date(2030, 12, 31), 2030) == 1 / 365
    assert semantics.in_force_share(dt.date(2028, 1, 1), 2028) == 1.0
    assert semantics.factor_left(0.9 * one, 0.5 * one) == pytest.approx(0.2)
    assert np.isnan(semantics.factor_left(0.9 * one, one))
    days = month_days(2030)
    value, capped = semantics.capped_by_cost(np.ones((1, 12)), np.full((1, 12), np.nan), np.full((1, 12), 2.0),
                                             np.array([np.nan]), days)  # fmt: skip
    assert (value[0], capped[0]) == (730.0, False)
