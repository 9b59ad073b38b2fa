"""What each target reaches by draws, and which draws meet it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from emis import alerts, target_amounts, units
from emis.ambient.case import SCOPES
from emis.ambient.indicators import indicator, of_the_air
from emis.ambient.results import INDICATORS
from emis.draws import Floats
from emis.plan import Target
from emis.projection import Projection
from emis.target_amounts import Untold
from emis.uncertainty.drawn import Drawn, Uniform
from emis.uncertainty.sampling import Sampler

__all__ = ["AlertDays", "Answer", "answer_of"]

_ROUNDING = 1e-12
#: Draws that are looked at for alert days.
_ALERT_DRAWS = 1000


@dataclass(frozen=True)
class Answer:
    """What a target reaches by draws, (draw,), in the unit of its verdict, and which draws meet it.

    `inputs` are those it has beside the projection's. Some look at the first draws only.
    """

    value: Callable[[Drawn], Floats]
    reached: Callable[[Floats], np.ndarray] | None
    inputs: tuple[str, ...] = ()


class AlertDays:
    """Draws of alert days, compiled when they are first asked for, and drawn once for all levels."""

    def __init__(self, projection: Projection, sampler: Sampler):
        self.projection, self.sampler = projection, sampler
        self._last: tuple[Uniform, Mapping[str, tuple[Floats, Floats]]] | None = None

    @cached_property
    def compiled(self) -> tuple[Sampler, Mapping[str, alerts.AlertDay]] | None:
        """The sampler of the alerts' year and the mean day of each level; None when there are none."""
        found = alerts.alert_program(self.projection.program.inventory, self.projection.scenario)
        if found is None:
            return None
        program, days = found
        own = Sampler(program, (), self.sampler.threads, given=False, known=self.sampler.strengths)
        return own, {one.alert.level: one for one in days}

    @cached_property
    def asked(self) -> list[str]:
        """The pollutants that an alert is to cut, or a target asks of one."""
        pollutants = self.projection.program.inventory.pollutants
        plan = self.projection.scenario.plan
        named = {name for one in plan.alerts for name in one.asked(pollutants)}
        named |= {one.pollutant for one in plan.targets if one.indicator == "alert" and one.pollutant}
        return [name for name in pollutants if name in named]

    def drawn(self, uniform: Uniform) -> Mapping[str, tuple[Floats, Floats]]:
        """Return what a day of each level emits without and with the alert, (draw, asked pollutant) [t/day] each."""
        if self._last is not None and self._last[0] is uniform:
            return self._last[1]
        assert self.compiled is not None
        sampler, by_level = self.compiled
        first = {name: values[:_ALERT_DRAWS] for name, values in uniform.items()}
        cases = [(day.share, levels) for day in by_level.values() for levels in day.levels]
        columns = [sampler.program.inventory.pollutants.index(name) for name in self.asked]
        # A day without an alert is often the same for several levels.
        kinds = [(share.tobytes(), levels.tobytes()) for share, levels in cases]
        distinct = dict(zip(kinds, cases, strict=True))
        drawn = dict(zip(distinct, sampler.days(first, list(distinct.values()), columns), strict=True))
        values = [drawn[kind] for kind in kinds]
        found = {level: (values[2 * n], values[2 * n + 1]) for n, level in enumerate(by_level)}
        self._last = uniform, found
        return found


def answer_of(projection: Projection, target: Target, days: AlertDays) -> Answer | None:
    """Return what a target reaches by draws; None when it cannot be told.

    Raises
    ------
    Untold
        Likewise.
    """
    if target.indicator in INDICATORS:
        return _of_the_air(projection, target)
    if target.indicator == "emissions":
        return _of_emissions(projection, target)
    if target.indicator == "activity":
        return _of_activity(projection, target)
    if target.indicator == "alert":
        return _of_alert(projection, target, days)
    return None


def _reached(target: Target, values: Floats) -> np.ndarray:
    """Tell which values meet a target, equality does; they are reductions in per cent or in the threshold's unit."""
    if target.reduce_by is not None:
        return np.asarray(values >= 100 * target.reduce_by - 100 * _ROUNDING)
    if target.at_most is not None:
        bound = target.at_most.value
        if target.indicator == "emissions":
            bound *= units.tonnes_per_year(target.at_most.unit)
        return np.asarray(values <= bound * (1 + _ROUNDING))
    assert target.at_least is not None
    least = target.at_least.value if isinstance(target.at_least, units.Quantity) else 100 * target.at_least
    return np.asarray(values >= least * (1 - _ROUNDING))


def _threshold(target: Target) -> Callable[[Floats], np.ndarray] | None:
    if target.reduce_by is None and target.at_most is None and target.at_least is None:
        return None
    return partial(_reached, target)


def _of_emissions(projection: Projection, target: Target) -> Answer:
    found = target_amounts.emissions(projection, target)
    assert target.pollutant is not None
    assert target.by is not None
    by, pollutant, since = target.by, target.pollutant, target.since
    counted = target.at_most is None
    if counted and (since is None or not found.before):
        raise Untold("there was nothing to reduce", "无从减排")

    def value(drawn: Drawn) -> Floats:
        after = drawn.total(by, pollutant, target.select)
        if not counted:
            return after
        assert since is not None
        return _cut(after, drawn.total(since, pollutant, target.select))

    return Answer(value, _threshold(target))


def _cut(after: Floats, before: Floats) -> Floats:
    return np.asarray(
        100 * (1 - np.divide(after, before, out=np.full(np.shape(after), np.nan), where=np.asarray(before) > 0))
    )


def _of_activity(projection: Projection, target: Target) -> Answer | None:
    found = target_amounts.activity(projection, target)
    program, base = projection.program, projection.program.inventory.base_year
    threshold = _threshold(target)
    if threshold is None or target.by not in program.years or (target.reduce_by is not None and target.since != base):
        return None
    weights, counted = target_amounts.activity_weights(program.inventory, target.select, found.unit)
    column = program.years.index(target.by)

    def value(drawn: Drawn) -> Floats:
        after = drawn.sampler.activity(drawn.uniform, weights, counted, drawn.levels)[:, column]
        if target.reduce_by is None and (target.at_most is not None or target.at_least is not None):
            return after
        # Of the base year the same activity is unsure in the same way; what is told is what remains of it.
        before = drawn.sampler.base_activity(drawn.uniform, weights, counted)
        return _cut(after, before)

    return Answer(value, threshold)


def _of_the_air(projection: Projection, target: Target) -> Answer:
    if target.by is None or target.by in projection.inventories or target.by not in projection.scenario.years:
        raise Untold("the target's year is not projected", "情景未预测目标年")
    by = target.by
    indicator(projection, target)

    def value(drawn: Drawn) -> Floats:
        one = indicator(projection, target, drawn)
        return np.asarray(one.value(by, SCOPES[-1], of_the_air(drawn.uniform)))

    return Answer(value, _threshold(target))


def _of_alert(projection: Projection, target: Target, days: AlertDays) -> Answer | None:
    program = projection.program
    if days.compiled is None or target.level not in days.compiled[1]:
        return None
    sampler, by_level = days.compiled
    assert target.level is not None
    day = by_level[target.level]
    if target.by not in (None, sampler.program.years[0]):
        return None
    pollutants = program.inventory.pollutants
    asked = day.alert.asked(pollutants) if target.pollutant is None else (target.pollutant,)
    columns = [pollutants.index(name) for name in asked if name in pollutants]
    if len(columns) < len(asked) or not columns or np.isnan(program.inventory.factor[:, columns]).any():
        return None
    mine = [days.asked.index(name) for name in asked]

    def value(drawn: Drawn) -> Floats:
        without, with_ = (one[:, mine] for one in days.drawn(drawn.uniform)[day.alert.level])
        return np.asarray(np.nanmin(_cut(with_, without), axis=1))

    # A day of every month is told: the first draws are enough for a probability to a few per cent.
    return Answer(value, _threshold(target), sampler.inputs)
