"""The formats, one table of them all; the order decides which of two that recognise a file reads it."""

from emis.interchange.flat import cost, ff10
from emis.interchange.formats import Format
from emis.interchange.gridding import cf, cmaq, wrf
from emis.interchange.mapped import mapping as mapped
from emis.interchange.own import arrays, emission_tables, results
from emis.interchange.own import inventories as own
from emis.interchange.packets import plan_files
from emis.interchange.scenario_tables import iamc, primap2
from emis.interchange.sector_tables import ceds, edgar, meic
from emis.interchange.sector_tables import tables as sector_tables

__all__ = ["FORMATS"]

#: What asks for more stands first.
_ALL = (
    results.RESULT,
    results.SCENARIO,
    mapped.MAPPING,
    ff10.FF10,
    ff10.ORL,
    cost.COST,
    arrays.NETCDF,
    arrays.ZARR,
    emission_tables.CSV,
    emission_tables.PARQUET,
    emission_tables.XLSX,
    own.INVENTORY,
    iamc.IAMC,
    iamc.NOMENCLATURE,
    primap2.PRIMAP2,
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
    plan_files.PLAN,
)

FORMATS: dict[str, Format] = {one.name: one for one in _ALL}
