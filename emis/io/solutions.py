"""A solution as a scenario file: what it extends, and how far each measure is implemented."""

import os
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from emis.errors import InputError, Issue
from emis.solver.solution import Solution

__all__ = ["solution_document", "write_solution"]


def write_solution(path: Path, solution: Solution, scenario: Path, options: Path | None = None) -> None:
    """Write the scenario file that reproduces a solution with `emis run`.

    Parameters
    ----------
    scenario : path
        The file that was asked about, which the new one extends.
    options : path, optional
        The file of options, where it is not the one that `scenario` names.

    Raises
    ------
    InputError
        When the file would be the one that was asked about, or cannot be written.
    """
    if path.resolve() == scenario.resolve():
        raise InputError([Issue(str(path), 0, "", "is the scenario that was asked about", "name another file")])
    document = solution_document(path, solution, scenario, options)
    yaml = YAML()
    yaml.width = 120
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as stream:
            yaml.dump(document, stream)
    except OSError as error:
        raise InputError([Issue(str(path), 0, "", f"cannot be written: {error.strerror or error}")]) from None


def solution_document(path: Path, solution: Solution, scenario: Path, options: Path | None = None) -> dict[str, Any]:
    """Return what is written: measures that are not implemented are left out, alerts stay as they are."""
    given = solution.scenario
    chosen = [one for one in solution.choices if one.level > 0]
    taken = {measure.id for measure in (given.options.measures if given.options else ())}
    of_alerts = [
        one.id
        for alert in given.plan.alerts
        for _, one in alert.own
        if one.kind == "effect" and not given.omits(one.id)
    ]
    ids = ", ".join(target.id for target in solution.targets)
    price = f"{solution.minimised} {solution.price:.6g} {solution.unit}".strip()
    ends = "reaches {} at the least" if solution.reached else "does not reach {}, and comes nearest with"
    document: dict[str, Any] = {"emis": "scenario/1", "extends": _relative(scenario, path), "name": path.stem}
    if options is not None:
        document["options"] = _relative(options, path)
    names = [one.measure for one in chosen] + of_alerts
    document |= {
        "title": {"zh": f"求解：{ids}", "en": f"Solved for {ids}"},
        "note": f"Found by emis solve: {ends.format(ids)} {price}.",
        "take": [one.measure for one in chosen if one.measure in taken],
        "omit": [] if names else ["*"],
        "on_shortfall": "implemented",
        "implementation": {one.measure: f"{100 * one.level:.15g} %" for one in chosen},
    }
    if names:
        document["only"] = names
    return document


def _relative(file: Path, beside: Path) -> str:
    return Path(os.path.relpath(file.resolve(), beside.resolve().parent)).as_posix()
