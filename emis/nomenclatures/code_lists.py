"""Nomenclatures: the codes of one, their titles and what each is part of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from emis import vocabulary
from emis.nomenclatures import reading

__all__ = ["Entry", "Nomenclature", "nomenclature"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A code: what it is part of ("" for nothing), its titles, other spellings, and where it is published."""

    code: str
    parent: str
    zh: str
    en: str
    also: tuple[str, ...] = ()
    note: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Nomenclature:
    """A nomenclature: its codes in the order in which it is published, a code after what it is part of.

    `by_prefix` tells of one that lists the beginnings of codes, of which any number may follow.
    """

    name: str
    entries: Mapping[str, Entry]
    by_prefix: bool = False

    def __contains__(self, code: object) -> bool:
        return code in self.entries

    @property
    def title(self) -> str:
        """What it is called."""
        return vocabulary.NOMENCLATURES[self.name]

    @property
    def codes(self) -> tuple[str, ...]:
        """Its codes in order."""
        return tuple(self.entries)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.entries), default=0)

    @cached_property
    def _deepest(self) -> int:
        return 1 + max((text.count("/") for text in (*self.entries, *self._spellings)), default=0)

    @cached_property
    def rank(self) -> Mapping[str, int]:
        """The place of each code in their order."""
        return {code: number for number, code in enumerate(self.entries)}

    @cached_property
    def _spellings(self) -> Mapping[str, str]:
        known = {_folded(also): one.code for one in self.entries.values() for also in one.also}
        return known | {_folded(code): code for code in self.entries}

    def titles(self, lang: str = "en") -> dict[str, str]:
        """Return the title of each code, in Chinese ("zh") or English."""
        return {code: one.zh if lang == "zh" else one.en for code, one in self.entries.items()}

    def find(self, text: str) -> str:
        """Return the code as it is listed of one in another spelling (``1.A.1.a``), "" for what is none.

        Of a nomenclature by prefix the longest beginning that is listed.
        """
        if self.by_prefix:
            digits = _ten_digits(text)
            # No code is longer than what is listed, and a cell may hold anything.
            sizes = range(min(len(digits), self._longest), 1, -1)
            return next((digits[:size] for size in sizes if digits[:size] in self.entries), "")
        return text if text in self.entries else self._spellings.get(_folded(text), "")

    def nearest(self, text: str) -> str:
        """Return the code as it is listed, else of a path of titles the longest beginning that is, "" for none."""
        parts = text.split("/")[: self._deepest]
        starts = ("/".join(parts[:size]) for size in range(len(parts), 0, -1))
        return next(filter(None, map(self.find, starts)), "")

    def suggest(self, text: str) -> str:
        """Return which code may be meant by one that is not listed."""
        if self.by_prefix:
            return "write eight digits (point sources) or ten"
        return vocabulary.suggest(text, self.entries)

    def parents(self, code: str) -> list[str]:
        """Return what a code is part of, the nearest first."""
        found: list[str] = []
        while (code := self.entries[code].parent if code in self.entries else "") != "":
            found.append(code)
        return found

    def children(self, code: str) -> list[str]:
        """Return the codes that are directly part of one; of "" those that are part of none."""
        return [one.code for one in self.entries.values() if one.parent == code]

    def level(self, code: str) -> int:
        """Return how deep a code stands: 1 for what is part of none."""
        return len(self.parents(code)) + 1

    def at_level(self, level: int) -> list[str]:
        """Return the codes of a level, from 1."""
        return [code for code in self.entries if self.level(code) == level]

    def upto(self, code: str, level: int) -> str:
        """Return what a code is part of at a level; the code itself where it stands no deeper."""
        chain = [*reversed(self.parents(code)), code]
        return chain[min(level, len(chain)) - 1]

    def ordered(self, codes: Sequence[str]) -> list[str]:
        """Return distinct codes in their order, those that are not listed behind, sorted."""
        return sorted(set(codes), key=lambda code: (self.rank.get(code, len(self.rank)), code))


def _folded(text: str) -> str:
    """Return a code without points, blanks and dashes, in small letters: it is written with and without.

    Parentheses tell 1A3ai(i) from 1A3aii.
    """
    return "".join(char for char in text.casefold() if char.isalnum() or char in "()")


def _ten_digits(text: str) -> str:
    """Return a Source Classification Code in ten digits: SMOKE puts two zeros before the eight of a point source."""
    digits = text.strip()
    return f"00{digits}" if len(digits) == 8 and digits.isdecimal() else digits


@lru_cache
def nomenclature(name: str) -> Nomenclature:
    """Return a nomenclature by its name in `vocabulary.NOMENCLATURES`.

    Raises
    ------
    KeyError
        When there is none of that name.
    """
    if name not in vocabulary.NOMENCLATURES:
        raise KeyError(f"no nomenclature {name!r}; {vocabulary.suggest(name, vocabulary.NOMENCLATURES)}")
    entries = {
        cells["code"]: Entry(
            cells["code"],
            cells["parent"],
            cells["zh"],
            cells["en"],
            tuple(filter(None, cells["also"].split(";"))),
            cells["note"],
            cells["reference"],
        )
        for _, cells in reading.rows(name)
    }
    return Nomenclature(name, entries, by_prefix=name == "scc")
