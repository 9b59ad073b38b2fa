"""Files of options: read with all their faults, and held against the plan they go beyond."""

import fnmatch
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from emis import vocabulary
from emis.errors import Issues
from emis.io import documents, validation
from emis.io.folders import Folder
from emis.io.plans import LoadedPlan
from emis.options import Options
from emis.scenario import Scenario
from emis.schema import Places

__all__ = ["LoadedOptions", "check_exclusive", "check_options", "load_options", "with_taken"]


@dataclass(frozen=True, slots=True)
class LoadedOptions:
    """Options, or what is right of a file with faults, and where their parts stand."""

    options: Options
    places: Places


def load_options(path: Path, folder: Folder, issues: Issues) -> LoadedOptions | None:
    """Read a file of options and note its faults; None when it is no document at all."""
    folder.read(path)
    tree = documents.read_document(path, folder.shown(path), issues)
    if tree is None:
        return None
    found = validation.validate(Options, tree, issues) or validation.salvage(Options, tree)
    return None if found is None else LoadedOptions(found, documents.places(tree, "options"))


def check_options(loaded: LoadedOptions, ids: Collection[str], issues: Issues) -> None:
    """Note where options do not fit a plan with the measures `ids`."""
    options = loaded.options
    known = {*ids, *(measure.id for measure in options.measures)}

    def fault(keys: tuple[str | int, ...], message: str, hint: str) -> None:
        issues.error(*loaded.places.at(("options", *keys)), ".".join(map(str, keys)), message, hint)

    for measure in options.measures:
        if measure.id in ids:
            fault(("measures", measure.id, "id"), f"the plan has a measure {measure.id!r} too", "give it its own id")
    for number, group in enumerate(options.exclusive):
        for place, name in enumerate(group):
            if name not in known:
                found = f"neither the plan nor the options have a measure {name!r}"
                fault(("exclusive", number, place), found, vocabulary.suggest(name, known))
    for name in options.effort:
        if name != "default" and not any(fnmatch.fnmatchcase(one, name) for one in known):
            found = f"neither the plan nor the options have a measure {name!r}"
            fault(("effort", name), found, vocabulary.suggest(name, {*known, "default"}))


def check_exclusive(scenario: Scenario, issues: Issues) -> None:
    """Warn of measures that exclude each other and are put in place together."""
    in_plan = {measure.id for measure in scenario.plan.effects if not scenario.omits(measure.id)}
    for group in scenario.options.exclusive if scenario.options else ():
        both = [name for name in group if name in in_plan and scenario.implementation(name) > 0]
        if sum(scenario.implementation(name) for name in both) > 1 + 1e-9:
            found = f"{' and '.join(both)} exclude each other and are both in place"
            issues.warn(*scenario.places.at(("scenario",)), "", found, f"omit one of them, e.g. omit: [{both[-1]}]")


def with_taken(
    plan: LoadedPlan, loaded: LoadedOptions | None, take: Sequence[str], places: Places, issues: Issues
) -> LoadedPlan:
    """Return the plan with the options that a scenario takes, each known by the place it is written at."""
    assert plan.plan is not None
    options = loaded.options.measures if loaded else ()
    ids = {measure.id for measure in options}
    for number, name in enumerate(take):
        if not any(fnmatch.fnmatchcase(one, name) for one in ids):
            hint = vocabulary.suggest(name, ids) if ids else "name a file of options: options: options.yaml"
            place = places.at(("scenario", "take", number))
            issues.error(*place, f"take.{number}", f"there is no option {name!r}", hint)
    if loaded is None:
        return plan
    taken = tuple(one for one in options if any(fnmatch.fnmatchcase(one.id, name) for name in take))
    moved = {
        ("plan", *path[1:]): place
        for path, place in loaded.places.lines.items()
        if path[1:2] == ("measures",) and len(path) > 2 and isinstance(path[2], str) and path[2] in ids
    }
    return replace(
        plan,
        plan=plan.plan.model_copy(update={"measures": (*plan.plan.measures, *taken)}),
        places=Places({**plan.places.lines, **moved}),
        ids=plan.ids | {one.id for one in taken},
    )
