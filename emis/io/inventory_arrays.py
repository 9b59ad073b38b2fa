"""Inventories as arrays: all that one holds as a dataset by the CF conventions, and the same inventory of it again."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from emis import vocabulary
from emis._version import __version__
from emis.coded import Coded, Labels, Places, Texts, increasing
from emis.crosschecks import CrossCheck
from emis.errors import Issues
from emis.inventory import FactorRow, Floats, Inventory, Stock
from emis.io.array_reading import Arrays, groups_in, open_arrays
from emis.io.cf import CONVENTIONS, cf_unit, flags, variable_names
from emis.sectors import columns_of
from emis.selectors import Selector

__all__ = ["KEYS", "KIND", "from_dataset", "key_attributes", "key_codes", "load_arrays", "to_dataset"]

KIND = "inventory/1"
#: Notation keys in the order of their flags; "" is a number.
KEYS = ("", *vocabulary.NOTATION_KEYS)
_S, _SP = ("source",), ("source", "pollutant")
_ENDS = ("activity_low", "activity_high", "factor_low", "factor_high")
_PER = "t per unit of activity_unit"
_OWN_UNIT = "in the unit of activity_unit, per year"
_ARRAYS = {
    "activity": (_S, {"units": "1", "long_name": "activity of the base year", "comment": _OWN_UNIT}),
    "factor": (_SP, {"units": "t", "long_name": "emission factor, existing control included", "comment": _PER}),
    "control": (_SP, {"units": "1", "long_name": "removal efficiency of existing control, inside the factor"}),
    "offsite": (_S, {"units": "t", "long_name": "CO2 caused outside the inventory", "comment": _PER}),
    "added": (_SP, {"units": "1", "long_name": "share of the factor that a method added"}),
    "basis_cv": (_S, {"units": "1", "long_name": "coefficient of variation of the count in basis"}),
    **{
        f"activity_{end}": (_S, {"units": "1", "long_name": f"activity, {end} end of its 95 % interval"})
        for end in ("low", "high")
    },
    **{
        f"factor_{end}": (_SP, {"units": "t", "long_name": f"factor, {end} end of its 95 % interval", "comment": _PER})
        for end in ("low", "high")
    },
}  # fmt: skip
_TEXTS = {
    "activity_unit": "unit of the activity",
    "profile": "monthly profile of the activity",
    "basis": "count that the activity hangs on, beside others",
    "reference": "where the figures come from",
    "grade": "grade of the figures, A measured to E assumed",
}
_POINTS = {
    "lon": {"units": "degrees_east", "standard_name": "longitude", "long_name": "longitude of a point source"},
    "lat": {"units": "degrees_north", "standard_name": "latitude", "long_name": "latitude of a point source"},
}
_LABELS = ("source", *vocabulary.LABELS)


def key_codes(keys: Texts) -> "np.ndarray[Any, np.dtype[np.int8]]":
    """Return notation keys as flags, the place of each in `KEYS`."""
    coded = Coded.of(keys.ravel())
    numbers = np.array([KEYS.index(str(key)) for key in coded.values], dtype=np.int8)
    return numbers[coded.codes].reshape(keys.shape) if len(numbers) else np.zeros(keys.shape, dtype=np.int8)


def key_attributes(what: str) -> dict[str, Any]:
    """Return the attributes of a variable of notation keys."""
    return {"long_name": f"notation keys of {what}", **flags("number", *KEYS[1:])}


def to_dataset(inventory: Inventory) -> xr.Dataset:
    """Return all that an inventory holds, but for the warnings of reading it: from_dataset gives the same one back.

    `source` and `pollutant` are dimensions, and the names along them.
    """
    found: dict[str, Any] = {
        name: (_S, inventory.labels[name], {"long_name": "id of the source" if name == "source" else name})
        for name in _LABELS
    }
    found["pollutant"] = ("pollutant",), np.array(inventory.pollutants, dtype=object), {"long_name": "pollutant"}
    for name, (dims, attrs) in _ARRAYS.items():
        values = inventory.bounds.get(name) if name in _ENDS else getattr(inventory, name)
        if values is not None:
            found[name] = dims, values, attrs
    found |= {
        name: (_S, values, {"long_name": told})
        for name, told in _TEXTS.items() if (values := getattr(inventory, name)) is not None
    }  # fmt: skip
    found |= {name: (_S, inventory.points[name], attrs) for name, attrs in _POINTS.items() if name in inventory.points}
    told = {"long_name": "how the emission is known", **flags("activity_times_factor", "reported_in_tonnes")}
    found["reported"] = _S, inventory.reported.astype(np.int8), told
    if inventory.computed is not None:
        told = {"long_name": "what gave the factor", **flags("factor_table", "method_of_the_sector")}
        found["computed"] = _SP, inventory.computed.astype(np.int8), told
    if inventory.notation is not None:
        found["notation"] = _SP, key_codes(inventory.notation), key_attributes("emissions of the base year")
    found |= _further(inventory) | _factor_rows(inventory) | _profiles(inventory) | _places(inventory)
    dataset = xr.Dataset(found, attrs=_attributes(inventory))
    return dataset.set_coords([*_LABELS, "pollutant", *inventory.points])


def _further(inventory: Inventory) -> dict[str, Any]:
    """Return stocks, columns of methods and attributes, whose names are their own."""
    found: dict[str, Any] = {}
    number = count()
    attrs: dict[str, Any]
    names = variable_names("stock", inventory.stocks)
    for name, stock in inventory.stocks.items():
        unit = cf_unit(stock.unit)
        attrs = {"long_name": f"stock: {name}", "units": unit or "1", "emis_name": name, "emis_unit": stock.unit}
        found[names[name]] = _S, stock.values, attrs | {"emis_number": next(number)}
    declared = columns_of(set(vocabulary.SECTORS))
    names = variable_names("column", inventory.columns)
    for name, values in inventory.columns.items():
        own = declared[name].unit if name in declared else ""
        attrs = {"long_name": f"column: {name}", "units": cf_unit(own) or "1", "emis_name": name, "emis_unit": own}
        found[names[name]] = _S, values, attrs | {"emis_number": next(number)}
    names = variable_names("attribute", inventory.attributes)
    for name, texts in inventory.attributes.items():
        told = vocabulary.NOMENCLATURES.get(name, name)
        attrs = {"long_name": told, "emis_name": name, "emis_number": next(number)}
        found[names[name]] = _S if texts.ndim == 1 else _SP, texts, attrs
    return found


def _factor_rows(inventory: Inventory) -> dict[str, Any]:
    if inventory.factor_row is None:
        return {}
    told = {"long_name": "row of the factor tables that gave the factor", "comment": "-1 for none"}
    found: dict[str, Any] = {"factor_row": (_SP, inventory.factor_row.astype(np.int64), told)}
    if inventory.factor_rows:
        columns = zip(*((one.name, *one.place, one.reference, one.grade) for one in inventory.factor_rows), strict=True)
        for name, values in zip(("name", "file", "line", "reference", "grade"), columns, strict=True):
            kind: Any = np.int64 if name == "line" else object
            told = {"long_name": f"{name} of a row of the factor tables"}
            found[f"factor_row_{name}"] = ("factor_row_number",), np.array(values, dtype=kind), told
    return found


def _profiles(inventory: Inventory) -> dict[str, Any]:
    if not inventory.profiles:
        return {}
    names = np.array(list(inventory.profiles), dtype=object)
    shares = np.array(list(inventory.profiles.values())).reshape(-1, 12)
    told = {"units": "1", "long_name": "share of the year's activity in a month"}
    return {
        "profile_name": (("profile_number",), names, {"long_name": "monthly profile"}),
        "profile_shares": (("profile_number", "month"), shares, told),
        "month": (("month",), np.arange(1, 13, dtype=np.int32), {"units": "1", "long_name": "month of the year"}),
    }


def _places(inventory: Inventory) -> dict[str, Any]:
    if not len(inventory.places):
        return {}
    files, lines = zip(*inventory.places[: len(inventory)], strict=True)
    return {
        "place_file": (_S, np.array(files, dtype=object), {"long_name": "file that the source was read from"}),
        "place_line": (_S, np.array(lines, dtype=np.int64), {"long_name": "line of it, 0 where it has none"}),
    }


def _attributes(inventory: Inventory) -> dict[str, Any]:
    checks = [asdict(one) | {"selector": one.selector.model_dump(exclude_none=True)} for one in inventory.cross_checks]
    title = inventory.title.get("en") or inventory.title.get("zh") or inventory.name or "emission inventory"
    return {
        "Conventions": CONVENTIONS,
        "title": title,
        "institution": "not stated",
        "source": f"emission inventory read by emis {__version__} from {inventory.file or 'memory'}",
        "references": "see the variable reference",
        "comment": "NOx is counted as NO2; a year is one of 365 days where units are converted",
        "emis": KIND,
        "inventory": inventory.name,
        "base_year": np.int32(inventory.base_year),
        "inventory_status": inventory.status,
        "titles": json.dumps(dict(inventory.title), ensure_ascii=False),
        "cross_checks": json.dumps(checks, ensure_ascii=False),
    }


def from_dataset(dataset: xr.Dataset, shown: str, issues: Issues) -> Inventory | None:
    """Return the inventory in a dataset as to_dataset gives it, read from a file; None when there are faults."""
    before, read = len(issues.errors), Arrays(dataset, shown, issues)
    if dataset.attrs.get("emis") != KIND:
        message = f"is no inventory of emis: its attribute `emis` is {dataset.attrs.get('emis')!r}"
        issues.error(shown, 0, "emis", message, f"write one with emis convert, which says {KIND!r}")
        return None
    labels = {name: read.texts(name, _S) for name in _LABELS}
    pollutants = tuple(read.texts("pollutant", ("pollutant",)).tolist())
    arrays = {
        name: read.floats(name, dims, name in ("activity", "factor", "control")) for name, (dims, _) in _ARRAYS.items()
    }
    texts: dict[str, Any] = {name: read.maybe_texts(name, _S) for name in _TEXTS}
    for name in ("activity_unit", "profile"):
        if texts[name] is None:
            read.fault(name, "is missing")
    read.not_negative("activity", "factor")
    notation = read.keys("notation", _SP, KEYS)
    reported, computed = read.flag("reported", _S), read.flag("computed", _SP)
    if reported is None:
        read.fault("reported", "is missing")
        return None
    ids = labels["source"]
    if len(ids) and not increasing(ids):
        read.fault("source", "is not sorted, or an id stands twice")
    facts = _facts(read)
    profiles, rows, places = _profiles_of(read), _factor_rows_of(read), _places_of(read)
    stocks, columns, attributes = read.named("stock"), read.named("column"), read.named("attribute")
    if len(issues.errors) > before:
        return None
    coded = {name: Coded.of(one) for name, one in labels.items()}
    own: dict[str, Any] = {name: values for name, values in arrays.items() if name not in _ENDS}
    return Inventory(
        **facts, **own, **texts, **rows, pollutants=pollutants, labels=Labels(coded), reported=reported,
        computed=computed, notation=notation, profiles=profiles,
        bounds={name: values for name in _ENDS if (values := arrays[name]) is not None},
        points={name: values for name in _POINTS if (values := read.floats(name, _S)) is not None},
        stocks={str(attrs["emis_name"]): Stock(str(attrs.get("emis_unit", "")), values) for attrs, values in stocks},
        columns={str(attrs["emis_name"]): values for attrs, values in columns},
        attributes={str(attrs["emis_name"]): values for attrs, values in attributes},
        file=shown, places=places,
    )  # fmt: skip


def _facts(read: Arrays) -> dict[str, Any]:
    """Return name, base year, status, titles and cross-checks."""
    attrs = read.dataset.attrs
    checks = []
    for one in read.json("cross_checks", []):
        try:
            known = {**one, "selector": Selector.model_validate(one["selector"]), "place": tuple(one["place"])}
            checks.append(CrossCheck(**known))
        except (TypeError, KeyError, ValueError) as error:
            read.fault("cross_checks", f"cannot be read: {error}")
    status = str(attrs.get("inventory_status", "example"))
    if status not in vocabulary.STATUS:
        read.fault("inventory_status", f"{status!r} is no status", vocabulary.suggest(status, vocabulary.STATUS))
    try:
        year = int(attrs["base_year"])
    except (KeyError, TypeError, ValueError):
        year = 0
        read.fault("base_year", f"is no year: {attrs.get('base_year')!r}", "write the attribute base_year, e.g. 2020")
    title: Mapping[str, str] = {str(lang): str(text) for lang, text in dict(read.json("titles", {})).items()}
    return {
        "name": str(attrs.get("inventory", "")), "base_year": year, "status": status, "title": title,
        "cross_checks": tuple(checks),
    }  # fmt: skip


def _profiles_of(read: Arrays) -> dict[str, Floats]:
    names = read.maybe_texts("profile_name", ("profile_number",))
    shares = read.floats("profile_shares", ("profile_number", "month"))
    if names is None or shares is None or shares.shape[1] != 12:
        return {}
    return {str(name): one for name, one in zip(names, shares, strict=True)}


def _factor_rows_of(read: Arrays) -> dict[str, Any]:
    row = read.integers("factor_row", _SP)
    dims = ("factor_row_number",)
    texts = [read.maybe_texts(f"factor_row_{name}", dims) for name in ("name", "file", "reference", "grade")]
    lines = read.integers("factor_row_line", dims)
    rows: tuple[FactorRow, ...] = ()
    if lines is not None and all(one is not None for one in texts):
        columns = zip(*(one for one in texts if one is not None), lines.tolist(), strict=True)
        rows = tuple(FactorRow(name, (file, line), said, grade) for name, file, said, grade, line in columns)
    if row is not None and (row.min(initial=-1) < -1 or row.max(initial=-1) >= len(rows)):
        read.fault("factor_row", f"names a row of {len(rows)} that is not there")
    return {"factor_row": None if row is None else row.astype(np.intp), "factor_rows": rows}


def _places_of(read: Arrays) -> Places | tuple[()]:
    files, lines = read.maybe_texts("place_file", _S), read.integers("place_line", _S)
    return Places(Coded.of(files), lines) if files is not None and lines is not None else ()


def load_arrays(path: Path, shown: str, issues: Issues, year: int | None = None) -> Inventory | None:
    """Return the inventory in a file or store of arrays, of a year if one is asked for; None when there are faults."""
    groups = groups_in(path)
    if len(groups) > 1:
        message = f"holds {len(groups)} scenarios"
        issues.error(shown, 0, "scenario", message, "take one out: emis convert IN OUT --to netcdf --scenario ...")
        return None
    dataset = open_arrays(path, shown, issues, groups[0] if groups else "")
    found = None if dataset is None else from_dataset(dataset, shown, issues)
    if dataset is None or found is None or year in (None, found.base_year):
        return found
    read = Arrays(dataset, shown, issues)
    years = read.integers("year", ("year",))
    there = [] if years is None else years.tolist()
    if year not in there:
        known = ", ".join(map(str, there)) or str(found.base_year)
        issues.error(shown, 0, "year", f"there is no year {year}", f"there are {known}")
        return None
    dims = ("year", *_SP)
    values, keys = read.floats("emissions", dims, needed=True), read.keys("emissions_notation", dims, KEYS)
    if values is None or keys is None:
        return None
    at = there.index(year)
    return found.reporting(year, values[at], keys[at])
