"""Numbers as an explanation shows them: with as many digits as it takes for a reader's own sum to come out the same."""

import math
from collections.abc import Sequence

__all__ = ["RESULT", "chain_digits", "decimal", "figure", "mass_per", "shown", "summed"]

#: Significant digits of a result, and the least and the most of what it is made of.
RESULT, _LEAST, _MOST = 6, 7, 15
#: Digits beyond those shown that count when a number is rounded; what comes after them is the noise of a sum.
_GUARD = 7
#: Masses to write an emission factor in, by tonnes.
_MASSES = (("t", 1.0), ("kg", 1e-3), ("g", 1e-6), ("mg", 1e-9), ("µg", 1e-12))


def figure(value: float, digits: int = RESULT) -> str:
    """Return a number with so many significant digits, or all before the point; an en dash when it is not known.

    It is rounded to a few digits more first: a value and a reader's own sum for it that rounding put on either side of
    a half (0.045477749999999996 and 0.045477750000000001) are then shown alike.
    """
    if value != value:
        return "–"
    if value and not 1e-6 <= abs(value) < 1e15:
        nearly = float(f"{value:.{digits + _GUARD - 1}e}")
        return f"{nearly:.{digits - 1}e}".replace("-", "−")
    decimals = _decimals(value, digits)
    text = f"{round(value, decimals + _GUARD):,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−") if text.strip("-0.") else "0"


def _decimals(value: float, digits: int) -> int:
    return max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0


def shown(sign: str, value: float, digits: int, ranked: bool = False) -> tuple[str, str]:
    """Return sign and number of a line as they are shown; digits of rows that add up are decimals."""
    if sign == "+" and not ranked and value < 0:
        return "−", figure(-value, digits)
    return ("", decimal(value, digits)) if ranked else (sign, figure(value, digits))


def decimal(value: float, decimals: int) -> str:
    """Return a number with so many decimals."""
    if value != value:
        return "–"
    text = f"{value:,.{decimals}f}"
    return text.replace("-", "−") if text.strip("-0.,") else text.lstrip("-")


def number(text: str) -> float:
    """Return the number that a text shows."""
    return float(text.replace(",", "").replace("−", "-"))


def chain_digits(links: Sequence[tuple[str, float, float]]) -> int:
    """Return with how many significant digits the links of a chain must be shown to lead to its end as it is shown.

    Each link is its sign, value and scale, as `Step` has them; the last one is the end.
    """
    if not links or any(value != value for _, value, _ in links):
        return _LEAST
    end = figure(links[-1][1])
    for digits in range(_LEAST, _MOST):
        running = 0.0
        for sign, value, scale in links:
            read = number(figure(value, digits)) * scale
            running = running * read if sign == "×" else running + read if sign == "+" else running
            running = read if sign == "" else running
        if figure(running) == end:
            return digits
    return _MOST


def summed(rows: Sequence[float]) -> int:
    """Return with how many decimals rows must be shown to add up to their sum, the last of them, as it is shown."""
    if not rows:
        return 0
    parts = [value for value in rows[:-1] if value == value]
    whole = math.fsum(parts)
    end = figure(whole)
    least = _decimals(whole, RESULT)
    for decimals in range(min(least, 12), 13):
        if figure(sum(number(decimal(value, decimals)) for value in parts)) == end:
            return _trimmed([*parts, whole], decimals)
    return 12


def _trimmed(values: Sequence[float], decimals: int) -> int:
    """Return how many of the decimals any value needs: 2.40 and 1.00 are 2.4 and 1.0."""
    texts = [f"{value:.{decimals}f}".partition(".")[2].rstrip("0") for value in values]
    return max(map(len, texts), default=0)


def mass_per(factor: float, unit: str) -> tuple[float, str, float]:
    """Return a factor [t per activity unit] in a mass that reads well, the unit to write, and t per one of it."""
    name, worth = next(
        ((name, worth) for name, worth in _MASSES if factor >= worth), _MASSES[-1] if factor > 0 else _MASSES[1]
    )
    stock = unit.removesuffix("/yr").removesuffix("/年").removesuffix("/a")
    per = f"{name}/{stock}" if stock.isidentifier() or ("^" in stock and "/" not in stock) else f"{name}/({stock})"
    return factor / worth, per, worth
