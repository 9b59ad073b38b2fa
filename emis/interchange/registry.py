"""The formats, one table of them all; the order decides which of two that recognise a file reads it."""

from emis.interchange import cost, emission_tables, ff10, own, results
from emis.interchange.formats import Format
from emis.interchange.gridding import cf, cmaq, wrf
from emis.interchange.packets import plan_files

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
    cmaq.CMAQ,
    wrf.WRF,
    cf.GRID,
    plan_files.PLAN,
)
FORMATS: dict[str, Format] = {one.name: one for one in _ALL}
