"""`emis convert`: files of other tools, in and out."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emis.cli.options import ENCODING, JSON, LANG, ROOT
from emis.envelope import Outcome, print_warnings, progress

if TYPE_CHECKING:
    from emis.interchange.packets.records import Compat

__all__ = ["convert"]


def _list(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    """Print the formats, and end."""
    if not asked or context.resilient_parsing:
        return
    from emis.console import console
    from emis.interchange.registry import FORMATS
    from emis.showing_conversion import print_formats

    print_formats(console(), FORMATS.values())
    context.exit()


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
@click.option(
    "--list", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="Print the formats, and exit."
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
    """Convert a file IN of one format into OUT of another, and say what could not be carried over.

    \b
      emis convert inventories/mentougou-2017 plan.csv --to iamc --region "China|Beijing|Mentougou"
      emis convert nonpoint.csv controlled.csv --to ff10 --packets control.csv --year 2030
      emis convert colleague.xlsx inventory --to emis --mapping mapping.yaml
      emis convert unknown.csv --dry-run

    docs/formats.md tells of every format what is read and written.
    """
    from emis.interchange import conversion
    from emis.interchange.registry import FORMATS

    if to is None and not dry_run:
        names = ", ".join(name for name, one in FORMATS.items() if one.write)
        raise click.UsageError(f"--to is missing: name one of {names}")
    if out is None and not dry_run:
        raise click.UsageError("OUT is missing: name the file to write, or add --dry-run")
    if packets and settings["year"] is None:
        raise click.UsageError("--year is missing: the year that packets lead to")
    if compat and not packets:
        raise click.UsageError("--compat is about control packets: name them with --packets")
    for name, option in ((to, "--to"), (from_, "--from")):
        try:
            if name is not None:
                conversion.format_named(name, written=option == "--to")
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint=option) from None
    with progress(3) as step:
        found = conversion.convert(
            source, None if dry_run else out, to, from_=from_, packets=packets, compat=compat, root=root, step=step,
            **settings,
        )  # fmt: skip
    result = found.record()
    if not as_json:
        from emis.console import console
        from emis.showing_conversion import print_conversion

        print_warnings(found.warnings)
        print_conversion(console(), result, settings["lang"])
    raise Outcome(result, 0, found.warnings)
