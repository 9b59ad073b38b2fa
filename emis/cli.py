"""The command line: arguments and options. Heavy imports stand inside the commands.

Exit 0 done; 1 with --strict when a target is missed or undetermined; 2 usage; 3 input problems; 4 the plan promises
more than there is; 70 an error in emis itself; 130 interrupted.
"""

import dataclasses
import io
import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emis._version import __version__
from emis.envelope import Outcome, print_warnings, progress, run_command
from emis.errors import InfeasibleError, InputError, Issue

if TYPE_CHECKING:
    from emis.program import Program

__all__ = ["main"]

_LANG = click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of titles and tables."
)
_JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object: ok, code, errors, warnings, result."
)
_ROOT = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False),
    help="Folder that files may not lead out of, instead of the project's.",
)


def _known_encoding(_context: click.Context, _parameter: click.Parameter, name: str | None) -> str | None:
    try:
        if name is not None:
            b"emis".decode(name)
    except (LookupError, UnicodeError):
        raise click.BadParameter(f"{name!r} is no encoding; write e.g. gb18030") from None
    return name


_ENCODING = click.option(
    "--encoding", callback=_known_encoding, help="Encoding of CSV files that are not UTF-8, e.g. gb18030."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="emis")
def cli() -> None:
    """Tells whether a clean-air plan adds up.

    emis reads sector inventories, a plan (its measures and targets) and a scenario (what is assumed to happen), and
    answers with projected emissions, what each measure contributes, and a verdict on every target.

    \b
      emis init demo --example mentougou      copy the worked example
      emis run demo/scenarios/mentougou/full.yaml
      emis check demo/inventories demo/scenarios

    \b
    Exit codes: 0 done; 1 with --strict when a target is missed or undetermined;
    2 usage; 3 input problems; 4 the plan promises more than there is;
    70 an error in emis itself; 130 interrupted.
    """


@cli.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Result folder.  [default: results/<scenario name>]"
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Replace a value of scenario or plan, e.g. measures.A24-purifiers.penetration=60%. Repeatable.",
)
@click.option(
    "--progress",
    "observed",
    type=click.Path(path_type=Path),
    help="Table of observed milestones (milestone, date, observed): what has really been done, instead of the plan.",
)
@click.option(
    "--samples", type=click.IntRange(1, 10_000_000), help="Draws of what is uncertain, as uncertainty.samples."
)
@click.option("--seed", type=click.IntRange(0), help="Seed of the draws, as uncertainty.seed.")
@click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    default=1,
    show_default=True,
    help="Threads; the result is the same bits at any number.",
)
@click.option(
    "--format",
    "storage",
    type=click.Choice(["netcdf", "zarr"]),
    default="netcdf",
    show_default=True,
    help="How arrays are stored.",
)
@click.option(
    "--dry-run", is_flag=True, help="Say what would be read and which sources each measure matches; write nothing."
)
@click.option("--strict", is_flag=True, help="Exit 1 when a target is missed or undetermined.")
@_LANG
@_JSON
@_ROOT
@_ENCODING
def run(
    scenario: Path, output: Path | None, settings: tuple[str, ...], observed: Path | None, samples: int | None,
    seed: int | None, threads: int, storage: str, dry_run: bool, strict: bool, lang: Any, as_json: bool,
    root: str | None, encoding: str | None,
) -> None:  # fmt: skip
    """Project a SCENARIO file and test the plan's targets.

    Prints the verdict table, the largest contributions, what was not quantified, and where the results are: a folder
    with projection.nc, verdicts.csv, contributions.csv, ledger.csv, run.json, and alerts.csv when the plan has alerts;
    complete or absent.

    With --progress the verdicts are those under what has really been done: up to its last observation a milestone's
    measure is in place as far as was observed, and from then on it goes on at the plan's pace, or at the pace stated
    in the table. Where each milestone stands is printed, and written to progress.csv in the result folder.
    """
    changes = dict(_setting(text) for text in settings)
    if len(changes) < len(settings):
        raise click.BadParameter("a key is set twice", param_hint="--set")
    for key, value in (("uncertainty.samples", samples), ("uncertainty.seed", seed)):
        if value is not None and changes.setdefault(key, str(value)) != str(value):
            raise click.BadParameter(f"{key} is set to {changes[key]} too", param_hint=f"--{key.split('.')[1]}")
    with progress() as step:
        step("reading")
        from emis.io.results import replaced, write_result
        from emis.io.scenarios import load_scenario
        from emis.program import compile_program
        from emis.tracking import progress_result

        started = time.perf_counter()
        found, folder = load_scenario(scenario, changes, root, encoding, observed)
        program = compile_program(found.inventories[found.plan.base_year], found)
        warnings = _all_warnings(found.warnings, program.warnings)
        if dry_run:
            _dry_run(program, folder.hashes(), warnings, lang, as_json)
        from emis.alerts import alert_records
        from emis.ambient.results import ambient_air
        from emis.assessment import assess
        from emis.attribution import contributions
        from emis.projection import run as run_program

        compiled = time.perf_counter()
        step("projecting")
        projection = run_program(program, threads)
        projected = time.perf_counter()
        step("attributing")
        shares = contributions(program, threads)
        air = ambient_air(projection, found.plan.targets, threads)
        verdicts = assess(projection, found.plan.targets, lang, air)
        attributed = time.perf_counter()
        step("writing")
        target = output or Path("results") / found.name
        warnings = (*warnings, *replaced(target, folder.shown(scenario)))
        options = {"threads": threads, "format": storage, "lang": lang, "strict": strict, "set": changes}
        if found.progress is not None:
            options["progress"] = found.progress.file
        record = {
            "command": ["emis", *click.get_current_context().find_root().obj],
            "scenario_file": folder.shown(scenario),
            "options": options,
            "inputs": folder.hashes(),
            "timings": {
                "read and compile": round(compiled - started, 3),
                "project": round(projected - compiled, 3),
                "attribute": round(attributed - projected, 3),
            },
            "warnings": [str(issue) for issue in warnings],
        }
        write_result(target, projection, shares, verdicts, record, storage, air)
    code = 1 if strict and any(verdict.status != "MET" for verdict in verdicts) else 0
    result = {
        "folder": str(target),
        "scenario": found.name,
        "verdicts": [dataclasses.asdict(verdict) for verdict in verdicts],
        "alerts": alert_records(projection.alerts),
        "hindcast": [dataclasses.asdict(one) for one in air.hindsight],
    }
    tracked = progress_result(found, lang, as_json)
    if not as_json:
        from emis import console

        print_warnings(warnings)
        console.print_run(console.console(), projection, shares, verdicts, str(target), lang, changes, air)
    raise Outcome({**result, **tracked}, code, warnings)


def _dry_run(
    program: "Program", files: dict[str, dict[str, object]], warnings: tuple[Issue, ...], lang: Any, as_json: bool
) -> None:
    from emis.tracking import progress_result

    sources, pollutants = program.inventory.factor.shape
    periods = len(program.scenario.years) * program.months
    # Emissions and activity, each with and without the plan, held once by the kernels and once by the dataset.
    memory = 2 * 2 * 8 * sources * periods * (pollutants + 1)
    names = program.inventory.labels["source"]
    matched = {
        measure.id: [str(name) for name in names[list(found)]]
        for measure, found in zip(program.measures, program.matched, strict=True)
    }
    if not as_json:
        from emis import console

        print_warnings(warnings)
        console.print_dry_run(console.console(), program, files, memory)
    unmatched = [name for name, found in matched.items() if not found]
    result = {"files": files, "sources": sources, "matched": matched, "unmatched": unmatched, "memory_bytes": memory}
    raise Outcome({**result, **progress_result(program.scenario, lang, as_json)}, 0, warnings)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@_JSON
@_ROOT
@_ENCODING
def check(paths: tuple[Path, ...], as_json: bool, root: str | None, encoding: str | None) -> None:
    """Validate inventories, factor tables, plans and scenarios at PATHS; folders are searched.

    Every fault of every file is listed with its line, what was found and what would be right. A scenario is compiled
    too, so that measures which match nothing or promise more than there is are found. Exit 3 or 4 on a fault.

    Warnings tell what cannot be right or wants a second look: a part above its whole, factors apart from their
    neighbours, double counting, jumps between years that are checked together. For each inventory its completeness,
    key categories and cross-checks are told.
    """
    from emis.changes import large_changes
    from emis.digest import digest
    from emis.io.checks import check_paths
    from emis.showing import digest_lines
    from emis.stocks import stock_lines

    checked, errors, warnings = check_paths(paths, root, encoding)
    if errors:
        kind = InfeasibleError if all(kind is InfeasibleError for kind, _ in errors) else InputError
        raise kind((issue for _, issue in errors), warnings)
    digests = {one.file: digest(one.inventories[0]) for one in checked if one.kind == "inventory"}
    remarks = large_changes([inventory for one in checked if one.kind == "inventory" for inventory in one.inventories])
    if not as_json:
        print_warnings(warnings)
        for one in checked:
            click.echo(f"{one.file}: {one.kind}, no faults")
            for line in digest_lines(digests[one.file]) if one.file in digests else stock_lines(one.draws):
                click.echo(f"  {line}")
            if one.not_in_place:
                click.echo(f"  promised and not in place here: {', '.join(one.not_in_place)}")
        for line in remarks:
            click.echo(f"more than threefold, within the stated intervals: {line}")
    result = [one.as_dict() | (digests[one.file].as_dict() if one.file in digests else {}) for one in checked]
    raise Outcome({"checked": result, "large_changes": remarks}, 0, warnings)


@cli.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--factors", is_flag=True, help="Show the factor tables of an inventory, with their references.")
@_LANG
@_JSON
@_ENCODING
def show(path: Path, factors: bool, lang: Any, as_json: bool, encoding: str | None) -> None:
    """Summarise an inventory, a factor table, a plan, a scenario or a result at PATH."""
    from emis import console
    from emis.io.checks import kind_of

    out = console.console()
    kind = kind_of(path)
    if factors and kind not in ("inventory", "factors"):
        raise click.UsageError(f"--factors goes with an inventory or a factor table, and {path} is a {kind}")
    if factors or kind == "factors":
        _show_factors(path, lang, as_json, encoding)
    if kind == "result":
        from emis.io.results import read_result

        found = read_result(path)
        if not as_json:
            console.print_result(out, found.run, found.verdicts, lang)
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


@cli.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--year", type=int, help="Year to compare.  [default: the last that all have]")
@_JSON
def compare(results: tuple[Path, ...], year: int | None, as_json: bool) -> None:
    """Compare RESULTS: emissions by sector and pollutant, and the verdicts, side by side."""
    if len(results) < 2:
        raise click.UsageError("name two results or more")
    from emis.io.comparison import compare_results

    found = compare_results(results, year)
    if not as_json:
        from emis.console import console
        from emis.side_by_side import print_comparison

        print_comparison(console(), found.names, found.year, found.totals, found.verdicts)
    totals = [
        {"pollutant": pollutant, "sector": sector, "t": dict(zip(found.names, values, strict=True))}
        for (pollutant, sector), values in found.totals.items()
    ]
    verdicts = {target: dict(zip(found.names, cells, strict=True)) for target, cells in found.verdicts.items()}
    raise Outcome({"year": found.year, "emissions": totals, "verdicts": verdicts})


@cli.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--example", type=click.Choice(["mentougou"]), help="Copy the worked example instead of a project to fill in."
)
@_JSON
def init(directory: Path, example: str | None, as_json: bool) -> None:
    """Start a project in DIRECTORY: files to fill in, or the worked example."""
    from emis.io.projects import create

    files = create(directory, example)
    scenario = next(name for name in files if name.endswith("full.yaml"))
    if not as_json:
        click.echo(f"{len(files)} files in {directory}. Next:\n\n  emis run {directory / scenario}")
    raise Outcome({"directory": str(directory), "files": files})


@cli.command()
@click.argument("kind", type=click.Choice(["plan", "scenario", "inventory"]))
@_JSON
def schema(kind: str, as_json: bool) -> None:
    """Print the JSON Schema of a KIND of file, for editors to complete and check it by."""
    from emis.io.checks import json_schema

    found = json_schema(kind)
    if not as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    raise Outcome(found)


def _setting(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip() or not value.strip():
        raise click.BadParameter(f"{text!r} is not KEY=VALUE", param_hint="--set")
    return key.strip(), value.strip()


def _all_warnings(*several: Iterable[Issue]) -> tuple[Issue, ...]:
    return tuple(dict.fromkeys(issue for issues in several for issue in issues))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows its code; the results are written all the same.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run_command(cli, list(sys.argv[1:] if arguments is None else arguments)))
