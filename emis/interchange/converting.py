"""From one file to another: read, say what was understood, write whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emis.errors import InputError, Issue, Issues
from emis.interchange.detecting import detect, head_of
from emis.interchange.facets import Lost, lost
from emis.interchange.formats import Format, Given, Settings, Told
from emis.interchange.registry import FORMATS
from emis.interchange.series import Series
from emis.io.folders import Folder, beside
from emis.io.outputs import OutputError
from emis.io.result_folders import replacing

__all__ = ["Read", "read_file", "write_file"]

#: In folders that are written: it says that whoever wrote them may replace them.
_MARK = ".emis-convert"
#: How files that are not text begin, by the endings of their names.
_BEGINNINGS = {
    ".xlsx": (b"PK",), ".xlsm": (b"PK",), ".xls": (b"\xd0\xcf\x11\xe0",), ".parquet": (b"PAR1",),
    ".nc": (b"\x89HDF", b"CDF"),
}  # fmt: skip
_TEXTS = (".csv", ".tsv", ".txt", ".yaml", ".yml", ".orl")


@dataclass(frozen=True)
class Read:
    """A file that was understood: its format, what is in it, and the warnings on the way."""

    path: Path
    format: Format
    series: tuple[Series, ...]
    folder: Folder
    warnings: tuple[Issue, ...]

    def record(self) -> dict[str, Any]:
        """Return what was understood, as JSON has it."""
        return {
            "file": str(self.path),
            "format": self.format.name,
            "inputs": self.folder.hashes(),
            "series": [_record(one) for one in self.series],
        }

    def lost(self, target: Format, settings: Settings) -> list[Lost]:
        """Return what another format cannot carry of it, written as `settings` say."""
        return lost(self.series, target.holds(settings))


def _record(series: Series) -> dict[str, Any]:
    sums, unknown, size = series.totals, np.isnan(series.values).sum(axis=1), len(series.inventory)
    totals = {
        str(year): {
            # Of what no source is known there is no total, which is not one of zero.
            name: {"t/yr": None if 0 < size == unknown[y, p] else float(sums[y, p]), "not known": int(unknown[y, p])}
            for p, name in enumerate(series.pollutants)
        }
        for y, year in enumerate(series.years)
    }
    return {
        "scenario": series.scenario,
        "model": series.model,
        "name": series.inventory.name,
        "status": series.inventory.status,
        "sources": len(series.inventory),
        "pollutants": list(series.pollutants),
        "years": list(series.years),
        "totals": totals,
        "notes": list(series.notes),
    }


def read_file(path: Path, settings: Settings, name: str | None = None, root: str | Path | None = None) -> Read:
    """Read a file of a known format, or of the one that it looks like.

    Raises
    ------
    InputError
        Every fault of the file.
    """
    issues, folder = Issues(), Folder.around(path, root)
    shown = folder.shown(path)
    if not path.exists():
        issues.error(shown, 0, "", "is not there", beside(path))
    issues.raise_if_any()
    name = name or ("mapping" if settings.mapping is not None else None)
    found = FORMATS.get(name) if name else detect(head_of(path, shown, issues, settings.encoding), shown,
                                                  FORMATS.values(), issues)  # fmt: skip
    issues.raise_if_any()
    if found is None or found.read is None:
        raise InputError([Issue(shown, 0, "", f"the format {name!r} cannot be read", "name another with --from")])
    if path.is_file():
        folder.read(path)
    series = tuple(found.read(Given(path, shown, folder, settings), issues))
    issues.raise_if_any()
    chosen = _chosen(series, settings, shown, issues)
    issues.raise_if_any()
    return Read(path, found, chosen, folder, tuple(issues.warnings))


def _chosen(several: Sequence[Series], settings: Settings, shown: str, issues: Issues) -> tuple[Series, ...]:
    """Return the series of the scenario that is asked for; what is asked for and not there is a fault."""
    named = [one for one in several if not settings.scenario or one.scenario in ("", settings.scenario)]
    if not named:
        there = ", ".join(repr(one.scenario) for one in several)
        issues.error(shown, 0, "scenario", f"there is no scenario {settings.scenario!r}", f"there are {there}")
        return ()
    return tuple(named)


def write_file(
    series: Sequence[Series], target: Format, out: Path, settings: Settings, inputs: Iterable[Path] = (),
    tell: Callable[[Told], None] = lambda told: None,
) -> tuple[list[Path], list[Issue]]:  # fmt: skip
    """Write series in a format and return the files and the warnings; whole or not at all.

    Files that are there are replaced, but not those that were read, and no folder that this did not write.

    Parameters
    ----------
    tell : callable, optional
        Is given what the writer has to say beyond warnings.

    Raises
    ------
    InputError
        When the format cannot hold what the series are; nothing is written then.
    OutputError
        When the place is taken by something else, or the disk refuses.
    """
    if target.write is None:
        raise OutputError(f"{target.name} is read, and not written")
    inputs = list(inputs)
    if any(_same(out, one) for one in inputs):
        raise OutputError(f"{out} was read: name another file to write")
    issues, room = Issues(), _folder if target.is_folder else _files

    def write(path: Path) -> list[Path]:
        assert target.write is not None
        told = target.write(series, path, settings, issues) or Told()
        issues.raise_if_any()
        tell(told)
        return [*inputs, *told.read]

    try:
        files = room(target, out, write)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror or error}") from None
    for file in files:
        _tell_ending(file, target, issues)
    return files, issues.warnings


def _tell_ending(file: Path, target: Format, issues: Issues) -> None:
    """Warn of a file whose name ends as that of another kind, so that programs will take it for one."""
    suffix = file.suffix.lower()
    if not file.is_file() or not (suffix in _BEGINNINGS or suffix in _TEXTS):
        return
    with file.open("rb") as stream:
        begins = stream.read(8)
    told = next((one for one, starts in _BEGINNINGS.items() if begins.startswith(starts)), "")
    right = suffix in _TEXTS if not told else begins.startswith(_BEGINNINGS.get(suffix, ()))
    if not right:
        message = f"holds {target.name}, and its name ends in {suffix}, as other files do"
        issues.warn(file.name, 0, "", message, f"call it {file.stem}{told or target.suffix}")


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _folder(target: Format, out: Path, write: Callable[[Path], list[Path]]) -> list[Path]:
    owned = target.owns or (lambda folder: (folder / _MARK).exists())
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not owned(out))):
        raise OutputError(f"{out} is there and was not written by emis convert: name another folder")
    with replacing(out) as room:
        write(room)
        if target.owns is None:
            (room / _MARK).write_text("this folder was written by emis convert, and is replaced by it\n", "utf-8")
    return [out]


def _files(target: Format, out: Path, write: Callable[[Path], list[Path]]) -> list[Path]:
    if out.is_dir():
        raise OutputError(f"{out} is a folder, and {target.name} is a file: name one, such as {out / 'emissions'}"
                          f"{target.suffix}")  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        read = write(room / out.name)
        made = sorted(room.iterdir(), key=lambda one: one.name == out.name)
        places = [out.with_name(one.name) for one in made]
        for place in places:
            if place.is_dir() or any(_same(place, one) for one in read):
                raise OutputError(f"{place} is in the way of a file to write: name another")
        for one, place in zip(made, places, strict=True):
            with one.open("rb") as stream:
                os.fsync(stream.fileno())
            one.chmod(0o644)
            one.replace(place)
        return places[::-1]
    finally:
        shutil.rmtree(room, ignore_errors=True)
