"""Hours: which share of a year's emission falls in each of them, by monthly, weekly and diurnal profiles.

A year's emission is shared among its months by the monthly profile, within a month among its real days by the weights
of their weekdays, and within a day among its hours by the weights of the hour on such a day:

    share(h) = m[month] · w[weekday of d] / Σ over days of the month w · f[weekday of d, hour] / Σ over hours f

so that the hours of a month sum to the month's share, and those of a calendar year to 1, whatever the weights and
wherever the year begins. Profiles are in local time; each local hour counts with the calendar year it is in.
"""

import calendar
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emis.coded import Codes
from emis.errors import Issues
from emis.grid_settings import Temporal
from emis.interchange.gridding.placing import first_of
from emis.interchange.gridding.weights import weights
from emis.inventory import Floats, Inventory, month_days
from emis.io.cells import require
from emis.io.many import ManyReader
from emis.io.tables import Table
from emis.numbering import alike
from emis.vocabulary import suggest

__all__ = [
    "EVEN_DAY",
    "EVEN_WEEK",
    "KINDS",
    "Profiles",
    "Span",
    "Times",
    "assign",
    "hours_of_month",
    "read_profiles",
]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: What the column `day` of a diurnal table may say, and which weekdays it means.
_KINDS_OF_DAY = {"all": range(7), "weekday": range(5), "weekend": range(5, 7), "saturday": (5,), "sunday": (6,)} | {
    day: (number,) for number, day in enumerate(_DAYS)
}
KINDS = ("monthly", "weekly", "diurnal")
_COLUMNS = {
    "monthly": tuple(str(month) for month in range(1, 13)),
    "weekly": _DAYS,
    "diurnal": tuple(str(hour) for hour in range(24)),
}
EVEN_WEEK, EVEN_DAY = np.ones(7), np.ones((7, 24))
_SUNDAY = 6

#: Profiles by kind and name: 12 shares, 7 weights from Monday, 7 × 24 weights.
Profiles = Mapping[str, Mapping[str, Floats]]


# -- tables ----------------------------------------------------------------------------------------------------------


def read_profiles(table: Table, kind: str, issues: Issues) -> dict[str, Floats]:
    """Return the profiles of a table by name: monthly 12 [1], weekly 7, diurnal 7 × 24 in weights of any sum."""
    reader, rows, columns = ManyReader(table, issues), np.arange(len(table)), _COLUMNS[kind]
    require(table, ("profile", *columns), issues)
    if not {"profile", *columns} <= table.columns.keys():
        return {}
    before = len(issues.errors)
    values = np.stack([weights(reader, rows, name) for name in columns], axis=1)
    reader.unused({"profile", *columns, "reference", "note", "comment", *(("day",) if kind == "diurnal" else ())})
    days = table.text("day") if kind == "diurnal" else [""] * len(table)
    found: dict[str, Floats] = {}
    if len(issues.errors) > before:
        return {}
    for row, name in enumerate(table.text("profile")):
        if not name:
            reader.fault(row, "profile", "is blank", "give each profile its own name")
        elif kind == "diurnal":
            _add_day(reader, row, name, days[row] or "all", values[row], found)
        elif name in found:
            reader.fault(row, "profile", f"the profile {name!r} stands twice", "keep one of the two")
        else:
            found[name] = values[row]
            _check(reader, row, kind, name, values[row])
    for name, of_days in found.items():
        for number in np.flatnonzero(~(of_days.sum(axis=1) > 0)) if kind == "diurnal" else ():
            line = list(table.text("profile")).index(name)
            reader.fault(line, "day", f"the profile {name!r} has no weights on {_DAYS[number]}", "add a row for it")
    return found


def _check(reader: ManyReader, row: int, kind: str, name: str, values: Floats) -> None:
    total = values.sum()
    if kind == "monthly" and not abs(total - 1) <= 1e-6:
        reader.fault(row, "profile", f"the shares of {name!r} sum to {total:.8g}", "make them sum to 1")
    elif not total > 0:
        reader.fault(row, "profile", f"the weights of {name!r} sum to 0", "write weights above 0")


def _add_day(reader: ManyReader, row: int, name: str, day: str, values: Floats, found: dict[str, Floats]) -> None:
    if day not in _KINDS_OF_DAY:
        reader.fault(row, "day", f"unknown kind of day {day!r}", suggest(day, _KINDS_OF_DAY))
        return
    of_days = found.setdefault(name, np.full((7, 24), np.nan))
    days = list(_KINDS_OF_DAY[day])
    if not np.isnan(of_days[days]).all():
        reader.fault(row, "day", f"{day} of {name!r} is given twice", "keep one of the rows")
    of_days[days] = values


# -- sources ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """Hours within one month of local time: the number of the first of those written, and which share of the month's
    emission falls in each, groups × hours [1]."""

    year: int
    month: int
    first: int
    shares: Floats


@dataclass(frozen=True)
class Times:
    """Sources by their profiles in time.

    Attributes
    ----------
    group : ndarray, S
        Sources of one group share weekly and diurnal weights.
    weights : tuple
        By group: weekly and diurnal weights.
    month, months : ndarray, S; tuple
        The monthly profile of each source, and the profiles, 12 [1]; None for the shares of the days.
    even : ndarray
        Sources with neither a weekly nor a diurnal profile.
    """

    group: Codes
    weights: tuple[tuple[Floats, Floats], ...]
    month: Codes
    months: tuple[Floats | None, ...]
    even: Codes

    def of_month(self, year: int, month: int) -> Floats:
        """Return which share of a year's emission falls in a month, S [1]."""
        by_days = month_days(year) / month_days(year).sum()
        shares = [by_days if one is None else one / one.sum() for one in self.months]
        return np.array([one[month - 1] for one in shares])[self.month]

    def spans(self, temporal: Temporal) -> list[Span]:
        """Return the hours written, month by month of local time.

        An hour of UTC that lies across two local hours takes its part of each.
        """
        start = temporal.start + dt.timedelta(minutes=round(60 * temporal.utc_offset))
        part = start.minute / 60
        first, found = start.replace(minute=0), list[Span]()
        last = first + dt.timedelta(hours=temporal.hours - (part == 0))
        year, month = first.year, first.month
        while (year, month) <= (last.year, last.month):
            begin = int((dt.datetime(year, month, 1) - first).total_seconds() // 3600)
            own = [hours_of_month(year, month, *one, temporal.holidays) for one in self.weights]
            local = np.zeros((len(own), temporal.hours + 1))
            here = slice(max(begin, 0), min(begin + len(own[0]), temporal.hours + 1))
            local[:, here] = np.stack(own)[:, here.start - begin : here.stop - begin]
            shares = (1 - part) * local[:, :-1] + part * local[:, 1:]
            some = slice(max(here.start - 1, 0), here.stop)
            found.append(Span(year, month, some.start, shares[:, some]))
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return found

    def of_period(self, spans: Sequence[Span]) -> Floats:
        """Return which share of its year's emission each source emits in the hours written, S [1]."""
        parts = [self.of_month(one.year, one.month) * one.shares.sum(axis=1)[self.group] for one in spans]
        return np.asarray(np.sum(parts, axis=0))


def assign(
    inventory: Inventory, temporal: Temporal, profiles: Profiles, where: Mapping[int, tuple[str, int]], issues: Issues
) -> Times:
    """Give each source its profiles.

    Parameters
    ----------
    where : mapping
        File and line of each of the document's assignments.
    """
    codes = {kind: _chosen(inventory, temporal, kind, list(profiles.get(kind, {})), where, issues) for kind in KINDS}
    tables = {kind: list(profiles.get(kind, {}).values()) for kind in KINDS}
    own = inventory.coded("profile")
    months = (*tables["monthly"], *(inventory.profiles.get(str(name)) for name in own.values), None)
    has = np.array([str(name) in inventory.profiles for name in own.values], dtype=bool)[own.codes]
    month = np.where(has, own.codes + len(tables["monthly"]), codes["monthly"] % len(months))
    weeks, days = [*tables["weekly"], EVEN_WEEK], [*tables["diurnal"], EVEN_DAY]
    week, day = codes["weekly"] % len(weeks), codes["diurnal"] % len(days)
    group, first = alike(week, day)
    weights = tuple((weeks[week[at]], days[day[at]]) for at in first.tolist())
    return Times(group, weights, month, months, np.flatnonzero((codes["weekly"] < 0) & (codes["diurnal"] < 0)))


def _chosen(
    inventory: Inventory, temporal: Temporal, kind: str, known: Sequence[str], where: Mapping[int, tuple[str, int]],
    issues: Issues,
) -> Codes:  # fmt: skip
    """Return the number of each source's profile among those known, -1 for none; a name that is not is a fault."""
    naming = [(number, one.select, getattr(one, kind)) for number, one in enumerate(temporal.profiles)]
    naming = [item for item in naming if item[2] is not None]
    for number, _, name in naming:
        if name not in known:
            message = f"there is no {kind} profile {name!r} in {getattr(temporal, kind)}"
            issues.error(*where[number], f"temporal.profiles.{number}.{kind}", message, suggest(name, known))
    numbers = np.array([known.index(name) if name in known else -1 for *_, name in naming] + [-1])
    return np.asarray(numbers[first_of(inventory, [select for _, select, _ in naming])], dtype=np.intp)


def hours_of_month(
    year: int, month: int, weekly: Floats, diurnal: Floats, holidays: Collection[dt.date] = ()
) -> Floats:
    """Return the share of a month's emission in each of its hours [1]; they sum to 1.

    Parameters
    ----------
    weekly : ndarray, 7
        Weights of the days, from Monday.
    diurnal : ndarray, 7 × 24
        Weights of the hours of each weekday.
    holidays : collection
        Days that count as Sundays. Where they leave the month no day with a weight, they count as what they are.
    """
    begin, count = calendar.monthrange(year, month)
    plain = (begin + np.arange(count)) % 7
    off = np.array([dt.date(year, month, day + 1) in holidays for day in range(count)])
    kind = np.where(off, _SUNDAY, plain)
    if not weekly[kind].sum() > 0:
        kind = plain
    of_days = weekly[kind] / weekly[kind].sum()
    return np.asarray((of_days[:, None] * (diurnal / diurnal.sum(axis=1, keepdims=True))[kind]).ravel())
