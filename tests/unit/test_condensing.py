"""What nothing tells apart is summed, and nothing else: reported tonnes, what is not estimated, stocks, facilities."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Project

import emis
from emis.condensing import Told, condense
from emis.distributed import in_blocks, write_sources
from emis.io.blocks import open_blocks
from emis.projection import Projection
from emis.projection import project as projected

SIZE = 240
FACTORS = "category,fuel,technology,pollutant,factor,unit\n" + "".join(
    f"{category},,{technology},{name},{1 + number},kg/t\n"
    for category in ("boiler", "kiln") for technology in ("old", "new") for number, name in enumerate(("NOx", "SO2"))
)  # fmt: skip


def write(project: Project) -> Path:
    """Write an inventory of two tables: activities with stocks and facilities, and reported tonnes, some not known."""
    rng = np.random.default_rng(4)
    number = np.arange(SIZE)
    activity = pd.DataFrame(
        {
            "source": [f"coal/{n:04d}" for n in number], "category": np.where(number % 2, "boiler", "kiln"),
            "technology": np.where(number % 5 == 0, "new", "old"), "facility": [f"plant {n % 7}" for n in number],
            "activity": rng.lognormal(3, 1, SIZE), "unit": "t/yr", "vehicles": rng.integers(1, 9, SIZE),
            "cv": np.where(number % 3, "10 %", "20 %"),
        }
    )  # fmt: skip
    nox = [f"{value:.4f}" for value in rng.lognormal(0, 1, SIZE)]
    reported = pd.DataFrame(
        {
            "source": [f"industry/{n:04d}" for n in number], "category": [f"k{n % 3}" for n in number],
            "NOx [t/yr]": np.where(number % 11 == 0, "NE", nox), "SO2 [t/yr]": np.where(number % 4 == 0, "NO", "0.25"),
        }
    )  # fmt: skip
    folder = project.root / "inventories/2017"
    folder.mkdir(parents=True, exist_ok=True)
    activity.to_csv(folder / "coal.csv", index=False)
    reported.to_csv(folder / "industry.csv", index=False)
    (folder / "factors.csv").write_text(FACTORS, encoding="utf-8")
    (folder / "inventory.yaml").write_text(
        "emis: inventory/1\nname: two\nbase_year: 2017\nstatus: example\npollutants: [NOx, SO2]\n"
        "tables:\n  - {sector: coal, activity: coal.csv, factors: factors.csv}\n"
        "  - {sector: industry, emissions: industry.csv}\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def whole(project: Project) -> Projection:
    folder = write(project)
    project.measure("close", [{"close": {"amount": "20 vehicle"}}], select={"sector": "coal", "category": "kiln"})
    project.measure("abate", [{"abate": {"efficiency": {"NOx": "40 %"}}}], select={"category": "k1"})
    project.measure("part", [{"close": {"share": "10 %"}}], select={"sector": "industry", "category": "k2"})
    project.measure("plant", [{"scale": {"activity": "-5 %"}}], select={"facility": "plant 3"})
    project.measure("cap", [{"cap": {"at_most": {"SO2": "3 t/yr"}}}], select={"category": "k0"})
    project.scenario |= {
        "years": [2017, 2018, 2020], "drivers": [{"select": {"sector": "industry"}, "growth": "4 %/yr"}],
    }  # fmt: skip
    scenario = emis.read_scenario(project.write())
    assert len(emis.read_inventory(folder)) == 2 * SIZE
    return emis.project(scenario.inventories[2017], scenario)


def by_category(projection: Projection, name: str) -> Any:
    values = projection.dataset[name]
    grouped = values.groupby("category").sum("source", skipna=False)
    return grouped.transpose("year", "category", "pollutant").values


@pytest.mark.parametrize("rows", [13, 100, 1000])
def test_totals_and_sources_are_those_of_the_whole(
    whole: Projection, project: Project, tmp_path: Path, rows: int
) -> None:
    scenario = whole.scenario
    told = Told.by(scenario.document, scenario.plan)
    found = in_blocks(open_blocks(project.root / "inventories/2017", rows=rows), told)
    assert len(found.inventory) < SIZE
    mine = projected(found.inventory, replace(scenario, inventories={2017: found.inventory}))
    for name in ("emissions", "emissions_no_plan"):
        np.testing.assert_allclose(by_category(mine, name), by_category(whole, name), rtol=1e-12)
    table = pd.read_parquet(write_sources(found, mine, tmp_path, "parquet")).set_index("source").sort_index()
    for name in ("NOx", "SO2"):
        expected = whole.dataset["emissions"].sel(year=2020, pollutant=name)
        np.testing.assert_allclose(table[f"emissions 2020 {name} [t]"], expected, rtol=1e-11)
    assert table["facility"].tolist() == whole.dataset["facility"].values.tolist()


def test_a_facility_counts_where_something_asks_for_it(project: Project) -> None:
    inventory = emis.read_inventory(write(project))
    plain = condense(inventory, Told())[0]
    asked = condense(inventory, Told(facility=True))[0]
    assert len(plain.inventory) < len(asked.inventory)
    assert plain.members.sum() == asked.members.sum() == 2 * SIZE


def test_what_is_not_estimated_is_not_summed_with_what_is(project: Project) -> None:
    inventory = emis.read_inventory(write(project))
    found, code = condense(inventory, Told())
    unknown = np.isnan(inventory.factor)
    assert unknown.any()
    assert (np.isnan(found.whole.factor)[code] == unknown).all()
