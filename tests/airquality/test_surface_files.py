"""Tables of response surfaces and of model runs: what is read, and every fault with its line."""

import numpy as np
import pytest

from emis.airquality.interface import SPECIES
from emis.airquality.surface import Surface, Term, fit
from emis.errors import Issues
from emis.io.surface_runs import read_runs
from emis.io.surfaces import read_surface, write_surface

HEADER = "kind,term,species,value,unit,low,high\n"
BASE = "base,,PM2.5,58,ug/m^3,,\n"
TERM = "term,NOx,PM2.5,4.2,ug/m^3,,\n"
BOX = "box,NOx,,,,0.3,1.2\n"
WHOLE = "".join(f"base,,{name},{n + 1},ug/m^3,,\n" for n, name in enumerate(SPECIES))


@pytest.fixture
def read(tmp_path):
    def reading(kind, text, name="table.csv"):
        path, issues = tmp_path / name, Issues()
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        found = kind(path, name, issues)
        assert (found is None) == bool(issues.errors)
        return found, [str(issue) for issue in issues.errors], [str(issue) for issue in issues.warnings]

    return reading


def once(said, faults):
    return sum(said in fault for fault in faults) == 1


# -- coefficients ----------------------------------------------------------------------------------------------------


def test_a_surface_is_read(read):
    text = "kind,term,species,value [mg/m^3],unit,low [%],high [%],reference\nbase,,PM25,0.058,,,,paper\n"
    text += "term,district.NOx,PM2.5,0.0042,,,,\nterm,NH3 * district.NOx^2,PM2.5,-2,ug/m^3,,,\n"
    text = text.replace("-2,ug/m^3", "-0.002,")
    found, faults, warnings = read(read_surface, text + "box,district.NOx,,,,-70,20 %,\nbox,NH3,,,,-50,0,\n")
    assert faults == []
    assert warnings == ["table.csv:2 pollutant: PM25 is read as PM2.5"]
    assert found.base == pytest.approx([58.0])
    assert [str(term) for term in found.terms] == ["district.NOx", "all.NH3*district.NOx^2"]
    assert found.coefficients == pytest.approx(np.array([[4.2], [-2.0]]))
    assert found.box == {"all.NH3": (0.5, 1.0), "district.NOx": (pytest.approx(0.3), 1.2)}


def test_species_do_not_respond_to_terms_that_they_have_no_row_of(read):
    found, faults, _ = read(read_surface, HEADER + WHOLE + BOX + TERM.replace("PM2.5", "NO3"))
    assert faults == []
    assert found.species == SPECIES
    assert found.coefficients.tolist() == [[0.0, 4.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize("width", [1, 8])
def test_what_is_written_is_read_back_to_the_same_bits(tmp_path, width):
    rng = np.random.default_rng(5)
    terms = tuple(Term.parse(text) for text in ("district.NOx^2*city.NH3", "SO2", "city.NH3^4"))
    X = rng.normal(size=(3, width)) * 10.0 ** rng.integers(-30, 20, (3, width))
    X[1, 0] = 0.0
    box = {"all.SO2": (0.0, 1.0), "city.NH3": (1 / 3, 1.1), "district.NOx": (0.1 + 0.2, 1.0 + 1e-15)}
    surface, issues = Surface(rng.uniform(1e-9, 60, width), terms, X, box), Issues()
    write_surface(tmp_path / "surface.csv", surface)
    found = read_surface(tmp_path / "surface.csv", "surface.csv", issues)
    assert issues.errors == issues.warnings == []
    assert (found.base.tobytes(), found.coefficients.tobytes()) == (surface.base.tobytes(), X.tobytes())
    assert (found.terms, found.box) == (terms, box)
    with pytest.raises(ValueError, match="a table holds one surface"):
        write_surface(tmp_path / "surface.csv", surface.from_base(np.ones((2, 8))))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (BASE + TERM + BOX + "bas,,SO4,1,ug/m^3,,\n", "table.csv:5 kind: unknown kind 'bas'; did you mean 'base'?"),
        (BASE + TERM + BOX + ",,SO4,1,ug/m^3,,\n", "table.csv:5 kind: unknown kind ''"),
        # names
        (BASE + TERM.replace("NOx", "NOx+NH3") + BOX, "table.csv:3 term: unknown precursor 'NOx+NH3'"),
        (BASE + TERM.replace("NOx", "NOx^0") + BOX, "table.csv:3 term: 'NOx^0' is not a term; write e.g. NOx, NOx^2"),
        (BASE + TERM.replace("NOx", "VOCs") + BOX, "table.csv:3 term: unknown precursor 'VOCs'; write VOC"),
        (BASE + TERM + BOX.replace("NOx", "cty.NOx"), "table.csv:4 term: unknown area 'cty' in 'cty.NOx'; did you"),
        (BASE + TERM + BOX.replace("NOx", "NOx^2"), "table.csv:4 term: unknown precursor 'NOx^2'; did you mean 'NOx'?"),
        (BASE + TERM.replace("PM2.5", "SO5") + BOX, "table.csv:3 species: unknown species 'SO5'; did you mean 'SO4'?"),
        # what a row holds
        (BASE + TERM.replace("NOx", "") + BOX, "table.csv:3 term: is blank; a row of kind term holds term, species"),
        (BASE + TERM.replace("4.2", "") + BOX, "table.csv:3 value: is blank"),
        (BASE + TERM + BOX.replace("0.3", ""), "table.csv:4 low: is blank; a row of kind box holds term, low, high"),
        (BASE + TERM + BOX.replace("NOx,,,", "NOx,,7,"), "table.csv:4 value: is not used here"),
        # numbers and units
        (BASE + TERM.replace("ug/m^3", "") + BOX, "table.csv:3 unit: is blank"),
        (BASE + TERM.replace("ug/m^3", "t/yr") + BOX, "table.csv:3 value: 't/yr' (mass/time) does not convert"),
        (BASE + TERM.replace("ug/m^3", "1/yr") + BOX, "table.csv:3 value: '1/yr' (1/time) does not convert"),
        (BASE + TERM.replace("ug/m^3", "ug/m^^3") + BOX, "table.csv:3 unit"),
        (BASE.replace("58", "-58") + TERM + BOX, "table.csv:2 value: -58 is negative"),
        (BASE.replace("58", "NE") + TERM + BOX, "table.csv:2 value: 'NE' does not start with a number"),
        (BASE + TERM.replace("4.2", "nan") + BOX, "table.csv:3 value: 'nan' is not a finite number"),
        (BASE + TERM.replace("4.2", "1e999") + BOX, "table.csv:3 value: 1e999 is too large"),
        (BASE + TERM + BOX.replace("0.3", "-0.3"), "table.csv:4 low: -0.3 leaves less than nothing; write a ratio"),
        (BASE + TERM + BOX.replace("0.3", "-130 %"), "table.csv:4 low: -130 % leaves less than nothing; write -100 %"),
        # rows beside each other
        (BASE + TERM + BOX + BASE, "table.csv:5 kind: base PM2.5 stands in line 2 already; keep one of the two"),
        (BASE + TERM + BOX + TERM.replace("NOx", "all.NOx"), "table.csv:5 kind: term all.NOx PM2.5 stands in line 3"),
        (BASE + TERM + BOX + BOX, "table.csv:5 kind: box all.NOx stands in line 4 already"),
        (TERM + BOX, "table.csv:1 kind: has no row of kind base"),
        (BASE + BOX, "table.csv:1 kind: has no row of kind term"),
        (BASE + TERM, "table.csv:3 term: the box has no range of all.NOx; add a row: box, all.NOx"),
        (BASE + TERM + BOX.replace("1.2", "0.9"), "table.csv:4 low: the range 0.3 to 0.9 of all.NOx does not hold"),
        (BASE + TERM + BOX + TERM.replace("NOx", "city.NOx") + BOX.replace("NOx", "city.NOx"),
         "table.csv:5 term: all.NOx stands beside city.NOx; name NOx by area, or for all"),
        (WHOLE + BASE + TERM + BOX, "table.csv:10 species: the base is of PM2.5 and of its species; keep PM2.5 alone"),
        (WHOLE.replace("base,,EC,5,ug/m^3,,\n", "") + TERM.replace("PM2.5", "EC") + BOX,
         "table.csv:2 species: the base lacks EC; add them; 0 where there is nothing"),
        (BASE + TERM.replace("PM2.5", "SO4") + BOX, "table.csv:3 species: all.NOx has a coefficient of SO4, which"),
        (BASE.replace("58", "0") + TERM + BOX, "table.csv:3 value: all.NOx has a coefficient of PM2.5, of which"),
    ],
)  # fmt: skip
def test_a_fault_of_a_surface_has_its_line(read, rows, said):
    _, faults, _ = read(read_surface, HEADER + rows)
    assert len(faults) == 1, faults
    assert faults[0].startswith(said)


def test_faults_of_a_header(read):
    rows = BASE + TERM + BOX
    _, faults, _ = read(read_surface, HEADER.replace("low", "lowest") + rows)
    assert faults == ["table.csv:1 low: the column 'low' is missing; rename the column 'lowest'"]
    _, faults, _ = read(read_surface, HEADER.replace("low", "low [ug/m^3]") + rows)
    assert faults == ["table.csv:1 low: the unit ug/m^3 is none of a ratio; write no unit for ratios, [%] for changes"]
    _, faults, _ = read(read_surface, HEADER.replace("value", "value [t/yr]") + BASE.replace("ug/m^3", "") + TERM + BOX)
    assert once("table.csv:2 value: 't/yr' (mass/time) does not convert", faults)
    assert once("table.csv:3 value: is in t/yr by its header and in ug/m^3 by `unit`", faults)


def test_all_faults_of_a_surface_at_once(read):
    text = HEADER + BASE.replace("58", "x") + TERM.replace("4.2", "y").replace("ug/m^3", "kg") + BOX.replace("1.2", "z")
    _, faults, _ = read(read_surface, text + TERM.replace("NOx", "city.SO2") + "box,dust,,,,50,0.5\n")
    for said in (
        ":2 value",
        ":3 value: 'y'",
        ":4 high",
        ":5 term: the box has no range of city.SO2",
        ":6 low: the range",
    ):
        assert once(f"table.csv{said}", faults), (said, faults)
    # a name that is not read may be the one that seems to be missing
    _, faults, _ = read(read_surface, HEADER + BASE + TERM + BOX.replace("NOx", "Nox"))
    assert len(faults) == 1


def test_what_is_not_used_is_warned_of(read):
    _, _, warnings = read(read_surface, HEADER + BASE + TERM + BOX + BOX.replace("NOx", "city.SO2"))
    assert warnings == ["table.csv:5 term: no term holds city.SO2; its range is not used"]
    _, _, warnings = read(read_surface, HEADER + BASE + TERM + BOX.replace("1.2", "120"))
    assert warnings == ["table.csv:4 high: a ratio of 120 is 120 times the base; " + PERCENT]


# -- runs ------------------------------------------------------------------------------------------------------------

PERCENT = "if it is a change in %, write [%] in the header"
RUNS = "run,NOx,district.NH3,PM2.5 [ug/m^3]\n0,1,1,58\n1,0.5,1,53\n2,0.5,0.7,51.5\n"


def test_runs_are_read_as_ratios_or_changes(read):
    found, faults, warnings = read(read_runs, RUNS)
    assert faults == warnings == []
    assert (found.variables, found.species) == (("all.NOx", "district.NH3"), ("PM2.5",))
    assert found.ratio.tolist() == [[1, 1], [0.5, 1], [0.5, 0.7]]
    assert found.concentrations.tolist() == [[58], [53], [51.5]]
    assert fit(found, [Term.parse("NOx"), Term.parse("district.NH3")]).surface.coefficients == pytest.approx(
        np.array([[10.0], [5.0]])
    )
    changes = "all.NOx [%],district.NH3,PM2_5 [mg/m^3],note\n0,0 %,0.058,\n-50,1,0.053,x\n-50 %,-30 %,0.0515,\n"
    same, faults, warnings = read(read_runs, changes.replace("0,0 %", "0,1"))
    assert faults == []
    assert warnings == ["table.csv:1 pollutant: PM2_5 is read as PM2.5"]
    assert same.ratio.tolist() == found.ratio.tolist()
    assert same.concentrations == pytest.approx(found.concentrations)


def test_ratios_that_look_like_percentages_are_warned_of_once_for_a_column(read):
    _, _, warnings = read(read_runs, "NOx,NH3,PM2.5 [ug/m^3]\n1,1,58\n70,1,53\n50,80,51\n")
    assert warnings == [
        f"table.csv:3 NOx: a ratio of 70 is 70 times the base; {PERCENT}",
        f"table.csv:4 NH3: a ratio of 80 is 80 times the base; {PERCENT}",
    ]
    _, faults, warnings = read(read_runs, "NOx [%],PM2.5 [ug/m^3]\n100,58\n70,53\n")
    assert once("table.csv:1: no run has all ratios at 1; give the base run once", faults)


def test_a_per_cent_without_sign_under_no_header_may_mean_two_things(read):
    for cell in ("70 %", "0 %"):
        _, faults, _ = read(read_runs, RUNS.replace("0.5", cell))
        assert once(f"table.csv:3 NOx: {cell} may be a change or a ratio; write a change with its sign", faults)
    found, faults, _ = read(read_runs, RUNS.replace("0.5", "+20 %"))
    assert faults == []
    assert found.ratio[1, 0] == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RUNS.replace("district", "distrct"), "table.csv:1 distrct.NH3: unknown area 'distrct' in 'distrct.NH3'"),
        (RUNS.replace("district.NH3", "district.NH4"), "table.csv:1 district.NH4: unknown precursor 'NH4'; did"),
        (RUNS.replace("NOx", "NOX"), "table.csv:1 NOX: unknown precursor 'NOX'; write NOx"),
        (RUNS.replace("NOx", "nox"), "table.csv:1 nox: the column 'nox' is not known; did you mean 'NOx'?"),
        (RUNS.replace("NOx", "all.NH3"), "table.csv:1: all.NH3 stands beside district.NH3; name NH3 by area"),
        (RUNS.replace("district.NH3", "all.NOx"), "table.csv:1 all.NOx: all.NOx stands in the column 'NOx' already"),
        (RUNS.replace("NOx", "NOx [t/yr]"), "table.csv:1 NOx: the unit t/yr is none of a ratio; write no unit"),
        (RUNS.replace(" [ug/m^3]", ""), "table.csv:1 PM2.5: has no unit; write it in the header: PM2.5 [ug/m^3]"),
        (RUNS.replace("ug/m^3", "ug"), "table.csv:1 PM2.5: 'ug' (mass) does not convert"),
        (RUNS.replace("run,", "SO4 [ug/m^3],"), "table.csv:1 PM2.5: stands beside its species; keep PM2.5 alone"),
        ("run,PM2.5 [ug/m^3]\n1,58\n", "table.csv:1: holds no emissions; add a column such as district.NOx"),
        ("run,NOx\n1,1\n", "table.csv:1: holds no concentration; add a column such as PM2.5 [ug/m^3]"),
        (RUNS.replace("1,0.5,1", "1,,1"), "table.csv:3 NOx: is blank; write a ratio of the base emissions"),
        (RUNS.replace("51.5", ""), "table.csv:4 PM2.5: is blank; write a concentration"),
        (RUNS.replace("51.5", "NE"), "table.csv:4 PM2.5: 'NE' does not start with a number"),
        (RUNS.replace("51.5", "-5"), "table.csv:4 PM2.5: -5 is negative"),
        (RUNS.replace("1,0.5,1", "1,-50,1"), "table.csv:3 NOx: -50 leaves less than nothing; write a ratio such"),
        (RUNS.replace("NOx", "NOx [%]").replace("0.5", "-150"), "table.csv:3 NOx: -150 leaves less than nothing"),
        (RUNS.replace("0,1,1", "0,1,0.9"), "table.csv:1: no run has all ratios at 1; give the base run once"),
        (RUNS + "3,1,1,58\n", "table.csv:5: has the emissions of line 2; keep one run of each emissions"),
        (RUNS + "3,1,1,58\n", "table.csv:1: 2 runs have all ratios at 1; give the base run once"),
        (RUNS + "3,1\n", "table.csv:5: has 2 cells, and the header 4"),
    ],
)  # fmt: skip
def test_faults_of_runs_have_their_line(read, text, said):
    _, faults, _ = read(read_runs, text)
    assert any(fault.startswith(said) for fault in faults), faults


@pytest.mark.parametrize(
    ("header", "right"), [("PM2.5 (ug/m^3)", "write PM2.5 [ug/m^3]"), ("pm2.5", "did you mean 'PM2.5'?")]
)
def test_a_misspelt_concentration_is_named_and_not_taken_for_an_area(read, header, right):
    _, faults, _ = read(read_runs, RUNS.replace("PM2.5 [ug/m^3]", header))
    assert f"table.csv:1 {header}: the column {header!r} is not known; {right}" in faults


def test_all_faults_of_runs_at_once(read):
    text = "NOx [kg],cty.NH3,PM2.5\n1,1,58\nx,1,53\n0.5,0.7,y\n"
    _, faults, _ = read(read_runs, text)
    for said in (":1 NOx: the unit", ":1 cty.NH3", ":1 PM2.5: has no unit", ":3 NOx: 'x'", ":4 PM2.5: 'y'"):
        assert once(f"table.csv{said}", faults), (said, faults)
    assert len(faults) == 5


# -- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [read_surface, read_runs])
@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("table.csv", b"", "is empty"),
        ("table.csv", b"kind,term\n", "has a header and no rows"),
        ("table.csv", b"kind,te\x00rm\n1,2\n", "holds a NUL byte"),
        ("table.csv", b"\xff\xfe\x00", "table.csv"),
        ("table.csv", b'kind,"term\n1,2\n', "cannot be split into cells"),
        ("table.csv", b"a,b\n1,2\n", "table.csv:1"),
        ("table.xlsx", b"PK\x03\x04 no workbook", "is not a readable workbook"),
        ("table.parquet", b"PAR1 no table", "is not readable Parquet"),
        ("table.yaml", b"a: 1\n", "is of no kind that is read"),
    ],
)
def test_files_that_are_no_tables_are_refused(read, kind, name, raw, said):
    _, faults, _ = read(kind, raw, name)
    assert any(said in fault for fault in faults), faults


@pytest.mark.parametrize("kind", [read_surface, read_runs])
def test_files_that_are_not_there_are_named(tmp_path, kind):
    issues = Issues()
    assert kind(tmp_path / "surface.csv", "surface.csv", issues) is None
    assert kind(tmp_path, "folder", issues) is None
    assert ["is not there" in str(issues.errors[0]), "is not a file" in str(issues.errors[1])] == [True, True]
