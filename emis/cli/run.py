"""`emis run`: project a scenario and test the plan's targets."""

import dataclasses
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emis.cli.options import (
    ENCODING,
    JSON,
    LANG,
    ROOT,
    SAMPLES,
    SCHEDULER,
    SEED,
    SET,
    THREADS,
    all_warnings,
    changes,
)  # fmt: skip
from emis.envelope import Outcome, print_warnings, progress
from emis.errors import Issue
from emis.workers import beside, workers_at

if TYPE_CHECKING:
    from emis.program import Program

__all__ = ["run"]


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Result folder.  [default: results/<scenario name>]"
)
@SET
@click.option(
    "--progress",
    "observed",
    type=click.Path(path_type=Path),
    help="Table of observed milestones (milestone, date, observed): what has really been done, instead of the plan.",
)
@SAMPLES
@SEED
@THREADS
@click.option(
    "--format",
    "storage",
    type=click.Choice(["netcdf", "zarr"]),
    default="netcdf",
    show_default=True,
    help="How arrays are stored.",
)
@SCHEDULER
@click.option(
    "--dry-run", is_flag=True, help="Say what would be read and which sources each measure matches; write nothing."
)
@click.option(
    "--no-report", is_flag=True, help="Leave out report.html, the figures, and what would close the gaps: quicker."
)
@click.option("--strict", is_flag=True, help="Exit 1 when a target is missed or undetermined.")
@LANG
@JSON
@ROOT
@ENCODING
def run(
    scenario: Path, output: Path | None, settings: tuple[str, ...], observed: Path | None, samples: int | None,
    seed: int | None, threads: int, storage: str, scheduler: str | None, dry_run: bool, no_report: bool, strict: bool,
    lang: Any, as_json: bool, root: str | None, encoding: str | None,
) -> None:  # fmt: skip
    """Project a SCENARIO file and test the plan's targets.

    Prints the verdict table, the largest contributions, what was not quantified, and where the results are: a folder
    with projection.nc, verdicts.csv, contributions.csv, ledger.csv, run.json, and alerts.csv when the plan has alerts;
    complete or absent.

    With --progress the verdicts are those under what has really been done: up to its last observation a milestone's
    measure is in place as far as was observed, and from then on it goes on at the plan's pace, or at the pace stated
    in the table. Where each milestone stands is printed, and written to progress.csv in the result folder.

    Inventories of more than 200,000 sources are read in blocks, by as many processes as --threads says or by the
    workers of --scheduler, and do not have to fit in memory: what all their sources emit is written to a folder
    sources.parquet or sources.zarr. With --scheduler every inventory is, and so are the draws. The numbers are the same
    bits at any number of processes and workers. `emis cluster-example` shows how to start some.
    """
    changed = changes(settings, samples=samples, seed=seed)
    told_of = not (dry_run or no_report)
    with workers_at(scheduler, threads) as workers, beside(told_of) as others, progress(6) as step:
        step("reading")
        from emis.distributed import BlockReader, write_sources
        from emis.io.result_writing import write_result
        from emis.io.results import replaced
        from emis.io.scenarios import load_scenario
        from emis.program import compile_program
        from emis.tracking import progress_result

        started = time.perf_counter()
        reader = BlockReader(workers, every=scheduler is not None, note=step.of)
        found, folder = load_scenario(scenario, changed, root, encoding, observed, read=reader)
        program = compile_program(found.inventories[found.plan.base_year], found)
        warnings = all_warnings(found.warnings, program.warnings)
        if dry_run:
            _dry_run(program, folder.hashes(), warnings, lang, as_json)
        from emis.alerts import alert_records
        from emis.ambient.results import ambient_air
        from emis.assessment import assess
        from emis.attribution import contributions
        from emis.likelihood import sample_projection
        from emis.projection import run as run_program

        compiled = time.perf_counter()
        if told_of:
            from emis.report.remedies import remedies

            closed = others.begin(remedies, found)  # goes on beside what follows
        step("projecting")
        projection = run_program(program, threads)
        projected = time.perf_counter()
        step("attributing")
        shares = contributions(program, threads)
        attributed = time.perf_counter()
        step("drawing")
        sample = sample_projection(projection, threads, workers.map if scheduler else map)
        air = ambient_air(projection, found.plan.targets, threads, sample.drawn)
        verdicts = assess(projection, found.plan.targets, lang, air, sample)
        drawn = time.perf_counter()
        warnings = all_warnings(warnings, sample.drawn.sampler.issues.warnings)
        target = output or Path("results") / found.name
        warnings = (*warnings, *replaced(target, folder.shown(scenario)))
        told = finish = None
        if told_of:
            from emis.report.facts import facts
            from emis.report.writing import missing, write_report

            step("closing gaps")
            told = facts(projection, air, sample, closed())
            if lacking := missing():
                warnings = (*warnings, Issue("", 0, "", lacking))
            else:
                finish = partial(write_report, lang=lang, spread=others.map)
        told_by = time.perf_counter()
        step("writing")
        options = {"threads": threads, "format": storage, "lang": lang, "strict": strict, "set": changed}
        options |= {"scheduler": scheduler} if scheduler else {}
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
                "draw and judge": round(drawn - attributed, 3),
                "close gaps": round(told_by - drawn, 3),
            },
            "warnings": [str(issue) for issue in warnings],
        }
        if reader.found:
            record["blocks"] = {
                str(year): {"sources": sum(one.sources), "blocks": len(one.sources), "rows": len(one.inventory)}
                for year, one in reader.found.items()
            }
        sources: partial[Path] | None = None
        if (blocks := reader.found.get(found.plan.base_year)) is not None:
            sources = partial(
                write_sources,
                blocks,
                projection,
                storage="zarr" if storage == "zarr" else "parquet",
                workers=workers,
                note=step.of,
            )
        write_result(target, projection, shares, verdicts, record, storage, air, sample, sources, told, finish)
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
        from emis.console import console
        from emis.showing_run import print_run

        print_warnings(warnings)
        print_run(console(), projection, shares, verdicts, str(target), lang, changed, air, sample)
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
        from emis.console import console
        from emis.showing_run import print_dry_run

        print_warnings(warnings)
        print_dry_run(console(), program, files, memory)
    unmatched = [name for name, found in matched.items() if not found]
    result = {"files": files, "sources": sources, "matched": matched, "unmatched": unmatched, "memory_bytes": memory}
    raise Outcome({**result, **progress_result(program.scenario, lang, as_json)}, 0, warnings)
