"""Figures of a result: each function returns the chart and the tidy frame that it draws.

One chart serves for SVG, PNG and, with tooltips, a page; nothing is fetched for any of them.
"""

from collections.abc import Callable

from emis.errors import InputError
from emis.figures.ambient import air, origins
from emis.figures.balance import waterfall
from emis.figures.by_month import months
from emis.figures.by_year import sectors, years
from emis.figures.drawing import Figure, Undrawn, html, png, specification, svg
from emis.figures.grid import heat_map
from emis.figures.inventories import inventory
from emis.figures.lettering import Lang
from emis.figures.price import cost_curve
from emis.figures.promises import milestones
from emis.figures.spread import tornado
from emis.figures.verdict_bars import targets
from emis.io.results import Result

__all__ = [
    "FIGURES", "Figure", "Lang", "Undrawn", "air", "all_figures", "cost_curve", "heat_map", "html", "inventory",
    "milestones", "months", "origins", "png", "sectors", "specification", "svg", "targets", "tornado", "waterfall",
    "years",
]  # fmt: skip

#: Every figure, in the order of a report: what became of the targets, why, how sure that is, and what would help.
FIGURES: tuple[Callable[[Result, Lang], Figure], ...] = (
    targets, sectors, years, waterfall, heat_map, months, air, origins, tornado, cost_curve, milestones, inventory,
)  # fmt: skip


def all_figures(result: Result, lang: Lang = "en") -> list[Figure]:
    """Return the figures that can be drawn of a result, as they are when nothing further is asked of them.

    A figure of what the result does not have is left out: all of them where it was written without a report.
    """
    found = []
    for draw in FIGURES:
        try:
            found.append(draw(result, lang))
        except Undrawn:
            continue
        except InputError:  # there is no report.json
            return []
    return found
