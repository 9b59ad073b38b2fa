"""Plain YAML composed by libyaml, in a fraction of the time that a parser in Python takes.

Only what parsers read alike is composed here, by the rules for scalars that ruamel.yaml has for YAML 1.2. All else is
left to ruamel.yaml itself: tags, anchors, directives, several documents, deep nests, rare characters, and every fault,
which it tells in its own words.
"""

import re
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.resolver import Resolver

try:
    from yaml import YAMLError
    from yaml.cyaml import CParser
except ImportError:  # built without libyaml: the parser in Python gives the same, later
    CParser = None

__all__ = ["composed"]

#: Levels of a nest; the other parser tells how deep is too deep.
_DEEPEST = 60
#: Tabs, control characters, byte order marks, ends of lines that are neither LF nor CR LF, and a comment close behind a
#: bar or a value close behind a quoted key.
_RARE = re.compile(
    "[^\\n\\r -~\\u00a0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
    "|\\r(?!\\n)|[|>][-+0-9]*#|[\"']:[^\\s]"
)


class _Unusual(Exception):  # noqa: N818 - no fault: the other parser reads it
    """Something that is left to the other parser."""


def composed(text: str) -> Node | None:
    """Return the one document of a text as nodes; None when it is left to the parser in Python."""
    if CParser is None or _RARE.search(text):
        return None
    try:
        return _Composer(text).document()
    except (YAMLError, _Unusual):
        return None


class _Composer:
    """Builds nodes from the events of a text."""

    def __init__(self, text: str):
        self._parser, self._resolver = CParser(text), Resolver()

    def document(self) -> Node:
        """Return the root of the only document."""
        self._next("StreamStartEvent")
        start = self._next("DocumentStartEvent")
        if start.version or start.tags:
            raise _Unusual
        root = self._node(self._parser.get_event(), 0)
        self._next("DocumentEndEvent")
        self._next("StreamEndEvent")
        return root

    def _next(self, kind: str) -> Any:
        event = self._parser.get_event()
        if type(event).__name__ != kind:
            raise _Unusual
        return event

    def _node(self, event: Any, depth: int) -> Node:
        kind = type(event).__name__
        if kind == "AliasEvent" or event.anchor or event.tag or depth > _DEEPEST:
            raise _Unusual
        mark, implicit = event.start_mark, event.implicit
        if kind == "ScalarEvent":
            text, style = event.value, event.style or None
            # Parsers differ on where a blank stands, which is a fault, and on how far its lines may be indented.
            if (not text and implicit[0]) or (style in ("|", ">") and text[:1] in ("", "\n")):
                raise _Unusual
            tag = self._resolver.resolve(ScalarNode, text, implicit)
            return ScalarNode(tag, text, mark, event.end_mark, style=style)
        if kind == "SequenceStartEvent":
            items = list(self._until("SequenceEndEvent", depth))
            return SequenceNode(Resolver.DEFAULT_SEQUENCE_TAG, items, mark, None)
        nodes = self._until("MappingEndEvent", depth)
        return MappingNode(Resolver.DEFAULT_MAPPING_TAG, list(zip(nodes, nodes, strict=True)), mark, None)

    def _until(self, end: str, depth: int) -> Any:
        while type(event := self._parser.get_event()).__name__ != end:
            yield self._node(event, depth + 1)
