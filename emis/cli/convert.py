"""`emis convert`: files of other tools, in and out."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emis.cli.options import ENCODING, JSON, LANG, ROOT, all_warnings
from emis.envelope import Outcome, print_warnings

if TYPE_CHECKING:
    from emis.interchange.formats import Format
    from emis.interchange.packets.records import Compat

__all__ = ["convert"]


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("out", metavar="OUT", required=False, type=click.Path(path_type=Path))
@click.option("--to", metavar="FORMAT", help="Format to write.")
@click.option("--from", "from_", metavar="FORMAT", help="Format of IN.  [default: what it looks like]")
@click.option("--year", type=click.IntRange(1900, 2200), help="Year to take, or of a file that does not say its own.")
@click.option(
    "--scenario", default="", help="Scenario to take of a file that has several, or its name where it has none."
)
@click.option("--model", default="emis", show_default=True, help="Name of the model, where a format has one.")
@click.option("--region", default="", help="Name of the whole area where a format has one, e.g. CHN.")
@click.option(
    "--by",
    type=click.Choice(["sector", "category", "source"]),
    default="category",
    show_default=True,
    help="How far categories are told apart where a format has levels.",
)
@click.option("--sheet", help="Sheet of a workbook.")
@click.option("--mapping", type=click.Path(path_type=Path), help="A mapping.yaml that says what the columns of IN are.")
@click.option(
    "--grid", type=click.Path(path_type=Path), help="A grid.yaml, for formats of grids: how sources come onto it."
)
@click.option(
    "--crosswalk",
    type=click.Path(path_type=Path),
    help="A table from, to, weight between the labels of emis and the codes of a nomenclature, before emis' own.",
)
@click.option(
    "--packets",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Control packets of SMOKE (GCNTL) or CoST to apply to IN, for the year of --year; may be repeated.",
)
@click.option(
    "--compat",
    type=click.Choice(["cost", "smoke_manual", "smoke_code", "emis"]),
    help="As which system packets are evaluated.  [default: as the one they are written for]",
)
@click.option("--dry-run", is_flag=True, help="Say what was understood and what would be lost; write nothing.")
@LANG
@JSON
@ENCODING
@ROOT
def convert(
    source: Path, out: Path | None, to: str | None, from_: str | None, dry_run: bool, as_json: bool,
    root: str | None, packets: tuple[Path, ...], compat: "Compat | None", **settings: Any,
) -> None:  # fmt: skip
    """Convert a file IN of one format into OUT of another, and say what could not be carried over."""
    from emis.interchange.controlling import control
    from emis.interchange.converting import read_file, write_file
    from emis.interchange.formats import Settings, Told
    from emis.interchange.registry import FORMATS

    target = _known(to, "--to", FORMATS)
    _known(from_, "--from", FORMATS)
    if target is None and not dry_run:
        raise click.UsageError(
            f"--to is missing: name one of {', '.join(n for n, one in FORMATS.items() if one.write)}"
        )
    if out is None and not dry_run:
        raise click.UsageError("OUT is missing: name the file to write, or add --dry-run")
    if packets and settings["year"] is None:
        raise click.UsageError("--year is missing: the year that packets lead to")
    if compat and not packets:
        raise click.UsageError("--compat is about control packets: name them with --packets")
    start, chosen = time.perf_counter(), Settings(**settings)
    found = read_file(source, replace(chosen, year=None) if packets else chosen, from_, root)
    controlled = None
    if packets:
        found, controlled = control(found, packets, settings["year"], compat, chosen.encoding)
    lost = found.lost(target, chosen) if target is not None else []
    files: list[Path] = []
    told, more = found.warnings, list[Told]()
    if not dry_run:
        assert target is not None
        assert out is not None
        files, warnings = write_file(found.series, target, out, chosen, found.folder.files.values(), more.append)
        told = all_warnings(found.warnings, warnings)
    result = found.record() | {
        "to": to,
        "lost": [{"what": one.told, "count": one.count} for one in lost],
        "files": [str(one) for one in files],
        "told": [line for one in more for line in one.lines],
        "written": dict(item for one in more for item in one.record.items()),
    }
    if controlled is not None:
        result["packets"] = controlled.record() | {"seconds": time.perf_counter() - start}
    if not as_json:
        from emis.console import console
        from emis.showing_conversion import print_conversion

        print_warnings(told)
        print_conversion(console(), result, settings["lang"])
    raise Outcome(result, 0, told)


def _known(name: str | None, option: str, formats: "dict[str, Format]") -> "Format | None":
    from emis.vocabulary import suggest

    able = {
        one: value for one, value in formats.items() if (value.write if option == "--to" else value.read) is not None
    }
    if name is not None and name not in able:
        hint = suggest(name, able)
        raise click.BadParameter(f"{name!r} is no format that is {'written' if option == '--to' else 'read'}; {hint}",
                                 param_hint=option)  # fmt: skip
    return able.get(name) if name is not None else None
