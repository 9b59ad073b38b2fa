"""The compiled model as plain numbers, small enough to travel in a page that runs it: every factor, driver and measure.

Nothing is evaluated here: the page multiplies out the same equation (`equation.js`), so that levels of measures, growth
and turnover can be moved. Sources that everything acts on alike, in proportion to their activity, are one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from emis.alerts import AlertDay, alert_program
from emis.drivers import driven
from emis.errors import InputError, Issues
from emis.inventory import Floats
from emis.lowering import Transfer, lower
from emis.measures import Measure
from emis.program import Indices, Program, compile_program
from emis.scenario import Scenario
from emis.selection import Selection

__all__ = ["Everything", "Packed", "TooLarge", "numbers", "open_everything", "packed"]

#: Classes of sources beyond which a page would no longer answer while a slider is dragged.
_MOST_CLASSES = 5000


class TooLarge(Exception):  # noqa: N818 - an answer of its own, no error
    """Says that a model has too many classes of sources to travel in a page."""


@dataclass(frozen=True)
class Everything:
    """A scenario with all that could be done in place: what it omits and its options too, each at its own phase-in.

    `alerts` are the program of alert days and the days of each level, `implementation` how far the scenario itself has
    each measure in place [1], and `present` the measures that count against a stock whether or not they are in place.
    """

    given: Scenario
    scenario: Scenario
    program: Program
    alerts: tuple[Program, tuple[AlertDay, ...]] | None
    implementation: Mapping[str, float]
    present: frozenset[str]


def open_everything(given: Program) -> Everything:
    """Return what could be done about the scenario of a program.

    Where what it omits, or an option, cannot be compiled - which is no fault as long as it is left out - it is the
    scenario's own measures alone.
    """
    scenario = given.scenario
    plan, options = scenario.plan, scenario.options
    taken = {measure.id for measure in plan.measures}
    beyond = tuple(one for one in (options.measures if options else ()) if one.id not in taken)
    own = {one.id for alert in plan.alerts for _, one in alert.own}
    there = frozenset(name for name in taken | own if not scenario.omits(name))
    try:
        return _opened(given, there, frozenset(taken | own), beyond)
    except InputError:
        return _opened(given, there, there, ())


def _opened(given: Program, there: frozenset[str], counted: frozenset[str], beyond: tuple[Measure, ...]) -> Everything:
    """Return a scenario with all that is counted, and options, in place."""
    scenario = given.scenario
    level = {name: scenario.implementation(name) if name in there else 0.0 for name in sorted(counted)}
    level |= {one.id: 0.0 for one in beyond}
    own = {one.id for alert in scenario.plan.alerts for _, one in alert.own}
    omit = tuple(sorted((own | {one.id for one in scenario.plan.measures}) - counted))
    plan = scenario.plan.model_copy(update={"measures": (*scenario.plan.measures, *beyond)})
    document = scenario.document.model_copy(update={"implementation": {}, "omit": omit, "only": None})
    everything = replace(scenario, document=document, plan=plan)
    program = compile_program(given.inventory, everything, limited=False)
    alerts = alert_program(given.inventory, everything, limited=False)
    return Everything(scenario, everything, program, alerts, level, there)


@dataclass(frozen=True)
class Packed:
    """A program in plain numbers, and where its sources went.

    `of_source` is the class of each source, S, and `columns` are the pollutants and then the activity targets.
    """

    data: dict[str, Any]
    of_source: Indices
    columns: tuple[str, ...]


def packed(program: Program, keys: Sequence[Indices], activities: Mapping[str, Floats]) -> Packed:
    """Return a program as plain numbers.

    Parameters
    ----------
    keys : sequence of ndarray, S
        Codes that tell sources apart beside what acts on them: what totals are asked of.
    activities : mapping
        What a unit of each source's activity counts in a target on activity, S, by target.

    Raises
    ------
    TooLarge
        When there are too many classes.
    """
    parts = _Parts(program)
    classes = _Classes.of(program, parts, keys)
    inventory = program.inventory
    factor = np.column_stack([inventory.factor, *activities.values()])
    columns = (*inventory.pollutants, *activities)
    keep = np.column_stack([program.keep, *(program.stay for _ in activities)])
    first, intensities = classes.first, program.intensities.rows(classes.first)
    data = {
        "pollutants": len(inventory.pollutants), "years": list(program.years),
        "base": program.scenario.plan.base_year, "months": program.months,
        "days": program.days.tolist(), "columns": list(columns),
        "measures": [one.id for one in program.measures], "levels": program.levels.tolist(),
        "activity": numbers(classes.summed(inventory.activity)),
        "factor": numbers(classes.averaged(factor, inventory.activity)),
        "profile": program.profile[first].tolist(), "share": program.share.tolist(),
        "keep": numbers(keep), "seasons": program.seasons.tolist(),
        "intensities": {
            "pointer": intensities.pointer.tolist(), "measure": intensities.measure.tolist(),
            "season": intensities.season.tolist(), "row": intensities.row.tolist(),
        },
        "drivers": list(parts.drivers(classes)),
        "transfers": list(parts.transfers(classes)),
        "caps": [
            {"measure": cap.measure, "column": cap.pollutant, "limit": cap.limit,
             "classes": np.unique(classes.of_source[cap.sources]).tolist()}
            for cap in program.caps
        ],
    }  # fmt: skip
    return Packed(data, classes.of_source, columns)


def numbers(values: Floats) -> Any:
    """Return an array as nested lists; what is not known is None."""
    found = np.asarray(values, dtype=float)
    if not np.isnan(found).any():
        return found.tolist()
    held = found.astype(object)
    held[np.isnan(found)] = None
    return held.tolist()


# -- classes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Classes:
    """Sources that all acts on alike, in proportion to their activity: the class of each, S, and the first of each."""

    of_source: Indices
    first: Indices

    @classmethod
    def of(cls, program: Program, parts: "_Parts", keys: Sequence[Indices]) -> "_Classes":
        """Tell classes apart by the keys, and by all that drivers, transfers, intensities and caps do."""
        size = len(program.inventory)
        marks: list[list[object]] = [[] for _ in range(size)]
        for column in (*keys, program.inventory.coded("profile").codes):
            for source, code in enumerate(column.tolist()):
                marks[source].append(code)
        listed = program.intensities
        for source in range(size):
            mine = slice(listed.pointer[source], listed.pointer[source + 1])
            named = (listed.measure[mine], listed.season[mine], listed.row[mine])
            marks[source].append(tuple(zip(*(one.tolist() for one in named), strict=True)))
        for source, mark in parts.marks():
            marks[source].append(mark)
        for number, cap in enumerate(program.caps):
            for source in cap.sources.tolist():
                marks[source].append(("cap", number))
        known: dict[tuple[object, ...], int] = {}
        code = np.array([known.setdefault(tuple(mark), len(known)) for mark in marks], dtype=np.intp)
        if len(known) > _MOST_CLASSES:
            raise TooLarge
        first = np.zeros(len(known), dtype=np.intp)
        first[code[::-1]] = np.arange(size)[::-1]
        return cls(code, first)

    def summed(self, values: Floats) -> Floats:
        """Return the sum over the sources of each class."""
        return np.bincount(self.of_source, weights=values, minlength=len(self.first)).astype(float)

    def averaged(self, values: Floats, weights: Floats) -> Floats:
        """Return the mean of rows over the sources of each class, by weights; of equal ones where they are all 0."""
        alone = np.bincount(self.of_source, minlength=len(self.first)) == 1
        whole = self.summed(weights)
        found = np.stack([self.summed(values[:, p] * weights) for p in range(values.shape[1])], axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = found / whole[:, None]
        return np.where((alone | (whole == 0))[:, None], values[self.first], found)


@dataclass
class _Parts:
    """What drivers and measures move, by source, found again from the scenario of a program."""

    program: Program
    driven: list[Any] = field(default_factory=list)
    moved: list[tuple[int, Transfer]] = field(default_factory=list)

    def __post_init__(self) -> None:
        program = self.program
        scenario, inventory = program.scenario, program.inventory
        others = [other for other in scenario.inventories.values() if other is not inventory]
        # What there is to complain of was told when the program was compiled.
        found = Selection(inventory, others, scenario.places, Issues())
        self.driven = list(driven(scenario, inventory, program.years, found))
        found = Selection(inventory, others, scenario.plan_places, Issues())
        for number, measure in enumerate(program.measures):
            lowered = lower(measure, program.activity, found)
            self.moved.extend((number, transfer) for transfer in lowered.transfers)

    def marks(self) -> Iterable[tuple[int, object]]:
        """Yield what tells a source from others, in one order for all; where stock arrives, a source stands alone."""
        alone: set[int] = set()
        for number, one in enumerate(self.driven):
            for place, source in enumerate(one.sources.tolist()):
                arrival = int(one.arrivals[place]) if one.growth is None else -1
                rate = float(one.rate[place]) if one.growth is None else 0.0
                yield source, ("driver", number, arrival, rate)
            alone.update(one.arrivals[one.arrivals >= 0].tolist())
        for number, (_, transfer) in enumerate(self.moved):
            weight = transfer.rule.weight
            for place, source in enumerate(transfer.origins.tolist()):
                each = None if weight is None else float(weight[place])
                named = (int(transfer.arrivals[place]), float(transfer.rate[place]), float(transfer.rule.part[place]))
                yield source, ("transfer", number, *named, each)
            alone.update(transfer.arrivals[transfer.arrivals >= 0].tolist())
        for source in sorted(alone):
            yield source, ("alone", source)

    def drivers(self, classes: _Classes) -> Iterable[dict[str, Any]]:
        """Yield what each driver does to classes: growth of some, or a share of the stock that moves each year."""
        for one in self.driven:
            mine, place = np.unique(classes.of_source[one.sources], return_index=True)
            found: dict[str, Any] = {"number": one.number, "classes": mine.tolist()}
            if one.growth is not None:
                rate = one.driver.growth
                yield found | {"growth": rate, "factor": None if rate is not None else numbers(one.growth)}
                continue
            assert one.driver.shift is not None
            arrivals = one.arrivals[place]
            yield found | {
                "share": one.driver.shift.share,
                "arrivals": np.where(arrivals >= 0, classes.of_source[arrivals], -1).tolist(),
                "rate": numbers(one.rate[place]),
            }

    def transfers(self, classes: _Classes) -> Iterable[dict[str, Any]]:
        """Yield what each measure moves between classes."""
        program = self.program
        profile, seasons = program.inventory.coded("profile").codes, self._seasons()
        for number, transfer in self.moved:
            mine, place = np.unique(classes.of_source[transfer.origins], return_index=True)
            # An amount that nothing is left to split over is laid on the first source, so its class comes first.
            order = np.argsort(place, kind="stable")
            mine, place = mine[order], place[order]
            arrivals, weight = transfer.arrivals[place], transfer.rule.weight
            yield {
                "measure": number, "origins": mine.tolist(), "part": numbers(transfer.rule.part[place]),
                "weight": None if weight is None else numbers(weight[place]),
                "arrivals": np.where(arrivals >= 0, classes.of_source[arrivals], -1).tolist(),
                "rate": numbers(transfer.rate[place]),
                "season": seasons[number][profile[transfer.origins[place]]].tolist(),
                "season_there": seasons[number][profile[arrivals]].tolist(),
            }  # fmt: skip

    def _seasons(self) -> list[Indices]:
        """Return the row of `seasons` of each measure by profile: those of its months, or row 0."""
        profiles = np.arange(len(self.program.inventory.coded("profile").values), dtype=np.intp)
        found, taken = [], 1
        for measure in self.program.measures:
            own = measure.months is not None and self.program.months == 1
            found.append(profiles + taken if own else np.zeros_like(profiles))
            taken += len(profiles) if own else 0
        return found
