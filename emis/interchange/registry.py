"""The formats, one table of them all; the order decides which of two that recognise a file reads it."""

from emis.interchange import ceds, cost, edgar, emission_tables, ff10, meic, own, results, sector_tables
from emis.interchange.formats import Format
from emis.interchange.gridding import cf, cmaq, wrf

__all__ = ["FORMATS"]

_ALL = (
    results.RESULT,
    results.SCENARIO,
    ff10.FF10,
    ff10.ORL,
    cost.COST,
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
    cmaq.CMAQ,
    wrf.WRF,
    cf.GRID,
)
FORMATS: dict[str, Format] = {one.name: one for one in _ALL}
