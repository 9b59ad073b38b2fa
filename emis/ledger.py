"""The ledger: the plan article by article, with what was quantified, on what evidence, and what was not."""

from collections.abc import Iterable, Iterator

import xarray as xr

from emis.articles import Article, articles
from emis.measures import Measure
from emis.plan import Milestone, Plan, Target
from emis.program import Program
from emis.schema import Evidence
from emis.wording import ranges, threshold

__all__ = ["HEADER", "ledger"]

HEADER = (
    "article", "measure", "kind", "state", "title_zh", "title_en", "verbs", "sources",
    "grade", "source", "quote", "note", "milestones",
    "targets", "promises", "departments", "uncertainty", "reach",
)  # fmt: skip


def ledger(program: Program, contributions: xr.Dataset) -> list[tuple[object, ...]]:
    """Return the rows of ledger.csv: one for each measure, and one for each article that has none.

    `reach` is what the measure changes in the last year with all others in place [t], by pollutant of the targets.

    Parameters
    ----------
    contributions : xarray.Dataset
        `last` (year, measure, sector, pollutant) [t/yr].
    """
    return [row for article in articles(program.scenario.plan) for row in _rows(article, program, contributions)]


def _rows(article: Article, program: Program, contributions: xr.Dataset) -> Iterator[tuple[object, ...]]:
    matched = {measure.id: len(found) for measure, found in zip(program.measures, program.matched, strict=True)}
    for measure in article.measures:
        if measure.kind == "enabling":
            state = "not quantified"
        elif program.scenario.omits(measure.id):
            state = "omitted"
        else:
            state = "quantified" if matched.get(measure.id) else "matches nothing"
        reach = _reach(measure.id, program.scenario.plan, contributions)
        yield _row(article, measure, state, matched.get(measure.id, 0), reach)
    for level, measure in article.alerts:
        yield _row(article, measure, f"on {level} alert days")
    if not article.measures and not article.alerts:
        stones = article.milestones
        blank = [""] * (HEADER.index("milestones") - 4)
        yield (
            article.name,
            "",
            "",
            article.state,
            *blank,
            _ids(stones),
            _ids(article.targets),
            _said(stones),
            "",
            "",
            "",
        )


def _row(
    article: Article, measure: Measure, state: str, sources: int | None = None, reach: str = ""
) -> tuple[object, ...]:
    evidence, stones = measure.evidence or Evidence(), article.promised(measure)
    return (
        article.name, measure.id, measure.kind, state, measure.name("zh"), measure.name("en"),
        " ".join(effect.name for effect in measure.do), sources,
        evidence.grade, evidence.source, evidence.quote, evidence.note or measure.note, _ids(stones),
        _ids(article.targets), _said(stones), ", ".join(measure.departments), ranges(measure), reach,
    )  # fmt: skip


def _ids(promises: Iterable[Milestone | Target]) -> str:
    return "; ".join(one.id for one in promises)


def _said(milestones: Iterable[Milestone]) -> str:
    return "; ".join(f"{stone.id} {threshold(stone)}" for stone in milestones)


def _reach(measure: str, plan: Plan, contributions: xr.Dataset) -> str:
    if not contributions.sizes["year"] or measure not in contributions["measure"].values:
        return ""
    final = contributions["last"].isel(year=-1).sel(measure=measure).sum("sector", skipna=False)
    known = [str(name) for name in final["pollutant"].values]
    parts = [
        f"{name} {f'{value:.4g} t' if value == value else 'not estimated'}"
        for name, value in zip(known, final.values.tolist(), strict=True)
        if value != 0
    ]
    return f"{int(contributions['year'].values[-1])}: {', '.join(parts)}" if parts else ""
