"""What a file is, told from its name and its beginning."""

from collections.abc import Iterable
from pathlib import Path

from emis.errors import Issues
from emis.interchange.formats import Format, Head
from emis.io.delimited import decoded_head, open_delimited
from emis.io.workbooks import first_rows

__all__ = ["detect", "head_of"]

_LINES = 60
_TEXTS = (".csv", ".tsv", ".tab", ".txt", ".orl", ".yaml", ".yml", ".dat", ".pkt", "")
_WORKBOOKS = (".xlsx", ".xlsm")
_MOST_NAMED = 8


def head_of(path: Path, shown: str, issues: Issues, encoding: str | None = None) -> Head:
    """Return the beginning of a file; of a folder, and of what is neither text nor a workbook, its name alone."""
    suffix = path.suffix.lower()
    if path.is_file() and suffix in _WORKBOOKS:
        return Head(path, sheets=first_rows(path, shown, _LINES, issues))
    if path.is_file() and suffix in _TEXTS:
        return Head(path, lines=decoded_head(path, _LINES, encoding))
    return Head(path)


def detect(head: Head, shown: str, formats: Iterable[Format], issues: Issues) -> Format | None:
    """Return the format of a file; None, and a fault, where none recognises it.

    The order of the formats decides where two would: what asks for more stands first.
    """
    known = [one for one in formats if one.read is not None and one.recognises is not None]
    for one in known:
        if one.recognises is not None and one.recognises(head):
            return one
    if near := _near(head.path):
        issues.error(shown, 0, "", *near)
        return None
    names = ", ".join(one.name for one in known)
    blank = head.suffix in _TEXTS and head.path.is_file() and not any(map(str.strip, head.lines))
    if blank and open_delimited(head.path, shown, "", None, issues) is None:
        return None  # it cannot be read as text, which says more than that it looks like nothing
    found = ", ".join(head.header[:8]) if head.lines or head.sheets else ""
    message = f"is of no format that is known: it starts with {found[:120]!r}" if found else "is of no format known"
    issues.error(shown, 1 if found else 0, "", message, f"name its format with --from: {names}")
    return None


def _near(path: Path) -> tuple[str, str] | None:
    """Return what is wrong with a path beside which, or in which, stands what was meant: message and hint."""
    if path.is_dir():
        there = sorted(one.name for one in path.iterdir() if not one.name.startswith("."))
        what = "is a folder, and neither an inventory (inventory.yaml) nor a result of `emis run` (run.json)"
        listed = ", ".join(there[:_MOST_NAMED]) + (" ..." if len(there) > _MOST_NAMED else "")
        return what, f"name one of what is in it: {listed}" if there else "it is empty"
    if (path.parent / "run.json").is_file():
        return "is a part of a result of `emis run`", f"name the folder: {path.parent.as_posix()}"
    return None
