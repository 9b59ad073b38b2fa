"""An inventory that does not fit in memory, as Parquet, and a plan for it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

__all__ = ["POLLUTANTS", "write_csv", "write_world"]

POLLUTANTS = ("SO2", "NOx", "VOC", "CO", "NH3", "TSP", "PM10", "PM2.5", "BC", "OC")
_PART = 1_000_000

_PLAN = """
emis: plan/1
base_year: 2017
target_year: 2023
measures:
  - id: close
    select: {technology: china_1}
    do: [{close: {share: 60 %}}]
    phase_in: {2018-01-01: 0 %, 2020-12-31: 100 %}
  - {id: filters, select: {category: [c1, c2, c3]}, do: [{abate: {efficiency: {PM2.5: 60 %, NOx: 40 %}}}]}
  - {id: less, select: {fuel: diesel}, do: [{scale: {activity: -10 %}}]}
  - {id: standard, select: {region: "11010[0-4]"}, do: [{limit: {at_most: {NOx: 0.03 g/km}, share: 50 %}}]}
targets:
  - {id: T, indicator: emissions, pollutant: NOx, reduce_by: 30 %, since: 2017, by: 2023}
"""
_SCENARIO = """
emis: scenario/1
name: large
plan: plan.yaml
inventories: {2017: ..}
years: [2018, 2019, 2020, 2021, 2022, 2023]
drivers: [{select: {sector: mobile}, growth: 2 %/yr}]
uncertainty: {samples: 1000}
"""


def write_world(folder: Path, sources: int) -> Path:
    """Write an inventory of so many sources by region, with its factors, a plan and a scenario, and return the last."""
    folder.mkdir(parents=True, exist_ok=True)
    factors = [
        f"c{category},,china_{standard},{name},{0.01 * standard * (1 + number)},g/km,"
        f"{0.005 * standard * (1 + number)},{0.02 * standard * (1 + number)}"
        for category in range(10) for standard in range(1, 7) for number, name in enumerate(POLLUTANTS)
    ]  # fmt: skip
    texts = {
        "factors.csv": "\n".join(["category,fuel,technology,pollutant,factor,unit,low,high", *factors]),
        "inventory.yaml": "emis: inventory/1\nname: large\nbase_year: 2017\nstatus: example\n"
        f"pollutants: [{', '.join(POLLUTANTS)}]\n"
        "tables: [{sector: mobile, activity: activity, factors: factors.csv}]",
        "scenarios/plan.yaml": _PLAN,
        "scenarios/large.yaml": _SCENARIO,
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text.strip() + "\n", encoding="utf-8")
    for start in range(0, sources, _PART):
        place = folder / "activity" / f"region={110100 + start // _PART}"
        place.mkdir(parents=True, exist_ok=True)
        parquet.write_table(_part(start, min(_PART, sources - start)), place / "part-0.parquet", row_group_size=100_000)
    return folder / "scenarios/large.yaml"


def write_csv(path: Path, sources: int) -> Path:
    """Write the same sources as a CSV table, with their region, and what else the inventory needs beside it."""
    import pyarrow.csv

    write_world(path.parent, 1)
    table = _part(0, sources).append_column("region", pa.array(np.full(sources, "110100")))
    pyarrow.csv.write_csv(table, path, pyarrow.csv.WriteOptions(quoting_style="none", quoting_header="none"))
    document = path.parent / "inventory.yaml"
    document.write_text(document.read_text(encoding="utf-8").replace("activity: activity", f"activity: {path.name}"))
    return path.parent


def _part(start: int, size: int) -> pa.Table:
    number = np.arange(start, start + size)
    rng = np.random.default_rng(start)

    def coded(texts: list[str], codes: np.ndarray) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(texts))

    return pa.table(
        {
            "source": pa.array(np.char.add("mobile/", np.char.zfill(number.astype(str), 8))),
            "category": coded([f"c{n}" for n in range(10)], number % 10),
            "fuel": coded(["petrol", "diesel"], number // 10 % 2),
            "technology": coded([f"china_{n}" for n in range(1, 7)], number % 6),
            "activity": pa.array(rng.lognormal(8, 1, size).round(3)),
            "unit": coded(["vkm/yr"], np.zeros(size, dtype=int)),
            "cv": coded(["10 %", "20 %"], number % 2),
            "grade": coded(["C"], np.zeros(size, dtype=int)),
        }
    )
