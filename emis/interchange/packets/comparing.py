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
    alone = [(one, against, *_alone(one, against, stage, at)) for one, against in ((mine, other), (other, mine))]
    # What says most is told: a record that one system does not have at all, before one that another is preferred to.
    for reading in (_not_there, _not_matched, _not_chosen):
        for one, against, row, record in alone:
            left = told[row] == 0
            for text, rows in reading(one, against, row[left], record[left], stage):
                texts.append(text)
                told[rows] = len(texts) - 1
    for text in dict.fromkeys(texts):
        alike = [number for number, one in enumerate(texts) if one == text]
        rows = at[np.isin(told[at], alike)]
        if len(rows):
            yield text or _alike(names, stage), rows


def _alone(one: Outcome, against: Outcome, stage: str, at: Indices) -> tuple[Indices, Indices]:
    """Return rows, and records that act on them in a stage of one system and not of the other."""
    size = max(1, len(one.records))
    kinds = np.array([each.kind in _STAGE_KINDS[stage] for each in one.records], dtype=bool)
    chosen = np.zeros(len(one.rows), dtype=bool)
    chosen[at] = True
    row, record = one.by_row
    kept = kinds[record] & chosen[row]
    row, record = row[kept], record[kept]
    others, theirs = against.by_row
    only = ~_holds(others * size + theirs, row * size + record)
    return row[only], record[only]


def _holds(ordered: Indices, keys: Indices) -> NDArray[np.bool_]:
    """Return which keys stand in an ascending list."""
    place = np.minimum(np.searchsorted(ordered, keys), max(0, len(ordered) - 1))
    return ordered[place] == keys if len(ordered) else np.zeros(len(keys), dtype=bool)


Read = Iterator[tuple[str, Indices]]


def _not_there(one: Outcome, against: Outcome, row: Indices, record: Indices, stage: str) -> Read:
    """Yield rows whose record the other system does not use at all, and why."""
    names = _NAMES[one.compat], _NAMES[against.compat]
    texts = [""]
    of_record = np.zeros(max(1, len(one.records)), dtype=np.intp)
    for number, why in against.idle.items():
        text = _both(_DATES, names) if why.startswith("its date") else why
        texts.extend([] if text in texts else [text])
        of_record[number] = texts.index(text)
    found = of_record[record]
    for number in np.unique(found[found > 0]).tolist():
        yield texts[number], row[found == number]


def _not_matched(one: Outcome, against: Outcome, row: Indices, record: Indices, stage: str) -> Read:
    """Yield rows whose record does not match them in the other system."""
    size = max(1, len(one.records))
    several = [against.matches[kind] for kind in _STAGE_KINDS[stage]]
    keys = np.sort(np.concatenate([found.row * size + found.record for found in several]))
    yield _both(_MATCHES, (_NAMES[one.compat], _NAMES[against.compat])), row[~_holds(keys, row * size + record)]


def _not_chosen(one: Outcome, against: Outcome, row: Indices, record: Indices, stage: str) -> Read:
    """Yield rows whose record is beaten in the other system: by what is in place, or by another record."""
    names = _NAMES[one.compat], _NAMES[against.compat]
    if stage == "cap":
        yield _both(_CAPS, names), row
    elif stage == "control":
        won = np.zeros(len(row), dtype=bool)
        for kind in _STAGE_KINDS[stage]:
            won |= against.matches[kind].winner[row] == record
        yield _both(_BEATS, names), row[won]
        yield _both(_CHOOSES, names), row[~won]


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
