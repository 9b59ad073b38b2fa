"""Cells of packets: numbers, dates, flags and codes, each with the place of its fault."""

import datetime as dt
import re
from dataclasses import dataclass

from emis import numerals
from emis.errors import Issues, UnitError
from emis.interchange.packets.records import Record
from emis.io.flat_pollutants import name_of

__all__ = ["Cells", "normal_region", "normal_scc"]

#: What leaves a key open.
_ANY = frozenset({"", "0", "-9", "-9.0", "0.0"})
_DATES = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), (0, 1, 2)),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})"), (2, 0, 1)),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), (0, 1, 2)),
)
#: A time of midnight behind a date, as databases write it.
_MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00(\.0+)?)?$")


def normal_region(code: str) -> str:
    """Return a region code as it is compared: without the country digit 0, and of a state without its zeros.

    ``037001`` is ``37001``; ``37000`` and ``037`` are the state ``37``; nothing but zeros is "".
    """
    code = code.strip()
    if not code.isdigit():
        return code
    if len(code) in (3, 6) and code.startswith("0"):
        code = code[1:]
    if len(code) >= 5 and code.endswith("000"):
        code = code[:-3]
    return code if code.strip("0") else ""


def normal_scc(code: str) -> str:
    """Return an SCC without the zeros that fill it up on the left."""
    return code.strip().lstrip("0")


@dataclass
class Cells:
    """The cells of one record, by the names of their columns; faults go to the issues with their place.

    A cell that is not there is blank.
    """

    cells: dict[str, str]
    file: str
    line: int
    issues: Issues
    faulty: bool = False

    def fault(self, column: str, message: str, hint: str = "") -> None:
        """Note a fault in a cell."""
        self.faulty = True
        self.issues.error(self.file, self.line, column, message, hint)

    def text(self, column: str) -> str:
        """Return a cell, "" where there is none."""
        return self.cells.get(column, "").strip()

    def key(self, column: str) -> str:
        """Return a code, "" where the cell leaves it open: blank, 0 and -9 all mean any."""
        text = self.text(column)
        return "" if text in _ANY else text

    def keys(self, columns: dict[str, str]) -> dict[str, str]:
        """Return the keys that are given, by name, of the columns they stand in."""
        found: dict[str, str] = {}
        for name, column in columns.items():
            text = self.key(column)
            if name == "region":
                text = normal_region(text)
            elif name == "scc":
                text = self._scc(text, column)
            elif name == "pollutant" and text:
                text = name_of(text)
            elif name in ("sic", "reg_code") and not text.strip("0"):
                text = ""
            if text:
                found[name] = text
        return found

    def _scc(self, text: str, column: str) -> str:
        if text and not (text.isdigit() and text.isascii()):
            self.fault(column, f"{text!r} is no Source Classification Code", "write 8 or 10 digits, or leave it open")
            return ""
        return normal_scc(text)

    def number(self, column: str, most: float = float("inf"), unit: str = "") -> float | None:
        """Return a number that is not negative; None where the cell is blank, or -9, which stands for it."""
        text = self.text(column)
        if text in ("", "-9", "-9.0", "-9."):
            return None
        try:
            value = numerals.number(re.sub(r"^([+-]?)\.", r"\g<1>0.", text).rstrip("."))
        except UnitError as error:
            self.fault(column, error.message, error.hint)
            return None
        if value < 0:
            self.fault(column, f"{text} is negative", "write a number that is not, or -9 for none")
            return None
        if value > most:
            self.fault(column, f"{text} is above {most:g}{unit}", f"write 0 to {most:g}")
            return None
        return value

    def percent(self, column: str) -> float | None:
        """Return a percentage as a fraction [1]."""
        value = self.number(column, 100.0, " %")
        return None if value is None else value / 100.0

    def date(self, column: str) -> dt.date | None:
        """Return a date, None where the cell is blank."""
        text = self.text(column)
        if text in ("", "0", "-9"):
            return None
        written = _MIDNIGHT.sub("", text)
        for pattern, order in _DATES:
            match = pattern.fullmatch(written)
            if match is not None:
                year, month, day = (int(match.group(1 + at)) for at in order)
                try:
                    return dt.date(year, month, day)
                except ValueError:
                    self.fault(column, f"{text!r} is no day of the calendar", "write month/day/year: 12/31/2020")
                    return None
        self.fault(column, f"{text!r} is no date", "write month/day/year: 12/31/2020, or 2020-12-31")
        return None

    def flag(self, column: str, yes: str, no: str) -> bool:
        """Return whether a flag is one of `yes`; what is neither of these nor of `no` is a fault."""
        text = self.text(column).upper()
        if text and text in yes:
            return True
        if not text or text not in no:
            found = f"{text!r} was found" if text else "is blank"
            self.fault(column, found, f"write {yes[0]} or {no[0]}")
        return False

    def whole(self, record: Record) -> bool:
        """Note what a record lacks: numbers at all, or of some months where it has none for the year."""
        for name, months in record.months.items():
            blank = [number for number, value in enumerate(months, 1) if value != value]
            if blank and name not in record.values:
                self.fault(name, f"months {', '.join(map(str, blank))} are blank, and the year is too",
                           "give all months, or a number for the year")  # fmt: skip
                return False
        return True
