"""From what a foreign table states, one value of one category, place, year and pollutant at a time, to a series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from emis import vocabulary
from emis.coded import Coded, Codes, Places, Texts, objects
from emis.errors import Issues
from emis.interchange.foreign_tables import ForeignTable, renamed
from emis.interchange.formats import Given
from emis.interchange.series import Series
from emis.inventory import Floats, Inventory
from emis.nomenclatures import Mapping as Crosswalk
from emis.nomenclatures import nomenclature
from emis.nomenclatures.mappings import PATTERN
from emis.numbering import alike, firsts

__all__ = ["Entries", "Records", "in_area", "joined", "pollutant_of", "series_of", "years_below"]

#: Names of pollutants in reporting tables beside those of `vocabulary`, in small letters.
_NAMES = {
    "sox": "SO2",
    "sox (as so2)": "SO2",
    "so2 (as so2)": "SO2",
    "nox (as no2)": "NOx",
    "nox": "NOx",
    "nmvoc": "VOC",
    "voc": "VOC",
    "vocs": "VOC",
    "pm25": "PM2.5",
    "pm2_5": "PM2.5",
    "pm2.5": "PM2.5",
    "pm10": "PM10",
    "tsp": "TSP",
    "ec": "BC",
    "二氧化硫": "SO2",
    "氮氧化物": "NOx",
    "一氧化碳": "CO",
    "氨": "NH3",
    "氨气": "NH3",
    "挥发性有机物": "VOC",
    "总悬浮颗粒物": "TSP",
    "可吸入颗粒物": "PM10",
    "细颗粒物": "PM2.5",
    "黑碳": "BC",
    "有机碳": "OC",
    "二氧化碳": "CO2",
    "油烟": "oil_fume",
}


@dataclass(frozen=True, eq=False)
class Records:
    """What a table states, N entries: the code of a category, labels and years, and how much of which pollutant.

    Attributes
    ----------
    name : str
        The nomenclature of the codes.
    code, pollutant : Coded, N
        Pollutants as the table names them.
    year, line : ndarray, N
    value : ndarray, N [t/yr]
        NaN where a key stands in its place, or nothing.
    key : ndarray of str, N
    labels : mapping of str to Coded, N
        Labels that the table itself gives: region, fuel.
    """

    name: str
    code: Coded
    pollutant: Coded
    year: NDArray[np.intp]
    line: NDArray[np.int64]
    value: Floats
    key: Texts
    labels: Mapping[str, Coded] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.value)

    def take(self, rows: Codes) -> "Records":
        """Return some of the entries."""
        return Records(
            self.name,
            self.code.take(rows),
            self.pollutant.take(rows),
            self.year[rows],
            self.line[rows],
            self.value[rows],
            self.key[rows],
            {name: coded.take(rows) for name, coded in self.labels.items()},
        )


@dataclass(frozen=True, eq=False)
class Entries:
    """What a table states in columns of years, N entries: the row of each, its year, number and notation key."""

    row: Codes
    year: NDArray[np.intp]
    value: Floats
    key: Texts


def years_below(table: ForeignTable, years: Mapping[int, int], issues: Issues, keys: bool = False) -> Entries:
    """Return what a table states in its columns of years, given as column and year, row by row."""
    found = [table.amounts(column, issues, keys) for column in years]
    stated = np.array([one.stated for one in found]).T
    row, column = np.nonzero(stated)
    values, texts = np.array([one.values for one in found]), np.array([one.keys for one in found], dtype=object)
    return Entries(row, np.array(list(years.values()))[column], values[column, row], texts[column, row])


def joined(parts: Sequence[Records]) -> Records:
    """Return the entries of several tables of one file as one."""
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(name for part in parts for name in part.labels)
    return Records(
        parts[0].name,
        Coded.joined([part.code for part in parts]),
        Coded.joined([part.pollutant for part in parts]),
        np.concatenate([part.year for part in parts]),
        np.concatenate([part.line for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.key for part in parts]),
        {name: Coded.joined([part.labels.get(name, Coded.full(len(part), "")) for part in parts]) for name in names},
    )


def in_area(records: Records, areas: Mapping[str, Coded], row: Codes, given: Given) -> Records:
    """Return the entries of the area that is asked for, where the table names it; of all areas otherwise.

    Parameters
    ----------
    areas : mapping of str to Coded
        What the rows of the table call their areas: codes, names.
    row : ndarray, N
        The row of each entry.
    """
    wanted = given.settings.region.casefold()
    for coded in areas.values() if wanted else ():
        here = np.array([str(one).casefold() == wanted for one in coded.values], dtype=bool)[coded.codes]
        if here.any():
            return records.take(np.flatnonzero(here[row]))
    return records


def pollutant_of(text: str) -> str:
    """Return the name that emis has for a pollutant of a reporting table, "" for none."""
    return vocabulary.pollutant(text) or _NAMES.get(text.strip().casefold(), "")


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
    before, settings = len(issues.errors), given.settings
    records = _known_pollutants(records, given, issues)
    if settings.year is not None:
        there = sorted(set(records.year.tolist()))
        if settings.year not in there:
            span = ", ".join(map(str, there[:30]))
            issues.error(given.shown, 0, "year", f"there is no year {settings.year}", f"there are {span}")
            return None
        records = records.take(np.flatnonzero(records.year == settings.year))
    if not len(records):
        issues.error(given.shown, 0, "", "states no emission of a pollutant that emis knows", "check the file")
        return None
    sources = _sources(records, to_labels, given, issues)
    years, year = np.unique(records.year, return_inverse=True)
    names = [name for name in vocabulary.POLLUTANTS if name in set(records.pollutant.met())]
    place = np.array([names.index(str(name)) if name in names else -1 for name in records.pollutant.values])
    at = year.reshape(-1), sources.of, place[records.pollutant.codes]
    _once(records, sources, at, given, issues)
    shape = (len(years), len(sources.ids), len(names))
    values, keys = np.full(shape, np.nan), np.full(shape, "", dtype=object)
    values[at], keys[at] = records.value, records.key
    if len(issues.errors) > before:
        return None
    base = tuple(int(one) for one in years)
    inventory = Inventory(
        name=given.path.stem,
        base_year=base[0],
        pollutants=tuple(names),
        labels={"source": objects(sources.ids), **sources.labels},
        activity=np.ones(shape[1]),
        activity_unit=objects(["1"] * shape[1]),
        factor=values[0],
        reported=np.ones(shape[1], dtype=bool),
        control=np.zeros(shape[1:]),
        profile=objects([""] * shape[1]),
        attributes={records.name: sources.codes},
        notation=keys[0],
        status=status or "example",
        file=given.shown,
        places=Places(Coded.full(shape[1], given.shown), sources.line),
        warnings=tuple(issues.warnings),
    )
    return Series(inventory, base, values, keys, scenario, "", notes=tuple(notes))


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


def _sources(records: Records, to_labels: Crosswalk, given: Given, issues: Issues) -> _Sources:
    """Return the sources of a table: a code with the labels beside it is one."""
    group, first = alike(records.code.codes, *(coded.codes for coded in records.labels.values()))
    code = records.code.take(first)
    found = [_labels(to_labels, str(one)) for one in code.values]
    _tell_unknown(records, [not one for one in found], given, issues)
    labels = {
        name: objects([(one or _other(str(text)))[position] for one, text in zip(found, code.values, strict=True)])[
            code.codes
        ]
        for position, name in enumerate(PATTERN)
    }
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


def _labels(to_labels: Crosswalk, code: str) -> tuple[str, ...]:
    """Return sector, category, fuel and technology of a code; () where it is not known."""
    rules = to_labels.of(code)
    if not rules:
        return ()
    parts = (max(rules, key=lambda rule: rule.weight).target.split("/") + [""] * len(PATTERN))[: len(PATTERN)]
    return tuple(part or (code if position == 1 else "") for position, part in enumerate(parts))


def _other(code: str) -> tuple[str, ...]:
    return ("other", code or "unspecified", "", "")


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
        message = f"{what}: {len(rows):,} values, {amount:,.6g} t over all years and pollutants"
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
