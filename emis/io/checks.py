"""Validation of whatever stands at a path, and findings about it: what is not wrong in form and cannot be right."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from emis.errors import EmisError, InfeasibleError, InputError, Issue, Issues
from emis.inventory import Inventory
from emis.io import documents
from emis.io.folders import Folder
from emis.io.inventories import InventoryDocument, load_inventory
from emis.io.plans import load_plan
from emis.io.scenarios import load_scenario
from emis.plan import Plan
from emis.program import compile_program
from emis.scenario import ScenarioDocument

__all__ = ["check_paths", "findings", "json_schema", "kind_of"]

_MODELS: dict[str, type[BaseModel]] = {"plan": Plan, "scenario": ScenarioDocument, "inventory": InventoryDocument}
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".parquet", ".pq")

#: Pairs of which the first is a part of the second.
_PARTS = ((("PM2.5",), "PM10"), (("PM10",), "TSP"), (("BC", "OC"), "PM2.5"))

Fault = tuple[type[EmisError], Issue]


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a plan, a scenario or an inventory file."""
    found = _MODELS[kind].model_json_schema(by_alias=True, mode="validation")
    if kind == "scenario":
        # What a scenario extends may hold the rest.
        found["anyOf"] = [{"required": ["extends"]}, {"required": found.pop("required")}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"emis {kind}", **found}


def kind_of(path: Path) -> str:
    """Return what stands at a path: result, inventory, plan or scenario.

    Raises
    ------
    InputError
        When it is none of these.
    """
    if path.is_dir():
        if (path / "run.json").is_file():
            return "result"
        if (path / "inventory.yaml").is_file():
            return "inventory"
        raise InputError(
            [
                Issue(
                    str(path),
                    0,
                    "",
                    "is a folder with neither run.json nor inventory.yaml",
                    "name an inventory, a plan, a scenario or a result",
                )
            ]
        )
    if path.suffix.lower() in (".yaml", ".yml"):
        issues = Issues()
        tree = documents.read_document(path, str(path), issues)
        issues.raise_if_any()
        assert tree is not None
        first = tree.value.get("emis") if isinstance(tree.value, dict) else None
        kind = str(first.value).split("/")[0] if first else ""
        if kind in _MODELS:
            return kind
        raise InputError(
            [
                Issue(
                    str(path),
                    first.line if first else 1,
                    "emis",
                    "does not say what it is",
                    "start with emis: plan/1, scenario/1 or inventory/1",
                )
            ]
        )
    return "inventory"


def check_paths(
    paths: Iterable[Path], root: str | None, encoding: str | None
) -> tuple[list[tuple[str, str]], list[Fault], list[Issue]]:
    """Check files and folders; return what was checked, its faults with their kind of error, and its warnings."""
    checked: list[tuple[str, str]] = []
    faults: dict[Fault, None] = {}
    warnings: dict[Issue, None] = {}
    for path in paths:
        for one in _found(path):
            try:
                kind = kind_of(one)
                warnings.update(dict.fromkeys(_check(one, kind, root, encoding)))
                checked.append((str(one), kind))
            except InputError as error:
                warnings.update(dict.fromkeys(error.warnings))
                faults.update(
                    dict.fromkeys(
                        (InfeasibleError if isinstance(error, InfeasibleError) else InputError, issue)
                        for issue in error.issues
                    )
                )
    return checked, list(faults), list(warnings)


def _found(path: Path) -> Iterator[Path]:
    """Yield what can be checked at a path: itself, or below it every inventory, plan and scenario."""
    if not path.is_dir() or (path / "inventory.yaml").is_file() or (path / "run.json").is_file():
        yield path
        return
    below = sorted(
        item
        for item in path.rglob("*.y*ml")
        if item.suffix in (".yaml", ".yml") and not any(part.startswith(".") for part in item.relative_to(path).parts)
    )
    found = [item.parent if item.name == "inventory.yaml" else item for item in below]
    if not found:
        found = sorted(item for item in path.iterdir() if item.suffix.lower() in _TABLES)
    if not found:
        raise InputError(
            [Issue(str(path), 0, "", "holds nothing that can be checked", "name inventories, plans or scenarios")]
        )
    yield from found


def _check(path: Path, kind: str, root: str | None, encoding: str | None) -> list[Issue]:
    if kind == "inventory":
        issues = Issues()
        inventory = load_inventory(path, Folder.around(path, root), issues, encoding)
        issues.raise_if_any()
        assert inventory is not None
        return [*issues.warnings, *findings(inventory)]
    if kind == "plan":
        issues = Issues()
        load_plan(path, Folder.around(path, root), issues, {})
        issues.raise_if_any()
        return issues.warnings
    if kind == "scenario":
        scenario, _ = load_scenario(path, {}, root, encoding)
        program = compile_program(scenario.inventories[scenario.plan.base_year], scenario)
        return [*scenario.warnings, *program.warnings]
    from emis.io.results import read_result

    read_result(path)
    return []


def findings(inventory: Inventory) -> list[Issue]:
    """Return what cannot be right in an inventory that is well-formed: a part larger than its whole."""
    found: list[Issue] = []
    for parts, whole in _PARTS:
        if whole not in inventory.pollutants or any(part not in inventory.pollutants for part in parts):
            continue
        summed = sum(inventory.factor[:, inventory.pollutants.index(part)] for part in parts)
        limit = inventory.factor[:, inventory.pollutants.index(whole)]
        for source in np.flatnonzero(summed > limit * (1 + 1e-9)):
            file, line = inventory.place(int(source))
            name = inventory.labels["source"][source]
            found.append(
                Issue(
                    file,
                    line,
                    " + ".join(parts),
                    f"{name}: {' + '.join(parts)} is more than {whole}",
                    "check the factors: a part cannot exceed its whole",
                )
            )
    return found
