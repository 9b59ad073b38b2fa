"""Synthetic inventories as Parquet, of any size and shape, for tests and benchmarks of reading."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

POLLUTANTS = ("SO2", "NOx", "VOC", "PM2.5")


def activity_table(size: int, seed: int = 1) -> pa.Table:
    """Return sources of ten categories, six standards and fifty regions: texts by code, activities as numbers."""
    rng, number = np.random.default_rng(seed), np.arange(size)
    return pa.table(
        {
            "source": pa.array([f"mobile/{n:08d}" for n in number]),
            "category": coded([f"c{n}" for n in range(10)], number % 10),
            "fuel": coded(["petrol", "diesel"], number // 10 % 2),
            "technology": coded([f"china_{n}" for n in range(1, 7)], number % 6),
            "region": coded([str(110100 + n) for n in range(50)], number % 50),
            "activity": pa.array(rng.lognormal(8, 1, size)),
            "unit": coded(["vkm/yr"], np.zeros(size, dtype=int)),
            "cv": coded(["10 %", "20 %"], number % 2),
            "grade": coded(["C"], np.zeros(size, dtype=int)),
        }
    )


def coded(texts: list[str], codes: np.ndarray) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(texts))


def write_folder(folder: Path, table: pa.Table, key: str | None = None, row_group: int = 1000) -> None:
    """Write a table as one file, or by a key into folders such as ``region=110109``."""
    if key is None:
        folder.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table, folder / "part-0.parquet", row_group_size=row_group)
        return
    values = table.column(key).to_pylist()
    for value in sorted(set(values)):
        part = folder / f"{key}={value}"
        part.mkdir(parents=True, exist_ok=True)
        rows = table.filter(pa.array([one == value for one in values])).drop_columns([key])
        parquet.write_table(rows, part / "part-0.parquet", row_group_size=row_group)


def write_inventory(folder: Path, activity: str = "activity", sector: str | None = "mobile") -> Path:
    """Write inventory.yaml and the factors that go with `activity_table`."""
    rows = [
        f"c{category},,china_{standard},{name},{0.01 * standard},g/km,0.001,1"
        for category in range(10)
        for standard in range(1, 7)
        for name in POLLUTANTS
    ]
    head = "category,fuel,technology,pollutant,factor,unit,low,high"
    entry = f"sector: {sector}, " if sector else ""
    texts = {
        "factors.csv": "\n".join([head, *rows]),
        "inventory.yaml": "emis: inventory/1\nname: many\nbase_year: 2017\nstatus: example\n"
        f"pollutants: [{', '.join(POLLUTANTS)}]\n"
        f"tables: [{{{entry}activity: {activity}, factors: factors.csv}}]",
    }
    for name, text in texts.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return folder
