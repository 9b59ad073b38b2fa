"""Tables of the runs of a chemical transport model, which a response surface is fitted to."""

from pathlib import Path

import numpy as np

from emis import vocabulary
from emis.airquality.interface import PRECURSORS
from emis.airquality.surface import Runs
from emis.airquality.surface_design import VARIABLES, check_variables, variable
from emis.errors import Issues
from emis.io.cells import NOTES
from emis.io.surfaces import NAMES, UNIT, Reader, split, wrong_unit
from emis.io.tables import Column, read_table

__all__ = ["read_runs"]


def read_runs(path: Path, shown: str, issues: Issues, encoding: str | None = None) -> Runs | None:
    """Return the runs of a table; None, and `issues` says why, when it cannot be read.

    A row is a run. Columns that name a variable (``district.NOx``) hold ratios of the base emissions, 0.7, or with the
    header ``district.NOx [%]`` changes, -30; a cell in % without that header is a change and carries its sign.
    ``PM2.5 [ug/m^3]``, or species of it, are what the model answered. One run is the base. A column `run` may name
    them.
    """
    table = read_table(path, shown, issues, encoding=encoding)
    if table is None:
        return None
    faults = len(issues.errors)
    reader = Reader(table, issues)
    variables, species = _columns(reader)
    reader.unused(frozenset({"run", *NOTES, *NAMES, *PRECURSORS, *VARIABLES}), {"PM2.5": f"PM2.5 [{UNIT}]"})
    ratios = [[reader.ratio(row, column, bare=False) for column in variables.values()] for row in range(len(table))]
    found = [[reader.concentration(row, one, one.unit) for one in species.values()] for row in range(len(table))]
    if len(issues.errors) > faults:
        return None
    runs = Runs(tuple(variables), np.array(ratios), tuple(species), np.array(found))
    _check_runs(reader, runs)
    return runs if len(issues.errors) == faults else None


def _columns(reader: Reader) -> tuple[dict[str, Column], dict[str, Column]]:
    """Return the columns of variables and of species by name, with a unit that their cells can be read in."""
    table, issues = reader.table, reader.issues
    variables: dict[str, Column] = {}
    species: dict[str, Column] = {}

    def fault(column: Column, message: str, hint: str = "") -> None:
        issues.error(table.file, table.header, column.name, message, hint)

    for column in table.columns.values():
        name = vocabulary.POLLUTANT_ALIASES.get(column.name, column.name)
        kind = species if name in NAMES else variables
        # Any name with a dot is meant for a variable; a PM2.5 spelt otherwise is told of as an unknown column.
        if kind is variables and "." not in name.casefold().removeprefix("pm2.5") and name not in PRECURSORS:
            continue
        table.used.add(column.name)
        if kind is variables:
            try:
                name = variable(column.name)
            except ValueError as error:
                fault(column, *split(error))
                continue
        elif name != column.name:
            reader.alias(column.name, name, table.header)
        if name in kind:
            fault(column, f"{name} stands in the column {kind[name].name!r} already", "keep one of the two")
        wanted = UNIT if kind is species else ""
        if (wrong := wrong_unit(column, wanted)) is not None:
            fault(column, *wrong)
        kind[name] = column if wrong is None else column.measured(wanted)
    if not variables:
        issues.error(table.file, table.header, "", "holds no emissions", "add a column such as district.NOx")
    if not species:
        issues.error(table.file, table.header, "", "holds no concentration", f"add a column such as PM2.5 [{UNIT}]")
    elif "PM2.5" in species and len(species) > 1:
        fault(species["PM2.5"], "stands beside its species", "keep PM2.5 alone, or its species")
    try:
        check_variables(variables)
    except ValueError as error:
        issues.error(table.file, table.header, "", *split(error))
    return variables, species


def _check_runs(reader: Reader, runs: Runs) -> None:
    """Refuse runs that stand twice, and a table without the base or with more than one."""
    seen: dict[bytes, int] = {}
    for row, ratio in enumerate(runs.ratio):
        first = seen.setdefault(ratio.tobytes(), row)
        if first != row:
            message = f"has the emissions of line {reader.table.lines[first]}"
            reader.fault(row, "", message, "keep one run of each emissions")
    try:
        runs.base()
    except ValueError as error:
        reader.issues.error(reader.table.file, reader.table.header, "", *split(error))
