"""Tables of progress: what was observed of which milestone on which day."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from emis import numerals, units, vocabulary
from emis.errors import Issues
from emis.io.cells import NOTES, RowReader, require
from emis.io.folders import Folder
from emis.io.tables import Table, read_table
from emis.plan import Milestone
from emis.progress import Observation, Progress, Value, due, fulfilled, threshold, worth, written
from emis.scenario import Scenario

__all__ = ["with_progress"]

_REQUIRED = ("milestone", "date", "observed")
_COLUMNS = frozenset({*_REQUIRED, "unit", "pace", "title", *NOTES})


def with_progress(
    scenario: Scenario, path: Path, folder: Folder, issues: Issues, encoding: str | None = None
) -> Scenario:
    """Return the scenario with the progress read from `path`; unchanged, and `issues` says why, when that fails."""
    shown = folder.shown(path)
    if not folder.holds(path):
        issues.error(
            shown,
            0,
            "",
            f"lies outside the project folder {folder.root.name}",
            "move the file, or widen the folder with --root",
        )
        return scenario
    table = read_table(path, shown, issues, encoding=encoding)
    if table is None:
        return scenario
    folder.read(path)
    require(table, _REQUIRED, issues)
    if any(name not in table.columns for name in _REQUIRED):
        return scenario
    observations = _Reader(table, scenario, issues).observations()
    progress = Progress(shown, tuple(observations)) if observations else None
    files, warnings = tuple(sorted(folder.files)), tuple(issues.warnings)
    return replace(scenario, progress=progress, files=files, warnings=warnings)


class _Reader:
    """Reads the rows of one table against the plan's milestones."""

    def __init__(self, table: Table, scenario: Scenario, issues: Issues):
        self.table, self.scenario, self.rows = table, scenario, RowReader(table, issues)
        self.milestones = {stone.id: stone for stone in scenario.plan.milestones}
        # Of a faulty plan the milestones with faults are not known here, and not missed.
        self.complete = not any(issue.path.startswith("milestones") for issue in issues.errors)
        self.issues = issues

    def observations(self) -> list[Observation]:
        """Return the observations, and note every fault of the table."""
        found: dict[tuple[str, dt.date], tuple[int, Observation]] = {}
        for row in range(len(self.table)):
            one = self._observation(row)
            if one is None:
                continue
            if (key := (one.milestone, one.date)) in found:
                first = self.table.lines[found[key][0]]
                message = f"{one.milestone} was observed on {one.date} already, in line {first}"
                self.rows.fault(row, "date", message, "keep one observation of a day")
                continue
            found[key] = (row, one)
        self.rows.unused(_COLUMNS)
        self._look_over(found)
        return [one for _, one in found.values()]

    def _observation(self, row: int) -> Observation | None:
        stone, date = self._milestone(row), self._date(row)
        value = self._value(row, stone) if stone is not None else None
        pace = self._pace(row)
        if stone is None or date is None or value is None:
            return None
        reference, note = (self.table.text(name)[row] for name in ("reference", "note"))
        return Observation(stone.id, date, value, pace, reference, note)

    def _milestone(self, row: int) -> Milestone | None:
        name = self.table.text("milestone")[row]
        if not name:
            self.rows.fault(row, "milestone", "is blank", "write the id of a milestone of the plan")
        elif name not in self.milestones and self.complete:
            hint = vocabulary.suggest(name, self.milestones)
            self.rows.fault(row, "milestone", f"the plan has no milestone {name!r}", hint)
        return self.milestones.get(name)

    def _date(self, row: int) -> dt.date | None:
        date = self.rows.date(row, "date", "write the day of the observation, e.g. 2019-06-30")
        if date is None:
            return None
        plan, years = self.scenario.plan, self.scenario.years
        ends = [*years, plan.target_year or plan.base_year, *(due(one).year for one in plan.milestones)]
        last = dt.date(max(ends), 12, 31)
        if not plan.start <= date <= last:
            message = f"{date} lies outside the plan, which runs from {plan.start} to {last}"
            self.rows.fault(row, "date", message, "write the day of the observation")
            return None
        return date

    def _value(self, row: int, stone: Milestone) -> Value | None:
        wanted = threshold(stone)
        try:
            text = self._text(row, wanted.unit if isinstance(wanted, units.Quantity) else "%")
            if not isinstance(wanted, units.Quantity):
                return units.share(text)
            if text.endswith(("%", "％")):
                raise units.UnitError(f"{text} does not convert into that of {written(wanted)}", f"write {wanted.unit}")
            value = units.quantity(text)
            if value.value < 0:
                raise units.UnitError(f"{value} is negative", "write 0 or more")
            fulfilled(stone, value)  # which tells whether the unit converts
            return value
        except units.UnitError as error:
            self.rows.fault(row, "observed", error.message, error.hint)
            return None

    def _text(self, row: int, example: str) -> str:
        """Return number and unit of a row; the unit stands in the cell, in the column `unit` or in the header."""
        cell, own = self.table.text("observed")[row], self.table.text("unit")[row]
        header = self.table.columns["observed"].unit
        if not cell:
            raise units.UnitError("is blank", f"write what was observed, in {example}, or leave the row out")
        given = list(dict.fromkeys(unit for unit in (own, header) if unit))
        try:
            numerals.number(cell)
        except units.UnitError:
            given = [unit for unit in given if not cell.endswith(unit)]
            if not given:
                return cell
            raise units.UnitError(f"{cell!r} stands beside the unit {given[0]}", "keep one unit") from None
        if len(given) > 1:
            raise units.UnitError(f"is in {header} by its header and in {own} by `unit`", "keep one of the two")
        if not given:
            raise units.UnitError(f"a bare number {cell} was found", f"write its unit, e.g. {cell} {example}")
        return f"{cell} {given[0]}"

    def _pace(self, row: int) -> float | None:
        text = self.table.text("pace")[row]
        if not text:
            return None
        try:
            pace = units.rate(text)
            if pace < 0:
                raise units.UnitError(f"a pace of {text} goes backwards", "write 0 %/yr or more")
            return pace
        except units.UnitError as error:
            self.rows.fault(row, "pace", error.message, error.hint)
            return None

    def _look_over(self, found: Mapping[tuple[str, dt.date], tuple[int, Observation]]) -> None:
        """Warn of what is odd: values that fall, a pace that later observations leave behind, measures left out."""
        for name, stone in self.milestones.items():
            seen = sorted((key[1], row, one) for key, (row, one) in found.items() if key[0] == name)
            for (_, _, earlier), (_, row, one) in zip(seen, seen[1:], strict=False):
                if fulfilled(stone, one.value) < fulfilled(stone, earlier.value):
                    message = f"{name} falls back from {written(earlier.value)} to {written(one.value)}"
                    self._warn(row, "observed", message, f"check it against {earlier.date}")
            for (_, row, one), _ in zip(seen, seen[1:], strict=False):
                if one.pace is not None and seen[-1][2].pace is None:
                    message = f"the pace of {one.date} is not used: {name} was observed later, without one"
                    self._warn(row, "pace", message, "state it with the last observation")
            if seen:
                self._without_effect(stone, *seen[-1][1:])

    def _without_effect(self, stone: Milestone, row: int, last: Observation) -> None:
        plan = self.scenario.plan
        if stone.measure not in {measure.id for measure in plan.effects}:
            return
        if self.scenario.omits(stone.measure):
            message = f"the scenario omits {stone.measure}: what {stone.id} shows has no effect on emissions"
            self._warn(row, "milestone", message)
        elif last.pace is None and worth(plan, stone, last.date) == 0 and fulfilled(stone, last.value) < 1:
            message = f"the plan has nothing of {stone.measure} in place by then: no level follows from {stone.id}"
            hint = "the measure goes on at the plan's pace; observe it later too, or state a pace"
            self._warn(row, "milestone", message, hint)

    def _warn(self, row: int, column: str, message: str, hint: str = "") -> None:
        self.issues.warn(*self.rows.place(row), column, message, hint)
