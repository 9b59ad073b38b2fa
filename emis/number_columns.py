"""Columns of numbers as `emis.numerals` reads them one by one, told from all other texts at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emis.numerals import is_number

__all__ = ["numbers", "plain_lines"]


def numbers(texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the numbers of many texts, and for which of them that is so; the others are for `number` to tell of.

    Returns
    -------
    values, plain : ndarray
        Each number as `number` reads it, NaN where `plain` is false.
    """
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:  # a line break inside a cell
        plain = np.array([is_number(text) for text in texts], dtype=bool)
    else:
        plain = plain_lines(joined.encode(errors="surrogatepass"))
    values = np.full(len(texts), np.nan)
    wanted = texts if plain.all() else [texts[index] for index in np.flatnonzero(plain).tolist()]
    values[plain] = np.fromiter(map(float, wanted), float, len(wanted))
    plain &= np.isfinite(values)
    return np.where(plain, values, np.nan), plain


#: Kinds of characters in a number, and which may stand behind which: what `is_number` says, seen from two neighbours.
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
