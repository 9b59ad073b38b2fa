"""Tables in the IAMC format, read: a series for each model and scenario, leaves of variables and regions alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emis import units, vocabulary
from emis.coded import Coded, Codes, objects
from emis.errors import Issues
from emis.interchange import species
from emis.interchange.assembling import UNSPECIFIED, Kind, Named, assembled, tell_sums, tell_unknown_sectors
from emis.interchange.cells import plain_text
from emis.interchange.formats import Given
from emis.interchange.hierarchies import Off, Stated, leaves
from emis.interchange.iamc_columns import IamcTable, half_units, numbers_of, read_columns
from emis.interchange.iamc_names import (
    EMISSIONS,
    WORLD,
    area_tree,
    category_tree,
    decoded,
    is_memo,
    knows_sector,
    named_path,
    variable,
)
from emis.interchange.series import Series
from emis.inventory import Floats
from emis.numbering import alike

__all__ = ["read_iamc"]

_MOST_NAMED = 12


def read_iamc(given: Given, issues: Issues) -> Sequence[Series]:
    """Read a table into a series for each model and scenario in it."""
    before = len(issues.errors)
    table = read_columns(given, issues)
    if table is None:
        return ()
    rows, pollutant, path = _emissions(table, issues)
    rows, pollutant, path = _in_region(table, rows, pollutant, path, given, issues)
    table = _in_year(table, given, issues)
    if table is None or len(issues.errors) > before:
        return ()
    if not len(rows):
        issues.error(given.shown, 0, "variable", "there is no variable Emissions|<pollutant> in it", "")
        return ()
    values = numbers_of(table, rows, issues)
    scale = _scales(table, rows, pollutant, issues)
    if len(issues.errors) > before:
        return ()
    return _Reading(given, issues, table, rows, pollutant, path).series(values * scale[:, None], scale)


def _emissions(table: IamcTable, issues: Issues) -> tuple[Codes, Coded, Coded]:
    """Return the rows that are emissions of a known pollutant, their pollutants and paths; the others are told."""
    coded = Coded.of(table.texts["variable"])
    split = [str(text).split("|", 2) for text in coded.values]
    names = [species.pollutant(parts[1]) or "" if parts[0] == EMISSIONS and len(parts) > 1 else "" for parts in split]
    paths = [parts[2] if len(parts) > 2 else "" for parts in split]
    by_name: dict[str, list[str]] = {}
    for name, path in zip(names, paths, strict=True):
        by_name.setdefault(name, []).append(path)
    memo = np.array([bool(n) and is_memo(p, by_name[n]) for n, p in zip(names, paths, strict=True)], dtype=bool)
    known = np.array([bool(name) for name in names], dtype=bool)
    stranger = np.array([parts[0] == EMISSIONS for parts in split], dtype=bool) & ~known
    _tell_left_out(table, coded, ~known & ~stranger, "variables that are not emissions are left out", issues)
    _tell_left_out(table, coded, stranger, "variables are emissions of what emis does not know: left out", issues)
    _tell_left_out(table, coded, memo, "variables stand beside the parts of a total and are left out", issues)
    rows = np.flatnonzero((known & ~memo)[coded.codes])
    own = coded.codes[rows]
    return rows, Coded.of(objects(names)).take(own), Coded.of(objects(paths)).take(own)


def _tell_left_out(table: IamcTable, coded: Coded, which: Codes, what: str, issues: Issues) -> None:
    """Warn of variables that are left out: their rows, and the largest number among them, in its unit."""
    codes = np.flatnonzero(which)
    if not len(codes):
        return
    shown = []
    for code in codes[:_MOST_NAMED].tolist():
        rows = np.flatnonzero(coded.codes == code)
        most, unit = _largest(table, rows)
        shown.append(f"{coded.values[code]} ({len(rows)} rows, up to {most:.4g} {unit})")
    rest = f" and {len(codes) - _MOST_NAMED} more" if len(codes) > _MOST_NAMED else ""
    message = f"{len(codes)} {what}: {', '.join(shown)}{rest}"
    line = table.line(int(np.flatnonzero(coded.codes == codes[0])[0]))
    issues.warn(table.table.file, line, "variable", message)


def _largest(table: IamcTable, rows: Codes) -> tuple[float, str]:
    most, unit = 0.0, str(table.texts["unit"][rows[0]])
    for at, column in enumerate(table.columns):
        cells = table.cells[rows, at]
        numbers = np.nan_to_num(np.abs(column.numbers[0][cells[cells >= 0]]))
        most = max(most, float(numbers.max(initial=0.0)))
    return most, unit


def _in_region(
    table: IamcTable, rows: Codes, pollutant: Coded, path: Coded, given: Given, issues: Issues
) -> tuple[Codes, Coded, Coded]:
    """Keep the region that is asked for, and what is below it; one that is not there names the area of a single one."""
    asked = given.settings.region
    if not asked or not len(rows):
        return rows, pollutant, path
    regions = Coded.of(table.texts["region"][rows])
    within = np.array([name == asked or str(name).startswith(f"{asked}|") for name in regions.values], dtype=bool)
    if not within.any():
        tree, _ = area_tree(regions.met())
        if np.count_nonzero(tree.parent == 0) > 1:
            hint = vocabulary.suggest(asked, regions.met())
            issues.error(given.shown, 0, "region", f"there is no region {asked!r}", hint)
        return rows, pollutant, path
    kept = np.flatnonzero(within[regions.codes])
    return rows[kept], pollutant.take(kept), path.take(kept)


def _in_year(table: IamcTable, given: Given, issues: Issues) -> IamcTable | None:
    """Keep the year that is asked for, where one is."""
    year = given.settings.year
    if year is None:
        return table
    if year not in table.years:
        there = ", ".join(map(str, table.years))
        issues.error(given.shown, 0, "year", f"{year} is not in it", f"there are {there}")
        return None
    at = table.years.index(year)
    return IamcTable(
        table.table, table.texts, table.rows, (year,), table.cells[:, at : at + 1], table.columns[at : at + 1]
    )


def _scales(table: IamcTable, rows: Codes, pollutant: Coded, issues: Issues) -> Floats:
    """Return how many t/yr one of each row's unit is; of rows alike in unit and pollutant the first fault is told."""
    unit = Coded.of(table.texts["unit"][rows])
    kind, first = alike(unit.codes, pollutant.codes)
    found = np.ones(len(first))
    for number, row in enumerate(first.tolist()):
        text, name = str(unit.texts[row]), str(pollutant.texts[row])
        try:
            found[number] = species.tonnes_per_year(text, name)
        except units.UnitError as error:
            count = int(np.count_nonzero(kind == number)) - 1
            more = f" (and {count:,} rows more)" if count else ""
            issues.error(table.table.file, table.line(int(rows[row])), "unit", f"{error.message}{more}", error.hint)
    return found[kind]


@dataclass
class _Reading:
    """The rows of a table that are emissions, on their way into series."""

    given: Given
    issues: Issues
    table: IamcTable
    rows: Codes
    pollutant: Coded
    path: Coded

    def series(self, values: Floats, scale: Floats) -> Sequence[Series]:
        """Return the series, given the numbers of the rows [t/yr] and by what they were multiplied."""
        texts = {name: Coded.of(self.table.texts[name][self.rows]) for name in ("model", "scenario", "region")}
        kind, first = alike(texts["model"].codes, texts["scenario"].codes)
        group, of_group = alike(kind, self.pollutant.codes)
        tree, number = category_tree([str(one) for one in self.path.values])
        areas, place = area_tree([str(one) for one in texts["region"].values])
        category = np.array([number[str(one)] for one in self.path.values], dtype=np.intp)[self.path.codes]
        area = np.array([place[str(one)] for one in texts["region"].values], dtype=np.intp)[texts["region"].codes]
        lines = np.array([self.table.line(row) for row in self.rows.tolist()], dtype=np.int64)
        if self._twice(group, area, category, lines):
            return ()
        rounding = half_units(self.table, self.rows, scale)
        found = leaves(Stated(group, area, category, values, lines, rounding), areas, tree)
        names = [str(self.pollutant.texts[row]) for row in of_group.tolist()]

        def told(one: Off) -> str:
            return f"{variable(names[one.group], tree.names[one.category])} of {areas.names[one.area]!r}"

        hint = "correct them, or leave out what is counted twice; --region takes one region"
        tell_sums(found, told, self.table.years, self.given.shown, hint, self.issues)
        if found.less:
            return ()
        root, labels = self._regions([str(name) for name in areas.names])
        unknown: dict[str, str] = {}

        def named(area: int, category: int, rest: bool) -> Named:
            path = tree.names[category]
            label = named_path(path, labels[area], rest)
            if not knows_sector(path):
                unknown[label.labels["category"]] = path.replace("|", "/")
            return label

        kinds = [
            Kind(plain_text(str(texts["scenario"].texts[row])), plain_text(str(texts["model"].texts[row])), root)
            for row in first.tolist()
        ]
        of = [(int(kind[row]), names[at]) for at, row in enumerate(of_group.tolist())]
        several = assembled(found, kinds, of, named, self.table.years, self.given)
        tell_unknown_sectors(several, unknown, self.given.shown, self.issues)
        return several

    def _twice(self, group: Codes, area: Codes, category: Codes, lines: Codes) -> bool:
        """Tell of rows that state one thing under two names: ``Emissions|SO2`` and ``Emissions|Sulfur``."""
        kind, first = alike(group, area, category)
        again = np.ones(len(kind), dtype=bool)
        again[first] = False
        for row in np.flatnonzero(again).tolist():
            what = f"states {self.pollutant.texts[row]} a second time, first in line {lines[first[kind[row]]]}"
            self.issues.error(self.given.shown, int(lines[row]), "variable", what, "keep one name and one unit for it")
        return bool(again.any())

    def _regions(self, names: Sequence[str]) -> tuple[str, list[str]]:
        """Return what the whole area is called, and the label of each region: what is behind the name of the whole."""
        real = [name for name in names if name]
        starts = {name.split("|")[0] for name in real}
        alone = real if len(real) == 1 else sorted(starts) if len(starts) == 1 else []
        asked = self.given.settings.region
        root = next((one for one in (asked, *alone, WORLD) if one in real), next(iter(alone), ""))

        def label(name: str) -> str:
            rest = "" if name == root else name.removeprefix(f"{root}|") if root else name
            return "" if rest == UNSPECIFIED else plain_text(decoded(rest))

        return plain_text(decoded(root)) or self.given.path.stem, [label(name) for name in names]
