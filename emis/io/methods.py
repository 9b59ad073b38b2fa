"""From the sector columns of an activity table to factors: which method acts on a row, and what it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from emis import units, vocabulary
from emis.coded import Coded, Codes
from emis.inventory import Floats
from emis.io.cells import log_normal_ends, not_negative
from emis.io.columns import Column
from emis.io.many import ManyReader, Rows
from emis.io.tables import number
from emis.numbering import alike
from emis.sectors import Column as SectorColumn
from emis.sectors import Method, RowError, columns_of, methods_of
from emis.sectors import Rows as MethodRows

__all__ = ["Acting", "Given", "apply_methods", "read_columns"]

Filled: TypeAlias = NDArray[np.bool_]
Numbers = TypeVar("Numbers", Floats, Filled)

#: How far an activity may be from what its own columns give: cells are rounded.
_AGREES = 0.01


@dataclass
class Given:
    """What the methods give to rows, by pollutant: [t per activity unit], or [1]; arrays are as long as the rows.

    `factor` goes before the factor table; `times` multiplies, `plus` adds, `control` is taken off. A factor and what
    is added stand with the ends of their 95 % intervals, `has_factor` and `has_plus` tell which rows have one.
    `any` tells which rows a method acts on at all.
    """

    factor: dict[str, Floats] = field(default_factory=dict)
    has_factor: dict[str, Filled] = field(default_factory=dict)
    times: dict[str, Floats] = field(default_factory=dict)
    plus: dict[str, Floats] = field(default_factory=dict)
    has_plus: dict[str, Filled] = field(default_factory=dict)
    control: dict[str, Floats] = field(default_factory=dict)
    offsite: Floats = field(default_factory=lambda: np.zeros(0))
    misfit: Filled = field(default_factory=lambda: np.zeros(0, dtype=bool))
    any: Filled = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @classmethod
    def nothing(cls, size: int) -> "Given":
        """Return rows that no method acts on."""
        no = np.zeros(size, dtype=bool)
        return cls(offsite=np.zeros(size), misfit=no, any=no.copy())

    def take(self, rows: Codes) -> "Given":
        """Return some of the rows."""

        def taken(several: dict[str, Numbers]) -> dict[str, Numbers]:
            return {name: values[..., rows] for name, values in several.items()}

        return Given(
            taken(self.factor), taken(self.has_factor), taken(self.times), taken(self.plus), taken(self.has_plus),
            taken(self.control), self.offsite[rows], self.misfit[rows], self.any[rows],
        )  # fmt: skip

    def kinds(self) -> tuple[Codes, list[frozenset[str]]]:
        """Return which rows are given the same factors, and the pollutants of each kind."""
        masks = [mask.astype(np.intp) for mask in self.has_factor.values()]
        kind, first = alike(np.zeros(len(self.any), dtype=np.intp), *masks)
        named = [frozenset(name for name, mask in self.has_factor.items() if mask[row]) for row in first.tolist()]
        return kind, named


@dataclass(frozen=True)
class Acting:
    """Rows as methods see them: their numbers in the table, labels, activities with units, and stocks."""

    rows: Rows
    labels: Mapping[str, Coded]
    activity: Floats
    unit: Coded
    stocks: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: Codes) -> "Acting":
        """Return some of the rows."""
        return Acting(
            self.rows[chosen],
            {name: column.take(chosen) for name, column in self.labels.items()},
            self.activity[chosen],
            self.unit.take(chosen),
            {name: values[chosen] for name, values in self.stocks.items()},
        )


def read_columns(reader: ManyReader, sectors: set[str]) -> dict[str, Floats]:
    """Return the columns that these sectors declare and the table has, one number a row, NaN where a cell is blank."""
    found = {}
    for name, declared in columns_of(sectors).items():
        column = reader.table.get(name)
        if column is not None:
            found[name] = _numbers(reader, column, declared, _scale(reader, column, declared))
    return found


def _scale(reader: ManyReader, column: Column, declared: SectorColumn) -> float:
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


def _numbers(reader: ManyReader, column: Column, declared: SectorColumn, scale: float) -> Floats:
    """Return the numbers of a column; those in per cent, and what is not plainly a number in its range, one by one."""
    known, plain = column.numbers
    with np.errstate(over="ignore"):
        values = known * scale
    sure = plain & (known >= 0) & (declared.least <= values) & (values <= declared.most)
    if declared.unit == "%":
        sure[:] = False
    odd = np.flatnonzero(~sure)
    values[odd] = np.nan
    odd = odd[column.filled(odd)]
    answers, kind = reader.ask(odd, lambda row: _number(reader, row, column, declared, scale), column.codes(odd))
    values[odd] = np.array(answers, dtype=float)[kind]
    return values


def _number(reader: ManyReader, row: int, column: Column, declared: SectorColumn, scale: float) -> float:
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
    reader: ManyReader, rows: Acting, columns: dict[str, Floats], own: Floats, pollutants: Sequence[str]
) -> tuple[Given, Filled]:
    """Return what the methods give of `pollutants`, and the rows that a fault leaves without.

    Parameters
    ----------
    columns : mapping
        The sector columns, one number for each of the rows.
    own : ndarray
        The row's coefficient of variation of what its method gives, NaN for the method's.
    """
    given, refused = Given.nothing(len(rows)), np.zeros(len(rows), dtype=bool)
    sector, category = rows.labels["sector"], rows.labels["category"]
    group, first = alike(sector.codes, category.codes)
    order, ends = np.argsort(group, kind="stable"), np.cumsum(np.bincount(group, minlength=len(first)))
    for members, row in zip(np.split(order, ends[:-1]), first.tolist(), strict=False):
        names = str(sector.values[sector.codes[row]]), str(category.values[category.codes[row]])
        filled = {name: ~np.isnan(values[members]) for name, values in columns.items()}
        methods = methods_of(*names)
        _unread(reader, rows.rows[members], filled, methods, "/".join(names))
        for method in methods:
            chosen = members[_acting(reader, rows.rows[members], method, filled)]
            if len(chosen):
                acting, here = rows.take(chosen), {name: values[chosen] for name, values in columns.items()}
                _outside(reader, method, acting.rows, here)
                found = _compute(reader, method, acting, here)
                if found is not None:
                    _Note(reader, method, acting, chosen, given).note(found, own[chosen], pollutants)
                elif method.kind == "factor":
                    # Rows beside the one that is refused have no factor for its fault, not for one of theirs.
                    refused[chosen] = True
    return given, refused


def _acting(reader: ManyReader, rows: Rows, method: Method, filled: dict[str, Filled]) -> Filled:
    """Return on which rows a method acts; one that fills a trigger and leaves blank what it needs is a fault."""
    nowhere = np.zeros(len(rows), dtype=bool)
    asked: Filled = np.logical_or.reduce([filled.get(name, nowhere) for name in method.triggers])
    for name in method.needs:
        here = filled.get(name, nowhere)
        for index in np.flatnonzero(asked & ~here).tolist() if method.kind != "activity" else ():
            row = int(rows[index])
            # A cell that is there and could not be read has its own fault already.
            if name not in filled or not reader.table.columns[name].cells[row]:
                used = next(one for one in method.triggers if filled.get(one, nowhere)[index])
                message = f"is blank, and {method.name} needs it beside {used}"
                reader.fault(row, name, message, "fill it, or leave both blank")
        asked = asked & here
    return asked


def _outside(reader: ManyReader, method: Method, rows: Rows, columns: dict[str, Floats]) -> None:
    """Tell of the first row outside the range that the method's publication states."""
    for name, (low, high) in method.holds.items():
        values = columns.get(name, np.array([np.nan]))
        beyond = np.flatnonzero((values < low) | (values > high))
        if len(beyond):
            unit = columns_of(set(vocabulary.SECTORS))[name].unit
            scale = 100 if unit == "%" else 1
            message = f"{values[beyond[0]] * scale:g} {unit} is outside {low * scale:g} to {high * scale:g} {unit}"
            file, line = reader.place(int(rows[beyond[0]]))
            reader.issues.warn(file, line, name, f"{message}, for which {method.name} was made", "take it with care")


def _unread(reader: ManyReader, rows: Rows, filled: dict[str, Filled], methods: Sequence[Method], what: str) -> None:
    """Tell of numbers in columns that no method of the category reads."""
    read = {name for method in methods for name in method.reads}
    for name in filled:
        first = np.flatnonzero(filled[name])
        if name not in read and len(first):
            hint = f"its methods read {', '.join(sorted(read))}" if read else "the category has no method"
            file, line = reader.place(int(rows[first[0]]))
            reader.issues.warn(file, line, name, f"no method of {what} reads {name}", hint)


def _compute(
    reader: ManyReader, method: Method, rows: Acting, columns: dict[str, Floats]
) -> Mapping[str, Floats] | None:
    """Return what a method gives for its rows, by pollutant; None when it refuses one."""
    labels = {name: rows.labels[name].texts for name in ("category", "fuel", "technology")}
    # A stock that none of these rows has is no column of theirs.
    stocks = {name: values for name, values in rows.stocks.items() if not np.isnan(values).all()}
    try:
        return method.compute(MethodRows(labels, columns | stocks))
    except RowError as error:
        row = int(rows.rows[error.row])
        reader.fault(row, error.column or method.triggers[0], error.message, error.hint)
        return None


@dataclass(frozen=True)
class _Note:
    """Notes what a method gives with each of its rows, which stand at `chosen` in what is given."""

    reader: ManyReader
    method: Method
    rows: Acting
    chosen: Codes
    given: Given

    def note(self, found: Mapping[str, Floats], own: Floats, pollutants: Sequence[str]) -> None:
        """Note what was found, with the rows' own coefficients of variation, or hold their activities against it."""
        method = self.method
        if method.kind == "activity":
            if "activity" in found:
                self._compare(found["activity"])
            return
        self.given.any[self.chosen] = True
        ends = _ends(np.where(np.isnan(own), method.cv, own))
        for name, values in found.items():
            if name in pollutants or method.kind == "offsite":
                self._set(name, values, ends)

    def _set(self, name: str, values: Floats, ends: tuple[Floats, Floats]) -> None:
        method, given, chosen, size = self.method, self.given, self.chosen, len(self.given.any)
        if method.kind == "correction":
            given.times.setdefault(name, np.ones(size))[chosen] *= values
            return
        if method.kind == "control":
            control = given.control.setdefault(name, np.zeros(size))
            control[chosen] = 1.0 - (1.0 - control[chosen]) * (1.0 - values)
            return
        free = np.ones(len(chosen), dtype=bool)
        if method.kind == "factor" and name in given.factor:
            free = ~given.has_factor[name][chosen]
            message = f"gives {name} by {method.name} and by other columns too"
            for row in self.rows.rows[~free].tolist():
                self.reader.fault(row, method.triggers[0], message, "keep one of the two")
        scale = self._scales(name, free)
        free &= ~np.isnan(scale)
        put, amount = chosen[free], (values * scale)[free]
        if method.kind == "offsite":
            given.offsite[put] += amount
            return
        factor = method.kind == "factor"
        into, has = (given.factor, given.has_factor) if factor else (given.plus, given.has_plus)
        has.setdefault(name, np.zeros(size, dtype=bool))[put] = True
        low, high = ends
        into.setdefault(name, np.full((3, size), np.nan))[:, put] = amount, amount * low[free], amount * high[free]

    def _scales(self, name: str, wanted: Filled) -> Floats:
        """Return by what a value is multiplied for each row's unit; NaN, and one fault a row, where by nothing."""
        method, unit = self.method, self.rows.unit
        scales = np.full(len(unit.values), np.nan)
        for code in np.unique(unit.codes[wanted]).tolist():
            own = str(unit.values[code])
            try:
                scales[code] = units.factor_scale(own, method.unit, name)
            except units.UnitError:
                message = f"{method.name} gives {method.unit}, which does not go with an activity in {own!r}"
                per = method.unit.partition("/")[2].strip("()").partition("*")[0]
                here = np.flatnonzero(wanted & (unit.codes == code) & ~self.given.misfit[self.chosen])
                for row in self.rows.rows[here].tolist():
                    self.reader.fault(row, "unit", message, f"write the activity in {per}, or another unit of its kind")
                self.given.misfit[self.chosen[here]] = True
        return scales[unit.codes]

    def _compare(self, expected: Floats) -> None:
        """Tell of an activity that is not what the row's own columns give."""
        method, rows, unit = self.method, self.rows, self.rows.unit
        known = ~np.isnan(expected) & ~np.isnan(rows.activity)
        ratios = np.full(len(unit.values), np.nan)
        for code in np.unique(unit.codes[known]).tolist():
            if units.commensurable(str(unit.values[code]), method.unit):
                ratios[code] = units.activity_ratio(str(unit.values[code]), method.unit)
        here = rows.activity * ratios[unit.codes]
        apart = known & (np.abs(here - expected) > _AGREES * np.maximum(here, expected))
        factors = " x ".join((*method.takes, *method.triggers, *method.needs))
        for index in np.flatnonzero(apart).tolist():
            file, line = self.reader.place(int(rows.rows[index]))
            self.reader.issues.warn(
                file,
                line,
                "activity",
                f"is {here[index]:.6g} {method.unit}, and its own columns give {expected[index]:.6g}"
                f" ({method.name}: {factors})",
                "correct the one that is wrong",
            )


def _ends(cv: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the 95 % intervals of log-normal values as shares of their means, each cv [1] taken once."""
    distinct, code = np.unique(cv, return_inverse=True)
    low, high = np.array([log_normal_ends(float(one)) for one in distinct]).reshape(-1, 2).T
    return low[code.reshape(-1)], high[code.reshape(-1)]
