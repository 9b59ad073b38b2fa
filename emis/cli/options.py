"""Options that several commands have, and what is made of them."""

from collections.abc import Iterable, Sequence

import click

from emis.errors import Issue

__all__ = [
    "ENCODING",
    "JSON",
    "LANG",
    "ROOT",
    "SAMPLES",
    "SCHEDULER",
    "SEED",
    "SET",
    "THREADS",
    "all_warnings",
    "changes",
]

LANG = click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of titles and tables."
)
JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object: ok, code, errors, warnings, result."
)
ROOT = click.option(
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


ENCODING = click.option(
    "--encoding", callback=_known_encoding, help="Encoding of CSV files that are not UTF-8, e.g. gb18030."
)
THREADS = click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    default=1,
    show_default=True,
    help="Threads, and processes where an inventory is read in blocks; the result is the same bits at any number.",
)
SCHEDULER = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Scheduler of a Dask cluster that does the work, e.g. tcp://node1:8786; the result is the same bits.",
)
SET = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Replace a value of scenario or plan, e.g. measures.A24-purifiers.penetration=60%. Repeatable.",
)
SAMPLES = click.option(
    "--samples", type=click.IntRange(1, 10_000_000), help="Draws of what is uncertain, as uncertainty.samples."
)
SEED = click.option("--seed", type=click.IntRange(0), help="Seed of the draws, as uncertainty.seed.")


def changes(settings: Sequence[str], **options: int | None) -> dict[str, str]:
    """Return what `--set` and the options that stand for a key replace in scenario and plan.

    Raises
    ------
    click.BadParameter
        When a key is set twice.
    """
    found = dict(_setting(text) for text in settings)
    if len(found) < len(settings):
        raise click.BadParameter("a key is set twice", param_hint="--set")
    for name, value in options.items():
        key = f"uncertainty.{name}"
        if value is not None and found.setdefault(key, str(value)) != str(value):
            raise click.BadParameter(f"{key} is set to {found[key]} too", param_hint=f"--{name}")
    return found


def _setting(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip() or not value.strip():
        raise click.BadParameter(f"{text!r} is not KEY=VALUE", param_hint="--set")
    return key.strip(), value.strip()


def all_warnings(*several: Iterable[Issue]) -> tuple[Issue, ...]:
    """Return warnings from several places, each once."""
    return tuple(dict.fromkeys(issue for issues in several for issue in issues))
