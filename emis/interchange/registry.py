"""The formats, one table of them all; the order decides which of two that recognise a file reads it."""

from emis.interchange import cost, ff10, own, results
from emis.interchange.formats import Format

__all__ = ["FORMATS"]

FORMATS: dict[str, Format] = {
    one.name: one
    for one in (results.RESULT, results.SCENARIO, ff10.FF10, ff10.ORL, cost.COST, own.INVENTORY)
}  # fmt: skip
