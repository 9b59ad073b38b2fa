"""Rollback against hand calculations, and against the other models where they have to agree."""

import numpy as np
import pytest

from emis.airquality.interface import AREAS, PRECURSORS, SPECIES, ratios
from emis.airquality.rollback import Proportional, Response, Rollback

K = {name: number for number, name in enumerate(SPECIES)}
P = {name: number for number, name in enumerate(PRECURSORS)}
LIKELY = Response(0.75, 0.6, 0.3, 0.1, 0.5, 0.45, 0.375)
BASE = np.array([10.0, 12.0, 8.0, 14.0, 2.0, 6.0, 3.0, 5.0])


def shares(district=0.2, city=0.4, region=0.3):
    return np.repeat(np.array([[district], [city], [region]]), len(SPECIES), axis=1)


def ratio(**changes):
    """Ratios of 1 but for those named district_NOx=0.7; `all_` is the three areas."""
    found = np.ones((len(AREAS), len(PRECURSORS)))
    for name, value in changes.items():
        area, precursor = name.split("_")
        found[slice(None) if area == "all" else AREAS.index(area), P[precursor]] = value
    return found


def test_nothing_changes_nothing():
    assert Rollback(BASE, shares(), LIKELY).concentrations(ratio()) == pytest.approx(BASE, rel=1e-15)


@pytest.mark.parametrize(
    ("change", "species", "expected"),
    [
        # sulfate 10: a third of SO2 less everywhere takes 0.75/3 of the 90 % that areas bring: 10 (1 - 0.9 x 0.25)
        ({"all_SO2": 2 / 3}, "SO4", 7.75),
        # nitrate 12: 30 % less NOx in the city alone, 12 (1 - 0.4 x 0.6 x 0.3)
        ({"city_NOx": 0.7}, "NO3", 11.136),
        # 50 % less NH3 in the region, 12 (1 - 0.3 x 0.3 x 0.5)
        ({"region_NH3": 0.5}, "NO3", 11.46),
        # the ammonia that half the SO2 of the district frees, 12 (1 + 0.2 x 0.1 x 0.5)
        ({"district_SO2": 0.5}, "NO3", 12.12),
        # organic matter 14: primary 0.45 with OC, 14 (1 - 0.2 x 0.45 x 0.4)
        ({"district_OC": 0.6}, "OM", 13.496),
        # secondary 0.55 with half of what VOC does, 14 (1 - 0.9 x 0.55 x 0.5 x 0.2)
        ({"all_VOC": 0.8}, "OM", 13.307),
        # inert species follow their precursor: 2 (1 - 0.2 x 0.5) and 6 (1 - 0.4 x 0.25)
        ({"district_BC": 0.5}, "EC", 1.8),
        ({"city_dust": 0.75}, "crustal", 5.4),
        ({"all_SO2": 0.0, "all_NOx": 0.0, "all_NH3": 0.0, "all_VOC": 0.0, "all_OC": 0.0}, "other", 5.0),
    ],
)
def test_each_species_by_hand(change, species, expected):
    found = Rollback(BASE, shares(), LIKELY).concentrations(ratio(**change))
    assert found[K[species]] == pytest.approx(expected, rel=1e-12)


def test_ammonium_is_what_binds_the_ions_that_are_there():
    found = Rollback(BASE, shares(), LIKELY).concentrations(ratio(all_SO2=2 / 3))
    so4 = 7.75
    no3 = 12 * (1 + 0.9 * 0.1 / 3)
    nh4 = 8 * (0.375 * so4 + 0.29 * no3) / (0.375 * 10 + 0.29 * 12)
    assert found[K["NH4"]] == pytest.approx(nh4, rel=1e-12)
    assert found[K["water"]] == pytest.approx(3 * (so4 + no3 + nh4) / 30, rel=1e-12)


def test_nitrate_does_not_fall_below_nothing():
    strong = Response(1.0, 1.2, 0.6, 0.0, 0.5, 0.45)
    nothing = np.zeros((3, len(PRECURSORS)))
    found = Rollback(BASE, shares(0.3, 0.4, 0.3), strong).concentrations(nothing)
    assert found[K["NO3"]] == pytest.approx(0.0, abs=1e-12)
    assert (found >= -1e-12).all()


def test_the_background_stays_whatever_is_cut():
    inert = Response(1, 1, 0, 0, 1, 0.5)
    found = Rollback(BASE, shares(0.1, 0.2, 0.3), inert).concentrations(np.zeros((3, len(PRECURSORS))))
    assert found[[K["SO4"], K["NO3"], K["OM"], K["EC"], K["crustal"]]] == pytest.approx(
        0.4 * BASE[[K["SO4"], K["NO3"], K["OM"], K["EC"], K["crustal"]]]
    )


def test_draws_years_and_vectors_are_axes_in_front():
    rng = np.random.default_rng(1)
    drawn = Response(*(rng.uniform(0.2, 0.8, (5, 1)) for _ in range(6)), 0.375)
    base, origins = rng.uniform(1, 20, (5, 1, 8)), rng.uniform(0, 0.3, (5, 1, 3, 8))
    asked = rng.uniform(0.5, 1.2, (5, 4, 3, 7))
    whole = Rollback(base, origins, drawn).concentrations(asked)
    assert whole.shape == (5, 4, 8)
    naive = Proportional.of_species(base, origins, drawn.primary_organic).concentrations(asked)
    assert naive.shape == (5, 4, 1)
    for d in range(5):
        one = Response(*(float(np.asarray(getattr(drawn, name))[d, 0]) for name in list(vars(LIKELY))[:6]), 0.375)
        for y in range(4):
            own = Rollback(base[d, 0], origins[d, 0], one).concentrations(asked[d, y])
            assert whole[d, y] == pytest.approx(own, rel=1e-13)
            same = Proportional.of_species(base[d, 0], origins[d, 0], one.primary_organic).concentrations(asked[d, y])
            assert naive[d, y] == pytest.approx(same, rel=1e-13)


def test_proportional_is_the_one_line_form():
    # 58 ug/m3, 66 % local, 30 % cut of all that is local: 58 (1 - 0.66 x 0.3) = 46.516
    model = Proportional.of_species(58 * BASE / BASE.sum(), shares(0.0, 0.66, 0.34), 0.45)
    cut = np.ones((3, 7))
    cut[1] = 0.7
    assert model.concentrations(cut)[..., 0] == pytest.approx(46.516, rel=1e-12)


def test_one_inert_species_of_one_area_is_the_same_in_both():
    base = np.zeros(8)
    base[K["EC"]] = 5.0
    origins = np.zeros((3, 8))
    origins[0, K["EC"]] = 0.6
    asked = ratio(district_BC=0.5)
    speciated = Rollback(base, origins, LIKELY).concentrations(asked).sum()
    proportional = Proportional.of_species(base, origins, 0.45).concentrations(asked).sum()
    assert speciated == pytest.approx(5 * (1 - 0.6 * 0.5))
    assert proportional == pytest.approx(speciated)


def test_the_published_example_of_a_district():
    # A district that brings 15 % of its PM2.5 and cuts everything by 30 % at an elasticity of 0.8 lowers it by 3.6 %.
    elastic = Response(0.8, 0.8, 0.0, 0.0, 0.8, 0.0, 0.375)
    base = np.array([10.0, 10.0, 6.65, 20.0, 0.0, 0.0, 0.0, 0.0])
    found = Rollback(base, shares(0.15, 0.51, 0.34), elastic).concentrations(
        np.where(np.arange(3)[:, None] == 0, 0.7, 1.0) * np.ones(7)
    )
    assert found.sum() / base.sum() == pytest.approx(1 - 0.036, abs=1e-9)


def test_far_changes_are_remarked():
    model = Rollback(BASE, shares(), LIKELY)
    assert model.remarks(ratio(district_NOx=0.65)) == ()
    assert "60 %" in model.remarks(ratio(city_NOx=0.4))[0][0]


def test_ratios_of_tonnes():
    found = ratios(np.array([30.0, 0.0]), np.array([60.0, 0.0]))
    assert found.tolist() == [0.5, 1.0]
    with pytest.raises(ValueError, match="no ratio"):
        ratios(np.array([1.0]), np.array([0.0]))
