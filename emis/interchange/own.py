"""What emis itself reads: inventories and single tables of sources, results and scenarios."""

from collections.abc import Sequence

from emis.errors import Issues
from emis.interchange.formats import Format, Given, Head
from emis.interchange.series import Series, of_inventory
from emis.io.inventories import load_inventory

__all__ = ["INVENTORY"]

_HEADS = ({"source", "activity"}, {"source", "emission"}, {"source", "category"})


def _is_inventory(head: Head) -> bool:
    if head.path.is_dir():
        return (head.path / "inventory.yaml").is_file()
    if head.suffix in (".yaml", ".yml"):
        return any(line.split("#")[0].strip().replace(" ", "") == "emis:inventory/1" for line in head.lines)
    if head.suffix in (".parquet", ".pq"):
        return True
    names = {name.split("[")[0].strip() for name in head.header}
    return any(one <= names for one in _HEADS)


def _read_inventory(given: Given, issues: Issues) -> Sequence[Series]:
    settings, before = given.settings, len(issues.errors)
    found = load_inventory(given.path, given.folder, issues, settings.encoding, settings.year)
    if found is None or len(issues.errors) > before:
        return ()
    return (of_inventory(found),)


INVENTORY = Format(
    name="emis",
    title="inventory of emis: a folder, or a single table",
    suffix="",
    recognises=_is_inventory,
    read=_read_inventory,
)
