"""Response surfaces against truths that are known, brute-force refits, and rollback where the two have to agree."""

import numpy as np
import pytest

from emis.airquality.interface import AREAS, PRECURSORS, SPECIES
from emis.airquality.rollback import Response, Rollback
from emis.airquality.surface import Runs, Surface, Term, fit
from emis.airquality.surface_design import design, full_basis, variable

BASE = np.array([10.0, 12.0, 8.0, 14.0, 2.0, 6.0, 3.0, 5.0])
GASES = ("all.NOx", "all.VOC", "all.NH3")
WIDE = dict.fromkeys(GASES, (0.2, 1.4))


def terms(*texts):
    return tuple(Term.parse(text) for text in texts)


def ratio(**changes):
    """Ratios of 1 but for those named district_NOx=0.7; `all_` is the three areas."""
    return asked({name.replace("_", "."): value for name, value in changes.items()})


def asked(values):
    found = np.ones((len(AREAS), len(PRECURSORS)))
    for name, value in values.items():
        area, precursor = name.split(".")
        found[slice(None) if area == "all" else AREAS.index(area), PRECURSORS.index(precursor)] = value
    return found


def runs(truth, variables=GASES, count=40, species=("PM2.5",), seed=1):
    """Runs of a truth, which takes ratios by variable and returns concentrations by species."""
    levels = design(variables, dict.fromkeys(variables, (0.2, 1.4)), count, seed, margins=True)
    return Runs(tuple(variables), levels, species, np.stack([truth(*level) for level in levels]))


def nitrate(nox, voc, nh3):
    """NOx beyond what VOC can oxidise does harm to itself, and ammonia limits: no polynomial."""
    acid = nox * voc / (0.3 * voc + 0.7 * nox**2)
    return np.array([30 + 25 * acid * nh3 / (0.5 * acid + 0.5 * nh3)])


# -- fitting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("species", [("PM2.5",), SPECIES, SPECIES[::-1]])
def test_a_truth_that_lies_in_the_basis_is_returned(species):
    basis = terms("NOx", "NOx^2", "NOx^4", "NH3", "NOx*NH3", "NOx*VOC^2")
    X, base = np.random.default_rng(2).normal(size=(len(basis), len(species))), 1 + np.arange(len(species)) * 3.0

    def truth(nox, voc, nh3):
        n, v, a = nox - 1, voc - 1, nh3 - 1
        return base + np.array([n, n**2, n**4, a, n * a, n * v**2]) @ X

    found = fit(runs(truth, species=species), basis)
    order = [species.index(name) for name in found.surface.species]
    assert found.surface.coefficients == pytest.approx(X[:, order], abs=1e-11)
    assert np.abs(found.left_out).max() < 1e-11
    assert found.surface.concentrations(ratio(all_NOx=0.5, all_VOC=1.2)) == pytest.approx(truth(0.5, 1.2, 1)[order])
    assert found.surface.box == dict.fromkeys(GASES, (0.2, 1.4))


@pytest.mark.parametrize("ridge", [0.0, 0.05])
def test_leave_one_out_is_refitting_without_each_run(ridge):
    whole, basis = runs(nitrate), full_basis(GASES, 2)
    found = fit(whole, basis, ridge)
    refitted = []
    for n in range(1, len(whole.ratio)):
        kept = np.arange(len(whole.ratio)) != n
        one = fit(Runs(GASES, whole.ratio[kept], ("PM2.5",), whole.concentrations[kept]), basis, ridge).surface
        there = asked(dict(zip(GASES, whole.ratio[n], strict=True)))
        refitted.append(one.concentrations(there) - whole.concentrations[n])
    assert np.abs(refitted).max() > 0.5  # the truth is not in the basis
    assert found.left_out == pytest.approx(np.array(refitted), rel=1e-9, abs=1e-10)
    error = np.abs(np.array(refitted))
    errors = found.errors()
    assert errors.mean_normalised == pytest.approx((error / whole.concentrations[1:]).mean())
    assert errors.largest_normalised == pytest.approx((error / whole.concentrations[1:]).max())
    assert errors.rmse == pytest.approx(np.sqrt((error**2).mean()))


def test_a_richer_basis_comes_nearer_to_the_truth():
    errors = [fit(runs(nitrate, count=60), full_basis(GASES, degree)).errors().rmse for degree in (1, 2, 3)]
    assert errors[0] > errors[1] > errors[2]


def test_a_ridge_is_the_least_of_its_own_sum():
    whole, basis, ridge = runs(nitrate), full_basis(GASES, 2), 0.3

    def loss(X):
        surface = Surface(whole.concentrations[0], basis, X, WIDE)
        off = [surface.concentrations(asked(dict(zip(GASES, one, strict=True)))) for one in whole.ratio]
        return ((np.array(off) - whole.concentrations) ** 2).sum() + ridge * (X**2).sum()

    X = fit(whole, basis, ridge).surface.coefficients
    for step in 1e-3 * np.random.default_rng(3).normal(size=(20, *X.shape)):
        assert loss(X) < loss(X + step)
    assert (X**2).sum() < (fit(whole, basis).surface.coefficients ** 2).sum()


def test_errors_of_pm25_are_those_of_the_sum_of_its_species():
    def parts(nox, voc, nh3):
        return np.concatenate([BASE[:1], nitrate(nox, voc, nh3), BASE[2:]])

    whole, basis = runs(parts, species=SPECIES), full_basis(GASES, 2)
    found = fit(whole, basis)
    alone = fit(Runs(GASES, whole.ratio, ("PM2.5",), whole.concentrations.sum(axis=1, keepdims=True)), basis)
    assert found.errors().rmse == pytest.approx(alone.errors().rmse, rel=1e-9)
    assert found.errors("NO3").rmse == pytest.approx(found.errors().rmse, rel=1e-9)
    assert found.errors("NO3").mean_normalised > found.errors().mean_normalised
    assert found.errors("EC").largest_normalised == 0
    with pytest.raises(ValueError, match=r"no NO3, only PM2\.5"):
        alone.errors("NO3")


def test_species_that_were_not_run_stay_as_they_are():
    whole = runs(lambda *levels: np.append(nitrate(*levels), 4.0), species=("NO3", "NH4"))
    rest = {name: 2.0 for name in SPECIES if name not in whole.species}
    found = fit(whole, full_basis(GASES, 2), rest=rest).surface.concentrations(ratio(all_NOx=0.5))
    assert found[[0, 3]].tolist() == [2.0, 2.0]
    assert found[1] < whole.concentrations[0, 0]
    with pytest.raises(ValueError, match=r"missing: SO4 .*give PM2.5 alone, or each species once"):
        fit(whole, full_basis(GASES, 2))


def test_a_run_that_alone_tells_of_a_term_cannot_be_left_out():
    levels = np.array([[1, 1], [0.8, 1], [0.5, 1], [1, 0.5]])
    found = fit(
        Runs(("all.NOx", "all.NH3"), levels, ("PM2.5",), np.array([[50.0], [47], [44], [45]])), terms("NOx", "NH3")
    )
    assert np.isnan(found.left_out[:, 0]).tolist() == [False, False, True]
    assert np.isnan(found.errors().rmse)


@pytest.mark.parametrize(
    ("levels", "basis", "said"),
    [
        ([(1, 1), (0.5, 0.5), (0.7, 0.7)], ["NOx", "NH3"], "cannot tell all.NOx, all.NH3 apart"),
        ([(1, 1), (0.5, 1), (0.7, 1)], ["NOx", "NH3"], "no run changes all.NH3;"),
        ([(1, 1), (0.5, 1), (1, 0.7), (1, 0.5)], ["NOx", "NOx*NH3"], r"no run changes all.NOx\*all.NH3;"),
        # one level of NOx does not tell its square from itself; NH3 is not to blame
        ([(1, 1), (0.5, 0.6), (0.5, 1), (1, 0.7)], ["NOx", "NOx^2", "NH3"], r"cannot tell all.NOx, all.NOx\^2 apart"),
        ([(1, 1), (0.5, 1)], ["NOx", "NH3"], "1 runs beside the base do not tell 2 terms apart: all.NOx, all.NH3;"),
        ([(0.9, 1), (0.5, 1)], ["NOx"], "no run has all ratios at 1"),
        ([(1, 1), (1, 1), (0.5, 1)], ["NOx"], "2 runs have all ratios at 1"),
        ([(1, 1), (0.5, 1)], ["VOC"], "the runs have no all.VOC; they have all.NOx, all.NH3"),
        ([(1, 1), (0.5, 1)], ["NOx", "all.NOx"], "all.NOx stands twice among the terms"),
        ([(1, 1), (0.5, 1)], [], "there are no terms"),
    ],
)
@pytest.mark.parametrize("ridge", [0.0, 1.0])
def test_runs_that_do_not_tell_the_terms_are_refused(levels, basis, said, ridge):
    answers = np.linspace(50, 40, len(levels))[:, None]
    with pytest.raises(ValueError, match=said):
        fit(Runs(("all.NOx", "all.NH3"), np.array(levels), ("PM2.5",), answers), terms(*basis), ridge)


@pytest.mark.parametrize("ridge", [-1.0, np.inf, np.nan])
def test_a_ridge_that_is_none_is_refused(ridge):
    with pytest.raises(ValueError, match="write 0 or more"):
        fit(runs(nitrate), terms("NOx"), ridge)


def test_runs_without_a_number_are_refused():
    with pytest.raises(ValueError, match="concentrations of the runs are not all finite"):
        Runs(("all.NOx",), np.ones((1, 1)), ("PM2.5",), np.array([[np.nan]]))
    with pytest.raises(ValueError, match=r"not of 2 runs by all\.NOx, all\.NH3"):
        Runs(("all.NOx", "all.NH3"), np.ones((2, 1)), ("PM2.5",), np.ones((2, 1)))


def test_one_inert_species_of_one_area_is_the_same_as_in_rollback():
    base, shares = np.zeros(8), np.zeros((3, 8))
    base[SPECIES.index("EC")], shares[0, SPECIES.index("EC")] = 5.0, 0.6
    rollback = Rollback(base, shares, Response(0.75, 0.6, 0.3, 0.1, 0.5, 0.45))
    levels = np.array([[1.0], [0.4], [1.2]])
    answers = np.stack([rollback.concentrations(ratio(district_BC=one)) for (one,) in levels])
    surface = fit(Runs(("district.BC",), levels, SPECIES, answers), terms("district.BC")).surface
    for one in (0.0, 0.7, 1.5):
        change = ratio(district_BC=one)
        assert surface.concentrations(change) == pytest.approx(rollback.concentrations(change), abs=1e-14)


# -- answers ---------------------------------------------------------------------------------------------------------


def surface(*texts, base=(58.0,), X=None, box=(0.3, 1.2), **more):
    basis = terms(*texts)
    X = np.ones((len(basis), len(base))) if X is None else np.array(X, dtype=float)
    return Surface(np.array(base), basis, X, {name: box for term in basis for name in term.variables}, **more)


def test_concentrations_by_hand():
    model = surface("district.NOx", "district.NOx^2*NH3", X=[[10.0], [40.0]])
    # 58 + 10 (-0.5) + 40 (0.25) (-0.2)
    assert model.concentrations(ratio(district_NOx=0.5, all_NH3=0.8)) == pytest.approx([51.0])
    assert model.concentrations(ratio()).tolist() == [58.0]
    assert (model.name, model.species, model.variables) == ("response_surface", ("PM2.5",), ("all.NH3", "district.NOx"))


@pytest.mark.parametrize("width", [1, 8])
def test_draws_and_years_are_axes_in_front(width):
    rng = np.random.default_rng(4)
    basis = terms("NOx^2*NH3", "district.SO2", "city.SO2")
    base, X = rng.uniform(1, 20, (5, 1, width)), rng.normal(size=(5, 1, 3, width))
    model = Surface(base, basis, X, {name: (0.5, 1.2) for term in basis for name in term.variables}, clamped=True)
    years, observed = rng.uniform(0.4, 1.3, (5, 4, 3, 7)), rng.uniform(1, 20, (5, 1, 8))
    whole, moved = model.concentrations(years), model.from_base(observed).concentrations(years)
    assert whole.shape == moved.shape == (5, 4, width)
    for d in range(5):
        one = Surface(base[d, 0], basis, X[d, 0], model.box, clamped=True)
        for y in range(4):
            assert whole[d, y] == pytest.approx(one.concentrations(years[d, y]), rel=1e-13)
            own = one.from_base(observed[d, 0]).concentrations(years[d, y])
            assert moved[d, y] == pytest.approx(own, rel=1e-12)


def test_observations_keep_the_relative_response():
    model, change = surface("NOx", base=BASE, X=[BASE / 4], clamped=True), ratio(all_NOx=0.6)
    observed = np.array([5.0, 0.0, 4.0, 20.0, 1.0, 9.0, 3.0, 5.0])
    moved = model.from_base(observed)
    assert moved.concentrations(change) == pytest.approx(observed * (1 - 0.4 / 4))
    assert moved.clamped
    again = moved.from_base(BASE).concentrations(change)  # nitrate is lost, as nothing of it was observed
    assert again == pytest.approx(np.where(observed > 0, 0.9, 1.0) * BASE)
    whole = surface("NOx", X=[[14.5]]).from_base(observed)
    assert whole.concentrations(change) == pytest.approx([observed.sum() * 0.9])
    for wrong in (np.ones(3), np.ones(1), np.array(1.0)):
        with pytest.raises(ValueError, match="do not end in SO4"):
            model.from_base(wrong)


def test_what_lies_inside_the_box_is_not_remarked():
    model = surface("NOx", "district.SO2", X=[[10.0], [5.0]])
    assert model.remarks(ratio()) == model.remarks(ratio(all_NOx=0.3, district_SO2=1.2)) == ()


def test_ratios_outside_the_box_are_flagged_and_clamped_where_asked():
    years = np.stack([ratio(all_NOx=value) for value in (0.1, 0.2, 0.5, 1.0)])
    free, clamped = surface("NOx", X=[[10.0]]), surface("NOx", X=[[10.0]], clamped=True)
    assert free.concentrations(years)[:, 0] == pytest.approx([49, 50, 53, 58])
    assert clamped.concentrations(years)[:, 0] == pytest.approx([51, 51, 53, 58])
    ((english, chinese),) = free.remarks(years)
    assert "all.NOx: 2 of 4 ratios asked (0.1 to 0.2) lie outside the box" in english
    assert "0.3 to 1.2, and are extrapolated" in english
    assert "0.3 至 1.2，结果为外推" in chinese
    assert "answered at its edge" in clamped.remarks(years)[0][0]


def test_one_ratio_for_all_areas_is_the_largest_and_says_so():
    model = surface("NOx", X=[[10.0]])
    uneven = ratio(all_NOx=0.8, district_NOx=0.5)
    assert model.concentrations(uneven) == pytest.approx([56.0])
    ((english, chinese),) = model.remarks(np.stack([uneven, ratio(all_NOx=0.8)]))
    assert "all.NOx: the areas change unlike in 1 of 2 ratios" in english
    assert "2 个排放比中有 1 个各区域变化不一致" in chinese


def test_changes_that_no_term_holds_are_named():
    ((english, chinese),) = surface("NOx", "city.SO2").remarks(ratio(all_NOx=0.9, all_SO2=0.9, district_VOC=0.5))
    assert "no terms of district.SO2, district.VOC, region.SO2:" in english
    assert "不含 district.SO2, district.VOC, region.SO2：" in chinese


def test_concentrations_below_zero_are_told_and_not_hidden():
    X = np.zeros((1, 8))
    X[0, 1] = 20.0
    model, years = surface("NOx", base=BASE, X=X), np.stack([ratio(all_NOx=0.35), ratio(all_NOx=0.5)])
    assert model.concentrations(years)[:, 1] == pytest.approx([-1.0, 2.0])
    ((english, chinese),) = model.remarks(years)
    assert "gives NO3 below 0 in 1 of 2 answers" in english
    assert "2 个结果中有 1 个给出 NO3 负浓度" in chinese


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base": np.ones(3)}, "3 concentrations are neither PM2.5 alone"),
        ({"base": np.array(1.0)}, "0 concentrations are neither"),
        ({"coefficients": np.ones((2, 1))}, "are not by 1 terms and 1 species"),
        ({"terms": ()}, "there are no terms"),
        ({"terms": terms("NOx", "NOx")}, "all.NOx stands twice"),
        ({"terms": terms("NOx", "city.NOx"), "coefficients": np.ones((2, 1))}, "all.NOx stands beside city.NOx"),
        ({"box": {}}, "no range of all.NOx"),
        ({"box": {"all.NOx": (0.2, 0.9)}}, "no range of all.NOx that holds the base"),
        ({"base": np.array([-1.0])}, "negative"),
        ({"coefficients": np.array([[np.nan]])}, "not finite"),
        ({"base": np.zeros(1)}, "PM2.5 responds, and the base has none"),
    ],
)
def test_surfaces_that_do_not_hold_together_are_refused(change, said):
    right = {"base": np.ones(1), "terms": terms("NOx"), "coefficients": np.ones((1, 1)), "box": {"all.NOx": (0.5, 1)}}
    assert Surface(**right).concentrations(ratio()) == 1
    with pytest.raises(ValueError, match=said):
        Surface(**right | change)


# -- terms and designs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("NOx", "all.NOx"),
        (" city.NH3 ^ 2 * NOx", "all.NOx*city.NH3^2"),
        ("district.VOC*district.VOC^3*SO2", "all.SO2*district.VOC^4"),
    ],
)
def test_terms_are_read_and_written(text, written):
    assert str(Term.parse(text)) == written
    assert Term.parse(written) == Term.parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is not a term; write e.g. NOx"),
        ("NOx*", "is not a term"),
        ("NOx^0", "is not a term"),
        ("NOx^12", "is not a term"),
        ("NOx^5*NOx^5", "all.NOx has the exponent 10; write a whole number from 1 to 9"),
        ("NOX^2", "unknown precursor 'NOX'; write NOx"),
        ("PM2.5", "unknown precursor 'PM2.5'"),
        ("town.NOx", "unknown area 'town' in 'town.NOx'"),
        ("distrct.NOx", "did you mean 'district'?"),
        ("city.sox", "unknown precursor 'sox'"),
    ],
)
def test_terms_that_are_none_are_refused(text, said):
    with pytest.raises(ValueError) as error:
        Term.parse(text)
    assert said in str(error.value)


def test_terms_made_by_hand():
    assert Term.of({"city.NH3": 1, "NOx": 2}) == Term.parse("NOx^2*city.NH3")
    for exponents in ({"NOx": 1, "all.NOx": 2}, {"NOx": 0}, {"NOx": 1.5}, {}):
        with pytest.raises(ValueError, match=r"twice|exponent|constant"):
            Term.of(exponents)
    with pytest.raises(ValueError, match="no variables in their order"):
        Term((("city.NH3", 1), ("all.NOx", 1)))


def test_a_full_basis_holds_every_product_once():
    assert [str(term) for term in full_basis(("NOx", "city.NH3"), 2)] == [
        "all.NOx", "city.NH3", "all.NOx^2", "all.NOx*city.NH3", "city.NH3^2",
    ]  # fmt: skip
    assert len(set(full_basis(GASES, 4))) == 34  # (3 + 4)! / 3! 4! less the constant
    for wrong in ((GASES, 0), (GASES, 10), ((), 1), (("NOx", "all.NOx"), 1), (("NOx", "city.NOx"), 1)):
        with pytest.raises(ValueError, match=";"):
            full_basis(*wrong)


def test_a_design_has_the_base_and_one_run_in_each_part_of_each_range():
    box = {"NOx": (0.2, 1.4), "all.VOC": (0.5, 1.0), "NH3": (0.0, 2.0), "city.SO2": (0.3, 1.1)}
    found = design(tuple(box), box, 31, seed=7)
    assert found.shape == (31, 4)
    assert (found[0] == 1).all()
    for (low, high), column in zip(box.values(), found[1:].T, strict=True):
        assert sorted(np.floor((column - low) / (high - low) * 30)) == list(range(30))
    assert np.abs(np.corrcoef(found[1:].T) - np.eye(4)).max() < 0.6
    assert (found == design([variable(name) for name in box], box, 31, seed=7)).all()
    assert (found != design(tuple(box), box, 31, seed=8)).any()


def test_margins_are_the_edges_alone_and_together():
    box = {"NOx": (0.2, 1.4), "NH3": (0.5, 1.0)}
    found = design(("NOx", "NH3"), box, 5, seed=7, margins=True)
    assert (found[:5] == design(("NOx", "NH3"), box, 5, seed=7)).all()
    # NH3 does not grow: alone at its highest it is the base, and all at their highest are NOx alone
    assert found[5:].tolist() == [[0.2, 1.0], [1.0, 0.5], [1.4, 1.0], [0.2, 0.5]]
    assert design(("NOx",), box, 2, seed=7, margins=True)[2:].tolist() == [[0.2], [1.4]]


@pytest.mark.parametrize(
    ("variables", "box", "count", "said"),
    [
        (("NOx", "NH3"), {"NOx": (0.2, 1.4)}, 9, "the box lacks all.NH3"),
        (("NOx",), {"NOx": (0.2, 0.9)}, 9, "0.2 to 0.9 of all.NOx is none that holds the base"),
        (("NOx",), {"NOx": (1, 1)}, 9, "1 to 1 of all.NOx is none"),
        (("NOx",), {"NOx": (-0.1, 1)}, 9, "is none that holds the base"),
        (("NOx",), {"NOx": (0.2, np.inf)}, 9, "is none that holds the base"),
        (("NOx",), {"NOx": (0.2, 1.4)}, 1, "ask for 2 or more"),
        (("SOx",), {}, 9, "unknown precursor 'SOx'"),
    ],
)
def test_designs_that_cannot_be_are_refused(variables, box, count, said):
    with pytest.raises(ValueError, match=said):
        design(variables, box, count, seed=1)
