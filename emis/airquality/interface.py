"""What every air-quality model takes and returns: ratios of emissions by area and precursor in, species out.

A model is asked with ratios: emissions of the target over those of the base, (..., area, precursor) [1]. The leading
axes are the caller's: years, draws, implementation vectors. It answers with concentrations, (..., species) [ug/m3],
whose sum is PM2.5. Parameters that are arrays have leading axes of their own, which broadcast against those.
"""

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["AREAS", "PRECURSORS", "SPECIES", "Floats", "Model", "ratios"]

Floats: TypeAlias = NDArray[np.float64]

#: Where emissions come from, beside a background that nothing here changes.
AREAS = ("district", "city", "region")
#: What is emitted: gases, black and organic carbon of PM2.5, and mineral dust of PM2.5. Of primary PM2.5 as a whole
#: nothing is asked: dust is most of it in an inventory, and not in the air.
PRECURSORS = ("SO2", "NOx", "NH3", "VOC", "BC", "OC", "dust")
#: What PM2.5 consists of: sulfate, nitrate, ammonium, organic matter, elemental carbon, minerals, water, and the rest.
SPECIES = ("SO4", "NO3", "NH4", "OM", "EC", "crustal", "water", "other")


class Model(Protocol):
    """One way from emissions to PM2.5."""

    @property
    def name(self) -> str:
        """As scenarios name it."""

    @property
    def species(self) -> tuple[str, ...]:
        """What the last axis of `concentrations` holds: `SPECIES`, or PM2.5 alone."""

    def concentrations(self, ratio: Floats) -> Floats:
        """Return concentrations, (..., species) [ug/m3], of ratios, (..., area, precursor) [1]."""
        ...

    def remarks(self, ratio: Floats) -> tuple[tuple[str, str], ...]:
        """Return what a reader should know of an answer (asked outside its range, ...), in English and Chinese."""
        ...


def ratios(emissions: Floats, base: Floats) -> Floats:
    """Return emissions over those of the base, for models that are asked with tonnes, (..., area, precursor) [1].

    Where nothing was emitted and nothing is, the ratio is 1.

    Raises
    ------
    ValueError
        When something is emitted of which the base has none: no ratio tells how much that is.
    """
    emissions, base = np.asarray(emissions, dtype=float), np.asarray(base, dtype=float)
    if np.any((base == 0) & (emissions > 0)):
        raise ValueError("something is emitted of which the base has nothing: there is no ratio")
    return np.divide(emissions, base, out=np.ones(np.broadcast_shapes(emissions.shape, base.shape)), where=base > 0)
