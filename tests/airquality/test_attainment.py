"""The attainment test against the worked example of the EPA's guidance, and against rollback where they are one."""

from dataclasses import replace

import numpy as np
import pytest

from emis.airquality.attainment import (
    Attainment,
    annual_design_value,
    daily_design_value,
    high_quarters,
    percentile_98,
    response_factors,
    rounded,
    weighted_design_value,
)
from emis.airquality.interface import PRECURSORS, SPECIES
from emis.airquality.rollback import Proportional, Response, Rollback

LIKELY = Response(0.75, 0.6, 0.3, 0.1, 0.5, 0.45, 0.375)
# Ammonium is what charge balance says, so that rollback and the test hold the same of it.
BASE = np.array([10.0, 12.0, 0.375 * 10 + 0.29 * 12, 14.0, 2.0, 6.0, 3.0, 5.0])
SHARES = np.full((3, 8), 0.3)
CUT = np.ones((3, 7))
CUT[0] = 0.7
CUT[1, PRECURSORS.index("NOx")] = 0.5


def rollback(base=BASE):
    return Rollback(base, SHARES, LIKELY)


def test_a_response_factor_is_future_over_base():
    # EPA-454/B-07-002, section 5.1, step 2: 10.0 now and 8.0 then is 0.800; step 3: 3.0 x 0.800 = 2.4 ug/m3.
    class Model:
        name, species = "example", SPECIES

        def concentrations(self, ratio):
            return np.where(np.all(ratio == 1), 10.0, 8.0) * np.ones(8)

        def remarks(self, ratio):
            return ()

    observed = np.zeros(8)
    observed[0] = 3.0
    assert response_factors(Model(), CUT)[0] == pytest.approx(0.8)
    assert Attainment.of_year(observed, Model()).concentrations(CUT)[0] == pytest.approx(2.4)


def test_where_rollback_gives_the_ratios_and_the_year_the_level_both_are_one():
    model = rollback()
    assert Attainment.of_year(BASE, model).concentrations(CUT) == pytest.approx(model.concentrations(CUT), rel=1e-12)


def test_the_level_of_the_model_falls_out():
    model = rollback()
    twice = replace(model, base=2 * BASE)
    assert Attainment.of_year(BASE, twice).concentrations(CUT) == pytest.approx(model.concentrations(CUT), rel=1e-12)


def test_the_year_is_the_mean_of_its_quarters():
    quarters = np.stack([2 * BASE, BASE, 0.5 * BASE, 0.5 * BASE])
    test = Attainment(quarters, rollback())
    assert test.quarters(CUT).shape == (4, 8)
    assert test.concentrations(np.ones((3, 7))) == pytest.approx(BASE)
    assert test.concentrations(CUT) == pytest.approx(rollback().concentrations(CUT))
    # Factors of a quarter apply to that quarter: nothing but the winter's answers here.
    season = np.array([1.0, 0, 0, 0])[:, None, None] * SHARES
    winter = Attainment(quarters, Rollback(quarters, season, LIKELY))
    found = winter.quarters(CUT)
    assert found[1:] == pytest.approx(quarters[1:])
    assert found[0] == pytest.approx(rollback(2 * BASE).concentrations(CUT))


def test_ammonium_keeps_the_neutralisation_that_was_observed():
    observed = BASE.copy()
    observed[SPECIES.index("NH4")] = 0.25 * 10 + 0.29 * 12  # DON 0.25
    found = Attainment.of_year(observed, rollback()).concentrations(CUT)
    so4, no3, nh4 = found[:3]
    assert nh4 == pytest.approx(0.25 * so4 + 0.29 * no3)


def test_draws_and_years_are_axes_in_front():
    rng = np.random.default_rng(3)
    base, asked = rng.uniform(1, 20, (5, 8)), rng.uniform(0.5, 1.2, (5, 3, 7))
    whole = Attainment.of_year(base, rollback(base)).concentrations(asked)
    for n in range(5):
        own = Attainment.of_year(base[n], rollback(base[n])).concentrations(asked[n])
        assert whole[n] == pytest.approx(own, rel=1e-12)


def test_it_says_that_quarters_are_missing():
    assert "no quarters" in Attainment.of_year(BASE, rollback()).remarks(np.ones((3, 7)))[0][0]
    assert Attainment(np.stack([BASE] * 4), rollback()).remarks(np.ones((3, 7))) == ()


@pytest.mark.parametrize(
    ("base", "said"), [(np.ones((3, 8)), "3 quarters"), (np.ones((4, 7)), "species"), (-np.ones((1, 8)), "negative")]
)
def test_what_is_no_observation(base, said):
    with pytest.raises(ValueError, match=said):
        Attainment(base, rollback())


def test_a_model_of_pm25_alone_has_no_factors():
    with pytest.raises(ValueError, match="species"):
        response_factors(Proportional.of_species(BASE, SHARES, 0.5), CUT)


# -- design values ---------------------------------------------------------------------------------------------------


def test_the_daily_test_of_the_guidance():
    # EPA-454/B-07-002, example 5.2, step 6: future 98th percentiles of five years, the highest quarter of each.
    future = np.array([72.6, 60.5, 63.0, 52.5, 67.1])
    quarters = np.stack([future, future - 10, np.full(5, np.nan), future - 20], axis=-1)
    three = [rounded(np.mean(future[n : n + 3]), 1) for n in range(3)]
    assert three == pytest.approx([65.4, 58.7, 60.9])
    assert float(daily_design_value(quarters)) == pytest.approx(np.mean([np.mean(future[n : n + 3]) for n in range(3)]))


def test_the_weights_of_five_years_are_1_2_3_2_1():
    assert [float(weighted_design_value(one)) for one in np.eye(5)] == pytest.approx(
        [1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9]
    )
    with pytest.raises(ValueError, match="five years"):
        weighted_design_value(np.ones(3))


def test_an_annual_design_value_is_rounded_half_up_to_a_tenth():
    assert float(annual_design_value(np.array([15.0, 15.1, 15.05]))) == 15.1  # 15.05
    assert float(annual_design_value(np.array([15.0, 15.1, 15.04]))) == 15.0  # 15.047
    with pytest.raises(ValueError, match="three years"):
        annual_design_value(np.ones(2))


def test_the_98th_percentile_of_a_year_is_the_eighth_highest_day():
    daily = np.arange(1.0, 366.0)
    assert percentile_98(daily) == 358
    assert percentile_98(np.append(np.arange(1.0, 101.0), np.nan)) == 99  # of 100 days the second highest
    with pytest.raises(ValueError, match="no day"):
        percentile_98(np.array([np.nan]))


def test_the_days_that_the_daily_test_projects():
    daily = np.arange(1.0, 366.0)
    quarter = np.repeat([1, 2, 3, 4], [90, 91, 92, 92])
    assert high_quarters(daily, quarter).tolist() == [90, 181, 273, 358]
