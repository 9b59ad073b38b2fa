"""From what is asked to what is explained: a source, a selection, a pollutant, a target or a measure."""

import re
from collections.abc import Sequence

from emis import vocabulary
from emis.errors import InputError, Issue
from emis.explanation.account import Account
from emis.explanation.measures import explain_measure
from emis.explanation.sources import explain_source
from emis.explanation.targets import explain_target
from emis.explanation.totals import MOST, explain_total
from emis.explanation.tree import Explanation, Lang
from emis.measures import Measure
from emis.projection import Projection
from emis.selectors import Selector, is_glob

__all__ = ["MOST", "explain"]


def explain(
    projection: Projection,
    what: str | Sequence[str],
    year: int | None = None,
    pollutant: str | None = None,
    *,
    lang: Lang = "en",
    most: int | None = MOST,
) -> Explanation:
    """Return why a number is what it is: what it is made of, measure by measure, with file, line, evidence and grade.

    Parameters
    ----------
    what : str or sequence of str
        A source, a glob of sources (``mobile/bus/*``) or a sector, a pollutant, or one of each (``mobile NOx``,
        ``mobile:NOx``); the id of a target (``T1``) or of a measure.
    year : int, optional
        Otherwise the plan's target year, or that of the target.
    pollutant : str, optional
        Otherwise that of the target, or each of the inventory's.
    most : int or None
        Sources of a total that are told one by one; None: all.

    Returns
    -------
    Explanation
        Its `value` is the projection's, to rounding.

    Raises
    ------
    InputError
        When nothing has such a name, or the year or pollutant is not known.
    """
    account = Account(projection, lang)
    if year is not None and year not in account.years:
        known = ", ".join(str(one) for one in account.years)
        raise _unknown(f"{year} is neither among the scenario's years nor an inventory", f"there are {known}")
    wanted = [what] if isinstance(what, str) else list(what)
    # A name may hold blanks; what is none is taken apart.
    parts = [part for text in wanted for part in ([text] if _is_name(account, text) else text.split())]
    names, found = _split(account, parts, pollutant)
    if len(names) > 1:
        raise _unknown(
            f"{' and '.join(names)} are asked for", "ask for one source, sector, target or measure at a time"
        )
    return _explained(account, names[0] if names else "", year, found, most)


def _explained(account: Account, name: str, year: int | None, pollutant: str, most: int | None) -> Explanation:
    plan, then = account.scenario.plan, year or account.default_year
    if not name:
        return explain_total(account, account.say("all sources", "全部源"), None, then, pollutant, most)
    if name in _sources(account):
        return explain_source(account, name, then, pollutant)
    target = next((one for one in plan.targets if one.id == name), None)
    if target is not None:
        return explain_target(account, target, year, pollutant, most)
    measure = _measures(account).get(name)
    if measure is not None:
        return explain_measure(account, measure, then, pollutant, most)
    return explain_total(account, name, _selector(account, name, then), then, pollutant, most)


def _split(account: Account, parts: list[str], pollutant: str | None) -> tuple[list[str], str]:
    """Return the names asked for, and the pollutant, which may stand beside them or behind a colon."""
    names, found = list[str](), list[str]()
    if pollutant is not None:
        found.append(_pollutant(account, pollutant))
    for part in parts:
        head, colon, tail = part.rpartition(":")
        if _is_name(account, part):
            names.append(part)
        elif vocabulary.pollutant(part) is not None:
            found.append(_pollutant(account, part))
        elif colon and head and vocabulary.pollutant(tail) is not None:
            names.append(head)
            found.append(_pollutant(account, tail))
        else:
            names.append(part)
    if len(set(found)) > 1:
        raise _unknown(f"{' and '.join(dict.fromkeys(found))} are asked for", "ask for one pollutant at a time")
    return names, found[0] if found else ""


def _pollutant(account: Account, text: str) -> str:
    name, known = vocabulary.pollutant(text), _pollutants(account)
    if name not in known:
        raise _unknown(f"there is no pollutant {text!r}", vocabulary.suggest(text, known))
    return name


def _pollutants(account: Account) -> tuple[str, ...]:
    inventories = account.projection.inventories.values()
    return tuple(dict.fromkeys(name for one in inventories for name in one.pollutants))


def _sources(account: Account) -> dict[str, None]:
    inventories = account.projection.inventories.values()
    return dict.fromkeys(str(name) for one in inventories for name in one.labels["source"])


def _measures(account: Account) -> dict[str, Measure]:
    """Return the measures of the plan by id, as the scenario takes them, those of its alerts included."""
    plan = account.scenario.plan
    own = {one.id: one for alert in plan.alerts for _, one in alert.own}
    return own | {one.id: one for one in (*plan.measures, *account.scenario.measures)}


def _is_name(account: Account, text: str) -> bool:
    if text in _sources(account) or text in _measures(account):
        return True
    return any(text == one.id for one in account.scenario.plan.targets)


def _selector(account: Account, name: str, year: int) -> Selector:
    """Return the selection that a name means: a sector, a glob of sources, or all sources below a path."""
    inventories = account.projection.inventories.values()
    sectors = {value for one in inventories for value in one.values("sector")}
    if name in sectors:
        return Selector(sector=(name,))
    pattern = name if is_glob(name) else f"{re.sub('/+$', '', name)}/*"
    select = Selector(source=(pattern,))
    if account.inventory_of(year).mask(select).any():
        return select
    if any(one.mask(select).any() for one in inventories):
        raise _unknown(f"no source of {year} matches {name!r}", "ask for another year")
    if is_glob(name):
        folders = {f"{one.rpartition('/')[0]}/*" for one in _sources(account) if "/" in one}
        near = vocabulary.nearest(name, folders)
        hint = f"did you mean {near!r}?" if near else f"sectors here: {', '.join(sorted(sectors))}"
        raise _unknown(f"no source matches {name!r}", hint)
    targets = [one.id for one in account.scenario.plan.targets]
    short = {*sectors, *targets, *_measures(account), *_pollutants(account)}
    # What has the shape of a source is held against sources first: a long id is near to nothing short.
    kinds = [_sources(account), short] if "/" in name else [short, _sources(account)]
    near = next(filter(None, (vocabulary.nearest(name, names) for names in kinds)), None)
    known = "a source, a glob of sources, a sector, a pollutant, a target or a measure"
    hint = f"did you mean {near!r}?" if near else f"name {known}"
    raise _unknown(f"there is no source, sector, pollutant, target or measure {name!r}", hint)


def _unknown(message: str, hint: str) -> InputError:
    return InputError([Issue("", 0, "explain", message, hint)])
