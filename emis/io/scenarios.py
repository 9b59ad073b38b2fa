"""Plans and scenarios: read with all their faults at once, `extends` followed, `--set` applied before validation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emis.alerts import diagnose_alerts
from emis.errors import InputError, Issues
from emis.inventory import Inventory
from emis.io import documents, validation
from emis.io.agreement import check_agreement
from emis.io.air import check_air, few_samples, load_air
from emis.io.documents import Tree
from emis.io.folders import Folder, beside
from emis.io.inventories import load_inventory
from emis.io.options import LoadedOptions, check_exclusive, check_options, load_options, with_taken
from emis.io.plans import load_plan
from emis.io.progress import with_progress
from emis.io.settings import set_value
from emis.program import diagnose
from emis.scenario import Scenario, ScenarioDocument

__all__ = ["Reader", "load_scenario", "read_scenario"]

_PLAN_KEYS = ("measures", "targets", "milestones", "alerts")
#: Reads the inventory of a year at a path, given the project's folder, faults, encoding, and the documents that ask.
Reader = Callable[[Path, Folder, Issues, str | None, int, tuple[Any, ...]], Inventory | None]

#: What a file says it is when it is no scenario.
_OTHERS = {"plan": "a plan", "inventory": "an inventory", "options": "a file of options"}


def read_scenario(
    path: str | Path,
    *,
    settings: Mapping[str, str] | None = None,
    root: str | Path | None = None,
    encoding: str | None = None,
    progress: str | Path | None = None,
    options: str | Path | None = None,
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
    progress : path, optional
        Observed milestones, which replace the planned phase-in of their measures up to the last observation.
    options : path, optional
        File of options, instead of the one that the scenario names.

    Raises
    ------
    InputError
        Every fault of every file.
    """
    observed, beyond = (None if one is None else Path(one) for one in (progress, options))
    return load_scenario(Path(path), settings or {}, root, encoding, observed, beyond)[0]


def load_scenario(
    path: Path,
    settings: Mapping[str, str],
    root: str | Path | None = None,
    encoding: str | None = None,
    progress: Path | None = None,
    beyond: Path | None = None,
    read: Reader | None = None,
) -> tuple[Scenario, Folder]:
    """Read a scenario and return it with the files it was read from.

    Parameters
    ----------
    read : callable, optional
        Reads an inventory in place of `load_inventory`, knowing the documents that will be asked of it.
    """
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
    options = _options(tree, beyond, folder, issues) if read else None
    known = (document, plan.plan if plan else None, options.options if options else None)
    inventories = _inventories(tree, folder, issues, encoding, read, known)
    air = None
    if document is not None and document.air_quality is not None:
        air = load_air(document.air_quality, lambda keys: _named(tree, keys, folder, issues), folder, issues, encoding)
    if plan is None or plan.plan is None or document is None:
        raise InputError(issues.errors, issues.warnings)
    options = options if read else _options(tree, beyond, folder, issues)
    if options is not None:
        check_options(options, plan.ids, issues)
    plan = with_taken(plan, options, document.take, places, issues)
    assert plan.plan is not None
    check_agreement(document, plan, inventories, places, issues)
    if document.air_quality is not None:
        check_air(document.air_quality, plan.plan, air, places, plan.places, issues)
        few_samples(document.uncertainty.samples, places, issues)
    files, base = tuple(sorted(folder.files)), inventories.get(plan.plan.base_year)
    scenario = Scenario(
        document, plan.plan, inventories, plan.places, places, files, tuple(issues.warnings), None, air,
        options.options if options else None,
    )  # fmt: skip
    check_exclusive(scenario, issues)
    if base is not None and plan.alerts_whole:
        diagnose_alerts(base, scenario, issues)
        scenario = replace(scenario, warnings=tuple(issues.warnings))
    if progress is not None:
        scenario = with_progress(scenario, progress, folder, issues, encoding)
    if issues.errors and base is not None:
        # All faults at once: what is right so far is compiled to find those that only show there.
        diagnose(base, scenario, issues)
    issues.raise_if_any()
    return scenario, folder


# -- extends ---------------------------------------------------------------------------------------------------------


def _extended(path: Path, folder: Folder, issues: Issues, above: tuple[Path, ...]) -> Tree | None:
    """Read a scenario and lay it over the one it extends: mappings merge key by key, all else is replaced.

    What a neighbour does to a precursor is replaced too: a range goes with its change.
    """
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
    found = _OTHERS.get(str(kind.value).split("/")[0]) if kind is not None else None
    if kind is not None and found is not None:
        issues.error(shown, kind.line, "emis", f"is {found}, not a scenario", "name a scenario file")
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


#: Under these keys, an area and a precursor stands what is one statement and does not merge.
_OUTSIDE = ("air_quality", "outside")


def _laid_over(base: Tree, top: Tree, path: tuple[Any, ...] = ()) -> Tree:
    whole = path[:2] == _OUTSIDE and len(path) == 4
    if whole or not (isinstance(base.value, dict) and isinstance(top.value, dict)):
        return top
    merged = {
        key: _laid_over(base.value[key], item, (*path, key)) if key in base.value else item
        for key, item in top.value.items()
    }
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


def _options(tree: Tree, beyond: Path | None, folder: Folder, issues: Issues) -> LoadedOptions | None:
    path = beyond or _named(tree, ("options",), folder, issues)
    return load_options(path, folder, issues) if path else None


def _inventories(
    tree: Tree, folder: Folder, issues: Issues, encoding: str | None, read: Reader | None, known: tuple[Any, ...]
) -> dict[int, Inventory]:
    found: dict[int, Inventory] = {}
    listed = tree.value.get("inventories") if isinstance(tree.value, dict) else None
    if listed is None or not isinstance(listed.value, dict):
        return found
    for year in listed.value:
        path = _named(tree, ("inventories", year), folder, issues)
        if path is None or not isinstance(year, int):
            continue
        if read is None:
            inventory = load_inventory(path, folder, issues, encoding, year)
        else:
            inventory = read(path, folder, issues, encoding, year, known)
        if inventory is not None:
            found[year] = inventory if inventory.base_year == year else replace(inventory, base_year=year)
    return dict(sorted(found.items()))
