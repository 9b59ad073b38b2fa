"""What travels in the page so that it can be played with: the compiled model, its targets, and what may be moved."""

from typing import Any

import numpy as np

from emis import target_amounts, vocabulary
from emis.alerts import AlertDay
from emis.ambient.case import Case
from emis.ambient.results import INDICATORS
from emis.assessment import Verdict
from emis.classes import sector_groups
from emis.entries import Indices
from emis.plan import Target
from emis.program import Program
from emis.projection import Projection
from emis.report.live_air import air_data, air_target
from emis.report.model import Everything, TooLarge, open_everything, packed
from emis.scenario import Driver
from emis.target_amounts import Untold

__all__ = ["live"]

#: Sliders of growth and turnover without a stated range reach this far to either side [1/yr].
_REACH = 0.05


def live(projection: Projection, verdicts: tuple[Verdict, ...]) -> dict[str, Any]:
    """Return the model of a projection for a page, or why there is none.

    Returns
    -------
    dict
        `model` (see `packed`), `alerts` (a model by month, and its days), `air`, `targets` with what each is told by,
        `levers`, `drivers` and the sectors; or `untold` in both languages.
    """
    given = projection.program
    if not given.years:
        return _untold("no year after the base year is projected", "情景未包含基准年之后的年份")
    everything = open_everything(given)
    try:
        return _Live(projection, everything, {one.target: one for one in verdicts}).data()
    except TooLarge:
        size = len(given.inventory)
        return _untold(
            f"the {size:,} sources have too little in common to travel in a page: use --set and emis compare",
            f"清单含 {size:,} 个源且差异过多，无法在页面内计算：请使用 --set 与 emis compare",
        )


def _untold(english: str, chinese: str) -> dict[str, Any]:
    return {"untold": {"en": english, "zh": chinese}}


class _Live:
    """Packs what a page needs of one projection."""

    def __init__(self, projection: Projection, everything: Everything, verdicts: dict[str, Verdict]):
        self.projection, self.everything, self.verdicts = projection, everything, verdicts
        self.program, self.scenario = everything.program, everything.given
        self.inventory = self.program.inventory
        self.targets = self.scenario.plan.targets
        self.activities = {one.id: found for one in self.targets if (found := self._weights(one)) is not None}
        self.sectors, self.sector = sector_groups(self.inventory)
        masks = [self.inventory.mask(one.select).astype(np.intp) for one in self.targets]
        self.keys: list[Indices] = [self.sector, *masks]
        self.packed = packed(self.program, self.keys, self.activities)

    def data(self) -> dict[str, Any]:
        """Return it all."""
        sector_of = np.zeros(len(self.packed.data["activity"]), dtype=np.intp)
        sector_of[self.packed.of_source] = self.sector
        case = self._case()
        names = {name: vocabulary.SECTORS[name] for name in self.sectors if name in vocabulary.SECTORS}
        document = self.scenario.document
        return {
            "model": self.packed.data, "sectors": list(self.sectors), "sector": sector_of.tolist(),
            "sector_names": {n: {"zh": one.zh, "en": one.en} for n, one in names.items()},
            "alerts": self._alerts(), "air": None if case is None else air_data(self.projection, case),
            "targets": [self._target(one, case) for one in self.targets],
            "levers": {"implementation": dict(self.everything.implementation),
                       "present": sorted(self.everything.present), "observed": sorted(self.scenario.observed),
                       "named": sorted({n for alert in self.scenario.plan.alerts for n in alert.named})},
            "on_shortfall": document.on_shortfall, "drivers": [_driver(one) for one in document.drivers],
            "acts_on": self._acts_on(), "only": document.only is not None, "taken": list(document.take),
            "exclusive": self._exclusive(), "left_out": sorted(self._left_out()),
            "beyond": [one.id for one in self._beyond()],
            "beyond_titles": {one.id: {lang: one.name(lang) for lang in ("zh", "en")} for one in self._beyond()},
        }  # fmt: skip

    def _acts_on(self) -> dict[str, str]:
        """Return the sector that most of the sources of each measure are in."""
        found = {}
        for measure, rows in zip(self.program.measures, self.program.matched, strict=True):
            if len(rows):
                found[measure.id] = self.sectors[int(np.bincount(self.sector[rows]).argmax())]
        return found

    def _beyond(self) -> list[Any]:
        taken = {one.id for one in self.scenario.plan.measures}
        return [one for one in self.everything.scenario.plan.measures if one.id not in taken]

    def _exclusive(self) -> list[list[str]]:
        """Return the groups of measures of which one may be in place."""
        options = self.scenario.options
        return [list(group) for group in (options.exclusive if options else ())]

    def _left_out(self) -> set[str]:
        """Return the measures that are not among what can be moved: those that stay omitted."""
        plan = self.scenario.plan
        every = {one.id for one in plan.measures} | {one.id for alert in plan.alerts for _, one in alert.own}
        return every - set(self.everything.implementation)

    def _case(self) -> Case | None:
        try:
            return Case.of(self.projection)
        except Untold:
            return None

    def _weights(self, target: Target) -> Any:
        """Return what a unit of each source's activity counts in a target on activity, S; None where it is not told."""
        if target.indicator != "activity" or target.by not in self.program.years:
            return None
        try:
            found = target_amounts.activity(self.projection, target)
        except Untold:
            return None
        return target_amounts.activity_weights(self.inventory, target.select, found.unit)[0]

    # -- targets -----------------------------------------------------------------------------------------------------

    def _target(self, target: Target, case: Case | None) -> dict[str, Any]:
        """Return what a target is told by; `is` none where moving anything does not change what is said of it."""
        verdict = self.verdicts[target.id]
        sense = "at_least" if target.at_least is not None else "at_most" if target.at_most is not None else "reduce"
        found: dict[str, Any] = {
            "id": target.id, "unit": verdict.unit, "required": verdict.required, "status": verdict.status,
            "achieved": verdict.achieved, "sense": sense, "is": "none",
        }  # fmt: skip
        try:
            return found | self._told_by(target, case)
        except Untold:
            return found

    def _told_by(self, target: Target, case: Case | None) -> dict[str, Any]:
        if target.indicator == "alert":
            return self._of_alert(target)
        if target.by not in self.program.years:
            return {}
        year = self.program.years.index(target.by)
        if target.indicator in INDICATORS:
            if target.indicator != "dustfall" and case is None:
                return {}
            return {**air_target(self.projection, target), "year": year}
        if target.indicator == "activity" and target.id in self.activities:
            found = target_amounts.activity(self.projection, target)
            column = len(self.inventory.pollutants) + list(self.activities).index(target.id)
            return {"is": "activity", "column": column, "classes": None, "before": found.before, "year": year}
        if target.indicator != "emissions":
            return {}
        found = target_amounts.emissions(self.projection, target)
        assert target.pollutant is not None
        return {
            "is": "emissions", "column": self.packed.columns.index(target.pollutant), "before": found.before,
            "classes": self._classes(target), "year": year,
        }  # fmt: skip

    def _classes(self, target: Target) -> list[int] | None:
        if target.select is None:
            return None
        return [int(one) for one in np.unique(self.packed.of_source[self.inventory.mask(target.select)])]

    def _of_alert(self, target: Target) -> dict[str, Any]:
        """Return what an alert target is told by: its level and the pollutants that are to be cut."""
        days, pollutants = self.projection.alerts, self.inventory.pollutants
        if target.level not in days["level"] or target.by not in (None, days.attrs["year"]):
            return {}
        alert = next(one for one in self.scenario.plan.alerts if one.level == target.level)
        asked = alert.asked(pollutants) if target.pollutant is None else (target.pollutant,)
        if not asked or not set(asked) <= set(pollutants):
            return {}
        if days["emissions"].sel(pollutant=list(asked)).isnull().any():
            return {}
        return {"is": "alert", "level": target.level, "columns": [list(pollutants).index(name) for name in asked]}

    # -- alert days --------------------------------------------------------------------------------------------------

    def _alerts(self) -> dict[str, Any] | None:
        if self.everything.alerts is None:
            return None
        program, days = self.everything.alerts
        own = {f"alerts.{a}.measures.{one.id}": one.id for a, alert in enumerate(self.scenario.plan.alerts)
               for _, one in alert.own}  # fmt: skip
        data = packed(program, [], {}).data
        data["measures"] = [own.get(name, name) for name in data["measures"]]
        return {"model": data, "days": {one.alert.level: _day(one, program) for one in days}}


def _day(day: AlertDay, program: Program) -> dict[str, Any]:
    """Return what a month counts with in the mean day, and which levels hold without the alert and with it."""
    without, with_ = day.levels
    return {"share": day.share.tolist(), "without": without.tolist(), "with": with_.tolist()}


def _driver(driver: Driver) -> dict[str, Any]:
    """Return what may be moved of a driver, and the driver as it would be written."""
    growth = driver.growth if driver.growth is not None else driver.shift.share if driver.shift is not None else None
    ends = driver.ends()
    if growth is not None and ends is None:
        low = growth - _REACH if driver.shift is None else max(0.0, growth - _REACH)
        ends = (max(low, -0.9), growth + _REACH)
    return {
        "title": {"zh": driver.title.text("zh"), "en": driver.title.text("en")},
        "is": "growth" if driver.growth is not None else "shift" if driver.shift is not None else "index",
        "value": growth, "low": None if ends is None else ends[0], "high": None if ends is None else ends[1],
        "written": _written(driver),
    }  # fmt: skip


def _written(driver: Driver) -> dict[str, Any]:
    """Return a driver as it would be written in a scenario; what may be moved is in per cent per year."""
    found: dict[str, Any] = {"title": driver.title.model_dump(exclude_defaults=True)} if driver.title.text() else {}
    found["select"] = {label: list(wanted) for label, wanted in driver.select.items()}
    if driver.growth is not None:
        found["growth"] = f"{100 * driver.growth:.15g} %/yr"
    if driver.index is not None:
        found["index"] = dict(driver.index)
    if driver.shift is not None:
        to = driver.shift.to if isinstance(driver.shift.to, str) else driver.shift.to.changes()
        found["shift"] = {"share": f"{100 * driver.shift.share:.15g} %/yr", "to": to}
        if driver.shift.yield_ is not None:
            found["shift"]["yield"] = driver.shift.yield_ if isinstance(driver.shift.yield_, int | float) else str(
                driver.shift.yield_)  # fmt: skip
    if driver.uncertainty:
        found["uncertainty"] = {
            name: {end: str(value) for end in ("low", "high") if (value := getattr(one, end)) is not None}
            for name, one in driver.uncertainty.items() if not isinstance(one, dict)
        }  # fmt: skip
    if driver.note:
        found["note"] = driver.note
    if driver.evidence is not None:
        found["evidence"] = driver.evidence.model_dump(mode="json", exclude_defaults=True)
    return found
