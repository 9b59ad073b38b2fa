"""Workbooks that are written: plain sheets, numbers with all their digits, and no cell that is a formula.

The XML is that of ECMA-376-1 (SpreadsheetML), and no more of it than a table needs. openpyxl, which reads workbooks
here, writes 16 significant digits, which do not always give the same number back, and takes a text that begins with =
for a formula.
"""

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from emis.interchange.cells import harmless
from emis.interchange.own.tables import Column, TextColumn, rows_of
from emis.io.outputs import OutputError

__all__ = ["LARGEST_SHEET", "write_workbook"]

#: Rows of a sheet, its header among them (ECMA-376-1, 18.3.1.73, and what Excel opens).
LARGEST_SHEET = 1_048_576
_LONGEST_CELL = 32_767
_AT_ONCE = 20_000
#: What XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def write_workbook(path: Path, sheets: Mapping[str, Sequence[Column]]) -> None:
    """Write tables as the sheets of a workbook; the header of each stays in sight.

    Raises
    ------
    OutputError
        When a table has more rows than a sheet, or a text is longer than a cell.
    """
    for name, columns in sheets.items():
        if rows_of(columns) >= LARGEST_SHEET:
            raise OutputError(f"{rows_of(columns):,} rows are more than a sheet holds ({name}): write csv or parquet")
        longest = (max(map(len, one.coded.values), default=0) for one in columns if isinstance(one, TextColumn))
        if max(longest, default=0) > _LONGEST_CELL:
            raise OutputError(f"a text is longer than the {_LONGEST_CELL:,} characters of a cell: write csv or parquet")
    number: dict[str, int] = {}
    with zipfile.ZipFile(path, "w") as package:
        for part, text in _parts(list(sheets)).items():
            package.writestr(_dated(part), text)
        for at, columns in enumerate(sheets.values(), start=1):
            with package.open(_dated(f"xl/worksheets/sheet{at}.xml"), "w") as stream:
                stream.write(
                    f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1"'
                    ' topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
                    "<sheetData><row>".encode()
                )
                stream.write("".join(_text(harmless(one.header), number, ' s="1"') for one in columns).encode())
                stream.write(b"</row>")
                cells = [_cells(one, number) for one in columns]
                for start in range(0, rows_of(columns), _AT_ONCE):
                    several = zip(*(one[start : start + _AT_ONCE] for one in cells), strict=True)
                    stream.write("".join(f"<row>{''.join(row)}</row>" for row in several).encode())
                stream.write(b"</sheetData></worksheet>")
        texts = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in number)
        package.writestr(
            _dated("xl/sharedStrings.xml"), f'{_HEAD}<sst xmlns="{_MAIN}" uniqueCount="{len(number)}">{texts}</sst>'
        )


def _dated(part: str) -> zipfile.ZipInfo:
    """Return a part of the package, of the first day that one knows: the same tables make the same bytes."""
    found = zipfile.ZipInfo(part, (1980, 1, 1, 0, 0, 0))
    found.compress_type = zipfile.ZIP_DEFLATED
    found._compresslevel = 1  # type: ignore[attr-defined]  # of a part there is no other way to say it
    return found


def _parts(names: Sequence[str]) -> dict[str, str]:
    """Return the parts of a workbook beside its sheets."""
    numbered = list(enumerate(names, start=1))
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for at, _ in numbered
    )
    listed = "".join(f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>' for at, name in numbered)
    related = "".join(
        f'<Relationship Id="rId{at}" Type="{_RELATED}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _ in numbered
    )
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/>{types}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>{listed}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}'
        f'<Relationship Id="rId{len(names) + 1}" Type="{_RELATED}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId{len(names) + 2}" Type="{_RELATED}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/styles.xml": _STYLES,
    }  # fmt: skip


def _cells(column: Column, number: dict[str, int]) -> list[str]:
    """Return the cell of each row as XML: a number as its shortest text, and all else as a text."""
    if isinstance(column, TextColumn):
        cells = [_text(str(text), number) for text in column.coded.values]
        return [cells[code] for code in column.coded.codes.tolist()]
    texts, known = column.texts(), (~np.isnan(column.values)).tolist()
    keys = column.keys.tolist() if column.keys is not None else [""] * len(texts)
    return [
        f"<c><v>{text}</v></c>" if is_number and not key else _text(text, number)
        for text, is_number, key in zip(texts, known, keys, strict=True)
    ]


def _text(text: str, number: dict[str, int], style: str = "") -> str:
    """Return the cell of a text, which stands in the workbook once and is known there by its number."""
    plain = _UNWRITABLE.sub(" ", text)
    return f'<c t="s"{style}><v>{number.setdefault(plain, len(number))}</v></c>' if plain else "<c/>"
