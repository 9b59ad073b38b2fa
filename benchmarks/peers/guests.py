"""Libraries that pin what emis does not: each in an interpreter of its own, one round for each line it is sent.

They know emissions only, so that each gets the activity as moved, and what measures leave as factors by year and
pollutant on the sources they select.

    python -m peers.guests NAME arrays.npz result.npy
"""

import logging
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["GUESTS"]

Round = Callable[[], np.ndarray]
Changes = list[tuple[np.ndarray, np.ndarray]]
FIRST = 2018


def _names(base: np.ndarray) -> tuple[list[str], list[str], list[int]]:
    """Return names of sources and pollutants, and years, of S × T × P."""
    sources, years, pollutants = base.shape
    known = ("SO2", "NOx", "VOC", "CO", "NH3", "TSP", "PM10", "PM25", "BC", "OC")
    return [f"s{n:06d}" for n in range(sources)], list(known[:pollutants]), [FIRST + n for n in range(years)]


def primap2(base: np.ndarray, changes: Changes) -> Round:
    """A quantified variable per pollutant; a selection by label, times its factor, written back."""
    import pandas as pd
    import primap2  # noqa: F401
    import xarray as xr

    ids, pollutants, years = _names(base)
    dims = ("time", "category (plan)", "area (plan)", "source")
    time = pd.to_datetime([f"{year}-01-01" for year in years]).to_numpy("datetime64[ns]")
    coords = {"time": time, "category (plan)": ids, "area (plan)": ["here"], "source": ["bench"]}
    data = {
        name: (dims, base[:, :, p].T[:, :, None, None], {"units": "t / year", "entity": name})
        for p, name in enumerate(pollutants)
    }
    attrs = {"area": "area (plan)", "cat": "category (plan)"}
    given = xr.Dataset(data, coords, attrs).pr.quantify()

    def one_round() -> np.ndarray:
        table = given.copy(deep=True)
        for sources, left in changes:
            chosen = [ids[s] for s in sources]
            for p, name in enumerate(pollutants):
                factor = xr.DataArray(
                    left[:, :, p].T, {"time": time, "category (plan)": chosen}, ("time", "category (plan)")
                )
                part = table[name].pr.loc[{"category": chosen}] * factor
                table[name].data.magnitude[:, sources] = part.transpose(*dims).data.magnitude
        found = [table[name].pint.dequantify().to_numpy()[:, :, 0, 0] for name in pollutants]
        return np.stack(found, axis=2)

    return one_round


def emiproc(base: np.ndarray, changes: Changes) -> Round:
    """An inventory a year, sources as its cells; `scale_inventory` by cell for each measure."""
    import geopandas as gpd
    from emiproc.inventories import Inventory
    from emiproc.inventories.utils import scale_inventory
    from shapely.geometry import box

    _, pollutants, years = _names(base)
    cells = gpd.GeoSeries([box(n, 0, n + 1, 1) for n in range(len(base))], crs=4326)
    given = [
        Inventory.from_gdf(
            gpd.GeoDataFrame({("all", name): base[:, y, p] for p, name in enumerate(pollutants)}, geometry=cells)
        )
        for y in range(len(years))
    ]

    def one_round() -> np.ndarray:
        found = []
        for y, inventory in enumerate(given):
            for sources, left in changes:
                scale = np.ones((len(base), len(pollutants)))
                scale[sources] = left[:, y]
                by_pollutant = {name: {"all": scale[:, p].copy()} for p, name in enumerate(pollutants)}
                inventory = scale_inventory(inventory, by_pollutant)
            columns = [np.asarray(inventory.gdf[("all", name)], dtype=float) for name in pollutants]
            found.append(np.stack(columns, axis=1))
        return np.stack(found)

    return one_round


def pyam(base: np.ndarray, changes: Changes) -> Round:
    """A row for each number, sources as regions; filter, multiply, and put together again for each measure."""
    import pandas as pd
    import pyam as library

    ids, pollutants, years = _names(base)
    index = pd.MultiIndex.from_product([ids, years, [f"Emissions|{name}" for name in pollutants]])
    table = pd.DataFrame(index.to_frame(index=False).to_numpy(), columns=["region", "year", "variable"])
    table = table.assign(model="bench", scenario="plan", unit="t/yr", value=base.ravel())
    given = library.IamDataFrame(table)
    of_year = {year: n for n, year in enumerate(years)}
    of_variable = {f"Emissions|{name}": n for n, name in enumerate(pollutants)}

    def one_round() -> np.ndarray:
        whole = given
        for sources, left in changes:
            chosen = [ids[s] for s in sources]
            row = {name: n for n, name in enumerate(chosen)}
            part, rest = whole.filter(region=chosen), whole.filter(region=chosen, keep=False)
            values = part.data
            factor = left[values["region"].map(row), values["year"].map(of_year), values["variable"].map(of_variable)]
            whole = library.concat([rest, library.IamDataFrame(values.assign(value=values["value"] * factor))])
        values = whole.data.sort_values(["year", "region"], kind="stable")
        found = np.empty((len(years), len(ids), len(pollutants)))
        rows = values["year"].map(of_year), values["region"].str[1:].astype(int), values["variable"].map(of_variable)
        found[rows] = values["value"]
        return found

    return one_round


GUESTS: dict[str, Callable[[np.ndarray, Changes], Round]] = {"primap2": primap2, "emiproc": emiproc, "pyam": pyam}


def _load(path: Path) -> tuple[np.ndarray, Changes]:
    arrays: Any = np.load(path)
    count = sum(name.startswith("sources") for name in arrays.files)
    changes = [(arrays[f"sources{n}"], arrays[f"remaining{n}"]) for n in range(count)]
    return arrays["activity"][:, :, None] * arrays["factor"][:, None, :], changes


def main(name: str, given: Path, result: Path) -> None:
    """Prepare, write the result of one round for whoever checks it, and then answer each line with a round."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    answers = sys.stdout
    with redirect_stdout(sys.stderr):
        one_round = GUESTS[name](*_load(given))
        np.save(result, one_round())
        print("ready", file=answers, flush=True)
        for _ in sys.stdin:
            one_round()
            print("done", file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
