"""An FF10 or ORL file as an inventory: sources that report tonnes, by region, facility and SCC."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emis import nomenclatures, vocabulary
from emis.coded import Coded, Codes, Labels, Texts, objects
from emis.errors import Issues
from emis.inventory import Floats, Inventory
from emis.io.cells import COORDINATES
from emis.io.collected import distinct
from emis.io.columns import CodedColumn, Table
from emis.io.flat_amounts import Amounts, amounts, here, signed_numbers
from emis.io.flat_files import FlatFile, read_flat_file
from emis.io.flat_layouts import MONTHS, NOWHERE
from emis.io.flat_pollutants import code_of, name_of
from emis.io.flat_sources import Grouped, grouped, identities, plain, split_by_months, told
from emis.io.folders import Folder
from emis.numbering import alike
from emis.units import SHORT_TON

__all__ = ["Flat", "load_flat", "load_flat_inventory"]

#: Columns that stand elsewhere in an inventory.
_ELSEWHERE = frozenset({"region_cd", "facility_id", "poll", "ann_value", "ann_pct_red", "longitude", "latitude"})
#: Codes that are named in a warning.
_MOST_NAMED = 12


@dataclass(frozen=True)
class Flat:
    """A flat file that was read: its inventory, its kind, and what its comments say."""

    inventory: Inventory
    kind: str
    country: str
    described: tuple[str, ...]


def load_flat_inventory(
    path: Path, folder: Folder, issues: Issues, encoding: str | None = None, year: int | None = None
) -> Inventory | None:
    """Read an FF10 or ORL file as an inventory and note its faults; None when it has any."""
    found = load_flat(path, folder, issues, encoding, year)
    return None if found is None else found.inventory


def load_flat(
    path: Path, folder: Folder, issues: Issues, encoding: str | None = None, year: int | None = None
) -> Flat | None:
    """Read an FF10 or ORL file and note its faults; None when it has any.

    Tonnes are those of the file's short tons; of a pollutant that a source has no row for the key is NA, and its
    emissions zero, as these files have no other way to say so.

    Parameters
    ----------
    year : int, optional
        The year that the file is taken for.
    """
    before, warned, shown = len(issues.errors), len(issues.warnings), folder.shown(path)
    folder.read(path)
    file = read_flat_file(path, shown, issues, encoding)
    if file is None:
        return None
    base_year = _year(file, year, shown, issues)
    inventory = _inventory(
        file,
        issues,
        name=path.stem,
        base_year=base_year,
        title={"en": file.described[0]} if file.described else {},
        file=shown,
    )
    if inventory is None or len(issues.errors) > before:
        return None
    inventory = replace(inventory, warnings=tuple(issues.warnings[warned:]))
    return Flat(inventory, file.layout.name, file.country, file.described)


def _year(file: FlatFile, asked: int | None, shown: str, issues: Issues) -> int:
    """Return the year of a file: of its comments, of its rows where they agree, or the one that is asked for."""
    if file.year:
        if asked is not None and asked != file.year:
            message = f"is of {file.year}, and it is taken for {asked}"
            issues.error(shown, file.year_line, "#YEAR", message, "name the inventory of that year")
        return file.year
    years = [text for text in file.table.column("calc_year").coded.met() if text]
    if asked is None and len(years) == 1 and years[0].isdecimal():
        return int(years[0])
    if asked is not None and years and years != [str(asked)]:
        message = f"rows are of {', '.join(years[:_MOST_NAMED])}, and the file is taken for {asked}"
        issues.warn(shown, file.table.header, "calc_year", message)
    return asked or 0


def _inventory(flat: FlatFile, issues: Issues, **facts: Any) -> Inventory | None:
    """Return the sources of a file as an inventory of these facts; None where rows have faults."""
    before, table, layout = len(issues.errors), flat.table, flat.layout
    found = amounts(table, layout.orl, issues)
    for name in layout.required:
        for row in np.flatnonzero(~table.column(name).filled(np.arange(len(table)))).tolist():
            issues.error(*table.place(row), name, "is blank", f"every row of {layout.name} has one")
    region, pollutant = _regions(table, issues), _pollutants(table, found, issues)
    rows = grouped(table, layout, region, pollutant, issues)
    points = _points(table, rows, issues)
    if len(issues.errors) > before:
        return None
    rows = split_by_months(rows, found.shares, np.flatnonzero(found.annual > 0))
    names, labels = identities(table, layout, rows, region, _sectors(table, found, issues), pollutant)
    order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.intp)
    ids = distinct([names[one] for one in order.tolist()])
    rows = rows.ordered(order)
    pollutants, column = _listed(pollutant)
    shape = len(order), len(pollutants)
    factor, control, keys = np.zeros(shape), np.zeros(shape), np.full(shape, "NA", dtype=object)
    at = rows.source, column
    factor[at], control[at], keys[at] = found.annual * SHORT_TON, found.control, ""
    _tell_absent(table, int(np.count_nonzero(keys)), factor.size, issues)
    profile, profiles = _profiles(rows, found, column)
    return Inventory.of_reports(
        Labels({"source": ids} | {name: one.take(order) for name, one in labels.items()}),
        pollutants,
        factor,
        **facts,
        control=control,
        profile=profile,
        profiles=profiles,
        points={name: values[rows.first] for name, values in points.items()},
        attributes=_attributes(table, rows, found, column, pollutants),
        notation=keys,
        places=table.places(rows.first),
    )


def _listed(pollutant: Coded) -> tuple[tuple[str, ...], Codes]:
    """Return the pollutants, those that emis knows first, and the number of each row's."""
    met = set(pollutant.met())
    listed = [name for name in vocabulary.POLLUTANTS if name in met]
    listed += sorted(met - set(listed))
    number = {name: index for index, name in enumerate(listed)}
    of_value = np.array([number.get(str(name), -1) for name in pollutant.values], dtype=np.intp)
    return tuple(listed), of_value[pollutant.codes]


# -- codes -----------------------------------------------------------------------------------------------------------


def _mapped(coded: Coded, texts: Sequence[str]) -> Coded:
    """Return a column with another text for each of its values."""
    found = Coded.of(objects(list(texts)))
    return Coded(found.values, found.codes[coded.codes])


def _regions(table: Table, issues: Issues) -> Coded:
    """Return the region of each row, "" where it is none; a FIPS code that lost its leading zeros gets them back."""
    found = table.column("region_cd").coded
    values = ["" if str(text) == NOWHERE else plain(str(text)) for text in found.values]
    short = [text.isdecimal() and len(text) < 5 for text in values]
    if any(short):
        rows = np.flatnonzero(np.array(short)[found.codes])
        if len(rows):
            message = f"a FIPS code of less than 5 digits {here(rows)}: zeros are put in front"
            issues.warn(*table.place(int(rows[0])), "region_cd", message)
    return _mapped(found, [text.zfill(5) if few else text for text, few in zip(values, short, strict=True)])


def _pollutants(table: Table, found: Amounts, issues: Issues) -> Coded:
    """Return the pollutant of each row; what emis does not know is kept by its code, and told."""
    codes = table.column("poll").coded
    names = [name_of(str(code)) for code in codes.values]
    read = [f"{code} as {name}" for code, name in zip(codes.values, names, strict=True) if code != name]
    if read:
        issues.warn(table.file, table.header, "poll", f"pollutants are read by other names: {', '.join(read)}")
    unknown = [code for code, name in enumerate(names) if name and name not in vocabulary.POLLUTANTS]
    told_of = _counted(codes, unknown, found.annual)
    if told_of:
        hint = "plans act on them by activity alone; PM-CON and what is filterable (-FIL) are in no total of PM"
        message = f"codes that are no pollutant of emis are kept as they stand: {told_of}"
        issues.warn(table.file, table.header, "poll", message, hint)
    return _mapped(codes, names)


def _sectors(table: Table, found: Amounts, issues: Issues) -> Coded:
    """Return the sector of each row by its SCC; of one that is not known it is `other`, and told."""
    codes = table.column("scc").coded
    sectors = nomenclatures.sectors("scc", [str(code) for code in codes.values])
    unknown = [code for code, sector in enumerate(sectors) if not sector]
    told_of = _counted(codes, unknown, found.annual)
    if told_of:
        message = f"codes of no sector that is known go to `other`: {told_of}"
        issues.warn(table.file, table.header, "scc", message, "see that they are SCC of 8 or 10 digits")
    return _mapped(codes, [sector or "other" for sector in sectors])


def _counted(codes: Coded, chosen: Sequence[int], tons: Floats) -> str:
    """Return codes with how many rows and short tons they have, the heaviest first; "" where none of them occurs."""
    count = np.bincount(codes.codes, minlength=len(codes.values))
    mass = np.bincount(codes.codes, np.nan_to_num(tons), minlength=len(codes.values))
    met = sorted((one for one in chosen if count[one]), key=lambda one: -mass[one])
    texts = [f"{codes.values[one]} (rows: {count[one]:,}, short tons: {mass[one]:,.4g})" for one in met[:_MOST_NAMED]]
    more = f" and {len(met) - _MOST_NAMED:,} more" if len(met) > _MOST_NAMED else ""
    return ", ".join(texts) + more


def _tell_absent(table: Table, count: int, size: int, issues: Issues) -> None:
    if count:
        message = f"{count:,} of {size:,} pairs of source and pollutant have no row: taken as NA (not applicable), zero"
        issues.warn(table.file, table.header, "poll", message)


# -- the rest of a source --------------------------------------------------------------------------------------------


def _points(table: Table, rows: Grouped, issues: Issues) -> dict[str, Floats]:
    """Return longitude and latitude of each row's source [degrees], those of its first row; NaN for none."""
    found: dict[str, Floats] = {}
    in_metres = _in_metres(table)
    read = [signed_numbers(table, column, issues) for column in ("longitude", "latitude")]
    # -9 is a longitude, and with a latitude of -9 what stands for none.
    nowhere = in_metres | ((read[0] == -9) & (read[1] == -9))
    for name, column, values in (("lon", "longitude", read[0]), ("lat", "latitude", read[1])):
        values[nowhere] = np.nan
        for row in np.flatnonzero(np.abs(values) > COORDINATES[name]).tolist():
            hint = f"write degrees between -{COORDINATES[name]} and {COORDINATES[name]}"
            issues.error(*table.place(row), column, f"{values[row]:g} is no {column}", hint)
        own = values[rows.first][rows.source]
        differs = np.flatnonzero((values != own) & ~(np.isnan(values) & np.isnan(own)))
        if len(differs):
            message = f"{column} is not that of the first row of its source {here(differs)}"
            issues.warn(
                *table.place(int(differs[0])), column, f"{message}: that one is taken, and all are kept as text"
            )
        found[name] = own
    if in_metres.any():
        rows_of = np.flatnonzero(in_metres)
        message = f"a place in metres of UTM {here(rows_of)}: they are kept as text, and there is no longitude"
        issues.warn(*table.place(int(rows_of[0])), "ctype", message)
    return found


def _in_metres(table: Table) -> NDArray[np.bool_]:
    """Return which rows place their source by UTM."""
    coded = table.column("ctype").coded
    return np.array([str(text).upper() == "U" for text in coded.values], dtype=bool)[coded.codes]


def _attributes(
    table: Table, rows: Grouped, found: Amounts, pollutant: Codes, pollutants: tuple[str, ...]
) -> dict[str, Texts]:
    """Return what the file says of sources beside what an inventory computes with."""
    in_metres = _in_metres(table)
    for name, column in (("xloc", "longitude"), ("yloc", "latitude")) if in_metres.any() else ():
        texts = np.where(in_metres, table.column(column).coded.texts, "")
        table.columns[name] = CodedColumn(name, "", Coded.of(texts))
    names = [name for name in table.columns if name not in _ELSEWHERE and name not in MONTHS]
    kept = found.stray
    attributes = told(table, rows, pollutant, len(pollutants), [*names, *(MONTHS if kept.any() else ())])
    if kept.any():
        # Of months that make no profile; those that do are in it.
        stray = np.zeros((len(rows), len(pollutants)), dtype=bool)
        stray[rows.source[kept], pollutant[kept]] = True
        for name in MONTHS:
            if name in attributes:
                texts = attributes[name]
                attributes[name] = np.where(stray, texts if texts.ndim > 1 else texts[:, None], "").astype(object)
    columns = [table.column(name).coded.codes for name in ("longitude", "latitude")]
    if any(((codes != codes[rows.first][rows.source]) & ~in_metres).any() for codes in columns):
        attributes |= told(table, rows, pollutant, len(pollutants), ["longitude", "latitude"])
    codes = table.column("poll").coded
    if any(code_of(name_of(str(code))) != code for code in codes.met()):
        attributes |= told(table, rows, pollutant, len(pollutants), ["poll"])
    return attributes


def _profiles(rows: Grouped, found: Amounts, pollutant: Codes) -> tuple[Texts, dict[str, Floats]]:
    """Return the profile of each source, "" for none, and the shares of each profile."""
    profile = np.full(len(rows), "", dtype=object)
    shared = np.flatnonzero(~np.isnan(found.shares[:, 0]))
    # That of the first pollutant: months are rounded one by one, and the order of rows means nothing.
    shared = shared[np.argsort(pollutant[shared], kind="stable")]
    if not len(shared):
        return profile, {}
    _, first = alike(rows.source[shared])
    chosen = shared[first]
    shares, number = np.unique(found.shares[chosen], axis=0, return_inverse=True)
    names = objects([f"months-{one + 1}" for one in range(len(shares))])
    profile[rows.source[chosen]] = names[number.reshape(-1)]
    return profile, {str(name): values / values.sum() for name, values in zip(names, shares, strict=True)}
