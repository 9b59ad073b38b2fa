"""What was drawn, and what totals reach in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emis.inventory import Floats
from emis.selectors import Selector

if TYPE_CHECKING:
    from emis.uncertainty.sampling import Sampler

__all__ = ["Drawn", "Uniform"]

#: Uniform draws by input, (draw,) each.
Uniform = Mapping[str, Floats]


@dataclass(frozen=True)
class Drawn:
    """Emissions drawn, by group of sources: (draw, group, year, pollutant) [t/yr], and of inventories by their year.

    What is not estimated counts as zero: whoever asks for a total knows which of its sources are.
    """

    sampler: "Sampler"
    uniform: Uniform
    projected: Floats
    given: Mapping[int, Floats]
    levels: Floats | None = None

    def total(self, year: int, pollutant: str, select: Selector | None = None) -> Floats:
        """Return the emissions of a selection in a year, (draw,) [t]; a year with an inventory is that inventory.

        Raises
        ------
        KeyError
            When the sampler was not told of the selection, or has no such year or pollutant.
        """
        if year in self.given:
            inventory = self.sampler.inventories[year]
            groups = self.sampler.groups(inventory, select)
            return np.asarray(self.given[year][:, groups, inventory.pollutants.index(pollutant)].sum(axis=1))
        program = self.sampler.program
        groups, column = self.sampler.groups(program.inventory, select), program.inventory.pollutants.index(pollutant)
        return np.asarray(self.projected[:, groups, program.years.index(year), column].sum(axis=1))
