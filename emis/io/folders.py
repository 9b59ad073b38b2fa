"""Where files may be: paths are relative to the file that names them and do not lead out of the project's folder."""

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from emis import vocabulary
from emis.errors import Issues

__all__ = ["Folder", "beside"]


def beside(path: Path) -> str:
    """Return what stands beside a file that is not there."""
    try:
        return vocabulary.suggest(path.name, (item.name for item in path.parent.iterdir()))
    except OSError:
        return f"the folder {path.parent.name!r} is not there"


@dataclass
class Folder:
    """The project's folder, and the files that were read from it.

    The project folder is the nearest folder above a file that holds ``scenarios/`` or ``inventories/``, else the file's
    own; `root` widens it.
    """

    root: Path
    files: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def around(cls, path: Path, root: str | Path | None = None) -> "Folder":
        """Return the project folder of a file."""
        if root is not None:
            return cls(Path(root).resolve())
        try:
            own = path.resolve() if path.is_dir() else path.resolve().parent
        except (OSError, RuntimeError):  # a loop of links, which reading tells of
            own = Path.cwd()
        for folder in (own, *own.parents):
            if (folder / "scenarios").is_dir() or (folder / "inventories").is_dir():
                return cls(folder)
        return cls(own)

    def shown(self, path: Path) -> str:
        """Return a path as messages name it, seen from the working folder; two files never share a name."""
        whole = os.path.normpath(Path.cwd() / path)
        near = os.path.relpath(whole)
        return Path(near if near.count("..") <= 3 else whole).as_posix()

    def read(self, path: Path) -> None:
        """Note that a file is read."""
        self.files[self.shown(path)] = path

    def holds(self, path: Path) -> bool:
        """Tell whether a path stays in the folder, links followed."""
        try:
            return path.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError):  # a loop of links
            return False

    def hashes(self) -> dict[str, dict[str, object]]:
        """Return SHA-256 and size of every file read."""
        found: dict[str, dict[str, object]] = {}
        for shown, path in sorted(self.files.items()):
            if path.is_file():
                with path.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                found[shown] = {"sha256": digest, "bytes": path.stat().st_size}
        return found

    def resolve(self, named_in: Path, name: str, line: int, key: str, issues: Issues) -> Path | None:
        """Return the file `name` that a file names; None, and a fault, where it may not lead."""
        shown = self.shown(named_in)
        if "\0" in name or len(name) > 1000:
            issues.error(shown, line, key, f"{name[:40]!r} is no name of a file", "write a path relative to this file")
            return None
        if PurePosixPath(name).is_absolute() or PureWindowsPath(name).is_absolute() or name.startswith("~"):
            issues.error(shown, line, key, f"{name!r} is an absolute path", "write it relative to this file")
            return None
        if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*://", name):
            issues.error(shown, line, key, f"{name!r} is a URL", "download it and name the file")
            return None
        path = Path(os.path.normpath(named_in.parent / name))
        if not self.holds(path):
            issues.error(
                shown,
                line,
                key,
                f"{name!r} leads out of the project folder {self.root.name}",
                "move the file, or widen the folder with --root",
            )
            return None
        return path
