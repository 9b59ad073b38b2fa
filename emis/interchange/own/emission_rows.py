"""Rows of emission tables: one for each source, pollutant, year and scenario, in the columns that emis reads."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emis import units, vocabulary
from emis.coded import Coded, Codes, Texts, objects
from emis.errors import Issues
from emis.interchange.cells import percent
from emis.interchange.own.tables import Column, NumberColumn, TextColumn
from emis.interchange.series import Series
from emis.inventory import Floats, Inventory
from emis.io.cells import ROW_COLUMNS

__all__ = [
    "ATTRIBUTE",
    "NO_PLAN",
    "Block",
    "attribute_columns",
    "blocks",
    "emission_columns",
    "is_single",
    "is_taken",
    "known_pollutants",
    "note_columns",
    "number_columns",
    "source_texts",
    "tell_blanks",
]

#: What emissions without the plan are called among scenarios.
NO_PLAN = "no plan"
#: Stands before the name of an attribute that would be taken for a column of emis.
ATTRIBUTE = "attribute "
_UNIT = "t/yr"
_GRADES = frozenset({"", "A", "B", "C", "D", "E"})
_OWN = ROW_COLUMNS | {"pollutant", "emission", "year", "scenario"}


@dataclass(frozen=True, eq=False)
class Block:
    """Emissions of a year of a scenario, with the sources and pollutants, by number, that have a row in the table."""

    inventory: Inventory
    values: Floats
    keys: Texts
    scenario: str
    year: int
    source: Codes
    pollutant: Codes

    @property
    def own(self) -> bool:
        """Whether the numbers are those of the inventory's own year, of which it knows intervals and control."""
        return self.year == self.inventory.base_year

    def cells(self) -> tuple[Floats, Texts]:
        """Return the numbers of the rows, NaN where a key stands in place of one, and the keys."""
        values, keys = self.values[self.source, self.pollutant], self.keys[self.source, self.pollutant]
        keyed = (keys != "") & (np.isnan(values) | (values == 0))
        return np.where(keyed, np.nan, values), np.where(keyed, keys, "").astype(object)


def is_single(several: Sequence[Series]) -> bool:
    """Tell whether series are one year of one scenario, which `emis.read_inventory` reads as an inventory."""
    return len(several) == 1 and len(several[0].years) == 1 and several[0].no_plan is None


def blocks(several: Sequence[Series], issues: Issues) -> list[Block]:
    """Return the rows of series: all that have a number or a key; of a single year those of every cell.

    A table that stands for an inventory has to say something of every source and pollutant: what nothing is said of is
    not estimated there, which is told.
    """
    single, found = is_single(several), []
    for series in several:
        known = known_pollutants(series.inventory, issues)
        for name, values, keys in _scenarios(series, several):
            for at, year in enumerate(series.years):
                here = keys[at]
                blank = np.isnan(values[at]) & (here == "")
                if single:
                    here = np.where(blank, "NE", here).astype(object)
                    tell_blanks(series.inventory, int(blank[:, known].sum()), issues)
                    blank = np.zeros_like(blank)
                source, pollutant = np.nonzero(~blank & known)
                found.append(Block(series.inventory, values[at], here, name, year, source, pollutant))
    return found


def known_pollutants(inventory: Inventory, issues: Issues) -> NDArray[np.bool_]:
    """Return which pollutants of an inventory are emis', P; the others, which its tables cannot hold, are told."""
    known = np.array([name in vocabulary.POLLUTANTS for name in inventory.pollutants], dtype=bool)
    if not known.all():
        names = [name for name, right in zip(inventory.pollutants, known, strict=True) if not right]
        told = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
        message = f"{len(names)} pollutants that emis does not know are left out: {told}"
        issues.warn(inventory.file, 0, "pollutant", message, "netcdf and zarr keep them")
    return known


def _scenarios(series: Series, several: Sequence[Series]) -> Iterable[tuple[str, Floats, Texts]]:
    yield series.scenario, series.values, series.keys
    if series.no_plan is not None:
        name = NO_PLAN if len(several) == 1 else f"{series.scenario} {NO_PLAN}"
        yield name, series.no_plan, np.where(np.isnan(series.no_plan), series.keys, "").astype(object)


def tell_blanks(inventory: Inventory, count: int, issues: Issues) -> None:
    """Tell that cells of which nothing is said are written as not estimated."""
    if count:
        message = f"{count:,} cells (source x pollutant) of which nothing is said are written NE, not estimated"
        issues.warn(inventory.file, 0, "emission", message, "write NO or 0 where nothing is emitted")


def emission_columns(several: Sequence[Block], issues: Issues, single: bool) -> list[Column]:
    """Return the columns of an emission table, those left out that would be blank.

    Parameters
    ----------
    single : bool
        Whether the rows are all of one year of one scenario.
    """
    columns: list[Column] = [*source_texts([(one.inventory, one.source) for one in several], issues)]
    if not (single and not several[0].scenario):
        columns.append(TextColumn.of("scenario", _each(several, [one.scenario for one in several])))
    if not (single and not several[0].year):
        columns.append(
            NumberColumn("year", np.concatenate([np.full(len(b.source), float(b.year)) for b in several]), whole=True)
        )
    names = Coded.joined([Coded(objects(list(b.inventory.pollutants)), b.pollutant) for b in several])
    values, keys = (np.concatenate(part) for part in zip(*(one.cells() for one in several), strict=True))
    low, high = (np.concatenate([_end(one, end, issues) for one in several]) for end in ("low", "high"))
    unstated = np.isnan(values) | np.isnan(low) | np.isnan(high)
    control = np.concatenate([_control(one) for one in several])
    columns += [
        TextColumn("pollutant", names),
        NumberColumn("emission", values, keys, _UNIT),
        TextColumn("unit", Coded.full(len(values), _UNIT)),
        NumberColumn("low", np.where(unstated, np.nan, low), unit=_UNIT),
        NumberColumn("high", np.where(unstated, np.nan, high), unit=_UNIT),
        NumberColumn("control [%]", percent(control), unit="%"),
        *number_columns(several),
        *note_columns(several, keys),
        *attribute_columns(several, issues),
    ]
    needed = {"source", "sector", "category", "pollutant", "emission", "unit"}
    return [one for one in columns if one.header in needed or not one.blank]


def _each(several: Sequence[Block], texts: Sequence[str]) -> Coded:
    """Return a text for all rows of each block."""
    whole = Coded.of(objects(list(texts)))
    return Coded(whole.values, np.repeat(whole.codes, [len(one.source) for one in several]))


def source_texts(parts: Sequence[tuple[Inventory, Codes]], issues: Issues) -> list[TextColumn]:
    """Return the columns of ids and labels of sources of inventories, spelled as emis reads them."""
    found = []
    for name in ("source", *vocabulary.LABELS):
        column = Coded.joined([one.coded(name).take(rows) for one, rows in parts])
        if name != "facility":
            column = _plain(column, name, issues)
        if name == "category":
            sectors = Coded.joined([one.coded("sector").take(rows) for one, rows in parts])
            column = _filled(column, sectors, issues)
        found.append(TextColumn.of(name, column))
    return found


def _plain(column: Coded, name: str, issues: Issues) -> Coded:
    """Return labels without full-width and look-alike characters, which emis refuses in its tables."""
    texts = [vocabulary.look_alike(str(text)) or str(text) for text in column.values]
    changed = [(old, new) for old, new in zip(column.values, texts, strict=True) if old != new]
    if not changed:
        return column
    if name == "source" and len(set(texts)) < len(texts):
        twice = next(new for _, new in changed if texts.count(new) > 1)
        issues.error("", 0, "source", f"two ids of sources are {twice!r} without full-width characters", "rename one")
    old, new = changed[0]
    message = f"{len(changed):,} texts with full-width or look-alike characters are written plainly: {old!r} as {new!r}"
    issues.warn("", 0, name, message)
    found = Coded.of(objects(texts))
    return Coded(found.values, found.codes[column.codes])


def _filled(column: Coded, sectors: Coded, issues: Issues) -> Coded:
    """Return categories, the sector in place of a blank one."""
    blank = column.texts == ""
    if not blank.any():
        return column
    issues.warn("", 0, "category", f"{int(blank.sum()):,} rows have no category: their sector is written for it")
    return Coded.of(np.where(blank, sectors.texts, column.texts).astype(object))


def _end(block: Block, end: str, issues: Issues) -> Floats:
    """Return an end of the 95 % intervals of the rows [t/yr], NaN where none is stated.

    Of an activity and a factor that both state theirs, the distances to the ends add in quadrature (IPCC 2006
    Guidelines, vol. 1, eq. 3.1); where only one does, no interval of the product is known.
    """
    inventory, s, p = block.inventory, block.source, block.pollutant
    factor = inventory.bounds.get(f"factor_{end}")
    nothing = np.full(len(s), np.nan)
    if not block.own or factor is None:
        return nothing
    activity = inventory.bounds.get(f"activity_{end}", np.full(len(inventory), np.nan))
    value = inventory.emissions[s, p]
    by_activity = (activity - inventory.activity)[s] * inventory.factor[s, p]
    by_factor = inventory.activity[s] * (factor[s, p] - inventory.factor[s, p])
    half = np.hypot(by_activity, by_factor)
    product = np.maximum(value - half, 0.0) if end == "low" else value + half
    reported = inventory.reported[s]
    one_sided = ~reported & (np.isnan(by_activity) ^ np.isnan(by_factor)) & (value > 0)
    if end == "low" and one_sided.any():
        count = len(np.unique(s[one_sided]))
        message = f"{count:,} sources state the interval of their activity or of their factor alone: none is written"
        issues.warn(inventory.file, 0, "low", message)
    # Of what the same year is without the plan, or in another scenario, no interval is known.
    same = block.values[s, p] == value
    return np.where(same, np.where(reported, factor[s, p], product), np.nan)


def _control(block: Block) -> Floats:
    found = block.inventory.control[block.source, block.pollutant]
    return np.where(block.own & (found != 0), found, np.nan)


def number_columns(several: Sequence[Block]) -> list[Column]:
    """Return coordinates, stocks, and what activities share."""

    def whole(values: Iterable[Floats | None]) -> Floats:
        parts = zip(several, values, strict=True)
        return np.concatenate([np.full(len(b.source), np.nan) if v is None else v[b.source] for b, v in parts])

    found: list[Column] = []
    for name, unit in (("lon", "degrees_east"), ("lat", "degrees_north")):
        found.append(NumberColumn(name, whole(one.inventory.points.get(name) for one in several), unit=unit))
    stocks = {(name, stock.unit): None for one in several for name, stock in one.inventory.stocks.items()}
    for name, unit in stocks:
        held = [one.inventory.stocks.get(name) for one in several]
        values = whole(stock.values if stock is not None and stock.unit == unit else None for stock in held)
        base = name.partition(" [")[0]
        # A column of another name counts in the unit that is its name.
        found.append(NumberColumn(f"{base} [{unit}]" if base in vocabulary.STOCK_COLUMNS else base, values, unit=unit))
    basis = [one.inventory.basis for one in several]
    if any(texts is not None and (texts != "").any() for texts in basis):
        texts = [one.inventory.coded("basis").take(one.source) for one in several]
        found.append(TextColumn.of("basis", Coded.joined(texts)))
        found.append(NumberColumn("basis_cv [%]", percent(whole(one.inventory.basis_cv for one in several)), unit="%"))
    return [one for one in found if not one.blank]


def note_columns(several: Sequence[Block], keys: Texts) -> list[Column]:
    """Return references and grades, and where what is included elsewhere is, which a table has to say."""
    size = len(keys)
    found: list[Column] = []
    for name in ("reference", "grade"):
        texts = np.full(size, "", dtype=object)
        start = 0
        for one in several:
            own = getattr(one.inventory, name)
            if own is not None:
                texts[start : start + len(one.source)] = own[one.source]
            start += len(one.source)
        column = Coded.of(texts)
        if name == "grade":
            column = Coded(objects([text if text in _GRADES else "" for text in column.values]), column.codes)
        found.append(TextColumn.of(name, column))
    said = [one.inventory.attributes.get("note") for one in several]
    notes = np.concatenate([_said(one, texts) for one, texts in zip(several, said, strict=True)])
    elsewhere = (keys == "IE") & (notes == "")
    notes[elsewhere] = "included elsewhere: what was converted does not say in which source"
    return [*found, TextColumn.of("note", Coded.of(notes))]


def _said(block: Block, texts: Texts | None) -> Texts:
    """Return what an attribute says of each row."""
    if texts is None:
        return np.full(len(block.source), "", dtype=object)
    return np.asarray(texts[block.source] if texts.ndim == 1 else texts[block.source, block.pollutant])


def attribute_columns(several: Sequence[Block], issues: Issues) -> list[Column]:
    """Return what is said of sources beside what is computed with."""
    found: list[Column] = []
    names = dict.fromkeys(name for one in several for name in one.inventory.attributes if name != "note")
    for name in names:
        header = _header(name)
        if header is None:
            issues.warn("", 0, name, f"the column {name!r} is left out: its name cannot stand in a table of emis")
            continue
        parts = [Coded.of(_said(one, one.inventory.attributes.get(name))) for one in several]
        found.append(TextColumn.of(header, Coded.joined(parts)))
    return found


def _header(name: str) -> str | None:
    """Return the header of an attribute, which no reader takes for another column; None where there is none."""
    plain = vocabulary.look_alike(name) or name
    if not plain or "[" in plain or "]" in plain:
        return None
    return f"{ATTRIBUTE}{plain}" if is_taken(plain) else plain


def is_taken(name: str) -> bool:
    """Tell whether a column of that name is one of emis, or is taken for a misspelling of one."""
    if name in vocabulary.NOMENCLATURES:
        return False
    meant = vocabulary.nearest(name, _OWN, cutoff=0.75)
    if meant is not None and not re.match(rf"{meant}[_\d\s]", name):
        return True
    return vocabulary.pollutant(name) is not None or name in vocabulary.STOCK_COLUMNS or _is_unit(name)


def _is_unit(text: str) -> bool:
    try:
        units.check(text)
    except units.UnitError:
        return False
    return True
