"""Control packets on what was read of a file: what `emis convert --packets` does between reading and writing."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from emis.errors import InputError, Issues
from emis.interchange.converting import Read
from emis.interchange.packets.applying import Controlled, controlled
from emis.interchange.packets.reading import load_packets
from emis.interchange.packets.records import Compat, default_compat

__all__ = ["control"]


def control(
    read: Read, packets: Sequence[Path], year: int, compat: Compat | None = None, encoding: str | None = None
) -> tuple[Read, Controlled]:
    """Return what was read with packets applied to it, and what there is to say of them.

    Parameters
    ----------
    compat : str, optional
        As which system packets are evaluated; otherwise as the one they are written for.

    Raises
    ------
    InputError
        Every fault of the packets, and whatever they cannot do to the inventory.
    """
    issues = Issues()
    if len(read.series) > 1:
        names = ", ".join(repr(one.scenario) for one in read.series)
        issues.error(str(read.path), 0, "scenario", f"packets are of one inventory, and there are {names}",
                     "name one with --scenario")  # fmt: skip
    records = load_packets(packets, read.folder, issues, encoding)
    if not issues.errors and not records:
        issues.error(str(packets[0]), 0, "", "holds no records", "name a file that does")
    issues.raise_if_any()
    found = controlled(read.series[0], records, year, compat or default_compat(records), issues)
    if found is None:
        raise InputError(issues.errors, issues.warnings)
    return replace(read, series=(found.series,), warnings=(*read.warnings, *issues.warnings)), found
