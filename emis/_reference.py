"""The kernels of `_core.pyx` again in plain NumPy, slow and obvious: the oracle they are tested against.

Same names, same arguments, same results to rounding; `out` arrays are returned instead of filled.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["project", "sample", "totals"]

Array = NDArray[Any]


def project(
    A: Array,
    F: Array,
    profile: Array,
    w: Array,
    t_ptr: Array,
    t_measure: Array,
    t_season: Array,
    tau: Array,
    c_ptr: Array,
    c_measure: Array,
    c_season: Array,
    c_row: Array,
    keep: Array,
    stay: Array,
    x: Array,
    g: Array,
) -> tuple[Array, Array]:
    """Return E, T × S × P [t per period], and activity, T × S [activity unit per period]."""
    (S, P), T = F.shape, x.shape[1]
    N = T // A.shape[1]
    E, activity = np.empty((T, S, P)), np.empty((T, S))
    for t in range(T):
        year = t // N
        for s in range(S):
            amount = A[s, year]
            moves = [i for i in range(t_ptr[s], t_ptr[s + 1]) if x[t_measure[i], t] * g[t_season[i], t] != 0]
            for i in moves:
                amount = amount + x[t_measure[i], t] * g[t_season[i], t] * tau[i, year]
            if t_ptr[s] < t_ptr[s + 1] and abs(amount) < 2e-12 * A[s, year]:
                amount = 0.0
            amount = amount * w[profile[s], t]
            remaining, staying = np.ones(P), 1.0
            for i in range(c_ptr[s], c_ptr[s + 1]):
                level = x[c_measure[i], t] * g[c_season[i], t]
                remaining = remaining * (1 - level * (1 - keep[c_row[i]]))
                staying = staying * (1 - level * (1 - stay[c_row[i]]))
            E[t, s] = F[s] * amount * remaining
            activity[t, s] = amount * staying
    return E, activity


def totals(
    W: Array,
    profile: Array,
    w: Array,
    t_ptr: Array,
    t_measure: Array,
    t_season: Array,
    V: Array,
    c_ptr: Array,
    c_measure: Array,
    c_season: Array,
    c_row: Array,
    keep: Array,
    x: Array,
    g: Array,
    cell: Array,
    cells: int,
) -> Array:
    """Return totals by cell, N × C × T × P [t per period]."""
    (K, P, Y), (vectors, _, T) = W.shape, x.shape
    N = T // Y
    out = np.zeros((vectors, cells, T, P))
    for n in range(vectors):
        for k in range(K):
            for t in range(T):
                year = t // N
                total = W[k, :, year].copy()
                for i in range(t_ptr[k], t_ptr[k + 1]):
                    total += x[n, t_measure[i], t] * g[t_season[i], t] * V[i, :, year]
                for i in range(c_ptr[k], c_ptr[k + 1]):
                    total *= 1 - x[n, c_measure[i], t] * g[c_season[i], t] * (1 - keep[c_row[i]])
                out[n, cell[k], t] += w[profile[k], t] * total
    return out


def sample(
    W: Array,
    profile: Array,
    w: Array,
    u_ptr: Array,
    u_column: Array,
    f_column: Array,
    t_ptr: Array,
    t_measure: Array,
    t_season: Array,
    t_strength: Array,
    V: Array,
    v_ptr: Array,
    v_column: Array,
    c_ptr: Array,
    c_measure: Array,
    c_season: Array,
    c_row: Array,
    keep: Array,
    x: Array,
    g: Array,
    u: Array,
    a: Array,
    b: Array,
    cell: Array,
    cells: int,
) -> Array:
    """Return totals by draw and cell, N × C × T × P [t per period]."""
    (K, P, Y), T, draws = W.shape, x.shape[1], len(u)
    N = T // Y
    out = np.zeros((draws, cells, T, P))
    for n in range(draws):
        for k in range(K):
            for t in range(T):
                year = t // N
                total = W[k, :, year] * np.prod(u[n, u_column[u_ptr[k] : u_ptr[k + 1]], year])
                for i in range(t_ptr[k], t_ptr[k + 1]):
                    level = x[t_measure[i], t] * g[t_season[i], t] * a[n, t_strength[i]]
                    moved = np.prod(u[n, v_column[v_ptr[i] : v_ptr[i + 1]], year])
                    total = total + level * moved * V[i, :, year]
                total = np.maximum(total, 0.0)
                for i in range(c_ptr[k], c_ptr[k + 1]):
                    level = x[c_measure[i], t] * g[c_season[i], t]
                    total = total * np.maximum(1 - level * b[n, c_measure[i]] * (1 - keep[c_row[i]]), 0.0)
                factor = np.array([u[n, q, year] if q >= 0 else 1.0 for q in f_column[k]])
                out[n, cell[k], t] += w[profile[k], t] * total * factor
    return out
