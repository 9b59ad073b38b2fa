"""A grid.yaml read with everything it names: surrogates over the grid, profiles of time, species."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from emis.errors import Issues
from emis.grid_settings import GridDocument, Place
from emis.interchange.gridding.hours import KINDS, Profiles, read_profiles
from emis.interchange.gridding.plane import MISSING, Plane
from emis.interchange.gridding.species import SpeciesTable, read_species
from emis.interchange.gridding.surrogates import Located, locate
from emis.inventory import Floats
from emis.io import documents, validation
from emis.io.documents import Tree
from emis.io.folders import Folder, beside
from emis.io.tables import Table, read_table
from emis.schema import Places

__all__ = ["Setup", "load_setup"]


@dataclass(frozen=True)
class Setup:
    """How sources come onto a grid, read and checked."""

    document: GridDocument
    plane: Plane
    surrogates: tuple[Located | None, ...]
    fallback: Located | None
    profiles: Profiles
    species: SpeciesTable
    folder: Folder
    places: Places

    def at(self, *path: str | int) -> tuple[str, int]:
        """Return file and line of a key of grid.yaml."""
        return self.places.at(("grid", *path))


def load_setup(
    path: Path, issues: Issues, encoding: str | None = None, hourly: bool = True, speciated: bool = True
) -> Setup | None:
    """Read a grid.yaml and what it names; None, and `issues` says why, when it cannot be used.

    Parameters
    ----------
    hourly, speciated : bool
        Whether its tables of profiles, and of species, are needed.
    """
    try:
        import pyproj
        import shapely
    except ImportError:
        issues.error(str(path), 0, "", MISSING, "then run it again")
        return None
    del pyproj, shapely
    before, folder = len(issues.errors), Folder.around(path)
    folder.read(path)
    shown = folder.shown(path)
    tree = documents.read_document(path, shown, issues)
    if tree is None:
        return None
    if not isinstance(tree.value, dict):
        issues.error(shown, tree.line, "", "expected a mapping", "start with emis: grid/1")
        return None
    document = validation.validate(GridDocument, tree, issues)
    if document is None:
        return None
    reader = _Named(path, tree, folder, issues, encoding)
    plane = _plane(document, reader.places, issues)
    profiles = _profiles(document, reader, issues) if hourly else {}
    species = _species(document, reader, issues) if speciated else None
    if plane is None:
        return None
    surrogates = tuple(reader.located(one, plane, ("surrogates", n)) for n, one in enumerate(document.surrogates))
    fallback = reader.located(document.fallback, plane, ("fallback",)) if document.fallback is not None else None
    if len(issues.errors) > before:
        return None
    return Setup(document, plane, surrogates, fallback, profiles, species or SpeciesTable(), folder, reader.places)


def _plane(document: GridDocument, places: Places, issues: Issues) -> Plane | None:
    try:
        return Plane(document.grid)
    except PydanticCustomError as error:
        told = error.context or {}
        path = ("grid", "projection", *told.get("key", ()))
        issues.error(*places.at(("grid", *path)), ".".join(map(str, path)), str(told["message"]), str(told["hint"]))
        return None


def _profiles(document: GridDocument, reader: "_Named", issues: Issues) -> Mapping[str, Mapping[str, Floats]]:
    found = {}
    for kind in KINDS if document.temporal is not None else ():
        table = reader.table(("temporal", kind))
        if table is not None:
            found[kind] = read_profiles(table, kind, issues)
    return found


def _species(document: GridDocument, reader: "_Named", issues: Issues) -> SpeciesTable | None:
    table = reader.table(("speciation", "table"))
    return None if table is None else read_species(table, issues)


@dataclass
class _Named:
    """Files that keys of a grid.yaml name."""

    path: Path
    tree: Tree
    folder: Folder
    issues: Issues
    encoding: str | None
    places: Places = field(init=False)
    _tables: dict[Path, Table | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = documents.places(self.tree, "grid")

    def file(self, keys: tuple[Any, ...]) -> Path | None:
        """Return the file that a key names; None where there is no such key, or, with a fault, no such file."""
        here = self.tree
        for key in keys:
            if isinstance(here.value, dict) and key not in here.value:
                return None
            here = here.value[key]
        place, dotted = self.places.at(("grid", *keys)), ".".join(map(str, keys))
        found = self.folder.resolve(self.path, str(here.value), place[1], dotted, self.issues)
        if found is not None and not found.exists():
            self.issues.error(*place, dotted, f"{here.value!r} is not there", beside(found))
            return None
        if found is not None:
            self.folder.read(found)
        return found

    def table(self, keys: tuple[Any, ...]) -> Table | None:
        """Return the table that a key names; one that is named twice is read once."""
        path = self.file(keys)
        if path is None:
            return None
        if path not in self._tables:
            self._tables[path] = read_table(path, self.folder.shown(path), self.issues, encoding=self.encoding)
        return self._tables[path]

    def located(self, place: Place, plane: Plane, keys: tuple[Any, ...]) -> Located | None:
        """Return a surrogate over the grid."""
        return locate(
            place, plane, lambda key: self.file((*keys, key)), lambda key: self.table((*keys, key)),
            self.folder.shown, self.issues,
        )  # fmt: skip
