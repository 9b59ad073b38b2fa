"""What the rows of somebody else's table say, by a mapping: labels, ids, and numbers with their pollutants."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from emis import units, vocabulary
from emis.coded import Coded, Texts, objects
from emis.errors import UnitError
from emis.interchange.mapped.cells import Cells
from emis.interchange.mapped.rows import Sheet, plain
from emis.inventory import Floats
from emis.io.mappings import FIELDS, MappedTable

__all__ = ["fields_of", "ids_of", "numbers_of"]

_NAMES = re.compile(r"\{([^{}]*)\}")
_GRADES = ("", "A", "B", "C", "D", "E")


def fields_of(cells: Cells) -> dict[str, Texts]:
    """Return labels and other texts of rows by name, spelled as emis spells them."""
    sheet, table = cells.sheet, cells.table
    found: dict[str, Texts] = {name: np.full(len(sheet), text, dtype=object) for name, text in table.constants.items()}
    for name, given in table.columns.items():
        texts = cells.texts(name, given) if name not in ("lon", "lat") else None
        if texts is not None:
            found[name] = texts
    for label in vocabulary.LABELS:
        if label in found and label != "facility":
            found[label] = _spelled(sheet, label, found[label])
    _known(sheet, "sector", found.get("sector"), vocabulary.SECTORS)
    _known(sheet, "grade", found.get("grade"), _GRADES)
    category = found.get("category")
    if category is not None:
        for row in np.flatnonzero(category == "").tolist():
            sheet.fault(row, "category", "is blank", "write {column: ..., blank: NAME}, or `fill` merged cells")
    return found


def _spelled(sheet: Sheet, name: str, texts: Texts) -> Texts:
    """Return labels without full-width and look-alike characters, which emis does not take; it is told."""
    coded = Coded.of(texts)
    right = [vocabulary.look_alike(str(text)) or str(text) for text in coded.values]
    changed = [(old, new) for old, new in zip(coded.values, right, strict=True) if old != new]
    if changed:
        old, new = changed[0]
        message = f"{len(changed):,} texts have full-width or look-alike characters: {old!r} is read as {new!r}"
        sheet.issues.warn(sheet.shown, sheet.header, name, message)
    return np.asarray(objects(right)[coded.codes], dtype=object)


def _known(sheet: Sheet, name: str, texts: Texts | None, known: Sequence[str] | Mapping[str, object]) -> None:
    """Note texts that are none of those that are known, each once."""
    if texts is None:
        return
    coded = Coded.of(texts)
    for code, text in enumerate(map(str, coded.values)):
        if text not in known:
            row = int(np.flatnonzero(coded.codes == code)[0])
            hint = vocabulary.suggest(text, known)
            sheet.fault(row, name, f"unknown {name} {text!r}" if text else "is blank", f"{hint} or `translate` it")


def numbers_of(cells: Cells, activity: tuple[Floats, Texts, Texts] | None) -> list[tuple[Texts, Floats, Texts, Floats]]:
    """Return pollutants, numbers, keys and control of rows: one entry for each column of numbers."""
    table, size = cells.table, len(cells.sheet)
    shares = {name: cells.shares(one) for name, one in table.control.items()}
    control = {name: values for name, values in shares.items() if values is not None}
    nothing = np.zeros(size)
    found: list[tuple[Texts, Floats, Texts, Floats]] = []
    if table.long is not None:
        entry = _long(cells)
        return [] if entry is None else [(*entry, nothing)]
    if activity is not None:
        for name in table.factors:
            factors = _factors(cells, name, activity)
            if factors is not None:
                found.append((np.full(size, name, dtype=object), *factors, control.get(name, nothing)))
    for name, given in (table.emissions or {}).items():
        read = cells.numbers(given)
        unit = None if read is None else cells.unit(given, read[2], name)
        if read is not None and unit is not None:
            names = np.full(size, name, dtype=object)
            tonnes = read[0] * cells.tonnes(unit, names, read[1], read[2].header)
            found.append((names, tonnes, read[1], control.get(name, nothing)))
    return found


def _long(cells: Cells) -> tuple[Texts, Floats, Texts] | None:
    """Return pollutants, tonnes and keys of the rows of a long table."""
    given, sheet = cells.table.long, cells.sheet
    assert given is not None
    read, of = cells.numbers(given.emission), sheet.column(given.pollutant.column)
    if read is None or of is None:
        return None
    spelled = {plain(text): name for text, name in {**vocabulary.POLLUTANT_ZH, **given.pollutant.translate}.items()}

    def named(text: str, row: int) -> str:
        told = spelled.get(plain(text), text)
        name = vocabulary.pollutant(told)
        if name is None:
            hint = vocabulary.suggest(told, vocabulary.POLLUTANTS)
            sheet.fault(row, of.header, f"unknown pollutant {told!r}", f"{hint} or `translate` it")
        return name or ""

    names = sheet.each(of, named)
    unit = cells.unit(given.emission, read[2], None)
    if unit is None:
        return None
    return names, read[0] * cells.tonnes(unit, names, read[1], read[2].header), read[1]


def _factors(cells: Cells, pollutant: str, activity: tuple[Floats, Texts, Texts]) -> tuple[Floats, Texts] | None:
    """Return the factors of a pollutant [t per activity unit], and the keys: those of the activity go first."""
    given, size = cells.table.factors[pollutant], len(cells.sheet)
    if given.value is not None:
        values, keys = np.full(size, given.value.value), np.full(size, "", dtype=object)
        unit, column = np.full(size, given.value.unit, dtype=object), f"factors.{pollutant}"
    else:
        read = cells.numbers(given)
        found = None if read is None else cells.unit(given, read[2], pollutant)
        if read is None or found is None:
            return None
        values, keys, unit, column = read[0], read[1], found, read[2].header
    kinds, told = Coded.of(unit), Coded.of(activity[2])
    for per in range(len(kinds.values)):
        for stock in range(len(told.values)):
            rows = np.flatnonzero((kinds.codes == per) & (told.codes == stock))
            if not len(rows) or not kinds.values[per] or not told.values[stock]:
                continue
            try:
                values[rows] = values[rows] * units.factor_scale(told.values[stock], kinds.values[per], pollutant)
            except UnitError as error:
                cells.sheet.fault(int(rows[0]), column, error.message, error.hint)
    return values, np.where(activity[1] != "", activity[1], keys).astype(object)


def ids_of(sheet: Sheet, table: MappedTable, fields: Mapping[str, Texts]) -> Texts | None:
    """Return the id of each row's source, made by the mapping's template; blank parts are left out."""
    parts: list[list[str]] = []
    for at, text in enumerate(_NAMES.split(table.source)):
        if at % 2 == 0:
            parts.append([text] * len(sheet))
        elif text == "line":
            parts.append([str(line) for line in sheet.lines.tolist()])
        elif text in fields or text in FIELDS:
            parts.append(_part(fields[text]) if text in fields else [""] * len(sheet))
        else:
            column = sheet.column(text)
            if column is None:
                return None
            parts.append(_part(column.cells))
    whole = [re.sub(r"/+", "/", "".join(row)).strip("/") for row in zip(*parts, strict=True)]
    return objects([vocabulary.look_alike(one) or one for one in whole])


def _part(texts: Texts) -> list[str]:
    """Return texts as parts of ids: what parts ids stands in none of them."""
    return [text.replace("/", "-") for text in texts.tolist()]
