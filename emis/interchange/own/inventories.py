"""What emis itself reads and writes: inventories, as folders or single tables, and folders of several years."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from emis.coded import Coded, Labels, increasing, objects
from emis.errors import Issues
from emis.interchange.cells import plain_text
from emis.interchange.formats import Format, Given, Head
from emis.interchange.own.inventory_folders import write_folder
from emis.interchange.series import Series, of_inventory
from emis.inventory import Inventory
from emis.io.inventories import load_inventory
from emis.vocabulary import LABELS

__all__ = ["INVENTORY"]

_HEADS = ({"source", "activity"}, {"source", "emission"}, {"source", "category"})


def _is_inventory(head: Head) -> bool:
    if head.path.is_dir():
        return (head.path / "inventory.yaml").is_file() or bool(_years(head.path))
    if head.suffix in (".yaml", ".yml"):
        return any(line.split("#")[0].strip().replace(" ", "") == "emis:inventory/1" for line in head.lines)
    if head.suffix in (".parquet", ".pq"):
        return True
    names = {name.split("[")[0].strip() for name in head.header}
    return any(one <= names for one in _HEADS)


def _years(folder: Path) -> dict[int, Path]:
    """Return the inventories of years in a folder, which are named by their year."""
    named = (one for one in folder.iterdir() if len(one.name) == 4 and one.name.isascii() and one.name.isdecimal())
    return {int(one.name): one for one in sorted(named) if (one / "inventory.yaml").is_file()}


def _read_inventory(given: Given, issues: Issues) -> Sequence[Series]:
    settings, before = given.settings, len(issues.errors)
    several = {}
    if given.path.is_dir() and not (given.path / "inventory.yaml").is_file():
        several = _years(given.path)
    if settings.year is not None and several:
        if settings.year not in several:
            there = ", ".join(map(str, several))
            issues.error(given.shown, 0, "year", f"there is no year {settings.year}", f"there are {there}")
            return ()
        several = {settings.year: several[settings.year]}
    chosen: list[tuple[int | None, Path]] = [*several.items()] or [(settings.year, given.path)]
    loaded = [load_inventory(path, given.folder, issues, settings.encoding, year) for year, path in chosen]
    found = [_plain(one) for one in loaded if one is not None]
    if len(found) < len(loaded) or len(issues.errors) > before:
        return ()
    return (of_inventory(found[0]),) if len(found) == 1 else _joined(found, given, issues)


def _plain(inventory: Inventory) -> Inventory:
    """Return an inventory without the apostrophes that keep texts from being run as formulas."""
    labels = {name: _without(inventory.coded(name)) for name in ("source", *LABELS)}
    if not increasing(labels["source"].texts):  # the order of the sources is that of their ids
        labels["source"] = inventory.coded("source")
    reference = inventory.reference
    if reference is not None:
        reference = _without(Coded.of(reference)).texts
    return replace(inventory, labels=Labels(labels), reference=reference)


def _without(coded: Coded) -> Coded:
    """Return a column of texts without them."""
    texts = [plain_text(str(text)) for text in coded.values]
    if texts == coded.values.tolist():
        return coded
    found = Coded.of(objects(texts))
    return Coded(found.values, found.codes[coded.codes])


def _joined(several: Sequence[Inventory], given: Given, issues: Issues) -> Sequence[Series]:
    """Return inventories of the same sources and pollutants as one series, with the activities of the first."""
    first = of_inventory(several[0])
    for one in several[1:]:
        if one.pollutants != first.pollutants or one.values("source") != first.inventory.values("source"):
            message = (
                f"the inventories of {several[0].base_year} and {one.base_year} are of other sources or pollutants"
            )
            issues.error(given.shown, 0, "year", message, "convert each year by itself: --year")
            return ()
    series = [of_inventory(one) for one in several]
    values, keys = (np.concatenate([getattr(one, name) for one in series]) for name in ("values", "keys"))
    return (Series(first.inventory, tuple(one.base_year for one in several), values, keys),)


INVENTORY = Format(
    name="emis",
    title="inventory of emis: a folder, or a single table",
    suffix="",
    carries=frozenset(
        "source sector category fuel technology region facility activity control interval notation not_applicable"
        " profile stock point reference grade codes status title titles years".split()
    ),
    recognises=_is_inventory,
    read=_read_inventory,
    write=write_folder,
)
