"""Records to rows: which record of a packet each row gets, which came second, and why a record gets none.

Records of the same keys are joined to sources at once: 10,000 records and 100,000 rows take well under a second.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emis.interchange.packets.hierarchy import Wanted, wanted
from emis.interchange.packets.records import Compat, Record
from emis.interchange.packets.rows import Rows
from emis.numbering import one_key

__all__ = ["Matches", "match", "near_misses"]

Indices = NDArray[np.intp]

#: What CoST takes a record for that has no date.
_ALWAYS = dt.date(1900, 1, 1)


@dataclass(frozen=True)
class Matches:
    """Pairs of rows and records that match, by row and then best first.

    Attributes
    ----------
    row, record : ndarray, n
        Numbers of rows and of records.
    rank : ndarray, n
        The rank of the record's keys, less is more specific.
    size, records : int
        How many rows and records there are.
    """

    row: Indices
    record: Indices
    rank: NDArray[np.float64]
    size: int
    records: int

    @cached_property
    def first(self) -> Indices:
        """Where the best match of each row stands among the pairs, for rows that have one."""
        return np.flatnonzero(np.diff(self.row, prepend=-1))

    @cached_property
    def winner(self) -> Indices:
        """The record that each row gets, -1 for none."""
        found = np.full(self.size, -1, dtype=np.intp)
        found[self.row[self.first]] = self.record[self.first]
        return found

    @cached_property
    def runner_up(self) -> Indices:
        """The record that each row would get without its own, -1 for none."""
        found = np.full(self.size, -1, dtype=np.intp)
        second = self.first + 1
        second = second[second < len(self.row)]
        second = second[self.row[second] == self.row[second - 1]]
        found[self.row[second]] = self.record[second]
        return found

    @cached_property
    def won(self) -> Indices:
        """How many rows each record gets."""
        return np.bincount(self.record[self.first], minlength=self.records)

    @cached_property
    def matched(self) -> Indices:
        """How many rows each record matches, whether or not another one is more specific."""
        return np.bincount(self.record, minlength=self.records)

    def only(self, records: NDArray[np.bool_]) -> "Matches":
        """Return the pairs of some of the records."""
        kept = records[self.record]
        return Matches(self.row[kept], self.record[kept], self.rank[kept], self.size, self.records)


def match(
    rows: Rows, records: Sequence[Record], eligible: NDArray[np.bool_], compat: Compat,
    asked: Sequence[Wanted] | None = None,
) -> Matches:  # fmt: skip
    """Return all pairs of rows and eligible records that match in a system.

    Of records of one rank the first is, as CoST orders them, an added control before a replacement, of a source with
    monthly values one with months before one without, and the latest compliance date; then the earlier line. `asked`
    is what `wanted` gives of each record, where it is known.
    """
    asked = [wanted(record, compat) for record in records] if asked is None else asked
    chosen = np.array([ok and one.rank is not None for ok, one in zip(eligible, asked, strict=True)], dtype=bool)
    pairs = [(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp))]
    for shape, numbers in _by_shape(asked, chosen).items():
        pairs.append(_joined(rows, shape, [asked[number] for number in numbers], numbers))
    row, record = (np.concatenate(part) for part in zip(*pairs, strict=True))
    annual = np.array([one.annual for one in records], dtype=bool)
    if not annual.all() and len(row):
        # A record of months alone says nothing of a source that has only a value for the year; SMOKE reads no months.
        kept = annual[record] | (rows.monthly[row] if not compat.startswith("smoke") else False)
        row, record = row[kept], record[kept]
    rank = np.array([np.inf if one.rank is None else one.rank for one in asked])
    order = _order(rows, records, row, record, rank)
    return Matches(row[order], record[order], rank[record[order]], len(rows), len(records))


def _by_shape(asked: Sequence[Wanted], chosen: NDArray[np.bool_]) -> dict[frozenset[str], list[int]]:
    found: dict[frozenset[str], list[int]] = defaultdict(list)
    for number in np.flatnonzero(chosen).tolist():
        found[asked[number].shape].append(number)
    return found


def _order(rows: Rows, records: Sequence[Record], row: Indices, record: Indices, rank: NDArray[np.float64]) -> Indices:
    """Return the order of pairs: by row, then best first."""
    if not len(row):
        return np.empty(0, dtype=np.intp)
    replaces = np.array([one.replaces for one in records], dtype=bool)
    months = np.array([bool(one.months) for one in records], dtype=bool)
    date = np.array([(one.date or _ALWAYS).toordinal() for one in records])
    by_month = months[record] & rows.monthly[row]
    return np.lexsort((record, -date[record], ~by_month, replaces[record], rank[record], row))


def _joined(
    rows: Rows, shape: frozenset[str], asked: Sequence[Wanted], numbers: Sequence[int]
) -> tuple[Indices, Indices]:
    """Return rows and records that agree in every key of a shape."""
    of_source = sorted(shape - {"pollutant"})
    owner, mine, theirs, known = _keys(rows, of_source, asked)
    record = np.asarray(numbers, dtype=np.intp)[known]
    if "pollutant" in shape:
        names = {name: number for number, name in enumerate(rows.inventory.pollutants)}
        wanted_pollutant = np.array([names.get(one.keys["pollutant"], -1) for one in asked], dtype=np.intp)[known]
        there = wanted_pollutant >= 0
        record, theirs, wanted_pollutant = record[there], theirs[there], wanted_pollutant[there]
    sources, hits = _pairs(mine, theirs)
    sources = owner[sources]
    # From sources to their rows: those of the pollutant that is asked for, or all.
    start = np.searchsorted(rows.source, np.arange(len(rows.inventory) + 1))
    count = np.diff(start)[sources]
    row = np.repeat(start[sources] - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
    hit = np.repeat(hits, count)
    if "pollutant" in shape:
        kept = rows.pollutant[row] == wanted_pollutant[hit]
        row, hit = row[kept], hit[kept]
    if "reg_code" in shape and len(row):
        both = np.unique(np.stack([row, hit]), axis=1)
        row, hit = both[0], both[1]
    return row, record[hit]


def _keys(rows: Rows, names: Sequence[str], asked: Sequence[Wanted]) -> tuple[Indices, Indices, Indices, Indices]:
    """Return sources and one number for the keys of each, and that of each record whose values occur at all.

    Returns
    -------
    owner, mine : the source of each entry, and its key
    theirs, known : keys of records, and which of `asked` they are
    """
    owner = np.arange(len(rows.inventory))
    if "reg_code" in names:
        owner, regulatory = rows.regulatory
    sides: list[Indices] = []
    found = np.ones(len(asked), dtype=bool)
    there = np.ones(len(owner), dtype=bool)
    for name in names:
        column = regulatory if name == "reg_code" else rows.codes[name].take(owner)
        place = {str(value): code for code, value in enumerate(column.values.tolist()) if value}
        codes = np.array([place.get(one.keys[name], -1) for one in asked], dtype=np.intp)
        found &= codes >= 0
        blank = np.array([not value for value in column.values.tolist()], dtype=bool)
        there &= ~blank[column.codes] if len(column.values) else False
        sides.append(np.concatenate([column.codes, np.maximum(codes, 0)]))
    key = one_key(sides) if sides else np.zeros(len(owner) + len(asked), dtype=np.intp)
    mine, theirs = key[: len(owner)], key[len(owner) :]
    return owner[there], mine[there], theirs[found], np.flatnonzero(found)


def _pairs(mine: Indices, theirs: Indices) -> tuple[Indices, Indices]:
    """Return every pair of one of `mine` and one of `theirs` that are equal, as their numbers."""
    order = np.argsort(theirs, kind="stable")
    low, high = (np.searchsorted(theirs[order], mine, side) for side in ("left", "right"))
    count = high - low
    at = np.repeat(low - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
    return np.repeat(np.arange(len(mine)), count), order[at]


def near_misses(rows: Rows, records: Sequence[Record], numbers: Sequence[int], compat: Compat) -> dict[int, str]:
    """Return why records match no row: the keys that a system never matches by, or the key that does not fit."""
    asked = {number: wanted(records[number], compat) for number in numbers}
    found = {number: one.why for number, one in asked.items() if one.rank is None}
    by_shape: dict[frozenset[str], list[int]] = defaultdict(list)
    for number, one in asked.items():
        if one.rank is not None:
            by_shape[one.shape].append(number)
    for shape, several in by_shape.items():
        for dropped in sorted(shape, key=_SPECIFIC.index):
            left = [number for number in several if number not in found]
            kept = [Wanted({k: v for k, v in asked[n].keys.items() if k != dropped}, 0.0) for n in left]
            hits = np.bincount(_joined(rows, shape - {dropped}, kept, range(len(left)))[1], minlength=len(left))
            for number, hit in zip(left, hits.tolist(), strict=True):
                if hit and shape != {dropped}:
                    value = asked[number].keys[dropped]
                    found[number] = f"no source has {_TOLD.get(dropped, dropped)} {value} there; {hit:,} would with any"
        for number in several:
            given = ", ".join(f"{_TOLD.get(k, k)} {v}" for k, v in sorted(asked[number].keys.items()))
            found.setdefault(number, f"no source is near {given}" if given else "there are no emissions")
            scc = asked[number].keys.get("scc", "")
            if compat == "cost" and scc.endswith("00"):
                found[number] += f"; CoST wants SCCs whole, and {scc} seems filled up with zeros"
    return found


#: Keys in the order in which they are tried to be left out: what is most likely mistyped first.
_SPECIFIC = ("process", "rel_point", "unit", "facility", "pollutant", "scc", "scc7", "scc4", "scc2", "reg_code",
             "naics", "sic", "sic2", "county", "state")  # fmt: skip
_TOLD = {"scc7": "SCC", "scc4": "SCC", "scc2": "SCC", "scc": "SCC", "sic2": "SIC", "sic": "SIC", "naics": "NAICS",
         "reg_code": "regulatory code", "county": "region", "rel_point": "release point"}  # fmt: skip
