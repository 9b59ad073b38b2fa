"""Values of the command line that replace those of a document: ``--set measures.A19.penetration=60%``."""

import re
from typing import Any

from pydantic import BaseModel

from emis import vocabulary
from emis.errors import Issues, UnitError
from emis.io import documents, validation
from emis.io.documents import Tree
from emis.measures import Effect, Measure

__all__ = ["set_value"]

_COMMAND_LINE = "--set"


def set_value(tree: Tree, key: str, text: str, issues: Issues) -> None:
    """Replace the value at a dotted key; items of a list go by number or by id.

    Within a measure a key of its verbs may be named without them (``measures.A19.penetration``) where one verb has it.
    """
    value = _value(text, issues)
    if value is None:
        return
    try:
        parent, name = _place(tree, key.split("."))
    except UnitError as error:
        issues.error(_COMMAND_LINE, 0, key, error.message, error.hint)
        return
    parent.value[name] = value
    if isinstance(parent.value, dict):
        parent.keys[name] = 0


def _value(text: str, issues: Issues) -> Tree | None:
    """Return a value as YAML reads it; what is no flow mapping or list counts as a scalar."""
    if re.match(r"\s*[\[{\"']", text):
        return documents.parse(f"{text}\n".encode(), _COMMAND_LINE, issues)
    return _scalar(text, issues)


def _place(tree: Tree, parts: list[str]) -> tuple[Tree, Any]:
    """Return the mapping or list a key ends in, and its last key; raise UnitError when it leads nowhere."""
    here, done = tree, list[str]()
    while True:
        if isinstance(here.value, list):
            name, used = _item(here, parts, done)
        elif isinstance(here.value, dict):
            if done[:1] == ["measures"] and len(done) == 2:
                here = _measure_or_verb(here, parts[0], ".".join(done))
            name, used = _key(here, parts)
        else:
            raise UnitError(f"{'.'.join(done)} has no parts", "name a key of a mapping")
        done.append(".".join(parts[:used]))
        parts = parts[used:]
        if not parts:
            return here, name
        if isinstance(here.value, dict) and name not in here.value:
            here.value[name] = Tree({}, _COMMAND_LINE, 0)
        here = here.value[name]


def _item(here: Tree, parts: list[str], done: list[str]) -> tuple[int, int]:
    """Return the number of a list's item by its id, which may hold dots, or by number; and how many parts name it."""
    ids = [
        str(item.value["id"].value) if isinstance(item.value, dict) and "id" in item.value else ""
        for item in here.value
    ]
    for used in range(len(parts), 0, -1):
        if (name := ".".join(parts[:used])) in ids:
            return ids.index(name), used
    first = parts[0]
    if first.isascii() and first.isdecimal() and int(first) < len(here.value):
        return int(first), 1
    raise UnitError(f"there is no {first!r} in {'.'.join(done) or 'the list'}", vocabulary.suggest(first, ids))


def _measure_or_verb(measure: Tree, key: str, name: str) -> Tree:
    """Return the measure, or the one of its verbs that a key belongs to."""
    if key in measure.value or key in _fields(Measure):
        return measure
    verbs = _verbs_with(measure, key)
    if len(verbs) == 1:
        return verbs[0]
    many = f"{len(verbs)} verbs have {key!r}" if verbs else f"no verb has {key!r}"
    raise UnitError(f"{many} in {name}", "name it in full, e.g. measures.ID.do.0.abate.penetration")


def _key(here: Tree, parts: list[str]) -> tuple[Any, int]:
    """Return a key as the document has it, PM2.5 too, and how many parts name it; a year is a number."""
    for used in range(len(parts), 0, -1):
        name = ".".join(parts[:used])
        found = next((key for key in here.value if str(key) == name), None)
        if found is not None or name in vocabulary.POLLUTANT_ALIASES:
            return (found if found is not None else name), used
    first = parts[0]
    return (int(first) if first.isascii() and first.isdecimal() else first), 1


def _scalar(text: str, issues: Issues) -> Tree | None:
    faults = Issues()
    parsed = documents.parse(text.encode(), _COMMAND_LINE, faults)
    if any("tag" in issue.message for issue in faults.errors):
        issues.errors.extend(faults.errors)
        return None
    if parsed is None or isinstance(parsed.value, dict | list):
        return Tree(text, _COMMAND_LINE, 0)
    return Tree(parsed.value, _COMMAND_LINE, 0)


def _fields(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _verbs_with(measure: Tree, key: str) -> list[Tree]:
    """Return the verbs of a measure that have, or may have, a key; those that write it down come before the others."""
    do = measure.value.get("do")
    verbs = [
        (name, verb)
        for effect in (do.value if do and isinstance(do.value, list) else [])
        if isinstance(effect.value, dict)
        for name, verb in effect.value.items()
    ]
    may = [
        verb
        for name, verb in verbs
        if name in Effect.verbs and isinstance(verb.value, dict) and key in _verb_keys(name)
    ]
    written = [verb for verb in may if key in verb.value]
    return written or may


def _verb_keys(name: str) -> list[str]:
    return [key for model in validation.models_in(Effect.model_fields[name].annotation) for key in _fields(model)]
