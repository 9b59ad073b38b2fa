"""Species: particles keep their mass, gases become moles, and what cannot be right is refused."""

from pathlib import Path

import numpy as np
import pytest
from gridding_case import series
from hypothesis import given
from hypothesis import strategies as st

from emis.errors import Issues
from emis.grid_settings import Speciation
from emis.interchange.gridding.speciating import Amounts, speciate
from emis.interchange.gridding.species import COMPOUNDS, SpeciesTable, read_species
from emis.io.tables import read_table

HEAD = "profile,pollutant,species,fraction,unit,molecular_weight,reference\n"
NAMES = ("NOx", "PM2.5", "PM10", "BC", "OC", "VOC", "SO2")


def table(folder: Path, rows: str) -> tuple[SpeciesTable | None, list[str]]:
    (folder / "species.csv").write_text(HEAD + rows)
    issues = Issues()
    found = read_table(folder / "species.csv", "species.csv", issues)
    assert found is not None
    return read_species(found, issues), [str(one) for one in issues.errors]


def species(folder: Path, rows: str, tonnes, names, **rules) -> tuple[dict[str, np.ndarray], list[str]]:
    read, faults = table(folder, rows)
    assert read is not None, faults
    values = np.array(tonnes, dtype=float)
    case, issues = series(np.nan_to_num(values), names).inventory, Issues()
    known = ~np.isnan(values)
    document = Speciation.model_validate({"table": "species.csv"} | rules)
    where = {"": ("grid.yaml", 9)} | {f"sources.{n}": ("grid.yaml", 10 + n) for n in range(9)}
    amounts = Amounts(case, names, np.where(known, values, 0.0), known)
    found = speciate(amounts, document, read, where, issues)
    return {one.name: one.values for one in found}, [str(one) for one in issues.errors]


PM = "pm,PM2.5,PEC,0.2,g/g,,x\npm,PM2.5,POC,0.3,g/g,,x\npm,PM2.5,PMOTHR,0.5,g/g,,x\n"
NOX = "n,NOx,NO,0.9,g/g,46.005,x\nn,NOx,NO2,0.1,g/g,46.005,x\n"


def test_a_compound_needs_no_table(tmp_path) -> None:
    found, faults = species(tmp_path, PM, [[64.058]], ("SO2",))
    assert faults == []
    assert found["SO2"] == pytest.approx([1e6])
    assert COMPOUNDS["NO2"] == pytest.approx(46.005)
    assert COMPOUNDS["NH3"] == pytest.approx(17.031)
    assert COMPOUNDS["CO"] == pytest.approx(28.010)


def test_nox_gives_moles_of_no_by_the_weight_of_no2(tmp_path) -> None:
    found, faults = species(tmp_path, NOX, [[46.005]], ("NOx",), sources=[{"profiles": {"NOx": "n"}}])
    assert faults == []
    assert found["NO"] == pytest.approx([0.9e6])
    assert found["NO2"] == pytest.approx([0.1e6])


def test_nox_by_the_weight_of_no_makes_nitrogen_and_is_refused(tmp_path) -> None:
    found, faults = table(tmp_path, "n,NOx,NO,0.9,g/g,30.006,x\nn,NOx,NO2,0.1,g/g,46.005,x\n")
    assert found is None
    assert "1.48 mol of nitrogen" in faults[0]
    assert faults[0].startswith("species.csv:3 molecular_weight")


def test_moles_and_mass_of_gases(tmp_path) -> None:
    rows = "v,VOC,PAR,0.03,mol/g,,x\nv,VOC,TOL,0.2,g/g,92.14,x\n"
    found, faults = species(tmp_path, rows, [[2.0]], ("VOC",), sources=[{"profiles": {"VOC": "v"}}])
    assert faults == []
    assert found["PAR"] == pytest.approx([60_000])
    assert found["TOL"] == pytest.approx([2e6 * 0.2 / 92.14])


@given(
    fine=st.lists(st.tuples(st.floats(1, 1e5), st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 3)), min_size=1),
    unknown=st.sets(st.integers(0, 40)),
    parts=st.lists(st.floats(0.01, 1), min_size=3, max_size=3),
)
def test_particles_keep_their_mass_with_and_without_carbon_of_their_own(tmp_path, fine, unknown, parts) -> None:
    whole = np.array(parts) / sum(parts)
    rows = "".join(
        f"pm,PM2.5,{name},{share!r},g/g,,x\n"
        for name, share in zip(("PEC", "POC", "PMOTHR"), whole.tolist(), strict=True)
    )
    tonnes = np.array([[pm, pm * (1 + coarse), pm * bc, pm * oc] for pm, bc, oc, coarse in fine])
    tonnes[[row for row in unknown if row < len(tonnes)], 2] = np.nan
    found, faults = species(
        tmp_path, rows, tonnes, ("PM2.5", "PM10", "BC", "OC"), sources=[{"profiles": {"PM2.5": "pm"}}],
        explicit={"BC": "PEC", "OC": "POC"}, coarse="PMC",
    )  # fmt: skip
    assert faults == []
    assert np.allclose(found["PEC"] + found["POC"] + found["PMOTHR"], tonnes[:, 0] * 1e6, rtol=1e-12)
    assert np.allclose(sum(found.values()), tonnes[:, 1] * 1e6, rtol=1e-12)
    stated = ~np.isnan(tonnes[:, 2])
    assert np.allclose(found["PEC"][stated], tonnes[stated, 2] * 1e6)
    assert np.allclose(found["POC"], tonnes[:, 3] * 1e6)


def test_the_first_profile_that_selects_a_source_is_its_own(tmp_path) -> None:
    rows = NOX + "m,NOx,NO,0.5,g/g,46.005,x\nm,NOx,NO2,0.5,g/g,46.005,x\n"
    found, _ = species(tmp_path, rows, [[1.0], [1.0]], ("NOx",), sources=[
        {"select": {"source": "s00001"}, "profiles": {"NOx": "m"}}, {"profiles": {"NOx": "n"}}])  # fmt: skip
    assert found["NO2"] / (found["NO"] + found["NO2"]) == pytest.approx([0.1, 0.5])


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("pm,PM2.5,PEC,0.2,g/g,,x\npm,PM2.5,POC,0.7,g/g,,x\n", "fractions of 'pm' of PM2.5 sum to 0.9"),
        ("pm,PM2.5,PEC,1,g/g,12,x\n", "PM2.5 is particles, and 'pm' counts moles"),
        ("v,VOC,TOL,0.9,g/g,92,x\nv,VOC,XYL,0.2,g/g,106,x\n", "weigh 1.1 g in a gram of VOC"),
        ("v,VOC,TOL,0.9,kg,92,x\n", "'kg' is no unit of a fraction"),
        ("v,VOC,TOL,0.9,g/g,9200,x\n", "9200 is no molecular weight"),
        ("v,VOC,TOL-1,0.9,g/g,92,x\n", "'TOL-1' is no name of a species"),
        ("v,VOC,A_NAME_OF_17_CHAR,0.9,g/g,92,x\n", "is no name of a species"),
        ("v,VOC,TOL,NE,g/g,92,x\n", "NE is no number"),
        ("v,VOC,TOL,-0.1,g/g,92,x\n", "negative"),
        ("v,VOX,TOL,0.1,g/g,92,x\n", "unknown pollutant 'VOX'"),
        ("v,VOC,TOL,0.1,g/g,92,x\nv,VOC,TOL,0.1,g/g,92,x\n", "TOL stands twice in 'v'"),
        ("v,VOC,TOL,0.1,g/g,92,x\nw,VOC,TOL,0.1,g/g,,x\n", "counted in moles and in grams"),
        (",VOC,TOL,0.1,g/g,92,x\n", "is blank"),
    ],
)
def test_a_faulty_table_is_told_where_it_stands(tmp_path, rows, told) -> None:
    found, faults = table(tmp_path, rows)
    assert found is None
    assert any(told in one and one.startswith("species.csv:") for one in faults), faults


@pytest.mark.parametrize(
    ("names", "tonnes", "rules", "told"),
    [
        (("VOC",), [[2.5]], {}, "VOC of 1 sources has no species: 2.5 t"),
        (("PM2.5", "BC"), [[1, 0.1]], {"sources": [{"profiles": {"PM2.5": "pm"}}]}, "it is part of PM2.5"),
        (("PM2.5", "BC"), [[1, 2]], {"sources": [{"profiles": {"PM2.5": "pm"}}], "explicit": {"BC": "PEC"}},
         "BC of 1 sources are more than their PM2.5"),
        (("PM2.5", "PM10"), [[2, 1]], {"sources": [{"profiles": {"PM2.5": "pm"}}], "coarse": "PMC"},
         "PM2.5 of 1 sources is more than their PM10"),
        (("PM2.5", "PM10"), [[np.nan, 1]], {"sources": [{"profiles": {"PM2.5": "pm"}}], "coarse": "PMC"},
         "PM10 of 1 sources stands without PM2.5: 1 t"),
        (("PM2.5",), [[1]], {"sources": [{"profiles": {"PM2.5": "pn"}}]}, "there is no profile 'pn' of PM2.5"),
        (("PM2.5",), [[1]], {"sources": [{"profiles": {"PM2.5": "pm"}}], "explicit": {"BC": "PEC"}},
         "speciation needs BC, which is not gridded"),
    ],
)  # fmt: skip
def test_what_has_no_species_is_told_with_its_tonnes(tmp_path, names, tonnes, rules, told) -> None:
    _, faults = species(tmp_path, PM, tonnes, names, **rules)
    assert any(told in one for one in faults), faults
