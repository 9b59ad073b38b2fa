"""What would close the gap of each missed target, and what each further step costs."""

from typing import Any

from emis.errors import InputError
from emis.scenario import Scenario
from emis.solver import closing
from emis.solver.solution import Solution

__all__ = ["remedies"]


def remedies(scenario: Scenario) -> dict[str, Any]:
    """Return what would reach each missed target by itself, and the curve of the first that has one.

    Returns
    -------
    dict
        `solutions`, as `Solution.as_dict` has them without measures at 0, `untold` with the reasons in both languages,
        and `curve` of a target.
    """
    inventory = scenario.inventories[scenario.plan.base_year]
    found: dict[str, Any] = {"untold": [], "solutions": [], "curve": None}
    try:
        missed, untold = closing.missed(inventory, scenario)
    except InputError as error:  # of what the scenario omits, or of an option
        said = "; ".join(issue.message for issue in error.issues)
        found["untold"] = [{"target": one.id, "en": said, "zh": said} for one in scenario.plan.targets]
        return found
    found["untold"] = [{"target": one.id, "en": gap.english, "zh": gap.chinese} for one, gap in untold]
    for target in missed:
        with_curve = found["curve"] is None and target.indicator == "emissions" and target.reduce_by is not None
        try:
            answer = closing.solve(inventory, scenario, (target.id,), with_curve=with_curve)
        except InputError as error:
            said = "; ".join(issue.message for issue in error.issues)
            found["untold"].append({"target": target.id, "en": said, "zh": said})
            continue
        if answer.curve:
            found["curve"] = {
                "target": target.id, "unit": answer.curve_unit, "minimised": answer.minimised, "money": answer.unit,
                "points": answer.as_dict()["curve"],
            }  # fmt: skip
        found["solutions"].append(_told(answer))
    return found


def _told(answer: Solution) -> dict[str, Any]:
    """Return an answer as data, without what is not chosen."""
    told = answer.as_dict()
    del told["curve"], told["curve_unit"]
    told["choices"] = [one for one in told["choices"] if one["level"] > 0]
    told["reach"] = None if answer.reach is None else {
        "steps": told["reach"]["steps"], "binding": [{"en": en, "zh": zh} for en, zh in answer.reach.binding],
    }  # fmt: skip
    return told
