"""What primap2 makes of a file of emis, and a file that primap2 writes: run by its own interpreter."""

import json
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import primap2.pm2io as pm2io  # noqa: E402
import xarray as xr  # noqa: E402
from loguru import logger  # noqa: E402

logger.remove()


def totals(file):
    """Open a pair, and sum every entity over its categories."""
    ds = pm2io.from_interchange_format(pm2io.read_interchange_format(file))
    ds.pr.ensure_valid()
    found = []
    for name in ds:
        has_species = len(ds[name].pint.units.dimensionality) > 2
        unit = f"t {name} / yr" if has_species else "t / yr"
        array = ds[name].pint.to(unit).pint.dequantify().pr.sum("category", skipna=True)
        for (scenario, year), value in _cells(array, ds.attrs["scen"]):
            found.append([scenario, str(name), year, value])
    return {"totals": found, "attrs": {key: str(value) for key, value in ds.attrs.items()},
            "coordinates": sorted(map(str, ds.coords))}  # fmt: skip


def _cells(array, scenario):
    frame = array.to_series().dropna().reset_index()
    for row in frame.to_dict("records"):
        yield (row[scenario], row["time"].year), float(row[array.name])


def written(folder):
    """Write a pair by primap2's own means: IPCC categories with their totals, two areas, a species and a mass alone."""
    time = pd.date_range("2020-01-01", "2021-01-01", freq="YS")
    coords = {
        "time": time, "area (ISO3)": ["CHN", "IND"], "category (IPCC2006)": ["1", "1.A", "1.A.1", "1.A.3", "2"],
        "source": ["TEST"], "scenario (general)": ["base"],
    }  # fmt: skip
    shape = tuple(map(len, coords.values()))
    leaves = np.random.default_rng(1).uniform(1, 9, (2, 2, 3))
    values = np.empty(shape)
    values[..., 2, 0, 0], values[..., 3, 0, 0], values[..., 4, 0, 0] = (leaves[..., n] for n in range(3))
    values[..., 1, 0, 0] = values[..., 0, 0, 0] = leaves[..., 0] + leaves[..., 1]
    dims = tuple(coords)
    data = {
        "NOx": (dims, values, {"units": "Gg NOx / yr", "entity": "NOx"}),
        "PM2.5": (dims, values / 10, {"units": "t / yr", "entity": "PM2.5"}),
        "SF6": (dims, values, {"units": "kg SF6 / yr", "entity": "SF6"}),
    }
    attrs = {"area": "area (ISO3)", "cat": "category (IPCC2006)", "scen": "scenario (general)",
             "references": "doi:10.1/1", "title": "test"}  # fmt: skip
    ds = xr.Dataset(data, coords, attrs).pr.quantify()
    ds.pr.ensure_valid()
    pm2io.write_interchange_format(folder / "pair", ds.pr.to_interchange_format())
    total = leaves.sum(axis=(1, 2))
    return {"totals": [["base", "NOx", 2020 + n, total[n] * 1000] for n in range(2)]
            + [["base", "PM2.5", 2020 + n, total[n] / 10] for n in range(2)]}  # fmt: skip


if __name__ == "__main__":
    task, argument = sys.argv[1:]
    print(json.dumps(totals(argument) if task == "totals" else written(Path(argument))))
