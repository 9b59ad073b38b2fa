"""Validation of whatever stands at a path, with the findings about the inventories there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from emis.changes import changes
from emis.errors import EmisError, InfeasibleError, InputError, Issue, Issues
from emis.grid_settings import GridDocument
from emis.inventory import Inventory
from emis.io import documents
from emis.io.array_reading import is_store
from emis.io.factor_files import holds_factors, load_factors
from emis.io.factors import Factors, outlying
from emis.io.folders import Folder
from emis.io.inventories import InventoryDocument, load_inventory
from emis.io.mappings import MappingDocument, load_mapping
from emis.io.options import load_options
from emis.io.plans import load_plan
from emis.io.scenarios import load_scenario
from emis.options import Options
from emis.plan import Plan
from emis.plan_review import plan_findings
from emis.program import compile_program
from emis.quality import findings
from emis.scenario import ScenarioDocument
from emis.scenario_review import not_in_place, scenario_findings
from emis.stocks import Draw, draws

__all__ = ["Checked", "check_paths", "json_schema", "kind_of"]

_MODELS: dict[str, type[BaseModel]] = {
    "plan": Plan, "scenario": ScenarioDocument, "inventory": InventoryDocument, "options": Options,
    "grid": GridDocument, "mapping": MappingDocument,
}  # fmt: skip
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".parquet", ".pq")

Fault = tuple[type[EmisError], Issue]


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a plan, a scenario, an inventory, a file of options, a grid or a mapping."""
    found = _MODELS[kind].model_json_schema(by_alias=True, mode="validation")
    if kind == "scenario":
        # What a scenario extends may hold the rest.
        found["anyOf"] = [{"required": ["extends"]}, {"required": found.pop("required")}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"emis {kind}", **found}


def kind_of(path: Path) -> str:
    """Return what stands at a path: result, inventory, factors (a table of them), plan, scenario, options or mapping.

    Raises
    ------
    InputError
        When it is none of these.
    """
    if is_store(path):
        return "inventory"
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
                    "start with emis: plan/1, scenario/1, inventory/1, options/1 or mapping/1",
                )
            ]
        )
    return "factors" if holds_factors(path) else "inventory"


@dataclass(frozen=True)
class Checked:
    """What stands at a path, its warnings, and the inventories it holds or names.

    Of a scenario also the stocks that several measures draw on, and the measures that it does not put in place.
    """

    file: str
    kind: str
    warnings: list[Issue] = field(default_factory=list)
    inventories: tuple[Inventory, ...] = ()
    draws: tuple[Draw, ...] = ()
    not_in_place: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what was checked as data, inventories left out."""
        found: dict[str, Any] = {"file": self.file, "kind": self.kind}
        if self.kind == "scenario":
            found |= {"stocks": [draw.as_dict() for draw in self.draws], "not_in_place": list(self.not_in_place)}
        return found


def check_paths(
    paths: Iterable[Path], root: str | None, encoding: str | None
) -> tuple[list[Checked], list[Fault], list[Issue]]:
    """Check files and folders; return what was checked, its faults with their kind of error, and its warnings.

    The years of an area are compared too: those of a scenario, and those that are checked together.
    """
    checked: list[Checked] = []
    faults: dict[Fault, None] = {}
    warnings: dict[Issue, None] = {}
    for path in paths:
        for one in _found(path):
            try:
                found = _check(one, kind_of(one), root, encoding)
                warnings.update(dict.fromkeys(found.warnings))
                checked.append(found)
            except InputError as error:
                warnings.update(dict.fromkeys(error.warnings))
                faults.update(
                    dict.fromkeys(
                        (InfeasibleError if isinstance(error, InfeasibleError) else InputError, issue)
                        for issue in error.issues
                    )
                )
    alone = {one.file: one for found in checked for one in found.inventories}
    warnings.update(dict.fromkeys(changes(list(alone.values()))))
    return checked, list(faults), list(warnings)


def _found(path: Path) -> Iterator[Path]:
    """Yield what can be checked at a path: itself, or below it every inventory, plan and scenario."""
    if not path.is_dir() or is_store(path) or (path / "inventory.yaml").is_file() or (path / "run.json").is_file():
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


def _check(path: Path, kind: str, root: str | None, encoding: str | None) -> Checked:
    issues, folder, name = Issues(), Folder.around(path, root), str(path)
    if kind == "inventory":
        inventory = load_inventory(path, folder, issues, encoding)
        issues.raise_if_any()
        assert inventory is not None
        # Read for the second time, which repeats no warning.
        factors = load_factors(path, folder, Issues(), encoding) if _names_factors(path) else []
        return Checked(name, kind, [*issues.warnings, *findings(inventory), *_outlying(factors)], (inventory,))
    if kind == "factors":
        factors = load_factors(path, folder, issues, encoding)
        issues.raise_if_any()
        return Checked(name, kind, [*issues.warnings, *_outlying(factors)])
    if kind == "plan":
        loaded = load_plan(path, folder, issues, {})
        issues.raise_if_any()
        assert loaded is not None
        assert loaded.plan is not None
        return Checked(name, kind, [*issues.warnings, *plan_findings(loaded.plan, loaded.places)])
    if kind == "options":
        load_options(path, folder, issues)
        issues.raise_if_any()
        return Checked(name, kind, issues.warnings)
    if kind == "mapping":
        loaded_mapping = load_mapping(path, folder, issues)
        for at in range(len(loaded_mapping.document.tables) if loaded_mapping is not None else 0):
            assert loaded_mapping is not None
            loaded_mapping.file(at, folder, issues)
        issues.raise_if_any()
        return Checked(name, kind, issues.warnings)
    if kind == "scenario":
        scenario, _ = load_scenario(path, {}, root, encoding)
        program = compile_program(scenario.inventories[scenario.plan.base_year], scenario)
        inventories = tuple(scenario.inventories.values())
        warnings = [*scenario.warnings, *program.warnings, *changes(inventories), *scenario_findings(program)]
        return Checked(name, kind, warnings, inventories, tuple(draws(program)), tuple(not_in_place(program)))
    from emis.io.results import read_result

    read_result(path)
    return Checked(name, kind)


def _names_factors(path: Path) -> bool:
    return (path.is_dir() and not is_store(path)) or path.suffix.lower() in (".yaml", ".yml")


def _outlying(factors: list[Factors]) -> list[Issue]:
    return [issue for one in factors for issue in outlying(one)]
