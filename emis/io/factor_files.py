"""The factor tables of an inventory, or one that stands alone, for those who look at the factors themselves."""

from pathlib import Path

from emis.errors import InputError, Issue, Issues
from emis.io.factors import Factors, is_factor_table
from emis.io.flat_files import is_flat
from emis.io.folders import Folder
from emis.io.inventories import load_document
from emis.io.tables import read_table

__all__ = ["holds_factors", "load_factors", "read_factors"]


def holds_factors(path: Path, encoding: str | None = None) -> bool:
    """Tell whether a file is a factor table; what cannot be read is none."""
    if not path.is_file() or path.suffix.lower() in (".yaml", ".yml") or is_flat(path, encoding):
        return False
    table = read_table(path, str(path), Issues(), None, encoding)
    return table is not None and is_factor_table(table)


def read_factors(path: str | Path, *, encoding: str | None = None, root: str | Path | None = None) -> list[Factors]:
    """Read the factor tables that an inventory names, one after the other, or a factor table.

    Parameters
    ----------
    path : path
        Folder of an inventory, its inventory.yaml, or a CSV, TSV, XLSX or Parquet table of factors.

    Raises
    ------
    InputError
        Every fault of every file; and when the inventory names no factor table.
    """
    issues = Issues()
    found = load_factors(Path(path), Folder.around(Path(path), root), issues, encoding)
    issues.raise_if_any()
    if not found:
        message = "names no table of factors: its sources report tonnes"
        raise InputError(
            [Issue(str(path), 0, "tables", message, "name an inventory with `factors`, or a factor table")]
        )
    return found


def load_factors(path: Path, folder: Folder, issues: Issues, encoding: str | None = None) -> list[Factors]:
    """Read factor tables as `read_factors` does, and note their faults."""
    target = path / "inventory.yaml" if path.is_dir() else path
    files = [target]
    if target.suffix.lower() in (".yaml", ".yml"):
        document = load_document(target, folder, issues)
        entries = document[0].tables if document else ()
        named = [name for entry in entries for name in entry.factor_files]
        paths = [folder.resolve(target, name, 0, "tables", issues) for name in named]
        files = list(dict.fromkeys(found for found in paths if found is not None))
    tables = (read_table(one, folder.shown(one), issues, None, encoding) for one in files)
    return [Factors.read(table, issues) for table in tables if table is not None]
