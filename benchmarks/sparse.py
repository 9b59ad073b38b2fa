"""What real plans look like that no label selects: a measure for each plant, long lists on one source, alternatives."""

from collections.abc import Sequence

import numpy as np
from cases import POLLUTANTS, Case, make_inventory, make_scenario

from emis.inventory import Floats, Inventory
from emis.measures import Measure
from emis.program import Program
from emis.scenario import Scenario

__all__ = ["choices", "entries_of", "own_measures", "stacked"]


def _abate(number: int, select: dict[str, str]) -> Measure:
    efficiency = dict.fromkeys(POLLUTANTS, f"{1 + number % 40} %")
    return Measure.model_validate(
        {"id": f"M{number:05d}", "select": select, "do": [{"abate": {"efficiency": efficiency}}],
         "phase_in": {"2018": "50 %", "2020": "100 %"}}
    )  # fmt: skip


def own_measures(count: int) -> tuple[Inventory, Scenario]:
    """Return as many sources as measures, each of which selects one by its id."""
    case = Case(count)
    found = make_inventory(case)
    measures = [_abate(number, {"source": str(name)}) for number, name in enumerate(found.labels["source"])]
    return found, make_scenario(case, found, measures)


def stacked(case: Case) -> tuple[Inventory, Scenario]:
    """Return the sources of a case, all of which each of its measures touches; the last is a limit on each."""
    found = make_inventory(case)
    measures: Sequence[Measure] = [_abate(number, {"sector": "industry"}) for number in range(case.measures - 1)]
    limit = Measure.model_validate(
        {"id": "M99999", "select": {"sector": "industry"},
         "do": [{"limit": {"at_most": dict.fromkeys(POLLUTANTS, "300 kg/t")}}]}
    )  # fmt: skip
    return found, make_scenario(case, found, [*measures, limit])


def choices(program: Program, alternatives: int, count: int = 20) -> Floats:
    """Return levels of scenarios that each choose one of every so many measures, N × M × T [1]."""
    rng = np.random.default_rng(3)
    measures = len(program.measures)
    chosen = np.zeros((count, measures, 1))
    for first in range(0, measures, alternatives):
        among = min(alternatives, measures - first)
        chosen[np.arange(count), first + rng.integers(0, among, count)] = 1.0
    return np.asarray(chosen * program.levels)


def entries_of(program: Program) -> int:
    """Return how often a measure touches a source."""
    return len(program.intensities.row) + len(program.transfers.row)
