"""Runs notebooks anew in place, and leaves in them nothing of the machine or the hour: `python execute.py X.ipynb`."""

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

#: What a notebook says of its kernel; the version of Python would change with whoever runs it.
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def executed(path: Path) -> Any:
    """Return a notebook with fresh outputs, run in its own folder."""
    notebook = nbformat.read(path, as_version=4)
    # What a cell prints may come in several pieces, and how many is chance: they are put together.
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}},
        record_timing=False, coalesce_streams=True,
    ).execute()  # fmt: skip
    notebook.metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = {}, f"cell-{number}"
    return notebook


if __name__ == "__main__":
    for name in sys.argv[1:]:
        nbformat.write(executed(Path(name)), name)
