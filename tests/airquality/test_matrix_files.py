"""Files of source-receptor matrices: the same bits back from CSV and netCDF, units, and every fault with its line."""

import numpy as np
import pytest
import xarray as xr

from emis.airquality.interface import AREAS, PRECURSORS, SPECIES
from emis.airquality.matrix import Matrix
from emis.errors import Issues
from emis.io.matrices import read_matrix, write_matrix

AXES = {"area": AREAS, "precursor": PRECURSORS, "species": SPECIES}
SHAPE = tuple(map(len, AXES.values()))
HEADER = "area,precursor,species,coefficient,unit,perturbation,reference"
#: A row for each, in the order of the axes from line 2 on: of the district SO2 stands in lines 2-9, NOx in 10-17.
ROWS = [(a, p, k) for a in AREAS for p in PRECURSORS for k in SPECIES]


def drawn(seed=1, perturbation=0.2):
    rng = np.random.default_rng(seed)
    response = rng.normal(0, 1, SHAPE) * 10.0 ** rng.integers(-12, 4, SHAPE)
    response[0, 3] = 0.0
    return Matrix(None, response, perturbation, "Li, 2019: “a model”")


def table(header=HEADER, changes=(), row="{a},{p},{k},0.5,ug/m^3,20 %,a paper"):
    """A whole table, `changes` put in for what stands in a line; None takes it out."""
    lines = [header, *(row.format(a=a, p=p, k=k) for a, p, k in ROWS)]
    for number, text in dict(changes).items():
        lines[number - 1] = text
    return "\n".join(line for line in lines if line is not None) + "\n"


@pytest.fixture
def read(tmp_path):
    def reading(content, name="m.csv", **options):
        path, issues = tmp_path / name, Issues()
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, xr.Dataset):
            content.to_netcdf(path, engine="netcdf4")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        found = read_matrix(path, name, issues, **options)
        faults = [str(issue) for issue in issues.errors]
        assert (found is None) == bool(faults)
        return found, faults, [str(issue) for issue in issues.warnings]

    return reading


def netcdf(**changes):
    """Variables of a matrix, those of `changes` put in or, with None, taken out."""
    variables = {
        "coefficient": (tuple(AXES), np.full(SHAPE, 0.5), {"units": "ug/m^3"}),
        "perturbation": (("area", "precursor"), np.full(SHAPE[:2], 20.0), {"units": "%"}),
    }
    coords = {name: changes.pop(name, list(held)) for name, held in AXES.items()}
    return xr.Dataset(
        {name: held for name, held in (variables | changes).items() if held is not None},
        {name: held for name, held in coords.items() if held is not None},
        {"references": "a paper"},
    )


# -- what is read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["m.csv", "m.nc"])
@pytest.mark.parametrize("perturbation", [0.2, np.linspace(0, 1, 21).reshape(SHAPE[:2])], ids=["one", "each"])
def test_what_is_written_is_read_back_to_the_same_bits(tmp_path, read, name, perturbation):
    matrix = drawn(perturbation=perturbation)
    write_matrix(tmp_path / name, matrix, "city")
    found, faults, warnings = read(None, name, receptor="city")
    assert faults == warnings == []
    _, _, warnings = read(None, name)
    assert ["the only receptor is 'city', which is taken for the district" in one for one in warnings] == [True]
    assert found.response.tobytes() == matrix.response.tobytes()
    assert found.perturbation.tobytes() == np.broadcast_to(matrix.perturbation, SHAPE[:2]).astype(float).tobytes()
    assert found.source == matrix.source
    assert found.base is None


@pytest.mark.parametrize("name", ["m.csv", "m.nc"])
def test_a_perturbation_that_nobody_knows_stays_unknown(tmp_path, read, name):
    made = np.full(SHAPE[:2], 0.2)
    made[0, [1, 3]] = np.nan  # in the drawn matrix VOC of the district does nothing
    write_matrix(tmp_path / name, drawn(perturbation=made))
    found, _, warnings = read(None, name)
    assert np.array_equal(found.perturbation, made, equal_nan=True)
    assert warnings == [
        f"{name} perturbation: it is not said from which changes the slopes were made: NOx of the district; "
        "write e.g. 20 %: within it they hold"
    ]


def test_concentrations_of_the_base_year_come_beside_the_file(read):
    base = {name: float(number) for number, name in enumerate(reversed(SPECIES))}
    found, _, _ = read(table(), base=base)
    assert found.base.tolist() == [base[name] for name in SPECIES]
    for wrong in ({"SO4": 1.0}, base | {"SO4": -1.0}):
        with pytest.raises(ValueError, match="concentration"):
            read(table(), base=wrong)


@pytest.mark.parametrize(
    ("header", "row", "coefficient", "perturbation"),
    [
        (HEADER, "{a},{p},{k},-1.5e-3,mg/m3,20 %,", -1.5, 0.2),
        (HEADER.replace("perturbation", "perturbation [%]"), "{a},{p},{k},2,ug/m^3,15,", 2.0, 0.15),
        (HEADER.replace("perturbation", "perturbation [%]"), "{a},{p},{k},2,ug/m^3,15 %,", 2.0, 0.15),
        (HEADER.replace("perturbation", "perturbation [1]"), "{a},{p},{k},2,ug/m^3,0.15,", 2.0, 0.15),
        (HEADER.replace("perturbation", "perturbation [1]"), "{a},{p},{k},2,ug/m^3,15 %,", 2.0, 0.15),
        ("area,precursor,species,coefficient [μg/m³],perturbation", "{a},{p},{k},2,0 %", 2.0, 0.0),
    ],
)
def test_units_of_coefficients_and_perturbations(read, header, row, coefficient, perturbation):
    found, faults, _ = read(table(header, row=row))
    assert faults == []
    assert (found.response == coefficient).all()
    assert (found.perturbation == perturbation).all()


def test_spellings_that_cannot_be_mistaken_are_read_and_told(read):
    found, faults, warnings = read(table().replace(",VOC,", ",NMVOC,"))
    assert (faults, warnings) == ([], ["m.csv:26 pollutant: NMVOC is read as VOC"])
    assert found.response[0, PRECURSORS.index("VOC"), 0] == 0.5


@pytest.mark.parametrize("unit", ["ug/m^3/(t/yr)", "ug/m^3/t", "mg/m^3/(kt/yr)"])
def test_coefficients_per_mass_are_times_emissions(read, unit):
    header = "area,precursor,species,coefficient,unit,perturbation,emissions [kt/yr]"
    found, faults, _ = read(table(header, row="{a},{p},{k},0.5," + unit + ",20 %,2"))
    assert faults == []
    assert found.response == pytest.approx(np.full(SHAPE, 0.5 * 2000), rel=1e-14)


def test_a_substance_in_the_unit_is_the_precursors_own_and_dust_is_pm25(read):
    header = HEADER.replace("reference", "emissions [t/yr]")
    for name, said in (("PM2.5", []), ("NOx", ["is in NOx, but the pollutant is PM2.5"])):
        changes = {50: f"district,dust,SO4,0.5,ug/m^3/(t {name}/yr),20 %,2"}
        _, faults, _ = read(table(header, changes, "{a},{p},{k},0.5,ug/m^3/t,20 %,2"))
        assert len(faults) == len(said)
        assert all(one in fault for one, fault in zip(said, faults, strict=True))


def test_emissions_may_come_from_the_inventory(read):
    own = np.arange(21.0).reshape(SHAPE[:2])
    text = table(row="{a},{p},{k},0.5,ug/m^3/(t/yr),20 %,")
    found, faults, _ = read(text, emissions=own)
    assert faults == []
    assert np.array_equal(found.response, np.broadcast_to(0.5 * own[..., None], SHAPE))
    # without them each pair that needs them is named, at its first row; a coefficient of 0 needs none
    _, faults, _ = read(text.replace("NOx,OM,0.5", "NOx,OM,0").replace("dust,OM,0.5", "dust,OM,0"))
    assert len(faults) == 21
    assert faults[1] == (
        "m.csv:10 emissions: the coefficients of NOx of the district are per mass, and its emissions are not given; "
        "write those of the base year as `emissions [t/yr]`"
    )
    assert read(text.replace("0.5", "0"))[1] == []
    # both have to agree
    header = "area,precursor,species,coefficient,unit,perturbation,emissions [t/yr]"
    both = table(header, row="{a},{p},{k},0.5,ug/m^3/(t/yr),20 %,7")
    _, faults, _ = read(both, emissions=own)
    assert len(faults) == 20
    assert "m.csv:10 emissions: NOx of the district is 7 t/yr here and 1 t/yr in the inventory" in faults[1]
    for wrong in (np.ones(7), -own):
        with pytest.raises(ValueError, match="emissions are negative, or"):
            read(text, emissions=wrong)


def test_emissions_without_use_and_rows_left_out_are_warned_of(read):
    header = HEADER.replace("reference", "emissions [t/yr]")
    _, faults, warnings = read(table(header, {3: None, 4: None}, "{a},{p},{k},0.5,ug/m^3,20 %,7"))
    assert faults == []
    assert warnings == [
        "m.csv:1 species: what has no row does not respond: NO3 of SO2 of the district, NH4 of SO2 of the district; "
        "write 0 to say so",
        "m.csv emissions: is not used where coefficients are for the whole of an area's emissions",
    ]


def test_one_of_several_receptors(read):
    header = "receptor," + HEADER
    two = table(header, row="village,{a},{p},{k},0.5,ug/m^3,20 %,x") + table(row="district,{a},{p},{k},2,ug/m^3,10 %,y")
    two = two.replace(f"{HEADER}\ndistrict,", "district,").replace("\n\n", "\n")
    found, faults, _ = read(two)
    assert faults == []
    assert (found.response == 2.0).all()
    assert (found.perturbation == 0.1).all()
    assert found.source == "y"
    assert (read(two, receptor="village")[0].response == 0.5).all()
    _, faults, _ = read(two, receptor="vilage")
    assert faults == ["m.csv:1 receptor: there is no 'vilage'; did you mean 'village'?"]
    # the only one is taken whatever its name
    only, _, _ = read(table(header, row="village,{a},{p},{k},0.5,ug/m^3,20 %,x"))
    assert (only.response == 0.5).all()


# -- faults of tables ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("distict,NOx,SO4,1,ug/m^3,20 %,", "area: unknown area 'distict'; did you mean 'district'?"),
        ("district,NOy,SO4,1,ug/m^3,20 %,", "precursor: unknown precursor 'NOy'; did you mean 'NOx'?"),
        ("district,NOx,SO_4x,1,ug/m^3,20 %,", "species: unknown species 'SO_4x'; did you mean 'SO4'?"),
        (",NOx,SO4,1,ug/m^3,20 %,", "area: is blank; write district, city, region"),
        ("district,PM2.5,SO4,1,ug/m^3,20 %,", "unknown precursor 'PM2.5'; split it into BC, OC and dust"),
        ("district,PM25,SO4,1,ug/m^3,20 %,", "unknown precursor 'PM25'; split it into BC, OC and dust"),
        ("district,NOx,PM2.5,1,ug/m^3,20 %,", "unknown species 'PM2.5'; split it into SO4, NO3, NH4"),
        ("district,NOx,SO4,1,t/yr,20 %,", "coefficient: 't/yr' is no unit of a coefficient; write ug/m^3 (for"),
        ("district,NOx,SO4,1,furlong,20 %,", "unit: 'furlong'"),
        ("district,NOx,SO4,1,,20 %,", "unit: is blank"),
        ("district,NOx,SO4,1,ug/m^3/(t SO2/yr),20 %,", "is in SO2, but the pollutant is NOx"),
        ("district,NOx,SO4,,ug/m^3,20 %,", "coefficient: is blank; write a number; write 0 where it has no effect"),
        ("district,NOx,SO4,NE,ug/m^3,20 %,", "coefficient: is NE; write a number"),
        ('district,NOx,SO4,"0,5",ug/m^3,20 %,', "coefficient: '0,5' has a decimal comma; write 0.5"),
        ("district,NOx,SO4,nan,ug/m^3,20 %,", "coefficient: 'nan' is not a finite number"),
        ("district,NOx,SO4,1e999,ug/m^3,20 %,", "coefficient: 1e999 is too large"),
        ("district,NOx,SO4,1,ug/m^3,0.2,", "perturbation: a bare number 0.2 was found"),
        ("district,NOx,SO4,1,ug/m^3,120 %,", "perturbation: '120 %' is not a share"),
        ("district,NOx,NO3,1,ug/m^3,20 %,", "species: district, NOx, NO3 stands in line 11 already; keep one"),
        ("district,NOx,SO4,1,ug/m^3,20 %", "the row is cut off"),
    ],
)
def test_faults_have_their_line(read, line, said):
    # NOx and SO4 stand in line 10; the second row of NOx and NO3 is put in for that of NH4
    number = 12 if "NOx,NO3," in line else 10
    _, faults, _ = read(table(changes={number: line}))
    assert any(fault.startswith(f"m.csv:{number}") and said in fault for fault in faults), faults
    assert len(faults) == 1


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER.replace("coefficient", "coeficient"), "coefficient: the column 'coefficient' is missing; rename the"),
        (HEADER.replace("perturbation", "perturbaton"), "perturbaton: the column 'perturbaton' is not known; did you"),
        (HEADER.replace("coefficient", "coefficient [km]"), "coefficient: 'km' is no unit of a coefficient"),
        (HEADER.replace("perturbation", "perturbation [t]"), "perturbation: 't' is no unit of a relative change"),
        (HEADER.replace("reference", "emissions"), "emissions: has no unit; write emissions [t/yr]"),
        (HEADER.replace("reference", "emissions [km]"), "emissions: 'km'"),
        (HEADER.replace("reference", "emissions_t_yr"), "emissions_t_yr: the column 'emissions_t_yr' is not known; wr"),
    ],
)
def test_a_header_is_at_fault_once(read, header, said):
    _, faults, _ = read(table(header))
    assert len(faults) == 1
    assert faults[0].startswith(f"m.csv:1 {said}")


def test_pairs_that_are_missing_are_named(read):
    nothing = dict.fromkeys(range(2, 18))
    _, faults, _ = read(table(changes=nothing))
    assert faults == [
        "m.csv:1 precursor: there is no row for SO2 of the district; write 0 where it has no effect",
        "m.csv:1 precursor: there is no row for NOx of the district; write 0 where it has no effect",
    ]


def test_numbers_of_a_pair_agree_wherever_they_stand(read):
    header = HEADER.replace("reference", "emissions [t/yr]")
    changes = {
        10: "district,NOx,SO4,1,ug/m^3/t,,",  # blank, so the next row counts
        12: "district,NOx,NH4,1,ug/m^3/t,30 %,8",
    }
    _, faults, _ = read(table(header, changes, "{a},{p},{k},1,ug/m^3/t,20 %,7"))
    hint = "write one number for all species of an area's precursor"
    assert faults == [
        f"m.csv:12 perturbation: is 30 %, and was 20 % in line 11; {hint}",
        f"m.csv:12 emissions: is 8, and was 7 in line 11; {hint}",
    ]


def test_emissions_are_amounts(read):
    header = HEADER.replace("reference", "emissions [t/yr]")
    changes = {
        10: "district,NOx,SO4,1,ug/m^3/t,20 %,-7",
        12: "district,NOx,NH4,1,ug/m^3/t,20 %,NE",
    }
    _, faults, _ = read(table(header, changes, "{a},{p},{k},1,ug/m^3/t,20 %,7"))
    assert [fault.partition(";")[0] for fault in faults] == [
        "m.csv:10 emissions: -7 is negative",
        "m.csv:12 emissions: 'NE' does not start with a number",
    ]
    changes = {10: "district,NOx,SO4,1e300,ug/m^3/t,20 %,1e300"}
    _, faults, _ = read(table(header, changes, "{a},{p},{k},1,ug/m^3/t,20 %,1e300"))
    assert "coefficient times emissions is too large for a number: NOx of the district" in faults[0]


def test_all_faults_at_once(read):
    changes = {
        2: "distict,SO2,SO4,x,km,20,",
        10: "district,NOx,SO4,NE,ug/m^3,20 %,",
        11: "district,NOx,SO4,1,ug/m^3,30 %,",
        **dict.fromkeys(range(18, 26)),
    }
    _, faults, _ = read(table(changes=changes))
    assert sorted(fault.partition(": ")[0] for fault in faults) == [
        "m.csv:1 precursor",
        "m.csv:10 coefficient",
        "m.csv:11 perturbation",
        "m.csv:11 species",
        "m.csv:2 area",
        "m.csv:2 coefficient",
        "m.csv:2 perturbation",
    ]


@pytest.mark.parametrize("name", ["m.csv", "m.nc"])
def test_files_that_are_not_there_or_not_files(tmp_path, read, name):
    (tmp_path / f"m1{name[1:]}").touch()
    assert read(None, name)[1] == [f"{name}: is not there; did you mean 'm1{name[1:]}'?"]
    (tmp_path / name).mkdir()
    assert read(None, name)[1][0].startswith(f"{name}: is not a file")


# -- netCDF ----------------------------------------------------------------------------------------------------------


def test_netcdf_of_others(read):
    # receptors as a dimension, axes in another order, emissions, percent, and a variable that nobody asked for
    data = netcdf(coefficient=(("area", "precursor", "species"), np.full(SHAPE, 0.5), {"units": "ug/m^3/(t/yr)"}))
    data["coefficient"] = xr.concat([data["coefficient"], 2 * data["coefficient"]], "receptor")
    data["coefficient"].attrs["units"] = "ug/m^3/(t/yr)"
    data = data.assign_coords(receptor=["village", "district"]).transpose("species", "receptor", "precursor", "area")
    data["emissions"] = (("precursor", "area"), np.arange(21.0).reshape(7, 3), {"units": "kt/yr"})
    data["population"] = ((), 3.0)
    found, faults, warnings = read(data, "m.nc")
    assert faults == warnings == []
    assert found.response[2, 1] == pytest.approx(np.full(8, 1.0 * 5000.0))
    assert (found.perturbation == 0.2).all()
    assert found.source == "a paper"
    assert read(data, "m.nc", receptor="village")[0].response[2, 1, 0] == pytest.approx(2500.0)


def test_names_of_fixed_length_are_read(read):
    padded = {axis: np.array([f"{name:8}".encode() for name in names]) for axis, names in AXES.items()}
    assert read(netcdf(**padded), "m.nc")[1] == []
    padded["area"][1] = "城区".encode("gb18030")
    _, faults, _ = read(netcdf(**padded), "m.nc")
    assert "m.nc area: unknown area" in faults[0]


LESS = np.full(SHAPE, 0.5)
LESS[1, 1, 1] = np.nan


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"coefficient": None}, "coefficient: there is no such variable"),
        ({"coefficient": (("area", "species"), np.ones((3, 8)), {"units": "ug/m^3"})}, "lacks the dimension 'precurs"),
        (
            {"coefficient": (("area", "precursor", "species", "time"), np.ones((*SHAPE, 1)), {"units": "ug/m^3"})},
            "coefficient: has a dimension 'time'; it may have area, precursor, species, receptor",
        ),
        ({"coefficient": (tuple(AXES), np.ones(SHAPE))}, "coefficient: has no attribute `units`; add it, e.g. ug/m^3"),
        ({"coefficient": (tuple(AXES), np.ones(SHAPE), {"units": "t"})}, "coefficient: 't' is no unit of a coef"),
        ({"coefficient": (tuple(AXES), LESS, {"units": "ug/m^3"})}, "coefficient[city, NOx, NO3]: is blank"),
        ({"perturbation": ((), 0.2)}, "perturbation: has no attribute `units`"),
        ({"perturbation": ((), 0.2, {"units": "K"})}, "perturbation: 'K' is no unit of a relative change"),
        ({"perturbation": ((), 20.0, {"units": "1"})}, "perturbation[district, SO2, SO4]: 20.0 lies outside 0 to 1"),
        ({"perturbation": (("month",), np.ones(12), {"units": "1"})}, "has a dimension 'month' that coefficient lacks"),
        (
            {"perturbation": (("species",), np.linspace(0.1, 0.8, 8), {"units": "1"})},
            "perturbation[district, SO2, NO3]: is 0.2, and was 0.1 before",
        ),
        ({"emissions": (("area",), np.ones(3), {"units": "km"})}, "emissions: 'km'"),
        ({"emission": (("area",), np.ones(3), {"units": "t/yr"})}, "emission: the variable is not known; did you mean"),
        ({"area": None}, "area: has no names; add a coordinate variable of text"),
        ({"area": ["district", "town", "region"]}, "area: unknown area 'town'"),
        ({"area": [1, 2, 3]}, "area: unknown area '1.0'"),
        ({"area": ["district", "city", "city"]}, "area: city stands twice"),
        ({"precursor": ["PM2.5", *PRECURSORS[1:]]}, "there is no row for SO2 of the city"),
    ],
)
def test_faults_of_netcdf_name_their_variable(read, changes, said):
    _, faults, _ = read(netcdf(**changes), "m.nc")
    assert any(fault.startswith("m.nc ") and said in fault for fault in faults), faults


def test_all_faults_of_netcdf_at_once(read):
    wrong = {"perturbation": ((), 0.2), "emissions": ((), 1.0, {"units": "km"}), "area": None, "species": None}
    _, faults, _ = read(netcdf(**wrong), "m.nc")
    assert [fault.split()[1] for fault in faults] == ["area:", "species:", "perturbation:", "emissions:"]


@pytest.mark.parametrize("content", [b"", b"area,precursor", b"CDF\x01", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_what_is_no_netcdf_is_told(read, content):
    _, faults, _ = read(content, "m.nc")
    assert len(faults) == 1
    assert faults[0].startswith("m.nc: cannot be read as netCDF: ")
    assert faults[0].endswith("; write it again, or as CSV")


# -- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "matrix", "said"),
    [
        ("m.xlsx", drawn(), "to .csv or .nc, not to .xlsx"),
        ("m", drawn(), "not to a file without ending"),
        ("m.csv", Matrix(None, np.zeros((2, *SHAPE)), 0.2), "a file holds one response"),
        ("m.csv", drawn(perturbation=20.0), "perturbations up to 1, and not 20"),
    ],
)
def test_what_no_file_holds_is_not_written(tmp_path, name, matrix, said):
    with pytest.raises(ValueError, match=said):
        write_matrix(tmp_path / name, matrix)
    assert not (tmp_path / name).exists()
