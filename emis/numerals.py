"""Numbers and percentages as people write them: a strict grammar, and for every other way a hint at what is right.

`float` accepts ``1_200``, full-width digits and ``nan``; a percentage without its sign may be 0.6 or 60. Neither is
guessed at here.
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from emis.errors import UnitError

__all__ = ["as_float", "number", "number_and_unit", "numbers", "plain", "plain_lines", "rate", "share", "signed_share"]


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


def number(text: str) -> float:
    """Return a bare number.

    Raises
    ------
    UnitError
        When `text` is anything else.
    """
    if _WHOLE.fullmatch(text):
        return _finite(text)
    start = _LEADING.match(text)
    if start is not None and start[2]:
        raise UnitError(
            f"{text!r} is more than a number",
            f"write {start[1]}; its unit stands in the column `unit` or in the header",
        )
    raise _no_number(text, "1234.5")


def numbers(texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the numbers of many texts, and for which of them that is so; the others are for `number` to tell of.

    Returns
    -------
    values, plain : ndarray
        Each number as `number` reads it, NaN where `plain` is false.
    """
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:  # a line break inside a cell
        plain = np.array([_WHOLE.fullmatch(text) is not None for text in texts], dtype=bool)
    else:
        plain = plain_lines(joined.encode(errors="surrogatepass"))
    values = np.full(len(texts), np.nan)
    wanted = texts if plain.all() else [texts[index] for index in np.flatnonzero(plain).tolist()]
    values[plain] = np.fromiter(map(float, wanted), float, len(wanted))
    plain &= np.isfinite(values)
    return np.where(plain, values, np.nan), plain


#: Kinds of characters in a number, and which may stand behind which: what `_NUMBER` says, seen from two neighbours.
_DIGIT, _POINT, _EXPONENT, _SIGN, _END, _OTHER = range(6)
_KINDS = bytes(
    next((kind for kind, those in enumerate((b"0123456789", b".", b"eE", b"+-", b"\n")) if code in those), _OTHER)
    for code in range(256)
)
_FOLLOWS = np.zeros((6, 6), dtype=bool)
_FOLLOWS[_END, [_DIGIT, _SIGN]] = _FOLLOWS[_DIGIT, [_DIGIT, _POINT, _EXPONENT, _END]] = True
_FOLLOWS[_POINT, _DIGIT] = _FOLLOWS[_EXPONENT, [_DIGIT, _SIGN]] = _FOLLOWS[_SIGN, _DIGIT] = True


def plain_lines(text: bytes) -> NDArray[np.bool_]:
    """Return which lines of an encoded text are a number as `number` reads it, and nothing else."""
    kinds = np.frombuffer((b"\n%b\n" % text).translate(_KINDS), dtype=np.uint8)
    starts = np.flatnonzero(kinds == _END)
    wrong = np.flatnonzero(~_FOLLOWS.ravel()[kinds[:-1] * np.uint8(6) + kinds[1:]])
    # Neighbours do not tell of two points or exponents in one line, nor of a point behind the exponent.
    marks = np.flatnonzero((kinds == _POINT) | (kinds == _EXPONENT))
    line = np.searchsorted(starts, marks)
    again = (line[1:] == line[:-1]) & ~((kinds[marks[:-1]] == _POINT) & (kinds[marks[1:]] == _EXPONENT))
    plain = np.ones(len(starts) - 1, dtype=bool)
    plain[np.searchsorted(starts, wrong, side="right") - 1] = False
    plain[line[1:][again] - 1] = False
    return plain


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
