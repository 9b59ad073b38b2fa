"""The IAMC format of integrated-assessment modelling: Model, Scenario, Region, Variable, Unit, and a column a year.

https://pyam-iamc.readthedocs.io/en/stable/data.html
"""

from emis.interchange.formats import Format
from emis.interchange.scenario_tables.iamc_columns import is_iamc
from emis.interchange.scenario_tables.iamc_reading import read_iamc
from emis.interchange.scenario_tables.iamc_writing import write_definitions, write_iamc

__all__ = ["IAMC", "NOMENCLATURE"]

IAMC = Format(
    name="iamc",
    title="IAMC table (pyam): CSV, or a workbook where OUT ends in .xlsx",
    suffix=".csv",
    carries=frozenset({"sector", "years", "scenario", "no_plan"}),
    finer={
        "category": frozenset({"category"}),
        "source": frozenset({"category", "fuel", "technology", "region", "facility"}),
    },
    recognises=is_iamc,
    read=read_iamc,
    write=write_iamc,
)
NOMENCLATURE = Format(
    name="nomenclature",
    title="definitions of the variables and regions of an IAMC table (nomenclature-iamc): a folder",
    suffix="",
    write=write_definitions,
)
