"""The results folder: by the contract, complete or absent."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from conftest import Project

import emis
from emis.io import result_writing
from emis.io.outputs import OutputError


def write(project: Project, folder: Path, storage: str = "netcdf") -> emis.Projection:
    projection = project.project()
    shares = emis.contributions(projection.program)
    verdicts = emis.assess(projection, projection.scenario.plan.targets)
    result_writing.write_result(folder, projection, shares, verdicts, {"command": ["emis"]}, storage)
    return projection


@pytest.fixture
def full(project: Project) -> Project:
    project.plan["title"] = "=cmd|danger"
    project.measure("A", [{"abate": {"efficiency": {"NOx": "50 %"}}}], title="=HYPERLINK(1)", evidence={"grade": "B"})
    project.measure("B", [{"scale": {"activity": "-10 %"}}], phase_in={2019: "50 %", 2020: "100 %"})
    project.plan["measures"].append({"id": "C", "kind": "enabling", "article": 36})
    project.plan["targets"] = [
        {"id": "T1", "indicator": "emissions", "pollutant": "NOx", "reduce_by": "50 %", "since": 2017, "by": 2020},
        {"id": "T2", "indicator": "index"},
    ]
    return project


@pytest.mark.parametrize("storage", ["netcdf", "zarr"])
def test_arrays_by_the_contract(full: Project, tmp_path: Path, storage: str) -> None:
    projection = write(full, tmp_path / "out", storage)
    found = emis.read_result(tmp_path / "out").dataset
    for name in ("emissions", "emissions_no_plan"):
        assert found[name].dims == ("year", "source", "pollutant")
        assert found[name].attrs["units"] == "t"
        np.testing.assert_array_equal(found[name], projection.dataset[name])
    for name in ("activity", "activity_no_plan"):
        assert found[name].dims == ("year", "source")
    for name in ("contributions", "contributions_alone", "contributions_last"):
        assert found[name].dims == ("year", "measure", "sector", "pollutant")
        assert not found[name].sel(year=2017).any()
    for label in ("sector", "category", "fuel", "technology", "region"):
        assert found[label].dims == ("source",)
    assert found["technology"].sel(source="coal/stove/coal/old").item() == "old"
    assert found.attrs["Conventions"].startswith("CF-")
    assert found.attrs["inventory_status"] == "example"
    assert list(found["sector_name"].values) == ["coal"]


def test_tables_by_the_contract(full: Project, tmp_path: Path) -> None:
    write(full, tmp_path / "out")
    lines = (tmp_path / "out/verdicts.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("target,status,required,achieved,margin,probability,unit")
    assert lines[1].startswith("T1,MET,50.0,55.0")
    assert lines[2].startswith("T2,UNDETERMINED,,,,,%")
    lines = (tmp_path / "out/contributions.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("measure,pollutant,year,shapley,alone,last")
    assert lines[1].startswith("A,NOx,2018,-1.0,-1.0,-1.0")
    ledger = (tmp_path / "out/ledger.csv").read_text(encoding="utf-8")
    assert "36,C,enabling,not quantified" in ledger
    assert "'=HYPERLINK(1)" in ledger
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert record["inventories"]["2017"]["status"] == "example"


def test_a_failed_write_leaves_the_old_result(full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(full, tmp_path / "out")
    before = {item.name: item.read_bytes() for item in (tmp_path / "out").iterdir()}

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(result_writing, "_write_record", fail)
    with pytest.raises(OutputError, match="No space left"):
        write(full, tmp_path / "out")
    assert {item.name: item.read_bytes() for item in (tmp_path / "out").iterdir()} == before
    assert [item.name for item in tmp_path.iterdir() if item.name.startswith(".")] == []


def test_a_result_is_replaced_whole(full: Project, tmp_path: Path) -> None:
    write(full, tmp_path / "out")
    (tmp_path / "out" / "report.html").write_text("old")
    write(full, tmp_path / "out")
    assert not (tmp_path / "out" / "report.html").exists()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        write(full, tmp_path / "out")


def test_a_link_to_a_result_stays_a_link(full: Project, tmp_path: Path) -> None:
    write(full, tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(full, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "run.json").exists()


def test_what_is_no_result_is_not_replaced(full: Project, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("do not lose me")
    with pytest.raises(OutputError, match="no result of emis"):
        write(full, tmp_path / "out")
    assert (tmp_path / "out" / "thesis.docx").read_text() == "do not lose me"


def test_the_same_run_gives_the_same_bytes(full: Project, tmp_path: Path) -> None:
    write(full, tmp_path / "one")
    write(full, tmp_path / "two")
    for name in ("projection.nc", "verdicts.csv", "contributions.csv", "ledger.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_a_province_is_stored_by_label_set(full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"coal/s{i},stove,coal,{'old' if i % 3 else 'new'},{i + 1},t/yr\n" for i in range(30))
    full.inventory(activity=f"source,category,fuel,technology,activity,unit\n{rows}")
    monkeypatch.setattr(result_writing, "_MANY_SOURCES", 20)
    projection = write(full, tmp_path / "out")
    found = emis.read_result(tmp_path / "out").dataset
    assert found.sizes["source"] == 2
    total = projection.emissions.groupby("technology").sum().sel(technology="old")
    np.testing.assert_allclose(found["emissions"].sel(source="coal/stove/coal/old"), total)
    import pyarrow.parquet as parquet

    table = parquet.read_table(tmp_path / "out" / "sources.parquet").to_pydict()
    assert len(table["source"]) == 30
    assert sum(table["emissions 2020 NOx [t]"]) == pytest.approx(projection.emissions.sel(year=2020).sum().item())


def test_months_are_stored(full: Project, tmp_path: Path) -> None:
    full.scenario["resolution"] = "month"
    write(full, tmp_path / "out")
    with xr.open_dataset(tmp_path / "out" / "projection.nc") as found:
        assert found["emissions"].dims == ("year", "month", "source", "pollutant")
        assert list(found["month"].values) == list(range(1, 13))


def test_a_folder_that_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(emis.InputError, match=r"run\.json"):
        emis.read_result(tmp_path)
