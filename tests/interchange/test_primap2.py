"""PRIMAP2's interchange format: either file of the pair is read, and what is written comes back."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from conversions import cells, inventory, series, there_and_back
from hypothesis import given
from ruamel.yaml import YAML

import emis
from emis.interchange.converting import Read, read_file, write_file
from emis.interchange.detecting import detect, head_of
from emis.interchange.formats import Settings
from emis.interchange.registry import FORMATS
from emis.interchange.series import Series, of_inventory
from emis.vocabulary import LABELS

#: The example of the format's own specification, with pollutants of emis.
HEAD = '"area (ISO3)","category (IPCC2006)","entity (primap2)","source","unit","2000","2001"'
META = """\
attrs:
  area: area (ISO3)
  cat: category (IPCC2006)
  entity_terminology: primap2
  references: doi:10.1/xyz
  title: A title
data_file: a.csv
dimensions:
  '*':
  - area (ISO3)
  - category (IPCC2006)
  - entity (primap2)
  - source
  - time
  - unit
time_format: '%Y'
"""


def _pair(folder: Path, *rows: str, head: str = HEAD, meta: str = META) -> Path:
    (folder / "a.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (folder / "a.yaml").write_text(meta, encoding="utf-8")
    return folder / "a.yaml"


def _read(folder: Path, *rows: str, head: str = HEAD, meta: str = META, **settings: object) -> Read:
    return read_file(_pair(folder, *rows, head=head, meta=meta), Settings(**settings))  # type: ignore[arg-type]


def _refused(folder: Path, *rows: str, head: str = HEAD, meta: str = META, **settings: object) -> str:
    with pytest.raises(emis.InputError) as caught:
        _read(folder, *rows, head=head, meta=meta, **settings)
    return re.sub(r"\S*/(a\.(csv|yaml))", r"\1", str(caught.value))


ROWS = (
    '"COL","1","NOx","S","Gg NOx / year",2.3,2.5',
    '"COL","1.A","NOx","S","Gg NOx / year",2.3,""',
    '"COL","1.A.1","NOx","S","Gg NOx / year",1.3,2',
    '"COL","1.A.3","NOx","S","Gg NOx / year",1,0.5',
    '"COL","2","CO2","S","CO2 * gigagram / yr",1.5,1.6',
    '"COL","2","SF6","S","kg SF6 / yr",1.5,1.6',
)


def test_either_file_of_a_pair_is_read(tmp_path: Path) -> None:
    yaml = _pair(tmp_path, *ROWS)
    for path in (yaml, yaml.with_suffix(".csv")):
        found = read_file(path, Settings())
        (one,) = found.series
        assert found.format.name == "primap2"
        assert len(found.folder.files) == 2
        assert (one.inventory.name, one.years, one.pollutants) == ("S", (2000, 2001), ("NOx", "CO2"))
        assert one.notes == ("references: doi:10.1/xyz",)
        assert one.inventory.title["en"] == "A title"
        assert one.inventory.labels["source"].tolist() == ["industry/2", "mobile/1.A.3", "power/1.A.1"]
        np.testing.assert_array_equal(one.values[:, :, 0], [[np.nan, 1000, 1300], [np.nan, 500, 2000]])
        np.testing.assert_array_equal(one.values[:, 0, 1], [1500, 1600])
        assert "are left out: SF6 (1 rows, up to 1.6 kg SF6 / yr)" in str(found.warnings[0])


def test_totals_of_ipcc_with_and_without_land_use_are_not_added(tmp_path: Path) -> None:
    rows = [
        f'"COL","{code}","NOx","S","t / yr",{value},{value}'
        for code, value in (("0", 17), ("M.0.EL", 16), ("1", 10), ("2", 2), ("3", 4), ("M.AG", 3), ("3.A", 2),
                            ("M.AG.ELV", 1), ("M.LULUCF", 1), ("4", 1), ("M.BIO", 5))
    ]  # fmt: skip
    found = _read(tmp_path, *rows)
    assert found.series[0].totals.tolist() == [[17.0], [17.0]]
    assert "beside the parts of a total are left out: 3 (1 rows, up to 4 t / yr), M.BIO" in str(found.warnings[0])


def test_areas_are_regions_and_the_earth_is_their_total(tmp_path: Path) -> None:
    rows = [f'"{area}","1","NOx","S","t / yr",{n},{n}' for area, n in (("EARTH", 5), ("COL", 2), ("PER", 2))]
    found = _read(tmp_path, *rows)
    assert found.series[0].inventory.labels["region"].tolist() == ["COL", "PER", ""]
    assert found.series[0].totals.tolist() == [[5.0], [5.0]]
    assert "NOx of category 1 in 'EARTH' is 1 t/yr more than its parts" in str(found.warnings)
    (one,) = _read(tmp_path, *rows, region="PER", year=2001).series
    assert (one.years, one.totals.tolist()) == ((2001,), [[2.0]])


def test_secondary_categories_are_labels_and_their_total_is_none(tmp_path: Path) -> None:
    head = HEAD.replace('"source"', '"fuel (own)","animal (FAO)","source"')
    meta = META.replace("  - source", "  - fuel (own)\n  - animal (FAO)\n  - source")
    rows = [
        f'"COL","1.A.3","NOx","{fuel}","{animal}","S","t / yr",{value},{value}'
        for fuel, animal, value in (("TOTAL", "", 5), ("diesel", "", 3), ("petrol", "", 2), ("", "cow", 0))
    ]
    (one,) = _read(tmp_path, *rows, head=head, meta=meta).series
    labels = [one.inventory.labels[name].tolist() for name in ("category", "fuel")]
    assert labels == [["1.A.3/cow", "1.A.3", "1.A.3"], ["", "diesel", "petrol"]]
    assert one.totals.tolist() == [[5.0], [5.0]]


def test_codes_of_a_nomenclature_give_sectors_and_stay(tmp_path: Path) -> None:
    meta, head = META.replace("IPCC2006", "NFR19"), HEAD.replace("IPCC2006", "NFR19")
    rows = ['"COL","1A3b","NOx","S","t / yr",5,5', '"COL","1A3bi","NOx","S","t / yr",4,4',
            '"COL","1A3biii","NOx","S","t / yr",1,1']  # fmt: skip
    (one,) = _read(tmp_path, *rows, head=head, meta=meta).series
    assert one.inventory.labels["sector"].tolist() == ["mobile"] * 2
    assert one.codes["nfr"].tolist() == ["1A3bi", "1A3biii"]
    assert one.totals.tolist() == [[5.0], [5.0]]


def test_sources_scenarios_and_provenances_are_series(tmp_path: Path) -> None:
    head = HEAD.replace('"source"', '"scenario (own)","provenance","source"')
    meta = META.replace("  - source", "  - scenario (own)\n  - provenance\n  - source").replace(
        "  title", "  scen: scenario (own)\n  title"
    )
    rows = [
        f'"COL","1","NOx","{scenario}","{provenance}","{source}","t / yr",1,1'
        for scenario, provenance, source in (("a", "measured", "S"), ("a", "derived", "S"), ("b", "measured", "T"))
    ]
    found = _read(tmp_path, *rows, head=head, meta=meta)
    assert [(one.scenario, one.inventory.name) for one in found.series] == [
        ("a · S · measured", "S"), ("a · S · derived", "S"), ("b", "T"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2.3,2.5", "2.3,n/a", "a.csv:2 2001: 'n/a' is no number"),
        ("2.3,2.5", "2.3,-1", "a.csv:2 2001: -1 is negative"),
        ("2.3,2.5", "2.2,2.5", "a.csv:2 2000: the parts of NOx of category 1 in 'COL' sum to 2300 t/yr in 2000"),
        ("Gg NOx / year", "Gg SO2 / year", "a.csv:2 unit: 'Gg SO2 / year' is in SO2, but the pollutant is NOx"),
        ('"COL","1",', '"","1",', "a.csv:2 area (ISO3): is blank"),
        ('"1.A"', '"1"', "a.csv:3: all of its dimensions stand a second time, first in line 2"),
        ('"2000"', '"2001-06"', "a.csv:1 2001-06: the column '2001-06' is neither a dimension nor a time as %Y"),
        ('"source",', '"origin",', "a.csv:1 source: the column 'source' is missing; a.yaml names it"),
    ],
)  # fmt: skip
def test_faults_of_the_table_have_their_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    head, *rows = "\n".join([HEAD, *ROWS]).replace(old, new, 1).split("\n")
    assert said in _refused(tmp_path, *rows, head=head)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("data_file: a.csv", "data_file: b.csv", "a.yaml:7 data_file: 'b.csv' is not there"),
        ("data_file: a.csv", "data_file: /etc/passwd", "a.yaml:7 data_file: '/etc/passwd' is an absolute path"),
        ("  area: area (ISO3)\n", "", "a.yaml:2 attrs.area: is missing"),
        ("dimensions:", "dimension:", "a.yaml:1 dimensions: is missing"),
        ("'%Y'", "'%Y-%m'", "a.csv:1 2000: the column '2000' is neither a dimension nor a time as %Y-%m"),
    ],
)  # fmt: skip
def test_faults_of_the_metadata_have_their_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in _refused(tmp_path, *ROWS, meta=META.replace(old, new))


def test_parts_of_a_year_are_refused(tmp_path: Path) -> None:
    said = _refused(tmp_path, *ROWS, head=HEAD.replace('"2000","2001"', '"2001-01","2001-02"'),
                    meta=META.replace("%Y", "%Y-%m"))  # fmt: skip
    assert "'2001-01' and '2001-02' are both of 2001; keep whole years" in said


def test_a_table_without_its_metadata_says_what_is_missing(tmp_path: Path) -> None:
    _pair(tmp_path, *ROWS).unlink()
    with pytest.raises(emis.InputError, match=r"a.csv: has no metadata beside it; put a.yaml beside it"):
        read_file(tmp_path / "a.csv", Settings())


@given(given_=series())
def test_everything_comes_back_by_source(tmp_path: Path, given_: Series) -> None:
    (back,) = there_and_back(given_, "primap2", tmp_path / "a.csv").series
    names = ("source", *LABELS)
    assert cells(back, names) == cells(given_, names)
    assert (back.scenario, back.model, back.inventory.name) == ("plan", "a model", "town-2020")
    assert (back.no_plan is None) == (given_.no_plan is None)
    if given_.no_plan is not None and back.no_plan is not None:
        assert np.nansum(back.no_plan) == pytest.approx(np.nansum(given_.no_plan))


@given(given_=series())
def test_sums_come_back_by_category_and_by_sector(tmp_path: Path, given_: Series) -> None:
    for by, names in (("category", LABELS[:2]), ("sector", LABELS[:1])):
        (back,) = there_and_back(given_, "primap2", tmp_path / "a.yaml", by).series
        found, wanted = cells(back, names), cells(given_, names)
        assert found.keys() == wanted.keys()
        assert list(found.values()) == pytest.approx([wanted[key] for key in found], rel=1e-12)


def test_texts_are_quoted_and_numbers_are_not(tmp_path: Path) -> None:
    labels = [("coal", "stove", "", "", "110109", ""), ("coal", "boiler", "coal", "", "", "")]
    values = np.array([[1.5, np.nan], [2.0, 3.0]])
    one = of_inventory(inventory(labels, values, ("SO2", "PM2.5"), reference=np.array(["r1", "r2"], dtype=object)))
    files, _ = write_file([one], FORMATS["primap2"], tmp_path / "a.csv", Settings(by="source", region="CHN"))
    assert [file.name for file in files] == ["a.csv", "a.yaml"]
    start = '"town-2020","town-2020","emis","CHN"'
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines() == [
        '"source","scenario (emis)","model","area (ISO3)","entity (emis)","unit","category (emis_source)",'
        '"emis_sector","emis_category","emis_fuel","emis_region","2020"',
        f'{start},"SO2","t SO2 / yr","coal/boiler/coal","coal","boiler","coal","unspecified",2.0',
        f'{start},"SO2","t SO2 / yr","coal/stove/110109","coal","stove","unspecified","110109",1.5',
        f'{start},"PM2.5","t / yr","coal/boiler/coal","coal","boiler","coal","unspecified",3.0',
    ]  # fmt: skip
    meta = YAML(typ="safe").load(tmp_path / "a.yaml")
    assert list(meta) == ["additional_coordinates", "attrs", "data_file", "dimensions", "time_format"]
    assert meta["attrs"]["references"] == "r1; r2"
    assert meta["attrs"]["entity_terminology"] == "emis"
    assert meta["dimensions"]["*"] == sorted(meta["dimensions"]["*"])
    assert set(meta["additional_coordinates"].values()) == {"category (emis_source)"}


def test_labels_that_differ_between_scenarios_are_refused(tmp_path: Path) -> None:
    several = [
        of_inventory(inventory([("coal", "a", fuel, "", "", "")], np.ones((1, 1)), ("NOx",), ids=["x"]), fuel)
        for fuel in ("coal", "gas")
    ]
    with pytest.raises(emis.InputError, match="the labels of 'x' differ between scenarios"):
        write_file(several, FORMATS["primap2"], tmp_path / "a.csv", Settings(by="source"))
    assert list(tmp_path.iterdir()) == []
    write_file(several, FORMATS["primap2"], tmp_path / "a.csv", Settings())
    with (tmp_path / "a.csv").open(encoding="utf-8") as stream:
        assert [row["scenario (emis)"] for row in csv.DictReader(stream)] == ["coal", "gas"]


def test_files_of_the_formats_are_told_apart(tmp_path: Path) -> None:
    one = of_inventory(inventory([("coal", "a", "", "", "", "")], np.ones((1, 1)), ("NOx",)))
    for name in ("primap2", "iamc"):
        write_file([one], FORMATS[name], tmp_path / f"{name}.csv", Settings())
        issues = emis.errors.Issues()
        found = detect(head_of(tmp_path / f"{name}.csv", "x", issues), "x", FORMATS.values(), issues)
        assert found is FORMATS[name]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("area: area (ISO3)", "area: abc", "a.yaml:2 attrs.area"),
        ("cat: category (IPCC2006)", "cat: {a: b}", "a.yaml:3 attrs.cat"),
    ],
)
def test_an_attribute_that_names_no_dimension_is_a_fault(tmp_path: Path, old: str, new: str, path: str) -> None:
    with pytest.raises(emis.InputError, match=f"{re.escape(path)}: .* is none of the dimensions"):
        _read(tmp_path, "MEX,1,NOx,s,Gg NOx / yr,1,2", meta=META.replace(old, new))


def test_a_unit_in_the_header_of_a_year_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(emis.InputError, match="the header says kg/yr"):
        _read(tmp_path, "MEX,1,NOx,s,Gg NOx / yr,1,2", head=HEAD.replace('"2001"', '"2001 [kg/yr]"'))
