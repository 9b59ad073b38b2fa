"""The YAML of PRIMAP2's interchange format, which says what the columns of the CSV beside it are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emis import vocabulary
from emis.errors import Issues
from emis.interchange.formats import Given
from emis.interchange.scenario_tables.primap2_names import terminology_of
from emis.io import documents
from emis.io.documents import Tree

__all__ = ["Meta", "read_pair"]


@dataclass(frozen=True)
class Meta:
    """What the YAML says: attributes, columns by what they are, and the form of times; and where it stands."""

    shown: str
    line: int
    attrs: Mapping[str, str]
    dimensions: tuple[str, ...]
    coordinates: Mapping[str, str]
    time_format: str
    data_file: tuple[str, int] | None

    @property
    def entity(self) -> str:
        """The column of entities."""
        known = self.attrs.get("entity_terminology")
        return f"entity ({known})" if known else "entity"

    def named(self, key: str, start: str) -> str:
        """Return the dimension that an attribute names, else the one that starts so; "" for none."""
        given = self.attrs.get(key, "")
        return given or next((one for one in self.dimensions if terminology_of(one)[0] == start), "")


def read_pair(given: Given, issues: Issues) -> tuple[Meta, Path] | None:
    """Return the metadata and the path of the table."""
    path, before = given.path, len(issues.errors)
    if path.suffix.lower() in (".yaml", ".yml"):
        meta = _meta(path, given, issues)
        if meta is None:
            return None
        name, line = meta.data_file or (f"{path.stem}.csv", 1)
        data = given.folder.resolve(path, name, line, "data_file", issues)
        if data is not None and not data.is_file():
            issues.error(meta.shown, line, "data_file", f"{name!r} is not there", "name the CSV beside this file")
        return (meta, data) if data is not None and len(issues.errors) == before else None
    yaml = next((one for one in (path.with_suffix(".yaml"), path.with_suffix(".yml")) if one.is_file()), None)
    if yaml is None:
        hint = f"put {path.stem}.yaml beside it, which says what its columns are"
        issues.error(given.shown, 0, "", "has no metadata beside it", hint)
        return None
    given.folder.read(yaml)
    meta = _meta(yaml, given, issues)
    if meta is not None and meta.data_file is not None and Path(meta.data_file[0]).name != path.name:
        name, line = meta.data_file
        issues.error(meta.shown, line, "data_file", f"names {name!r}, and {path.name} was given", "give one of a pair")
        return None
    return None if meta is None else (meta, path)


def _meta(path: Path, given: Given, issues: Issues) -> Meta | None:
    shown, before = given.folder.shown(path), len(issues.errors)
    tree = documents.read_document(path, shown, issues)
    if tree is None:
        return None
    content = tree.value if isinstance(tree.value, dict) else {}
    dimensions = _lists(content.get("dimensions"), shown, issues)
    attrs = _texts(content.get("attrs"), "attrs", shown, issues)
    coordinates = _texts(content.get("additional_coordinates"), "additional_coordinates", shown, issues)
    for name, known in (("attrs", attrs), ("dimensions", dimensions)):
        if not known:
            issues.error(shown, tree.line, name, "is missing", "say what the columns of the table are")
    if attrs and "area" not in attrs:
        line = content["attrs"].line
        issues.error(shown, line, "attrs.area", "is missing", "name the column of areas, such as area (ISO3)")
    for key in ("area", "cat", "scen"):
        if dimensions and attrs.get(key, dimensions[0]) not in dimensions:
            line = content["attrs"].value[key].line
            hint = vocabulary.suggest(attrs[key], dimensions)
            issues.error(shown, line, f"attrs.{key}", f"{attrs[key]!r} is none of the dimensions", hint)
    form = content.get("time_format")
    data = content.get("data_file")
    if len(issues.errors) > before:
        return None
    return Meta(
        shown, tree.line, attrs, dimensions, coordinates, str(form.value) if form is not None else "%Y",
        (str(data.value), data.line) if data is not None else None,
    )  # fmt: skip


def _texts(tree: Tree | None, key: str, shown: str, issues: Issues) -> dict[str, str]:
    if tree is None:
        return {}
    if not isinstance(tree.value, dict):
        issues.error(shown, tree.line, key, "is not a mapping", "write key: value")
        return {}
    return {
        str(name): _text(item) for name, item in tree.value.items() if item.value is not None and name != "sec_cats"
    }


def _text(tree: Tree) -> str:
    return str(getattr(tree.value, "text", tree.value))


def _lists(tree: Tree | None, shown: str, issues: Issues) -> tuple[str, ...]:
    """Return every column that is a dimension of an entity, each once."""
    if tree is None:
        return ()
    lists = list(tree.value.values()) if isinstance(tree.value, dict) else []
    if not lists or not all(isinstance(one.value, list) for one in lists):
        issues.error(shown, tree.line, "dimensions", "is no mapping of lists", "write '*': and the list of columns")
        return ()
    return tuple(dict.fromkeys(_text(item) for one in lists for item in one.value))
