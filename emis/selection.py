"""From labels to sources: what a selector selects and where shifted stock arrives, or why that cannot be said."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emis import vocabulary
from emis.errors import Issues
from emis.inventory import Inventory
from emis.lookup import Combinations
from emis.schema import Places
from emis.selectors import Destination, Selector, is_glob, wants

__all__ = ["Selection"]

#: Sources named where very many have the same fault.
_MOST_NAMED = 20

Path = tuple[str | int, ...]
Sources = NDArray[np.intp]


class Selection:
    """Answers for one inventory; faults go to `issues` with the place in the document that asked.

    Parameters
    ----------
    inventory : Inventory
        The base-year inventory, whose sources are selected.
    others : iterable of Inventory
        Inventories of other years: a label known there is no misspelling.
    """

    def __init__(self, inventory: Inventory, others: Iterable[Inventory], places: Places, issues: Issues):
        self.inventory = inventory
        self._inventories = (inventory, *others)
        self._places = places
        self.issues = issues
        # What was selected without a remark is selected again and again: for every effect, and at the ends of ranges.
        self._found: dict[tuple[Selector, ...], Sources] = {}
        self._vocabulary: dict[tuple[str, tuple[str, ...] | str | None], set[str]] = {}

    def error(self, path: Path, message: str, hint: str = "") -> None:
        """Note a fault at `path` of the document."""
        self.issues.error(*self._places.at(path), _dotted(path), message, hint)

    def warn(self, path: Path, message: str, hint: str = "") -> None:
        """Note a warning at `path` of the document."""
        self.issues.warn(*self._places.at(path), _dotted(path), message, hint)

    def sources(self, selectors: Mapping[Path, Selector | None], optional: bool = False) -> Sources:
        """Return the sources that all of `selectors` (by their place) select; none when that is a fault.

        Nothing selected is a fault, or a warning when `optional`; an unknown name always is a fault.
        """
        given = {path: selector for path, selector in selectors.items() if selector is not None}
        asked = tuple(given.values())
        if asked in self._found:
            return self._found[asked]
        known = [self._knows(path, selector) for path, selector in given.items()]
        if not all(known):
            return np.empty(0, dtype=np.intp)
        note = self.warn if optional else self.error
        noted = False
        for path, selector in given.items():
            for label, values in selector.items():
                for value in values if len(values) > 1 else ():
                    if not self._occurs(label, value):
                        note((*path, label), f"{label} {value!r} matches no source", "leave it out of the list")
                        noted = True
        found = self.inventory.rows(*asked)
        if not len(found):
            path = list(given)[-1]
            wanted = "; ".join(str(selector) for selector in asked)
            note(path, f"matches no source: {wanted}", self._nearest(list(asked)))
        elif not noted:
            self._found[asked] = found
        return found

    def _occurs(self, label: str, value: str) -> bool:
        """Tell whether a wanted value is one of those that sources have."""
        return len(self.inventory.lookup(label).codes((value,))) > 0

    def destinations(self, to: Destination | Literal["outside"], origins: Sources, path: Path) -> Sources:
        """Return where each origin's stock arrives, -1 for outside; a fault where that is no single source."""
        if to == "outside":
            return np.full(len(origins), -1, dtype=np.intp)
        changes = to.changes()
        if not self._knows(path, to):
            return np.full(len(origins), -1, dtype=np.intp)
        if "source" in changes:
            index = self.inventory.lookup("source").code(changes["source"])
            if index is None:
                self.error((*path, "source"), f"unknown source {changes['source']!r}", "name one, without a pattern")
            return np.full(len(origins), -1 if index is None else index, dtype=np.intp)
        wanted = []
        for label in vocabulary.LABELS:
            lookup = self.inventory.lookup(label)
            code = lookup.code(changes[label]) if label in changes else None
            same = label not in changes
            wanted.append(lookup.column.codes[origins] if same else np.full(len(origins), -1 if code is None else code))
        arrivals = self._by_labels.row(wanted)
        faults = np.flatnonzero(arrivals < 0)
        for number in faults[:_MOST_NAMED]:
            self._no_destination(int(origins[number]), changes, path)
        if len(faults) > _MOST_NAMED:
            self.error(path, f"and {len(faults) - _MOST_NAMED} sources more have no destination")
        return arrivals

    def _no_destination(self, origin: int, changes: Mapping[str, str], path: Path) -> None:
        """Note that an origin has several destinations, or none."""
        labels = self.inventory.labels
        source = labels["source"][origin]
        wanted = [changes.get(label, labels[label][origin]) for label in vocabulary.LABELS]
        same = [labels[label] == value for label, value in zip(vocabulary.LABELS, wanted, strict=True)]
        found = np.flatnonzero(np.all(same, axis=0))
        if len(found):
            names = ", ".join(str(labels["source"][one]) for one in found[:5])
            self.error(path, f"several destinations for {source}: {names}", "name one: to: {source: ...}")
            return
        described = "/".join(part for part in wanted if part)
        self.error(
            path,
            f"no destination for {source}: there is no source {described}",
            self._alternatives(changes, origin),
        )

    @cached_property
    def _by_labels(self) -> Combinations:
        return Combinations([self.inventory.coded(label) for label in vocabulary.LABELS])

    def _knows(self, path: Path, wanted: Selector | Destination) -> bool:
        items = wanted.changes().items() if isinstance(wanted, Destination) else wanted.items()
        right = True
        for label, values in items:
            for value in (values,) if isinstance(values, str) else values:
                if is_glob(value) or self._is_held(label, value):
                    continue
                known = self._known(label, wanted.sector)
                if value not in known:
                    self.error((*path, label), f"unknown {label} {value!r}", vocabulary.suggest(value, known))
                    right = False
        return right

    def _is_held(self, label: str, value: str) -> bool:
        """Tell whether a source of any of the inventories has a value, other than blank."""
        return bool(value) and any(one.lookup(label).code(value) is not None for one in self._inventories)

    def _known(self, label: str, sectors: tuple[str, ...] | str | None) -> set[str]:
        if (label, sectors) not in self._vocabulary:
            self._vocabulary[label, sectors] = self._names(label, sectors)
        return self._vocabulary[label, sectors]

    def _names(self, label: str, sectors: tuple[str, ...] | str | None) -> set[str]:
        known = {value for inventory in self._inventories for value in inventory.values(label)}
        if label == "sector":
            known |= set(vocabulary.SECTORS)
        if label in ("fuel", "technology"):
            asked = (sectors,) if isinstance(sectors, str) else sectors
            for name, sector in vocabulary.SECTORS.items():
                if asked is None or wants(asked, name):
                    known |= set(sector.fuels if label == "fuel" else sector.technologies)
        return known - {""}

    def _nearest(self, selectors: list[Selector]) -> str:
        # Drop one restriction after another: the first that frees sources is the one that does not fit.
        for dropped in ("technology", "fuel", "region", "facility", "category", "source", "sector"):
            loose = [selector.model_copy(update={dropped: None}) for selector in selectors]
            if loose != selectors and len(rows := self.inventory.rows(*loose)):
                values = sorted({value or "(blank)" for value in self.inventory.coded(dropped).take(rows).met()})
                return f"with any {dropped} there are: {', '.join(values[:12])}{' ...' if len(values) > 12 else ''}"
        return f"sectors here: {', '.join(self.inventory.values('sector'))}"

    def _alternatives(self, changes: Mapping[str, str], origin: int) -> str:
        kept = [label for label in vocabulary.LABELS if label not in changes]
        mask = np.ones(len(self.inventory), dtype=bool)
        for label in kept:
            mask &= self.inventory.labels[label] == self.inventory.labels[label][origin]
        mask[origin] = False
        names = [str(name) for name in self.inventory.labels["source"][mask]]
        file, _ = self.inventory.place(origin)
        row = f"add a row for it to {file} (activity 0 is fine), or write `to: outside`"
        return f"there are {', '.join(names[:8])}; {row}" if names else row


def _dotted(path: Path) -> str:
    # The first key says which document it is; the file's name already does.
    return ".".join(str(key) for key in path[1:])
