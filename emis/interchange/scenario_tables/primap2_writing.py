"""PRIMAP2's interchange format, written: a CSV of time series, none of them a total, and the YAML beside it.

primap2 makes an array of all values of all dimensions. Labels of sources are therefore no dimensions, of which the
array would be the product, but additional coordinates of the one category that is the source.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from emis import vocabulary
from emis.coded import Coded, Codes
from emis.errors import Issues
from emis.interchange.cells import harmless
from emis.interchange.formats import Settings
from emis.interchange.scenario_tables.assembling import UNSPECIFIED
from emis.interchange.scenario_tables.primap2_names import COORDINATE, EMIS, EMIS_SOURCE, TIME, unit_of
from emis.interchange.scenario_tables.scenarios import Written, scenarios, summed, tell_gaps
from emis.interchange.series import Series
from emis.inventory import Inventory
from emis.numbering import alike

__all__ = ["write_primap2"]

_ISO3 = re.compile(r"[A-Z]{3}")
_ENTITY = f"entity ({EMIS})"
_SCENARIO = f"scenario ({EMIS})"
#: Characters of references up to which they stand in the metadata.
_LONGEST = 2_000
_UNITS = "NOx as NO2; a species that openscm-units does not know has a mass alone as its unit"
#: Numbers of an array up to which primap2 reads a file without being told to.
_LARGEST_ARRAY = 1024**3


def write_primap2(several: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> None:
    """Write series as the pair of a CSV and a YAML of one name, whichever of the two the path names."""
    written = scenarios(several, settings, issues)
    if issues.errors:
        return
    inventories = [one.series.inventory for one in written]
    area = settings.region or inventories[0].name.removesuffix(f"-{inventories[0].base_year}")
    area_column = f"area ({'ISO3' if _ISO3.fullmatch(area) else EMIS})"
    category_column = f"category ({EMIS_SOURCE if settings.by == 'source' else EMIS})"
    labels = _labels(written, settings.by)
    dimensions = ["source", _SCENARIO, "model", area_column, category_column]
    years = sorted({year for one in written for year in one.years})
    header = ["source", _SCENARIO, "model", area_column, _ENTITY, "unit", category_column]
    header += [f"{COORDINATE}{name}" for name in labels]
    data = path.with_suffix(".csv")
    with data.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerow([*header, *map(str, years)])
        for one in written:
            writer.writerows(_rows(one, area, labels, settings.by, years, issues))
    _check_labels(written, labels, issues)
    _check_size(written, settings.by, len(years), data.name, issues)
    meta = {
        "attrs": _attrs(
            several, inventories, {"area": area_column, "cat": category_column, "scen": _SCENARIO}, settings
        ),
        "data_file": data.name,
        "dimensions": {"*": sorted([*dimensions, _ENTITY, "unit", TIME])},
        "time_format": "%Y",
    }
    if labels:
        meta["additional_coordinates"] = {f"{COORDINATE}{name}": category_column for name in labels}
    text = yaml.safe_dump(dict(sorted(meta.items())), allow_unicode=True, width=2**31, default_flow_style=False)
    path.with_suffix(".yaml").write_text(text, encoding="utf-8")


def _labels(written: Sequence[Written], by: str) -> list[str]:
    """Return the labels that stand beside a source: those that any has."""
    if by != "source":
        return []
    inventories = [one.series.inventory for one in written]
    return [name for name in vocabulary.LABELS if any((one.labels[name] != "").any() for one in inventories)]


def _rows(
    one: Written, area: str, labels: Sequence[str], by: str, years: Sequence[int], issues: Issues
) -> Iterator[list[Any]]:  # fmt: skip
    """Yield the rows of a scenario: texts, and numbers as floats, which the format leaves without quotes."""
    inventory = one.series.inventory
    codes, first = _categories(inventory, by)
    values, gaps = summed(one.values, one.keys, codes.codes, len(codes.values))
    tell_gaps(gaps, inventory.file, issues)
    names = [harmless(str(text)) for text in codes.values]
    beside = [
        [harmless(str(inventory.labels[name][row])) or UNSPECIFIED for name in labels] for row in first.tolist()
    ]  # fmt: skip
    column = [one.years.index(year) if year in one.years else -1 for year in years]
    start = [harmless(text) for text in (inventory.name, one.scenario, one.model, area)]
    for p, pollutant in enumerate(inventory.pollutants):
        table = values[:, :, p].T.tolist()
        for number, row in enumerate(table):
            cells = ["" if at < 0 or row[at] != row[at] else row[at] for at in column]
            if any(cell != "" for cell in cells):
                yield [*start, pollutant, unit_of(pollutant), names[number], *beside[number], *cells]


def _categories(inventory: Inventory, by: str) -> tuple[Coded, Codes]:
    """Return the code of each source by category, and the first source of each code."""
    if by == "source":
        return inventory.coded("source"), np.searchsorted(
            inventory.labels["source"].astype(str), inventory.coded("source").values.astype(str)
        ).astype(np.intp)
    names = ("sector",) if by == "sector" else ("sector", "category")
    kind, first = alike(*(inventory.coded(name).codes for name in names))
    texts = [
        "/".join(str(inventory.labels[name][row]) or ("other" if name == "sector" else UNSPECIFIED) for name in names)
        for row in first.tolist()
    ]  # fmt: skip
    coded = Coded.of(texts)
    return Coded(coded.values, coded.codes[kind]), first


def _attrs(
    several: Sequence[Series], inventories: Sequence[Inventory], named: dict[str, str], settings: Settings
) -> dict[str, str]:  # fmt: skip
    """Return what the file says of itself."""
    one = inventories[0]
    other = "zh" if settings.lang == "en" else "en"
    title = one.title.get(settings.lang) or one.title.get(other) or one.name
    references = list(dict.fromkeys(
        str(text) for each in inventories if each.reference is not None for text in each.reference.tolist() if text
    ))  # fmt: skip
    whole = "; ".join(references)
    many = f"{len(references):,} references of sources are left out" if len(whole) > _LONGEST else ""
    notes = list(dict.fromkeys(note for series in several for note in series.notes))
    comment = "; ".join(filter(None, [one.standing, _UNITS, many, *notes]))
    found = named | {"title": title, "comment": comment, "entity_terminology": EMIS}
    if references and not many:
        found["references"] = whole
    return {name: " ".join(text.split()) for name, text in found.items()}


def _check_labels(written: Sequence[Written], labels: Sequence[str], issues: Issues) -> None:
    """Refuse a source that has other labels in another scenario: a coordinate of a category has one value."""
    known: dict[str, tuple[str, ...]] = {}
    inventories = {id(one.series.inventory): one.series.inventory for one in written}
    for inventory in inventories.values():
        columns = [inventory.labels[name].tolist() for name in labels]
        for identity, *cells in zip(inventory.labels["source"].tolist(), *columns, strict=True):
            if labels and known.setdefault(identity, tuple(cells)) != tuple(cells):
                message = f"the labels of {identity!r} differ between scenarios"
                issues.error(inventory.file, 0, "source", message, "convert one scenario, with --scenario")


def _check_size(written: Sequence[Written], by: str, years: int, name: str, issues: Issues) -> None:
    """Warn of an array that is larger than primap2 makes without being told to."""
    models, scenarios_ = len({one.model for one in written}), len({one.scenario for one in written})
    sources = len({one.series.inventory.name for one in written})
    categories = {str(text) for one in written for text in _categories(one.series.inventory, by)[0].values}
    pollutants = {text for one in written for text in one.series.pollutants}
    size = models * scenarios_ * sources * years * len(categories) * len(pollutants)
    if size > _LARGEST_ARRAY:
        message = f"primap2 makes an array of {size:,} numbers of it, and refuses more than {_LARGEST_ARRAY:,}"
        issues.warn(
            name, 0, "", message, "give from_interchange_format a larger max_array_size, or convert --by sector"
        )
