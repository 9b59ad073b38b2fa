"""Labels in a document: which sources are selected, and where shifted stock arrives."""

import fnmatch
from collections.abc import Iterator
from typing import Annotated, TypeAlias

from pydantic import model_validator

from emis import schema, vocabulary
from emis.schema import Model, Text

__all__ = ["Destination", "Selector", "is_glob", "wants"]

_Labels: TypeAlias = Annotated[tuple[Text, ...], schema.one_or_many(str), schema.FILLED]


class Selector(Model):
    """Selects sources by their labels; each a value, a list of values, or a glob (``mobile/bus/*``).

    Values of one label are alternatives, labels restrict each other; an empty selector selects everything.
    """

    source: _Labels | None = None
    sector: _Labels | None = None
    category: _Labels | None = None
    fuel: _Labels | None = None
    technology: _Labels | None = None
    region: _Labels | None = None
    facility: _Labels | None = None

    def items(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each label that restricts, with its alternatives."""
        for label in ("source", *vocabulary.LABELS):
            wanted = getattr(self, label)
            if wanted is not None:
                yield label, wanted

    def __str__(self) -> str:
        return ", ".join(f"{label}: {' | '.join(wanted)}" for label, wanted in self.items()) or "everything"


def is_glob(text: str) -> bool:
    """Tell whether a wanted value is a pattern."""
    return any(mark in text for mark in "*?[")


def wants(wanted: tuple[str, ...], value: str) -> bool:
    """Tell whether `value` is one of the wanted values; case matters."""
    return any(value == one or (is_glob(one) and fnmatch.fnmatchcase(value, one)) for one in wanted)


class Destination(Model):
    """Where shifted stock arrives: the source with the origin's labels except those named here."""

    source: Text | None = None
    sector: Text | None = None
    category: Text | None = None
    fuel: Text | None = None
    technology: Text | None = None
    region: Text | None = None
    facility: Text | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "Destination":
        if not self.changes():
            raise schema.fault("names no destination", "write e.g. {technology: china_6}, or `to: outside`")
        return self

    def changes(self) -> dict[str, str]:
        """Return the labels that change on the way, and what they become."""
        return {label: value for label in ("source", *vocabulary.LABELS) if (value := getattr(self, label)) is not None}
