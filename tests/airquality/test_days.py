"""Heavily polluted days against the official counts of Beijing, and dustfall and draws against hand calculations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from emis import draws
from emis.airquality.days import days_by_scaling, days_over, drawn_count, log_sd
from emis.airquality.dustfall import dustfall, local_cut_needed

#: Annual PM2.5 of Beijing [ug/m3] and official heavily polluted days, from the city's bulletins.
OFFICIAL = {2013: (89.5, 58), 2016: (73.0, 39), 2017: (58.0, 23)}


def test_fitted_on_2015_it_gives_the_counts_of_other_years():
    spread = log_sd(80.6, 46)
    assert spread == pytest.approx(0.88, abs=0.005)
    for year, (mean, counted) in OFFICIAL.items():
        assert abs(float(days_over(mean, spread)) - counted) <= 5, year


def test_it_is_known_to_promise_too_few_clean_years_later():
    # 2018-2020 had 25 days in all, of which it tells 36.6: the peaks fell faster than the mean.
    spread = log_sd(80.6, 46)
    assert sum(float(days_over(mean, spread)) for mean in (51, 42, 38)) == pytest.approx(36.6, abs=0.5)


@pytest.mark.parametrize(("spread", "cut"), [(0.80, 12.5), (0.88, 13.8), (0.95, 14.9)])
def test_a_quarter_of_the_days_takes_an_eighth_of_the_mean(spread, cut):
    before, after = days_over(80.6, spread), days_over(80.6 * (1 - cut / 100), spread)
    assert float(after / before) == pytest.approx(0.75, abs=0.006)


@given(st.floats(20, 140), st.floats(0.3, 1.2))
def test_the_fit_gives_back_what_it_was_fitted_to(mean, spread):
    days = float(days_over(mean, spread))
    if days < 1e-6:
        return
    found = log_sd(mean, days)
    assert float(days_over(mean, found)) == pytest.approx(days, rel=1e-6)
    if spread < math.sqrt(2 * math.log(150 / mean)):  # the smaller of two spreads that give as many
        assert found == pytest.approx(spread, rel=1e-5)


def test_above_the_threshold_too():
    assert log_sd(200.0, float(days_over(200.0, 0.7))) == pytest.approx(0.7)


@pytest.mark.parametrize(("mean", "days"), [(20.0, 100), (80.0, 0), (80.0, 365), (0.0, 10)])
def test_counts_that_no_spread_gives(mean, days):
    with pytest.raises(ValueError, match="spread"):
        log_sd(mean, days)


def test_scaling_counts_days_of_the_series():
    series = np.array([100.0, 140.0, 150.0, 160.0, 300.0, np.nan])
    assert days_by_scaling(series, np.array([1.0, 0.9, 0.5, 1.2]), valid=5).tolist() == [2.0, 1.0, 0.0, 4.0]
    assert days_by_scaling(series, 1.0, valid=365) == pytest.approx(146.0)  # 2 of the 5 days with data
    with pytest.raises(ValueError, match="no day"):
        days_by_scaling(np.array([np.nan]), 1.0)


@pytest.mark.filterwarnings("error")
def test_air_without_pm25_has_no_such_days():
    assert days_over(np.array([0.0, -1.0, 20.0]), 0.9)[:2].tolist() == [0.0, 0.0]
    assert days_by_scaling(np.array([160.0]), np.array([0.0]), 365, np.array([np.inf])) == 0


def test_counts_are_binomial():
    uniform = (np.arange(100_000) + 0.5) / 100_000
    found = drawn_count(uniform, np.full(100_000, 15.0), 365)
    assert found.mean() == pytest.approx(15.0, abs=0.01)
    assert found.var() == pytest.approx(15 * (1 - 15 / 365), rel=0.01)
    assert np.array_equal(found, np.round(found))
    assert special.bdtr(found[0] - 1, 365, 15 / 365) < uniform[0] or found[0] == 0
    assert drawn_count(np.array([0.3, 0.3]), np.array([0.0, 365.0]), 365).tolist() == [0.0, 365.0]


# -- dustfall --------------------------------------------------------------------------------------------------------


def test_dustfall_over_a_background():
    # 7.5 t/(km2 month) of which 2.5 is background: 40 % less dust leaves 2.5 + 5 x 0.6
    assert float(dustfall(7.5, 2.5, 0.6)) == pytest.approx(5.5)
    # so that 30 % off the whole takes 0.3 x 7.5 / 5 off the rest
    assert float(local_cut_needed(0.3, 7.5, 2.5)) == pytest.approx(0.45)
    assert float(dustfall(7.5, 2.5, 1 - 0.45)) == pytest.approx(0.7 * 7.5)


def test_dustfall_that_is_all_background():
    assert float(local_cut_needed(0.3, 5.0, 5.0)) == np.inf
    with pytest.raises(ValueError, match="background"):
        dustfall(5.0, 6.0, 1.0)


# -- draws -----------------------------------------------------------------------------------------------------------


def test_draws_do_not_depend_on_how_many_or_what_else():
    assert np.array_equal(draws.uniform(1, "weather", 10), draws.uniform(1, "weather", 1000)[:10])
    assert not np.array_equal(draws.uniform(1, "weather", 10), draws.uniform(1, "share", 10))
    assert not np.array_equal(draws.uniform(1, "weather", 10), draws.uniform(2, "weather", 10))


def test_the_triangle_has_its_ends_its_mode_and_its_mean():
    uniform = (np.arange(100_000) + 0.5) / 100_000
    found = draws.triangle(uniform, 2.0, 3.0, 7.0)
    assert found.min() >= 2
    assert found.max() <= 7
    assert found.mean() == pytest.approx(4.0, abs=1e-3)
    assert float(draws.triangle(np.array(0.2), 2.0, 3.0, 7.0)) == pytest.approx(3.0)  # (3-2)/(7-2) lies below the mode
    assert draws.triangle(uniform[:5], 3.0, 3.0, 3.0) == pytest.approx(3.0)
    assert draws.triangle(uniform[[0, -1]], 3.0, 3.0, 5.0) == pytest.approx([3.0, 5.0], abs=0.01)


def test_the_bell_has_a_mean_of_one():
    uniform = (np.arange(200_000) + 0.5) / 200_000
    found = draws.bell(uniform, 0.075)
    assert found.mean() == pytest.approx(1.0, abs=1e-5)
    assert found.std() == pytest.approx(0.075, rel=1e-3)
