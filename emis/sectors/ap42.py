"""Fugitive dust by US EPA AP-42, Compilation of Air Pollutant Emission Factors, sections 13.2.1, .2, .4 and .5.

The Chinese guideline (扬尘源颗粒物排放清单编制技术指南(试行), 2014) writes the same equations.
"""

from typing import Any

import numpy as np

from emis.sectors.method import Floats
from emis.units import SHORT_TON

__all__ = [
    "PAVED",
    "friction_velocity",
    "handling",
    "paved_road",
    "pile_erosion",
    "unpaved_road",
    "unpaved_road_watering",
]

#: One pound per mile in grams per kilometre.
LB_PER_MILE = 453.59237 / 1.609344

#: AP-42 13.2.1: by edition, size multipliers [g/vkm], exponents of silt load and weight, and what these are divided by.
PAVED = {
    2011: ((3.23, 0.62, 0.15), 0.91, 1.02, 1.0, 1.0),
    1997: (tuple(k * LB_PER_MILE for k in (0.082, 0.016, 0.004)), 0.65, 1.5, 2.0, 3.0),
}


def paved_road(silt_loading: Floats, mean_weight: Floats, wet_days: Floats | float = 0.0, edition: int = 2011) -> Any:
    """Return the dust of paved roads as TSP, PM10, PM2.5 [g/vkm]: k · sL^0.91 · W^1.02 · (1 − P/(4·365)).

    Parameters
    ----------
    silt_loading : ndarray
        Silt on the road, below 75 µm [g/m²]; made for 0.03-400 g/m².
    mean_weight : ndarray
        Mean weight of the vehicles on the road; made for 1.8-38 t. For the edition of 2011 in metric tonnes, as the
        Chinese guideline 扬尘源 reads W with the same k in g/km; AP-42 itself has short tons, which is 10 % more dust.
        For that of 1997 in short tons.
    wet_days : ndarray
        Days of a year with at least 0.254 mm of rain.
    edition : int
        2011 (AP-42 13.2.1, January 2011), or 1997: k · (sL/2)^0.65 · (W/3)^1.5 with k of 0.082, 0.016, 0.004 lb/mile
        (October 1997), as older inventories have it.
    """
    multipliers, of_silt, of_weight, silt_unit, weight_unit = PAVED[edition]
    load = (silt_loading / silt_unit) ** of_silt * (mean_weight / weight_unit) ** of_weight
    return tuple(k * load * (1.0 - wet_days / 1460.0) for k in multipliers)


def unpaved_road(
    silt_content: Floats,
    mean_weight: Floats,
    wet_days: Floats | float = 0.0,
    surface_moisture: Floats | None = None,
) -> Any:
    """Return the dust of unpaved roads as TSP, PM10, PM2.5 [g/vkm].

    AP-42 13.2.2 (November 2006, industrial roads): k · (s/12)^a · (W/3)^0.45 · (365 − P)/365 with k of 4.9, 1.5, 0.15
    lb/mile and a of 0.7, 0.9, 0.9; with a surface moisture its edition of September 1998: k · (s/12)^0.8 · (W/3)^b ·
    (M/0.2)^−c with k of 10, 2.6, 0.38 lb/mile, b of 0.5, 0.4, 0.4 and c of 0.4, 0.3, 0.3.

    Parameters
    ----------
    silt_content : ndarray
        Silt of the road's surface, a share by weight [1]; made for 1.8-25.2 %, constants of 2006 as transcribed from
        the section by others, not read in print.
    mean_weight : ndarray
        Mean weight of the vehicles [t]; the equation's short tons are converted.
    wet_days : ndarray
        Days of a year with at least 0.254 mm of rain.
    surface_moisture : ndarray, optional
        Moisture of the dry surface, a share by weight [1].
    """
    silt, weight = 100.0 * silt_content / 12.0, mean_weight / SHORT_TON / 3.0
    dry = 1.0 - wet_days / 365.0
    if surface_moisture is None:
        constants = ((4.9, 0.7), (1.5, 0.9), (0.15, 0.9))
        return tuple(LB_PER_MILE * k * silt**a * weight**0.45 * dry for k, a in constants)
    moisture = 100.0 * surface_moisture / 0.2
    return tuple(
        LB_PER_MILE * k * silt**0.8 * weight**b * moisture**-c * dry
        for k, b, c in ((10, 0.5, 0.4), (2.6, 0.4, 0.3), (0.38, 0.4, 0.3))
    )


def unpaved_road_watering(evaporation: Floats, traffic: Floats, interval: Floats, rate: Floats) -> Floats:
    """Return what watering an unpaved road removes [1]: 1 − 0.000012 · A·D·T/I, not below 0.

    Parameters
    ----------
    evaporation : ndarray
        Pan evaporation of a year [mm]; the equation has inches.
    traffic : ndarray
        Vehicles per hour.
    interval : ndarray
        Hours between waterings.
    rate : ndarray
        Water applied [L/m²]; the equation has US gallons per square yard.

    Notes
    -----
    Mojave Desert AQMD, Emissions Inventory Guidance, Mineral Handling and Processing Industries (2013), part K; the
    constant 0.0012 % is the one its own example of no efficiency needs.
    """
    gallons = rate / (3.785411784 / 0.83612736)
    return np.maximum(0.0, 1.0 - 0.000012 * (evaporation / 25.4) * traffic * interval / gallons)


def handling(
    wind_speed: Floats,
    moisture: Floats,
    multipliers: tuple[float, ...] = (0.74, 0.35, 0.053),
    reference_speed: float = 2.2,
) -> Any:
    """Return the dust of one handling of loose material as TSP, PM10, PM2.5 [kg/t].

    Made for a moisture of 0.25-4.8 % and winds of 0.6-6.7 m/s.

    AP-42 13.2.4: k · 0.0016 · (u/2.2)^1.3 / (M/2)^1.4, u the mean wind speed [m/s], M the moisture in per cent (given
    here as a share [1]). The edition of 1995 has k of 0.74, 0.36, 0.11 and 5 miles per hour instead of 2.2 m/s.
    """
    each = 0.0016 * (wind_speed / reference_speed) ** 1.3 / (100.0 * moisture / 2.0) ** 1.4
    return tuple(k * each for k in multipliers)


def friction_velocity(wind_speed: Floats, height: float = 10.0, roughness: float = 0.6) -> Floats:
    """Return the friction velocity [m/s]: 0.4 · u(z) / ln(z/z0).

    `wind_speed` [m/s] at `height` z [m]; roughness z0 0.6 m in towns, 0.2 m in suburbs (guideline 扬尘源).
    """
    return np.asarray(0.4 * wind_speed / np.log(height / roughness))


def pile_erosion(threshold_velocity: Floats, friction_velocity: Floats, disturbances: Floats) -> Any:
    """Return the wind erosion of piles and bare ground as TSP, PM10, PM2.5 [g/m² per year].

    AP-42 13.2.5: k · N · P with P = 58 (u* − ut)² + 25 (u* − ut) above the threshold, 0 below, and k of 1.0, 0.5, 0.2
    (edition of 1995).

    Parameters
    ----------
    threshold_velocity : ndarray
        Friction velocity from which the surface gives dust [m/s]: construction site 0.26, abandoned farmland 0.25,
        disturbed desert 0.33, coal pile 0.64 (Mojave Desert AQMD guidance, part L).
    friction_velocity : ndarray
        That of the fastest mile between disturbances [m/s].
    disturbances : ndarray
        How often in a year the surface is disturbed.
    """
    above = np.maximum(0.0, friction_velocity - threshold_velocity)
    potential = disturbances * (58.0 * above**2 + 25.0 * above)
    return tuple(k * potential for k in (1.0, 0.5, 0.2))
