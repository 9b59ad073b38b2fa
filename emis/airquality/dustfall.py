"""Dustfall: what falls is what nobody controls plus a part that goes with the dust raised nearby."""

import numpy as np

from emis.airquality.interface import Floats

__all__ = ["dustfall", "local_cut_needed"]


def dustfall(before: Floats | float, background: Floats | float, ratio: Floats | float) -> Floats:
    """Return dustfall after a change of the dust that is raised, (...) [as `before`].

    D1 = D_bg + (D0 - D_bg) sum over sources of w TSP1/TSP0, where the weights w are the sources' shares of TSP, so
    that the sum is the ratio of the totals. Coarse particles fall within kilometres: only the district's own count.

    Parameters
    ----------
    before, background : (...) [t/(km2 month)]
        Dustfall of the base year, and the part that nothing here changes.
    ratio : (...) [1]
        TSP emitted over that of the base year.

    Raises
    ------
    ValueError
        When the background is more than what falls.
    """
    before, background = np.asarray(before, dtype=float), np.asarray(background, dtype=float)
    if np.any(background > before):
        raise ValueError("the background is more than all that falls")
    return np.asarray(background + (before - background) * ratio)


def local_cut_needed(reduction: float, before: Floats | float, background: Floats | float) -> Floats:
    """Return by how much the controllable part must fall for a reduction of the whole, (...) [1]; above 1 is never.

    cut = reduction D0 / (D0 - D_bg).
    """
    before, background = np.asarray(before, dtype=float), np.asarray(background, dtype=float)
    local = before - background
    needed: Floats = np.divide(reduction * before, local, out=np.full(np.shape(local), np.inf), where=local > 0)
    return needed
