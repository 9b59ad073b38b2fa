"""Tables in the IAMC format, written: leaves, and every total above them, so that a check of aggregates passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from emis import vocabulary
from emis.coded import Coded, Codes, objects
from emis.errors import Issues
from emis.interchange.formats import Settings
from emis.interchange.own.tables import Column, NumberColumn, TextColumn, write_delimited
from emis.interchange.own.workbooks import write_workbook
from emis.interchange.scenario_tables.assembling import UNSPECIFIED
from emis.interchange.scenario_tables.iamc_columns import INDEX
from emis.interchange.scenario_tables.iamc_names import PATH, encoded, variable
from emis.interchange.scenario_tables.scenarios import Written, scenarios, summed, tell_gaps
from emis.interchange.series import Series
from emis.inventory import Floats, Inventory
from emis.numbering import alike

__all__ = ["write_definitions", "write_iamc"]

#: The unit of every row: numbers stay as they are, and iam-units, which pyam converts with, knows it.
UNIT = "t/yr"
#: What a nomenclature does not allow in a name unless it is told to.
_ILLEGAL = frozenset(':;"')
_BLANK = {"sector": "other"}
_DEPTH = {"sector": 1, "category": 2, "source": len(PATH) - 1}


@dataclass(frozen=True)
class _Block:
    """The rows of a scenario and region: paths N, pollutants P, and numbers Y × N × P [t/yr]."""

    written: Written
    region: str
    paths: tuple[str, ...]
    values: Floats

    @property
    def series(self) -> Floats:
        """The numbers by pollutant, then path, P·N × Y."""
        return self.values.transpose(2, 1, 0).reshape(-1, len(self.written.years))

    @property
    def filled(self) -> Codes:
        """Which of these rows have a number."""
        return np.flatnonzero(~np.isnan(self.series).all(axis=1))

    @property
    def names(self) -> list[tuple[str, str]]:
        """The pollutant and the path of each row that has a number."""
        whole = [(name, path) for name in self.written.series.pollutants for path in self.paths]
        return [whole[row] for row in self.filled.tolist()]


def write_iamc(several: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> None:
    """Write series as a table: a workbook where the path ends in .xlsx, CSV otherwise."""
    blocks = _blocks(several, settings, issues)
    if issues.errors:
        return
    sizes = [len(one.filled) for one in blocks]
    each = [
        [one.written.model for one in blocks], [one.written.scenario for one in blocks], [one.region for one in blocks]
    ]  # fmt: skip
    texts = [Coded.of(objects(list(names))) for names in each]
    columns: list[Column] = [
        TextColumn.of(name, Coded(one.values, np.repeat(one.codes, sizes)))
        for name, one in zip(INDEX, texts, strict=False)
    ]
    columns.append(TextColumn.of(INDEX[3], Coded.of([variable(*name) for one in blocks for name in one.names])))
    columns.append(TextColumn.of(INDEX[4], Coded.full(sum(sizes), UNIT)))
    columns += [
        NumberColumn(str(year), np.concatenate([_of_year(one, year) for one in blocks]), unit=UNIT)
        for year in sorted({year for one in blocks for year in one.written.years})
    ]
    if path.suffix.lower() == ".xlsx":
        write_workbook(path, {"data": columns})
    else:
        write_delimited(path, columns)


def _of_year(block: _Block, year: int) -> Floats:
    rows = block.filled
    if year not in block.written.years:
        return np.full(len(rows), np.nan)
    return np.asarray(block.series[rows, block.written.years.index(year)])


def _blocks(several: Sequence[Series], settings: Settings, issues: Issues) -> list[_Block]:
    """Return the rows of each scenario: of the whole area, and of the regions of its sources where these are told."""
    found: list[_Block] = []
    for written in scenarios(several, settings, issues):
        inventory = written.series.inventory
        whole = settings.region or inventory.name.removesuffix(f"-{inventory.base_year}")
        root = whole if settings.region else encoded(whole)
        paths = _paths(inventory, settings.by)
        region = inventory.labels["region"]
        parts = [(root, np.arange(len(inventory)))]
        if settings.by == "source" and (region != "").any():
            coded = Coded.of(region)
            parts += [
                (f"{root}|{encoded(str(coded.values[code])) or UNSPECIFIED}", np.flatnonzero(coded.codes == code))
                for code in np.argsort(coded.values.astype(str), kind="stable").tolist()
            ]
        gaps = 0
        for name, rows in parts:
            nodes, values, count = _totals(written, paths, rows)
            gaps += count if name == root else 0
            found.append(_Block(written, name, nodes, values))
        tell_gaps(gaps, inventory.file, issues)
    if not issues.errors and not any(len(one.filled) for one in found):
        issues.error("", 0, "", "there is no number to write", "")
    return found


def _paths(inventory: Inventory, by: str) -> Coded:
    """Return the path of each source: its labels as far as they are told apart, and its id where others share all.

    Blank labels at the end are left out, but where the path would be a total of others.
    """
    names = PATH[: _DEPTH[by]]
    labels = [inventory.coded(name) for name in names]
    kind, first = alike(*(one.codes for one in labels))
    whole = Coded.of([
        "|".join(encoded(str(one.texts[row])) or _BLANK.get(name, UNSPECIFIED)
                 for name, one in zip(names, labels, strict=True))
        for row in first.tolist()
    ])  # fmt: skip
    kind = whole.codes[kind]
    shared = np.zeros(len(whole.values), dtype=bool)
    if by == "source":
        pair, one_of = alike(kind, inventory.coded("region").codes)
        shared[kind[one_of[np.bincount(pair) > 1]]] = True
    short = [text if many else _trimmed(text) for text, many in zip(whole.values, shared.tolist(), strict=True)]
    above = {up for text in short for up in _above(text)}
    chosen = objects([text if text not in above else str(full) for text, full in zip(short, whole.values, strict=True)])
    paths = chosen[kind]
    for row in np.flatnonzero(shared[kind]).tolist():
        paths[row] = f"{paths[row]}|{encoded(str(inventory.labels['source'][row]))}"
    return Coded.of(paths)


def _trimmed(path: str) -> str:
    """Return a path without blank labels at its end; sector and category stay."""
    parts = path.split("|")
    while len(parts) > 2 and parts[-1] == UNSPECIFIED:
        parts.pop()
    return "|".join(parts)


def _above(path: str) -> list[str]:
    """Return the totals that a path is part of, but for that of all."""
    parts = path.split("|")
    return ["|".join(parts[:size]) for size in range(1, len(parts))]


def _totals(written: Written, paths: Coded, rows: Codes) -> tuple[tuple[str, ...], Floats, int]:
    """Return every path and every total above one, their sums over sources, and how many of these have a gap."""
    codes, own = np.unique(paths.codes[rows], return_inverse=True)
    mine = Coded(paths.values[codes], own.reshape(-1).astype(np.intp))
    met = [str(path) for path in mine.values]
    chains = [["", *_above(path), path] for path in met]
    nodes = sorted({up for chain in chains for up in chain}, key=lambda path: path.split("|"))
    number = {path: at for at, path in enumerate(nodes)}
    values, keys = written.values[:, rows], written.keys[:, rows]
    found, gaps = np.full((len(written.years), len(nodes), values.shape[2]), np.nan), 0
    for depth in range(max(map(len, chains))):
        node = np.array([number[one[depth]] if depth < len(one) else -1 for one in chains], dtype=np.intp)
        group = node[mine.codes]
        here = np.flatnonzero(group >= 0)
        own, group = np.unique(group[here], return_inverse=True)
        sums, count = summed(values[:, here], keys[:, here], group.astype(np.intp), len(own))
        found[:, own] = sums
        gaps += count
    return tuple(nodes), found, gaps


# -- definitions -----------------------------------------------------------------------------------------------------


def write_definitions(several: Sequence[Series], path: Path, settings: Settings, issues: Issues) -> None:
    """Write the folder of a project of nomenclature-iamc, which defines the variables and regions of an IAMC table."""
    blocks = _blocks(several, settings, Issues())
    scenarios(several, settings, issues)
    known = dict.fromkeys(name for one in blocks for name in one.names)
    regions = list(dict.fromkeys(one.region for one in blocks))
    named = "".join([*regions, *(path for _, path in known)])
    if "{" in named or "}" in named:
        message = "names with { or } cannot be defined: these mark tags in a list of codes"
        issues.error("", 0, "", message, "rename the labels, or convert --by sector")
    if issues.errors:
        return
    wholes = {one.region for one in blocks if not any(one.region.startswith(f"{other}|") for other in regions)}
    lists = {
        "variable": [{variable(*one): {"description": _described(*one), "unit": UNIT}} for one in known],
        "region": [
            {title: names}
            for title, names in (
                ("Areas", [name for name in regions if name in wholes]),
                ("Parts of areas", [name for name in regions if name not in wholes]),
            )
            if names
        ],
    }
    for name, codes in lists.items():
        (path / "definitions" / name).mkdir(parents=True)
        _write_yaml(path / "definitions" / name / f"{name}s.yaml", codes)
    config: dict[str, object] = {"dimensions": ["region", "variable"]}
    if _ILLEGAL.intersection(named):
        config["illegal-characters"] = []
    _write_yaml(path / "nomenclature.yaml", config)


def _write_yaml(path: Path, content: object) -> None:
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000)
    path.write_text(text, encoding="utf-8")


def _described(pollutant: str, path: str) -> str:
    what = vocabulary.POLLUTANTS.get(pollutant, pollutant)
    if not path:
        return f"Emissions of {what}"
    sector, *others = path.split("|")
    known = vocabulary.SECTORS.get(sector)
    title = f"{known.en} {known.zh}" if known else sector
    return f"Emissions of {what} by {', '.join([title, *others])}"
