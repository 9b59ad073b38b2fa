"""Numbers and percentages as people write them: a strict grammar, and for every other way a hint at what is right.

`float` accepts ``1_200``, full-width digits and ``nan``; a percentage without its sign may be 0.6 or 60. Neither is
guessed at here.
"""

import math
import re
import unicodedata
from fractions import Fraction

from emis.errors import UnitError

__all__ = ["as_float", "is_number", "number", "number_and_unit", "plain", "rate", "share", "signed_share"]


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


def is_number(text: str) -> bool:
    """Tell whether `number` takes a text for one, finite or not."""
    return _WHOLE.fullmatch(text) is not None


def number(text: str) -> float:
    """Return a bare number.

    Raises
    ------
    UnitError
        When `text` is anything else.
    """
    if is_number(text):
        return _finite(text)
    start = _LEADING.match(text)
    if start is not None and start[2]:
        raise UnitError(
            f"{text!r} is more than a number",
            f"write {start[1]}; its unit stands in the column `unit` or in the header",
        )
    raise _no_number(text, "1234.5")


_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_WHOLE = re.compile(_NUMBER)
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


def number_and_unit(text: object, example: str) -> tuple[float, str]:
    """Split ``60 t/yr`` in two; `example` is the unit a bare number is told to take."""
    written = _written(text)
    match = _LEADING.fullmatch(written)
    if match is None:
        raise _no_number(written, f"60 {example}")
    number, unit = match.groups()
    if not unit:
        raise UnitError(
            f"a bare number {number} was found",
            f"write its unit, e.g. {number} {example.replace(', ', f', {number} ').replace(' or ', f' or {number} ')}",
        )
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
    value = as_float(Fraction(repr(_finite(start[1]))) / 100)
    if match is None or (value and bool(match[2]) != bool(per)):
        wanted = "a percentage per year" if per else "a percentage"
        raise UnitError(f"{written!r} is not {wanted}", f"write {start[1]} %{per}")
    return value


def _percent_hint(number: str, per: str) -> str:
    # 0.6 is most likely a fraction, but nothing says so
    if abs(float(number)) > 1:
        return f"write {number} %{per}"
    return f"write {plain(as_float(Fraction(repr(float(number))) * 100))} %{per} (or {number} %{per})"


def _written(text: object) -> str:
    """Return a value of a file as text with single blanks; YAML hands over numbers as numbers."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        found = "a blank" if text is None else f"{text!r}"
        raise UnitError(f"{found} was found where a number with a unit belongs", "write e.g. 60 t/yr or 60 %")
    return " ".join(text.split()) if isinstance(text, str) else plain(text)


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


def plain(value: float) -> str:
    """Return the shortest text that reads back as `value`, 60 rather than 60.0."""
    return repr(value).removesuffix(".0")


def as_float(fraction: Fraction) -> float:
    """Return the nearest double, or raise UnitError when there is none."""
    try:
        return float(fraction)
    except OverflowError:
        raise UnitError("the result is too large for a number", "use units nearer to each other") from None
