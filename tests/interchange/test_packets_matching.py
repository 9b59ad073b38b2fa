"""Which record a source gets, and which it would get next; what became of records that none gets."""

import datetime as dt

import numpy as np
import pytest
from packets_cases import inventory, record

from emis.errors import Issues
from emis.interchange.packets.evaluating import evaluate
from emis.interchange.packets.hierarchy import RANKS
from emis.interchange.packets.ledger import ledger, tell
from emis.interchange.packets.matching import match, near_misses
from emis.interchange.packets.records import Record
from emis.interchange.packets.rows import Rows

POINT = {
    "source": "boiler", "region": "37001", "facility": "P1", "unit_id": "U1", "rel_point_id": "R1", "process_id": "S1",
    "scc": "10100202", "reg_codes": "0105&0107", "sic": "2611", "naics": "322121", "NOx": 1.0, "SO2": 1.0,
}  # fmt: skip
AREA = {"source": "stove", "region": "37003", "scc": "2104008100", "NOx": 1.0}

#: Keys of records, the most specific first, as CoST ranks them: pollutant-specific before blank inside a block, blocks
#: one after another.
_PLANT = {"region": "37001", "facility": "P1"}
ORDER_COST = [
    {**_PLANT, "unit": "U1", "rel_point": "R1", "process": "S1", "scc": "10100202", "pollutant": "NOx"},
    {**_PLANT, "unit": "U1", "rel_point": "R1", "process": "S1", "pollutant": "NOx"},
    {**_PLANT, "unit": "U1", "rel_point": "R1", "pollutant": "NOx"},
    {**_PLANT, "unit": "U1", "scc": "10100202", "pollutant": "NOx"},
    {**_PLANT, "unit": "U1", "pollutant": "NOx"},
    {**_PLANT, "scc": "10100202", "pollutant": "NOx"},
    {**_PLANT, "reg_code": "0107", "pollutant": "NOx"},
    {**_PLANT, "pollutant": "NOx"},
    {**_PLANT, "unit": "U1"},
    _PLANT,
    {"region": "37001", "reg_code": "0105", "scc": "10100202", "pollutant": "NOx"},
    {"region": "37", "reg_code": "0105", "pollutant": "NOx"},
    {"reg_code": "0105", "pollutant": "NOx"},
    {"region": "37001", "reg_code": "0105"},
    {"region": "37001", "naics": "322121", "pollutant": "NOx"},
    {"naics": "322121"},
    {"region": "37001", "sic": "2611", "scc": "10100202", "pollutant": "NOx"},
    {"sic": "2611"},
    {"region": "37001", "scc": "10100202", "pollutant": "NOx"},
    {"region": "37", "scc": "10100202", "pollutant": "NOx"},
    {"scc": "10100202", "pollutant": "NOx"},
    {"region": "37001", "scc": "10100202"},
    {"scc": "10100202"},
    {"region": "37001", "pollutant": "NOx"},
    {"region": "37001"},
    {"region": "37", "pollutant": "NOx"},
    {"region": "37"},
    {"pollutant": "NOx"},
]
ORDER_SMOKE = [
    *(one for one in ORDER_COST[:14] if "unit" not in one or "scc" not in one or "process" in one),
    {"region": "37001", "sic": "2611", "pollutant": "NOx"},
    {"region": "37001", "sic": "2600", "pollutant": "NOx"},
    {"sic": "2600"},
    {"region": "37001", "scc": "10100202", "pollutant": "NOx"},
    {"region": "37001", "scc": "10100200", "pollutant": "NOx"},
    {"region": "37001", "scc": "10100000", "pollutant": "NOx"},
    {"region": "37001", "scc": "10000000", "pollutant": "NOx"},
    {"region": "37", "scc": "10100202", "pollutant": "NOx"},
    {"scc": "10100202", "pollutant": "NOx"},
    {"region": "37001", "scc": "10100200"},
    *ORDER_COST[-5:],
    {},
]


def winners(sources: list[dict], records: list[Record], compat: str) -> dict[str, tuple[int, int]]:
    """Return by row the lines of the record it gets, and of the next one; -1 for none."""
    rows = Rows.of(inventory(sources))
    found = match(rows, records, np.ones(len(records), dtype=bool), compat)  # type: ignore[arg-type]
    lines = [*(one.line for one in records), -1]
    return {rows.named(row): (lines[found.winner[row]], lines[found.runner_up[row]]) for row in range(len(rows))}


@pytest.mark.parametrize(("compat", "order"), [("cost", ORDER_COST), ("smoke_code", ORDER_SMOKE)])
def test_the_most_specific_record_wins(compat: str, order: list[dict[str, str]]) -> None:
    dialect = "cost" if compat == "cost" else "smoke"
    records = [record("control", keys, line=line, dialect=dialect, efficiency=0.5) for line, keys in enumerate(order)]
    for first in range(len(records)):
        last = first + 1 if first + 1 < len(records) else -1
        assert winners([POINT], [*records[:first:-1], records[first]], compat)["NOx of boiler"] == (first, last)


def test_a_blank_record_of_a_plant_beats_a_county_with_scc_and_pollutant() -> None:
    records = [
        record("control", {"region": "37001", "scc": "10100202", "pollutant": "NOx"}, line=2, efficiency=0.9),
        record("control", _PLANT, line=3, efficiency=0.1),
    ]
    assert winners([POINT], records, "cost")["NOx of boiler"] == (3, 2)


def test_blank_pollutants_match_all_that_have_no_record_of_their_own() -> None:
    records = [
        record("control", {"region": "37001"}, line=2, efficiency=0.5),
        record("control", {"region": "37001", "pollutant": "NOx"}, line=3, efficiency=0.5),
    ]
    assert winners([POINT, AREA], records, "cost") == {
        "SO2 of boiler": (2, -1), "NOx of boiler": (3, 2), "NOx of stove": (-1, -1),
    }  # fmt: skip


def test_only_smoke_shortens_codes() -> None:
    records = [record("control", {"scc": "2104000000"}, efficiency=0.5, dialect="smoke")]
    assert winners([AREA], records, "smoke_code")["NOx of stove"] == (2, -1)
    assert winners([AREA], records, "cost")["NOx of stove"] == (-1, -1)
    assert winners([AREA], records, "emis")["NOx of stove"] == (2, -1)


def test_ties_are_broken_as_by_cost() -> None:
    def one(line: int, **rest: object) -> Record:
        return record("control", {"region": "37003"}, line=line, efficiency=0.5, **rest)

    months = {"efficiency": (0.5,) * 12}
    replaces, added = one(2, replaces=True, date=dt.date(2025, 1, 1)), one(3, date=dt.date(2020, 1, 1))
    later, monthly = one(4, date=dt.date(2021, 1, 1)), one(5, months=months)
    assert winners([AREA], [replaces, added], "cost")["NOx of stove"] == (3, 2)
    assert winners([AREA], [added, later], "cost")["NOx of stove"] == (4, 3)
    assert winners([AREA], [later, monthly], "cost")["NOx of stove"] == (4, 5)
    assert winners([AREA | {"profile": "rising"}], [later, monthly], "cost")["NOx of stove"] == (5, 4)
    assert winners([AREA], [added, one(1, date=dt.date(2020, 1, 1))], "cost")["NOx of stove"] == (3, 1)


def test_a_record_of_months_alone_says_nothing_of_a_source_without() -> None:
    records = [record("control", {"region": "37003"}, months={"efficiency": (0.5,) * 12})]
    assert winners([AREA], records, "cost")["NOx of stove"] == (-1, -1)
    assert winners([AREA | {"profile": "rising"}], records, "cost")["NOx of stove"] == (2, -1)


def test_codes_of_states_are_written_in_three_ways() -> None:
    from emis.interchange.packets.cells import normal_region

    assert [normal_region(code) for code in ("37", "37000", "037000", "037", "037001", "000000", "0", "135001")] == [
        "37", "37", "37", "37", "37001", "", "", "135001",
    ]  # fmt: skip


def test_each_set_of_keys_has_a_rank_of_its_own() -> None:
    for ranks in RANKS.values():
        assert len(set(ranks.values())) == len(ranks)


def test_records_that_match_nothing_are_told_what_does_not_fit() -> None:
    records = [
        record("control", {"region": "37003", "scc": "2104008999"}, line=2, efficiency=0.5),
        record("control", {"region": "51001"}, line=3, efficiency=0.5),
        record("control", {"facility": "P1", "sic": "2611"}, line=4, efficiency=0.5),
        record("control", {"region": "37003", "pollutant": "HG"}, line=5, efficiency=0.5),
        record("control", {"scc": "2104000000"}, line=6, efficiency=0.5),
    ]
    rows = Rows.of(inventory([POINT, AREA]))
    found = near_misses(rows, records, range(5), "cost")
    assert "SCC 2104008999" in found[0]
    assert "1 would with any" in found[0]
    assert found[1] == "no source is near region 51001"
    assert found[2] == "CoST never matches by facility + sic"
    assert "pollutant HG" in found[3]
    assert "filled up with zeros" in found[4]


def test_the_ledger_tells_what_became_of_each_record() -> None:
    records = [
        record("control", {"region": "37003"}, line=2, efficiency=0.5),
        record("control", {"region": "37003", "pollutant": "NOx"}, line=3, efficiency=0.5),
        record("control", {"region": "37001"}, line=4, efficiency=0.5, date=dt.date(2031, 1, 1)),
        record("control", {"region": "37001"}, line=5, efficiency=0.5, applies=False),
    ]
    outcome = evaluate(Rows.of(inventory([POINT, AREA])), records, 2030, "cost")
    assert [(one.matched, one.won, one.why) for one in ledger(outcome)] == [
        (1, 0, "control.csv:3 comes before it"),
        (1, 1, ""),
        (0, 0, "its date 2031-01-01 is not before 1 July 2030"),
        (0, 0, "its flag says that it is not to be applied"),
    ]
    issues = Issues()
    tell(outcome, issues)
    assert [(one.line, one.message.split(":")[0]) for one in issues.warnings] == [
        (4, "is not used"), (5, "is not used"), (2, "is the best match of no row")]  # fmt: skip


def test_a_cap_that_is_not_reached_and_a_second_closure_are_told_so() -> None:
    records = [
        record("allowable", {"region": "37003"}, line=2, cap=1e6),
        record("closure", {"region": "37001", "facility": "P1"}, line=3, date=dt.date(2021, 1, 1)),
        record("closure", {"region": "37001", "facility": "P1"}, line=4, date=dt.date(2020, 1, 1)),
    ]
    found = ledger(evaluate(Rows.of(inventory([POINT, AREA])), records, 2030, "cost"))
    assert [one.why for one in found] == [
        "what is emitted does not reach it", "its sources are closed by another record already", ""]  # fmt: skip
