"""A small inventory and a grid.yaml to lay over it, for tests that say only what they are about."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from emis.errors import Issues
from emis.interchange.converting import read_file, write_file
from emis.interchange.formats import Settings, Told
from emis.interchange.gridding.gridded import Gridded, grid
from emis.interchange.registry import FORMATS
from emis.interchange.series import Series, of_inventory
from emis.inventory import Inventory

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "grid"
LAMBERT = "{lambert: {p_alp: 25, p_bet: 47, p_gam: 116, xcent: 116, ycent: 40}}"


def example(folder: Path, **files: str) -> Path:
    """Copy the worked example and replace files of it (``grid_yaml`` for grid.yaml); return its folder."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text, encoding="utf-8")
    return folder


def edited(folder: Path, **changes: tuple[str, str]) -> Path:
    """Copy the worked example with one text of each file replaced by another; return its folder."""
    example(folder)
    for name, (old, new) in changes.items():
        path = folder / name.replace("_", ".", 1)
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def converted(folder: Path, to: str, out: str = "out.nc", **settings: Any) -> tuple[Path, Told, list[str]]:
    """Convert the folder's inventory and return the file, what was told, and the warnings."""
    given = Settings(**({"year": 2017, "grid": folder / "grid.yaml"} | settings))
    found, told = read_file(folder / "inventory.csv", given), list[Told]()
    files, warnings = write_file(
        found.series, FORMATS[to], folder / out, given, found.folder.files.values(), told.append
    )
    return files[0], told[0], [str(one) for one in warnings]


def series(tonnes: Any, pollutants: tuple[str, ...], year: int = 2017, **facts: Any) -> Series:
    """Return sources of reported tonnes, S × P; labels, points and profiles as they are given."""
    values = np.asarray(tonnes, dtype=float)
    size = len(values)

    def texts(name: str) -> np.ndarray:
        found = np.full(size, "", dtype=object)
        found[:] = facts.get(name, "")
        return found

    ids = np.array([f"s{number:05d}" for number in range(size)], dtype=object)
    labels = {"source": ids} | {
        name: texts(name) for name in ("sector", "category", "fuel", "technology", "region", "facility")
    }
    inventory = Inventory(
        "case", year, pollutants, labels, np.ones(size), np.full(size, "1", dtype=object), values,
        np.ones(size, dtype=bool), np.zeros_like(values), texts("profile"), facts.get("profiles", {}),
        points=facts.get("points", {}), notation=facts.get("notation"),
    )  # fmt: skip
    return of_inventory(inventory)


def laid(one: Series, folder: Path, text: str, **kinds: bool) -> tuple[Gridded | None, Issues]:
    """Lay a series over the grid that a text of a grid.yaml describes."""
    path, issues = folder / "grid.yaml", Issues()
    path.write_text(f"emis: grid/1\n{text}", encoding="utf-8")
    return grid([one], Settings(grid=path), issues, **kinds), issues


def geojson(path: Path, *polygons: tuple[dict[str, Any], list[tuple[float, float]]]) -> None:
    """Write polygons, each its properties and ring."""
    features = [
        {"type": "Feature", "properties": facts, "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}
        for facts, ring in polygons
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


def sums(found: Gridded) -> np.ndarray:
    """Return what is emitted in each cell over all hours, species × layers × rows × columns."""
    return np.sum([block.sum(axis=0) for _, block in found.fields.blocks()], axis=0)
