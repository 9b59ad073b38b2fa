"""A plan that packets are compiled to gives, run by the engine, what each system makes of the packets."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packets_cases import POLLUTANTS, inventory, record

import emis
from emis.errors import Issues
from emis.interchange.packets.compiling import compiled
from emis.interchange.packets.evaluating import evaluate
from emis.interchange.packets.models import scenario_of
from emis.interchange.packets.records import Record
from emis.interchange.packets.rows import Rows
from emis.inventory import Inventory

COMPATS = ("cost", "smoke_code", "smoke_manual", "emis")
_REGIONS, _SCCS, _PLANTS = ("37001", "37003", "51001"), ("2102004000", "2104008100", "10100202"), ("", "P1", "P2")


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    sources = []
    for number in range(draw(st.integers(1, 12))):
        one = {
            "source": f"s{number:02d}", "region": draw(st.sampled_from(_REGIONS)), "scc": draw(st.sampled_from(_SCCS)),
            "facility": draw(st.sampled_from(_PLANTS)), "unit_id": draw(st.sampled_from(("", "U1", "U2"))),
            "reg_codes": draw(st.sampled_from(("", "0105", "0105&0107"))), "sic": draw(st.sampled_from(("", "2611"))),
            "category": draw(st.sampled_from(("a", "b"))), "profile": draw(st.sampled_from(("", "rising"))),
        }  # fmt: skip
        for name in POLLUTANTS:
            if draw(st.booleans()):
                one[name] = draw(st.one_of(st.just(0.0), st.floats(0.01, 1e4)))
                one[f"{name} control"] = draw(st.sampled_from((0.0, 0.0, 0.5, 0.9)))
        sources.append(one)
    return inventory(sources)


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from(("projection", "control", "allowable", "closure", "mact", "ctg")))
    keys: dict[str, str] = {}
    if kind == "closure":
        keys = {"region": draw(st.sampled_from(_REGIONS)), "facility": draw(st.sampled_from(_PLANTS[1:]))}
    else:
        options = {"region": (*_REGIONS, "37", "51"), "scc": (*_SCCS, "2100000000"), "pollutant": POLLUTANTS,
                   "facility": _PLANTS[1:], "reg_code": ("0105",), "sic": ("2611", "2600")}  # fmt: skip
        for name in draw(st.lists(st.sampled_from(sorted(options)), unique=True, max_size=3)):
            keys[name] = draw(st.sampled_from(options[name]))
    share, tons = st.sampled_from((0.0, 0.3, 0.8, 0.95, 1.0)), st.sampled_from((0.0, 0.001, 0.5, 5.0))
    dates = st.one_of(st.none(), st.dates(dt.date(2016, 1, 1), dt.date(2031, 12, 31)))
    values: dict[str, float] = {}
    months: dict[str, tuple[float, ...]] = {}
    if kind == "projection":
        values["factor"] = draw(st.sampled_from((0.0, 0.7, 1.0, 1.2, 3.0)))
        months = draw(st.sampled_from(({}, {"factor": tuple(np.linspace(0.5, 1.6, 12))})))
    elif kind == "control":
        values["efficiency"] = draw(share)
        months = draw(st.sampled_from(({}, {"efficiency": tuple(np.linspace(0.1, 0.9, 12))})))
    elif kind == "allowable":
        for name in draw(st.sampled_from((["cap"], ["replacement"], ["cap", "replacement"]))):
            values[name] = draw(tons)
    elif kind == "mact":
        values = {"existing": draw(share), "new": draw(share), "fraction": draw(share)}
    elif kind == "ctg":
        values = {"factor": draw(share), "cutoff": draw(tons), "mact_factor": draw(share), "ract_factor": draw(share)}
    return record(
        kind, keys, months=months, date=draw(dates), replaces=draw(st.booleans()), **values,
        dialect="smoke" if kind in ("mact", "ctg") else draw(st.sampled_from(("cost", "smoke"))),
    )  # fmt: skip


@pytest.mark.parametrize("compat", COMPATS)
@given(inventories(), st.lists(records(), max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_plan_gives_what_the_packets_gave(compat: str, found: Inventory, several: list[Record]) -> None:
    several = [
        Record(one.kind, one.dialect, one.file, number + 2, one.keys, one.values, one.months, one.date, one.replaces)
        for number, one in enumerate(several)
    ]
    rows = Rows.of(found)
    outcome = evaluate(rows, several, 2030, compat, Issues())
    scenario = scenario_of(compiled(outcome))
    projected = emis.project(found, scenario).emissions.sel(year=2030).values
    assert np.isnan(projected[np.isnan(found.emissions)]).all()
    run = projected[rows.source, rows.pollutant]
    # Relative to what is emitted before controls, of which a plan states the share that is removed.
    most = np.maximum(np.maximum(outcome.grown, rows.emission), outcome.final)
    assert (np.abs(run - outcome.final) <= 1e-12 * most / (1 - rows.control)).all()
