"""CEDS' released tables of countries by sector, fuel and year, as CSV.

``em,country,sector,units,X1750 ...`` of the releases since 2020, ``em,iso,sector,fuel,units,X1750 ...`` of the earlier
ones and of the detailed files (doi:10.5194/gmd-11-369-2018, doi:10.5194/essd-12-3413-2020), in kt. Releases name the
species within the unit: ktNO2 for NOx, ktC for BC and OC, ktNMVOC.
"""

from collections.abc import Sequence

import numpy as np

from emis.coded import Coded
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
    tables_of,
    tell_unread,
    year_of,
)
from emis.interchange.sector_tables.record_series import series_of
from emis.interchange.sector_tables.records import Records, in_area, joined, pollutant_of, years_below
from emis.interchange.series import Series
from emis.nomenclatures import nomenclature

__all__ = ["CEDS"]

_REGIONS = ("country", "iso")
#: As what the mass of a species is counted where its unit says so and it is not the species itself.
_COUNTED_AS = {"nox": "NO2", "bc": "C", "oc": "C", "voc": "NMVOC"}


def _is_header(headers: Sequence[Header]) -> bool:
    names = {header.folded for header in headers}
    return {"em", "sector", "units"} <= names and any(year_of(header.name) for header in headers)


def _is_ceds(head: Head) -> bool:
    return any(_is_header(row) for row in heads_of(head))


def _read(given: Given, issues: Issues) -> Sequence[Series]:
    tables = tables_of(given, issues, _is_header, "em, sector, units and years such as X1990")
    parts = [_records(table, given, issues) for table in tables]
    crosswalk = to_labels("ceds", given.settings, issues)
    if not parts or issues.errors:
        return ()
    found = series_of(joined(parts), given, issues, crosswalk)
    return () if found is None else (found,)


def _records(table: ForeignTable, given: Given, issues: Issues) -> Records:
    years = {column: year for column, header in enumerate(table.headers) if (year := year_of(header.name)) is not None}
    for column in years:
        refuse_two_units(table, column, table.texts(table.find("units")), issues)
    tell_unread(table, years, issues)
    known = nomenclature("ceds")
    sector, pollutant = table.texts(table.find("sector")), table.texts(table.find("em"))
    codes = renamed(sector, [known.find(str(code)) or str(code) for code in sector.values])
    region = table.texts(table.find(*_REGIONS))
    # Countries are written iso3 in small letters, "global" is what flies and sails between them.
    region = renamed(region, [str(one).upper() if len(str(one)) == 3 else str(one) for one in region.values])
    entries = years_below(table, years, issues)
    labels = {"region": region, "fuel": table.texts(table.find("fuel"))}
    scales = _scales(table, pollutant, issues)
    records = Records.by_year("ceds", codes, pollutant, table, entries, scales, labels)
    return in_area(records, {"region": region}, entries.row, given)


def _scales(table: ForeignTable, pollutant: Coded, issues: Issues) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return by what the numbers of each row are multiplied to be in t/yr."""
    unit = table.texts(table.find("units"))
    pair = unit.codes * len(pollutant.values) + pollutant.codes
    scales = np.ones(len(table))
    for one in np.unique(pair).tolist():
        rows = np.flatnonzero(pair == one)
        text, name = str(unit.values[unit.codes[rows[0]]]), str(pollutant.values[pollutant.codes[rows[0]]])
        place = (table.shown, int(table.lines[rows[0]]))
        scales[rows] = scale_of(_mass(text, name), pollutant_of(name), place, "units", issues)
    return scales


def _mass(unit: str, species: str) -> str:
    """Return a unit without the species in it: kt of ``ktSO2``; any other species stays, and is a fault."""
    counted = (species, _COUNTED_AS.get(species.casefold(), species))
    return next((unit.removesuffix(one).rstrip() for one in counted if unit != one and unit.endswith(one)), unit)


CEDS = Format("ceds", "CEDS tables: sectors by country and year, CSV", ".csv", recognises=_is_ceds, read=_read)
