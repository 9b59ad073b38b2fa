"""What a packet consists of: records, each with the keys of the sources it is for, its numbers, its file and line."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = ["KINDS", "MONTHS", "Compat", "Dialect", "Kind", "Record", "default_compat"]

Kind: TypeAlias = Literal["projection", "control", "allowable", "closure", "ctg", "mact"]
Dialect: TypeAlias = Literal["smoke", "cost"]
#: As which system packets are evaluated.
Compat: TypeAlias = Literal["cost", "smoke_manual", "smoke_code", "emis"]

#: In the order in which records of each kind are told.
KINDS: tuple[Kind, ...] = ("closure", "projection", "mact", "control", "ctg", "allowable")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a packet.

    Attributes
    ----------
    kind, dialect : str
        What it does, and whose format it is written in.
    file, line : str, int
        Where it stands.
    keys : mapping of str
        What sources it is for, without what it leaves open: region, facility, unit, rel_point, process, scc, pollutant,
        reg_code, sic, naics.
    values : mapping of float
        Its annual numbers by name: factor, efficiency, cutoff ... as fractions [1]; cap, replacement and cutoff in
        [short tons/day]. What is left blank is not there.
    months : mapping of tuples of 12 floats
        Its monthly numbers, NaN for a month left blank.
    date : date, optional
        From when on it is in force; None where it always is.
    replaces : bool
        Whether a control takes the place of the one the inventory has ("R"), or is added to it ("A").
    applies : bool
        False where its flag says that it is not to be used.
    years : tuple of two ints, optional
        From which year to which a projection leads, where its packet says so.
    """

    kind: Kind
    dialect: Dialect
    file: str
    line: int
    keys: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    months: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    date: dt.date | None = None
    replaces: bool = False
    applies: bool = True
    years: tuple[int, int] | None = None
    abbreviation: str = ""
    source_type: str = ""
    comment: str = ""

    @property
    def place(self) -> str:
        """Its file and line, as messages have them."""
        return f"{self.file}:{self.line}"

    @property
    def annual(self) -> bool:
        """Whether it has a number for the whole year."""
        return self.kind == "closure" or bool(self.values)


def default_compat(records: Sequence[Record]) -> Compat:
    """Return the system that records were written for: CoST's where one of them is in its format."""
    return "cost" if any(record.dialect == "cost" for record in records) else "smoke_code"
