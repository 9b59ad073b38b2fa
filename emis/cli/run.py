"""`emis run`: project a scenario and test the plan's targets."""

import dataclasses
import time
from collections.abc import Callable
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
    from emis.scenario import Scenario

__all__ = ["run"]

#: What an error in emis itself may be, as opposed to a fault of the user's files or the disk.
_OWN_FAULTS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


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
    reported = not (dry_run or no_report)
    with workers_at(scheduler, threads) as workers, beside(reported) as others, progress(6) as step:
        step("reading")
        from emis.distributed import BlockReader
        from emis.io.scenarios import load_scenario
        from emis.program import compile_program

        clock = _Clock()
        reader = BlockReader(workers, every=scheduler is not None, note=step.of)
        found, folder = load_scenario(scenario, changed, root, encoding, observed, read=reader)
        program = compile_program(found.inventories[found.plan.base_year], found)
        warnings = all_warnings(found.warnings, program.warnings)
        if dry_run:
            _dry_run(program, folder.hashes(), warnings, lang, as_json)
        clock.lap("read and compile")
        closing = _closing(others, found) if reported else None
        from emis.io.result_writing import write_result
        from emis.io.results import replaced

        spread = workers.map if scheduler else map
        projection, shares, sample, air, verdicts = _answers(program, threads, spread, lang, step, clock)
        target = output or Path("results") / found.name
        own = sample.drawn.sampler.issues.warnings
        warnings = (*all_warnings(warnings, own), *replaced(target, folder.shown(scenario)))
        told, finish = None, None
        if closing is not None:
            step("closing gaps")
            told, finish, said = _report(projection, air, sample, closing, lang, others)
            warnings = (*warnings, *said)
        clock.lap("close gaps")
        step("writing")
        given = {"threads": threads, "format": storage, "lang": lang, "strict": strict, "set": changed}
        given |= {"scheduler": scheduler, "root": root, "encoding": encoding}
        given |= {"progress": found.progress.file if found.progress is not None else None}
        record = {
            "command": ["emis", *click.get_current_context().find_root().obj],
            "scenario_file": folder.shown(scenario),
            "options": {name: value for name, value in given.items() if value is not None},
            "inputs": folder.hashes(), "timings": clock.laps, "warnings": [str(issue) for issue in warnings],
            **_blocks(reader),
        }  # fmt: skip
        sources = _sources(reader, projection, storage, workers, step)
        write_result(target, projection, shares, verdicts, record, storage, air, sample, sources, told, finish)
    if finish is not None:
        warnings = (*warnings, *finish.failures)
    _end(projection, shares, verdicts, air, sample, warnings, target, changed, lang, strict, as_json)


class _Clock:
    """Seconds that the parts of a run take."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        """Note what took until now since the last lap."""
        now = time.perf_counter()
        self.laps[name], self._since = round(now - self._since, 3), now


def _answers(
    program: "Program", threads: int, spread: Any, lang: Any, step: Callable[[str], None], clock: _Clock
) -> tuple[Any, ...]:
    """Return projection, contributions, draws, the air and the verdicts."""
    from emis.ambient.results import ambient_air
    from emis.assessment import assess
    from emis.attribution import contributions
    from emis.likelihood import sample_projection
    from emis.projection import run as run_program

    targets = program.scenario.plan.targets
    step("projecting")
    projection = run_program(program, threads)
    clock.lap("project")
    step("attributing")
    shares = contributions(program, threads)
    clock.lap("attribute")
    step("drawing")
    sample = sample_projection(projection, threads, spread)
    air = ambient_air(projection, targets, threads, sample.drawn)
    verdicts = assess(projection, targets, lang, air, sample)
    clock.lap("draw and judge")
    return projection, shares, sample, air, verdicts


def _closing(others: Any, found: "Scenario") -> Callable[[], dict[str, Any]]:
    """Begin to look for what closes the gaps, which goes on beside what follows."""
    from emis.report.remedies import remedies

    begun: Callable[[], dict[str, Any]] = others.begin(remedies, found)
    return begun


class _Finish:
    """Makes the report of a result that is being written; that it cannot be made loses nothing else."""

    def __init__(self, lang: Any, spread: Any):
        self.lang, self.spread = lang, spread
        self.failures: list[Issue] = []

    def __call__(self, room: Path) -> None:
        from emis.report.writing import failed, write_report

        try:
            write_report(room, self.lang, self.spread)
        except _OWN_FAULTS as error:
            self.failures.append(Issue("", 0, "", failed(error)))


def _report(
    projection: Any, air: Any, sample: Any, closing: Callable[[], dict[str, Any]], lang: Any, others: Any
) -> tuple[dict[str, Any] | None, _Finish | None, list[Issue]]:
    """Return what a report tells, what makes its page, and what there is to say of it."""
    from emis.report.facts import facts
    from emis.report.writing import failed, missing

    try:
        told = facts(projection, air, sample, closing())
    except _OWN_FAULTS as error:
        return None, None, [Issue("", 0, "", failed(error))]
    if lacking := missing():
        return told, None, [Issue("", 0, "", lacking)]
    return told, _Finish(lang, others.map), []


def _blocks(reader: Any) -> dict[str, Any]:
    """Return what a record says of inventories that were read in blocks."""
    if not reader.found:
        return {}
    return {
        "blocks": {
            str(year): {"sources": sum(one.sources), "blocks": len(one.sources), "rows": len(one.inventory)}
            for year, one in reader.found.items()
        }
    }


def _sources(reader: Any, projection: Any, storage: str, workers: Any, step: Any) -> "partial[Path] | None":
    """Return what writes the table of all sources of an inventory that was read in blocks."""
    from emis.distributed import write_sources

    blocks = reader.found.get(projection.scenario.plan.base_year)
    if blocks is None:
        return None
    form: Any = "zarr" if storage == "zarr" else "parquet"
    return partial(write_sources, blocks, projection, storage=form, workers=workers, note=step.of)


def _end(
    projection: Any, shares: Any, verdicts: Any, air: Any, sample: Any, warnings: tuple[Issue, ...], target: Path,
    changed: dict[str, str], lang: Any, strict: bool, as_json: bool,
) -> None:  # fmt: skip
    """Print what was found, and end the command."""
    from emis.alerts import alert_records
    from emis.tracking import progress_result

    scenario = projection.scenario
    code = 1 if strict and any(verdict.status != "MET" for verdict in verdicts) else 0
    result = {
        "folder": str(target),
        "scenario": scenario.name,
        "verdicts": [dataclasses.asdict(verdict) for verdict in verdicts],
        "alerts": alert_records(projection.alerts),
        "hindcast": [dataclasses.asdict(one) for one in air.hindsight],
    }
    tracked = progress_result(scenario, lang, as_json)
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
