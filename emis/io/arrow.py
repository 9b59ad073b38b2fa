"""Tables that pyarrow holds: texts stay codes and numbers stay numbers until somebody asks for a cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emis import number_columns
from emis.coded import Coded
from emis.errors import Issues
from emis.inventory import Floats
from emis.io.columns import CodedColumn, Column, Table, checked
from emis.io.workbooks import as_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["as_table"]

#: Beyond this part of distinct texts a column is kept row by row.
_DISTINCT = 0.25
_SAMPLE = 10_000
_BLANKS = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"


def as_table(
    found: pa.Table,
    names: Sequence[tuple[str, str]],
    lines: NDArray[np.int64],
    issues: Issues,
    faults: int,
    shown: str,
    encoding: str,
    header: int,
    files: Coded | None = None,
) -> Table | None:
    """Return a table with these names and units of columns, without blank rows and comments.

    None when it holds nothing, or more than `faults` faults were noted.
    """
    columns = _columns(found, names)
    kept = _filled(list(columns.values()), len(lines))
    if not kept.all():
        rows = np.flatnonzero(kept)
        lines, files = lines[rows], files.take(rows) if files is not None else None
        columns = _columns(found.take(rows), names)
    return checked(Table(shown, _run(lines), columns, encoding, header, files), issues, faults)


def _columns(found: pa.Table, names: Sequence[tuple[str, str]]) -> dict[str, Column]:
    return {
        name: _column(name, unit, values)
        for (name, unit), values in zip(names, found.columns[: len(names)], strict=True)
    }


def _run(lines: NDArray[np.int64]) -> Sequence[int]:
    count = len(lines)
    run = bool(count) and int(lines[-1]) - int(lines[0]) == count - 1 and bool(np.all(np.diff(lines) == 1))
    return range(int(lines[0]), int(lines[0]) + count) if run else lines.tolist()


def _filled(columns: Sequence[Column], size: int) -> NDArray[np.bool_]:
    """Return which rows are more than blank, or a comment in the first column."""
    rows = np.arange(size)
    if not columns:
        return np.ones(size, dtype=bool)
    beyond = np.zeros(size, dtype=bool)
    for column in columns[1:]:
        beyond |= column.filled(rows)
        if beyond.all():
            return beyond
    first = columns[0]
    return np.asarray(beyond | (first.filled(rows) & ~first.each(lambda text: text.startswith("#"))))


def _column(name: str, unit: str, values: pa.ChunkedArray) -> Column:
    import pyarrow as pa

    kind = values.type
    if pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind):
        return _Numbers(name, unit, values)
    if pa.types.is_dictionary(kind):
        whole = values.unify_dictionaries()
        if not whole.num_chunks or _few(len(whole.chunk(0).dictionary), len(values)):
            return CodedColumn(name, unit, _coded(whole))
        values = values.cast(kind.value_type)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        sample = values.slice(0, _SAMPLE)
        if _few(len(sample.unique()), len(sample)):
            return CodedColumn(name, unit, _coded(values))
        return _Strings(name, unit, values)
    return Column(name, unit, [as_text(value).strip() for value in values.to_pylist()])


def _few(distinct: int, size: int) -> bool:
    """Tell whether codes spare anything."""
    return distinct <= max(1000, _DISTINCT * size)


class _Strings(Column):
    """A column of texts, most of them distinct, of which Python's are made only when asked for."""

    def __init__(self, name: str, unit: str, values: pa.ChunkedArray):
        super().__init__(name, unit, ())
        self.values = values

    def cut(self, start: int, stop: int) -> Column:
        """Return the rows from `start` to before `stop`."""
        return _Strings(self.name, self.unit, self.values.slice(start, stop - start))

    @property
    def cells(self) -> Sequence[str]:
        """The text of each row."""
        return self._texts

    @cached_property
    def _texts(self) -> list[str]:
        found = self.values.fill_null("").to_pylist()
        return found if self._visible else [text.strip() for text in found]

    @cached_property
    def _joined(self) -> bytes:
        """The texts line by line."""
        import pyarrow as pa
        import pyarrow.compute as compute

        chunks = [chunk for chunk in self.values.fill_null("").cast(pa.string()).chunks if len(chunk)]
        whole = (pa.ListArray.from_arrays(pa.array([0, len(chunk)], pa.int32()), chunk) for chunk in chunks)
        return b"\n".join(bytes(compute.binary_join(one, "\n")[0].as_buffer()) for one in whole)

    @cached_property
    def _visible(self) -> bool:
        """Whether the texts are of visible ASCII alone, so that they have no blanks around them."""
        joined = self._joined
        count = len(joined) - len(joined.translate(None, _BLANKS))
        return joined.isascii() and count == max(len(self.values) - 1, 0)

    @cached_property
    def numbers(self) -> tuple[Floats, NDArray[np.bool_]]:
        """The number of each row that is written plainly, and which rows these are; NaN elsewhere."""
        import pyarrow as pa

        if not self._visible:
            return number_columns.numbers(self.cells)
        plain = number_columns.plain_lines(self._joined)
        # Read to the nearest float, as Python does; tested to the bit.
        found = self.values.filter(pa.array(plain)).cast("float64").to_numpy()
        values = np.full(len(plain), np.nan)
        values[plain] = found
        plain = plain & np.isfinite(values)
        return np.where(plain, values, np.nan), plain

    def each(self, ask: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Return the answer for the text of each row."""
        return np.fromiter(map(ask, self.cells), bool, len(self.values))

    @cached_property
    def looked_at(self) -> NDArray[np.bool_]:
        """Which rows hold more than visible ASCII."""
        return np.zeros(len(self.values), dtype=bool) if self._visible else super().looked_at

    @cached_property
    def _filled(self) -> NDArray[np.bool_]:
        import pyarrow.compute as compute

        if not self._visible:
            return self.each(bool)
        return np.asarray(compute.greater(compute.binary_length(self.values.fill_null("")), 0).to_numpy())


class _Numbers(Column):
    """A column of numbers, of which texts are made only when asked for."""

    def __init__(self, name: str, unit: str, values: pa.ChunkedArray):
        super().__init__(name, unit, _Texts(values))
        self.values = values

    def cut(self, start: int, stop: int) -> Column:
        """Return the rows from `start` to before `stop`."""
        return _Numbers(self.name, self.unit, self.values.slice(start, stop - start))

    @cached_property
    def numbers(self) -> tuple[Floats, NDArray[np.bool_]]:
        """The number of each row, and which rows have one; NaN elsewhere."""
        found = self.values.cast("float64", safe=False).to_numpy(zero_copy_only=False)
        plain = np.isfinite(found) & ~self._null
        return np.where(plain, found + 0.0, np.nan), plain  # -0.0 is written 0

    @cached_property
    def coded(self) -> Coded:
        """The same numbers as texts, by code."""
        return _coded(self.values)

    def filled(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return which of `rows` hold a number."""
        return ~self._null[rows]

    def codes(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return codes that are equal where the texts of `rows` are."""
        return self.coded.codes[rows]

    def each(self, ask: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Return the answer for the text of each row."""
        return CodedColumn(self.name, self.unit, self.coded).each(ask)

    @cached_property
    def _null(self) -> NDArray[np.bool_]:
        return np.asarray(self.values.is_null().to_numpy())


class _Texts(Sequence[str]):
    """Values as texts, made one by one."""

    def __init__(self, values: pa.ChunkedArray):
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, row: Any) -> Any:
        return as_text(self.values[int(row)].as_py()).strip()

    def __iter__(self) -> Any:
        return (as_text(value).strip() for value in self.values.to_pylist())


def _coded(values: pa.ChunkedArray) -> Coded:
    """Return values as texts by code, a null as a blank."""
    import pyarrow as pa

    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    values = values.unify_dictionaries()
    known = values.chunk(0).dictionary.to_pylist() if values.num_chunks else []
    texts = Coded.of(["", *(as_text(value).strip() for value in known)])
    codes = [chunk.indices.cast("int64").fill_null(-1).to_numpy(zero_copy_only=False) for chunk in values.chunks]
    return Coded(texts.values, texts.codes[np.concatenate(codes) + 1] if codes else np.zeros(0, dtype=np.intp))
