"""Inventories in blocks and more workers than one: the same numbers as of the whole, the same bits whoever works."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import inventory_files
import numpy as np
import pytest
import xarray as xr

import emis
from emis.classes import merge, sector_groups
from emis.cli import main
from emis.condensing import Told
from emis.distributed import InBlocks, ensemble, in_blocks, write_sources
from emis.io.blocks import open_blocks
from emis.kernels import totals
from emis.likelihood import sample_projection
from emis.projection import Projection, project
from emis.scenario import Scenario
from emis.workers import Cluster, Here, Processes, SchedulerError, Workers, workers_at

ROWS, BLOCK = 1500, 200
PLAN = """
emis: plan/1
base_year: 2017
target_year: 2020
measures:
  - id: close
    select: {technology: china_1}
    do: [{close: {share: 60 %}}]
    phase_in: {2018-01-01: 0 %, 2019-12-31: 100 %}
  - {id: abate, select: {category: [c1, c2]}, do: [{abate: {efficiency: {NOx: 40 %}, penetration: 70 %}}]}
  - {id: scale, select: {fuel: diesel}, do: [{scale: {activity: -10 %}}], months: [1, 2, 12]}
  - {id: limit, select: {region: "11011*"}, do: [{limit: {at_most: {NOx: 0.03 g/km}, share: 50 %}}]}
  - {id: amount, select: {category: c3}, do: [{close: {amount: 1000 vkm/yr}}]}
  - {id: single, select: {source: mobile/00000017}, do: [{abate: {efficiency: {NOx: 90 %}}}]}
  - {id: glob, select: {source: mobile/000002*}, do: [{abate: {efficiency: {NOx: 20 %}}}]}
  - {id: shift, select: {category: c7}, do: [{shift: {share: 30 %, to: {source: mobile/00000018}}}]}
  - {id: cap, select: {category: c5}, do: [{cap: {at_most: {NOx: 1 kg/yr}}}]}
targets:
  - {id: T, indicator: emissions, pollutant: NOx, reduce_by: 30 %, since: 2017, by: 2020}
"""
SCENARIO = """
emis: scenario/1
name: many
plan: plan.yaml
inventories: {2017: ..}
years: [2017, 2018, 2020]
drivers: [{select: {category: c1}, growth: 3 %/yr}]
uncertainty: {samples: 60}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("many")
    inventory_files.write_inventory(root)
    inventory_files.write_folder(root / "activity", inventory_files.activity_table(ROWS), "region")
    (root / "scenarios").mkdir()
    (root / "scenarios/plan.yaml").write_text(PLAN, encoding="utf-8")
    (root / "scenarios/many.yaml").write_text(SCENARIO, encoding="utf-8")
    return root


@pytest.fixture(scope="module", params=["year", "month"])
def scenario(folder: Path, request: pytest.FixtureRequest) -> Scenario:
    return emis.read_scenario(folder / "scenarios/many.yaml", settings={"resolution": request.param})


@pytest.fixture(scope="module")
def whole(scenario: Scenario) -> Projection:
    return project(scenario.inventories[2017], scenario)


@pytest.fixture(scope="module")
def yearly(folder: Path) -> Projection:
    scenario = emis.read_scenario(folder / "scenarios/many.yaml")
    return project(scenario.inventories[2017], scenario)


def condensed(folder: Path, scenario: Scenario, workers: Workers, rows: int = BLOCK, note: Any = None) -> InBlocks:
    told = Told.by(scenario.document, scenario.plan)
    return in_blocks(open_blocks(folder, rows=rows), told, workers, note)


def of_blocks(found: InBlocks, scenario: Scenario) -> Projection:
    return project(found.inventory, replace(scenario, inventories={2017: found.inventory}))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -- condensing ------------------------------------------------------------------------------------------------------


def test_totals_are_those_of_the_whole(folder: Path, scenario: Scenario, whole: Projection) -> None:
    found = condensed(folder, scenario, Here())
    assert len(found.inventory) < ROWS / 2
    assert found.members.sum() == ROWS
    mine = of_blocks(found, scenario)
    for name in ("emissions", "emissions_no_plan"):
        np.testing.assert_allclose(mine.dataset[name].sum("source"), whole.dataset[name].sum("source"), rtol=1e-12)
    ours, theirs = sample_projection(mine).drawn, sample_projection(whole).drawn
    np.testing.assert_allclose(ours.total(2020, "NOx"), theirs.total(2020, "NOx"), rtol=1e-11)


@pytest.mark.parametrize("rows", [37, 1000, 10_000])
def test_where_blocks_are_cut_does_not_change_a_bit(folder: Path, whole: Projection, rows: int) -> None:
    scenario = whole.scenario
    one, other = condensed(folder, scenario, Here()), condensed(folder, scenario, Here(), rows)
    for name in ("activity", "factor"):
        assert getattr(one.inventory, name).tobytes() == getattr(other.inventory, name).tobytes()
    assert list(one.inventory.labels["source"]) == list(other.inventory.labels["source"])


def test_the_order_of_rows_does_not_change_a_bit(folder: Path, scenario: Scenario, tmp_path: Path) -> None:
    inventory_files.write_inventory(tmp_path)
    table = inventory_files.activity_table(ROWS)
    mixed = table.take(np.random.default_rng(5).permutation(ROWS))
    inventory_files.write_folder(tmp_path / "activity", mixed, "category")
    one, other = condensed(folder, scenario, Here()), condensed(tmp_path, scenario, Here(), 333)
    assert one.inventory.activity.tobytes() == other.inventory.activity.tobytes()
    mine, theirs = of_blocks(one, scenario), of_blocks(other, scenario)
    assert mine.emissions.values.tobytes() == theirs.emissions.values.tobytes()


# -- the table of all sources ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("storage", ["parquet", "zarr"])
def test_every_source_is_written(
    folder: Path, scenario: Scenario, whole: Projection, tmp_path: Path, storage: Any
) -> None:
    import pandas as pd

    found = condensed(folder, scenario, Here(), 700)
    path = write_sources(found, of_blocks(found, scenario), tmp_path, storage)
    dataset = whole.dataset.sum("month") if scenario.monthly and storage == "parquet" else whole.dataset
    if storage == "zarr":
        store = xr.open_zarr(path).load().sortby("source")
        assert list(store["source"].values) == list(dataset["source"].values)
        assert list(store["region"].values) == list(dataset["region"].values)
        for name in ("emissions", "emissions_no_plan", "activity", "activity_no_plan"):
            np.testing.assert_allclose(store[name], dataset[name], rtol=1e-12)
        return
    table = pd.read_parquet(path).sort_values("source")
    assert table["source"].tolist() == dataset["source"].values.tolist()
    for year in (2017, 2020):
        np.testing.assert_allclose(table[f"activity {year}"], dataset["activity"].sel(year=year), rtol=1e-12)
        expected = dataset["emissions"].sel(year=year, pollutant="NOx")
        np.testing.assert_allclose(table[f"emissions {year} NOx [t]"], expected, rtol=1e-12)


# -- workers ---------------------------------------------------------------------------------------------------------


def result(
    folder: Path, scenario: Scenario, place: Path, workers: Workers, storage: Any = "parquet", note: Any = None
) -> tuple[Any, ...]:
    """Return all that a run of an inventory in blocks leaves, as bytes."""
    found = condensed(folder, scenario, workers, note=note)
    projection = of_blocks(found, scenario)
    place.mkdir()
    write_sources(found, projection, place, storage, workers, note)
    drawn = sample_projection(projection, spread=workers.map).drawn.total(2020, "NOx")
    return projection.emissions.values.tobytes(), drawn.tobytes(), files(place)


def test_processes_give_the_same_bits(folder: Path, yearly: Projection, tmp_path: Path) -> None:
    expected = result(folder, yearly.scenario, tmp_path / "one", Here())
    with workers_at(None, 2) as workers:
        assert result(folder, yearly.scenario, tmp_path / "two", workers) == expected


def test_faults_of_a_block_are_told_by_whoever_reads_it(folder: Path, yearly: Projection, tmp_path: Path) -> None:
    table = inventory_files.activity_table(60)
    activity = table.column("activity").to_numpy().copy()
    activity[[7, 41]] = -1.0
    inventory_files.write_inventory(tmp_path)
    inventory_files.write_folder(tmp_path / "activity", table.set_column(5, "activity", [activity]))
    blocks, told = open_blocks(tmp_path, rows=30), Told.by(yearly.scenario.plan)
    with pytest.raises(emis.InputError) as here:
        in_blocks(blocks, told)
    with Processes(2) as workers, pytest.raises(emis.InputError) as there:
        in_blocks(blocks, told, workers)
    assert [str(issue) for issue in there.value.issues] == [str(issue) for issue in here.value.issues]
    assert len(here.value.issues) == 2


def test_an_ensemble_in_tasks(scenario: Scenario, whole: Projection) -> None:
    names, group = sector_groups(whole.program.inventory)
    classes = merge(whole.program, group, len(names))
    vectors = np.random.default_rng(1).random((150, 1, 1)) * whole.program.levels
    expected = totals(classes, vectors)
    assert ensemble(classes, vectors).tobytes() == expected.tobytes()
    with Processes(2) as workers:
        assert ensemble(classes, vectors, workers).tobytes() == expected.tobytes()
    assert ensemble(classes, vectors[:0]).shape == (0, *expected.shape[1:])


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("storage", ["parquet", "zarr"])
def test_a_worker_that_is_killed_loses_nothing(
    folder: Path, yearly: Projection, tmp_path: Path, cluster: Any, storage: Any
) -> None:
    scenario = yearly.scenario
    expected = result(folder, scenario, tmp_path / "here", Here(), storage)
    killed: list[int] = []

    def kill(done: int, sources: int) -> None:
        alive = [worker.pid for worker in cluster.workers.values() if worker.pid]
        if done > sources / 3 and alive and not killed:
            killed.append(alive[0])
            os.kill(alive[0], signal.SIGKILL)

    with workers_at(cluster.scheduler_address) as workers:
        assert result(folder, scenario, tmp_path / "cluster", workers, storage, kill) == expected
    assert killed


@pytest.mark.filterwarnings("ignore")
def test_the_command_gives_the_same_by_a_cluster(
    folder: Path, tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    monkeypatch.chdir(folder)  # where the workers are not
    for name, more in (("alone", []), ("cluster", ["--scheduler", cluster.scheduler_address])):
        with pytest.raises(SystemExit) as ended:
            main(["run", "scenarios/many.yaml", "-o", f"results/{name}", *more])
        assert ended.value.code == 0
    alone, other = (folder / "results" / name for name in ("alone", "cluster"))
    for table in ("verdicts.csv", "contributions.csv", "uncertainty.csv"):
        ours, theirs = (pd.read_csv(place / table) for place in (alone, other))
        pd.testing.assert_frame_equal(ours, theirs, rtol=1e-9, atol=1e-12)
    run = json.loads((other / "run.json").read_text(encoding="utf-8"))
    assert run["blocks"]["2017"]["sources"] == ROWS
    assert len(pd.read_parquet(other / "sources.parquet")) == ROWS


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_not_there_is_said_so() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(SchedulerError, match="no scheduler answers"), workers_at("tcp://127.0.0.1:9"):
        pass


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_without_workers_is_said_so() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50) as cluster,
        pytest.raises(SchedulerError, match="no workers"),
        workers_at(cluster.scheduler_address),
    ):
        pass


def test_a_cluster_runs_tasks_in_order(cluster: Any) -> None:
    with workers_at(cluster.scheduler_address) as workers:
        assert isinstance(workers, Cluster)
        assert list(workers.map(abs, range(-20, 0))) == list(range(20, 0, -1))
