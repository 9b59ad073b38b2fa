"""Phase-ins, selectors and what a measure refuses to be."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from emis.measures import Measure
from emis.phasing import PhaseIn
from emis.selectors import Selector, wants


def year(level: PhaseIn, of: int) -> float:
    return level.level(dt.date(of, 1, 1), dt.date(of + 1, 1, 1))


def test_phase_in_by_dates() -> None:
    ramp = PhaseIn.parse({"2018-07-01": "0 %", "2019-07-01": "100 %"})
    assert year(ramp, 2017) == 0
    assert year(ramp, 2018) == pytest.approx(0.127063, abs=5e-7)
    assert year(ramp, 2019) == pytest.approx(0.877046, abs=5e-7)
    assert year(ramp, 2020) == 1


def test_phase_in_by_years() -> None:
    levels = PhaseIn.parse({2018: "20 %", 2020: "100 %"})
    assert [year(levels, of) for of in range(2017, 2022)] == [0, 0.2, 0.2, 1, 1]


def test_a_first_level_above_zero_is_a_step() -> None:
    assert year(PhaseIn.parse({"2018-07-02": "50 %"}), 2018) == pytest.approx(0.5 * 183 / 365)


def test_leap_years_have_366_days() -> None:
    assert year(PhaseIn.step(dt.date(2020, 12, 31)), 2020) == pytest.approx(1 / 366)


def test_a_delay_is_by_the_calendar() -> None:
    assert PhaseIn.step(dt.date(2020, 2, 29)).delayed(1).dates[0][0] == dt.date(2021, 2, 28)
    assert PhaseIn.parse({2018: "50 %"}).delayed(1).years == ((2019, 0.5),)


@given(
    st.lists(
        st.tuples(st.dates(dt.date(2016, 1, 1), dt.date(2022, 12, 31)), st.integers(0, 100)),
        min_size=1,
        max_size=5,
        unique_by=lambda k: k[0],
    )
)
def test_the_mean_is_that_of_the_days(knots: list[tuple[dt.date, int]]) -> None:
    course = PhaseIn.parse({str(date): f"{level} %" for date, level in knots})
    points = [(date.toordinal(), level / 100) for date, level in sorted(knots)]

    def at(day: float) -> float:
        if day < points[0][0]:
            return 0.0
        for (left, low), (right, high) in zip(points, points[1:], strict=False):
            if left <= day < right:
                return low + (high - low) * (day - left) / (right - left)
        return points[-1][1]

    for of in (2018, 2020):
        first, last = dt.date(of, 1, 1).toordinal(), dt.date(of + 1, 1, 1).toordinal()
        # A linear piece has its mean of a day at noon; pieces change at midnight.
        assert year(course, of) == pytest.approx(
            sum(at(day + 0.5) for day in range(first, last)) / (last - first), abs=1e-12
        )


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ({"2018-07-01": "0 %", 2019: "100 %"}, "mixed"),
        ({2019: 0.5}, "percentage"),
        ({2019: "120 %"}, "outside"),
        ({"2019-02-30": "50 %"}, "calendar"),
        ({"soon": "50 %"}, "date"),
        ({}, "levels"),
    ],
)
def test_phase_ins_that_are_refused(levels: dict[object, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        measure(phase_in=levels)


def measure(**keys: object) -> Measure:
    return Measure.model_validate(
        {"id": "M", "select": {"sector": "coal"}, "do": [{"scale": {"activity": "-1 %"}}], **keys}
    )


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"phase_in": {2018: "60 %", 2019: "40 %"}}, "temporary"),
        ({"months": [1, 1]}, "twice"),
        ({"months": [13]}, "12"),
        ({"kind": "enabling"}, "claims no effect"),
        ({"do": []}, "says what it does"),
        ({"select": None}, "nothing is selected"),
        ({"do": [{"scale": {"activity": "-1 %"}, "close": {"share": "1 %"}}]}, "one verb"),
        ({"do": [{"close": {"share": "1 %", "amount": "1 firm"}}]}, "both"),
        ({"do": [{"close": {}}]}, "neither"),
        ({"do": [{"scale": {"activity": "-101 %"}}]}, "at least -100 %"),
        ({"do": [{"abate": {"efficiency": "50 %"}}]}, "pollutants are not clear"),
        ({"do": [{"abate": {"efficiency": {"NOx": "-5 %"}}}]}, "may_increase"),
        ({"do": [{"abate": {"efficiency": {"NOx": "105 %"}}}]}, "100 %"),
        ({"do": [{"shift": {"share": "5 %", "to": {}}}]}, "destination"),
        ({"do": [{"shift": {"share": "5 %", "to": "outside", "yield": 1}}]}, "no yield"),
        ({"do": [{"close": {"share": "5 %", "date": "2018-01-01"}}], "phase_in": {2018: "50 %"}}, "no phase_in"),
        (
            {"do": [{"close": {"share": "5 %", "date": "2018-01-01"}}, {"scale": {"activity": "-1 %"}}]},
            "level of the whole",
        ),
    ],
)
def test_measures_that_are_refused(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        measure(**keys)


def test_levels_may_fall_when_temporary() -> None:
    assert year(measure(phase_in={2018: "60 %", 2019: "40 %"}, temporary=True).phase_in, 2020) == 0.4  # type: ignore[arg-type]


def test_wanted_values() -> None:
    assert wants(("a", "b*"), "bus")
    assert not wants(("a", "B*"), "bus")
    assert str(Selector(sector="mobile", fuel=["petrol", "diesel"])) == "sector: mobile, fuel: petrol | diesel"
