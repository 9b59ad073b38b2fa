"""The formats, one table of them all; the order decides which of two that recognise a file reads it."""

from emis.interchange import emission_tables, iamc, own, primap2, results
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
        iamc.IAMC,
        iamc.NOMENCLATURE,
        primap2.PRIMAP2,
    )
}
