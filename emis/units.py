"""Units live at the door: text with a unit comes in, plain floats in the unit asked for go out.

A year has 365 days. Species are annotation, not dimension: ``t NOx/yr`` is ``t/yr`` once the species has been checked.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from emis.errors import UnitError
from emis.grammar import Factor, Unit, is_per_time, known, product_of, read, spelled
from emis.numerals import as_float, number_and_unit, plain, rate, share, signed_share

__all__ = [
    "SHORT_TON",
    "Quantity",
    "UnitError",
    "activity_ratio",
    "check",
    "commensurable",
    "describe",
    "factor_scale",
    "magnitude",
    "magnitude_per",
    "quantity",
    "rate",
    "ratio",
    "share",
    "signed_share",
    "tonnes_per_year",
]


#: A short ton of 2,000 lb [t], exactly.
SHORT_TON = 0.90718474


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit in normal spelling; ``str`` gives what `quantity` reads back."""

    value: float
    unit: str

    def __str__(self) -> str:
        """Return ``60 t/yr``."""
        return f"{plain(self.value)} {self.unit}"


def quantity(text: str | float, pollutant: str | None = None) -> Quantity:
    """Read a number with its unit, such as ``60 t/yr``, ``0.4 g/km`` or ``1.2e3 万吨``.

    Parameters
    ----------
    text : str
        Number and unit; a number alone is refused.
    pollutant : str, optional
        The pollutant that a species in the unit has to name.

    Raises
    ------
    UnitError
        When the number or the unit cannot be read, or the species is another one.
    """
    number, unit = number_and_unit(text, "t/yr, g/km or vehicle")
    return Quantity(number, read(unit, pollutant).text)


def magnitude(text: str | float, to: str, pollutant: str | None = None) -> float:
    """Return the number of `text` in the unit `to`, strictly: a mass is not a mass per year.

    Raises
    ------
    UnitError
        When `text` cannot be read, or its unit does not convert into `to`.
    """
    number, unit = number_and_unit(text, to)
    return as_float(Fraction(repr(number)) * _strict(read(unit, pollutant), read(to)))


def magnitude_per(given: Quantity, to: str, per: str) -> float:
    """Return `given` in units of `to` for each unit of `per`; activities without a time count per year.

    ``2100 kWh/t`` is 2.1 between activities in MWh/yr and t/yr.

    Raises
    ------
    UnitError
        When one cannot be read, or `given` is no such quotient.
    """
    yearly = [unit if read(unit).timed else f"({unit})/yr" for unit in (to, per)]
    return as_float(Fraction(repr(given.value)) * _strict(read(given.unit), read(f"({yearly[0]})/({yearly[1]})")))


def check(unit: str, pollutant: str | None = None) -> str:
    """Return the normal spelling of `unit`: ``吨/年`` is ``t/yr``, ``g/(veh*km)`` is ``g/vkm``.

    Raises
    ------
    UnitError
        When `unit` cannot be read, or names a species other than `pollutant`.
    """
    return read(unit, pollutant).text


@lru_cache(maxsize=1024)
def ratio(unit: str, to: str) -> float:
    """Return by what a number in `unit` is multiplied to be in the unit `to`.

    Raises
    ------
    UnitError
        When either cannot be read, or the two are of different dimension.
    """
    return as_float(_strict(read(unit), read(to)))


@lru_cache(maxsize=1024)
def activity_ratio(unit: str, to: str) -> float:
    """Return `ratio` for activities and stocks, where a unit without a time counts per year: vehicle is vehicle/yr.

    Raises
    ------
    UnitError
        When either cannot be read, or the two are of different dimension even so.
    """
    one, other = read(unit), read(to)
    factor = _lenient(one, other)
    if factor is None:
        raise _not_convertible(one, other)
    return as_float(factor)


def commensurable(a: str, b: str) -> bool:
    """Return whether `a` and `b` convert into each other as activities (see `activity_ratio`).

    Raises
    ------
    UnitError
        When either cannot be read.
    """
    return _lenient(read(a), read(b)) is not None


@lru_cache(maxsize=4096)
def factor_scale(activity_unit: str, factor_unit: str, pollutant: str | None = None) -> float:
    """Return the scale in: emission [t/yr] = activity [activity_unit] * factor [factor_unit] * scale.

    Parameters
    ----------
    activity_unit : str
        Such as ``vkm/yr``; without a time (``vehicle``, ``m^2``) it counts per year. A species in it names a material.
    factor_unit : str
        Such as ``g/km``, ``kg/t`` or ``kg/(m^2*month)``.
    pollutant : str, optional
        The pollutant that a species in the factor's unit has to name.

    Raises
    ------
    UnitError
        When either cannot be read, or activity times factor is neither a mass per time nor a mass.
    """
    activity, factor = read(activity_unit), read(factor_unit, pollutant)
    product = product_of(activity, factor)
    if product.dimension == read("t").dimension:
        return as_float(product.worth / read("t").worth)
    # kW times g/kWh is a mass per time as well, but only if the machine runs all year: a time has to be written
    if product.dimension == read("t/yr").dimension and product.timed:
        return as_float(product.worth / read("t/yr").worth)
    raise UnitError(
        f"activity in {activity.source!r} and a factor in {factor.source!r} do not go together",
        _right_factor(activity, factor, product),
    )


def tonnes_per_year(unit: str, pollutant: str | None = None) -> float:
    """Return how many t/yr one of `unit` is; a mass without a time counts per year.

    Raises
    ------
    UnitError
        When `unit` cannot be read, is no mass, or names a species other than `pollutant`.
    """
    return activity_ratio(check(unit, pollutant), "t/yr")


def describe(unit: str) -> str:
    """Return the dimension of `unit` in words, such as ``mass/time``, ``mass/volume`` or ``vehicle``.

    Raises
    ------
    UnitError
        When `unit` cannot be read.
    """
    return read(unit).kind


def _strict(unit: Unit, to: Unit) -> Fraction:
    if unit.dimension != to.dimension:
        raise _not_convertible(unit, to)
    return unit.worth / to.worth


def _lenient(unit: Unit, to: Unit) -> Fraction | None:
    """Return the factor when a unit without a time counts per year, None when the two do not convert even so."""
    per_year = read("1/yr")
    for one, other in ((unit, to), (product_of(unit, per_year), to), (unit, product_of(to, per_year))):
        # kWh per year is not kW, although the dimensions agree: only a time that is written is one that was left out
        if one.dimension == other.dimension and (unit.dimension == to.dimension or unit.timed != to.timed):
            return one.worth / other.worth
    return None


def _not_convertible(unit: Unit, to: Unit) -> UnitError:
    return UnitError(
        f"{unit.source!r} ({unit.kind}) does not convert into {to.source!r} ({to.kind})",
        f"write a unit of {to.kind}, such as {to.text}",
    )


def _right_factor(activity: Unit, factor: Unit, product: Unit) -> str:
    """Say which factor goes with `activity`, in the factor's own unit of mass."""
    if product.dimension == read("t/yr").dimension:
        return "a power says nothing about running hours: write the activity as energy, e.g. kWh/yr"
    masses = [f for f in factor.factors if f.power == 1 and set(known()[f.name].dimension) == {"mass"}]
    mass = masses[0] if masses else Factor("", "kg", 1)
    stock = tuple(f._replace(power=-f.power) for f in activity.factors if not is_per_time(f))
    right = spelled((mass, *stock))
    if activity.timed and any(map(is_per_time, factor.factors)):
        return f"both are per time: write the factor in {right}, or the activity without its time"
    return f"the product would be {product.kind}, not mass/time; for this activity write the factor in {right}"
