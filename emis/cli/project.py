"""`emis init` and `emis schema`: what a project is written with."""

import json
from pathlib import Path

import click

from emis.cli.options import JSON
from emis.envelope import Outcome

__all__ = ["init", "schema"]


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--example", type=click.Choice(["mentougou"]), help="Copy the worked example instead of a project to fill in."
)
@JSON
def init(directory: Path, example: str | None, as_json: bool) -> None:
    """Start a project in DIRECTORY: files to fill in, or the worked example."""
    from emis.io.projects import create

    files = create(directory, example)
    scenario = next(name for name in files if name.endswith("full.yaml"))
    if not as_json:
        click.echo(f"{len(files)} files in {directory}. Next:\n\n  emis run {directory / scenario}")
    raise Outcome({"directory": str(directory), "files": files})


@click.command()
@click.argument("kind", type=click.Choice(["plan", "scenario", "inventory", "options", "grid", "mapping"]))
@JSON
def schema(kind: str, as_json: bool) -> None:
    """Print the JSON Schema of a KIND of file, for editors to complete and check it by."""
    from emis.io.checks import json_schema

    found = json_schema(kind)
    if not as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    raise Outcome(found)
