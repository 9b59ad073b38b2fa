"""From the sector columns of an activity table to factors: which method acts on a row, and what it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from emis import units, vocabulary
from emis.inventory import Floats
from emis.io.cells import RowReader, log_normal_ends, not_negative
from emis.io.tables import Column, number
from emis.sectors import Column as SectorColumn
from emis.sectors import Method, RowError, Rows, columns_of, methods_of

__all__ = ["Given", "Labelled", "apply_methods", "read_columns"]

Filled: TypeAlias = NDArray[np.bool_]

#: How far an activity may be from what its own columns give: cells are rounded.
_AGREES = 0.01


@dataclass
class Given:
    """What the methods of a row give, by pollutant: [t per activity unit], or [1].

    `factor` goes before the factor table; `times` multiplies, `plus` adds, `control` is taken off. Each value stands
    with the ends of its 95 % interval.
    """

    factor: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    plus: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    control: dict[str, float] = field(default_factory=dict)
    offsite: float = 0.0
    misfit: bool = False


@dataclass(frozen=True, slots=True)
class Labelled:
    """A row as methods see it: its number in the table, labels, activity with unit, and stocks."""

    row: int
    labels: dict[str, str]
    activity: float
    unit: str
    stocks: dict[str, float]


def read_columns(reader: RowReader, sectors: set[str]) -> dict[str, Floats]:
    """Return the columns that these sectors declare and the table has, one number a row, NaN where a cell is blank."""
    found = {}
    for name, declared in columns_of(sectors).items():
        column = reader.table.get(name)
        if column is None:
            continue
        scale = _scale(reader, column, declared)
        found[name] = np.array([_number(reader, row, column, declared, scale) for row in range(len(column.cells))])
    return found


def _scale(reader: RowReader, column: Column, declared: SectorColumn) -> float:
    """Return what a number of the column is multiplied with; a header without the unit, or with another, is a fault."""
    table, wanted = reader.table, declared.unit
    right = f"write {declared.name} [{wanted}]" if wanted else f"write {declared.name}"
    if wanted == "%" and column.unit in ("", "%", "％"):
        return 1.0
    if wanted == "degC":
        if column.unit not in ("degC", "°C", "℃", "摄氏度"):
            reader.issues.error(
                table.file, table.header, column.name, f"is in {column.unit or 'no unit'}, not in °C", right
            )
        return 1.0
    if not wanted:
        if column.unit:
            reader.issues.error(
                table.file, table.header, column.name, f"is a plain number, and its header says {column.unit}", right
            )
        return 1.0
    try:
        return units.activity_ratio(column.unit or wanted, wanted)  # kg/head is kg/head/yr
    except units.UnitError as error:
        reader.issues.error(table.file, table.header, column.name, error.message, right)
        return 1.0
    finally:
        if not column.unit:
            reader.issues.error(table.file, table.header, column.name, "has no unit in its header", right)


def _number(reader: RowReader, row: int, column: Column, declared: SectorColumn, scale: float) -> float:
    cell = column.cells[row]
    if not cell:
        return np.nan
    try:
        if declared.unit == "%":
            text = f"{cell} %" if column.unit and not cell.endswith(("%", "％")) else cell
            value = units.share(text)
            if column.unit and 0 < value <= 0.01:
                file, line = reader.place(row)
                message = f"{cell} in a column of per cent is {100 * value:g} %"
                reader.issues.warn(file, line, column.name, message, "write 50 for one half")
        elif declared.least < 0 and cell.startswith("-"):
            value = -number(cell[1:])
        else:
            value = not_negative(number(cell)) * scale
    except units.UnitError as error:
        reader.fault(row, column.name, error.message, error.hint)
        return np.nan
    if not declared.least <= value <= declared.most:
        shown = 100 if declared.unit == "%" else 1
        unit = f" {declared.unit}" if declared.unit else ""
        most = f"{declared.most * shown:g}" if np.isfinite(declared.most) else "any"
        reader.fault(
            row,
            column.name,
            f"{value * shown:g}{unit} is outside {declared.least * shown:g} to {most}{unit}",
            f"give the {declared.meaning}",
        )
        return np.nan
    return value


def apply_methods(
    reader: RowReader, rows: Sequence[Labelled], columns: dict[str, Floats], own: Floats, pollutants: Sequence[str]
) -> tuple[dict[int, Given], set[int]]:
    """Return what the methods give of `pollutants`, by row of the table, and the rows that a fault leaves without.

    Parameters
    ----------
    columns : mapping
        The sector columns, one number per row of the table.
    own : ndarray
        The row's coefficient of variation of what its method gives, NaN for the method's.
    """
    given: dict[int, Given] = {}
    refused: set[int] = set()
    by_category: dict[tuple[str, str], list[Labelled]] = {}
    for row in rows:
        by_category.setdefault((row.labels["sector"], row.labels["category"]), []).append(row)
    for (sector, category), members in by_category.items():
        index = np.array([row.row for row in members])
        filled = {name: ~np.isnan(values[index]) for name, values in columns.items()}
        methods = methods_of(sector, category)
        _unread(reader, members, filled, methods, f"{sector}/{category}")
        for method in methods:
            chosen = np.flatnonzero(_acting(reader, members, method, filled))
            if len(chosen):
                _outside(reader, method, [members[number].row for number in chosen], columns)
                acting = [members[number] for number in chosen]
                found = _compute(reader, method, acting, columns)
                if found is not None:
                    _note(found, method, acting, own, given, reader, pollutants)
                elif method.kind == "factor":
                    # Rows beside the one that is refused have no factor for its fault, not for one of theirs.
                    refused.update(row.row for row in acting)
    return given, refused


def _acting(reader: RowReader, rows: Sequence[Labelled], method: Method, filled: dict[str, Filled]) -> Filled:
    """Return on which rows a method acts; one that fills a trigger and leaves blank what it needs is a fault."""
    nowhere = np.zeros(len(rows), dtype=bool)
    asked: Filled = np.logical_or.reduce([filled.get(name, nowhere) for name in method.triggers])
    for name in method.needs:
        here = filled.get(name, nowhere)
        for index in np.flatnonzero(asked & ~here) if method.kind != "activity" else ():
            row = rows[int(index)].row
            # A cell that is there and could not be read has its own fault already.
            if name not in filled or not reader.table.columns[name].cells[row]:
                used = next(one for one in method.triggers if filled.get(one, nowhere)[index])
                message = f"is blank, and {method.name} needs it beside {used}"
                reader.fault(row, name, message, "fill it, or leave both blank")
        asked = asked & here
    return asked


def _outside(reader: RowReader, method: Method, rows: list[int], columns: dict[str, Floats]) -> None:
    """Tell of the first row outside the range that the method's publication states."""
    for name, (low, high) in method.holds.items():
        values = columns[name][rows] if name in columns else np.array([np.nan])
        beyond = np.flatnonzero((values < low) | (values > high))
        if len(beyond):
            unit = columns_of(set(vocabulary.SECTORS))[name].unit
            scale = 100 if unit == "%" else 1
            message = f"{values[beyond[0]] * scale:g} {unit} is outside {low * scale:g} to {high * scale:g} {unit}"
            file, line = reader.place(rows[int(beyond[0])])
            reader.issues.warn(file, line, name, f"{message}, for which {method.name} was made", "take it with care")


def _unread(
    reader: RowReader, rows: Sequence[Labelled], filled: dict[str, Filled], methods: Sequence[Method], what: str
) -> None:
    """Tell of numbers in columns that no method of the category reads."""
    read = {name for method in methods for name in method.reads}
    for name in filled.keys() - read:
        first = np.flatnonzero(filled[name])
        if len(first):
            hint = f"its methods read {', '.join(sorted(read))}" if read else "the category has no method"
            file, line = reader.place(rows[first[0]].row)
            reader.issues.warn(file, line, name, f"no method of {what} reads {name}", hint)


def _compute(
    reader: RowReader, method: Method, chosen: list[Labelled], columns: dict[str, Floats]
) -> Mapping[str, Floats] | None:
    """Return what a method gives for its rows, by pollutant; None when it refuses one."""
    index = np.array([row.row for row in chosen])
    stocks = {name for row in chosen for name in row.stocks}
    arrays = {name: values[index] for name, values in columns.items()}
    arrays |= {name: np.array([row.stocks.get(name, np.nan) for row in chosen]) for name in stocks}
    names = ("category", "fuel", "technology")
    labels = {name: np.array([row.labels[name] for row in chosen], dtype=object) for name in names}
    try:
        return method.compute(Rows(labels, arrays))
    except RowError as error:
        reader.fault(chosen[error.row].row, error.column or method.triggers[0], error.message, error.hint)
        return None


def _note(
    found: Mapping[str, Floats],
    method: Method,
    chosen: list[Labelled],
    own: Floats,
    given: dict[int, Given],
    reader: RowReader,
    pollutants: Sequence[str],
) -> None:
    """Note what a method gives with each of its rows, or hold the row's activity against it."""
    if method.kind == "activity":
        if "activity" in found:
            _compare(reader, method, chosen, found["activity"])
        return
    wanted = {name: values.tolist() for name, values in found.items() if name in pollutants or method.kind == "offsite"}
    for position, row in enumerate(chosen):
        target = given.setdefault(row.row, Given())
        cv = own[row.row] if not np.isnan(own[row.row]) else method.cv
        for name, values in wanted.items():
            _set(target, method, name, values[position], cv, row, reader)


def _set(target: Given, method: Method, name: str, value: float, cv: float, row: Labelled, reader: RowReader) -> None:
    if method.kind == "correction":
        target.times[name] = target.times.get(name, 1.0) * value
        return
    if method.kind == "control":
        target.control[name] = 1.0 - (1.0 - target.control.get(name, 0.0)) * (1.0 - value)
        return
    if method.kind == "factor" and name in target.factor:
        message = f"gives {name} by {method.name} and by other columns too"
        reader.fault(row.row, method.triggers[0], message, "keep one of the two")
        return
    try:
        scale = units.factor_scale(row.unit, method.unit, name)
    except units.UnitError:
        if not target.misfit:
            message = f"{method.name} gives {method.unit}, which does not go with an activity in {row.unit!r}"
            per = method.unit.partition("/")[2].strip("()").partition("*")[0]
            reader.fault(row.row, "unit", message, f"write the activity in {per}, or another unit of its kind")
        target.misfit = True
        return
    if method.kind == "offsite":
        target.offsite += value * scale
        return
    low, high = log_normal_ends(cv)
    into = target.factor if method.kind == "factor" else target.plus
    into[name] = (value * scale, value * scale * low, value * scale * high)


def _compare(reader: RowReader, method: Method, rows: Sequence[Labelled], expected: Floats) -> None:
    """Tell of an activity that is not what the row's own columns give."""
    for row, value in zip(rows, expected, strict=True):
        if np.isnan(value) or np.isnan(row.activity) or not units.commensurable(row.unit, method.unit):
            continue
        here = row.activity * units.activity_ratio(row.unit, method.unit)
        if abs(here - value) > _AGREES * max(here, value):
            file, line = reader.place(row.row)
            factors = " x ".join((*method.takes, *method.triggers, *method.needs))
            reader.issues.warn(
                file,
                line,
                "activity",
                f"is {here:.6g} {method.unit}, and its own columns give {value:.6g} ({method.name}: {factors})",
                "correct the one that is wrong",
            )
