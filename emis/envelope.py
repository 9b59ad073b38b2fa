"""How a command ends: messages on standard error, one exit code, and with --json one envelope on every path."""

import json
import math
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from emis.errors import EmisError, InputError, Issue

__all__ = ["Outcome", "print_warnings", "progress", "run_command"]


class Outcome(Exception):  # noqa: N818 - how a command ends, not an error
    """Ends a command with what it found, for --json, its warnings and an exit code."""

    def __init__(self, result: Any, code: int = 0, warnings: Iterable[Issue] = ()):
        super().__init__(code)
        self.result, self.exit_code, self.warnings = result, code, tuple(warnings)


def print_warnings(warnings: Iterable[Issue]) -> None:
    """Print warnings on standard error."""
    for issue in warnings:
        click.echo(f"warning: {issue}", err=True)


class Steps:
    """Told of the steps of a command, and of sources done within one, it shows nothing."""

    def __call__(self, name: str) -> None:
        """Begin a step."""

    def of(self, done: int, whole: int) -> None:
        """Tell how many sources of a step are done, of how many."""


class _Bar(Steps):
    """Shows the steps as a bar, and the sources of one with their rate and the time that remains."""

    def __init__(self, steps: int):
        from rich import progress as rich
        from rich.console import Console

        self._started = self._began = time.perf_counter()
        remaining = rich.TimeRemainingColumn(elapsed_when_finished=True)
        columns = (*rich.Progress.get_default_columns()[:-1], rich.TextColumn("{task.fields[rate]}"), remaining)
        self.rich = rich.Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self.rich.add_task("reading", total=steps, rate="")
        self._sources = self.rich.add_task("sources", total=1, rate="", visible=False)
        self._done = -1

    def _show(self) -> None:
        if time.perf_counter() - self._started > 1:
            self.rich.start()

    def __call__(self, name: str) -> None:
        self._done += 1
        self._began = time.perf_counter()
        self._show()
        self.rich.update(self._task, description=name, completed=self._done)
        self.rich.reset(self._sources, visible=False)

    def of(self, done: int, whole: int) -> None:
        self._show()
        if not self.rich.tasks[self._sources].visible:
            self.rich.reset(self._sources, total=whole, visible=True, description="  sources")
        rate = f"{done / max(time.perf_counter() - self._began, 1e-9):,.0f} sources/s"
        self.rich.update(self._sources, total=whole, completed=done, rate=rate)


@contextmanager
def progress(steps: int) -> Iterator[Steps]:
    """Show a bar of some steps on standard error once it takes longer than a second; none when that is no terminal."""
    if not sys.stderr.isatty():
        yield Steps()
        return
    bar = _Bar(steps)
    try:
        yield bar
    finally:
        bar.rich.stop()


def run_command(command: click.Command, given: list[str]) -> int:
    """Run a command and return its exit code; nothing it raises on purpose shows a traceback."""
    as_json = "--json" in given
    try:
        # Without its standalone mode click returns the code of --help and --version instead of exiting.
        return int(command.main(given, prog_name="emis", standalone_mode=False, obj=given) or 0)
    except Outcome as outcome:
        return _end(as_json, outcome.exit_code, [], outcome.warnings, outcome.result)
    except click.exceptions.Abort:
        return _end(as_json, 130, [Issue("", 0, "", "interrupted")])
    except click.ClickException as error:
        if not as_json:
            error.show()
        return _end(as_json, 2, [Issue("", 0, "", error.format_message())], shown=True)
    except InputError as error:
        if not as_json:
            print_warnings(error.warnings)
        return _end(as_json, error.exit_code, error.issues, error.warnings)
    except EmisError as error:
        return _end(as_json, error.exit_code, [Issue("", 0, "", str(error))])
    except KeyboardInterrupt:
        return _end(as_json, 130, [Issue("", 0, "", "interrupted")])
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        if os.environ.get("EMIS_TRACEBACK") == "1":
            raise
        message = f"an error in emis itself, not in your files: {type(error).__name__}: {error}"
        return _end(
            as_json, 70, [Issue("", 0, "", message, "run again with EMIS_TRACEBACK=1 and report what it prints")]
        )
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _end(
    as_json: bool,
    code: int,
    errors: Sequence[Issue],
    warnings: Sequence[Issue] = (),
    result: Any = None,
    shown: bool = False,
) -> int:
    if as_json:
        envelope = {
            "ok": not errors,
            "code": code,
            "errors": [_issue(issue) for issue in errors],
            "warnings": [_issue(issue) for issue in warnings],
            "result": result,
        }
        click.echo(json.dumps(_plain(envelope), ensure_ascii=False, indent=2, allow_nan=False, default=str))
    elif not shown:
        for issue in errors:
            click.echo(f"error: {issue}", err=True)
        if len(errors) > 1:
            click.echo(f"{len(errors)} faults; nothing was written", err=True)
    return code


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: a number that is not known is null."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _issue(issue: Issue) -> dict[str, Any]:
    return {name: getattr(issue, name) for name in ("file", "line", "path", "message", "hint")} | {"text": str(issue)}
