"""New projects: the worked example, or files to fill in."""

import shutil
from importlib import resources
from pathlib import Path

from emis.io.outputs import OutputError

__all__ = ["create"]


def create(directory: Path, example: str | None) -> list[str]:
    """Create a project and return its files; nothing is overwritten.

    Raises
    ------
    OutputError
        When the directory holds something already, or cannot be written.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise OutputError(f"{directory} is there and not empty: name another directory")
    home = _home(example)
    try:
        for name in ("inventories", "scenarios"):
            shutil.copytree(home / name, directory / name, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    except OSError as error:
        raise OutputError(f"{directory} cannot be written: {error.strerror or error}") from None
    return sorted(item.relative_to(directory).as_posix() for item in directory.rglob("*") if item.is_file())


def _home(example: str | None) -> Path:
    package = Path(str(resources.files("emis")))
    if example is None:
        return package / "template"
    # A wheel carries the example inside the package; in a checkout it stands beside it.
    return package / "example" if (package / "example").is_dir() else package.parent
