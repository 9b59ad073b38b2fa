"""A scenario's case of the air: its models with their parameters, and the emissions of the three areas.

Every parameter has a low, a likely and a high value. Without draws a case takes the likely ones; with draws, uniform
numbers by parameter name, it takes what they stand for, and everything below grows an axis of draws in front.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from emis import draws
from emis.air_settings import AirQuality
from emis.airquality.attainment import Attainment
from emis.airquality.interface import AREAS, PRECURSORS, SPECIES, Floats, Model
from emis.airquality.matrix import Matrix
from emis.airquality.matrix_builders import tm5_fasst
from emis.airquality.observed import Air, Observation, Shares
from emis.airquality.rollback import RESPONSES, Proportional, Response, Rollback
from emis.airquality.surface import Surface
from emis.ambient.words import AREA_ZH, MODEL_ZH
from emis.projection import Projection
from emis.scenario import Scenario
from emis.selectors import Selector
from emis.target_amounts import Untold
from emis.uncertainty.drawn import Drawn

__all__ = ["DUST", "SCOPES", "TERMS", "UNCHANGED", "Case", "Uniform", "known_air", "noise", "taken"]

#: Uniform draws by parameter, (draw,); None takes the likely values.
Uniform: TypeAlias = Mapping[str, Floats] | None

DUST = Selector(sector=("dust",))
#: Whose change counts: the district's alone, with the rest of the city's, with the rest of the region's.
SCOPES = ("district", "with_city", "with_region")
#: Nobody's: all emit as in the base year.
UNCHANGED = "unchanged"
#: What the uncertain parameters belong to, in the words of a reader; those of a term are drawn together.
TERMS = (
    "emissions", "base", "composition", "share", "response", "outside", "weather", "monitor", "spread", "count",
)  # fmt: skip
#: Structural uncertainty of linear models by species, as factors on the response: low and high (EPA/IEc, Evaluating
#: Reduced-Form Tools, 2019: primary within a quarter, sulfate within 40 %, nitrate and secondary organics within two).
_STRUCTURE = {
    "SO4": (0.6, 1.4), "NO3": (0.5, 2.0), "NH4": (0.6, 1.4), "OM": (0.5, 2.0),
    "EC": (0.75, 1.25), "crustal": (0.75, 1.25), "water": (1.0, 1.0), "other": (1.0, 1.0),
}  # fmt: skip
#: Structural uncertainty of a response surface, as factors on the change it tells: its chemical transport model is off
#: by 20-30 % whatever the surface is off that model.
_SURFACE = (0.7, 1.3)


@dataclass(frozen=True)
class Case:
    """The air at a receptor.

    Attributes
    ----------
    receptor : "district" or "city"
    base_year, target_year : int
    mass : Observation
        PM2.5 of the base year [ug/m3].
    composition : tuple of Observation
        Shares of PM2.5 by species [1].
    shares : Shares
    quarters : ndarray, (quarter, species) [ug/m3], or None
        What was observed by quarter in the base year: its composition then, in place of that of the year.
    district : mapping
        Emissions of the district by (year, with the plan or without) over those of the base year, (precursor,) [1].
    held : tuple of str
        Precursors that the inventory does not have: the district's are taken as unchanged.
    neighbours : float, optional
        Cut of all precursors that city and region have made [1], in place of what is assumed of them.
    drawn : mapping, optional
        Draws of the district's ratios by year, with the plan, (draw, precursor) [1].
    reads : float
        What PM2.5 after the base year reads, over what it reads on the base year's basis [1].
    """

    receptor: str
    settings: AirQuality
    air: Air
    base_year: int
    target_year: int
    mass: Observation
    composition: tuple[Observation, ...]
    composed: tuple[int, str]
    shares: Shares
    quarters: Floats | None
    district: Mapping[tuple[int, bool], Floats]
    held: tuple[str, ...]
    neighbours: float | None = None
    drawn: Mapping[int, Floats] | None = None
    reads: float = 1.0

    # -- building ----------------------------------------------------------------------------------------------------

    @classmethod
    def of(cls, projection: Projection, receptor: str = "district", drawn: Drawn | None = None) -> "Case":
        """Return the case of a projection, with the draws of its emissions where there are some.

        Raises
        ------
        Untold
            When the scenario does not say what it takes to tell a concentration.
        """
        scenario = projection.scenario
        settings, air = known_air(scenario)
        base = scenario.plan.base_year
        if receptor != AREAS[0] and _own_file(settings, air):
            name = settings.models[0]
            raise Untold(f"{name} was read for the {AREAS[0]}", f"{MODEL_ZH[name]}仅适用于本区")
        mass = air.observations.get(base, receptor, "PM2.5")
        if mass is None:
            raise Untold(
                f"PM2.5 of the {receptor} in the base year {base} is not in {air.observations.file}",
                f"{air.observations.file} 缺少{AREA_ZH[receptor]} {base} 年 PM2.5 浓度",
            )
        composed = air.observations.composition(base, receptor)
        if composed is None:
            raise Untold(
                f"the composition of PM2.5 in or before {base} is not in {air.observations.file}",
                f"{air.observations.file} 缺少 {base} 年及以前的 PM2.5 组分",
            )
        if receptor not in air.shares:
            raise Untold(
                f"where the PM2.5 of the {receptor} comes from is not said: name a table of shares in"
                " air_quality.shares; no published figure tells a district's own part",
                f"未说明{AREA_ZH[receptor]} PM2.5 的来源占比：请在 air_quality.shares 中给出；区级自身贡献无公开数据",
            )
        district, held = _district(projection, base)
        return cls(
            receptor, settings, air, base, _target_year(scenario), mass, composed[2], composed[:2],
            air.shares[receptor], air.observations.quarters(base, receptor), district, held,
            drawn=None if drawn is None else _drawn(projection, drawn, base, held),
        )  # fmt: skip

    @property
    def years(self) -> tuple[int, ...]:
        """The years that are modelled, ascending."""
        return tuple(sorted({year for year, _ in self.district if year > self.base_year}))

    @property
    def own_file(self) -> bool:
        """Whether the first model comes from a file, so that shares of origin are not in its answer."""
        return _own_file(self.settings, self.air)

    def on(self, basis: str) -> "Case":
        """Return the case that tells years after the base year as they read on a basis."""
        return replace(self, reads=self.settings.reads(self.mass.basis, basis))

    # -- parameters --------------------------------------------------------------------------------------------------

    def parameters(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the parameters of each term that a concentration hangs on."""
        outside = [
            f"{area} {name}" for area in AREAS[1:] for name in PRECURSORS if self.settings.outside.of(area, name)
        ]
        return {
            "base": ("PM2.5",),
            "composition": tuple(f"part {name}" for name in SPECIES),
            "share": tuple(f"share {name}" for name in (*AREAS, "background")),
            "response": (*RESPONSES, *(f"structure {name}" for name in SPECIES), "structure surface"),
            "outside": tuple(outside),
            "weather": ("weather",),
            "monitor": ("monitor",),
        }

    def base(self, uniform: Uniform = None) -> Floats:
        """Return concentrations of the base year, (..., species) [ug/m3]."""
        mass = taken(uniform, "PM2.5", self.mass)
        parts = np.stack(
            [taken(uniform, f"part {name}", one) for name, one in zip(SPECIES, self.composition, strict=True)], axis=-1
        )
        return np.asarray(mass[..., None] * parts / parts.sum(axis=-1, keepdims=True))

    def origins(self, uniform: Uniform = None) -> Floats:
        """Return which part of each species comes from each area, (..., area, species) [1]; the rest is background.

        The shares of an area vary together over the species; all are then scaled so that they sum to 1.
        """
        if uniform is None:
            return self.shares.areas()
        drawn = np.stack(
            [
                draws.triangle(
                    uniform[f"share {name}"][:, None], self.shares.low[n], self.shares.value[n], self.shares.high[n]
                )
                for n, name in enumerate((*AREAS, "background"))
            ],
            axis=1,
        )
        whole: Floats = (drawn / drawn.sum(axis=1, keepdims=True))[:, : len(AREAS)]
        return whole

    def response(self, uniform: Uniform = None) -> Response:
        """Return the coefficients of the rollback."""
        found = {}
        for name in RESPONSES:
            low, high = self.settings.spread(name)
            found[name] = draws.flat(np.asarray(0.5) if uniform is None else uniform[name], low, high)
        return Response(**found)

    # -- models ------------------------------------------------------------------------------------------------------

    def model(self, name: str, uniform: Uniform = None) -> Model:
        """Return a model with its parameters, likely or drawn."""
        base, origins, response = self.base(uniform), self.origins(uniform), self.response(uniform)
        if name == "rollback":
            return Rollback(base, origins, response)
        if name == "proportional":
            return Proportional.of_species(base, origins, response.primary_organic)
        if name == "attainment":
            rollback = Rollback(base, origins, response)
            if self.quarters is None:
                return Attainment.of_year(base, rollback)
            # As they were observed, about the mean of the year, whatever that is drawn to be.
            course = self.quarters / self.quarters.sum(axis=-1).mean()
            return Attainment(base.sum(axis=-1)[..., None, None] * course, rollback)
        if name == "source_receptor":
            return self._matrix(base, origins, uniform)
        return self._surface(base, uniform)

    def _surface(self, base: Floats, uniform: Uniform) -> Surface:
        """Return the response surface on the receptor's concentrations; drawn, more or less of the change it tells."""
        assert isinstance(self.air.surface, Surface)
        surface = self.air.surface.from_base(base)
        if uniform is None:
            return surface
        factor = draws.triangle(uniform["structure surface"], _SURFACE[0], 1.0, _SURFACE[1])
        return replace(surface, coefficients=surface.coefficients * factor[..., None, None])

    def _matrix(self, base: Floats, origins: Floats, uniform: Uniform) -> Matrix:
        """Return the matrix that was read, or TM5-FASST's response of China on the receptor's own composition."""
        read = self.air.matrix
        assert read is None or isinstance(read, Matrix)
        matrix = tm5_fasst(base, origins) if read is None else replace(read, base=base)
        if uniform is None:
            return matrix
        structure = np.stack([_structure(uniform, name) for name in SPECIES], axis=-1)
        return replace(matrix, response=matrix.response * structure[:, None, None, :])

    # -- emissions ---------------------------------------------------------------------------------------------------

    def ratio(self, year: int, scope: str, uniform: Uniform = None, plan: bool = True) -> Floats:
        """Return emissions over those of the base year, (..., area, precursor) [1], as far as a scope counts them."""
        if scope == UNCHANGED:
            return np.ones((len(AREAS), len(PRECURSORS)))
        own = self.drawn if uniform is not None and plan else None
        found = [self.district[year, plan] if own is None else own[year]]
        for number, area in enumerate(AREAS[1:], start=1):
            counts = SCOPES.index(scope) >= number
            found.append(self._outside(area, year, uniform) if counts else np.ones(len(PRECURSORS)))
        return np.stack(np.broadcast_arrays(*found), axis=-2)

    def _outside(self, area: str, year: int, uniform: Uniform) -> Floats:
        if self.neighbours is not None:
            return np.full(len(PRECURSORS), 1.0 - self.neighbours)
        found = []
        for name in PRECURSORS:
            change = self.settings.outside.of(area, name)
            if change is None:
                found.append(np.ones(()))
                continue
            value = np.asarray(change.at(year, self.base_year, self.target_year))
            if uniform is not None and change.low is not None and change.high is not None:
                drawn = draws.triangle(uniform[f"{area} {name}"], change.low, change.last, change.high)
                value = value + (drawn - change.last) * change.come(year, self.base_year, self.target_year)
            found.append(np.maximum(1.0 + value, 0.0))
        return np.stack(np.broadcast_arrays(*found), axis=-1)

    def pm25(self, name: str, year: int, scope: str, uniform: Uniform = None, plan: bool = True) -> Floats:
        """Return PM2.5 by a model in a year, (...) [ug/m3], as it reads on the case's basis.

        Drawn, it is what would be measured: weather and monitor are in it.
        """
        ratio = self.ratio(year, scope, uniform, plan)
        found = noise(self.settings, uniform, self.settings.weather) * self._total(name, ratio, uniform)
        return np.asarray(self.reads * found)

    def level(self, name: str, uniform: Uniform = None) -> Floats:
        """Return PM2.5 of the base year as a model has it, (...) [ug/m3]: without weather or monitor of another."""
        return self._total(name, self.ratio(self.base_year, UNCHANGED), uniform)

    def _total(self, name: str, ratio: Floats, uniform: Uniform) -> Floats:
        return np.asarray(self.model(name, uniform).concentrations(ratio).sum(axis=-1))


def noise(settings: AirQuality, uniform: Uniform, weather: float) -> Floats:
    """Return what weather, of a standard deviation [1], and monitor of a single year do to its mean, (...) [1]."""
    if uniform is None:
        return np.ones(())
    return draws.bell(uniform["weather"], weather) * draws.bell(uniform["monitor"], settings.monitor)


def known_air(scenario: Scenario) -> tuple[AirQuality, Air]:
    """Return settings and observations of the air.

    Raises
    ------
    Untold
        When the scenario has none.
    """
    settings, air = scenario.document.air_quality, scenario.air
    if settings is None:
        raise Untold(
            "no air-quality model is run: emissions alone do not tell what is in the air",
            "未运行空气质量模型：仅凭排放量不能判定空气质量",
        )
    if air is None or settings.observed is None:
        raise Untold("air_quality names no table of observations", "air_quality 未给出观测数据表 (observed)")
    return settings, air


def _own_file(settings: AirQuality, air: Air) -> bool:
    """Tell whether the first model comes from a file, which is of one receptor: the district."""
    read = {"source_receptor": air.matrix, "response_surface": air.surface}
    return read.get(settings.models[0]) is not None


def taken(uniform: Uniform, name: str, one: Observation) -> Floats:
    """Return the likely value of an observation, or what its draws stand for."""
    return np.asarray(one.value) if uniform is None else draws.triangle(uniform[name], one.low, one.value, one.high)


def _structure(uniform: Mapping[str, Floats], species: str) -> Floats:
    low, high = _STRUCTURE[species]
    return draws.triangle(uniform[f"structure {species}"], low, 1.0, high)


def _target_year(scenario: Scenario) -> int:
    return scenario.plan.target_year or max(scenario.years)


def _district(projection: Projection, base: int) -> tuple[dict[tuple[int, bool], Floats], tuple[str, ...]]:
    """Return the district's emissions over those of the base year, and the precursors it has no figures of."""
    inventory = projection.program.inventory
    held = tuple(name for name in PRECURSORS if not _known(projection, name))
    found = {}
    before = {name: _amount(projection, name, base, True) for name in PRECURSORS if name not in held}
    for year in (base, *(year for year in projection.scenario.years if year not in projection.inventories)):
        for plan in (True, False):
            ratio = np.ones(len(PRECURSORS))
            for number, name in enumerate(PRECURSORS):
                if name in held:
                    continue
                after = _amount(projection, name, year, plan)
                if before[name] == 0 and after > 0:
                    raise Untold(
                        f"{inventory.name} has no {name} in {base} that its emissions of {year} could be compared with",
                        f"{base} 年 {name} 排放为零，无法与 {year} 年比较",
                    )
                ratio[number] = after / before[name] if before[name] > 0 else 1.0
            found[year, plan] = ratio
    return found, held


def _drawn(projection: Projection, drawn: Drawn, base: int, held: tuple[str, ...]) -> dict[int, Floats]:
    """Return draws of the district's emissions over those of the base year, (draw, precursor) [1], by year."""

    def amounts(year: int) -> Floats:
        found = []
        for name in PRECURSORS:
            pollutant, select = ("PM2.5", DUST) if name == "dust" else (name, None)
            found.append(np.ones(()) if name in held else drawn.total(year, pollutant, select))
        return np.stack(np.broadcast_arrays(*found), axis=-1)

    before = amounts(base)
    years = (year for year in projection.scenario.years if year not in projection.inventories)
    return {base: np.ones_like(before)} | {
        year: np.divide(amounts(year), before, out=np.ones_like(before), where=before > 0) for year in years
    }


def _known(projection: Projection, precursor: str) -> bool:
    inventory = projection.program.inventory
    if precursor == "dust":
        return "PM2.5" in inventory.pollutants and "dust" in inventory.values("sector")
    return precursor in inventory.pollutants


def _amount(projection: Projection, precursor: str, year: int, plan: bool) -> float:
    """Return what the district emits of a precursor [t/yr]: mineral dust is the PM2.5 of the sector dust."""
    dust = precursor == "dust"
    pollutant, select = ("PM2.5", DUST) if dust else (precursor, None)
    if missing := projection.unknown(year, pollutant, select):
        names = ", ".join(missing[:3])
        raise Untold(f"{pollutant} of {names} is not estimated in {year}", f"{year} 年 {names} 的 {pollutant} 未估算")
    amount = projection.total(year, pollutant, select, plan=plan)
    if np.isnan(amount):
        raise Untold(f"{pollutant} {year} is not estimated", f"{pollutant} {year} 未估算")
    return amount
