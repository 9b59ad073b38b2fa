"""The IAMC format: what is read of it, what is refused with its place, and what comes back of what is written."""

import csv
import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from conversions import cells, inventory, series, there_and_back
from hypothesis import given

import emis
from emis.interchange.converting import Read, read_file, write_file
from emis.interchange.facets import FACETS
from emis.interchange.formats import Settings
from emis.interchange.registry import FORMATS
from emis.interchange.series import Series, of_inventory
from emis.vocabulary import LABELS

HEAD = "Model,Scenario,Region,Variable,Unit,2020,2030"


def _file(folder: Path, *rows: str, head: str = HEAD, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def _read(folder: Path, *rows: str, head: str = HEAD, **settings: object) -> Read:
    return read_file(_file(folder, *rows, head=head), Settings(**settings))  # type: ignore[arg-type]


def _one(folder: Path, *rows: str, **settings: object) -> Series:
    (found,) = _read(folder, *rows, **settings).series
    return found


def _refused(folder: Path, *rows: str, head: str = HEAD, **settings: object) -> str:
    with pytest.raises(emis.InputError) as caught:
        _read(folder, *rows, head=head, **settings)
    return re.sub(r"\S*/a\.csv", "a.csv", str(caught.value))


def test_leaves_alone_are_taken_where_totals_are_given_too(tmp_path: Path) -> None:
    found = _one(
        tmp_path,
        "m,s,World,Emissions|Sulfur,Mt SO2/yr,3.3,2.2",
        "m,s,World,Emissions|Sulfur|Energy,Mt SO2/yr,2.3,1.2",
        "m,s,World,Emissions|Sulfur|Energy|Supply,Mt SO2/yr,2,1",
        "m,s,World,Emissions|Sulfur|Energy|Demand|Transportation,Mt SO2/yr,0.3,0.2",
        "m,s,World,Emissions|Sulfur|Industrial Processes,Mt SO2/yr,1,1",
        "m,s,World,Emissions|BC|Waste,kt BC/yr,0.5,",
    )
    assert (found.model, found.scenario, found.inventory.name, found.years) == ("m", "s", "World", (2020, 2030))
    assert found.inventory.labels["source"].tolist() == [
        "industry/Industrial Processes", "mobile/Energy/Demand/Transportation", "power/Energy/Supply", "waste/Waste",
    ]  # fmt: skip
    assert found.pollutants == ("SO2", "BC")
    np.testing.assert_array_equal(found.values[0].T, [[1e6, 0.3e6, 2e6, np.nan], [np.nan, np.nan, np.nan, 500]])
    assert np.isnan(found.values[1, 3, 1])
    assert found.inventory.place(1)[1] == 5


def test_a_total_beyond_its_parts_keeps_the_rest_as_a_source(tmp_path: Path) -> None:
    found = _read(tmp_path, "m,s,r,Emissions|NOx,kt/yr,10,9", "m,s,r,Emissions|NOx|Waste,kt/yr,8,9")
    (one,) = found.series
    assert dict(zip(one.inventory.labels["source"], one.values[:, :, 0].T.tolist(), strict=True)) == {
        "other/unspecified": [2000.0, 0.0], "waste/Waste": [8000.0, 9000.0],
    }  # fmt: skip
    (warning,) = found.warnings
    assert str(warning).endswith(
        "a.csv:2 2020: Emissions|NOx of 'r' is 2,000 t/yr more than its parts in 2020;"
        " the rest is kept as a source of its own, unspecified"
    )


def test_parts_beyond_their_total_are_a_fault_where_it_stands(tmp_path: Path) -> None:
    said = _refused(tmp_path, "m,s,r,Emissions|NOx,t/yr,10,9", "m,s,r,Emissions|NOx|Waste,t/yr,8,9.5")
    assert said == (
        "a.csv:2 2030: the parts of Emissions|NOx of 'r' sum to 9.5 t/yr in 2030, and it to 9; correct them, or leave"
        " out what is counted twice; --region takes one region"
    )


def test_a_difference_that_is_rounding_is_told_and_no_source(tmp_path: Path) -> None:
    rows = [f"m,s,r,Emissions|NOx|{name},t/yr,0.333,0.333" for name in ("Waste", "Other", "Aircraft")]
    found = _read(tmp_path, "m,s,r,Emissions|NOx,t/yr,1.000,1.000", *rows)
    assert len(found.series[0].inventory) == 3
    assert "differ from their parts by rounding, by 0.001 t/yr at most" in str(found.warnings[0])


def test_a_variable_that_names_several_holds_those_beside_it(tmp_path: Path) -> None:
    found = _one(
        tmp_path,
        "m,s,r,Emissions|NOx,t/yr,10,10",
        "m,s,r,Emissions|NOx|Energy and Industrial Processes,t/yr,9,9",
        "m,s,r,Emissions|NOx|Energy,t/yr,6,6",
        "m,s,r,Emissions|NOx|Industrial Processes,t/yr,3,3",
        "m,s,r,Emissions|NOx|Waste,t/yr,1,1",
    )
    assert found.totals.tolist() == [[10.0], [10.0]]
    assert len(found.inventory) == 3


def test_variables_beside_the_parts_are_left_out_and_told(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        "m,s,r,Emissions|NOx|Energy|Supply|Combustion,t/yr,5,5",
        "m,s,r,Emissions|NOx|Energy|Supply|Electricity,t/yr,5,5",
        "m,s,r,Emissions|NOx|AFOLU [NGHGI],t/yr,7,7",
        "m,s,r,Emissions|HFC|HFC23,kt HFC23/yr,1.5,2",
        "m,s,r,Price|Carbon,USD/t,1,oops",
    )
    assert found.series[0].totals.tolist() == [[5.0], [5.0]]
    told = " ".join(map(str, found.warnings))
    assert "no emissions are left out: Price|Carbon (1 rows, up to 1 USD/t)" in told
    assert "emis does not know are left out: Emissions|HFC|HFC23 (1 rows, up to 2 kt HFC23/yr)" in told
    assert "Energy|Supply|Combustion (1 rows, up to 5 t/yr), Emissions|NOx|AFOLU [NGHGI] (1 rows" in told


def test_regions_are_labels_and_totals_of_regions_are_not_added(tmp_path: Path) -> None:
    rows = [
        "m,s,World,Emissions|NOx,t/yr,10,10",
        "m,s,China,Emissions|NOx,t/yr,6,6",
        "m,s,India,Emissions|NOx,t/yr,4,4",
    ]
    found = _one(tmp_path, *rows)
    assert found.inventory.labels["region"].tolist() == ["China", "India"]
    assert found.totals.tolist() == [[10.0], [10.0]]
    assert _one(tmp_path, *rows, region="India").totals.tolist() == [[4.0], [4.0]]
    assert "there is no region 'Chile'; did you mean 'China'?" in _refused(tmp_path, *rows, region="Chile")
    overlapping = _refused(tmp_path, *rows, "m,s,Asia,Emissions|NOx,t/yr,10,10")
    assert "the parts of Emissions|NOx of 'World' sum to 20 t/yr in 2020, and it to 10" in overlapping


def test_parts_of_a_region_are_found_out_even_where_they_state_other_variables(tmp_path: Path) -> None:
    rows = ["m,s,A,Emissions|NOx|Waste,t/yr,6,6", "m,s,A,Emissions|NOx|Other,t/yr,4,4"]
    assert "of 'A' sum to" in _refused(tmp_path, *rows, "m,s,A|B,Emissions|NOx,t/yr,5,5")
    found = _one(tmp_path, *rows, "m,s,A|B,Emissions|NOx|Waste,t/yr,5,6")
    labels = found.inventory.labels
    assert list(zip(labels["category"], labels["region"], strict=True)) == [
        ("Other", ""), ("Waste", "B"), ("Waste/unspecified", ""),
    ]  # fmt: skip
    assert found.totals.tolist() == [[10.0], [10.0]]


def test_a_region_that_states_only_some_variables_is_no_total_of_the_others(tmp_path: Path) -> None:
    rows = [f"m,s,{region},Emissions|NOx{path},t/yr,{value},{value}"
            for region, path, value in (("A", "|Waste", 8), ("A|B", "", 10), ("A|B", "|Waste", 8))]  # fmt: skip
    found = _read(tmp_path, *rows)
    assert found.series[0].totals.tolist() == [[10.0], [10.0]]
    assert [one.line for one in found.warnings] == [3]


def test_headers_are_read_in_any_case_wide_and_long(tmp_path: Path) -> None:
    wide = _read(tmp_path, "m,s,r,Emissions|PM25,t/yr,1,NA", head="MODEL,scenario,Region,variable,UNIT,X2020,x2030")
    assert wide.series[0].years == (2020,)
    assert "1 cells are NA" in str(wide.warnings[0])
    long = _read(
        tmp_path,
        "m,s,r,Emissions|VOC,t VOC/yr,2020,1.5", "m,s,r,Emissions|VOC,kg VOC/yr,2030,1500",
        head="model,scenario,region,variable,unit,year,value",
    )  # fmt: skip
    assert long.series[0].totals.tolist() == [[1.5], [1.5]]


def test_a_scenario_is_chosen_and_one_without_the_plan_goes_with_it(tmp_path: Path) -> None:
    rows = [
        f"m,{name},r,Emissions|NOx,t/yr,{value},{value}" for name, value in (("a", 1), ("a (no plan)", 2), ("b", 3))
    ]
    assert [(one.scenario, one.no_plan is not None) for one in _read(tmp_path, *rows).series] == [
        ("a", True), ("b", False),
    ]  # fmt: skip
    chosen = _one(tmp_path, *rows, scenario="a", year=2030)
    assert chosen.years == (2030,)
    assert chosen.no_plan is not None
    assert (chosen.values.item(), chosen.no_plan.item()) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["m,s,r,Emissions|NOx,t/yr,x1,1"], "a.csv:2 2020: 'x1' does not start with a number"),
        (["m,s,r,Emissions|NOx,t/yr,1,inf"], "a.csv:2 2030: 'inf' is not a finite number"),
        (["m,s,r,Emissions|NOx,t/yr,NE,1"], "leave the cell blank where nothing is stated"),
        (["m,s,r,Emissions|NOx,t/yr,-2,1"], "a.csv:2 2020: -2 is negative"),
        (["m,s,r,Emissions|NOx,t SO2/yr,1,1"], "a.csv:2 unit: 't SO2/yr' is in SO2, but the pollutant is NOx"),
        (["m,s,r,Emissions|NH3,kt N/yr,1,1"], "'kt N/yr' counts the nitrogen in NH3 alone"),
        (["m,s,,Emissions|NOx,t/yr,1,1"], "a.csv:2 region: is blank"),
        (["m,s,r,Emissions|NOx,t/yr,1,1"] * 2, "a.csv:3: model, scenario, region and variable stand a second time"),
        (["m,s,r,Emissions|SO2,t/yr,1,1", "m,s,r,Emissions|Sulfur,t/yr,1,1"],
         "a.csv:3: states SO2 a second time, first in line 2"),
        (["m,s,r,Population,million,1,1"], "there are no emissions of a pollutant that emis knows in it"),
    ],
)  # fmt: skip
def test_faults_have_their_place(tmp_path: Path, rows: list[str], said: str) -> None:
    assert said in _refused(tmp_path, *rows)


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("region,variable,unit,scenario,2020", "r,Emissions|NOx,t/yr,s,1",
         "a.csv:1 model: the column 'model' is missing"),
        ("model,scenario,region,variable,unit,time,value", "m,s,r,Emissions|NOx,t/yr,2020-01-01,1",
         "the column 'year' is missing"),
        ("model,scenario,region,variable,unit,2020,X2020", "m,s,r,Emissions|NOx,t/yr,1,1", "two columns are of 2020"),
        ("model,scenario,region,variable,unit,year,value", "m,s,r,Emissions|NOx,t/yr,2020.5,1", "'2020.5' is no year"),
        ("model,scenario,region,variable,unit,year,value,2030", "m,s,r,Emissions|NOx,t/yr,2020,1,2",
         "2030: the column '2030' stands beside `value`"),
    ],
)  # fmt: skip
def test_faults_of_headers_have_their_place(tmp_path: Path, head: str, row: str, said: str) -> None:
    assert said in _refused(tmp_path, row, head=head)


def test_columns_that_tell_rows_apart_are_refused(tmp_path: Path) -> None:
    head = "model,scenario,region,variable,unit,subannual,2020"
    rows = ["m,s,r,Emissions|NOx,t/yr,summer,1", "m,s,r,Emissions|CO,t/yr,winter,2"]
    assert "subannual: the column tells rows apart ('summer', 'winter')" in _refused(tmp_path, *rows, head=head)
    found = _read(tmp_path, "m,s,r,Emissions|NOx,t/yr,Year,1", head=head)
    assert "the column says 'Year' and is not read" in str(found.warnings[0])


def test_sectors_that_are_not_known_are_told_with_their_amount(tmp_path: Path) -> None:
    found = _read(tmp_path, "m,s,r,Emissions|NOx|Moon Base,kt/yr,3,4")
    assert found.series[0].inventory.labels["sector"].tolist() == ["other"]
    assert "1 sources, 3,000 t/yr over all pollutants, are of no sector that is known: Moon Base" in str(
        found.warnings[0]
    )


def test_a_workbook_is_read_from_its_sheet_of_data(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "meta"
    book.active.append(["Model", "Scenario", "exclude"])
    sheet = book.create_sheet("data")
    sheet.append([*HEAD.split(",")[:5], 2020, 2030.0])
    sheet.append(["m", "s", "r", "Emissions|NOx", "t/yr", 0.1, None])
    book.save(tmp_path / "a.xlsx")
    (found,) = read_file(tmp_path / "a.xlsx", Settings()).series
    assert (found.years, found.values.tolist()) == ((2020,), [[[0.1]]])


@given(given_=series())
def test_everything_comes_back_by_source(tmp_path: Path, given_: Series) -> None:
    for name in ("a.csv", "a.xlsx"):
        (back,) = there_and_back(given_, "iamc", tmp_path / name).series
        assert cells(back) == cells(given_)
        assert (back.scenario, back.model, back.inventory.name) == ("plan", "a model", "town")
        if given_.no_plan is not None:
            assert back.no_plan is not None
            np.testing.assert_array_equal(np.sort(back.no_plan.ravel()), np.sort(_stated(given_).ravel()))


def _stated(one: Series) -> np.ndarray:
    assert one.no_plan is not None
    held = ~np.isnan(one.values).all(axis=(1, 2))
    sources = ~np.isnan(one.values).all(axis=(0, 2))
    pollutants = ~np.isnan(one.values).all(axis=(0, 1))
    return one.no_plan[held][:, sources][:, :, pollutants]


@given(given_=series())
def test_sums_come_back_by_category_and_by_sector(tmp_path: Path, given_: Series) -> None:
    for by, names in (("category", LABELS[:2]), ("sector", LABELS[:1])):
        (back,) = there_and_back(given_, "iamc", tmp_path / "a.csv", by).series
        found, wanted = cells(back, names), cells(given_, names)
        assert found.keys() == wanted.keys()
        assert list(found.values()) == pytest.approx([wanted[key] for key in found], rel=1e-12)


def test_totals_stand_above_their_parts_and_a_gap_leaves_them_blank(tmp_path: Path) -> None:
    labels = [
        ("coal", "stove", "", "", "", ""),
        ("coal", "stove", "coal", "", "", ""),
        ("waste", "tip", "", "", "", ""),
    ]
    values = np.array([[1.0, 2.0], [3.0, np.nan], [0.5, 4.0]])
    keys = np.array([["", ""], ["", "NE"], ["", ""]], dtype=object)
    one = of_inventory(inventory(labels, values, ("SO2", "NOx"), notation=keys))
    _, warnings = write_file([one], FORMATS["iamc"], tmp_path / "a.csv", Settings(by="source"))
    with (tmp_path / "a.csv").open(encoding="utf-8") as stream:
        head, *rows = csv.reader(stream)
    assert head == ["Model", "Scenario", "Region", "Variable", "Unit", "2020"]
    assert {row[3]: row[5] for row in rows} == {
        "Emissions|Sulfur": "4.5", "Emissions|Sulfur|coal": "4", "Emissions|Sulfur|coal|stove": "4",
        "Emissions|Sulfur|coal|stove|coal": "3",
        "Emissions|Sulfur|coal|stove|unspecified|unspecified|unspecified": "1",
        "Emissions|Sulfur|coal|stove|unspecified": "1", "Emissions|Sulfur|coal|stove|unspecified|unspecified": "1",
        "Emissions|Sulfur|waste": "0.5", "Emissions|Sulfur|waste|tip": "0.5",
        "Emissions|NOx|coal|stove|unspecified|unspecified|unspecified": "2",
        "Emissions|NOx|coal|stove|unspecified": "2", "Emissions|NOx|coal|stove|unspecified|unspecified": "2",
        "Emissions|NOx|waste": "4", "Emissions|NOx|waste|tip": "4",
    }  # fmt: skip
    assert {(row[0], row[1], row[2], row[4]) for row in rows} == {("emis", "town-2020", "town", "t/yr")}
    assert "3 sums have a part that is not estimated or confidential" in str(warnings[0])


def test_sources_that_share_all_labels_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    labels = [("coal", "stove", "coal", "", "", "")] * 2 + [("coal", "stove", "", "", "", "")]
    one = of_inventory(inventory(labels, np.array([[1.0], [2.0], [4.0]]), ("NOx",), ids=["a|1", "b", "c"]))
    (back,) = there_and_back(one, "iamc", tmp_path / "a.csv").series
    assert dict(zip(back.inventory.labels["source"], back.values[0, :, 0], strict=True)) == {
        "a|1": 1.0, "b": 2.0, "coal/stove": 4.0,
    }  # fmt: skip
    assert cells(back) == cells(one)


def test_what_says_no_year_is_asked_for_it(tmp_path: Path) -> None:
    one = of_inventory(inventory([("coal", "a", "", "", "", "")], np.ones((1, 1)), ("NOx",), base_year=0))
    with pytest.raises(emis.InputError, match="does not say its year; say which: --year 2020"):
        write_file([one], FORMATS["iamc"], tmp_path / "a.csv", Settings())
    write_file([one], FORMATS["iamc"], tmp_path / "a.csv", Settings(year=2021))
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("Model,Scenario,Region,Variable,Unit,2021\n")


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    one = of_inventory(inventory([("coal", "a", "", "", "", "")], np.ones((1, 1)), ("NOx",)))
    with pytest.raises(emis.InputError, match="two scenarios are called 'town-2020' of 'emis'"):
        write_file([one, one], FORMATS["iamc"], tmp_path / "a.csv", Settings())


def test_definitions_name_every_variable_and_region(tmp_path: Path) -> None:
    labels = [("coal", "stove", "", "", "110109", ""), ("waste", "tip: old", "", "", "", "")]
    one = of_inventory(inventory(labels, np.array([[1.0], [2.0]]), ("SO2",)))
    settings = Settings(by="source", region="China|Mentougou")
    write_file([one], FORMATS["nomenclature"], tmp_path / "d", settings)
    variables = (tmp_path / "d" / "definitions" / "variable" / "variables.yaml").read_text(encoding="utf-8")
    described = "Emissions of sulphur dioxide 二氧化硫 by Coal 燃煤源, stove"
    assert f"- Emissions|Sulfur|coal|stove:\n    description: {described}\n    unit: t/yr\n" in variables
    regions = (tmp_path / "d" / "definitions" / "region" / "regions.yaml").read_text(encoding="utf-8")
    whole = "China|Mentougou"
    assert regions == f"- Areas:\n  - {whole}\n- Parts of areas:\n  - {whole}|unspecified\n  - {whole}|110109\n"
    assert "illegal-characters: []" in (tmp_path / "d" / "nomenclature.yaml").read_text(encoding="utf-8")
    braces = of_inventory(inventory([("coal", "{x}", "", "", "", "")], np.ones((1, 1)), ("SO2",)))
    with pytest.raises(emis.InputError, match="cannot be defined"):
        write_file([braces], FORMATS["nomenclature"], tmp_path / "e", settings)


def test_what_is_lost_depends_on_how_far_categories_are_told_apart() -> None:
    for one in FORMATS.values():
        assert {name for several in one.finer.values() for name in several} <= set(FACETS)
    held = {by: FORMATS["iamc"].holds(Settings(by=by)) for by in ("sector", "category", "source")}
    assert held["sector"] < held["category"] < held["source"]
    assert "fuel" in held["source"] - held["category"]


@pytest.mark.parametrize(
    ("head", "row"), [(HEAD + " [kg/yr]", "1,1"), (HEAD.replace("2020,2030", "Year,Value [kg/yr]"), "2020,1")]
)
def test_a_unit_in_the_header_of_numbers_is_a_fault(tmp_path: Path, head: str, row: str) -> None:
    assert "the header says kg/yr" in _refused(tmp_path, f"m,s,r,Emissions|NOx|Waste,kt/yr,{row}", head=head)
