"""The command line: arguments and options. Heavy imports stand inside the commands.

Exit 0 done; 1 with --strict when a target is missed or undetermined; 2 usage; 3 input problems; 4 the plan promises
more than there is; 70 an error in emis itself; 130 interrupted.
"""

import io
import sys
from collections.abc import Sequence

import click

from emis._version import __version__
from emis.cli.attribute import attribute
from emis.cli.check import check
from emis.cli.cluster import cluster_example
from emis.cli.convert import convert
from emis.cli.explain import explain
from emis.cli.project import init, schema
from emis.cli.report import report
from emis.cli.run import run
from emis.cli.show import compare, show
from emis.cli.solve import solve
from emis.envelope import run_command

__all__ = ["main"]


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
      emis solve demo/scenarios/mentougou/full.yaml --target T1

    \b
    Exit codes: 0 done; 1 with --strict when a target is missed or undetermined;
    2 usage; 3 input problems; 4 the plan promises more than there is;
    70 an error in emis itself; 130 interrupted.
    """


_COMMANDS = (run, report, attribute, explain, solve, check, show, compare, convert, init, schema, cluster_example)
for _command in _COMMANDS:
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows its code; the results are written all the same.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run_command(cli, list(sys.argv[1:] if arguments is None else arguments)))
