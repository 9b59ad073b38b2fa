"""The tables that come with emis: rows of text, each with its line."""

import csv
import io
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

__all__ = ["files", "rows"]


@lru_cache
def files() -> tuple[str, ...]:
    """Return the names of the tables that come with emis, without their ending."""
    here = resources.files("emis.nomenclatures") / "tables"
    return tuple(sorted(one.name.removesuffix(".csv") for one in here.iterdir() if one.name.endswith(".csv")))


def rows(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line and cells of the rows of a table that comes with emis."""
    text = (resources.files("emis.nomenclatures") / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for row in reader:
        yield reader.line_num, {key: value.strip() for key, value in row.items()}
