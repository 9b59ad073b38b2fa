"""Text files of rows: decoded with care, and split into cells by the rules of CSV and no others.

Neither pandas nor `float` is strict enough for files from colleagues (a NUL cuts a cell, a surplus field shifts
columns, full-width digits and ``1_200`` pass): rows are split here, and numbers have a grammar of their own.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from emis.errors import Issues
from emis.io.columns import Row

__all__ = ["LONGEST_CELL", "Delimited", "SplitError", "decoded_head", "is_row", "open_delimited", "split"]

LONGEST_CELL = 100_000
_HEAD = 262_144


class SplitError(Exception):
    """A row that cannot be split into cells: the line it starts in, and why."""

    def __init__(self, line: int, why: str):
        super().__init__(why)
        self.line, self.why = line, why


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text file that can be read: its text as UTF-8, its encoding, what stands between its cells, and whether
    a mark stands before it."""

    raw: bytes
    encoding: str
    delimiter: str
    marked: bool = False

    def rows(self, skipped: int = 0) -> Iterator[Row]:
        """Yield the rows that hold something, as `split` does."""
        # Decoded as it is read, so that the text does not stand beside its bytes whole.
        lines = io.TextIOWrapper(io.BytesIO(self.raw), "utf-8", newline="")
        return split(lines, self.delimiter, skipped)


def split(lines: Iterable[str], delimiter: str, skipped: int = 0) -> Iterator[Row]:
    """Yield the rows of lines, blank ones and comments left out; `skipped` lines were left out behind the first.

    Raises
    ------
    SplitError
        When a row breaks the rules of CSV.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    first = 1
    try:
        for row in reader:
            if is_row(row):
                yield first, row
            first = skipped + reader.line_num + 1
    except csv.Error as error:
        raise SplitError(first, str(error)) from None


def is_row(row: list[str]) -> bool:
    """Tell a row from a blank one and from a comment: a # in the only cell that is filled."""
    first = row[0].lstrip() if row else ""
    if first and not first.startswith("#"):
        return True
    if not any(map(str.strip, row)):
        return False
    return not first.startswith("#") or any(map(str.strip, row[1:]))


def open_delimited(path: Path, shown: str, delimiter: str, encoding: str | None, issues: Issues) -> Delimited | None:
    """Decode a text file; None when it cannot be, and `issues` says why."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        issues.error(shown, 0, "", f"cannot be read: {error.strerror or error}", "see that it is a file you may read")
        return None
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
    marked = raw.startswith(b"\xef\xbb\xbf")
    raw = raw if name == "UTF-8" and not marked else text.encode()
    return Delimited(raw, name, delimiter or _sniff(text), marked)


def decoded_head(path: Path, lines: int, encoding: str | None = None) -> tuple[str, ...]:
    """Return the first lines of a text file, to tell what it is; what cannot be decoded is replaced.

    Nothing is returned of a file that cannot be opened, or is no text: whoever reads it says so.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_HEAD)
    except OSError:
        return ()
    marked = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\x00" in raw and not marked:
        return ()
    whole = raw if len(raw) < _HEAD else raw[: raw.rfind(b"\n") + 1] or raw
    name = "utf-16" if marked else encoding or ("utf-8-sig" if _try(whole, "utf-8-sig") is not None else "gb18030")
    try:
        return tuple(whole.decode(name, errors="replace").splitlines()[:lines])
    except LookupError:
        return ()


def _sniff(text: str) -> str:
    head = text[:LONGEST_CELL].splitlines()[0]
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
