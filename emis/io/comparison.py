"""Results side by side: emissions by sector and pollutant, and what became of each target."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emis.assessment import Verdict
from emis.errors import InputError, Issue
from emis.io.results import Result, read_result

__all__ = ["Comparison", "compare_results"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Totals [t] by (pollutant, sector), "all" for every sector, and verdicts by target; a column for each result.

    `verdicts` are what a verdict comes to in a few words, `told` the verdicts themselves.
    """

    names: list[str]
    year: int
    totals: dict[tuple[str, str], list[float]]
    verdicts: dict[str, list[str]]
    told: dict[str, list[Verdict | None]]


def compare_results(paths: Sequence[Path], year: int | None = None) -> Comparison:
    """Compare results in a year, the last that all have unless one is named.

    Raises
    ------
    InputError
        When one is no result, or the results share no year.
    """
    results = [read_result(path) for path in paths]
    common = set.intersection(*({int(one) for one in result.dataset["year"].values} for result in results))
    if not common or (year is not None and year not in common):
        found = (
            f"the results share the years {', '.join(map(str, sorted(common)))}"
            if common
            else "the results share no year"
        )
        raise InputError(
            [
                Issue(
                    str(paths[0]),
                    0,
                    "year",
                    found,
                    "name one of these with --year" if common else "run them for common years",
                )
            ]
        )
    chosen = year if year is not None else max(common)
    tables = [_totals(result, chosen) for result in results]
    keys = dict.fromkeys(key for table in tables for key in table)
    targets = dict.fromkeys(verdict.target for result in results for verdict in result.verdicts)
    return Comparison(
        names=_names(results),
        year=chosen,
        totals={key: [table.get(key, float("nan")) for table in tables] for key in keys},
        verdicts={target: [_verdict(_found(result, target)) for result in results] for target in targets},
        told={target: [_found(result, target) for result in results] for target in targets},
    )


def _names(results: Sequence[Result]) -> list[str]:
    names = [str(result.run["scenario"]) for result in results]
    return names if len(set(names)) == len(names) else [str(result.folder) for result in results]


def _totals(result: Result, year: int) -> dict[tuple[str, str], float]:
    emissions = result.dataset["emissions"].sel(year=year)
    if "month" in emissions.dims:
        emissions = emissions.sum("month", skipna=False)
    values, sectors = emissions.transpose("pollutant", "source").values, result.dataset["sector"].values.astype(str)
    found: dict[tuple[str, str], float] = {}
    for row, pollutant in zip(values, result.dataset["pollutant"].values, strict=True):
        found[str(pollutant), "all"] = float(row.sum())
        for sector in np.unique(sectors):
            if (total := float(row[sectors == sector].sum())) != 0:
                found[str(pollutant), str(sector)] = total
    return found


def _found(result: Result, target: str) -> Verdict | None:
    return next((verdict for verdict in result.verdicts if verdict.target == target), None)


def _verdict(found: Verdict | None) -> str:
    if found is None:
        return "–"
    return found.status if found.achieved is None else f"{found.status} {found.achieved:.4g} {found.unit}"
