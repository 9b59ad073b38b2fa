"""Emission factor tables: the most specific row wins, two equally specific ones are a fault."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from emis.errors import Issue, Issues
from emis.io.cells import ROW_COLUMNS, RowReader, require
from emis.io.columns import Table
from emis.quality import outliers

__all__ = ["Factor", "Factors", "is_factor_table", "outlying"]


def is_factor_table(table: Table) -> bool:
    """Tell a table of factors from one of sources."""
    return "factor" in table.columns and "source" not in table.columns


@dataclass(frozen=True, slots=True)
class Factor:
    """One row of a factor table; the 95 % interval in its own unit, NaN when none is given."""

    value: float
    unit: str
    control: float
    low: float
    high: float
    key: str
    place: tuple[str, int]
    reference: str = ""
    grade: str = ""
    name: str = ""


@dataclass
class Factors:
    """Factor tables: for each pollutant the rows by (category, fuel, technology), blank meaning any."""

    rows: dict[str, dict[tuple[str, str, str], Factor]] = field(default_factory=lambda: defaultdict(dict))
    files: tuple[str, ...] = ()

    @classmethod
    def read(cls, table: Table, issues: Issues) -> "Factors":
        """Read a factor table; two rows for the same labels and pollutant are a fault."""
        self = cls(files=(table.file,))
        require(table, ("category", "pollutant", "factor", "unit"), issues)
        if any(name not in table.columns for name in ("category", "pollutant", "factor", "unit")):
            return self
        reader = RowReader(table, issues)
        keys = list(zip(*(table.text(name) for name in ("category", "fuel", "technology")), strict=True))
        for row, (text, unit) in enumerate(zip(table.text("pollutant"), table.text("unit"), strict=True)):
            name = reader.pollutant(row, text)
            reader.labels(row, dict(zip(("category", "fuel", "technology"), keys[row], strict=True)))
            if not keys[row][0]:
                reader.fault(row, "category", "is blank", "name a category; blank fuel or technology means any")
            value, key = reader.value(row, "factor")
            if name is None:
                continue
            unit = reader.unit_of(row, "factor", name) if not key and not np.isnan(value) else unit
            low, high = reader.bounds(row, value)
            label = "/".join(part or "any" for part in keys[row]) + f" {name}"
            told = reader.place(row), table.text("reference")[row], reader.grade(row), label
            factor = Factor(value, unit, reader.share(row, "control"), low, high, key, *told)
            earlier = self.rows[name].get(keys[row])
            if earlier is not None:
                described = "/".join(part or "any" for part in keys[row])
                reader.fault(
                    row,
                    "factor",
                    f"a second factor for {described} {name}, the first is in line {earlier.place[1]}",
                    "keep one of them",
                )
            self.rows[name][keys[row]] = factor
        reader.unused({*ROW_COLUMNS, "pollutant", "factor"} - {"activity"})
        return self

    @classmethod
    def joined(cls, several: Sequence["Factors"], issues: Issues) -> "Factors":
        """Return several tables as one; two rows for the same labels and pollutant are a fault here too."""
        whole = cls(files=tuple(name for one in several for name in one.files))
        for one in several:
            for name, rows in one.rows.items():
                for key, factor in rows.items():
                    earlier = whole.rows[name].setdefault(key, factor)
                    if earlier is not factor:
                        described = "/".join(part or "any" for part in key)
                        first = "{}:{}".format(*earlier.place)
                        message = f"a second factor for {described} {name}, the first is in {first}"
                        issues.error(*factor.place, "factor", message, "keep one of them")
        return whole

    def entries(self) -> list[tuple[str, str, str, str, Factor]]:
        """Return category, fuel, technology, pollutant and factor of each row, in the order of the tables' lines.

        Rows of the same labels stand together, where the first of them stands.
        """
        found = [(*key, name, factor) for name, rows in self.rows.items() for key, factor in rows.items()]
        found.sort(key=lambda entry: entry[4].place)
        first: dict[tuple[str, ...], int] = {}
        for index, entry in enumerate(found):
            first.setdefault(entry[:3], index)
        return sorted(found, key=lambda entry: first[entry[:3]])

    def find(self, pollutant: str, category: str, fuel: str, technology: str) -> Factor | None:
        """Return the most specific row: technology beats fuel beats category."""
        rows = self.rows.get(pollutant, {})
        wanted = ((category, fuel, technology), (category, "", technology), (category, fuel, ""), (category, "", ""))
        return next((rows[key] for key in wanted if key in rows), None)


def outlying(factors: Factors) -> list[Issue]:
    """Return the factors that stand apart from those of the same category, fuel and pollutant (`quality.outliers`).

    Compared is what a factor is before its control: a purifier that takes out 94 % explains a factor of a sixteenth.
    """
    groups: dict[tuple[str, ...], list[tuple[str, Factor]]] = defaultdict(list)
    for name, rows in factors.rows.items():
        for (category, fuel, technology), factor in rows.items():
            if not factor.key and factor.value > 0 and factor.control < 1:
                groups[name, category, fuel, factor.unit].append((technology, factor))
    found = []
    for (name, category, fuel, unit), several in groups.items():
        for index, nearest in outliers(np.array([one.value / (1 - one.control) for _, one in several])):
            technology, factor = several[index]
            described = "/".join(part or "any" for part in (category, fuel, technology))
            message = (
                f"{factor.value:g} {unit} of {name} for {described} stands apart:"
                f" the nearest of the {len(several) - 1} others is {nearest:.4g}, before control"
            )
            found.append(Issue(*factor.place, "factor", message, "check the decimal point and the unit"))
    return found
