"""Weights in tables: numbers, 0 or more, where a notation key says nothing."""

import numpy as np

from emis.coded import Codes
from emis.inventory import Floats
from emis.io.many import ManyReader

__all__ = ["weights"]


def weights(reader: ManyReader, rows: Codes, name: str) -> Floats:
    """Return the numbers of a column; what is none, or below 0, is a fault, and 0 here."""
    values, keys = reader.values(rows, name)
    for row in np.flatnonzero(keys != "").tolist():
        reader.fault(int(rows[row]), name, f"{keys[row]} is no weight", "write a number, 0 or more")
    return np.where(np.isfinite(values), values, 0.0)
