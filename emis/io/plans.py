"""Plans: read with all their faults at once; what is right of a faulty one serves to look for more."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emis.errors import Issues
from emis.io import documents, validation
from emis.io.documents import Tree
from emis.io.folders import Folder
from emis.io.settings import set_value
from emis.plan import Plan
from emis.schema import Places
from emis.strength import range_faults

__all__ = ["LoadedPlan", "load_plan", "read_plan"]


def read_plan(path: str | Path) -> Plan:
    """Read a plan.

    Raises
    ------
    InputError
        Every fault of the file.
    """
    issues = Issues()
    found = load_plan(Path(path), Folder.around(Path(path)), issues, {})
    issues.raise_if_any()
    assert found is not None
    assert found.plan is not None
    return found.plan


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """A plan, or what is right of one with faults; where its parts stand; and the ids of all its measures.

    `alerts_whole` tells that no alert was left out for a fault: they are numbered as in the file.
    """

    plan: Plan | None
    places: Places
    ids: frozenset[str]
    alerts_whole: bool


def load_plan(path: Path, folder: Folder, issues: Issues, settings: Mapping[str, str]) -> LoadedPlan | None:
    """Read a plan and note its faults; None when it is no document at all."""
    folder.read(path)
    tree = documents.read_document(path, folder.shown(path), issues)
    if tree is None:
        return None
    for key, value in settings.items():
        set_value(tree, key.removeprefix("plan."), value, issues)
    plan = validation.validate(Plan, tree, issues) or validation.salvage(Plan, tree)
    if plan is not None:
        _check_ranges(plan, documents.places(tree, "plan"), issues)
    alerts = _items(tree, "alerts")
    items = [*_items(tree, "measures"), *(one for alert in alerts for one in _items(alert, "measures"))]
    ids = frozenset(str(one.value["id"].value) for one in items if isinstance(one.value, dict) and "id" in one.value)
    whole = plan is not None and len(plan.alerts) == len(alerts)
    return LoadedPlan(plan, documents.places(tree, "plan"), ids, whole)


def _check_ranges(plan: Plan, places: Places, issues: Issues) -> None:
    """Note the ranges that no draw could be taken from; those beside their value are warned of."""
    several = [(("measures", one.id), one) for one in plan.measures]
    for number, alert in enumerate(plan.alerts):
        several += [(("alerts", number, "measures", item), one) for item, one in alert.own]  # type: ignore[misc]
    for start, measure in several:
        for fault in range_faults(measure):
            path = (*start, *fault.path)
            note = issues.error if fault.unreadable else issues.warn
            note(*places.at(("plan", *path)), ".".join(map(str, path)), fault.message, fault.hint)


def _items(tree: Tree, key: str) -> list[Tree]:
    """Return the items of a list within a document; none when it has no such list."""
    listed = tree.value.get(key) if isinstance(tree.value, dict) else None
    return listed.value if listed is not None and isinstance(listed.value, list) else []
