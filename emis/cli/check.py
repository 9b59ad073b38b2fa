"""`emis check`: validate files."""

from pathlib import Path

import click

from emis.cli.options import ENCODING, JSON, ROOT
from emis.envelope import Outcome, print_warnings
from emis.errors import InfeasibleError, InputError

__all__ = ["check"]


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@JSON
@ROOT
@ENCODING
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
