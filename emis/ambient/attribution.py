"""Which measure the district's part of a concentration is owed to, along the ray from no plan to the plan.

With x the levels of all measures, a measure's share is the integral over l from 0 to 1 of

    sum over precursors p of  dC/dE_p (E(l x)) . x_i dE_p/dx_i (l x)

the Aumann-Shapley share, which is the Shapley share where C is linear. Shares add up to what the plan does. Emissions
are multilinear in x, so x_i dE/dx_i is a plain difference, exact: E with x_i in place less E without it, all others at
l x.

Where a model has a kink on the way (nitrate that is all gone, a surface at the edge of its box) a rule of quadrature
misses it: the ray is cut into more panels until each says what the model does between its ends. What is then left, by
rounding or in the narrow panel that holds the kink, is shared out as the panel's changes are, so that shares add up.
"""

from dataclasses import replace

import numpy as np
import xarray as xr

from emis.airquality.interface import PRECURSORS, Floats
from emis.ambient.case import Case
from emis.classes import Classes, merge, sector_groups
from emis.kernels import totals
from emis.program import Program
from emis.projection import Projection

__all__ = ["concentration_contributions"]

#: Nodes of the Gauss-Legendre rule: exact for a source that up to thirty measures touch.
_NODES = 16
#: How far a panel may be off what the model does between its ends, over the base year's PM2.5 [1], unless it is as
#: narrow as `_NARROW`.
_CLOSE = 1e-8
_NARROW = 2.0**-16
_FAINT = 1e-9
#: Half the step of the slopes of a model, in ratios [1]; models are smooth on that scale.
_STEP = 1e-5


def concentration_contributions(projection: Projection, case: Case, threads: int = 1) -> xr.DataArray:
    """Return what each measure changes of PM2.5, the neighbours as in the base year, (year, measure) [ug/m3].

    By the first model of the scenario; negative is a reduction. The sum is the district's plan against no plan, to
    1e-9 of it, whether or not the model has kinks. Caps take what they remove beyond the other measures.
    """
    program = projection.program
    ray = _Ray(program, case, threads)
    shares = ray.shares()
    if program.caps:
        shares += ray.capped()
    measures = [measure.id for measure in program.measures]
    attrs = {"units": "ug m-3", "long_name": "contribution to PM2.5 by the district alone"}
    return xr.DataArray(
        shares, {"year": list(program.years), "measure": measures}, ("year", "measure"), "concentration", attrs
    )


class _Ray:
    """Emissions of the district by precursor along the ray, and the slopes of the model at them."""

    def __init__(self, program: Program, case: Case, threads: int):
        self.program, self.case, self.threads = program, case, threads
        self.model = case.model(case.settings.models[0])
        self.sectors, self.group = sector_groups(program.inventory)
        self.free = self._classes(replace(program, caps=()))
        inventory = program.inventory
        by_source = inventory.emissions[None, None]
        by_group = np.zeros((1, 1, len(self.sectors), len(inventory.pollutants)))
        for number in range(len(self.sectors)):
            by_group[0, 0, number] = np.nansum(by_source[0, 0, self.group == number], axis=0)
        self.base = self._precursors(by_group)[0, 0]

    def _classes(self, program: Program) -> Classes:
        return merge(program, self.group, len(self.sectors))

    def _precursors(self, by_group: Floats) -> Floats:
        """Return emissions by precursor, (..., precursor) [t], of those by sector and pollutant."""
        pollutants = self.program.inventory.pollutants
        found = np.zeros((*by_group.shape[:-2], len(PRECURSORS)))
        for number, name in enumerate(PRECURSORS):
            if name in self.case.held:
                continue
            if name == "dust":
                found[..., number] = by_group[..., self.sectors.index("dust"), pollutants.index("PM2.5")]
            else:
                found[..., number] = by_group[..., pollutants.index(name)].sum(axis=-1)
        return found

    def _emissions(self, classes: Classes, vectors: Floats) -> Floats:
        """Return emissions over those of the base year, (vector, year, precursor) [1]."""
        found = self._precursors(totals(classes, vectors, self.threads))
        return np.asarray(np.divide(found, self.base, out=np.ones_like(found), where=self.base > 0))

    def _concentration(self, district: Floats) -> Floats:
        """Return PM2.5 with the district's ratios (..., precursor) and the neighbours' at 1, (...) [ug/m3]."""
        ratio = np.ones((*district.shape[:-1], 3, len(PRECURSORS)))
        ratio[..., 0, :] = district
        return np.asarray(self.model.concentrations(ratio).sum(axis=-1))

    def _slopes(self, district: Floats) -> Floats:
        """Return dC/de of the district's ratios, (year, precursor) [ug/m3]."""
        steps = _STEP * np.eye(len(PRECURSORS))
        up, down = (self._concentration(district[:, None] + sign * steps) for sign in (1, -1))
        return np.asarray((up - down) / (2 * _STEP))

    def shares(self) -> Floats:
        """Return the shares of all measures without the caps, (year, measure) [ug/m3]."""
        found = np.zeros((len(self.program.years), len(self.program.levels)))
        panels, level = [(0.0, 1.0)], float(self.case.level(self.case.settings.models[0]))
        while panels:
            low, high = panels.pop()
            part, moved = self._panel(low, high)
            before, after = (self._concentration(self._at(end)) for end in (low, high))
            gap = after - before - part.sum(axis=1)
            if high - low <= _NARROW or np.all(np.abs(gap) <= _CLOSE * level):
                found += part + gap[:, None] * _over(moved, moved.sum(axis=1, keepdims=True))
                continue
            middle = (low + high) / 2
            panels += [(low, middle), (middle, high)]
        return found

    def _at(self, along: float) -> Floats:
        """Return the district's ratios at a point of the ray, (year, precursor) [1]."""
        return np.asarray(self._emissions(self.free, along * self.program.levels[None])[0])

    def _panel(self, low: float, high: float) -> tuple[Floats, Floats]:
        """Return the shares of a panel by the rule, and how much each measure moves in it, (year, measure) [ug/m3]."""
        levels, count = self.program.levels, len(self.program.levels)
        found, moved = (np.zeros((len(self.program.years), count)) for _ in range(2))
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        for node, weight in zip(low + (high - low) * (nodes + 1) / 2, (high - low) * weights / 2, strict=True):
            vectors = np.repeat((node * levels)[None], 2 * count + 1, axis=0)
            own = np.arange(count)
            vectors[own, own] = levels
            vectors[count + own, own] = 0.0
            ratio = self._emissions(self.free, vectors)
            change = ratio[:count] - ratio[count : 2 * count]  # measure, year, precursor
            slopes = self._slopes(ratio[-1])
            found += weight * np.einsum("yp,myp->ym", slopes, change)
            # Something where the model does not answer at any node: what is left of a kink needs someone to go to.
            moved += weight * np.einsum("yp,myp->ym", np.abs(slopes) + _FAINT, np.abs(change))
        return found, moved

    def capped(self) -> Floats:
        """Return what caps take off beyond the other measures, (year, measure) [ug/m3], each as it would alone."""
        levels = self.program.levels[None]
        free = self._concentration(self._emissions(self.free, levels)[0])
        whole = self._concentration(self._emissions(self._classes(self.program), levels)[0]) - free
        own = np.zeros((len(self.program.years), levels.shape[1]))
        for cap in self.program.caps:
            one = self._classes(replace(self.program, caps=(cap,)))
            own[:, cap.measure] += self._concentration(self._emissions(one, levels)[0]) - free
        return whole[:, None] * _over(own, own.sum(axis=1, keepdims=True))


def _over(part: Floats, whole: Floats) -> Floats:
    """Return parts over their sum, nothing where that is nothing."""
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part), where=whole != 0))
