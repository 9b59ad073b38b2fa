"""The folder of a result: written beside its place, and put there when it is whole."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emis.io.outputs import OutputError

__all__ = ["check_place", "is_result", "replacing"]

_OWN_FILES = frozenset(
    "projection.nc projection.zarr sources.parquet sources.zarr contributions.csv verdicts.csv ledger.csv".split()
    + "alerts.csv air-quality.csv uncertainty.csv sensitivity.csv progress.csv run.json".split()
    + "report.json report.html figures".split()
)


def check_place(target: Path) -> None:
    """Refuse to put a result in the place of what is none, or of one that others keep their files in."""
    if not target.exists():
        return
    if not target.is_dir() or (any(target.iterdir()) and not is_result(target)):
        raise OutputError(f"{target} is there and is no result of emis: name another folder with -o")
    foreign = sorted(item.name for item in target.iterdir() if item.name not in _OWN_FILES)
    if foreign:
        raise OutputError(
            f"{target} also holds {', '.join(foreign[:3])}, which would be lost: move it, or name another folder"
        )


def is_result(folder: Path) -> bool:
    """Tell whether a folder is a result that emis wrote."""
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("emis") == "run/1"


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a sibling folder to write into, and put it in the place of `target` when all went well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    old = room.with_name(f"{room.name}.old")
    try:
        room.chmod(0o755)
        yield room
        for path in (*room.rglob("*"), room):
            _flush(path)
        _swap(room, target, old)
        _flush(target.parent)
    finally:
        shutil.rmtree(room, ignore_errors=True)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)


def _swap(room: Path, target: Path, old: Path) -> None:
    """Put a whole result in its place; whatever interrupts that, the old one stands there again."""
    try:
        if target.exists():
            target.rename(old)
        room.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise


def _flush(path: Path) -> None:
    """Push a file or folder to the disk: a rename alone does not survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        if path.is_file():  # some network file systems cannot sync a folder
            raise
    finally:
        os.close(handle)
