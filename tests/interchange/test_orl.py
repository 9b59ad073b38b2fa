"""ORL as an inventory: three columns of what is removed, and rows that rules and industries tell apart."""

from pathlib import Path

import numpy as np
import pytest
from flat_rows import ORL, row

import emis
from emis.interchange.converting import read_file
from emis.interchange.formats import Settings
from emis.io.flat_layouts import LAYOUTS
from emis.units import SHORT_TON

#: As the SMOKE manual shows its header.
NONPOINT = """\
#ORL NONPOINT
#TYPE     Nonpoint Source Toxics Inventory
#COUNTRY  US
#YEAR     1999
#DESC     Draft 1999 version 2.0
1001,2104008000,0,0107-1,02,-9,PM2_5,12.5,-9,80,90,50,-9,-9,S,1999
1001,2104008000,0,0107-1,02,-9,NOX,2.0,0.005,-9,-9,-9
"""
_PLANT = (
    '01001,"0001","001","1","01","Power Plant",10100201,02,01,400,20,300,5000,60,4911,0101-1,221112,L,-86.5,32.4,-9'
)
POINT = f"""\
#ORL POINT
#TYPE     Point Source Toxics Inventory
#COUNTRY  US
#YEAR     1999
#DESC     Alabama 1999
{_PLANT},SO2,900,-9,95,100
{_PLANT},7664393,3,-9,-9,-9
01003,"0002","001","1","01",Mill,30700199,02,01,40,2,300,50,6,2611,,322110,U,512300,3612300,16,SO2,10,-9,0,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "arinv.orl"


def _read(file: Path, content: str) -> emis.Inventory:
    file.write_text(content, encoding="utf-8")
    return emis.read_inventory(file)


def _warnings(found: emis.Inventory) -> str:
    return "\n".join(str(one) for one in found.warnings)


@pytest.mark.parametrize(("name", "width"), [("NONPOINT", 37), ("POINT", 70), ("NONROAD", 30), ("ONROAD", 16)])
def test_the_layouts_are_those_of_the_manual(name: str, width: int) -> None:
    assert len(LAYOUTS[f"ORL {name}"].columns) == width


def test_nonpoint(file: Path) -> None:
    found = _read(file, NONPOINT)
    assert (found.base_year, found.pollutants) == (1999, ("NOx", "PM2.5"))
    assert found.labels["source"].tolist() == ["residential/2104008000/01001"]
    assert found.emissions.tolist() == [[2 * SHORT_TON, 12.5 * SHORT_TON]]
    assert found.control.tolist() == [[0.0, 0.8 * 0.9 * 0.5]]
    assert found.attributes["reg_codes"].tolist() == ["0107-1"]
    assert found.attributes["avd_emis"].tolist() == [["0.005", "-9"]]
    assert found.attributes["ceff"].tolist() == [["-9", "80"]]


def test_effectiveness_and_penetration_are_whole_where_left_out(file: Path) -> None:
    found = _read(file, "#ORL NONPOINT\n#YEAR 1999\n" + row("ORL NONPOINT", ORL, ceff="60") + "\n")
    assert found.control.tolist() == [[0.6]]


def test_point(file: Path) -> None:
    found = _read(file, POINT)
    assert found.labels["source"].tolist() == [
        "industry/30700199/01003/0002/001/1/01", "power/10100201/01001/0001/001/1/01",
    ]  # fmt: skip
    assert found.pollutants == ("SO2", "7664393")
    assert np.allclose(found.emissions / SHORT_TON, [[10, 0], [900, 3]])
    assert found.control.tolist() == [[0, 0], [0.95, 0]]
    assert found.points["lon"][1] == -86.5
    assert np.isnan(found.points["lon"][0])
    assert found.attributes["facility_name"].tolist() == ["Mill", "Power Plant"]
    assert found.attributes["xloc"].tolist() == ["512300", ""]
    assert "longitude" not in found.attributes
    assert ":8 ctype: a place in metres of UTM in this row: they are kept as text" in _warnings(found)


@pytest.mark.parametrize(
    ("head", "layout"),
    [
        ("#ORL\n#TYPE     Nonroad Source Toxics Inventory", "ORL NONROAD"),
        ("#ORL\n#TYPE     Mobile Source Toxics Inventory", "ORL ONROAD"),
        ("#ORL", "ORL ONROAD"),
        ("#ORL", "ORL NONROAD"),
    ],
)
def test_nonroad_and_onroad(file: Path, head: str, layout: str) -> None:
    found = _read(file, f"{head}\n#YEAR 1999\n" + row(layout, ORL, scc="2270001000", ceff="10") + "\n")
    assert found.emissions.tolist() == [[10 * SHORT_TON]]
    assert found.control.tolist() == [[0.1]]


def test_a_row_of_names_tells_which_it_is(file: Path) -> None:
    names = "FIPS,SCC,POLID,ANN_EMIS,AVD_EMIS,CEFF,REFF,RPEN,SRCTYPE"
    found = _read(file, f"{names}\n06001,2270001000,NOX,3,,50,,,03\n")
    assert (found.emissions.tolist(), found.control.tolist()) == ([[3 * SHORT_TON]], [[0.5]])


def test_rules_and_industries_tell_rows_apart(file: Path) -> None:
    rows = [row("ORL NONPOINT", ORL, reg_codes=code, ann_value=tons) for code, tons in (("0107-1", "1"), ("", "2"))]
    found = _read(file, "\n".join(["#ORL NONPOINT", "#YEAR 1999", *rows]) + "\n")
    assert found.labels["source"].tolist() == [
        "residential/2104008100/06001/0107-1/02", "residential/2104008100/06001/02",
    ]  # fmt: skip
    assert sorted((found.emissions / SHORT_TON).ravel().tolist()) == [1, 2]


def test_minus_nine_twice_is_no_place(file: Path) -> None:
    place = {"longitude": "-9", "latitude": "-9", "facility_id": "1"}
    found = _read(file, "#ORL POINT\n#YEAR 1999\n" + row("ORL POINT", ORL, **place) + "\n")
    assert np.isnan(found.points["lon"]).all()


def test_two_rows_of_one_rule_are_a_fault(file: Path) -> None:
    rows = [row("ORL NONPOINT", ORL)] * 2
    with pytest.raises(emis.InputError, match=":4 poll: a second row for NOX of one source, the first is in line 3"):
        _read(file, "\n".join(["#ORL NONPOINT", "#YEAR 1999", *rows]) + "\n")


def test_what_is_removed_is_a_percentage(file: Path) -> None:
    with pytest.raises(emis.InputError, match="reff: 101 is more than 100 %"):
        _read(file, "#ORL NONPOINT\n#YEAR 1999\n" + row("ORL NONPOINT", ORL, reff="101") + "\n")


def test_an_average_day_is_no_year(file: Path) -> None:
    with pytest.raises(emis.InputError, match="ann_value: is blank"):
        _read(file, "#ORL NONPOINT\n#YEAR 1999\n" + row("ORL NONPOINT", ORL, ann_value="-9", avd_emis="1") + "\n")


def test_it_is_recognised(file: Path) -> None:
    file.write_text(NONPOINT, encoding="utf-8")
    found = read_file(file, Settings())
    assert found.format.name == "orl"
    assert found.series[0].notes == ("ORL NONPOINT of US", "Draft 1999 version 2.0")
