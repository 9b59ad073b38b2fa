"""Packets on the rows of an inventory, as one system evaluates them: closures, growth, controls, ceilings."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emis.errors import Issues
from emis.interchange.packets import semantics
from emis.interchange.packets.hierarchy import wanted
from emis.interchange.packets.matching import Matches, match
from emis.interchange.packets.outcome import Acts, Outcome
from emis.interchange.packets.records import KINDS, Compat, Kind, Record
from emis.interchange.packets.rows import Rows
from emis.interchange.packets.values import Values, eligibility
from emis.inventory import Floats, month_days
from emis.units import SHORT_TON

__all__ = ["evaluate"]

Indices = NDArray[np.intp]
Bools = NDArray[np.bool_]
#: Faults of one kind that are told one by one.
_MOST_NAMED = 20


def evaluate(rows: Rows, records: Sequence[Record], year: int, compat: Compat, issues: Issues | None = None) -> Outcome:
    """Return what packets make of an inventory in a year, as a system evaluates them.

    CoST: closure, projection, control, cap or replacement, each on what the one before it left. SMOKE: MACT, CONTROL,
    CTG and ALLOWABLE make one factor of the base year's emissions, which growth is multiplied by. emis: as CoST, with
    every added control that matches and not only one, in force from its day, and with ceilings that only lower.

    Parameters
    ----------
    issues : Issues, optional
        Gets what cannot be evaluated: a control that takes the place of one of 100 %.
    """
    ok, idle = eligibility(records, rows.inventory.base_year, year, compat)
    kinds = np.array([record.kind for record in records], dtype=object)
    asked = [wanted(record, compat) for record in records]
    matches: dict[Kind, Matches] = {kind: match(rows, records, ok & (kinds == kind), compat, asked) for kind in KINDS}
    run = _Run(rows, records, year, compat, matches, Values(records), issues)
    run.grow()
    run.close()
    run.control()
    run.cap()
    return Outcome(
        compat, year, rows, records, matches, run.left, Acts.joined(run.growth), Acts.joined(run.closed),
        Acts.joined(run.controls), Acts.joined(run.limits), idle, run.beaten, run.without,
    )  # fmt: skip


@dataclass
class _Run:
    """One evaluation on its way: what each stage leaves, and what each record does."""

    rows: Rows
    records: Sequence[Record]
    year: int
    compat: Compat
    matches: dict[Kind, Matches]
    values: Values
    issues: Issues | None
    left: dict[str, Floats] = field(default_factory=dict)
    growth: list[Acts] = field(default_factory=list)
    closed: list[Acts] = field(default_factory=list)
    controls: list[Acts] = field(default_factory=list)
    limits: list[Acts] = field(default_factory=list)
    beaten: int = 0
    without: int = 0

    def __post_init__(self) -> None:
        self.smoke = self.compat.startswith("smoke")
        # By month where a source has months, and a record too or CoST holds it against months: a year is their sum.
        asked = [record.months or (self.compat == "cost" and record.kind == "allowable") for record in self.records]
        by_month = not self.smoke and any(asked) and bool(self.rows.monthly.any())
        self.periods = 12 if by_month else 1
        self.days = month_days(self.year)
        self.weights = np.ones((len(self.rows), 1))
        if by_month:
            # What has no months has its year in the first of them.
            whole = np.eye(1, 12)
            self.weights = np.where(self.rows.monthly[:, None], self.rows.shares(self.year), whole)
        self.kept = np.ones((len(self.rows), self.periods))
        self.level = np.array([semantics.in_force_share(record.date, self.year) for record in self.records])
        if self.compat != "emis":
            self.level = np.ones(len(self.records))

    def _of(self, name: str, record: Indices, row: Indices) -> Floats:
        """Return a number of records by period, n × periods; of a row without months that of the year."""
        if self.periods == 1:
            return self.values.annual(name)[record][:, None]
        return np.where(self.rows.monthly[row][:, None], self.values.months(name)[record],
                        self.values.annual(name)[record][:, None])  # fmt: skip

    def _mean(self, values: Floats, row: Indices) -> Floats:
        """Return the mean of a number over the periods of rows, weighted by their emissions under growth."""
        weights = self.weights[row] * self.factor[row]
        whole = weights.sum(axis=1, keepdims=True)
        weights = np.where(whole > 0, weights / np.where(whole > 0, whole, 1.0), self.weights[row])
        return np.asarray((np.where(weights > 0, values, 0.0) * weights).sum(axis=1))

    # -- stages ------------------------------------------------------------------------------------------------------

    def grow(self) -> None:
        """Multiply by the factor of the best projection record."""
        winner = self.matches["projection"].winner
        row = np.flatnonzero(winner >= 0)
        self.factor = np.ones((len(self.rows), self.periods))
        self.factor[row] = self._of("factor", winner[row], row)
        whole = np.where(self.weights > 0, self.factor * self.weights, 0.0).sum(axis=1)
        self.left["growth"] = np.ones(len(self.rows))
        self.left["growth"][row] = whole[row]
        self.growth.append(Acts.of(row, winner[row], whole[row]))

    def close(self) -> None:
        """Take away what is closed: all of it, or as emis does, from its day on."""
        found = self.matches["closure"]
        # Closed is closed: of several records the one that is in force first counts.
        date = np.array([0 if one.date is None else one.date.toordinal() for one in self.records])
        order = np.lexsort((found.record, date[found.record], found.row))
        first = order[np.flatnonzero(np.diff(found.row[order], prepend=-1))]
        row, record = found.row[first], found.record[first]
        self.left["closure"] = np.ones(len(self.rows))
        self.left["closure"][row] = 1.0 - self.level[record]
        self.closed.append(Acts.of(row, record, 1.0 - self.level[record], self.level[record]))

    def control(self) -> None:
        """Apply controls: the best record of a row, or in emis every one that is added."""
        self.left["control"] = np.ones(len(self.rows))
        self._mact()
        found = self.matches["control"]
        replaces = np.array([record.replaces for record in self.records], dtype=bool)
        if self.compat == "emis":
            self._replace(found.only(replaces))
            added = found.only(~replaces)
            self._add(added.row, added.record)
        else:
            winner = found.winner
            row = np.flatnonzero(winner >= 0)
            second = replaces[winner[row]]
            self._replace(found.only(np.ones(len(self.records), dtype=bool)), row[second])
            self._add(row[~second], winner[row[~second]])
        self._ctg()

    def _add(self, row: Indices, record: Indices) -> None:
        efficiency, level = self._of("efficiency", record, row), self.level[record]
        left = 1.0 - self._mean(efficiency, row)
        self.kept[row] *= 1.0 - efficiency
        np.multiply.at(self.left["control"], row, 1.0 - level * (1.0 - left))
        self.controls.append(Acts.of(row, record, left, level))

    def _replace(self, found: Matches, row: Indices | None = None) -> None:
        """Put a control in the place of the existing one, and of what MACT made of it."""
        winner = found.winner
        if row is None:
            row = np.flatnonzero(winner >= 0)
        record, existing = winner[row], self.rows.control[row][:, None]
        efficiency = self._of("efficiency", record, row)
        total = self._total_control(row, record, efficiency)
        used = semantics.replaced(self._compared(record, efficiency), existing, self.compat) & ~total
        self.beaten += int(np.count_nonzero(~used & ~total))
        # SMOKE forgets what MACT did also where the existing control stays (genmultc.f sets the factor).
        forgotten = row if self.smoke else row[used]
        self.left["control"][forgotten] = 1.0
        gone = np.isin(np.concatenate([acts.row for acts in self.controls]), forgotten) if self.controls else None
        if gone is not None:
            self.controls = [Acts.joined(self.controls).where(~gone)]
        row, record, efficiency, existing = row[used], record[used], efficiency[used], existing[used]
        factor = semantics.factor_left(efficiency, existing)
        if self.compat == "cost":
            factor = np.where(efficiency == 0.0, 1.0, factor)
        left, level = self._mean(factor, row), self.level[record]
        self.kept[row] = factor
        self.left["control"][row] = 1.0 - level * (1.0 - left)
        plain = np.asarray((efficiency == efficiency[:, :1]).all(axis=1) & (factor < 1.0).all(axis=1))
        apart = 1.0 - efficiency[plain, 0]
        self.controls += [Acts.of(row[plain], record[plain], apart, level[plain], existing=True),
                          Acts.of(row[~plain], record[~plain], left[~plain], level[~plain])]  # fmt: skip

    def _compared(self, record: Indices, efficiency: Floats) -> Floats:
        """Return the efficiencies that are held against the existing control, n × periods."""
        if self.compat != "cost":
            return efficiency
        # CoST asks whether the year or any month is as good, whether or not the source has months.
        return np.column_stack([self.values.annual("efficiency")[record], self.values.months("efficiency")[record]])

    def _mact(self) -> None:
        winner = self.matches["mact"].winner
        row = np.flatnonzero(winner >= 0)
        own = self.rows.source_type[row]
        asked = np.array([record.source_type for record in self.records], dtype=object)
        # The type decides last: a row whose record asks for another one gets none.
        row = row[np.isin(asked[winner[row]], ["01", "02"], invert=True) | (asked[winner[row]] == own)]
        record = winner[row]
        existing = self.rows.control[row]
        old, new, part = (self.values.annual(name)[record] for name in ("existing", "new", "fraction"))
        left = semantics.mact_factor(existing, old, new, part)
        self.left["control"][row] = left
        self.controls.append(Acts.of(row, record, left))

    def _ctg(self) -> None:
        winner = self.matches["ctg"].winner
        row = np.flatnonzero(winner >= 0)
        record = winner[row]
        emitted = self.rows.emission[row] * self.left["control"][row]
        if not self.smoke:
            emitted = emitted * self.left["growth"][row] * self.left["closure"][row]
        get = self.values.annual
        left = semantics.ctg_factor(emitted, get("factor")[record], get("cutoff")[record] * self._year_tons(),
                                    get("mact_factor")[record], get("ract_factor")[record])  # fmt: skip
        self.left["control"][row] *= left
        acts = Acts.of(row, record, left)
        self.controls.append(acts.where(left != 1.0))

    def _total_control(self, row: Indices, record: Indices, efficiency: Floats) -> Bools:
        """Return rows whose existing control is 100 %, and note those that something would take the place of."""
        # SMOKE makes them 0, CoST controls them as if nothing were in place. A CoST record of 0 passes all through.
        total = (self.rows.control[row] >= 1.0) & (efficiency > 0).any(axis=1)
        at = np.flatnonzero(total)
        for number in at[:_MOST_NAMED].tolist() if self.issues is not None else ():
            one, source = self.records[record[number]], int(self.rows.source[row[number]])
            file, line = self.rows.inventory.place(source)
            assert self.issues is not None
            self.issues.error(
                file, line, "control",
                f"{self.rows.named(int(row[number]))} has an existing control of 100 %, which {one.place} replaces:"
                " nothing tells what it would emit without it",
                "give the control's real efficiency, or have the packet add to it (A)",
            )  # fmt: skip
        if self.issues is not None and len(at) > _MOST_NAMED:
            self.issues.error("", 0, "control", f"and {len(at) - _MOST_NAMED:,} more have a replaced control of 100 %")
        return np.asarray(total)

    def cap(self) -> None:
        """Hold emissions below ceilings, or put others in their place."""
        self.left["cap"] = np.ones(len(self.rows))
        if self.smoke:
            self._smoke_caps()
        elif self.compat == "cost":
            self._cost_caps()
        else:
            self._emis_caps()

    def _year_tons(self) -> float:
        """Return the tonnes of a short ton per day over the year that tons are counted in."""
        year = self.rows.inventory.base_year if self.smoke else self.year
        return float(SHORT_TON * month_days(year).sum())

    def _smoke_caps(self) -> None:
        winner = self.matches["allowable"].winner
        row = np.flatnonzero(winner >= 0)
        record, tons, manual = winner[row], self._year_tons(), self.compat == "smoke_manual"
        cap, instead = (self.values.annual(name)[record] * tons for name in ("cap", "replacement"))
        left = semantics.capped_by_smoke(self.rows.emission[row], cap, instead, manual)
        self.without += int(np.count_nonzero((self.rows.emission[row] == 0) & ~np.isnan(instead) & manual))
        row, record, left = row[~np.isnan(left)], record[~np.isnan(left)], left[~np.isnan(left)]
        if manual:
            self.left["control"][row] = 1.0
            acts = Acts.joined(self.controls)
            self.controls = [acts.where(~np.isin(acts.row, row))]
        self.left["cap"][row] = left
        self.controls.append(Acts.of(row, record, left))

    def _cost_caps(self) -> None:
        """Apply the best cap and the best replacement of each row; a record that has both is a replacement."""
        found = self.matches["allowable"]
        instead = np.array(["replacement" in {**one.values, **one.months} for one in self.records], dtype=bool)
        of_cap, of_other = found.only(~instead).winner, found.only(instead).winner
        either = ((of_cap >= 0) | (of_other >= 0)) & (self.left["closure"] > 0)
        by_month = self.rows.monthly & (self.periods > 1)
        for monthly in (False, True):
            row = np.flatnonzero(either & (by_month == monthly))
            if not len(row):
                continue
            days = self.days if monthly else self.days.sum(keepdims=True)
            emitted = self.rows.emission[row][:, None] * self.weights[row] * self.factor[row] * self.kept[row]
            emitted = emitted if monthly else emitted.sum(axis=1, keepdims=True)
            cap, other = self._tons("cap", of_cap[row], monthly), self._tons("replacement", of_other[row], monthly)
            annual = self._tons("cap", of_cap[row], False)[:, 0]
            value, capped = semantics.capped_by_cost(emitted, cap, other, annual, days)
            self._put(row, np.where(capped, of_cap[row], of_other[row]), emitted.sum(axis=1), value)

    def _tons(self, name: str, record: Indices, monthly: bool) -> Floats:
        """Return short tons per day of records as t/d, n × periods; NaN where there is no record."""
        values = self.values.months(name) if monthly else self.values.annual(name)[:, None]
        return np.where((record >= 0)[:, None], values[record] * SHORT_TON, np.nan)

    def _put(self, row: Indices, record: Indices, emitted: Floats, value: Floats) -> None:
        """Put the value of a record in the place of emissions, as a ceiling where it is below and else by a factor."""
        given = ~np.isnan(value)
        self.without += int(np.count_nonzero(given & (emitted == 0) & (value > 0)))
        given &= emitted > 0
        row, record, emitted, value = row[given], record[given], emitted[given], value[given]
        left = value / emitted
        self.left["cap"][row] = left
        below = value <= emitted
        self.limits.append(Acts.of(row[below], record[below], value[below]))
        self.controls.append(Acts.of(row[~below], record[~below], left[~below]))

    def _emis_caps(self) -> None:
        winner = self.matches["allowable"].winner
        row = np.flatnonzero((winner >= 0) & (self.left["closure"] > 0))
        record = winner[row]
        emitted = self.rows.emission[row] * (self.left["growth"] * self.left["closure"] * self.left["control"])[row]
        by_month = self.rows.monthly[row] & (self.periods > 1)
        cap, other = (
            np.where(by_month, (self._tons(name, record, True) * self.days).sum(axis=1),
                     self._tons(name, record, False)[:, 0] * self.days.sum())
            for name in ("cap", "replacement")
        )  # fmt: skip
        level = self.level[record]
        left = semantics.capped_by_emis(emitted, cap, other, level)
        limit = np.where(np.isnan(other), cap, other)
        held = left < emitted
        row, record = row[held], record[held]
        self.left["cap"][row] = left[held] / emitted[held]
        self.limits.append(Acts.of(row, record, limit[held], level[held]))
