"""Packets are read as their formats are documented, and what is wrong with them is told with its place, all at once."""

import datetime as dt
from pathlib import Path

import pytest

from emis.errors import InputError
from emis.interchange.packets.reading import read_packets
from emis.interchange.packets.records import Record, default_compat
from emis.interchange.packets.smoke import tokens

# From the SMOKE manual's tables of GCNTL: every packet, commas and blanks, quotes, comments, -9, 0 and '' for any.
GCNTL = """\
# growth and controls
/PROJECTION 2017 2030/
37000  2102004000 1.25 -9
0, 2104008100, .9, NOX, , 0105   ! wood stoves
000000 0 1.1 -9 2600
/END/
/CONTROL/
#FIPS SCC POLL PCEC CE RE RP SIC MACT APPLY REPLACE PLANT ...
37001, 10100202, NOX, 0, 90, 100, 80, , , Y, R, '8000001', U1, R1, P1
37003 0 -9 -9 50 100 100 0 0 N A
/END/
/ALLOWABLE/
37001 0 SO2 -9 0.5 -9 -9 "plant 1"
037003 0 SO2 -9 -9 0.2
/END/
/CTG/
0 2102004000 VOC 0.6 0.1 0.3 -9
/END/
/MACT/
0105 0 1 Y VOC 80 95 10
/END/
"""
EXTENDED = """\
#TYPE=Control Packet Extended
#COUNTRY US
"COUNTRY_CD","REGION_CD","FACILITY_ID","UNIT_ID","REL_POINT_ID","PROCESS_ID","TRIBAL_CODE","CENSUS_TRACT_CD",\
"SHAPE_ID","EMIS_TYPE","SCC","POLL","REG_CODE","SIC","NAICS","COMPLIANCE_DATE","APPLICATION_CONTROL","REPLACEMENT",\
"PRI_CM_ABBREV","ANN_PCTRED","JAN_PCTRED","FEB_PCTRED","COMMENT"
"US","37001","8000001","","","","","","","","10100202","NOX","","","","01/15/2025","Y","R","NSCRINEN",92.5,,,"boiler, 1"
,,,0,-9,,,,,,2104008100,PM25-PRI,0105,,,2024-07-01 00:00:00,Y,A,,30,10,20,
"""
CLASSIC = """\
/CONTROL/
#fips,scc,poll,pri_cm_abbrev,ceff,reff,rpen,sic,mact,application_control,replacement,plantid,...,compliance_date,naics
37001,10100202,NOX,NSCR,90,,80,,,Y,A,8000001,,,,06/30/2024,322121
/END/
"""


def read(tmp_path: Path, text: str, name: str = "packet.csv") -> list[Record]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_packets(path)


def faults(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert all(issue.hint for issue in caught.value.issues)
    return [(issue.line, issue.path) for issue in caught.value.issues]


def test_gcntl(tmp_path: Path) -> None:
    found = read(tmp_path, GCNTL)
    assert [(one.kind, one.line) for one in found] == [
        ("projection", 3), ("projection", 4), ("projection", 5), ("control", 9), ("control", 10), ("allowable", 13),
        ("allowable", 14), ("ctg", 17), ("mact", 20),
    ]  # fmt: skip
    first, stoves, everywhere, boiler, off, cap, instead, ctg, mact = found
    assert (first.keys, first.values, first.years) == (
        {"region": "37", "scc": "2102004000"}, {"factor": 1.25}, (2017, 2030),
    )  # fmt: skip
    assert stoves.keys == {"scc": "2104008100", "pollutant": "NOx", "reg_code": "0105"}
    assert (stoves.values, stoves.comment, everywhere.keys) == ({"factor": 0.9}, "wood stoves", {"sic": "2600"})
    assert boiler.keys == {"region": "37001", "scc": "10100202", "pollutant": "NOx", "facility": "8000001",
                           "unit": "U1", "rel_point": "R1", "process": "P1"}  # fmt: skip
    assert boiler.values["efficiency"] == pytest.approx(0.72)
    assert (boiler.replaces, boiler.applies, off.applies, off.keys) == (True, True, False, {"region": "37003"})
    assert (cap.values, cap.keys["facility"]) == ({"cap": 0.5}, "plant 1")
    assert (instead.values, instead.keys) == ({"replacement": 0.2}, {"region": "37003", "pollutant": "SO2"})
    assert ctg.values == {"factor": 0.6, "cutoff": 0.1, "mact_factor": 0.3}
    assert (mact.values, mact.source_type) == ({"existing": 0.8, "new": 0.95, "fraction": 0.1}, "01")
    assert default_compat(found) == "smoke_code"


def test_extended(tmp_path: Path) -> None:
    one, stoves = read(tmp_path, EXTENDED)
    assert one.keys == {"region": "37001", "facility": "8000001", "scc": "10100202", "pollutant": "NOx"}
    assert (one.date, one.replaces, one.abbreviation, one.comment) == (
        dt.date(2025, 1, 15), True, "NSCRINEN", "boiler, 1",
    )  # fmt: skip
    assert one.values == {"efficiency": 0.925}
    assert stoves.keys == {"scc": "2104008100", "pollutant": "PM2.5", "reg_code": "0105"}
    assert (stoves.date, stoves.months["efficiency"][:2]) == (dt.date(2024, 7, 1), (0.1, 0.2))
    assert default_compat([one]) == "cost"


def test_classic_between_slashes_is_cost(tmp_path: Path) -> None:
    (one,) = read(tmp_path, CLASSIC)
    assert (one.dialect, one.abbreviation, one.date, one.keys["naics"]) == (
        "cost", "NSCR", dt.date(2024, 6, 30), "322121",
    )  # fmt: skip
    assert one.values["efficiency"] == pytest.approx(0.72)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("fips,scc,proj_factor,poll\n37001,2102004000,1.2,NOX\n", "projection"),
        ("fips,scc,poll,control_factor,cap,replacement\n37001,0,NOX,-9,0.1,-9\n", "allowable"),
        ("region_cd,facility_id,effective_date\n37001,8000001,1/1/2020\n", "closure"),
        ("#TYPE=Plant Closure\n37001,8000001,,,,Mill,1/1/2020,\n", "closure"),
        ("region_cd,ann_cap,jan_cap\n37001,0.1,0.2\n", "allowable"),
    ],
)
def test_the_kind_is_told_by_columns_or_type(tmp_path: Path, text: str, kind: str) -> None:
    assert [one.kind for one in read(tmp_path, text)] == [kind]


def test_list_directed_lines() -> None:
    assert tokens(" a,,b , c  d,'e f', \"\" ; g ! not this") == ["a", "", "b", "c", "d", "e f", "", "g"]


def test_all_faults_of_an_extended_packet_at_once(tmp_path: Path) -> None:
    text = (
        "region_cd,scc,poll,compliance_date,application_control,replacement,ann_pctred,jan_pctred,colour\n"
        "37001,SCC1,NOX,02/30/2025,Y,A,101,,\n"
        "37001,2102004000,NOX,,X,,-5,,\n"
        "37001,2102004000,NOX,,Y,A,,12,\n"
        "37001,2102004000,NOX,,Y,A,,,\n"
        "37001,2102004000,NOX,,Y,A,1 2,,\n"
    )
    assert sorted(faults(tmp_path, text)) == [
        (1, "colour"), (2, "ann_pctred"), (2, "compliance_date"), (2, "scc"), (3, "ann_pctred"),
        (3, "application_control"), (3, "replacement"), (4, "efficiency"), (5, "ann_pctred"), (6, "ann_pctred"),
    ]  # fmt: skip


def test_all_faults_of_a_gcntl_at_once(tmp_path: Path) -> None:
    text = (
        "/CONTROL/\n37001 0 NOX 0 120 100 100 0 0 Y A\n37001 0 NOX 0 50 100 100 0 0 Y\n/END/\n"
        "/REACTIVITY 2017 2030/\n0 0 VOC 1\n/END/\n/EMS_CONTROL/\n/END/\n/GROWTH/\n/END/\n"
        "/CONTROL/\n/END/\n/ALLOWABLE/\n0 0 NOX -9 -9 -9\n0 0 NOX -9 1 -9 0 p u r s c4\n/END/\nstray\n"
        "/PROJECTION soon/\n0 0 -1 -9\n"
    )
    found = faults(tmp_path, text)
    assert {line for line, _ in found} == {2, 3, 5, 8, 10, 12, 15, 16, 18, 19, 20}


def test_a_closure_names_region_and_facility(tmp_path: Path) -> None:
    text = "region_cd,facility_id,effective_date\n,8000001,\n37001,0,13/01/2020\n"
    assert sorted(faults(tmp_path, text)) == [(2, "region_cd"), (3, "effective_date"), (3, "facility_id")]


def test_what_is_no_packet_is_refused(tmp_path: Path) -> None:
    assert faults(tmp_path, "a,b\n1,2\n") == [(1, "")]
    assert faults(tmp_path, "#TYPE=Recipe\na,b\n") == [(1, "#TYPE"), (2, "")]
    assert faults(tmp_path, "#TYPE=Control Packet\nfips,proj_factor\n37001,1.2\n") == [(2, "")]


def test_a_cell_below_no_header_is_a_fault(tmp_path: Path) -> None:
    text = "region_cd,scc,,application_control,replacement,ann_pctred\n37001,0,01/01/2025,Y,A,90\n37001,0,,Y,A,90\n"
    assert faults(tmp_path, text) == [(2, "")]
