"""`emis solve`: which measures, and how far, reach the targets at the least cost or effort."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emis.cli.options import ENCODING, JSON, LANG, ROOT, SAMPLES, SEED, SET, all_warnings, changes
from emis.envelope import Outcome, print_warnings, progress

if TYPE_CHECKING:
    from emis.scenario import Scenario
    from emis.solver.solution import Solution

__all__ = ["solve"]


def _share(_context: click.Context, _parameter: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    from emis.units import UnitError, share

    try:
        found = share(text)
    except UnitError as error:
        raise click.BadParameter(str(error)) from None
    if not 0 < found < 1:
        raise click.BadParameter(f"{text} is not between 0 and 100 %; write e.g. 90%")
    return found


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--target", "targets", multiple=True, metavar="ID", help="Target to reach; several are reached together.")
@click.option(
    "--minimise",
    type=click.Choice(["cost", "effort"]),
    help="Annual cost, or effort as the options weigh it.  [default: cost where every measure states one]",
)
@click.option("--on-off", is_flag=True, help="Take a measure whole or not at all; the answer is proven.")
@click.option(
    "--options", "beyond", type=click.Path(path_type=Path), help="Measures beyond the plan, instead of the scenario's."
)
@click.option("--probability", callback=_share, metavar="SHARE", help="How likely the targets are reached, e.g. 90%.")
@click.option("--curve", is_flag=True, help="Tell the price of reductions from 5 to 50 %, and of each further step.")
@click.option("--keep", multiple=True, metavar="MEASURE", help="Measure, or glob, that stays as the scenario has it.")
@click.option("--without", multiple=True, metavar="MEASURE", help="Measure, or glob, that is left out.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write a scenario file that reproduces it.")
@SET
@SAMPLES
@SEED
@LANG
@JSON
@ROOT
@ENCODING
def solve(
    scenario: Path, targets: tuple[str, ...], minimise: Any, on_off: bool, beyond: Path | None,
    probability: float | None, curve: bool, keep: tuple[str, ...], without: tuple[str, ...], output: Path | None,
    settings: tuple[str, ...], samples: int | None, seed: int | None, lang: Any, as_json: bool, root: str | None,
    encoding: str | None,
) -> None:  # fmt: skip
    """Find the implementation of measures that reaches targets of a SCENARIO at the least cost or effort.

    To be chosen are the measures of the plan, those that the scenario omits, and its options, each at its own phase-in.
    Without --target every target that the scenario misses is solved for by itself. A target that cannot be reached is
    an answer: what is reachable, and what stands in the way.
    """
    changed = changes(settings, samples=samples, seed=seed)
    if curve and len(targets) != 1:
        raise click.UsageError("--curve goes with one --target")
    targets = tuple(dict.fromkeys(targets))
    if output is not None and (settings or not targets):
        raise click.UsageError(
            "-o goes with --target and without --set: write a scenario with those values, and solve it"
        )
    if both := sorted(set(keep) & set(without)):
        raise click.UsageError(f"{', '.join(both)} is to be kept and to be left out")
    with progress(2) as step:
        step("reading")
        from emis.io.scenarios import load_scenario
        from emis.solver import closing

        found, _ = load_scenario(scenario, changed, root, encoding, None, beyond)
        inventory = found.inventories[found.plan.base_year]
        step("solving")
        wanted, untold = ((targets,), ()) if targets else _each(found)
        answers = [
            closing.solve(
                inventory, found, names, minimise=minimise, on_off=on_off, keep=keep, without=without,
                probability=probability, with_curve=curve,
            )
            for names in wanted
        ]  # fmt: skip
    if output is not None:
        from emis.io.solutions import write_solution

        write_solution(output, answers[0], scenario, beyond)
    _end(found, answers, untold, output, lang, as_json)


def _each(found: "Scenario") -> tuple[tuple[tuple[str, ...], ...], Any]:
    """Return the missed targets, each by itself, and those that cannot be solved for."""
    from emis.solver import closing

    missed, untold = closing.missed(found.inventories[found.plan.base_year], found)
    return tuple((target.id,) for target in missed), untold


def _end(
    found: "Scenario", answers: list["Solution"], untold: Any, output: Path | None, lang: Any, as_json: bool
) -> None:
    warnings = all_warnings(found.warnings)
    if not as_json:
        from emis import console
        from emis.showing_solution import print_answers, print_solution, print_untold

        print_warnings(warnings)
        out = console.console()
        for one in answers:
            print_solution(out, one, lang)
        if len(answers) > 1:
            print_answers(out, answers, lang)
        print_untold(out, untold, lang)
        if not answers:
            out.print("没有未达到的目标" if lang == "zh" else "no target that can be solved for is missed")
        if output is not None:
            out.print(str(output), soft_wrap=True)
    unsolved = [{"target": target.id, "reason": gap.chinese if lang == "zh" else gap.english} for target, gap in untold]
    result = {
        "scenario": found.name,
        "solutions": [one.as_dict() for one in answers],
        "not_solved": unsolved,
        "file": None if output is None else str(output),
    }
    raise Outcome(result, 0, warnings)
