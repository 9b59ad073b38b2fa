"""emis tells whether a clean-air plan adds up: inventories, a plan and a scenario in, verdicts out.

>>> import emis
>>> scenario = emis.read_scenario("scenarios/mentougou/full.yaml")
>>> projection = emis.project(scenario.inventories[2017], scenario)
>>> emis.assess(projection, scenario.plan.targets)
"""

import importlib
from typing import TYPE_CHECKING, Any

from emis._version import __version__
from emis.errors import EmisError, InfeasibleError, InputError, Issue

if TYPE_CHECKING:
    from emis.alerts import alert_days
    from emis.ambient.results import Ambient, ambient_air
    from emis.assessment import Verdict, Verdicts, assess
    from emis.attribution import attribute, contributions, interaction
    from emis.explanation.asking import explain
    from emis.explanation.tree import Explanation
    from emis.interchange.conversion import Conversion, convert
    from emis.inventory import Inventory
    from emis.io.inventories import read_inventory
    from emis.io.plans import read_plan
    from emis.io.result_writing import write_result
    from emis.io.results import read_result
    from emis.io.scenarios import read_scenario
    from emis.likelihood import Sample, sample
    from emis.measures import Measure
    from emis.phasing import PhaseIn
    from emis.plan import Alert, Milestone, Plan, Target
    from emis.program import Program, compile_program
    from emis.progress import Observation, Progress, Standing, standings
    from emis.projection import Projection, project
    from emis.scenario import Driver, Scenario
    from emis.selectors import Selector
    from emis.solver.closing import solve
    from emis.solver.solution import Solution

#: Where each name lives; imported when it is asked for, so that `emis --help` loads no numpy.
_HOMES = {
    "alert_days": "alerts",
    "ambient_air": "ambient.results", "Ambient": "ambient.results",
    "assess": "assessment", "Verdict": "assessment", "Verdicts": "assessment",
    "attribute": "attribution", "contributions": "attribution", "interaction": "attribution",
    "convert": "interchange.conversion", "Conversion": "interchange.conversion",
    "explain": "explanation.asking", "Explanation": "explanation.tree",
    "Inventory": "inventory", "read_inventory": "io.inventories",
    "read_plan": "io.plans", "read_scenario": "io.scenarios",
    "read_result": "io.results", "write_result": "io.result_writing",
    "Measure": "measures", "PhaseIn": "phasing", "Selector": "selectors",
    "Alert": "plan", "Milestone": "plan", "Plan": "plan", "Target": "plan",
    "Observation": "progress", "Progress": "progress", "Standing": "progress", "standings": "progress",
    "Program": "program", "compile_program": "program",
    "Projection": "projection", "project": "projection",
    "Driver": "scenario", "Scenario": "scenario",
    "sample": "likelihood", "Sample": "likelihood",
    "solve": "solver.closing", "Solution": "solver.solution",
}  # fmt: skip

__all__ = [
    "Alert",
    "Ambient",
    "Conversion",
    "Driver",
    "EmisError",
    "Explanation",
    "InfeasibleError",
    "InputError",
    "Inventory",
    "Issue",
    "Measure",
    "Milestone",
    "Observation",
    "PhaseIn",
    "Plan",
    "Program",
    "Progress",
    "Projection",
    "Sample",
    "Scenario",
    "Selector",
    "Solution",
    "Standing",
    "Target",
    "Verdict",
    "Verdicts",
    "__version__",
    "alert_days",
    "ambient_air",
    "assess",
    "attribute",
    "compile_program",
    "contributions",
    "convert",
    "explain",
    "interaction",
    "project",
    "read_inventory",
    "read_plan",
    "read_result",
    "read_scenario",
    "sample",
    "solve",
    "standings",
    "write_result",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'emis' has no attribute {name!r}")
    return getattr(importlib.import_module(f"emis.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
