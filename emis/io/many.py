"""Many rows at once: what is asked of a row is asked once for all rows that are alike in what it reads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from emis import vocabulary
from emis.coded import Coded, Codes, Texts
from emis.inventory import Floats
from emis.io.cells import COORDINATES, RowReader, log_normal_ends
from emis.io.columns import Column
from emis.numbering import alike

__all__ = ["ManyReader", "Rows"]

T = TypeVar("T")
#: Numbers of rows in a table.
Rows = Codes


class ManyReader(RowReader):
    """Reads the cells of many rows of a table.

    A number that is plainly written is taken from its column; everything else goes through the questions to a single
    row, so that a file of a million rows is told the same as a file of one.
    """

    def ask(self, rows: Rows, read: Callable[[int], T], *codes: Codes) -> tuple[list[T], Codes]:
        """Ask `read` of one row of each kind; what it notes of that row holds for every row of its kind.

        Parameters
        ----------
        codes : ndarray
            What rows are alike in, one code for each of `rows`.

        Returns
        -------
        answers, kind : list, ndarray
            What was answered for each kind, and the kind of each row.
        """
        kind, first = alike(*codes)
        errors, warnings = self.issues.errors, self.issues.warnings
        answers, faults, remarks, before = [], {}, {}, len(warnings)
        for number, index in enumerate(first.tolist()):
            told = len(errors), len(warnings)
            answers.append(read(int(rows[index])))
            if len(errors) > told[0]:
                faults[number] = errors[told[0] :]
            if len(warnings) > told[1]:
                remarks[number] = warnings[told[1] :]
        for index in _others(kind, first, faults):
            for issue in faults[int(kind[index])]:
                self.fault(int(rows[index]), issue.path, issue.message, issue.hint)
        if remarks:
            del warnings[before:]
            for index in np.flatnonzero(np.isin(kind, list(remarks))).tolist():
                for issue in remarks[int(kind[index])]:
                    self.issues.warn(*self.place(int(rows[index])), issue.path, issue.message, issue.hint)
        return answers, kind

    def values(self, rows: Rows, name: str) -> tuple[Floats, Texts]:
        """Return the numbers of a column, or what notation keys stand for, and the keys."""
        self.table.used.add(name)
        return self.amounts(rows, self.table.columns[name])

    def amounts(self, rows: Rows, column: Column) -> tuple[Floats, Texts]:
        """Return the numbers of cells and their notation keys; NaN for NE and C, 0 for the others."""
        known, plain = column.numbers
        values, keys = known[rows], np.full(len(rows), "", dtype=object)
        odd = np.flatnonzero(~plain[rows] | (values < 0))
        if len(odd):
            noted = self.table.column("note").filled(rows[odd])
            answers, kind = self.ask(
                rows[odd], lambda row: self.amount(row, column), column.codes(rows[odd]), noted.astype(np.intp)
            )
            values[odd] = np.array([value for value, _ in answers])[kind]
            keys[odd] = np.array([key for _, key in answers], dtype=object)[kind]
        return values, keys

    def intervals(self, rows: Rows, values: Floats) -> tuple[Floats, Floats]:
        """Return the ends of the 95 % intervals of values, NaN where none is given."""
        low, high = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        cv, *ends = (self.table.get(name) for name in ("cv", "low", "high"))
        spread = self._filled(cv, rows)
        given = [self._filled(end, rows) for end in ends]
        alone = np.flatnonzero(spread & ~given[0] & ~given[1])
        if cv is not None and len(alone):
            column = cv
            answers, kind = self.ask(
                rows[alone], lambda row: log_normal_ends(self.spread(row, column)), cv.codes(rows[alone])
            )
            down, up = np.array(answers).reshape(-1, 2)[kind].T
            low[alone], high[alone] = values[alone] * down, values[alone] * up
        odd = spread & (given[0] | given[1]) | (given[0] ^ given[1])
        both = np.flatnonzero(given[0] & given[1] & ~odd)
        if ends[0] is not None and ends[1] is not None and len(both):
            one, other = (end.numbers[0][rows[both]] for end in ends if end is not None)
            low[both], high[both] = one, other
            held = (one <= values[both]) & (values[both] <= other) | (np.isnan(values[both]) & (one <= other))
            odd[both] = ~held | ~(one >= 0)
        for index in np.flatnonzero(odd).tolist():
            low[index], high[index] = self.bounds(int(rows[index]), float(values[index]))
        return low, high

    def points(self, rows: Rows) -> dict[str, Floats]:
        """Return longitudes and latitudes [degrees] of point sources, NaN where they are not given."""
        found = {}
        for name, most in COORDINATES.items():
            values = np.full(len(rows), np.nan)
            column = self.table.get(name)
            if column is not None:
                known, plain = column.numbers
                values = known[rows]
                odd = np.flatnonzero(column.filled(rows) & ~(plain[rows] & (np.abs(values) <= most)))
                for index in odd.tolist():
                    values[index] = self.coordinate(int(rows[index]), name)
            found[name] = values
        return found

    def units(self, rows: Rows, name: str, pollutants: Coded | None = None) -> Coded:
        """Return the units of numbers, of the header or the rows' `unit`; blank, and a fault, where these disagree."""
        of = Coded.full(len(rows), "") if pollutants is None else pollutants
        codes = self.table.column("unit").codes(rows)
        found = np.full(len(rows), "", dtype=object)
        for code, pollutant in enumerate(of.values):
            mine = np.flatnonzero(of.codes == code)
            read = partial(self.unit_of, name=name, pollutant=str(pollutant) or None)
            answers, kind = self.ask(rows[mine], read, codes[mine])
            found[mine] = np.array(answers, dtype=object)[kind]
        return Coded.of(found)

    def pollutants(self, rows: Rows) -> Coded:
        """Return the pollutants' names, "" where one is not known; other spellings are reported, each once."""
        column = self.table.column("pollutant")

        def known(row: int) -> str:
            text = column.cells[row]
            return vocabulary.pollutant(text) or self.pollutant(row, text) or ""

        answers, kind = self.ask(rows, known, column.codes(rows))
        _, first = alike(kind)
        for row, name in zip(rows[first].tolist(), answers, strict=True):
            if name and name != column.cells[row]:
                self.alias(column.cells[row], name, self.table.lines[row])
        return _coded(answers, kind)

    def shares(self, rows: Rows, name: str) -> Floats:
        """Return shares, 0 where they are blank."""
        answers, kind = self.ask(rows, lambda row: self.share(row, name), self.table.column(name).codes(rows))
        return np.array(answers, dtype=float)[kind]

    def cvs(self, rows: Rows, name: str) -> Floats:
        """Return coefficients of variation [1], NaN where none is given."""
        answers, kind = self.ask(rows, lambda row: self.cv(row, name), self.table.column(name).codes(rows))
        return np.array(answers, dtype=float)[kind]

    def bases(self, rows: Rows) -> tuple[Coded, Floats]:
        """Return the counts that the rows' activities hang on, and their coefficients of variation [1]."""
        codes = (self.table.column(name).codes(rows) for name in ("basis", "basis_cv"))
        answers, kind = self.ask(rows, self.basis, *codes)
        return _coded([name for name, _ in answers], kind), np.array([cv for _, cv in answers], dtype=float)[kind]

    def grades(self, rows: Rows) -> Coded:
        """Return the grades of rows, "" where there is none."""
        column = self.table.column("grade")
        self.ask(rows, self.grade, column.codes(rows))
        return column.coded.take(rows)

    def plain(self, rows: Rows, names: Iterable[str]) -> None:
        """Refuse labels that only look like plain text."""
        for name in names:
            column = self.table.column(name)
            odd = rows[column.looked_at[rows]]

            def look(row: int, name: str = name, column: Column = column) -> None:
                self.labels(row, {name: column.cells[row]})

            if len(odd):
                self.ask(odd, look, column.codes(odd))

    def _filled(self, column: Column | None, rows: Rows) -> NDArray[np.bool_]:
        return np.zeros(len(rows), dtype=bool) if column is None else column.filled(rows)


def _others(kind: Codes, first: Codes, told: Mapping[int, object]) -> list[int]:
    """Return the rows of kinds of which something was told, but for the one it was told of."""
    if not told:
        return []
    others = np.isin(kind, list(told))
    others[first] = False
    return np.flatnonzero(others).tolist()


def _coded(answers: Sequence[str], kind: Codes) -> Coded:
    texts = Coded.of(np.array(answers, dtype=object))
    return Coded(texts.values, texts.codes[kind] if len(kind) else kind)
