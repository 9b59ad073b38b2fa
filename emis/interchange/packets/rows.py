"""The rows that packets act on: emissions of a source and a pollutant, with the codes that records match them by."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emis.coded import Coded, Texts
from emis.interchange.packets.cells import normal_region, normal_scc
from emis.interchange.packets.hierarchy import left_digits
from emis.inventory import Floats, Inventory

__all__ = ["Rows"]

Indices = NDArray[np.intp]

#: Keys of records, and the attribute of an inventory that holds them.
_ATTRIBUTES = {"unit": "unit_id", "rel_point": "rel_point_id", "process": "process_id", "naics": "naics", "sic": "sic"}


@dataclass(frozen=True)
class Rows:
    """What an inventory states: N rows in the order of its sources, then of its pollutants.

    Attributes
    ----------
    source, pollutant : ndarray, N
        Their numbers in the inventory.
    """

    inventory: Inventory
    source: Indices
    pollutant: Indices

    @classmethod
    def of(cls, inventory: Inventory) -> "Rows":
        """Return the rows that hold a number; what is not estimated, or has no row in a file, takes part in nothing."""
        stated = ~np.isnan(inventory.emissions)
        if inventory.notation is not None:
            stated &= inventory.notation == ""
        source, pollutant = np.nonzero(stated)
        return cls(inventory, source, pollutant)

    def __len__(self) -> int:
        return len(self.source)

    @cached_property
    def emission(self) -> Floats:
        """Emissions of the base year, N [t/yr]."""
        return self.inventory.emissions[self.source, self.pollutant]

    @cached_property
    def control(self) -> Floats:
        """Removal efficiency of what the inventory has in place, N [1]."""
        return self.inventory.control[self.source, self.pollutant]

    @cached_property
    def monthly(self) -> NDArray[np.bool_]:
        """Which rows are of sources that have values by month, N."""
        return np.asarray(self.inventory.profile != "")[self.source]

    def shares(self, year: int) -> Floats:
        """Return the share of a year in each month, N × 12 [1]."""
        return self.inventory.shares(year)[self.source]

    def grid(self, values: Floats) -> Floats:
        """Return values of rows as sources × pollutants, NaN where there is no row."""
        found = np.full(self.inventory.emissions.shape, np.nan)
        found[self.source, self.pollutant] = values
        return found

    def named(self, row: int) -> str:
        """Return source and pollutant of a row."""
        ids, names = self.inventory.labels["source"], self.inventory.pollutants
        return f"{names[self.pollutant[row]]} of {ids[self.source[row]]}"

    @cached_property
    def source_type(self) -> Texts:
        """Source types, N: 01 of major, 02 of area sources; ORL has a column srctype for it, FF10 fac_source_type."""
        of_orl, of_ff10 = self._attribute("srctype"), self._attribute("fac_source_type")
        texts = np.where(of_orl != "", of_orl, of_ff10)
        return _of(Coded.of(texts), lambda text: text.zfill(2) if text else "").texts[self.source]

    @cached_property
    def codes(self) -> Mapping[str, Coded]:
        """By key the value of each source, S; "" for none. Of regulatory codes see `regulatory`."""
        inventory = self.inventory
        region = _mapped(inventory.labels["region"], normal_region)
        scc = _mapped(self._attribute("scc"), normal_scc)
        sic = Coded.of(self._attribute("sic"))
        found = {
            "county": region,
            "state": _of(region, lambda code: code[:-3] if len(code) > 3 else code),
            "facility": Coded.of(inventory.labels["facility"]),
            "scc": scc,
            "sic2": _of(sic, lambda code: code[:2]),
        }
        for at, name in enumerate(("scc2", "scc4", "scc7")):
            found[name] = _of(scc, lambda code, at=at: code[: left_digits(code)[at]])
        for name, attribute in _ATTRIBUTES.items():
            found.setdefault(name, Coded.of(self._attribute(attribute)))
        return found

    @cached_property
    def regulatory(self) -> tuple[Indices, Coded]:
        """Sources and their regulatory (MACT) codes, one entry for each: FF10 joins several of a source by &."""
        texts = Coded.of(self._attribute("reg_codes"))
        parts = [[part.strip() for part in str(text).replace("|", "&").split("&")] for text in texts.values]
        several = [code for code, part in enumerate(parts) if len(part) > 1]
        owner = [np.arange(len(texts))]
        first = np.array([part[0] for part in parts], dtype=object)[texts.codes] if len(texts) else texts.texts
        values = [np.asarray(first, dtype=object)]
        for code in several:
            rows = np.flatnonzero(texts.codes == code)
            for part in parts[code][1:]:
                owner.append(rows)
                values.append(np.full(len(rows), part, dtype=object))
        return np.concatenate(owner).astype(np.intp), Coded.of(np.concatenate(values))

    def _attribute(self, name: str) -> Texts:
        """Return an attribute of sources, blank where there is none; of one by pollutant the first that is not."""
        found = self.inventory.attributes.get(name)
        if found is None:
            return np.full(len(self.inventory), "", dtype=object)
        if found.ndim == 1:
            return found
        return np.asarray(found[np.arange(len(found)), (found != "").argmax(axis=1)], dtype=object)


def _mapped(texts: Texts, normal: object) -> Coded:
    return _of(Coded.of(texts), normal)


def _of(column: Coded, change: object) -> Coded:
    """Return a column with each of its values changed."""
    assert callable(change)
    changed = Coded.of([change(str(value)) for value in column.values.tolist()])
    return Coded(changed.values, changed.codes[column.codes])
