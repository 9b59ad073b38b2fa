"""`emis report`: make the report of a result anew."""

from pathlib import Path
from typing import Any

import click

from emis.cli.options import JSON, LANG
from emis.envelope import Outcome, progress
from emis.workers import beside

__all__ = ["report"]


@click.command()
@click.argument("result", type=click.Path(path_type=Path))
@LANG
@JSON
def report(result: Path, lang: Any, as_json: bool) -> None:
    """Make report.html and the figures of a RESULT folder anew, from what is in the folder.

    The page holds both languages and needs no network; --lang says which it opens in, and that of the figures.
    """
    with beside() as others, progress(2) as step:
        step("drawing")
        from emis.report.writing import write_report

        page = write_report(result, lang, others.map)
    if not as_json:
        click.echo(str(page))
    raise Outcome({"folder": str(result), "report": str(page)})
