"""Packets on a series: the base year and the year asked for, what was run, and what other systems make of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from emis.errors import InputError, Issues
from emis.interchange.packets.comparing import TITLES, Comparison, compare
from emis.interchange.packets.compiling import Made, compiled
from emis.interchange.packets.evaluating import evaluate
from emis.interchange.packets.ledger import tell, used
from emis.interchange.packets.models import scenario_of
from emis.interchange.packets.outcome import Outcome
from emis.interchange.packets.records import Compat, Record
from emis.interchange.packets.rows import Rows
from emis.interchange.series import Series
from emis.projection import project
from emis.scenario import Scenario

__all__ = ["Controlled", "PacketScenario", "apply", "controlled"]


@dataclass(frozen=True)
class PacketScenario(Scenario):
    """A scenario that packets were compiled to: what it was made of, and what is said of that."""

    made: Made | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Controlled:
    """A series that packets were applied to, and what there is to say of it."""

    series: Series
    outcome: Outcome
    comparison: Comparison

    def record(self) -> dict[str, Any]:
        """Return what packets did, as JSON has it."""
        return {"rows": len(self.outcome.rows), "records": used(self.outcome), **self.comparison.record()}


def apply(series: Series, records: Sequence[Record], year: int, compat: Compat, issues: Issues) -> Series:
    """Return a series of the base year and a later one, to which packets were applied as a system would.

    `no_plan` is growth alone, and `projection` the plan that the packets were compiled to. Faults go to the issues; the
    series is as it was then.
    """
    found = controlled(series, records, year, compat, issues)
    return series if found is None else found.series


def controlled(
    series: Series, records: Sequence[Record], year: int, compat: Compat, issues: Issues
) -> Controlled | None:
    """Return a series that packets were applied to, and what there is to say of it; None, and faults, where not."""
    inventory = series.inventory
    if inventory.base_year == 0:
        years = {record.years[0] for record in records if record.years is not None}
        if len(years) != 1:
            issues.error(inventory.file, 0, "#YEAR", "does not say its year, and packets lead on from it",
                         "write #YEAR=2017 at its head")  # fmt: skip
            return None
        inventory = replace(inventory, base_year=years.pop())
        issues.warn(inventory.file, 0, "#YEAR", f"does not say its year: {inventory.base_year}, as the packets have it")
    if year <= inventory.base_year:
        issues.error(inventory.file, 0, "#YEAR", f"is of {inventory.base_year}, and {year} is asked for",
                     "name a later year with --year")  # fmt: skip
        return None
    rows, before = Rows.of(inventory), len(issues.errors)
    outcome = evaluate(rows, records, year, compat, issues)
    if len(issues.errors) > before:
        return None
    tell(outcome, issues)
    comparison = compare(rows, records, year, outcome)
    notes = (*series.notes, _told(outcome), *comparison.lines())
    made = compiled(outcome)
    try:
        plain = scenario_of(made)
        scenario = PacketScenario(
            plain.document, plain.plan, plain.inventories, plain.plan_places, made=made,
            notes=notes[len(series.notes) :],
        )  # fmt: skip
        projection = project(inventory, scenario)
    except InputError as error:
        issues.errors.extend(error.issues)
        return None
    issues.warnings.extend(projection.program.warnings)
    # What takes part in nothing stays as it is: a zero that has no row in the file, and what is not estimated.
    apart = np.where(np.isnan(rows.grid(outcome.final)), inventory.emissions, 0.0)

    def whole(values: np.ndarray) -> np.ndarray:
        return np.nan_to_num(rows.grid(values), nan=0.0) + apart

    values = np.stack([inventory.emissions, whole(outcome.final)])
    no_plan = np.stack([inventory.emissions, whole(outcome.grown)])
    keys = np.full(inventory.emissions.shape, "", dtype=object) if inventory.notation is None else inventory.notation
    done = Series(
        inventory, (inventory.base_year, year), values, np.stack([keys, keys]), scenario.name, series.model, no_plan,
        projection, notes,
    )  # fmt: skip
    return Controlled(done, outcome, comparison)


def _told(outcome: Outcome) -> str:
    base = outcome.rows.inventory.base_year
    count = int(np.count_nonzero(outcome.used()))
    return (f"control packets as {TITLES[outcome.compat]} evaluates them, {base} to {outcome.year}:"
            f" {count:,} of {len(outcome.records):,} records act")  # fmt: skip
