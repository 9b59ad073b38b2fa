"""Rollback: concentrations follow emissions, each species in its own way, above what comes from nowhere near.

`Rollback` is the speciated form: sulfate, nitrate, organic matter respond to their precursors with coefficients of
their own, ammonium follows by charge balance. `Proportional` is the one-line form, kept to be compared with: it expects
of every tonne what it was worth on average, and so promises too much.
"""

from dataclasses import dataclass

import numpy as np

from emis.airquality.interface import PRECURSORS, SPECIES, Floats

__all__ = ["AMMONIUM_OF_NITRATE", "RESPONSES", "Proportional", "Response", "Rollback"]

#: Ammonium that nitrate binds, by mass: 18.04/62.00.
AMMONIUM_OF_NITRATE = 0.29

_P = {name: number for number, name in enumerate(PRECURSORS)}
_K = {name: number for number, name in enumerate(SPECIES)}
_IONS = [_K["SO4"], _K["NO3"], _K["NH4"]]


@dataclass(frozen=True)
class Response:
    """How species respond to their precursors, relative change over relative change [1]; numbers or arrays (...).

    Attributes
    ----------
    sulfate_SO2, nitrate_NOx, nitrate_NH3, organic_VOC
        What a cut of the precursor takes off the species.
    nitrate_SO2
        What a cut of SO2 adds to nitrate, by the ammonia that it frees.
    primary_organic
        Share of organic matter that is emitted as such.
    sulfate_neutralised
        DON: mass of ammonium bound by a mass of sulfate; 0.375 is (NH4)2SO4, 0.1875 NH4HSO4.
    """

    sulfate_SO2: float | Floats
    nitrate_NOx: float | Floats
    nitrate_NH3: float | Floats
    nitrate_SO2: float | Floats
    organic_VOC: float | Floats
    primary_organic: float | Floats
    sulfate_neutralised: float | Floats = 0.375


#: Low and high of what is assumed where a scenario says nothing else; the middle is the value. All are assumed, bounded
#: by TM5-FASST's China row (0.75, 1.23, 0.98, 0.21; doi 10.5194/acp-18-16173-2018), by winter chemistry of the region,
#: in which small cuts of NOx or NH3 alone do little (doi 10.5194/acp-24-9355-2024), and by an overall elasticity of
#: 0.3-0.8 that joint cuts showed. Primary organic matter: of organic carbon 59-78 % was secondary in 2023, less before.
RESPONSES = {
    "sulfate_SO2": (0.5, 1.0),
    "nitrate_NOx": (0.0, 1.2),
    "nitrate_NH3": (0.0, 0.6),
    "nitrate_SO2": (0.0, 0.2),
    "organic_VOC": (0.2, 0.8),
    "primary_organic": (0.3, 0.6),
    "sulfate_neutralised": (0.336, 0.375),
}


@dataclass(frozen=True)
class Rollback:
    """The speciated rollback.

    C1 = sum over k of C0_k [ b_k + sum over areas a of s_ka g_k(e^a) ], with the background's share b_k = 1 - sum of
    s_ka, and per area

        sulfate         g = 1 - B_S (1 - e_SO2)
        nitrate         g = 1 - B_N (1 - e_NOx) - B_A (1 - e_NH3) + B_S' (1 - e_SO2), not below 0
        organic matter  g = f e_OC + (1 - f) [1 - B_V (1 - e_VOC)]
        elemental       g = e_BC;   minerals  g = e_dust;   the rest  g = 1

    Ammonium is what binds the sulfate and nitrate there are, C0 (DON SO4 + 0.29 NO3)_1 / (DON SO4 + 0.29 NO3)_0 (charge
    balance as in the EPA's SANDWICH method, Frank 2006, doi 10.1080/10473289.2006.10464517), and water is what the
    three ions hold, in proportion.

    Attributes
    ----------
    base : ndarray, (..., species) [ug/m3]
        Concentrations of the base year.
    shares : ndarray, (..., area, species) [1]
        Which part of a species comes from each area; what is left to 1 is background.
    response : Response
    """

    base: Floats
    shares: Floats
    response: Response
    name = "rollback"
    species = SPECIES

    def concentrations(self, ratio: Floats) -> Floats:
        """Return concentrations, (..., species) [ug/m3], of ratios, (..., area, precursor) [1]."""
        change = 1.0 - np.asarray(ratio, dtype=float)  # what is cut, by area and precursor
        so2, nox, nh3, voc, bc, oc, dust = (change[..., _P[name]] for name in PRECURSORS)
        beta = self.response
        primary = _beside(beta.primary_organic)
        nitrate = _beside(beta.nitrate_NOx) * nox + _beside(beta.nitrate_NH3) * nh3 - _beside(beta.nitrate_SO2) * so2
        cut = {
            "SO4": _beside(beta.sulfate_SO2) * so2,
            "NO3": np.minimum(nitrate, 1.0),
            "OM": primary * oc + (1.0 - primary) * _beside(beta.organic_VOC) * voc,
            "EC": bc,
            "crustal": dust,
        }
        shape = np.broadcast_shapes(*(part.shape[:-1] for part in cut.values()), self.base.shape[:-1])
        shape = np.broadcast_shapes(shape, self.shares.shape[:-2])
        found = np.empty((*shape, len(SPECIES)))
        found[:] = self.base
        for name, part in cut.items():
            k = _K[name]
            found[..., k] = self.base[..., k] * (1.0 - (self.shares[..., k] * part).sum(axis=-1))
        found[..., _K["NH4"]] *= _over(self._bound(found), self._bound(self.base))
        found[..., _K["water"]] *= _over(found[..., _IONS].sum(axis=-1), self.base[..., _IONS].sum(axis=-1))
        return found

    def _bound(self, species: Floats) -> Floats:
        """Return the ammonium that sulfate and nitrate bind [ug/m3]."""
        bound: Floats = (
            np.asarray(self.response.sulfate_neutralised) * species[..., _K["SO4"]]
            + AMMONIUM_OF_NITRATE * species[..., _K["NO3"]]
        )
        return bound

    def remarks(self, ratio: Floats) -> tuple[tuple[str, str], ...]:
        """Return what a reader should know: emissions changed further than such a model holds."""
        most = float(np.nanmax(np.abs(1.0 - np.asarray(ratio)), initial=0.0))
        if most <= _FAR:
            return ()
        return (
            (
                f"an emission changes by {100 * most:.0f} %, and rollback is meant for changes up to 40 %",
                f"有排放量变化达 {100 * most:.0f} %，超出比例回推法适用的 40 % 以内",
            ),
        )


#: Beyond this change of an emission the coefficients are not meant to hold [1].
_FAR = 0.4


def _beside(value: float | Floats) -> Floats:
    """Return a parameter with an axis for areas behind its own."""
    return np.asarray(value, dtype=float)[..., None]


def _over(after: Floats, before: Floats) -> Floats:
    return np.divide(after, before, out=np.ones(np.broadcast_shapes(after.shape, before.shape)), where=before > 0)


@dataclass(frozen=True)
class Proportional:
    """The one-line rollback: PM2.5 = C0 (b + sum over areas and precursors of w e), with b = 1 - sum of w.

    Attributes
    ----------
    base : ndarray, (...) [ug/m3]
        PM2.5 of the base year.
    weight : ndarray, (..., area, precursor) [1]
        Which part of it each precursor of each area stands for.
    """

    base: Floats
    weight: Floats
    name = "proportional"
    species = ("PM2.5",)

    @classmethod
    def of_species(cls, base: Floats, shares: Floats, primary_organic: float | Floats) -> "Proportional":
        """Return the model in which each species stands for its own precursor.

        Organic matter stands for OC and VOC by its primary share; what has no precursor (water, the rest) goes with
        all others. Arguments as for `Rollback`.
        """
        primary = np.asarray(primary_organic, dtype=float)[..., None]
        mass = shares * base[..., None, :]  # ug/m3 by area and species
        by_precursor = {
            "SO2": mass[..., _K["SO4"]], "NOx": mass[..., _K["NO3"]], "NH3": mass[..., _K["NH4"]],
            "VOC": (1 - primary) * mass[..., _K["OM"]], "OC": primary * mass[..., _K["OM"]],
            "BC": mass[..., _K["EC"]], "dust": mass[..., _K["crustal"]],
        }  # fmt: skip
        weight = np.stack(np.broadcast_arrays(*(by_precursor[name] for name in PRECURSORS)), axis=-1)
        rest = mass[..., [_K["water"], _K["other"]]].sum(axis=-1)
        known = weight.sum(axis=-1)
        weight = weight * _over(known + rest, known)[..., None]
        total = base.sum(axis=-1)
        return cls(total, weight / total[..., None, None])

    def concentrations(self, ratio: Floats) -> Floats:
        """Return PM2.5, (..., 1) [ug/m3], of ratios, (..., area, precursor) [1]."""
        change = (self.weight * (np.asarray(ratio, dtype=float) - 1.0)).sum(axis=(-2, -1))
        return np.asarray(self.base * (1.0 + change))[..., None]

    def remarks(self, ratio: Floats) -> tuple[tuple[str, str], ...]:
        """Return nothing: that it promises too much is known of it whatever it is asked."""
        return ()
