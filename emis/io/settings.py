"""Values of the command line that replace those of a document: ``--set measures.A19.penetration=60%``."""

import re
from typing import Any

from pydantic import BaseModel

from emis import vocabulary
from emis.errors import Issues
from emis.io import documents, validation
from emis.io.documents import Tree
from emis.measures import Effect, Measure

__all__ = ["set_value"]

_COMMAND_LINE = "--set"


def set_value(tree: Tree, key: str, text: str, issues: Issues) -> None:
    """Replace the value at a dotted key; items of a list go by number or by id.

    Within a measure a key of its verbs may be named without them (``measures.A19.penetration``) where one verb has it.
    """
    value = (
        documents.parse(f"{text}\n".encode(), _COMMAND_LINE, issues)
        if re.match(r"\s*[\[{\"']", text)
        else _scalar(text, issues)
    )
    if value is None:
        return
    parts = _parts(tree, key)
    here, done = tree, list[str]()
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if isinstance(here.value, list):
            found = _item(here, part)
            if found is None:
                ids = [
                    str(item.value["id"].value)
                    for item in here.value
                    if isinstance(item.value, dict) and "id" in item.value
                ]
                issues.error(
                    _COMMAND_LINE,
                    0,
                    key,
                    f"there is no {part!r} in {'.'.join(done) or 'the list'}",
                    vocabulary.suggest(part, ids),
                )
                return
            if last:
                here.value[found] = value
                return
            here = here.value[found]
        elif isinstance(here.value, dict):
            name = _key(here, part)
            if name not in here.value and done[:1] == ["measures"] and len(done) == 2:
                deeper = _verbs_with(here, part)
                if len(deeper) != 1 and part not in _fields(Measure):
                    many = f"{len(deeper)} verbs have {part!r}" if deeper else f"no verb has {part!r}"
                    issues.error(
                        _COMMAND_LINE,
                        0,
                        key,
                        f"{many} in {'.'.join(done)}",
                        "name it in full, e.g. measures.ID.do.0.abate.penetration",
                    )
                    return
                here = deeper[0] if len(deeper) == 1 else here
            if last:
                here.value[name] = value
                here.keys[name] = 0
                return
            if name not in here.value:
                here.value[name] = Tree({}, _COMMAND_LINE, 0)
            here = here.value[name]
        else:
            issues.error(_COMMAND_LINE, 0, key, f"{'.'.join(done)} has no parts", "name a key of a mapping")
            return
        done.append(part)


def _parts(tree: Tree, key: str) -> list[str]:
    """Split a dotted key; an id may itself hold dots, and so may PM2.5."""
    parts = key.split(".")
    joined: list[str] = []
    for part in parts:
        if joined and joined[-1] == "PM2" and part == "5":
            joined[-1] = "PM2.5"
        else:
            joined.append(part)
    return joined


def _scalar(text: str, issues: Issues) -> Tree | None:
    faults = Issues()
    parsed = documents.parse(text.encode(), _COMMAND_LINE, faults)
    if any("tag" in issue.message for issue in faults.errors):
        issues.errors.extend(faults.errors)
        return None
    if parsed is None or isinstance(parsed.value, dict | list):
        return Tree(text, _COMMAND_LINE, 0)
    return Tree(parsed.value, _COMMAND_LINE, 0)


def _item(here: Tree, part: str) -> int | None:
    for number, item in enumerate(here.value):
        if isinstance(item.value, dict) and "id" in item.value and str(item.value["id"].value) == part:
            return number
    return int(part) if part.isascii() and part.isdecimal() and int(part) < len(here.value) else None


def _key(here: Tree, part: str) -> Any:
    """Return the key as the document has it; a year is a number."""
    return next(
        (key for key in here.value if str(key) == part), int(part) if part.isascii() and part.isdecimal() else part
    )


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
