/* The innermost loops of _core.pyx, in C: `restrict` and a number of pollutants that the compiler knows let it keep a row
 * in registers, and where the system can choose at run time, one build serves processors with and without AVX2. Every
 * number goes through the same operations in all of these, so the bits are the same.
 */
#ifndef EMIS_LOOPS_H
#define EMIS_LOOPS_H

#include <Python.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
/* Unrolled whole, a row of pollutants is taken apart to go through several periods at once, which is slower. */
#define ROWS _Pragma("GCC unroll 1")
#else
#define INLINE static inline
#define ROWS
#endif

#define WITH(P, CALL, ...) case P: CALL(__VA_ARGS__, P); break;
#define FOR_KNOWN(P, CALL, ...)                                                                               \
    switch (P) {                                                                                              \
        WITH(1, CALL, __VA_ARGS__) WITH(2, CALL, __VA_ARGS__) WITH(3, CALL, __VA_ARGS__)                      \
        WITH(4, CALL, __VA_ARGS__) WITH(5, CALL, __VA_ARGS__) WITH(6, CALL, __VA_ARGS__)                      \
        WITH(7, CALL, __VA_ARGS__) WITH(8, CALL, __VA_ARGS__) WITH(9, CALL, __VA_ARGS__)                      \
        WITH(10, CALL, __VA_ARGS__) WITH(11, CALL, __VA_ARGS__) WITH(12, CALL, __VA_ARGS__)                   \
        default: CALL(__VA_ARGS__, P);                                                                        \
    }

/* E[s,p] = F[s,p] · amount[s] · R[kind[s],p], rows of R `step` apart */
INLINE void products_(double *__restrict E, const double *__restrict F, const double *__restrict amount,
                      const double *__restrict R, const Py_ssize_t *__restrict kind, Py_ssize_t step,
                      Py_ssize_t count, Py_ssize_t P)
{
    for (Py_ssize_t s = 0; s < count; s++) {
        const double *__restrict left = R + (kind ? kind[s] : s) * step;
        for (Py_ssize_t p = 0; p < P; p++)
            E[s * P + p] = F[s * P + p] * amount[s] * left[p];
    }
}

/* out[kind of cell[s], p] += F[s,p] · amount[s] · R[kind[s],p]; what is not known counts as nothing */
INLINE void add_rows_(double *__restrict out, const Py_ssize_t *__restrict cell, Py_ssize_t cell_step,
                      const double *__restrict F, const double *__restrict amount, const double *__restrict R,
                      const Py_ssize_t *__restrict kind, Py_ssize_t step, Py_ssize_t count, Py_ssize_t P)
{
    for (Py_ssize_t s = 0; s < count; s++) {
        const double *__restrict left = R + (kind ? kind[s] : s) * step;
        double *__restrict sum = out + cell[s] * cell_step;
        for (Py_ssize_t p = 0; p < P; p++) {
            double value = F[s * P + p] * amount[s] * left[p];
            sum[p] += value == value ? value : 0.0;
        }
    }
}

CLONES static void add_rows(double *out, const Py_ssize_t *cell, Py_ssize_t cell_step, const double *F,
                            const double *amount, const double *R, const Py_ssize_t *kind, Py_ssize_t step,
                            Py_ssize_t count, Py_ssize_t P)
{
    FOR_KNOWN(P, add_rows_, out, cell, cell_step, F, amount, R, kind, step, count)
}

CLONES static void products(double *E, const double *F, const double *amount, const double *R,
                            const Py_ssize_t *kind, Py_ssize_t step, Py_ssize_t count, Py_ssize_t P)
{
    FOR_KNOWN(P, products_, E, F, amount, R, kind, step, count)
}

/* R[t,p] *= 1 − x[t]·g[t]·(1 − keep[p]) */
INLINE void left_of_(double *__restrict R, const double *__restrict x, const double *__restrict g,
                     const double *__restrict keep, Py_ssize_t T, Py_ssize_t P)
{
    for (Py_ssize_t t = 0; t < T; t++) {
        double level = x[t] * g[t];
        ROWS
        for (Py_ssize_t p = 0; p < P; p++)
            R[t * P + p] *= 1.0 - level * (1.0 - keep[p]);
    }
}

CLONES static void left_of(double *R, const double *x, const double *g, const double *keep, Py_ssize_t T,
                           Py_ssize_t P)
{
    FOR_KNOWN(P, left_of_, R, x, g, keep, T)
}

/* into[t,p] = R[t,p] · (1 − x[t]·g[t]·(1 − keep[p])) */
INLINE void left_by_(double *__restrict into, const double *__restrict R, const double *__restrict x,
                     const double *__restrict g, const double *__restrict keep, Py_ssize_t T, Py_ssize_t P)
{
    for (Py_ssize_t t = 0; t < T; t++) {
        double level = x[t] * g[t];
        ROWS
        for (Py_ssize_t p = 0; p < P; p++)
            into[t * P + p] = R[t * P + p] * (1.0 - level * (1.0 - keep[p]));
    }
}

CLONES static void left_by(double *into, const double *R, const double *x, const double *g, const double *keep,
                           Py_ssize_t T, Py_ssize_t P)
{
    FOR_KNOWN(P, left_by_, into, R, x, g, keep, T)
}

/* What `sample` is about: arrays as it is given them. U kinds of intensities, or none where they are too many. */
typedef struct {
    Py_ssize_t K, P, Y, T, Q, N, U;
    const double *W, *V, *x, *g, *keep, *u, *h, *a, *b;
    const Py_ssize_t *u_ptr, *u_column, *f_column, *t_ptr, *t_measure, *t_season, *t_strength, *v_ptr,
        *v_column, *c_ptr, *c_measure, *c_season, *c_row, *c_kind, *k_entry, *shared, *cell;
    double *out;
} Draws;

/* f[l] = max(0, 1 − x·g·b[l]·(1 − keep)) of an entry */
INLINE void drawn_factor(const Draws *d, Py_ssize_t entry, Py_ssize_t t, Py_ssize_t p, Py_ssize_t n,
                         double *__restrict f, Py_ssize_t L)
{
    Py_ssize_t measure = d->c_measure[entry];
    double level = d->x[measure * d->T + t] * d->g[d->c_season[entry] * d->T + t];
    double lost = 1.0 - d->keep[d->c_row[entry] * d->P + p];
    const double *__restrict b = d->b + (measure * d->P + p) * d->N + n;
    for (Py_ssize_t l = 0; l < L; l++) {
        double factor = 1.0 - level * b[l] * lost;
        f[l] = factor > 0.0 ? factor : 0.0;
    }
}

/* into[l] *= the multipliers of a list in year y */
INLINE void multiplied(const Draws *d, const Py_ssize_t *column, Py_ssize_t count, Py_ssize_t y, Py_ssize_t n,
                       double *__restrict into, Py_ssize_t L)
{
    for (Py_ssize_t q = 0; q < count; q++) {
        const double *__restrict u = column[q] < d->Q ? d->u + column[q] * d->N + n
                                                      : d->h + ((column[q] - d->Q) * d->Y + y) * d->N + n;
        for (Py_ssize_t l = 0; l < L; l++)
            into[l] *= u[l];
    }
}

/* Draws n to n + L of all classes: side by side, so that what is the same for all of them is looked up once. */
INLINE void draws_(const Draws *d, Py_ssize_t n, double *__restrict room, Py_ssize_t L)
{
    double *__restrict table = room, *__restrict base = table + d->U * L, *__restrict moved = base + L,
                       *__restrict left = moved + L;
    for (Py_ssize_t t = 0; t < d->T; t++)
        for (Py_ssize_t p = 0; p < d->P; p++) {
            Py_ssize_t y = t / (d->T / d->Y);
            for (Py_ssize_t j = 0; j < d->U; j++)
                drawn_factor(d, d->k_entry[j], t, p, n, table + j * L, L);
            for (Py_ssize_t k = 0; k < d->K; k++) {
                Py_ssize_t first = d->c_ptr[k], count = d->c_ptr[k + 1] - first;
                /* left[i]: what the first i + 1 intensities leave; those shared with the class before are there */
                for (Py_ssize_t i = d->shared[k]; i < count; i++) {
                    const double *__restrict factor = table + d->c_kind[first + i] * L;
                    if (d->U == 0) {
                        drawn_factor(d, first + i, t, p, n, base, L);
                        factor = base;
                    }
                    double *__restrict next = left + i * L;
                    if (i == 0)
                        for (Py_ssize_t l = 0; l < L; l++)
                            next[l] = factor[l];
                    else
                        for (Py_ssize_t l = 0; l < L; l++)
                            next[l] = left[(i - 1) * L + l] * factor[l];
                }
                double weight = d->W[(k * d->T + t) * d->P + p];
                for (Py_ssize_t l = 0; l < L; l++)
                    base[l] = weight;
                multiplied(d, d->u_column + d->u_ptr[k], d->u_ptr[k + 1] - d->u_ptr[k], y, n, base, L);
                for (Py_ssize_t i = d->t_ptr[k]; i < d->t_ptr[k + 1]; i++) {
                    double level = d->x[d->t_measure[i] * d->T + t] * d->g[d->t_season[i] * d->T + t];
                    const double *__restrict a = d->a + d->t_strength[i] * d->N + n;
                    if (level == 0.0)
                        continue;
                    for (Py_ssize_t l = 0; l < L; l++)
                        moved[l] = level * a[l];
                    multiplied(d, d->v_column + d->v_ptr[i], d->v_ptr[i + 1] - d->v_ptr[i], y, n, moved, L);
                    for (Py_ssize_t l = 0; l < L; l++)
                        base[l] += moved[l] * d->V[(i * d->T + t) * d->P + p];
                }
                double *__restrict out = d->out + ((d->cell[k] * d->T + t) * d->P + p) * d->N + n;
                const double *__restrict last = left + (count - 1) * L;
                if (count)
                    for (Py_ssize_t l = 0; l < L; l++)
                        base[l] = (base[l] < 0.0 ? 0.0 : base[l]) * last[l];
                else
                    for (Py_ssize_t l = 0; l < L; l++)
                        base[l] = base[l] < 0.0 ? 0.0 : base[l];
                Py_ssize_t column = d->f_column[k * d->P + p];
                if (column >= 0) {
                    const double *__restrict f = d->u + column * d->N + n;
                    for (Py_ssize_t l = 0; l < L; l++)
                        out[l] += base[l] * f[l];
                } else
                    for (Py_ssize_t l = 0; l < L; l++)
                        out[l] += base[l];
            }
        }
}

CLONES static void draws(const Draws *d, Py_ssize_t n, double *room, Py_ssize_t L)
{
    if (L == 64)
        draws_(d, n, room, 64);
    else
        draws_(d, n, room, L);
}

/* base[t,p] += x[t]·g[t]·values[y,p] */
INLINE void add_years_(double *__restrict base, const double *__restrict x, const double *__restrict g,
                       const double *__restrict values, Py_ssize_t Y, Py_ssize_t T, Py_ssize_t P)
{
    for (Py_ssize_t t = 0; t < T; t++) {
        double level = x[t] * g[t];
        const double *__restrict year = values + t / (T / Y) * P;
        for (Py_ssize_t p = 0; p < P; p++)
            base[t * P + p] += level * year[p];
    }
}

CLONES static void add_years(double *base, const double *x, const double *g, const double *values, Py_ssize_t Y,
                             Py_ssize_t T, Py_ssize_t P)
{
    FOR_KNOWN(P, add_years_, base, x, g, values, Y, T)
}

/* base[t,p] = values[y,p] */
static void set_years(double *__restrict base, const double *__restrict values, Py_ssize_t Y, Py_ssize_t T,
                      Py_ssize_t P)
{
    for (Py_ssize_t t = 0; t < T; t++)
        for (Py_ssize_t p = 0; p < P; p++)
            base[t * P + p] = values[t / (T / Y) * P + p];
}

/* out[t,p] += w[t]·base[t,p]·R[t,p] */
INLINE void add_product_(double *__restrict out, const double *__restrict w, const double *__restrict base,
                         const double *__restrict R, Py_ssize_t T, Py_ssize_t P)
{
    for (Py_ssize_t t = 0; t < T; t++)
        for (Py_ssize_t p = 0; p < P; p++)
            out[t * P + p] += w[t] * base[t * P + p] * R[t * P + p];
}

CLONES static void add_product(double *out, const double *w, const double *base, const double *R, Py_ssize_t T,
                               Py_ssize_t P)
{
    FOR_KNOWN(P, add_product_, out, w, base, R, T)
}

static void fill(double *__restrict values, double value, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        values[i] = value;
}

#endif
