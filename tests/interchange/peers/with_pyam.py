"""What pyam and nomenclature make of a file of emis, and files that pyam writes: run by their own interpreter."""

import json
import logging
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import pandas as pd  # noqa: E402
import pyam  # noqa: E402


def totals(file, definitions):
    """Open a file, check every total of it, convert a unit, and validate it against definitions."""
    from nomenclature import DataStructureDefinition

    df = pyam.IamDataFrame(file)
    held = sorted({name.rsplit("|", 1)[0] for name in df.variable if name.count("|") > 1})
    held = held[:: max(1, len(held) // 150)]  # each takes pyam a while
    off = [name for name in held if df.check_aggregate(name) is not None]
    whole = min(df.region, key=len)
    parts = [name for name in df.region if name != whole]
    by_region = df.check_aggregate_region(df.variable, whole, parts) if parts else None
    DataStructureDefinition(Path(definitions) / "definitions").validate(df)
    top = df.filter(region=whole, variable="Emissions|*", level=0).data
    kilotonnes = df.convert_unit("t/yr", "kt/yr")
    return {
        "totals": [[r.scenario, r.variable, int(r.year), r.value] for r in top.itertuples()],
        "off": off,
        "off by region": by_region is not None,
        "checked": len(held),
        "kilotonnes": float(kilotonnes.filter(region=whole, variable="Emissions|NOx").data.value.iloc[0]),
    }


def written(folder):
    """Write files by pyam's own means: totals, sectors and parts of sectors, two scenarios and a blank cell."""
    rows = [
        ("Emissions|Sulfur", "Mt SO2/yr", 3.3, 2.2),
        ("Emissions|Sulfur|Energy", "Mt SO2/yr", 2.3, 1.2),
        ("Emissions|Sulfur|Energy|Supply", "Mt SO2/yr", 2.0, 1.0),
        ("Emissions|Sulfur|Energy|Demand|Transportation", "Mt SO2/yr", 0.3, 0.2),
        ("Emissions|Sulfur|Industrial Processes", "Mt SO2/yr", 1.0, 1.0),
        ("Emissions|NOx", "Mt NO2/yr", 10.0, None),
        ("Emissions|BC", "kt BC/yr", 0.1, 0.25),
        ("Emissions|HFC", "kt HFC134a-equiv/yr", 5.0, 6.0),
        ("Primary Energy", "EJ/yr", 500.0, 600.0),
    ]
    data = pd.DataFrame(rows, columns=["variable", "unit", 2020, 2030])
    several = [data.assign(model="MODEL 1", scenario=name, region="World") for name in ("base", "policy")]
    df = pyam.IamDataFrame(pd.concat(several))
    df.to_csv(folder / "wide.csv")
    df.to_excel(folder / "wide.xlsx")
    df.data.to_csv(folder / "long.csv", index=False)
    top = df.filter(variable="Emissions|*", level=0).data
    return {"totals": [[r.scenario, r.variable, int(r.year), r.value] for r in top.itertuples()]}


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    found = totals(*arguments) if task == "totals" else written(Path(arguments[0]))
    print(json.dumps(found))
