"""Units live at the door: text with a unit comes in, plain floats in the unit asked for go out.

The grammar of units is small and our own; what each name is worth stands in ``units.txt``, a closed pint definition
file. Nothing a user writes is parsed by pint, whose defaults read ``kt`` as knot and ``t ce`` as a mass times a charge.
Factors are exact fractions until the last step, so that kg to t is 0.001 and not its neighbour.

A year has 365 days. Species are annotation, not dimension: ``t NOx/yr`` is ``t/yr`` once the species has been checked.
"""

import difflib
import math
import re
import unicodedata
from collections import Counter, deque
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

from emis.vocabulary import POLLUTANT_ALIASES

__all__ = [
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
]


class UnitError(ValueError):
    """A quantity, unit or percentage that cannot be read.

    Parameters
    ----------
    message : str
        What is wrong and what was found.
    hint : str
        What would be right.
    """

    def __init__(self, message: str, hint: str = ""):
        """Keep both parts, for callers that show them apart."""
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return message and hint on one line."""
        return f"{self.message}; {self.hint}" if self.hint else self.message


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit in normal spelling; ``str`` gives what `quantity` reads back."""

    value: float
    unit: str

    def __str__(self) -> str:
        """Return ``60 t/yr``."""
        return f"{_plain(self.value)} {self.unit}"


# -- what other modules ask ------------------------------------------------------------------------------------------


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
    number, unit = _number_and_unit(text, "t/yr")
    return Quantity(number, _read(unit, pollutant).text)


def magnitude(text: str | float, to: str, pollutant: str | None = None) -> float:
    """Return the number of `text` in the unit `to`, strictly: a mass is not a mass per year.

    Raises
    ------
    UnitError
        When `text` cannot be read, or its unit does not convert into `to`.
    """
    number, unit = _number_and_unit(text, to)
    return _as_float(Fraction(repr(number)) * _strict(_read(unit, pollutant), _read(to)))


def magnitude_per(given: Quantity, to: str, per: str) -> float:
    """Return `given` in units of `to` for each unit of `per`; activities without a time count per year.

    ``2100 kWh/t`` is 2.1 between activities in MWh/yr and t/yr.

    Raises
    ------
    UnitError
        When one cannot be read, or `given` is no such quotient.
    """
    yearly = [unit if _read(unit).timed else f"({unit})/yr" for unit in (to, per)]
    return _as_float(Fraction(repr(given.value)) * _strict(_read(given.unit), _read(f"({yearly[0]})/({yearly[1]})")))


def check(unit: str, pollutant: str | None = None) -> str:
    """Return the normal spelling of `unit`: ``吨/年`` is ``t/yr``, ``g/(veh*km)`` is ``g/vkm``.

    Raises
    ------
    UnitError
        When `unit` cannot be read, or names a species other than `pollutant`.
    """
    return _read(unit, pollutant).text


@lru_cache(maxsize=1024)
def ratio(unit: str, to: str) -> float:
    """Return by what a number in `unit` is multiplied to be in the unit `to`.

    Raises
    ------
    UnitError
        When either cannot be read, or the two are of different dimension.
    """
    return _as_float(_strict(_read(unit), _read(to)))


@lru_cache(maxsize=1024)
def activity_ratio(unit: str, to: str) -> float:
    """Return `ratio` for activities and stocks, where a unit without a time counts per year: vehicle is vehicle/yr.

    Raises
    ------
    UnitError
        When either cannot be read, or the two are of different dimension even so.
    """
    one, other = _read(unit), _read(to)
    factor = _lenient(one, other)
    if factor is None:
        raise _not_convertible(one, other)
    return _as_float(factor)


def commensurable(a: str, b: str) -> bool:
    """Return whether `a` and `b` convert into each other as activities (see `activity_ratio`).

    Raises
    ------
    UnitError
        When either cannot be read.
    """
    return _lenient(_read(a), _read(b)) is not None


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
    activity, factor = _read(activity_unit), _read(factor_unit, pollutant)
    product = _product_of(activity, factor)
    if product.dimension == _read("t").dimension:
        return _as_float(product.worth / _read("t").worth)
    # kW times g/kWh is a mass per time as well, but only if the machine runs all year: a time has to be written
    if product.dimension == _read("t/yr").dimension and product.timed:
        return _as_float(product.worth / _read("t/yr").worth)
    raise UnitError(
        f"activity in {activity.source!r} and a factor in {factor.source!r} do not go together",
        _right_factor(activity, factor, product),
    )


def describe(unit: str) -> str:
    """Return the dimension of `unit` in words, such as ``mass/time``, ``mass/volume`` or ``vehicle``.

    Raises
    ------
    UnitError
        When `unit` cannot be read.
    """
    return _read(unit).kind


def share(text: str | float) -> float:
    """Return a share [1] between 0 and 1, written in percent: ``60 %`` is 0.6. Only 0 needs no percent sign.

    Raises
    ------
    UnitError
        Without a percent sign, below 0 % or above 100 %.
    """
    value = _percent(text, "")
    if not 0 <= value <= 1:
        raise UnitError(f"{text!r} is not a share: it lies outside 0 % to 100 %", "write between 0 % and 100 %")
    return value


def signed_share(text: str | float) -> float:
    """Return a relative change [1], written in percent: ``-10 %`` is -0.1. Only 0 needs no percent sign.

    Raises
    ------
    UnitError
        Without a percent sign.
    """
    return _percent(text, "")


def rate(text: str | float) -> float:
    """Return a relative change per year [1/yr], written ``4 %/yr``. Only 0 needs no unit.

    Raises
    ------
    UnitError
        When it is not a percentage per year.
    """
    return _percent(text, "/yr")


# -- numbers ---------------------------------------------------------------------------------------------------------

_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
#: A number, and behind it nothing that would make it part of a longer one (1,200; 1 200; 5-10).
_LEADING = re.compile(rf"({_NUMBER})(?![\d.,_'’]|\s+\d|\s*[-–~～]\s*\d)\s*(.*)")
_PERCENT = re.compile(rf"({_NUMBER})\s*[%％]\s*(?:(/)\s*(?:yr|year|a|年))?")

#: How numbers go wrong: pattern at the start of the text, what is wrong, and the right number (None: say only so).
_NUMBER_FAULTS = (
    (r"\d[\d.]*\s*[-–~]\s*\d", "is a range", None),
    (r"[+-]?\d{1,3}([,_'’ ]\d{3})+(?!\d)", "has a thousands separator", lambda found: re.sub(r"[,_'’ ]", "", found)),
    (r"[+-]?\d+,\d+", "has a decimal comma", lambda found: found.replace(",", ".")),
    (r"[+-]?\d+(?:[_, ]+\d+)+", "has separators inside the number", lambda found: re.sub(r"[_, ]", "", found)),
    (r"[+-]?\.\d+", "has no digit before the point", lambda found: found.replace(".", "0.")),
    (r"[+-]?\d+\.(?!\d)", "has no digit behind the point", lambda found: found.rstrip(".")),
    (r"(?i)[+-]?(nan|inf|infinity)\b", "is not a finite number", None),
)


def _number_and_unit(text: object, example: str) -> tuple[float, str]:
    """Split ``60 t/yr`` in two; `example` is the unit a bare number is told to take."""
    written = _written(text)
    match = _LEADING.fullmatch(written)
    if match is None:
        raise _no_number(written, f"60 {example}")
    number, unit = match.groups()
    if not unit:
        raise UnitError(f"a bare number {number} was found", f"write its unit, e.g. {number} {example}")
    return _finite(number), unit


def _percent(text: object, per: str) -> float:
    """Read a percentage as a fraction; `per` is "/yr" for a rate and "" for a share."""
    written = _written(text)
    bare = re.fullmatch(_NUMBER, written)
    if bare and _finite(written) == 0:
        return 0.0
    if bare:
        raise UnitError(f"a bare number {written} was found where a percentage belongs", _percent_hint(written, per))
    match = _PERCENT.fullmatch(written)
    start = _LEADING.match(written)
    if start is None:
        raise _no_number(written, f"60 %{per}")
    value = _as_float(Fraction(repr(_finite(start[1]))) / 100)
    if match is None or (value and bool(match[2]) != bool(per)):
        wanted = "a percentage per year" if per else "a percentage"
        raise UnitError(f"{written!r} is not {wanted}", f"write {start[1]} %{per}")
    return value


def _percent_hint(number: str, per: str) -> str:
    # 0.6 is most likely a fraction, but nothing says so
    if abs(float(number)) > 1:
        return f"write {number} %{per}"
    return f"write {_plain(_as_float(Fraction(repr(float(number))) * 100))} %{per} (or {number} %{per})"


def _written(text: object) -> str:
    """Return a value of a file as text with single blanks; YAML hands over numbers as numbers."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        found = "a blank" if text is None else f"{text!r}"
        raise UnitError(f"{found} was found where a number with a unit belongs", "write e.g. 60 t/yr or 60 %")
    return " ".join(text.split()) if isinstance(text, str) else _plain(text)


def _no_number(written: str, example: str) -> UnitError:
    """Say why `written` does not start with a number emis reads."""
    ascii_text = unicodedata.normalize("NFKC", written).replace("−", "-")
    if not written:
        return UnitError("a blank was found where a number with a unit belongs", f"write e.g. {example}")
    for pattern, fault, mend in _NUMBER_FAULTS:
        match = re.match(pattern, written, re.ASCII)
        if match:
            right = f"write {mend(match[0])}{written[match.end() :]}" if mend else f"write one number, e.g. {example}"
            return UnitError(f"{written!r} {fault}", right)
    if ascii_text != written:
        return UnitError(f"{written!r} has full-width or look-alike characters", f"write {ascii_text}")
    return UnitError(f"{written!r} does not start with a number", f"write e.g. {example}")


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise UnitError(f"{number} is too large for a number", "write it in a larger unit")
    return value


def _plain(value: float) -> str:
    """Return the shortest text that reads back as `value`, 60 rather than 60.0."""
    return repr(value).removesuffix(".0")


def _as_float(fraction: Fraction) -> float:
    try:
        return float(fraction)
    except OverflowError:
        raise UnitError("the result is too large for a number", "use units nearer to each other") from None


# -- units -----------------------------------------------------------------------------------------------------------


class _Known(NamedTuple):
    """What units.txt says of a spelling: normal name, worth in base units, and powers of the base dimensions."""

    name: str
    worth: Fraction
    dimension: dict[str, int]


class _Factor(NamedTuple):
    """One factor of a unit: 万m^-3 is ("万", "m", -3), and the multiplier is not raised to the power."""

    multiplier: str
    name: str
    power: int


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit that has been read.

    Parameters
    ----------
    source, text : str
        As the user wrote it, and in normal spelling.
    factors : tuple of _Factor
        In the order written.
    worth : Fraction
        Number of base units in one of it.
    dimension : tuple
        Base dimensions and their powers, those that cancel left out.
    timed : bool
        Whether a time stands below the line in so many words, as in km/yr but not in kW.
    """

    source: str
    text: str
    factors: tuple[_Factor, ...]
    worth: Fraction
    dimension: tuple[tuple[str, int], ...]
    timed: bool

    @property
    def kind(self) -> str:
        """The dimension in words."""
        return _kind(self.dimension)


_LONGEST = 120
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
#: A name with an optional power: m, m2, m^2, m**2, m-2; names may hold digits and points (PM2.5).
_WORD = re.compile(r"([^\W\d_][\w.]*?)(?:(?:\^|\*\*)?(-?[1-9]))?(?![\w.^]|-\d)")
_TOKEN = re.compile(rf"\s*({_WORD.pattern}|[()*/]|1(?![\w.]))")
#: Blanks inside one name: 1.2万 辆, 吨 标准煤.
_INNER_BLANK = re.compile(r"(?<=[千万亿])\s+|\s+(?=标准?煤)")
_CHINESE_POWERS = {"平方": 2, "立方": 3}
#: Substances a species token may name besides the pollutants; nitrogen is what fertiliser is counted in.
_MATERIALS = frozenset({"N"})

#: Names left out of units.txt on purpose, folded to lower case: what is wrong, what would be right.
_REFUSED = {
    "ton": ("is a tonne to some and a short or long ton to others",
            "write t (1000 kg), short_ton (907.18474 kg) or long_ton (1016.0469088 kg)"),
    "mt": ("is a metric ton to some and a million tonnes to others", "write t or Mt"),
    "ce": ("is not a unit of its own", "write tce for the tonne of coal equivalent (29.3076 GJ)"),
    "nm": ("is a newton metre or a nanometre", "write Nm3 for the normal cubic metre"),
    "标准煤": ("is not a unit of its own", "write tce or 吨标准煤 (29.3076 GJ)"),
}  # fmt: skip
_REFUSED["tons"] = _REFUSED["ton"]


@lru_cache(maxsize=1)
def _known() -> dict[str, _Known]:
    """Return every spelling of units.txt; pint is imported here, once, because it takes a third of a second."""
    from pint import UnitRegistry

    registry: Any = UnitRegistry(Path(__file__).with_name("units.txt"), non_int_type=Fraction)
    return {
        spelling: _Known(
            registry.get_name(spelling),
            Fraction(registry.get_root_units(spelling)[0]),
            {base.strip("[]"): int(power) for base, power in registry.get_dimensionality(spelling).items()},
        )
        for spelling in registry
    }


def _read(text: str, pollutant: str | None = None) -> _Unit:
    """Read a unit and check the species in it."""
    if not isinstance(text, str):
        raise UnitError(f"{text!r} was found where a unit belongs", "write e.g. t/yr")
    unit, species = _parse(text)
    wanted = POLLUTANT_ALIASES.get(pollutant, pollutant) if pollutant else None
    for name in species:
        if wanted and POLLUTANT_ALIASES.get(name, wanted) != wanted:
            raise UnitError(
                f"{text!r} is in {name}, but the pollutant is {wanted}", f"write {unit.text}, or {wanted} for {name}"
            )
    return unit


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[_Unit, tuple[str, ...]]:
    """Return the unit in `text` and the species that annotate it."""
    tokens, species = _tokens(_normalised(text))
    factors = _product(tokens, text)
    if tokens:
        raise UnitError(f"{text!r} has a ) too many", "write e.g. t/(km^2*month)")
    if not factors:
        raise UnitError(f"{text!r} is not a unit", "write e.g. t/yr; a share is written in percent")
    return _unit(_with_vehicle_km(factors), text), species


def _normalised(text: str) -> str:
    """Return `text` with plain blanks and powers as ^n; refuse look-alikes, which hide differences from the eye."""
    plain = " ".join(text.split())
    if not plain:
        raise UnitError("a blank was found where a unit belongs", "write e.g. t/yr")
    if len(plain) > _LONGEST:
        raise UnitError(f"{plain[:40]!r}... is too long for a unit", "write e.g. t/yr")
    plain = re.sub("[⁻⁰¹²³⁴-⁹]+", lambda found: "^" + found[0].translate(_SUPERSCRIPTS), plain)
    plain = plain.replace("μg", "ug").replace("µg", "ug").replace("⋅", "*").replace("·", "*")
    ascii_text = unicodedata.normalize("NFKC", plain)
    if ascii_text != plain:
        raise UnitError(f"{text!r} has full-width or look-alike characters", f"write {ascii_text}")
    return _INNER_BLANK.sub("", plain)


def _tokens(text: str) -> tuple[deque[str], tuple[str, ...]]:
    """Split into words, signs and brackets, and take out the species."""
    tokens: deque[str] = deque()
    species: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, text[position:].strip())
        token, position = match[1], match.end()
        if token not in POLLUTANT_ALIASES and token not in _MATERIALS:
            tokens.append(token)
        elif tokens and tokens[-1] not in "(*/":
            species.append(token)
        else:
            raise UnitError(f"{token!r} in {text!r} stands where a unit belongs", f"write e.g. t {token}/yr")
    return tokens, tuple(species)


def _product(tokens: deque[str], text: str) -> list[_Factor]:
    """Take factors off `tokens` up to the end or a closing bracket."""
    factors = _operand(tokens, text)
    below = False
    while tokens and tokens[0] != ")":
        sign = tokens.popleft() if tokens[0] in "*/" else "*"
        operand = _operand(tokens, text)
        if sign == "*" and below:
            # a/b*c is (a/b)*c to a parser and a/(b*c) to most who write it
            raise UnitError(f"{text!r} can be read in two ways", _bracket_hint(text))
        below = sign == "/"
        factors += [factor._replace(power=-factor.power) for factor in operand] if below else operand
    return factors


def _operand(tokens: deque[str], text: str) -> list[_Factor]:
    """Take one word or bracket off `tokens`."""
    token = tokens.popleft() if tokens else ""
    if token == "(":
        inside = _product(tokens, text)
        if not tokens:
            raise UnitError(f"{text!r} has a ( that is never closed", "write e.g. t/(km^2*month)")
        tokens.popleft()
        return inside
    if token in ("", "*", "/", ")"):
        raise UnitError(f"a unit is missing in {text!r}", "write e.g. t/yr, kg/(head*yr)")
    return [] if token == "1" else [_factor(token, text)]


def _factor(word: str, text: str) -> _Factor:
    """Look one word up, whole and behind a Chinese multiplier."""
    match = _WORD.fullmatch(word)
    name, power = (match[1], match[2] or "") if match else (word, "")
    for multiplier in ("", *_multipliers()):
        found = _lookup(name.removeprefix(multiplier), power) if name.startswith(multiplier) else None
        if found:
            return _Factor(multiplier, *found)
    raise _unknown(name, text)


def _lookup(name: str, power: str) -> tuple[str, int] | None:
    """Return normal name and power of m2, 平方米 and of names that end in a digit themselves, Nm3."""
    if name + power in _units():
        return _known()[name + power].name, 1
    if name in _units():
        return _known()[name].name, int(power)
    chinese = _CHINESE_POWERS.get(name[:2])
    if chinese and not power and name[2:] in _units():
        return _known()[name[2:]].name, chinese
    return None


@lru_cache(maxsize=1)
def _multipliers() -> tuple[str, ...]:
    """Return 千, 万, ...: what units.txt gives a worth and no dimension, longest first."""
    return tuple(sorted((name for name, known in _known().items() if not known.dimension), key=len, reverse=True))


@lru_cache(maxsize=1)
def _units() -> frozenset[str]:
    """Return the spellings that are units."""
    return frozenset(_known()) - frozenset(_multipliers())


def _with_vehicle_km(factors: list[_Factor]) -> tuple[_Factor, ...]:
    """Spell vehicle*km as vkm: a distance travelled, not vehicles times road length."""
    for vehicle, km in permutations(factors, 2):
        alike = vehicle.power == km.power in (1, -1) and not (vehicle.multiplier and km.multiplier)
        if alike and (vehicle.name, km.name) == ("vehicle", "km"):
            joined = _Factor(vehicle.multiplier + km.multiplier, "vkm", km.power)
            return _with_vehicle_km([joined if factor is vehicle else factor for factor in factors if factor is not km])
    return tuple(factors)


def _unit(factors: tuple[_Factor, ...], source: str) -> _Unit:
    worth, dimension = Fraction(1), Counter[str]()
    for multiplier, name, power in factors:
        known = _known()[name]
        worth *= known.worth**power
        if multiplier:
            worth *= _known()[multiplier].worth ** (1 if power > 0 else -1)
        for base, exponent in known.dimension.items():
            dimension[base] += exponent * power
    powers = tuple(sorted((base, power) for base, power in dimension.items() if power))
    return _Unit(source, _spelled(factors), factors, worth, powers, any(map(_is_per_time, factors)))


def _product_of(a: _Unit, b: _Unit) -> _Unit:
    return _unit(a.factors + b.factors, f"{a.source} * {b.source}")


def _is_per_time(factor: _Factor) -> bool:
    return factor.power < 0 and _known()[factor.name].dimension == {"time": 1}


def _spelled(factors: tuple[_Factor, ...]) -> str:
    """Return the normal spelling, t/(km^2*month)."""
    above, below = (
        [f"{multiplier}{name}{f'^{abs(power)}' if abs(power) > 1 else ''}" for multiplier, name, power in side]
        for side in ([f for f in factors if f.power > 0], [f for f in factors if f.power < 0])
    )
    return _quotient(above, below)


def _kind(dimension: tuple[tuple[str, int], ...]) -> str:
    """Return powers of dimensions in words, mass first."""

    def word(base: str, power: int) -> str:
        named = {("length", 2): "area", ("length", 3): "volume"}.get((base, power))
        return named or (base if power == 1 else f"{base}^{power}")

    ordered = sorted(dimension, key=lambda item: (item[0] != "mass", item[0]))
    above = [word(base, power) for base, power in ordered if power > 0]
    below = [word(base, -power) for base, power in ordered if power < 0]
    return _quotient(above, below) if dimension else "dimensionless"


def _quotient(above: list[str], below: list[str]) -> str:
    line = "*".join(above) or "1"
    if not below:
        return line
    return f"{line}/{below[0]}" if len(below) == 1 else f"{line}/({'*'.join(below)})"


# -- conversion ------------------------------------------------------------------------------------------------------


def _strict(unit: _Unit, to: _Unit) -> Fraction:
    if unit.dimension != to.dimension:
        raise _not_convertible(unit, to)
    return unit.worth / to.worth


def _lenient(unit: _Unit, to: _Unit) -> Fraction | None:
    """Return the factor when a unit without a time counts per year, None when the two do not convert even so."""
    per_year = _read("1/yr")
    for one, other in ((unit, to), (_product_of(unit, per_year), to), (unit, _product_of(to, per_year))):
        # kWh per year is not kW, although the dimensions agree: only a time that is written is one that was left out
        if one.dimension == other.dimension and (unit.dimension == to.dimension or unit.timed != to.timed):
            return one.worth / other.worth
    return None


def _not_convertible(unit: _Unit, to: _Unit) -> UnitError:
    return UnitError(
        f"{unit.source!r} ({unit.kind}) does not convert into {to.source!r} ({to.kind})",
        f"write a unit of {to.kind}, such as {to.text}",
    )


def _right_factor(activity: _Unit, factor: _Unit, product: _Unit) -> str:
    """Say which factor goes with `activity`, in the factor's own unit of mass."""
    if product.dimension == _read("t/yr").dimension:
        return "a power says nothing about running hours: write the activity as energy, e.g. kWh/yr"
    masses = [f for f in factor.factors if f.power == 1 and set(_known()[f.name].dimension) == {"mass"}]
    mass = masses[0] if masses else _Factor("", "kg", 1)
    stock = tuple(f._replace(power=-f.power) for f in activity.factors if not _is_per_time(f))
    right = _spelled((mass, *stock))
    if activity.timed and any(map(_is_per_time, factor.factors)):
        return f"both are per time: write the factor in {right}, or the activity without its time"
    return f"the product would be {product.kind}, not mass/time; for this activity write the factor in {right}"


# -- what to say when a unit cannot be read --------------------------------------------------------------------------


def _unknown(name: str, text: str) -> UnitError:
    """Say what is wrong with a name units.txt does not have."""
    bare = name.lstrip("".join(_multipliers())).casefold()
    reason, hint = _REFUSED.get(bare, ("is not a unit emis knows", _nearest(name)))
    place = f" in {text!r}" if text != name else ""
    return UnitError(f"{name!r}{place} {reason}", hint)


def _nearest(name: str) -> str:
    same_letters = sorted(known for known in _units() if known.casefold() == name.casefold())
    near = same_letters or difflib.get_close_matches(name, sorted(_units()), n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return "only units and species stand here; a fuel or material has a column of its own"


def _unreadable(text: str, rest: str) -> UnitError:
    """Say what is wrong with `rest`, which starts with neither a word nor a sign."""
    if rest[0] in "%％":
        return UnitError(f"a percentage was found in {text!r} where a unit belongs", "write a unit, e.g. t/yr")
    if rest[0].isdigit():
        return UnitError(f"{text!r} has a number inside the unit", "put the number in front, or write 万t, 亿t, Mt")
    return UnitError(f"{rest!r} in {text!r} cannot be read", "join units with * and /, e.g. t*km, kg/(m^2*yr)")


def _bracket_hint(text: str) -> str:
    if "(" in text:
        return "put everything below the line in brackets, e.g. t/(km^2*month)"
    above, _, below = text.partition("/")
    return f"write {above}/({below.replace('/', '*')}), or put what stands above the line first"
