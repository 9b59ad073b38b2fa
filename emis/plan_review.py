"""What a plan may have wrong although it can be run: each finding is a warning with the line of the measure.

This is what the document alone tells; what a measure reaches shows only on an inventory.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from emis.errors import Issue
from emis.measures import Abate, Cap, Effect, Limit, Measure, Replace, Shift
from emis.phasing import PhaseIn
from emis.plan import Plan
from emis.schema import Places

__all__ = ["Claim", "Overlap", "finding", "plan_findings"]

#: An effect with its measure.
Claim = tuple[Measure, Effect]

#: Tells which pairs among effects act on common sources, each by its place and the lower one first.
Overlap = Callable[[Sequence[Claim]], Iterable[tuple[int, int]]]


def plan_findings(plan: Plan, places: Places, overlap: Overlap | None = None) -> list[Issue]:
    """Return what a plan's document tells: effects before their start, double claims, milestones of nothing.

    Parameters
    ----------
    overlap : callable, optional
        Tells which of some effects act on common sources; by default those that select alike.
    """
    return [
        *_early(plan, places),
        *_doubles(plan, places, overlap or _same_selection),
        *_loose_milestones(plan, places),
    ]


def finding(places: Places, message: str, hint: str, kind: str, *path: str | int) -> Issue:
    """Return a finding about a part of the plan."""
    return Issue(*places.at(("plan", kind, *path)), ".".join(map(str, (kind, *path))), message, hint)


def _loose_milestones(plan: Plan, places: Places) -> Iterator[Issue]:
    """Yield milestones that belong to no measure and no article: nobody will look for them."""
    for stone in plan.milestones:
        if stone.measure is None and stone.article is None:
            hint = "name the measure it tracks, or its article"
            yield finding(places, "belongs to no measure and no article", hint, "milestones", stone.id)


# -- before their start ----------------------------------------------------------------------------------------------


def _early(plan: Plan, places: Places) -> Iterator[Issue]:
    """Yield measures that act before the base year is over, which does not count, or before the plan was issued."""
    for measure in plan.effects:
        course = measure.course()
        key = "phase_in" if measure.phase_in else "do"
        found = _within_base_year(course, plan.base_year) if course else ""
        hint = "start it later: what was there already belongs to the inventory"
        if not found and plan.issued:
            found = _before_issue(course, plan.base_year, plan.issued)
            hint = "start it later: what happened before belongs to the drivers of the scenario"
        if found:
            yield finding(places, found, hint, "measures", measure.id, key)


def _within_base_year(course: PhaseIn, base_year: int) -> str:
    """Say that a measure acts when none counts; empty when it does not."""
    first = _first(course)
    end = dt.date(base_year + 1, 1, 1)
    if first is None or first >= end:
        return ""
    return f"acts from {first}, before the base year {base_year} is over: that does not count"


def _before_issue(course: PhaseIn | None, base_year: int, issued: dt.date) -> str:
    """Say that a measure acts before the plan was issued; empty when it does not."""
    start = dt.date(base_year + 1, 1, 1)
    if course is None:
        late = issued > start
        return f"has no phase_in: fully in place from {start}, and the plan was issued on {issued}" if late else ""
    first = _first(course)
    if first is None or first >= issued:
        return ""
    if course.years and first.year == issued.year:
        end = dt.date(issued.year + 1, 1, 1)
        left = (end - issued) / (end - dt.date(issued.year, 1, 1))
        level = course.level(first, end)
        if level <= left:
            return ""
        mean = f"is {100 * level:g} % on the mean of {issued.year}"
        return f"{mean}, of which {100 * left:.3g} % was left when the plan was issued on {issued}"
    return f"acts from {first}, and the plan was issued on {issued}"


def _first(course: PhaseIn) -> dt.date | None:
    """Return from which day on a measure acts: where its level leaves 0; None when it never does."""
    before = None
    for date, level in course.dates:
        if level > 0:
            return before or date
        before = date
    return next((dt.date(year, 1, 1) for year, level in course.years if level > 0), None)


# -- twice -----------------------------------------------------------------------------------------------------------


def _doubles(plan: Plan, places: Places, overlap: Overlap) -> Iterator[Issue]:
    """Yield measures that claim what another claims.

    Suspicious is the same strength on the same thing (what is abated, where stock goes) of common sources, as a copied
    measure has it; or the same thing by the same words of the plan, whatever the strength. Measures of different
    strength and words on one source are no finding: a careful plan has many.
    """
    claims = [(number, measure, effect) for number, measure in enumerate(plan.effects) for effect in measure.do]
    acts = [_claims(effect) for *_, effect in claims]
    known: set[tuple[int, int]] = set()
    for number, other_number, first, second in _suspicious(claims, acts, overlap):
        one, other = plan.effects[number], plan.effects[other_number]
        # Of two measures the first effects that claim the same are told, and no others.
        if number == other_number or (number, other_number) in known or _apart(one, other):
            continue
        known.add((number, other_number))
        mine, others = acts[first], acts[second]
        shared = [key for key in mine if key in others]
        same = [key for key in shared if mine[key] == others[key]]
        what = ", ".join(same or shared)
        how = "with the same numbers" if same else "by the same words of the plan"
        message = f"claims what {one.id} claims, {how}: {what}"
        yield finding(places, message, "keep one of them, or let each claim its own part", "measures", other.id)


def _suspicious(
    claims: Sequence[tuple[int, Measure, Effect]], acts: Sequence[Mapping[str, Any]], overlap: Overlap
) -> list[tuple[int, int, int, int]]:
    """Return the effects that claim the same of common sources, with the same strength or by the same words.

    Each as the numbers of two measures and the places of their effects among `claims`, in this order.
    """
    same: dict[tuple[str, str, Any], list[int]] = defaultdict(list)
    for place, (_, measure, _) in enumerate(claims):
        quote = measure.evidence.quote if measure.evidence else ""
        for key, strength in acts[place].items():
            same[key, "strength", _hashable(strength)].append(place)
            if quote:
                same[key, "quote", quote].append(place)
    groups = {tuple(group) for group in same.values() if len(group) > 1}
    found = {
        (group[one], group[other]) for group in groups for one, other in overlap([claims[place][1:] for place in group])
    }
    return sorted((claims[first][0], claims[second][0], first, second) for first, second in found)


def _hashable(value: Any) -> Any:
    """Return a value that is equal to others where the given one is, and can be looked up."""
    if isinstance(value, dict):
        return frozenset((key, _hashable(one)) for key, one in value.items())
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value


def _claims(effect: Effect) -> dict[str, Any]:
    """Return what an effect acts on, and how strongly; what comes to nothing claims nothing."""
    verb, name = effect.verb, effect.name
    if isinstance(verb, Abate):
        reach = verb.penetration * verb.effectiveness
        etas = {key: round(value * reach, 12) for key, value in verb.efficiencies().items()}
        return {f"{name} {key}": (eta, verb.replaces) for key, eta in etas.items() if eta}
    if isinstance(verb, Replace):
        return {f"{name} {key}": (value, verb.share) for key, value in verb.factor.items() if verb.share}
    if isinstance(verb, Limit):
        return {f"{name} {key}": (value, verb.share) for key, value in verb.at_most.items() if verb.share}
    if isinstance(verb, Cap):  # two caps on one source are a fault already
        return {}
    numbers = verb.model_dump(exclude={"select", "uncertainty", "to"})
    if isinstance(verb, Shift):
        where = "outside" if verb.to == "outside" else ", ".join(verb.to.changes().values())
        return {f"shift to {where}": numbers}
    return {name: numbers}


def _same_selection(several: Sequence[Claim]) -> Iterator[tuple[int, int]]:
    places: dict[Any, list[int]] = defaultdict(list)
    for place, (measure, effect) in enumerate(several):
        places[measure.select, effect.verb.select].append(place)
    for group in places.values():
        yield from combinations(group, 2)


def _apart(one: Measure, other: Measure) -> bool:
    """Tell whether two measures are never in place together: in other months, or one ends before the other starts."""
    if one.months and other.months and not set(one.months) & set(other.months):
        return True
    return _ends_before(one, other) or _ends_before(other, one)


def _ends_before(one: Measure, other: Measure) -> bool:
    ending, starting = one.course(), other.course()
    if ending is None or starting is None:
        return False
    last, level = (*ending.dates, *((dt.date(year, 1, 1), level) for year, level in ending.years))[-1]
    first = _first(starting)
    return level == 0 and first is not None and last <= first
