"""What alert days emit: a day of the plan's target year with an alert's measures in force, and the same day without.

The measures of the plan stand at the year's monthly levels on both days. A source's day in month m emits the month's
emission over the days of the month, so the mean of D days, d[m] of them in month m, is

    E = Σₘ d[m]/D · E[m] / days[m]        [t/day]

and an alert with D days a year avoids D times the difference. A ceiling on a year's emissions says nothing of one day:
the plan's caps are left out of both.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from emis import program as programs
from emis import vocabulary
from emis.classes import merge, sector_groups
from emis.errors import Issue, Issues
from emis.inventory import Floats, Inventory, month_days
from emis.kernels import totals
from emis.measures import Cap as CapVerb
from emis.measures import Close as CloseVerb
from emis.measures import Effect, Measure
from emis.plan import Alert
from emis.program import Program, compile_program
from emis.scenario import Scenario
from emis.schema import Places
from emis.sectors.shorthand import per_cent
from emis.strength import at_ends

__all__ = ["ALERT_HEADER", "AlertDay", "alert_days", "alert_program", "alert_records", "alert_year", "diagnose_alerts"]

#: The columns of alerts.csv.
ALERT_HEADER = (
    "level", "year", "pollutant", "sector", "without [t/day]", "with [t/day]", "reduction [%]", "days",
    "avoided [t/yr]",
)  # fmt: skip


def alert_year(scenario: Scenario) -> int | None:
    """Return the year whose alert days are told: the target year if it is projected, else the last that is."""
    projected = [year for year in scenario.years if year > scenario.plan.base_year]
    target = scenario.plan.target_year
    return target if target in projected else max(projected, default=None)


def alert_days(inventory: Inventory, scenario: Scenario, threads: int = 1) -> xr.Dataset:
    """Return what a day of each alert level emits, with and without its measures.

    Parameters
    ----------
    inventory, scenario
        As for `project`.

    Returns
    -------
    xarray.Dataset
        `emissions` and `emissions_no_alert` (level, pollutant, sector) [t day-1]; their relative difference `reduction`
        [1], NaN where nothing is emitted; `days` of the year (level) [day], NaN when they are not known, and `avoided`,
        days × difference [t yr-1]; `at_least` (level) [1], what the plan promises, and `asked` (level, pollutant), of
        which pollutants. NaN is not estimated. No levels when the plan has no alerts or no year is projected.

    Notes
    -----
    An alert's own measures are in force as far as the scenario's `implementation` says, fully unless it says less, and
    those it omits are not; so are the plan's measures that an alert names.

    Raises
    ------
    InputError, InfeasibleError
        As `compile_program` does, and when days are given of no level, or outside the year.
    """
    issues = Issues()
    diagnose_alerts(inventory, scenario, issues)
    issues.raise_if_any()
    year, alerts = alert_year(scenario), scenario.plan.alerts
    sectors, group = sector_groups(inventory)
    shape = (len(alerts), len(inventory.pollutants), len(sectors))
    if year is None or not alerts:
        return _dataset(inventory, scenario, sectors, (), np.zeros((2, 0, *shape[1:])))
    program, days = _compiled(inventory, scenario, year)
    classes = merge(program, group, len(sectors))
    found = np.empty((2, *shape))
    for number, one in enumerate(days):
        day = replace(classes, program=replace(program, share=one.share))
        # What a year emits with these shares is the mean day; there is one year.
        found[:, number] = totals(day, one.levels, threads)[:, 0].transpose(0, 2, 1)
    found[:, :, _unknown(program, group, len(sectors)).T] = np.nan
    return _dataset(inventory, scenario, sectors, alerts, found)


@dataclass(frozen=True, slots=True)
class AlertDay:
    """The mean day of an alert: what a month counts with in it, profiles × 12 [1/day], and levels, 2 × measures × 12.

    The first of the levels are without the alert.
    """

    alert: Alert
    share: Floats
    levels: Floats


def alert_program(
    inventory: Inventory, scenario: Scenario, *, limited: bool = True
) -> tuple[Program, tuple[AlertDay, ...]] | None:
    """Return the program of the alerts' year, by month, with their own measures beside the plan's, and their days.

    None when the plan has no alerts, or no year is projected; `limited` as in `compile_program`.
    """
    year = alert_year(scenario)
    return None if year is None or not scenario.plan.alerts else _compiled(inventory, scenario, year, limited)


def _compiled(
    inventory: Inventory, scenario: Scenario, year: int, limited: bool = True
) -> tuple[Program, tuple[AlertDay, ...]]:
    own = list(_own(scenario))
    program = replace(compile_program(inventory, _with_own(scenario, own, (year,)), limited=limited), caps=())
    without = _without(program, own)
    days = []
    for number, alert in enumerate(scenario.plan.alerts):
        weights = _weights(alert, _days(scenario, alert), year)
        levels = np.stack([without, _in_force(program, scenario, alert, own, number)])
        days.append(AlertDay(alert, program.share * weights, levels))
    return program, tuple(days)


# -- in force --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Own:
    """A measure that an alert states itself, as it is compiled: under the place it stands at, which no other has."""

    alert: int
    item: int
    id: str
    measure: Measure


def _own(scenario: Scenario) -> Iterator[_Own]:
    """Yield the alerts' own measures that have an effect and that the scenario does not omit."""
    for number, alert in enumerate(scenario.plan.alerts):
        for item, measure in alert.own:
            if measure.kind == "effect" and not scenario.omits(measure.id):
                at_end = at_ends(measure, scenario.document.ends)
                do = tuple(_for_a_day(effect) for effect in at_end.do)
                place = f"alerts.{number}.measures.{measure.id}"
                yield _Own(number, item, measure.id, at_end.model_copy(update={"id": place, "do": do}))


def _for_a_day(effect: Effect) -> Effect:
    """Return an effect as it acts on a day: what closes stands still, and is there again on the next."""
    verb = effect.verb
    if not isinstance(verb, CloseVerb):
        return effect
    assert verb.share is not None
    scale: dict[str, Any] = {"activity": f"-{per_cent(verb.share * verb.penetration * verb.effectiveness)}"}
    return Effect.model_validate({"scale": scale | ({"select": verb.select} if verb.select is not None else {})})


def _with_own(
    scenario: Scenario, own: Sequence[_Own], years: tuple[int, ...], plan: tuple[Measure, ...] | None = None
) -> Scenario:
    """Return the scenario by month with the alerts' own measures beside those of the plan, which stand as they are."""
    measures = (*(scenario.measures if plan is None else plan), *(one.measure for one in own))
    by_place = {(one.alert, one.item): one.measure.id for one in own}
    places = dict(scenario.plan_places.lines)
    for path, place in scenario.plan_places.lines.items():
        if path[:2] == ("plan", "alerts") and len(path) > 4 and (path[2], path[4]) in by_place:
            places["plan", "measures", by_place[path[2], path[4]], *path[5:]] = place  # type: ignore[index]
    chosen: dict[str, Any] = {"years": years, "resolution": "month", "omit": (), "only": None, "ends": {}}
    return replace(
        scenario,
        document=scenario.document.model_copy(update=chosen),
        plan=scenario.plan.model_copy(update={"measures": measures}),
        plan_places=Places(places),
    )


def _without(program: Program, own: Sequence[_Own]) -> Floats:
    """Return the levels of a day without an alert, measures × months."""
    levels, mine = program.levels.copy(), {one.measure.id for one in own}
    levels[[measure.id in mine for measure in program.measures]] = 0.0
    return levels


def _in_force(program: Program, scenario: Scenario, alert: Alert, own: Sequence[_Own], number: int) -> Floats:
    """Return the levels of a day on which alert `number` is in force, measures × months."""
    levels = _without(program, own)
    rows = {measure.id: row for row, measure in enumerate(program.measures)}
    for name in alert.named:
        if name in rows:
            levels[rows[name]] = scenario.implementation(name)
    for one in own:
        if one.alert == number:
            months = one.measure.months or range(1, 13)
            levels[rows[one.measure.id]] = [scenario.implementation(one.id) * (m in months) for m in range(1, 13)]
    return levels


# -- days ------------------------------------------------------------------------------------------------------------


def _days(scenario: Scenario, alert: Alert) -> int | tuple[dt.date, ...] | None:
    """Return how many days of the year have the alert's level, or which: as the scenario says, else as the plan."""
    return scenario.document.alert_days.get(alert.level, alert.days)


def _count(days: int | tuple[dt.date, ...] | None) -> float:
    return np.nan if days is None else float(len(days) if isinstance(days, tuple) else days)


def _weights(alert: Alert, days: int | tuple[dt.date, ...] | None, year: int) -> Floats:
    """Return what a month's emission counts with in the mean day, 12 [1/day]; days that are dated tell their months."""
    lengths = month_days(year)
    if isinstance(days, tuple):
        counts = np.bincount([day.month for day in days], minlength=13)[1:].astype(float)
    else:
        counts = np.where([month in alert.months for month in range(1, 13)], lengths, 0.0)
    weights: Floats = counts / (counts.sum() * lengths)
    return weights


def diagnose_alerts(inventory: Inventory, scenario: Scenario, issues: Issues) -> None:
    """Note every fault of the alerts: in their own measures, and in the days the scenario, or the plan, gives them."""
    _diagnose_days(scenario, issues)
    for number, alert in enumerate(scenario.plan.alerts):
        for name in alert.asked(inventory.pollutants):
            if name not in inventory.pollutants:
                place = scenario.plan_places.at(("plan", "alerts", number, "pollutants"))
                message = f"{name} is not among the inventory's pollutants"
                issues.warn(*place, f"alerts.{number}.pollutants", message, "targets of this level are undetermined")
    own = list(_own(scenario))
    if own:
        found = Issues()
        programs.diagnose(inventory, _with_own(scenario, own, scenario.years, plan=()), found)
        issues.errors.extend(_restated(found.errors))
        issues.warnings.extend(_restated(found.warnings))


def _restated(issues: Sequence[Issue]) -> Iterator[Issue]:
    """Yield issues by where they stand: an own measure is compiled as one of the plan, under its place."""
    for issue in issues:
        path = issue.path
        yield replace(issue, path=path.removeprefix("measures.") if path.startswith("measures.alerts.") else path)


def _diagnose_days(scenario: Scenario, issues: Issues) -> None:
    levels = [alert.level for alert in scenario.plan.alerts]
    for level in scenario.document.alert_days:
        if level not in levels:
            where = (*scenario.places.at(("scenario", "alert_days", level)), f"alert_days.{level}")
            issues.error(*where, f"no alert has the level {level!r}", vocabulary.suggest(level, levels))
    year, taken = alert_year(scenario), dict[dt.date, str]()
    for number, alert in enumerate(scenario.plan.alerts if year is not None else ()):
        days = _days(scenario, alert)
        of_scenario = alert.level in scenario.document.alert_days
        path = ("alert_days", alert.level) if of_scenario else ("alerts", number, "days")
        places = scenario.places if of_scenario else scenario.plan_places
        file, line = places.at(("scenario" if of_scenario else "plan", *path))
        where = file, line, ".".join(map(str, path))
        assert year is not None
        if isinstance(days, int):
            most = int(month_days(year)[[month - 1 for month in alert.months]].sum())
            if days > most:
                issues.error(*where, f"{days} days are more than the {most} of the alert's months", "write fewer")
            continue
        for day in days or ():
            if day.year != year:
                issues.error(*where, f"{day} is not in {year}", f"alert days are told of {year}: write days of it")
            elif taken.setdefault(day, alert.level) != alert.level:
                issues.error(*where, f"{day} is a day of level {taken[day]} too", "a day has one level")


# -- results ---------------------------------------------------------------------------------------------------------


def _unknown(program: Program, group: NDArray[np.intp], groups: int) -> NDArray[np.bool_]:
    """Return what is not estimated, groups × pollutants."""
    missing: NDArray[np.bool_] = np.isnan(program.inventory.factor + program.activity.sum(axis=1)[:, None])
    missing[program.transfers.owner[np.isnan(program.tau).any(axis=1)]] = True
    unknown = np.zeros((groups, missing.shape[1]), dtype=bool)
    np.logical_or.at(unknown, group, missing)
    return unknown


def _dataset(
    inventory: Inventory, scenario: Scenario, sectors: Sequence[str], alerts: Sequence[Alert], found: Floats
) -> xr.Dataset:
    """Return the dataset of `found`: without and with, 2 × levels × pollutants × sectors [t/day]."""
    without, with_ = found
    days = np.array([_count(_days(scenario, alert)) for alert in alerts])
    promised = [np.nan if alert.at_least is None else alert.at_least for alert in alerts]
    asked = [[name in alert.asked(inventory.pollutants) for name in inventory.pollutants] for alert in alerts]
    dims = ("level", "pollutant", "sector")
    data: dict[str, Any] = {
        "emissions": (dims, with_, {"units": "t day-1", "long_name": "emissions of an alert day"}),
        "emissions_no_alert": (dims, without, {"units": "t day-1", "long_name": "the same day without the alert"}),
        "reduction": (dims, _reduction(without, with_), {"units": "1", "long_name": "relative reduction by the alert"}),
        "days": ("level", days, {"units": "day", "long_name": "alert days of the year"}),
        "avoided": (dims, days[:, None, None] * (without - with_), {"units": "t yr-1", "long_name": "avoided a year"}),
        "at_least": ("level", np.array(promised, dtype=float), {"units": "1", "long_name": "promised reduction"}),
        "asked": (("level", "pollutant"), np.array(asked, dtype=bool).reshape(without.shape[:2])),
    }
    coords: dict[str, Any] = {
        "level": [alert.level for alert in alerts],
        "pollutant": list(inventory.pollutants),
        "sector": list(sectors),
    }
    capped = [m.id for m in scenario.measures if any(isinstance(effect.verb, CapVerb) for effect in m.do)]
    attrs = {"caps_left_out": " ".join(capped), "comment": "mean of the alert's days; yearly caps are left out"}
    year = alert_year(scenario)
    return xr.Dataset(data, coords, attrs if year is None else {"year": year, **attrs})


def _reduction(without: Floats, with_: Floats) -> Floats:
    return np.divide(without - with_, without, out=np.full_like(without, np.nan), where=without > 0)


def alert_records(days: xr.Dataset) -> list[dict[str, Any]]:
    """Return the rows of alerts.csv: by level, pollutant and sector, `total` last, None where not known.

    Parameters
    ----------
    days : xarray.Dataset
        As `alert_days` returns it.

    Returns
    -------
    list of dict
        level, year, pollutant, sector; `without` and `with` the alert [t/day], `reduction` [%], `days`, and `avoided`
        [t/yr].
    """
    values = [days["emissions_no_alert"].values, days["emissions"].values]
    # One more in the place of a sector: what a promise is compared with is the reduction of all together.
    without, with_ = (np.concatenate([one, one.sum(axis=2, keepdims=True)], axis=2) for one in values)
    reduction = 100 * _reduction(without, with_)
    rows = []
    for level, pollutant, sector in np.ndindex(without.shape):
        at, count = (level, pollutant, sector), float(days["days"].values[level])
        numbers = (without[at], with_[at], reduction[at], count, count * (without[at] - with_[at]))
        labels = {
            "level": str(days["level"].values[level]),
            "year": int(days.attrs["year"]),
            "pollutant": str(days["pollutant"].values[pollutant]),
            "sector": [*map(str, days["sector"].values), "total"][sector],
        }
        names = ("without", "with", "reduction", "days", "avoided")
        rows.append(labels | {name: _known(value) for name, value in zip(names, numbers, strict=True)})
    return rows


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
