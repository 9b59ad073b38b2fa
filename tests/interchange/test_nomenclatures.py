"""Nomenclatures and the mappings between them: rules every shipped table keeps, and what they make of an inventory."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import emis
from emis import vocabulary
from emis.interchange.converting import read_file, write_file
from emis.interchange.formats import Settings
from emis.interchange.registry import FORMATS
from emis.nomenclatures import (
    EMIS,
    Mapping,
    Rule,
    assigned,
    codes_of,
    composed,
    mapping,
    nomenclature,
    paths,
    reading,
    sectors,
)

ROOT = Path(__file__).parents[2]
DIRECT = sorted(name for name in reading.files() if "-" in name)
NAMES = list(vocabulary.NOMENCLATURES)
#: What the shipped inventories hold that a nomenclature has no class for.
OUTSIDE = {"edgar": {"dust/bare_land"}, "meic": {"dust", "catering"}}


def _labels() -> list[str]:
    found = set()
    for file in sorted(ROOT.glob("inventories/mentougou-*/*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as stream:
            found |= {
                "/".join([file.stem, row["category"], row["fuel"], row["technology"]]) for row in csv.DictReader(stream)
            }
    return sorted(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_nomenclature_has_titles_references_and_parents_before_their_parts(name: str) -> None:
    known, seen = nomenclature(name), set()
    for code, one in known.entries.items():
        assert one.zh, code
        assert one.en, code
        assert one.reference, code
        assert one.parent in seen | {""}, code
        seen.add(code)
    assert known.find("no such code") == ""


@pytest.mark.parametrize("name", NAMES)
def test_every_spelling_finds_its_code(name: str) -> None:
    known = nomenclature(name)
    for code, one in known.entries.items():
        assert known.find(code) == code
        for also in one.also:
            assert known.find(also) == code


@pytest.mark.parametrize("file", DIRECT)
def test_the_rules_of_a_shipped_mapping_are_whole(file: str) -> None:
    source, target = file.split("-")
    found = mapping(source, target)
    sums: dict[str, float] = {}
    for rule in found.rules:
        sums[rule.source] = sums.get(rule.source, 0.0) + rule.weight
        assert rule.reference, rule
        assert 0 < rule.weight <= 1, rule
        for text, side in ((rule.source, source), (rule.target, target)):
            if side == EMIS:
                assert text.split("/")[0] in vocabulary.SECTORS, rule
            else:
                assert nomenclature(side).find(text), rule
        # A code is split only where the table says what its weight rests on.
        assert rule.weight == 1 or rule.note, rule
    assert all(abs(total - 1) <= 1e-9 for total in sums.values())
    assert len({(rule.source, rule.target) for rule in found.rules}) == len(found.rules)


@pytest.mark.parametrize("name", NAMES)
def test_every_code_has_a_sector_but_headings_of_several(name: str) -> None:
    known = nomenclature(name)
    without = {code for code, sector in zip(known.codes, sectors(name, known.codes), strict=True) if not sector}
    assert without <= {"1", "1A", "001", "002", "004", "21", "28"}


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_inventories_have_codes(name: str) -> None:
    by = mapping(EMIS, name)
    unmapped = {path for path in _labels() if not by.of(path)}
    outside = OUTSIDE.get(name, set())
    if name == "scc":
        return
    assert {one for one in unmapped if not outside & {one.split("/")[0], "/".join(one.split("/")[:2])}} == set()


def test_every_category_of_the_shipped_inventories_is_mapped_by_a_rule_of_its_own() -> None:
    for name in ("nfr", "mee"):
        rules = mapping(EMIS, name).by_source
        for path in _labels():
            sector, category, *_ = path.split("/")
            assert any(rule.startswith(f"{sector}/{category}") for rule in rules), (name, path)


@pytest.mark.parametrize(
    ("labels", "nfr", "gnfr", "mee"),
    [
        ("mobile/bus/natural_gas/china_6", "1A3biii", "F_RoadTransport", "移动源/道路移动源/公交车"),
        ("mobile/passenger_car/petrol/china_5", "1A3bi", "F_RoadTransport", "移动源/道路移动源/微型、小型载客汽车"),
        ("mobile/construction_machinery/diesel/stage_2", "1A2gvii", "I_Offroad", "移动源/非道路移动源/工程机械"),
        ("agriculture/livestock//pig", "3B3", "K_AgriLivestock", "农业源/畜禽养殖/生猪"),
        ("agriculture/livestock//ostrich", "3B", "K_AgriLivestock", "农业源/畜禽养殖"),
        ("industry/ceramics/natural_gas/kiln", "1A2f", "B_Industry", "工艺过程源/陶瓷"),
        ("solvents/petrol_station//", "1B2av", "D_Fugitive", "储存运输源/加油站"),
    ],
)
def test_the_most_specific_rule_holds(labels: str, nfr: str, gnfr: str, mee: str) -> None:
    for name, code in (("nfr", nfr), ("gnfr", gnfr), ("mee", mee)):
        assert [rule.target for rule in mapping(EMIS, name).of(labels)] == [code]


def test_levels_and_order_are_those_of_the_list() -> None:
    known = nomenclature("nfr")
    assert known.children("2D3") == [f"2D3{letter}" for letter in "abcdefghi"]
    assert known.parents("1A3ai(ii)") == ["1A3ai", "1A3a", "1A3", "1A", "1"]
    assert known.upto("1A3ai(ii)", 3) == "1A3"
    assert known.at_level(1) == ["1", "2", "3", "5", "6", "11"]
    assert known.ordered(["5A", "x", "1A1a"]) == ["1A1a", "5A", "x"]
    assert len(nomenclature("mee").at_level(1)) == 10


def test_codes_are_found_in_other_spellings() -> None:
    assert nomenclature("nfr").find("1.A.3.b.i") == "1A3bi"
    assert nomenclature("nfr").find("1.A.3.a.i.(i)") == "1A3ai(i)"
    assert nomenclature("nfr").find("1 A 3 a ii") == "1A3aii"
    assert nomenclature("gnfr").find("GNFR_B") == "B_Industry"
    assert nomenclature("gnfr").find("I_OffRoad") == "I_Offroad"
    assert sectors("meic", ["电力", "Transportation", "民用"]) == ["power", "mobile", "residential"]


def test_source_classification_codes_are_read_by_their_first_digits() -> None:
    codes = ["2801500000", "20100101", "0020100101", "2294000000", "28000211", "9900000000", "", "Total"]
    assert sectors("scc", codes) == ["agriculture", "power", "power", "dust", "mobile", "", "", ""]
    assert [rule.target for rule in mapping("scc", EMIS).of("2202420080")] == ["mobile/bus/diesel"]


def test_a_mapping_without_a_table_goes_over_others() -> None:
    by = mapping("scc", "gnfr")
    assert by.file == "scc-emis.csv, emis-nfr.csv, nfr-gnfr.csv"
    assert [rule.target for rule in by.of("2104008300")] == ["C_OtherStationaryComb"]
    with pytest.raises(KeyError, match="no mapping leads"):
        mapping("gnfr", "elsewhere")


def test_what_the_second_mapping_does_not_know_falls_back_to_no_wider_rule() -> None:
    first = Mapping(EMIS, "nfr", (Rule("dust", "2A5b"), Rule("dust/bare_land", "6A")))
    second = Mapping("nfr", "edgar", (Rule("2A5b", "NMM"),))
    both = composed(first, second)
    assert [rule.target for rule in both.of("dust/x")] == ["NMM"]
    assert both.of("dust/bare_land") == ()


def test_aggregation_is_exact_and_unknown_codes_are_listed() -> None:
    found = mapping("nfr", "gnfr").apply(["1A3bi", "1A3bii", "9X", "1A1a", "9X"], np.array([1.0, 2, 4, 8, np.nan]))
    assert found.codes == ["A_PublicPower", "F_RoadTransport"]
    assert found.values.tolist() == [8.0, 3.0]
    (unknown,) = found.unknown
    assert (unknown.code, unknown.count, float(unknown.sum)) == ("9X", 2, 4.0)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.floats(0, 1e9)), min_size=1, max_size=30))
def test_mass_in_is_mass_out(rows: list[tuple[str, float]]) -> None:
    split = Mapping(
        "nfr", "gnfr", (Rule("a", "A_PublicPower", 0.3), Rule("a", "B_Industry", 0.7), Rule("b", "J_Waste"))
    )
    codes, values = [code for code, _ in rows], np.array([[value, 2 * value] for _, value in rows])
    found = split.apply(codes, values)
    out = np.nansum(found.values, axis=0) + sum(one.sum for one in found.unknown)
    assert np.allclose(out, values.sum(axis=0), rtol=1e-9, atol=1e-9)


def test_a_code_of_its_own_comes_before_the_labels() -> None:
    labels = {name: np.array([one, one], dtype=object) for name, one in zip(
        ("sector", "category", "fuel", "technology"), ("mobile", "bus", "diesel", ""), strict=True)}  # fmt: skip
    own = {"nfr": np.array(["", "1A3bi"], dtype=object)}
    assert codes_of("nfr", labels, own).tolist() == ["1A3biii", "1A3bi"]
    split = Mapping(EMIS, "nfr", (Rule("mobile", "1A3bi", 0.25, "n"), Rule("mobile", "1A3bii", 0.75, "n")))
    found = assigned("nfr", labels, own, split)
    assert (found.source.tolist(), found.code.tolist(), found.weight.tolist()) == (
        [0, 0, 1], ["1A3bi", "1A3bii", "1A3bi"], [0.25, 0.75, 1.0],
    )  # fmt: skip
    with pytest.raises(ValueError, match="1 sources are split"):
        codes_of("nfr", labels, own, split)
    assert paths(labels).texts.tolist() == ["mobile/bus/diesel/"] * 2


def test_a_code_of_another_nomenclature_comes_before_the_labels() -> None:
    labels = {name: np.array([one] * 3, dtype=object) for name, one in zip(
        ("sector", "category", "fuel", "technology"), ("mobile", "bus", "diesel", ""), strict=True)}  # fmt: skip
    own = {"nfr": np.array(["1A4cii", "1A3", ""], dtype=object)}
    assert codes_of("gnfr", labels, own).tolist() == ["I_Offroad", "F_RoadTransport", "F_RoadTransport"]
    unnamed = {name: np.array([one], dtype=object) for name, one in zip(
        ("sector", "category", "fuel", "technology"), ("mobile", "2270002000", "", ""), strict=True)}  # fmt: skip
    assert codes_of("nfr", unnamed, {"scc": np.array(["2270002000"], dtype=object)}).tolist() == ["1A2gvii"]
    assert codes_of("gnfr", {name: texts[:0] for name, texts in labels.items()}, {}).tolist() == []


# -- tables of sources with codes --------------------------------------------------------------------------------------


def test_a_table_of_sources_may_give_codes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "source,category,nfr,mee,NOx [t/yr]\nmobile/b,bus,1A3bi,,1\nmobile/a,bus,,移动源,2\nmobile/c,bus,9X,,3\n",
        encoding="utf-8",
    )
    (series,) = (found := read_file(path, Settings(year=2017))).series
    assert series.codes["nfr"].tolist() == ["", "1A3bi", "9X"]
    assert series.codes["mee"].tolist() == ["移动源", "", ""]
    assert [(one.line, one.path) for one in found.warnings] == [(4, "nfr")]
    assert "'9X' is no code of NFR 2019 (EMEP/EEA) (1 rows)" in found.warnings[0].message


def test_codes_stay_with_their_sources_over_several_tables(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("source,category,nfr,NOx [t/yr]\nmobile/z,bus,1A3bi,1\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("source,category,NOx [t/yr]\nmobile/a,bus,2\n", encoding="utf-8")
    (tmp_path / "inventory.yaml").write_text(
        "emis: inventory/1\nname: x\nbase_year: 2017\nstatus: example\npollutants: [NOx]\n"
        "tables:\n  - {sector: mobile, emissions: a.csv}\n  - {sector: mobile, emissions: b.csv}\n",
        encoding="utf-8",
    )
    found = emis.read_inventory(tmp_path)
    assert found.labels["source"].tolist() == ["mobile/a", "mobile/z"]
    assert found.attributes["nfr"].tolist() == ["", "1A3bi"]


def test_a_source_has_one_code(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "source,category,nfr,pollutant,emission,unit\nmobile/b,bus,1A3bi,NOx,1,t/yr\nmobile/b,bus,1A3bii,CO,1,t/yr\n",
        encoding="utf-8",
    )
    with pytest.raises(emis.InputError, match=r"a\.csv:3 nfr: is '1A3bii' here and '1A3bi' in line 2"):
        emis.read_inventory(path)


# -- a user's own weights ----------------------------------------------------------------------------------------------

SOURCES = "source,category,fuel,NOx [t/yr]\nmobile/a,bus,diesel,10\nmobile/b,taxi,petrol,2\n"


def _nfr(tmp_path: Path, crosswalk: str) -> dict[str, str]:
    (tmp_path / "in.csv").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "walk.csv").write_text(crosswalk, encoding="utf-8")
    settings = Settings(year=2017, crosswalk=tmp_path / "walk.csv")
    series = read_file(tmp_path / "in.csv", settings).series
    write_file(series, FORMATS["nfr"], tmp_path / "out.csv", settings)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        return {row["nfr"]: row["NOx [kt]"] for row in csv.DictReader(stream)}


def test_a_users_weights_come_before_those_of_emis(tmp_path: Path) -> None:
    walk = "from,to,weight,note\nmobile/bus,1A3biii,0.9,counted\nmobile/bus,1A3bii,0.1,counted\n"
    assert _nfr(tmp_path, walk) == {"1A3bi": "0.002", "1A3bii": "0.001", "1A3biii": "0.009"}


def test_a_users_weights_split_what_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        "year,gnfr,SOx [kt],NOx [kt]\n2017,A_PublicPower,1,NE\n2017,X1,2,3\n2017,J,4,5\n", encoding="utf-8"
    )
    walk = "from,to,weight\nGNFR_A,power/power_plant,0.6\nGNFR_A,industry/boiler,0.4\nX1,industry/kiln,1\n"
    (tmp_path / "walk.csv").write_text(walk, encoding="utf-8")
    read = read_file(tmp_path / "in.csv", Settings(crosswalk=tmp_path / "walk.csv"))
    found = read.series[0].inventory
    sources, tonnes = found.labels["source"].tolist(), found.emissions[:, 0].tolist()
    assert dict(zip(sources, tonnes, strict=True)) == pytest.approx({
        "industry/boiler/A_PublicPower": 400, "industry/kiln/X1": 2000, "power/power_plant/A_PublicPower": 600,
        "waste/J_Waste/J_Waste": 4000,
    })  # fmt: skip
    assert found.notation is not None
    assert found.notation[sources.index("industry/boiler/A_PublicPower"), 1] == "NE"
    assert [one.message for one in read.warnings if one.path == "from"] == ["'X1' is no code of GNFR (EMEP)"]


def test_a_users_mapping_has_to_be_whole(tmp_path: Path) -> None:
    walk = "from,to,weight\nmobile/bus,1A3biii,0.9\nnowhere/bus,1A3bii,1\nmobile/taxi,1A9,1\nmobile/x,1A3bi,-1\n"
    with pytest.raises(emis.InputError) as caught:
        _nfr(tmp_path, walk)
    told = {(issue.line, issue.path): issue.message for issue in caught.value.issues}
    assert told[2, "weight"] == "the weights of 'mobile/bus' sum to 0.9"
    assert "unknown sector 'nowhere'" in told[3, "from"]
    assert told[4, "to"] == "'1A9' is no code of NFR 2019 (EMEP/EEA)"
    assert told[5, "weight"] == "-1 is no weight"
