"""`emis explain`: why a number is what it is."""

from pathlib import Path
from typing import Any

import click

from emis.cli.options import ENCODING, JSON, LANG, ROOT, SET, all_warnings, changes
from emis.envelope import Outcome, print_warnings

__all__ = ["explain"]

_YAML = (".yaml", ".yml")


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="[SCENARIO] WHAT...")
@click.option(
    "-s",
    "--scenario",
    type=click.Path(path_type=Path),
    help="Scenario file; it may stand before WHAT too.  [default: the only scenario in ./scenarios]",
)
@click.option("--year", type=int, help="Year to explain.  [default: the plan's target year, or that of the target]")
@click.option("--pollutant", help="Pollutant, instead of naming it in WHAT.")
@click.option("--all", "every", is_flag=True, help="Tell every source of a total, not the ten largest.")
@SET
@LANG
@JSON
@ROOT
@ENCODING
def explain(
    what: tuple[str, ...], scenario: Path | None, year: int | None, pollutant: str | None, every: bool,
    settings: tuple[str, ...], lang: Any, as_json: bool, root: str | None, encoding: str | None,
) -> None:  # fmt: skip
    """Tell why a number is what it is, line by line, down to file and line.

    \b
    WHAT is
      a source or several     mobile/bus/diesel/china_4   'mobile/bus/*'
      a sector                mobile
      a pollutant             NOx, or besides one of these: mobile NOx, mobile:NOx
      a target                T1: both its years and what they come to
      a measure               A05-low-emission-zone: what it moves and leaves, where, on what evidence

    Of a source every step is told: activity, drivers, what each measure moves, changes and leaves at which level,
    emission factor, ceilings - each with file, line, grade and reference. What is printed leads to the last line, which
    is the projection's number.
    """
    changed = changes(settings)
    if scenario is None and len(what) > 1 and what[0].lower().endswith(_YAML):
        scenario, what = Path(what[0]), what[1:]
    from emis.explanation.asking import MOST
    from emis.explanation.asking import explain as explained
    from emis.io.scenarios import load_scenario
    from emis.projection import project

    found, _ = load_scenario(scenario or _only(what), changed, root, encoding)
    projection = project(found.inventories[found.plan.base_year], found)
    answer = explained(projection, what, year, pollutant, lang=lang, most=None if every else MOST)
    warnings = all_warnings(found.warnings, projection.program.warnings)
    if not as_json:
        from emis.console import console
        from emis.showing_explanation import print_explanation

        print_warnings(warnings)
        title = found.document.title.text(lang)
        name = f"{found.name} · {title}" if title else found.name
        if changed:
            name += f", with --set {', '.join(f'{key}={value}' for key, value in changed.items())}"
        print_explanation(console(), answer, name, lang)
    raise Outcome({"scenario": found.name, **answer.as_dict()}, 0, warnings)


def _only(what: tuple[str, ...]) -> Path:
    """Return the only scenario in the folder `scenarios` here."""
    from emis.errors import InputError
    from emis.io.checks import kind_of

    if what[0].lower().endswith(_YAML):
        raise click.UsageError(f"say what is to be explained, e.g. emis explain {what[0]} T1")
    found = []
    for path in sorted(one for one in Path("scenarios").rglob("*") if one.suffix.lower() in _YAML):
        try:
            if kind_of(path) == "scenario":
                found.append(path)
        except InputError:
            continue
    if len(found) == 1:
        return found[0]
    hint = f"--scenario {found[0]}" if found else "--scenario FILE"
    count = f"there are {len(found)} scenarios in ./scenarios" if found else "there is no scenario in ./scenarios"
    raise click.UsageError(f"{count}: name one, e.g. emis explain {what[0]} {hint}")
