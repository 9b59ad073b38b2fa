"""Heavily polluted days: how many days of a year exceed 150 ug/m3 PM2.5 (AQI 200 by HJ 633-2012) at a mean.

Only days that PM2.5 leads are told so: ozone and sand have days of their own.
"""

import numpy as np
from scipy import special

from emis.airquality.interface import Floats

__all__ = ["HEAVY", "days_by_scaling", "days_over", "drawn_count", "log_sd"]

#: PM2.5 of a day above which it is heavily polluted [ug/m3], HJ 633-2012 table 1.
HEAVY = 150.0


def days_over(mean: Floats | float, spread: Floats | float, valid: float = 365, threshold: float = HEAVY) -> Floats:
    """Return the days above a threshold when daily means are log-normal, (...) [day].

    N = valid [1 - Phi((ln T - ln m + s^2/2) / s)], with m the mean and s the standard deviation of the logarithms.

    Parameters
    ----------
    mean : (...) [ug/m3]
    spread : (...) [1]
    valid : days of the year with data
    """
    return np.asarray(valid * special.ndtr(-_z(np.asarray(mean), np.asarray(spread), threshold)))


def _z(mean: Floats, spread: Floats, threshold: float) -> Floats:
    # Air without any PM2.5, or what a surface takes below 0, has no logarithm: no day of it is above the threshold.
    mean = np.maximum(mean, np.finfo(float).tiny)
    return np.asarray((np.log(threshold) - np.log(mean) + spread**2 / 2) / spread)


def log_sd(mean: float, days: float, valid: float = 365, threshold: float = HEAVY) -> float:
    """Return the spread with which `days` of the year exceed the threshold at a mean, in closed form [1].

    With z = Phi^-1(1 - days/valid) and L = ln(threshold/mean) it is a root of s^2/2 - z s + L = 0; below the threshold
    the smaller one, since more spread than that makes exceedances rarer again at the same mean.

    Raises
    ------
    ValueError
        When no spread gives so many days.
    """
    if not 0 < days < valid or mean <= 0:
        raise ValueError(f"{days:g} of {valid:g} days at a mean of {mean:g} tell no spread")
    z = float(special.ndtri(1 - days / valid))
    lift = float(np.log(threshold / mean))
    inside = z**2 - 2 * lift
    root = z - np.sqrt(inside) if lift > 0 and inside >= 0 else z + np.sqrt(max(inside, 0.0))
    if inside < 0 or root <= 0:
        raise ValueError(f"no spread makes {days:g} of {valid:g} days exceed {threshold:g} at a mean of {mean:g}")
    return float(root)


def days_by_scaling(
    daily: Floats, ratio: Floats | float, valid: float = 365, threshold: Floats | float = HEAVY
) -> Floats:
    """Return the days above a threshold when every day of a series changes as the mean does, (...) [day].

    N = valid mean(x_d ratio > T_d): quantiles are scaled, the shape of the year stays. Days without data count for
    nothing, neither above nor below.

    Parameters
    ----------
    daily : (day,) [ug/m3]
    ratio : (...) [1]
    threshold : one for all days, or (day,) [ug/m3]
        Above 0; infinite for days that never count, as something else leads them.

    Raises
    ------
    ValueError
        When the series holds no day with data.
    """
    has = ~np.isnan(daily)
    if not has.any():
        raise ValueError("the series has no day with data")
    # A day counts where x ratio > T, that is where x / T > 1 / ratio.
    reach = np.sort(np.asarray(daily, dtype=float)[has] / np.broadcast_to(threshold, has.shape)[has])
    limit = np.divide(1.0, ratio, out=np.full(np.shape(ratio), np.inf), where=np.asarray(ratio) > 0)
    above = len(reach) - np.searchsorted(reach, limit, side="right")
    return np.asarray(valid * above / len(reach))


def drawn_count(uniform: Floats, expected: Floats, valid: float) -> Floats:
    """Return a count of days for each draw, binomial about what is expected, (draw,) [day].

    Parameters
    ----------
    uniform : (draw,) in 0-1
        Which quantile of the binomial distribution a draw is.
    expected : (draw,) [day]
    """
    chance = np.clip(np.asarray(expected, dtype=float) / valid, 0.0, 1.0)
    inner = np.clip(chance, 1e-12, 1 - 1e-12)
    count = np.ceil(special.bdtrik(uniform, valid, inner) - 1e-9)
    return np.where(chance <= 0, 0.0, np.where(chance >= 1, valid, np.clip(count, 0.0, valid)))
