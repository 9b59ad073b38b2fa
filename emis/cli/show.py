"""`emis show` and `emis compare`: what is in a file or a result, in words."""

import dataclasses
from pathlib import Path
from typing import Any

import click

from emis.cli.options import ENCODING, JSON, LANG
from emis.envelope import Outcome, print_warnings

__all__ = ["compare", "show"]


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--factors", is_flag=True, help="Show the factor tables of an inventory, with their references.")
@LANG
@JSON
@ENCODING
def show(path: Path, factors: bool, lang: Any, as_json: bool, encoding: str | None) -> None:
    """Summarise an inventory, a factor table, a plan, a scenario or a result at PATH."""
    from emis import console
    from emis.io.checks import kind_of

    out = console.console()
    kind = kind_of(path)
    if factors and kind not in ("inventory", "factors"):
        raise click.UsageError(f"--factors goes with an inventory or a factor table, and {path} is a {kind}")
    if kind == "options":
        raise click.UsageError(f"{path} is a file of options: emis check reads it, and emis solve chooses from it")
    if factors or kind == "factors":
        _show_factors(path, lang, as_json, encoding)
    if kind == "result":
        from emis.io.results import read_result

        found = read_result(path)
        if not as_json:
            from emis.showing_run import print_result

            print_result(out, found.run, found.verdicts, lang)
        raise Outcome(
            {"kind": kind, "run": found.run, "verdicts": [dataclasses.asdict(verdict) for verdict in found.verdicts]}
        )
    if kind in ("plan", "scenario"):
        from emis.io.plans import read_plan
        from emis.io.scenarios import read_scenario
        from emis.showing_plan import plan_as_dict, print_plan

        plan = read_plan(path) if kind == "plan" else read_scenario(path, encoding=encoding).plan
        if not as_json:
            print_plan(out, plan, lang)
        raise Outcome({"kind": kind, **plan_as_dict(plan)})
    from emis.digest import digest
    from emis.io.inventories import read_inventory
    from emis.showing import print_inventory

    inventory = read_inventory(path, encoding=encoding)
    known = digest(inventory)
    if not as_json:
        print_warnings(inventory.warnings)
        print_inventory(out, known, lang)
    facts = {"kind": kind, "name": inventory.name, "status": inventory.status, "base_year": inventory.base_year}
    totals = {
        sector: dict(zip(inventory.pollutants, inventory.total(sector).tolist(), strict=True))
        for sector in inventory.values("sector")
    }
    raise Outcome({**facts, "emissions [t/yr]": totals, **known.as_dict()}, 0, inventory.warnings)


def _show_factors(path: Path, lang: Any, as_json: bool, encoding: str | None) -> None:
    from emis import console
    from emis.io.factor_files import read_factors
    from emis.io.inventories import read_inventory
    from emis.showing import computed_factors, print_computed, print_factors

    tables = read_factors(path, encoding=encoding)
    inventory = read_inventory(path, encoding=encoding) if path.is_dir() or path.suffix in (".yaml", ".yml") else None
    if not as_json:
        print_factors(console.console(), tables, lang)
        if inventory is not None:
            print_computed(console.console(), inventory, lang)
    names = ("category", "fuel", "technology", "pollutant")
    result = [
        dict(zip(names, labels, strict=True)) | dataclasses.asdict(factor)
        for table in tables
        for *labels, factor in table.entries()
    ]
    computed = computed_factors(inventory) if inventory is not None else []
    raise Outcome({"kind": "factors", "factors": result, "computed": computed})


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--year", type=int, help="Year to compare.  [default: the last that all have]")
@click.option("--html", is_flag=True, help="Write the comparison as one self-contained page, too.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The page to write, with --html.  [default: comparison.html]",
)
@LANG
@JSON
def compare(
    results: tuple[Path, ...], year: int | None, html: bool, output: Path | None, lang: Any, as_json: bool
) -> None:
    """Compare RESULTS: emissions by sector and pollutant, and the verdicts, side by side."""
    if len(results) < 2:
        raise click.UsageError("name two results or more")
    if output is not None and not html:
        raise click.UsageError("-o goes with --html: it names the page")
    file = output or Path("comparison.html")
    if html:
        from emis.report.comparing import write_comparison

        found = write_comparison(results, file, year, lang)
    else:
        from emis.io.comparison import compare_results

        found = compare_results(results, year)
    if not as_json:
        from emis.console import console
        from emis.side_by_side import print_comparison

        print_comparison(console(), found.names, found.year, found.totals, found.told, lang)
        if html:
            click.echo(str(file))
    totals = [
        {"pollutant": pollutant, "sector": sector, "t": dict(zip(found.names, values, strict=True))}
        for (pollutant, sector), values in found.totals.items()
    ]
    verdicts = {target: dict(zip(found.names, cells, strict=True)) for target, cells in found.verdicts.items()}
    page = {"page": str(file)} if html else {}
    raise Outcome({"year": found.year, "emissions": totals, "verdicts": verdicts, **page})
