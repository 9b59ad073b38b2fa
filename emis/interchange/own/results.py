"""What emis has computed, as series: a result folder, or a scenario that is run for it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from emis import vocabulary
from emis.coded import objects
from emis.errors import InputError, Issues
from emis.interchange.formats import Format, Given, Head
from emis.interchange.series import Series
from emis.inventory import Floats, Inventory
from emis.io.results import read_result
from emis.io.scenarios import load_scenario
from emis.projection import Projection, project

__all__ = ["RESULT", "SCENARIO"]


def _told(error: InputError, issues: Issues) -> Sequence[Series]:
    issues.errors.extend(error.issues)
    issues.warnings.extend(error.warnings)
    return ()


def _years(values: xr.DataArray) -> Floats:
    """Return emissions by year, source and pollutant [t/yr], months summed; a sum with a part unknown is not known."""
    yearly = values.sum("month", skipna=False) if "month" in values.dims else values
    return np.asarray(yearly.transpose("year", "source", "pollutant").values, dtype=float)


def _keys(values: Floats) -> Any:
    return np.where(np.isnan(values), "NE", "").astype(object)


# -- a result folder -------------------------------------------------------------------------------------------------


def _read_folder(given: Given, issues: Issues) -> Sequence[Series]:
    """Read a result folder: every source of it, of the table of all sources where there is one."""
    try:
        result = read_result(given.path)
    except InputError as error:
        return _told(error, issues)
    given.folder.read(given.path / "run.json")
    whole = _all_sources(given.path, result.dataset)
    emissions, without = _years(whole["emissions"]), _years(whole["emissions_no_plan"])
    attributes: Mapping[str, Any] = result.dataset.attrs
    years = tuple(int(year) for year in whole["year"].values)
    base = int(attributes.get("base_year", years[0]))
    inventory = _inventory(whole, emissions[years.index(base) if base in years else 0], base, attributes, given)
    order = np.argsort(whole["source"].values.astype(str), kind="stable")
    values, no_plan = emissions[:, order], without[:, order]
    title = str(attributes.get("title", ""))
    return (
        Series(
            inventory, years, values, _keys(values), str(result.run["scenario"]), given.settings.model, no_plan,
            notes=(title,) if title else (),
        ),
    )  # fmt: skip


def _inventory(
    whole: xr.Dataset, first: Floats, base: int, attributes: Mapping[str, Any], given: Given
) -> Inventory:  # fmt: skip
    """Return the sources of a result as reported tonnes, in the order of their ids."""
    ids = whole["source"].values.astype(str)
    order = np.argsort(ids, kind="stable")
    labels = {name: objects(whole[name].values.astype(str)[order].tolist()) for name in vocabulary.LABELS}
    return Inventory.of_reports(
        {"source": objects(ids[order].tolist()), **labels},
        whole["pollutant"].values.astype(str).tolist(),
        first[order],
        name=str(attributes.get("inventory", given.path.name)),
        base_year=base,
        notation=_keys(first[order]),
        status=str(attributes.get("inventory_status", "example")),
        file=given.shown,
    )


def _all_sources(folder: Path, dataset: xr.Dataset) -> xr.Dataset:
    """Return emissions by source: of the table of all sources, where the arrays hold sums over those alike."""
    if (folder / "sources.zarr").exists():
        store: xr.Dataset = xr.open_zarr(folder / "sources.zarr").load()
        return store
    path = folder / "sources.parquet"
    if not path.exists():
        return dataset
    import pyarrow.parquet as parquet

    table = parquet.read_table(path)
    pollutants = dataset["pollutant"].values.astype(str).tolist()
    # Years of other inventories are not in it.
    held = {name.split()[1] for name in table.column_names if name.startswith("emissions ")}
    years = [int(year) for year in dataset["year"].values if str(year) in held]

    def values(name: str) -> Floats:
        by_year = ([table[f"{name} {year} {one} [t]"].to_numpy() for one in pollutants] for year in years)
        return np.array([np.column_stack(columns) for columns in by_year])

    texts = {name: table[name].to_pandas().astype(str).to_numpy() for name in ("source", *vocabulary.LABELS)}
    coords: dict[str, Any] = {"year": years, "pollutant": pollutants, "source": texts.pop("source")}
    coords |= {name: ("source", column) for name, column in texts.items()}
    arrays = {name: (("year", "source", "pollutant"), values(name)) for name in ("emissions", "emissions_no_plan")}
    return xr.Dataset(arrays, coords)


# -- a scenario ------------------------------------------------------------------------------------------------------


def _read_scenario(given: Given, issues: Issues) -> Sequence[Series]:
    """Run a scenario: then what each of its measures does to each source is known as well."""
    try:
        scenario, folder = load_scenario(given.path, {}, given.folder.root, given.settings.encoding)
        found = project(scenario.inventories[scenario.plan.base_year], scenario)
    except InputError as error:
        return _told(error, issues)
    given.folder.files.update(folder.files)
    issues.warnings.extend(found.program.warnings)
    years = _held(found, given, issues)
    ids = found.program.inventory.labels["source"].astype(str)
    dataset = found.dataset.sel(source=ids, year=list(years))
    values, without = _years(dataset["emissions"]), _years(dataset["emissions_no_plan"])
    title = scenario.document.title.text() or scenario.plan.title.text()
    return (
        Series(
            found.program.inventory, years, values, _notation(found, values), scenario.name, given.settings.model,
            without, found, (title,) if title else (),
        ),
    )  # fmt: skip


def _notation(found: Projection, values: Floats) -> Any:
    """Return the keys of the inventory, which hold in every year."""
    own = found.program.inventory.notation
    return _keys(values) if own is None else np.where(own[None] != "", own[None], _keys(values)).astype(object)


def _held(found: Projection, given: Given, issues: Issues) -> tuple[int, ...]:
    """Return the years whose sources are all in the base year's inventory; the others are told, and left out."""
    held = set(found.program.inventory.labels["source"].tolist())
    years = []
    for year in (int(one) for one in found.dataset["year"].values):
        other = found.inventories.get(year)
        alone = [] if other is None else [one for one in other.labels["source"].tolist() if one not in held]
        if not alone:
            years.append(year)
            continue
        message = f"{year} is left out: {len(alone)} of its sources are not in the base year's inventory ({alone[0]})"
        issues.warn(given.shown, 0, "", message, "convert the result folder, which holds the sources of all years")
    return tuple(years)


def _says(head: Head, kind: str) -> bool:
    return head.suffix in (".yaml", ".yml") and any(
        line.split("#")[0].replace(" ", "").replace('"', "").replace("'", "") == f"emis:{kind}" for line in head.lines
    )


RESULT = Format(
    name="result",
    title="a result folder of `emis run`",
    suffix="",
    recognises=lambda head: head.path.is_dir() and (head.path / "run.json").is_file(),
    read=_read_folder,
)
SCENARIO = Format(
    name="scenario",
    title="a scenario file, which is run",
    suffix="",
    recognises=lambda head: (
        _says(head, "scenario/1")
        or (head.suffix in (".yaml", ".yml") and any(line.startswith("extends:") for line in head.lines))
    ),
    read=_read_scenario,
)
