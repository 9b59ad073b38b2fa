"""What a plan leaves: the numbers that pin the meaning of the equation."""

from typing import Any

import numpy as np
import pytest
from conftest import Project
from hypothesis import given
from hypothesis import strategies as st

import emis

TRUCKS = """\
source,category,fuel,technology,activity,unit
mobile/truck/diesel/old,truck,diesel,old,1000,vkm/yr
mobile/truck/diesel/new,truck,diesel,new,0,vkm/yr
"""
GRAMS = "category,fuel,technology,pollutant,factor,unit\ntruck,diesel,old,NOx,2,g/km\ntruck,diesel,new,NOx,0.5,g/km\n"
SECTOR = [{"sector": "mobile", "activity": "activity.csv", "factors": "factors.csv"}]


@pytest.mark.parametrize("order", [1, -1])
def test_shift_and_scale_commute(project: Project, order: int) -> None:
    project.inventory(activity=TRUCKS, factors=GRAMS, tables=SECTOR)
    project.measure("renew", [{"shift": {"share": "60 %", "to": {"technology": "new"}}}])
    project.measure("less-traffic", [{"scale": {"activity": "-10 %"}}], select={"sector": "mobile"})
    project.plan["measures"] = project.plan["measures"][::order]
    found = 1e6 * project.project().emissions.sel(year=2020, pollutant="NOx")
    assert found.sel(source="mobile/truck/diesel/old").item() == pytest.approx(720, rel=1e-14)
    assert found.sel(source="mobile/truck/diesel/new").item() == pytest.approx(270, rel=1e-14)


def test_abatements_multiply(project: Project) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}])
    project.measure("B", [{"abate": {"efficiency": {"NOx": "40 %"}}}])
    assert project.total() == pytest.approx(0.3 * 2, rel=1e-14)


def test_transfers_add(project: Project) -> None:
    project.measure("A", [{"close": {"amount": "600 t"}}])
    project.measure("B", [{"close": {"amount": "300 t"}}])
    assert project.project().activity.sel(year=2020, source="coal/stove/coal/old").item() == pytest.approx(
        100, rel=1e-14
    )


def test_more_than_there_is(project: Project) -> None:
    project.measure("A", [{"close": {"amount": "600 t"}}], phase_in={2020: "10 %"})
    project.measure("B", [{"close": {"amount": "500 t"}}])
    with pytest.raises(emis.InfeasibleError) as caught:
        project.project()
    said = str(caught.value)
    for part in ("A and B", "1100", "1000", "coal/stove/coal/old", "2018", "plan.yaml:"):
        assert part in said
    assert caught.value.exit_code == 4


def test_shortfall_may_be_scaled(project: Project) -> None:
    project.measure("A", [{"close": {"amount": "600 t"}}])
    project.measure("B", [{"shift": {"amount": "600 t", "to": {"technology": "new"}}}])
    project.scenario["on_shortfall"] = "scale"
    found = project.project()
    assert found.activity.sel(year=2020, source="coal/stove/coal/old").item() == pytest.approx(0, abs=1e-12)
    assert found.activity.sel(year=2020, source="coal/stove/coal/new").item() == pytest.approx(500, rel=1e-14)
    assert "1200" in str(found.program.warnings[0])


def test_arrivals_are_not_moved_on(project: Project) -> None:
    project.measure("A", [{"shift": {"share": "60 %", "to": {"technology": "new"}}}])
    project.measure("B", [{"close": {"share": "100 %"}}], select={"technology": "new"})
    project.measure("C", [{"scale": {"activity": "-50 %"}}], select={"technology": "new"})
    assert project.project().activity.sel(year=2020, source="coal/stove/coal/new").item() == pytest.approx(
        300, rel=1e-14
    )


def test_a_closing_year_is_prorated_by_day(project: Project) -> None:
    project.measure("A", [{"close": {"share": "100 %", "date": "2018-10-31"}}])
    found = project.project().activity.sel(source="coal/stove/coal/old")
    assert found.sel(year=2018).item() == pytest.approx(1000 * (1 - 62 / 365), rel=1e-14)
    assert found.sel(year=2019).item() == 0


def test_existing_control(project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit\ncoal/boiler,boiler,1000,t/yr\n",
        factors="category,pollutant,factor,unit,control\nboiler,NOx,100,kg/t,90 %\n",
    )
    project.measure(
        "A", [{"abate": {"efficiency": {"NOx": "95 %"}, "replaces": "existing"}}], select={"category": "boiler"}
    )
    assert project.total() == pytest.approx(50, rel=1e-12)
    del project.plan["measures"][0]["do"][0]["abate"]["replaces"]
    assert project.total() == pytest.approx(5, rel=1e-12)
    project.plan["measures"][0]["do"][0]["abate"] |= {"replaces": "existing", "efficiency": {"NOx": "85 %"}}
    assert "may_increase: true" in project.faults()
    project.inventory(
        activity="source,category,activity,unit\ncoal/boiler,boiler,1000,t/yr\n",
        factors="category,pollutant,factor,unit,control\nboiler,NOx,0,kg/t,100 %\n",
    )
    assert "100 %" in project.faults()


@pytest.mark.parametrize("abatement", ["50 %", "0 %"])
def test_caps_come_last_and_see_growth(project: Project, abatement: str) -> None:
    project.inventory(
        activity="source,category,activity,unit\ncoal/boiler,boiler,1000,t/yr\n",
        factors="category,pollutant,factor,unit\nboiler,NOx,100,kg/t\n",
    )
    project.scenario["drivers"] = [{"select": {"sector": "coal"}, "index": {2017: 1, 2020: 1.5}}]
    project.measure("A", [{"abate": {"efficiency": {"NOx": abatement}}}], select={"category": "boiler"})
    project.measure("B", [{"cap": {"at_most": {"NOx": "60 t/yr"}}}], select={"category": "boiler"})
    assert project.total() == pytest.approx(60, rel=1e-14)


def test_a_cap_is_shared_by_one_factor(project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit\ncoal/a,a,1000,t/yr\ncoal/b,b,3000,t/yr\n",
        factors="category,pollutant,factor,unit\na,NOx,10,kg/t\nb,NOx,10,kg/t\n",
    )
    project.measure("B", [{"cap": {"at_most": {"NOx": "20 t/yr"}}}], select={"sector": "coal"}, phase_in={2020: "50 %"})
    found = project.project().emissions.sel(year=2020, pollutant="NOx")
    assert found.values == pytest.approx([7.5, 22.5], rel=1e-14)


def test_no_plan_is_the_inventory_to_the_last_bit(project: Project) -> None:
    rng = np.random.default_rng(1)
    rows = [f"coal/s{i},stove,t{i},{rng.lognormal(3, 2)!r},t/yr" for i in range(50)]
    factors = [f"stove,t{i},NOx,{rng.lognormal()!r},kg/t" for i in range(50)]
    project.inventory(
        activity="\n".join(["source,category,technology,activity,unit", *rows]) + "\n",
        factors="\n".join(["category,technology,pollutant,factor,unit", *factors]) + "\n",
    )
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], select={"sector": "coal"})
    project.scenario["omit"] = ["A"]
    found = project.project()
    expected = found.program.inventory.emissions
    for year in (2017, 2018, 2020):
        assert found.emissions.sel(year=year).values.tobytes() == expected.tobytes()
    assert found.emissions_no_plan.values.tobytes() == found.emissions.values.tobytes()


def big(project: Project, seed: int) -> None:
    """A project in which everything meets, its rows and measures in an order of their own."""
    rng = np.random.default_rng(seed)
    rows = [
        f"coal/stove/{f}/{t},stove,{f},{t},{100 + 7 * i},t/yr,{p},{10 + i}"
        for i, (f, t, p) in enumerate(
            (f, t, p) for f in ("coal", "coke") for t, p in (("old", "winter"), ("new", ""), ("mid", "winter"))
        )
    ]
    rng.shuffle(rows)
    project.inventory(
        activity="\n".join(["source,category,fuel,technology,activity,unit,profile,households", *rows]) + "\n",
        factors="category,technology,pollutant,factor,unit\nstove,old,NOx,2,kg/t\nstove,new,NOx,0.3,kg/t\nstove,mid,NOx,1,kg/t\n",
        profiles="profiles.csv",
    )
    (project.root / "inventories/2017/profiles.csv").write_text(
        "profile,1,2,3,4,5,6,7,8,9,10,11,12\nwinter,0.3,0.2,0.1,0,0,0,0,0,0,0.1,0.1,0.2\n"
    )
    project.measure(
        "A",
        [{"shift": {"share": "33 %", "to": {"technology": "new"}}}],
        phase_in={"2018-03-01": "0 %", "2019-12-31": "100 %"},
    )
    project.measure("B", [{"close": {"amount": "3 household"}}], select={"technology": ["old", "mid"]})
    project.measure("C", [{"abate": {"efficiency": {"NOx": "30 %"}}}], select={"sector": "coal"}, months=[1, 2, 12])
    project.measure("D", [{"scale": {"activity": "-7 %"}}], select={"fuel": "coke"})
    project.measure(
        "E", [{"limit": {"at_most": {"NOx": "0.9 kg/t"}, "share": "50 %"}}], select={"technology": ["mid", "old"]}
    )
    project.measure("F", [{"cap": {"at_most": {"NOx": "0.2 t/yr"}}}], select={"fuel": "coke"})
    rng.shuffle(project.plan["measures"])
    project.scenario["drivers"] = [
        {"select": {"technology": "old"}, "shift": {"share": "5 %/yr", "to": {"technology": "mid"}}},
        {"select": {"sector": "coal"}, "growth": "3 %/yr"},
    ]


@pytest.mark.parametrize("resolution", ["year", "month"])
def test_order_and_threads_do_not_change_a_bit(project: Project, tmp_path, resolution: str) -> None:  # type: ignore[no-untyped-def]
    found = []
    for number, threads in ((1, 1), (2, 1), (3, 2)):
        other = Project(tmp_path / f"shuffled-{number}")
        big(other, number)
        other.scenario["resolution"] = resolution
        projection = other.project(threads)
        found.append((projection.dataset, emis.contributions(projection.program, threads)))
    for dataset, shares in found[1:]:
        for name in ("emissions", "emissions_no_plan", "activity"):
            assert dataset[name].values.tobytes() == found[0][0][name].values.tobytes()
        for name in ("alone", "last"):
            assert shares[name].values.tobytes() == found[0][1][name].values.tobytes()


def test_months_of_a_year(project: Project) -> None:
    project.inventory(
        profiles="profiles.csv",
        activity="source,category,fuel,technology,activity,unit,profile\ncoal/stove/coal/old,stove,coal,old,1000,t/yr,winter\n",
    )
    (project.root / "inventories/2017/profiles.csv").write_text(
        "profile,1,2,3,4,5,6,7,8,9,10,11,12\nwinter,0.3,0.2,0.1,0,0,0,0,0,0,0.1,0.1,0.2\n"
    )
    project.measure("C", [{"abate": {"efficiency": {"NOx": "50 %"}}}], months=[1, 12])
    assert project.total() == pytest.approx(2 * (1 - 0.5 * 0.5), rel=1e-14)
    project.scenario["resolution"] = "month"
    found = project.project()
    assert found.emissions.dims == ("year", "month", "source", "pollutant")
    assert found.emissions.sel(year=2020, month=1).item() == pytest.approx(0.3 * 2 * 0.5, rel=1e-14)
    assert found.emissions.sel(year=2020, month=2).item() == pytest.approx(0.2 * 2, rel=1e-14)
    assert found.emissions.sel(year=2017).sum().item() == pytest.approx(2, rel=1e-14)


def test_no_profile_is_days(project: Project) -> None:
    project.scenario["resolution"] = "month"
    found = project.project().emissions.sel(year=2018, source="coal/stove/coal/old", pollutant="NOx")
    assert found.sel(month=2).item() == pytest.approx(2 * 28 / 365, rel=1e-14)


def test_drivers(project: Project) -> None:
    project.scenario["drivers"] = [
        {"select": {"technology": "old"}, "shift": {"share": "6 %/yr", "to": {"technology": "new"}}},
        {"select": {"technology": "old"}, "growth": "10 %/yr"},
        {"select": {"technology": "old"}, "growth": "-5 %/yr"},
    ]
    found = project.project().activity
    assert found.sel(year=2020, source="coal/stove/coal/old").item() == pytest.approx(820 * 1.1**3 * 0.95**3, rel=1e-14)
    assert found.sel(year=2020, source="coal/stove/coal/new").item() == pytest.approx(180, rel=1e-13)
    assert found.sel(year=2017, source="coal/stove/coal/old").item() == 1000


def test_years_of_other_inventories_are_untouched(project: Project) -> None:
    project.inventory(
        2015, activity="source,category,fuel,technology,activity,unit\ncoal/stove/coal/older,stove,coal,old,700,t/yr\n"
    )
    project.inventory(2017)
    project.scenario |= {
        "years": [2015, 2017, 2018],
        "inventories": {2015: "../inventories/2015", 2017: "../inventories/2017"},
    }
    project.measure("A", [{"scale": {"activity": "-10 %"}}])
    found = project.project()
    assert found.emissions.sel(year=2015).sum().item() == pytest.approx(1.4)
    assert found.emissions.sel(year=2015, source="coal/stove/coal/old").sum().item() == 0
    assert found.emissions.sel(year=2018).sum().item() == pytest.approx(1.8)
    assert found.dataset["technology"].sel(source="coal/stove/coal/older").item() == "old"


def test_not_estimated_stays_unknown(project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit\ncoal/a,a,1000,t/yr\ncoal/b,b,1000,t/yr\n",
        factors="category,pollutant,factor,unit\na,NOx,10,kg/t\nb,NOx,NE,kg/t\n",
    )
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], select={"category": "a"})
    project.measure("B", [{"abate": {"efficiency": {"NOx": "50 %"}}}], select={"category": "b"})
    found = project.project()
    assert found.emissions.sel(year=2020, source="coal/a").item() == pytest.approx(5)
    assert np.isnan(found.emissions.sel(year=2020, source="coal/b").item())
    shares = emis.contributions(found.program)["last"].sel(year=2020, sector="coal", pollutant="NOx")
    assert shares.sel(measure="A").item() == pytest.approx(-5)
    assert np.isnan(shares.sel(measure="B").item())


def test_stock_that_leaves_may_cause_emissions_elsewhere(project: Project) -> None:
    project.measure(
        "A",
        [{"shift": {"share": "50 %", "to": "outside", "offsite": {"CO2": "0.6 t/t"}}}],
        phase_in={2019: "50 %", 2020: "100 %"},
    )
    found = project.project().dataset["offsite"].sel(measure="A", offsite_pollutant="CO2")
    assert found.values == pytest.approx([0, 0, 150, 300])


@given(
    st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(-0.5, 0.5), st.floats(0.1, 5)
)  # fmt: skip
def test_abatement_is_monotone_and_bounded(
    penetration: float, effectiveness: float, more: float, growth: float, yields: float
) -> None:
    from emis.measures import Abate

    def eta(share: float) -> float:
        verb = Abate(
            efficiency={"NOx": "80 %"}, penetration=f"{100 * share:.6f} %", effectiveness=f"{100 * effectiveness:.6f} %"
        )
        return verb.efficiencies()["NOx"] * verb.penetration * verb.effectiveness

    assert 0 <= eta(0) <= eta(penetration * more) + 1e-8
    assert eta(penetration * more) <= eta(penetration) + 1e-8 <= 0.8 + 1e-7


KILN = "source,category,technology,activity,unit\ncoal/old,kiln,old,{old},t/yr\ncoal/new,kiln,new,100,t/yr\n"
ONE = "category,technology,pollutant,factor,unit\nkiln,old,NOx,1000,kg/t\nkiln,new,NOx,{new},kg/t\n"


@pytest.mark.parametrize(
    "verb", [{"limit": {"at_most": {"NOx": "600 kg/t"}}}, {"replace": {"factor": {"NOx": "600 kg/t"}}}]
)
def test_a_standard_on_what_is_not_estimated_is_unknown(project: Project, verb: dict[str, Any]) -> None:
    project.inventory(activity=KILN.format(old=100), factors=ONE.format(new="NE"))
    project.measure("A", [verb], select={"category": "kiln"})
    assert emis.contributions(project.project().program).sel(year=2020).to_array().isnull().all()


def test_an_unknown_amount_moves_nothing_before_its_measure(project: Project) -> None:
    project.inventory(activity=KILN.format(old="NE"), factors=ONE.format(new=1000))
    project.measure("A", [{"shift": {"share": "10 %", "to": {"technology": "new"}}}], phase_in={2019: "100 %"})
    found = project.project().dataset.sel(source="coal/new", pollutant="NOx")
    assert list(found["emissions_no_plan"]) == [100, 100, 100, 100]
    assert list(found["emissions"])[:2] == [100, 100]
    assert np.isnan(found["emissions"][2:]).all()


def test_when_all_has_left_nothing_remains(project: Project) -> None:
    for number in range(10):
        project.measure(f"A{number}", [{"close": {"share": "10 %"}}])
    project.scenario["drivers"] = [{"select": {"technology": "old"}, "growth": "3.7 %/yr"}]
    found = project.project().activity.sel(source="coal/stove/coal/old")
    assert list(found.sel(year=[2018, 2019, 2020])) == [0, 0, 0]


def test_february_has_29_days_in_a_leap_year(project: Project) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "100 %"}}}], months=[2])
    assert project.total(2020) == pytest.approx(2 * (1 - 29 / 366), rel=1e-14)
    assert project.total(2019) == pytest.approx(2 * (1 - 28 / 365), rel=1e-14)
    project.scenario["resolution"] = "month"
    january = project.project().emissions.sel(month=1, source="coal/stove/coal/old", pollutant="NOx")
    assert january.sel(year=2020).item() == pytest.approx(2 * 31 / 366, rel=1e-14)


def test_a_seasonal_shift_arrives_by_the_destination_s_season(project: Project) -> None:
    project.inventory(
        activity="source,category,technology,activity,unit,profile\ncoal/old,stove,old,1000,t/yr,winter\ncoal/new,stove,new,0,t/yr,\n",
        factors="category,pollutant,factor,unit\nstove,NOx,1000,kg/t\n",
        profiles="profiles.csv",
    )
    (project.root / "inventories/2017/profiles.csv").write_text(
        "profile,1,2,3,4,5,6,7,8,9,10,11,12\nwinter,1,0,0,0,0,0,0,0,0,0,0,0\n"
    )
    project.measure("A", [{"shift": {"share": "50 %", "to": {"technology": "new"}}}], months=[1])
    by_year = project.project().emissions.sel(year=2019, source="coal/new").item()
    assert by_year == pytest.approx(500 * 31 / 365)
    project.scenario["resolution"] = "month"
    assert project.project().emissions.sel(year=2019, source="coal/new").sum().item() == pytest.approx(by_year)


def test_a_cap_that_begins_in_mid_year_has_one_factor(project: Project) -> None:
    project.measure("A", [{"cap": {"at_most": {"NOx": "1 t/yr"}}}], phase_in={"2018-07-01": "100 %"})
    by_year = project.total(2018)
    assert by_year == pytest.approx(2 * (1 - 0.5 * 184 / 365))
    project.scenario["resolution"] = "month"
    assert project.total(2018) == pytest.approx(by_year)


def test_off_site_emissions_need_not_be_in_the_inventory(project: Project) -> None:
    project.measure("A", [{"shift": {"share": "50 %", "to": "outside", "offsite": {"CO2": "0.6 t/t"}}}], months=[1])
    yearly = project.project().dataset["offsite"].sel(measure="A", offsite_pollutant="CO2", year=2019).item()
    project.scenario["resolution"] = "month"
    monthly = project.project().dataset["offsite"].sel(measure="A", offsite_pollutant="CO2", year=2019).item()
    assert yearly == pytest.approx(300 * 31 / 365)
    assert monthly == pytest.approx(yearly)
