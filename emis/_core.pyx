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
from libc.stdint cimport uint64_t

cdef extern from "_loops.h":
    void products(
        double* E, const double* F, const double* amount, const double* R, const Py_ssize_t* kind, Py_ssize_t step,
        Py_ssize_t count, Py_ssize_t P,
    ) noexcept nogil
    void add_rows(
        double* out, const Py_ssize_t* cell, Py_ssize_t cell_step, const double* F, const double* amount,
        const double* R, const Py_ssize_t* kind, Py_ssize_t step, Py_ssize_t count, Py_ssize_t P,
    ) noexcept nogil
    void left_of(
        double* R, const double* x, const double* g, const double* keep, Py_ssize_t T, Py_ssize_t P,
    ) noexcept nogil
    void left_by(
        double* into, const double* R, const double* x, const double* g, const double* keep, Py_ssize_t T,
        Py_ssize_t P,
    ) noexcept nogil
    ctypedef struct Draws:
        Py_ssize_t K, P, Y, T, Q, N, U
        const double *W
        const double *V
        const double *x
        const double *g
        const double *keep
        const double *u
        const double *h
        const double *a
        const double *b
        const Py_ssize_t *u_ptr
        const Py_ssize_t *u_column
        const Py_ssize_t *f_column
        const Py_ssize_t *t_ptr
        const Py_ssize_t *t_measure
        const Py_ssize_t *t_season
        const Py_ssize_t *t_strength
        const Py_ssize_t *v_ptr
        const Py_ssize_t *v_column
        const Py_ssize_t *c_ptr
        const Py_ssize_t *c_measure
        const Py_ssize_t *c_season
        const Py_ssize_t *c_row
        const Py_ssize_t *c_kind
        const Py_ssize_t *k_entry
        const Py_ssize_t *shared
        const Py_ssize_t *cell
        double *out
    void draws(const Draws* d, Py_ssize_t n, double* room, Py_ssize_t L) noexcept nogil
    void add_years(
        double* base, const double* x, const double* g, const double* values, Py_ssize_t Y, Py_ssize_t T,
        Py_ssize_t P,
    ) noexcept nogil
    void set_years(double* base, const double* values, Py_ssize_t Y, Py_ssize_t T, Py_ssize_t P) noexcept nogil
    void add_product(
        double* out, const double* w, const double* base, const double* R, Py_ssize_t T, Py_ssize_t P,
    ) noexcept nogil
    void fill(double* values, double value, Py_ssize_t count) noexcept nogil

# Relative to a source's activity: rounding of the sum of what leaves it. Feasibility is tested to half of it.
cdef double ROUNDING = 2e-12
# Sources that are projected together: what they need stays in the first-level cache.
cdef enum:
    BLOCK = 32
BLOCK_OF_SOURCES = BLOCK
# Where what measures leave is in a table, only amounts have to stay there, and longer runs are written faster.
cdef enum:
    WIDE = 512
WIDE_BLOCK = WIDE
# Draws that are made side by side.
cdef enum:
    DRAWS = 64
BLOCK_OF_DRAWS = DRAWS


def alike(
    const Py_ssize_t[::1] key,         # IN  what else must agree, a number for each row, S
    const Py_ssize_t[::1] pointer,     # IN  lists: S + 1; none: rows are told apart by their key alone
    const Py_ssize_t[::1] first,       # IN  lists: three numbers for each entry ...
    const Py_ssize_t[::1] second,      # IN
    const Py_ssize_t[::1] third,       # IN
    Py_ssize_t[::1] table,             # OUT slots of a hash table, a power of two of them; filled with -1 by the caller
    Py_ssize_t[::1] code,              # OUT number of the row's key and list, in the order in which they are met, S
    Py_ssize_t[::1] example,           # OUT the first row of each number, as many as half of the slots
):
    """Number the rows by key and list; return how many there are, or -1 when the table is too small for them."""
    cdef Py_ssize_t S = key.shape[0], mask = table.shape[0] - 1, room = table.shape[0] // 2
    cdef Py_ssize_t s, slot, found, count = 0
    with nogil:
        for s in range(S):
            slot = <Py_ssize_t> (_hash(s, key, pointer, first, second, third) & <uint64_t> mask)
            while True:
                found = table[slot]
                if found < 0:
                    if count >= room or count >= example.shape[0]:
                        count = -1
                        break
                    table[slot] = count
                    example[count] = s
                    code[s] = count
                    count = count + 1
                    break
                if _same(s, example[found], key, pointer, first, second, third):
                    code[s] = found
                    break
                slot = (slot + 1) & mask
            if count < 0:
                break
    return count


cdef inline uint64_t _hash(
    Py_ssize_t s, const Py_ssize_t[::1] key, const Py_ssize_t[::1] pointer, const Py_ssize_t[::1] first,
    const Py_ssize_t[::1] second, const Py_ssize_t[::1] third,
) noexcept nogil:
    cdef uint64_t h = _mixed(<uint64_t> key[s] + 1)
    cdef Py_ssize_t i
    if pointer.shape[0] == 0:
        return h
    for i in range(pointer[s], pointer[s + 1]):
        h = _mixed(h ^ (<uint64_t> first[i] * <uint64_t> 0x9E3779B97F4A7C15ULL))
        h = _mixed(h ^ (<uint64_t> second[i] * <uint64_t> 0xC2B2AE3D27D4EB4FULL + <uint64_t> third[i]))
    return h


cdef inline uint64_t _mixed(uint64_t h) noexcept nogil:
    h = h * <uint64_t> 0xFF51AFD7ED558CCDULL
    return h ^ (h >> 32)


cdef inline bint _same(
    Py_ssize_t s, Py_ssize_t other, const Py_ssize_t[::1] key, const Py_ssize_t[::1] pointer,
    const Py_ssize_t[::1] first, const Py_ssize_t[::1] second, const Py_ssize_t[::1] third,
) noexcept nogil:
    cdef Py_ssize_t count, i, a, b
    if key[s] != key[other] or pointer.shape[0] == 0:
        return key[s] == key[other]
    a, b, count = pointer[s], pointer[other], pointer[s + 1] - pointer[s]
    if pointer[other + 1] - b != count:
        return False
    for i in range(count):
        if first[a + i] != first[b + i] or second[a + i] != second[b + i] or third[a + i] != third[b + i]:
            return False
    return True


def prefixes(
    const Py_ssize_t[::1] pointer,     # IN  lists: K + 1
    const Py_ssize_t[::1] first,       # IN  lists: three numbers for each entry ...
    const Py_ssize_t[::1] second,      # IN
    const Py_ssize_t[::1] third,       # IN
    Py_ssize_t[::1] shared,            # OUT how many entries, from the first on, a list has as the one before it, K
):
    """Compare each list with the one before it."""
    cdef Py_ssize_t k, i, a, b, most
    with nogil:
        for k in range(shared.shape[0]):
            shared[k] = 0
            if k == 0:
                continue
            a, b = pointer[k], pointer[k - 1]
            most = min(pointer[k + 1] - a, a - b)
            i = 0
            while i < most and first[a + i] == first[b + i] and second[a + i] == second[b + i] and (
                third[a + i] == third[b + i]
            ):
                i = i + 1
            shared[k] = i


def remaining(
    const Py_ssize_t[::1] rows,        # IN  the sources whose lists are multiplied up, K
    const Py_ssize_t[::1] c_ptr,       # IN  intensities: S + 1
    const Py_ssize_t[::1] c_measure,   # IN  intensities: measure j
    const Py_ssize_t[::1] c_season,    # IN  intensities: row of g
    const Py_ssize_t[::1] c_row,       # IN  intensities: row of keep and stay
    const double[:, ::1] keep,         # IN  what remains of emissions with the measure in place, rows × P [1]
    const double[::1] stay,            # IN  what remains of activity with the measure in place, rows [1]
    const double[:, ::1] x,            # IN  implementation levels, M × T [1]
    const double[:, ::1] g,            # IN  seasonal shares, G × T [1]
    double[:, :, ::1] R,               # OUT what all measures leave of emissions, K × T × P [1]
    double[:, ::1] rest,               # OUT what they leave of activity, K × T [1]
):
    """Multiply up what the measures of a list leave: Πⱼ (1 − x[j,t]·cⱼ)."""
    cdef Py_ssize_t k
    if R.shape[0] == 0 or R.shape[1] == 0:
        return
    with nogil:
        for k in range(rows.shape[0]):
            _left(rows[k], c_ptr, c_measure, c_season, c_row, keep, stay, x, g, &R[k, 0, 0], &rest[k, 0])


cdef inline void _left(
    Py_ssize_t s, const Py_ssize_t[::1] c_ptr, const Py_ssize_t[::1] c_measure, const Py_ssize_t[::1] c_season,
    const Py_ssize_t[::1] c_row, const double[:, ::1] keep, const double[::1] stay, const double[:, ::1] x,
    const double[:, ::1] g, double* R, double* rest,
) noexcept nogil:
    cdef Py_ssize_t T = x.shape[1], P = keep.shape[1]
    cdef Py_ssize_t i
    fill(R, 1.0, T * P)
    fill(rest, 1.0, T)
    for i in range(c_ptr[s], c_ptr[s + 1]):
        left_of(R, &x[c_measure[i], 0], &g[c_season[i], 0], &keep[c_row[i], 0], T, P)
        left_of(rest, &x[c_measure[i], 0], &g[c_season[i], 0], &stay[c_row[i]], T, 1)


def project(
    const double[:, ::1] A,            # IN  activity under the drivers, S × Y [activity unit/yr]
    const double[:, ::1] F,            # IN  emission factor, S × P [t per activity unit]
    const Py_ssize_t[::1] profile,     # IN  row of w of each source, S
    const double[:, ::1] w,            # IN  share of the year's activity in each period, Q × T [1]
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: S + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const double[:, ::1] tau,          # IN  transfers: τ, signed, n × Y [activity unit/yr]
    const Py_ssize_t[::1] c_ptr,       # IN  intensities: S + 1
    const Py_ssize_t[::1] c_measure,   # IN  intensities: measure j
    const Py_ssize_t[::1] c_season,    # IN  intensities: row of g
    const Py_ssize_t[::1] c_row,       # IN  intensities: row of keep and stay
    const double[:, ::1] keep,         # IN  what remains of emissions with the measure in place, rows × P [1]
    const double[::1] stay,            # IN  what remains of activity with the measure in place, rows [1]
    const double[:, ::1] x,            # IN  implementation levels, M × T [1]
    const double[:, ::1] g,            # IN  seasonal shares, G × T [1]
    const Py_ssize_t[::1] kind,        # IN  row of R of each source, S; none: lists are multiplied up source by source
    const double[:, :, ::1] R,         # IN  what the measures of a kind leave of emissions, K × T × P [1]
    const double[:, ::1] rest,         # IN  what they leave of activity, K × T [1]
    double[:, :, ::1] E,               # OUT emissions, T × S × P [t per period]
    double[:, ::1] activity,           # OUT activity with the plan, T × S [activity unit per period]
    double[:, ::1] scratch,            # OUT working space, threads × T·(WIDE or, without kinds, BLOCK·(P + 2))
    int threads,                       # IN  threads to use
):
    """Project every source: fill E and activity.

    Sources are taken in blocks that stay in the cache: first what each has and what its measures leave, then, period by
    period, the one product that is written. Reading back at once what was just written would cost as much as that.
    """
    cdef Py_ssize_t S = A.shape[0], size = WIDE if kind.shape[0] > 0 else BLOCK
    cdef Py_ssize_t block
    if S == 0 or x.shape[1] == 0 or F.shape[1] == 0:
        return
    for block in prange((S + size - 1) // size, nogil=True, schedule="static", num_threads=threads):
        _block(block * size, min(S, (block + 1) * size), size, A, F, profile, w, t_ptr, t_measure, t_season, tau, c_ptr,
               c_measure, c_season, c_row, keep, stay, x, g, kind, R, rest, E, activity, &scratch[threadid(), 0])


cdef void _block(
    Py_ssize_t start, Py_ssize_t end, Py_ssize_t size, const double[:, ::1] A, const double[:, ::1] F, const Py_ssize_t[::1] profile,
    const double[:, ::1] w, const Py_ssize_t[::1] t_ptr, const Py_ssize_t[::1] t_measure,
    const Py_ssize_t[::1] t_season, const double[:, ::1] tau, const Py_ssize_t[::1] c_ptr,
    const Py_ssize_t[::1] c_measure, const Py_ssize_t[::1] c_season, const Py_ssize_t[::1] c_row,
    const double[:, ::1] keep, const double[::1] stay, const double[:, ::1] x, const double[:, ::1] g,
    const Py_ssize_t[::1] kind, const double[:, :, ::1] R, const double[:, ::1] rest, double[:, :, ::1] E,
    double[:, ::1] activity, double* room,
) noexcept nogil:
    cdef Py_ssize_t P = F.shape[1], T = x.shape[1]
    cdef Py_ssize_t s, t
    cdef bint table = kind.shape[0] > 0
    cdef double* amount = room                     # T × size
    cdef double* own = room + size * T            # BLOCK × T
    cdef double* left = own + BLOCK * T            # BLOCK × T × P
    _prepare(start, end, A, profile, w, t_ptr, t_measure, t_season, tau, c_ptr, c_measure, c_season, c_row, keep, stay,
             x, g, table, size, amount, own, left)
    for t in range(T):
        for s in range(start, end):
            activity[t, s] = amount[t * size + s - start] * (
                rest[kind[s], t] if table else own[(s - start) * T + t]
            )
        products(&E[t, start, 0], &F[start, 0], amount + t * size, (&R[0, t, 0] if table else left + t * P),
                 (&kind[start] if table else NULL), T * P, end - start, P)


cdef inline void _prepare(
    Py_ssize_t start, Py_ssize_t end, const double[:, ::1] A, const Py_ssize_t[::1] profile, const double[:, ::1] w,
    const Py_ssize_t[::1] t_ptr, const Py_ssize_t[::1] t_measure, const Py_ssize_t[::1] t_season,
    const double[:, ::1] tau, const Py_ssize_t[::1] c_ptr, const Py_ssize_t[::1] c_measure,
    const Py_ssize_t[::1] c_season, const Py_ssize_t[::1] c_row, const double[:, ::1] keep, const double[::1] stay,
    const double[:, ::1] x, const double[:, ::1] g, bint table, Py_ssize_t apart, double* amount, double* own, double* left,
) noexcept nogil:
    """Write what the sources of a block have, and, without a table of kinds, what their measures leave."""
    cdef Py_ssize_t T = x.shape[1], P = keep.shape[1]
    cdef Py_ssize_t s
    for s in range(start, end):
        _amounts(s, A, profile[s], w, t_ptr, t_measure, t_season, tau, x, g, apart, amount + (s - start))
        if not table:
            _left(s, c_ptr, c_measure, c_season, c_row, keep, stay, x, g, left + (s - start) * T * P,
                  own + (s - start) * T)


def sums(
    const double[:, ::1] A,            # IN  activity under the drivers, S × Y [activity unit/yr]
    const double[:, ::1] F,            # IN  emission factor, S × P [t per activity unit]
    const Py_ssize_t[::1] profile,     # IN  row of w of each source, S
    const double[:, ::1] w,            # IN  share of the year's activity in each period, Q × T [1]
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: S + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const double[:, ::1] tau,          # IN  transfers: τ, signed, n × Y [activity unit/yr]
    const Py_ssize_t[::1] c_ptr,       # IN  intensities: S + 1
    const Py_ssize_t[::1] c_measure,   # IN  intensities: measure j
    const Py_ssize_t[::1] c_season,    # IN  intensities: row of g
    const Py_ssize_t[::1] c_row,       # IN  intensities: row of keep and stay
    const double[:, ::1] keep,         # IN  what remains of emissions with the measure in place, rows × P [1]
    const double[::1] stay,            # IN  what remains of activity with the measure in place, rows [1]
    const double[:, ::1] x,            # IN  implementation levels, M × T [1]
    const double[:, ::1] g,            # IN  seasonal shares, G × T [1]
    const Py_ssize_t[::1] kind,        # IN  row of R of each source, S; none: lists are multiplied up source by source
    const double[:, :, ::1] R,         # IN  what the measures of a kind leave of emissions, K × T × P [1]
    const Py_ssize_t[::1] cell,        # IN  cell each source is added to, S
    Py_ssize_t leaf,                   # IN  sources that are added up before others, a multiple of BLOCK
    double[:, :, :, ::1] out,          # OUT sums of each leaf, leaves × C × T × P [t per period]; zeroed by the caller
    double[:, ::1] scratch,            # OUT working space, threads × BLOCK·T·(P + 2)
    int threads,                       # IN  threads to use
):
    """Sum emissions by cell, in leaves of so many sources, and keep none of them; what is not known counts as nothing.

    A leaf belongs to one thread and is added up in the order of its sources.
    """
    cdef Py_ssize_t n
    if A.shape[0] == 0 or x.shape[1] == 0 or F.shape[1] == 0:
        return
    for n in prange(out.shape[0], nogil=True, schedule="static", num_threads=threads):
        _leaf(n, leaf, A, F, profile, w, t_ptr, t_measure, t_season, tau, c_ptr, c_measure, c_season, c_row, keep, stay,
              x, g, kind, R, cell, out, &scratch[threadid(), 0])


cdef void _leaf(
    Py_ssize_t n, Py_ssize_t leaf, const double[:, ::1] A, const double[:, ::1] F, const Py_ssize_t[::1] profile,
    const double[:, ::1] w, const Py_ssize_t[::1] t_ptr, const Py_ssize_t[::1] t_measure,
    const Py_ssize_t[::1] t_season, const double[:, ::1] tau, const Py_ssize_t[::1] c_ptr,
    const Py_ssize_t[::1] c_measure, const Py_ssize_t[::1] c_season, const Py_ssize_t[::1] c_row,
    const double[:, ::1] keep, const double[::1] stay, const double[:, ::1] x, const double[:, ::1] g,
    const Py_ssize_t[::1] kind, const double[:, :, ::1] R, const Py_ssize_t[::1] cell, double[:, :, :, ::1] out,
    double* room,
) noexcept nogil:
    cdef Py_ssize_t P = F.shape[1], T = x.shape[1], last = min(A.shape[0], (n + 1) * leaf)
    cdef Py_ssize_t block, start, end, t
    cdef bint table = kind.shape[0] > 0
    cdef double* amount = room                     # T × BLOCK
    cdef double* own = room + BLOCK * T            # BLOCK × T
    cdef double* left = own + BLOCK * T            # BLOCK × T × P
    for block in range((last - n * leaf + BLOCK - 1) // BLOCK):
        start = n * leaf + block * BLOCK
        end = min(last, start + BLOCK)
        _prepare(start, end, A, profile, w, t_ptr, t_measure, t_season, tau, c_ptr, c_measure, c_season, c_row, keep,
                 stay, x, g, table, BLOCK, amount, own, left)
        for t in range(T):
            add_rows(&out[n, 0, t, 0], &cell[start], T * P, &F[start, 0], amount + t * BLOCK,
                     (&R[0, t, 0] if table else left + t * P), (&kind[start] if table else NULL), T * P, end - start, P)


cdef inline void _amounts(
    Py_ssize_t s, const double[:, ::1] A, Py_ssize_t profile, const double[:, ::1] w, const Py_ssize_t[::1] t_ptr,
    const Py_ssize_t[::1] t_measure, const Py_ssize_t[::1] t_season, const double[:, ::1] tau,
    const double[:, ::1] x, const double[:, ::1] g, Py_ssize_t apart, double* amount,
) noexcept nogil:
    """Write what a source has in each period, so far apart: w · (A + Σᵢ xᵢ·τᵢ)."""
    cdef Py_ssize_t T = x.shape[1]
    cdef Py_ssize_t N = T // A.shape[1]
    cdef Py_ssize_t t, y, i
    cdef double sum, level
    for t in range(T):
        y = t // N
        sum = A[s, y]
        if t_ptr[s] < t_ptr[s + 1]:
            for i in range(t_ptr[s], t_ptr[s + 1]):
                level = x[t_measure[i], t] * g[t_season[i], t]
                if level != 0.0:  # an amount that is not known moves nothing while its measure is not in place
                    sum = sum + level * tau[i, y]
            if -ROUNDING * A[s, y] < sum < ROUNDING * A[s, y]:
                sum = 0.0  # all of the stock has left: what remains is rounding, and may not be negative
        amount[t * apart] = sum * w[profile, t]


def add_products(
    const double[:, ::1] amount,       # IN  A or τ, n × Y [activity unit/yr]
    const double[:, ::1] F,            # IN  emission factor, S × P [t per activity unit]
    const Py_ssize_t[::1] owner,       # IN  the source of each amount, n
    const Py_ssize_t[::1] code,        # IN  the row of W that each amount is added to, n
    double[:, :, ::1] W,               # OUT Σ amount·F, K × Y × P [t/yr]; zeroed by the caller
):
    """Sum what amounts emit, in their order; what is not known counts as nothing."""
    cdef Py_ssize_t n, p, y
    cdef double value
    with nogil:
        for n in range(amount.shape[0]):
            for y in range(amount.shape[1]):
                for p in range(F.shape[1]):
                    value = amount[n, y] * F[owner[n], p]
                    W[code[n], y, p] = W[code[n], y, p] + (value if value == value else 0.0)


def totals(
    const double[:, :, ::1] W,         # IN  Σ A·F over the sources of a class, K × Y × P [t/yr]
    const Py_ssize_t[::1] profile,     # IN  row of w of each class, K
    const double[:, ::1] w,            # IN  share of the year in each period, Q × T [1]
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: K + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const double[:, :, ::1] V,         # IN  transfers: Σ τ·F over the sources of the class, n × Y × P [t/yr]
    const Py_ssize_t[::1] c_ptr,       # IN  intensities: K + 1
    const Py_ssize_t[::1] c_measure,   # IN  intensities: measure j
    const Py_ssize_t[::1] c_season,    # IN  intensities: row of g
    const Py_ssize_t[::1] c_row,       # IN  intensities: row of keep
    const Py_ssize_t[::1] shared,      # IN  intensities that a class has, from the first on, as the one before it, K
    const double[:, ::1] keep,         # IN  what remains with the measure in place, rows × P [1]
    const double[:, :, ::1] x,         # IN  implementation levels, many at once, N × M × T [1]
    const double[:, ::1] g,            # IN  seasonal shares, G × T [1]
    const Py_ssize_t[::1] cell,        # IN  cell each class is added to, K
    double[:, :, :, ::1] out,          # OUT totals, N × C × T × P [t per period]; zeroed by the caller
    double[:, ::1] scratch,            # OUT working space, threads × T·P·(2 + most intensities of a class)
    int threads,                       # IN  threads to use
):
    """Sum emissions by cell for many implementation vectors at once; classes are added in their order.

    What measures leave is multiplied up once for all the classes with the same intensities, which stand together.
    """
    cdef Py_ssize_t n
    if W.shape[2] == 0 or x.shape[2] == 0:
        return
    for n in prange(x.shape[0], nogil=True, schedule="static", num_threads=threads):
        _vector(n, W, profile, w, t_ptr, t_measure, t_season, V, c_ptr, c_measure, c_season, c_row, shared, keep, x, g,
                cell, out, &scratch[threadid(), 0])


cdef void _vector(
    Py_ssize_t n, const double[:, :, ::1] W, const Py_ssize_t[::1] profile, const double[:, ::1] w,
    const Py_ssize_t[::1] t_ptr, const Py_ssize_t[::1] t_measure, const Py_ssize_t[::1] t_season,
    const double[:, :, ::1] V, const Py_ssize_t[::1] c_ptr, const Py_ssize_t[::1] c_measure,
    const Py_ssize_t[::1] c_season, const Py_ssize_t[::1] c_row, const Py_ssize_t[::1] shared,
    const double[:, ::1] keep, const double[:, :, ::1] x, const double[:, ::1] g, const Py_ssize_t[::1] cell,
    double[:, :, :, ::1] out, double* room,
) noexcept nogil:
    cdef Py_ssize_t K = W.shape[0], Y = W.shape[1], P = W.shape[2], T = x.shape[2]
    cdef Py_ssize_t k, i
    cdef double* base = room               # T × P
    cdef double* stack = room + T * P      # what the first intensities of a class leave: none, one, two ... × T × P
    cdef double* left
    fill(stack, 1.0, P * T)
    for k in range(K):
        for i in range(c_ptr[k] + shared[k], c_ptr[k + 1]):
            left = stack + (i - c_ptr[k]) * T * P
            left_by(left + T * P, left, &x[n, c_measure[i], 0], &g[c_season[i], 0], &keep[c_row[i], 0], T, P)
        left = stack + (c_ptr[k + 1] - c_ptr[k]) * T * P
        if t_ptr[k] == t_ptr[k + 1] and T == Y:
            add_product(&out[n, cell[k], 0, 0], &w[profile[k], 0], &W[k, 0, 0], left, T, P)
            continue
        set_years(base, &W[k, 0, 0], Y, T, P)
        for i in range(t_ptr[k], t_ptr[k + 1]):
            add_years(base, &x[n, t_measure[i], 0], &g[t_season[i], 0], &V[i, 0, 0], Y, T, P)
        add_product(&out[n, cell[k], 0, 0], &w[profile[k], 0], base, left, T, P)


def sample(
    const double[:, :, ::1] W,         # IN  Σ w·A·F over the sources of a class, K × T × P [t per period]
    const Py_ssize_t[::1] u_ptr,       # IN  multipliers of a class's activity: K + 1
    const Py_ssize_t[::1] u_column,    # IN  multipliers of a class's activity: column of u or h
    const Py_ssize_t[:, ::1] f_column, # IN  column of u that multiplies a factor, K × P; -1 for none
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: K + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const Py_ssize_t[::1] t_strength,  # IN  transfers: row of a
    const double[:, :, ::1] V,         # IN  transfers: Σ w·τ·F over the sources of the class, n × T × P [t per period]
    const Py_ssize_t[::1] v_ptr,       # IN  multipliers of a transfer, those of its origin: n + 1
    const Py_ssize_t[::1] v_column,    # IN  multipliers of a transfer: column of u or h
    const Py_ssize_t[::1] c_ptr,       # IN  intensities: K + 1
    const Py_ssize_t[::1] c_measure,   # IN  intensities: measure j
    const Py_ssize_t[::1] c_season,    # IN  intensities: row of g
    const Py_ssize_t[::1] c_row,       # IN  intensities: row of keep
    const Py_ssize_t[::1] c_kind,      # IN  intensities: number among those that differ
    const Py_ssize_t[::1] k_entry,     # IN  an entry of each of these; none where they are too many for a table
    const Py_ssize_t[::1] shared,      # IN  intensities that a class has, from the first on, as the one before it, K
    const double[:, ::1] keep,         # IN  what remains with the measure in place, rows × P [1]
    const double[:, ::1] x,            # IN  implementation levels, M × T [1]
    const double[:, ::1] g,            # IN  seasonal shares, G × T [1]
    const double[:, ::1] u,            # IN  multipliers drawn, the same in all years, Q × N [1]
    const double[:, :, ::1] h,         # IN  multipliers drawn by year, columns Q and on, H × Y × N [1]
    const double[:, ::1] a,            # IN  strengths drawn of transfers, rows × N [1]
    const double[:, :, ::1] b,         # IN  strengths drawn of intensities, M × P × N [1]
    const Py_ssize_t[::1] cell,        # IN  cell each class is added to, K
    double[:, :, :, ::1] out,          # OUT totals, C × T × P × N [t per period]; zeroed by the caller
    double[:, ::1] scratch,            # OUT working space, threads × DRAWS·(kinds + 2 + most intensities of a class)
    int threads,                       # IN  threads to use
):
    """Sum emissions by cell for many draws of what is uncertain; a draw belongs to one thread.

    E = f·(W·u + Σᵢ xᵢ·aᵢ·uᵢ·Vᵢ)·Πⱼ (1 − xⱼ·bⱼ·cⱼ), the sum in brackets and each factor not below 0: a draw in which
    measures take more than there is leaves nothing.
    """
    cdef Draws d
    cdef Py_ssize_t N = u.shape[1], block
    if W.shape[0] == 0 or W.shape[1] == 0 or W.shape[2] == 0 or h.shape[1] == 0 or N == 0:
        return
    d.K, d.T, d.P, d.Y, d.Q, d.N, d.U = W.shape[0], W.shape[1], W.shape[2], h.shape[1], u.shape[0], N, k_entry.shape[0]
    d.W, d.cell, d.out = &W[0, 0, 0], &cell[0], &out[0, 0, 0, 0]
    d.u_ptr, d.u_column, d.f_column = &u_ptr[0], _start(u_column), &f_column[0, 0]
    d.t_ptr, d.t_measure, d.t_season, d.t_strength = &t_ptr[0], _start(t_measure), _start(t_season), _start(t_strength)
    d.v_ptr, d.v_column, d.c_ptr, d.shared = &v_ptr[0], _start(v_column), &c_ptr[0], &shared[0]
    d.c_measure, d.c_season, d.c_row, d.c_kind = _start(c_measure), _start(c_season), _start(c_row), _start(c_kind)
    d.k_entry = _start(k_entry)
    d.V = &V[0, 0, 0] if V.shape[0] else NULL
    d.keep = &keep[0, 0] if keep.shape[0] else NULL
    d.x = &x[0, 0] if x.shape[0] else NULL
    d.g = &g[0, 0] if g.shape[0] else NULL
    d.u = &u[0, 0] if u.shape[0] else NULL
    d.h = &h[0, 0, 0] if h.shape[0] else NULL
    d.a = &a[0, 0] if a.shape[0] else NULL
    d.b = &b[0, 0, 0] if b.shape[0] else NULL
    for block in prange((N + DRAWS - 1) // DRAWS, nogil=True, schedule="static", num_threads=threads):
        draws(&d, block * DRAWS, &scratch[threadid(), 0], min(DRAWS, N - block * DRAWS))


cdef inline const Py_ssize_t* _start(const Py_ssize_t[::1] values):
    return &values[0] if values.shape[0] else NULL


def shapley(
    const double[:, :, ::1] W,         # IN  Σ A·F over the sources of a class, K × Y × P [t/yr]
    const Py_ssize_t[::1] profile,     # IN  row of w of each class, K
    const double[:, ::1] w,            # IN  share of the year in each period, R × T [1]
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: K + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const Py_ssize_t[::1] t_pair,      # IN  transfers: row of out
    const double[:, :, ::1] V,         # IN  transfers: Σ τ·F over the sources of the class, n × Y × P [t/yr]
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
    cdef Py_ssize_t N = T // W.shape[1] if W.shape[1] else 1
    cdef Py_ssize_t t, q
    for t in range(T):
        for q in range(order + 1):
            _slopes(k, thread, t, t // N, t // N, nodes[order, q], w[profile, t] * weights[order, q], True, W, t_ptr,
                    t_measure, t_season, t_pair, V, c_ptr, c_measure, c_season, c_row, c_pair, keep, x, g, out, scratch)


def gradient(
    const double[:, :, ::1] W,         # IN  Σ A·F over the sources of a class, K × Y × P [t/yr]
    const Py_ssize_t[::1] profile,     # IN  row of w of each class, K
    const double[:, ::1] w,            # IN  share of the year in each period, R × T [1]
    const Py_ssize_t[::1] t_ptr,       # IN  transfers: K + 1
    const Py_ssize_t[::1] t_measure,   # IN  transfers: measure i
    const Py_ssize_t[::1] t_season,    # IN  transfers: row of g
    const Py_ssize_t[::1] t_pair,      # IN  transfers: row of out
    const double[:, :, ::1] V,         # IN  transfers: Σ τ·F over the sources of the class, n × Y × P [t/yr]
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
    cdef Py_ssize_t N = x.shape[1] // W.shape[1] if W.shape[1] else 1
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
    cdef Py_ssize_t P = W.shape[2], first = c_ptr[k], count = c_ptr[k + 1] - c_ptr[k]
    cdef Py_ssize_t i, p, row, pair
    cdef double season, level, step
    # Row 0 of the room: (W + Σ xV) and the factors before entry i; row 1 + i: the factors of entry i and after it.
    for p in range(P):
        scratch[thread, 0, p] = W[k, y, p]
        scratch[thread, 1 + count, p] = 1.0
    for i in range(t_ptr[k], t_ptr[k + 1]):
        level = node * (x[t_measure[i], t] * g[t_season[i], t])
        for p in range(P):
            scratch[thread, 0, p] = scratch[thread, 0, p] + level * V[i, y, p]
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
            out[pair, place, p] = out[pair, place, p] + step * V[i, y, p] * scratch[thread, 1, p]
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
