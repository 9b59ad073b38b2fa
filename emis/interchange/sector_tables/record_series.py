"""From what a foreign table states to a series: sources with labels and ids, each value in its place, none twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emis import vocabulary
from emis.coded import Coded, Codes, Places, Texts, objects
from emis.errors import Issues
from emis.interchange.cells import readable
from emis.interchange.formats import Given
from emis.interchange.sector_tables.foreign_tables import renamed
from emis.interchange.sector_tables.records import Records, pollutant_of
from emis.interchange.series import Series
from emis.inventory import Floats, Inventory
from emis.nomenclatures import Mapping as Crosswalk
from emis.nomenclatures import nomenclature
from emis.nomenclatures.mappings import PATTERN
from emis.numbering import alike, firsts

__all__ = ["series_of"]


def series_of(
    records: Records,
    given: Given,
    issues: Issues,
    to_labels: Crosswalk,
    scenario: str = "",
    status: str = "",
    notes: Sequence[str] = (),
) -> Series | None:
    """Return the series of what a table states; None, and faults, where it is none.

    Parameters
    ----------
    to_labels : Mapping
        From the codes to the labels of emis.
    status : str
        The inventory's; "" for "example" where the table does not say it.
    """
    before = len(issues.errors)
    records = _known_pollutants(records, given, issues)
    wanted = given.settings.year
    if wanted is not None and wanted not in records.year:
        span = ", ".join(map(str, np.unique(records.year)[:30].tolist()))
        issues.error(given.shown, 0, "year", f"there is no year {wanted}", f"there are {span}")
        return None
    if wanted is not None:
        records = records.take(np.flatnonzero(records.year == wanted))
    if not len(records):
        issues.error(given.shown, 0, "", "states no emission of a pollutant that emis knows", "check the file")
        return None
    _tell_unknown(records, [not to_labels.of(str(one)) for one in records.code.values], given, issues)
    records, path = _split(records, to_labels)
    sources = _sources(records, path, given)
    years, year = np.unique(records.year, return_inverse=True)
    there = set(records.pollutant.met())
    names = [name for name in vocabulary.POLLUTANTS if name in there]
    place = np.array([names.index(str(name)) if name in there else -1 for name in records.pollutant.values])
    at = year.reshape(-1), sources.of, place[records.pollutant.codes]
    _once(records, sources, at, given, issues)
    if len(issues.errors) > before:
        return None
    shape = (len(years), len(sources.ids), len(names))
    values, keys = np.full(shape, np.nan), np.full(shape, "", dtype=object)
    values[at], keys[at] = records.value, records.key
    kept = tuple(int(one) for one in years)
    attributes = {records.name: sources.codes}
    inventory = replace(
        sources.inventory(tuple(names), values[0], keys[0], given),
        base_year=kept[0],
        attributes=attributes,
        status=status or "example",
        warnings=tuple(issues.warnings),
    )
    return Series(inventory, kept, values, keys, scenario, "", notes=tuple(notes))


def _known_pollutants(records: Records, given: Given, issues: Issues) -> Records:
    """Return the entries of pollutants that emis knows, by its names; the others are told, each once."""
    names = [pollutant_of(str(name)) for name in records.pollutant.values]
    count = np.bincount(records.pollutant.codes, minlength=len(names)).tolist()
    for number, name in enumerate(names):
        if not name and count[number]:
            line = int(records.line[records.pollutant.codes == number][0])
            message = f"{str(records.pollutant.values[number])!r} is no pollutant of emis: {count[number]:,} values"
            issues.warn(given.shown, line, "pollutant", message, "they are not read")
    again = renamed(records.pollutant, names)
    kept = replace(records, pollutant=again)
    return kept if all(names) else kept.take(np.flatnonzero((again.values != "")[again.codes]))


@dataclass(frozen=True)
class _Sources:
    """Sources in the order of their ids, and which of them each entry is."""

    ids: list[str]
    labels: dict[str, Texts]
    codes: Texts
    line: NDArray[np.int64]
    of: Codes

    def inventory(self, pollutants: tuple[str, ...], values: Floats, keys: Texts, given: Given) -> Inventory:
        """Return them as reported tonnes, S × P [t/yr]."""
        return Inventory.of_reports(
            {"source": objects(self.ids), **self.labels},
            pollutants,
            values,
            name=given.path.stem,
            base_year=0,
            notation=keys,
            file=given.shown,
            places=Places(Coded.full(len(self.ids), given.shown), self.line),
        )


def _split(records: Records, to_labels: Crosswalk) -> tuple[Records, Coded]:
    """Return the entries, those of a code that goes over into several once for each with its part of the value, and
    the path of labels that each goes to; "" where the code is not known."""
    several: list[dict[str, float]] = []
    for code in records.code.values:
        weights: dict[str, float] = {}
        for rule in to_labels.of(str(code)):
            weights[rule.target] = weights.get(rule.target, 0.0) + rule.weight
        several.append(weights or {"": 1.0})
    size = np.array([len(one) for one in several], dtype=np.intp)
    count = size[records.code.codes]
    row = np.repeat(np.arange(len(records)), count)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    place = (np.cumsum(size) - size)[records.code.codes[row]] + turn
    paths = objects([target for one in several for target in one])
    weight = np.array([part for one in several for part in one.values()])
    taken = records.take(row)
    return replace(taken, value=taken.value * weight[place]), Coded.of(paths[place])


def _sources(records: Records, path: Coded, given: Given) -> _Sources:
    """Return the sources of a table: a code with the path and the labels beside it is one."""
    group, first = alike(records.code.codes, path.codes, *(coded.codes for coded in records.labels.values()))
    code = records.code.take(first)
    found = [_labels(*one) for one in zip(path.take(first).texts.tolist(), code.texts.tolist(), strict=True)]
    labels = {name: objects([one[position] for one in found]) for position, name in enumerate(PATTERN)}
    labels |= {name: coded.take(first).texts for name, coded in records.labels.items()}
    labels |= {name: objects([""] * len(first)) for name in vocabulary.LABELS if name not in labels}
    parts = [labels[name] for name in PATTERN] + [code.texts, labels["region"]]
    ids = ["/".join(filter(None, (str(text).replace("/", "-") for text in one))) for one in zip(*parts, strict=True)]
    ids = _distinct(ids)
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.intp)
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return _Sources(
        [ids[number] for number in order.tolist()],
        {name: texts[order] for name, texts in labels.items()},
        code.texts[order],
        records.line[first][order],
        rank[group],
    )


def _labels(path: str, code: str) -> tuple[str, ...]:
    """Return sector, category, fuel and technology of a path; a code without one is a category of its own."""
    if not path:
        return "other", code or "unspecified", "", ""
    parts = (path.split("/") + [""] * len(PATTERN))[: len(PATTERN)]
    return tuple(part or (code if position == 1 else "") for position, part in enumerate(parts))


def _distinct(ids: list[str]) -> list[str]:
    """Return ids of which none stands twice: those that would are counted."""
    seen: dict[str, int] = {}
    found = []
    for one in ids:
        seen[one] = seen.get(one, 0) + 1
        found.append(one if seen[one] == 1 else f"{one}#{seen[one]}")
    return found


def _tell_unknown(records: Records, unknown: list[bool], given: Given, issues: Issues) -> None:
    """Warn of codes that are not known, each with the number of its values and their sum; they are kept as other."""
    known = nomenclature(records.name)
    for number in np.flatnonzero(unknown).tolist():
        rows = np.flatnonzero(records.code.codes == number)
        if not len(rows):
            continue
        code = str(records.code.values[number])
        amount = float(np.nansum(records.value[rows]))
        what = f"the code {code!r} is not known in {known.title}" if code else "there is no code"
        message = f"{what}: {len(rows):,} values, {readable(amount)} t over all years and pollutants"
        issues.warn(given.shown, int(records.line[rows[0]]), "", message, "they are kept, in the sector 'other'")


def _once(records: Records, sources: _Sources, at: tuple[Codes, ...], given: Given, issues: Issues) -> None:
    """Note values that stand twice."""
    kind, _ = alike(*at)
    first = firsts(kind)
    again = np.ones(len(kind), dtype=bool)
    again[first] = False
    for row in np.flatnonzero(again).tolist():
        name = str(records.pollutant.values[records.pollutant.codes[row]])
        message = f"a second value for {name} of {sources.ids[at[1][row]]} in {records.year[row]}"
        hint = f"the first is in line {records.line[first[kind[row]]]}: keep one of them"
        issues.error(given.shown, int(records.line[row]), "", message, hint)
