"""What the CF conventions ask of names, units and flags in files of arrays (CF-1.11)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from emis import units
from emis.grammar import read

__all__ = ["CONVENTIONS", "cf_unit", "flags", "variable_names"]

CONVENTIONS = "CF-1.11"
#: Names of units that UDUNITS, whose spelling CF asks for, has too.
_UDUNITS = {
    **{name: name for name in "g kg mg t m km mm s h L J kJ MJ GJ kW kPa".split()},
    "kWh": "kW h", "mg": "mg", "ug": "ug", "ha": "hectare", "d": "day", "day": "day",
}  # fmt: skip


def cf_unit(text: str) -> str:
    """Return a unit as CF spells it, ``g m-2``; "" where UDUNITS has none: a vehicle, a household."""
    if text in ("", "%"):  # a share is held as a fraction
        return "1"
    if text == "degC":
        return "degree_Celsius"
    try:
        factors = read(text).factors
    except units.UnitError:
        return ""
    if any(one.multiplier or one.name not in _UDUNITS for one in factors):
        return ""
    parts = ((name, one.power) for one in factors for name in _UDUNITS[one.name].split())
    return " ".join(name if power == 1 else f"{name}{power}" for name, power in parts)


def flags(*meanings: str) -> Mapping[str, Any]:
    """Return the attributes of a variable of bytes that counts up from 0 through `meanings`."""
    return {"flag_values": np.arange(len(meanings), dtype=np.int8), "flag_meanings": " ".join(meanings)}


def variable_names(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """Return a name of a variable for each name: letters, digits and underscores, no two alike in any case."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = f"{prefix}_{re.sub('[^A-Za-z0-9]+', '_', name).strip('_') or 'x'}"
        chosen, count = plain, 1
        while chosen.lower() in taken:
            count += 1
            chosen = f"{plain}_{count}"
        taken.add(chosen.lower())
        found[name] = chosen
    return found
