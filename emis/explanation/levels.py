"""Which measures touch a source in a year, and how far each is in place there."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from emis.explanation.account import Account
from emis.inventory import Floats
from emis.measures import Measure
from emis.wording import per_cent, when

__all__ = ["Acting", "acting", "level_said", "transfers_of"]


@dataclass(frozen=True, slots=True)
class Acting:
    """A measure on a source in a year: its number in the program, and its level x·g in each period, N [1].

    `seasonal` is the share of the source's year in the measure's months that is inside the level (1: all of it), `mean`
    the level over the year, and `activity_alone` whether it changes activity and nothing else.
    """

    number: int
    measure: Measure
    level: Floats
    mean: float
    seasonal: float = 1.0
    activity_alone: bool = False


def transfers_of(account: Account, source: int, year: int) -> Iterator[tuple[Acting, float, bool]]:
    """Yield the measures that move stock of a source, each with τ [activity unit/yr], and whether out of it (τ < 0)."""
    entries, column = account.program.transfers, account.program.years.index(year)
    found: dict[tuple[int, int, bool], float] = {}
    for entry in range(entries.pointer[source], entries.pointer[source + 1]):
        measure, tau = int(entries.measure[entry]), float(account.program.tau[entry, column])
        if tau == 0:
            continue
        leaves = tau < 0 or (tau != tau and any(source in one.origins for one in account.lowered(measure).transfers))
        # Several effects of one measure that go the same way are told as one.
        key = measure, int(entries.season[entry]), leaves
        found[key] = found.get(key, 0.0) + tau
    for (measure, season, leaves), tau in found.items():
        yield _acting(account, measure, season, source, year), tau, leaves


def acting(account: Account, source: int, year: int) -> Iterator[tuple[Acting, int]]:
    """Yield the measures that change the intensity of a source, each with its row of `keep` and `stay`."""
    entries, program = account.program.intensities, account.program
    for entry in range(entries.pointer[source], entries.pointer[source + 1]):
        row = int(entries.row[entry])
        alone = bool((program.keep[row] == program.stay[row]).all() and program.stay[row] != 1.0)
        yield _acting(account, int(entries.measure[entry]), int(entries.season[entry]), source, year, alone), row


def _acting(account: Account, number: int, season: int, source: int, year: int, alone: bool = False) -> Acting:
    program, periods = account.program, account.periods(year)
    seasons = program.seasons[season, periods]
    level = program.levels[number, periods] * seasons
    share = account.share(source, year)
    seasonal = float(seasons @ share) if season else 1.0
    return Acting(number, program.measures[number], level, float(level @ share), seasonal, alone)


def level_said(account: Account, one: Acting) -> str:
    """Return how far a measure is in place, and why so far."""
    scenario, measure = account.scenario, one.measure
    implementation = scenario.implementation(measure.id)
    parts = []
    if measure.id in scenario.observed:
        parts.append(account.say("by observed progress", "按实际进展"))
    else:
        parts.append(when(measure, account.lang))
        if scenario.document.delay:
            years = scenario.document.delay
            parts.append(account.say(f"{years} years later in this scenario", f"本情景推迟 {years} 年"))
    if implementation != 1:
        parts.append(account.say(f"implementation {per_cent(implementation)}", f"落实率 {per_cent(implementation)}"))
    if measure.months is not None and not scenario.monthly:
        share = per_cent(one.seasonal)
        parts.append(account.say(f"{share} of the source's year with it", f"计入占该源全年活动的 {share}"))
    if scenario.monthly and np.ptp(one.level) > 0:
        ends = f"{per_cent(float(one.level.min()))} … {per_cent(float(one.level.max()))}"
        parts.append(account.say(f"by month {ends}", f"各月 {ends}"))
    return f"{account.say('level', '落实水平')} {per_cent(one.mean)} ({'; '.join(parts)})"
