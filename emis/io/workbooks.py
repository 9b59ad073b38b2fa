"""XLSX workbooks as rows of text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from emis import vocabulary
from emis.errors import Issues
from emis.io.columns import Row

__all__ = ["ABOUT", "as_text", "first_rows", "xlsx_rows"]

#: A sheet of this name says what a workbook holds, and is no table itself.
ABOUT = "about"

#: Blank rows of a gap that are kept, and cells that a sheet may hold.
_BLANK_ROWS, _MOST_CELLS = 100, 50_000_000

T = TypeVar("T")


def xlsx_rows(path: Path, shown: str, sheet: str | None, issues: Issues) -> list[Row] | None:
    """Return the rows of a sheet; None when it cannot be read, and `issues` says why."""

    def read(pages: dict[str, Any], visible: list[str]) -> list[Row] | None:
        if sheet is not None and sheet not in pages:
            issues.error(shown, 0, "sheet", f"there is no sheet {sheet!r}", vocabulary.suggest(sheet, pages))
            return None
        tables = [title for title in visible if title != ABOUT]
        if sheet is None and len(tables) != 1:
            message = f"has {len(visible)} sheets: {', '.join(visible)}"
            issues.error(shown, 0, "sheet", message, "say which: {..., sheet: NAME} in inventory.yaml")
            return None
        rows = _rows(pages[sheet or tables[0]])
        width = max((len(row) for _, row in rows), default=0)
        if width * len(rows) > _MOST_CELLS:
            message = f"reaches to row {rows[-1][0]:,} and column {width:,}"
            issues.error(shown, rows[-1][0], "sheet", message, "delete what lies beside the table")
            return None
        return [(number, row + [""] * (width - len(row))) for number, row in rows]

    return _opened(path, shown, issues, read)


def _rows(page: Any) -> list[Row]:
    """Return the rows of a sheet as far as they are filled; of a gap of many blank ones none but the first.

    A cell far below or beside a table would make all of the sheet part of it.
    """
    page.reset_dimensions()
    found: list[Row] = []
    blank = 0
    for number, values in enumerate(page.iter_rows(values_only=True), start=1):
        row = [as_text(value) for value in values]
        while row and not row[-1]:
            row.pop()
        blank = 0 if row else blank + 1
        if blank <= _BLANK_ROWS:
            found.append((number, row))
    while found and not found[-1][1]:
        found.pop()
    return found


def first_rows(path: Path, shown: str, count: int, issues: Issues) -> dict[str, list[list[str]]]:
    """Return the first rows of each visible sheet of a workbook; none when it cannot be read."""

    def read(pages: dict[str, Any], visible: list[str]) -> dict[str, list[list[str]]]:
        return {
            title: [
                [as_text(value) for value in row] for row in pages[title].iter_rows(max_row=count, values_only=True)
            ]
            for title in visible
        }

    return _opened(path, shown, issues, read) or {}


def _opened(path: Path, shown: str, issues: Issues, read: Callable[[dict[str, Any], list[str]], T | None]) -> T | None:
    """Return what is read of a workbook's sheets and the names of the visible ones; None, and a fault, if nothing."""
    try:
        import openpyxl
    except ImportError:
        issues.error(shown, 0, "", "needs openpyxl to be read", "pip install 'emis[xlsx]', or save it as CSV")
        return None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises what its zip and XML libraries raise
        issues.error(shown, 0, "", f"is not a readable workbook: {type(error).__name__}", "save it again as .xlsx")
        return None
    try:
        pages = {page.title: page for page in book.worksheets}
        return read(pages, [title for title, page in pages.items() if page.sheet_state == "visible"])
    except Exception as error:  # as above: what the sheet's XML may hold is not in our hands
        issues.error(shown, 0, "", f"is not a readable workbook: {type(error).__name__}", "save it again as .xlsx")
        return None
    finally:
        book.close()


def as_text(value: object) -> str:
    """Return the value of a cell as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
