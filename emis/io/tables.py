"""Tables as text: CSV, TSV, XLSX and Parquet, decoded with care, each cell with the line it stands in.

Numbers are read by a grammar of our own: neither pandas nor `float` is strict enough for files from colleagues (a NUL
cuts a cell, a surplus field shifts columns, full-width digits and ``1_200`` pass).
"""

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from emis import numerals, vocabulary
from emis.errors import Issues, UnitError
from emis.io.folders import beside

__all__ = ["Column", "Table", "number", "read_table"]

_LARGEST_FILE = 2_000_000_000
_LARGEST_FIELD = 100_000
#: What spreadsheets and statisticians write for a number they do not have.
_NOTHING = frozenset({"nan", "n/a", "null", "none", "-", "--", "…", "...", "#n/a", "#value!", "#div/0!", "#ref!"})
_HEADER = re.compile(r"(?P<name>[^\[\]]+?)\s*(?:\[(?P<unit>[^\[\]]*)\])?")
_SUFFIXES = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": ""}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the name and the unit its header carries, and its cells as text."""

    name: str
    unit: str
    cells: list[str]


@dataclass
class Table:
    """A table of text. `lines` holds the line each row starts in; 0 where a format has none."""

    file: str
    lines: list[int]
    columns: dict[str, Column]
    encoding: str = "UTF-8"
    header: int = 1
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._blanks = [""] * len(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def get(self, name: str) -> Column | None:
        """Return a column by name and note that it was used."""
        column = self.columns.get(name)
        if column is not None:
            self.used.add(name)
        return column

    def text(self, name: str) -> list[str]:
        """Return the cells of a column, or blanks when there is no such column."""
        column = self.get(name)
        return column.cells if column else self._blanks


def read_table(
    path: Path, shown: str, issues: Issues, sheet: str | None = None, encoding: str | None = None
) -> Table | None:
    """Read a table; None when it cannot be, and `issues` says why.

    Parameters
    ----------
    shown : str
        The file as messages name it.
    sheet : str, optional
        Sheet of an XLSX file; the first one otherwise.
    encoding : str, optional
        Encoding of a text file, when it cannot be told.
    """
    try:
        if not path.is_file():
            issues.error(shown, 0, "", "is not there" if not path.exists() else "is not a file", beside(path))
            return None
        if path.stat().st_size > _LARGEST_FILE:
            issues.error(shown, 0, "", "is larger than 2 GB", "split it, or write it as Parquet")
            return None
        suffix = path.suffix.lower()
        if suffix in (".xlsx", ".xlsm"):
            rows = _xlsx_rows(path, shown, sheet, issues)
            found = None if rows is None else _table(rows, shown, "XLSX", issues)
        elif suffix in (".parquet", ".pq"):
            found = _parquet(path, shown, issues)
        elif suffix in _SUFFIXES:
            found = _delimited(path, shown, _SUFFIXES[suffix], encoding, issues)
        else:
            issues.error(
                shown,
                0,
                "",
                f"is of no kind that is read ({suffix or 'no ending'})",
                "use .csv, .tsv, .xlsx or .parquet",
            )
            return None
    except OSError as error:
        issues.error(shown, 0, "", f"cannot be read: {error.strerror or error}", "check the file")
        return None
    return found


# -- text files ------------------------------------------------------------------------------------------------------


def _delimited(path: Path, shown: str, delimiter: str, encoding: str | None, issues: Issues) -> Table | None:
    raw = path.read_bytes()
    if b"\x00" in raw and raw[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        issues.error(
            shown,
            raw[: raw.index(b"\x00")].count(b"\n") + 1,
            "",
            "holds a NUL byte: the file is damaged or not text",
            "export it again",
        )
        return None
    decoded = _decode(raw, shown, encoding, issues)
    if decoded is None:
        return None
    text, name = decoded
    if not text.strip():
        issues.error(shown, 1, "", "is empty", "write a header row and data")
        return None
    rows: list[tuple[int, list[str]]] = []
    csv.field_size_limit(_LARGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _sniff(text), strict=True)
    start = 1
    try:
        for row in reader:
            rows.append((start, row))
            start = reader.line_num + 1
    except csv.Error as error:
        issues.error(
            shown,
            start,
            "",
            f"cannot be split into cells: {error}",
            "check the quotes: a cell with a quote or comma stands in double quotes",
        )
        return None
    return _table(rows, shown, name, issues)


def _sniff(text: str) -> str:
    head = text.splitlines()[0]
    return max((",", "\t", ";"), key=head.count)


def _decode(raw: bytes, shown: str, encoding: str | None, issues: Issues) -> tuple[str, str] | None:
    """Decode by BOM, then strict UTF-8, then GB18030 or Big5, whichever yields words of the vocabulary."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            try:
                return raw.decode(name), name.removesuffix("-sig").upper()
            except UnicodeDecodeError as error:
                issues.error(shown, 0, "", f"starts like {name} and is not: {error.reason}", "save it as UTF-8")
                return None
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        position = error.start
    if encoding is not None:
        try:
            return raw.decode(encoding), encoding
        except (UnicodeError, LookupError) as error:
            issues.error(shown, 0, "", f"is not {encoding}: {error}", "name its encoding, e.g. --encoding gb18030")
            return None
    scores = {name: _familiar(text, name) for name in ("gb18030", "big5") if (text := _try(raw, name)) is not None}
    best = max(scores, key=lambda name: scores[name], default=None)
    if (
        best is None
        or scores[best] < 0.5
        or any(scores[best] - score < 0.1 for name, score in scores.items() if name != best)
    ):
        line = raw[:position].count(b"\n") + 1
        issues.error(
            shown,
            line,
            "",
            "is not UTF-8, and nothing tells what it is",
            "name its encoding: --encoding gb18030, or save it as UTF-8",
        )
        return None
    issues.warn(shown, 0, "", f"is not UTF-8; read as {best.upper()}", "use --encoding if that is wrong")
    return raw.decode(best), best.upper()


def _try(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


#: Characters of units: where a table holds little other Chinese, they tell one encoding from another.
_UNIT_CHARACTERS = frozenset("吨万亿千克公里米平方立年月日天辆户头只家村人亩顷升度时噸萬億輛戶頭隻畝頃")


def _familiar(text: str, encoding: str) -> float:
    """Return which part of the Chinese characters are everyday ones, by the level-1 block of the encoding's own table.

    GB 2312 and Big5 both put their few thousand common characters first, so text read by the wrong table falls mostly
    outside that block.
    """
    standard, first, last = ("gb2312", 0xB0, 0xD7) if encoding == "gb18030" else ("big5", 0xA4, 0xC6)
    hanzi = [char for char in text if not char.isascii()]
    common = 0
    for char in hanzi:
        code = char.encode(standard, errors="ignore")
        common += "\u4e00" <= char <= "\u9fff" and len(code) == 2 and first <= code[0] <= last
    known = sum(char in _UNIT_CHARACTERS for char in hanzi)
    return (common + known) / len(hanzi) if hanzi else 0.0


# -- workbooks and Parquet -------------------------------------------------------------------------------------------


def _xlsx_rows(path: Path, shown: str, sheet: str | None, issues: Issues) -> list[tuple[int, list[str]]] | None:
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
        shown_pages = [title for title, page in pages.items() if page.sheet_state == "visible"]
        if sheet is not None and sheet not in pages:
            issues.error(shown, 0, "sheet", f"there is no sheet {sheet!r}", vocabulary.suggest(sheet, pages))
            return None
        if sheet is None and len(shown_pages) != 1:
            message = f"has {len(shown_pages)} sheets: {', '.join(shown_pages)}"
            issues.error(shown, 0, "sheet", message, "say which: {..., sheet: NAME} in inventory.yaml")
            return None
        rows = pages[sheet or shown_pages[0]].iter_rows(values_only=True)
        return [(number, [_cell(value) for value in row]) for number, row in enumerate(rows, start=1)]
    except Exception as error:  # as above: what the sheet's XML may hold is not in our hands
        issues.error(shown, 0, "", f"is not a readable workbook: {type(error).__name__}", "save it again as .xlsx")
        return None
    finally:
        book.close()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _parquet(path: Path, shown: str, issues: Issues) -> Table | None:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        issues.error(shown, 0, "", "needs pyarrow to be read", "pip install 'emis[parquet]', or save it as CSV")
        return None
    try:
        found = parquet.read_table(path)
    except Exception as error:  # pyarrow raises several kinds of its own
        issues.error(shown, 0, "", f"is not readable Parquet: {type(error).__name__}", "write it again")
        return None
    cells = [[_cell(value) for value in column.to_pylist()] for column in found.columns]
    rows = [
        (0, list(found.column_names)),
        *((number, list(row)) for number, row in enumerate(zip(*cells, strict=True), start=1)),
    ]
    return _table(rows, shown, "Parquet", issues)


# -- cells -----------------------------------------------------------------------------------------------------------


def _table(rows: list[tuple[int, list[str]]], shown: str, encoding: str, issues: Issues) -> Table | None:
    """Turn rows into named columns; blank rows are left out, and comments: a # in the only cell that is filled."""
    rows = [(line, row) for line, row in rows if any(map(str.strip, row)) and not _is_comment(row)]
    if not rows:
        issues.error(shown, 1, "", "is empty", "write a header row and data")
        return None
    (head_line, head), body = rows[0], rows[1:]
    while head and not head[-1].strip():
        head = head[:-1]
    width, faults = len(head), len(issues.errors)
    names = [_header(cell, head_line, shown, issues) for cell in head]
    for number, (name, _) in enumerate(names):
        if name and name in [other for other, _ in names[:number]]:
            issues.error(shown, head_line, name, f"the column {name!r} stands twice", "keep one of them")
    if not body:
        issues.error(shown, head_line, "", "has a header and no rows", "write a row for each source")
    for line, row in body:
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            issues.error(
                shown, line, "", f"has {len(row)} cells, and the header {width}", "quote a cell that holds a comma"
            )
        elif len(row) < width:
            issues.error(
                shown, line, "", f"has {len(row)} cells, and the header {width}: the row is cut off", "fill it up"
            )
    if len(issues.errors) > faults:
        return None
    cells = list(zip(*(row[:width] for _, row in body), strict=True))
    columns = {
        name: Column(name, unit, [cell.strip() for cell in column])
        for (name, unit), column in zip(names, cells, strict=True)
    }
    return Table(shown, [line for line, _ in body], columns, encoding, head_line)


def _is_comment(row: list[str]) -> bool:
    return row[0].lstrip().startswith("#") and not any(map(str.strip, row[1:]))


def _header(cell: str, line: int, shown: str, issues: Issues) -> tuple[str, str]:
    plain = cell.strip()
    match = _HEADER.fullmatch(plain)
    if not match:
        issues.error(shown, line, plain, f"the header {plain!r} is not read", "write name or name [unit]")
        return plain, ""
    if (right := vocabulary.look_alike(match["name"])) is not None:
        issues.error(
            shown, line, plain, f"the header {plain!r} has full-width or look-alike characters", f"write {right}"
        )
    return match["name"].strip(), (match["unit"] or "").strip()


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
