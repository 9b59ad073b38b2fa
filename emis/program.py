"""Compile an inventory and a scenario into the arrays the kernels run on.

Results do not depend on the order of rows or measures: sources are in the order of their ids, and so are measures.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from emis.drivers import activity_without_plan
from emis.entries import Entries, Indices, Kinds
from emis.errors import InfeasibleError, Issue, Issues
from emis.inventory import Floats, Inventory, month_days
from emis.lowering import Intensity, Lowered, Transfer, lower
from emis.measures import Measure
from emis.scenario import Scenario
from emis.selection import Selection

__all__ = ["Cap", "Entries", "Indices", "Program", "compile_program", "diagnose"]

#: Sources named where very many fall short.
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Cap:
    """A ceiling [t/yr] on the yearly emissions of column `pollutant` from `sources`, by measure number `measure`."""

    measure: int
    sources: Indices
    pollutant: int
    limit: float


@dataclass(frozen=True)
class Program:
    """A scenario on an inventory, ready to run.

    S sources, P pollutants, M measures, Y years after the base year, N = 12 months or 1, T = Y·N periods.

    Attributes
    ----------
    levels : M × T, implementation levels x [1]
    activity : S × Y, A [activity unit/yr]
    share : R × T, w [1], row `profile[s]` for source s
    transfers, tau : entries and their τ, signed, n × Y [activity unit/yr]
    origin : the source that each transfer takes its stock from, n; what leaves it is its own
    intensities, keep, stay : entries, and what a row keeps of emissions (K × P) and of activity (K) [1]
    matched : the sources that each measure selects
    offsite : measure, pollutant, and what it causes elsewhere by period when in place, T [t]
    seasons : G × T, the share of a source's year that falls in a measure's months [1]; row 0 is ones
    """

    scenario: Scenario
    inventory: Inventory
    years: tuple[int, ...]
    measures: tuple[Measure, ...]
    levels: Floats
    activity: Floats
    profile: Indices
    share: Floats
    transfers: Entries
    tau: Floats
    origin: Indices
    intensities: Entries
    keep: Floats
    stay: Floats
    seasons: Floats
    caps: tuple[Cap, ...]
    offsite: tuple[tuple[int, str, Floats], ...]
    matched: tuple[Indices, ...]
    warnings: tuple[Issue, ...]

    @property
    def months(self) -> int:
        """Periods in a year: 12 or 1."""
        return 12 if self.scenario.monthly else 1

    @cached_property
    def days(self) -> Floats:
        """Days of each period, years × periods in a year."""
        by_month = np.array([month_days(year) for year in self.years]).reshape(-1, 12)
        return by_month if self.months > 1 else by_month.sum(axis=1, keepdims=True)

    @cached_property
    def kinds(self) -> Kinds:
        """Sources whose intensities are the same, unless that would be one source in a few."""
        size = len(self.inventory)
        return Kinds.of(np.zeros(size, dtype=np.intp), self.intensities, size // 16)

    def without_plan(self) -> Floats:
        """Return the levels of a scenario in which no measure acts, M × T."""
        return np.zeros_like(self.levels)


def compile_program(inventory: Inventory, scenario: Scenario, *, limited: bool = True) -> Program:
    """Compile a scenario on its base-year inventory.

    Parameters
    ----------
    limited : bool
        Whether more may not leave a source than there is. Where the caller chooses the levels, it keeps to that itself.

    Raises
    ------
    InputError
        Everything a user mends in a file: a measure that matches nothing, an unknown label, a unit that does not fit.
    InfeasibleError
        When the measures, all of them fully in place, move more out of a source than there is.
    """
    issues = Issues()
    years, activity, selection, lowered = _lowered(inventory, scenario, issues)
    issues.raise_if_any()
    measures = scenario.measures
    if limited:
        lowered = _feasible(measures, lowered, activity, years, scenario, selection)
    assembler = _Assembler(inventory, scenario, years, measures)
    for number, one in enumerate(lowered):
        assembler.add(number, one)
    return assembler.program(activity, lowered, tuple(issues.warnings))


def diagnose(inventory: Inventory, scenario: Scenario, issues: Issues) -> None:
    """Note every fault that compiling a scenario would find, feasibility left out."""
    _lowered(inventory, scenario, issues)


def _lowered(
    inventory: Inventory, scenario: Scenario, issues: Issues
) -> tuple[tuple[int, ...], Floats, Selection, list[Lowered]]:
    """Return the years to project, activity under the drivers, and every measure in the terms of the equation."""
    others = [other for other in scenario.inventories.values() if other is not inventory]
    years = tuple(year for year in scenario.years if year > scenario.plan.base_year)
    activity = activity_without_plan(scenario, inventory, years, Selection(inventory, others, scenario.places, issues))
    selection = Selection(inventory, others, scenario.plan_places, issues)
    lowered = [lower(measure, activity, selection) for measure in scenario.measures]
    _check_caps(scenario.measures, lowered, selection)
    return years, activity, selection, lowered


def _check_caps(measures: tuple[Measure, ...], lowered: list[Lowered], selection: Selection) -> None:
    inventory = selection.inventory
    owners: dict[int, Indices] = defaultdict(lambda: np.full(len(inventory), -1, dtype=np.intp))
    for number, one in enumerate(lowered):
        for cap in one.caps:
            owner = owners[cap.pollutant]
            taken = cap.sources[owner[cap.sources] >= 0]
            if not len(taken):
                owner[cap.sources] = number
                continue
            name, pollutant = inventory.labels["source"][taken[0]], inventory.pollutants[cap.pollutant]
            several = f"{measures[owner[taken[0]]].id} and {measures[number].id}"
            selection.error(cap.path, f"two caps on {pollutant} of {name}: {several}", "keep one of them")


def _feasible(
    measures: tuple[Measure, ...],
    lowered: list[Lowered],
    activity: Floats,
    years: tuple[int, ...],
    scenario: Scenario,
    selection: Selection,
) -> list[Lowered]:
    """Test that no more leaves a source than there is, or scale what leaves it when the scenario says so.

    Measures count fully in place, or as far as they are implemented when the scenario says that.
    """
    promised = np.zeros_like(activity)
    part = {measure.id: _counted(scenario, measure.id) for measure in measures}
    for measure, one in zip(measures, lowered, strict=True):
        for transfer in one.transfers:
            promised[transfer.origins] += part[measure.id] * transfer.amount
    short = promised > activity * (1 + 1e-12)
    if not short.any():
        return lowered
    faults = Issues()
    inventory = selection.inventory
    sources = np.flatnonzero(short.any(axis=1))
    for source in sources[:_MOST_NAMED]:
        year = int(np.flatnonzero(short[source])[0])
        competing = [
            (measure.id, transfer.path)
            for measure, one in zip(measures, lowered, strict=True)
            for transfer in one.transfers
            if part[measure.id] * transfer.amount[transfer.origins == source].any()
        ]
        ids = list(dict.fromkeys(name for name, _ in competing))
        names = f"{' and '.join(ids)} promise{'s' if len(ids) == 1 else ''}"
        note = faults.warn if scenario.document.on_shortfall == "scale" else faults.error
        note(
            *scenario.plan_places.at(competing[0][1]),
            ".".join(str(key) for key in competing[0][1][1:]),
            f"{names} {promised[source, year]:.10g} {inventory.activity_unit[source]}"
            f" of {inventory.labels['source'][source]} "
            f"in {years[year]} when {_PLACED[scenario.document.on_shortfall]},"
            f" and {activity[source, year]:.10g} are available",
            "all are scaled down together"
            if note == faults.warn
            else "promise less, or set on_shortfall: scale in the scenario",
        )
    if len(sources) > _MOST_NAMED:
        note("", 0, "", f"and {len(sources) - _MOST_NAMED} sources more fall short")
    if faults.errors:
        raise InfeasibleError(faults.errors, selection.issues.warnings)
    selection.issues.warnings.extend(faults.warnings)
    scale = np.divide(activity, promised, out=np.ones_like(activity), where=short)
    return [
        Lowered(
            tuple(replace(transfer, amount=transfer.amount * scale[transfer.origins]) for transfer in one.transfers),
            one.intensity,
            one.caps,
            one.matched,
        )
        for one in lowered
    ]


#: How far measures are in place when their promises are held against the stock.
_PLACED = {"error": "fully in place", "scale": "fully in place", "implemented": "in place as far as implemented"}


def _counted(scenario: Scenario, measure: str) -> float:
    """Return how far a measure counts against the stock [1]; one that an alert names is then fully in place."""
    named = any(measure in alert.named for alert in scenario.plan.alerts)
    if scenario.document.on_shortfall != "implemented" or named:
        return 1.0
    return scenario.implementation(measure)


class _Assembler:
    """Collects the entries of all measures, in their order, into the program's arrays."""

    def __init__(self, inventory: Inventory, scenario: Scenario, years: tuple[int, ...], measures: tuple[Measure, ...]):
        self.inventory, self.scenario, self.years, self.measures = inventory, scenario, years, measures
        self.profile = inventory.coded("profile").codes
        # Monthly shares by profile and year: without a profile they follow the calendar, leap years included.
        profiles = len(inventory.coded("profile").values)
        by_year = [inventory.profile_shares(year) for year in years]
        self.by_month = np.array(by_year).reshape(len(years), profiles, 12).transpose(1, 0, 2).copy()
        self.months = 12 if scenario.monthly else 1
        self.periods = len(years) * self.months
        self.levels = np.zeros((len(measures), self.periods))
        self.seasons = [np.ones(self.periods)]
        self.parts: dict[str, list[Indices]] = defaultdict(list)
        self.tau: list[Floats] = []
        self.rows: list[Floats] = []
        self.row_count = 0
        self.caps: list[Cap] = []
        self.offsite: list[tuple[int, str, Floats]] = []

    def add(self, number: int, one: Lowered) -> None:
        """Add what measure `number` does."""
        season = self._level(number)
        for transfer in one.transfers:
            self._transfer(number, transfer, season)
        if one.intensity is not None:
            self._intensity(number, one.intensity, season)
        self.caps.extend(Cap(number, cap.sources, cap.pollutant, cap.limit) for cap in one.caps)

    def _level(self, number: int) -> Indices:
        """Set the measure's levels; return the row of `seasons` that goes with each profile."""
        measure, implementation = self.measures[number], self.scenario.implementation(self.measures[number].id)
        if measure.months is None and not self.scenario.monthly:
            self.levels[number] = [implementation * self._phase(measure, year) for year in self.years]
            return np.zeros(len(self.by_month), dtype=np.intp)
        by_month = np.array(
            [[self._phase(measure, year, month) for month in range(1, 13)] for year in self.years]
        ).reshape(-1, 12)
        if measure.months is not None:
            by_month[:, [month not in measure.months for month in range(1, 13)]] = 0.0
        if self.scenario.monthly:
            self.levels[number] = implementation * by_month.ravel()
            return np.zeros(len(self.by_month), dtype=np.intp)
        # A year has one level: that of the months in which the measure acts, weighted by each source's own profile.
        self.levels[number] = implementation
        self.seasons.extend((self.by_month * by_month).sum(axis=2))
        return np.arange(len(self.seasons) - len(self.by_month), len(self.seasons), dtype=np.intp)

    def _phase(self, measure: Measure, year: int, month: int = 0) -> float:
        start = dt.date(year, month or 1, 1)
        end = dt.date(year + 1, 1, 1) if month in (0, 12) else dt.date(year, month + 1, 1)
        return self.scenario.phase(measure, start, end)

    def _transfer(self, number: int, transfer: Transfer, season: Indices) -> None:
        inside = (transfer.arrivals >= 0) & (transfer.rate > 0)
        self._entries("t", number, transfer.origins, season[self.profile[transfer.origins]])
        self.parts["t_origin"].append(transfer.origins)
        self.tau.append(-transfer.amount)
        # What arrives is used in the months in which its new source is, as a sum over months would have it.
        arrivals = transfer.arrivals[inside]
        self._entries("t", number, arrivals, season[self.profile[arrivals]])
        self.parts["t_origin"].append(transfer.origins[inside])
        self.tau.append((transfer.amount * transfer.rate[:, None])[inside])
        for name, factor in transfer.offsite.items():
            by_period = np.repeat(transfer.amount * factor[:, None], self.months, axis=1)
            used = np.array(self.seasons)[season] * self._share()
            self.offsite.append((number, name, (by_period * used[self.profile[transfer.origins]]).sum(axis=0)))

    def _intensity(self, number: int, intensity: Intensity, season: Indices) -> None:
        keep, stay = intensity.keep, intensity.stay
        if (keep == keep[0]).all() and (stay == stay[0]).all():
            unique, row = np.column_stack([keep[:1], stay[:1]]), np.zeros(len(keep), dtype=np.intp)
        else:
            both = np.column_stack([keep, stay])
            kinds = Kinds.of_rows(both)
            unique, row = both[kinds.example], kinds.code
        self._entries("c", number, intensity.sources, season[self.profile[intensity.sources]])
        self.parts["c_row"].append(row + self.row_count)
        self.rows.append(unique)
        self.row_count += len(unique)

    def _entries(self, kind: str, number: int, owner: Indices, season: Indices) -> None:
        self.parts[f"{kind}_owner"].append(owner)
        self.parts[f"{kind}_measure"].append(np.full(len(owner), number, dtype=np.intp))
        self.parts[f"{kind}_season"].append(season)

    def _share(self) -> Floats:
        """Return w of each profile, profiles × periods."""
        profiles = len(self.by_month)
        return self.by_month.reshape(profiles, self.periods) if self.months > 1 else np.ones((profiles, self.periods))

    def _all(self, name: str) -> Indices:
        return (
            np.concatenate(self.parts[name]).astype(np.intp, copy=False)
            if self.parts[name]
            else np.empty(0, dtype=np.intp)
        )

    def program(self, activity: Floats, lowered: list[Lowered], warnings: tuple[Issue, ...]) -> Program:
        """Return the program of all that was added."""
        size, pollutants = len(self.inventory), len(self.inventory.pollutants)
        tau = np.concatenate(self.tau) if self.tau else np.empty((0, len(self.years)))
        rows = np.concatenate(self.rows) if self.rows else np.empty((0, pollutants + 1))
        transfers = Entries.of(
            size, self._all("t_owner"), self._all("t_measure"), self._all("t_season"), np.arange(len(tau))
        )
        intensities = Entries.of(
            size, self._all("c_owner"), self._all("c_measure"), self._all("c_season"), self._all("c_row")
        )
        # In the order in which sources use them, so that rows that each source has for itself are read one by one.
        used = Kinds.of(intensities.row)
        intensities, rows = replace(intensities, row=used.code), rows[intensities.row[used.example]]
        monthly = self.scenario.monthly
        return Program(
            scenario=self.scenario,
            inventory=self.inventory,
            years=self.years,
            measures=self.measures,
            levels=self.levels,
            activity=activity,
            profile=self.profile if monthly else np.zeros(size, dtype=np.intp),
            share=self._share() if monthly else np.ones((1, self.periods)),
            transfers=transfers,
            tau=tau[transfers.row],
            origin=self._all("t_origin")[transfers.row],
            intensities=intensities,
            keep=np.ascontiguousarray(rows[:, :-1]),
            stay=np.ascontiguousarray(rows[:, -1]),
            seasons=np.array(self.seasons).reshape(len(self.seasons), self.periods),
            caps=tuple(self.caps),
            offsite=tuple(self.offsite),
            matched=tuple(one.matched for one in lowered),
            warnings=warnings,
        )
