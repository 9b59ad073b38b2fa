"""Inventory folders that are written: activities with factors where these follow from labels, tonnes elsewhere."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emis import units, vocabulary
from emis._version import __version__
from emis.coded import Coded, Codes, Texts, objects
from emis.errors import Issues
from emis.grammar import Factor, is_per_time, read, spelled
from emis.interchange.cells import percent
from emis.interchange.formats import Settings
from emis.interchange.own.emission_rows import (
    Block,
    attribute_columns,
    emission_columns,
    known_pollutants,
    note_columns,
    number_columns,
    source_texts,
    tell_blanks,
)
from emis.interchange.own.tables import Column, NumberColumn, TextColumn, write_delimited
from emis.interchange.series import Series
from emis.inventory import Floats, Inventory
from emis.numbering import alike

__all__ = ["write_folder"]

_KIND = ("category", "fuel", "technology")
_NEEDED = {"source", "sector", "category", "activity", "unit", "pollutant", "factor"}


def write_folder(several: Sequence[Series], folder: Path, settings: Settings, issues: Issues) -> None:
    """Write series as inventory folders: one, or one for each scenario and each year below it."""
    for series in several:
        place = folder / _slug(series.scenario) if len(several) > 1 else folder
        years = [year for year in series.years if settings.year in (None, year)] or list(series.years)
        for year in years:
            inventory = _of(series, year)
            if not inventory.base_year and settings.year is not None:
                inventory = replace(inventory, base_year=settings.year)
            if not inventory.base_year:
                issues.error(inventory.file, 0, "base_year", "does not say its year", "say which year: --year")
                return
            room = place / str(year) if len(years) > 1 else place
            room.mkdir(parents=True, exist_ok=True)
            _write(_holding(inventory, issues), series.notes, room, len(years) > 1, issues)


def _slug(name: str) -> str:
    """Return a name of a file or an inventory: letters, digits, points and dashes."""
    return re.sub(r"^[\W_]+", "", re.sub(r"[^\w.\-]+", "-", name)).strip("-.") or "unnamed"


def _of(series: Series, year: int) -> Inventory:
    """Return the inventory of a year, with its activities where the numbers of that year are its own."""
    inventory, at = series.inventory, series.years.index(year)
    if year == inventory.base_year and np.array_equal(series.values[at], inventory.emissions, equal_nan=True):
        return inventory
    return series.of(year)


def _holding(inventory: Inventory, issues: Issues) -> Inventory:
    """Return an inventory with what an inventory folder can hold: pollutants that emis knows, codes of nomenclatures.

    What the file says nothing of is not estimated.
    """
    known = np.flatnonzero(known_pollutants(inventory, issues))
    keys = np.full(inventory.factor.shape, "", dtype=object) if inventory.notation is None else inventory.notation
    blank = np.isnan(inventory.emissions) & (keys == "")
    tell_blanks(inventory, int(blank[:, known].sum()), issues)
    codes = {name: texts for name, texts in inventory.attributes.items() if name in {*vocabulary.NOMENCLATURES, "note"}}
    return replace(
        inventory,
        pollutants=tuple(inventory.pollutants[p] for p in known.tolist()),
        factor=inventory.factor[:, known],
        control=inventory.control[:, known],
        notation=np.where(blank, "NE", keys).astype(object)[:, known],
        bounds={name: ends[:, known] if ends.ndim == 2 else ends for name, ends in inventory.bounds.items()},
        attributes={name: texts[:, known] if texts.ndim == 2 else texts for name, texts in codes.items()},
        added=None if inventory.added is None else inventory.added[:, known],
        computed=None if inventory.computed is None else inventory.computed[:, known],
        factor_row=None if inventory.factor_row is None else inventory.factor_row[:, known],
    )


def _write(inventory: Inventory, notes: Sequence[str], room: Path, dated: bool, issues: Issues) -> None:
    entries = []
    kept = _Kept.of(inventory)
    sectors = inventory.labels["sector"]
    unit_of = {str(unit): _factor_unit(str(unit)) for unit in set(inventory.activity_unit[kept.rows])}
    for sector in inventory.values("sector"):
        here = sectors == sector
        with_factors = np.flatnonzero(here & kept.rows)
        tonnes = np.flatnonzero(here & ~kept.rows)
        computed = int(np.count_nonzero(~inventory.reported[tonnes]))
        if computed:
            message = f"sources written as tonnes, as their factors do not follow from labels: {computed:,}"
            issues.warn(inventory.file, 0, sector, message, "netcdf and zarr keep activity and factors")
        if len(with_factors):
            write_delimited(room / f"{sector}.csv", _activities(inventory, with_factors, kept, issues))
            write_delimited(room / f"{sector}-factors.csv", _factors(inventory, with_factors, kept, unit_of))
            entries.append(f"  - {{sector: {sector}, activity: {sector}.csv, factors: {sector}-factors.csv}}")
        if len(tonnes):
            name = f"{sector}-emissions.csv" if len(with_factors) else f"{sector}.csv"
            write_delimited(room / name, _emissions(inventory, tonnes, issues))
            entries.append(f"  - {{sector: {sector}, emissions: {name}}}")
    if inventory.profiles:
        write_delimited(room / "profiles.csv", _profiles(inventory))
    text = _document(inventory, notes, entries, dated, issues)
    (room / "inventory.yaml").write_text(text, encoding="utf-8")


def _document(inventory: Inventory, notes: Sequence[str], entries: list[str], dated: bool, issues: Issues) -> str:
    """Return the inventory.yaml; a text in quotes is the same in JSON and in YAML."""
    status, declared = inventory.status, inventory.file.endswith((".yaml", ".yml"))
    if status == "example" and not declared:
        status = "reconstruction"
        message = "nothing says whether it is official: its status is written as a reconstruction"
        issues.warn(inventory.file, 0, "status", message, "set `status` in inventory.yaml")
    name = _slug(inventory.name)
    title = {lang: inventory.title.get(lang, "") for lang in ("zh", "en")}
    told = "; ".join((f"converted by emis {__version__} from {inventory.file or inventory.name}", *notes))
    quoted = {lang: json.dumps(text, ensure_ascii=False) for lang, text in title.items()}
    lines = [
        "emis: inventory/1",
        f"name: {json.dumps(f'{name}-{inventory.base_year}' if dated else name, ensure_ascii=False)}",
        *([f"title: {{zh: {quoted['zh']}, en: {quoted['en']}}}"] if any(title.values()) else []),
        f"base_year: {inventory.base_year}",
        f"status: {status}",
        f"pollutants: [{', '.join(json.dumps(one) for one in inventory.pollutants)}]",
        "tables:",
        *entries,
        *(["profiles: profiles.csv"] if inventory.profiles else []),
        f"note: {json.dumps(told, ensure_ascii=False)}",
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, eq=False)
class _Kept:
    """Which sources are written with their activity, S; the notation key of each activity; those of the factors."""

    rows: NDArray[np.bool_]
    activity_key: Texts
    factor_key: Texts

    @classmethod
    def of(cls, inventory: Inventory) -> "_Kept":
        """Return the sources whose factors are those of all sources of their sector, category, fuel and technology.

        What a method added to a factor, and CO2 that is caused outside, no factor table can say.
        """
        activity_key, factor_key = _keys(inventory)
        rows = ~inventory.reported & ~(np.isnan(inventory.activity) & (activity_key == ""))
        if inventory.added is not None:
            rows &= ~(inventory.added != 0).any(axis=1)
        if inventory.offsite is not None:
            rows &= inventory.offsite == 0
        unit = inventory.coded("activity_unit")
        rows &= np.array([_factor_unit(str(text)) != "" for text in unit.values], dtype=bool)[unit.codes]
        kind, first = alike(*(inventory.coded(name).codes for name in ("sector", *_KIND)))
        like = first[kind]
        same = unit.codes == unit.codes[like]
        for values in (inventory.factor, inventory.control, *map(inventory.bounds.get, ("factor_low", "factor_high"))):
            if values is not None:
                same &= ((values == values[like]) | (np.isnan(values) & np.isnan(values[like]))).all(axis=1)
        same &= (factor_key == factor_key[like]).all(axis=1)
        odd = np.bincount(kind, ~(same & rows), minlength=len(first)) > 0
        return cls(rows & ~odd[kind], activity_key, factor_key)


def _keys(inventory: Inventory) -> tuple[Texts, Texts]:
    """Return the notation keys of activities, S, and those of factors, S × P, from those of their products."""
    keys = np.full(inventory.factor.shape, "", dtype=object) if inventory.notation is None else inventory.notation
    one = (keys == keys[:, :1]).all(axis=1) & (keys[:, 0] != "")
    own = np.isnan(inventory.factor) | (inventory.factor == 0)
    nothing = np.isnan(inventory.activity) | (inventory.activity == 0)
    of_activity = one & nothing & ~own.all(axis=1)
    activity = np.where(of_activity, keys[:, 0], "").astype(object)
    unknown = np.where(np.isnan(inventory.factor), "NE", "").astype(object)
    return activity, np.where(of_activity[:, None], unknown, keys).astype(object)


def _factor_unit(activity: str) -> str:
    """Return the unit in which a factor is t per unit of the activity; "" where there is none."""
    try:
        stock = (one._replace(power=-one.power) for one in read(activity).factors if not is_per_time(one))
        unit = spelled((Factor("", "t", 1), *stock))
        return unit if units.factor_scale(activity, unit) == 1.0 else ""
    except units.UnitError:
        return ""


def _block(inventory: Inventory, rows: Codes, pollutant: Codes) -> Block:
    assert inventory.notation is not None
    return Block(inventory, inventory.emissions, inventory.notation, "", inventory.base_year, rows, pollutant)


def _filled(columns: Sequence[Column]) -> list[Column]:
    return [one for one in columns if one.header in _NEEDED or not one.blank]


def _activities(inventory: Inventory, rows: Codes, kept: _Kept, issues: Issues) -> list[Column]:
    block, keys = _block(inventory, rows, np.zeros_like(rows)), kept.activity_key[rows]
    values = np.where(keys != "", np.nan, inventory.activity[rows])
    low, high = (
        inventory.bounds.get(f"activity_{end}", np.full(len(inventory), np.nan))[rows] for end in ("low", "high")
    )
    return _filled(
        [
            *source_texts([(inventory, rows)], issues),
            NumberColumn("activity", values, keys),
            TextColumn.of("unit", inventory.coded("activity_unit").take(rows)),
            NumberColumn("low", np.where(keys != "", np.nan, low)),
            NumberColumn("high", np.where(keys != "", np.nan, high)),
            TextColumn.of("profile", inventory.coded("profile").take(rows)),
            *number_columns([block]),
            *note_columns([block], keys),
            *attribute_columns([block], issues),
        ]
    )


def _factors(inventory: Inventory, rows: Codes, kept: _Kept, unit_of: dict[str, str]) -> list[Column]:
    """Return the table of factors of sources, a row for each kind of them and pollutant."""
    _, first = alike(*(inventory.coded(name).take(rows).codes for name in _KIND))
    like, pollutants = rows[first], len(inventory.pollutants)
    s, p = np.repeat(like, pollutants), np.tile(np.arange(pollutants), len(like))
    keys, nothing = kept.factor_key[s, p], np.full(inventory.factor.shape, np.nan)
    low, high = (
        np.where(keys != "", np.nan, inventory.bounds.get(f"factor_{end}", nothing)[s, p]) for end in ("low", "high")
    )
    said = [_row_of(inventory, int(one), int(at)) for one, at in zip(s.tolist(), p.tolist(), strict=True)]
    texts = [unit_of[str(unit)] for unit in inventory.activity_unit[s]]
    control = inventory.control[s, p]
    return _filled(
        [
            *(TextColumn.of(name, inventory.coded(name).take(s)) for name in _KIND),
            TextColumn("pollutant", Coded(objects(list(inventory.pollutants)), p)),
            NumberColumn("factor", np.where(keys != "", np.nan, inventory.factor[s, p]), keys),
            TextColumn("unit", Coded.of(objects(texts))),
            NumberColumn("control [%]", percent(np.where(control != 0, control, np.nan))),
            NumberColumn("low", low),
            NumberColumn("high", high),
            TextColumn.of("reference", Coded.of(objects([reference for reference, _ in said]))),
            TextColumn.of("grade", Coded.of(objects([grade for _, grade in said]))),
            TextColumn.of("note", Coded.of(np.where(keys == "IE", "included elsewhere", "").astype(object))),
        ]
    )


def _row_of(inventory: Inventory, source: int, pollutant: int) -> tuple[str, str]:
    """Return reference and grade of a factor."""
    at = -1 if inventory.factor_row is None else int(inventory.factor_row[source, pollutant])
    return (inventory.factor_rows[at].reference, inventory.factor_rows[at].grade) if at >= 0 else ("", "")


def _emissions(inventory: Inventory, rows: Codes, issues: Issues) -> list[Column]:
    pollutants = len(inventory.pollutants)
    block = _block(inventory, np.repeat(rows, pollutants), np.tile(np.arange(pollutants), len(rows)))
    columns = [one for one in emission_columns([block], issues, single=True) if one.header != "year"]
    profile = TextColumn.of("profile", inventory.coded("profile").take(block.source))
    return [*columns, *([] if profile.blank else [profile])]


def _profiles(inventory: Inventory) -> list[Column]:
    shares: Floats = np.array(list(inventory.profiles.values())).reshape(-1, 12)
    months: list[Column] = [NumberColumn(str(month + 1), shares[:, month]) for month in range(12)]
    return [TextColumn.of("profile", Coded.of(objects(list(inventory.profiles)))), *months]
