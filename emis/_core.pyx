"""The kernels: typed memoryviews in, arrays out, no Python objects, nothing allocated.

All computes one line, for source s, pollutant p and period t, N periods to a year y:

    E[t,s,p] = F[s,p] · w[s,t] · (A[s,y] + Σᵢ x[i,t]·τᵢ[s,y]) · Πⱼ (1 − x[j,t]·cⱼ[s,p]),   cⱼ = 1 − keepⱼ

Sources are rows; what touches a source is a CSR list (pointer, measure, row, season), in ascending measure order, so each
source is read once. `season` names a row of g [1] that multiplies x (row 0 is all ones): the share of a source's year
that falls in the measure's months. A source belongs to one thread and sums run in list order, so the result is the same
bits at every thread count. The same functions in plain NumPy stand in `_reference.py`.

E is multilinear in x, so xᵢ·∂E/∂xᵢ needs no steps: a transfer's is xᵢ·Vᵢ·Πⱼ(1 − xⱼcⱼ), an intensity's
−xᵢcᵢ·(W + Σ xV)·Π_{j≠i}(1 − xⱼcⱼ). The products without one factor are made of those before and after it and never by
division, so 1 − xⱼcⱼ = 0 is as good as any other. A pair is a class and a measure that touches it; a measure stands at
most once among the intensities of a class, and never in its transfers besides.
"""

from cython.parallel cimport prange, threadid

# Relative to a source's activity: rounding of the sum of what leaves it. Feasibility is tested to half of it.
cdef double ROUNDING = 2e-12


def project(
    const double[:, ::1] A,            # IN  activity under the drivers, S × Y [activity unit/yr]
    const double[:, ::1] F,            # IN  emission factor, S × P [t per activity unit]
    const Py_ssize_t[::1] profile,     # IN  row of w of each source, S
    const double[:, ::1] w,            # IN  share of the year's activity in each period, R × T [1]
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: S + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const double[:, ::1] tau,          # IN  transfers: τ, signed, n × Y [activity unit/yr]
    const Py_ssize_t[::1] c_ptr,       # IN  intensities: S + 1
    const Py_ssize_t[::1] c_measure,   # IN  intensities: measure j
    const Py_ssize_t[::1] c_season,    # IN  intensities: row of g
    const Py_ssize_t[::1] c_row,       # IN  intensities: row of keep and stay
    const double[:, ::1] keep,         # IN  what remains of emissions with the measure in place, K × P [1]
    const double[::1] stay,            # IN  what remains of activity with the measure in place, K [1]
    const double[:, ::1] x,            # IN  implementation levels, M × T [1]
    const double[:, ::1] g,            # IN  seasonal shares, G × T [1]
    double[:, :, ::1] E,               # OUT emissions, T × S × P [t per period]
    double[:, ::1] activity,           # OUT activity with the plan, T × S [activity unit per period]
    int threads,                       # IN  threads to use
):
    """Project every source: fill E and activity."""
    cdef Py_ssize_t S = A.shape[0], P = F.shape[1], T = x.shape[1]
    cdef Py_ssize_t N = T // A.shape[1] if A.shape[1] else 1
    cdef Py_ssize_t s
    for s in prange(S, nogil=True, schedule="static", num_threads=threads):
        _source(s, A, F, profile[s], w, t_ptr, t_measure, t_season, tau, c_ptr, c_measure, c_season, c_row, keep, stay,
                x, g, E, activity, P, N, T)


cdef void _source(
    Py_ssize_t s, const double[:, ::1] A, const double[:, ::1] F, Py_ssize_t profile, const double[:, ::1] w,
    const Py_ssize_t[::1] t_ptr, const Py_ssize_t[::1] t_measure, const Py_ssize_t[::1] t_season,
    const double[:, ::1] tau, const Py_ssize_t[::1] c_ptr, const Py_ssize_t[::1] c_measure,
    const Py_ssize_t[::1] c_season, const Py_ssize_t[::1] c_row, const double[:, ::1] keep, const double[::1] stay,
    const double[:, ::1] x, const double[:, ::1] g, double[:, :, ::1] E, double[:, ::1] activity,
    Py_ssize_t P, Py_ssize_t N, Py_ssize_t T,
) noexcept nogil:
    cdef Py_ssize_t t, y, i, p, row
    cdef double amount, level, moved
    for t in range(T):
        y = t // N
        amount = A[s, y]
        for i in range(t_ptr[s], t_ptr[s + 1]):
            level = x[t_measure[i], t] * g[t_season[i], t]
            if level != 0.0:  # an amount that is not known moves nothing while its measure is not in place
                amount = amount + level * tau[i, y]
        if t_ptr[s] < t_ptr[s + 1] and -ROUNDING * A[s, y] < amount < ROUNDING * A[s, y]:
            amount = 0.0  # all of the stock has left: what remains is rounding, and may not be negative
        amount = amount * w[profile, t]
        for p in range(P):
            E[t, s, p] = F[s, p] * amount
        moved = amount
        for i in range(c_ptr[s], c_ptr[s + 1]):
            level = x[c_measure[i], t] * g[c_season[i], t]
            row = c_row[i]
            moved = moved * (1.0 - level * (1.0 - stay[row]))
            for p in range(P):
                E[t, s, p] = E[t, s, p] * (1.0 - level * (1.0 - keep[row, p]))
        activity[t, s] = moved


def totals(
    const double[:, :, ::1] W,         # IN  Σ A·F over the sources of a class, K × P × Y [t/yr]
    const Py_ssize_t[::1] profile,     # IN  row of w of each class, K
    const double[:, ::1] w,            # IN  share of the year in each period, R × T [1]
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: K + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const double[:, :, ::1] V,         # IN  transfers: Σ τ·F over the sources of the class, n × P × Y [t/yr]
    const Py_ssize_t[::1] c_ptr,       # IN  intensities: K + 1
    const Py_ssize_t[::1] c_measure,   # IN  intensities: measure j
    const Py_ssize_t[::1] c_season,    # IN  intensities: row of g
    const Py_ssize_t[::1] c_row,       # IN  intensities: row of keep
    const double[:, ::1] keep,         # IN  what remains with the measure in place, rows × P [1]
    const double[:, :, ::1] x,         # IN  implementation levels, many at once, N × M × T [1]
    const double[:, ::1] g,            # IN  seasonal shares, G × T [1]
    const Py_ssize_t[::1] cell,        # IN  cell each class is added to, K
    double[:, :, :, ::1] out,          # OUT totals, N × C × T × P [t per period]; zeroed by the caller
    double[:, ::1] scratch,            # OUT working space, N × P
    int threads,                       # IN  threads to use
):
    """Sum emissions by cell for many implementation vectors at once; classes are added in their order."""
    cdef Py_ssize_t n
    for n in prange(x.shape[0], nogil=True, schedule="static", num_threads=threads):
        _vector(n, W, profile, w, t_ptr, t_measure, t_season, V, c_ptr, c_measure, c_season, c_row, keep, x, g, cell, out,
                scratch)


cdef void _vector(
    Py_ssize_t n, const double[:, :, ::1] W, const Py_ssize_t[::1] profile, const double[:, ::1] w,
    const Py_ssize_t[::1] t_ptr, const Py_ssize_t[::1] t_measure, const Py_ssize_t[::1] t_season,
    const double[:, :, ::1] V, const Py_ssize_t[::1] c_ptr, const Py_ssize_t[::1] c_measure,
    const Py_ssize_t[::1] c_season, const Py_ssize_t[::1] c_row, const double[:, ::1] keep,
    const double[:, :, ::1] x, const double[:, ::1] g, const Py_ssize_t[::1] cell, double[:, :, :, ::1] out,
    double[:, ::1] scratch,
) noexcept nogil:
    cdef Py_ssize_t K = W.shape[0], P = W.shape[1], T = x.shape[2]
    cdef Py_ssize_t N = T // W.shape[2] if W.shape[2] else 1
    cdef Py_ssize_t k, t, y, i, p, row
    cdef double level, share
    for k in range(K):
        for t in range(T):
            y = t // N
            share = w[profile[k], t]
            for p in range(P):
                scratch[n, p] = W[k, p, y]
            for i in range(t_ptr[k], t_ptr[k + 1]):
                level = x[n, t_measure[i], t] * g[t_season[i], t]
                for p in range(P):
                    scratch[n, p] = scratch[n, p] + level * V[i, p, y]
            for i in range(c_ptr[k], c_ptr[k + 1]):
                level = x[n, c_measure[i], t] * g[c_season[i], t]
                row = c_row[i]
                for p in range(P):
                    scratch[n, p] = scratch[n, p] * (1.0 - level * (1.0 - keep[row, p]))
            for p in range(P):
                out[n, cell[k], t, p] = out[n, cell[k], t, p] + share * scratch[n, p]


def sample(
    const double[:, :, ::1] W,         # IN  Σ A·F over the sources of a class, K × P × Y [t/yr]
    const Py_ssize_t[::1] profile,     # IN  row of w of each class, K
    const double[:, ::1] w,            # IN  share of the year in each period, R × T [1]
    const Py_ssize_t[::1] u_ptr,       # IN  multipliers of a class's activity: K + 1
    const Py_ssize_t[::1] u_column,    # IN  multipliers of a class's activity: column of u or h
    const Py_ssize_t[:, ::1] f_column, # IN  column of u that multiplies a factor, K × P; -1 for none
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: K + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const Py_ssize_t[::1] t_strength,  # IN  transfers: row of a
    const double[:, :, ::1] V,         # IN  transfers: Σ τ·F over the sources of the class, n × P × Y [t/yr]
    const Py_ssize_t[::1] v_ptr,       # IN  multipliers of a transfer, those of its origin: n + 1
    const Py_ssize_t[::1] v_column,    # IN  multipliers of a transfer: column of u or h
    const Py_ssize_t[::1] c_ptr,       # IN  intensities: K + 1
    const Py_ssize_t[::1] c_measure,   # IN  intensities: measure j
    const Py_ssize_t[::1] c_season,    # IN  intensities: row of g
    const Py_ssize_t[::1] c_row,       # IN  intensities: row of keep
    const double[:, ::1] keep,         # IN  what remains with the measure in place, rows × P [1]
    const double[:, ::1] x,            # IN  implementation levels, M × T [1]
    const double[:, ::1] g,            # IN  seasonal shares, G × T [1]
    const double[:, ::1] u,            # IN  multipliers drawn, the same in all years, N × Q [1]
    const double[:, :, ::1] h,         # IN  multipliers drawn by year, columns Q and on, N × H × Y [1]
    const double[:, ::1] a,            # IN  strengths drawn of transfers, N × rows [1]
    const double[:, :, ::1] b,         # IN  strengths drawn of intensities, N × M × P [1]
    const Py_ssize_t[::1] cell,        # IN  cell each class is added to, K
    double[:, :, :, ::1] out,          # OUT totals, N × C × T × P [t per period]; zeroed by the caller
    double[:, ::1] scratch,            # OUT working space, N × P
    int threads,                       # IN  threads to use
):
    """Sum emissions by cell for many draws of what is uncertain; a draw belongs to one thread.

    E = f·w·(W·u + Σᵢ xᵢ·aᵢ·uᵢ·Vᵢ)·Πⱼ (1 − xⱼ·bⱼ·cⱼ), the sum in brackets and each factor not below 0: a draw in which
    measures take more than there is leaves nothing.
    """
    cdef Py_ssize_t n
    for n in prange(u.shape[0], nogil=True, schedule="static", num_threads=threads):
        _drawn(n, W, profile, w, u_ptr, u_column, f_column, t_ptr, t_measure, t_season, t_strength, V, v_ptr, v_column,
               c_ptr, c_measure, c_season, c_row, keep, x, g, u, h, a, b, cell, out, scratch)


cdef void _drawn(
    Py_ssize_t n, const double[:, :, ::1] W, const Py_ssize_t[::1] profile, const double[:, ::1] w,
    const Py_ssize_t[::1] u_ptr, const Py_ssize_t[::1] u_column, const Py_ssize_t[:, ::1] f_column,
    const Py_ssize_t[::1] t_ptr, const Py_ssize_t[::1] t_measure, const Py_ssize_t[::1] t_season,
    const Py_ssize_t[::1] t_strength, const double[:, :, ::1] V, const Py_ssize_t[::1] v_ptr,
    const Py_ssize_t[::1] v_column, const Py_ssize_t[::1] c_ptr, const Py_ssize_t[::1] c_measure,
    const Py_ssize_t[::1] c_season, const Py_ssize_t[::1] c_row, const double[:, ::1] keep, const double[:, ::1] x,
    const double[:, ::1] g, const double[:, ::1] u, const double[:, :, ::1] h, const double[:, ::1] a, const double[:, :, ::1] b,
    const Py_ssize_t[::1] cell, double[:, :, :, ::1] out, double[:, ::1] scratch,
) noexcept nogil:
    cdef Py_ssize_t K = W.shape[0], P = W.shape[1], T = x.shape[1]
    cdef Py_ssize_t N = T // W.shape[2] if W.shape[2] else 1
    cdef Py_ssize_t Q = u.shape[1]
    cdef Py_ssize_t k, t, y, i, q, p, row, measure, column
    cdef double level, share, drawn, factor
    for k in range(K):
        for t in range(T):
            y = t // N
            drawn = 1.0
            for q in range(u_ptr[k], u_ptr[k + 1]):
                column = u_column[q]
                drawn = drawn * (u[n, column] if column < Q else h[n, column - Q, y])
            for p in range(P):
                scratch[n, p] = W[k, p, y] * drawn
            for i in range(t_ptr[k], t_ptr[k + 1]):
                level = x[t_measure[i], t] * g[t_season[i], t] * a[n, t_strength[i]]
                if level == 0.0:
                    continue
                for q in range(v_ptr[i], v_ptr[i + 1]):
                    column = v_column[q]
                    level = level * (u[n, column] if column < Q else h[n, column - Q, y])
                for p in range(P):
                    scratch[n, p] = scratch[n, p] + level * V[i, p, y]
            for p in range(P):
                if scratch[n, p] < 0.0:
                    scratch[n, p] = 0.0
            for i in range(c_ptr[k], c_ptr[k + 1]):
                measure = c_measure[i]
                level = x[measure, t] * g[c_season[i], t]
                row = c_row[i]
                for p in range(P):
                    factor = 1.0 - level * b[n, measure, p] * (1.0 - keep[row, p])
                    scratch[n, p] = scratch[n, p] * (factor if factor > 0.0 else 0.0)
            share = w[profile[k], t]
            for p in range(P):
                drawn = share * scratch[n, p]
                if f_column[k, p] >= 0:
                    drawn = drawn * u[n, f_column[k, p]]
                out[n, cell[k], t, p] = out[n, cell[k], t, p] + drawn


def shapley(
    const double[:, :, ::1] W,         # IN  Σ A·F over the sources of a class, K × P × Y [t/yr]
    const Py_ssize_t[::1] profile,     # IN  row of w of each class, K
    const double[:, ::1] w,            # IN  share of the year in each period, R × T [1]
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: K + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const Py_ssize_t[::1] t_pair,      # IN  transfers: row of out
    const double[:, :, ::1] V,         # IN  transfers: Σ τ·F over the sources of the class, n × P × Y [t/yr]
    const Py_ssize_t[::1] c_ptr,       # IN  intensities: K + 1
    const Py_ssize_t[::1] c_measure,   # IN  intensities: measure j
    const Py_ssize_t[::1] c_season,    # IN  intensities: row of g
    const Py_ssize_t[::1] c_row,       # IN  intensities: row of keep
    const Py_ssize_t[::1] c_pair,      # IN  intensities: row of out
    const double[:, ::1] keep,         # IN  what remains with the measure in place, rows × P [1]
    const double[:, ::1] x,            # IN  implementation levels, M × T [1]
    const double[:, ::1] g,            # IN  seasonal shares, G × T [1]
    const Py_ssize_t[::1] order,       # IN  row of nodes and weights of each class, K
    const double[:, ::1] nodes,        # IN  points λ on the ray from 0 to x; row r holds r + 1 of them [1]
    const double[:, ::1] weights,      # IN  weight of each node [1]
    double[:, :, ::1] out,             # OUT shares, pairs × Y × P [t/yr]; zeroed by the caller
    double[:, :, ::1] scratch,         # OUT working space, threads × (2 + most intensities of a class) × P
    int threads,                       # IN  threads to use
):
    """Integrate xᵢ·∂E/∂xᵢ(λx) dλ along the ray from no plan to the plan, for every pair.

    That is the Shapley share where the quadrature is exact for a polynomial of the class's degree. With the one node 0
    it is what a measure does alone, with the one node 1 what it does as the last one in.
    """
    cdef Py_ssize_t k
    for k in prange(W.shape[0], nogil=True, schedule="static", num_threads=threads):
        _ray(k, threadid(), W, profile[k], w, t_ptr, t_measure, t_season, t_pair, V, c_ptr, c_measure, c_season, c_row,
             c_pair, keep, x, g, order[k], nodes, weights, out, scratch)


cdef void _ray(
    Py_ssize_t k, Py_ssize_t thread, const double[:, :, ::1] W, Py_ssize_t profile, const double[:, ::1] w,
    const Py_ssize_t[::1] t_ptr, const Py_ssize_t[::1] t_measure, const Py_ssize_t[::1] t_season,
    const Py_ssize_t[::1] t_pair, const double[:, :, ::1] V, const Py_ssize_t[::1] c_ptr,
    const Py_ssize_t[::1] c_measure, const Py_ssize_t[::1] c_season, const Py_ssize_t[::1] c_row,
    const Py_ssize_t[::1] c_pair, const double[:, ::1] keep, const double[:, ::1] x, const double[:, ::1] g,
    Py_ssize_t order, const double[:, ::1] nodes, const double[:, ::1] weights, double[:, :, ::1] out,
    double[:, :, ::1] scratch,
) noexcept nogil:
    cdef Py_ssize_t T = x.shape[1]
    cdef Py_ssize_t N = T // W.shape[2] if W.shape[2] else 1
    cdef Py_ssize_t t, q
    for t in range(T):
        for q in range(order + 1):
            _slopes(k, thread, t, t // N, t // N, nodes[order, q], w[profile, t] * weights[order, q], True, W, t_ptr,
                    t_measure, t_season, t_pair, V, c_ptr, c_measure, c_season, c_row, c_pair, keep, x, g, out, scratch)


def gradient(
    const double[:, :, ::1] W,         # IN  Σ A·F over the sources of a class, K × P × Y [t/yr]
    const Py_ssize_t[::1] profile,     # IN  row of w of each class, K
    const double[:, ::1] w,            # IN  share of the year in each period, R × T [1]
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: K + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const Py_ssize_t[::1] t_pair,      # IN  transfers: row of out
    const double[:, :, ::1] V,         # IN  transfers: Σ τ·F over the sources of the class, n × P × Y [t/yr]
    const Py_ssize_t[::1] c_ptr,       # IN  intensities: K + 1
    const Py_ssize_t[::1] c_measure,   # IN  intensities: measure j
    const Py_ssize_t[::1] c_season,    # IN  intensities: row of g
    const Py_ssize_t[::1] c_row,       # IN  intensities: row of keep
    const Py_ssize_t[::1] c_pair,      # IN  intensities: row of out
    const double[:, ::1] keep,         # IN  what remains with the measure in place, rows × P [1]
    const double[:, ::1] x,            # IN  implementation levels, M × T [1]
    const double[:, ::1] g,            # IN  seasonal shares, G × T [1]
    double[:, :, ::1] out,             # OUT ∂E/∂x, pairs × T × P [t per period and unit of level]; zeroed by the caller
    double[:, :, ::1] scratch,         # OUT working space, threads × (2 + most intensities of a class) × P
    int threads,                       # IN  threads to use
):
    """Differentiate the emissions of every class, by period, with respect to the level of each measure on it, at x."""
    cdef Py_ssize_t N = x.shape[1] // W.shape[2] if W.shape[2] else 1
    cdef Py_ssize_t k, t
    for k in prange(W.shape[0], nogil=True, schedule="static", num_threads=threads):
        for t in range(x.shape[1]):
            _slopes(k, threadid(), t, t // N, t, 1.0, w[profile[k], t], False, W, t_ptr, t_measure, t_season, t_pair, V,
                    c_ptr, c_measure, c_season, c_row, c_pair, keep, x, g, out, scratch)


cdef inline void _slopes(
    Py_ssize_t k, Py_ssize_t thread, Py_ssize_t t, Py_ssize_t y, Py_ssize_t place, double node, double weight,
    bint times_level, const double[:, :, ::1] W, const Py_ssize_t[::1] t_ptr, const Py_ssize_t[::1] t_measure,
    const Py_ssize_t[::1] t_season, const Py_ssize_t[::1] t_pair, const double[:, :, ::1] V,
    const Py_ssize_t[::1] c_ptr, const Py_ssize_t[::1] c_measure, const Py_ssize_t[::1] c_season,
    const Py_ssize_t[::1] c_row, const Py_ssize_t[::1] c_pair, const double[:, ::1] keep, const double[:, ::1] x,
    const double[:, ::1] g, double[:, :, ::1] out, double[:, :, ::1] scratch,
) noexcept nogil:
    """Add weight · ∂E/∂xᵢ at node · x, where asked times xᵢ, to out[pair, place] of class k, period t of year y."""
    cdef Py_ssize_t P = W.shape[1], first = c_ptr[k], count = c_ptr[k + 1] - c_ptr[k]
    cdef Py_ssize_t i, p, row, pair
    cdef double season, level, step
    # Row 0 of the room: (W + Σ xV) and the factors before entry i; row 1 + i: the factors of entry i and after it.
    for p in range(P):
        scratch[thread, 0, p] = W[k, p, y]
        scratch[thread, 1 + count, p] = 1.0
    for i in range(t_ptr[k], t_ptr[k + 1]):
        level = node * (x[t_measure[i], t] * g[t_season[i], t])
        for p in range(P):
            scratch[thread, 0, p] = scratch[thread, 0, p] + level * V[i, p, y]
    for i in range(count - 1, -1, -1):
        level = node * (x[c_measure[first + i], t] * g[c_season[first + i], t])
        row = c_row[first + i]
        for p in range(P):
            scratch[thread, 1 + i, p] = scratch[thread, 2 + i, p] * (1.0 - level * (1.0 - keep[row, p]))
    for i in range(t_ptr[k], t_ptr[k + 1]):
        season = g[t_season[i], t]
        step = weight * (x[t_measure[i], t] * season if times_level else season)
        pair = t_pair[i]
        for p in range(P):
            out[pair, place, p] = out[pair, place, p] + step * V[i, p, y] * scratch[thread, 1, p]
    for i in range(count):
        season = g[c_season[first + i], t]
        level = node * (x[c_measure[first + i], t] * season)
        step = weight * (x[c_measure[first + i], t] * season if times_level else season)
        row, pair = c_row[first + i], c_pair[first + i]
        for p in range(P):
            out[pair, place, p] = out[pair, place, p] + step * (keep[row, p] - 1.0) * scratch[thread, 0, p] * (
                scratch[thread, 2 + i, p]
            )
            scratch[thread, 0, p] = scratch[thread, 0, p] * (1.0 - level * (1.0 - keep[row, p]))
