"""Mappings between nomenclatures that users bring, in a CSV of the shape of those that come with emis."""

from dataclasses import replace
from pathlib import Path

from emis import vocabulary
from emis.errors import Issues, UnitError
from emis.interchange.cells import plain_text
from emis.interchange.formats import Settings
from emis.io.columns import Table
from emis.io.tables import number, read_table
from emis.nomenclatures import EMIS, Mapping, Rule, mapping, nomenclature
from emis.nomenclatures.mappings import EXACT

__all__ = ["from_labels", "to_labels"]


def from_labels(name: str, settings: Settings, issues: Issues) -> Mapping:
    """Return the mapping from the labels of emis to a nomenclature, a user's rules before those of emis."""
    return _between(EMIS, name, settings, issues)


def to_labels(name: str, settings: Settings, issues: Issues) -> Mapping:
    """Return the mapping from a nomenclature to the labels of emis, a user's rules before those of emis."""
    return _between(name, EMIS, settings, issues)


def _between(source: str, target: str, settings: Settings, issues: Issues) -> Mapping:
    own = mapping(source, target)
    if settings.crosswalk is None:
        return own
    found = _read(settings.crosswalk, source, target, issues)
    return own if found is None else replace(found, otherwise=own)


def _read(path: Path, source: str, target: str, issues: Issues) -> Mapping | None:
    """Return the rules of a file; None, and every fault of it, where they cannot be used."""
    before, shown = len(issues.errors), path.as_posix()
    table = read_table(path, shown, issues)
    if table is None:
        return None
    for name in ("from", "to", "weight"):
        if name not in table.columns:
            there = ", ".join(table.columns)
            issues.error(shown, table.header, name, f"the column {name!r} is missing", f"the header has {there}")
    if len(issues.errors) > before:
        return None
    rules = [_rule(table, row, source, target, issues) for row in range(len(table))]
    sums: dict[str, float] = {}
    lines: dict[str, int] = {}
    for row, rule in enumerate(rules):
        sums[rule.source] = sums.get(rule.source, 0.0) + rule.weight
        lines.setdefault(rule.source, table.place(row)[1])
    for one, total in sums.items():
        if not abs(total - 1.0) <= EXACT:
            issues.error(shown, lines[one], "weight", f"the weights of {one!r} sum to {total:.12g}", "make them 1")
    return None if len(issues.errors) > before else Mapping(source, target, tuple(rules), path.name)


def _rule(table: Table, row: int, source: str, target: str, issues: Issues) -> Rule:
    cells = {name: plain_text(table.text(name)[row]) for name in ("from", "to", "weight", "note", "reference")}
    place = table.place(row)
    try:
        weight = number(cells["weight"])
        if not 0 < weight <= 1:
            raise UnitError(f"{cells['weight']} is no weight", "write a number above 0, at most 1")
    except UnitError as error:
        issues.error(*place, "weight", error.message, error.hint)
        weight = 1.0
    start, end = (_checked(cells[one], one, side, place, issues) for one, side in (("from", source), ("to", target)))
    return Rule(start, end, weight, cells["note"], cells["reference"])


def _checked(text: str, column: str, side: str, place: tuple[str, int], issues: Issues) -> str:
    """Return a code as its nomenclature spells it, or a pattern of labels.

    A pattern that starts with no sector is a fault, as is a code to write that is in no list; one that is read may be a
    table's own, and is told.
    """
    if side == EMIS:
        sector = text.split("/")[0]
        if sector not in vocabulary.SECTORS and not (column == "from" and sector in ("", "*") and text):
            hint = vocabulary.suggest(sector, vocabulary.SECTORS)
            issues.error(*place, column, f"{text!r} is no label of emis: unknown sector {sector!r}", hint)
        return text
    known = nomenclature(side)
    found = known.find(text)
    if not found:
        tell, then = (issues.warn, "taken as it stands") if column == "from" and text else (issues.error, "")
        tell(*place, column, f"{text!r} is no code of {known.title}", then or known.suggest(text))
    return text if known.by_prefix else found or text
