"""Tables in the IAMC format, read: a series for each model and scenario, leaves of variables and regions alone."""

from collections.abc import Sequence

import numpy as np

from emis import vocabulary
from emis.coded import Coded, Codes, objects
from emis.errors import Issues
from emis.interchange.cells import plain_text
from emis.interchange.formats import Given
from emis.interchange.scenario_tables import species
from emis.interchange.scenario_tables.assembling import UNSPECIFIED, Kind, Named
from emis.interchange.scenario_tables.iamc_columns import read_columns
from emis.interchange.scenario_tables.iamc_names import (
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
from emis.interchange.scenario_tables.time_tables import Emissions, TimeTable, in_year, tell_left_out
from emis.interchange.series import Series
from emis.numbering import alike

__all__ = ["read_iamc"]


def read_iamc(given: Given, issues: Issues) -> Sequence[Series]:
    """Read a table into a series for each model and scenario in it."""
    before = len(issues.errors)
    table = read_columns(given, issues)
    if table is None:
        return ()
    table = in_year(table, given, issues)
    rows, pollutant, path = _emissions(table, issues)
    kept = _in_region(table, rows, given, issues)
    if len(issues.errors) > before:
        return ()
    return _read(table, rows[kept], pollutant.take(kept), path.take(kept), given).series(given, issues)


def _emissions(table: TimeTable, issues: Issues) -> tuple[Codes, Coded, Coded]:
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
    tell_left_out(table, coded, ~known & ~stranger, "variables that are no emissions are left out", issues)
    tell_left_out(table, coded, stranger, "emissions of what emis does not know are left out", issues)
    tell_left_out(table, coded, memo, "variables that stand beside the parts of a total are left out", issues)
    rows = np.flatnonzero((known & ~memo)[coded.codes])
    own = coded.codes[rows]
    return rows, Coded.of(objects(names)).take(own), Coded.of(objects(paths)).take(own)


def _in_region(table: TimeTable, rows: Codes, given: Given, issues: Issues) -> Codes:
    """Return which rows are of the region that is asked for, or below it; all where none is.

    What is asked for and not there is how the area is to be called, where the file has a single one.
    """
    asked, every = given.settings.region, np.arange(len(rows))
    if not asked or not len(rows):
        return every
    regions = Coded.of(table.texts["region"][rows])
    within = np.array([name == asked or str(name).startswith(f"{asked}|") for name in regions.values], dtype=bool)
    if within.any():
        return np.flatnonzero(within[regions.codes])
    names = sorted(regions.met(), key=len)
    if all(name.startswith(f"{names[0]}|") for name in names[1:]):
        issues.warn(given.shown, 0, "region", f"{names[0]!r}, the only region, is taken for {asked!r}")
    else:
        hint = vocabulary.suggest(asked, names)
        issues.error(given.shown, 0, "region", f"there is no region {asked!r}", hint)
    return every


def _read(table: TimeTable, rows: Codes, pollutant: Coded, path: Coded, given: Given) -> Emissions:
    """Put rows into the trees of regions and of variables."""
    model, scenario, region = (Coded.of(table.texts[name][rows]) for name in ("model", "scenario", "region"))
    kind, first = alike(model.codes, scenario.codes)
    categories, number = category_tree([str(one) for one in path.values])
    areas, place = area_tree([str(one) for one in region.values])
    root, labels = _regions(areas.names, given)
    unknown: dict[str, str] = {}

    def named(area: int, category: int, rest: bool) -> Named:
        own = categories.names[category]
        found = named_path(own, labels[area], rest)
        if not knows_sector(own):
            unknown[found.labels["category"]] = own
        return found

    def called(pollutant: str, category: str, area: str) -> str:
        return f"{variable(pollutant, category)} of {area!r}"

    kinds = [
        Kind(plain_text(str(scenario.texts[row])), plain_text(str(model.texts[row])), root) for row in first.tolist()
    ]
    area = np.array([place[str(one)] for one in region.values], dtype=np.intp)[region.codes]
    category = np.array([number[str(one)] for one in path.values], dtype=np.intp)[path.codes]
    return Emissions(
        table, rows, pollutant, kinds, kind, areas, area, categories, category, called, named, unknown
    )  # fmt: skip


def _regions(names: Sequence[str], given: Given) -> tuple[str, list[str]]:
    """Return what the whole area is called, and the label of each region: what is behind the name of the whole."""
    real = sorted((name for name in names if name), key=len)
    starts = {name.split("|")[0] for name in real}
    above_all = [one for one in real[:1] if all(name.startswith(f"{one}|") for name in real[1:])]
    alone = above_all or (sorted(starts) if len(starts) == 1 else [])
    asked = given.settings.region
    root = next((one for one in (asked, *alone, WORLD) if one in real), next(iter(alone), ""))

    def label(name: str) -> str:
        rest = "" if name == root else name.removeprefix(f"{root}|") if root else name
        return "" if rest == UNSPECIFIED else plain_text(decoded(rest))

    return plain_text(decoded(root)) or given.path.stem, [label(name) for name in names]
