"""Tables that are written: columns of texts and of numbers, as CSV, as Parquet and as sheets of a workbook."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from emis.coded import Coded, Texts, objects
from emis.interchange.cells import harmless, number
from emis.inventory import Floats
from emis.io.cells import NOTATION
from emis.io.outputs import OutputError

__all__ = ["Column", "NumberColumn", "TextColumn", "rows_of", "write_delimited", "write_parquet"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, eq=False)
class TextColumn:
    """A column of texts, by code; no text in it runs as a formula, or breaks a line."""

    header: str
    coded: Coded

    @classmethod
    def of(cls, header: str, coded: Coded) -> "TextColumn":
        """Return texts as they may be written: control characters are a blank, and formulas have an apostrophe."""
        texts = [harmless(_CONTROL.sub(" ", str(text)).strip()) for text in coded.values]
        return cls(header, Coded(objects(texts), coded.codes))

    @property
    def blank(self) -> bool:
        """Whether no row has a text."""
        return not any(self.coded.values[self.coded.codes] != "")

    def texts(self) -> list[str]:
        """Return the text of each row."""
        return [str(text) for text in self.coded.texts]


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A column of numbers, NaN where a cell is blank or holds the key that stands in place of its number.

    `whole` numbers are all there and without a fraction, as years are.
    """

    header: str
    values: Floats
    keys: Texts | None = None
    unit: str = ""
    whole: bool = False

    @property
    def blank(self) -> bool:
        """Whether no row has a number or a key."""
        return bool(np.isnan(self.values).all()) and not self.keyed

    @property
    def keyed(self) -> bool:
        """Whether a key stands in a row."""
        return self.keys is not None and bool((self.keys != "").any())

    def texts(self) -> list[str]:
        """Return the cell of each row as a text that reads back as the same number."""
        # Each distinct number is written once: coordinates and years repeat.
        codes, values = pd.factorize(self.values, use_na_sentinel=False)
        texts = objects([number(value) for value in values.tolist()])
        found: list[str] = texts[codes].tolist()
        if self.keys is not None:
            for row in np.flatnonzero(self.keys != "").tolist():
                found[row] = str(self.keys[row])
        return found


Column: TypeAlias = TextColumn | NumberColumn


def rows_of(columns: Sequence[Column]) -> int:
    """Return how many rows a table has."""
    first = columns[0]
    return len(first.coded) if isinstance(first, TextColumn) else len(first.values)


def write_delimited(path: Path, columns: Sequence[Column]) -> None:
    """Write a table as CSV, UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([harmless(one.header) for one in columns])
        writer.writerows(zip(*(one.texts() for one in columns), strict=True))


def write_parquet(path: Path, columns: Sequence[Column], facts: Mapping[str, Any]) -> None:
    """Write a table as Parquet: `facts` stand in its metadata as JSON under ``emis``, units in that of its columns.

    Numbers are numbers: the keys among them stand in a column `notation` of their own.

    Raises
    ------
    OutputError
        When pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as parquet
    except ImportError:
        raise OutputError("Parquet is written with pyarrow: pip install 'emis[parquet]'") from None
    arrays, fields = [], []
    for one in columns:
        if isinstance(one, TextColumn):
            codes = pa.array(one.coded.codes.astype(np.int32))
            array = pa.DictionaryArray.from_arrays(codes, pa.array(one.coded.values.tolist(), pa.string()))
        elif one.whole:
            array = pa.array(one.values.astype(np.int64))
        else:
            array = pa.array(one.values, pa.float64(), from_pandas=True)
        metadata = {"unit": one.unit} if isinstance(one, NumberColumn) and one.unit else None
        arrays.append(array)
        fields.append(pa.field(harmless(one.header), array.type, metadata=metadata))
        if isinstance(one, NumberColumn) and one.keys is not None and one.keyed:
            arrays.append(pa.array(one.keys.tolist(), pa.string()).dictionary_encode())
            fields.append(pa.field(NOTATION, arrays[-1].type))
    said = {"emis": json.dumps(facts, ensure_ascii=False)}
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=said))
    parquet.write_table(table, path, compression="zstd")
