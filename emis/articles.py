"""A plan article by article: the measures, milestones, targets and alert measures that each article holds."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from emis.measures import Measure
from emis.plan import Milestone, Plan, Target

__all__ = ["STATES", "Article", "State", "articles"]

State: TypeAlias = Literal["quantified", "alert days", "milestones", "targets", "enabling", "missing"]
#: What becomes of an article, the strongest first.
STATES: tuple[State, ...] = ("quantified", "alert days", "milestones", "targets", "enabling", "missing")

#: Above this number an article is taken for a code, and what lies below it is not missed.
_LAST = 200


@dataclass(frozen=True, slots=True)
class Article:
    """One article and what it holds; `name` is "" for what names no article. `alerts` are its alert-day measures."""

    name: str
    measures: tuple[Measure, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    targets: tuple[Target, ...] = ()
    alerts: tuple[tuple[str, Measure], ...] = ()

    def promised(self, measure: Measure) -> tuple[Milestone, ...]:
        """Return the milestones of a measure: all of the article but those that name another measure of it."""
        others = {other.id for other in self.measures} - {measure.id}
        return tuple(stone for stone in self.milestones if stone.measure not in others)

    @property
    def state(self) -> State:
        """What becomes of the article: quantified when a measure of it has an effect, missing when it holds nothing."""
        held = {
            "quantified": any(measure.kind == "effect" for measure in self.measures),
            "alert days": self.alerts,
            "milestones": self.milestones,
            "targets": self.targets,
            "enabling": self.measures,
        }
        return next((state for state in STATES if held.get(state)), "missing")


def articles(plan: Plan) -> tuple[Article, ...]:
    """Return the articles of a plan in their order, with those from 1 up to the last that hold nothing.

    A milestone without an article belongs to that of its measure. What names no article comes last.
    """
    of_measure = {measure.id: _name(measure.article) for measure in plan.measures}
    measures, milestones, targets, alerts = (defaultdict[str, list[Any]](list) for _ in range(4))
    for measure in plan.measures:
        measures[_name(measure.article)].append(measure)
    for stone in plan.milestones:
        milestones[_name(stone.article) or of_measure.get(stone.measure or "", "")].append(stone)
    for target in plan.targets:
        targets[_name(target.article)].append(target)
    for alert in plan.alerts:
        for one in alert.measures:
            if isinstance(one, Measure):
                alerts[_name(one.article)].append((alert.level, one))
    names = {*measures, *milestones, *targets, *alerts}
    numbers = {int(found[0]) for name in names if (found := re.match(r"\d+", name))}
    last = max((number for number in numbers if number <= _LAST), default=0)
    names |= {str(number) for number in set(range(1, last + 1)) - numbers}
    return tuple(
        Article(name, *(tuple(held[name]) for held in (measures, milestones, targets, alerts)))
        for name in sorted(names, key=_order)
    )


def _name(article: int | str | None) -> str:
    return "" if article is None else str(article).strip()


def _order(name: str) -> tuple[int, int, str]:
    number = re.match(r"\d+", name)
    return (0, int(number[0]), name) if number else (1 if name else 2, 0, name)
