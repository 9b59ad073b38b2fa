"""From the leaves of a table to series: sources with labels and ids, pollutants and years, of each scenario."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from emis import vocabulary
from emis.coded import Coded, Places, objects
from emis.errors import Issues
from emis.interchange.cells import readable
from emis.interchange.formats import Given
from emis.interchange.scenario_tables.hierarchies import Leaves, Off
from emis.interchange.series import Series
from emis.inventory import Inventory
from emis.numbering import alike

__all__ = ["NO_PLAN", "UNSPECIFIED", "Kind", "Named", "assembled", "sector_of", "tell_sums", "tell_unknown_sectors"]

#: Stands behind the name of a scenario whose emissions are those without the plan.
NO_PLAN = " (no plan)"
#: What a source is called that is a total without its parts, and a label that is blank among others.
UNSPECIFIED = "unspecified"
_MOST_TOLD = 20


@dataclass(frozen=True)
class Named:
    """What a leaf is: labels by name, further texts by name, and an id where the file gives one."""

    labels: Mapping[str, str]
    attributes: Mapping[str, str] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True)
class Kind:
    """A scenario of a model: what the file calls both, and the name of the inventory that its sources make up."""

    scenario: str
    model: str
    name: str
    title: str = ""
    notes: tuple[str, ...] = ()


def assembled(
    found: Leaves,
    kinds: Sequence[Kind],
    of: Sequence[tuple[int, str]],
    named: Callable[[int, int, bool], Named],
    years: Sequence[int],
    given: Given,
) -> list[Series]:
    """Return a series for each kind; one that has a scenario without the plan beside it takes it up.

    Parameters
    ----------
    of : sequence
        The kind, by number, and the pollutant of each group of the leaves.
    named : callable
        Names a leaf, given its area, its category and whether it is what a total has beyond its parts.
    """
    kind = np.array([one for one, _ in of], dtype=np.intp)[found.group]
    pollutant = Coded.of([name for _, name in of])
    several = [
        _series(found, np.flatnonzero(kind == number), one, pollutant.take(found.group), named, years, given)
        for number, one in enumerate(kinds)
        if (kind == number).any()
    ]
    return _paired(several)


def _series(
    found: Leaves,
    rows: Any,
    kind: Kind,
    pollutant: Coded,
    named: Callable[[int, int, bool], Named],
    years: Sequence[int],
    given: Given,
) -> Series:
    names = set(pollutant.take(rows).met())
    pollutants = [name for name in vocabulary.POLLUTANTS if name in names]
    column = np.array([pollutants.index(str(n)) if n in names else -1 for n in pollutant.values], dtype=np.intp)
    source, first = alike(found.area[rows], found.category[rows], found.rest[rows].astype(np.intp))
    told = [named(int(found.area[r]), int(found.category[r]), bool(found.rest[r])) for r in rows[first].tolist()]
    ids = _ids(told)
    order = np.argsort(ids, kind="stable")
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    values = np.full((len(years), len(order), len(pollutants)), np.nan)
    values[:, place[source], column[pollutant.codes[rows]]] = found.values[rows].T
    held = ~np.isnan(values).all(axis=(1, 2))
    kept = tuple(year for year, here in zip(years, held.tolist(), strict=True) if here)
    values = values[held]
    line = np.full(len(order), np.iinfo(np.int64).max)
    np.minimum.at(line, place[source], found.line[rows])
    texts = {name for one in told for name in one.attributes}
    size = len(order)

    def column_of(texts: Sequence[str]) -> Any:
        return objects([texts[number] for number in order.tolist()])

    labels = {name: column_of([one.labels.get(name, "") for one in told]) for name in vocabulary.LABELS}
    inventory = Inventory.of_reports(
        {"source": column_of(ids), **labels},
        pollutants,
        values[0],
        name=kind.name,
        base_year=kept[0],
        attributes={name: column_of([one.attributes.get(name, "") for one in told]) for name in sorted(texts)},
        title={"en": kind.title, "zh": ""} if kind.title else {},
        file=given.shown,
        places=Places(Coded.full(size, given.shown), line),
    )
    keys = np.full(values.shape, "", dtype=object)
    return Series(inventory, kept, values, keys, kind.scenario, kind.model, notes=kind.notes)


def _ids(told: Sequence[Named]) -> list[str]:
    """Return an id for each source: its own, else its labels joined; of several alike all but the first are counted."""
    seen: dict[str, int] = {}
    found = []
    for one in told:
        text = one.id or "/".join(filter(None, (one.labels.get(name, "") for name in vocabulary.LABELS)))
        count = seen[text] = seen.get(text, 0) + 1
        while count > 1 and f"{text}#{count}" in seen:
            count += 1
        if count > 1:
            text = f"{text}#{count}"
            seen[text] = 1
        found.append(text)
    return found


def _paired(several: Sequence[Series]) -> list[Series]:
    """Return series, emissions without the plan with the scenario that they belong to where sources and years agree."""
    by_name = {(one.model, one.scenario): one for one in several}
    found, taken = [], set()
    for one in several:
        other = by_name.get((one.model, one.scenario + NO_PLAN))
        if other is not None and _same(one, other):
            taken.add(id(other))
            one = replace(one, no_plan=other.values)
        found.append(one)
    return [one for one in found if id(one) not in taken]


def _same(one: Series, other: Series) -> bool:
    ids = one.inventory.labels["source"], other.inventory.labels["source"]
    return one.years == other.years and one.pollutants == other.pollutants and ids[0].tolist() == ids[1].tolist()


def tell_sums(
    found: Leaves, told: Callable[[Off], str], years: Sequence[int], shown: str, hint: str, issues: Issues
) -> None:
    """Note totals that are not the sum of their parts: a fault where they are less, a warning where they are more."""
    for one in found.less:
        what = f"the parts of {told(one)} sum to {one.parts:.9g} t/yr in {years[one.year]}, and it to {one.total:.9g}"
        issues.error(shown, one.line, str(years[one.year]), what, hint)
    for one in found.more[:_MOST_TOLD]:
        rest = one.total - one.parts
        what = f"{told(one)} is {readable(rest)} t/yr more than its parts in {years[one.year]}"
        issues.warn(shown, one.line, str(years[one.year]), what, "the rest is kept as a source of its own, unspecified")
    if len(found.more) > _MOST_TOLD:
        message = f"{len(found.more) - _MOST_TOLD:,} further totals are more than their parts"
        issues.warn(shown, 0, "", message, "the rests are kept as sources of their own, unspecified")
    if found.rounded:
        message = f"totals differ from their parts by rounding, by {found.rounded:.3g} t/yr at most"
        issues.warn(shown, 0, "", message, "the parts are taken")


@lru_cache
def _sectors(table: str) -> Mapping[str, str]:
    text = (resources.files("emis.interchange.scenario_tables") / table).read_text(encoding="utf-8")
    return {row["path"]: row["sector"] for row in csv.DictReader(io.StringIO(text, newline=""))}


def sector_of(parts: Sequence[str], table: str, joined: str) -> str:
    """Return the sector of a path by the longest beginning of it that a table lists, "" where it lists none."""
    known = _sectors(table)
    starts = (joined.join(parts[:size]) for size in range(len(parts), 0, -1))
    return next((known[start] for start in starts if start in known), "")


def tell_unknown_sectors(several: Sequence[Series], unknown: Mapping[str, str], shown: str, issues: Issues) -> None:
    """Warn of categories whose sector is not known, by count of sources and amount; they are taken for "other".

    Parameters
    ----------
    unknown : mapping
        Of the category labels of such sources, how the file calls them.
    """
    if not unknown:
        return
    count, amount = 0, 0.0
    for one in several:
        mine = np.isin(one.inventory.labels["category"], list(unknown)) & (one.inventory.labels["sector"] == "other")
        count += int(mine.sum())
        amount += float(np.nansum(one.inventory.emissions[mine]))
    names = sorted(set(unknown.values()))
    shown_names = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    counted = f"{count:,} sources, {readable(amount)} t/yr over all pollutants"
    message = f"{counted}, are of no sector that is known: {shown_names}"
    issues.warn(shown, 0, "sector", message, "they are taken for the sector 'other'")
