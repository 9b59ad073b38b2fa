"""Matrices where no model of one's own was run: SHERPA's kernel of distance, and TM5-FASST's response of China."""

from collections.abc import Sequence

import numpy as np

from emis.airquality.interface import AREAS, PRECURSORS, SPECIES, Floats
from emis.airquality.matrix import Matrix

__all__ = [
    "CHINA_BASE",
    "CHINA_RESPONSE",
    "TM5_FASST_PERTURBATION",
    "elasticities",
    "kernel",
    "sherpa",
    "sherpa_coefficients",
    "tm5_fasst",
]

_P = {name: number for number, name in enumerate(PRECURSORS)}
_K = {name: number for number, name in enumerate(SPECIES)}
_IONS = [_K["SO4"], _K["NO3"], _K["NH4"]]
#: The species that a precursor's effect on PM2.5 as a whole is booked under.
_OWN = {"SO2": "SO4", "NOx": "NO3", "NH3": "NH4", "VOC": "OM", "BC": "EC", "OC": "OM", "dust": "crustal"}

#: What TM5-FASST's slopes were made from: a cut of a region's emissions by 20 % [1].
TM5_FASST_PERTURBATION = 0.2
#: TM5-FASST, China on itself: what a cut by 20 % takes off, by (precursor, species) [ug/m3]. Particulate organic matter
#: answers to the organic carbon that is emitted; VOC has no row. Van Dingenen et al. 2018,
#: doi 10.5194/acp-18-16173-2018, tables as distributed with the R package rfasst (Sampedro et al. 2022).
CHINA_RESPONSE = {
    ("SO2", "SO4"): 0.755369, ("NOx", "SO4"): 0.006427, ("NH3", "SO4"): 0.049807,
    ("SO2", "NO3"): -0.067910, ("NOx", "NO3"): 0.398419, ("NH3", "NO3"): 0.318747,
    ("SO2", "NH4"): 0.210542, ("NOx", "NH4"): 0.115849, ("NH3", "NH4"): 0.170315,
    ("BC", "EC"): 0.423668, ("OC", "OM"): 1.426206,
}  # fmt: skip
#: The concentrations those were taken off, of the year 2000 [ug/m3]; beside them are dust 8.371 and sea salt 0.419.
CHINA_BASE = {"SO4": 5.028, "NO3": 1.621, "NH4": 2.207, "EC": 2.620, "OM": 7.766}


def kernel(distances: Floats, omega: Floats) -> Floats:
    """Return what an emission counts for by its distance, (..., source, precursor) [1]: (1 + d)^-omega.

    Parameters
    ----------
    distances : ndarray, (..., source)
        From source to receptor, in grid cells.
    omega : ndarray, (..., precursor) [1]

    Raises
    ------
    ValueError
        When a distance is negative.
    """
    distances, omega = np.asarray(distances, dtype=float), np.asarray(omega, dtype=float)
    if np.any(distances < 0):
        raise ValueError("a distance is negative")
    return np.asarray((1.0 + distances[..., :, None]) ** -omega[..., None, :])


def sherpa_coefficients(alpha: Floats, omega: Floats, distances: Floats) -> Floats:
    """Return SHERPA's coefficients, (..., source, precursor, species) [ug/m3 per t/yr]: alpha_p (1 + d_s)^-omega_p.

    Arguments as for `sherpa`.
    """
    return np.asarray(kernel(distances, omega)[..., None] * _by_species(alpha)[..., None, :, :])


def sherpa(
    alpha: Floats, omega: Floats, distances: Floats, emissions: Floats, areas: Sequence[str] | None = None,
    base: Floats | None = None, perturbation: Floats | float = np.nan, source: str = "",
) -> Matrix:  # fmt: skip
    """Return the matrix of a receptor in SHERPA's form.

    dC = sum over precursors p of alpha_p sum over sources s of (1 + d_s)^-omega_p (E_sp - E0_sp); Clappier et al.
    2015, Environ. Modell. Softw. 74, 66-74, and Pisoni et al. 2017, Environ. Modell. Softw. 90, 68-77. Sources are
    areas, or cells of a grid, which are taken to change as their area does; cells outside SHERPA's radius of influence
    are for the caller to leave out. alpha and omega are fitted to runs of a transport model for each receptor: none are
    shipped.

    Parameters
    ----------
    alpha : ndarray, (..., precursor) or (..., precursor, species) [ug/m3 per t/yr]
        Without species it is of PM2.5 as a whole, and a precursor's effect is booked under the species it becomes (of
        SO2 sulfate, of NOx nitrate, ...): only the sum means something then. SHERPA's primary PM2.5 is BC, OC and dust.
    omega : ndarray, (..., precursor) [1]
    distances : ndarray, (..., source)
        From source to receptor, in grid cells.
    emissions : ndarray, (..., source, precursor) [t/yr]
        Of the base year.
    areas : sequence of str, (source,), optional
        The area each source lies in; otherwise the sources are the areas.
    base, perturbation, source
        As for `Matrix`.

    Raises
    ------
    ValueError
        When sources and areas do not match, an emission is negative or missing, or as for `Matrix`.
    """
    emissions = np.asarray(emissions, dtype=float)
    if not np.all(emissions >= 0):
        raise ValueError("an emission of the base year is negative or missing")
    places = AREAS if areas is None else tuple(areas)
    if np.shape(distances)[-1:] != (len(places),) or emissions.shape[-2:] != (len(places), len(PRECURSORS)):
        raise ValueError(f"distances and emissions are not of {len(places)} sources and {len(PRECURSORS)} precursors")
    if set(places) != set(AREAS):
        raise ValueError(f"sources lie in {', '.join(sorted(set(places)))}, and should in {', '.join(AREAS)}")
    inside = np.array([[area == place for place in places] for area in AREAS], dtype=float)
    weighed = np.einsum("as,...sp,...sp->...ap", inside, kernel(distances, omega), emissions)
    return Matrix(base, weighed[..., None] * _by_species(alpha)[..., None, :, :], perturbation, source)


def _by_species(alpha: Floats) -> Floats:
    alpha = np.asarray(alpha, dtype=float)
    if alpha.shape[-2:] == (len(PRECURSORS), len(SPECIES)):
        return alpha
    if alpha.shape[-1:] != (len(PRECURSORS),):
        raise ValueError(f"alpha is {alpha.shape}, and should end in the precursors, or in precursors and species")
    found = np.zeros((*alpha.shape, len(SPECIES)))
    for precursor, species in _OWN.items():
        found[..., _P[precursor], _K[species]] = alpha[..., _P[precursor]]
    return found


def elasticities(dust: bool = True) -> Floats:
    """Return TM5-FASST's response of China, relative change over relative change, (precursor, species) [1].

    epsilon_pk = A20_pk / (0.2 C_k). Urban increments (0.953 for EC, 1.143 for OM) are left out: they scale a
    change and not the concentration it is taken from. Nitrate answers to NOx with 1.23 and to NH3 with 0.98: a cut of
    both by 46 % would leave none.

    Parameters
    ----------
    dust : bool
        Whether minerals follow the dust that is emitted, with 1, as what is inert does; in TM5-FASST they are fixed.
    """
    found = np.zeros((len(PRECURSORS), len(SPECIES)))
    for (precursor, species), taken in CHINA_RESPONSE.items():
        found[_P[precursor], _K[species]] = taken / TM5_FASST_PERTURBATION / CHINA_BASE[species]
    found[_P["dust"], _K["crustal"]] = float(dust)
    return found


def tm5_fasst(concentrations: Floats, shares: Floats, dust: bool = True, water: bool = True) -> Matrix:
    """Return TM5-FASST's response of China on a receptor's own composition: A_apk = epsilon_pk C_k s_ak.

    The response of a country is thus spread over the areas as its species come from them. What has no row is held:
    secondary organic matter, the rest, and the background. What other countries bring is in the concentrations that the
    elasticities are taken from, and in the background here once more: the response errs on the low side.

    Parameters
    ----------
    concentrations : ndarray, (..., species) [ug/m3]
        Of the base year.
    shares : ndarray, (..., area, species) [1]
        Which part of a species comes from each area; what is left to 1 is background.
    dust : bool
        As for `elasticities`.
    water : bool
        Whether water goes with sulfate, nitrate and ammonium together, in proportion; otherwise it is held.
    """
    concentrations = np.asarray(concentrations, dtype=float)
    own = concentrations[..., None, :] * np.asarray(shares, dtype=float)  # ug/m3 by area and species
    response = elasticities(dust) * own[..., None, :]
    if water:
        ions = concentrations[..., _IONS].sum(axis=-1)
        held = np.divide(concentrations[..., _K["water"]], ions, out=np.zeros(ions.shape), where=ions > 0)
        response[..., _K["water"]] = held[..., None, None] * response[..., _IONS].sum(axis=-1)
    source = "TM5-FASST, China to China (Van Dingenen et al. 2018, doi 10.5194/acp-18-16173-2018)"
    return Matrix(concentrations, response, TM5_FASST_PERTURBATION, source)
