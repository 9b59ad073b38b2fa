"""Single files that a command writes where it is told: whole or not at all, and never over a file of somebody else."""

import os
import tempfile
from pathlib import Path

from emis.errors import EmisError

__all__ = ["OutputError", "write_output"]


class OutputError(EmisError):
    """What was found cannot be written where it should be."""

    exit_code = 2


def write_output(path: Path, text: str, mark: str) -> None:
    """Write a text file, which begins with a mark; one that is there is replaced only when it begins with it too.

    Raises
    ------
    OutputError
        When the path is taken by a file that is no earlier output, or cannot be written.
    """
    try:
        if path.exists() and not _earlier(path, mark):
            raise OutputError(f"{path} is there and is no output of this command: name another file with -o")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None


def _earlier(path: Path, mark: str) -> bool:
    if not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as stream:
        return stream.read(len(mark)) == mark
