"""The kernels of `_core.pyx` again in plain NumPy, slow and obvious: the oracle they are tested against.

Same names, same arguments, same results to rounding; `out` arrays are returned instead of filled.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["gradient", "project", "sample", "shapley", "totals"]

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
    (K, Y, P), (vectors, _, T) = W.shape, x.shape
    N = T // Y
    out = np.zeros((vectors, cells, T, P))
    for n in range(vectors):
        for k in range(K):
            for t in range(T):
                year = t // N
                total = W[k, year].copy()
                for i in range(t_ptr[k], t_ptr[k + 1]):
                    total += x[n, t_measure[i], t] * g[t_season[i], t] * V[i, year]
                for i in range(c_ptr[k], c_ptr[k + 1]):
                    total *= 1 - x[n, c_measure[i], t] * g[c_season[i], t] * (1 - keep[c_row[i]])
                out[n, cell[k], t] += w[profile[k], t] * total
    return out


def sample(
    W: Array,
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
    h: Array,
    a: Array,
    b: Array,
    cell: Array,
    cells: int,
) -> Array:
    """Return totals by cell and draw, C × T × P × N [t per period]."""
    (K, T, P), Y, draws = W.shape, h.shape[1], u.shape[1]
    N = T // Y
    out = np.zeros((cells, T, P, draws))
    for n in range(draws):
        by_year = np.concatenate([np.repeat(u[:, n, None], Y, axis=1), h[:, :, n]])
        for k in range(K):
            for t in range(T):
                year = t // N
                total = W[k, t] * np.prod(by_year[u_column[u_ptr[k] : u_ptr[k + 1]], year])
                for i in range(t_ptr[k], t_ptr[k + 1]):
                    level = x[t_measure[i], t] * g[t_season[i], t] * a[t_strength[i], n]
                    moved = np.prod(by_year[v_column[v_ptr[i] : v_ptr[i + 1]], year])
                    total = total + level * moved * V[i, t]
                total = np.maximum(total, 0.0)
                for i in range(c_ptr[k], c_ptr[k + 1]):
                    level = x[c_measure[i], t] * g[c_season[i], t]
                    total = total * np.maximum(1 - level * b[c_measure[i], :, n] * (1 - keep[c_row[i]]), 0.0)
                factor = np.array([u[q, n] if q >= 0 else 1.0 for q in f_column[k]])
                out[cell[k], t, :, n] += total * factor
    return out


def shapley(
    W: Array,
    profile: Array,
    w: Array,
    t_ptr: Array,
    t_measure: Array,
    t_season: Array,
    t_pair: Array,
    V: Array,
    c_ptr: Array,
    c_measure: Array,
    c_season: Array,
    c_row: Array,
    c_pair: Array,
    keep: Array,
    x: Array,
    g: Array,
    order: Array,
    nodes: Array,
    weights: Array,
    pairs: int,
) -> Array:
    """Return the integral of xᵢ·∂E/∂xᵢ along the ray by the given quadrature, pairs × Y × P [t/yr].

    E is multilinear, so xᵢ·∂E/∂xᵢ is a plain difference: E with xᵢ in full less E without it, all others at λx.
    """
    (K, Y, P), (_, T) = W.shape, x.shape
    out = np.zeros((pairs, Y, P))
    merged = (W, profile, w, t_ptr, t_measure, t_season, V, c_ptr, c_measure, c_season, c_row, keep)
    cell = np.arange(K)
    for k, pair, i in _pairs(t_ptr, t_measure, t_pair, c_ptr, c_measure, c_pair):
        for node, weight in zip(nodes[order[k]][: order[k] + 1], weights[order[k]], strict=False):
            with_it, without = node * x, node * x
            with_it[i], without[i] = x[i], 0.0
            full, none = totals(*merged, np.stack([with_it, without]), g, cell, K)[:, k]
            out[pair] += weight * (full - none).reshape(Y, T // Y, P).sum(axis=1)
    return out


def gradient(
    W: Array,
    profile: Array,
    w: Array,
    t_ptr: Array,
    t_measure: Array,
    t_season: Array,
    t_pair: Array,
    V: Array,
    c_ptr: Array,
    c_measure: Array,
    c_season: Array,
    c_row: Array,
    c_pair: Array,
    keep: Array,
    x: Array,
    g: Array,
    pairs: int,
) -> Array:
    """Return ∂E/∂xᵢ at x, pairs × T × P [t per period and unit of level]: E with xᵢ = 1 less E with xᵢ = 0."""
    (K, _, P), (_, T) = W.shape, x.shape
    out = np.zeros((pairs, T, P))
    merged = (W, profile, w, t_ptr, t_measure, t_season, V, c_ptr, c_measure, c_season, c_row, keep)
    for k, pair, i in _pairs(t_ptr, t_measure, t_pair, c_ptr, c_measure, c_pair):
        with_it, without = x.copy(), x.copy()
        with_it[i], without[i] = 1.0, 0.0
        full, none = totals(*merged, np.stack([with_it, without]), g, np.arange(K), K)[:, k]
        out[pair] = full - none
    return out


def _pairs(
    t_ptr: Array, t_measure: Array, t_pair: Array, c_ptr: Array, c_measure: Array, c_pair: Array
) -> set[tuple[int, int, int]]:
    """Return each class, pair and measure that belong together."""
    found = set()
    for pointer, measure, pair in ((t_ptr, t_measure, t_pair), (c_ptr, c_measure, c_pair)):
        for k in range(len(pointer) - 1):
            found |= {(k, int(pair[i]), int(measure[i])) for i in range(pointer[k], pointer[k + 1])}
    return found
