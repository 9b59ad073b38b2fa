"""Results written: a folder that is complete or absent, made beside its place and renamed when whole."""

import csv
import importlib.util
import io
import json
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr
from xarray.backends import NetCDF4DataStore

from emis._version import __version__
from emis.alerts import ALERT_HEADER, alert_records
from emis.ambient.results import AIR_HEADER, Ambient
from emis.assessment import Verdict
from emis.attribution import records
from emis.io.cf import CONVENTIONS
from emis.io.many_sources import by_labels, write_sources
from emis.io.outputs import OutputError, write_output
from emis.io.result_folders import check_place, replacing
from emis.io.results import VERDICT_HEADER
from emis.ledger import HEADER, ledger
from emis.likelihood import SENSITIVITY_HEADER, UNCERTAINTY_HEADER, Sample
from emis.progress import COLUMNS, standings
from emis.projection import Projection

__all__ = ["write_contributions", "write_result"]

#: Above this many sources projection.nc holds one entry per set of labels, and sources.parquet each of them.
_MANY_SOURCES = 50_000

#: What variables are that say so nowhere else.
_LONG_NAMES = {
    "year": "calendar year", "air_year": "calendar year", "projected_year": "calendar year",
    "month": "month of the year", "quantile": "quantile of the draws", "pollutant": "pollutant", "measure": "measure",
    "sector": "sector of the source", "category": "category", "fuel": "fuel", "technology": "technology",
    "region": "region", "facility": "facility", "activity_unit": "unit of the activity", "sector_name": "sector",
    "drawn_sector": "sector", "offsite_pollutant": "pollutant outside the inventory", "species": "species of PM2.5",
    "model": "model of the air", "scope": "who acts", "term": "what the answer hangs on",
    "air_target": "target about the air", "air_unit": "unit of air_value", "air_value": "value that a target is about",
    "air_probability": "probability that a target is met", "air_variance_share": "share of the variance",
}  # fmt: skip


def write_result(
    folder: str | Path, projection: Projection, contributions: xr.Dataset, verdicts: Sequence[Verdict],
    record: Mapping[str, Any] | None = None, storage: str = "netcdf", air: Ambient | None = None,
    sample: Sample | None = None, sources: Callable[[Path], object] | None = None,
    facts: Mapping[str, Any] | None = None, finish: Callable[[Path], object] | None = None,
) -> Path:  # fmt: skip
    """Write a result folder: whole or not at all; an older result in its place is replaced when the new one is whole.

    Parameters
    ----------
    contributions : xarray.Dataset
        `shapley`, `alone` and `last` (year, measure, sector, pollutant) [t/yr].
    record : mapping, optional
        What run.json says besides versions and status: inputs, options, warnings.
    storage : "netcdf" or "zarr"
    air : Ambient, optional
        What is told of the air, for air-quality.csv and the dataset.
    sample : Sample, optional
        Draws of the projection, for uncertainty.csv, sensitivity.csv and the dataset.
    sources : callable, optional
        Writes the table of all sources into a folder, where the projection's own are rows of several.
    facts : mapping, optional
        What a report tells beside the tables, for report.json.
    finish : callable, optional
        Writes further files, such as a report, into the folder when all else is there.

    Raises
    ------
    OutputError
        When something that is no result stands in its place, or the disk refuses.
    """
    target = Path(folder)
    try:
        check_place(target)
        target = target.resolve() if target.is_symlink() else target
        with replacing(target) as room:
            dataset = _store(projection, contributions)
            if air is not None and air.dataset:
                dataset = dataset.merge(air.dataset)
            if sample is not None:
                dataset = dataset.merge(sample.dataset)
            if sources is not None:
                sources(room)
                dataset = by_labels(dataset)
            _write_arrays(room, dataset, storage)
            by_measure = contributions.sum("sector", skipna=False)
            if sample is not None:
                by_measure = by_measure.assign(sample.share_ends())
            _write_table(room / "contributions.csv", *_contribution_rows(by_measure, skip_zeros=False))
            _write_verdicts(room / "verdicts.csv", verdicts)
            _write_table(room / "ledger.csv", HEADER, ledger(projection.program, contributions))
            if projection.scenario.plan.alerts:
                _write_table(
                    room / "alerts.csv", ALERT_HEADER, (list(row.values()) for row in alert_records(projection.alerts))
                )
            if air is not None and (rows := air.rows()):
                _write_table(room / "air-quality.csv", AIR_HEADER, rows)
            if sample is not None:
                _write_table(room / "uncertainty.csv", UNCERTAINTY_HEADER, sample.rows())
                _write_table(room / "sensitivity.csv", SENSITIVITY_HEADER, sample.bars())
            if (progress := projection.scenario.progress) is not None:
                standing = (one.cells() for one in standings(projection.scenario.plan, progress))
                _write_table(room / "progress.csv", COLUMNS, standing)
            _write_record(room / "run.json", projection, record or {})
            if facts is not None:
                text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
                (room / "report.json").write_text(text + "\n", encoding="utf-8")
            if finish is not None:
                finish(room)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}") from None
    return Path(folder)


# -- arrays ----------------------------------------------------------------------------------------------------------


def _store(projection: Projection, contributions: xr.Dataset) -> xr.Dataset:
    """Return the dataset of projection.nc with CF attributes."""
    plan, inventory = projection.scenario.plan, projection.program.inventory
    # In the years of inventories no measure acts; a pollutant the base year's inventory lacks is not known.
    whole = contributions.reindex(year=projection.dataset["year"].values, fill_value=0.0)
    whole = whole.reindex(pollutant=projection.dataset["pollutant"].values)
    # `sector` is a label of sources, so the sectors of contributions are named by a coordinate of their own.
    dataset = projection.dataset.assign(
        {
            "contributions" if name == "shapley" else f"contributions_{name}": (
                values.dims,
                values.values,
                values.attrs,
            )
            for name, values in whole.data_vars.items()
        }
    ).assign_coords(sector_name=("sector", whole["sector"].values.astype(str)))
    dataset["source"].attrs["long_name"] = "source id"
    return dataset.assign_attrs(
        Conventions=CONVENTIONS,
        title=plan.title.text("en") or projection.scenario.name,
        institution="not stated",
        source=f"emis {__version__}",
        scenario=projection.scenario.name,
        inventory=inventory.name,
        base_year=inventory.base_year,
        inventory_status=inventory.status,
        history=f"projected by emis {__version__} from the inventory of {inventory.base_year}",
    )


def _told(dataset: xr.Dataset) -> xr.Dataset:
    """Return a dataset of which every variable says what it is, and no coordinate has a value for what is missing."""
    dataset = dataset.copy()
    for name, told in _LONG_NAMES.items():
        if name in dataset.variables:
            dataset[name].attrs.setdefault("long_name", told)
    for dim in dataset.dims:
        if dim in dataset.coords and dataset[dim].dtype.kind in "fiu":
            dataset[dim].attrs.setdefault("units", "1")
            dataset[dim].encoding["_FillValue"] = None
    return dataset


def _write_arrays(room: Path, dataset: xr.Dataset, storage: str) -> None:
    dataset = _told(dataset)
    if dataset.sizes["source"] > _MANY_SOURCES and storage != "zarr":
        write_sources(room / "sources.parquet", dataset)
        dataset = by_labels(dataset)
    if storage == "zarr":
        if importlib.util.find_spec("zarr") is None:
            raise OutputError("--format zarr needs zarr: pip install 'emis[zarr]'")
        # Version 2 of the format: version 3 has no settled form for text.
        dataset.to_zarr(room / "projection.zarr", zarr_format=2, consolidated=True)
        return
    packed = {name: {"zlib": True, "complevel": 1, "fletcher32": True} for name in dataset.data_vars}
    # `to_netcdf` would look for a scheduler, for which it imports dask and distributed where they are installed.
    with netCDF4.Dataset(room / "projection.nc", "w") as file:
        dataset.dump_to_store(NetCDF4DataStore(file), encoding=packed)  # type: ignore[no-untyped-call]


# -- tables ----------------------------------------------------------------------------------------------------------


def _cell(value: object) -> str:
    """Return a cell: numbers in full, unknown ones blank, text that a spreadsheet would run as a formula quoted."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating):
        return repr(float(value))
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.write_text(_table(header, rows), encoding="utf-8", newline="")


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return stream.getvalue()


def write_contributions(path: str | Path, contributions: xr.Dataset) -> None:
    """Write a table of contributions: measure, sector or source, pollutant, year, and each method [t/yr].

    Raises
    ------
    OutputError
        When there is a file that is no such table, or the disk refuses.
    """
    header, rows = _contribution_rows(contributions, skip_zeros=True)
    write_output(Path(path), _table(header, rows), f"{header[0]},")


def _contribution_rows(
    contributions: xr.Dataset, skip_zeros: bool
) -> tuple[tuple[str, ...], Iterator[tuple[object, ...]]]:
    places = [name for name in ("source", "sector") if name in contributions.coords][:1]
    header = ("measure", *places, "pollutant", "year", *map(str, contributions.data_vars), "unit")
    return header, ((*row.values(), "t") for row in records(contributions, skip_zeros))


def _write_verdicts(path: Path, verdicts: Sequence[Verdict]) -> None:
    _write_table(path, VERDICT_HEADER, ([getattr(verdict, name) for name in VERDICT_HEADER] for verdict in verdicts))


def _write_record(path: Path, projection: Projection, record: Mapping[str, Any]) -> None:
    libraries = ("numpy", "xarray", "netCDF4", "pydantic", "pint", "ruamel.yaml", "pandas")
    versions = {name: getattr(sys.modules.get(name), "__version__", None) for name in libraries}
    scenario = projection.scenario
    whole = {
        "emis": "run/1",
        "scenario": scenario.name,
        "versions": {
            "emis": __version__,
            "python": platform.python_version(),
            **{k: v for k, v in versions.items() if v},
        },
        "seed": scenario.document.uncertainty.seed,
        "inventories": {
            str(year): {"name": inventory.name, "status": inventory.status, "file": inventory.file}
            for year, inventory in projection.inventories.items()
        },
        **({"progress": scenario.progress.record()} if scenario.progress else {}),
        **record,
    }
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
