"""Write the report of a result into its folder: report.html and figures."""

import importlib.util
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from emis.io.outputs import OutputError
from emis.io.results import read_result
from emis.report.saying import Lang

__all__ = ["MISSING", "failed", "missing", "write_report"]

#: What a report is made with, and what is said where it is not installed.
_NEEDED = ("altair", "jinja2", "vl_convert")
MISSING = "report.html and the figures need a few libraries more: pip install 'emis[report]'"


def missing() -> str:
    """Return what to say when a report cannot be made here; empty when it can."""
    return "" if all(importlib.util.find_spec(name) for name in _NEEDED) else MISSING


def failed(error: Exception) -> str:
    """Return what to say of a report that could not be made; a developer who asks for it gets the traceback instead."""
    if os.environ.get("EMIS_TRACEBACK") == "1":
        raise error
    return f"there is no report, by an error in emis itself: {type(error).__name__}: {error}; the numbers are whole"


def write_report(folder: str | Path, lang: Lang = "en", spread: Callable[..., Iterable[Any]] = map) -> Path:
    """Write report.html and figures/*.svg into a result folder, and return the page's path.

    Parameters
    ----------
    lang : "en" or "zh"
        Of the figures, and what the page opens in; it holds both languages.
    spread : callable, optional
        Draws figures instead of `map`, such as `emis.workers.Processes(4).map`.

    Raises
    ------
    InputError
        When it is no result folder, or one without report.json.
    OutputError
        When a library is missing, or the disk refuses.
    """
    if said := missing():
        raise OutputError(said)
    from emis.report.pages import pictures, render, write_figures  # slow to import

    room = Path(folder)
    result = read_result(room)
    result.facts  # noqa: B018 - a result without them is told of before anything is drawn
    drawn = pictures(room.resolve(), spread)
    page = render(result, lang, drawn)
    try:
        write_figures(room, (one for one in drawn if one.lang == lang))
        # Whole or as it was: a page is put in its place in one step.
        beside = room / ".report.html"
        beside.write_text(page, encoding="utf-8")
        beside.replace(room / "report.html")
    except OSError as error:
        raise OutputError(f"{room} cannot be written: {error.strerror or error}") from None
    return room / "report.html"
