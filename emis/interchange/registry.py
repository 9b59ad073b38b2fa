"""The formats, one table of them all; the order decides which of two that recognise a file reads it."""

from emis.interchange import arrays, emission_tables, mapped, own
from emis.interchange.formats import Format

__all__ = ["FORMATS"]

#: What asks for more stands first.
_ORDER = (
    arrays.NETCDF,
    arrays.ZARR,
    mapped.MAPPING,
    emission_tables.CSV,
    emission_tables.PARQUET,
    emission_tables.XLSX,
    own.INVENTORY,
)

FORMATS: dict[str, Format] = {one.name: one for one in _ORDER}
