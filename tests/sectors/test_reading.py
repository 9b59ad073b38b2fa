"""Sector columns in an activity table: what they give, and what is said when they cannot be read."""

import numpy as np
import pytest
from conftest import Command, Project

import emis
from emis.propagation import totals

FACTORS = "category,fuel,technology,pollutant,factor,unit,control,low,high\n"
ROADS = "source,category,technology,activity,unit,silt_loading [g/m^2],mean_weight [t],wet_days,control\n"
DUST = {
    "pollutants": ["TSP", "PM10", "PM2.5"],
    "tables": [{"sector": "dust", "activity": "activity.csv", "factors": "factors.csv"}],
}
MOBILE = {
    "pollutants": ["NOx", "VOC", "CO2"],
    "tables": [{"sector": "mobile", "activity": "activity.csv", "factors": "factors.csv"}],
}
CAR = "passenger_car,petrol,china_4"
PUMPS = {"share": "1 %", "heat_value": "22 GJ/t", "stove_efficiency": "40 %", "cop": 2}


def read(project: Project) -> emis.Inventory:
    return emis.read_inventory(project.root / "inventories/2017")


def cars(project: Project, header: str, row: str, factors: str = "") -> None:
    rows = factors or f"{CAR},NOx,0.1,g/km,,0.05,0.2\n{CAR},VOC,0.1,g/km,,0.05,0.2\n{CAR},CO2,200,g/km,,,\n"
    project.inventory(
        activity=f"source,category,fuel,technology,activity,unit,{header}\na,{CAR},1000000,vkm/yr,{row}\n",
        factors=FACTORS + rows,
        **MOBILE,
    )


def test_a_method_gives_the_factor(project: Project) -> None:
    project.inventory(
        activity=ROADS
        + "a,paved_road,urban_road,1000000,vkm/yr,1,2,73,\nb,paved_road,urban_road,1000000,vkm/yr,1,2,73,40 %\n",
        factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n",
        **DUST,
    )
    found = read(project)
    expected = np.array([3.23, 0.62, 0.15]) * 2**1.02 * 0.95
    assert found.emissions[0] == pytest.approx(expected)
    assert found.emissions[1] == pytest.approx(0.6 * expected)
    assert found.control[:, 0] == pytest.approx([0, 0.4])
    assert found.columns["silt_loading"] == pytest.approx([1, 1])
    low, high = found.bounds["factor_low"][0, 0], found.bounds["factor_high"][0, 0]
    assert low < found.factor[0, 0] < high


def test_a_row_states_its_own_uncertainty(project: Project) -> None:
    head = ROADS.replace("control", "factor_cv [%]")
    project.inventory(
        activity=head + "a,paved_road,urban_road,1000000,vkm/yr,1,2,,10\nb,paved_road,urban_road,1,vkm/yr,1,2,,0\n",
        factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n",
        **DUST,
    )
    found = read(project)
    ratio = found.bounds["factor_high"][:, 0] / found.factor[:, 0]
    assert ratio == pytest.approx([1.21, 1], abs=0.01)


def test_columns_are_read_in_other_units(project: Project) -> None:
    project.inventory(
        activity="source,category,technology,activity,unit,silt_loading [kg/ha],mean_weight [kg]\n"
        "a,paved_road,urban_road,1,vkm/yr,10,2000\n",
        factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n",
        **DUST,
    )
    assert read(project).factor[0, 0] == pytest.approx(3.23e-6 * 2**1.02)


def test_corrections_act_on_the_table_s_factor(project: Project) -> None:
    cars(project, "speed [km/h],sulphur [mg/kg],humidity [%]", "35,10,60")
    found = read(project)
    assert found.emissions[0] == pytest.approx([0.1 * 0.90 * 0.95 * 0.92, 0.1 * 0.78 * 0.96, 200])
    assert found.bounds["factor_low"][0, 0] == pytest.approx(0.5 * found.factor[0, 0])


def test_evaporation_is_added(project: Project) -> None:
    cars(project, "annual_distance [km],diurnal_loss [g/d]", "10000,8")
    found = read(project)
    assert found.emissions[0, 1] == pytest.approx(0.1 + 8 * 365 / 10000)
    low, high = (found.bounds[f"factor_{end}"][0, 1] / found.factor[0, 1] for end in ("low", "high"))
    assert 0.5 < low < 1 < high < 2, "two parts that err apart are surer together"


def test_what_is_caused_elsewhere_is_kept_apart(project: Project) -> None:
    cars(project, "electricity_use [kWh/km],grid_factor [kg/kWh]", "0.2,0.6")
    found = read(project)
    assert found.offsite is not None
    assert found.offsite * found.activity == pytest.approx([120])
    assert found.emissions[0, 2] == pytest.approx(200)


def test_capture_is_an_existing_control(project: Project) -> None:
    project.inventory(
        activity="source,category,technology,activity,unit,capture,destruction [%]\n"
        "a,printing,registered,10,t/yr,80 %,90\nb,printing,registered,10,t/yr,,\n",
        factors=FACTORS + "printing,,,VOC,500,g/kg,10 %,300,600\n",
        pollutants=["VOC"],
        tables=[{"sector": "industry", "activity": "activity.csv", "factors": "factors.csv"}],
    )
    found = read(project)
    assert found.emissions[:, 0] == pytest.approx([1.4, 5])
    assert found.control[:, 0] == pytest.approx([1 - 0.28 * 0.9, 0.1])


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        ("silt_loading,mean_weight [t]", "1,2", "silt_loading: has no unit in its header; write silt_loading [g/m^2]"),
        ("silt_loading [t],mean_weight [t]", "1,2", "silt_loading: 't' (mass) does not convert"),
        ("silt_loading [g/m^2],mean_weight [t]", "1,", "mean_weight: is blank, and paved_road needs it"),
        ("silt_loading [g/m^2],mean_weight [t]", "x,2", "silt_loading: 'x' does not start with a number"),
        ("silt_loading [g/m^2],mean_weight [t]", "-1,2", "silt_loading: -1 is negative"),
        ("silt_loading [g/m^2],mean_weight [t]", "4000,2", "silt_loading: 4000 g/m^2 is outside 0.001 to 400 g/m^2"),
        ("silt_loading [g/m^2],mean_weight [t],control", "1,2,0.4", "control: a bare number 0.4 was found"),
        ("silt_loading [g/m^2],mean_weight [t],wet_days [d]", "1,2,60", "wet_days: is a plain number"),
        ("silt_loading [g/m^2],mean_weight [t],edition", "1,2,2003", "edition: asks for edition 2003"),
        ("silt_loadng [g/m^2],mean_weight [t]", "1,2", "silt_loadng: the column 'silt_loadng' is not known"),
        ("silt_loading [g/m^2],mean_weight (t)", "1,2", "is not known; write mean_weight [t]"),
        ("silt_loading [g/m^2],mean_weight_t", "1,2", "is not known; write mean_weight [t]"),
    ],
)
def test_faults(project: Project, header: str, row: str, said: str) -> None:
    project.inventory(
        activity=f"source,category,technology,activity,unit,{header}\na,paved_road,urban_road,1,vkm/yr,{row}\n",
        factors=FACTORS + "".join(f"paved_road,,,{name},1,g/km,,,\n" for name in DUST["pollutants"]),
        **DUST,
    )
    with pytest.raises(emis.InputError) as caught:
        read(project)
    assert said in str(caught.value)


def test_a_unit_that_does_not_fit_the_method(project: Project) -> None:
    project.inventory(
        activity=ROADS + "a,paved_road,urban_road,1,t/yr,1,2,,\n",
        factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n",
        **DUST,
    )
    with pytest.raises(emis.InputError, match="paved_road gives g/vkm, which does not go with"):
        read(project)


def test_several_faults_at_once(project: Project) -> None:
    project.inventory(
        activity=ROADS + "a,paved_road,x,1,vkm/yr,1,,,\nb,paved_road,x,1,vkm/yr,0,2,500,\n",
        factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n",
        **DUST,
    )
    with pytest.raises(emis.InputError) as caught:
        read(project)
    lines = str(caught.value).splitlines()
    assert sum("activity.csv:2 mean_weight" in line for line in lines) == 1
    assert sum("activity.csv:3 silt_loading" in line for line in lines) == 1
    assert sum("activity.csv:3 wet_days" in line for line in lines) == 1


def test_an_activity_that_its_columns_contradict(project: Project, run: Command) -> None:
    cars(project, "vehicles,annual_distance [km]", "70,15000")
    found = run("check", project.root / "inventories/2017")
    assert found.exit_code == 0
    assert "activity: is 1e+06 vkm/yr, and its own columns give 1.05e+06" in found.stderr
    cars(project, "vehicles,annual_distance [km]", "67,15000")
    assert run("check", project.root / "inventories/2017").stderr == ""


def test_a_number_that_no_method_reads(project: Project, run: Command) -> None:
    project.inventory(
        activity="source,category,technology,activity,unit,silt_loading [g/m^2]\na,sand_yard,open,1,t/yr,1\n",
        factors=FACTORS + "".join(f"sand_yard,,,{name},1,g/t,,,\n" for name in DUST["pollutants"]),
        **DUST,
    )
    found = run("check", project.root / "inventories/2017")
    assert "silt_loading: no method of dust/sand_yard reads silt_loading" in found.stderr


def test_a_method_far_from_the_table_is_told(project: Project, run: Command) -> None:
    project.inventory(
        activity=ROADS + "a,paved_road,urban_road,1,vkm/yr,100,20,,\n",
        factors=FACTORS + "".join(f"paved_road,,,{name},1,g/km,,0.5,2\n" for name in DUST["pollutants"]),
        **DUST,
    )
    assert (
        "times the factor table's value, outside its interval" in run("check", project.root / "inventories/2017").stderr
    )


@pytest.mark.parametrize(
    ("do", "select", "said"),
    [
        ({"wash_roads": {"silt_reduction": "30 %"}}, {"category": "sand_yard"}, "on which `wash_roads` does not act"),
        ({"seal_sites": {"washed": "100 %"}}, {"category": "construction_site"}, "does not say which measures"),
        ({"seal_sites": {"penetration": "100 %"}}, {"category": "construction_site"}, "asks for nothing"),
        ({"wash_roads": {"silt_reduction": 0.3}}, {"category": "paved_road"}, "write 30 %"),
        ({"wash_roads": {"silt_reductoin": "30 %"}}, {"category": "paved_road"}, "did you mean 'silt_reduction'"),
        ({"wash_rods": {"silt_reduction": "30 %"}}, {"category": "paved_road"}, "did you mean 'wash_roads'"),
        ({"revegetate": "48"}, {"category": "abandoned_mine"}, "48"),
        ({"revegetate": {}}, {"category": "abandoned_mine"}, "expected `share` or `amount`"),
        ({"change_speed": {"speed": "60 km"}}, {"category": "paved_road"}, "'km' (length) does not convert"),
    ],
)
def test_faults_of_levers(project: Project, do: dict[str, object], select: dict[str, str], said: str) -> None:
    rows = "a,sand_yard,open,1,t/yr,,,,\nb,construction_site,building,1,t/yr,,,,\nc,paved_road,x,1,vkm/yr,1,2,,\n"
    rows += "d,abandoned_mine,exposed,1,t/yr,,,,\n"
    categories = ("sand_yard", "construction_site", "abandoned_mine")
    factors = "".join(f"{one},,,{name},1,g/t,,,\n" for one in categories for name in DUST["pollutants"])
    project.inventory(activity=ROADS + rows, factors=FACTORS + factors, **DUST)
    project.measure("M", [do], select=select)
    assert said in project.faults()


def test_a_lever_that_raises_emissions_says_so(project: Project) -> None:
    cars(project, "speed [km/h]", "60")
    project.measure("M", [{"change_speed": {"speed": "15 km/h"}}], select={"category": "passenger_car"})
    assert "write may_increase: true" in project.faults()
    project.plan["measures"][0]["do"] = [{"change_speed": {"speed": "15 km/h", "may_increase": True}}]
    assert project.total(pollutant="NOx") == pytest.approx(0.1 * 0.86 * 1.38 / 0.86)


def test_the_power_plant_s_co2_follows_the_stock(project: Project) -> None:
    project.inventory(
        activity="source,category,fuel,technology,activity,unit,electricity_use [kWh/km],grid_factor [kg/kWh]\n"
        "a,bus,diesel,china_4,1000000,vkm/yr,,\nb,bus,electricity,electric,500000,vkm/yr,1.2,0.6\n",
        factors=FACTORS
        + "".join(
            f"bus,diesel,,{name},1,g/km,,,\nbus,electricity,,{name},NO,g/km,,,\n" for name in MOBILE["pollutants"]
        ),
        **MOBILE,
    )
    project.measure("M", [{"electrify": "40 %"}], select={"fuel": "diesel"})
    found = project.project().dataset
    assert found["offsite_electricity"].sel(year=[2017, 2020]).values == pytest.approx([360, 900 * 0.72])
    assert found["offsite_electricity_no_plan"].sel(year=2020) == pytest.approx(360)
    assert found["offsite_electricity"].attrs["units"] == "t"
    assert float(found["emissions"].sel(year=2020, pollutant="CO2").sum()) == pytest.approx(0.6)
    monthly = {**project.scenario, "resolution": "month"}
    project.scenario = monthly
    assert project.project().dataset["offsite_electricity"].sel(year=2020) == pytest.approx(900 * 0.72)


def test_what_a_row_states_as_met_is_its_existing_control(project: Project) -> None:
    project.inventory(
        activity="source,category,technology,activity,unit,washed\na,construction_site,building,12,m^2,50 %\n",
        factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n",
        **DUST,
    )
    found = read(project)
    assert found.emissions[0] == pytest.approx([12 * 12 * (1.01 - 0.155) / 1000 * part for part in (1, 0.3, 0.03)])
    assert found.control[0] == pytest.approx([0.155 / 1.01] * 3)
    better = {"abate": {"efficiency": {"TSP": "50 %"}, "replaces": "existing"}}
    project.measure("M", [better], select={"category": "construction_site"})
    assert project.total(pollutant="TSP") == pytest.approx(12 * 12 * 1.01 * 0.5 / 1000)


def test_vapour_recovery_is_an_existing_control(project: Project) -> None:
    project.inventory(
        activity="source,category,activity,unit,vapour_pressure [kPa],stage_1,density [t/m^3]\n"
        "a,petrol_station,100,t/yr,30,50 %,0.75\n",
        factors=FACTORS + "dry_cleaning,,,VOC,1,g/t,,,\n",
        pollutants=["VOC"],
        tables=[{"sector": "solvents", "activity": "activity.csv", "factors": "factors.csv"}],
    )
    found = read(project)
    assert found.emissions[0] == pytest.approx([100 * (66 - 12) * 30 / 0.75 * 1e-6])
    assert found.control[0] == pytest.approx([12 / 66])


def test_factors_of_one_equation_err_together(project: Project) -> None:
    head = ROADS.replace("wet_days,control", "low,high,factor_cv [%]")
    row = "{0},paved_road,{0},1000000,vkm/yr,{1},2,1000000,1000000,20\n"
    rows = "".join(row.format(name, silt) for name, silt in {"a": 1, "b": 2, "c": 4}.items())
    project.inventory(activity=head + rows, factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n", **DUST)
    found = totals(read(project))
    alone = totals(read(project), "technology")
    assert found.relative[0] == pytest.approx(alone.relative[0])
    assert 0.35 < found.relative[0, 0] < 0.45


def test_one_row_of_a_factor_table_errs_together_behind_any_control(project: Project) -> None:
    project.inventory(
        activity="source,category,technology,activity,unit,low,high,capture,destruction [%]\n"
        "a,printing,a,10,t/yr,10,10,,\nb,printing,b,10,t/yr,10,10,90 %,100\n",
        factors=FACTORS + "printing,,,VOC,500,g/kg,,250,750\n",
        pollutants=["VOC"],
        tables=[{"sector": "industry", "activity": "activity.csv", "factors": "factors.csv"}],
    )
    assert totals(read(project)).relative[0, 0] == pytest.approx(0.5)


def test_what_rows_share_across_categories_errs_together(project: Project) -> None:
    head = "source,category,fuel,activity,unit,cv,basis,basis_cv\n"
    cars = "a,passenger_car,petrol,1000,vkm/yr,30 %,fleet,30 %\nb,bus,diesel,1000,vkm/yr,30 %,fleet,30 %\n"
    factors = "".join(f"{name},,,NOx,1,g/km,,1,1\n" for name in ("passenger_car", "bus"))
    mobile = MOBILE | {"pollutants": ["NOx"]}
    project.inventory(activity=head + cars, factors=FACTORS + factors, **mobile)
    whole = totals(read(project), "category").relative[0, 0]
    assert totals(read(project)).relative[0, 0] == pytest.approx(whole), "one count behind both"
    project.inventory(activity=head + cars.replace("fleet,30 %", ","), factors=FACTORS + factors, **mobile)
    assert totals(read(project)).relative[0, 0] == pytest.approx(whole / 2**0.5)
    half = cars.replace("fleet,30 %", "fleet,15 %")
    project.inventory(activity=head + half, factors=FACTORS + factors, **mobile)
    assert whole / 2**0.5 < totals(read(project)).relative[0, 0] < whole
    project.inventory(activity=head + cars.replace("fleet,30 %", "fleet,"), factors=FACTORS + factors, **mobile)
    with pytest.raises(emis.InputError, match="basis_cv: is blank beside basis"):
        read(project)


def test_a_number_outside_the_range_of_the_equation(project: Project, run: Command) -> None:
    project.inventory(
        activity=ROADS + "a,paved_road,x,1,vkm/yr,0.01,60,,\nb,paved_road,x,1,vkm/yr,1,2,,\n",
        factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n",
        **DUST,
    )
    said = run("check", project.root / "inventories/2017").stderr
    assert "activity.csv:2 silt_loading: 0.01 g/m^2 is outside 0.03 to 400 g/m^2, for which paved_road was made" in said
    assert "activity.csv:2 mean_weight: 60 t is outside 1.8 to 38 t" in said


def test_faults_are_told_once(project: Project) -> None:
    project.inventory(
        activity=ROADS + "a,paved_road,x,1,vkm/yr,x,2,,\nb,paved_road,x,1,t/yr,1,2,,\nc,paved_road,x,1,vkm/yr,1,2,,\n",
        factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n",
        **DUST,
    )
    with pytest.raises(emis.InputError) as caught:
        read(project)
    assert [issue.line for issue in caught.value.issues] == [2, 3]


def test_two_methods_for_one_factor(project: Project) -> None:
    project.inventory(
        activity="source,category,fuel,activity,unit,nox_limit [mg/kWh],nox_concentration [mg/m^3],flue_gas [m^3/GJ]\n"
        "a,gas_boiler,natural_gas,10,GJ/yr,100,80,280\n",
        factors=FACTORS + "gas_boiler,,,NOx,1,g/GJ,,,\n",
        pollutants=["NOx"],
        tables=[{"sector": "gas", "activity": "activity.csv", "factors": "factors.csv"}],
    )
    with pytest.raises(emis.InputError, match="gives NOx by nox_concentration and by other columns too"):
        read(project)


def test_a_small_number_in_a_column_of_per_cent_is_told(project: Project, run: Command) -> None:
    project.inventory(
        activity="source,category,technology,activity,unit,capture [%],destruction [%]\na,printing,x,10,t/yr,0.5,90\n",
        factors=FACTORS + "printing,,,VOC,500,g/kg,,,\n",
        pollutants=["VOC"],
        tables=[{"sector": "industry", "activity": "activity.csv", "factors": "factors.csv"}],
    )
    assert "capture: 0.5 in a column of per cent is 0.5 %" in run("check", project.root / "inventories/2017").stderr


def test_a_speed_lever_leaves_evaporation_alone(project: Project) -> None:
    cars(project, "speed [km/h],annual_distance [km],diurnal_loss [g/d]", "25,10000,8")
    project.measure("M", [{"change_speed": {"speed": "35 km/h"}}], select={"category": "passenger_car"})
    evaporated = 8 * 365 / 10000
    assert project.total(2017, "VOC") == pytest.approx(0.125 + evaporated)
    assert project.total(2020, "VOC") == pytest.approx(0.078 + evaporated)


def test_a_lever_that_changes_nothing_says_so(project: Project, run: Command) -> None:
    project.inventory(
        activity="source,category,technology,activity,unit,washed\na,construction_site,building,12,m^2,50 %\n",
        factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n",
        **DUST,
    )
    project.measure("M", [{"seal_sites": {"washed": "10 %"}}], select={"category": "construction_site"})
    assert "changes nothing at any source it selects" in run("check", project.write()).stderr


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ({"change_speed": {"speed": 35}}, "35 has no unit; write 35 km/h"),
        ({"change_speed": {"speed": "500 km/h"}}, "is outside 1 to 150 km/h"),
        (
            {"heat_pumps": {"share": "1 %", "heat_value": "22 MJ/t", "stove_efficiency": "40 %", "cop": 2}},
            "outside 5 to 60",
        ),
        ({"heat_pumps": {"share": "1 %", "heat_value": "22 GJ/t", "stove_efficiency": "40 %", "cop": 250}}, "cop"),
        ({"revegetate": 48}, "48 has no unit; write 48 ha or 48 %"),
        ({"ban_burning": 80}, "80 has no unit; write 80 %"),
    ],
)
def test_arguments_of_levers_are_held_to_what_can_be(project: Project, do: dict[str, object], said: str) -> None:
    project.measure("M", [do])
    assert said in project.faults()


def test_factors_given_by_columns_are_shown(project: Project, run: Command) -> None:
    project.inventory(
        activity=ROADS + "a,paved_road,urban_road,1000000,vkm/yr,1,2,,40 %\n",
        factors=FACTORS + "paved_road,,,NH3,NA,g/km,,,\n",
        **DUST,
    )
    shown = run("show", "--factors", project.root / "inventories/2017").stdout
    assert "a [kg/vkm]: TSP 0.00393 (" in shown
    assert "control 0.4" in shown
    assert (
        "由排放源自身参数计算的因子"
        in run("show", "--factors", "--lang", "zh", project.root / "inventories/2017").stdout
    )
