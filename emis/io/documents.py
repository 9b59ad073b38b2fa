"""YAML documents: read by the rules of YAML 1.2, validated by a model, every fault with its file and line.

A document is kept as a tree of nodes that know where they stand, so that a scenario may extend another and every value
still points to the file it was written in.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pydantic
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from emis.errors import Issues
from emis.io.composing import composed
from emis.io.folders import beside
from emis.schema import Places

__all__ = ["Tree", "parse", "places", "plain", "read_document", "walk"]

Path_ = tuple[str | int, ...]
M = TypeVar("M", bound=pydantic.BaseModel)

_LARGEST_FILE = 5_000_000
_DEEPEST = 50
_DEEPEST_FLOW = 500
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
        if not path.is_file():
            issues.error(shown, 0, "", "is not a file" if path.exists() else "is not there", beside(path))
            return None
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            issues.error(
                shown, 0, "", f"is {size / 1e6:.0f} MB, more than a document may be", "move tables to CSV files"
            )
            return None
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        issues.error(
            shown,
            0,
            "",
            f"cannot be read: {getattr(error, 'strerror', None) or error}",
            "check the name and that it is a file",
        )
        return None
    return parse(raw, shown, issues)


def _nesting(raw: bytes) -> int:
    """Return how deep brackets stand within each other: the time that a parser needs grows with its square."""
    codes = np.frombuffer(raw, dtype=np.uint8)
    steps = np.isin(codes, list(b"[{")).astype(np.int64) - np.isin(codes, list(b"]}"))
    return int(np.cumsum(steps).max(initial=0))


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
    if _nesting(raw) > _DEEPEST_FLOW:
        message = f"is not YAML that is read: brackets within brackets, more than {_DEEPEST_FLOW} deep"
        issues.error(shown, 1, "", message, "check brackets, quotes and indentation")
        return None
    try:
        quick = composed(text)
        documents = [quick] if quick is not None else list(YAML(typ="safe", pure=True).compose_all(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
        issues.error(shown, mark.line + 1 if mark else 0, "", f"is not YAML: {message}", _yaml_hint(message))
        return None
    except (YAMLError, RecursionError, ValueError, AssertionError) as error:
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
        if not isinstance(node, ScalarNode) and tag not in ("map", "seq"):
            self.issues.error(self.file, line, "", f"the tag {node.tag} is not read", "leave tags out")
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
            if result[name].value is None:
                self.issues.error(self.file, key.line, str(name), "is blank", "write a value, or leave the key out")
        return Tree(result, self.file, line, lines)

    def _scalar(self, node: ScalarNode, tag: str) -> Any:
        text = str(node.value)
        if node.style in ("'", '"', "|", ">") or tag in ("str", "timestamp", "merge"):
            return text
        if tag == "null":
            return None
        if "_" in text:  # YAML 1.1 allowed 2_020
            return text
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
    return Places({(name, *path): (part.file, line) for path, part, line in walk(tree)})


def walk(tree: Tree, path: Path_ = (), line: int = 0) -> Iterator[tuple[Path_, Tree, int]]:
    """Yield every part of a document with its path and line."""
    yield path, tree, line or tree.line
    if isinstance(tree.value, dict):
        for key, item in tree.value.items():
            yield from walk(item, (*path, key), tree.keys.get(key, item.line))
    elif isinstance(tree.value, list):
        for number, item in enumerate(tree.value):
            yield from walk(item, (*path, number))
            if isinstance(item.value, dict) and "id" in item.value:
                yield from walk(item, (*path, str(item.value["id"].value)))
