"""Plans and scenarios: read with all their faults at once, `extends` followed, `--set` applied before validation."""

import difflib
import fnmatch
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from emis import vocabulary
from emis.errors import InputError, Issues
from emis.inventory import Inventory
from emis.io import documents, validation
from emis.io.documents import Tree
from emis.io.folders import Folder, beside
from emis.io.inventories import load_inventory
from emis.io.settings import set_value
from emis.plan import Plan, Target
from emis.program import diagnose
from emis.scenario import Scenario, ScenarioDocument
from emis.schema import Places
from emis.selection import Selection

__all__ = ["load_scenario", "read_plan", "read_scenario"]

_PLAN_KEYS = ("measures", "targets", "milestones", "alerts")


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


def read_scenario(
    path: str | Path,
    *,
    settings: Mapping[str, str] | None = None,
    root: str | Path | None = None,
    encoding: str | None = None,
) -> Scenario:
    """Read a scenario with its plan and inventories.

    Parameters
    ----------
    settings : mapping, optional
        Values that replace those of the files, by dotted key: ``{"measures.A19.penetration": "60 %"}``.
    root : path, optional
        Folder that files may not lead out of; found by itself otherwise.
    encoding : str, optional
        Encoding of tables that do not tell theirs.

    Raises
    ------
    InputError
        Every fault of every file.
    """
    return load_scenario(Path(path), settings or {}, root, encoding)[0]


def load_scenario(
    path: Path, settings: Mapping[str, str], root: str | Path | None = None, encoding: str | None = None
) -> tuple[Scenario, Folder]:
    """Read a scenario and return it with the files it was read from."""
    issues, folder = Issues(), Folder.around(path, root)
    tree = _extended(path, folder, issues, ())
    of_plan = {key: value for key, value in settings.items() if key.split(".")[0] in _PLAN_KEYS or key[:5] == "plan."}
    for key, value in settings.items():
        if tree is not None and key not in of_plan:
            if key == "extends":
                issues.error(
                    "--set", 0, key, "a scenario is extended before values are set", "name the other scenario file"
                )
            set_value(tree, key, value, issues)
    if tree is None:
        raise InputError(issues.errors, issues.warnings)
    document = validation.validate(ScenarioDocument, tree, issues) or validation.salvage(ScenarioDocument, tree)
    places = documents.places(tree, "scenario")
    plan_path = _named(tree, ("plan",), folder, issues)
    plan = load_plan(plan_path, folder, issues, of_plan) if plan_path else None
    _named(tree, ("air_quality", "observed"), folder, issues)
    inventories = _inventories(tree, folder, issues, encoding)
    if plan is None or plan.plan is None or document is None:
        raise InputError(issues.errors, issues.warnings)
    _check_together(document, plan, inventories, places, issues)
    files, base = tuple(sorted(folder.files)), inventories.get(plan.plan.base_year)
    scenario = Scenario(document, plan.plan, inventories, plan.places, places, files, tuple(issues.warnings))
    if base is not None:
        selection = Selection(base, inventories.values(), plan.places, issues)
        for target in plan.plan.targets:
            if target.select is not None:
                selection.sources({("plan", "targets", target.id, "select"): target.select})
    if issues.errors and base is not None:
        # All faults at once: what is right so far is compiled to find those that only show there.
        diagnose(base, scenario, issues)
    issues.raise_if_any()
    return scenario, folder


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """A plan, or what is right of one with faults; where its parts stand; and the ids of all its measures."""

    plan: Plan | None
    places: Places
    ids: frozenset[str]


def load_plan(path: Path, folder: Folder, issues: Issues, settings: Mapping[str, str]) -> LoadedPlan | None:
    """Read a plan and note its faults; None when it is no document at all."""
    folder.read(path)
    tree = documents.read_document(path, folder.shown(path), issues)
    if tree is None:
        return None
    for key, value in settings.items():
        set_value(tree, key.removeprefix("plan."), value, issues)
    plan = validation.validate(Plan, tree, issues) or validation.salvage(Plan, tree)
    listed = tree.value.get("measures") if isinstance(tree.value, dict) else None
    items = listed.value if listed is not None and isinstance(listed.value, list) else []
    ids = frozenset(str(one.value["id"].value) for one in items if isinstance(one.value, dict) and "id" in one.value)
    return LoadedPlan(plan, documents.places(tree, "plan"), ids)


# -- extends ---------------------------------------------------------------------------------------------------------


def _extended(path: Path, folder: Folder, issues: Issues, above: tuple[Path, ...]) -> Tree | None:
    """Read a scenario and lay it over the one it extends: mappings merge key by key, all else is replaced."""
    shown = folder.shown(path)
    if path.resolve() in above:
        issues.error(shown, 0, "extends", "extends itself", "name another scenario, or leave `extends` out")
        return None
    folder.read(path)
    tree = documents.read_document(path, shown, issues)
    if tree is None or not isinstance(tree.value, dict):
        if tree is not None:
            issues.error(shown, tree.line, "", "expected a mapping", "start with emis: scenario/1")
        return None
    kind = tree.value.get("emis")
    if kind is not None and str(kind.value).split("/")[0] in ("plan", "inventory"):
        found = str(kind.value).split("/")[0]
        issues.error(
            shown,
            kind.line,
            "emis",
            f"is a{'n' if found[0] == 'i' else ''} {found}, not a scenario",
            "name a scenario file",
        )
        return None
    name = tree.value.get("extends")
    if name is None:
        return tree
    if not isinstance(name.value, str):
        issues.error(
            shown, name.line, "extends", f"expected a file, found {name.value!r}", "write e.g. extends: full.yaml"
        )
        return None
    base_path = folder.resolve(path, name.value, name.line, "extends", issues)
    base = _extended(base_path, folder, issues, (*above, path.resolve())) if base_path else None
    if base is None:
        return None
    if "name" not in tree.value:
        # Its result is its own: the name of what it extends would put it in that one's place.
        tree.value["name"] = Tree(path.stem, shown, name.line)
    return _laid_over(base, tree)


def _laid_over(base: Tree, top: Tree) -> Tree:
    if not (isinstance(base.value, dict) and isinstance(top.value, dict)):
        return top
    merged = {key: _laid_over(base.value[key], item) if key in base.value else item for key, item in top.value.items()}
    kept = {key: item for key, item in base.value.items() if key not in merged}
    lines = {**base.keys, **top.keys}
    return Tree({**kept, **merged}, top.file, top.line, lines)


# -- together --------------------------------------------------------------------------------------------------------


def _named(tree: Tree, keys: Sequence[Any], folder: Folder, issues: Issues) -> Path | None:
    """Return the file a value of the scenario names, relative to the file that value stands in."""
    here, line = tree, 0
    for key in keys:
        if not isinstance(here.value, dict) or key not in here.value:
            return None
        line, here = here.keys.get(key, 0), here.value[key]
    if not isinstance(here.value, str):
        return None
    base = next((path for shown, path in folder.files.items() if shown == here.file), None)
    if base is None:  # from the command line: relative to the scenario
        base = next(iter(folder.files.values()))
    dotted = ".".join(str(key) for key in keys)
    path = folder.resolve(base, here.value, line, dotted, issues)
    if path is not None and not path.exists():
        issues.error(here.file, line, dotted, f"{here.value!r} is not there", beside(path))
        return None
    return path


def _inventories(tree: Tree, folder: Folder, issues: Issues, encoding: str | None) -> dict[int, Inventory]:
    found: dict[int, Inventory] = {}
    listed = tree.value.get("inventories") if isinstance(tree.value, dict) else None
    if listed is None or not isinstance(listed.value, dict):
        return found
    for year in listed.value:
        path = _named(tree, ("inventories", year), folder, issues)
        if path is None or not isinstance(year, int):
            continue
        inventory = load_inventory(path, folder, issues, encoding, year)
        if inventory is not None:
            found[year] = inventory if inventory.base_year == year else replace(inventory, base_year=year)
    return dict(sorted(found.items()))


def _check_together(
    document: ScenarioDocument,
    loaded: LoadedPlan,
    inventories: Mapping[int, Inventory],
    places: Places,
    issues: Issues,
) -> None:
    """Check the scenario against its plan: years and inventories, ids in omit and implementation."""
    plan = loaded.plan
    assert plan is not None

    def fault(path: tuple[str | int, ...], message: str, hint: str, where: Places = places) -> None:
        issues.error(*where.at(path), ".".join(str(key) for key in path[1:]), message, hint)

    def warn(target: Target, key: str, message: str, hint: str) -> None:
        issues.warn(*loaded.places.at(("plan", "targets", target.id, key)), f"targets.{target.id}.{key}", message, hint)

    named = set(document.inventories)
    if plan.base_year not in named:
        fault(
            ("scenario", "inventories"),
            f"there is none of the plan's base year {plan.base_year}",
            "name the inventory the plan starts from",
        )
    for year in sorted(named):
        if year > plan.base_year:
            fault(
                ("scenario", "inventories", year),
                f"{year} is later than the plan's base year {plan.base_year}",
                "later years are projected: leave it out",
            )
    for number, year in enumerate(document.years):
        if year < plan.base_year and year not in named:
            fault(
                ("scenario", "years", number),
                f"{year} is before the plan's base year {plan.base_year} and has no inventory",
                "add its inventory, or leave the year out",
            )
    pollutants = {name for inventory in inventories.values() for name in inventory.pollutants}
    for target in plan.targets:
        if target.indicator != "emissions":
            continue
        if target.since is not None and target.since not in named:
            path = ("plan", "targets", target.id, "since")
            hint = "name it in the scenario's inventories"
            fault(path, f"there is no inventory of {target.since}", hint, loaded.places)
        if target.by is not None and target.by not in document.years and target.by not in named:
            warn(target, "by", f"{target.by} is not among the scenario's years", "the target is undetermined")
        if target.pollutant not in pollutants and pollutants:
            warn(target, "pollutant", f"{target.pollutant} is in no inventory", "the target is undetermined")
    for name in document.implementation:
        if name != "default" and name not in loaded.ids:
            fault(
                ("scenario", "implementation", name),
                f"the plan has no measure {name!r}",
                _suggest_id(name, {*loaded.ids, "default"}),
            )
    for number, name in enumerate(document.omit):
        if not any(fnmatch.fnmatchcase(measure, name) for measure in loaded.ids):
            fault(("scenario", "omit", number), f"the plan has no measure {name!r}", _suggest_id(name, loaded.ids))


def _suggest_id(name: str, ids: Set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(ids), n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else vocabulary.suggest(name, ids)
