"""`emis attribute`: which measure changes how much."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emis.cli.options import ENCODING, JSON, LANG, ROOT, SET, THREADS, all_warnings, changes
from emis.envelope import Outcome, print_warnings, progress

if TYPE_CHECKING:
    from emis.program import Program

__all__ = ["attribute"]


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--method",
    type=click.Choice(["shapley", "alone", "last", "all"]),
    default="all",
    show_default=True,
    help="Shapley share, alone, last in, or all three side by side.",
)
@click.option(
    "--by",
    type=click.Choice(["measure", "sector", "source"]),
    default="measure",
    show_default=True,
    help="In all, or apart by sector or source.",
)
@click.option(
    "--pollutant",
    "pollutants",
    multiple=True,
    help="Pollutant to tell of. Repeatable.  [default: those of the targets on emissions, else all; in FILE all]",
)
@click.option("--year", type=int, help="Year to tell of.  [default: the last; in FILE every year]")
@SET
@THREADS
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Table of all contributions, FILE.csv."
)
@LANG
@JSON
@ROOT
@ENCODING
def attribute(
    scenario: Path, method: Any, by: Any, pollutants: tuple[str, ...], year: int | None, settings: tuple[str, ...],
    threads: int, output: Path | None, lang: Any, as_json: bool, root: str | None, encoding: str | None,
) -> None:  # fmt: skip
    """Tell what each measure of a SCENARIO contributes, in t per year; negative is a reduction.

    Shapley shares are the mean of what a measure adds over every order in which the measures could come into place,
    exact and not sampled; they add up to what the plan changes. Alone: the measure against no plan. Last in: the plan
    against the plan without the measure. What those do not add up to is the interaction.
    """
    with progress(3) as step:
        step("reading")
        from emis.attribution import METHODS, balance, change, contributions, records
        from emis.io.result_writing import write_contributions
        from emis.io.scenarios import load_scenario
        from emis.program import compile_program

        found, _ = load_scenario(scenario, changes(settings), root, encoding)
        program = compile_program(found.inventories[found.plan.base_year], found)
        asked, shown = _pollutants(pollutants, program), _year(year, program)
        step("attributing")
        shares = contributions(program, threads, by=by, methods=METHODS if method == "all" else (method,))
        sums = balance(shares, change(program, threads))
        step("writing")
        if output is not None:
            chosen = shares.sel(pollutant=asked) if pollutants else shares
            write_contributions(output, chosen.sel(year=[year]) if year is not None else chosen)
    shares, sums = (one.sel(year=[shown], pollutant=asked) for one in (shares, sums))
    warnings = all_warnings(found.warnings, program.warnings)
    if not as_json:
        from emis.console import console
        from emis.showing_shares import print_shares

        print_warnings(warnings)
        print_shares(console(), program, shares, sums, lang)
        if output is not None:
            click.echo(output)
    totals = [
        {"pollutant": name, **{key: float(values.sel(pollutant=name).item()) for key, values in sums.data_vars.items()}}
        for name in asked
    ]
    result = {
        "scenario": found.name, "year": shown, "by": by, "contributions": list(records(shares)), "totals": totals,
        "file": str(output) if output is not None else None,
    }  # fmt: skip
    raise Outcome(result, 0, warnings)


def _pollutants(given: tuple[str, ...], program: "Program") -> list[str]:
    """Return the pollutants to tell of, by their names in the inventory."""
    from emis.vocabulary import POLLUTANT_ALIASES

    known = program.inventory.pollutants
    names = [POLLUTANT_ALIASES.get(name, name) for name in given]
    for name in names:
        if name not in known:
            message = f"{name} is not among the inventory's pollutants: {', '.join(known)}"
            raise click.BadParameter(message, param_hint="--pollutant")
    targets = (one.pollutant for one in program.scenario.plan.targets if one.indicator == "emissions")
    return list(dict.fromkeys(names or [name for name in targets if name in known] or known))


def _year(given: int | None, program: "Program") -> int:
    from emis.errors import InputError, Issue

    if not program.years:
        base = program.scenario.plan.base_year
        message = f"has no year after the plan's base year {base}, so no measure acts"
        raise InputError([Issue(program.scenario.name, 0, "years", message, f"add years after {base}")])
    if given is not None and given not in program.years:
        years = ", ".join(map(str, program.years))
        raise click.BadParameter(f"{given} is none of the years in which measures act: {years}", param_hint="--year")
    return program.years[-1] if given is None else given
