"""The table in the README is that of the last record, and verdicts say what the bars say."""

import json

import pytest
from ratios import HERE, RECORD, headline_of, text_of
from table import Bar, between


def test_the_readme_holds_the_record() -> None:
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert between((HERE / "README.md").read_text(encoding="utf-8")) == text_of(record)
    assert between((HERE.parent / "README.md").read_text(encoding="utf-8")) == headline_of(record)


@pytest.mark.parametrize(
    ("ratio", "limits", "verdict"),
    [
        (1.9, {"most": 2.0}, "reached"),
        (2.1, {"most": 2.0}, "**missed**"),
        (2.1, {"most": 2.0, "why": "so"}, "**missed**: so"),
        (2.1, {"least": 2.0}, "reached"),
        (1.9, {"least": 2.0}, "**missed**"),
        (1.9, {"least": 2.0, "at": "nation"}, "told; the bar is set at a nation"),
        (1.9, {}, "told"),
    ],
)
def test_verdicts(ratio: float, limits: dict[str, float], verdict: str) -> None:
    assert Bar("bar", "", "peer", "city, few", ratio, **limits).verdict == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "<!-- measured: end --><!-- measured: begin -->", "<!-- measured: begin -->"])
def test_markers_are_needed(text: str) -> None:
    with pytest.raises(ValueError, match="once each"):
        between(text)
