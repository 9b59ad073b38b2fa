"""The answer on a target of the air: who brings it about, how sure it is, and what the neighbours would have to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from emis import draws
from emis.airquality.interface import Floats
from emis.ambient.case import SCOPES, UNCHANGED, Case
from emis.ambient.indicators import Concentration, HeavyDays, Indicator, indicator, inputs, of_the_air
from emis.ambient.remarks import basis_remark, case_remarks
from emis.plan import Target
from emis.projection import Projection
from emis.target_amounts import Untold
from emis.uncertainty.drawn import Drawn

__all__ = ["Finding", "find", "interval"]

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Finding:
    """What became of an indicator by its year, in `unit`.

    Attributes
    ----------
    scopes : dict
        With the district's change alone, with that of the rest of the city, with that of the region: the verdict's.
    models : dict
        By model, with the change of all.
    no_plan : float
        Without the plan, the neighbours as assumed.
    unchanged : float
        With all emissions as in the base year.
    base_year : int
    probability, low, high : float
        That the target is reached; and the ends of the interval of the scenario's confidence.
    variance : dict
        Which part of the variance each term explains by itself [1].
    weather : float
        Standard deviation that weather gives it.
    neighbours : float or None
        Cut of all precursors that city and region would have to make for the target [1]; None: not even all of it, or
        nothing (`answers`).
    answers : bool
        Whether the first model answers to city and region at all.
    own_part : float or None
        Which part of the local PM2.5 would have to be the district's own for it to get there alone [1]; None: not
        even all of it.
    local_part : float or None
        Which part is assumed [1]; None where the first model comes from a file, which says so by itself.
    remarks : tuple
        What a reader should know, in English and Chinese.
    """

    target: Target
    unit: str
    required: float | None
    scopes: dict[str, float]
    models: dict[str, float]
    no_plan: float
    unchanged: float
    base_year: int
    probability: float | None
    low: float
    high: float
    variance: dict[str, float]
    weather: float
    neighbours: float | None = None
    answers: bool = False
    own_part: float | None = None
    local_part: float | None = None
    remarks: tuple[tuple[str, str], ...] = ()

    @property
    def value(self) -> float:
        """The value with the change of all areas, which the verdict is about."""
        return self.scopes[SCOPES[-1]]

    @property
    def met(self) -> bool:
        """Whether the target is reached, at full precision."""
        return self.reaches(self.value)

    def reaches(self, value: float) -> bool:
        """Tell whether a value reaches the target."""
        return self.required is not None and bool(_reached(self.target, self.required, value))

    @property
    def margin(self) -> float:
        """By how much the target is exceeded; negative is missed by [unit]."""
        assert self.required is not None
        gap = self.required - self.value
        return gap if self.target.at_most is not None else -gap

    @property
    def versus_no_plan(self) -> float | None:
        """The reduction against the same year without the plan [%]; None where nothing would be left to reduce."""
        after, before = self.value, self.no_plan
        if self.target.reduce_by is not None:
            after, before = 1 - after / 100, 1 - before / 100
        return 100 * (1 - after / before) if before > 0 else None

    @property
    def plan_effect(self) -> float:
        """What the plan changes [unit]."""
        return self.value - self.no_plan


def find(projection: Projection, target: Target, drawn: Drawn | None = None) -> Finding:
    """Return what becomes of a target on concentration, heavily polluted days or dustfall.

    Without draws of the emissions, what the district emits is taken as certain.

    Raises
    ------
    Untold
        When it cannot be told.
    """
    if target.by is None:
        raise Untold("the target names no year", "目标未给出年份")
    base = projection.scenario.plan.base_year
    if target.by == base:
        raise Untold(f"{base} is the base year: nothing is projected for it", f"{base} 年为基准年，不作预测")
    if target.by in projection.inventories:
        raise Untold(f"{target.by} is the year of an inventory, not projected", f"{target.by} 年为清单年份，不作预测")
    if target.by not in projection.scenario.years:
        raise Untold(f"{target.by} is not among the years that the scenario projects", f"情景未预测 {target.by} 年")
    one = indicator(projection, target, drawn)
    required = _required(target, one.unit)
    reached = partial(_reached, target, required)
    at = partial(one.value, target.by)
    scopes = {scope: float(at(scope)) for scope in SCOPES}
    last = SCOPES[-1]
    settings = projection.scenario.document.uncertainty
    uniform = of_the_air(
        drawn.uniform
        if drawn is not None
        else draws.table(inputs(one), settings.seed, settings.samples, settings.sampling)
    )
    values = at(last, uniform)
    low, high = interval(values, settings.confidence)
    shares = _shares(one, uniform, values, drawn, partial(at, last))
    finding = Finding(
        target, one.unit, required, scopes, {}, float(at(last, plan=False)), float(at(UNCHANGED)), base,
        None if required is None else float(np.mean(reached(values))), low, high,
        shares, float(np.sqrt(shares.get("weather", 0.0) * np.var(values))), remarks=one.remarks(),
    )  # fmt: skip
    return _with_neighbours(finding, one, reached) if isinstance(one, Concentration | HeavyDays) else finding


def interval(drawn: Floats, confidence: float) -> tuple[float, float]:
    """Return the ends between which a share of the draws lies, as much beyond either."""
    tail = 50 * (1 - confidence)
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return float(low), float(high)


def _shares(
    one: Indicator, uniform: Mapping[str, Floats], values: Floats, drawn: Drawn | None, at: Callable[..., Floats]
) -> dict[str, float]:
    """Return which part of the variance each term explains by itself [1]."""
    terms = {term: names for term, names in one.parameters().items() if names}
    single = draws.first_order({name: uniform[name] for names in terms.values() for name in names}, values)
    found = {term: max(0.0, sum(single[name] for name in names)) for term, names in terms.items()}
    if drawn is not None:
        # All of the district's figures together, by what they alone make of the result.
        middle = {name: np.full(len(values), 0.5) for name in uniform}
        order = np.argsort(np.argsort(at(middle), kind="stable"), kind="stable")
        alone = draws.first_order({"": (order + 0.5) / len(values)}, values)[""]
        found["emissions"] = max(0.0, alone)
    return found


def _required(target: Target, unit: str) -> float | None:
    if target.reduce_by is not None:
        return 100 * target.reduce_by
    bound = target.at_most if target.at_most is not None else target.at_least
    return None if bound is None or isinstance(bound, float) else bound.value


def _reached(target: Target, required: float | None, value: object) -> np.ndarray:
    """Tell whether values reach a target, at full precision; equality does."""
    assert required is not None
    slack = _ROUNDING * abs(required)
    found = np.asarray(value)
    return found <= required + slack if target.at_most is not None else found >= required - slack


def _with_neighbours(
    finding: Finding, one: Concentration | HeavyDays, reached: Callable[[object], np.ndarray]
) -> Finding:
    """Add what the models say of it, and what it would take from the neighbours, or from the district alone."""
    case, by = one.case, finding.target.by
    assert by is not None
    last, models = SCOPES[-1], case.settings.compared
    by_model: dict[str, float] = {name: float(one.value(by, last, model=name)) for name in models}
    told = basis_remark(case, by, lambda other: float(replace(one, case=other).value(by, last)), finding)
    remarks = (*finding.remarks, *told, *case_remarks(case, by))
    found = replace(
        finding, models=by_model, remarks=remarks, answers=_answers(case),
        local_part=None if case.own_file else _local_part(case),
    )  # fmt: skip
    if found.required is None:
        return found
    required = found.required

    def lack(changed: Case, scope: str) -> float:
        return float(replace(one, case=changed).value(by, scope)) - required

    def good(gap: float) -> bool:
        return bool(reached(gap + required))

    everyone = _root(lambda cut: lack(replace(case, neighbours=cut), last), good) if found.answers else None
    alone = None if found.local_part is None else _root(lambda part: lack(_own(case, part), SCOPES[0]), good)
    return replace(found, neighbours=everyone, own_part=alone)


def _root(gap: Callable[[float], float], good: Callable[[float], bool]) -> float | None:
    """Return the least number from 0 to 1 that closes a gap; None when not even 1 does."""
    if good(gap(0.0)):
        return 0.0
    if not good(gap(1.0)):
        return None
    from scipy import optimize  # slow to import, and few projections have a gap that can be closed

    return float(optimize.brentq(gap, 0.0, 1.0, xtol=1e-10))


def _answers(case: Case) -> bool:
    """Tell whether the first model answers to what city and region emit."""
    name, last = case.settings.models[0], SCOPES[-1]
    all_there, gone = (replace(case, neighbours=cut).pm25(name, case.base_year, last) for cut in (0.0, 1.0))
    return bool(all_there != gone)


def _local_part(case: Case) -> float:
    """Return which part of the local PM2.5, the city's and its own, is the district's [1]."""
    district, city = (case.origins()[:2] * case.base()).sum(axis=-1)
    return float(district / (district + city)) if district + city > 0 else 0.0


def _own(case: Case, part: float) -> Case:
    """Return the case in which a part of what comes from city and district together is the district's own [1]."""
    value = case.shares.value.copy()
    local = value[0] + value[1]
    value[0], value[1] = part * local, (1 - part) * local
    return replace(case, shares=replace(case.shares, value=value))
