"""What files of every kind exchange: emissions of sources by year, of one scenario."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from emis.coded import Texts
from emis.inventory import Floats, Inventory
from emis.vocabulary import NOMENCLATURES

if TYPE_CHECKING:
    from emis.projection import Projection

__all__ = ["Series", "of_inventory"]


@dataclass(frozen=True)
class Series:
    """Emissions of sources by year, of one scenario.

    S sources, P pollutants, Y years.

    Attributes
    ----------
    inventory : Inventory
        The sources, their labels, and all that is known of them beside their emissions by year. Its own numbers are
        those of its base year.
    years : tuple of int
        Ascending.
    values : ndarray, Y × S × P [t/yr]
        NaN where nothing is known.
    keys : ndarray of str, Y × S × P
        Why nothing is known, or what a zero means: a notation key (NE, NO, IE, NA, C); "" for a number, and for a
        series that has no such year.
    scenario, model : str
        What the file calls them; "" for none.
    no_plan : ndarray, Y × S × P [t/yr], optional
        Emissions without the plan.
    projection : Projection, optional
        What was run, where the series is of a scenario: its measures and what each does to each source.
    notes : tuple of str
        What the file says about itself, and what was made of it on the way.
    """

    inventory: Inventory
    years: tuple[int, ...]
    values: Floats
    keys: Texts
    scenario: str = ""
    model: str = ""
    no_plan: Floats | None = None
    projection: "Projection | None" = None
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        shape = len(self.years), len(self.inventory), len(self.inventory.pollutants)
        if self.values.shape != shape or self.keys.shape != shape:
            raise ValueError(f"values of shape {self.values.shape} are not years x sources x pollutants, {shape}")
        if list(self.years) != sorted(set(self.years)):
            raise ValueError("years must be distinct and ascending")

    @property
    def pollutants(self) -> tuple[str, ...]:
        """The pollutants, in the order of the last axis."""
        return self.inventory.pollutants

    @property
    def codes(self) -> Mapping[str, Texts]:
        """By nomenclature, in small letters as a column is named, the code of each source; "" for none."""
        return {name: self.inventory.attributes[name] for name in NOMENCLATURES if name in self.inventory.attributes}

    @cached_property
    def totals(self) -> Floats:
        """Sums over sources of what is known, Y × P [t/yr]."""
        return np.asarray(np.nansum(self.values, axis=1))

    def of(self, year: int) -> Inventory:
        """Return the inventory of a year: as it is in its base year, of any other as reported tonnes."""
        if year == self.inventory.base_year and self.years == (year,) and self.no_plan is None:
            return self.inventory
        at = self.years.index(year)
        return self.inventory.reporting(year, self.values[at], self.keys[at])


def of_inventory(inventory: Inventory, scenario: str = "", model: str = "", notes: tuple[str, ...] = ()) -> Series:
    """Return an inventory as the series of its one year."""
    shape = (1, len(inventory), len(inventory.pollutants))
    keys = np.full(shape, "", dtype=object) if inventory.notation is None else inventory.notation[None]
    return Series(inventory, (inventory.base_year,), inventory.emissions[None], keys, scenario, model, notes=notes)
