"""The source-receptor matrix against hand calculations, TM5-FASST's row of China, and the models it must agree with."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emis.airquality.interface import AREAS, PRECURSORS, SPECIES
from emis.airquality.matrix import Matrix, per_tonne
from emis.airquality.matrix_builders import (
    CHINA_BASE,
    CHINA_RESPONSE,
    elasticities,
    kernel,
    sherpa,
    sherpa_coefficients,
    tm5_fasst,
)
from emis.airquality.rollback import Proportional, Response, Rollback

A = {name: number for number, name in enumerate(AREAS)}
P = {name: number for number, name in enumerate(PRECURSORS)}
K = {name: number for number, name in enumerate(SPECIES)}
SHAPE = (len(AREAS), len(PRECURSORS), len(SPECIES))
BASE = np.array([10.0, 12.0, 8.0, 14.0, 2.0, 6.0, 3.0, 5.0])
#: China on itself: its species of the year 2000, all from one area; dust 8.371 and sea salt 0.419.
CHINA = np.array([CHINA_BASE.get(name, {"crustal": 8.371, "other": 0.419}.get(name, 0.0)) for name in SPECIES])
WHOLE = np.zeros((len(AREAS), len(SPECIES)))
WHOLE[A["region"]] = 1.0


def ratio(**changes):
    """Ratios of 1 but for those named district_NOx=0.7; `all_` is the three areas."""
    found = np.ones(SHAPE[:2])
    for name, value in changes.items():
        area, precursor = name.split("_")
        found[slice(None) if area == "all" else A[area], P[precursor]] = value
    return found


def matrix(base=BASE, perturbation=0.2, **slopes):
    """A matrix of slopes named district_NOx_NO3=3."""
    response = np.zeros(SHAPE)
    for name, value in slopes.items():
        area, precursor, species = name.split("_")
        response[A[area], P[precursor], K[species]] = value
    return Matrix(base, response, perturbation)


def drawn(rng, *leading):
    return Matrix(rng.uniform(20, 40, (*leading, SHAPE[2])), rng.normal(0, 0.5, (*leading, *SHAPE)), 0.2)


# -- the linear model ------------------------------------------------------------------------------------------------


def test_slopes_by_hand():
    model = matrix(district_NOx_NO3=3.0, city_NH3_NO3=2.0, district_SO2_NO3=-0.5, district_SO2_SO4=4.0)
    found = model.concentrations(ratio(district_NOx=0.7, city_NH3=1.1, district_SO2=0.8, region_NOx=0.0))
    # nitrate 12 - 0.3 x 3 + 0.1 x 2 + 0.2 x 0.5; sulfate 10 - 0.2 x 4; a slope that is not there does nothing
    expected = BASE.copy()
    expected[[K["NO3"], K["SO4"]]] = 11.4, 9.2
    assert found == pytest.approx(expected, rel=1e-14)


def test_nothing_changes_nothing():
    model = drawn(np.random.default_rng(1), 5)
    assert np.array_equal(model.concentrations(np.ones((5, *SHAPE[:2]))), model.base)
    assert model.remarks(np.ones((5, *SHAPE[:2]))) == ()


CHANGES = arrays(float, SHAPE[:2], elements=st.floats(-0.5, 0.5))


@given(CHANGES, CHANGES, st.floats(-1, 1))
def test_it_is_linear(one, other, factor):
    model = drawn(np.random.default_rng(2))

    def taken(change):
        return model.concentrations(1 + change) - model.base

    assert taken(one + factor * other) == pytest.approx(taken(one) + factor * taken(other), abs=1e-11)


def test_draws_years_and_vectors_are_axes_in_front():
    rng = np.random.default_rng(3)
    model, asked = drawn(rng, 5, 1), rng.uniform(0.5, 1.2, (5, 4, *SHAPE[:2]))
    whole = model.concentrations(asked)
    assert whole.shape == (5, 4, len(SPECIES))
    for d, y in np.ndindex(5, 4):
        own = Matrix(model.base[d, 0], model.response[d, 0], 0.2).concentrations(asked[d, y])
        assert whole[d, y] == pytest.approx(own, rel=1e-13)
    # slopes alone may be drawn, or ratios alone
    assert replace(model, base=BASE).concentrations(ratio()).shape == (5, 1, len(SPECIES))
    assert matrix().concentrations(asked).shape == (5, 4, len(SPECIES))


def test_species_stop_at_nothing_and_it_is_said():
    model = matrix(perturbation=1.0, city_NOx_NO3=30.0)
    asked = ratio(city_NOx=0.5)
    found = model.concentrations(asked)
    assert found[K["NO3"]] == 0.0
    assert np.delete(found, K["NO3"]) == pytest.approx(np.delete(BASE, K["NO3"]))
    ((english, chinese),) = model.remarks(asked)
    assert english == "on the straight line NO3 would fall to −3 µg/m³, and is set to 0"
    assert "NO3 将降至 −3 µg/m³" in chinese
    # exactly nothing is no extrapolation
    assert matrix(perturbation=1.0, city_NOx_NO3=12.0).remarks(ratio(city_NOx=0.0)) == ()


def test_changes_beyond_the_perturbation_are_remarked_the_farthest_first():
    model = matrix(district_NOx_NO3=1.0, city_NH3_NO3=1.0)
    assert model.remarks(ratio(district_NOx=0.8, city_NH3=1.2)) == ()
    ((english, chinese),) = model.remarks(ratio(district_NOx=0.79, city_NH3=1.5))
    assert english.endswith("slopes were made from: NH3 of the city by +50 % (from 20 %), "
                            "NOx of the district by −21 % (from 20 %)")  # fmt: skip
    assert "市内其他区 NH3 +50 %（扰动 20 %）、本区 NOx −21 %（扰动 20 %）" in chinese
    # the largest change of all draws and years counts, and a precursor that does nothing does not
    many = np.stack([ratio(district_NOx=0.9), ratio(district_NOx=0.4), ratio(district_VOC=0.0)])
    assert [text for text, _ in model.remarks(many)] == [
        "emissions change further than what the slopes were made from: NOx of the district by −60 % (from 20 %)"
    ]


def test_perturbations_by_precursor_and_unknown_ones():
    made = np.full(SHAPE[:2], 0.5)
    made[A["city"], P["NH3"]] = np.nan
    model = matrix(perturbation=made, district_NOx_NO3=1.0, city_NH3_NO3=1.0)
    assert model.remarks(ratio(district_NOx=0.5)) == ()
    (found,) = model.remarks(ratio(district_NOx=0.5, city_NH3=0.99))
    assert found[0] == "the matrix does not say which changes its slopes were made from: NH3 of the city"


def test_a_ratio_that_is_missing_leaves_unknown_what_answers_to_it():
    model = matrix(district_NOx_NO3=3.0, city_SO2_SO4=4.0)
    found = model.concentrations(np.stack([ratio(district_NOx=np.nan, city_SO2=0.5), ratio(city_VOC=np.nan)]))
    assert np.argwhere(np.isnan(found)).tolist() == [[0, K["NO3"]]]
    assert found[0, K["SO4"]] == 8.0
    assert model.remarks(ratio(district_NOx=np.nan, region_dust=np.nan)) == ()


def test_a_matrix_without_concentrations_waits_for_them():
    model = matrix(base=None, district_NOx_NO3=3.0)
    with pytest.raises(ValueError, match="no concentrations of the base year"):
        model.concentrations(ratio())
    assert len(model.remarks(ratio(district_NOx=0.0))) == 1
    assert np.array_equal(replace(model, base=BASE).concentrations(ratio()), BASE)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"response": np.zeros((3, 7))}, "the response ends in"),
        ({"response": np.full(SHAPE, np.nan)}, "a response is no finite number"),
        ({"perturbation": np.zeros(7)}, "perturbations are"),
        ({"perturbation": -0.2}, "a perturbation is negative"),
        ({"base": BASE[:-1]}, "concentrations end in"),
        ({"base": -BASE}, "is negative or no finite number"),
        ({"base": np.full(8, np.nan)}, "is negative or no finite number"),
        ({"base": np.full(8, np.inf)}, "is negative or no finite number"),
    ],
)
def test_what_is_no_matrix_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        replace(matrix(), **given)


def test_coefficients_per_tonne_are_those_of_the_whole():
    rng = np.random.default_rng(4)
    whole, emissions = drawn(rng), rng.uniform(10, 1e4, SHAPE[:2])
    found = per_tonne(whole.response / emissions[..., None], emissions, whole.base, 0.2, "a paper")
    assert found.response == pytest.approx(whole.response, rel=1e-14)
    assert (found.perturbation, found.source) == (0.2, "a paper")
    # 60 t less of 200 t at 0.01 ug/m3 per t
    emissions[A["city"], P["BC"]] = 200.0
    slopes = np.zeros(SHAPE)
    slopes[A["city"], P["BC"], K["EC"]] = 0.01
    asked = per_tonne(slopes, emissions, BASE).concentrations(ratio(city_BC=140 / 200))
    assert asked[K["EC"]] == pytest.approx(2.0 - 0.6)
    for wrong in (-1.0, np.nan):
        with pytest.raises(ValueError, match="negative or missing"):
            per_tonne(slopes, np.full(SHAPE[:2], wrong))


# -- TM5-FASST -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("precursor", "urban", "published"),
    [("SO2", 1.0, 0.160), ("NOx", 1.0, 0.093), ("NH3", 1.0, 0.096), ("BC", 0.953, 0.072), ("OC", 1.143, 0.291)],
)
def test_china_answers_as_published(precursor, urban, published):
    # elasticities of China's mean PM2.5, 28.03 ug/m3; those of BC and POM are published with an urban increment
    assert CHINA.sum() == pytest.approx(28.03, abs=0.005)
    model = tm5_fasst(CHINA, WHOLE)
    cut = CHINA.sum() - model.concentrations(ratio(**{f"region_{precursor}": 0.9})).sum()
    assert urban * cut / CHINA.sum() / 0.1 == pytest.approx(published, abs=0.0005)


def test_a_cut_by_20_percent_takes_off_what_was_run_and_others_5_a20_de():
    model = tm5_fasst(CHINA, WHOLE)
    for (precursor, species), taken in CHINA_RESPONSE.items():
        for cut in (0.2, 0.1, -0.1):
            found = model.concentrations(ratio(**{f"region_{precursor}": 1 - cut}))
            assert CHINA[K[species]] - found[K[species]] == pytest.approx(5 * taken * cut, rel=1e-9)
    assert model.remarks(ratio(region_NOx=0.8, region_SO2=0.8)) == ()
    assert "NOx of the region by −30 % (from 20 %)" in model.remarks(ratio(region_NOx=0.7))[0][0]


def test_joint_cuts_of_nox_and_nh3_use_nitrate_up():
    found = elasticities()[:, K["NO3"]]
    assert found[[P["NOx"], P["NH3"]]] == pytest.approx([1.23, 0.98], abs=0.005)
    model, asked = tm5_fasst(CHINA, WHOLE), ratio(region_NOx=0.54, region_NH3=0.54)
    assert model.concentrations(asked)[K["NO3"]] == 0.0
    assert model.concentrations(ratio(region_NOx=0.55, region_NH3=0.55))[K["NO3"]] > 0.0
    assert any("NO3 would fall to" in text for text, _ in model.remarks(asked))


def test_on_a_receptors_own_composition():
    origins = np.array([0.2, 0.4, 0.3])[:, None] * np.ones(len(SPECIES))
    model, asked = tm5_fasst(BASE, origins), ratio(city_SO2=0.9)
    found = model.concentrations(asked)
    # sulfate 10, 40 % of it from the city: 10 (1 - 0.4 x 0.7512 x 0.1); nitrate gains, water goes with the ions
    assert found[K["SO4"]] == pytest.approx(10 - 4 * 5 * 0.755369 / 5.028 * 0.1)
    assert found[K["NO3"]] == pytest.approx(12 + 4.8 * 5 * 0.067910 / 1.621 * 0.1)
    ions = [K["SO4"], K["NO3"], K["NH4"]]
    assert found[K["water"]] / 3.0 == pytest.approx(found[ions].sum() / 30.0)
    assert tm5_fasst(BASE, origins, water=False).concentrations(asked)[K["water"]] == 3.0
    assert found[[K["OM"], K["other"]]].tolist() == [14.0, 5.0]
    # minerals follow dust, or are fixed as in TM5-FASST
    assert model.concentrations(ratio(all_dust=0.0))[K["crustal"]] == pytest.approx(0.1 * 6.0)
    assert tm5_fasst(BASE, origins, dust=False).concentrations(ratio(all_dust=0.0))[K["crustal"]] == 6.0
    # nothing to hold water is no division by nothing
    assert tm5_fasst(np.where(np.arange(8) < 3, 0.0, BASE), origins).concentrations(asked)[K["water"]] == 3.0


def test_draws_of_a_composition_are_axes_in_front():
    rng = np.random.default_rng(5)
    base, origins = rng.uniform(1, 20, (4, 1, 8)), rng.uniform(0, 0.3, (4, 1, 3, 8))
    whole = tm5_fasst(base, origins).response
    for d in range(4):
        assert whole[d, 0] == pytest.approx(tm5_fasst(base[d, 0], origins[d, 0]).response, rel=1e-14)


@pytest.mark.parametrize("species", ["crustal", "EC"])
def test_one_inert_species_of_one_area_is_the_same_in_every_model(species):
    base, origins = np.zeros(8), np.zeros((3, 8))
    base[K[species]], origins[A["district"], K[species]] = 5.0, 0.6
    asked = ratio(district_dust=0.5, district_BC=0.5)
    slope = {f"district_{'dust' if species == 'crustal' else 'BC'}_{species}": 5 * 0.6}
    found = matrix(base, **slope).concentrations(asked)
    assert found == pytest.approx(Rollback(base, origins, Response(1, 1, 0, 0, 1, 0.5)).concentrations(asked))
    assert found.sum() == pytest.approx(Proportional.of_species(base, origins, 0.5).concentrations(asked)[0])
    if species == "crustal":  # which TM5-FASST's response of China is told to follow
        assert found == pytest.approx(tm5_fasst(base, origins).concentrations(asked))


# -- SHERPA ----------------------------------------------------------------------------------------------------------

ALPHA = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) * 1e-3
OMEGA = np.array([1.0, 2.0, 1.5, 0.0, 1.0, 1.0, 2.0])
DISTANCES = np.array([0.0, 3.0, 8.0])


def test_the_kernel_falls_with_distance():
    # (1 + 3)^-2 is 1/16, (1 + 8)^-1.5 is 1/27; at the receptor itself, and where omega is 0, all counts
    found = kernel(DISTANCES, OMEGA)
    assert found[1, P["NOx"]] == pytest.approx(1 / 16)
    assert found[2, P["NH3"]] == pytest.approx(1 / 27)
    assert (found[0] == 1).all()
    assert (found[:, P["VOC"]] == 1).all()
    with pytest.raises(ValueError, match="distance is negative"):
        kernel(-DISTANCES, OMEGA)


def test_sherpa_by_hand():
    emissions = np.full(SHAPE[:2], 800.0)
    model = sherpa(ALPHA, OMEGA, DISTANCES, emissions, base=BASE)
    # NOx of the city 400 t less at 0.002 ug/m3 per t, over 16; SO2 of the region 80 t more at 0.001, over 9
    found = model.concentrations(ratio(city_NOx=0.5, region_SO2=1.1))
    assert BASE.sum() - found.sum() == pytest.approx(400 * 0.002 / 16 - 80 * 0.001 / 9)
    assert model.response == pytest.approx(
        per_tonne(sherpa_coefficients(ALPHA, OMEGA, DISTANCES), emissions).response, rel=1e-14
    )
    # each precursor's effect is booked under the species it becomes
    booked = [SPECIES[k] for k in model.response[0].argmax(axis=-1)]
    assert booked == ["SO4", "NO3", "NH4", "OM", "EC", "OM", "crustal"]
    assert np.count_nonzero(model.response) == 3 * 7


def test_cells_of_a_grid_are_gathered_by_area_and_alpha_may_name_species():
    rng = np.random.default_rng(6)
    areas = ("city", "district", "city", "region", "district", "region", "city")
    alpha, omega = rng.normal(0, 1e-3, (4, *SHAPE[1:])), rng.uniform(1, 3, (4, SHAPE[1]))
    distances, emissions = rng.uniform(0, 20, len(areas)), rng.uniform(0, 500, (len(areas), SHAPE[1]))
    whole = sherpa(alpha, omega, distances, emissions, areas, BASE).response
    for d, (a, area), p in ((d, one, p) for d in range(4) for one in enumerate(AREAS) for p in range(SHAPE[1])):
        cells = [s for s, place in enumerate(areas) if place == area]
        weighed = sum((1 + distances[s]) ** -omega[d, p] * emissions[s, p] for s in cells)
        assert whole[d, a, p] == pytest.approx(alpha[d, p] * weighed, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"alpha": ALPHA[:3]}, "alpha is"),
        ({"distances": DISTANCES[:2]}, "not of 3 sources"),
        ({"emissions": np.ones((2, 7))}, "not of 3 sources"),
        ({"emissions": -np.ones(SHAPE[:2])}, "negative or missing"),
        ({"areas": ("district", "city", "town")}, "sources lie in city, district, town"),
    ],
)
def test_what_does_not_go_together_is_refused(given, said):
    right = {"alpha": ALPHA, "omega": OMEGA, "distances": DISTANCES, "emissions": np.ones(SHAPE[:2])}
    with pytest.raises(ValueError, match=said):
        sherpa(**(right | given))
