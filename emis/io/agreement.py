"""Whether a scenario, its plan and its inventories agree: years, ids, and what targets select."""

import difflib
import fnmatch
from collections.abc import Mapping, Set

from emis import vocabulary
from emis.errors import Issues
from emis.inventory import Inventory
from emis.io.plans import LoadedPlan
from emis.plan import Plan
from emis.scenario import ScenarioDocument
from emis.schema import Places
from emis.selection import Selection
from emis.strength import stated_ranges

__all__ = ["check_agreement"]

Path = tuple[str | int, ...]


def check_agreement(
    document: ScenarioDocument,
    loaded: LoadedPlan,
    inventories: Mapping[int, Inventory],
    places: Places,
    issues: Issues,
) -> None:
    """Note where a scenario does not fit its plan, or either of them the inventories."""
    assert loaded.plan is not None
    of_scenario, of_plan = _Notes(places, issues), _Notes(loaded.places, issues)
    _years(document, loaded.plan.base_year, of_scenario)
    _ids(document, loaded.ids, of_scenario)
    _ends(document, loaded.plan, of_scenario)
    _targets(document, loaded.plan, inventories, of_plan)
    base = inventories.get(loaded.plan.base_year)
    if base is not None:
        selection = Selection(base, inventories.values(), loaded.places, issues)
        for target in loaded.plan.targets:
            if target.select is not None:
                selection.sources({("plan", "targets", target.id, "select"): target.select})


class _Notes:
    """Notes faults and warnings with their place in one document."""

    def __init__(self, places: Places, issues: Issues):
        self.places, self.issues = places, issues

    def fault(self, path: Path, message: str, hint: str) -> None:
        self.issues.error(*self.places.at(path), ".".join(map(str, path[1:])), message, hint)

    def warn(self, path: Path, message: str, hint: str) -> None:
        self.issues.warn(*self.places.at(path), ".".join(map(str, path[1:])), message, hint)


def _years(document: ScenarioDocument, base: int, notes: _Notes) -> None:
    if base not in document.inventories:
        path, hint = ("scenario", "inventories"), "name the inventory the plan starts from"
        notes.fault(path, f"there is none of the plan's base year {base}", hint)
    for year in sorted(document.inventories):
        if year > base:
            message = f"{year} is later than the plan's base year {base}"
            notes.fault(("scenario", "inventories", year), message, "later years are projected: leave it out")
    for number, year in enumerate(document.years):
        if year < base and year not in document.inventories:
            message = f"{year} is before the plan's base year {base} and has no inventory"
            notes.fault(("scenario", "years", number), message, "add its inventory, or leave the year out")


def _ids(document: ScenarioDocument, ids: Set[str], notes: _Notes) -> None:
    for name in document.implementation:
        if name != "default" and name not in ids:
            hint = _suggest(name, {*ids, "default"})
            notes.fault(("scenario", "implementation", name), f"the plan has no measure {name!r}", hint)
    for key in ("omit", "only"):
        for number, name in enumerate(getattr(document, key) or ()):
            if ids and not any(fnmatch.fnmatchcase(measure, name) for measure in ids):
                notes.fault(("scenario", key, number), f"the plan has no measure {name!r}", _suggest(name, ids))


def _ends(document: ScenarioDocument, plan: Plan, notes: _Notes) -> None:
    measures = (*plan.measures, *(measure for alert in plan.alerts for _, measure in alert.own))
    stated: set[str] = set().union(*(stated_ranges(measure) for measure in measures))
    for name in document.ends:
        if name not in stated:
            message = f"no measure states a range of {name!r}"
            notes.fault(("scenario", "ends", name), message, _suggest(name, stated))


def _targets(document: ScenarioDocument, plan: Plan, inventories: Mapping[int, Inventory], notes: _Notes) -> None:
    pollutants = {name for inventory in inventories.values() for name in inventory.pollutants}
    for target in plan.targets:
        path: Path = ("plan", "targets", target.id)
        if target.since is not None and target.since not in document.inventories:
            hint = "name it in the scenario's inventories"
            notes.fault((*path, "since"), f"there is no inventory of {target.since}", hint)
        if target.indicator not in ("emissions", "activity"):
            continue
        if target.by is not None and target.by not in (*document.years, *document.inventories):
            message = f"{target.by} is not among the scenario's years"
            notes.warn((*path, "by"), message, "the target is undetermined")
        if target.indicator == "emissions" and pollutants and target.pollutant not in pollutants:
            notes.warn((*path, "pollutant"), f"{target.pollutant} is in no inventory", "the target is undetermined")


def _suggest(name: str, ids: Set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(ids), n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else vocabulary.suggest(name, ids)
