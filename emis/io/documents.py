"""YAML documents: read by the rules of YAML 1.2, validated by a model, every fault with its file and line.

A document is kept as a tree of nodes that know where they stand, so that a scenario may extend another and every value
still points to the file it was written in.
"""

import difflib
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pydantic
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from emis import vocabulary
from emis.errors import Issues
from emis.schema import Places
from emis.units import UnitError

__all__ = ["Tree", "models_in", "parse", "places", "plain", "read_document", "salvage", "validate"]

Path_ = tuple[str | int, ...]
M = TypeVar("M", bound=pydantic.BaseModel)

_LARGEST_FILE = 5_000_000
_DEEPEST = 50
_MOST_NODES = 300_000
_TAGS = {"null", "bool", "int", "float", "str", "timestamp", "merge"}


class _Int(int):
    """An integer that remembers how it was written: a town code 0110109 keeps its zero."""

    text: str


class _Float(float):
    """A number that remembers how it was written."""

    text: str


@dataclass
class Tree:
    """A value and where it stands: a scalar, a list of trees, or a mapping to trees."""

    value: Any
    file: str
    line: int
    keys: dict[Any, int] = field(default_factory=dict)


def read_document(path: Path, shown: str, issues: Issues) -> Tree | None:
    """Read a YAML file into a tree; None when it cannot be, and `issues` says why."""
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            issues.error(
                shown, 0, "", f"is {size / 1e6:.0f} MB, more than a document may be", "move tables to CSV files"
            )
            return None
        raw = path.read_bytes()
    except OSError as error:
        issues.error(shown, 0, "", f"cannot be read: {error.strerror or error}", "check the name and that it is a file")
        return None
    return parse(raw, shown, issues)


def parse(raw: bytes, shown: str, issues: Issues) -> Tree | None:
    """Parse YAML text into a tree."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        issues.error(shown, 1, "", "is in UTF-16", "save it as UTF-8")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        guess = "GB18030 (GBK)" if _decodes(raw, "gb18030") else "another encoding"
        issues.error(shown, line, "", f"is not UTF-8, it looks like {guess}", "save it as UTF-8")
        return None
    try:
        documents = list(YAML(typ="safe", pure=True).compose_all(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
        issues.error(shown, mark.line + 1 if mark else 0, "", f"is not YAML: {message}", _yaml_hint(message))
        return None
    except (YAMLError, RecursionError, ValueError) as error:
        issues.error(
            shown,
            0,
            "",
            f"is not YAML: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
            "check brackets, quotes and indentation",
        )
        return None
    if len(documents) != 1 or documents[0] is None:
        issues.error(
            shown,
            1,
            "",
            f"expected one document, found {len([d for d in documents if d is not None])}",
            "write one YAML mapping",
        )
        return None
    try:
        return _Builder(shown, issues).build(documents[0])
    except _Overgrown as error:
        message = "is nested too deeply or repeats itself too often"
        issues.error(shown, error.line, "", message, "write it out plainly, without anchors")
        return None


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _yaml_hint(message: str) -> str:
    if "\\t" in message or "tab" in message:
        return "indent with blanks, not with tabs"
    return "check brackets, quotes, colons and indentation"


class _Overgrown(Exception):  # noqa: N818 - a bomb of anchors, not an error of ours
    """A document that grows beyond reason when its anchors are followed."""

    def __init__(self, line: int):
        super().__init__(line)
        self.line = line


class _Builder:
    """Turns composed nodes into trees by the YAML 1.2 core rules: dates stay text, no tags, no duplicate keys."""

    def __init__(self, file: str, issues: Issues):
        self.file, self.issues = file, issues
        self.built = 0

    def build(self, node: Node, depth: int = 0) -> Tree:
        line = node.start_mark.line + 1
        self.built += 1
        if depth > _DEEPEST or self.built > _MOST_NODES:
            raise _Overgrown(line)
        tag = str(node.tag).rsplit(":", 1)[-1]
        if isinstance(node, MappingNode):
            return self._mapping(node, line, depth)
        if isinstance(node, SequenceNode):
            return Tree([self.build(item, depth + 1) for item in node.value], self.file, line)
        assert isinstance(node, ScalarNode)
        if tag not in _TAGS:
            self.issues.error(self.file, line, "", f"the tag {node.tag} is not read", "leave tags out")
        return Tree(self._scalar(node, tag), self.file, line)

    def _mapping(self, node: MappingNode, line: int, depth: int) -> Tree:
        result: dict[Any, Tree] = {}
        lines: dict[Any, int] = {}
        for key_node, value_node in node.value:
            key = self.build(key_node, depth + 1)
            if isinstance(key.value, dict | list):
                self.issues.error(self.file, key.line, "", "a key is a list or a mapping", "write keys as plain text")
                continue
            name = str(key.value) if isinstance(key.value, _Float) else key.value
            if name in result:
                self.issues.error(
                    self.file,
                    key.line,
                    str(name),
                    f"the key {name!r} stands twice, first in line {lines[name]}",
                    "keep one of them",
                )
                continue
            if name == "<<":
                self.issues.error(
                    self.file, key.line, "<<", "merge keys are not read", "write the keys out, or use `extends`"
                )
                continue
            result[name] = self.build(value_node, depth + 1)
            lines[name] = key.line
        return Tree(result, self.file, line, lines)

    def _scalar(self, node: ScalarNode, tag: str) -> Any:
        text = str(node.value)
        if node.style in ("'", '"', "|", ">") or tag in ("str", "timestamp", "merge"):
            return text
        if tag == "null":
            return None
        if tag == "bool":
            return text.lower() == "true"
        try:
            if tag == "int":
                number: Any = _Int(int(text, 0) if text.lower().startswith(("0o", "0x")) else int(text))
            else:
                number = _Float(
                    text.replace(".inf", "inf").replace(".nan", "nan").replace(".Inf", "inf").replace(".NaN", "nan")
                )
        except ValueError:
            return text
        number.text = text
        return number


def plain(tree: Tree) -> Any:
    """Return the tree's value as plain mappings, lists and scalars."""
    if isinstance(tree.value, dict):
        return {key: plain(item) for key, item in tree.value.items()}
    if isinstance(tree.value, list):
        return [plain(item) for item in tree.value]
    return tree.value


def places(tree: Tree, name: str) -> Places:
    """Return where every part of a document stands; items of a list are known by number and by their id."""
    return Places({(name, *path): (part.file, line) for path, part, line in _walk(tree)})


def _walk(tree: Tree, path: Path_ = (), line: int = 0) -> Iterator[tuple[Path_, Tree, int]]:
    yield path, tree, line or tree.line
    if isinstance(tree.value, dict):
        for key, item in tree.value.items():
            yield from _walk(item, (*path, key), tree.keys.get(key, item.line))
    elif isinstance(tree.value, list):
        for number, item in enumerate(tree.value):
            yield from _walk(item, (*path, number))
            if isinstance(item.value, dict) and "id" in item.value:
                yield from _walk(item, (*path, str(item.value["id"].value)))


def validate(model: type[M], tree: Tree, issues: Issues) -> M | None:
    """Validate a tree by a model; every fault goes to `issues` with the line it is about."""
    _report_aliases(tree, issues)
    try:
        return model.model_validate(plain(tree))
    except pydantic.ValidationError as error:
        for one in _most_telling(error.errors(include_url=False)):
            _report(one, model, tree, issues)
        return None


def salvage(model: type[M], tree: Tree) -> M | None:
    """Return a document without its faulty keys and items, to look for more; None when too much is wrong."""
    data = plain(tree)
    if not isinstance(data, dict):
        return None
    for _ in range(3):
        try:
            return model.model_validate(data)
        except pydantic.ValidationError as error:
            for key, items in _faulty(error, data).items():
                if items is None:
                    data.pop(key, None)
                else:
                    data[key] = [item for number, item in enumerate(data[key]) if number not in items]
    return None


def _faulty(error: pydantic.ValidationError, data: dict[Any, Any]) -> dict[Any, set[int] | None]:
    """Return the keys of a document that hold faults, with the numbers of the faulty items where a key holds a list."""
    found: dict[Any, set[int] | None] = {}
    for one in error.errors(include_url=False):
        path = (*one["loc"], *one.get("ctx", {}).get("key", ()))
        if len(path) > 1 and isinstance(path[1], int) and isinstance(data.get(path[0]), list):
            known = found.setdefault(path[0], set())
            if known is not None:
                known.add(path[1])
        elif path:
            found[path[0]] = None
    return found


def _report_aliases(tree: Tree, issues: Issues) -> None:
    """Say which other spellings of pollutants were read, once each."""
    seen: set[str] = set()
    for path, part, line in _walk(tree):
        names = (
            list(part.value) if isinstance(part.value, dict) else [part.value] if path[-1:] == ("pollutant",) else []
        )
        for text in names:
            name = vocabulary.POLLUTANT_ALIASES.get(text, text) if isinstance(text, str) else text
            if name != text and text not in seen:
                seen.add(text)
                issues.warn(part.file, part.keys.get(text, line), ".".join(map(str, path)), f"{text} is read as {name}")


def _most_telling(errors: list[Any]) -> list[Any]:
    """Of the complaints of a union's branches about one value keep those that reached deepest into it."""
    kept: list[Any] = []
    for one in errors:
        loc = tuple(one["loc"])
        branch = next((i for i, part in enumerate(loc) if isinstance(part, str) and _is_branch(part)), None)
        if branch is None:
            kept.append(one)
            continue
        rivals = [other for other in errors if other["loc"][:branch] == loc[:branch] and len(other["loc"]) > branch]
        deepest = max(rivals, key=lambda other: (_emis(other), len(other["loc"])))
        if one is deepest or (_emis(one) and one["loc"][branch] == deepest["loc"][branch]):
            kept.append(one)
    return kept


def _is_branch(part: str) -> bool:
    return "[" in part or part in {
        "str",
        "int",
        "float",
        "bool",
        "constrained-str",
        "Destination",
        "Title",
        "Measure",
        "Interval",
        "nullable",
        "literal",
    }


def _emis(error: Any) -> int:
    return 1 if error["type"] == "emis" or isinstance(error.get("ctx", {}).get("error"), UnitError) else 0


def _report(error: Any, model: type[pydantic.BaseModel], tree: Tree, issues: Issues) -> None:
    context = error.get("ctx", {})
    wanted = [*error["loc"], *context.get("key", ())]
    path: list[str | int] = []
    part, line = tree, tree.line
    for key in wanted:
        if isinstance(part.value, dict) and key in part.value:
            line, part = part.keys.get(key, part.line), part.value[key]
        elif isinstance(part.value, list) and isinstance(key, int) and key < len(part.value):
            part = part.value[key]
            line = part.line
        else:
            continue
        path.append(_named(part, key))
    message, hint = _said(error, model, part)
    issues.error(part.file, line, ".".join(str(key) for key in path), message, hint)


def _named(part: Tree, key: str | int) -> str | int:
    identity = part.value.get("id") if isinstance(part.value, dict) and isinstance(key, int) else None
    return str(identity.value) if identity is not None else key


def _said(error: Any, model: type[pydantic.BaseModel], part: Tree) -> tuple[str, str]:
    """Return what is wrong and what would be right, in the words of the field."""
    context, kind = error.get("ctx", {}), error["type"]
    found = "" if isinstance(part.value, dict | list) else f", found {part.value!r}"
    if kind == "emis":
        return str(context["message"]), str(context["hint"])
    if isinstance(context.get("error"), UnitError):
        return context["error"].message, context["error"].hint
    if kind == "extra_forbidden":
        key = str(error["loc"][-1])
        known = _fields(model, error["loc"][:-1])
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
        return f"unknown key {key!r}", f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
    if kind == "missing":
        return f"the key {error['loc'][-1]!r} is missing", "add it"
    if kind == "literal_error":
        return f"expected {context['expected']}{found}", vocabulary.suggest(
            str(part.value), _quoted(context["expected"])
        )
    if kind in (
        "string_type",
        "model_type",
        "model_attributes_type",
        "dict_type",
        "tuple_type",
        "list_type",
        "int_type",
        "float_type",
        "bool_type",
    ):
        wanted = {
            "string": "text", "model": "a mapping", "dict": "a mapping", "tuple": "a list", "list": "a list",
            "int": "a whole number", "float": "a number", "bool": "true or false",
        }[kind.split("_")[0]]  # fmt: skip
        shape = {dict: "a mapping", list: "a list", type(None): "a blank"}.get(type(part.value), repr(part.value))
        return (
            f"expected {wanted}, found {shape}",
            "put quotes around it" if wanted == "text" and found != "" else f"write {wanted}",
        )
    return f"{error['msg'][0].lower()}{error['msg'][1:]}{found}", ""


def _quoted(expected: str) -> list[str]:
    return [part for part in expected.split("'") if part.strip() and part.strip() not in ("or", ",")]


def _fields(model: Any, loc: tuple[str | int, ...]) -> list[str]:
    """Return the keys a mapping at `loc` may have, following the types of the model."""
    found = list(models_in(model))
    for key in loc:
        if isinstance(key, str):
            deeper = [
                field.annotation
                for one in found
                for name, field in one.model_fields.items()
                if key in (name, field.alias)
            ]
            if deeper:
                found = [nested for annotation in deeper for nested in models_in(annotation)]
    return [field.alias or name for one in found for name, field in one.model_fields.items()]


def models_in(annotation: Any) -> Iterator[type[pydantic.BaseModel]]:
    """Yield the models a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        yield annotation
    elif isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for argument in typing.get_args(annotation):
            yield from models_in(argument)
