"""What is known of the air: observations by year, area and quantity, and where each species comes from."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from emis.airquality.interface import AREAS, SPECIES, Floats

__all__ = [
    "BASES", "MASSES", "ORIGINS", "PARTICLES", "QUANTITIES", "Air", "Daily", "Observation", "Observations", "Shares",
]  # fmt: skip

#: Where a species comes from: an area, or what nothing here changes.
ORIGINS = (*AREAS, "background")
#: Annual mean concentrations.
MASSES = ("PM2.5", "PM10", "NO2", "SO2", "CO", "O3")
#: Temperature and pressure that the mass of particles in a volume of air is told at: those of the standard (0 degC,
#: 101.325 kPa), or those of the day and place.
BASES = ("reference", "ambient")
#: What is told on one of them.
PARTICLES = ("PM2.5", "PM10")
#: What is observed, and the unit it is held in. Species are in per cent of PM2.5 or in ug/m3, and held as shares of it.
QUANTITIES = {
    **dict.fromkeys(MASSES, "ug/m^3"),
    **dict.fromkeys(("heavy_days", "heavy_days_PM2.5", "valid_days"), "day"),
    **dict.fromkeys(("dustfall", "dustfall_background"), "t/(km^2*month)"),
    **dict.fromkeys(SPECIES, "1"),
}


@dataclass(frozen=True, slots=True)
class Observation:
    """A value in the unit of its quantity, with the ends of what it may be; both are the value where none are given.

    `basis` is one of `BASES`, or blank where that is not said or does not matter.
    """

    value: float
    low: float
    high: float
    reference: str = ""
    grade: str = ""
    basis: str = ""

    @property
    def modelled(self) -> bool:
        """Whether it is a guess for a value that nobody published: its reference or its grade E says so."""
        return self.grade == "E" or self.reference.startswith(("modelled", "assumed"))

    def times(self, factor: float) -> "Observation":
        """Return what it would read multiplied by a factor, its ends too."""
        return replace(self, value=self.value * factor, low=self.low * factor, high=self.high * factor)


@dataclass(frozen=True)
class Observations:
    """What was observed, by (year, area, quantity), and by quarter where it was."""

    file: str
    values: dict[tuple[int, str, str], Observation] = field(default_factory=dict)
    by_quarter: dict[tuple[int, str, str, int], Observation] = field(default_factory=dict)

    def get(self, year: int, area: str, quantity: str) -> Observation | None:
        """Return an observation, or None when there is none."""
        return self.values.get((year, area, quantity))

    def basis(self, year: int, area: str) -> str:
        """Return the basis of an area's PM2.5 of a year, or of the city's; blank where neither says one."""
        both = (self.get(year, place, "PM2.5") for place in dict.fromkeys((area, "city")))
        return next((one.basis for one in both if one is not None and one.basis), "")

    def years(self, area: str, quantity: str) -> tuple[int, ...]:
        """Return the years of which something is known, ascending."""
        return tuple(sorted(year for year, a, q in self.values if (a, q) == (area, quantity)))

    def composition(self, year: int, area: str) -> tuple[int, str, tuple[Observation, ...]] | None:
        """Return the nearest composition of PM2.5 at or before a year: its year, its area, and shares by species.

        That of the area itself comes before that of the city, whatever their years.
        """
        for place in dict.fromkeys((area, "city")):
            whole = (one for one in self.years(place, SPECIES[0]) if one <= year)
            for one in sorted(whole, reverse=True):
                parts = tuple(self.values.get((one, place, name)) for name in SPECIES)
                if all(parts):
                    return one, place, tuple(part for part in parts if part is not None)
        return None

    def quarters(self, year: int, area: str) -> Floats | None:
        """Return species of PM2.5 by quarter, (quarter, species) [ug/m3]; None when one of them is missing."""
        wanted = [[(year, area, name, number) for name in ("PM2.5", *SPECIES)] for number in (1, 2, 3, 4)]
        if any(key not in self.by_quarter for keys in wanted for key in keys):
            return None
        found = np.array([[self.by_quarter[key].value for key in keys] for keys in wanted])
        return np.asarray(found[:, :1] * found[:, 1:])


@dataclass(frozen=True)
class Shares:
    """Where the PM2.5 of a receptor comes from, (origin, species) [1], with the ends of what that may be."""

    value: Floats
    low: Floats
    high: Floats

    def areas(self) -> Floats:
        """Return the shares of the areas without the background, (area, species) [1]."""
        return self.value[: len(AREAS)]


@dataclass(frozen=True)
class Daily:
    """Daily means of one area and year, by pollutant, (day,); NaN where a day has none. CO in mg/m3, others ug/m3."""

    values: dict[str, Floats]

    def pm25(self) -> Floats:
        """Return daily PM2.5, (day,) [ug/m3]."""
        return self.values["PM2.5"]

    @property
    def valid(self) -> int:
        """How many days have PM2.5."""
        return int(np.count_nonzero(~np.isnan(self.pm25()))) if "PM2.5" in self.values else 0


@dataclass(frozen=True)
class Air:
    """All that a scenario knows of the air.

    Attributes
    ----------
    shares : mapping
        By receptor: "district", "city".
    daily : mapping
        Daily series by (area, year).
    matrix, surface : model or None
        Read from files; both still lack the base year's concentrations where those are not theirs.
    surface_errors : Errors or None
        How far a surface that was fitted here is off its own model, each run left out in turn.
    """

    observations: Observations
    shares: dict[str, Shares] = field(default_factory=dict)
    daily: dict[tuple[str, int], Daily] = field(default_factory=dict)
    matrix: object | None = None
    surface: object | None = None
    surface_errors: object | None = None

    def base(self, receptor: str, years: Iterable[int]) -> int | None:
        """Return the last of some years in which the receptor's PM2.5 is known."""
        return max((year for year in years if self.observations.get(year, receptor, "PM2.5")), default=None)
