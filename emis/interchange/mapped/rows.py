"""Rows of somebody else's table: the header found, totals left out, merged cells filled, each with its line."""

import fnmatch
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emis import units, vocabulary
from emis.coded import Coded, Texts, objects
from emis.errors import Issues
from emis.io.columns import Row
from emis.io.delimited import SplitError, is_row, open_delimited
from emis.io.mappings import MappedTable
from emis.io.tables import SUFFIXES
from emis.io.workbooks import xlsx_rows

__all__ = ["Headed", "Sheet", "named_columns", "plain", "read_sheet"]

_SEARCHED = 50
_UNIT = re.compile(r"(?P<name>.*?)[(\[【](?P<unit>[^()\[\]【】]*)[)\]】]")
_SAYS_UNIT = re.compile(r"(?:单位|unit)[:：]?", re.IGNORECASE)


def plain(text: str) -> str:
    """Return a header or a label for comparison: full-width characters as plain ones, and no blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@dataclass(frozen=True)
class Headed:
    """A column: its header as it is written, the unit that stands in brackets there, "" for none, and its cells."""

    header: str
    unit: str
    coded: Coded

    @property
    def cells(self) -> Texts:
        """The text of each row."""
        return self.coded.texts


@dataclass(frozen=True)
class Sheet:
    """A table of texts: where it stands, the line of its header and those of its rows, and its columns by header."""

    shown: str
    header: int
    lines: NDArray[np.int64]
    columns: Mapping[str, Headed]
    left_out: int
    issues: Issues

    def __len__(self) -> int:
        return len(self.lines)

    def fault(self, row: int, column: str, message: str, hint: str = "") -> None:
        """Note a fault in a row; -1 stands for the header."""
        line = self.header if row < 0 else int(self.lines[row])
        self.issues.error(self.shown, line, column, message, hint)

    def column(self, name: str) -> Headed | None:
        """Return a column by its header, with its unit in brackets or not; None, and a fault, if it is not there."""
        wanted = plain(name)
        if wanted in self.columns:
            return self.columns[wanted]
        found = [one for key, one in self.columns.items() if _without_unit(key) == wanted]
        if len(found) == 1:
            return found[0]
        headers = [one.header for one in self.columns.values()]
        if found:
            several = ", ".join(repr(one.header) for one in found)
            self.fault(-1, name, f"{len(found)} columns are {name!r}: {several}", "write one as it stands there")
        else:
            self.fault(-1, name, f"there is no column {name!r}", vocabulary.suggest(name, headers))
        return None

    def each(self, column: Headed, read: Callable[[str, int], str]) -> Texts:
        """Return what is read of each row's text; each distinct text is read once, with the first row that has it."""
        first = np.full(len(column.coded.values), -1)
        first[column.coded.codes[::-1]] = np.arange(len(self))[::-1]
        answers = [
            read(str(text), int(row)) if row >= 0 else ""
            for text, row in zip(column.coded.values, first.tolist(), strict=True)
        ]
        return np.asarray(objects(answers)[column.coded.codes], dtype=object)


def _without_unit(header: str) -> str:
    match = _UNIT.fullmatch(header)
    return match["name"] if match else header


def _unit_in(header: str) -> str:
    """Return the unit in brackets at the end of a header; "" where there is none."""
    match = _UNIT.fullmatch(plain(header))
    text = _SAYS_UNIT.sub("", match["unit"]) if match else ""
    if text in ("%", "1"):
        return text
    try:
        units.check(text)
    except units.UnitError:
        return ""
    return text


def named_columns(table: MappedTable) -> list[str]:
    """Return the headers that a mapping names, each once."""
    texts = [one.column for one in (*table.columns.values(), *table.attributes.values())]
    numbers = [one.column for one in (table.emissions or {}).values()]
    factors = [one.column for one in table.factors.values() if one.column is not None]
    activity = [] if table.activity is None else [table.activity.column]
    long = [] if table.long is None else [table.long.pollutant.column, table.long.emission.column]
    numbers += [one.column for one in table.control.values()]
    units_of = [] if table.unit_column is None else [table.unit_column]
    return list(dict.fromkeys([*texts, *numbers, *activity, *factors, *long, *table.fill, *table.skip, *units_of]))


def read_sheet(table: MappedTable, path: Path, shown: str, encoding: str | None, issues: Issues) -> Sheet | None:
    """Return the rows of a table that count; None when it cannot be read, and `issues` says why."""
    rows = _rows(table, path, shown, encoding, issues)
    if rows is None:
        return None
    if table.sheet is not None:
        shown = f"{shown}[{table.sheet}]"
    known = dict(rows)
    lines = list(table.header or (_header_line(rows, named_columns(table)),))
    absent = [line for line in lines if line not in known]
    if absent:
        issues.error(shown, absent[0], "header", "there is no such line with a header", "name the line of the header")
        return None
    headers = _headers([known[line] for line in lines])
    body = [(line, cells) for line, cells in rows if line > max(lines) and is_row(cells)]
    return _sheet(table, headers, body, max(lines), shown, issues)


def _rows(table: MappedTable, path: Path, shown: str, encoding: str | None, issues: Issues) -> list[Row] | None:
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        return xlsx_rows(path, shown, table.sheet, issues)
    if suffix not in SUFFIXES:
        issues.error(shown, 0, "", f"is of no kind that is read ({suffix or 'no ending'})", "use .csv, .tsv or .xlsx")
        return None
    if table.sheet is not None:
        issues.error(shown, 0, "sheet", "is no workbook, and has no sheets", "leave out `sheet`")
        return None
    text = open_delimited(path, shown, SUFFIXES[suffix], table.encoding or encoding, issues)
    if text is None:
        return None
    try:
        return list(text.rows())
    except SplitError as error:
        hint = "check the quotes: a cell with a quote or comma stands in double quotes"
        issues.error(shown, error.line, "", f"cannot be split into cells: {error.why}", hint)
        return None


def _header_line(rows: Sequence[Row], names: Sequence[str]) -> int:
    """Return the line that holds the most of the headers that are named, the first of those that hold as many."""
    wanted = {plain(name) for name in names}
    best, line = -1, rows[0][0] if rows else 1
    for number, cells in rows[:_SEARCHED]:
        keys = {plain(cell) for cell in cells}
        held = len(wanted & (keys | {_without_unit(key) for key in keys}))
        if held > best:
            best, line = held, number
    return line


def _headers(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the header of each column: of several lines joined by /, a merged cell of the upper ones filled."""
    width = max(map(len, rows))
    parts: list[list[str]] = []
    for at, row in enumerate(rows):
        cells = [cell.strip() for cell in row] + [""] * (width - len(row))
        if at < len(rows) - 1:
            for column in range(1, width):
                below = any(column < len(other) and other[column].strip() for other in rows[at + 1 :])
                if not cells[column] and below:
                    cells[column] = cells[column - 1]
        parts.append(cells)
    return ["/".join(dict.fromkeys(part for part in column if part)) for column in zip(*parts, strict=True)]


def _sheet(
    table: MappedTable, headers: Sequence[str], body: Sequence[Row], line: int, shown: str, issues: Issues
) -> Sheet | None:
    counts = Counter(plain(header) for header in headers if header)
    named = {plain(name) for name in named_columns(table)}
    twice = [header for header in headers if counts[plain(header)] > 1 and plain(header) in named]
    for header in dict.fromkeys(twice):
        issues.error(shown, line, header, f"the column {header!r} stands twice", "rename one of them")
    if not body:
        issues.error(shown, line, "", "has a header and no rows", "check which line is its header")
    if twice or not body:
        return None
    width = len(headers)
    cells = [[cell.strip() for cell in row[:width]] + [""] * (width - len(row)) for _, row in body]
    lines = np.array([number for number, _ in body], dtype=np.int64)
    keys = [plain(header) for header in headers]
    kept = _kept(table, keys, cells)
    columns: dict[str, Headed] = {}
    for at, (header, key) in enumerate(zip(headers, keys, strict=True)):
        if not key or key in columns:
            continue
        texts = [row[at] for row, keep in zip(cells, kept, strict=True) if keep]
        if key in {plain(one) for one in table.fill} or _without_unit(key) in {plain(one) for one in table.fill}:
            texts = _filled(texts)
        columns[key] = Headed(header, _unit_in(header), Coded.of(objects(texts)))
    return Sheet(shown, line, lines[np.array(kept)], columns, kept.count(False), issues)


def _kept(table: MappedTable, keys: Sequence[str], rows: Iterable[Sequence[str]]) -> list[bool]:
    """Return which rows count: neither totals nor those that the mapping leaves out."""
    totals = tuple(plain(one) for one in table.totals if plain(one))
    ends = {one[-1] for one in totals}  # few cells end like one, and need a closer look
    skipped = {plain(name): [plain(one) for one in texts] for name, texts in table.skip.items()}
    limits = [(at, skipped.get(key) or skipped.get(_without_unit(key)) or []) for at, key in enumerate(keys)]

    def keep(row: Sequence[str]) -> bool:
        if any(cell[-1:] in ends and plain(cell).endswith(totals) for cell in row):
            return False
        return not any(fnmatch.fnmatchcase(plain(row[at]), one) for at, several in limits for one in several)

    return [keep(row) for row in rows]


def _filled(texts: Sequence[str]) -> list[str]:
    """Return texts, a blank one taking that of the row above."""
    found, last = [], ""
    for text in texts:
        last = text or last
        found.append(last)
    return found
