"""EDGAR's tables of countries by sector and year, of its releases from v6 on, as workbook and as CSV.

The sheets ``IPCC 2006`` have a few lines about themselves, then ``IPCC_annex, C_group_IM24_sh, Country_code_A3, Name,
ipcc_code_2006_for_standard_report, ipcc_code_2006_for_standard_report_name, Substance, fossil_bio, Y_1970 ...``, in
Gg (edgar.jrc.ec.europa.eu; doi:10.5194/essd-16-2811-2024).
"""

from collections.abc import Sequence

import numpy as np

from emis.coded import Coded, objects
from emis.errors import Issues
from emis.interchange.formats import Format, Given, Head
from emis.interchange.sector_tables.crosswalks import to_labels
from emis.interchange.sector_tables.foreign_tables import (
    ForeignTable,
    Header,
    heads_of,
    refuse_two_units,
    renamed,
    scale_of,
    stated_unit,
    tables_of,
    tell_unread,
    year_of,
)
from emis.interchange.sector_tables.record_series import series_of
from emis.interchange.sector_tables.records import Records, in_area, joined, pollutant_of, years_below
from emis.interchange.series import Series
from emis.nomenclatures import nomenclature

__all__ = ["EDGAR"]

_COUNTRY, _NAME = "country_code_a3", "name"
_CODES = ("ipcc_code_2006_for_standard_report", "ipcc_for_std_report_detailed", "edgar_sector", "sector")
_SUBSTANCE = "substance"
_GG = "Gg"
#: What the column fossil_bio says, and the fuel of a source.
_FUELS = {"fossil": "fossil", "bio": "bio", "short cycle": "bio", "long cycle": "fossil"}


def _is_header(headers: Sequence[Header]) -> bool:
    names = {header.folded for header in headers}
    return {_COUNTRY, _SUBSTANCE} <= names and bool(names & set(_CODES))


def _is_edgar(head: Head) -> bool:
    return any(_is_header(row) for row in heads_of(head))


def _read(given: Given, issues: Issues) -> Sequence[Series]:
    what = f"Country_code_A3, {_CODES[0]} and Substance"
    tables = tables_of(given, issues, _is_header, what)
    parts = [part for table in tables if (part := _records(table, given, issues)) is not None]
    crosswalk = to_labels("edgar", given.settings, issues)
    if not parts or issues.errors:
        return ()
    found = series_of(joined(parts), given, issues, crosswalk)
    return () if found is None else (found,)


def _records(table: ForeignTable, given: Given, issues: Issues) -> Records | None:
    years = {column: year for column, header in enumerate(table.headers) if (year := year_of(header.name)) is not None}
    if not years:
        hint = "take the table by year: its columns are Y_1970, Y_1971 ..."
        issues.error(given.shown, table.header, "", "has no column of a year", hint)
        return None
    unit, line = stated_unit(table.above)
    if not unit:
        unit, line = _GG, table.header
        issues.warn(given.shown, line, "", "states no unit", "it is taken in Gg, as EDGAR publishes its tables")
    scale = scale_of(unit, "", (given.shown, line), "unit", issues)
    for column in years:
        refuse_two_units(table, column, Coded.full(len(table), unit), issues)
    tell_unread(table, years, issues)
    codes = table.texts(table.find(*_CODES))
    known = nomenclature("edgar")
    codes = renamed(codes, [known.find(str(code)) or str(code) for code in codes.values])
    substance, fuel = _substances(table)
    labels = {"region": table.texts(table.find(_COUNTRY)), "fuel": fuel}
    entries = years_below(table, years, issues)
    records = Records.by_year("edgar", codes, substance, table, entries, scale, labels)
    return in_area(records, {"region": labels["region"], "name": table.texts(table.find(_NAME))}, entries.row, given)


def _substances(table: ForeignTable) -> tuple[Coded, Coded]:
    """Return the substance of each row, and whether it is fossil or not: ``PM2.5_bio`` tells both."""
    column = table.texts(table.find(_SUBSTANCE))
    kind = table.texts(table.find("fossil_bio"))
    names, kinds = [], []
    for text in map(str, column.values):
        stem, _, end = text.rpartition("_")
        ends = stem and end in _FUELS and pollutant_of(stem)
        names.append(stem if ends else text)
        kinds.append(_FUELS[end] if ends else "")
    own = objects(kinds)[column.codes]
    said = objects([_FUELS.get(str(text).casefold(), "") for text in kind.values])[kind.codes]
    return renamed(column, names), Coded.of(np.where(said != "", said, own))


EDGAR = Format(
    "edgar",
    "EDGAR country tables (v6 to v8): sectors by year, workbook or CSV",
    ".xlsx",
    recognises=_is_edgar,
    read=_read,
)
