"""The example notebook runs, and what is committed of it is what it says when it runs."""

import importlib.util
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/notebooks"
NOTEBOOK = FOLDER / "mentougou.ipynb"
NUMBER = re.compile(r"[-−]?\d[\d,]*\.?\d*(?:e[-+−]?\d+)?")


class _Words(HTMLParser):
    """What of HTML is read, without what only shapes it."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self.hidden = False

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def outputs(notebook: Any) -> list[str]:
    """Return what each cell prints and shows, as text."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            reader = _Words()
            reader.feed("".join(data.get("text/html", "")))
            found.append("\n".join(filter(None, (output.get("text", ""), data.get("text/plain", ""), *reader.words))))
    return found


def numbers(text: str) -> list[float]:
    return [float(one.replace(",", "").replace("−", "-")) for one in NUMBER.findall(text)]


@pytest.fixture(scope="module")
def committed() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_runs_and_says_what_is_committed(committed: Any, tmp_path: Path) -> None:
    for name in ("inventories", "scenarios", "docs/notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    spec = importlib.util.spec_from_file_location("execute", FOLDER / "execute.py")
    assert spec is not None
    assert spec.loader is not None
    execute = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(execute)
    # A cell that errs ends it.
    fresh = execute.executed(tmp_path / "docs/notebooks/mentougou.ipynb")
    assert [cell.source for cell in fresh.cells] == [cell.source for cell in committed.cells]
    pairs = list(zip(outputs(fresh), outputs(committed), strict=True))
    assert len(pairs) >= 10
    for new, old in pairs:
        assert NUMBER.sub("#", new) == NUMBER.sub("#", old)
        # The last digits of what is printed in full differ between processors.
        assert numbers(new) == pytest.approx(numbers(old), rel=1e-6, abs=1e-9)


def test_it_holds_nothing_of_a_machine(committed: Any) -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert len(text.encode()) < 300_000
    for trace in (str(ROOT), str(Path.home()) + "/", "/tmp/", "site-packages", "iopub", "shell.execute_reply"):
        assert trace not in text
    assert json.loads(text)["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    code = [cell for cell in committed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all(cell.metadata == {} for cell in committed.cells)
    assert all(output.output_type in ("stream", "execute_result") for cell in code for output in cell.outputs)
    assert not [output for cell in code for output in cell.outputs if output.get("name") == "stderr"]


def test_it_says_what_the_inventory_is(committed: Any) -> None:
    first = committed.cells[0].source
    assert "reconstruction" in first
    assert "重建清单" in first
    assert any("a reconstruction, not an official inventory" in text for text in outputs(committed))
