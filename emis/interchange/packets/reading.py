"""Packets from files: which kind a file is of, told by what stands in it, and its records."""

import csv
from collections.abc import Sequence
from pathlib import Path

from emis.errors import Issues
from emis.interchange.packets.cost import CLASSIC, EXTENDED, TYPES, kind_of, read_cost
from emis.interchange.packets.records import Kind, Record
from emis.interchange.packets.smoke import is_gcntl, read_gcntl
from emis.io.delimited import open_delimited
from emis.io.folders import Folder, beside

__all__ = ["load_packets", "read_packets"]


def read_packets(*paths: str | Path, encoding: str | None = None) -> list[Record]:
    """Read control packets of SMOKE or CoST.

    Raises
    ------
    InputError
        Every fault of every file.
    """
    issues = Issues()
    found = load_packets([Path(path) for path in paths], Folder.around(Path(paths[0])), issues, encoding)
    issues.raise_if_any()
    return found


def load_packets(paths: Sequence[Path], folder: Folder, issues: Issues, encoding: str | None = None) -> list[Record]:
    """Return the records of packets in the order of their files and lines; their faults are noted, all of them."""
    found: list[Record] = []
    for path in paths:
        shown = folder.shown(path)
        if not path.is_file():
            issues.error(shown, 0, "", "is not there" if not path.exists() else "is not a file", beside(path))
            continue
        folder.read(path)
        text = open_delimited(path, shown, ",", encoding, issues)
        if text is not None:
            found += _records(text.raw.decode("utf-8").splitlines(), shown, issues)
    return found


def _records(lines: list[str], shown: str, issues: Issues) -> list[Record]:
    if is_gcntl(lines):
        return read_gcntl(lines, shown, issues)
    stated = _stated(lines, shown, issues)
    rows = _rows(lines, shown, issues)
    if not rows:
        issues.error(shown, 0, "", "holds no packet", "write a header and records, or /CONTROL/ and so on")
        return []
    line, first = rows[0]
    header = [cell.strip().lower() for cell in first]
    kind = kind_of(header)
    if kind is None and stated is not None:
        # Without a header the columns are in the order of the format.
        kind, extended = stated
        header, line = list(EXTENDED[kind] if extended else CLASSIC[kind]), 0
        return read_cost(kind, header, line, rows, shown, issues)
    if kind is None:
        names = ", ".join(cell for cell in first if cell.strip())[:120]
        issues.error(shown, line, "", f"is no packet that is known: it starts with {names!r}",
                     "CoST's have columns such as region_cd, scc, poll and ann_pctred; SMOKE's stand between"
                     " /CONTROL/ and /END/")  # fmt: skip
        return []
    if stated is not None and stated[0] != kind:
        issues.error(shown, line, "", f"#TYPE says that it is of kind {stated[0]}, and its columns are of {kind}",
                     "correct one of the two")  # fmt: skip
    return read_cost(kind, header, line, rows[1:], shown, issues)


def _stated(lines: list[str], shown: str, issues: Issues) -> tuple[Kind, bool] | None:
    """Return the kind that a line ``#TYPE=`` states, and whether it is extended."""
    for number, line in enumerate(lines, 1):
        text = line.strip().strip('"').lower()
        if not text.startswith("#type"):
            continue
        name = text[len("#type") :].lstrip(" =:").strip().strip('"')
        for known, kind in TYPES.items():
            if name.startswith(known):
                return kind, "extended" in name
        issues.error(shown, number, "#TYPE", f"{name!r} is no packet that is known",
                     f"they are {', '.join(TYPES)}, each also extended")  # fmt: skip
        return None
    return None


def _rows(lines: list[str], shown: str, issues: Issues) -> list[tuple[int, list[str]]]:
    """Return the rows that are no comments, each with its line."""
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not _is_comment(line)]
    found: list[tuple[int, list[str]]] = []
    for number, line in kept:
        try:
            row = next(csv.reader([line], strict=True, skipinitialspace=True))
        except csv.Error as error:
            issues.error(shown, number, "", f"cannot be split into cells: {error}", "check its quotes")
            continue
        if any(cell.strip() for cell in row):
            found.append((number, row))
    return found


def _is_comment(line: str) -> bool:
    return line.lstrip().lstrip('"').startswith("#")
