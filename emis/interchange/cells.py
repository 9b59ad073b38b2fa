"""Cells of the tables that are written: numbers in full, and no text that a spreadsheet would run."""

import csv
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from emis.inventory import Floats
from emis.numerals import as_float

__all__ = ["harmless", "in_unit", "number", "percent", "plain_text", "readable", "write_csv"]

#: What makes a spreadsheet run a cell, or reach for another program.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula: one that starts like it gets an apostrophe in front.

    What is a number stays one, so that a longitude of -118 does.
    """
    return f"'{text}" if text[:1] in _DANGEROUS and not _NUMBER.fullmatch(text) else text


def plain_text(text: str) -> str:
    """Return the text that `harmless` was given."""
    return text[1:] if text[:1] == "'" and text[1:2] in _DANGEROUS else text


def number(value: float) -> str:
    """Return the shortest text that reads back as the same number; "" for one that is not known."""
    text = repr(float(value))
    if text[-2:] == ".0":
        return text[:-2] if text != "-0.0" else "0"
    return text if text != "nan" else ""


def readable(value: float, digits: int = 6) -> str:
    """Return a number for a message: so many significant digits, large ones in full and not with an exponent."""
    text = f"{value:,.{digits}g}"
    return f"{value:,.0f}" if "e+" in text else text


def in_unit(values: Floats, tonnes: float) -> list[str]:
    """Return tonnes in a unit of so many tonnes: the shortest texts that read back, times `tonnes`, as the same number.

    Where no number does, as one unit has fewer floating-point numbers than the other, the nearest.
    """
    if tonnes == 1.0:
        return [number(value) for value in values.tolist()]
    return [_text(value, tonnes) for value in values.tolist()]


def _text(value: float, tonnes: float) -> str:
    if np.isnan(value):
        return ""
    own = value / tonnes
    for digits in (15, 16, 17):
        text = f"{own:.{digits}g}"
        if float(text) * tonnes == value:
            return text
    for near in (np.nextafter(own, np.inf), np.nextafter(own, -np.inf)):
        if float(near) * tonnes == value:
            return repr(float(near))
    return repr(own)


def percent(shares: Floats) -> Floats:
    """Return shares [1] in percent: numbers that read back, divided by 100, as the same share; else the nearest."""
    values, where = np.unique(shares, return_inverse=True)
    return np.array([_percent(value) for value in values.tolist()])[where.reshape(shares.shape)]


def _percent(share: float) -> float:
    if np.isnan(share):
        return share
    near = as_float(Fraction(repr(share)) * 100)
    tried = (near, float(np.nextafter(near, np.inf)), float(np.nextafter(near, -np.inf)))
    return next((one for one in tried if as_float(Fraction(repr(one)) / 100) == share), near)


def write_csv(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], before: Sequence[str] = (), quoted: bool = False
) -> None:
    """Write a CSV of texts, UTF-8, each made harmless; `before` are lines in front of the header.

    Parameters
    ----------
    quoted : bool
        Whether every text that is not blank stands in quotes, whatever is in it; numbers do not.
    """
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(f"{line}\n" for line in before)
        if not quoted:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([harmless(cell) for cell in header])
            writer.writerows([harmless(cell) for cell in row] for row in rows)
            return
        for row in (header, *rows):
            stream.write(",".join(_quoted(harmless(cell)) for cell in row) + "\n")


def _quoted(cell: str) -> str:
    if _NUMBER.fullmatch(cell):
        return cell
    return '"' + cell.replace('"', '""') + '"'
