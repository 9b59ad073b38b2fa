"""A solution as a scenario file: what it extends, and how far each measure is implemented."""

import os
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from emis.io.outputs import write_output
from emis.solver.solution import Solution

__all__ = ["solution_document", "write_solution"]

#: How such a file begins.
_MARK = "# Written by emis solve."


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
    OutputError
        When there is a file that no earlier answer was written to, or it cannot be written.
    """
    document = solution_document(path, solution, scenario, options)
    yaml = YAML()
    yaml.width = 120
    stream = StringIO()
    stream.write(f"{_MARK}\n")
    yaml.dump(document, stream)
    write_output(path, stream.getvalue(), _MARK)


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
