"""What a foreign table states: one value of one category, place, year and pollutant at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emis import vocabulary
from emis.coded import Coded, Codes, Texts
from emis.errors import Issues
from emis.interchange.formats import Given
from emis.interchange.sector_tables.foreign_tables import ForeignTable
from emis.inventory import Floats

__all__ = ["Entries", "Records", "in_area", "joined", "pollutant_of", "years_below"]

#: Names of pollutants in reporting tables beside those of `vocabulary`, in small letters.
_NAMES = {
    "sox": "SO2",
    "sox (as so2)": "SO2",
    "so2 (as so2)": "SO2",
    "nox (as no2)": "NOx",
    "nox": "NOx",
    "nmvoc": "VOC",
    "voc": "VOC",
    "vocs": "VOC",
    "pm25": "PM2.5",
    "pm2_5": "PM2.5",
    "pm2.5": "PM2.5",
    "pm10": "PM10",
    "tsp": "TSP",
    "ec": "BC",
    "氨气": "NH3",
}


@dataclass(frozen=True, eq=False)
class Records:
    """What a table states, N entries: the code of a category, labels and years, and how much of which pollutant.

    Attributes
    ----------
    name : str
        The nomenclature of the codes.
    code, pollutant : Coded, N
        Pollutants as the table names them.
    year, line : ndarray, N
    value : ndarray, N [t/yr]
        NaN where a key stands in its place, or nothing.
    key : ndarray of str, N
    labels : mapping of str to Coded, N
        Labels that the table itself gives: region, fuel.
    """

    name: str
    code: Coded
    pollutant: Coded
    year: NDArray[np.intp]
    line: NDArray[np.int64]
    value: Floats
    key: Texts
    labels: Mapping[str, Coded] = field(default_factory=dict)

    @classmethod
    def by_year(
        cls, name: str, code: Coded, pollutant: Coded, table: ForeignTable, entries: "Entries", scale: Floats | float,
        labels: Mapping[str, Coded],
    ) -> "Records":  # fmt: skip
        """Return what columns of years state: code, pollutant and labels of each row of the table, `scale` [t/yr]."""
        row = entries.row
        of_entry = scale[row] if isinstance(scale, np.ndarray) else scale
        return cls(
            name, code.take(row), pollutant.take(row), entries.year, table.lines[row], entries.value * of_entry,
            entries.key, {label: coded.take(row) for label, coded in labels.items()},
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.value)

    def take(self, rows: Codes) -> "Records":
        """Return some of the entries."""
        return Records(
            self.name,
            self.code.take(rows),
            self.pollutant.take(rows),
            self.year[rows],
            self.line[rows],
            self.value[rows],
            self.key[rows],
            {name: coded.take(rows) for name, coded in self.labels.items()},
        )


@dataclass(frozen=True, eq=False)
class Entries:
    """What a table states in columns of years, N entries: the row of each, its year, number and notation key."""

    row: Codes
    year: NDArray[np.intp]
    value: Floats
    key: Texts


def years_below(table: ForeignTable, years: Mapping[int, int], issues: Issues, keys: bool = False) -> Entries:
    """Return what a table states in its columns of years, given as column and year, row by row."""
    found = [table.amounts(column, issues, keys) for column in years]
    stated = np.array([one.stated for one in found]).T
    row, column = np.nonzero(stated)
    values, texts = np.array([one.values for one in found]), np.array([one.keys for one in found], dtype=object)
    return Entries(row, np.array(list(years.values()))[column], values[column, row], texts[column, row])


def joined(parts: Sequence[Records]) -> Records:
    """Return the entries of several tables of one file as one."""
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(name for part in parts for name in part.labels)
    return Records(
        parts[0].name,
        Coded.joined([part.code for part in parts]),
        Coded.joined([part.pollutant for part in parts]),
        np.concatenate([part.year for part in parts]),
        np.concatenate([part.line for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.key for part in parts]),
        {name: Coded.joined([part.labels.get(name, Coded.full(len(part), "")) for part in parts]) for name in names},
    )


def in_area(records: Records, areas: Mapping[str, Coded], row: Codes, given: Given) -> Records:
    """Return the entries of the area that is asked for, where the table names it; of all areas otherwise.

    Parameters
    ----------
    areas : mapping of str to Coded
        What the rows of the table call their areas: codes, names.
    row : ndarray, N
        The row of each entry.
    """
    wanted = given.settings.region.casefold()
    for coded in areas.values() if wanted else ():
        here = np.array([str(one).casefold() == wanted for one in coded.values], dtype=bool)[coded.codes]
        if here.any():
            return records.take(np.flatnonzero(here[row]))
    return records


def pollutant_of(text: str) -> str:
    """Return the name that emis has for a pollutant of a reporting table, "" for none."""
    plain = text.strip()
    return vocabulary.pollutant(text) or vocabulary.POLLUTANT_ZH.get(plain) or _NAMES.get(plain.casefold(), "")
