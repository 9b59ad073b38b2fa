"""The house rules: imports only downwards, one place for units, small modules."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "emis").rglob("*.py"))


def test_imports_only_from_below() -> None:
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_one_module_imports_pint() -> None:
    assert [path.name for path in MODULES if "pint" in imports(path)] == ["grammar.py"]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_no_module_is_a_drawer() -> None:
    names = {path.stem for path in MODULES}
    assert not names & {"utils", "util", "common", "helpers", "base", "misc"}


def test_the_kernels_know_nothing_of_emis() -> None:
    text = (ROOT / "emis" / "_core.pyx").read_text(encoding="utf-8")
    assert "from emis" not in text
    assert "import emis" not in text
