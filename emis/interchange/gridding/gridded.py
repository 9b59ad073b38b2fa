"""An inventory on a grid: placed, timed and split into species, with the balance of its mass."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emis.coded import Codes
from emis.errors import Issues
from emis.grid_settings import GridDocument, Temporal
from emis.interchange.formats import Settings, Told
from emis.interchange.gridding import balance as balances
from emis.interchange.gridding.balance import Balance, Written
from emis.interchange.gridding.fields import Fields
from emis.interchange.gridding.hours import Span, Times, assign
from emis.interchange.gridding.loading import Setup, load_setup
from emis.interchange.gridding.placing import Placed, first_of, place, warn_idle
from emis.interchange.gridding.plane import Plane
from emis.interchange.gridding.speciating import Amount, Amounts, speciate
from emis.interchange.series import Series
from emis.inventory import Floats, Inventory
from emis.vocabulary import suggest

__all__ = ["Gridded", "grid"]


@dataclass(frozen=True)
class Gridded:
    """An inventory on a grid.

    Attributes
    ----------
    names, units : tuple of str
        Species, or pollutants, and what they are counted in: mol, g or kg.
    of : tuple of tuple of str
        The pollutants that each is of.
    fields : Fields
        What is emitted in each hour.
    written : Written
        Sums of what is written, to be added to while writing.
    start : datetime
        The first hour, in UTC; where the whole year is one step, its begin.
    """

    inventory: Inventory
    setup: Setup
    names: tuple[str, ...]
    units: tuple[str, ...]
    of: tuple[tuple[str, ...], ...]
    fields: Fields
    balance: Balance
    written: Written
    start: dt.datetime
    notes: tuple[str, ...]

    @property
    def plane(self) -> Plane:
        """The grid."""
        return self.setup.plane

    @property
    def document(self) -> GridDocument:
        """What grid.yaml says."""
        return self.setup.document

    @property
    def origin(self) -> str:
        """What the emissions are, in a line for the file."""
        one = self.inventory
        return f"{one.name} of {one.base_year or 'an unknown year'}: {one.standing}"

    @property
    def title(self) -> str:
        """The same as characters that a Fortran program prints; others are told by their code."""
        return self.origin.encode("ascii", errors="backslashreplace").decode("ascii")

    def told(self, issues: Issues) -> Told:
        """Return what to say once all is written; a sum that is not what was expected is a fault."""
        self.written.check(self.setup.at("temporal"), issues)
        record = {
            "grid": {"name": self.document.grid.name, "columns": self.document.grid.nx, "rows": self.document.grid.ny},
            "balance": self.balance.record(),
            "hours": self.fields.hours,
            "start": self.start.isoformat(),
            "species": self.written.record(),
            "notes": list(self.notes),
            "inputs": self.setup.folder.hashes(),
        }
        lines = (*self.balance.lines(), *self.written.lines(), *self.notes)
        return Told(lines, record, tuple(self.setup.folder.files.values()))


def grid(
    several: Sequence[Series], settings: Settings, issues: Issues, hourly: bool = True, speciated: bool = True
) -> Gridded | None:
    """Bring a series onto the grid of `settings.grid`; None, and `issues` says why, when it cannot be.

    Parameters
    ----------
    hourly : bool
        Whether hours are needed; without, and where grid.yaml names none, the whole year is one step.
    speciated : bool
        Whether pollutants are split into species [mol, g]; otherwise they stay what they are [kg].
    """
    before = len(issues.errors)
    if settings.grid is None:
        issues.error("", 0, "--grid", "a grid is needed", "name a grid.yaml: --grid grid.yaml")
        return None
    series, at = _series(several, settings, issues)
    setup = load_setup(settings.grid, issues, settings.encoding, speciated=speciated)
    if setup is None or series is None:
        return None
    document, inventory, year = setup.document, series.inventory, settings.year or series.years[at]
    _idle(inventory, setup, speciated, issues)
    if not year and document.temporal is None:
        issues.error(inventory.file, 0, "", "does not say its year", "say which: --year")
    if hourly and document.temporal is None:
        message = "the hours to write are not given"
        issues.error(*setup.at(), "temporal", message, "write temporal: {start: 2017-01-01 00:00, hours: 25, ...}")
    amounts, notes = _amounts(series, at, setup, issues)
    where = {"surrogates": setup.at("surrogates"), "outside": setup.at("outside")}
    placed = place(
        inventory, amounts.tonnes, document, setup.plane, setup.surrogates, setup.fallback, where, issues
    )  # fmt: skip
    found = balances.balance(amounts, placed)
    balances.check_outside(amounts, placed, found, document.outside == "error", where["outside"], issues)
    species = _species(amounts, setup, speciated, issues)
    times = _times(inventory, setup, issues)
    if len(issues.errors) > before:
        return None
    found.check(setup.at("grid"), issues)
    notes += [f"{count:,} sources by {told}" for told, count in placed.via if count]
    notes += _timing(inventory, year, document.temporal, times, amounts)
    return _whole(setup, inventory, species, placed, times, found, year, notes)


def _whole(
    setup: Setup, inventory: Inventory, species: Sequence[Amount], placed: Placed, times: Times | None, found: Balance,
    year: int, notes: Sequence[str],
) -> Gridded:  # fmt: skip
    temporal = setup.document.temporal
    if times is None or temporal is None:
        spans, hours, of_period = [Span(year, 1, 0, np.ones((1, 1)))], 1, np.ones(len(inventory))
    else:
        spans, hours = times.spans(temporal), temporal.hours
        of_period = times.of_period(spans)
    values = [one.values for one in species]
    made = Fields(values, placed, *_layers(inventory, setup.document), times, spans, hours, setup.plane.shape)
    expected, part = balances.told_shares(values, placed.inside, of_period)
    names, units = tuple(one.name for one in species), tuple(one.unit for one in species)
    written = Written(names, units, expected, part)
    start = dt.datetime(year or 1, 1, 1) if temporal is None else temporal.start
    of = tuple(one.of for one in species)
    return Gridded(inventory, setup, names, units, of, made, found, written, start, tuple(notes))


def _series(several: Sequence[Series], settings: Settings, issues: Issues) -> tuple[Series | None, int]:
    """Return the one series that is gridded, and the number of its year."""
    if len(several) != 1:
        found = f"a grid holds one scenario, and there are {len(several)}"
        issues.error("", 0, "--scenario", found, f"name one: {', '.join(repr(one.scenario) for one in several)}")
        return None, 0
    one = several[0]
    if settings.year in one.years:
        return one, one.years.index(settings.year)
    if len(one.years) == 1 and (settings.year is None or not one.years[0]):
        return one, 0
    count = len(one.years)
    found = f"there is no {settings.year}" if settings.year else f"a grid holds one year, and there are {count}"
    issues.error("", 0, "--year", found, f"name one: {', '.join(map(str, one.years))}")
    return None, 0


def _amounts(series: Series, at: int, setup: Setup, issues: Issues) -> tuple[Amounts, list[str]]:
    """Return what is gridded of a year; what is not known of it is a fault unless it is left out on purpose."""
    inventory, document, notes = series.inventory, setup.document, list[str]()
    for name in document.pollutants or ():
        if name not in inventory.pollutants:
            found = f"the inventory has no {name}"
            issues.error(*setup.at("pollutants"), "pollutants", found, suggest(name, inventory.pollutants))
    names = tuple(name for name in document.pollutants or inventory.pollutants if name in inventory.pollutants)
    columns = [inventory.pollutants.index(name) for name in names]
    values, keys = series.values[at][:, columns], series.keys[at][:, columns]
    known = ~np.isnan(values)
    silent = ~known & (keys != "")
    for name, column, lacking in zip(names, silent.T, (~known & ~silent).T, strict=True):
        rows = np.flatnonzero(column)
        if len(rows):
            found = f"{name} of {len(rows):,} sources is not known (NE or C)"
            if document.unknown == "error":
                hint = "find it, or write unknown: leave_out in grid.yaml"
                issues.error(*inventory.place(int(rows[0])), name, found, hint)
            notes.append(f"{found}, and not on the grid")
        if lacking.any():
            notes.append(f"the inventory states no {name} of {int(lacking.sum()):,} sources")
    return Amounts(inventory, names, np.where(known, values, 0.0), known), notes


def _idle(inventory: Inventory, setup: Setup, speciated: bool, issues: Issues) -> None:
    """Tell of parts of grid.yaml that select nothing of the inventory."""
    document = setup.document
    parts: list[tuple[tuple[str, ...], Sequence[Any]]] = [
        (("surrogates",), document.surrogates),
        (("grid", "layers", "shares"), document.grid.layers.shares),
        (("temporal", "profiles"), document.temporal.profiles if document.temporal is not None else ()),
        (("speciation", "sources"), document.speciation.sources if speciated else ()),
    ]
    for path, several in parts:
        places = [setup.at(*path, number) for number in range(len(several))]
        warn_idle(inventory, [one.select for one in several], places, ".".join(path), issues)


def _species(amounts: Amounts, setup: Setup, speciated: bool, issues: Issues) -> list[Amount]:
    if not speciated:
        return [
            Amount(name, "kg", 1000 * column, (name,))
            for name, column in zip(amounts.pollutants, amounts.tonnes.T, strict=True)
        ]
    rules = setup.document.speciation
    where = {"": setup.at("speciation")} | {
        f"sources.{number}": setup.at("speciation", "sources", number) for number in range(len(rules.sources))
    }
    return speciate(amounts, rules, setup.species, where, issues)


def _times(inventory: Inventory, setup: Setup, issues: Issues) -> Times | None:
    temporal = setup.document.temporal
    if temporal is None:
        return None
    where: Mapping[int, tuple[str, int]] = {
        number: setup.at("temporal", "profiles", number) for number in range(len(temporal.profiles))
    }
    return assign(inventory, temporal, setup.profiles, where, issues)


def _timing(
    inventory: Inventory, year: int, temporal: Temporal | None, times: Times | None, amounts: Amounts
) -> list[str]:
    """Return what to say about the hours: another year than the inventory's, sources that emit evenly."""
    if temporal is None or times is None:
        return []
    local = temporal.start + dt.timedelta(hours=temporal.utc_offset)
    notes = []
    if year and local.year != year:
        notes.append(f"the emissions are of {year}, and the hours, with their weekdays, of {local.year}")
    emitting = times.even[(amounts.tonnes[times.even] > 0).any(axis=1)]
    if len(emitting):
        notes.append(f"{len(emitting):,} of {len(inventory):,} sources have no profile of the week or the day: they"
                     " emit evenly through a month")  # fmt: skip
    return notes


def _layers(inventory: Inventory, document: GridDocument) -> tuple[Codes, Floats]:
    """Return the profile of height of each source, S, and the profiles, L × Z [1]; the last is all at the ground."""
    layers = document.grid.layers
    chosen = first_of(inventory, [one.select for one in layers.shares])
    ground: list[Any] = [1.0] + [0.0] * (layers.count - 1)
    table = np.array([*(one.shares for one in layers.shares), ground], dtype=float)
    return np.where(chosen < 0, len(layers.shares), chosen), table / table.sum(axis=1, keepdims=True)
