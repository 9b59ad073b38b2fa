"""Parquet as tables: a file, or a folder of files in folders that name the sector, the region or another label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np

from emis.coded import Coded
from emis.errors import Issues
from emis.io.arrow import as_table
from emis.io.columns import Table, headers

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ENDINGS", "Piece", "column_names", "is_dataset", "parquet_files", "pieces", "read_parquet", "row_counts"]

ENDINGS = (".parquet", ".pq")
#: What a folder of a partition is called whose key is blank.
_BLANK = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of a Parquet file, from `start` to before `stop`; all of them where that is None."""

    path: Path
    shown: str
    start: int = 0
    stop: int | None = None


def is_dataset(path: Path) -> bool:
    """Tell a folder of Parquet files."""
    return path.is_dir() and bool(parquet_files(path))


def parquet_files(path: Path) -> list[Path]:
    """Return a Parquet file, or those of a folder, sorted; names that start with . or _ are not data."""
    if not path.is_dir():
        return [path]
    found = (
        item
        for item in path.rglob("*")
        if item.suffix.lower() in ENDINGS and not any(part[0] in "._" for part in item.relative_to(path).parts)
    )
    return sorted(item for item in found if item.is_file())


def pieces(path: Path, shown: str) -> list[Piece]:
    """Return the files of a table, as messages name them."""
    if not path.is_dir():
        return [Piece(path, shown)]
    return [Piece(one, f"{shown}/{one.relative_to(path).as_posix()}") for one in parquet_files(path)]


def read_parquet(
    path: Path, shown: str, issues: Issues, these: Sequence[Piece] | None = None, only: str | None = None
) -> Table | None:
    """Read a file or a folder, or these rows of it, or only a column; None when it cannot be, and `issues` says why."""
    faults = len(issues.errors)
    try:
        import pyarrow as pa
    except ImportError:
        issues.error(shown, 0, "", "needs pyarrow to be read", "pip install 'emis[parquet]', or save it as CSV")
        return None
    wanted = pieces(path, shown) if these is None else these
    parts = [found for one in wanted if (found := _rows(one, path, issues, only)) is not None]
    _agree(parts, wanted, issues)
    if len(issues.errors) > faults:
        return None
    try:
        whole = pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowException as error:
        message = f"its files hold different kinds of values in a column ({error})"
        issues.error(shown, 0, "", message, "write them all from one table")
        return None
    files = None
    if path.is_dir():
        counts = [len(part) for part in parts]
        shown_as = Coded.of([one.shown for one in wanted])
        files = Coded(shown_as.values, np.repeat(shown_as.codes, counts))
    spans = [np.arange(one.start, one.start + len(part)) + 1 for one, part in zip(wanted, parts, strict=True)]
    names = headers(whole.column_names, 0, shown, issues)
    return as_table(whole, names, np.concatenate(spans), issues, faults, shown, "Parquet", 0, files)


def _rows(piece: Piece, folder: Path, issues: Issues, only: str | None) -> pa.Table | None:
    """Return the rows of a piece with the keys of its partition, texts by code."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        with parquet.ParquetFile(piece.path) as file:
            schema = file.schema_arrow
        texts = [one.name for one in schema if pa.types.is_string(one.type) or pa.types.is_large_string(one.type)]
        with parquet.ParquetFile(piece.path, read_dictionary=texts) as file:
            found = _span(file, piece, only)
            found.validate(full=True)  # texts of a damaged file may be no UTF-8
    except Exception as error:  # pyarrow raises several kinds of its own
        issues.error(piece.shown, 0, "", f"is not readable Parquet: {type(error).__name__}", "write it again")
        return None
    found = found.cast(pa.schema([one.with_type(_widest(one.type)) for one in found.schema]))
    for key, text in _keys(piece.path, folder).items():
        if only not in (None, key):
            continue
        if key in found.column_names:
            message = f"the column {key!r} stands in the file and in its folder's name"
            issues.error(piece.shown, 0, key, message, "keep one of the two")
            continue
        codes = pa.array(np.zeros(len(found), dtype=np.int32))
        found = found.append_column(key, pa.DictionaryArray.from_arrays(codes, pa.array([text], pa.string())))
    return found


def _widest(kind: pa.DataType) -> pa.DataType:
    """Return a type of codes that the files of a folder can share."""
    import pyarrow as pa

    return pa.dictionary(pa.int32(), kind.value_type) if pa.types.is_dictionary(kind) else kind


def _span(file: Any, piece: Piece, only: str | None) -> pa.Table:
    """Read the row groups that hold a piece, and cut what is beyond it."""
    names = [one for one in file.schema_arrow.names if only is None or one.partition("[")[0].strip() == only]
    if piece.stop is None:
        return file.read(names)
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    starts = np.cumsum([0, *sizes])
    groups = [g for g, size in enumerate(sizes) if starts[g] < piece.stop and starts[g] + size > piece.start]
    first = int(starts[groups[0]]) if groups else 0
    return file.read_row_groups(groups, names).slice(piece.start - first, piece.stop - piece.start)


def _keys(path: Path, folder: Path) -> dict[str, str]:
    """Return what the names of the folders between say: ``region=110109`` is a column."""
    parts = path.relative_to(folder).parts[:-1] if path != folder else ()
    named = (part.partition("=") for part in parts if "=" in part)
    return {unquote(key): "" if text == _BLANK else unquote(text) for key, _, text in named}


def _agree(parts: Sequence[pa.Table], wanted: Sequence[Piece], issues: Issues) -> None:
    """Note files of a folder that have other columns than the first."""
    for one, part in zip(wanted, parts, strict=False):
        extra, absent = (
            sorted(set(a.column_names) - set(b.column_names)) for a, b in ((part, parts[0]), (parts[0], part))
        )
        if extra or absent:
            says = [f"lacks {', '.join(absent)}"] * bool(absent) + [f"has {', '.join(extra)} too"] * bool(extra)
            message = f"has other columns than {wanted[0].shown}: it {' and '.join(says)}"
            issues.error(one.shown, 0, "", message, "give all files of a table the same columns")


def column_names(wanted: Sequence[Piece], folder: Path, issues: Issues) -> tuple[str, ...]:
    """Return the names of the columns of the first file, and those that the folders name."""
    import pyarrow.parquet as parquet

    try:
        found = parquet.read_schema(wanted[0].path).names
    except Exception as error:  # as above
        issues.error(wanted[0].shown, 0, "", f"is not readable Parquet: {type(error).__name__}", "write it again")
        return ()
    return (*(name.partition("[")[0].strip() for name in found), *_keys(wanted[0].path, folder))


def row_counts(wanted: Iterable[Piece], issues: Issues) -> list[int]:
    """Return how many rows files hold; what cannot be read is noted."""
    import pyarrow.parquet as parquet

    found = []
    for one in wanted:
        try:
            found.append(int(parquet.read_metadata(one.path).num_rows))
        except Exception as error:  # as above
            issues.error(one.shown, 0, "", f"is not readable Parquet: {type(error).__name__}", "write it again")
    return found
