"""Tables of observations, origins and daily series: what is read, and every fault with its line."""

import numpy as np
import pytest

from emis.airquality.interface import SPECIES
from emis.airquality.observed import ORIGINS
from emis.errors import Issues
from emis.io.observations import daily_series, observations, shares
from emis.io.tables import read_table

HEADER = "year,area,quantity,value,unit,low,high,reference,grade\n"
WHOLE = (
    ("SO4", 15.9),
    ("NO3", 17.2),
    ("NH4", 11.5),
    ("OM", 25.1),
    ("EC", 3.0),
    ("crustal", 12.3),
    ("water", 6.0),
    ("other", 9.0),
)


@pytest.fixture
def read(tmp_path):
    def reading(kind, text):
        path, issues = tmp_path / "table.csv", Issues()
        path.write_text(text, encoding="utf-8")
        return kind(read_table(path, "table.csv", issues), issues), [str(issue) for issue in issues.errors]

    return reading


def species(year=2013, area="city", unit="%", scale=1.0, parts=WHOLE):
    return "".join(f"{year},{area},{name},{value * scale:g},{unit},,,a paper,C\n" for name, value in parts)


def test_values_units_ranges_and_gaps(read):
    found, faults = read(
        observations,
        HEADER
        + "2017,city,PM2.5,0.058,mg/m^3,,,bulletin,A\n2017,district,PM25,56,ug/m^3,54,59,modelled: city x ratio,E\n"
        "2017,city,heavy_days,23,day,,,bulletin,A\n2018,city,dustfall,7.5,t/(km^2*month),,,bulletin,A\n"
        "2016,district,PM2.5,NE,ug/m^3,,,not published,\n" + species(),
    )
    assert faults == []
    assert found.get(2017, "city", "PM2.5").value == pytest.approx(58.0, rel=1e-12)
    district = found.get(2017, "district", "PM2.5")
    assert (district.low, district.high, district.modelled) == (54.0, 59.0, True)
    assert found.get(2016, "district", "PM2.5") is None
    assert found.get(2017, "city", "PM10") is None
    assert found.years("city", "PM2.5") == (2017,)
    year, area, parts = found.composition(2017, "district")
    assert (year, area) == (2013, "city")
    assert [one.value for one in parts] == pytest.approx([value / 100 for _, value in WHOLE])


def test_species_in_a_concentration_are_shares_of_their_mass(read):
    text = HEADER + "2017,city,PM2.5,58,ug/m^3,,,bulletin,A\n" + species(2017, unit="ug/m^3", scale=0.58)
    found, faults = read(observations, text)
    assert faults == []
    assert found.get(2017, "city", "NO3").value == pytest.approx(0.172)


def test_rounding_of_a_composition_is_scaled_away(read):
    parts = [(name, 9.5 if name == "other" else value) for name, value in WHOLE]
    found, faults = read(observations, HEADER + species(parts=parts))
    assert faults == []
    assert sum(found.get(2013, "city", name).value for name in SPECIES) == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            species(parts=[(n, v if n != "OM" else 20) for n, v in WHOLE]),
            "table.csv:2 value: the species of city 2013 sum to 94.9 % and not to 100 %",
        ),
        (species(parts=WHOLE[:-1]), "table.csv:2 quantity: the composition of city 2013 lacks other"),
        (species(2017, unit="ug/m^3"), "and its PM2.5 is not there"),
        (
            species(parts=WHOLE[:1]) + species(unit="ug/m^3", parts=WHOLE[1:]),
            "partly in % and partly in a concentration",
        ),
        ("2017,town,PM2.5,50,ug/m^3,,,x,A\n", "table.csv:2 area: unknown area 'town'"),
        ("2017,city,PM3,50,ug/m^3,,,x,A\n", "table.csv:2 quantity: unknown quantity 'PM3'"),
        ("2017,city,PM2.5,50,,,,x,A\n", "a bare number 50 was found"),
        ("2017,city,PM2.5,50,t/yr,,,x,A\n", "table.csv:2 value"),
        ("2017,city,PM2.5,,ug/m^3,,,x,A\n", "table.csv:2 value: is blank"),
        ("2017,city,PM2.5,-5,ug/m^3,,,x,A\n", "-5 is negative"),
        ("17,city,PM2.5,50,ug/m^3,,,x,A\n", "'17' is no year"),
        ("2017,city,PM2.5,50,ug/m^3,40,,x,A\n", "table.csv:2 low: is given without the other end"),
        ("2017,city,PM2.5,50,ug/m^3,51,60,x,A\n", "does not hold the value 50"),
        (
            "2017,city,PM2.5,50,ug/m^3,,,x,A\n2017,city,PM2.5,51,ug/m^3,,,x,A\n",
            "table.csv:3: 2017, city, PM2.5 stands in line 2 already",
        ),
        ("2017,city,heavy_days,400,day,,,x,A\n", "400 days are more than a year has"),
        ("2017,city,heavy_days,40,day,,,x,A\n2017,city,valid_days,30,day,,,x,A\n", "more than valid_days, 30"),
        (
            "2017,district,dustfall,5,t/(km^2*month),,,x,A\n2017,district,dustfall_background,6,t/(km^2*month),,,x,E\n",
            "more than dustfall, 5",
        ),
        ("2017,city,PM2.5,50,ug/m^3,,,x,Z\n", "unknown grade 'Z'"),
        ("2017,city,PM2.5,0,ug/m^3,,,x,A\n", "table.csv:2 value: PM2.5 is 0; write what was measured, or NE"),
        ("2017,city,NO2,NO,ug/m^3,,,x,A\n", "table.csv:2 value: NO2 is NO"),
        ("2017,city,dustfall,0,t/(km^2*month),,,x,A\n", "table.csv:2 value: dustfall is 0"),
    ],
)
def test_faults_have_their_line(read, rows, said):
    _, faults = read(observations, HEADER + rows)
    assert any(said in fault for fault in faults), faults


def test_particles_are_told_on_a_basis(read):
    head = HEADER.replace("unit", "unit,basis")
    text = head + "2017,city,PM2.5,58,ug/m^3,reference,,,x,A\n2020,city,PM2.5,38,ug/m^3,ambient,,,x,A\n"
    found, faults = read(observations, text + "2020,city,NO2,29,ug/m^3,,,,x,A\n")
    assert faults == []
    assert found.get(2017, "city", "PM2.5").basis == "reference"
    assert (found.basis(2020, "district"), found.basis(2019, "district")) == ("ambient", "")
    _, faults = read(observations, head + "2017,city,PM2.5,58,ug/m^3,standard,,,x,A\n")
    assert "table.csv:2 basis: unknown basis 'standard'" in faults[0]
    _, faults = read(observations, head + "2017,city,NO2,46,ug/m^3,ambient,,,x,A\n")
    assert "table.csv:2 basis: NO2 is told at no conditions of its own" in faults[0]


def test_a_grade_of_e_is_no_measurement(read):
    found, _ = read(observations, HEADER + "2017,city,PM2.5,58,ug/m^3,,,a guess of ours,E\n")
    assert found.get(2017, "city", "PM2.5").modelled


def test_quarters_are_all_there_or_none(read):
    head = HEADER.replace("quantity", "quantity,quarter")
    rows = "".join(f"2017,city,PM2.5,{q},{60 + q},ug/m^3,,,x,A\n" for q in (1, 2, 4))
    _, faults = read(observations, head + rows)
    assert faults == [
        "table.csv:2 quarter: the quarters of city 2017 lack PM2.5 of quarter 3; give all four quarters, or none"
    ]
    parts = "".join(f"2017,city,{n},{q},{v},%,,,x,A\n" for q in (1, 2, 3, 4) for n, v in WHOLE)
    _, faults = read(observations, head + parts)
    assert "lack PM2.5 of quarter 1, PM2.5 of quarter 2, PM2.5 of quarter 3, PM2.5 of quarter 4" in faults[0]
    whole = "".join(f"2017,city,PM2.5,{q},{60 + q},ug/m^3,,,x,A\n" for q in (1, 2, 3, 4))
    found, faults = read(observations, head + parts + whole)
    assert faults == []
    assert found.quarters(2017, "city").sum(axis=1) == pytest.approx([61, 62, 63, 64])


def test_all_faults_at_once(read):
    _, faults = read(observations, HEADER + "2017,town,PM2.5,x,ug/m^3,,,x,A\n2018,city,PM2,5,ug/m^3,,,x,Q\n")
    assert len(faults) == 3


def test_a_missing_column_is_named(read):
    found, faults = read(observations, "year,area,quantity,value\n2017,city,PM2.5,58\n")
    assert found is None
    assert "the column 'unit' is missing" in faults[0]


# -- origins ---------------------------------------------------------------------------------------------------------

ORIGIN_HEADER = "receptor,species,area,share,unit,low,high,reference,grade\n"


def origins(receptor="district", values=(15, 51, 29, 5), skip=()):
    return "".join(
        f"{receptor},{name},{origin},{value},%,,,assumed,E\n"
        for name in SPECIES
        for origin, value in zip(ORIGINS, values, strict=True)
        if (name, origin) not in skip
    )


def test_origins_are_arrays_by_receptor(read):
    found, faults = read(shares, ORIGIN_HEADER + origins() + origins("city", (1, 65, 29, 5)))
    assert faults == []
    assert set(found) == {"district", "city"}
    assert found["district"].areas().shape == (3, 8)
    assert found["city"].value[1] == pytest.approx(np.full(8, 0.65))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (origins(values=(15, 51, 29, 4)), "the shares of SO4 of receptor district sum to 99 %"),
        (origins(values=(15, 51, 134, 5)), "is not a share"),
        (origins(values=(15, 51, -5, 5)), "is not a share"),
        (origins(skip=[("EC", "background")]), "EC of receptor district lacks background"),
        (origins(skip=[("EC", one) for one in ORIGINS]), "EC of receptor district is missing"),
        (origins().replace("15,%", "0.15,"), "write 15 %"),
        (origins("village"), "unknown receptor 'village'"),
        (origins().replace("15,%,,", "15,%,16,20"), "the range does not hold the share 15 %"),
    ],
)
def test_faults_of_origins(read, text, said):
    _, faults = read(shares, ORIGIN_HEADER + text)
    assert any(said in fault for fault in faults), faults


# -- daily series ----------------------------------------------------------------------------------------------------


def test_daily_series_have_gaps_for_days_that_are_not_there(read):
    text = "date,area,PM2.5 [ug/m^3],CO [mg/m^3]\n2016-12-31,district,151,1.2\n2016-01-01,district,NE,0.8\n"
    text += "2017-01-01,city,20,1\n"
    found, faults = read(daily_series, text)
    assert faults == []
    series = found["district", 2016]
    assert len(series.pm25()) == 366
    assert series.pm25()[365] == 151
    assert np.isnan(series.pm25()[0])
    assert series.values["CO"][0] == 0.8
    assert series.valid == 1
    assert found["city", 2017].valid == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,area,PM2.5\n2016-01-01,district,20\n", "PM2.5: has no unit"),
        ("date,area,PM2.5 [ug/m^3]\n2016-02-30,district,20\n", "is no day of the calendar"),
        ("date,area,PM2.5 [ug/m^3]\n2016-02-01,district,\n", "is blank"),
        ("date,area,PM2.5 [ug/m^3]\n2016-02-01,district,1\n2016-02-01,district,2\n", "stands in line 2 already"),
        ("date,area\n2016-02-01,district\n", "holds no pollutant"),
    ],
)
def test_faults_of_daily_series(read, text, said):
    _, faults = read(daily_series, text)
    assert any(said in fault for fault in faults), faults
