"""The air quality index of China, HJ 633, from daily means: which days are heavily polluted, and what leads them.

    IAQI = (I_hi - I_lo) / (B_hi - B_lo) (C - B_lo) + I_lo,   rounded up;   AQI = the largest IAQI

The standard's edition is a parameter: that of 2012 counts for plans that end before March 2026, when HJ 633-2026 moved
where good air ends (PM2.5 60 for 75 ug/m3, PM10 120 for 150). Above an index of 200 both are the same.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from emis.airquality.interface import Floats

__all__ = ["EDITIONS", "HEAVY_INDEX", "POLLUTANTS", "aqi", "concentration_at", "heavy_limit", "iaqi", "led_by"]

#: Days above this index are heavily polluted.
HEAVY_INDEX = 200
#: Up to this index the standard names no pollutant that leads a day.
_LED = 50
_INDEX = (0.0, 50.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0)
_2012 = {
    "PM2.5": (0.0, 35.0, 75.0, 115.0, 150.0, 250.0, 350.0, 500.0),
    "PM10": (0.0, 50.0, 150.0, 250.0, 350.0, 420.0, 500.0, 600.0),
    "SO2": (0.0, 50.0, 150.0, 475.0, 800.0, 1600.0, 2100.0, 2620.0),
    "NO2": (0.0, 40.0, 80.0, 180.0, 280.0, 565.0, 750.0, 940.0),
    "CO": (0.0, 2.0, 4.0, 14.0, 24.0, 36.0, 48.0, 60.0),
    # Of the day's largest mean over eight hours; above 800 the standard goes by single hours, which a day has not.
    "O3": (0.0, 100.0, 160.0, 215.0, 265.0, 800.0),
}
#: Concentrations at the indices 0, 50, 100, 150, 200, 300, 400, 500 by edition and pollutant, of 24 hours [ug/m3; CO
#: mg/m3]: HJ 633-2012 table 1. Of HJ 633-2026 only the boundaries that were published with it are changed here.
EDITIONS: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "2012": _2012,
    "2026": {
        **_2012,
        "PM2.5": (0.0, 35.0, 60.0, *_2012["PM2.5"][3:]),
        "PM10": (0.0, 50.0, 120.0, *_2012["PM10"][3:]),
    },
}
#: What a day is judged by.
POLLUTANTS = tuple(_2012)


def _points(pollutant: str, edition: str) -> tuple[Floats, Floats]:
    if edition not in EDITIONS:
        raise ValueError(f"no edition {edition!r} of HJ 633; known are {', '.join(EDITIONS)}")
    if pollutant not in EDITIONS[edition]:
        raise ValueError(f"HJ 633 has no {pollutant}; it has {', '.join(POLLUTANTS)}")
    found = np.array(EDITIONS[edition][pollutant])
    return found, np.array(_INDEX[: len(found)])


def iaqi(concentration: Floats | float, pollutant: str, edition: str = "2012") -> Floats:
    """Return the index of one pollutant, (...) [1], rounded up; NaN without data.

    Above the last boundary it stays: 500, and 300 for ozone, of which a day's mean over eight hours tells no more.

    Parameters
    ----------
    concentration : (...) [ug/m3; CO mg/m3]
        Mean of 24 hours; of ozone the largest of eight.

    Raises
    ------
    ValueError
        When the standard has no such pollutant or edition, or a concentration is negative.
    """
    boundaries, index = _points(pollutant, edition)
    values = np.asarray(concentration, dtype=float)
    if np.any(values < 0):
        raise ValueError(f"a concentration of {pollutant} is negative")
    # What rounding adds to a boundary is no higher index.
    return np.asarray(np.ceil(np.interp(values, boundaries, index) - 1e-9))


def aqi(daily: Mapping[str, Floats], edition: str = "2012") -> Floats:
    """Return the index of days, (...) [1]: the largest of their pollutants; NaN where a day has data of none.

    Parameters
    ----------
    daily : mapping
        Concentrations by pollutant, (...) each, as for `iaqi`. Those that are missing on a day count for nothing.
    """
    return np.asarray(np.fmax.reduce([iaqi(values, name, edition) for name, values in daily.items()]))


def led_by(daily: Mapping[str, Floats], pollutant: str, edition: str = "2012") -> NDArray[np.bool_]:
    """Tell which days a pollutant leads, (...): the index is above 50 and is its own."""
    whole = aqi(daily, edition)
    return np.asarray((whole > _LED) & (iaqi(daily[pollutant], pollutant, edition) == whole))


def concentration_at(index: Floats | float, pollutant: str, edition: str = "2012") -> Floats:
    """Return the concentration above which the index of a pollutant is above `index`, (...) [ug/m3; CO mg/m3]."""
    boundaries, indices = _points(pollutant, edition)
    return np.asarray(np.interp(index, indices, boundaries))


def heavy_limit(daily: Mapping[str, Floats], pollutant: str = "PM2.5", edition: str = "2012") -> Floats:
    """Return what a pollutant has to exceed on each day to lead a heavily polluted one, (day,) [ug/m3; CO mg/m3].

    That is the concentration at an index of 200; of days that another pollutant leads it is infinite. What leads a day
    is what led it when it was observed, however the pollutant changes: PM10 holds PM2.5 and changes with it.
    """
    limit = np.full(np.shape(daily[pollutant]), float(concentration_at(HEAVY_INDEX, pollutant, edition)))
    others = {name: values for name, values in daily.items() if name != pollutant}
    if others:
        highest, own = aqi(others, edition), iaqi(daily[pollutant], pollutant, edition)
        limit[(highest > _LED) & (highest > own)] = np.inf
    return limit
