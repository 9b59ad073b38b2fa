"""Documents against their models: every fault with the line it is about, and what would be right."""

import difflib
import types
import typing
from collections.abc import Iterator
from typing import Any, TypeVar

import pydantic

from emis import vocabulary
from emis.errors import Issues, UnitError
from emis.io.documents import Tree, plain, walk

__all__ = ["models_in", "salvage", "validate"]

M = TypeVar("M", bound=pydantic.BaseModel)


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
    for path, part, line in walk(tree):
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
