"""Contributions, alone and last in, against projecting each subset of measures."""

import numpy as np
import pytest
from conftest import Project
from test_projection import big

import emis
from emis import kernels
from emis.classes import merge


def brute(projection: emis.Projection, acting: list[str]) -> np.ndarray:  # type: ignore[type-arg]
    """Return emissions by year, sector "coal" and pollutant with only some measures acting."""
    program = projection.program
    levels = program.levels * np.array([[measure.id in acting] for measure in program.measures])
    emissions, _ = kernels.project(program, levels)
    return emissions.reshape(len(program.years), program.months, *emissions.shape[1:]).sum(axis=(1, 2))


@pytest.mark.parametrize("resolution", ["year", "month"])
def test_alone_and_last_equal_projections(project: Project, resolution: str) -> None:
    big(project, 5)
    project.scenario["resolution"] = resolution
    projection = project.project()
    shares = emis.contributions(projection.program).sel(sector="coal")
    ids = [measure.id for measure in projection.program.measures]
    assert ids == list("ABCDEF")
    none, whole = brute(projection, []), brute(projection, ids)
    for one in ids:
        others = [other for other in ids if other != one]
        np.testing.assert_allclose(
            shares["alone"].sel(measure=one), brute(projection, [one]) - none, rtol=1e-9, atol=1e-12
        )
        np.testing.assert_allclose(
            shares["last"].sel(measure=one), whole - brute(projection, others), rtol=1e-9, atol=1e-12
        )


def test_totals_of_classes_equal_sources(project: Project) -> None:
    big(project, 5)
    program = project.project().program
    classes = merge(program, np.zeros(len(program.inventory), dtype=np.intp), 1)
    found = kernels.totals(classes, program.levels[None])[0, :, 0]
    emissions, _ = kernels.project(program, program.levels)
    np.testing.assert_allclose(found, emissions.sum(axis=1), rtol=1e-13)


def test_totals_without_holding_sources(project: Project) -> None:
    big(project, 5)
    program = project.project().program
    group = np.arange(len(program.inventory)) % 3
    expected = kernels.totals(merge(program, group, 3), program.levels[None])[0]
    found = kernels.sums(program, program.levels, group, 3)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    assert found.tobytes() == kernels.sums(program, program.levels, group, 3, threads=3).tobytes()


def test_arrays_to_fill_are_filled(project: Project) -> None:
    big(project, 5)
    program = project.project().program
    expected = kernels.project(program, program.levels)
    out = tuple(np.full_like(array, -1.0) for array in expected)
    found = kernels.project(program, program.levels, out=out)  # type: ignore[arg-type]
    assert [array.tobytes() for array in found] == [array.tobytes() for array in expected]
    assert found[0] is out[0]


def test_equal_sources_become_one_class(project: Project) -> None:
    rows = "".join(f"coal/s{i},stove,t{i % 2},{i + 1},t/yr\n" for i in range(100))
    project.inventory(
        activity=f"source,category,technology,activity,unit\n{rows}",
        factors="category,pollutant,factor,unit\nstove,NOx,2,kg/t\n",
    )
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], select={"technology": "t1"})
    program = project.project().program
    assert len(merge(program, np.zeros(100, dtype=np.intp), 1).weight) == 2


def test_attribute_by_method(project: Project) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}])
    project.measure("B", [{"abate": {"efficiency": {"NOx": "40 %"}}}])
    scenario = project.read()
    inventory = scenario.inventories[2017]
    alone = emis.attribute(inventory, scenario, method="alone").sel(year=2020, pollutant="NOx", sector="coal")
    last = emis.attribute(inventory, scenario, method="last").sel(year=2020, pollutant="NOx", sector="coal")
    assert alone.values == pytest.approx([-1.0, -0.8])
    assert last.values == pytest.approx([-0.6, -0.4])
    with pytest.raises(ValueError, match="unknown method"):
        emis.attribute(inventory, scenario, method="first")  # type: ignore[arg-type]


def test_a_cap_takes_what_others_leave(project: Project) -> None:
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}])
    project.measure("B", [{"cap": {"at_most": {"NOx": "0.6 t/yr"}}}])
    shares = emis.contributions(project.project().program).sel(year=2020, pollutant="NOx", sector="coal")
    assert shares["alone"].values == pytest.approx([-1.0, -1.4])
    assert shares["last"].values == pytest.approx([0.0, -0.4], abs=1e-15)
