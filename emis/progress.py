"""What has really been done: observed milestones, how far each is fulfilled, and the levels that follow from them."""

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal, TypeAlias

from emis import units
from emis.measures import Measure
from emis.phasing import PhaseIn, later
from emis.plan import Milestone, Plan

__all__ = [
    "COLUMNS",
    "Observation",
    "Progress",
    "Standing",
    "Value",
    "courses",
    "due",
    "fulfilled",
    "said",
    "standings",
    "threshold",
    "worth",
    "written",
]

#: A share [1], or a quantity with its unit.
Value: TypeAlias = float | units.Quantity
Status: TypeAlias = Literal["done", "on track", "behind", "overdue", "not reported"]
Knots: TypeAlias = tuple[tuple[dt.date, float], ...]

#: Of progress.csv in a result; planned and fulfilled are shares of the promise [1].
COLUMNS = (
    "milestone", "article", "measure", "drives", "required", "by",
    "observed", "date", "planned", "fulfilled", "status", "reached_by",
)  # fmt: skip
_DAYS_PER_YEAR = 365
#: Rounding of shares and levels, nothing that could be observed.
_ROUNDING = 1e-9
#: A course that takes longer than this is not going anywhere.
_LONGEST_DAYS = 200 * _DAYS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Observation:
    """What was found of a milestone on a day; `pace` [1/yr] is what is assumed after it, None the plan's own pace."""

    milestone: str
    date: dt.date
    value: Value
    pace: float | None = None
    reference: str = ""
    note: str = ""


@dataclass(frozen=True)
class Progress:
    """The observations of a file."""

    file: str
    observations: tuple[Observation, ...]

    @property
    def until(self) -> dt.date:
        """The last day of which anything is known."""
        return max(one.date for one in self.observations)

    def of(self, milestone: str) -> tuple[Observation, ...]:
        """Return the observations of a milestone, the earliest first."""
        found = (one for one in self.observations if one.milestone == milestone)
        return tuple(sorted(found, key=lambda one: one.date))

    def record(self) -> dict[str, str]:
        """Return what a result says of it: file and last day."""
        return {"file": self.file, "until": self.until.isoformat()}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a milestone stands at its last observation.

    `planned` and `fulfilled` are shares of the promise [1], at the day of `last`. `reached_by` is the day from which it
    is fulfilled, or will be at the present pace; None is not known, or never at that pace. `drives` tells whether the
    milestone sets the level of its measure.
    """

    milestone: Milestone
    drives: bool
    status: Status
    last: Observation | None = None
    planned: float | None = None
    fulfilled: float | None = None
    reached_by: dt.date | None = None

    def cells(self) -> tuple[Any, ...]:
        """Return it as a row of progress.csv, in the order of `COLUMNS`."""
        stone, last = self.milestone, self.last
        return (
            stone.id, stone.article, stone.measure, "yes" if self.drives else "no",
            f"{_bound(stone).replace('_', ' ')} {written(threshold(stone))}", due(stone).isoformat(),
            written(last.value) if last else None, last.date.isoformat() if last else None,
            self.planned, self.fulfilled, self.status, self.reached_by.isoformat() if self.reached_by else None,
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Return it as a row of progress.csv, by column."""
        return {**dict(zip(COLUMNS, self.cells(), strict=True)), "drives": self.drives}


# -- milestones ------------------------------------------------------------------------------------------------------


def _bound(stone: Milestone) -> str:
    return next(name for name in ("at_least", "at_most", "equals") if getattr(stone, name) is not None)


def threshold(stone: Milestone) -> Value:
    """Return what a milestone asks for."""
    value: Value = getattr(stone, _bound(stone))
    return value


def due(stone: Milestone) -> dt.date:
    """Return the day by which a milestone is to be reached: of a year its last."""
    return stone.by if isinstance(stone.by, dt.date) else dt.date(stone.by, 12, 31)


def written(value: Value) -> str:
    """Return a share or a quantity as it is written: ``62 %``, ``21500 vehicle/yr``."""
    return str(value) if isinstance(value, units.Quantity) else f"{100 * value:.6g} %"


def fulfilled(stone: Milestone, value: Value) -> float:
    """Return how far a milestone is fulfilled, 0-1.

    With threshold v: ``at_least`` and ``equals`` observed/v, at most 1; ``at_most`` 1 up to v, and v/observed above it.

    Raises
    ------
    UnitError
        When the unit does not convert into the milestone's; a number per year is not one without a time.
    """
    wanted = threshold(stone)
    if isinstance(wanted, units.Quantity) and isinstance(value, units.Quantity):
        found, wanted = value.value * units.ratio(value.unit, wanted.unit), wanted.value
    elif isinstance(wanted, units.Quantity) or isinstance(value, units.Quantity):
        raise units.UnitError(f"{written(value)} does not convert into that of {written(wanted)}", "use its unit")
    else:
        found = value
    # Of nothing, only nothing is enough: equals 0 is a ceiling.
    if stone.at_most is not None or (stone.equals is not None and wanted == 0):
        return 1.0 if found <= wanted else wanted / found
    return 1.0 if found >= wanted else found / wanted


# -- levels ----------------------------------------------------------------------------------------------------------


def worth(plan: Plan, stone: Milestone, date: dt.date) -> float:
    """Return the level [1] of its measure that a milestone stands for when it is fulfilled on a day.

    That is the planned level on the day it is due, and from then on the one of each day: who keeps to the plan's
    milestones keeps to its course. 0 where the milestone drives no measure.
    """
    measure = _driven(plan, stone)
    return plan.course(measure).at(max(date, due(stone))) if measure else 0.0


def courses(
    plan: Plan, progress: Progress, delay: int = 0, implementation: Callable[[str], float] = lambda _measure: 1.0
) -> dict[str, PhaseIn]:
    """Return how each measure with an observed milestone has come, and will come, into place.

    The level at an observation is fulfilled · L(max(date, due)), L the planned course (see `worth`). Levels are linear
    between observations, from 0 at the start of the measure's own phase-in (or on the day the plan was issued), and
    known: `delay` and `implementation` do not touch them. After the last one the level rises as L does from that day on
    - `delay` years later, `implementation` of each rise - or by the stated pace, a share of the highest level planned,
    which neither of them touches; never above that level. Of several milestones of one measure the lowest level counts,
    day by day. A phase-in by years steps on 1 January; a dated closure gives way to the observed course.

    Parameters
    ----------
    delay : int
        By how much what is left of the plan comes later [yr].
    implementation : callable
        How far what is left of a measure is assumed to come, by its id [1].
    """
    found: dict[str, list[PhaseIn]] = {}
    for stone in plan.milestones:
        seen, measure = progress.of(stone.id), _driven(plan, stone)
        if seen and measure:
            course = _course(plan, measure, stone, seen, delay, implementation(measure.id))
            found.setdefault(measure.id, []).append(course)
    return {name: _lowest(several) for name, several in found.items()}


def _course(
    plan: Plan, measure: Measure, stone: Milestone, seen: Sequence[Observation], delay: int, implementation: float
) -> PhaseIn:
    planned = plan.course(measure).by_dates()
    facts = tuple((one.date, fulfilled(stone, one.value) * worth(plan, stone, one.date)) for one in seen)
    highest = max(level for _, level in planned.dates)
    last, level = facts[-1]
    pace = seen[-1].pace
    if pace is None:
        after = _as_planned(planned.delayed(delay), later(last, delay), level, highest, implementation)
    else:
        after = _at_pace(pace * highest / _DAYS_PER_YEAR, last, level, highest)
    return PhaseIn(dates=(*_origin(plan, measure, facts[0][0]), *facts, *after))


def _driven(plan: Plan, stone: Milestone) -> Measure | None:
    """Return the measure whose level a milestone sets; an enabling one has none."""
    if not stone.drives:
        return None
    return next((one for one in plan.measures if one.id == stone.measure and one.kind == "effect"), None)


def _origin(plan: Plan, measure: Measure | None, first: dt.date) -> Knots:
    """Return the knot from which the level rises to the first observation; none when nothing lies before that."""
    own = measure.course() if measure else None
    knots = own.by_dates().dates if own else ()
    zeros = [day for day, _ in takewhile(lambda knot: knot[1] == 0, knots)]
    starts = (*(zeros[-1:] or [day for day, _ in knots[:1]]), plan.start)
    return tuple((day, 0.0) for day in starts if day < first)[:1]


def _at_pace(per_day: float, last: dt.date, level: float, highest: float) -> Knots:
    if per_day <= 0 or level >= highest:
        return ()
    days = min(math.ceil((highest - level) / per_day), _LONGEST_DAYS)
    before = (last + dt.timedelta(days - 1), level + per_day * (days - 1))
    return (before, (last + dt.timedelta(days), min(level + per_day * days, highest)))


def _as_planned(planned: PhaseIn, resumes: dt.date, level: float, highest: float, implementation: float) -> Knots:
    """Return the level after the last observation: it holds until `resumes`, and goes on from there as planned."""
    then = planned.at(resumes)

    def moved(planned_level: float) -> float:
        rise = planned_level - then
        # A temporary measure ends as planned, whatever had been done of it.
        return level + (implementation * min(rise, highest - level) if rise > 0 else max(rise, -level))

    end = max(resumes, planned.dates[-1][0])
    return _by_day(resumes, end, lambda day: moved(planned.before(day)), lambda day: moved(planned.at(day)))


def _lowest(several: Sequence[PhaseIn]) -> PhaseIn:
    if len(several) == 1:
        return several[0]
    days = [day for course in several for day, _ in course.dates]
    return PhaseIn(
        dates=_by_day(
            min(days),
            max(days),
            lambda day: min(course.before(day) for course in several),
            lambda day: min(course.at(day) for course in several),
        )
    )


def _by_day(first: dt.date, last: dt.date, before: Callable[[dt.date], float], at: Callable[[dt.date], float]) -> Knots:
    """Return the knots of a level that is linear within each day; where it bends within one, it bends at midnight."""
    knots = [(first, at(first))]
    for number in range(first.toordinal() + 1, last.toordinal() + 1):
        day = dt.date.fromordinal(number)
        knots += [(day, before(day)), (day, at(day))]
    kept = knots[:1]
    for here, after in zip(knots[1:], knots[2:], strict=False):
        if not _on_line(kept[-1], here, after):
            kept.append(here)
    return tuple(kept + knots[1:][-1:])


def _on_line(left: tuple[dt.date, float], here: tuple[dt.date, float], right: tuple[dt.date, float]) -> bool:
    part = (here[0] - left[0]).days / (right[0] - left[0]).days
    return abs(here[1] - left[1] - part * (right[1] - left[1])) < 1e-13


# -- standing --------------------------------------------------------------------------------------------------------


def standings(plan: Plan, progress: Progress) -> tuple[Standing, ...]:
    """Return where each milestone of the plan stands at its last observation, in the plan's order.

    Planned is the measure's own phase-in as a share of its level when the milestone is due; where there is none, or
    nothing of it by then, a line from the day the plan was issued to the day it is due. Present pace is the mean over
    the 365 days before the last observation, or since the start, or the stated one.

    Of a promise for each year all is planned from the start.

    A milestone is *done* when it is fulfilled; else *overdue* on and after the day it is due, *behind* when less is
    fulfilled than planned or the present pace comes too late, and *on track*. When it will be reached is not told where
    nothing says so: of what falls, of a ceiling, of a promise per year, and past its due day without a stated pace.
    """
    return tuple(_standing(plan, stone, progress.of(stone.id)) for stone in plan.milestones)


def _standing(plan: Plan, stone: Milestone, seen: Sequence[Observation]) -> Standing:
    measure = _driven(plan, stone)
    if not seen:
        return Standing(stone, measure is not None, "not reported")
    last = seen[-1]
    shares = tuple((one.date, fulfilled(stone, one.value)) for one in seen)
    share, planned = shares[-1][1], _planned_share(plan, measure, stone, last.date)
    reached = _reached(PhaseIn(dates=(*_origin(plan, measure, shares[0][0]), *shares)), last.pace)
    done, late = share >= 1 - _ROUNDING, last.date >= due(stone)
    untold = stone.at_most is not None or stone.each_year or (late and last.pace is None)
    if not done and (untold or (len(shares) > 1 and share < shares[-2][1])):
        reached = None
    status: Status = "on track" if share >= planned - _ROUNDING else "behind"
    if done:
        status = "done"
    elif late:
        status = "overdue"
    elif reached is not None and reached > due(stone):
        status = "behind"
    return Standing(stone, measure is not None, status, last, planned, share, reached)


def _planned_share(plan: Plan, measure: Measure | None, stone: Milestone, day: dt.date) -> float:
    end, start = due(stone), plan.start
    if day >= end or stone.each_year:
        return 1.0
    course = measure.course() if measure else None
    if course is not None and course.at(end) > 0:
        return min(course.at(day) / course.at(end), 1.0)
    return max(0.0, (day - start).days / (end - start).days)


def _reached(shares: PhaseIn, pace: float | None) -> dt.date | None:
    """Return from which day on the promise is, or will be, fulfilled."""
    knots = shares.dates
    last, share = knots[-1]
    if share >= 1 - _ROUNDING:
        short = [number for number, (_, level) in enumerate(knots) if level < 1 - _ROUNDING]
        return knots[short[-1] + 1 if short else 0][0]
    since = max(knots[0][0], last - dt.timedelta(_DAYS_PER_YEAR))
    if pace is None and since == last:
        return None
    per_day = (share - shares.at(since)) / (last - since).days if pace is None else pace / _DAYS_PER_YEAR
    days = math.ceil((1 - share) / per_day - _ROUNDING) if per_day > _ROUNDING else _LONGEST_DAYS
    return last + dt.timedelta(days) if days < _LONGEST_DAYS else None


def said(record: Mapping[str, str], lang: str = "en") -> str:
    """Return what a run says of the progress it counts with; `record` is that of `Progress.record`."""
    file, until = record["file"], record["until"]
    return f"采用 {file} 的进展，截至 {until}" if lang == "zh" else f"with progress of {file} up to {until}"
