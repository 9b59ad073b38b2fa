"""How sure the verdicts are: draws of everything uncertain, what each target reaches in them, and what decides it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import xarray as xr

from emis import draws, propagation
from emis.ambient.case import DUST
from emis.ambient.results import air_inputs
from emis.answers import AlertDays, Answer, answer_of
from emis.classes import merge
from emis.draws import Floats
from emis.inventory import Inventory
from emis.plan import Target
from emis.program import Program, compile_program
from emis.projection import Projection, run
from emis.scenario import Scenario
from emis.selectors import Selector
from emis.shares import shares
from emis.target_amounts import Untold
from emis.uncertainty.drawn import Drawn
from emis.uncertainty.names import figure_of
from emis.uncertainty.sampling import Sampler, Spread

__all__ = [
    "SENSITIVITY_HEADER", "UNCERTAINTY_HEADER", "Bar", "Likelihood", "Sample", "probability_of", "sample",
    "sample_projection",
]  # fmt: skip

QUANTILES = (0.05, 0.5, 0.95)
UNCERTAINTY_HEADER = (
    "year", "sector", "pollutant", "p05 [t]", "p50 [t]", "p95 [t]", "mean [t]", "half_95 [t]", "propagated_half_95 [t]",
)  # fmt: skip
SENSITIVITY_HEADER = ("target", "input", "variance_share", "at_p05", "at_p95")
#: Bars of a tornado, and the ends of each.
_BARS, _ENDS = 10, (0.05, 0.95)
#: Inputs that are moved to find the longest bars: those that seem to explain most of the variance.
_TRIED = 40
_ROUNDING = 1e-12
#: Draws that shares of measures are told from: enough for their 5th and 95th percentile.
_SHARE_DRAWS = 500
#: Draws that a question of the solver is answered by.
_CHANCE_DRAWS = 2000
#: The least share of a variance that is worth telling; and with which chance [1] an input that decides nothing is told.
_LEAST, _BY_CHANCE = 0.005, 1e-5


@dataclass(frozen=True)
class Bar:
    """What a target reaches when one input is at its 5th and at its 95th percentile, and all others in the middle.

    `share` is which part of the variance the input explains by itself [1], None where the draws do not tell it from 0.
    """

    input: str
    low: float
    high: float
    share: float | None


@dataclass(frozen=True)
class Likelihood:
    """How likely a target is met, and what that hangs on.

    `low` and `high` are the ends of the interval of the scenario's confidence, in the unit of the verdict; `inputs`
    which part of the variance each figure explains by itself [1], the largest first; `tornado` single inputs moved one
    at a time: of a figure what all years share, and what each year has of its own.
    """

    probability: float | None
    low: float
    high: float
    inputs: tuple[tuple[str, float], ...]
    tornado: tuple[Bar, ...] = ()


@dataclass(frozen=True, repr=False)
class Sample:
    """Draws of a projection.

    Attributes
    ----------
    drawn : Drawn
        Emissions by draw; `drawn.total(year, pollutant)` and of the selections of targets.
    """

    projection: Projection
    drawn: Drawn
    answers: Mapping[str, Answer]

    def __repr__(self) -> str:
        return f"<emis.Sample of {self.projection.scenario.name!r}, {self.count} draws>"

    @property
    def count(self) -> int:
        """How many draws there are."""
        return len(self.drawn.projected)

    @cached_property
    def likelihoods(self) -> dict[str, Likelihood]:
        """The likelihood of each target that can be told, by id."""
        # All are asked of the draws before any looks at its bars: what several ask of one sample is drawn once.
        values = [one.value(self.drawn) for one in self.answers.values()]
        single = draws.first_orders(self.drawn.uniform, values)
        asked = zip(self.answers.items(), values, single, strict=True)
        return {name: self._likelihood(one, reached, decides) for (name, one), reached, decides in asked}

    def _likelihood(self, answer: Answer, values: Floats, single: Mapping[str, float]) -> Likelihood:
        """Return what draws of a target tell, of which each input explains `single` of the variance by itself [1]."""
        known = values[np.isfinite(values)]
        if not len(known):
            return Likelihood(None, np.nan, np.nan, ())
        tail = 50 * (1 - self.projection.scenario.document.uncertainty.confidence)
        low, high = np.percentile(known, [tail, 100 - tail])
        probability = None if answer.reached is None else float(np.mean(answer.reached(values)))
        figures: dict[str, float] = {}
        for name, share in single.items():
            figures[figure_of(name)] = figures.get(figure_of(name), 0.0) + share
        least = max(_LEAST, draws.noise(len(known), _BY_CHANCE))
        return Likelihood(
            probability, float(low), float(high), _largest(figures, least), self._bars(answer, single, least)
        )

    def _bars(self, answer: Answer, single: Mapping[str, float], least: float) -> tuple[Bar, ...]:
        """Return the longest bars of those inputs that seem to explain most, moved one at a time from the middle."""
        known = (name for name in single if single[name] == single[name])
        names = sorted(known, key=lambda name: -single[name])[:_TRIED]
        if not names:
            return ()
        uniform = {name: np.full(2 * len(names), 0.5) for name in self.drawn.uniform}
        for number, name in enumerate(names):
            uniform[name][2 * number : 2 * number + 2] = _ENDS
        ends = answer.value(self.drawn.sampler.at(uniform)).reshape(-1, 2)
        bars = [
            Bar(name, float(low), float(high), float(single[name]) if single[name] >= least else None)
            for name, (low, high) in zip(names, ends, strict=True)
            if abs(high - low) > _ROUNDING * max(abs(low), abs(high))
        ]
        return tuple(sorted(bars, key=lambda bar: -abs(bar.high - bar.low))[:_BARS])

    @cached_property
    def shares(self) -> xr.DataArray:
        """Quantiles of the measures' Shapley shares (quantile, projected_year, measure, pollutant) [t/yr]."""
        program = self.projection.program
        values = self.drawn.sampler.shares(self.drawn.uniform, _SHARE_DRAWS)
        coords = {
            "quantile": list(QUANTILES), "projected_year": list(program.years),
            "measure": [measure.id for measure in program.measures], "pollutant": list(program.inventory.pollutants),
        }  # fmt: skip
        quantiles = np.quantile(values, QUANTILES, axis=0).transpose(0, 2, 1, 3)
        quantiles[:, _untold(self.projection)] = np.nan
        attrs = {"units": "t", "long_name": "quantiles of Shapley shares", "draws": len(values)}
        return xr.DataArray(quantiles, coords, tuple(coords), "contributions_quantile", attrs)

    def share_ends(self) -> dict[str, xr.DataArray]:
        """Return the 5th and 95th percentile of Shapley shares (year, measure, pollutant) [t/yr], by column name."""
        found = self.shares.rename(projected_year="year")
        return {f"shapley_p{100 * end:02.0f}": found.sel(quantile=end, drop=True) for end in QUANTILES[::2]}

    @cached_property
    def dataset(self) -> xr.Dataset:
        """Quantiles and means of emissions (quantile, year, sector, pollutant) [t/yr]; the last sector is `total`.

        Beside them `contributions_quantile`, as `shares` has it.
        """
        program, sampler = self.projection.program, self.drawn.sampler
        inventory = program.inventory
        sectors = [*sampler.sectors(inventory), ("total", sampler.groups(inventory, None))]
        shape = (len(program.years), len(sectors), len(inventory.pollutants))
        quantiles, means = np.empty((len(QUANTILES), *shape)), np.empty(shape)
        for number, (_, groups) in enumerate(sectors):
            values = self.drawn.projected[:, groups].sum(axis=1)
            quantiles[:, :, number] = np.quantile(values, QUANTILES, axis=0)
            means[:, number] = values.mean(axis=0)
        missing = _not_estimated(self.projection, [groups for _, groups in sectors], sampler)
        quantiles[:, missing], means[missing] = np.nan, np.nan
        coords = {
            "quantile": list(QUANTILES), "projected_year": list(program.years),
            "drawn_sector": [name for name, _ in sectors], "pollutant": list(inventory.pollutants),
        }  # fmt: skip
        dims = tuple(coords)
        return xr.Dataset(
            {
                "emissions_quantile": (dims, quantiles, {"units": "t", "long_name": "quantiles of emissions"}),
                "emissions_mean": (dims[1:], means, {"units": "t", "long_name": "mean of drawn emissions"}),
                "contributions_quantile": self.shares.variable,
            },
            coords | {"measure": self.shares["measure"].values},
            {"draws": self.count},
        )

    def rows(self) -> list[tuple[object, ...]]:
        """Return the rows of uncertainty.csv: quantiles and mean of emissions by year, sector and pollutant [t/yr].

        Years of an inventory stand with half their 95 % interval by draws and by error propagation (`propagation`),
        the one a check of the other.
        """
        program, sampler = self.projection.program, self.drawn.sampler
        found: list[tuple[object, ...]] = []
        for year in sorted((*self.drawn.given, *program.years)):
            inventory = self.projection.inventories.get(year, program.inventory)
            whole = self.drawn.given.get(year)
            values = self.drawn.projected[:, :, program.years.index(year)] if whole is None else whole
            halves = _propagated(inventory) if whole is not None else {}
            sectors = [*sampler.sectors(inventory), ("total", sampler.groups(inventory, None))]
            for sector, groups in sectors:
                drawn = values[:, groups].sum(axis=1)
                low, *quantiles, high = np.quantile(drawn, (0.025, *QUANTILES, 0.975), axis=0)
                for p, pollutant in enumerate(inventory.pollutants):
                    missing = self._lacks(year, sector, pollutant)
                    told = (*(float(one[p]) for one in quantiles), float(drawn[:, p].mean()))
                    half = (float(high[p] - low[p]) / 2, halves.get((sector, pollutant)))
                    cells = (None,) * 6 if missing else (*told, half[0], half[1])
                    found.append((year, sector, pollutant, *cells))
        return found

    def _lacks(self, year: int, sector: str, pollutant: str) -> bool:
        select = None if sector == "total" else Selector(sector=(sector,))
        return bool(self.projection.unknown(year, pollutant, select))

    def bars(self) -> list[tuple[object, ...]]:
        """Return the rows of sensitivity.csv: what a target reaches with one input at its 5th and 95th percentile."""
        return [
            (name, bar.input, bar.share, bar.low, bar.high)
            for name, one in self.likelihoods.items()
            for bar in one.tornado
        ]


def _largest(shares: Mapping[str, float], least: float) -> tuple[tuple[str, float], ...]:
    """Return the inputs that explain most of a variance, the largest first, without those not told from noise."""
    known = sorted((name for name in shares if shares[name] >= least), key=lambda name: -shares[name])
    return tuple((name, min(1.0, float(shares[name]))) for name in known[:_BARS])


def _propagated(inventory: Inventory) -> dict[tuple[str, str], float]:
    """Return half the 95 % interval by error propagation [t/yr], by sector and pollutant; `total` of all."""
    found = {}
    for one in (propagation.totals(inventory, "sector"), propagation.totals(inventory)):
        for row, labels in enumerate(one.names):
            for p, pollutant in enumerate(inventory.pollutants):
                if np.isfinite(one.half[row, p]):
                    found[labels[0] if labels else "total", pollutant] = float(one.half[row, p])
    return found


def _not_estimated(projection: Projection, groups: Sequence[np.ndarray], sampler: Sampler) -> np.ndarray:
    """Return which totals hold a source that is not estimated, year × group list × pollutant."""
    program = projection.program
    inventory = program.inventory
    code = sampler.codes(inventory)
    found = np.zeros((len(program.years), len(groups), len(inventory.pollutants)), dtype=bool)
    for number, year in enumerate(program.years):
        values = projection.emissions.sel(year=year, source=inventory.labels["source"].astype(str)).values
        lacking = np.isnan(values if values.ndim == 2 else values.sum(axis=0))
        for place, mine in enumerate(groups):
            found[number, place] = lacking[np.isin(code, mine)].any(axis=0)
    return found


def _untold(projection: Projection) -> np.ndarray:
    """Return which measures' shares hang on what is not estimated, year × measure × pollutant."""
    program = projection.program
    found = shares(merge(program, np.zeros(len(program.inventory), dtype=np.intp), 1), "shapley")
    missing = np.zeros((len(program.measures), len(program.years), len(program.inventory.pollutants)), dtype=bool)
    np.logical_or.at(missing, found.measure, np.isnan(found.values))
    return missing.transpose(1, 0, 2)


def sample(
    inventory: Inventory, scenario: Scenario, draws: int | None = None, seed: int | None = None, threads: int = 1
) -> Sample:
    """Return draws of a scenario on its base-year inventory.

    Parameters
    ----------
    inventory, scenario
        As for `project`.
    draws, seed : int, optional
        Instead of those of the scenario's `uncertainty`.

    Raises
    ------
    InputError, InfeasibleError
        As `compile_program` does.
    """
    settings = scenario.document.uncertainty
    changed = {"samples": draws or settings.samples, "seed": settings.seed if seed is None else seed}
    document = scenario.document.model_copy(update={"uncertainty": settings.model_copy(update=changed)})
    scenario = replace(scenario, document=document)
    return sample_projection(run(compile_program(inventory, scenario), threads), threads)


def sample_projection(projection: Projection, threads: int = 1, spread: Spread = map) -> Sample:
    """Return draws of a projection, of as many and from the seed that its scenario says; `spread` runs their blocks."""
    scenario = projection.scenario
    targets = scenario.plan.targets
    sampler = Sampler(projection.program, [DUST, *(target.select for target in targets)], threads)
    answers = {}
    days = AlertDays(projection, sampler)
    for target in targets:
        try:
            one = answer_of(projection, target, days)
        except Untold:
            continue
        if one is not None:
            answers[target.id] = one
    others = [*(name for one in answers.values() for name in one.inputs), *air_inputs(projection, targets)]
    mine = set(sampler.inputs)
    others = [name for name in dict.fromkeys(others) if name not in mine]
    return Sample(projection, sampler.draw(scenario.document.uncertainty, others, spread), answers)


def probability_of(program: Program, targets: Sequence[Target], threads: int = 1) -> Callable[[Floats], float]:
    """Return how likely targets are met together [1], as a function of implementation levels, measures × periods [1].

    Every question is answered by the same draws, the first of those that a sample of the scenario would have.

    Raises
    ------
    Untold
        When the draws tell nothing of a target.
    """
    projection = run(program, threads)
    sampler = Sampler(program, [DUST, *(target.select for target in targets)], threads)
    answers = [answer_of(projection, target, AlertDays(projection, sampler)) for target in targets]
    for target, one in zip(targets, answers, strict=True):
        if one is None or one.reached is None:
            raise Untold(f"no probability is told of {target.id}", f"无法给出 {target.id} 的概率")
    settings = program.scenario.document.uncertainty
    names = dict.fromkeys((*sampler.inputs, *air_inputs(projection, targets)))
    count = min(settings.samples, _CHANCE_DRAWS)
    uniform = draws.table(list(names), settings.seed, count, settings.sampling)

    def probability(levels: Floats) -> float:
        drawn = sampler.at(uniform, levels)
        reached = np.ones(count, dtype=bool)
        for one in answers:
            assert one is not None
            assert one.reached is not None
            reached &= one.reached(one.value(drawn))
        return float(reached.mean())

    return probability
