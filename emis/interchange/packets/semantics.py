"""What packets do to emissions, as each system computes it: one function for each rule, in plain NumPy.

Efficiencies, penetrations and levels are fractions [1], emissions and ceilings are of one period [t]: a year, or each
month of it. None of these functions knows of sources, records or files.

References
----------
.. [1] CEMPD/SMOKE, src/cntlmat/genmultc.f (multiplicative controls) and src/grwinven (growth), read January 2026.
.. [2] CEMPD/smoke-manual, ch06 Cntlmat and ch08 GCNTL.
.. [3] USEPA/emf, EMF/deploy/db/cost/functions/run_project_future_year_inventory.sql, and
   create_projected_future_year_inventory.sql.
"""

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from emis.inventory import Floats

__all__ = [
    "capped_by_cost",
    "capped_by_emis",
    "capped_by_smoke",
    "ctg_factor",
    "factor_left",
    "in_force",
    "in_force_share",
    "mact_factor",
    "replaced",
]

Bools = NDArray[np.bool_]


def in_force(date: dt.date | None, year: int) -> bool:
    """Tell whether CoST counts a record with this date in a year: before 1 July, and always without a date [3]_.

    The day is the default of COST_PROJECT_FUTURE_YEAR_COMPLIANCE_DATE_CUTOFF_MONTHDAY and of its neighbour for
    effective dates of closures.
    """
    return date is None or date < dt.date(year, 7, 1)


def in_force_share(date: dt.date | None, year: int) -> float:
    """Return the share of a year's days on which something with this date is in force [1]: from 00:00 of the day."""
    if date is None:
        return 1.0
    first, last = dt.date(year, 1, 1).toordinal(), dt.date(year + 1, 1, 1).toordinal()
    return min(1.0, max(0.0, (last - date.toordinal()) / (last - first)))


def factor_left(efficiency: Floats, existing: Floats) -> Floats:
    """Return what is left when a control takes the place of the existing one: (1 − p) / (1 − r) [1].

    An existing control of 100 % has nothing behind it: NaN. (SMOKE takes 0, CoST that there is no control [1]_ [3]_.)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(existing < 1.0, (1.0 - efficiency) / (1.0 - existing), np.nan)


def replaced(efficiency: Floats, existing: Floats, system: str) -> Bools:
    """Tell where a replacement control is used, over the periods of the last axis.

    SMOKE: where it leaves less than the existing one (COMPARE_REPLACE_CONTROL = Y, the default) [1]_. CoST: where in
    any period it is at least as good, or 0, which passes emissions through [3]_. emis: where it is better in any.
    """
    better = efficiency >= existing if system == "cost" else 1.0 - efficiency < 1.0 - existing
    if system == "cost":
        better = better | (efficiency == 0.0)
    return np.asarray(better.any(axis=-1))


def mact_factor(existing: Floats, old: Floats, new: Floats, fraction: Floats) -> Floats:
    """Return SMOKE's /MACT/ factor [1]: (1 − f)·g(old) + f·g(new), g(e) = (1 − e)/(1 − r) where e > r, else 1 [1]_."""
    with np.errstate(divide="ignore", invalid="ignore"):
        of_old = np.where(old > existing, (1.0 - old) / (1.0 - existing), 1.0)
        of_new = np.where(new > existing, (1.0 - new) / (1.0 - existing), 1.0)
    return np.asarray((1.0 - fraction) * of_old + fraction * of_new)


def ctg_factor(controlled: Floats, factor: Floats, cutoff: Floats, mact: Floats, ract: Floats) -> Floats:
    """Return SMOKE's /CTG/ factor [1], on emissions that MACT and CONTROL have been applied to [1]_.

    Nothing up to the cutoff; above it the factor, and where that leaves more than the cutoff another one: MACT where it
    is above 0, else RACT, else cutoff/what is left. `mact` and `ract` are NaN where they are not given.
    """
    left = controlled * factor
    with np.errstate(divide="ignore", invalid="ignore"):
        last = np.where(left > 0, cutoff / np.where(left > 0, left, 1.0), 1.0)
    second = np.where(mact > 0, mact, np.where(ract > 0, ract, last))
    return np.asarray(np.where(controlled > cutoff, factor * np.where(left > cutoff, second, 1.0), 1.0))


def capped_by_smoke(base: Floats, cap: Floats, replacement: Floats, manual: bool = False) -> Floats:
    """Return SMOKE's /ALLOWABLE/ factor [1] on `base`, the emissions before anything was applied [1]_.

    With both, replacement/base where base > cap; with a cap, cap/base there; with a replacement, replacement/base where
    base is above it. The code multiplies this onto the factor so far; the manual has it override that, and has no
    condition on a replacement alone [2]_. `cap` and `replacement` are NaN where they are not given; where nothing
    is applied the factor is NaN.
    """
    has_cap, has_replacement = ~np.isnan(cap), ~np.isnan(replacement)
    value = np.where(has_replacement, replacement, cap)
    above = np.where(has_cap, base > cap, (base > replacement) | manual) & (has_cap | has_replacement) & (base > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(above, value / np.where(base > 0, base, 1.0), np.nan)


def capped_by_cost(
    controlled: Floats, cap: Floats, replacement: Floats, annual: Floats, days: Floats
) -> tuple[Floats, Bools]:
    """Return what CoST's caps and replacements leave, N [t/yr], and where it is the cap; NaN where all is left [3]_.

    A cap is applied where what is grown and controlled reaches it in any month, or in the year, and then all of the
    year is the cap, also where months were below theirs. A replacement is always applied, and only where no cap is.

    Parameters
    ----------
    controlled, cap, replacement : ndarray, N × periods [t per period; caps and replacements t/d]
    annual : ndarray, N [t/d]
        The cap of the year, NaN where only months have one.
    days : ndarray, periods
        Days of each period.
    """
    with np.errstate(invalid="ignore"):
        reached = (controlled >= cap * days).any(axis=1) | (controlled.sum(axis=1) >= annual * days.sum())
    ceiling, instead = (cap * days).sum(axis=1), (replacement * days).sum(axis=1)
    capped = reached & ~np.isnan(ceiling)
    return np.where(capped, ceiling, instead), capped


def capped_by_emis(controlled: Floats, cap: Floats, replacement: Floats, level: Floats) -> Floats:
    """Return what a cap leaves of what is grown and controlled [t/yr]: E·(1 − x·max(0, 1 − limit/E)).

    The limit is the cap, or the replacement where one is given, which then counts only above the cap; it never raises.
    `level` is x, how far it is in force in the year.
    """
    limit = np.where(np.isnan(replacement), cap, replacement)
    above = np.isnan(cap) | (controlled > cap)
    over = above & (controlled > limit)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(over, controlled * (1.0 - level * (1.0 - limit / np.where(over, controlled, 1.0))), controlled)
