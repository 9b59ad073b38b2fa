"""Hours: which share of a year's emission falls in each of them, by monthly, weekly and diurnal profiles.

A year's emission is shared among its months by the monthly profile, within a month among its real days by the weights
of their weekdays, and within a day among its hours by the weights of the hour on such a day:

    share(h) = m[month] · w[weekday of d] / Σ over days of the month w · f[weekday of d, hour] / Σ over hours f

so that the hours of a month sum to the month's share, and those of a calendar year to 1, whatever the weights and
wherever the year begins. Profiles are in local time; each local hour counts with the calendar year it is in.
"""

import calendar
import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from emis.coded import Codes
from emis.errors import Issues
from emis.grid_settings import Temporal
from emis.interchange.gridding.placing import first_of
from emis.inventory import Floats, Inventory
from emis.io.cells import require
from emis.io.many import ManyReader
from emis.io.tables import Table
from emis.numbering import alike
from emis.vocabulary import suggest

__all__ = ["EVEN_DAY", "EVEN_WEEK", "KINDS", "Profiles", "Times", "assign", "hour_shares", "read_profiles"]

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
    values = np.stack([reader.values(rows, name)[0] for name in columns], axis=1)
    reader.unused({"profile", *columns, "reference", "note", "comment", *(("day",) if kind == "diurnal" else ())})
    days = table.text("day") if kind == "diurnal" else [""] * len(table)
    found: dict[str, Floats] = {}
    for row, name in enumerate(table.text("profile")):
        if not np.isfinite(values[row]).all():
            continue
        if not name:
            reader.fault(row, "profile", "is blank", "give each profile its own name")
        elif kind == "diurnal":
            _add_day(reader, row, name, days[row] or "all", values[row], found)
        elif name in found:
            reader.fault(row, "profile", f"the profile {name!r} stands twice", "keep one of the two")
        else:
            found[name] = values[row]
            _check(reader, row, kind, name, values[row])
    for name, weights in found.items():
        for number in np.flatnonzero(~(weights.sum(axis=1) > 0)) if kind == "diurnal" else ():
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
    weights = found.setdefault(name, np.full((7, 24), np.nan))
    days = list(_KINDS_OF_DAY[day])
    if not np.isnan(weights[days]).all():
        reader.fault(row, "day", f"{day} of {name!r} is given twice", "keep one of the rows")
    weights[days] = values


# -- sources ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """Sources by their profiles in time.

    Attributes
    ----------
    group : ndarray, S
        Sources of one group share all three profiles.
    profiles : tuple
        By group: monthly shares, None for those of the days; weekly and diurnal weights.
    even : ndarray, S
        Which sources have neither a weekly nor a diurnal profile.
    """

    group: Codes
    profiles: tuple[tuple[Floats | None, Floats, Floats], ...]
    even: Codes

    def shares(self, temporal: Temporal) -> Floats:
        """Return the share of its calendar year's emission that falls in each hour written, groups × hours [1].

        An hour of UTC that lies across two local hours takes its part of each.
        """
        start = temporal.start + dt.timedelta(minutes=round(60 * temporal.utc_offset))
        part = start.minute / 60
        first = start.replace(minute=0)
        count = temporal.hours + (part > 0)
        years = range(first.year, (first + dt.timedelta(hours=count - 1)).year + 1)
        begin = int((first - dt.datetime(first.year, 1, 1)).total_seconds() // 3600)
        found = np.empty((len(self.profiles), temporal.hours))
        for group, (monthly, weekly, diurnal) in enumerate(self.profiles):
            whole = [hour_shares(year, monthly, weekly, diurnal, temporal.holidays) for year in years]
            local = np.concatenate(whole)[begin : begin + count]
            found[group] = (1 - part) * local[: temporal.hours] + (part * local[1:] if part else 0.0)
        return found


def assign(
    inventory: Inventory, temporal: Temporal, profiles: Profiles, where: Mapping[int, tuple[str, int]], issues: Issues
) -> Times:
    """Give each source its profiles.

    Parameters
    ----------
    where : mapping
        File and line of each of the document's assignments.
    """
    codes: dict[str, Codes] = {}
    for kind in KINDS:
        naming = [(number, one, getattr(one, kind)) for number, one in enumerate(temporal.profiles)]
        naming = [item for item in naming if item[2] is not None]
        known = list(profiles.get(kind, {}))
        for number, _, name in naming:
            if name not in known:
                message = f"there is no {kind} profile {name!r} in {getattr(temporal, kind)}"
                issues.error(*where[number], f"temporal.profiles.{number}.{kind}", message, suggest(name, known))
        chosen = first_of(inventory, [one.select for _, one, _ in naming])
        numbers = np.array([known.index(name) if name in known else -1 for *_, name in naming] + [-1])
        codes[kind] = numbers[chosen]
    tables = {kind: list(profiles.get(kind, {}).values()) for kind in KINDS}
    own = inventory.coded("profile")
    months = [*tables["monthly"], *(inventory.profiles.get(str(name)) for name in own.values), None]
    weeks, days = [*tables["weekly"], EVEN_WEEK], [*tables["diurnal"], EVEN_DAY]
    has = np.array([str(name) in inventory.profiles for name in own.values], dtype=bool)[own.codes]
    month = np.where(has, own.codes + len(tables["monthly"]), codes["monthly"] % len(months))
    week, day = codes["weekly"] % len(weeks), codes["diurnal"] % len(days)
    group, first = alike(month, week, day)
    found = tuple((months[month[at]], weeks[week[at]], days[day[at]]) for at in first.tolist())
    return Times(group, found, np.flatnonzero((codes["weekly"] < 0) & (codes["diurnal"] < 0)))


def hour_shares(
    year: int, monthly: Floats | None, weekly: Floats, diurnal: Floats, holidays: Collection[dt.date] = ()
) -> Floats:
    """Return the share of a year's emission in each of its hours, 8760 or 8784 [1]; they sum to 1.

    Parameters
    ----------
    monthly : ndarray, 12 [1], optional
        Shares of the months; without, those of their days.
    weekly : ndarray, 7
        Weights of the days, from Monday.
    diurnal : ndarray, 7 × 24
        Weights of the hours of each weekday.
    holidays : collection
        Days that count as Sundays. Where they leave a month no day with a weight, they count as what they are in it.
    """
    days = np.arange(np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01"))
    months = days.astype("datetime64[M]").astype(int) % 12
    plain = (np.arange(len(days)) + calendar.weekday(year, 1, 1)) % 7
    off = np.isin(days, np.array(sorted(holidays), dtype="datetime64[D]"))
    kind = np.where(off, _SUNDAY, plain)
    empty = np.bincount(months, weekly[kind], 12) == 0
    kind = np.where(empty[months], plain, kind)
    weights = weekly[kind]
    counts = np.bincount(months, minlength=12)
    shares = counts / counts.sum() if monthly is None else monthly / monthly.sum()
    of_days = shares[months] * weights / np.bincount(months, weights, 12)[months]
    of_hours = diurnal / diurnal.sum(axis=1, keepdims=True)
    return np.asarray((of_days[:, None] * of_hours[kind]).ravel())
