"""Hours of local time, in months of the real calendar, written in UTC."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from gridding_case import series
from hypothesis import given
from hypothesis import strategies as st

from emis.errors import Issues
from emis.grid_settings import Temporal
from emis.interchange.gridding.hours import EVEN_DAY, EVEN_WEEK, assign, hours_of_month, read_profiles
from emis.io.tables import read_table

HOURS = ",".join(map(str, range(24)))
weights = st.lists(st.floats(0, 100), min_size=7, max_size=7).filter(lambda one: sum(one) > 1e-3)


def hour_shares(year: int, monthly, weekly, diurnal, holidays=()) -> np.ndarray:
    """Return the share of a year in each of its hours, as the product that a grid is made by."""
    months = (hours_of_month(year, month, weekly, diurnal, holidays) for month in range(1, 13))
    return np.concatenate([share * hours for share, hours in zip(monthly, months, strict=True)])


def plainly(year: int, monthly, weekly, diurnal, holidays=()) -> list[float]:
    """The same shares, day by day with Python's own calendar."""
    found = []
    for month in range(1, 13):
        day, days = dt.date(year, month, 1), []
        while day.month == month:
            days.append(day)
            day += dt.timedelta(days=1)
        kinds = [6 if one in holidays else one.weekday() for one in days]
        whole = sum(weekly[kind] for kind in kinds)
        for kind in kinds:
            share = monthly[month - 1] * weekly[kind] / whole
            found += [share * diurnal[kind][hour] / sum(diurnal[kind]) for hour in range(24)]
    return found


@given(
    year=st.integers(1990, 2060),
    monthly=st.lists(st.floats(0.01, 9), min_size=12, max_size=12),
    weekly=st.lists(st.floats(0.01, 9), min_size=7, max_size=7),
    diurnal=st.lists(st.lists(st.floats(0.01, 9), min_size=24, max_size=24), min_size=7, max_size=7),
    off=st.sets(st.integers(0, 364), max_size=20),
)
def test_shares_are_those_of_a_walk_through_the_year(year, monthly, weekly, diurnal, off) -> None:
    months = np.array(monthly) / sum(monthly)
    holidays = [dt.date(year, 1, 1) + dt.timedelta(days=day) for day in off]
    found = hour_shares(year, months, np.array(weekly), np.array(diurnal), holidays)
    assert len(found) == 24 * (366 if dt.date(year, 12, 31).timetuple().tm_yday == 366 else 365)
    assert np.allclose(found, plainly(year, months, weekly, diurnal, holidays), rtol=1e-12)
    assert abs(found.sum() - 1) <= 1e-12


@given(weekly=weights, month=st.integers(1, 12), year=st.integers(2000, 2030))
def test_hours_of_a_month_sum_to_it_whatever_the_weights(weekly, month, year) -> None:
    assert hours_of_month(year, month, np.array(weekly), EVEN_DAY).sum() == pytest.approx(1, abs=1e-12)


def test_without_profiles_all_hours_of_a_year_are_alike() -> None:
    times = assign(series([[1.0]], ("CO",)).inventory, temporal("2017-01-01", 24, 0), {}, {}, Issues())
    shares = np.array([times.of_month(2017, month)[0] for month in range(1, 13)])
    assert np.allclose(hour_shares(2017, shares, EVEN_WEEK, EVEN_DAY), 1 / 8760)


def test_holidays_that_take_every_weighted_day_leave_the_month_as_it_is() -> None:
    mondays = np.array([1.0, 0, 0, 0, 0, 0, 0])
    every = [dt.date(2017, 1, day) for day in (2, 9, 16, 23, 30)]
    assert np.array_equal(hours_of_month(2017, 1, mondays, EVEN_DAY, every), hours_of_month(2017, 1, mondays, EVEN_DAY))


def temporal(start: str, hours: int, offset: float, **more: object) -> Temporal:
    return Temporal.model_validate({"start": start, "hours": hours, "utc_offset": offset} | more)


@pytest.fixture
def tables(tmp_path: Path) -> dict:
    """A weekly and a diurnal profile that tell every hour of a week apart."""
    (tmp_path / "w.csv").write_text("profile,mon,tue,wed,thu,fri,sat,sun\nw,1,2,3,4,5,6,7\n")
    rows = "".join(f"d,{day},{','.join(str(1 + n * hour) for hour in range(24))}\n"
                   for n, day in enumerate(("weekday", "saturday", "sun")))  # fmt: skip
    (tmp_path / "d.csv").write_text(f"profile,day,{HOURS}\n{rows}")
    (tmp_path / "m.csv").write_text(f"profile,{','.join(map(str, range(1, 13)))}\nm,{','.join(['0.05'] * 11)},0.45\n")
    found, issues = {}, Issues()
    for kind, name in (("weekly", "w"), ("diurnal", "d"), ("monthly", "m")):
        table = read_table(tmp_path / f"{name}.csv", f"{name}.csv", issues)
        assert table is not None
        found[kind] = read_profiles(table, kind, issues)
    assert not issues.errors, issues.errors
    return found


NAMES = {"monthly": "m.csv", "weekly": "w.csv", "diurnal": "d.csv"}
ALL = [{"monthly": "m", "weekly": "w", "diurnal": "d"}]


def period(one: Temporal, tables: dict) -> np.ndarray:
    """Return the share of the year in each hour written, of one source."""
    case, issues = series([[1.0]], ("CO",)).inventory, Issues()
    times = assign(case, one, tables, {0: ("grid.yaml", 1)}, issues)
    assert not issues.errors
    found = np.zeros(one.hours)
    for span in times.spans(one):
        found[span.first : span.first + span.shares.shape[1]] += times.of_month(span.year, span.month) * span.shares[0]
    assert times.of_period(times.spans(one))[0] == pytest.approx(found.sum())
    return found


def local(year: int, tables: dict) -> np.ndarray:
    return hour_shares(year, tables["monthly"]["m"], tables["weekly"]["w"], tables["diurnal"]["d"])


def test_hours_in_utc_are_those_of_local_time_before(tables) -> None:
    found = period(temporal("2017-12-31 10:00", 30, 8, profiles=ALL, **NAMES), tables)
    ends = np.concatenate([local(2017, tables)[-6:], local(2018, tables)[:24]])
    assert np.allclose(found, ends, rtol=1e-12)


def test_half_an_hour_of_offset_takes_half_of_each(tables) -> None:
    found = period(temporal("2017-03-31 10:00", 30, 5.5, profiles=ALL, **NAMES), tables)
    begin = 24 * 89 + 15
    around = local(2017, tables)[begin : begin + 31]
    assert np.allclose(found, (around[1:] + around[:-1]) / 2, rtol=1e-12)


def test_west_of_greenwich_hours_lie_after(tables) -> None:
    found = period(temporal("2017-01-01", 24, -5, profiles=ALL, **NAMES), tables)
    assert np.allclose(found, [*local(2016, tables)[-5:], *local(2017, tables)[:19]], rtol=1e-12)


def test_a_sources_own_months_come_before_those_of_the_table(tables) -> None:
    own = np.arange(1, 13) / 78
    case = series([[1.0], [1.0]], ("CO",), profile=["own", ""], profiles={"own": own}).inventory
    one = temporal("2017-01-01", 24, 0, profiles=ALL, **NAMES)
    times = assign(case, one, tables, {0: ("grid.yaml", 1)}, Issues())
    assert times.of_month(2017, 12) == pytest.approx([12 / 78, 0.45])


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("monthly", f"profile,{','.join(map(str, range(1, 13)))}\na,{','.join(['0.1'] * 12)}\n", "sum to 1.2"),
        ("weekly", "profile,mon,tue,wed,thu,fri,sat,sun\na,0,0,0,0,0,0,0\n", "sum to 0"),
        ("weekly", "profile,mon,tue,wed,thu,fri,sat,sun\na,1,1,1,1,1,1,-1\n", "negative"),
        ("weekly", "profile,mon,tue,wed,thu,fri,sat,sun\na,1,1,1,1,1,1,NE\n", "NE is no weight"),
        ("weekly", "profile,mon,tue,wed,thu,fri,sat\na,1,1,1,1,1,1\n", "'sun' is missing"),
        ("weekly", "profile,mon,tue,wed,thu,fri,sat,sun\na,1,1,1,1,1,1,1\na,1,1,1,1,1,1,2\n", "stands twice"),
        ("diurnal", f"profile,day,{HOURS}\na,weekday,{','.join('1' * 24)}\n", "no weights on sat"),
        ("diurnal", f"profile,day,{HOURS}\na,all,{','.join('1' * 24)}\na,sun,{','.join('1' * 24)}\n", "given twice"),
        ("diurnal", f"profile,day,{HOURS}\na,workday,{','.join('1' * 24)}\n", "unknown kind of day 'workday'"),
        ("diurnal", f"profile,{HOURS}\n,{','.join('1' * 24)}\n", "is blank"),
    ],
)
def test_a_faulty_profile_is_told_where_it_stands(tmp_path, kind, text, told) -> None:
    (tmp_path / "t.csv").write_text(text)
    issues = Issues()
    table = read_table(tmp_path / "t.csv", "t.csv", issues)
    assert table is not None
    read_profiles(table, kind, issues)
    assert told in "\n".join(map(str, issues.errors))
    assert all(one.file == "t.csv" and one.line for one in issues.errors)
