"""What a sector is made of: columns with units, methods that turn them into factors, and levers a plan may pull."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from emis.verb import Verb

__all__ = ["PM", "Column", "Floats", "Lever", "Method", "RowError", "Rows", "Sector", "Shorthand"]

Floats: TypeAlias = NDArray[np.float64]

#: Particles and what they are made of: what removes or changes one acts on all of them.
PM = ("TSP", "PM10", "PM2.5", "BC", "OC")


class RowError(Exception):
    """A row that a method or lever cannot work with: its number, what is wrong, what would be right, the column."""

    def __init__(self, row: int, message: str, hint: str = "", column: str = ""):
        super().__init__(message)
        self.row, self.message, self.hint, self.column = row, message, hint, column


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a sector's activity tables may have.

    Numbers are held in `unit`; ``%`` stands for a share held as 0-1, ``degC`` for a temperature, an empty unit for a
    plain number. What is not between `least` and `most` cannot be meant.
    """

    name: str
    unit: str
    meaning: str
    least: float = 0.0
    most: float = np.inf


@dataclass(frozen=True)
class Rows:
    """Sources that one method or lever looks at: their labels and what their columns say, NaN where a cell is blank."""

    labels: Mapping[str, NDArray[np.object_]]
    columns: Mapping[str, Floats]

    @cached_property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.labels["category"])

    def get(self, name: str, default: float = np.nan) -> Floats:
        """Return a column, with `default` where a row leaves it blank."""
        values = self.columns.get(name)
        if values is None:
            return np.full(self.size, default)
        return np.where(np.isnan(values), default, values)

    def filled(self, name: str) -> NDArray[np.bool_]:
        """Return which rows say something in a column."""
        values = self.columns.get(name)
        return np.zeros(self.size, dtype=bool) if values is None else ~np.isnan(values)

    def need(self, *names: str) -> None:
        """Raise RowError when a row leaves one of these columns blank."""
        for name in names:
            blank = np.flatnonzero(~self.filled(name))
            if len(blank):
                hint = f"fill the column {name!r} of its activity table"
                raise RowError(int(blank[0]), f"has no {name}", hint, name)

    def take(self, chosen: NDArray[Any]) -> "Rows":
        """Return some of the rows."""
        return Rows(
            {name: values[chosen] for name, values in self.labels.items()},
            {name: values[chosen] for name, values in self.columns.items()},
        )


@dataclass(frozen=True)
class Method:
    """How the columns of a row give its emission factors.

    A method acts on rows of its `categories` that fill one of `triggers`; these must fill all of `needs` too, and may
    fill what it `takes`. `compute` returns by pollutant, depending on `kind`:

    - ``factor``: the emission factor in `unit`, before the factor table;
    - ``correction``: what the factor is multiplied with [1];
    - ``addition``: what is added to the factor, in `unit`;
    - ``control``: the removal efficiency already in place [1], by which the factor is lowered;
    - ``offsite``: what a unit of activity causes outside the inventory, in `unit`;
    - ``activity``: the row's activity as its columns give it, in `unit`, under the name ``activity``; a row that states
      another one is found out.

    `holds` is the range of a column that the publication states for its equation: a row outside is told.
    `cv` is the coefficient of variation of what the method gives, unless the row says otherwise.
    """

    name: str
    kind: Literal["factor", "correction", "addition", "control", "offsite", "activity"]
    categories: tuple[str, ...]
    triggers: tuple[str, ...]
    compute: Callable[[Rows], Mapping[str, Floats]]
    cites: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    unit: str = ""
    cv: float = 0.0
    holds: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def reads(self) -> tuple[str, ...]:
        """Every column it may read."""
        return tuple(dict.fromkeys((*self.triggers, *self.needs, *self.takes)))


class Lever(Verb):
    """A verb of `do` that a sector adds: it knows from a row's own columns how far emissions fall.

    It acts on sources of its `categories` only; none named means any.
    """

    categories: ClassVar[tuple[str, ...]] = ()
    #: Whether it leaves alone what a method adds to the factor: evaporation knows nothing of exhaust.
    spares_additions: ClassVar[bool] = False

    def remaining(self, rows: Rows) -> Mapping[str, Floats]:
        """Return by pollutant what the lever, fully in place, leaves of each row's emissions [1].

        Raises
        ------
        RowError
            When a row lacks a column, or the lever would raise its emissions.
        """
        raise NotImplementedError


class Shorthand(Verb):
    """A verb of `do` that a sector adds for something that can be written with the general verbs."""

    def written(self) -> dict[str, Any]:
        """Return the general verb, as it would stand in the plan."""
        raise NotImplementedError


@dataclass(frozen=True)
class Sector:
    """A sector module's one value: where it applies, its columns, its methods, its levers."""

    name: str
    sectors: tuple[str, ...]
    categories: tuple[str, ...]
    columns: tuple[Column, ...]
    methods: tuple[Method, ...]
    levers: Mapping[str, type[Lever] | type[Shorthand]] = field(default_factory=dict)

    def column(self, name: str) -> Column | None:
        """Return a column by name."""
        return next((one for one in self.columns if one.name == name), None)
