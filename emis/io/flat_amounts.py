"""Numbers in the rows of a flat file: emissions of the year and its months, and what existing control removes."""

import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from emis import units
from emis.errors import Issues
from emis.inventory import Floats
from emis.io.columns import Table
from emis.io.flat_layouts import MISSING, MONTHS
from emis.io.tables import number
from emis.numerals import as_float

__all__ = ["Amounts", "amounts", "here", "signed_numbers"]

#: How Fortran and SAS write numbers beside how everyone does: ``.0023``, ``12.``.
_LOOSE = re.compile(r"[+-]?(\d+\.|\.\d+)([eE][+-]?\d+)?")
#: By how much the months of a row may differ from its year, as a share of it: they are rounded one by one.
_ROUNDED = 1e-3
_BEYOND_REASON = 1e100


@dataclass(frozen=True)
class Amounts:
    """What rows say, R long.

    Attributes
    ----------
    annual : ndarray, R
        Emissions [short tons/yr]; NaN where a fault was noted.
    shares : ndarray, R × 12
        The share of each month in them [1]; NaN where a row names no months, or only zeros.
    monthly : ndarray, R
        Which rows name their months, and are held to them.
    stray : ndarray, R
        Which rows name months that make no year.
    control : ndarray, R
        What existing control removes [1].
    """

    annual: Floats
    shares: Floats
    monthly: NDArray[np.bool_]
    stray: NDArray[np.bool_]
    control: Floats


def amounts(table: Table, orl: bool, issues: Issues) -> Amounts:
    """Read the numbers of all rows; faults go to the issues."""
    annual, months = _numbers(table, "ann_value", issues), None
    if any(table.get(name) is not None and _filled(table, name).any() for name in MONTHS):
        months = np.column_stack([_numbers(table, name, issues) for name in MONTHS])
    for row in np.flatnonzero(annual > _BEYOND_REASON).tolist():
        hint = "check the number: it is in short tons a year"
        issues.error(*table.place(row), "ann_value", f"{annual[row]:g} is beyond reason", hint)
    control = _control_orl(table, issues) if orl else _percent(table, "ann_pct_red", 0.0, issues)
    if months is None:
        _blank(table, annual, np.isnan(annual) & ~_filled(table, "ann_value"), issues)
        nothing = np.zeros(len(table), dtype=bool)
        return Amounts(annual, np.full((len(table), 12), np.nan), nothing, nothing, control)
    return _with_months(table, annual, months, control, issues)


def _with_months(table: Table, annual: Floats, months: Floats, control: Floats, issues: Issues) -> Amounts:
    given = ~np.isnan(months)
    count, total = given.sum(axis=1), np.nansum(months, axis=1)
    blank = np.isnan(annual) & ~_filled(table, "ann_value")
    _blank(table, annual, blank & (count == 0), issues)
    for row in np.flatnonzero(blank & (count > 0) & (count < 12)).tolist():
        message = f"is blank, and {count[row]} of 12 months are given"
        issues.error(*table.place(row), "ann_value", message, "write the year, or the months that are missing")
    annual = np.where(blank & (count == 12), total, annual)
    agree = np.abs(total - annual) <= _ROUNDED * np.maximum(total, annual)
    # Months that are left out beside others that make up the year are zero.
    monthly = (count == 12) | ((count > 0) & agree)
    _tell(table, (count == 12) & ~agree & ~np.isnan(annual), "twelve months do not sum to ann_value",
          "ann_value is taken, and of the months their shares", issues)  # fmt: skip
    _tell(table, (count > 0) & ~monthly & ~np.isnan(annual), "some of the months are given and do not sum to ann_value",
          "ann_value is taken, and the months are kept as they stand", issues)  # fmt: skip
    shares = np.full_like(months, np.nan)
    shared = monthly & (total > 0)
    shares[shared] = np.nan_to_num(months[shared]) / total[shared, None]
    return Amounts(annual, shares, monthly, (count > 0) & ~monthly, control)


def _blank(table: Table, annual: Floats, rows: NDArray[np.bool_], issues: Issues) -> None:
    for row in np.flatnonzero(rows).tolist():
        issues.error(
            *table.place(row), "ann_value", "is blank", "write a number, 0 if there is none: missing is not zero"
        )


def _tell(table: Table, rows: NDArray[np.bool_], what: str, then: str, issues: Issues) -> None:
    found = np.flatnonzero(rows)
    if len(found):
        issues.warn(*table.place(int(found[0])), "ann_value", f"{what} {here(found)}: {then}")


def here(rows: NDArray[np.intp]) -> str:
    """Say in which rows something is the case that is told once, at the first of them."""
    return "in this row" + (f" and {len(rows) - 1:,} more" if len(rows) > 1 else "")


# -- what existing control removes -----------------------------------------------------------------------------------


def _control_orl(table: Table, issues: Issues) -> Floats:
    """Return CEFF · REFF · RPEN [1]; left out they are 0, 100 and 100 % (SMOKE manual, ORL formats)."""
    efficiency, effectiveness, penetration = (
        _percent(table, name, default, issues) for name, default in (("ceff", 0.0), ("reff", 1.0), ("rpen", 1.0))
    )
    return efficiency * effectiveness * penetration


def _percent(table: Table, name: str, default: float, issues: Issues) -> Floats:
    """Return a column of percents as shares [1]."""
    values = _numbers(table, name, issues)
    for row in np.flatnonzero(values > 100).tolist():
        issues.error(*table.place(row), name, f"{values[row]:g} is more than 100 %", "write 0 to 100")
    return np.where(np.isnan(values), default, _shares(values))


def _shares(percents: Floats) -> Floats:
    """Return percents as shares [1], each the nearest there is: a division by 100 is not exact."""
    known, codes = np.unique(percents, return_inverse=True)
    shares = [value if np.isnan(value) else as_float(Fraction(repr(value)) / 100) for value in known.tolist()]
    return np.array(shares)[codes.reshape(-1)]


# -- cells -----------------------------------------------------------------------------------------------------------


def _filled(table: Table, name: str) -> NDArray[np.bool_]:
    """Return which rows have a value in a column: neither a blank nor what stands for one."""
    return table.column(name).each(lambda text: text not in MISSING)


def _numbers(table: Table, name: str, issues: Issues) -> Floats:
    """Return a column of amounts; NaN where it is blank, and where a fault was noted."""
    values = signed_numbers(table, name, issues)
    values[values == -9] = np.nan
    for row in np.flatnonzero(values < 0).tolist():
        hint = "write 0 or more; -9 stands for a value that is missing"
        issues.error(*table.place(row), name, f"{values[row]:g} is negative", hint)
    values[values < 0] = np.nan
    return values


def signed_numbers(table: Table, name: str, issues: Issues) -> Floats:
    """Return a column of numbers; NaN where it is blank, and where a fault was noted."""
    column = table.get(name)
    if column is None:
        return np.full(len(table), np.nan)
    known, plain = column.numbers
    values = known.copy()
    odd = np.flatnonzero(~plain & column.filled(np.arange(len(table))))
    cells = column.cells if len(odd) else ()
    for row in odd.tolist():
        text = cells[row]
        if text in MISSING:
            values[row] = -9.0
        elif _LOOSE.fullmatch(text):
            values[row] = float(text)
        else:
            try:
                values[row] = number(text)
            except units.UnitError as error:
                issues.error(*table.place(row), name, error.message, error.hint)
    return values
