"""FF10 (Flat File 2010) of the US EPA, as SMOKE and CoST read it, and the older ORL, which is read only."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emis.coded import Texts
from emis.errors import Issues
from emis.interchange.cells import number
from emis.interchange.flat.applied import Applied, applied, joined
from emis.interchange.flat.rows import Flattened, amounts, flattened, percents, sccs, tags, write_rows
from emis.interchange.formats import Format, Given, Head, Settings, Told
from emis.interchange.series import Series, of_inventory
from emis.io.flat_files import kind_of_lines
from emis.io.flat_inventories import load_flat
from emis.io.flat_layouts import FF10_NONPOINT, FF10_POINT, MONTHS, MONTHS_REMOVED, NOWHERE, Layout
from emis.io.flat_pollutants import code_of

__all__ = ["FF10", "ORL", "flat_columns", "year_of"]

_CARRIES = frozenset(
    {"source", "sector", "category", "fuel", "technology", "region", "facility", "control", "not_applicable", "profile"}
    | {"pollutant", "point", "codes", "attributes", "title"}
)
#: What is said of any file.
_OWN = (
    "ann_value in short tons per year, jan_value to dec_value in short tons per month; 1 short ton = 0.90718474 t",
    "a comment that starts with emis| says: emis|source|sector|category|fuel|technology|comment",
)
#: What does not count as left out: it is written, here or elsewhere.
_WRITTEN = frozenset({*FF10_NONPOINT.columns, *FF10_POINT.columns, "poll", "scc", "longitude", "latitude"})


def _is_ff10(head: Head) -> bool:
    return kind_of_lines(head.lines).startswith("FF10")


def _is_orl(head: Head) -> bool:
    return kind_of_lines(head.lines).startswith("ORL")


def _read(given: Given, issues: Issues) -> Sequence[Series]:
    found = load_flat(given.path, given.folder, issues, given.settings.encoding, given.settings.year)
    if found is None:
        return ()
    country = f" of {found.country}" if found.country else ""
    return (of_inventory(found.inventory, notes=(f"{found.kind}{country}", *found.described)),)


# -- writing ---------------------------------------------------------------------------------------------------------


def _write(several: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> Told | None:
    series = one_of(several, path.name, "FF10", issues)
    year = None if series is None else year_of(series, path.name, settings, issues)
    if series is None or year is None:
        return None
    plan = applied(series, year)
    columns = flat_columns(series, year, plan, path.name, settings, issues)
    flat = flattened(series, year, columns, path.name, issues)
    if issues.errors:
        return None
    point = is_point(series)
    kinds = [(FF10_NONPOINT, flat.only(~point)), (FF10_POINT, flat.only(point))]
    filled = [(layout, one) for layout, one in kinds if len(one.source)]
    for layout, one in filled or kinds[:1]:
        place = path if len(filled) < 2 or layout is FF10_NONPOINT else path.with_stem(f"{path.stem}_point")
        rows = write_rows(one, layout, _of_rows(one, layout, plan, path.name, issues))
        place.write_text("\n".join([*_head(one, layout, plan), rows]), encoding="utf-8", newline="")
    _tell(series, year, columns, plan, path.name, issues)
    if len(filled) > 1:
        message = f"point sources stand beside the others in {path.stem}_point{path.suffix}"
        issues.warn(path.name, 0, "", message, "FF10 has a file for each kind")
    return year_written(series, year, settings)


def one_of(several: Sequence[Series], shown: str, what: str, issues: Issues) -> Series | None:
    """Return the only series; a file that has one scenario cannot hold several."""
    if len(several) == 1:
        return several[0]
    names = ", ".join(repr(one.scenario) for one in several)
    issues.error(shown, 0, "scenario", f"{what} holds one scenario, and there are {names}", "name one with --scenario")
    return None


def year_of(series: Series, shown: str, settings: Settings, issues: Issues) -> int | None:
    """Return the year to write: the one that is asked for, or the last; None, and a fault, where it is not there."""
    year = settings.year if settings.year is not None else series.years[-1]
    if year in series.years and year:
        return year
    if series.years == (0,):
        issues.error(shown, 0, "#YEAR", "the file that was read does not say its year", "say it with --year")
    else:
        years = ", ".join(map(str, series.years))
        issues.error(shown, 0, "#YEAR", f"there is no year {year}", f"there are {years}: name one with --year")
    return None


def year_written(series: Series, year: int, settings: Settings) -> Told | None:
    """Return which of several years is written, where nobody asked for it."""
    if settings.year is not None or len(series.years) < 2:
        return None
    others = ", ".join(str(one) for one in series.years if one != year)
    return Told((f"the year that is written is {year}, the last; --year takes another: {others}",))


def is_point(series: Series) -> np.ndarray:
    """Return which sources are points: of a facility, or with a longitude and latitude."""
    found = series.inventory.labels["facility"] != ""
    for values in series.inventory.points.values():
        found = found | ~np.isnan(values)
    return np.asarray(found, dtype=bool)


def flat_columns(
    series: Series, year: int, plan: Applied | None, shown: str, settings: Settings, issues: Issues,
    needed: bool = True,
) -> dict[str, Texts]:  # fmt: skip
    """Return the texts of columns by source, or by source and pollutant.

    Parameters
    ----------
    needed : bool
        Whether a source without SCC is a fault; otherwise it is only told.
    """
    inventory, size = series.inventory, len(series.inventory)
    same = plan is None and year == inventory.base_year
    stale = frozenset() if same else frozenset({*MONTHS, *MONTHS_REMOVED})
    columns = {name: texts for name, texts in inventory.attributes.items() if name in _WRITTEN - stale}
    columns["scc"] = sccs(series, shown, needed, issues)
    codes = np.array([code_of(name) for name in series.pollutants], dtype=object)
    own = columns.get("poll")
    codes = np.broadcast_to(codes, (size, len(codes)))
    columns["poll"] = codes if own is None else np.where(_wide(own, series) == "", codes, _wide(own, series))
    coded = any(character.isdigit() for character in settings.region)
    columns["region_cd"] = _filled(inventory.labels["region"], settings.region if coded else "")
    columns["country_cd"] = _filled(
        columns.get("country_cd", np.full(size, "", object)), "" if coded else settings.region
    )
    lacking = np.flatnonzero(columns["region_cd"] == "")
    if len(lacking):
        file, line = inventory.place(int(lacking[0]))
        message = f"{len(lacking):,} of {size:,} sources have no region, this one first: it is written as {NOWHERE}"
        hint = "SMOKE asks for a county: say the code of the area with --region 110109"
        issues.warn(file or shown, line, "region", message, hint)
        columns["region_cd"] = _filled(columns["region_cd"], NOWHERE)
    point = is_point(series)
    columns["facility_id"] = np.where(
        (inventory.labels["facility"] == "") & point, inventory.labels["source"], inventory.labels["facility"]
    )
    for name, column in (("lon", "longitude"), ("lat", "latitude")):
        if column not in columns and name in inventory.points:
            columns[column] = np.array([number(value) for value in inventory.points[name].tolist()], dtype=object)
    # What a file said of its own year stays; a date of what is worked out would make every run another file.
    if "calc_year" not in columns or not same:
        columns["calc_year"] = np.full(size, str(year), dtype=object)
    if not same:
        columns.pop("date_updated", None)
    if plan is not None:
        for name in ("control_ids", "control_measures"):
            before = columns.get(name)
            own = np.full_like(plan.measures, "") if before is None else _wide(before, series)
            columns[name] = np.asarray(np.frompyfunc(joined, 2, 1)(own, plan.measures), dtype=object)
    return columns


def _wide(texts: Texts, series: Series) -> Texts:
    shape = len(series.inventory), len(series.pollutants)
    return np.broadcast_to(texts if texts.ndim > 1 else texts[:, None], shape)


def _filled(texts: Texts, other: str) -> Texts:
    return np.where(texts == "", other, texts).astype(object)


def _of_rows(
    flat: Flattened, layout: Layout, plan: Applied | None, shown: str, issues: Issues
) -> dict[str, Sequence[str]]:
    """Return the columns that are worked out row by row."""
    inventory, at = flat.series.inventory, (flat.source, flat.pollutant)
    found = amounts(flat, None if plan is None else plan.monthly)
    control = inventory.control[at]
    if plan is not None:
        removed, growth = plan.removed[at], plan.growth[at]
        # Rounded, as what divides out leaves traces.
        found["ann_pct_red"] = percents(np.where(np.isnan(removed), control, removed.round(12)))
        found["projection_factor"] = [number(value) for value in growth.tolist()]
    elif flat.year == inventory.base_year:
        found["ann_pct_red"] = percents(np.where(control == 0, np.nan, control))
    tag, again = tags(flat, layout)
    if again:
        message = f"{again:,} rows share place, SCC and pollutant with others: their comments tell them apart"
        issues.warn(shown, 0, "comment", message, "SMOKE adds them up")
    tagged = tag[flat.source]
    if (tagged != "").any():
        before = flat.texts("comment").texts
        found["comment"] = np.where(
            tagged == "", before, np.where(before == "", tagged, tagged + "|" + before)
        ).tolist()
    return found


# -- what stands beside the rows -------------------------------------------------------------------------------------


def _head(flat: Flattened, layout: Layout, plan: Applied | None) -> list[str]:
    """Return the comments and the row of names that a file starts with."""
    series, inventory = flat.series, flat.series.inventory
    title = inventory.title.get("en") or inventory.title.get("zh") or inventory.name
    known = [note for note in series.notes if note != title and not note.startswith(("FF10", "ORL", *_OWN))]
    described = [title, *([f"scenario {series.scenario}"] if series.scenario else []), *known, *_OWN]
    if plan is not None:
        described += [
            "ann_pct_red: what control removes, that of the inventory and of the plan together",
            "projection_factor: emissions without the plan over those of the base year",
            "control_ids and control_measures: what the inventory has, and ids of the measures that change emissions",
        ]
    countries = [text for text in flat.texts("country_cd").met() if text]
    return [
        f"#FORMAT={_kind(flat, layout)}",
        *([f"#COUNTRY={countries[0]}"] if len(countries) == 1 else []),
        f"#YEAR={flat.year}",
        *(f"#DESC {' '.join(text.split())}" for text in described),
        ",".join(layout.columns),
    ]


def _kind(flat: Flattened, layout: Layout) -> str:
    """Return the kind of a file: mobile sources alone have a name of their own, by their SCC."""
    codes = flat.texts("scc").met()
    for start, name in ((("220",), "FF10_ONROAD"), (("226", "227", "228"), "FF10_NONROAD")):
        if layout is FF10_NONPOINT and codes and all(code.startswith(start) for code in codes):
            return name
    return layout.name


def _tell(
    series: Series, year: int, columns: dict[str, Texts], plan: Applied | None, shown: str, issues: Issues
) -> None:
    """Tell what the columns have no place for."""
    left = [name for name in series.inventory.attributes if name not in _WRITTEN]
    if left:
        issues.warn(shown, 0, "", f"FF10 has no columns for {', '.join(left)}: they are left out")
    if not (columns["country_cd"] != "").all():
        hint = "SMOKE asks for #COUNTRY: name it with --region, or in a column `country_cd`"
        issues.warn(shown, 0, "country_cd", "no country is known of some sources", hint)
    inventory = series.inventory
    if plan is None and year != inventory.base_year and (inventory.control != 0).any():
        message = f"existing control is that of {inventory.base_year}, and is left out of {year}"
        issues.warn(shown, 0, "ann_pct_red", message, f"--year {inventory.base_year} writes it")
    if plan is not None and series.projection is not None:
        measures = series.projection.program.measures
        priced = sum(measure.cost is not None for measure in measures)
        if priced:
            message = (
                f"costs of measures are left out ({priced} of {len(measures)} have one): in yuan, and of all sources"
            )
            issues.warn(shown, 0, "current_cost", message, "FF10 has US dollars of each source")


FF10 = Format(
    name="ff10",
    title="FF10 of the US EPA: point, nonpoint, onroad and nonroad (SMOKE, CoST)",
    suffix=".csv",
    carries=_CARRIES,
    recognises=_is_ff10,
    read=_read,
    write=_write,
)
ORL = Format(
    name="orl",
    title="ORL of the US EPA: point, nonpoint, onroad and nonroad",
    suffix=".orl",
    carries=_CARRIES,
    recognises=_is_orl,
    read=_read,
)
