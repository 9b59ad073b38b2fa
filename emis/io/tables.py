"""Tables as text: CSV, TSV, XLSX and Parquet, decoded with care, each cell with the line it stands in."""

from collections.abc import Iterator
from pathlib import Path

from emis import numerals
from emis.errors import Issues, UnitError
from emis.io.arrow import as_table
from emis.io.columns import Column, Row, Table, checked, gathered, headers
from emis.io.delimited import Delimited, SplitError, is_row, open_delimited
from emis.io.folders import beside
from emis.io.plain_lines import plain_lines
from emis.io.workbooks import xlsx_rows

__all__ = ["SUFFIXES", "Column", "Table", "number", "read_table", "text_table"]

_LARGEST_FILE = 2_000_000_000
#: What spreadsheets and statisticians write for a number they do not have.
_NOTHING = frozenset({"nan", "n/a", "null", "none", "-", "--", "…", "...", "#n/a", "#value!", "#div/0!", "#ref!"})
SUFFIXES = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": ""}


def read_table(
    path: Path, shown: str, issues: Issues, sheet: str | None = None, encoding: str | None = None
) -> Table | None:
    """Read a table; None when it cannot be, and `issues` says why.

    Parameters
    ----------
    path : Path
        A file, or a folder of Parquet files.
    shown : str
        The file as messages name it.
    sheet : str, optional
        Sheet of an XLSX file; the first one otherwise.
    encoding : str, optional
        Encoding of a text file, when it cannot be told.
    """
    try:
        return _read(path, shown, issues, sheet, encoding)
    except OSError as error:
        issues.error(shown, 0, "", f"cannot be read: {error.strerror or error}", "check the file")
        return None


def _read(path: Path, shown: str, issues: Issues, sheet: str | None, encoding: str | None) -> Table | None:
    # Not everyone has pyarrow, and only those who read Parquet pay for it.
    from emis.io.parquet import ENDINGS, is_dataset, read_parquet

    if is_dataset(path):
        return read_parquet(path, shown, issues)
    if not path.is_file():
        issues.error(shown, 0, "", "is not there" if not path.exists() else "is not a file", beside(path))
        return None
    suffix = path.suffix.lower()
    if suffix not in ENDINGS and path.stat().st_size > _LARGEST_FILE:
        issues.error(shown, 0, "", "is larger than 2 GB", "split it, or write it as Parquet")
        return None
    if suffix in (".xlsx", ".xlsm"):
        rows = xlsx_rows(path, shown, sheet, issues)
        return None if rows is None else _table(filter(_filled, rows), shown, "XLSX", issues)
    if suffix in ENDINGS:
        return read_parquet(path, shown, issues)
    if suffix in SUFFIXES:
        text = open_delimited(path, shown, SUFFIXES[suffix], encoding, issues)
        return None if text is None else text_table(text, 0, shown, issues)
    issues.error(
        shown,
        0,
        "",
        f"is of no kind that is read ({suffix or 'no ending'})",
        "use .csv, .tsv, .xlsx or .parquet",
    )
    return None


def text_table(text: Delimited, skipped: int, shown: str, issues: Issues) -> Table | None:
    """Return the table in a text, from which `skipped` lines behind the header were left out."""
    # What is out of the ordinary is left to the reader that knows every rule, and every fault, of CSV.
    lines = plain_lines(text.raw, text.delimiter)
    if lines is None:
        return _table(text.rows(skipped), shown, text.encoding, issues)
    faults = len(issues.errors)
    names = headers(lines.head, 1, shown, issues)
    return as_table(lines.body, names, lines.lines + skipped, issues, faults, shown, text.encoding, 1)


def _filled(row: Row) -> bool:
    return is_row(row[1])


def _table(rows: Iterator[Row], shown: str, encoding: str, issues: Issues) -> Table | None:
    """Turn rows into named columns."""
    faults = len(issues.errors)
    try:
        head_line, head = next(rows, (1, []))
        names = headers(head, head_line, shown, issues)
        lines, columns = gathered(rows, len(names), shown, issues, names)
    except SplitError as error:
        del issues.errors[faults:]  # what was said of cells before may be the same slip
        issues.error(
            shown,
            error.line,
            "",
            f"cannot be split into cells: {error.why}",
            "check the quotes: a cell with a quote or comma stands in double quotes",
        )
        return None
    return checked(Table(shown, lines, columns, encoding, head_line), issues, faults)


def number(cell: str) -> float:
    """Return the number in a cell.

    Raises
    ------
    UnitError
        When it holds no number: a blank is not zero.
    """
    if not cell or cell.lower() in _NOTHING:
        found = f"{cell!r} is no number" if cell else "is blank"
        raise UnitError(found, "write a number, 0, or a notation key: NE not estimated, NO not occurring, IE, NA, C")
    return numerals.number(cell)
