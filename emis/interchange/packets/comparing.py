"""How far systems differ on the same packets: totals, the sources that differ, by how much, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emis.interchange.packets.evaluating import evaluate
from emis.interchange.packets.outcome import STAGES, Outcome
from emis.interchange.packets.records import Compat, Kind, Record
from emis.interchange.packets.rows import Rows
from emis.inventory import Floats

__all__ = ["COMPATS", "TITLES", "Comparison", "Reason", "compare"]

Indices = NDArray[np.intp]

COMPATS: tuple[Compat, ...] = ("cost", "smoke_code", "smoke_manual", "emis")
TITLES: Mapping[Compat, str] = {
    "cost": "CoST",
    "smoke_code": "SMOKE, by its code",
    "smoke_manual": "SMOKE, by its manual",
    "emis": "emis",
}
#: A difference below this part of what is compared is rounding.
_SAME = 1e-9

_NAMES = {"cost": "CoST", "smoke_code": "SMOKE", "smoke_manual": "SMOKE", "emis": "emis"}
_DATES = {
    "CoST": "CoST counts a record all year where its date is before 1 July, and else not",
    "SMOKE": "SMOKE has no dates",
    "emis": "emis counts a record from its day on",
}
_MATCHES = {
    "CoST": "CoST wants SCCs and SICs whole",
    "SMOKE": "SMOKE takes those filled up with zeros as left parts",
    "emis": "emis reads a record as the system does that it is written for",
}
_CHOOSES = {
    "CoST": "CoST takes the most specific control",
    "SMOKE": "SMOKE takes the most specific control",
    "emis": "emis adds every one that matches",
}
_BEATS = {
    "CoST": "CoST replaces a control by one as good",
    "SMOKE": "SMOKE only by a better one",
    "emis": "emis only by a better one",
}
_CAPS = {
    "CoST": "CoST holds caps against what is grown and controlled, all year where one month reaches them, and its"
    " replacement emissions also raise",
    "SMOKE": "SMOKE holds them against the base year's emissions, and growth and controls move what they leave",
    "emis": "emis holds them against what is grown and controlled, from their day on, and they never raise",
}
_MONTHS = {"CoST": "CoST reads numbers by month", "SMOKE": "SMOKE reads none by month", "emis": "emis reads months"}
_MANUAL = "by the manual a cap overrides other packets, by the code it multiplies onto what they leave"
#: Kinds of packets that act in a stage.
_STAGE_KINDS: Mapping[str, tuple[Kind, ...]] = {
    "growth": ("projection",),
    "closure": ("closure",),
    "control": ("mact", "control", "ctg"),
    "cap": ("allowable",),
}


@dataclass(frozen=True)
class Reason:
    """Why rows differ: in words, how many rows, by how much in all, and the row that differs most.

    `pollutants` are the differences by pollutant [t/yr], the other system less the chosen one; `records` the places of
    what acts on the worst row in either of them.
    """

    stage: str
    why: str
    rows: int
    pollutants: Mapping[str, float]
    worst: str
    chosen: float
    other: float
    records: tuple[str, ...]

    def __str__(self) -> str:
        summed = ", ".join(f"{name} {value:+,.6g} t" for name, value in self.pollutants.items())
        places = f" ({', '.join(self.records[:4])})" if self.records else ""
        rows = "row" if self.rows == 1 else "rows"
        return (f"{self.why}: {self.rows:,} {rows}, {summed}; most at {self.worst}: {self.other:,.6g} t in place of"
                f" {self.chosen:,.6g} t{places}")  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """The same packets as every system evaluates them; `chosen` is the one that is converted."""

    chosen: Compat
    outcomes: Mapping[Compat, Outcome]

    @cached_property
    def totals(self) -> Mapping[Compat, Floats]:
        """Totals of the year by pollutant under each system, P [t/yr]."""
        return {name: one.total(one.final) for name, one in self.outcomes.items()}

    @property
    def pollutants(self) -> tuple[str, ...]:
        """The pollutants of the totals."""
        return self.outcomes[self.chosen].rows.inventory.pollutants

    @cached_property
    def reasons(self) -> Mapping[Compat, tuple[Reason, ...]]:
        """Why each other system differs, by the first stage at which it does, the largest difference first."""
        mine = self.outcomes[self.chosen]
        return {name: tuple(_reasons(mine, one)) for name, one in self.outcomes.items() if name != self.chosen}

    def record(self) -> dict[str, Any]:
        """Return the comparison as JSON has it."""
        mine, names = self.totals[self.chosen], self.pollutants
        return {
            "compat": self.chosen,
            "totals": {
                name: {p: {"t/yr": float(v), "difference": float(v - m)}
                       for p, v, m in zip(names, values.tolist(), mine.tolist(), strict=True)}
                for name, values in self.totals.items()
            },
            "differences": {
                name: [
                    {"stage": one.stage, "why": one.why, "rows": one.rows, "t/yr": dict(one.pollutants),
                     "worst": {"row": one.worst, "chosen": one.chosen, "other": one.other,
                               "records": list(one.records)}}
                    for one in reasons
                ]
                for name, reasons in self.reasons.items()
            },
        }  # fmt: skip

    def lines(self, most: int = 3) -> Iterator[str]:
        """Yield sentences that say where the systems differ, and by how much: the largest differences of each."""
        for name, reasons in self.reasons.items():
            if not reasons:
                yield f"{TITLES[name]} gives the same"
            for one in reasons[:most]:
                yield f"{TITLES[name]} differs in {one.stage}: {one}"
            if len(reasons) > most:
                rows = sum(one.rows for one in reasons[most:])
                yield f"{TITLES[name]} differs for {len(reasons) - most} more reasons, at {rows:,} rows"


def compare(rows: Rows, records: Sequence[Record], year: int, chosen: Outcome) -> Comparison:
    """Return packets as every system evaluates them, beside the outcome that is converted."""
    others = {name: evaluate(rows, records, year, name) for name in COMPATS if name != chosen.compat}
    outcomes = {name: chosen if name == chosen.compat else others[name] for name in COMPATS}
    return Comparison(chosen.compat, outcomes)


def _reasons(mine: Outcome, other: Outcome) -> list[Reason]:
    difference = other.final - mine.final
    differs = np.abs(difference) > _SAME * np.maximum(mine.final, other.final)
    stage = np.full(len(difference), -1)
    for number, name in reversed(list(enumerate(STAGES))):
        a, b = mine.left[name], other.left[name]
        stage[differs & (np.abs(a - b) > _SAME * np.maximum(np.abs(a), np.abs(b)))] = number
    found = []
    for number, name in enumerate(STAGES):
        at = np.flatnonzero(differs & (stage == number))
        for why, rows in _split(mine, other, name, at):
            found.append(_reason(mine, other, name, why, rows, difference))
    return sorted(found, key=lambda one: -sum(map(abs, one.pollutants.values())))


def _split(mine: Outcome, other: Outcome, stage: str, at: Indices) -> Iterator[tuple[str, Indices]]:
    """Yield why rows differ in a stage, and the rows: by the records that act in one of the systems alone."""
    names = _NAMES[mine.compat], _NAMES[other.compat]
    if names[0] == names[1]:
        # Of two ways to read SMOKE only the caps differ, whichever stage shows it.
        yield from ([(_MANUAL, at)] if len(at) else [])
        return
    texts = [""]
    told = np.zeros(len(mine.rows), dtype=np.intp)
    both = ((mine, other), (other, mine))
    # What says most is told: a record that one system does not have at all, before one that another is preferred to.
    for number in range(_READINGS):
        for one, against in both:
            for text, rows in _reading(one, against, stage, at[told[at] == 0], number):
                texts.append(text)
                told[rows] = len(texts) - 1
    for text in dict.fromkeys(texts):
        alike = [number for number, one in enumerate(texts) if one == text]
        rows = at[np.isin(told[at], alike)]
        if len(rows):
            yield text or _alike(names, stage), rows


def _alone(one: Outcome, against: Outcome, stage: str, at: Indices) -> tuple[Indices, Indices]:
    """Return rows, and records that act on them in a stage of one system and not of the other."""
    pairs = []
    for outcome in (one, against):
        row, record = outcome.by_row
        kinds = np.array([each.kind in _STAGE_KINDS[stage] for each in outcome.records], dtype=bool)
        kept = kinds[record] & np.isin(row, at)
        pairs.append((row[kept], record[kept]))
    (row, record), (others, theirs) = pairs
    size = max(1, len(one.records))
    mine_only = ~np.isin(row * size + record, others * size + theirs)
    return row[mine_only], record[mine_only]


#: What may be read from a record that acts in one system alone.
_READINGS = 3


def _reading(one: Outcome, against: Outcome, stage: str, at: Indices, number: int) -> Iterator[tuple[str, Indices]]:
    """Yield why records act on rows in one system and not in the other, and these rows: reading `number` of them.

    First, that the other does not have them or does not match them; then, that it chooses otherwise.
    """
    names = _NAMES[one.compat], _NAMES[against.compat]
    row, record = _alone(one, against, stage, at)
    size = max(1, len(one.records))
    idle = np.zeros(size, dtype=bool)
    idle[list(against.idle)] = True
    if number == 0:
        for which in np.unique(record[idle[record]]).tolist():
            why = against.idle[which]
            yield _both(_DATES, names) if why.startswith("its date") else why, row[record == which]
        return
    keys = [against.matches[kind].row * size + against.matches[kind].record for kind in _STAGE_KINDS[stage]]
    matched = np.isin(row * size + record, np.concatenate(keys))
    if number == 1:
        yield _both(_MATCHES, names), row[~matched & ~idle[record]]
    elif stage == "cap":
        yield _both(_CAPS, names), row[matched]
    elif stage == "control":
        won = np.zeros(len(row), dtype=bool)
        for kind in _STAGE_KINDS[stage]:
            won |= against.matches[kind].winner[row] == record
        yield _both(_BEATS, names), row[matched & won]
        yield _both(_CHOOSES, names), row[matched & ~won]


def _alike(names: tuple[str, str], stage: str) -> str:
    """Return why systems differ in a stage where the same records act."""
    if stage == "cap":
        return _both(_CAPS, names)
    if stage == "growth":
        return _both(_MONTHS, names)
    months = "SMOKE" in names
    return _both(_DATES, names) + (f"; {_both(_MONTHS, names)}" if months and stage == "control" else "")


def _both(texts: Mapping[str, str], names: tuple[str, str]) -> str:
    """Return what is said of two systems, in the order of the texts."""
    return "; ".join(text for name, text in texts.items() if name in names)


def _reason(mine: Outcome, other: Outcome, stage: str, why: str, at: Indices, difference: Floats) -> Reason:
    rows = mine.rows
    size = len(rows.inventory.pollutants)
    summed = np.bincount(rows.pollutant[at], difference[at], minlength=size)
    hit = np.bincount(rows.pollutant[at], minlength=size) > 0
    worst = int(at[np.argmax(np.abs(difference[at]))])
    acting = [record.place for record in (*mine.acting(worst), *other.acting(worst))]
    names = rows.inventory.pollutants
    return Reason(
        stage, why, len(at), {names[p]: float(summed[p]) for p in np.flatnonzero(hit).tolist()}, rows.named(worst),
        float(mine.final[worst]), float(other.final[worst]), tuple(dict.fromkeys(acting)),
    )  # fmt: skip
