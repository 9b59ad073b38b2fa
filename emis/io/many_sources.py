"""Results of very many sources: each of them in a table, and arrays of one entry for each set of labels."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from emis import vocabulary
from emis.inventory import Floats
from emis.numbering import Codes, firsts, joint, numbered

__all__ = ["by_labels", "write_sources"]


def by_labels(dataset: xr.Dataset) -> xr.Dataset:
    """Sum sources with the same labels; activity is summed where their unit is one."""
    names = ["sector", "category", "fuel", "technology", "region", "activity_unit"]
    columns = [dataset[name].values for name in names]
    group = joint(map(numbered, columns))
    first = firsts(group)
    merged: dict[str, Any] = {}
    for name, values in dataset.data_vars.items():
        if "source" not in values.dims:
            merged[str(name)] = values
            continue
        axis = values.get_axis_num("source")
        total = _summed(np.moveaxis(values.values, axis, 0), group, len(first))
        merged[str(name)] = (values.dims, np.moveaxis(total, 0, axis), values.attrs)
    labels = {name: column[first].astype(str) for name, column in zip(names, columns, strict=True)}
    parts = zip(*(labels[name].tolist() for name in names[:5]), strict=True)
    ids = ["/".join(filter(None, one)) for one in parts]
    coords: dict[str, Any] = {name: ("source", values) for name, values in labels.items()}
    coords |= {"source": ids, "facility": ("source", [""] * len(ids))}
    coords |= {str(name): dataset.coords[name] for name in dataset.coords if "source" not in dataset.coords[name].dims}
    return xr.Dataset(merged, coords, dataset.attrs)


def _summed(values: Floats, group: Codes, groups: int) -> Floats:
    """Return sums over the first axis by group, in the order of the rows."""
    columns = values.reshape(len(values), -1).T
    total = np.array([np.bincount(group, column, groups) for column in columns]).reshape(len(columns), groups)
    return total.T.reshape(groups, *values.shape[1:])


def write_sources(path: Path, dataset: xr.Dataset) -> None:
    """Write every source: its labels, and emissions by year and pollutant [t/yr]."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    texts = ["source", *vocabulary.LABELS, "activity_unit"]
    columns: dict[str, Any] = {label: dataset[label].values.astype(str) for label in texts}
    for name in ("activity", "activity_no_plan", "emissions", "emissions_no_plan"):
        yearly = dataset[name].sum("month", skipna=False) if "month" in dataset.dims else dataset[name]
        for year in dataset["year"].values:
            if "pollutant" not in yearly.dims:
                columns[f"{name} {year}"] = yearly.sel(year=year).values
                continue
            for pollutant in dataset["pollutant"].values:
                columns[f"{name} {year} {pollutant} [t]"] = yearly.sel(year=year, pollutant=pollutant).values
    # Numbers seldom repeat: a dictionary of them would be built for nothing.
    parquet.write_table(pa.table(columns), path, use_dictionary=texts)
