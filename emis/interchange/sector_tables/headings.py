"""Totals among the rows of a table of sectors: what sums up others is not counted beside them."""

import numpy as np

from emis.coded import Coded, Codes
from emis.errors import Issues
from emis.interchange.cells import readable
from emis.interchange.formats import Given
from emis.interchange.sector_tables.records import Records
from emis.nomenclatures import nomenclature

__all__ = ["without_totals"]

#: A heading is the total of its parts when it differs from their sum by no more than this share.
_SAME = 1e-6
_WORDS = ("total", "合计", "总计", "小计", "总量")


def without_totals(records: Records, given: Given, issues: Issues) -> Records:
    """Return entries without totals: rows that are called so, and headings that are the sum of codes below them.

    Each is told with its tonnes. A heading that is no sum of its parts is a category of its own, and memo items are
    read, and told of.
    """
    kept = np.ones(len(records), dtype=bool)
    for number, code in enumerate(records.code.values):
        mine = np.flatnonzero(records.code.codes == number)
        if not len(mine):
            continue
        if any(word in str(code).casefold() for word in _WORDS):
            _tell(records, mine, str(code), "is a total and is not read beside its parts", given, issues)
            kept[mine] = False
    for code, mine, parts in _headings(records, kept):
        if _is_sum(records, mine, parts):
            _tell(records, mine, code, "is the sum of the codes below it and is not read beside them", given, issues)
            kept[mine] = False
    _tell_memo(records, kept, given, issues)
    return records if kept.all() else records.take(np.flatnonzero(kept))


def _headings(records: Records, kept: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> list[tuple[str, Codes, Codes]]:
    """Return codes that others here are part of, with their entries and those of the parts; the deepest first."""
    known = nomenclature(records.name)
    here = {str(code): number for number, code in enumerate(records.code.values)}
    below: dict[str, list[int]] = {}
    for code, number in here.items():
        for parent in known.parents(code):
            if parent in here:
                below.setdefault(parent, []).append(number)
    found = []
    for code in sorted(below, key=known.level, reverse=True):
        mine = np.flatnonzero((records.code.codes == here[code]) & kept)
        parts = np.flatnonzero(np.isin(records.code.codes, below[code]) & kept)
        if len(mine) and len(parts):
            found.append((code, mine, parts))
    return found


def _is_sum(records: Records, mine: Codes, parts: Codes) -> bool:
    """Tell whether a heading is the sum of its parts: of each year, pollutant and area that it states a number for."""
    keys = [Coded.of(records.year.astype(object)), records.pollutant, *records.labels.values()]
    kind = np.zeros(len(records), dtype=np.intp)
    for one in keys:
        kind = kind * max(len(one.values), 1) + one.codes
    numbered = np.flatnonzero(~np.isnan(records.value))
    mine, parts = np.intersect1d(mine, numbered), np.intersect1d(parts, numbered)
    whole = dict(zip(kind[mine].tolist(), records.value[mine].tolist(), strict=True))
    sums: dict[int, float] = {}
    for key, value in zip(kind[parts].tolist(), records.value[parts].tolist(), strict=True):
        sums[key] = sums.get(key, 0.0) + value
    told = [(value, sums.get(key, 0.0)) for key, value in whole.items() if value or key in sums]
    return bool(told) and all(abs(value - total) <= _SAME * max(value, total) for value, total in told)


def _tell(records: Records, rows: Codes, code: str, what: str, given: Given, issues: Issues) -> None:
    amount = float(np.nansum(records.value[rows]))
    message = f"{code} {what}: {len(rows):,} values, {readable(amount)} t over all years and pollutants"
    issues.warn(given.shown, int(records.line[rows[0]]), records.name, message)


def _tell_memo(records: Records, kept: "np.ndarray[tuple[int], np.dtype[np.bool_]]", given: Given,
               issues: Issues) -> None:  # fmt: skip
    known = nomenclature(records.name)
    memo = [
        number for number, code in enumerate(records.code.values)
        if str(code) in known and known.entries[str(code)].note.startswith("memo item")
    ]  # fmt: skip
    rows = np.flatnonzero(np.isin(records.code.codes, memo) & kept)
    if len(rows):
        names = ", ".join(str(records.code.values[number]) for number in memo)
        message = f"memo items, which national totals leave out, are read and counted: {names}"
        issues.warn(given.shown, int(records.line[rows[0]]), records.name, message)
