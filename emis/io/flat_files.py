"""Flat files of the US EPA as tables: what kind one is, what its comments say, and its columns by name."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from emis import vocabulary
from emis.errors import Issues
from emis.io.arrow import as_table
from emis.io.columns import Row, Table, checked, gathered
from emis.io.delimited import SplitError, decoded_head, open_delimited
from emis.io.flat_layouts import LAYOUTS, NO_EMISSIONS, Layout, folded
from emis.io.flat_lines import Lines, comments, delimiter_of, quick, rows

__all__ = ["FlatFile", "is_flat", "kind_of_lines", "read_flat_file"]

#: Lines at the beginning of a file among which its kind stands.
_HEAD = 200
_OTHERS = frozenset({".yaml", ".yml", ".json", ".xlsx", ".xlsm", ".parquet", ".pq", ".nc", ".zip", ".gz"})
_KIND = re.compile(r"#\s*(?:FORMAT\b[\s=:]*)?\"?((?:FF10|ORL)\b.*|FF10_\w+)", re.IGNORECASE)
_COMMAND = re.compile(r"([A-Z_]+)\b[\s=:]*(.*)", re.IGNORECASE)
_UNIT = re.compile(r"[\[(](?!\s*(?:short[ _])?tons?\b)")
#: Columns of which a row of names has at least these.
_NAMED = frozenset({"region_cd", "scc", "poll", "ann_value"})


@dataclass(frozen=True)
class FlatFile:
    """A flat file that can be read.

    Attributes
    ----------
    table : Table
        Its columns under the names of `flat_layouts`.
    year : int
        The year that its comments name; 0 for none.
    year_line : int
        The line in which they do.
    country : str
        The country that they name.
    described : tuple of str
        What they say of the file.
    """

    layout: Layout
    table: Table
    year: int
    year_line: int
    country: str
    described: tuple[str, ...]


def is_flat(path: Path, encoding: str | None = None) -> bool:
    """Tell whether a file is FF10 or ORL, by what its comments or its row of names say."""
    if path.suffix.lower() in _OTHERS or not path.is_file():
        return False
    return bool(kind_of_lines(decoded_head(path, _HEAD, encoding)))


def kind_of_lines(lines: Sequence[str]) -> str:
    """Return the kind that the first lines of a file name: ``FF10_POINT``, ``ORL NONPOINT``; "" for no flat file."""
    for line in lines:
        if line.startswith("#"):
            found = _KIND.match(line)
            if found is not None:
                return " ".join(found[1].replace('"', " ").upper().replace(",", " ").split())
        elif line.strip():
            names = {folded(cell) for cell in re.split(r"[,;\t]", line)}
            return ("ORL" if "ceff" in names else "FF10") if names >= _NAMED else ""
    return ""


def read_flat_file(path: Path, shown: str, issues: Issues, encoding: str | None = None) -> FlatFile | None:
    """Read a flat file; None when it cannot be, and `issues` says why."""
    before = len(issues.errors)
    text = open_delimited(path, shown, ",", encoding, issues)
    if text is None:
        return None
    lines = Lines.of(text.raw)
    told = comments(lines)
    for line, comment in told:
        # Elsewhere it ends a line.
        if "\r" in comment:
            message = "a carriage return stands within a comment: what follows it may be a row"
            issues.error(shown, line, "", message, "save the file with line ends of one kind")
    delimiter = delimiter_of(lines)
    try:
        every = rows(lines, delimiter)
        first = next(every, (1, []))
        layout = _layout(lines, told, first, shown, issues)
        if layout is None:
            return None
        names = _names(first, layout, shown, issues)
        named = names is not None
        names = names or list(layout.columns)
        if len(issues.errors) > before:
            return None
        table = _quick(lines, delimiter, names, named, first, layout, shown, issues)
        if table is None:
            unnamed = every if named else chain([first], every)
            table = _one_by_one(unnamed, names, layout, first, named, shown, issues)
    except SplitError as error:
        hint = "a cell with a quote or comma stands in double quotes"
        issues.error(shown, error.line, "", f"cannot be split into cells: {error.why}", hint)
        return None
    if table is None:
        return None
    table.encoding = text.encoding
    year, line = _year(told, shown, issues)
    country = next((text for _, command, text in _commands(told) if command == "COUNTRY"), "")
    described = tuple(text for _, command, text in _commands(told) if command == "DESC" and text)
    return None if len(issues.errors) > before else FlatFile(layout, table, year, line, country, described)


def _commands(told: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    """Yield line, command and what follows it, of each comment."""
    for line, text in told:
        found = _COMMAND.match(text)
        if found is not None:
            yield line, found[1].upper(), found[2].strip().strip('"').strip()


def _year(told: Sequence[tuple[int, str]], shown: str, issues: Issues) -> tuple[int, int]:
    """Return the year that comments name, and the line; 0 for none."""
    found: dict[int, int] = {}
    for line, command, text in _commands(told):
        if command != "YEAR":
            continue
        if not re.fullmatch(r"(19|20|21)\d\d", text):
            issues.error(shown, line, "#YEAR", f"{text!r} is no year", "write #YEAR=2017")
            continue
        found.setdefault(int(text), line)
    if len(found) > 1:
        years = " and ".join(f"{year} in line {line}" for year, line in found.items())
        issues.error(shown, max(found.values()), "#YEAR", f"there are two years: {years}", "write a file for each")
    return next(iter(found.items()), (0, 0))


def _layout(lines: Lines, told: Sequence[tuple[int, str]], first: Row, shown: str, issues: Issues) -> Layout | None:
    """Return the layout that a file names, or that its row of names, its #TYPE or the width of its rows tell."""
    at, kind = next(((line, kind) for line, text in told if (kind := kind_of_lines(["#" + text]))), (first[0], ""))
    kind = kind or kind_of_lines([lines.text(first[0] - 1)])
    words = re.split(r"[\s_]+", kind)
    for word, why in NO_EMISSIONS.items():
        if word in words:
            hint = "emis reads FF10_POINT, _NONPOINT, _ONROAD and _NONROAD, and ORL of the same"
            issues.error(shown, at, "#FORMAT", f"{kind} {why}", hint)
            return None
    said = next((text for _, command, text in _commands(told) if command == "TYPE"), "")
    for found in (kind, f"{words[0]} {said.upper()}"):
        if layout := _by_words(found):
            return layout
    family = [one for one in LAYOUTS.values() if one.name.startswith(words[0])]
    names = {folded(cell) for cell in first[1]}
    if names >= _NAMED:
        return max(family, key=lambda one: (len(names & set(one.columns)), -len(one.columns)))
    fitting = [one for one in family if len(one.columns) == len(first[1])]
    if fitting:
        return fitting[0]
    message = f"says no more than {kind}, and its rows have {len(first[1])} cells"
    hint = "write what it holds in its first line: " + ", ".join(f"#{one.name}" for one in family)
    issues.error(shown, at, "#FORMAT", message, hint)
    return None


def _by_words(text: str) -> Layout | None:
    """Return the layout of a family (FF10, ORL) and the word for its sources."""
    family = "ORL " if text.startswith("ORL") else "FF10_"
    for word, name in (
        ("NONPOINT", "NONPOINT"),
        ("NONROAD", "NONROAD"),
        ("ONROAD", "ONROAD"),
        ("MOBILE", "ONROAD"),
        ("POINT", "POINT"),
    ):
        if re.search(rf"(?<![A-Z]){word}(?![A-Z])", text):
            return LAYOUTS[family + name]
    return None


# -- columns ---------------------------------------------------------------------------------------------------------


def _names(first: Row, layout: Layout, shown: str, issues: Issues) -> list[str] | None:
    """Return the names of the columns of a file that starts with a row of names; None where it does not.

    Where all names that are known stand at their place, that decides of the others too (a column `jan20` in the place
    of `jan_value`); in another order names decide.
    """
    line, cells = first
    found = [folded(cell) for cell in cells]
    while found and not found[-1]:
        found.pop()
    if len(set(found) & set(layout.columns)) < 3:
        return None
    columns = layout.columns
    places = {name: place for place, name in enumerate(columns)}
    if all(places.get(name, place) == place for place, name in enumerate(found)):
        for place, name in enumerate(found[: len(columns)]):
            if name and name != columns[place]:
                message = f"column {place + 1} is called {cells[place]!r}, and taken for {columns[place]} by its place"
                issues.warn(shown, line, cells[place], message)
        found[: len(columns)] = columns[: len(found)]
    else:
        issues.warn(shown, line, "", f"columns stand in another order than those of {layout.name}: read by their names")
    for cell in cells:
        if _UNIT.search(cell):
            hint = "convert the numbers, and leave the unit out"
            issues.error(shown, line, cell, "a unit stands in the header, and flat files are in short tons", hint)
    for place, name in enumerate(found):
        if not name:
            found[place] = f"column_{place + 1}"
        elif name in found[:place]:
            issues.error(shown, line, cells[place], f"there is a second column {name}", "keep one of them")
    for name in (*layout.required, "ann_value"):
        if name not in found:
            near = vocabulary.nearest(name, [one for one in found if one not in places])
            hint = f"rename the column {near!r}" if near else f"the columns of {layout.name} are {', '.join(columns)}"
            issues.error(shown, line, name, f"the column {name!r} is missing", hint)
    return found


def _quick(
    lines: Lines, delimiter: str, names: list[str], named: bool, first: Row, layout: Layout, shown: str, issues: Issues
) -> Table | None:
    """Return the table of a file in which nothing is out of the ordinary; None where something is."""
    found = quick(lines, delimiter)
    if found is None or found.body.num_columns > len(names):
        return None
    skip = int(named)
    _told_of_short(found.widths[skip:].tolist(), names, layout, first[0], shown, issues)
    columns = [(name, "") for name in names[: found.body.num_columns]]
    return as_table(
        found.body.slice(skip), columns, found.lines[skip:], issues, len(issues.errors), shown, "UTF-8", first[0]
    )


def _one_by_one(
    source: Iterator[Row], names: list[str], layout: Layout, first: Row, named: bool, shown: str, issues: Issues
) -> Table | None:
    """Return the table of rows that are split one by one; a row that is too long is a fault."""
    widths: list[int] = []

    def filled_up() -> Iterator[Row]:
        for line, row in source:
            widths.append(len(row))
            yield line, row + [""] * (len(names) - len(row))

    before = len(issues.errors)
    found, columns = gathered(filled_up(), len(names), shown, issues, [(name, "") for name in names])
    _told_of_short(widths, names, layout, first[0], shown, issues)
    return checked(Table(shown, found, columns, header=first[0]), issues, before)


def _told_of_short(widths: list[int], names: list[str], layout: Layout, line: int, shown: str, issues: Issues) -> None:
    """Tell once of rows that end early: what they may leave out is taken for blank."""
    short = np.flatnonzero(np.asarray(widths, dtype=np.intp) < len(names))
    if len(short):
        message = (
            f"{len(short):,} of {len(widths):,} rows end before the last of the {len(names)} columns of {layout.name}"
        )
        issues.warn(shown, line, "", f"{message}: what they leave out is taken for blank")
