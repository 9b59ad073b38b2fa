"""The page's equation on a small project that has everything: each verb, ceilings, seasons, amounts, gaps, alerts."""

import pytest
from agreement import agree

#: Old and new of two sizes, a plant that is reported in tonnes, and a kiln of which CO is not estimated.
ACTIVITY = """\
source,category,fuel,technology,region,activity,unit,households,profile,reference,grade
coal/stove/coal/old/a,stove,coal,old,a,1000,t/yr,500,winter,test,E
coal/stove/coal/old/b,stove,coal,old,b,400,t/yr,300,winter,test,E
coal/stove/coal/new/a,stove,coal,new,a,0,t/yr,0,winter,test,E
coal/stove/coal/new/b,stove,coal,new,b,50,t/yr,20,winter,test,E
coal/boiler/coal/old,boiler,coal,old,,300,t/yr,4,,test,E
coal/boiler/coal/plain,boiler,coal,plain,,300,t/yr,4,,test,E
coal/boiler/coal/twin,boiler,coal,plain,,150,t/yr,4,,test,E
"""
FACTORS = """\
category,fuel,technology,pollutant,factor,unit,control,reference,grade
stove,coal,old,NOx,2,kg/t,0 %,test,E
stove,coal,new,NOx,0.5,kg/t,0 %,test,E
boiler,coal,old,NOx,4,kg/t,20 %,test,E
boiler,coal,plain,NOx,3,kg/t,0 %,test,E
stove,coal,old,CO,20,kg/t,0 %,test,E
stove,coal,new,CO,8,kg/t,0 %,test,E
boiler,coal,old,CO,NE,kg/t,0 %,test,E
boiler,coal,plain,CO,6,kg/t,0 %,test,E
"""
REPORTED = """\
source,category,NOx [t/yr],CO [t/yr],reference,grade
industry/kiln/one,kiln,7,3,test,E
industry/kiln/two,kiln,2,0,test,E
"""
PROFILES = "profile,1,2,3,4,5,6,7,8,9,10,11,12,reference\nwinter,0.2,0.2,0.1,0.05,0,0,0,0,0,0.05,0.2,0.2,test\n"


@pytest.fixture
def everything(project):
    """A project in which every kind of term acts on some source."""
    project.inventory(
        activity=ACTIVITY, factors=FACTORS, pollutants=["NOx", "CO"], profiles="profiles.csv",
        tables=[
            {"sector": "coal", "activity": "activity.csv", "factors": "factors.csv"},
            {"sector": "industry", "emissions": "reported.csv"},
        ],
    )  # fmt: skip
    folder = project.root / "inventories" / "2017"
    (folder / "reported.csv").write_text(REPORTED, encoding="utf-8")
    (folder / "profiles.csv").write_text(PROFILES, encoding="utf-8")
    stove, boiler = {"category": "stove", "technology": "old"}, {"category": "boiler"}
    project.measure("A-amount", [{"shift": {"amount": "100 household", "to": {"technology": "new"}, "yield": 0.8}}],
                    select=stove, phase_in={"2018-06-01": "0 %", "2019-12-31": "100 %"})  # fmt: skip
    project.measure("B-share", [{"shift": {"share": "20 %", "to": {"technology": "new"}}}], select=stove)
    project.measure("C-close", [{"close": {"share": "30 %", "date": "2019-10-01"}}], select={"region": "b", **stove})
    project.measure("D-tonnes", [{"close": {"amount": "60 t/yr"}}], select={**boiler, "technology": "plain"})
    project.measure("E-winter", [{"abate": {"efficiency": {"NOx": "50 %"}, "penetration": "60 %"}}],
                    select={"sector": "coal", "technology": "old"}, months=[11, 12, 1, 2],
                    phase_in={2018: "20 %", 2020: "100 %"})  # fmt: skip
    project.measure("F-limit", [{"limit": {"at_most": {"NOx": "2.5 kg/t"}, "share": "70 %"}}],
                    select={**boiler, "technology": "plain"})  # fmt: skip
    project.measure("G-replaces", [{"abate": {"efficiency": {"NOx": "60 %"}, "replaces": "existing"}}],
                    select={**boiler, "technology": "old"})  # fmt: skip
    project.measure("H-cap", [{"cap": {"at_most": {"NOx": "1.2 t/yr"}}}], select=boiler)
    project.measure("I-more", [{"scale": {"activity": "+15 %"}}], select={"sector": "industry"})
    project.measure("J-cap", [{"cap": {"at_most": {"NOx": "6 t/yr"}}}], select={"sector": "industry"})
    project.plan["alerts"] = [
        {"level": "red", "at_least": "30 %", "months": [11, 12, 1], "pollutants": ["NOx"],
         "measures": ["E-winter", {"id": "K-stop", "select": {"sector": "industry"},
                                   "do": [{"scale": {"activity": "-40 %"}}]}]},
    ]  # fmt: skip
    project.plan["targets"] = [
        {"id": "T1", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "30 %", "since": 2017, "by": 2020},
        {"id": "T2", "indicator": "emissions", "pollutant": "NOx", "select": {"sector": "coal"}, "at_most": "4 t/yr",
         "by": 2020},
        {"id": "T3", "indicator": "emissions", "pollutant": "CO", "reduce_by": "10 %", "since": 2017, "by": 2020},
        {"id": "T4", "indicator": "emissions", "pollutant": "CO", "select": {"category": "stove"}, "reduce_by": "10 %",
         "since": 2017, "by": 2019},
        {"id": "T5", "indicator": "activity", "select": {"category": "stove", "technology": "old"},
         "at_most": "600 household", "by": 2020},
        {"id": "T6", "indicator": "alert", "level": "red", "reduce_by": "30 %"},
    ]  # fmt: skip
    project.scenario["drivers"] = [
        {"select": {"category": "stove"}, "growth": "-3 %/yr",
         "uncertainty": {"growth": {"low": "-6 %/yr", "high": "2 %/yr"}}},
        {"select": {"source": "coal/boiler/coal/old"},
         "shift": {"share": "10 %/yr", "to": {"source": "coal/boiler/coal/plain"}}},
        {"select": {"sector": "industry"}, "index": {2017: 1, 2018: 1.02, 2020: 1.1}},
        {"select": {"region": "b"}, "growth": "4 %/yr"},
    ]  # fmt: skip
    return project


@pytest.mark.parametrize("resolution", ["year", "month"])
def test_every_kind_of_term_agrees(everything, engine, resolution):
    everything.scenario["resolution"] = resolution
    agree(everything.write(), engine, 12)


@pytest.mark.parametrize("rule", ["error", "scale", "implemented"])
def test_stock_that_is_overdrawn(everything, engine, rule):
    everything.measure("L-most", [{"close": {"share": "90 %"}}], select={"category": "stove", "technology": "old"})
    everything.scenario |= {"on_shortfall": rule, "implementation": {"L-most": "30 %"}}
    if rule == "error":
        everything.scenario["omit"] = ["L-*"]
    refused = agree(everything.write(), engine, 10)
    assert (refused > 0) == (rule != "scale")


def test_what_was_observed_is_not_to_be_moved(everything, engine):
    everything.scenario["implementation"] = {"default": "80 %", "B-share": "35 %"}
    stone = {"id": "done", "measure": "B-share", "at_least": "20 %", "by": "2020-12-31"}
    everything.plan["milestones"] = [stone]
    path = everything.write()
    progress = path.with_name("progress.csv")
    progress.write_text("milestone,date,observed\ndone,2019-06-30,9 %\n", encoding="utf-8")
    agree(path, engine, 5, progress=progress)


def test_stock_that_is_not_estimated_is_no_zero(everything, engine):
    inventory = everything.root / "inventories" / "2017" / "activity.csv"
    text = inventory.read_text(encoding="utf-8")
    inventory.write_text(text.replace("stove,coal,old,b,400,t/yr", "stove,coal,old,b,NE,t/yr"), encoding="utf-8")
    agree(everything.write(), engine, 5)


def test_an_alert_that_stops_all_there_is(everything, engine):
    everything.measure("L-all", [{"scale": {"activity": "-100 %"}}], select={})
    everything.scenario["implementation"] = {"L-all": "50 %"}
    agree(everything.write(), engine, 6)
    everything.scenario["implementation"] = {}
    agree(everything.write(), engine, 6)


def test_targets_may_be_called_like_a_pollutant(everything, engine):
    for target, name in zip(everything.plan["targets"], ("CO", "NOx", "TSP", "columns", "NOx ", "length"), strict=True):
        target["id"] = name.strip() if name != "NOx " else "NOx-2"
    everything.plan["targets"][4]["id"] = "PM2.5"
    agree(everything.write(), engine, 4)
