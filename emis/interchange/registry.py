"""The formats, one table of them all; the order decides which of two that recognise a file reads it."""

from emis.interchange import ceds, edgar, emission_tables, meic, own, results, sector_tables
from emis.interchange.formats import Format

__all__ = ["FORMATS"]

FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        results.RESULT,
        results.SCENARIO,
        emission_tables.CSV,
        emission_tables.PARQUET,
        emission_tables.XLSX,
        own.INVENTORY,
        edgar.EDGAR,
        ceds.CEDS,
        sector_tables.NFR,
        sector_tables.GNFR,
        sector_tables.SNAP,
        sector_tables.MEE,
        meic.MEIC,
    )
}
