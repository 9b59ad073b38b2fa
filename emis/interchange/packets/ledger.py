"""What became of records: which act, which match and are beaten, which match nothing and why."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from emis.errors import Issues
from emis.interchange.packets.matching import near_misses
from emis.interchange.packets.outcome import Outcome
from emis.interchange.packets.records import KINDS, Record

__all__ = ["Entry", "ledger", "tell", "used"]

#: Records of one sort that are told one by one.
_MOST_NAMED = 10


@dataclass(frozen=True)
class Entry:
    """A record, how many rows it matches, of how many of these it is the most specific, and why not of any."""

    record: Record
    matched: int
    won: int
    why: str = ""


def ledger(outcome: Outcome) -> Iterator[Entry]:
    """Yield what became of each record, in their order; those that match nothing are told what does not fit."""
    records = outcome.records
    matched, won = np.zeros(len(records), dtype=np.intp), np.zeros(len(records), dtype=np.intp)
    for found in outcome.matches.values():
        matched += found.matched
        won += found.won
    idle = outcome.idle
    nowhere = [number for number in np.flatnonzero(matched == 0).tolist() if number not in idle]
    why = near_misses(outcome.rows, records, nowhere, outcome.compat)
    acts, before = outcome.used(), _preferred(outcome)
    for number, record in enumerate(records):
        reason = idle.get(number) or why.get(number, "")
        if not reason and not acts[number]:
            reason = _without_effect(record) if won[number] else _beaten(record, before[number])
        yield Entry(record, int(matched[number]), int(won[number]), reason)


def _preferred(outcome: Outcome) -> dict[int, Record]:
    """Return of each record that matches something the one that the first of its rows gets."""
    found: dict[int, Record] = {}
    for matches in outcome.matches.values():
        numbers, first = np.unique(matches.record, return_index=True)
        winners = matches.winner[matches.row[first]]
        found |= {one: outcome.records[by] for one, by in zip(numbers.tolist(), winners.tolist(), strict=True)}
    return found


def _without_effect(record: Record) -> str:
    """Return why a record that is the best match of a row does nothing to it."""
    if record.kind == "mact":
        asked = f"its sources are not of type {record.source_type}, or " if record.source_type else ""
        return f"leaves all as it is: {asked}a replacement takes the place of what it does"
    if record.kind == "closure":
        return "its sources are closed by another record already"
    if record.kind == "allowable":
        return "what is emitted does not reach it"
    return "leaves all as it is: what is in place is as good"


def _beaten(record: Record, by: Record) -> str:
    """Return why a record that matches is the best match of no row; CoST takes a cap beside a replacement as well."""
    told = f"{by.place} comes before it"
    return f"{told}, or what is emitted does not reach it" if record.kind == "allowable" else told


def used(outcome: Outcome) -> dict[str, dict[str, int]]:
    """Return how many records of each kind there are, act, and match nothing."""
    kinds = [record.kind for record in outcome.records]
    acts, matched = outcome.used(), np.zeros(len(kinds), dtype=np.intp)
    for found in outcome.matches.values():
        matched += found.matched
    there = Counter(kinds)
    return {
        kind: {
            "records": there[kind],
            "acting": sum(bool(act) for act, one in zip(acts, kinds, strict=True) if one == kind),
            "unmatched": sum(count == 0 for count, one in zip(matched.tolist(), kinds, strict=True) if one == kind),
        }
        for kind in KINDS
        if there[kind]
    }


def tell(outcome: Outcome, issues: Issues) -> None:
    """Note what is not used of packets, and what they could not do."""
    told: dict[str, list[Entry]] = {"idle": [], "nowhere": [], "again": [], "beaten": []}
    firsts: dict[tuple[object, ...], Record] = {}
    for number, entry in enumerate(ledger(outcome)):
        one = entry.record
        key = one.kind, frozenset(one.keys.items()), one.date, one.replaces, bool(one.months)
        first = firsts.setdefault(key, one)
        if number in outcome.idle:
            told["idle"].append(entry)
        elif not entry.matched:
            told["nowhere"].append(entry)
        elif entry.why and first is not one:
            why = f"{first.file}:{first.line} asks for the same sources, and goes first"
            told["again"].append(replace(entry, why=why))
        elif entry.why and not entry.won:
            told["beaten"].append(entry)
    beaten = "is the best match of no row"
    sorts = (("idle", "is not used"), ("nowhere", "matches nothing"), ("again", "is not used"), ("beaten", beaten))
    for sort, what in sorts:
        for entry in told[sort][:_MOST_NAMED]:
            record = entry.record
            issues.warn(record.file, record.line, record.kind, f"{what}: {entry.why}")
        if len(told[sort]) > _MOST_NAMED:
            rest = told[sort][_MOST_NAMED:]
            files = ", ".join(
                f"{count:,} in {name}" for name, count in Counter(one.record.file for one in rest).items()
            )
            issues.warn("", 0, "packets", f"and {len(rest):,} records more, of which each {what}: {files}")
    if outcome.beaten:
        message = f"{outcome.beaten:,} rows keep the control they have: what would replace it removes no more"
        issues.warn("", 0, "packets", message)
    if outcome.without:
        message = f"{outcome.without:,} rows emit nothing and are given replacement emissions, which are not added"
        issues.warn("", 0, "packets", message, "give the source emissions in the inventory")
