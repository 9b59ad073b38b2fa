"""The interchange format of PRIMAP2: a CSV of time series and a YAML that says what its columns are.

https://primap2.readthedocs.io/en/stable/data_format/interchange_format_details.html
"""

from emis.interchange.formats import Format, Head
from emis.interchange.scenario_tables.primap2_reading import read_primap2
from emis.interchange.scenario_tables.primap2_writing import write_primap2

__all__ = ["PRIMAP2"]

_KEYS = ("attrs:", "dimensions:", "time_format:", "data_file:")


def _is_primap2(head: Head) -> bool:
    """Tell the YAML by its keys, and the CSV by its columns: an area with its terminology, an entity and a unit."""
    if head.suffix in (".yaml", ".yml"):
        return head.lines != () and sum(any(line.startswith(key) for line in head.lines) for key in _KEYS) >= 2
    names = head.header
    starts = [name.partition(" (")[0] for name in names]
    return any(name.startswith("area (") for name in names) and "entity" in starts and "unit" in names


PRIMAP2 = Format(
    name="primap2",
    title="PRIMAP2 interchange format: a CSV and a YAML of one name",
    suffix=".csv",
    carries=frozenset({"sector", "title", "years", "scenario", "no_plan"}),
    recognises=_is_primap2,
    read=read_primap2,
    write=write_primap2,
    finer={
        "category": frozenset({"category"}),
        "source": frozenset({"source", "category", "fuel", "technology", "region", "facility"}),
    },
)
