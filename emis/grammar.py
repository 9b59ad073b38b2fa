"""The grammar of units: text in, factors of known names with their worth and dimension out.

What each name is worth stands in ``units.txt``, a closed pint definition file. Nothing a user writes is parsed by pint,
whose defaults read ``kt`` as knot and ``t ce`` as a mass times a charge. Worths are exact fractions, so that kg to t is
0.001 and not its neighbour.
"""

import difflib
import re
import unicodedata
from collections import Counter, deque
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

from emis.errors import UnitError
from emis.vocabulary import POLLUTANT_ALIASES

__all__ = ["Factor", "Unit", "is_per_time", "known", "product_of", "read", "spelled"]


class _Known(NamedTuple):
    """What units.txt says of a spelling: normal name, worth in base units, and powers of the base dimensions."""

    name: str
    worth: Fraction
    dimension: dict[str, int]


class Factor(NamedTuple):
    """One factor of a unit: 万m^-3 is ("万", "m", -3), and the multiplier is not raised to the power."""

    multiplier: str
    name: str
    power: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that has been read.

    Parameters
    ----------
    source, text : str
        As the user wrote it, and in normal spelling.
    factors : tuple of Factor
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
    factors: tuple[Factor, ...]
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
def known() -> dict[str, _Known]:
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


def read(text: str, pollutant: str | None = None) -> Unit:
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
def _parse(text: str) -> tuple[Unit, tuple[str, ...]]:
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


def _product(tokens: deque[str], text: str) -> list[Factor]:
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


def _operand(tokens: deque[str], text: str) -> list[Factor]:
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


def _factor(word: str, text: str) -> Factor:
    """Look one word up, whole and behind a Chinese multiplier."""
    match = _WORD.fullmatch(word)
    name, power = (match[1], match[2] or "") if match else (word, "")
    for multiplier in ("", *_multipliers()):
        found = _lookup(name.removeprefix(multiplier), power) if name.startswith(multiplier) else None
        if found:
            return Factor(multiplier, *found)
    raise _unknown(name, text)


def _lookup(name: str, power: str) -> tuple[str, int] | None:
    """Return normal name and power of m2, 平方米 and of names that end in a digit themselves, Nm3."""
    if name + power in _units():
        return known()[name + power].name, 1
    if name in _units():
        return known()[name].name, int(power)
    chinese = _CHINESE_POWERS.get(name[:2])
    if chinese and not power and name[2:] in _units():
        return known()[name[2:]].name, chinese
    return None


@lru_cache(maxsize=1)
def _multipliers() -> tuple[str, ...]:
    """Return 千, 万, ...: what units.txt gives a worth and no dimension, longest first."""
    return tuple(sorted((name for name, entry in known().items() if not entry.dimension), key=len, reverse=True))


@lru_cache(maxsize=1)
def _units() -> frozenset[str]:
    """Return the spellings that are units."""
    return frozenset(known()) - frozenset(_multipliers())


def _with_vehicle_km(factors: list[Factor]) -> tuple[Factor, ...]:
    """Spell vehicle*km as vkm: a distance travelled, not vehicles times road length."""
    for vehicle, km in permutations(factors, 2):
        alike = vehicle.power == km.power in (1, -1) and not (vehicle.multiplier and km.multiplier)
        if alike and (vehicle.name, km.name) == ("vehicle", "km"):
            joined = Factor(vehicle.multiplier + km.multiplier, "vkm", km.power)
            return _with_vehicle_km([joined if factor is vehicle else factor for factor in factors if factor is not km])
    return tuple(factors)


def _unit(factors: tuple[Factor, ...], source: str) -> Unit:
    worth, dimension = Fraction(1), Counter[str]()
    for multiplier, name, power in factors:
        entry = known()[name]
        worth *= entry.worth**power
        if multiplier:
            worth *= known()[multiplier].worth ** (1 if power > 0 else -1)
        for base, exponent in entry.dimension.items():
            dimension[base] += exponent * power
    powers = tuple(sorted((base, power) for base, power in dimension.items() if power))
    return Unit(source, spelled(factors), factors, worth, powers, any(map(is_per_time, factors)))


def product_of(a: Unit, b: Unit) -> Unit:
    """Return the product of two units, as text that shows both."""
    return _unit(a.factors + b.factors, f"{a.source} * {b.source}")


def is_per_time(factor: Factor) -> bool:
    """Tell whether a factor is a time below the line."""
    return factor.power < 0 and known()[factor.name].dimension == {"time": 1}


def spelled(factors: tuple[Factor, ...]) -> str:
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


# -- what to say when a unit cannot be read --------------------------------------------------------------------------


def _unknown(name: str, text: str) -> UnitError:
    """Say what is wrong with a name units.txt does not have."""
    bare = name.lstrip("".join(_multipliers())).casefold()
    reason, hint = _REFUSED.get(bare, ("is not a unit emis knows", _nearest(name)))
    place = f" in {text!r}" if text != name else ""
    return UnitError(f"{name!r}{place} {reason}", hint)


def _nearest(name: str) -> str:
    same_letters = sorted(entry for entry in _units() if entry.casefold() == name.casefold())
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
