"""Sums that are exact before they are rounded once: the same bits in whatever order and parts they are added up."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emis.entries import Indices
from emis.inventory import Floats

__all__ = ["ExactSums"]

#: Each number is cut into digits of so many bits, and 2^(53 − 26) of them add up in a float64 without rounding.
_BITS = 26


@dataclass(frozen=True)
class ExactSums:
    """Sums of n classes, as digits by their place: Σ digits[j] · 2^(26·j); `unknown` where a NaN was added.

    Exact for up to 2^27 numbers to a sum.
    """

    digits: Mapping[int, Floats]
    unknown: Floats

    @classmethod
    def of(cls, values: Floats, code: Indices, count: int) -> "ExactSums":
        """Sum finite or unknown numbers by their class, of which there are `count`."""
        unknown = np.isnan(values)
        rest = np.where(unknown, 0.0, values)
        digits: dict[int, Floats] = {}
        _, exponent = np.frexp(np.abs(rest).max(initial=0.0))
        place = (int(exponent) - 1) // _BITS
        while rest.any():
            digit = np.trunc(np.ldexp(rest, -_BITS * place))
            rest = rest - np.ldexp(digit, _BITS * place)
            if digit.any():
                digits[place] = _summed(digit, code, count)
            place -= 1
        return cls(digits, _summed(unknown, code, count))

    def regrouped(self, code: Indices, count: int) -> "ExactSums":
        """Add up the sums themselves by a class of theirs."""
        add = {place: _summed(digit, code, count) for place, digit in self.digits.items()}
        return ExactSums(add, _summed(self.unknown, code, count))

    @classmethod
    def joined(cls, several: Sequence["ExactSums"]) -> "ExactSums":
        """Return the sums of several, one after the other."""
        places = sorted({place for one in several for place in one.digits})
        none = [np.zeros(len(one.unknown)) for one in several]
        digits = {
            place: np.concatenate([one.digits.get(place, zero) for one, zero in zip(several, none, strict=True)])
            for place in places
        }
        return cls(digits, np.concatenate([one.unknown for one in several]))

    def values(self) -> Floats:
        """Return the sums, each rounded once; NaN where a number was not known."""
        scaled = [np.ldexp(digit, _BITS * place) for place, digit in sorted(self.digits.items())]
        if not scaled:
            found = np.zeros(len(self.unknown))
        elif len(scaled) == 1:
            found = scaled[0]
        else:
            found = np.array([math.fsum(parts) for parts in zip(*(one.tolist() for one in scaled), strict=True)])
        return np.where(self.unknown > 0, np.nan, found)


def _summed(values: NDArray[Any], code: Indices, count: int) -> Floats:
    return np.asarray(np.bincount(code, weights=values, minlength=count), dtype=float)
