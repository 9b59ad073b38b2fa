"""The table of cross-checks that an inventory.yaml may name."""

import math
from collections.abc import Mapping, Sequence

from emis import units, vocabulary
from emis.crosschecks import CrossCheck, compare
from emis.errors import Issues
from emis.inventory import Inventory
from emis.io.cells import RowReader, require
from emis.io.tables import Table, number
from emis.propagation import Deviations, deviations
from emis.selectors import Selector

__all__ = ["fitting", "read_cross_checks"]

_REQUIRED = ("check", "quantity", "published", "unit", "reference")
_NEEDED = {
    "check": "name the check",
    "quantity": "write a pollutant, activity or a stock column such as households",
    "reference": "say where the published figure comes from",
}
_LABELS = ("sector", "category", "fuel", "technology")
_COLUMNS = frozenset({*_REQUIRED, *_LABELS, "year", "per", "key", "low", "high", "cv", "grade", "remark", "note"})


def read_cross_checks(table: Table, issues: Issues) -> list[CrossCheck]:
    """Return the cross-checks of a table, whatever their year, and note every fault of its form."""
    require(table, _REQUIRED, issues)
    if any(name not in table.columns for name in _REQUIRED):
        return []
    reader = RowReader(table, issues)
    found: list[CrossCheck] = []
    seen: dict[str, dict[str, int]] = {}
    for row in range(len(table)):
        cells = {name: table.text(name)[row] for name in sorted(_COLUMNS)}
        reader.labels(row, {name: cells[name] for name in ("check", *_LABELS)})
        for name, hint in _NEEDED.items():
            if not cells[name]:
                reader.fault(row, name, "is blank", hint)
        lines = seen.setdefault(cells["check"], {})
        # A blank year is every year.
        twice = next((line for at, line in lines.items() if "" in (at, cells["year"]) or at == cells["year"]), None)
        if twice is not None and cells["check"]:
            message = f"a second check {cells['check']!r} of that year, the first is in line {twice}"
            reader.fault(row, "check", message, "give each its own name")
        lines.setdefault(cells["year"], table.lines[row])
        found.append(_check(reader, row, cells))
    reader.unused(_COLUMNS)
    return found


def fitting(checks: Sequence[CrossCheck], inventory: Inventory, issues: Issues) -> tuple[CrossCheck, ...]:
    """Return the cross-checks of the inventory's year; one that cannot be held against it is a fault.

    Those of another year are left alone: what they select may be in that year's inventory only.
    """
    mine = [check for check in checks if check.year in (None, inventory.base_year)]
    known = [*inventory.pollutants, "activity", *inventory.stocks]
    errors = deviations(inventory) if mine else None
    for check in mine:
        fault = _misfit(check, inventory, known, errors)
        if fault is not None:
            issues.error(*check.place, *fault)
    return tuple(mine)


def _year(reader: RowReader, row: int, text: str) -> int | None:
    if text and not (text.isascii() and text.isdecimal() and len(text) == 4):
        reader.fault(row, "year", f"{text!r} is no year", "write e.g. 2017, or nothing for every year")
        return None
    return int(text) if text else None


def _check(reader: RowReader, row: int, cells: Mapping[str, str]) -> CrossCheck:
    quantity, per = (vocabulary.pollutant(cells[name]) or cells[name] for name in ("quantity", "per"))
    if quantity and quantity == per:
        reader.fault(row, "per", f"{per} per {quantity} is always 1", "name another quantity, or leave it blank")
    published, key = reader.value(row, "published")
    if key:
        reader.fault(row, "published", f"is {key}, and a comparison needs a number", "leave the row out")
    unit = reader.unit_of(row, "published", quantity if quantity in vocabulary.POLLUTANTS else None)
    share = _key(reader, row, cells["key"])
    low, high = reader.bounds(row, published * share)
    wanted = {name: tuple(part.strip() for part in cells[name].split("|")) for name in _LABELS if cells[name]}
    for name, parts in wanted.items():
        if not all(parts):
            reader.fault(row, name, f"{cells[name]!r} holds a blank alternative", "write e.g. bus | coach")
    selector = Selector(**{name: parts for name, parts in wanted.items() if all(parts)})
    return CrossCheck(
        name=cells["check"],
        selector=selector,
        quantity=quantity,
        per=per,
        published=published,
        unit=unit,
        key=share,
        low=low,
        high=high,
        reference=cells["reference"],
        grade=reader.grade(row),
        remark=cells["remark"],
        year=_year(reader, row, cells["year"]),
        place=reader.place(row),
    )


def _key(reader: RowReader, row: int, text: str) -> float:
    """Return what the published figure is multiplied with: ``1.483 %`` or a bare number, 1 when blank."""
    column = reader.table.get("key")
    if not text or column is None:
        return 1.0
    if column.unit == "%" and not text.endswith("%"):
        text = f"{text} %"
    try:
        found = units.signed_share(text) if text.endswith(("%", "％")) else number(text)
        if not found > 0:
            raise units.UnitError(f"{text} is not above 0", "write the area's share, e.g. 1.483 %")
    except units.UnitError as error:
        reader.fault(row, "key", error.message, error.hint)
        return math.nan
    return found


def _misfit(
    check: CrossCheck, inventory: Inventory, known: Sequence[str], errors: Deviations | None
) -> tuple[str, str, str] | None:
    """Return column, message and hint of why a check cannot be held against the inventory; None when it can."""
    for column, name in (("quantity", check.quantity), ("per", check.per)):
        if name and name not in known:
            return column, f"unknown quantity {name!r}", vocabulary.suggest(name, known)
    for label, wanted in check.selector.items():
        for one in wanted:
            if not len(inventory.lookup(label).codes((one,))):
                return (
                    label,
                    f"{one!r} is no {label} of the inventory",
                    vocabulary.suggest(one, inventory.values(label)),
                )
    if not len(inventory.rows(check.selector)):
        return "check", f"no source has {check.selector}", "widen what is summed"
    try:
        compare(check, inventory, errors)
    except units.UnitError as error:
        return "unit", error.message, error.hint
    return None
