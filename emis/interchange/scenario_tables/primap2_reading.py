"""PRIMAP2's interchange format, read: a CSV of time series and the YAML that says what its columns are."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from emis import vocabulary
from emis.coded import Coded, Codes, objects
from emis.errors import Issues
from emis.interchange.cells import plain_text
from emis.interchange.formats import Given
from emis.interchange.scenario_tables import species
from emis.interchange.scenario_tables.assembling import UNSPECIFIED, Kind, Named
from emis.interchange.scenario_tables.primap2_meta import Meta, read_pair
from emis.interchange.scenario_tables.primap2_names import (
    COORDINATE,
    EMIS_SOURCE,
    TIME,
    Node,
    area_tree,
    attributes_of,
    category_label,
    is_memo,
    is_total,
    nodes_tree,
    sector,
    terminology_of,
)
from emis.interchange.scenario_tables.time_tables import (
    Emissions,
    TimeTable,
    in_year,
    once,
    refuse_unit,
    tell_left_out,
)
from emis.interchange.series import Series
from emis.io import tables
from emis.io.columns import Table
from emis.numbering import alike

__all__ = ["read_primap2"]

#: Columns that tell scenarios apart, and labels of emis that secondary categories may be.
_KINDS = ("source", "scenario", "provenance", "model")
_SECONDARY = ("fuel", "technology", "region", "facility")
#: What of the metadata is kept as notes.
_TOLD = ("references", "comment", "institution", "rights", "contact", "publication_date")


def read_primap2(given: Given, issues: Issues) -> Sequence[Series]:
    """Read the pair, either of which is given, into a series for each source, scenario and model."""
    before = len(issues.errors)
    found = read_pair(given, issues)
    if found is None:
        return ()
    meta, path = found
    shown = given.folder.shown(path)
    given.folder.read(path)
    table = tables.read_table(path, shown, issues, None, given.settings.encoding)
    columns = _time_table(table, meta, issues) if table is not None else None
    if columns is None or len(issues.errors) > before:
        return ()
    columns = in_year(columns, given, issues)
    data = Given(path, shown, given.folder, given.settings)
    rows, pollutant = _emissions(columns, meta, data, issues)
    if len(issues.errors) > before:
        return ()
    return _read(columns, rows, pollutant, meta, data).series(data, issues)


def _time_table(table: Table, meta: Meta, issues: Issues) -> TimeTable | None:
    """Return the columns of a table as its metadata says what they are."""
    before = len(issues.errors)
    needed = [one for one in (*meta.dimensions, meta.entity, "unit", *meta.coordinates) if one != TIME]
    for name in dict.fromkeys(needed):
        if name not in table.columns:
            hint = f"{meta.shown} names it; {vocabulary.suggest(name, table.columns)}"
            issues.error(table.file, table.header, name, f"the column {name!r} is missing", hint)
    years: dict[int, str] = {}
    for name in table.columns:
        if name in needed:
            continue
        year = _year(name, meta.time_format)
        if year is not None and table.columns[name].unit:
            refuse_unit(table, name, issues)
        if year is None:
            hint = f"name it among the dimensions or additional_coordinates of {meta.shown}"
            message = f"the column {name!r} is neither a dimension nor a time as {meta.time_format}"
            issues.error(table.file, table.header, name, message, hint)
        elif year in years:
            message = f"{years[year]!r} and {name!r} are both of {year}"
            issues.error(table.file, table.header, name, message, "keep whole years: parts of one are not read")
        else:
            years[year] = name
    if len(issues.errors) > before:
        return None
    index = [name for name in dict.fromkeys(needed) if name != "unit" and name not in meta.coordinates]
    once(table, [table.columns[name].coded.codes for name in index], "all of its dimensions", issues)
    rows, ordered = np.arange(len(table)), sorted(years)
    texts = {name: table.columns[name].coded.texts for name in dict.fromkeys(needed)}
    cells = np.repeat(rows[:, None], len(ordered), axis=1)
    return TimeTable(table, texts, rows, tuple(ordered), cells, [table.columns[years[year]] for year in ordered])


def _year(text: str, form: str) -> int | None:
    try:
        return dt.datetime.strptime(text, form).year
    except ValueError:
        return None


def _emissions(table: TimeTable, meta: Meta, given: Given, issues: Issues) -> tuple[Codes, Coded]:
    """Return the rows that are emissions of a known pollutant in the area that is asked for, and their pollutants."""
    entity = Coded.of(table.texts[meta.entity])
    names = [species.pollutant(plain_text(str(text))) or "" for text in entity.values]
    known = np.array([bool(name) for name in names], dtype=bool)
    tell_left_out(table, entity, ~known, "entities that are no pollutants emis knows are left out", issues)
    kept = known[entity.codes]
    if category := meta.named("cat", "category"):
        codes, (_, terminology) = Coded.of(table.texts[category]), terminology_of(category)
        memo = np.array([is_memo(terminology, str(one), codes.values) for one in codes.values], dtype=bool)
        tell_left_out(table, codes, memo, "categories that stand beside the parts of a total are left out", issues)
        kept &= ~memo[codes.codes]
    area, asked = table.texts[meta.attrs["area"]], given.settings.region
    for row in np.flatnonzero(kept & (area == "")).tolist():
        issues.error(given.shown, table.line(row), meta.attrs["area"], "is blank", "name the area")
    if asked and kept.any():
        there = sorted(set(area[kept].tolist()))
        if asked in there:
            kept &= area == asked
        elif len(there) == 1:
            message = f"{there[0]!r}, the only area, is taken for {asked!r}"
            issues.warn(given.shown, 0, meta.attrs["area"], message)
        else:
            hint = vocabulary.suggest(asked, there)
            issues.error(given.shown, 0, meta.attrs["area"], f"there is no area {asked!r}", hint)
    rows = np.flatnonzero(kept)
    return rows, Coded.of(objects(names)).take(entity.codes[rows])


def _read(table: TimeTable, rows: Codes, pollutant: Coded, meta: Meta, given: Given) -> Emissions:
    """Put rows into the trees of areas and of categories."""
    texts = {name: Coded.of(column[rows]) for name, column in table.texts.items()}
    blank = Coded.full(len(rows), "")
    category = meta.named("cat", "category")
    _, terminology = terminology_of(category)
    of_kind = {"scenario": meta.named("scen", "scenario")} | {name: name for name in _KINDS if name != "scenario"}
    kind_columns = {name: texts.get(of_kind[name], blank) for name in _KINDS}
    taken = {category, meta.attrs["area"], meta.entity, "unit", *of_kind.values(), *meta.coordinates}
    others = [name for name in texts if name not in taken]
    kind, first = alike(*(one.codes for one in kind_columns.values()))
    columns = [texts.get(category, blank), *(texts[name] for name in others)]
    group, of_node = alike(*(one.codes for one in columns))
    nodes = [_node([str(one.texts[row]) for one in columns]) for row in of_node.tolist()]
    categories, number, order = nodes_tree(terminology, nodes)
    areas, place = area_tree([str(one) for one in texts[meta.attrs["area"]].values])
    said = {nodes[at]: _said(texts, meta, row) for at, row in enumerate(of_node.tolist())}
    names = [terminology_of(name)[0] for name in others]
    one_area = len(areas.names) == 1
    unknown: dict[str, str] = {}

    def named(area: int, category: int, rest: bool) -> Named:
        own = areas.names[area] if areas.parent[area] >= 0 or (areas.parent < 0).sum() > 1 else ""
        return _named(order[category], terminology, names, said[order[category]], "" if one_area else own, rest,
                      unknown)  # fmt: skip

    kinds = _kinds(kind_columns, first.tolist(), meta, areas.names[0] if one_area and areas.names else "")
    area = np.array([place[str(one)] for one in texts[meta.attrs["area"]].values], dtype=np.intp)
    node = np.array([number[one] for one in nodes], dtype=np.intp)

    def called(pollutant: str, category: str, area: str) -> str:
        return f"{pollutant} of category {category or 'blank'} in {area!r}"

    return Emissions(
        table, rows, pollutant, kinds, kind, areas, area[texts[meta.attrs["area"]].codes], categories, node[group],
        called, named, unknown,
    )  # fmt: skip


def _node(cells: list[str]) -> Node:
    code, *others = cells
    return Node(code, tuple("" if is_total(text) else text for text in others))


def _said(texts: Mapping[str, Coded], meta: Meta, row: int) -> dict[str, str]:
    """Return what additional coordinates say of the category of a row."""
    category = meta.named("cat", "category")
    return {name: plain_text(str(texts[name].texts[row])) for name, dim in meta.coordinates.items() if dim == category}


def _named(
    node: Node, terminology: str, names: Sequence[str], said: Mapping[str, str], area: str, rest: bool,
    unknown: dict[str, str],
) -> Named:  # fmt: skip
    """Return the labels of a category."""
    if terminology == EMIS_SOURCE:
        own = {name: said.get(f"{COORDINATE}{name}", "") for name in vocabulary.LABELS}
        labels = {name: "" if text == UNSPECIFIED and name != "category" else text for name, text in own.items()}
        return Named(labels | {"region": labels["region"] or area}, {}, plain_text(node.code))
    labels = dict(zip(names, node.others, strict=True))
    known = {name: plain_text(labels.pop(name)) for name in _SECONDARY if name in labels}
    category = plain_text(category_label(terminology, Node(node.code, tuple(labels.values()))))
    if rest and category != UNSPECIFIED:
        category = f"{category}/{UNSPECIFIED}"
    found = sector(terminology, node.code)
    if not found and node.code:
        unknown[category] = node.code
    region = "/".join(filter(None, (area, known.pop("region", ""))))
    attributes: dict[str, Any] = {**attributes_of(terminology, node.code), **said}
    return Named({"sector": found or "other", "category": category, "region": region} | known, attributes)


def _kinds(columns: Mapping[str, Coded], first: Sequence[int], meta: Meta, area: str) -> list[Kind]:
    """Return what tells each series apart: its scenario, and where that is not enough its source and provenance."""
    notes = tuple(f"{name}: {text}" for name in _TOLD if (text := meta.attrs.get(name)))
    title = meta.attrs.get("title", "")
    rows = [{name: plain_text(str(one.texts[row])) for name, one in columns.items()} for row in first]
    several = {name for name in ("source", "provenance") if len({row[name] for row in rows}) > 1}
    found = []
    for row in rows:
        same = [one for one in rows if one["scenario"] == row["scenario"]]
        told = (
            [row[name] for name in ("source", "provenance") if name in several and row[name]] if len(same) > 1 else []
        )
        scenario = " · ".join(filter(None, (row["scenario"], *told)))
        found.append(Kind(scenario, row["model"], row["source"] or area, title, notes))
    return found
