"""Documents composed by libyaml are those that the parser in Python composes, lines and faults included."""

import random
import warnings
from pathlib import Path

import pytest

from emis.errors import Issues
from emis.io import composing, documents

ROOT = Path(__file__).parents[2]
PIECES = [
    "a", "b", ": ", ":", "- ", "-", "? ", "[", "]", "{", "}", ", ", ",", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", "#",
    " # c", '"', "'", "|", ">", "|-\n  x\n", ">+\n  x\n\n  y\n", "|2", "&a ", "*a ", "!t ", "%", "~", "null", "yes",
    "no", "0o17", "010", "1:30", "1_0", ".5", "1e3", "2018-01-02", "<<: ", "=", "中文", "\\n", "\\/", "\\x41", " ",
    "\n\n", "...", "---", "\n--- ", "@", "k: ", "\nk: ", "\nj: v", "\n  x: 1", '"q"', "'s'", "http://x", "a,b", ".inf",
    "TRUE", "0x1F", "-1", "\r\n", "\u3000", "\u2028", "\t", '"a\n  b"', '""', "[a, b]", "{a: b}", "[k:v]", '{"k":v}',
    "['k':v]", "- - x", "a#b", "-x", "?x", ":x", "%YAML 1.1\n---\n", "50 %", "0b1",
]  # fmt: skip


def read(text: str) -> tuple[object, list[str]]:
    issues = Issues()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = documents.parse(text.encode(), "a.yaml", issues)
    parts = [
        (path, part.line, line, type(part.value), getattr(part.value, "text", None), part.keys, repr(part.value))
        if not isinstance(part.value, dict | list)
        else (path, part.line, line, part.keys)
        for path, part, line in (documents.walk(tree) if tree else ())
    ]
    return parts, [str(issue) for issue in issues.errors]


def both(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    quick = read(text)
    with monkeypatch.context() as patched:
        patched.setattr(composing, "CParser", None)
        return quick, read(text)


@pytest.mark.parametrize("file", sorted(ROOT.glob("*/*/*.yaml")), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_shipped_documents_are_composed_quickly_and_alike(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = file.read_text(encoding="utf-8")
    assert composing.composed(text) is not None
    quick, slow = both(text, monkeypatch)
    assert quick == slow


def test_any_text_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(1)
    composed = 0
    for number in range(2000):
        text = "k: " * (number % 2) + "".join(rng.choices(PIECES, k=rng.randint(1, 12)))
        quick, slow = both(text, monkeypatch)
        assert quick == slow, text
        composed += composing.composed(text) is not None
    assert composed > 200


@pytest.mark.parametrize("text", ["[" * 5_000, "- " * 5_000, "? " * 5_000, "%YAML 1.2010\n---\na: 1"])
def test_what_no_parser_can_read_is_told(text: str) -> None:
    assert composing.composed(text) is None
    tree, errors = read(text)
    assert not tree
    assert "is not YAML" in errors[0]
