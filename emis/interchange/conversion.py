"""A whole conversion: a file is read, control packets are applied to it, and it is written in another format."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emis.errors import Issue
from emis.interchange.controlling import control
from emis.interchange.converting import Read, read_file, write_file
from emis.interchange.facets import Lost
from emis.interchange.formats import Format, Settings, Told
from emis.interchange.registry import FORMATS
from emis.vocabulary import suggest

if TYPE_CHECKING:
    from emis.interchange.packets.applying import Controlled
    from emis.interchange.packets.records import Compat

__all__ = ["Conversion", "convert", "format_named"]


@dataclass(frozen=True)
class Conversion:
    """What was read, what became of it, and what there is to say.

    Attributes
    ----------
    lost : list of Lost
        What the format that is written cannot carry.
    files : list of Path
        What was written.
    told : list of Told
        What the writer says, such as the balance of a grid.
    controlled : Controlled, optional
        What control packets did, as each system evaluates them.
    seconds : float
        How long all of it took.
    """

    read: Read
    target: Format | None
    lost: list[Lost]
    files: list[Path]
    told: list[Told]
    warnings: tuple[Issue, ...]
    controlled: "Controlled | None"
    seconds: float

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        found = self.read.record() | {
            "to": None if self.target is None else self.target.name,
            "lost": [{"what": one.told, "count": one.count} for one in self.lost],
            "files": [str(one) for one in self.files],
            "told": [line for one in self.told for line in one.lines],
            "written": dict(item for one in self.told for item in one.record.items()),
        }
        if self.controlled is not None:
            found["packets"] = self.controlled.record() | {"seconds": self.seconds}
        return found


def format_named(name: str, written: bool) -> Format:
    """Return the format of a name, which has to be one that is written, or read.

    Raises
    ------
    ValueError
        When there is none.
    """
    able = {one.name: one for one in FORMATS.values() if (one.write if written else one.read) is not None}
    if name not in able:
        raise ValueError(f"{name!r} is no format that is {'written' if written else 'read'}; {suggest(name, able)}")
    return able[name]


def convert(
    source: str | Path,
    out: str | Path | None = None,
    to: str | None = None,
    *,
    from_: str | None = None,
    packets: Sequence[str | Path] = (),
    compat: "Compat | None" = None,
    root: str | Path | None = None,
    step: Callable[[str], object] = lambda name: None,
    **settings: Any,
) -> Conversion:
    """Convert a file of one format into one of another.

    Parameters
    ----------
    source : path
        A file or folder of any format that is read; which it is shows in it, unless `from_` names it.
    out, to : optional
        The file or folder to write, and its format; without them nothing is written.
    packets : sequence of path
        Control packets of SMOKE or CoST, applied for the year that the setting `year` names.
    compat : str, optional
        As which system they are evaluated: "cost", "smoke_code", "smoke_manual" or "emis"; otherwise as the one that
        they are written for.
    root : path, optional
        Folder that files may not lead out of; found by itself otherwise.
    step : callable, optional
        Is told of each step as it begins.
    **settings
        As in `formats.Settings`: year, scenario, region, by, mapping, grid ...

    Raises
    ------
    InputError
        Every fault of what is read, and what the format cannot hold; nothing is written then.
    OutputError
        When the place is taken by something else, or the disk refuses.
    ValueError
        When there is no such format, or packets are given without a year.
    """
    start, chosen = time.perf_counter(), Settings(**settings)
    target = format_named(to, written=True) if to is not None else None
    if from_ is not None:
        format_named(from_, written=False)
    if packets and chosen.year is None:
        raise ValueError("packets lead to a year: say which")
    step("reading")
    # With packets the year is the one that they lead to.
    read, controlled = read_file(Path(source), replace(chosen, year=None) if packets else chosen, from_, root), None
    if packets:
        assert chosen.year is not None
        step("applying packets")
        read, controlled = control(read, [Path(one) for one in packets], chosen.year, compat, chosen.encoding)
    lost = read.lost(target, chosen) if target is not None else []
    files, warnings, told = list[Path](), list[Issue](), list[Told]()
    if target is not None and out is not None:
        step("writing")
        files, warnings = write_file(
            read.series, target, Path(out), chosen, read.folder.files.values(), told.append
        )  # fmt: skip
    whole = tuple(dict.fromkeys((*read.warnings, *warnings)))
    return Conversion(read, target, lost, files, told, whole, controlled, time.perf_counter() - start)
